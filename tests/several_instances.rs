//! Promise: engines on one database are one service. Any of them answers for any order, one goes on where another
//! ended, in order or not, and none steps what another drives.

use std::time::{Duration, Instant};

use counterfoil::cli::client::{Answer, Client};
use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, order, until};
use crate::support::program::Program;

/// A site with two engines.
async fn pair(setup: Setup) -> (Participants, Site, Engine, Engine) {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, setup).await;
    let (a, b) = tokio::join!(site.engine(), site.engine());
    (participants, site, a, b)
}

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
    kill_process(Pid::from_child(&program.child), signal).expect("signal the engine");
}

async fn nodes(client: &Client) -> Vec<Value> {
    let told: Value = client.get("/operator/nodes").await.expect("an answer").json().expect("JSON");
    told["nodes"].as_array().expect("nodes").clone()
}

fn same(first: &Answer, again: &Answer) {
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert!(again.is_replayed());
}

#[tokio::test]
async fn an_orderly_end_hands_over_at_once() {
    let (participants, site, mut a, b) =
        pair(Setup { lease_ms: 30_000, step_timeout_ms: 10_000, ..Setup::USUAL }).await;
    in_flight(&participants, &a.client(), 30, 1_000).await;
    let began = Instant::now();
    assert_eq!(a.terminate().await, Some(0));
    site.until_ended(30).await;
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}, far within the lease", began.elapsed());
    assert_eq!(participants.effects("F-", "charge"), 30);
    let nodes = nodes(&b.client()).await;
    let gone: Vec<_> = nodes.iter().filter(|node| node["state"] == "gone").collect();
    assert!(nodes.len() == 2 && gone.len() == 1 && gone[0]["orders"] == 0, "{nodes:?}");
    site.judge(&participants).await;
}
