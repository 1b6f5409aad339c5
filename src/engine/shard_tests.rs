use super::*;
use crate::engine::api::{Prepared, PreparedVerb, Submission, VerbCall, VerbRequest};
use crate::http::request::{Tokens, parse};
use crate::ports::Claimed;
use crate::saga::{Answer, Client, IdempotencyKey, State};

const ID: &str = "ORD-1";

fn submission() -> Arc<Ask> {
    let body = serde_json::json!({
        "order_id": ID, "customer_id": "cus-7", "currency": "USD", "payment_method": "pm_ok",
        "lines": [{"sku": "S", "quantity": 2, "unit_price": 50}],
        "ship_to": {"name": "A", "line1": "1", "city": "X", "postal_code": "1", "country": "US"},
    });
    let (order_id, request) = parse(body.to_string().as_bytes(), Tokens::ANY).expect("a request");
    let submission = Submission { client: Client::anonymous(), order_id, key: None, request: Arc::new(request) };
    Arc::new(Ask::Submit(Prepared::new(submission).expect("an order_id")))
}

fn running() -> Reply {
    Reply::Running {
        order_id: OrderId::trusted(ID),
        state: State::InventoryReserved,
        version: 2,
        amount: 100,
        currency: "USD".to_owned(),
        replayed: false,
    }
}

/// A shard with an order in flight that rests, whose client waits for so long; and what it did then.
fn rested(patience: Duration) -> (ShardCore<u8>, Vec<Output<u8>>) {
    let (now, id) = (Instant::now(), OrderId::trusted(ID));
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, mut out) = (ShardCore::new(settings), Vec::new());
    shard.step(Input::Ask { ask: submission(), waiter: Some(1), until: now + patience }, now, &mut out);
    let generation = 1;
    let verdict = Ok(running());
    shard.step(Input::Answered { id: id.clone(), generation, verdict, pursuing: true }, now, &mut out);
    assert_eq!(shard.actors(), 1, "it is pursued");
    out.clear();
    shard.step(Input::Moved { id, generation, reply: Some(running()), resting: true }, now, &mut out);
    (shard, out)
}

#[test]
fn an_order_that_waits_for_its_time_and_for_nobody_here_takes_no_memory() {
    let (shard, out) = rested(Duration::ZERO);
    assert!(matches!(&out[..], [Output::Stop { id }] if id.as_str() == ID), "{out:?}");
    assert_eq!((shard.actors(), shard.slots.len(), shard.idle.len()), (0, 0, 0));
}

#[test]
fn one_whose_client_waits_stays() {
    let (shard, out) = rested(Duration::from_secs(10));
    assert!(out.is_empty(), "{out:?}");
    assert_eq!((shard.actors(), shard.slots.len()), (1, 1));
}

fn replies(out: &[Output<u8>]) -> Vec<u8> {
    let waiters = out.iter().filter_map(|output| match output {
        Output::Reply { waiter, .. } => Some(*waiter),
        _ => None,
    });
    waiters.collect()
}

#[test]
fn who_begins_to_wait_while_the_engine_ends_is_sent_home() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (until, zero) = (now + Duration::from_secs(30), Duration::ZERO);
    let id = OrderId::trusted("A");
    let order_id = id.clone();
    let claimed = Claimed { order_id, attempts: 0, intent_age: zero, expired: false, look: false, late: zero };
    let ask = Arc::new(Ask::Wake(claimed, now));
    shard.step(Input::Ask { ask, waiter: Some(7), until }, now, &mut out);
    shard.step(Input::Drain, now, &mut out);
    assert_eq!(replies(&out), [0u8; 0], "it may still be decided");
    let reply = Reply::Running {
        order_id: id.clone(),
        state: State::InventoryReserved,
        version: 2,
        amount: 1,
        currency: "USD".into(),
        replayed: false,
    };
    shard.step(Input::Answered { id, generation: 1, verdict: Ok(reply), pursuing: true }, now, &mut out);
    assert_eq!(replies(&out), [7], "it is durable, and its end is for another engine to tell");
}

/// A verb that is refused while an order is pursued has its own answer; who waits for the order is still sent home when the
/// engine ends, or patience does.
#[test]
fn a_verbs_answer_leaves_those_who_wait_for_the_order() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (id, generation) = (OrderId::trusted(ID), 1);
    shard.step(Input::Ask { ask: submission(), waiter: Some(1), until: now + Duration::from_secs(30) }, now, &mut out);
    shard.step(Input::Answered { id: id.clone(), generation, verdict: Ok(running()), pursuing: true }, now, &mut out);
    let verb = VerbCall {
        order_id: id.clone(),
        by: Client::anonymous(),
        operator: false,
        key: Some(IdempotencyKey::trusted("k")),
        version: None,
        reason: "".into(),
        request: VerbRequest::Cancel,
    };
    let ask = Arc::new(Ask::Verb(PreparedVerb::new(verb)));
    shard.step(Input::Ask { ask, waiter: Some(2), until: now + Duration::from_secs(30) }, now, &mut out);
    let answer = Arc::new(Answer { status: 409, body: String::new() });
    let refused = Ok(Reply::Final { order_id: id.clone(), answer, replayed: false });
    shard.step(Input::Answered { id, generation, verdict: refused, pursuing: true }, now, &mut out);
    assert_eq!(replies(&out), [2]);
    out.clear();
    shard.step(Input::Drain, now, &mut out);
    assert_eq!(replies(&out), [1]);
}
