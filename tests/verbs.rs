//! Promise: what is asked of an order that exists happens once under its key, and is answered alike for ever: cancel,
//! capture, refunds, and what operators do. Over HTTP, with the built program.

use std::collections::HashSet;
use std::process::{Command, Output};

use counterfoil::client::{Client, HttpAnswer};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

/// Asks a verb of an order under a key.
async fn verb(client: &Client, path: &str, key: &str, asked: &Value) -> HttpAnswer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    send(client, "POST", path, &headers, asked.to_string()).await.expect("an answer")
}

fn told(answer: &HttpAnswer) -> Value {
    answer.json().expect("JSON")
}

#[track_caller]
fn refused(answer: &HttpAnswer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.problem_code().as_deref()), (status, Some(code)), "{:?}", answer.body);
}

async fn get(client: &Client, path: &str) -> Value {
    told(&client.get(path).await.expect("an answer"))
}

fn manual(id: &str) -> Value {
    let mut order = body(id, "SKU-0001");
    order["capture"] = json!("manual");
    order
}

/// Where the database of `counterfoil dev` is.
fn database_url(folder: &Folder) -> String {
    let told = std::fs::read_to_string(folder.0.join("data/dev.json")).expect("dev.json");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    told["database_url"].as_str().expect("a URL").to_owned()
}

fn audited(url: &str) {
    let audit = Command::new(PROGRAM).args(["audit", "--database-url", url]).output().expect("audit");
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

#[tokio::test]
async fn a_verbs_answer_outlives_a_crash() {
    let folder = Folder::new();
    let mut dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    assert_eq!(post(&client, &body("A", "SKU-0001"), &[]).await.status, 201);
    let cancel = json!({"reason": "changed my mind"});
    let refund = json!({"amount": 99, "reason": "scratched"});
    let late = verb(&client, "/orders/A/cancel", "c", &cancel).await;
    refused(&late, 409, "wrong_state");
    assert_eq!(told(&late)["state"], "COMPLETED");
    let refunded = verb(&client, "/orders/A/refunds", "r", &refund).await;
    assert_eq!(refunded.status, 201, "{:?}", refunded.body);
    dev.kill();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    for (first, again) in [
        (late, verb(&client, "/orders/A/cancel", "c", &cancel).await),
        (refunded, verb(&client, "/orders/A/refunds", "\"r\"", &refund).await),
    ] {
        assert!(!first.is_replayed() && again.is_replayed());
        assert_eq!((again.status, &again.body), (first.status, &first.body));
    }
    let other = verb(&client, "/orders/A/refunds", "r", &json!({"amount": 98, "reason": "scratched"})).await;
    refused(&other, 422, "idempotency_key_reused");
    let order = get(&client, "/orders/A").await;
    assert_eq!((&order["state"], &order["payment"]["refunded"]), (&json!("COMPLETED"), &json!(99)));
    audited(&database_url(&folder));
}

#[tokio::test]
async fn refunds_never_exceed_the_charge() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    assert_eq!(post(&client, &body("A", "SKU-0001"), &[]).await.status, 201);
    // 1,999 captured: of 64 refunds of 100, each asked for twice at once, 19 fit.
    let asked = json!({"amount": 100, "reason": "part of it"});
    let keys: Vec<_> = (0..64).map(|n| format!("r-{n}")).collect();
    let sent = keys.iter().flat_map(|key| [key, key]).map(|key| verb(&client, "/orders/A/refunds", key, &asked));
    let answers = join_all(sent).await;
    let mut done = 0;
    for pair in answers.chunks(2) {
        assert_eq!((pair[0].status, &pair[0].body), (pair[1].status, &pair[1].body), "one key, one answer");
        match pair[0].status {
            201 => done += 1,
            _ => refused(&pair[0], 409, "refund_exceeds_charge"),
        }
    }
    assert_eq!(done, 19);
    let order = get(&client, "/orders/A").await;
    assert_eq!(order["payment"]["refunded"], 1_900);
    let rest = verb(&client, "/orders/A/refunds", "rest", &json!({"amount": 99, "reason": "the rest"})).await;
    assert_eq!((rest.status, &told(&rest)["refunded"]), (201, &json!(1_999)));
    refused(
        &verb(&client, "/orders/A/refunds", "more", &json!({"amount": 1, "reason": "x"})).await,
        409,
        "refund_exceeds_charge",
    );
    audited(&database_url(&folder));
}

#[tokio::test]
async fn what_comes_back_goes_to_the_shelf_once() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let mut order = body("A", "SKU-0007");
    order["lines"][0]["quantity"] = json!(3);
    assert_eq!(post(&client, &order, &[]).await.status, 201);
    let on_hand = || async { get(&client, "/inventory/SKU-0007").await["on_hand"].as_i64().unwrap() };
    assert_eq!(on_hand().await, 999_997);
    let restock = |quantity: i64| {
        let back = json!([{"sku": "SKU-0007", "quantity": quantity}]);
        json!({"amount": 10, "reason": "returned", "restock": back})
    };
    for _ in 0..2 {
        assert_eq!(verb(&client, "/orders/A/refunds", "r1", &restock(2)).await.status, 201);
        assert_eq!(on_hand().await, 999_999);
    }
    refused(&verb(&client, "/orders/A/refunds", "r2", &restock(2)).await, 409, "restock_exceeds_shipment");
    assert_eq!(verb(&client, "/orders/A/refunds", "r3", &restock(1)).await.status, 201);
    assert_eq!(on_hand().await, 1_000_000);
    let stranger = json!({"amount": 1, "reason": "x", "restock": [{"sku": "SKU-0001", "quantity": 1}]});
    refused(&verb(&client, "/orders/A/refunds", "r4", &stranger).await, 409, "restock_exceeds_shipment");
    audited(&database_url(&folder));
}

#[tokio::test]
async fn money_that_is_held_is_captured_once_or_freed() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    for id in ["A", "B", "C"] {
        let authorised = post(&client, &manual(id), &[]).await;
        assert_eq!((authorised.status, &told(&authorised)["state"]), (201, &json!("PAYMENT_AUTHORIZED")));
    }
    let over = verb(&client, "/orders/A/capture", "over", &json!({"amount": 2_000})).await;
    assert_eq!(over.status, 409);
    // Of two captures at once, one is.
    let (one, two) = (json!({"amount": 1_500}), json!({}));
    let (one, two) =
        tokio::join!(verb(&client, "/orders/A/capture", "k1", &one), verb(&client, "/orders/A/capture", "k2", &two));
    let statuses: HashSet<_> = [one.status, two.status].into();
    assert_eq!(statuses, HashSet::from([201, 409]), "{one:?} {two:?}");
    let order = get(&client, "/orders/A").await;
    let captured = if one.status == 201 { 1_500 } else { 1_999 };
    assert_eq!((&order["state"], &order["payment"]["captured"]), (&json!("COMPLETED"), &json!(captured)));
    let cancelled = verb(&client, "/orders/B/cancel", "k", &json!({})).await;
    assert_eq!((cancelled.status, &told(&cancelled)["state"]), (201, &json!("CANCELLED")), "{:?}", cancelled.body);
    refused(&verb(&client, "/orders/B/capture", "k", &json!({})).await, 409, "wrong_state");
    // Its one final answer was given when it was authorised, and stays.
    assert_eq!(told(&post(&client, &manual("B"), &[]).await)["state"], "PAYMENT_AUTHORIZED");
    let headers = [("idempotency-key", "k")];
    let bare = send(&client, "POST", "/orders/C/capture", &headers, "").await.expect("an answer");
    assert_eq!(bare.status, 201, "{:?}", bare.body);
    let stock = get(&client, "/inventory/SKU-0001").await;
    assert_eq!((&stock["on_hand"], &stock["reserved"]), (&json!(999_998), &json!(0)));
    audited(&database_url(&folder));
}

#[tokio::test]
async fn a_verb_under_way_is_pending_and_then_final() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let provider = Program::participants(&folder, &[]).await;
    let config = format!(
        "database.url = \"{}\"\n[participants.payment]\nkind = \"http\"\nurl = \"{}\"\n",
        database.url(),
        provider.url
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let json_body = [("content-type", "application/json")];
    send(&client, "PUT", "/inventory/SKU-0001", &json_body, json!({"on_hand": 10}).to_string()).await.unwrap();
    let mut order = body("A", "SKU-0001");
    order["payment_method"] = json!("pm_slow_4000");
    let running = post(&client, &order, &[("prefer", "respond-async")]).await;
    assert_eq!(running.status, 202, "{:?}", running.body);
    let in_flight = async |count: usize| {
        let told = client.get("/metrics").await.expect("an answer");
        String::from_utf8_lossy(&told.body).contains(&format!("counterfoil_orders_in_flight {count}\n"))
    };
    until("it is counted", || in_flight(1)).await;
    let waits = async || {
        let told = client.get("/metrics").await.expect("an answer");
        let text = String::from_utf8_lossy(&told.body).into_owned();
        let line = text.lines().find_map(|line| line.strip_prefix("counterfoil_orders_longest_wait_seconds "));
        line.expect("the metric").parse::<f64>().expect("seconds")
    };
    until("how long it waits is told", async || waits().await > 0.0).await;
    let headers = |wait| [("idempotency-key", "k"), ("prefer", wait)];
    let now = send(&client, "POST", "/orders/A/cancel", &headers("wait=0"), "").await.expect("an answer");
    assert_eq!(
        (now.status, now.header("location"), now.header("preference-applied")),
        (202, Some("/orders/A"), Some("wait=0"))
    );
    assert!(now.retry_after().is_some() && !now.is_replayed());
    let end = send(&client, "POST", "/orders/A/cancel", &headers("wait=30"), "").await.expect("an answer");
    assert_eq!((end.status, &told(&end)["state"]), (201, &json!("CANCELLED")), "{:?}", end.body);
    let again = send(&client, "POST", "/orders/A/cancel", &headers("wait=30"), "").await.expect("an answer");
    assert_eq!((again.status, &again.body, again.is_replayed()), (201, &end.body, true));
    refused(&post(&client, &order, &[]).await, 409, "order_cancelled");
    until("nothing is left to be done", || in_flight(0)).await;
    until("and nobody waits", async || waits().await == 0.0).await;
    audited(&database.url());
}

/// Money that is held waits for its owner, for days maybe: that is no order that gets nowhere.
#[tokio::test]
async fn what_is_held_is_not_what_waits_longest() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    serve.until_ready().await;
    let client = serve.client();
    let json_body = [("content-type", "application/json")];
    send(&client, "PUT", "/inventory/SKU-0001", &json_body, json!({"on_hand": 10}).to_string()).await.unwrap();
    let mut order = body("HELD", "SKU-0001");
    order["capture"] = json!("manual");
    let held = post(&client, &order, &[]).await;
    assert_eq!((held.status, &told(&held)["state"]), (201, &json!("PAYMENT_AUTHORIZED")), "{:?}", held.body);
    let metrics = async || {
        let told = client.get("/metrics").await.expect("an answer");
        String::from_utf8_lossy(&told.body).into_owned()
    };
    until("it is counted", async || metrics().await.contains("counterfoil_orders_in_flight 1\n")).await;
    let text = metrics().await;
    assert!(text.contains("counterfoil_orders_longest_wait_seconds 0.0\n"), "{text}");
}

#[tokio::test]
async fn what_waits_for_a_human_is_seen_sent_on_and_ended() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    // A provider that never says what became of it: one attempt, one look, and then a human.
    let provider = Program::participants(&folder, &[]).await;
    let config = format!(
        "database.url = \"{}\"\n\
         saga.retry = {{ first_ms = 10, factor = 1.0, max_ms = 10, attempts = 1 }}\n\
         [participants.payment]\nkind = \"http\"\nurl = \"{}\"\n",
        database.url(),
        provider.url
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let json_body = [("content-type", "application/json")];
    send(&client, "PUT", "/inventory/SKU-0001", &json_body, json!({"on_hand": 10}).to_string()).await.unwrap();
    for id in ["A", "B", "C"] {
        let mut order = body(id, "SKU-0001");
        order["payment_method"] = json!("pm_unknown");
        let running = post(&client, &order, &[("prefer", "respond-async")]).await;
        assert_eq!(running.status, 202, "{:?}", running.body);
    }
    let waiting = || async { get(&client, "/operator/attention").await["orders"].as_array().unwrap().clone() };
    until("all three wait for a human", || async { waiting().await.len() == 3 }).await;
    let first = waiting().await.remove(0);
    assert_eq!((&first["order_id"], &first["state"]), (&json!("A"), &json!("INVENTORY_RESERVED")), "{first}");
    let page = get(&client, "/operator/attention?limit=2").await;
    let next = page["next_cursor"].as_str().expect("a cursor");
    assert_eq!(get(&client, &format!("/operator/attention?cursor={next}")).await["orders"][0]["order_id"], "C");
    let groups = get(&client, "/operator/attention/groups").await;
    assert_eq!(
        (&groups["counted"], &groups["more"], groups["groups"].as_array().map(Vec::len)),
        (&json!(3), &json!(false), Some(1)),
        "{groups}"
    );
    let group = &groups["groups"][0];
    assert_eq!((&group["count"], &group["order_ids"]), (&json!(3), &json!(["A", "B", "C"])), "{group}");
    assert_eq!((&group["participant"], &group["action"]), (&json!("payment"), &json!("charge")), "{group}");
    let since = waiting().await.iter().map(|order| order["since"].as_str().unwrap().to_owned()).min();
    assert_eq!(group["oldest"].as_str(), since.as_deref(), "{group}");
    until("it is counted", async || {
        let told = get(&client, "/operator/summary").await;
        let orders = &told["orders"];
        orders["attention"] == 3 && orders["attention_oldest_seconds"].as_f64().is_some_and(|oldest| oldest > 0.0)
    })
    .await;
    let name = group["group"].as_str().expect("a name");
    // Both sides at once: the provider took the charge down as one that is not decided, and says so in its own words.
    let evidence = get(&client, "/operator/orders/A/evidence").await;
    assert_eq!((&evidence["order"]["order_id"], &evidence["order"]["work"]["action"]), (&json!("A"), &json!("charge")));
    assert_eq!(evidence["events"][0]["type"], "order.created", "{evidence}");
    let said = &evidence["participants"][0];
    assert_eq!((&said["participant"], &said["status"], &said["error"]), (&json!("payment"), &json!(200), &Value::Null));
    assert!(said["operations"].is_array() && said["url"] == json!(provider.url), "{said}");
    let (code, text, error) = orders(&serve, &["evidence", "A"]);
    assert!(code == Some(0) && text.contains("payment") && text.contains("left to be done"), "{text}{error}");
    let (code, text, error) = orders(&serve, &["groups"]);
    assert!(code == Some(0) && text.contains(name) && text.contains(group["cause"].as_str().unwrap()), "{text}{error}");
    let one = ["retry", "--all", "--reason", "one first", "--limit", "1", "--group"];
    let (code, text, error) = orders(&serve, &[&one[..], &["0123456789abcdef"]].concat());
    assert_eq!((code, &*text), (Some(0), "retried 0\n"), "{error}");
    let (code, text, error) = orders(&serve, &[&one[..], &[name]].concat());
    assert_eq!((code, &*text), (Some(0), "retried 1\nothers match: run it again\n"), "{error}");
    until("all three wait again", || async { waiting().await.len() == 3 }).await;
    let bulk =
        |part: &str| json!({"reason": "it is back", "filter": {"reason_contains": part}, "limit": 2}).to_string();
    let retry = |part: &str| send(&client, "POST", "/operator/orders/retry", &json_body, bulk(part));
    assert_eq!(told(&retry("no such reason").await.unwrap()), json!({"retried": 0, "failed": [], "more": false}));
    assert_eq!(told(&retry("charge").await.unwrap()), json!({"retried": 2, "failed": [], "more": true}));
    let log = get(&client, "/operator/orders/A/log").await;
    let last = log["entries"].as_array().and_then(|entries| entries.last()).expect("an entry");
    assert_eq!((&last["verb"], &last["reason"]), (&json!("retry"), &json!("it is back")), "{log}");
    assert!(last["before"]["attention"].is_object(), "{log}");
    until("they wait again", || async { waiting().await.len() == 3 }).await;
    let (code, text, error) = orders(&serve, &["force", "C", "--reason", "the provider has nothing"]);
    assert_eq!((code, &*text), (Some(0), "C: CANCELLED\n"), "{error}");
    // Evidence is for the order as it was looked at: B was sent on since, and waits again at a later version.
    let moved = get(&client, "/orders/B").await["version"].as_i64().expect("a version");
    let looked = (moved - 1).to_string();
    for act in ["skip", "force"] {
        let (code, _, error) = orders(&serve, &[act, "B", "--reason", "seen there", "--version", &looked]);
        assert!(code == Some(1) && error.contains("wrong_state"), "{code:?} {error}");
        assert!(error.contains("INVENTORY_RESERVED") && error.contains(&format!("version {moved}")), "{error}");
    }
    let late = json!({"reason": "seen there", "version": moved - 1}).to_string();
    let late = send(&client, "POST", "/operator/orders/B/skip", &json_body, late).await.unwrap();
    refused(&late, 409, "wrong_state");
    assert_eq!((&told(&late)["state"], &told(&late)["version"]), (&json!("INVENTORY_RESERVED"), &json!(moved)));
    assert_eq!(get(&client, "/orders/B").await["version"], moved, "nothing changed");
    let (_, sheet, _) = orders(&serve, &["show", "B"]);
    assert!(sheet.ends_with(&format!("--version {moved}\n")), "{sheet}");
    let looked = moved.to_string();
    let seen = ["skip", "B", "--reason", "seen there", "--reference", "ch_1", "--version", &*looked];
    let (code, text, error) = orders(&serve, &seen);
    assert!(code == Some(0) && text.starts_with("B: "), "{text} {error}");
    until("B is on its way again", || async { get(&client, "/orders/B").await["state"] == "COMPLETED" }).await;
    assert_eq!(get(&client, "/orders/B").await["payment"]["reference"], "ch_1");
    let nodes = get(&client, "/operator/nodes").await;
    assert_eq!((&nodes["nodes"][0]["state"], nodes["nodes"].as_array().unwrap().len()), (&json!("up"), 1), "{nodes}");
}

/// It began under a newer version of the saga, in an engine of a newer program that runs beside this one: whoever asks again
/// comes to that. It is shown and repeated as any other.
#[tokio::test]
async fn an_order_of_a_newer_saga_is_left_to_who_knows_it() {
    let (database, before, folder) = (TestDatabase::new().await, Folder::new(), Folder::new());
    let config = format!("database.url = \"{}\"\n", database.url());
    let first = {
        let serve = Program::serve(&before, &config).await;
        serve.until_ready().await;
        let stock = json!({"on_hand": 10}).to_string();
        let headers = [("content-type", "application/json")];
        send(&serve.client(), "PUT", "/inventory/SKU-0001", &headers, stock).await.expect("stock");
        post(&serve.client(), &manual("A"), &[]).await
    };
    assert_eq!(first.status, 201, "{:?}", first.body);
    let session = database.client().await;
    session.batch_execute("UPDATE orders SET saga_version = 9").await.expect("another saga's");
    let stored = async || {
        let sql = "SELECT (SELECT count(*) FROM idempotency_keys) + (SELECT count(*) FROM order_events)
            + (SELECT count(*) FROM operator_log)";
        session.query_one(sql, &[]).await.expect(sql).get::<_, i64>(0)
    };
    let before = stored().await;
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let (why, money) = (json!({"reason": "r"}), json!({"amount": 1, "reason": "r"}));
    for (path, asked) in [
        ("/orders/A/cancel", &why),
        ("/orders/A/capture", &json!({})),
        ("/orders/A/refunds", &money),
        ("/operator/orders/A/retry", &why),
        ("/operator/orders/A/force-cancel", &why),
    ] {
        let left = verb(&client, path, "k", asked).await;
        refused(&left, 503, "unavailable");
        assert!(told(&left)["detail"].as_str().is_some_and(|detail| detail.contains("version 9")), "{path}: {left:?}");
    }
    assert_eq!(stored().await, before, "nothing is stored of it");
    let again = post(&client, &manual("A"), &[]).await;
    assert_eq!((again.status, &again.body, again.is_replayed()), (201, &first.body, true));
    assert_eq!(get(&client, "/orders/A").await["state"], "PAYMENT_AUTHORIZED");
}

/// `counterfoil orders`: exit code, what it printed, what it complained of.
fn orders(dev: &Program, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(PROGRAM);
    command.args(["orders", "--target", &dev.url]).args(arguments).env_remove("COUNTERFOIL_TOKEN");
    let Output { status, stdout, stderr } = command.output().expect("run orders");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[tokio::test]
async fn operators_see_and_act_from_the_command_line() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    post(&client, &body("A", "SKU-0001"), &[]).await;
    post(&client, &manual("B"), &[]).await;
    let (code, text, _) = orders(&dev, &["list"]);
    assert!(code == Some(0) && text.contains("COMPLETED") && text.contains("PAYMENT_AUTHORIZED"), "{text}");
    let (_, text, _) = orders(&dev, &["list", "--state", "COMPLETED", "--json"]);
    let listed: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((listed["orders"].as_array().map(Vec::len), &listed["orders"][0]["order_id"]), (Some(1), &json!("A")));
    let (code, text, _) = orders(&dev, &["cancel", "B", "--reason", "fraud"]);
    assert_eq!((code, &*text), (Some(0), "B: CANCELLED\n"));
    post(&client, &manual("C"), &[]).await;
    let (code, text, error) = orders(&dev, &["capture", "C", "--reason", "packed"]);
    assert_eq!((code, &*text), (Some(0), "C: COMPLETED\n"), "{error}");
    let amount = get(&client, "/orders/A").await["amount"].as_i64().expect("an amount");
    let refund = ["refund", "A", "--amount", "5", "--reason", "broken", "--key", "r", "--restock", "SKU-0001=1"];
    for _again in 0..2 {
        let (code, text, error) = orders(&dev, &refund);
        assert_eq!((code, text), (Some(0), format!("A: COMPLETED, 5 of {amount} USD given back\n")), "{error}");
    }
    let too_much = (amount - 4).to_string();
    let (code, _, error) = orders(&dev, &["refund", "A", "--amount", &too_much, "--reason", "all of it"]);
    assert!(code == Some(1) && error.contains("refund_exceeds_charge") && !error.contains("--key"), "{error}");
    let (code, text, _) = orders(&dev, &["log", "B"]);
    assert!(code == Some(0) && text.contains("cancel") && text.contains("fraud"), "{text}");
    post(&client, &manual("D"), &[]).await;
    assert_eq!(orders(&dev, &["cancel", "D", "--reason", "sent twice"]).0, Some(0));
    let first = get(&client, "/operator/log?limit=1").await;
    assert_eq!(first["entries"].as_array().map(Vec::len), Some(1), "{first}");
    let next = first["next_cursor"].as_str().expect("there are more");
    let then = get(&client, &format!("/operator/log?cursor={next}")).await;
    let acts: Vec<_> = [&first, &then].into_iter().flat_map(|page| page["entries"].as_array().unwrap()).collect();
    assert_eq!((&acts.last().unwrap()["order_id"], &acts.last().unwrap()["reason"]), (&json!("B"), &json!("fraud")));
    assert!(acts.is_sorted_by(|one, other| one["at"].as_str() >= other["at"].as_str()), "the latest first: {acts:?}");
    let (code, text, _) = orders(&dev, &["log"]);
    assert!(code == Some(0) && text.contains("fraud") && text.lines().count() == acts.len() + 1, "{text}");
    assert_eq!(orders(&dev, &["groups"]).1.lines().count(), 1, "a head and nothing else: none waits");
    let (code, text, _) = orders(&dev, &["show", "B"]);
    assert!(code == Some(0) && text.contains("order.cancelled") && text.contains("fraud"), "{text}");
    for (arguments, told) in [
        (&["cancel", "B", "--reason", "again"][..], "wrong_state"),
        (&["retry", "A", "--reason", "x"], "wrong_state"),
        (&["force", "A", "--reason", "x"], "wrong_state"),
        (&["skip", "nowhere", "--reason", "x"], "order_not_found"),
        (&["list", "--state", "DONE"], "invalid_request"),
    ] {
        let (code, _, error) = orders(&dev, arguments);
        assert!(code == Some(1) && error.contains(told), "{arguments:?}: {code:?} {error}");
    }
    for arguments in [&["cancel", "B"][..], &["retry", "--reason", "x"], &["cancel", "B", "--reason", " "], &[]] {
        assert_eq!(orders(&dev, arguments).0, Some(2), "{arguments:?}");
    }
    let (code, text, _) = orders(&dev, &["retry", "--all", "--reason", "back"]);
    assert_eq!((code, &*text), (Some(0), "retried 0\n"));
    let wrong = Command::new(PROGRAM).args(["orders", "list", "--target", "ftp://x"]).output().expect("run orders");
    assert_eq!(wrong.status.code(), Some(2));
    let gone = Command::new(PROGRAM).args(["orders", "list", "--target", "http://127.0.0.1:1"]).output().expect("run");
    assert_eq!(gone.status.code(), Some(1));
}
