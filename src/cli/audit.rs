//! `counterfoil audit`: whether every promise holds, from the rows of a database, and from the ledger of remote
//! participants where one is given. Reads only; safe on a live system.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use crate::config::{Config, ConfigError, Database};
use crate::service::planner;
use crate::store::audit::vouched::VouchedWord;
use crate::store::audit::{AuditError, Pruned, Report, audit, audit_with_ledgers};
use crate::store::{ConnectError, Target};

/// Offenders that a row of the table names; `--json` has them all, up to the audit's own bound.
const NAMED_IN_TABLE: usize = 5;

/// How long a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(30);

/// What the command line says.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// Write the report as JSON: {ok, promises: [{name, holds, checked, broken, offenders: []}], vouched: {orders, words:
    /// [{order_id, verb, call, by, reason, at, ledger: []}]}, pruned: {orders, events, decided_until}}
    #[arg(long)]
    pub json: bool,
    /// The database, as a postgresql:// URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data_dir"])]
    pub database_url: Option<String>,
    /// The data folder of a running `counterfoil dev`: its database, and the ledger of its participants where it has one
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub data_dir: Option<PathBuf>,
    /// A configuration file that names the database; COUNTERFOIL__DATABASE__URL overrides it
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The ledger of `counterfoil participants`, to be compared with the database: every promise about it too. Once for each
    /// participant that has one of its own
    #[arg(long, value_name = "FILE")]
    pub ledger: Vec<PathBuf>,
}

/// Why the command could not say whether the promises hold.
#[derive(Debug, thiserror::Error)]
pub enum AuditCommandError {
    /// Nothing says which database.
    #[error(
        "no database is named: give --database-url, or --config with [database] url, or --data-dir of a running `dev`, or \
         set COUNTERFOIL__DATABASE__URL"
    )]
    NoDatabase,
    /// The configuration is wrong.
    #[error(transparent)]
    Config(ConfigError),
    /// There is nothing to be read of a `dev` in the folder that was named.
    #[error("--data-dir {}: no `counterfoil dev` runs on it that could be asked (its dev.json {reason})", dir.display())]
    DataDir {
        /// The folder that was named.
        dir: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The database's name is none, or one that cannot be used; or it is out of reach.
    #[error(transparent)]
    Database(ConnectError),
    /// The audit failed.
    #[error("the audit could not be made")]
    Audit(#[from] AuditError),
    /// Standard output is closed.
    #[error("cannot write the report")]
    Output(#[source] io::Error),
}

impl AuditCommandError {
    /// What there is to read where a report was to be: that nothing is known of the promises, and why.
    fn json(&self) -> String {
        let error = crate::client::error_chain(self);
        format!("{}\n", serde_json::json!({ "ok": null, "error": error, "promises": [] }))
    }
}

/// Audits, and writes the report to standard output; whether every promise holds. Where it could not ask, that stands
/// there as JSON, if JSON was asked for: whoever reads it must not take it for a broken promise.
pub async fn run(args: AuditArgs) -> Result<bool, AuditCommandError> {
    let json = args.json;
    let told = run_to(args, &mut io::stdout()).await;
    match &told {
        Ok(_) | Err(AuditCommandError::Output(_)) => {}
        // A reader that is gone has read enough.
        Err(error) if json => drop(io::stdout().write_all(error.json().as_bytes())),
        Err(_) => {}
    }
    told
}

/// As [`run`], with the report written to `out`.
pub async fn run_to(args: AuditArgs, out: &mut dyn io::Write) -> Result<bool, AuditCommandError> {
    let ledger = args.data_dir.as_deref().map(told_by_dev).transpose()?.and_then(|(_, ledger)| ledger);
    let mut target = database_named(args.database_url.as_deref(), args.data_dir.as_deref(), args.config.as_deref())?;
    let ledgers = if args.ledger.is_empty() { ledger.into_iter().collect() } else { args.ledger };
    target.connect_timeout = CONNECT;
    // As it comes: nothing is set.
    let (mut client, connection) = target.dial().await.map_err(AuditCommandError::Database)?;
    // Ends with the client. What breaks it reaches us as the error of a query.
    let driver = tokio::spawn(connection);
    let report = match ledgers.as_slice() {
        [] => audit(&mut client).await.map(|report| (report, Vec::new())),
        ledgers => audit_with_ledgers(&mut client, ledgers).await,
    };
    drop(client);
    let _ = driver.await;
    let (report, notes) = report?;
    for note in notes {
        eprintln!("counterfoil: {note}");
    }
    let text = if args.json { json(&report) } else { table(&report) };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has read enough breaks no promise.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(AuditCommandError::Output(error)),
        Ok(()) | Err(_) => Ok(report.ok),
    }
}

/// The database that a URL names, or a running `dev`, or a configuration file.
pub(super) fn database_named(
    url: Option<&str>,
    data_dir: Option<&Path>,
    config: Option<&Path>,
) -> Result<Target, AuditCommandError> {
    match (url, data_dir) {
        (Some(url), _) => Ok(Target::new(url)),
        (None, Some(dir)) => told_by_dev(dir).map(|(url, _)| Target::new(url)),
        (None, None) => database_of(config),
    }
}

/// The database of a configuration file, with the overrides from the environment.
fn database_of(config: Option<&Path>) -> Result<Target, AuditCommandError> {
    let config = Config::load(config).map_err(AuditCommandError::Config)?;
    let Database { url, tls, .. } = &config.database;
    let mut target = Target::with_tls(url.clone().ok_or(AuditCommandError::NoDatabase)?, tls.as_ref());
    target.planner = planner(&config);
    Ok(target)
}

/// Database and ledger of the `dev` that runs on a data folder, as it tells them (`dev.json`).
fn told_by_dev(dir: &Path) -> Result<(String, Option<PathBuf>), AuditCommandError> {
    let unusable = |reason: String| AuditCommandError::DataDir { dir: dir.to_owned(), reason };
    let text = std::fs::read(dir.join("dev.json")).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let told: Value = serde_json::from_slice(&text).map_err(|error| unusable(format!("is not JSON: {error}")))?;
    let url = told["database_url"].as_str().ok_or_else(|| unusable("names no database_url".into()))?;
    Ok((url.to_owned(), told["ledger"].as_str().map(PathBuf::from)))
}

fn json(report: &Report) -> String {
    // A struct of strings, integers and booleans always serialises.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// The report for human eyes: a row a promise, and a last line that says it all.
pub fn table(report: &Report) -> String {
    let width = report.promises.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let mut text = format!("{:width$}  {:6}  {:>10}  offenders\n", "promise", "", "checked");
    for finding in &report.promises {
        let verdict = if finding.holds { "holds" } else { "BROKEN" };
        let mut named = finding
            .offenders
            .iter()
            .take(NAMED_IN_TABLE)
            .map(|name| super::escaped(name))
            .collect::<Vec<_>>()
            .join(", ");
        let more = usize::try_from(finding.broken).unwrap_or(0).saturating_sub(NAMED_IN_TABLE);
        if more > 0 {
            // Writing to a String cannot fail.
            let _ = write!(named, " and {more} more");
        }
        let row = format!("{:width$}  {verdict:6}  {:>10}  {named}", finding.name, finding.checked);
        text.push_str(row.trim_end());
        text.push('\n');
    }
    for word in report.vouched.words.iter().take(NAMED_IN_TABLE) {
        text.push_str(&vouched(word));
    }
    let exempt = match report.vouched.orders {
        0 => String::new(),
        1 => "; 1 order is exempt by an operator's word".to_owned(),
        orders => format!("; {orders} orders are exempt by an operator's word"),
    };
    let exempt = exempt + &gone(&report.pruned);
    let broken = report.promises.iter().filter(|finding| !finding.holds).count();
    let _ = match broken {
        0 => writeln!(text, "all {} promises hold{exempt}", report.promises.len()),
        broken => writeln!(text, "{broken} of {} promises are BROKEN{exempt}", report.promises.len()),
    };
    text
}

/// What is not there to be proved any more.
fn gone(pruned: &Pruned) -> String {
    let Pruned { orders, events, decided_until } = pruned;
    if *orders == 0 {
        return String::new();
    }
    let until = decided_until.as_deref().unwrap_or("no known time");
    format!(
        "; {events} events of {orders} order(s), decided until {until}, were pruned: what they led to is proved, and not each \
         of them"
    )
}

/// An operator's word, with what the ledger says against it, in a line each. Their texts are quoted: they may hold
/// anything.
fn vouched(word: &VouchedWord) -> String {
    let call = word.call.as_ref().map_or_else(String::new, |call| format!(" of {call}"));
    let (by, at) = (word.by.as_deref().unwrap_or("nobody knows whom"), word.at.as_deref().unwrap_or("no known time"));
    let reason = word.reason.as_deref().unwrap_or_default();
    let mut text =
        format!("vouched for: {}, {}{call} by {by:?} at {at}: {reason:?}\n", super::escaped(&word.order_id), word.verb);
    for told in &word.ledger {
        let _ = writeln!(text, "    the ledger: {}", super::escaped(told)); // writing to a String cannot fail
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::Finding;
    use crate::store::audit::vouched::Vouched;

    fn finding(name: &'static str, offenders: &[&str], broken: i64) -> Finding {
        let offenders: Vec<_> = offenders.iter().map(|&id| id.to_owned()).collect();
        Finding { name, holds: broken == 0, checked: 12, broken, offenders }
    }

    #[test]
    fn the_table_names_offenders() {
        let promises = vec![finding("a_promise", &[], 0), finding("b", &["1", "2", "3", "4", "5", "6"], 7)];
        let text = table(&Report { ok: false, promises, vouched: Vouched::default(), pruned: Pruned::default() });
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "promise               checked  offenders",
                "a_promise  holds           12",
                "b          BROKEN          12  1, 2, 3, 4, 5 and 2 more",
                "1 of 2 promises are BROKEN",
            ]
        );
    }

    #[test]
    fn the_table_tells_what_operators_answered_for() {
        let word = VouchedWord {
            order_id: "UNK-1".into(),
            verb: "skip",
            call: Some("charge".into()),
            by: Some("ops".into()),
            reason: Some("seen\u{1b}[2J".into()),
            at: Some("2026-01-02T03:04:05.000006Z".into()),
            ledger: vec!["no such charge".into()],
        };
        let vouched = Vouched { orders: 1, words: vec![word] };
        let text =
            table(&Report { ok: true, promises: vec![finding("a", &[], 0)], vouched, pruned: Pruned::default() });
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                r#"vouched for: UNK-1, skip of charge by "ops" at 2026-01-02T03:04:05.000006Z: "seen\u{1b}[2J""#,
                "    the ledger: no such charge",
                "all 1 promises hold; 1 order is exempt by an operator's word",
            ]
        );
    }

    #[test]
    fn a_database_must_be_named() {
        assert!(matches!(database_of(None), Err(AuditCommandError::NoDatabase)));
        let missing = database_of(Some(Path::new("/nonexistent/counterfoil.toml")));
        assert!(matches!(missing, Err(AuditCommandError::Config(_))));
    }
}
