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
    /// What was heard last of brokers that do not answer.
    heard: Mutex<Option<Heard>>,
}

/// Why there is nobody to speak to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// They refuse who this is, or are not who they were called: no attempt helps.
    Refused(String),
    Away(String),
}

/// What became of the records of one publication. Records are numbered through all of them: what librdkafka purged when it
/// aborted a transaction is told of whenever its thread comes to it, also after the next one was begun.
#[derive(Debug, Default)]
struct Deliveries {
    /// The number of the publication's first record.
    first: usize,
    /// Of the next that is sent.
    next: usize,
    /// How many are under way.
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

    /// Why brokers do not answer, as far as was heard.
    pub(super) fn heard(&self) -> Option<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From here on it counts for another publication.
    pub(super) fn begin(&self) {
        let mut deliveries = self.deliveries();
        let next = deliveries.next;
        *deliveries = Deliveries { first: next, next, ..Deliveries::default() };
    }

    /// One more is under way: its number.
    pub(super) fn sending(&self) -> usize {
        let mut deliveries = self.deliveries();
        deliveries.pending += 1;
        deliveries.next += 1;
        deliveries.next - 1
    }

    /// It was not, after all.
    pub(super) fn not_sent(&self) {
        let mut deliveries = self.deliveries();
        deliveries.pending -= 1;
        deliveries.next -= 1;
    }

    /// The record of this number was delivered, or failed.
    fn ended(&self, number: usize, failed: Option<RDKafkaErrorCode>) {
        let mut deliveries = self.deliveries();
        let Some(record) = number.checked_sub(deliveries.first) else { return };
        deliveries.pending -= 1;
        deliveries.failed.extend(failed.map(|code| (record, code)));
        drop(deliveries);
        self.told.notify_all();
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
            // That a broker cannot be reached is one of these, each second anew: what comes of it is told by who publishes.
            RDKafkaLogLevel::Error
            | RDKafkaLogLevel::Warning
            | RDKafkaLogLevel::Notice
            | RDKafkaLogLevel::Info
            | RDKafkaLogLevel::Debug => tracing::debug!(target: "counterfoil::kafka", "{facility}: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(target: "counterfoil::kafka", "{error}: {reason}");
        let is_refusal = matches!(
            error.rdkafka_error_code(),
            Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed | RDKafkaErrorCode::SSL)
        );
        // That all brokers are down is told beside each reason, and is none.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            let heard = if is_refusal { Heard::Refused } else { Heard::Away };
            *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(heard(reason.to_owned()));
        }
    }
}

impl ConsumerContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let code = |error: &KafkaError| error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown);
        self.ended(number, result.as_ref().err().map(|(error, _)| code(error)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_late_of_one_publication_is_not_taken_for_the_next_ones() {
        let context = Context::default();
        context.begin();
        let (late, failed) = (context.sending(), context.sending());
        context.ended(failed, Some(RDKafkaErrorCode::MessageSizeTooLarge));
        let one = vec![(1, RDKafkaErrorCode::MessageSizeTooLarge)];
        assert_eq!(context.until_delivered(Instant::now()), Delivered::Failed(one));
        context.begin();
        let next = context.sending();
        context.ended(late, Some(RDKafkaErrorCode::PurgeInflight));
        assert_eq!(context.until_delivered(Instant::now()), Delivered::Late);
        context.ended(next, None);
        assert_eq!(context.until_delivered(Instant::now()), Delivered::All);
    }
}
