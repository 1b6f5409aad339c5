//! What events cost, as figures, ratios within a round, and verdicts.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::Outcome;
use crate::meter::Reading;
use crate::options::Options;
use crate::report::{Figures, median};

/// What PostgreSQL may do for an order's events, of what it does for an order.
const MAX_POSTGRES: f64 = 0.10;
/// How many times as long the slowest hundredth of the orders may wait: what two runs of one thing differ by, at least.
const MAX_P99: f64 = 1.10;
/// How old the oldest event may be that has yet to leave, in seconds.
const MAX_LAG: f64 = 1.0;

/// What runs beside the orders.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Bare,
    Silent,
    Published,
    Again,
    Neighbour,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Bare, Self::Silent, Self::Published, Self::Again, Self::Neighbour];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Silent => "silent",
            Self::Published => "published",
            Self::Again => "silent again",
            Self::Neighbour => "neighbour",
        }
    }
}

/// One run at a share of the knee.
#[derive(Serialize, Clone)]
pub struct Run {
    #[serde(flatten)]
    pub figures: Figures,
    /// CPU microseconds of the broker, an order.
    pub broker_cpu_us: f64,
    /// The oldest event that had yet to leave, at its oldest.
    pub lag_seconds: f64,
    pub faults: Vec<String>,
}

/// How a backlog was published; the costs are CPU microseconds an event.
#[derive(Serialize)]
pub struct CatchUp {
    pub events: u64,
    pub events_per_s: f64,
    pub postgres_us: f64,
    pub relay_us: f64,
    pub broker_us: f64,
    /// The most memory that the server had in RAM meanwhile.
    pub resident_bytes: u64,
    pub fault: Option<String>,
}

impl CatchUp {
    pub fn of(
        (before, broker_before): &(Reading, Duration),
        (after, broker_after): &(Reading, Duration),
        events: u64,
        measured: f64,
        resident_bytes: u64,
        fault: Option<String>,
    ) -> Self {
        let us = |before: Duration, after: Duration| (after - before).as_secs_f64() * 1e6 / measured;
        Self {
            events,
            events_per_s: measured / (after.at - before.at).as_secs_f64(),
            postgres_us: us(before.postgres, after.postgres),
            relay_us: us(before.server, after.server),
            broker_us: us(*broker_before, *broker_after),
            resident_bytes,
            fault,
        }
    }
}

#[derive(Serialize)]
pub struct Report {
    /// In a closed loop, without a sink.
    silent_orders_per_s: f64,
    /// In a closed loop, while relay and broker keep up.
    capacity_orders_per_s: f64,
    /// Where the rate by what an order takes is highest, while relay and broker keep up.
    knee_orders_per_s: f64,
    share: f64,
    seconds: u64,
    rounds: u64,
    catch_up: CatchUp,
    runs: BTreeMap<Kind, Vec<Run>>,
}

impl Report {
    pub fn new((silent, capacity, knee): (f64, f64, f64), share: f64, options: &Options, catch_up: CatchUp) -> Self {
        let (seconds, rounds) = (options.measured().as_secs(), options.rounds());
        Self {
            silent_orders_per_s: silent,
            capacity_orders_per_s: capacity,
            knee_orders_per_s: knee,
            share,
            seconds,
            rounds,
            catch_up,
            runs: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, kind: Kind, run: Run) {
        for fault in &run.faults {
            eprintln!("WRONG {}: {fault}", kind.name());
        }
        self.runs.entry(kind).or_default().push(run);
    }

    /// The share of a core that the server took for publishing, and that of the broker, in the round under way.
    pub fn shares_of_publishing(&self) -> [f64; 2] {
        let last = |kind| self.runs.get(&kind).and_then(|runs| runs.last());
        let (Some(silent), Some(published)) = (last(Kind::Silent), last(Kind::Published)) else { return [0.0; 2] };
        let server_us = published.figures.server_cpu_us - silent.figures.server_cpu_us;
        [server_us, published.broker_cpu_us].map(|us| (us * published.figures.orders_per_s / 1e6).clamp(0.0, 1.0))
    }

    pub fn write(&self, path: &Path) -> Outcome<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    fn median(&self, kind: Kind, of: impl Fn(&Run) -> f64) -> f64 {
        median(self.runs.get(&kind).into_iter().flatten().map(of).collect())
    }

    /// The median of the rounds' ratios.
    fn ratio(&self, one: Kind, other: Kind, of: impl Fn(&Run) -> f64) -> f64 {
        let runs = |kind| self.runs.get(&kind).into_iter().flatten();
        median(runs(one).zip(runs(other)).map(|(one, other)| of(one) / of(other)).collect())
    }

    /// Prints all of it, and says whether every figure stands on events that are there.
    pub fn print(&self) -> bool {
        let backlog = &self.catch_up;
        println!(
            "\na backlog of {} events, nothing else going on: {:.0} events/s; CPU us an event: postgres {:.2}, relay {:.2}, \
             broker {:.2}; the server's memory at most {:.1} MiB",
            backlog.events,
            backlog.events_per_s,
            backlog.postgres_us,
            backlog.relay_us,
            backlog.broker_us,
            backlog.resident_bytes as f64 / f64::from(1 << 20)
        );
        println!(
            "\n64 clients in a closed loop: {:.0} orders/s without a sink, {:.0} while relay and broker keep up; the knee is at \
             {:.0}; {:.0}% of that; {} round(s) of {} s",
            self.silent_orders_per_s,
            self.capacity_orders_per_s,
            self.knee_orders_per_s,
            self.share * 100.0,
            self.rounds,
            self.seconds
        );
        println!(
            "{:14} {:>9} {:>8} {:>8} {:>12} {:>10} {:>10} {:>8} {:>7}",
            "", "orders/s", "p50 ms", "p99 ms", "postgres us", "server us", "broker us", "WAL B", "lag s"
        );
        for kind in Kind::ALL {
            println!(
                "{:14} {:>9.0} {:>8.2} {:>8.2} {:>12.0} {:>10.0} {:>10.0} {:>8.0} {:>7.3}",
                kind.name(),
                self.median(kind, |run| run.figures.orders_per_s),
                self.median(kind, |run| run.figures.p50_ms),
                self.median(kind, |run| run.figures.p99_ms),
                self.median(kind, |run| run.figures.postgres_cpu_us),
                self.median(kind, |run| run.figures.server_cpu_us),
                self.median(kind, |run| run.broker_cpu_us),
                self.median(kind, |run| run.figures.wal_bytes),
                self.median(kind, |run| run.lag_seconds)
            );
        }
        let postgres = |run: &Run| run.figures.postgres_cpu_us;
        let p99 = |run: &Run| run.figures.p99_ms;
        let index = self.ratio(Kind::Silent, Kind::Bare, postgres) - 1.0;
        let noise = self.ratio(Kind::Again, Kind::Silent, postgres) - 1.0;
        println!("   postgres: the index {:+.1}%, two runs of one thing {:+.1}%", index * 100.0, noise * 100.0);
        println!("   p99 of two runs of one thing {:.2}x\n\ntargets", self.ratio(Kind::Again, Kind::Silent, p99));
        let worst = self.runs.get(&Kind::Published).into_iter().flatten().map(|run| run.lag_seconds);
        verdict(
            "postgres of events, of an order",
            self.ratio(Kind::Published, Kind::Bare, postgres) - 1.0,
            MAX_POSTGRES,
        );
        verdict("p99, published to silent", self.ratio(Kind::Published, Kind::Silent, p99), MAX_P99);
        verdict("p99, published to neighbour", self.ratio(Kind::Published, Kind::Neighbour, p99), MAX_P99);
        verdict("lag s, at its worst", worst.fold(0.0, f64::max), MAX_LAG);
        let wrong = self.runs.values().flatten().filter(|run| !run.faults.is_empty()).count();
        if let Some(fault) = &backlog.fault {
            println!("\nWRONG: the backlog: {fault}");
        }
        if wrong == 0 && backlog.fault.is_none() {
            println!("\nevery event that was committed is in Kafka, once");
        }
        wrong == 0 && backlog.fault.is_none()
    }
}

fn verdict(what: &str, value: f64, limit: f64) {
    let reached = if value <= limit { "reached" } else { "MISSED " };
    println!("{reached}  {what:32} {value:>7.3} <= {limit:.2}");
}
