//! Many clients that want the same, over two engines on one database.

use futures_util::future::join_all;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::{Proved, answers_alike, effects, ledger_holds};
use crate::drill::fleet::{Fleet, Which};
use crate::drill::world::{DrillError, Order};
use counterfoil_engine::client::{Client, ClientError, HttpAnswer};

const CROWD: usize = 64;

/// Engines in turn.
fn engines(fleet: &Fleet<'_>) -> Result<[Client; 2], DrillError> {
    Ok([fleet.client(Which::A)?, fleet.client(Which::B)?])
}

/// A verb under a key of its own, repeated until its answer is final: 202 and 503 say to.
async fn verb(client: &Client, path: &str, key: &str, body: &Value) -> Result<HttpAnswer, ClientError> {
    loop {
        let headers = [("idempotency-key", key), ("prefer", "wait=20")];
        let answer = client.request(Method::POST, path, &headers, Some(Bytes::from(body.to_string()))).await?;
        if answer.status != 202 && answer.status != 503 {
            return Ok(answer);
        }
    }
}

/// The same verb from a crowd, each under a key of its own, and then again at the other engine.
async fn crowd(fleet: &mut Fleet<'_>, path: &str, body: &Value) -> Result<Vec<HttpAnswer>, DrillError> {
    let engines = engines(fleet)?;
    let keys: Vec<_> = (0..CROWD).map(|n| format!("{n}")).collect();
    let round = |other: usize| {
        let asked = keys.iter().enumerate().map(move |(n, key)| (n + other, key));
        let engines = &engines;
        join_all(asked.map(move |(n, key)| verb(&engines[n % 2], path, key, body)))
    };
    let first = round(0).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let again = round(1).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let same = first
        .iter()
        .zip(&again)
        .filter(|(first, again)| first.status == again.status && first.body == again.body && again.is_replayed());
    let same = same.count();
    fleet.tale.check(same == CROWD, format!("{same} of {CROWD} repeats at the other engine got the same bytes"));
    Ok(first)
}

fn having(answers: &[HttpAnswer], status: u16, code: Option<&str>) -> usize {
    answers.iter().filter(|answer| answer.status == status && answer.problem_code().as_deref() == code).count()
}

/// One of them calls it off, the others hear that it is being called off, and the charge is undone.
pub async fn cancels_race_a_charge(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-cancel-race").paying("pm_slow_3000");
    fleet.tale.tell("armed", "pm_slow_3000: the charge takes effect at once and answers after 3 s");
    fleet.submit(Which::A, &order, 0).await?;
    fleet.until_effects("charge", 1).await?;
    let path = format!("/orders/{}/cancel", order.id);
    let answers = crowd(fleet, &path, &json!({"reason": "changed my mind"})).await?;
    let (done, late) = (having(&answers, 201, None), having(&answers, 409, Some("wrong_state")));
    fleet
        .tale
        .tell("client", &format!("{CROWD} cancels under {CROWD} keys: {done} got 201, {late} got 409 wrong_state"));
    fleet.tale.check(done == 1 && late == CROWD - 1, "one of them cancelled it");
    let first = fleet.submit(Which::B, &order, 20).await?;
    let told = first.status == 409 && first.problem_code().as_deref() == Some("order_cancelled");
    fleet.tale.check(told, "the order's own answer is 409 order_cancelled");
    answers_alike(fleet, Which::A, &order, &first).await?;
    let lines = fleet.show_order(&order.id).await?;
    ledger_holds(fleet, &lines, &[("charge", 1), ("refund", 1), ("ship", 0)]);
    Ok(format!("one 201, {late} times 409, each repeated alike; charged once and refunded in full"))
}

/// A refund counts from its intent on: whatever is asked at once, what is given back is never more than was taken.
pub async fn refund_storm(fleet: &mut Fleet<'_>) -> Proved {
    let order = fleet.order("drill-refund-storm");
    let sold = fleet.submit(Which::A, &order, 20).await?;
    fleet.tale.check(sold.status == 201, "3998 were captured");
    let path = format!("/orders/{}/refunds", order.id);
    let answers = crowd(fleet, &path, &json!({"amount": 100, "reason": "goodwill"})).await?;
    let (given, refused) = (having(&answers, 201, None), having(&answers, 409, Some("refund_exceeds_charge")));
    let text = format!("{CROWD} refunds of 100 at once: {given} got 201, {refused} got 409 refund_exceeds_charge");
    fleet.tale.tell("client", &text);
    fleet.tale.check(given == 39 && refused == CROWD - 39, "39 of them fit into 3998");
    fleet.show("SELECT status, captured, refunded FROM payments").await?;
    fleet.show("SELECT status, count(*), sum(amount) FROM refunds GROUP BY status").await?;
    let lines = fleet.ledger()?;
    let back: i64 = lines.iter().filter(|line| line.is("refund")).map(|line| line.amount).sum();
    let text = format!("{} lines of refund, {back} in all", effects(&lines, "refund"));
    fleet.tale.tell("ledger", &text);
    fleet.tale.check(effects(&lines, "refund") == 39 && back == 3_900, "each took effect once");
    Ok(format!("{given} refunds of 100 out of 3998, {refused} refused, each repeated alike"))
}

/// Whoever gets an order first drives it; the others wait for the same answer.
pub async fn two_instances(fleet: &mut Fleet<'_>) -> Proved {
    const CLIENTS: usize = 32;
    const ORDERS: usize = 20;
    let orders: Vec<Order> =
        (1..=ORDERS).map(|n| fleet.order(format!("drill-two-{n}")).paying("pm_slow_100")).collect();
    let engines = engines(fleet)?;
    let one_client = async |n: usize| {
        let mut answers = Vec::new();
        for order in &orders {
            answers.push(order.submit_preferring(&engines[n % 2], Some("wait=30")).await?);
        }
        Ok::<Vec<HttpAnswer>, ClientError>(answers)
    };
    let clients = join_all((0..CLIENTS).map(one_client)).await;
    let clients = clients.into_iter().collect::<Result<Vec<_>, _>>()?;
    let all = CLIENTS * ORDERS;
    fleet
        .tale
        .tell("client", &format!("{CLIENTS} clients, half of them at each engine, sent the same {ORDERS} orders"));
    let (mut same, mut first) = (0, 0);
    for index in 0..ORDERS {
        let answers: Vec<&HttpAnswer> = clients.iter().filter_map(|answers| answers.get(index)).collect();
        let body = answers.first().map(|answer| &answer.body);
        same += answers.iter().filter(|answer| answer.status == 201 && Some(&answer.body) == body).count();
        first += answers.iter().filter(|answer| !answer.is_replayed()).count();
    }
    fleet.tale.check(same == all, format!("{same} of {all} got 201, each order's with the same bytes"));
    fleet.tale.check(first <= ORDERS, format!("{first} of them were told that theirs is no repeat"));
    let rows = fleet.show("SELECT count(*) AS orders, (SELECT count(*) FROM payments) AS payments FROM orders").await?;
    let counts = rows.first().map(|row| (row.get(0), row.get(1)));
    fleet.tale.check(counts == Some((Some("20"), Some("20"))), "20 orders and 20 payments are stored");
    let lines = fleet.ledger()?;
    ledger_holds(fleet, &lines, &[("charge", ORDERS), ("ship", ORDERS)]);
    Ok(format!("{all} requests at two engines, {ORDERS} charges, {ORDERS} parcels"))
}
