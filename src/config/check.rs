//! What a configuration must fulfil beyond its shape. Every bound stands here once.

use std::collections::HashSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;

use super::planner;
use super::retention::{SPAN, span};
use super::{
    AuthClient, Config, ConfigProblem, Network, ParticipantKind, Participants, PaymentKind, SaslMechanism, Sink,
    SinkKind, SinkMode, Token, Way,
};
use crate::client::{checked_base, is_https, leaves_the_machine};
use crate::hosts::{self, Hosts};
use crate::limits;
use crate::signature;
use crate::tls::dsn;

/// What a database URL looks like.
pub(super) const DATABASE_URL: &str =
    "postgres://USER:PASSWORD@HOST:PORT/DATABASE, or key=value pairs as in `host=/var/run/postgresql user=counterfoil`";

const HOUR_MS: u64 = 3_600_000;
pub(super) const DAY_MS: u64 = 24 * HOUR_MS;
/// The longest of the short times: timeouts and leases.
const TIMEOUT_MS: u64 = 600_000;

pub(super) struct Problems(Vec<ConfigProblem>);

impl Problems {
    pub(super) fn add(&mut self, key: impl Into<String>, detail: impl Into<String>) {
        self.0.push(ConfigProblem { key: key.into(), detail: detail.into(), source: None });
    }

    pub(super) fn within<T: PartialOrd + Display>(&mut self, key: &str, value: T, allowed: RangeInclusive<T>) {
        if !allowed.contains(&value) {
            self.add(key, format!("is {value}; it must be {}..={}", allowed.start(), allowed.end()));
        }
    }
}

/// Everything that is wrong with it.
pub(super) fn problems(config: &Config) -> Vec<ConfigProblem> {
    let mut found = Problems(Vec::new());
    deployment(config, &mut found);
    server(config, &mut found);
    database(config, &mut found);
    engine(config, &mut found);
    saga(config, &mut found);
    auth("auth.tokens", &config.auth.tokens, &mut HashSet::new(), &mut found);
    clients(&config.auth.clients, &mut found);
    participants(config, &mut found);
    sinks(config, &mut found);
    webhooks(config, &mut found);
    retention(config, &mut found);
    absent(config, &mut found);
    if let Err(error) = crate::logs::parse_spec(&config.telemetry.log) {
        found.add(
            "telemetry.log",
            format!(
                "is {:?}, {error}; it must be a level (off, error, warn, info, debug, trace) or levels by module, as in \
                 info,counterfoil::engine=debug",
                config.telemetry.log
            ),
        );
    }
    found.0
}

fn deployment(config: &Config, found: &mut Problems) {
    let name = config.deployment.name();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if name.is_empty() || name.len() > limits::DEPLOYMENT_NAME || !name.chars().all(fits) {
        let most = limits::DEPLOYMENT_NAME;
        found.add("deployment.name", format!("is {name:?}; it must be 1 to {most} of A-Z, a-z, 0-9, '.', '_' and '-'"));
    }
}

fn server(config: &Config, found: &mut Problems) {
    let server = &config.server;
    match server.listen.parse::<SocketAddr>() {
        Err(_) => found.add(
            "server.listen",
            format!(
                "is {:?}; it must be an IP address and a port, as in 127.0.0.1:8080, [::1]:8080 or 0.0.0.0:8080",
                server.listen
            ),
        ),
        Ok(address) => {
            let loopback = address.ip().to_canonical().is_loopback();
            if !loopback && config.auth.is_open() && !server.allow_unauthenticated {
                found.add(
                    "server.listen",
                    format!(
                        "is {address}, which others can reach, while [auth] has no tokens: without tokens it must be \
                         loopback (127.0.0.0/8 or [::1]); add auth.tokens or auth.tokens_file, or set server.allow_unauthenticated = true \
                         on a closed network"
                    ),
                );
            }
        }
    }
    for name in server.allowed_hosts.iter().filter(|name| !Hosts::is_name(name)) {
        found.add("server.allowed_hosts", format!("holds {name:?}; each must be {}", hosts::NAME));
    }
    found.within("server.workers", server.workers, 0..=1_024);
    found.within("server.max_body_bytes", server.max_body_bytes, 1_024..=16 << 20);
    found.within("server.default_wait_ms", server.default_wait_ms, 0..=limits::WAIT_S * 1_000);
    found.within("server.shutdown_grace_ms", server.shutdown_grace_ms, 0..=TIMEOUT_MS);
    found.within("server.drain_delay_ms", server.drain_delay_ms, 0..=server.shutdown_grace_ms.min(TIMEOUT_MS));
    found.within("server.max_connections", server.max_connections, 16..=1_000_000);
    found.within("server.max_connections_per_address", server.max_connections_per_address, 1..=1_000_000);
    found.within("server.write_timeout_ms", server.write_timeout_ms, 1_000..=TIMEOUT_MS);
    for (index, proxy) in server.trusted_proxies.iter().enumerate() {
        if Network::parse(proxy).is_none() {
            let allowed = "it must be an IP address or a network, as in 10.0.0.7, 10.0.0.0/8 or fd00::/8";
            found.add(format!("server.trusted_proxies[{index}]"), format!("is {proxy:?}; {allowed}"));
        }
    }
}

fn database(config: &Config, found: &mut Problems) {
    let database = &config.database;
    if let Some((given, missing)) = database.tls.as_ref().and_then(|files| files.half()) {
        found.add(format!("database.tls.{given}"), format!("is given without {missing}; {PAIR}"));
    }
    // The value is left out: it may hold a password. What is said of the certificates beside it was told already.
    let whole = database.tls.as_ref().filter(|files| files.half().is_none());
    let url = match database.url.as_deref().map(|url| dsn::read(url, whole)).transpose() {
        Ok(dsn) => dsn.map(|dsn| dsn.rest),
        Err(wrong) => {
            found.add("database.url", wrong);
            None
        }
    };
    match url.map(|url| url.parse::<tokio_postgres::Config>()) {
        Some(Ok(config)) if !config.get_hosts().is_empty() || !config.get_hostaddrs().is_empty() => {}
        None => {}
        Some(_) => found.add("database.url", format!("is no PostgreSQL address; it must be {DATABASE_URL}")),
    }
    found.within("database.committers", database.committers, 1..=64);
    found.within("database.pool_size", database.pool_size, 1..=1_000);
    found.within("database.connect_timeout_ms", database.connect_timeout_ms, 1..=60_000);
    found.within("database.statement_timeout_ms", database.statement_timeout_ms, 1..=TIMEOUT_MS);
    found.within("database.lock_timeout_ms", database.lock_timeout_ms, 1..=TIMEOUT_MS);
    for (kind, settings) in database.planner.kinds() {
        for (name, setting) in settings {
            if let Some(wrong) = planner::wrong(name, &setting.0) {
                found.add(format!("database.planner.{kind}.{name}"), wrong);
            }
        }
    }
}

fn engine(config: &Config, found: &mut Problems) {
    let engine = &config.engine;
    found.within("engine.shards", engine.shards, 0..=1_024);
    found.within("engine.mailbox_orders", engine.mailbox_orders, 1..=1_000_000);
    found.within("engine.passivate_after_ms", engine.passivate_after_ms, 1..=DAY_MS);
    found.within("engine.command_timeout_ms", engine.command_timeout_ms, 1..=TIMEOUT_MS);
    found.within("engine.max_deaths", engine.max_deaths, 1..=100);
    found.within("engine.lease_ms", engine.lease_ms, 100..=TIMEOUT_MS);
}

fn saga(config: &Config, found: &mut Problems) {
    let saga = &config.saga;
    found.within("saga.reservation_ttl_ms", saga.reservation_ttl_ms, 1..=30 * DAY_MS);
    found.within("saga.authorized_ttl_ms", saga.authorized_ttl_ms, 1..=365 * DAY_MS);
    found.within("saga.step_timeout_ms", saga.step_timeout_ms, 1..=TIMEOUT_MS);
    found.within("saga.entry_wait_ms", saga.entry_wait_ms, 6_000..=DAY_MS);
    if saga.step_timeout_ms >= config.engine.lease_ms {
        found.add(
            "saga.step_timeout_ms",
            format!(
                "is {}; it must be less than engine.lease_ms, which is {}: else another instance could send a call \
                 that still runs",
                saga.step_timeout_ms, config.engine.lease_ms
            ),
        );
    }
    let retry = &saga.retry;
    found.within("saga.retry.first_ms", retry.first_ms, 1..=TIMEOUT_MS);
    found.within("saga.retry.factor", retry.factor, 1.0..=10.0);
    found.within("saga.retry.max_ms", retry.max_ms, retry.first_ms..=DAY_MS);
    found.within("saga.retry.attempts", retry.attempts, 1..=1_000);
    super::steps::check(config, found);
}

/// What is wrong with the tokens of a file, beside those of the configuration.
pub(super) fn listed(fixed: &[Token], listed: &[Token]) -> Vec<ConfigProblem> {
    let (mut found, mut hashes) = (Problems(Vec::new()), HashSet::new());
    auth("auth.tokens", fixed, &mut hashes, &mut Problems(Vec::new()));
    auth(super::tokens::LIST, listed, &mut hashes, &mut found);
    found.0
}

/// Whether this is a SHA-256 in hex.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn auth(list: &str, tokens: &[Token], hashes: &mut HashSet<String>, found: &mut Problems) {
    for (index, token) in tokens.iter().enumerate() {
        let key = format!("{list}.{index}");
        subject(&key, &token.subject, found);
        if !is_sha256(&token.sha256) {
            // The value is left out: somebody may have put the token itself here.
            let detail = "is no SHA-256; it must be 64 hex digits, as of `printf %s \"$TOKEN\" | sha256sum`";
            found.add(format!("{key}.sha256"), detail);
        } else if !hashes.insert(token.sha256.to_ascii_lowercase()) {
            found.add(format!("{key}.sha256"), "is that of an earlier token; a token must have one subject");
        }
        if token.roles.is_empty() {
            found.add(
                format!("{key}.roles"),
                "is empty; it must hold at least one of client, viewer, support, operator, metrics",
            );
        }
        if let (Some(from), Some(to)) = (token.not_before, token.not_after)
            && to <= from
        {
            found
                .add(format!("{key}.not_after"), format!("is {to}; it must be later than not_before, which is {from}"));
        }
    }
}

fn subject(key: &str, subject: &str, found: &mut Problems) {
    if subject.is_empty() || subject.chars().count() > limits::TEXT || subject.chars().any(char::is_control) {
        let detail = format!("is {subject:?}; it must be 1 to {} printable characters", limits::TEXT);
        found.add(format!("{key}.subject"), detail);
    } else if subject == "anonymous" {
        found.add(format!("{key}.subject"), "is \"anonymous\", which stands for callers without a token");
    }
}

/// An order_id has one owner of its prefix at most, so that it is never a question who may submit it.
fn clients(clients: &[AuthClient], found: &mut Problems) {
    let mut subjects = HashSet::new();
    let mut prefixes: Vec<&str> = Vec::new();
    for (index, client) in clients.iter().enumerate() {
        let key = format!("auth.clients.{index}");
        subject(&key, &client.subject, found);
        if !subjects.insert(client.subject.as_str()) {
            let detail = format!("is {:?}, as that of an earlier client; it must be unique", client.subject);
            found.add(format!("{key}.subject"), detail);
        }
        let Some(prefix) = client.order_id_prefix.as_deref() else { continue };
        let key = format!("{key}.order_id_prefix");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
        if !(1..=limits::ORDER_ID_PREFIX).contains(&prefix.len()) || !prefix.bytes().all(fits) {
            found.add(key, format!("is {prefix:?}; it must match [A-Za-z0-9._:-]{{1,{}}}", limits::ORDER_ID_PREFIX));
        } else if prefix.starts_with("ik_") {
            found.add(key, format!("is {prefix:?}; it must not begin with ik_, which marks ids derived from a key"));
        } else if let Some(other) =
            prefixes.iter().find(|other| other.starts_with(prefix) || prefix.starts_with(**other))
        {
            let detail = format!("is {prefix:?}; it must not contain, or be contained in, that of another: {other:?}");
            found.add(key, detail);
        } else {
            prefixes.push(prefix);
        }
    }
}

fn participants(config: &Config, found: &mut Problems) {
    let Participants { inventory, payment, shipment } = &config.participants;
    for (name, participant) in [("inventory", inventory), ("shipment", shipment)] {
        match participant.kind {
            ParticipantKind::Local => local(name, participant.way(), found),
            ParticipantKind::Http => remote(&format!("participants.{name}"), participant.way(), found),
        }
    }
    match payment.kind {
        PaymentKind::Local => local("payment", payment.way(), found),
        PaymentKind::Http => remote("participants.payment", payment.way(), found),
        PaymentKind::Stripe => found.add(
            "participants.payment.kind",
            "is \"stripe\", which is not available yet in this version; it must be \"local\" or \"http\"",
        ),
    }
    key_lifetime(config, found);
}

/// The last repeat of a call, which lasts a step timeout at most, leaves two before its key's lifetime ends: what is shorter than
/// five could hardly be repeated.
fn key_lifetime(config: &Config, found: &mut Problems) {
    let key = "participants.payment.key_lifetime_ms";
    let Some(lifetime) = config.participants.payment.key_lifetime_ms else { return };
    let least = config.saga.step_timeout_ms.saturating_mul(5);
    if config.participants.payment.kind == PaymentKind::Local {
        found.add(key, LOCAL);
    } else if lifetime < least {
        found.add(
            key,
            format!(
                "is {lifetime}; it must be at least {least}, five times saga.step_timeout_ms: the last repeat of a \
                 call leaves two step timeouts before the provider forgets its key"
            ),
        );
    } else {
        found.within(key, lifetime, least..=365 * DAY_MS);
    }
}

const LOCAL: &str = "is for remote participants; this one is \"local\"";

const PAIR: &str = "a certificate and its key go together";

fn local(name: &str, way: Way<'_>, found: &mut Problems) {
    let Way { url, ca, cert, key, token_file, webhook_secret } = way;
    for (key, set) in [
        ("url", url.is_some()),
        ("ca", ca.is_some()),
        ("cert", cert.is_some()),
        ("key", key.is_some()),
        ("token_file", token_file.is_some()),
        ("webhook_secret", webhook_secret.is_some()),
    ] {
        if set {
            found.add(format!("participants.{name}.{key}"), LOCAL);
        }
    }
}

/// What is wrong with how a remote participant is reached, whose section this is.
pub(super) fn remote(section: &str, way: Way<'_>, found: &mut Problems) {
    let Way { url, ca, cert, key, token_file, webhook_secret } = way;
    let (tls, files) = ([("ca", ca), ("cert", cert), ("key", key)], way.files());
    let key = format!("{section}.url");
    let allowed = "it must be https://HOST:PORT or http://HOST:PORT, and a path where there is one";
    match url.map(|url| (url, checked_base(url))) {
        None => found.add(key, format!("is missing, where kind is \"http\"; {allowed}")),
        Some((_, Ok(base))) if is_https(&base) => {
            if let Some((given, missing)) = files.half() {
                found.add(format!("{section}.{given}"), format!("is given without {missing}; {PAIR}"));
            }
        }
        Some((_, Ok(base))) => {
            for (key, _) in tls.iter().filter(|(_, file)| file.is_some()) {
                let detail = format!("is for https://; {section}.url is {base:?}");
                found.add(format!("{section}.{key}"), detail);
            }
            if token_file.is_some() && leaves_the_machine(&base) {
                found.add(
                    format!("{section}.token_file"),
                    format!(
                        "would be sent in the clear to {base:?}, for anybody on the way to use; {section}.url \
                         must be https://, or http:// to the loopback (127.0.0.0/8, [::1], localhost)"
                    ),
                );
            }
        }
        // The value is left out where it may hold a password.
        Some((url, Err(reason))) if url.contains('@') => found.add(key, format!("is not usable: {reason}; {allowed}")),
        Some((url, Err(reason))) => found.add(key, format!("is {url:?}: {reason}; {allowed}")),
    }
    let Some(secrets) = webhook_secret else { return };
    let key = format!("{section}.webhook_secret");
    if !(1..=limits::WEBHOOK_SECRETS).contains(&secrets.0.len()) {
        found.add(&*key, format!("holds {}; it must hold 1 to {}", secrets.0.len(), limits::WEBHOOK_SECRETS));
    }
    if let Some(error) = secrets.0.iter().find_map(|secret| signature::Secret::parse(&secret.0).err()) {
        // The value is left out: it may be a secret all the same.
        found.add(key, format!("is not one: {error}"));
    }
}

/// Where events are published.
fn sinks(config: &Config, found: &mut Problems) {
    let (mut names, mut cursors, mut streams, mut subjects) =
        (HashSet::new(), HashSet::new(), HashSet::new(), Vec::new());
    let brokers = |sink: &Sink| sink.brokers.clone().unwrap_or_default();
    for (index, sink) in config.outbox.sinks.iter().enumerate() {
        let key = |name: &str| format!("outbox.sinks[{index}].{name}");
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if sink.name.is_empty() || sink.name.len() > limits::SINK_NAME || !sink.name.bytes().all(plain) {
            let must = format!("is {:?}; it must be 1 to {} of a-z, 0-9 and -", sink.name, limits::SINK_NAME);
            found.add(key("name"), must);
        } else if !names.insert(&sink.name) {
            found.add(key("name"), format!("is {:?}, as another sink's is; each has a cursor of its own", sink.name));
        }
        if !(1..=limits::SINK_PARTS).contains(&sink.parts()) {
            found.add(key("partitions"), format!("is {}; it must be 1 to {}", sink.parts(), limits::SINK_PARTS));
        }
        let is_time = sink.from().parse::<jiff::Timestamp>().is_ok();
        if !is_time && !["beginning", "now"].contains(&sink.from()) {
            found.add(key("from"), format!("is {:?}; it must be beginning, now, or an RFC 3339 time", sink.from()));
        }
        foreign(sink, &key, found);
        match sink.kind {
            SinkKind::Kafka => {
                let topic = sink.topic.as_deref().unwrap_or_default();
                let topic = sink.cursor_topic.clone().unwrap_or_else(|| format!("{topic}.cursors"));
                // One broker in common is one cluster, whatever else is named beside it.
                if !brokers(sink).into_iter().all(|broker| cursors.insert((topic.clone(), broker))) {
                    let must = format!("is {topic:?}, as another sink's is; each has one of its own");
                    found.add(key("cursor_topic"), must);
                }
                kafka(sink, &key, found);
            }
            SinkKind::Webhook => webhook(sink, &key, found),
            SinkKind::Nats => {
                let (url, stream) = (sink.url.as_deref().unwrap_or_default(), sink.stream.clone().unwrap_or_default());
                for server in url.split(',') {
                    // Another user may be of another account, which has streams of its own.
                    let server = (server.trim(), sink.auth.as_ref());
                    if !streams.insert((server, stream.clone())) {
                        found.add(
                            key("stream"),
                            format!("is {stream:?}, as another sink's is; each has one of its own"),
                        );
                    }
                    // What two streams take that have subjects in common is taken by neither.
                    let within = |a: &str, b: &str| format!("{a}.").starts_with(&format!("{b}."));
                    let shares = |other: &&Sink| {
                        within(sink.subject(), other.subject()) || within(other.subject(), sink.subject())
                    };
                    if subjects.iter().any(|(where_else, other)| *where_else == server && shares(other)) {
                        let what =
                            format!("is {:?}, and another sink's has subjects in common with it", sink.subject());
                        found.add(key("subject"), what);
                    }
                    subjects.push((server, sink));
                }
                nats(sink, &key, found);
            }
        }
    }
}

fn nats(sink: &Sink, key: &dyn Fn(&str) -> String, found: &mut Problems) {
    let is_server = |server: &str| {
        let host = server.trim().strip_prefix("nats://").or_else(|| server.trim().strip_prefix("tls://"));
        let (name, port) = host.map(|host| host.rsplit_once(':').unwrap_or((host, "4222"))).unwrap_or_default();
        !name.is_empty() && !name.contains(['/', '?', '#', ' ']) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let url = sink.url.as_deref().unwrap_or_default();
    if url.contains('@') {
        // The value is left out: it holds a secret.
        found.add(key("url"), "holds who this is; that belongs into auth, and its secret into a file".to_owned());
    } else if !url.split(',').all(is_server) {
        found.add(
            key("url"),
            format!("is {url:?}; it must be nats://HOST:PORT or tls://HOST:PORT, or several with commas"),
        );
    } else if url.contains("tls://") && sink.tls.is_none() {
        found.add(key("url"), format!("is {url:?}; set tls, which may be empty ({{}}): then the system's CAs count"));
    }
    let stream = sink.stream.as_deref().unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !(1..=limits::NATS_STREAM).contains(&stream.len()) || !stream.bytes().all(plain) {
        let must = format!("it must be 1 to {} of a-z, A-Z, 0-9, '_' and '-'", limits::NATS_STREAM);
        found.add(key("stream"), format!("is {stream:?}; {must}"));
    }
    let is_token = |token: &str| !token.is_empty() && token.bytes().all(plain);
    if !sink.subject().split('.').all(is_token) || sink.subject().len() > limits::NATS_STREAM {
        let must = "it must be words of a-z, A-Z, 0-9, '_' and '-' with dots between, and no wildcards";
        found.add(key("subject"), format!("is {:?}; {must}", sink.subject()));
    }
    if sink.parts() != 1 {
        found.add(
            key("partitions"),
            format!("is {}; a stream takes one message after another: leave it out", sink.parts()),
        );
    }
    if let Some(create) = &sink.create {
        if create.partitions.is_some() {
            found.add(key("create.partitions"), "is Kafka's; leave it out".to_owned());
        }
        if !(1..=5).contains(&create.replication) {
            found.add(key("create.replication"), format!("is {}; it must be 1 to 5", create.replication));
        }
    }
    if let Some((given, missing)) = sink.tls.as_ref().and_then(|files| files.half()) {
        found.add(key(&format!("tls.{given}")), format!("is given without {missing}; {PAIR}"));
    }
    if let Some(auth) = &sink.auth {
        let is_user = auth.username.is_some() && auth.password_file.is_some() && auth.token_file.is_none();
        let is_token = auth.username.is_none() && auth.password_file.is_none() && auth.token_file.is_some();
        if !is_user && !is_token {
            found.add(key("auth"), "must have username and password_file, or token_file alone".to_owned());
        }
    }
}

fn kafka(sink: &Sink, key: &dyn Fn(&str) -> String, found: &mut Problems) {
    let brokers = sink.brokers.as_deref().unwrap_or_default();
    let is_broker = |broker: &String| {
        let (host, port) = broker.rsplit_once(':').unwrap_or_default();
        !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) && !broker.contains(',')
    };
    if brokers.is_empty() || !brokers.iter().all(is_broker) {
        found.add(key("brokers"), format!("is {brokers:?}; it must be a list of HOST:PORT, of one at least"));
    }
    // What Kafka calls a legal name of a topic.
    let legal = |topic: &str| {
        (1..=249).contains(&topic.len())
            && ![".", ".."].contains(&topic)
            && topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let must = "must be 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'";
    let topic = sink.topic.as_deref().unwrap_or_default();
    if !legal(topic) {
        found.add(key("topic"), format!("is {topic:?}; it {must}"));
    }
    match sink.cursor_topic.as_deref() {
        Some(cursors) if !legal(cursors) => found.add(key("cursor_topic"), format!("is {cursors:?}; it {must}")),
        Some(cursors) if cursors == topic => found.add(key("cursor_topic"), "is the topic of the events".to_owned()),
        None if topic.len() > 241 => {
            found.add(key("topic"), "is too long for TOPIC.cursors: set cursor_topic".to_owned())
        }
        Some(_) | None => {}
    }
    if let Some(create) = &sink.create
        && (create.partitions.is_none_or(|partitions| partitions == 0) || create.replication == 0)
    {
        found.add(key("create"), "must have one partition and one copy at least".to_owned());
    }
    if sink.sasl.as_ref().is_some_and(|sasl| sasl.mechanism == SaslMechanism::Plain) && sink.tls.is_none() {
        found
            .add(key("sasl.mechanism"), "is plain, which shows the password to anybody on the way; set tls".to_owned());
    }
}

fn webhook(sink: &Sink, key: &dyn Fn(&str) -> String, found: &mut Problems) {
    // What else is wrong with it is told where it would be connected to. The value is left out: it may hold a token.
    if !sink.endpoint.as_ref().is_some_and(|url| url.0.starts_with("https://") || url.0.starts_with("http://")) {
        found.add(key("endpoint"), "must be https://HOST[:PORT][/PATH][?QUERY]");
    }
    let secrets = sink.secret.as_ref().map(|secrets| secrets.0.as_slice()).unwrap_or_default();
    if !(1..=limits::WEBHOOK_SECRETS).contains(&secrets.len()) {
        found.add(key("secret"), format!("holds {}; it must hold 1 to {}", secrets.len(), limits::WEBHOOK_SECRETS));
    }
    if let Some(error) = secrets.iter().find_map(|secret| signature::Secret::parse(&secret.0).err()) {
        found.add(key("secret"), format!("is not one: {error}"));
    }
    for (name, list) in [("types", &sink.types), ("clients", &sink.clients)] {
        let fits = |text: &String| (1..=limits::TEXT).contains(&text.len());
        if list.len() > limits::WEBHOOK_FILTER || !list.iter().all(fits) {
            found.add(key(name), format!("must hold at most {} texts", limits::WEBHOOK_FILTER));
        }
    }
}

/// What is of other kinds of sinks.
fn foreign(sink: &Sink, key: &dyn Fn(&str) -> String, found: &mut Problems) {
    use SinkKind::{Kafka, Nats, Webhook};
    let is_default = sink.mode == SinkMode::default();
    for (name, of, set) in [
        ("brokers", &[Kafka][..], sink.brokers.is_some()),
        ("topic", &[Kafka], sink.topic.is_some()),
        ("cursor_topic", &[Kafka], sink.cursor_topic.is_some()),
        ("mode", &[Kafka], !is_default),
        ("partitions", &[Kafka, Nats], sink.partitions.is_some()),
        ("create", &[Kafka, Nats], sink.create.is_some()),
        ("tls", &[Kafka, Nats], sink.tls.is_some()),
        ("sasl", &[Kafka], sink.sasl.is_some()),
        ("url", &[Nats], sink.url.is_some()),
        ("stream", &[Nats], sink.stream.is_some()),
        ("subject", &[Nats], sink.subject.is_some()),
        ("auth", &[Nats], sink.auth.is_some()),
        ("endpoint", &[Webhook], sink.endpoint.is_some()),
        ("secret", &[Webhook], sink.secret.is_some()),
        ("types", &[Webhook], !sink.types.is_empty()),
        ("clients", &[Webhook], !sink.clients.is_empty()),
        ("strict", &[Webhook], sink.strict),
    ] {
        if set && !of.contains(&sink.kind) {
            found.add(key(name), "is of other kinds of sinks; leave it out");
        }
    }
}

/// How webhooks are delivered, and what of the table.
fn webhooks(config: &Config, found: &mut Problems) {
    if config.outbox.table_personal_data && config.outbox.table != Some(true) {
        found.add("outbox.table_personal_data", "is true, and outbox.table is not; set both, or leave it out");
    }
    let webhooks = &config.outbox.webhooks;
    found.within("outbox.webhooks.max_in_flight", webhooks.max_in_flight, 1..=limits::WEBHOOK_IN_FLIGHT);
    let Some(pauses) = webhooks.retry_ms.as_deref() else { return };
    if !(1..=limits::WEBHOOK_RETRIES).contains(&pauses.len())
        || pauses.iter().any(|pause| !(1..=7 * DAY_MS).contains(pause))
    {
        let most = limits::WEBHOOK_RETRIES;
        found.add("outbox.webhooks.retry_ms", format!("must hold 1 to {most} pauses of 1..={} each", 7 * DAY_MS));
    }
}

/// How long histories are kept.
fn retention(config: &Config, found: &mut Problems) {
    // Longer than any delivery that was under way when its endpoint was paused: what comes of it is written down.
    found.within("outbox.hold_ms", config.outbox.hold_ms, HOUR_MS..=366 * DAY_MS);
    let (youngest, retention) = (limits::PRUNE_YOUNGEST, &config.retention);
    match retention.older_than.as_deref().map(|text| (text, span(text))) {
        None => {}
        Some((_, Some(span))) if span >= youngest => {}
        Some((text, _)) => {
            let least = youngest.as_secs() / 3_600;
            found.add("retention.older_than", format!("is {text:?}; it must be {SPAN}, and {least} h at least"));
        }
    }
    let every = span(&retention.every).map(|every| every.as_secs());
    if !every.is_some_and(|every| (1..=7 * 24 * 3_600).contains(&every)) {
        found.add("retention.every", format!("is {:?}; it must be {SPAN}, from 1s to 7d", retention.every));
    }
}

/// What later versions will have.
fn absent(config: &Config, found: &mut Problems) {
    if config.telemetry.otlp_endpoint.is_some() {
        found.add("telemetry.otlp_endpoint", "is set, but this version sends no traces yet; leave it out");
    }
}
