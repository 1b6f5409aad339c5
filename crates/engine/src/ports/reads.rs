//! What is read: orders, events, stock, and what operators did.

use uuid::Uuid;

use super::KeyScope;
use crate::saga::{Answer, Client, Fingerprint, Order, OrderId, Sku, StockLevel, Timestamp};

/// What an operator did to an order, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRecord {
    /// When it was done, by the database's clock.
    pub at: Timestamp,
    /// The subject of the operator's token.
    pub by: Client,
    /// What: the word of the verb.
    pub verb: String,
    /// Why, in the operator's words.
    pub reason: String,
    /// Where the order stood, as JSON: state, version, attention.
    pub before: String,
    /// Where it stood then, likewise.
    pub after: String,
}

/// One of all that operators did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAct {
    /// Its place among those of one moment.
    pub entry_id: Uuid,
    /// To which order.
    pub order_id: OrderId,
    /// What was done.
    pub record: OperatorRecord,
}

/// Why the store could not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The database is away, or all connections are busy: try again.
    #[error("the database is away: {0}")]
    Unavailable(String),
    /// A row that cannot be read: a bug, or a hand in the database.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The database refused what was asked: asking again changes nothing.
    #[error("the database refused: {0}")]
    Refused(String),
}

/// An order and the fingerprint of its request, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// The order as it was last committed.
    pub order: Order,
    /// Of the request that made it.
    pub fingerprint: Fingerprint,
    /// Whether it is looked up before anything is sent for it: its database was restored from before, and participants
    /// may have done since what it does not know of.
    pub look_first: bool,
}

/// A commit's events, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvents {
    /// The version of the first one.
    pub first_version: i32,
    /// When the commit was decided: the stamp of its events.
    pub at: Timestamp,
    /// A JSON array of events.
    pub events: String,
}

/// Which SKUs to list, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockListing {
    /// Only those that begin with this.
    pub prefix: String,
    /// Only those of which fewer units are available.
    pub below: Option<i64>,
    /// Only those behind this one.
    pub after: Option<Sku>,
    /// At most so many.
    pub limit: i64,
}

/// A page of a listing of stock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockPage {
    /// Those that match; there may be few of them, or none, and yet more behind.
    pub levels: Vec<StockLevel>,
    /// Behind which SKU the next page begins, where there may be one.
    pub next: Option<Sku>,
}

/// A change of the stock of a SKU that no shipment made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StockEntry {
    /// Its place among those of one moment.
    pub entry_id: Uuid,
    /// When it was made, by the database's clock.
    pub at: Timestamp,
    /// How many units came, below 0 went.
    pub delta: i64,
    /// Why.
    pub reason: String,
    /// The client, or the subject of the operator's token.
    pub by: Client,
    /// The order whose goods came back.
    pub order_id: Option<String>,
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
        /// Why, for the journal of stock.
        reason: String,
        /// Under which the answer is stored.
        key: KeyScope,
        /// Of the request, by which a repeat is told from another one under the same key.
        fingerprint: Fingerprint,
    },
}

/// What became of a change of stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StockChanged {
    /// It is made, and durable.
    Done {
        /// The stock after the change.
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
