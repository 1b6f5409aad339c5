//! `counterfoil events tail`: the feed from a terminal, a CloudEvent a line, from any position on. Reads only; safe on a
//! live system. It goes on through whatever befalls the database, and ends where that is no longer the one that it read.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, audit};
use crate::limits;
use crate::outbox::{self, Begin, CloudEvent};
use crate::ports::StoreError;
use crate::ports::feed::{FeedError, Position};
use crate::saga::Timestamp;
use crate::store::Target;
use crate::store::feed::Feed;

/// What the command line says.
#[derive(Debug, Args)]
pub struct EventsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prints events as they are committed, each once and those of an order in their order: a CloudEvent a line, as JSON.
    /// Where it ends it says on stderr at which position.
    Tail(TailArgs),
}

/// What `events tail` may be told.
#[derive(Debug, Args)]
struct TailArgs {
    /// Where to begin: beginning, now, an RFC 3339 time (events decided then or later), or a position as this command tells
    /// it at its end
    #[arg(long, value_name = "FROM", default_value = "now")]
    from: String,
    /// Only of this order
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Only of orders of this client
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// Only of this type, with or without "counterfoil." before it
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// End when all that there is has been told, rather than wait for more
    #[arg(long)]
    no_follow: bool,
    /// With the buyer's address, the labels and the payment token
    #[arg(long)]
    personal_data: bool,
    /// The database, as a postgresql:// URL
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data_dir"])]
    database_url: Option<String>,
    /// The data folder of a running `counterfoil dev`
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    data_dir: Option<PathBuf>,
    /// A configuration file that names the database; COUNTERFOIL__DATABASE__URL overrides it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Runs `counterfoil events`.
pub async fn run(args: EventsArgs) -> Result<ExitCode, Failure> {
    let Command::Tail(args) = args.command;
    let from = args.from.parse::<Begin>().map_err(|why| Failure::usage(format!("--from {:?} {why}", args.from)))?;
    let named = audit::database_named(args.database_url.as_deref(), args.data_dir.as_deref(), args.config.as_deref());
    let target = named.map_err(|error| Failure::usage(crate::client::error_chain(&error)))?;
    let stop = |kind| signal(kind).map_err(|error| Failure::work(format!("cannot hear of signals: {error}")));
    let (mut interrupt, mut terminate) = (stop(SignalKind::interrupt())?, stop(SignalKind::terminate())?);
    let mut tail = Tail { args, target, position: None, since: None, pruned: 0 };
    let told = tokio::select! {
        told = tail.run(from) => told,
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
    };
    if let Some(position) = &tail.position {
        eprintln!("position: {}", text(position));
    }
    told.map(|()| ExitCode::SUCCESS)
}

/// Prints what is committed from now on, as `events tail` does, for as long as it is polled. "Now" is when this returns.
pub async fn follow(target: Target) -> Result<impl Future<Output = ()>, Failure> {
    let away = |error| Failure::caused("cannot read the feed", &error);
    let position = Some(Feed::open(&target).await.map_err(away)?.now().await.map_err(away)?);
    let args = TailArgs {
        from: "now".into(),
        order: None,
        client: None,
        kind: None,
        no_follow: false,
        personal_data: false,
        database_url: None,
        data_dir: None,
        config: None,
    };
    let mut tail = Tail { args, target, position, since: None, pruned: 0 };
    Ok(async move {
        if let Err(failure) = tail.run(Begin::Now).await {
            tracing::error!(%failure, "the events are followed no longer");
        }
    })
}

fn text(position: &Position) -> String {
    serde_json::to_string(position).unwrap_or_default() // numbers and a text always serialise
}

/// A reading that goes on.
struct Tail {
    args: TailArgs,
    target: Target,
    /// Behind what was printed.
    position: Option<Position>,
    since: Option<Timestamp>,
    /// The last step of whoever prunes that was told of.
    pruned: i64,
}

impl Tail {
    async fn run(&mut self, from: Begin) -> Result<(), Failure> {
        let mut told_away = false;
        loop {
            match self.read(&from).await {
                Ok(()) => return Ok(()),
                Err(Stop::Enough) => return Ok(()),
                Err(Stop::Failed(failure)) => return Err(failure),
                // Nothing was ever read: a wrong address is told, and not waited for.
                Err(Stop::Away(error)) if self.position.is_none() => return Err(Failure::work(error.to_string())),
                Err(Stop::Away(error)) => {
                    if !std::mem::replace(&mut told_away, true) {
                        eprintln!("counterfoil: the database is away, and is waited for: {error}");
                    }
                    tokio::time::sleep(limits::FEED_PAUSE_MOST).await;
                }
            }
        }
    }

    async fn read(&mut self, from: &Begin) -> Result<(), Stop> {
        let feed = Feed::open(&self.target).await?;
        let source = format!("/counterfoil/{}", feed.deployment().await?.as_deref().unwrap_or(limits::DEPLOYMENT));
        let mut position = match (self.position.take(), from) {
            (Some(position), _) => position,
            (None, Begin::Position(position)) => position.clone(),
            (None, Begin::Now) => {
                self.pruned = feed.last_prune().await?; // what went before is not what is asked for
                feed.now().await?
            }
            (None, Begin::Beginning) => feed.beginning().await?,
            (None, Begin::Time(since)) => {
                self.since = Some(*since);
                feed.beginning().await?
            }
        };
        self.position = Some(position.clone());
        let mut pause = limits::FEED_PAUSE_LEAST;
        loop {
            let batch = feed.step(&position, limits::FEED_ROWS, limits::FEED_BYTES).await?;
            // Behind what was read: what was pruned before that is not passed over unsaid.
            let pruned = feed.last_prune().await?;
            if pruned > self.pruned {
                if let Some(gap) = feed.gap(&position, self.since, self.pruned).await? {
                    eprintln!("counterfoil: of what lies from here on {gap}");
                }
                self.pruned = pruned;
            }
            self.print(&feed, &batch.records, &source).await?;
            let next = batch.position(&position, batch.records.len());
            let moved = next != position;
            position.clone_from(&next);
            self.position = Some(next);
            if !batch.records.is_empty() || moved {
                pause = limits::FEED_PAUSE_LEAST;
                continue;
            }
            if self.args.no_follow {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(limits::FEED_PAUSE_MOST);
        }
    }

    async fn print(&self, feed: &Feed, records: &[crate::ports::feed::Record], source: &str) -> Result<(), Stop> {
        let wanted = |id: &str| self.args.order.as_deref().is_none_or(|order| order == id);
        let records: Vec<_> = records
            .iter()
            .filter(|record| wanted(&record.row.order_id) && record.events != "[]")
            .filter(|record| self.since.is_none_or(|since| record.at >= since))
            .collect();
        let mut lines = String::new();
        // So many orders at a time: the content of one may be large.
        for part in records.chunks(limits::FEED_CONTENTS) {
            let ids: Vec<&str> = part.iter().map(|record| record.row.order_id.as_str()).collect();
            let contents = feed.contents(&ids).await?;
            for record in part {
                let id = &record.row.order_id;
                let content =
                    contents.get(id).ok_or_else(|| failed(format!("order {id} has events, and is not there")))?;
                if self.args.client.as_ref().is_some_and(|client| *client != content.client) {
                    continue;
                }
                let events = outbox::events(record, content, source, self.args.personal_data)
                    .map_err(|error| failed(error.to_string()))?;
                for event in events.iter().filter(|event| self.wants(event)) {
                    lines.push_str(&serde_json::to_string(event).map_err(|error| failed(error.to_string()))?);
                    lines.push('\n');
                }
            }
            write(&lines)?;
            lines.clear();
        }
        Ok(())
    }

    fn wants(&self, event: &CloudEvent) -> bool {
        let kind = self.args.kind.as_deref().map(|kind| kind.strip_prefix("counterfoil.").unwrap_or(kind));
        kind.is_none_or(|kind| event.r#type.strip_prefix("counterfoil.") == Some(kind))
    }
}

/// Why a reading stopped.
enum Stop {
    /// The reader of the output has read enough.
    Enough,
    /// The database cannot be asked now.
    Away(StoreError),
    /// There is no going on.
    Failed(Failure),
}

impl From<FeedError> for Stop {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Store(error @ StoreError::Unavailable(_)) => Self::Away(error),
            error => failed(error.to_string()),
        }
    }
}

fn failed(why: String) -> Stop {
    Stop::Failed(Failure::work(why))
}

fn write(lines: &str) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Stop::Enough),
        Err(error) => Err(failed(format!("cannot write to standard output: {error}"))),
    }
}
