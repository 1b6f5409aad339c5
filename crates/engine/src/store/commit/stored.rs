//! Which orders a transaction has stored: those that it placed, and those that it moved on. Whatever else it writes asks for
//! that, so that a lost guard writes nothing at all.
//!
//! The statements that store orders lay down what they stored in a setting, which ends with the transaction; the others have it
//! as a list, once a statement, and ask a hash table. The setting is there because the transaction was begun with it: where
//! BEGIN failed, and the session goes on, every statement raises, instead of being stored by itself.
//!
//! To ask each order's row for its stamp instead is a descent of `orders`' index a row and statement, a sixth of what PostgreSQL
//! did for an order.

/// How every transaction begins that stores orders.
pub(in crate::store) const BEGIN: &str = "BEGIN; SET LOCAL counterfoil.stored = '{}'";

/// What was stored so far.
const STORED: &str = "current_setting('counterfoil.stored')::text[]";

/// Holds within a transaction of ours that has stored nothing yet, and raises without one.
pub(super) const IS_BEGUN: &str = "current_setting('counterfoil.stored')::text[] = '{}'";

/// Whether the transaction has stored the order that this column names. (`IS TRUE` keeps it from becoming a join, which the
/// planner would begin at either end.)
pub(super) fn is_stored(column: &str) -> String {
    format!("({column} IN (SELECT unnest({STORED}))) IS TRUE")
}

/// Whether it has not.
pub(super) fn is_not_stored(column: &str) -> String {
    format!("({column} IN (SELECT unnest({STORED}))) IS NOT TRUE")
}

/// Whether the order that this column names is stored by the very statement that asks, which is [`storing`] it.
pub(super) fn is_just_stored(column: &str) -> String {
    format!("({column} IN (SELECT order_id FROM stored)) IS TRUE")
}

/// A statement that stores orders, and returns their ids, as one that lays them down, with what else it writes of them. It
/// answers one row, of all that it stored.
pub(super) fn storing(orders: &str, more: &[(&str, String)]) -> String {
    let more: String = more.iter().map(|(name, sql)| format!(", {name} AS ({sql}\n)")).collect();
    format!(
        "
WITH stored AS ({orders}
){more}, ids AS (
    SELECT coalesce(array_agg(order_id), '{{}}') AS ids FROM stored
)
SELECT ids, set_config('counterfoil.stored', ({STORED} || ids)::text, true) FROM ids"
    )
}
