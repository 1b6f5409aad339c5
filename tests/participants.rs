//! The simulated participants as a process: what they answered survives kill -9, every test token does what it says,
//! webhooks are signed, and the conformance check tells a participant that keeps the contract from one that does not.

use std::collections::HashMap;
use std::io::Read as _;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use counterfoil::client::{Client, ClientError, HttpAnswer};
use counterfoil::participants::signature::Secret;
use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::engine::PATIENCE;
use crate::support::program::{Folder, PROGRAM, Program, send};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn charge(order: &str, method: &str) -> Value {
    json!({"order_id": order, "customer_id": "c", "amount": 500, "currency": "USD", "payment_method": method})
}

fn ship(order: &str, postal_code: &str) -> Value {
    let ship_to = json!({"name": "A", "line1": "1 Road", "city": "X", "postal_code": postal_code, "country": "US"});
    json!({"order_id": order, "lines": [{"sku": "S", "quantity": 1}], "ship_to": ship_to})
}

fn reserve(order: &str) -> Value {
    json!({"order_id": order, "lines": [{"sku": "S", "quantity": 1}]})
}

fn undo(order: &str, keys: &[Uuid]) -> Value {
    let keys: Vec<Value> = keys.iter().map(|key| json!({"key": key})).collect();
    json!({"order_id": order, "undoes": keys})
}

async fn try_call(client: &Client, action: &str, key: Uuid, body: &Value) -> Result<HttpAnswer, ClientError> {
    let (path, key) = (format!("/{action}"), key.to_string());
    send(client, "POST", &path, &[("idempotency-key", key.as_str())], body.to_string()).await
}

async fn call(client: &Client, action: &str, key: Uuid, body: &Value) -> HttpAnswer {
    try_call(client, action, key, body).await.expect("an answer")
}

/// The status of an answer; 0 where the connection ended without one.
async fn status(client: &Client, action: &str, key: Uuid, body: &Value) -> u16 {
    match try_call(client, action, key, body).await {
        Ok(answer) => answer.status,
        Err(ClientError::Exchange { .. }) => 0,
        Err(error) => panic!("{action} {body}: {error}"),
    }
}

fn reason(answer: &HttpAnswer) -> String {
    answer.json::<Value>().expect("JSON")["reason"].as_str().unwrap_or_default().to_owned()
}

async fn operations(client: &Client, order: &str) -> Vec<Value> {
    let told = client.get(&format!("/operations/{order}")).await.expect("an answer");
    assert_eq!(told.status, 200);
    told.json::<Value>().expect("JSON")["operations"].as_array().expect("operations").clone()
}

fn ledger_of(folder: &Folder) -> PathBuf {
    folder.0.join("ledger.jsonl")
}

fn lines(folder: &Folder) -> Vec<Value> {
    let text = std::fs::read_to_string(ledger_of(folder)).expect("read the ledger");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn log(folder: &Folder) -> String {
    std::fs::read_to_string(folder.0.join("participants.log")).expect("read the log")
}

/// What many clients send until the process dies under them: one key after the other, each twice at once. Gives back
/// what was answered, and what was sent.
async fn load(
    client: Client,
    number: usize,
    answered: Arc<AtomicU64>,
) -> Vec<(Uuid, &'static str, Value, Option<HttpAnswer>)> {
    let mut sent = Vec::new();
    for n in 0.. {
        let order = format!("K-{number}-{n}");
        let (key, (action, body)) = (
            Uuid::new_v4(),
            match n % 3 {
                0 => ("charge", charge(&order, "pm_ok")),
                1 => ("reserve", reserve(&order)),
                _ => ("charge", charge(&order, "pm_declined")),
            },
        );
        let (one, two) = tokio::join!(try_call(&client, action, key, &body), try_call(&client, action, key, &body));
        if let (Ok(one), Ok(two)) = (&one, &two) {
            assert_eq!(one.body, two.body);
        }
        let is_over = one.is_err() || two.is_err();
        let answer = one.or(two).ok();
        answered.fetch_add(u64::from(answer.is_some()), Ordering::Relaxed);
        sent.push((key, action, body, answer));
        if is_over {
            break;
        }
    }
    sent
}

#[tokio::test]
async fn what_was_answered_survives_kill_9_under_load() {
    let folder = Folder::new();
    let mut sent = Vec::new();
    for _ in 0..3 {
        let mut program = Program::participants(&folder, &[]).await;
        let answered = Arc::new(AtomicU64::new(0));
        let clients = (0..32).map(|n| tokio::spawn(load(program.client(), n, Arc::clone(&answered))));
        let clients: Vec<_> = clients.collect();
        let deadline = Instant::now() + PATIENCE;
        while answered.load(Ordering::Relaxed) < 300 {
            assert!(Instant::now() < deadline, "too few answers");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        program.kill();
        for client in clients {
            sent.extend(client.await.expect("a client"));
        }
    }
    let program = Program::participants(&folder, &[]).await;
    let client = program.client();
    for (key, action, body, answer) in &sent {
        let again = call(&client, action, *key, body).await;
        if let Some(answer) = answer {
            assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{action} {body}");
            assert!(again.is_replayed());
        }
    }
    let mut effects: HashMap<String, usize> = HashMap::new();
    for line in lines(&folder) {
        *effects.entry(line["key"].as_str().expect("a key").to_owned()).or_default() += 1;
    }
    for (key, action, body, _) in &sent {
        let is_effect = body["payment_method"] != "pm_declined";
        let found = effects.remove(&key.to_string()).unwrap_or(0);
        assert_eq!(found, usize::from(is_effect), "{action} {body}");
    }
    assert!(effects.is_empty(), "effects of keys that were never sent: {effects:?}");
}

#[tokio::test]
async fn a_torn_line_is_cut_off_and_a_corrupt_one_refused() {
    let folder = Folder::new();
    let mut program = Program::participants(&folder, &[]).await;
    let (done, declined) = (Uuid::new_v4(), Uuid::new_v4());
    let first = call(&program.client(), "charge", done, &charge("T", "pm_ok")).await;
    let refused = call(&program.client(), "charge", declined, &charge("T", "pm_declined")).await;
    program.kill();
    let whole = std::fs::read_to_string(ledger_of(&folder)).expect("read");
    std::fs::write(ledger_of(&folder), whole.clone() + &whole[..whole.len() - 1]).expect("write");
    let mut program = Program::participants(&folder, &[]).await;
    assert!(log(&folder).contains("ledger.jsonl: cut off"), "{}", log(&folder));
    assert_eq!(std::fs::read_to_string(ledger_of(&folder)).expect("read"), whole);
    assert_eq!(call(&program.client(), "charge", done, &charge("T", "pm_ok")).await.body, first.body);
    assert_eq!(call(&program.client(), "charge", declined, &charge("T", "pm_declined")).await.body, refused.body);
    program.kill();
    std::fs::write(ledger_of(&folder), format!("{whole}{{\"key\":1}}\n{whole}")).expect("write");
    let told = Command::new(PROGRAM)
        .args(["participants", "--listen", "127.0.0.1:0", "--ledger"])
        .arg(ledger_of(&folder))
        .output()
        .expect("run it");
    let error = String::from_utf8_lossy(&told.stderr).into_owned();
    assert_eq!(told.status.code(), Some(1), "{error}");
    assert!(error.contains("ledger.jsonl:2: the line is corrupt"), "{error}");
}

#[tokio::test]
async fn a_ledger_has_one_process_and_sigterm_ends_it_in_order() {
    let folder = Folder::new();
    let mut program = Program::participants(&folder, &[]).await;
    let second = Command::new(PROGRAM)
        .args(["participants", "--listen", "127.0.0.1:0", "--ledger"])
        .arg(ledger_of(&folder))
        .output()
        .expect("run it");
    let error = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(1), "{error}");
    assert!(error.contains("another process writes this ledger") && second.stdout.is_empty(), "{error}");
    // A connection that is held open does not hold up the end.
    let hung = tokio::spawn({
        let client = program.client();
        async move { try_call(&client, "charge", Uuid::new_v4(), &charge("H", "pm_timeout_after_charge")).await }
    });
    let deadline = Instant::now() + PATIENCE;
    while operations(&program.client(), "H").await.is_empty() {
        assert!(Instant::now() < deadline, "the charge never took effect");
    }
    assert!(!hung.is_finished());
    assert_eq!(program.terminate().await, Some(0));
    assert!(hung.await.expect("a task").is_err(), "the hung call ends without an answer");
}

/// The disk is full, as far as this process can tell: its files may not grow beyond 8 kB.
#[tokio::test]
async fn an_effect_that_cannot_be_written_is_not_answered() {
    let folder = Folder::new();
    let (ledger, out) = (ledger_of(&folder), folder.0.join("out"));
    // 25 is SIGXFSZ: ignored, so that the write fails instead.
    let script = format!(
        "trap '' 25; ulimit -f 16; exec {PROGRAM} participants --listen 127.0.0.1:0 --ledger {} >{} 2>&1",
        ledger.display(),
        out.display()
    );
    let mut program = Program::shell(&folder, &script, &out).await;
    let client = program.client();
    let mut answered = Vec::new();
    for _ in 0..1_000 {
        let key = Uuid::new_v4();
        match try_call(&client, "charge", key, &charge("F", "pm_ok")).await {
            Ok(answer) => answered.push((key, answer)),
            Err(_) => break,
        }
    }
    assert!((5..100).contains(&answered.len()), "{} of 1000 fit into 8 kB", answered.len());
    assert_eq!(program.process.wait().expect("wait").code(), None, "it was aborted");
    let told = std::fs::read_to_string(&out).expect("read");
    assert!(told.contains("the ledger cannot be written"), "{told}");
    let program = Program::participants(&folder, &[]).await;
    for (key, answer) in answered {
        let again = call(&program.client(), "charge", key, &charge("F", "pm_ok")).await;
        assert!(again.is_replayed() && again.body == answer.body);
    }
}

/// The process that `--die-with-parent` names is a shell, which is killed.
#[tokio::test]
async fn it_dies_with_its_parent() {
    let folder = Folder::new();
    let out = folder.0.join("out");
    let script = format!(
        "{PROGRAM} participants --listen 127.0.0.1:0 --ledger {} --die-with-parent=$$ >{} & wait",
        ledger_of(&folder).display(),
        out.display()
    );
    let mut shell = Program::shell(&folder, &script, &out).await;
    let client = shell.client();
    assert_eq!(client.get("/livez").await.expect("it lives").status, 200);
    shell.kill();
    let deadline = Instant::now() + PATIENCE;
    while client.get("/livez").await.is_ok() {
        assert!(Instant::now() < deadline, "it outlived its parent");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn payment_tokens_do_what_they_say() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &["--hang-ms", "300"]).await;
    let client = program.client();
    let statuses = |method: &'static str, times: usize| {
        let client = client.clone();
        async move {
            let (key, mut statuses) = (Uuid::new_v4(), Vec::new());
            for _ in 0..times {
                statuses.push(status(&client, "charge", key, &charge(method, method)).await);
            }
            statuses
        }
    };
    assert_eq!(statuses("pm_ok", 2).await, [200, 200]);
    assert_eq!(statuses("tok_of_another_provider", 1).await, [200]);
    assert_eq!(statuses("pm_declined", 2).await, [402, 402]);
    assert_eq!(statuses("pm_odd", 2).await, [422, 422]);
    assert_eq!(statuses("pm_error_2", 4).await, [500, 500, 200, 200]);
    assert_eq!(statuses("pm_unknown", 3).await, [500, 500, 500]);
    assert_eq!(statuses("pm_timeout_after_charge", 2).await, [0, 200]);
    for (method, effects) in
        [("pm_declined", 0), ("pm_unknown", 0), ("pm_error_2", 1), ("pm_timeout_after_charge", 1), ("pm_ok", 1)]
    {
        let done = operations(&client, method).await.into_iter().filter(|operation| operation["outcome"] == "done");
        assert_eq!(done.count(), effects, "{method}");
    }
}

#[tokio::test]
async fn a_slow_answer_concerns_the_first_call_only() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &["--hang-ms", "60000"]).await;
    let client = program.client();
    for (action, body) in [
        ("charge", charge("pm_slow", "pm_slow_60000")),
        ("authorize", charge("pm_lost", "pm_timeout_after_charge")),
        ("ship", ship("ship_slow", "SHIP-SLOW-60000")),
        ("ship", ship("ship_lost", "SHIP-TIMEOUT")),
    ] {
        let key = Uuid::new_v4();
        let first = tokio::spawn({
            let (client, body) = (client.clone(), body.clone());
            async move { try_call(&client, action, key, &body).await }
        });
        // The effect is there, and a repeat answers, while the first call still waits.
        let deadline = Instant::now() + PATIENCE;
        while operations(&client, body["order_id"].as_str().expect("an order")).await.is_empty() {
            assert!(Instant::now() < deadline, "{body}: no effect");
        }
        let again = call(&client, action, key, &body).await;
        assert!(again.status == 200 && again.is_replayed() && !first.is_finished(), "{body}");
        first.abort();
    }
    let (key, begun) = (Uuid::new_v4(), Instant::now());
    assert_eq!(call(&client, "charge", key, &charge("slow", "pm_slow_200")).await.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn refund_errors_strike_refunds_and_the_refund_in_a_void() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let client = program.client();
    let (charged, authorized, captured) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    assert_eq!(call(&client, "charge", charged, &charge("R", "pm_refund_error_2")).await.status, 200);
    assert_eq!(call(&client, "authorize", authorized, &charge("V", "pm_refund_error_1")).await.status, 200);
    let mut refund = undo("R", &[charged]);
    (refund["amount"], refund["currency"]) = (json!(200), json!("USD"));
    let capture = json!({"order_id": "V", "amount": 400, "currency": "USD", "authorization": {"key": authorized}});
    assert_eq!(call(&client, "capture", captured, &capture).await.status, 200);
    let statuses = async |action: &'static str, body: &Value, times: usize| {
        let (key, mut statuses) = (Uuid::new_v4(), Vec::new());
        for _ in 0..times {
            statuses.push(call(&client, action, key, body).await.status);
        }
        statuses
    };
    assert_eq!(statuses("refund", &refund, 4).await, [500, 500, 200, 200]);
    // Counted by key: another refund of the same payment fails as often.
    assert_eq!(statuses("refund", &refund, 3).await, [500, 500, 200]);
    assert_eq!(statuses("void", &undo("V", &[authorized, captured]), 3).await, [500, 200, 200]);
    let refunds: Vec<_> = lines(&folder)
        .into_iter()
        .filter(|line| line["action"] == "refund")
        .map(|line| (line["order_id"].clone(), line["amount"].clone()))
        .collect();
    assert_eq!(refunds, [(json!("R"), json!(200)), (json!("R"), json!(200)), (json!("V"), json!(400))]);
}

#[tokio::test]
async fn shipment_tokens_do_what_they_say() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &["--hang-ms", "50"]).await;
    let client = program.client();
    for (postal_code, expected) in [
        ("12345", &[200, 200][..]),
        ("SHIP-FAIL", &[422, 422]),
        ("SHIP-ERROR-1", &[500, 200, 200]),
        ("SHIP-TIMEOUT", &[0, 200]),
        ("SHIP-SLOW-1", &[200, 200]),
        ("SHIP-ODD", &[422]),
    ] {
        let key = Uuid::new_v4();
        for expected in expected {
            let told = status(&client, "ship", key, &ship(postal_code, postal_code)).await;
            assert_eq!(told, *expected, "{postal_code}");
        }
    }
    let refused = call(&client, "ship", Uuid::new_v4(), &ship("F", "SHIP-FAIL")).await;
    assert_eq!(reason(&refused), "carrier_refused");
}

#[tokio::test]
async fn stock_and_skus_are_those_of_the_command_line() {
    let folder = Folder::new();
    let skus = folder.file("skus", "S\nT\n");
    let skus = skus.to_str().expect("text");
    let program = Program::participants(&folder, &["--stock", "1", "--skus", skus]).await;
    let client = program.client();
    assert_eq!(call(&client, "reserve", Uuid::new_v4(), &reserve("A")).await.status, 200);
    let short = call(&client, "reserve", Uuid::new_v4(), &reserve("B")).await;
    let expected = json!({"reason": "out_of_stock", "shortages": [{"sku": "S", "requested": 1, "available": 0}]});
    assert_eq!((short.status, short.json::<Value>().expect("JSON")), (409, expected));
    let unknown = json!({"order_id": "C", "lines": [{"sku": "U", "quantity": 1}]});
    let unknown = call(&client, "reserve", Uuid::new_v4(), &unknown).await;
    assert_eq!((unknown.status, reason(&unknown)), (422, "unknown_sku".into()));
}

#[tokio::test]
async fn rates_strike_before_or_after_the_effect() {
    for (rates, statuses, effects) in [
        (&["--rate-error-after", "1"][..], &[500, 200][..], 1),
        (&["--rate-sticky-error", "1"], &[500, 500, 500], 0),
        (&["--rate-timeout", "1", "--hang-ms", "20"], &[0, 200], 1),
        (&["--rate-slow", "1", "--slow-ms", "20"], &[200, 200], 1),
        (&["--rate-error", "1"], &[500, 500], 0),
    ] {
        let folder = Folder::new();
        let program = Program::participants(&folder, rates).await;
        let key = Uuid::new_v4();
        for expected in statuses {
            let told = status(&program.client(), "charge", key, &charge("R", "pm_ok")).await;
            assert_eq!(told, *expected, "{rates:?}");
        }
        assert_eq!(lines(&folder).len(), effects, "{rates:?}");
    }
    // The same key under the same seed fares alike in another process.
    let mut fates = Vec::new();
    for _ in 0..2 {
        let folder = Folder::new();
        let program = Program::participants(&folder, &["--rate-error", "0.5", "--seed", "11"]).await;
        let client = program.client();
        let calls = (1..40_u128).map(|n| {
            let (client, body) = (client.clone(), charge(&n.to_string(), "pm_ok"));
            async move { call(&client, "charge", Uuid::from_u128(n), &body).await.status }
        });
        fates.push(join_all(calls).await);
    }
    assert_eq!(fates[0], fates[1]);
    assert!(fates[0].contains(&500) && fates[0].contains(&200));
}

#[tokio::test]
async fn a_wrong_request_is_no_refusal() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let client = program.client();
    let key = Uuid::new_v4().to_string();
    let good = charge("W", "pm_ok").to_string();
    let headers = [("idempotency-key", key.as_str())];
    for (path, headers, body, status) in [
        ("/charge", &headers[..], "{}".to_owned(), 400),
        ("/charge", &headers, "{".to_owned(), 400),
        ("/charge", &[], good.clone(), 400),
        ("/charge", &[("idempotency-key", "1")], good.clone(), 400),
        ("/pay", &headers, good.clone(), 404),
        ("/charge", &headers, " ".repeat(2 << 20), 413),
    ] {
        let told = send(&client, "POST", path, headers, body).await.expect("an answer");
        assert_eq!(told.status, status, "{path}");
        assert_eq!(told.header("content-type"), Some("application/problem+json"));
        assert!(told.problem_code().is_some());
    }
    // What the contract may grow by is ignored; a quoted key is the same key.
    let mut grown = charge("W", "pm_ok");
    grown["of_a_later_version"] = json!({"a": [1]});
    let quoted = format!("\"{key}\"");
    let told = send(&client, "POST", "/charge", &[("idempotency-key", &quoted)], grown.to_string()).await;
    assert_eq!(told.expect("an answer").status, 200);
    assert!(send(&client, "POST", "/charge", &headers, good).await.expect("an answer").is_replayed());
    let document: Value = client.get("/openapi.json").await.expect("an answer").json().expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
}

/// What came to a receiver of webhooks: path, id, body.
type Received = Arc<Mutex<Vec<(String, String, Value)>>>;

/// A receiver that fails the first delivery, and takes only what is signed.
async fn receive(req: HttpRequest, body: web::Bytes, received: web::Data<(Received, AtomicU64)>) -> HttpResponse {
    let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, stamp) = (header("webhook-id"), header("webhook-timestamp"));
    let secret = Secret::parse(SECRET).expect("a secret");
    if !secret.verify(id, stamp, &body, header("webhook-signature")) {
        return HttpResponse::Unauthorized().finish();
    }
    if received.1.fetch_add(1, Ordering::SeqCst) == 0 {
        return HttpResponse::ServiceUnavailable().finish();
    }
    let body = serde_json::from_slice(&body).expect("JSON");
    received.0.lock().expect("a lock").push((req.path().to_owned(), id.to_owned(), body));
    HttpResponse::NoContent().finish()
}

#[tokio::test]
async fn webhooks_are_signed_and_sent_until_they_are_taken() {
    let received: Received = Arc::default();
    let data = web::Data::new((Arc::clone(&received), AtomicU64::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/webhooks", listener.local_addr().expect("its address"));
    let server = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(receive)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listen")
        .run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let folder = Folder::new();
    let more = ["--webhooks", &url, "--webhook-secret", SECRET, "--rate-webhook-duplicate", "1"];
    let more = [&more[..], &["--rate-webhook-reorder", "0.5"]].concat();
    let program = Program::participants(&folder, &more).await;
    let client = program.client();
    for n in 0..5 {
        let order = format!("W-{n}");
        assert_eq!(call(&client, "charge", Uuid::new_v4(), &charge(&order, "pm_ok")).await.status, 200);
        assert_eq!(call(&client, "ship", Uuid::new_v4(), &ship(&order, "1")).await.status, 200);
        assert_eq!(call(&client, "reserve", Uuid::new_v4(), &reserve(&order)).await.status, 200);
        // No effect, no event.
        assert_eq!(call(&client, "charge", Uuid::new_v4(), &charge(&order, "pm_declined")).await.status, 402);
    }
    let deadline = Instant::now() + PATIENCE;
    while received.lock().expect("a lock").len() < 30 {
        assert!(Instant::now() < deadline, "{:?}", received.lock());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut deliveries: HashMap<String, usize> = HashMap::new();
    let taken = received.lock().expect("a lock").clone();
    for (path, id, event) in &taken {
        *deliveries.entry(id.clone()).or_default() += 1;
        assert_eq!(event["type"], "operation.updated");
        let participant = match event["action"].as_str() {
            Some("charge") => "payment",
            Some("ship") => "shipment",
            _ => "inventory",
        };
        assert_eq!(*path, format!("/webhooks/{participant}"));
        let order = event["order_id"].as_str().expect("an order");
        let told = operations(&client, order).await;
        assert!(told.iter().any(|operation| operation["key"] == event["key"]), "an event of an effect");
    }
    assert_eq!(deliveries.len(), 15);
    assert!(deliveries.values().all(|count| *count == 2), "a duplicate bears the same id: {deliveries:?}");
    handle.stop(false).await;
    serving.await.expect("a task").expect("a server");
}

fn check(url: &str, more: &[&str]) -> (Option<i32>, String) {
    let told = Command::new(PROGRAM).args(["participants", "--check", url]).args(more).output().expect("run the check");
    (told.status.code(), String::from_utf8(told.stdout).expect("text") + &String::from_utf8_lossy(&told.stderr))
}

#[tokio::test]
async fn the_simulated_participants_pass_the_check() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &["--step", "points"]).await;
    let (code, told) = check(&program.url, &[]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.ends_with("checks hold\n"), "{told}");
    let (code, told) = check(&program.url, &["--role", "step", "--step", "points", "--json"]);
    let report: Value = serde_json::from_str(&told).expect("JSON");
    assert!(code == Some(0) && report["checks"].as_array().is_some_and(|checks| checks.len() == 6), "{told}");
    let (code, told) = check(&program.url, &["--role", "step", "--step", "elsewhere"]);
    assert!(code == Some(1) && told.contains("404"), "nobody does that one here: {told}");
    assert_eq!(check(&program.url, &["--role", "step"]).0, Some(2), "which one?");
    let (code, told) = check(&program.url, &["--role", "shipment", "--json"]);
    let report: Value = serde_json::from_str(&told).expect("JSON");
    let checks = report["checks"].as_array().expect("checks");
    assert!(code == Some(0) && report["ok"] == true && checks.len() > 3);
    assert!(checks.iter().all(|check| check["role"] == "shipment"));
    // Failures that a caller can outlive are no breach of the contract.
    let folder = Folder::new();
    let program = Program::participants(&folder, &["--rate-error", "0.2", "--rate-error-after", "0.2"]).await;
    let (code, told) = check(&program.url, &[]);
    assert_eq!(code, Some(0), "{told}");
}

/// A participant that breaks the contract: it stands before one that keeps it, and answers an undo of a key that is
/// not known with a tombstone that it does not record.
async fn forget(req: HttpRequest, body: web::Bytes, behind: web::Data<String>) -> HttpResponse {
    let client = Client::anonymous(&behind).expect("a client");
    let asked: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(undoes) = asked["undoes"].as_array() {
        let known = operations(&client, asked["order_id"].as_str().expect("an order")).await;
        let is_known = |step: &Value| known.iter().any(|operation| operation["key"] == step["key"]);
        if !undoes.iter().any(is_known) {
            return HttpResponse::Ok().json(json!({"reference": "t", "tombstone": true}));
        }
    }
    let key = req.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let headers = [("idempotency-key", key)];
    let told = send(&client, req.method().as_str(), req.path(), &headers, body.to_vec()).await.expect("an answer");
    let status = actix_web::http::StatusCode::from_u16(told.status).expect("a status");
    HttpResponse::build(status).body(told.body)
}

#[tokio::test]
async fn the_check_names_what_a_participant_breaks() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let behind = web::Data::new(program.url.clone());
    let server = HttpServer::new(move || App::new().app_data(behind.clone()).default_service(web::to(forget)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listen")
        .run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let (code, told) = tokio::task::spawn_blocking(move || check(&url, &["--json"])).await.expect("a task");
    let report: Value = serde_json::from_str(&told).expect("JSON");
    let checks = report["checks"].as_array().expect("checks");
    let failed: Vec<_> =
        checks.iter().filter(|check| check["holds"] == false).map(|check| check["name"].as_str().unwrap()).collect();
    let expected = ["void", "refund", "cancel", "release"].map(|undo| format!("{undo}_first_leaves_a_tombstone"));
    assert_eq!((code, failed), (Some(1), expected.iter().map(String::as_str).collect()), "{told}");
    assert!(checks.iter().all(|check| check["holds"] == check["detail"].is_null()));
    handle.stop(false).await;
    serving.await.expect("a task").expect("a server");
    // Where nobody listens, it is no breach but a failure, told once.
    let (code, told) = check("http://127.0.0.1:1", &[]);
    assert!(code == Some(1) && told.contains("no participant answers"), "{told}");
}

/// A participant that keeps to itself what its operations were: of goods the order, of money the currency.
async fn keep_silent(req: HttpRequest, body: web::Bytes, behind: web::Data<String>) -> HttpResponse {
    let client = Client::anonymous(&behind).expect("a client");
    let key = req.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let headers: &[(&str, &str)] = if key.is_empty() { &[] } else { &[("idempotency-key", key)] };
    let told = send(&client, req.method().as_str(), req.path(), headers, body.to_vec()).await.expect("an answer");
    let mut answer: Value = serde_json::from_slice(&told.body).expect("JSON");
    for operation in answer["operations"].as_array_mut().into_iter().flatten() {
        let fields = operation.as_object_mut().expect("an operation");
        let is_of_money = fields.remove("currency").is_some();
        if !is_of_money {
            fields.remove("order_id");
        }
    }
    let status = actix_web::http::StatusCode::from_u16(told.status).expect("a status");
    HttpResponse::build(status).json(answer)
}

#[tokio::test]
async fn the_check_names_what_a_participant_keeps_to_itself() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let behind = web::Data::new(program.url.clone());
    let server = HttpServer::new(move || App::new().app_data(behind.clone()).default_service(web::to(keep_silent)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listen")
        .run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let (code, told) = tokio::task::spawn_blocking(move || check(&url, &["--json"])).await.expect("a task");
    let report: Value = serde_json::from_str(&told).expect("JSON");
    let failed = report["checks"].as_array().expect("checks").iter().filter(|check| check["holds"] == false);
    let failed: Vec<_> =
        failed.map(|check| (check["name"].as_str().unwrap(), check["detail"].as_str().unwrap())).collect();
    let names: Vec<_> = failed.iter().map(|(name, _)| *name).collect();
    let expected = ["payment", "shipment", "reservation"].map(|what| format!("operations_tell_what_the_{what}_is"));
    assert_eq!((code, names), (Some(1), expected.iter().map(String::as_str).collect()), "{told}");
    assert!(
        failed[0].1.contains("without its own currency") && failed[1].1.contains("without its own order_id"),
        "{told}"
    );
    handle.stop(false).await;
    serving.await.expect("a task").expect("a server");
}

#[test]
fn a_check_sends_no_operators_token() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let hears = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a call");
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
            head.push(byte[0]);
        }
        String::from_utf8_lossy(&head).to_lowercase()
    });
    let mut check = Command::new(PROGRAM);
    check.args(["participants", "--check", &url]).env("COUNTERFOIL_TOKEN", "an-operators-token");
    let output = check.output().expect("run it");
    assert_eq!(output.status.code(), Some(1), "nobody answers there");
    let head = hears.join().expect("it heard a call");
    assert!(head.contains("host:") && !head.contains("authorization"), "{head}");
}
