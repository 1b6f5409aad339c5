//! Two books that must agree: the ledger of the simulated participants, which is what really happened outside, and the
//! database, which is what the engine believes. Judged from the ledger's published fields and from plain rows alone.
//!
//! While an order is under way its row may lag behind the ledger, never the other way round. What holds at any moment
//! is "at most once"; once it has ended, the two are equal.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::path::Path;

use serde::Deserialize;
use tokio_postgres::Client;

/// One effect, by the fields that are published.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// Of the call that had it.
    pub key: String,
    /// The order that the line is about.
    pub order_id: String,
    /// What happened, as the contract calls it.
    pub action: String,
    /// Minor units, where it is about money.
    #[serde(default)]
    pub amount: i64,
    /// The key that was undone.
    #[serde(default)]
    pub undoes: Option<String>,
    /// Nothing was undone: the key was unknown, and is refused from now on.
    #[serde(default)]
    pub tombstone: bool,
}

impl Line {
    /// Whether it is this action, and did something.
    pub fn is(&self, action: &str) -> bool {
        self.action == action && !self.tombstone
    }

    /// As it is shown.
    pub fn text(&self) -> String {
        let amount = if self.amount == 0 { String::new() } else { format!(" {}", self.amount) };
        let kind = if self.tombstone { " (tombstone)" } else { "" };
        let undoes = self.undoes.as_ref().map(|key| format!(" undoes {}", short(key))).unwrap_or_default();
        format!("{:15} key {}{undoes}{amount}{kind}", self.action, short(&self.key))
    }
}

fn short(key: &str) -> &str {
    key.get(..8).unwrap_or(key)
}

/// The lines of a ledger; none where there is no such file yet. A line that is being written is not there yet.
///
/// # Errors
///
/// The file system's, or `InvalidData` where a whole line is not one of a ledger.
pub fn read(path: &Path) -> io::Result<Vec<Line>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole
        .map(|line| serde_json::from_str(line).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error)))
        .collect()
}

/// What the engine believes of an order.
#[derive(Debug, Clone, Default)]
struct Row {
    state: String,
    /// Bits: 1 inventory, 2 payment, 4 shipment are remote.
    plan: i16,
    captured: i64,
    refunded: i64,
    /// A refund has no outcome yet.
    refunding: bool,
    /// An operator declared something settled: it is not in the ledger.
    by_hand: bool,
}

const ROWS: &str = r#"
SELECT o.order_id, o.state, o.plan, coalesce(p.captured, 0), coalesce(p.refunded, 0),
    EXISTS (SELECT FROM refunds r WHERE r.order_id = o.order_id AND r.status = 'intended'),
    EXISTS (SELECT FROM order_events e WHERE e.order_id = o.order_id
            AND (e.events LIKE '%"order.skipped"%' OR e.events LIKE '%"order.forced"%'))
FROM orders o LEFT JOIN payments p USING (order_id)"#;

/// What was compared, and what does not agree.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// Lines of the ledger.
    pub lines: usize,
    /// Orders of the database.
    pub orders: usize,
    /// Minor units that came in, by charges and captures.
    pub taken: i64,
    /// Minor units that went back.
    pub returned: i64,
    /// What is wrong, in words.
    pub offences: Vec<String>,
}

/// Holds a ledger against the database. `authorizations_lapse` where the provider lets go of authorisations by itself,
/// which leaves no line.
///
/// # Errors
///
/// The database's.
pub async fn check(
    database: &Client,
    ledger: &[Line],
    authorizations_lapse: bool,
) -> Result<Findings, tokio_postgres::Error> {
    let mut rows = BTreeMap::new();
    for row in database.query(ROWS, &[]).await? {
        let stands = Row {
            state: row.try_get(1)?,
            plan: row.try_get(2)?,
            captured: row.try_get(3)?,
            refunded: row.try_get(4)?,
            refunding: row.try_get(5)?,
            by_hand: row.try_get(6)?,
        };
        rows.insert(row.try_get::<_, String>(0)?, stands);
    }
    Ok(compare(&rows, ledger, authorizations_lapse))
}

fn compare(rows: &BTreeMap<String, Row>, ledger: &[Line], authorizations_lapse: bool) -> Findings {
    let sum = |wanted: &[&str]| {
        ledger.iter().filter(|line| wanted.iter().any(|action| line.is(action))).map(|line| line.amount).sum()
    };
    let mut findings = Findings {
        lines: ledger.len(),
        orders: rows.len(),
        taken: sum(&["charge", "capture"]),
        returned: sum(&["refund"]),
        offences: repeated(ledger),
    };
    let mut by_order: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in ledger {
        by_order.entry(&line.order_id).or_default().push(line);
    }
    let none = Vec::new();
    for (id, row) in rows {
        let account = Account { lines: by_order.remove(id.as_str()).unwrap_or(none.clone()) };
        let wrong = account.wrong(row, authorizations_lapse);
        findings.offences.extend(wrong.into_iter().map(|what| format!("{id}: {what}")));
    }
    let strangers = by_order.keys().map(|id| format!("{id}: the ledger knows it, and the database does not"));
    findings.offences.extend(strangers);
    findings
}

/// What no ledger may hold: an effect twice under its key, or an effect behind its tombstone.
fn repeated(ledger: &[Line]) -> Vec<String> {
    let (mut seen, mut buried, mut wrong) = (BTreeSet::new(), HashMap::new(), Vec::new());
    for line in ledger {
        if !seen.insert((&line.key, &line.action, &line.undoes)) {
            wrong.push(format!("{}: {} twice under the key {}", line.order_id, line.action, line.key));
        }
        if buried.contains_key(&line.key) {
            wrong.push(format!("{}: {} took effect behind its tombstone", line.order_id, line.action));
        }
        if let Some(undone) = line.undoes.as_ref().filter(|_| line.tombstone) {
            buried.insert(undone, ());
        }
    }
    wrong
}

/// The lines of one order.
struct Account<'a> {
    lines: Vec<&'a Line>,
}

impl Account<'_> {
    fn count(&self, action: &str) -> usize {
        self.lines.iter().filter(|line| line.is(action)).count()
    }

    fn money(&self, action: &str) -> i64 {
        self.lines.iter().filter(|line| line.is(action)).map(|line| line.amount).sum()
    }

    fn wrong(&self, row: &Row, authorizations_lapse: bool) -> Vec<String> {
        let mut wrong = Vec::new();
        for action in ["reserve", "authorize", "charge", "capture", "ship"] {
            let count = self.count(action);
            if count > 1 {
                wrong.push(format!("{action} took effect {count} times"));
            }
        }
        let (taken, returned) = (self.money("charge") + self.money("capture"), self.money("refund"));
        if returned > taken {
            wrong.push(format!("{returned} went back of {taken} taken"));
        }
        if row.captured > taken && row.plan & 2 != 0 && !row.by_hand {
            wrong.push(format!("the database has {} captured, the ledger {taken}", row.captured));
        }
        let paid = self.lines.iter().position(|line| line.is("charge") || line.is("capture"));
        let shipped = self.lines.iter().position(|line| line.is("ship"));
        if shipped.is_some() && row.plan & 2 != 0 && (paid.is_none() || paid > shipped) {
            wrong.push("it was shipped before it was paid".into());
        }
        match row.state.as_str() {
            "COMPLETED" | "CANCELLED" => self.ended(row, taken, returned, authorizations_lapse, &mut wrong),
            _ => {}
        }
        wrong
    }

    /// What holds of an order that has ended.
    fn ended(&self, row: &Row, taken: i64, returned: i64, authorizations_lapse: bool, wrong: &mut Vec<String>) {
        if row.plan & 2 != 0 && !row.by_hand && (taken != row.captured || returned != row.refunded && !row.refunding) {
            wrong.push(format!(
                "the ledger took {taken} and gave back {returned}, the database says {} and {}",
                row.captured, row.refunded
            ));
        }
        let parcels = self.count("ship").saturating_sub(self.count("cancel-shipment"));
        let held = self.count("reserve").saturating_sub(self.count("release"));
        if row.state == "COMPLETED" {
            if row.plan & 4 != 0 && parcels != 1 && !row.by_hand {
                wrong.push(format!("it is COMPLETED with {parcels} parcels out"));
            }
            if row.plan & 1 != 0 && held != 1 && !row.by_hand {
                wrong.push(format!("it is COMPLETED with {held} reservations"));
            }
            return;
        }
        let authorized = self.count("authorize").saturating_sub(self.count("capture") + self.count("void"));
        let lapsed = if authorizations_lapse { 0 } else { authorized };
        if !row.by_hand && (taken != returned || parcels + held + lapsed > 0) {
            wrong.push(format!(
                "it is CANCELLED with {} taken, {parcels} parcels, {held} reservations, {lapsed} authorisations left",
                taken - returned
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, action: &str, amount: i64, undoes: Option<&str>) -> Line {
        let text = |text: &str| text.to_owned();
        Line {
            key: text(key),
            order_id: "A".into(),
            action: text(action),
            amount,
            undoes: undoes.map(text),
            tombstone: false,
        }
    }

    fn judge(state: &str, captured: i64, refunded: i64, ledger: &[Line]) -> Vec<String> {
        let row = Row { state: state.into(), plan: 7, captured, refunded, ..Row::default() };
        compare(&BTreeMap::from([("A".to_owned(), row)]), ledger, false).offences
    }

    fn sold() -> Vec<Line> {
        vec![line("r", "reserve", 0, None), line("c", "charge", 5, None), line("s", "ship", 0, None)]
    }

    #[test]
    fn what_agrees_is_let_pass() {
        assert_eq!(judge("COMPLETED", 5, 0, &sold()), Vec::<String>::new());
        assert_eq!(judge("PAYMENT_CHARGED", 5, 0, &sold()), Vec::<String>::new(), "the row lags behind");
        let undone = [&sold()[..2], &[line("v", "refund", 5, Some("c")), line("x", "release", 0, Some("r"))]].concat();
        assert_eq!(judge("CANCELLED", 5, 5, &undone), Vec::<String>::new());
    }

    #[test]
    fn every_disagreement_is_seen() {
        let with = |more: Line| [sold(), vec![more]].concat();
        let twice = with(line("c2", "charge", 5, None));
        let buried = Line { tombstone: true, ..line("v", "void", 0, Some("c")) };
        let late = [vec![buried], sold()].concat();
        let unpaid = vec![line("r", "reserve", 0, None), line("s", "ship", 0, None), line("c", "charge", 5, None)];
        for (state, captured, refunded, ledger, told) in [
            ("COMPLETED", 10, 0, &twice, "charge took effect 2 times"),
            ("COMPLETED", 5, 0, &with(line("c", "charge", 5, None)), "twice under the key"),
            ("COMPLETED", 5, 0, &with(line("v", "refund", 9, Some("c"))), "9 went back of 5"),
            ("COMPLETED", 5, 5, &sold(), "gave back 0"),
            ("COMPLETED", 5, 0, &late, "behind its tombstone"),
            ("COMPLETED", 5, 0, &unpaid, "shipped before it was paid"),
            ("COMPLETED", 5, 0, &sold()[..2].to_vec(), "0 parcels"),
            ("CANCELLED", 5, 0, &sold(), "CANCELLED with 5 taken, 1 parcels, 1 reservations"),
            ("INVENTORY_RESERVED", 5, 0, &sold()[..1].to_vec(), "has 5 captured, the ledger 0"),
        ] {
            let offences = judge(state, captured, refunded, ledger);
            assert!(offences.iter().any(|offence| offence.contains(told)), "{told}: {offences:?}");
        }
        let strangers = compare(&BTreeMap::new(), &sold(), false).offences;
        assert_eq!(strangers.len(), 1);
    }
}
