//! What came of it, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

/// How much of what is wrong a person is told; JSON has all of it.
const NAMED: usize = 40;

/// A time, told in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(self.0.as_secs_f64())
    }
}

/// Everything that is told in the end.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// With which it can be had again, as far as chance allows.
    pub seed: u64,
    /// For how long things went wrong, the start of everything included.
    pub chaos_seconds: f64,
    /// How long it took until every order had ended, once all was healed.
    pub quiet_seconds: f64,
    /// How often something went wrong, mostly two things at once.
    pub rounds: usize,
    /// Programs that were killed.
    pub kills: usize,
    /// For each fault: in seconds, how long both engines took to answer again, each time.
    pub faults: BTreeMap<String, Vec<Span>>,
    /// Orders that were judged.
    pub orders: usize,
    /// Of these, those that a human is asked about, as must be.
    pub humans: usize,
    /// Answers that were held against what had been told before.
    pub answers: u64,
    /// Of these, how many were a 500 `internal`, which says that the outcome is not known.
    pub internal: u64,
    /// Live histories that were followed to their end.
    pub live_histories: usize,
    /// Effects at the participants.
    pub effects: usize,
    /// Events, each of which arrived.
    pub events: usize,
    /// Promises that the audit looked at.
    pub promises: usize,
    /// For how long a client that had nothing to do with a fault was without an answer, at most.
    #[serde(serialize_with = "seconds")]
    pub longest_silence: Duration,
    /// During which faults that was.
    pub longest_silence_in: String,
    /// Why it ended before its time, where something went wrong that no promise is about.
    pub cut_short: Option<String>,
    /// What was not as promised.
    pub violations: Vec<String>,
}

fn seconds<S: serde::Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(span.as_secs_f64())
}

impl Report {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.violations.is_empty()
    }

    /// As it is shown on a terminal.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut text = String::new();
        let width = self.faults.keys().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
        let mut line = |one: &str, two: &str, three: &str, four: &str| {
            let _ = writeln!(text, "{one:width$}  {two:>5}  {three:>8}  {four:>8}");
        };
        line("fault", "times", "median s", "worst s");
        for (name, spans) in &self.faults {
            let mut spans = spans.clone();
            spans.sort_unstable();
            let told = |span: Option<&Span>| span.map_or(String::new(), |span| format!("{:.2}", span.0.as_secs_f64()));
            line(name, &spans.len().to_string(), &told(spans.get(spans.len() / 2)), &told(spans.last()));
        }
        let _ = write!(
            text,
            "\nseed {}: {} rounds, {} kills, in {:.0} s; all orders had ended {:.1} s after the last of it\n\
             {} orders ({} for humans, as must be), {} answers ({} of them 500 internal), {} live histories, {} effects outside, {} events, judged\n\
             whoever had nothing to do with a fault was never without an answer for more than {} ms ({})\n\
             the audit looked at {} promises\n",
            self.seed,
            self.rounds,
            self.kills,
            self.chaos_seconds,
            self.quiet_seconds,
            self.orders,
            self.humans,
            self.answers,
            self.internal,
            self.live_histories,
            self.effects,
            self.events,
            self.longest_silence.as_millis(),
            self.longest_silence_in,
            self.promises,
        );
        if let Some(why) = &self.cut_short {
            let _ = writeln!(text, "it was cut short: {why}");
        }
        match self.violations.len() {
            0 => text.push_str("0 violations\n"),
            count => {
                let _ = writeln!(text, "{count} violations:");
                for violation in self.violations.iter().take(NAMED) {
                    let _ = writeln!(text, "  {violation}");
                }
                if count > NAMED {
                    let _ = writeln!(text, "  and {} more (--json has them)", count - NAMED);
                }
            }
        }
        text
    }
}
