//! The promises as a client sees them: the built program, over HTTP, with kill -9 where a crash is meant.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::support::engine::PATIENCE;
use crate::support::fleet::{self, Asked, Participants, Setup, Site};
use crate::support::program::{Folder, PROGRAM, Program, body, post, send, try_post};

#[tokio::test]
async fn sixty_four_clients_send_each_of_two_hundred_orders() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let sends = (0..200).flat_map(|n| (0..64).map(move |_| n)).map(|n| {
        let client = &client;
        async move { (n, post(client, &body(&format!("D-{n}"), "SKU-0001"), &[]).await) }
    });
    let answers: Vec<_> = stream::iter(sends).buffer_unordered(64).collect().await;
    let mut firsts: HashMap<i32, usize> = HashMap::new();
    let mut bodies: HashMap<i32, HashSet<Vec<u8>>> = HashMap::new();
    for (n, answer) in &answers {
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        assert_eq!(answer.header("location"), Some(format!("/orders/D-{n}").as_str()));
        *firsts.entry(*n).or_default() += usize::from(!answer.is_replayed());
        bodies.entry(*n).or_default().insert(answer.body.to_vec());
    }
    assert_eq!(answers.len(), 200 * 64);
    assert!(firsts.values().all(|firsts| *firsts == 1), "each order was made once");
    assert!(bodies.values().all(|bodies| bodies.len() == 1), "and answered alike");
    let stock: Value = client.get("/inventory/SKU-0001").await.unwrap().json().unwrap();
    assert_eq!(stock["on_hand"], 1_000_000 - 200);
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let folder = Folder::new();
    let mut dev = Program::dev(&folder, &[]).await;
    let acknowledged: Arc<Mutex<HashMap<String, Vec<u8>>>> = Arc::default();
    let client = dev.client();
    let load = (0..16).map(|worker| {
        let (client, acknowledged) = (client.clone(), Arc::clone(&acknowledged));
        tokio::spawn(async move {
            for n in 0.. {
                let id = format!("K-{worker}-{n}");
                match try_post(&client, &body(&id, "SKU-0002"), &[]).await {
                    Ok(answer) if answer.status == 201 => {
                        acknowledged.lock().await.insert(id, answer.body.to_vec());
                    }
                    _ => return n + 1, // the last one's outcome is unknown
                }
            }
            0
        })
    });
    let load: Vec<_> = load.collect();
    let deadline = Instant::now() + PATIENCE;
    while acknowledged.lock().await.len() < 200 {
        assert!(Instant::now() < deadline, "no load");
        tokio::task::yield_now().await;
    }
    dev.kill();
    let mut sent = HashMap::new();
    for (worker, load) in load.into_iter().enumerate() {
        sent.insert(worker, load.await.unwrap());
    }
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let acknowledged = acknowledged.lock().await;
    for (worker, count) in &sent {
        for n in 0..*count {
            let id = format!("K-{worker}-{n}");
            let answer = post(&client, &body(&id, "SKU-0002"), &[]).await;
            assert_eq!(answer.status, 201);
            if let Some(first) = acknowledged.get(&id) {
                assert_eq!(&answer.body.to_vec(), first, "{id}");
                assert!(answer.is_replayed(), "{id} was acknowledged, so it was there");
            }
        }
    }
    let orders: i32 = sent.values().sum();
    let stock: Value = client.get("/inventory/SKU-0002").await.unwrap().json().unwrap();
    assert_eq!(stock["on_hand"], 1_000_000 - orders, "each took its unit once");
    let audit = std::process::Command::new(PROGRAM)
        .args(["audit", "--json", "--database-url"])
        .arg(database_url(&folder))
        .output()
        .unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}

fn database_url(folder: &Folder) -> String {
    let told = std::fs::read_to_string(folder.0.join("data/dev.json")).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    told["database_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_second_dev_on_the_same_data_waits_for_the_first_ones_children() {
    let folder = Folder::new();
    let mut first = Program::dev(&folder, &[]).await;
    assert_eq!(post(&first.client(), &body("A", "SKU-0001"), &[]).await.status, 201);
    first.kill();
    let second = Program::dev(&folder, &[]).await;
    let again = post(&second.client(), &body("A", "SKU-0001"), &[]).await;
    assert!(again.status == 201 && again.is_replayed());
}

#[tokio::test]
async fn the_readme_s_answers_are_given() {
    let folder = Folder::new();
    let mut dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let mut declined = body("declined", "SKU-0001");
    declined["payment_method"] = json!("pm_declined");
    let mut unshipped = body("unshipped", "SKU-0001");
    unshipped["ship_to"]["postal_code"] = json!("SHIP-FAIL");
    let mut short = body("short", "SKU-0001");
    short["lines"][0]["quantity"] = json!(2_000_000);
    let mut unknown = body("unknown", "NO-SUCH-SKU");
    unknown["metadata"] = json!({"channel": "web"});
    for (body, status, code) in [
        (&declined, 402, "payment_declined"),
        (&unshipped, 500, "shipment_failed"),
        (&short, 409, "out_of_stock"),
        (&unknown, 400, "unknown_sku"),
    ] {
        let first = post(&client, body, &[]).await;
        assert_eq!((first.status, first.problem_code().as_deref()), (status, Some(code)), "{:?}", first.body);
        let again = post(&client, body, &[]).await;
        assert_eq!(again.body, first.body);
        assert_eq!(again.is_replayed(), status != 400);
    }
    let missing = client.get("/orders/unknown").await.unwrap();
    assert_eq!((missing.status, missing.problem_code().as_deref()), (404, Some("order_not_found")));
    let order: Value = client.get("/orders/unshipped").await.unwrap().json().unwrap();
    assert_eq!(order["state"], "CANCELLED");
    assert_eq!((&order["payment"]["captured"], &order["payment"]["refunded"]), (&json!(1999), &json!(1999)));
    let events: Value = client.get("/orders/unshipped/events").await.unwrap().json().unwrap();
    let types: Vec<_> = events.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        [
            "order.created",
            "inventory.reserved",
            "payment.charged",
            "shipment.failed",
            "payment.refunded",
            "inventory.released",
            "order.cancelled"
        ]
    );
    assert_eq!(dev.terminate().await, Some(0));
}

#[tokio::test]
async fn a_key_names_an_order_in_both_spellings() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let mut nameless = body("", "SKU-0001");
    nameless.as_object_mut().unwrap().remove("order_id");
    assert_eq!(post(&client, &nameless, &[]).await.status, 400);
    let bare = post(&client, &nameless, &[("idempotency-key", "key-1")]).await;
    assert_eq!(bare.status, 201);
    let quoted = post(&client, &nameless, &[("idempotency-key", "\"key-1\"")]).await;
    assert_eq!((quoted.status, &quoted.body, quoted.is_replayed()), (201, &bare.body, true));
    let order: Value = bare.json().unwrap();
    assert!(order["order_id"].as_str().unwrap().starts_with("ik_"));
    nameless["lines"][0]["quantity"] = json!(2);
    let reused = post(&client, &nameless, &[("idempotency-key", "key-1")]).await;
    assert_eq!((reused.status, reused.problem_code().as_deref()), (422, Some("idempotency_key_reused")));
    let mut other = body("A", "SKU-0001");
    assert_eq!(post(&client, &other, &[]).await.status, 201);
    other["currency"] = json!("EUR");
    let exists = post(&client, &other, &[]).await;
    assert_eq!((exists.status, exists.problem_code().as_deref()), (409, Some("order_exists")));
    assert_eq!(exists.json::<Value>().unwrap()["differs"], json!(["/currency"]));
}

#[tokio::test]
async fn a_faulty_request_is_told_what_is_wrong_and_stores_nothing() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let json = [("content-type", "application/json")];
    let valid = body("A", "SKU-0001").to_string();
    let deep = format!("{}1{}", "[".repeat(50_000), "]".repeat(50_000));
    let mut lines = body("A", "SKU-0001");
    lines["lines"] =
        (0..1_001).map(|n| json!({"sku": format!("S{n}"), "quantity": 1, "unit_price": 1})).collect::<Vec<_>>().into();
    let changed = |pointer: &str, value: Value| {
        let mut body = body("A", "SKU-0001");
        *body.pointer_mut(pointer).unwrap() = value;
        body.to_string()
    };
    let faulty: Vec<(Vec<u8>, &str)> = vec![
        (valid.as_bytes()[..valid.len() / 2].to_vec(), ""),
        (deep.into_bytes(), ""),
        (b"\xff\xfe{}".to_vec(), ""),
        (b"[]".to_vec(), ""),
        (changed("/lines/0/quantity", json!(0)).into_bytes(), "/lines/0/quantity"),
        (changed("/lines/0/quantity", json!(-1)).into_bytes(), "/lines/0/quantity"),
        (changed("/lines/0/quantity", json!(1.5)).into_bytes(), "/lines/0/quantity"),
        (changed("/lines/0/unit_price", json!(0)).into_bytes(), "/lines"),
        (changed("/lines/0/unit_price", json!(i64::MAX)).into_bytes(), "/lines/0/unit_price"),
        (changed("/currency", json!("XXY")).into_bytes(), "/currency"),
        (changed("/customer_id", json!("a\u{0}b")).into_bytes(), "/customer_id"),
        (lines.to_string().into_bytes(), "/lines"),
        (changed("/ship_to/country", json!("ZZ")).into_bytes(), "/ship_to/country"),
    ];
    for (bytes, pointer) in faulty {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(120)]).into_owned();
        let answer = send(&client, "POST", "/orders", &json, bytes).await.unwrap();
        assert_eq!((answer.status, answer.problem_code().as_deref()), (400, Some("invalid_request")), "{shown}");
        let problem: Value = answer.json().unwrap();
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{shown}: {problem}");
    }
    let huge = send(&client, "POST", "/orders", &json, vec![b' '; 5_000_000]).await;
    assert!(huge.is_err() || huge.is_ok_and(|answer| answer.status == 413));
    let plain = send(&client, "POST", "/orders", &[("content-type", "text/plain")], valid).await.unwrap();
    assert_eq!(plain.status, 415);
    assert_eq!(client.get("/orders/A").await.unwrap().status, 404, "nothing was stored");
    assert_eq!(post(&client, &body("A", "SKU-0001"), &[]).await.status, 201, "and the process is unharmed");
}

#[tokio::test]
async fn a_local_order_is_final_for_who_does_not_wait_too() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let client = dev.client();
    let answer = post(&client, &body("A", "SKU-0001"), &[("prefer", "respond-async")]).await;
    assert_eq!(answer.status, 201, "a local order that is durable is final");
}

/// A remote inventory knows its SKUs, and may refuse for reasons of its own.
#[tokio::test]
async fn what_a_remote_inventory_refuses_is_told_as_it_said_it() {
    let participants = Participants::behaving(&["--skus", "X-", "--stock", "1"]).await;
    let site = Site::new(&participants.program.url, Setup::USUAL).await;
    let engine = site.engine().await;
    let client = engine.client();
    let mut short = fleet::order("SHORT", "pm_ok", "1", false);
    short["lines"][0]["sku"] = json!("X-1");
    let unknown = fleet::order("UNKNOWN", "pm_ok", "1", false);
    for (order, code) in [(short, "out_of_stock"), (unknown, "order_cancelled")] {
        let asked = Asked::submit(order);
        let first = asked.send(&client).await;
        let told: Value = first.json().expect("JSON");
        assert_eq!((first.status, &told["code"]), (409, &json!(code)), "{told}");
        if code == "out_of_stock" {
            assert_eq!(told["shortages"], json!([{"sku": "X-1", "requested": 2, "available": 1}]));
        } else {
            assert_eq!(told["reason"], "participant");
            assert!(told["detail"].as_str().is_some_and(|detail| detail.contains("unknown_sku")), "{told}");
        }
        let again = asked.send(&client).await;
        assert!(again.is_replayed() && again.body == first.body);
    }
    // Nor is its stock looked for here, by whoever reads it or would change it.
    let headers = [("content-type", "application/json"), ("idempotency-key", "k-1")];
    for (method, path, body) in [
        ("GET", "/inventory/X-1", ""),
        ("PUT", "/inventory/X-1", r#"{"on_hand":5}"#),
        ("POST", "/inventory/X-1/adjustments", r#"{"delta":5,"reason":"found"}"#),
    ] {
        let told = send(&client, method, path, &headers, body).await.expect("an answer");
        let problem: Value = told.json().expect("JSON");
        assert_eq!((told.status, &problem["code"]), (404, &json!("inventory_remote")), "{method} {path}: {problem}");
    }
    site.judge(&participants).await;
}
