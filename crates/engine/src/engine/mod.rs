//! The engine: one actor an order, sharded by the hash of its id, over a [`Store`]. The same for the HTTP server and
//! for any tokio program that embeds it; it brings its own threads.

mod actors;
pub mod api;
mod attention;
mod entries;
pub mod order;
mod post;
mod seen;
pub mod shard;
mod supervisor;
mod sweep;

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actix::prelude::*;
use tokio::sync::broadcast;
use uuid::Uuid;

pub use api::{
    Ask, Prepared, PreparedVerb, Reply, Standing, Submission, SubmitError, SubmitResult, VerbCall, VerbRequest,
};
pub use entries::Doer;

use actors::{ShardActor, ShardMessage};
use entries::Entries;
use post::{Places, Seat, Waiter};
use seen::Seen;
use shard::{Input, ShardCore, ShardSettings};
use supervisor::{ShutDown, Supervisor};

use crate::faults::Faults;
use crate::limits;
use crate::ports::{
    Called, Clock, Driver, Intent, NotOurs, ParticipantHealth, Reads, RemoteParticipants, StockChange, StockChanged,
    Store, StoreError, Testimony,
};
use crate::saga::definition::{OwnStep, StepEntry, StepKind};
use crate::saga::request::NEWER_FIELDS_SINCE;
use crate::saga::transaction::{InvalidField, LocalParticipants};
use crate::saga::{Action, Client, Failure, LocalTransaction, OrderId, Outcome, Sku, State};
use crate::telemetry::{Metrics, Overload};
use futures_util::future::BoxFuture;

/// How an engine is set up.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Shards, at least 1; nothing durable depends on their number.
    pub shards: usize,
    /// Threads that the shards are spread over, at least 1.
    pub threads: usize,
    /// Requests that a shard holds, at most; more get [`SubmitError::Overloaded`].
    pub mailbox_orders: usize,
    /// How long an idle order stays in memory.
    pub passivate_after: Duration,
    /// How long an actor may work on its own code, and a submission wait to become durable.
    pub command_timeout: Duration,
    /// How long a read of the store may take.
    pub store_timeout: Duration,
    /// Deaths of an order's actors in a row before its quarantine.
    pub max_deaths: u32,
    /// For how long an engine alone drives an order after each of its commits; longer than a step may take.
    pub lease: Duration,
    /// How long a reservation binds while the payment is not known.
    pub reservation_ttl: Duration,
    /// How long an authorised order waits for its capture.
    pub authorized_ttl: Duration,
    /// How long one call to a remote participant may take.
    pub step_timeout: Duration,
    /// How calls of unknown outcome are repeated.
    pub retry: Retry,
    /// How long an order whose step of one's own has no entry here is left to other engines, from this one's start, or since one
    /// with an entry was last heard of ([`limits::HEARD_OF`] at least); then it waits in `attention` until there is one.
    pub entry_wait: Duration,
    /// What the engine is called among others on the same database: where it listens.
    pub name: String,
    /// The deployment that it is configured as. The database must say the same where a participant is remote.
    pub deployment: String,
}

/// How calls of unknown outcome are repeated: `first * factor^n`, at most `max`, each shortened at random by up to half
/// so that those who failed together do not come back together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Retry {
    /// The pause before the second attempt.
    pub first: Duration,
    /// By what each pause is longer than the one before.
    pub factor: f64,
    /// The longest pause between two attempts.
    pub max: Duration,
    /// After so many attempts without an answer the participant is asked what became of them, and then a human.
    pub attempts: i16,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: limits::RETRY_FIRST,
            factor: limits::RETRY_FACTOR,
            max: limits::RETRY_MAX,
            attempts: limits::RETRY_ATTEMPTS,
        }
    }
}

impl Retry {
    /// The pause behind attempt number `attempts` (from 1), before it is shortened at random.
    pub fn pause(&self, attempts: i16) -> Duration {
        let exponent = i32::from(attempts.clamp(1, 64)) - 1;
        let seconds = self.first.as_secs_f64() * self.factor.max(1.0).powi(exponent);
        Duration::from_secs_f64(seconds.min(self.max.as_secs_f64()))
    }

    /// The pause before a participant that accepted a call is asked again, so long after the call was intended: as long as
    /// it has taken so far, within the bounds of the other pauses.
    pub fn patience(&self, age: Duration) -> Duration {
        age.clamp(self.first.min(self.max), self.max)
    }
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            shards: 4,
            threads: std::thread::available_parallelism().map_or(2, usize::from),
            mailbox_orders: 10_000,
            passivate_after: Duration::from_secs(60),
            command_timeout: Duration::from_secs(5),
            store_timeout: Duration::from_secs(10),
            max_deaths: 3,
            lease: Duration::from_secs(10),
            reservation_ttl: Duration::from_secs(900),
            authorized_ttl: Duration::from_secs(7 * 24 * 3_600),
            step_timeout: Duration::from_secs(5),
            retry: Retry::default(),
            entry_wait: limits::STEP_ENTRY,
            name: "embedded".into(),
            deployment: limits::DEPLOYMENT.into(),
        }
    }
}

impl EngineSettings {
    fn shard(&self) -> ShardSettings {
        ShardSettings {
            residents: (limits::RESIDENT_ORDERS / self.shards.max(1)).max(1),
            passivate_after: self.passivate_after,
            max_deaths: self.max_deaths.max(1),
        }
    }
}

/// How a shard fares.
#[derive(Debug, Clone, serde::Serialize)]
pub struct ShardHealth {
    /// The number of the shard, from 0.
    pub shard: usize,
    /// Whether its actor lives.
    pub up: bool,
    /// Requests that it holds.
    pub depth: usize,
    /// How often it was started anew.
    pub restarts: u64,
    /// Order actors in it.
    pub actors: usize,
}

struct ShardSeat {
    address: RwLock<Option<Addr<ShardActor>>>,
    /// Of the requests that it holds.
    places: Arc<Places>,
    restarts: AtomicU64,
    actors: AtomicUsize,
    quarantined: AtomicUsize,
}

impl ShardSeat {
    /// Sends an input to the actor in this seat; it is lost where there is none, or where that one is dead.
    fn send(&self, input: Input<Waiter>) {
        // Under the lock, rather than by a clone of the address, which costs two allocations.
        if let Some(address) = &*self.address.read().unwrap_or_else(PoisonError::into_inner) {
            address.do_send(ShardMessage(input));
        }
    }
}

/// What all actors share.
pub(crate) struct EngineShared {
    settings: EngineSettings,
    driver: Driver,
    store: Arc<dyn Store>,
    local: Arc<dyn LocalParticipants>,
    remote: Arc<dyn RemoteParticipants>,
    clock: Arc<dyn Clock>,
    faults: Arc<Faults>,
    metrics: Arc<Metrics>,
    known_skus: RwLock<HashSet<Sku>>,
    seen: Seen,
    entries: Entries,
    seats: Vec<ShardSeat>,
    stopping: AtomicBool,
    /// Calls, claims and commits that are under way, and whose outcome an end in order has to wait for.
    in_hand: AtomicUsize,
    events: broadcast::Sender<Arc<LocalTransaction>>,
}

impl EngineShared {
    fn doer(&self, step: &OwnStep) -> Doer {
        let here = match step.kind {
            StepKind::Local => self.local.has_step(&step.name),
            StepKind::Http => self.remote.has_step(&step.name),
        };
        let entry = StepEntry { name: step.name.clone(), kind: step.kind };
        if here { Doer::Here } else { self.entries.doer(&entry, Instant::now()) }
    }

    /// The steps of one's own that this engine does.
    fn own_steps(&self) -> Vec<StepEntry> {
        let of = |kind| move |name| StepEntry { name, kind };
        let local = self.local.steps().into_iter().map(of(StepKind::Local));
        let mut entries: Vec<_> = local.chain(self.remote.steps().into_iter().map(of(StepKind::Http))).collect();
        entries.sort();
        entries.dedup();
        entries
    }

    fn knows(&self, sku: &Sku) -> bool {
        self.known_skus.read().unwrap_or_else(PoisonError::into_inner).contains(sku)
    }

    fn learn(&self, skus: impl Iterator<Item = Sku>) {
        let mut known = self.known_skus.write().unwrap_or_else(PoisonError::into_inner);
        let room = limits::KNOWN_SKUS.saturating_sub(known.len());
        known.extend(skus.take(room));
    }

    /// Counts a local transaction that was committed, and tells it to whoever subscribed.
    fn stored(&self, txn: &LocalTransaction) {
        // A verb may move an order that has ended; its end counts once.
        let ends = txn.events.iter().any(|event| matches!(event.name(), "order.completed" | "order.cancelled"));
        match txn.order.state {
            _ if !ends => {}
            State::Completed => drop(self.metrics.orders_completed().inc()),
            State::Cancelled => self.metrics.order_cancelled(txn.order.failure.as_ref().map_or("", Failure::code)),
            State::Created
            | State::InventoryReserved
            | State::PaymentAuthorized
            | State::PaymentCharged
            | State::ShipmentCreated
            | State::Compensating => {}
        }
        if self.events.receiver_count() > 0 {
            let _nobody = self.events.send(Arc::new(txn.clone()));
        }
    }

    /// A waiter of this shard is answered.
    fn answered(&self, _shard: usize, verdict: &SubmitResult) {
        match verdict {
            Ok(Reply::Final { replayed: true, .. }) => drop(self.metrics.replays.inc()),
            Err(SubmitError::Overloaded) => drop(self.metrics.overloaded(Overload::Order).inc()),
            Ok(_) | Err(_) => {}
        }
    }

    fn report<W>(&self, shard: usize, core: &ShardCore<W>) {
        let Some(seat) = self.seats.get(shard) else { return };
        seat.actors.store(core.actors(), Ordering::Relaxed);
        seat.quarantined.store(core.quarantined(), Ordering::Relaxed);
        let sum = |count: fn(&ShardSeat) -> &AtomicUsize| {
            let all: usize = self.seats.iter().map(|seat| count(seat).load(Ordering::Relaxed)).sum();
            i64::try_from(all).unwrap_or(i64::MAX)
        };
        self.metrics.quarantined.set(sum(|seat| &seat.quarantined));
        let depth = i64::try_from(seat.places.taken()).unwrap_or(i64::MAX);
        self.metrics.shard(shard).mailbox_depth.set(depth);
    }

    fn put_shard(&self, index: usize, address: Addr<ShardActor>) {
        if let Some(seat) = self.seats.get(index) {
            *seat.address.write().unwrap_or_else(PoisonError::into_inner) = Some(address);
        }
    }

    fn restarted(&self, index: usize) {
        if let Some(seat) = self.seats.get(index) {
            seat.restarts.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn shard_of(&self, id: &OrderId) -> usize {
        let mut hasher = rustc_hash::FxHasher::default();
        id.hash(&mut hasher);
        // The high bits: the low ones are what the shard's own map uses.
        (hasher.finish() >> 32) as usize % self.seats.len()
    }

    /// Says something to the shard of an order, where it is up.
    fn tell(&self, id: &OrderId, input: Input<Waiter>) {
        if let Some(seat) = self.seats.get(self.shard_of(id)) {
            seat.send(input);
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

/// Something under way that an end in order waits for. What leads to another (the answer of a call to a commit) is let
/// go of only when the other is counted: else the orders are handed over between the two, and the commit that comes
/// after that leases its order to an engine that is gone.
struct InHand(Arc<EngineShared>);

impl InHand {
    fn new(shared: &Arc<EngineShared>) -> Self {
        shared.in_hand.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(shared))
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What an engine is built from.
pub struct EngineBuilder {
    settings: EngineSettings,
    store: Arc<dyn Store>,
    local: Arc<dyn LocalParticipants>,
    remote: Arc<dyn RemoteParticipants>,
    clock: Arc<dyn Clock>,
    faults: Arc<Faults>,
    metrics: Arc<Metrics>,
}

/// No participant is remote: whatever is asked has no outcome, so that an order which began under another
/// configuration waits, and in the end asks for a human.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRemote;

impl RemoteParticipants for NoRemote {
    fn call(&self, _: Called) -> BoxFuture<'static, Outcome> {
        Box::pin(std::future::ready(Outcome::Unknown))
    }

    fn look_up(&self, _: Called) -> BoxFuture<'static, Outcome> {
        Box::pin(std::future::ready(Outcome::Unknown))
    }

    fn key_lifetime(&self, _: Action) -> Option<Duration> {
        None
    }

    fn reach_anybody(&self) -> bool {
        false
    }
}

/// Why an engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Remote participants would be driven from another database than their deployment's.
    #[error(transparent)]
    NotOurs(#[from] NotOurs),
    /// The operating system gave no thread.
    #[error("no thread for the engine")]
    Thread(#[from] std::io::Error),
    /// The engine's thread ended before it was up.
    #[error("the engine's thread ended before it was up")]
    Ended,
}

impl EngineBuilder {
    /// An engine on a store, with participants in the store's database and its clock.
    pub fn new(store: Arc<dyn Store>, local: Arc<dyn LocalParticipants>, clock: Arc<dyn Clock>) -> Self {
        let settings = EngineSettings::default();
        let metrics = Metrics::new(settings.shards);
        Self { settings, store, local, remote: Arc::new(NoRemote), clock, faults: Arc::default(), metrics }
    }

    /// Sets the participants that are services of their own: those that the plan of the local ones calls remote.
    #[must_use]
    pub fn remote(mut self, remote: Arc<dyn RemoteParticipants>) -> Self {
        self.remote = remote;
        self
    }

    /// Sets how the engine works. Comes before [`EngineBuilder::metrics`], which must know as many shards.
    #[must_use]
    pub fn settings(mut self, settings: EngineSettings) -> Self {
        if settings.shards != self.settings.shards {
            self.metrics = Metrics::new(settings.shards);
        }
        self.settings = settings;
        self
    }

    /// Shares a table of faults, armed by a drill.
    #[must_use]
    pub fn faults(mut self, faults: Arc<Faults>) -> Self {
        self.faults = faults;
        self
    }

    /// Shares a registry of metrics.
    #[must_use]
    pub fn metrics(mut self, metrics: Arc<Metrics>) -> Self {
        self.metrics = metrics;
        self
    }

    /// Starts the engine's threads; returns when all shards are up. Refuses where it could reach remote participants
    /// from a copy of their deployment's database.
    pub fn start(self) -> Result<Engine, StartError> {
        if self.remote.reach_anybody() {
            self.store.drive_remote(&self.settings.deployment)?;
        }
        let seat = || ShardSeat {
            address: RwLock::default(),
            places: Arc::default(),
            restarts: AtomicU64::new(0),
            actors: AtomicUsize::new(0),
            quarantined: AtomicUsize::new(0),
        };
        let shared = Arc::new(EngineShared {
            seats: (0..self.settings.shards.max(1)).map(|_| seat()).collect(),
            driver: Driver {
                node: Uuid::new_v4(),
                lease: self.settings.lease,
                reservation_ttl: self.settings.reservation_ttl,
                authorized_ttl: self.settings.authorized_ttl,
                intent: Intent::Same,
                look_first: false,
            },
            entries: Entries::new(self.settings.entry_wait, Instant::now()),
            settings: EngineSettings { shards: self.settings.shards.max(1), ..self.settings },
            store: self.store,
            local: self.local,
            remote: self.remote,
            clock: self.clock,
            faults: self.faults,
            metrics: self.metrics,
            known_skus: RwLock::default(),
            seen: Seen::new(),
            stopping: AtomicBool::new(false),
            in_hand: AtomicUsize::new(0),
            events: broadcast::channel(1_024).0,
        });
        let (up, is_up) = std::sync::mpsc::channel();
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("engine".into()).spawn(move || {
            let system = System::new();
            system.block_on(async move {
                let arbiters = (0..theirs.settings.threads.max(1)).map(|_| Arbiter::new()).collect();
                let supervisor = Supervisor::new(theirs, arbiters).start();
                let _ = up.send(supervisor);
            });
            if let Err(error) = system.run() {
                tracing::error!(%error, "the engine's system ended");
            }
        })?;
        let supervisor = is_up.recv().map_err(|_| StartError::Ended)?;
        while shared.seats.iter().any(|seat| seat.address.read().is_ok_and(|address| address.is_none())) {
            std::thread::yield_now();
        }
        let keeper = Keeper { shared: Arc::clone(&shared), supervisor, thread: Mutex::new(Some(thread)) };
        Ok(Engine { shared, keeper: Arc::new(keeper) })
    }
}

/// Ends the threads with the last handle.
struct Keeper {
    shared: Arc<EngineShared>,
    supervisor: Addr<Supervisor>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Keeper {
    fn stop(&self) -> Option<std::thread::JoinHandle<()>> {
        self.shared.stopping.store(true, Ordering::Relaxed);
        self.supervisor.do_send(ShutDown);
        self.thread.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _detached = self.stop();
    }
}

/// What an older program beside this one could not read, and what to do.
fn too_early(what: &str) -> String {
    format!(
        "{what} is taken once no program before {NEWER_FIELDS_SINCE} may run on this database: when all instances are \
         upgraded, run `counterfoil migrate --exclude-older`; nothing was stored: repeat the same request then"
    )
}

/// A running engine; clones share it. The last one dropped ends it at once, [`Engine::shutdown`] does so in order.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<EngineShared>,
    keeper: Arc<Keeper>,
}

impl Engine {
    /// Begins to build an engine on this store, with these local participants and this clock.
    pub fn builder(store: Arc<dyn Store>, local: Arc<dyn LocalParticipants>, clock: Arc<dyn Clock>) -> EngineBuilder {
        EngineBuilder::new(store, local, clock)
    }

    /// Submits an order and waits for its final answer: at most `wait` once it is durable, and for that as long as a
    /// command may take. Safe to repeat in whatever doubt: the same submission leads to the same answer.
    /// What today's participants cannot work with is refused where it is new; a repeat gets its order's answer whatever
    /// the rules are now.
    pub async fn submit(&self, submission: Submission, wait: Duration) -> SubmitResult {
        let objection = self.shared.local.invalid(&submission.request);
        self.submit_judged(submission, objection, wait).await
    }

    /// As [`Engine::submit`], of what its caller would not take as a new order: that is refused with the objection, and
    /// nothing is stored, but a repeat gets its order's answer all the same.
    pub async fn repeat(&self, submission: Submission, objection: InvalidField, wait: Duration) -> SubmitResult {
        self.submit_judged(submission, Some(objection), wait).await
    }

    async fn submit_judged(
        &self,
        submission: Submission,
        objection: Option<InvalidField>,
        wait: Duration,
    ) -> SubmitResult {
        let prepared = match (Prepared::new(submission), objection) {
            (Ok(prepared), None) => match prepared.request.newer_field().filter(|_| !self.takes_newer_fields()) {
                Some((pointer, what)) => prepared.not_yet(too_early(&format!("{pointer}: {what}"))),
                None => prepared,
            },
            (Ok(prepared), Some(objection)) => prepared.refused(objection),
            (Err(_), Some(InvalidField { pointer, detail })) => return Err(SubmitError::Invalid { pointer, detail }),
            (Err(error), None) => return Err(error),
        };
        self.answer(Ask::Submit(prepared), wait).await
    }

    /// Does a verb to an order that exists, and waits for its final answer as [`Engine::submit`] does.
    pub async fn verb(&self, call: VerbCall, wait: Duration) -> SubmitResult {
        let mut prepared = PreparedVerb::new(call);
        if prepared.call.request.takes_back_for_nothing() && !self.takes_newer_fields() {
            prepared.too_early = Some(too_early("/amount: a refund of 0"));
        }
        self.answer(Ask::Verb(prepared), wait).await
    }

    /// Whether what this release brought may be written: a program that cannot read it runs nowhere.
    fn takes_newer_fields(&self) -> bool {
        self.shared.store.excludes_programs_before(NEWER_FIELDS_SINCE)
    }

    async fn answer(&self, ask: Ask, wait: Duration) -> SubmitResult {
        let index = self.shared.shard_of(ask.id());
        let seat = self.shared.seats.get(index).ok_or(SubmitError::Overloaded)?;
        // Counted before it asks whether the engine stops: who ends the engine waits for it, or it is turned away.
        let (taken, before) = Seat::take(&seat.places, ask.client());
        if self.shared.is_stopping() {
            return Err(SubmitError::Unavailable("the engine is shutting down".into()));
        }
        let places = self.shared.settings.mailbox_orders;
        if before.all >= places || before.by_client >= limits::share(places) {
            self.shared.metrics.overloaded(Overload::Shard).inc();
            return Err(SubmitError::Overloaded);
        }
        let limit = wait + self.shared.settings.command_timeout;
        match tokio::time::timeout(limit, self.ask(seat, taken, Arc::new(ask), Instant::now() + wait)).await {
            Ok(verdict) => verdict,
            Err(_) => Err(SubmitError::Unavailable(format!("no answer within {limit:?}; it may still come"))),
        }
    }

    /// Asks the shard, and its successors where it dies meanwhile.
    async fn ask(&self, seat: &ShardSeat, taken: Seat, ask: Arc<Ask>, until: Instant) -> SubmitResult {
        let mut taken = Some(taken);
        for _ in 0..limits::SHARD_RETRIES {
            let (waiter, verdict) =
                Waiter::new(taken.take().unwrap_or_else(|| Seat::take(&seat.places, ask.client()).0));
            let input = Input::Ask { ask: Arc::clone(&ask), waiter: Some(waiter), until };
            seat.send(input);
            if let Ok(verdict) = verdict.await {
                return verdict;
            }
            tokio::time::sleep(limits::RESPAWN_PAUSE).await; // the supervisor seats the successor meanwhile
        }
        Err(SubmitError::Internal("the order's shard died again and again".into()))
    }

    /// What is committed from now on, in this process: for a screen or a test. A reader that falls behind by 1,024
    /// misses some, and another instance's commits are not seen; the durable feed is the order_events table.
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<LocalTransaction>> {
        self.shared.events.subscribe()
    }

    /// This engine's own id, made at its start.
    pub fn node(&self) -> Uuid {
        self.shared.driver.node
    }

    /// What is read of the store. Nothing is written past the engine.
    pub fn reads(&self) -> &dyn Reads {
        &*self.shared.store
    }

    /// Changes stock by hand: see [`Store::change_stock`].
    pub async fn change_stock(&self, sku: Sku, change: StockChange, by: Client) -> Result<StockChanged, StoreError> {
        self.shared.store.change_stock(sku, change, by).await
    }

    /// Keeps what a participant told by webhook: see [`Store::receive_webhook`].
    pub async fn receive_webhook(
        &self,
        participant: String,
        webhook_id: String,
        order_id: Option<OrderId>,
    ) -> Result<bool, StoreError> {
        self.shared.store.receive_webhook(participant, webhook_id, order_id).await
    }

    /// The faults that are armed.
    pub fn faults(&self) -> &Arc<Faults> {
        &self.shared.faults
    }

    /// The metrics that this engine counts in; shared with whoever built it.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.shared.metrics
    }

    /// The database's time, for stamps.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    /// Whether orders can be processed now.
    pub fn is_ready(&self) -> bool {
        !self.shared.is_stopping() && self.shared.store.is_healthy() && self.shards().iter().all(|shard| shard.up)
    }

    /// How the participants fare that are services of their own.
    pub fn participants(&self) -> Vec<ParticipantHealth> {
        self.shared.remote.health()
    }

    /// What each of them says of an order, asked now.
    pub fn testimonies(&self, order: OrderId) -> BoxFuture<'static, Vec<Testimony>> {
        self.shared.remote.testimonies(order)
    }

    /// How the shards fare.
    pub fn shards(&self) -> Vec<ShardHealth> {
        let health = |(shard, seat): (usize, &ShardSeat)| ShardHealth {
            shard,
            up: seat.address.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(Addr::connected),
            depth: seat.places.taken(),
            restarts: seat.restarts.load(Ordering::Relaxed),
            actors: seat.actors.load(Ordering::Relaxed),
        };
        self.shared.seats.iter().enumerate().map(health).collect()
    }

    /// Takes no more orders and makes no more calls, waits until what is in hand is answered, leaves the orders that it
    /// held to the other engines, and ends the threads; all that within `grace`, of which a quarter, at most
    /// [`limits::HEARTBEAT`], is kept for the leaving. Whether all was answered.
    pub async fn shutdown(&self, grace: Duration) -> bool {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let farewell = limits::HEARTBEAT.min(grace / 4);
        let deadline = Instant::now() + grace - farewell;
        for seat in &self.shared.seats {
            seat.send(Input::Drain);
        }
        let busy = || {
            self.shared.seats.iter().any(|seat| seat.places.taken() > 0)
                || self.shared.in_hand.load(Ordering::SeqCst) > 0
        };
        let told = self.shared.store.heartbeat(self.shared.driver.node, self.shared.settings.name.clone(), "draining");
        let told = tokio::time::timeout(limits::HEARTBEAT.min(grace - farewell), told);
        let emptied = async {
            while busy() && Instant::now() < deadline {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let (_for_people, ()) = tokio::join!(told, emptied);
        let drained = !busy();
        self.hand_over(deadline + farewell).await;
        if let Some(thread) = self.keeper.stop() {
            let _joined = tokio::task::spawn_blocking(move || thread.join()).await;
        }
        drained
    }

    /// Another engine need not wait for the leases to end. A database that is away is not waited for longer than until
    /// the deadline.
    async fn hand_over(&self, deadline: Instant) {
        let (store, node) = (&self.shared.store, self.shared.driver.node);
        let farewell = async {
            store.release(node).await?;
            store.heartbeat(node, self.shared.settings.name.clone(), "gone").await
        };
        match tokio::time::timeout_at(deadline.into(), farewell).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the orders in hand stay leased until their leases end"),
            Err(_) => tracing::warn!("the orders in hand stay leased until their leases end"),
        }
    }
}
