//! What a shop says of its Kafka, and what librdkafka is told of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use super::SinkError;
use crate::limits;
use crate::tls::Files;

/// Where a sink's events go, and what is promised of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSettings {
    /// Where the cluster is asked for first: `HOST:PORT`, several with commas between.
    pub brokers: String,
    /// The topic of the events.
    pub topic: String,
    /// The topic of the cursors, compacted; in [`Mode::AtLeastOnce`] none is used.
    pub cursor_topic: String,
    /// What a consumer may rely on.
    pub mode: Mode,
    /// Topics that are not there are created so. Without it somebody else has to, and a topic that is missing is told.
    pub create: Option<Create>,
    /// How the brokers are spoken to.
    pub security: Security,
    /// After how long the brokers end a transaction that was begun and not ended: for so long a relay that died keeps
    /// consumers from what lies behind. At least one second, and no more than the brokers' `transaction.max.timeout.ms`.
    pub transaction_timeout: Duration,
}

/// What a consumer may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Each event once, in the order of its order, for whoever reads `read_committed`: the cursor is kept in Kafka, in
    /// the transaction of the events.
    #[default]
    ExactlyOnce,
    /// Each event at least once; the first time in the order of its order, and older ones may follow again. The cursor is
    /// kept by whoever publishes, and nobody is fenced.
    AtLeastOnce,
}

/// How a topic is created that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Create {
    /// Partitions of the topic of the events. The cursors' has one for each part of the sink.
    pub partitions: u32,
    /// Copies of each partition. With two or more, two of them must have an event before it counts: with exactly two nothing
    /// is published, and events wait, while one of their brokers is away.
    pub replication: u16,
}

/// How the brokers are spoken to. Neither: in clear.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// TLS, with these files; without a `ca` the system's. Needs the feature `kafka-tls`.
    pub tls: Option<Files>,
    /// Who this is, said by SASL.
    pub sasl: Option<Sasl>,
}

/// A user and where the password is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sasl {
    /// How the password is shown to the brokers.
    pub mechanism: Mechanism,
    /// The name of the user.
    pub username: String,
    /// A file with nothing but the password; blanks around it are not part of it. It is read whenever a sink is opened.
    pub password_file: PathBuf,
}

/// How a password is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// As it is: not without TLS.
    Plain,
    /// SCRAM-SHA-256; needs the feature `kafka-tls`.
    ScramSha256,
    /// SCRAM-SHA-512; needs the feature `kafka-tls`.
    ScramSha512,
}

impl KafkaSettings {
    /// Exactly once, in clear, to a topic that is there; cursors in `TOPIC.cursors`.
    pub fn new(brokers: impl Into<String>, topic: impl Into<String>) -> Self {
        let topic = topic.into();
        Self {
            brokers: brokers.into(),
            cursor_topic: format!("{topic}.cursors"),
            topic,
            mode: Mode::default(),
            create: None,
            security: Security::default(),
            transaction_timeout: limits::KAFKA_TRANSACTION,
        }
    }

    /// What every client of it is told. The password is in it: it is never shown.
    pub(super) fn client(&self, name: &str) -> Result<ClientConfig, SinkError> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", name)
            .set("socket.keepalive.enable", "true")
            .set("reconnect.backoff.max.ms", limits::KAFKA_RECONNECT.as_millis().to_string())
            .set_log_level(RDKafkaLogLevel::Info);
        self.security.apply(&mut config)?;
        Ok(config)
    }
}

impl Mechanism {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Security {
    fn apply(&self, config: &mut ClientConfig) -> Result<(), SinkError> {
        let protocol = match (&self.tls, &self.sasl) {
            (None, None) => "plaintext",
            (Some(_), None) => "ssl",
            (None, Some(_)) => "sasl_plaintext",
            (Some(_), Some(_)) => "sasl_ssl",
        };
        let scram = self.sasl.as_ref().is_some_and(|sasl| sasl.mechanism != Mechanism::Plain);
        if (self.tls.is_some() || scram) && !cfg!(feature = "kafka-tls") {
            return Err(SinkError::Unfit(
                "TLS and SCRAM to Kafka need a program that was built with the feature kafka-tls".into(),
            ));
        }
        config.set("security.protocol", protocol);
        if let Some(files) = &self.tls {
            let named = [
                ("ssl.ca.location", &files.ca),
                ("ssl.certificate.location", &files.cert),
                ("ssl.key.location", &files.key),
            ];
            for (key, file) in named {
                if let Some(file) = file {
                    config.set(key, file.to_string_lossy());
                }
            }
        }
        if let Some(sasl) = &self.sasl {
            let password = std::fs::read_to_string(&sasl.password_file).map_err(|error| {
                SinkError::Unfit(format!("the password file {}: {error}", sasl.password_file.display()))
            })?;
            config
                .set("sasl.mechanism", sasl.mechanism.as_str())
                .set("sasl.username", &sasl.username)
                .set("sasl.password", password.trim());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_build_cannot_do_is_told_before_anything_is_tried() {
        let mut settings = KafkaSettings::new("127.0.0.1:9", "orders");
        settings.security.sasl = Some(Sasl {
            mechanism: Mechanism::Plain,
            username: "shop".into(),
            password_file: "/nowhere/to/be/found".into(),
        });
        let error = settings.client("a").unwrap_err().to_string();
        assert!(error.starts_with("the password file /nowhere/to/be/found"), "{error}");
        settings.security.sasl = None;
        settings.security.tls = Some(Files::default());
        assert_eq!(settings.client("a").is_ok(), cfg!(feature = "kafka-tls"));
    }
}
