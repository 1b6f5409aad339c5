//! The statements of a commit, prepared once a connection and sent in one round trip.
//!
//! A new order is inserted `ON CONFLICT DO NOTHING`, an order that moves on is updated under its version; both stamp
//! the row with the transaction's `commit_id`. Whatever else is written for an order joins the rows that bear the
//! stamp, so that a lost guard writes nothing at all, a stored duplicate rolls nothing back, and after a lost
//! connection the stamp tells whose commit it was.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt, join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::columns::{self, Claims, Parameters};
use crate::faults::{self, Faults, Point, Strike};
use crate::ports::{Guard, Write};
use crate::saga::leg::Allocation;
use crate::saga::state::PaymentStatus;
use crate::saga::{Leg, Shortage, Sku};

/// One lock order everywhere: keys, orders, payments, inventory; inside each, sorted by key.
pub(super) struct Statements {
    claim_keys: Statement,
    place_orders: Statement,
    place_keyed_orders: Statement,
    drop_unused_keys: Statement,
    advance_orders: Statement,
    settle_orders: Statement,
    insert_payments: Statement,
    upsert_payments: Statement,
    insert_events: Statement,
    move_stock: Statement,
    lock_stock: Statement,
    move_counted_stock: Statement,
    pub(super) find_commits: Statement,
}

/// A key is bound at most once; the others of its transaction are told apart by `commit_id`.
const CLAIM_KEYS: &str = "
INSERT INTO idempotency_keys (client, route, key, order_id, commit_id, fingerprint)
SELECT k.client, k.route, k.key, k.order_id, $1, k.fingerprint
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[])
    AS k (client, route, key, order_id, fingerprint)
ON CONFLICT (client, route, key) DO NOTHING
RETURNING order_id";

const PLACE: &str = "
INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, answer_status,
    state, stock, shipment, currency, client, customer_id, fingerprint, lines, details, answer, shipment_reference,
    failure, attention)
SELECT o.order_id, $1, o.amount, o.at, o.at, o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock,
    o.shipment, o.currency, o.client, o.customer_id, o.fingerprint, o.lines, o.details, o.answer,
    o.shipment_reference, o.failure, o.attention
FROM unnest($2::text[], $3::bigint[], $4::timestamptz[], $5::int[], $6::smallint[], $7::smallint[], $8::smallint[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::text[],
    $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[])
    AS o (order_id, amount, at, version, saga_version, plan, answer_status, state, stock, shipment, currency, client,
    customer_id, fingerprint, lines, details, answer, shipment_reference, failure, attention, key)";

/// An order whose key was known already is not placed.
const IF_ITS_KEY_IS_HELD: &str = "
WHERE o.key IS NULL OR EXISTS (
    SELECT FROM idempotency_keys k
    WHERE k.client = o.client AND k.route = 'POST /orders' AND k.key = o.key AND k.commit_id = $1)";

/// An order_id is processed at most once: the primary key lets one of any number of inserts through.
const ONCE: &str = "
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id";

/// A key that was claimed for an order that was there already, or that moved on meanwhile, is not bound by a request
/// that may differ from what stands.
const DROP_UNUSED_KEYS: &str = "
DELETE FROM idempotency_keys k
USING unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS c (client, route, key, order_id)
WHERE (k.client, k.route, k.key) = (c.client, c.route, c.key) AND k.commit_id = $1
  AND NOT EXISTS (SELECT FROM orders o WHERE o.order_id = c.order_id AND o.commit_id = $1)";

/// Two instances never step the same order twice: each row names the version that it follows. Nor does an order move on
/// by a verb whose key was known already.
const ADVANCE: &str = "
WITH locked AS (SELECT order_id FROM orders WHERE order_id = ANY ($2::text[]) ORDER BY order_id FOR UPDATE)
UPDATE orders o SET commit_id = $1, updated_at = u.at, version = u.version,
    state = u.state, stock = u.stock, shipment = u.shipment, answer_status = u.answer_status, answer = u.answer,
    shipment_reference = u.shipment_reference, failure = u.failure, attention = u.attention
FROM unnest($2::text[], $3::int[], $4::timestamptz[], $5::int[], $6::text[], $7::text[], $8::text[], $9::smallint[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[])
    AS u (order_id, expected, at, version, state, stock, shipment, answer_status, answer, shipment_reference,
    failure, attention, key_client, key_route, key)
JOIN locked USING (order_id)
WHERE o.order_id = u.order_id AND o.version = u.expected AND (u.key IS NULL OR EXISTS (
    SELECT FROM idempotency_keys k
    WHERE k.client = u.key_client AND k.route = u.key_route AND k.key = u.key AND k.commit_id = $1))
RETURNING o.order_id";

/// Gives the orders of this transaction that were refused for short stock their true end.
const SETTLE: &str = "
UPDATE orders o SET version = u.version, state = u.state, stock = u.stock, shipment = u.shipment,
    answer_status = u.answer_status, answer = u.answer, failure = u.failure
FROM unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::smallint[], $8::text[], $9::text[])
    AS u (order_id, version, state, stock, shipment, answer_status, answer, failure)
WHERE o.order_id = u.order_id AND o.commit_id = $1";

/// One payment an order: a second one breaks the unique constraint, and with it the transaction.
const PAYMENTS: &str = "
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference)
SELECT p.order_id, p.status, p.unknown, p.known, p.amount, p.captured, p.refunded, p.reference
FROM unnest($2::text[], $3::text[], $4::bool[], $5::bool[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
    AS p (order_id, status, unknown, known, amount, captured, refunded, reference)
JOIN orders o ON o.order_id = p.order_id AND o.commit_id = $1";

const UPSERT_PAYMENTS: &str = "
ON CONFLICT (order_id) DO UPDATE SET status = excluded.status, unknown = excluded.unknown, known = excluded.known,
    amount = excluded.amount, captured = excluded.captured, refunded = excluded.refunded,
    reference = excluded.reference";

/// Events are rows of the same transaction; their key (order_id, first_version) admits each version once.
const INSERT_EVENTS: &str = "
INSERT INTO order_events (order_id, first_version, at, events)
SELECT e.order_id, e.first_version, e.at, e.events
FROM unnest($2::text[], $3::int[], $4::timestamptz[], $5::text[]) AS e (order_id, first_version, at, events)
JOIN orders o ON o.order_id = e.order_id AND o.commit_id = $1";

/// Stock is never oversold: one update a SKU and batch, in SKU order, under the CHECK; a hot SKU is one row update a
/// batch. A SKU that inventory does not know raises.
const MOVE_STOCK: &str = "
WITH wanted AS (
    SELECT w.sku, sum(w.on_hand)::bigint AS on_hand, sum(w.reserved)::bigint AS reserved
    FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[]) AS w (order_id, sku, on_hand, reserved)
    JOIN orders o ON o.order_id = w.order_id AND o.commit_id = $1
    GROUP BY w.sku
), locked AS (
    SELECT i.sku FROM inventory i WHERE i.sku = ANY ($6::text[]) ORDER BY i.sku FOR UPDATE
), moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM wanted w JOIN locked USING (sku)
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = (SELECT count(*) FROM wanted), 'CF404', 'unknown SKU')";

/// The stock that is left, counted under lock.
const LOCK_STOCK: &str = "
SELECT sku, on_hand - reserved FROM inventory WHERE sku = ANY ($1::text[]) ORDER BY sku FOR UPDATE";

const MOVE_COUNTED_STOCK: &str = "
WITH moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS w (sku, on_hand, reserved)
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = cardinality($1::text[]), 'CF404', 'unknown SKU')";

/// Whose commit it was, after a connection was lost.
const FIND_COMMITS: &str = "SELECT order_id FROM orders WHERE order_id = ANY ($1::text[]) AND commit_id = ANY ($2)";

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, Error> {
        Ok(Self {
            claim_keys: client.prepare(CLAIM_KEYS).await?,
            place_orders: client.prepare(&format!("{PLACE}{ONCE}")).await?,
            place_keyed_orders: client.prepare(&format!("{PLACE}{IF_ITS_KEY_IS_HELD}{ONCE}")).await?,
            drop_unused_keys: client.prepare(DROP_UNUSED_KEYS).await?,
            advance_orders: client.prepare(ADVANCE).await?,
            settle_orders: client.prepare(SETTLE).await?,
            insert_payments: client.prepare(PAYMENTS).await?,
            upsert_payments: client.prepare(&format!("{PAYMENTS}{UPSERT_PAYMENTS}")).await?,
            insert_events: client.prepare(INSERT_EVENTS).await?,
            move_stock: client.prepare(MOVE_STOCK).await?,
            lock_stock: client.prepare(LOCK_STOCK).await?,
            move_counted_stock: client.prepare(MOVE_COUNTED_STOCK).await?,
            find_commits: client.prepare(FIND_COMMITS).await?,
        })
    }
}

/// How a transaction treats stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Assumes that it suffices; the constraint raises where it does not. One round trip.
    Fast,
    /// Counts it under lock and serves the orders first come, first served. Two round trips.
    Exact,
}

/// Why a transaction was rolled back, or has an unknown outcome.
#[derive(Debug)]
pub(super) enum Failed {
    /// An armed fault raised.
    Injected(Strike),
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
    pub(super) replaced: Vec<Option<Leg>>,
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
}

impl<'a> Attempt<'a> {
    pub(super) fn new(writes: Vec<&'a Write>, commit_id: i64) -> Self {
        let replaced = writes.iter().map(|_| None).collect();
        Self { writes, replaced, commit_id, short: BTreeSet::new() }
    }

    /// Each write, with what it becomes.
    fn pairs(&self) -> impl Iterator<Item = (&'a Write, &Leg)> {
        self.writes
            .iter()
            .zip(&self.replaced)
            .map(|(write, replaced)| (*write, replaced.as_ref().unwrap_or(&write.leg)))
    }

    /// Runs the transaction. `Ok` means that COMMIT was confirmed.
    pub(super) async fn run(
        &mut self,
        client: &Client,
        statements: &Statements,
        mode: Mode,
        faults: &Faults,
    ) -> Result<Wrote, Failed> {
        let ids: Vec<String> = self.writes.iter().map(|write| write.order_id().to_string()).collect();
        let mut pipeline = Pipeline { client, faults, ids, pending: Vec::new(), raised: None };
        pipeline.simple("BEGIN");
        pipeline.point(Point::AfterBegin).await?;
        let slots = self.place(&mut pipeline, statements).await?;
        let mut wrote = Wrote::default();
        let mut counted = BTreeMap::new();
        if mode == Mode::Exact {
            pipeline.query(&statements.lock_stock, vec![Box::new(self.skus())]);
            let answers = pipeline.flush().await?;
            wrote = slots.read(&answers);
            counted = self.allocate(&wrote, answers.last().map_or(&[][..], Vec::as_slice));
        }
        self.settle(&mut pipeline, statements);
        self.record(&mut pipeline, statements).await?;
        match mode {
            Mode::Fast => self.move_stock(&mut pipeline, statements),
            Mode::Exact => move_counted(&mut pipeline, statements, &counted),
        }
        pipeline.point(Point::AfterInventoryUpdate).await?;
        pipeline.point(Point::BeforeCommit).await?;
        pipeline.simple("COMMIT");
        let answers = pipeline.flush().await?;
        pipeline.after_commit().await?;
        Ok(if mode == Mode::Fast { slots.read(&answers) } else { wrote })
    }

    /// Keys and orders: what decides which of the writes are stored at all.
    async fn place<'s>(&self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) -> Result<Slots, Failed> {
        let mut slots = Slots::default();
        let claims = Claims::of(&self.writes);
        if !claims.is_empty() {
            slots.keys = Some(pipeline.query(&statements.claim_keys, claims.claim(self.commit_id)));
        }
        pipeline.point(Point::AfterKeysInsert).await?;
        let (new, moved): (Vec<_>, Vec<_>) =
            self.sorted().into_iter().partition(|(write, _)| write.guard == Guard::Absent);
        if !new.is_empty() {
            let keyed = !claims.is_empty();
            let statement = if keyed { &statements.place_keyed_orders } else { &statements.place_orders };
            slots.placed = Some(pipeline.query(statement, columns::place(&new, self.commit_id)));
        }
        pipeline.point(Point::AfterOrdersInsert).await?;
        if !moved.is_empty() {
            slots.advanced = Some(pipeline.query(&statements.advance_orders, columns::advance(&moved, self.commit_id)));
        }
        if !claims.is_empty() {
            pipeline.query(&statements.drop_unused_keys, claims.unused(self.commit_id));
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
            let mut leg = &write.leg;
            if !wrote.orders.contains(write.order_id().as_str()) {
                continue;
            }
            let wants = leg.order.request.quantities();
            if leg.stock.needs_stock() {
                // What inventory does not know is not short: to change it, if by nothing, raises.
                let unknown: Vec<&Sku> = wants.keys().filter(|sku| !left.contains_key(*sku)).collect();
                if !unknown.is_empty() {
                    changes.extend(unknown.into_iter().map(|sku| (sku.clone(), (0, 0))));
                    continue;
                }
                if let Err(shortages) = allocation.serve(&wants, leg.stock.delta() != (0, 0)) {
                    self.short.extend(shortages.iter().map(|shortage: &Shortage| shortage.sku.clone()));
                    *replaced = write.short(&shortages).ok();
                    leg = replaced.as_ref().unwrap_or(leg);
                }
            }
            let (on_hand, reserved) = leg.stock.delta();
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
    fn settle<'s>(&self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) {
        let changed: Vec<&Leg> = self.replaced.iter().flatten().collect();
        if !changed.is_empty() {
            pipeline.query(&statements.settle_orders, columns::settle(&changed, self.commit_id));
        }
    }

    /// Payments and events of what was stored.
    async fn record<'s>(&self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) -> Result<(), Failed> {
        let sorted = self.sorted();
        let (new, moved): (Vec<_>, Vec<_>) = sorted
            .iter()
            .filter(|(_, leg)| leg.order.payment.status != PaymentStatus::None)
            .partition(|(write, _)| write.guard == Guard::Absent);
        if !new.is_empty() {
            pipeline.query(&statements.insert_payments, columns::payments(&new, self.commit_id));
        }
        if !moved.is_empty() {
            pipeline.query(&statements.upsert_payments, columns::payments(&moved, self.commit_id));
        }
        pipeline.point(Point::AfterPayments).await?;
        pipeline.query(&statements.insert_events, columns::events(&sorted, self.commit_id));
        pipeline.point(Point::AfterEventsInsert).await
    }

    fn move_stock<'s>(&self, pipeline: &mut Pipeline<'s>, statements: &'s Statements) {
        let (mut orders, mut skus) = (Vec::new(), Vec::new());
        let (mut on_hands, mut reserveds) = (Vec::new(), Vec::new());
        for (_, leg) in self.pairs() {
            let (on_hand, reserved) = leg.stock.delta();
            if (on_hand, reserved) == (0, 0) {
                continue;
            }
            for line in &leg.order.request.lines {
                orders.push(leg.order.id.to_string());
                skus.push(line.sku.to_string());
                on_hands.push(on_hand * line.quantity);
                reserveds.push(reserved * line.quantity);
            }
        }
        if orders.is_empty() {
            return;
        }
        let distinct: Vec<String> = skus.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        pipeline.query(
            &statements.move_stock,
            vec![
                Box::new(self.commit_id),
                Box::new(orders),
                Box::new(skus),
                Box::new(on_hands),
                Box::new(reserveds),
                Box::new(distinct),
            ],
        );
    }

    /// All SKUs, in lock order.
    fn skus(&self) -> Vec<String> {
        let lines = self.writes.iter().flat_map(|write| &write.leg.order.request.lines);
        lines.map(|line| line.sku.as_str()).collect::<BTreeSet<_>>().into_iter().map(str::to_owned).collect()
    }

    /// By order_id: the order in which rows are written, so that two committers cannot wait for each other.
    fn sorted(&self) -> Vec<(&'a Write, &Leg)> {
        let mut pairs: Vec<_> = self.pairs().collect();
        pairs.sort_unstable_by(|(a, _), (b, _)| a.order_id().cmp(b.order_id()));
        pairs
    }
}

fn move_counted<'s>(pipeline: &mut Pipeline<'s>, statements: &'s Statements, changes: &BTreeMap<Sku, (i64, i64)>) {
    if changes.is_empty() {
        return;
    }
    let skus: Vec<String> = changes.keys().map(Sku::to_string).collect();
    let on_hands: Vec<i64> = changes.values().map(|change| change.0).collect();
    let reserveds: Vec<i64> = changes.values().map(|change| change.1).collect();
    let parameters: Parameters = vec![Box::new(skus), Box::new(on_hands), Box::new(reserveds)];
    pipeline.query(&statements.move_counted_stock, parameters);
}

/// Where in the pipeline the answers are that say what was stored.
#[derive(Debug, Default, Clone, Copy)]
struct Slots {
    keys: Option<usize>,
    placed: Option<usize>,
    advanced: Option<usize>,
}

impl Slots {
    fn read(self, answers: &[Vec<Row>]) -> Wrote {
        let ids = |slot: Option<usize>| {
            let rows = slot.and_then(|slot| answers.get(slot)).map_or(&[][..], Vec::as_slice);
            rows.iter().map(|row| row.get::<_, String>(0)).collect::<HashSet<_>>()
        };
        let mut orders = ids(self.placed);
        orders.extend(ids(self.advanced));
        Wrote { orders, keys: ids(self.keys) }
    }
}

/// Statements that were asked for and not sent yet. The driver sends them in the order in which they are first
/// polled, without waiting for answers between them.
struct Pipeline<'a> {
    client: &'a Client,
    faults: &'a Faults,
    ids: Vec<String>,
    pending: Vec<BoxFuture<'a, Result<Vec<Row>, Error>>>,
    raised: Option<Strike>,
}

impl<'a> Pipeline<'a> {
    fn query(&mut self, statement: &'a Statement, parameters: Parameters) -> usize {
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
                (Err(error), Some(strike)) if is_injected(&error) => return Err(Failed::Injected(strike)),
                (Err(error), _) => return Err(Failed::Database(error)),
            }
        }
        Ok(answers)
    }

    fn struck(&self, point: Point) -> Option<Strike> {
        if !self.faults.any() {
            return None;
        }
        self.faults.peek(point, &self.ids.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A place where a fault may be armed. The path with a fault armed is the production path, plus the statement
    /// that fails; a crash or a panic first waits until the server has executed what comes before it.
    async fn point(&mut self, point: Point) -> Result<(), Failed> {
        let Some(strike) = self.struck(point) else { return Ok(()) };
        match strike.action {
            faults::Action::Delay => {
                self.faults.spend(&strike);
                let seconds = Duration::from_millis(strike.ms).as_secs_f64();
                self.owned(format!("SET LOCAL statement_timeout = 0; SELECT pg_sleep({seconds})"));
            }
            faults::Action::Error => {
                self.owned(format!(
                    "DO $$ BEGIN RAISE EXCEPTION 'SIMULATED FAILURE at {}' USING ERRCODE = 'CF500'; END $$",
                    point.as_str()
                ));
                self.raised = Some(strike);
            }
            faults::Action::Crash => {
                self.flush().await?;
                faults::crash(&strike);
            }
            faults::Action::Panic => {
                self.flush().await?;
                self.faults.spend(&strike);
                panic!("SIMULATED PANIC at {}", point.as_str());
            }
        }
        Ok(())
    }

    /// After COMMIT took effect: here an `error` loses the connection with the answer on its way.
    async fn after_commit(&mut self) -> Result<(), Failed> {
        let Some(strike) = self.struck(Point::AfterCommit) else { return Ok(()) };
        self.faults.spend(&strike);
        match strike.action {
            faults::Action::Delay => tokio::time::sleep(Duration::from_millis(strike.ms)).await,
            faults::Action::Error => return Err(Failed::Lost),
            faults::Action::Crash => faults::crash(&strike),
            faults::Action::Panic => panic!("SIMULATED PANIC at {}", strike.point.as_str()),
        }
        Ok(())
    }
}

/// Whether an error is one that an armed fault raised.
fn is_injected(error: &Error) -> bool {
    error.code().is_some_and(|code| code.code() == "CF500")
}
