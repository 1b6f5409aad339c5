//! `counterfoil chaos`: real processes, real clients, and everything that can go wrong, two things at a time, from a seed. In the
//! end all of it is healed, everything must come to its end, and be as was promised.
//!
//! [`world`] has the processes and the [`wire`]s between them, [`cluster`] the databases, [`faults`] what is done to them. The
//! [`clients`] hold every answer against what they were told before ([`told`], [`live`]), the [`probes`] watch that whoever has
//! nothing to do with a fault is not silenced by it, and the [`oracle`] judges what is left, by rows, ledgers and what was told.
//! Only then the product's own audit is asked, as one more witness.

mod clients;
mod cluster;
mod faults;
mod live;
mod oracle;
mod probes;
pub mod report;
mod told;
mod wire;
mod world;

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::Handle;
use tokio::time::sleep;
use uuid::Uuid;

use self::clients::{Clients, SCARCE};
use self::faults::Fault;
use self::oracle::{Evidence, Row};
use self::probes::{Probe, Times};
use self::report::{Report, Span};
use self::world::World;
use crate::load::draws::Draws;
use crate::process::{Process, ProcessError, program};
use counterfoil_engine::client::Client;

/// How soon engines must answer after everything is healed.
const RECOVERY: Duration = Duration::from_secs(30);
/// How soon every order must have ended then, and every event have left.
const QUIET: Duration = Duration::from_secs(90);
/// By how much more whoever wants what somebody holds may be silent: until that is taken from whoever stands still.
const WANTED: u32 = 3;
/// Orders that are asked about at once when all is over.
const AT_ONCE: usize = 32;
/// How soon the audit must have ended: this, and as much more for each order that it goes through.
const AUDIT: Duration = Duration::from_secs(120);
const AUDIT_OF_ONE: Duration = Duration::from_millis(5);
/// The SKU of a probe that wants what nobody else does.
const QUIET_SKUS: [&str; 2] = ["SKU-PROBE-A", "SKU-PROBE-B"];

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct ChaosArgs {
    /// For how long things go wrong
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// Decides what goes wrong, and when; a new one in each run where none is given
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Clients that place orders
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub clients: u16,
    /// For how long whoever has nothing to do with a fault may be without an answer
    #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(100..=600_000))]
    pub silence_ms: u64,
    /// Only faults with this in their name; may be repeated. --list has them
    #[arg(long, value_name = "TEXT")]
    pub fault: Vec<String>,
    /// Name the faults, and do nothing
    #[arg(long)]
    pub list: bool,
    /// More that the engines are configured with, as TOML: sinks of Kafka or NATS
    #[arg(long, value_name = "FILE")]
    pub engine_config: Option<PathBuf>,
    /// Write what came of it, as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Work in this folder, which must not be there yet, and leave everything in it
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
}

/// Why it could not be carried through.
#[derive(Debug, thiserror::Error)]
pub enum ChaosError {
    /// A program did not do what it was to do.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The database did not answer.
    #[error("the database did not answer")]
    Database(#[from] tokio_postgres::Error),
    /// The operating system refused.
    #[error("cannot {what}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A program of ours ended that was to go on, or ended otherwise than it was asked to.
    #[error("{0}")]
    Ended(String),
    /// Something that had to come did not.
    #[error("{0}")]
    Missed(String),
}

/// A runtime on a thread of its own: wires, clients and probes go on whatever is waited for here.
struct Outside {
    handle: Handle,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Outside {
    fn start() -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (handle, over) = (runtime.handle().clone(), Arc::<AtomicBool>::default());
        let until = Arc::clone(&over);
        let thread = std::thread::Builder::new().name("outside".into()).spawn(move || {
            runtime.block_on(async {
                while !until.load(Ordering::Relaxed) {
                    sleep(Duration::from_millis(20)).await;
                }
            });
        })?;
        Ok(Self { handle, over, thread: Some(thread) })
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// The names of all faults that this machine can have, as they are told.
#[must_use]
pub fn names() -> Vec<String> {
    let mut names: Vec<_> = Fault::everywhere().into_iter().map(Fault::name).collect();
    names.sort();
    names.dedup();
    names
}

/// Runs it in a folder that is there and empty, with this program; ends early, and judges, where `ended` says so.
///
/// # Errors
///
/// [`ChaosError`] where it cannot be carried through, which says nothing about the promises.
pub async fn run(
    args: &ChaosArgs,
    folder: &Path,
    itself: &Path,
    mut ended: impl AsyncFnMut(),
) -> Result<Report, ChaosError> {
    let system = |what: &'static str| move |source| ChaosError::System { what: what.into(), source };
    let seed = args.seed.unwrap_or_else(|| Uuid::new_v4().as_u128() as u64 >> 32);
    let more = args.engine_config.as_deref().map(read).transpose()?.unwrap_or_default();
    let outside = Outside::start().map_err(system("start a thread"))?;
    let began = Instant::now();
    let mut world = tokio::select! {
        world = World::start(folder, itself.to_owned(), more, args.seconds, &outside.handle) => world?,
        () = ended() => return Err(ChaosError::Missed("it was ended before it began".into())),
    };
    let mut faults = Fault::all(&world);
    faults.retain(|fault| args.fault.is_empty() || args.fault.iter().any(|text| fault.name().contains(text.as_str())));
    if faults.is_empty() {
        return Err(ChaosError::Missed(format!("no fault is called {}; --list has them", args.fault.join(", "))));
    }
    let clients = Clients::of(seed, vec![world.front(0), world.front(1)])
        .map_err(|error| ChaosError::Missed(error.to_string()))?;
    let mut campaign = Campaign::new(args, seed, Arc::clone(&clients), &outside);
    campaign.begin(&world, args.clients).await?;
    let deadline = Instant::now() + Duration::from_secs(args.seconds);
    let mut deck = Deck { faults, left: Vec::new(), draws: Draws::of(seed, u64::MAX) };
    loop {
        campaign.bar.set_position((args.seconds).saturating_sub((deadline - Instant::now()).as_secs()));
        if Instant::now() >= deadline {
            break;
        }
        let (one, other) = deck.deal();
        tokio::select! {
            biased;
            () = ended() => break,
            round = campaign.round(&mut world, one, other, &mut deck.draws) => match round {
                Ok(()) => {}
                // A program that ends, or does not come back, is what this is about.
                Err(error @ (ChaosError::Process(_) | ChaosError::Ended(_) | ChaosError::Database(_))) => {
                    clients.complain(error.to_string());
                    break;
                }
                // Whatever went wrong here says nothing of the promises; what was done until then is judged all the same.
                Err(error) => {
                    campaign.report.cut_short = Some(error.to_string());
                    break;
                }
            },
        }
    }
    campaign.report.chaos_seconds = began.elapsed().as_secs_f64();
    let report = tokio::select! {
        report = campaign.finish(&mut world) => report?,
        () = ended() => return Err(ChaosError::Missed("it was ended before it was judged".into())),
    };
    if args.keep.is_some() || !report.is_right() || report.cut_short.is_some() {
        world.leave()?;
    }
    Ok(report)
}

fn read(path: &Path) -> Result<String, ChaosError> {
    std::fs::read_to_string(path)
        .map_err(|source| ChaosError::System { what: format!("read {}", path.display()), source })
}

/// Faults, dealt as cards are: each comes once before any comes again.
struct Deck {
    faults: Vec<Fault>,
    left: Vec<Fault>,
    draws: Draws,
}

impl Deck {
    fn next(&mut self) -> Fault {
        if self.left.is_empty() {
            self.left.clone_from(&self.faults);
        }
        let drawn = self.draws.below(self.left.len());
        self.left.swap_remove(drawn)
    }

    /// Two that may be at once; or one, where that must be alone or there is none to go with it.
    fn deal(&mut self) -> (Fault, Option<Fault>) {
        let one = self.next();
        let other = self.next();
        if one.goes_with(other) {
            return (one, Some(other));
        }
        self.left.push(other);
        (one, None)
    }
}

/// Everything that goes on meanwhile.
struct Campaign<'a> {
    clients: Arc<Clients>,
    outside: &'a Outside,
    over: Arc<AtomicBool>,
    probes: Vec<Probe>,
    beats: Times,
    /// Everybody who places orders, or looks at the clock.
    at_work: Vec<tokio::task::JoinHandle<()>>,
    /// Until when it is judged who was silent.
    judged: Instant,
    silence: Duration,
    report: Report,
    bar: ProgressBar,
}

impl<'a> Campaign<'a> {
    fn new(args: &ChaosArgs, seed: u64, clients: Arc<Clients>, outside: &'a Outside) -> Self {
        let bar = ProgressBar::new(args.seconds);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos:>4} of {len} s  {msg}") {
            bar.set_style(style);
        }
        let probes = (0..2).flat_map(|engine| [Probe::new(engine, QUIET_SKUS[engine]), Probe::new(engine, SCARCE)]);
        Self {
            clients,
            outside,
            over: Arc::default(),
            probes: probes.collect(),
            beats: Times::default(),
            at_work: Vec::new(),
            judged: Instant::now(),
            silence: Duration::from_millis(args.silence_ms),
            report: Report { seed, ..Report::default() },
            bar,
        }
    }

    async fn begin(&mut self, world: &World, clients: u16) -> Result<(), ChaosError> {
        let outside = &self.outside.handle;
        let stocked = Arc::clone(&self.clients);
        let laid_in = outside.spawn(async move { stocked.lay_in(&QUIET_SKUS).await });
        laid_in.await.map_err(|error| ChaosError::Missed(error.to_string()))?;
        for probe in &self.probes {
            let (clients, over) = (Arc::clone(&self.clients), Arc::clone(&self.over));
            let (probe, url) = (probe.clone(), world.url(probe.engine));
            self.at_work.push(outside.spawn(async move {
                if let Err(error) = probe.run(url, Arc::clone(&clients), over).await {
                    clients.complain(error.to_string());
                }
            }));
        }
        self.at_work.push(outside.spawn(probes::beat(self.beats.clone(), Arc::clone(&self.over))));
        for _ in 0..clients {
            self.at_work.push(outside.spawn(Arc::clone(&self.clients).order_on_and_on()));
        }
        let begun = Instant::now();
        self.until_answered(begun, begun + RECOVERY).await;
        self.judged = Instant::now();
        Ok(())
    }

    /// One or two faults, from the first moment until both engines answer again.
    async fn round(
        &mut self,
        world: &mut World,
        one: Fault,
        other: Option<Fault>,
        draws: &mut Draws,
    ) -> Result<(), ChaosError> {
        let faults: Vec<_> = [one].into_iter().chain(other).collect();
        let named = faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(" + ");
        let (orders, wrong) = (self.clients.begun(), self.clients.complaints());
        self.bar.set_message(format!("{orders} orders, {} kills, {wrong} wrong  {named}", self.report.kills));
        for ended in world.ended()? {
            self.clients.complain(format!("before {named}: {ended}"));
        }
        // Since the last round nothing was broken.
        let from = Instant::now();
        self.not_silenced(&[], self.judged, from);
        let (mut struck, mut met) = (Vec::new(), Vec::new());
        for fault in &faults {
            sleep(Duration::from_millis(draws.draw() % 300)).await;
            // What one fault leaves may keep another from being done: then it was not.
            match fault.strike(world, draws).await {
                Ok(held) => {
                    met.extend(held.met.then_some(*fault));
                    struck.push(held);
                }
                Err(ChaosError::Database(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let lasts = faults.iter().map(|fault| fault.lasts(draws)).max().unwrap_or_default();
        sleep(lasts).await;
        let healed = Instant::now();
        drop(struck);
        world.heal().await?;
        let kills: usize = met.iter().map(|fault| fault.kills()).sum();
        self.report.kills += kills;
        self.report.rounds += 1;
        let answered = self.until_answered(healed, Instant::now() + RECOVERY).await;
        self.judged = Instant::now();
        self.not_silenced(&faults, from, self.judged);
        match answered {
            Some(recovered) => {
                for fault in &met {
                    self.report.faults.entry(fault.name()).or_default().push(Span(recovered));
                }
            }
            None => {
                let bound = RECOVERY.as_secs();
                self.clients.complain(format!("behind {named}: an engine does not answer after {bound} s"));
            }
        }
        for engine in 0..2 {
            world.until_ready(engine, RECOVERY).await?;
        }
        sleep(Duration::from_millis(200 + draws.draw() % 500)).await;
        Ok(())
    }

    /// How long it took until every probe was answered that asks for what nobody else wants.
    async fn until_answered(&self, since: Instant, until: Instant) -> Option<Duration> {
        let quiet = || self.probes.iter().filter(|probe| probe.sku != SCARCE);
        loop {
            let answered: Option<Vec<_>> = quiet().map(|probe| probe.answered.since(since)).collect();
            if let Some(answered) = answered {
                return answered.into_iter().max().map(|last| last - since);
            }
            if Instant::now() > until {
                return None;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Whoever has nothing to do with what was broken was answered all the while.
    fn not_silenced(&mut self, faults: &[Fault], from: Instant, to: Instant) {
        // What this program did not do itself it cannot blame anybody for.
        let (stood_still, _) = self.beats.longest_without(from, to);
        for probe in &self.probes {
            let is_scarce = probe.sku == SCARCE;
            if faults.iter().any(|fault| fault.silences(probe.engine, is_scarce)) {
                continue;
            }
            let bound = self.silence * if is_scarce { WANTED } else { 1 } + stood_still;
            let (silent, begun) = probe.answered.longest_without(from, to);
            let named = faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(" + ");
            if !is_scarce && silent > self.report.longest_silence {
                (self.report.longest_silence, self.report.longest_silence_in) = (silent, named.clone());
            }
            if silent > bound {
                let (silent, begun) = (silent.as_millis(), (begun - from).as_millis());
                let told = format!("{} had no answer for {silent} ms, {begun} ms into: {named}", probe.name);
                self.clients.complain(told);
            }
        }
    }

    /// Nothing goes wrong any more: everything comes to its end, and is judged.
    async fn finish(mut self, world: &mut World) -> Result<Report, ChaosError> {
        self.bar.set_message("healed; until everything has ended");
        for ended in world.ended()? {
            self.clients.complain(ended);
        }
        world.heal().await?;
        let began = Instant::now();
        self.clients.end();
        self.over.store(true, Ordering::Relaxed);
        for engine in 0..2 {
            if let Err(error) = world.until_ready(engine, RECOVERY).await {
                self.clients.complain(error.to_string());
            }
        }
        let clients = Arc::clone(&self.clients);
        let idle = self.outside.handle.spawn(async move { tokio::time::timeout(QUIET, clients.until_idle()).await });
        if !matches!(idle.await, Ok(Ok(()))) {
            let bound = QUIET.as_secs();
            self.clients
                .complain(format!("a client is still without its answers {bound} s after everything is healed"));
        }
        self.until_ended(world).await?;
        self.report.quiet_seconds = began.elapsed().as_secs_f64();
        self.clients.be_quiet();
        self.bar.set_message("everything is asked once more");
        let clients = Arc::clone(&self.clients);
        let asked = self.outside.handle.spawn(async move { clients.repeat_all(AT_ONCE).await });
        if let Err(panicked) = asked.await {
            self.clients.complain(panicked.to_string());
        }
        for one in std::mem::take(&mut self.at_work) {
            if one.is_finished()
                && let Err(panicked) = one.await
            {
                self.clients.complain(panicked.to_string());
            }
        }
        self.until_ended(world).await?;
        self.bar.set_message("until every event has arrived");
        self.until_published(world).await;
        let mut evidence = self.evidence(world).await?;
        let until = Instant::now() + QUIET;
        while evidence.arrivals_missing() && Instant::now() < until {
            sleep(Duration::from_secs(2)).await;
            evidence.arrived = self.arrived(world)?;
        }
        self.bar.set_message("judged");
        let (stories, heard, laid_in, complaints) = self.clients.told();
        self.report.answers = self.clients.answers();
        self.report.internal = self.clients.internal();
        self.report.live_histories = heard.values().filter(|heard| heard.has_ended()).count();
        evidence.stories = stories;
        evidence.heard = heard;
        evidence.laid_in = laid_in;
        let mut violations = complaints.told;
        if complaints.count > violations.len() as u64 {
            violations.push(format!("and {} more while it went on", complaints.count - violations.len() as u64));
        }
        violations.extend(oracle::judge(&evidence));
        self.report.orders = evidence.rows.len();
        self.report.effects = evidence.effects.len();
        self.report.events = evidence.rows.values().map(|row| row.events.len()).sum();
        self.report.humans = evidence.rows.values().filter(|row| row.attention.is_some()).count();
        violations.extend(audit(world, &mut self.report).await?);
        self.report.violations = violations;
        self.bar.finish_and_clear();
        Ok(self.report)
    }

    /// Waits until no order is under way, nor any refund.
    async fn until_ended(&self, world: &World) -> Result<(), ChaosError> {
        let (session, began) = (world.cluster.session().await?, Instant::now());
        while session.query_one(UNENDED, &[]).await?.get::<_, i64>(0) > 0 {
            if began.elapsed() > QUIET {
                let bound = QUIET.as_secs();
                self.clients.complain(format!("orders have not ended {bound} s after everything is healed"));
                break;
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }

    /// Waits until no sink says that something waits to be published: whoever reads it elsewhere need not wait any more. What
    /// they have is theirs to judge.
    async fn until_published(&self, world: &World) {
        let clients: Vec<_> = (0..2).filter_map(|engine| Client::anonymous(&world.url(engine)).ok()).collect();
        let (until, mut quiet) = (Instant::now() + QUIET, 0);
        while Instant::now() < until && quiet < 5 {
            let mut waits = clients.is_empty();
            for client in &clients {
                let told = client.get("/metrics").await.map(|answer| answer.body).unwrap_or_default();
                let told = String::from_utf8_lossy(&told).into_owned();
                let lags = told.lines().filter(|line| line.starts_with("counterfoil_outbox_lag_events{"));
                let lags: Vec<_> = lags.collect();
                waits |= lags.is_empty() || lags.iter().any(|line| !line.ends_with(" 0"));
            }
            quiet = if waits { 0 } else { quiet + 1 };
            sleep(Duration::from_millis(200)).await;
        }
        if quiet < 5 {
            self.clients
                .complain(format!("something is not published {} s after everything is healed", QUIET.as_secs()));
        }
    }

    async fn evidence(&self, world: &World) -> Result<Evidence, ChaosError> {
        let session = world.cluster.session().await?;
        // One snapshot of all of it.
        session.batch_execute("SET statement_timeout = '10min'; BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
        let deployment: Uuid = session.query_one("SELECT deployment_id FROM deployment", &[]).await?.get(0);
        let mut rows = HashMap::new();
        for row in session.query(ORDERS, &[]).await? {
            let status: Option<i16> = row.get(3);
            let answer =
                status.zip(row.get::<_, Option<String>>(4)).map(|(status, body)| (status.unsigned_abs(), body));
            let order = Row {
                state: row.get(1),
                version: row.get::<_, i32>(2).into(),
                answer,
                attention: row.get(5),
                amount: row.get(6),
                captured: row.get(7),
                refunded: row.get(8),
                events: BTreeMap::new(),
            };
            rows.insert(row.get::<_, String>(0), order);
        }
        for row in session.query("SELECT order_id, first_version, events FROM order_events", &[]).await? {
            let (id, first, events): (String, i32, String) = (row.get(0), row.get(1), row.get(2));
            let told: Vec<serde_json::Value> = serde_json::from_str(&events).unwrap_or_default();
            let order = rows.entry(id).or_default();
            for (version, event) in (i64::from(first)..).zip(&told) {
                order.events.insert(version, event["type"].as_str().unwrap_or_default().to_owned());
            }
        }
        let mut stock = BTreeMap::new();
        for row in session.query("SELECT sku, on_hand, reserved FROM inventory", &[]).await? {
            stock.insert(row.get(0), (row.get(1), row.get(2)));
        }
        let operated = session.query("SELECT order_id FROM operator_log", &[]).await?;
        let operated = operated.iter().map(|row| row.get(0)).collect();
        let ledger = read(&world.ledger())?;
        let effects = oracle::effects(&ledger, &deployment).map_err(ChaosError::Missed)?;
        let arrived = self.arrived(world)?;
        Ok(Evidence { rows, stock, operated, effects, arrived, ..Evidence::default() })
    }

    fn arrived(&self, world: &World) -> Result<Vec<oracle::Arrived>, ChaosError> {
        oracle::arrived(&read(&world.received())?).map_err(ChaosError::Missed)
    }
}

const UNENDED: &str = "
    SELECT (SELECT count(*) FROM orders
            WHERE state NOT IN ('COMPLETED', 'CANCELLED', 'PAYMENT_AUTHORIZED') AND attention IS NULL)
        + (SELECT count(*) FROM refunds WHERE status = 'intended')";

const ORDERS: &str = "
    SELECT o.order_id, o.state, o.version, o.answer_status, o.answer, o.attention, o.amount,
        coalesce(p.captured, 0), coalesce(p.refunded, 0)
    FROM orders o LEFT JOIN payments p USING (order_id)";

/// What the product's own audit says, which is asked as anybody would.
async fn audit(world: &World, report: &mut Report) -> Result<Vec<String>, ChaosError> {
    let mut command: Command = program(world.program());
    command.args(["audit", "--json", "--database-url", &world.cluster.url(), "--ledger"]).arg(world.ledger());
    let said = world.ledger().with_file_name("audit.json");
    let log = world.ledger().with_file_name("audit.log");
    let mut process = Process::start("the audit", command, &said, Some(&log))?;
    let orders = u32::try_from(report.orders).unwrap_or(u32::MAX);
    let status = match process.until_ended(AUDIT + AUDIT_OF_ONE.saturating_mul(orders)).await {
        Ok(status) => status,
        // One violation more; what the judge found is told all the same.
        Err(error) => return Ok(vec![format!("the audit: {error}")]),
    };
    let told: serde_json::Value = serde_json::from_str(&process.said()).unwrap_or_default();
    let promises = told["promises"].as_array().cloned().unwrap_or_default();
    report.promises = promises.len();
    if status.success() && told["ok"] == true {
        return Ok(Vec::new());
    }
    let broken = promises.iter().filter(|promise| promise["holds"] != true);
    let broken: Vec<_> =
        broken.map(|promise| format!("the audit: {}: {}", promise["name"], promise["offenders"])).collect();
    Ok(if broken.is_empty() { vec![format!("the audit: {status}: {}", process.logged())] } else { broken })
}
