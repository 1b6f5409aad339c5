//! The routes of orders that outlive their request: verbs, operators, live histories, webhooks.

use futures_util::future::join_all;

use super::*;
use crate::config::{ParticipantKind, PaymentKind, Secret};
use crate::signature;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn manual(id: &str) -> Value {
    let mut body = order(Some(id), "pm_ok", 2);
    body["capture"] = "manual".into();
    body
}

fn verb(path: &str, key: &str, body: &Value) -> TestRequest {
    post(path, body).insert_header(("idempotency-key", key))
}

#[actix_web::test]
async fn a_verb_needs_a_key_and_may_do_without_a_body() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 10)).await;
    assert_eq!(send!(&app, post("/orders", &manual("A"))).await.json()["state"], "PAYMENT_AUTHORIZED");
    for path in ["/orders/A/cancel", "/orders/A/capture", "/orders/A/refunds"] {
        let keyless = send!(&app, post(path, &json!({"amount": 1, "reason": "x"}))).await;
        let problem = keyless.problem(400, "invalid_request");
        assert_eq!(problem["errors"][0]["header"], "Idempotency-Key", "{path}");
    }
    let typed = at("POST", "/orders/A/capture").insert_header(("idempotency-key", "k")).set_payload("{}");
    send!(&app, typed).await.problem(415, "unsupported_media_type");
    let bare = at("POST", "/orders/A/refunds").insert_header(("idempotency-key", "k"));
    send!(&app, bare).await.problem(415, "unsupported_media_type");
    let wrong = send!(&app, verb("/orders/A/capture", "k", &json!({"amount": 0, "sum": 1}))).await;
    assert_eq!(wrong.problem(400, "invalid_request")["errors"].as_array().unwrap().len(), 2);
    send!(&app, verb("/orders/none/cancel", "k", &json!({}))).await.problem(404, "order_not_found");
    send!(&app, verb("/orders/a%20b/cancel", "k", &json!({}))).await.problem(404, "order_not_found");

    let captured = send!(&app, at("POST", "/orders/A/capture").insert_header(("idempotency-key", "k"))).await;
    assert_eq!((captured.status, captured.json()["state"].as_str()), (201, Some("COMPLETED")), "{}", captured.body);
    assert_eq!(captured.header("location"), Some("/orders/A"));
}

#[actix_web::test]
async fn a_verbs_answer_is_stored_with_its_key() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 10)).await;
    send!(&app, post("/orders", &order(Some("A"), "pm_ok", 2))).await;
    let refund = || verb("/orders/A/refunds", "r", &json!({"amount": 60, "reason": "broken"}));
    let first = send!(&app, refund()).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (201, None), "{}", first.body);
    let over = || verb("/orders/A/refunds", "s", &json!({"amount": 41, "reason": "broken"}));
    let refused = send!(&app, over()).await;
    refused.problem(409, "refund_exceeds_charge");
    let late = || verb("/orders/A/cancel", "c", &json!({"reason": "changed my mind"}));
    let cancelled = send!(&app, late()).await;
    assert_eq!(cancelled.problem(409, "wrong_state")["state"], "COMPLETED");
    for (first, again) in [
        (first, send!(&app, refund()).await),
        (refused, send!(&app, over()).await),
        (cancelled, send!(&app, late()).await),
    ] {
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    let other = verb("/orders/A/refunds", "r", &json!({"amount": 61, "reason": "broken"}));
    send!(&app, other).await.problem(422, "idempotency_key_reused");
    assert_eq!(send!(&app, at("GET", "/orders/A")).await.json()["payment"]["refunded"], 60);
}

#[actix_web::test]
async fn who_asks_decides_what_they_may() {
    let both: &[Role] = &[Role::Client, Role::Operator];
    let roles: &[(&str, &[Role])] =
        &[("shop", &[Role::Client]), ("other", &[Role::Client]), ("ops", &[Role::Operator]), ("boss", both)];
    let app = server!(&config(roles));
    let by = |request: TestRequest, who: &str| request.insert_header(("authorization", format!("Bearer {who}")));
    send!(&app, by(stock("S", 10), "ops")).await;
    for id in ["A", "B"] {
        assert_eq!(send!(&app, by(post("/orders", &manual(id)), "shop")).await.status, 201);
    }
    let cancel = |id: &str, body: Value| verb(&format!("/orders/{id}/cancel"), "k", &body);
    send!(&app, by(cancel("A", json!({})), "other")).await.problem(404, "order_not_found");
    for who in ["ops", "boss"] {
        let silent = send!(&app, by(cancel("A", json!({})), who)).await.problem(400, "invalid_request");
        assert_eq!(silent["errors"][0]["pointer"], "/reason", "{who}");
        send!(&app, by(cancel("none", json!({"reason": "x"})), who)).await.problem(404, "order_not_found");
    }
    assert_eq!(send!(&app, by(cancel("A", json!({"reason": "fraud"})), "boss")).await.status, 201);
    let shown = send!(&app, by(at("GET", "/orders/A"), "shop")).await.json();
    assert_eq!((&shown["state"], &shown["failure"]["reason"]), (&json!("CANCELLED"), &json!("operator")));
    let log = send!(&app, by(at("GET", "/operator/orders/A/log"), "ops")).await.json();
    assert_eq!(log["entries"][0]["by"], "boss");
    assert_eq!(log["entries"][0]["before"]["state"], "PAYMENT_AUTHORIZED", "{log}");
    assert_eq!(send!(&app, by(cancel("B", json!({})), "shop")).await.status, 201, "an owner need not say why");
    for path in ["/operator/shards", "/operator/nodes", "/operator/attention", "/operator/orders/A/log"] {
        send!(&app, by(at("GET", path), "shop")).await.problem(403, "forbidden");
        assert_eq!(send!(&app, by(at("GET", path), "ops")).await.status, 200, "{path}");
    }
    let reason = json!({"reason": "x", "filter": {}});
    for path in ["/operator/orders/A/retry", "/operator/orders/A/force-cancel", "/operator/orders/retry"] {
        send!(&app, by(post(path, &reason), "shop")).await.problem(403, "forbidden");
    }
}

#[actix_web::test]
async fn operators_act_on_orders_and_say_why() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 10)).await;
    send!(&app, post("/orders", &manual("A"))).await;
    let act = |verb: &str, body: Value| post(&format!("/operator/orders/A/{verb}"), &body);
    for name in ["retry", "skip", "cancel", "force-cancel"] {
        let silent = send!(&app, act(name, json!({}))).await.problem(400, "invalid_request");
        assert_eq!(silent["errors"][0]["pointer"], "/reason", "{name}");
    }
    let calm = send!(&app, act("retry", json!({"reason": "x"}))).await.problem(409, "wrong_state");
    assert_eq!(calm["state"], "PAYMENT_AUTHORIZED");
    let cancelled = send!(&app, act("cancel", json!({"reason": "fraud"}))).await;
    assert_eq!((cancelled.status, &cancelled.json()["state"]), (200, &json!("CANCELLED")));
    send!(&app, act("force-cancel", json!({"reason": "again"}))).await.problem(409, "wrong_state");
    let log = send!(&app, at("GET", "/operator/orders/A/log")).await.json();
    assert_eq!(log["entries"].as_array().unwrap().len(), 1, "what was refused changed nothing: {log}");
    send!(&app, at("GET", "/operator/orders/none/log")).await.problem(404, "order_not_found");
    let shards = send!(&app, at("GET", "/operator/shards")).await.json();
    assert!(shards["shards"].as_array().unwrap().iter().all(|shard| shard["up"] == true), "{shards}");
    let waiting = send!(&app, at("GET", "/operator/attention?limit=5")).await.json();
    assert_eq!(waiting, json!({"orders": [], "next_cursor": null}));
    send!(&app, at("GET", "/operator/attention?attention=true")).await.problem(400, "invalid_request");
    let bulk = send!(&app, post("/operator/orders/retry", &json!({"reason": "back", "filter": {}}))).await;
    assert_eq!(bulk.json(), json!({"retried": 0, "failed": [], "more": false}));
}

/// The ids of a stream's frames.
fn ids(text: &str) -> Vec<i64> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.parse().unwrap()).collect()
}

fn live(id: &str, last: Option<&str>) -> TestRequest {
    let request = at("GET", &format!("/orders/{id}/events")).insert_header(("accept", "text/event-stream"));
    match last {
        Some(last) => request.insert_header(("last-event-id", last)),
        None => request,
    }
}

#[actix_web::test]
async fn a_live_history_is_the_history() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 10)).await;
    send!(&app, post("/orders", &order(Some("A"), "pm_ok", 2))).await;
    let whole = send!(&app, live("A", None)).await;
    assert_eq!((whole.status, whole.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(whole.header("cache-control"), Some("no-store"));
    let events = send!(&app, at("GET", "/orders/A/events")).await.json();
    let frames: Vec<Value> = whole
        .body
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    assert_eq!(json!(frames), events);
    let last = events.as_array().unwrap().len().to_string();
    assert!(whole.body.contains("event: order.completed\n") && whole.body.ends_with("retry: 30000\n\n"));
    assert_eq!(ids(&send!(&app, live("A", Some("3"))).await.body), [4, 5]);
    assert_eq!(ids(&send!(&app, live("A", Some(&last))).await.body), [0_i64; 0]);
    let ahead = send!(&app, live("A", Some("99"))).await.problem(400, "invalid_request");
    assert_eq!(ahead["errors"][0]["header"], "Last-Event-ID");
    let head = send!(&app, live("A", None).method(Method::HEAD)).await;
    assert_eq!((head.status, head.header("content-type"), &*head.body), (200, Some("text/event-stream"), ""));
    send!(&app, live("none", None)).await.problem(404, "order_not_found");
}

#[actix_web::test]
async fn streams_that_are_open_when_an_order_moves_miss_nothing() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 1_000)).await;
    for round in 0..20 {
        let id = format!("R-{round}");
        assert_eq!(send!(&app, post("/orders", &manual(&id))).await.json()["version"], 3);
        // Some streams are there before the capture, some begin beside it, some resume.
        let streams = (0..8).map(|n| {
            let last = (n % 4).to_string();
            let request = live(&id, Some(&last));
            let app = &app;
            async move { (n % 4, send!(app, request).await) }
        });
        let capture = async {
            let path = format!("/orders/{id}/capture");
            send!(&app, verb(&path, "k", &json!({}))).await
        };
        let (told, captured) = tokio::join!(join_all(streams), capture);
        assert_eq!(captured.status, 201);
        for (last, stream) in told {
            assert_eq!(ids(&stream.body), (last + 1..=7).collect::<Vec<_>>(), "{}", stream.body);
        }
    }
}

fn webhook(participant: &str, id: &str, timestamp: &str, body: &str) -> TestRequest {
    let secret = signature::Secret::parse(SECRET).unwrap();
    at("POST", &format!("/webhooks/{participant}"))
        .insert_header(("webhook-id", id))
        .insert_header(("webhook-timestamp", timestamp))
        .insert_header(("webhook-signature", secret.sign(id, timestamp, body.as_bytes())))
        .set_payload(body.to_owned())
}

#[actix_web::test]
async fn a_webhook_is_taken_from_its_participant_alone() {
    let mut config = config(&[("shop", &[Role::Client])]);
    config.participants.payment.kind = PaymentKind::Http;
    config.participants.payment.webhook_secret = Some(Secret(SECRET.into()).into());
    config.participants.shipment.kind = ParticipantKind::Http;
    let app = server!(&config);
    let notice = r#"{"order_id":"A","type":"operation.updated"}"#;
    for _ in 0..2 {
        let taken = send!(&app, webhook("payment", "msg_1", "0", notice)).await; // the clock stands still at 0
        assert_eq!((taken.status, &*taken.body), (204, ""), "a repeat is fine");
    }
    for participant in ["shipment", "inventory", "elsewhere"] {
        send!(&app, webhook(participant, "msg_2", "0", notice)).await.problem(404, "not_found");
    }
    send!(&app, webhook("payment", "msg_2", "301", notice)).await.problem(401, "bad_signature");
    let forged = webhook("payment", "msg_2", "0", notice).set_payload(notice.replace('A', "B"));
    let forged = send!(&app, forged).await;
    forged.problem(401, "bad_signature");
    assert!(forged.header("www-authenticate").is_some());
    let unsigned = at("POST", "/webhooks/payment").set_payload(notice);
    send!(&app, unsigned).await.problem(401, "bad_signature");
    let nameless = send!(&app, webhook("payment", "msg_2", "0", "{}")).await.problem(400, "invalid_request");
    assert_eq!(nameless["errors"][0]["pointer"], "/order_id");
    send!(&app, webhook("payment", &"x".repeat(256), "0", notice)).await.problem(400, "invalid_request");
}

#[actix_web::test]
async fn remote_participants_change_what_is_taken() {
    let mut config = config(&[]);
    config.participants.inventory.kind = ParticipantKind::Http;
    config.participants.payment.kind = PaymentKind::Http;
    let app = server!(&config);
    send!(&app, stock("S", 5)).await.problem(404, "inventory_remote");
    send!(&app, at("GET", "/inventory/S")).await.problem(404, "inventory_remote");
    let mut slow = order(Some("A"), "pm_slow_5", 1);
    slow["ship_to"]["postal_code"] = "SHIP-TIMEOUT".into();
    let told = send!(&app, post("/orders", &slow)).await.problem(400, "invalid_request");
    let pointers: Vec<_> = told["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/ship_to/postal_code"], "payment is remote, and takes any token; shipment is local");
}

#[actix_web::test]
async fn the_new_routes_are_measured_from_the_start() {
    let app = server!(&config(&[]));
    let text = send!(&app, at("GET", "/metrics")).await.body;
    for (route, method, status) in [
        ("/orders/{order_id}/cancel", "POST", 201),
        ("/orders/{order_id}/capture", "POST", 409),
        ("/orders/{order_id}/refunds", "POST", 422),
        ("/operator/attention", "GET", 200),
        ("/operator/orders/{order_id}/retry", "POST", 409),
        ("/operator/orders/retry", "POST", 200),
        ("/webhooks/{participant}", "POST", 401),
    ] {
        let series = format!("{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} 0");
        assert!(text.contains(&series), "{series} is not in\n{text}");
    }
}
