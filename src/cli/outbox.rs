//! `counterfoil outbox`: what operators see of whatever events are published to, and do about it.
//!
//! Brokers' sinks (`--sink`) are asked about and changed in the database itself ([`sinks`]): the relays find it there,
//! whichever engine they are in. Endpoints of webhooks (`--endpoint`) are an engine's to change, over HTTP ([`endpoints`]),
//! in the name of whoever's token it is. `list` shows both, from the database. Every change bears a reason, which goes into a
//! log.
//!
//! Exit code 1 where database or engine refused, 2 where the call itself is wrong.

mod endpoints;
mod sinks;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::audit::{self, AuditCommandError};
use super::orders::{Link, reason};
use super::{Failure, client};
use crate::outbox::Begin;
use crate::store::Target;

/// Whom to ask, and what to do.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    #[command(flatten)]
    link: Link,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(subcommand)]
    command: Command,
}

/// Which database, where one is asked.
#[derive(Debug, Args)]
struct DatabaseArgs {
    /// The database, as a postgresql:// URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data_dir"], global = true)]
    database_url: Option<String>,
    /// The data folder of a running `counterfoil dev`
    #[arg(long, value_name = "DIR", conflicts_with = "config", global = true)]
    data_dir: Option<PathBuf>,
    /// A configuration file that names the database; COUNTERFOIL__DATABASE__URL overrides it
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sinks and endpoints: how far each is, and what waits for you. Where no database is named, the endpoints alone, as the
    /// engine tells them.
    List,
    /// Shows an endpoint with the events that it did not take, and what operators did to it.
    Show(ShowArgs),
    /// Has events delivered that an endpoint did not take: at once, those that were set aside too.
    Redrive(RedriveArgs),
    /// Has a sink or endpoint pass over an event that it will never take.
    Skip {
        /// The event's id: ORDER/VERSION
        #[arg(value_parser = event)]
        event: Event,
        #[command(flatten)]
        of: Of,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Has everything published again from somewhere on. What lies before never comes to a sink that begins anew; an endpoint
    /// keeps what it is still owed.
    Replay {
        #[command(flatten)]
        of: Of,
        /// beginning, now, an RFC 3339 time (events decided then or later), or a position, as `list` and `show` tell it
        #[arg(long, value_name = "FROM")]
        from: String,
        /// Of a sink: passes over a cursor of a later history, up to this epoch; only where this database is known to be the
        /// primary
        #[arg(long, value_name = "EPOCH", conflicts_with = "endpoint")]
        over_epoch: Option<i32>,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Has nothing published until it is resumed.
    Pause {
        #[command(flatten)]
        of: Of,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Takes old rows away from the table `outbox`. Whoever follows the database's log has them all the same; who begins with
    /// the table as it is has what is left.
    Trim {
        /// How old they are at least: 7d, 12h, 30m or 45s
        #[arg(long, value_name = "D", value_parser = table::age)]
        older_than: Duration,
    },
    /// Gives up what a sink holds back of what is to be pruned: one that is gone for good, or will begin anew. It is not
    /// published to any more, until `replay --from`.
    Forget {
        /// A broker's sink; the database is asked
        #[arg(value_name = "SINK")]
        sink: String,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Has it go on where it was.
    Resume {
        #[command(flatten)]
        of: Of,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
}

/// A sink or an endpoint.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Of {
    /// A broker's sink; the database is asked
    #[arg(long, value_name = "NAME")]
    sink: Option<String>,
    /// An endpoint of webhooks; the engine is asked
    #[arg(long, value_name = "NAME")]
    endpoint: Option<String>,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The endpoint's name
    #[arg(long, value_name = "NAME")]
    endpoint: String,
    /// Only events of this order
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// At most so many events
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

#[derive(Debug, Args)]
struct RedriveArgs {
    /// The endpoint's name
    #[arg(long, value_name = "NAME")]
    endpoint: String,
    /// Of this order
    #[arg(long, value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    order: Option<String>,
    /// This event of it alone
    #[arg(long, value_name = "N", requires = "order", conflicts_with = "all")]
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    version: Option<i32>,
    /// Of all orders
    #[arg(long)]
    all: bool,
    /// Why: it is kept
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// An event, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    order_id: String,
    version: i32,
}

fn event(text: &str) -> Result<Event, &'static str> {
    let read = text.rsplit_once('/').and_then(|(order_id, version)| {
        let version = version.parse().ok().filter(|version| *version > 0)?;
        Some(Event { order_id: order_id.to_owned(), version })
    });
    read.filter(|event| !event.order_id.is_empty()).ok_or("is no event: ORDER/VERSION, as its id has it")
}

/// What is done to a sink or an endpoint.
enum Act {
    Skip(Event),
    Replay { from: String, over_epoch: Option<i32> },
    Pause,
    Resume,
    Forget,
}

/// Does what is asked, and prints what came of it.
pub async fn run(args: OutboxArgs) -> Result<ExitCode, Failure> {
    let OutboxArgs { link, database, command } = args;
    let json = link.json;
    let (told, text) = match command {
        Command::List => list(&link, &database).await?,
        Command::Show(args) => endpoints::show(&link, &args).await?,
        Command::Redrive(args) => endpoints::redrive(&link, args).await?,
        Command::Skip { event, of, reason } => act(&link, &database, of, Act::Skip(event), &reason).await?,
        Command::Replay { of, from, over_epoch, reason } => {
            from.parse::<Begin>().map_err(|why| Failure::usage(format!("--from {from:?} {why}")))?;
            act(&link, &database, of, Act::Replay { from, over_epoch }, &reason).await?
        }
        Command::Pause { of, reason } => act(&link, &database, of, Act::Pause, &reason).await?,
        Command::Trim { older_than } => table::trim(target(&database)?, older_than).await?,
        Command::Forget { sink, reason } => {
            act(&link, &database, Of { sink: Some(sink), endpoint: None }, Act::Forget, &reason).await?
        }
        Command::Resume { of, reason } => act(&link, &database, of, Act::Resume, &reason).await?,
    };
    super::print(&if json { format!("{told}\n") } else { text })?;
    Ok(ExitCode::SUCCESS)
}

/// `None` where no database is named at all.
fn target(database: &DatabaseArgs) -> Result<Option<Target>, Failure> {
    let DatabaseArgs { database_url, data_dir, config } = database;
    match audit::database_named(database_url.as_deref(), data_dir.as_deref(), config.as_deref()) {
        Ok(target) => Ok(Some(target)),
        Err(AuditCommandError::NoDatabase) if config.is_none() => Ok(None),
        Err(error) => Err(Failure::usage(client::error_chain(&error))),
    }
}

async fn act(link: &Link, database: &DatabaseArgs, of: Of, act: Act, reason: &str) -> Result<(Value, String), Failure> {
    match (of.sink, of.endpoint) {
        (Some(sink), _) => {
            let none = || Failure::usage(client::error_chain(&AuditCommandError::NoDatabase));
            sinks::act(&target(database)?.ok_or_else(none)?, &sink, act, reason).await
        }
        (None, Some(endpoint)) => endpoints::act(link, &endpoint, act, reason).await,
        (None, None) => Err(Failure::usage("--sink or --endpoint must say to what")),
    }
}

async fn list(link: &Link, database: &DatabaseArgs) -> Result<(Value, String), Failure> {
    let Some(target) = target(database)? else {
        let (endpoints, table) = endpoints::list(link).await?;
        let hint = "(of brokers' sinks the database tells: --database-url, --data-dir or --config)\n";
        return Ok((json!({ "sinks": null, "endpoints": endpoints }), format!("{table}{hint}")));
    };
    let client = target.connect().await.map_err(|error| Failure::caused("cannot reach the database", &error))?;
    let ((sinks, told), (endpoints, listed)) = (sinks::list(&client).await?, endpoints::stored(&client).await?);
    let (table, written) = table::list(&client).await?;
    let told = format!("{told}{written}\n{listed}");
    Ok((json!({ "sinks": sinks, "endpoints": endpoints, "table": table }), told))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        args: OutboxArgs,
    }

    #[test]
    fn nothing_is_changed_without_a_word_or_without_saying_of_what() {
        let parses = |line: &str| Alone::try_parse_from(["outbox"].into_iter().chain(line.split(' '))).is_ok();
        for line in [
            "list",
            "list --config f",
            "show --endpoint crm --order A --limit 5",
            "redrive --endpoint crm --all --reason r",
            "redrive --endpoint crm --order A --version 3 --reason r",
            "skip A/3 --endpoint crm --reason r",
            "skip A/3 --sink bus --database-url postgresql://h/d --reason r",
            "replay --endpoint crm --from beginning --reason r",
            "replay --sink bus --from now --reason r",
            "replay --sink bus --from now --over-epoch 3 --reason r",
            "pause --sink bus --reason r",
            "forget bus --reason r",
            "resume --endpoint crm --reason r",
            "trim --older-than 7d --config f",
        ] {
            assert!(parses(line), "{line}");
        }
        for line in [
            "show",
            "redrive --endpoint crm --reason r",
            "redrive --endpoint crm --all",
            "redrive --endpoint crm --all --order A --reason r",
            "redrive --endpoint crm --version 3 --all --reason r",
            "skip A --endpoint crm --reason r",
            "skip A/0 --endpoint crm --reason r",
            "skip /1 --endpoint crm --reason r",
            "skip A/3 --reason r",
            "skip A/3 --endpoint crm --sink bus --reason r",
            "replay --endpoint crm --reason r",
            "replay --from now --reason r",
            "replay --endpoint crm --from now --over-epoch 3 --reason r",
            "pause --sink bus",
            "forget bus",
            "forget --reason r",
            "resume --reason r",
            "trim --config f",
            "trim --older-than 7 --config f",
        ] {
            assert!(!parses(line), "{line}");
        }
    }

    #[test]
    fn an_event_is_its_order_and_its_version() {
        assert_eq!(event("A/B/3"), Ok(Event { order_id: "A/B".into(), version: 3 }));
    }
}
