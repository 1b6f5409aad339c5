//! Who asks for what: shops with orders, their retries, their mistakes.

use std::sync::Arc;
use std::time::Instant;

use counterfoil::engine::{Prepared, Submission, SubmitError, Verdict};
use counterfoil::saga::{Client, IdempotencyKey, OrderId, Request};

use super::rng::Rng;
use crate::support::engine::request;

/// What is on the shelves. The last one runs short; none is named `GHOST`.
pub const STOCKED: [(&str, i64); 4] = [("A", 1_000_000), ("B", 60), ("C", 25), ("D", 3)];

/// Where a task stands.
#[derive(Debug)]
pub enum Phase {
    /// Asks not before then.
    Idle(Instant),
    /// Waits for an answer of this engine, as this waiter.
    Waiting { engine: usize, waiter: usize, since: Instant },
    /// Has its answer.
    Done,
}

/// One request that a client repeats until it has an answer.
pub struct Task {
    pub prepared: Arc<Prepared>,
    pub phase: Phase,
    pub tries: u32,
}

/// Whether a client repeats its request after this.
pub fn repeats(verdict: &Verdict) -> bool {
    match verdict {
        Ok(_) => false,
        Err(SubmitError::Overloaded | SubmitError::Unavailable(_) | SubmitError::Internal(_)) => true,
        Err(
            SubmitError::Nameless
            | SubmitError::Invalid { .. }
            | SubmitError::UnknownSku { .. }
            | SubmitError::OrderExists { .. }
            | SubmitError::KeyReused { .. },
        ) => false,
    }
}

fn basket(rng: &mut Rng) -> Request {
    let mut lines = Vec::new();
    for _ in 0..=rng.below(3) {
        let sku = if rng.one_in(40) { "GHOST" } else { rng.pick(&STOCKED).0 };
        lines.push((sku, 1 + i64::try_from(rng.below(3)).expect("small")));
    }
    let method = if rng.one_in(6) { "pm_declined" } else { "pm_ok" };
    let mut request = request(&lines, method);
    if rng.one_in(8) {
        request.details.ship_to.postal_code = "SHIP-FAIL".into();
    }
    request
}

/// The tasks of one order: its request, repeats of it with the same names, with others, and with other content.
fn of_order(number: usize, keys: &[String], rng: &mut Rng) -> Vec<Submission> {
    let client = Client::trusted(if rng.one_in(4) { "shop-2" } else { "shop-1" });
    let key = |name: &String| IdempotencyKey::trusted(name.as_str());
    let id = OrderId::trusted(format!("O-{number}"));
    let (order_id, first_key) = match rng.below(4) {
        0 => (None, Some(IdempotencyKey::trusted(format!("only-{number}")))),
        1 => (Some(id), Some(key(rng.pick(keys)))),
        2 => (Some(id), Some(IdempotencyKey::trusted(format!("with-{number}")))),
        _ => (Some(id), None),
    };
    let original = Submission { client, order_id, key: first_key, request: Arc::new(basket(rng)) };
    let mut all = vec![original.clone()];
    for _ in 0..rng.below(4) {
        let mut again = original.clone();
        match rng.below(8) {
            0 => again.request = Arc::new(basket(rng)),
            1 if again.order_id.is_some() => again.key = Some(key(rng.pick(keys))),
            2 if again.order_id.is_some() => again.key = None,
            3 if again.order_id.is_some() => again.client = Client::trusted("shop-3"),
            _ => {}
        }
        all.push(again);
    }
    all
}

/// All tasks of a world with so many orders.
pub fn tasks(orders: usize, now: Instant, rng: &mut Rng) -> Vec<Task> {
    let keys: Vec<String> = (0..orders.div_ceil(5)).map(|n| format!("key-{n}")).collect();
    let submissions = (0..orders).flat_map(|number| of_order(number, &keys, rng)).collect::<Vec<_>>();
    let task = |submission| Task {
        prepared: Arc::new(Prepared::new(submission).expect("every submission has a name")),
        phase: Phase::Idle(now),
        tries: 0,
    };
    submissions.into_iter().map(task).collect()
}
