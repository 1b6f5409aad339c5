//! What is written of an order: all that one command decided, and what became of it.

use std::sync::Arc;

use super::{Driver, KeyClaim, Work};
use crate::saga::request::Stored as StoredRequest;
use crate::saga::transaction::{self, LocalParticipants, StockVerdict};
use crate::saga::{
    Answer, Client, Command, IdempotencyKey, LocalTransaction, Order, OrderId, Refusal, Shortage, Timestamp,
};

/// The final answer of verbs that were asked earlier and are decided by this write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The route that scopes their keys.
    pub route: Arc<str>,
    /// The key that asked; every open one of the route where absent.
    pub holder: Option<(Client, IdempotencyKey)>,
    /// The final answer that they get.
    pub answer: Answer,
}

/// What an operator did to an order, and why: written with the change itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorEntry {
    /// The subject of the operator's token.
    pub by: Client,
    /// The word of the verb.
    pub verb: &'static str,
    /// Why, in the operator's words.
    pub reason: Arc<str>,
    /// Where the order stood, as JSON: state, version, attention.
    pub before: String,
    /// Where the order stands after it, likewise.
    pub after: String,
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
    /// Whether it makes an order or moves one, and what that takes.
    pub does: Does,
    /// Events, row and stock. Boxed: it is large, and passes from hand to hand until its order's actor has it back.
    pub txn: Box<LocalTransaction>,
    /// What the local transaction was decided from, to decide it anew where the stock is short.
    pub command: Arc<Command>,
    /// The local participants that answered in the local transaction.
    pub local: Arc<dyn LocalParticipants>,
    /// The stamp of its events.
    pub now: Timestamp,
    /// What is to be done about the order later, and by whom.
    pub driver: Driver,
}

/// What a write does to its order.
#[derive(Debug, Clone)]
pub enum Does {
    /// Makes it; where there is one of this name, nothing is stored.
    Place {
        /// The texts of its request, which are written once.
        content: Arc<StoredRequest>,
    },
    /// Moves it; where it has another version by now, nothing is stored. In a box: most orders of a busy shop are placed, and
    /// done.
    Advance(Box<Advance>),
}

/// What moves with an order that is there.
#[derive(Debug, Clone)]
pub struct Advance {
    /// The version that it must still have.
    pub version: i32,
    /// The order as it was, where the write asks for stock.
    pub before: Option<Arc<Order>>,
    /// Answers of verbs that were asked earlier.
    pub settled: Vec<Settled>,
    /// What an operator did, for their log; `None` where a client or the engine did it.
    pub log: Option<OperatorEntry>,
    /// What the order was tried with in vain, where the write follows from that: kept with what is left to be done.
    pub trouble: Option<Trouble>,
}

impl Advance {
    /// Of an order at this version, and nothing beside.
    pub fn of(version: i32) -> Self {
        Self { version, before: None, settled: Vec::new(), log: None, trouble: None }
    }
}

/// How a call fared that has no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How often it was sent.
    pub attempts: i16,
    /// What was heard last: a status, or what went wrong on the way.
    pub error: Arc<str>,
}

impl Write {
    /// The order that it is about.
    pub fn order_id(&self) -> &OrderId {
        &self.txn.order.id
    }

    /// The condition under which it is stored.
    pub fn guard(&self) -> Guard {
        match &self.does {
            Does::Place { .. } => Guard::Absent,
            Does::Advance(advance) => Guard::Version(advance.version),
        }
    }

    /// Whether it makes its order.
    pub fn places(&self) -> bool {
        self.guard() == Guard::Absent
    }

    /// The texts of a new order's request; `None` of one that is there.
    pub fn content(&self) -> Option<&StoredRequest> {
        match &self.does {
            Does::Place { content } => Some(content),
            Does::Advance(_) => None,
        }
    }

    /// What moves with an order that is there; `None` of a new one.
    pub fn advance(&self) -> Option<&Advance> {
        match &self.does {
            Does::Place { .. } => None,
            Does::Advance(advance) => Some(advance),
        }
    }

    /// Answers of verbs that were asked earlier.
    pub fn settled(&self) -> &[Settled] {
        self.advance().map_or(&[], |advance| &advance.settled)
    }

    /// What an operator did; `None` where a client or the engine did it.
    pub fn log(&self) -> Option<&OperatorEntry> {
        self.advance()?.log.as_ref()
    }

    /// What the order was tried with in vain.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.advance()?.trouble.as_ref()
    }

    /// What `txn`, which the write became, leaves to be done.
    pub fn work(&self, txn: &LocalTransaction) -> Work {
        Work::left(txn, self.guard(), &self.driver)
    }

    /// The local transaction that it becomes where the stock, counted under lock, does not suffice.
    pub fn short(&self, shortages: &[Shortage]) -> Result<LocalTransaction, Refusal> {
        let before = self.advance().and_then(|advance| advance.before.as_deref());
        transaction::run(before, &self.command, self.now, &*self.local, StockVerdict::Short(shortages))
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Write").field("order_id", self.order_id()).field("guard", &self.guard()).finish_non_exhaustive()
    }
}

/// What became of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It is durable, as this local transaction: the one submitted, or the one for short stock.
    Stored(Box<LocalTransaction>),
    /// The order exists; nothing of the write was stored.
    Exists,
    /// The key is bound already; nothing of the write was stored.
    KeyKnown,
    /// The order has another version by now; nothing of the write was stored.
    Stale,
    /// The order has as many keys of verbs as it takes ([`crate::limits::VERB_KEYS`]); nothing of the write was stored.
    Full,
}

/// Why a write has no outcome.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// An armed fault struck; nothing was stored.
    #[error("injected fault at {point}: the transaction was rolled back")]
    Injected {
        /// The point that was armed.
        point: &'static str,
    },
    /// The order asks for SKUs that inventory does not know; nothing was stored.
    #[error("inventory does not know a SKU of the order")]
    UnknownSku,
    /// The database refused this write, alone in its transaction; nothing was stored.
    #[error("the database refused the write: {0}")]
    Refused(String),
    /// What the write needs stayed locked by another session of the database for as long as a statement may take; nothing
    /// was stored.
    #[error("{what} is locked by another session of the database")]
    Locked {
        /// The locked row or table, in words for the client.
        what: String,
    },
    /// The database is away; the write may or may not be stored.
    #[error("the database is away: {0}")]
    Unavailable(String),
}

/// What became of a write, or why nothing did.
pub type CommitResult = Result<Committed, CommitError>;

/// Called once with the outcome of a write, after COMMIT; dropped uncalled only by a store that failed with it in hand,
/// which means an unknown outcome.
pub type Done = Box<dyn FnOnce(CommitResult) + Send>;
