//! One step: a page of the feed's old end, in one transaction.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

use super::super::audit::orders::{Burial, Epitaph, epitaphs};
use super::super::columns::{millis, stamp};
use super::super::lease::STILL;
use super::super::rows;
use super::super::schema::parts;
use super::holders::{self, Holder, Holders};
use super::{Clock, LEASE, Lease, PruneError, PruneSettings};
use crate::limits;
use crate::ports::feed::Xact;
use crate::saga::Timestamp;
use crate::telemetry::RetentionReason;

/// The first version of the program that knows of orders without a history.
const KNOWS_PRUNING: &str = "0.5.0";

/// Nobody who reads changes, comes or goes: each of them writes one of these tables first, or locks a row of it.
const LOCK: &str = "LOCK TABLE outbox_relays, webhook_endpoints IN EXCLUSIVE MODE";

/// An adoption says whose the database is: it waits for this, or this finds it.
const DEPLOYMENT: &str = "SELECT adopting IS NOT NULL FROM deployment";

const NODES: &str = "
SELECT DISTINCT version FROM nodes
WHERE state <> 'gone' AND heartbeat_at > counterfoil_now() - $1::bigint * interval '1 millisecond'";

/// No older program begins to run any more: its audit would blame orders without a history, and it would show them as if they
/// had none. What a first step does for all.
const NO_OLDER: &str = "
UPDATE deployment SET oldest_binary = $1
WHERE string_to_array(oldest_binary, '.')::int[] < string_to_array($1, '.')::int[]";

/// In the feed's order. The bound is who is furthest behind.
const PAGE: &str = "
SELECT e.epoch, e.xact::text::bigint, e.order_id, e.first_version, e.at,
    e.at <= counterfoil_now() - $8::bigint * interval '1 millisecond',
    e.at > counterfoil_now() + $9::bigint * interval '1 millisecond'
FROM order_events e
WHERE e.epoch > 0 AND (e.epoch, e.xact) >= ($1::int, $2::bigint::text::xid8)
  AND (e.epoch, e.xact, e.order_id, e.first_version) > ($1::int, $2::bigint::text::xid8, $3::text, $4::int)
  AND (e.epoch, e.xact) < ($5::int, $6::bigint::text::xid8)
ORDER BY e.epoch, e.xact, e.order_id, e.first_version
LIMIT $7";

/// What was there before the feed, by age.
const EARLIER: &str = "
SELECT e.epoch, e.xact::text::bigint, e.order_id, e.first_version, e.at, true, false
FROM order_events e
WHERE e.epoch = 0 AND (e.at, e.order_id, e.first_version) > ($1::timestamptz, $2::text, $3::int)
  AND e.at <= counterfoil_asked_at() - $5::bigint * interval '1 millisecond'
ORDER BY e.at, e.order_id, e.first_version
LIMIT $4";

/// Those that have come to rest. What another session is at work on is passed over; what one waits for here it finds as it
/// was. Whatever is done to an order changes its row, by which it is younger then.
macro_rules! at_rest {
    ($lock:literal) => {
        concat!(
            "
SELECT o.order_id FROM orders o
WHERE o.order_id = ANY($1) AND o.state IN ('COMPLETED', 'CANCELLED') AND o.attention IS NULL
  AND o.updated_at <= counterfoil_now() - $2::bigint * interval '1 millisecond'
  AND NOT EXISTS (SELECT FROM order_work w WHERE w.order_id = o.order_id)
  AND NOT EXISTS (SELECT FROM refunds r WHERE r.order_id = o.order_id AND r.status NOT IN ('refunded', 'refused'))
ORDER BY o.order_id",
            $lock
        )
    };
}

const COMMITS: &str = "
SELECT order_id, first_version, epoch, xact::text::bigint, octet_length(events)::bigint FROM order_events
WHERE order_id = ANY($1) ORDER BY order_id, first_version";

/// What endpoints have yet to get of these orders beside what the feed brings, and whether that is waited for.
const OWED: &str = "
SELECT order_id, endpoint_id, version, upto, true FROM webhook_waiting WHERE order_id = ANY($1)
UNION ALL
SELECT order_id, endpoint_id, version, version,
    again OR first_failed_at > counterfoil_now() - $2::bigint * interval '1 millisecond'
FROM webhook_set_aside WHERE order_id = ANY($1) AND NOT skipped";

const BURY: &str = "
INSERT INTO pruned_orders (order_id, xact, epoch, pruned_to, decided_at, pruned_at, kept, proof)
SELECT n.order_id, n.xact::text::xid8, n.epoch, n.pruned_to, n.decided_at, $8, n.kept, n.proof
FROM unnest($1::text[], $2::bigint[], $3::int[], $4::int[], $5::timestamptz[], $6::text[], $7::bytea[])
    AS n (order_id, xact, epoch, pruned_to, decided_at, kept, proof)
ON CONFLICT (order_id) DO UPDATE
SET xact = excluded.xact, epoch = excluded.epoch, pruned_to = excluded.pruned_to, decided_at = excluded.decided_at,
    pruned_at = excluded.pruned_at, kept = excluded.kept, proof = excluded.proof";

/// What hangs on events: deliveries that nobody will make, and events that are to be passed over.
const CLEAR: [&str; 3] = [
    "DELETE FROM webhook_waiting WHERE order_id = ANY($1)",
    "DELETE FROM webhook_set_aside WHERE order_id = ANY($1)",
    "DELETE FROM outbox_skips WHERE regexp_replace(event, '/[0-9]+$', '') = ANY($1)",
];

/// Sealed: by each of these whoever begins where something is gone is told.
const COUNT: &str = r"
INSERT INTO prunes (prune_id, at, orders, events, epoch, xact, decided_at, seal)
SELECT prune_id, at, orders, events, epoch, xact, decided_at,
    substr(sha256(convert_to(concat_ws(E'\x1f', prune_id, orders, events, xact, epoch), 'UTF8')
        || timestamptz_send(at) || timestamptz_send(decided_at)), 1, 8)
FROM (
    SELECT coalesce(max(prune_id), 0) + 1 AS prune_id, counterfoil_now() AS at, $1::int AS orders, $2::bigint AS events,
        $3::int AS epoch, $4::bigint::text::xid8 AS xact, $5::timestamptz AS decided_at
    FROM prunes
    OFFSET 0
) AS step";

const GAP: &str = "
UPDATE webhook_endpoints e SET gap_events = coalesce(e.gap_events, 0) + $2, gap_orders = coalesce(e.gap_orders, 0) + $3,
    gap_until = greatest(e.gap_until, $4)
WHERE e.endpoint_id = $1
RETURNING e.name, e.gap_events = $2";

const GAP_LOG: &str =
    "INSERT INTO outbox_log (sink, by, verb, detail, reason) VALUES ($1, '(retention)', 'gap', $2, $3)";

/// How many commits that are old enough lie behind who is furthest behind, of so many.
const BEHIND: &str = "
SELECT count(*) FILTER (WHERE old) FROM (
    SELECT at <= counterfoil_now() - $4::bigint * interval '1 millisecond' AS old FROM order_events
    WHERE epoch > 0 AND (epoch, xact) >= ($1::int, $2::bigint::text::xid8)
    ORDER BY epoch, xact LIMIT $3) waiting";

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Walk {
    /// Through what was there before the feed: behind this time, order and version.
    Earlier(Timestamp, String, i32),
    /// Through the feed: behind this row.
    Feed(Xact, String, i32),
}

impl Walk {
    pub const EARLIER: Self = Self::Earlier(Timestamp(0), String::new(), 0);
    pub const FEED: Self = Self::Feed(Xact { epoch: 1, number: 0 }, String::new(), 0);
}

/// What came of a step.
#[derive(Debug, Default)]
pub(super) struct PruneStep {
    pub orders: u64,
    pub events: u64,
    pub held: [u64; RetentionReason::ALL.len()],
    pub unknown: Vec<String>,
    pub behind: Option<String>,
    pub unsound: Vec<String>,
    /// `None` at the end.
    pub next: Option<Walk>,
}

/// A row of the page.
struct Seen {
    xact: Xact,
    order_id: String,
    first_version: i32,
    at: Timestamp,
    is_old: bool,
    /// Of a time that is yet to come: of how old its neighbours are it tells nothing.
    is_ahead: bool,
}

impl Seen {
    fn read(row: &Row) -> Self {
        Self {
            xact: xact(row.get(0), row.get(1)),
            order_id: row.get(2),
            first_version: row.get(3),
            at: rows::timestamp(row.get(4)),
            is_old: row.get(5),
            is_ahead: row.get(6),
        }
    }
}

/// A commit of an order.
struct Commit {
    first_version: i32,
    xact: Xact,
    bytes: i64,
}

/// A stretch of an order's versions that an endpoint has yet to get.
struct Owed {
    endpoint: Uuid,
    versions: std::ops::RangeInclusive<i64>,
    is_waited_for: bool,
}

fn xact(epoch: i32, number: i64) -> Xact {
    Xact { epoch, number: u64::try_from(number).unwrap_or_default() }
}

fn number(xact: Xact) -> i64 {
    i64::try_from(xact.number).unwrap_or(i64::MAX)
}

/// One step from there.
pub(super) async fn step(
    client: &mut Client,
    settings: &PruneSettings,
    lease: Option<&Lease>,
    clock: &Clock,
    from: &Walk,
) -> Result<PruneStep, PruneError> {
    let transaction = client.transaction().await?;
    // A session that stands still with these locks in hand is ended by the server, and everybody else goes on.
    let thrift = format!(
        "SET LOCAL lock_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = {}; SET LOCAL tcp_user_timeout = {}",
        limits::PRUNE_LOCK.as_millis(),
        limits::PRUNE_SLEEP.as_millis(),
        limits::PRUNE_UNHEARD.as_millis()
    );
    transaction.batch_execute(&thrift).await?;
    // Before the tables, as whoever adopts has them.
    may_prune(&transaction, settings).await?;
    if let Some(lease) = lease {
        if transaction.query_opt(STILL, &[&LEASE, &lease.generation, &lease.node]).await?.is_none() {
            return Err(PruneError::Elsewhere);
        }
        transaction.batch_execute(LOCK).await?;
    }
    let holders = holders::ask(&transaction, settings).await?;
    if !holders.unknown.is_empty() {
        return Ok(PruneStep { unknown: holders.unknown, ..PruneStep::default() });
    }
    let told = PruneStep::default();
    let mut taken = Taken { transaction: &transaction, settings, clock, holders: &holders, told };
    taken.page(from).await?;
    let told = taken.told;
    if settings.dry_run {
        transaction.rollback().await?;
    } else {
        transaction.commit().await?;
    }
    Ok(told)
}

async fn may_prune(transaction: &Transaction<'_>, settings: &PruneSettings) -> Result<(), PruneError> {
    let lock = if settings.dry_run { "" } else { " FOR SHARE" };
    if transaction.query_one(&format!("{DEPLOYMENT}{lock}"), &[]).await?.get(0) {
        return Err(PruneError::Refused("an adoption was begun and did not end: run `counterfoil adopt` again".into()));
    }
    let running = transaction.query(NODES, &[&millis(limits::NODE_GONE)]).await?;
    let older = running.iter().map(|row| row.get::<_, &str>(0)).find(|version| parts(version) < parts(KNOWS_PRUNING));
    match older {
        Some(older) => Err(PruneError::Refused(format!(
            "an engine of version {older} runs on this database, which knows of no order without its history"
        ))),
        None => Ok(()),
    }
}

/// A step under way.
struct Taken<'a> {
    transaction: &'a Transaction<'a>,
    settings: &'a PruneSettings,
    clock: &'a Clock,
    holders: &'a Holders,
    told: PruneStep,
}

impl Taken<'_> {
    async fn page(&mut self, from: &Walk) -> Result<(), PruneError> {
        let older = millis(self.settings.older_than);
        let behind = self.holders.furthest_behind();
        let page: Vec<Seen> = match from {
            // By order, and not by transaction: whoever reads there has not come to the feed.
            Walk::Earlier(..) if behind.is_some_and(|(_, xact)| xact.epoch == 0) => Vec::new(),
            Walk::Earlier(at, order_id, version) => {
                let parameters: [&(dyn ToSql + Sync); 5] =
                    [&stamp(*at), order_id, version, &limits::PRUNE_ORDERS, &older];
                self.transaction.query(EARLIER, &parameters).await?.iter().map(Seen::read).collect()
            }
            Walk::Feed(place, order_id, version) => {
                let bound = behind.map_or(Xact { epoch: i32::MAX, number: 0 }, |(_, xact)| xact);
                let (place, upto) = ((place.epoch, number(*place)), (bound.epoch, number(bound)));
                let ahead = millis(limits::CLOCK_TOLERANCE);
                let parameters: [&(dyn ToSql + Sync); 9] =
                    [&place.0, &place.1, order_id, version, &upto.0, &upto.1, &limits::PRUNE_ORDERS, &older, &ahead];
                self.transaction.query(PAGE, &parameters).await?.iter().map(Seen::read).collect()
            }
        };
        let is_last = i64::try_from(page.len()).is_ok_and(|found| found < limits::PRUNE_ORDERS);
        let is_young = !page.iter().any(|seen| seen.is_old) && !page.iter().all(|seen| seen.is_ahead);
        let ahead = page.iter().filter(|seen| seen.is_ahead && seen.first_version == 1).count();
        self.told.held[RetentionReason::Ahead as usize] += ahead as u64;
        let taken = self.orders(&page).await?;
        self.told.next = match (from, page.get(taken.wrapping_sub(1))) {
            (Walk::Earlier(..), Some(seen)) if !(is_last && taken == page.len()) => {
                Some(Walk::Earlier(seen.at, seen.order_id.clone(), seen.first_version))
            }
            (Walk::Earlier(..), _) => Some(Walk::FEED),
            (Walk::Feed(..), Some(seen)) if !(is_last || is_young) || taken < page.len() => {
                Some(Walk::Feed(seen.xact, seen.order_id.clone(), seen.first_version))
            }
            (Walk::Feed(..), _) => None,
        };
        if self.told.next.is_none()
            && is_last
            && let Some((holder, xact)) = behind
        {
            let parameters: [&(dyn ToSql + Sync); 4] = [&xact.epoch, &number(xact), &limits::PRUNE_BEHIND, &older];
            let waiting: i64 = self.transaction.query_one(BEHIND, &parameters).await?.get(0);
            if waiting > 0 {
                self.told.held[holder.reason() as usize] += u64::try_from(waiting).unwrap_or_default();
                self.told.behind = Some(holder.name.clone());
            }
        }
        Ok(())
    }

    /// Takes the orders that begin on this page; of how many of its rows.
    async fn orders(&mut self, page: &[Seen]) -> Result<usize, PruneError> {
        let (settings, transaction) = (self.settings, self.transaction);
        let mut ids: Vec<&str> = page.iter().filter(|seen| seen.is_old).map(|seen| &*seen.order_id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(page.len());
        }
        let at_rest = if settings.dry_run { at_rest!("") } else { at_rest!(" FOR NO KEY UPDATE OF o SKIP LOCKED") };
        let rested = transaction.query(at_rest, &[&ids, &millis(settings.older_than)]).await?;
        let rested: Vec<&str> = rested.iter().map(|row| row.get(0)).collect();
        let mut commits: HashMap<String, Vec<Commit>> = HashMap::new();
        for row in transaction.query(COMMITS, &[&rested]).await? {
            let (first_version, xact, bytes) = (row.get(1), xact(row.get(2), row.get(3)), row.get(4));
            commits.entry(row.get(0)).or_default().push(Commit { first_version, xact, bytes });
        }
        let (mut dying, mut taken, mut bytes) = (HashMap::new(), page.len(), 0);
        for (place, seen) in page.iter().enumerate() {
            // With the first of its rows that is there; at the others it was looked at already.
            let begins =
                |commits: &Vec<Commit>| commits.first().is_some_and(|one| one.first_version == seen.first_version);
            let Some(found) = commits.remove(&seen.order_id).filter(begins) else { continue };
            bytes += found.iter().map(|commit| commit.bytes).sum::<i64>();
            if bytes > limits::PRUNE_BYTES && place > 0 {
                taken = place;
                break;
            }
            dying.insert(seen.order_id.clone(), found);
        }
        self.bury(dying).await?;
        Ok(taken)
    }

    async fn bury(&mut self, mut dying: HashMap<String, Vec<Commit>>) -> Result<(), PruneError> {
        let owed = self.owed(&dying).await?;
        let named = self.holders.named();
        dying.retain(|order_id, commits| match self.holder_of(order_id, commits, &owed, &named) {
            Some(reason) => {
                self.told.held[reason as usize] += 1;
                false
            }
            None => true,
        });
        let pruned_at = rows::timestamp(self.transaction.query_one("SELECT counterfoil_now()", &[]).await?.get(0));
        if !dying.is_empty() {
            self.clock.judge(pruned_at)?;
        }
        let burial = |commits: &Vec<Commit>| {
            let last = commits.last()?.xact;
            Some(Burial { epoch: last.epoch, xact: last.number, pruned_at: pruned_at.0 })
        };
        let burials =
            dying.iter().filter_map(|(order_id, commits)| Some((order_id.clone(), burial(commits)?))).collect();
        let mut epitaphs = epitaphs(self.transaction, &burials).await?;
        // Nor does the check value tell in which order they were committed.
        let in_turn = |commits: &[Commit]| {
            let rises = |(one, next): (&Commit, &Commit)| {
                one.xact.epoch < next.xact.epoch
                    || one.xact.epoch == next.xact.epoch && (one.xact.epoch == 0 || one.xact.number < next.xact.number)
            };
            commits.iter().zip(commits.iter().skip(1)).all(rises)
        };
        // What lies in a history of which this database does not know was never read, however far its readers are.
        let is_known = |commits: &[Commit]| commits.iter().all(|one| self.holders.epochs.contains(&one.xact.epoch));
        epitaphs.retain(|order_id, _| dying.get(order_id).is_some_and(|commits| in_turn(commits) && is_known(commits)));
        for order_id in dying.keys().filter(|order_id| !epitaphs.contains_key(*order_id)) {
            self.told.held[RetentionReason::Unsound as usize] += 1;
            self.told.unsound.push(order_id.clone());
        }
        if epitaphs.is_empty() {
            return Ok(());
        }
        self.told.orders = epitaphs.len() as u64;
        self.told.events = epitaphs.values().map(|epitaph| epitaph.events.len() as u64).sum();
        if !self.settings.dry_run {
            self.write(&epitaphs, &burials, &dying, pruned_at).await?;
            self.gaps(&epitaphs, &dying, &owed).await?;
        }
        Ok(())
    }

    /// Why an order stays.
    fn holder_of(
        &self,
        order_id: &str,
        commits: &[Commit],
        owed: &HashMap<String, Vec<Owed>>,
        named: &HashSet<String>,
    ) -> Option<RetentionReason> {
        if named.contains(order_id) {
            return Some(RetentionReason::Named);
        }
        let owed = owed.get(order_id).map(Vec::as_slice).unwrap_or_default();
        let waits = |holder: &&Holder| {
            let id = holder.wishes.as_ref().map(|wishes| wishes.id);
            commits.iter().any(|commit| !holder.has_read(commit.xact))
                || owed.iter().any(|owed| owed.is_waited_for && Some(owed.endpoint) == id)
        };
        self.holders.holding().find(waits).map(Holder::reason)
    }

    async fn owed(&self, dying: &HashMap<String, Vec<Commit>>) -> Result<HashMap<String, Vec<Owed>>, PruneError> {
        let ids: Vec<&str> = dying.keys().map(String::as_str).collect();
        let mut owed: HashMap<String, Vec<Owed>> = HashMap::new();
        for row in self.transaction.query(OWED, &[&ids, &millis(self.settings.hold)]).await? {
            let versions = i64::from(row.get::<_, i32>(2))..=i64::from(row.get::<_, i32>(3));
            let one = Owed { endpoint: row.get(1), versions, is_waited_for: row.get(4) };
            owed.entry(row.get(0)).or_default().push(one);
        }
        Ok(owed)
    }

    async fn write(
        &self,
        epitaphs: &HashMap<String, Epitaph>,
        burials: &HashMap<String, Burial>,
        dying: &HashMap<String, Vec<Commit>>,
        pruned_at: Timestamp,
    ) -> Result<(), PruneError> {
        let mut ids: Vec<&str> = epitaphs.keys().map(String::as_str).collect();
        ids.sort_unstable();
        let places: Vec<Xact> = ids
            .iter()
            .map(|id| {
                burials.get(*id).map_or(Xact { epoch: 0, number: 0 }, |at| Xact { epoch: at.epoch, number: at.xact })
            })
            .collect();
        let stones: Vec<&Epitaph> = ids.iter().filter_map(|id| epitaphs.get(*id)).collect();
        let numbers: Vec<i64> = places.iter().map(|place| number(*place)).collect();
        let epochs: Vec<i32> = places.iter().map(|place| place.epoch).collect();
        let versions: Vec<i32> = stones.iter().map(|stone| stone.pruned_to).collect();
        let decided: Vec<SystemTime> = stones.iter().map(|stone| stamp(Timestamp(stone.decided_at))).collect();
        let kept: Vec<Option<&str>> = stones.iter().map(|stone| stone.kept.as_deref()).collect();
        let proofs: Vec<&[u8]> = stones.iter().map(|stone| &*stone.proof).collect();
        let pruned_at = stamp(pruned_at);
        let parameters: [&(dyn ToSql + Sync); 8] =
            [&ids, &numbers, &epochs, &versions, &decided, &kept, &proofs, &pruned_at];
        self.transaction.execute(BURY, &parameters).await?;
        let gone = self.transaction.execute("DELETE FROM order_events WHERE order_id = ANY($1)", &[&ids]).await?;
        let judged: usize = ids.iter().filter_map(|id| dying.get(*id)).map(Vec::len).sum();
        if usize::try_from(gone) != Ok(judged) {
            return Err(PruneError::Refused(format!("{judged} commits were judged, and {gone} are there")));
        }
        self.transaction.execute(NO_OLDER, &[&KNOWS_PRUNING]).await?;
        for sql in CLEAR {
            self.transaction.execute(sql, &[&ids]).await?;
        }
        let highest = places.into_iter().max().unwrap_or(Xact { epoch: 0, number: 0 });
        let (orders, events) = (i32::try_from(ids.len()).unwrap_or(i32::MAX), i64::try_from(self.told.events));
        let latest = decided.iter().max().copied().unwrap_or(SystemTime::UNIX_EPOCH);
        let events = events.unwrap_or(i64::MAX);
        let parameters: [&(dyn ToSql + Sync); 5] = [&orders, &events, &highest.epoch, &number(highest), &latest];
        self.transaction.execute(COUNT, &parameters).await?;
        Ok(())
    }

    /// Notes with each endpoint what it will not get any more.
    async fn gaps(
        &self,
        epitaphs: &HashMap<String, Epitaph>,
        dying: &HashMap<String, Vec<Commit>>,
        owed: &HashMap<String, Vec<Owed>>,
    ) -> Result<(), PruneError> {
        for holder in &self.holders.all {
            let Some(wishes) = &holder.wishes else { continue };
            let (mut events, mut orders, mut until) = (0_i64, 0_i64, i64::MIN);
            for (order_id, epitaph) in epitaphs {
                let commits = dying.get(order_id).map(Vec::as_slice).unwrap_or_default();
                let owed = owed.get(order_id).map(Vec::as_slice).unwrap_or_default();
                let was_read = |version: i64| {
                    let commit = commits.iter().rfind(|commit| i64::from(commit.first_version) <= version);
                    commit.is_some_and(|commit| holder.has_read(commit.xact))
                };
                let is_owed = |version: &i64| {
                    owed.iter().any(|owed| owed.endpoint == wishes.id && owed.versions.contains(version))
                };
                let is_missed = |(version, kind, at): &&(i64, String, i64)| {
                    let wanted = (wishes.types.is_empty() || wishes.types.contains(kind))
                        && (wishes.clients.is_empty() || wishes.clients.contains(&epitaph.client));
                    let is_late_enough = wishes.since.is_none_or(|since| *at >= since.0);
                    wanted && (is_owed(version) || is_late_enough && !was_read(*version))
                };
                let missed: Vec<i64> = epitaph.events.iter().filter(is_missed).map(|(.., at)| *at).collect();
                events += i64::try_from(missed.len()).unwrap_or(i64::MAX);
                orders += i64::from(!missed.is_empty());
                until = missed.into_iter().max().map_or(until, |at| at.max(until));
            }
            if events > 0 {
                self.note(wishes.id, (events, orders, Timestamp(until))).await?;
            }
        }
        Ok(())
    }

    async fn note(&self, endpoint: Uuid, (events, orders, until): (i64, i64, Timestamp)) -> Result<(), PruneError> {
        let row = self.transaction.query_one(GAP, &[&endpoint, &events, &orders, &stamp(until)]).await?;
        let (name, is_first): (String, bool) = (row.get(0), row.get(1));
        if is_first {
            let detail = format!("from {events} events of {orders} order(s) on, decided until {until}");
            let sink = format!("webhook/{name}");
            let reason = "what it has yet to get was held for outbox.hold_ms, and goes";
            self.transaction.execute(GAP_LOG, &[&sink, &detail, &reason]).await?;
            tracing::warn!(endpoint = name, detail, "an endpoint will not get events that were pruned");
        }
        Ok(())
    }
}
