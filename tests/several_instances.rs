//! Promise: engines on one database are one service. Any of them answers for any order, one goes on where another
//! ended, in order or not, and none steps what another drives.

use std::time::{Duration, Instant};

use counterfoil::client::{Client, HttpAnswer};
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::engine::PATIENCE;
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::live::Live;
use crate::support::program::Program;

/// A site with two engines.
async fn pair(setup: Setup) -> (Participants, Site, Engine, Engine) {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, setup).await;
    let (a, b) = tokio::join!(site.engine(), site.engine());
    (participants, site, a, b)
}

/// A charge that is under way for long enough to do something meanwhile, on a busy machine too, and engines that wait
/// for it.
const LONG_CHARGE: &str = "pm_slow_5000";
const LONG_CALLS: Setup = Setup { lease_ms: 12_000, step_timeout_ms: 10_000, ..Setup::USUAL };

/// Orders whose charges have taken effect and are not answered for a while, all driven by one engine.
async fn in_flight(participants: &Participants, engine: &Client, count: usize, slow_ms: u64) -> Vec<Asked> {
    let body = |n| order(&format!("F-{n}"), &format!("pm_slow_{slow_ms}"), "1", false);
    let orders: Vec<_> = (0..count).map(|n| Asked::submit(body(n))).collect();
    let answers = join_all(orders.iter().map(|order| order.clone().async_()).map(|order| {
        let engine = engine.clone();
        async move { order.send(&engine).await.status }
    }));
    assert!(answers.await.iter().all(|status| *status == 202));
    until("all are charged", async || participants.effects("F-", "charge") == count).await;
    orders
}

fn signal(program: &Program, signal: Signal) {
    program.process.signal(signal).expect("signal the engine");
}

async fn nodes(client: &Client) -> Vec<Value> {
    let told: Value = client.get("/operator/nodes").await.expect("an answer").json().expect("JSON");
    told["nodes"].as_array().expect("nodes").clone()
}

fn same(first: &HttpAnswer, again: &HttpAnswer) {
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert!(again.is_replayed());
}

/// One order of each way to end, with the verbs that it takes.
fn of_each_kind(n: usize) -> Vec<Asked> {
    let id = format!("K-{n}");
    let asked = |method, postal_code, manual| Asked::submit(order(&id, method, postal_code, manual));
    match n % 5 {
        0 => vec![asked("pm_declined", "1", false)],
        1 => vec![asked("pm_ok", "SHIP-FAIL", false)],
        2 => vec![asked("pm_ok", "1", true), Asked::verb(&id, "cancel", json!({"reason": "x"}))],
        3 => vec![asked("pm_ok", "1", true), Asked::verb(&id, "capture", json!({"amount": 1_000}))],
        _ => {
            let refund = Asked::verb(&id, "refunds", json!({"amount": 5, "reason": "x"}));
            vec![asked("pm_ok", "1", false), refund, Asked::verb(&id, "cancel", json!({"reason": "too late"}))]
        }
    }
}

#[tokio::test]
async fn a_repeat_is_answered_alike_by_whichever_instance_it_reaches() {
    let (participants, site, a, b) = pair(Setup::USUAL).await;
    let (a, b) = (a.client(), b.client());
    let conversation = async |n: usize| {
        let engines = if n.is_multiple_of(2) { [&a, &b] } else { [&b, &a] };
        for asked in of_each_kind(n) {
            let first = asked.send(engines[0]).await;
            assert!(!first.is_replayed(), "{}", asked.path);
            for engine in [engines[1], engines[0], engines[1]] {
                same(&first, &asked.send(engine).await);
            }
        }
    };
    join_all((0..20).map(conversation)).await;
    site.judge(&participants).await;
}

/// Nobody waits at the other instance when the order ends, so that nothing tells it.
#[tokio::test]
async fn who_polls_at_one_instance_hears_of_the_end_in_another() {
    let (participants, site, a, b) = pair(Setup::USUAL).await;
    let orders = in_flight(&participants, &a.client(), 10, 2_000).await;
    let others = [b.client()];
    let polls = orders.iter().map(|order| order.clone().async_()).map(|poll| {
        let others = &others;
        async move { (poll.send(&others[0]).await.status, poll.until_final(others).await) }
    });
    let polled = join_all(polls).await;
    // A machine that is busy elsewhere may let some of them end before they are asked about.
    assert!(polled.iter().any(|(first, _)| *first == 202), "all had ended before they were asked about");
    for (order, (_, polled)) in orders.iter().zip(polled) {
        assert_eq!(polled.status, 201);
        same(&polled, &order.send(&a.client()).await);
    }
    site.judge(&participants).await;
}

/// The connections on which the engines listen: nobody else sends empty queries.
const LISTENERS: &str = "pg_stat_activity WHERE datname = current_database() AND application_name = 'counterfoil'
    AND (query LIKE 'LISTEN %' OR query = '')";

#[tokio::test]
async fn who_waits_at_one_instance_hears_of_the_end_in_another() {
    let (participants, site, a, b) = pair(Setup::USUAL).await;
    let (a, b) = (a.client(), b.client());
    // By NOTIFY: the answer is there long before anybody would look for it.
    let orders = in_flight(&participants, &a, 20, 700).await;
    let waited = join_all(orders.iter().map(|order| order.send(&b))).await;
    assert!(waited.iter().all(|answer| answer.status == 201 && answer.is_replayed()));
    for (order, waited) in orders.iter().zip(&waited) {
        same(waited, &order.send(&a).await);
    }
    // By looking: whoever listens is hung up on for as long as the order takes.
    let database = site.database.client().await;
    let late = Asked::submit(order("LATE", "pm_slow_700", "1", false));
    assert_eq!(late.clone().async_().send(&a).await.status, 202);
    let hang_up = async {
        let mut hung_up = 0_i64;
        let sql = format!("SELECT count(pg_terminate_backend(pid)) FROM {LISTENERS}");
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "the order never ends");
            hung_up += database.query_one(&sql, &[]).await.expect("hang up").get::<_, i64>(0);
            let ended = "SELECT state = 'COMPLETED' FROM orders WHERE order_id = 'LATE'";
            if database.query_one(ended, &[]).await.expect("the order").get(0) {
                return hung_up;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let (answer, hung_up) = tokio::join!(late.send(&b), hang_up);
    assert_eq!(answer.status, 201);
    assert!(hung_up >= 2, "{hung_up} listeners were hung up on");
    // And they come back by themselves.
    site.until(&format!("SELECT count(*) = 2 FROM {LISTENERS}")).await;
    site.judge(&participants).await;
}

#[tokio::test]
async fn another_instance_goes_on_when_the_lease_of_a_dead_one_ends() {
    let (participants, site, mut a, b) = pair(Setup { step_timeout_ms: 1_900, ..Setup::USUAL }).await;
    let orders = in_flight(&participants, &a.client(), 30, 1_500).await;
    a.kill();
    let survivors = [b.client()];
    let answers = join_all(orders.iter().map(|order| order.until_final(&survivors))).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!((participants.effects("F-", "charge"), participants.effects("F-", "ship")), (30, 30));
    // Who is there, and who was.
    let state = |nodes: &[Value], up: bool| nodes.iter().filter(|node| (node["state"] == "up") == up).count();
    let both = nodes(&b.client()).await;
    assert_eq!(both.len(), 2, "{both:?}");
    assert_eq!(both.iter().map(|node| node["orders"].as_i64()).collect::<Vec<_>>(), [Some(0), Some(0)]);
    until("the dead one counts as gone", async || {
        let now = nodes(&b.client()).await;
        state(&now, true) == 1 && now.iter().any(|node| node["state"] == "gone")
    })
    .await;
    site.judge(&participants).await;
}

#[tokio::test]
async fn an_instance_that_slept_through_its_lease_does_no_harm() {
    let (participants, site, a, b) = pair(Setup::USUAL).await;
    let (first, second) = (a.client(), b.client());
    let orders = in_flight(&participants, &first, 20, 600).await;
    let cancelled = Asked::submit(order("C", "pm_slow_600", "1", false));
    assert_eq!(cancelled.clone().async_().send(&first).await.status, 202);
    until("it is charged", async || participants.effects("C", "charge") == 1).await;
    signal(&a, Signal::STOP);
    let cancel = Asked::verb("C", "cancel", json!({"reason": "changed my mind"})).send(&second).await;
    assert_eq!(cancel.status, 201, "nobody waits for the sleeper");
    let answers = join_all(orders.iter().map(|order| order.until_final(std::slice::from_ref(&second)))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "the other went on when the leases ended");
    let before: i64 = count(&site, "SELECT sum(version)::bigint FROM orders").await;
    signal(&a, Signal::CONT);
    // It hears the answers to its calls now, and is fenced off by the versions; then it serves as before.
    a.until_ready().await;
    for (order, answer) in orders.iter().zip(&answers) {
        same(answer, &order.send(&first).await);
    }
    assert_eq!(cancelled.send(&first).await.status, 409);
    let fresh = Asked::submit(order("FRESH", "pm_ok", "1", false)).send(&first).await;
    assert_eq!(fresh.status, 201);
    let after: i64 = count(&site, "SELECT sum(version)::bigint FROM orders WHERE order_id <> 'FRESH'").await;
    assert_eq!(before, after, "nothing that had ended moved on");
    assert_eq!((participants.effects("F-", "charge"), participants.effects("F-", "ship")), (20, 20));
    site.judge(&participants).await;
}

async fn count(site: &Site, sql: &str) -> i64 {
    site.database.client().await.query_one(sql, &[]).await.expect("a count").get(0)
}

#[tokio::test]
async fn who_waits_at_an_instance_that_ends_hears_where_the_order_stands() {
    let (participants, site, mut a, b) = pair(LONG_CALLS).await;
    let asked = Asked::submit(order("W", LONG_CHARGE, "1", false));
    let (client, other) = (a.client(), b.client());
    let waiting = asked.send(&client);
    let end = async {
        until("it is charged", async || participants.effects("W", "charge") == 1).await;
        let mut watching = Live::open(&a.url, "W", None).await;
        assert_eq!(watching.status, 200);
        watching.until(1).await;
        a.ask_to_end();
        watching.whole().await;
        until("the other one shows that it drains", async || {
            nodes(&other).await.iter().any(|node| node["state"] == "draining")
        })
        .await;
    };
    let (interim, ()) = tokio::join!(waiting, end);
    assert_eq!(interim.status, 202, "nobody waits for the end of the call, but the engine");
    assert_eq!(a.until_ended().await, Some(0), "and it not for the client's patience");
    assert_eq!(asked.until_final(&[other]).await.status, 201);
    assert_eq!((participants.effects("W", "charge"), participants.effects("W", "ship")), (1, 1));
    site.judge(&participants).await;
}

/// Asks on a connection of its own, as a load balancer does, until it is told 503.
async fn until_told_unready(engine: &Program) {
    until("/readyz says no", async || {
        let told = engine.client().get("/readyz").await.expect("the door is open while it drains");
        told.status == 503 && told.problem_code().as_deref() == Some("unavailable")
    })
    .await;
}

#[tokio::test]
async fn an_instance_that_leaves_says_so_and_turns_away_who_still_comes() {
    let (participants, site, mut a, b) = pair(LONG_CALLS).await;
    let slow = Asked::submit(order("SLOW", LONG_CHARGE, "1", false));
    let client = a.client();
    let leave = async {
        until("it is charged", async || participants.effects("SLOW", "charge") == 1).await;
        a.ask_to_end();
        until_told_unready(&a).await;
        // It says so first, and takes nothing more only then.
        let other = b.client();
        until("it drains", async || nodes(&other).await.iter().any(|node| node["state"] == "draining")).await;
        assert_eq!(a.client().get("/livez").await.expect("an answer").status, 200, "nobody shall kill it now");
        let new = Asked::submit(order("NEW", "pm_ok", "1", false));
        for asked in [&new, &Asked::verb("SLOW", "cancel", json!({"reason": "x"}))] {
            let refused = asked.send(&a.client()).await;
            assert_eq!((refused.status, refused.problem_code().as_deref()), (503, Some("unavailable")));
            assert!(refused.retry_after().is_some());
            assert_eq!(refused.header("connection"), Some("close"), "the next request is made elsewhere");
        }
        assert_eq!(a.until_ended().await, Some(0));
        new
    };
    let (interim, new) = tokio::join!(slow.send(&client), leave);
    assert_eq!(interim.status, 202);
    let others = [b.client()];
    assert_eq!(slow.until_final(&others).await.status, 201);
    let made = new.send(&b.client()).await;
    assert!(made.status == 201 && !made.is_replayed(), "nothing of what was turned away was stored");
    site.judge(&participants).await;
}

#[tokio::test]
async fn an_orderly_end_hands_over_at_once() {
    // Nobody here is patient enough to wait for such a lease to end.
    let (participants, site, mut a, b) =
        pair(Setup { lease_ms: 600_000, step_timeout_ms: 10_000, ..Setup::USUAL }).await;
    in_flight(&participants, &a.client(), 30, 1_000).await;
    assert_eq!(a.terminate().await, Some(0));
    site.until_ended(30).await;
    assert_eq!(participants.effects("F-", "charge"), 30);
    let nodes = nodes(&b.client()).await;
    let gone: Vec<_> = nodes.iter().filter(|node| node["state"] == "gone").collect();
    assert!(nodes.len() == 2 && gone.len() == 1 && gone[0]["orders"] == 0, "{nodes:?}");
    site.judge(&participants).await;
}
