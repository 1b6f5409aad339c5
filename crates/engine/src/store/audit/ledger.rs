//! The ledger of remote participants, held against the database: what was really done outside, once, by whom it was
//! asked, and no more than the rows say.
//!
//! **The race.** A step is a commit that intends it, then the effect with its line, then the commit that tells its
//! outcome. A live system is between two of these with every order in flight, and two things cannot be read at one
//! moment. So the database is asked first which transactions are done (a snapshot, a line of text), then the ledger is
//! read to its present end, and then the rows are read, on the snapshot of all other promises. That makes three things
//! certain, without comparing any two clocks:
//!
//! - *Every line that was read has its intent in the rows*, since it was committed before the line was written. So
//!   nothing excuses a line under a key that no order of ours derives, of an order that is not there, or of a step that
//!   its order never came to.
//! - *An order without a commit since the first snapshot* has every line that its rows tell of: they were durable before
//!   the outcome was committed, and that was before the ledger was read. It is compared in full.
//! - *An order with one* may tell of lines that came later. What must be there is not asked of it, only what must not;
//!   the next audit asks the rest.
//!
//! **What an order in flight may differ in**, whether or not it waits for a human: the call that is due may have taken
//! effect, or not. A charge, authorisation or capture that is intended is there once or not at all; so are a shipment
//! and a reservation; a void, a refund and a cancellation that are intended have taken back all or nothing; a client's
//! refund that is intended is there once or not at all, though its amount counts already. Whatever lies before the call
//! that is due must be there, and whatever lies behind it must not. **What an operator answered for** (`skip`,
//! `force-cancel`) is not held against the participants: the evidence is in the operators' log. Such an order is asked
//! only that no money moved twice, nothing went back that was not there, and no key is foreign. What the ledger says
//! against the word is told beside it ([`super::vouched`]).
//!
//! **After a clone** (`counterfoil adopt --as clone`) the orders that came with it are under the keys of the deployment that
//! they are of, and that one may have gone on with them: of such an order only the laws are asked that its lines keep by
//! themselves, and that no line is under a key of ours. Lines of the other deployment about orders of its own are its own.
//!
//! The rows are read over the whole table and judged here, order by order: a law about keys that are derived by SHA-1
//! has no place in SQL. Local roles have no lines, and one that has is an offender.
//!
//! **Several ledgers**, of participants that write one each, are judged as one: what an order asks for stands in one of them,
//! whichever, once. Only what stands in one file bears an order. A step of one's own is asked for where one of them has a line
//! of it; charges, parcels and reservations always are.

mod judge;
mod lines;

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use futures_util::TryStreamExt;
use rustc_hash::{FxHashMap, FxHashSet};
use tokio_postgres::{Client, Row, Transaction};
use uuid::Uuid;

use super::{Finding, none};
use crate::limits::AUDIT_OFFENDERS;
use crate::saga::definition::Plan;
use crate::saga::ids::{Client as Asker, DeploymentId, IdempotencyKey, OrderId};
use crate::saga::state::{self, PaymentStatus, RefundStatus, ShipmentStatus, State, StepStatus, Stock};
use judge::{Law, OwnStep, RefundRow, Standing};
use lines::Line;
pub use lines::{Ledger, LedgerError};

/// The names of the promises about a ledger, in the order of a report.
pub fn promise_names() -> impl Iterator<Item = &'static str> {
    Law::ALL.into_iter().map(Law::name)
}

/// Which transactions were done before the ledger was read.
#[derive(Debug)]
pub(super) struct Before(String);

/// To be called before the ledger is read.
pub(super) async fn before(client: &Client) -> Result<Before, tokio_postgres::Error> {
    let row = client.query_one("SELECT pg_current_snapshot()::text", &[]).await?;
    Ok(Before(row.try_get(0)?))
}

/// Orders with a participant elsewhere, as they stand.
const STANDING: &str = "
    SELECT o.order_id, o.plan, o.state, o.stock, coalesce(p.status, 'none'), o.shipment,
        coalesce(pg_temp.counterfoil_json(o.details) ->> 'capture' = 'manual', false),
        o.amount, coalesce(p.amount, o.amount), coalesce(p.captured, 0), coalesce(p.refunded, 0), o.created_at,
        CASE WHEN o.saga_version = 2 THEN own.steps END, CASE WHEN o.saga_version = 2 THEN own.content END
    FROM orders AS o LEFT JOIN payments AS p USING (order_id) LEFT JOIN (
        SELECT s.order_id, max(s.steps) AS steps, max(d.content) AS content
        FROM order_steps AS s LEFT JOIN saga_definitions AS d USING (definition_id)
        GROUP BY s.order_id
    ) AS own USING (order_id)
    WHERE o.plan <> 0 AND o.order_id IS NOT NULL";

/// What clients asked back of them.
const REFUNDS: &str = "
    SELECT r.order_id, r.client, r.key, r.amount, r.status
    FROM refunds AS r JOIN orders AS o USING (order_id)
    WHERE o.plan <> 0 AND (r.client, r.key, r.amount, r.status) IS NOT NULL";

/// Orders that were committed to since the ledger was read, and those that an operator answered for. A transaction id
/// that is in no snapshot of this server came with a restore, and is no news.
const APART: &str = r#"
    SELECT order_id, bool_or(moved), bool_or(answered_for)
    FROM (
        SELECT order_id,
            NOT pg_visible_in_snapshot(xact, $1::text::pg_snapshot)
                AND pg_visible_in_snapshot(xact, pg_current_snapshot()) AS moved,
            -- With the name of the field: a text of a client or a participant may be any word, but no unescaped quote.
            events LIKE '%"type":"order.skipped"%' OR events LIKE '%"type":"step.skipped"%' OR events LIKE '%"type":"order.forced"%' AS answered_for
        FROM order_events
        UNION ALL
        SELECT order_id, false, kept LIKE '%"by_word":true%' FROM pruned_orders
    ) AS commits
    WHERE moved OR answered_for
    GROUP BY order_id"#;

/// What else is in the ledger and in the database.
const LOCAL: &str = "SELECT order_id FROM orders WHERE plan = 0 AND order_id = ANY($1)";

/// The deployments that this one was cloned from, the oldest first, and until when each had its orders.
const EARLIER: &str = "
    SELECT (e.one ->> 'deployment_id')::uuid, (e.one ->> 'until')::timestamptz
    FROM deployment AS d, jsonb_array_elements(d.previous) WITH ORDINALITY AS e (one, place)
    WHERE (e.one ->> 'deployment_id', e.one ->> 'until') IS NOT NULL
    ORDER BY e.place";

/// The sagas that orders of this database, or of what it was cloned from, began under.
const SAGAS: &str = "SELECT content FROM saga_definitions";

/// Orders with steps of their own.
const OWN: &str = "
    SELECT o.order_id, d.content, o.created_at
    FROM order_steps AS s JOIN saga_definitions AS d USING (definition_id) JOIN orders AS o USING (order_id)
    WHERE o.order_id IS NOT NULL";

/// What a ledger breaks, and what it says against the words of operators, by order.
pub(super) struct Checked {
    pub findings: Vec<Finding>,
    pub against: BTreeMap<String, Vec<String>>,
}

/// Judges a ledger that was read after `before`, by the rows of `transaction`.
pub(super) async fn check(
    transaction: &Transaction<'_>,
    ledger: &Ledger,
    before: &Before,
) -> Result<Checked, tokio_postgres::Error> {
    let row = transaction.query_one("SELECT deployment_id FROM deployment", &[]).await?;
    let mut found = Found::new(DeploymentId(row.try_get::<_, Uuid>(0)?), ledger);
    for row in transaction.query(EARLIER, &[]).await? {
        found.earlier.push((DeploymentId(row.try_get::<_, Uuid>(0)?), row.try_get(1)?));
    }
    if !found.earlier.is_empty() {
        for row in transaction.query(SAGAS, &[]).await? {
            found.names.extend(step_names(row.try_get(0)?));
        }
    }
    let mut own = std::pin::pin!(transaction.query_raw(OWN, none()).await?);
    while let Some(row) = own.try_next().await? {
        found.cover(row.try_get(0)?, step_names(row.try_get(1)?), row.try_get(2)?);
    }
    let apart = apart(transaction, before).await?;
    let mut refunds = refunds(transaction).await?;
    let mut rows = std::pin::pin!(transaction.query_raw(STANDING, none()).await?);
    while let Some(row) = rows.try_next().await? {
        let order_id: String = row.try_get(0)?;
        let mut standing = standing(&row)?;
        if let Some(standing) = &mut standing {
            (standing.moved, standing.answered_for) = apart.get(order_id.as_str()).copied().unwrap_or_default();
            standing.refunds = refunds.remove(order_id.as_str()).unwrap_or_default();
        }
        found.judge(&order_id, standing.as_mut(), row.try_get(11)?);
    }
    let unseen: Vec<&str> = ledger.orders.keys().map(|id| &**id).filter(|id| !found.seen.contains(*id)).collect();
    for row in transaction.query(LOCAL, &[&unseen]).await? {
        found.refuse(&row.try_get::<_, String>(0)?);
    }
    found.refuse_unknown();
    let against = std::mem::take(&mut found.against);
    Ok(Checked { findings: found.findings(), against })
}

/// By order: whether it moved since, and whether an operator answered for it.
async fn apart(
    transaction: &Transaction<'_>,
    before: &Before,
) -> Result<FxHashMap<String, (bool, bool)>, tokio_postgres::Error> {
    let rows = transaction.query(APART, &[&before.0]).await?;
    let of = |row: &Row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)));
    rows.iter().map(of).collect()
}

/// By order, what clients asked back. A row that cannot be read is the database's own offender.
async fn refunds(transaction: &Transaction<'_>) -> Result<FxHashMap<String, Vec<RefundRow>>, tokio_postgres::Error> {
    let mut refunds: FxHashMap<String, Vec<RefundRow>> = FxHashMap::default();
    for row in transaction.query(REFUNDS, &[]).await? {
        let (client, key): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        let Some(status) = RefundStatus::parse(row.try_get(4)?) else { continue };
        let operation = state::operation(&Asker::trusted(client), &IdempotencyKey::trusted(key));
        refunds.entry(row.try_get(0)?).or_default().push(RefundRow { operation, amount: row.try_get(3)?, status });
    }
    Ok(refunds)
}

/// The standing of a row; `None` where the row cannot be read, which is the database's own offender.
fn standing(row: &Row) -> Result<Option<Standing>, tokio_postgres::Error> {
    // NOT NULL is a constraint too, and an audit trusts none.
    let word = |at: usize| Ok(row.try_get::<_, Option<&str>>(at)?.unwrap_or_default());
    let units = |at: usize| row.try_get::<_, Option<i64>>(at);
    let words = (
        State::parse(word(2)?),
        Stock::parse(word(3)?),
        PaymentStatus::parse(word(4)?),
        ShipmentStatus::parse(word(5)?),
    );
    let (Some(state), Some(stock), Some(payment), Some(shipment)) = words else { return Ok(None) };
    let (Some(cost), Some(amount), Some(captured), Some(refunded)) = (units(7)?, units(8)?, units(9)?, units(10)?)
    else {
        return Ok(None);
    };
    Ok(Some(Standing {
        plan: Plan(row.try_get(1)?),
        state,
        stock: if waits_for_a_step(stock, row.try_get(12)?, row.try_get(13)?) { Stock::None } else { stock },
        payment,
        shipment,
        manual: row.try_get(6)?,
        cost,
        amount,
        captured,
        refunded,
        refunds: Vec::new(),
        steps: own_steps(row.try_get(12)?, row.try_get(13)?),
        moved: false,
        answered_for: false,
        cloned: false,
    }))
}

/// The names of the steps of a saga that are one's own; none of one that cannot be read.
fn step_names(saga: Option<&str>) -> Vec<String> {
    let saga = saga.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()).unwrap_or_default();
    let own = saga["steps"].as_array().into_iter().flatten().filter(|step| !step["action"].is_null());
    own.filter_map(|step| Some(step["name"].as_str()?.to_owned())).collect()
}

/// Whether nothing was reserved yet, since a step before it is not done: the row says `intended` then, which is the one word that
/// earlier programs know.
fn waits_for_a_step(stock: Stock, steps: Option<&str>, saga: Option<&str>) -> bool {
    let read = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let (Some(steps), Some(saga)) = (read(steps), read(saga)) else { return false };
    let before = saga["steps"].as_array().into_iter().flatten().take_while(|step| step["name"] != "inventory");
    let standing = before.zip(steps.as_array().into_iter().flatten());
    stock == Stock::Intended && standing.into_iter().any(|(_, stands)| stands["status"] != "done")
}

/// The steps of an order's own that somebody else does; none of rows that cannot be read, which are the database's own
/// offenders.
fn own_steps(steps: Option<&str>, saga: Option<&str>) -> Vec<OwnStep> {
    let read = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
    let (Some(steps), Some(saga)) = (read(steps), read(saga)) else { return Vec::new() };
    let own = saga["steps"].as_array().into_iter().flatten().scan(0, |built_in, step| {
        *built_in += u8::from(step["action"].is_null());
        Some((*built_in, step))
    });
    let standing = own.filter(|(_, step)| !step["action"].is_null()).zip(steps.as_array().into_iter().flatten());
    let elsewhere = standing.filter(|((_, step), _)| step["kind"] != "local");
    let read = elsewhere.filter_map(|((behind, step), stands)| {
        Some(OwnStep {
            name: step["name"].as_str()?.to_owned(),
            undo: !step["undo"].is_null(),
            status: StepStatus::parse(stands["status"].as_str()?)?,
            behind,
        })
    });
    read.collect()
}

/// What is found, order by order.
struct Found<'a> {
    deployment: DeploymentId,
    /// What it was cloned from, and until when that had its orders.
    earlier: Vec<(DeploymentId, SystemTime)>,
    /// The steps of their own that any of their orders may have.
    names: BTreeSet<String>,
    ledger: &'a Ledger,
    /// The steps of orders' own that it is the ledger of: it has a line of one at least. Others are done by services that have
    /// theirs elsewhere.
    covered: BTreeSet<String>,
    /// Orders with lines that were judged.
    seen: FxHashSet<&'a str>,
    checked: [i64; Law::ALL.len()],
    offenders: [BTreeSet<String>; Law::ALL.len()],
    /// What it says against what operators answered for.
    against: BTreeMap<String, Vec<String>>,
}

impl<'a> Found<'a> {
    fn new(deployment: DeploymentId, ledger: &'a Ledger) -> Self {
        let (offenders, against) = (std::array::from_fn(|_| BTreeSet::new()), BTreeMap::new());
        let mut found = Self {
            deployment,
            earlier: Vec::new(),
            names: BTreeSet::new(),
            ledger,
            covered: BTreeSet::new(),
            seen: FxHashSet::default(),
            checked: [0; Law::ALL.len()],
            offenders,
            against,
        };
        let count = i64::try_from(ledger.count).unwrap_or(i64::MAX);
        for law in [Law::Keys, Law::Unasked, Law::Tombstones] {
            found.checked[law as usize] = count;
        }
        found
    }

    /// The lines of an order that are this deployment's to answer for. Those that what it was cloned from wrote, about an
    /// order of the same name, are that one's.
    fn ours(&self, order: &OrderId, lines: &[Line]) -> Vec<Line> {
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        let theirs = |line: &&Line| self.earlier.iter().any(|(earlier, _)| judge::is_of(*earlier, order, &names, line));
        lines.iter().filter(|line| !theirs(line)).copied().collect()
    }

    /// An order that came with the copy is under the keys of whose it is.
    fn whose(&self, created_at: Option<SystemTime>) -> Option<DeploymentId> {
        let earlier = self.earlier.iter().find(|(_, until)| created_at.is_some_and(|at| at <= *until));
        earlier.map(|(deployment, _)| *deployment)
    }

    /// Learns of which steps this is the ledger, by an order that has steps of these names.
    fn cover(&mut self, order_id: &str, names: Vec<String>, created_at: Option<SystemTime>) {
        let Some(lines) = self.ledger.orders.get(order_id) else { return };
        let (deployment, order) = (self.whose(created_at).unwrap_or(self.deployment), OrderId::trusted(order_id));
        let has = |name: &String| lines.iter().any(|line| judge::is_of_step(deployment, &order, name, line));
        let known: Vec<String> = names.into_iter().filter(|name| !self.covered.contains(name) && has(name)).collect();
        self.covered.extend(known);
    }

    /// Judges an order of the database; one whose row cannot be read is passed over.
    fn judge(&mut self, order_id: &str, standing: Option<&mut Standing>, created_at: Option<SystemTime>) {
        let (known, lines) = match self.ledger.orders.get_key_value(order_id) {
            Some((id, lines)) => (Some(&**id), lines.as_slice()),
            None => (None, &[][..]),
        };
        self.seen.extend(known);
        let Some(standing) = standing else { return };
        let order = OrderId::trusted(order_id);
        standing.steps.retain(|step| self.covered.contains(&step.name));
        let whose = self.whose(created_at);
        standing.cloned = whose.is_some();
        let (deployment, lines) = match whose {
            Some(earlier) => (earlier, lines.to_vec()),
            None => (self.deployment, self.ours(&order, lines)),
        };
        self.count(standing);
        for law in judge::broken(deployment, &order, Some(standing), &lines) {
            self.offenders[law as usize].insert(order_id.to_owned());
        }
        if standing.answered_for {
            self.against.insert(order_id.to_owned(), judge::against(deployment, &order, standing, &lines));
        }
    }

    /// Of whom each promise was asked.
    fn count(&mut self, standing: &Standing) {
        let plan = standing.plan;
        let (money, parcel, stock) =
            (!plan.payment_is_local(), plan.0 & Plan::SHIPMENT != 0, !plan.inventory_is_local());
        let refunds = i64::try_from(standing.refunds.len()).unwrap_or(i64::MAX);
        let asked = [
            (Law::ChargedOnce, i64::from(money)),
            (Law::Refunds, i64::from(money)),
            (Law::Money, i64::from(money)),
            (Law::RefundRows, if money { refunds } else { 0 }),
            (Law::Stock, i64::from(stock)),
            (Law::Unpaid, i64::from(parcel)),
            (Law::Shipped, i64::from(parcel)),
            (Law::Steps, i64::try_from(standing.steps.len()).unwrap_or(i64::MAX)),
            (Law::Whole, i64::from(standing.state == State::Cancelled)),
        ];
        for (law, more) in asked {
            self.checked[law as usize] += more;
        }
    }

    /// An order whose participants are all in its own database has lines all the same.
    fn refuse(&mut self, order_id: &str) {
        if let Some((id, lines)) = self.ledger.orders.get_key_value(order_id) {
            self.seen.insert(id);
            if self.ours(&OrderId::trusted(order_id), lines).is_empty() {
                return;
            }
            self.offenders[Law::Unasked as usize].insert(order_id.to_owned());
        }
    }

    /// What is left are lines of orders that are not in the database at all.
    fn refuse_unknown(&mut self) {
        for (order_id, lines) in &self.ledger.orders {
            if self.seen.contains(&**order_id) {
                continue;
            }
            let order = OrderId::trusted(&**order_id);
            for law in judge::broken(self.deployment, &order, None, &self.ours(&order, lines)) {
                self.offenders[law as usize].insert(order_id.to_string());
            }
        }
    }

    fn findings(self) -> Vec<Finding> {
        let found = Law::ALL.into_iter().zip(self.offenders);
        let limit = usize::try_from(AUDIT_OFFENDERS).unwrap_or(usize::MAX);
        let finding = |(law, offenders): (Law, BTreeSet<String>)| Finding {
            name: law.name(),
            holds: offenders.is_empty(),
            checked: self.checked[law as usize],
            broken: i64::try_from(offenders.len()).unwrap_or(i64::MAX),
            offenders: offenders.into_iter().take(limit).collect(),
        };
        found.map(finding).collect()
    }
}
