mod client_tests;

use std::slice::from_ref;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::participants::contract::ContractRequest as Wire;
use crate::participants::local::Local;
use crate::saga::state::RefundStatus;
use crate::saga::transaction::{self, StockVerdict};
use crate::saga::{Amount, Call, Command, Currency, IdempotencyKey, Line, Order, OrderId, Plan, Refund, Request, Sku};

const DEPLOYMENT: DeploymentId = DeploymentId(Uuid::from_u128(7));

/// An order of 2 and 1 of one SKU, at two prices: 2 * 500 + 1 * 400.
fn order(capture: &str) -> Order {
    let details = json!({
        "payment_method": "tok_1",
        "capture": capture,
        "ship_to": {
            "name": "Ada", "line1": "1 Road", "line2": "Flat 2", "city": "London", "region": "Greater London",
            "postal_code": "N1", "country": "GB", "email": "ada@example.org", "phone": "+44 20 0000 0000",
        },
        "metadata": {"channel": "web"},
    });
    let request = Request {
        customer_id: "cus-7".into(),
        currency: Currency::trusted("USD").expect("a currency"),
        lines: [(2, 500), (1, 400)]
            .map(|(quantity, unit_price)| Line::priced(Sku::trusted("SKU-1"), quantity, unit_price))
            .into(),
        details: serde_json::from_value(details).expect("details"),
    };
    let command = Command::Submit {
        id: OrderId::trusted("ORD-1"),
        client: crate::saga::Client::anonymous(),
        request: Arc::new(request),
        saga: Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT).into(),
    };
    let local = Local { test_tokens: false, plan: Plan(7) };
    transaction::run(None, &command, crate::saga::Timestamp(0), &local, StockVerdict::Assumed)
        .expect("a transaction")
        .order
}

fn called(order: &Order, call: impl Into<Call>) -> Called {
    Called { order: Arc::new(order.clone()), call: call.into(), refund: None }
}

fn answered(called: &Called, status: u16, body: &[u8]) -> Outcome {
    let asked = request::of(DEPLOYMENT, called).expect("a call");
    outcome::of_call(called, &asked, status, body)
}

fn refund(amount: i64) -> Refund {
    Refund {
        client: crate::saga::Client::trusted("shop"),
        key: IdempotencyKey::trusted("r-1"),
        amount: Amount(amount),
        reason: "broken".into(),
        restock: Vec::new(),
        status: RefundStatus::Intended,
    }
}

fn key(action: &str) -> String {
    DEPLOYMENT.step_key(&OrderId::trusted("ORD-1"), action, "").to_string()
}

fn body(called: &Called) -> Value {
    let request = request::of(DEPLOYMENT, called).expect("a request");
    assert_eq!(request.action().as_str(), called.call.kind.as_str());
    // What is sent is what the contract takes.
    assert_eq!(Wire::read(request.action(), request.body().as_bytes()).expect("a valid body"), request);
    serde_json::from_str(&request.body()).expect("JSON")
}

#[test]
fn a_body_is_what_the_contract_says() {
    let (mut auto, mut manual) = (order("automatic"), order("manual"));
    let lines = json!([{"sku": "SKU-1", "quantity": 2}, {"sku": "SKU-1", "quantity": 1}]);
    let charge = json!({
        "order_id": "ORD-1", "customer_id": "cus-7", "amount": 1400, "currency": "USD", "payment_method": "tok_1"
    });
    let ship_to = json!({
        "name": "Ada", "line1": "1 Road", "line2": "Flat 2", "city": "London", "postal_code": "N1",
        "region": "Greater London", "country": "GB", "email": "ada@example.org", "phone": "+44 20 0000 0000",
    });
    // Nothing is known yet: keys alone.
    for (order, action, expected) in [
        (&auto, Action::Reserve, json!({"order_id": "ORD-1", "lines": lines})),
        (&auto, Action::Charge, charge.clone()),
        (&manual, Action::Authorize, charge.clone()),
        (&auto, Action::Ship, json!({"order_id": "ORD-1", "lines": lines, "ship_to": ship_to})),
        (&auto, Action::Release, json!({"order_id": "ORD-1", "undoes": [{"key": key("reserve")}]})),
        (&auto, Action::Void, json!({"order_id": "ORD-1", "undoes": [{"key": key("charge")}]})),
        (
            &manual,
            Action::Void,
            json!({"order_id": "ORD-1", "undoes": [{"key": key("authorize")}, {"key": key("capture")}]}),
        ),
        (&auto, Action::CancelShipment, json!({"order_id": "ORD-1", "undoes": [{"key": key("ship")}]})),
    ] {
        assert_eq!(body(&called(order, action)), expected, "{action}");
    }
    for order in [&mut auto, &mut manual] {
        order.reservation = Some("rsv_1".into());
        order.payment.reference = Some("pay_1".into());
        order.payment.captured = Amount(1400);
        order.shipment.reference = Some("shp_1".into());
    }
    manual.payment.amount = Amount(900);
    manual.payment.captured = Amount(900);
    manual.payment.capture_reference = Some("cap_1".into());
    let named = |action: &str, reference: &str| json!({"key": key(action), "reference": reference});
    let undo = |steps: Value| json!({"order_id": "ORD-1", "undoes": steps});
    let refunds =
        |step: Value, amount: i64| json!({"order_id": "ORD-1", "undoes": [step], "amount": amount, "currency": "USD"});
    for (order, action, expected) in [
        // A repeat of the first step is the first call, whatever was asked for since.
        (&manual, Action::Authorize, charge),
        (
            &manual,
            Action::Capture,
            json!({
                "order_id": "ORD-1", "amount": 900, "currency": "USD", "authorization": named("authorize", "pay_1")
            }),
        ),
        (&auto, Action::Release, undo(json!([named("reserve", "rsv_1")]))),
        (&auto, Action::Void, undo(json!([named("charge", "pay_1")]))),
        (&manual, Action::Void, undo(json!([named("authorize", "pay_1"), named("capture", "cap_1")]))),
        (&auto, Action::Refund, refunds(named("charge", "pay_1"), 1400)),
        (&manual, Action::Refund, refunds(named("capture", "cap_1"), 900)),
        (&auto, Action::CancelShipment, undo(json!([named("ship", "shp_1")]))),
    ] {
        assert_eq!(body(&called(order, action)), expected, "{action}");
    }
    let asked = Called { refund: Some(refund(200)), ..called(&manual, Action::Refund) };
    assert_eq!(body(&asked), refunds(named("capture", "cap_1"), 200));
    assert!(request::of(DEPLOYMENT, &called(&auto, Call::LOOK_UP)).is_none());
}

/// Written down: a change of one of these after a release would repeat a step under another key.
#[test]
fn a_key_never_changes() {
    let auto = order("automatic");
    let derived = |called: &Called| request::step_key(DEPLOYMENT, called).to_string();
    for (action, name) in [
        (Action::Reserve, "ORD-1/reserve/"),
        (Action::Charge, "ORD-1/charge/"),
        (Action::CancelShipment, "ORD-1/cancel-shipment/"),
        (Action::Refund, "ORD-1/refund/"),
    ] {
        let expected = Uuid::new_v5(&DEPLOYMENT.0, name.as_bytes()).to_string();
        assert_eq!(derived(&called(&auto, action)), expected, "{name}");
    }
    let asked = Called { refund: Some(refund(200)), ..called(&auto, Action::Refund) };
    assert_eq!(derived(&asked), Uuid::new_v5(&DEPLOYMENT.0, b"ORD-1/refund/4:shop3:r-1").to_string());
    assert_eq!(key("charge"), "d5469390-d020-5305-9e03-e90f8f402f0e");
}

fn done(reference: &str, tombstone: bool, captured: i64) -> Outcome {
    Outcome::Done { reference: Some(reference.into()), tombstone, captured: Amount(captured), holds_ms: None }
}

fn held(reference: &str, holds_ms: i64) -> Outcome {
    let (reference, holds_ms) = (Some(reference.into()), Some(holds_ms));
    Outcome::Done { reference, tombstone: false, captured: Amount(0), holds_ms }
}

#[test]
fn only_a_whole_answer_is_an_outcome() {
    let auto = order("automatic");
    let long = json!({"reference": "r".repeat(1_001)}).to_string();
    let table: &[(Action, u16, &str, Outcome)] = &[
        (Action::Charge, 200, r#"{"reference":"ch_1"}"#, done("ch_1", false, 0)),
        (Action::Charge, 201, r#"{"reference":"ch_1","more":[1]}"#, done("ch_1", false, 0)),
        (
            Action::Ship,
            200,
            r#"{"reference":""}"#,
            Outcome::Done { reference: None, tombstone: false, captured: Amount(0), holds_ms: None },
        ),
        // For how long money is held is said of an authorisation, and is no negative time.
        (Action::Authorize, 200, r#"{"reference":"a","expires_in_ms":1500}"#, held("a", 1_500)),
        (Action::Authorize, 200, r#"{"reference":"a"}"#, done("a", false, 0)),
        (Action::Authorize, 200, r#"{"reference":"a","expires_in_ms":-1}"#, Outcome::Unknown),
        (Action::Charge, 200, r#"{"reference":"ch_1","expires_in_ms":1500}"#, done("ch_1", false, 0)),
        (Action::Charge, 202, "", Outcome::Pending),
        (Action::Charge, 202, "<html>", Outcome::Pending),
        (Action::Charge, 402, r#"{"reason":"card_declined"}"#, Outcome::refused("card_declined")),
        (Action::Ship, 422, r#"{"reason":"carrier_refused"}"#, Outcome::refused("carrier_refused")),
        (Action::Refund, 422, r#"{"reason":"refund_exceeds_captured"}"#, Outcome::refused("refund_exceeds_captured")),
        (Action::Capture, 402, "{\"reason\":\"a\\u0000b\"}", Outcome::refused("a\u{fffd}b")),
        // Undos.
        (Action::Release, 200, r#"{"reference":"r","tombstone":true}"#, done("r", true, 0)),
        (Action::Refund, 200, r#"{"reference":"r"}"#, done("r", false, 0)),
        (Action::Void, 200, r#"{"reference":"v","captured":1400,"refunded":1400}"#, done("v", false, 1400)),
        (Action::Void, 200, r#"{"reference":"v","captured":0}"#, done("v", false, 0)),
        (Action::Void, 200, r#"{"reference":"v","tombstone":true}"#, done("v", true, 0)),
        // A void that leaves open what it found, or money outside.
        (Action::Void, 200, r#"{"reference":"v"}"#, Outcome::Unknown),
        (Action::Void, 200, r#"{"reference":"v","captured":1400,"refunded":0}"#, Outcome::Unknown),
        (Action::Void, 200, r#"{"reference":"v","tombstone":true,"captured":1,"refunded":1}"#, Outcome::Unknown),
        // Not in so many words.
        (Action::Charge, 200, "", Outcome::Unknown),
        (Action::Charge, 204, "", Outcome::Unknown),
        (Action::Charge, 200, r#"{"reference":7}"#, Outcome::Unknown),
        (Action::Charge, 200, r#"{"reference":"a","reference":"b"}"#, Outcome::Unknown),
        (Action::Charge, 200, r#"["ch_1"]"#, Outcome::Unknown),
        (Action::Charge, 200, "{\"reference\":\"a\\u0000\"}", Outcome::Unknown),
        (Action::Charge, 200, &long, Outcome::Unknown),
        (Action::Charge, 200, r#"{"reference":"ch_1","tombstone":true}"#, Outcome::Unknown),
        (Action::Charge, 200, r#"{"reference":"ch_1","tombstone":"no"}"#, Outcome::Unknown),
        (Action::Charge, 301, r#"{"reference":"ch_1"}"#, Outcome::Unknown),
        (Action::Charge, 400, r#"{"reason":"card_declined"}"#, Outcome::Unknown),
        (Action::Charge, 402, "declined", Outcome::Unknown),
        (Action::Charge, 402, r#"{"reason":""}"#, Outcome::Unknown),
        (Action::Charge, 404, r#"{"reason":"x"}"#, Outcome::Unknown),
        (Action::Charge, 408, "", Outcome::Unknown),
        (Action::Charge, 409, r#"{"code":"key_in_use"}"#, Outcome::Unknown),
        (Action::Charge, 429, r#"{"reason":"x"}"#, Outcome::Unknown),
        (Action::Charge, 500, r#"{"reason":"x"}"#, Outcome::Unknown),
        (Action::Charge, 503, "", Outcome::Unknown),
        // No card was declined, and no carrier said no.
        (Action::Charge, 409, r#"{"reason":"tombstoned"}"#, Outcome::Unknown),
        (Action::Ship, 409, r#"{"reason":"tombstoned"}"#, Outcome::Unknown),
    ];
    for (action, status, body, expected) in table {
        let told = answered(&called(&auto, *action), *status, body.as_bytes());
        assert_eq!(told, *expected, "{status} {body}");
    }
    let tale = json!({"reason": "x".repeat(5_000)}).to_string();
    let told = answered(&called(&auto, Action::Charge), 402, tale.as_bytes());
    let Outcome::Refused { reason, .. } = told else {
        panic!("a long reason is a reason");
    };
    assert_eq!(reason.len(), 1_000);
}

/// The participant says what there is; what was wanted is known, and nothing else is of interest.
#[test]
fn shortages_are_those_of_the_order() {
    let told = json!({"reason": "out_of_stock", "shortages": [
        {"sku": "SKU-1", "requested": 99, "available": -5},
        {"sku": "SKU-2", "requested": 1, "available": 0},
    ]});
    let reserve = called(&order("automatic"), Action::Reserve);
    let outcome = answered(&reserve, 409, told.to_string().as_bytes());
    let short = crate::saga::Shortage { sku: Sku::trusted("SKU-1"), requested: 3, available: 0 };
    assert_eq!(outcome, Outcome::Refused { reason: "out_of_stock".into(), shortages: vec![short] });
}

fn operation(key: &str, action: &str, more: Value) -> Value {
    let mut operation = json!({"key": key, "action": action, "outcome": "done", "at": "2026-01-02T03:04:05.678Z"});
    for (name, value) in more.as_object().expect("an object") {
        operation[name] = value.clone();
    }
    operation
}

fn looked_up(order: &Order, call: impl Into<Call>, operations: &[Value]) -> Outcome {
    let told = json!({"order_id": "ORD-1", "operations": operations}).to_string();
    outcome::of_look_up(DEPLOYMENT, &called(order, call), 200, told.as_bytes())
}

#[test]
fn a_look_up_tells_what_became_of_a_step() {
    let auto = order("automatic");
    let charged = operation(&key("charge"), "charge", json!({"reference": "ch_1", "amount": 1400}));
    let authorised = json!({"reference": "au_1", "amount": 1400, "expires_in_ms": 1_500});
    let authorised = operation(&key("authorize"), "authorize", authorised);
    let declined = json!({"outcome": "refused", "reason": "card_declined"});
    let declined = operation(&key("charge"), "charge", declined);
    let undone = json!({"reference": "v_1", "undoes": key("charge"), "amount": 1400});
    let undone = operation(&key("void"), "refund", undone);
    let tombstone = operation(&key("void"), "void", json!({"undoes": key("charge"), "tombstone": true}));
    let foreign = Uuid::from_u128(9).to_string();
    let foreign = operation(&foreign, "charge", json!({"reference": "ch_9", "amount": 1400}));
    for (action, operations, expected) in [
        (Action::Charge, &[][..], Outcome::Absent),
        (Action::Charge, from_ref(&charged), done("ch_1", false, 0)),
        (Action::Charge, &[declined], Outcome::refused("card_declined")),
        (Action::Charge, &[foreign], Outcome::Absent),
        (Action::Ship, from_ref(&charged), Outcome::Absent),
        (Action::Authorize, from_ref(&authorised), held("au_1", 1_500)),
        // The row still waits for what is undone there.
        (Action::Charge, &[charged.clone(), undone.clone()], Outcome::Unknown),
        (Action::Charge, from_ref(&tombstone), Outcome::Absent),
        (Action::Void, &[charged.clone(), undone.clone()], done("v_1", false, 1400)),
        (
            Action::Void,
            from_ref(&tombstone),
            Outcome::Done { reference: None, tombstone: true, captured: Amount(0), holds_ms: None },
        ),
        // A void that left money outside.
        (
            Action::Void,
            &[charged.clone(), operation(&key("void"), "void", json!({"undoes": key("charge")}))],
            Outcome::Unknown,
        ),
    ] {
        assert_eq!(looked_up(&auto, action, operations), expected, "{action} {operations:?}");
    }
    for (status, body) in [
        (404, r#"{"order_id":"ORD-1","operations":[]}"#),
        (500, ""),
        (200, "[]"),
        (200, r#"{"order_id":"ORD-2","operations":[]}"#),
        (200, r#"{"order_id":"ORD-1","operations":[{"key":"k"}]}"#),
    ] {
        let outcome = outcome::of_look_up(DEPLOYMENT, &called(&auto, Action::Charge), status, body.as_bytes());
        assert_eq!(outcome, Outcome::Unknown, "{status} {body}");
    }
}

#[test]
fn a_look_up_tells_what_became_of_the_payment() {
    let (auto, mut manual) = (order("automatic"), order("manual"));
    manual.payment.amount = Amount(900); // a capture of so much is intended
    let charged = operation(&key("charge"), "charge", json!({"reference": "ch_1", "amount": 1400}));
    let held = operation(&key("authorize"), "authorize", json!({"reference": "au_1", "amount": 1400}));
    let captured = operation(&key("capture"), "capture", json!({"reference": "cp_1", "amount": 900}));
    let back = |undoes: &str, amount: i64| {
        operation(&Uuid::from_u128(5).to_string(), "refund", json!({"undoes": undoes, "amount": amount}))
    };
    let unnamed = operation(&Uuid::from_u128(6).to_string(), "refund", json!({"amount": 100}));
    let declined = operation(&key("charge"), "charge", json!({"outcome": "refused", "reason": "no"}));
    let foreign = operation(&Uuid::from_u128(9).to_string(), "charge", json!({"amount": 7}));
    let nothing = Outcome::Done { reference: None, tombstone: false, captured: Amount(0), holds_ms: None };
    for (order, operations, expected) in [
        (&auto, &[][..], Outcome::Absent),
        (&auto, &[declined], Outcome::Absent),
        (&auto, &[foreign], Outcome::Absent),
        (&auto, from_ref(&charged), done("ch_1", false, 1400)),
        (&auto, &[charged.clone(), back(&key("charge"), 400)], done("ch_1", false, 1000)),
        (&auto, &[charged.clone(), back(&Uuid::from_u128(9).to_string(), 400)], done("ch_1", false, 1400)),
        (&auto, &[charged.clone(), unnamed], done("ch_1", false, 1300)),
        (&auto, &[charged.clone(), back(&key("charge"), -1)], Outcome::Unknown),
        (
            &auto,
            &[charged.clone(), charged.clone()],
            Outcome::Contradicted { reason: "look-up found 2800 captured, where 1400 USD was asked".into() },
        ),
        (&auto, &[operation(&key("charge"), "charge", json!({"reference": "ch_1"}))], Outcome::Unknown),
        (&manual, from_ref(&held), nothing),
        (&manual, &[held.clone(), captured], done("cp_1", false, 900)),
    ] {
        assert_eq!(looked_up(order, Call::LOOK_UP, operations), expected, "{operations:?}");
    }
}

/// Of each action: what is told of it under its key, and of what it names, in the words of a participant that kept its
/// side; each word of that is then changed.
#[test]
fn what_contradicts_the_question_is_no_outcome() {
    let (mut auto, mut manual) = (order("automatic"), order("manual"));
    for order in [&mut auto, &mut manual] {
        order.reservation = Some("rsv_1".into());
        order.payment.reference = Some("pay_1".into());
        order.payment.captured = Amount(1400);
        order.shipment.reference = Some("shp_1".into());
    }
    manual.payment.amount = Amount(900);
    manual.payment.captured = Amount(900);
    manual.payment.capture_reference = Some("cap_1".into());
    let goods = json!({"order_id": "ORD-1", "lines": [{"sku": "SKU-1", "quantity": 3}]});
    let money = |reference: &str, amount: i64| json!({"order_id": "ORD-1", "reference": reference, "amount": amount, "currency": "USD"});
    let paid = |reference: &str| {
        let mut paid = money(reference, 1400);
        paid["customer_id"] = json!("cus-7");
        paid
    };
    let with = |mut told: Value, name: &str, value: Value| {
        told[name] = value;
        told
    };
    let step = |action: &str, more: Value| operation(&key(action), action, more);
    let reserved = step("reserve", with(goods.clone(), "reference", json!("rsv_1")));
    let shipped = step("ship", with(goods.clone(), "reference", json!("shp_1")));
    let charged = step("charge", paid("pay_1"));
    let held = step("authorize", paid("pay_1"));
    let captured = step("capture", money("cap_1", 900));
    let undone =
        |action: &str, of: &str| step(action, json!({"order_id": "ORD-1", "reference": "u", "undoes": key(of)}));
    let back = |amount: i64, of: &str| step("refund", with(money("re_1", amount), "undoes", json!(key(of))));
    let voided = operation(&key("void"), "refund", with(money("v", 1400), "undoes", json!(key("charge"))));
    let asked = refund(200);
    let asked_key = DEPLOYMENT.step_key(&auto.id, "refund", &asked.operation()).to_string();
    let asked_back = with(with(back(200, "charge"), "key", json!(asked_key)), "amount", json!(200));
    let of_client = Called { refund: Some(asked), ..called(&auto, Action::Refund) };
    let cases: &[(Called, Vec<Value>)] = &[
        (called(&auto, Action::Reserve), vec![reserved.clone()]),
        (called(&auto, Action::Charge), vec![charged.clone()]),
        (called(&manual, Action::Authorize), vec![held.clone()]),
        (called(&manual, Action::Capture), vec![held.clone(), captured.clone()]),
        (called(&auto, Action::Ship), vec![shipped.clone()]),
        (called(&auto, Action::Release), vec![reserved, undone("release", "reserve")]),
        (called(&auto, Action::CancelShipment), vec![shipped, undone("cancel-shipment", "ship")]),
        (called(&auto, Action::Void), vec![charged.clone(), voided]),
        (called(&manual, Action::Void), vec![held.clone(), undone("void", "authorize")]),
        (called(&auto, Action::Refund), vec![charged.clone(), back(1400, "charge")]),
        (called(&manual, Action::Refund), vec![held.clone(), captured.clone(), back(900, "capture")]),
        (of_client, vec![charged.clone(), asked_back]),
        (called(&auto, Call::LOOK_UP), vec![charged]),
        (called(&manual, Call::LOOK_UP), vec![held, captured]),
    ];
    let changes = [
        ("action", json!("ship"), json!("charge")),
        ("order_id", json!("ORD-2"), json!("ORD-2")),
        ("amount", json!(1), json!(1)),
        ("currency", json!("EUR"), json!("EUR")),
        ("customer_id", json!("cus-8"), json!("cus-8")),
        ("lines", json!([{"sku": "SKU-1", "quantity": 2}]), json!([{"sku": "SKU-2", "quantity": 3}])),
        ("reference", json!("another"), json!("another")),
        ("undoes", json!(Uuid::from_u128(9)), json!(Uuid::from_u128(9))),
    ];
    let mut tried = 0;
    for (called, told) in cases {
        let heard = |told: &[Value]| {
            let body = json!({"order_id": "ORD-1", "operations": told}).to_string();
            let looked = outcome::of_look_up(DEPLOYMENT, called, 200, body.as_bytes());
            (looked, outcome::contradiction(DEPLOYMENT, called, 200, body.as_bytes()))
        };
        let (outcome, contradiction) = heard(told);
        let settled = matches!(outcome, Outcome::Done { .. }) || told.iter().any(|step| !step["undoes"].is_null());
        assert!(settled && contradiction == Ok(None), "{}: {told:?}: {outcome:?}, {contradiction:?}", called.call.kind);
        for (place, (word, one, other)) in (0..told.len()).flat_map(|at| changes.iter().map(move |change| (at, change)))
        {
            let own = place + 1 == told.len();
            let is = &told[place][*word];
            // The name of what is being asked for is not known before; nor can what is not told be false.
            let unheard = *word == "reference" && own && !called.call.is_look_up();
            let void_s = called.call.action() == Some(Action::Void) && own && matches!(*word, "amount" | "currency");
            if is.is_null() || unheard || void_s {
                continue;
            }
            let mut told = told.clone();
            told[place][*word] = if is == one { other.clone() } else { one.clone() };
            let (outcome, contradiction) = heard(&told);
            assert!(
                matches!(&outcome, Outcome::Contradicted { .. }),
                "{}: {:?}: {outcome:?}",
                called.call.kind,
                told[place]
            );
            assert!(matches!(contradiction, Ok(Some(_))), "{}: {:?}", called.call.kind, told[place]);
            tried += 1;
        }
    }
    assert!(tried > 80, "{tried} contradictions were told");
    // A refusal of other content is none of ours, and money without an amount is no money.
    let refused = json!({"outcome": "refused", "reason": "card_declined", "amount": 1});
    let refused = looked_up(&order("automatic"), Action::Charge, &[operation(&key("charge"), "charge", refused)]);
    assert_eq!(
        refused,
        Outcome::Contradicted { reason: "charge was asked for the amount 1400 USD, the participant says 1".into() }
    );
    let silent = operation(&key("charge"), "charge", json!({"reference": "ch_1"}));
    assert_eq!(looked_up(&order("automatic"), Action::Charge, &[silent]), Outcome::Unknown);
    // Where there is no list, nothing is sent.
    for (status, body) in
        [(404, r#"{"order_id":"ORD-1","operations":[]}"#), (200, r#"{"order_id":"O","operations":[]}"#)]
    {
        assert_eq!(outcome::contradiction(DEPLOYMENT, &called(&auto, Action::Void), status, body.as_bytes()), Err(()));
    }
}

/// The answer to a call, or to its repeat: a partial authorisation, a key that stands for something else.
#[test]
fn an_answer_that_tells_of_something_else_contradicts() {
    let (auto, mut manual) = (order("automatic"), order("manual"));
    manual.payment.amount = Amount(900);
    for (order, action, status, body, reason) in [
        (
            &auto,
            Action::Charge,
            200,
            r#"{"reference":"c","amount":1,"currency":"EUR"}"#,
            "charge was asked for the amount 1400 USD, the participant says 1 EUR",
        ),
        (
            &auto,
            Action::Charge,
            200,
            r#"{"reference":"c","amount":1400,"currency":"EUR"}"#,
            "charge was asked for the currency USD, the participant says EUR",
        ),
        (
            &manual,
            Action::Authorize,
            200,
            r#"{"reference":"a","amount":1000,"expires_in_ms":5}"#,
            "authorize was asked for the amount 1400 USD, the participant says 1000",
        ),
        (
            &auto,
            Action::Charge,
            200,
            r#"{"reference":"c","order_id":"ORD-1","customer_id":"cus-8"}"#,
            "charge was asked for the customer cus-7, the participant says another",
        ),
        (
            &manual,
            Action::Capture,
            200,
            r#"{"reference":"c","amount":1400}"#,
            "capture was asked for the amount 900 USD, the participant says 1400",
        ),
        (
            &auto,
            Action::Ship,
            200,
            r#"{"reference":"s","order_id":"ORD-2"}"#,
            "ship was asked for the order ORD-1, the participant says ORD-2",
        ),
        (
            &auto,
            Action::Void,
            200,
            r#"{"reference":"v","captured":1,"refunded":1}"#,
            "void found 1 captured, where 1400 USD was asked",
        ),
        (
            &auto,
            Action::Void,
            200,
            r#"{"reference":"v","captured":2800}"#,
            "void found 2800 captured, where 1400 USD was asked",
        ),
        (
            &auto,
            Action::Charge,
            400,
            r#"{"code":"key_reused"}"#,
            "the key of charge stands for another call there (key_reused)",
        ),
        (
            &auto,
            Action::Ship,
            422,
            r#"{"reason":"key_reused"}"#,
            "the key of ship stands for another call there (key_reused)",
        ),
        (
            &auto,
            Action::Void,
            400,
            r#"{"code":"wrong_step"}"#,
            "the key of void stands for another call there (wrong_step)",
        ),
    ] {
        let told = answered(&called(order, action), status, body.as_bytes());
        assert_eq!(told, Outcome::Contradicted { reason: reason.into() }, "{status} {body}");
    }
    // A customer of the participant's own, and words that an earlier contract left to it, tell nothing.
    for told in
        [r#"{"reference":"c","customer_id":"cus_NffrFe"}"#, r#"{"reference":"c","amount":"14.00","order_id":7}"#]
    {
        assert_eq!(answered(&called(&auto, Action::Charge), 200, told.as_bytes()), done("c", false, 0), "{told}");
    }
    let told = r#"{"reference":"c","order_id":"ORD-1","amount":1400,"currency":"usd","customer_id":"cus-7"}"#;
    assert_eq!(answered(&called(&auto, Action::Charge), 200, told.as_bytes()), done("c", false, 0));
}

#[test]
fn who_shuts_all_out_is_away_and_who_forbids_one_thing_is_there() {
    let answer = |status| HttpAnswer { status, headers: hyper::HeaderMap::new(), body: Bytes::from_static(b"{}") };
    for (status, is_there) in
        [(200, true), (401, false), (403, true), (404, true), (407, false), (429, false), (500, false)]
    {
        assert_eq!(speaks(&answer(status)), is_there, "{status}");
    }
}

/// A charge of nothing is another charge; a refusal that says it moved nothing is a refusal.
#[test]
fn nothing_was_moved_by_what_was_refused_and_by_nothing_else() {
    let auto = order("automatic");
    let free = operation(&key("charge"), "charge", json!({"reference": "ch_1", "amount": 0}));
    let reason = "charge was asked for the amount 1400 USD, the participant says 0".to_owned();
    assert_eq!(looked_up(&auto, Action::Charge, &[free]), Outcome::Contradicted { reason });
    let refused = json!({"outcome": "refused", "reason": "no", "amount": 0});
    let refused = operation(&key("charge"), "charge", refused);
    assert_eq!(looked_up(&auto, Action::Charge, &[refused]), Outcome::refused("no"));
}

/// A step of one's own that is known by a name is known by no other.
#[test]
fn a_step_of_ones_own_keeps_its_name() {
    let mut order = client_tests::with_a_step();
    let named = DEPLOYMENT.step_key(&order.id, "run", "points").to_string();
    let told = operation(&named, "run", json!({"reference": "pts_1", "order_id": "ORD-1"}));
    let (run, undo, look_up) = (Call::own(Action::Run, 0), Call::own(Action::Undo, 0), Call::own(CallKind::LookUp, 0));
    assert_eq!(looked_up(&order, run, from_ref(&told)), done("pts_1", false, 0), "it is heard for the first time");
    let list = json!({"order_id": "ORD-1", "operations": [told]}).to_string();
    for (known, contradicts) in [("pts_1", false), ("pts_2", true)] {
        order.own.as_mut().expect("steps").states[0].reference = Some(known.into());
        for call in [run, undo, look_up] {
            let found = outcome::contradiction(DEPLOYMENT, &called(&order, call), 200, list.as_bytes());
            let reason = format!("run is known as {known}, the participant calls it pts_1");
            assert_eq!(found, Ok(contradicts.then_some(reason)), "{}", call.kind);
        }
    }
}

/// What undoes a step of one's own names its run, and how the participant calls that where it is known.
#[test]
fn an_undo_of_a_step_names_its_run() {
    let mut order = client_tests::with_a_step();
    let run = DEPLOYMENT.step_key(&order.id, "run", "points").to_string();
    let undo = Call::own(Action::Undo, 0);
    let asked = json!({"order_id": "ORD-1", "step": "points", "undoes": [{"key": run}]});
    assert_eq!(body(&called(&order, undo)), asked);
    order.own.as_mut().expect("a step").states[0].reference = Some("pts_1".into());
    let asked = json!({"order_id": "ORD-1", "step": "points", "undoes": [{"key": run, "reference": "pts_1"}]});
    assert_eq!(body(&called(&order, undo)), asked);
    assert!(request::of(DEPLOYMENT, &called(&order, Call::own(Action::Undo, 1))).is_none(), "no such step");
}

/// A look-up of a step of one's own is about its run, and of a payment about its own keys.
#[test]
fn a_look_up_is_about_what_was_asked() {
    let order = client_tests::with_a_step();
    let run = DEPLOYMENT.step_key(&order.id, "run", "points").to_string();
    let ran = operation(&run, "run", json!({"reference": "pts_1"}));
    let look_up = Call::own(CallKind::LookUp, 0);
    assert_eq!(looked_up(&order, look_up, from_ref(&ran)), done("pts_1", false, 0));
    assert_eq!(looked_up(&order, look_up, &[]), Outcome::Absent);
    assert_eq!(looked_up(&order, Call::LOOK_UP, from_ref(&ran)), Outcome::Absent, "it moved no money");
    // Somebody else's authorisation holds nothing of ours.
    let foreign = operation(&Uuid::from_u128(9).to_string(), "authorize", json!({"amount": 1400}));
    assert_eq!(looked_up(&self::order("manual"), Call::LOOK_UP, &[foreign]), Outcome::Absent);
}

/// A refund that found nothing to give back moved none, and one that moved some says how much.
#[test]
fn a_refund_says_how_much_it_moved_unless_it_moved_nothing() {
    let mut auto = order("automatic");
    auto.payment.captured = Amount(1400);
    let charged = operation(&key("charge"), "charge", json!({"reference": "ch_1", "amount": 1400}));
    let refund = |more: Value| {
        let mut refund = operation(&key("refund"), "refund", json!({"undoes": key("charge")}));
        more.as_object().expect("an object").iter().for_each(|(name, value)| refund[name] = value.clone());
        looked_up(&auto, Action::Refund, &[charged.clone(), refund])
    };
    assert_eq!(refund(json!({"reference": "re_1", "amount": 1400})), done("re_1", false, 0));
    assert_eq!(refund(json!({"reference": "re_1"})), Outcome::Unknown);
    let nothing = Outcome::Done { reference: None, tombstone: true, captured: Amount(0), holds_ms: None };
    assert_eq!(refund(json!({"tombstone": true})), nothing);
}
