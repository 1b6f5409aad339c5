//! The command line, and the shapes of load it chooses from.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use counterfoil_lab::load::crowd;
use counterfoil_lab::load::request::{Ids, Lines};
use serde::Serialize;

use crate::participants::Mood;

/// Load before a figure counts: connections, statements prepared, the first page images after the checkpoint.
pub const WARM_UP: Duration = Duration::from_secs(1);

/// Compares Counterfoil with the services it has to beat, on one PostgreSQL, in one run.
#[derive(Parser, Debug)]
#[command(name = "versus")]
pub struct Options {
    /// Seconds that count, in each run
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Rounds; figures are medians over them
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=99))]
    rounds: u64,
    /// One round of 2 seconds
    #[arg(long)]
    quick: bool,
    /// Only these contestants: a, b, b' (or b2), c
    #[arg(long, value_delimiter = ',', hide_possible_values = true)]
    only: Vec<Contestant>,
    /// Only these shapes of load
    #[arg(long, value_delimiter = ',')]
    shape: Vec<ShapeName>,
    /// Measure the memory of so many orders that wait in flight, and nothing else
    #[arg(long, value_name = "ORDERS", num_args = 0..=1, default_missing_value = "50000",
        value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub waiting: Option<u64>,
    /// Measure a load on tables with so many finished orders, step by step, and nothing else: 0,1000000,10000000
    #[arg(long, value_name = "ORDERS", value_delimiter = ',',
        value_parser = clap::value_parser!(u64).range(0..=99_000_000))]
    pub aged: Vec<u64>,
    /// With --aged: so many orders that wait for a provider, too, in the end
    #[arg(long, value_name = "ORDERS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=1_000_000))]
    pub open: u64,
    /// With --aged: so many SKUs, too, in the end
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(1_000..=999_999))]
    pub skus: u64,
    /// Measure whether memory, dead rows and the rate stay as they are under full load, for as long as --seconds says, and nothing else
    #[arg(long)]
    pub steady: bool,
    /// Measure what the parts of an order leave room for, and how much of it there is made, and nothing else
    #[arg(long)]
    pub limit: bool,
    /// Measure how long orders take that come at a share of the rate at which each bends, a and b, and nothing else
    #[arg(long)]
    pub knee: bool,
    /// With --aged: how the ids of orders lie; both where none is named
    #[arg(long, value_delimiter = ',')]
    ids: Vec<Ids>,
    /// Measure what events cost that are published to Kafka, and nothing else
    #[cfg(feature = "kafka")]
    #[arg(long)]
    pub events: bool,
    /// With --events: of how many orders the backlog is made
    #[cfg(feature = "kafka")]
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1000..=10_000_000))]
    pub backlog: u64,
    /// Lines of an order: a number, or `invoices` for as many as real ones have (27 on average)
    #[arg(long, value_name = "N|invoices", default_value = "1")]
    pub lines: Lines,
    /// A setting of PostgreSQL, for every contestant alike; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub postgres: Vec<(String, String)>,
    /// SQL that Counterfoil's database is sent before its server starts, each time, to try another lay-out of its tables
    #[arg(long, value_name = "FILE")]
    pub prepare: Option<PathBuf>,

    /// Become a contestant's server instead of running the bench
    #[arg(long, hide = true)]
    pub role: Option<Role>,
    #[arg(long, hide = true)]
    pub database_url: Option<String>,
    /// Where payment and shipment are, for a contestant that has them elsewhere
    #[arg(long, hide = true)]
    pub participants: Option<String>,
    /// What the front answers to `GET`, about the order ORD-0000000001
    #[arg(long, hide = true)]
    pub body: Option<String>,
    /// The Kafka that a contestant publishes its events to
    #[arg(long, hide = true)]
    pub kafka: Option<String>,
    #[arg(long, hide = true, default_value = "orders")]
    pub topic: String,
    #[arg(long, hide = true)]
    pub retry_ms: Option<u64>,
    #[arg(long, hide = true, default_value = "done")]
    pub mood: Mood,
    #[arg(long, hide = true)]
    pub listen: Option<String>,
    /// What `cargo bench` passes to every bench
    #[arg(long = "bench", hide = true)]
    _cargo: bool,
}

impl Options {
    pub fn measured(&self) -> Duration {
        Duration::from_secs(if self.quick { 2 } else { self.seconds })
    }

    /// Whether nothing was left out.
    #[cfg(feature = "kafka")]
    pub fn is_whole(&self) -> bool {
        self.only.is_empty() && self.shape.is_empty()
    }

    pub fn rounds(&self) -> u64 {
        if self.quick { 1 } else { self.rounds }
    }

    /// The chosen contestants in the order that a round runs them, whatever order they were named in.
    pub fn contestants(&self) -> Vec<Contestant> {
        // The script of pgbench has the same lines in all its orders.
        let can_run = |one: &Contestant| *one != Contestant::Pgbench || self.lines != Lines::Invoices;
        chosen(&self.only).into_iter().filter(can_run).collect()
    }

    pub fn ids(&self) -> Vec<Ids> {
        chosen(&self.ids)
    }

    pub fn shapes(&self) -> Vec<Shape> {
        chosen(&self.shape).into_iter().map(ShapeName::shape).collect()
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn chosen<T: ValueEnum + PartialEq>(named: &[T]) -> Vec<T> {
    let all = T::value_variants().iter().cloned();
    all.filter(|one| named.is_empty() || named.contains(one)).collect()
}

#[derive(ValueEnum, Serialize, Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contestant {
    #[value(name = "a")]
    #[serde(rename = "a")]
    Counterfoil,
    #[value(name = "b")]
    #[serde(rename = "b")]
    Rival,
    #[value(name = "b'", alias = "b2")]
    #[serde(rename = "b'")]
    LeanRival,
    #[value(name = "c")]
    #[serde(rename = "c")]
    Pgbench,
}

impl Contestant {
    pub fn letter(self) -> &'static str {
        match self {
            Self::Counterfoil => "a",
            Self::Rival => "b",
            Self::LeanRival => "b'",
            Self::Pgbench => "c",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Counterfoil => "counterfoil",
            Self::Rival => "by hand",
            Self::LeanRival => "by hand, lean",
            Self::Pgbench => "pgbench",
        }
    }

    /// The server process that it needs; pgbench talks to PostgreSQL itself.
    pub fn role(self, shape: &Shape) -> Option<Role> {
        match self {
            Self::Counterfoil => Some(Role::Counterfoil),
            Self::Rival if shape.remote => Some(Role::SagaRival),
            Self::Rival => Some(Role::Rival),
            Self::LeanRival => Some(Role::LeanRival),
            Self::Pgbench => None,
        }
    }

    /// pgbench has no answers to repeat, so duplicates mean nothing there, and calls nobody; the rows of the remote saga
    /// are lean already.
    pub fn can_run(self, shape: &Shape) -> bool {
        match self {
            Self::Counterfoil | Self::Rival => true,
            Self::LeanRival => !shape.remote,
            Self::Pgbench => shape.copies == 1 && !shape.remote,
        }
    }
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Counterfoil,
    Rival,
    LeanRival,
    SagaRival,
    /// The rival without its database.
    Front,
    Participants,
}

impl Role {
    pub fn argument(self) -> &'static str {
        match self {
            Self::Counterfoil => "counterfoil",
            Self::Rival => "rival",
            Self::LeanRival => "lean-rival",
            Self::SagaRival => "saga-rival",
            Self::Front => "front",
            Self::Participants => "participants",
        }
    }
}

#[derive(ValueEnum, Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeName {
    #[value(name = "skus-64")]
    #[serde(rename = "skus-64")]
    Skus64,
    #[value(name = "skus-256")]
    #[serde(rename = "skus-256")]
    Skus256,
    #[value(name = "hot-64")]
    #[serde(rename = "hot-64")]
    Hot64,
    #[value(name = "hot-256")]
    #[serde(rename = "hot-256")]
    Hot256,
    #[value(name = "duplicates-64")]
    #[serde(rename = "duplicates-64")]
    Duplicates64,
    #[value(name = "duplicates-256")]
    #[serde(rename = "duplicates-256")]
    Duplicates256,
    #[value(name = "remote-256")]
    #[serde(rename = "remote-256")]
    Remote256,
}

/// One closed loop: how many clients, over how many SKUs, and how many of them send the same order at once.
#[derive(Serialize, Debug, Clone, Copy)]
pub struct Shape {
    pub name: ShapeName,
    pub clients: usize,
    pub skus: u64,
    pub copies: usize,
    /// Whether payment and shipment are services of their own: three durable local transactions an order.
    pub remote: bool,
}

impl Shape {
    /// The same as the load driver has it.
    pub fn crowd(&self, lines: Lines) -> crowd::Shape {
        crowd::Shape { clients: self.clients, skus: self.skus, copies: self.copies, lines }
    }
}

impl ShapeName {
    /// As it is called on the command line.
    pub fn word(self) -> String {
        let shape = self.to_possible_value().expect("no shape is skipped");
        shape.get_name().to_owned()
    }

    fn shape(self) -> Shape {
        let (clients, skus, copies) = match self {
            Self::Skus64 => (64, 1000, 1),
            Self::Skus256 => (256, 1000, 1),
            Self::Hot64 => (64, 1, 1),
            Self::Hot256 => (256, 1, 1),
            Self::Duplicates64 => (64, 1000, 4),
            Self::Duplicates256 => (256, 1000, 4),
            Self::Remote256 => (256, 1000, 1),
        };
        Shape { name: self, clients, skus, copies, remote: self == Self::Remote256 }
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let load = match (self.skus, self.copies) {
            _ if self.remote => "payment and shipment remote, 5 ms each".to_owned(),
            (1, 1) => "one hot SKU".to_owned(),
            (skus, 1) => format!("{skus} SKUs"),
            (_, copies) => format!("each order sent {copies} times at once"),
        };
        write!(f, "{load}, {} clients", self.clients)
    }
}
