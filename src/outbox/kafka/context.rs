//! What librdkafka tells: its log, and what became of each record.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::ConsumerContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryResult, ProducerContext};

/// Log lines of all clients go here, under the target `counterfoil::kafka`.
#[derive(Debug, Default)]
pub(super) struct Context {
    deliveries: Mutex<Deliveries>,
    /// Told of each record that was delivered or failed.
    told: Condvar,
}

/// What became of the records of one publication.
#[derive(Debug, Default)]
struct Deliveries {
    pending: usize,
    /// Those that failed: which one, and why.
    failed: Vec<(usize, RDKafkaErrorCode)>,
}

/// How a wait for deliveries ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Delivered {
    /// All are acknowledged.
    All,
    /// Some failed, and no more are under way, or time ran out with those.
    Failed(Vec<(usize, RDKafkaErrorCode)>),
    /// Time ran out.
    Late,
}

impl Context {
    fn deliveries(&self) -> MutexGuard<'_, Deliveries> {
        self.deliveries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From here on it counts for another publication.
    pub(super) fn begin(&self) {
        *self.deliveries() = Deliveries::default();
    }

    /// One more is under way.
    pub(super) fn sending(&self) {
        self.deliveries().pending += 1;
    }

    /// It was not, after all.
    pub(super) fn not_sent(&self) {
        self.deliveries().pending -= 1;
    }

    /// Waits until one fewer is under way, or until then; whether that came about.
    pub(super) fn until_fewer(&self, deadline: Instant) -> bool {
        let deliveries = self.deliveries();
        let before = deliveries.pending;
        let left = deadline.saturating_duration_since(Instant::now());
        let waited = self.told.wait_timeout_while(deliveries, left, |now| now.pending >= before && before > 0);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Waits until none is under way or one failed, or until then.
    pub(super) fn until_delivered(&self, deadline: Instant) -> Delivered {
        let left = deadline.saturating_duration_since(Instant::now());
        let under_way = |now: &mut Deliveries| now.pending > 0 && now.failed.is_empty();
        let waited = self.told.wait_timeout_while(self.deliveries(), left, under_way);
        let (mut now, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match (std::mem::take(&mut now.failed), now.pending) {
            (failed, _) if !failed.is_empty() => Delivered::Failed(failed),
            (_, 0) => Delivered::All,
            (_, _) => Delivered::Late,
        }
    }

    /// What failed meanwhile.
    pub(super) fn failed(&self) -> Vec<(usize, RDKafkaErrorCode)> {
        std::mem::take(&mut self.deliveries().failed)
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(target: "counterfoil::kafka", "{facility}: {message}");
            }
            // That a broker cannot be reached is one of these: what comes of it is told by who publishes.
            RDKafkaLogLevel::Error | RDKafkaLogLevel::Warning => {
                tracing::warn!(target: "counterfoil::kafka", "{facility}: {message}");
            }
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "counterfoil::kafka", "{facility}: {message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "counterfoil::kafka", "{facility}: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(target: "counterfoil::kafka", "{error}: {reason}");
    }
}

impl ConsumerContext for Context {}

impl ProducerContext for Context {
    /// Which record of the publication it was.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, record: usize) {
        let mut deliveries = self.deliveries();
        // What is purged after its publication was given up is counted for no other: its producer is dropped, or has
        // aborted the transaction, which waits for all of them.
        deliveries.pending = deliveries.pending.saturating_sub(1);
        if let Err((error, _)) = result {
            let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
            deliveries.failed.push((record, code));
        }
        drop(deliveries);
        self.told.notify_all();
    }
}
