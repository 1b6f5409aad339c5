//! The refunds of a replay: sent when every sale was answered, as often as the orders, and judged.
//!
//! Each is a POST under a key that is derived from its invoice, so that a repeat gets the stored answer, in this run and
//! in any later one. What came back to the shelf in *this* run is what the stock is held against: an answer that is no
//! replay was decided now; one of an order that was not there before as well. Where only replays were heard of an order
//! from an earlier run, and one of them after a try without an answer, nobody knows, and both are allowed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::stream;
use hyper::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::invoices::Order;
use super::judge::Before;
use super::ledger::{Ledger, Tally, label};
use super::returns::Refund;
use super::run::Load;
use super::stock::{self, Taken};
use crate::load::driver::drive;
use crate::load::retry::{Exchange, Repeatable, Retries, excerpt, until_final};
use counterfoil_engine::client::{Client, HttpAnswer, encode_segment, error_chain};

/// The answers to the refunds of a run.
pub struct Refunds<'a> {
    /// What was sent.
    pub refunds: &'a [Refund],
    orders: &'a [Order],
    entries: Vec<Entry>,
    /// By label: `201 COMPLETED`.
    pub answers: BTreeMap<String, Tally>,
    /// Requests that had no final answer.
    pub unanswered: u64,
    /// Further tries, by cause.
    pub retries: Retries,
    /// What is wrong, in the order of its discovery.
    pub wrong: Vec<String>,
}

/// What is known of a refund.
struct Entry {
    before: Before,
    first: Option<(u16, Bytes)>,
    is_right: bool,
    differs: bool,
    /// An answer that was no replay was heard.
    is_fresh: bool,
    /// A try had no answer, or none that was final.
    was_retried: bool,
}

impl<'a> Refunds<'a> {
    /// None is answered yet. `ledger` says what was known of the sales before the run.
    #[must_use]
    pub fn new(refunds: &'a [Refund], orders: &'a [Order], ledger: &Ledger<'_>) -> Self {
        let entry = |refund: &Refund| Entry {
            before: ledger.before(refund.sale),
            first: None,
            is_right: false,
            differs: false,
            is_fresh: false,
            was_retried: false,
        };
        Self {
            refunds,
            orders,
            entries: refunds.iter().map(entry).collect(),
            answers: BTreeMap::new(),
            unanswered: 0,
            retries: Retries::new(),
            wrong: Vec::new(),
        }
    }

    /// Sends every refund as often as the load says, and enters the answers.
    pub async fn send(&mut self, client: &Client, load: Load) {
        let (refunds, orders) = (self.refunds, self.orders);
        let copies = refunds.iter().enumerate().flat_map(|(index, refund)| {
            let request = request_of(&orders[refund.sale], refund);
            std::iter::repeat_n((index, request), load.duplicates)
        });
        let requests = copies.map(|(index, request)| send_one(client, index, request));
        let total = refunds.len() * load.duplicates;
        let stopped = drive("refunds", total, load.clients, stream::iter(requests), |index, exchange, _| {
            self.record(index, exchange);
        });
        let stopped = stopped.await;
        self.wrong.extend(stopped);
    }

    fn record(&mut self, index: usize, exchange: Exchange) {
        let entry = &mut self.entries[index];
        entry.was_retried |= !exchange.retries.is_empty();
        for (cause, tries) in exchange.retries {
            *self.retries.entry(cause).or_insert(0) += tries;
        }
        match exchange.outcome {
            Ok(answer) => self.record_answer(index, &answer),
            Err(unanswered) => {
                entry.was_retried = true;
                self.unanswered += 1;
                self.wrong.push(format!("{}: {}", self.refunds[index].key, error_chain(&unanswered)));
            }
        }
    }

    fn record_answer(&mut self, index: usize, answer: &HttpAnswer) {
        let (refund, entry) = (&self.refunds[index], &mut self.entries[index]);
        let tally = self.answers.entry(label(answer)).or_default();
        tally.answers += 1;
        tally.replayed += u64::from(answer.is_replayed());
        entry.is_fresh |= !answer.is_replayed();
        let Some((status, body)) = &entry.first else {
            tally.orders += 1;
            let judged = judge(&self.orders[refund.sale], refund, answer.status, &answer.body);
            entry.is_right = judged.is_ok();
            entry.first = Some((answer.status, answer.body.clone()));
            self.wrong.extend(judged.err().map(|why| format!("{}: {why}", refund.key)));
            return;
        };
        // Once a refund: each further copy would say the same.
        if (*status, body) != (answer.status, &answer.body) && !entry.differs {
            entry.differs = true;
            let (one, other) = (excerpt(body), excerpt(&answer.body));
            self.wrong
                .push(format!("{}: its answers differ: {status} {one} and {} {other}", refund.key, answer.status));
        }
    }

    /// Those that were given back, in this run or before.
    pub fn given_back(&self) -> impl Iterator<Item = &'a Refund> {
        let refunds = self.refunds;
        self.entries.iter().zip(refunds).filter(|(entry, _)| entry.is_right).map(|(_, refund)| refund)
    }

    /// Units that came back in this run, by SKU.
    #[must_use]
    pub fn units_back(&self) -> BTreeMap<&'a str, Taken> {
        let mut sums = BTreeMap::new();
        for (entry, refund) in self.entries.iter().zip(self.refunds) {
            let is_now = entry.is_right && (entry.is_fresh || entry.before == Before::Absent);
            if entry.is_right && !is_now && !entry.was_retried {
                continue; // by an earlier run
            }
            stock::add(&mut sums, refund.restock.iter().map(|(sku, units)| (sku.as_str(), *units)), is_now);
        }
        sums
    }
}

async fn send_one(client: &Client, index: usize, request: Repeatable) -> (usize, Exchange, Duration) {
    let begun = Instant::now();
    let exchange = until_final(client, &request).await;
    (index, exchange, begun.elapsed())
}

/// The request of a refund: the same bytes for the same invoice, in any run.
fn request_of(sale: &Order, refund: &Refund) -> Repeatable {
    let restock: Vec<_> =
        refund.restock.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
    let body = json!({ "amount": refund.amount, "reason": refund.reason, "restock": restock });
    Repeatable {
        method: Method::POST,
        path: format!("/orders/{}/refunds", encode_segment(&sale.order_id)),
        key: Some(refund.key.clone()),
        body: Some(Bytes::from(body.to_string())),
    }
}

/// Judges the final answer to `refund` by itself.
fn judge(sale: &Order, refund: &Refund, status: u16, body: &Bytes) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Back {
        sku: String,
        quantity: i64,
    }
    #[derive(Deserialize)]
    struct Given {
        amount: i64,
        #[serde(default)]
        restock: Vec<Back>,
    }
    #[derive(Deserialize)]
    struct Refunded {
        order_id: String,
        state: String,
        currency: String,
        refund: Given,
        captured: i64,
        refunded: i64,
    }
    if status != 201 {
        return Err(format!("{status} {}", excerpt(body)));
    }
    let answer: Refunded =
        serde_json::from_slice(body).map_err(|error| format!("201 without its body ({error}): {}", excerpt(body)))?;
    if answer.order_id != sale.order_id || answer.state != "COMPLETED" {
        return Err(format!("201 about {} in state {}", answer.order_id, answer.state));
    }
    let Given { amount, restock } = answer.refund;
    let currency = sale.currency.code();
    if amount != refund.amount || answer.currency != currency {
        return Err(format!("201 over {amount} {}, not {} {currency}", answer.currency, refund.amount));
    }
    let count = restock.len();
    let restock: BTreeMap<String, i64> = restock.into_iter().map(|back| (back.sku, back.quantity)).collect();
    if count != refund.restock.len() || restock != refund.restock {
        return Err(format!("201 with another restock: {}", excerpt(body)));
    }
    if answer.captured != sale.amount || !(refund.amount..=sale.amount).contains(&answer.refunded) {
        return Err(format!(
            "201 with {} of {} given back, of {} that were charged",
            answer.refunded, answer.captured, sale.amount
        ));
    }
    Ok(())
}

#[cfg(test)]
#[path = "refunds_tests.rs"]
mod tests;
