//! The order of events: shapes, rounds, contestants, and what happens in one run.

use std::path::PathBuf;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::LocalSet;
use tokio::time::sleep;

use crate::Outcome;
use crate::aged;
use crate::check::{Claim, check_rows, check_txns};
use crate::child::Server;
use crate::cluster::{Cluster, connect};
#[cfg(feature = "kafka")]
use crate::events;
use crate::knee;
use crate::limit;
use crate::meter::Reading;
use crate::options::{Contestant, Options, Role, Shape, WARM_UP};
use crate::participants::{Mood, count};
use crate::pgbench::Pgbench;
use crate::report::{Figures, Report, Run};
use crate::rival::{self, Rows};
use crate::steady;
use crate::waiting;
use counterfoil_lab::load::crowd::{Crowd, Tally};
use counterfoil_lab::load::request::Lines;

/// Each run makes it anew.
const DATABASE: &str = "versus";

/// Runs everything that was asked for, writes and prints the report; `false` if a figure cannot be trusted.
pub fn run_all(options: &Options) -> Outcome<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let folder = output_folder();
        std::fs::create_dir_all(&folder)?;
        let cluster = Cluster::start(&folder.join("postgres"), &options.postgres).await?;
        if let Some(orders) = options.waiting {
            let fine = waiting::run(&cluster, orders).await?;
            cluster.remove()?;
            return Ok(fine);
        }
        if options.limit {
            let fine = limit::run(&cluster, options, &folder).await?;
            cluster.remove()?;
            return Ok(fine);
        }
        if options.steady {
            let fine = steady::run(&cluster, options, &folder).await?;
            cluster.remove()?;
            return Ok(fine);
        }
        if options.knee {
            let fine = knee::run(&cluster, options, &folder).await?;
            cluster.remove()?;
            return Ok(fine);
        }
        if !options.aged.is_empty() {
            let fine = aged::run(&cluster, options, &folder).await?;
            cluster.remove()?;
            return Ok(fine);
        }
        #[cfg(feature = "kafka")]
        if options.events {
            let fine = events::run(&cluster, options, &folder).await?;
            cluster.remove()?;
            return Ok(fine);
        }
        let mut report = Report::new(options, cluster.version().await?);
        for shape in options.shapes() {
            run_shape(&cluster, options, shape, &mut report).await?;
            report.print_shape(&shape);
            // After each shape, so that a run that is cut short leaves what it has.
            report.write(&folder.join("latest.json"))?;
        }
        #[cfg_attr(not(feature = "kafka"), expect(unused_mut, reason = "nothing else is measured"))]
        let mut fine = report.print_verdict();
        #[cfg(feature = "kafka")]
        if options.is_whole() {
            fine &= events::run(&cluster, options, &folder).await?;
        }
        cluster.remove()?;
        Ok(fine)
    })
}

/// `bench` in cargo's target folder: nothing of a run lies anywhere else.
fn output_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.join(target.unwrap_or_else(|| "target".into())).join("bench")
}

async fn run_shape(cluster: &Cluster, options: &Options, shape: Shape, report: &mut Report) -> Outcome<()> {
    let contestants: Vec<Contestant> = options.contestants().into_iter().filter(|one| one.can_run(&shape)).collect();
    let progress = ProgressBar::new(options.rounds() * contestants.len() as u64);
    progress.set_style(ProgressStyle::with_template("{pos:>3}/{len} {msg}")?);
    for round in 0..options.rounds() {
        for &contestant in &contestants {
            progress.set_message(format!("{shape}: {}", contestant.name()));
            let run = run(cluster, options, contestant, &shape).await;
            let run = run.map_err(|error| format!("{} ({}): {error}", contestant.name(), contestant.letter()))?;
            report.add(&shape, contestant, round, run);
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(())
}

/// One contestant under one shape of load, on a database of its own, and the count of its rows.
async fn run(cluster: &Cluster, options: &Options, contestant: Contestant, shape: &Shape) -> Outcome<Run> {
    let url = cluster.fresh_database(DATABASE).await?;
    let participants = match shape.remote {
        true => Some(Server::start(Role::Participants, &[("--mood", Mood::Done.argument())]).await?),
        false => None,
    };
    let at = participants.as_ref().map(Server::url);
    let (figures, tally) = match contestant.role(shape) {
        Some(role) => over_http(cluster, options, role, shape, &url, at.as_deref()).await?,
        None => with_pgbench(cluster, options, shape, &url).await?,
    };
    let claim = Claim { orders: tally.placed, units: tally.units };
    let mut faults = check_rows(&url, &claim).await?;
    if let Some((participants, at)) = participants.zip(at) {
        faults.extend(check_txns(&url, &claim, count(&at).await?).await?);
        participants.stop().await?;
    }
    cluster.drop_database(DATABASE).await?;
    faults.extend(tally.complaints);
    if tally.counted == 0 {
        faults.push("not one order was placed in the measured time".to_owned());
    }
    Ok(Run { figures, faults })
}

async fn over_http(
    cluster: &Cluster,
    options: &Options,
    role: Role,
    shape: &Shape,
    url: &str,
    participants: Option<&str>,
) -> Outcome<(Figures, Tally)> {
    let mut arguments = vec![("--database-url", url)];
    arguments.extend(participants.map(|at| ("--participants", at)));
    let server = Server::start(role, &arguments).await?;
    cluster.checkpoint().await?;
    let crowd = Crowd::start(server.address, &shape.crowd(options.lines)).await?;
    let made = measured(cluster, options, &server, crowd).await?;
    server.stop().await?;
    Ok(made)
}

/// What a crowd that has begun makes of a server.
pub async fn measured(
    cluster: &Cluster,
    options: &Options,
    server: &Server,
    crowd: Crowd,
) -> Outcome<(Figures, Tally)> {
    sleep(WARM_UP).await;
    let before = Reading::take(cluster, Some(server.pid), std::process::id()).await?;
    crowd.begin();
    sleep(options.measured()).await;
    crowd.end();
    let after = Reading::take(cluster, Some(server.pid), std::process::id()).await?;
    let tally = crowd.finish().await?;
    Ok((Figures::of(&before, &after, &tally), tally))
}

async fn with_pgbench(cluster: &Cluster, options: &Options, shape: &Shape, url: &str) -> Outcome<(Figures, Tally)> {
    rival::prepare_database(&connect(url).await?, Rows::Full).await?;
    cluster.checkpoint().await?;
    let folder = output_folder().join("pgbench");
    let measured: Duration = options.measured();
    let Lines::Fixed(lines) = options.lines else { return Err("its orders all have the same lines".into()) };
    let mut pgbench = Pgbench::start(&cluster.pgbench()?, &folder, url, shape, lines.into(), measured).await?;
    sleep(WARM_UP).await;
    let before = Reading::take(cluster, None, pgbench.pid).await?;
    pgbench.begin();
    sleep(measured).await;
    pgbench.end();
    let after = Reading::take(cluster, None, pgbench.pid).await?;
    let tally = pgbench.finish().await?;
    Ok((Figures::of(&before, &after, &tally), tally))
}
