//! `counterfoil preflight`: whether this program, put to a database that another one wrote, goes on with every order
//! as that one would have. It reads only, and the schema may be an older one: nothing is migrated.
//!
//! What is asked is what this program would do, and so it is this program's own code that answers: an order's rows are
//! read by the statement and the reading of the engine (`rows`), its history is folded by `evolve`, and what is to be
//! done next is what `due` says. (The [audit](super::audit) is the other eye: it trusts none of that.) Compared are
//! every field of the order, the stored answer byte for byte, the request's fingerprint, by which repeats are known,
//! and the row that says who takes it up.
//!
//! It guarantees three things on a live database. **No false alarm**: the orders of a page, their histories and their
//! work are read in one snapshot; whatever was committed, was so whole. **Nobody waits for it**: each page is a
//! read-only transaction of some milliseconds, without a transaction id, which would hold back the relays, and without
//! a lock that orders want; where somebody changes a table it lets go, and comes again. **Bounded memory**: a page of
//! orders, and a part of their commits.

mod compare;
mod shape;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, IsolationLevel, Row, Transaction};

use super::rows::{self, ORDER_COLUMNS, ORDER_TABLES};
use super::schema::{self, Met};
use super::{ConnectError, StoreError};
use crate::limits;
use crate::ports::{Left, StoredEvents, StoredOrder};
use crate::saga::definition::{OWN_STEPS_VERSION, StepKind};
use crate::saga::effect::is_known;
use crate::saga::state::StepStatus;
use crate::saga::{Order, SAGA_VERSION, State, StepName};
use compare::{Fold, WorkRow};
use shape::Shape;

/// What a preflight found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether this program may be put in the other's place as things are.
    pub ok: bool,
    /// This program's version.
    pub program: &'static str,
    /// The schema that it met.
    pub schema: Met,
    /// Orders that were compared.
    pub orders: Compared,
    /// How many of them this program would not go on with as the other one would have.
    pub broken: u64,
    /// The first of those, in the order of their ids, up to [`limits::PREFLIGHT_NAMED`].
    pub offenders: Vec<Offender>,
    /// Orders under a version of the saga that this program does not know, by version; they are among the broken ones.
    pub unknown_sagas: BTreeMap<i16, u64>,
    /// Steps of one's own for which the configuration has no entry, although orders in flight may come to them. `None`
    /// where no configuration was given to be judged.
    pub missing_entries: Option<Vec<MissingEntry>>,
}

/// How many orders were compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// All of them.
    pub compared: u64,
    /// Those that had not ended.
    pub in_flight: u64,
    /// Those whose history is pruned, so that their rows alone were looked at.
    pub pruned: u64,
}

/// An order that this program would not go on with as the other one would have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offender {
    /// The order.
    pub order_id: String,
    /// What differs, each beginning with its name: a field of the order, `history`, `saga`, `answer`, `fingerprint`,
    /// `order_work`, or `row` where it cannot be read.
    pub differs: Vec<String>,
}

/// A step of one's own that orders in flight may come to, and nobody would be there for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingEntry {
    /// Its name.
    pub step: StepName,
    /// How many orders.
    pub orders: u64,
    /// The first of them, up to [`limits::PREFLIGHT_NAMED`].
    pub order_ids: Vec<String>,
}

/// How far it has come, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Orders that were compared.
    pub compared: u64,
    /// How many there are, as the server last estimated; `None` where it never did.
    pub estimated: Option<u64>,
    /// How many are broken so far.
    pub broken: u64,
}

/// Why there is no report. Nothing is known of the orders then.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// There is no schema of ours, or it could not be asked for.
    #[error(transparent)]
    Schema(#[from] ConnectError),
    /// The server could not be told how to treat this session, or not be asked about its tables.
    #[error("cannot begin the preflight")]
    Begin(#[source] Error),
    /// A page of orders could not be read.
    #[error("cannot read the orders behind {after:?}")]
    Page {
        /// The last order before it.
        after: String,
        /// Why.
        #[source]
        source: Error,
    },
    /// What is to be done about orders that are not there could not be read: all others were compared.
    #[error("cannot read which rows of order_work have no order")]
    Orphans(#[source] Error),
}

/// The steps of one's own that a configuration has entries for.
pub type Entries = [(StepName, StepKind)];

/// Compares every order, page by page, with what this program would make of it; `entries` are those of the
/// configuration that it is to run under, where there is one, and `tell` hears how far it has come after each page. See
/// the head of this file for what it guarantees.
///
/// # Errors
///
/// [`PreflightError`] where the database could not be asked: then nothing is known.
pub async fn preflight(
    client: &mut Client,
    entries: Option<&Entries>,
    tell: &mut dyn FnMut(Progress),
) -> Result<Report, PreflightError> {
    let schema = schema::met(client).await?;
    let sql = "SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass('orders')";
    let estimated = client.query_opt(sql, &[]).await.map_err(PreflightError::Begin)?;
    let estimated = estimated.and_then(|row| u64::try_from(row.get::<_, i64>(0)).ok());
    let mut walk = Walk { report: Report::new(schema, entries.is_some()), entries, missing: BTreeMap::new() };
    let mut after = String::new();
    loop {
        let page =
            walk.page(client, &after).await.map_err(|source| PreflightError::Page { after: after.clone(), source })?;
        let Some(last) = page else { break };
        after = last;
        let Report { orders: Compared { compared, .. }, broken, .. } = walk.report;
        tell(Progress { compared, estimated, broken });
    }
    walk.orphans(client).await.map_err(PreflightError::Orphans)?;
    Ok(walk.done())
}

impl Report {
    fn new(schema: Met, has_entries: bool) -> Self {
        Self {
            ok: false,
            program: schema::THIS_BINARY,
            schema,
            orders: Compared::default(),
            broken: 0,
            offenders: Vec::new(),
            unknown_sagas: BTreeMap::new(),
            missing_entries: has_entries.then(Vec::new),
        }
    }
}

/// An order as it was read, in one snapshot.
struct One {
    id: String,
    saga_version: i16,
    in_flight: bool,
    /// Whether its history is gone, or the beginning of it.
    pruned: bool,
    stored: Result<StoredOrder, StoreError>,
    /// Its row of `order_work`, where it has one.
    work: Option<WorkRow>,
    /// Where there is a history, and a saga to fold it under.
    fold: Option<Fold>,
}

impl One {
    fn read(row: &Row) -> Self {
        let stored = rows::order(row);
        let pruned = row.get::<_, Option<i32>>("pruned_to").is_some();
        let known = stored.as_ref().ok().map(|stored| &stored.order).filter(|order| is_known(order) && !pruned);
        let work = row.get::<_, Option<i32>>("work_version");
        Self {
            id: row.get("order_id"),
            saga_version: row.get("saga_version"),
            in_flight: !State::parse(row.get("state")).is_some_and(State::is_terminal),
            pruned,
            work: work.map(|version| WorkRow { version, wakes: row.get("work_wakes") }),
            fold: known.map(Fold::of),
            stored,
        }
    }
}

/// A page of orders, by their ids.
struct Page {
    orders: Vec<One>,
    /// Whether the schema knows what is left to be done.
    has_work: bool,
}

/// A walk over all orders.
struct Walk<'a> {
    report: Report,
    entries: Option<&'a Entries>,
    missing: BTreeMap<StepName, MissingEntry>,
}

/// A transaction that can change nothing, and whose statements all see the same.
async fn snapshot(client: &mut Client) -> Result<Transaction<'_>, Error> {
    let transaction =
        client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await?;
    // The planner is to go by the keys of a page, however little it knows of the tables: to merge two of them would be
    // to read one from its beginning for each page (77 ms where 0.4 do, in the middle of 228,000 orders), and what
    // there is in all tells nothing.
    let settings = format!(
        "SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; SET LOCAL jit = off;
         SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL enable_seqscan = off;
         SET LOCAL enable_mergejoin = off; SET LOCAL enable_hashjoin = off",
        limits::PREFLIGHT_STATEMENT_TIMEOUT.as_millis(),
        limits::PREFLIGHT_LOCK_TIMEOUT.as_millis(),
    );
    transaction.batch_execute(&settings).await?;
    Ok(transaction)
}

/// Whether somebody changes a table just now, or did since it was last looked at; or a standby went on without us.
fn is_passing(error: &Error) -> bool {
    error.code().is_some_and(|code| {
        [
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::UNDEFINED_TABLE,
            SqlState::UNDEFINED_COLUMN,
            SqlState::AMBIGUOUS_COLUMN,
            SqlState::DUPLICATE_COLUMN,
        ]
        .contains(code)
    })
}

/// What a snapshot shows, by `read`; by another one where somebody changes a table, who is let pass.
async fn patiently<T>(
    client: &mut Client,
    mut read: impl AsyncFnMut(&mut Client) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut tries = 1;
    loop {
        match read(client).await {
            Err(error) if is_passing(&error) && tries < limits::PREFLIGHT_TRIES => {
                tries += 1;
                tokio::time::sleep(limits::PREFLIGHT_PAUSE).await;
            }
            read => return read,
        }
    }
}

const EVENTS: &str = "
SELECT order_id, first_version, at, events FROM order_events
WHERE order_id = ANY($1) ORDER BY order_id, first_version";

/// Reads the page behind `after`; the folds of its orders are made as their commits come.
async fn read(client: &mut Client, after: &str) -> Result<Page, Error> {
    let transaction = snapshot(client).await?;
    // Anew for each page, in its snapshot: the schema may be migrated meanwhile.
    let Shape { with, has_work } = Shape::read(&transaction).await?;
    let sql = format!(
        "{with}SELECT {ORDER_COLUMNS}, w.version AS work_version, w.wake_at IS NOT NULL AS work_wakes, g.pruned_to
         FROM {ORDER_TABLES} LEFT JOIN order_work w ON w.order_id = o.order_id
             LEFT JOIN pruned_orders g ON g.order_id = o.order_id
         WHERE o.order_id > $1 ORDER BY o.order_id LIMIT $2"
    );
    let rows = transaction.query(&sql, &[&after, &limits::PREFLIGHT_PAGE]).await?;
    let mut orders: Vec<One> = rows.iter().map(One::read).collect();
    let folded = orders.iter_mut().filter(|order| order.fold.is_some());
    let mut folds: HashMap<String, &mut One> = folded.map(|order| (order.id.clone(), order)).collect();
    let ids: Vec<&str> = folds.keys().map(String::as_str).collect();
    let portal = transaction.bind(EVENTS, &[&ids]).await?;
    loop {
        let part = transaction.query_portal(&portal, limits::PREFLIGHT_COMMITS).await?;
        for row in &part {
            let order = folds.get_mut(row.get::<_, &str>(0));
            if let Some(fold) = order.and_then(|order| order.fold.as_mut()) {
                let (first_version, at, events) = (row.get(1), rows::timestamp(row.get(2)), row.get(3));
                fold.take(&StoredEvents { first_version, at, events });
            }
        }
        if i32::try_from(part.len()) != Ok(limits::PREFLIGHT_COMMITS) {
            break;
        }
    }
    drop(portal);
    if cfg!(debug_assertions) {
        let sql = "SELECT pg_current_xact_id_if_assigned() IS NULL";
        let none: bool = transaction.query_one(sql, &[]).await?.get(0);
        assert!(none, "the preflight has a transaction id, with which it holds back the relays");
    }
    transaction.rollback().await?;
    Ok(Page { orders, has_work })
}

/// Rows of `order_work` whose order is not there.
#[derive(Default)]
struct Orphans {
    /// The first of them, up to [`limits::PREFLIGHT_NAMED`].
    named: Vec<String>,
    /// How many more there are.
    more: u64,
}

/// Reads them, to be named once all of them are known: what was read before it failed is read again.
async fn orphans(client: &mut Client) -> Result<Orphans, Error> {
    let mut orphans = Orphans::default();
    let transaction = snapshot(client).await?;
    if Shape::read(&transaction).await?.has_work {
        let sql = "SELECT w.order_id FROM order_work w
            WHERE NOT EXISTS (SELECT FROM orders o WHERE o.order_id = w.order_id) ORDER BY w.order_id";
        let portal = transaction.bind(sql, &[]).await?;
        loop {
            let part = transaction.query_portal(&portal, limits::PREFLIGHT_COMMITS).await?;
            for row in &part {
                if orphans.named.len() < limits::PREFLIGHT_NAMED {
                    orphans.named.push(row.get(0));
                } else {
                    orphans.more += 1;
                }
            }
            if i32::try_from(part.len()) != Ok(limits::PREFLIGHT_COMMITS) {
                break;
            }
        }
    }
    transaction.rollback().await?;
    Ok(orphans)
}

impl Walk<'_> {
    /// Compares the orders of the page behind `after`; the last of them, or none where there are no more.
    async fn page(&mut self, client: &mut Client, after: &str) -> Result<Option<String>, Error> {
        let Page { orders, has_work } = patiently(client, async |client| read(client, after).await).await?;
        let last = orders.last().map(|order| order.id.clone());
        for order in orders {
            self.order(order, has_work);
        }
        Ok(last)
    }

    /// Compares one order.
    fn order(&mut self, one: One, has_work: bool) {
        let One { id, saga_version, in_flight, pruned, stored, work, fold } = one;
        let Compared { compared, in_flight: flying, pruned: gone } = &mut self.report.orders;
        (*compared, *flying, *gone) = (*compared + 1, *flying + u64::from(in_flight), *gone + u64::from(pruned));
        let StoredOrder { order, fingerprint, .. } = match stored {
            Ok(stored) if is_known(&stored.order) => stored,
            Ok(_) => {
                *self.report.unknown_sagas.entry(saga_version).or_default() += 1;
                let why = match saga_version {
                    SAGA_VERSION | OWN_STEPS_VERSION => {
                        "saga: its definition says what this program does not know".to_owned()
                    }
                    other => format!(
                        "saga: it began under version {other}, and this program knows {SAGA_VERSION} and \
                         {OWN_STEPS_VERSION}"
                    ),
                };
                return self.name(id, vec![why]);
            }
            Err(error) => return self.name(id, vec![format!("row: {}", unreadable(error))]),
        };
        let mut differs = fold.map(|fold| fold.against(&order)).unwrap_or_default();
        if order.request.stored().fingerprint != fingerprint {
            differs.push("fingerprint: a repeat of its request would be taken for another one".to_owned());
        }
        if has_work {
            differs.extend(compare::work(&order, work));
        }
        self.entries_of(&order);
        if !differs.is_empty() {
            self.name(id, differs);
        }
    }

    /// The steps of an order in flight that it may come to, and that have no entry.
    fn entries_of(&mut self, order: &Order) {
        let Some(entries) = self.entries.filter(|_| Left::of(order) != Left::Nothing && !order.cloned) else { return };
        let back = matches!(order.state, State::Compensating);
        for (step, state) in order.own.iter().flat_map(|own| own.iter()) {
            let comes = match state.status {
                StepStatus::None => !back,
                StepStatus::Intended => !back || step.undo,
                StepStatus::Done => step.undo,
                StepStatus::Undoing => true,
                StepStatus::Refused | StepStatus::Undone => false,
            };
            if !comes || entries.iter().any(|(name, kind)| *name == step.name && *kind == step.kind) {
                continue;
            }
            let name = step.name.clone();
            let missing = self.missing.entry(name.clone());
            let missing = missing.or_insert_with(|| MissingEntry { step: name, orders: 0, order_ids: Vec::new() });
            missing.orders += 1;
            if missing.order_ids.len() < limits::PREFLIGHT_NAMED {
                missing.order_ids.push(order.id.as_str().to_owned());
            }
        }
    }

    fn name(&mut self, order_id: String, differs: Vec<String>) {
        self.report.broken += 1;
        if self.report.offenders.len() < limits::PREFLIGHT_NAMED {
            self.report.offenders.push(Offender { order_id, differs });
        }
    }

    /// What is to be done about orders that are not there.
    async fn orphans(&mut self, client: &mut Client) -> Result<(), Error> {
        let Orphans { named, more } = patiently(client, orphans).await?;
        for order_id in named {
            self.name(order_id, vec!["order_work: a row is there, and no order".to_owned()]);
        }
        self.report.broken += more;
        Ok(())
    }

    fn done(self) -> Report {
        let Self { mut report, missing, .. } = self;
        report.missing_entries = report.missing_entries.map(|_| missing.into_values().collect());
        let all_there = report.missing_entries.as_ref().is_none_or(Vec::is_empty);
        report.ok = report.broken == 0 && all_there && report.schema.allows_this_program;
        report
    }
}

/// Why a row cannot be read, for people.
fn unreadable(error: StoreError) -> String {
    match error {
        StoreError::Corrupt(what) => format!("this program cannot read it: {what}"),
        StoreError::Refused(_) | StoreError::Unavailable(_) => error.to_string(),
    }
}
