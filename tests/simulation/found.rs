//! What the simulation found, each told again by hand: a script for one order's actor, or for a shard.

use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::{OrderContext, OrderCore, OrderInput, OrderOutput};
use counterfoil::engine::shard::{Input, Output, ShardCore, ShardSettings};
use counterfoil::engine::{Ask, Prepared, PreparedVerb, Reply, Retry, Standing, SubmitError, VerbCall, VerbRequest};
use counterfoil::limits;
use counterfoil::participants::local::Local;
use counterfoil::ports::{Claimed, CommitError, Driver, Intent, Store, StoreError};
use counterfoil::saga::transaction::InvalidField;
use counterfoil::saga::{Amount, Capture, Client, IdempotencyKey, LocalParticipants, OrderId, Outcome, Plan, State};
use counterfoil::store::model::ModelStore;
use counterfoil::telemetry::RestartCause;
use futures_util::FutureExt;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{open_store, order, request};
use crate::support::simulation::stock;

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
    /// Whether it is known that inventory knows what is ordered.
    knows: bool,
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
    let standing = if key.is_none() { Standing::Operator } else { Standing::Client };
    asked(Client::anonymous(), standing, request, key, "as asked")
}

fn asked(by: Client, standing: Standing, request: VerbRequest, key: Option<&str>, reason: &str) -> Arc<Ask> {
    let (order_id, reason) = (id(), reason.into());
    let key = key.map(IdempotencyKey::trusted);
    Arc::new(Ask::Verb(PreparedVerb::new(VerbCall { order_id, by, standing, key, version: None, reason, request })))
}

fn refund(amount: i64) -> VerbRequest {
    VerbRequest::Refund { amount: Amount(amount), reason: "came back".into(), restock: Vec::new() }
}

fn heard(ask: Arc<Ask>) -> OrderInput {
    OrderInput::Ask { ask, reload: false }
}

fn done(step: &OrderOutput) -> OrderInput {
    let OrderOutput::Call(due, _) = step else { panic!("no call: {step:?}") };
    OrderInput::Answered { due: due.clone(), outcome: Outcome::done(), cause: None }
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
        let (core, node, now) = (OrderCore::new(id(), false), Uuid::from_u128(node), Instant::now());
        Self { store, core, node, now, local, knows: true }
    }

    fn pass(&mut self, span: Duration) {
        self.now += span;
        self.store.advance(span);
    }

    /// What the actor does next.
    fn step(&mut self, heard: OrderInput) -> Vec<OrderOutput> {
        let driver = Driver {
            node: self.node,
            lease: LEASE,
            reservation_ttl: Duration::from_secs(900),
            authorized_ttl: AUTHORIZED_TTL,
            intent: Intent::Same,
            look_first: false,
        };
        let knows = self.knows;
        let world = OrderContext {
            now: self.store.now(),
            instant: self.now,
            local: &self.local,
            driver: &driver,
            retry: &Retry { attempts: 1, ..Retry::default() },
            step_timeout: STEP_TIMEOUT,
            key_lifetime: &|_| Some(KEY_LIFETIME),
            doer: &|_| counterfoil::engine::Doer::Here,
            entry_wait: std::time::Duration::from_secs(60),
            knows_sku: &|_| knows,
        };
        let mut steps = Vec::new();
        self.core.step(heard, &world, &mut steps);
        steps
    }

    /// What it does next but for what it asks of the store, which does it.
    fn tell(&mut self, heard: OrderInput) -> Vec<OrderOutput> {
        let (mut queue, mut others) = (vec![heard], Vec::new());
        while let Some(heard) = queue.pop() {
            for step in self.step(heard) {
                match step {
                    OrderOutput::Load | OrderOutput::Look => queue.push(OrderInput::Loaded(Ok(self.store.find(&id())))),
                    OrderOutput::AskHold { version } => {
                        let held = self.store.held(id(), version, self.node).now_or_never();
                        queue.push(OrderInput::Held(held.expect("the model does not wait")));
                    }
                    OrderOutput::Commit(write) => queue.push(OrderInput::Committed(self.store.apply(&write))),
                    OrderOutput::Bind(claim) => queue.push(OrderInput::Bound(Ok(self.store.bind(&claim)))),
                    OrderOutput::FindKey(scope) => queue.push(OrderInput::KeyFound(Ok(self.store.binding(&scope)))),
                    OrderOutput::Survey { scope, skus } => {
                        let survey = self.store.surveyed(&id(), scope.as_ref(), &skus);
                        queue.push(OrderInput::Surveyed(Ok(Box::new(survey))));
                    }
                    OrderOutput::Leave { version } => {
                        let left = self.store.leave(id(), version).now_or_never();
                        queue.push(OrderInput::Postponed(left.expect("the model does not wait")));
                    }
                    other => others.push(other),
                }
            }
        }
        others
    }

    /// Submits, and gives the one call that leaves.
    fn submit(&mut self, capture: Capture) -> OrderOutput {
        self.call(heard(submission(capture)))
    }

    fn call(&mut self, heard: OrderInput) -> OrderOutput {
        let calls =
            self.tell(heard).into_iter().filter(|step| matches!(step, OrderOutput::Call(..) | OrderOutput::LookUp(..)));
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
    assert!(matches!(&steps[..], [OrderOutput::Commit(_)]), "{steps:?}");
    let steps = desk.step(OrderInput::Committed(Err(CommitError::Unavailable("gone".into()))));
    assert!(
        matches!(&steps[..], [OrderOutput::HandBack(back)] if back.fault.is_none()),
        "no fault of the order: {steps:?}"
    );
    let steps = desk.step(OrderInput::Postponed(Ok(true)));
    assert!(matches!(&steps[..], [OrderOutput::Report { resting: true, .. }]), "{steps:?}");
}

/// Else a call that an operator has tried again could leave behind the lifetime of its key, and charge twice.
#[test]
fn a_key_grows_older_while_its_order_waits_for_a_human() {
    let mut desk = Desk::new();
    let OrderOutput::Call(due, _) = desk.submit(Capture::Automatic) else { panic!("no call") };
    let intended = desk.store.work(&id()).expect("it is open").intent_at;
    desk.pass(STEP_TIMEOUT);
    let asked = desk.tell(OrderInput::Answered { due: due.clone(), outcome: Outcome::Unknown, cause: None });
    assert!(asked.iter().any(|step| matches!(step, OrderOutput::LookUp(..))), "{asked:?}");
    desk.tell(OrderInput::LookedUp { due, outcome: Outcome::Unknown, cause: None });
    assert!(desk.store.find(&id()).is_some_and(|stored| stored.order.attention.is_some()));
    desk.pass(KEY_LIFETIME);
    desk.tell(heard(verb(VerbRequest::Retry, None)));
    let row = desk.store.work(&id()).expect("it is open");
    assert_eq!((row.intent_at, row.attempts), (intended, 0));
    let claimed = desk.claim();
    let step = desk.call(heard(Arc::new(Ask::Wake(claimed, desk.now))));
    assert!(matches!(step, OrderOutput::LookUp(..)), "its key may be forgotten: {step:?}");
}

/// An order whose first refund is under way at one engine, and what another one does when it commits a second.
fn taken_over(later: Duration) -> (Desk, Desk, Vec<OrderOutput>) {
    let mut desk = Desk::new();
    let charge = desk.submit(Capture::Automatic);
    desk.tell(done(&charge));
    assert!(desk.store.find(&id()).is_some_and(|stored| stored.order.state == State::Completed));
    let first = desk.call(heard(verb(refund(100), Some("one"))));
    assert!(matches!(first, OrderOutput::Call(..)), "{first:?}");
    desk.pass(later);
    let mut other = Desk::at(desk.store.clone(), 2);
    let steps = other.tell(heard(verb(refund(50), Some("two"))));
    let refunds = desk.store.find(&id()).map(|stored| stored.order.refunds.len());
    assert_eq!(refunds, Some(2), "both are asked for");
    (desk, other, steps)
}

/// Else both refunds would wait for the lease that the second one's commit wrote: it took the order from whoever held it,
/// whose own write loses its guard.
#[test]
fn who_takes_an_order_by_a_commit_goes_on_with_it() {
    let (mut desk, mut other, steps) = taken_over(Duration::ZERO);
    let [OrderOutput::Answer { driving: true, .. }, call @ OrderOutput::Call(due, _)] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert!(due.refund.as_ref().is_some_and(|refund| refund.key.as_str() == "one"), "{due:?}");
    let late = desk.tell(done(call));
    assert!(matches!(&late[..], [OrderOutput::Report { resting: true, .. }]), "its guard is lost: {late:?}");
    let moved = other.tell(done(call));
    let [OrderOutput::Report { .. }, call @ OrderOutput::Call(..)] = &moved[..] else { panic!("{moved:?}") };
    other.tell(done(call));
    assert_eq!(desk.store.work(&id()), None, "nothing is left to be done");
}

/// Else it would send the refund that another engine sent long ago as if for the first time.
#[test]
fn who_takes_an_order_is_told_how_old_its_call_is() {
    let (_desk, _other, steps) = taken_over(KEY_LIFETIME);
    let [OrderOutput::Answer { .. }, asked @ OrderOutput::LookUp(..)] = &steps[..] else { panic!("{steps:?}") };
    println!("its key may be forgotten: {asked:?}");
}

/// Whose lease was lost since leaves the order to whoever has it.
#[test]
fn who_took_an_order_that_was_claimed_since_sends_none_of_its_calls() {
    let mut desk = Desk::new();
    let charge = desk.submit(Capture::Automatic);
    desk.tell(done(&charge));
    desk.call(heard(verb(refund(100), Some("one"))));
    let mut other = Desk::at(desk.store.clone(), 2);
    let mut steps = other.step(heard(verb(refund(50), Some("two"))));
    let asked = loop {
        let next = match steps.pop() {
            Some(OrderOutput::Load) => OrderInput::Loaded(Ok(other.store.find(&id()))),
            Some(OrderOutput::FindKey(scope)) => OrderInput::KeyFound(Ok(other.store.binding(&scope))),
            Some(OrderOutput::Commit(write)) => OrderInput::Committed(other.store.apply(&write)),
            Some(OrderOutput::AskHold { version }) => break version,
            step => panic!("{step:?}"),
        };
        steps = other.step(next);
    };
    other.pass(LEASE + Duration::from_millis(1));
    desk.now = other.now;
    desk.claim();
    let held = other.store.held(id(), asked, other.node).now_or_never().expect("the model does not wait");
    assert_eq!(held, Ok(None));
    let steps = other.tell(OrderInput::Held(held));
    assert!(matches!(&steps[..], [OrderOutput::Report { resting: true, .. }]), "{steps:?}");
}

/// Else whoever repeats a request where the order is driven would hear a state of before its end, which was told
/// elsewhere.
#[test]
fn nobody_is_told_from_memory_that_an_order_still_runs() {
    let mut desk = Desk::new();
    desk.submit(Capture::Automatic); // its charge is under way
    let steps = desk.step(heard(submission(Capture::Automatic)));
    assert!(matches!(&steps[..], [OrderOutput::Look]), "{steps:?}");
    let away = OrderInput::Loaded(Err(StoreError::Unavailable("simulated".into())));
    let steps = desk.step(away);
    let [OrderOutput::Answer { verdict: Err(SubmitError::Unavailable(_)), driving: true }] = &steps[..] else {
        panic!("nobody knows: {steps:?}")
    };
    let told = desk.tell(heard(submission(Capture::Automatic)));
    let [OrderOutput::Answer { verdict: Ok(Reply::Running { version: 2, .. }), driving: true }] = &told[..] else {
        panic!("it was looked at: {told:?}")
    };
    let mut other = Desk::at(desk.store.clone(), 2);
    let steps = other.tell(heard(verb(VerbRequest::Cancel, Some("c"))));
    let undo = steps.iter().find(|step| matches!(step, OrderOutput::Call(..))).expect("the charge is undone");
    other.tell(done(undo));
    let ended = desk.store.find(&id()).map(|stored| stored.order.state);
    assert_eq!(ended, Some(State::Cancelled));
    for reload in [false, true] {
        let told = desk.tell(OrderInput::Ask { ask: submission(Capture::Automatic), reload });
        let [OrderOutput::Answer { verdict: Ok(Reply::Final { replayed: true, .. }), .. }] = &told[..] else {
            panic!("its end: {told:?}")
        };
    }
}

/// A replica that lags behind, or a primary that was demoted, tells of what was.
#[test]
fn what_is_older_than_memory_is_not_believed() {
    let mut desk = Desk::new();
    desk.submit(Capture::Automatic);
    let before = desk.store.find(&id()).expect("it is stored");
    desk.tell(heard(verb(VerbRequest::Cancel, Some("c"))));
    desk.step(heard(submission(Capture::Automatic)));
    let steps = desk.step(OrderInput::Loaded(Ok(Some(before))));
    assert!(matches!(&steps[..], [OrderOutput::Answer { verdict: Err(SubmitError::Unavailable(_)), .. }]), "{steps:?}");
}

/// Else a client's cancel that overtakes its submission would be done as an operator's, once that is stored.
#[test]
fn who_may_ask_as_both_asks_as_the_owner_of_what_is_its_own() {
    let both = |by: Client, reason| heard(asked(by, Standing::Both, VerbRequest::Cancel, Some("c"), reason));
    let mut desk = Desk::new();
    let steps = desk.tell(both(Client::anonymous(), ""));
    let [OrderOutput::Answer { verdict: Err(SubmitError::NotFound { .. }), .. }] = &steps[..] else {
        panic!("{steps:?}")
    };
    desk.submit(Capture::Automatic);
    let steps = desk.tell(both(Client::anonymous(), ""));
    assert!(matches!(&steps[0], OrderOutput::Answer { verdict: Ok(_), .. }), "an owner needs no reason: {steps:?}");
    assert_eq!(desk.store.operator_log(), [], "nor is it an operator");
    // Of what is another client's it is one, and says why.
    let mut desk = Desk::new();
    desk.submit(Capture::Automatic);
    let steps = desk.tell(both(Client::trusted("another"), ""));
    let [OrderOutput::Answer { verdict: Err(SubmitError::Invalid { pointer, .. }), .. }] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(pointer, "/reason");
    desk.tell(both(Client::trusted("another"), "fraud"));
    let log = desk.store.operator_log();
    assert!(matches!(&log[..], [(_, entry)] if entry.by.as_str() == "another" && &*entry.reason == "fraud"), "{log:?}");
}

/// Else a repeat would be judged by rules that came after its order.
#[test]
fn what_todays_rules_object_to_is_a_repeat_first() {
    let objection = InvalidField { pointer: "/payment_method".into(), detail: "is none of ours".into() };
    let refused = |content: i64, key: Option<&str>| {
        let mut submission = order("O-1", request(&[("A", content)], "pm_ok"));
        submission.key = key.map(IdempotencyKey::trusted);
        let prepared = Prepared::new(submission).expect("it has a name");
        heard(Arc::new(Ask::Submit(prepared.refused(objection.clone()))))
    };
    let verdict = |steps: &[OrderOutput]| match steps {
        [OrderOutput::Answer { verdict, .. }] => verdict.clone(),
        _ => panic!("{steps:?}"),
    };
    let mut desk = Desk::new();
    for key in [None, Some("k")] {
        let told = verdict(&desk.tell(refused(3, key)));
        let Err(SubmitError::Invalid { pointer, detail }) = told else { panic!("{told:?}") };
        assert_eq!((pointer, detail), (objection.pointer.clone(), objection.detail.clone()));
    }
    assert!(desk.store.find(&id()).is_none() && desk.store.shelves().values().all(|shelf| shelf.1 == 0));
    let charge = desk.submit(Capture::Automatic);
    desk.tell(done(&charge));
    for key in [None, Some("k"), Some("k")] {
        for mut desk in [Desk::at(desk.store.clone(), 2), Desk::at(desk.store.clone(), 3)] {
            let told = verdict(&desk.tell(refused(3, key)));
            assert!(matches!(told, Ok(Reply::Final { replayed: true, .. })), "{told:?}");
        }
    }
    let mut other = Desk::at(desk.store.clone(), 4);
    let told = verdict(&other.tell(refused(4, None)));
    assert!(matches!(told, Err(SubmitError::OrderExists { .. })), "{told:?}");
    let told = verdict(&other.tell(refused(4, Some("k"))));
    assert!(matches!(told, Err(SubmitError::KeyReused { .. })), "{told:?}");
}

/// Else whoever sends nonsense has the database read four times for it.
#[test]
fn what_cannot_be_placed_unseen_costs_one_read() {
    let asked = |sku: &str, key: Option<&str>| {
        let mut submission = order("O-1", request(&[(sku, 3)], "pm_ok"));
        submission.key = key.map(IdempotencyKey::trusted);
        heard(Arc::new(Ask::Submit(Prepared::new(submission).expect("it has a name"))))
    };
    let surveyed = |desk: &mut Desk, asked: OrderInput, key: Option<&str>| {
        desk.knows = false;
        let mut steps = desk.step(asked);
        let Some(OrderOutput::Survey { scope, skus }) = steps.pop() else { panic!("{steps:?}") };
        assert!(steps.is_empty() && scope.is_some() == key.is_some(), "{steps:?} {scope:?}");
        let survey = desk.store.surveyed(&id(), scope.as_ref(), &skus);
        desk.step(OrderInput::Surveyed(Ok(Box::new(survey))))
    };
    for key in [None, Some("k")] {
        let mut desk = Desk::new();
        let steps = surveyed(&mut desk, asked("NONE", key), key);
        let [OrderOutput::Answer { verdict: Err(SubmitError::UnknownSku { skus }), .. }] = &steps[..] else {
            panic!("{steps:?}")
        };
        assert_eq!(skus[0].as_str(), "NONE");
        // And what is known after all is placed behind the same read.
        let mut steps = surveyed(&mut desk, asked("A", key), key);
        let Some(OrderOutput::Commit(write)) = steps.pop() else { panic!("{steps:?}") };
        desk.store.apply(&write).expect("it is stored");
        // A repeat comes first: where the order stands, and else where its key does.
        let mut other = Desk::at(desk.store.clone(), 2);
        let told = surveyed(&mut other, asked("A", key), key);
        match (key, &told[..]) {
            (None, [OrderOutput::Answer { verdict: Ok(Reply::Running { .. }), .. }])
            | (Some(_), [OrderOutput::Bind(_)]) => {}
            _ => panic!("{told:?}"),
        }
        let told = surveyed(&mut Desk::at(desk.store.clone(), 3), asked("NONE", key), key);
        match (key, &told[..]) {
            (None, [OrderOutput::Answer { verdict: Err(SubmitError::OrderExists { .. }), .. }])
            | (Some(_), [OrderOutput::FindKey(_)]) => {}
            _ => panic!("{told:?}"),
        }
    }
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
    assert!(matches!(step, OrderOutput::LookUp(..)), "{step:?}");
}

/// Else an authorised order that was claimed for nothing just then would miss its deadline by an hour.
#[test]
fn a_deadline_that_comes_while_an_order_is_claimed_for_nothing_wakes_it() {
    let mut desk = Desk::new();
    let authorize = desk.submit(Capture::Manual);
    desk.tell(done(&authorize));
    desk.pass(AUTHORIZED_TTL - Duration::from_millis(1));
    let claimed = Claimed {
        counted: true,
        order_id: id(),
        attempts: 0,
        intent_age: Duration::ZERO,
        expired: false,
        look: true,
        late: Duration::ZERO,
    };
    let steps = desk.step(heard(Arc::new(Ask::Wake(claimed, desk.now))));
    assert!(matches!(&steps[..], [OrderOutput::Load]), "{steps:?}");
    desk.pass(Duration::from_millis(2));
    let found = OrderInput::Loaded(Ok(desk.store.find(&id())));
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
        let kept = desk.store.receive_webhook("payment".into(), webhook.into(), Some(id())).now_or_never();
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
    let Some(OrderOutput::Commit(write)) = write.pop() else { panic!("nothing to write") };
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
    shard.step(Input::Answered { id: id(), generation, verdict: Ok(reply), driving: true }, now, &mut out);
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
