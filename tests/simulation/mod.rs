//! Promise: whatever crashes, hangs, repeats or races, every order takes effect at most once and ends with one answer.
//!
//! The engine's own step functions (shard and order), the reference store and the local participants run under a
//! simulated clock and scheduler. Each world has its seed, 50 orders and about 125 clients; first things go wrong, then
//! nothing does and everybody must have an answer.
//!
//! A failure names the world's seed; `SIM_SEED=<seed>` runs that world alone. `SIM_ORDERS=<n>` sets how many orders are
//! simulated, `SIM_START=<seed>` where the seeds begin.

mod clients;
mod judge;
mod mail;
mod rng;
mod world;

use std::collections::BTreeMap;

use counterfoil::ports::{StockChange, Store};
use counterfoil::saga::{Answer, Client, Sku};
use counterfoil::store::model::ModelStore;
use futures_util::FutureExt;

use world::World;

const ORDERS_PER_WORLD: usize = 50;

/// How often things go wrong: once in so many times, 0 for never. The first three per step, the others per answer.
#[derive(Debug, Clone, Copy)]
pub struct Chaos {
    actor_crash: usize,
    actor_hang: usize,
    shard_crash: usize,
    read_lost: usize,
    commit_lost_before: usize,
    commit_lost_after: usize,
    commit_injected: usize,
    echo: usize,
}

impl Chaos {
    const NONE: Self = Self {
        actor_crash: 0,
        actor_hang: 0,
        shard_crash: 0,
        read_lost: 0,
        commit_lost_before: 0,
        commit_lost_after: 0,
        commit_injected: 0,
        echo: 0,
    };

    /// A bad day, a different one for each seed.
    fn of(seed: u64) -> Self {
        let mut rng = rng::Rng::new(!seed);
        let mut often = |most: usize| if rng.one_in(4) { 0 } else { most + rng.below(10 * most) };
        Self {
            actor_crash: often(10),
            actor_hang: often(15),
            shard_crash: often(150),
            read_lost: often(3),
            commit_lost_before: often(4),
            commit_lost_after: often(3),
            commit_injected: often(10),
            echo: often(3),
        }
    }
}

/// What the simulation breaks on purpose, to show that it would find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Nothing.
    None,
    /// The store takes an order that is there for a new one.
    IgnoresAbsentGuard,
    /// The store does not bind keys.
    DropsKeys,
    /// The store confirms what it never writes.
    AnswersBeforeCommit,
    /// The shard believes an actor that it had given up.
    ForgetsGenerations,
    /// The store says an outcome once more, whenever.
    EchoesLate,
}

/// Puts stock on a shelf.
fn stock(store: &ModelStore, sku: &str, on_hand: i64) {
    let render = |_: &_| Answer { status: 200, body: String::new() };
    let change = store.change_stock(Sku::trusted(sku), StockChange::Set(on_hand), Client::anonymous(), render);
    change.now_or_never().expect("the model does not wait").expect("set the stock");
}

/// How often what happened.
type Marks = BTreeMap<&'static str, usize>;

/// Runs a world; what happened in it, or what was violated, with the last steps before.
fn run(seed: u64, mutation: Mutation) -> Result<Marks, String> {
    let mut world = World::new(seed, ORDERS_PER_WORLD, Chaos::of(seed), mutation);
    match world.run() {
        Ok(()) => Ok(world.marks),
        Err(violation) => {
            let trace: Vec<String> = world.trace.into();
            Err(format!("{violation}\nseed {seed} ({mutation:?}); the last steps:\n  {}", trace.join("\n  ")))
        }
    }
}

/// Every danger that a run of some length must have met.
const DANGERS: [&str; 8] = [
    "actors that died",
    "actors that hung",
    "shards that died",
    "quarantines",
    "guards that held",
    "keys that were known",
    "outcomes that were lost",
    "late replies",
];

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

#[test]
fn every_order_ends_with_one_answer_whatever_goes_wrong() {
    let worlds = match (number("SIM_SEED"), number("SIM_ORDERS")) {
        (Some(seed), _) => seed..=seed,
        (None, orders) => {
            let start = number("SIM_START").unwrap_or(1);
            start..=start + orders.unwrap_or(10_000).div_ceil(ORDERS_PER_WORLD as u64) - 1
        }
    };
    let (began, mut simulated, mut marks) = (std::time::Instant::now(), 0, Marks::new());
    for seed in worlds {
        match run(seed, Mutation::None) {
            Ok(more) => {
                simulated += ORDERS_PER_WORLD;
                more.into_iter().for_each(|(what, times)| *marks.entry(what).or_default() += times);
            }
            Err(report) => panic!("{report}\nagain: SIM_SEED={seed} cargo test --test promises simulation"),
        }
    }
    println!("{simulated} orders simulated in {:.1?}: {marks:#?}", began.elapsed());
    if simulated >= 5_000 {
        let missed: Vec<_> = DANGERS.iter().filter(|danger| !marks.contains_key(*danger)).collect();
        assert!(missed.is_empty(), "the simulation never met {missed:?}");
    }
}

#[test]
fn a_seed_says_all() {
    let report = || run(1, Mutation::AnswersBeforeCommit);
    assert_eq!(report(), report(), "the same seed, the same steps");
}

/// The violation that a mutation leads to within a few worlds.
#[track_caller]
fn found(mutation: Mutation, expected: &str) {
    let report = (1..=200).find_map(|seed| run(seed, mutation).err());
    let report = report.unwrap_or_else(|| panic!("{mutation:?} was not found"));
    let violation = report.lines().next().unwrap_or_default();
    println!("{mutation:?}: {violation}");
    assert!(violation.contains(expected), "{mutation:?} was found as something else: {report}");
}

#[test]
fn a_store_that_ignores_the_guard_of_a_new_order_is_found() {
    found(Mutation::IgnoresAbsentGuard, "answer");
}

#[test]
fn a_store_that_binds_no_keys_is_found() {
    found(Mutation::DropsKeys, "answered under a key that it does not hold");
}

#[test]
fn a_store_that_answers_before_it_commits_is_found() {
    found(Mutation::AnswersBeforeCommit, "told its answer before it was stored");
}

#[test]
fn a_shard_that_believes_the_dead_is_found() {
    found(Mutation::ForgetsGenerations, "answer");
}

#[test]
fn a_store_that_says_an_outcome_twice_is_found() {
    found(Mutation::EchoesLate, "answer");
}
