//! Metrics of the sinks that events are published to.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

const LAG_EVENTS_HELP: &str =
    "Events that a sink has yet to get, where this instance publishes to it; at most some many are counted.";
const LAG_SECONDS_HELP: &str =
    "The age of the oldest event that a sink has yet to get, where this instance publishes to it.";
const MISSING_HELP: &str = "For how long the oldest transaction has been open that a sink waits for.";
const PUBLISHED_HELP: &str = "Events that a sink got.";
const PUBLISHING_HELP: &str = "1 where this instance publishes to a sink.";
const CONTENTS_HELP: &str = "Contents of orders that were needed to publish: fresh, as this instance committed them, or joined, as the database has them.";
const STOPPED_HELP: &str = "1 while nothing is published to a sink until a human has been there.";
const WAITING_HELP: &str = "Orders that wait for an endpoint of webhooks, since it did not take an event.";
const SET_ASIDE_HELP: &str =
    "Events that an endpoint of webhooks did not take, and without which their orders went on.";

/// Heads of the families, which are present before any sink is: name, type, help.
pub(super) const HEADS: [(&str, &str, &str); 9] = [
    ("counterfoil_outbox_contents_total", "counter", CONTENTS_HELP),
    ("counterfoil_outbox_lag_events", "gauge", LAG_EVENTS_HELP),
    ("counterfoil_outbox_lag_seconds", "gauge", LAG_SECONDS_HELP),
    ("counterfoil_outbox_oldest_missing_seconds", "gauge", MISSING_HELP),
    ("counterfoil_outbox_published_total", "counter", PUBLISHED_HELP),
    ("counterfoil_outbox_publishing", "gauge", PUBLISHING_HELP),
    ("counterfoil_outbox_stopped", "gauge", STOPPED_HELP),
    ("counterfoil_outbox_waiting_orders", "gauge", WAITING_HELP),
    ("counterfoil_outbox_set_aside_events", "gauge", SET_ASIDE_HELP),
];

/// Of a sink: by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SinkLabel {
    pub(super) sink: String,
}

const FRESH: &str = "fresh";
const JOINED: &str = "joined";

/// Where contents are from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ContentLabel {
    sink: String,
    from: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// The families of all sinks.
#[derive(Debug)]
pub(super) struct Sinks {
    contents: Family<ContentLabel, Counter>,
    lag_events: Family<SinkLabel, Gauge>,
    lag_seconds: Family<SinkLabel, Seconds>,
    missing: Family<SinkLabel, Seconds>,
    published: Family<SinkLabel, Counter>,
    publishing: Family<SinkLabel, Gauge>,
    stopped: Family<SinkLabel, Gauge>,
    pub(super) waiting: Family<SinkLabel, Gauge>,
    pub(super) set_aside: Family<SinkLabel, Gauge>,
}

impl Sinks {
    pub(super) fn new(registry: &mut Registry) -> Self {
        fn family<M: prometheus_client::registry::Metric>(
            registry: &mut Registry,
            name: &str,
            help: &str,
            new: fn() -> M,
        ) -> Family<SinkLabel, M>
        where
            Family<SinkLabel, M>: prometheus_client::registry::Metric,
        {
            let family = Family::new_with_constructor(new);
            registry.register(name, help.trim_end_matches('.'), family.clone());
            family
        }
        let r = registry;
        let contents = Family::<ContentLabel, Counter>::default();
        r.register("counterfoil_outbox_contents", CONTENTS_HELP.trim_end_matches('.'), contents.clone());
        Self {
            contents,
            lag_events: family(r, "counterfoil_outbox_lag_events", LAG_EVENTS_HELP, Gauge::default),
            lag_seconds: family(r, "counterfoil_outbox_lag_seconds", LAG_SECONDS_HELP, Seconds::default),
            missing: family(r, "counterfoil_outbox_oldest_missing_seconds", MISSING_HELP, Seconds::default),
            published: family(r, "counterfoil_outbox_published", PUBLISHED_HELP, Counter::default),
            publishing: family(r, "counterfoil_outbox_publishing", PUBLISHING_HELP, Gauge::default),
            stopped: family(r, "counterfoil_outbox_stopped", STOPPED_HELP, Gauge::default),
            waiting: family(r, "counterfoil_outbox_waiting_orders", WAITING_HELP, Gauge::default),
            set_aside: family(r, "counterfoil_outbox_set_aside_events", SET_ASIDE_HELP, Gauge::default),
        }
    }

    pub(super) fn forget(&self, label: &SinkLabel) {
        let Self { contents, lag_events, lag_seconds, missing, published, publishing, stopped, waiting, set_aside } =
            self;
        for from in [FRESH, JOINED] {
            contents.remove(&ContentLabel { sink: label.sink.clone(), from });
        }
        for gauges in [lag_events, publishing, stopped, waiting, set_aside] {
            gauges.remove(label);
        }
        for seconds in [lag_seconds, missing] {
            seconds.remove(label);
        }
        published.remove(label);
    }

    pub(super) fn of(&self, name: &str) -> SinkMetrics {
        let label = SinkLabel { sink: name.to_owned() };
        let contents = [FRESH, JOINED]
            .map(|from| self.contents.get_or_create_owned(&ContentLabel { sink: name.to_owned(), from }));
        SinkMetrics {
            contents,
            lag_events: self.lag_events.get_or_create_owned(&label),
            lag_seconds: self.lag_seconds.get_or_create_owned(&label),
            missing: self.missing.get_or_create_owned(&label),
            published: self.published.get_or_create_owned(&label),
            publishing: self.publishing.get_or_create_owned(&label),
            stopped: self.stopped.get_or_create_owned(&label),
            counted: Arc::default(),
        }
    }
}

/// The metrics of one sink, or of a part of one.
#[derive(Debug, Clone)]
pub struct SinkMetrics {
    /// Contents that were at hand, and those that were read from the database.
    contents: [Counter; 2],
    lag_events: Gauge,
    lag_seconds: Seconds,
    missing: Seconds,
    published: Counter,
    publishing: Gauge,
    stopped: Gauge,
    /// When it was last counted how much there is to be published.
    counted: Arc<Mutex<Option<Instant>>>,
}

impl SinkMetrics {
    /// Whether this instance publishes. What waits still does while it fails to.
    pub fn publishes(&self, publishes: bool) {
        self.publishing.set(i64::from(publishes));
    }

    /// Another instance publishes, or is to: this one knows nothing of what is waiting.
    pub fn elsewhere(&self) {
        self.publishes(false);
        self.stopped(false);
        self.is_up_to_date();
        self.missing.set(0.0);
    }

    /// Whether a human is needed.
    pub fn stopped(&self, stopped: bool) {
        self.stopped.set(i64::from(stopped));
    }

    /// Sets the lag to nothing: no event waits to be published.
    pub fn is_up_to_date(&self) {
        self.lag_events.set(0);
        self.lag_seconds.set(0.0);
    }

    /// At least so many events wait, the oldest of which is of this age, seconds.
    pub fn lags(&self, events: usize, seconds: f64) {
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        if self.lag_events.get() < events {
            self.lag_events.set(events);
        }
        self.lag_seconds.set(seconds);
    }

    /// So many events wait, as counted.
    pub fn lags_by(&self, events: u64) {
        self.lag_events.set(i64::try_from(events).unwrap_or(i64::MAX));
    }

    /// Whether it was last counted so long ago; then it counts as counted now.
    pub fn count_is_due(&self, every: Duration) -> bool {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let due = counted.is_none_or(|at| at.elapsed() >= every);
        if due {
            *counted = Some(Instant::now());
        }
        due
    }

    /// So many contents of orders were at hand, and so many were asked of the database.
    pub fn contents(&self, fresh: usize, joined: usize) {
        for (counter, count) in self.contents.iter().zip([fresh, joined]) {
            counter.inc_by(u64::try_from(count).unwrap_or(u64::MAX));
        }
    }

    /// So many events were taken.
    pub fn published(&self, events: usize) {
        self.published.inc_by(u64::try_from(events).unwrap_or(u64::MAX));
    }

    /// The oldest transaction that is waited for has been for so long, seconds.
    pub fn waits_for(&self, seconds: f64) {
        self.missing.set(seconds);
    }
}
