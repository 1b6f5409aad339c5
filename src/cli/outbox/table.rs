//! The table `outbox`, as the database knows it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::cli::Failure;
use crate::cli::audit::AuditCommandError;
use crate::client::error_chain;
use crate::config::retention::span;
use crate::store::Target;
use crate::store::outbox_table::{self, Table};

/// A length of time.
pub(super) fn age(text: &str) -> Result<Duration, &'static str> {
    span(text).ok_or("must be a length of time, as 7d, 12h, 30m or 45s")
}

/// Takes away what is older.
pub(super) async fn trim(target: Option<Target>, older_than: Duration) -> Result<(Value, String), Failure> {
    let none = || Failure::usage(error_chain(&AuditCommandError::NoDatabase));
    let connected = target.ok_or_else(none)?.connect().await;
    let mut database = connected.map_err(|error| Failure::caused("cannot reach the database", &error))?;
    let gone = outbox_table::trim(&mut database, older_than).await;
    let gone = gone.map_err(|error| Failure::caused("the database refused", &error))?;
    Ok((json!({ "trimmed": gone }), format!("{gone} rows of the table outbox are gone\n")))
}

/// Whether it is written.
pub(super) async fn list(client: &Client) -> Result<(Value, String), Failure> {
    let table = outbox_table::is(client).await.map_err(|error| Failure::caused("the database refused", &error))?;
    let told = match table {
        Table::Off => String::new(),
        Table::On => "the table outbox is written\n".into(),
        Table::PersonalData => "the table outbox is written, with personal data\n".into(),
    };
    Ok((json!(table.as_str()), told))
}
