//! What every connection goes through before anything is asked on it, whoever opens it: what a session can set is set,
//! and then the server is asked whether that took, and whether it may be trusted at all.
//!
//! Three races shaped this. A role's or a database's own setting (or a connection pooler that drops what it does not
//! know) may win over what was asked for, so that nothing is believed that was not read back in the next transaction.
//! After a switchover the address of the database may lead to the old primary for minutes, as a standby or read only,
//! and later again: so every new connection is asked, and not the first one alone. And an old primary that was left
//! behind, and still runs, knows nothing of what its successor acknowledged: whatever meets the newer timeline has every
//! connection to the older one given up ([`Trust`]), and a row that is not there is believed only where the same
//! statement says that its server may know ([`is_absent`]).
//!
//! What nobody can see from here: an old primary that takes writes, as long as no connection has met its successor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use deadpool_postgres::{ClientWrapper, Transaction};
use tokio::sync::watch;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, GenericClient, Row, SimpleQueryMessage, SimpleQueryRow};

use super::connection::{ConnectError, Target};
use super::errors::with_causes;
use super::planner::Purpose;
use super::read_error;
use crate::limits;
use crate::ports::StoreError;

/// The timeline that a primary writes: each promotion begins another one, with a higher number. A checkpoint tells of it
/// late, the name of the file that is written to at once.
const TIMELINE: &str = "CASE WHEN NOT pg_is_in_recovery() \
    THEN ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END";

/// The same where the server does not say.
const NO_TIMELINE: &str = "NULL::bigint";

/// Never weakened: what loses an acknowledged order with the server, or with its disk alone where a standby was to have
/// it, is raised; anything stronger stays, and follows the server's configuration as before.
const RAISE_SYNCHRONOUS_COMMIT: &str = "CASE WHEN current_setting('synchronous_commit') = 'off' \
    OR current_setting('synchronous_commit') = 'local' AND current_setting('synchronous_standby_names') <> '' \
    THEN set_config('synchronous_commit', 'on', false) END";

/// What orders rest on beside tables: a function in PL/pgSQL, whose library a server loads when a session first calls
/// it. Under a server whose files were replaced that fails, for every order, while plain reads go on.
///
/// And what its events are published by: the epoch of the history that this server writes (migration 0010).
pub(super) const WORKS: &str = "SELECT counterfoil_assert(true, '00000', ''), counterfoil_enter()";

/// What an engine has learned of the servers that its connections met; shared by all of them.
#[derive(Debug, Clone)]
pub(super) struct Trust(Arc<Met>);

#[derive(Debug)]
struct Met {
    origin: Instant,
    /// When something last cast doubt on the connections, in microseconds since `origin`; 0 where nothing did.
    doubted_us: AtomicU64,
    /// The highest timeline; 0 where none was told.
    highest: watch::Sender<i64>,
    /// Whether the server does not tell its timeline.
    is_blind: AtomicBool,
}

impl Trust {
    pub(super) fn new() -> Self {
        Self(Arc::new(Met {
            origin: Instant::now(),
            doubted_us: AtomicU64::new(0),
            highest: watch::Sender::new(0),
            is_blind: AtomicBool::new(false),
        }))
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.0.origin).as_micros()).unwrap_or(u64::MAX)
    }

    /// Something happened to one connection that may be true of all: each is looked at again before its next use.
    pub(super) fn doubt(&self) {
        self.0.doubted_us.fetch_max(self.micros(Instant::now()).max(1), Ordering::SeqCst);
    }

    /// Whether there was doubt since a connection was last looked at.
    pub(super) fn doubts(&self, since: Instant) -> bool {
        let doubted = self.0.doubted_us.load(Ordering::SeqCst);
        doubted > 0 && self.micros(since) <= doubted
    }

    /// A server writes this timeline. An older one than was met before is refused; a newer one ends whatever is
    /// connected to an older one.
    fn meet(&self, timeline: i64) -> Result<(), ConnectError> {
        let mut met = 0;
        self.0.highest.send_if_modified(|highest| {
            met = *highest;
            *highest = met.max(timeline);
            timeline > met
        });
        if timeline > met && met > 0 {
            tracing::warn!(timeline, before = met, "a newer timeline: the older one's connections are given up");
            self.doubt();
        }
        if timeline < met { Err(ConnectError::OlderTimeline { found: timeline, met }) } else { Ok(()) }
    }

    /// Ends when a newer timeline than this one was met; never, where it is not known.
    pub(super) async fn overtaken(self, timeline: Option<i64>) {
        let mut highest = self.0.highest.subscribe();
        let Some(timeline) = timeline else { return std::future::pending().await };
        if highest.wait_for(|highest| *highest > timeline).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    fn timeline_sql(&self) -> &'static str {
        if self.0.is_blind.load(Ordering::Relaxed) { NO_TIMELINE } else { TIMELINE }
    }

    /// The columns by which a server vouches for what it says beside them.
    fn voucher(&self) -> String {
        format!("pg_is_in_recovery(), current_setting('transaction_read_only') = 'on', {}", self.timeline_sql())
    }

    /// Reads a voucher whose columns begin at `first`.
    fn accept(&self, row: &Row, first: usize) -> Result<(), ConnectError> {
        self.judge(row.get(first), row.get(first + 1), row.get(first + 2))
    }

    /// Whether a server that says this may know all that was acknowledged.
    fn judge(&self, in_recovery: bool, read_only: bool, timeline: Option<i64>) -> Result<(), ConnectError> {
        if in_recovery {
            return Err(ConnectError::Standby);
        }
        if read_only {
            return Err(ConnectError::ReadOnly);
        }
        timeline.map_or(Ok(()), |timeline| self.meet(timeline))
    }

    /// The server's own word, on this connection and in this transaction, that what it does not have is not there.
    pub(super) async fn vouch(&self, client: &(impl GenericClient + Sync)) -> Result<(), StoreError> {
        let row = client.query_one(&format!("SELECT {}", self.voucher()), &[]).await;
        self.believe(&row.map_err(|error| read_error(&error))?, 0)
    }

    /// Reads a voucher; without it what stands beside it is no answer.
    pub(super) fn believe(&self, row: &Row, first: usize) -> Result<(), StoreError> {
        self.accept(row, first).map_err(|error| StoreError::Unavailable(with_causes(&error)))
    }

    /// A statement whose first column is this expression, with the server's voucher behind it.
    pub(super) fn vouched(&self, expression: &str) -> String {
        format!("SELECT {expression}, {}", self.voucher())
    }
}

/// Whether what a read did not find is not there: asked again, in one statement with the server's word that it may know.
/// `false` where it has appeared since.
pub(super) async fn is_absent(
    client: &deadpool_postgres::ClientWrapper,
    trust: &Trust,
    rows: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<bool, StoreError> {
    let sql = trust.vouched(&format!("EXISTS ({rows})"));
    let statement = client.prepare_cached(&sql).await.map_err(|error| read_error(&error))?;
    let row = client.query_one(&statement, parameters).await.map_err(|error| read_error(&error))?;
    if row.get(0) {
        return Ok(false);
    }
    trust.believe(&row, 1)?;
    Ok(true)
}

/// Sets what a session can set, and checks in the same round trip, but in the next transaction, that it took, and that
/// the server is one to be trusted; its timeline, where it tells. Bounded by the time that a connection may take.
pub(super) async fn prepare(target: &Target, client: &Client) -> Result<Option<i64>, ConnectError> {
    let (set, settings) = set_sql(target);
    let asked = async {
        let check = check_sql(&settings, target.trust.timeline_sql());
        let (echoed, found) = futures_util::future::join(client.simple_query(&set), client.simple_query(&check)).await;
        let echoed = match echoed {
            Ok(echoed) => echoed,
            Err(error) => {
                // Where it is a setting of the planner that the server does not take, its key is told.
                if error.code().is_some() {
                    target.planner.check(&[Purpose::Every], client).await?;
                }
                return Err(ConnectError::Ask(error));
            }
        };
        let found = match found {
            Err(error) if !target.trust.0.is_blind.load(Ordering::Relaxed) && does_not_tell(&error) => {
                tracing::warn!(%error, "the server does not tell its timeline: an old primary cannot be told from a new one");
                target.trust.0.is_blind.store(true, Ordering::Relaxed);
                client.simple_query(&check_sql(&settings, NO_TIMELINE)).await
            }
            found => found,
        };
        Ok::<_, ConnectError>((echoed, found.map_err(ConnectError::Ask)?))
    };
    let (echoed, found) = tokio::time::timeout(target.connect_timeout, asked)
        .await
        .map_err(|_| ConnectError::Silent(target.connect_timeout))??;
    let (echoed, found) = (first_row(&echoed)?, first_row(&found)?);
    for (index, (name, _)) in settings.iter().enumerate() {
        let (wanted, found) = (echoed.get(index).unwrap_or_default(), found.get(index).unwrap_or_default());
        if wanted != found {
            let (setting, wanted, found) = (name.clone(), wanted.to_owned(), found.to_owned());
            return Err(ConnectError::NotTaken { setting, wanted, found });
        }
    }
    facts(target, found, settings.len())
}

/// Asks a connection that was prepared once whether its server is still to be trusted.
pub(super) async fn check(target: &Target, client: &Client) -> Result<(), ConnectError> {
    let sql = check_sql(&[], target.trust.timeline_sql());
    let found = tokio::time::timeout(target.connect_timeout, client.simple_query(&sql))
        .await
        .map_err(|_| ConnectError::Silent(target.connect_timeout))?
        .map_err(ConnectError::Ask)?;
    facts(target, first_row(&found)?, 0).map(drop)
}

/// What a server must say of itself. Its columns begin at `first`.
fn facts(target: &Target, row: &SimpleQueryRow, first: usize) -> Result<Option<i64>, ConnectError> {
    let text = |index: usize| row.get(first + index).unwrap_or_default();
    let timeline = row.get(first + 6).and_then(|timeline| timeline.parse().ok());
    target.trust.judge(text(0) == "t", text(1) == "on", timeline)?;
    if text(2) != "read committed" {
        let (setting, wanted) = ("transaction_isolation".to_owned(), "read committed".to_owned());
        return Err(ConnectError::NotTaken { setting, wanted, found: text(2).to_owned() });
    }
    if text(3) == "off" {
        return Err(ConnectError::NotDurable { setting: "fsync" });
    }
    if text(4) == "off" || text(4) == "local" && text(5) == "t" {
        return Err(ConnectError::NotDurable { setting: "synchronous_commit" });
    }
    Ok(timeline)
}

/// Whether an error says that the server has no timeline to tell, or not to us.
fn does_not_tell(error: &tokio_postgres::Error) -> bool {
    let codes = [&SqlState::INSUFFICIENT_PRIVILEGE, &SqlState::UNDEFINED_FUNCTION, &SqlState::FEATURE_NOT_SUPPORTED];
    error.code().is_some_and(|code| codes.contains(&code))
}

fn first_row(messages: &[SimpleQueryMessage]) -> Result<&SimpleQueryRow, ConnectError> {
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    row.ok_or(ConnectError::Lost)
}

/// The statement that sets, and the settings in the order of its columns. What the URI's `options` ask for is set here
/// too, since a pooler may have swallowed them; ours win over them, as ever.
fn set_sql(target: &Target) -> (String, Vec<(String, String)>) {
    let ours = ours(target);
    let given = given_options(&target.options());
    let (mut columns, mut settings) = (Vec::new(), Vec::new());
    let mut synchronous = Vec::new();
    for (name, value) in given.into_iter().rev() {
        let known = |(other, _): &(String, String)| other.eq_ignore_ascii_case(&name);
        if ours.iter().any(known) || settings.iter().any(known) {
            continue;
        }
        let (quoted, wanted) = (literal(&name), literal(&value));
        if name.eq_ignore_ascii_case("synchronous_commit") {
            synchronous.insert(0, format!("set_config({quoted}, {wanted}, false)")); // it may be raised after that
            continue;
        }
        // Some can be set at a connection's start alone: where they took there, they are left.
        columns.push(format!(
            "CASE WHEN current_setting({quoted}, true) IS DISTINCT FROM {wanted} \
             THEN set_config({quoted}, {wanted}, false) ELSE {wanted} END"
        ));
        settings.push((name, value));
    }
    for (name, value) in ours {
        columns.push(format!("set_config({}, {}, false)", literal(&name), literal(&value)));
        settings.push((name, value));
    }
    columns.extend(synchronous);
    columns.push(RAISE_SYNCHRONOUS_COMMIT.to_owned());
    (format!("SELECT {}", columns.join(", ")), settings)
}

/// A transaction of several round trips on a connection that is no committer's: should this engine stand still in the midst of
/// it, the server ends it as soon as a commit ([`limits::COMMIT_PAUSE`]), so that what it has locked is held up no longer.
pub(super) async fn begin(client: &mut ClientWrapper) -> Result<Transaction<'_>, Error> {
    let transaction = client.transaction().await?;
    let pause = limits::COMMIT_PAUSE.as_millis();
    transaction.batch_execute(&format!("SET LOCAL idle_in_transaction_session_timeout = {pause}")).await?;
    Ok(transaction)
}

/// A statement's time is bounded, and so is a transaction that was left open, since either would hold locks and the
/// snapshot horizon; a connection that lies idle is ours to end. All that is asked on these connections is read by key,
/// whatever the planner knows of the tables ([`planner`](super::planner)).
fn ours(target: &Target) -> Vec<(String, String)> {
    let timeout_ms = target.statement_timeout.as_millis();
    let bounds = [
        ("statement_timeout", timeout_ms.to_string()),
        ("idle_in_transaction_session_timeout", (timeout_ms * 2).to_string()),
        ("idle_session_timeout", "0".to_owned()),
        ("lock_timeout", limits::LOCK_PATIENCE.as_millis().to_string()),
        ("TimeZone", "UTC".to_owned()),
        ("default_transaction_isolation", "read committed".to_owned()),
    ];
    let plans = target.planner.of(Purpose::Every).map(|(name, value)| (name, value.to_owned()));
    bounds.into_iter().chain(plans).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What is asked of every connection; [`facts`] reads what stands behind the settings.
fn check_sql(settings: &[(String, String)], timeline: &str) -> String {
    let settings: String = settings.iter().map(|(name, _)| format!("current_setting({}), ", literal(name))).collect();
    format!(
        "SELECT {settings}pg_is_in_recovery(), current_setting('transaction_read_only'), \
         current_setting('transaction_isolation'), current_setting('fsync'), current_setting('synchronous_commit'), \
         current_setting('synchronous_standby_names') <> '', {timeline}"
    )
}

/// A text of SQL, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

/// The settings among the `options` of a URI, by the rules of the server: words apart by blanks, a backslash before a
/// blank that belongs to one; `-c name=value` or `--name=value`, where a dash in a name is an underscore. Whatever else
/// stands there is left to the server.
fn given_options(options: &str) -> Vec<(String, String)> {
    let mut words: Vec<String> = Vec::new();
    let (mut word, mut inside, mut escaped) = (String::new(), false, false);
    for letter in options.chars() {
        match letter {
            _ if escaped => {
                word.push(letter);
                escaped = false;
            }
            '\\' => (inside, escaped) = (true, true),
            blank if blank.is_ascii_whitespace() => {
                if inside {
                    words.push(std::mem::take(&mut word));
                }
                inside = false;
            }
            letter => {
                word.push(letter);
                inside = true;
            }
        }
    }
    if inside {
        words.push(word);
    }
    let mut found = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let setting = match (word.strip_prefix("--"), word.strip_prefix("-c")) {
            (Some(setting), _) => Some(setting.to_owned()),
            (None, Some("")) => words.next(),
            (None, Some(setting)) => Some(setting.to_owned()),
            (None, None) => None,
        };
        if let Some((name, value)) = setting.as_deref().and_then(|setting| setting.split_once('=')) {
            found.push((name.replace('-', "_"), value.to_owned()));
        }
    }
    found
}

/// Which connection is asked, each time for the server process behind it. Where sessions are shared between
/// transactions, either a connection's process changes, or two connections that are open at once have the same one:
/// the latter where the process that was used last is taken first, the former where they take turns, even two of them.
const ASKED: [usize; 8] = [0, 0, 1, 0, 1, 1, 0, 1];

/// Refuses a connection pooler that gives each transaction another session (PgBouncer's `transaction` and `statement`):
/// prepared statements, settings, LISTEN and advisory locks are a session's. Nothing is set meanwhile, since that would
/// stay behind in sessions of others.
pub(super) async fn refuse_shared(target: &Target) -> Result<(), ConnectError> {
    let (mut clients, mut drivers) = (Vec::new(), Vec::new());
    for _ in 0..2 {
        let (client, connection) = target.dial().await?;
        clients.push(client);
        drivers.push(tokio::spawn(connection));
    }
    let ask = async {
        let mut processes: [Option<String>; 2] = [None, None];
        for which in ASKED {
            let Some(client) = clients.get(which) else { continue };
            let answer = client.simple_query("SELECT pg_backend_pid()").await.map_err(ConnectError::Ask)?;
            let process = first_row(&answer)?.get(0).map(str::to_owned);
            let [one, other] = &mut processes;
            let (mine, its) = if which == 0 { (one, &*other) } else { (other, &*one) };
            if mine.is_some() && *mine != process || *its == process {
                return Err(ConnectError::Shared);
            }
            *mine = process;
        }
        Ok(())
    };
    let found = tokio::time::timeout(target.connect_timeout, ask).await;
    drop(clients);
    for driver in drivers {
        driver.abort();
    }
    found.map_err(|_| ConnectError::Silent(target.connect_timeout))?
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn options_are_read_as_the_server_reads_them() {
        let given = |options: &str| given_options(options);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(given("-c search_path=shop"), [pair("search_path", "shop")]);
        assert_eq!(given("-csearch_path=a,b  --work-mem=4MB"), [pair("search_path", "a,b"), pair("work_mem", "4MB")]);
        assert_eq!(given(r"-c application_name=a\ b\\c"), [pair("application_name", r"a b\c")]);
        assert_eq!(given("-B 100 -c x=1=2"), [pair("x", "1=2")]);
        assert!(given("").is_empty() && given("-c").is_empty() && given("-c x").is_empty());
    }

    #[test]
    fn ours_win_over_what_is_given() {
        let url = "postgres://u@h/d?options=-c%20STATEMENT_TIMEOUT%3D1%20-c%20search_path%3Da%20-c%20search_path%3Db";
        let (sql, settings) = set_sql(&Target::new(url));
        let names: Vec<_> = settings.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "search_path");
        assert_eq!(settings[0].1, "b", "the last one wins, as at the server");
        assert_eq!(names.iter().filter(|name| name.eq_ignore_ascii_case("statement_timeout")).count(), 1);
        assert!(sql.contains("set_config(E'statement_timeout', E'10000', false)"), "{sql}");
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        assert_eq!(literal(r"a'b\"), r"E'a''b\\'");
    }

    #[test]
    fn who_is_not_a_primary_of_the_newest_timeline_does_not_vouch() {
        let trust = Trust::new();
        assert!(trust.judge(false, false, None).is_ok(), "a server that tells no timeline is believed");
        assert!(matches!(trust.judge(true, true, None), Err(ConnectError::Standby)));
        assert!(matches!(trust.judge(false, true, Some(1)), Err(ConnectError::ReadOnly)));
        assert!(trust.judge(false, false, Some(3)).is_ok());
        assert!(trust.judge(false, false, Some(3)).is_ok());
        let older = trust.judge(false, false, Some(2));
        assert!(matches!(older, Err(ConnectError::OlderTimeline { found: 2, met: 3 })), "{older:?}");
    }

    #[test]
    fn a_newer_timeline_casts_doubt_on_all_that_stood_before() {
        let trust = Trust::new();
        let before = Instant::now();
        trust.meet(1).unwrap();
        assert!(!trust.doubts(before), "the first one is no surprise");
        trust.meet(2).unwrap();
        assert!(trust.doubts(before));
        assert!(!trust.doubts(Instant::now() + Duration::from_millis(1)));
    }

    #[tokio::test]
    async fn a_connection_to_an_older_timeline_is_overtaken() {
        let trust = Trust::new();
        trust.meet(1).unwrap();
        let overtaken = tokio::spawn(trust.clone().overtaken(Some(1)));
        trust.meet(2).unwrap();
        overtaken.await.unwrap();
        trust.clone().overtaken(Some(1)).await;
    }
}
