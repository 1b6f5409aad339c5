//! Group commit: how the engine writes an order. (Two others set orders aside without reading them: the sweep, what kills whoever
//! loads it, and an adoption. What they write is the saga's too: `saga/aside.rs`.)
//!
//! Whoever has a write queues it and hears of it after COMMIT. A committer takes its share of what queued while the
//! last commit ran and writes it in ONE transaction of set-based statements, sent in one round trip. No linger: an
//! idle committer takes a single write at once, a busy system fills its batches by itself.
//!
//! What can go wrong, and what is done:
//! - the database refuses a batch: it is halved until the culprit stands alone; its neighbours commit;
//! - a deadlock or a serialisation failure: the same batch again, a few times;
//! - a lock that is not to be had in time: the same batch again, once; then the orders that need what is locked are
//!   parked behind it, and the others go on ([`super::locked`]);
//! - the server is short of something, or gives up a statement: refused as for later, since nothing was stored;
//! - stock runs short (the CHECK raises): the same batch again, counting under lock, and so for a while;
//! - the connection is lost, at any moment, COMMIT included: the outcome is unknown, so the orders are read again by
//!   key and stamp; what is not there is driven again, which is safe whoever else wrote it meanwhile, since the
//!   primary key and the version guard decide;
//! - a committer panics: as a lost connection.

pub(super) mod events;
pub(super) mod keys;
pub(super) mod orders;
pub(super) mod payments;
pub(super) mod steps;
pub(super) mod stock;
pub(super) mod stored;
pub(super) mod work;

use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::connection::{self, Target};
use super::identity::Watch;
use super::locked::{self, Parked};
use super::pipeline::{Attempt, Failed, Mode, Opening, Wrote};
use super::planner::Purpose;
use super::session::WORKS;
use super::statements::Statements;
use super::{ConnectError, StoreSettings, errors, lanes};
use crate::faults::Faults;
use crate::limits;
use crate::ports::{CommitError, CommitResult, Committed, Done, Guard, Write};
use crate::saga::{LocalTransaction, Sku, StockMove};
use crate::telemetry::{Metrics, RetryCause};

/// A write, and who is to hear what became of it.
pub(super) struct Job {
    pub(super) write: Write,
    pub(super) done: Done,
    /// How often its connection was lost.
    lost: u32,
    /// Since when it waits for something that is locked.
    pub(super) locked_since: Option<Instant>,
}

#[derive(Default)]
pub(super) struct Queue {
    jobs: VecDeque<Job>,
    idle: usize,
    running: usize,
    /// A committer was woken and has not looked yet: whoever queues meanwhile need not wake another one.
    called: bool,
    /// Committers whose last try to reach the database failed.
    away: usize,
    closed: bool,
    /// What is known to be locked, and who waits for it.
    pub(super) parked: Parked,
    /// Whether the thread of the lanes runs.
    lanes_run: bool,
}

/// What the committers, and the lanes, share.
pub(super) struct CommitterShared {
    queue: Mutex<Queue>,
    wake: Notify,
    /// Wakes the thread of the lanes: somebody waits for a lock, or the queue is closed.
    pub(super) lanes: Notify,
    ended: Condvar,
    pub(super) target: Target,
    watch: Arc<Watch>,
    faults: Arc<Faults>,
    metrics: Arc<Metrics>,
}

/// The queue in front of the committers. It is bounded by whoever fills it: the shards hold at most
/// `engine.mailbox_orders` commands each whose callers wait, and what callers gave up is refused with the rest as soon
/// as the database counts as away.
pub struct CommitQueue {
    shared: Arc<CommitterShared>,
}

impl CommitQueue {
    /// Starts the committers, each on a thread of its own (measured: 10% over sharing one).
    pub(super) fn start(
        settings: &StoreSettings,
        watch: Arc<Watch>,
        faults: Arc<Faults>,
        metrics: Arc<Metrics>,
    ) -> Result<Self, std::io::Error> {
        let shared = Arc::new(CommitterShared {
            queue: Mutex::default(),
            wake: Notify::new(),
            lanes: Notify::new(),
            ended: Condvar::new(),
            target: settings.target.clone(),
            watch,
            faults,
            metrics,
        });
        for index in 0..settings.committers.max(1) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let shared = Arc::clone(&shared);
            shared.lock().running += 1;
            let committer = Committer { of_a_lane: false, ..Committer::of_a_lane(shared) };
            std::thread::Builder::new()
                .name(format!("committer-{index}"))
                .spawn(move || runtime.block_on(committer.run()))?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let theirs = Arc::clone(&shared);
        shared.lock().lanes_run = true;
        std::thread::Builder::new().name("lock-lanes".into()).spawn(move || {
            runtime.block_on(lanes::run(Arc::clone(&theirs)));
            theirs.lock().lanes_run = false;
            theirs.ended.notify_all();
        })?;
        Ok(Self { shared })
    }

    /// Queues a write.
    pub(super) fn push(&self, write: Write, done: Done) {
        let mut queue = self.shared.lock();
        if queue.closed {
            drop(queue);
            return done(Err(CommitError::Unavailable("the store is closed".into())));
        }
        queue.jobs.push_back(Job { write, done, lost: 0, locked_since: None });
        // An idle committer that would leave a short queue to a busy one, or to one that is on its way, is not woken for
        // each write.
        let busy = queue.running > queue.idle;
        let wanted = if busy { queue.jobs.len().is_multiple_of(limits::PARALLEL_ORDERS) } else { !queue.called };
        let wakes = queue.idle > 0 && wanted;
        queue.called |= wakes;
        drop(queue);
        if wakes {
            self.shared.wake.notify_last(); // whose caches, and whose server process's, are still warm
        }
    }

    /// Lets the committers write what is queued, and waits for their end, at most `patience`.
    pub(super) fn close(&self, patience: Duration) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_waiters();
        self.shared.wake.notify_one();
        let mut queue = self.shared.lock();
        let deadline = Instant::now() + patience;
        while (queue.running > 0 || queue.lanes_run) && Instant::now() < deadline {
            self.shared.wake.notify_one();
            self.shared.lanes.notify_one();
            let waited = self.shared.ended.wait_timeout(queue, Duration::from_millis(20));
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for CommitQueue {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        for _ in 0..64 {
            self.shared.wake.notify_one();
        }
        self.shared.wake.notify_waiters();
        self.shared.lanes.notify_one();
    }
}

impl CommitterShared {
    pub(super) fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A committer's share: `ceil(queue / idle committers)` writes, since one that drained all would leave the others
    /// idle, or the whole queue where that leaves none of them enough to join for; bounded in orders and lines, at most
    /// one write an order. A short queue is left to a committer that is busy, which takes it next; `patient` is false
    /// once that took too long.
    fn take(&self, patient: bool) -> Vec<Job> {
        let mut guard = self.lock();
        let queue = &mut *guard;
        queue.called = false;
        let busy = queue.running > queue.idle;
        if patient && busy && queue.jobs.len() < limits::PARALLEL_ORDERS && !queue.closed {
            return Vec::new();
        }
        let even = queue.jobs.len().div_ceil(queue.idle.max(1));
        let share = if even < limits::PARALLEL_ORDERS { queue.jobs.len() } else { even }.min(limits::BATCH_ORDERS);
        let mut batch: Vec<Job> = Vec::with_capacity(share);
        let (mut lines, mut ids) = (0, HashSet::with_capacity(share));
        let (mut later, mut parked) = (Vec::new(), false);
        while batch.len() < share {
            let Some(job) = queue.jobs.pop_front() else { break };
            if let Some(thing) = queue.parked.before(&job.write) {
                queue.parked.park(thing, None, job, Instant::now());
                parked = true;
                continue;
            }
            let its_lines = job.write.txn.order.request.lines.len();
            if !batch.is_empty() && lines + its_lines > limits::BATCH_LINES {
                later.push(job);
                break;
            }
            if !ids.insert(job.write.order_id().clone()) {
                later.push(job); // a zombie and its successor: the guard decides, in two transactions
                continue;
            }
            lines += its_lines;
            batch.push(job);
        }
        for job in later.into_iter().rev() {
            queue.jobs.push_front(job);
        }
        if parked {
            self.lanes.notify_one();
        }
        if !batch.is_empty() {
            queue.idle -= 1; // under the same lock, so that nobody wakes another committer for what this one takes
            if queue.idle > 0 && queue.jobs.len() >= limits::PARALLEL_ORDERS {
                queue.called = true;
                self.wake.notify_last();
            }
        }
        batch
    }

    /// What is queued while no committer reaches the database: batch by batch, each waiting for a connection that does
    /// not come, it would be refused more slowly than more arrives, and kept after its callers have gone.
    fn forlorn(&self) -> Vec<Job> {
        let mut queue = self.lock();
        if queue.away < queue.running { Vec::new() } else { queue.jobs.drain(..).collect() }
    }

    /// Whether the queue is closed, no committer is left, and nobody waits for a lock.
    pub(super) fn is_done(&self) -> bool {
        let queue = self.lock();
        queue.closed && queue.running == 0 && queue.parked.lanes == 0 && queue.parked.waiting() == 0
    }

    /// Waits for work; `None` once the queue is closed and empty.
    async fn next(&self) -> Option<Vec<Job>> {
        let mut patient = true;
        loop {
            let woken = self.wake.notified();
            let waiting = {
                let queue = self.lock();
                if queue.jobs.is_empty() && queue.closed {
                    return None;
                }
                !queue.jobs.is_empty()
            };
            let batch = self.take(patient);
            if !batch.is_empty() {
                return Some(batch);
            }
            let timed_out = tokio::time::timeout(limits::PARALLEL_WAIT, woken).await.is_err();
            patient = !(timed_out && waiting);
        }
    }
}

pub(super) struct Connection {
    pub(super) client: Client,
    /// Prepared when they are first needed: to prepare a statement takes a lock on its tables.
    statements: Option<Statements>,
    /// Whether a lane has a transaction open on it. One that was lost since, and that another connection took the place of,
    /// has none: what was to be written in it begins one of its own.
    pub(super) holds: bool,
}

/// Orders that are to be written together, and how.
struct Share {
    jobs: Vec<Job>,
    opening: Opening,
    lock: Lock,
}

/// What is known of a lock that a batch could not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    None,
    /// It was not to be had once, which may have been a deadlock.
    Once,
    /// Nor a second time, and nothing was to be seen of it: others may just have been slow, or wait for one another's COMMIT.
    Hidden,
    /// It is of a row that nobody can see yet: it is searched in halves, with little patience.
    Unseen,
}

impl Share {
    fn new(jobs: Vec<Job>) -> Self {
        Self::behind(Lock::None, jobs)
    }

    /// With as much patience as is left after what is known of a lock.
    fn behind(lock: Lock, jobs: Vec<Job>) -> Self {
        let opening = match lock {
            Lock::None => Opening::Begin,
            Lock::Once => Opening::Patient(limits::LOCK_AGAIN),
            Lock::Hidden => Opening::Patient(2 * limits::LOCK_AGAIN),
            Lock::Unseen => Opening::Patient(limits::LOCK_SEARCH),
        };
        Self { jobs, opening, lock }
    }

    /// In halves, the first one first.
    fn halves(self) -> [Self; 2] {
        let Self { jobs: mut first, lock, .. } = self;
        let second = first.split_off(first.len() / 2);
        [second, first].map(|jobs| Self::behind(lock, jobs))
    }
}

/// Writes batches, on a connection of its own.
pub(super) struct Committer {
    shared: Arc<CommitterShared>,
    connection: Option<Connection>,
    /// Whether its last try to reach the database failed.
    away: bool,
    /// SKUs that ran short, and until when they are served in the exact mode.
    short: HashMap<Sku, Instant>,
    /// Whether it serves a lane, and not the queue.
    of_a_lane: bool,
}

impl Committer {
    /// One that writes what waits for a lock.
    pub(super) fn of_a_lane(shared: Arc<CommitterShared>) -> Self {
        Self { shared, connection: None, away: false, short: HashMap::new(), of_a_lane: true }
    }

    /// Takes a connection back, whatever transaction it is in.
    pub(super) fn keep(&mut self, connection: Connection) {
        self.connection = Some(connection);
    }

    async fn run(mut self) {
        self.shared.lock().idle += 1;
        while let Some(batch) = self.shared.next().await {
            // A committer outlives a bug of its own: whoever waits for the writes in its hand hears that their outcome
            // is unknown (their callbacks are dropped), and the next batch gets a fresh connection.
            if AssertUnwindSafe(self.batch(batch)).catch_unwind().await.is_err() {
                tracing::error!("a committer panicked with a batch in hand");
                self.connection = None;
            }
            self.shared.lock().idle += 1;
        }
        self.reached(true);
        let mut queue = self.shared.lock();
        queue.idle -= 1;
        queue.running -= 1;
        self.shared.lanes.notify_one(); // whose thread ends with the last committer
        self.shared.ended.notify_all();
    }

    async fn batch(&mut self, batch: Vec<Job>) {
        self.write(batch, Opening::Begin).await;
    }

    /// Writes a batch, and whatever it falls apart into, until every job has its answer, or waits for a lock.
    pub(super) async fn write(&mut self, batch: Vec<Job>, opening: Opening) {
        self.write_all(vec![Share { opening, ..Share::new(batch) }]).await;
    }

    /// Asks what is locked of all that these need, and writes those that need nothing of it.
    pub(super) async fn ask_again(&mut self, jobs: Vec<Job>) {
        let free = self.locked(jobs, Lock::Once).await;
        self.write_all(free).await;
    }

    async fn write_all(&mut self, mut stack: Vec<Share>) {
        let (mut retries, mut exact) = (0, false);
        let limit = self.shared.target.statement_timeout * limits::COMMIT_STATEMENTS;
        while let Some(Share { jobs, opening, lock }) = stack.pop() {
            if jobs.is_empty() {
                continue;
            }
            let Some(Connection { client, statements: Some(statements), holds }) = self.reach(true).await else {
                answer_all(jobs, &CommitError::Unavailable("no connection".into()));
                answer_all(self.shared.forlorn(), &CommitError::Unavailable("no connection".into()));
                continue;
            };
            let opening = match opening {
                Opening::Held if !holds => Opening::Begin,
                Opening::Patient(patience) if lock != Lock::None => {
                    Opening::Patient(patience.min(self.shared.target.lock_timeout))
                }
                opening => opening,
            };
            let mode = if exact { Mode::Exact } else { self.mode(&jobs) };
            let mut attempt = Attempt::new(jobs.iter().map(|job| &job.write).collect(), stamp());
            let began = Instant::now();
            let shared = Arc::clone(&self.shared);
            let run = attempt.run(&client, &statements, (opening, mode), &shared.faults);
            // The server bounds each statement; this bounds a server, or a network, that answers nothing at all.
            let bounded = async { tokio::time::timeout(limit, run).await.unwrap_or(Err(Failed::Lost)) };
            let result = AssertUnwindSafe(bounded).catch_unwind().await;
            let commit_id = attempt.commit_id;
            let replaced = std::mem::take(&mut attempt.replaced);
            let short = std::mem::take(&mut attempt.short);
            drop(attempt);
            self.connection = Some(Connection { client, statements: Some(statements), holds: false });
            self.remember_short(short);
            match result {
                Ok(Ok(wrote)) => {
                    self.shared.metrics.commit_seconds.observe(began.elapsed().as_secs_f64());
                    self.shared.metrics.commit_batch_orders.observe(jobs.len() as f64);
                    answer(jobs, replaced, &wrote);
                }
                Ok(Err(failed)) => match self.judge(&failed, jobs.len(), &mut retries) {
                    Recovery::Again => stack.push(Share::behind(lock, jobs)),
                    Recovery::Exact => {
                        exact = true;
                        let skus = jobs.iter().flat_map(|job| &job.write.txn.order.request.lines);
                        self.remember_short(skus.map(|line| line.sku.clone()).collect());
                        stack.push(Share::behind(lock, jobs));
                    }
                    Recovery::Halve => {
                        self.shared.metrics.commit_retries(RetryCause::Halved).inc();
                        stack.extend(Share::behind(lock, jobs).halves());
                    }
                    Recovery::Locked => stack.extend(self.locked(jobs, lock).await),
                    Recovery::Refuse(error) => answer_all(jobs, &error),
                    Recovery::Lost => stack.extend(self.lost(jobs, replaced, commit_id).await.map(Share::new)),
                },
                Err(_panic) => {
                    tracing::error!(orders = jobs.len(), "a committer panicked; its orders are read again");
                    stack.extend(self.lost(jobs, replaced, commit_id).await.map(Share::new));
                }
            }
        }
    }

    /// A lock was not to be had. Once that may have been a deadlock; then it is asked what is locked, and who needs that is
    /// parked behind it. What is left goes on.
    async fn locked(&mut self, jobs: Vec<Job>, lock: Lock) -> Vec<Share> {
        self.shared.metrics.lock_waits.inc();
        let again = |jobs, lock| vec![Share::behind(lock, jobs)];
        match lock {
            Lock::None => return again(jobs, Lock::Once),
            Lock::Unseen if jobs.len() > 1 => return Share::behind(lock, jobs).halves().into(),
            Lock::Once | Lock::Hidden | Lock::Unseen => {}
        }
        let Some(connection) = self.reach(false).await else {
            answer_all(jobs, &CommitError::Unavailable("no connection".into()));
            return Vec::new();
        };
        let writes: Vec<&Write> = jobs.iter().map(|job| &job.write).collect();
        let limit = self.shared.target.statement_timeout * limits::COMMIT_STATEMENTS;
        let asked = tokio::time::timeout(limit, locked::ask(&connection.client, &writes)).await;
        let found = match asked {
            Ok(Ok(found)) => found,
            Ok(Err(error)) if locked::is_lock(&error) => Vec::new(),
            // Nothing was stored, so that the batch is simply driven again on another connection, or told that there is none.
            Ok(Err(_)) | Err(_) => return again(jobs, lock),
        };
        self.connection = Some(connection);
        let now = Instant::now();
        let mut queue = self.shared.lock();
        queue.parked.learn(&found, &jobs);
        for (thing, table) in &found {
            tracing::warn!(locked = %thing, "locked by another session: who needs it waits for it, and nobody else");
            queue.parked.note(thing.clone(), *table, now);
        }
        let before = jobs.len();
        let mut free = Vec::new();
        for job in jobs {
            match queue.parked.before(&job.write) {
                Some(thing) => queue.parked.park(thing, None, job, now),
                None => free.push(job),
            }
        }
        if free.len() == before {
            // Nothing to be seen: it is free again, or it is about to be placed by a transaction that has not ended.
            if lock == Lock::Once {
                return again(free, Lock::Hidden);
            }
            if free.len() > 1 {
                return Share::behind(Lock::Unseen, free).halves().into();
            }
            for job in free.drain(..) {
                let thing = locked::Locked::Order(job.write.order_id().clone());
                queue.parked.park(thing, None, job, now);
            }
        }
        drop(queue);
        self.shared.lanes.notify_one();
        again(free, Lock::None)
    }

    /// The exact mode is for stock that ran short a while ago, and for orders that need stock without changing it.
    fn mode(&mut self, jobs: &[Job]) -> Mode {
        let now = Instant::now();
        self.short.retain(|_, until| *until > now);
        let exact = jobs.iter().any(|job| {
            job.write.txn.stock == StockMove::Check
                || (!self.short.is_empty()
                    && job.write.txn.order.request.lines.iter().any(|line| self.short.contains_key(&line.sku)))
        });
        if exact { Mode::Exact } else { Mode::Fast }
    }

    fn remember_short(&mut self, skus: std::collections::BTreeSet<Sku>) {
        let until = Instant::now() + limits::SHORT_MODE;
        let room = limits::SHORT_SKUS.saturating_sub(self.short.len());
        self.short.extend(skus.into_iter().take(room).map(|sku| (sku, until)));
    }

    fn judge(&self, failed: &Failed, orders: usize, retries: &mut u32) -> Recovery {
        let metrics = &self.shared.metrics;
        let error = match failed {
            Failed::Lost => return Recovery::Lost,
            Failed::Injected(hit) => {
                // An arm for one order stays armed until that order stands alone; one for all counts transactions.
                if orders == 1 || hit.order_id.is_none() {
                    self.shared.faults.spend(hit);
                }
                tracing::warn!(
                    point = hit.point.as_str(),
                    order_id = hit.order_id,
                    orders,
                    "ROLLBACK TRIGGERED DUE TO: SIMULATED FAILURE"
                );
                let error = CommitError::Injected { point: hit.point.as_str() };
                return if orders == 1 { Recovery::Refuse(error) } else { Recovery::Halve };
            }
            Failed::Database(error) => error,
        };
        let Some(db) = error.as_db_error() else { return Recovery::Lost };
        if connection::means_away(db.code()) {
            return Recovery::Lost;
        }
        if locked::is_lock(error) {
            return Recovery::Locked;
        }
        let again = [
            (&SqlState::T_R_DEADLOCK_DETECTED, RetryCause::Deadlock),
            (&SqlState::T_R_SERIALIZATION_FAILURE, RetryCause::Serialization),
        ];
        if let Some((_, cause)) = again.iter().find(|(code, _)| *code == db.code()) {
            *retries += 1;
            metrics.commit_retries(*cause).inc();
            if *retries <= limits::COMMIT_RETRIES {
                return Recovery::Again;
            }
        }
        if errors::breaks_check(db, errors::NOT_OVERSOLD) {
            *retries += 1;
            metrics.commit_retries(RetryCause::Short).inc();
            if *retries <= limits::COMMIT_RETRIES {
                return Recovery::Exact;
            }
        }
        if errors::breaks_check(db, errors::KEYS_BOUNDED) {
            // Another engine counted an order's last key since it was looked for: next time the order is found full.
            *retries += 1;
            if *retries <= limits::COMMIT_RETRIES {
                return Recovery::Again;
            }
        }
        if connection::means_short(db.code()) {
            // Of all orders alike: to halve the batch would only ask a server that is short of something more often.
            tracing::warn!(%error, detail = db.message(), orders, "the database cannot write just now");
            return Recovery::Refuse(CommitError::Unavailable(db.to_string()));
        }
        if orders > 1 {
            return Recovery::Halve;
        }
        if db.code().code() == "CF404" {
            return Recovery::Refuse(CommitError::UnknownSku);
        }
        if connection::is_passing(db.code()) {
            return Recovery::Refuse(CommitError::Unavailable(db.to_string()));
        }
        tracing::error!(%error, detail = db.message(), hint = hint(db), "the database refused a write");
        Recovery::Refuse(CommitError::Refused(db.to_string()))
    }

    /// The outcome is unknown: what bears our stamp was stored, the rest is driven again.
    async fn lost(
        &mut self,
        jobs: Vec<Job>,
        replaced: Vec<Option<LocalTransaction>>,
        commit_id: i64,
    ) -> Option<Vec<Job>> {
        self.shared.metrics.commit_retries(RetryCause::Lost).inc();
        self.connection = None;
        let Some(connection) = self.reach(true).await else {
            answer_all(jobs, &CommitError::Unavailable("the connection was lost; the outcome is unknown".into()));
            return None;
        };
        let ids: Vec<&str> = jobs.iter().map(|job| job.write.order_id().as_str()).collect();
        let stamps = vec![commit_id];
        let asked: [&(dyn ToSql + Sync); 2] = [&ids, &stamps];
        let find = connection.client.query(orders::FIND_COMMITS, &asked);
        let found = tokio::time::timeout(self.shared.target.statement_timeout * limits::COMMIT_STATEMENTS, find).await;
        let found = found.map_or_else(|_| Err("no answer".into()), |found| found.map_err(|error| error.to_string()));
        let stored: HashSet<String> = match found {
            Ok(rows) => rows.iter().map(|row| row.get(0)).collect(),
            Err(reason) => {
                answer_all(jobs, &CommitError::Unavailable(format!("the outcome is unknown: {reason}")));
                return None;
            }
        };
        self.connection = Some(connection);
        let mut again = Vec::new();
        for (mut job, replaced) in jobs.into_iter().zip(replaced) {
            if stored.contains(job.write.order_id().as_str()) {
                (job.done)(Ok(Committed::Stored(replaced.map_or(job.write.txn, Box::new))));
                continue;
            }
            job.lost += 1;
            if job.lost > limits::LOST_RETRIES {
                (job.done)(Err(CommitError::Unavailable("the connection was lost again and again".into())));
            } else {
                again.push(job);
            }
        }
        (!again.is_empty()).then_some(again)
    }

    /// The connection in hand, or a new one, `ready` with its statements or not; `None` where the database stays away, or
    /// a table stays locked against being prepared for, for as long as a statement may take.
    pub(super) async fn reach(&mut self, ready: bool) -> Option<Connection> {
        let mut at_hand = self.connection.take();
        let began = Instant::now();
        let mut pause = Duration::from_millis(10);
        loop {
            let reached = match at_hand.take().filter(|connection| !connection.client.is_closed()) {
                Some(connection) => Ok(connection),
                None => self.try_connect().await,
            };
            let reached = match reached {
                Ok(mut connection) if ready => self.prepare(&mut connection).await.map(|()| connection),
                reached => reached,
            };
            let error = match reached {
                Ok(connection) => {
                    self.reached(true);
                    return Some(connection);
                }
                Err(error) => error,
            };
            let patience = if error.is_lock() { self.shared.target.statement_timeout } else { limits::RECONNECT };
            if began.elapsed() + pause >= patience {
                tracing::warn!(error = errors::with_causes(&error), "the database stays away");
                self.reached(false);
                return None;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
    }

    fn reached(&mut self, is_there: bool) {
        if self.away == is_there && !self.of_a_lane {
            self.away = !is_there;
            let mut queue = self.shared.lock();
            queue.away = if is_there { queue.away - 1 } else { queue.away + 1 };
        }
    }

    async fn try_connect(&self) -> Result<Connection, ConnectError> {
        let client = self.shared.target.connect().await?;
        // What ended the connection before may be true of the pool's as well: they are looked at before their next use.
        self.shared.target.trust.doubt();
        let limit = self.shared.target.connect_timeout;
        let checked = tokio::time::timeout(limit, self.shared.watch.check(&client));
        checked.await.map_err(|_| ConnectError::Timeout(limit))??;
        let session = format!(
            "SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; {}; {WORKS}",
            self.shared.target.lock_timeout.as_millis().max(1),
            limits::COMMIT_PAUSE.as_millis(),
            self.shared.target.planner.sql(Purpose::Commit),
        );
        self.in_time(client.batch_execute(&session)).await?;
        Ok(Connection { client, statements: None, holds: false })
    }

    /// Prepares the statements, where they are not yet.
    pub(super) async fn prepare(&self, connection: &mut Connection) -> Result<(), ConnectError> {
        if connection.statements.is_none() {
            connection.statements = Some(self.in_time(Statements::prepare(&connection.client)).await?);
        }
        Ok(())
    }

    async fn in_time<T>(
        &self,
        asked: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, ConnectError> {
        let limit = self.shared.target.connect_timeout;
        let answered = tokio::time::timeout(limit, asked).await;
        answered.map_err(|_| ConnectError::Timeout(limit))?.map_err(ConnectError::Ask)
    }
}

enum Recovery {
    Again,
    Exact,
    Halve,
    Locked,
    Refuse(CommitError),
    Lost,
}

/// A stamp that no other transaction bears: 64 random bits of a UUIDv4.
pub(super) fn stamp() -> i64 {
    let (high, low) = Uuid::new_v4().as_u64_pair();
    i64::from_be_bytes((high ^ low.rotate_left(32)).to_be_bytes())
}

fn answer(jobs: Vec<Job>, replaced: Vec<Option<LocalTransaction>>, wrote: &Wrote) {
    for (job, replaced) in jobs.into_iter().zip(replaced) {
        let id = job.write.order_id().as_str();
        let outcome = if wrote.orders.contains(id) {
            Committed::Stored(replaced.map_or(job.write.txn, Box::new))
        } else if job.write.key.is_some() && !wrote.keys.contains(id) {
            Committed::KeyKnown
        } else if wrote.full.contains(id) {
            Committed::Full
        } else {
            match job.write.guard() {
                Guard::Absent => Committed::Exists,
                Guard::Version(_) => Committed::Stale,
            }
        };
        (job.done)(Ok(outcome));
    }
}

/// What an operator may do about what the database refuses to everybody.
fn hint(error: &tokio_postgres::error::DbError) -> Option<&'static str> {
    errors::names(error, "counterfoil_outbox")
        .then_some("the table outbox cannot be written: outbox.table = false goes on without it")
}

/// Answers all of them alike.
pub(super) fn answer_all(jobs: Vec<Job>, error: &CommitError) {
    for job in jobs {
        (job.done)(CommitResult::Err(error.clone()));
    }
}
