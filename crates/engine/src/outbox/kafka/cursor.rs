//! The cursor as it stands in Kafka: the last committed record of this part's own partition of the cursors' topic.

use std::sync::Arc;
use std::time::Instant;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message, Offset, TopicPartitionList};

use super::context::Context;
use super::{KafkaSpec, SinkError, discard};
use crate::limits;
use crate::outbox::sink::Found;

/// Reads one partition of the cursors' topic.
pub(super) struct Reader {
    plan: Arc<KafkaSpec>,
    /// Sees what is committed.
    committed: Option<BaseConsumer<Context>>,
    /// Sees everything: where it ends behind the other's end, a transaction is open.
    all: Option<BaseConsumer<Context>>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        // A consumer closes in its own time.
        discard((self.committed.take(), self.all.take()));
    }
}

impl Reader {
    pub(super) fn new(plan: &Arc<KafkaSpec>) -> Result<Self, SinkError> {
        let client = |isolation: &str, group: bool| {
            let mut config = plan.settings.client(&plan.name)?;
            config
                .set("isolation.level", isolation)
                .set("enable.partition.eof", "true")
                .set("enable.auto.commit", "false")
                .set("enable.auto.offset.store", "false")
                .set("fetch.wait.max.ms", limits::KAFKA_LOOK.as_millis().to_string())
                .set("auto.offset.reset", "error");
            if group {
                // It joins none and commits nothing: librdkafka reads for none without.
                config.set("group.id", &plan.name);
            }
            config.create_with_context(Context::default()).map_err(|error| super::gone(&error))
        };
        let committed = Some(client("read_committed", true)?);
        Ok(Self { plan: Arc::clone(plan), committed, all: Some(client("read_uncommitted", false)?) })
    }

    /// For questions that are not about a partition.
    pub(super) fn client(&self) -> &BaseConsumer<Context> {
        self.all.as_ref().expect("it is taken when it is dropped")
    }

    fn committed(&self) -> &BaseConsumer<Context> {
        self.committed.as_ref().expect("it is taken when it is dropped")
    }

    /// Asks until there is an answer, or for so long: a partition that was just created, or whose leader just died, has
    /// nobody who answers for it.
    fn patiently<T>(&self, ask: impl Fn() -> Result<T, KafkaError>) -> Result<T, SinkError> {
        let deadline = Instant::now() + limits::KAFKA_QUESTION;
        loop {
            let error = match ask() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let KafkaSpec { settings, part, .. } = &*self.plan;
            let (topic, partition) = (&settings.cursor_topic, part.partition);
            let told = || format!("the cursor in {topic}, partition {partition}, cannot be read: {error}");
            let refused = matches!(
                error.rdkafka_error_code(),
                Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::GroupAuthorizationFailed)
            );
            if refused {
                return Err(SinkError::Unfit(told()));
            }
            if Instant::now() > deadline {
                return Err(SinkError::Unknown(told()));
            }
            std::thread::park_timeout(limits::KAFKA_LOOK);
        }
    }

    /// First and end of this part's partition, for a client that sees so much.
    fn bounds(&self, client: &BaseConsumer<Context>) -> Result<(i64, i64), SinkError> {
        let (topic, partition) = (&self.plan.settings.cursor_topic, self.plan.part.partition as i32);
        self.patiently(|| client.fetch_watermarks(topic, partition, limits::KAFKA_QUESTION))
    }

    /// Whether nothing was ever written to the events' topic, as it is now.
    fn is_pristine(&self, partitions: u32) -> Result<bool, SinkError> {
        let topic = &self.plan.settings.topic;
        for partition in 0..partitions as i32 {
            let (_, end) =
                self.patiently(|| self.client().fetch_watermarks(topic, partition, limits::KAFKA_QUESTION))?;
            if end > 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Waits until all that stands in the partition now has an outcome that can be seen: a commit is answered before its marker
    /// is there, and a look in between would see the cursor before it.
    pub(super) fn until_seen(&self) -> Result<(), SinkError> {
        let (_, end) = self.bounds(self.client())?;
        let KafkaSpec { settings, part, .. } = &*self.plan;
        let deadline = Instant::now() + settings.transaction_timeout + limits::KAFKA_OUTCOME;
        while self.bounds(self.committed())?.1 < end {
            if Instant::now() > deadline {
                return Err(SinkError::Unknown(format!(
                    "a transaction is open in {}, partition {}, and does not end",
                    settings.cursor_topic, part.partition
                )));
            }
            std::thread::park_timeout(limits::KAFKA_LOOK);
        }
        Ok(())
    }

    /// Waits until nothing is open in the partition: from then on what is committed there is all there is.
    pub(super) fn until_settled(&self) -> Result<(), SinkError> {
        let (since, mut told) = (Instant::now(), false);
        loop {
            let ((_, stable), (_, end)) = (self.bounds(self.committed())?, self.bounds(self.client())?);
            if stable >= end {
                return Ok(());
            }
            let KafkaSpec { settings, part, .. } = &*self.plan;
            if since.elapsed() > limits::KAFKA_TAKEOVER {
                return Err(SinkError::Unknown(format!(
                    "a transaction is open in {}, partition {}, from offset {stable} on, that is not this sink's",
                    settings.cursor_topic, part.partition
                )));
            }
            if !told && since.elapsed() > limits::KAFKA_QUESTION {
                told = true;
                let (topic, partition) = (&settings.cursor_topic, part.partition);
                tracing::warn!(target: "counterfoil::kafka", %topic, partition, stable, end, "waiting for an open transaction");
            }
            std::thread::park_timeout(limits::KAFKA_LOOK);
        }
    }

    /// The last cursor that is committed, if there is one, of whomever. `partitions`: of the events' topic.
    pub(super) fn last(&self, partitions: u32) -> Result<Found, SinkError> {
        let Some(text) = self.last_record()? else { return Ok(Found::Nothing) };
        match Found::read(&text) {
            Found::Cursor(cursor) if cursor.published > 0 && self.is_pristine(partitions)? => {
                let (topic, events) = (&self.plan.settings.topic, cursor.published);
                let why =
                    format!("{events} events were published, and the topic {topic} never held any: it was made anew");
                Ok(Found::Gone(cursor, why))
            }
            found @ (Found::Nothing | Found::Cursor(_) | Found::Gone(..) | Found::Spoilt(_)) => Ok(found),
        }
    }

    fn last_record(&self) -> Result<Option<Vec<u8>>, SinkError> {
        let (low, end) = self.bounds(self.committed())?;
        let (mut back, growth) = limits::KAFKA_LOOK_BACK;
        loop {
            let from = end.saturating_sub(back).max(low);
            if let Some(text) = self.patiently(|| self.last_from(from, end))? {
                return Ok(Some(text));
            }
            if from <= low {
                return Ok(None);
            }
            back = back.saturating_mul(growth);
        }
    }

    /// The last record from an offset on, as it is.
    fn last_from(&self, from: i64, end: i64) -> Result<Option<Vec<u8>>, KafkaError> {
        if from >= end {
            return Ok(None);
        }
        let (topic, partition) = (&self.plan.settings.cursor_topic, self.plan.part.partition as i32);
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, partition, Offset::Offset(from))?;
        self.committed().assign(&list)?;
        let deadline = Instant::now() + limits::KAFKA_QUESTION;
        let mut found = None;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.committed().poll(left) {
                Some(Ok(record)) => found = Some(record.payload().unwrap_or_default().to_vec()),
                Some(Err(KafkaError::PartitionEOF(_))) => break,
                Some(Err(error)) => return Err(error),
                None if left.is_zero() => return Err(KafkaError::NoMessageReceived),
                None => {}
            }
        }
        // Nothing of this is to come up in the next, longer look.
        self.committed().unassign()?;
        Ok(found)
    }
}
