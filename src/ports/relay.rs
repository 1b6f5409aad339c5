//! What the database knows of who publishes where: a [`Witness`] for each part of each sink. A sink that keeps a cursor of
//! its own is believed, but for what the witness says against it.

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::StoreError;
use super::feed::{FeedError, Gap, Position, Reader};
use super::lease::Held;

/// One part of one sink, as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The sink's name.
    pub sink: String,
    /// Which part, from 0.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
    /// Which run: raised where an operator has the sink begin anew.
    pub run: u32,
    /// Where this run begins, in words: what `outbox.sinks[].from` may hold.
    pub begins: String,
    /// The same as a position, once that was worked out.
    pub begins_at: Option<Position>,
    /// The epoch in which an operator had it begin anew, whatever the sink has, where no relay has done so yet.
    pub anew_in: Option<i32>,
    /// Up to which epoch the sink's cursor may be passed over in this run, though it is later than this database's.
    pub over_epoch: Option<i32>,
    /// The name of what an operator said last.
    pub word: Option<Uuid>,
    /// Whether it is this deployment's: one that came along into a clone is not.
    pub is_ours: bool,
    /// What was published to in this run, in the sink's words; `None` until something was.
    pub target: Option<String>,
    /// How many times was published in this run, and what of the feed was read by then: at least.
    pub known: Option<(u64, Position)>,
    /// Why it waits for a human.
    pub stopped: Option<String>,
    /// Why an operator has nothing published.
    pub held: Option<String>,
    /// What of the events that this run was to begin with was pruned before.
    pub gap: Option<Gap>,
    /// Whether an operator had it hold back nothing any more: what it would go on with may be gone.
    pub is_forgotten: bool,
    /// Events that are passed over: id, and epoch of the commit.
    pub skips: Vec<(String, i32)>,
}

/// Keeps witnesses.
pub trait Witnesses: Send + Sync {
    /// The witness of a part; `None` where it never was published to.
    fn witness<'a>(&'a self, sink: &'a str, part: u32) -> BoxFuture<'a, Result<Option<Witness>, StoreError>>;

    /// In how many parts this sink was ever published to in this database: one number, unless something is wrong.
    fn parts<'a>(&'a self, sink: &'a str) -> BoxFuture<'a, Result<Vec<u32>, StoreError>>;

    /// Writes it, but for its skips and what an operator holds, where the lease is the caller's and no later run was begun; whether it did.
    fn attest<'a>(&'a self, held: &'a Held, witness: &'a Witness) -> BoxFuture<'a, Result<bool, StoreError>>;
}

/// A feed that is open.
pub struct Opened {
    /// Over a connection of its own.
    pub reader: Box<dyn Reader>,
    /// Which epoch the database is in.
    pub epoch: i32,
}

/// Opens feeds.
pub trait Feeds: Send + Sync {
    /// A feed over a connection of its own.
    fn open(&self) -> BoxFuture<'_, Result<Opened, FeedError>>;
}
