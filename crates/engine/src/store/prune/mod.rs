//! Retention: whole histories of orders that ended go, behind everybody who publishes. The order stays, with its answer, its
//! payment and its refunds; where its events were, a check value stays (`audit/orders/pruned.rs`).
//!
//! What would do harm, and what keeps it from that. *A refund that is asked for meanwhile*: the order's row is locked, and
//! passed over where somebody else has it; whoever waits for it finds the order as it is. *A sink or endpoint that is added,
//! or sent back, meanwhile*: nobody changes who reads what while a step is under way, and whoever comes after it finds what
//! went, and is told. *Somebody who is behind, or of whom nobody knows how far they are*: nothing goes that they may not have
//! read ([`holders`]). *An order that is not as its events say*: they are the evidence, and stay. *A crash*: all of an
//! order goes in one transaction, with what stays in its place. *A clock that is ahead*: what goes by it would be young; so
//! two clocks have to agree ([`Clock`]).
//!
//! A step is bounded in orders and bytes, waits for nobody while it has an order in hand, and is followed by a pause as long
//! as itself. The feed is walked from its old end, so that a run costs what it prunes, and what lies there for longer.

mod gap;
mod holders;
mod step;

pub(super) use gap::{gap, read as gap_of};

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::FutureExt;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use super::columns::millis;
use super::identity::Watch;
use super::lease::{HOLD, RELEASE, RENEW};
use super::planner::{Planner, Purpose};
use super::{ConnectError, PgStore, Target, online, rows, schema};
use crate::limits;
use crate::saga::Timestamp;
use crate::telemetry::{Metrics, RetentionReason};
use step::{PruneStep, Walk};

/// The name of the lease: whoever prunes is alone.
const LEASE: &str = "retention";

/// What a run is to take away, and for whom it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneSettings {
    /// Histories of orders that ended so long ago, by the database's clock.
    pub older_than: Duration,
    /// So long an endpoint that is paused or disabled holds back what it has yet to get, and an event that was set aside
    /// can be delivered again.
    pub hold: Duration,
    /// How it plans: as the feed is read, along its index.
    pub planner: Planner,
    /// Nothing goes: it is only looked.
    pub dry_run: bool,
    /// Who is configured to be published to: of these a row is waited for.
    pub sinks: Vec<Expected>,
}

/// Somebody who is configured to be published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The name of the sink or endpoint.
    pub name: String,
    /// In how many parts; of an endpoint of webhooks 0.
    pub parts: u32,
}

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// So many orders have no history any more, or none of before.
    pub orders: u64,
    /// How many events went.
    pub events: u64,
    /// Orders that are old enough, and stay, by why.
    pub held: [u64; RetentionReason::ALL.len()],
    /// Of whom nobody knows how far they are, and why: nothing goes while there is one.
    pub unknown: Vec<String>,
    /// Who is furthest behind, where that ended the run.
    pub behind: Option<String>,
    /// The first orders whose rows are not what their events lead to.
    pub unsound: Vec<String>,
}

/// Why there was no run, or no more of it. What went by then is gone.
#[derive(Debug, thiserror::Error)]
pub enum PruneError {
    /// Another program prunes this database: the lease is its.
    #[error("another program prunes this database: `outbox_leases` says which, under \"retention\"")]
    Elsewhere,
    /// What decides who reads what is in use all the time.
    #[error("the tables of sinks and endpoints could not be had, again and again: try again later")]
    Busy,
    /// Pruning is not to be done now, or not here; the text says why.
    #[error("{0}")]
    Refused(String),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] Error),
}

impl PruneError {
    fn is_busy(&self) -> bool {
        matches!(self, Self::Database(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
    }
}

/// What a run goes by beside the database's clock: the machine's own, and that time passes alike everywhere. Of one that is
/// ahead on both machines, and was before the run, nothing tells.
struct Clock {
    began: Instant,
    /// What the database's clock said then.
    database: Timestamp,
}

impl Clock {
    async fn begin(client: &Client) -> Result<Self, PruneError> {
        let began = Instant::now();
        let row = client.query_one("SELECT counterfoil_now()", &[]).await?;
        Ok(Self { began, database: rows::timestamp(row.get(0)) })
    }

    /// Whether what is old enough by this time of the database's clock is.
    #[expect(clippy::disallowed_methods, reason = "a second clock is asked because it is not the database's")]
    fn judge(&self, now: Timestamp) -> Result<(), PruneError> {
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let ours = rows::timestamp(SystemTime::now());
        let expected = self.database.0.saturating_add(micros(self.began.elapsed()));
        let ahead = now.0.saturating_sub(ours.0.min(expected));
        if ahead <= micros(limits::PRUNE_CLOCK) {
            return Ok(());
        }
        Err(PruneError::Refused(format!(
            "the database's clock says {now}, this machine's {ours}, and by the beginning of this run it would be {}: nothing \
             goes by a clock that is ahead",
            Timestamp(expected)
        )))
    }
}

/// A lease, on a connection of one's own.
struct Lease {
    node: Uuid,
    generation: i64,
    renewed: Instant,
}

impl Lease {
    async fn take(client: &Client, node: Uuid) -> Result<Self, PruneError> {
        let (ttl, tolerance) = (millis(limits::RELAY_LEASE), millis(limits::CLOCK_TOLERANCE));
        let row = client.query_opt(HOLD, &[&LEASE, &node, &ttl, &tolerance]).await?;
        let generation = row.map(|row| row.get(0)).ok_or(PruneError::Elsewhere)?;
        Ok(Self { node, generation, renewed: Instant::now() })
    }

    async fn keep(&mut self, client: &Client) -> Result<(), PruneError> {
        if self.renewed.elapsed() < limits::RELAY_RENEWAL {
            return Ok(());
        }
        let asked = Instant::now();
        let ttl = millis(limits::RELAY_LEASE);
        if client.execute(RENEW, &[&LEASE, &self.node, &self.generation, &ttl]).await? == 0 {
            return Err(PruneError::Elsewhere);
        }
        self.renewed = asked;
        Ok(())
    }

    async fn release(self, client: &Client) {
        if let Err(error) = client.execute(RELEASE, &[&LEASE, &self.node, &self.generation]).await {
            tracing::debug!(%error, "the lease of retention cannot be given up: it ends by itself");
        }
    }
}

/// Prunes what is to go, step by step, over a connection of its own.
///
/// # Errors
///
/// See [`PruneError`].
pub async fn run(client: &mut Client, settings: &PruneSettings, node: Uuid) -> Result<Pruned, PruneError> {
    let mut told = Pruned::default();
    run_telling(client, settings, node, &mut told, |_| {}).await.map(|()| told)
}

/// As [`run`]; what came of it so far is in `told`, whatever ends it, and `each` hears of every step.
pub async fn run_telling(
    client: &mut Client,
    settings: &PruneSettings,
    node: Uuid,
    told: &mut Pruned,
    each: impl FnMut(&Pruned),
) -> Result<(), PruneError> {
    schema::check(client).await.map_err(|error| match error {
        ConnectError::Ask(error) => PruneError::Database(error),
        other => PruneError::Refused(other.to_string()),
    })?;
    client.batch_execute(&settings.planner.sql(Purpose::Feed)).await?;
    if !online::is_built(client, online::FEED).await? {
        return Err(PruneError::Refused("the index of the feed is not there yet: run `counterfoil migrate`".into()));
    }
    client.query_one("SELECT counterfoil_enter()", &[]).await?;
    if settings.dry_run {
        return walk(client, settings, &mut None, told, each).await;
    }
    let mut lease = Some(Lease::take(client, node).await?);
    let ended = walk(client, settings, &mut lease, told, each).await;
    if let Some(lease) = lease {
        lease.release(client).await;
    }
    ended
}

async fn walk(
    client: &mut Client,
    settings: &PruneSettings,
    lease: &mut Option<Lease>,
    told: &mut Pruned,
    mut each: impl FnMut(&Pruned),
) -> Result<(), PruneError> {
    let has_earlier = online::is_built(client, online::EARLIER).await?;
    let mut walk = Some(if has_earlier { Walk::EARLIER } else { Walk::FEED });
    let clock = Clock::begin(client).await?;
    let mut tries = 0;
    while let Some(from) = walk {
        if let Some(lease) = lease.as_mut() {
            lease.keep(client).await?;
        }
        let began = Instant::now();
        match step::step(client, settings, lease.as_ref(), &clock, &from).await {
            Ok(step) => {
                told.add(&step);
                walk = if step.unknown.is_empty() { step.next } else { None };
                tries = 0;
                each(told);
            }
            Err(error) if error.is_busy() && tries < limits::PRUNE_TRIES => {
                (tries, walk) = (tries + 1, Some(from));
            }
            Err(error) => return Err(if error.is_busy() { PruneError::Busy } else { error }),
        }
        if walk.is_some() {
            // As long as it took: no more than half of a connection's work, and others' locks come in between.
            tokio::time::sleep(began.elapsed().clamp(limits::PRUNE_PAUSE.0, limits::PRUNE_PAUSE.1)).await;
        }
    }
    Ok(())
}

impl Pruned {
    fn add(&mut self, step: &PruneStep) {
        self.orders += step.orders;
        self.events += step.events;
        for (held, more) in self.held.iter_mut().zip(step.held) {
            *held += more;
        }
        self.unknown.clone_from(&step.unknown);
        self.held[RetentionReason::Unknown as usize] = self.unknown.len() as u64;
        self.behind.clone_from(&step.behind);
        let room = limits::PRUNE_NAMED.saturating_sub(self.unsound.len());
        self.unsound.extend(step.unsound.iter().take(room).cloned());
    }

    /// How many are held back for a reason.
    pub fn held_by(&self, reason: RetentionReason) -> u64 {
        self.held[reason as usize]
    }
}

/// Retention as a task of an engine.
pub struct Retention {
    target: Target,
    watch: Arc<Watch>,
    metrics: Arc<Metrics>,
    settings: PruneSettings,
    every: Duration,
    node: Uuid,
}

impl PgStore {
    /// Retention on this store's database, by this engine, every so often.
    pub fn retention(&self, settings: PruneSettings, every: Duration, node: Uuid) -> Retention {
        let (target, watch, metrics) = (self.target.clone(), Arc::clone(&self.watch), Arc::clone(&self.metrics));
        Retention { target, watch, metrics, settings, every, node }
    }
}

impl Retention {
    /// Prunes until it is dropped: what is under way then is taken back.
    pub async fn go_on(self) {
        let mut told_before = None;
        loop {
            // What it had in hand is taken back: crash-safe as a whole.
            let once = AssertUnwindSafe(self.once()).catch_unwind().await;
            if let Some(trouble) = once.unwrap_or_else(|_| Some("it panicked".into())) {
                // Once as a warning; the same again and again says nothing new.
                if told_before.as_ref() == Some(&trouble) {
                    tracing::debug!(trouble, "retention");
                } else {
                    tracing::warn!(trouble, "retention: it is tried again");
                }
                told_before = Some(trouble);
            } else {
                told_before = None;
            }
            tokio::time::sleep(self.every).await;
        }
    }

    /// What is wrong, in words.
    async fn once(&self) -> Option<String> {
        let mut told = Pruned::default();
        let ended = async {
            let mut client = self.target.connect().await.map_err(|error| error.to_string())?;
            self.watch.check(&client).await.map_err(|error| error.to_string())?;
            let (mut orders, mut events) = (0, 0);
            let count = |told: &Pruned| {
                self.metrics.pruned(told.orders - orders, told.events - events);
                (orders, events) = (told.orders, told.events);
            };
            match run_telling(&mut client, &self.settings, self.node, &mut told, count).await {
                Ok(()) => Ok(true),
                Err(PruneError::Elsewhere) => Ok(false),
                Err(PruneError::Database(error)) => Err(super::read_error(&error).to_string()),
                Err(error) => Err(error.to_string()),
            }
        };
        let ended: Result<bool, String> = ended.await;
        if told.orders > 0 {
            let Pruned { orders, events, .. } = told;
            tracing::info!(orders, events, "histories were pruned");
        }
        match ended {
            Err(trouble) => Some(trouble),
            Ok(false) => None, // whoever prunes tells
            Ok(true) => {
                for reason in RetentionReason::ALL {
                    self.metrics.retention_held(reason, told.held_by(reason));
                }
                let troubles = [
                    (!told.unknown.is_empty()).then(|| format!("nothing is pruned: {}", told.unknown.join("; "))),
                    (!told.unsound.is_empty()).then(|| {
                        let named = told.unsound.join(", ");
                        format!("orders are not what their events lead to, and stay: {named}; see `counterfoil audit`")
                    }),
                ];
                let troubles: Vec<String> = troubles.into_iter().flatten().collect();
                (!troubles.is_empty()).then(|| troubles.join("; "))
            }
        }
    }
}
