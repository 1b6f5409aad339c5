//! `--events`: what it costs that events are published, exactly once, to a Kafka on the same machine.
//!
//! | | what runs |
//! |---|---|
//! | bare | the engine without a sink, and without the index by which events are read |
//! | silent | the engine without a sink |
//! | published | the engine, its relay, and the broker |
//! | again | as silent: how much two runs of one thing differ |
//! | neighbour | as silent, beside one who takes as much of the cores as relay and broker just did, and has nothing to do with orders |
//!
//! 64 clients in a closed loop without a sink leave a backlog, which is then published with nothing else going on: records a
//! second, and the CPU of a record, of each process apart. The capacity is what the same clients make while relay and broker keep
//! up with them, on the cores that all of it shares: orders a second, or fewer where fewer were published. The knee is looked for
//! below that, with so many orders a second whatever becomes of them: the rate of which the quotient by what an order takes (its
//! median) is highest, which Kleinrock calls power ("Power and deterministic rules of thumb", ICC 1979; Jain, The Art of Computer
//! Systems Performance Analysis, 3.3). After that each of the five gets 70% of the knee, round by round. After each run that
//! published, a consumer that reads what is committed counts the records: each event is there, once.
//!
//! While the broker has no part in a run it is stopped (SIGSTOP): it is warm when its turn comes, and takes nothing before.

mod broker;
mod neighbour;
mod report;

use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::sleep;

use crate::Outcome;
use crate::child::Server;
use crate::cluster::{Cluster, connect};
use crate::knee::{CLIENTS, Knee, STEPS};
use crate::meter::Reading;
use crate::options::{Options, Role, Shape, ShapeName, WARM_UP};
use crate::report::Figures;
use counterfoil_lab::load::crowd::Crowd;
use counterfoil_lab::usage::{own_cpu, resident_bytes};

use broker::Broker;
use neighbour::Neighbour;
use report::{CatchUp, Kind, Report, Run};

/// Of the knee.
const SHARE: f64 = 0.7;
/// How long a backlog may take.
const PATIENCE: Duration = Duration::from_secs(300);
const DATABASE: &str = "events";

/// Runs the mode; `false` where a figure cannot be trusted.
pub async fn run(cluster: &Cluster, options: &Options, folder: &Path) -> Outcome<bool> {
    let jars = broker::jars().ok_or("there is no Kafka: scripts/test-tools.sh fetches it")?;
    let broker = Broker::start(&jars, &folder.join("kafka")).await?;
    let progress = ProgressBar::new((3 + STEPS.len()) as u64 + options.rounds() * Kind::ALL.len() as u64);
    progress.set_style(ProgressStyle::with_template("{pos:>3}/{len} {msg}")?);
    let bench = Bench { cluster, options, broker };
    bench.broker.runs(false)?;
    let (url, silent) = bench.fill(&progress).await?;
    let catch_up = bench.catch_up(&url, &progress).await?;
    let capacity = bench.capacity(&progress).await?;
    let knee = bench.knee(capacity, &progress).await?;
    let mut report = Report::new((silent, capacity, knee), SHARE, options, catch_up);
    for round in 0..options.rounds() {
        for kind in Kind::ALL {
            progress.set_message(format!("{SHARE} of {knee:.0} orders/s: {}", kind.name()));
            let _neighbour = (kind == Kind::Neighbour).then(|| Neighbour::start(&report.shares_of_publishing()));
            let run = bench.paced(kind, &format!("orders-{round}"), knee * SHARE).await;
            report.add(kind, run.map_err(|error| format!("{}: {error}", kind.name()))?);
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    bench.broker.remove().await?;
    report.write(&folder.join("events.json"))?;
    Ok(report.print())
}

struct Bench<'a> {
    cluster: &'a Cluster,
    options: &'a Options,
    broker: Broker,
}

impl Bench<'_> {
    fn shape(clients: usize) -> Shape {
        Shape { name: ShapeName::Skus64, clients, skus: 1000, copies: 1, remote: false }
    }

    /// Fills a database with the backlog, and says how many orders a second that made.
    async fn fill(&self, progress: &ProgressBar) -> Outcome<(String, f64)> {
        let backlog = self.options.backlog;
        progress.set_message(format!("{} clients: {backlog} orders without a sink", CLIENTS.0));
        let url = self.cluster.fresh_database("backlog").await?;
        let server = Server::start(Role::Counterfoil, &[("--database-url", &url)]).await?;
        self.cluster.checkpoint().await?;
        let crowd = Crowd::start(server.address, &Self::shape(CLIENTS.0).crowd(self.options.lines)).await?;
        sleep(WARM_UP).await;
        crowd.begin();
        let (began, before) = (Instant::now(), crowd.placed());
        while crowd.placed() - before < backlog {
            if began.elapsed() > PATIENCE {
                return Err(format!("{} orders in {PATIENCE:?}", crowd.placed()).into());
            }
            sleep(Duration::from_millis(100)).await;
        }
        let rate = (crowd.placed() - before) as f64 / began.elapsed().as_secs_f64();
        crowd.end();
        let tally = crowd.finish().await?;
        server.stop().await?;
        if let Some(complaint) = tally.complaints.first() {
            return Err(complaint.clone().into());
        }
        progress.inc(1);
        Ok((url, rate))
    }

    /// Has a backlog published, and nothing else.
    async fn catch_up(&self, url: &str, progress: &ProgressBar) -> Outcome<CatchUp> {
        let events = events(url).await?;
        progress.set_message(format!("a backlog of {events} events"));
        self.broker.runs(true)?;
        let topic = "backlog";
        self.cluster.checkpoint().await?;
        let server = self.publisher(url, topic).await?;
        let begun = async || Ok(published(&server).await?.is_some_and(|events| events > 0.0));
        until(begun).await?;
        let first = published(&server).await?.unwrap_or_default();
        let before = self.reading(&server).await?;
        let mut resident = 0;
        let mut last = first;
        while last < events as f64 {
            if before.0.at.elapsed() > PATIENCE {
                return Err(format!("{last} of {events} events in {PATIENCE:?}").into());
            }
            sleep(Duration::from_millis(50)).await;
            resident = resident.max(resident_bytes(server.pid)?);
            last = published(&server).await?.unwrap_or_default();
        }
        let after = self.reading(&server).await?;
        server.stop().await?;
        let fault = self.broker.holds(topic, events)?;
        self.broker.runs(false)?;
        self.cluster.drop_database("backlog").await?;
        progress.inc(1);
        Ok(CatchUp::of(&before, &after, events, last - first, resident, fault))
    }

    /// How many orders a second the machine bears whose events are published meanwhile.
    async fn capacity(&self, progress: &ProgressBar) -> Outcome<f64> {
        progress.set_message(format!("{} clients, and what they order is published", CLIENTS.0));
        let url = self.cluster.fresh_database(DATABASE).await?;
        self.broker.runs(true)?;
        let server = self.publisher(&url, "capacity").await?;
        until(async || Ok(server.metric("counterfoil_outbox_publishing").await? == Some(1.0))).await?;
        self.cluster.checkpoint().await?;
        let crowd = Crowd::start(server.address, &Self::shape(CLIENTS.0).crowd(self.options.lines)).await?;
        sleep(WARM_UP).await;
        let seen =
            async || Outcome::Ok((crowd.placed(), published(&server).await?.unwrap_or_default(), Instant::now()));
        let before = seen().await?;
        crowd.begin();
        sleep(self.options.measured()).await;
        let after = seen().await?;
        crowd.end();
        let tally = crowd.finish().await?;
        let each = events(&url).await? as f64 / tally.placed as f64;
        server.stop().await?;
        self.broker.runs(false)?;
        self.cluster.drop_database(DATABASE).await?;
        if let Some(complaint) = tally.complaints.first() {
            return Err(complaint.clone().into());
        }
        progress.inc(1);
        let placed = (after.0 - before.0) as f64;
        Ok(placed.min((after.1 - before.1) / each) / (after.2 - before.2).as_secs_f64())
    }

    /// The rate at which the machine has most for what each order waits, while it publishes.
    async fn knee(&self, capacity: f64, progress: &ProgressBar) -> Outcome<f64> {
        let mut knee = Knee::default();
        for (step, share) in STEPS.into_iter().enumerate() {
            progress.set_message(format!("{share} of {capacity:.0} orders/s, in search of the knee"));
            let Run { figures, faults, .. } =
                self.paced(Kind::Published, &format!("step-{step}"), capacity * share).await?;
            if let Some(fault) = faults.first() {
                return Err(fault.clone().into());
            }
            knee.add(&figures);
            progress.inc(1);
        }
        Ok(knee.rate)
    }

    /// So many orders a second, whatever becomes of them.
    async fn paced(&self, kind: Kind, topic: &str, orders_per_s: f64) -> Outcome<Run> {
        let url = self.cluster.fresh_database(DATABASE).await?;
        let publishes = kind == Kind::Published;
        self.broker.runs(publishes)?;
        let server = match publishes {
            true => self.publisher(&url, topic).await?,
            false => Server::start(Role::Counterfoil, &[("--database-url", &url)]).await?,
        };
        if kind == Kind::Bare {
            connect(&url).await?.batch_execute("DROP INDEX order_events_feed").await?;
        }
        if publishes {
            until(async || Ok(server.metric("counterfoil_outbox_publishing").await? == Some(1.0))).await?;
        }
        self.cluster.checkpoint().await?;
        let shape = Self::shape(CLIENTS.1);
        let crowd = Crowd::paced(server.address, &shape.crowd(self.options.lines), orders_per_s).await?;
        sleep(WARM_UP).await;
        let before = self.reading(&server).await?;
        crowd.begin();
        let mut lag = 0.0_f64;
        while before.0.at.elapsed() < self.options.measured() {
            sleep(Duration::from_millis(200)).await;
            // Alike for all: it costs the server something.
            lag = lag.max(server.metric("counterfoil_outbox_lag_seconds").await?.unwrap_or_default());
        }
        crowd.end();
        let after = self.reading(&server).await?;
        let tally = crowd.finish().await?;
        let orders = events(&url).await?;
        let mut faults = tally.complaints.clone();
        if publishes {
            until(async || Ok(published(&server).await? == Some(orders as f64))).await?;
            faults.extend(self.broker.holds(topic, orders)?);
        }
        server.stop().await?;
        self.cluster.drop_database(DATABASE).await?;
        let figures = Figures::of(&before.0, &after.0, &tally);
        let broker_cpu_us = (after.1 - before.1).as_secs_f64() * 1e6 / tally.counted as f64;
        Ok(Run { figures, broker_cpu_us, lag_seconds: lag, faults })
    }

    /// The product with the sink.
    async fn publisher(&self, url: &str, topic: &str) -> Outcome<Server> {
        let brokers = self.broker.address();
        Server::start(Role::Counterfoil, &[("--database-url", url), ("--kafka", &brokers), ("--topic", topic)]).await
    }

    async fn reading(&self, server: &Server) -> Outcome<(Reading, Duration)> {
        let reading = Reading::take(self.cluster, Some(server.pid), std::process::id()).await?;
        Ok((reading, own_cpu(self.broker.pid)?))
    }
}

/// How many events were committed.
async fn events(url: &str) -> Outcome<u64> {
    let sql = "SELECT coalesce(sum(json_array_length(events::json)), 0)::int8 FROM order_events";
    Ok(connect(url).await?.query_one(sql, &[]).await?.get::<_, i64>(0).try_into()?)
}

/// How many of them the server says it published.
async fn published(server: &Server) -> Outcome<Option<f64>> {
    server.metric("counterfoil_outbox_published_total").await
}

async fn until(holds: impl AsyncFn() -> Outcome<bool>) -> Outcome<()> {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await? {
        if Instant::now() > deadline {
            return Err(format!("what is published did not come within {PATIENCE:?}").into());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
