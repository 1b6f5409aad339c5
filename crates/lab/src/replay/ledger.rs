//! What became of each order: the answers as they come in, held against each other and against the stock. No IO.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use hyper::body::Bytes;

use super::invoices::Order;
use super::judge::{Before, Judgement, StockMode, judge};
use super::stock::{self, Level, Taken};
use crate::load::retry::{Exchange, Retries};
use counterfoil_engine::client::{HttpAnswer, error_chain};

/// The longest latency that is told apart, in microseconds: patience and one more timeout stay below it.
const LONGEST_US: u64 = 300_000_000;

/// Answers that share status and code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders whose first answer was this one.
    pub orders: u64,
    /// How many answers there were.
    pub answers: u64,
    /// Answers among them that were marked as replayed.
    pub replayed: u64,
}

/// The answers to the orders of a run.
pub struct Ledger<'a> {
    orders: &'a [Order],
    mode: StockMode,
    entries: Vec<Entry>,
    /// By label: `201 COMPLETED`, `409 out_of_stock`.
    pub answers: BTreeMap<String, Tally>,
    /// Requests that had no final answer.
    pub unanswered: u64,
    /// Further tries, by cause.
    pub retries: Retries,
    /// What is wrong, in the order of its discovery.
    pub wrong: Vec<String>,
    /// From the first try to the final answer, pauses included, in microseconds.
    pub latencies_us: Histogram<u64>,
}

/// What is known of an order.
struct Entry {
    before: Before,
    first: Option<(u16, Bytes)>,
    verdict: Option<Judgement>,
    differs: bool,
}

/// The levels of a SKU before the first order and after the last.
#[derive(Clone, Copy, Debug)]
pub struct Levels {
    /// Before the first order.
    pub before: Level,
    /// After the last answer.
    pub after: Level,
}

impl<'a> Ledger<'a> {
    /// An empty ledger. `before` says of each order what the target knew of it.
    #[must_use]
    pub fn new(orders: &'a [Order], before: Vec<Before>, mode: StockMode) -> Self {
        let entry = |before| Entry { before, first: None, verdict: None, differs: false };
        Self {
            orders,
            mode,
            entries: before.into_iter().map(entry).collect(),
            answers: BTreeMap::new(),
            unanswered: 0,
            retries: Retries::new(),
            wrong: Vec::new(),
            latencies_us: Histogram::new_with_bounds(1, LONGEST_US, 3).expect("1 us to 300 s at 3 digits is valid"),
        }
    }

    /// Enters how one request for the order at `index` ended, and after how long.
    pub fn record(&mut self, index: usize, exchange: Exchange, latency: Duration) {
        for (cause, tries) in exchange.retries {
            *self.retries.entry(cause).or_insert(0) += tries;
        }
        match exchange.outcome {
            Ok(answer) => {
                let latency_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
                self.latencies_us.saturating_record(latency_us);
                self.record_answer(index, &answer);
            }
            Err(unanswered) => {
                self.unanswered += 1;
                self.wrong.push(format!("{}: {}", self.orders[index].order_id, error_chain(&unanswered)));
            }
        }
    }

    fn record_answer(&mut self, index: usize, answer: &HttpAnswer) {
        let order = &self.orders[index];
        let entry = &mut self.entries[index];
        let tally = self.answers.entry(label(answer)).or_default();
        tally.answers += 1;
        tally.replayed += u64::from(answer.is_replayed());
        if entry.before == Before::Ended && !answer.is_replayed() {
            self.wrong.push(format!("{}: it had ended before, but this answer is no replay", order.order_id));
        }
        let Some((status, body)) = &entry.first else {
            tally.orders += 1;
            let verdict = judge(order, answer.status, &answer.body, self.mode, entry.before);
            if let Judgement::Wrong(why) = &verdict {
                self.wrong.push(format!("{}: {why}", order.order_id));
            }
            entry.first = Some((answer.status, answer.body.clone()));
            entry.verdict = Some(verdict);
            return;
        };
        // Once an order: each further copy would say the same.
        if (*status, body) != (answer.status, &answer.body) && !entry.differs {
            entry.differs = true;
            let (one, other) = (excerpt(*status, body), excerpt(answer.status, &answer.body));
            self.wrong.push(format!("{}: its answers differ: {one} and {other}", order.order_id));
        }
    }

    /// What the target knew of the order at `index` before this run.
    #[must_use]
    pub fn before(&self, index: usize) -> Before {
        self.entries[index].before
    }

    /// Whether the order at `index` completed, in this run or before.
    #[must_use]
    pub fn is_completed(&self, index: usize) -> bool {
        self.entries[index].verdict == Some(Judgement::Taken)
    }

    /// Orders that took their stock in this run, for certain: 201, and unknown to the target before.
    pub fn taken(&self) -> impl Iterator<Item = &'a Order> {
        let orders = self.orders;
        self.entries
            .iter()
            .zip(orders)
            .filter(|(entry, _)| entry.before == Before::Absent && entry.verdict == Some(Judgement::Taken))
            .map(|(_, order)| order)
    }

    /// Orders that had ended before this run.
    #[must_use]
    pub fn ended_before(&self) -> usize {
        self.entries.iter().filter(|entry| entry.before == Before::Ended).count()
    }

    /// Units that the orders took in this run, by SKU.
    #[must_use]
    pub fn units_taken(&self) -> BTreeMap<&'a str, Taken> {
        let mut sums = BTreeMap::new();
        let orders = self.orders;
        for (entry, order) in self.entries.iter().zip(orders) {
            let is_certain = match (entry.before, &entry.verdict) {
                (Before::Ended, _) | (_, Some(Judgement::Refused(_))) => continue,
                (Before::Absent, Some(Judgement::Taken)) => true,
                (Before::Running, Some(Judgement::Taken)) | (_, Some(Judgement::Wrong(_)) | None) => false,
            };
            stock::add(&mut sums, order.units_by_sku(), is_certain);
        }
        sums
    }

    /// Holds the answers against the levels of the stock, once all are in; what contradicts them is added to `wrong`.
    /// `back` is what refunds brought back after the last order. Gives back how many SKUs were in order.
    pub fn check_stock(&mut self, levels: &BTreeMap<&str, Levels>, back: &BTreeMap<&str, Taken>) -> usize {
        let taken = self.units_taken();
        let mut wrong = Vec::new();
        for (sku, Levels { before, after }) in levels {
            let [taken, back] = [&taken, back].map(|units| units.get(sku).copied().unwrap_or_default());
            wrong.extend(stock::contradiction(sku, *before, *after, taken, back));
        }
        let right = levels.len() - wrong.len();
        self.wrong.append(&mut wrong);
        self.check_refusals(levels, back);
        right
    }

    /// Stock only falls while the orders come in: what was short in a refusal lies between the levels after the last
    /// order, before anything came back, and at the beginning. (So an order that would still find its stock then was
    /// refused wrongly.)
    fn check_refusals(&mut self, levels: &BTreeMap<&str, Levels>, back: &BTreeMap<&str, Taken>) {
        for (entry, order) in self.entries.iter().zip(self.orders) {
            let (Before::Absent, Some(Judgement::Refused(shortages))) = (entry.before, &entry.verdict) else {
                continue;
            };
            for shortage in shortages {
                let Some(Levels { before, after }) = levels.get(shortage.sku.as_str()) else {
                    continue;
                };
                let back = back.get(shortage.sku.as_str()).map_or(0, |back| back.most);
                let least = after.available.saturating_sub(back);
                if (least..=before.available).contains(&shortage.available) {
                    continue;
                }
                self.wrong.push(format!(
                    "{}: refused with {} of {:?} available, but there were {} before all orders and {} after",
                    order.order_id, shortage.available, shortage.sku, before.available, least
                ));
            }
        }
    }
}

/// Status and code of an answer, as the table names it. A state or a code that is no plain word is left out, so that
/// the table stays one.
pub(super) fn label(answer: &HttpAnswer) -> String {
    #[derive(serde::Deserialize)]
    struct Named {
        code: Option<String>,
        state: Option<String>,
    }
    let named = answer.json::<Named>().ok().and_then(|body| body.code.or(body.state));
    let is_word = |name: &String| name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match named.filter(is_word) {
        Some(name) => format!("{} {name}", answer.status),
        None => answer.status.to_string(),
    }
}

fn excerpt(status: u16, body: &Bytes) -> String {
    format!("{status} {}", crate::load::retry::excerpt(body))
}

#[cfg(test)]
#[path = "ledger_tests.rs"]
mod tests;
