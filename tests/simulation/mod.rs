//! Promise: whatever crashes, hangs, repeats or races, every order takes effect at most once and ends with one answer, and
//! every event of it is published, in order.
//!
//! What runs is `tests/support/simulation/mod.rs`. A failure names the world's seed, and tells the shortest trace that is found
//! of it; `SIM_SEED=<seed>` runs that world alone. `SIM_ORDERS=<n>` sets how many orders are simulated, `SIM_START=<seed>` where
//! the seeds begin. `make simulate` does the same for a night, and asks for all that is rare.

mod found;

use counterfoil::saga::State;

use crate::support::simulation::chance::Fault;
use crate::support::simulation::coverage::Coverage;
use crate::support::simulation::shrink::{self, Script, Subject};
use crate::support::simulation::transitions::{TRANSITIONS, UNREACHED};
use crate::support::simulation::world::{Trace, World};
use crate::support::simulation::{DANGERS, Mutation, ORDERS_PER_WORLD, number, run, subject, told};

/// So many meet every fault and every danger, the rarest of them once or a few times. What is rarer is asked of `make simulate`.
const ENOUGH: usize = 20_000;

#[test]
fn every_order_ends_with_one_answer_whatever_goes_wrong() {
    let worlds = match (number("SIM_SEED"), number("SIM_ORDERS")) {
        (Some(seed), _) => seed..=seed,
        (None, orders) => {
            let start = number("SIM_START").unwrap_or(1);
            start..=start + orders.unwrap_or(ENOUGH as u64).div_ceil(ORDERS_PER_WORLD as u64) - 1
        }
    };
    let (began, mut simulated, mut coverage) = (std::time::Instant::now(), 0, Coverage::default());
    for seed in worlds {
        match run(seed, Mutation::None) {
            Ok(more) => {
                simulated += ORDERS_PER_WORLD;
                coverage.add(&more);
            }
            Err(_) => {
                panic!("{}\nagain: SIM_SEED={seed} cargo test --test promises simulation", told(seed, Mutation::None))
            }
        }
    }
    println!("{simulated} orders simulated in {:.1?}\n{}", began.elapsed(), coverage.table());
    if simulated >= ENOUGH {
        let missed = coverage.missed(&DANGERS);
        assert!(missed.is_empty(), "the simulation never met {missed:?}");
    }
}

#[test]
fn a_seed_says_all() {
    let steps = || {
        let Subject { seed, orders, chaos, mutation } = subject(1, Mutation::None);
        let mut world = World::new(seed, orders, chaos, mutation);
        world.trace = Some(Trace::whole());
        world.run().expect("all is well");
        world.trace.map(Trace::into_lines)
    };
    assert_eq!(steps(), steps(), "the same seed, the same steps");
}

/// The violation that a mutation leads to within a few worlds: one of those that are expected of it.
#[track_caller]
fn found(mutation: Mutation, expected: &[&str]) {
    let found = (1..=1_000).find_map(|seed| Some((seed, run(seed, mutation).err()?)));
    let (seed, violation) = found.unwrap_or_else(|| panic!("{mutation:?} was not found"));
    println!("{mutation:?}: {violation}");
    let known = expected.iter().any(|expected| violation.contains(expected));
    assert!(known, "{mutation:?} was found as something else: {}", told(seed, mutation));
}

#[test]
fn a_store_that_ignores_the_guard_of_a_new_order_is_found() {
    let made_twice =
        ["answer", "does not follow from its events", "does not differ", "is reused", "twice as the first", "another"];
    found(Mutation::IgnoresAbsentGuard, &made_twice);
}

#[test]
fn a_store_that_binds_no_keys_is_found() {
    found(Mutation::DropsKeys, &["under a key that it does not hold", "its key is not bound"]);
}

#[test]
fn a_store_that_answers_before_it_commits_is_found() {
    found(
        Mutation::AnswersBeforeCommit,
        &["before it was stored", "before the order was stored", "before it was intended"],
    );
}

#[test]
fn a_shard_that_believes_the_dead_is_found() {
    // Whoever waits hears what a dead actor said to somebody else: to a submission, a verb's refusal.
    let doubled = [
        "answer",
        "a key that it does not hold",
        "its key is not bound",
        "told what only",
        "at the door",
        "told to differ",
        "told that there is no order",
    ];
    found(Mutation::ForgetsGenerations, &doubled);
}

#[test]
fn a_store_that_says_an_outcome_twice_is_found() {
    found(Mutation::EchoesLate, &["answer", "is reused", "twice as the first", "does not differ"]);
}

#[test]
fn a_store_that_ignores_versions_is_found() {
    found(
        Mutation::IgnoresVersions,
        &["must be", "must have", "after it was", "without stock", "unpaid", "twice", "no end", "do not replay"],
    );
}

#[test]
fn participants_that_forget_keys_are_found() {
    // Or the repeat is refused, since the first one took the last of the stock.
    found(Mutation::ForgetsKeys, &["twice", "must have its stock"]);
}

#[test]
fn participants_that_keep_no_tombstones_are_found() {
    let left_outside = ["after it was CANCELLED", "CANCELLED, and must have", "without stock", "unpaid"];
    found(Mutation::KeepsNoTombstones, &left_outside);
}

#[test]
fn a_timeout_that_counts_as_a_refusal_is_found() {
    found(Mutation::TakesUnknownForRefused, &["must be", "must have", "after it was CANCELLED", "without stock"]);
}

#[test]
fn an_acceptance_that_counts_as_done_is_found() {
    found(
        Mutation::TakesPendingForDone,
        &["must be", "must have", "without stock", "unpaid", "more than was captured"],
    );
}

#[test]
fn refunds_that_count_late_are_found() {
    // The row counts another sum than its events: which of the three is met first is a matter of the seeds.
    let late = ["more than was captured", "refunded in the row", "its events do not replay to it"];
    found(Mutation::CountsRefundsLate, &late);
}

#[test]
fn an_order_that_goes_on_though_it_waits_for_a_human_is_found() {
    found(Mutation::PursuesAttention, &["while the order waits for a human"]);
}

#[test]
fn a_sink_that_forgets_its_fences_is_found() {
    found(Mutation::ForgetsFences, &["told twice", "was told before"]);
}

#[test]
fn a_sink_whose_cursor_is_ahead_of_its_events_is_found() {
    found(Mutation::MovesCursorsFirst, &["was told before", "was never told"]);
}

#[test]
fn a_relay_that_remembers_the_highest_number_alone_is_found() {
    found(Mutation::RemembersTheHighest, &["was told before", "was never told"]);
}

#[test]
fn what_a_run_did_not_meet_is_named() {
    let missed = Coverage::default().missed_at_scale();
    let is_named = |what: &str| missed.iter().any(|missed| missed.ends_with(what));
    assert!(TRANSITIONS.iter().all(|one| is_named(one) != UNREACHED.iter().any(|(unreached, _)| unreached == one)));
    assert!(is_named("the refusal NotDue") && !is_named("the refusal Cloned"), "{missed:?}");
    let missed = Coverage::default().missed(&["actors that died"]);
    assert_eq!(missed.len(), Fault::ALL.len() + 1, "{missed:?}");
    // And what was met is no longer missed; nor may what cannot be met, or is no transition, be met in silence.
    let mut met = Coverage::default();
    met.refused("Cloned");
    met.moves.count(Some(State::Created), "inventory.reserved", State::InventoryReserved);
    met.moves.count(Some(State::Cancelled), "order.completed", State::Completed);
    let missed = met.missed_at_scale();
    let is_told = |what: &str| missed.iter().any(|missed| missed.contains(what));
    assert!(!is_told("CREATED inventory.reserved INVENTORY_RESERVED"));
    assert!(is_told("the refusal Cloned is met") && is_told("CANCELLED order.completed COMPLETED is met"));
}

/// The failure of a participant that takes a repeat for a new call needs a repeat, and next to nothing else.
#[test]
fn a_failure_shrinks_to_what_it_needs() {
    let mutation = Mutation::ForgetsKeys;
    let twice = |seed: u64| Some((seed, run(seed, mutation).err().filter(|violation| violation.contains("twice"))?));
    let (seed, first) = (1..=1_000).find_map(twice).expect("it is found");
    let subject = subject(seed, mutation);
    let shrunk = subject.shrink().expect("it fails again");
    println!("{shrunk}");
    assert_eq!(shrink::law(&shrunk.violation), shrink::law(&first), "for the same reason");
    let Script { tasks, choices } = &shrunk.script;
    assert!(tasks.len() <= 3 && choices.len() <= 6 && shrunk.trace.len() <= 60, "it is not short: {shrunk}");
    let fails = |script: &Script| {
        let violation = subject.run(script).map(|(violation, _)| shrink::law(&violation));
        violation == Some(shrink::law(&first))
    };
    assert!(fails(&shrunk.script), "what is left fails by itself");
    for choice in choices {
        let mut without = shrunk.script.clone();
        without.choices.remove(choice);
        assert!(!fails(&without), "it does without: {choice}");
    }
    for task in tasks {
        let mut without = shrunk.script.clone();
        without.tasks.remove(task);
        assert!(!fails(&without), "it does without the request {task}");
    }
}

/// Safety rests on guards, keys and tombstones: who holds an order only saves work.
#[test]
fn leases_are_no_promise() {
    for seed in number("SIM_SEED").map_or(1..=60, |seed| seed..=seed) {
        let run = run(seed, Mutation::IgnoresLeases);
        assert!(run.is_ok(), "{}", told(seed, Mutation::IgnoresLeases));
    }
}
