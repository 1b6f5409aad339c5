//! What a participant says: an outcome is committed before anything follows from it, and what is none is asked again, under the same
//! key, then looked up, and in the end handed to a human.

use super::*;
use crate::engine::order::desk_tests::{answer, refund, run, shop};
use crate::saga::IdempotencyKey;

const UNKNOWN: &str = "no answer that says what became of it";

fn refused() -> Outcome {
    Outcome::refused("no")
}

fn contradicted() -> Outcome {
    Outcome::Contradicted { reason: "another amount".into() }
}

#[test]
fn an_outcome_is_committed_before_anything_follows_from_it() {
    let settled = "settles POST /orders/O-1/cancel 409, settles POST /orders/O-1/capture 201";
    let called_off = "settles POST /orders/O-1/cancel 201, settles POST /orders/O-1/capture 409";
    let refund = "settles POST /orders/O-1/refunds of shop r-1";
    for (place, outcome, line) in [
        ("charging", done(), "commit v2 [payment.charged], Fresh".to_owned()),
        (
            "charging",
            refused(),
            format!("commit v2 [payment.declined inventory.released order.cancelled], {called_off}, Fresh"),
        ),
        ("charging", Outcome::Unknown, "commit v2 [payment.unknown], Same".into()),
        (
            "charging",
            contradicted(),
            "commit v2 [order.attention], trouble 3: contradicted: another amount, Same".into(),
        ),
        ("authorizing", done(), "commit v2 [payment.authorized], Fresh".into()),
        ("capturing", done(), "commit v4 [payment.charged], Fresh".into()),
        ("capturing", refused(), "commit v4 [order.compensating], Fresh".into()),
        ("shipping", done(), format!("commit v3 [shipment.created order.completed], {settled}, Fresh")),
        ("shipping", refused(), "commit v3 [shipment.failed], Fresh".into()),
        ("voiding", refused(), "commit v3 [order.attention], trouble 3: refused: no, Same".into()),
        ("refunding", done(), format!("commit v6 [payment.refunded], {refund} 201, Fresh")),
        ("refunding", refused(), format!("commit v6 [payment.refund_refused], {refund} 409, Fresh")),
        ("reserving", done(), "commit v1 [inventory.reserved], Fresh".into()),
        ("checking", done(), "commit v2 [step.done], Fresh".into()),
        ("unrewarding", done(), "commit v4 [step.undone], Fresh".into()),
    ] {
        let mut desk = Desk::calling(place, 3);
        assert_eq!(desk.answers(outcome.clone(), None), [line]);
        let command = match &desk.due.as_ref().expect("a call").refund {
            Some(_) => Command::Refunded { client: shop(), key: IdempotencyKey::trusted("r-1"), outcome },
            None => answer(desk.due.as_ref().expect("a call").call, outcome),
        };
        assert_eq!(*desk.write.as_ref().expect("a write").command, command);
        assert!(desk.core.calling.is_none() && desk.core.hold.is_some());
    }
}

/// The next call leaves once that is durable.
#[test]
fn the_next_call_follows_from_what_is_durable() {
    for (place, outcome, lines) in [
        ("charging", done(), ["report PAYMENT_CHARGED v3", "call ship"]),
        ("capturing", refused(), ["report final 201", "call void"]),
        ("shipping", done(), ["report final 201", "report final 201, resting"]),
        ("shipping", refused(), ["report COMPENSATING v4", "call refund"]),
        ("refunding", done(), ["report final 201", "report final 201, resting"]),
        ("reserving", done(), ["report INVENTORY_RESERVED v2", "call charge"]),
        ("checking", done(), ["report INVENTORY_RESERVED v3", "call charge"]),
    ] {
        let mut desk = Desk::calling(place, 0);
        desk.answers(outcome.clone(), cause("the last word", None, 0));
        assert_eq!(desk.stored(), lines, "{place} {outcome:?}");
        assert!(desk.core.said.is_none(), "what went wrong before is over");
    }
}

#[test]
fn an_answer_counts_only_while_its_call_is_due() {
    let nothing = [""; 0];
    let late = [done(), refused(), Outcome::Unknown, Outcome::Pending, Outcome::Unsent, Outcome::Absent];
    for outcome in late {
        let mut desk = Desk::calling("voiding", 0);
        let told = |due, outcome| OrderInput::Answered { due, outcome, cause: None };
        assert_eq!(desk.tell(told(charge(), outcome.clone())), nothing, "{outcome:?}");
        let found = |due, outcome| OrderInput::LookedUp { due, outcome, cause: None };
        assert_eq!(desk.tell(found(charge(), outcome.clone())), nothing, "{outcome:?}");
        let call = desk.core.calling.clone().expect("its own answer is on the way");
        assert_eq!(call.call, Action::Void.into());
        // Nor does it count where somebody else may have the order by now.
        let mut desk = Desk::calling("charging", 0);
        desk.core.hold = None;
        let lines = desk.answers(outcome.clone(), cause("503", None, 0));
        assert_eq!(lines, ["report INVENTORY_RESERVED v2, resting"], "{outcome:?}");
        assert!(desk.core.said.is_none());
        // Or where it is to be read first.
        let mut desk = Desk::calling("charging", 0);
        desk.core.forget();
        assert_eq!(desk.answers(outcome.clone(), None), ["report nothing, resting"], "{outcome:?}");
    }
    // What a participant contradicts counts as long as an undo would name it.
    let mut desk = Desk::calling("voiding", 0);
    let lines = desk.tell(OrderInput::Answered { due: charge(), outcome: contradicted(), cause: None });
    assert_eq!(lines, ["commit v3 [order.attention], trouble 0: contradicted: another amount, Same"]);
}

/// What an authorisation holds is counted from its intent on.
#[test]
fn an_authorisation_is_counted_on_for_what_is_left_of_it() {
    let (mut desk, _) = Desk::woken("authorizing", claimed(0, s(100)));
    desk.now += s(2);
    let told = |holds_ms| Outcome::Done { reference: None, tombstone: false, captured: Amount(0), holds_ms };
    desk.answers(told(Some(1_000_000)), None);
    let write = desk.write.expect("a write");
    assert_eq!(*write.command, answer(Action::Authorize, told(Some(894_000))));
}

/// What goes to a human is told with what was heard last.
#[test]
fn a_contradiction_is_told_to_a_human() {
    let mut desk = Desk::calling("charging", 3);
    desk.answers(contradicted(), cause("400 key_reused", None, 0));
    let reason = "charge is contradicted by the participant: another amount";
    let told = format!("a human for charge, 3 attempts, 400 key_reused: {reason}");
    assert_eq!(desk.stored(), [told.as_str(), "report INVENTORY_RESERVED v3", "report INVENTORY_RESERVED v3, resting"]);
    assert!(desk.core.hold.is_none());
}

/// A lost answer of a payment is told once, by an event; the others are but counted. The call is asked again after a pause that
/// grows, as often as is configured; then its participant is asked what became of it.
#[test]
fn a_call_without_an_outcome_is_repeated_after_a_pause_and_then_looked_up() {
    for (attempts, line) in [
        (0, "postpone v3, 1 attempts, 1s: "),
        (1, "postpone v3, 2 attempts, 2s: "),
        (2, "postpone v3, 3 attempts, 4s: "),
        (3, "postpone v3, 4 attempts, 8s: "),
        (4, "look up ship"),
    ] {
        for (outcome, words) in [(Outcome::Unknown, UNKNOWN), (Outcome::Absent, "the participant knows nothing of it")]
        {
            for (cause, said) in [(None, words), (cause("503", None, 0), "503")] {
                let mut desk = Desk::calling("shipping", attempts);
                let said = if line.ends_with(' ') { said } else { "" };
                assert_eq!(desk.answers(outcome.clone(), cause), [format!("{line}{said}")]);
                assert_eq!(desk.core.hold.map(|hold| hold.attempts), Some(attempts + 1));
            }
        }
    }
    // Of a payment, the first time.
    let mut desk = Desk::calling("charging", 0);
    assert_eq!(desk.answers(Outcome::Unknown, cause("503", None, 0)), ["commit v2 [payment.unknown], Same"]);
    assert_eq!(desk.stored(), ["report INVENTORY_RESERVED v3", "postpone v3, 1 attempts, 1s: 503"]);
    assert_eq!(desk.tell(OrderInput::Postponed(Ok(true))), ["report INVENTORY_RESERVED v3, resting"]);
    assert!(desk.core.hold.is_none() && desk.core.said.is_none());
    // Whoever claims it then makes the call again.
    let order = desk.core.memory().cloned().expect("it was written");
    let lines = desk.wake(stored(order, false), claimed(1, s(1)));
    assert_eq!(lines, ["answer INVENTORY_RESERVED v3, again, driving", "call charge"]);
    assert_eq!(desk.answers(Outcome::Unknown, None), [format!("postpone v3, 2 attempts, 2s: {UNKNOWN}")]);
}

/// Never so late that its key might be forgotten before the repeat is over.
#[test]
fn a_repeat_that_would_come_too_late_is_a_look_up() {
    let last = KEY_LIFETIME - 3 * STEP_TIMEOUT - s(2);
    for (age, line) in
        [(last, format!("postpone v3, 2 attempts, 2s: {UNKNOWN}")), (last + NANOSECOND, "look up ship".into())]
    {
        let (mut desk, _) = Desk::woken("shipping", claimed(1, age));
        assert_eq!(desk.answers(Outcome::Unknown, None), [line]);
    }
}

/// An answer that is found is one; "not found" proves nothing, so that the call is made again while it may, and a human is asked
/// when it may not.
#[test]
fn what_is_found_is_an_outcome_or_a_matter_for_a_human() {
    let asked = |attempts| {
        let claimed = Claimed { look: true, ..claimed(attempts, s(0)) };
        let (desk, lines) = Desk::woken("shipping", claimed);
        assert_eq!(lines, ["look up ship"]);
        desk
    };
    for attempts in [0, 4, 5, 6] {
        let mut desk = asked(attempts);
        let settled = "settles POST /orders/O-1/cancel 409, settles POST /orders/O-1/capture 201";
        let line = format!("commit v3 [shipment.created order.completed], {settled}, Fresh");
        assert_eq!(desk.found(done(), None), [line]);
        assert_eq!(asked(attempts).found(refused(), None), ["commit v3 [shipment.failed], Fresh"]);
    }
    for (outcome, found) in [
        (Outcome::Absent, "knows nothing of it"),
        (Outcome::Pending, "has not decided it"),
        (Outcome::Unknown, "does not say what became of it"),
    ] {
        for attempts in [0, 4] {
            let mut desk = asked(attempts);
            assert_eq!(desk.found(outcome.clone(), cause("404", None, 0)), ["call ship"], "{outcome:?}");
        }
        for (said, last) in [(None, words(&outcome)), (cause("404", None, 0), "404".into())] {
            let mut desk = asked(5);
            let more = said.as_ref().map_or("", |_| "; the last error: 404");
            let lines = desk.found(outcome.clone(), said);
            assert_eq!(lines, [format!("commit v3 [order.attention], trouble 5: {last}, Same")]);
            let reason = format!("ship was sent 5 times without an outcome, and the participant {found}{more}");
            assert_eq!(desk.reason(), reason);
            let told = format!("a human for ship, 5 attempts, {last}: {reason}");
            assert_eq!(
                desk.stored(),
                [told.as_str(), "report PAYMENT_CHARGED v4", "report PAYMENT_CHARGED v4, resting"]
            );
        }
    }
    // What went wrong with the call is told rather than that the look-up found nothing.
    let mut desk = Desk::calling("shipping", 4);
    assert_eq!(desk.answers(Outcome::Unknown, cause("503", None, 0)), ["look up ship"]);
    assert_eq!(desk.found(Outcome::Absent, None), ["commit v3 [order.attention], trouble 5: 503, Same"]);
    let reason =
        "ship was sent 5 times without an outcome, and the participant knows nothing of it; the last error: 503";
    assert_eq!(desk.reason(), reason);
}

/// What a participant had told is heard by a look-up that says something, and by nothing else.
#[test]
fn a_question_is_asked_until_it_is_answered() {
    for (outcome, heard) in [
        (Outcome::Unknown, false),
        (Outcome::Unsent, false),
        (Outcome::Absent, true),
        (Outcome::Pending, true),
        (done(), true),
        (refused(), true),
        (contradicted(), true),
    ] {
        for looked_up in [false, true] {
            let mut desk = Desk::calling("shipping", 0);
            desk.core.hold = desk.core.hold.map(|hold| OrderLease { look: true, ..hold });
            let told = Told { outcome: outcome.clone(), cause: None };
            let due = desk.due.clone().expect("a call");
            desk.have(|core, context, out| core.answered(due, told, looked_up, context, out));
            let look = desk.core.hold.map(|hold| hold.look);
            assert_eq!(look, Some(!(looked_up && heard)), "{outcome:?} {looked_up}");
        }
    }
}

/// Whose deadline is over: what a look-up of its payment says is done, and what it does not say is asked again, as often as a call.
#[test]
fn a_payment_that_is_looked_up_is_charged_undone_or_asked_about_again() {
    let asked = |attempts| {
        let claimed = Claimed { expired: true, ..claimed(attempts, s(0)) };
        let (desk, lines) = Desk::woken("charging", claimed);
        assert_eq!(lines, ["look up look-up"]);
        desk
    };
    let captured = |captured| Outcome::Done {
        reference: Some("c-1".into()),
        tombstone: false,
        captured: Amount(captured),
        holds_ms: None,
    };
    let mut desk = asked(0);
    assert_eq!(desk.found(captured(200), None), ["commit v2 [payment.charged], Fresh"]);
    assert_eq!(desk.stored(), ["report PAYMENT_CHARGED v3", "call ship"]);
    for outcome in [captured(0), Outcome::Absent, refused()] {
        let mut desk = asked(0);
        assert_eq!(desk.found(outcome.clone(), None), ["commit v2 [order.compensating], Fresh"], "{outcome:?}");
        assert_eq!(desk.stored(), ["report COMPENSATING v3", "call void"], "{outcome:?}");
    }
    let mut desk = asked(0);
    assert_eq!(desk.found(captured(199), None), ["commit v2 [order.attention], trouble 0: done, Same"]);
    for (outcome, words) in [(Outcome::Unknown, UNKNOWN), (Outcome::Pending, "accepted, and not decided yet")] {
        let lines = asked(3).found(outcome.clone(), None);
        assert_eq!(lines, [format!("postpone v2, 4 attempts, 8s: {words}")]);
        let mut desk = asked(4);
        let lines = desk.found(outcome, cause("503", None, 0));
        assert_eq!(lines, ["commit v2 [order.attention], trouble 5: 503, Same"]);
        assert_eq!(desk.reason(), "look-up was asked 5 times, and has no outcome; the last error: 503");
    }
}

/// A step of its own, likewise.
#[test]
fn a_step_that_is_looked_up_is_done_or_the_order_undone() {
    let claimed = Claimed { expired: true, ..claimed(0, s(0)) };
    for (outcome, line) in [
        (done(), "commit v2 [step.done], Fresh"),
        (Outcome::Absent, "commit v2 [order.compensating inventory.released order.cancelled], "),
    ] {
        let (mut desk, lines) = Desk::woken("checking", claimed.clone());
        assert_eq!(lines, ["look up look-up of fraud"]);
        let lines = desk.found(outcome, None);
        assert!(lines.len() == 1 && lines[0].starts_with(line), "{lines:?}");
    }
}

/// Each of an order's refunds has its answer.
#[test]
fn refunds_are_sent_one_after_the_other() {
    let two = run(Some(&at("refunding")), &refund("r-2", 50));
    let mut desk = Desk::new();
    let lines = desk.wake(stored(two, false), claimed(0, s(0)));
    assert_eq!(lines[1..], ["call refund r-1"]);
    let settles = "settles POST /orders/O-1/refunds of shop r-1 201";
    assert_eq!(desk.answers(done(), None), [format!("commit v7 [payment.refunded], {settles}, Fresh")]);
    assert_eq!(desk.stored(), ["report final 201", "call refund r-2"]);
}
