//! Promise: nothing partial survives a failure. EVERY step and EVERY compensation of an order with remote participants
//! meets EVERY fault, alone and in pairs, and its engine goes on, is started again, or stands still while another one
//! takes over; generated, not sampled, against the reference store.
//!
//! After each case: the laws of every row on the way, the participants' books against the order, the stock, repeats of
//! every call (nothing takes effect again) and of every request of a client (the same answers), and a clean slate: the
//! order ended, or waits for a human because an undo was refused for good.

mod machine;

use std::sync::Arc;

use counterfoil::engine::{Ask, Prepared, VerbRequest};
use counterfoil::saga::{Action, Amount, Capture, Client, OrderId, Plan, Request, Restock, Sku};

use crate::support::engine::{order, request};
use crate::support::outside::Broken;
use crate::support::saga::Own;
use machine::{Call, Fault, Machine, Planned, Then, When, verb};

/// What is bought, and stocked.
const SKUS: [&str; 2] = ["A", "B"];
const EVERYTHING: Plan = Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT);

/// A way that an order can take, by what its clients and participants do of their own accord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Charged, shipped.
    Straight,
    /// Authorised, captured in part, shipped.
    Captured,
    /// The card is declined: released.
    Declined,
    /// The carrier refuses: refunded, released.
    Unshipped,
    /// Called off while the stock is asked for.
    CancelledEarly,
    /// Called off while the charge is on its way: voided, released.
    CancelledUnpaid,
    /// Called off while it is authorised: voided, released.
    CancelledAuthorized,
    /// Called off while the capture is on its way: voided, released.
    CancelledCapturing,
    /// Called off while the parcel is handed over: its shipment is cancelled, refunded, released.
    CancelledShipping,
    /// Completed, and given back in part, twice.
    Returned,
}

impl Way {
    const ALL: [Self; 10] = [
        Self::Straight,
        Self::Captured,
        Self::Declined,
        Self::Unshipped,
        Self::CancelledEarly,
        Self::CancelledUnpaid,
        Self::CancelledAuthorized,
        Self::CancelledCapturing,
        Self::CancelledShipping,
        Self::Returned,
    ];

    fn request(self) -> Request {
        let method = if self == Self::Declined { "pm_declined" } else { "pm_ok" };
        let mut request = request(&[("A", 2), ("B", 1)], method);
        if self == Self::Unshipped {
            request.details.ship_to.postal_code = "SHIP-FAIL".into();
        }
        if matches!(self, Self::Captured | Self::CancelledAuthorized | Self::CancelledCapturing) {
            request.details.capture = Capture::Manual;
        }
        request
    }

    fn verbs(self, id: &OrderId, client: &Client) -> Vec<(When, Arc<Ask>)> {
        let cancel = || verb(id, client, "cancel", VerbRequest::Cancel);
        let capture = |amount| verb(id, client, "capture", VerbRequest::Capture { amount });
        let refund = |key: &str, amount| {
            let restock = vec![Restock { sku: Sku::trusted("A"), quantity: 1 }];
            let (amount, reason) = (Amount(amount), "came back".into());
            verb(id, client, key, VerbRequest::Refund { amount, reason, restock })
        };
        match self {
            Self::Straight | Self::Declined | Self::Unshipped => Vec::new(),
            Self::Captured => vec![(When::AtRest, capture(Some(Amount(200))))],
            Self::CancelledEarly => vec![(When::During(Action::Reserve), cancel())],
            Self::CancelledUnpaid => vec![(When::During(Action::Charge), cancel())],
            Self::CancelledAuthorized => vec![(When::AtRest, cancel())],
            Self::CancelledCapturing => {
                vec![(When::AtRest, capture(None)), (When::During(Action::Capture), cancel())]
            }
            Self::CancelledShipping => vec![(When::During(Action::Ship), cancel())],
            Self::Returned => vec![(When::AtRest, refund("one", 100)), (When::AtRest, refund("two", 50))],
        }
    }
}

/// A call, and how many of its like came before.
type Numbered = (Call, u32);

/// Which participants are remote, and the steps of one's own.
type Saga = (Plan, Own);

fn play(way: Way, saga: Saga, faults: &[Planned], broken: Broken, told: bool) -> (Result<(), String>, Machine) {
    let submission = order("O-1", way.request());
    let (id, client) = (OrderId::trusted("O-1"), submission.client.clone());
    let ask = Arc::new(Ask::Submit(Prepared::new(submission).expect("it has a name")));
    let mut machine = Machine::new(id.clone(), saga, &SKUS, way.verbs(&id, &client), faults);
    machine.outside = machine.outside.broken(broken);
    machine.trace = told.then(Vec::new);
    (machine.run(ask), machine)
}

/// Runs a case, in which all of its faults must strike; the calls that left after the last of them.
fn run(way: Way, plan: Plan, faults: &[Planned]) -> Vec<Numbered> {
    run_along(way, (plan, Own::None), faults)
}

fn run_along(way: Way, saga: Saga, faults: &[Planned]) -> Vec<Numbered> {
    let (outcome, machine) = play(way, saga, faults, Broken::default(), false);
    if let Err(violation) = outcome {
        let trace = play(way, saga, faults, Broken::default(), true).1.trace.unwrap_or_default().join("\n  ");
        panic!("{violation}\n{way:?}, {saga:?}, {faults:?}:\n  {trace}");
    }
    assert!(machine.all_struck(), "{way:?}, {saga:?}: not all of {faults:?} struck");
    machine.since
}

/// Every fault of a call, with everything that may follow upon it.
fn faults(&(call, nth): &Numbered) -> Vec<Planned> {
    let mut all = Vec::new();
    for fault in Fault::ALL {
        for then in [Then::GoesOn, Then::Restarts, Then::OtherTakesOver] {
            if then != Then::GoesOn || fault.is_survived() {
                all.push(Planned { call, nth, fault, then });
            }
        }
    }
    all
}

fn plans() -> impl Iterator<Item = Plan> {
    (1..=EVERYTHING.0).map(Plan)
}

#[test]
fn every_way_ends_where_nothing_goes_wrong() {
    for way in Way::ALL {
        run(way, Plan::LOCAL, &[]);
        plans().for_each(|plan| drop(run(way, plan, &[])));
    }
}

#[test]
fn every_fault_of_every_step_leaves_a_clean_slate() {
    let (mut cases, mut met) = (0, Vec::new());
    for way in Way::ALL {
        for plan in plans() {
            for fault in run(way, plan, &[]).iter().flat_map(faults) {
                run(way, plan, &[fault]);
                met.push(fault.call);
                cases += 1;
            }
        }
    }
    println!("{cases} cases of one fault held");
    let calls = Action::BUILT_IN.map(Call::Of).into_iter();
    let missed: Vec<_> = calls.chain([Call::ClientRefund]).filter(|call| !met.contains(call)).collect();
    assert!(missed.is_empty(), "no order came by {missed:?}");
}

#[test]
fn every_pair_of_faults_leaves_a_clean_slate() {
    let mut cases = 0;
    for way in Way::ALL {
        for first in run(way, EVERYTHING, &[]).iter().flat_map(faults) {
            // The other one strikes a later call, or the same when it is repeated.
            for second in run(way, EVERYTHING, &[first]).iter().flat_map(faults) {
                run(way, EVERYTHING, &[first, second]);
                cases += 1;
            }
        }
    }
    println!("{cases} cases of two faults held");
}

/// Orders with steps of their own: every fault of every step, and every pair on the ways that undo the most.
#[test]
fn every_fault_along_steps_of_ones_own_leaves_a_clean_slate() {
    let (mut cases, mut met) = (0, Vec::new());
    for (own, way) in Own::ALL.into_iter().flat_map(|own| Way::ALL.map(|way| (own, way))) {
        for plan in [Plan::LOCAL, Plan(Plan::PAYMENT), EVERYTHING] {
            let saga = (plan, own);
            // What a client does during a call of a participant that is local it cannot do.
            for fault in run_along(way, saga, &[]).iter().flat_map(faults) {
                run_along(way, saga, &[fault]);
                met.push(fault.call);
                cases += 1;
            }
        }
    }
    println!("{cases} cases of one fault along steps of one's own held");
    for call in [Call::Of(Action::Run), Call::Of(Action::Undo)] {
        assert!(met.contains(&call), "no order came by {call:?}");
    }
}

#[test]
fn every_pair_of_faults_along_steps_of_ones_own_leaves_a_clean_slate() {
    let mut cases = 0;
    for (own, way) in [
        (Own::Check, Way::Straight),
        (Own::Check, Way::CancelledUnpaid),
        (Own::Points, Way::Unshipped),
        (Own::Five, Way::Unshipped),
    ] {
        let saga = (EVERYTHING, own);
        for first in run_along(way, saga, &[]).iter().flat_map(faults) {
            for second in run_along(way, saga, &[first]).iter().flat_map(faults) {
                run_along(way, saga, &[first, second]);
                cases += 1;
            }
        }
    }
    println!("{cases} cases of two faults along steps of one's own held");
}

/// What the cases of one fault find where the participants do not keep their part of the contract.
#[track_caller]
fn found(broken: Broken) {
    let harm = Way::ALL.into_iter().find_map(|way| {
        let cases = run(way, EVERYTHING, &[]);
        let mut cases = cases.iter().flat_map(faults);
        cases.find_map(|fault| play(way, (EVERYTHING, Own::None), &[fault], broken, false).0.err())
    });
    let harm = harm.unwrap_or_else(|| panic!("{broken:?} was not found"));
    assert!(harm.contains("calls that came again took effect"), "{broken:?} was found as something else: {harm}");
}

#[test]
fn participants_that_forget_keys_are_found() {
    found(Broken { forgets_keys: true, ..Broken::default() });
}

#[test]
fn participants_that_keep_no_tombstones_are_found() {
    found(Broken { keeps_no_tombstones: true, ..Broken::default() });
}
