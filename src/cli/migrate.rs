//! `counterfoil migrate`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Failure, client};
use crate::config::Config;
use crate::limits;
use crate::service;
use crate::store::{Target, migrate, releases, schema};

/// Where to migrate.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// A configuration file; its database.url is migrated.
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    config: Option<PathBuf>,
    /// The database, as a URI that psql takes.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// When all instances are upgraded: have no older program start any more that could not read what this one may
    /// write, and so have the new fields of orders taken. There is no way back.
    #[arg(long)]
    exclude_older: bool,
    /// Older programs that are silent, and never said that they end, are gone for good: they were killed, say.
    #[arg(long, requires = "exclude_older")]
    lost: bool,
}

/// Applies what is missing and says what it did.
pub async fn run(args: MigrateArgs) -> Result<ExitCode, Failure> {
    let config = Config::load(args.config.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    let is_named = args.database_url.is_some();
    let url = match args.database_url {
        Some(url) => url,
        None => config.database_url().map_err(|error| Failure::usage(error.to_string()))?.to_owned(),
    };
    // An index of a large table takes as long as it takes; nobody waits for a migration but whoever asked for it.
    let tls = config.database.tls.as_ref().filter(|_| !is_named);
    let mut target = Target::with_tls(url, tls);
    target.statement_timeout = Duration::ZERO;
    target.planner = service::planner(&config);
    target.check().map_err(|error| Failure::usage(client::error_chain(&error)))?;
    let applied = apply_as(&target, config.deployment.name()).await?;
    let version = schema::SCHEMA_VERSION;
    super::print(&match applied {
        0 => format!("the schema is at version {version}; nothing to do\n"),
        applied => format!("applied {applied} migration(s); the schema is at version {version}\n"),
    })?;
    if args.exclude_older {
        let client = target.connect().await.map_err(|error| Failure::caused("cannot exclude", &error))?;
        let raised = releases::exclude_older(&client, args.lost)
            .await
            .map_err(|error| Failure::caused("older programs stay", &error))?;
        super::print(match raised {
            true => "older programs do not start here any more; engines take what is new within seconds\n",
            false => "older programs were excluded before; nothing to do\n",
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// As [`apply_as`], of a deployment that nobody gave a name.
pub async fn apply(target: &Target) -> Result<usize, Failure> {
    apply_as(target, limits::DEPLOYMENT).await
}

/// Connects and migrates; how many migrations were applied. The deployment is called so where it has no name yet.
pub async fn apply_as(target: &Target, deployment: &str) -> Result<usize, Failure> {
    target.check_sessions().await.map_err(|error| Failure::caused("cannot migrate", &error))?;
    let mut client = target.connect().await.map_err(|error| Failure::caused("cannot migrate", &error))?;
    migrate::migrate_as(&mut client, deployment).await.map_err(|error| Failure::caused("cannot migrate", &error))
}
