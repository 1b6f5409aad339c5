//! `inventory` and `inventory_journal`: what a commit writes of them. (They are read, and changed by hand, by `inventory.rs`.)

use std::collections::BTreeMap;

use super::super::columns::{Arrays, Pair, Parameters, arrays, taken_apart, unnest};
use super::stored::is_stored;
use crate::saga::{LocalTransaction, Refund, Restock, Sku};

/// What comes back to the shelf in a local transaction, each with its refund. A remote inventory counts for itself.
pub(in crate::store) fn restocked(txn: &LocalTransaction) -> impl Iterator<Item = (&Refund, &Restock)> {
    let local = txn.order.plan.inventory_is_local();
    let refunds = txn.given_back().filter(move |_| local);
    refunds.flat_map(|refund| refund.restock.iter().map(move |back| (refund, back)))
}

/// What came back.
fn journaled<'a>(rows: &[(&'a LocalTransaction, &'a Refund, &'a Restock)]) -> Arrays<'a> {
    arrays![rows;
        order_id: text = (txn, ..) => txn.order.id.as_str(),
        sku: text = (.., back) => back.sku.as_str(),
        delta: bigint = (.., back) => back.quantity,
        reason: text = (_, refund, _) => format!("restock of refund {}", refund.key),
        client: text = (_, refund, _) => refund.client.as_str(),
    ]
}

pub(in crate::store) fn journal<'a>(rows: &[(&'a LocalTransaction, &'a Refund, &'a Restock)]) -> Parameters<'a> {
    taken_apart(journaled(rows))
}

/// Stock is never lost: what comes back with a refund is journaled with it.
pub(in crate::store) fn journal_restock() -> String {
    let columns = unnest(1, 4, &journaled(&[]));
    format!(
        "
INSERT INTO inventory_journal (sku, delta, reason, client, order_id)
SELECT j.sku, j.delta, j.reason, j.client, j.order_id
FROM (
    SELECT {columns}
) j
WHERE {stored}",
        stored = is_stored("j.order_id")
    )
}

/// What the stock of a SKU changes by for an order.
struct Change<'a> {
    order_id: &'a str,
    sku: &'a str,
    on_hand: i64,
    reserved: i64,
}

fn changed<'a>(changes: &[Change<'a>]) -> Arrays<'a> {
    arrays![changes;
        order_id: text = change => change.order_id,
        sku: text = change => change.sku,
        on_hand: bigint = change => change.on_hand,
        reserved: bigint = change => change.reserved,
    ]
}

/// What the stock changes by; `None` where it does not.
pub(in crate::store) fn moves<'a>(pairs: impl Iterator<Item = Pair<'a>>) -> Option<Parameters<'a>> {
    let mut changes = Vec::new();
    for (_, txn) in pairs {
        let order_id = txn.order.id.as_str();
        for (_, back) in restocked(txn) {
            changes.push(Change { order_id, sku: back.sku.as_str(), on_hand: back.quantity, reserved: 0 });
        }
        let (on_hand, reserved) = txn.stock.delta();
        if (on_hand, reserved) == (0, 0) {
            continue;
        }
        for line in &txn.order.request.lines {
            let (on_hand, reserved) = (on_hand * line.quantity, reserved * line.quantity);
            changes.push(Change { order_id, sku: line.sku.as_str(), on_hand, reserved });
        }
    }
    (!changes.is_empty()).then(|| taken_apart(changed(&changes)))
}

/// Stock is never oversold: one update a SKU and batch, in SKU order, under the CHECK; a hot SKU is one row update a
/// batch. A SKU that inventory does not know raises.
pub(in crate::store) fn move_stock() -> String {
    let columns = unnest(1, 8, &changed(&[]));
    format!(
        "
WITH wanted AS (
    SELECT w.sku, sum(w.on_hand)::bigint AS on_hand, sum(w.reserved)::bigint AS reserved
    FROM (
        SELECT {columns}
    ) w
    WHERE {stored}
    GROUP BY w.sku
    ORDER BY w.sku
), moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM wanted w
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = (SELECT count(*) FROM wanted), 'CF404', 'unknown SKU')",
        stored = is_stored("w.order_id")
    )
}

/// The stock that is left, counted under lock.
pub(in crate::store) const LOCK_STOCK: &str = "
SELECT sku, on_hand - reserved FROM inventory WHERE sku = ANY ($1::text[]) ORDER BY sku FOR NO KEY UPDATE";

/// The same, added up by SKU.
fn counted<'a>(changes: &[(&'a Sku, &'a (i64, i64))]) -> Arrays<'a> {
    arrays![changes;
        sku: text = (sku, _) => sku.as_str(),
        on_hand: bigint = (_, change) => change.0,
        reserved: bigint = (_, change) => change.1,
    ]
}

/// What was counted changes by this; `None` where it does not.
pub(in crate::store) fn counted_moves(changes: &BTreeMap<Sku, (i64, i64)>) -> Option<Parameters<'_>> {
    let changes: Vec<_> = changes.iter().collect();
    (!changes.is_empty()).then(|| taken_apart(counted(&changes)))
}

/// As [`move_stock`], of what was counted under lock.
pub(in crate::store) fn move_counted_stock() -> String {
    let columns = unnest(1, 8, &counted(&[]));
    format!(
        "
WITH moved AS (
    UPDATE inventory i SET on_hand = i.on_hand + w.on_hand, reserved = i.reserved + w.reserved
    FROM (
        SELECT {columns}
    ) w
    WHERE i.sku = w.sku
    RETURNING i.sku
)
SELECT counterfoil_assert((SELECT count(*) FROM moved) = cardinality($1::text[]), 'CF404', 'unknown SKU')"
    )
}
