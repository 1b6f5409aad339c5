//! Who asks for what: shops with orders, their verbs, their retries, their mistakes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::{
    Ask, Prepared, PreparedVerb, Reply, Standing, Submission, SubmitError, SubmitResult, VerbCall, VerbRequest,
};
use counterfoil::saga::{Amount, Capture, Client, IdempotencyKey, OrderId, Request, Restock};

use super::rng::{Rng, mix};
use crate::support::orders::request;

/// What is on the shelves. The last one runs short; none is named `GHOST`.
pub const STOCKED: [(&str, i64); 4] = [("A", 1_000_000), ("B", 60), ("C", 25), ("D", 3)];

/// Where a task stands.
#[derive(Debug)]
pub enum Phase {
    /// Asks when another task has its answer.
    After(usize),
    /// Asks not before then.
    Idle(Instant),
    /// Waits for an answer of this engine, as this waiter.
    Waiting { engine: usize, waiter: usize, since: Instant },
    /// Has its answer, or asks no more.
    Done,
}

/// One request that a client repeats until it has an answer.
pub struct Task {
    pub ask: Arc<Ask>,
    pub phase: Phase,
    pub tries: u32,
    /// How long it waits for the end of a running order: `Prefer: wait`.
    pub wait: Duration,
    /// Whether it asks again after whatever it heard that is no answer.
    pub repeats: bool,
}

impl Task {
    /// When it asks, where it only waits for the time.
    pub fn idle_until(&self) -> Option<Instant> {
        match self.phase {
            Phase::Idle(at) => Some(at),
            Phase::After(_) | Phase::Waiting { .. } | Phase::Done => None,
        }
    }
}

/// Whether a client repeats its request after this.
pub fn repeats(verdict: &SubmitResult) -> bool {
    match verdict {
        Ok(Reply::Final { .. }) => false,
        Ok(Reply::Running { .. }) => true,
        Err(
            SubmitError::Overloaded
            | SubmitError::Locked { .. }
            | SubmitError::TooEarly { .. }
            | SubmitError::Unavailable(_)
            | SubmitError::Internal(_),
        ) => true,
        Err(
            SubmitError::Nameless
            | SubmitError::Invalid { .. }
            | SubmitError::UnknownSku { .. }
            | SubmitError::NotFound { .. }
            | SubmitError::Refused(_)
            | SubmitError::OrderExists { .. }
            | SubmitError::KeyReused { .. }
            | SubmitError::TooManyKeys { .. },
        ) => false,
    }
}

fn basket(rng: &mut Rng) -> Request {
    let mut lines = Vec::new();
    for _ in 0..=rng.below(3) {
        let sku = if rng.one_in(40) { "GHOST" } else { rng.pick(&STOCKED).0 };
        lines.push((sku, 1 + i64::try_from(rng.below(3)).expect("small")));
    }
    let method = if rng.one_in(8) { "pm_declined" } else { "pm_ok" };
    let mut request = request(&lines, method);
    if rng.one_in(8) {
        request.details.ship_to.postal_code = "SHIP-FAIL".into();
    }
    if rng.one_in(3) {
        request.details.capture = Capture::Manual;
    }
    request
}

/// The submissions of one order: its request, repeats of it with the same names, with others, and with other content.
fn submissions(number: usize, keys: &[String], rng: &mut Rng) -> Vec<Submission> {
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
    for _ in 0..rng.below(3) {
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

/// A refund of some of the order, sometimes with goods that come back; now and then of too much.
fn refund(order: &Request, rng: &mut Rng) -> VerbRequest {
    let amount = order.amount().map_or(0, |amount| amount.0);
    let part = amount / [1, 2, 2, 3][rng.below(4)] + i64::from(rng.one_in(16)) * amount;
    let units = 1 + 50 * i64::from(rng.one_in(12)); // more than was shipped
    let restock = |line: &counterfoil::saga::Line| Restock { sku: line.sku.clone(), quantity: units };
    let restock = if rng.one_in(3) { order.lines.first().map(restock).into_iter().collect() } else { Vec::new() };
    VerbRequest::Refund { amount: Amount(part), reason: "came back".into(), restock }
}

/// The verbs of one order, each with whether it is asked once the order has its answer, and repeats of some of them.
fn verbs(order: &Prepared, rng: &mut Rng) -> Vec<(VerbCall, bool)> {
    let mut all = Vec::new();
    let mut ask = |request: VerbRequest, key: String, later: bool, rng: &mut Rng| {
        let (by, key) = (order.client.clone(), Some(IdempotencyKey::trusted(key)));
        let order_id = order.id.clone();
        let call = VerbCall {
            order_id,
            by,
            standing: Standing::Client,
            key,
            version: None,
            reason: "as asked".into(),
            request,
        };
        if rng.one_in(3) {
            all.push((call.clone(), later));
        }
        if rng.one_in(12) {
            all.push((VerbCall { reason: "as asked otherwise".into(), ..call.clone() }, later)); // the same key
        }
        all.push((call, later));
    };
    if rng.one_in(5) {
        let late = rng.one_in(4);
        ask(VerbRequest::Cancel, "cancel".into(), late, rng);
    }
    if order.request.is_manual() && !rng.one_in(4) {
        let all = order.request.amount().map_or(1, |amount| amount.0);
        let amount = match rng.below(12) {
            0..=3 => Some(Amount(all / 2)),
            4 => Some(Amount(all + 1)), // more than is held
            _ => None,
        };
        ask(VerbRequest::Capture { amount }, "capture".into(), true, rng);
    }
    if rng.one_in(4) {
        for number in 0..=rng.below(3) {
            let (refund, later) = (refund(&order.request, rng), !rng.one_in(8));
            ask(refund, format!("refund-{number}"), later, rng);
        }
    }
    all
}

const WAITS: [Duration; 3] = [Duration::ZERO, Duration::from_millis(60), Duration::from_millis(1_500)];

/// All tasks of a world with so many orders.
///
/// Each order has its own chance, so that one that is left out leaves the others as they are.
pub fn tasks(orders: usize, now: Instant, seed: u64) -> Vec<Task> {
    let keys: Vec<String> = (0..orders.div_ceil(5)).map(|n| format!("key-{n}")).collect();
    let mut tasks = Vec::with_capacity(4 * orders);
    let task = |ask, phase, rng: &mut Rng| Task {
        ask: Arc::new(ask),
        phase,
        tries: 0,
        wait: *rng.pick(&WAITS),
        repeats: true,
    };
    for number in 0..orders {
        let first = tasks.len();
        let rng = &mut Rng::new(mix(seed) ^ mix(number as u64));
        let soon = |rng: &mut Rng| now + Duration::from_micros(rng.below(300_000) as u64);
        for submission in submissions(number, &keys, rng) {
            let prepared = Prepared::new(submission).expect("every submission has a name");
            tasks.push(task(Ask::Submit(prepared), Phase::Idle(soon(rng)), rng));
        }
        let asked = Arc::clone(&tasks[first].ask);
        let Ask::Submit(original) = &*asked else { unreachable!("the first is a submission") };
        for (call, later) in verbs(original, rng) {
            let phase = if later { Phase::After(first) } else { Phase::Idle(soon(rng)) };
            tasks.push(task(Ask::Verb(PreparedVerb::new(call)), phase, rng));
        }
    }
    tasks
}

/// An operator's verb. Nobody repeats it.
pub fn operator(id: &OrderId, request: VerbRequest, now: Instant) -> Task {
    let by = Client::trusted("operator");
    let (order_id, reason) = (id.clone(), "as seen".into());
    let call = VerbCall { order_id, by, standing: Standing::Operator, key: None, version: None, reason, request };
    let ask = Arc::new(Ask::Verb(PreparedVerb::new(call)));
    Task { ask, phase: Phase::Idle(now), tries: 0, wait: Duration::ZERO, repeats: false }
}
