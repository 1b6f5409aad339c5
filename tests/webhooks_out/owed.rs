//! What is owed to an endpoint is not lost by an operator's word, a late answer, a crash at the wrong moment or a failover;
//! and what is not owed any more does not come.

use counterfoil::saga::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Engine, Shop, names, sink};
use crate::support::engine::until;
use crate::support::program::{body, post};
use crate::support::receiver::{Answer, Receiver, SECRET};

fn gate() -> (watch::Sender<bool>, watch::Receiver<bool>) {
    watch::channel(false)
}

async fn add(engine: &Engine, receiver: &Receiver, more: Value) {
    let mut body = json!({ "name": "crm", "url": receiver.url, "secret": SECRET, "from": "beginning" });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    engine.done("POST", "/operator/webhooks", body).await;
}

/// Of an order's versions those that came, in the order of their first coming.
fn of(receiver: &Receiver, order: &str) -> Vec<i64> {
    receiver.firsts().remove(order).unwrap_or_default()
}

fn tries(receiver: &Receiver, order: &str, version: i64) -> usize {
    receiver.got().iter().filter(|got| got.order() == order && got.version() == version).count()
}

/// A time is about what the feed brings; what is in a row is owed, whenever it was decided.
#[tokio::test]
async fn a_replay_from_a_time_keeps_what_is_owed() {
    let receiver = Receiver::new().await;
    receiver.answers(|got| Answer::Status(if got.order() == "W" && got.version() > 2 { 500 } else { 200 }));
    let shop = Shop::retrying(&[100, 600_000], &sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&["P".to_owned(), "W".to_owned()]).await;
    until("one order waits", || async {
        shop.number("SELECT count(*) FROM webhook_waiting WHERE failures = 2").await == 1
    })
    .await;
    until("the other has it all", || async { of(&receiver, "P").len() == shop.events().await["P"].len() }).await;
    let aside = "INSERT INTO webhook_set_aside (order_id, endpoint_id, version, run, failures, error)
        SELECT 'P', endpoint_id, 2, run, 4, 'answered 400' FROM webhook_endpoints";
    shop.database.client().await.batch_execute(aside).await.expect(aside);
    receiver.answers_all(200);
    let now: std::time::SystemTime =
        shop.database.client().await.query_one("SELECT clock_timestamp()", &[]).await.expect("a time").get(0);
    let now = jiff::Timestamp::try_from(now).expect("a time");
    let from = Timestamp(now.as_microsecond()).to_string();
    engine.done("POST", "/operator/webhooks/crm/replay", json!({ "from": from, "reason": "a day" })).await;
    engine.place(&names("N", 1)).await;
    until("what is new arrives", || async { receiver.firsts().contains_key("N-0") }).await;
    engine.done("POST", "/operator/webhooks/crm/redrive", json!({ "all": true, "reason": "mended" })).await;
    shop.until_all_at(&receiver).await;
    until("what was set aside arrives", || async { tries(&receiver, "P", 2) == 2 }).await;
    assert_eq!(tries(&receiver, "P", 1), 1, "what was decided before is not read again");
}

/// What was read, and judged by what an endpoint wanted then, is judged again where it wants something else.
#[tokio::test]
async fn what_an_endpoint_comes_to_want_is_not_passed_over() {
    let receiver = Receiver::new().await;
    let (open, gate) = gate();
    receiver.answers(move |_| Answer::Behind(gate.clone()));
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({ "types": ["order.created"] })).await;
    engine.place(&names("A", 1)).await;
    until("its first event is under way, and the others are known", || async { receiver.under_way() == 1 }).await;
    engine.done("PATCH", "/operator/webhooks/crm", json!({ "types": [], "reason": "all of it" })).await;
    open.send_replace(true);
    shop.until_all_at(&receiver).await;
}

/// A 410 of the place that it was moved from says nothing of where it is.
#[tokio::test]
async fn an_endpoint_that_was_moved_is_not_disabled_by_where_it_was() {
    let (receiver, moved) = (Receiver::new().await, Receiver::new().await);
    let (open, gate) = gate();
    receiver.answers(move |_| Answer::GoneBehind(gate.clone()));
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({})).await;
    engine.place(&names("A", 1)).await;
    until("it is under way", || async { receiver.under_way() == 1 }).await;
    engine.done("PATCH", "/operator/webhooks/crm", json!({ "url": moved.url, "reason": "it moves" })).await;
    open.send_replace(true);
    shop.until_all_at(&moved).await;
    assert_eq!(engine.webhook("crm").await["state"], "active");
}

/// Three endpoints that are slow, and have under way all that they may, leave a fourth its own place.
#[tokio::test]
async fn endpoints_that_are_slow_leave_others_their_turn() {
    let (slow, quick) = (Receiver::new().await, Receiver::new().await);
    let (open, gate) = gate();
    slow.answers(move |_| Answer::Behind(gate.clone()));
    let config = "[outbox.webhooks]\nallow_private = true\nmax_in_flight = 64\nretry_ms = [1000]\n";
    let shop = Shop::configured(config).await;
    let engine = shop.engine().await;
    let placed = names("O", 64);
    let halves = placed.split_at(32);
    tokio::join!(engine.place(halves.0), engine.place(halves.1));
    for name in ["one", "two", "three"] {
        add(&engine, &slow, json!({ "name": name })).await;
    }
    until("there is place for no more", || async { slow.under_way() == 156 + 3 }).await;
    add(&engine, &quick, json!({ "types": ["order.completed"] })).await;
    until("the fourth has it all", || async { quick.taken().len() == 64 }).await;
    assert_eq!(slow.under_way(), 156 + 3, "and none of the slow ones has ended");
    open.send_replace(true);
}

/// A database that comes back without what was read last (a standby that lagged): what is not there is not told any more, and
/// the endpoint goes on from where the database is.
#[tokio::test]
async fn what_a_failover_lost_is_not_told_and_stops_nobody() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    add(&engine, &receiver, json!({})).await;
    engine.place(&names("A", 1)).await;
    shop.until_all_at(&receiver).await;
    until("its cursor is behind it", || async { engine.webhook("crm").await["lag_events"] == 0 }).await;
    let (open, gate) = gate();
    receiver.answers(move |_| Answer::Behind(gate.clone()));
    engine.place(&["L".to_owned()]).await;
    until("its first event is under way", || async { receiver.under_way() == 1 }).await;
    let lost = "BEGIN; DELETE FROM order_events WHERE order_id = 'L';
        INSERT INTO epochs (epoch, cluster, timeline, database_oid, table_oid)
        SELECT epoch + 1, cluster, timeline, database_oid, table_oid FROM epochs ORDER BY epoch DESC LIMIT 1; COMMIT";
    let rows = shop.database.client().await;
    rows.batch_execute(lost).await.expect(lost);
    // No connection outlives a promotion.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    rows.batch_execute(cut).await.expect(cut);
    open.send_replace(true);
    let client = engine.program.client();
    until("an order is taken", || async { post(&client, &body("B-0", "S"), &[]).await.status < 300 }).await;
    until("it goes on", || async {
        receiver.firsts().get("B-0").map(Vec::len) == shop.events().await.get("B-0").map(Vec::len)
    })
    .await;
    assert_eq!(of(&receiver, "L"), [1], "but for what was under way");
    assert_eq!(engine.webhook("crm").await["state"], "active");
}

/// A position that is not of this database's history may be asked of the wrong server for a moment: nothing is delivered, a
/// human is told, and it goes on by itself.
#[tokio::test]
async fn an_endpoint_of_another_history_waits_and_goes_on_by_itself() {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let mut engine = shop.engine().await;
    engine.place(&names("A", 1)).await;
    shop.until_all_at(&receiver).await;
    until("its cursor is behind it", || async { engine.webhook("crm").await["lag_events"] == 0 }).await;
    engine.program.kill();
    let rows = shop.database.client().await;
    let position: String = rows.query_one("SELECT position FROM webhook_endpoints", &[]).await.expect("it").get(0);
    let other = r#"UPDATE webhook_endpoints SET position = '{"epoch":1,"upto":5,"last":[1,4,"X",1]}'"#;
    rows.batch_execute(other).await.expect(other);
    let engine = shop.engine().await;
    engine.place(&names("B", 1)).await;
    until("it is said why", || async {
        engine.webhook("crm").await["state_reason"].as_str().is_some_and(|why| why.contains("history"))
    })
    .await;
    until("an alert can see it", || async { engine.metric("counterfoil_outbox_stopped", "crm").await == Some(1.0) })
        .await;
    assert_eq!(engine.webhook("crm").await["state"], "active");
    assert!(!receiver.firsts().contains_key("B-0"));
    rows.execute("UPDATE webhook_endpoints SET position = $1", &[&position]).await.expect("put it back");
    shop.until_all_at(&receiver).await;
    until("all is well", || async { engine.metric("counterfoil_outbox_stopped", "crm").await == Some(0.0) }).await;
}

/// What waits for an operator waits for no engine's start.
#[tokio::test]
async fn what_waits_for_a_human_is_not_tried_by_whoever_starts() {
    let receiver = Receiver::new().await;
    receiver.answers(|got| Answer::Status(if got.order() == "P" && got.version() == 2 { 400 } else { 200 }));
    let shop = Shop::retrying(&[100, 200], &sink("crm", &receiver, "strict = true")).await;
    let mut engine = shop.engine().await;
    engine.place(&["P".to_owned()]).await;
    let others = std::cell::Cell::new(0);
    until("the order stops", || async {
        others.set(others.get() + 1);
        engine.place(&[format!("O-{}", others.get())]).await;
        engine.webhook("crm").await["stopped_orders"] == 1
    })
    .await;
    engine.program.kill();
    let tried = tries(&receiver, "P", 2);
    let engine = shop.engine().await;
    engine.place(&names("N", 4)).await;
    until("others get through", || async {
        receiver.firsts().get("N-3").map(Vec::len) == shop.events().await.get("N-3").map(Vec::len)
    })
    .await;
    assert_eq!((tries(&receiver, "P", 2), engine.webhook("crm").await["stopped_orders"].clone()), (tried, json!(1)));
}

/// An event without which its order went on is let go, though the cursor lies before it when an engine dies.
#[tokio::test]
async fn what_was_set_aside_does_not_come_behind_what_followed_it() {
    let receiver = Receiver::new().await;
    let (_open, gate) = gate();
    receiver.answers(move |got| match (got.order(), got.version()) {
        ("SLOW", _) => Answer::Behind(gate.clone()),
        ("P", 2) => Answer::Status(400),
        _ => Answer::Status(200),
    });
    let shop = Shop::retrying(&[100], &sink("crm", &receiver, "")).await;
    let mut engine = shop.engine().await;
    engine.place(&["SLOW".to_owned(), "P".to_owned()]).await;
    shop.until_set_aside(&engine).await;
    let rest: Vec<i64> = shop.events().await["P"].iter().copied().filter(|version| *version != 2).collect();
    until("its order has gone on", || async { of(&receiver, "P") == rest }).await;
    engine.program.kill();
    receiver.answers_all(200);
    let engine = shop.engine().await;
    until("all is read", || async {
        receiver.firsts().contains_key("SLOW") && engine.webhook("crm").await["lag_events"] == 0
    })
    .await;
    assert_eq!(of(&receiver, "P"), rest);
    engine.done("POST", "/operator/webhooks/crm/redrive", json!({ "all": true, "reason": "mended" })).await;
    until("it arrives, late", || async { of(&receiver, "P").last() == Some(&2) }).await;
}

/// What an operator has an order go on without is not sent, though it is read once more.
#[tokio::test]
async fn what_was_skipped_does_not_come() {
    let receiver = Receiver::new().await;
    let (open, gate) = gate();
    let last = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(i64::MAX));
    let poison = std::sync::Arc::clone(&last);
    receiver.answers(move |got| match got.order() {
        "SLOW" => Answer::Behind(gate.clone()),
        "P" if got.kind() == "counterfoil.order.completed" => {
            poison.store(got.version(), std::sync::atomic::Ordering::SeqCst);
            Answer::Status(400)
        }
        _ => Answer::Status(200),
    });
    let shop = Shop::retrying(&[100], &sink("crm", &receiver, "strict = true")).await;
    let engine = shop.engine().await;
    engine.place(&["SLOW".to_owned(), "P".to_owned()]).await;
    let others = std::cell::Cell::new(0);
    until("the order stops", || async {
        others.set(others.get() + 1);
        engine.place(&[format!("O-{}", others.get())]).await;
        engine.webhook("crm").await["stopped_orders"] == 1
    })
    .await;
    let version = last.load(std::sync::atomic::Ordering::SeqCst);
    assert_eq!(shop.events().await["P"].last(), Some(&version));
    let tried = tries(&receiver, "P", version);
    let skip = json!({ "order_id": "P", "version": version, "reason": "they know it" });
    assert_eq!(engine.done("POST", "/operator/webhooks/crm/skip", skip).await["skipped"], 1);
    open.send_replace(true);
    until("all is read", || async { engine.webhook("crm").await["lag_events"] == 0 }).await;
    assert_eq!(tries(&receiver, "P", version), tried);
    let shown = engine.webhook("crm").await;
    assert_eq!((&shown["set_aside_events"], &shown["waiting_orders"]), (&json!(0), &json!(0)));
    // A replay is all of it.
    receiver.answers_all(200);
    engine.done("POST", "/operator/webhooks/crm/replay", json!({ "from": "beginning", "reason": "all" })).await;
    shop.until_all_at(&receiver).await;
}
