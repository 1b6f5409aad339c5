//! The configuration: a TOML file, with overrides from the environment (`COUNTERFOIL__SERVER__LISTEN` stands for
//! `server.listen`). `config/counterfoil.toml` lists every key with its default and its reason; a test keeps it true.
//!
//! A wrong key or value stops the program before it touches anything: every problem is told at once, with the key, the
//! value, what is allowed, and where it was set. Secrets are never repeated, neither there nor in `Debug`.

mod check;
pub mod planner;
pub mod retention;
mod secrets;
mod sinks;
pub mod steps;
#[cfg(test)]
mod tests;
pub mod tokens;

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::Figment;
use figment::error::{Actual, Kind};
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

pub use planner::Planner;
pub use retention::Retention;
pub use secrets::{Secret, Secrets};
pub use sinks::{Create, NatsAuth, Outbox, Sasl, SaslMechanism, Sink, SinkKind, SinkMode, Webhooks};
pub use steps::{SagaStep, SagaStepKind};
pub use tokens::Moment;

use crate::client::environment::ENV_PREFIX;
use crate::limits;
use crate::logs::LogFormat;
use crate::tls::{Files, ListenerFiles};

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The dotted key, e.g. `server.listen`; empty where the file as a whole cannot be read.
    pub key: String,
    /// What was found, and what is allowed.
    pub detail: String,
    /// Where it was set: a file or the environment; `None` for a default.
    pub source: Option<String>,
}

/// Why a configuration is refused: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<ConfigProblem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is wrong:")?;
        for problem in &self.problems {
            f.write_str("\n  ")?;
            if !problem.key.is_empty() {
                write!(f, "{}: ", problem.key)?;
            }
            f.write_str(&problem.detail)?;
            if let Some(source) = &problem.source {
                write!(f, " (set in {source})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    fn one(key: &str, detail: impl Into<String>) -> Self {
        Self { problems: vec![ConfigProblem { key: key.into(), detail: detail.into(), source: None }] }
    }
}

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[deployment]`: what this deployment is called.
    pub deployment: Deployment,
    /// `[server]`: where HTTP is served, and the bounds of its clients.
    pub server: Server,
    /// `[database]`: where PostgreSQL is, and how many connections are made to it.
    pub database: Database,
    /// `[engine]`: shards, actors, leases.
    pub engine: Engine,
    /// Deadlines and retries of orders.
    pub saga: Saga,
    /// `[auth]`: who may call, and as whom.
    pub auth: Auth,
    /// `[participants]`: who does the built-in steps.
    pub participants: Participants,
    /// `[outbox]`: where events are published.
    pub outbox: Outbox,
    /// How long histories are kept.
    pub retention: Retention,
    /// `[faults]`: whether failures can be armed.
    pub faults: Faults,
    /// `[telemetry]`: logs and traces.
    pub telemetry: Telemetry,
}

/// `[deployment]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deployment {
    /// What it is called; see [`Deployment::name`].
    pub name: Option<String>,
}

impl Deployment {
    /// [`Deployment::name`], or what a deployment is called that nobody gave a name.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(limits::DEPLOYMENT)
    }
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// IP address and port; checked to parse as a socket address.
    pub listen: String,
    /// Threads that answer HTTP; 0 is one for each core.
    pub workers: usize,
    /// The longest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long a submission waits for its final answer where the client does not say.
    pub default_wait_ms: u64,
    /// How long an end in order may take, from the signal on.
    pub shutdown_grace_ms: u64,
    /// How long of that everything is still served while `/readyz` says no already.
    pub drain_delay_ms: u64,
    /// Accept callers without a token on addresses that are not loopback.
    pub allow_unauthenticated: bool,
    /// Connections that are open at once.
    pub max_connections: usize,
    /// The same, of one address.
    pub max_connections_per_address: usize,
    /// Addresses and networks whose connections are not counted by address: many clients come through them.
    pub trusted_proxies: Vec<String>,
    /// For how long a client may leave an answer unread.
    pub write_timeout_ms: u64,
    /// Without tokens: the names that are answered, beside those of the loopback.
    pub allowed_hosts: Vec<String>,
    /// With which HTTPS is spoken, and nothing else; without it HTTP.
    pub tls: Option<ListenerFiles>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            workers: 0,
            max_body_bytes: 1 << 20,
            default_wait_ms: 10_000,
            shutdown_grace_ms: 10_000,
            drain_delay_ms: 0,
            allow_unauthenticated: false,
            max_connections: 8_192,
            max_connections_per_address: 4_096,
            trusted_proxies: Vec::new(),
            write_timeout_ms: 30_000,
            allowed_hosts: Vec::new(),
            tls: None,
        }
    }
}

impl Server {
    /// [`Server::workers`], with 0 resolved to the number of cores.
    pub fn worker_threads(&self) -> usize {
        if self.workers > 0 { self.workers } else { cores() }
    }
}

/// Addresses with a common beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    /// Reads `10.0.0.7`, `10.0.0.0/8` or `fd00::/8`.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok())?;
        (prefix <= most).then_some(Self { address, prefix })
    }

    /// Whether an address is one of them.
    pub fn holds(&self, address: IpAddr) -> bool {
        let rest = |bits: u32| bits - self.prefix;
        match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).checked_shr(rest(32)).unwrap_or_default() == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).checked_shr(rest(128)).unwrap_or_default() == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// `[database]`
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// A PostgreSQL URL or key=value string, which may stand in a file; see [`Config::database_url`].
    #[serde(deserialize_with = "secrets::optional_text")]
    pub url: Option<String>,
    /// Certificates, where the URL names none; see [`crate::tls::dsn`].
    pub tls: Option<Files>,
    /// Connections that write orders.
    pub committers: usize,
    /// Connections for everything else.
    pub pool_size: usize,
    /// How long a connection may take to be established.
    pub connect_timeout_ms: u64,
    /// How long one statement may take.
    pub statement_timeout_ms: u64,
    /// How long a commit waits for a lock.
    pub lock_timeout_ms: u64,
    /// How its connections plan.
    pub planner: Planner,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            tls: None,
            committers: 2,
            pool_size: 8,
            connect_timeout_ms: 3_000,
            statement_timeout_ms: 10_000,
            lock_timeout_ms: 200,
            planner: Planner::default(),
        }
    }
}

impl fmt::Debug for Database {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("url", &self.url.as_ref().map(|_| "***"))
            .field("tls", &self.tls)
            .field("committers", &self.committers)
            .field("pool_size", &self.pool_size)
            .field("connect_timeout_ms", &self.connect_timeout_ms)
            .field("statement_timeout_ms", &self.statement_timeout_ms)
            .field("planner", &self.planner)
            .field("lock_timeout_ms", &self.lock_timeout_ms)
            .finish()
    }
}

/// `[engine]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Engine {
    /// Shards; 0 is one for each thread.
    pub shards: usize,
    /// Requests that may wait in one shard.
    pub mailbox_orders: usize,
    /// How long an idle order stays in memory.
    pub passivate_after_ms: u64,
    /// How long an actor may take for its own work on a command.
    pub command_timeout_ms: u64,
    /// Deaths over one command, before its order is quarantined.
    pub max_deaths: u32,
    /// How long an instance owns an order that it drives.
    pub lease_ms: u64,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            shards: 4,
            mailbox_orders: 10_000,
            passivate_after_ms: 60_000,
            command_timeout_ms: 5_000,
            max_deaths: 3,
            lease_ms: 10_000,
        }
    }
}

impl Engine {
    /// [`Engine::shards`], with 0 resolved to half of the cores.
    pub fn shard_count(&self) -> usize {
        or_half_the_cores(self.shards)
    }

    /// The threads that the shards are spread over: half of the cores.
    pub fn shard_threads(&self) -> usize {
        or_half_the_cores(0).min(self.shard_count())
    }
}

/// `[saga]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Saga {
    /// How long stock is held for a payment that is not known.
    pub reservation_ttl_ms: u64,
    /// How long an authorised payment may wait for its capture.
    pub authorized_ttl_ms: u64,
    /// How long one call to a remote participant may take.
    pub step_timeout_ms: u64,
    /// The pauses between tries of a step.
    pub retry: Retry,
    /// How long an order whose step has no entry here is left to other engines, before it waits in `attention` for one.
    pub entry_wait_ms: u64,
    /// Steps of one's own, in the order of the file.
    pub steps: Vec<SagaStep>,
}

impl Default for Saga {
    fn default() -> Self {
        Self {
            reservation_ttl_ms: 900_000,
            authorized_ttl_ms: 604_800_000,
            step_timeout_ms: 5_000,
            retry: Retry::default(),
            entry_wait_ms: 60_000,
            steps: Vec::new(),
        }
    }
}

/// `[saga.retry]`: the pause before try n+1 is `min(first_ms * factor^(n-1), max_ms)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// The pause before the second try, in milliseconds.
    pub first_ms: u64,
    /// By how much each pause is longer than the one before.
    pub factor: f64,
    /// The longest pause, in milliseconds.
    pub max_ms: u64,
    /// Tries before the participant is asked what became of the call; after that the order waits for a human.
    pub attempts: u32,
}

impl Default for Retry {
    fn default() -> Self {
        let ms = |pause: Duration| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        Self {
            first_ms: ms(limits::RETRY_FIRST),
            factor: limits::RETRY_FACTOR,
            max_ms: ms(limits::RETRY_MAX),
            attempts: limits::RETRY_ATTEMPTS.unsigned_abs().into(),
        }
    }
}

/// `[auth]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Without any, and without a file of them, everybody is `anonymous` with all roles.
    pub tokens: Vec<Token>,
    /// A file that lists further ones, and is read again when it changes; see [`tokens`].
    pub tokens_file: Option<PathBuf>,
    /// What single clients have beside their roles.
    pub clients: Vec<AuthClient>,
    /// What the file listed when it was read: [`Auth::read_tokens_file`].
    #[serde(skip)]
    pub listed: Vec<Token>,
}

/// `[[auth.clients]]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthClient {
    /// Who: the subject of its tokens. Unique.
    pub subject: String,
    /// With what the order_ids begin that it alone may submit.
    #[serde(default)]
    pub order_id_prefix: Option<String>,
}

/// A bearer token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Who bears it: the client that owns orders and keys. May have several.
    pub subject: String,
    /// The SHA-256 of the token, as 64 hex digits.
    pub sha256: String,
    /// What its bearer may do; at least one.
    pub roles: Vec<Role>,
    /// From when on it is good, by the database's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Moment>,
    /// From when on it is good no more, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Moment>,
}

/// What the bearer of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Submit orders, see its own.
    Client,
    /// See all orders but whom they go to, and how everything fares; change nothing.
    Viewer,
    /// See all orders, call them off, and give money back.
    Support,
    /// See all orders, change stock, operate.
    Operator,
    /// Read the metrics, and nothing else.
    Metrics,
}

impl Role {
    /// All of them, in the order of the declaration.
    pub const ALL: [Self; 5] = [Self::Client, Self::Viewer, Self::Support, Self::Operator, Self::Metrics];

    /// Its name in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Operator => "operator",
            Self::Metrics => "metrics",
        }
    }
}

/// `[participants]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Participants {
    /// Who holds the stock.
    pub inventory: Participant,
    /// Who moves the money.
    pub payment: PaymentParticipant,
    /// Who ships the parcel.
    pub shipment: Participant,
}

/// How a participant is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParticipantKind {
    /// In the engine's own transaction.
    #[default]
    Local,
    /// A service of its own, spoken to by JSON over HTTP.
    Http,
}

/// How the payment participant is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentKind {
    /// In the engine's own transaction: a house account.
    #[default]
    Local,
    /// A service of its own, spoken to by JSON over HTTP.
    Http,
    /// Stripe's API; not available yet.
    Stripe,
}

/// `[participants.inventory]`, `[participants.shipment]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Participant {
    /// Whether it is local or remote.
    pub kind: ParticipantKind,
    /// Where a remote one is.
    pub url: Option<String>,
    /// Over https: the CAs that its certificate may come from; without it those of the system.
    pub ca: Option<PathBuf>,
    /// Over https: the certificate that it is shown.
    pub cert: Option<PathBuf>,
    /// Over https: the key of that certificate; both or neither are given.
    pub key: Option<PathBuf>,
    /// A file with the bearer token that it is sent.
    pub token_file: Option<PathBuf>,
    /// With which a remote one signs its webhooks; several while it changes.
    pub webhook_secret: Option<Secrets>,
}

/// `[participants.payment]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentParticipant {
    /// Whether it is local or remote.
    pub kind: PaymentKind,
    /// Where a remote one is.
    pub url: Option<String>,
    /// Over https: the CAs that its certificate may come from; without it those of the system.
    pub ca: Option<PathBuf>,
    /// Over https: the certificate that it is shown.
    pub cert: Option<PathBuf>,
    /// Over https: the key of that certificate; both or neither are given.
    pub key: Option<PathBuf>,
    /// A file with the bearer token that it is sent.
    pub token_file: Option<PathBuf>,
    /// With which a remote one signs its webhooks; several while it changes.
    pub webhook_secret: Option<Secrets>,
    /// How long a remote one remembers a key; see [`PaymentParticipant::key_lifetime`].
    pub key_lifetime_ms: Option<u64>,
}

/// Of a participant, whichever it is: where it is, and what it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Way<'a> {
    /// Its URL; `None` where it is not remote.
    pub url: Option<&'a str>,
    /// The CAs that its certificate may come from.
    pub ca: Option<&'a PathBuf>,
    /// The certificate that it is shown.
    pub cert: Option<&'a PathBuf>,
    /// The key of that certificate.
    pub key: Option<&'a PathBuf>,
    /// The file of the bearer token.
    pub token_file: Option<&'a PathBuf>,
    /// The secrets with which it signs its webhooks.
    pub webhook_secret: Option<&'a Secrets>,
}

impl Way<'_> {
    /// The files of its CAs, certificate and key, as TLS takes them.
    pub fn files(&self) -> Files {
        Files { ca: self.ca.cloned(), cert: self.cert.cloned(), key: self.key.cloned() }
    }
}

impl Participant {
    /// How it is reached.
    pub fn way(&self) -> Way<'_> {
        let Self { kind: _, url, ca, cert, key, token_file, webhook_secret } = self;
        let (url, webhook_secret) = (url.as_deref(), webhook_secret.as_ref());
        Way {
            url,
            ca: ca.as_ref(),
            cert: cert.as_ref(),
            key: key.as_ref(),
            token_file: token_file.as_ref(),
            webhook_secret,
        }
    }
}

impl PaymentParticipant {
    /// How it is reached.
    pub fn way(&self) -> Way<'_> {
        let Self { kind: _, url, ca, cert, key, token_file, webhook_secret, key_lifetime_ms: _ } = self;
        let (url, webhook_secret) = (url.as_deref(), webhook_secret.as_ref());
        Way {
            url,
            ca: ca.as_ref(),
            cert: cert.as_ref(),
            key: key.as_ref(),
            token_file: token_file.as_ref(),
            webhook_secret,
        }
    }

    /// [`PaymentParticipant::key_lifetime_ms`], or a day where it is not set: what payment providers commonly promise.
    pub fn key_lifetime(&self) -> Duration {
        Duration::from_millis(self.key_lifetime_ms.unwrap_or(86_400_000))
    }
}

/// `[faults]`
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Whether failures can be armed over HTTP, and test tokens of the simulator are accepted.
    pub enabled: bool,
}

/// `[telemetry]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// A level, or levels by module: `info,counterfoil::engine=debug`.
    pub log: String,
    /// How a line of it is written.
    pub format: LogFormat,
    /// The URL that traces are sent to; without it there are none.
    pub otlp_endpoint: Option<String>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: "info".into(), format: LogFormat::Text, otlp_endpoint: None }
    }
}

impl Config {
    /// The defaults, overridden by a file and by the environment, and checked.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_over(Self::default(), path)
    }

    /// As [`Config::load`], over other defaults: `dev` begins with its own.
    pub fn load_over(base: Self, path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_settled(base, path, |_| {})
    }

    /// As [`Config::load_over`], where the defaults need something done once it is known what overrode them; before
    /// the whole is checked.
    pub fn load_settled(base: Self, path: Option<&Path>, settle: fn(&mut Self)) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(base));
        if let Some(path) = path {
            // Opened first, since a file that is missing counts as an empty one to figment.
            std::fs::File::open(path)
                .map_err(|error| ConfigError::one("", format!("cannot read {}: {error}", path.display())))?;
            figment = figment.merge(Toml::file_exact(path));
        }
        Self::extract(&figment.merge(Env::prefixed(ENV_PREFIX).split("__")), settle)
    }

    /// Checks what the structures cannot: bounds, and keys that must agree. For a configuration changed in code.
    pub fn check(&self) -> Result<(), ConfigError> {
        let problems = check::problems(self);
        if problems.is_empty() { Ok(()) } else { Err(ConfigError { problems }) }
    }

    fn extract(figment: &Figment, settle: fn(&mut Self)) -> Result<Self, ConfigError> {
        let mut config: Self = figment.extract().map_err(|errors| ConfigError {
            problems: errors.into_iter().map(|error| unreadable(&error, false)).collect(),
        })?;
        settle(&mut config);
        let mut problems = check::problems(&config);
        for problem in &mut problems {
            problem.source = figment.find_metadata(&problem.key).and_then(source);
        }
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }

    /// The database's URL, which everything but `dev` needs.
    pub fn database_url(&self) -> Result<&str, ConfigError> {
        self.database
            .url
            .as_deref()
            .ok_or_else(|| ConfigError::one("database.url", format!("is not set: it must be {}", check::DATABASE_URL)))
    }
}

/// The number, where 0 stands for half of the cores, one at least: the shards have so many threads, since they take turns
/// with those of HTTP and of the committers.
fn or_half_the_cores(number: usize) -> usize {
    if number > 0 { number } else { (cores() / 2).max(1) }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// What figment could not read into the structures above, in our words.
/// A file that `holds_secrets` alone has none of its values repeated.
fn unreadable(error: &figment::Error, holds_secrets: bool) -> ConfigProblem {
    let mut key = error.path.join(".");
    let detail = match &error.kind {
        Kind::UnknownField(name, allowed) => {
            let section = if key.ends_with(name.as_str()) {
                key[..key.len() - name.len()].trim_end_matches('.').to_owned()
            } else {
                key.clone()
            };
            key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
            let of = if section.is_empty() { "sections are".into() } else { format!("keys of [{section}] are") };
            format!("is unknown; the {of} {}", allowed.join(", "))
        }
        Kind::UnknownVariant(value, allowed) => format!("is {value:?}; allowed are {}", allowed.join(", ")),
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected)
            if holds_secrets || may_hold_a_secret(&key, expected) =>
        {
            format!("is not what it must be: {}", expected_plainly(expected))
        }
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("is {}; it must be {}", plainly(found), expected_plainly(expected))
        }
        Kind::MissingField(name) => {
            key = if key.is_empty() { name.to_string() } else { format!("{key}.{name}") };
            "is missing".into()
        }
        // What is no TOML comes with the lines around it, and one of them may be the one with the password.
        Kind::Message(text) if text.contains("TOML") => {
            let mut lines = text.trim_end().lines();
            let (place, reason) = (lines.next().unwrap_or("no TOML"), lines.next_back().unwrap_or_default());
            format!("{place}: {reason}")
        }
        Kind::Message(_)
        | Kind::InvalidLength(..)
        | Kind::DuplicateField(_)
        | Kind::ISizeOutOfRange(_)
        | Kind::USizeOutOfRange(_)
        | Kind::Unsupported(_)
        | Kind::UnsupportedKey(..) => error.kind.to_string(),
    };
    ConfigProblem { key, detail, source: error.metadata.as_ref().and_then(source) }
}

/// Whether a value that was set for this key must not be repeated. A secret that is written without quotes, or looks like a
/// number in the environment, is still one; and so is what was meant for a key of the section that it was set for.
fn may_hold_a_secret(key: &str, expected: &str) -> bool {
    let is_whole = expected.starts_with("struct ") || expected == "a sequence";
    is_whole || key == "database.url" || key.starts_with("auth.") || key.contains("secret")
}

fn plainly(found: &Actual) -> String {
    match found {
        Actual::Bool(value) => value.to_string(),
        Actual::Unsigned(value) => value.to_string(),
        Actual::Signed(value) => value.to_string(),
        Actual::Float(value) => value.to_string(),
        Actual::Str(value) => format!("{value:?}"),
        other => other.to_string(),
    }
}

/// Rust's names of types, as words.
fn expected_plainly(expected: &str) -> &str {
    match expected {
        "usize" | "u64" | "u32" => "a whole number of at least 0",
        "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list, as [{ key = \"value\" }] (also in the environment)",
        structure if structure.starts_with("struct ") => "a section with keys of its own",
        other => other,
    }
}

/// Where a value was set, for a message; `None` for a default.
fn source(metadata: &figment::Metadata) -> Option<String> {
    match &metadata.source {
        Some(figment::Source::File(path)) => Some(path.display().to_string()),
        _ if metadata.name.contains("environment") => Some(format!("the environment, {ENV_PREFIX}SECTION__KEY")),
        _ => None,
    }
}
