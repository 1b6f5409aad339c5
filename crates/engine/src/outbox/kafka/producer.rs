//! The open producer, and one publication. Everything here blocks: it runs on a thread where that is allowed.
//!
//! What librdkafka says of an error decides, and nothing else: retriable, the same call again; "requires abort", abort, and
//! nothing of it was taken; fatal, or time ran out, the producer is dropped. How a commit ended that was cut off is never
//! guessed: the next who opens the sink has the broker end it, and reads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseRecord, Producer, ThreadedProducer};

use super::context::{Context, Delivered};
use super::topics::Topics;
use super::{KafkaSpec, Mode, SinkError, discard, gone};
use crate::limits;

/// A record of an event, as it is sent.
pub(super) struct Outgoing {
    pub(super) id: String,
    pub(super) key: String,
    pub(super) partition: u32,
    pub(super) headers: OwnedHeaders,
    pub(super) value: Vec<u8>,
    /// Of all of these.
    pub(super) bytes: usize,
}

/// What is remembered of it once it is sent.
struct Sent {
    id: String,
    bytes: usize,
}

/// A producer that may publish, and what it knows of the topics.
pub(super) struct Live {
    plan: Arc<KafkaSpec>,
    pub(super) topics: Topics,
    producer: Option<ThreadedProducer<Context>>,
}

impl Drop for Live {
    fn drop(&mut self) {
        // librdkafka purges what is queued, waits for its threads, and nobody waits for it.
        discard(self.producer.take());
    }
}

impl Live {
    /// A producer for topics of this kind. It has not spoken to anybody yet.
    pub(super) fn new(plan: &Arc<KafkaSpec>, topics: Topics) -> Result<Self, SinkError> {
        let settings = &plan.settings;
        let mut config = settings.client(&plan.name)?;
        // One batch is as large as the events' topic takes; a record alone may be as large as either topic takes it, and
        // whether an event is too large is judged before it comes here.
        let record_bytes = topics.event_bytes.max(topics.cursor_bytes).clamp(1_000, 1_000_000_000);
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("compression.type", "lz4")
            .set("linger.ms", limits::KAFKA_LINGER_MS.to_string())
            .set("message.max.bytes", record_bytes.to_string())
            .set("batch.size", topics.event_bytes.clamp(1, 1_000_000).to_string());
        match settings.mode {
            Mode::ExactlyOnce => {
                config
                    .set("transactional.id", &plan.name)
                    .set("transaction.timeout.ms", settings.transaction_timeout.as_millis().to_string());
            }
            Mode::AtLeastOnce => {
                // A record that times out lets later ones of its order go first: here it is the whole that times out.
                config.set("message.timeout.ms", "0").set("enable.gapless.guarantee", "true");
            }
        }
        let producer = config.create_with_context(Context::default()).map_err(|error| gone(&error))?;
        Ok(Self { plan: Arc::clone(plan), topics, producer: Some(producer) })
    }

    fn producer(&self) -> &ThreadedProducer<Context> {
        self.producer.as_ref().expect("it is taken when it is dropped")
    }

    /// Whoever published under this name before publishes no more; its last transaction has ended when this returns.
    pub(super) fn fence(&self) -> Result<(), SinkError> {
        let deadline = Instant::now() + limits::KAFKA_TAKEOVER;
        self.again(deadline, |left| self.producer().init_transactions(left)).map_err(|error| self.over(&error))
    }

    /// Publishes these and the cursor.
    pub(super) fn publish(&self, events: Vec<Outgoing>, cursor: &[u8]) -> Result<(), SinkError> {
        let sent = |event: &Outgoing| Sent { id: event.id.clone(), bytes: event.bytes };
        let sent: Vec<Sent> = events.iter().map(sent).collect();
        let deadline = Instant::now() + self.plan.settings.transaction_timeout;
        self.producer().context().begin();
        match self.plan.settings.mode {
            Mode::ExactlyOnce => self.publish_once(events, &sent, cursor, deadline),
            Mode::AtLeastOnce => self.publish_at_least_once(events, &sent, deadline),
        }
    }

    fn publish_once(
        &self,
        events: Vec<Outgoing>,
        sent: &[Sent],
        cursor: &[u8],
        deadline: Instant,
    ) -> Result<(), SinkError> {
        self.again(deadline, |_| self.producer().begin_transaction()).map_err(|error| self.over(&error))?;
        if let Err(error) = self.send_all(events, deadline).and_then(|()| self.send_cursor(cursor, deadline)) {
            return Err(self.give_up(&error.to_string(), self.producer().context().failed(), sent));
        }
        match self.producer().context().until_delivered(deadline) {
            Delivered::All => {}
            Delivered::Failed(failed) => return Err(self.give_up("a record was not delivered", failed, sent)),
            Delivered::Late => return Err(self.give_up("the brokers did not take it in time", Vec::new(), sent)),
        }
        let outcome = Instant::now() + self.plan.settings.transaction_timeout + limits::KAFKA_OUTCOME;
        match self.again(outcome, |left| self.producer().commit_transaction(left)) {
            Ok(()) => Ok(()),
            Err(KafkaError::Transaction(error)) if error.txn_requires_abort() => {
                Err(self.give_up(&error.to_string(), self.producer().context().failed(), sent))
            }
            Err(error) => Err(self.over(&error)),
        }
    }

    fn publish_at_least_once(&self, events: Vec<Outgoing>, sent: &[Sent], deadline: Instant) -> Result<(), SinkError> {
        self.send_all(events, deadline).map_err(|error| self.over(&error))?;
        match self.producer().context().until_delivered(deadline) {
            Delivered::All => Ok(()),
            Delivered::Failed(failed) => Err(refused(&failed, sent)
                .unwrap_or_else(|| SinkError::Unknown(format!("a record was not delivered: {}", told(&failed, sent))))),
            Delivered::Late => Err(SinkError::Unknown("the brokers did not take it in time".into())),
        }
    }

    fn send_all(&self, events: Vec<Outgoing>, deadline: Instant) -> Result<(), KafkaError> {
        for event in events {
            let record = BaseRecord::with_opaque_to(&self.plan.settings.topic, 0)
                .partition(event.partition as i32)
                .key(&event.key)
                .payload(&event.value)
                .headers(event.headers);
            self.send(record, deadline)?;
        }
        Ok(())
    }

    fn send_cursor(&self, cursor: &[u8], deadline: Instant) -> Result<(), KafkaError> {
        let record = BaseRecord::with_opaque_to(&self.plan.settings.cursor_topic, 0)
            .partition(self.plan.part.partition as i32)
            .key(&self.plan.name)
            .payload(cursor);
        self.send(record, deadline)
    }

    /// Numbers a record, and hands it to librdkafka, which has room for so many; then one waits until one has gone.
    fn send(
        &self,
        mut record: BaseRecord<'_, String, impl rdkafka::message::ToBytes + ?Sized, usize>,
        deadline: Instant,
    ) -> Result<(), KafkaError> {
        let context = self.producer().context();
        loop {
            record.delivery_opaque = context.sending();
            match self.producer().send(record) {
                Ok(()) => return Ok(()),
                Err((error, unsent)) => {
                    context.not_sent();
                    let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                    if !full || !context.until_fewer(deadline) {
                        return Err(error);
                    }
                    record = unsent;
                }
            }
        }
    }

    /// Ends the transaction with nothing of it taken. `failed`: which records were not delivered.
    fn give_up(&self, why: &str, mut failed: Vec<(usize, RDKafkaErrorCode)>, sent: &[Sent]) -> SinkError {
        let deadline = Instant::now() + self.plan.settings.transaction_timeout + limits::KAFKA_OUTCOME;
        if let Err(error) = self.again(deadline, |left| self.producer().abort_transaction(left)) {
            return self.over(&error);
        }
        // What failed first is what it failed by; what the abort purged comes after that.
        failed.extend(self.producer().context().failed());
        refused(&failed, sent).unwrap_or_else(|| match failed.is_empty() {
            true => SinkError::NotTaken(format!("{why}; the transaction was aborted")),
            false => SinkError::NotTaken(format!("{why}: {}; the transaction was aborted", told(&failed, sent))),
        })
    }

    /// A call of librdkafka's that is to be made again as long as it says so.
    fn again(&self, deadline: Instant, call: impl Fn(Duration) -> Result<(), KafkaError>) -> Result<(), KafkaError> {
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match call(left) {
                Err(KafkaError::Transaction(error)) if error.is_retriable() && !left.is_zero() => {
                    tracing::debug!(target: "counterfoil::kafka", name = self.plan.name, %error, "asking again");
                    std::thread::park_timeout(limits::KAFKA_LOOK);
                }
                ended => return ended,
            }
        }
    }

    /// What an error means after which this producer is of no use.
    fn over(&self, error: &KafkaError) -> SinkError {
        let fatal = self.producer().client().fatal_error();
        let codes = [error.rdkafka_error_code(), fatal.as_ref().map(|(code, _)| *code)];
        let fenced = |code: &RDKafkaErrorCode| {
            matches!(
                code,
                RDKafkaErrorCode::Fenced | RDKafkaErrorCode::ProducerFenced | RDKafkaErrorCode::InvalidProducerEpoch
            )
        };
        let told = match &fatal {
            Some((_, reason)) => format!("{error}: {reason}"),
            None => error.to_string(),
        };
        if codes.iter().flatten().any(fenced) { SinkError::Fenced(told) } else { SinkError::Unknown(told) }
    }
}

/// The event that the broker will never take, if one of those is why.
fn refused(failed: &[(usize, RDKafkaErrorCode)], sent: &[Sent]) -> Option<SinkError> {
    let never = |code: &RDKafkaErrorCode| {
        matches!(
            code,
            RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::MessageBatchTooLarge
                | RDKafkaErrorCode::InvalidMessageSize
                | RDKafkaErrorCode::InvalidRecord
        )
    };
    // All of a batch fail with the one that it fails by: the largest.
    let ours = failed.iter().filter(|(_, code)| never(code));
    let ours = ours.filter_map(|(index, code)| Some((sent.get(*index)?, code)));
    let (event, code) = ours.max_by_key(|(event, _)| event.bytes)?;
    Some(SinkError::Refused { id: event.id.clone(), reason: code.to_string() })
}

/// Which records failed: the first of them, and how many.
fn told(failed: &[(usize, RDKafkaErrorCode)], sent: &[Sent]) -> String {
    let Some((index, code)) = failed.first() else { return String::new() };
    let what = sent.get(*index).map_or("the cursor", |event| event.id.as_str());
    match failed.len() {
        1 => format!("{what}: {code}"),
        more => format!("{what}, and {} more: {code}", more - 1),
    }
}
