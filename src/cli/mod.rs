//! The command line: the only place that names concrete types.
//!
//! Exit codes: 0 fine, 1 a promise broke or the work failed, 2 wrong usage or configuration; of `audit`, 1 is a broken
//! promise and 2 that it could not ask. Logs go to stderr, results to stdout.

pub mod adopt;
pub mod audit;
pub mod client;
pub mod dev;
pub mod drill;
pub mod events;
pub mod migrate;
pub mod orders;
pub mod outbox;
mod outbox_table;
pub mod participants;
pub mod prune;
pub mod receiver;
mod relays;
pub mod replay;
pub mod serve;
pub mod token;
mod webhooks;
pub mod wire;

use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::saga::ids::is_invisible;
use crate::telemetry;

/// A durable order engine: every order takes effect at most once, ends in a known state, and can be proved right from
/// the database.
#[derive(Debug, Parser)]
#[command(name = "counterfoil", version, about, long_about = None)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The engine on an embedded private PostgreSQL, with simulated participants and 1,000 SKUs: to try it.
    Dev(dev::DevArgs),
    /// The engine on a given PostgreSQL.
    Serve(serve::ServeArgs),
    /// Applies the migrations; a second run changes nothing.
    Migrate(migrate::MigrateArgs),
    /// Says what a restored, moved or copied database is, before remote participants are driven from it.
    Adopt(adopt::AdoptArgs),
    /// Simulated payment provider, carrier and warehouse with a durable ledger; --check tries anybody's.
    Participants(Box<participants::ParticipantsArgs>),
    /// Takes webhooks on this machine, and keeps a ledger of them: to try yours, and for the drills.
    Receiver(receiver::ReceiverArgs),
    /// Proves the promises from the database alone.
    Audit(audit::AuditArgs),
    /// Breaks a private engine on purpose, and shows that every promise holds.
    Drill(drill::DrillArgs),
    /// Submits the invoices of a CSV as orders.
    Replay(replay::ReplayArgs),
    /// What operators see of orders, and do about them, over HTTP.
    Orders(orders::OrdersArgs),
    /// The feed of events, from a terminal.
    Events(events::EventsArgs),
    /// What operators see of whatever events are published to (sinks, endpoints of webhooks), and do about it.
    Outbox(outbox::OutboxArgs),
    /// Takes away the histories of orders that ended long ago, behind everybody who publishes; the orders stay.
    Prune(prune::PruneArgs),
    /// Makes bearer tokens.
    Token(token::TokenArgs),
}

/// How a command failed: what to tell, and the exit code.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Wrong usage or configuration: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 2 }
    }

    /// The work failed: exit code 1.
    pub fn work(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }

    /// The work failed, with its causes.
    pub fn caused(context: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        Self::work(format!("{context}: {}", client::error_chain(error)))
    }
}

/// What this program is called where people meet it: `Counterfoil 0.3.0 (1a2b3c4d5e6f)`, without a commit where none is
/// known.
fn program() -> String {
    match telemetry::COMMIT {
        "unknown" => format!("Counterfoil {}", telemetry::VERSION),
        commit => format!("Counterfoil {} ({commit})", telemetry::VERSION),
    }
}

/// A text on one line, without anything that a terminal would obey, or show as something else: it may be anybody's.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) { safe.extend(c.escape_unicode()) } else { safe.push(c) }
    }
    safe
}

/// Lines for people that hold texts of others: each as [`escaped`].
fn harmless(lines: &str) -> String {
    lines.split('\n').map(escaped).collect::<Vec<_>>().join("\n")
}

/// Writes a result to standard output. A reader that has read enough, as `head` does, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::work(format!("cannot write to standard output: {error}")))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Parses the arguments, runs the command, and gives the process's exit code.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dev(args) => dev::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Migrate(args) => block_on(migrate::run(args)).and_then(|done| done),
        Command::Adopt(args) => block_on(adopt::run(args)).and_then(|done| done),
        Command::Participants(args) => participants::run(*args),
        Command::Receiver(args) => receiver::run(&args),
        Command::Audit(args) => block_on(audit::run(args)).and_then(|told| match told {
            Ok(true) => Ok(ExitCode::SUCCESS),
            Ok(false) => Ok(ExitCode::from(1)),
            // 1 is for a broken promise alone; what could not be asked is never taken for one.
            Err(error) => Err(Failure::usage(client::error_chain(&error))),
        }),
        Command::Drill(args) => block_on(drill::run(args)).and_then(|done| done),
        Command::Replay(args) => block_on(replay::run(args)).and_then(|told| {
            told.map_err(|error| Failure { message: client::error_chain(&error), code: error.exit_code() })
        }),
        Command::Token(args) => token::run(&args),
        Command::Events(args) => block_on(events::run(args)).and_then(|done| done),
        Command::Prune(args) => block_on(prune::run(args)).and_then(|done| done),
        Command::Outbox(args) => block_on(outbox::run(args)).and_then(|done| done),
        Command::Orders(args) => block_on(orders::run(args)).and_then(|done| done),
    };
    outcome.unwrap_or_else(|failure| {
        eprintln!("counterfoil: {}", harmless(&failure.to_string()));
        ExitCode::from(failure.code)
    })
}

/// Runs a command's future on a small runtime.
fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::work(format!("no runtime: {error}")))?;
    Ok(runtime.block_on(future))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_obeys_nobody() {
        assert_eq!(escaped("a\u{202e}b\u{1b}[2J\nc"), "a\\u{202e}b\\u{1b}[2J\\u{a}c");
        assert_eq!(harmless("a  \u{2066}b\nGr\u{fc}n\n"), "a  \\u{2066}b\nGr\u{fc}n\n");
    }
}
