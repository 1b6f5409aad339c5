//! The same promise, of the engine itself: the product's own `ShardCore::step` and `OrderCore::step`, two instances of
//! them, over the reference store and the participants of the search beside this one. Breadth first through everything
//! that may happen: a client's submission, the store's and the participants' answers at any moment, calls that are lost,
//! slow, doubled (by a second send) or late, a crash, a sweep that takes an order over from whoever still drives it, a
//! cancel, a capture, and the deadlines.
//!
//! In every state: no more is charged, refunded, shipped or reserved than once; an ended order is paid, shipped and taken
//! once, or nothing of it is out; its final answer never changes, and whoever hears one hears the stored one; the laws of
//! `saga::invariant` hold, and the shelves agree. And from every state the order's end is within reach, with an answer for
//! everybody who waits, or a human's attention, or (captured by hand) the wait for a capture.
//!
//! What is covered, of one order between two instances, each test one search:
//! - payment and shipment remote: at most two sends a call, one crash of a process, one takeover, one cancel and one
//!   expiry, all together. What would send a third time is not followed there: the end is within reach of whatever does
//!   not. Everywhere else the send too many gets nowhere, and the end is within reach all the same;
//! - payment remote, captured by hand, with a capture and an expiry at the provider: two sends a call, and any two of
//!   crash, takeover, cancel and expiry but cancel with expiry; three of them together take minutes;
//! - all three remote: one send a call, a takeover together with one of crash, cancel and expiry;
//! - payment remote, and a check before it or points behind it: two sends a call, and any two of crash, takeover, cancel
//!   and expiry; the points alone remote: cancel, expiry, and either a crash or a takeover, all together;
//! - payment remote: the submission sent twice, a takeover, and a crash of a process or of the order's actor alone.
//!
//! Time stands still: a lease, a pause or a deadline is over when a sweep finds it so, which it may at any moment. So no
//! instance ever thinks its own lease over, and acts where it would rest: more than it does, never less. A claim of an
//! order whose holder has nothing on its way any more is no takeover, and there may be many.
//!
//! What nobody can see is not told apart, or taken at once, so that the rest can be gone through whole:
//! - Messages between a shard and its actors are handled before the next thing is heard: they stay on one thread. So is
//!   what the store answers: what comes to an instance meanwhile is only queued. Whoever crashes between leaves behind
//!   what a write that goes on without its asker leaves. So are reads, but for the one after a claim: an instance that
//!   reads late is one that was asked late.
//! - A write whose guard is lost already is told so at once, and where nobody waits for it it is gone.
//! - A call whose key has its outcome at the participant changes nothing whenever it arrives, and so arrives at once; it
//!   does not count as a send. A call, or an answer, that gets lost is one that is never delivered.
//! - A wait for an answer of which the instance takes no notice, whatever it is, and never will, is none.
//! - Which of the two instances is which.
//!
//! Not here: a store that fails or is away, participants that answer `pending`, webhooks, refunds of clients, operators,
//! keys with a lifetime. They are `simulation.rs`'s, which goes through them at random.

mod database;
mod instance;
mod search;
mod world;

use counterfoil::saga::{Capture, Plan};

use super::{Broken, PAYMENT, PAYMENT_AND_SHIPMENT};
use crate::support::saga::Own;
use search::{Bound, Search};

/// All that the search is asked for at once.
const WHOLE: Bound = Bound {
    own: Own::None,
    plan: PAYMENT_AND_SHIPMENT,
    capture: Capture::Automatic,
    sends: 2,
    cuts: true,
    submits: 1,
    crashes: 1,
    panics: false,
    takeovers: 1,
    cancels: 1,
    expiries: 1,
    broken: Broken::Nothing,
};
const BY_HAND: Bound = Bound { plan: PAYMENT, capture: Capture::Manual, cuts: false, ..WHOLE };
/// A check before the payment, and points behind it.
const CHECKED: Bound = Bound { own: Own::Check, plan: PAYMENT, cuts: false, ..WHOLE };
const POINTS: Bound = Bound { own: Own::Points, ..CHECKED };
/// The points are all that is done elsewhere.
const ALONE: Bound = Bound { plan: Plan(0), ..POINTS };
const ALL_REMOTE: Bound = Bound { plan: Plan(7), sends: 1, cuts: false, ..WHOLE };

fn whole(bound: Bound) {
    let found = Search::new(bound).run();
    println!(
        "{} states, of {} states of an instance and {} of the database, in {:.1} s: {bound:?}",
        found.states, found.instances, found.rows, found.seconds
    );
    if let Some((harm, way)) = found.harm {
        panic!("{harm}, after {} steps:\n  {}", way.len(), way.join("\n  "));
    }
    if let Some(way) = found.stuck {
        panic!("no end within reach, after {} steps:\n  {}", way.len(), way.join("\n  "));
    }
}

fn missed(bound: Bound) {
    let found = Search::new(bound).run();
    let broken = bound.broken;
    let (harm, way) = found.harm.unwrap_or_else(|| panic!("nothing missed {broken:?} in {} states", found.states));
    println!(
        "without {broken:?}, among {} states in {:.1} s: {harm}, after {} steps:\n  {}",
        found.states,
        found.seconds,
        way.len(),
        way.join("\n  ")
    );
}

#[test]
fn the_engine_does_no_harm_to_an_order_that_is_charged_and_shipped_elsewhere() {
    whole(WHOLE);
    whole(Bound { cuts: false, cancels: 0, expiries: 0, ..WHOLE });
    whole(Bound { cuts: false, takeovers: 0, expiries: 0, ..WHOLE });
}

#[test]
fn the_engine_does_no_harm_to_an_order_that_is_captured_by_hand() {
    whole(Bound { cancels: 0, expiries: 0, ..BY_HAND });
    whole(Bound { takeovers: 0, expiries: 0, ..BY_HAND });
    whole(Bound { takeovers: 0, cancels: 0, ..BY_HAND });
    whole(Bound { crashes: 0, expiries: 0, ..BY_HAND });
    whole(Bound { crashes: 0, cancels: 0, ..BY_HAND });
}

#[test]
fn the_engine_does_no_harm_to_an_order_with_no_local_participant() {
    whole(Bound { cancels: 0, expiries: 0, ..ALL_REMOTE });
    whole(Bound { crashes: 0, expiries: 0, ..ALL_REMOTE });
    whole(Bound { crashes: 0, cancels: 0, ..ALL_REMOTE });
}

#[test]
fn the_engine_does_no_harm_to_an_order_that_is_submitted_twice_and_whose_actor_may_die() {
    whole(Bound { plan: PAYMENT, submits: 2, panics: true, cuts: false, cancels: 0, expiries: 0, ..WHOLE });
}

#[test]
fn the_engine_does_no_harm_to_an_order_with_a_step_of_its_own() {
    for own in [CHECKED, POINTS] {
        whole(Bound { cancels: 0, expiries: 0, ..own });
        whole(Bound { takeovers: 0, expiries: 0, ..own });
        whole(Bound { takeovers: 0, cancels: 0, ..own });
        whole(Bound { crashes: 0, expiries: 0, ..own });
        whole(Bound { crashes: 0, cancels: 0, ..own });
        whole(Bound { crashes: 0, takeovers: 0, ..own });
    }
    whole(Bound { crashes: 0, ..ALONE });
    whole(Bound { takeovers: 0, ..ALONE });
}

/// At bounds at which the engine, as it is, was gone through whole above.
#[test]
fn without_its_mechanisms_the_engine_does_harm_to_a_step_of_ones_own() {
    for own in [CHECKED, POINTS].map(|own| Bound { crashes: 0, takeovers: 0, expiries: 0, ..own }) {
        missed(Bound { broken: Broken::Guard, ..own });
        missed(Bound { broken: Broken::Key, ..own });
        missed(Bound { broken: Broken::Intent, ..own });
    }
    missed(Bound { broken: Broken::Tombstone, crashes: 0, ..ALONE });
}

/// The search sees not only what goes wrong, but also what never comes.
#[test]
fn without_a_sweep_the_engine_leaves_orders_without_an_end() {
    let found =
        Search::new(Bound { broken: Broken::Sweep, cuts: false, takeovers: 0, cancels: 0, expiries: 0, ..WHOLE }).run();
    let way = found.stuck.expect("an order without an end");
    println!("without a sweep: no end within reach, after {} steps:\n  {}", way.len(), way.join("\n  "));
}

#[test]
fn without_the_version_guard_the_engine_does_harm() {
    missed(Bound { broken: Broken::Guard, ..WHOLE });
}

#[test]
fn where_an_order_is_stored_over_another_the_engine_does_harm() {
    missed(Bound { broken: Broken::Absent, submits: 2, ..WHOLE });
}

#[test]
fn without_tombstones_the_engine_does_harm() {
    missed(Bound { broken: Broken::Tombstone, ..WHOLE });
    missed(Bound { broken: Broken::Tombstone, ..BY_HAND });
}

#[test]
fn without_keys_the_engine_does_harm() {
    missed(Bound { broken: Broken::Key, ..WHOLE });
}

#[test]
fn where_a_call_leaves_before_its_intent_is_committed_the_engine_does_harm() {
    missed(Bound { broken: Broken::Intent, ..WHOLE });
}

#[test]
fn where_a_client_is_answered_before_the_commit_the_engine_does_harm() {
    missed(Bound { broken: Broken::Reply, ..WHOLE });
}

#[test]
fn where_the_engine_takes_a_timeout_for_a_refusal_it_does_harm() {
    missed(Bound { broken: Broken::Unknown, ..WHOLE });
}

#[test]
fn where_the_engine_does_not_undo_an_unknown_payment_it_does_harm() {
    missed(Bound { broken: Broken::UndoUnknown, ..WHOLE });
}

#[test]
fn where_the_engine_calls_an_order_cancelled_before_its_undo_it_does_harm() {
    missed(Bound { broken: Broken::UndoFirst, ..WHOLE });
}

#[test]
fn where_the_engine_undoes_forwards_it_does_harm() {
    missed(Bound { broken: Broken::Reverse, ..WHOLE });
}
