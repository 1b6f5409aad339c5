//! The two topics: whether what is promised can be kept on them, and their creation.
//!
//! What would make a promise false is [`SinkError::Unfit`]: a topic of cursors from which the broker deletes, a topic of
//! events that it compacts (it would keep the last event of an order). What merely promises less is told, with the setting
//! that it lies in: one copy, events that are deleted before the week is over, a size that not every event has.
//!
//! Of a topic of cursors `retention.ms` and `retention.bytes` are not asked: brokers apply them where `cleanup.policy` has
//! `delete`, and one that has is refused. One that is created here has none all the same, for whoever changes the policy.

use std::collections::HashMap;
use std::time::Instant;

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::runtime::Handle;

use super::context::{Context, Heard};
use super::{KafkaSpec, Mode, SinkError, discard, gone};
use crate::limits;
use crate::outbox::LARGEST_EVENT;
use crate::outbox::sink::Part;

/// What a sink has to know of its topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Topics {
    /// Partitions of the events' topic.
    pub(super) partitions: u32,
    /// The largest batch, and so the largest event, that the events' topic takes, bytes.
    pub(super) event_bytes: usize,
    /// The same of the cursors' topic.
    pub(super) cursor_bytes: usize,
    /// What is not promised that could be, and by which setting.
    pub(super) weak: Vec<String>,
}

/// What the brokers say of a topic.
struct TopicFacts {
    name: String,
    partitions: u32,
    /// The fewest copies that one of its partitions has.
    replication: usize,
    configuration: HashMap<String, String>,
}

/// Looks at the topics, and creates them first where that was asked for.
pub(super) fn check(plan: &KafkaSpec, reader: &BaseConsumer<Context>, handle: &Handle) -> Result<Topics, SinkError> {
    let settings = &plan.settings;
    let admin: AdminClient<Context> =
        settings.client(&plan.name)?.create_with_context(Context::default()).map_err(|error| gone(&error))?;
    let looked = Look { plan, reader, admin: &admin, handle }.look();
    discard(admin);
    looked
}

/// What is not promised of the outcomes of transactions: their topic is the brokers' own, and there after the first of them.
pub(super) fn outcomes(
    plan: &KafkaSpec,
    reader: &BaseConsumer<Context>,
    handle: &Handle,
) -> Result<Vec<String>, SinkError> {
    let admin: AdminClient<Context> =
        plan.settings.client(&plan.name)?.create_with_context(Context::default()).map_err(|error| gone(&error))?;
    let weak = Look { plan, reader, admin: &admin, handle }.outcomes();
    discard(admin);
    Ok(weak)
}

struct Look<'a> {
    plan: &'a KafkaSpec,
    reader: &'a BaseConsumer<Context>,
    admin: &'a AdminClient<Context>,
    handle: &'a Handle,
}

impl Look<'_> {
    fn look(&self) -> Result<Topics, SinkError> {
        let settings = &self.plan.settings;
        let events = self.topic(&settings.topic, false)?;
        events.fit_for_events()?;
        let event_bytes = events.number("max.message.bytes")?;
        let mut weak = [events.weak(), events.short()].concat();
        weak.extend(events.narrow("an event", event_bytes, LARGEST_EVENT));
        let mut cursor_bytes = event_bytes;
        if settings.mode == Mode::ExactlyOnce {
            let mut cursors = self.topic(&settings.cursor_topic, true)?;
            if cursors.partitions < self.plan.part.of && cursors.policy() == ["compact"] && settings.create.is_some() {
                cursors = self.widened(&settings.cursor_topic)?;
            }
            cursors.fit_for_cursors(&self.plan.part)?;
            cursor_bytes = cursors.number("max.message.bytes")?;
            weak.extend(cursors.weak());
            weak.extend(cursors.narrow("a cursor", cursor_bytes, limits::KAFKA_CURSOR));
        }
        Ok(Topics { partitions: events.partitions, event_bytes, cursor_bytes, weak })
    }

    fn outcomes(&self) -> Vec<String> {
        const TOPIC: &str = "__transaction_state";
        // Who may not see it is not told of it.
        let Ok(Some((partitions, replication))) = self.partitions(TOPIC) else { return Vec::new() };
        let configuration = self.configuration(TOPIC).unwrap_or_default();
        TopicFacts { name: TOPIC.to_owned(), partitions, replication, configuration }.weak()
    }

    /// A topic as it stands, created where it is to be.
    fn topic(&self, name: &str, cursors: bool) -> Result<TopicFacts, SinkError> {
        let mut created = false;
        let deadline = Instant::now() + limits::KAFKA_QUESTION;
        loop {
            match self.partitions(name)? {
                Some((partitions, replication)) => {
                    let configuration = self.configuration(name)?;
                    return Ok(TopicFacts { name: name.to_owned(), partitions, replication, configuration });
                }
                None if created && Instant::now() > deadline => {
                    return Err(SinkError::Unknown(format!("the topic {name} was created and is not there yet")));
                }
                None if created => std::thread::park_timeout(limits::KAFKA_LOOK),
                None => {
                    self.create(name, cursors)?;
                    created = true;
                }
            }
        }
    }

    /// Why nobody answers. A consumer hears of it only while it is polled, and this one reads nothing.
    fn heard(&self) -> Option<Heard> {
        let deadline = Instant::now() + limits::KAFKA_QUESTION;
        while self.reader.poll(limits::KAFKA_LOOK).is_some() && Instant::now() < deadline {}
        self.reader.context().heard()
    }

    /// How many partitions a topic has, and how many copies the least copied one; `None` where it is not there.
    fn partitions(&self, name: &str) -> Result<Option<(u32, usize)>, SinkError> {
        let metadata =
            self.reader.fetch_metadata(Some(name), limits::KAFKA_QUESTION).map_err(|error| match self.heard() {
                Some(Heard::Refused(why)) => {
                    SinkError::Unfit(format!("the brokers refuse who this is, or are others: {why}"))
                }
                Some(Heard::Away(why)) => {
                    SinkError::Unknown(format!("the topic {name} cannot be looked at: {error}: {why}"))
                }
                None => SinkError::Unknown(format!("the topic {name} cannot be looked at: {error}")),
            })?;
        let topic = metadata.topics().iter().find(|topic| topic.name() == name);
        let Some(topic) = topic else { return Ok(None) };
        match topic.error().map(RDKafkaErrorCode::from) {
            // A topic that was just created is told of before it has a leader.
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Ok(None),
            Some(RDKafkaErrorCode::LeaderNotAvailable) => Ok(None),
            Some(error) => Err(SinkError::Unfit(format!("the topic {name} cannot be used: {error}"))),
            None => {
                let partitions = topic.partitions();
                let replication = partitions.iter().map(|partition| partition.replicas().len()).min().unwrap_or(0);
                Ok((!partitions.is_empty()).then_some((partitions.len() as u32, replication)))
            }
        }
    }

    fn configuration(&self, name: &str) -> Result<HashMap<String, String>, SinkError> {
        let options = AdminOptions::new().request_timeout(Some(limits::KAFKA_QUESTION));
        let asked = self.handle.block_on(self.admin.describe_configs(&[ResourceSpecifier::Topic(name)], &options));
        let unknown =
            |error: &dyn std::fmt::Display| format!("the configuration of the topic {name} cannot be read: {error}");
        let answered = asked.map_err(|error| SinkError::Unknown(unknown(&error)))?;
        let resource = answered.into_iter().next().unwrap_or(Err(RDKafkaErrorCode::UnknownTopicOrPartition));
        // Who may not look cannot know whether the promises hold.
        let resource = resource.map_err(|error| match error {
            RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed => {
                SinkError::Unfit(unknown(&error))
            }
            error => SinkError::Unknown(unknown(&error)),
        })?;
        Ok(resource.entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect())
    }

    /// The topic of cursors, with a partition for each part: there were fewer of those when it was made. Cursors are sent to
    /// partitions by number, so that none moves.
    fn widened(&self, name: &str) -> Result<TopicFacts, SinkError> {
        let parts = self.plan.part.of;
        let options = AdminOptions::new()
            .request_timeout(Some(limits::KAFKA_QUESTION))
            .operation_timeout(Some(limits::KAFKA_QUESTION));
        let wanted = NewPartitions::new(name, parts as usize);
        let asked = self.handle.block_on(self.admin.create_partitions([&wanted], &options));
        let answered = asked.map_err(|error: KafkaError| SinkError::Unknown(error.to_string()))?.into_iter().next();
        match answered {
            Some(Ok(_)) => tracing::info!(target: "counterfoil::kafka", topic = name, parts, "widened a topic"),
            // Somebody else was quicker, or else it is told below that there are too few.
            Some(Err((_, RDKafkaErrorCode::InvalidPartitions))) | None => {}
            Some(Err((_, error))) => {
                let why = format!("the topic {name} needs {parts} partitions, and cannot be given them: {error}");
                return Err(SinkError::Unfit(why));
            }
        }
        let deadline = Instant::now() + limits::KAFKA_QUESTION;
        loop {
            let told = self.topic(name, true)?;
            if told.partitions >= parts || Instant::now() > deadline {
                return Ok(told);
            }
            std::thread::park_timeout(limits::KAFKA_LOOK);
        }
    }

    fn create(&self, name: &str, cursors: bool) -> Result<(), SinkError> {
        let Some(create) = self.plan.settings.create else {
            return Err(SinkError::Unfit(format!("there is no topic {name}: create it, or set create")));
        };
        let partitions = if cursors { self.plan.part.of } else { create.partitions };
        let replication = TopicReplication::Fixed(i32::from(create.replication));
        let configuration = configuration(create.replication, cursors);
        let topic = NewTopic::new(name, partitions as i32, replication);
        let topic = configuration.iter().fold(topic, |topic, (key, value)| topic.set(key, value));
        let options = AdminOptions::new()
            .request_timeout(Some(limits::KAFKA_QUESTION))
            .operation_timeout(Some(limits::KAFKA_QUESTION));
        let failed =
            |error: &dyn std::fmt::Display| SinkError::Unfit(format!("the topic {name} cannot be created: {error}"));
        let asked = self.handle.block_on(self.admin.create_topics([&topic], &options));
        match asked.map_err(|error: KafkaError| SinkError::Unknown(error.to_string()))?.into_iter().next() {
            Some(Ok(_)) => {
                tracing::info!(target: "counterfoil::kafka", topic = name, partitions, "created a topic");
                Ok(())
            }
            // Somebody else was quicker; what they made is looked at.
            Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
            Some(Err((_, error))) => Err(failed(&error)),
            None => Err(failed(&"no answer")),
        }
    }
}

/// What a topic is created with that has so many copies.
///
/// Two copies have an event before it counts, wherever there are two: of what one alone had acknowledged, events may be lost
/// while their cursor is kept, and nobody would ever hear of it. With exactly two of them nothing is published while one of
/// their brokers is away; that is the lesser evil, since events wait in the database, orders do not wait for them, and
/// `counterfoil_outbox_lag_seconds` tells of it.
fn configuration(replication: u16, cursors: bool) -> Vec<(&'static str, String)> {
    let mut configuration = vec![
        ("unclean.leader.election.enable", "false".to_owned()),
        ("min.insync.replicas", replication.clamp(1, 2).to_string()),
    ];
    if cursors {
        configuration.extend([
            ("cleanup.policy", "compact".to_owned()),
            ("retention.ms", "-1".to_owned()),
            ("retention.bytes", "-1".to_owned()),
            ("segment.ms", limits::KAFKA_CURSOR_SEGMENT_MS.to_string()),
        ]);
    }
    configuration
}

impl TopicFacts {
    fn value(&self, key: &str) -> &str {
        self.configuration.get(key).map_or("", String::as_str)
    }

    fn number(&self, key: &str) -> Result<usize, SinkError> {
        let unfit = || SinkError::Unfit(format!("the topic {} has no {key} that can be read", self.name));
        self.value(key).parse().map_err(|_| unfit())
    }

    fn policy(&self) -> Vec<&str> {
        self.value("cleanup.policy").split(',').map(str::trim).filter(|policy| !policy.is_empty()).collect()
    }

    fn fit_for_events(&self) -> Result<(), SinkError> {
        if self.policy().contains(&"compact") {
            return Err(SinkError::Unfit(format!(
                "the topic {} is compacted (cleanup.policy = {}): it would keep the last event of each order alone",
                self.name,
                self.value("cleanup.policy")
            )));
        }
        Ok(())
    }

    fn fit_for_cursors(&self, part: &Part) -> Result<(), SinkError> {
        if self.policy() != ["compact"] {
            return Err(SinkError::Unfit(format!(
                "the topic {} has cleanup.policy = {} and needs compact alone: a cursor that is deleted for its age \
                 (retention.ms = {}), or for want of room (retention.bytes = {}), leaves its sink at the beginning; set \
                 cleanup.policy to compact",
                self.name,
                self.value("cleanup.policy"),
                self.value("retention.ms"),
                self.value("retention.bytes")
            )));
        }
        if self.partitions < part.of {
            return Err(SinkError::Unfit(format!(
                "the topic {} has {} partitions and needs {}, one for each part of the sink: a shared one lets none go on \
                 while one transaction is open; give it so many, or set create",
                self.name, self.partitions, part.of
            )));
        }
        Ok(())
    }

    /// What its copies do not promise.
    fn weak(&self) -> Vec<String> {
        let mut weak = Vec::new();
        let (name, copies) = (&self.name, self.replication);
        // Brokers of other makers have no such setting, and ask for the most of the copies.
        match self.value("min.insync.replicas").parse::<usize>() {
            _ if copies < 2 => weak.push(format!(
                "the topic {name} has one copy: what is on a disk that fails is lost; three of them, and \
                 min.insync.replicas = 2, keep it"
            )),
            Ok(least) if least < 2 => weak.push(format!(
                "the topic {name} has min.insync.replicas = {least}: what was acknowledged by one broker is lost with it; \
                 set min.insync.replicas to 2"
            )),
            Ok(least) if least >= copies => weak.push(format!(
                "the topic {name} has {copies} copies and min.insync.replicas = {least}: while one of their brokers is away \
                 nothing is published, and events wait; {} copies would do without it",
                least + 1
            )),
            Ok(_) | Err(_) => {}
        }
        if self.value("unclean.leader.election.enable") == "true" {
            weak.push(format!(
                "the topic {name} has unclean.leader.election.enable = true: one may become its leader that lacks what was \
                 acknowledged; set unclean.leader.election.enable to false"
            ));
        }
        weak
    }

    /// What is deleted from it sooner than whoever consumes it may come to read it.
    fn short(&self) -> Vec<String> {
        let mut short = Vec::new();
        if !self.policy().contains(&"delete") {
            return short;
        }
        let name = &self.name;
        // Less than 0 is without end.
        let limit = |key: &str| self.value(key).parse::<u64>().ok();
        let least = limits::KAFKA_RETENTION.as_millis() as u64;
        if let Some(kept) = limit("retention.ms").filter(|kept| *kept < least) {
            short.push(format!(
                "the topic {name} has retention.ms = {kept}: whoever reads an event later than that misses it; set \
                 retention.ms to {least} (seven days) or more, or to -1"
            ));
        }
        if let Some(kept) = limit("retention.bytes") {
            short.push(format!(
                "the topic {name} has retention.bytes = {kept}: what lies before the last {kept} bytes of a partition is \
                 deleted however young it is, and whoever has not read it misses it; set retention.bytes to -1"
            ));
        }
        short
    }

    /// Whether it may be that it does not take one of these.
    fn narrow(&self, what: &str, most: usize, largest: usize) -> Option<String> {
        let (name, needed) = (&self.name, largest + limits::KAFKA_RECORD_HEAD);
        (most < needed).then(|| {
            format!(
                "the topic {name} has max.message.bytes = {most}, and {what} may have {needed}: one that is larger than the \
                 topic takes stops the sink; set max.message.bytes to {needed} or more"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(replication: usize, configuration: &[(&str, &str)]) -> TopicFacts {
        let configuration = configuration.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        TopicFacts { name: "orders".into(), partitions: 4, replication, configuration }
    }

    #[test]
    fn what_copies_do_not_promise_is_told() {
        for (copies, least, why) in [
            (0, "1", Some("has one copy")),
            (1, "1", Some("has one copy")),
            (1, "2", Some("has one copy")),
            (2, "1", Some("min.insync.replicas = 1: what was acknowledged by one broker is lost with it")),
            (3, "1", Some("min.insync.replicas = 1: what was acknowledged by one broker is lost with it")),
            (2, "2", Some("nothing is published, and events wait; 3 copies")),
            (3, "3", Some("nothing is published, and events wait; 4 copies")),
            (3, "2", None),
            (5, "3", None),
            (3, "", None),
        ] {
            let weak = topic(copies, &[("min.insync.replicas", least)]).weak();
            assert_eq!(weak.len(), usize::from(why.is_some()), "{copies} {least}: {weak:?}");
            assert!(weak.iter().all(|told| told.contains(why.unwrap_or_default())), "{copies} {least}: {weak:?}");
        }
        let unclean = topic(3, &[("min.insync.replicas", "2"), ("unclean.leader.election.enable", "true")]).weak();
        assert!(matches!(&unclean[..], [told] if told.contains("enable = true")), "{unclean:?}");
    }

    #[test]
    fn two_copies_have_an_event_where_there_are_two() {
        for (replication, least) in [(1, "1"), (2, "2"), (3, "2"), (5, "2")] {
            for cursors in [false, true] {
                let made = configuration(replication, cursors);
                assert!(made.contains(&("min.insync.replicas", least.to_owned())), "{replication}: {made:?}");
                assert!(made.contains(&("unclean.leader.election.enable", "false".to_owned())), "{made:?}");
            }
        }
    }

    #[test]
    fn what_is_deleted_within_the_week_is_told() {
        let week = limits::KAFKA_RETENTION.as_millis() as u64;
        for (policy, ms, bytes, told) in [
            ("delete", week, -1, 0),
            ("delete", week - 1, -1, 1),
            ("delete", week, 0, 1),
            ("delete", 0, 1_i64 << 40, 2),
            // Nothing is deleted.
            ("", 0, 0, 0),
            ("compact", 0, 0, 0),
        ] {
            let (ms, bytes) = (ms.to_string(), bytes.to_string());
            let all = [("cleanup.policy", policy), ("retention.ms", &*ms), ("retention.bytes", &*bytes)];
            assert_eq!(topic(3, &all).short().len(), told, "{all:?}");
        }
        let without_end = [("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")];
        assert_eq!(topic(3, &without_end).short(), [""; 0]);
    }
}
