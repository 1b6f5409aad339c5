//! The table `outbox`, as the database knows it.

use std::time::Duration;

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::cli::Failure;
use crate::cli::audit::AuditCommandError;
use crate::client::error_chain;
use crate::store::Target;
use crate::store::outbox_table::{self, Table};

/// A length of time.
pub(super) fn age(text: &str) -> Result<Duration, &'static str> {
    let read = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "d" => 86_400,
            "h" => 3_600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        let number = number.parse::<u64>().ok().filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))?;
        number.checked_mul(seconds).filter(|seconds| *seconds <= 100 * 365 * 86_400)
    };
    read().map(Duration::from_secs).ok_or("must be a length of time, as 7d, 12h, 30m or 45s")
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
