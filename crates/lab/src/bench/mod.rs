//! `counterfoil bench`: a load of orders with duplicates, every answer checked, and a page that shows how fast it went.
//!
//! It is a black-box client: it knows the HTTP interface and nothing of the engine ([`clients`] sends, [`judge`] says what is
//! right, [`tally`] counts). Which orders are sent ([`orders`], [`mix`]) follows from a seed, and when ([`pace`]) from nobody's
//! answers where there is a rate. What servers and database tell of themselves ([`server`]) is added to the [`report`].

mod clients;
mod judge;
pub mod mix;
pub mod orders;
mod pace;
pub mod report;
pub mod server;
mod tally;

use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{MissedTickBehavior, interval, sleep_until, timeout};
use uuid::Uuid;

use counterfoil_engine::client::{CA_VARIABLE, Client, ClientError, TARGET_VARIABLE};

use self::clients::Load;
use self::mix::{Kind, Mix};
use self::orders::{Demand, Ids, Recipe};
use self::pace::Pace;
use self::report::{Lap, Machine, Report};
use self::server::{Database, Metrics};
use self::tally::Latency;
use crate::load::request::Lines;

/// The first rate of a ramp where none is given, in orders a second.
const RAMP_FROM: f64 = 100.0;
/// By what each rate of a ramp is above the one before.
const RAMP_FACTOR: f64 = 1.25;
/// How long a rate is held, or a load measured, where nothing is said.
const RAMP_SECONDS: u64 = 5;
const SECONDS: u64 = 30;
/// Draws of the bar.
const TICK: Duration = Duration::from_millis(200);

/// Puts load on a server, and checks every answer.
///
/// Orders are new in every run; each is sent --duplicates times, and all its answers must be the same, byte for byte, and
/// what the order asks for. SKU-0001 and those after it are bought, as `counterfoil dev` has them. Latencies are
/// counted from when an order was due. Sends the bearer token of COUNTERFOIL_TOKEN, if there is one. Ctrl-C ends it with the
/// report so far. Exits 1 if an answer was wrong, or the audit says that a promise is broken.
#[derive(Clone, Debug, clap::Args)]
pub struct BenchArgs {
    /// Where an engine listens, http://host:port or https://host:port; once for each of several
    #[arg(long, value_name = "URL", env = TARGET_VARIABLE, required = true)]
    pub target: Vec<String>,
    /// Where that is https://, the CAs that its certificate may come from, as PEM [default: those of the system]
    #[arg(long, value_name = "FILE", env = CA_VARIABLE)]
    pub ca: Option<PathBuf>,
    /// Orders a second, sent when they are due whatever becomes of them; with --ramp the first rate [default there: 100]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub rate: Option<f64>,
    /// As many as there are answers: each client sends its next order when it has the last one's answer. The default
    #[arg(long, conflicts_with_all = ["rate", "ramp"])]
    pub max: bool,
    /// A rate that grows by a quarter every --seconds, until the server falls behind it: where it bends
    #[arg(long)]
    pub ramp: bool,
    /// Requests in flight at most; every one of them may be a connection
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub clients: u16,
    /// How often each order is sent, at once and to all targets in turn
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub duplicates: u16,
    /// The copies of an order are sent at random moments within so many milliseconds of the first
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub spread_ms: u64,
    /// For how long it is measured, or each rate of a ramp held [default: 30, with --ramp 5]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: Option<u64>,
    /// Seconds of load before that
    #[arg(long, value_name = "S", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=3600))]
    pub warm_up: u64,
    /// SKUs that are bought, SKU-0001 and on; all of them are to be there
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub skus: u32,
    /// Every order buys SKU-0001
    #[arg(long, conflicts_with = "zipf")]
    pub hot: bool,
    /// SKUs are bought by Zipf's law with this exponent, instead of all as often
    #[arg(long, value_name = "S", value_parser = exponent)]
    pub zipf: Option<f64>,
    /// Lines of an order: a number, or `invoices` for as many as real ones have (27 on average)
    #[arg(long, value_name = "N|invoices", default_value = "1")]
    pub lines: Lines,
    /// Whether order_ids are drawn anywhere, or each sorts behind the one before
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Ids::Random)]
    pub ids: Ids,
    /// Kinds of orders by weight: ok, declined, short, carrier-fails, step-refused (needs --step), manual (captured later),
    /// cancel (while it is captured), refund (two at once, for more than was paid)
    #[arg(long, value_name = "KIND=WEIGHT,...", default_value = "ok=1")]
    pub mix: Mix,
    /// The step, simulated by `counterfoil participants --step`, that refuses orders of the kind step-refused
    #[arg(long, value_name = "NAME")]
    pub step: Option<String>,
    /// What pays for the orders
    #[arg(long, value_name = "TOKEN", default_value = "pm_ok")]
    pub payment_method: String,
    /// The same orders as another run with this seed, but for their ids [default: drawn]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..1 << 53))]
    pub seed: Option<u64>,
    /// Writes report.json and report.html into this folder
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
    /// The report.json of an earlier run, drawn beside this one in report.html
    #[arg(long, value_name = "FILE", requires = "report")]
    pub compare: Option<PathBuf>,
}

/// Why there was no load.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// What was asked for does not fit together.
    #[error("{0}")]
    Usage(String),
    /// A target's URL or the token is unusable.
    #[error("the target cannot be used")]
    Target(#[source] ClientError),
    /// Nothing answers at a target.
    #[error("cannot reach the target")]
    Unreachable(#[source] ClientError),
    /// The first order of a kind was answered wrongly, and so would all others be.
    #[error("no load: the first order of the kind {kind} was answered wrongly: {complaint}", kind = kind.as_str())]
    Trial {
        /// Of the mix.
        kind: Kind,
        /// What is wrong.
        complaint: String,
    },
    /// Somebody ended it.
    #[error("it was ended before there was any load")]
    Ended,
}

impl BenchError {
    /// The exit code: 2 for wrong usage, 1 for work that failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::Target(_) => 2,
            Self::Unreachable(_) | Self::Trial { .. } | Self::Ended => 1,
        }
    }
}

/// Puts the load on, and says what was seen; nothing is written yet. The database, where one is named, is asked what the load costs it.
///
/// # Errors
///
/// [`BenchError`], before there is any load.
pub async fn run(args: &BenchArgs, database: Option<&dyn Database>, ended: &mut Ended) -> Result<Report, BenchError> {
    let recipe = recipe(args)?;
    let mut targets = Vec::new();
    for url in &args.target {
        let client = Client::new(url, args.ca.as_deref()).map_err(BenchError::Target)?;
        client.get("/livez").await.map_err(BenchError::Unreachable)?;
        targets.push(client);
    }
    let kinds: Vec<_> = recipe.mix.kinds().collect();
    let load = Rc::new(Load::new(recipe, targets, usize::from(args.duplicates)));
    let course = Course { args, load: &load, database };
    LocalSet::new()
        .run_until(async {
            tokio::select! {
                tried = course.try_each(&kinds) => tried?,
                () = ended.asked() => return Err(BenchError::Ended),
            }
            Ok(course.run(ended).await)
        })
        .await
}

/// One load, from its first order to its last.
struct Course<'a> {
    args: &'a BenchArgs,
    load: &'a Rc<Load>,
    database: Option<&'a dyn Database>,
}

impl Course<'_> {
    /// An order of each kind: where one is answered wrongly, a load would show nothing else.
    async fn try_each(&self, kinds: &[Kind]) -> Result<(), BenchError> {
        for kind in kinds {
            self.load.carry_out(self.load.recipe.trial(*kind), 0, Instant::now()).await;
            let tally = self.load.tally.borrow();
            if let Some(complaint) = tally.wrong.1.first() {
                return Err(BenchError::Trial { kind: *kind, complaint: complaint.clone() });
            }
        }
        Ok(())
    }

    async fn run(&self, ended: &mut Ended) -> Report {
        let (args, load) = (self.args, self.load);
        let groups = usize::from(args.clients) / (load.copies * requests_at_once(&load.recipe.mix));
        let seconds = Duration::from_secs(args.seconds.unwrap_or(if args.ramp { RAMP_SECONDS } else { SECONDS }));
        let warm_up = Duration::from_secs(args.warm_up);
        let first_rate = args.rate.or(args.ramp.then_some(RAMP_FROM));
        if let Some(rate) = first_rate {
            *load.pace.borrow_mut() = Pace::rate(rate, Instant::now());
        }
        let bar = Bar::new((!args.ramp).then_some(seconds));
        let clients = load.start(groups);

        let mut goes_on = self.go_on_until(Instant::now() + warm_up, &bar, ended).await;
        let (metrics, used) = (Metrics::read(&load.targets).await, self.used().await);
        let (began, began_at) = (Instant::now(), jiff::Timestamp::now().to_string());
        load.tally.borrow_mut().begin(began);
        let mut ramp = Vec::new();
        if let (Some(mut rate), true) = (first_rate, args.ramp) {
            while goes_on {
                let lap_began = Instant::now();
                *load.pace.borrow_mut() = Pace::rate(rate, lap_began);
                load.tally.borrow_mut().begin_lap(lap_began);
                goes_on = self.go_on_until(lap_began + seconds, &bar, ended).await;
                if !goes_on {
                    break; // A part of it says nothing of the rate.
                }
                let (orders, wrong) = (load.tally.borrow().lap_orders(), load.tally.borrow().wrong.0);
                let reached = orders as f64 / lap_began.elapsed().as_secs_f64();
                ramp.push(Lap { offered: rate, reached, latency: Latency::default() });
                if wrong > 0 || !ramp.last().is_some_and(Lap::keeps_up) {
                    break;
                }
                rate *= RAMP_FACTOR;
            }
        } else if goes_on {
            goes_on = self.go_on_until(began + seconds, &bar, ended).await;
        }
        let elapsed = began.elapsed();
        load.end(Instant::now());
        let measured = load.tally.borrow().measured;
        let database = match (used, self.used().await) {
            (Some(before), Some(after)) => after.since(before, measured),
            _ => None,
        };
        let after = Metrics::read(&load.targets).await;
        let batches = metrics.zip(after).and_then(|(before, after)| server::batches(&before, &after));
        drop(bar);
        self.last_answers(clients, ended).await;

        let tally = load.tally.borrow();
        // By now those are answered, too, that were due in the last of them.
        ramp.iter_mut().zip(tally.lap_latencies()).for_each(|(lap, latency)| lap.latency = latency);
        Report {
            format: Report::FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: without_secrets(std::env::args_os().map(|word| word.to_string_lossy().into_owned())),
            seed: load.recipe.seed,
            began_at,
            machine: Machine::here(),
            seconds: elapsed.as_secs_f64(),
            is_interrupted: !goes_on,
            clients: usize::from(args.clients),
            copies: load.copies,
            targets: load.targets.len(),
            rate: args.rate.filter(|_| !args.ramp),
            orders: measured,
            orders_per_s: measured as f64 / elapsed.as_secs_f64().max(1e-3),
            late: tally.late,
            first: tally.first.told(),
            repeats: tally.repeats.told(),
            verbs: tally.verbs.told(),
            timeline: tally.seconds.clone(),
            ramp,
            kinds: tally.kinds.clone(),
            answers: tally.answers.clone(),
            retries: tally.retries.clone(),
            wrong: tally.wrong.0,
            complaints: tally.wrong.1.clone(),
            batches,
            database,
            audit: None,
        }
    }

    async fn used(&self) -> Option<server::Used> {
        match self.database {
            Some(database) => timeout(server::PATIENCE, database.used()).await.ok().flatten(),
            None => None,
        }
    }

    /// Lets the clients work until then; `false` where somebody ended it, or the clients gave up.
    async fn go_on_until(&self, until: Instant, bar: &Bar, ended: &mut Ended) -> bool {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let over = sleep_until(until.into());
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return true,
                () = ended.asked() => return false,
                _ = ticks.tick() => bar.show(&self.load.tally.borrow()),
            }
            if self.load.is_over() {
                return false;
            }
        }
    }

    /// Waits for what is still to be answered. Who asks again does not wait: those orders count nowhere.
    async fn last_answers(&self, mut clients: JoinSet<()>, ended: &mut Ended) {
        let all = async {
            while let Some(client) = clients.join_next().await {
                if let Err(error) = client {
                    self.load.tally.borrow_mut().complain(format!("a client of the load failed: {error}"));
                }
            }
        };
        tokio::select! {
            () = all => {}
            () = ended.asked() => {}
        }
    }
}

/// Whoever ends it: Ctrl-C, or whoever stops processes.
pub struct Ended {
    interrupt: Signal,
    terminate: Signal,
}

impl Ended {
    /// From here on they are heard by whoever asks, and end nothing by themselves.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn watched() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for one of them.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// How far it is, for whoever watches: on stderr, where that is a terminal.
struct Bar {
    bar: ProgressBar,
    shown: std::cell::Cell<(Instant, u64)>,
}

impl Bar {
    /// Over so long; without an end that is known, where there is none.
    fn new(over: Option<Duration>) -> Self {
        let template = if over.is_some() { "{elapsed:>4} {wide_bar} {msg}" } else { "{elapsed:>4} {msg}" };
        let bar = over.map_or_else(ProgressBar::no_length, |over| ProgressBar::new(over.as_secs()));
        // A template that does not parse costs the looks, not the run.
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, shown: std::cell::Cell::new((Instant::now(), 0)) }
    }

    fn show(&self, tally: &tally::Tally) {
        let orders: u64 = tally.kinds.values().map(|count| count.as_meant + count.sold_out + count.wrong).sum();
        let now = Instant::now();
        let (then, before) = self.shown.replace((now, orders));
        let rate = orders.saturating_sub(before) as f64 / now.duration_since(then).as_secs_f64().max(1e-3);
        self.bar.set_position(tally.seconds.len() as u64);
        self.bar.set_message(format!("{orders} orders, {rate:.0} a second, {} wrong", tally.wrong.0));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A command as it was typed, but for what may hold a password: a report is shown to others.
fn without_secrets(typed: impl Iterator<Item = String>) -> String {
    const SECRET: &str = "--database-url";
    let mut told = Vec::new();
    for word in typed {
        let hidden = told.last().is_some_and(|before| before == SECRET) || word.starts_with(&format!("{SECRET}="));
        told.push(if hidden { "…".to_owned() } else { word });
    }
    told.join(" ")
}

/// What an order of the mix has in flight at once, each as often as it is sent: some end in two verbs that race.
fn requests_at_once(mix: &Mix) -> usize {
    if mix.kinds().any(|kind| matches!(kind, Kind::Cancel | Kind::Refund)) { 2 } else { 1 }
}

fn recipe(args: &BenchArgs) -> Result<Recipe, BenchError> {
    if args.mix.kinds().any(|kind| kind == Kind::StepRefused) && args.step.is_none() {
        return Err(BenchError::Usage("--mix step-refused needs --step, the step that is to refuse them".to_owned()));
    }
    let BenchArgs { duplicates, clients, mix, .. } = args;
    let at_once = usize::from(*duplicates) * requests_at_once(mix);
    if at_once > usize::from(*clients) {
        let told = format!(
            "--duplicates {duplicates} of --mix {mix} are {at_once} requests at once, and --clients {clients} allows for fewer"
        );
        return Err(BenchError::Usage(told));
    }
    let run = Uuid::new_v4();
    let demand = match args.zipf {
        Some(exponent) => Demand::zipf(exponent, args.skus),
        None if args.hot => Demand::Hot,
        None => Demand::Even,
    };
    Ok(Recipe {
        seed: args.seed.unwrap_or(run.as_u128() as u64 >> 11),
        run,
        mix: args.mix.clone(),
        skus: args.skus,
        demand,
        lines: args.lines,
        ids: args.ids,
        payment_method: args.payment_method.clone(),
        step: args.step.clone(),
        spread: Duration::from_millis(args.spread_ms),
    })
}

fn rate(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|rate| (0.01..=1e6).contains(rate)).ok_or_else(|| "it is from 0.01 to 1000000".to_owned())
}

fn exponent(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|s| (0.0..=5.0).contains(s)).ok_or_else(|| "it is from 0 to 5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_tells_no_password() {
        let typed = |text: &str| without_secrets(text.split(' ').map(str::to_owned));
        assert_eq!(typed("bench --database-url postgresql://a:b@c --hot"), "bench --database-url … --hot");
        assert_eq!(typed("bench --database-url=postgresql://a:b@c"), "bench …");
    }
}
