//! A store under test, and the words in which the suite speaks to it.

use std::sync::Arc;
use std::time::Duration;

use counterfoil::ports::{
    Advance, CommitResult, Committed, Does, Driver, Intent, KeyBinding, KeyClaim, KeyScope, SUBMIT_ROUTE, StockChange,
    StockChanged, Store, StoredOrder, Sweep, Write,
};
use counterfoil::saga::transaction::{self, LocalParticipants, StockVerdict};
use counterfoil::saga::{
    Action, Answer, Client, Command, Event, Fingerprint, IdempotencyKey, LocalTransaction, Order, OrderId, Outcome,
    Plan, Request, Sku, Timestamp, due, evolve,
};
use counterfoil::store::model::ModelStore;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{open_store, request};
use crate::support::saga::{Own, Participants};

/// All participants in the database.
pub const LOCAL: Participants =
    Participants { plan: Plan::LOCAL, declines: false, carrier_refuses: false, own: Own::None };
/// The payment provider is remote.
pub const REMOTE_PAYMENT: Participants =
    Participants { plan: Plan(Plan::PAYMENT), declines: false, carrier_refuses: false, own: Own::None };

/// Payment and shipment are remote.
pub const REMOTE: Participants = Participants { plan: Plan(Plan::PAYMENT | Plan::SHIPMENT), ..REMOTE_PAYMENT };

/// Two engines.
pub const NODE: Uuid = Uuid::from_u128(1);
pub const OTHER_NODE: Uuid = Uuid::from_u128(2);

/// An hour. Spans are so long that what a test itself takes is nothing against them.
pub const HOUR: Duration = Duration::from_secs(3_600);

/// How long a node holds what it claimed.
pub const LEASE: Duration = HOUR;

/// How [`NODE`] drives its orders.
pub const PURSUIT: Driver = Driver {
    node: NODE,
    lease: LEASE,
    reservation_ttl: Duration::from_secs(5 * 3_600),
    authorized_ttl: Duration::from_secs(9 * 3_600),
    intent: Intent::Same,
    look_first: false,
};

/// What is left to be done about an order, its times in minutes from now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub version: i32,
    pub wakes: Option<i64>,
    pub expires: Option<i64>,
    pub intent_age: i64,
    pub attempts: i16,
    pub claims: i16,
    pub owner: Option<Uuid>,
    pub look: bool,
}

/// What lies behind a store.
enum Behind {
    Model(ModelStore),
    /// Dropped after the store.
    Postgres(TestDatabase),
}

/// A store with nothing in it.
pub struct Bench {
    pub store: Arc<dyn Store>,
    behind: Behind,
}

impl Bench {
    pub fn model() -> Self {
        let model = ModelStore::default();
        Self { store: Arc::new(model.clone()), behind: Behind::Model(model) }
    }

    /// With one committer, so that what arrives first is served first.
    pub async fn postgres() -> Self {
        let database = TestDatabase::new().await;
        Self { store: open_store(&database.url(), 1).await, behind: Behind::Postgres(database) }
    }

    /// The store as another engine sees it.
    pub async fn peer(&self) -> Arc<dyn Store> {
        match &self.behind {
            Behind::Model(model) => Arc::new(model.clone()),
            Behind::Postgres(database) => open_store(&database.url(), 1).await,
        }
    }

    /// The database behind the store, where there is one.
    pub async fn database(&self) -> Option<tokio_postgres::Client> {
        match &self.behind {
            Behind::Model(_) => None,
            Behind::Postgres(database) => Some(database.client().await),
        }
    }

    /// Lets time pass: for whatever waits for a time, it comes nearer by so much.
    pub async fn advance(&self, span: Duration) {
        match &self.behind {
            Behind::Model(model) => model.advance(span),
            Behind::Postgres(database) => {
                let seconds = span.as_secs_f64();
                let sql = "UPDATE order_work SET wake_at = wake_at - make_interval(secs => $1),
                    expires_at = expires_at - make_interval(secs => $1),
                    intent_at = intent_at - make_interval(secs => $1)";
                let client = database.client().await;
                client.execute(sql, &[&seconds]).await.expect("move the orders' clocks");
                let sql = "UPDATE nodes SET heartbeat_at = heartbeat_at - make_interval(secs => $1)";
                client.execute(sql, &[&seconds]).await.expect("move the nodes' clocks");
            }
        }
    }

    /// What is left to be done about an order.
    pub async fn left(&self, id: &str) -> Option<Left> {
        match &self.behind {
            Behind::Model(model) => {
                let (row, now) = (model.work(&OrderId::trusted(id))?, model.now());
                let minutes = |at: Timestamp| (at.0 - now.0) / 60_000_000;
                Some(Left {
                    version: row.version,
                    wakes: row.wake_at.map(minutes),
                    expires: row.expires_at.map(minutes),
                    intent_age: -minutes(row.intent_at),
                    attempts: row.attempts,
                    claims: row.claims,
                    owner: row.owner,
                    look: row.look,
                })
            }
            Behind::Postgres(database) => {
                let minutes = |column: &str| {
                    format!("round(extract(epoch FROM {column} - clock_timestamp()) / 60)::bigint AS {column}")
                };
                let times = ["wake_at", "expires_at", "intent_at"].map(minutes).join(", ");
                let sql = format!(
                    "SELECT version, {times}, attempts, claims, owner, look FROM order_work WHERE order_id = $1"
                );
                let row = database.client().await.query_opt(&sql, &[&id]).await.expect("read what is left")?;
                Some(Left {
                    version: row.get("version"),
                    wakes: row.get("wake_at"),
                    expires: row.get("expires_at"),
                    intent_age: -row.get::<_, i64>("intent_at"),
                    attempts: row.get("attempts"),
                    claims: row.get("claims"),
                    owner: row.get("owner"),
                    look: row.get("look"),
                })
            }
        }
    }

    /// The sum of a SKU's journal.
    pub async fn journal(&self, sku: &str) -> i64 {
        match &self.behind {
            Behind::Model(model) => model.shelves().get(&Sku::trusted(sku)).map_or(0, |shelf| shelf.2),
            Behind::Postgres(database) => {
                let sql = "SELECT coalesce(sum(delta), 0)::bigint FROM inventory_journal WHERE sku = $1";
                database.client().await.query_one(sql, &[&sku]).await.expect("read the journal").get(0)
            }
        }
    }

    /// What operators did to an order: who, what, why, before, after.
    pub async fn operator_log(&self, id: &str) -> Vec<[String; 5]> {
        match &self.behind {
            Behind::Model(model) => {
                let log = model.operator_log().into_iter().filter(|(order, _)| order.as_str() == id);
                log.map(|(_, e)| [e.by.to_string(), e.verb.into(), e.reason.to_string(), e.before, e.after]).collect()
            }
            Behind::Postgres(database) => {
                let sql = "SELECT by, verb, reason, before, after FROM operator_log WHERE order_id = $1 ORDER BY at";
                let rows = database.client().await.query(sql, &[&id]).await.expect("read the log");
                rows.iter().map(|row| [0, 1, 2, 3, 4].map(|column| row.get(column))).collect()
            }
        }
    }

    /// What [`NODE`] claims.
    pub async fn claim(&self) -> Sweep {
        self.claim_as(NODE, 100).await
    }

    pub async fn claim_as(&self, node: Uuid, limit: i64) -> Sweep {
        self.store.claim(node, LEASE, limit).await.expect("claim")
    }

    /// The names of what [`NODE`] claims, in their own order.
    pub async fn claimed(&self) -> Vec<String> {
        names(&self.claim().await)
    }

    /// What a key of a verb is bound to.
    pub async fn verb_key(&self, route: &str, key: &str) -> Option<KeyBinding> {
        self.store.find_key(verb_scope(route, key)).await.expect("find the key")
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

    /// Stores a write that must be stored; the local transaction that it became.
    #[track_caller]
    pub fn stored(&self, write: Write) -> impl Future<Output = LocalTransaction> + use<> {
        let (at, answer) = (std::panic::Location::caller(), self.send(write));
        async move {
            match answer.await.expect("every write is answered") {
                Ok(Committed::Stored(txn)) => *txn,
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
        self.store.change_stock(Sku::trusted(sku), change, shop()).await.expect("change the stock")
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
        definition: order.own.as_ref().map(|own| Arc::clone(&own.definition)),
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
    let command =
        Command::Submit { id: OrderId::trusted(id), client, request: Arc::clone(&request), saga: local.saga() };
    let content = Arc::new(request.stored());
    write(None, Does::Place { content }, command, local, now).expect("a submission is taken")
}

/// The write that a command to a stored order leads to; `None` where it refuses.
pub fn next(order: &Order, command: Command, local: Participants) -> Option<Write> {
    let now = Timestamp(order.updated_at.0 + 1_000_001);
    let before = Some(Arc::new(order.clone()));
    let does = Does::Advance(Box::new(Advance { before, ..Advance::of(order.version) }));
    write(Some(order), does, command, local, now)
}

fn write(order: Option<&Order>, does: Does, command: Command, local: Participants, now: Timestamp) -> Option<Write> {
    let txn = transaction::run(order, &command, now, &local, StockVerdict::Assumed).ok()?;
    let local: Arc<dyn LocalParticipants> = Arc::new(local);
    let intent = if txn.call == order.and_then(due) { Intent::Same } else { Intent::Fresh };
    let driver = Driver { intent, ..PURSUIT };
    let command = Arc::new(command);
    let txn = Box::new(txn);
    Some(Write { key: None, does, txn, command, local, now, driver })
}

/// The write of a remote participant's answer.
pub fn answered(order: &Order, action: Action, outcome: Outcome) -> Write {
    next(order, Command::Outcome { call: action.into(), outcome }, participants(order)).expect("the answer is due")
}

/// The participants of a stored order.
pub fn participants(order: &Order) -> Participants {
    Participants { plan: order.plan, ..LOCAL }
}

/// The write of a command that must be taken.
#[track_caller]
pub fn said(order: &Order, command: Command) -> Write {
    next(order, command, participants(order)).expect("the command is taken")
}

/// The write of a verb that the order does not take: its answer, and nothing else.
pub fn refused(order: &Order) -> Write {
    let mut write =
        next(order, Command::Attention { reason: "never stored".into(), missing: None }, participants(order))
            .expect("every order can wait for a human");
    *write.txn = LocalTransaction {
        order: order.clone(),
        events: Vec::new(),
        stock: transaction::StockMove::None,
        pays: false,
        steps: false,
        call: due(order),
    };
    write
}

pub fn verb_scope(route: &str, key: &str) -> KeyScope {
    KeyScope { client: shop(), route: route.into(), key: IdempotencyKey::trusted(key) }
}

/// The write, with the key of the verb that asked for it, and its answer where it is decided.
pub fn asked(mut write: Write, route: &str, key: &str, answer: Option<Answer>) -> Write {
    let (scope, order_id) = (verb_scope(route, key), write.order_id().clone());
    write.key = Some(KeyClaim { scope, order_id, fingerprint: Fingerprint([7; 33]), answer });
    write
}

pub fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.into() }
}

pub fn names(sweep: &Sweep) -> Vec<String> {
    let mut names: Vec<_> = sweep.claimed.iter().map(|one| one.order_id.to_string()).collect();
    names.sort();
    names
}

pub fn scope(key: &str) -> KeyScope {
    KeyScope { client: shop(), route: SUBMIT_ROUTE.into(), key: IdempotencyKey::trusted(key) }
}

/// The claim of a key for the order that a write is about.
pub fn claim(key: &str, write: &Write) -> KeyClaim {
    let fingerprint = write.txn.order.request.stored().fingerprint;
    KeyClaim { scope: scope(key), order_id: write.order_id().clone(), fingerprint, answer: None }
}

/// What the write of an order that is there moves beside it.
#[track_caller]
pub fn beside(write: &mut Write) -> &mut Advance {
    match &mut write.does {
        Does::Advance(advance) => advance,
        Does::Place { .. } => panic!("the write makes its order"),
    }
}

/// The write, with a key to bind.
pub fn keyed(mut write: Write, key: &str) -> Write {
    write.key = Some(claim(key, &write));
    write
}
