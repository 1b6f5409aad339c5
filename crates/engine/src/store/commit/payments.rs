//! `payments` and `refunds`: what a commit writes of them, and how they are read again.

use std::sync::Arc;

use tokio_postgres::Row;

use super::super::columns::{Arrays, Pair, Parameters, arrays, json, taken_apart, unnest};
use super::stored::{is_just_stored, is_stored};
use crate::saga::event::{Fact, RefundName};
use crate::saga::state::{PaymentStatus, RefundStatus};
use crate::saga::{Amount, Client, Event, IdempotencyKey, LocalTransaction, Payment, Refund};

/// A payment as it stands.
fn standing<'a>(rows: &[&Pair<'a>]) -> Arrays<'a> {
    arrays![rows;
        order_id: text = (_, txn) => txn.order.id.as_str(),
        status: text = (_, txn) => txn.order.payment.status.as_str(),
        unknown: bool = (_, txn) => txn.order.payment.unknown,
        known: bool = (_, txn) => txn.order.payment.known,
        amount: bigint = (_, txn) => txn.order.payment.amount.0,
        captured: bigint = (_, txn) => txn.order.payment.captured.0,
        refunded: bigint = (_, txn) => txn.order.payment.refunded.0,
        reference: text = (_, txn) => txn.order.payment.reference.as_deref(),
        capture_reference: text = (_, txn) => txn.order.payment.capture_reference.as_deref(),
    ]
}

pub(in crate::store) fn payments<'a>(rows: &[&Pair<'a>]) -> Parameters<'a> {
    taken_apart(standing(rows))
}

/// One payment an order: a second one breaks the primary key, and with it the transaction.
pub(in crate::store) fn insert_payments() -> String {
    format!("{}\nWHERE {}", inserted(1), is_stored("p.order_id"))
}

/// Rows `p`, sent as the parameters from this one on.
fn inserted(first: usize) -> String {
    let columns = unnest(first, 4, &standing(&[]));
    format!(
        "
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT p.order_id, p.status, p.unknown, p.known, p.amount, p.captured, p.refunded, p.reference, p.capture_reference
FROM (
    SELECT {columns}
) p"
    )
}

/// The payments of orders that are placed by the same statement.
pub(super) fn part<'a>(rows: &[&Pair<'a>]) -> Arrays<'a> {
    standing(rows)
}

/// And what that says of them: its arrays begin at the parameter `first`.
pub(super) fn part_of_placing(first: usize) -> String {
    format!("{}\nWHERE {}", inserted(first), is_just_stored("p.order_id"))
}

/// The payments of orders that move on, whether or not they had one before: where it moves in the same transaction as
/// its order, there is nobody to race with.
pub(in crate::store) fn move_payments() -> String {
    let columns = unnest(1, 8, &standing(&[]));
    format!(
        "
WITH sent AS MATERIALIZED (
    SELECT p.*
    FROM (
        SELECT {columns}
    ) p
    WHERE {stored}
), moved AS (
    UPDATE payments p SET status = s.status, unknown = s.unknown, known = s.known, amount = s.amount,
        captured = s.captured, refunded = s.refunded, reference = s.reference, capture_reference = s.capture_reference
    FROM sent s
    WHERE p.order_id = s.order_id
    RETURNING p.order_id
)
INSERT INTO payments (order_id, status, unknown, known, amount, captured, refunded, reference, capture_reference)
SELECT s.order_id, s.status, s.unknown, s.known, s.amount, s.captured, s.refunded, s.reference, s.capture_reference
FROM sent s
WHERE s.order_id NOT IN (SELECT order_id FROM moved)",
        stored = is_stored("p.order_id")
    )
}

/// Refunds of a batch, each with its order, sorted by key.
pub(in crate::store) struct Refunds<'a>(Vec<(&'a LocalTransaction, i32, &'a Refund)>);

/// The refunds that are asked for in the local transactions, and those asked for earlier that have their outcome now.
pub(in crate::store) fn refunds<'a>(rows: &[Pair<'a>]) -> (Refunds<'a>, Refunds<'a>) {
    let (mut asked, mut settled) = (Vec::new(), Vec::new());
    for (_, txn) in rows {
        let (mut new, mut old): (Vec<&RefundName>, Vec<&RefundName>) = (Vec::new(), Vec::new());
        for event in &txn.events {
            match event {
                Event::Fact(Fact::PaymentRefunding { refund, .. }) => new.push(refund),
                Event::Fact(
                    Fact::PaymentRefunded { refund: Some(refund), .. } | Fact::PaymentRefundRefused { refund, .. },
                ) => old.push(refund),
                _ => {}
            }
        }
        for (position, refund) in (1..).zip(&txn.order.refunds) {
            let is = |name: &&RefundName| name.client == refund.client && name.key == refund.key;
            if new.iter().any(is) {
                asked.push((*txn, position, refund));
            } else if old.iter().any(is) {
                settled.push((*txn, position, refund));
            }
        }
    }
    let sorted = |mut found: Vec<(&'a LocalTransaction, i32, &'a Refund)>| {
        found.sort_unstable_by_key(|(txn, _, refund)| (&txn.order.id, &refund.client, &refund.key));
        Refunds(found)
    };
    (sorted(asked), sorted(settled))
}

/// A refund as it is asked for.
fn asked<'a>(refunds: &[(&'a LocalTransaction, i32, &'a Refund)]) -> Arrays<'a> {
    let restock = |refund: &Refund| json(Some(&refund.restock).filter(|restock| !restock.is_empty()));
    arrays![refunds;
        order_id: text = (txn, ..) => txn.order.id.as_str(),
        client: text = (.., refund) => refund.client.as_str(),
        key: text = (.., refund) => refund.key.as_str(),
        position: int = (_, position, _) => *position,
        amount: bigint = (.., refund) => refund.amount.0,
        status: text = (.., refund) => refund.status.as_str(),
        reason: text = (.., refund) => &*refund.reason,
        restock: text = (.., refund) => restock(refund),
    ]
}

/// One that has its outcome.
fn ended<'a>(refunds: &[(&'a LocalTransaction, i32, &'a Refund)]) -> Arrays<'a> {
    arrays![refunds;
        order_id: text = (txn, ..) => txn.order.id.as_str(),
        client: text = (.., refund) => refund.client.as_str(),
        key: text = (.., refund) => refund.key.as_str(),
        status: text = (.., refund) => refund.status.as_str(),
    ]
}

impl<'a> Refunds<'a> {
    pub(in crate::store) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::store) fn insert(&self) -> Parameters<'a> {
        taken_apart(asked(&self.0))
    }

    pub(in crate::store) fn settle(&self) -> Parameters<'a> {
        taken_apart(ended(&self.0))
    }
}

/// A refund is asked for once under its key: a second one breaks the primary key, and with it the transaction. What it
/// counts against the charge stands in the payment, under the CHECK there.
pub(in crate::store) fn insert_refunds() -> String {
    let columns = unnest(1, 4, &asked(&[]));
    format!(
        "
INSERT INTO refunds (order_id, client, key, position, amount, status, reason, restock)
SELECT r.order_id, r.client, r.key, r.position, r.amount, r.status, r.reason, r.restock
FROM (
    SELECT {columns}
) r
WHERE {stored}",
        stored = is_stored("r.order_id")
    )
}

/// A refund has one outcome.
pub(in crate::store) fn settle_refunds() -> String {
    let columns = unnest(1, 4, &ended(&[]));
    format!(
        "
UPDATE refunds r SET status = u.status
FROM (
    SELECT {columns}
) u
WHERE r.order_id = u.order_id AND r.client = u.client AND r.key = u.key AND r.status = 'intended'
  AND {stored}",
        stored = is_stored("u.order_id")
    )
}

/// An order whose payment was never reached has no payments row.
pub(in crate::store) fn payment(row: &Row, amount: Amount) -> Option<Payment> {
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
pub(in crate::store) fn asked_back(row: &Row) -> Option<Vec<Refund>> {
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
