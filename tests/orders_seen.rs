//! Promise: what a client submitted, where its order stands, and what is left to be done about it can be seen by whom it
//! concerns, over HTTP and with the commands, and is counted; what is an operator's stays an operator's, and an order's
//! answer stays as it was. Judged by what was sent and what was heard.

use std::process::Command;

use counterfoil::client::{Client, HttpAnswer};
use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::fleet::{Participants, order, until};
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};
use crate::tokens::token;

/// An engine whose clients are `shop` and `other`, and whose operator is `ops`.
struct Shop {
    database: TestDatabase,
    serve: Program,
    shop: String,
    other: String,
    ops: String,
    _folder: Folder,
}

impl Shop {
    async fn open(more: &str) -> Self {
        let (database, folder) = (TestDatabase::new().await, Folder::new());
        let (shop, shops) = token(&["--subject", "shop", "--roles", "client"]);
        let (other, others) = token(&["--subject", "other", "--roles", "client"]);
        let (ops, opss) = token(&["--subject", "ops", "--roles", "operator,metrics"]);
        let file = folder.file("tokens.toml", &format!("{shops}\n{others}\n{opss}\n"));
        let stock = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 1000), ('T', 1000);
            INSERT INTO inventory_journal (sku, delta, reason, client)
            VALUES ('S', 1000, 'laid in', 'test'), ('T', 1000, 'laid in', 'test')";
        database.client().await.batch_execute(stock).await.expect("lay in stock");
        let config =
            format!("database.url = \"{}\"\nauth.tokens_file = \"{}\"\n{more}", database.url(), file.display());
        let serve = Program::serve(&folder, &config).await;
        serve.until_ready().await;
        Self { database, serve, shop, other, ops, _folder: folder }
    }

    fn with(&self, token: &str) -> Client {
        Client::anonymous(&self.serve.url).expect("a client").with_token(token).expect("a token")
    }

    /// `counterfoil orders ...`: what it prints.
    fn orders(&self, token: &str, args: &[&str]) -> String {
        let mut command = Command::new(PROGRAM);
        counterfoil::client::environment::forget_environment(&mut command);
        let output = command.arg("orders").args(args).args(["--target", &self.serve.url, "--token", token]).output();
        let output = output.expect("run the program");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

async fn get(client: &Client, path: &str) -> HttpAnswer {
    client.get(path).await.expect("an answer")
}

async fn seen(client: &Client, path: &str) -> Value {
    let answer = get(client, path).await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
    answer.json().expect("JSON")
}

/// The names of an object's fields.
fn names(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

const SUBMITTED: [&str; 5] = ["client", "payment_method", "capture", "ship_to", "metadata"];

#[tokio::test]
async fn what_was_submitted_is_given_back_to_its_owner_and_to_operators() {
    let at = Shop::open("").await;
    let (shop, other, ops) = (at.with(&at.shop), at.with(&at.other), at.with(&at.ops));
    let submitted = json!({
        "order_id": "A", "customer_id": "cus-7", "currency": "USD",
        "lines": [{"sku": "S", "quantity": 2, "unit_price": 1999}, {"sku": "T", "quantity": 3, "amount": 1000}],
        "adjustments": [{"kind": "shipping", "label": "to the door", "amount": 500}],
        "payment_method": "house_account", "capture": "manual",
        "ship_to": {"name": "Ada", "line1": "1 Road", "line2": "left door", "city": "X", "region": "CA",
            "postal_code": "90210", "country": "US", "email": "ada@example.com", "phone": "+1 555 0100"},
        "metadata": {"channel": "web", "basket": "77"},
    });
    let key = [("idempotency-key", "k")];
    let first = post(&shop, &submitted, &key).await;
    assert_eq!(first.status, 201, "{:?}", first.body);
    for client in [&shop, &ops] {
        let order = seen(client, "/orders/A").await;
        for (name, value) in submitted.as_object().expect("an object") {
            assert_eq!(&order[name], value, "{name}");
        }
        assert_eq!(order["client"], "shop");
        assert_eq!((&order["amount"], &order["state"]), (&json!(5498), &json!("PAYMENT_AUTHORIZED")));
        assert!(order.get("work").is_none(), "it was not asked for");
    }
    assert_eq!(get(&other, "/orders/A").await.problem_code().as_deref(), Some("order_not_found"));
    // What was left out is told with its default.
    assert_eq!(post(&shop, &body("B", "S"), &[]).await.status, 201);
    let order = seen(&shop, "/orders/B").await;
    assert_eq!((&order["capture"], &order["metadata"]), (&json!("automatic"), &json!({})));
    // An address and a token have no place where many orders are looked at, nor in the answer to a submission.
    for client in [&shop, &ops] {
        let page = seen(client, "/orders?limit=10").await;
        let orders = page["orders"].as_array().expect("a page");
        assert_eq!(orders.len(), 2);
        for order in orders {
            assert!(SUBMITTED.iter().all(|name| order.get(name).is_none()), "{order}");
        }
    }
    assert_eq!(names(&first.json().expect("JSON")), ["amount", "currency", "order_id", "state", "version"]);
    for asked in [&key[..], &[("idempotency-key", "another")], &[]] {
        let again = post(&shop, &submitted, asked).await;
        assert_eq!((again.status, &again.body, again.is_replayed()), (201, &first.body, true), "{asked:?}");
    }
    // The command shows it all, to its owner too.
    for token in [&at.shop, &at.ops] {
        let sheet = at.orders(token, &["show", "A"]);
        for part in ["client         shop\n", "\"line2\":\"left door\"", "\"basket\":\"77\"", "capture        manual\n"]
        {
            assert!(sheet.contains(part), "{part:?} is not in\n{sheet}");
        }
        let row = |name: &str| sheet.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{sheet}"));
        let cells = |name: &str| row(name).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(cells("S  "), ["S", "2", "1999", "3998"]);
        assert_eq!(cells("T  "), ["T", "3", "-", "1000"]);
        assert_eq!(cells("shipping"), ["shipping", "500", "to", "the", "door"]);
    }
}

#[tokio::test]
async fn what_is_left_to_be_done_is_told_to_operators() {
    let participants = Participants::start().await;
    let remote =
        |name| format!("participants.{name} = {{ kind = \"http\", url = \"{}\" }}\n", participants.program.url);
    // Nobody here is patient enough for such a lease, or such a step timeout, to end.
    let at = Shop::open(&format!(
        "engine.lease_ms = 600000\nsaga.step_timeout_ms = 100000\n\
         saga.retry = {{ first_ms = 20, factor = 1.0, max_ms = 20, attempts = 2 }}\n{}{}",
        remote("payment"),
        remote("shipment")
    ))
    .await;
    let (shop, other, ops) = (at.with(&at.shop), at.with(&at.other), at.with(&at.ops));
    let later = [("prefer", "respond-async")];
    for (id, method) in [("STUCK", "pm_unknown"), ("SLOW", "pm_slow_90000")] {
        assert_eq!(post(&shop, &order(id, method, "1", false), &later).await.status, 202);
    }
    assert_eq!(post(&shop, &order("DONE", "pm_ok", "1", false), &[("prefer", "wait=30")]).await.status, 201);
    until("one waits for a human", async || !seen(&ops, "/orders/STUCK").await["attention"].is_null()).await;
    until("one is charged", async || participants.effects("SLOW", "charge") == 1).await;

    let stuck = seen(&ops, "/orders/STUCK?include=work").await;
    let rows = at.database.client().await;
    let sql = "SELECT attempts::int, last_error FROM order_work WHERE order_id = 'STUCK'";
    let row = rows.query_one(sql, &[]).await.expect("its row");
    let (attempts, last_error): (i32, Option<String>) = (row.get(0), row.get(1));
    let work = &stuck["work"];
    assert_eq!((&work["participant"], &work["action"]), (&json!("payment"), &json!("charge")), "{work}");
    assert_eq!((&work["attempts"], &work["last_error"]), (&json!(attempts), &json!(last_error)), "{work}");
    assert!(attempts >= 2 && last_error.is_some_and(|error| error.contains("500")), "{work}");
    assert_eq!((&work["next_try"], &work["owner"]), (&Value::Null, &Value::Null), "it waits for nobody's turn: {work}");
    assert!(work["deadline"].is_string() && work["intent_at"].is_string(), "{work}");

    let work = seen(&ops, "/orders/SLOW?include=work").await["work"].take();
    let address = at.serve.url.trim_start_matches("http://");
    assert_eq!((&work["owner_name"], &work["attempts"]), (&json!(address), &json!(0)), "{work}");
    assert!(work["owner"].is_string() && work["next_try"].is_string() && work["last_error"].is_null(), "{work}");
    let done = seen(&ops, "/orders/DONE?include=work").await;
    assert!(done.get("work").is_some_and(Value::is_null), "nothing is left to be done, and that is told: {done}");

    // It is for operators, and of somebody else's order there is nothing to be known at all.
    assert_eq!(get(&shop, "/orders/STUCK?include=work").await.status, 403);
    assert_eq!(get(&other, "/orders/STUCK?include=work").await.status, 404);
    assert!(seen(&shop, "/orders/STUCK?include=").await.get("work").is_none());
    for client in [&shop, &ops] {
        for query in ["include=wrok", "include=work&include=wrok", "include=work,wrok"] {
            let refused = get(client, &format!("/orders/STUCK?{query}")).await;
            let problem: Value = refused.json().expect("JSON");
            assert_eq!((refused.status, &problem["code"]), (400, &json!("invalid_request")), "{query}: {problem}");
            assert_eq!(problem["errors"][0]["parameter"], "include", "{problem}");
            let detail = problem["detail"].as_str().expect("words");
            assert!(detail.contains("wrok") && detail.contains("must be work"), "{detail}");
        }
    }

    let sheet = at.orders(&at.ops, &["show", "STUCK"]);
    for name in ["participant", "action", "last_error"] {
        let line = format!("{name:<14} {}\n", stuck["work"][name].as_str().expect("words"));
        assert!(sheet.contains(&line), "{line:?} is not in\n{sheet}");
    }
    let sheet = at.orders(&at.shop, &["show", "STUCK"]);
    assert!(sheet.contains("payment_method pm_unknown\n") && !sheet.contains("left to be done"), "{sheet}");
    let reason = stuck["attention"]["reason"].as_str().expect("a reason");
    assert!(reason.len() > 60, "one that is long enough to be cut: {reason}");
    let list = at.orders(&at.ops, &["list", "--attention"]);
    assert!(list.lines().any(|line| line.starts_with("STUCK ") && line.ends_with(&format!("  {reason}"))), "{list}");
}

async fn metrics(client: &Client) -> String {
    String::from_utf8(get(client, "/metrics").await.body.to_vec()).expect("text")
}

/// What a series says.
#[track_caller]
fn counted(metrics: &str, series: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{series} is not in\n{metrics}")).parse().expect("a number")
}

#[tokio::test]
async fn problems_and_failures_are_counted_by_their_codes() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let config = format!("database.url = \"{}\"\nfaults.enabled = true\n", database.url());
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let client = serve.client();
    let level = [("content-type", "application/json")];
    let set = send(&client, "PUT", "/inventory/S", &level, json!({"on_hand": 5}).to_string()).await;
    assert_eq!(set.expect("an answer").status, 201);
    let problem = |code: &str| format!("counterfoil_problems_total{{code=\"{code}\"}}");
    let ended =
        |state: &str, failure: &str| format!("counterfoil_orders_total{{state=\"{state}\",failure=\"{failure}\"}}");
    let failures = ["out_of_stock", "payment_declined", "shipment_failed", "order_cancelled"];
    let before = metrics(&client).await;
    for failure in failures {
        assert_eq!((counted(&before, &ended("CANCELLED", failure)), counted(&before, &problem(failure))), (0, 0));
    }
    for code in ["order_not_found", "invalid_request", "wrong_state", "too_many_keys", "overloaded", "other"] {
        assert_eq!(counted(&before, &problem(code)), 0, "from the start");
    }
    assert_eq!(counted(&before, &ended("COMPLETED", "")), 0);

    let with = |id: &str, name: &str, value: Value| {
        let mut body = body(id, "S");
        body[name] = value;
        body
    };
    let mut short = body("SHORT", "S");
    short["lines"][0]["quantity"] = 9.into();
    let mut unshipped = body("BACK", "S");
    unshipped["ship_to"]["postal_code"] = "SHIP-FAIL".into();
    let manual = with("MANUAL", "capture", "manual".into());
    let sent = [
        (body("DONE", "S"), 201),
        (with("DECLINED", "payment_method", "pm_declined".into()), 402),
        (with("DECLINED", "payment_method", "pm_declined".into()), 402),
        (short, 409),
        (unshipped, 500),
        (manual, 201),
        (with("DONE", "customer_id", "cus-8".into()), 409),
        (with("ODD", "currency", "bucks".into()), 400),
    ];
    for (order, status) in &sent {
        assert_eq!(post(&client, order, &[]).await.status, *status, "{order}");
    }
    let verb = async |path: &str, key: &str| {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let asked = json!({"reason": "no"}).to_string();
        send(&client, "POST", path, &headers, asked).await.expect("an answer").status
    };
    assert_eq!(verb("/orders/MANUAL/cancel", "c").await, 201);
    assert_eq!(verb("/orders/DONE/cancel", "c").await, 409);
    assert_eq!(verb("/orders/DONE/cancel", "c").await, 409, "the stored one again");
    assert_eq!(get(&client, "/orders/NONE").await.status, 404);
    assert_eq!(get(&client, "/nowhere").await.status, 404);

    let after = metrics(&client).await;
    let expected = [
        ("payment_declined", 2),
        ("out_of_stock", 1),
        ("shipment_failed", 1),
        ("order_exists", 1),
        ("invalid_request", 1),
        ("wrong_state", 2),
        ("order_not_found", 1),
        ("not_found", 1),
    ];
    for (code, times) in expected {
        assert_eq!(counted(&after, &problem(code)), times, "{code}");
    }
    let told = |text: &str| -> u64 {
        let lines = text.lines().filter(|line| line.starts_with("counterfoil_problems_total{"));
        lines.map(|line| line.rsplit(' ').next().expect("a value").parse::<u64>().expect("a number")).sum()
    };
    let not_ready = told(&before); // while it was being waited for
    assert_eq!(told(&after) - not_ready, expected.iter().map(|(_, times)| times).sum::<u64>(), "and no other");
    for failure in failures {
        assert_eq!(counted(&after, &ended("CANCELLED", failure)), 1, "{failure}");
    }
    assert_eq!(counted(&after, &ended("COMPLETED", "")), 1);
    assert!(!after.contains("card_declined"), "a participant's words are no label");
}
