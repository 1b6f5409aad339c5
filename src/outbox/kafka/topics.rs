//! The two topics: whether what is promised can be kept on them, and their creation.
//!
//! What would make a promise false is [`SinkError::Unfit`]: a topic of cursors from which the broker deletes, a topic of
//! events that it compacts (it would keep the last event of an order). What merely promises less, one copy, is told.

use std::collections::HashMap;
use std::time::Instant;

use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use tokio::runtime::Handle;

use super::context::{Context, Heard};
use super::{Mode, Plan, SinkError, discard, gone};
use crate::limits;
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
    /// What is not promised, for want of copies.
    pub(super) weak: Vec<String>,
}

/// What the brokers say of a topic.
struct Told {
    name: String,
    partitions: u32,
    /// The fewest copies that one of its partitions has.
    replication: usize,
    configuration: HashMap<String, String>,
}

/// Looks at the topics, and creates them first where that was asked for.
pub(super) fn check(plan: &Plan, reader: &BaseConsumer<Context>, handle: &Handle) -> Result<Topics, SinkError> {
    let settings = &plan.settings;
    let admin: AdminClient<Context> =
        settings.client(&plan.name)?.create_with_context(Context::default()).map_err(|error| gone(&error))?;
    let looked = Look { plan, reader, admin: &admin, handle }.look();
    discard(admin);
    looked
}

struct Look<'a> {
    plan: &'a Plan,
    reader: &'a BaseConsumer<Context>,
    admin: &'a AdminClient<Context>,
    handle: &'a Handle,
}

impl Look<'_> {
    fn look(&self) -> Result<Topics, SinkError> {
        let settings = &self.plan.settings;
        let events = self.topic(&settings.topic, false)?;
        events.fit_for_events()?;
        let mut weak = events.weak();
        let event_bytes = events.number("max.message.bytes")?;
        let mut cursor_bytes = event_bytes;
        if settings.mode == Mode::ExactlyOnce {
            let mut cursors = self.topic(&settings.cursor_topic, true)?;
            if cursors.partitions < self.plan.part.of && cursors.policy() == ["compact"] && settings.create.is_some() {
                cursors = self.widened(&settings.cursor_topic)?;
            }
            cursors.fit_for_cursors(&self.plan.part)?;
            weak.extend(cursors.weak());
            cursor_bytes = cursors.number("max.message.bytes")?;
        }
        Ok(Topics { partitions: events.partitions, event_bytes, cursor_bytes, weak })
    }

    /// A topic as it stands, created where it is to be.
    fn topic(&self, name: &str, cursors: bool) -> Result<Told, SinkError> {
        let mut created = false;
        let deadline = Instant::now() + limits::KAFKA_QUESTION;
        loop {
            match self.partitions(name)? {
                Some((partitions, replication)) => {
                    let configuration = self.configuration(name)?;
                    return Ok(Told { name: name.to_owned(), partitions, replication, configuration });
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
    fn widened(&self, name: &str) -> Result<Told, SinkError> {
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
        let segment = limits::KAFKA_CURSOR_SEGMENT_MS.to_string();
        let replication = TopicReplication::Fixed(i32::from(create.replication));
        let mut topic = NewTopic::new(name, partitions as i32, replication)
            .set("unclean.leader.election.enable", "false")
            .set("min.insync.replicas", if create.replication >= 3 { "2" } else { "1" });
        if cursors {
            topic = topic.set("cleanup.policy", "compact").set("segment.ms", &segment);
        }
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

impl Told {
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
                "the topic {} has cleanup.policy = {} and needs compact alone: a cursor that is deleted for its age leaves \
                 its sink at the beginning",
                self.name,
                self.value("cleanup.policy")
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

    /// What is not promised on it.
    fn weak(&self) -> Vec<String> {
        let mut weak = Vec::new();
        let name = &self.name;
        if self.replication < 2 {
            weak.push(format!("the topic {name} has one copy: what is on a disk that fails is lost"));
        } else if self.value("min.insync.replicas").parse::<usize>().unwrap_or(1) < 2 {
            weak.push(format!(
                "the topic {name} has min.insync.replicas = 1: what was acknowledged by one broker is lost with it"
            ));
        }
        if self.value("unclean.leader.election.enable") == "true" {
            weak.push(format!("the topic {name} may have a leader that lacks what was acknowledged"));
        }
        weak
    }
}
