//! `order_events`, `operator_log`, and who hears of an end: what a commit tells. (Events are read by `queries.rs` and `feed.rs`.)

use super::super::columns::{Arrays, Pair, Parameters, arrays, millis, stamp, taken_apart, unnest};
use super::stored::{is_just_stored, is_stored};
use crate::limits;
use crate::ports::{OperatorEntry, Write};
use crate::saga::{Event, LocalTransaction};

/// The events of a commit.
fn written<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    let first = |txn: &LocalTransaction| txn.order.version + 1 - i32::try_from(txn.events.len()).unwrap_or(0);
    arrays![rows;
        order_id: text = (_, txn) => txn.order.id.as_str(),
        first_version: int = (_, txn) => first(txn),
        at: timestamptz = (_, txn) => stamp(txn.order.updated_at),
        events: text = (_, txn) => Event::encode_sealed(&txn.events),
    ]
}

pub(in crate::store) fn events<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    taken_apart(written(rows))
}

/// Events are rows of the same transaction; their key (order_id, first_version) admits each version once.
pub(in crate::store) fn insert_events() -> String {
    format!("{}\nWHERE {}", inserted(1), is_stored("e.order_id"))
}

/// Rows `e`, sent as the parameters from this one on.
fn inserted(first: usize) -> String {
    let columns = unnest(first, 4, &written(&[]));
    format!(
        "
INSERT INTO order_events (order_id, first_version, at, events)
SELECT e.order_id, e.first_version, e.at, e.events
FROM (
    SELECT {columns}
) e"
    )
}

/// The events of orders that are placed by the same statement.
pub(super) fn part<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    written(rows)
}

/// And what that says of them: its arrays begin at the parameter `first`.
pub(super) fn part_of_placing(first: usize) -> String {
    format!("{}\nWHERE {}", inserted(first), is_just_stored("e.order_id"))
}

/// What an operator did.
fn logged<'a>(rows: &[(&'a Write, &'a OperatorEntry)]) -> Arrays<'a> {
    arrays![rows;
        order_id: text = (write, _) => write.order_id().as_str(),
        by: text = (_, entry) => entry.by.as_str(),
        verb: text = (_, entry) => entry.verb,
        reason: text = (_, entry) => &*entry.reason,
        before: text = (_, entry) => &*entry.before,
        after: text = (_, entry) => &*entry.after,
    ]
}

pub(in crate::store) fn log<'a>(rows: &[(&'a Write, &'a OperatorEntry)]) -> Parameters<'a> {
    taken_apart(logged(rows))
}

/// What an operator does is told with what it changes.
pub(in crate::store) fn log_operators() -> String {
    let columns = unnest(1, 4, &logged(&[]));
    format!(
        "
INSERT INTO operator_log (order_id, by, verb, reason, before, after)
SELECT l.order_id, l.by, l.verb, l.reason, l.before, l.after
FROM (
    SELECT {columns}
) l
WHERE {stored}",
        stored = is_stored("l.order_id")
    )
}

/// An order that ended, with the engine that ended it.
fn over<'a>(rows: &[Pair<'a>]) -> Arrays<'a> {
    arrays![rows;
        order_id: text = (_, txn) => txn.order.id.as_str(),
        node: uuid = (write, _) => write.driver.node,
    ]
}

pub(in crate::store) fn ended<'a>(rows: &[Pair<'a>]) -> Parameters<'a> {
    let mut parameters = taken_apart(over(rows));
    parameters.push(Box::new(millis(limits::NODE_GONE)));
    parameters
}

/// Whoever waits for these orders in another engine hears of it when they are committed; where no other lives nobody is
/// told, since commits that notify wait for one another. One that began a moment ago looks for itself.
pub(in crate::store) fn notify_ended() -> String {
    let over = over(&[]);
    let (columns, gone) = (unnest(1, 4, &over), 1 + over.len());
    format!(
        "
SELECT pg_notify('counterfoil_ended', e.order_id)
FROM (
    SELECT {columns}
) e
WHERE {stored} AND EXISTS (
    SELECT FROM nodes n
    WHERE n.node_id <> e.node AND n.heartbeat_at > counterfoil_now() - ${gone}::bigint * interval '1 millisecond')",
        stored = is_stored("e.order_id")
    )
}
