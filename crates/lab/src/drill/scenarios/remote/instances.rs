//! Deaths and orderly ends of whole processes: an engine's with another beside it, the participants'.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use hyper::Method;

use super::{Proved, answers_alike, ledger_holds};
use crate::drill::fleet::{Fleet, Which, until};
use crate::drill::world::{DrillError, Order};
use crate::load::retry::{Repeatable, until_final};
use counterfoil_engine::client::{Client, HttpAnswer};

/// Orders whose charges take effect and are not answered for a while, all in the hands of the first engine.
async fn in_flight(fleet: &mut Fleet<'_>, prefix: &str, count: usize, slow_ms: u64) -> Result<Vec<Order>, DrillError> {
    let order = |n| fleet.order(format!("{prefix}-{n}")).paying(format!("pm_slow_{slow_ms}"));
    let orders: Vec<Order> = (1..=count).map(order).collect();
    let client = fleet.client(Which::A)?;
    let submitted = join_all(orders.iter().map(|order| order.submit_preferring(&client, Some("respond-async")))).await;
    let submitted = submitted.into_iter().collect::<Result<Vec<HttpAnswer>, _>>()?;
    let durable = submitted.iter().filter(|answer| answer.status == 202).count();
    fleet.tale.tell("client", &format!("{count} orders with a charge of {slow_ms} ms at engine A: {durable} got 202"));
    fleet.until_effects("charge", count).await?;
    Ok(orders)
}

const UNFINISHED: &str = "SELECT count(*) FROM orders WHERE state NOT IN ('COMPLETED', 'CANCELLED')";

/// Whoever crashed leaves nothing behind but leases that end.
pub async fn takeover(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 50;
    let orders = in_flight(fleet, "drill-takeover", ORDERS, 1_500).await?;
    fleet.kill(Which::A)?;
    let killed = Instant::now();
    let left = fleet.count(UNFINISHED).await?;
    fleet.tale.check(left > 0, format!("{left} orders were in flight, each charged and none known to be"));
    let Some(order) = orders.first() else { return Err(DrillError::Missed("no order".into())) };
    let first = fleet.submit(Which::B, order, 30).await?;
    fleet.tale.check(first.status == 201, "a client that repeats its order at engine B gets 201");
    fleet.until_all_ended(ORDERS).await?;
    let took = killed.elapsed();
    let within = took < Duration::from_secs(8);
    fleet
        .tale
        .check(within, format!("engine B finished them {} ms after the death, with a lease of 3 s", took.as_millis()));
    fleet.show("SELECT state, count(*) FROM orders GROUP BY state").await?;
    let lines = fleet.ledger()?;
    ledger_holds(fleet, &lines, &[("reserve", ORDERS), ("charge", ORDERS), ("ship", ORDERS), ("refund", 0)]);
    answers_alike(fleet, Which::B, order, &first).await?;
    Ok(format!("{left} orders taken over within {} ms, nothing twice", took.as_millis()))
}

/// An engine that is asked to end takes nothing more, waits for what it has asked, and leaves the rest to the others.
pub async fn handover(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 40;
    in_flight(fleet, "drill-handover", ORDERS, 1_500).await?;
    let leaving = fleet.client(Which::A)?;
    fleet.terminate(Which::A)?;
    let asked = Instant::now();
    until("/readyz never said no", async || {
        Ok((!leaving.get("/readyz").await.is_ok_and(|answer| answer.status == 200)).then_some(()))
    })
    .await?;
    fleet.tale.tell("recovery", &format!("engine A is not ready any more after {} ms", asked.elapsed().as_millis()));
    let status = fleet.until_ended(Which::A).await?;
    let drained = asked.elapsed();
    fleet.tale.check(status.success(), format!("it ended in order after {} ms: {status}", drained.as_millis()));
    let left = fleet.count(UNFINISHED).await?;
    let began = Instant::now();
    fleet.until_all_ended(ORDERS).await?;
    let took = began.elapsed();
    let at_once = took < Duration::from_secs(10);
    let text =
        format!("engine B finished the {left} that were left within {} ms, with a lease of 30 s", took.as_millis());
    fleet.tale.check(at_once, text);
    let nodes = fleet.nodes(Which::B).await?;
    let gone = nodes.iter().filter(|node| node["state"] == "gone" && node["orders"] == 0).count();
    fleet.tale.check(nodes.len() == 2 && gone == 1, "/operator/nodes shows one of the two as gone, with no orders");
    let lines = fleet.ledger()?;
    ledger_holds(fleet, &lines, &[("charge", ORDERS), ("ship", ORDERS), ("refund", 0)]);
    Ok(format!("drained in {} ms; the other went on at once, with {left} orders", drained.as_millis()))
}

/// Orders of every kind.
fn mixed(fleet: &Fleet<'_>, count: usize) -> Vec<Order> {
    let kind = |n: usize| {
        let order = fleet.order(format!("drill-outage-{n}"));
        match n % 8 {
            0 => order.paying("pm_declined"),
            1 => order.to("SHIP-FAIL"),
            2 => order.paying("pm_slow_100"),
            3 => order.paying("pm_error_1"),
            4 => order.to("SHIP-SLOW-100"),
            5 => order.to("SHIP-FAIL").paying("pm_refund_error_1"),
            _ => order,
        }
    };
    (1..=count).map(kind).collect()
}

async fn until_answered(client: &Client, order: &Order) -> Option<HttpAnswer> {
    let request = Repeatable { method: Method::POST, path: "/orders".into(), body: Some(order.body()), key: None };
    until_final(client, &request).await.outcome.ok()
}

/// An outage of the participants holds orders up, and changes none of their outcomes.
pub async fn participants_killed(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 120;
    let orders = mixed(fleet, ORDERS);
    let client = fleet.client(Which::A)?;
    let load = stream::iter(&orders).map(|order| until_answered(&client, order)).buffered(24).collect::<Vec<_>>();
    let outage = async {
        until("no load", async || Ok((fleet.ledger()?.len() >= 100).then_some(()))).await?;
        fleet.kill_participants()?;
        let lines = fleet.ledger()?.len();
        fleet.tale.tell("broken", &format!("kill -9 of the participants, with {lines} lines in their ledger"));
        // Some were under way, others found nobody to be sent to.
        let failed = async || {
            let mut failed = 0.0;
            for (action, outcome) in
                [("charge", "unknown"), ("reserve", "unknown"), ("charge", "unsent"), ("reserve", "unsent")]
            {
                failed += fleet.calls(Which::A, action, outcome).await?;
            }
            Ok::<_, DrillError>(failed)
        };
        let before = failed().await?;
        until("no call failed", async || Ok((failed().await? >= before + 10.0).then_some(()))).await?;
        fleet.start_participants().await?;
        fleet.tale.tell(
            "recovery",
            "the participants were started again on their ledger, after at least 10 calls had failed",
        );
        Ok::<_, DrillError>(())
    };
    let (answers, outage) = futures_util::future::join(load, outage).await;
    outage?;
    let ended = |status: u16| answers.iter().flatten().filter(|answer| answer.status == status).count();
    let (sold, declined, failed) = (ended(201), ended(402), ended(500));
    fleet.tale.tell("client", &format!("{sold} got 201, {declined} got 402, {failed} got 500 shipment_failed"));
    let right = (sold, declined, failed) == (ORDERS * 5 / 8, ORDERS / 8, ORDERS * 2 / 8);
    fleet.tale.check(right, "each order ended as its means of payment and its address say");
    fleet.show("SELECT state, count(*) FROM orders GROUP BY state").await?;
    let lines = fleet.ledger()?;
    let (paid, shipped) = (ORDERS * 7 / 8, ORDERS * 5 / 8);
    ledger_holds(fleet, &lines, &[("charge", paid), ("ship", shipped), ("refund", paid - shipped)]);
    Ok(format!("{ORDERS} orders ended rightly over the death of the participants"))
}
