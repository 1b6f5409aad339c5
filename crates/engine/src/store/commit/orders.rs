//! `orders`: what a commit writes of it, and how it is read again.

use std::sync::Arc;

use tokio_postgres::Row;

use super::super::columns::{Arrays, Pair, Parameters, arrays, body, json, sent, stamp, status, taken_apart, unnest};
use super::super::rows::{answer, fingerprint, json as read_json, timestamp};
use super::events;
use super::payments::{self, asked_back, payment};
use super::steps::{own, waits_for_a_step};
use super::stored::{is_stored, storing};
use crate::limits;
use crate::ports::{StoreError, StoredOrder, Write};
use crate::saga::definition::OWN_STEPS_VERSION;
use crate::saga::request::Details;
use crate::saga::state::ShipmentStatus;
use crate::saga::{Amount, Client, Currency, LocalTransaction, Order, OrderId, Plan, Request, Shipment, State, Stock};

/// A new order.
fn new<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    arrays![rows;
        order_id: text = (_, txn) => txn.order.id.as_str(),
        amount: bigint = (_, txn) => txn.order.amount.0,
        at: timestamptz = (_, txn) => stamp(txn.order.created_at),
        version: int = (_, txn) => txn.order.version,
        saga_version: smallint = (_, txn) => txn.order.saga_version,
        plan: smallint = (_, txn) => txn.order.plan.0,
        answer_status: smallint = (_, txn) => status(txn),
        state: text = (_, txn) => txn.order.state.as_str(),
        stock: text = (_, txn) => stock_word(txn.order.stock),
        shipment: text = (_, txn) => txn.order.shipment.status.as_str(),
        currency: text = (_, txn) => txn.order.request.currency.as_str(),
        client: text = (_, txn) => txn.order.client.as_str(),
        customer_id: text = (_, txn) => &*txn.order.request.customer_id,
        fingerprint: bytea = (write, _) => write.content().map_or(&[][..], |content| &content.fingerprint.0),
        lines: text = (write, _) => write.content().map_or("", |content| &content.lines),
        details: text = (write, _) => write.content().map_or("", |content| &content.details),
        answer: text = (_, txn) => body(txn),
        shipment_reference: text = (_, txn) => txn.order.shipment.reference.as_deref(),
        failure: text = (_, txn) => json(txn.order.failure.as_ref()),
        attention: text = (_, txn) => json(txn.order.attention.as_ref()),
        reservation_reference: text = (_, txn) => txn.order.reservation.as_deref(),
        key: text = (write, _) => write.key.as_ref().map(|claim| claim.scope.key.as_str()),
    ]
}

pub(in crate::store) fn place<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    sent(commit_id, new(rows))
}

fn inserted() -> String {
    let columns = unnest(2, 4, &new(&[]));
    format!(
        "
INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, answer_status,
    state, stock, shipment, currency, client, customer_id, fingerprint, lines, details, answer, shipment_reference,
    failure, attention, reservation_reference)
SELECT o.order_id, $1, o.amount, o.at, o.at, o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock,
    o.shipment, o.currency, o.client, o.customer_id, o.fingerprint, o.lines, o.details, o.answer,
    o.shipment_reference, o.failure, o.attention, o.reservation_reference
FROM (
    SELECT {columns}
) o"
    )
}

/// An order whose key was known already, or went to another order of this transaction, is not placed.
const IF_ITS_KEY_IS_HELD: &str = "
WHERE o.key IS NULL OR (
    SELECT k.commit_id = $1 AND k.order_id = o.order_id FROM idempotency_keys k
    WHERE k.client = o.client AND k.route = 'POST /orders' AND k.key = o.key)";

/// An order_id is processed at most once: the primary key lets one of any number of inserts through.
const ONCE: &str = "
ON CONFLICT (order_id) DO NOTHING
RETURNING order_id";

fn placing() -> String {
    format!("{}{ONCE}", inserted())
}

fn placing_keyed() -> String {
    format!("{}{IF_ITS_KEY_IS_HELD}{ONCE}", inserted())
}

/// New orders without keys.
pub(in crate::store) fn place_orders() -> String {
    storing(&placing(), &[])
}

/// New orders, some of them with keys.
pub(in crate::store) fn place_keyed_orders() -> String {
    storing(&placing_keyed(), &[])
}

/// New orders with what else there is of them, their payments and their events, `paying` and all of `rows`.
pub(in crate::store) fn place_whole<'a>(rows: &[Pair<'a>], paying: &[&Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let mut parameters = place(rows, commit_id);
    parameters.extend(taken_apart(payments::part(paying)));
    parameters.extend(taken_apart(events::part(rows)));
    parameters
}

/// The same as SQL.
fn whole(placing: &str) -> String {
    let payments = 2 + new(&[]).len();
    let events = payments + payments::part(&[]).len();
    let more = [("paid", payments::part_of_placing(payments)), ("told", events::part_of_placing(events))];
    storing(placing, &more)
}

/// Whole new orders without keys.
pub(in crate::store) fn place_whole_orders() -> String {
    whole(&placing())
}

/// Whole new orders, some of them with keys.
pub(in crate::store) fn place_whole_keyed_orders() -> String {
    whole(&placing_keyed())
}

/// An order that moves on.
fn moved<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    let expected = |write: &Write| write.advance().map_or(0, |advance| advance.version);
    arrays![rows;
        order_id: text = (_, txn) => txn.order.id.as_str(),
        expected: int = (write, _) => expected(write),
        at: timestamptz = (_, txn) => stamp(txn.order.updated_at),
        version: int = (_, txn) => txn.order.version,
        state: text = (_, txn) => txn.order.state.as_str(),
        stock: text = (_, txn) => stock_word(txn.order.stock),
        shipment: text = (_, txn) => txn.order.shipment.status.as_str(),
        answer_status: smallint = (_, txn) => status(txn),
        answer: text = (_, txn) => body(txn),
        shipment_reference: text = (_, txn) => txn.order.shipment.reference.as_deref(),
        failure: text = (_, txn) => json(txn.order.failure.as_ref()),
        attention: text = (_, txn) => json(txn.order.attention.as_ref()),
        reservation_reference: text = (_, txn) => txn.order.reservation.as_deref(),
        key_client: text = (write, _) => write.key.as_ref().map(|claim| claim.scope.client.as_str()),
        key_route: text = (write, _) => write.key.as_ref().map(|claim| &*claim.scope.route),
        key: text = (write, _) => write.key.as_ref().map(|claim| claim.scope.key.as_str()),
    ]
}

pub(in crate::store) fn advance<'a>(rows: &[Pair<'a>], commit_id: i64) -> Parameters<'a> {
    let mut parameters = sent(commit_id, moved(rows));
    parameters.push(Box::new(limits::VERB_KEYS));
    parameters
}

/// Two instances never step the same order twice: each row names the version that it follows. Nor does an order move on
/// by a verb whose key was known already, or is one more than it takes.
pub(in crate::store) fn advance_orders() -> String {
    let moved = moved(&[]);
    let (columns, most) = (unnest(2, 4, &moved), 2 + moved.len());
    let moving = format!(
        "
UPDATE orders o SET commit_id = $1, updated_at = u.at, version = u.version,
    state = u.state, stock = u.stock, shipment = u.shipment, answer_status = u.answer_status, answer = u.answer,
    shipment_reference = u.shipment_reference, failure = u.failure, attention = u.attention,
    reservation_reference = u.reservation_reference
FROM (
    SELECT {columns}
) u
WHERE o.order_id = u.order_id AND o.version = u.expected AND (u.key IS NULL OR (
    SELECT k.commit_id = $1 AND k.order_id = u.order_id FROM idempotency_keys k
    WHERE k.client = u.key_client AND k.route = u.key_route AND k.key = u.key)
    AND coalesce((SELECT c.verbs FROM order_keys c WHERE c.order_id = u.order_id), 0) < ${most}::smallint)
RETURNING o.order_id"
    );
    storing(&moving, &[])
}

/// What an order came to that was refused for short stock.
fn settled<'a>(txns: &[&'a LocalTransaction]) -> Arrays<'a> {
    arrays![txns;
        order_id: text = txn => txn.order.id.as_str(),
        version: int = txn => txn.order.version,
        state: text = txn => txn.order.state.as_str(),
        stock: text = txn => stock_word(txn.order.stock),
        shipment: text = txn => txn.order.shipment.status.as_str(),
        answer_status: smallint = txn => status(txn),
        answer: text = txn => body(txn),
        failure: text = txn => json(txn.order.failure.as_ref()),
    ]
}

pub(in crate::store) fn settle<'a>(txns: &[&'a LocalTransaction]) -> Parameters<'a> {
    taken_apart(settled(txns))
}

/// Gives the orders of this transaction that were refused for short stock their true end.
pub(in crate::store) fn settle_orders() -> String {
    let columns = unnest(1, 4, &settled(&[]));
    format!(
        "
UPDATE orders o SET version = u.version, state = u.state, stock = u.stock, shipment = u.shipment,
    answer_status = u.answer_status, answer = u.answer, failure = u.failure
FROM (
    SELECT {columns}
) u
WHERE o.order_id = u.order_id AND {stored}",
        stored = is_stored("u.order_id")
    )
}

/// Whose commit it was, after a connection was lost.
pub(in crate::store) const FIND_COMMITS: &str =
    "SELECT order_id FROM orders WHERE order_id = ANY ($1::text[]) AND commit_id = ANY ($2)";

/// The columns that [`order`] reads, from `orders o` with its payment `p`: one statement, and so one snapshot, refunds
/// included. Only an order that completed has any, and is asked for them by one probe of their key; only one whose saga has
/// steps of one's own is asked for those; only one with a
/// remote participant can be an earlier deployment's, or have to be looked up first.
pub(in crate::store) const ORDER_COLUMNS: &str = "o.order_id, o.amount, \
    o.created_at, o.updated_at, \
    o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock, o.shipment, o.currency, o.client, \
    o.customer_id, o.fingerprint, o.lines, o.details, o.answer, o.shipment_reference, o.failure, o.attention, \
    o.reservation_reference, \
    coalesce(o.plan <> 0 AND o.created_at <= (SELECT d.cloned_at FROM deployment d WHERE d.singleton), false) AS cloned, \
    coalesce(CASE WHEN o.plan <> 0 THEN ( \
        SELECT w.look_first FROM order_work w WHERE w.order_id = o.order_id \
    ) END, false) AS look_first, \
    p.status, p.unknown, p.known, p.amount AS payment_amount, p.captured, p.refunded, p.reference, \
    p.capture_reference, \
    CASE WHEN o.state = 'COMPLETED' THEN ( \
        SELECT json_agg(json_build_object('client', r.client, 'key', r.key, 'amount', r.amount, 'status', r.status, \
            'reason', r.reason, 'restock', r.restock) ORDER BY r.position)::text \
        FROM refunds r WHERE r.order_id = o.order_id \
    ) END AS refunds, \
    CASE WHEN o.saga_version = 2 THEN ( \
        SELECT s.steps FROM order_steps s WHERE s.order_id = o.order_id \
    ) END AS steps, \
    CASE WHEN o.saga_version = 2 THEN ( \
        SELECT d.content FROM order_steps s JOIN saga_definitions d ON d.definition_id = s.definition_id \
        WHERE s.order_id = o.order_id \
    ) END AS definition";

/// The tables that [`order`] reads from.
pub(in crate::store) const ORDER_TABLES: &str = "orders o LEFT JOIN payments p ON p.order_id = o.order_id";

/// Reads a row of [`ORDER_COLUMNS`]. A row that this program cannot have written is an error, never a guess.
pub(in crate::store) fn order(row: &Row) -> Result<StoredOrder, StoreError> {
    let id: &str = row.get("order_id");
    let corrupt = |what: &str| StoreError::Corrupt(format!("order {id}: {what}"));
    let word = |column: &str| row.get::<_, &str>(column);
    let amount = Amount(row.get("amount"));
    let request = Request {
        customer_id: word("customer_id").into(),
        currency: Currency::trusted(word("currency")).ok_or_else(|| corrupt("currency"))?,
        lines: serde_json::from_str(word("lines")).map_err(|_| corrupt("lines"))?,
        details: serde_json::from_str::<Details>(word("details")).map_err(|_| corrupt("details"))?,
    };
    let answer = answer(row.get("answer_status"), row.get("answer")).map_err(|()| corrupt("answer"))?.map(Arc::new);
    let (saga_version, plan) = (row.get("saga_version"), Plan(row.get("plan")));
    let own = if saga_version == OWN_STEPS_VERSION { own(row, plan).map_err(corrupt)? } else { None };
    let stock = Stock::parse(word("stock")).ok_or_else(|| corrupt("stock"))?;
    let order = Order {
        id: OrderId::trusted(id),
        client: Client::trusted(word("client")),
        request: Arc::new(request),
        amount,
        saga_version,
        plan,
        state: State::parse(word("state")).ok_or_else(|| corrupt("state"))?,
        version: row.get("version"),
        stock: if waits_for_a_step(stock, own.as_deref()) { Stock::None } else { stock },
        own,
        reservation: row.get::<_, Option<&str>>("reservation_reference").map(Into::into),
        payment: payment(row, amount).ok_or_else(|| corrupt("payment"))?,
        shipment: Shipment {
            status: ShipmentStatus::parse(word("shipment")).ok_or_else(|| corrupt("shipment"))?,
            reference: row.get::<_, Option<&str>>("shipment_reference").map(Into::into),
        },
        refunds: asked_back(row).ok_or_else(|| corrupt("refunds"))?,
        failure: read_json(row, "failure").map_err(|()| corrupt("failure"))?,
        answer,
        attention: read_json(row, "attention").map_err(|()| corrupt("attention"))?,
        cloned: row.get("cloned"),
        created_at: timestamp(row.get("created_at")),
        updated_at: timestamp(row.get("updated_at")),
    };
    let fingerprint = fingerprint(row.get("fingerprint")).ok_or_else(|| corrupt("fingerprint"))?;
    Ok(StoredOrder { order, fingerprint, look_first: row.get("look_first") })
}

/// The word that [`order`] reads again.
pub(in crate::store) fn stock_word(stock: Stock) -> &'static str {
    match stock {
        Stock::None => Stock::Intended.as_str(),
        Stock::Intended | Stock::Reserved | Stock::Taken | Stock::Rejected | Stock::Releasing | Stock::Released => {
            stock.as_str()
        }
    }
}
