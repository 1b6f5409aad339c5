//! Random sequences of writes, applied to both stores: equal outcomes, equal contents.

use counterfoil::ports::{CommitError, CommitResult, Guard};
use counterfoil::saga::{Command, Order, Outcome, due};
use proptest::prelude::*;

use super::bench::{Bench, LOCAL, REMOTE_PAYMENT, claim, keyed, new_order, next, scope, wants};
use crate::support::saga::{Participants, commands, outcomes};

const ORDERS: u8 = 5;
const KEYS: u8 = 3;
const SKUS: [&str; 3] = ["A", "B", "NEVER-STOCKED"];

/// One thing done to a store.
#[derive(Debug, Clone)]
enum Op {
    /// A submission, under a key or none.
    Place { order: u8, quantities: [i64; 3], key: Option<u8>, local: usize },
    /// An answer to the call that is due, under the version that `behind` events ago was right.
    Answer { order: u8, outcome: usize, behind: i32 },
    /// Any command to an order.
    Say { order: u8, command: usize, key: Option<u8> },
    /// A key bound to an order that exists.
    Bind { order: u8, key: u8 },
    /// Stock by hand.
    Set { sku: usize, on_hand: i64 },
    /// The same, relative and under a key.
    Adjust { sku: usize, delta: i64, key: u8, content: u8 },
}

const LOCALS: [Participants; 4] = [
    LOCAL,
    Participants { declines: true, ..LOCAL },
    REMOTE_PAYMENT,
    Participants { carrier_refuses: true, ..REMOTE_PAYMENT },
];

fn op() -> impl Strategy<Value = Op> {
    let key = prop::option::of(0..KEYS);
    let quantities = prop_oneof![8 => (0..4i64, 0..3i64, Just(0i64)), 1 => (0..2i64, 0..2i64, 0..2i64)];
    prop_oneof![
        6 => (0..ORDERS, quantities, key.clone(), 0..LOCALS.len())
            .prop_map(|(order, (a, b, c), key, local)| Op::Place { order, quantities: [a, b, c], key, local }),
        6 => (0..ORDERS, 0..outcomes().len(), prop_oneof![4 => Just(0), 1 => 1..3i32])
            .prop_map(|(order, outcome, behind)| Op::Answer { order, outcome, behind }),
        4 => (0..ORDERS, 0..commands().len(), key)
            .prop_map(|(order, command, key)| Op::Say { order, command, key }),
        1 => (0..ORDERS, 0..KEYS).prop_map(|(order, key)| Op::Bind { order, key }),
        2 => (0..2usize, -1..12i64).prop_map(|(sku, on_hand)| Op::Set { sku, on_hand }),
        2 => (0..2usize, -6..6i64, 0..KEYS, 0..2u8)
            .prop_map(|(sku, delta, key, content)| Op::Adjust { sku, delta, key, content }),
    ]
}

fn name(order: u8) -> String {
    format!("O-{order}")
}

fn key_name(key: u8) -> String {
    format!("k-{key}")
}

/// The texts of refusals are each store's own.
fn comparable(result: CommitResult) -> CommitResult {
    match result {
        Err(CommitError::Refused(_)) => Err(CommitError::Refused(String::new())),
        other => other,
    }
}

/// The participants of a stored order: a store asks them only for a new one.
fn participants(order: &Order) -> Participants {
    Participants { plan: order.plan, carrier_refuses: order.version % 2 == 0, ..LOCAL }
}

fn with_key(write: counterfoil::ports::Write, key: Option<u8>) -> counterfoil::ports::Write {
    match key {
        Some(key) => keyed(write, &key_name(key)),
        None => write,
    }
}

/// Does it, and says what came of it; what a write is made of is read from the store itself.
async fn perform(bench: &Bench, op: &Op) -> String {
    let known = |order: u8| async move { bench.load(&name(order)).await.map(|stored| stored.order) };
    match *op {
        Op::Place { order, quantities, key, local } => {
            let lines: Vec<_> = SKUS.into_iter().zip(quantities).filter(|(_, quantity)| *quantity > 0).collect();
            if lines.is_empty() {
                return "no lines".into();
            }
            let write = new_order(&name(order), wants(&lines), LOCALS[local]);
            format!("{:?}", comparable(bench.commit(with_key(write, key)).await))
        }
        Op::Answer { order, outcome, behind } => {
            let Some(order) = known(order).await else { return "no order".into() };
            let Some(call) = due(&order) else { return "nothing due".into() };
            let outcome: Outcome = outcomes().swap_remove(outcome).1;
            let command = Command::Outcome { action: call.action, outcome };
            let Some(mut write) = next(&order, command, participants(&order)) else { return "refused".into() };
            write.guard = Guard::Version(order.version - behind);
            format!("{:?}", comparable(bench.commit(write).await))
        }
        Op::Say { order, command, key } => {
            let Some(order) = known(order).await else { return "no order".into() };
            let command = commands().swap_remove(command).1;
            let Some(write) = next(&order, command, participants(&order)) else { return "refused".into() };
            format!("{:?}", comparable(bench.commit(with_key(write, key)).await))
        }
        Op::Bind { order, key } => {
            let Some(order) = known(order).await else { return "no order".into() };
            let write = new_order(order.id.as_str(), (*order.request).clone(), LOCAL);
            format!("{:?}", bench.store.bind_key(claim(&key_name(key), &write)).await)
        }
        Op::Set { sku, on_hand } => format!("{:?}", bench.stock(SKUS[sku], on_hand).await),
        Op::Adjust { sku, delta, key, content } => {
            format!("{:?}", bench.adjust(SKUS[sku], delta, &key_name(key), content).await)
        }
    }
}

/// All that a store tells of what it holds.
async fn contents(bench: &Bench) -> Vec<String> {
    let mut told = Vec::new();
    for order in 0..ORDERS {
        let stored = bench.replayed(&name(order)).await;
        let events = bench.store.events(counterfoil::saga::OrderId::trusted(name(order))).await;
        told.push(format!("{stored:?} {events:?}"));
    }
    for sku in SKUS {
        told.push(format!("{sku}: {:?}", bench.shelf(sku).await));
    }
    for key in 0..KEYS {
        told.push(format!("{key}: {:?}", bench.store.find_key(scope(&key_name(key))).await));
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_writes_have_the_same_outcome_on_both(ops in prop::collection::vec(op(), 1..100)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("make a runtime").block_on(async {
            let (model, postgres) = (Bench::model(), Bench::postgres().await);
            for bench in [&model, &postgres] {
                bench.stock("A", 6).await;
                bench.stock("B", 20).await;
            }
            for (step, op) in ops.iter().enumerate() {
                let (expected, found) = (perform(&model, op).await, perform(&postgres, op).await);
                assert_eq!(expected, found, "step {step}: {op:?}");
            }
            assert_eq!(contents(&model).await, contents(&postgres).await);
        });
    }
}
