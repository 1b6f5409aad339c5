//! What the clients saw.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::mix::Kind;
use crate::load::retry::Retries;

/// A day: whoever cannot keep up with a rate falls behind for as long as it lasts. More is recorded as this.
const MAX_LATENCY_US: u64 = 86_400_000_000;
/// A broken server is wrong thousands of times: a few examples say enough.
const EXAMPLES: usize = 10;

/// Latencies of one sort of request, in microseconds.
#[derive(Debug)]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        // The bounds are in order, and three digits are within what the library takes.
        #[expect(clippy::expect_used, reason = "constants that the library accepts")]
        Self(Histogram::new_with_bounds(1, MAX_LATENCY_US, 3).expect("valid bounds"))
    }
}

impl Latencies {
    fn record(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(u64::MAX));
    }

    /// What is told of them.
    #[must_use]
    pub fn told(&self) -> Latency {
        let at = |quantile: f64| self.0.value_at_quantile(quantile);
        // As far as there are latencies beyond: the slowest of a hundred says nothing of one in a thousand.
        let tails = (0..=40).map(|tenth| 10_f64.powf(-f64::from(tenth) / 10.0));
        let tails = tails.take_while(|tail| self.0.len() as f64 * tail >= 1.0);
        Latency {
            count: self.0.len(),
            mean_us: self.0.mean(),
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            p9999_us: at(0.9999),
            max_us: self.0.max(),
            curve: tails.map(|tail| (1.0 - tail, at(1.0 - tail))).collect(),
        }
    }
}

/// Latencies as they are told, in microseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Answers.
    pub count: u64,
    /// Their mean.
    pub mean_us: f64,
    /// So many of 100 were no slower; likewise those below.
    pub p50_us: u64,
    /// 90 %.
    pub p90_us: u64,
    /// 99 %.
    pub p99_us: u64,
    /// 99.9 %.
    pub p999_us: u64,
    /// 99.99 %.
    pub p9999_us: u64,
    /// The slowest.
    pub max_us: u64,
    /// Shares (0 to 0.9999) and what was no slower in each, as far as the answers are enough to say so.
    pub curve: Vec<(f64, u64)>,
}

/// One second of the measured time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Since it began, counted from 0.
    pub second: u64,
    /// Orders that were answered.
    pub orders: u64,
    /// Answers that were waited for again: a full queue, a lost connection.
    pub retries: u64,
    /// Wrong answers.
    pub wrong: u64,
    /// Half of its orders' first answers were no slower, in microseconds.
    pub p50_us: u64,
    /// 99 of 100.
    pub p99_us: u64,
    /// The slowest.
    pub max_us: u64,
}

/// Orders of a kind, in the whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// Answered as they were meant to be.
    pub as_meant: u64,
    /// Refused since the stock was gone.
    pub sold_out: u64,
    /// Answered wrongly, or not at all.
    pub wrong: u64,
}

/// What one request came to.
#[derive(Debug)]
pub struct Seen<'a> {
    /// Status and code, as `409 out_of_stock`; nothing where there was no answer.
    pub answer: Option<String>,
    /// Since it was due.
    pub latency: Duration,
    /// Why it was sent again, and how often.
    pub retries: &'a Retries,
}

/// Everything that was seen.
#[derive(Debug, Default)]
pub struct Tally {
    since: Option<Instant>,
    until: Option<Instant>,
    now: Second,
    latencies_now: Latencies,
    laps: Vec<(Instant, u64, Latencies)>,
    /// Of first copies that were due while it was measured, whenever they were answered.
    pub first: Latencies,
    /// Of further copies, likewise.
    pub repeats: Latencies,
    /// Of captures, cancels and refunds, likewise.
    pub verbs: Latencies,
    /// The seconds measured, but for the present one.
    pub seconds: Vec<Second>,
    /// Orders that were answered as they were meant to be while it was measured.
    pub measured: u64,
    /// Orders that were due before a client was free, or never had one.
    pub late: u64,
    /// Orders by kind, in the whole run.
    pub kinds: BTreeMap<Kind, Count>,
    /// Answers by status and code, in the whole run.
    pub answers: BTreeMap<String, u64>,
    /// Further tries by cause, in the whole run.
    pub retries: Retries,
    /// Wrong answers in the whole run, and the first few of them.
    pub wrong: (u64, Vec<String>),
}

impl Tally {
    /// From here on it is measured.
    pub fn begin(&mut self, now: Instant) {
        self.since = Some(now);
        self.late = 0;
    }

    /// From here on it is not: what is answered later counts in no second. How long those waited that were due before is seen
    /// all the same. A part of a second is none, where there is a whole one: its orders would look like a server that falls.
    pub fn end(&mut self, now: Instant) {
        self.turn_to(now);
        if self.is_measured() && self.seconds.is_empty() {
            self.close();
        }
        self.until = Some(now);
    }

    /// From here on another rate is tried.
    pub fn begin_lap(&mut self, now: Instant) {
        self.laps.push((now, 0, Latencies::default()));
    }

    /// Of the present lap: orders that were answered as they were meant to be.
    pub fn lap_orders(&self) -> u64 {
        self.laps.last().map_or(0, |(_, orders, _)| *orders)
    }

    /// Of each lap, what was due in it.
    pub fn lap_latencies(&self) -> impl Iterator<Item = Latency> {
        self.laps.iter().map(|(.., latencies)| latencies.told())
    }

    /// Enters an order that was due, and that nobody had a hand free to send by then: it waited at least so long.
    pub fn never_sent(&mut self, due: Instant, until: Instant) {
        self.late += 1;
        self.wait(due, until.saturating_duration_since(due));
    }

    /// Enters the answer to the first copy of an order, and whether it was as it was meant to be.
    pub fn first_answer(&mut self, now: Instant, due: Instant, seen: &Seen<'_>, is_as_meant: bool) {
        self.turn_to(now);
        self.seen(seen);
        self.wait(due, seen.latency);
        if self.is_measured() {
            self.latencies_now.record(seen.latency);
        }
        if is_as_meant && self.is_measured() {
            self.measured += 1;
            self.now.orders += 1;
            if let Some((_, orders, _)) = self.laps.last_mut() {
                *orders += 1;
            }
        }
    }

    /// Enters the answer to a further copy.
    pub fn repeat(&mut self, now: Instant, due: Instant, seen: &Seen<'_>) {
        self.turn_to(now);
        self.seen(seen);
        if self.was_due_meanwhile(due) {
            self.repeats.record(seen.latency);
        }
    }

    /// Enters what is to be said of an order, after all its copies: whether the stock was gone, or what is wrong.
    pub fn order(&mut self, kind: Kind, sold_out: Result<bool, String>) {
        let count = self.kinds.entry(kind).or_default();
        match sold_out {
            Ok(false) => count.as_meant += 1,
            Ok(true) => count.sold_out += 1,
            Err(complaint) => {
                count.wrong += 1;
                self.complain(complaint);
            }
        }
    }

    fn is_measured(&self) -> bool {
        self.since.is_some() && self.until.is_none()
    }

    fn was_due_meanwhile(&self, due: Instant) -> bool {
        self.since.is_some_and(|since| since <= due) && self.until.is_none_or(|until| due < until)
    }

    fn wait(&mut self, due: Instant, latency: Duration) {
        if !self.was_due_meanwhile(due) {
            return;
        }
        self.first.record(latency);
        if let Some((.., latencies)) = self.laps.iter_mut().rev().find(|(began, ..)| *began <= due) {
            latencies.record(latency);
        }
    }

    /// Enters the answer to a verb.
    pub fn verb(&mut self, now: Instant, due: Instant, seen: &Seen<'_>) {
        self.turn_to(now);
        self.seen(seen);
        if self.was_due_meanwhile(due) {
            self.verbs.record(seen.latency);
        }
    }

    /// What came of an order after its answer was wrong.
    pub fn wrong_afterwards(&mut self, kind: Kind, complaint: String) {
        let count = self.kinds.entry(kind).or_default();
        count.as_meant = count.as_meant.saturating_sub(1);
        count.wrong += 1;
        self.complain(complaint);
    }

    /// Enters what is wrong.
    pub fn complain(&mut self, complaint: String) {
        self.now.wrong += 1;
        self.wrong.0 += 1;
        if self.wrong.1.len() < EXAMPLES {
            self.wrong.1.push(complaint);
        }
    }

    fn seen(&mut self, seen: &Seen<'_>) {
        if let Some(answer) = &seen.answer {
            *self.answers.entry(answer.clone()).or_default() += 1;
        }
        for (cause, count) in seen.retries {
            self.now.retries += count;
            *self.retries.entry(cause.clone()).or_default() += count;
        }
    }

    /// Closes every second that is over. One without any answer stands there too: that is what a stall looks like.
    fn turn_to(&mut self, now: Instant) {
        let Some(since) = self.since.filter(|_| self.is_measured()) else {
            // What came before, or comes after, belongs to no second.
            self.now = Second::default();
            return;
        };
        while self.now.second < now.saturating_duration_since(since).as_secs() {
            self.close();
        }
    }

    fn close(&mut self) {
        let (second, latencies) = (self.now.second, &self.latencies_now.0);
        self.now.p50_us = latencies.value_at_quantile(0.5);
        self.now.p99_us = latencies.value_at_quantile(0.99);
        self.now.max_us = latencies.max();
        self.seconds.push(std::mem::replace(&mut self.now, Second { second: second + 1, ..Second::default() }));
        self.latencies_now.0.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(tally: &mut Tally, now: Instant, latency_ms: u64) {
        let retries = Retries::new();
        let latency = Duration::from_millis(latency_ms);
        let seen = Seen { answer: Some("201".into()), latency, retries: &retries };
        let due = now.checked_sub(latency).expect("a machine that was on for a while");
        tally.first_answer(now, due, &seen, true);
        tally.repeat(now, due, &seen);
        tally.order(Kind::Ok, Ok(false));
    }

    #[test]
    fn a_second_of_silence_is_one_of_the_seconds() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        answer(&mut tally, start, 7);
        tally.begin(start);
        let at = |ms| start + Duration::from_millis(ms);
        answer(&mut tally, at(100), 5);
        answer(&mut tally, at(900), 5);
        answer(&mut tally, at(3_100), 2_200);
        tally.complain("that".into());
        tally.end(at(4_500));
        answer(&mut tally, at(9_000), 5);
        let told: Vec<_> =
            tally.seconds.iter().map(|one| (one.second, one.orders, one.wrong, one.max_us / 10_000)).collect();
        assert_eq!(told, [(0, 2, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (3, 1, 1, 220)]);
        assert_eq!((tally.measured, tally.kinds[&Kind::Ok].as_meant, tally.answers["201"]), (3, 5, 10));
        assert_eq!((tally.first.told().count, tally.repeats.told().count), (3, 3));
    }

    #[test]
    fn who_was_due_before_the_end_is_waited_for_and_counts_in_no_rate() {
        let (mut tally, start) = (Tally::default(), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        tally.begin(start);
        tally.begin_lap(start);
        answer(&mut tally, at(100), 50);
        tally.begin_lap(at(1_000));
        tally.end(at(2_000));
        answer(&mut tally, at(9_000), 7_500);
        tally.never_sent(at(1_800), at(2_000));
        answer(&mut tally, at(9_000), 5);
        assert_eq!((tally.measured, tally.lap_orders(), tally.late), (1, 0, 1));
        assert_eq!((tally.first.told().count, tally.first.told().max_us / 10_000), (3, 750));
        let laps: Vec<_> = tally.lap_latencies().map(|lap| (lap.count, lap.max_us / 10_000)).collect();
        assert_eq!(laps, [(1, 5), (2, 750)]);
    }

    #[test]
    fn a_curve_goes_no_further_than_its_answers() {
        let mut latencies = Latencies::default();
        (1..=100).for_each(|ms| latencies.record(Duration::from_millis(ms)));
        let told = latencies.told();
        assert_eq!((told.count, told.curve.len()), (100, 21), "to 99 of 100: {told:?}");
        assert!(told.curve.iter().map(|(_, us)| us).is_sorted() && told.curve[0].0 == 0.0);
    }
}
