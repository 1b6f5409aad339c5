//! Applies the migrations, and says whether this program may run on the schema that it finds.

use refinery_core::{Migration, Runner};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use super::columns::millis;
use super::connection::ConnectError;
use super::one_by_one::Sender;
pub use super::one_by_one::StatementError;
use super::{identity, online};
use crate::limits;
use crate::saga::DeploymentId;

/// A migration, with the oldest version of the program that may run on the schema after it.
struct OurMigration {
    name: &'static str,
    sql: &'static str,
    oldest_binary: &'static str,
}

/// Every migration, in order. `V` and the double underscore are refinery's spelling of the file's name.
const MIGRATIONS: &[OurMigration] = &[
    OurMigration {
        name: "V0001__foundation",
        sql: include_str!("../../../../migrations/0001_foundation.sql"),
        oldest_binary: "0.1.0",
    },
    OurMigration {
        name: "V0002__remote_legs",
        sql: include_str!("../../../../migrations/0002_remote_legs.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0003__inbox_purge",
        sql: include_str!("../../../../migrations/0003_inbox_purge.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0004__hot_orders",
        sql: include_str!("../../../../migrations/0004_hot_orders.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0005__work_clock",
        sql: include_str!("../../../../migrations/0005_work_clock.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0006__adoption",
        sql: include_str!("../../../../migrations/0006_adoption.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0007__seals",
        sql: include_str!("../../../../migrations/0007_seals.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0008__free_returns",
        sql: include_str!("../../../../migrations/0008_free_returns.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0009__order_keys",
        sql: include_str!("../../../../migrations/0009_order_keys.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0010__feed",
        sql: include_str!("../../../../migrations/0010_feed.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0011__leases",
        sql: include_str!("../../../../migrations/0011_leases.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0012__relays",
        sql: include_str!("../../../../migrations/0012_relays.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0013__webhooks",
        sql: include_str!("../../../../migrations/0013_webhooks.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0014__outbox_table",
        sql: include_str!("../../../../migrations/0014_outbox_table.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0015__divisions",
        sql: include_str!("../../../../migrations/0015_divisions.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0016__retention",
        sql: include_str!("../../../../migrations/0016_retention.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0017__prune_seals",
        sql: include_str!("../../../../migrations/0017_prune_seals.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0018__steps",
        sql: include_str!("../../../../migrations/0018_steps.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0019__payments_key",
        sql: include_str!("../../../../migrations/0019_payments_key.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0020__one_clock",
        sql: include_str!("../../../../migrations/0020_one_clock.sql"),
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0021__clock_for_all_roles",
        sql: include_str!("../../../../migrations/0021_clock_for_all_roles.sql"),
        oldest_binary: "0.2.0",
    },
];

/// The version of the schema that this program was built for.
pub const SCHEMA_VERSION: i32 = 21;

/// The version of this program, as `Cargo.toml` has it.
pub const THIS_BINARY: &str = env!("CARGO_PKG_VERSION");

/// The oldest program that may run on a database which was adopted: earlier ones would send for orders that are closed, or
/// that are to be looked up first.
pub(super) const KNOWS_ADOPTION: &str = "0.3.0";

/// Held while migrating or adopting, so that two programs started at once do not race ("counterfo" in ASCII).
pub(super) const ADVISORY_LOCK: i64 = 0x636f_756e_7465_7266;

/// Why migrating failed. The database is as it was before the migration that failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// A statement beside the migrations failed.
    #[error("the database refused")]
    Database(#[from] tokio_postgres::Error),
    /// A statement of a migration failed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// A migration that was released was changed.
    #[error("the migrations are not those that this database has had")]
    Migration(#[from] refinery_core::Error),
}

/// An index takes as long as it takes, but who waits for the lock of a table has all others wait behind it: rather the
/// migration is given up, and tried again in a better moment. A client that died holds nothing for long.
pub(super) const THRIFT: &str = "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'";

/// Takes back what a migration sets; a limit that the server or the role has counts again.
const RESET: &str = "RESET lock_timeout; RESET statement_timeout; RESET idle_in_transaction_session_timeout";

/// As [`migrate_as`], of a deployment that nobody gave a name.
pub async fn migrate(client: &mut Client) -> Result<usize, MigrateError> {
    migrate_as(client, limits::DEPLOYMENT).await
}

/// Applies what is missing, and records version, oldest program (of a fresh database: this one, since nothing older ran
/// there), and, where that is not known yet, which database this is and what its deployment is called; then builds the
/// indexes that are built while orders flow (`online.rs`). How many migrations were applied; a second run changes nothing.
pub async fn migrate_as(client: &mut Client, name: &str) -> Result<usize, MigrateError> {
    online::alone(client).await?; // another one is waited for, however long it takes
    client.batch_execute(THRIFT).await?;
    let applied = match locked(client, name).await {
        Ok(applied) => online::build(client).await.map(|()| applied).map_err(MigrateError::from),
        Err(error) => Err(error),
    };
    let given_back = async {
        client.batch_execute(RESET).await?;
        client.execute("SELECT pg_advisory_unlock($1)", &[&ADVISORY_LOCK]).await
    };
    let given_back = given_back.await; // where the connection is gone, that is not why it failed
    let applied = applied?;
    given_back?;
    Ok(applied)
}

async fn locked(client: &mut Client, name: &str) -> Result<usize, MigrateError> {
    let mut applied = 0;
    let mut tries = 1;
    loop {
        let migrations: Result<Vec<_>, _> =
            MIGRATIONS.iter().map(|step| Migration::unapplied(step.name, step.sql)).collect();
        let mut sender = Sender::new(client, MIGRATIONS.iter().map(|step| (step.name, step.sql))).await?;
        match Runner::new(&migrations?).set_abort_missing(false).run_async(&mut sender).await {
            Ok(report) => {
                applied += report.applied_migrations().len();
                break;
            }
            Err(error) => {
                let Some(failure) = sender.failure() else { return Err(error.into()) };
                if !is_lock(&failure) || tries >= limits::MIGRATION_TRIES {
                    return Err(failure.into());
                }
                applied += error.report().map_or(0, |report| report.applied_migrations().len());
                tracing::info!(tries, %failure, "a table is in use: the migration is tried again");
                tokio::time::sleep(limits::MIGRATION_PAUSE).await;
                tries += 1;
                if tries % limits::MIGRATION_INSISTS == 0 {
                    insist(client).await?;
                }
            }
        }
    }
    let oldest = MIGRATIONS.last().map_or(THIS_BINARY, |step| step.oldest_binary);
    // A newer program may have gone ahead, or an adoption have raised the oldest one: never step back behind them.
    client
        .execute(
            "INSERT INTO deployment (schema_version, oldest_binary) VALUES ($1, $3)
             ON CONFLICT (singleton) DO UPDATE
             SET schema_version = excluded.schema_version, migrated_at = counterfoil_now(),
                 oldest_binary = CASE WHEN string_to_array(deployment.oldest_binary, '.')::int[]
                                         > string_to_array($2, '.')::int[]
                                      THEN deployment.oldest_binary ELSE $2 END
             WHERE deployment.schema_version < excluded.schema_version",
            &[&SCHEMA_VERSION, &oldest, &THIS_BINARY],
        )
        .await?;
    // Once and for all: a copy that is migrated must not take itself for what it was copied from.
    let here = identity::here(client).await?;
    let sql = "UPDATE deployment SET system_identifier = $1, database_oid = $2
        WHERE system_identifier IS NULL AND $1::bigint IS NOT NULL";
    client.execute(sql, &[&here.system_identifier, &here.database_oid]).await?;
    client.execute("UPDATE deployment SET name = $1 WHERE name IS NULL", &[&name]).await?;
    client.batch_execute(PATHS).await?;
    Ok(applied)
}

/// What runs as its owner has a search path of its own (migrations 0010 and 0014), which a schema that is renamed leaves behind.
const PATHS: &str = "
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN SELECT oid FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND proname IN ('counterfoil_enter', 'counterfoil_in_turn',
                'counterfoil_outbox', 'counterfoil_outbox_becomes')
            AND NOT coalesce(proconfig @> ARRAY[format('search_path=%I, pg_temp', current_schema())], false)
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', one, current_schema());
    END LOOP;
END $$";

/// An automatic vacuum holds a table for as long as it takes, and gives way to whoever has waited for `deadlock_timeout`,
/// which a migration does not: so its table is waited for that long once, and let go at once. It begins anew later.
async fn insist(client: &mut Client) -> Result<(), tokio_postgres::Error> {
    let rows = client.query(VACUUMED, &[]).await?;
    for row in rows {
        let (table, patience): (String, i64) = (row.get(0), row.get(1));
        if patience > millis(limits::VACUUM_WAITED_FOR) {
            return Ok(()); // that would hold up orders for too long
        }
        let patience = patience + millis(limits::VACUUM_GIVES_WAY);
        let transaction = client.transaction().await?;
        let wait = format!("SET LOCAL lock_timeout = {patience}; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        match transaction.batch_execute(&wait).await {
            Ok(()) => {}
            // It is no automatic one, or one that must not be put off.
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {}
            Err(error) => return Err(error),
        }
        transaction.rollback().await?;
    }
    Ok(())
}

/// Tables of ours that are held as a vacuum holds them; and `deadlock_timeout`, in milliseconds.
const VACUUMED: &str = "
SELECT DISTINCT l.relation::regclass::text, (SELECT setting::bigint FROM pg_settings WHERE name = 'deadlock_timeout')
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace";

/// Whether a migration failed since a lock was not to be had in time.
fn is_lock(error: &StatementError) -> bool {
    error.cause().is_some_and(|cause| cause.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
}

/// The schema of a database, as a program that has not migrated it yet finds it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Met {
    /// Its version.
    pub found: i32,
    /// The version that this program was built for.
    pub needed: i32,
    /// The oldest program that it allows.
    pub oldest_binary: String,
    /// Whether it allows this one.
    pub allows_this_program: bool,
    /// The migrations that this program would apply, in order.
    pub migrations: Vec<&'static str>,
}

/// Reads which schema there is, and changes nothing.
pub(super) async fn met(client: &Client) -> Result<Met, ConnectError> {
    let there = "SELECT to_regclass('deployment') IS NOT NULL, to_regclass('refinery_schema_history') IS NOT NULL";
    let row = client.query_one(there, &[]).await.map_err(ConnectError::Ask)?;
    let (deployment, history): (bool, bool) = (row.get(0), row.get(1));
    if !deployment {
        return Err(ConnectError::NotMigrated);
    }
    let sql = "SELECT schema_version, oldest_binary FROM deployment";
    let row = client.query_opt(sql, &[]).await.map_err(ConnectError::Ask)?.ok_or(ConnectError::NotMigrated)?;
    let (found, oldest_binary): (i32, String) = (row.get(0), row.get(1));
    // What was applied is what the history says: a migration that was broken off behind some of them wrote no version.
    let applied = match history {
        true => {
            let sql = "SELECT version FROM refinery_schema_history";
            let rows = client.query(sql, &[]).await.map_err(ConnectError::Ask)?;
            rows.iter().map(|row| row.get(0)).collect()
        }
        false => (1..=found).collect::<Vec<i32>>(),
    };
    let missing = (1..).zip(MIGRATIONS).filter(|(number, _)| !applied.contains(number));
    let migrations = missing.map(|(_, step)| step.name).collect();
    let allows_this_program = parts(THIS_BINARY) >= parts(&oldest_binary);
    Ok(Met { found, needed: SCHEMA_VERSION, oldest_binary, allows_this_program, migrations })
}

/// Says whether this program may run on the schema, and who the deployment is.
pub(super) async fn check(client: &Client) -> Result<DeploymentId, ConnectError> {
    let exists =
        client.query_one("SELECT to_regclass('deployment') IS NOT NULL", &[]).await.map_err(ConnectError::Ask)?;
    if !exists.get::<_, bool>(0) {
        return Err(ConnectError::NotMigrated);
    }
    let row = client
        .query_opt("SELECT deployment_id, schema_version, oldest_binary FROM deployment", &[])
        .await
        .map_err(ConnectError::Ask)?
        .ok_or(ConnectError::NotMigrated)?;
    let (id, found, oldest_binary): (Uuid, i32, String) = (row.get(0), row.get(1), row.get(2));
    if found < SCHEMA_VERSION {
        return Err(ConnectError::SchemaTooOld { found, needed: SCHEMA_VERSION });
    }
    if parts(THIS_BINARY) < parts(&oldest_binary) {
        return Err(ConnectError::SchemaTooNew { found, oldest_binary, this: THIS_BINARY });
    }
    Ok(DeploymentId(id))
}

/// A version as numbers, so that 0.10.0 is newer than 0.9.0.
pub(super) fn parts(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(parts("0.10.0") > parts("0.9.9"));
        assert!(parts("1.0.0") > parts("0.99.0"));
    }

    #[test]
    fn the_schema_version_is_the_number_of_the_last_migration() {
        assert_eq!(MIGRATIONS.len(), usize::try_from(SCHEMA_VERSION).unwrap());
    }
}
