//! A commit: the statements of one transaction, sent in one round trip.
//!
//! A new order is inserted `ON CONFLICT DO NOTHING`, an order that moves on is updated under its version; both stamp
//! the row with the transaction's `commit_id`. Whatever else is written of orders is written of those that these statements
//! stored (`commit/stored.rs`), so that a lost guard writes nothing at all and a stored duplicate rolls nothing back; and
//! after a lost connection the stamp tells whose commit it was.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::columns::{Pair, Parameters};
use super::commit::keys::Claims;
use super::commit::stored::BEGIN;
use super::commit::{events, keys, orders, payments, steps, stock, work};
use super::locked;
use super::statements::Statements;
use crate::faults::{self, Faults, Hit, Point};
use crate::limits;
use crate::ports::{Guard, Work, Write};
use crate::saga::transaction::Allocation;
use crate::saga::{LocalTransaction, Shortage, Sku};

/// How a transaction treats stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Assumes that it suffices; the constraint raises where it does not. One round trip.
    Fast,
    /// Counts it under lock and serves the orders first come, first served. Two round trips.
    Exact,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// By itself, and waits for each lock no longer than `database.lock_timeout_ms`.
    Begin,
    /// By itself, and waits for locks as long as this.
    Patient(Duration),
    /// It is open: whoever opened it has waited for a lock in it, and has seen to it that it waits no longer for others
    /// than usual.
    Held,
}

/// Why a transaction was rolled back, or has an unknown outcome.
#[derive(Debug)]
pub(super) enum Failed {
    /// An armed fault raised.
    Injected(Hit),
    /// The database said no, or the connection is gone.
    Database(Error),
    /// The connection is as good as gone: an armed fault lost it after COMMIT.
    Lost,
}

/// One transaction's writes, and what it makes of them. Outlives the connection, so that what was attempted is known
/// after a lost one.
pub(super) struct Attempt<'a> {
    /// In the order of arrival.
    pub(super) writes: Vec<&'a Write>,
    /// What it becomes instead, where the stock is short.
    pub(super) replaced: Vec<Option<LocalTransaction>>,
    /// The stamp of the rows.
    pub(super) commit_id: i64,
    /// SKUs that were found short.
    pub(super) short: BTreeSet<Sku>,
}

/// What a transaction wrote, by order_id.
#[derive(Debug, Default)]
pub(super) struct Wrote {
    /// New orders and orders that moved on.
    pub(super) orders: HashSet<String>,
    /// Orders whose key was claimed.
    pub(super) keys: HashSet<String>,
    /// Orders that were found to take no more keys of verbs.
    pub(super) full: HashSet<String>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(writes: Vec<&'a Write>, commit_id: i64) -> Self {
        let replaced = writes.iter().map(|_| None).collect();
        Self { writes, replaced, commit_id, short: BTreeSet::new() }
    }

    /// Each write, with what it becomes.
    fn pairs(&self) -> impl Iterator<Item = (&'a Write, &LocalTransaction)> {
        self.writes
            .iter()
            .zip(&self.replaced)
            .map(|(write, replaced)| (*write, replaced.as_ref().unwrap_or(&write.txn)))
    }

    /// Runs the transaction. `Ok` means that COMMIT was confirmed; after an error the connection is in none.
    pub(super) async fn run(
        &mut self,
        client: &Client,
        statements: &Statements,
        (opening, mode): (Opening, Mode),
        faults: &Faults,
    ) -> Result<Wrote, Failed> {
        let mut open = opening == Opening::Held;
        let result = self.transact(client, statements, (opening, mode), faults, &mut open).await;
        // A COMMIT ends a transaction that failed, too. Where it was not sent yet, the next batch would meet its remains.
        if matches!(result, Err(Failed::Injected(_) | Failed::Database(_)))
            && open
            && client.batch_execute("ROLLBACK").await.is_err()
        {
            return Err(Failed::Lost);
        }
        result
    }

    /// `open` is whether it was begun and its COMMIT not sent.
    async fn transact(
        &mut self,
        client: &Client,
        statements: &Statements,
        (opening, mode): (Opening, Mode),
        faults: &Faults,
        open: &mut bool,
    ) -> Result<Wrote, Failed> {
        let ids: Vec<&str> = self.writes.iter().map(|write| write.order_id().as_str()).collect();
        let mut counted = BTreeMap::new();
        let mut pipeline = Pipeline { client, faults, ids, pending: Vec::new(), raised: None };
        match opening {
            Opening::Begin => pipeline.simple(BEGIN),
            Opening::Patient(patience) => {
                pipeline.owned(format!("{BEGIN}; SET LOCAL lock_timeout = {}", patience.as_millis().max(1)));
            }
            Opening::Held => {}
        }
        *open = true;
        pipeline.point(Point::AfterBegin).await?;
        let is_whole = self.is_whole(mode);
        let slots = self.place(&mut pipeline, statements, is_whole).await?;
        let mut wrote = Wrote::default();
        if mode == Mode::Exact {
            pipeline.query(&statements.lock_stock, vec![Box::new(self.skus())]);
            let answers = pipeline.flush().await?;
            wrote = slots.read(&answers);
            counted = self.allocate(&wrote, answers.last().map_or(&[][..], Vec::as_slice));
        }
        self.settle(&mut pipeline, statements);
        self.record(&mut pipeline, statements, is_whole).await?;
        self.tell(&mut pipeline, statements);
        match mode {
            Mode::Fast => self.move_stock(&mut pipeline, statements),
            Mode::Exact => move_counted(&mut pipeline, statements, &counted),
        }
        pipeline.point(Point::AfterInventoryUpdate).await?;
        pipeline.point(Point::BeforeCommit).await?;
        pipeline.simple("COMMIT");
        *open = false;
        let answers = pipeline.flush().await?;
        pipeline.after_commit().await?;
        Ok(if mode == Mode::Fast { slots.read(&answers) } else { wrote })
    }

    /// Whether new orders are written whole, with their payments and events, by one statement: where nothing of them can change
    /// any more, and one of them has a payment. The statement locks that table whether or not, and orders that need nothing of
    /// it are to wait for nobody who has it locked.
    fn is_whole(&self, mode: Mode) -> bool {
        mode == Mode::Fast && self.writes.iter().any(|write| write.places() && write.txn.pays)
    }

    /// Keys and orders: what decides which of the writes are stored at all.
    async fn place<'s>(
        &self,
        pipeline: &mut Pipeline<'s>,
        statements: &'s Statements,
        is_whole: bool,
    ) -> Result<Slots, Failed>
    where
        'a: 's,
    {
        let mut slots = Slots::default();
        let claims = Claims::of(&self.writes);
        if !claims.is_empty() {
            slots.keys = Some(pipeline.query(&statements.claim_keys, claims.claim(self.commit_id)));
        }
        pipeline.point(Point::AfterKeysInsert).await?;
        let (new, moved): (Vec<_>, Vec<_>) = self.asked().into_iter().partition(|(write, _)| write.places());
        if !new.is_empty() {
            let keyed = !claims.is_empty();
            let (statement, parameters) = match (is_whole, keyed) {
                (false, false) => (&statements.place_orders, orders::place(&new, self.commit_id)),
                (false, true) => (&statements.place_keyed_orders, orders::place(&new, self.commit_id)),
                (true, _) => {
                    let paying: Vec<_> = new.iter().filter(|(_, txn)| txn.pays).collect();
                    let whole = orders::place_whole(&new, &paying, self.commit_id);
                    (if keyed { &statements.place_whole_keyed_orders } else { &statements.place_whole_orders }, whole)
                }
            };
            slots.placed = Some(pipeline.query(statement, parameters));
        }
        pipeline.point(Point::AfterOrdersInsert).await?;
        // Sorted by order_id, as all of them.
        let asked_by_key = moved.iter().filter(|(write, _)| write.key.is_some());
        let verbs: Vec<&str> = asked_by_key.map(|(write, _)| write.order_id().as_str()).collect();
        if !verbs.is_empty() {
            let parameters: Parameters<'s> = vec![Box::new(verbs.clone()), Box::new(limits::VERB_KEYS)];
            slots.full = Some(pipeline.query(&statements.find_full, parameters));
        }
        if !moved.is_empty() {
            slots.advanced = Some(pipeline.query(&statements.advance_orders, orders::advance(&moved, self.commit_id)));
        }
        if !claims.is_empty() {
            pipeline.query(&statements.drop_unused_keys, claims.unused(self.commit_id));
        }
        if !verbs.is_empty() {
            pipeline.query(&statements.count_verb_keys, vec![Box::new(verbs)]);
        }
        pipeline.point(Point::AfterOrdersUpdate).await?;
        Ok(slots)
    }

    /// Serves the stored orders in the order of arrival from what is left under lock; what each SKU changes by.
    fn allocate(&mut self, wrote: &Wrote, locked: &[Row]) -> BTreeMap<Sku, (i64, i64)> {
        let left: BTreeMap<Sku, i64> =
            locked.iter().map(|row| (Sku::trusted(row.get::<_, &str>(0)), row.get(1))).collect();
        let mut allocation = Allocation::new(left.clone());
        let mut changes: BTreeMap<Sku, (i64, i64)> = BTreeMap::new();
        for (write, replaced) in self.writes.iter().zip(&mut self.replaced) {
            let mut txn: &LocalTransaction = &write.txn;
            if !wrote.orders.contains(write.order_id().as_str()) {
                continue;
            }
            let wants = txn.order.request.quantities();
            if txn.stock.needs_stock() {
                // What inventory does not know is not short: to change it, if by nothing, raises.
                let unknown: Vec<&Sku> = wants.keys().filter(|sku| !left.contains_key(*sku)).collect();
                if !unknown.is_empty() {
                    changes.extend(unknown.into_iter().map(|sku| (sku.clone(), (0, 0))));
                    continue;
                }
                if let Err(shortages) = allocation.serve(&wants, txn.stock.delta() != (0, 0)) {
                    self.short.extend(shortages.iter().map(|shortage: &Shortage| shortage.sku.clone()));
                    *replaced = write.short(&shortages).ok();
                    txn = replaced.as_ref().unwrap_or(txn);
                }
            }
            for (_, back) in stock::restocked(txn) {
                changes.entry(back.sku.clone()).or_default().0 += back.quantity;
            }
            let (on_hand, reserved) = txn.stock.delta();
            for (sku, quantity) in wants.into_iter().filter(|_| (on_hand, reserved) != (0, 0)) {
                let change = changes.entry(sku).or_default();
                change.0 += on_hand * quantity;
                change.1 += reserved * quantity;
            }
        }
        changes
    }

    /// Gives the orders that were refused for short stock their true end: they were placed as if there were enough,
    /// since the claim of the order_id comes before the lock on the stock.
    fn settle<'s>(&'s self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) {
        let changed: Vec<&LocalTransaction> = self.replaced.iter().flatten().collect();
        if !changed.is_empty() {
            pipeline.query(&statements.settle_orders, orders::settle(&changed));
        }
    }

    /// Payments, refunds, what is left to be done, and the events: of what was stored and moved on. A write without
    /// events changes nothing of its order.
    async fn record<'s>(
        &'s self,
        pipeline: &mut Pipeline<'s>,
        statements: &'s Statements,
        is_whole: bool,
    ) -> Result<(), Failed> {
        let mut rows = self.sorted();
        rows.retain(|(_, txn)| !txn.events.is_empty());
        // Those went along with their orders.
        let is_left = |(write, _): &&Pair<'_>| !(is_whole && write.places());
        let (new, moved): (Vec<_>, Vec<_>) =
            rows.iter().filter(is_left).filter(|(_, txn)| txn.pays).partition(|(write, _)| write.places());
        if !new.is_empty() {
            pipeline.query(&statements.insert_payments, payments::payments(&new));
        }
        if !moved.is_empty() {
            pipeline.query(&statements.move_payments, payments::payments(&moved));
        }
        self.steps(pipeline, statements, &rows);
        pipeline.point(Point::AfterPayments).await?;
        let (asked, settled) = payments::refunds(&rows);
        if !asked.is_empty() {
            pipeline.query(&statements.insert_refunds, asked.insert());
        }
        if !settled.is_empty() {
            pipeline.query(&statements.settle_refunds, settled.settle());
        }
        self.work(pipeline, statements, &rows);
        pipeline.point(Point::AfterWork).await?;
        let told: Vec<_> = rows.iter().filter(is_left).copied().collect();
        if !told.is_empty() {
            pipeline.query(&statements.insert_events, events::events(&told));
        }
        pipeline.point(Point::AfterEventsInsert).await
    }

    /// How far orders have come with their own steps; most have none.
    fn steps<'s>(&'s self, pipeline: &mut Pipeline<'s>, statements: &'s Statements, rows: &[Pair<'s>]) {
        let own = rows.iter().filter(|(_, txn)| txn.steps).copied();
        let (new, moved): (Vec<_>, Vec<_>) = own.partition(|(write, _)| write.places());
        if !new.is_empty() {
            pipeline.query(&statements.define_sagas, steps::definitions(&new));
            pipeline.query(&statements.insert_steps, steps::new_steps(&new));
        }
        if !moved.is_empty() {
            pipeline.query(&statements.move_steps, steps::steps(&moved));
        }
    }

    /// What is left to be done about each order. A new order of which nothing is left was never to be found there.
    fn work<'s>(&'s self, pipeline: &mut Pipeline<'s>, statements: &'s Statements, rows: &[Pair<'s>]) {
        let (mut new, mut moved, mut done) = (Vec::new(), Vec::new(), Vec::new());
        for (write, txn) in rows {
            match (write.work(txn), write.guard()) {
                (Work::Untouched, _) | (Work::Done, Guard::Absent) => {}
                (Work::Done, Guard::Version(_)) => done.push(txn.order.id.as_str()),
                (work @ Work::Open { .. }, Guard::Absent) => new.push((*write, *txn, work)),
                (work @ Work::Open { .. }, Guard::Version(_)) => moved.push((*write, *txn, work)),
            }
        }
        if !moved.is_empty() {
            pipeline.query(&statements.move_work, work::moved_work(&moved));
        }
        if !new.is_empty() {
            pipeline.query(&statements.insert_work, work::work(&new));
        }
        if !done.is_empty() {
            pipeline.query(&statements.delete_work, vec![Box::new(done)]);
        }
    }

    /// What others get to know of it: verbs their answers, operators their log, the stock's journal what came back,
    /// and engines that wait for an order that it ended.
    fn tell<'s>(&'s self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) {
        let rows = self.sorted();
        if rows.iter().any(|(write, _)| !write.settled().is_empty()) {
            pipeline.query(&statements.settle_keys, keys::settled(&rows));
        }
        let logged: Vec<_> = rows.iter().filter_map(|(write, _)| Some((*write, write.log()?))).collect();
        if !logged.is_empty() {
            pipeline.query(&statements.log_operators, events::log(&logged));
        }
        let back = |txn| stock::restocked(txn).map(move |(refund, back)| (txn, refund, back));
        let restocked: Vec<_> = rows.iter().flat_map(|(_, txn)| back(*txn)).collect();
        if !restocked.is_empty() {
            pipeline.query(&statements.journal_restock, stock::journal(&restocked));
        }
        let ended = rows.iter().filter(|(write, txn)| !write.places() && is_news(write, txn));
        let ended: Vec<_> = ended.map(|(write, txn)| (*write, *txn)).collect();
        if !ended.is_empty() {
            pipeline.query(&statements.notify_ended, events::ended(&ended));
        }
    }

    fn move_stock<'s>(&'s self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) {
        if let Some(parameters) = stock::moves(self.pairs()) {
            pipeline.query(&statements.move_stock, parameters);
        }
    }

    /// The SKUs that are changed or counted, in lock order.
    fn skus(&self) -> Vec<String> {
        let needed = self.writes.iter().flat_map(|write| locked::skus(write));
        needed.map(Sku::as_str).collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// What is to be written, as far as the stock suffices: by order_id, as [`Attempt::sorted`].
    fn asked(&self) -> Vec<Pair<'a>> {
        by_order_id(self.writes.iter().map(|write| (*write, &*write.txn)))
    }

    /// By order_id: the order in which rows are written, so that two committers cannot wait for each other.
    fn sorted(&self) -> Vec<Pair<'_>> {
        by_order_id(self.pairs())
    }
}

fn by_order_id<'a>(pairs: impl Iterator<Item = Pair<'a>>) -> Vec<Pair<'a>> {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable_by(|(a, _), (b, _)| a.order_id().cmp(b.order_id()));
    pairs
}

/// Whether somebody may wait for it in another engine: the order's final answer, or a verb's.
pub(super) fn is_news(write: &Write, txn: &LocalTransaction) -> bool {
    let answers = ["payment.authorized", "order.completed", "order.cancelled"];
    !write.settled().is_empty() || txn.events.iter().any(|event| answers.contains(&event.name()))
}

fn move_counted<'s>(pipeline: &mut Pipeline<'s>, statements: &'s Statements, changes: &'s BTreeMap<Sku, (i64, i64)>) {
    if let Some(parameters) = stock::counted_moves(changes) {
        pipeline.query(&statements.move_counted_stock, parameters);
    }
}

/// Where in the pipeline the answers are that say what was stored.
#[derive(Debug, Default, Clone, Copy)]
struct Slots {
    keys: Option<usize>,
    placed: Option<usize>,
    full: Option<usize>,
    advanced: Option<usize>,
}

impl Slots {
    fn read(self, answers: &[Vec<Row>]) -> Wrote {
        let ids = |slot: Option<usize>| {
            let rows = slot.and_then(|slot| answers.get(slot)).map_or(&[][..], Vec::as_slice);
            rows.iter().map(|row| row.get::<_, String>(0)).collect::<HashSet<_>>()
        };
        // Statements that store orders answer one row, of all of them.
        let stored = |slot: Option<usize>| {
            let row = slot.and_then(|slot| answers.get(slot)).and_then(|rows| rows.first());
            row.map(|row| row.get::<_, Vec<String>>(0)).unwrap_or_default()
        };
        let orders = stored(self.placed).into_iter().chain(stored(self.advanced)).collect();
        Wrote { orders, keys: ids(self.keys), full: ids(self.full) }
    }
}

/// Statements that were asked for and not sent yet. The driver sends them in the order in which they are first
/// polled, without waiting for answers between them.
struct Pipeline<'a> {
    client: &'a Client,
    faults: &'a Faults,
    ids: Vec<&'a str>,
    pending: Vec<BoxFuture<'a, Result<Vec<Row>, Error>>>,
    raised: Option<Hit>,
}

impl<'a> Pipeline<'a> {
    fn query(&mut self, statement: &'a Statement, parameters: Parameters<'a>) -> usize {
        let client = self.client;
        let sent = async move {
            let parameters: Vec<&(dyn ToSql + Sync)> =
                parameters.iter().map(|parameter| &**parameter as &(dyn ToSql + Sync)).collect();
            client.query(statement, &parameters).await
        };
        self.pending.push(sent.boxed());
        self.pending.len() - 1
    }

    fn simple(&mut self, sql: &'static str) {
        let client = self.client;
        self.pending.push(async move { client.batch_execute(sql).await.map(|()| Vec::new()) }.boxed());
    }

    fn owned(&mut self, sql: String) {
        let client = self.client;
        self.pending.push(async move { client.batch_execute(&sql).await.map(|()| Vec::new()) }.boxed());
    }

    /// Sends what is pending and takes all answers; the first error is the cause, those behind it its consequences.
    async fn flush(&mut self) -> Result<Vec<Vec<Row>>, Failed> {
        let mut answers = Vec::with_capacity(self.pending.len());
        for answer in join_all(self.pending.drain(..)).await {
            match (answer, self.raised.take()) {
                (Ok(rows), raised) => {
                    self.raised = raised;
                    answers.push(rows);
                }
                (Err(error), Some(hit)) if is_injected(&error) => return Err(Failed::Injected(hit)),
                (Err(error), _) => return Err(Failed::Database(error)),
            }
        }
        Ok(answers)
    }

    fn hit(&self, point: Point) -> Option<Hit> {
        if !self.faults.any() {
            return None;
        }
        self.faults.peek(point, &self.ids)
    }

    /// A place where a fault may be armed. The path with a fault armed is the production path, plus the statement
    /// that fails; a crash or a panic first waits until the server has executed what comes before it.
    async fn point(&mut self, point: Point) -> Result<(), Failed> {
        let Some(hit) = self.hit(point) else { return Ok(()) };
        match hit.action {
            faults::FaultKind::Delay => {
                self.faults.spend(&hit);
                let seconds = Duration::from_millis(hit.ms).as_secs_f64();
                self.owned(format!("SET LOCAL statement_timeout = 0; SELECT pg_sleep({seconds})"));
            }
            faults::FaultKind::Error => {
                self.owned(format!(
                    "DO $$ BEGIN RAISE EXCEPTION 'SIMULATED FAILURE at {}' USING ERRCODE = 'CF500'; END $$",
                    point.as_str()
                ));
                self.raised = Some(hit);
            }
            faults::FaultKind::Crash => {
                self.flush().await?;
                faults::crash(&hit);
            }
            faults::FaultKind::Panic => {
                self.flush().await?;
                self.faults.spend(&hit);
                panic!("SIMULATED PANIC at {}", point.as_str());
            }
        }
        Ok(())
    }

    /// After COMMIT took effect: here an `error` loses the connection with the answer on its way.
    async fn after_commit(&mut self) -> Result<(), Failed> {
        let Some(hit) = self.hit(Point::AfterCommit) else { return Ok(()) };
        self.faults.spend(&hit);
        match hit.action {
            faults::FaultKind::Delay => tokio::time::sleep(Duration::from_millis(hit.ms)).await,
            faults::FaultKind::Error => return Err(Failed::Lost),
            faults::FaultKind::Crash => faults::crash(&hit),
            faults::FaultKind::Panic => panic!("SIMULATED PANIC at {}", hit.point.as_str()),
        }
        Ok(())
    }
}

/// Whether an error is one that an armed fault raised.
fn is_injected(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code() == "CF500")
}
