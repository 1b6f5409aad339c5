//! Between rows and values.

use std::sync::Arc;
use std::time::SystemTime;

use tokio_postgres::Row;

use crate::ports::{StoreError, StoredOrder};
use crate::saga::request::Details;
use crate::saga::state::{PaymentStatus, ShipmentStatus};
use crate::saga::{
    Amount, Answer, Client, Currency, Fingerprint, Order, OrderId, Payment, Plan, Request, Shipment, State, Stock,
    Timestamp,
};

/// The columns that [`order`] reads, from `orders o` with its payment `p`.
pub(super) const ORDER_COLUMNS: &str = "o.order_id, o.amount, \
    o.created_at, o.updated_at, \
    o.version, o.saga_version, o.plan, o.answer_status, o.state, o.stock, o.shipment, o.currency, o.client, \
    o.customer_id, o.fingerprint, o.lines, o.details, o.answer, o.shipment_reference, o.failure, o.attention, \
    p.status, p.unknown, p.known, p.amount AS payment_amount, p.captured, p.refunded, p.reference";

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
    let answer = match (row.get::<_, Option<i16>>("answer_status"), row.get::<_, Option<&str>>("answer")) {
        (Some(status), Some(body)) => {
            let status = u16::try_from(status).map_err(|_| corrupt("answer_status"))?;
            Some(Arc::new(Answer { status, body: body.to_owned() }))
        }
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(corrupt("answer")),
    };
    let order = Order {
        id: OrderId::trusted(id),
        client: Client::trusted(word("client")),
        request: Arc::new(request),
        amount,
        saga_version: row.get("saga_version"),
        plan: Plan(row.get("plan")),
        state: State::parse(word("state")).ok_or_else(|| corrupt("state"))?,
        version: row.get("version"),
        stock: Stock::parse(word("stock")).ok_or_else(|| corrupt("stock"))?,
        payment: payment(row, amount).ok_or_else(|| corrupt("payment"))?,
        shipment: Shipment {
            status: ShipmentStatus::parse(word("shipment")).ok_or_else(|| corrupt("shipment"))?,
            reference: row.get::<_, Option<&str>>("shipment_reference").map(Into::into),
        },
        reservation: None,
        refunds: Vec::new(),
        failure: json(row, "failure").map_err(|()| corrupt("failure"))?,
        answer,
        attention: json(row, "attention").map_err(|()| corrupt("attention"))?,
        created_at: timestamp(row.get("created_at")),
        updated_at: timestamp(row.get("updated_at")),
    };
    Ok(StoredOrder { order, fingerprint: fingerprint(row.get("fingerprint")).ok_or_else(|| corrupt("fingerprint"))? })
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
        capture_reference: None,
    })
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
