//! The command line: starts what was asked for. What a configuration asks for is put together by `service` alone.
//!
//! Exit codes: 0 fine, 1 a promise broke or the work failed, 2 wrong usage or configuration; of `audit`, 1 is a broken
//! promise and 2 that it could not ask, and of `preflight` 1 is a no. Logs go to stderr, results to stdout.

pub mod adopt;
pub mod audit;
pub mod bench;
pub mod chaos;
pub mod completions;
pub mod dev;
pub mod events;
pub mod migrate;
mod moments;
pub mod orders;
pub mod outbox;
pub mod preflight;
pub mod prune;
pub mod serve;
pub mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use counterfoil_lab::terminal::{Failure, block_on, escaped, harmless, print};
use counterfoil_lab::{drill, participants, receiver, replay};

use crate::client;
use crate::logs::{self, LogFormat};
use crate::service::ServiceError;
use crate::telemetry::program;

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
    /// Says whether this program may take over a live database from the one that runs there; changes nothing.
    Preflight(preflight::PreflightArgs),
    /// Breaks a private engine on purpose, and shows that every promise holds.
    Drill(drill::DrillArgs),
    /// Puts load on a server, with duplicates, and checks every answer.
    Bench(Box<bench::BenchCommandArgs>),
    /// Breaks everything around two private engines under load, two things at a time, and judges what is left.
    Chaos(Box<counterfoil_lab::chaos::ChaosArgs>),
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
    /// Prints what a shell needs to complete these commands.
    Completions(completions::CompletionsArgs),
    /// Writes the manual pages of these commands.
    Man(completions::ManArgs),
}

/// Parses the arguments, runs the command, and gives the process's exit code.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Dev(args) => dev::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Migrate(args) => block_on(migrate::run(args)).and_then(|done| done),
        Command::Adopt(args) => block_on(adopt::run(args)).and_then(|done| done),
        // Whoever changes a certificate is told what became of it; nothing else of it is logged.
        Command::Participants(args) => logs::init("off,counterfoil::tls=info", LogFormat::Text)
            .map_err(|error| Failure::work(error.to_string()))
            .and_then(|()| participants::run(*args)),
        Command::Receiver(args) => receiver::run(&args),
        Command::Audit(args) => block_on(audit::run(args)).and_then(|told| match told {
            Ok(true) => Ok(ExitCode::SUCCESS),
            Ok(false) => Ok(ExitCode::from(1)),
            // 1 is for a broken promise alone; what could not be asked is never taken for one.
            Err(error) => Err(Failure::usage(client::error_chain(&error))),
        }),
        Command::Preflight(args) => block_on(preflight::run(args)).and_then(|told| match told {
            Ok(true) => Ok(ExitCode::SUCCESS),
            Ok(false) => Ok(ExitCode::from(1)),
            // As of the audit: a no is said of orders that were compared.
            Err(error) => Err(Failure::usage(client::error_chain(&error))),
        }),
        Command::Drill(args) => block_on(drill::run(args)).and_then(|done| done),
        Command::Bench(args) => block_on(bench::run(*args)).and_then(|done| done),
        Command::Chaos(args) => block_on(chaos::run(*args)).and_then(|done| done),
        Command::Replay(args) => block_on(replay::run(args)).and_then(|told| {
            told.map_err(|error| Failure { message: client::error_chain(&error), code: error.exit_code() })
        }),
        Command::Token(args) => token::run(&args),
        Command::Completions(args) => completions::complete(&args),
        Command::Man(args) => completions::man(&args),
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

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Configuration(told) => Self::usage(told),
            ServiceError::Work(told) => Self::work(told),
        }
    }
}
