//! Two books of events that must agree: the ledger of the receiver, which is what arrived, and the rows of `order_events`,
//! which is what was committed. Judged from the rows and from what stands in the ledger alone.
//!
//! What is promised of webhooks is *at least once*: a repeat is right where it bears the same `webhook-id` and says the same.
//! What must hold is that each event arrived, that those of an order came first in their order, and that nothing else came.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::receiver::ledger::Line;

/// An event that was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// The order that the event is about.
    pub order_id: String,
    /// The event's version within its order.
    pub version: i64,
    /// Its type, without a prefix.
    pub kind: String,
    /// In which history of the database.
    pub epoch: i64,
    /// When it was decided, RFC 3339.
    pub at: String,
    /// What its order costs.
    pub amount: i64,
}

/// An event by its order and version.
pub type EventId = (String, i64);

const COMMITTED: &str = r#"
SELECT e.order_id, e.first_version + place - 1, event ->> 'type', e.epoch::bigint,
    to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), o.amount
FROM order_events e
CROSS JOIN LATERAL json_array_elements(e.events::json) WITH ORDINALITY AS listed (event, place)
JOIN orders o ON o.order_id = e.order_id
ORDER BY e.order_id, e.first_version, place"#;

/// All that was committed.
///
/// # Errors
///
/// The database's.
pub async fn committed(database: &Client) -> Result<Vec<Committed>, tokio_postgres::Error> {
    let mut events = Vec::new();
    for row in database.query(COMMITTED, &[]).await? {
        events.push(Committed {
            order_id: row.try_get(0)?,
            version: row.try_get(1)?,
            kind: row.try_get(2)?,
            epoch: row.try_get(3)?,
            at: row.try_get(4)?,
            amount: row.try_get(5)?,
        });
    }
    Ok(events)
}

/// What is right of one endpoint, beside the rule.
#[derive(Debug, Clone, Default)]
pub struct Leave {
    /// The database came back older than it was: what it lost may have arrived, under an earlier epoch than this.
    pub lost_before: Option<i64>,
    /// Events that an operator had delivered behind what followed them.
    pub behind: HashSet<EventId>,
}

/// What was compared, and what does not agree.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Events that were committed.
    pub events: usize,
    /// Of so many orders.
    pub orders: usize,
    /// Deliveries that came again.
    pub repeats: usize,
    /// Events of an earlier history that the database has not any more.
    pub lost: usize,
    /// What is wrong, in words.
    pub offences: Vec<String>,
}

/// Holds what arrived at an endpoint against what was committed.
pub fn compare(committed: &[Committed], lines: &[Line], leave: &Leave) -> Findings {
    let rows: HashMap<(&str, i64, i64), &Committed> =
        committed.iter().map(|row| ((row.order_id.as_str(), row.version, row.epoch), row)).collect();
    let mut findings = Findings { events: committed.len(), ..Findings::default() };
    let mut seen: HashMap<(&str, i64), &Value> = HashMap::new();
    let mut firsts: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for line in lines {
        let (order_id, epoch, event) = (line.order_id(), line.epoch(), &line.event);
        let Some(version) = line.version() else {
            findings.offences.push(format!("line {}: it is no event of an order", line.seq));
            continue;
        };
        let mut wrong = |what: &str| findings.offences.push(format!("{order_id}/{version} of epoch {epoch}: {what}"));
        if line.webhook_id != webhook_id(line) || line.text("id") != format!("{order_id}/{version}") {
            wrong("its webhook-id is not the one of its source and id");
        }
        match seen.insert((&line.webhook_id, epoch), event) {
            Some(before) if before != event => wrong("it came again, and said something else"),
            Some(_) => findings.repeats += 1,
            None => match rows.get(&(order_id, version, epoch)) {
                Some(row) => {
                    firsts.entry(order_id).or_default().push(version);
                    let what = if tells(row, event) { None } else { Some("it is not what was committed") };
                    what.into_iter().for_each(wrong);
                }
                None if leave.lost_before.is_some_and(|later| epoch < later) => findings.lost += 1,
                None => wrong("it arrived, and the database has not got it"),
            },
        }
    }
    for (order_id, versions) in &mut firsts {
        versions.retain(|version| !leave.behind.contains(&((*order_id).to_owned(), *version)));
        if !versions.is_sorted() {
            findings.offences.push(format!("{order_id}: its events came first in the order {versions:?}"));
        }
    }
    let arrived: HashSet<(&str, Option<i64>, i64)> =
        lines.iter().map(|line| (line.order_id(), line.version(), line.epoch())).collect();
    let missing = committed.iter().filter(|row| !arrived.contains(&(&row.order_id, Some(row.version), row.epoch)));
    let missing = missing.map(|row| format!("{}/{} of epoch {} never arrived", row.order_id, row.version, row.epoch));
    findings.offences.extend(missing);
    findings.orders = committed.iter().map(|row| row.order_id.as_str()).collect::<HashSet<_>>().len();
    findings
}

/// The `webhook-id` that an event has: UUIDv5 of its source and id.
fn webhook_id(line: &Line) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("{}/{}", line.text("source"), line.text("id")).as_bytes()).to_string()
}

/// Whether an event tells what a row says.
fn tells(row: &Committed, event: &Value) -> bool {
    let is = |name: &str, value: &str| event[name].as_str() == Some(value);
    is("type", &format!("counterfoil.{}", row.kind))
        && is("time", &row.at)
        && (row.kind != "order.created" || event["data"]["amount"].as_i64() == Some(row.amount))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(order_id: &str, version: i64, epoch: i64) -> Committed {
        let kind = if version == 1 { "order.created" } else { "order.completed" }.to_owned();
        Committed { order_id: order_id.into(), version, kind, epoch, at: format!("t{epoch}"), amount: 5 }
    }

    fn line(row: &Committed) -> Line {
        let id = format!("{}/{}", row.order_id, row.version);
        let event = json!({
            "id": id, "source": "/s", "subject": row.order_id, "sequence": row.version.to_string(), "epoch": row.epoch,
            "type": format!("counterfoil.{}", row.kind), "time": row.at, "data": {"amount": row.amount},
        });
        let webhook_id = Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("/s/{id}").as_bytes()).to_string();
        Line { seq: 0, at: String::new(), path: "/crm".into(), webhook_id, repeat: false, event }
    }

    fn rows() -> Vec<Committed> {
        vec![row("A", 1, 7), row("A", 2, 7), row("B", 1, 7)]
    }

    #[test]
    fn what_agrees_is_let_pass() {
        let rows = rows();
        let arrived: Vec<Line> = [&rows[2], &rows[0], &rows[1], &rows[0]].map(line).into();
        let found = compare(&rows, &arrived, &Leave::default());
        assert_eq!((found.events, found.orders, found.repeats), (3, 2, 1));
        assert_eq!(found.offences, Vec::<String>::new());
        let redriven: Vec<Line> = [&rows[1], &rows[2], &rows[0]].map(line).into();
        let leave = Leave { behind: HashSet::from([("A".to_owned(), 1)]), ..Leave::default() };
        assert_eq!(compare(&rows, &redriven, &leave).offences, Vec::<String>::new());
    }

    #[test]
    fn what_a_history_lost_is_told_from_what_is() {
        let rows = vec![row("A", 1, 7), row("A", 2, 9)];
        let lost = [row("A", 2, 7), row("C", 1, 7)];
        let arrived: Vec<Line> = [&rows[0], &lost[0], &lost[1], &rows[1]].map(line).into();
        let leave = Leave { lost_before: Some(9), ..Leave::default() };
        let found = compare(&rows, &arrived, &leave);
        assert_eq!((found.lost, found.repeats, found.offences), (2, 0, vec![]));
        assert_eq!(compare(&rows, &arrived, &Leave::default()).offences.len(), 2);
    }

    #[test]
    fn every_disagreement_is_seen() {
        let rows = rows();
        let all = |more: &[Line]| [rows.iter().map(line).collect::<Vec<_>>(), more.to_vec()].concat();
        let mut other = line(&rows[0]);
        other.event["data"]["amount"] = 6.into();
        let mut renamed = line(&rows[0]);
        renamed.webhook_id = Uuid::nil().to_string();
        let turned: Vec<Line> = [&rows[1], &rows[0], &rows[2]].map(line).into();
        let changed = [vec![other.clone()], all(&[])[1..].to_vec()].concat();
        for (arrived, told) in [
            (all(&[])[1..].to_vec(), "A/1 of epoch 7 never arrived"),
            (all(&[line(&row("C", 1, 7))]), "the database has not got it"),
            (all(&[line(&row("A", 1, 8))]), "the database has not got it"),
            (all(&[other]), "said something else"),
            (all(&[renamed]), "webhook-id"),
            (turned, "came first in the order [2, 1]"),
            (changed, "not what was committed"),
        ] {
            let offences = compare(&rows, &arrived, &Leave::default()).offences;
            assert!(offences.iter().any(|offence| offence.contains(told)), "{told}: {offences:?}");
        }
    }
}
