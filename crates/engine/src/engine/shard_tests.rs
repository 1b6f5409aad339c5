use super::*;
use crate::engine::api::{Prepared, PreparedVerb, Standing, Submission, VerbCall, VerbRequest};
use crate::ports::Claimed;
use crate::saga::request::{Capture, Details};
use crate::saga::{Address, Answer, Client, Currency, IdempotencyKey, Line, Request, Sku, State};

mod shard_hall_tests;
mod shard_memory_tests;
mod shard_queue_tests;
mod shard_watch_tests;

const ID: &str = "ORD-1";

fn submission() -> Arc<Ask> {
    let ship_to = Address {
        name: "A".into(),
        line1: "1".into(),
        line2: None,
        city: "X".into(),
        region: None,
        postal_code: "1".into(),
        country: "US".into(),
        email: None,
        phone: None,
    };
    let request = Request {
        customer_id: "cus-7".into(),
        currency: Currency::parse("USD").expect("a currency"),
        lines: vec![Line::priced(Sku::parse("S").expect("a SKU"), 2, 50)],
        details: Details {
            payment_method: "pm_ok".into(),
            capture: Capture::Automatic,
            ship_to,
            metadata: Default::default(),
            adjustments: Vec::new(),
        },
    };
    let order_id = Some(OrderId::trusted(ID));
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
    shard.step(Input::Answered { id: id.clone(), generation, verdict, driving: true }, now, &mut out);
    assert_eq!(shard.actors(), 1, "it is driven");
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
    let claimed =
        Claimed { order_id, attempts: 0, intent_age: zero, expired: false, look: false, late: zero, counted: true };
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
    let answered = || Input::Answered { id: id.clone(), generation: 1, verdict: Ok(reply.clone()), driving: true };
    shard.step(answered(), now, &mut out);
    assert_eq!(replies(&out), [0u8; 0], "it waited when that was read: it is read once more");
    shard.step(answered(), now, &mut out);
    assert_eq!(replies(&out), [7], "it is durable, and its end is for another engine to tell");
}

/// A verb that is refused while an order is driven has its own answer; who waits for the order is still sent home when the
/// engine ends, or patience does.
#[test]
fn a_verbs_answer_leaves_those_who_wait_for_the_order() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (id, generation) = (OrderId::trusted(ID), 1);
    shard.step(Input::Ask { ask: submission(), waiter: Some(1), until: now + Duration::from_secs(30) }, now, &mut out);
    shard.step(Input::Answered { id: id.clone(), generation, verdict: Ok(running()), driving: true }, now, &mut out);
    let verb = VerbCall {
        order_id: id.clone(),
        by: Client::anonymous(),
        standing: Standing::Client,
        key: Some(IdempotencyKey::trusted("k")),
        version: None,
        reason: "".into(),
        request: VerbRequest::Cancel,
    };
    let ask = Arc::new(Ask::Verb(PreparedVerb::new(verb)));
    shard.step(Input::Ask { ask, waiter: Some(2), until: now + Duration::from_secs(30) }, now, &mut out);
    let answer = Arc::new(Answer { status: 409, body: String::new() });
    let refused = Ok(Reply::Final { order_id: id.clone(), answer, replayed: false });
    shard.step(Input::Answered { id: id.clone(), generation, verdict: refused, driving: true }, now, &mut out);
    assert_eq!(replies(&out), [2]);
    out.clear();
    shard.step(Input::Drain, now, &mut out);
    assert_eq!(asked_again(&out), [false]);
    shard.step(Input::Answered { id, generation, verdict: Ok(running()), driving: true }, now, &mut out);
    assert_eq!(replies(&out), [1]);
}

/// Whether the order is to be read anew, of each command that is given to its actor.
fn asked_again(out: &[Output<u8>]) -> Vec<bool> {
    let given = out.iter().filter_map(|output| match output {
        Output::Deliver { reload, .. } => Some(*reload),
        _ => None,
    });
    given.collect()
}

/// Else they would wait until the call ends that is under way here, and counts no more.
#[test]
fn who_waits_for_an_order_that_is_pursued_here_hears_of_its_end_elsewhere() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (id, generation) = (OrderId::trusted(ID), 1);
    shard.step(Input::Ask { ask: submission(), waiter: Some(1), until: now + Duration::from_secs(30) }, now, &mut out);
    shard.step(Input::Answered { id: id.clone(), generation, verdict: Ok(running()), driving: true }, now, &mut out);
    out.clear();
    shard.step(Input::Ended { id: id.clone() }, now, &mut out);
    assert_eq!((asked_again(&out), replies(&out)), (vec![true], vec![]));
    let answer = Arc::new(Answer { status: 409, body: String::new() });
    let ended = Ok(Reply::Final { order_id: id.clone(), answer, replayed: true });
    shard.step(Input::Answered { id, generation, verdict: ended, driving: true }, now, &mut out);
    assert_eq!(replies(&out), [1]);
}

/// Else it would be told what was read before it asked, and the order may have ended in between, to somebody's knowledge.
#[test]
fn who_joins_is_not_told_what_was_read_before() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (id, generation) = (OrderId::trusted(ID), 1);
    let ask = |waiter| Input::Ask { ask: submission(), waiter: Some(waiter), until: now };
    let answered = || Input::Answered { id: id.clone(), generation, verdict: Ok(running()), driving: true };
    shard.step(ask(1), now, &mut out);
    shard.step(ask(2), now, &mut out);
    shard.step(ask(3), now, &mut out);
    out.clear();
    shard.step(answered(), now, &mut out);
    assert_eq!((replies(&out), asked_again(&out).len()), (vec![1], 1), "one look serves all who came after");
    out.clear();
    shard.step(answered(), now, &mut out);
    assert_eq!((replies(&out), asked_again(&out)), (vec![2, 3], vec![]));
}

/// Else it would be told what was true when it began to wait.
#[test]
fn whose_patience_ends_is_told_what_is_true_then() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (id, generation) = (OrderId::trusted(ID), 1);
    let later = now + Duration::from_secs(5);
    let answered = || Input::Answered { id: id.clone(), generation, verdict: Ok(running()), driving: true };
    for (waiter, until) in [(1, later), (2, later + Duration::from_secs(5))] {
        shard.step(Input::Ask { ask: submission(), waiter: Some(waiter), until }, now, &mut out);
    }
    shard.step(answered(), now, &mut out);
    out.clear();
    shard.step(Input::Tick, later - Duration::from_millis(1), &mut out);
    assert!(out.is_empty(), "{out:?}");
    shard.step(Input::Tick, later, &mut out);
    assert_eq!((replies(&out), asked_again(&out).len()), (vec![], 1));
    out.clear();
    shard.step(answered(), later, &mut out);
    assert_eq!(replies(&out), [1], "the other one waits on");
    assert_eq!(shard.actors(), 1);
}

/// Who joins an order that runs, or waits for its end, is one of a number; who hung up is none of them.
#[test]
fn as_many_wait_with_one_order_as_may() {
    let settings = ShardSettings { residents: 8, passivate_after: Duration::from_secs(60), max_deaths: 3 };
    let (mut shard, now, mut out) = (ShardCore::new(settings), Instant::now(), Vec::new());
    let (id, until) = (OrderId::trusted(ID), now + Duration::from_secs(30));
    let ask = |shard: &mut ShardCore<u8>, waiter: u8, out: &mut Vec<_>| {
        shard.step(Input::Ask { ask: submission(), waiter: Some(waiter), until }, now, out);
    };
    for _ in 0..limits::WAITING_PER_ORDER {
        ask(&mut shard, 1, &mut out);
    }
    assert_eq!(replies(&out), [0u8; 0]);
    ask(&mut shard, 2, &mut out);
    assert!(matches!(out.pop(), Some(Output::Reply { waiter: 2, verdict: Err(SubmitError::Overloaded) })));
    // Durable, and not at its end: all of them wait on, and are still as many.
    let answered = Input::Answered { id: id.clone(), generation: 1, verdict: Ok(running()), driving: true };
    shard.step(answered, now, &mut out);
    ask(&mut shard, 3, &mut out);
    let turned_away = |out: &[Output<u8>]| {
        out.iter().any(|one| matches!(one, Output::Reply { waiter: 3, verdict: Err(SubmitError::Overloaded) }))
    };
    assert!(turned_away(&out), "{out:?}");
    out.clear();
    shard.forget(|waiter| *waiter == 1, now, &mut out);
    ask(&mut shard, 3, &mut out);
    assert!(!turned_away(&out), "who hung up left room");
    assert!(shard.slots.get(&id).is_some_and(|slot| slot.watches.is_empty() && slot.driving), "the order goes on");
}

/// An order that rests, and whose last watcher hung up, takes no memory; one that is driven stays.
#[test]
fn who_hangs_up_leaves_nothing_behind() {
    let (mut shard, mut out) = rested(Duration::from_secs(10));
    shard.forget(|_| false, Instant::now(), &mut out);
    assert!(out.is_empty() && shard.slots.len() == 1);
    shard.forget(|_| true, Instant::now(), &mut out);
    assert!(matches!(&out[..], [Output::Stop { id }] if id.as_str() == ID), "{out:?}");
    assert_eq!((shard.actors(), shard.slots.len(), shard.watched.len()), (0, 0, 0));
}
