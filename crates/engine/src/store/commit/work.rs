//! `order_work`: what a commit writes of it. (It is read, and written between commits, by `work.rs`.)

use uuid::Uuid;

use super::super::columns::{Arrays, Parameters, arrays, millis, taken_apart, unnest};
use super::stored::is_stored;
use crate::ports::{Deadline, Intent, Work, Write};
use crate::saga::LocalTransaction;

/// A write, what it becomes, and what is left to be done.
type Left<'a> = (&'a Write, &'a LocalTransaction, Work);

/// The same as its columns want it.
struct Asked {
    owner: Option<Uuid>,
    asleep: bool,
    keeps_deadline: bool,
    intent: Intent,
    deadline_ms: Option<i64>,
}

/// What is left to be done about an order.
fn open<'a>(rows: &[Left<'a>]) -> Arrays<'a> {
    let left = |(write, _, work): &Left| match *work {
        Work::Untouched | Work::Done => {
            Asked { owner: None, asleep: true, keeps_deadline: true, intent: Intent::Same, deadline_ms: None }
        }
        Work::Open { held, asleep, deadline, intent } => Asked {
            owner: held.then_some(write.driver.node),
            asleep,
            keeps_deadline: deadline == Deadline::Keep,
            intent,
            deadline_ms: match deadline {
                Deadline::Keep | Deadline::None => None,
                Deadline::After(span) => Some(millis(span)),
            },
        },
    };
    let rows: Vec<(&Left<'a>, Asked)> = rows.iter().map(|row| (row, left(row))).collect();
    arrays![rows;
        order_id: text = ((_, txn, _), _) => txn.order.id.as_str(),
        version: int = ((_, txn, _), _) => txn.order.version,
        owner: uuid = (_, left) => left.owner,
        asleep: bool = (_, left) => left.asleep,
        keeps_deadline: bool = (_, left) => left.keeps_deadline,
        fresh_intent: bool = (_, left) => left.intent.is_fresh(),
        again: bool = (_, left) => left.intent.wakes(),
        lease_ms: bigint = ((write, ..), _) => millis(write.driver.lease),
        deadline_ms: bigint = (_, left) => left.deadline_ms,
        look_first: bool = ((write, ..), _) => write.driver.look_first,
    ]
}

/// The same of an order that moves on, with how the call that is due has fared where the write follows from that.
fn moved<'a>(rows: &[Left<'a>]) -> Arrays<'a> {
    let mut columns = open(rows);
    columns.extend(arrays![rows;
        attempts: smallint = (write, ..) => write.trouble().map(|trouble| trouble.attempts),
        error: text = (write, ..) => write.trouble().map(|trouble| &*trouble.error),
    ]);
    columns
}

pub(in crate::store) fn work<'a>(rows: &[Left<'a>]) -> Parameters<'a> {
    taken_apart(open(rows))
}

pub(in crate::store) fn moved_work<'a>(rows: &[Left<'a>]) -> Parameters<'a> {
    taken_apart(moved(rows))
}

/// Every order ends: what is left to be done is written with what was done, by the database's clock.
pub(in crate::store) fn insert_work() -> String {
    let columns = unnest(1, 4, &open(&[]));
    format!(
        "
INSERT INTO order_work (order_id, version, wake_at, expires_at, intent_at, owner, written_at)
SELECT u.order_id, u.version,
    CASE
        WHEN u.asleep THEN NULL
        WHEN u.again THEN counterfoil_now()
        WHEN u.owner IS NOT NULL THEN counterfoil_now() + u.lease_ms * interval '1 millisecond'
        ELSE counterfoil_now() + u.deadline_ms * interval '1 millisecond'
    END,
    counterfoil_now() + u.deadline_ms * interval '1 millisecond', counterfoil_now(), u.owner, counterfoil_now()
FROM (
    SELECT {columns}
) u
WHERE {stored}",
        stored = is_stored("u.order_id")
    )
}

/// The same of an order that moves on, so that its claims are forgiven; its attempts, and the age of its intent, are
/// those of the call that is due. One that had ended, and of which something is left to be done again, has no row.
pub(in crate::store) fn move_work() -> String {
    let columns = unnest(1, 8, &moved(&[]));
    format!(
        "
WITH left_to_do AS MATERIALIZED (
    SELECT u.*, u.lease_ms * interval '1 millisecond' AS lease, u.deadline_ms * interval '1 millisecond' AS deadline
    FROM (
        SELECT {columns}
    ) u
    WHERE {stored}
), moved AS (
    UPDATE order_work w SET version = u.version, claims = 0, look = w.look AND NOT u.fresh_intent, owner = u.owner,
        written_at = counterfoil_now(),
        last_error = coalesce(u.error, CASE WHEN NOT u.fresh_intent THEN w.last_error END),
        expires_at = CASE WHEN u.keeps_deadline THEN w.expires_at ELSE counterfoil_now() + u.deadline END,
        wake_at = CASE
            WHEN u.asleep THEN NULL
            WHEN u.again THEN counterfoil_now()
            WHEN u.owner IS NOT NULL THEN counterfoil_now() + u.lease
            WHEN u.look_first AND w.look_first THEN counterfoil_now()
            WHEN u.keeps_deadline THEN w.expires_at
            ELSE counterfoil_now() + u.deadline
        END,
        intent_at = CASE WHEN u.fresh_intent THEN counterfoil_now() ELSE w.intent_at END,
        attempts = CASE WHEN u.fresh_intent OR u.again THEN 0 ELSE coalesce(u.attempts, w.attempts) END,
        look_first = w.look_first AND (u.asleep OR u.again OR u.look_first)
    FROM left_to_do u
    WHERE w.order_id = u.order_id
    RETURNING w.order_id
)
INSERT INTO order_work (order_id, version, wake_at, expires_at, intent_at, owner, written_at)
SELECT u.order_id, u.version,
    CASE
        WHEN u.asleep THEN NULL
        WHEN u.again THEN counterfoil_now()
        WHEN u.owner IS NOT NULL THEN counterfoil_now() + u.lease
        ELSE counterfoil_now() + u.deadline
    END,
    counterfoil_now() + u.deadline, counterfoil_now(), u.owner, counterfoil_now()
FROM left_to_do u
WHERE u.order_id NOT IN (SELECT order_id FROM moved)",
        stored = is_stored("u.order_id")
    )
}

/// Nothing is left to be done about an order that ended.
pub(in crate::store) fn delete_work() -> String {
    format!(
        "
DELETE FROM order_work w
WHERE w.order_id = ANY ($1::text[]) AND {stored}",
        stored = is_stored("w.order_id")
    )
}
