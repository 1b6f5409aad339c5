//! `counterfoil bench`: the load of [`counterfoil_lab::bench`], and the audit behind it where the database is named.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use counterfoil_lab::bench::report::Report;
use counterfoil_lab::bench::server::{Database, Used};
use counterfoil_lab::bench::{self, BenchArgs, Ended};
use counterfoil_lab::usage::{family_cpu, parent_of};

use super::audit::{self, AuditArgs};
use super::{Failure, harmless, print};
use crate::client::error_chain;
use crate::store::Target;

/// How long it may take to reach the database.
const CONNECT: Duration = Duration::from_secs(10);

/// What the command line says.
#[derive(Debug, Clone, Args)]
pub struct BenchCommandArgs {
    #[command(flatten)]
    load: BenchArgs,
    /// The servers' database, as a postgresql:// URL: what the load costs it stands in the report, and the audit is made at
    /// the end
    #[arg(long, value_name = "URL", conflicts_with = "data_dir")]
    database_url: Option<String>,
    /// The same, of the data folder of a running `counterfoil dev`
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

/// Runs it; 1 where an answer was wrong, or a promise is broken.
pub async fn run(args: BenchCommandArgs) -> Result<ExitCode, Failure> {
    let BenchCommandArgs { load, database_url, data_dir } = args;
    let older = load.compare.as_deref().map(Report::read).transpose().map_err(Failure::usage)?;
    let is_named = database_url.is_some() || data_dir.is_some();
    let database = is_named
        .then(|| audit::database_named(database_url.as_deref(), data_dir.as_deref(), None))
        .transpose()
        .map_err(|error| Failure::usage(error_chain(&error)))?;
    let database = match database {
        Some(target) => Some(Behind::open(target).await.map_err(Failure::usage)?),
        None => None,
    };
    let database = database.as_ref().map(|database| database as &dyn Database);
    let mut ended = Ended::watched().map_err(|error| Failure::caused("cannot wait for signals", &error))?;
    let mut report = bench::run(&load, database, &mut ended)
        .await
        .map_err(|error| Failure { message: error_chain(&error), code: error.exit_code() })?;
    // What was seen is told and kept, whatever becomes of the audit.
    let mut is_audited = !is_named;
    print(&report.lines())?;
    write(&load, &report, older.as_ref())?;
    if is_named {
        let asked = AuditArgs { json: false, database_url, data_dir, config: None, ledger: Vec::new() };
        let mut table = Vec::new();
        let told = tokio::select! {
            told = audit::run_to(asked, &mut table) => Some(told),
            () = ended.asked() => None,
        };
        match told {
            Some(Ok(holds)) => {
                (report.audit, is_audited) = (Some(holds), true);
                write(&load, &report, older.as_ref())?;
                if holds {
                    print("audit                       every promise holds\n")?;
                } else {
                    print(&String::from_utf8_lossy(&table))?;
                }
            }
            Some(Err(error)) => eprintln!("counterfoil: {}", harmless(&error_chain(&error))),
            None => eprintln!("counterfoil: the audit was not waited for"),
        }
    }
    if let Some(folder) = &load.report {
        eprintln!("counterfoil: {} shows it", folder.join("report.html").display());
    }
    // An audit that could not be made says nothing of the promises, and was asked for.
    Ok(if report.is_right() && is_audited { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn write(load: &BenchArgs, report: &Report, older: Option<&Report>) -> Result<(), Failure> {
    let Some(folder) = &load.report else { return Ok(()) };
    let written = report.write(folder, older);
    written.map_err(|error| Failure::caused(&format!("cannot write into {}", folder.display()), &error))
}

/// The database behind the servers.
struct Behind {
    client: tokio_postgres::Client,
    /// Its first process, where it runs on this machine.
    postmaster: Option<u32>,
}

impl Behind {
    async fn open(mut target: Target) -> Result<Self, String> {
        let told = |error: &dyn std::error::Error| format!("the database cannot be asked: {}", error_chain(error));
        target.connect_timeout = CONNECT;
        let (client, connection) = target.dial().await.map_err(|error| told(&error))?;
        // It ends with the client, and what breaks it is told by the next question.
        tokio::spawn(connection);
        let here = "SELECT pg_backend_pid(), coalesce(host(inet_server_addr()) = host(inet_client_addr()), true)";
        let row = client.query_one(here, &[]).await.map_err(|error| told(&error))?;
        let (pid, is_here): (i32, bool) = (row.get(0), row.get(1));
        let backend = u32::try_from(pid).ok().filter(|_| is_here);
        let postmaster = backend.and_then(|pid| parent_of(pid, "postgres").ok().flatten());
        Ok(Self { client, postmaster })
    }
}

impl Database for Behind {
    fn used(&self) -> LocalBoxFuture<'_, Option<Used>> {
        async {
            let asked = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text";
            let row = self.client.query_one(asked, &[]).await.ok()?;
            let wal_bytes = row.get::<_, &str>(0).parse().ok()?;
            Some(Used { wal_bytes, cpu: self.postmaster.and_then(|pid| family_cpu(pid).ok()) })
        }
        .boxed_local()
    }
}
