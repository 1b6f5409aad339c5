//! `counterfoil adopt`: says what a database is that was restored, moved or copied, before anything is driven from it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Failure, client};
use crate::config::Config;
use crate::service;
use crate::store::Target;
use crate::store::adopt::{AdoptAs, AdoptError, Adopted, adopt};

/// What to adopt, and as what.
#[derive(Debug, Args)]
pub struct AdoptArgs {
    /// The deployment itself, restored or moved; or a copy that is a deployment of its own.
    #[arg(long = "as", value_enum, value_name = "WHAT")]
    kind: CopyKind,
    /// A configuration file; its database.url is adopted, under its deployment.name.
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    config: Option<PathBuf>,
    /// The database, as a URI that psql takes; it keeps its name, unless COUNTERFOIL__DEPLOYMENT__NAME gives another.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Write what was done as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum, PartialEq, Eq)]
enum CopyKind {
    /// The same deployment goes on here, and nowhere else: orders in flight are looked up before anything is sent.
    Moved,
    /// A deployment of its own: what came with the copy stays the other's, and nothing is sent for it.
    Clone,
}

/// Adopts, and says what it did.
pub async fn run(args: AdoptArgs) -> Result<ExitCode, Failure> {
    let config = Config::load(args.config.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    let url = match &args.database_url {
        Some(url) => url.clone(),
        None => config.database_url().map_err(|error| Failure::usage(error.to_string()))?.to_owned(),
    };
    // Without a configuration nothing says what it is called.
    let name =
        if args.database_url.is_some() { config.deployment.name.as_deref() } else { Some(config.deployment.name()) };
    // Many orders take as long as they take; nobody waits for it but whoever asked.
    let tls = config.database.tls.as_ref().filter(|_| args.database_url.is_none());
    let mut target = Target::with_tls(url, tls);
    target.statement_timeout = Duration::ZERO;
    target.planner = service::planner(&config);
    target.check().map_err(|error| Failure::usage(client::error_chain(&error)))?;
    let mut client = target.connect().await.map_err(|error| Failure::caused("cannot adopt", &error))?;
    let kind = match args.kind {
        CopyKind::Moved => AdoptAs::Moved,
        CopyKind::Clone => AdoptAs::Clone,
    };
    let adopted = adopt(&mut client, kind, name).await.map_err(|error| match error {
        AdoptError::NoCopy { .. } => Failure::usage(format!("cannot adopt: {error}")),
        AdoptError::Database(_)
        | AdoptError::Schema(_)
        | AdoptError::Alive { .. }
        | AdoptError::Unknown
        | AdoptError::Unfinished => Failure::caused("cannot adopt", &error),
    })?;
    super::print(&if args.json { json(&adopted) } else { told(&adopted) })?;
    Ok(ExitCode::SUCCESS)
}

fn json(adopted: &Adopted) -> String {
    // A struct of strings, integers and booleans always serialises.
    let mut text = serde_json::to_string_pretty(adopted).unwrap_or_default();
    text.push('\n');
    text
}

fn told(adopted: &Adopted) -> String {
    let Adopted { deployment_id, name, database, system_identifier, orders, previous, .. } = adopted;
    let here = format!("the database {database:?} of the cluster {system_identifier}");
    match (adopted.r#as, adopted.changed) {
        (AdoptAs::Moved, _) => format!(
            "the deployment {deployment_id} ({name:?}) goes on in {here}\n\
             {orders} order(s) in flight are looked up before anything is sent for them\n\
             end whatever else drives this deployment: a database that it was restored or moved from\n"
        ),
        (AdoptAs::Clone, true) => format!(
            "{here} is the deployment {deployment_id} ({name:?}) from now on\n\
             its orders so far stay the deployment {}'s: closed here to every remote call\n\
             {orders} order(s) in flight were set aside: they wait for a human, and nothing is sent for them\n",
            previous.last().map(ToString::to_string).unwrap_or_default()
        ),
        (AdoptAs::Clone, false) => {
            format!("{here} was adopted before, as the deployment {deployment_id} ({name:?}); nothing to do\n")
        }
    }
}
