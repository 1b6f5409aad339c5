//! Promise: the engine's client of remote participants makes each call under its one key, takes for an outcome only
//! what is one, and ends within the step timeout whatever the other side does.

use std::path::Path;
use std::process::Command as Shell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use counterfoil::participants::http::{HttpParticipants, ParticipantSettings};
use counterfoil::participants::local::Local;
use counterfoil::ports::{Called, RemoteParticipants};
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{
    Action, Amount, Call, Client, Command, DeploymentId, Order, OrderId, Outcome, Plan, Timestamp,
};
use counterfoil::telemetry::Metrics;
use counterfoil_lab::process::Process;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::support::engine::{PATIENCE, request, until};
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

const DEPLOYMENT: DeploymentId = DeploymentId(Uuid::from_u128(11));
const ALL: Plan = Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT);
/// What tests that are not about the timeout give a call.
const LONG: Duration = PATIENCE;

fn settings(url: &str, step_timeout: Duration) -> ParticipantSettings {
    let url = Some(url.to_owned());
    ParticipantSettings {
        steps: Vec::new(),
        deployment: DEPLOYMENT,
        inventory: url.clone(),
        payment: url.clone(),
        shipment: url,
        step_timeout,
        payment_key_lifetime: Duration::from_secs(86_400),
        calls: 64,
    }
}

fn client_of(settings: ParticipantSettings) -> (HttpParticipants, Arc<Metrics>) {
    let metrics = Metrics::new(1);
    let runtime = tokio::runtime::Handle::current();
    (HttpParticipants::new(settings, Arc::clone(&metrics), runtime).expect("a client"), metrics)
}

/// An order of one unit at 100, with remote participants.
fn order(id: &str, payment_method: &str, postal_code: &str) -> Order {
    let mut request = request(&[("SKU-1", 1)], payment_method);
    request.details.ship_to.postal_code = postal_code.into();
    let (id, client) = (OrderId::trusted(id), Client::anonymous());
    let command = Command::Submit { id, client, request: Arc::new(request), saga: ALL.into() };
    let local = Local { test_tokens: true, plan: ALL };
    transaction::run(None, &command, Timestamp(0), &local, StockVerdict::Assumed).expect("a transaction").order
}

fn called(order: &Order, call: impl Into<Call>) -> Called {
    Called { order: Arc::new(order.clone()), call: call.into(), refund: None }
}

/// The reference of a call that is done.
#[track_caller]
fn reference(outcome: Outcome) -> Arc<str> {
    match outcome {
        Outcome::Done { reference: Some(reference), tombstone: false, .. } => reference,
        other => panic!("not done: {other:?}"),
    }
}

fn lines(ledger: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(ledger).expect("read the ledger");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// The actions of an order's lines, in order, with their amounts.
fn effects(ledger: &Path, order: &str) -> Vec<(String, Value)> {
    let lines = lines(ledger).into_iter().filter(|line| line["order_id"] == order);
    lines.map(|line| (line["action"].as_str().expect("an action").to_owned(), line["amount"].clone())).collect()
}

#[tokio::test]
async fn an_order_s_steps_are_made_undone_and_looked_up() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let (participants, metrics) = client_of(settings(&program.url, LONG));
    let mut order = order("ORD-1", "pm_ok", "1");
    let step = |order: &Order, action| participants.call(called(order, action));
    let seen = |order: &Order, call: Call| participants.look_up(called(order, call));
    assert_eq!(seen(&order, Action::Charge.into()).await, Outcome::Absent);
    assert_eq!(seen(&order, Call::LOOK_UP).await, Outcome::Absent);

    order.reservation = Some(reference(step(&order, Action::Reserve).await));
    order.payment.reference = Some(reference(step(&order, Action::Charge).await));
    order.shipment.reference = Some(reference(step(&order, Action::Ship).await));
    // A repeat is the same step.
    assert_eq!(Some(reference(step(&order, Action::Charge).await)), order.payment.reference);
    assert_eq!(Some(reference(seen(&order, Action::Ship.into()).await)), order.shipment.reference);
    let charged = Outcome::Done {
        reference: order.payment.reference.clone(),
        tombstone: false,
        captured: Amount(100),
        holds_ms: None,
    };
    assert_eq!(seen(&order, Call::LOOK_UP).await, charged);
    assert_eq!(participants.call(called(&order, Call::LOOK_UP)).await, charged, "there is no other way to ask");

    order.payment.captured = Amount(100);
    for action in [Action::CancelShipment, Action::Refund, Action::Release] {
        let first = reference(step(&order, action).await);
        assert_eq!(reference(step(&order, action).await), first, "{action}");
        assert_eq!(reference(seen(&order, action.into()).await), first, "{action}");
    }
    let expected = ["reserve", "charge", "ship", "cancel-shipment", "refund", "release"];
    let lines = lines(&folder.0.join("ledger.jsonl"));
    for (line, action) in lines.iter().zip(expected) {
        assert_eq!(line["action"], action);
        let key = DEPLOYMENT.step_key(&order.id, action, "").to_string();
        assert_eq!(line["key"], key, "{action}");
    }
    assert_eq!(lines.len(), expected.len());
    let text = metrics.encode();
    for line in [
        r#"counterfoil_participant_seconds_count{participant="payment",action="charge",outcome="done"} 2"#,
        r#"counterfoil_participant_seconds_count{participant="shipment",action="ship",outcome="done"} 1"#,
        r#"counterfoil_participant_seconds_count{participant="payment",action="look-up",outcome="absent"} 2"#,
        r#"counterfoil_participant_seconds_count{participant="payment",action="void",outcome="unknown"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn a_manual_payment_is_voided_whatever_became_of_it() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let (participants, _) = client_of(settings(&program.url, LONG));
    let manual = |id: &str| {
        let mut order = order(id, "pm_ok", "1");
        let request = Arc::make_mut(&mut order.request);
        request.details.capture = counterfoil::saga::Capture::Manual;
        order
    };
    for (id, steps, captured) in [
        ("NONE", &[][..], 0),
        ("HELD", &[Action::Authorize], 0),
        ("CAPTURED", &[Action::Authorize, Action::Capture], 60),
    ] {
        let mut order = manual(id);
        for step in steps {
            if *step == Action::Capture {
                order.payment.amount = Amount(60);
            }
            let told = Some(reference(participants.call(called(&order, *step)).await));
            match step {
                Action::Capture => order.payment.capture_reference = told,
                _ => order.payment.reference = told,
            }
        }
        let void = participants.call(called(&order, Action::Void)).await;
        let Outcome::Done { tombstone, captured: found, .. } = void else { panic!("{id}: {void:?}") };
        assert_eq!((tombstone, found), (steps.is_empty(), Amount(captured)), "{id}");
        // A call that comes too late is no declined card.
        let late = participants.call(called(&manual(id), Action::Authorize)).await;
        assert_eq!(late == Outcome::Unknown, steps.is_empty(), "{id}: {late:?}");
        let seen = participants.look_up(called(&order, Action::Void)).await;
        let Outcome::Done { captured: found, .. } = seen else { panic!("{id}: {seen:?}") };
        assert_eq!(found, Amount(captured), "{id}");
    }
}

#[tokio::test]
async fn refusals_are_told_and_a_client_s_refunds_have_keys_of_their_own() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &["--stock", "0"]).await;
    let (participants, _) = client_of(settings(&program.url, LONG));
    let declined = participants.call(called(&order("D", "pm_declined", "1"), Action::Charge)).await;
    assert_eq!(declined, Outcome::refused("card_declined"));
    let seen = participants.look_up(called(&order("D", "pm_declined", "1"), Action::Charge)).await;
    assert_eq!(seen, Outcome::refused("card_declined"));
    let unshipped = participants.call(called(&order("S", "pm_ok", "SHIP-FAIL"), Action::Ship)).await;
    assert_eq!(unshipped, Outcome::refused("carrier_refused"));
    let short = participants.call(called(&order("R", "pm_ok", "1"), Action::Reserve)).await;
    let Outcome::Refused { reason, shortages } = short else { panic!("{short:?}") };
    assert_eq!((reason.as_str(), shortages.len(), shortages[0].requested), ("out_of_stock", 1, 1));

    let mut order = order("B", "pm_ok", "1");
    order.payment.reference = Some(reference(participants.call(called(&order, Action::Charge)).await));
    order.payment.captured = Amount(100);
    let refund = |key: &str, amount: i64| counterfoil::saga::Refund {
        client: Client::trusted("shop"),
        key: counterfoil::saga::IdempotencyKey::trusted(key),
        amount: Amount(amount),
        reason: "broken".into(),
        restock: Vec::new(),
        status: counterfoil::saga::state::RefundStatus::Intended,
    };
    let asked = |key, amount| Called { refund: Some(refund(key, amount)), ..called(&order, Action::Refund) };
    let one = reference(participants.call(asked("r-1", 30)).await);
    assert_eq!(reference(participants.call(asked("r-1", 30)).await), one);
    assert_ne!(reference(participants.call(asked("r-2", 30)).await), one);
    assert_eq!(participants.call(asked("r-3", 41)).await, Outcome::refused("refund_exceeds_captured"));
    let (ledger, amount) = (folder.0.join("ledger.jsonl"), |amount: i64| json!(amount));
    let expected = [("charge", amount(100)), ("refund", amount(30)), ("refund", amount(30))];
    assert_eq!(effects(&ledger, "B"), expected.map(|(action, amount)| (action.to_owned(), amount)));
}

/// What stands there under the derived key is somebody else's: it is no answer, and no undo is sent that names it.
#[tokio::test]
async fn what_is_told_is_compared_with_what_was_asked() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let (participants, metrics) = client_of(settings(&program.url, LONG));
    let mut order = order("MIN-1", "pm_ok", "1");
    let key = DEPLOYMENT.step_key(&order.id, "charge", "").to_string();
    let foreign = json!({
        "order_id": "MIN-1", "customer_id": "other", "amount": 1, "currency": "USD", "payment_method": "pm_ok"
    });
    let headers = [("idempotency-key", key.as_str())];
    let planted = send(&program.client(), "POST", "/charge", &headers, foreign.to_string()).await.expect("an answer");
    assert_eq!(planted.status, 200);
    let says = "charge was asked for the amount 100 USD, the participant says 1 USD";
    let contradicted = Outcome::Contradicted { reason: says.to_owned() };
    assert_eq!(participants.call(called(&order, Action::Charge)).await, contradicted);
    assert_eq!(participants.look_up(called(&order, Action::Charge)).await, contradicted);
    assert_eq!(participants.call(called(&order, Call::LOOK_UP)).await, contradicted);
    assert_eq!(participants.call(called(&order, Action::Void)).await, contradicted);
    // Nor where it was believed by an earlier version of the program.
    (order.payment.captured, order.payment.known) = (Amount(100), true);
    assert_eq!(participants.call(called(&order, Action::Refund)).await, contradicted);
    assert_eq!(effects(&folder.0.join("ledger.jsonl"), "MIN-1"), [("charge".to_owned(), json!(1))]);
    let told = r#"counterfoil_participant_seconds_count{participant="payment",action="void",outcome="contradicted"} 1"#;
    assert!(metrics.encode().lines().any(|line| line == told), "{told}");
}

#[tokio::test]
async fn what_is_not_answered_in_time_is_unknown_and_repeated_under_its_key() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let (participants, _) = client_of(settings(&program.url, Duration::from_millis(300)));
    let ledger = folder.0.join("ledger.jsonl");
    for (id, method, postal_code, action) in [
        ("LOST", "pm_timeout_after_charge", "1", Action::Charge),
        ("SLOW", "pm_slow_60000", "1", Action::Charge),
        ("SHIP", "pm_ok", "SHIP-TIMEOUT", Action::Ship),
    ] {
        let order = order(id, method, postal_code);
        let began = Instant::now();
        assert_eq!(participants.call(called(&order, action)).await, Outcome::Unknown, "{id}");
        assert!(began.elapsed() >= Duration::from_millis(300), "{id}: it was waited for");
        let seen = reference(participants.look_up(called(&order, action)).await);
        assert_eq!(reference(participants.call(called(&order, action)).await), seen, "{id}");
        assert_eq!(effects(&ledger, id).len(), 1, "{id}");
    }
    let failing = order("ERR", "pm_error_2", "1");
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        outcomes.push(participants.call(called(&failing, Action::Charge)).await);
    }
    assert_eq!(outcomes[..2], [Outcome::Unknown, Outcome::Unknown]);
    reference(outcomes.remove(2));
}

#[tokio::test]
async fn sixty_four_calls_at_once_have_an_effect_each() {
    let folder = Folder::new();
    let program = Program::participants(&folder, &[]).await;
    let (participants, _) = client_of(ParticipantSettings { calls: 16, ..settings(&program.url, LONG) });
    let orders: Vec<Order> = (0..64).map(|n| order(&format!("C-{n}"), "pm_ok", "1")).collect();
    // Each twice at once: the key is what makes it one.
    let calls = orders.iter().chain(&orders).map(|order| participants.call(called(order, Action::Charge)));
    let mut references: Vec<Arc<str>> = join_all(calls).await.into_iter().map(reference).collect();
    references.sort();
    references.dedup();
    assert_eq!((references.len(), lines(&folder.0.join("ledger.jsonl")).len()), (64, 64));
}

/// What a server of a test does with each connection.
type Conduct = fn(TcpStream, Vec<u8>) -> futures_util::future::BoxFuture<'static, ()>;

/// A server that reads the head of a request and then does something.
async fn serve(conduct: Conduct) -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/v1/", listener.local_addr().expect("its address"));
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a client");
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
                    if stream.read_buf(&mut head).await.is_ok_and(|read| read == 0) {
                        return;
                    }
                }
                conduct(stream, head).await;
            });
        }
    });
    (url, serving)
}

async fn say(mut stream: TcpStream, answer: &str) {
    // An error means that the client has heard enough.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn with_length(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn whatever_is_no_answer_is_unknown() {
    let table: &[(&str, Conduct)] = &[
        ("closed", |_, _| Box::pin(async {})),
        ("reset", |stream, _| Box::pin(async move { drop(stream.set_zero_linger()) })),
        ("no HTTP", |stream, _| Box::pin(async move { say(stream, "SSH-2.0-OpenSSH_9.2\r\n").await })),
        ("half a head", |stream, _| Box::pin(async move { say(stream, "HTTP/1.1 200 OK\r\nContent-Le").await })),
        ("half a body", |stream, _| {
            Box::pin(
                async move { say(stream, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"reference\":\"r\"}").await },
            )
        }),
        ("a body beyond all bounds", |stream, _| {
            Box::pin(async move {
                let body = format!("{{\"reference\":\"r\",\"more\":\"{}\"}}", "x".repeat(2 << 20));
                say(stream, &with_length("200 OK", &body)).await;
            })
        }),
        ("a redirect", |stream, _| {
            Box::pin(async move {
                let elsewhere = "HTTP/1.1 307 Temporary Redirect\r\nLocation: /v2/charge\r\nContent-Length: 0\r\n\r\n";
                say(stream, elsewhere).await;
            })
        }),
        ("garbage", |stream, _| Box::pin(async move { say(stream, &with_length("200 OK", "\u{1}<html>")).await })),
        ("a body that drips", |mut stream, _| {
            Box::pin(async move {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n").await;
                while stream.write_all(b" ").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        }),
        ("silence", |stream, _| {
            Box::pin(async move {
                std::future::pending::<()>().await;
                drop(stream);
            })
        }),
    ];
    for (what, conduct) in table {
        let (url, serving) = serve(*conduct).await;
        let (participants, _) = client_of(settings(&url, Duration::from_millis(500)));
        let began = Instant::now();
        assert_eq!(
            participants.call(called(&order("A", "pm_ok", "1"), Action::Charge)).await,
            Outcome::Unknown,
            "{what}"
        );
        assert_eq!(
            participants.look_up(called(&order("A", "pm_ok", "1"), Action::Charge)).await,
            Outcome::Unknown,
            "{what}"
        );
        assert!(began.elapsed() < PATIENCE, "{what}: it ends");
        serving.abort();
    }
    // A role that is not configured, of an order that began when it was.
    let (participants, _) = client_of(ParticipantSettings { shipment: None, ..settings("http://127.0.0.1:1", LONG) });
    assert_eq!(participants.call(called(&order("A", "pm_ok", "1"), Action::Ship)).await, Outcome::Unknown);
}

/// A connection that is refused carried nothing. One of the pool that breaks carried a request, which may have arrived.
#[tokio::test]
async fn what_was_not_sent_is_told_from_what_may_have_been() {
    let (participants, _) = client_of(settings("http://127.0.0.1:1", LONG));
    for call in [Action::Charge.into(), Action::Void.into(), Call::LOOK_UP] {
        let told = participants.try_call(called(&order("A", "pm_ok", "1"), call)).await;
        assert_eq!(told.outcome, Outcome::Unsent, "{}", call.kind);
        let cause = told.cause.expect("it is said why");
        assert!(cause.error.contains("refused") && cause.away.is_some(), "{}: {cause:?}", call.kind);
    }
    let (url, serving) = serve(|mut stream, _| {
        Box::pin(async move {
            let _ = stream.write_all(with_length("200 OK", r#"{"reference":"r"}"#).as_bytes()).await;
            let mut second = Vec::new();
            while !second.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
                if stream.read_buf(&mut second).await.is_ok_and(|read| read == 0) {
                    return;
                }
            }
            drop(stream.set_zero_linger());
        })
    })
    .await;
    let (participants, _) = client_of(settings(&url, LONG));
    reference(participants.call(called(&order("A", "pm_ok", "1"), Action::Charge)).await);
    let told = participants.try_call(called(&order("B", "pm_ok", "1"), Action::Charge)).await;
    assert_eq!(told.outcome, Outcome::Unknown);
    assert_eq!(told.cause.expect("it is said why").away, None, "and it counts");
    serving.abort();
}

#[tokio::test]
async fn a_call_bears_its_key_and_its_body_and_a_path_below_the_url() {
    let (url, serving) = serve(|stream, head| {
        Box::pin(async move {
            let head = String::from_utf8(head).expect("ASCII").to_ascii_lowercase();
            let first = head.lines().next().unwrap_or_default().to_owned();
            let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).unwrap_or_default();
            let body = json!({"reference": format!("{first} {key}")}).to_string();
            say(stream, &with_length("201 Created", &body)).await;
        })
    })
    .await;
    let (participants, _) = client_of(settings(&url, LONG));
    let order = order("A:b.c", "pm_ok", "1");
    let key = DEPLOYMENT.step_key(&order.id, "charge", "");
    let told = reference(participants.call(called(&order, Action::Charge)).await);
    assert_eq!(&*told, format!("post /v1/charge http/1.1 {key}"));
    serving.abort();
}

/// Requests that the server below has in hand, and the most that it ever had.
static IN_HAND: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[tokio::test]
async fn calls_under_way_are_bounded() {
    let (url, serving) = serve(|stream, _| {
        Box::pin(async move {
            MOST.fetch_max(IN_HAND.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Whoever may come at the same time comes before the first one is answered.
            until("four are in hand", || std::future::ready(MOST.load(Ordering::SeqCst) >= 4)).await;
            IN_HAND.fetch_sub(1, Ordering::SeqCst);
            say(stream, &with_length("200 OK", r#"{"reference":"r"}"#)).await;
        })
    })
    .await;
    let (participants, _) = client_of(ParticipantSettings { calls: 4, ..settings(&url, LONG) });
    let orders: Vec<Order> = (0..32).map(|n| order(&format!("B-{n}"), "pm_ok", "1")).collect();
    let outcomes = join_all(orders.iter().map(|order| participants.call(called(order, Action::Charge)))).await;
    outcomes.into_iter().for_each(|outcome| drop(reference(outcome)));
    assert_eq!(MOST.load(Ordering::SeqCst), 4);
    serving.abort();
}

/// The wait for a turn is part of the call: one after the other these would take 100 s. Who gets none has sent nothing.
#[tokio::test]
async fn waiting_for_a_turn_counts() {
    let (url, serving) = serve(|stream, _| {
        Box::pin(async move {
            std::future::pending::<()>().await;
            drop(stream);
        })
    })
    .await;
    let (participants, _) = client_of(ParticipantSettings { calls: 1, ..settings(&url, Duration::from_millis(100)) });
    let orders: Vec<Order> = (0..1_000).map(|n| order(&format!("W-{n}"), "pm_ok", "1")).collect();
    let calls = join_all(orders.iter().map(|order| participants.call(called(order, Action::Charge))));
    let outcomes = tokio::time::timeout(PATIENCE, calls).await.expect("they wait at the same time");
    let unsent = outcomes.iter().filter(|outcome| **outcome == Outcome::Unsent).count();
    let unknown = outcomes.iter().filter(|outcome| **outcome == Outcome::Unknown).count();
    assert!(unknown >= 1 && unsent >= 990 && unknown + unsent == 1_000, "{unknown} unknown, {unsent} unsent");
    serving.abort();
}

#[tokio::test]
async fn only_keys_of_payments_die() {
    let of = |settings| client_of(settings).0;
    let day = Some(Duration::from_secs(86_400));
    let all = of(settings("http://127.0.0.1:1", LONG));
    for action in Action::BUILT_IN {
        let money =
            matches!(action, Action::Charge | Action::Authorize | Action::Capture | Action::Void | Action::Refund);
        assert_eq!(all.key_lifetime(action), day.filter(|_| money), "{action}");
    }
    let local = of(ParticipantSettings { payment: None, ..settings("http://127.0.0.1:1", LONG) });
    assert_eq!(local.key_lifetime(Action::Charge), None);
}

/// What `dev` wrote about itself.
fn dev_json(folder: &Folder) -> Value {
    let text = std::fs::read_to_string(folder.0.join("data/dev.json")).expect("read dev.json");
    serde_json::from_str(&text).expect("JSON")
}

fn with(id: &str, payment_method: &str, postal_code: &str) -> Value {
    let mut body = body(id, "SKU-0001");
    body["payment_method"] = json!(payment_method);
    body["ship_to"]["postal_code"] = json!(postal_code);
    body
}

async fn lives(url: &str) -> bool {
    let client = counterfoil::client::Client::anonymous(url).expect("a client");
    client.get("/livez").await.is_ok_and(|answer| answer.status == 200)
}

#[tokio::test]
async fn dev_runs_orders_through_participants_of_its_own() {
    let folder = Folder::new();
    let mut dev = Program::dev(&folder, &["--participants", "remote"]).await;
    let (client, told) = (dev.client(), dev_json(&folder));
    let ledger = Path::new(told["ledger"].as_str().expect("a ledger")).to_owned();
    assert!(ledger.is_absolute() && ledger.ends_with("ledger.jsonl"), "{told}");
    let url = told["participants_url"].as_str().expect("a URL").to_owned();
    let done = post(&client, &with("OK", "pm_ok", "1"), &[]).await;
    assert_eq!(done.status, 201, "{:?}", done.body);
    let named = |name: &str, amount: Value| (name.to_owned(), amount);
    assert_eq!(effects(&ledger, "OK"), [named("charge", json!(1999)), named("ship", Value::Null)]);
    let again = post(&client, &with("OK", "pm_ok", "1"), &[]).await;
    assert!(again.is_replayed() && again.body == done.body);

    let declined = post(&client, &with("NO", "pm_declined", "1"), &[]).await;
    assert_eq!((declined.status, declined.problem_code().as_deref()), (402, Some("payment_declined")));
    assert!(effects(&ledger, "NO").is_empty());

    let unshipped = post(&client, &with("BACK", "pm_ok", "SHIP-FAIL"), &[]).await;
    assert_eq!((unshipped.status, unshipped.problem_code().as_deref()), (500, Some("shipment_failed")));
    assert_eq!(effects(&ledger, "BACK"), [named("charge", json!(1999)), named("refund", json!(1999))]);

    // What died comes back, where it was, and goes on with its ledger.
    let pid = listener_of(&url);
    kill_9(pid);
    until("the participants are back", || async { lives(&url).await && listener_of(&url) != pid }).await;
    assert_eq!(post(&client, &with("AFTER", "pm_ok", "1"), &[]).await.status, 201);
    assert_eq!(effects(&ledger, "AFTER").len(), 2);
    let stock: Value = client.get("/inventory/SKU-0001").await.expect("an answer").json().expect("JSON");
    assert_eq!((&stock["on_hand"], &stock["reserved"]), (&json!(1_000_000 - 2), &json!(0)));

    // They die with dev, and the next one finds their ledger.
    dev.kill();
    until("the participants are gone", || async { !lives(&url).await }).await;
    let mut dev = Program::dev(&folder, &["--participants", "remote"]).await;
    assert!(post(&dev.client(), &with("OK", "pm_ok", "1"), &[]).await.is_replayed());
    assert_eq!(effects(&ledger, "OK").len(), 2);
    let url = dev_json(&folder)["participants_url"].as_str().expect("a URL").to_owned();
    assert_eq!(dev.terminate().await, Some(0));
    assert!(!lives(&url).await, "an end in order takes the participants with it");
    // Local again: an order keeps its end, and nothing is told of participants.
    let dev = Program::dev(&folder, &[]).await;
    assert!(post(&dev.client(), &with("OK", "pm_ok", "1"), &[]).await.is_replayed());
    assert_eq!((&dev_json(&folder)["participants_url"], &dev_json(&folder)["ledger"]), (&Value::Null, &Value::Null));
}

/// By the system call: a bare Debian has no `kill` program.
fn kill_9(pid: u32) {
    let pid = rustix::process::Pid::from_raw(pid.cast_signed()).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("kill");
}

/// The process that listens on a loopback port: whose file descriptors hold the socket's inode.
fn listener_of(url: &str) -> u32 {
    let port: u16 = url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let table = std::fs::read_to_string("/proc/net/tcp").expect("read the table of sockets");
    let local = format!(":{port:04X}");
    let listens = |line: &&str| {
        let mut columns = line.split_whitespace();
        columns.nth(1).is_some_and(|address| address.ends_with(&local)) && columns.nth(1) == Some("0A")
    };
    let Some(inode) = table.lines().find(listens).and_then(|line| line.split_whitespace().nth(9)) else { return 0 };
    let socket = format!("socket:[{inode}]");
    let processes = std::fs::read_dir("/proc").expect("read /proc").flatten();
    let holds = |pid: &u32| {
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.into_iter().any(|file| std::fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == socket.as_str()))
    };
    processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).find(holds).unwrap_or(0)
}

#[tokio::test]
async fn a_file_s_keys_apply_on_top_of_dev_s_participants() {
    let folder = Folder::new();
    let local = folder.file("local.toml", "participants.shipment.kind = \"local\"\n");
    let local = local.to_str().expect("text");
    let mut dev = Program::dev(&folder, &["--participants", "remote", "--config", local]).await;
    assert_eq!(post(&dev.client(), &with("MIXED", "pm_ok", "1"), &[]).await.status, 201);
    let ledger = dev_json(&folder)["ledger"].as_str().expect("a ledger").to_owned();
    let actions: Vec<_> = effects(Path::new(&ledger), "MIXED").into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["charge"]);
    assert_eq!(dev.terminate().await, Some(0));
    let both =
        folder.file("both.toml", "participants.shipment.kind = \"local\"\nparticipants.payment.kind = \"local\"\n");
    let output =
        Shell::new(PROGRAM).args(["dev", "--participants", "remote", "--config"]).arg(both).output().expect("run dev");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(2) && error.contains("participants.payment.kind"), "{error}");
}

/// A PostgreSQL that cannot be started again keeps nobody from ending dev: a process that looks like the last server
/// holds the restart up for 30 s.
#[tokio::test]
async fn dev_ends_while_its_postgresql_is_being_started() {
    let folder = Folder::new();
    let mut dev = Program::dev(&folder, &[]).await;
    let url = dev_json(&folder)["database_url"].as_str().expect("a URL").to_owned();
    let data = url.split('@').nth(1).and_then(|rest| rest.rsplit_once('/')).expect("a socket's folder").0;
    let data = std::path::PathBuf::from(data.replace("%2F", "/"));
    let impostor = folder.0.join("postgres");
    std::fs::copy("/bin/sleep", &impostor).expect("copy a program");
    let mut command = Shell::new(impostor);
    command.arg("600").current_dir(&data);
    let (out, name) = (folder.0.join("impostor.log"), "the impostor");
    let mut impostor = Process::start(name, command, &out, Some(&out)).expect("run it");
    let recorded = std::fs::read_to_string(data.join("postmaster.pid")).expect("read the pid file");
    let postmaster = recorded.lines().next().expect("a pid").to_owned();
    std::fs::write(data.join("postmaster.pid"), recorded.replacen(&postmaster, &impostor.id().to_string(), 1))
        .expect("write the pid file");
    kill_9(postmaster.parse().expect("a pid"));
    let log = || std::fs::read_to_string(folder.0.join("dev.log")).unwrap_or_default();
    until("dev waits for the server", || std::future::ready(log().contains("waiting until the last PostgreSQL"))).await;
    let ended = dev.terminate().await;
    let waits = impostor.ended().expect("look after it").is_none();
    assert_eq!((ended, waits), (Some(0), true), "{}", log());
}
