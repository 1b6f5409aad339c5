//! Applies the migrations.

use refinery_core::{Migration, Runner};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::columns::millis;
use super::one_by_one::Sender;
pub use super::one_by_one::StatementError;
use super::schema::{ADVISORY_LOCK, MIGRATIONS, SCHEMA_VERSION, THIS_BINARY, THRIFT};
use super::{identity, online};
use crate::limits;

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
