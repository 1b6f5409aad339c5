//! Adoption: a human says what a database is that is not where its deployment lived, or not what it was called.
//!
//! *Moved*: the same deployment goes on here, and nowhere else. A restored backup does not know what was done since it
//! was made, so every order in flight is marked to be looked up before anything is sent for it. *Clone*: a deployment of
//! its own, with an id and so with keys of its own. The orders that came with it stay the other's: those with a remote
//! participant are closed by the time of their creation, which costs no row of theirs, and those in flight wait for a
//! human.
//!
//! The row is changed first, in one transaction, and says that an adoption is under way; the orders are marked behind
//! it, a bounded number a transaction; then the row says that it is done. Until then nobody drives a remote participant
//! from here, so a crash anywhere leaves a database that is refused, and the same command goes on where it was cut off.

use std::time::{Duration, Instant};

use serde::Serialize;
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use super::connection::ConnectError;
use super::identity::{self, DeploymentRow, Here};
use super::{columns, commit, online, rows, schema};
use crate::limits;
use crate::saga::{Event, aside};

/// What a database is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AdoptAs {
    /// The deployment itself: restored, moved, upgraded.
    Moved,
    /// A copy that is a deployment of its own.
    Clone,
}

impl AdoptAs {
    /// The word of the command line, and of the row.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Clone => "clone",
        }
    }
}

/// What an adoption made of the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Adopted {
    /// As which of the two it was adopted.
    pub r#as: AdoptAs,
    /// Whether anything had to be done; `false` where a clone had been adopted before.
    pub changed: bool,
    /// The deployment's id from now on.
    pub deployment_id: Uuid,
    /// What the deployment is called from now on.
    pub name: String,
    /// The ids that it had before, the oldest first.
    pub previous: Vec<Uuid>,
    /// The cluster that it lives on; a text, since JSON's numbers are too short for it.
    pub system_identifier: String,
    /// The name of its database on that cluster.
    pub database: String,
    /// Orders in flight that are looked up first, or wait for a human: those that this run marked.
    pub orders: u64,
}

/// Why nothing was adopted.
#[derive(Debug, thiserror::Error)]
pub enum AdoptError {
    /// A statement failed. What was done stands, and the same command goes on from there.
    #[error("the database refused")]
    Database(#[from] tokio_postgres::Error),
    /// There is no schema that this program may run on.
    #[error(transparent)]
    Schema(#[from] ConnectError),
    /// Engines would be in the way.
    #[error(
        "engines run on this database ({nodes}): end them first, since they drive its orders under what it was until now"
    )]
    Alive {
        /// Who, as they call themselves.
        nodes: String,
    },
    /// Which cluster this is cannot be asked.
    #[error(
        "this role may not ask which cluster this is: have a superuser GRANT EXECUTE ON FUNCTION pg_control_system() TO it"
    )]
    Unknown,
    /// Nothing says that it is a copy.
    #[error(
        "nothing says that this database is a copy: it is where its deployment's row says, and deployment.name is what \
         the row says ({name:?}). A copy of the cluster's files, or a branch of it, is adopted under another \
         deployment.name, which its engines must then have as well"
    )]
    NoCopy {
        /// The name in the row.
        name: String,
    },
    /// An adoption of another kind, or under another name, was begun and has not ended.
    #[error(
        "`counterfoil adopt --as clone` was begun on this database and did not end: end it first, by the same command"
    )]
    Unfinished,
}

/// Adopts the database that `client` is connected to. `name` is what its deployment is called from now on; as before
/// where absent. A repeat does nothing that was done; one at a time is under way, and no migration beside it.
///
/// # Errors
///
/// [`AdoptError::Alive`] where an engine's heartbeat goes on, and what else stands in the way.
pub async fn adopt(client: &mut Client, kind: AdoptAs, name: Option<&str>) -> Result<Adopted, AdoptError> {
    online::alone(client).await?; // another one is waited for, however long it takes
    client.batch_execute(schema::THRIFT).await?;
    let adopted = alone(client, kind, name).await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&schema::ADVISORY_LOCK]).await?;
    adopted
}

async fn alone(client: &mut Client, kind: AdoptAs, name: Option<&str>) -> Result<Adopted, AdoptError> {
    schema::check(client).await?;
    let (before, here) = (identity::record(client).await?, identity::here(client).await?);
    let Some(system_identifier) = here.system_identifier else { return Err(AdoptError::Unknown) };
    let is_new = match kind {
        AdoptAs::Moved if before.adopting.as_deref() == Some("clone") => return Err(AdoptError::Unfinished),
        AdoptAs::Moved => true,
        AdoptAs::Clone => is_another(&before, &here, name)?,
    };
    let is_begun = kind == AdoptAs::Clone && is_unfinished(&before, &here);
    let orders = if is_new || is_begun {
        nobody_lives(client).await?;
        if !is_begun {
            take_over(client, kind, name, &here, system_identifier).await?;
        }
        let orders = match kind {
            AdoptAs::Moved => have_looked_up(client).await?,
            AdoptAs::Clone => set_aside(client).await?,
        };
        client.execute("UPDATE deployment SET adopting = NULL", &[]).await?;
        orders
    } else {
        0
    };
    let sql = "SELECT ARRAY(SELECT (p ->> 'deployment_id')::uuid FROM jsonb_array_elements(previous) WITH ORDINALITY
        AS e (p, place) ORDER BY place) FROM deployment";
    let previous = client.query_one(sql, &[]).await?.get(0);
    let after = identity::record(client).await?;
    Ok(Adopted {
        r#as: kind,
        changed: is_new || is_begun,
        deployment_id: after.deployment.0,
        name: after.name.unwrap_or_default(),
        previous,
        system_identifier: system_identifier.to_string(),
        database: here.database,
        orders,
    })
}

/// Whether a clone was begun here. (One that was begun where this was copied from is not this one.)
fn is_unfinished(before: &DeploymentRow, here: &Here) -> bool {
    before.adopting.as_deref() == Some("clone") && before.is_of(here)
}

/// Whether a clone is yet to be told from what it was copied from: it is elsewhere, or is to be called otherwise. An
/// adoption that is done is not done again.
fn is_another(before: &DeploymentRow, here: &Here, name: Option<&str>) -> Result<bool, AdoptError> {
    if is_unfinished(before, here) {
        return Ok(false); // it goes on
    }
    let named = before.name.as_deref().unwrap_or_default();
    if !before.is_of(here) || name.is_some_and(|name| name != named) {
        return Ok(true);
    }
    match before.adopted_as.as_deref() {
        Some("clone") => Ok(false),
        Some(_) | None => Err(AdoptError::NoCopy { name: named.to_owned() }),
    }
}

const NODES: &str = "
SELECT node_id, name, heartbeat_at FROM nodes
WHERE state <> 'gone' AND (abs(extract(epoch FROM counterfoil_now() - heartbeat_at)) * 1000)::bigint < $1";

/// Refuses while an engine lives. A row of `nodes` may have come with the copy, and its engine live on the original: so
/// one that looks alive is watched, and only a heartbeat that goes on is one.
async fn nobody_lives(client: &Client) -> Result<(), AdoptError> {
    let gone_ms = columns::millis(limits::NODE_GONE);
    let seen = async || -> Result<Vec<(Uuid, String, std::time::SystemTime)>, AdoptError> {
        let rows = client.query(NODES, &[&gone_ms]).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
    };
    let (first, until) = (seen().await?, Instant::now() + limits::NODE_GONE);
    let mut now = first.clone();
    while !now.is_empty() && Instant::now() < until {
        let alive: Vec<&str> =
            now.iter().filter(|node| !first.contains(node)).map(|(_, name, _)| name.as_str()).collect();
        if !alive.is_empty() {
            return Err(AdoptError::Alive { nodes: alive.join(", ") });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        now = seen().await?;
    }
    Ok(())
}

/// Of a clone. What bears an earlier time than any order of the other's is nobody's: the clock of that host may be ahead.
const CLONE: &str = "
UPDATE deployment SET deployment_id = gen_random_uuid(), system_identifier = $1, database_oid = $2,
    previous = previous || jsonb_build_array(jsonb_build_object('deployment_id', deployment_id, 'name', name,
        'until', latest.at)),
    cloned_at = latest.at, name = coalesce($3, name), adopted_as = 'clone', adopted_at = counterfoil_now(),
    adopting = 'clone'
FROM (
    SELECT greatest(counterfoil_now(), (SELECT max(created_at) FROM orders WHERE plan <> 0)) AS at
) latest";

const MOVED: &str = "
UPDATE deployment SET system_identifier = $1, database_oid = $2, name = coalesce($3, name), adopted_as = 'moved',
    adopted_at = counterfoil_now(), adopting = 'moved'";

/// Programs that know nothing of adoptions would send what is closed, or is to be looked up first.
const NO_OLDER: &str = "
UPDATE deployment SET oldest_binary = $1
WHERE string_to_array(oldest_binary, '.')::int[] < string_to_array($1, '.')::int[]";

/// The row says what the database is from now on. Engines that came with the copy are gone.
async fn take_over(
    client: &mut Client,
    kind: AdoptAs,
    name: Option<&str>,
    here: &Here,
    system_identifier: i64,
) -> Result<(), AdoptError> {
    let transaction = client.transaction().await?;
    let sql = match kind {
        AdoptAs::Moved => MOVED,
        AdoptAs::Clone => CLONE,
    };
    transaction.execute(sql, &[&system_identifier, &here.database_oid, &name]).await?;
    transaction.execute(NO_OLDER, &[&schema::KNOWS_ADOPTION]).await?;
    transaction.execute("DELETE FROM nodes", &[]).await?;
    if kind == AdoptAs::Clone {
        transaction.execute(SINKS, &[]).await?;
        transaction.execute(TABLE, &[]).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// What the sinks have of a copy's events is the other deployment's, and where it goes on nobody but a human knows.
const SINKS: &str = "
UPDATE outbox_relays SET held = 'it came with a copy of another deployment: say from where its events are to be published, \
    and to a target of its own, with `counterfoil outbox replay --from`'";

/// Whoever follows the log of a copy would have the events of two deployments under one name.
const TABLE: &str = "SELECT counterfoil_outbox_becomes('off', 'it came with a copy of another deployment', 5000)";

/// Whoever held an order is gone with its lease. What waits for a human goes on waiting, and is looked up when it is
/// sent on its way again.
const LOOK_FIRST: &str = "
WITH batch AS (
    SELECT w.order_id, o.attention IS NULL AS wakes
    FROM order_work w
    JOIN orders o ON o.order_id = w.order_id
    WHERE w.order_id > $1 AND o.plan <> 0
    ORDER BY w.order_id
    LIMIT $2
), marked AS (
    UPDATE order_work w SET look_first = true, owner = NULL, claims = 0, attempts = 0,
        wake_at = CASE WHEN b.wakes THEN counterfoil_now() ELSE w.wake_at END
    FROM batch b
    WHERE w.order_id = b.order_id
    RETURNING w.order_id
)
SELECT count(*), max(order_id) FROM marked";

async fn have_looked_up(client: &Client) -> Result<u64, AdoptError> {
    let (mut marked, mut last) = (0, String::new());
    loop {
        let row = client.query_one(LOOK_FIRST, &[&last, &limits::ADOPTED_ORDERS]).await?;
        let (count, latest): (i64, Option<String>) = (row.get(0), row.get(1));
        let Some(latest) = latest else { return Ok(marked) };
        marked += u64::try_from(count).unwrap_or(0);
        last = latest;
    }
}

/// Orders in flight that are the other's; those among them, too, that would go on by themselves once their step has an entry. An
/// order whose participants are all in this database is a row here, and goes on: nothing of it is outside.
const THEIRS: &str = r#"
SELECT o.order_id, o.version, o.updated_at
FROM order_work w
JOIN orders o ON o.order_id = w.order_id
WHERE w.order_id > $1 AND o.plan <> 0 AND (o.attention IS NULL OR o.attention LIKE '%"missing":"%')
  AND o.created_at <= (SELECT d.cloned_at FROM deployment d WHERE d.singleton)
ORDER BY w.order_id
LIMIT $2
FOR UPDATE OF o, w"#;

const FLAG: &str = "
UPDATE orders o SET commit_id = $1, version = u.version, updated_at = u.at, attention = u.attention
FROM (
    SELECT unnest($2::text[]) AS order_id, unnest($3::integer[]) AS version, unnest($4::timestamptz[]) AS at,
        unnest($5::text[]) AS attention
) u
WHERE o.order_id = u.order_id";

const TELL: &str = "
INSERT INTO order_events (order_id, first_version, at, events)
SELECT o.order_id, o.version, o.updated_at, $2
FROM orders o
WHERE o.order_id = ANY ($1)";

const PARK: &str = "
UPDATE order_work w SET version = o.version, wake_at = NULL, owner = NULL, claims = 0, look = false, look_first = false
FROM orders o
WHERE o.order_id = w.order_id AND w.order_id = ANY ($1)";

/// Webhooks that wait for their orders are about the other's.
const DROP_PARKED: &str = "
UPDATE webhook_inbox SET handled_at = counterfoil_now()
WHERE (participant, webhook_id) IN (
    SELECT participant, webhook_id FROM webhook_inbox WHERE handled_at IS NULL LIMIT $1)";

async fn set_aside(client: &mut Client) -> Result<u64, AdoptError> {
    let sql = "SELECT previous -> -1 ->> 'deployment_id', previous -> -1 ->> 'name' FROM deployment";
    let row = client.query_one(sql, &[]).await?;
    let (id, name): (Option<String>, Option<String>) = (row.get(0), row.get(1));
    let reason = format!(
        "cloned: it was in flight when its database was copied, and is the deployment {}'s ({:?}); nothing is sent for it \
         from here, and a force-cancel ends it here",
        id.unwrap_or_default(),
        name.unwrap_or_default()
    );
    let (mut flagged, mut last) = (0, String::new());
    loop {
        let transaction = client.transaction().await?;
        let batch = set_batch_aside(&transaction, &reason, &last).await?;
        transaction.commit().await?;
        let Some(latest) = batch.last() else { break };
        flagged += batch.len() as u64;
        last.clone_from(latest);
    }
    while client.execute(DROP_PARKED, &[&limits::PURGED_WEBHOOKS]).await? > 0 {}
    Ok(flagged)
}

/// The orders behind `last` that wait for a human now, in order.
async fn set_batch_aside(
    transaction: &Transaction<'_>,
    reason: &str,
    last: &str,
) -> Result<Vec<String>, tokio_postgres::Error> {
    let now = rows::timestamp(transaction.query_one("SELECT counterfoil_now()", &[]).await?.get(0));
    let rows = transaction.query(THEIRS, &[&last, &limits::ADOPTED_ORDERS]).await?;
    let (mut ids, mut versions, mut stamps, mut attentions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut events = String::new();
    for row in rows {
        let stood = (row.get(1), rows::timestamp(row.get(2)));
        let aside = aside(stood, reason.to_owned(), now);
        ids.push(row.get::<_, String>(0));
        versions.push(aside.version);
        stamps.push(columns::stamp(aside.at));
        attentions.push(serde_json::to_string(&aside.attention).unwrap_or_default()); // two texts always serialise
        events = Event::encode(&[aside.event]); // of all of them the same
    }
    if !ids.is_empty() {
        transaction.execute(FLAG, &[&commit::stamp(), &ids, &versions, &stamps, &attentions]).await?;
        transaction.execute(TELL, &[&ids, &events]).await?;
        transaction.execute(PARK, &[&ids]).await?;
    }
    Ok(ids)
}
