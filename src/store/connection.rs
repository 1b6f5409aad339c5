//! How the database is reached, and whether it may be trusted with an acknowledgement.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Connection, NoTls, Socket, tls::NoTlsStream};

use super::PgStore;
use crate::limits;
use crate::saga::Timestamp;

/// Where the database is, and how long to wait for it.
#[derive(Debug, Clone)]
pub struct Target {
    /// A libpq URI.
    pub url: String,
    /// For a connection to stand.
    pub connect_timeout: Duration,
    /// For one statement, by the server's clock.
    pub statement_timeout: Duration,
    /// For one lock, by the server's clock: what stays locked for longer is waited for apart.
    pub lock_timeout: Duration,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is wrong. It may hold a password, so that neither it nor what the driver says of it is repeated.
    #[error("the database is not named by a PostgreSQL URI, as postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Url,
    /// The URL asks for what this program does not do.
    #[error(
        "the database's URI asks for sslmode=require, and this program speaks to it in the clear: leave that to a proxy"
    )]
    Encryption,
    /// The server is away.
    #[error("cannot connect to the database")]
    Connect(#[source] tokio_postgres::Error),
    /// No answer in time.
    #[error("the database did not answer within {0:?}")]
    Timeout(Duration),
    /// A first question failed.
    #[error("the database refused a first question")]
    Ask(#[source] tokio_postgres::Error),
    /// Acknowledged orders could be lost.
    #[error("{setting} is off in this PostgreSQL: an order could be lost after it was acknowledged; turn it on")]
    NotDurable {
        /// Which setting.
        setting: &'static str,
    },
    /// There are no tables.
    #[error("the database has no Counterfoil schema: run `counterfoil migrate` first")]
    NotMigrated,
    /// The schema is older than this program.
    #[error("the schema has version {found}, this program needs {needed}: run `counterfoil migrate` first")]
    SchemaTooOld {
        /// What the database has.
        found: i32,
        /// What this program was built for.
        needed: i32,
    },
    /// The schema is newer, and does not allow this program.
    #[error(
        "the schema has version {found} and allows programs from {oldest_binary} on, this is {this}: upgrade the program"
    )]
    SchemaTooNew {
        /// What the database has.
        found: i32,
        /// The oldest program it allows.
        oldest_binary: String,
        /// This program.
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

    /// Whether the server is there and will not have us, whenever we come: a wrong password, or no such database.
    pub fn is_final(&self) -> bool {
        let Self::Connect(error) = self else { return false };
        error.code().is_some_and(|code| code.code().starts_with("28") || *code == SqlState::INVALID_CATALOG_NAME)
    }
}

impl Target {
    /// A target with the defaults of the configuration.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connect_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_millis(200),
        }
    }

    /// Checks the URL.
    pub fn check(&self) -> Result<(), ConnectError> {
        let config: tokio_postgres::Config = self.url.parse().map_err(|_| ConnectError::Url)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(ConnectError::Url);
        }
        if config.get_ssl_mode() == SslMode::Require {
            return Err(ConnectError::Encryption);
        }
        Ok(())
    }

    /// The driver's configuration. A statement's time is bounded, and so is a transaction that was left open, since
    /// either would hold locks and the snapshot horizon. All that is asked on these connections is read by key, whatever
    /// the planner knows of the tables: on a young database, which was never analysed, it takes them for a few pages and
    /// reads them whole, and so for each order more than the last. Nor is anything worth compiling. A network that drops
    /// everything in silence is noticed within seconds, where the kernel would try for a quarter of an hour: until then a
    /// dead connection would look like one that may be used.
    pub(super) fn config(&self) -> tokio_postgres::Config {
        let mut config = self.url.parse::<tokio_postgres::Config>().unwrap_or_default();
        let timeout_ms = self.statement_timeout.as_millis();
        let ours = format!(
            "-c statement_timeout={timeout_ms} -c idle_in_transaction_session_timeout={} -c timezone=UTC \
             -c lock_timeout={} -c enable_seqscan=off -c jit=off",
            timeout_ms * 2,
            limits::LOCK_PATIENCE.as_millis()
        );
        let options = match config.get_options() {
            Some(given) => format!("{given} {ours}"),
            None => ours,
        };
        config.connect_timeout(self.connect_timeout).application_name("counterfoil").options(options);
        config.tcp_user_timeout(self.statement_timeout).keepalives_idle(limits::TCP_SILENCE);
        config.keepalives_interval(limits::TCP_SILENCE).keepalives_retries(3);
        config
    }

    /// A connection and the future that drives it.
    pub(super) async fn open(&self) -> Result<(Client, Connection<Socket, NoTlsStream>), ConnectError> {
        self.check()?;
        tokio::time::timeout(self.connect_timeout, self.config().connect(NoTls))
            .await
            .map_err(|_| ConnectError::Timeout(self.connect_timeout))?
            .map_err(ConnectError::Connect)
    }

    /// A connection that the current runtime drives.
    pub async fn connect(&self) -> Result<Client, ConnectError> {
        let (client, connection) = self.open().await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a database connection ended");
            }
        });
        Ok(client)
    }
}

/// Refuses a server that could lose what it acknowledged.
pub(super) async fn check_durability(client: &Client) -> Result<(), ConnectError> {
    for setting in ["fsync", "synchronous_commit"] {
        let row = client.query_one("SELECT current_setting($1)", &[&setting]).await.map_err(ConnectError::Ask)?;
        if row.get::<_, &str>(0) == "off" {
            return Err(ConnectError::NotDurable { setting });
        }
    }
    Ok(())
}

/// Whether an error of the server says that it is going away, or coming up, rather than refusing what was asked.
pub(super) fn means_away(code: &SqlState) -> bool {
    [
        &SqlState::ADMIN_SHUTDOWN,
        &SqlState::CRASH_SHUTDOWN,
        &SqlState::CANNOT_CONNECT_NOW,
        &SqlState::TOO_MANY_CONNECTIONS,
        &SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        &SqlState::READ_ONLY_SQL_TRANSACTION, // a failover in progress
    ]
    .contains(&code)
}

/// Whether an error says that the server cannot do now what was asked, of whatever order: it is short of something (53),
/// a statement took too long or was cancelled, or its files are out of reach (58).
pub(super) fn means_short(code: &SqlState) -> bool {
    ["53", "58"].iter().any(|class| code.code().starts_with(class)) || *code == SqlState::QUERY_CANCELED
}

/// Whether an error lies with the connection, a lock, a timeout or the server's resources (classes 08, 40, 53, 55, 57,
/// 58), and not with what was asked: the same may be taken a moment later.
pub(super) fn is_no_fault_of_what_was_asked(code: &SqlState) -> bool {
    ["08", "40", "53", "55", "57", "58"].iter().any(|class| code.code().starts_with(class))
}

/// The database's clock: its last reading, plus the monotonic time since. It stamps events; it decides nothing.
#[derive(Debug)]
pub struct DatabaseClock {
    /// Microseconds since 1970 at `origin`.
    base_us: AtomicI64,
    origin: Instant,
}

const NOW_US: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

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

/// Asks the database each second whether it is there and what time it is, as long as the store lives.
pub(super) async fn probe(store: Weak<PgStore>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(store) = store.upgrade() else { return };
        if store.pool.is_closed() {
            return;
        }
        let clock = Arc::clone(&store.clock);
        let asked = tokio::time::timeout(Duration::from_secs(2), async {
            let client = store.pool.get().await.map_err(|error| error.to_string())?;
            clock.reread(&client).await.map_err(|error| error.to_string())?;
            let waiting = client.query_one(ATTENTION, &[]).await.map_err(|error| error.to_string())?;
            store.metrics.attention.set(waiting.get(0));
            Ok::<(), String>(())
        });
        let answer = match asked.await {
            Ok(answer) => answer,
            Err(_) => Err("no answer within 2 s".to_owned()),
        };
        let was = store.healthy.swap(answer.is_ok(), Ordering::Relaxed);
        match answer {
            Ok(()) if !was => tracing::info!("the database answers again"),
            Err(error) if was => tracing::warn!(error, "the database does not answer"),
            Ok(()) | Err(_) => {}
        }
    }
}

/// Orders of which something is left to be done.
const IN_FLIGHT: &str = "SELECT count(*) FROM order_work";

/// How many times longer than the count took the next one waits: it reads all that there are.
const COUNT_SHARE: u32 = 99;

/// Counts the orders in flight, as long as the store lives: each second, or as often as a hundredth of the time allows.
pub(super) async fn count(store: Weak<PgStore>) {
    loop {
        let Some(store) = store.upgrade() else { return };
        if store.pool.is_closed() {
            return;
        }
        let mut pause = Duration::from_secs(1);
        if let Ok(client) = store.pool.get().await {
            let began = Instant::now();
            if let Ok(row) = client.query_one(IN_FLIGHT, &[]).await {
                store.metrics.in_flight.set(row.get(0));
                pause = pause.max(began.elapsed() * COUNT_SHARE);
            }
        }
        drop(store);
        tokio::time::sleep(pause).await;
    }
}
