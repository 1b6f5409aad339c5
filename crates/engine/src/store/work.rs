//! Orders that are due: claimed, put off, given up, set aside.
//!
//! The commits of an order write its row of `order_work`; what is here touches that row between them, by guarded
//! updates that name what they expect. None waits for a clock of this process: what is due is compared in SQL, with the
//! database's own. A claim looks at that narrow row alone, so that no order, whatever its content, stops a sweep.
//!
//! A claim counts itself, since whoever claimed may be killed by what it loads and tell nobody; each commit of the
//! order forgives its claims. So does whoever could do nothing with it for a reason that is not the order's, and hands it
//! back, or lives on without a word. One that was claimed without progress before is claimed alone, so that the innocents of
//! its batch are not counted with it again; fresh ones and such suspects take turns, so that neither starves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use super::columns::{self, millis};
use super::{commit, read_error, rows, session};
use crate::limits;
use crate::ports::{Claimed, HandBack, OpenWork, PutOff, SetAside, StoreError, Sweep};
use crate::saga::{Event, OrderId, Timestamp, aside};

/// What is due at all, by the three ways to treat it. The one statement of a sweep that finds nothing.
fn due_sql() -> String {
    let due =
        |whom: &str| format!("EXISTS (SELECT FROM order_work WHERE wake_at <= counterfoil_asked_at() AND {whom})");
    format!("SELECT {}, {}, {}", due(FRESH), due(&suspect()), due(&hopeless_ones()))
}

/// Any engine claims what is overdue, and one of them gets it: the row still wakes when it did. What somebody else has
/// locked is left for a later sweep, so that no session that forgot a row holds up the orders of all others.
///
/// The claim before counts against the order where it ended in nothing because its claimer did: an engine whose heartbeat
/// went on until the end of its lease was not killed by what it loaded. It may have been held up by a lock, or by a
/// database that was away.
fn claim_sql(whom: &str) -> String {
    format!(
        "
UPDATE order_work w
SET owner = $1, wake_at = counterfoil_now() + $2::bigint * interval '1 millisecond', look = false,
    written_at = counterfoil_now(),
    claims = CASE
        WHEN w.owner = $1 OR EXISTS (
            SELECT FROM nodes n
            WHERE n.node_id = w.owner AND n.heartbeat_at > due.wake_at - $3::bigint * interval '1 millisecond'
              AND n.heartbeat_at < counterfoil_now() + interval '1 second'
        ) THEN greatest(w.claims, 1)
        ELSE w.claims + 1
    END
FROM (
    SELECT order_id, wake_at, look, claims FROM order_work
    WHERE wake_at <= counterfoil_asked_at() AND {whom}
    ORDER BY wake_at
    LIMIT $4
    FOR UPDATE SKIP LOCKED
) due
WHERE w.order_id = due.order_id AND w.wake_at = due.wake_at
RETURNING w.order_id, w.attempts, due.look, coalesce(w.expires_at <= counterfoil_now(), false),
    (extract(epoch FROM counterfoil_now() - w.intent_at) * 1000000)::bigint,
    (extract(epoch FROM counterfoil_now() - due.wake_at) * 1000000)::bigint, w.claims > due.claims"
    )
}

/// Which orders are fresh, suspect and hopeless. The bound is a number in the text: the index of those that were claimed is found
/// by what is said of it here, as it is said there.
const FRESH: &str = "claims = 0";

fn suspect() -> String {
    format!("claims > 0 AND claims < {}", limits::CLAIMS)
}

fn hopeless_ones() -> String {
    format!("claims > 0 AND claims >= {}", limits::CLAIMS)
}

/// What was claimed too often.
fn hopeless_sql() -> String {
    let whom = hopeless_ones();
    format!(
        "
SELECT order_id, version, last_error, attempts FROM order_work
WHERE wake_at <= counterfoil_asked_at() AND {whom}
ORDER BY wake_at
LIMIT $1"
    )
}

/// When the order moved last. Nothing else of it is read.
const STAMPED: &str = "SELECT updated_at FROM orders WHERE order_id = $1 FOR NO KEY UPDATE";

/// Every order ends, or is visibly stuck: it waits for a human from now on, unless it moved on or waits already. The one update of
/// an order beside those of the committers and of an adoption; what it writes is the saga's ([`aside`]).
const FLAG: &str = r#"
UPDATE orders SET commit_id = $3, version = $6, updated_at = $4, attention = $5
WHERE order_id = $1 AND version = $2 AND (attention IS NULL OR attention LIKE '%"missing":"%')"#;

/// Nobody claims it any more, as long as it is where it was.
const PARK: &str = "
UPDATE order_work SET version = $3, wake_at = NULL, owner = NULL, claims = 0, look = false
WHERE order_id = $1 AND version = $2 AND claims >= $4";

/// That it was set aside.
const TELL: &str = "INSERT INTO order_events (order_id, first_version, at, events) VALUES ($1, $2, $3, $4)";

/// See [`postpone`].
const POSTPONE: &str = "
UPDATE order_work SET attempts = $3, claims = 0, owner = NULL, written_at = counterfoil_now(), last_error = $5,
    look = look OR $6,
    wake_at = CASE WHEN look THEN counterfoil_now()
              WHEN expires_at > counterfoil_now() THEN least(expires_at, pause.ends_at)
              ELSE pause.ends_at END
FROM (
    SELECT counterfoil_now() + $4::bigint * (1 - random() / 2) * interval '1 millisecond' AS ends_at
) pause
WHERE order_id = $1 AND version = $2 AND wake_at IS NOT NULL";

/// See [`leave`].
const LEAVE: &str = "
UPDATE order_work SET claims = 0, owner = NULL, look_first = false, written_at = counterfoil_now(),
    last_error = NULL,
    wake_at = CASE WHEN look THEN counterfoil_now()
              ELSE coalesce(expires_at, counterfoil_now() + $3::bigint * interval '1 millisecond') END
WHERE order_id = $1 AND version = $2 AND wake_at IS NOT NULL";

/// See [`hand_back`].
const HAND_BACK: &str = "
UPDATE order_work SET owner = NULL, written_at = counterfoil_now(), last_error = coalesce($4, last_error),
    claims = CASE WHEN $5 THEN greatest(claims - 1, 0) ELSE claims END, look = look OR $6,
    wake_at = CASE WHEN look OR $6 THEN counterfoil_now() + least($3::bigint, 100) * interval '1 millisecond'
              ELSE counterfoil_now() + $3::bigint * interval '1 millisecond' END
WHERE order_id = $1 AND owner = $2 AND wake_at IS NOT NULL";

/// See [`held`].
const HELD: &str = "
SELECT order_id, attempts, look, coalesce(expires_at <= counterfoil_now(), false),
    (extract(epoch FROM counterfoil_now() - intent_at) * 1000000)::bigint, 0::bigint, false
FROM order_work
WHERE order_id = $1 AND version = $2 AND owner = $3 AND wake_at > counterfoil_now()";

/// See [`open`].
const OPEN: &str = "
SELECT w.attempts, w.claims, w.intent_at, w.wake_at, w.expires_at, w.owner, n.name, w.last_error
FROM order_work w LEFT JOIN nodes n ON n.node_id = w.owner
WHERE w.order_id = $1";

/// What is asked and written of one order between its commits, by name. What finds those that are due looks at all that wait,
/// and is not among them.
pub(super) fn listed() -> Vec<(&'static str, String)> {
    let all = [
        ("set_aside_stamped", STAMPED),
        ("set_aside_flag", FLAG),
        ("set_aside_tell", TELL),
        ("set_aside_park", PARK),
        ("postpone", POSTPONE),
        ("leave", LEAVE),
        ("hand_back", HAND_BACK),
        ("held", HELD),
        ("open", OPEN),
    ];
    all.map(|(name, sql)| (name, sql.to_owned())).into()
}

/// Claims what is due: a batch of fresh orders, or one that was claimed before.
pub(super) async fn claim(
    client: &mut ClientWrapper,
    node: Uuid,
    lease: Duration,
    limit: i64,
    suspects_next: &AtomicBool,
    now: Timestamp,
) -> Result<Sweep, StoreError> {
    let due = client.prepare_cached(&due_sql()).await.map_err(|error| read_error(&error))?;
    let row = client.query_one(&due, &[]).await.map_err(|error| read_error(&error))?;
    let (fresh, suspects, hopeless): (bool, bool, bool) = (row.get(0), row.get(1), row.get(2));
    let set_aside = if hopeless { set_aside(client, limit, now).await? } else { Vec::new() };
    let suspects_turn = suspects_next.load(Ordering::Relaxed);
    let takes_fresh = match (fresh, suspects) {
        (false, false) => return Ok(Sweep { claimed: Vec::new(), set_aside }),
        (true, suspects) => !(suspects && suspects_turn),
        (false, true) => false,
    };
    suspects_next.store(takes_fresh, Ordering::Relaxed);
    let (whom, limit): (_, i64) = if takes_fresh { (FRESH.to_owned(), limit) } else { (suspect(), 1) };
    let claim = client.prepare_cached(&claim_sql(&whom)).await.map_err(|error| read_error(&error))?;
    let mut retries = 0;
    let rows = loop {
        match client.query(&claim, &[&node, &millis(lease), &millis(limits::HEARTBEAT_MISSED), &limit]).await {
            Ok(rows) => break rows,
            // A commit of one of them, or another engine's sweep, locked the same rows in another order.
            Err(error) if is_deadlock(&error) && retries < limits::COMMIT_RETRIES => retries += 1,
            Err(error) => return Err(read_error(&error)),
        }
    };
    let mut claimed: Vec<Claimed> = rows.iter().map(claimed).collect();
    claimed.sort_by(|a, b| b.late.cmp(&a.late).then_with(|| a.order_id.cmp(&b.order_id)));
    Ok(Sweep { claimed, set_aside })
}

fn is_deadlock(error: &Error) -> bool {
    error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

fn claimed(row: &Row) -> Claimed {
    let micros = |index: usize| Duration::from_micros(u64::try_from(row.get::<_, i64>(index)).unwrap_or(0));
    Claimed {
        order_id: OrderId::trusted(row.get::<_, &str>(0)),
        attempts: row.get(1),
        look: row.get(2),
        expired: row.get(3),
        intent_age: micros(4),
        late: micros(5),
        counted: row.get(6),
    }
}

/// Why an order is set aside, for an operator: what was said against it last, or, where nobody lived to say anything, that.
pub(super) fn hopeless(last_error: Option<&str>) -> String {
    match last_error {
        Some(error) => format!("it was claimed {} times without progress; the last error: {error}", limits::CLAIMS),
        None => format!("it was claimed {} times without progress: it may kill whoever loads it", limits::CLAIMS),
    }
}

/// Sets aside what kills whoever loads it, each order in a transaction of its own; those that wait for a human now.
async fn set_aside(client: &mut ClientWrapper, limit: i64, now: Timestamp) -> Result<Vec<SetAside>, StoreError> {
    let rows = client.query(&hopeless_sql(), &[&limit]).await.map_err(|error| read_error(&error))?;
    let mut flagged = Vec::new();
    for row in rows {
        let (id, version, said): (String, i32, Option<&str>) = (row.get(0), row.get(1), row.get(2));
        let reason = hopeless(said);
        match set_one_aside(client, &id, version, reason.clone(), now).await {
            Ok(true) => flagged.push(SetAside {
                order_id: OrderId::trusted(id),
                attempts: row.get(3),
                last_error: said.map(str::to_owned),
                reason,
            }),
            Ok(false) => {}
            // The next sweep tries again; the others of this one are not held up.
            Err(error) => tracing::warn!(order_id = id, %error, "an order could not be set aside"),
        }
    }
    Ok(flagged)
}

/// One transaction: the flag, its event, and the end of its claims; nothing where the order moved on meanwhile. The
/// order's content is not read.
async fn set_one_aside(
    client: &mut ClientWrapper,
    id: &str,
    version: i32,
    reason: String,
    now: Timestamp,
) -> Result<bool, Error> {
    let transaction = session::begin(client).await?;
    let stamped = transaction.query_opt(STAMPED, &[&id]).await?;
    let since = stamped.map_or(now, |row| rows::timestamp(row.get(0)));
    let aside = aside((version, since), reason, now);
    let attention = serde_json::to_string(&aside.attention).unwrap_or_default(); // two texts always serialise
    let (commit, at) = (commit::stamp(), columns::stamp(aside.at));
    let flagged = transaction.execute(FLAG, &[&id, &version, &commit, &at, &attention, &aside.version]).await? == 1;
    let after = if flagged { aside.version } else { version };
    if flagged {
        let events = Event::encode(&[aside.event]);
        transaction.execute(TELL, &[&id, &after, &at, &events]).await?;
    }
    if transaction.execute(PARK, &[&id, &version, &after, &limits::CLAIMS]).await? == 0 {
        transaction.rollback().await?;
        return Ok(false);
    }
    transaction.commit().await?;
    if !flagged {
        tracing::error!(order_id = id, "what is to be done about an order is not about it as it stands: set aside");
    }
    Ok(flagged)
}

/// Leaves an order alone until a pause is over, or its deadline comes. A pause is shortened by up to half at random, so
/// that those who failed together do not come back together; a deadline that is over already wakes nobody again. Where
/// a participant told meanwhile that something happened, there is no pause; what it told before, and nobody could look at,
/// waits with the order.
pub(super) async fn postpone(client: &ClientWrapper, id: &OrderId, off: &PutOff) -> Result<bool, StoreError> {
    let statement = client.prepare_cached(POSTPONE).await.map_err(|error| read_error(&error))?;
    let (pause, error) = (millis(off.pause), off.error.as_deref());
    let parameters: [&(dyn ToSql + Sync); 6] = [&id.as_str(), &off.version, &off.attempts, &pause, &error, &off.look];
    let left = client.execute(&statement, &parameters).await;
    left.map(|rows| rows == 1).map_err(|error| read_error(&error))
}

/// Leaves an order alone until its deadline comes. One that came since the order was claimed has been told to nobody: it
/// wakes the order at once, and so does what a participant told meanwhile.
pub(super) async fn leave(client: &ClientWrapper, id: &OrderId, version: i32) -> Result<bool, StoreError> {
    let statement = client.prepare_cached(LEAVE).await.map_err(|error| read_error(&error))?;
    let left = client.execute(&statement, &[&id.as_str(), &version, &millis(limits::NOTHING_DUE)]).await;
    left.map(|rows| rows == 1).map_err(|error| read_error(&error))
}

/// Gives an order back, as [`HandBack`] says.
pub(super) async fn hand_back(client: &ClientWrapper, id: &OrderId, back: &HandBack) -> Result<bool, StoreError> {
    let statement = client.prepare_cached(HAND_BACK).await.map_err(|error| read_error(&error))?;
    let forgiven = back.counted && back.fault.is_none();
    let error = back.fault.as_ref().or(back.error.as_ref());
    let parameters: [&(dyn ToSql + Sync); 6] =
        [&id.as_str(), &back.node, &millis(back.pause), &error, &forgiven, &back.look];
    let back = client.execute(&statement, &parameters).await;
    back.map(|rows| rows == 1).map_err(|error| read_error(&error))
}

/// What a claim would tell of an order that this node's own commit has taken: nothing is written, since that commit wrote
/// its lease.
pub(super) async fn held(
    client: &ClientWrapper,
    id: &OrderId,
    version: i32,
    node: Uuid,
) -> Result<Option<Claimed>, StoreError> {
    let statement = client.prepare_cached(HELD).await.map_err(|error| read_error(&error))?;
    let row = client.query_opt(&statement, &[&id.as_str(), &version, &node]).await;
    row.map(|row| row.as_ref().map(claimed)).map_err(|error| read_error(&error))
}

/// What is left to be done about an order, with the name that its owner goes by.
pub(super) async fn open(client: &ClientWrapper, id: &OrderId) -> Result<Option<OpenWork>, StoreError> {
    let statement = client.prepare_cached(OPEN).await.map_err(|error| read_error(&error))?;
    let row = client.query_opt(&statement, &[&id.as_str()]).await.map_err(|error| read_error(&error))?;
    Ok(row.map(|row| OpenWork {
        attempts: row.get("attempts"),
        claims: row.get("claims"),
        intent_at: rows::timestamp(row.get("intent_at")),
        next_try: row.get::<_, Option<_>>("wake_at").map(rows::timestamp),
        deadline: row.get::<_, Option<_>>("expires_at").map(rows::timestamp),
        owner: row.get("owner"),
        owner_name: row.get("name"),
        last_error: row.get("last_error"),
    }))
}

/// Gives up whatever a node holds; what somebody else has locked stays until its lease ends. It goes in order, so that its
/// own claims prove nothing against the orders.
pub(super) async fn release(client: &ClientWrapper, node: Uuid) -> Result<u64, StoreError> {
    let sql = "
        UPDATE order_work w SET owner = NULL, wake_at = counterfoil_now(), claims = greatest(w.claims - 1, 0),
            written_at = counterfoil_now()
        FROM (SELECT order_id FROM order_work WHERE owner = $1 ORDER BY order_id FOR UPDATE SKIP LOCKED) held
        WHERE w.order_id = held.order_id AND w.owner = $1";
    let mut retries = 0;
    loop {
        match client.execute(sql, &[&node]).await {
            Ok(rows) => return Ok(rows),
            Err(error) if is_deadlock(&error) && retries < limits::COMMIT_RETRIES => retries += 1,
            Err(error) => return Err(read_error(&error)),
        }
    }
}
