//! The routes over a real engine on the in-memory store.

use std::sync::Arc;

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::config::{Role, Token};
use crate::ports::Clock;
use crate::saga::effect::{Action, Call as Step};
use crate::saga::transaction::LocalParticipants;
use crate::saga::{Order, Outcome, Plan, Timestamp};
use crate::store::model::ModelStore;

struct House;

impl LocalParticipants for House {
    fn plan(&self) -> Plan {
        Plan::LOCAL
    }

    fn answer(&self, order: &Order, call: Step) -> Option<Outcome> {
        let details = &order.request.details;
        Some(match call.action()? {
            Action::Charge if &*details.payment_method == "pm_declined" => Outcome::refused("declined"),
            Action::Ship if &*details.ship_to.postal_code == "SHIP-FAIL" => Outcome::refused("no road"),
            _ => Outcome::done(),
        })
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }
}

struct Sent {
    status: u16,
    headers: actix_web::http::header::HeaderMap,
    body: String,
}

impl Sent {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Every error has the one envelope.
    fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.header("content-type")), (status, Some(PROBLEM_JSON)), "{}", self.body);
        let body = self.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["type"], format!("urn:counterfoil:problem:{code}"));
        assert_eq!(body["status"], status);
        assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
        body
    }
}

fn config(tokens: &[(&str, &[Role])]) -> Config {
    let mut config = Config::default();
    config.faults.enabled = true;
    config.server.max_body_bytes = 2_000;
    config.auth.tokens = tokens
        .iter()
        .map(|(subject, roles)| Token {
            subject: (*subject).into(),
            sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(subject)),
            roles: roles.to_vec(),
            not_before: None,
            not_after: None,
        })
        .collect();
    config
}

pub(super) fn engine() -> Engine {
    Engine::builder(Arc::new(ModelStore::default()), Arc::new(House), Arc::new(Still)).start().unwrap()
}

fn state(config: &Config) -> web::Data<AppState> {
    web::Data::new(AppState::new(engine(), config))
}

macro_rules! server {
    ($config:expr) => {{
        let state = state($config);
        init_service(App::new().configure(move |cfg| configure(cfg, &state))).await
    }};
}

/// The type of a request is not public, so that a function alone cannot name what it sends.
macro_rules! send {
    ($app:expr, $request:expr) => {
        sent($app, $request.to_request())
    };
}

mod doors_tests;
mod surface_tests;

async fn sent<S, R, B>(app: &S, request: R) -> Sent
where
    S: Service<R, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let response = app.call(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = actix_web::body::to_bytes(response.into_body()).await.map_err(|_| ()).unwrap();
    Sent { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

fn at(method: &str, path: &str) -> TestRequest {
    TestRequest::default().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path)
}

fn post(path: &str, body: &Value) -> TestRequest {
    at("POST", path).insert_header(("content-type", "application/json")).set_payload(body.to_string())
}

fn stock(sku: &str, on_hand: i64) -> TestRequest {
    post(&format!("/inventory/{sku}"), &json!({ "on_hand": on_hand })).method(Method::PUT)
}

fn order(id: Option<&str>, method: &str, quantity: i64) -> Value {
    let mut body = json!({
        "customer_id": "cus-7", "currency": "USD", "payment_method": method,
        "lines": [{"sku": "S", "quantity": quantity, "unit_price": 50}],
        "ship_to": {"name": "A", "line1": "1", "city": "X", "postal_code": "1", "country": "US"},
    });
    if let Some(id) = id {
        body["order_id"] = id.into();
    }
    body
}

#[actix_web::test]
async fn an_order_completes_once_and_is_shown() {
    let app = server!(&config(&[]));
    assert_eq!(send!(&app, stock("S", 10)).await.status, 201);
    let first = send!(&app, post("/orders", &order(Some("ORD-1"), "pm_ok", 2))).await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert_eq!(first.header("location"), Some("/orders/ORD-1"));
    assert_eq!(first.header("idempotent-replayed"), None);
    let again = send!(&app, post("/orders", &order(Some("ORD-1"), "pm_ok", 2))).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    let shown = send!(&app, at("GET", "/orders/ORD-1")).await.json();
    assert_eq!(shown["state"], "COMPLETED");
    assert_eq!(shown["payment"], json!({"status": "charged", "amount": 100, "captured": 100, "refunded": 0}));
    let events = send!(&app, at("GET", "/orders/ORD-1/events")).await.json();
    let versions: Vec<_> = events.as_array().unwrap().iter().map(|event| event["version"].as_i64().unwrap()).collect();
    assert_eq!(versions, (1..=shown["version"].as_i64().unwrap()).collect::<Vec<_>>());
    assert_eq!(events[0]["type"], "order.created");
    let level = send!(&app, at("GET", "/inventory/S")).await.json();
    assert_eq!(level, json!({"sku": "S", "on_hand": 8, "reserved": 0, "available": 8}));
}

#[actix_web::test]
async fn failures_are_final_problems() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 1)).await;
    let declined = send!(&app, post("/orders", &order(Some("a"), "pm_declined", 1))).await;
    assert_eq!(declined.problem(402, "payment_declined")["final"], true);
    let short = send!(&app, post("/orders", &order(Some("b"), "pm_ok", 5))).await.problem(409, "out_of_stock");
    assert_eq!(short["shortages"], json!([{"sku": "S", "requested": 5, "available": 1}]));
    let again = send!(&app, post("/orders", &order(Some("b"), "pm_ok", 5))).await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));

    let differs = send!(&app, post("/orders", &order(Some("b"), "pm_ok", 6))).await.problem(409, "order_exists");
    assert_eq!(differs["differs"], json!(["/lines/0/quantity"]));
    let mut unknown = order(Some("c"), "pm_ok", 1);
    unknown["lines"][0]["sku"] = "nothing".into();
    let unknown = send!(&app, post("/orders", &unknown)).await.problem(400, "unknown_sku");
    assert_eq!(unknown["errors"][0]["pointer"], "/lines/0/sku");
    send!(&app, at("GET", "/orders/c")).await.problem(404, "order_not_found");
}

#[actix_web::test]
async fn keys_name_orders() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 10)).await;
    let keyed =
        |key: &str, quantity| post("/orders", &order(None, "pm_ok", quantity)).insert_header(("idempotency-key", key));
    let first = send!(&app, keyed("k", 1)).await;
    assert!(first.status == 201 && first.header("location").unwrap().starts_with("/orders/ik_"));
    let again = send!(&app, keyed("\"k\"", 1)).await;
    assert_eq!((&again.body, again.header("idempotent-replayed")), (&first.body, Some("true")));
    send!(&app, keyed("k", 2)).await.problem(422, "idempotency_key_reused");
    let bad = send!(&app, keyed("two words", 1)).await.problem(400, "invalid_request");
    assert_eq!(bad["errors"][0]["header"], "Idempotency-Key");
    let nameless = send!(&app, post("/orders", &order(None, "pm_ok", 1))).await.problem(400, "invalid_request");
    assert_eq!(nameless["errors"][0]["pointer"], "/order_id");
    assert_eq!(send!(&app, at("GET", first.header("location").unwrap())).await.status, 200);
}

#[actix_web::test]
async fn everything_wrong_has_the_one_envelope() {
    let app = server!(&config(&[]));
    send!(&app, at("GET", "/nowhere")).await.problem(404, "not_found");
    let other = send!(&app, at("DELETE", "/orders")).await;
    other.problem(405, "method_not_allowed");
    assert_eq!(other.header("allow"), Some("POST, GET, HEAD"));
    let plain = at("POST", "/orders").insert_header(("content-type", "text/plain")).set_payload("{}");
    send!(&app, plain).await.problem(415, "unsupported_media_type");
    let huge = at("POST", "/orders").insert_header(("content-type", "application/json")).set_payload("x".repeat(2_001));
    send!(&app, huge).await.problem(413, "payload_too_large");
    let broken = at("POST", "/orders").insert_header(("content-type", "application/json")).set_payload("{\"a\":");
    send!(&app, broken).await.problem(400, "invalid_request");
    send!(&app, at("GET", "/orders?limit=0")).await.problem(400, "invalid_request");
    send!(&app, at("GET", "/inventory/none")).await.problem(404, "sku_not_found");
    send!(&app, at("GET", "/inventory/%zz")).await.problem(400, "invalid_request");
}

#[actix_web::test]
async fn tokens_open_what_their_roles_allow() {
    let tokens: &[(&str, &[Role])] = &[
        ("shop", &[Role::Client]),
        ("other", &[Role::Client]),
        ("ops", &[Role::Operator]),
        ("prom", &[Role::Metrics]),
    ];
    let app = server!(&config(tokens));
    let by = |request: TestRequest, who: &str| request.insert_header(("authorization", format!("Bearer {who}")));
    let refused = send!(&app, at("GET", "/orders")).await;
    refused.problem(401, "unauthorized");
    assert!(refused.header("www-authenticate").unwrap().starts_with("Bearer"));
    send!(&app, by(stock("S", 5), "shop")).await.problem(403, "forbidden");
    assert_eq!(send!(&app, by(stock("S", 5), "ops")).await.status, 201);
    let submit = || post("/orders", &order(Some("ORD-1"), "pm_ok", 1));
    send!(&app, by(submit(), "ops")).await.problem(403, "forbidden");
    assert_eq!(send!(&app, by(submit(), "shop")).await.status, 201);
    let theirs = send!(&app, by(submit(), "other")).await.problem(409, "order_exists");
    assert!(theirs.get("differs").is_none());
    for (who, status, listed) in [("shop", 200, 1), ("other", 404, 0), ("ops", 200, 1)] {
        assert_eq!(send!(&app, by(at("GET", "/orders/ORD-1"), who)).await.status, status, "{who}");
        assert_eq!(send!(&app, by(at("GET", "/orders/ORD-1/events"), who)).await.status, status, "{who}");
        let page = send!(&app, by(at("GET", "/orders"), who)).await.json();
        assert_eq!(page["orders"].as_array().unwrap().len(), listed, "{who}");
    }
    for (who, status) in [("prom", 200), ("ops", 200), ("shop", 403)] {
        assert_eq!(send!(&app, by(at("GET", "/metrics"), who)).await.status, status, "{who}");
    }
    send!(&app, by(at("GET", "/operator/faults"), "shop")).await.problem(403, "forbidden");
    assert_eq!(send!(&app, at("GET", "/livez")).await.status, 200);
    assert_eq!(send!(&app, at("GET", "/readyz?verbose")).await.json()["checks"]["database"], true);
}

#[actix_web::test]
async fn pages_follow_one_another() {
    let app = server!(&config(&[]));
    send!(&app, stock("S", 100)).await;
    for n in 0..5 {
        send!(&app, post("/orders", &order(Some(&format!("o{n}")), "pm_ok", 1))).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = send!(&app, at("GET", &format!("/orders?limit=2&state=COMPLETED&cursor={cursor}"))).await.json();
        seen.extend(
            page["orders"].as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(seen, ["o0", "o1", "o2", "o3", "o4"]);
}

#[actix_web::test]
async fn stock_is_adjusted_once_a_key() {
    let app = server!(&config(&[]));
    send!(&app, stock("a%2Fb", 5)).await;
    assert_eq!(send!(&app, stock("a%2Fb", 7)).await.status, 200);
    let adjust = |key: &str, delta: i64| {
        post("/inventory/a%2Fb/adjustments", &json!({"delta": delta, "reason": "count"}))
            .insert_header(("idempotency-key", key))
    };
    let first = send!(&app, adjust("k", -2)).await;
    assert_eq!((first.status, first.json()["on_hand"].as_i64()), (201, Some(5)));
    let again = send!(&app, adjust("k", -2)).await;
    assert_eq!((&again.body, again.header("idempotent-replayed")), (&first.body, Some("true")));
    send!(&app, adjust("k", -3)).await.problem(422, "idempotency_key_reused");
    send!(&app, adjust("l", -6)).await.problem(409, "stock_out_of_range");
    let keyless = post("/inventory/a%2Fb/adjustments", &json!({"delta": 1, "reason": "x"}));
    send!(&app, keyless).await.problem(400, "invalid_request");
    assert_eq!(send!(&app, at("GET", "/inventory/a%2Fb")).await.json()["on_hand"], 5);
}

#[actix_web::test]
async fn faults_exist_only_where_they_are_enabled() {
    let app = server!(&config(&[]));
    let arm =
        || post("/operator/faults", &json!({"point": "actor.handle", "action": "error", "order_id": "x", "times": 2}));
    assert_eq!(send!(&app, arm()).await.status, 204);
    let armed = send!(&app, at("GET", "/operator/faults")).await.json();
    let expected = json!([{"point": "actor.handle", "order_id": "x", "action": "error", "times": 2}]);
    assert_eq!(armed["faults"], expected);
    assert_eq!(send!(&app, at("DELETE", "/operator/faults")).await.status, 204);
    assert_eq!(send!(&app, at("GET", "/operator/faults")).await.json()["faults"], json!([]));

    let mut config = config(&[("shop", &[Role::Client])]);
    config.faults.enabled = false;
    let app = server!(&config);
    for request in [arm(), at("GET", "/operator/faults"), at("DELETE", "/operator/faults")] {
        send!(&app, request).await.problem(404, "not_found");
    }
}

#[actix_web::test]
async fn requests_are_measured_by_their_pattern() {
    let app = server!(&config(&[]));
    send!(&app, at("GET", "/orders/a")).await;
    send!(&app, at("GET", "/elsewhere")).await;
    let text = send!(&app, at("GET", "/metrics")).await.body;
    for series in [
        "{route=\"/orders/{order_id}\",method=\"GET\",status=\"404\"} 1",
        "{route=\"unmatched\",method=\"other\",status=\"404\"} 1",
        "{route=\"/orders\",method=\"POST\",status=\"201\"} 0",
    ] {
        let line = format!("counterfoil_http_request_seconds_count{series}");
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
}

/// What a raw request over a socket is answered, until the server closes.
fn over_socket(address: std::net::SocketAddr, request: &str) -> String {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _reset_after_the_answer = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[actix_web::test]
async fn the_server_answers_on_a_socket_and_stops() {
    let mut config = config(&[]);
    config.server.workers = 1;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = serve(engine(), &config, listener).unwrap();
    let handle = server.handle();
    let running = actix_web::rt::spawn(server);
    let big = "x".repeat(100_000);
    let head = "POST /orders HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let table = [
        ("HEAD /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(), "HTTP/1.1 200"),
        ("GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(), "{\"status\":\"ok\"}"),
        (format!("{head}content-length: 999999999999\r\n\r\n"), "payload_too_large"),
        (format!("{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{big}\r\n0\r\n\r\n", big.len()), "payload_too_large"),
        (format!("{head}content-length: 2\r\nidempotency-key: \u{1}\r\n\r\n{{}}"), "HTTP/1.1 400"),
        (format!("GET / HTTP/1.1\r\nx: {big}{big}\r\n\r\n"), "HTTP/1.1 4"),
        ("nonsense\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        ("GET /livez HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".to_owned(), "HTTP/1.1 200"),
    ];
    for (request, expected) in table {
        let shown: String = request.chars().take(60).collect();
        let answer = web::block(move || over_socket(address, &request)).await.unwrap();
        assert!(answer.contains(expected), "{shown:?}: {answer}");
    }
    handle.stop(true).await;
    running.await.unwrap().unwrap();
}
