//! `counterfoil prune`: takes away the histories of orders that ended long ago, behind everybody who publishes. The orders
//! stay. Safe on a live system.
//!
//! Exit code 0 also where something stays for somebody who has yet to read it, which is told; 1 where nothing could go, since of
//! somebody nobody knows how far they are; 2 where the call itself is wrong.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Failure, audit, client, escaped};
use crate::config::Config;
use crate::config::retention::{SPAN, span};
use crate::limits;
use crate::service::{expected, planner};
use crate::store::prune::{PruneSettings, Pruned, run_telling};
use crate::telemetry::RetentionReason;

/// What the command line says.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Histories of orders that ended so long ago, by the database's clock: a number and one of s, m, h, d and w, as in 90d
    #[arg(long, value_name = "DURATION", value_parser = old_enough)]
    older_than: Duration,
    /// Say what would go, and leave it there
    #[arg(long)]
    dry_run: bool,
    /// Write what came of it as JSON
    #[arg(long)]
    json: bool,
    /// The database, as a postgresql:// URL. Sinks and endpoints that are configured somewhere and never began are not known
    /// then, and a paused endpoint holds back without end: --config names them, and outbox.hold_ms
    #[arg(long, value_name = "URL", conflicts_with_all = ["config", "data_dir"])]
    database_url: Option<String>,
    /// The data folder of a running `counterfoil dev`
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    data_dir: Option<PathBuf>,
    /// A configuration file that names the database, the sinks, and outbox.hold_ms; COUNTERFOIL__DATABASE__URL overrides its
    /// database.url
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

fn old_enough(text: &str) -> Result<Duration, String> {
    let span = span(text).ok_or_else(|| format!("must be {SPAN}"))?;
    let youngest = limits::PRUNE_YOUNGEST;
    if span < youngest { Err(format!("must be at least {} h", youngest.as_secs() / 3_600)) } else { Ok(span) }
}

/// Prunes, and says what went.
pub async fn run(args: PruneArgs) -> Result<ExitCode, Failure> {
    let PruneArgs { older_than, dry_run, json, database_url, data_dir, config } = args;
    let named = audit::database_named(database_url.as_deref(), data_dir.as_deref(), config.as_deref());
    let target = named.map_err(|error| Failure::usage(client::error_chain(&error)))?;
    let is_configured = config.is_some();
    let config = Config::load(config.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    // How long endpoints hold back is known from there alone: without it none lets go.
    let hold = if is_configured { Duration::from_millis(config.outbox.hold_ms) } else { limits::PRUNE_FOREVER };
    let settings = PruneSettings { older_than, hold, planner: planner(&config), dry_run, sinks: expected(&config) };
    let mut database = target.connect().await.map_err(|error| Failure::caused("cannot reach the database", &error))?;
    let mut told = Pruned::default();
    let ended = run_telling(&mut database, &settings, Uuid::new_v4(), &mut told, |_| {}).await;
    super::print(&if json { format!("{}\n", as_json(&told, dry_run)) } else { as_text(&told, dry_run) })?;
    ended.map_err(|error| Failure::caused("cannot prune", &error))?;
    if told.unknown.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let who = told.unknown.join("; ");
    Err(Failure::work(format!("nothing is pruned while nobody knows how far somebody is: {who}")))
}

fn as_json(told: &Pruned, dry_run: bool) -> Value {
    let held = RetentionReason::ALL.map(|reason| (reason.as_str().to_owned(), json!(told.held_by(reason))));
    json!({
        "dry_run": dry_run, "orders": told.orders, "events": told.events, "held": held.into_iter().collect::<Value>(),
        "unknown": told.unknown, "behind": told.behind, "unsound": told.unsound,
    })
}

fn as_text(told: &Pruned, dry_run: bool) -> String {
    let Pruned { orders, events, .. } = told;
    let verb = if dry_run { "would be pruned" } else { "were pruned" };
    let mut lines = vec![format!("{events} events of {orders} order(s) {verb}")];
    if let Some(behind) = &told.behind {
        let waiting = told.held_by(RetentionReason::Sink).max(told.held_by(RetentionReason::Endpoint));
        lines.push(format!("{behind} is furthest behind: {waiting} commits or more that are old enough wait for it"));
    } else {
        let waiting = told.held_by(RetentionReason::Sink) + told.held_by(RetentionReason::Endpoint);
        if waiting > 0 {
            lines.push(format!("{waiting} order(s) wait for a sink or an endpoint"));
        }
    }
    let named = told.held_by(RetentionReason::Named);
    if named > 0 {
        lines.push(format!("{named} order(s) stay, by whose events a position is known to be one of this database"));
    }
    if !told.unsound.is_empty() {
        let unsound = told.held_by(RetentionReason::Unsound);
        let some = told.unsound.iter().map(|id| escaped(id)).collect::<Vec<_>>().join(", ");
        lines.push(format!(
            "{unsound} order(s) are not what their events lead to, and stay: {some}; see `counterfoil audit`"
        ));
    }
    let ahead = told.held_by(RetentionReason::Ahead);
    if ahead > 0 {
        lines
            .push(format!("{ahead} order(s) are stamped by a clock that was ahead, and stay until they are old by it"));
    }
    lines.push(String::new());
    lines.join("\n")
}
