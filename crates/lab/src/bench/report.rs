//! The end of a load: `report.json`, a page that shows it, and lines for the terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::mix::Kind;
use super::server::{Batches, Cost};
use super::tally::{Count, Latency, Second};
use crate::terminal::escaped;

/// Of the shape of `report.json`.
const FORMAT: u32 = 1;
/// The page, but for what it shows.
const PAGE: &str = include_str!("page.html");
/// Where that comes in.
const PLACE: &str = "\"REPORTS\"";

/// Everything that is told of a load: `report.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Of this shape; another one cannot be compared.
    pub format: u32,
    /// Of the program that made the load.
    pub version: String,
    /// As it was typed.
    pub command: String,
    /// Of the draws: the same one gives the same orders.
    pub seed: u64,
    /// When it began to be measured, RFC 3339.
    pub began_at: String,
    /// The machine that made the load.
    pub machine: Machine,
    /// For how long it was measured.
    pub seconds: f64,
    /// Whether somebody ended it before its time.
    pub is_interrupted: bool,
    /// Requests in flight at most.
    pub clients: usize,
    /// How often each order was sent.
    pub copies: usize,
    /// Servers.
    pub targets: usize,
    /// Orders a second that were due, where there was a rate.
    pub rate: Option<f64>,
    /// Orders that were answered, as they were meant to be, while it was measured.
    pub orders: u64,
    /// The same, a second.
    pub orders_per_s: f64,
    /// Orders that were due before a client was free to send them, those that were never sent included.
    pub late: u64,
    /// Of first copies, since they were due.
    pub first: Latency,
    /// Of further copies.
    pub repeats: Latency,
    /// Of captures, cancels and refunds.
    pub verbs: Latency,
    /// Second by second.
    pub timeline: Vec<Second>,
    /// Rate by rate, where it grew.
    pub ramp: Vec<Lap>,
    /// Orders by kind, warm-up and tail included.
    pub kinds: BTreeMap<Kind, Count>,
    /// Answers by status and code, likewise.
    pub answers: BTreeMap<String, u64>,
    /// Further tries by cause, likewise.
    pub retries: BTreeMap<String, u64>,
    /// Wrong answers, likewise.
    pub wrong: u64,
    /// The first few of them.
    pub complaints: Vec<String>,
    /// Orders a commit, where the servers say so.
    pub batches: Option<Batches>,
    /// What an order cost the database, where it could be asked.
    pub database: Option<Cost>,
    /// Whether the audit said that every promise holds, where it was asked.
    pub audit: Option<bool>,
}

/// What a rate came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lap {
    /// Orders a second that were due.
    pub offered: f64,
    /// Orders a second that were answered as they were meant to be.
    pub reached: f64,
    /// Latencies of first copies.
    pub latency: Latency,
}

impl Lap {
    /// Whether the servers kept up: all but a twentieth of what was due was answered in its time.
    #[must_use]
    pub fn keeps_up(&self) -> bool {
        self.reached >= 0.95 * self.offered
    }
}

/// A machine, as far as it tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Threads that it runs at once.
    pub cores: usize,
    /// The processor's name.
    pub processor: String,
    /// Bytes.
    pub memory_bytes: u64,
    /// Linux's version.
    pub kernel: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn here() -> Self {
        let field = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
            value.map(|value| value.trim().to_owned()).unwrap_or_default()
        };
        let kib = field("/proc/meminfo", "MemTotal");
        Self {
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            processor: field("/proc/cpuinfo", "model name"),
            memory_bytes: kib.trim_end_matches(" kB").parse::<u64>().unwrap_or(0) * 1024,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
        }
    }
}

impl Report {
    /// The shape that this program writes, and reads.
    pub const FORMAT: u32 = FORMAT;

    /// Whether nothing was wrong.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.wrong == 0 && self.audit != Some(false)
    }

    /// The last rate of a ramp that the servers kept up with.
    #[must_use]
    pub fn knee(&self) -> Option<&Lap> {
        self.ramp.iter().take_while(|lap| lap.keeps_up()).last()
    }

    /// Reads a `report.json`.
    ///
    /// # Errors
    ///
    /// Why it is none that can be compared.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let report: Self = serde_json::from_str(&text)
            .map_err(|error| format!("{}: no report of `counterfoil bench`: {error}", path.display()))?;
        match report.format {
            FORMAT => Ok(report),
            other => Err(format!("{}: a report of format {other}, and this program knows {FORMAT}", path.display())),
        }
    }

    /// Writes `report.json` and `report.html` into a folder, which is made where there is none.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn write(&self, folder: &Path, older: Option<&Self>) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(self)? + "\n")?;
        fs::write(folder.join("report.html"), self.page(older)?)
    }

    /// One page that needs nothing else, with an earlier run drawn beside it where there is one.
    ///
    /// # Errors
    ///
    /// serde's; no report has a shape that gives one.
    pub fn page(&self, older: Option<&Self>) -> Result<String, serde_json::Error> {
        // Texts of servers stand in it: nothing in them may end the script.
        let shown = serde_json::to_string(&[Some(self), older])?.replace('<', "\\u003c");
        Ok(PAGE.replace(PLACE, &shown))
    }

    /// For a terminal.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: String| {
            let _ = writeln!(text, "{name:<27} {value}"); // writing to a String cannot fail
        };
        let ended = if self.is_interrupted { ", interrupted" } else { "" };
        line("measured", format!("{:.1} s{ended}", self.seconds));
        line("orders", format!("{} ({:.0} a second)", self.orders, self.orders_per_s));
        for (name, told) in [("first answers", &self.first), ("repeats", &self.repeats), ("verbs", &self.verbs)] {
            if told.count > 0 {
                line(name, format!("{}, {}", told.count, milliseconds(told)));
            }
        }
        if self.late > 0 {
            let told = format!("{} were due before a client was free: slow answers, or too few --clients", self.late);
            line("late", told);
        }
        for lap in &self.ramp {
            let told = format!("{:.0} a second, p99 {:.1} ms", lap.reached, lap.latency.p99_us as f64 / 1e3);
            line(&format!("  at {:.0} a second", lap.offered), told);
        }
        match self.knee() {
            Some(knee) => line("knee", format!("{:.0} orders a second", knee.offered)),
            None if !self.ramp.is_empty() => line("knee", "below the first rate".to_owned()),
            None => {}
        }
        for (kind, count) in &self.kinds {
            let mut told = format!("{} as meant", count.as_meant);
            for (count, what) in [(count.sold_out, "sold out"), (count.wrong, "WRONG")] {
                if count > 0 {
                    let _ = write!(told, ", {count} {what}");
                }
            }
            line(&format!("  {}", kind.as_str()), told);
        }
        for (answer, count) in &self.answers {
            line(&format!("  {}", escaped(answer)), count.to_string());
        }
        for (cause, count) in &self.retries {
            line("  tried again after", format!("{}: {count}", escaped(cause)));
        }
        if let Some(cost) = &self.database {
            let cpu = cost.cpu_us_an_order.map(|us| format!(", {us:.0} us of its CPU")).unwrap_or_default();
            line("PostgreSQL, an order", format!("{:.0} bytes of WAL{cpu}", cost.wal_bytes_an_order));
        }
        line("wrong answers", self.wrong.to_string());
        for complaint in &self.complaints {
            let _ = writeln!(text, "  {}", escaped(complaint));
        }
        text
    }
}

fn milliseconds(told: &Latency) -> String {
    let ms = |us: u64| us as f64 / 1e3;
    let Latency { p50_us, p99_us, p999_us, max_us, .. } = told;
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, slowest {:.1} ms",
        ms(*p50_us),
        ms(*p99_us),
        ms(*p999_us),
        ms(*max_us)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            format: FORMAT,
            version: "1".into(),
            command: "counterfoil bench".into(),
            seed: 1,
            began_at: "2026-01-01T00:00:00Z".into(),
            machine: Machine::here(),
            seconds: 2.0,
            is_interrupted: false,
            clients: 4,
            copies: 1,
            targets: 1,
            rate: None,
            orders: 10,
            orders_per_s: 5.0,
            late: 0,
            first: Latency { count: 10, p50_us: 1_500, ..Latency::default() },
            repeats: Latency::default(),
            verbs: Latency::default(),
            timeline: vec![Second::default()],
            ramp: Vec::new(),
            kinds: BTreeMap::from([(Kind::Ok, Count { as_meant: 9, sold_out: 0, wrong: 1 })]),
            answers: BTreeMap::from([("201".into(), 9)]),
            retries: BTreeMap::new(),
            wrong: 1,
            complaints: vec!["b-1: 201 </script>\u{1b}[2J".into()],
            batches: None,
            database: None,
            audit: None,
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_written_and_another_format_is_not() {
        let folder = std::env::temp_dir().join(format!("counterfoil-report-{}", uuid::Uuid::new_v4()));
        let mut report = report();
        report.write(&folder, None).expect("written");
        let file = folder.join("report.json");
        assert_eq!(Report::read(&file), Ok(report.clone()));
        report.format += 1;
        report.write(&folder, None).expect("written");
        assert!(Report::read(&file).is_err_and(|told| told.contains("format 2")));
        assert!(Report::read(&folder.join("none")).is_err() && Report::read(&folder.join("report.html")).is_err());
        fs::remove_dir_all(folder).expect("removed");
    }

    #[test]
    fn a_page_holds_both_reports_and_no_text_of_a_server_ends_its_script() {
        let report = report();
        let page = report.page(Some(&report)).expect("a page");
        assert!(!page.contains("REPORTS\"") && page.matches("\"seed\":1").count() == 2);
        assert_eq!(page.matches("</script>").count(), PAGE.matches("</script>").count());
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!PAGE.replace("http://www.w3.org/2000/svg", "").contains(outside), "{outside} leads outside");
        }
    }

    #[test]
    fn lines_say_what_is_wrong_and_obey_nobody() {
        let told = report().lines();
        assert!(told.contains("9 as meant, 1 WRONG") && told.contains("wrong answers               1"), "{told}");
        assert!(told.contains("</script>\\u{1b}[2J"), "{told}");
        assert!(!report().is_right() && !Report { wrong: 0, audit: Some(false), ..report() }.is_right());
        assert!(Report { wrong: 0, ..report() }.is_right());
    }

    #[test]
    fn the_knee_is_the_last_rate_that_was_kept_up_with() {
        let lap = |offered, reached| Lap { offered, reached, latency: Latency::default() };
        let knee = |ramp: Vec<Lap>| Report { ramp, ..report() }.knee().map(|lap| lap.offered);
        assert_eq!(knee(vec![lap(100.0, 100.0), lap(125.0, 120.0), lap(156.0, 130.0)]), Some(125.0));
        assert_eq!(knee(vec![lap(100.0, 90.0)]), None);
    }
}
