//! The one PostgreSQL that all contestants share, with its default durability (fsync, synchronous commit).

use std::path::{Path, PathBuf};

use counterfoil::embedded_postgres::{EmbeddedPostgres, PostgresSettings};
use tokio_postgres::{Client, NoTls};

use crate::Outcome;

/// 256 clients of pgbench, each with a connection, and room for our own and the server's.
const MAX_CONNECTIONS: u32 = 300;

/// The same for every contestant. The checkpoint settings keep checkpoints out of the measured windows: one that falls
/// into a contestant's window costs it a second and doubles its WAL. `random_page_cost` is what everyone sets on an SSD;
/// at its default of 4 the planner reads all of the stock for each order of b and b' instead of asking the index, and
/// locks it in no order.
const PARAMETERS: [(&str, &str); 4] =
    [("shared_buffers", "512MB"), ("max_wal_size", "8GB"), ("checkpoint_timeout", "1h"), ("random_page_cost", "1.1")];

pub struct Cluster {
    postgres: EmbeddedPostgres,
    admin: Client,
}

impl Cluster {
    /// Starts the server with its data in `folder`; what a killed run left there is used again.
    /// `more` are settings beside those of every run.
    pub async fn start(folder: &Path, more: &[(String, String)]) -> Outcome<Self> {
        let mut settings = PostgresSettings::new(folder);
        settings.max_connections = MAX_CONNECTIONS;
        settings.parameters = PARAMETERS.map(|(name, value)| (name.into(), value.into())).into();
        settings.parameters.extend_from_slice(more);
        let postgres = EmbeddedPostgres::start(settings)?;
        let admin = connect(&postgres.database_url("postgres")).await?;
        Ok(Self { postgres, admin })
    }

    /// Makes an empty database, alike for every run, and returns its URL. C collation: ids are compared as bytes.
    pub async fn fresh_database(&self, name: &str) -> Outcome<String> {
        self.drop_database(name).await?;
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
        self.admin.batch_execute(&create).await?;
        Ok(self.postgres.database_url(name))
    }

    pub async fn drop_database(&self, name: &str) -> Outcome<()> {
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        Ok(self.admin.batch_execute(&drop).await?)
    }

    /// So that no run pays for what the run before it left dirty.
    pub async fn checkpoint(&self) -> Outcome<()> {
        Ok(self.admin.batch_execute("CHECKPOINT").await?)
    }

    /// How many bytes of WAL were written since the server was made.
    pub async fn wal_bytes(&self) -> Outcome<u64> {
        let row = self.admin.query_one("SELECT (pg_current_wal_lsn() - '0/0')::int8", &[]).await?;
        Ok(row.get::<_, i64>(0).try_into()?)
    }

    pub async fn version(&self) -> Outcome<String> {
        Ok(self.admin.query_one("SHOW server_version", &[]).await?.get(0))
    }

    pub fn postmaster(&self) -> u32 {
        self.postgres.pid()
    }

    /// pgbench of the server's own version: it lies beside the server's binary.
    pub fn pgbench(&self) -> Outcome<PathBuf> {
        let binary = std::fs::read_link(format!("/proc/{}/exe", self.postmaster()))?;
        let pgbench = binary.with_file_name("pgbench");
        let found = pgbench.exists().then_some(pgbench);
        found.ok_or_else(|| format!("there is no pgbench beside {}", binary.display()).into())
    }

    /// Stops the server and removes its data.
    pub fn remove(mut self) -> Outcome<()> {
        self.postgres.stop()?;
        let folder = self.postgres.data_dir().to_owned();
        drop(self.postgres);
        Ok(std::fs::remove_dir_all(folder)?)
    }
}

/// A connection that is driven by a task of its own and ends with its client.
pub async fn connect(url: &str) -> Outcome<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
