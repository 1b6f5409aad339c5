//! Who has yet to read what: the positions that stand in the way of pruning, as the database alone knows them. What a sink
//! says of itself is not asked: one that was emptied, or is another one, would say anything.
//!
//! A position that cannot be judged (a row without one, one that cannot be read, another deployment's or another history's)
//! holds everything. So does one who is configured and has no row yet.

use std::collections::HashSet;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Transaction};
use uuid::Uuid;

use super::super::columns::millis;
use super::super::rows;
use super::{Expected, PruneSettings};
use crate::ports::feed::{Position, Xact};
use crate::saga::Timestamp;
use crate::telemetry::RetentionReason;

/// Parts of a number that nothing came of are nobody's, where there are others.
const SINKS: &str = "
SELECT r.sink, r.part, coalesce(r.position, r.begins_at), r.deployment = d.deployment_id, r.forgotten IS NOT NULL, r.parts
FROM outbox_relays r, deployment d
WHERE NOT (r.target IS NULL AND r.run = 1 AND r.anew_in IS NULL AND EXISTS (
    SELECT FROM outbox_relays o WHERE o.sink = r.sink AND o.parts <> r.parts AND o.target IS NOT NULL))
ORDER BY r.sink, r.part";

/// One that came with a copy is not delivered to since its adoption; one that a configuration named ($2: and this one does
/// not) since whoever had it last in its own let go of its lease.
const ENDPOINTS: &str = "
SELECT e.endpoint_id, e.name, e.position, e.types, e.clients, e.since, coalesce(
    CASE WHEN e.state <> 'active' THEN e.inactive_since
         WHEN e.deployment_id <> d.deployment_id THEN d.adopted_at
         WHEN e.configured AND e.name <> ALL ($2) THEN coalesce(
            (SELECT l.until FROM outbox_leases l WHERE l.name = 'webhook/' || e.endpoint_id), e.created_at) END
        <= counterfoil_now() - $1::bigint * interval '1 millisecond', false)
FROM webhook_endpoints e, deployment d
ORDER BY e.name";

const HERE: &str = "
SELECT array(SELECT epoch FROM epochs), pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
    coalesce((SELECT CASE WHEN counterfoil_goes_on(latest) THEN latest.epoch END
        FROM (SELECT * FROM epochs ORDER BY epoch DESC LIMIT 1) latest), -1)";

/// Whether the row that a position read last is there, or was.
const LAST: &str = "
SELECT EXISTS (SELECT FROM order_events e
        WHERE e.order_id = $1 AND e.first_version = $2 AND e.epoch = $3 AND e.xact = $4::bigint::text::xid8)
    OR EXISTS (SELECT FROM pruned_orders p
        WHERE p.order_id = $1 AND p.pruned_to >= $2
            AND ($3::int = 0 OR (p.epoch, p.xact) >= ($3::int, $4::bigint::text::xid8)))";

/// What an endpoint wants of the events.
#[derive(Debug)]
pub(super) struct Wishes {
    pub id: Uuid,
    pub types: Vec<String>,
    pub clients: Vec<String>,
    pub since: Option<Timestamp>,
}

/// Somebody who reads along.
#[derive(Debug)]
pub(super) struct Holder {
    pub name: String,
    /// `None` of one who holds back nothing any more and whose position cannot be read.
    pub position: Option<Position>,
    /// Of an endpoint of webhooks.
    pub wishes: Option<Wishes>,
    /// Whether it holds back; one that does not has a gap instead.
    pub holds: bool,
}

impl Holder {
    pub fn has_read(&self, xact: Xact) -> bool {
        self.position.as_ref().is_some_and(|position| position.has_read(xact))
    }

    pub fn reason(&self) -> RetentionReason {
        if self.wishes.is_some() { RetentionReason::Endpoint } else { RetentionReason::Sink }
    }
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Holders {
    pub all: Vec<Holder>,
    /// Whose position is not known, and why.
    pub unknown: Vec<String>,
    /// The histories that this database went through: what lies in another one nobody ever reads.
    pub epochs: Vec<i32>,
}

impl Holders {
    pub fn holding(&self) -> impl Iterator<Item = &Holder> {
        self.all.iter().filter(|holder| holder.holds)
    }

    /// Who is furthest behind: from there on nothing goes.
    pub fn furthest_behind(&self) -> Option<(&Holder, Xact)> {
        let behind = |holder: &Holder| {
            holder.position.as_ref().map(|position| Xact { epoch: position.epoch(), number: position.upto() })
        };
        self.holding().filter_map(|holder| Some((holder, behind(holder)?))).min_by_key(|(_, xact)| *xact)
    }

    /// The orders whose rows positions name as the last that was read: by them a position is known to be one of this history.
    pub fn named(&self) -> HashSet<String> {
        let last = |holder: &Holder| Some(holder.position.as_ref()?.last()?.order_id);
        self.holding().filter_map(last).collect()
    }
}

/// Asks. Where nothing is to change meanwhile, whoever asks has locked the tables.
pub(super) async fn ask(transaction: &Transaction<'_>, settings: &PruneSettings) -> Result<Holders, Error> {
    let here = transaction.query_one(HERE, &[]).await?;
    let mut found = Holders { epochs: here.get(0), ..Holders::default() };
    let (mut parts, mut all_parts) = (HashSet::new(), Vec::new());
    for row in transaction.query(SINKS, &[]).await? {
        let (sink, part): (String, i32) = (row.get(0), row.get(1));
        let name = format!("sink {sink}/{part}");
        parts.insert((sink.clone(), u32::try_from(part).unwrap_or_default()));
        let (text, is_ours, is_forgotten): (Option<&str>, bool, bool) = (row.get(2), row.get(3), row.get(4));
        if is_forgotten {
            continue;
        }
        let expected = Expected { name: sink, parts: u32::try_from(row.get::<_, i32>(5)).unwrap_or_default() };
        if !all_parts.contains(&expected) {
            all_parts.push(expected);
        }
        let judged = if is_ours { judge(transaction, text, &here).await? } else { Err(ANOTHERS.into()) };
        match judged {
            Ok(position) => found.all.push(Holder { name, position: Some(position), wishes: None, holds: true }),
            Err(why) => found.unknown.push(format!("{name}: {why}")),
        }
    }
    let mut endpoints = HashSet::new();
    let configured = settings.sinks.iter().filter(|of| of.parts == 0).map(|of| &*of.name).collect::<Vec<&str>>();
    for row in transaction.query(ENDPOINTS, &[&millis(settings.hold), &configured]).await? {
        let (name, text, is_let_go): (String, Option<&str>, bool) = (row.get(1), row.get(2), row.get(6));
        let list = |column: usize| serde_json::from_str::<Vec<String>>(row.get(column)).unwrap_or_default();
        let since = row.get::<_, Option<std::time::SystemTime>>(5).map(rows::timestamp);
        let wishes = Some(Wishes { id: row.get(0), types: list(3), clients: list(4), since });
        endpoints.insert(name.clone());
        let name = format!("endpoint {name}");
        if is_let_go {
            let position = text.and_then(|text| serde_json::from_str(text).ok());
            found.all.push(Holder { name, position, wishes, holds: false });
            continue;
        }
        match judge(transaction, text, &here).await? {
            Ok(position) => found.all.push(Holder { name, position: Some(position), wishes, holds: true }),
            Err(why) => found.unknown.push(format!("{name}: {why}")),
        }
    }
    // A part that never came up is one of those that its sink has, whatever is configured since.
    all_parts.retain(|of| !settings.sinks.contains(of));
    for expected in settings.sinks.iter().chain(&all_parts) {
        let name = &expected.name;
        if expected.parts == 0 && !endpoints.contains(name) {
            found.unknown.push(format!("endpoint {name}: {CONFIGURED}"));
        }
        let missing = (0..expected.parts).find(|part| !parts.contains(&(name.clone(), *part)));
        found.unknown.extend(missing.map(|part| format!("sink {name}/{part}: {CONFIGURED}")));
    }
    Ok(found)
}

const ANOTHERS: &str = "it is of the deployment that this one is a copy of: `counterfoil outbox replay --from` has it begin \
                        here, `counterfoil outbox forget` gives it up";
const CONFIGURED: &str = "it is to be published to, and has no position yet";

/// The position that a text holds, where it is one of this history.
async fn judge(
    transaction: &Transaction<'_>,
    text: Option<&str>,
    here: &Row,
) -> Result<Result<Position, String>, Error> {
    let Some(text) = text else { return Ok(Err("it has no position yet".into())) };
    let position: Position = match serde_json::from_str(text) {
        Ok(position) => position,
        Err(error) => return Ok(Err(format!("its position cannot be read: {error}"))),
    };
    let (epochs, xmax, epoch): (Vec<i32>, i64, i32) = (here.get(0), here.get(1), here.get(2));
    if !epochs.contains(&position.epoch()) {
        return Ok(Err(format!("its position is of epoch {}, which this database never was in", position.epoch())));
    }
    let is_beyond = position.upto() > u64::try_from(xmax).unwrap_or_default();
    if position.epoch() == epoch && position.epoch() > 0 && is_beyond {
        return Ok(Err("its position is one of a history that was lost".into()));
    }
    if let Some(last) = position.last() {
        let number = i64::try_from(last.xact.number).unwrap_or(i64::MAX);
        let asked: [&(dyn ToSql + Sync); 4] = [&last.order_id, &last.first_version, &last.xact.epoch, &number];
        if !transaction.query_one(LAST, &asked).await?.get::<_, bool>(0) {
            return Ok(Err("this database's history is not the one that it read".into()));
        }
    }
    Ok(Ok(position))
}
