//! The relay of one endpoint: the engine that holds the endpoint's lease reads the feed from its cursor, gives the events to
//! the lanes ([`lanes`](super::lanes)), sends what they say, and writes down what came of it.
//!
//! One task does all of it, so that what it knows is what it was told, in order; whatever waits (a delivery, a read, a write)
//! is a future beside it.
//!
//! - *Who loses the lease* sends nothing more, lets what is under way end, and writes nothing: it would be refused.
//! - *What an operator changed* is seen before each try, and by each write (`revision`). Then nothing more is sent, what is
//!   under way ends, and all is read anew. So a replay or another filter never mixes with what was under way.
//! - *What an operator said of single events* (a redrive, a skip) is heard ([`Lanes::hear`]) beside what is under way, once
//!   nothing is being written; what was refused for it is written then. So nothing is sent again for it, however often.
//! - *Where the database is away* nothing is sent either, since each try reads its endpoint first; a write is repeated until
//!   it is known to have been done or refused.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use serde::Deserialize;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::attempt::{As, FullRecord, attempt, wants};
use super::lanes::{Job, JobKind, JobOutcome, Lanes};
use super::{Fault, WebhooksShared};
use crate::limits;
use crate::ports::StoreError;
use crate::ports::feed::{Batch, FeedError, Position};
use crate::ports::lease::Held;
use crate::ports::webhooks::{Changes, Endpoint, EndpointState, Owed, Recorded};
use crate::telemetry::SinkMetrics;

/// The name of an endpoint's lease.
fn lease(id: Uuid) -> String {
    format!("webhook/{id}")
}

/// Delivers to an endpoint whenever its lease can be had, until it is stopped, or the endpoint is not active any more.
pub(super) async fn run(shared: Arc<WebhooksShared>, id: Uuid, mut stop: watch::Receiver<bool>) {
    shared.webhooks.watch_where_this_is();
    let mut fault = Fault::default();
    while !*stop.borrow() {
        let name = match shared.webhooks.endpoint(id).await {
            Ok(Some(endpoint)) if endpoint.state == EndpointState::Active => endpoint.name,
            Ok(_) => return,
            Err(error) => {
                fault.tell(&error, &id.to_string(), "an endpoint cannot be read: nothing is delivered to it");
                pause(limits::WEBHOOK_LOOK, &mut stop).await;
                continue;
            }
        };
        let asked = Instant::now();
        match shared.leases.hold(&lease(id), shared.node, shared.lease).await {
            Ok(Some(held)) => {
                fault.is_over();
                if hold(&shared, id, &held, asked, &mut stop).await == End::Astray {
                    // Others may be led to the right server meanwhile.
                    pause(limits::WEBHOOK_PROBE_MOST, &mut stop).await;
                }
            }
            Ok(None) => fault.is_over(),
            Err(error) => {
                fault.tell(&error, &name, "an endpoint's lease cannot be asked for: nothing is delivered to it")
            }
        }
        pause(shared.lease / limits::LEASE_RENEWALS, &mut stop).await;
    }
}

async fn pause(span: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! { () = tokio::time::sleep(span) => {}, _ = stop.wait_for(|stop| *stop) => {} }
}

/// As long as the lease is held, which was asked for then. How the last round ended.
async fn hold(
    shared: &Arc<WebhooksShared>,
    id: Uuid,
    held: &Held,
    mut asked: Instant,
    stop: &mut watch::Receiver<bool>,
) -> End {
    let end = loop {
        let began = async {
            let Some(endpoint) = shared.webhooks.endpoint(id).await? else { return Ok(None) };
            let owed = shared.webhooks.owed(id).await?;
            Ok::<_, StoreError>(Some((endpoint, owed)))
        };
        let (endpoint, owed) = match began.await {
            Ok(Some(found)) => found,
            Ok(None) => break End::Idle,
            Err(error) => {
                tracing::warn!(%error, endpoint = %id, "what an endpoint has yet to get cannot be read");
                break End::Idle;
            }
        };
        let name = Arc::clone(&endpoint.name);
        let metrics = shared.metrics.sink(&name);
        shared.publishes(&name, id, &metrics);
        tracing::info!(endpoint = &*name, generation = held.generation, "delivers to an endpoint");
        let (more_again, has_let_go) = (owed.more_again, owed.has_let_go);
        let lanes = Lanes::new(shared.bounds.clone(), endpoint.run, owed, Duration::ZERO);
        let mut round = Round::new(Arc::clone(shared), (held.clone(), asked), endpoint, lanes, metrics.clone());
        (round.more_again, round.has_let_go) = (more_again, has_let_go);
        let end;
        (end, asked) = round.run(stop).await;
        shared.publishes_no_more(&name, id, &metrics);
        tracing::info!(endpoint = &*name, ?end, "delivers to an endpoint no more");
        match end {
            End::Changed => {}
            End::Lost => return end,
            End::Idle | End::Stopped | End::Astray => break end,
        }
    };
    if let Err(error) = shared.leases.release(held).await {
        tracing::debug!(%error, endpoint = %id, "a lease cannot be given up: it ends by itself");
    }
    end
}

/// Why a round ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Somebody else has the lease, or may have.
    Lost,
    /// An operator changed what is to be delivered.
    Changed,
    /// Nothing is to be delivered.
    Idle,
    /// This engine leaves.
    Stopped,
    /// What was asked is not the database that the endpoint's position is of. It may be the wrong one for a moment.
    Astray,
}

/// A step of the feed.
struct FeedStep {
    from: Position,
    batch: Batch,
    /// The number of its first record.
    first: u64,
}

/// What comes of a read.
struct Read {
    from: Position,
    batch: Batch,
    told: Vec<Option<Arc<FullRecord>>>,
    /// What is not to be delivered, though it is read once more.
    let_go: HashMap<String, HashSet<i32>>,
}

enum Happened {
    Sent { job: Job, verdict: JobOutcome, strict: bool },
    Read(Result<Box<Read>, FeedError>),
    Recorded { done: Recorded, changes: Arc<Changes>, is_known: bool },
    Renewed { asked: Instant, renewed: Result<bool, StoreError> },
    Looked { asked: Instant, looked: Result<Option<Box<Endpoint>>, StoreError> },
    Heard(Result<Option<Box<(Endpoint, Owed)>>, StoreError>),
}

/// From a beginning with what is stored to whatever ends it.
struct Round {
    shared: Arc<WebhooksShared>,
    held: Held,
    endpoint: Arc<Endpoint>,
    lanes: Lanes,
    metrics: SinkMetrics,
    began: Instant,
    works: FuturesUnordered<BoxFuture<'static, Happened>>,
    steps: VecDeque<FeedStep>,
    /// Of the records that the cursor has not passed.
    told: VecDeque<Option<Arc<FullRecord>>>,
    first_told: u64,
    bytes: usize,
    read_to: Position,
    written: Position,
    pause: Duration,
    read_at: Instant,
    send_at: Instant,
    /// When the lease was asked for last that is held: so long ago it began, at most.
    renewed_at: Instant,
    until: watch::Sender<Instant>,
    renew_at: Instant,
    look_at: Instant,
    is_reading: bool,
    /// Whether the feed goes on from where the endpoint is.
    has_read: bool,
    is_recording: bool,
    is_renewing: bool,
    is_looking: bool,
    /// Whether the rows are to be read, since an operator said something of them; and whether they are.
    hears: bool,
    is_hearing: bool,
    /// Since when it is known that nothing can be written before that was heard.
    refused: Option<Instant>,
    /// The position of what was refused.
    unwritten: Option<Position>,
    /// Whether it was refused already, or will be.
    writes: bool,
    end: Option<End>,
    /// Heard by whatever waits for its turn: nothing more is sent.
    is_over: Arc<AtomicBool>,
    /// See [`As::place`].
    place: Arc<Semaphore>,
    /// Why nothing more is delivered, to be said in the endpoint's row.
    why: Option<(EndpointState, String)>,
    was_full: bool,
    /// See [`Owed`](crate::ports::webhooks::Owed).
    more_again: bool,
    has_let_go: bool,
}

impl Round {
    fn new(
        shared: Arc<WebhooksShared>,
        (held, asked): (Held, Instant),
        endpoint: Endpoint,
        lanes: Lanes,
        metrics: SinkMetrics,
    ) -> Self {
        let now = Instant::now();
        let (read_to, written) = (endpoint.position.clone(), endpoint.position.clone());
        let end = (endpoint.state != EndpointState::Active).then_some(End::Idle);
        let until = watch::Sender::new(asked + held.ttl);
        Self {
            shared,
            held,
            endpoint: Arc::new(endpoint),
            lanes,
            metrics,
            began: now,
            works: FuturesUnordered::new(),
            steps: VecDeque::new(),
            told: VecDeque::new(),
            first_told: 0,
            bytes: 0,
            read_to,
            written,
            pause: limits::FEED_PAUSE_LEAST,
            read_at: now,
            send_at: now,
            renewed_at: asked,
            until,
            renew_at: now,
            look_at: now + limits::WEBHOOK_LOOK,
            is_reading: false,
            has_read: false,
            is_recording: false,
            is_renewing: false,
            is_looking: false,
            hears: false,
            is_hearing: false,
            refused: None,
            unwritten: None,
            writes: true,
            end,
            is_over: Arc::default(),
            place: Arc::new(Semaphore::new(1)),
            why: None,
            was_full: false,
            more_again: false,
            has_let_go: false,
        }
    }

    /// How it ended, and when the lease was asked for last that was held then.
    async fn run(mut self, stop: &mut watch::Receiver<bool>) -> (End, Instant) {
        loop {
            if self.end.is_none() && *stop.borrow() {
                self.end = Some(End::Stopped);
            }
            self.start_what_is_due();
            if self.end.is_some() {
                self.is_over.store(true, Ordering::Relaxed);
            }
            if let Some(end) = self.end.filter(|_| self.is_through()) {
                self.say_why().await;
                return (end, self.renewed_at);
            }
            let wake = self.wakes_at();
            let stopping = self.end.is_some();
            tokio::select! {
                Some(happened) = self.works.next() => self.happened(happened),
                () = tokio::time::sleep_until(wake) => {}
                _ = stop.wait_for(|stop| *stop), if !stopping => {}
            }
        }
    }

    /// Whether nothing is under way that is worth waiting for.
    fn is_through(&mut self) -> bool {
        if self.lanes.in_flight() > 0 {
            return false;
        }
        !self.writes || self.end == Some(End::Lost) || !self.is_recording
    }

    fn wakes_at(&self) -> Instant {
        let mut wake = Instant::now() + self.held.ttl;
        if self.end != Some(End::Lost) {
            wake = wake.min(self.renewed_at + self.held.ttl);
            wake = if self.is_renewing { wake } else { wake.min(self.renew_at) };
        }
        wake = if self.is_looking { wake } else { wake.min(self.look_at) };
        if self.end.is_none() {
            if Instant::now() < self.send_at {
                wake = wake.min(self.send_at);
            }
            if !self.is_reading && self.has_room() {
                wake = wake.min(self.read_at);
            }
            if let Some(due) = self.lanes.wakes_at(self.began.elapsed()) {
                wake = wake.min((self.began + due).max(self.send_at));
            }
        }
        wake
    }

    fn start_what_is_due(&mut self) {
        let now = Instant::now();
        if now >= self.renewed_at + self.held.ttl && self.end != Some(End::Lost) {
            tracing::warn!(endpoint = &*self.endpoint.name, "the lease could not be renewed in time");
            (self.end, self.writes) = (Some(End::Lost), false);
        }
        if now >= self.renew_at && !self.is_renewing && self.end != Some(End::Lost) {
            self.is_renewing = true;
            self.renew_at = now + self.held.ttl / limits::LEASE_RENEWALS;
            let renewing = self.shared.leases.renew(&self.held);
            self.works.push(Box::pin(async move { Happened::Renewed { asked: now, renewed: renewing.await } }));
        }
        if now >= self.look_at && !self.is_looking {
            self.is_looking = true;
            self.look_at = now + limits::WEBHOOK_LOOK;
            let looking = self.shared.webhooks.endpoint(self.endpoint.id);
            self.works.push(Box::pin(async move {
                Happened::Looked { asked: now, looked: looking.await.map(|found| found.map(Box::new)) }
            }));
        }
        self.hear();
        if self.end.is_none() {
            self.read(now);
            self.send(now);
        }
        self.record();
    }

    fn has_room(&self) -> bool {
        self.lanes.unpassed() < limits::WEBHOOK_WINDOW && self.bytes < limits::WEBHOOK_WINDOW_BYTES
    }

    fn read(&mut self, now: Instant) {
        if self.is_reading || now < self.read_at || !self.has_room() {
            return;
        }
        self.is_reading = true;
        let (shared, from) = (Arc::clone(&self.shared), self.read_to.clone());
        let of = self.has_let_go.then_some((self.endpoint.id, self.endpoint.run));
        self.works.push(Box::pin(async move { Happened::Read(read(&shared, from, of).await.map(Box::new)) }));
    }

    fn send(&mut self, now: Instant) {
        while now >= self.send_at
            && let Some(job) = self.lanes.next(self.began.elapsed())
        {
            let told = match job.kind {
                JobKind::First(record) => {
                    let place = usize::try_from(record - self.first_told).ok();
                    place.and_then(|place| self.told.get(place)?.clone())
                }
                JobKind::Retry | JobKind::Again => None,
            };
            let of = As {
                endpoint: Arc::clone(&self.endpoint),
                until: self.until.subscribe(),
                is_over: Arc::clone(&self.is_over),
                place: Arc::clone(&self.place),
            };
            let shared = Arc::clone(&self.shared);
            self.works.push(Box::pin(async move {
                let (verdict, strict) = attempt(&shared, &of, &job, told).await;
                Happened::Sent { job, verdict, strict }
            }));
        }
    }

    /// Reads the rows as an operator left them: what is written meanwhile would be taken for an operator's.
    fn hear(&mut self) {
        if !self.hears || self.is_hearing || self.is_recording || self.end.is_some() {
            return;
        }
        (self.hears, self.is_hearing) = (false, true);
        let (shared, id) = (Arc::clone(&self.shared), self.endpoint.id);
        self.works.push(Box::pin(async move {
            let read = async {
                // Of an earlier revision than the rows, where another word is said in between: that is heard once more.
                let endpoint = shared.webhooks.endpoint(id).await?;
                let owed = shared.webhooks.owed(id).await?;
                Ok::<_, StoreError>(endpoint.map(|endpoint| Box::new((endpoint, owed))))
            };
            Happened::Heard(read.await)
        }));
    }

    fn heard(&mut self, heard: Result<Option<Box<(Endpoint, Owed)>>, StoreError>) {
        self.is_hearing = false;
        let (endpoint, owed) = match heard {
            Ok(Some(heard)) if heard.0.is_still(&self.endpoint) => *heard,
            Ok(_) => return self.changed(),
            Err(error) => {
                tracing::debug!(%error, endpoint = &*self.endpoint.name, "what an operator said cannot be read now");
                self.look_at = Instant::now() + limits::WEBHOOK_AGAIN;
                return;
            }
        };
        self.endpoint = Arc::new(endpoint);
        self.more_again = owed.more_again;
        self.has_let_go |= owed.has_let_go;
        self.lanes.hear(owed, self.began.elapsed());
        self.refused = None;
    }

    /// What is known here is not what is to be delivered by now.
    fn changed(&mut self) {
        self.writes = false; // it would be refused
        self.end.get_or_insert(End::Changed);
    }

    /// Writes what is to be written, one write at a time: what comes meanwhile goes into the next.
    fn record(&mut self) {
        if self.is_recording || self.is_hearing || self.refused.is_some() || !self.writes {
            return;
        }
        let is_full = self.lanes.is_full();
        let (mut changes, passed) = self.lanes.changes(self.began.elapsed());
        changes.position = self.cursor(passed).or(self.unwritten.take());
        // What stood in its way does not any more; or does, and nobody was told.
        let is_well = self.has_read && !is_full && self.endpoint.state_reason.is_some();
        let is_told = self.was_full && self.endpoint.state_reason.is_some();
        if changes.is_empty() && !is_well && (!is_full || is_told) {
            return;
        }
        if is_full {
            let waiting = self.lanes.waiting();
            let why =
                format!("{waiting} orders wait for it: it gets nothing of others until some of them wait no more");
            if !std::mem::replace(&mut self.was_full, true) {
                tracing::error!(
                    endpoint = &*self.endpoint.name,
                    waiting,
                    "an endpoint gets nothing new: too many orders wait"
                );
            }
            changes.held_up = Some(why.into());
        } else {
            self.was_full = false;
        }
        self.is_recording = true;
        let changes = Arc::new(changes);
        let (shared, held) = (Arc::clone(&self.shared), self.held.clone());
        let (id, revision) = (self.endpoint.id, self.endpoint.revision);
        self.works.push(Box::pin(async move {
            let mut is_known = true;
            loop {
                match shared.webhooks.record(held.clone(), id, revision, Arc::clone(&changes)).await {
                    Ok(done) => return Happened::Recorded { done, changes, is_known },
                    Err(error) => tracing::warn!(%error, endpoint = %id, "what was delivered cannot be written yet"),
                }
                is_known = false;
                tokio::time::sleep(limits::WEBHOOK_AGAIN).await;
            }
        }));
    }

    /// The position behind so many records, where it is another one than what was written.
    fn cursor(&mut self, passed: u64) -> Option<Position> {
        let mut position = None;
        while let Some(step) = self.steps.front() {
            let taken = usize::try_from(passed.saturating_sub(step.first)).unwrap_or(usize::MAX);
            let all = step.batch.records.len();
            if taken < all {
                position = if taken > 0 { Some(step.batch.position(&step.from, taken)) } else { position };
                break;
            }
            position = Some(step.batch.position(&step.from, all));
            self.steps.pop_front();
        }
        while self.first_told < passed {
            let told = self.told.pop_front().flatten();
            self.bytes -= told.map_or(0, |told| told.bytes());
            self.first_told += 1;
        }
        position.filter(|position| *position != self.written)
    }

    fn happened(&mut self, happened: Happened) {
        match happened {
            Happened::Sent { job, verdict, strict } => self.sent(&job, verdict, strict),
            Happened::Read(Ok(read)) => self.took(*read),
            Happened::Read(Err(error)) => self.did_not_read(&error),
            Happened::Recorded { done, changes, is_known } => self.recorded(done, &changes, is_known),
            Happened::Renewed { asked, renewed } => self.renewed(asked, renewed),
            Happened::Looked { asked, looked } => self.looked(asked, looked),
            Happened::Heard(heard) => self.heard(heard),
        }
    }

    fn sent(&mut self, job: &Job, verdict: JobOutcome, strict: bool) {
        let was_away = self.lanes.is_away();
        let error = match &verdict {
            JobOutcome::Failed(failure) => Some(Arc::clone(&failure.error)),
            JobOutcome::Gone => {
                self.why = Some((EndpointState::Disabled, "it answered 410: it wants no more events".into()));
                self.end.get_or_insert(End::Idle);
                None
            }
            JobOutcome::NotSent => {
                // Something is not as it was, or cannot be asked: it is looked at before anything else is sent.
                let now = Instant::now();
                self.look_at = self.look_at.min(now);
                self.send_at = now + limits::WEBHOOK_AGAIN;
                None
            }
            JobOutcome::Done | JobOutcome::Unwanted | JobOutcome::LetGo => None,
        };
        self.lanes.ended(job, verdict, strict, self.began.elapsed(), jitter());
        let endpoint = &*self.endpoint.name;
        match (was_away, self.lanes.is_away(), error) {
            (false, true, error) => {
                let error = error.as_deref().unwrap_or_default();
                tracing::warn!(endpoint, error, "takes no events: its cursor stays, and one at a time is tried");
            }
            (true, false, _) => tracing::info!(endpoint, "takes events again"),
            (_, _, Some(error)) => {
                let (order_id, version) = (&*job.order_id, job.version);
                tracing::debug!(endpoint, order_id, version, error = &*error, "an event was not delivered");
            }
            _ => {}
        }
    }

    fn took(&mut self, read: Read) {
        (self.is_reading, self.has_read) = (false, true);
        let Read { from, batch, told, let_go } = read;
        let next = batch.position(&from, batch.records.len());
        let is_news = next != from;
        if !is_news && batch.records.is_empty() {
            self.read_at = Instant::now() + self.pause;
            self.pause = (self.pause * 2).min(limits::FEED_PAUSE_MOST);
            return;
        }
        self.pause = limits::FEED_PAUSE_LEAST;
        self.read_at = Instant::now();
        let first = self.first_told + self.told.len() as u64;
        let now = self.began.elapsed();
        for (record, told) in batch.records.iter().zip(told) {
            let mut wanted = told.as_ref().map(|told| wanted(&self.endpoint, told)).unwrap_or_default();
            if let Some(let_go) = let_go.get(&record.row.order_id) {
                for (version, wanted) in (record.row.first_version..).zip(&mut wanted) {
                    *wanted &= !let_go.contains(&version);
                }
            }
            let order_id = Arc::from(record.row.order_id.as_str());
            self.lanes.push(&order_id, record.row.first_version, &wanted, now);
            self.bytes += told.as_ref().map_or(0, |told| told.bytes());
            self.told.push_back(told);
        }
        self.read_to = next;
        self.steps.push_back(FeedStep { from, batch, first });
    }

    fn did_not_read(&mut self, error: &FeedError) {
        self.is_reading = false;
        let endpoint = &*self.endpoint.name;
        match error {
            FeedError::Store(error) => {
                tracing::warn!(%error, endpoint, "the feed cannot be read now");
                self.read_at = Instant::now() + limits::FEED_PAUSE_MOST;
            }
            FeedError::Another(_) => {
                tracing::error!(%error, endpoint, "nothing is delivered while that is so; a replay begins elsewhere");
                let why = format!("{error}; it is tried again; `outbox replay` has it go on elsewhere");
                self.why = Some((EndpointState::Active, why));
                self.end.get_or_insert(End::Astray);
            }
        }
    }

    /// `is_known`: no earlier try of it may have been written.
    fn recorded(&mut self, done: Recorded, changes: &Changes, is_known: bool) {
        self.is_recording = false;
        match done {
            Recorded::Done => {
                self.tell(changes);
                self.lanes.written();
                self.metrics.published(usize::try_from(changes.delivered).unwrap_or(usize::MAX));
                if let Some(position) = &changes.position {
                    self.written.clone_from(position);
                }
                Arc::make_mut(&mut self.endpoint).state_reason = changes.held_up.as_deref().map(str::to_owned);
                // The next of them are read, once of those before all is written.
                self.hears |= self.more_again && self.lanes.again_left() == 0;
            }
            Recorded::Lost => (self.end, self.writes) = (Some(End::Lost), false),
            Recorded::Changed if is_known && self.end.is_none() => {
                let now = Instant::now();
                self.lanes.refused(changes);
                self.unwritten.clone_from(&changes.position);
                (self.refused, self.look_at) = (Some(now), now); // whether that was a word about single events
            }
            Recorded::Changed => self.changed(),
        }
    }

    /// What a human may have to see to, once: when it is durable (before that it may yet become something else), and not each
    /// time that a later event of an order that waits makes its row grow.
    fn tell(&self, changes: &Changes) {
        for aside in &changes.set_aside {
            let (endpoint, order_id, version) = (&*self.endpoint.name, &*aside.order_id, aside.version);
            let error = &*aside.error;
            tracing::error!(endpoint, order_id, version, error, "an event is set aside: its order goes on without it");
        }
        for row in self.lanes.stopped(changes) {
            let (endpoint, order_id, version) = (&*self.endpoint.name, &*row.order_id, row.version);
            tracing::error!(endpoint, order_id, version, error = ?row.error, "an order waits for an operator");
        }
    }

    fn renewed(&mut self, asked: Instant, renewed: Result<bool, StoreError>) {
        self.is_renewing = false;
        match renewed {
            Ok(true) => {
                self.renewed_at = asked;
                self.until.send_replace(asked + self.held.ttl);
            }
            Ok(false) => (self.end, self.writes) = (Some(End::Lost), false),
            Err(error) => tracing::debug!(%error, endpoint = &*self.endpoint.name, "the lease cannot be renewed now"),
        }
    }

    fn looked(&mut self, asked: Instant, looked: Result<Option<Box<Endpoint>>, StoreError>) {
        self.is_looking = false;
        let is_late = self.refused.is_none_or(|refused| refused <= asked);
        match looked {
            Ok(Some(found)) if found.state != EndpointState::Active => drop(self.end.get_or_insert(End::Idle)),
            Ok(Some(found)) if !found.is_still(&self.endpoint) => self.changed(),
            Ok(Some(found)) if found.revision != self.endpoint.revision => self.hears = true,
            Ok(Some(_)) if self.refused.is_some() && is_late => self.changed(), // the database lost what was read
            Ok(Some(found)) => {
                self.endpoint = found.into();
                self.hears |= self.more_again && self.lanes.again_left() == 0;
            }
            Ok(None) => {
                self.writes = false;
                self.end.get_or_insert(End::Idle);
            }
            Err(error) => tracing::debug!(%error, endpoint = &*self.endpoint.name, "an endpoint cannot be read now"),
        }
        if self.refused.is_some() && !is_late {
            self.look_at = self.look_at.min(Instant::now());
        }
    }

    /// The endpoint wants no more, or cannot have any: that is said in its row, before its lease is given up; by who holds it
    /// still, and of what the endpoint is still.
    async fn say_why(&mut self) {
        let Some((state, reason)) = self.why.take().filter(|_| self.end != Some(End::Lost)) else { return };
        let (id, revision, endpoint) = (self.endpoint.id, self.endpoint.revision, &*self.endpoint.name);
        match self.shared.webhooks.stop(self.held.clone(), id, revision, state, reason.clone()).await {
            Ok(Recorded::Done) => tracing::warn!(endpoint, reason, state = state.as_str(), "gets nothing more"),
            Ok(Recorded::Lost | Recorded::Changed) => {}
            // The next one to try hears the same.
            Err(error) => tracing::warn!(%error, endpoint, "why an endpoint gets nothing more cannot be written"),
        }
    }
}

/// From 0 to 1, at random.
fn jitter() -> f64 {
    let [a, b, c, d, ..] = Uuid::new_v4().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}

async fn read(shared: &WebhooksShared, from: Position, of: Option<(Uuid, i32)>) -> Result<Read, FeedError> {
    let mut batch = shared.feed.step(&from, limits::WEBHOOK_ROWS, limits::WEBHOOK_BYTES).await?;
    let (mut told, mut bytes) = (Vec::with_capacity(batch.records.len()), 0);
    for part in batch.records.chunks(limits::FEED_CONTENTS) {
        if bytes >= limits::WEBHOOK_BYTES {
            break;
        }
        let mut ids: Vec<&str> =
            part.iter().filter(|record| record.events != "[]").map(|record| record.row.order_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let contents = if ids.is_empty() { Default::default() } else { shared.feed.contents(&ids).await? };
        for record in part {
            let content = contents.get(&record.row.order_id);
            if content.is_none() && record.events != "[]" {
                let id = &record.row.order_id;
                return Err(StoreError::Corrupt(format!("order {id} has events, and is not there")).into());
            }
            let one = content.map(|content| Arc::new(FullRecord::of(record, content)));
            bytes += one.as_ref().map_or(0, |one| one.bytes());
            told.push(one);
        }
    }
    if told.len() < batch.records.len() {
        // The rest is read again.
        batch.records.truncate(told.len());
        batch.whole = false;
    }
    let mut let_go: HashMap<String, HashSet<i32>> = HashMap::new();
    if let Some((id, run)) = of
        && !batch.records.is_empty()
    {
        let mut orders: Vec<String> = batch.records.iter().map(|record| record.row.order_id.clone()).collect();
        orders.sort_unstable();
        orders.dedup();
        for (order_id, version) in shared.webhooks.let_go(id, run, orders).await? {
            let_go.entry(order_id).or_default().insert(version);
        }
    }
    Ok(Read { from, batch, told, let_go })
}

/// Of each event of a record, whether the endpoint wants it. What cannot be read is wanted: whoever tries to deliver it says
/// what is wrong.
fn wanted(endpoint: &Endpoint, told: &FullRecord) -> Vec<bool> {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    let Ok(events) = serde_json::from_str::<Vec<Typed>>(&told.record.events) else { return vec![true] };
    let is_late_enough = endpoint.since.is_none_or(|since| told.record.at >= since);
    events.iter().map(|event| is_late_enough && wants(endpoint, &told.content, &event.r#type)).collect()
}
