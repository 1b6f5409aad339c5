//! `counterfoil outbox`: what operators see of sinks, and do about one that waits for them. On the database itself: the
//! relays find it there, whichever engine they are in.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Failure, audit, client, escaped};
use crate::outbox::Begin;
use crate::ports::relay::Witness;
use crate::store::feed::Feed;
use crate::store::relay;

/// What the command line says.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    #[command(subcommand)]
    command: Command,
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
    /// Sinks that were ever published to: how far they are known to be, and why one waits for you
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Has a sink begin anew: whatever it has from there on comes a second time, and what lies before never comes
    Replay {
        /// The sink
        #[arg(long, value_name = "NAME")]
        sink: String,
        /// beginning, now, an RFC 3339 time, or a position, as `list` tells it
        #[arg(long, value_name = "FROM")]
        from: String,
        /// Passes over a cursor of a later history, up to this epoch: only where this database is known to be the primary
        #[arg(long, value_name = "EPOCH")]
        over_epoch: Option<i32>,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Has nothing published to a sink until it is resumed
    Pause {
        /// The sink
        #[arg(long, value_name = "NAME")]
        sink: String,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Has a sink go on where it was
    Resume {
        /// The sink
        #[arg(long, value_name = "NAME")]
        sink: String,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Has a sink pass over an event that it will never take
    Skip {
        /// The event's id: ORDER/VERSION
        event: String,
        /// The sink
        #[arg(long, value_name = "NAME")]
        sink: String,
        /// Why: it is kept
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

/// Runs the command.
pub async fn run(args: OutboxArgs) -> Result<ExitCode, Failure> {
    if let Command::Replay { from, .. } = &args.command {
        from.parse::<Begin>().map_err(|why| Failure::usage(format!("--from {from:?} {why}")))?;
    }
    if let Command::Replay { reason, .. }
    | Command::Skip { reason, .. }
    | Command::Pause { reason, .. }
    | Command::Resume { reason, .. } = &args.command
        && reason.trim().is_empty()
    {
        return Err(Failure::usage("--reason must say why"));
    }
    if let Command::Skip { event, .. } = &args.command
        && !event.rsplit_once('/').is_some_and(|(_, version)| version.parse::<u32>().is_ok_and(|version| version > 0))
    {
        return Err(Failure::usage(format!("{event:?} is no event: ORDER/VERSION, as its id has it")));
    }
    let named = audit::database_named(args.database_url.as_deref(), args.data_dir.as_deref(), args.config.as_deref());
    let target = named.map_err(|error| Failure::usage(client::error_chain(&error)))?;
    let mut database = target.connect().await.map_err(|error| Failure::caused("cannot reach the database", &error))?;
    let failed = |error| Failure::caused("the database refused", &error);
    let never =
        |sink: &str| Failure::usage(format!("no sink {sink:?} was ever published to; see `counterfoil outbox list`"));
    match args.command {
        Command::List { json } => {
            let sinks = relay::list(&database).await.map_err(failed)?;
            super::print(&if json { as_json(&sinks) } else { told(&sinks) })?;
        }
        Command::Replay { sink, from, over_epoch, reason } => {
            // "Now" is when it is said, whenever a relay comes to it.
            let now = if from == "now" {
                let feed =
                    Feed::open(&target).await.map_err(|error| Failure::caused("cannot read the feed", &error))?;
                Some(feed.now().await.map_err(|error| Failure::caused("cannot read the feed", &error))?)
            } else {
                None
            };
            let begins = (from.as_str(), now.as_ref());
            let parts = relay::begin_anew(&mut database, &sink, begins, over_epoch, &reason).await;
            let parts = parts.map_err(failed)?;
            if parts == 0 {
                return Err(never(&sink));
            }
            super::print(&format!("{} begins anew from {}\n", escaped(&sink), escaped(&from)))?;
        }
        Command::Pause { sink, reason } => {
            if relay::hold_back(&mut database, &sink, true, &reason).await.map_err(failed)? == 0 {
                return Err(never(&sink));
            }
            super::print(&format!("nothing is published to {} until `outbox resume`\n", escaped(&sink)))?;
        }
        Command::Resume { sink, reason } => {
            if relay::hold_back(&mut database, &sink, false, &reason).await.map_err(failed)? == 0 {
                return Err(never(&sink));
            }
            super::print(&format!("{} goes on where it was\n", escaped(&sink)))?;
        }
        Command::Skip { event, sink, reason } => {
            if relay::skip(&mut database, &sink, &event, &reason).await.map_err(failed)? == 0 {
                return Err(never(&sink));
            }
            super::print(&format!("{} passes over {}\n", escaped(&sink), escaped(&event)))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(sinks: &[Witness]) -> String {
    let sink = |one: &Witness| {
        let known = one.known.as_ref();
        json!({
            "sink": one.sink, "part": one.part, "parts": one.parts, "run": one.run, "from": one.begins,
            "target": one.target, "published": known.map_or(0, |known| known.0),
            "position": known.map(|known| &known.1), "stopped": one.stopped, "paused": one.held, "skips": one.skips,
        })
    };
    let mut text = Value::from(sinks.iter().map(sink).collect::<Vec<_>>()).to_string();
    text.push('\n');
    text
}

fn told(sinks: &[Witness]) -> String {
    if sinks.is_empty() {
        return "no sink was ever published to\n".into();
    }
    let line = |one: &Witness| {
        let mut text = format!("{}/{} of {}, run {} from {}", one.sink, one.part, one.parts, one.run, one.begins);
        match (&one.target, &one.known) {
            (Some(target), Some((step, position))) => {
                let position = serde_json::to_string(position).unwrap_or_default();
                text.push_str(&format!(": {target}, published {step} times at least; position {position}"));
            }
            _ => text.push_str(": nothing is known to be published yet"),
        }
        if !one.skips.is_empty() {
            text.push_str(&format!("; passes over {}", one.skips.join(", ")));
        }
        let mut text = escaped(&text);
        if let Some(why) = &one.held {
            text.push_str(&format!("\n  paused: {}", escaped(why)));
        }
        if let Some(why) = &one.stopped {
            text.push_str(&format!("\n  WAITS FOR YOU: {}", escaped(why)));
        }
        text.push('\n');
        text
    };
    sinks.iter().map(line).collect()
}
