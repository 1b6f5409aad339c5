//! Webhooks that go out, as rows: what whoever delivers reads and writes. What operators do to them is in `operators.rs`.
//!
//! Locks are taken in one order by all: the lease, the endpoint, then rows of orders. So a write of a delivery and an
//! operator's never wait for each other in a ring, and of the two the endpoint's `revision` says which came first.

mod operators;

pub use operators::list;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Transaction};
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio_postgres::Row as SqlRow;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::columns::millis;
use super::reads::{Lent, ReadPool};
use super::{PgStore, lease, prune, read_error, rows, session};
use crate::limits;
use crate::ports::StoreError;
use crate::ports::feed::{Position, Record, Row, Xact};
use crate::ports::lease::Held;
use crate::ports::webhooks::{
    Behind, Changes, Endpoint, EndpointState, EndpointTarget, Endpoints, Owed, Recorded, SetAside, Unreadable, Waiting,
    Webhooks,
};

/// The columns that [`endpoint`] reads. After its time a secret is no more, wherever it is looked for. An endpoint that came
/// with a copy of another deployment's database is the other's, whichever program adopted the copy. Where nobody has written
/// in the database's present history, that has no number.
const COLUMNS: &str = "endpoint_id, name, url, secrets, types, clients, personal_data, strict, configured,
    revision, run, position, since, created_at, last_success_at,
    CASE WHEN deployment_id = (SELECT d.deployment_id FROM deployment d) THEN state ELSE 'disabled' END AS state,
    CASE WHEN deployment_id = (SELECT d.deployment_id FROM deployment d) THEN state_reason
         ELSE 'it came with a copy of another deployment''s database: replay it from where it is to begin, and resume it'
    END AS state_reason,
    coalesce((SELECT CASE WHEN counterfoil_goes_on(latest) THEN latest.epoch END
        FROM (SELECT * FROM epochs ORDER BY epoch DESC LIMIT 1) latest), -1) AS history,
    coalesce(secrets_until <= counterfoil_now(), false) AS first_secret_alone, gap_events, gap_orders, gap_until";

fn corrupt(name: &str, what: &str) -> StoreError {
    StoreError::Corrupt(format!("webhook endpoint {name}: {what}"))
}

fn endpoint(row: &SqlRow) -> Result<Endpoint, StoreError> {
    let name: &str = row.get("name");
    let list = |column: &str| {
        serde_json::from_str::<Vec<String>>(row.get(column)).map_err(|_| corrupt(name, &format!("{column} is no list")))
    };
    let mut secrets = list("secrets")?;
    if row.get("first_secret_alone") {
        secrets.truncate(1);
    }
    let target = EndpointTarget {
        url: row.get("url"),
        secrets,
        types: list("types")?,
        clients: list("clients")?,
        personal_data: row.get("personal_data"),
        strict: row.get("strict"),
    };
    let stamp = |column: &str| row.get::<_, Option<std::time::SystemTime>>(column).map(rows::timestamp);
    Ok(Endpoint {
        id: row.get("endpoint_id"),
        name: name.into(),
        target,
        is_configured: row.get("configured"),
        state: EndpointState::parse(row.get("state")).ok_or_else(|| corrupt(name, "its state"))?,
        state_reason: row.get("state_reason"),
        revision: row.get("revision"),
        run: row.get("run"),
        position: serde_json::from_str(row.get("position")).map_err(|_| corrupt(name, "its position"))?,
        since: stamp("since"),
        created_at: rows::timestamp(row.get("created_at")),
        last_success_at: stamp("last_success_at"),
        history: row.get("history"),
        gap: match (row.get("gap_events"), row.get("gap_orders"), row.get("gap_until")) {
            (Some(events), Some(orders), Some(until)) => Some(prune::gap_of(events, orders, until)),
            (_, _, _) => None,
        },
    })
}

/// One that is spoilt stands in nobody else's way.
fn all(rows: &[SqlRow]) -> Result<Endpoints, StoreError> {
    let mut found = Endpoints::default();
    for row in rows {
        match endpoint(row) {
            Ok(endpoint) => found.all.push(endpoint),
            Err(StoreError::Corrupt(error)) => found.unreadable.push(Unreadable {
                name: row.get::<_, &str>("name").into(),
                is_configured: row.get("configured"),
                error,
            }),
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn text(position: &Position) -> String {
    serde_json::to_string(position).unwrap_or_default() // numbers and texts always serialise
}

/// What PostgreSQL says of a question, with its rows.
async fn ask(client: &ClientWrapper, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<SqlRow>, StoreError> {
    let statement = client.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    client.query(&statement, parameters).await.map_err(|error| read_error(&error))
}

/// Runs a statement of a transaction; how many rows it changed.
async fn run(transaction: &Transaction<'_>, sql: &str, parameters: &[&(dyn ToSql + Sync)]) -> Result<u64, StoreError> {
    let statement = transaction.prepare_cached(sql).await.map_err(|error| read_error(&error))?;
    transaction.execute(&statement, parameters).await.map_err(|error| read_error(&error))
}

const WAITING: &str = "
SELECT w.order_id, w.version, w.upto, w.failures, w.run, w.status, w.error,
    CASE WHEN w.next_try_at IS NOT NULL -- `greatest` passes over what is NULL
         THEN greatest(0, extract(epoch FROM w.next_try_at - counterfoil_now()) * 1000)::bigint END AS wait_ms,
    coalesce(e.last_success_at > w.first_failed_at, false) AS others_succeeded
FROM webhook_waiting w JOIN webhook_endpoints e ON e.endpoint_id = w.endpoint_id
WHERE w.endpoint_id = $1";

const AGAIN: &str = "
SELECT order_id, version FROM webhook_set_aside WHERE endpoint_id = $1 AND again ORDER BY order_id, version LIMIT $2";

const HAS_LET_GO: &str = "
SELECT EXISTS (SELECT FROM webhook_set_aside s WHERE s.endpoint_id = e.endpoint_id AND s.run = e.run),
    EXISTS (SELECT FROM webhook_set_aside s WHERE s.endpoint_id = e.endpoint_id AND s.run < e.run)
FROM webhook_endpoints e WHERE e.endpoint_id = $1";

const IS_REDRIVEN: &str = "
SELECT FROM webhook_set_aside WHERE endpoint_id = $1 AND order_id = $2 AND version = $3 AND again AND NOT skipped";

const LET_GO: &str = "
SELECT order_id, version FROM webhook_set_aside WHERE endpoint_id = $1 AND run = $2 AND order_id = ANY($3)";

async fn owed(client: &ClientWrapper, id: Uuid) -> Result<Owed, StoreError> {
    let waiting = ask(client, WAITING, &[&id]).await?;
    let again = ask(client, AGAIN, &[&id, &limits::WEBHOOK_AGAIN_ROWS]).await?;
    let (has_let_go, has_aside) =
        ask(client, HAS_LET_GO, &[&id]).await?.first().map_or((false, false), |row| (row.get(0), row.get(1)));
    let wait = |ms: Option<i64>| ms.map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or_default()));
    let row = |row: &SqlRow| Waiting {
        order_id: row.get::<_, &str>("order_id").into(),
        version: row.get("version"),
        upto: row.get("upto"),
        failures: u32::try_from(row.get::<_, i32>("failures")).unwrap_or_default(),
        run: row.get("run"),
        wait: wait(row.get("wait_ms")),
        others_succeeded: row.get("others_succeeded"),
        status: row.get::<_, Option<i16>>("status").and_then(|status| u16::try_from(status).ok()),
        error: row.get::<_, Option<&str>>("error").map(Into::into),
    };
    let more_again = i64::try_from(again.len()).is_ok_and(|found| found >= limits::WEBHOOK_AGAIN_ROWS);
    let again = again.iter().map(|row| (row.get::<_, &str>(0).into(), row.get(1))).collect();
    Ok(Owed { waiting: waiting.iter().map(row).collect(), again, more_again, has_let_go, has_aside })
}

const COMMIT_OF: &str = "
SELECT epoch, xact::text::bigint, first_version, at, events FROM order_events
WHERE order_id = $1 AND first_version <= $2
ORDER BY first_version DESC LIMIT 1";

async fn commit_of(client: &ClientWrapper, order_id: &str, version: i32) -> Result<Option<Record>, StoreError> {
    let found = ask(client, COMMIT_OF, &[&order_id, &version]).await?;
    Ok(found.first().map(|row| {
        let number = u64::try_from(row.get::<_, i64>(1)).unwrap_or_default();
        let xact = Xact { epoch: row.get(0), number };
        let place = Row { xact, order_id: order_id.to_owned(), first_version: row.get(2) };
        Record { row: place, at: rows::timestamp(row.get(3)), events: row.get(4) }
    }))
}

/// Along the index of the feed. What was there before the feed is in no order that could be counted along.
const BEHIND: &str = "
SELECT coalesce(sum(json_array_length(events::json)), 0)::bigint, coalesce(extract(epoch FROM counterfoil_now() - (array_agg(at))[1]) * 1000, 0)::bigint
FROM (
    SELECT at, events FROM order_events
    WHERE epoch > 0 AND (epoch, xact) >= ($1, $2::bigint::text::xid8)
    ORDER BY epoch, xact
    LIMIT $3
) behind";

async fn behind(client: &ClientWrapper, position: &Position) -> Result<Behind, StoreError> {
    let upto = i64::try_from(position.upto()).unwrap_or(i64::MAX);
    Ok(read_behind(&ask(client, BEHIND, &[&position.epoch(), &upto, &limits::LAG_COUNTED]).await?))
}

fn read_behind(found: &[SqlRow]) -> Behind {
    let number = |column: usize| {
        let number = found.first().map(|row| row.get::<_, i64>(column));
        number.and_then(|number| u64::try_from(number).ok()).unwrap_or_default()
    };
    Behind { events: number(0), oldest: Duration::from_millis(number(1)) }
}

/// Its lock is held to the end: an operator's change comes before all of this, or after. A position whose last row is not there
/// ($6..$9) is one of a history that was lost in a failover: the earlier one stays, from which all is read again.
const ADVANCE: &str = "
UPDATE webhook_endpoints SET position = coalesce($3, position),
    last_success_at = CASE WHEN $4 THEN counterfoil_now() ELSE last_success_at END,
    state_reason = CASE WHEN state = 'active' THEN $5 ELSE state_reason END
WHERE endpoint_id = $1 AND revision = $2
  AND ($6::text IS NULL OR EXISTS (
    SELECT FROM order_events o
    WHERE o.order_id = $6 AND o.first_version = $7 AND o.epoch = $8 AND o.xact = $9::bigint::text::xid8)
  OR EXISTS ( -- or was pruned: an endpoint that was paused for long goes on behind what is gone
    SELECT FROM pruned_orders p
    WHERE p.order_id = $6 AND p.pruned_to >= $7
        AND ($8::int = 0 OR (p.epoch, p.xact) >= ($8::int, $9::bigint::text::xid8))))";

/// One row an order. It failed first when its event did.
const WAIT: &str = "
INSERT INTO webhook_waiting AS w (order_id, endpoint_id, version, upto, failures, run, first_failed_at, next_try_at,
    status, error)
SELECT n.order_id, $1, n.version, n.upto, n.failures, n.run, counterfoil_now(),
    counterfoil_now() + n.wait_ms * interval '1 millisecond', n.status, n.error
FROM unnest($2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::bigint[], $8::smallint[], $9::text[])
    AS n (order_id, version, upto, failures, run, wait_ms, status, error)
ON CONFLICT (order_id, endpoint_id) DO UPDATE
SET version = excluded.version, upto = excluded.upto, failures = excluded.failures, run = excluded.run,
    next_try_at = excluded.next_try_at, status = excluded.status, error = excluded.error,
    first_failed_at = CASE WHEN w.version = excluded.version AND w.failures > 0 THEN w.first_failed_at
                           ELSE excluded.first_failed_at END";

const SETTLE: &str = "DELETE FROM webhook_waiting WHERE endpoint_id = $1 AND order_id = ANY($2)";

const SET_ASIDE: &str = "
INSERT INTO webhook_set_aside (order_id, endpoint_id, version, run, failures, status, error)
SELECT n.order_id, e.endpoint_id, n.version, e.run, n.failures, n.status, n.error
FROM unnest($2::text[], $3::int[], $4::int[], $5::smallint[], $6::text[])
    AS n (order_id, version, failures, status, error), webhook_endpoints e
WHERE e.endpoint_id = $1
ON CONFLICT (order_id, endpoint_id, version) DO UPDATE
SET run = excluded.run, failures = excluded.failures, status = excluded.status, error = excluded.error, again = false,
    first_failed_at = counterfoil_now()
WHERE NOT webhook_set_aside.skipped -- meanwhile";

/// What an operator let go of stays so: the cursor may lie before it.
const DELIVERED_AGAIN: &str = "
DELETE FROM webhook_set_aside s USING unnest($2::text[], $3::int[]) AS n (order_id, version)
WHERE s.endpoint_id = $1 AND s.order_id = n.order_id AND s.version = n.version AND NOT s.skipped";

const FAILED_AGAIN: &str = "
UPDATE webhook_set_aside s SET again = false, failures = s.failures + n.failures, status = n.status, error = n.error,
    first_failed_at = counterfoil_now() -- from now on it is kept for a while once more
FROM unnest($2::text[], $3::int[], $4::int[], $5::smallint[], $6::text[])
    AS n (order_id, version, failures, status, error)
WHERE s.endpoint_id = $1 AND s.order_id = n.order_id AND s.version = n.version
  AND s.again -- not a second time, where it was not known whether this had been written";

fn small(status: Option<u16>) -> Option<i16> {
    status.and_then(|status| i16::try_from(status).ok())
}

fn whole(failures: u32) -> i32 {
    i32::try_from(failures).unwrap_or(i32::MAX)
}

async fn record(
    client: &mut ClientWrapper,
    held: &Held,
    id: Uuid,
    revision: i64,
    changes: &Changes,
) -> Result<Recorded, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    if !lease::still(&transaction, held).await? {
        return Ok(Recorded::Lost);
    }
    let (position, succeeded) = (changes.position.as_ref().map(text), changes.delivered > 0);
    let last = changes.position.as_ref().and_then(Position::last);
    let (order_id, version) = (last.as_ref().map(|row| &row.order_id), last.as_ref().map(|row| row.first_version));
    let epoch = last.as_ref().map(|row| row.xact.epoch);
    let number = last.as_ref().map(|row| i64::try_from(row.xact.number).unwrap_or(i64::MAX));
    let parameters: [&(dyn ToSql + Sync); 9] =
        [&id, &revision, &position, &succeeded, &changes.held_up.as_deref(), &order_id, &version, &epoch, &number];
    if run(&transaction, ADVANCE, &parameters).await? == 0 {
        return Ok(Recorded::Changed);
    }
    let rows = &changes.waiting;
    if !rows.is_empty() {
        let orders: Vec<&str> = rows.iter().map(|row| &*row.order_id).collect();
        let versions: Vec<i32> = rows.iter().map(|row| row.version).collect();
        let uptos: Vec<i32> = rows.iter().map(|row| row.upto).collect();
        let failures: Vec<i32> = rows.iter().map(|row| whole(row.failures)).collect();
        let runs: Vec<i32> = rows.iter().map(|row| row.run).collect();
        let waits: Vec<Option<i64>> = rows.iter().map(|row| row.wait.map(millis)).collect();
        let statuses: Vec<Option<i16>> = rows.iter().map(|row| small(row.status)).collect();
        let errors: Vec<Option<&str>> = rows.iter().map(|row| row.error.as_deref()).collect();
        let parameters: [&(dyn ToSql + Sync); 9] =
            [&id, &orders, &versions, &uptos, &failures, &runs, &waits, &statuses, &errors];
        run(&transaction, WAIT, &parameters).await?;
    }
    if !changes.settled.is_empty() {
        let orders: Vec<&str> = changes.settled.iter().map(|order| &**order).collect();
        run(&transaction, SETTLE, &[&id, &orders]).await?;
    }
    aside(&transaction, SET_ASIDE, id, &changes.set_aside).await?;
    if !changes.delivered_again.is_empty() {
        let (orders, versions): (Vec<&str>, Vec<i32>) =
            changes.delivered_again.iter().map(|(order, version)| (&**order, *version)).unzip();
        run(&transaction, DELIVERED_AGAIN, &[&id, &orders, &versions]).await?;
    }
    aside(&transaction, FAILED_AGAIN, id, &changes.failed_again).await?;
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(Recorded::Done)
}

async fn aside(transaction: &Transaction<'_>, sql: &str, id: Uuid, rows: &[SetAside]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let orders: Vec<&str> = rows.iter().map(|row| &*row.order_id).collect();
    let versions: Vec<i32> = rows.iter().map(|row| row.version).collect();
    let failures: Vec<i32> = rows.iter().map(|row| whole(row.failures)).collect();
    let statuses: Vec<Option<i16>> = rows.iter().map(|row| small(row.status)).collect();
    let errors: Vec<&str> = rows.iter().map(|row| &*row.error).collect();
    run(transaction, sql, &[&id, &orders, &versions, &failures, &statuses, &errors]).await.map(drop)
}

const STOP: &str = "
UPDATE webhook_endpoints SET state = $3, state_reason = $4
WHERE endpoint_id = $1 AND revision = $2 AND state = 'active'";

async fn stop(
    client: &mut ClientWrapper,
    held: &Held,
    id: Uuid,
    revision: i64,
    (state, reason): (EndpointState, &str),
) -> Result<Recorded, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    if !lease::still(&transaction, held).await? {
        return Ok(Recorded::Lost);
    }
    if run(&transaction, STOP, &[&id, &revision, &state.as_str(), &reason]).await? == 0 {
        return Ok(Recorded::Changed);
    }
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(Recorded::Done)
}

/// A connection in its turn.
struct Asking {
    reads: ReadPool,
    turns: Arc<Semaphore>,
}

impl Asking {
    async fn lend(&self) -> Result<Lent, StoreError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_closed| StoreError::Unavailable("the store is closed".into()))?;
        self.reads.lend_for_long(turn).await
    }
}

impl PgStore {
    fn asking(&self) -> Asking {
        Asking { reads: self.reads.clone(), turns: Arc::clone(&self.deliveries) }
    }
}

impl Webhooks for PgStore {
    fn watch_where_this_is(&self) {
        if self.deployment.lives.is_some() && self.here.system_identifier.is_some() {
            self.watch.begin();
        }
    }

    fn endpoints(&self) -> BoxFuture<'static, Result<Endpoints, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let client = asking.lend().await?;
            let heard = ask(&client, &format!("SELECT {COLUMNS} FROM webhook_endpoints ORDER BY name"), &[]).await;
            all(&client.back(heard)?)
        })
    }

    fn endpoint(&self, id: Uuid) -> BoxFuture<'static, Result<Option<Endpoint>, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let client = asking.lend().await?;
            let sql = format!("SELECT {COLUMNS} FROM webhook_endpoints WHERE endpoint_id = $1");
            let heard = ask(&client, &sql, &[&id]).await;
            client.back(heard)?.first().map(endpoint).transpose()
        })
    }

    fn owed(&self, id: Uuid) -> BoxFuture<'static, Result<Owed, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let client = asking.lend().await?;
            let heard = owed(&client, id).await;
            client.back(heard)
        })
    }

    fn commit_of(&self, order_id: &str, version: i32) -> BoxFuture<'static, Result<Option<Record>, StoreError>> {
        let (asking, order_id) = (self.asking(), order_id.to_owned());
        Box::pin(async move {
            let client = asking.lend().await?;
            let heard = commit_of(&client, &order_id, version).await;
            client.back(heard)
        })
    }

    fn record(
        &self,
        held: Held,
        endpoint: Uuid,
        revision: i64,
        changes: Arc<Changes>,
    ) -> BoxFuture<'static, Result<Recorded, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let mut client = asking.lend().await?;
            let heard = record(&mut client, &held, endpoint, revision, &changes).await;
            client.back(heard)
        })
    }

    fn is_redriven(&self, id: Uuid, order_id: &str, version: i32) -> BoxFuture<'static, Result<bool, StoreError>> {
        let (asking, order_id) = (self.asking(), order_id.to_owned());
        Box::pin(async move {
            let client = asking.lend().await?;
            let heard = ask(&client, IS_REDRIVEN, &[&id, &order_id, &version]).await;
            Ok(!client.back(heard)?.is_empty())
        })
    }

    fn let_go(
        &self,
        id: Uuid,
        of_run: i32,
        order_ids: Vec<String>,
    ) -> BoxFuture<'static, Result<Vec<(String, i32)>, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let client = asking.lend().await?;
            let heard = ask(&client, LET_GO, &[&id, &of_run, &order_ids]).await;
            Ok(client.back(heard)?.iter().map(|row| (row.get(0), row.get(1))).collect())
        })
    }

    fn stop(
        &self,
        held: Held,
        endpoint: Uuid,
        revision: i64,
        state: EndpointState,
        reason: String,
    ) -> BoxFuture<'static, Result<Recorded, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let mut client = asking.lend().await?;
            let heard = stop(&mut client, &held, endpoint, revision, (state, &reason)).await;
            client.back(heard)
        })
    }

    fn behind(&self, position: Position) -> BoxFuture<'static, Result<Behind, StoreError>> {
        let asking = self.asking();
        Box::pin(async move {
            let client = asking.lend().await?;
            let heard = behind(&client, &position).await;
            client.back(heard)
        })
    }
}
