//! The audit: every promise of the engine, checked from the rows alone, with the offenders named.
//!
//! It guarantees three things. **It is independent**: it trusts no constraint, no index (it scans tables), and nothing
//! that the engine decides: the saga is replayed, and its answers are written, by a table of its own ([`orders`]). What
//! it takes of the engine's code are words (names of states and actions, forms of ids), limits, and how the keys of
//! calls are derived: that is what rows and ledgers hold. **It is consistent on a live system**: all promises are
//! judged on one snapshot. **It disturbs nobody**: its transaction is read-only and never has a transaction id, since
//! an open writer would hold back `pg_snapshot_xmin`, and with it every relay of events. That is why it works without
//! temporary tables, which would give it one.
//!
//! PostgreSQL before 16 cannot ask whether a text is JSON without an error, and an error would end the transaction. So
//! two helpers are made in the session's temporary schema first, and dropped at the end; a session that breaks takes
//! them along. No permanent object is ever written, but the role needs the TEMPORARY privilege, and a hot standby
//! cannot be audited.
//!
//! A promise is judged only where its evidence can be read: what cannot be read is an offender of the promise that it
//! can, so that one broken row is told once, under the name that helps.

pub mod ledger;
pub mod orders;
mod promises;
pub mod vouched;

use std::collections::HashSet;
use std::path::PathBuf;

use serde::Serialize;
use tokio_postgres::{Client, IsolationLevel, Transaction};

use super::connection::ConnectError;
use super::schema;
use crate::limits::{AUDIT_OFFENDERS, AUDIT_STAMP_SKEW, AUDIT_STATEMENT_TIMEOUT, AUDIT_STUCK};
use ledger::{Ledger, LedgerError};
use promises::{GROUPS, Group};
use vouched::Vouched;

/// What an audit found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every promise holds.
    pub ok: bool,
    /// Each promise, always the same ones in the same order.
    pub promises: Vec<Finding>,
    /// What is so by an operator's word: it breaks no promise, and no promise speaks for it.
    pub vouched: Vouched,
    /// What is gone: of it check values stand for what the events led to, and nothing for each of them.
    pub pruned: Pruned,
}

/// Histories of which the beginning, or all, was pruned. What no audit can prove any more of that part: that each event was
/// as it should be, that no version was written twice, and in which order they were. What they led to is proved, and all
/// that came later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// How many orders lost events to pruning.
    pub orders: i64,
    /// So many events are gone.
    pub events: i64,
    /// When the latest of them was decided: RFC 3339.
    pub decided_until: Option<String>,
}

impl Pruned {
    fn add(&mut self, events: i64, decided_at: Option<String>) {
        self.orders += 1;
        self.events = self.events.saturating_add(events);
        self.decided_until = decided_at.max(self.decided_until.take()); // of one form, so that texts compare as times
    }
}

/// What an audit found about one promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The promise, in snake_case: stable.
    pub name: &'static str,
    /// Whether nothing breaks it.
    pub holds: bool,
    /// How many rows it was asked of.
    pub checked: i64,
    /// How many offenders there are.
    pub broken: i64,
    /// The first [`AUDIT_OFFENDERS`] of them in bytewise order: order ids, SKUs, or `client route key` of a key.
    pub offenders: Vec<String>,
}

/// Why there is no report. Nothing is known of the promises then.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The schema is not the one that this program was built for.
    #[error("cannot audit this database")]
    Schema(#[source] Box<ConnectError>),
    /// The session's helpers could not be made.
    #[error("cannot prepare the audit: it needs the TEMPORARY privilege on the database, and a primary server")]
    Prepare(#[source] tokio_postgres::Error),
    /// The transaction could not be begun.
    #[error("cannot begin the audit's transaction")]
    Begin(#[source] tokio_postgres::Error),
    /// Promises that are judged together could not be.
    #[error("cannot check {promises}")]
    Check {
        /// The promises, joined by commas.
        promises: String,
        /// What the database says.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The ledger could not be read.
    #[error("cannot read the ledger")]
    Ledger(#[from] LedgerError),
    /// The transaction could not be ended, or the helpers not be dropped.
    #[error("cannot end the audit")]
    End(#[source] tokio_postgres::Error),
}

/// The names of the promises, in the order of a report.
pub fn promise_names() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().flat_map(|group| group.promises).map(|promise| promise.name)
}

/// Checks every promise on one snapshot of the database that `client` is connected to, in the schema that its
/// search_path names. Safe on a live system. A million orders took 225 s on two busy cores while SQL judged all of it.
/// What is judged order by order is asked of PostgreSQL as one sorted stream, which took it 29 s for 300,000 orders of
/// four commits each, on two cores that ten others were at work on.
pub async fn audit(client: &mut Client) -> Result<Report, AuditError> {
    audit_beside(client, None).await
}

/// As [`audit`], and checks the promises about the ledgers of remote participants, one or several, on the same snapshot.
/// Blocks the thread while it reads the files; see [`ledger`] for what a live system can be held to. Gives back what was left
/// out of the ledgers, to be told to people, as well.
pub async fn audit_with_ledgers(client: &mut Client, paths: &[PathBuf]) -> Result<(Report, Vec<String>), AuditError> {
    let before = ledger::before(client).await.map_err(AuditError::Begin)?;
    let read = Ledger::read_all(paths)?;
    let report = audit_beside(client, Some((&read, &before))).await?;
    Ok((report, read.notes().to_vec()))
}

async fn audit_beside(client: &mut Client, beside: Beside<'_>) -> Result<Report, AuditError> {
    schema::check(client).await.map_err(|error| AuditError::Schema(Box::new(error)))?;
    client.batch_execute(promises::PREPARE).await.map_err(AuditError::Prepare)?;
    let report = on_one_snapshot(client, beside).await;
    let dropped = client.batch_execute(promises::DROP).await;
    let report = report?;
    dropped.map_err(AuditError::End)?;
    Ok(report)
}

/// A ledger, and what was done before it was read.
type Beside<'a> = Option<(&'a Ledger, &'a ledger::Before)>;

async fn on_one_snapshot(client: &mut Client, beside: Beside<'_>) -> Result<Report, AuditError> {
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await
        .map_err(AuditError::Begin)?;
    let report = Auditor { transaction: &transaction }.report(beside).await?;
    if cfg!(debug_assertions) {
        let sql = "SELECT pg_current_xact_id_if_assigned() IS NULL";
        let none: bool = transaction.query_one(sql, &[]).await.map_err(AuditError::End)?.get(0);
        assert!(none, "the audit has a transaction id, with which it holds back the relays");
    }
    transaction.rollback().await.map_err(AuditError::End)?;
    Ok(report)
}

/// The audit inside of a transaction that somebody else began: it sees what that one wrote.
pub struct Auditor<'a> {
    transaction: &'a Transaction<'a>,
}

impl<'a> Auditor<'a> {
    /// Makes the helpers in the transaction; they end with it.
    pub async fn within(transaction: &'a Transaction<'a>) -> Result<Self, AuditError> {
        transaction.batch_execute(promises::PREPARE).await.map_err(AuditError::Prepare)?;
        transaction.batch_execute(&settings()).await.map_err(AuditError::Begin)?;
        Ok(Self { transaction })
    }

    /// The first promise that is found broken, with an offender; `None` where all hold. Stops there.
    pub async fn first_broken(&self) -> Result<Option<(&'static str, String)>, AuditError> {
        let judged = self.order_by_order(&HashSet::new()).await?;
        if let Some((promise, offender)) = judged.first() {
            return Ok(Some((promise, offender.to_owned())));
        }
        for group in GROUPS {
            let findings = self.group(group).await?;
            if let Some(broken) = findings.into_iter().find(|finding| !finding.holds) {
                return Ok(Some((broken.name, broken.offenders.into_iter().next().unwrap_or_default())));
            }
        }
        Ok(None)
    }

    async fn report(&self, beside: Beside<'_>) -> Result<Report, AuditError> {
        self.transaction.batch_execute(&settings()).await.map_err(AuditError::Begin)?;
        let mut findings = Vec::new();
        for group in GROUPS {
            findings.extend(self.group(group).await?);
        }
        let named = findings.iter().flat_map(|finding| finding.offenders.iter().cloned()).collect();
        let mut judged = self.order_by_order(&named).await?;
        judged.merge(&mut findings);
        if let Some((read, before)) = beside {
            let checked = ledger::check(self.transaction, read, before).await;
            let checked = checked.map_err(|source| failed(ledger::promise_names(), source))?;
            findings.extend(checked.findings);
            for (order_id, told) in checked.against {
                judged.vouched.contradict(&order_id, told);
            }
        }
        let ok = findings.iter().all(|finding| finding.holds);
        Ok(Report { ok, promises: findings, vouched: judged.vouched, pruned: judged.pruned })
    }

    async fn group(&self, group: &Group) -> Result<Vec<Finding>, AuditError> {
        let names = group.promises.iter().map(|promise| promise.name);
        check(self.transaction, group).await.map_err(|source| failed(names, source))
    }

    async fn order_by_order(&self, named: &HashSet<String>) -> Result<orders::Judged, AuditError> {
        orders::judge(self.transaction, named).await.map_err(|source| failed(["every order by its events"], source))
    }
}

fn failed(names: impl IntoIterator<Item = &'static str>, source: tokio_postgres::Error) -> AuditError {
    AuditError::Check { promises: names.into_iter().collect::<Vec<_>>().join(", "), source }
}

/// No parameters, of a type that `query_raw` takes.
fn none() -> std::iter::Empty<i32> {
    std::iter::empty()
}

/// The transaction's own settings. Indexes are what an audit may not trust: a broken one shows rows that the table has
/// not, or hides some. Nested loops are what a planner likes that takes laws for rare filters, and what a million orders
/// cannot afford. Hashes and sorts of whole tables want memory, and no compiler; one core, so that the orders keep
/// the others.
fn settings() -> String {
    format!(
        "SET LOCAL statement_timeout = {};
         SET LOCAL enable_indexscan = off;
         SET LOCAL enable_indexonlyscan = off;
         SET LOCAL enable_bitmapscan = off;
         SET LOCAL enable_nestloop = off;
         SET LOCAL max_parallel_workers_per_gather = 0;
         SET LOCAL work_mem = '64MB';
         SET LOCAL jit = off;
         SET LOCAL counterfoil.stuck_s = {};
         SET LOCAL counterfoil.stamp_skew_s = {};",
        AUDIT_STATEMENT_TIMEOUT.as_millis(),
        AUDIT_STUCK.as_secs(),
        AUDIT_STAMP_SKEW.as_secs(),
    )
}

/// Judges a group of promises by one statement: each gives its offenders, which are counted, and the first ones named.
async fn check(transaction: &Transaction<'_>, group: &Group) -> Result<Vec<Finding>, tokio_postgres::Error> {
    let (mut with, mut columns) = (Vec::new(), Vec::new());
    if !group.with.is_empty() {
        with.push(group.with.to_owned());
    }
    for (index, promise) in group.promises.iter().enumerate() {
        with.push(format!(
            "found_{index} AS MATERIALIZED (
                 SELECT DISTINCT coalesce(offender, '(null)') COLLATE \"C\" AS offender FROM ({}) AS offenders
             )",
            promise.offenders
        ));
        columns.push(format!(
            "({})::bigint,
             (SELECT count(*) FROM found_{index}),
             ARRAY(SELECT offender FROM found_{index} ORDER BY offender LIMIT {AUDIT_OFFENDERS})",
            promise.checked
        ));
    }
    let sql = format!("WITH RECURSIVE {} SELECT {}", with.join(", "), columns.join(", "));
    let row = transaction.query_one(&sql, &[]).await?;
    let findings = group.promises.iter().enumerate().map(|(index, promise)| {
        let broken: i64 = row.try_get(3 * index + 1)?;
        Ok(Finding {
            name: promise.name,
            holds: broken == 0,
            checked: row.try_get(3 * index)?,
            broken,
            offenders: row.try_get(3 * index + 2)?,
        })
    });
    findings.collect()
}
