//! `counterfoil preflight`: whether this program may take over a live database from the one that runs there. Reads
//! only, and migrates nothing; exit code 0 is yes, 1 no, with the orders named, 2 that it could not ask.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use counterfoil_lab::terminal::escaped;

use super::audit::{AuditCommandError, database_named};
use crate::client::error_chain;
use crate::config::{Config, SagaStep};
use crate::saga::StepName;
use crate::saga::definition::StepKind;
use crate::store::preflight::{Compared, PreflightError, Progress, Report, preflight};
use crate::telemetry::program;

/// Orders that are named to people, of each kind; `--json` has more of them.
const NAMED: usize = 20;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(30);

/// How often it is told how far it has come.
const TOLD: Duration = Duration::from_secs(2);

/// What the command line says.
#[derive(Debug, Clone, Args)]
pub struct PreflightArgs {
    /// Write the report as JSON: {ok, program, schema: {found, needed, oldest_binary, allows_this_program, migrations:
    /// []}, orders: {compared, in_flight, pruned}, broken, offenders: [{order_id, differs: []}], unknown_sagas: {},
    /// missing_entries: [{step, orders, order_ids: []}]}; `missing_entries` is null without --config
    #[arg(long)]
    pub json: bool,
    /// The database, as a postgresql:// URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data_dir"])]
    pub database_url: Option<String>,
    /// The data folder of a running `counterfoil dev`
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub data_dir: Option<PathBuf>,
    /// The configuration that this program is to run under: it names the database (COUNTERFOIL__DATABASE__URL overrides
    /// it), and the steps of one's own that there will be entries for
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Say nothing of how far it has come
    #[arg(long)]
    pub quiet: bool,
}

/// Why the command could not say whether this program may take over.
#[derive(Debug, thiserror::Error)]
pub enum PreflightCommandError {
    /// No database is named, or none that can be reached.
    #[error(transparent)]
    Database(#[from] AuditCommandError),
    /// It could not be asked.
    #[error("the preflight could not be made")]
    Preflight(#[from] PreflightError),
    /// Standard output is closed.
    #[error("cannot write the report")]
    Output(#[source] io::Error),
}

/// Compares, and writes the report to standard output; whether this program may take over. Where it could not ask, that
/// stands there as JSON, if JSON was asked for.
pub async fn run(args: PreflightArgs) -> Result<bool, PreflightCommandError> {
    let json = args.json;
    let told = run_to(args, &mut io::stdout()).await;
    match &told {
        Ok(_) | Err(PreflightCommandError::Output(_)) => {}
        Err(error) if json => {
            let error = error_chain(error);
            // A reader that is gone has read enough.
            drop(writeln!(io::stdout(), "{}", serde_json::json!({ "ok": null, "error": error })));
        }
        Err(_) => {}
    }
    told
}

/// As [`run`], with the report written to `out`.
pub async fn run_to(args: PreflightArgs, out: &mut dyn io::Write) -> Result<bool, PreflightCommandError> {
    let mut target = database_named(args.database_url.as_deref(), args.data_dir.as_deref(), args.config.as_deref())?;
    let entries = match &args.config {
        Some(path) => Some(entries(&Config::load(Some(path)).map_err(AuditCommandError::Config)?.saga.steps)),
        None => None,
    };
    target.connect_timeout = CONNECT;
    // As it comes: nothing is set, and a standby may be asked.
    let (mut client, connection) = target.dial().await.map_err(AuditCommandError::Database)?;
    // Ends with the client. What breaks it reaches us as the error of a query.
    let driver = tokio::spawn(connection);
    let mut last = Instant::now();
    let mut tell = |progress: Progress| {
        if !args.quiet && last.elapsed() >= TOLD {
            last = Instant::now();
            eprintln!("counterfoil: {}", come(progress));
        }
    };
    let report = preflight(&mut client, entries.as_deref(), &mut tell).await;
    drop(client);
    let _ = driver.await;
    let report = report?;
    let text = if args.json { json(&report) } else { text(&report) };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(PreflightCommandError::Output(error)),
        Ok(()) | Err(_) => Ok(report.ok),
    }
}

/// The steps that a configuration has entries for. A name that is none was refused with the configuration.
fn entries(steps: &[SagaStep]) -> Vec<(StepName, StepKind)> {
    steps.iter().filter_map(|step| Some((StepName::parse(&step.name).ok()?, step.kind.step_kind()))).collect()
}

/// How far it has come.
fn come(progress: Progress) -> String {
    let Progress { compared, estimated, broken } = progress;
    let of = estimated.filter(|all| *all > compared).map(|all| format!(" of about {all}")).unwrap_or_default();
    let broken = if broken == 0 { String::new() } else { format!(", {broken} differ") };
    format!("{compared}{of} orders compared{broken}")
}

fn json(report: &Report) -> String {
    // A struct of strings, integers and booleans always serialises.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// The report for human eyes. The last line says it all.
pub fn text(report: &Report) -> String {
    let schema = &report.schema;
    let mut text = format!("{}; the schema has version {}", program(), schema.found);
    // Writing to a String cannot fail.
    let _ = match schema.migrations.as_slice() {
        [] => writeln!(text, ": no migration would run"),
        names => writeln!(text, ": {} migration(s) would run: {}", names.len(), names.join(", ")),
    };
    if !schema.allows_this_program {
        let (oldest, this) = (&schema.oldest_binary, report.program);
        let _ = writeln!(text, "the schema allows programs from {oldest} on, and this is {this}: it would not start");
    }
    for offender in report.offenders.iter().take(NAMED) {
        for differs in &offender.differs {
            let _ = writeln!(text, "{}: {}", escaped(&offender.order_id), escaped(differs));
        }
    }
    let more = usize::try_from(report.broken).unwrap_or(usize::MAX).saturating_sub(NAMED);
    if more > 0 {
        let _ = writeln!(text, "and {more} more order(s); --json names more of them");
    }
    for (version, orders) in &report.unknown_sagas {
        let _ =
            writeln!(text, "{orders} order(s) are under a saga of version {version} that this program does not know");
    }
    for missing in report.missing_entries.iter().flatten() {
        let named: Vec<_> = missing.order_ids.iter().take(NAMED).map(|id| escaped(id)).collect();
        let (step, orders, named) = (&missing.step, missing.orders, named.join(", "));
        let _ = writeln!(
            text,
            "the step {step} has no entry in the configuration that is of its kind, and {orders} order(s) may come to it: {named}"
        );
    }
    if report.missing_entries.is_none() {
        text.push_str("whether each step of one's own has an entry was not judged: no --config was given\n");
    }
    let Compared { compared, in_flight, pruned } = report.orders;
    let _ = write!(text, "{compared} order(s) compared, {in_flight} of them in flight");
    if pruned > 0 {
        let _ = write!(text, "; of {pruned} whose history is pruned, the rows alone");
    }
    let verdict = if report.ok { "yes: this program goes on with all of them" } else { "NO: not as things are" };
    let _ = writeln!(text, "\n{verdict}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::preflight::Offender;
    use crate::store::schema::Met;

    fn report() -> Report {
        let migrations = vec!["V0018__steps"];
        let oldest_binary = "0.2.0".to_owned();
        Report {
            ok: true,
            program: "0.6.0",
            schema: Met { found: 17, needed: 18, oldest_binary, allows_this_program: true, migrations },
            orders: Compared { compared: 12, in_flight: 3, pruned: 0 },
            broken: 0,
            offenders: Vec::new(),
            unknown_sagas: [].into(),
            missing_entries: None,
        }
    }

    #[test]
    fn a_yes_says_what_it_met_and_what_was_not_asked() {
        let told = text(&report());
        let lines: Vec<_> = told.lines().skip(1).collect();
        assert!(told.contains("the schema has version 17: 1 migration(s) would run: V0018__steps"), "{told}");
        let expected = [
            "whether each step of one's own has an entry was not judged: no --config was given",
            "12 order(s) compared, 3 of them in flight",
            "yes: this program goes on with all of them",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn a_no_names_the_orders_and_obeys_no_one_of_them() {
        let offender = Offender { order_id: "A\u{1b}[2J".into(), differs: vec!["state: x".into(), "answer: y".into()] };
        let unknown_sagas = [(9, 1)].into();
        let told = text(&Report { ok: false, broken: 25, offenders: vec![offender; 25], unknown_sagas, ..report() });
        assert!(told.contains("A\\u{1b}[2J: state: x\nA\\u{1b}[2J: answer: y\n"), "{told}");
        assert!(told.contains("and 5 more order(s)") && told.contains("version 9"), "{told}");
        assert!(told.ends_with("NO: not as things are\n"), "{told}");
    }

    #[test]
    fn how_far_it_has_come_is_told_by_an_estimate_where_that_helps() {
        let progress = |estimated, broken| come(Progress { compared: 500, estimated, broken });
        assert_eq!(progress(Some(9_000), 0), "500 of about 9000 orders compared");
        assert_eq!(progress(Some(3), 2), "500 orders compared, 2 differ");
    }
}
