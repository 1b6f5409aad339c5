//! Promise: `openapi/counterfoil.json` is what is answered: it names each route, method, role and status that there is and no
//! other route, and whoever was made from it is understood, and understands. Judged by tools that are not ours.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::signature::Secret;
use hyper::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::database::TestDatabase;
use crate::support::kafka::{has_python, tools};
use crate::support::program::{Folder, Program};

use Sent::{Nothing, Right, Wrong};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const ROLES: [&str; 5] = ["client", "viewer", "support", "operator", "metrics"];

/// What is drawn by no one, by the names of operations, each with its reason.
const NOT_DRAWN: [(&str, &str); 5] = [
    ("addWebhook", "the engine would post to whatever host is drawn"),
    ("changeWebhook", "the same"),
    ("armFault", "what is armed makes the engine fail, or ends it"),
    ("disarmFaults", "nothing is armed"),
    ("showOrderEvents", "who asks for a stream hears of an order until it has ended"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> Value {
    let text = std::fs::read_to_string(root().join("openapi/counterfoil.json")).expect("read the document");
    serde_json::from_str(&text).expect("JSON")
}

/// Every operation of the document: its path, its method in capitals, and what is told of it.
fn operations(document: &Value) -> Vec<(&str, String, &Value)> {
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, told) in methods.as_object().expect("methods") {
            found.push((path.as_str(), method.to_uppercase(), told));
        }
    }
    found
}

/// A path of this route.
fn path_of(route: &str, of: &str) -> String {
    let parts = ["{order_id}", "{sku}", "{name}", "{participant}"];
    parts.iter().fold(route.to_owned(), |path, part| path.replace(part, of))
}

async fn ask(client: &Client, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> HttpAnswer {
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    let body = body.map(|body| body.to_string().into_bytes().into());
    client.request(method, path, headers, body).await.expect("an answer")
}

/// The token of a subject is its name.
fn token(subject: &str, roles: &str) -> String {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(subject));
    format!("[[auth.tokens]]\nsubject = \"{subject}\"\nsha256 = \"{digest}\"\nroles = [{roles}]\n")
}

async fn serve(folder: &Folder, database: &TestDatabase, more: &str) -> Program {
    let config = format!("database.url = \"{}\"\nfaults.enabled = true\n{more}", database.url());
    let program = Program::serve(folder, &config).await;
    program.until_ready().await;
    program
}

/// The routes that are measured, each with its method and a status of it.
fn measured(metrics: &str) -> Vec<[String; 3]> {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix("counterfoil_http_request_seconds_count{"));
    let label = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!("{name}=\"")).expect(name);
        rest.split_once('"').expect(name).0.to_owned()
    };
    let labels = lines.map(|line| ["route", "method", "status"].map(|name| label(line, name)));
    labels.filter(|[route, method, _]| route != "unmatched" && method != "other" && method != "HEAD").collect()
}

#[tokio::test]
async fn the_document_names_each_route_with_its_methods_and_statuses_and_no_other_route() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "").await;
    let client = program.client();
    let metrics = client.get("/metrics").await.expect("the metrics").body;
    let served: Value = client.get("/openapi.json").await.expect("an answer").json().expect("JSON");
    let document = document();
    assert_eq!(served, document);

    let mut routes = BTreeMap::<String, BTreeSet<String>>::new();
    for [route, method, status] in measured(std::str::from_utf8(&metrics).expect("text")) {
        let told = &document["paths"][&route][method.to_lowercase()];
        assert!(told["responses"].get(&status).is_some(), "{method} {route} {status} is not in the document");
        routes.entry(route).or_default().insert(method);
    }
    let mut named = BTreeMap::<String, BTreeSet<String>>::new();
    for (path, method, _) in operations(&document) {
        named.entry(path.to_owned()).or_default().insert(method);
    }
    assert_eq!(named, routes, "the routes of the document, and those that are measured");

    for (route, mut methods) in named {
        if methods.contains("GET") {
            methods.insert("HEAD".to_owned());
        }
        let refused = ask(&client, "QUERY", &path_of(&route, "A"), &[], None).await;
        assert_eq!((refused.status, refused.problem_code().as_deref()), (405, Some("method_not_allowed")), "{route}");
        let allowed = refused.header("allow").expect("Allow").split(", ").map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(allowed, methods, "{route}");
    }
    for path in ["/openapi.json", "/docs", "/docs/docs.css"] {
        let (whole, head) = (client.get(path).await.expect(path), ask(&client, "HEAD", path, &[], None).await);
        assert_eq!((whole.status, head.status, head.body.len()), (200, 200, 0), "{path}");
        assert_eq!(whole.header("content-type"), head.header("content-type"), "{path}");
    }
    let page = client.get("/docs").await.expect("the page");
    assert!(page.header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
}

#[tokio::test]
async fn each_operation_asks_for_the_roles_that_the_document_names() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let tokens: String = ROLES.map(|role| token(role, &format!("\"{role}\""))).concat();
    let program = serve(&folder, &database, &tokens).await;
    let document = document();
    let mut checked = 0;
    for (route, method, told) in operations(&document) {
        let path = path_of(route, "A");
        let roles: Vec<&str> = told["x-roles"].as_array().expect("roles").iter().filter_map(Value::as_str).collect();
        let stranger = ask(&program.client(), &method, &path, &[], None).await;
        assert_eq!(stranger.status == 401, !roles.is_empty(), "{method} {route}: {}", stranger.status);
        for role in ROLES {
            let client = program.client().with_token(role).expect("a token");
            let answer = ask(&client, &method, &path, &[], None).await;
            assert!(answer.status != 401, "{method} {route}");
            let refused = !roles.is_empty() && !roles.contains(&role);
            assert_eq!(answer.status == 403, refused, "{method} {route} of {role}: {}", answer.status);
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} are too few: are they found?");
}

/// The body of a request: right or wrong by its schema.
enum Sent {
    Nothing,
    Right(Value),
    Wrong(Value),
}

/// What was asked of a server, and answered.
#[derive(Default)]
struct Story(Vec<Value>);

impl Story {
    /// Asks `METHOD /route?query`, with `of` for what stands in braces; the answer has to have this status, unless that
    /// is 0.
    async fn ask(
        &mut self,
        client: &Client,
        status: u16,
        line: &str,
        of: &str,
        headers: &[(&str, &str)],
        sent: Sent,
    ) -> Value {
        let (method, target) = line.split_once(' ').expect("a method and a path");
        let route = target.split('?').next().expect("a path");
        let (body, right) = match sent {
            Nothing => (None, true),
            Right(body) => (Some(body), true),
            Wrong(body) => (Some(body), false),
        };
        let answer = ask(client, method, &path_of(target, of), headers, body.as_ref()).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(status == 0 || answer.status == status, "{line} of {of:?}: {} {text}", answer.status);
        let header = |(name, value): (&hyper::header::HeaderName, &hyper::header::HeaderValue)| {
            (name.as_str().to_owned(), Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()))
        };
        let headers: serde_json::Map<String, Value> = answer.headers.iter().map(header).collect();
        let told = serde_json::from_str(&text).unwrap_or_default();
        self.0.push(json!({
            "method": method, "route": route, "status": answer.status, "type": answer.header("content-type"),
            "headers": headers, "body": text, "sent": body, "right": right,
        }));
        told
    }

    /// What is wrong with it, and how many kinds of answers it has.
    fn judged(&self) -> (Value, u64) {
        let mut judge = Command::new(tools().join("python/bin/python"))
            .arg(root().join("tests/support/openapi.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("start python");
        let asked = json!({"document": document(), "answers": self.0}).to_string();
        judge.stdin.take().expect("its input").write_all(asked.as_bytes()).expect("ask");
        let told = judge.wait_with_output().expect("an answer");
        assert!(told.status.success());
        let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
        (told["wrong"].clone(), told["seen"].as_u64().expect("a number"))
    }
}

/// An order with this token and code.
fn order(id: &str, method: &str, postal_code: &str) -> Value {
    json!({
        "order_id": id, "customer_id": "cus-7", "currency": "USD",
        "lines": [{"sku": "SKU-1", "quantity": 2, "unit_price": 1999}, {"sku": "SKU-2", "quantity": 1, "amount": 0}],
        "adjustments": [{"kind": "shipping", "label": "to the door", "amount": 500}],
        "payment_method": method, "metadata": {"channel": "web"},
        "ship_to": {"name": "A", "line1": "1 Road", "line2": "left", "city": "X", "region": "CA", "country": "US",
            "postal_code": postal_code, "email": "a@example.org", "phone": "+1 202 555 0100"},
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

/// Stock, and what is refused of it.
async fn inventory(story: &mut Story, client: &Client) {
    let (set, adjust) = ("PUT /inventory/{sku}", "POST /inventory/{sku}/adjustments");
    for sku in ["SKU-1", "SKU-2"] {
        story.ask(client, 201, set, sku, &[], Right(json!({"on_hand": 100}))).await;
    }
    story.ask(client, 200, set, "SKU-1", &[], Right(json!({"on_hand": 50}))).await;
    story.ask(client, 400, set, "a%e2%80%aeb", &[], Right(json!({"on_hand": 1}))).await;
    story.ask(client, 200, "GET /inventory/{sku}", "SKU-1", &[], Nothing).await;
    story.ask(client, 404, "GET /inventory/{sku}", "none", &[], Nothing).await;
    story.ask(client, 400, "GET /inventory/{sku}", "%zz", &[], Nothing).await;
    let key = [("idempotency-key", "count-1")];
    let less = || Right(json!({"delta": -2, "reason": "stock-taking"}));
    story.ask(client, 201, adjust, "SKU-1", &key, less()).await;
    story.ask(client, 201, adjust, "SKU-1", &key, less()).await;
    story.ask(client, 422, adjust, "SKU-1", &key, Right(json!({"delta": -3, "reason": "x"}))).await;
    let key = [("idempotency-key", "count-2")];
    story.ask(client, 409, adjust, "SKU-1", &key, Right(json!({"delta": -1_000, "reason": "x"}))).await;
    story.ask(client, 404, adjust, "none", &key, less()).await;
    story.ask(client, 400, adjust, "SKU-1", &[], less()).await;
    for query in ["", "?prefix=SKU&below=60", "?prefix=&below=&cursor=&limit=1"] {
        story.ask(client, 200, &format!("GET /inventory{query}"), "", &[], Nothing).await;
    }
    for query in ["?below=-1", "?cursor=!", "?sku=SKU-1", "?limit=1&limit=2"] {
        story.ask(client, 400, &format!("GET /inventory{query}"), "", &[], Nothing).await;
    }
    let journal = "GET /inventory/{sku}/journal";
    story.ask(client, 200, journal, "SKU-1", &[], Nothing).await;
    let page = story.ask(client, 200, &format!("{journal}?limit=1"), "SKU-1", &[], Nothing).await;
    let next = page["next_cursor"].as_str().expect("there are more");
    story.ask(client, 200, &format!("{journal}?cursor={next}"), "SKU-1", &[], Nothing).await;
    story.ask(client, 400, &format!("{journal}?cursor=x"), "SKU-1", &[], Nothing).await;
    story.ask(client, 404, journal, "none", &[], Nothing).await;
    for wrong in [json!({"on_hand": -1}), json!({}), json!({"on_hand": 1, "x": 1}), json!([])] {
        story.ask(client, 400, set, "SKU-1", &[], Wrong(wrong)).await;
    }
    for wrong in [json!({"delta": 0, "reason": "x"}), json!({"delta": 1, "reason": " "}), json!({"delta": 1})] {
        story.ask(client, 400, adjust, "SKU-1", &key, Wrong(wrong)).await;
    }
}

/// Orders that end well and badly, and those that are none.
async fn orders(story: &mut Story, client: &Client) {
    let submit = "POST /orders";
    story.ask(client, 201, submit, "", &[], Right(order("A", "pm_ok", "1"))).await;
    story.ask(client, 201, submit, "", &[("prefer", "wait=5")], Right(order("A", "pm_ok", "1"))).await;
    story.ask(client, 0, submit, "", &[("prefer", "respond-async")], Right(order("B", "pm_ok", "1"))).await;
    story.ask(client, 409, submit, "", &[], Right(order("A", "pm_declined", "1"))).await;
    story.ask(client, 402, submit, "", &[], Right(order("declined", "pm_declined", "1"))).await;
    story.ask(client, 500, submit, "", &[], Right(order("unshipped", "pm_ok", "SHIP-FAIL"))).await;
    let many = json!([{"sku": "SKU-1", "quantity": 1_000_000, "unit_price": 1}]);
    story.ask(client, 409, submit, "", &[], Right(with(order("short", "pm_ok", "1"), "lines", many))).await;
    let unknown = json!([{"sku": "none", "quantity": 1, "unit_price": 1}]);
    story.ask(client, 400, submit, "", &[], Right(with(order("U", "pm_ok", "1"), "lines", unknown))).await;
    story.ask(client, 400, submit, "", &[], Right(order("V", "pm_slow_5", "1"))).await;
    let mut nameless = order("", "pm_ok", "1");
    nameless.as_object_mut().expect("an object").remove("order_id");
    let key = [("idempotency-key", "\"a key\\\"s\"")];
    story.ask(client, 400, submit, "", &key, Right(nameless.clone())).await;
    let key = [("idempotency-key", "key-1")];
    story.ask(client, 400, submit, "", &[], Right(nameless.clone())).await;
    story.ask(client, 201, submit, "", &key, Right(nameless.clone())).await;
    story.ask(client, 422, submit, "", &key, Right(order("C", "pm_ok", "1"))).await;
    story.ask(client, 415, submit, "", &[("content-type", "text/plain")], Right(order("C", "pm_ok", "1"))).await;
    let line = |line: Value| with(order("W", "pm_ok", "1"), "lines", json!([line]));
    let to = |name: &str, value: Value| {
        let mut body = order("W", "pm_ok", "1");
        body["ship_to"][name] = value;
        body
    };
    for wrong in [
        order("..", "pm_ok", "1"),
        order("ik_a", "pm_ok", "1"),
        order("a b", "pm_ok", "1"),
        order("W", " ", "1"),
        with(order("W", "pm_ok", "1"), "currency", json!("usd")),
        with(order("W", "pm_ok", "1"), "customer_id", json!("x".repeat(257))),
        with(order("W", "pm_ok", "1"), "capture", json!("later")),
        with(order("W", "pm_ok", "1"), "lines", json!([])),
        with(order("W", "pm_ok", "1"), "metadata", json!({"": "x"})),
        with(order("W", "pm_ok", "1"), "note", json!(1)),
        with(order("W", "pm_ok", "1"), "adjustments", json!([{"kind": "tax", "label": "x", "amount": 0}])),
        line(json!({"sku": "SKU-1", "quantity": 1})),
        line(json!({"sku": "SKU-1", "quantity": 1, "unit_price": 1, "amount": 1})),
        line(json!({"sku": "SKU-1", "quantity": 0, "unit_price": 1})),
        line(json!({"sku": "a\u{202e}b", "quantity": 1, "unit_price": 1})),
        to("country", json!("us")),
        to("email", json!("a @example.org")),
        to("phone", json!("12")),
        to("street", json!("x")),
    ] {
        story.ask(client, 400, submit, "", &[], Wrong(wrong)).await;
    }
    for query in ["", "?state=COMPLETED&limit=2", "?customer_id=cus-7", "?attention=true", "?state=&cursor=&limit="]
        .into_iter()
        .chain(["?failure=payment_declined", "?sort=newest&client=anonymous", "?from=2026-01-01T00:00:00Z&to="])
    {
        story.ask(client, 200, &format!("GET /orders{query}"), "", &[], Nothing).await;
    }
    for query in ["?failure=lost", "?from=yesterday", "?sort=oldest", "?sort=newest&cursor=QQ"] {
        story.ask(client, 400, &format!("GET /orders{query}"), "", &[], Nothing).await;
    }
    for query in ["?state=DONE", "?limit=501", "?cursor=AAAA", "?page=2", "?limit=1&limit=2"] {
        story.ask(client, 400, &format!("GET /orders{query}"), "", &[], Nothing).await;
    }
}

/// What is read of orders, and what comes after.
async fn afterwards(story: &mut Story, client: &Client) {
    let show = "GET /orders/{order_id}";
    for id in ["A", "declined", "unshipped", "short"] {
        story.ask(client, 200, show, id, &[], Nothing).await;
        story.ask(client, 200, &format!("{show}/events"), id, &[], Nothing).await;
    }
    story.ask(client, 200, &format!("{show}?include=work"), "A", &[], Nothing).await;
    story.ask(client, 400, &format!("{show}?include=all"), "A", &[], Nothing).await;
    for id in ["none", "a%20b"] {
        story.ask(client, 404, show, id, &[], Nothing).await;
        story.ask(client, 404, &format!("{show}/events"), id, &[], Nothing).await;
    }
    story.ask(client, 200, &format!("{show}/events?cursor=1&limit=2"), "A", &[], Nothing).await;
    story.ask(client, 400, &format!("{show}/events?cursor=99"), "A", &[], Nothing).await;
    let live = [("accept", "text/event-stream"), ("last-event-id", "1")];
    story.ask(client, 200, &format!("{show}/events"), "A", &live, Nothing).await;
    let live = [("accept", "text/event-stream"), ("last-event-id", "x")];
    story.ask(client, 400, &format!("{show}/events"), "A", &live, Nothing).await;

    let manual = |id: &str| Right(with(order(id, "pm_ok", "1"), "capture", json!("manual")));
    for id in ["held", "freed"] {
        story.ask(client, 201, "POST /orders", "", &[], manual(id)).await;
    }
    let verb = |name: &str| format!("POST /orders/{{order_id}}/{name}");
    let (cancel, capture, refund) = (verb("cancel"), verb("capture"), verb("refunds"));
    let key = |key: &'static str| [("idempotency-key", key)];
    story.ask(client, 409, &capture, "held", &key("c1"), Right(json!({"amount": 1_000_000}))).await;
    story.ask(client, 201, &capture, "held", &key("c2"), Right(json!({"amount": 1_000, "reason": "some of it"}))).await;
    story.ask(client, 409, &cancel, "held", &key("c3"), Nothing).await;
    story.ask(client, 201, &cancel, "freed", &key("c4"), Right(json!({"reason": "changed my mind"}))).await;
    story.ask(client, 201, &cancel, "freed", &key("c4"), Right(json!({"reason": "changed my mind"}))).await;
    // Its answer was that it is authorised, and stays so.
    story.ask(client, 201, "POST /orders", "", &[], manual("freed")).await;
    let back = json!({"amount": 5, "reason": "broken", "restock": [{"sku": "SKU-1", "quantity": 1}]});
    story.ask(client, 201, &refund, "A", &key("r1"), Right(back.clone())).await;
    story.ask(client, 201, &refund, "A", &key("r1"), Right(back.clone())).await;
    story.ask(client, 422, &refund, "A", &key("r1"), Right(with(back.clone(), "amount", json!(6)))).await;
    story.ask(client, 409, &refund, "A", &key("r2"), Right(with(back.clone(), "amount", json!(1_000_000)))).await;
    let too_many = with(back.clone(), "restock", json!([{"sku": "SKU-1", "quantity": 9}]));
    story.ask(client, 409, &refund, "A", &key("r3"), Right(too_many)).await;
    story.ask(client, 409, &refund, "declined", &key("r4"), Right(back.clone())).await;
    story.ask(client, 404, &refund, "none", &key("r5"), Right(back.clone())).await;
    story.ask(client, 400, &refund, "A", &[], Right(back.clone())).await;
    story.ask(client, 415, &refund, "A", &key("r6"), Nothing).await;
    let nothing = json!({"amount": 0, "reason": "x", "restock": []});
    for wrong in [json!({"amount": 0, "reason": "x"}), json!({"amount": 1}), nothing] {
        story.ask(client, 400, &refund, "A", &key("r7"), Wrong(wrong)).await;
    }
    for wrong in [json!({"amount": 0}), json!({"sum": 1}), json!({"reason": ""}), json!(7)] {
        story.ask(client, 400, &capture, "A", &key("c5"), Wrong(wrong)).await;
    }
    story.ask(client, 200, show, "A", &[], Nothing).await;
    story.ask(client, 200, &format!("{show}/events"), "A", &[], Nothing).await;
}

/// What operators see and do.
async fn operated(story: &mut Story, client: &Client) {
    let seen = ["summary", "log", "log?limit=1&cursor=", "attention/groups"];
    for page in seen {
        story.ask(client, 200, &format!("GET /operator/{page}"), "", &[], Nothing).await;
    }
    for query in ["?cursor=x", "?limit=0", "?by=ops"] {
        story.ask(client, 400, &format!("GET /operator/log{query}"), "", &[], Nothing).await;
    }
    story.ask(client, 200, "GET /operator/orders/{order_id}/evidence", "A", &[], Nothing).await;
    story.ask(client, 404, "GET /operator/orders/{order_id}/evidence", "none", &[], Nothing).await;
    for page in ["shards", "participants", "nodes", "attention", "attention?state=CREATED&limit=1", "faults"] {
        story.ask(client, 200, &format!("GET /operator/{page}"), "", &[], Nothing).await;
    }
    story.ask(client, 400, "GET /operator/attention?attention=true", "", &[], Nothing).await;
    let retry = "POST /operator/orders/retry";
    story.ask(client, 200, retry, "", &[], Right(json!({"reason": "back", "filter": {}}))).await;
    let group = json!({"reason": "back", "filter": {"group": "0123456789abcdef"}, "limit": 3});
    story.ask(client, 200, retry, "", &[], Right(group)).await;
    story.ask(client, 400, retry, "", &[], Wrong(json!({"reason": "x", "filter": {"group": "all"}}))).await;
    for wrong in [json!({"reason": "x"}), json!({"reason": "x", "filter": {"state": "DONE"}}), json!({"filter": {}})] {
        story.ask(client, 400, retry, "", &[], Wrong(wrong)).await;
    }
    for verb in ["retry", "skip", "cancel", "force-cancel"] {
        let line = format!("POST /operator/orders/{{order_id}}/{verb}");
        let said = || Right(json!({"reason": "seen", "version": 1}));
        story.ask(client, 409, &line, "A", &[], said()).await;
        story.ask(client, 409, &line, "A", &[], Right(json!({"reason": "seen"}))).await;
        story.ask(client, 404, &line, "none", &[], said()).await;
        for wrong in [json!({}), json!({"reason": "x", "version": 0}), json!({"reason": "x", "force": true})] {
            story.ask(client, 400, &line, "A", &[], Wrong(wrong)).await;
        }
    }
    story.ask(client, 200, "GET /operator/orders/{order_id}/log", "A", &[], Nothing).await;
    story.ask(client, 404, "GET /operator/orders/{order_id}/log", "none", &[], Nothing).await;
    let faults = "POST /operator/faults";
    let fault = json!({"point": "commit.before_commit", "order_id": "none", "action": "delay", "ms": 5, "times": 2});
    story.ask(client, 204, faults, "", &[], Right(fault)).await;
    let fault = json!({"point": "shard.step", "order_id": "none", "action": "error"});
    story.ask(client, 204, faults, "", &[], Right(fault)).await;
    story.ask(client, 200, "GET /operator/faults", "", &[], Nothing).await;
    for wrong in [
        json!({"point": "actor.handle", "action": "delay"}),
        json!({"point": "actor.handle", "action": "panic", "ms": 5}),
        json!({"point": "nowhere", "action": "panic"}),
    ] {
        story.ask(client, 400, faults, "", &[], Wrong(wrong)).await;
    }
    story.ask(client, 204, "DELETE /operator/faults", "", &[], Nothing).await;
}

/// Endpoints of webhooks, of which nobody listens at the one that there is.
async fn endpoints(story: &mut Story, client: &Client) {
    let (all, one) = ("/operator/webhooks", "/operator/webhooks/{name}");
    let post = |what: &str| format!("POST {one}/{what}");
    let added = json!({"name": "crm", "url": "http://127.0.0.1:9/orders", "from": "beginning", "reason": "new"});
    story.ask(client, 201, &format!("POST {all}"), "", &[], Right(added.clone())).await;
    story.ask(client, 409, &format!("POST {all}"), "", &[], Right(added.clone())).await;
    for (name, wrong) in
        [("name", json!("A b")), ("secret", json!("whsec_")), ("types", json!("order.created")), ("strict", json!(1))]
    {
        let wrong = with(added.clone(), name, wrong);
        story.ask(client, 400, &format!("POST {all}"), "", &[], Wrong(wrong)).await;
    }
    story.ask(client, 200, &format!("GET {all}"), "", &[], Nothing).await;
    story.ask(client, 200, &format!("GET {one}"), "crm", &[], Nothing).await;
    story.ask(client, 404, &format!("GET {one}"), "none", &[], Nothing).await;
    let change = json!({"reason": "fewer", "types": ["order.completed"], "secret": SECRET, "strict": true});
    story.ask(client, 200, &format!("PATCH {one}"), "crm", &[], Right(change.clone())).await;
    story.ask(client, 404, &format!("PATCH {one}"), "none", &[], Right(change)).await;
    story.ask(client, 400, &format!("PATCH {one}"), "crm", &[], Wrong(json!({"strict": false}))).await;
    let why = || Right(json!({"reason": "their maintenance"}));
    for what in ["pause", "resume"] {
        story.ask(client, 200, &post(what), "crm", &[], why()).await;
        story.ask(client, 404, &post(what), "none", &[], why()).await;
        story.ask(client, 400, &post(what), "crm", &[], Wrong(json!({}))).await;
    }
    story.ask(client, 200, &post("test"), "crm", &[], Nothing).await;
    story.ask(client, 404, &post("test"), "none", &[], Nothing).await;
    for right in [json!({"order_id": "A", "version": 1, "reason": "x"}), json!({"all": true, "reason": "x"})] {
        story.ask(client, 200, &post("redrive"), "crm", &[], Right(right)).await;
    }
    for wrong in [json!({"reason": "x"}), json!({"all": true, "version": 1, "reason": "x"})] {
        story.ask(client, 400, &post("redrive"), "crm", &[], Wrong(wrong)).await;
    }
    let event = json!({"order_id": "A", "version": 1, "reason": "x"});
    story.ask(client, 200, &post("skip"), "crm", &[], Right(event)).await;
    story.ask(client, 400, &post("skip"), "crm", &[], Wrong(json!({"order_id": "A", "reason": "x"}))).await;
    for from in ["beginning", "now", "2026-11-27T00:00:00Z"] {
        story.ask(client, 200, &post("replay"), "crm", &[], Right(json!({"from": from, "reason": "x"}))).await;
    }
    story.ask(client, 400, &post("replay"), "crm", &[], Right(json!({"from": "{}", "reason": "x"}))).await;
    for (query, status) in [("", 200), ("?order_id=A&limit=5", 200), ("?limit=0", 400), ("?cursor=x", 400)] {
        story.ask(client, status, &format!("GET {one}/undelivered{query}"), "crm", &[], Nothing).await;
    }
    story.ask(client, 200, &format!("GET {one}"), "crm", &[], Nothing).await;
    story.ask(client, 400, &format!("DELETE {one}"), "crm", &[], Wrong(json!({}))).await;
    story.ask(client, 204, &format!("DELETE {one}"), "crm", &[], Right(json!({"reason": "done"}))).await;
    story.ask(client, 404, &format!("DELETE {one}"), "crm", &[], Right(json!({"reason": "done"}))).await;
}

#[tokio::test]
async fn real_answers_are_as_the_document_says_and_what_it_calls_wrong_is_refused() {
    if !has_python() {
        return;
    }
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "outbox.webhooks.allow_private = true\n").await;
    let (client, mut story) = (program.client(), Story::default());
    inventory(&mut story, &client).await;
    orders(&mut story, &client).await;
    afterwards(&mut story, &client).await;
    operated(&mut story, &client).await;
    endpoints(&mut story, &client).await;
    for page in
        ["", "livez", "readyz", "readyz?verbose", "metrics", "asyncapi.json", "openapi.json", "docs", "docs/docs.css"]
    {
        story.ask(&client, 200, &format!("GET /{page}"), "", &[], Nothing).await;
    }
    story.ask(&client, 404, "POST /webhooks/{participant}", "payment", &[], Right(json!({"order_id": "A"}))).await;
    let foreign = [("host", "evil.example")];
    story.ask(&client, 403, "GET /livez", "", &foreign, Nothing).await;
    let (wrong, seen) = story.judged();
    assert_eq!(wrong, json!([]));
    assert!(seen > 90, "{seen} kinds of answers are too few");
}

#[tokio::test]
async fn what_is_told_of_a_payment_that_is_away_and_to_whom_is_as_the_document_says() {
    if !has_python() {
        return;
    }
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let roles = [("shop", "client"), ("ops", "operator"), ("prom", "metrics"), ("eyes", "viewer"), ("help", "support")];
    let tokens = roles.map(|(subject, role)| token(subject, &format!("\"{role}\""))).concat();
    let config = format!(
        "participants.payment = {{ kind = \"http\", url = \"http://127.0.0.1:9\", webhook_secret = \"{SECRET}\" \
         }}\n{tokens}"
    );
    let program = serve(&folder, &database, &config).await;
    let by = |token: &str| program.client().with_token(token).expect("a token");
    let (nobody, shop, ops, prom) = (program.client(), by("shop"), by("ops"), by("prom"));
    let mut story = Story::default();
    for sku in ["SKU-1", "SKU-2"] {
        story.ask(&shop, 403, "PUT /inventory/{sku}", sku, &[], Right(json!({"on_hand": 9}))).await;
        story.ask(&ops, 201, "PUT /inventory/{sku}", sku, &[], Right(json!({"on_hand": 9}))).await;
    }
    let at_once = [("prefer", "wait=0")];
    story.ask(&nobody, 401, "POST /orders", "", &[], Right(order("A", "pm_ok", "1"))).await;
    story.ask(&ops, 403, "POST /orders", "", &[], Right(order("A", "pm_ok", "1"))).await;
    for _ in 0..2 {
        story.ask(&shop, 202, "POST /orders", "", &at_once, Right(order("A", "pm_ok", "1"))).await;
    }
    let work = "GET /orders/{order_id}?include=work";
    story.ask(&shop, 403, work, "A", &[], Nothing).await;
    assert!(story.ask(&ops, 200, work, "A", &[], Nothing).await["work"].is_object());
    for who in ["eyes", "help"] {
        assert!(story.ask(&by(who), 200, work, "A", &[], Nothing).await["work"].is_object());
        story.ask(&by(who), 200, "GET /operator/orders/{order_id}/evidence", "A", &[], Nothing).await;
        story.ask(&by(who), 200, "GET /orders?sort=newest", "", &[], Nothing).await;
    }
    story.ask(&shop, 403, "GET /orders?sort=newest", "", &[], Nothing).await;
    story.ask(&shop, 403, "GET /orders?client=other", "", &[], Nothing).await;
    story.ask(&shop, 200, "GET /orders?client=shop", "", &[], Nothing).await;
    story.ask(&shop, 200, "GET /orders/{order_id}/events", "A", &[], Nothing).await;
    story.ask(&ops, 200, "GET /operator/participants", "", &[], Nothing).await;
    story.ask(&nobody, 200, "GET /readyz?verbose", "", &[], Nothing).await;
    for (client, status) in [(&shop, 403), (&prom, 200), (&ops, 200)] {
        story.ask(client, status, "GET /metrics", "", &[], Nothing).await;
    }
    let cancel = "POST /orders/{order_id}/cancel";
    let asked = [("prefer", "wait=0"), ("idempotency-key", "k")];
    story.ask(&ops, 400, cancel, "A", &asked, Right(json!({}))).await;
    story.ask(&ops, 0, cancel, "A", &asked, Right(json!({"reason": "fraud"}))).await;
    story.ask(&ops, 200, work, "A", &[], Nothing).await;
    story.ask(&ops, 200, "GET /operator/orders/{order_id}/log", "A", &[], Nothing).await;

    let secret = Secret::parse(SECRET).expect("a secret");
    #[expect(clippy::disallowed_methods, reason = "a participant stamps by its own clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs().to_string();
    let receive = "POST /webhooks/{participant}";
    for (participant, status, notice) in [
        ("payment", 204, Right(json!({"order_id": "A", "type": "operation.updated"}))),
        ("payment", 400, Wrong(json!({"type": "operation.updated"}))),
        ("shipment", 404, Right(json!({"order_id": "A"}))),
    ] {
        let body = match &notice {
            Right(body) | Wrong(body) => body.to_string(),
            Nothing => String::new(),
        };
        let signature = secret.sign("m1", &now, body.as_bytes());
        let signed = [("webhook-id", "m1"), ("webhook-timestamp", &*now), ("webhook-signature", &*signature)];
        story.ask(&nobody, status, receive, participant, &signed, notice).await;
    }
    story.ask(&nobody, 401, receive, "payment", &[], Right(json!({"order_id": "A"}))).await;
    let (wrong, _) = story.judged();
    assert_eq!(wrong, json!([]));
}

/// A judge that finds nothing has to be seen to find something.
#[test]
fn what_is_not_as_the_document_says_is_found() {
    if !has_python() {
        return;
    }
    let answer = |status: u16, kind: &str, body: Value| {
        json!({"method": "GET", "route": "/inventory/{sku}", "status": status, "type": kind, "headers": {},
            "body": body.to_string(), "sent": null, "right": true})
    };
    let level = json!({"sku": "S", "on_hand": 1, "reserved": 0, "available": 1});
    let with_more = with(level.clone(), "more", json!(1));
    for (told, why) in [
        (answer(200, "application/json", level.clone()), None),
        (answer(200, "application/json", with_more), Some("'more' was unexpected")),
        (answer(200, "application/json", json!({"sku": "S"})), Some("'on_hand' is a required property")),
        (answer(200, "text/plain", level.clone()), Some("is none of")),
        (answer(418, "application/json", level.clone()), Some("the status is not named")),
        (answer(503, "application/problem+json", json!({})), Some("it has no Retry-After")),
        (answer(404, "application/problem+json", json!({"code": "tea"})), Some("is not valid under any")),
    ] {
        let (wrong, _) = Story(vec![told]).judged();
        match why {
            None => assert_eq!(wrong, json!([])),
            Some(why) => assert!(wrong.to_string().contains(why), "{why:?} is not in {wrong}"),
        }
    }
}

/// Requests that are drawn from the document, right ones and wrong ones, as each role would send them.
#[tokio::test]
async fn whatever_is_drawn_from_the_document_is_answered_as_it_says() {
    if !has_python() {
        return;
    }
    let document = document();
    for (name, why) in NOT_DRAWN {
        let is_there = operations(&document).iter().any(|(_, _, told)| told["operationId"] == name);
        assert!(is_there && !why.is_empty(), "{name} is not drawn, and not there");
    }
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let tokens = [token("boss", "\"client\", \"operator\", \"metrics\""), token("shop", "\"client\"")].concat();
    let program = serve(&folder, &database, &format!("outbox.webhooks.allow_private = true\n{tokens}")).await;
    let boss = program.client().with_token("boss").expect("a token");
    // What the examples of the document are about.
    let mut first = document["components"]["schemas"]["NewOrder"]["examples"][0].clone();
    let stock = ask(&boss, "PUT", "/inventory/SKU-0001", &[], Some(&json!({"on_hand": 1_000_000}))).await;
    assert_eq!(stock.status, 201);
    assert_eq!(ask(&boss, "POST", "/orders", &[], Some(&first)).await.status, 201);
    first["order_id"] = "ORD-2".into();
    first["capture"] = "manual".into();
    assert_eq!(ask(&boss, "POST", "/orders", &[], Some(&first)).await.status, 201);
    let endpoint = json!({"name": "crm", "url": "http://127.0.0.1:9/orders"});
    assert_eq!(ask(&boss, "POST", "/operator/webhooks", &[], Some(&endpoint)).await.status, 201);

    // Who may do everything first: of the other one's orders it would have to say why.
    for (who, phases) in [("boss", "examples,coverage,fuzzing,stateful"), ("shop", "examples,fuzzing")] {
        let mut command = Command::new(tools().join("python/bin/schemathesis"));
        command
            .current_dir(&folder.0)
            .env("HOME", &folder.0)
            .env("NO_PROXY", "*")
            .args(["--no-color", "--config-file"])
            .arg(root().join("tests/support/schemathesis.toml"))
            .args(["run", &format!("{}/openapi.json", program.url), "--phases", phases])
            .args(["--checks", "all", "--max-examples", "15", "--seed", "1", "--generation-database", "none"])
            .args(["--warnings", "off", "--request-timeout", "40", "--suppress-health-check", "all"])
            .args(["--header", &format!("Authorization: Bearer {who}")]);
        for (name, _) in NOT_DRAWN {
            command.args(["--exclude-operation-id", name]);
        }
        let told = command.stdin(Stdio::null()).output().expect("run schemathesis");
        let text = String::from_utf8_lossy(&told.stdout);
        assert!(told.status.success(), "as {who}:\n{text}\n{}", String::from_utf8_lossy(&told.stderr));
    }
    program.until_ready().await;
}
