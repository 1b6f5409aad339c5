//! Promise: what is sent to a participant for an order never changes by a byte. A repeat by a later version of the program,
//! of an order that began under an earlier one, is the same call: `golden/participant_requests.txt` holds the method, the
//! path, the key and the body of each action, as they left the real client.
//!
//! `UPDATE_GOLDEN=1` writes the file anew; nothing else does. A line that changes is a call that a participant would refuse
//! as another one under the same key: new fields belong into orders of a newer definition of the saga, or into answers.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use counterfoil::participants::http::{HttpParticipants, ParticipantSettings};
use counterfoil::participants::local::Local;
use counterfoil::ports::{Called, RemoteParticipants};
use counterfoil::saga::state::RefundStatus;
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{
    Action, Amount, Client, Command, Currency, DeploymentId, IdempotencyKey, Line, Order, OrderId, Outcome, Plan,
    Refund, Request, Sku, Timestamp,
};
use counterfoil::telemetry::Metrics;
use serde_json::json;
use uuid::Uuid;

use crate::support::engine::PATIENCE;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/participant_requests.txt");
const DEPLOYMENT: DeploymentId = DeploymentId(Uuid::from_u128(0x0190_a6d2_1c1f_7c3b_9a53_0d9b_6a1f_7c01));

/// What came: method, path, key and body of each call, but for questions.
type Heard = Arc<Mutex<String>>;

/// A participant that does everything and knows of nothing.
async fn hear(req: HttpRequest, body: web::Bytes, heard: web::Data<Heard>) -> HttpResponse {
    if let Some(order_id) = req.path().strip_prefix("/operations/") {
        return HttpResponse::Ok().json(json!({"order_id": order_id, "operations": []}));
    }
    let key = req.headers().get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    let body = std::str::from_utf8(&body).expect("text");
    let mut text = heard.lock().expect("a lock");
    writeln!(text, "{} {}\nIdempotency-Key: {key}\n{body}\n", req.method(), req.path()).expect("write to a string");
    HttpResponse::Ok().json(json!({"reference": "r", "captured": 0}))
}

fn order(id: &str, capture: &str) -> Order {
    let details = json!({
        "payment_method": "tok_\u{1f4b3}", "capture": capture,
        "ship_to": {
            "name": "Ada \"A\" L\u{f6}velace", "line1": "1 Road", "line2": "Flat 2", "city": "London",
            "region": "Greater London", "postal_code": "N1", "country": "GB", "email": "ada@example.org",
            "phone": "+44 20 0000 0000",
        },
        "metadata": {"channel": "web"},
    });
    let request = Request {
        customer_id: "cus-7".into(),
        currency: Currency::trusted("EUR").expect("a currency"),
        lines: [("SKU-1", 2, 500), ("SKU-1", 1, 400), ("SKU/2", 3, 1)]
            .map(|(sku, quantity, unit_price)| Line::priced(Sku::trusted(sku), quantity, unit_price))
            .into(),
        details: serde_json::from_value(details).expect("details"),
    };
    let plan = Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT);
    let (id, client) = (OrderId::trusted(id), Client::anonymous());
    let command = Command::Submit { id, client, request: Arc::new(request), saga: plan.into() };
    let local = Local { test_tokens: false, plan };
    transaction::run(None, &command, Timestamp(0), &local, StockVerdict::Assumed).expect("a transaction").order
}

/// The same order, when everything has its name.
fn known(mut order: Order) -> Order {
    order.reservation = Some("rsv_1".into());
    order.payment.reference = Some("pay_1".into());
    order.payment.captured = order.payment.amount;
    order.shipment.reference = Some("shp_1".into());
    if order.request.is_manual() {
        (order.payment.amount, order.payment.captured) = (Amount(900), Amount(900));
        order.payment.capture_reference = Some("cap_1".into());
    }
    order
}

#[tokio::test]
async fn what_is_sent_for_an_order_is_what_was_always_sent() {
    let heard = Heard::default();
    let data = web::Data::new(Arc::clone(&heard));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let server = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(hear)))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("listen")
        .run();
    let handle = server.handle();
    let serving = tokio::spawn(server);
    let settings = ParticipantSettings {
        steps: Vec::new(),
        deployment: DEPLOYMENT,
        inventory: Some(url.clone()),
        payment: Some(url.clone()),
        shipment: Some(url),
        step_timeout: PATIENCE,
        payment_key_lifetime: Duration::from_secs(86_400),
        calls: 4,
    };
    let runtime = tokio::runtime::Handle::current();
    let participants = HttpParticipants::new(settings, Metrics::new(1), runtime).expect("a client");
    let (automatic, manual) = (order("ORD-1", "automatic"), order("ORD-2", "manual"));
    let refund = Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted("r:1"),
        amount: Amount(200),
        reason: "broken".into(),
        restock: Vec::new(),
        status: RefundStatus::Intended,
    };
    let mut sent = 0;
    for order in [&automatic, &manual, &known(automatic.clone()), &known(manual.clone())] {
        let pays = |action| match action {
            Action::Charge => !order.request.is_manual(),
            Action::Authorize | Action::Capture => order.request.is_manual(),
            _ => true,
        };
        let plain = Action::BUILT_IN.iter().filter(|action| pays(**action)).map(|action| (*action, None));
        let asked = order.payment.reference.is_some().then(|| (Action::Refund, Some(refund.clone())));
        for (action, refund) in plain.chain(asked) {
            let outcome =
                participants.call(Called { order: Arc::new(order.clone()), call: action.into(), refund }).await;
            assert!(matches!(outcome, Outcome::Done { .. }), "{action}: {outcome:?}");
            sent += 1;
        }
    }
    let now = heard.lock().expect("a lock").clone();
    assert_eq!(now.matches("POST /").count(), sent, "each is one call");
    handle.stop(false).await;
    serving.await.expect("a task").expect("a server");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &now).expect("write the golden file");
        return;
    }
    let golden = std::fs::read_to_string(GOLDEN).expect("read the golden file");
    for (number, (then, now)) in golden.lines().zip(now.lines()).enumerate() {
        assert_eq!(then, now, "golden/participant_requests.txt:{}", number + 1);
    }
    assert_eq!(golden.len(), now.len(), "and nothing more");
}
