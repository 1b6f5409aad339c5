//! Which database this is, and whether it is the one that its deployment lives in.
//!
//! The deployment's id travels with a copy of the database, and with it the names of all step keys: two databases that
//! drive the same participants under one id would act on each other's money. So the row remembers the cluster and the
//! database that it was written in, and a name that people give; where remote participants can be reached, all three are
//! compared, at the start and on every new connection, since a server may be swapped under a running engine. A copy of
//! the cluster's files has the same identifier: only the name tells it apart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use super::{DatabaseClock, connection::ConnectError, rows};
use crate::ports::{Clock, NotOurs};
use crate::saga::{DeploymentId, Timestamp};

/// Where a connection leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Here {
    /// Of the cluster; `None` where the role may not ask.
    pub(super) system_identifier: Option<i64>,
    /// Of the database on it.
    pub(super) database_oid: i64,
    /// Its name there, for people.
    pub(super) database: String,
}

/// Asks a connection where it leads.
pub(super) async fn here(client: &Client) -> Result<Here, tokio_postgres::Error> {
    let sql = "SELECT oid::bigint, datname::text FROM pg_database WHERE datname = current_database()";
    let database = client.query_one(sql, &[]).await?;
    let asked = client.query_one("SELECT system_identifier FROM pg_control_system()", &[]).await;
    let system_identifier = match asked {
        Ok(row) => Some(row.get(0)),
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) => None,
        Err(error) => return Err(error),
    };
    Ok(Here { system_identifier, database_oid: database.get(0), database: database.get(1) })
}

/// What the deployment's row says.
#[derive(Debug, Clone)]
pub(super) struct DeploymentRow {
    pub(super) deployment: DeploymentId,
    pub(super) name: Option<String>,
    /// Cluster and database; `None` where nobody could tell when the row was written.
    pub(super) lives: Option<(i64, i64)>,
    /// How it was adopted last.
    pub(super) adopted_as: Option<String>,
    /// An adoption that was begun, and did not end.
    pub(super) adopting: Option<String>,
    /// Orders that were created until then are an earlier deployment's.
    pub(super) cloned_at: Option<Timestamp>,
}

/// Reads the deployment's row.
pub(super) async fn record(client: &Client) -> Result<DeploymentRow, tokio_postgres::Error> {
    let sql =
        "SELECT deployment_id, name, system_identifier, database_oid, adopted_as, adopting, cloned_at FROM deployment";
    let row = client.query_one(sql, &[]).await?;
    Ok(DeploymentRow {
        deployment: DeploymentId(row.get(0)),
        name: row.get(1),
        lives: row.get::<_, Option<i64>>(2).zip(row.get(3)),
        adopted_as: row.get(4),
        adopting: row.get(5),
        cloned_at: row.get::<_, Option<std::time::SystemTime>>(6).map(rows::timestamp),
    })
}

impl DeploymentRow {
    /// Whether the row names this very database.
    pub(super) fn is_of(&self, here: &Here) -> bool {
        self.lives.is_some_and(|lives| here.system_identifier == Some(lives.0) && here.database_oid == lives.1)
    }

    /// Refuses a database from which remote participants must not be driven, by an engine that is configured as the
    /// deployment of this name.
    pub(super) fn judge(&self, here: &Here, configured: &str) -> Result<(), NotOurs> {
        let refused = |why: String| Err(NotOurs(why));
        if let Some(adopting) = &self.adopting {
            return refused(format!(
                "`counterfoil adopt --as {adopting}` was begun on this database and did not end: run it again"
            ));
        }
        let Some(system_identifier) = here.system_identifier else {
            return refused(
                "this role may not ask which cluster this is, so that a copy of the database could not be told from it; \
                 have a superuser GRANT EXECUTE ON FUNCTION pg_control_system() TO it, and run `counterfoil migrate`"
                    .into(),
            );
        };
        let Some((cluster, oid)) = self.lives else {
            return refused(
                "the deployment's row does not say which cluster it lives on: run `counterfoil migrate` first".into(),
            );
        };
        let named = self.name.as_deref().unwrap_or_default();
        if !self.is_of(here) {
            let (id, Here { database_oid, database, .. }) = (self.deployment.0, here);
            return refused(format!(
                "the deployment {id} ({named:?}) lives in the database with oid {oid} of the cluster {cluster}, and this \
                 is {database:?}, with oid {database_oid}, of the cluster {system_identifier}: a copy, or it was moved. \
                 Remote participants are not driven from here until `counterfoil adopt` says which: `--as moved` where \
                 the same deployment goes on here and nowhere else, as after a restore; `--as clone` where this is to be \
                 a deployment of its own"
            ));
        }
        if named != configured {
            return refused(format!(
                "deployment.name is {configured:?}, and this database is the deployment {named:?}'s: set deployment.name \
                 = {named:?}; or, where this is a copy of that database, run `counterfoil adopt --as clone` with this \
                 configuration (`--as moved` gives the deployment itself another name)"
            ));
        }
        Ok(())
    }
}

/// What every new connection of an engine that drives remote participants must still lead to.
#[derive(Debug)]
pub(super) struct Watch {
    on: AtomicBool,
    deployment: Uuid,
    here: Here,
}

const WHERE: &str = "
SELECT d.deployment_id, d.adopting, (SELECT system_identifier FROM pg_control_system()),
    (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
FROM deployment d";

impl Watch {
    pub(super) fn new(record: &DeploymentRow, here: Here) -> Self {
        Self { on: AtomicBool::new(false), deployment: record.deployment.0, here }
    }

    /// From now on it looks.
    pub(super) fn begin(&self) {
        self.on.store(true, Ordering::Relaxed);
    }

    /// Refuses a connection that leads to another database than the first one did, or to another deployment's.
    pub(super) async fn check(&self, client: &Client) -> Result<(), ConnectError> {
        if !self.on.load(Ordering::Relaxed) {
            return Ok(());
        }
        let row = client.query_one(WHERE, &[]).await.map_err(ConnectError::Ask)?;
        let (deployment, adopting): (Uuid, Option<String>) = (row.get(0), row.get(1));
        let (cluster, oid): (Option<i64>, Option<i64>) = (row.get(2), row.get(3));
        if cluster == self.here.system_identifier
            && oid == Some(self.here.database_oid)
            && deployment == self.deployment
            && adopting.is_none()
        {
            return Ok(());
        }
        Err(ConnectError::NotOurs(format!(
            "the database was swapped under this engine: it began on the deployment {}, in oid {} of the cluster {}, and \
             is led to the deployment {deployment}, in oid {} of the cluster {}. Lead it back; or end it, run \
             `counterfoil adopt`, and start it again",
            self.deployment,
            self.here.database_oid,
            self.here.system_identifier.unwrap_or_default(),
            oid.unwrap_or_default(),
            cluster.unwrap_or_default(),
        )))
    }
}

/// The database's time, but never one at which an earlier deployment's order could have been created: whether an order is
/// such a one is told by its stamp, and the clock of this host may be behind that of the other.
pub(super) struct After {
    pub(super) clock: Arc<DatabaseClock>,
    pub(super) cloned_at: Timestamp,
}

impl Clock for After {
    fn now(&self) -> Timestamp {
        self.clock.now().max(Timestamp(self.cloned_at.0.saturating_add(1)))
    }
}
