//! The scenarios, each a function with its own checks. Those with local participants share one database, so each has ids
//! and SKUs of its own; each with remote ones has a database and a ledger to itself.

/// The list of a module's scenarios that are played in a fleet.
macro_rules! in_a_fleet {
    ($($name:literal, $about:literal, $setup:expr, $play:path;)*) => {
        /// All of them, in the order in which they are played.
        pub fn all() -> Vec<Scenario> {
            vec![$(Scenario {
                name: $name,
                about: $about,
                stage: Stage::Remote($setup, |fleet| Box::pin($play(fleet))),
            },)*]
        }
    };
}

mod actors;
mod commit;
mod crashes;
mod crowds;
mod events;
mod remote;

use futures_util::future::LocalBoxFuture;

use super::fleet::{Fleet, Setup};
use super::world::{DrillError, Flavour, World};

/// What a scenario proved, or why it could not be carried through. What broke stands in the tale.
pub type Proved = Result<String, DrillError>;

/// One way to break it.
pub struct Scenario {
    /// Its name on the command line.
    pub name: &'static str,
    /// What happens, in a line.
    pub about: &'static str,
    /// Where it is played.
    pub stage: Stage,
}

/// Where a scenario is played, and how.
pub enum Stage {
    /// In the one program, configured so, with all participants local.
    Alone(Flavour, for<'a> fn(&'a mut World) -> LocalBoxFuture<'a, Proved>),
    /// With remote participants.
    Remote(Setup, PlayRemote),
}

/// How a scenario with remote participants is played.
pub type PlayRemote = for<'a, 'w> fn(&'a mut Fleet<'w>) -> LocalBoxFuture<'a, Proved>;

/// All of them, in the order in which they are played.
pub fn all() -> Vec<Scenario> {
    let mut all = alone();
    all.extend(remote::all());
    all.extend(events::all());
    all
}

macro_rules! scenarios {
    ($($name:literal, $about:literal, $play:path $(, $flavour:ident)?;)*) => {
        /// Those in which all participants are local.
        fn alone() -> Vec<Scenario> {
            vec![$(Scenario {
                name: $name,
                about: $about,
                stage: Stage::Alone(scenarios!(@ $($flavour)?), |world| Box::pin($play(world))),
            },)*]
        }
    };
    (@) => { Flavour::Plain };
    (@ $flavour:ident) => { Flavour::$flavour };
}

scenarios! {
    "crash-after-order-insert", "a failure after the order is inserted and before its stock is taken",
        commit::crash_after_order_insert;
    "error-after-begin", "the first statement of a commit fails", commit::after_begin;
    "error-after-keys-insert", "a failure between the idempotency keys and the orders", commit::after_keys;
    "error-after-orders-update", "a failure between the orders that moved on and the payments", commit::after_update;
    "error-after-payments", "a failure after the payments", commit::after_payments;
    "error-after-events-insert", "a failure between the events and the stock", commit::after_events;
    "error-after-inventory-update", "a failure between the stock and the end", commit::after_stock;
    "error-before-commit", "a failure as the last thing before COMMIT", commit::before_commit;
    "committer-panics", "the code that commits panics in the middle of its transaction", commit::committer_panics;
    "connection-killed-before-commit", "the committer's connection is killed before COMMIT", commit::connection_killed;
    "reply-lost-after-commit", "COMMIT takes effect and its reply is lost", commit::reply_lost;
    "poisonous-order-in-a-batch", "one order of a batch of 40 cannot be written", commit::poisonous_order;
    "actor-panics-before-commit", "an order's actor panics, with 16 repeats behind it", actors::panics_before_commit;
    "actor-panics-after-commit", "an order's actor panics when its commit is confirmed", actors::panics_after_commit;
    "shard-dies", "a shard dies with orders in flight", actors::shard_dies;
    "retry-storm", "64 clients send the same 20 orders at once", crowds::retry_storm;
    "short-stock-rush", "300 buyers want 100 units", crowds::short_stock_rush;
    "kill-postgres-under-load", "kill -9 of PostgreSQL while clients submit", crashes::kill_postgres;
    "kill-engine-during-commits", "kill -9 of the engine while 32 clients submit", crashes::kill_engine;
    "engine-crash-before-commit", "the engine's process aborts right before COMMIT", crashes::before_commit;
    "engine-crash-after-commit", "the engine's process aborts right after COMMIT", crashes::after_commit;
    "killer-command-quarantined", "a command kills every actor that gets it", actors::killer_command;
    "quarantine-of-a-stored-order", "the repeats of a completed order kill its actors", actors::stored_killer;
    "actor-hangs", "an order's actor hangs for 3 s, and is replaced", actors::hangs, QuickToReplace;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = all().iter().map(|scenario| scenario.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(count >= 50);
    }
}
