//! Starts the relays that a configuration asks for, each on a thread of its own: none of them holds up an order.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Notify, broadcast, watch};

use super::{Rereads, ServiceError};
use crate::config::{Config, SaslMechanism, Sink as ConfiguredSink, SinkKind};
use crate::engine::Engine;
use crate::limits;
use crate::outbox::Fresh;
use crate::outbox::relay::{Relay, RelaySettings};
use crate::outbox::sink::Sink;
use crate::ports::Store as _;
use crate::saga::LocalTransaction;
use crate::store::PgStore;
use crate::telemetry::SinkMetrics;
use crate::tls::{self, Files, Reread, TlsError};

/// Relays at work.
pub struct Relays {
    leaving: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

/// The files of a sink. A broker's client reads them when it is made: on SIGHUP the relays begin anew, each with a client of its
/// own, where the files can be read and fit.
struct Renewed {
    tls: Option<Files>,
    secret: Option<PathBuf>,
    relays: watch::Sender<()>,
}

impl Renewed {
    fn of(sink: &ConfiguredSink) -> Self {
        let (tls, relays) = (sink.tls.clone(), watch::Sender::new(()));
        let sasl = sink.sasl.as_ref().map(|sasl| sasl.password_file.clone());
        let auth = sink.auth.clone().and_then(|auth| auth.password_file.or(auth.token_file));
        Self { tls, secret: sasl.or(auth), relays }
    }
}

impl Reread for Renewed {
    fn reread(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map(tls::client).transpose()?;
        self.secret.as_deref().map(tls::readable).transpose()?;
        self.relays.send_replace(());
        Ok(())
    }
}

/// What all relays of a service share.
struct Common<'a> {
    engine: &'a Engine,
    store: &'a Arc<PgStore>,
    leaving: watch::Receiver<bool>,
    /// Told when the files of the sink in hand were read again.
    renewed: watch::Receiver<()>,
    wakes: Vec<Arc<Notify>>,
    fresh: Arc<Fresh>,
    threads: Vec<JoinHandle<()>>,
}

impl Relays {
    /// Starts them; they go on until [`stop`](Self::stop).
    ///
    /// # Errors
    ///
    /// Where the configuration asks for what this program was built without.
    pub fn start(
        config: &Config,
        store: &Arc<PgStore>,
        engine: &Engine,
        rereads: &mut Rereads,
    ) -> Result<Self, ServiceError> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        if let Some(why) = built_without(&config.outbox.sinks, &args, has) {
            return Err(ServiceError::usage(why));
        }
        let (leaving, left) = watch::channel(false);
        let (wakes, threads) = (Vec::new(), Vec::new());
        let brokers = || config.outbox.sinks.iter().enumerate().filter(|(_, sink)| sink.kind != SinkKind::Webhook);
        if brokers().next().is_some() {
            // A copy of this database would publish in the other's place.
            let judged = store.drive_remote(config.deployment.name());
            judged.map_err(|error| ServiceError::caused("cannot publish from this database", &error))?;
        }
        let fresh = Arc::<Fresh>::default();
        let renewed = watch::channel(()).1;
        let mut common = Common { engine, store, leaving: left, renewed, wakes, fresh: Arc::clone(&fresh), threads };
        for (index, sink) in brokers() {
            let files = Renewed::of(sink);
            common.renewed = files.relays.subscribe();
            if files.tls.is_some() || files.secret.is_some() {
                rereads.push((format!("outbox.sinks[{index}]"), Arc::new(files)));
            }
            for part in 0..sink.parts() {
                let settings = RelaySettings {
                    deployment: store.deployment().0.to_string(),
                    name_of_deployment: config.deployment.name().to_owned(),
                    sink: sink.name.clone(),
                    part,
                    parts: sink.parts(),
                    begins: sink.from().to_owned(),
                    personal_data: sink.personal_data,
                    node: engine.node(),
                };
                match sink.kind {
                    SinkKind::Kafka => kafka(&mut common, sink, settings)?,
                    SinkKind::Nats => nats(&mut common, sink, settings)?,
                    SinkKind::Webhook => {} // `webhooks.rs`
                }
            }
        }
        let Common { wakes, threads, .. } = common;
        if !wakes.is_empty() {
            tokio::spawn(wake(engine.subscribe(), wakes, fresh));
        }
        Ok(Self { leaving, threads })
    }

    /// Has them give up their leases, for other engines to take over at once, and waits for that; no longer than `patience`.
    pub async fn stop(self, patience: Duration) {
        let _nobody = self.leaving.send(true);
        let joined = tokio::task::spawn_blocking(move || {
            for thread in self.threads {
                let _panicked = thread.join();
            }
        });
        let _or_not = tokio::time::timeout(patience, joined).await;
    }
}

/// The feature of this program that a sink needs.
fn needs(sink: &ConfiguredSink) -> Option<&'static str> {
    let scram = sink.sasl.as_ref().is_some_and(|sasl| sasl.mechanism != SaslMechanism::Plain);
    match sink.kind {
        SinkKind::Kafka if sink.tls.is_some() || scram => Some("kafka-tls"), // and all that "kafka" is
        SinkKind::Kafka => Some("kafka"),
        SinkKind::Nats => Some("nats"),
        SinkKind::Webhook => None,
    }
}

fn has(feature: &str) -> bool {
    let built_with = [
        ("kafka", cfg!(feature = "kafka")),
        ("kafka-tls", cfg!(feature = "kafka-tls")),
        ("nats", cfg!(feature = "nats")),
    ];
    built_with.contains(&(feature, true))
}

/// What a program that was called with these arguments says where it cannot publish to one of these sinks: with the command
/// that builds one that can publish to all of them.
fn built_without(sinks: &[ConfiguredSink], args: &[String], has: impl Fn(&str) -> bool) -> Option<String> {
    let lacks = |sink: &ConfiguredSink| needs(sink).filter(|feature| !has(feature));
    let (index, feature) = sinks.iter().enumerate().find_map(|(index, sink)| Some((index, lacks(sink)?)))?;
    let all: BTreeSet<&str> = sinks.iter().filter_map(needs).collect();
    let features = all.into_iter().collect::<Vec<_>>().join(",");
    let command = match args {
        [dev] if dev == "dev" => format!("`make run FEATURES={features}` builds and runs"),
        [dev, args @ ..] if dev == "dev" => {
            let args: Vec<_> = args.iter().map(|arg| quoted(arg)).collect();
            format!("`make run FEATURES={features} ARGS=\"{}\"` builds and runs", args.join(" "))
        }
        _ => "`cargo build --release` builds".to_owned(),
    };
    Some(format!(
        "outbox.sinks[{index}]: this program was built without {feature}: {command} one that has what is needed"
    ))
}

/// An argument as a shell takes it.
fn quoted(arg: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@".contains(c);
    if !arg.is_empty() && arg.chars().all(plain) { arg.to_owned() } else { format!("'{}'", arg.replace('\'', r"'\''")) }
}

impl Common<'_> {
    fn metrics(&self, settings: &RelaySettings) -> SinkMetrics {
        self.engine.metrics().sink(&match settings.parts {
            1 => settings.sink.clone(),
            _ => format!("{}/{}", settings.sink, settings.part),
        })
    }

    #[cfg_attr(
        not(any(feature = "kafka", feature = "nats")),
        expect(dead_code, reason = "there is no sink to be published to")
    )]
    fn spawn(&mut self, sink: impl Sink + 'static, settings: RelaySettings) -> Result<(), ServiceError> {
        let (metrics, wake) = (self.metrics(&settings), Arc::new(Notify::new()));
        self.wakes.push(Arc::clone(&wake));
        let name = format!("relay-{}-{}", settings.sink, settings.part);
        let (feeds, database) = (Arc::clone(self.store), Arc::clone(self.store));
        let mut relay = Relay::new(sink, settings, feeds, database, metrics, wake, Arc::clone(&self.fresh));
        let renewed = self.renewed.clone();
        self.thread(name, async move |mut left: watch::Receiver<bool>| {
            let mut renewed = renewed.clone();
            renewed.mark_unchanged();
            let anew = async move {
                if renewed.changed().await.is_err() {
                    std::future::pending::<()>().await; // it has no files
                }
            };
            let leaves = async move {
                tokio::select! {
                    _ = left.wait_for(|leaving| *leaving) => {}
                    () = anew => {}
                }
            };
            relay.run(leaves).await;
        })
    }

    /// Runs it on a thread of its own until it is to leave.
    fn thread(
        &mut self,
        name: String,
        mut run: impl AsyncFnMut(watch::Receiver<bool>) + Send + 'static,
    ) -> Result<(), ServiceError> {
        let (thread_name, leaving) = (name.clone(), self.leaving.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| ServiceError::work(format!("cannot start a relay: {error}")))?;
        let run = move || {
            // It is crash-safe as a whole: what a panic leaves is what a kill leaves.
            while !*leaving.borrow() {
                let left = leaving.clone();
                if catch_unwind(AssertUnwindSafe(|| runtime.block_on(run(left)))).is_err() {
                    tracing::error!(relay = name, "a relay panicked: it begins anew");
                    let mut left = leaving.clone();
                    let pause = async {
                        drop(tokio::time::timeout(limits::RELAY_PAUSE_MOST, left.wait_for(|leaving| *leaving)).await);
                    };
                    runtime.block_on(pause);
                }
            }
            // What still waits for a sink is left to it.
            runtime.shutdown_timeout(limits::RELAY_FAREWELL);
        };
        let thread = std::thread::Builder::new().name(thread_name).spawn(run);
        self.threads.push(thread.map_err(|error| ServiceError::work(format!("cannot start a relay: {error}")))?);
        Ok(())
    }
}

/// Wakes the relays when this engine commits something, with its content at hand; what others commit they find by themselves.
async fn wake(mut committed: broadcast::Receiver<Arc<LocalTransaction>>, wakes: Vec<Arc<Notify>>, fresh: Arc<Fresh>) {
    loop {
        match committed.recv().await {
            Ok(txn) => fresh.keep(&txn),
            Err(broadcast::error::RecvError::Lagged(_)) => {} // what was missed is joined
            Err(broadcast::error::RecvError::Closed) => return,
        }
        for wake in &wakes {
            wake.notify_one();
        }
    }
}

#[cfg(not(feature = "kafka"))]
fn kafka(_common: &mut Common<'_>, _sink: &ConfiguredSink, _settings: RelaySettings) -> Result<(), ServiceError> {
    Ok(()) // refused before
}

#[cfg(feature = "kafka")]
fn kafka(common: &mut Common<'_>, sink: &ConfiguredSink, settings: RelaySettings) -> Result<(), ServiceError> {
    use crate::config::SinkMode;
    use crate::outbox::division::Divider;
    use crate::outbox::kafka::{Create, KafkaSettings as Kafka, KafkaSink, Mechanism, Mode, Sasl};
    use crate::outbox::sink::Part;
    let brokers = sink.brokers.as_deref().unwrap_or_default().join(",");
    let mut kafka = Kafka::new(brokers, sink.topic.as_deref().unwrap_or_default());
    if let Some(topic) = &sink.cursor_topic {
        kafka.cursor_topic.clone_from(topic);
    }
    kafka.mode = match sink.mode {
        SinkMode::ExactlyOnce => Mode::ExactlyOnce,
        SinkMode::AtLeastOnce => Mode::AtLeastOnce,
    };
    kafka.create = sink
        .create
        .as_ref()
        .map(|create| Create { partitions: create.partitions.unwrap_or_default(), replication: create.replication });
    kafka.security.tls.clone_from(&sink.tls);
    kafka.security.sasl = sink.sasl.as_ref().map(|sasl| Sasl {
        mechanism: match sasl.mechanism {
            SaslMechanism::Plain => Mechanism::Plain,
            SaslMechanism::ScramSha256 => Mechanism::ScramSha256,
            SaslMechanism::ScramSha512 => Mechanism::ScramSha512,
        },
        username: sasl.username.clone(),
        password_file: sasl.password_file.clone(),
    });
    if settings.part == 0 {
        // One for the sink: where its parts are not those that are configured.
        let (kafka, metrics, name) = (kafka.clone(), common.metrics(&settings), format!("divider-{}", settings.sink));
        let make = move |part: Part| KafkaSink::new(kafka.clone(), part);
        let (feeds, database) = (Arc::clone(common.store), Arc::clone(common.store));
        let mut divider = Divider::new(make, settings.clone(), feeds, database, metrics);
        common.thread(name, async move |mut left: watch::Receiver<bool>| {
            divider.run(async move { drop(left.wait_for(|leaving| *leaving).await) }).await;
        })?;
    }
    let RelaySettings { deployment, sink, part, parts, .. } = settings.clone();
    common.spawn(KafkaSink::new(kafka, Part { deployment, sink, partition: part, of: parts }), settings)
}

#[cfg(not(feature = "nats"))]
fn nats(_common: &mut Common<'_>, _sink: &ConfiguredSink, _settings: RelaySettings) -> Result<(), ServiceError> {
    Ok(()) // refused before
}

#[cfg(feature = "nats")]
fn nats(common: &mut Common<'_>, sink: &ConfiguredSink, settings: RelaySettings) -> Result<(), ServiceError> {
    use crate::outbox::nats::{Auth, Create, NatsSettings as Nats, NatsSink};
    use crate::outbox::sink::Part;
    let mut nats = Nats::new(sink.url.as_deref().unwrap_or_default(), sink.stream.as_deref().unwrap_or_default());
    sink.subject().clone_into(&mut nats.subject);
    nats.create = sink.create.as_ref().map(|create| Create { replication: create.replication });
    nats.tls.clone_from(&sink.tls);
    nats.auth = sink.auth.clone().and_then(|auth| match (auth.username, auth.password_file, auth.token_file) {
        (Some(username), Some(password_file), None) => Some(Auth::Password { username, password_file }),
        (None, None, Some(token_file)) => Some(Auth::Token { token_file }),
        // A configuration with anything else is refused before it comes here.
        (_, _, _) => None,
    });
    let RelaySettings { deployment, sink, part, parts, .. } = settings.clone();
    common.spawn(NatsSink::new(nats, Part { deployment, sink, partition: part, of: parts }), settings)
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format as _, Serialized, Toml};

    use super::*;

    fn sinks(toml: &str) -> Vec<ConfiguredSink> {
        let figment = Figment::from(Serialized::defaults(Config::default())).merge(Toml::string(toml));
        figment.extract::<Config>().expect("a configuration").outbox.sinks
    }

    #[test]
    fn one_command_builds_what_all_sinks_need() {
        let sinks = sinks(
            r#"
            outbox.sinks = [
                { name = "hook", kind = "webhook", endpoint = "https://a.example/", secret = "whsec_x" },
                { name = "bus", kind = "kafka", brokers = ["a:1"], topic = "t" },
                { name = "nats", kind = "nats", url = "nats://a:1", stream = "s" },
                { name = "safe", kind = "kafka", brokers = ["a:1"], topic = "t", tls = {} },
            ]"#,
        );
        let said = |args: &[&str], has: &[&str]| {
            let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
            built_without(&sinks, &args, |feature| has.contains(&feature))
        };
        assert_eq!(said(&["dev"], &["kafka", "kafka-tls", "nats"]), None);
        let told = said(&["dev", "--config", "my shop.toml"], &[]).expect("it is refused");
        let command = r#"`make run FEATURES=kafka,kafka-tls,nats ARGS="--config 'my shop.toml'"`"#;
        assert!(
            told.starts_with("outbox.sinks[1]: this program was built without kafka: ") && told.contains(command),
            "{told}"
        );
        let told = said(&["dev"], &["kafka", "kafka-tls"]).expect("it is refused");
        assert!(told.starts_with("outbox.sinks[2]: this program was built without nats: "), "{told}");
        assert!(told.contains("`make run FEATURES=kafka,kafka-tls,nats`"), "{told}");
        let told = said(&["serve", "--config", "x"], &["kafka", "nats"]).expect("it is refused");
        assert!(told.starts_with("outbox.sinks[3]") && told.contains("`cargo build --release`"), "{told}");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
