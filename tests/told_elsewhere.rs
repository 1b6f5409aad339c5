//! Promise: what one engine told, no other contradicts. Where an order ended, or moved, at one engine, the others tell of
//! that at once, though they driven it; and nobody waits for the lease of an engine that another one has overtaken.
//!
//! Proved without a clock: leases last longer than any test waits, and calls are under way for longer than any client
//! does, so that whoever waited for one or the other would wait in vain.

use std::time::Duration;

use counterfoil::client::{Client, HttpAnswer};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, is_final, order, until};

/// Nobody here is patient enough for such a lease, or such a step timeout, to end.
const NO_END: Setup = Setup { lease_ms: 600_000, step_timeout_ms: 100_000, inventory: false, ..Setup::USUAL };
/// Nor for such a call.
const LONG_CHARGE: &str = "pm_slow_90000";

async fn pair(setup: Setup) -> (Participants, Site, Engine, Engine) {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, setup).await;
    let (a, b) = tokio::join!(site.engine(), site.engine());
    (participants, site, a, b)
}

/// An order whose charge is under way at an engine, for longer than anybody waits.
async fn in_call(participants: &Participants, engine: &Engine, id: &str) -> Asked {
    let asked = Asked::submit(order(id, LONG_CHARGE, "1", false));
    assert_eq!(asked.clone().async_().send(&engine.client()).await.status, 202);
    until("it is charged", async || participants.effects(id, "charge") == 1).await;
    asked
}

fn cancel(id: &str, key: &str) -> Asked {
    Asked { key: Some(key.into()), ..Asked::verb(id, "cancel", json!({"reason": "changed my mind"})) }
}

/// Waits until somebody waits there for an answer.
async fn until_somebody_waits(client: &Client) {
    until("somebody waits", async || {
        let told = client.get("/metrics").await.expect("an answer");
        let depths = String::from_utf8_lossy(&told.body).into_owned();
        let of_shards = depths.lines().filter(|line| line.starts_with("counterfoil_shard_mailbox_depth{"));
        of_shards.into_iter().any(|line| !line.ends_with(" 0"))
    })
    .await;
}

fn code(answer: &HttpAnswer) -> (u16, Option<String>) {
    (answer.status, answer.problem_code())
}

fn cancelled() -> (u16, Option<String>) {
    (409, Some("order_cancelled".into()))
}

#[tokio::test]
async fn whoever_asks_where_an_order_is_driven_hears_of_its_end_in_another_engine() {
    let (participants, site, a, b) = pair(NO_END).await;
    let (a_client, b_client) = (a.client(), b.client());
    let asked = in_call(&participants, &a, "ORD").await;
    let waits = asked.send(&a_client); // until it is told, or for thirty seconds
    let ends = async {
        until_somebody_waits(&a_client).await;
        let done = cancel("ORD", "k").send(&b_client).await;
        assert_eq!(done.status, 201, "{:?}", done.body);
        // From now on nobody hears of a time before.
        let again = asked.clone().async_().send(&a_client).await;
        assert_eq!(code(&again), cancelled(), "{:?}", again.body);
        assert!(again.is_replayed());
        let verb = cancel("ORD", "k").async_().send(&a_client).await;
        assert_eq!((verb.status, &verb.body), (done.status, &done.body));
        again
    };
    let (waited, again) = tokio::join!(waits, ends);
    assert_eq!(code(&waited), cancelled(), "{:?}", waited.body);
    assert_eq!((waited.status, &waited.body), (again.status, &again.body));
    assert_eq!(participants.effects("ORD", "refund"), 1);
    drop(a);
    site.judge(&participants).await;
}

/// The connections on which the engines listen: nobody else sends empty queries.
const LISTENERS: &str = "pg_stat_activity WHERE datname = current_database() AND application_name = 'counterfoil'
    AND (query LIKE 'LISTEN %' OR query = '')";

/// The notification is lost, and the call goes on: whose patience ends is told what is, not what was.
#[tokio::test]
async fn who_waited_in_vain_is_told_what_is() {
    let (participants, site, a, b) = pair(NO_END).await;
    let asked = Asked { wait_s: 10, ..in_call(&participants, &a, "ORD").await };
    let database = site.database.client().await;
    let (client, other) = (a.client(), b.client());
    let hang_up = async {
        let sql = format!("SELECT count(pg_terminate_backend(pid)) FROM {LISTENERS}");
        loop {
            database.query_one(&sql, &[]).await.expect("hang up");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let ends = async {
        until_somebody_waits(&client).await;
        cancel("ORD", "k").send(&other).await
    };
    let (waited, done) = tokio::select! {
        both = async { tokio::join!(asked.send(&client), ends) } => both,
        () = hang_up => unreachable!("it goes on"),
    };
    assert_eq!(done.status, 201, "{:?}", done.body);
    assert_eq!(code(&waited), cancelled(), "{:?}", waited.body);
    drop(a);
    site.judge(&participants).await;
}

/// Where nobody can look, nobody is told what was.
#[tokio::test]
async fn what_cannot_be_looked_at_is_not_told() {
    let (participants, site, a, b) = pair(NO_END).await;
    let asked = in_call(&participants, &a, "ORD").await.async_();
    let mut locker = site.database.client().await;
    let lock = locker.transaction().await.expect("begin");
    lock.batch_execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").await.expect("lock");
    let told = asked.send(&a.client()).await;
    assert_eq!(code(&told), (503, Some("unavailable".into())), "{:?}", told.body);
    assert!(told.retry_after().is_some());
    lock.rollback().await.expect("unlock");
    let told = asked.send(&a.client()).await;
    assert_eq!(told.status, 202, "it still runs: {:?}", told.body);
    assert_eq!(cancel("ORD", "k").send(&b.client()).await.status, 201);
    drop(a);
    site.judge(&participants).await;
}

#[tokio::test]
async fn refunds_of_one_order_over_two_engines_wait_for_no_lease() {
    let setup = Setup { step_timeout_ms: 10_000, ..NO_END };
    let (participants, site, a, b) = pair(setup).await;
    let clients = [a.client(), b.client()];
    let paid = Asked::submit(order("ORD", "pm_ok", "1", false)).send(&clients[0]).await;
    assert_eq!(paid.status, 201);
    let refund = |n: usize| {
        let body = json!({"amount": 5, "reason": "came back"});
        Asked { key: Some(format!("r-{n}")), ..Asked::verb("ORD", "refunds", body) }
    };
    let sent = (0..20).map(|n| {
        let client = clients[n % 2].clone();
        async move { refund(n).until_final(&[client]).await.status }
    });
    assert_eq!(join_all(sent).await, [201; 20]);
    assert_eq!(participants.effects("ORD", "refund"), 20);
    site.judge(&participants).await;
}

#[tokio::test]
async fn captures_and_cancels_of_one_order_over_two_engines_wait_for_no_lease() {
    let setup = Setup { step_timeout_ms: 10_000, ..NO_END };
    let (participants, site, a, b) = pair(setup).await;
    let clients = [a.client(), b.client()];
    let conversation = async |n: usize| {
        let id = format!("C-{n}");
        let method = if n.is_multiple_of(2) { "pm_ok" } else { "pm_slow_150" };
        let submitted = Asked::submit(order(&id, method, "1", true));
        let engines = if n % 4 < 2 { [&clients[0], &clients[1]] } else { [&clients[1], &clients[0]] };
        if n.is_multiple_of(3) {
            assert_eq!(submitted.clone().async_().send(engines[0]).await.status, 202);
        } else {
            assert_eq!(submitted.send(engines[0]).await.status, 201);
        }
        let capture = |key: &str| Asked { key: Some(key.into()), ..Asked::verb(&id, "capture", json!({})) };
        let all = [capture("one"), cancel(&id, "two"), capture("three"), cancel(&id, "four")];
        let sent = all.iter().enumerate().map(|(at, verb)| verb.until_final(std::slice::from_ref(engines[at % 2])));
        let answers = join_all(sent).await;
        assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409)), "{id}: {answers:?}");
    };
    join_all((0..24).map(conversation)).await;
    site.judge(&participants).await;
}

/// Everybody here is a client and an operator. A cancel that comes to one engine while the order is being stored at
/// another may find none; never is it done, or asked for a reason, as an operator's.
#[tokio::test]
async fn a_clients_own_cancel_that_races_its_submission_is_never_an_operators() {
    let (participants, site, a, b) = pair(Setup { inventory: false, ..Setup::USUAL }).await;
    let clients = [a.client(), b.client()];
    let race = async |n: usize| {
        let id = format!("R-{n}");
        let submitted = Asked::submit(order(&id, "pm_ok", "1", true));
        // With a reason the second look would have done it; without one it would have asked for it.
        let body = if n.is_multiple_of(2) { json!({"reason": "changed my mind"}) } else { json!({}) };
        let cancel = Asked::verb(&id, "cancel", body);
        let asked = async {
            loop {
                let answer = cancel.send(&clients[1]).await;
                if is_final(&answer) && answer.status != 404 {
                    return answer;
                }
            }
        };
        let (_, answer) = tokio::join!(submitted.send(&clients[0]), asked);
        let told: Value = answer.json().expect("JSON");
        assert!(matches!(answer.status, 201 | 409), "{told}");
        submitted.until_final(&clients).await
    };
    for round in 0..12 {
        let finals = join_all((0..25).map(|n| race(25 * round + n))).await;
        for answer in finals {
            let told: Value = answer.json().expect("JSON");
            assert!(told.get("reason").is_none_or(|reason| reason == "client"), "{told}");
        }
    }
    let database = site.database.client().await;
    let logged: i64 = database.query_one("SELECT count(*) FROM operator_log", &[]).await.expect("the log").get(0);
    assert_eq!(logged, 0, "no operator did anything");
    site.judge(&participants).await;
}
