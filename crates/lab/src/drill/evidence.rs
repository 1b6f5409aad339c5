//! What a drill shows: a narrative for people, made of labelled paragraphs, and the promises that were checked.

use std::fmt::Write as _;
use std::io::Write;

use serde::Serialize;
use tokio_postgres::SimpleQueryRow;

use counterfoil_engine::client::HttpAnswer;

/// How wide a table may become, and how long one of its cells.
const TABLE_WIDTH: usize = 100;
const CELL_WIDTH: usize = 40;
/// How much of a body is shown.
const BODY_WIDTH: usize = 400;
/// Where the text of a paragraph begins.
const INDENT: usize = 10;

/// How one scenario ended.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioOutcome {
    /// The scenario's name.
    pub name: &'static str,
    /// Whether every promise held.
    pub held: bool,
    /// What was proved, or what broke.
    pub detail: String,
}

/// The narrative, written as it happens, and what was checked in the scenario that runs.
pub struct Tale {
    out: Box<dyn Write>,
    checked: usize,
    broken: Vec<String>,
}

impl Tale {
    /// A narrative that goes to `out`.
    pub fn new(out: Box<dyn Write>) -> Self {
        Self { out, checked: 0, broken: Vec::new() }
    }

    /// Begins a scenario.
    pub fn begin(&mut self, name: &str, about: &str) {
        (self.checked, self.broken) = (0, Vec::new());
        self.write(&format!("\n=== {name}: {about}\n"));
    }

    /// A paragraph under a label: `armed`, `engine`, `client`, `database`, `ledger`, `recovery`.
    pub fn tell(&mut self, label: &str, text: &str) {
        let mut paragraph = String::new();
        for (index, line) in text.lines().enumerate() {
            let label = if index == 0 { label } else { "" };
            // Writing to a String cannot fail.
            let _ = writeln!(paragraph, "{}", format!("{label:INDENT$}{line}").trim_end());
        }
        self.write(&paragraph);
    }

    /// A promise, and whether it holds.
    pub fn check(&mut self, holds: bool, promise: impl Into<String>) {
        let promise = promise.into();
        self.checked += 1;
        self.tell(if holds { "  holds" } else { "  BROKEN" }, &promise);
        if !holds {
            self.broken.push(promise);
        }
    }

    /// What a client asked, and the answer.
    pub fn answer(&mut self, asked: &str, answer: &HttpAnswer) {
        let replayed = if answer.is_replayed() { " Idempotent-Replayed: true" } else { "" };
        let body = excerpt(&answer.body);
        self.tell("client", &format!("{asked}\nHTTP {}{replayed}\n{body}", answer.status));
    }

    /// What the database was asked, and its rows.
    pub fn rows(&mut self, sql: &str, rows: &[SimpleQueryRow]) {
        self.tell("database", &format!("{sql};\n{}", rows_table(rows)));
    }

    /// Whether nothing broke so far in this scenario.
    pub fn held(&self) -> bool {
        self.broken.is_empty()
    }

    /// Ends a scenario: `proved` says what was shown, where everything held.
    pub fn end(&mut self, name: &'static str, proved: String) -> ScenarioOutcome {
        let held = self.held();
        let detail = if held { proved } else { format!("broke: {}", self.broken.join("; ")) };
        self.tell("verdict", &format!("{} ({} checks): {detail}", verdict(held), self.checked));
        ScenarioOutcome { name, held, detail }
    }

    /// The table at the end.
    pub fn table(&mut self, outcomes: &[ScenarioOutcome]) {
        let width = outcomes.iter().map(|outcome| outcome.name.len()).max().unwrap_or(0);
        let mut text = format!("\n{:width$}  outcome\n", "scenario");
        for ScenarioOutcome { name, held, detail } in outcomes {
            let _ = writeln!(text, "{name:width$}  {:6}  {detail}", verdict(*held));
        }
        self.write(&text);
    }

    /// Plain text. A reader that went away does not end a drill: its verdict is the exit code.
    pub fn write(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

fn verdict(held: bool) -> &'static str {
    if held { "HELD" } else { "BROKEN" }
}

/// A body as it is shown: on one line, bounded.
pub fn excerpt(body: &[u8]) -> String {
    clip(&String::from_utf8_lossy(body).replace('\n', " "), BODY_WIDTH)
}

fn clip(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(3)).chain("...".chars()).collect()
}

/// Rows as a client of the database shows them: `Empty set`, or a table of the columns that fit.
fn rows_table(rows: &[SimpleQueryRow]) -> String {
    let Some(first) = rows.first() else { return "Empty set".into() };
    let names: Vec<&str> = first.columns().iter().map(tokio_postgres::SimpleColumn::name).collect();
    let cells: Vec<Vec<String>> = rows
        .iter()
        .map(|row| (0..names.len()).map(|index| clip(row.get(index).unwrap_or("NULL"), CELL_WIDTH)).collect())
        .collect();
    table(&names, &cells)
}

/// Columns that say most of an order come first; the others as far as there is room.
const TELLING: [&str; 7] = ["order_id", "state", "version", "amount", "status", "answer_status", "attention"];

fn table(names: &[&str], rows: &[Vec<String>]) -> String {
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by_key(|&index| {
        let name = names.get(index).copied().unwrap_or_default();
        TELLING.iter().position(|telling| *telling == name).unwrap_or(TELLING.len())
    });
    let width_of = |index: usize| {
        let name = names.get(index).map_or(0, |name| name.len());
        rows.iter().filter_map(|row| Some(row.get(index)?.chars().count())).fold(name, usize::max)
    };
    let (mut shown, mut used) = (Vec::new(), 0);
    for index in order {
        let width = width_of(index) + 3;
        if used + width <= TABLE_WIDTH {
            used += width;
            shown.push(index);
        }
    }
    let line = |cells: &dyn Fn(usize) -> String| {
        let cells = shown.iter().map(|&index| format!("{:1$}", cells(index), width_of(index)));
        cells.collect::<Vec<_>>().join(" | ").trim_end().to_owned()
    };
    let mut text = line(&|index| names.get(index).copied().unwrap_or_default().to_owned());
    for row in rows {
        text.push('\n');
        text.push_str(&line(&|index| row.get(index).cloned().unwrap_or_default()));
    }
    let hidden = names.len() - shown.len();
    let more = if hidden > 0 { format!(", {hidden} further columns") } else { String::new() };
    let plural = if rows.len() == 1 { "" } else { "s" };
    let _ = write!(text, "\n({} row{plural}{more})", rows.len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_what_fits_and_says_what_does_not() {
        let wide = "x".repeat(90);
        let row = vec!["raw".to_owned(), wide, "ORD-1".to_owned()];
        let text = table(&["commit_id", "lines", "order_id"], &[row]);
        assert_eq!(text, "order_id | commit_id\nORD-1    | raw\n(1 row, 1 further columns)");
    }

    #[test]
    fn a_broken_promise_breaks_its_scenario_only() {
        let mut tale = Tale::new(Box::new(std::io::sink()));
        tale.begin("a", "first");
        tale.check(true, "this");
        tale.check(false, "that");
        let first = tale.end("a", "all".into());
        assert!(!first.held && first.detail == "broke: that", "{first:?}");
        tale.begin("b", "second");
        assert!(tale.end("b", "all".into()).held);
    }
}
