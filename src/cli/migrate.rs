//! `counterfoil migrate`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Failure;
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
    let applied = apply(&Target::new(url)).await?;
    match applied {
        0 => println!("the schema is at version {}; nothing to do", migrate::SCHEMA_VERSION),
        applied => println!("applied {applied} migration(s); the schema is at version {}", migrate::SCHEMA_VERSION),
    }
    Ok(ExitCode::SUCCESS)
}

/// Connects and migrates; how many migrations were applied.
pub async fn apply(target: &Target) -> Result<usize, Failure> {
    let mut client = target.connect().await.map_err(|error| Failure::caused("cannot migrate", &error))?;
    migrate::migrate(&mut client).await.map_err(|error| Failure::caused("cannot migrate", &error))
}
