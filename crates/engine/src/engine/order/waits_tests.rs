//! Who makes a call, and until when one may wait: each bound at its last moment, and behind it.

use super::*;
use crate::engine::order::desk_tests::{Desk, KEY_LIFETIME, NANOSECOND, STEP_TIMEOUT, at, s, step, stored};
use crate::saga::CallKind;
use crate::saga::definition::OwnStep;

fn run() -> Call {
    Call::own(Action::Run, 0)
}

fn of(call: impl Into<Call>) -> Due {
    Due { call: call.into(), refund: None }
}

/// Of a reservation until the payment is known, and of an authorisation.
#[test]
fn a_row_has_a_deadline_until_the_money_moved() {
    for (state, has) in [
        (State::Created, true),
        (State::InventoryReserved, true),
        (State::PaymentAuthorized, true),
        (State::PaymentCharged, false),
        (State::ShipmentCreated, false),
        (State::Completed, false),
        (State::Compensating, false),
        (State::Cancelled, false),
    ] {
        assert_eq!(has_deadline(&Order { state, ..at("charging") }), has, "{state}");
    }
}

#[test]
fn a_step_of_ones_own_has_the_deadline_that_it_was_given() {
    let undo = Call::own(Action::Undo, 0);
    for (place, call, has) in [
        ("checking", run(), true),
        ("giving", run(), true),
        ("rewarding", run(), false),
        ("checking", run().look_up(), false),
        ("checking", undo, false),
        ("checking", Action::Charge.into(), false),
        ("charging", Action::Charge.into(), false),
        ("charging", run(), false),
    ] {
        assert_eq!(has_step_deadline(&of(call), &at(place)), has, "{call:?} of {place}");
    }
}

/// Of the order, or of the step that is due.
#[test]
fn either_deadline_ends_the_wait() {
    for (place, call, ends) in [
        ("charging", Action::Charge.into(), true),
        ("checking", run(), true),
        ("giving", run(), true),
        ("rewarding", run(), false),
        ("shipping", Action::Ship.into(), false),
    ] {
        assert_eq!(has_end(&of(call), &at(place)), ends, "{call:?} of {place}");
    }
}

/// A deadline ends the wait, however far it is, unless the order is to be looked up, or is one that was restored; else a day
/// does, behind the deadline of the step that is asked about.
#[test]
fn a_call_that_does_not_leave_waits_for_its_deadline_or_a_day() {
    let (day, minute) = (limits::UNDECIDED, s(60));
    let own_look = run().look_up();
    let ends = |place, call: Call, looks, after| (place, call, looks, Some(after));
    let cases = [
        ("charging", Action::Charge.into(), false, None),
        ("reserving", Action::Reserve.into(), false, None),
        ("capturing", Action::Capture.into(), false, None),
        ("checking", run(), false, None),
        ("giving", run(), false, None),
        ends("rewarding", run(), false, day),
        ends("shipping", Action::Ship.into(), false, day),
        ends("voiding", Action::Void.into(), false, day),
        ends("refunding", Action::Refund.into(), false, day),
        // Its deadline is over when it is asked about.
        ends("charging", Call::LOOK_UP, false, day),
        ends("checking", own_look, false, day + minute),
        ends("giving", own_look, false, day + minute),
        ends("rewarding", own_look, false, day),
        // Nor does a deadline end the wait of one that was restored.
        ends("charging", Action::Charge.into(), true, day),
        ends("giving", run(), true, day),
        ends("shipping", Action::Ship.into(), true, day),
        ends("checking", own_look, true, day + minute),
    ];
    let mut desk = Desk::new();
    desk.lifetime = |_| None;
    for (place, call, looks, end) in cases {
        let stored = stored(at(place), looks);
        let waits = |age| desk.with(|context| may_wait(&of(call), &stored, age, context));
        let told = format!("{call:?} of {place}, {looks}");
        let last = end.map_or(1_000 * day, |end| end - NANOSECOND);
        assert!(waits(Duration::ZERO) && waits(last), "{told}");
        assert_eq!(waits(last + NANOSECOND), end.is_none(), "{told}");
    }
    // Nor does anything wait until its key no longer answers for it, whatever deadline it has.
    desk.lifetime = |_| Some(KEY_LIFETIME);
    let last = KEY_LIFETIME - 3 * STEP_TIMEOUT;
    for (place, call) in [("charging", Action::Charge.into()), ("giving", run()), ("charging", Call::LOOK_UP)] {
        let waits = |age| desk.with(|context| may_wait(&of(call), &stored(at(place), false), age, context));
        assert_eq!((waits(last), waits(last + NANOSECOND)), (true, false), "{call:?} of {place}");
    }
}

/// A try takes a step timeout, and half of one for its turn; what is asked about a payment is asked by the keys of its charge. What
/// is asked about a step has no key that could end.
#[test]
fn a_key_answers_for_its_call_until_three_step_timeouts_before_its_end() {
    let last = KEY_LIFETIME - 3 * STEP_TIMEOUT;
    let mut desk = Desk::new();
    let alive = |desk: &Desk, call: Call, age| desk.with(|context| is_alive(&of(call), age, context));
    desk.lifetime = |action| (action == Action::Charge).then_some(KEY_LIFETIME);
    for (call, ends) in [
        (Action::Charge.into(), true),
        (Call::LOOK_UP, true),
        (Action::Ship.into(), false),
        (run(), false),
        (run().look_up(), false),
    ] {
        assert!(alive(&desk, call, last), "{call:?}");
        assert_eq!(alive(&desk, call, last + NANOSECOND), !ends, "{call:?}");
    }
    desk.lifetime = |action| (action != Action::Charge).then_some(KEY_LIFETIME);
    assert!(alive(&desk, Call::LOOK_UP, last + NANOSECOND) && alive(&desk, run().look_up(), last + NANOSECOND));
    assert!(!alive(&desk, run(), last + NANOSECOND));
}

#[test]
fn what_is_built_in_is_done_by_every_engine() {
    let mut desk = Desk::new();
    let said: [fn(&OwnStep) -> Doer; 3] = [|_| Doer::Here, |_| Doer::Elsewhere, |_| Doer::Nobody];
    for (says, own) in said.into_iter().zip([Doer::Here, Doer::Elsewhere, Doer::Nobody]) {
        desk.doer = says;
        let doer = |call: Call, place| desk.with(|context| doer(&of(call), &at(place), context));
        assert_eq!(doer(Action::Charge.into(), "charging"), Doer::Here);
        assert_eq!(doer(Action::Void.into(), "unrewarding"), Doer::Here);
        assert_eq!(doer(Call::own(CallKind::LookUp, 0), "checking"), own);
        assert_eq!(doer(run(), "checking"), own);
    }
}

#[test]
fn an_order_waits_for_the_step_that_it_names() {
    assert_eq!(missing_step(&at("missing")), Some(&step("fraud")));
    assert_eq!((missing_step(&at("asking")), missing_step(&at("checking"))), (None, None));
}
