//! What the database knows of who publishes where: a [`Witness`] for each part of each sink. A sink that keeps a cursor of
//! its own is believed, but for what the witness says against it.

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
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
    /// How many parts the sink has.
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
    /// The division into parts that this run began with, where it began with one.
    pub division: Option<Division>,
}

/// How far a part was when it was stopped for good: what of its orders lies before that was published by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// What of the feed it had read.
    pub position: Position,
    /// It passed over what was decided before: microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<i64>,
}

/// A sink's parts became others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// The run that it began, of all parts alike; in a later one it is of no account.
    pub run: u32,
    /// Of each division whose parts' events the new ones come to again, newest first, all its parts: by their hash is known
    /// which of them an order was of.
    pub before: Vec<Vec<Stopped>>,
    /// What is yet to be written where the parts keep their cursors, in the words of whoever does. Nobody publishes before.
    pub closing: Option<String>,
}

/// The parts that a sink has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How many parts there are.
    pub of: u32,
    /// Whether they have yet to begin: see [`Division::closing`].
    pub closing: bool,
}

/// Where witnesses are kept. Errors are those of a store that cannot be asked now.
pub trait Witnesses: Send + Sync {
    /// The witness of a part; `None` where it never was published to.
    fn witness<'a>(&'a self, sink: &'a str, part: u32) -> BoxFuture<'a, Result<Option<Witness>, StoreError>>;

    /// The parts in which this sink is published to; `None` where it never was.
    fn parts<'a>(&'a self, sink: &'a str) -> BoxFuture<'a, Result<Option<Parts>, StoreError>>;

    /// Writes it, but for its skips and what an operator holds, where the lease is the caller's and no later run was begun; whether it did.
    fn attest<'a>(&'a self, held: &'a Held, witness: &'a Witness) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// Has these parts be all that their sink has, where all these leases are the caller's, and keeps what was known of those
    /// before in `outbox_log`; whether it did.
    fn divide<'a>(
        &'a self,
        held: &'a [Held],
        parts: &'a [Witness],
        division: &'a Division,
    ) -> BoxFuture<'a, Result<bool, StoreError>>;

    /// What a division had to have written is, where all these leases are the caller's; whether they are.
    fn closed<'a>(&'a self, held: &'a [Held], sink: &'a str, run: u32) -> BoxFuture<'a, Result<bool, StoreError>>;
}

/// A feed that is open.
pub struct Opened {
    /// Over a connection of its own.
    pub reader: Box<dyn Reader>,
    /// Which epoch the database is in.
    pub epoch: i32,
}

/// Where feeds are opened: each has a connection of its own.
pub trait Feeds: Send + Sync {
    /// A feed over a connection of its own.
    fn open(&self) -> BoxFuture<'_, Result<Opened, FeedError>>;
}
