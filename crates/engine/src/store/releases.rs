//! Which programs may run on this database. What an older one cannot read is written once none of them may run beside
//! this one: `deployment.oldest_binary` keeps them from starting, and their heartbeats tell of those that run since
//! before. No migration raises it, or instances could not be upgraded one after the other: it is a human's later word.

use std::sync::{PoisonError, RwLock};

use tokio_postgres::Client;

use super::connection::ConnectError;
use super::{columns, online, schema};
use crate::limits;
use crate::saga::request::NEWER_FIELDS_SINCE;

/// The oldest program that may run, or does, as last read.
#[derive(Debug, Default)]
pub(super) struct Releases {
    oldest: RwLock<Vec<u64>>,
}

const OLDEST: &str = "
SELECT d.oldest_binary, ARRAY(
    SELECT DISTINCT n.version FROM nodes AS n
    WHERE n.state <> 'gone' AND n.heartbeat_at > counterfoil_now() - $1::bigint * interval '1 millisecond'
) FROM deployment AS d";

impl Releases {
    /// Reads it anew. A program that began to start before older ones were excluded is seen by its first heartbeat.
    pub(super) async fn reread(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let row = client.query_one(OLDEST, &[&columns::millis(limits::NODE_GONE)]).await?;
        let (may, run): (String, Vec<String>) = (row.get(0), row.get(1));
        let oldest = run.iter().map(|version| schema::parts(version)).min().into_iter().chain([schema::parts(&may)]);
        *self.oldest.write().unwrap_or_else(PoisonError::into_inner) = oldest.min().unwrap_or_default();
        Ok(())
    }

    /// Whether none before this version may run, or does.
    pub(super) fn exclude(&self, version: &str) -> bool {
        *self.oldest.read().unwrap_or_else(PoisonError::into_inner) >= schema::parts(version)
    }
}

/// Why older programs were not excluded; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ExcludeError {
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] tokio_postgres::Error),
    /// This program may not run on the schema.
    #[error("this program may not run on it")]
    Schema(#[from] ConnectError),
    /// An older program has not said that it ended, and is silent: it may be cut off, and come back.
    #[error(
        "programs before {NEWER_FIELDS_SINCE} are silent, and never said that they end: {nodes}; end them, or where they \
         are gone for good say so by --lost, and repeat the command"
    )]
    Silent {
        /// Their names, versions and for how long.
        nodes: String,
    },
    /// An older program runs on the database: its heartbeat goes on.
    #[error(
        "programs before {NEWER_FIELDS_SINCE} run on this database, or did a few seconds ago: {nodes}; upgrade them, and \
         repeat the command"
    )]
    Alive {
        /// The names and versions of those that run.
        nodes: String,
    },
}

/// Those that did not say that they end, and for how long they have been silent. A row is kept for a day.
const RUNNING: &str = "
SELECT name, version, greatest(0, extract(epoch FROM counterfoil_now() - heartbeat_at) * 1000)::bigint FROM nodes
WHERE state <> 'gone'
ORDER BY name, version";

const RAISE: &str = "
UPDATE deployment SET oldest_binary = $1
WHERE string_to_array(oldest_binary, '.')::int[] < string_to_array($1, '.')::int[]";

/// Has no program start any more that cannot read what this release may write, and so has the running ones take it within
/// a second or two; whether that was not so before. There is no way back: what is stored by then stays. `are_lost`: those
/// that are silent do not come back.
///
/// # Errors
///
/// [`ExcludeError::Alive`] where an older program runs, [`ExcludeError::Silent`] where one may come back.
pub async fn exclude_older(client: &Client, are_lost: bool) -> Result<bool, ExcludeError> {
    online::alone(client).await?; // no migration may run beside it
    let raised = async {
        schema::check(client).await?;
        let rows = client.query(RUNNING, &[]).await?;
        let nodes = rows.iter().map(|row| (row.get::<_, &str>(0), row.get::<_, &str>(1), row.get::<_, i64>(2)));
        let is_older = |version: &str| schema::parts(version) < schema::parts(NEWER_FIELDS_SINCE);
        let older: Vec<_> = nodes.filter(|(_, version, _)| is_older(version)).collect();
        let (alive, silent): (Vec<_>, Vec<_>) =
            older.into_iter().partition(|(.., silent_ms)| *silent_ms < columns::millis(limits::NODE_GONE));
        if !alive.is_empty() {
            let nodes: Vec<_> = alive.iter().map(|(name, version, _)| format!("{name} ({version})")).collect();
            return Err(ExcludeError::Alive { nodes: nodes.join(", ") });
        }
        if !silent.is_empty() && !are_lost {
            let told = silent.iter().map(|(name, version, ms)| format!("{name} ({version}, for {} s)", ms / 1_000));
            return Err(ExcludeError::Silent { nodes: told.collect::<Vec<_>>().join(", ") });
        }
        Ok(raise(client).await?)
    };
    let raised = raised.await;
    client.execute("SELECT pg_advisory_unlock($1)", &[&schema::ADVISORY_LOCK]).await?;
    raised
}

/// As [`exclude_older`], of a database that nobody else has: who ran on it is not asked.
pub async fn raise(client: &Client) -> Result<bool, tokio_postgres::Error> {
    Ok(client.execute(RAISE, &[&NEWER_FIELDS_SINCE]).await? > 0)
}
