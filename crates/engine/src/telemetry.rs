//! Metrics. Every metric family is present from the start, with its bounded label sets at zero, so that an
//! alert on a rate works before the first failure.
//!
//! Handles are resolved once: recording costs an atomic add (counters, gauges) or a short lock (histograms).

mod process;
mod retention;
mod sinks;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

pub use retention::RetentionReason;
pub use sinks::SinkMetrics;
use sinks::{SinkLabel, Sinks};

/// The content type of [`Metrics::encode`]: the Prometheus text format.
pub const METRICS_CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const HTTP_HELP: &str = "How long HTTP requests took, by route pattern.";
const PROBLEMS_HELP: &str = "Problems that requests were answered with, stored ones included, by code.";
const PARTICIPANT_HELP: &str = "How long calls to remote participants took.";
const PARTICIPANT_UP_HELP: &str = "0 while a remote participant is away and its calls pause.";

/// Seconds: from a commit on a quiet machine (0.2 ms) to the longest wait (30 s).
const SECONDS: [f64; 15] =
    [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];
/// Orders of a batch: powers of two up to [`crate::limits::BATCH_ORDERS`].
const BATCH: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];

macro_rules! causes {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// All of them, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The label's value.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

causes! {
    /// Why an order's actor was replaced.
    RestartCause {
        /// The actor panicked.
        Panic = "panic",
        /// It did not finish its own work in time.
        Hang = "hang",
        /// It ended for another reason.
        Stopped = "stopped",
    }
}

causes! {
    /// Why an order was read from the database into an actor.
    RehydrationCause {
        /// It was not in memory.
        Load = "load",
        /// Its actor died.
        Restart = "restart",
    }
}

causes! {
    /// Why a commit was driven again.
    RetryCause {
        /// Another transaction held what it needed, and the other way round (40P01).
        Deadlock = "deadlock",
        /// A serialisation failure (40001).
        Serialization = "serialization",
        /// The connection was lost; what had become of the batch was read by key.
        Lost = "lost",
        /// The stock did not suffice: allocated under lock.
        Short = "short",
        /// An error of one order: driven again in halves.
        Halved = "halved",
    }
}

causes! {
    /// Why a connection was cut, or turned away.
    CutCause {
        /// As many were open as there may be; the one that was silent longest made room, or the newcomer was turned away.
        Full = "full",
        /// The same, of one address.
        Address = "address",
        /// Its request did not go on, or its head was too long.
        Head = "head",
        /// It did not read its answer.
        Reader = "reader",
        /// It was the one longest stuck when all together had too much unread.
        Unsent = "unsent",
    }
}

causes! {
    /// Of what there was no more, where a request was answered 503 `overloaded`.
    Overload {
        /// Places in a shard, for all clients or for this one.
        Shard = "shard",
        /// Places with one order.
        Order = "order",
        /// Seats of event streams, for all clients or for this one.
        Streams = "streams",
        /// Room for the bodies of requests.
        Bodies = "bodies",
        /// Room for answers that are not read yet.
        Answers = "answers",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShardLabel {
    shard: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ParticipantLabel {
    participant: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OrderLabels {
    state: &'static str,
    failure: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    commit: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ParticipantLabels {
    participant: String,
    action: &'static str,
    outcome: &'static str,
}

/// The codes of failures, which are those of the problems that orders end in: never a participant's words.
const FAILURES: [&str; 5] = ["out_of_stock", "payment_declined", "shipment_failed", "order_cancelled", "step_refused"];

/// Families that may have no series: their label sets are the participants that are remote, the configured sinks, and
/// the routes and problems, which HTTP brings. Their heads are present all the same.
/// Name, type, help.
const HEADS: [(&str, &str, &str); 4] = [
    ("counterfoil_problems_total", "counter", PROBLEMS_HELP),
    ("counterfoil_http_request_seconds", "histogram", HTTP_HELP),
    ("counterfoil_participant_seconds", "histogram", PARTICIPANT_HELP),
    ("counterfoil_participant_up", "gauge", PARTICIPANT_UP_HELP),
];

/// The metrics of one shard.
#[derive(Debug, Clone)]
pub struct ShardMetrics {
    /// 1 while it serves.
    pub up: Gauge,
    /// Requests that wait in it.
    pub mailbox_depth: Gauge,
    /// How often it died and was replaced.
    pub restarts: Counter,
    /// Order actors in memory.
    pub actors: Gauge,
}

/// Everything that is measured. Cheap to record; shared as an `Arc`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    completed: Counter,
    orders: Family<OrderLabels, Counter>,
    /// Orders of which something is left to be done, of all instances: the greatest of theirs counts, not the sum.
    pub in_flight: Gauge,
    /// For how many seconds the one of them that waits longest has waited for what is due, of all instances; 0 where none does.
    pub longest_wait: Gauge<f64, AtomicU64>,
    /// Orders that wait for a human.
    pub attention: Gauge,
    /// For how many seconds the one of them that has waited longest for a human has done so; 0 where none does.
    pub attention_oldest: Gauge<f64, AtomicU64>,
    /// Requests that were answered with a stored answer.
    pub replays: Counter,
    /// Repeats whose key was not bound, since their order had as many as are bound.
    pub keys_unbound: Counter,
    shards: Vec<ShardMetrics>,
    actor_restarts: Vec<Counter>,
    rehydrations: Vec<Counter>,
    /// Orders whose commands are refused, since they killed their actors.
    pub quarantined: Gauge,
    /// Orders that the sweep set aside, since whoever claimed them made no progress.
    pub set_aside: Counter,
    /// By how much orders were claimed after they were due.
    pub timer_lateness: Histogram,
    /// How long commits took, BEGIN to COMMIT.
    pub commit_seconds: Histogram,
    /// How many orders a commit held.
    pub commit_batch_orders: Histogram,
    commit_retries: Vec<Counter>,
    /// Locks that commits could not have in time.
    pub lock_waits: Counter,
    /// Connections that are open.
    pub connections: Gauge,
    connections_cut: Vec<Counter>,
    /// Live histories that are open.
    pub event_streams: Gauge,
    overloaded: Vec<Counter>,
    problems: Family<CodeLabel, Counter>,
    token_reloads: [Counter; 2],
    tokens_stale: Gauge,
    http: Family<HttpLabels, Histogram, fn() -> Histogram>,
    participants: Family<ParticipantLabels, Histogram, fn() -> Histogram>,
    participants_up: Family<ParticipantLabel, Gauge>,
    sinks: Sinks,
    retention: retention::Retention,
}

impl Metrics {
    /// All families, with the series of `shards` shards.
    pub fn new(shards: usize) -> Arc<Self> {
        let mut registry = Registry::default();
        let r = &mut registry;
        let orders = Family::<OrderLabels, Counter>::default();
        r.register("counterfoil_orders", "Orders that ended, by state and by why they failed", orders.clone());
        for failure in FAILURES {
            drop(orders.get_or_create(&OrderLabels { state: "CANCELLED", failure }));
        }
        let problems = Family::<CodeLabel, Counter>::default();
        r.register("counterfoil_problems", PROBLEMS_HELP.trim_end_matches('.'), problems.clone());
        let http = seconds_by(r, "counterfoil_http_request_seconds", HTTP_HELP);
        let participants = seconds_by(r, "counterfoil_participant_seconds", PARTICIPANT_HELP);
        let participants_up = Family::<ParticipantLabel, Gauge>::default();
        r.register("counterfoil_participant_up", PARTICIPANT_UP_HELP.trim_end_matches('.'), participants_up.clone());
        let sinks = Sinks::new(r);
        let retention = retention::Retention::new(r);
        build_info(r);
        r.register_collector(Box::new(process::Process));
        let quarantined = "Orders whose commands are refused, since they killed their actors";
        let replays = "Requests that were answered with a stored answer";
        let reloads = Family::<OutcomeLabel, Counter>::default();
        r.register("counterfoil_token_reloads", "Times that the tokens file was read again", reloads.clone());
        Arc::new(Self {
            token_reloads: ["done", "failed"].map(|outcome| reloads.get_or_create_owned(&OutcomeLabel { outcome })),
            tokens_stale: gauge(
                r,
                "counterfoil_tokens_stale",
                "1 while the tokens file cannot be used and the last good list stays in force",
            ),
            sinks,
            retention,
            completed: orders.get_or_create_owned(&OrderLabels { state: "COMPLETED", failure: "" }),
            orders,
            in_flight: gauge(
                r,
                "counterfoil_orders_in_flight",
                "Orders of which something is left to be done, of all instances",
            ),
            longest_wait: gauge(
                r,
                "counterfoil_orders_longest_wait_seconds",
                "For how long the order in flight that waits longest has waited for what is due, of all instances",
            ),
            attention: gauge(r, "counterfoil_orders_attention", "Orders that wait for a human"),
            attention_oldest: gauge(
                r,
                "counterfoil_attention_oldest_seconds",
                "For how long the order that has waited longest for a human has done so",
            ),
            replays: counter(r, "counterfoil_idempotent_replays", replays),
            keys_unbound: counter(
                r,
                "counterfoil_keys_unbound",
                "Repeats whose key was not bound, since their order had as many as are bound",
            ),
            shards: shard_metrics(r, shards),
            actor_restarts: by_cause(
                r,
                "counterfoil_actor_restarts",
                "Order actors that died and were replaced",
                RestartCause::ALL.iter().map(|cause| cause.as_str()),
            ),
            rehydrations: by_cause(
                r,
                "counterfoil_rehydrations",
                "Orders that were read from the database into an actor",
                RehydrationCause::ALL.iter().map(|cause| cause.as_str()),
            ),
            quarantined: gauge(r, "counterfoil_quarantined_orders", quarantined),
            set_aside: counter(r, "counterfoil_orders_set_aside", "Orders claimed again and again without progress"),
            timer_lateness: histogram(
                r,
                "counterfoil_timer_lateness_seconds",
                "By how much orders were claimed after they were due",
                &SECONDS,
            ),
            commit_seconds: histogram(r, "counterfoil_commit_seconds", "How long commits took", &SECONDS),
            commit_batch_orders: histogram(r, "counterfoil_commit_batch_orders", "Orders of a commit", &BATCH),
            commit_retries: by_cause(
                r,
                "counterfoil_commit_retries",
                "Commits that were driven again",
                RetryCause::ALL.iter().map(|cause| cause.as_str()),
            ),
            lock_waits: counter(r, "counterfoil_lock_waits", "Locks that were not to be had in time"),
            connections: gauge(r, "counterfoil_connections", "HTTP connections that are open"),
            connections_cut: by_cause(
                r,
                "counterfoil_connections_cut",
                "HTTP connections that were cut, or turned away",
                CutCause::ALL.iter().map(|cause| cause.as_str()),
            ),
            event_streams: gauge(r, "counterfoil_event_streams", "Live histories that are open"),
            overloaded: by_cause(
                r,
                "counterfoil_overloaded",
                "Requests answered 503 overloaded, by what there was no more of",
                Overload::ALL.iter().map(|cause| cause.as_str()),
            ),
            problems,
            http,
            participants,
            participants_up,
            registry,
        })
    }

    /// Orders that reached `COMPLETED`.
    pub fn orders_completed(&self) -> &Counter {
        &self.completed
    }

    /// Counts an order that reached `CANCELLED`, by the code of its failure.
    pub fn order_cancelled(&self, failure: &'static str) {
        self.orders.get_or_create(&OrderLabels { state: "CANCELLED", failure }).inc();
    }

    /// Counts a problem that a request was answered with. Its code is from a bounded set.
    pub fn problem(&self, code: &'static str) {
        self.problems.get_or_create(&CodeLabel { code }).inc();
    }

    /// Makes the series of these codes, at zero.
    pub fn problem_series(&self, codes: impl IntoIterator<Item = &'static str>) {
        for code in codes {
            drop(self.problems.get_or_create(&CodeLabel { code }));
        }
    }

    /// The tokens file was read again, and was taken or cannot be used.
    pub fn tokens_taken(&self, taken: bool) {
        self.token_reloads[usize::from(!taken)].inc();
        self.tokens_stale.set(i64::from(!taken));
    }

    /// The metrics of a shard.
    ///
    /// # Panics
    ///
    /// Where `index` is not below the number of shards that these metrics were made for: a bug of the caller.
    pub fn shard(&self, index: usize) -> &ShardMetrics {
        &self.shards[index]
    }

    /// Order actors that died and were replaced.
    pub fn actor_restarts(&self, cause: RestartCause) -> &Counter {
        &self.actor_restarts[cause as usize]
    }

    /// Orders that were read from the database into an actor.
    pub fn rehydrations(&self, cause: RehydrationCause) -> &Counter {
        &self.rehydrations[cause as usize]
    }

    /// Commits that were driven again.
    pub fn commit_retries(&self, cause: RetryCause) -> &Counter {
        &self.commit_retries[cause as usize]
    }

    /// HTTP connections that were cut, or turned away.
    pub fn connections_cut(&self, cause: CutCause) -> &Counter {
        &self.connections_cut[cause as usize]
    }

    /// Requests that were answered 503 `overloaded`.
    pub fn overloaded(&self, cause: Overload) -> &Counter {
        &self.overloaded[cause as usize]
    }

    /// Counts an HTTP request. `route` is the pattern, never the path; `method` and `status` are from bounded sets.
    pub fn http_request(&self, route: &'static str, method: &'static str, status: u16, seconds: f64) {
        self.http.get_or_create(&HttpLabels { route, method, status }).observe(seconds);
    }

    /// Makes the series of a route's answers, at zero.
    pub fn http_route(&self, route: &'static str, method: &'static str, statuses: &[u16]) {
        for &status in statuses {
            drop(self.http.get_or_create(&HttpLabels { route, method, status }));
        }
    }

    /// Counts a call to a remote participant, from the wait for its turn to its outcome. All labels are from bounded
    /// sets.
    pub fn participant_call(&self, participant: &str, action: &'static str, outcome: &'static str, seconds: f64) {
        let participant = participant.to_owned();
        self.participants.get_or_create(&ParticipantLabels { participant, action, outcome }).observe(seconds);
    }

    /// Tells whether a remote participant is there.
    pub fn participant_up(&self, participant: &str, up: bool) {
        let participant = participant.to_owned();
        self.participants_up.get_or_create(&ParticipantLabel { participant }).set(i64::from(up));
    }

    /// The metrics of a sink, or of a part of one; at zero where they are new. Names are from the configuration.
    pub fn sink(&self, name: &str) -> SinkMetrics {
        self.sinks.of(name)
    }

    /// Drops what is told of a sink that is gone; its counts begin anew should one of its name come.
    pub fn forget_sink(&self, name: &str) {
        self.sinks.forget(&SinkLabel { sink: name.to_owned() });
    }

    /// Counts histories that were pruned.
    pub fn pruned(&self, orders: u64, events: u64) {
        self.retention.pruned(orders, events);
    }

    /// Tells how many histories stay for a reason.
    pub fn retention_held(&self, reason: RetentionReason, count: u64) {
        self.retention.held(reason, count);
    }

    /// What an endpoint of webhooks did not take: orders that wait for it, and events that were set aside.
    pub fn undelivered(&self, name: &str, waiting: i64, set_aside: i64) {
        let label = SinkLabel { sink: name.to_owned() };
        self.sinks.waiting.get_or_create(&label).set(waiting);
        self.sinks.set_aside.get_or_create(&label).set(set_aside);
    }

    /// Makes the series of a participant's action, at zero.
    pub fn participant_series(&self, participant: &str, action: &'static str, outcomes: &[&'static str]) {
        for &outcome in outcomes {
            let participant = participant.to_owned();
            drop(self.participants.get_or_create(&ParticipantLabels { participant, action, outcome }));
        }
    }

    /// Everything in the Prometheus text format; see [`METRICS_CONTENT_TYPE`].
    pub fn encode(&self) -> String {
        let mut open = String::with_capacity(16 << 10);
        // Writing to a String cannot fail.
        let _ = encode(&mut open, &self.registry);
        let mut text = plain(&open);
        for (name, kind, help) in HEADS.into_iter().chain(sinks::HEADS) {
            let head = format!("# TYPE {name} {kind}\n");
            if !text.contains(&head) {
                text.push_str(&format!("# HELP {name} {help}\n{head}"));
            }
        }
        text
    }
}

/// OpenMetrics 1.0 as the older Prometheus text format, which every collector and `promtool check metrics` read: there
/// a counter's head bears the name of its series, `_total` included, and there is no `# EOF`.
fn plain(open: &str) -> String {
    let mut text = String::with_capacity(open.len() + 512);
    let mut lines = open.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let counter = lines.peek().is_some_and(|next| next.starts_with("# TYPE ") && next.ends_with(" counter"));
            let (name, help) = help.split_once(' ').unwrap_or((help, ""));
            let total = if counter { "_total" } else { "" };
            text.push_str(&format!("# HELP {name}{total} {help}\n"));
        } else if let Some(name) = line.strip_prefix("# TYPE ").and_then(|rest| rest.strip_suffix(" counter")) {
            text.push_str(&format!("# TYPE {name}_total counter\n"));
        } else if line != "# EOF" {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let metric = Counter::default();
    registry.register(name, help, metric.clone());
    metric
}

fn gauge<N, A>(registry: &mut Registry, name: &str, help: &str) -> Gauge<N, A>
where
    Gauge<N, A>: prometheus_client::registry::Metric + Clone + Default,
{
    let metric = Gauge::default();
    registry.register(name, help, metric.clone());
    metric
}

fn histogram(registry: &mut Registry, name: &str, help: &str, buckets: &[f64]) -> Histogram {
    let metric = Histogram::new(buckets.iter().copied());
    registry.register(name, help, metric.clone());
    metric
}

/// A family of durations; the help has the full stop that the registry adds.
fn seconds_by<L>(registry: &mut Registry, name: &str, help: &str) -> Family<L, Histogram, fn() -> Histogram>
where
    L: EncodeLabelSet + std::fmt::Debug + Clone + Eq + std::hash::Hash + Send + Sync + 'static,
{
    let family = Family::new_with_constructor((|| Histogram::new(SECONDS)) as fn() -> Histogram);
    registry.register(name, help.trim_end_matches('.'), family.clone());
    family
}

fn by_cause(
    registry: &mut Registry,
    name: &str,
    help: &str,
    causes: impl IntoIterator<Item = &'static str>,
) -> Vec<Counter> {
    let family = Family::<CauseLabel, Counter>::default();
    registry.register(name, help, family.clone());
    causes.into_iter().map(|cause| family.get_or_create_owned(&CauseLabel { cause })).collect()
}

fn shard_metrics(registry: &mut Registry, shards: usize) -> Vec<ShardMetrics> {
    let up = Family::<ShardLabel, Gauge>::default();
    registry.register("counterfoil_shard_up", "1 while the shard serves", up.clone());
    let mailbox_depth = Family::<ShardLabel, Gauge>::default();
    registry.register("counterfoil_shard_mailbox_depth", "Requests that wait in the shard", mailbox_depth.clone());
    let restarts = Family::<ShardLabel, Counter>::default();
    registry.register("counterfoil_shard_restarts", "Shards that died and were replaced", restarts.clone());
    let actors = Family::<ShardLabel, Gauge>::default();
    registry.register("counterfoil_actors", "Order actors in memory", actors.clone());
    (0..shards as u64)
        .map(|shard| ShardLabel { shard })
        .map(|label| ShardMetrics {
            up: up.get_or_create_owned(&label),
            mailbox_depth: mailbox_depth.get_or_create_owned(&label),
            restarts: restarts.get_or_create_owned(&label),
            actors: actors.get_or_create_owned(&label),
        })
        .collect()
}

fn build_info(registry: &mut Registry) {
    let build = Family::<BuildLabels, Gauge<u64, AtomicU64>>::default();
    build.get_or_create(&BuildLabels { version: VERSION, commit: COMMIT }).set(1);
    registry.register("counterfoil_build_info", "Which build runs", build);
}

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that it was built from, and `-dirty` where the sources differed from it; `unknown` of a debug build, and
/// where no commit could be told (`build.rs`).
pub const COMMIT: &str = env!("COUNTERFOIL_COMMIT");

/// What this program is called where people meet it: `Counterfoil 0.3.0 (1a2b3c4d5e6f)`, without a commit where none is
/// known.
pub fn program() -> String {
    match COMMIT {
        "unknown" => format!("Counterfoil {}", VERSION),
        commit => format!("Counterfoil {} ({commit})", VERSION),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_there_from_the_start_at_zero() {
        let text = Metrics::new(2).encode();
        for line in [
            "# TYPE counterfoil_orders_total counter",
            "counterfoil_orders_total{state=\"COMPLETED\",failure=\"\"} 0",
            "counterfoil_orders_total{state=\"CANCELLED\",failure=\"out_of_stock\"} 0",
            "counterfoil_orders_total{state=\"CANCELLED\",failure=\"order_cancelled\"} 0",
            "# TYPE counterfoil_problems_total counter",
            "counterfoil_keys_unbound_total 0",
            "counterfoil_orders_in_flight 0",
            "counterfoil_orders_longest_wait_seconds 0.0",
            "counterfoil_orders_attention 0",
            "counterfoil_attention_oldest_seconds 0.0",
            "counterfoil_idempotent_replays_total 0",
            "counterfoil_shard_up{shard=\"1\"} 0",
            "counterfoil_shard_mailbox_depth{shard=\"0\"} 0",
            "counterfoil_shard_restarts_total{shard=\"0\"} 0",
            "counterfoil_actors{shard=\"0\"} 0",
            "counterfoil_actor_restarts_total{cause=\"panic\"} 0",
            "counterfoil_rehydrations_total{cause=\"restart\"} 0",
            "counterfoil_quarantined_orders 0",
            "counterfoil_commit_seconds_count 0",
            "counterfoil_commit_batch_orders_bucket{le=\"+Inf\"} 0",
            "counterfoil_commit_retries_total{cause=\"halved\"} 0",
            "counterfoil_token_reloads_total{outcome=\"failed\"} 0",
            "counterfoil_tokens_stale 0",
            "# TYPE counterfoil_participant_seconds histogram",
            "# TYPE counterfoil_participant_up gauge",
            "# TYPE counterfoil_outbox_contents_total counter",
            "# TYPE counterfoil_outbox_lag_events gauge",
            "# TYPE counterfoil_outbox_lag_seconds gauge",
            "# TYPE counterfoil_outbox_oldest_missing_seconds gauge",
            "# TYPE counterfoil_outbox_published_total counter",
            "# TYPE counterfoil_outbox_publishing gauge",
            "# TYPE counterfoil_outbox_set_aside_events gauge",
            "# TYPE counterfoil_outbox_stopped gauge",
            "# TYPE counterfoil_outbox_waiting_orders gauge",
            "# TYPE counterfoil_http_request_seconds histogram",
            "# TYPE counterfoil_build_info gauge",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("EOF"));
    }

    #[test]
    fn what_is_recorded_is_told() {
        let metrics = Metrics::new(1);
        metrics.orders_completed().inc();
        metrics.order_cancelled("shipment_failed");
        metrics.problem_series(["overloaded", "internal"]);
        metrics.problem("overloaded");
        metrics.actor_restarts(RestartCause::Hang).inc();
        metrics.commit_retries(RetryCause::Short).inc();
        metrics.shard(0).up.set(1);
        metrics.http_request("/orders/{id}", "GET", 200, 0.003);
        metrics.participant_series("payment", "charge", &["done", "unknown"]);
        metrics.participant_call("payment", "charge", "done", 0.02);
        let text = metrics.encode();
        for line in [
            "counterfoil_orders_total{state=\"COMPLETED\",failure=\"\"} 1",
            "counterfoil_orders_total{state=\"CANCELLED\",failure=\"shipment_failed\"} 1",
            "counterfoil_problems_total{code=\"overloaded\"} 1",
            "counterfoil_problems_total{code=\"internal\"} 0",
            "counterfoil_actor_restarts_total{cause=\"hang\"} 1",
            "counterfoil_commit_retries_total{cause=\"short\"} 1",
            "counterfoil_shard_up{shard=\"0\"} 1",
            "counterfoil_http_request_seconds_count{route=\"/orders/{id}\",method=\"GET\",status=\"200\"} 1",
            r#"counterfoil_participant_seconds_count{participant="payment",action="charge",outcome="done"} 1"#,
            r#"counterfoil_participant_seconds_count{participant="payment",action="charge",outcome="unknown"} 0"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn the_failures_counted_are_those_that_orders_end_in() {
        let of_verbs = |code: &&crate::saga::Code| code.spec().has.contains(&"state");
        let ends = crate::saga::Code::ALL.iter().filter(|code| code.spec().is_final && !of_verbs(code));
        let (mut ends, mut failures) = (ends.map(|code| code.as_str()).collect::<Vec<_>>(), FAILURES.to_vec());
        ends.sort_unstable();
        failures.sort_unstable();
        assert_eq!(failures, ends);
    }
}
