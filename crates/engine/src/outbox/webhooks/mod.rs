//! Webhooks: events posted to endpoints, signed, each endpoint in its own time.
//!
//! First deliveries are in order within an order; a repeat of an older version may follow, after a crash or a lost answer.
//! And what was set aside comes after later ones, where an operator has it sent again. So whoever receives them remembers which
//! of an order it took, and ignores those.
//!
//! Every engine looks which endpoints there are, and has a task for each ([`relay`]); of the tasks of all engines one
//! delivers, which is who holds the endpoint's lease. Endpoints are rows, so that they come, go and change without a restart.

pub mod addresses;
mod attempt;
pub mod delivery;
pub mod lanes;
mod relay;
pub mod schedule;
pub mod sender;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::Begin;
use super::lag::Missing;
use crate::limits;
use crate::ports::Clock;
use crate::ports::StoreError;
use crate::ports::feed::{FeedError, Reader};
use crate::ports::lease::Leases;
use crate::ports::webhooks::{
    Begun, Endpoint, EndpointState, EndpointTarget, Endpoints, NewEndpoint, Tried, WebhookOperations, WebhookProbe,
    Webhooks,
};
use crate::telemetry::{Metrics, SinkMetrics};

use lanes::{Bounds, JobOutcome};
use schedule::Schedule;
use sender::Sender;

/// An endpoint that a configuration names.
#[derive(Debug, Clone)]
pub struct Configured {
    /// The endpoint's name.
    pub name: Arc<str>,
    /// What is delivered, and how.
    pub target: EndpointTarget,
    /// Where it begins, where it is new.
    pub begin: Begin,
}

/// What deliveries are made with.
pub struct Parts {
    /// Where endpoints, and what they did not take, are kept.
    pub webhooks: Arc<dyn WebhookOperations>,
    /// Where the lease of each endpoint is asked for.
    pub leases: Arc<dyn Leases>,
    /// The feed of what was committed.
    pub feed: Arc<dyn Reader>,
    /// The database's time, for signatures.
    pub clock: Arc<dyn Clock>,
    /// Where deliveries are counted.
    pub metrics: Arc<Metrics>,
    /// What posts the events.
    pub sender: Sender,
    /// Which deployment tells: the `source` of events.
    pub source: String,
    /// The id of this engine, which holds the leases.
    pub node: Uuid,
    /// How long an engine that is silent keeps an endpoint from others.
    pub lease: Duration,
    /// Deliveries under way at once, to one endpoint.
    pub in_flight: usize,
    /// When what failed is tried again.
    pub schedule: Schedule,
}

/// What the tasks share.
struct WebhooksShared {
    webhooks: Arc<dyn Webhooks>,
    leases: Arc<dyn Leases>,
    feed: Arc<dyn Reader>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    sender: Sender,
    source: String,
    node: Uuid,
    lease: Duration,
    bounds: Bounds,
    /// Deliveries under way at once, to all endpoints, beside the place that each has of its own.
    sends: Semaphore,
    /// Of each name the endpoint that this engine delivers to: one of before that had the name may not have ended yet.
    publishing: Mutex<HashMap<Arc<str>, Uuid>>,
}

impl WebhooksShared {
    fn publishes(&self, name: &Arc<str>, id: Uuid, metrics: &SinkMetrics) {
        let mut publishing = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        publishing.insert(Arc::clone(name), id);
        metrics.publishes(true);
    }

    fn publishes_no_more(&self, name: &Arc<str>, id: Uuid, metrics: &SinkMetrics) {
        let mut publishing = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        if publishing.get(name) == Some(&id) {
            publishing.remove(name);
            metrics.publishes(false);
        }
    }
}

/// What stands in the way of something that is tried again and again: told once, for as long as it is the same.
#[derive(Default)]
struct Fault(Option<String>);

impl Fault {
    /// A database that is away is told by others, and comes back.
    fn tell(&mut self, error: &StoreError, endpoint: &str, what: &'static str) {
        let told = Some(error.to_string());
        if matches!(error, StoreError::Unavailable(_)) || self.0 == told {
            return tracing::debug!(%error, endpoint, "{what}");
        }
        tracing::error!(%error, endpoint, "{what}");
        self.0 = told;
    }

    fn is_over(&mut self) {
        self.0 = None;
    }
}

/// Deliveries, until they are stopped.
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// Sends nothing more, lets what is under way end and be written down, and gives up the leases; within this time.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        if tokio::time::timeout(patience, &mut self.task).await.is_err() {
            tracing::warn!("deliveries of webhooks are cut off: who holds their leases next repeats them");
            self.task.abort();
        }
    }
}

/// Begins to deliver, on the current runtime: to the endpoints that were added, and to those that are configured here. One
/// that was configured, and is not here, is left alone.
pub fn start(parts: Parts, configured: Vec<Configured>) -> Running {
    let (stop, stopped) = watch::channel(false);
    let operations = Arc::clone(&parts.webhooks);
    let shared = Arc::new(WebhooksShared {
        webhooks: Arc::clone(&parts.webhooks) as Arc<dyn Webhooks>,
        leases: parts.leases,
        feed: parts.feed,
        clock: parts.clock,
        metrics: parts.metrics,
        sender: parts.sender,
        source: parts.source,
        node: parts.node,
        lease: parts.lease,
        bounds: Bounds {
            in_flight: parts.in_flight,
            waiting: limits::WEBHOOK_WAITING,
            away: limits::WEBHOOK_AWAY,
            schedule: parts.schedule,
        },
        sends: Semaphore::new(limits::WEBHOOK_SENDS),
        publishing: Mutex::default(),
    });
    let manager = Manager {
        operations,
        shared,
        names: configured.iter().map(|one| Arc::clone(&one.name)).collect(),
        configured,
        relays: HashMap::new(),
        missing: HashMap::new(),
        measured: None,
        fault: Fault::default(),
        unreadable: HashMap::new(),
        stopped,
    };
    Running { stop, task: tokio::spawn(manager.run()) }
}

/// Where something begins that is said in words; and, where that is a time, from which on events count.
pub async fn resolve(begin: &Begin, feed: &dyn Reader) -> Result<Begun, FeedError> {
    Ok(match begin {
        Begin::Beginning => (feed.beginning().await?, None),
        Begin::Now => (feed.now().await?, None),
        Begin::Time(since) => (feed.beginning().await?, Some(*since)),
        Begin::Position(position) => (position.clone(), None),
    })
}

/// A relay at work; it ends with whoever has it.
struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sees to it that each endpoint has its relay.
struct Manager {
    operations: Arc<dyn WebhookOperations>,
    shared: Arc<WebhooksShared>,
    /// Those that are not in the database yet.
    configured: Vec<Configured>,
    names: HashSet<Arc<str>>,
    relays: HashMap<Uuid, (Arc<str>, Task)>,
    missing: HashMap<Arc<str>, Missing>,
    measured: Option<Instant>,
    /// Why none of them can be read; and single ones.
    fault: Fault,
    unreadable: HashMap<Arc<str>, Fault>,
    stopped: watch::Receiver<bool>,
}

impl Manager {
    async fn run(mut self) {
        while !*self.stopped.borrow() {
            self.configure().await;
            match self.shared.webhooks.endpoints().await {
                Ok(endpoints) => {
                    self.fault.is_over();
                    self.tend(&endpoints);
                    self.measure(&endpoints.all).await;
                }
                Err(error) => self.fault.tell(&error, "(all)", "the endpoints of webhooks cannot be read"),
            }
            let mut stopped = self.stopped.clone();
            tokio::select! {
                () = tokio::time::sleep(limits::WEBHOOK_LOOK) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
        }
        for (_, mut relay) in self.relays.into_values() {
            drop((&mut relay.0).await);
        }
    }

    /// What is configured becomes rows, whenever that can be done.
    async fn configure(&mut self) {
        let mut left = Vec::new();
        for one in std::mem::take(&mut self.configured) {
            match self.configure_one(&one).await {
                Ok(true) => {}
                Ok(false) => tracing::error!(
                    sink = &*one.name,
                    "is left out: an operator added an endpoint of this name, or there are as many as there may be"
                ),
                Err(error) => {
                    tracing::warn!(%error, sink = &*one.name, "cannot be set up yet");
                    left.push(one);
                }
            }
        }
        self.configured = left;
    }

    async fn configure_one(&self, one: &Configured) -> Result<bool, FeedError> {
        let (position, since) = resolve(&one.begin, &*self.shared.feed).await?;
        let from_now = one.begin == Begin::Now;
        let new = NewEndpoint { name: Arc::clone(&one.name), target: one.target.clone(), position, since, from_now };
        Ok(self.operations.configure(new).await?.is_some())
    }

    fn tend(&mut self, endpoints: &Endpoints) {
        let Endpoints { all, unreadable } = endpoints;
        self.relays.retain(|_, (_, relay)| !relay.0.is_finished());
        for name in all.iter().map(|one| &one.name).chain(unreadable.iter().map(|one| &one.name)) {
            self.missing.entry(Arc::clone(name)).or_default(); // its relay tells of it, measured or not
        }
        self.unreadable.retain(|name, _| unreadable.iter().any(|one| one.name == *name));
        for one in unreadable {
            let fault = self.unreadable.entry(Arc::clone(&one.name)).or_default();
            let what = "gets nothing: `DELETE /operator/webhooks/NAME` takes it away";
            fault.tell(&StoreError::Corrupt(one.error.clone()), &one.name, what);
            self.shared.metrics.sink(&one.name).stopped(true);
        }
        let active =
            all.iter().filter(|one| self.is_ours(one)).filter(|endpoint| endpoint.state == EndpointState::Active);
        let missing: Vec<_> = active.filter(|endpoint| !self.relays.contains_key(&endpoint.id)).collect();
        for endpoint in missing {
            let relay = relay::run(Arc::clone(&self.shared), endpoint.id, self.stopped.clone());
            self.relays.insert(endpoint.id, (Arc::clone(&endpoint.name), Task(tokio::spawn(relay))));
        }
        let is_gone = |name: &&Arc<str>| {
            all.iter().all(|one| one.name != **name) && unreadable.iter().all(|one| one.name != **name)
        };
        let gone: Vec<Arc<str>> = self.missing.keys().filter(is_gone).cloned().collect();
        for name in gone {
            self.shared.metrics.forget_sink(&name);
            // A relay that has yet to notice may tell something of it once more.
            if self.relays.values().all(|(of, _)| *of != name) {
                self.missing.remove(&name);
            }
        }
    }

    /// Whether this engine may deliver to it.
    fn is_ours(&self, endpoint: &Endpoint) -> bool {
        !endpoint.is_configured || self.names.contains(&endpoint.name)
    }

    /// How far endpoints are behind: of all of them, since nobody else tells of one that is paused, or disabled.
    async fn measure(&mut self, endpoints: &[Endpoint]) {
        if self.measured.is_some_and(|at| at.elapsed() < limits::LAG_LOOK) {
            return;
        }
        self.measured = Some(Instant::now());
        for endpoint in endpoints {
            let is_ours = self.is_ours(endpoint);
            let missing = self.missing.entry(Arc::clone(&endpoint.name)).or_default();
            let waits = missing.note(&endpoint.position, Instant::now());
            if let Err(error) = measure(&*self.operations, &self.shared.metrics, (endpoint, is_ours), waits).await {
                tracing::debug!(%error, endpoint = &*endpoint.name, "how far it is behind cannot be told");
            }
        }
    }
}

async fn measure(
    operations: &dyn WebhookOperations,
    metrics: &Metrics,
    (endpoint, is_ours): (&Endpoint, bool),
    waits: Duration,
) -> Result<(), StoreError> {
    let behind = operations.behind(endpoint.position.clone()).await?;
    let counts = operations.counts(endpoint.id).await?;
    let sink = metrics.sink(&endpoint.name);
    sink.lags_by(behind.events);
    sink.lags(0, behind.oldest.as_secs_f64());
    sink.waits_for(waits.as_secs_f64());
    let is_nobodys = !is_ours && counts.is_nobodys(endpoint);
    let is_well = endpoint.state == EndpointState::Active && endpoint.state_reason.is_none() && !is_nobodys;
    sink.stopped(!is_well || counts.stopped > 0);
    metrics.undelivered(&endpoint.name, counts.waiting, counts.set_aside);
    Ok(())
}

/// Tries endpoints for operators.
pub struct Probe {
    /// What posts the test event.
    pub sender: Sender,
    /// The database's time, for signatures.
    pub clock: Arc<dyn Clock>,
    /// The `source` of the test event: which deployment tells it.
    pub source: String,
    /// The feed of what was committed.
    pub feed: Arc<dyn Reader>,
    /// The names of the endpoints that are configured here.
    pub configured: HashSet<Arc<str>>,
    /// The names of the other sinks that are.
    pub others: HashSet<String>,
}

impl WebhookProbe for Probe {
    fn is_configured(&self, name: &str) -> bool {
        self.configured.contains(name)
    }

    fn is_another_sink(&self, name: &str) -> bool {
        self.others.contains(name)
    }

    fn begins(&self, words: String) -> BoxFuture<'static, Result<Result<Begun, String>, FeedError>> {
        let feed = Arc::clone(&self.feed);
        Box::pin(async move {
            let begin = match words.parse::<Begin>() {
                Ok(begin) => begin,
                Err(wrong) => return Ok(Err(wrong)),
            };
            if let Begin::Position(position) = &begin {
                feed.step(position, 1, 1).await?; // it is asked whether that is one of this history
            }
            resolve(&begin, &*feed).await.map(Ok)
        })
    }

    fn refuses(&self, url: &str) -> Option<String> {
        sender::wrong_url(url, self.sender.allows_private())
    }

    fn probe(&self, endpoint: Endpoint) -> BoxFuture<'static, Tried> {
        let (sender, now) = (self.sender.clone(), self.clock.now());
        let event = delivery::test_event(&self.source, &endpoint.name, Uuid::new_v4(), now.to_string());
        Box::pin(async move {
            let began = Instant::now();
            let (verdict, status) = match delivery::delivery(&event, &endpoint.target.secrets, now.0 / 1_000_000) {
                Ok(delivery) => sender.send(&endpoint.target.url, delivery).await,
                Err(error) => {
                    return Tried { status: None, error: Some(error.to_string()), took: began.elapsed() };
                }
            };
            let error = match verdict {
                JobOutcome::Done => None,
                JobOutcome::Gone => Some("answered 410: it wants no events".to_owned()),
                JobOutcome::Failed(failure) => Some(failure.error.to_string()),
                JobOutcome::Unwanted | JobOutcome::LetGo | JobOutcome::NotSent => Some("nothing was sent".to_owned()),
            };
            Tried { status, error, took: began.elapsed() }
        })
    }
}
