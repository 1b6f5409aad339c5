//! The feed: what was committed, a row a commit, each exactly once and in the order of its order, read by whoever keeps a
//! [`Position`] and nothing else.
//!
//! Commits become visible in another order than they were numbered: a transaction with a lower number may commit later.
//! Whoever remembers the highest number alone skips it for ever; whoever waits for the oldest open transaction of the whole
//! cluster stalls behind anybody's. So a position is the difference of two snapshots (as in PgQ): all of the transactions
//! below `upto` was read, except of those that were open then, which are remembered one by one. A step takes one snapshot,
//! reads what of the remembered ones has ended since, and then on from `upto`.
//!
//! Why that keeps the order within an order: a later version's transaction gets its number after the earlier one's commit
//! was seen (`events_published_in_order` in the audit). So what is late is read before what is next, and lower numbers
//! before higher ones.
//!
//! What transaction numbers do not promise, and what is done about it:
//!
//! - *An ordinary crash gives numbers away twice*: of what ended last nothing need have reached the disk. So a position goes
//!   no further than the last row read: that row's commit is on the disk, and with it its number.
//! - *Another history* (a promotion, a restore into another cluster) uses all of them anew. Each row bears its epoch, which
//!   the database raises; numbers are compared within one epoch, and the old one is read to its end first.
//! - *A prepared transaction outlives a promotion*: what is remembered bears its epoch too.
//! - *The same history, come back older* (files put back, a clone): a position knows the row that it read last, and where
//!   that row is not there, it is a position of something else ([`FeedError::Another`]). What nobody can see from there: a
//!   standby that lags, or a restore to a point in time, which has that row and lacks others that were read before it.
//!   Where a standby is to have each commit, only what it has is read; elsewhere that is not promised.

use std::collections::HashMap;
use std::fmt;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::saga::Timestamp;

/// A transaction: its number within the history that its epoch counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Xact {
    /// See the migration 0010: which history of the database.
    pub epoch: i32,
    /// Its number in that history, of 64 bits, which are never used up.
    pub number: u64,
}

/// Where a row of the feed lies. The feed's order within one step, and along one history.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The transaction that wrote it.
    pub xact: Xact,
    /// The order whose events the row holds.
    pub order_id: String,
    /// The version of its first event.
    pub first_version: i32,
}

impl Row {
    fn into_parts(self) -> (i32, u64, String, i32) {
        (self.xact.epoch, self.xact.number, self.order_id, self.first_version)
    }
}

/// What has been read of the feed. As text it is JSON: it is kept beside what was published, by sinks that know nothing of
/// its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The history that it reads along. Epoch 0 is what was there before there was a feed: it is complete, and read by
    /// order instead of by transaction.
    epoch: i32,
    /// Of this epoch all transactions below were read, but for those in `missing`.
    upto: u64,
    /// Transactions that were open when a step passed them, ascending: (epoch, number).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<(i32, u64)>,
    /// The row that was read last: (epoch, number, order_id, first_version). A position is one of the history that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<(i32, u64, String, i32)>,
    /// Whether that row's transaction may have more, behind it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    within: bool,
}

/// What a step's snapshot says beside the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Transactions that are open, in any order.
    pub open: Vec<u64>,
    /// The epoch behind the position's, where the database has begun one.
    pub next_epoch: Option<i32>,
}

impl Position {
    /// Before everything, in a database whose first epoch this is.
    pub fn beginning(epoch: i32) -> Self {
        Self { epoch, upto: 0, missing: Vec::new(), last: None, within: false }
    }

    /// Behind this row, the last one that there is, and whatever lies before it, but for what is open: below it in its
    /// epoch, and in every epoch before that, since what is prepared outlives a promotion and keeps its number. `open` has
    /// each open number in each of these epochs but where rows of it are there: then it is another transaction's.
    pub fn behind(row: Row, open: impl IntoIterator<Item = Xact>) -> Self {
        let xact = row.xact;
        let mut missing: Vec<_> =
            open.into_iter().filter(|open| *open < xact).map(|open| (open.epoch, open.number)).collect();
        missing.sort_unstable();
        let last = Some(row.into_parts());
        Self { epoch: xact.epoch, upto: xact.number + 1, missing, last, within: false }
    }

    /// The epoch that it reads along.
    pub fn epoch(&self) -> i32 {
        self.epoch
    }

    /// The lowest number of this epoch that was not passed.
    pub fn upto(&self) -> u64 {
        self.upto
    }

    /// The transactions that it has yet to read, whenever they end.
    pub fn missing(&self) -> impl Iterator<Item = Xact> + '_ {
        self.missing.iter().map(|(epoch, number)| Xact { epoch: *epoch, number: *number })
    }

    /// The row that was read last.
    pub fn last(&self) -> Option<Row> {
        let (epoch, number, order_id, first_version) = self.last.clone()?;
        Some(Row { xact: Xact { epoch, number }, order_id, first_version })
    }

    /// The transaction that it has read in part: its rest comes first, before whatever is late. What was open when it was
    /// begun has not to do with it.
    pub fn rest(&self) -> Option<Xact> {
        self.last.as_ref().filter(|_| self.within).map(|last| Xact { epoch: last.0, number: last.1 })
    }

    /// Whether this row was read.
    pub fn has(&self, row: &Row) -> bool {
        let is_behind = || self.last_key().is_some_and(|last| (row.order_id.as_str(), row.first_version) <= last);
        if self.rest() == Some(row.xact) {
            return is_behind();
        }
        if self.epoch == 0 { row.xact.epoch == 0 && is_behind() } else { self.passed(row.xact) }
    }

    /// In epoch 0 this is how far it is.
    fn last_key(&self) -> Option<(&str, i32)> {
        self.last.as_ref().map(|last| (last.2.as_str(), last.3))
    }

    /// Whether all rows of a transaction were read, whatever the [`rest`](Self::rest) is.
    fn passed(&self, xact: Xact) -> bool {
        let one = (xact.epoch, xact.number);
        self.epoch > 0 && (xact.epoch == 0 || one < (self.epoch, self.upto) && !self.missing.contains(&one))
    }

    /// Before whatever one of these has yet to read: what it has read, all of them have. None of none.
    pub fn common(positions: &[Self]) -> Option<Self> {
        let place = |position: &&Self| {
            let key = position.last_key().filter(|_| position.epoch == 0);
            (position.epoch, position.upto, key.map(|(order_id, version)| (order_id.to_owned(), version)))
        };
        let least = positions.iter().min_by_key(place)?;
        if least.epoch == 0 {
            return Some(least.clone());
        }
        let unread = |position: &Self| {
            let rest = position.rest().map(|rest| (rest.epoch, rest.number));
            position.missing.iter().copied().chain(rest).collect::<Vec<_>>()
        };
        let below = |one: &(i32, u64)| *one < (least.epoch, least.upto);
        let mut missing: Vec<_> = positions.iter().flat_map(unread).filter(below).collect();
        missing.sort_unstable();
        missing.dedup();
        Some(Self { missing, within: false, ..least.clone() })
    }

    /// Whether it has read all that another one has.
    pub fn covers(&self, other: &Self) -> bool {
        let (reached, was_at) = ((self.epoch, self.upto), (other.epoch, other.upto));
        match (self.epoch, other.epoch) {
            (0, 0) => self.last_key() >= other.last_key(),
            (0, _) => false,
            (_, 0) => true,
            (_, _) => {
                let has_rest = other.rest().is_none_or(|rest| self.passed(rest));
                let is_unread = |one: &(i32, u64)| !other.passed(Xact { epoch: one.0, number: one.1 });
                was_at <= reached && has_rest && self.rest().is_none() && self.missing.iter().all(is_unread)
            }
        }
    }

    /// Whether what this transaction wrote was read, all of it. Of what was there before the feed, that is so once the reading
    /// has come to the feed.
    pub fn has_read(&self, xact: Xact) -> bool {
        let passed = xact.epoch < self.epoch || xact.epoch == self.epoch && xact.epoch > 0 && xact.number < self.upto;
        passed && self.rest() != Some(xact) && !self.missing.contains(&(xact.epoch, xact.number))
    }

    /// The lowest transaction of its epoch that it has yet to read.
    pub fn lowest(&self) -> Xact {
        let next = Xact { epoch: self.epoch, number: self.upto };
        let late = self.missing().chain(self.rest()).filter(|late| late.epoch == self.epoch).min();
        late.map_or(next, |late| late.min(next))
    }

    /// Where a step ends that began here. It read these rows: the [`rest`](Self::rest), then what is late, then what comes
    /// next, each part in the feed's order. `whole` where there was no more to be seen in its snapshot.
    #[must_use]
    pub fn after(&self, snapshot: &Snapshot, read: &[Row], whole: bool) -> Self {
        if read.is_empty() && !whole {
            return self.clone();
        }
        let last = read.last().cloned().or_else(|| self.last());
        if self.epoch == 0 {
            let last = last.map(Row::into_parts);
            let after = Self { last, ..self.clone() };
            return if whole { after.moved(snapshot) } else { after };
        }
        let rest = self.rest();
        let stopped = last.as_ref().filter(|_| !whole).map(|row| row.xact);
        if stopped.is_some() && stopped == rest {
            return Self { last: last.map(Row::into_parts), ..self.clone() };
        }
        let in_range = |xact: Xact| xact.epoch == self.epoch && xact.number >= self.upto;
        // Whose rows were seen is not open: the number is another transaction's, of a newer history.
        let was_read = |xact: Xact| rest == Some(xact) || read.iter().any(|row| row.xact == xact);
        let is_open = |xact: Xact| snapshot.open.contains(&xact.number) && !was_read(xact);
        // What was remembered and has ended was read, but where the step stopped within that.
        let stopped_late = stopped.filter(|xact| !in_range(*xact));
        let is_left = |xact: Xact| stopped_late.is_some_and(|end| xact >= end) && rest != Some(xact);
        let mut missing: Vec<_> = self.missing().filter(|one| is_open(*one) || is_left(*one)).collect();
        let reached = last.as_ref().map(|row| row.xact).filter(|xact| in_range(*xact));
        let upto = match reached {
            Some(xact) if stopped == Some(xact) => xact.number,
            Some(xact) => xact.number + 1,
            None => self.upto + u64::from(rest.is_some_and(in_range)),
        };
        let passed = snapshot.open.iter().filter(|number| (self.upto..upto).contains(number));
        missing.extend(passed.map(|number| Xact { epoch: self.epoch, number: *number }).filter(|one| is_open(*one)));
        let mut missing: Vec<_> = missing.iter().map(|xact| (xact.epoch, xact.number)).collect();
        missing.sort_unstable();
        missing.dedup();
        let last = last.map(Row::into_parts);
        let after = Self { epoch: self.epoch, upto, missing, last, within: !whole };
        if whole { after.moved(snapshot) } else { after }
    }

    /// On into the next epoch, where there is one, from a place where all of this one that can be seen was read. Whoever
    /// may still write to it is open now: prepared, since nothing else outlives what ends an epoch.
    fn moved(self, snapshot: &Snapshot) -> Self {
        let Some(epoch) = snapshot.next_epoch else { return self };
        let mut missing = self.missing;
        if self.epoch > 0 {
            // Below `upto` it is remembered already, or was read, and the number is another transaction's of the new history.
            let unread = snapshot.open.iter().filter(|number| **number >= self.upto);
            missing.extend(unread.map(|number| (self.epoch, *number)));
            missing.sort_unstable();
            missing.dedup();
        }
        Self { epoch, upto: 0, missing, last: self.last, within: false }
    }
}

/// A row of the feed: the events of one commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The place of the row in the feed.
    pub row: Row,
    /// When the events were decided: the stamp of their commit.
    pub at: Timestamp,
    /// A JSON array of events, as stored: the content of `order.created` is the order's. Empty where the row is passed over.
    pub events: String,
}

/// What an order was submitted with: what `order.created` leaves out, and whose it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// The client that owns the order.
    pub client: String,
    /// The buyer, in the client's own numbering.
    pub customer_id: String,
    /// The ISO 4217 code of `amount`.
    pub currency: String,
    /// Lines and adjustments together, in minor units.
    pub amount: i64,
    /// As stored: a JSON array.
    pub lines: String,
    /// As stored: a JSON object of the rest.
    pub details: String,
}

/// What a step of the feed read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Rows, in the order in which they are to be published.
    pub records: Vec<Record>,
    /// The database's snapshot, in which all of it was read.
    pub snapshot: Snapshot,
    /// Whether there was no more to be seen.
    pub whole: bool,
}

impl Batch {
    /// Where the first so many records of a step from a position end.
    pub fn position(&self, from: &Position, taken: usize) -> Position {
        let rows: Vec<Row> = self.records.iter().take(taken).map(|record| record.row.clone()).collect();
        from.after(&self.snapshot, &rows, self.whole && taken >= self.records.len())
    }

    /// The same, for several numbers of records.
    pub fn positions(&self, from: &Position, taken: impl IntoIterator<Item = usize>) -> Vec<Position> {
        let rows: Vec<Row> = self.records.iter().map(|record| record.row.clone()).collect();
        let position = |taken: usize| {
            let read = &rows[..taken.min(rows.len())];
            from.after(&self.snapshot, read, self.whole && taken >= rows.len())
        };
        taken.into_iter().map(position).collect()
    }
}

/// Events that whoever begins somewhere will not get any more: they were pruned before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// How many events are gone, at most.
    pub events: u64,
    /// Of how many orders, at most.
    pub orders: u64,
    /// When the latest of them was decided.
    pub until: Timestamp,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { events, orders, until } = self;
        write!(
            f,
            "{events} events of {orders} order(s), decided until {until}, were pruned, and are not there any more"
        )
    }
}

/// Why there is no next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The database cannot be asked now, or is no primary.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The position is not one of this database's history. Nothing is read: what follows it here may have been published
    /// already, or never be.
    #[error("this database's history is not the one that was read: {0}")]
    Another(String),
}

/// A feed as whoever publishes it needs it. It keeps no position: each question says where it begins.
pub trait Reader: Send + Sync {
    /// The next rows behind a position: at most so many, of so many bytes together, but for the first one.
    fn step<'a>(&'a self, from: &'a Position, rows: usize, bytes: usize) -> BoxFuture<'a, Result<Batch, FeedError>>;

    /// What these orders were submitted with; it never changes. An order that is not there is left out.
    fn contents<'a>(&'a self, order_ids: &'a [&'a str]) -> BoxFuture<'a, Result<HashMap<String, Content>, FeedError>>;

    /// Before everything that is there.
    fn beginning(&self) -> BoxFuture<'_, Result<Position, FeedError>>;

    /// Behind everything that is there, but for what is open.
    fn now(&self) -> BoxFuture<'_, Result<Position, FeedError>>;

    /// How many events lie behind a position, counted through so many commits at most: for a gauge.
    fn behind<'a>(&'a self, position: &'a Position, most: i64) -> BoxFuture<'a, Result<u64, FeedError>>;
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;
