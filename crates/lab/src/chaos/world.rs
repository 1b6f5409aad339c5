//! What there is to be broken: databases, two engines, the participants, a receiver of events, and a wire between any two of
//! them that speak to each other. All are processes of this program's, as a shop would start them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::runtime::Handle;

use super::ChaosError;
use super::cluster::{Clock, Cluster};
use super::wire::{Far, Mode, Wire};
use crate::process::{POLL, Process, free_port, program};
use counterfoil_engine::client::Client;

/// With which events are signed.
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
/// What a program may take to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// For how long an engine alone drives an order. Short, so that what is late to end is soon another's.
pub const LEASE: Duration = Duration::from_millis(1_500);
/// How long a call of an engine's may take.
const STEP: Duration = Duration::from_millis(800);
/// How the participants err by themselves, beside what orders ask them to.
const ERRORS: &[&str] = &[
    "--rate-error",
    "0.04",
    "--rate-error-after",
    "0.03",
    "--rate-timeout",
    "0.01",
    "--rate-slow",
    "0.03",
    "--slow-ms",
    "300",
    "--hang-ms",
    "2000",
    "--rate-webhook-duplicate",
    "0.1",
    "--rate-webhook-late",
    "0.1",
    "--rate-webhook-reorder",
    "0.1",
];

/// Who speaks to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// Clients, to an engine.
    Clients(usize),
    /// An engine, to its database.
    Database(usize),
    /// An engine, to the participants.
    Participants(usize),
    /// Both engines, to the receiver of events.
    Receiver,
}

impl Link {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Clients(0),
        Self::Clients(1),
        Self::Database(0),
        Self::Database(1),
        Self::Participants(0),
        Self::Participants(1),
        Self::Receiver,
    ];

    fn place(self) -> usize {
        match self {
            Self::Clients(engine) => engine,
            Self::Database(engine) => 2 + engine,
            Self::Participants(engine) => 4 + engine,
            Self::Receiver => 6,
        }
    }

    /// As it is told.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clients(_) => "clients to engine",
            Self::Database(_) => "engine to database",
            Self::Participants(_) => "engine to participants",
            Self::Receiver => "engines to receiver",
        }
    }
}

/// All processes, and what is between them. Dropped, it ends them.
pub struct World {
    folder: PathBuf,
    program: PathBuf,
    /// What engines are configured with, beside what this world needs.
    more: String,
    /// In the order of [`Link::ALL`].
    wires: Vec<Wire>,
    ports: [u16; 2],
    engines: [Option<Process>; 2],
    clocks: [Option<Clock>; 2],
    participants: Option<Process>,
    participants_at: String,
    receiver: Option<Process>,
    receiver_at: String,
    /// The databases.
    pub cluster: Cluster,
}

fn cannot(what: &str) -> impl Fn(std::io::Error) -> ChaosError {
    let what = what.to_owned();
    move |source| ChaosError::System { what: what.clone(), source }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn at(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

impl World {
    /// Starts all of it, in a folder of its own, for a load of so many seconds. The wires live on the runtime behind `outside`.
    ///
    /// # Errors
    ///
    /// Where one of them does not start.
    pub async fn start(
        folder: &Path,
        program: PathBuf,
        more: String,
        seconds: u64,
        outside: &Handle,
    ) -> Result<Self, ChaosError> {
        let cluster = Cluster::start(&folder.join("postgres"), seconds).await?;
        let port = || free_port().map_err(cannot("find a free port"));
        let clock = |name: &str| Clock::new(folder.join(name)).map_err(cannot("make a clock"));
        let mut world = Self {
            folder: folder.to_owned(),
            program,
            more,
            wires: Vec::new(),
            ports: [port()?, port()?],
            engines: [None, None],
            clocks: [clock("engine-A.clock")?, clock("engine-B.clock")?],
            participants: None,
            participants_at: format!("127.0.0.1:{}", port()?),
            receiver: None,
            receiver_at: format!("127.0.0.1:{}", port()?),
            cluster,
        };
        world.migrate().await?;
        world.start_receiver().await?;
        // Where webhooks of the participants go has to be known to them first.
        for link in Link::ALL {
            let far = match link {
                Link::Clients(engine) => Far::Tcp(loopback(world.ports[engine])),
                Link::Database(_) => world.cluster.far(),
                Link::Participants(_) => continue,
                Link::Receiver => Far::Tcp(world.receiver_at.parse().map_err(|_| lost("the receiver's address"))?),
            };
            world.wires.push(wire(outside, far).await?);
        }
        world.start_participants().await?;
        let participants: SocketAddr = world.participants_at.parse().map_err(|_| lost("the participants' address"))?;
        for place in [4, 5] {
            let wire = wire(outside, Far::Tcp(participants)).await?;
            world.wires.insert(place, wire);
        }
        for engine in 0..2 {
            world.start_engine(engine)?;
        }
        for engine in 0..2 {
            world.until_ready(engine, PATIENCE).await?;
        }
        Ok(world)
    }

    /// Where clients of an engine connect.
    #[must_use]
    pub fn front(&self, engine: usize) -> SocketAddr {
        self.wires[Link::Clients(engine).place()].address()
    }

    /// Where an engine is, with nothing in between.
    #[must_use]
    pub fn url(&self, engine: usize) -> String {
        format!("http://{}", loopback(self.ports[engine]))
    }

    /// This program.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The ledger of the participants.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.folder.join("ledger.jsonl")
    }

    /// The ledger of the receiver.
    #[must_use]
    pub fn received(&self) -> PathBuf {
        self.folder.join("received.jsonl")
    }

    /// Whether an engine's clock can be moved.
    #[must_use]
    pub fn has_clocks(&self) -> bool {
        self.clocks.iter().all(Option::is_some) && self.cluster.clock.is_some()
    }

    /// Does something to everything that goes by.
    pub fn set(&self, link: Link, mode: Mode) {
        self.wires[link.place()].set(mode);
    }

    /// Leads both engines to the primary, as it is now.
    pub fn lead_to_primary(&self) {
        for engine in 0..2 {
            self.wires[Link::Database(engine).place()].lead_to(self.cluster.far());
        }
    }

    /// Moves an engine's clock.
    ///
    /// # Errors
    ///
    /// Where its file cannot be written.
    pub fn set_clock(&self, engine: usize, seconds: i64) -> Result<(), ChaosError> {
        self.clocks[engine].as_ref().map_or(Ok(()), |clock| clock.set(seconds)).map_err(cannot("move a clock"))
    }

    fn command(&self) -> Command {
        let mut command = program(&self.program);
        command.current_dir(&self.folder);
        command
    }

    async fn migrate(&self) -> Result<(), ChaosError> {
        let mut command = self.command();
        command.args(["migrate", "--database-url", &self.cluster.url()]);
        let log = self.folder.join("migrate.log");
        let mut process = Process::start("the migration", command, &log, Some(&log))?;
        let status = process.until_ended(PATIENCE).await?;
        if status.success() { Ok(()) } else { Err(lost(&format!("the migration: {}", process.logged()))) }
    }

    async fn start_participants(&mut self) -> Result<(), ChaosError> {
        let mut command = self.command();
        let webhooks = format!("http://{}/webhooks", self.front(0));
        command.args(["participants", "--listen", &self.participants_at, "--lock-wait-ms", "5000", "--step", "fraud"]);
        command.args(["--step", "hold", "--webhooks", &webhooks, "--webhook-secret", SECRET]).args(ERRORS);
        command.arg("--ledger").arg(self.ledger());
        let (said, log) = (self.folder.join("participants.out"), self.folder.join("participants.log"));
        let process = self.participants.insert(Process::start("the participants", command, &said, Some(&log))?);
        self.participants_at = at(&process.listening(PATIENCE).await?);
        Ok(())
    }

    async fn start_receiver(&mut self) -> Result<(), ChaosError> {
        let mut command = self.command();
        command.args(["receiver", "--listen", &self.receiver_at, "--ledger"]).arg(self.received());
        command.env("COUNTERFOIL_WEBHOOK_SECRET", SECRET);
        let (said, log) = (self.folder.join("receiver.out"), self.folder.join("receiver.log"));
        let process = self.receiver.insert(Process::start("the receiver", command, &said, Some(&log))?);
        self.receiver_at = at(&process.listening(PATIENCE).await?);
        Ok(())
    }

    fn start_engine(&mut self, engine: usize) -> Result<(), ChaosError> {
        let name = ["A", "B"][engine];
        let config = self.folder.join(format!("engine-{name}.toml"));
        fs::write(&config, self.config(engine)).map_err(cannot("write a configuration"))?;
        let mut command = self.command();
        command.arg("serve").arg("--config").arg(config);
        command.envs(self.clocks[engine].iter().flat_map(Clock::environment));
        let (said, log) =
            (self.folder.join(format!("engine-{name}.out")), self.folder.join(format!("engine-{name}.log")));
        self.engines[engine] = Some(Process::start(&format!("engine {name}"), command, &said, Some(&log))?);
        Ok(())
    }

    fn config(&self, engine: usize) -> String {
        let [database, participants] =
            [Link::Database(engine), Link::Participants(engine)].map(|link| self.wires[link.place()].address());
        let there = format!("kind = \"http\", url = \"http://{participants}\", webhook_secret = \"{SECRET}\"");
        let step = format!("url = \"http://{participants}\"\nwebhook_secret = \"{SECRET}\"");
        format!(
            "[server]\nlisten = \"127.0.0.1:{}\"\nshutdown_grace_ms = 5000\n\
             [database]\nurl = \"postgresql://postgres@{database}/postgres\"\n\
             [engine]\nshards = 4\nlease_ms = {}\n\
             [saga]\nstep_timeout_ms = {}\nreservation_ttl_ms = 86400000\n\
             retry = {{ first_ms = 50, factor = 2.0, max_ms = 400, attempts = 10 }}\n\
             [participants]\npayment = {{ {there} }}\nshipment = {{ {there} }}\n\
             [[saga.steps]]\nname = \"hold\"\nbefore = \"payment\"\nundo = true\n{step}\n\
             [[saga.steps]]\nname = \"fraud\"\nbefore = \"payment\"\n{step}\n\
             [outbox.webhooks]\nallow_private = true\nretry_ms = [100, 200, 400, 800, 1600, 1600, 1600, 1600, 1600, 1600]\n\
             [[outbox.sinks]]\nname = \"crm\"\nkind = \"webhook\"\nendpoint = \"http://{}/crm\"\nsecret = \"{SECRET}\"\n\
             from = \"beginning\"\nstrict = true\n{}",
            self.ports[engine],
            LEASE.as_millis(),
            STEP.as_millis(),
            self.wires[Link::Receiver.place()].address(),
            self.more,
        )
    }

    /// Waits until an engine says that it serves; how long that took.
    ///
    /// # Errors
    ///
    /// Where it does not, or has ended.
    pub async fn until_ready(&mut self, engine: usize, patience: Duration) -> Result<Duration, ChaosError> {
        let client = Client::anonymous(&self.url(engine)).map_err(|error| lost(&error.to_string()))?;
        let client = client.with_timeout(Duration::from_secs(5));
        let process = self.engines[engine].as_mut().ok_or_else(|| lost("an engine does not run"))?;
        let began = Instant::now();
        process
            .until("serve", patience, async |_| {
                client.get("/readyz").await.ok().filter(|answer| answer.status == 200).map(drop)
            })
            .await?;
        Ok(began.elapsed())
    }

    /// kill -9 of an engine.
    ///
    /// # Errors
    ///
    /// Where it has ended by itself.
    pub fn kill_engine(&mut self, engine: usize) -> Result<(), ChaosError> {
        match self.engines[engine].take() {
            Some(mut process) => self.kill(&mut process),
            None => Ok(()),
        }
    }

    /// kill -9 of the participants.
    ///
    /// # Errors
    ///
    /// Where they have ended by themselves.
    pub fn kill_participants(&mut self) -> Result<(), ChaosError> {
        self.participants.take().map_or(Ok(()), |mut process| self.kill(&mut process))
    }

    /// kill -9 of the receiver.
    ///
    /// # Errors
    ///
    /// Where it has ended by itself.
    pub fn kill_receiver(&mut self) -> Result<(), ChaosError> {
        self.receiver.take().map_or(Ok(()), |mut process| self.kill(&mut process))
    }

    fn kill(&self, process: &mut Process) -> Result<(), ChaosError> {
        // Nobody else ends them: one that has ended fell over by itself.
        if let Some(status) = process.ended()? {
            return Err(ChaosError::Ended(format!("a program ended by itself: {status}\n{}", process.logged_last())));
        }
        process.kill()?;
        Ok(())
    }

    /// Sends an engine a signal.
    ///
    /// # Errors
    ///
    /// Where it has ended.
    pub fn signal_engine(&self, engine: usize, signal: Signal) -> Result<(), ChaosError> {
        self.engines[engine].as_ref().map_or(Ok(()), |process| process.signal(signal)).map_err(ChaosError::from)
    }

    /// Sends the participants a signal.
    ///
    /// # Errors
    ///
    /// Where they have ended.
    pub fn signal_participants(&self, signal: Signal) -> Result<(), ChaosError> {
        self.participants.as_ref().map_or(Ok(()), |process| process.signal(signal)).map_err(ChaosError::from)
    }

    /// Asks an engine to end, as whoever deploys does.
    ///
    /// # Errors
    ///
    /// Where it has ended before, or does not in time.
    pub async fn terminate_engine(&mut self, engine: usize) -> Result<(), ChaosError> {
        let Some(mut process) = self.engines[engine].take() else { return Ok(()) };
        process.signal(Signal::TERM)?;
        let status = process.until_ended(PATIENCE).await?;
        // It says so where clients were still without an answer, as where the database stands still just then. They ask again.
        let last = process.logged_last();
        let was_patient = status.code() == Some(1) && last.contains(UNANSWERED);
        if status.success() || was_patient {
            return Ok(());
        }
        Err(ChaosError::Ended(format!("an engine that was to end: {status}: {last}")))
    }

    /// Who ended without being told to; they are started again by [`Self::heal`].
    ///
    /// # Errors
    ///
    /// As the operating system says.
    pub fn ended(&mut self) -> Result<Vec<String>, ChaosError> {
        let mut ended = Vec::new();
        let [a, b] = &mut self.engines;
        for (name, place) in [
            ("engine A", a),
            ("engine B", b),
            ("participants", &mut self.participants),
            ("receiver", &mut self.receiver),
        ] {
            if let Some(process) = place
                && let Some(status) = process.ended()?
            {
                ended.push(format!("{name} ended by itself: {status}\n{}", process.logged_last()));
                *place = None;
            }
        }
        Ok(ended)
    }

    /// Ends the databases, and leaves their data where they are found.
    ///
    /// # Errors
    ///
    /// Where they cannot be left there.
    pub fn leave(&mut self) -> Result<(), ChaosError> {
        self.engines = [None, None];
        self.cluster.leave(&self.folder.join("postgres-left"))
    }

    /// Everything is as it was: what was stopped goes on, what is gone comes back, and every wire passes everything.
    ///
    /// # Errors
    ///
    /// Where something does not come back.
    pub async fn heal(&mut self) -> Result<(), ChaosError> {
        for link in Link::ALL {
            self.set(link, Mode::Pass);
        }
        for engine in 0..2 {
            self.set_clock(engine, 0)?;
        }
        for process in self.engines.iter().flatten().chain(&self.participants) {
            process.signal(Signal::CONT)?;
        }
        self.cluster.revive()?;
        self.lead_to_primary();
        // Until somebody follows it, no commit ends.
        self.cluster.be_followed().await?;
        if self.participants.is_none() {
            self.start_participants().await?;
        }
        if self.receiver.is_none() {
            self.start_receiver().await?;
        }
        for engine in 0..2 {
            if self.engines[engine].is_none() {
                self.start_engine(engine)?;
            }
        }
        Ok(())
    }

    /// Waits a moment, in which everything goes on.
    pub async fn pause(&self) {
        tokio::time::sleep(POLL).await;
    }
}

/// What an engine says last that had to end without having answered everybody.
const UNANSWERED: &str = "some requests were not answered within the grace period";

fn lost(what: &str) -> ChaosError {
    ChaosError::Missed(what.to_owned())
}

async fn wire(outside: &Handle, far: Far) -> Result<Wire, ChaosError> {
    let made = outside.spawn(Wire::to(far)).await;
    made.map_err(|_| lost("a wire"))?.map_err(cannot("listen"))
}
