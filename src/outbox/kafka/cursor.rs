//! The cursor as it stands in Kafka: the last committed record of this part's own partition of the cursors' topic.

use std::time::Instant;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message, Offset, TopicPartitionList};

use super::context::Context;
use super::{Part, Plan, SinkError, discard};
use crate::limits;
use crate::outbox::sink::Cursor;

/// Reads one partition of the cursors' topic.
pub(super) struct Reader<'a> {
    plan: &'a Plan,
    /// Sees what is committed.
    committed: Option<BaseConsumer<Context>>,
    /// Sees everything: where it ends behind the other's end, a transaction is open.
    all: Option<BaseConsumer<Context>>,
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        // A consumer closes in its own time.
        discard((self.committed.take(), self.all.take()));
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(plan: &'a Plan) -> Result<Self, SinkError> {
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
        Ok(Self { plan, committed, all: Some(client("read_uncommitted", false)?) })
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
            let Plan { settings, part, .. } = self.plan;
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

    /// First and end, for a client that sees so much.
    fn bounds(&self, client: &BaseConsumer<Context>) -> Result<(i64, i64), SinkError> {
        let (topic, partition) = (&self.plan.settings.cursor_topic, self.plan.part.partition as i32);
        self.patiently(|| client.fetch_watermarks(topic, partition, limits::KAFKA_QUESTION))
    }

    /// Waits until nothing is open in the partition: from then on what is committed there is all there is.
    pub(super) fn until_settled(&self) -> Result<(), SinkError> {
        let (since, mut told) = (Instant::now(), false);
        loop {
            let ((_, stable), (_, end)) = (self.bounds(self.committed())?, self.bounds(self.client())?);
            if stable >= end {
                return Ok(());
            }
            let Plan { settings, part, .. } = self.plan;
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

    /// The last cursor that is committed, if there is one. One that is not this part's is refused.
    pub(super) fn last(&self) -> Result<Option<Cursor>, SinkError> {
        let (low, end) = self.bounds(self.committed())?;
        let (mut back, growth) = limits::KAFKA_LOOK_BACK;
        loop {
            let from = end.saturating_sub(back).max(low);
            if let Some(text) = self.patiently(|| self.last_from(from, end))? {
                return parse(&text, &self.plan.part).map(Some);
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

/// The cursor of a record of this part's partition. What is not this part's is told, with the difference.
fn parse(text: &[u8], part: &Part) -> Result<Cursor, SinkError> {
    let named = |what: String| SinkError::Unfit(format!("the last cursor of {part}: {what}"));
    let cursor: Cursor = serde_json::from_slice(text).map_err(|error| named(format!("it cannot be read: {error}")))?;
    let of = |partition: u32, of: u32| format!("partition {partition} of {of}");
    let differences = [
        ("deployment", cursor.deployment.clone(), part.deployment.clone()),
        ("sink", cursor.sink.clone(), part.sink.clone()),
        ("place", of(cursor.partition, cursor.of), of(part.partition, part.of)),
    ];
    for (what, theirs, ours) in differences {
        if theirs != ours {
            return Err(named(format!("its {what} is {theirs}, and not {ours}")));
        }
    }
    Ok(cursor)
}

/// Refuses a cursor of a later history than the database's, unless it is of a run before `run`.
pub(super) fn refuse_later(cursor: Option<&Cursor>, part: &Part, epoch: i32, run: u32) -> Result<(), SinkError> {
    let cursor = cursor.filter(|cursor| cursor.run >= run);
    match cursor.map(|cursor| cursor.epoch.max(cursor.position.epoch())) {
        Some(later) if later > epoch => Err(SinkError::Unfit(format!(
            "the last cursor of {part} is of epoch {later}, and this database is in epoch {epoch}: it is an older copy, or \
             no longer the primary; where it is neither, have the sink begin anew: `counterfoil outbox replay --from`"
        ))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::feed::Position;

    fn part() -> Part {
        Part { deployment: "shop".into(), sink: "kafka".into(), partition: 1, of: 4 }
    }

    fn cursor() -> Cursor {
        Cursor {
            deployment: "shop".into(),
            sink: "kafka".into(),
            partition: 1,
            of: 4,
            target: "orders/4".into(),
            run: 1,
            step: 7,
            epoch: 3,
            position: Position::beginning(3),
        }
    }

    #[test]
    fn a_cursor_of_another_is_refused_by_its_difference() {
        let text = |cursor: &Cursor| serde_json::to_vec(cursor).unwrap();
        assert_eq!(parse(&text(&cursor()), &part()), Ok(cursor()));
        let others = [
            (Cursor { deployment: "other".into(), ..cursor() }, "its deployment is other, and not shop"),
            (Cursor { sink: "nats".into(), ..cursor() }, "its sink is nats, and not kafka"),
            (Cursor { partition: 2, ..cursor() }, "its place is partition 2 of 4, and not partition 1 of 4"),
            (Cursor { of: 8, ..cursor() }, "its place is partition 1 of 8, and not partition 1 of 4"),
        ];
        for (other, difference) in others {
            let error = parse(&text(&other), &part()).unwrap_err();
            assert!(matches!(&error, SinkError::Unfit(reason) if reason.ends_with(difference)), "{error}");
        }
        for text in ["", "{}", "not JSON"] {
            let error = parse(text.as_bytes(), &part()).unwrap_err();
            assert!(matches!(&error, SinkError::Unfit(reason) if reason.contains("cannot be read")), "{error}");
        }
    }

    #[test]
    fn a_later_history_is_refused_and_an_older_one_is_not() {
        let of = |epoch| Cursor { position: Position::beginning(epoch), ..cursor() };
        assert!(refuse_later(Some(&of(4)), &part(), 3, 1).is_err());
        assert!(refuse_later(Some(&of(3)), &part(), 3, 1).is_ok());
        assert!(refuse_later(Some(&of(2)), &part(), 3, 1).is_ok());
        assert!(refuse_later(None, &part(), 3, 1).is_ok());
        assert!(refuse_later(Some(&of(4)), &part(), 3, u32::MAX).is_ok(), "an operator's word");
    }
}
