//! How a migration is sent: in a transaction of its own, one statement after the other, each by itself.
//!
//! Several statements in one message are one to whoever stands between (a proxy, a database of several), and what fails, or
//! waits, is told by none. What must not be in a transaction (an index of a large table) is no part of a migration: it is built
//! before or after it ([`online`]).

use refinery_core::Migration;
use refinery_core::traits::r#async::{AsyncMigrate, AsyncQuery, AsyncTransaction};
use tokio_postgres::{Client, Error};

use super::online;
use super::script::{self, Unclosed};

/// Why a migration failed: which, at which of its statements, and how that begins. Nothing of it is there.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// The database refused a statement, or a lock was not to be had in time.
    #[error("{migration}, statement {number} of {of} ({words})")]
    Refused {
        /// Which migration, as its file is called.
        migration: String,
        /// Which of its statements; the first one is 1.
        number: usize,
        /// How many it has.
        of: usize,
        /// The first words of the statement.
        words: String,
        /// What the database said.
        #[source]
        cause: Error,
    },
    /// The index that a migration promotes to a key could not be built.
    #[error("{migration}: the index that it needs beforehand")]
    Beforehand {
        /// Which migration.
        migration: String,
        /// What the database said.
        #[source]
        cause: Error,
    },
    /// It is no script.
    #[error("{migration}")]
    Script {
        /// Which migration.
        migration: String,
        /// What is wrong with it.
        #[source]
        cause: Unclosed,
    },
    /// Beside the statements of a migration: its transaction, or the record of what was applied.
    #[error("the record of the migrations")]
    Record(#[from] Error),
}

impl StatementError {
    /// What the database said, where it was asked.
    pub(super) fn cause(&self) -> Option<&Error> {
        match self {
            Self::Refused { cause, .. } | Self::Beforehand { cause, .. } | Self::Record(cause) => Some(cause),
            Self::Script { .. } => None,
        }
    }
}

/// Says that something failed. What, the [`Sender`] has kept: the runner of the migrations would tell it twice.
#[derive(Debug, thiserror::Error)]
#[error("a statement failed")]
pub(super) struct Kept;

/// A connection that migrations are sent on. Who called is alone ([`online::alone`]).
pub(super) struct Sender<'a> {
    client: &'a mut Client,
    /// Why the last thing that was sent failed.
    failed: Option<StatementError>,
    /// The name and the text of each migration.
    scripts: Vec<(&'static str, &'static str)>,
    /// Whether there is anything in the database yet: of a new one nobody waits for each statement.
    is_new: bool,
}

impl<'a> Sender<'a> {
    pub(super) async fn new(
        client: &'a mut Client,
        scripts: impl Iterator<Item = (&'static str, &'static str)>,
    ) -> Result<Self, Error> {
        let is_new = client.query_one("SELECT to_regclass('deployment') IS NULL", &[]).await?.get(0);
        Ok(Self { client, failed: None, scripts: scripts.collect(), is_new })
    }

    /// Why it failed, once.
    pub(super) fn failure(&mut self) -> Option<StatementError> {
        self.failed.take()
    }

    async fn send(&mut self, queries: Vec<&str>) -> Result<usize, StatementError> {
        let record = StatementError::Record;
        let named = queries.iter().find_map(|query| self.scripts.iter().find(|(_, script)| script == query));
        let named = named.map(|(name, script)| (file_of(name), *name, *script));
        if let Some((migration, name, _)) = &named {
            let beforehand = online::build_before(self.client, name).await;
            beforehand.map_err(|error| StatementError::Beforehand { migration: migration.clone(), cause: error })?;
        }
        let is_new = self.is_new;
        let transaction = self.client.transaction().await.map_err(record)?;
        for query in &queries {
            let Some((migration, _, _)) = named.as_ref().filter(|(_, _, script)| script == query) else {
                transaction.batch_execute(query).await.map_err(record)?;
                continue;
            };
            let statements = script::statements(query)
                .map_err(|cause| StatementError::Script { migration: migration.clone(), cause })?;
            for (number, statement) in (1..).zip(&statements) {
                let (of, words) = (statements.len(), script::first_words(statement));
                if is_new {
                    tracing::debug!(%migration, number, of, statement = words, "a statement of a migration");
                } else {
                    tracing::info!(%migration, number, of, statement = words, "a statement of a migration");
                }
                transaction.batch_execute(statement).await.map_err(|cause| StatementError::Refused {
                    migration: migration.clone(),
                    number,
                    of,
                    words,
                    cause,
                })?;
            }
        }
        transaction.commit().await.map_err(record)?;
        Ok(queries.len())
    }
}

/// `V0001__foundation` is `0001_foundation` to people.
fn file_of(name: &str) -> String {
    name.trim_start_matches('V').replacen("__", "_", 1)
}

impl AsyncTransaction for Sender<'_> {
    type Error = Kept;

    async fn execute<'a, T: Iterator<Item = &'a str> + Send + 'a>(
        &'a mut self,
        queries: T,
    ) -> Result<usize, Self::Error> {
        let sent = self.send(queries.collect()).await;
        sent.map_err(|error| {
            self.failed = Some(error);
            Kept
        })
    }
}

impl AsyncQuery<Vec<Migration>> for Sender<'_> {
    async fn query<'a>(&'a mut self, query: &'a str) -> Result<Vec<Migration>, Self::Error> {
        let found = AsyncQuery::query(self.client, query).await;
        found.map_err(|error| {
            self.failed = Some(StatementError::Record(error));
            Kept
        })
    }
}

impl AsyncMigrate for Sender<'_> {}
