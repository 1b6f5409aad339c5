//! Promise: a repeat gets its order's answer, byte for byte, whatever the configuration has become since. Only what is new
//! is judged by today's rules.

use counterfoil::client::{Client, HttpAnswer};
use counterfoil::engine::SubmitError;
use counterfoil::saga::transaction::InvalidField;
use counterfoil::saga::{Client as Owner, Currency};
use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, TestEngine, answer, keyed, order, request};
use crate::support::program::{Folder, Program, body, post, send};

/// An engine under these lines of configuration.
async fn serve(database: &TestDatabase, more: &str) -> (Program, Folder) {
    let folder = Folder::new();
    let program = Program::serve(&folder, &format!("database.url = \"{}\"\n{more}", database.url())).await;
    program.until_ready().await;
    (program, folder)
}

fn order_of(id: Option<&str>, method: &str, postal_code: &str) -> Value {
    let mut order = body(id.unwrap_or("unnamed"), "SKU-0001");
    (order["payment_method"], order["ship_to"]["postal_code"]) = (json!(method), json!(postal_code));
    if id.is_none() {
        order.as_object_mut().expect("an object").remove("order_id");
    }
    order
}

async fn asked(client: &Client, (order, key): &(Value, Option<&str>)) -> HttpAnswer {
    let headers: Vec<_> = key.iter().map(|key| ("idempotency-key", *key)).collect();
    post(client, order, &headers).await
}

fn told(answer: &HttpAnswer) -> (u16, Option<String>) {
    (answer.status, answer.problem_code())
}

#[tokio::test]
async fn a_repeat_gets_its_answer_though_the_configuration_would_refuse_it_today() {
    let (database, ledger) = (TestDatabase::new().await, Folder::new());
    let provider = Program::participants(&ledger, &[]).await;
    let mut before = Vec::new();
    {
        let (program, _folder) = serve(&database, "faults.enabled = true\n").await;
        let client = program.client();
        let stock = json!({"on_hand": 1_000}).to_string();
        let headers = [("content-type", "application/json")];
        send(&client, "PUT", "/inventory/SKU-0001", &headers, stock).await.expect("stock");
        for (order, status) in [
            ((order_of(Some("TOKEN"), "pm_ok", "1"), None), 201),
            ((order_of(Some("KEYED"), "pm_ok", "1"), Some("k1")), 201),
            ((order_of(None, "pm_ok", "1"), Some("k2")), 201),
            ((order_of(Some("DECLINED"), "pm_declined", "1"), None), 402),
            ((order_of(Some("UNSHIPPED"), "house_account", "SHIP-FAIL"), None), 500),
        ] {
            let first = asked(&client, &order).await;
            assert_eq!(first.status, status, "{order:?}: {:?}", first.body);
            before.push((order, first));
        }
    }
    {
        let remote = |name: &str| format!("{name} = {{ kind = \"http\", url = \"{}\" }}\n", provider.url);
        let more = format!("[participants]\n{}{}", remote("payment"), remote("shipment"));
        let (program, _folder) = serve(&database, &more).await;
        for id in ["REMOTE", "SLOW"] {
            let order = (order_of(Some(id), "pm_slow_5", "SHIP-SLOW-5"), (id == "SLOW").then_some("k3"));
            let first = asked(&program.client(), &order).await;
            assert_eq!(first.status, 201, "{:?}", first.body);
            before.push((order, first));
        }
    }
    // No test tokens any more, and everything is local.
    let (program, _folder) = serve(&database, "").await;
    let client = program.client();
    for (order, first) in &before {
        for _ in 0..2 {
            let again = asked(&client, order).await;
            assert_eq!((again.status, &again.body), (first.status, &first.body), "{order:?}");
            assert!(again.is_replayed(), "{order:?}");
        }
    }
    // A key that is new is bound to the order that stands.
    let (order, first) = &before[0];
    let again = asked(&client, &(order.0.clone(), Some("fresh"))).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    // What differs from what stands is told that; what is new is judged, and leaves nothing behind.
    let mut other = before[1].0.0.clone();
    other["lines"][0]["quantity"] = json!(2);
    assert_eq!(told(&asked(&client, &(other.clone(), Some("k1"))).await), (422, Some("idempotency_key_reused".into())));
    assert_eq!(told(&asked(&client, &(other, None)).await), (409, Some("order_exists".into())));
    for key in [None, Some("new")] {
        let new = asked(&client, &(order_of(Some("NEW"), "pm_ok", "SHIP-FAIL"), key)).await;
        assert_eq!(told(&new), (400, Some("invalid_request".into())));
        let problem: Value = new.json().expect("JSON");
        let pointers = ["/errors/0/pointer", "/errors/1/pointer"].map(|at| problem.pointer(at).cloned());
        assert_eq!(pointers, ["/payment_method", "/ship_to/postal_code"].map(|at| Some(json!(at))), "{problem}");
    }
    let nameless = asked(&client, &(order_of(None, "pm_ok", "1"), None)).await;
    assert_eq!(told(&nameless), (400, Some("invalid_request".into())));
    let database = database.client().await;
    let sql = "SELECT (SELECT count(*) FROM orders WHERE order_id = 'NEW' OR order_id LIKE 'ik\\_%')
        + (SELECT count(*) FROM idempotency_keys WHERE key = 'new')";
    let stored: i64 = database.query_one(sql, &[]).await.expect("a count").get(0);
    assert_eq!(stored, 1, "the one that stood before, under a derived name");
}

/// A list drops a currency: what was ordered in it is still known.
#[tokio::test]
async fn an_order_in_a_currency_that_was_dropped_keeps_its_answer() {
    let test = TestEngine::new().await;
    let in_currency = |id: &str, code: &str| {
        let mut request = request(&[("SKU-1", 1)], "pm_ok");
        request.currency = Currency::trusted(code).expect("three letters");
        order(id, request)
    };
    let objection = InvalidField { pointer: "/currency".into(), detail: "is on the list no more".into() };
    let repeat = async |submission| test.engine.repeat(submission, objection.clone(), PATIENCE).await;
    let first = answer(test.submit(in_currency("A", "HRK")).await);
    assert_eq!(first.0, 201);
    let again = answer(repeat(in_currency("A", "HRK")).await);
    assert_eq!((again.0, &again.1, again.2), (first.0, &first.1, true));
    let again = answer(repeat(keyed(in_currency("A", "HRK"), "k")).await);
    assert_eq!((again.0, &again.1, again.2), (first.0, &first.1, true));
    let mut strangers = in_currency("A", "HRK");
    strangers.client = Owner::trusted("mallory");
    assert!(matches!(repeat(strangers).await, Err(SubmitError::OrderExists { differs: None, .. })));
    for submission in [in_currency("B", "HRK"), keyed(in_currency("B", "HRK"), "k4")] {
        let refused = repeat(submission).await;
        let Err(SubmitError::Invalid { pointer, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(pointer, objection.pointer);
    }
    let refused = repeat(keyed(in_currency("B", "HRK"), "k")).await;
    assert!(matches!(refused, Err(SubmitError::KeyReused { .. })), "{refused:?}");
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 1);
    assert_eq!(test.count("SELECT count(*) FROM idempotency_keys").await, 1);
    test.audit().await;
}
