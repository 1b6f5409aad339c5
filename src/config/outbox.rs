//! `[outbox]`: where events are published, and how.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Secrets;

/// `[outbox]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outbox {
    /// Where events are published.
    pub sinks: Vec<Sink>,
    /// How webhooks are delivered, to all endpoints.
    pub webhooks: Webhooks,
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
    /// What it is.
    pub kind: SinkKind,
    /// Kafka: where to begin.
    #[serde(default)]
    pub brokers: Option<Vec<String>>,
    /// NATS: where it is.
    #[serde(default)]
    pub url: Option<String>,
    /// Webhook: where to post.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// Kafka: the topic.
    #[serde(default)]
    pub topic: Option<String>,
    /// NATS: the JetStream stream.
    #[serde(default)]
    pub stream: Option<String>,
    /// Webhook: with which deliveries are signed; a list while it changes, the new one first.
    #[serde(default)]
    pub secret: Option<Secrets>,
    /// Where it begins the first time: `beginning` (where it is not said), `now`, or an RFC 3339 time. Afterwards it goes on
    /// where it was.
    #[serde(default)]
    pub from: Option<String>,
    /// Whether address, labels and payment token are told.
    #[serde(default)]
    pub personal_data: bool,
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
    /// Where it begins.
    pub fn from(&self) -> &str {
        self.from.as_deref().unwrap_or("beginning")
    }
}

/// What a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SinkKind {
    /// Apache Kafka.
    Kafka,
    /// NATS JetStream.
    Nats,
    /// An HTTP endpoint.
    Webhook,
}
