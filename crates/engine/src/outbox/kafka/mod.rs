//! The sink that publishes to Kafka: records of CloudEvents in binary mode, keyed by order.
//!
//! Exactly once means: a transaction holds the events and the [`Cursor`] behind them. The cursors' topic is compacted, and
//! each part of a sink has a partition of its own there; who takes over fences its predecessor by their transactional id,
//! and reads the last cursor that was committed. What shaped it:
//!
//! - *Two databases that both believe they are the primary*: the older one's relay would fence the good one before it saw
//!   that, again and again. So whoever takes over has looked first, and reads again behind the fence.
//! - *A predecessor that died in its transaction*: what it committed last is seen only when that transaction has ended.
//!   `init_transactions` waits for it, and then for the stable offset to reach the end.
//! - *Aborted transactions*: they leave records and markers, so that the last cursor may lie far before the end.
//! - *A commit whose answer is lost*: it is [`SinkError::Unknown`]. The next [`open`](Sink::open) has the broker end the
//!   transaction, and reads what became of it.
//! - *A commit whose marker is under way*: its answer is there before it can be seen. A look waits for what stands there then.
//! - *A topic that is deleted and made anew*: its cursor stands elsewhere, and would be gone on from. Where the cursor says that
//!   there were events, and a topic never held any, they are gone.
//! - *A topic that is given more partitions*: the order of an order depends on their number. It is part of
//!   [`target`](Sink::target), and of the cursor; until the sink is opened again the number that was there then counts.
//!
//! Whatever `publish` fails by leaves the sink closed, but an event that was found too large before anything was begun: the
//! next call says [`SinkError::Unknown`] until it is opened again.
//!
//! The broker says "fenced" also to a producer that let its transaction run out: nobody need have taken over, and the
//! answer is the same, to look at one's lease and open again.

mod context;
mod cursor;
mod partitioner;
mod producer;
mod settings;
mod topics;

use std::sync::Arc;
use std::time::Duration;

use rdkafka::error::KafkaError;
use rdkafka::message::{Header, OwnedHeaders};

use super::CloudEvent;
use super::sink::{Cursor, Cut, Found, Part, Sink, SinkError};
use crate::limits;
use producer::{Live, Outgoing};
pub use settings::{Create, KafkaSettings, Mechanism, Mode, Sasl, Security};

/// What a sink is made of, shared with the threads that work for it.
#[derive(Debug)]
struct KafkaSpec {
    settings: KafkaSettings,
    part: Part,
    name: String,
}

/// The transactional id of a part, and the name of every client. How many parts there are is not in it: a relay that was
/// left over from another number is fenced by the one that has its place now.
fn name(part: &Part) -> String {
    format!("counterfoil/{}/{}/{}", part.deployment, part.sink, part.partition)
}

/// What a look found, for whoever takes over.
struct Looked {
    reader: cursor::Reader,
    topics: topics::Topics,
}

/// A [`Sink`] that publishes to Kafka. Its calls block no thread of the runtime; dropping it waits for nobody, and a call
/// that is dropped on its way leaves it closed.
pub struct KafkaSink {
    plan: Arc<KafkaSpec>,
    looked: Option<Looked>,
    live: Option<Live>,
    partitions: u32,
    event_bytes: Option<usize>,
    weak: Option<Vec<String>>,
}

impl KafkaSink {
    /// A sink that is not open yet.
    pub fn new(settings: KafkaSettings, part: Part) -> Self {
        let plan = Arc::new(KafkaSpec { name: name(&part), settings, part });
        Self { plan, looked: None, live: None, partitions: 0, event_bytes: None, weak: None }
    }

    /// The largest event that the topic takes, bytes: key, value and headers together, uncompressed. Known once it is open.
    pub fn largest_event(&self) -> Option<usize> {
        self.event_bytes
    }

    /// What is not promised that could be, as its topics are set up, and by which setting; told in the log too. Known once it
    /// was open, and looked at then.
    pub fn weak(&self) -> &[String] {
        self.weak.as_deref().unwrap_or_default()
    }

    /// The event as a record, unless it is too large.
    fn outgoing(&self, event: &CloudEvent) -> Result<Outgoing, SinkError> {
        let refused = |reason: String| SinkError::Refused { id: event.id.clone(), reason };
        let value = serde_json::to_vec(&event.data).map_err(|error| refused(error.to_string()))?;
        let epoch = event.epoch.to_string();
        let headers = [
            ("ce_specversion", event.specversion),
            ("ce_id", &event.id),
            ("ce_type", &event.r#type),
            ("ce_source", &event.source),
            ("ce_subject", &event.subject),
            ("ce_time", &event.time),
            ("ce_sequence", &event.sequence),
            ("ce_epoch", &epoch),
            ("content-type", event.datacontenttype),
        ];
        let written = headers.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        let bytes = event.subject.len() + value.len() + written;
        if let Some(most) = self.event_bytes.filter(|most| bytes > *most) {
            return Err(refused(format!("it has {bytes} bytes, and {} takes {most}", self.plan.settings.topic)));
        }
        let headers = headers.into_iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, (key, value)| {
            all.insert(Header { key, value: Some(value) })
        });
        let partition = partitioner::partition(&event.subject, self.partitions);
        Ok(Outgoing { id: event.id.clone(), key: event.subject.clone(), partition, headers, value, bytes })
    }
}

impl Sink for KafkaSink {
    fn target(&self) -> String {
        // Steps of the two modes are not one history: a cursor that one kept, the other did not move.
        let mode = if self.keeps_cursor() { "" } else { " (at least once)" };
        format!("{}/{}{mode}", self.plan.settings.topic, self.partitions)
    }

    fn keeps_cursor(&self) -> bool {
        self.plan.settings.mode == Mode::ExactlyOnce
    }

    async fn look(&mut self) -> Result<Found, SinkError> {
        (self.live, self.looked) = (None, None);
        let plan = Arc::clone(&self.plan);
        let handle = tokio::runtime::Handle::current();
        let (looked, found) = blocking(move || look(&plan, &handle)).await??;
        self.partitions = looked.topics.partitions;
        self.event_bytes = Some(looked.topics.event_bytes.saturating_sub(limits::KAFKA_RECORD_HEAD));
        self.looked = Some(looked);
        Ok(found)
    }

    async fn open(&mut self) -> Result<Found, SinkError> {
        self.live = None;
        let Some(looked) = self.looked.take() else { return Err(SinkError::Unknown("it was not looked at".into())) };
        let plan = Arc::clone(&self.plan);
        let handle = self.weak.is_none().then(tokio::runtime::Handle::current);
        let (live, found, weak) = blocking(move || take_over(&plan, looked, handle.as_ref())).await??;
        if self.weak.is_none() {
            for told in &weak {
                tracing::warn!(target: "counterfoil::kafka", sink = self.plan.part.sink, "{told}");
            }
            self.weak = Some(weak);
        }
        self.live = Some(live);
        Ok(found)
    }

    async fn publish(&mut self, events: &[CloudEvent], cursor: &Cursor, _cuts: &[Cut]) -> Result<(), SinkError> {
        let Some(open) = &self.live else { return Err(SinkError::Unknown("the sink is not open".into())) };
        let cursor = serde_json::to_vec(cursor).map_err(|error| SinkError::Unfit(error.to_string()))?;
        if self.keeps_cursor() && cursor.len() + limits::KAFKA_RECORD_HEAD > open.topics.cursor_bytes {
            let (bytes, topic) = (cursor.len(), &self.plan.settings.cursor_topic);
            return Err(SinkError::Unfit(format!("the cursor has {bytes} bytes, and {topic} takes fewer")));
        }
        let mut outgoing = Vec::with_capacity(events.len());
        for turn in events.chunks(limits::KAFKA_ENCODE_TURN) {
            for event in turn {
                outgoing.push(self.outgoing(event)?);
            }
            tokio::task::yield_now().await;
        }
        // It comes back with its outcome; whoever does not wait for that has to open again.
        let Some(live) = self.live.take() else { return Err(SinkError::Unknown("the sink is not open".into())) };
        let (live, published) = blocking(move || {
            let published = live.publish(outgoing, &cursor);
            (live, published)
        })
        .await?;
        // One that aborted is not used again: librdkafka was seen to purge records of the next transaction.
        self.live = published.is_ok().then_some(live);
        published
    }
}

/// Checks the topics, and reads what is committed.
fn look(plan: &Arc<KafkaSpec>, handle: &tokio::runtime::Handle) -> Result<(Looked, Found), SinkError> {
    let part = &plan.part;
    if let Some(name) = [&part.deployment, &part.sink].into_iter().find(|name| name.contains('/')) {
        return Err(SinkError::Unfit(format!(
            "the name {name} has a slash: two sinks could have one transactional id"
        )));
    }
    if plan.settings.transaction_timeout < Duration::from_secs(1) {
        return Err(SinkError::Unfit("a transaction has at least one second".into()));
    }
    let reader = cursor::Reader::new(plan)?;
    let topics = topics::check(plan, reader.client(), handle)?;
    let found = match plan.settings.mode {
        Mode::AtLeastOnce => Found::Nothing,
        Mode::ExactlyOnce => {
            reader.until_seen()?;
            reader.last(topics.partitions)?
        }
    };
    Ok((Looked { reader, topics }, found))
}

/// Fences, and reads; and what is not promised, where it is to be told.
fn take_over(
    plan: &Arc<KafkaSpec>,
    looked: Looked,
    tell: Option<&tokio::runtime::Handle>,
) -> Result<(Live, Found, Vec<String>), SinkError> {
    let Looked { reader, mut topics } = looked;
    let (mut weak, partitions) = (std::mem::take(&mut topics.weak), topics.partitions);
    let live = Live::new(plan, topics)?;
    if plan.settings.mode == Mode::AtLeastOnce {
        return Ok((live, Found::Nothing, weak));
    }
    live.fence()?;
    reader.until_settled()?;
    let found = reader.last(partitions)?;
    if let Some(handle) = tell {
        weak.extend(topics::outcomes(plan, reader.client(), handle)?);
    }
    Ok((live, found, weak))
}

/// Runs what blocks where that is allowed.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, SinkError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| SinkError::Unknown(format!("the thread that worked for the sink ended: {error}")))
}

/// Drops what may take its time to end, on a thread of its own.
fn discard(thing: impl Send + 'static) {
    let spawned = std::thread::Builder::new().name("kafka-end".into()).spawn(move || drop(thing));
    if let Err(error) = spawned {
        tracing::warn!(target: "counterfoil::kafka", %error, "no thread to end a client on");
    }
}

/// A client that cannot be made: the configuration is at fault. Its values are not shown: one of them is a password.
fn gone(error: &KafkaError) -> SinkError {
    let why = match error {
        KafkaError::ClientConfig(_, why, key, _) => format!("{key}: {why}"),
        error => error.to_string(),
    };
    SinkError::Unfit(format!("no client for Kafka can be made: {why}"))
}
