//! The load: what was there before, the stock, the orders, the refunds, the stock again. Each phase has as many requests in flight
//! as there are clients, and a bar.
//!
//! The clients are closed-loop: each sends its next request when it has the final answer to the last one. Copies of an
//! order are neighbours in the queue, so that they are in flight together as far as there are clients for them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use hyper::Method;
use hyper::body::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::invoices::{Order, Price};
use super::judge::{Before, StockMode};
use super::ledger::{Ledger, Levels};
use super::refunds::Refunds;
use super::returns::{Returns, Unmatched};
use super::stock::{self, Level};
use super::{ReplayError, refusal};
use crate::load::driver::{drive, with_bar};
use crate::load::retry::{Exchange, Repeatable, until_final};
use counterfoil_engine::client::{Client, encode_segment};
use counterfoil_engine::limits;

/// How the orders are sent.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests in flight.
    pub clients: usize,
    /// How often each order is sent.
    pub duplicates: usize,
    /// What is laid in before.
    pub mode: StockMode,
}

/// What the load did.
pub struct LoadOutcome<'a> {
    /// The answers, checked against each other and the stock.
    pub ledger: Ledger<'a>,
    /// The answers to the refunds, checked likewise; what is wrong with them stands in the ledger.
    pub refunds: Refunds<'a>,
    /// The C invoices that no refund was sent for.
    pub unmatched: BTreeMap<Unmatched, u64>,
    /// SKUs of the orders.
    pub skus: usize,
    /// SKUs among them whose levels agree with the answers.
    pub skus_right: usize,
    /// From the first order's first request to its last answer; refunds come later.
    pub elapsed: Duration,
}

/// Runs the whole load.
///
/// # Errors
///
/// [`ReplayError`] if the target cannot be reached, or one of the questions around the orders has no usable answer.
/// A wrong answer to an order is no error but an entry in the ledger.
pub async fn run<'a>(
    client: &Client,
    orders: &'a [Order],
    returns: &'a mut Returns,
    load: Load,
) -> Result<LoadOutcome<'a>, ReplayError> {
    // Without patience: a target that is not there at the start is a typing error rather than a restart.
    client.get("/livez").await.map_err(ReplayError::Unreachable)?;
    let (before, refunded): (Vec<_>, Vec<_>) = look_up(client, orders, load.clients).await?.into_iter().unzip();
    let needs = needs(orders, &before);
    let levels_before = lay_in(client, &needs, load).await?;

    let mut ledger = Ledger::new(orders, before, load.mode);
    let begun = Instant::now();
    submit(client, orders, load, &mut ledger).await;
    let elapsed = begun.elapsed();

    // What was not sold cannot be given back. All sales are answered: the stock rises only from here on.
    returns.retain(Unmatched::NotSold, |refund| ledger.is_completed(refund.sale));
    returns.so_far(|sale| refunded[sale]);
    let mut refunds = Refunds::new(&returns.refunds, orders, &ledger);
    refunds.send(client, load).await;
    ledger.wrong.append(&mut refunds.wrong);

    let levels = read_levels(client, &levels_before, load.clients).await?;
    let skus_right = ledger.check_stock(&levels, &refunds.units_back());
    let unmatched = returns.unmatched.clone();
    Ok(LoadOutcome { ledger, refunds, unmatched, skus: levels.len(), skus_right, elapsed })
}

/// What the target knows of each order already, and what it gave back of it. An answer's `Idempotent-Replayed` alone cannot say whether the order
/// took its stock in this run: where the first answer was lost on the way, the second one is a replay too.
async fn look_up(client: &Client, orders: &[Order], clients: usize) -> Result<Vec<(Before, i64)>, ReplayError> {
    let lookups = stream::iter(orders).map(|order| look_up_one(client, order)).buffered(clients);
    with_bar("looking up orders", orders.len(), lookups).try_collect().await
}

async fn look_up_one(client: &Client, order: &Order) -> Result<(Before, i64), ReplayError> {
    #[derive(Deserialize)]
    struct Known {
        state: String,
        payment: Payment,
    }
    #[derive(Deserialize)]
    struct Payment {
        refunded: i64,
    }
    let doing = || format!("look up order {}", order.order_id);
    let path = format!("/orders/{}", encode_segment(&order.order_id));
    let answer = until_final(client, &Repeatable { method: Method::GET, path, key: None, body: None })
        .await
        .outcome
        .map_err(|source| ReplayError::Unanswered { doing: doing(), source })?;
    match answer.status {
        404 if answer.problem_code().as_deref() == Some("order_not_found") => Ok((Before::Absent, 0)),
        200 => match answer.json::<Known>() {
            Ok(Known { state, payment }) => {
                let is_over = matches!(state.as_str(), "COMPLETED" | "CANCELLED");
                Ok((if is_over { Before::Ended } else { Before::Running }, payment.refunded))
            }
            Err(_) => Err(refusal(doing(), &answer)),
        },
        _ => Err(refusal(doing(), &answer)),
    }
}

/// Units of each SKU that the orders still want: all SKUs stand here, those of ended orders with nothing for them.
fn needs<'a>(orders: &'a [Order], before: &[Before]) -> BTreeMap<&'a str, i64> {
    let mut needs: BTreeMap<&str, i64> = BTreeMap::new();
    for (order, before) in orders.iter().zip(before) {
        for (sku, units) in order.units_by_sku() {
            let need = needs.entry(sku).or_default();
            if *before != Before::Ended {
                *need = need.saturating_add(units);
            }
        }
    }
    needs
}

async fn lay_in<'a>(
    client: &Client,
    needs: &BTreeMap<&'a str, i64>,
    load: Load,
) -> Result<Vec<(&'a str, Level)>, ReplayError> {
    let puts = stream::iter(needs)
        .map(|(sku, need)| async move { Ok((*sku, stock::lay_in(client, sku, *need, load.mode).await?)) })
        .buffer_unordered(load.clients);
    with_bar("laying in stock", needs.len(), puts).try_collect().await
}

async fn read_levels<'a>(
    client: &Client,
    before: &[(&'a str, Level)],
    clients: usize,
) -> Result<BTreeMap<&'a str, Levels>, ReplayError> {
    let gets = stream::iter(before)
        .map(|(sku, before)| async move {
            let after = stock::level(client, sku).await?;
            Ok((*sku, Levels { before: *before, after }))
        })
        .buffer_unordered(clients);
    with_bar("checking stock", before.len(), gets).try_collect().await
}

/// Sends every order as often as asked and enters the answers.
async fn submit(client: &Client, orders: &[Order], load: Load, ledger: &mut Ledger<'_>) {
    let copies = orders.iter().enumerate().flat_map(|(index, order)| {
        // One body an order, shared by its copies.
        std::iter::repeat_n((index, body_of(order)), load.duplicates)
    });
    let requests = copies.map(|(index, body)| submit_one(client, index, body));
    let total = orders.len() * load.duplicates;
    let stopped = drive("orders", total, load.clients, stream::iter(requests), |index, exchange, latency| {
        ledger.record(index, exchange, latency);
    });
    let stopped = stopped.await;
    ledger.wrong.extend(stopped);
}

async fn submit_one(client: &Client, index: usize, body: Bytes) -> (usize, Exchange, Duration) {
    let begun = Instant::now();
    let request = Repeatable { method: Method::POST, path: "/orders".to_owned(), key: None, body: Some(body) };
    let exchange = until_final(client, &request).await;
    (index, exchange, begun.elapsed())
}

/// The request of an order: the same bytes for the same invoice, in any run. The data set holds no addresses and no
/// means of payment; what stands for them is constant.
fn body_of(order: &Order) -> Bytes {
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| match line.price {
            Price::Unit(unit_price) => {
                json!({ "sku": line.sku, "quantity": line.quantity, "unit_price": unit_price })
            }
            Price::Whole(amount) => json!({ "sku": line.sku, "quantity": line.quantity, "amount": amount }),
        })
        .collect();
    let name: String = format!("Customer {}", order.customer_id).chars().take(limits::TEXT).collect();
    let mut body = json!({
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "currency": order.currency.code(),
        "lines": lines,
        "payment_method": "pm_ok",
        "ship_to": {
            "name": name,
            "line1": "unknown",
            "city": "unknown",
            "postal_code": "0",
            "country": order.country.code,
        },
        "metadata": { "channel": "replay", "invoice_date": order.invoice_date },
    });
    // Left out where there are none, so that the orders of earlier versions stay the same requests.
    if !order.adjustments.is_empty() {
        let adjustments = order.adjustments.iter();
        body["adjustments"] =
            adjustments.map(|one| json!({ "kind": one.kind, "label": one.label, "amount": one.amount })).collect();
    }
    Bytes::from(body.to_string())
}
