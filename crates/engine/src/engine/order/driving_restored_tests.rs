//! An order whose database was restored from before: what became of it is looked up before anything is sent, or believed.

use super::*;
use crate::engine::order::desk_tests::{attention, run};

/// An engine that has claimed an order which is to be looked up first.
fn restored(place: &str, claimed: Claimed) -> (Desk, Vec<String>) {
    let mut desk = Desk::new();
    let mut lines = desk.wake(stored(at(place), true), claimed);
    lines.remove(0);
    (desk, lines)
}

fn captured(captured: i64, reference: Option<&str>) -> Outcome {
    Outcome::Done { reference: reference.map(Into::into), tombstone: false, captured: Amount(captured), holds_ms: None }
}

/// Whatever else is said of it: a deadline is believed, and what a participant told is heard, once it is known what became of it.
#[test]
fn what_was_restored_is_looked_up_before_anything_is_sent() {
    for (place, then) in [
        ("charging", "look up charge"),
        ("capturing", "look up capture"),
        ("shipping", "look up ship"),
        ("voiding", "look up void"),
        ("refunding", "look up refund r-1"),
        ("checking", "look up run of fraud"),
        // Of money that is held, nothing is due.
        ("authorized", "look up look-up"),
        // There is nobody to ask.
        ("limiting", "commit v2 [step.done], Fresh, look first"),
        ("housed", "leave v3"),
        ("completed", "leave v5"),
        ("asking", "leave v3"),
        ("missing", "commit v3 [order.resumed], Anew, look first"),
    ] {
        for (expired, look) in [(false, false), (true, false), (false, true)] {
            let claimed = Claimed { expired, look, ..claimed(0, s(0)) };
            assert_eq!(restored(place, claimed).1, [then], "{place} {expired} {look}");
        }
    }
    for (order, question) in [
        (at("authorized"), Some(Due { call: Call::LOOK_UP, refund: None })),
        (at("housed"), None),
        (run(Some(&at("authorized")), &attention(None)), None),
        (at("charging"), None),
        (at("completed"), None),
    ] {
        assert_eq!(at_rest(&order), question, "{order:?}");
    }
    // Whoever drives it, too, and not only whoever claimed it.
    let mut desk = Desk::calling("charging", 0);
    desk.core.calling = None;
    desk.core.memory = Some(stored(at("shipping"), true));
    assert_eq!(desk.have(|core, context, out| core.go_on(context, out)), ["look up ship"]);
}

#[test]
fn what_was_found_is_an_outcome_or_lets_the_call_go_out() {
    let reason = "another amount".to_owned();
    for (outcome, lines) in [
        // It may be sent: under its key it takes effect once.
        (Outcome::Absent, "call charge"),
        (Outcome::Pending, "call charge"),
        // The next call may have been made as well.
        (captured(200, Some("c-1")), "commit v2 [payment.charged], Fresh, look first"),
        (
            Outcome::Contradicted { reason },
            "commit v2 [order.attention], trouble 3: contradicted: another amount, Same, look first",
        ),
        // Nothing is sent, and it is asked again.
        (Outcome::Unknown, "postpone v2, 4 attempts, 8s: no answer that says what became of it"),
        (Outcome::Unsent, "postpone v2, 3 attempts, 1s: nothing was sent"),
    ] {
        let (mut desk, _) = restored("charging", claimed(3, s(0)));
        assert_eq!(desk.found(outcome.clone(), None), [lines], "{outcome:?}");
        let looks = desk.core.memory.as_ref().map(|stored| stored.look_first);
        assert_eq!(looks, Some(lines != "call charge"), "{outcome:?}");
    }
    let (mut desk, _) = restored("charging", claimed(3, s(0)));
    let lines = desk.found(Outcome::refused("no"), None);
    assert!(lines[0].starts_with("commit v2 [payment.declined inventory.released order.cancelled], "), "{lines:?}");
    // It is looked up on, as long as nobody says what became of it; who is away is waited for.
    let (mut desk, _) = restored("charging", claimed(3, s(30)));
    let lines = desk.found(Outcome::Unknown, cause("503", Some(s(2)), 1));
    assert_eq!(lines, ["postpone v2, 2 attempts, 2s: 503"]);
    // And once it is durable what is looked up next is the next call.
    let (mut desk, _) = restored("charging", claimed(3, s(0)));
    desk.found(captured(200, None), None);
    assert_eq!(desk.stored(), ["report PAYMENT_CHARGED v3", "look up ship"]);
}

#[test]
fn what_nobody_can_look_up_goes_to_a_human() {
    for (look, told) in [(false, ""), (true, ", look")] {
        let claimed = |attempts| Claimed { look, ..claimed(attempts, s(0)) };
        for (attempts, line) in
            [(0, "postpone v2, 1 attempts, 1s"), (2, "postpone v2, 3 attempts, 4s"), (3, "postpone v2, 4 attempts, 8s")]
        {
            let (mut desk, _) = restored("charging", claimed(attempts));
            let lines = desk.found(Outcome::Unknown, cause("503", None, 0));
            assert_eq!(lines, [format!("{line}{told}: 503")]);
            assert_eq!(desk.core.hold.map(|hold| hold.attempts), Some(attempts + 1));
        }
    }
    for (said, more, last) in
        [(None, "", "no answer that says what became of it"), (cause("503", None, 0), "; the last error: 503", "503")]
    {
        let (mut desk, _) = restored("charging", claimed(4, s(0)));
        let lines = desk.found(Outcome::Unknown, said);
        assert_eq!(lines, [format!("commit v2 [order.attention], trouble 5: {last}, Same, look first")]);
        let reason =
            "its database was restored from before, and the participant did not say in 5 look-ups what became of it";
        assert_eq!(desk.reason(), format!("{reason} (charge{more})"));
    }
    // Older than any wait: as often as a call may fail.
    let day = limits::UNDECIDED;
    for (attempts, line) in [
        (0, "postpone v2, 1 attempts, 1s: nothing was sent"),
        (3, "postpone v2, 4 attempts, 8s: nothing was sent"),
        (4, "commit v2 [order.attention], trouble 5: nothing was sent, Same, look first"),
    ] {
        let mut desk = Desk::new();
        desk.lifetime = |_| None;
        let lines = desk.wake(stored(at("charging"), true), claimed(attempts, day - s(60)));
        assert_eq!(lines[1..], ["look up charge"]);
        assert_eq!(desk.found(Outcome::Unsent, None), [line]);
    }
}

/// Of money that is held and waits for its capture: what the participant holds is what this database says, or a human sees to it.
#[test]
fn money_that_is_held_is_so_at_the_participant_or_a_human_is_asked() {
    let gone = "its payment is authorised in this database, restored from before, and the participant holds none";
    let moved = |captured| {
        format!(
            "its payment was captured at the participant ({captured} are not given back), and this database, restored \
             from before, does not know of that"
        )
    };
    let asked = |words: &str| format!("commit v3 [order.attention], trouble 3: {words}, Same, look first");
    for (outcome, line, reason) in [
        (captured(0, None), "leave v3".to_owned(), None),
        // Only a capture leaves a name for what moved: it was given back.
        (captured(0, Some("c-1")), asked("done"), Some(moved(0))),
        (captured(150, None), asked("done"), Some(moved(150))),
        (captured(150, Some("c-1")), asked("done"), Some(moved(150))),
        (Outcome::Absent, asked("the participant knows nothing of it"), Some(gone.to_owned())),
        (Outcome::refused("no"), asked("refused: no"), Some(gone.to_owned())),
        (
            Outcome::Contradicted { reason: "another".into() },
            asked("contradicted: another"),
            Some("look-up is contradicted by the participant: another".to_owned()),
        ),
        (Outcome::Pending, "postpone v3, 4 attempts, 8s: accepted, and not decided yet".into(), None),
        (Outcome::Unknown, "postpone v3, 4 attempts, 8s: no answer that says what became of it".into(), None),
        (Outcome::Unsent, "postpone v3, 3 attempts, 1s: nothing was sent".into(), None),
    ] {
        let (mut desk, lines) = restored("authorized", claimed(3, s(0)));
        assert_eq!(lines, ["look up look-up"]);
        assert_eq!(desk.found(outcome.clone(), None), [line], "{outcome:?}");
        assert_eq!(desk.write.is_some().then(|| desk.reason().to_owned()), reason, "{outcome:?}");
        let looks = desk.core.memory.as_ref().map(|stored| stored.look_first);
        assert_eq!(looks, Some(outcome != captured(0, None)), "{outcome:?}");
    }
    let (mut desk, _) = restored("authorized", claimed(3, s(30)));
    let lines = desk.found(Outcome::Unknown, cause("503", Some(s(2)), 1));
    assert_eq!(lines, ["postpone v3, 2 attempts, 2s: 503"]);
}

/// What was found of a call that is not due says nothing of the one that is.
#[test]
fn what_was_found_of_another_call_lets_nothing_go_out() {
    let question = Due { call: Call::LOOK_UP, refund: None };
    for (place, due) in [("voiding", charge()), ("voiding", question), ("authorized", charge())] {
        for outcome in [Outcome::Absent, Outcome::Pending, Outcome::Unknown] {
            let (mut desk, lines) = restored(place, claimed(0, s(0)));
            assert!(lines[0].starts_with("look up "), "{lines:?}");
            let told = OrderInput::LookedUp { due: due.clone(), outcome: outcome.clone(), cause: None };
            let lines = desk.tell(told);
            assert!(desk.core.memory.as_ref().is_some_and(|stored| stored.look_first), "{place} {due:?} {outcome:?}");
            assert_eq!(lines, [""; 0], "{place} {due:?} {outcome:?}");
        }
    }
    // Nor does what was answered rather than looked up.
    let (mut desk, _) = restored("charging", claimed(0, s(0)));
    desk.tell(OrderInput::Answered { due: charge(), outcome: Outcome::Pending, cause: None });
    assert!(desk.core.memory.is_some_and(|stored| stored.look_first));
}
