//! What operators do to endpoints, without a restart: it takes effect at once, and never mixes with what is under way.

use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil::client::Client;
use serde_json::{Value, json};

use super::{Engine, Shop, names, sink};
use crate::support::engine::until;
use crate::support::program::{PROGRAM, body, post};
use crate::support::receiver::{Answer, Receiver, SECRET};

async fn outbox(engine: &Engine, args: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(PROGRAM);
    command.args(["outbox", "--target", &engine.program.url]).args(args);
    command.env_remove("COUNTERFOIL_TOKEN").env_remove("COUNTERFOIL__DATABASE__URL");
    command.output().await.expect("run the program")
}

async fn told(engine: &Engine, args: &[&str]) -> String {
    let output = outbox(engine, args).await;
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{args:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Of an order's versions those that came, in the order of their first coming.
fn of(receiver: &Receiver, order: &str) -> Vec<i64> {
    receiver.firsts().remove(order).unwrap_or_default()
}

/// Whatever the receiver cannot take of P: its second event.
fn poison(receiver: &Receiver) -> Arc<AtomicBool> {
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = Arc::clone(&mended);
    receiver.answers(move |got| {
        let refused = got.order() == "P" && got.version() == 2 && !is_mended.load(Ordering::SeqCst);
        Answer::Status(if refused { 400 } else { 200 })
    });
    mended
}

#[tokio::test]
async fn poison_is_set_aside_and_redriven() {
    let receiver = Receiver::new().await;
    let mended = poison(&receiver);
    let shop = Shop::retrying(&[100, 200, 400], &sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&["P".to_owned()]).await;
    // Others get through, so that the fault is the event's own.
    let others = std::cell::Cell::new(0);
    until("it is set aside, and its order goes on", || async {
        others.set(others.get() + 1);
        engine.place(&[format!("O-{}", others.get())]).await;
        shop.number("SELECT count(*) FROM webhook_set_aside").await == 1
    })
    .await;
    let all = shop.events().await["P"].clone();
    let others_of_p: Vec<i64> = all.iter().copied().filter(|version| *version != 2).collect();
    until("its order has gone on", || async { of(&receiver, "P") == others_of_p }).await;
    assert_eq!(receiver.got().iter().filter(|got| got.order() == "P" && got.version() == 2).count(), 4);
    until("it is counted", || async { engine.metric("counterfoil_outbox_set_aside_events", "crm").await == Some(1.0) })
        .await;

    let list = told(&engine, &["list"]).await;
    assert!(list.lines().any(|line| line.starts_with("crm") && line.contains(" active ")), "{list}");
    let sheet = told(&engine, &["show", "--endpoint", "crm"]).await;
    assert!(sheet.contains("P/2") && sheet.contains("set_aside") && sheet.contains("answered 400"), "{sheet}");
    // It fails once more, and stays where it is.
    told(&engine, &["redrive", "--endpoint", "crm", "--order", "P", "--version", "2", "--reason", "try"]).await;
    until("it was tried", || async {
        receiver.got().iter().filter(|got| got.order() == "P" && got.version() == 2).count() == 5
            && shop.number("SELECT count(*) FROM webhook_set_aside WHERE NOT again AND failures = 5").await == 1
    })
    .await;
    mended.store(true, Ordering::SeqCst);
    let redriven = told(&engine, &["redrive", "--endpoint", "crm", "--all", "--reason", "it was mended"]).await;
    assert_eq!(redriven, "redriven 1\n");
    until("it arrives, late", || async { of(&receiver, "P").len() == all.len() }).await;
    until("nothing is set aside", || async { shop.number("SELECT count(*) FROM webhook_set_aside").await == 0 }).await;
    let sheet = told(&engine, &["show", "--endpoint", "crm"]).await;
    assert!(sheet.contains("it was mended") && sheet.contains("redrive"), "{sheet}");
    let refused = outbox(&engine, &["show", "--endpoint", "nobody"]).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("endpoint_not_found"));
    shop.audit().await;
}

#[tokio::test]
async fn where_it_is_strict_the_order_waits_until_a_human_says_what_becomes_of_it() {
    let receiver = Receiver::new().await;
    poison(&receiver);
    let shop = Shop::retrying(&[100, 200, 400], &sink("crm", &receiver, "strict = true")).await;
    let engine = shop.engine().await;
    engine.place(&["P".to_owned()]).await;
    let others = std::cell::Cell::new(0);
    until("the order stops", || async {
        others.set(others.get() + 1);
        engine.place(&[format!("O-{}", others.get())]).await;
        engine.webhook("crm").await["stopped_orders"] == 1
    })
    .await;
    assert_eq!(of(&receiver, "P"), [1]);
    until("an alert can see it", || async { engine.metric("counterfoil_outbox_stopped", "crm").await == Some(1.0) })
        .await;
    let page = engine.done("GET", "/operator/webhooks/crm/undelivered?order_id=P", Value::Null).await;
    let event = &page["events"][0];
    assert_eq!((&event["id"], &event["state"], &event["status"]), (&json!("P/2"), &json!("stopped"), &json!(400)));
    let skipped = told(&engine, &["skip", "P/2", "--endpoint", "crm", "--reason", "they know it"]).await;
    assert_eq!(skipped, "skipped 1\n");
    let all = shop.events().await["P"].clone();
    let rest: Vec<i64> = all.iter().copied().filter(|version| *version != 2).collect();
    until("the order goes on", || async { of(&receiver, "P") == rest }).await;
    until("nothing waits", || async { shop.number("SELECT count(*) FROM webhook_waiting").await == 0 }).await;
    assert_eq!(shop.number("SELECT count(*) FROM outbox_log WHERE verb = 'skip' AND detail = 'P/2'").await, 1);
}

#[tokio::test]
async fn endpoints_come_and_go_without_a_restart() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    engine.place(&names("A", 2)).await;
    let add = |name: &str, more: Value| {
        let mut body = json!({ "name": name, "url": format!("{}/{name}", receiver.url), "secret": SECRET });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        body
    };
    let at = |path: &str| receiver.taken().into_iter().filter(|got| got.path == path).collect::<Vec<_>>();
    let kinds = ["order.completed", "counterfoil.order.created"];
    engine.done("POST", "/operator/webhooks", add("now", json!({}))).await;
    engine.done("POST", "/operator/webhooks", add("all", json!({ "from": "beginning" }))).await;
    engine.done("POST", "/operator/webhooks", add("ends", json!({ "from": "beginning", "types": kinds }))).await;
    let none = add("nobody", json!({ "from": "beginning", "clients": ["nobody"] }));
    engine.done("POST", "/operator/webhooks", none).await;
    let (status, problem) = engine.ask("POST", "/operator/webhooks", &add("now", json!({}))).await;
    assert_eq!((status, &problem["code"]), (409, &json!("endpoint_exists")));
    engine.place(&names("B", 2)).await;
    let all: usize = shop.events().await.values().map(Vec::len).sum();
    until("each has what is for it", || async {
        at("/all").len() == all && at("/ends").len() == 8 && at("/now").iter().any(|got| got.order() == "B-1")
    })
    .await;
    assert!(at("/now").iter().all(|got| got.order().starts_with('B')));
    assert!(at("/ends").iter().all(|got| kinds.iter().any(|kind| got.kind().ends_with(kind))));
    // Its cursor passes what it does not want.
    until("nobody is behind", || async {
        let found = engine.done("GET", "/operator/webhooks", Value::Null).await;
        let behind = |one: &Value| one["lag_events"] != 0;
        !found["webhooks"].as_array().expect("endpoints").iter().any(behind)
    })
    .await;
    assert_eq!(at("/nobody").len(), 0);

    // Other types from now on, and nothing while it is paused.
    let change = json!({ "types": ["order.cancelled"], "reason": "enough" });
    engine.done("PATCH", "/operator/webhooks/ends", change).await;
    engine.done("POST", "/operator/webhooks/all/pause", json!({ "reason": "a move" })).await;
    let heard = at("/all").len();
    engine.place(&names("C", 2)).await;
    until("the other one hears of it", || async { at("/now").iter().any(|got| got.order() == "C-1") }).await;
    assert_eq!((at("/all").len(), at("/ends").len()), (heard, 8));
    engine.done("POST", "/operator/webhooks/all/resume", json!({ "reason": "moved" })).await;
    until("it goes on where it stopped", || async { at("/all").iter().any(|got| got.order() == "C-1") }).await;

    // One of the same name and URL is another one.
    let first = engine.webhook("now").await;
    engine.done("DELETE", "/operator/webhooks/now", json!({ "reason": "gone" })).await;
    assert_eq!(engine.ask("GET", "/operator/webhooks/now", &Value::Null).await.0, 404);
    until("its series is gone", || async { engine.metric("counterfoil_outbox_lag_events", "now").await.is_none() })
        .await;
    let heard = at("/now").len();
    engine.place(&names("D", 1)).await;
    until("the others hear of it", || async { at("/all").iter().any(|got| got.order() == "D-0") }).await;
    assert_eq!(at("/now").len(), heard);
    let second = engine.done("POST", "/operator/webhooks", add("now", json!({ "from": "beginning" }))).await;
    assert_ne!(first["id"], second["id"]);
    let all: usize = shop.events().await.values().map(Vec::len).sum();
    until("it begins anew", || async { at("/now").len() == heard + all }).await;
    let log = engine.webhook("now").await["log"].clone();
    let verbs: Vec<_> = log.as_array().expect("a log").iter().map(|entry| entry["verb"].clone()).collect();
    assert_eq!(verbs, ["add", "remove", "add"]);

    // A secret that nobody gave is told once.
    let made = json!({ "name": "made", "url": format!("{}/made", receiver.url) });
    let made = engine.done("POST", "/operator/webhooks", made).await;
    assert!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "{made}");
    assert!(engine.webhook("made").await.get("secret").is_none());
    let tried = engine.done("POST", "/operator/webhooks/made/test", json!({})).await;
    assert_eq!((&tried["delivered"], &tried["status"]), (&json!(true), &json!(204)));
}

#[tokio::test]
async fn what_a_configuration_says_is_changed_there() {
    let receiver = Receiver::new().await;
    let mut shop = Shop::new(&sink("crm", &receiver, "")).await;
    let mut engine = shop.engine().await;
    engine.place(&names("A", 1)).await;
    shop.until_all_at(&receiver).await;
    for (method, body) in [("PATCH", json!({ "strict": true, "reason": "r" })), ("DELETE", json!({ "reason": "r" }))] {
        let (status, problem) = engine.ask(method, "/operator/webhooks/crm", &body).await;
        assert_eq!((status, &problem["code"]), (409, &json!("endpoint_configured")), "{method}");
    }
    // What is not written down yet would come again.
    until("its cursor is behind it", || async { engine.webhook("crm").await["lag_events"] == 0 }).await;
    engine.program.kill();
    // What is the same as before is no change.
    let log = "SELECT count(*) FROM outbox_log WHERE by = '(configuration)'";
    engine = shop.engine().await;
    until("it delivers", || async { engine.metric("counterfoil_outbox_publishing", "crm").await == Some(1.0) }).await;
    assert_eq!(shop.number(log).await, 0);
    engine.program.kill();
    // Elsewhere from the next start on, from where it stood.
    let moved = Receiver::new().await;
    shop.config = shop.config.replace(&receiver.url, &moved.url);
    let mut engine = shop.engine().await;
    let heard = receiver.got().len();
    engine.place(&names("B", 1)).await;
    until("it goes elsewhere", || async { moved.firsts().contains_key("B-0") }).await;
    let entry = &engine.webhook("crm").await["log"][0];
    assert_eq!((&entry["verb"], &entry["detail"]), (&json!("change"), &json!(format!("url (to {})", moved.url))));
    assert_eq!(shop.number(log).await, 1);
    assert_eq!((receiver.got().len(), moved.firsts().contains_key("A-0")), (heard, false));
    engine.program.kill();
    // What is configured nowhere gets nothing.
    shop.config = shop.config.split("[[outbox.sinks]]").next().expect("the rest").to_owned();
    let engine = shop.engine().await;
    let heard = moved.got().len();
    engine.place(&names("C", 1)).await;
    until("it is behind", || async { engine.metric("counterfoil_outbox_lag_events", "crm").await > Some(0.0) }).await;
    assert_eq!(moved.got().len(), heard);
    until("it is said that nobody has it", || async {
        let why = engine.webhook("crm").await["state_reason"].clone();
        why.as_str().is_some_and(|why| why.contains("no longer configured"))
    })
    .await;
    until("an alert can see it", || async { engine.metric("counterfoil_outbox_stopped", "crm").await == Some(1.0) })
        .await;
    let list = told(&engine, &["list"]).await;
    assert!(list.contains("crm: no longer configured") && list.contains("DELETE"), "{list}");
    let change = json!({ "strict": true, "reason": "r" });
    let (status, problem) = engine.ask("PATCH", "/operator/webhooks/crm", &change).await;
    assert_eq!((status, &problem["code"]), (409, &json!("endpoint_configured")), "others may have it");
    engine.done("DELETE", "/operator/webhooks/crm", json!({ "reason": "not needed" })).await;
    // One that an operator added stays an operator's, whatever a configuration calls by its name.
    let add = json!({ "name": "crm", "url": receiver.url, "secret": SECRET });
    engine.done("POST", "/operator/webhooks", add).await;
    drop(engine);
    shop.config.push_str(&sink("crm", &moved, ""));
    let engine = shop.engine().await;
    engine.done("PATCH", "/operator/webhooks/crm", change).await;
    assert_eq!(engine.webhook("crm").await["url"], json!(receiver.url));
    engine.done("DELETE", "/operator/webhooks/crm", json!({ "reason": "the configuration is to have it" })).await;
}

/// What is under way when an endpoint is paused or removed ends; nothing else is begun, however much is ready to be sent.
#[tokio::test]
async fn a_pause_ends_what_is_under_way_and_begins_nothing() {
    for remove in [false, true] {
        let receiver = Receiver::new().await;
        let (open, gate) = tokio::sync::watch::channel(false);
        receiver.answers(move |_| Answer::Behind(gate.clone()));
        let shop = Shop::new("").await;
        let engine = shop.engine().await;
        let add = json!({ "name": "crm", "url": receiver.url, "secret": SECRET, "from": "beginning" });
        engine.done("POST", "/operator/webhooks", add).await;
        engine.place(&names("O", 20)).await;
        until("as many are under way as may be", || async { receiver.under_way() == 8 }).await;
        if remove {
            engine.done("DELETE", "/operator/webhooks/crm", json!({ "reason": "gone" })).await;
        } else {
            engine.done("POST", "/operator/webhooks/crm/pause", json!({ "reason": "a move" })).await;
        }
        open.send_replace(true);
        until("its engine lets go of it", || async {
            let publishing = engine.metric("counterfoil_outbox_publishing", "crm").await;
            receiver.under_way() == 0 && publishing.is_none_or(|publishing| publishing == 0.0)
        })
        .await;
        assert_eq!(receiver.taken().len(), 8, "what was under way ended, and nothing came behind it");
        if !remove {
            engine.done("POST", "/operator/webhooks/crm/resume", json!({ "reason": "moved" })).await;
            shop.until_all_at(&receiver).await;
        }
    }
}

/// While deliveries are under way it is replayed: what was under way ends first, and then all comes again, in order.
#[tokio::test]
async fn a_replay_brings_everything_again_and_in_order() {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    engine.place(&names("A", 10)).await;
    shop.until_all_at(&receiver).await;
    // One order waits meanwhile, at an event in its middle.
    let mended = Arc::new(AtomicBool::new(false));
    let is_mended = Arc::clone(&mended);
    receiver.answers(move |got| {
        let refused = got.order() == "W" && got.version() == 3 && !is_mended.load(Ordering::SeqCst);
        Answer::Status(if refused { 500 } else { 200 })
    });
    engine.place(&["W".to_owned()]).await;
    until("it waits", || async { shop.number("SELECT count(*) FROM webhook_waiting").await == 1 }).await;
    let heard = receiver.taken().len();
    told(&engine, &["replay", "--endpoint", "crm", "--from", "beginning", "--reason", "they lost it"]).await;
    let expected = shop.events().await;
    let again = || {
        let mut again: std::collections::BTreeMap<String, Vec<i64>> = Default::default();
        for got in receiver.taken().split_off(heard) {
            let versions = again.entry(got.order().to_owned()).or_default();
            if !versions.contains(&got.version()) {
                versions.push(got.version());
            }
        }
        again
    };
    until("the others came again", || async { again().len() == 11 }).await;
    mended.store(true, Ordering::SeqCst);
    until("everything came again", || async { again() == expected }).await;
    let (status, problem) =
        engine.ask("POST", "/operator/webhooks/crm/replay", &json!({ "from": "yesterday", "reason": "r" })).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (400, &json!("/from")));
    let other = r#"{"epoch":1,"upto":5,"last":[1,4,"X",1]}"#;
    let (status, problem) =
        engine.ask("POST", "/operator/webhooks/crm/replay", &json!({ "from": other, "reason": "r" })).await;
    assert_eq!(status, 400, "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("another history")), "{problem}");
}

/// One command and one log, for sinks of brokers and for endpoints: nobody takes one for the other, though they be of one name.
#[tokio::test]
async fn sinks_and_endpoints_are_told_and_changed_apart() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    let add = json!({ "name": "bus", "url": receiver.url, "secret": SECRET, "from": "beginning" });
    engine.done("POST", "/operator/webhooks", add).await;
    let sink = "INSERT INTO outbox_relays (sink, part, parts, begins, target, deployment)
        SELECT 'bus', 0, 1, 'now', 'orders/12', deployment_id FROM deployment";
    shop.database.client().await.batch_execute(sink).await.expect(sink);
    let url = shop.database.url();
    let list = told(&engine, &["list", "--database-url", &url]).await;
    assert!(list.starts_with("bus/0 of 1, run 1 from now"), "{list}");
    assert!(list.lines().any(|line| line.starts_with("bus ") && line.contains(&receiver.url)), "{list}");
    let all: Value =
        serde_json::from_str(&told(&engine, &["list", "--json", "--database-url", &url]).await).expect("JSON");
    assert_eq!((&all["sinks"][0]["sink"], &all["endpoints"][0]["name"]), (&json!("bus"), &json!("bus")));
    let text = all.to_string();
    assert!(!text.contains("whsec_"), "{text}");
    // The engine knows of its endpoints.
    let list = told(&engine, &["list"]).await;
    assert!(list.contains(&receiver.url) && list.contains("--database-url") && !list.contains("bus/0"), "{list}");

    let held = "SELECT count(*) FROM outbox_relays WHERE held = 'a move'";
    told(&engine, &["pause", "--endpoint", "bus", "--reason", "they move"]).await;
    assert_eq!((shop.number(held).await, engine.webhook("bus").await["state"].clone()), (0, json!("paused")));
    told(&engine, &["resume", "--endpoint", "bus", "--reason", "they moved"]).await;
    told(&engine, &["pause", "--sink", "bus", "--reason", "a move", "--database-url", &url]).await;
    assert_eq!((shop.number(held).await, engine.webhook("bus").await["state"].clone()), (1, json!("active")));
    told(&engine, &["replay", "--endpoint", "bus", "--from", "now", "--reason", "they know it all"]).await;
    let log = "SELECT string_agg(concat_ws(' ', sink, verb, by <> session_user), ', ' ORDER BY at) FROM outbox_log";
    let log: String = shop.database.client().await.query_one(log, &[]).await.expect("the log").get(0);
    assert_eq!(log, "webhook/bus add t, webhook/bus pause t, webhook/bus resume t, bus pause f, webhook/bus replay t");
    // Where it stood can be gone back to.
    let before = "SELECT (before::json->'position')::text FROM outbox_log WHERE verb = 'replay'";
    let before: String = shop.database.client().await.query_one(before, &[]).await.expect("before").get(0);
    told(&engine, &["replay", "--endpoint", "bus", "--from", &before, "--reason", "a mistake"]).await;
    let found = engine.webhook("bus").await;
    assert!(found["log"].as_array().is_some_and(|log| log.len() == 5), "{found}");
    let refused = outbox(&engine, &["pause", "--sink", "crm", "--reason", "r", "--database-url", &url]).await;
    assert_eq!(refused.status.code(), Some(2));
}

#[tokio::test]
async fn operators_alone_may_and_owners_are_told_apart() {
    let receiver = Receiver::new().await;
    let token = |subject: &str, role: &str| {
        let hash = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest(subject));
        format!("[[auth.tokens]]\nsubject = \"{subject}\"\nsha256 = \"{hash}\"\nroles = [\"{role}\"]\n")
    };
    let tokens = format!("{}{}{}", token("shop", "client"), token("other", "client"), token("ops", "operator"));
    let shop = Shop::new(&format!("{}{tokens}", sink("mine", &receiver, "clients = [\"shop\"]"))).await;
    let engine = shop.engine().await;
    let client = |token: &str| Client::anonymous(&engine.program.url).expect("a client").with_token(token).expect("it");
    for (id, who) in [("A", "shop"), ("B", "other"), ("C", "shop")] {
        assert_eq!(post(&client(who), &body(id, "S"), &[]).await.status, 201);
    }
    until("what is for it arrives", || async {
        receiver.firsts().get("C").map(Vec::len) == shop.events().await.get("C").map(Vec::len)
    })
    .await;
    assert!(receiver.got().iter().all(|got| got.order() != "B"));
    for (who, status) in [("shop", 403), ("nobody", 401), ("ops", 200)] {
        for path in ["/operator/webhooks", "/operator/webhooks/mine", "/operator/webhooks/mine/undelivered"] {
            assert_eq!(client(who).get(path).await.expect("an answer").status, status, "{who} {path}");
        }
    }
}
