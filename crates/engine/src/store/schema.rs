//! Which schemas there were, and whether this program may run on the one that it finds. What makes one of another is
//! `migrate.rs`, which is not there for who leaves that to `counterfoil migrate`.

use tokio_postgres::Client;
use uuid::Uuid;

use super::connection::ConnectError;
use crate::saga::DeploymentId;

/// A migration, with the oldest version of the program that may run on the schema after it.
pub(super) struct OurMigration {
    pub(super) name: &'static str,
    #[cfg(feature = "migrate")]
    pub(super) sql: &'static str,
    #[cfg(feature = "migrate")]
    pub(super) oldest_binary: &'static str,
}

/// Every migration, in order. `V` and the double underscore are refinery's spelling of the file's name.
pub(super) const MIGRATIONS: &[OurMigration] = &[
    OurMigration {
        name: "V0001__foundation",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0001_foundation.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.1.0",
    },
    OurMigration {
        name: "V0002__remote_legs",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0002_remote_legs.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0003__inbox_purge",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0003_inbox_purge.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0004__hot_orders",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0004_hot_orders.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0005__work_clock",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0005_work_clock.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0006__adoption",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0006_adoption.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0007__seals",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0007_seals.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0008__free_returns",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0008_free_returns.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0009__order_keys",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0009_order_keys.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0010__feed",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0010_feed.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0011__leases",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0011_leases.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0012__relays",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0012_relays.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0013__webhooks",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0013_webhooks.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0014__outbox_table",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0014_outbox_table.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0015__divisions",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0015_divisions.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0016__retention",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0016_retention.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0017__prune_seals",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0017_prune_seals.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0018__steps",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0018_steps.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0019__payments_key",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0019_payments_key.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0020__one_clock",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0020_one_clock.sql"),
        #[cfg(feature = "migrate")]
        oldest_binary: "0.2.0",
    },
    OurMigration {
        name: "V0021__clock_for_all_roles",
        #[cfg(feature = "migrate")]
        sql: include_str!("../../../../migrations/0021_clock_for_all_roles.sql"),
        #[cfg(feature = "migrate")]
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

/// An index takes as long as it takes, but who waits for the lock of a table has all others wait behind it: rather the
/// migration is given up, and tried again in a better moment. A client that died holds nothing for long.
pub(super) const THRIFT: &str = "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'";

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
