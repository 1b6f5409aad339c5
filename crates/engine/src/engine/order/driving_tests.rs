//! The way of an order from call to call: what leaves, when, and who it is left to. What participants answer, what is waited out,
//! and what was restored have files of their own beside this one.

use super::*;
use crate::engine::order::desk_tests::{Desk, KEY_LIFETIME, NANOSECOND, STEP_TIMEOUT, at, cause, claimed, s, stored};
use crate::saga::definition::OwnStep;
use crate::saga::{Action, Amount};

mod driving_answers_tests;
mod driving_restored_tests;
mod driving_store_tests;
mod driving_waits_tests;

fn charge() -> Due {
    Due { call: Action::Charge.into(), refund: None }
}

fn done() -> Outcome {
    Outcome::done()
}

#[test]
fn money_is_counted_on_from_the_intent_and_not_to_the_last_moment() {
    let ms = Duration::from_millis;
    for (holds, age, step_timeout, left) in [
        (Some(10_000), ms(0), ms(5_000), Some(9_000)),
        (Some(10_000), ms(0), ms(500), Some(9_500)),
        (Some(10_000), ms(2_500), ms(5_000), Some(6_500)),
        (Some(604_800_000), ms(100), ms(5_000), Some(604_794_900)),
        (Some(10_000), ms(60_000), ms(5_000), Some(0)),
        (Some(i64::MAX), ms(0), ms(0), Some(i64::MAX)),
        (Some(-1), ms(0), ms(0), Some(0)),
        (None, ms(0), ms(0), None),
    ] {
        let told = |holds_ms| Outcome::Done { reference: None, tombstone: false, captured: Amount(0), holds_ms };
        assert_eq!(counted_on(told(holds), age, step_timeout), told(left), "{holds:?} after {age:?}");
    }
    assert_eq!(counted_on(Outcome::Pending, ms(1), ms(1)), Outcome::Pending);
}

fn lease(until: Instant) -> OrderLease {
    OrderLease {
        until,
        attempts: 3,
        intent: None,
        age: s(5),
        looked: false,
        waits: None,
        look: false,
        claimed: false,
        counted: false,
    }
}

/// What the database said of it, and what passed since.
#[test]
fn an_intent_grows_older_from_what_was_said_of_it() {
    let now = Instant::now() + s(100);
    for (intent, age) in [(None, s(5)), (Some(now), s(5)), (Some(now - s(2)), s(7)), (Some(now + s(1)), s(5))] {
        assert_eq!(OrderLease { intent, ..lease(now) }.intent_age(now), age, "{intent:?}");
    }
}

/// What is heard leaves a call open unless it says what became of it; people are told what a cause says, or else the answer.
#[test]
fn how_a_call_fared_is_told_for_people() {
    let cases = [
        (done(), false, "done"),
        (Outcome::refused("no"), false, "refused: no"),
        (Outcome::Contradicted { reason: "another amount".into() }, false, "contradicted: another amount"),
        (Outcome::Pending, true, "accepted, and not decided yet"),
        (Outcome::Unsent, true, "nothing was sent"),
        (Outcome::Unknown, true, "no answer that says what became of it"),
        (Outcome::Absent, true, "the participant knows nothing of it"),
    ];
    let hold = lease(Instant::now());
    for (outcome, open, words) in cases {
        let tried = Tried::of(&charge(), &hold, &outcome, None);
        let told = (tried.call, tried.attempts, &*tried.last, tried.open, tried.away, tried.forgiven);
        assert_eq!(told, (Action::Charge.into(), 3, words, open, None, 0));
        let tried = Tried::of(&charge(), &hold, &outcome, cause("503", Some(s(2)), 4));
        let told = (tried.call, tried.attempts, &*tried.last, tried.open, tried.away, tried.forgiven);
        assert_eq!(told, (Action::Charge.into(), 3, "503", open, Some(s(2)), 4));
        assert_eq!(tried.trouble(), Trouble { attempts: 3, error: "503".into() });
    }
}

/// Where each order goes on that is claimed: the call that is due leaves; what has none is left in order.
#[test]
fn who_claims_an_order_makes_the_call_that_is_due() {
    for (place, told, then) in [
        ("reserving", "CREATED v1, again", "call reserve"),
        ("screening", "CREATED v1, again", "call run of screen"),
        ("charging", "INVENTORY_RESERVED v2, again", "call charge"),
        ("authorizing", "INVENTORY_RESERVED v2, again", "call authorize"),
        ("capturing", "final 201, again", "call capture"),
        ("shipping", "PAYMENT_CHARGED v3, again", "call ship"),
        ("refunding", "final 201, again", "call refund r-1"),
        ("voiding", "COMPENSATING v3, again", "call void"),
        ("checking", "INVENTORY_RESERVED v2, again", "call run of fraud"),
        ("rewarding", "PAYMENT_CHARGED v3, again", "call run of points"),
        ("unrewarding", "COMPENSATING v4, again", "call undo of points"),
        ("giving", "SHIPMENT_CREATED v4, again", "call run of gift"),
        // It is answered here, by a commit of its own.
        ("limiting", "INVENTORY_RESERVED v2, again", "commit v2 [step.done], Fresh"),
        // Claimed for nothing: back to its deadline, or to an engine that knows it.
        ("authorized", "final 201, again", "leave v3"),
        ("completed", "final 201, again", "leave v5"),
        ("asking", "INVENTORY_RESERVED v3, again", "leave v3"),
        ("cloned", "INVENTORY_RESERVED v2, again", "leave v2"),
        ("newer", "INVENTORY_RESERVED v2, again", "postpone v2, 3 attempts, 10s"),
        // There is an entry again.
        ("missing", "INVENTORY_RESERVED v3, again", "commit v3 [order.resumed], Anew"),
    ] {
        let mut desk = Desk::new();
        let lines = desk.wake(stored(at(place), false), claimed(3, s(7)));
        assert_eq!(lines, [format!("answer {told}, driving"), then.to_owned()], "{place}");
        // One thing at a time: nothing more comes until that is answered.
        assert_eq!(desk.have(|core, context, out| core.go_on(context, out)), [""; 0], "{place}");
    }
}

/// What was claimed for nothing is let go of, and the shard is told that nothing more comes.
#[test]
fn what_is_left_is_let_go_of() {
    for place in ["authorized", "newer"] {
        let (mut desk, _) = Desk::woken(place, claimed(0, s(0)));
        let told = if place == "newer" { "INVENTORY_RESERVED v2" } else { "final 201" };
        assert_eq!(desk.tell(OrderInput::Postponed(Ok(true))), [format!("report {told}, resting")]);
        assert!(desk.core.hold.is_none());
        // Once.
        assert_eq!(desk.have(|core, context, out| core.go_on(context, out)), [""; 0]);
    }
    // So it is where the store does not say whether it was left.
    let (mut desk, _) = Desk::woken("authorized", claimed(0, s(0)));
    let away = OrderInput::Postponed(Err(StoreError::Unavailable("gone".into())));
    assert_eq!(desk.tell(away), ["report final 201, resting"]);
    assert!(desk.core.hold.is_none());
}

/// Nobody is held to an order with which nothing is to be done, unless it was claimed: then its row must be left in order.
#[test]
fn an_order_that_was_moved_here_and_has_nothing_due_is_let_go_of() {
    let (mut desk, _) = Desk::woken("authorizing", claimed(0, s(0)));
    assert_eq!(desk.answers(done(), None), ["commit v2 [payment.authorized], Fresh"]);
    assert_eq!(desk.stored(), ["report final 201", "report final 201, resting"]);
    assert!(desk.core.hold.is_none());
    let mut desk = Desk::calling("charging", 0);
    desk.core.calling = None;
    desk.core.hold = Some(lease(desk.now + s(10)));
    desk.core.memory = Some(stored(at("asking"), false));
    let lines = desk.have(|core, context, out| core.go_on(context, out));
    assert_eq!(lines, ["report INVENTORY_RESERVED v3, resting"]);
    assert!(desk.core.hold.is_none());
}

/// What is on its way is not sent twice; an undo overtakes what it undoes, and a question is waited for in any case.
#[test]
fn a_call_waits_for_the_answer_of_none_but_its_own() {
    let cases: [(&str, Due, &[&str]); 4] = [
        ("charging", charge(), &[]),
        ("voiding", charge(), &["call void"]),
        ("voiding", Due { call: Call::LOOK_UP, refund: None }, &[]),
        // Nothing is due any more, and its answer is on the way.
        ("asking", charge(), &[]),
    ];
    for (place, calling, lines) in cases {
        let mut desk = Desk::calling("charging", 0);
        desk.core.memory = Some(stored(at(place), false));
        desk.core.calling = Some(calling.clone());
        desk.core.hold = Some(lease(desk.now + s(10)));
        assert_eq!(desk.have(|core, context, out| core.go_on(context, out)), lines, "{place} {calling:?}");
        assert!(desk.core.hold.is_some());
    }
}

/// A call that would outlast the lease is left to whoever takes the order up then; half a lease must do where that is hardly
/// longer than a step.
#[test]
fn a_call_leaves_while_the_lease_lasts_longer_than_the_step() {
    for (lease, last) in [(s(10), s(6)), (s(8), s(4)), (s(6), s(3)), (s(2), s(1)), (s(100), s(96))] {
        for (passed, leaves) in [(s(0), true), (last, true), (last + NANOSECOND, false), (lease, false)] {
            let mut desk = Desk::new();
            desk.lease = lease;
            assert_eq!(desk.claim(claimed(0, s(0))), ["load"]);
            desk.now += passed;
            let lines = desk.tell(OrderInput::Loaded(Ok(Some(stored(at("charging"), false)))));
            let then = if leaves { "call charge" } else { "report INVENTORY_RESERVED v2, resting" };
            assert_eq!(lines, ["answer INVENTORY_RESERVED v2, again, driving", then], "{lease:?} {passed:?}");
            assert_eq!(desk.core.hold.is_some(), leaves);
        }
    }
}

/// So is what is durable: its lease counts from when the write left.
#[test]
fn a_lease_counts_from_when_its_write_left() {
    for (passed, leaves) in [(s(6), true), (s(6) + NANOSECOND, false)] {
        let mut desk = Desk::calling("charging", 0);
        assert_eq!(desk.answers(done(), None), ["commit v2 [payment.charged], Fresh"]);
        desk.now += passed;
        let then = if leaves { "call ship" } else { "report PAYMENT_CHARGED v3, resting" };
        assert_eq!(desk.stored(), ["report PAYMENT_CHARGED v3", then]);
    }
}

/// As often as is configured, and never so late that its key might be forgotten before the call is over.
#[test]
fn a_call_is_sent_while_tries_are_left_and_its_key_answers() {
    let last = KEY_LIFETIME - 3 * STEP_TIMEOUT;
    for (attempts, age, then) in [
        (0, s(0), "call charge"),
        (4, last, "call charge"),
        (5, s(0), "look up charge"),
        (6, s(0), "look up charge"),
        (0, last + NANOSECOND, "look up charge"),
    ] {
        let (desk, lines) = Desk::woken("charging", claimed(attempts, age));
        assert_eq!(lines, [then], "{attempts} {age:?}");
        assert!(desk.core.active && desk.core.calling == Some(charge()));
    }
    // For ever, where the provider says so.
    let mut desk = Desk::new();
    desk.lifetime = |_| None;
    let lines = desk.wake(stored(at("charging"), false), claimed(0, 1_000 * limits::UNDECIDED));
    assert_eq!(lines[1], "call charge");
    // What passes meanwhile counts.
    let desk = Desk::calling("charging", 3);
    for (attempts, pause, may) in
        [(3, last, true), (3, last + NANOSECOND, false), (4, s(0), true), (5, s(0), false), (6, s(0), false)]
    {
        let sends = desk.with(|context| desk.core.may_send(&charge(), attempts, pause, context));
        assert_eq!(sends, may, "{attempts} {pause:?}");
    }
    // Nobody sends what somebody else may hold, and a question has no key.
    let mut desk = Desk::new();
    assert!(!desk.with(|context| desk.core.may_send(&charge(), 0, s(0), context)));
    desk.core.hold = Some(lease(desk.now));
    let question = Due { call: Call::LOOK_UP, refund: None };
    assert!(desk.with(|context| desk.core.may_send(&question, 0, KEY_LIFETIME, context)));
}

/// An engine without an entry for the step leaves it to one that has it, for a moment, and says so; where there is none the order
/// waits for the entry, and says that.
#[test]
fn a_step_without_an_entry_is_left_to_others_or_waits_for_one() {
    let mut desk = Desk::new();
    desk.doer = |_| Doer::Elsewhere;
    for (look, told) in [(false, ""), (true, ", look")] {
        let claimed = Claimed { look, ..claimed(3, s(7)) };
        let lines = desk.wake(stored(at("checking"), false), claimed);
        let left = format!("postpone v2, 3 attempts, 2s{told}: left to an engine that has an entry for the step fraud");
        assert_eq!(lines[1..], [left]);
        assert_eq!(desk.tell(OrderInput::Postponed(Ok(true))), ["report INVENTORY_RESERVED v2, resting"]);
    }
    let mut desk = Desk::new();
    desk.doer = |_| Doer::Nobody;
    let lines = desk.wake(stored(at("checking"), false), claimed(3, s(7)));
    assert_eq!(lines[1..], ["commit v2 [order.attention], trouble 3: the step fraud has no entry, Same"]);
    let waits = desk.written().attention.clone().expect("it waits");
    assert_eq!(waits.missing.as_ref().map(StepName::as_str), Some("fraud"));
    let why = "its step fraud has no entry in the configuration of any engine: it goes on by itself once saga.steps has one \
               of this name that is http";
    assert_eq!(waits.reason, why);
    let told = format!("a human for run, 3 attempts, the step fraud has no entry: {why}");
    assert_eq!(desk.stored()[..2], [told, "report INVENTORY_RESERVED v3".to_owned()]);
    // What is built in is done by whoever holds the order.
    let lines = desk.wake(stored(at("charging"), false), claimed(0, s(0)));
    assert_eq!(lines[1..], ["call charge"]);
}

/// It goes on where there is one, and is looked at again later where there is none: soon, where another engine has it.
#[test]
fn an_order_that_waits_for_an_entry_goes_on_where_there_is_one() {
    let said: [fn(&OwnStep) -> Doer; 3] = [|_| Doer::Here, |_| Doer::Elsewhere, |_| Doer::Nobody];
    let lines = ["commit v3 [order.resumed], Anew", "postpone v3, 3 attempts, 2s", "postpone v3, 3 attempts, 60s"];
    for (says, line) in said.into_iter().zip(lines) {
        let mut desk = Desk::new();
        desk.doer = says;
        assert_eq!(desk.wake(stored(at("missing"), false), claimed(3, s(7)))[1..], [line]);
        assert!(desk.core.current.is_some());
    }
    // Of a step that its definition does not have, nobody has one; nor does a clone go on.
    let mut other = at("missing");
    other.own = at("rewarding").own;
    let cloned = Order { cloned: true, ..at("missing") };
    for order in [other, cloned] {
        let mut desk = Desk::new();
        assert_eq!(desk.wake(stored(order, false), claimed(3, s(7)))[1..], ["postpone v3, 3 attempts, 60s"]);
    }
    // It is taken up anew, by whoever sweeps next: this engine is done with it.
    let (mut desk, _) = Desk::woken("missing", claimed(3, s(7)));
    let lines = desk.stored();
    assert_eq!(lines, ["report INVENTORY_RESERVED v4", "report INVENTORY_RESERVED v4, resting"]);
}

/// A deadline passed: what may have taken effect is looked up before anything is undone, and only of a remote participant.
#[test]
fn a_deadline_has_the_order_looked_up_or_undone() {
    let over = "commit v2 [order.compensating inventory.released order.cancelled], settles POST /orders/O-1/cancel 201, settles \
                POST /orders/O-1/capture 409, Fresh";
    for (place, then) in [
        ("charging", "look up look-up"),
        ("authorizing", "look up look-up"),
        ("capturing", "look up look-up"),
        ("checking", "look up look-up of fraud"),
        ("rewarding", "look up look-up of points"),
        ("giving", "look up look-up of gift"),
        ("authorized", "commit v3 [order.compensating], Fresh"),
        ("reserving", "commit v1 [order.compensating], Fresh"),
        // What is done here leaves nothing to be looked up: it is over.
        ("limiting", over),
        // They have no deadline any more, and go on.
        ("shipping", "call ship"),
        ("voiding", "call void"),
        ("refunding", "call refund r-1"),
        ("completed", "leave v5"),
        // Nor does one bind that waits, or is somebody else's.
        ("asking", "leave v3"),
        ("cloned", "leave v2"),
        ("newer", "postpone v2, 0 attempts, 10s"),
    ] {
        let (_, lines) = Desk::woken(place, Claimed { expired: true, ..claimed(0, s(0)) });
        assert_eq!(lines, [then], "{place}");
    }
}

/// A participant told that something happened: it is asked before anything is sent, where there is something to ask.
#[test]
fn what_a_participant_told_is_looked_at_first() {
    for (place, then) in [
        ("charging", "look up charge"),
        ("shipping", "look up ship"),
        ("refunding", "look up refund r-1"),
        ("checking", "look up run of fraud"),
        ("authorized", "leave v3"),
        ("asking", "leave v3"),
    ] {
        let (_, lines) = Desk::woken(place, Claimed { look: true, ..claimed(0, s(0)) });
        assert_eq!(lines, [then], "{place}");
    }
    // A deadline that is over asks more.
    let both = Claimed { look: true, expired: true, ..claimed(0, s(0)) };
    assert_eq!(Desk::woken("charging", both.clone()).1, ["look up look-up"]);
    // Of a step that this engine does not do there is nobody to be asked.
    let mut desk = Desk::new();
    desk.doer = |_| Doer::Elsewhere;
    let lines = desk.wake(stored(at("checking"), false), both);
    assert_eq!(
        lines[1..],
        ["postpone v2, 0 attempts, 2s, look: left to an engine that has an entry for the step fraud"]
    );
    // What is on its way has its answer first.
    let mut desk = Desk::calling("charging", 0);
    let lines = desk.wake(stored(at("charging"), false), Claimed { look: true, expired: true, ..claimed(0, s(0)) });
    assert_eq!(lines, ["answer INVENTORY_RESERVED v2, again, driving"]);
}
