//! What operators do to webhooks, and see of them. Each change stands in `outbox_log`, written with it.

use deadpool_postgres::{ClientWrapper, Transaction};
use futures_util::future::BoxFuture;
use serde_json::json;
use tokio_postgres::{Client as Database, Row as SqlRow};
use uuid::Uuid;

use super::super::columns::{millis, stamp};
use super::super::{PgStore, prune, read_error, rows, session};
use super::{BEHIND, COLUMNS, all, ask, endpoint, read_behind, run, text};
use crate::limits;
use crate::ports::StoreError;
use crate::ports::feed::Position;
use crate::ports::webhooks::{
    Act, Behind, Counts, Endpoint, EndpointPatch, EndpointTarget, LogEntry, NewEndpoint, NotAdded, OperatorWord,
    Undelivered, Unreadable, WebhookOperations,
};
use crate::saga::{Client, Timestamp};

/// Before an endpoint's id in the name of its lease, and before its name in `outbox_log`: no broker's sink is called so, since
/// there is no slash in its name.
pub(super) const KIND: &str = "webhook/";

fn texts(texts: &[String]) -> String {
    serde_json::to_string(texts).unwrap_or_default() // texts always serialise
}

async fn by_name(transaction: &Transaction<'_>, name: &str) -> Result<Option<Endpoint>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM webhook_endpoints WHERE name = $1 FOR UPDATE");
    let statement = transaction.prepare_cached(&sql).await.map_err(|error| read_error(&error))?;
    let row = transaction.query_opt(&statement, &[&name]).await.map_err(|error| read_error(&error))?;
    row.as_ref().map(endpoint).transpose()
}

/// By name, so that who adds an endpoint again sees what became of the one before.
fn logged(name: &str) -> String {
    format!("{KIND}{name}")
}

/// Where an endpoint stood: a position that is given up by mistake can be gone back to.
fn stood(endpoint: &Endpoint) -> String {
    let Endpoint { id, state, run, position, since, .. } = endpoint;
    let since = since.map(|since| since.to_string());
    json!({ "id": id, "state": state.as_str(), "run": run, "position": position, "since": since }).to_string()
}

async fn log(
    transaction: &Transaction<'_>,
    name: &str,
    word: &OperatorWord,
    (verb, detail): (&str, &str),
    before: Option<&Endpoint>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO outbox_log (sink, by, verb, reason, detail, before) VALUES ($1, $2, $3, $4, $5, $6)";
    let (sink, before) = (logged(name), before.map(stood));
    run(transaction, sql, &[&sink, &word.by.as_str(), &verb, &word.reason, &detail, &before]).await.map(drop)
}

const INSERT: &str = "
INSERT INTO webhook_endpoints (name, url, secrets, types, clients, personal_data, strict, configured, position, since,
    deployment_id)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, deployment_id FROM deployment WHERE (SELECT count(*) FROM webhook_endpoints) < $11
ON CONFLICT (name) DO NOTHING";

async fn insert(transaction: &Transaction<'_>, new: &NewEndpoint, is_configured: bool) -> Result<u64, StoreError> {
    let EndpointTarget { url, secrets, types, clients, personal_data, strict } = &new.target;
    let (secrets, types, clients) = (texts(secrets), texts(types), texts(clients));
    let (position, since) = (text(&new.position), new.since.map(stamp));
    run(
        transaction,
        INSERT,
        &[
            &&*new.name,
            url,
            &secrets,
            &types,
            &clients,
            personal_data,
            strict,
            &is_configured,
            &position,
            &since,
            &limits::WEBHOOK_ENDPOINTS,
        ],
    )
    .await
}

async fn add(
    client: &mut ClientWrapper,
    new: &NewEndpoint,
    word: &OperatorWord,
) -> Result<Result<Endpoint, NotAdded>, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    let is_new = insert(&transaction, new, false).await? > 0;
    if is_new && !new.from_now {
        note_gap(&transaction, &new.name, &new.position, new.since).await?;
    }
    let Some(endpoint) = by_name(&transaction, &new.name).await? else { return Ok(Err(NotAdded::Full)) };
    if !is_new {
        return Ok(Err(NotAdded::Exists));
    }
    log(&transaction, &new.name, word, ("add", place(&new.target.url)), None).await?;
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(Ok(endpoint))
}

/// What of the events that an endpoint is to begin with is gone; of all clients and types. Behind its row's lock, so that
/// whoever prunes comes before all of this, or finds where it begins.
async fn note_gap(
    transaction: &Transaction<'_>,
    name: &str,
    from: &Position,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    let gap = prune::gap(&**transaction, from, since, 0).await.map_err(|error| read_error(&error))?;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let (events, orders) = (gap.map(|gap| count(gap.events)), gap.map(|gap| count(gap.orders)));
    let sql = "UPDATE webhook_endpoints SET gap_events = $2, gap_orders = $3, gap_until = $4 WHERE name = $1";
    run(transaction, sql, &[&name, &events, &orders, &gap.map(|gap| stamp(gap.until))]).await?;
    if let Some(gap) = gap {
        tracing::warn!(endpoint = name, "of what the endpoint is to begin with {gap}");
    }
    Ok(())
}

/// Scheme and host of a URL: the rest may hold a token.
fn place(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..].find(['/', '?', '#']).map_or(url, |end| &url[..host + end])
}

/// What of an endpoint another target changes, without the values; where to, but not with what token.
fn difference(before: &EndpointTarget, after: &EndpointTarget) -> String {
    let EndpointTarget { url, secrets, types, clients, personal_data, strict } = after;
    let mut told = Vec::new();
    if *url != before.url {
        told.push(format!("url (to {})", place(url)));
    }
    if *personal_data != before.personal_data {
        told.push(format!("personal_data (to {personal_data})"));
    }
    for (name, differs) in [
        ("secret", *secrets != before.secrets),
        ("types", *types != before.types),
        ("clients", *clients != before.clients),
        ("strict", *strict != before.strict),
    ] {
        if differs {
            told.push(name.to_owned());
        }
    }
    told.join(", ")
}

/// Who changes an endpoint that nobody asked for.
const CONFIGURATION: &str = "(configuration)";

/// A configuration says all that there is to say.
async fn configure(client: &mut ClientWrapper, new: &NewEndpoint) -> Result<Option<Endpoint>, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    let name = &*new.name;
    if insert(&transaction, new, true).await? > 0 && !new.from_now {
        note_gap(&transaction, name, &new.position, new.since).await?;
    }
    let Some(before) = by_name(&transaction, name).await?.filter(|endpoint| endpoint.is_configured) else {
        return Ok(None);
    };
    let told = difference(&before.target, &new.target);
    if !told.is_empty() {
        // Engines with different files take it from each other: that is to be seen.
        tracing::warn!(endpoint = name, changed = told, "the configuration changes an endpoint");
        write(&transaction, &before, &new.target, Overlap::None).await?;
        let word = OperatorWord { by: Client::trusted(CONFIGURATION), reason: "an engine started".into() };
        log(&transaction, name, &word, ("change", &told), Some(&before)).await?;
    }
    let endpoint = by_name(&transaction, name).await?;
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(endpoint)
}

/// What becomes of the time until which earlier secrets are good.
enum Overlap {
    /// There is none.
    None,
    Same,
    /// It begins now.
    New,
}

/// Whatever was judged by what there was before is read again.
const CHANGE: &str = "
UPDATE webhook_endpoints SET url = $2, secrets = $3, types = $4, clients = $5, personal_data = $6, strict = $7,
    secrets_until = CASE WHEN $8 THEN secrets_until
                         WHEN $9::bigint IS NOT NULL THEN counterfoil_now() + $9::bigint * interval '1 millisecond' END,
    revision = revision + 1
WHERE endpoint_id = $1";

/// Whoever waits is tried at once: it may be what they wait for. At another place, or with another secret, anew.
async fn write(
    transaction: &Transaction<'_>,
    before: &Endpoint,
    target: &EndpointTarget,
    overlap: Overlap,
) -> Result<u64, StoreError> {
    if *target == before.target {
        return Ok(0);
    }
    let is_elsewhere = (&target.url, target.secrets.first()) != (&before.target.url, before.target.secrets.first());
    if is_elsewhere {
        run(transaction, REDRIVE_WAITING, &[&before.id, &None::<&str>, &None::<i32>]).await?;
    } else if target.strict != before.target.strict {
        run(transaction, TRY_WAITING, &[&before.id]).await?;
    }
    let EndpointTarget { url, secrets, types, clients, personal_data, strict } = target;
    let (secrets, types, clients) = (texts(secrets), texts(types), texts(clients));
    let (stays, overlap) = match overlap {
        Overlap::None => (false, None),
        Overlap::Same => (true, None),
        Overlap::New => (false, Some(millis(limits::WEBHOOK_SECRET_OVERLAP))),
    };
    let id = &before.id;
    run(transaction, CHANGE, &[id, url, &secrets, &types, &clients, personal_data, strict, &stays, &overlap]).await
}

/// With as many tries as are left.
const TRY_WAITING: &str = "
UPDATE webhook_waiting SET next_try_at = counterfoil_now()
WHERE endpoint_id = $1 AND (next_try_at IS NULL OR next_try_at > counterfoil_now())";

/// Over what there is now, whose lock is the caller's: two changes at once are both made. The secrets that are good still stay
/// so for a while where a new one comes in front of them.
async fn change(
    transaction: &Transaction<'_>,
    before: &Endpoint,
    patch: &EndpointPatch,
) -> Result<(u64, String), StoreError> {
    let EndpointPatch { url, secret, types, clients, personal_data, strict } = patch.clone();
    let is = before.target.clone();
    let mut secrets: Vec<String> = secret.into_iter().collect();
    let earlier: Vec<String> = is.secrets.into_iter().filter(|secret| !secrets.contains(secret)).collect();
    secrets.extend(earlier);
    secrets.truncate(limits::WEBHOOK_SECRETS);
    let is_new = secrets.first() != before.target.secrets.first();
    let target = EndpointTarget {
        url: url.unwrap_or(is.url),
        secrets,
        types: types.unwrap_or(is.types),
        clients: clients.unwrap_or(is.clients),
        personal_data: personal_data.unwrap_or(is.personal_data),
        strict: strict.unwrap_or(is.strict),
    };
    let overlap = if is_new { Overlap::New } else { Overlap::Same };
    Ok((write(transaction, before, &target, overlap).await?, difference(&before.target, &target)))
}

const REDRIVE_SET_ASIDE: &str = "
UPDATE webhook_set_aside SET again = true
WHERE endpoint_id = $1 AND NOT skipped AND ($2::text IS NULL OR order_id = $2) AND ($3::int IS NULL OR version = $3)";

const REDRIVE_WAITING: &str = "
UPDATE webhook_waiting SET next_try_at = counterfoil_now(), failures = 0
WHERE endpoint_id = $1 AND ($2::text IS NULL OR order_id = $2) AND ($3::int IS NULL OR version = $3)";

const SKIP_SET_ASIDE: &str = "
UPDATE webhook_set_aside SET again = false, skipped = true
WHERE endpoint_id = $1 AND order_id = $2 AND version = $3 AND NOT skipped";

/// The cursor may lie before it: then the feed brings it once more.
const SKIPPED: &str = "
INSERT INTO webhook_set_aside (order_id, endpoint_id, version, run, failures, error, skipped)
SELECT $2, endpoint_id, $3, run, 0, 'skipped', true FROM webhook_endpoints WHERE endpoint_id = $1
ON CONFLICT (order_id, endpoint_id, version) DO UPDATE SET run = excluded.run, again = false, skipped = true";

const SKIP_ALL_THAT_WAITS: &str =
    "DELETE FROM webhook_waiting WHERE endpoint_id = $1 AND order_id = $2 AND version = $3 AND upto = $3";

const SKIP_WAITING: &str = "
UPDATE webhook_waiting SET version = version + 1, failures = 0, next_try_at = counterfoil_now(),
    first_failed_at = counterfoil_now(), status = NULL, error = NULL
WHERE endpoint_id = $1 AND order_id = $2 AND version = $3";

const REVISE: &str = "UPDATE webhook_endpoints SET revision = revision + 1 WHERE endpoint_id = $1";

const REPLAY: &str = "
UPDATE webhook_endpoints SET position = $2, since = $3, run = run + 1, revision = revision + 1,
    gap_events = NULL, gap_orders = NULL, gap_until = NULL,
    state_reason = CASE WHEN state = 'active' THEN NULL ELSE state_reason END
WHERE endpoint_id = $1";

/// In a run of its own everything comes.
const NONE_SKIPPED: &str = "DELETE FROM webhook_set_aside WHERE endpoint_id = $1 AND skipped";

/// What another deployment owed is the other's.
const NOT_OURS: &str = "(SELECT FROM webhook_endpoints e, deployment d
    WHERE e.endpoint_id = $1 AND e.deployment_id <> d.deployment_id)";

const OURS: &str = "
UPDATE webhook_endpoints SET deployment_id = (SELECT d.deployment_id FROM deployment d) WHERE endpoint_id = $1";

const STATE: &str = "UPDATE webhook_endpoints SET state = $2, state_reason = $3 WHERE endpoint_id = $1";

async fn act(
    client: &mut ClientWrapper,
    name: &str,
    act: &Act,
    word: &OperatorWord,
) -> Result<Option<u64>, StoreError> {
    let transaction = session::begin(client).await.map_err(|error| read_error(&error))?;
    if *act == Act::Remove {
        let count = remove(&transaction, name, word).await?;
        transaction.commit().await.map_err(|error| read_error(&error))?;
        return Ok(count);
    }
    let Some(before) = by_name(&transaction, name).await? else { return Ok(None) };
    let id = &before.id;
    let (mut count, mut detail) = (0, String::new());
    match act {
        Act::Change(patch) => (count, detail) = change(&transaction, &before, patch).await?,
        Act::Pause => count = run(&transaction, STATE, &[id, &"paused", &Some(&word.reason)]).await?,
        Act::Resume => {
            for table in ["webhook_waiting", "webhook_set_aside"] {
                let sql = format!("DELETE FROM {table} WHERE endpoint_id = $1 AND EXISTS {NOT_OURS}");
                run(&transaction, &sql, &[id]).await?;
            }
            run(&transaction, OURS, &[id]).await?;
            count = run(&transaction, STATE, &[id, &"active", &None::<&str>]).await?;
            detail = before.gap.map(|gap| format!("{gap}: it goes on behind them")).unwrap_or_default();
        }
        Act::Remove => {} // above
        Act::Redrive { order_id, version } => {
            detail = told(order_id.as_deref(), *version);
            count += run(&transaction, REDRIVE_SET_ASIDE, &[id, order_id, version]).await?;
            count += run(&transaction, REDRIVE_WAITING, &[id, order_id, version]).await?;
            if count > 0 {
                run(&transaction, REVISE, &[id]).await?;
            }
        }
        Act::Skip { order_id, version } => {
            detail = told(Some(order_id), Some(*version));
            count += run(&transaction, SKIP_SET_ASIDE, &[id, order_id, version]).await?;
            count += run(&transaction, SKIP_ALL_THAT_WAITS, &[id, order_id, version]).await?;
            count += run(&transaction, SKIP_WAITING, &[id, order_id, version]).await?;
            if count > 0 {
                run(&transaction, SKIPPED, &[id, order_id, version]).await?;
                run(&transaction, REVISE, &[id]).await?;
            }
        }
        Act::Replay { position, since, from_now } => {
            (count, detail) = replay(&transaction, (id, name), (position, *from_now), *since).await?;
        }
    }
    log(&transaction, name, word, (act.verb(), &detail), Some(&before)).await?;
    transaction.commit().await.map_err(|error| read_error(&error))?;
    Ok(Some(count))
}

/// Also one whose row cannot be read.
async fn remove(transaction: &Transaction<'_>, name: &str, word: &OperatorWord) -> Result<Option<u64>, StoreError> {
    // The lease before the endpoint, as whoever delivers locks them.
    let sql =
        "DELETE FROM outbox_leases WHERE name = (SELECT $2 || endpoint_id FROM webhook_endpoints WHERE name = $1)";
    run(transaction, sql, &[&name, &KIND]).await?;
    let before = match by_name(transaction, name).await {
        Ok(None) => return Ok(None),
        Ok(Some(before)) => Some(before),
        Err(StoreError::Corrupt(_)) => None, // and is locked
        Err(error) => return Err(error),
    };
    let mut count = 0;
    for table in ["webhook_waiting", "webhook_set_aside"] {
        let sql = format!(
            "DELETE FROM {table} WHERE endpoint_id = (SELECT endpoint_id FROM webhook_endpoints WHERE name = $1)"
        );
        count += run(transaction, &sql, &[&name]).await?;
    }
    // Who asked for the lease meanwhile made it anew.
    let sql = "
        WITH gone AS (DELETE FROM webhook_endpoints WHERE name = $1 RETURNING endpoint_id)
        DELETE FROM outbox_leases l USING gone WHERE l.name = $2 || gone.endpoint_id";
    run(transaction, sql, &[&name, &KIND]).await?;
    let detail = before.as_ref().map(|before| place(&before.target.url)).unwrap_or_default();
    log(transaction, name, word, (Act::Remove.verb(), detail), before.as_ref()).await?;
    Ok(Some(count))
}

async fn replay(
    transaction: &Transaction<'_>,
    (id, name): (&Uuid, &str),
    (from, from_now): (&Position, bool),
    since: Option<Timestamp>,
) -> Result<(u64, String), StoreError> {
    run(transaction, NONE_SKIPPED, &[id]).await?;
    let position = text(from);
    let done = run(transaction, REPLAY, &[id, &position, &since.map(stamp)]).await?;
    if !from_now {
        note_gap(transaction, name, from, since).await?;
    }
    Ok((done, since.map_or(position, |since| format!("events since {since}"))))
}

fn told(order_id: Option<&str>, version: Option<i32>) -> String {
    match (order_id, version) {
        (Some(order_id), Some(version)) => format!("{order_id}/{version}"),
        (Some(order_id), None) => order_id.to_owned(),
        (None, _) => "all".into(),
    }
}

/// Orders that wait are bounded; of what was set aside so many are counted.
const COUNTS: &str = "
SELECT (SELECT count(*) FROM webhook_waiting WHERE endpoint_id = $1),
    (SELECT count(*) FROM webhook_waiting WHERE endpoint_id = $1 AND next_try_at IS NULL),
    (SELECT count(*) FROM (
        SELECT FROM webhook_set_aside WHERE endpoint_id = $1 AND NOT skipped LIMIT $2) aside),
    EXISTS (SELECT FROM outbox_leases WHERE name = 'webhook/' || $1::uuid AND until > counterfoil_now())";

const UNDELIVERED: &str = "
SELECT * FROM (
    SELECT order_id, version, upto, failures, first_failed_at, next_try_at, status, error
    FROM webhook_waiting WHERE endpoint_id = $1
    UNION ALL
    SELECT order_id, version, NULL, failures, first_failed_at, CASE WHEN again THEN counterfoil_now() END, status, error
    FROM webhook_set_aside WHERE endpoint_id = $1 AND NOT skipped
) undelivered
WHERE ($2::text IS NULL OR order_id = $2) AND ($3::text IS NULL OR (order_id, version) > ($3, $4))
ORDER BY order_id, version
LIMIT $5";

const LOG: &str = "SELECT at, by, verb, reason, detail FROM outbox_log WHERE sink = $1 ORDER BY at DESC LIMIT $2";

fn read_counts(found: &[SqlRow]) -> Counts {
    let number = |column: usize| found.first().map_or(0, |row| row.get::<_, i64>(column));
    let is_held = found.first().is_some_and(|row| row.get(3));
    Counts { waiting: number(0), stopped: number(1), set_aside: number(2), is_held }
}

/// An endpoint as people see it in a list.
#[derive(Debug)]
pub struct Standing {
    /// The endpoint itself.
    pub endpoint: Endpoint,
    /// What it has yet to get of the feed.
    pub behind: Behind,
    /// What it did not take.
    pub counts: Counts,
}

/// Every endpoint, by name, and those whose rows cannot be read. For people.
pub async fn list(client: &Database) -> Result<(Vec<Standing>, Vec<Unreadable>), StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM webhook_endpoints ORDER BY name");
    let rows = client.query(&sql, &[]).await.map_err(|error| read_error(&error))?;
    let found = all(&rows)?;
    let mut standing = Vec::with_capacity(found.all.len());
    for endpoint in found.all {
        let (epoch, upto) = (endpoint.position.epoch(), i64::try_from(endpoint.position.upto()).unwrap_or(i64::MAX));
        let behind = client.query(BEHIND, &[&epoch, &upto, &limits::LAG_COUNTED]).await;
        let counts = client.query(COUNTS, &[&endpoint.id, &limits::LAG_COUNTED]).await;
        let behind = read_behind(&behind.map_err(|error| read_error(&error))?);
        let counts = read_counts(&counts.map_err(|error| read_error(&error))?);
        standing.push(Standing { endpoint, behind, counts });
    }
    Ok((standing, found.unreadable))
}

impl WebhookOperations for PgStore {
    fn add(
        &self,
        new: NewEndpoint,
        word: OperatorWord,
    ) -> BoxFuture<'static, Result<Result<Endpoint, NotAdded>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let mut client = reads.lend().await?;
            let heard = add(&mut client, &new, &word).await;
            client.back(heard)
        })
    }

    fn configure(&self, new: NewEndpoint) -> BoxFuture<'static, Result<Option<Endpoint>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let mut client = reads.lend().await?;
            let heard = configure(&mut client, &new).await;
            client.back(heard)
        })
    }

    fn act(&self, name: &str, what: Act, word: OperatorWord) -> BoxFuture<'static, Result<Option<u64>, StoreError>> {
        let (reads, name) = (self.reads.clone(), name.to_owned());
        Box::pin(async move {
            let mut client = reads.lend().await?;
            let heard = act(&mut client, &name, &what, &word).await;
            client.back(heard)
        })
    }

    fn counts(&self, id: Uuid) -> BoxFuture<'static, Result<Counts, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = ask(&client, COUNTS, &[&id, &limits::LAG_COUNTED]).await;
            Ok(read_counts(&client.back(heard)?))
        })
    }

    fn undelivered_page(
        &self,
        id: Uuid,
        order_id: Option<String>,
        after: Option<(String, i32)>,
        limit: i64,
    ) -> BoxFuture<'static, Result<Vec<Undelivered>, StoreError>> {
        let reads = self.reads.clone();
        Box::pin(async move {
            let client = reads.lend().await?;
            let (behind, version) = after.unzip();
            let heard = ask(&client, UNDELIVERED, &[&id, &order_id, &behind, &version, &limit]).await;
            let row = |row: &SqlRow| Undelivered {
                order_id: row.get("order_id"),
                version: row.get("version"),
                upto: row.get("upto"),
                failures: row.get("failures"),
                first_failed_at: rows::timestamp(row.get("first_failed_at")),
                next_try_at: row.get::<_, Option<std::time::SystemTime>>("next_try_at").map(rows::timestamp),
                status: row.get::<_, Option<i16>>("status").and_then(|status| u16::try_from(status).ok()),
                error: row.get("error"),
            };
            Ok(client.back(heard)?.iter().map(row).collect())
        })
    }

    fn log(&self, name: &str) -> BoxFuture<'static, Result<Vec<LogEntry>, StoreError>> {
        let (reads, name) = (self.reads.clone(), name.to_owned());
        Box::pin(async move {
            let client = reads.lend().await?;
            let heard = ask(&client, LOG, &[&logged(&name), &limits::OUTBOX_LOG]).await;
            let entry = |row: &SqlRow| LogEntry {
                at: rows::timestamp(row.get("at")),
                by: row.get("by"),
                verb: row.get("verb"),
                reason: row.get("reason"),
                detail: row.get("detail"),
            };
            Ok(client.back(heard)?.iter().rev().map(entry).collect())
        })
    }
}
