//! Figures, their medians and ratios; the tables for people and `latest.json` for machines.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::Outcome;
use crate::meter::Reading;
use crate::options::{Contestant, Options, Shape};
use crate::targets::{self, Verdict};
use counterfoil_lab::load::crowd::Tally;
use counterfoil_lab::load::request::Lines;

/// What one run measured; the costs are per distinct order.
#[derive(Serialize, Clone, Copy)]
pub struct Figures {
    pub orders_per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub postgres_cpu_us: f64,
    pub server_cpu_us: f64,
    pub load_cpu_us: f64,
    pub wal_bytes: f64,
}

impl Figures {
    pub fn of(before: &Reading, after: &Reading, tally: &Tally) -> Self {
        let orders = tally.counted as f64;
        let cpu_us = |of: fn(&Reading) -> std::time::Duration| (of(after) - of(before)).as_secs_f64() * 1e6 / orders;
        let latency_ms = |quantile| tally.latencies.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            orders_per_s: orders / (after.at - before.at).as_secs_f64(),
            p50_ms: latency_ms(0.5),
            p99_ms: latency_ms(0.99),
            postgres_cpu_us: cpu_us(|reading| reading.postgres),
            server_cpu_us: cpu_us(|reading| reading.server),
            load_cpu_us: cpu_us(|reading| reading.load),
            wal_bytes: (after.wal_bytes - before.wal_bytes) as f64 / orders,
        }
    }

    /// Each figure's median by itself.
    fn median(runs: &[Run]) -> Self {
        let of = |figure: fn(&Self) -> f64| median(runs.iter().map(|run| figure(&run.figures)).collect());
        Self {
            orders_per_s: of(|f| f.orders_per_s),
            p50_ms: of(|f| f.p50_ms),
            p99_ms: of(|f| f.p99_ms),
            postgres_cpu_us: of(|f| f.postgres_cpu_us),
            server_cpu_us: of(|f| f.server_cpu_us),
            load_cpu_us: of(|f| f.load_cpu_us),
            wal_bytes: of(|f| f.wal_bytes),
        }
    }
}

/// One run with what was wrong with it; a run with a fault makes the whole bench fail.
#[derive(Serialize, Clone)]
pub struct Run {
    #[serde(flatten)]
    pub figures: Figures,
    pub faults: Vec<String>,
}

#[derive(Serialize)]
pub struct ShapeReport {
    #[serde(flatten)]
    pub shape: Shape,
    pub medians: BTreeMap<Contestant, Figures>,
    /// `a/b` and so on, of orders/s: the median of the rounds' ratios.
    pub ratios: BTreeMap<String, f64>,
    pub runs: BTreeMap<Contestant, Vec<Run>>,
}

impl ShapeReport {
    /// How many times the orders/s of `other` this contestant makes, where both have run.
    pub fn ratio(&self, one: Contestant, other: Contestant) -> Option<f64> {
        let rounds = self.runs.get(&one)?.iter().zip(self.runs.get(&other)?);
        Some(median(rounds.map(|(a, b)| a.figures.orders_per_s / b.figures.orders_per_s).collect()))
    }

    fn summarize(&mut self) {
        self.medians = self.runs.iter().map(|(&contestant, runs)| (contestant, Figures::median(runs))).collect();
        let ran: Vec<Contestant> = self.runs.keys().copied().collect();
        for (n, &one) in ran.iter().enumerate() {
            for &other in &ran[n + 1..] {
                let name = format!("{}/{}", one.letter(), other.letter());
                self.ratios.extend(self.ratio(one, other).map(|ratio| (name, ratio)));
            }
        }
    }
}

#[derive(Serialize)]
pub struct Report {
    postgres: String,
    cores: usize,
    seconds: u64,
    rounds: u64,
    lines: Lines,
    shapes: Vec<ShapeReport>,
    targets: Vec<Verdict>,
}

impl Report {
    pub fn new(options: &Options, postgres: String) -> Self {
        Self {
            postgres,
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            seconds: options.measured().as_secs(),
            rounds: options.rounds(),
            lines: options.lines,
            shapes: Vec::new(),
            targets: Vec::new(),
        }
    }

    /// Takes in one run and tells what was wrong with it at once.
    pub fn add(&mut self, shape: &Shape, contestant: Contestant, round: u64, run: Run) {
        for fault in &run.faults {
            eprintln!("WRONG {shape}, {}, round {}: {fault}", contestant.name(), round + 1);
        }
        if self.shapes.last().is_none_or(|last| last.shape.name != shape.name) {
            let empty =
                ShapeReport { shape: *shape, medians: BTreeMap::new(), ratios: BTreeMap::new(), runs: BTreeMap::new() };
            self.shapes.push(empty);
        }
        let shape = self.shapes.last_mut().expect("pushed above");
        shape.runs.entry(contestant).or_default().push(run);
        shape.summarize();
        self.targets = targets::verdicts(&self.shapes);
    }

    pub fn write(&self, path: &Path) -> Outcome<()> {
        Ok(std::fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// Prints the table of the shape that was run last.
    pub fn print_shape(&self, shape: &Shape) {
        let Some(report) = self.shapes.last().filter(|last| last.shape.name == shape.name) else {
            return;
        };
        println!("\n{shape}; {} round(s) of {} s, {}", self.rounds, self.seconds, self.lines);
        println!(
            "{:18} {:>9} {:>8} {:>8} {:>12} {:>10} {:>8} {:>9}",
            "", "orders/s", "p50 ms", "p99 ms", "postgres us", "server us", "load us", "WAL B"
        );
        for (contestant, f) in &report.medians {
            println!(
                "{:2} {:15} {:>9.0} {:>8.2} {:>8.2} {:>12.0} {:>10.0} {:>8.0} {:>9.0}",
                contestant.letter(),
                contestant.name(),
                f.orders_per_s,
                f.p50_ms,
                f.p99_ms,
                f.postgres_cpu_us,
                f.server_cpu_us,
                f.load_cpu_us,
                f.wal_bytes
            );
        }
        let ratios: Vec<String> = report.ratios.iter().map(|(name, ratio)| format!("{name} {ratio:.2}x")).collect();
        println!("   {}", ratios.join("   "));
    }

    /// Prints which targets were reached, and says whether every figure stands on rows that are there.
    pub fn print_verdict(&self) -> bool {
        if !self.targets.is_empty() {
            println!("\ntargets");
        }
        for verdict in &self.targets {
            println!("{verdict}");
        }
        let runs = self.shapes.iter().flat_map(|shape| shape.runs.values().flatten());
        let wrong = runs.filter(|run| !run.faults.is_empty()).count();
        match wrong {
            0 => println!("\nevery answer was right, and every order counted is in the database"),
            _ => println!("\nWRONG: {wrong} run(s) had a wrong answer or rows that do not agree with the answers"),
        }
        wrong == 0
    }
}

/// The middle one, or the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => f64::midpoint(values[n / 2 - 1], values[n / 2]),
    }
}
