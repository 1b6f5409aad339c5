//! What is waited out: a call that did not leave, a participant that is away, one that has yet to decide. None of that is an attempt;
//! what bounds it is time, behind which the participant is asked, and then a human.

use super::*;

const UNSENT: &str = "nothing was sent";

/// Its intent is of so long ago; keys answer for ever.
fn aged(place: &str, attempts: i16, age: Duration) -> Desk {
    let mut desk = Desk::new();
    desk.lifetime = |_| None;
    let lines = desk.wake(stored(at(place), false), claimed(attempts, age));
    assert!(lines[1].starts_with("call "), "{lines:?}");
    desk
}

/// As long as it has taken so far, and no longer than the participant says.
#[test]
fn what_did_not_leave_comes_back_after_a_pause_and_is_no_attempt() {
    for (age, away, pause) in [
        (s(0), None, "1s"),
        (s(30), None, "30s"),
        (s(500), None, "60s"),
        (s(0), Some(s(2)), "1s"),
        (s(30), Some(s(2)), "2s"),
        (s(30), Some(s(90)), "30s"),
    ] {
        let mut desk = aged("charging", 3, age);
        let lines = desk.answers(Outcome::Unsent, cause("refused", away, 0));
        assert_eq!(lines, [format!("postpone v2, 3 attempts, {pause}: refused")], "{age:?} {away:?}");
        assert_eq!(desk.tell(OrderInput::Postponed(Ok(true))), ["report INVENTORY_RESERVED v2, resting"]);
    }
    // Tries that could not have succeeded are none either, and there is one left in any case.
    for (attempts, forgiven, left) in [(3, 0, 3), (3, 2, 1), (3, 3, 0), (1, 4, 0), (5, 0, 4), (7, 0, 4), (7, 4, 3)] {
        let claimed = Claimed { look: true, ..claimed(attempts, s(0)) };
        let (mut desk, lines) = Desk::woken("shipping", claimed);
        assert_eq!(lines, ["look up ship"]);
        let lines = desk.found(Outcome::Unsent, cause("refused", None, forgiven));
        assert_eq!(lines, [format!("postpone v3, {left} attempts, 1s, look: refused")], "{attempts} {forgiven}");
    }
    // So does the question what became of a payment, which is not what is due.
    let expired = Claimed { expired: true, ..claimed(2, s(0)) };
    let (mut desk, _) = Desk::woken("charging", expired);
    assert_eq!(desk.found(Outcome::Unsent, None), [format!("postpone v2, 2 attempts, 1s: {UNSENT}")]);
}

/// With a deadline that is as long as it takes; without one a day, behind which an order has as many tries as one that fails. A
/// look-up is the last of them, and then a human is asked.
#[test]
fn time_bounds_the_wait_of_what_did_not_leave() {
    let (day, minute) = (limits::UNDECIDED, s(60));
    let over = day - minute;
    let line = |told: &str| format!("{told}: {UNSENT}");
    for (place, attempts, age, told) in [
        ("charging", 0, 100 * day, line("postpone v2, 0 attempts, 60s")),
        ("shipping", 0, over - NANOSECOND, line("postpone v3, 0 attempts, 60s")),
        ("shipping", 0, over, line("postpone v3, 1 attempts, 1s")),
        ("shipping", 2, over, line("postpone v3, 3 attempts, 4s")),
        ("shipping", 3, over, line("postpone v3, 4 attempts, 8s")),
        ("shipping", 4, over, "look up ship".into()),
    ] {
        let mut desk = aged(place, attempts, age);
        assert_eq!(desk.answers(Outcome::Unsent, None), [told], "{place} {attempts} {age:?}");
    }
    // What a participant had told is still to be looked at.
    let mut desk = aged("shipping", 2, over);
    desk.core.hold = desk.core.hold.map(|hold| OrderLease { look: true, ..hold });
    assert_eq!(desk.answers(Outcome::Unsent, None), [line("postpone v3, 3 attempts, 4s, look")]);
    assert_eq!(desk.core.hold.map(|hold| hold.attempts), Some(3));
    let mut desk = aged("shipping", 4, over);
    desk.answers(Outcome::Unsent, cause("refused", None, 0));
    let lines = desk.found(Outcome::Unsent, None);
    assert_eq!(lines, ["commit v3 [order.attention], trouble 4: refused, Same"]);
    assert_eq!(desk.reason(), format!("ship has had no outcome for {} s: {UNSENT}", over.as_secs()));
    // A payment that is asked about is not asked about once more.
    let mut desk = Desk::new();
    desk.lifetime = |_| None;
    desk.wake(stored(at("charging"), false), Claimed { expired: true, ..claimed(4, over) });
    let lines = desk.found(Outcome::Unsent, None);
    assert_eq!(lines, [format!("commit v2 [order.attention], trouble 4: {UNSENT}, Same")]);
    assert_eq!(desk.reason(), format!("look-up has had no outcome for {} s: {UNSENT}", over.as_secs()));
}

/// Nor is waited for longer than the key of the call answers for it.
#[test]
fn a_key_that_ends_bounds_the_wait_of_what_did_not_leave() {
    let last = KEY_LIFETIME - 3 * STEP_TIMEOUT;
    for (age, told) in [
        (last - s(60), format!("postpone v2, 0 attempts, 60s: {UNSENT}")),
        (last - s(60) + NANOSECOND, format!("postpone v2, 1 attempts, 1s: {UNSENT}")),
        (last - s(1), format!("postpone v2, 1 attempts, 1s: {UNSENT}")),
        (last - s(1) + NANOSECOND, "look up charge".into()),
    ] {
        let (mut desk, lines) = Desk::woken("charging", claimed(0, age));
        assert_eq!(lines, ["call charge"]);
        assert_eq!(desk.answers(Outcome::Unsent, None), [told], "{age:?}");
    }
}

/// Who fails calls may answer questions all the same. That the question is not answered either, or by nothing that is known of it,
/// is waited out, and told by what went wrong with the call.
#[test]
fn a_participant_that_is_away_is_asked_and_then_waited_for() {
    let away = || cause("503", Some(s(2)), 1);
    for (age, pause) in [(s(0), "1s"), (s(30), "2s")] {
        for (outcome, why, told) in [
            (Outcome::Absent, None, "3 attempts"),
            (Outcome::Pending, None, "3 attempts"),
            (Outcome::Unknown, None, "3 attempts"),
            (Outcome::Unknown, away(), "2 attempts"),
        ] {
            let mut desk = aged("shipping", 3, age);
            assert_eq!(desk.answers(Outcome::Unknown, away()), ["look up ship"]);
            let lines = desk.found(outcome.clone(), why);
            assert_eq!(lines, [format!("postpone v3, {told}, {pause}: 503")], "{outcome:?} {age:?}");
        }
    }
    let mut desk = aged("shipping", 3, s(0));
    desk.answers(Outcome::Unknown, away());
    assert_eq!(desk.found(Outcome::refused("no"), None), ["commit v3 [shipment.failed], Fresh"]);
    // It is asked once: what was looked up already is waited out.
    let (mut desk, lines) = Desk::woken("shipping", Claimed { look: true, ..claimed(5, s(0)) });
    assert_eq!(lines, ["look up ship"]);
    let lines = desk.found(Outcome::Unknown, away());
    assert_eq!(lines, ["postpone v3, 4 attempts, 1s, look: 503"]);
    // That of a payment is its own question.
    let (mut desk, lines) = Desk::woken("charging", Claimed { expired: true, ..claimed(3, s(0)) });
    assert_eq!(lines, ["look up look-up"]);
    assert_eq!(desk.found(Outcome::Unknown, away()), ["postpone v2, 2 attempts, 1s: 503"]);
    // And a payment of unknown outcome is told to be so.
    let mut desk = aged("charging", 3, s(0));
    assert_eq!(desk.answers(Outcome::Unknown, away()), ["commit v2 [payment.unknown], Same"]);
    assert_eq!(desk.stored(), ["report INVENTORY_RESERVED v3", "look up charge"]);
    assert_eq!(desk.core.hold.map(|hold| hold.attempts), Some(3), "that was no attempt");
}

/// The participant has it: lost answers before that do not count any more.
#[test]
fn what_is_not_decided_yet_is_asked_again_as_often_as_it_takes() {
    for (age, pause) in [(s(0), "1s"), (s(30), "30s"), (s(500), "60s")] {
        let mut desk = aged("shipping", 3, age);
        let lines = desk.answers(Outcome::Pending, None);
        assert_eq!(lines, [format!("postpone v3, 0 attempts, {pause}: accepted, and not decided yet")]);
        let mut desk = aged("shipping", 3, age);
        assert_eq!(
            desk.answers(Outcome::Pending, cause("202", None, 0)),
            [format!("postpone v3, 0 attempts, {pause}: 202")]
        );
    }
    // A day, unless the order has a deadline, or its step, which says until when it takes.
    let day = limits::UNDECIDED;
    let lines = aged("shipping", 3, day - NANOSECOND).answers(Outcome::Pending, None);
    assert_eq!(lines, ["postpone v3, 0 attempts, 60s: accepted, and not decided yet"]);
    let mut desk = aged("shipping", 3, day);
    let lines = desk.answers(Outcome::Pending, None);
    assert_eq!(lines, ["commit v3 [order.attention], trouble 3: accepted, and not decided yet, Same"]);
    assert_eq!(desk.reason(), "ship was accepted, and is not decided after 86400 s");
    for (place, version) in [("giving", 4), ("checking", 2), ("reserving", 1), ("charging", 2), ("capturing", 4)] {
        let lines = aged(place, 3, 2 * day).answers(Outcome::Pending, None);
        assert_eq!(lines, [format!("postpone v{version}, 0 attempts, 60s: accepted, and not decided yet")]);
    }
    // Nor for longer than its key answers.
    let last = KEY_LIFETIME - 3 * STEP_TIMEOUT - s(60);
    for (age, waits) in [(last, true), (last + NANOSECOND, false)] {
        let (mut desk, _) = Desk::woken("shipping", claimed(0, age));
        let lines = desk.answers(Outcome::Pending, None);
        let line = if waits { "postpone v3, 0 attempts, 60s: " } else { "commit v3 [order.attention], " };
        assert!(lines.len() == 1 && lines[0].starts_with(line), "{lines:?}");
    }
}

/// Whoever asks for a human of an order that has one lets go of it.
#[test]
fn a_human_is_asked_once() {
    let mut desk = Desk::calling("charging", 3);
    desk.core.calling = None;
    let waits = stored(at("asking"), false);
    desk.core.memory = Some(waits.clone());
    let tried = |desk: &Desk| {
        let hold = desk.core.hold.expect("it is held");
        Tried::of(&charge(), &hold, &Outcome::Unknown, None)
    };
    let how = tried(&desk);
    let lines = desk.have(|core, context, out| core.ask_for_a_human(&waits, "why".into(), how, context, out));
    assert_eq!(lines, ["report INVENTORY_RESERVED v3, resting"]);
    assert!(desk.core.hold.is_none());
    // What went wrong is told, rather than what was heard last.
    for (said, last) in [(None, "no answer that says what became of it"), (Some("503".into()), "503")] {
        let mut desk = Desk::calling("charging", 3);
        let (how, going) = (tried(&desk), stored(at("charging"), false));
        desk.core.said = said;
        let lines = desk.have(|core, context, out| core.ask_for_a_human(&going, "why".into(), how, context, out));
        assert_eq!(lines, [format!("commit v2 [order.attention], trouble 3: {last}, Same")]);
        assert_eq!(desk.reason(), "why");
    }
}

/// Who may send no more asks what became of what was sent, and asks for a human where that was asked.
#[test]
fn who_may_not_send_looks_up_once_and_then_gives_up() {
    let mut desk = Desk::calling("charging", 3);
    let going = stored(at("charging"), false);
    let gives_up =
        |desk: &mut Desk| desk.have(|core, context, out| core.look_up_or_give_up(charge(), None, &going, context, out));
    assert_eq!(gives_up(&mut desk), ["look up charge"]);
    assert!(desk.core.active && desk.core.calling == Some(charge()) && desk.core.hold.is_some_and(|hold| hold.looked));
    let lines = gives_up(&mut desk);
    assert_eq!(lines, ["commit v2 [order.attention], trouble 3: no answer that says what became of it, Same"]);
    assert_eq!(desk.reason(), "charge was asked 3 times, and has no outcome");
    // Nobody does anything with what somebody else may hold.
    let nothing = [""; 0];
    let mut desk = Desk::calling("charging", 3);
    let tried = Tried::of(&charge(), &desk.core.hold.expect("it is held"), &Outcome::Unknown, None);
    desk.core.hold = None;
    assert_eq!(gives_up(&mut desk), nothing);
    let waits = |core: &mut OrderCore, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>| {
        core.wait_out(&charge(), tried.clone(), &going, context, out);
        core.undecided(&charge(), tried.clone(), &going, context, out);
        core.unanswered(&charge(), tried.clone(), &going, context, out);
        core.not_seen(&charge(), tried.clone(), &going, context, out);
    };
    assert_eq!(desk.have(waits), nothing);
}
