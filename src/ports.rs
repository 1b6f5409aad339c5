//! What the engine needs from outside, as traits: a [`Store`] and a [`Clock`]. Two stores pass the same conformance
//! suite: PostgreSQL, and the in-memory reference that the simulator runs on.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::saga::leg::{self, LocalParticipants, StockVerdict};
use crate::saga::request::Stored as StoredRequest;
use crate::saga::{
    Answer, Client, Command, Fingerprint, IdempotencyKey, Leg, Order, OrderId, Refusal, Shortage, Sku, State, Timestamp,
};

/// The route that scopes the keys of submissions.
pub const SUBMIT_ROUTE: &str = "POST /orders";

/// Within which a key is unique: client, method and route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyScope {
    /// Who sent it.
    pub client: Client,
    /// Method and route, with the order_id or SKU of its path.
    pub route: Arc<str>,
    /// The key.
    pub key: IdempotencyKey,
}

/// A key, and the request that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyClaim {
    /// Where it is unique.
    pub scope: KeyScope,
    /// The order that it is bound to.
    pub order_id: OrderId,
    /// The content that it is bound to.
    pub fingerprint: Fingerprint,
}

/// What a known key is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// Which order.
    pub order_id: OrderId,
    /// Which content.
    pub fingerprint: Fingerprint,
}

/// Under which condition a write is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// There is no such order yet.
    Absent,
    /// The order still has this version.
    Version(i32),
}

/// What one order's command decided: stored whole, or not at all.
#[derive(Clone)]
pub struct Write {
    /// A key to bind in the same transaction; where another request has it, nothing is stored.
    pub key: Option<KeyClaim>,
    /// The condition.
    pub guard: Guard,
    /// Events, row and stock.
    pub leg: Leg,
    /// The texts of the order's request.
    pub content: Arc<StoredRequest>,
    /// What the leg was decided from, to decide it anew where the stock is short.
    pub command: Arc<Command>,
    /// The participants that answered.
    pub local: Arc<dyn LocalParticipants>,
    /// The stamp of its events.
    pub now: Timestamp,
}

impl Write {
    /// The order that it is about.
    pub fn order_id(&self) -> &OrderId {
        &self.leg.order.id
    }

    /// The leg that it becomes where the stock, counted under lock, does not suffice. Only a new order asks for stock.
    pub fn short(&self, shortages: &[Shortage]) -> Result<Leg, Refusal> {
        leg::run(None, &self.command, self.now, &*self.local, StockVerdict::Short(shortages))
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Write").field("order_id", self.order_id()).field("guard", &self.guard).finish_non_exhaustive()
    }
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is durable, as this leg: the one submitted, or the one for short stock.
    Stored(Box<Leg>),
    /// The order exists; nothing of the write was stored.
    Exists,
    /// The key is bound already; nothing of the write was stored.
    KeyKnown,
    /// The order has another version by now; nothing of the write was stored.
    Stale,
}

/// Why a write has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An armed fault struck; nothing was stored.
    #[error("injected fault at {point}: the transaction was rolled back")]
    Injected {
        /// Where.
        point: &'static str,
    },
    /// The order asks for SKUs that inventory does not know; nothing was stored.
    #[error("inventory does not know a SKU of the order")]
    UnknownSku,
    /// The database refused this write, alone in its transaction; nothing was stored.
    #[error("the database refused the write: {0}")]
    Refused(String),
    /// The database is away; the write may or may not be stored.
    #[error("the database is away: {0}")]
    Unavailable(String),
}

/// What became of a write, or why nothing did.
pub type CommitResult = Result<Committed, CommitError>;

/// Called once with the outcome of a write, after COMMIT; dropped uncalled only by a store that failed with it in hand,
/// which means an unknown outcome.
pub type Done = Box<dyn FnOnce(CommitResult) + Send>;

/// Why the store could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database is away, or all connections are busy: try again.
    #[error("the database is away: {0}")]
    Unavailable(String),
    /// A row that cannot be read: a bug, or a hand in the database.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The database refused.
    #[error("the database refused: {0}")]
    Refused(String),
}

/// An order and the fingerprint of its request, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// The order.
    pub order: Order,
    /// Of the request that made it.
    pub fingerprint: Fingerprint,
}

/// A commit's events, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvents {
    /// The version of the first one.
    pub first_version: i32,
    /// When it was decided.
    pub at: Timestamp,
    /// A JSON array of events.
    pub events: String,
}

/// Which orders to list. Pages are in order_id order (bytewise).
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Only this client's; everybody's where absent (an operator asks).
    pub client: Option<Client>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only of this customer.
    pub customer_id: Option<String>,
    /// Only those that wait for a human.
    pub attention: bool,
    /// Only behind this order_id.
    pub after: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// The stock of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct StockLevel {
    /// Which.
    pub sku: Sku,
    /// Units on the shelf, reserved ones included.
    pub on_hand: i64,
    /// Units held for orders in flight.
    pub reserved: i64,
    /// `on_hand - reserved`.
    pub available: i64,
}

/// A change of stock by hand, with its journal entry.
#[derive(Debug, Clone)]
pub enum StockChange {
    /// Set `on_hand`, creating the SKU where it is unknown; the difference is journaled.
    Set(i64),
    /// Add to `on_hand` under a key.
    Adjust {
        /// How many units, negative to take away.
        delta: i64,
        /// Why, for the journal.
        reason: String,
        /// Under which the answer is stored.
        key: KeyScope,
        /// Of the request.
        fingerprint: Fingerprint,
    },
}

/// What became of a change of stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockChanged {
    /// Durable.
    Done {
        /// The stock after it.
        level: StockLevel,
        /// Whether the SKU was created.
        created: bool,
    },
    /// A repeat: the stored answer, byte for byte.
    Replayed(Answer),
    /// The key stands for another request.
    KeyReused,
    /// It would leave less than is reserved, or more than [`crate::limits::ON_HAND`]; nothing was changed.
    OutOfRange(StockLevel),
    /// Inventory does not know the SKU.
    UnknownSku,
}

/// The durable store. Every method may fail, and none leaves anything partial.
pub trait Store: Send + Sync + 'static {
    /// Stores a write, together with whatever else is queued, and calls `done` after COMMIT.
    fn commit(&self, write: Write, done: Done);

    /// The order of this id; `None` where there is none.
    fn load(&self, id: OrderId) -> BoxFuture<'static, Result<Option<StoredOrder>, StoreError>>;

    /// What a key is bound to.
    fn find_key(&self, scope: KeyScope) -> BoxFuture<'static, Result<Option<KeyBinding>, StoreError>>;

    /// Binds a key to an order that exists; the binding that stands afterwards, which may be an older one.
    fn bind_key(&self, claim: KeyClaim) -> BoxFuture<'static, Result<KeyBinding, StoreError>>;

    /// Which of these SKUs inventory does not know, in the order given.
    fn unknown_skus(&self, skus: Vec<Sku>) -> BoxFuture<'static, Result<Vec<Sku>, StoreError>>;

    /// A page of orders.
    fn list(&self, listing: Listing) -> BoxFuture<'static, Result<Vec<Order>, StoreError>>;

    /// The history of an order, in order; empty where there is none.
    fn events(&self, id: OrderId) -> BoxFuture<'static, Result<Vec<StoredEvents>, StoreError>>;

    /// The stock of a SKU; `None` where inventory does not know it.
    fn stock(&self, sku: Sku) -> BoxFuture<'static, Result<Option<StockLevel>, StoreError>>;

    /// Changes stock by hand, in one transaction with its journal entry and, for an adjustment, its key and the
    /// answer that `render` makes of the outcome.
    fn change_stock(
        &self,
        sku: Sku,
        change: StockChange,
        by: Client,
        render: fn(&StockChanged) -> Answer,
    ) -> BoxFuture<'static, Result<StockChanged, StoreError>>;

    /// Whether the database answers, as of the last second.
    fn is_healthy(&self) -> bool;
}

/// The time, for stamps only.
pub trait Clock: Send + Sync + 'static {
    /// The last time that the database told, plus the monotonic time since.
    fn now(&self) -> Timestamp;
}
