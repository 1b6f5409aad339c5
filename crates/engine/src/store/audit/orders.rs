//! Order by order: what is stored under an order_id, in whatever table, against what the order's events lead to.
//!
//! The rows come as one stream, sorted by PostgreSQL, and are judged as soon as those of one order are together: a
//! million orders take no more memory here than the largest of them. What an order breaks that another promise found
//! broken is not told again.

mod answers;
pub mod fold;
mod judge;
mod pruned;
pub mod steps;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::de::DeserializeOwned;
use tokio_postgres::Transaction;

use super::vouched::{Vouched, VouchedWord};
use super::{Finding, Pruned};
use crate::limits::{AUDIT_OFFENDERS, AUDIT_ROWS, PRUNE_PART};
use judge::{Law, Rows, Verdict, micros};
pub(in crate::store) use pruned::{Burial, Epitaph};

/// What is stored of an order itself, a row of JSON each. What no law looks at is left out: half of the bytes.
macro_rules! of_orders {
    ($which:literal) => {
        concat!(
            r#"
        SELECT order_id, 1 AS kind, to_json(o)::text AS body
        FROM (
            SELECT order_id, amount, currency, client, plan, saga_version, version, state, stock, shipment,
                shipment_reference, reservation_reference, failure, attention, answer_status, answer, created_at,
                updated_at, CASE WHEN details LIKE '%manual%' THEN details END AS details
            FROM orders"#,
            $which,
            ") AS o
        UNION ALL
        SELECT order_id, 2, to_json(p)::text FROM payments AS p",
            $which,
            "
        UNION ALL
        SELECT order_id, 3, to_json(e)::text
        FROM (SELECT order_id, first_version, at, events FROM order_events",
            $which,
            ") AS e
        UNION ALL
        SELECT order_id, 4, to_json(r)::text FROM refunds AS r",
            $which,
            "
        UNION ALL
        SELECT order_id, 8, to_json(g)::text
        FROM (
            SELECT order_id, pruned_to, epoch, xact, decided_at, pruned_at, kept, encode(proof, 'hex') AS proof
            FROM pruned_orders",
            $which,
            ") AS g
        UNION ALL
        SELECT order_id, 9, to_json(s)::text
        FROM (
            SELECT order_id, steps, content
            FROM order_steps LEFT JOIN (
                SELECT definition_id, max(content) AS content FROM saga_definitions GROUP BY definition_id
            ) AS definitions USING (definition_id)",
            $which,
            ") AS s"
        )
    };
}

/// Everything that is stored under an order_id. A seal is made anew here, by no function of the database's: what is sealed
/// is whole where it fits, or where it is from before there were seals.
const STORED: &str = concat!(
    "
    SELECT order_id, kind, body
    FROM (",
    of_orders!(""),
    r#"
        UNION ALL
        SELECT order_id, 5, to_json(k)::text
        FROM (
            SELECT order_id, client, route, key, answer_status, answer,
                CASE WHEN seal IS NULL THEN created_at < (SELECT sealed_since FROM deployment) ELSE seal = substr(sha256(
                    convert_to(concat_ws(E'\x1f', client, route, key, coalesce(order_id, E'\x1e'), answer_status,
                        answer), 'UTF8') || fingerprint || timestamptz_send(created_at)), 1, 8) END AS whole
            FROM idempotency_keys
        ) AS k
        UNION ALL
        SELECT order_id, 6, to_json(j)::text
        FROM (
            SELECT order_id, sku, delta, reason, client,
                CASE WHEN seal IS NULL THEN at < (SELECT sealed_since FROM deployment) ELSE seal = substr(sha256(
                    convert_to(concat_ws(E'\x1f', sku, entry_id, delta, reason, client, coalesce(order_id, E'\x1e')),
                        'UTF8') || timestamptz_send(at)), 1, 8) END AS whole
            FROM inventory_journal
        ) AS j
        UNION ALL
        SELECT order_id, 7, to_json(l)::text FROM operator_log AS l
    ) AS stored
    ORDER BY order_id"#
);

/// What whoever prunes asks of some orders, whose rows it has locked.
const DYING: &str = concat!(
    "SELECT order_id, kind, body FROM (",
    of_orders!(" WHERE order_id = ANY($1)"),
    ") AS dying ORDER BY order_id"
);

/// What is to be kept of orders whose histories go, each with where its last commit lies; nothing of one that is not to go.
///
/// Part by part: a server that has more to say than a connection holds would wait in the middle of it for whoever fell asleep,
/// with all that is locked, and no limit of its own ends that. Nor are more orders in memory than one.
pub(in crate::store) async fn epitaphs(
    transaction: &Transaction<'_>,
    orders: &HashMap<String, Burial>,
) -> Result<HashMap<String, Epitaph>, tokio_postgres::Error> {
    let ids: Vec<&str> = orders.keys().map(String::as_str).collect();
    let mut told = HashMap::new();
    let mut finish = |order: Option<(String, Rows)>| {
        let Some((order_id, rows)) = order else { return };
        let burial = orders.get(&order_id).copied();
        let epitaph = judge::whole(&order_id, &rows).zip(burial).and_then(|(order, at)| pruned::epitaph(order, at));
        told.extend(epitaph.map(|epitaph| (order_id, epitaph)));
    };
    let mut current: Option<(String, Rows)> = None;
    let portal = transaction.bind(DYING, &[&ids]).await?;
    let mut wanted = 1;
    loop {
        let part = transaction.query_portal(&portal, wanted).await?;
        let mut bytes = 0;
        for row in &part {
            let order_id: &str = row.try_get(0)?;
            let body = row.try_get::<_, Option<&str>>(2)?.unwrap_or_default();
            if current.as_ref().is_none_or(|(id, _)| id != order_id) {
                finish(current.replace((order_id.to_owned(), Rows::default())));
            }
            if let Some((_, rows)) = &mut current {
                rows.add(row.try_get(1)?, body);
            }
            bytes += body.len();
        }
        if i32::try_from(part.len()) != Ok(wanted) {
            break;
        }
        let more = PRUNE_PART.saturating_mul(part.len()) / bytes.max(1);
        wanted = i32::try_from(more).unwrap_or(i32::MAX).clamp(1, wanted.saturating_mul(2));
    }
    finish(current);
    Ok(told)
}

/// What was found, order by order.
pub(super) struct Judged {
    broken: [i64; Law::ALL.len()],
    offenders: [BTreeSet<String>; Law::ALL.len()],
    /// What operators answered for.
    pub vouched: Vouched,
    /// Whose events are gone.
    pub pruned: Pruned,
}

/// Judges every order; `named` are the offenders that other promises named.
pub(super) async fn judge(
    transaction: &Transaction<'_>,
    named: &HashSet<String>,
) -> Result<Judged, tokio_postgres::Error> {
    let mut judged = Judged {
        broken: [0; Law::ALL.len()],
        offenders: std::array::from_fn(|_| BTreeSet::new()),
        vouched: Vouched::default(),
        pruned: Pruned::default(),
    };
    let mut current: Option<(String, Rows)> = None;
    // Part by part, so that a statement's time is not what all orders take to be judged.
    let portal = transaction.bind(STORED, &[]).await?;
    loop {
        let part = transaction.query_portal(&portal, AUDIT_ROWS).await?;
        for row in &part {
            let (kind, body): (i32, Option<&str>) = (row.try_get(1)?, row.try_get(2)?);
            let body = body.unwrap_or_default();
            let Some(order_id) = row.try_get::<_, Option<&str>>(0)? else {
                judged.alone(kind, body, named);
                continue;
            };
            if current.as_ref().is_none_or(|(id, _)| id != order_id) {
                judged.finish(current.take(), named);
                current = Some((order_id.to_owned(), Rows::default()));
            }
            if let Some((_, rows)) = &mut current {
                rows.add(kind, body);
            }
        }
        if i32::try_from(part.len()) != Ok(AUDIT_ROWS) {
            break;
        }
    }
    judged.finish(current, named);
    Ok(judged)
}

impl Rows {
    fn add(&mut self, kind: i32, body: &str) {
        fn push<T: DeserializeOwned>(body: &str, into: &mut Vec<T>) -> bool {
            serde_json::from_str(body).map(|row| into.push(row)).is_ok()
        }
        let read = match kind {
            1 => push(body, &mut self.orders),
            2 => push(body, &mut self.payments),
            3 => push(body, &mut self.events),
            4 => push(body, &mut self.refunds),
            5 => push(body, &mut self.keys),
            6 => push(body, &mut self.journal),
            8 => push(body, &mut self.pruned),
            9 => push(body, &mut self.steps),
            _ => push(body, &mut self.log),
        };
        self.unreadable |= !read;
    }
}

impl Judged {
    fn finish(&mut self, order: Option<(String, Rows)>, named: &HashSet<String>) {
        let Some((order_id, rows)) = order else { return };
        for row in &rows.pruned {
            self.pruned.add(row.pruned_to.unwrap_or_default(), micros(row.decided_at.as_deref()).map(fold::stamp));
        }
        let Verdict { broken, vouched } = judge::judge(&order_id, rows, &|name| named.contains(name));
        for (law, name) in broken {
            self.name(law, name);
        }
        self.vouched.add(vouched.into_iter().map(|vouched| VouchedWord {
            order_id: order_id.clone(),
            verb: vouched.word.verb,
            call: vouched.word.call,
            by: vouched.by,
            reason: vouched.reason,
            at: vouched.at,
            ledger: Vec::new(),
        }));
    }

    /// A row that is about no order: judged at once, since there may be any number of them.
    fn alone(&mut self, kind: i32, body: &str, named: &HashSet<String>) {
        let found = match kind {
            5 => serde_json::from_str(body).ok().and_then(|row| judge::alone_key(&row)),
            6 => serde_json::from_str(body).ok().and_then(|row| judge::alone_journal(&row)),
            _ => None, // NOTHING_PARTIAL names what must have an order
        };
        if let Some((law, name)) = found.filter(|(_, name)| !named.contains(name)) {
            self.name(law, name);
        }
    }

    fn name(&mut self, law: Law, name: String) {
        let offenders = &mut self.offenders[law as usize];
        if offenders.insert(name) {
            self.broken[law as usize] += 1;
        }
        if i64::try_from(offenders.len()).unwrap_or(i64::MAX) > AUDIT_OFFENDERS {
            offenders.pop_last();
        }
    }

    /// The first offender that was found, with its promise.
    pub(super) fn first(&self) -> Option<(&'static str, &str)> {
        Law::ALL.into_iter().find_map(|law| Some((law.promise(), &**self.offenders[law as usize].first()?)))
    }

    /// Adds what was found to the findings of the promises that it belongs to.
    pub(super) fn merge(&mut self, findings: &mut [Finding]) {
        for law in Law::ALL {
            let Some(finding) = findings.iter_mut().find(|finding| finding.name == law.promise()) else { continue };
            let offenders = std::mem::take(&mut self.offenders[law as usize]);
            finding.broken += self.broken[law as usize];
            finding.holds = finding.broken == 0;
            finding.offenders.extend(offenders);
            finding.offenders.sort_unstable();
            finding.offenders.truncate(usize::try_from(AUDIT_OFFENDERS).unwrap_or(usize::MAX));
        }
    }
}
