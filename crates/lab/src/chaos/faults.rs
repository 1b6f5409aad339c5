//! What is broken, and what that may be felt by.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio_postgres::Client;

use super::ChaosError;
use super::clients::SCARCE;
use super::wire::Mode;
use super::world::{LEASE, Link, World};
use crate::load::draws::Draws;

/// For how long it is tried to stop an engine in the middle of a commit.
const PATIENCE: Duration = Duration::from_secs(10);
/// What may be locked as a whole, as by whoever makes an index.
const TABLES: [&str; 7] =
    ["orders", "payments", "order_events", "inventory", "order_work", "idempotency_keys", "refunds"];

/// One thing that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// kill -9 of an engine.
    KillEngine(usize),
    /// An engine stands still for longer than it may drive an order alone.
    StopEngine(usize),
    /// An engine stands still while it holds what it has locked.
    StopInCommit(usize),
    /// SIGTERM.
    TerminateEngine(usize),
    /// kill -9 of the participants.
    KillParticipants,
    /// They stand still.
    StopParticipants,
    /// kill -9 of the receiver of events.
    KillReceiver,
    /// Every session of the engines is ended by the database.
    KillBackends,
    /// kill -9 of the database's first process.
    KillPostgres,
    /// A power cut of the database.
    CutPower,
    /// The database fails over to its standby.
    Promote,
    /// Somebody has the row of the SKU that all want.
    LockScarce,
    /// Somebody has rows of orders that are under way.
    LockOrders,
    /// Somebody has a table against everybody who writes.
    LockTable,
    /// An engine's clock is wrong.
    EngineClock(usize),
    /// The clock of the databases' host is wrong.
    DatabaseClock,
    /// The databases' disk is full.
    FillDisk,
    /// What happens to what goes over a wire.
    Network(Link, Mode),
    /// All at once.
    Everything,
}

/// What a wire does, and how that is told.
const MODES: [(Mode, &str); 7] = [
    (Mode::Cut, "cut"),
    (Mode::Refuse, "refused"),
    (Mode::Stall, "stalled"),
    (Mode::Delay(Duration::from_millis(120)), "delayed"),
    (Mode::Half, "cut in a message"),
    (Mode::Swallow, "answers swallowed"),
    (Mode::Reset, "reset, and the far side goes on"),
];

/// What two faults at once may not both be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Engine(usize),
    Participants,
    Receiver,
    Database,
    Wire(Link),
    All,
}

/// What is held until it is healed.
pub struct Struck {
    /// Sessions that have locked something.
    _locks: Vec<Client>,
    /// Whether it was what it is called: one that could not be is not told of.
    pub met: bool,
}

impl Fault {
    /// All that there are.
    #[must_use]
    pub fn everywhere() -> Vec<Self> {
        let mut all = vec![
            Self::KillParticipants,
            Self::StopParticipants,
            Self::KillReceiver,
            Self::KillBackends,
            Self::KillPostgres,
            Self::CutPower,
            Self::Promote,
            Self::LockScarce,
            Self::LockOrders,
            Self::LockTable,
            Self::DatabaseClock,
            Self::FillDisk,
            Self::Everything,
        ];
        for engine in 0..2 {
            all.extend([
                Self::KillEngine(engine),
                Self::StopEngine(engine),
                Self::StopInCommit(engine),
                Self::TerminateEngine(engine),
                Self::EngineClock(engine),
            ]);
        }
        for link in Link::ALL {
            all.extend(MODES.map(|(mode, _)| Self::Network(link, mode)));
        }
        all
    }

    /// Those for which this world has what they need: clocks that can be moved, a disk that can be filled.
    #[must_use]
    pub fn all(world: &World) -> Vec<Self> {
        let mut all = Self::everywhere();
        all.retain(|fault| match fault {
            Self::EngineClock(_) | Self::DatabaseClock => world.has_clocks(),
            Self::FillDisk => world.cluster.has_a_disk(),
            _ => true,
        });
        all
    }

    /// As it is told, whichever engine it meets.
    #[must_use]
    pub fn name(self) -> String {
        let name = match self {
            Self::KillEngine(_) => "engine: kill -9",
            Self::StopEngine(_) => "engine: stands still",
            Self::StopInCommit(_) => "engine: stands still in a commit",
            Self::TerminateEngine(_) => "engine: SIGTERM",
            Self::KillParticipants => "participants: kill -9",
            Self::StopParticipants => "participants: stand still",
            Self::KillReceiver => "receiver: kill -9",
            Self::KillBackends => "database: sessions ended",
            Self::KillPostgres => "database: kill -9",
            Self::CutPower => "database: power cut",
            Self::Promote => "database: failover",
            Self::LockScarce => "database: a SKU's row locked",
            Self::LockOrders => "database: orders' rows locked",
            Self::LockTable => "database: a table locked",
            Self::EngineClock(_) => "engine: its clock moved",
            Self::DatabaseClock => "database: its host's clock moved",
            Self::FillDisk => "database: disk full",
            Self::Everything => "everything at once",
            Self::Network(link, mode) => {
                let told = MODES.iter().find(|(each, _)| *each == mode).map_or("", |(_, told)| told);
                return format!("network: {}: {told}", link.name());
            }
        };
        name.to_owned()
    }

    /// How many programs are killed by it.
    #[must_use]
    pub fn kills(self) -> usize {
        match self {
            Self::KillEngine(_) | Self::KillParticipants | Self::KillReceiver | Self::KillPostgres => 1,
            Self::CutPower | Self::Promote => 1,
            Self::Everything => 5,
            _ => 0,
        }
    }

    /// Whether both may be at once.
    #[must_use]
    pub fn goes_with(self, other: Self) -> bool {
        let (one, two) = (self.about(), other.about());
        one != two && one != About::All && two != About::All
    }

    fn about(self) -> About {
        match self {
            Self::KillEngine(engine)
            | Self::StopEngine(engine)
            | Self::StopInCommit(engine)
            | Self::TerminateEngine(engine)
            | Self::EngineClock(engine) => About::Engine(engine),
            Self::KillParticipants | Self::StopParticipants => About::Participants,
            Self::KillReceiver => About::Receiver,
            Self::KillBackends
            | Self::KillPostgres
            | Self::CutPower
            | Self::Promote
            | Self::LockScarce
            | Self::LockOrders
            | Self::LockTable
            | Self::DatabaseClock
            | Self::FillDisk => About::Database,
            Self::Network(link, _) => About::Wire(link),
            Self::Everything => About::All,
        }
    }

    /// Whether a probe at an engine, or one for the SKU that all want, may go without an answer meanwhile.
    #[must_use]
    pub fn silences(self, engine: usize, is_scarce: bool) -> bool {
        match self {
            Self::KillEngine(other)
            | Self::StopEngine(other)
            | Self::StopInCommit(other)
            | Self::TerminateEngine(other) => other == engine,
            Self::KillParticipants | Self::StopParticipants | Self::KillReceiver => false,
            Self::KillBackends
            | Self::KillPostgres
            | Self::CutPower
            | Self::Promote
            | Self::LockTable
            | Self::FillDisk => true,
            Self::LockScarce => is_scarce,
            Self::LockOrders | Self::EngineClock(_) | Self::DatabaseClock => false,
            Self::Network(Link::Database(other), _) => other == engine,
            Self::Network(Link::Clients(_) | Link::Participants(_) | Link::Receiver, _) => false,
            Self::Everything => true,
        }
    }

    /// How long it lasts.
    #[must_use]
    pub fn lasts(self, draws: &mut Draws) -> Duration {
        let (least, more) = match self {
            Self::StopEngine(_) => (LEASE.as_millis() as u64 + 500, 1_500),
            // Longer than whoever waits for what it holds may be silent.
            Self::StopInCommit(_) => (5_000, 2_000),
            // Long enough that each order under way is claimed again and again, by whoever can do nothing with it either.
            Self::LockTable => (6 * LEASE.as_millis() as u64, 3_000),
            Self::LockScarce | Self::LockOrders | Self::EngineClock(_) | Self::DatabaseClock => (3_000, 2_000),
            _ => (400, 3_000),
        };
        Duration::from_millis(least + draws.draw() % more)
    }

    /// Does it.
    ///
    /// # Errors
    ///
    /// Where it cannot be done, which it always can.
    pub async fn strike(self, world: &mut World, draws: &mut Draws) -> Result<Struck, ChaosError> {
        let (mut locks, mut met) = (Vec::new(), true);
        let seconds = *draws.one_of(&[-600, -60, -5, 5, 60, 600]);
        match self {
            Self::KillEngine(engine) => world.kill_engine(engine)?,
            Self::StopEngine(engine) => world.signal_engine(engine, Signal::STOP)?,
            Self::StopInCommit(engine) => met = stop_in_commit(world, engine).await?,
            Self::TerminateEngine(engine) => world.terminate_engine(engine).await?,
            Self::KillParticipants => world.kill_participants()?,
            Self::StopParticipants => world.signal_participants(Signal::STOP)?,
            Self::KillReceiver => world.kill_receiver()?,
            Self::KillBackends => {
                let end =
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'counterfoil'";
                drop(world.cluster.session().await?.query(end, &[]).await?);
            }
            Self::KillPostgres => world.cluster.kill()?,
            Self::CutPower => world.cluster.cut_power()?,
            Self::Promote => {
                met = world.cluster.promote().await?;
                world.lead_to_primary();
            }
            Self::LockScarce => {
                let row = format!("SELECT FROM inventory WHERE sku = '{SCARCE}' FOR UPDATE");
                locks.extend(lock(world, &row).await?);
            }
            Self::LockOrders => {
                let rows = "SELECT FROM order_work JOIN orders USING (order_id) LIMIT 20 FOR UPDATE";
                locks.extend(lock(world, rows).await?);
            }
            Self::LockTable => {
                let table = draws.one_of(&TABLES);
                locks.extend(lock(world, &format!("LOCK TABLE {table} IN SHARE MODE")).await?);
            }
            Self::EngineClock(engine) => world.set_clock(engine, seconds)?,
            Self::DatabaseClock => {
                if let Some(clock) = &world.cluster.clock {
                    let moved = clock.set(seconds);
                    moved.map_err(|source| ChaosError::System { what: "move a clock".into(), source })?;
                }
            }
            Self::FillDisk => world.cluster.fill_disk()?,
            Self::Network(link, mode) => world.set(link, mode),
            Self::Everything => {
                for link in Link::ALL {
                    world.set(link, draws.one_of(&MODES).0);
                }
                world.kill_engine(0)?;
                world.cluster.cut_power()?;
                world.kill_participants()?;
                world.kill_receiver()?;
                world.kill_engine(1)?;
            }
        }
        met &= !matches!(self, Self::LockScarce | Self::LockOrders | Self::LockTable) || !locks.is_empty();
        Ok(Struck { _locks: locks, met })
    }
}

/// A session that has locked something; none where that could not be had.
async fn lock(world: &World, what: &str) -> Result<Option<Client>, ChaosError> {
    let session = world.cluster.session().await?;
    let locked = session.batch_execute(&format!("SET lock_timeout = '5s'; BEGIN; {what}")).await;
    Ok(locked.is_ok().then_some(session))
}

/// Stops an engine while PostgreSQL waits for its next word in a transaction that has the row that all want; whether that was
/// met.
async fn stop_in_commit(world: &World, engine: usize) -> Result<bool, ChaosError> {
    let session = world.cluster.session().await?;
    // What the other engine has open, and what is still on its way, does not stand still for so long.
    let open = "SELECT count(*), count(*) FILTER (WHERE state_change < clock_timestamp() - interval '100 ms')
        FROM pg_stat_activity a WHERE application_name = 'counterfoil' AND state = 'idle in transaction'
        AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.mode IN ('RowExclusiveLock', 'RowShareLock'))";
    let free = format!("SELECT FROM inventory WHERE sku = '{SCARCE}' FOR UPDATE SKIP LOCKED");
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        world.signal_engine(engine, Signal::STOP)?;
        for _ in 0..20 {
            let row = session.query_one(open, &[]).await?;
            match (row.get::<_, i64>(0), row.get::<_, i64>(1)) {
                (0, _) => break,
                (_, 0) => world.pause().await,
                _ if session.query_opt(&free, &[]).await?.is_none() => return Ok(true),
                _ => break,
            }
        }
        world.signal_engine(engine, Signal::CONT)?;
        world.pause().await;
    }
    world.signal_engine(engine, Signal::STOP)?;
    Ok(false)
}
