//! `[outbox]`: where events are published, and how.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Secret, Secrets};
use crate::tls::Files;

/// `[outbox]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbox {
    /// Where events are published.
    pub sinks: Vec<Sink>,
    /// Whether they are written to the table `outbox`, too, for whoever reads the database's log; where it is not said, that
    /// stays as it is.
    pub table: Option<bool>,
    /// Whether the address, the labels and the payment token are told there.
    pub table_personal_data: bool,
    /// How webhooks are delivered, to all endpoints.
    pub webhooks: Webhooks,
    /// How long an endpoint that is paused or disabled keeps from being pruned what it has yet to get.
    pub hold_ms: u64,
}

impl Default for Outbox {
    fn default() -> Self {
        let hold_ms = u64::try_from(crate::limits::OUTBOX_HOLD.as_millis()).unwrap_or(u64::MAX);
        Self { sinks: Vec::new(), table: None, table_personal_data: false, webhooks: Webhooks::default(), hold_ms }
    }
}

/// `[outbox.webhooks]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// Whether anything is posted to private addresses and over http.
    pub allow_private: bool,
    /// The CAs that endpoints' certificates may come from; without it those of the system.
    pub ca: Option<PathBuf>,
    /// Deliveries under way at once, to one endpoint.
    pub max_in_flight: usize,
    /// The pauses between the tries of an event; without it those of Standard Webhooks.
    pub retry_ms: Option<Vec<u64>>,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self { allow_private: false, ca: None, max_in_flight: 16, retry_ms: None }
    }
}

/// `[[outbox.sinks]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sink {
    /// Its name in metrics and cursors.
    pub name: String,
    /// What kind of thing it is; the keys that it takes depend on that.
    pub kind: SinkKind,
    /// Kafka: the brokers that are asked first, `HOST:PORT` each.
    #[serde(default)]
    pub brokers: Option<Vec<String>>,
    /// NATS: where it is, `nats://HOST:PORT` or `tls://HOST:PORT`; several servers of one cluster with commas between.
    #[serde(default)]
    pub url: Option<String>,
    /// Webhook: where to post; it may hold a token.
    #[serde(default)]
    pub endpoint: Option<Secret>,
    /// Kafka: the topic of the events.
    #[serde(default)]
    pub topic: Option<String>,
    /// NATS: the JetStream stream, of this sink alone.
    #[serde(default)]
    pub stream: Option<String>,
    /// NATS: what subjects begin with, before the event's type; `counterfoil.orders` where it is not said.
    #[serde(default)]
    pub subject: Option<String>,
    /// Webhook: with which deliveries are signed; a list while it changes, the new one first.
    #[serde(default)]
    pub secret: Option<Secrets>,
    /// Where it begins the first time: `beginning` (where it is not said), `now`, or an RFC 3339 time. Afterwards it goes on
    /// where it was.
    #[serde(default)]
    pub from: Option<String>,
    /// Kafka: by how many relays it is published to, each with the orders of its hash; 1 where it is not said. It may be
    /// changed: the sink is divided anew once no engine is left that says what it was.
    #[serde(default)]
    pub partitions: Option<u32>,
    /// Whether address, labels and payment token are told.
    #[serde(default)]
    pub personal_data: bool,
    /// Kafka: what is promised.
    #[serde(default)]
    pub mode: SinkMode,
    /// Kafka: the compacted topic of the cursors; `TOPIC.cursors` where it is not said.
    #[serde(default)]
    pub cursor_topic: Option<String>,
    /// Kafka, NATS: how topics, or the stream, are created that are not there; without it they must be.
    #[serde(default)]
    pub create: Option<Create>,
    /// Kafka, NATS: TLS. Kafka's needs a program that was built with the feature `kafka-tls`.
    #[serde(default)]
    pub tls: Option<Files>,
    /// NATS: as whom it is connected to.
    #[serde(default)]
    pub auth: Option<NatsAuth>,
    /// Kafka: as whom it is connected to.
    #[serde(default)]
    pub sasl: Option<Sasl>,
    /// Webhook: the types of events that it gets; all, where none is named.
    #[serde(default)]
    pub types: Vec<String>,
    /// Webhook: the owners of the orders whose events it gets; all, where none is named.
    #[serde(default)]
    pub clients: Vec<String>,
    /// Webhook: whether an order waits for an event that cannot be delivered.
    #[serde(default)]
    pub strict: bool,
}

impl Sink {
    /// What subjects begin with; the default where nothing is said.
    pub fn subject(&self) -> &str {
        self.subject.as_deref().unwrap_or(crate::limits::NATS_SUBJECT)
    }

    /// Where it begins the first time; `beginning` where nothing is said.
    pub fn from(&self) -> &str {
        self.from.as_deref().unwrap_or("beginning")
    }

    /// By how many relays it is published to.
    pub fn parts(&self) -> u32 {
        self.partitions.unwrap_or(1)
    }
}

/// What a consumer of a Kafka sink may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SinkMode {
    /// Each event once, for whoever reads `read_committed`.
    #[default]
    ExactlyOnce,
    /// Each at least once.
    AtLeastOnce,
}

/// `outbox.sinks[].create`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Kafka: partitions of the topic of the events.
    #[serde(default)]
    pub partitions: Option<u32>,
    /// Copies of each of them, or of the stream.
    pub replication: u16,
}

/// `outbox.sinks[].auth`: a user and a password, or a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NatsAuth {
    /// The name of the user; with it comes a `password_file`.
    pub username: Option<String>,
    /// A file with nothing but the password.
    pub password_file: Option<PathBuf>,
    /// A file with nothing but the token.
    pub token_file: Option<PathBuf>,
}

/// `outbox.sinks[].sasl`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sasl {
    /// How the password is shown.
    pub mechanism: SaslMechanism,
    /// The name of the user.
    pub username: String,
    /// A file with nothing but the password.
    pub password_file: PathBuf,
}

/// How a password is shown to Kafka.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SaslMechanism {
    /// As it is: not without TLS.
    Plain,
    /// By SCRAM-SHA-256: the password itself is not sent.
    ScramSha256,
    /// By SCRAM-SHA-512: the password itself is not sent.
    ScramSha512,
}

/// What a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkKind {
    /// Topics of Apache Kafka, or of what speaks its protocol.
    Kafka,
    /// A stream of NATS JetStream.
    Nats,
    /// An HTTP endpoint.
    Webhook,
}
