//! A store under test, and the words in which the suite speaks to it.

use std::sync::Arc;

use counterfoil::ports::{
    CommitResult, Committed, Guard, KeyClaim, KeyScope, SUBMIT_ROUTE, StockChange, StockChanged, Store, StoredOrder,
    Write,
};
use counterfoil::saga::leg::{self, LocalParticipants, StockVerdict};
use counterfoil::saga::{
    Action, Answer, Client, Command, Event, IdempotencyKey, Leg, Order, OrderId, Outcome, Plan, Request, Sku,
    Timestamp, evolve,
};
use counterfoil::store::model::ModelStore;
use tokio::sync::oneshot;

use crate::support::database::TestDatabase;
use crate::support::engine::{open_store, request};
use crate::support::saga::Participants;

/// All participants in the database.
pub const LOCAL: Participants = Participants { plan: Plan::LOCAL, declines: false, carrier_refuses: false };
/// The payment provider is remote.
pub const REMOTE_PAYMENT: Participants =
    Participants { plan: Plan(Plan::PAYMENT), declines: false, carrier_refuses: false };

/// A store with nothing in it.
pub struct Bench {
    pub store: Arc<dyn Store>,
    /// Dropped after the store.
    _database: Option<TestDatabase>,
}

impl Bench {
    pub fn model() -> Self {
        Self { store: Arc::new(ModelStore::default()), _database: None }
    }

    /// With one committer, so that what arrives first is served first.
    pub async fn postgres() -> Self {
        let database = TestDatabase::new().await;
        Self { store: open_store(&database.url(), 1).await, _database: Some(database) }
    }

    /// Queues a write; what becomes of it.
    pub fn send(&self, write: Write) -> oneshot::Receiver<CommitResult> {
        let (sender, receiver) = oneshot::channel();
        self.store.commit(write, Box::new(move |result| drop(sender.send(result))));
        receiver
    }

    pub async fn commit(&self, write: Write) -> CommitResult {
        self.send(write).await.expect("every write is answered")
    }

    /// Stores a write that must be stored; the leg that it became.
    #[track_caller]
    pub fn stored(&self, write: Write) -> impl Future<Output = Leg> + use<> {
        let (at, answer) = (std::panic::Location::caller(), self.send(write));
        async move {
            match answer.await.expect("every write is answered") {
                Ok(Committed::Stored(leg)) => *leg,
                other => panic!("at {at}: not stored: {other:?}"),
            }
        }
    }

    pub async fn stock(&self, sku: &str, on_hand: i64) -> StockChanged {
        self.change(sku, StockChange::Set(on_hand)).await
    }

    pub async fn adjust(&self, sku: &str, delta: i64, key: &str, content: u8) -> StockChanged {
        let route = format!("POST /inventory/{sku}/adjust").into();
        let key = KeyScope { client: shop(), route, key: IdempotencyKey::trusted(key) };
        let fingerprint = counterfoil::saga::Fingerprint([content; 33]);
        self.change(sku, StockChange::Adjust { delta, reason: "counted".into(), key, fingerprint }).await
    }

    async fn change(&self, sku: &str, change: StockChange) -> StockChanged {
        self.store.change_stock(Sku::trusted(sku), change, shop(), render).await.expect("change the stock")
    }

    /// What is on hand and reserved.
    pub async fn shelf(&self, sku: &str) -> Option<(i64, i64)> {
        let level = self.store.stock(Sku::trusted(sku)).await.expect("read the stock")?;
        assert_eq!(level.available, level.on_hand - level.reserved);
        Some((level.on_hand, level.reserved))
    }

    pub async fn load(&self, id: &str) -> Option<StoredOrder> {
        self.store.load(OrderId::trusted(id)).await.expect("load the order")
    }

    /// The order and its history; fails unless the events are contiguous and replay to the order.
    pub async fn replayed(&self, id: &str) -> Option<StoredOrder> {
        let stored = self.load(id).await;
        let commits = self.store.events(OrderId::trusted(id)).await.expect("read the events");
        let Some(StoredOrder { order, .. }) = &stored else {
            assert_eq!(commits, []);
            return None;
        };
        let (mut next, mut replayed) = (1, None);
        for commit in commits {
            assert_eq!(commit.first_version, next, "the events of {id} are contiguous");
            for event in Event::decode(&commit.events, &created(order)).expect("stored events can be read") {
                replayed = evolve(replayed, &event, commit.at);
                next += 1;
            }
        }
        assert_eq!(replayed.as_ref(), Some(order), "the events of {id} replay to its row");
        stored
    }
}

fn created(order: &Order) -> counterfoil::saga::event::Created {
    counterfoil::saga::event::Created {
        id: order.id.clone(),
        client: order.client.clone(),
        request: Arc::clone(&order.request),
        amount: order.amount,
        saga_version: order.saga_version,
        plan: order.plan,
    }
}

fn render(outcome: &StockChanged) -> Answer {
    match outcome {
        StockChanged::Done { level, .. } => Answer { status: 200, body: format!("on hand: {}", level.on_hand) },
        other => Answer { status: 409, body: format!("{other:?}") },
    }
}

pub fn shop() -> Client {
    Client::trusted("shop")
}

/// A request of `shop`'s, for `quantity` of each.
pub fn wants(skus: &[(&str, i64)]) -> Request {
    request(skus, "pm_ok")
}

/// The write of a new order.
pub fn new_order(id: &str, request: Request, local: Participants) -> Write {
    placed(id, shop(), request, local, Timestamp(1_700_000_000_000_001))
}

pub fn placed(id: &str, client: Client, request: Request, local: Participants, now: Timestamp) -> Write {
    let request = Arc::new(request);
    let command = Command::Submit { id: OrderId::trusted(id), client, request: Arc::clone(&request), plan: local.plan };
    write(None, Guard::Absent, command, local, now, &request).expect("a submission is taken")
}

/// The write that a command to a stored order leads to; `None` where it refuses.
pub fn next(order: &Order, command: Command, local: Participants) -> Option<Write> {
    let now = Timestamp(order.updated_at.0 + 1_000_001);
    write(Some(order), Guard::Version(order.version), command, local, now, &order.request)
}

fn write(
    order: Option<&Order>,
    guard: Guard,
    command: Command,
    local: Participants,
    now: Timestamp,
    request: &Request,
) -> Option<Write> {
    let leg = leg::run(order, &command, now, &local, StockVerdict::Assumed).ok()?;
    let local: Arc<dyn LocalParticipants> = Arc::new(local);
    let content = Arc::new(request.stored());
    Some(Write { key: None, guard, leg, content, command: Arc::new(command), local, now })
}

/// The write of a remote participant's answer.
pub fn answered(order: &Order, action: Action, outcome: Outcome) -> Write {
    next(order, Command::Outcome { action, outcome }, REMOTE_PAYMENT).expect("the answer is due")
}

pub fn scope(key: &str) -> KeyScope {
    KeyScope { client: shop(), route: SUBMIT_ROUTE.into(), key: IdempotencyKey::trusted(key) }
}

/// The claim of a key for the order that a write is about.
pub fn claim(key: &str, write: &Write) -> KeyClaim {
    let fingerprint = write.content.fingerprint.clone();
    KeyClaim { scope: scope(key), order_id: write.order_id().clone(), fingerprint }
}

/// The write, with a key to bind.
pub fn keyed(mut write: Write, key: &str) -> Write {
    write.key = Some(claim(key, &write));
    write
}
