//! Between rows and values.

use std::sync::Arc;
use std::time::SystemTime;

use tokio_postgres::Row;

use crate::ports::{StoreError, StoredOrder};
use crate::saga::definition::{Anchor, OWN_STEPS_VERSION};
use crate::saga::request::Details;
use crate::saga::state::{PaymentStatus, RefundStatus, ShipmentStatus, StepState, StepStatus};
use crate::saga::{
    Amount, Answer, Client, Currency, Definition, Fingerprint, IdempotencyKey, Order, OrderId, OwnSteps, Payment, Plan,
    Refund, Request, Shipment, State, Stock, Timestamp,
};

/// The columns that [`order`] reads, from `orders o` with its payment `p`: one statement, and so one snapshot, refunds
/// included. Only an order that completed has any, and is asked for them by one probe of their key; only one whose saga has
/// steps of one's own is asked for those; only one with a
/// remote participant can be an earlier deployment's, or have to be looked up first.
pub(super) const ORDER_COLUMNS: &str = "o.order_id, o.amount, \
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
pub(super) const ORDER_TABLES: &str = "orders o LEFT JOIN payments p ON p.order_id = o.order_id";

/// Reads a row of [`ORDER_COLUMNS`]. A row that this program cannot have written is an error, never a guess.
pub(super) fn order(row: &Row) -> Result<StoredOrder, StoreError> {
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
        refunds: refunds(row).ok_or_else(|| corrupt("refunds"))?,
        failure: json(row, "failure").map_err(|()| corrupt("failure"))?,
        answer,
        attention: json(row, "attention").map_err(|()| corrupt("attention"))?,
        cloned: row.get("cloned"),
        created_at: timestamp(row.get("created_at")),
        updated_at: timestamp(row.get("updated_at")),
    };
    let fingerprint = fingerprint(row.get("fingerprint")).ok_or_else(|| corrupt("fingerprint"))?;
    Ok(StoredOrder { order, fingerprint, look_first: row.get("look_first") })
}

/// The steps of one's own, and how far the order has come with each. None where its saga says what only a newer program knows:
/// then the order is left alone.
fn own(row: &Row, plan: Plan) -> Result<Option<Box<OwnSteps>>, &'static str> {
    let (Some(steps), Some(content)) = (row.get::<_, Option<&str>>("steps"), row.get::<_, Option<&str>>("definition"))
    else {
        return Err("it has steps of its own, and its row of order_steps, or its saga, is not there");
    };
    let Some(definition) = Definition::read(content) else { return Ok(None) };
    let states: Vec<StepState> = serde_json::from_str(steps).map_err(|_| "order_steps.steps")?;
    if states.len() != definition.steps().len() || definition.plan() != plan {
        return Err("its steps are not those of its saga");
    }
    Ok(Some(Box::new(OwnSteps { definition: Arc::new(definition), states })))
}

/// A reservation that waits for a step of one's own is stored as intended: earlier programs know no other word.
fn waits_for_a_step(stock: Stock, own: Option<&OwnSteps>) -> bool {
    let first = own.into_iter().flat_map(OwnSteps::iter).filter(|(step, _)| step.before == Anchor::Inventory);
    stock == Stock::Intended && first.into_iter().any(|(_, state)| state.status != StepStatus::Done)
}

/// The word that [`order`] reads again.
pub(super) fn stock_word(stock: Stock) -> &'static str {
    match stock {
        Stock::None => Stock::Intended.as_str(),
        Stock::Intended | Stock::Reserved | Stock::Taken | Stock::Rejected | Stock::Releasing | Stock::Released => {
            stock.as_str()
        }
    }
}

/// An order whose payment was never reached has no payments row.
fn payment(row: &Row, amount: Amount) -> Option<Payment> {
    let Some(status) = row.get::<_, Option<&str>>("status") else {
        return Some(Payment {
            status: PaymentStatus::None,
            unknown: false,
            known: false,
            amount,
            captured: Amount(0),
            refunded: Amount(0),
            reference: None,
            capture_reference: None,
        });
    };
    Some(Payment {
        status: PaymentStatus::parse(status)?,
        unknown: row.get("unknown"),
        known: row.get("known"),
        amount: Amount(row.get("payment_amount")),
        captured: Amount(row.get("captured")),
        refunded: Amount(row.get("refunded")),
        reference: row.get::<_, Option<&str>>("reference").map(Into::into),
        capture_reference: row.get::<_, Option<&str>>("capture_reference").map(Into::into),
    })
}

/// What was asked back of an order, oldest first.
fn refunds(row: &Row) -> Option<Vec<Refund>> {
    #[derive(serde::Deserialize)]
    struct Stored {
        client: String,
        key: String,
        amount: i64,
        status: RefundStatus,
        reason: Arc<str>,
        restock: Option<String>,
    }
    let Some(text) = row.get::<_, Option<&str>>("refunds") else { return Some(Vec::new()) };
    let read = |stored: Stored| {
        Some(Refund {
            client: Client::trusted(stored.client),
            key: IdempotencyKey::trusted(stored.key),
            amount: Amount(stored.amount),
            reason: stored.reason,
            restock: stored.restock.map_or(Some(Vec::new()), |text| serde_json::from_str(&text).ok())?,
            status: stored.status,
        })
    };
    serde_json::from_str::<Vec<Stored>>(text).ok()?.into_iter().map(read).collect()
}

/// A final answer as it is stored: both columns or none; an error where there is one of them.
pub(super) fn answer(status: Option<i16>, body: Option<&str>) -> Result<Option<Answer>, ()> {
    match (status, body) {
        (Some(status), Some(body)) => {
            let status = u16::try_from(status).map_err(|_| ())?;
            Ok(Some(Answer { status, body: body.to_owned() }))
        }
        (None, None) => Ok(None),
        (Some(_), None) | (None, Some(_)) => Err(()),
    }
}

fn json<T: serde::de::DeserializeOwned>(row: &Row, column: &str) -> Result<Option<T>, ()> {
    row.get::<_, Option<&str>>(column).map(|text| serde_json::from_str(text).map_err(|_| ())).transpose()
}

/// A stored fingerprint.
pub(super) fn fingerprint(bytes: &[u8]) -> Option<Fingerprint> {
    bytes.try_into().ok().map(Fingerprint)
}

/// A `timestamptz`, exact to the microsecond.
pub(super) fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
