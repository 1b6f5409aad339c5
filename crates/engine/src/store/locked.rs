//! What somebody else has locked, and who waits for it.
//!
//! A row that a session holds, be it a forgotten `psql`, an engine that was stopped in the middle of a commit, or a table
//! under a `CREATE INDEX`, must stop the orders that need it and no others. So a commit waits for a lock no longer than
//! `database.lock_timeout_ms`. Where that is over the transaction is tried once more, whole and with little patience:
//! what looks like a lock may have been a deadlock, which so short a limit hides from the server. After that the batch is not halved until the
//! culprit stands alone, which would cost a limit a step; it is asked, in one round trip and without waiting, what of all
//! that it needs is locked ([`ask`]). Orders that need that are parked behind it, and the others go on.
//!
//! Behind each locked thing stands a lane ([`super::lanes`]): a connection that waits for that one lock in PostgreSQL's
//! own queue, holding nothing else, and then writes what is parked, in the same transaction. So one of them gets through
//! as soon as the lock is free, none starves, and none holds other rows while it waits. What is known to be locked stays
//! known for a while, as short SKUs do: later orders go behind it without finding out again.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio_postgres::{Client, Error};

use super::commit::Job;
use super::commit::stock;
use super::pipeline::is_news;
use crate::limits;
use crate::ports::{Guard, Work, Write};
use crate::saga::{OrderId, Sku, StockMove};

/// The tables that a commit writes, in lock order, and the one that it only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Table {
    Keys,
    Orders,
    Counts,
    Payments,
    Refunds,
    Work,
    Events,
    Log,
    Journal,
    Inventory,
    /// `saga_definitions`
    Sagas,
    /// `order_steps`
    Steps,
    /// `nodes`: whether another engine lives, which would have to be told.
    Nodes,
}

impl Table {
    pub(super) const ALL: [Self; 13] = [
        Self::Keys,
        Self::Orders,
        Self::Counts,
        Self::Payments,
        Self::Sagas,
        Self::Steps,
        Self::Refunds,
        Self::Work,
        Self::Events,
        Self::Log,
        Self::Journal,
        Self::Nodes,
        Self::Inventory,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Keys => "idempotency_keys",
            Self::Orders => "orders",
            Self::Counts => "order_keys",
            Self::Payments => "payments",
            Self::Sagas => "saga_definitions",
            Self::Steps => "order_steps",
            Self::Nodes => "nodes",
            Self::Refunds => "refunds",
            Self::Work => "order_work",
            Self::Events => "order_events",
            Self::Log => "operator_log",
            Self::Journal => "inventory_journal",
            Self::Inventory => "inventory",
        }
    }

    /// How a commit locks it.
    fn mode(self) -> &'static str {
        if self == Self::Nodes { "ACCESS SHARE" } else { "ROW EXCLUSIVE" }
    }

    /// Which rows of it a commit meets that may have been there before, as a condition on names in `$1`, and how it
    /// locks them; `None` where it only ever adds rows.
    fn rows(self) -> Option<(&'static str, &'static str, &'static str)> {
        match self {
            Self::Keys => Some((
                "order_id",
                "order_id = ANY ($1::text[]) AND answer_status IS NULL AND order_id IS NOT NULL
                 AND route <> 'POST /orders'",
                "NO KEY UPDATE",
            )),
            Self::Orders | Self::Counts | Self::Payments | Self::Steps | Self::Refunds => {
                Some(("order_id", "order_id = ANY ($1::text[])", "NO KEY UPDATE"))
            }
            Self::Work => Some(("order_id", "order_id = ANY ($1::text[])", "UPDATE")),
            Self::Inventory => Some(("sku", "sku = ANY ($1::text[])", "NO KEY UPDATE")),
            Self::Sagas | Self::Events | Self::Log | Self::Journal | Self::Nodes => None,
        }
    }

    /// Whether a write changes anything in it.
    fn is_touched_by(self, write: &Write) -> bool {
        let txn = &write.txn;
        match self {
            Self::Orders => true,
            Self::Keys => write.key.is_some() || !write.settled().is_empty(),
            Self::Counts => write.key.is_some() && !write.places(),
            Self::Payments => txn.pays,
            Self::Sagas => txn.steps && write.places(),
            Self::Steps => txn.steps,
            Self::Refunds => !txn.events.is_empty() && !txn.order.refunds.is_empty(),
            Self::Work => match (write.work(txn), write.guard()) {
                (Work::Untouched, _) | (Work::Done, Guard::Absent) => false,
                (Work::Done, Guard::Version(_)) | (Work::Open { .. }, _) => true,
            },
            Self::Events => !txn.events.is_empty(),
            Self::Log => write.log().is_some(),
            Self::Journal => stock::restocked(txn).next().is_some(),
            Self::Nodes => !write.places() && is_news(write, txn),
            Self::Inventory => skus(write).next().is_some(),
        }
    }
}

/// The SKUs whose rows a write changes, or needs counted.
pub(super) fn skus(write: &Write) -> impl Iterator<Item = &Sku> {
    let txn = &write.txn;
    let lines = txn.order.request.lines.iter().filter(move |_| txn.stock != StockMove::None);
    lines.map(|line| &line.sku).chain(stock::restocked(txn).map(|(_, back)| &back.sku))
}

/// Something that somebody else has locked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Locked {
    /// A table, against what a commit does with it.
    Table(Table),
    /// The row of a SKU.
    Sku(Sku),
    /// The rows of an order, or its name: another transaction that has not ended may be about to place it.
    Order(OrderId),
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(table) => write!(f, "table {}", table.name()),
            Self::Sku(sku) => write!(f, "the inventory row of {sku}"),
            Self::Order(id) => write!(f, "a row of order {id}"),
        }
    }
}

impl Locked {
    fn stops(&self, write: &Write) -> bool {
        match self {
            Self::Table(table) => table.is_touched_by(write),
            Self::Sku(sku) => skus(write).any(|needed| needed == sku),
            Self::Order(id) => write.order_id() == id,
        }
    }
}

/// Those who wait for one locked thing.
#[derive(Default)]
pub(super) struct Group {
    pub(super) jobs: VecDeque<Job>,
    /// In which table the row of an order is locked; `None` where no row of it was to be seen.
    pub(super) table: Option<Table>,
    /// Whether a lane is there for them.
    lane: bool,
    /// When a lane was last there for them: the one that has waited longest is next where lanes are few.
    served: Option<Instant>,
    /// Until when it is still taken to be locked, once nobody waits.
    known_until: Option<Instant>,
    /// Whether it was found free since: something else is locked.
    free: bool,
}

/// All that is known to be locked.
#[derive(Default)]
pub(super) struct Parked {
    groups: HashMap<Locked, Group>,
    pub(super) lanes: usize,
}

impl Parked {
    /// Whether nothing is known to be locked: the usual case, which costs a commit nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// What a write would wait for.
    pub(super) fn before(&self, write: &Write) -> Option<Locked> {
        if self.groups.is_empty() {
            return None;
        }
        let tables = Table::ALL.into_iter().map(Locked::Table);
        let order = std::iter::once_with(|| Locked::Order(write.order_id().clone()));
        let stock = skus(write).map(|sku| Locked::Sku(sku.clone()));
        let mut things = tables.chain(order).chain(stock);
        things.find(|thing| self.groups.get(thing).is_some_and(|group| !group.free) && thing.stops(write))
    }

    /// Parks a job behind what it waits for.
    pub(super) fn park(&mut self, thing: Locked, table: Option<Table>, mut job: Job, now: Instant) {
        job.locked_since.get_or_insert(now);
        let group = self.groups.entry(thing).or_default();
        group.table = table.or(group.table);
        group.free = false;
        group.jobs.push_back(job);
    }

    /// Remembers that something is locked, whether or not anybody waits for it yet.
    pub(super) fn note(&mut self, thing: Locked, table: Option<Table>, now: Instant) {
        if self.groups.len() < limits::LOCKED_THINGS || self.groups.contains_key(&thing) {
            let group = self.groups.entry(thing).or_default();
            group.table = table.or(group.table);
            group.known_until = Some(now + limits::LOCKED_KNOWN);
            group.free = false;
        }
    }

    /// It was asked what these writes need and what of that is locked: whatever else was taken to be is free. A row that
    /// nobody can see is no answer to that question.
    pub(super) fn learn(&mut self, found: &[(Locked, Option<Table>)], jobs: &[Job]) {
        for (thing, group) in &mut self.groups {
            let unseen = matches!(thing, Locked::Order(_)) && group.table.is_none();
            let asked = !unseen && jobs.iter().any(|job| thing.stops(&job.write));
            group.free |= asked && !found.iter().any(|(locked, _)| locked == thing);
        }
    }

    /// It is free, and something else is locked.
    pub(super) fn is_free(&mut self, thing: &Locked) {
        if let Some(group) = self.groups.get_mut(thing) {
            group.free = true;
        }
    }

    /// Something that is waited for without a lane, the longest without one first, while lanes are left.
    pub(super) fn open_lane(&mut self, now: Instant) -> Option<Locked> {
        if self.lanes >= limits::LOCK_LANES {
            return None;
        }
        let waiting = self.groups.iter_mut().filter(|(_, group)| !group.lane && !group.jobs.is_empty());
        let (thing, group) = waiting.min_by_key(|(_, group)| group.served)?;
        group.lane = true;
        group.served = Some(now);
        self.lanes += 1;
        Some(thing.clone())
    }

    /// Ends a lane, where it is wanted no longer.
    pub(super) fn close_lane(&mut self, thing: &Locked, now: Instant) {
        if let Some(group) = self.groups.get_mut(thing) {
            group.lane = false;
            group.served = Some(now);
        }
        self.lanes -= 1;
    }

    /// Whether more is waited for than there are lanes.
    pub(super) fn is_crowded(&self) -> bool {
        self.groups.values().any(|group| !group.lane && !group.jobs.is_empty())
    }

    /// Those who wait for one thing.
    pub(super) fn group(&mut self, thing: &Locked) -> Option<&mut Group> {
        self.groups.get_mut(thing)
    }

    /// Somebody waited for it and has it now: what had to be waited for is taken to be locked for a little longer, and what
    /// was there at once is locked no more.
    pub(super) fn reached(&mut self, thing: &Locked, waited: bool, now: Instant) {
        if let Some(group) = self.groups.get_mut(thing) {
            group.known_until = waited.then(|| now + limits::LOCKED_KNOWN);
            group.free = !waited;
        }
    }

    /// Those who have waited for as long as a statement may take; and what nobody waits for any more is forgotten.
    pub(super) fn expired(&mut self, patience: Duration, now: Instant) -> Vec<(Locked, Job)> {
        let mut over = Vec::new();
        for (thing, group) in &mut self.groups {
            let is_over = |job: &Job| job.locked_since.is_some_and(|since| now.duration_since(since) >= patience);
            let (gone, left): (VecDeque<_>, VecDeque<_>) = group.jobs.drain(..).partition(is_over);
            group.jobs = left;
            over.extend(gone.into_iter().map(|job| (thing.clone(), job)));
        }
        self.groups.retain(|_, group| {
            group.lane || !group.jobs.is_empty() || group.known_until.is_some_and(|until| until > now)
        });
        over
    }

    /// Everybody who waits for anything.
    pub(super) fn waiting(&self) -> usize {
        self.groups.values().map(|group| group.jobs.len()).sum()
    }
}

/// What of all that these writes need is locked at this moment, and for a row of an order in which table. Waits for
/// nothing: the connection must be in no transaction.
pub(super) async fn ask(client: &Client, writes: &[&Write]) -> Result<Vec<(Locked, Option<Table>)>, Error> {
    let touched: Vec<Table> =
        Table::ALL.into_iter().filter(|table| writes.iter().any(|write| table.is_touched_by(write))).collect();
    let tables = join_all(touched.iter().map(|table| is_locked(client, *table))).await;
    let mut found = Vec::new();
    let orders: Vec<&str> = writes.iter().map(|write| write.order_id().as_str()).collect();
    let stock: Vec<&str> = writes.iter().flat_map(|write| skus(write)).map(Sku::as_str).collect();
    for (table, locked) in touched.into_iter().zip(tables) {
        if locked? {
            found.push((Locked::Table(table), None));
            continue;
        }
        let Some((column, condition, strength)) = table.rows() else { continue };
        let name = table.name();
        let sql = format!(
            "WITH free AS MATERIALIZED (
                 SELECT {column} FROM {name} WHERE {condition} FOR {strength} SKIP LOCKED
             )
             SELECT DISTINCT t.{column} FROM {name} t
             WHERE {condition} AND NOT EXISTS (SELECT FROM free f WHERE f.{column} = t.{column})"
        );
        let names = if table == Table::Inventory { &stock } else { &orders };
        for row in client.query(&sql, &[names]).await? {
            let (name, table) = (row.get::<_, &str>(0), Some(table));
            found.push(match table {
                Some(Table::Inventory) => (Locked::Sku(Sku::trusted(name)), None),
                _ => (Locked::Order(OrderId::trusted(name)), table),
            });
        }
    }
    Ok(found)
}

/// Whether a table cannot be locked just now as a commit needs it.
async fn is_locked(client: &Client, table: Table) -> Result<bool, Error> {
    let sql = format!("BEGIN; LOCK TABLE {} IN {} MODE NOWAIT", table.name(), table.mode());
    let locked = client.batch_execute(&sql);
    let (locked, ended) = tokio::join!(locked, client.batch_execute("ROLLBACK"));
    ended?;
    match locked {
        Ok(()) => Ok(false),
        Err(error) if is_lock(&error) => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether an error says that a lock was not to be had in time (55P03).
pub(super) fn is_lock(error: &Error) -> bool {
    error.code() == Some(&tokio_postgres::error::SqlState::LOCK_NOT_AVAILABLE)
}

/// The statement that waits for one locked thing and holds it, with its one parameter.
pub(super) fn hold(thing: &Locked, table: Option<Table>) -> Option<(String, Option<&str>)> {
    match thing {
        Locked::Table(table) => Some((format!("LOCK TABLE {} IN {} MODE", table.name(), table.mode()), None)),
        Locked::Sku(sku) => Some(("SELECT FROM inventory WHERE sku = $1 FOR NO KEY UPDATE".into(), Some(sku.as_str()))),
        Locked::Order(id) => {
            let (name, (_, condition, strength)) = table.and_then(|table| Some((table.name(), table.rows()?)))?;
            let condition = condition.replace("$1::text[]", "ARRAY[$1::text]");
            Some((format!("SELECT FROM {name} WHERE {condition} FOR {strength}"), Some(id.as_str())))
        }
    }
}
