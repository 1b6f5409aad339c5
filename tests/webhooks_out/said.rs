//! What an operator says reaches whoever delivers while it delivers, and nothing is sent again for it; and what stands in an
//! endpoint's way is said by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use counterfoil::outbox::webhooks::schedule::Schedule;
use counterfoil::outbox::webhooks::sender::Sender;
use counterfoil::outbox::webhooks::{Parts, start};
use counterfoil::ports::StoreError;
use counterfoil::ports::lease::{Held, Leases};
use counterfoil::store::PgStore;
use counterfoil::store::steady::SteadyFeed;
use counterfoil::telemetry::Metrics;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::{Engine, Shop, names, sink};
use crate::support::engine::{open_store, until};
use crate::support::receiver::{Answer, Receiver, SECRET};

async fn add(engine: &Engine, receiver: &Receiver, more: Value) {
    let mut body = json!({ "name": "crm", "url": receiver.url, "secret": SECRET, "from": "beginning" });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    engine.done("POST", "/operator/webhooks", body).await;
}

fn tries(receiver: &Receiver, order: &str, version: i64) -> usize {
    receiver.got().iter().filter(|got| got.order() == order && got.version() == version).count()
}

/// One delivery hangs, so that the cursor is before all that was delivered since: who began anew would send it all again.
#[tokio::test]
async fn a_redrive_sends_what_it_names_and_nothing_else() {
    let receiver = Receiver::new().await;
    let (open, gate) = watch::channel(false);
    receiver.answers(move |got| match (got.order(), got.version()) {
        ("SLOW", _) => Answer::Behind(gate.clone()),
        ("P", 2) => Answer::Status(400),
        _ => Answer::Status(200),
    });
    let shop = Shop::retrying(&[100], &sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&["SLOW".to_owned(), "P".to_owned()]).await;
    shop.until_set_aside(&engine).await;
    until("it is written what became of it", || async {
        shop.number("SELECT count(*) FROM webhook_waiting").await == 0
    })
    .await;
    let redrive = json!({ "order_id": "P", "version": 2, "reason": "once more" });
    for _ in 0..3 {
        let before = tries(&receiver, "P", 2);
        engine.done("POST", "/operator/webhooks/crm/redrive", redrive.clone()).await;
        until("it is tried, while another one hangs", || async { tries(&receiver, "P", 2) == before + 1 }).await;
        until("that is written", || async {
            shop.number("SELECT count(*) FROM webhook_set_aside WHERE again").await == 0
        })
        .await;
        engine.place(&names(&format!("N-{before}"), 2)).await;
    }
    assert_eq!(receiver.under_way(), 1);
    receiver.answers_all(200);
    open.send_replace(true);
    engine.done("POST", "/operator/webhooks/crm/redrive", redrive).await;
    let all: usize = shop.events().await.values().map(Vec::len).sum();
    until("every event has arrived", || async { receiver.firsts().values().map(Vec::len).sum::<usize>() == all }).await;
    until("nothing is set aside", || async { shop.number("SELECT count(*) FROM webhook_set_aside").await == 0 }).await;
    let taken = receiver.taken();
    let unique: std::collections::BTreeSet<_> = taken.iter().map(|got| &got.webhook_id).collect();
    assert_eq!(unique.len(), taken.len(), "nothing is sent again");
    shop.audit().await;
}

/// Neither the list nor the gauge calls that undelivered which was delivered.
#[tokio::test]
async fn what_a_replay_delivers_is_set_aside_no_more() {
    let receiver = Receiver::new().await;
    receiver.answers(|got| Answer::Status(if got.order() == "P" && got.version() == 2 { 400 } else { 200 }));
    let shop = Shop::retrying(&[100], &sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&["P".to_owned()]).await;
    shop.until_set_aside(&engine).await;
    receiver.answers_all(200);
    engine.done("POST", "/operator/webhooks/crm/replay", json!({ "from": "beginning", "reason": "all" })).await;
    until("it arrives", || async { receiver.firsts()["P"].contains(&2) }).await;
    until("it is not set aside", || async { engine.webhook("crm").await["set_aside_events"] == 0 }).await;
    until("nor counted so", || async {
        engine.metric("counterfoil_outbox_set_aside_events", "crm").await == Some(0.0)
    })
    .await;
}

/// It may be what they waited for: an operator sees at once whether it was.
#[tokio::test]
async fn a_change_of_the_place_frees_whoever_waits() {
    let (receiver, moved) = (Receiver::new().await, Receiver::new().await);
    receiver.answers(|got| Answer::Status(if got.order() == "P" && got.version() > 1 { 400 } else { 200 }));
    let shop = Shop::retrying(&[100, 600_000], "").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({})).await;
    engine.place(&["P".to_owned()]).await;
    until("it waits for ten minutes", || async {
        shop.number("SELECT count(*) FROM webhook_waiting WHERE failures = 2").await == 1
    })
    .await;
    engine.done("PATCH", "/operator/webhooks/crm", json!({ "url": moved.url, "reason": "it moved" })).await;
    let rest = shop.events().await["P"][1..].to_vec();
    until("what waited arrives there", || async { moved.firsts().get("P") == Some(&rest) }).await;
}

/// A row that a hand spoilt stops its own endpoint, is told once, and can be taken away.
#[tokio::test]
async fn an_endpoint_that_cannot_be_read_is_named_and_stands_in_nobodys_way() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({ "name": "bad" })).await;
    let spoil = "UPDATE webhook_endpoints SET types = 'all' WHERE name = 'bad'";
    shop.database.client().await.batch_execute(spoil).await.expect(spoil);
    add(&engine, &receiver, json!({})).await;
    engine.place(&names("A", 2)).await;
    until("the other one has its events", || async {
        receiver.taken().iter().filter(|got| got.order() == "A-1").count() == shop.events().await["A-1"].len()
    })
    .await;
    let told = || engine.log().lines().filter(|line| line.contains("gets nothing") && line.contains("bad")).count();
    until("it is told", || async { told() > 0 }).await;
    until("an alert can see it", || async { engine.metric("counterfoil_outbox_stopped", "bad").await == Some(1.0) })
        .await;
    let list = engine.done("GET", "/operator/webhooks", Value::Null).await;
    let bad = list["webhooks"].as_array().expect("endpoints").iter().find(|one| one["name"] == "bad").expect("it");
    assert_eq!(bad["state"], "unreadable");
    assert!(bad["state_reason"].as_str().is_some_and(|why| why.contains("types is no list")), "{bad}");
    assert_eq!(engine.webhook("bad").await["state"], "unreadable");
    // All are looked at for each measure, and that comes with the first of two later orders.
    for one in names("B", 2) {
        engine.place(std::slice::from_ref(&one)).await;
        until("it is measured", || async { engine.metric("counterfoil_outbox_lag_events", "crm").await == Some(0.0) })
            .await;
    }
    assert_eq!(told(), 1);
    engine.done("DELETE", "/operator/webhooks/bad", json!({ "reason": "spoilt" })).await;
    assert_eq!(engine.ask("GET", "/operator/webhooks/bad", &Value::Null).await.0, 404);
    until("its series is gone", || async { engine.metric("counterfoil_outbox_stopped", "bad").await.is_none() }).await;
    add(&engine, &receiver, json!({ "name": "bad" })).await;
}

/// Who begins with as many that wait as may says so, though nothing else is to be written.
#[tokio::test]
async fn a_full_house_says_why_it_gets_nothing() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({ "from": "now" })).await;
    engine.done("POST", "/operator/webhooks/crm/pause", json!({ "reason": "a test" })).await;
    let fill = "INSERT INTO webhook_waiting (order_id, endpoint_id, version, upto, failures, run, first_failed_at, next_try_at)
        SELECT 'W-' || n, endpoint_id, 1, 1, 1, 1, now(), now() + interval '1 hour'
        FROM webhook_endpoints, generate_series(1, 10000) n";
    shop.database.client().await.batch_execute(fill).await.expect(fill);
    engine.place(&names("A", 1)).await; // the cursor stays before it
    engine.done("POST", "/operator/webhooks/crm/resume", json!({ "reason": "a test" })).await;
    until("it says why", || async {
        engine.webhook("crm").await["state_reason"].as_str().is_some_and(|why| why.contains("10000 orders wait"))
    })
    .await;
    until("an alert can see it", || async { engine.metric("counterfoil_outbox_stopped", "crm").await == Some(1.0) })
        .await;
}

/// Whoever delivered to the one of before may have to wait for an answer yet.
#[tokio::test]
async fn one_of_the_same_name_is_seen_to_be_delivered_to() {
    let receiver = Receiver::new().await;
    let (open, gate) = watch::channel(false);
    receiver.answers(move |_| Answer::Behind(gate.clone()));
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({})).await;
    engine.place(&names("A", 1)).await;
    until("a delivery is under way", || async { receiver.under_way() == 1 }).await;
    engine.done("DELETE", "/operator/webhooks/crm", json!({ "reason": "another" })).await;
    add(&engine, &receiver, json!({ "from": "now" })).await;
    let told = |what: &str| engine.log().lines().filter(|line| line.contains(what)).count();
    until("the new one is delivered to", || async { told("delivers to an endpoint") == 2 }).await;
    open.send_replace(true);
    until("the old one is no more", || async { told("delivers to an endpoint no more") == 1 }).await;
    assert_eq!(engine.metric("counterfoil_outbox_publishing", "crm").await, Some(1.0));
}

/// Whose answers come when the lease has ended.
struct Stalled {
    store: Arc<PgStore>,
    holds: AtomicUsize,
}

impl Leases for Stalled {
    fn hold(&self, name: &str, node: Uuid, ttl: Duration) -> BoxFuture<'static, Result<Option<Held>, StoreError>> {
        self.holds.fetch_add(1, Ordering::SeqCst);
        let holding = self.store.hold(name, node, ttl);
        Box::pin(async move {
            let held = holding.await;
            tokio::time::sleep(ttl).await;
            held
        })
    }

    fn renew(&self, _: &Held) -> BoxFuture<'static, Result<bool, StoreError>> {
        Box::pin(std::future::pending())
    }

    fn release(&self, held: &Held) -> BoxFuture<'static, Result<(), StoreError>> {
        self.store.release(held)
    }

    fn is_any_held(&self, names: Vec<String>, ttl: Duration) -> BoxFuture<'static, Result<bool, StoreError>> {
        self.store.is_any_held(names, ttl)
    }
}

/// A lease counts from when it was asked for: whoever hears of it late has it no more, and sends nothing.
#[tokio::test]
async fn a_lease_that_is_heard_of_late_is_none() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let mut engine = shop.engine().await;
    engine.place(&names("A", 1)).await;
    // It is killed before it has looked for endpoints, or had nothing to deliver yet.
    add(&engine, &receiver, json!({ "types": ["order.cancelled"] })).await;
    engine.program.kill();
    // One by one: what the dead has under way locks its lease before its endpoint.
    let rows = shop.database.client().await;
    for sql in ["UPDATE webhook_endpoints SET types = '[]'", "DELETE FROM outbox_leases"] {
        rows.batch_execute(sql).await.expect(sql);
    }
    let store = open_store(&shop.database.url(), 1).await;
    let leases = Arc::new(Stalled { store: Arc::clone(&store), holds: AtomicUsize::new(0) });
    let parts = Parts {
        webhooks: Arc::clone(&store) as _,
        leases: Arc::clone(&leases) as _,
        feed: Arc::new(SteadyFeed::new(Arc::clone(&store) as _)),
        clock: store.clock(),
        metrics: Metrics::new(1),
        sender: Sender::new(true, None),
        source: "/counterfoil/test".into(),
        node: Uuid::new_v4(),
        lease: Duration::from_millis(400),
        in_flight: 4,
        schedule: Schedule::default(),
    };
    let running = start(parts, Vec::new());
    until("it was held again and again", || async { leases.holds.load(Ordering::SeqCst) > 3 }).await;
    assert_eq!(receiver.got().len(), 0);
    running.stop(Duration::from_secs(5)).await;
}
