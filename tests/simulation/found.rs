//! What the simulation found, each told again by hand: a script for one order's actor, or for a shard.

use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::{Heard, OrderCore, Step, World};
use counterfoil::engine::shard::{Input, Output, ShardCore, ShardSettings};
use counterfoil::engine::{Ask, Prepared, PreparedVerb, Reply, Retry, VerbCall, VerbRequest};
use counterfoil::limits;
use counterfoil::participants::local::Local;
use counterfoil::ports::{Claimed, CommitError, Intent, Pursuit, Store};
use counterfoil::saga::{Amount, Capture, Client, IdempotencyKey, LocalParticipants, OrderId, Outcome, Plan, State};
use counterfoil::store::model::ModelStore;
use counterfoil::telemetry::RestartCause;
use futures_util::FutureExt;
use uuid::Uuid;

use super::stock;
use crate::support::database::TestDatabase;
use crate::support::engine::{open_store, order, request, until};

const LEASE: Duration = Duration::from_secs(10);
const STEP_TIMEOUT: Duration = Duration::from_secs(5);
const KEY_LIFETIME: Duration = Duration::from_secs(3_600);
const AUTHORIZED_TTL: Duration = Duration::from_secs(60);

/// An order's actor at its store; its payment is remote.
struct Desk {
    store: ModelStore,
    core: OrderCore,
    node: Uuid,
    now: Instant,
    local: Arc<dyn LocalParticipants>,
}

fn id() -> OrderId {
    OrderId::trusted("O-1")
}

fn submission(capture: Capture) -> Arc<Ask> {
    let mut request = request(&[("A", 3)], "pm_ok");
    request.details.capture = capture;
    Arc::new(Ask::Submit(Prepared::new(order("O-1", request)).expect("it has a name")))
}

fn verb(request: VerbRequest, key: Option<&str>) -> Arc<Ask> {
    let (key, operator) = (key.map(IdempotencyKey::trusted), key.is_none());
    let (order_id, by, reason) = (id(), Client::anonymous(), "as asked".into());
    Arc::new(Ask::Verb(PreparedVerb::new(VerbCall { order_id, by, operator, key, version: None, reason, request })))
}

fn refund(amount: i64) -> VerbRequest {
    VerbRequest::Refund { amount: Amount(amount), reason: "came back".into(), restock: Vec::new() }
}

fn heard(ask: Arc<Ask>) -> Heard {
    Heard::Ask { ask, reload: false }
}

fn done(step: &Step) -> Heard {
    let Step::Call(due, _) = step else { panic!("no call: {step:?}") };
    Heard::Answered { due: due.clone(), outcome: Outcome::done() }
}

impl Desk {
    fn new() -> Self {
        let store = ModelStore::default();
        stock(&store, "A", 100);
        Self::at(store, 1)
    }

    /// Another engine's, at the same store.
    fn at(store: ModelStore, node: u128) -> Self {
        let local = Arc::new(Local { test_tokens: true, plan: Plan(Plan::PAYMENT) });
        Self { store, core: OrderCore::new(id(), false), node: Uuid::from_u128(node), now: Instant::now(), local }
    }

    fn pass(&mut self, span: Duration) {
        self.now += span;
        self.store.advance(span);
    }

    /// What the actor does next.
    fn step(&mut self, heard: Heard) -> Vec<Step> {
        let pursuit = Pursuit {
            node: self.node,
            lease: LEASE,
            reservation_ttl: Duration::from_secs(900),
            authorized_ttl: AUTHORIZED_TTL,
            intent: Intent::Same,
        };
        let world = World {
            now: self.store.now(),
            instant: self.now,
            local: &self.local,
            pursuit: &pursuit,
            retry: &Retry { attempts: 1, ..Retry::default() },
            step_timeout: STEP_TIMEOUT,
            key_lifetime: &|_| Some(KEY_LIFETIME),
            knows_sku: &|_| true,
        };
        let mut steps = Vec::new();
        self.core.step(heard, &world, &mut steps);
        steps
    }

    /// What it does next but for what it asks of the store, which does it.
    fn tell(&mut self, heard: Heard) -> Vec<Step> {
        let (mut queue, mut others) = (vec![heard], Vec::new());
        while let Some(heard) = queue.pop() {
            for step in self.step(heard) {
                match step {
                    Step::Load => queue.push(Heard::Loaded(Ok(self.store.find(&id())))),
                    Step::Commit(write) => queue.push(Heard::Committed(self.store.apply(&write))),
                    Step::FindKey(scope) => queue.push(Heard::KeyFound(Ok(self.store.binding(&scope)))),
                    Step::Leave { version } => {
                        let left = self.store.leave(id(), version).now_or_never();
                        queue.push(Heard::Postponed(left.expect("the model does not wait")));
                    }
                    other => others.push(other),
                }
            }
        }
        others
    }

    /// Submits, and gives the one call that leaves.
    fn submit(&mut self, capture: Capture) -> Step {
        self.call(heard(submission(capture)))
    }

    fn call(&mut self, heard: Heard) -> Step {
        let calls = self.tell(heard).into_iter().filter(|step| matches!(step, Step::Call(..) | Step::LookUp(..)));
        let mut calls: Vec<_> = calls.collect();
        assert_eq!(calls.len(), 1, "{calls:?}");
        calls.remove(0)
    }

    fn claim(&self) -> Claimed {
        let sweep = self.store.claim(self.node, LEASE, 1).now_or_never().expect("the model does not wait");
        sweep.expect("nor fails").claimed.pop().expect("it is due")
    }
}

/// Else its shard keeps the actor for ever, and those who wait with it hear nothing before their patience ends.
#[test]
fn an_actor_that_forgets_its_order_tells_its_shard_that_it_rests() {
    let mut desk = Desk::new();
    let call = desk.submit(Capture::Automatic);
    let steps = desk.step(done(&call));
    assert!(matches!(&steps[..], [Step::Commit(_)]), "{steps:?}");
    let steps = desk.step(Heard::Committed(Err(CommitError::Unavailable("gone".into()))));
    assert!(matches!(&steps[..], [Step::Report { resting: true, .. }]), "{steps:?}");
}

/// Else a call that an operator has tried again could leave behind the lifetime of its key, and charge twice.
#[test]
fn a_key_grows_older_while_its_order_waits_for_a_human() {
    let mut desk = Desk::new();
    let Step::Call(due, _) = desk.submit(Capture::Automatic) else { panic!("no call") };
    let intended = desk.store.work(&id()).expect("it is open").intent_at;
    desk.pass(STEP_TIMEOUT);
    let asked = desk.tell(Heard::Answered { due: due.clone(), outcome: Outcome::Unknown });
    assert!(asked.iter().any(|step| matches!(step, Step::LookUp(..))), "{asked:?}");
    desk.tell(Heard::LookedUp { due, outcome: Outcome::Unknown });
    assert!(desk.store.find(&id()).is_some_and(|stored| stored.order.attention.is_some()));
    desk.pass(KEY_LIFETIME);
    desk.tell(heard(verb(VerbRequest::Retry, None)));
    let row = desk.store.work(&id()).expect("it is open");
    assert_eq!((row.intent_at, row.attempts), (intended, 0));
    let claimed = desk.claim();
    let step = desk.call(heard(Arc::new(Ask::Wake(claimed, desk.now))));
    assert!(matches!(step, Step::LookUp(..)), "its key may be forgotten: {step:?}");
}

/// Else it would send the refund that another engine sent long ago as if for the first time.
#[test]
fn who_does_not_hold_an_order_sends_none_of_its_calls() {
    let mut desk = Desk::new();
    let charge = desk.submit(Capture::Automatic);
    desk.tell(done(&charge));
    assert!(desk.store.find(&id()).is_some_and(|stored| stored.order.state == State::Completed));
    let first = desk.call(heard(verb(refund(100), Some("one"))));
    assert!(matches!(first, Step::Call(..)), "{first:?}");
    let mut other = Desk::at(desk.store.clone(), 2);
    let steps = other.tell(heard(verb(refund(50), Some("two"))));
    assert!(matches!(&steps[..], [Step::Answer { pursuing: false, .. }]), "{steps:?}");
    let refunds = desk.store.find(&id()).map(|stored| stored.order.refunds.len());
    assert_eq!(refunds, Some(2), "both are asked for");
    // Whoever claims it then knows how often the call was sent, and since when.
    other.pass(LEASE);
    let claimed = other.claim();
    let step = other.call(heard(Arc::new(Ask::Wake(claimed, other.now))));
    assert!(matches!(step, Step::Call(..)), "{step:?}");
}

/// Else a claim that lay in a mailbox for long would send a call whose key is forgotten meanwhile.
#[test]
fn what_was_claimed_long_ago_is_so_much_older() {
    let mut desk = Desk::new();
    let charge = desk.submit(Capture::Automatic);
    desk.tell(done(&charge));
    desk.call(heard(verb(refund(100), Some("one"))));
    desk.core = OrderCore::new(id(), true);
    let second = Duration::from_secs(1);
    desk.pass(KEY_LIFETIME - 2 * STEP_TIMEOUT - 2 * second);
    let (claimed, since) = (desk.claim(), desk.now);
    assert!(claimed.intent_age + 2 * STEP_TIMEOUT < KEY_LIFETIME, "in time, when it was claimed");
    desk.pass(3 * second);
    let step = desk.call(heard(Arc::new(Ask::Wake(claimed, since))));
    assert!(matches!(step, Step::LookUp(..)), "{step:?}");
}

/// Else an authorised order that was claimed for nothing just then would miss its deadline by an hour.
#[test]
fn a_deadline_that_comes_while_an_order_is_claimed_for_nothing_wakes_it() {
    let mut desk = Desk::new();
    let authorize = desk.submit(Capture::Manual);
    desk.tell(done(&authorize));
    desk.pass(AUTHORIZED_TTL - Duration::from_millis(1));
    let claimed = Claimed {
        order_id: id(),
        attempts: 0,
        intent_age: Duration::ZERO,
        expired: false,
        look: true,
        late: Duration::ZERO,
    };
    let steps = desk.step(heard(Arc::new(Ask::Wake(claimed, desk.now))));
    assert!(matches!(&steps[..], [Step::Load]), "{steps:?}");
    desk.pass(Duration::from_millis(2));
    let found = Heard::Loaded(Ok(desk.store.find(&id())));
    desk.tell(found);
    assert!(desk.claim().expired);
}

/// Else what a participant told while an order was claimed for nothing would be heard at its deadline.
#[test]
fn a_webhook_that_comes_while_an_order_is_claimed_for_nothing_wakes_it() {
    let mut desk = Desk::new();
    let authorize = desk.submit(Capture::Manual);
    desk.tell(done(&authorize));
    let tell = |webhook: &str| {
        let kept = desk.store.receive_webhook("payment", webhook.into(), Some(id())).now_or_never();
        assert_eq!(kept, Some(Ok(true)));
    };
    tell("one");
    let claimed = desk.claim();
    tell("two");
    desk.tell(heard(Arc::new(Ask::Wake(claimed, desk.now))));
    assert!(desk.claim().look);
}

/// The same of the database itself.
#[tokio::test]
async fn postgres_wakes_an_order_at_its_deadline_whenever_it_is_left() {
    let database = TestDatabase::new().await;
    let store = open_store(&database.url(), 1).await;
    let mut desk = Desk::new();
    let mut write = desk.step(heard(submission(Capture::Manual)));
    let Some(Step::Commit(write)) = write.pop() else { panic!("nothing to write") };
    let sql = "INSERT INTO inventory (sku, on_hand, reserved) VALUES ('A', 100, 0)";
    database.client().await.batch_execute(sql).await.expect("stock");
    let (sender, receiver) = tokio::sync::oneshot::channel();
    store.commit(*write, Box::new(move |result| drop(sender.send(result))));
    let stored = receiver.await.expect("an outcome");
    assert!(stored.is_ok(), "{stored:?}");
    let version = 2;
    let wakes = async |expires: &str| {
        let client = database.client().await;
        let sql = format!("UPDATE order_work SET wake_at = now() + interval '9 s', expires_at = {expires}");
        client.batch_execute(&sql).await.expect("set its deadline");
        assert_eq!(store.leave(id(), version).await, Ok(true));
        let sql = "SELECT round(extract(epoch FROM wake_at - now()))::bigint FROM order_work";
        client.query_one(sql, &[]).await.expect("its row").get::<_, i64>(0)
    };
    assert_eq!(wakes("now() - interval '60 s'").await, -60, "at once");
    assert_eq!(wakes("now() + interval '60 s'").await, 60, "at its deadline");
    database.client().await.batch_execute("UPDATE order_work SET look = true").await.expect("a webhook");
    assert_eq!(wakes("now() + interval '60 s'").await, 0, "a participant told something");
    database.client().await.batch_execute("UPDATE order_work SET look = false").await.expect("it was heard");
    assert_eq!(wakes("NULL").await, i64::try_from(limits::NOTHING_DUE.as_secs()).expect("an hour"));
    assert_eq!(store.leave(id(), version + 1).await, Ok(false), "it moved on");
    until("the store is idle", async || store.is_healthy()).await;
}

const SHARD: ShardSettings = ShardSettings { residents: 8, passivate_after: Duration::from_millis(40), max_deaths: 1 };

fn shard(now: Instant) -> (ShardCore<u8>, u64) {
    let (mut shard, mut out) = (ShardCore::new(SHARD), Vec::new());
    let input = Input::Ask { ask: submission(Capture::Automatic), waiter: Some(0), until: now };
    shard.step(input, now, &mut out);
    let Some(Output::Start { generation, .. }) = out.first() else { panic!("no actor: {out:?}") };
    let generation = *generation;
    (shard, generation)
}

/// Else each order whose actor dies between its calls would stay in memory for ever.
#[test]
fn an_order_whose_actor_died_between_its_calls_is_forgotten() {
    let (now, mut out) = (Instant::now(), Vec::new());
    let (mut shard, generation) = shard(now);
    let reply = Reply::Running {
        order_id: id(),
        state: State::InventoryReserved,
        version: 2,
        amount: 300,
        currency: "USD".into(),
        replayed: false,
    };
    shard.step(Input::Answered { id: id(), generation, verdict: Ok(reply), pursuing: true }, now, &mut out);
    shard.step(Input::Died { id: id(), generation, cause: RestartCause::Panic }, now, &mut out);
    shard.step(Input::Tick, now + SHARD.passivate_after, &mut out);
    assert_eq!((shard.orders(), shard.actors()), (0, 0));
}

/// Else whoever asks for an order in quarantine would keep it there, and counted, for ever.
#[test]
fn a_quarantine_ends_though_somebody_asked_meanwhile() {
    let (now, mut out) = (Instant::now(), Vec::new());
    let (mut shard, generation) = shard(now);
    shard.step(Input::Died { id: id(), generation, cause: RestartCause::Panic }, now, &mut out);
    assert_eq!(shard.quarantined(), 1);
    let input = Input::Ask { ask: submission(Capture::Automatic), waiter: Some(1), until: now };
    shard.step(input, now + Duration::from_secs(1), &mut out);
    shard.step(Input::Tick, now + Duration::from_secs(2), &mut out);
    shard.step(Input::Tick, now + limits::QUARANTINE + Duration::from_secs(1), &mut out);
    assert_eq!((shard.orders(), shard.quarantined()), (0, 0));
}
