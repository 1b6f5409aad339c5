//! `counterfoil migrate`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Failure, client};
use crate::config::Config;
use crate::store::{Target, migrate};

/// Where to migrate.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// A configuration file; its database.url is migrated.
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    config: Option<PathBuf>,
    /// The database, as a URI that psql takes.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

/// Applies what is missing and says what it did.
pub async fn run(args: MigrateArgs) -> Result<ExitCode, Failure> {
    let url = match args.database_url {
        Some(url) => url,
        None => {
            let config = Config::load(args.config.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
            config.database_url().map_err(|error| Failure::usage(error.to_string()))?.to_owned()
        }
    };
    // An index of a large table takes as long as it takes; nobody waits for a migration but whoever asked for it.
    let mut target = Target::new(url);
    target.statement_timeout = Duration::ZERO;
    target.check().map_err(|error| Failure::usage(client::error_chain(&error)))?;
    let applied = apply(&target).await?;
    let version = migrate::SCHEMA_VERSION;
    super::print(&match applied {
        0 => format!("the schema is at version {version}; nothing to do\n"),
        applied => format!("applied {applied} migration(s); the schema is at version {version}\n"),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Connects and migrates; how many migrations were applied.
pub async fn apply(target: &Target) -> Result<usize, Failure> {
    target.check_sessions().await.map_err(|error| Failure::caused("cannot migrate", &error))?;
    let mut client = target.connect().await.map_err(|error| Failure::caused("cannot migrate", &error))?;
    migrate::migrate(&mut client).await.map_err(|error| Failure::caused("cannot migrate", &error))
}
