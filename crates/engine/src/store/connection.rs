//! How the database is reached, what its errors mean, and whether it takes writes. What is asked of each connection
//! stands in [`session`].

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Connection, Socket};

use super::encryption::{Encrypted, Encryption};
use super::planner::Planner;
use super::session::{self, Trust};
use super::{PgStore, errors, online};
use crate::limits;
use crate::ports::StoreError;
use crate::saga::Timestamp;
use crate::tls::dsn::{self, Mode};
use crate::tls::{Dialer, Files, HandshakeError, POSTGRESQL, Reread};

/// Where the database is, and how long to wait for it.
#[derive(Debug, Clone)]
pub struct Target {
    /// For a connection to stand.
    pub connect_timeout: Duration,
    /// For one statement, by the server's clock.
    pub statement_timeout: Duration,
    /// For one lock, by the server's clock: what stays locked for longer is waited for apart.
    pub lock_timeout: Duration,
    /// How its connections plan.
    pub planner: Planner,
    /// What its connections have learned of the servers that they met.
    pub(super) trust: Trust,
    /// The libpq URI, or why it cannot be used.
    at: Result<Arc<At>, Arc<str>>,
}

/// A libpq URI, taken apart.
struct At {
    /// What the driver is told.
    rest: String,
    mode: Mode,
    encryption: Encryption,
}

impl std::fmt::Debug for At {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rest: _, mode, encryption } = self;
        f.debug_struct("At").field("mode", mode).field("encryption", encryption).finish_non_exhaustive()
    }
}

impl At {
    fn new(url: &str, tls: Option<&Files>) -> Result<Arc<Self>, Arc<str>> {
        let dsn = dsn::read(url, tls).map_err(|wrong| format!("the database's URI {wrong}"))?;
        let dialer = match dsn.mode {
            Mode::Disable => None,
            Mode::Prefer | Mode::Require => {
                let opened = Dialer::open(dsn.files, dsn.verify, POSTGRESQL);
                Some(opened.map_err(|error| format!("TLS to the database: {error}"))?)
            }
        };
        Ok(Arc::new(Self { rest: dsn.rest, mode: dsn.mode, encryption: Encryption(dialer) }))
    }
}

impl Target {
    /// What people call the database: its name and where it is; never its user's password. Empty where the URL is wrong.
    pub fn place(&self) -> String {
        let Ok(config) = self.rest().parse::<tokio_postgres::Config>() else { return String::new() };
        let name = config.get_dbname().or_else(|| config.get_user()).unwrap_or_default();
        let port = |place: usize| config.get_ports().get(place).or_else(|| config.get_ports().first()).copied();
        let host = |(place, host): (usize, &Host)| match (host, port(place)) {
            (Host::Tcp(host), Some(port)) => format!("{host}:{port}"),
            (Host::Tcp(host), None) => host.clone(),
            (Host::Unix(path), _) => path.display().to_string(),
        };
        let hosts: Vec<_> = config.get_hosts().iter().enumerate().map(host).collect();
        format!("database {name:?} at {}", hosts.join(", "))
    }
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is wrong. It may hold a password, so that neither it nor what the driver says of it is repeated.
    #[error("the database is not named by a PostgreSQL URI, as postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Url,
    /// What the URL or the configuration says of TLS is wrong, or a file that it names.
    #[error("{0}")]
    Tls(Arc<str>),
    /// No connection could be made: the server is away, or refuses one.
    #[error("cannot connect to the database")]
    Connect(#[source] tokio_postgres::Error),
    /// The server did not answer within this time.
    #[error("the database did not answer within {0:?}")]
    Timeout(Duration),
    /// It took the connection, and then said nothing.
    #[error(
        "the database took a connection and answered nothing on it within {0:?}; a pooler before it may have too few \
         sessions: each instance needs database.committers + database.pool_size + 9, and one for each part of a sink"
    )]
    Silent(Duration),
    /// It hung up before a first question was answered.
    #[error("the database hung up before it answered a first question")]
    Lost,
    /// The server answered a first question with an error.
    #[error("the database refused a first question")]
    Ask(#[source] tokio_postgres::Error),
    /// What the URI asks for in `options` cannot be asked for here.
    #[error(
        "the startup parameter `options` of the database's URI is not taken: leave it out, and set what it says for the \
         role (ALTER ROLE ... SET), or have the pooler let it pass (PgBouncer: ignore_startup_parameters = options; this \
         program then sets it on each connection itself)"
    )]
    Options(#[source] tokio_postgres::Error),
    /// Sessions are shared between transactions.
    #[error(
        "a connection pooler gives each transaction another session, and this program needs sessions of its own: set \
         pool_mode = session for this database (PgBouncer), or connect to PostgreSQL itself"
    )]
    Shared,
    /// A setting of the session is another one than was asked for.
    #[error(
        "{setting} is {found:?} on a new connection although it was set to {wanted:?}: a connection pooler that shares \
         sessions between transactions (PgBouncer: set pool_mode = session), or something in the server, undoes it"
    )]
    NotTaken {
        /// The setting's name.
        setting: String,
        /// What it was set to.
        wanted: String,
        /// What the server says it is.
        found: String,
    },
    /// The server is a standby in recovery, and takes no orders.
    #[error("the server is a standby, in recovery: orders need the primary")]
    Standby,
    /// The server takes no writes.
    #[error("the server takes no writes: default_transaction_read_only is on, for it, the database or the role")]
    ReadOnly,
    /// Another server was promoted since: this one writes a timeline that was left behind.
    #[error(
        "the server is on timeline {found}, and this engine has met timeline {met}: it is an old primary that does not know \
         what its successor acknowledged"
    )]
    OlderTimeline {
        /// The timeline that this server writes.
        found: i64,
        /// The highest that this engine met.
        met: i64,
    },
    /// The server takes no such setting of its planner.
    #[error("{key} is {value:?}, which this server does not take")]
    Planner {
        /// The key of the configuration.
        key: String,
        /// What it is.
        value: String,
        /// What the server said.
        #[source]
        cause: tokio_postgres::Error,
    },
    /// Acknowledged orders could be lost.
    #[error("{setting} is off in this PostgreSQL: an order could be lost after it was acknowledged; turn it on")]
    NotDurable {
        /// The setting's name.
        setting: &'static str,
    },
    /// The database has no schema of ours: it was not migrated.
    #[error("the database has no Counterfoil schema: run `counterfoil migrate` first")]
    NotMigrated,
    /// The schema is older than this program.
    #[error("the schema has version {found}, this program needs {needed}: run `counterfoil migrate` first")]
    SchemaTooOld {
        /// The version of the schema that is there.
        found: i32,
        /// What this program was built for.
        needed: i32,
    },
    /// The schema is newer, and does not allow this program.
    #[error(
        "the schema has version {found} and allows programs from {oldest_binary} on, this is {this}: upgrade the program"
    )]
    SchemaTooNew {
        /// The version of the schema that is there.
        found: i32,
        /// The oldest program it allows.
        oldest_binary: String,
        /// The version of this program.
        this: &'static str,
    },
    /// It is not the database that remote participants are driven from.
    #[error("{0}")]
    NotOurs(String),
    /// The pool cannot be made.
    #[error("the connection pool: {0}")]
    Pool(String),
    /// A committer's thread cannot be made.
    #[error("a committer's thread")]
    Thread(#[source] std::io::Error),
}

impl ConnectError {
    /// Whether a lock was not to be had in time: the server is there.
    pub(super) fn is_lock(&self) -> bool {
        matches!(self, Self::Ask(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
    }

    /// What became of a try to connect.
    fn of_connecting(error: tokio_postgres::Error) -> Self {
        let of_options = error.as_db_error().is_some_and(|db| errors::refuses_parameter(db, "options"));
        if of_options { Self::Options(error) } else { Self::Connect(error) }
    }

    /// Whether whoever is there will not have us, whenever we come: a wrong password, no such database, a pooler that
    /// cannot be used.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Url
            | Self::Tls(_)
            | Self::Options(_)
            | Self::Shared
            | Self::NotTaken { .. }
            | Self::Planner { .. } => true,
            Self::Connect(error) => is_refusal(error),
            Self::Timeout(_)
            | Self::Silent(_)
            | Self::Lost
            | Self::Ask(_)
            | Self::Standby
            | Self::ReadOnly
            | Self::OlderTimeline { .. }
            | Self::NotDurable { .. }
            | Self::NotOurs(_)
            | Self::NotMigrated
            | Self::SchemaTooOld { .. }
            | Self::SchemaTooNew { .. }
            | Self::Pool(_)
            | Self::Thread(_) => false,
        }
    }

    /// Whether there is nobody now who could have us, and may be in a moment: away, going away, or not the primary yet.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Connect(error) => !is_refusal(error),
            Self::Ask(error) => error.code().is_none_or(is_passing),
            Self::Timeout(_)
            | Self::Silent(_)
            | Self::Lost
            | Self::Standby
            | Self::ReadOnly
            | Self::OlderTimeline { .. } => true,
            Self::Url
            | Self::Tls(_)
            | Self::Options(_)
            | Self::Shared
            | Self::NotTaken { .. }
            | Self::Planner { .. }
            | Self::NotDurable { .. }
            | Self::NotOurs(_)
            | Self::NotMigrated
            | Self::SchemaTooOld { .. }
            | Self::SchemaTooNew { .. }
            | Self::Pool(_)
            | Self::Thread(_) => false,
        }
    }
}

/// Whether a try to connect failed for what we say: user, password, database, or the URI's own `options`; PgBouncer has
/// one code for all of these. A certificate that is not accepted, theirs or ours, and a server that does not speak TLS where
/// it must, will be no others in a moment.
fn is_refusal(error: &tokio_postgres::Error) -> bool {
    let Some(db) = error.as_db_error() else {
        if let Some(source) = std::error::Error::source(error) {
            let of_tls = HandshakeError::within(source).is_some_and(HandshakeError::is_refusal);
            if of_tls || source.to_string().contains("does not support TLS") {
                return true;
            }
        }
        return error.to_string().starts_with("invalid configuration"); // a password is asked for, and none given
    };
    let code = db.code();
    code.code().starts_with("28")
        || [
            &SqlState::INVALID_CATALOG_NAME,
            &SqlState::INSUFFICIENT_PRIVILEGE,
            &SqlState::UNDEFINED_OBJECT,
            &SqlState::INVALID_PARAMETER_VALUE,
        ]
        .contains(&code)
        || errors::is_refused_by_pgbouncer(db)
}

/// Whether all goes over unix sockets: PostgreSQL encrypts nothing there, and libpq does not ask it to. Where there is an
/// address, the driver goes there, whatever the host is.
fn is_local(config: &tokio_postgres::Config) -> bool {
    let hosts = config.get_hosts();
    let is_socket = |host: &Host| matches!(host, Host::Unix(_));
    config.get_hostaddrs().is_empty() && !hosts.is_empty() && hosts.iter().all(is_socket)
}

impl Target {
    /// A target with the defaults of the configuration. Files that the URL names are read now.
    pub fn new(url: impl AsRef<str>) -> Self {
        Self::with_tls(url, None)
    }

    /// The same, with certificates that are configured beside the URL.
    pub fn with_tls(url: impl AsRef<str>, tls: Option<&Files>) -> Self {
        Self {
            at: At::new(url.as_ref(), tls),
            connect_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_millis(200),
            planner: Planner::default(),
            trust: Trust::new(),
        }
    }

    /// Says what is wrong with the URL, if anything is; nothing is connected to.
    pub fn check(&self) -> Result<(), ConnectError> {
        let at = self.at.as_ref().map_err(|wrong| ConnectError::Tls(Arc::clone(wrong)))?;
        let config: tokio_postgres::Config = at.rest.parse().map_err(|_| ConnectError::Url)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(ConnectError::Url);
        }
        let is_name = |host: &Host| matches!(host, Host::Tcp(_));
        let has_names = !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_name);
        if at.mode == Mode::Require && !config.get_hostaddrs().is_empty() && !has_names {
            let told = "TLS to the database: its URI has a hostaddr and no host, which a certificate would be for";
            return Err(ConnectError::Tls(told.into()));
        }
        Ok(())
    }

    fn rest(&self) -> &str {
        self.at.as_ref().map(|at| &*at.rest).unwrap_or_default()
    }

    /// How its connections are encrypted.
    pub(super) fn encryption(&self) -> Encryption {
        self.at.as_ref().map(|at| at.encryption.clone()).unwrap_or_default()
    }

    /// Its certificates, where it has any, to be read again.
    pub fn certificates(&self) -> Option<Arc<dyn Reread>> {
        let dialer = self.at.as_ref().ok()?.encryption.0.clone()?;
        Some(Arc::new(dialer))
    }

    /// The driver's configuration. What a session needs is set once it stands ([`session::prepare`]): a pooler may refuse
    /// whatever else is asked for at its start. A network that drops everything in silence is noticed within seconds,
    /// where the kernel would try for a quarter of an hour: until then a dead connection would look like one that may be
    /// used.
    pub(super) fn config(&self) -> tokio_postgres::Config {
        let mut config = self.rest().parse::<tokio_postgres::Config>().unwrap_or_default();
        let is_local = is_local(&config);
        config.ssl_mode(match self.at.as_ref().map(|at| at.mode) {
            Ok(Mode::Prefer) if !is_local => SslMode::Prefer,
            Ok(Mode::Require) if !is_local => SslMode::Require,
            Ok(Mode::Disable | Mode::Prefer | Mode::Require) | Err(_) => SslMode::Disable,
        });
        config.connect_timeout(self.connect_timeout).application_name("counterfoil");
        config.tcp_user_timeout(self.statement_timeout).keepalives_idle(limits::TCP_SILENCE);
        config.keepalives_interval(limits::TCP_SILENCE).keepalives_retries(3);
        config
    }

    /// The `options` of the URI.
    pub(super) fn options(&self) -> String {
        let config = self.rest().parse::<tokio_postgres::Config>().unwrap_or_default();
        config.get_options().unwrap_or_default().to_owned()
    }

    /// A connection as it comes, and the future that drives it.
    pub async fn dial(&self) -> Result<(Client, Connection<Socket, Encrypted>), ConnectError> {
        self.check()?;
        tokio::time::timeout(self.connect_timeout, self.config().connect(self.encryption()))
            .await
            .map_err(|_| ConnectError::Timeout(self.connect_timeout))?
            .map_err(ConnectError::of_connecting)
    }

    /// A connection that is prepared and checked, and the future that drives it; the server's timeline.
    pub(super) async fn open(&self) -> Result<(Client, Connection<Socket, Encrypted>, Option<i64>), ConnectError> {
        let (client, mut connection) = self.dial().await?;
        let timeline = tokio::select! {
            biased;
            prepared = session::prepare(self, &client) => prepared?,
            ended = &mut connection => return Err(ended.map_or_else(ConnectError::Ask, |()| ConnectError::Lost)),
        };
        Ok((client, connection, timeline))
    }

    /// A connection that is prepared and checked, and that the current runtime drives, until it ends or a newer timeline
    /// than its server's was met.
    pub async fn connect(&self) -> Result<Client, ConnectError> {
        let (client, connection, timeline) = self.open().await?;
        let overtaken = self.trust.clone().overtaken(timeline);
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a database connection ended");
                    }
                }
                () = overtaken => tracing::warn!(timeline, "a connection to an older timeline is given up"),
            }
        });
        Ok(client)
    }

    /// Refuses a connection pooler that gives each transaction another session. Asked once, before anything else.
    pub async fn check_sessions(&self) -> Result<(), ConnectError> {
        session::refuse_shared(self).await
    }
}

/// Whether an error of the server says that it is going away, or coming up, or no primary any more, rather than refusing
/// what was asked: its connection is of no more use.
pub(super) fn means_away(code: &SqlState) -> bool {
    let text = code.code();
    let of_connections = text.starts_with("08") || text.starts_with("57P");
    of_connections
        || [
            &SqlState::TOO_MANY_CONNECTIONS,
            &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            &SqlState::READ_ONLY_SQL_TRANSACTION, // a failover in progress
        ]
        .contains(&code)
}

/// Whether an error says nothing of what was asked, and everything of the moment: the server is away; a lock or a
/// deadlock of somebody else; a statement that was given up; no memory, no disk, no connection; files that cannot be
/// read, a server that is broken inside.
pub(super) fn is_passing(code: &SqlState) -> bool {
    let class = code.code().get(..2).unwrap_or_default();
    means_away(code) || matches!(class, "40" | "53" | "55" | "57" | "58" | "XX")
}

/// Whether an error says that the server cannot do now what was asked, of whatever order: it is short of something (53),
/// a statement took too long or was cancelled, or its files are out of reach (58).
pub(super) fn means_short(code: &SqlState) -> bool {
    ["53", "58"].iter().any(|class| code.code().starts_with(class)) || *code == SqlState::QUERY_CANCELED
}

/// The database's clock: its last reading, plus the monotonic time since. It stamps events; it decides nothing.
#[derive(Debug)]
pub struct DatabaseClock {
    /// Microseconds since 1970 at `origin`.
    base_us: AtomicI64,
    origin: Instant,
}

const NOW_US: &str = "SELECT (extract(epoch FROM counterfoil_now()) * 1000000)::bigint";

impl DatabaseClock {
    /// Reads the clock for the first time.
    pub(super) async fn read(client: &Client) -> Result<Self, ConnectError> {
        let clock = Self { base_us: AtomicI64::new(0), origin: Instant::now() };
        clock.reread(client).await.map_err(ConnectError::Ask)?;
        Ok(clock)
    }

    async fn reread(&self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let now_us: i64 = client.query_one(NOW_US, &[]).await?.get(0);
        self.base_us.store(now_us - self.elapsed_us(), Ordering::Relaxed);
        Ok(())
    }

    fn elapsed_us(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_micros()).unwrap_or(i64::MAX / 2)
    }

    pub(super) fn estimate(&self) -> Timestamp {
        Timestamp(self.base_us.load(Ordering::Relaxed) + self.elapsed_us())
    }
}

/// Orders that wait for a human: the partial index holds these and no others.
const ATTENTION: &str = "SELECT count(*) FROM orders WHERE attention IS NOT NULL";

/// Asks the database each second what time it is, as long as the store lives. Whether it can be worked with is told by
/// the heartbeat, which writes.
pub(super) async fn probe(store: Weak<PgStore>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(store) = store.upgrade() else { return };
        if store.reads.is_closed() {
            return;
        }
        let clock = Arc::clone(&store.clock);
        let asked = tokio::time::timeout(Duration::from_secs(2), async {
            let client = store.vital.lend().await?;
            let read = async {
                clock.reread(&client).await?;
                store.releases.reread(&client).await?;
                if !store.indexed.load(Ordering::Relaxed) {
                    store.indexed.store(online::are_built(&client).await?, Ordering::Relaxed);
                }
                client.query_one(ATTENTION, &[]).await
            };
            let waiting = read.await.map_err(|error| super::read_error(&error));
            store.metrics.attention.set(client.back(waiting)?.get(0));
            Ok::<(), StoreError>(())
        });
        match asked.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "the database does not tell the time"),
            Err(_) => store.reads.trust.doubt(), // a network that swallows everything: the others are asked, too
        }
    }
}

/// When the database last took a write of this engine: what `/readyz` follows. A connection that answers proves nothing:
/// it may lead to a standby, or to a server under which its own files were replaced.
#[derive(Debug)]
pub(super) struct Beat {
    origin: Instant,
    taken_us: AtomicI64,
    failed: AtomicBool,
}

/// Of [`Beat::taken_us`]: not once.
const NEVER: i64 = -1;

impl Beat {
    /// None was taken yet. An engine that is ready has told that it lives, so that nobody adopts its database under it.
    pub(super) fn new() -> Self {
        Self { origin: Instant::now(), taken_us: AtomicI64::new(NEVER), failed: AtomicBool::new(false) }
    }

    fn elapsed_us(&self) -> i64 {
        i64::try_from(self.origin.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// What became of one.
    pub(super) fn heard(&self, outcome: &Result<(), StoreError>) {
        if outcome.is_ok() {
            self.taken_us.store(self.elapsed_us(), Ordering::Relaxed);
        }
        let failed = self.failed.swap(outcome.is_err(), Ordering::Relaxed);
        match outcome {
            Ok(()) if failed => tracing::info!("the database takes writes again"),
            Err(error) if !failed => tracing::warn!(%error, "the database takes no writes"),
            Ok(()) | Err(_) => {}
        }
    }

    /// Whether the last one was taken, and not long ago: one that is still on its way is not waited for.
    pub(super) fn is_fresh(&self) -> bool {
        let taken_us = self.taken_us.load(Ordering::Relaxed);
        let age_us = self.elapsed_us().saturating_sub(taken_us);
        taken_us != NEVER
            && !self.failed.load(Ordering::Relaxed)
            && u128::try_from(age_us).unwrap_or(0) < limits::HEARTBEAT_STALE.as_micros()
    }
}

/// Orders of which something is left to be done, and for how many seconds the one that waits longest has waited for what is due.
/// One that waits for a human waits for nothing, nor does one that is to be woken by its deadline alone (the two times are of
/// two moments of one statement): money that is held may be so for days.
const IN_FLIGHT: &str = "
SELECT count(*),
    coalesce(greatest(extract(epoch FROM counterfoil_now() - min(intent_at) FILTER (
        WHERE wake_at IS NOT NULL AND NOT coalesce(abs(extract(epoch FROM wake_at - expires_at)) < 1, false)
    )), 0), 0)::float8
FROM order_work";

/// Since when the order that has waited longest for a human has done so: the first of an index whose expression this is; nothing
/// where none waits.
const LONGEST_FOR_A_HUMAN: &str = concat!(
    "SELECT ",
    online::waiting_since!(),
    " FROM orders WHERE attention IS NOT NULL ORDER BY ",
    online::waiting_since!(),
    " LIMIT 1"
);

/// For how many seconds that is by now. A stamp that no calendar has was written by a hand, and says nothing.
fn seconds_since(stamp: Option<&str>, now: Timestamp) -> f64 {
    let since = stamp.and_then(|stamp| stamp.parse::<jiff::Timestamp>().ok());
    let us = since.map_or(0, |since| now.0.saturating_sub(since.as_microsecond()).max(0));
    Duration::from_micros(us.unsigned_abs()).as_secs_f64()
}

/// How many times longer than the count took the next one waits: it reads all that there are.
const COUNT_SHARE: u32 = 99;

/// Counts the orders in flight, and looks who has waited longest for a human, as long as the store lives: each second, or as
/// often as a hundredth of the time allows.
pub(super) async fn count(store: Weak<PgStore>) {
    loop {
        let Some(store) = store.upgrade() else { return };
        if store.reads.is_closed() {
            return;
        }
        let mut took = Duration::ZERO;
        if let Ok(client) = store.reads.lend().await {
            let began = Instant::now();
            let counted = client.query_one(IN_FLIGHT, &[]).await.map_err(|error| super::read_error(&error));
            took += began.elapsed();
            if let Ok(row) = client.back(counted) {
                store.metrics.in_flight.set(row.get(0));
                store.metrics.longest_wait.set(row.get(1));
            }
        }
        if let Ok(client) = store.reads.lend().await {
            let began = Instant::now();
            let oldest = client.query_opt(LONGEST_FOR_A_HUMAN, &[]).await.map_err(|error| super::read_error(&error));
            took += began.elapsed();
            if let Ok(row) = client.back(oldest) {
                let stamp = row.as_ref().and_then(|row| row.get::<_, Option<&str>>(0));
                store.metrics.attention_oldest.set(seconds_since(stamp, store.clock.estimate()));
            }
        }
        drop(store);
        tokio::time::sleep((took * COUNT_SHARE).max(Duration::from_secs(1))).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_alone_is_not_encrypted() {
        let mode = |url: &str| Target::new(url).config().get_ssl_mode();
        let told = |url: &str| Target::new(url).check().map_err(|error| error.to_string());
        let both = "host=/run/postgresql hostaddr=192.0.2.1 user=u sslmode=require";
        assert_eq!(mode("host=/run/postgresql user=u sslmode=require"), SslMode::Disable);
        told("host=/run/postgresql user=u sslmode=require").expect("a socket");
        assert_eq!(mode(both), SslMode::Require, "it leads over a network");
        assert_eq!(mode("host=/run/postgresql hostaddr=192.0.2.1 user=u sslmode=prefer"), SslMode::Prefer);
        assert!(told(both).unwrap_err().contains("a hostaddr and no host"));
        assert!(told("hostaddr=192.0.2.1 user=u sslmode=require").unwrap_err().contains("a hostaddr and no host"));
        told("host=db.test hostaddr=192.0.2.1 user=u sslmode=require").expect("a name");
    }

    #[test]
    fn what_passes_is_told_from_what_was_asked() {
        for passing in
            ["57014", "55P03", "40P01", "40001", "53300", "53200", "57P01", "08006", "25006", "58P01", "XX000"]
        {
            assert!(is_passing(&SqlState::from_code(passing)), "{passing}");
        }
        for asked in ["23505", "22003", "42P01", "CF404", "21000", "25P02"] {
            assert!(!is_passing(&SqlState::from_code(asked)), "{asked}");
        }
        // What one write meets alone must not take its neighbours' connection away.
        for alone in ["57014", "55P03", "40P01", "53200", "58P01", "XX000", "23505"] {
            assert!(!means_away(&SqlState::from_code(alone)), "{alone}");
        }
        assert!(means_away(&SqlState::from_code("57P05")), "a session that was ended for lying idle");
    }

    #[test]
    fn a_write_that_was_not_taken_is_told_at_once() {
        let beat = Beat::new();
        assert!(!beat.is_fresh(), "none was taken yet");
        beat.heard(&Ok(()));
        assert!(beat.is_fresh());
        beat.heard(&Err(StoreError::Unavailable("read only".into())));
        assert!(!beat.is_fresh());
        beat.heard(&Ok(()));
        assert!(beat.is_fresh());
    }
}
