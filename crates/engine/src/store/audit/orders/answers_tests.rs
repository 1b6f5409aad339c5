//! Answers are what is documented, byte for byte; a refusal, and the level of a stock, are taken for one where all of it agrees.

use super::super::fold::tests::Order;
use super::*;

fn content(order_id: &str, amount: i64, currency: &str) -> Content {
    let (order_id, currency) = (order_id.to_owned(), currency.to_owned());
    Content { order_id, amount, currency, ..Order::automatic().content }
}

fn answer(status: i64, body: &str) -> StoredAnswer {
    StoredAnswer { status, body: body.to_owned() }
}

/// As the first pages of the book show them.
#[test]
fn an_order_is_answered_as_it_is_documented() {
    assert_eq!(
        success(&content("ORD-1", 3_998, "USD"), "COMPLETED", 5),
        answer(201, r#"{"order_id":"ORD-1","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}"#)
    );
    assert_eq!(
        success(&content("ik_\"", 1, "E\\R"), "CANCELLED", 12),
        answer(201, r#"{"order_id":"ik_\"","state":"CANCELLED","version":12,"amount":1,"currency":"E\\R"}"#)
    );
    let declined = json!({"code": "payment_declined", "reason": "card_declined"});
    assert_eq!(
        failure(&content("ORD-2", 3_998, "USD"), &declined, &["inventory.released"]),
        answer(
            402,
            r#"{"type":"urn:counterfoil:problem:payment_declined","title":"Payment declined","status":402,"detail":"the payment was declined; the stock was released and nothing was charged","code":"payment_declined","order_id":"ORD-2","final":true,"reason":"card_declined","compensations":["inventory.released"]}"#
        )
    );
    let failed = json!({"code": "shipment_failed", "reason": "carrier_refused"});
    assert_eq!(
        failure(&content("ORD-3", 3_998, "USD"), &failed, &["payment.refunded", "inventory.released"]),
        answer(
            500,
            r#"{"type":"urn:counterfoil:problem:shipment_failed","title":"Shipment failed","status":500,"detail":"the carrier refused the shipment; the charge was refunded and the stock released","code":"shipment_failed","order_id":"ORD-3","final":true,"reason":"carrier_refused","compensations":["payment.refunded","inventory.released"]}"#
        )
    );
    let short =
        |sku: &str, requested: i64, available: i64| json!({"sku": sku, "requested": requested, "available": available});
    let one = json!({"code": "out_of_stock", "shortages": [short("SKU-0001", 2_000_000, 999_998)]});
    assert_eq!(
        failure(&content("ORD-4", 3_998, "USD"), &one, &["step.undone"]),
        answer(
            409,
            r#"{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of SKU-0001; nothing was charged","code":"out_of_stock","order_id":"ORD-4","final":true,"shortages":[{"sku":"SKU-0001","requested":2000000,"available":999998}]}"#
        )
    );
    let more = json!({"code": "out_of_stock", "shortages": [short("A", 2, 1), short("\"B\"", 3, -1)]});
    assert_eq!(
        failure(&content("ORD-5", 1, "USD"), &more, &[]),
        answer(
            409,
            r#"{"type":"urn:counterfoil:problem:out_of_stock","title":"Out of stock","status":409,"detail":"not enough stock of A, \"B\"; nothing was charged","code":"out_of_stock","order_id":"ORD-5","final":true,"shortages":[{"sku":"A","requested":2,"available":1},{"sku":"\"B\"","requested":3,"available":-1}]}"#
        )
    );
}

#[test]
fn who_called_an_order_off_is_told() {
    let order = content("ORD-6", 1, "USD");
    for reason in ["client", "operator", "expired", "participant"] {
        let body = format!(
            r#"{{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped; what was done was undone","code":"order_cancelled","order_id":"ORD-6","final":true,"reason":"{reason}","compensations":["payment.voided","inventory.released"]}}"#
        );
        let why = json!({"code": "order_cancelled", "reason": reason});
        assert_eq!(failure(&order, &why, &["payment.voided", "inventory.released"]), answer(409, &body));
    }
    let why = json!({"code": "order_cancelled", "reason": "participant", "detail": "no \"such\" card"});
    assert_eq!(
        failure(&order, &why, &[]),
        answer(
            409,
            r#"{"type":"urn:counterfoil:problem:order_cancelled","title":"Order cancelled","status":409,"detail":"the order was cancelled before it was shipped (a participant said \"no \\\"such\\\" card\"); what was done was undone","code":"order_cancelled","order_id":"ORD-6","final":true,"reason":"participant","compensations":[]}"#
        )
    );
    // A step's refusal is stored as a participant's, with more to it.
    let why =
        json!({"code": "order_cancelled", "reason": "participant", "detail": "a \"score\" of 9", "step": "fraud"});
    assert_eq!(
        failure(&order, &why, &["inventory.released"]),
        answer(
            409,
            r#"{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"ORD-6","final":true,"step":"fraud","reason":"a \"score\" of 9","compensations":["inventory.released"]}"#
        )
    );
}

const COMPLETED: &str =
    "order.created, inventory.reserved, payment.charged amount=1000, shipment.created, order.completed";

/// A refund's answer tells where the order stood after the commit that settled it, whatever came later.
#[test]
fn a_refund_is_answered_by_where_the_order_stood() {
    let order = Order::automatic();
    let folded = order.after(&format!(
        "{COMPLETED} | payment.refunding client=shop key=a amount=300 reason=broken | \
         payment.refunding client=shop key=b amount=50 reason= restock=[{{\"quantity\":1,\"sku\":\"A\"}}] | \
         payment.refunded amount=300 refund={{\"client\":\"shop\",\"key\":\"a\"}} | \
         payment.refunding client=shop key=c amount=20 reason=late | \
         payment.refunded amount=50 refund={{\"client\":\"shop\",\"key\":\"b\"}}, \
         payment.refunding client=shop key=d amount=1 reason=more"
    ));
    let told = |place: usize| refunded(&order.content, &folded, &folded.refunds[place]);
    assert_eq!(
        told(0),
        Some(answer(
            201,
            r#"{"captured":1000,"currency":"EUR","order_id":"ORD-1","refund":{"amount":300,"reason":"broken","restock":[]},"refunded":350,"state":"COMPLETED","version":8}"#
        ))
    );
    assert_eq!(
        told(1),
        Some(answer(
            201,
            r#"{"captured":1000,"currency":"EUR","order_id":"ORD-1","refund":{"amount":50,"reason":"","restock":[{"quantity":1,"sku":"A"}]},"refunded":371,"state":"COMPLETED","version":11}"#
        ))
    );
    assert_eq!((told(2), told(3)), (None, None), "they are under way");
    let nowhere = Refund { settled: Some(folded.stands.len()), ..folded.refunds[0].clone() };
    assert_eq!(refunded(&order.content, &folded, &nowhere), None);
}

/// A JSON body with one field of it changed; `null` takes it away.
fn with(body: &Value, field: &str, value: &Value) -> String {
    let mut body = body.clone();
    let fields = body.as_object_mut().expect("an object");
    if value.is_null() {
        fields.remove(field);
    } else {
        fields.insert(field.to_owned(), value.clone());
    }
    body.to_string()
}

#[test]
fn a_refusal_agrees_with_itself_and_names_where_the_order_stood() {
    let order = Order::automatic();
    let folded = order
        .after("order.created | inventory.reserved, payment.charged amount=1000 | shipment.created, order.completed");
    let is_one = |status: i64, body: &str| is_refusal(&order.content, &folded, &answer(status, body));
    let body = json!({
        "type": "urn:counterfoil:problem:wrong_state",
        "title": "Wrong state",
        "status": 409,
        "detail": "cancel: not while the order is COMPLETED",
        "code": "wrong_state",
        "order_id": "ORD-1",
        "state": "COMPLETED",
        "final": true,
    });
    assert!(is_one(409, &body.to_string()));
    for (state, stood) in [
        ("CREATED", true),
        ("PAYMENT_CHARGED", true),
        ("COMPLETED", true),
        // It went through these within a commit, and never stood there.
        ("INVENTORY_RESERVED", false),
        ("SHIPMENT_CREATED", false),
        ("CANCELLED", false),
        ("", false),
    ] {
        assert_eq!(is_one(409, &with(&body, "state", &json!(state))), stood, "{state}");
    }
    for (status, right) in [(399, false), (400, true), (409, true), (499, true), (500, false), (201, false)] {
        assert_eq!(is_one(status, &with(&body, "status", &json!(status))), right, "{status}");
    }
    assert!(!is_one(408, &body.to_string()), "another status than it says");
    for (field, wrong) in [
        ("type", json!("urn:counterfoil:problem:refund_refused")),
        ("type", json!("wrong_state")),
        ("type", Value::Null),
        ("status", json!(410)),
        ("status", json!("409")),
        ("status", Value::Null),
        ("code", json!("refund_refused")),
        ("code", Value::Null),
        ("order_id", json!("ORD-2")),
        ("order_id", Value::Null),
        ("state", json!(5)),
        ("state", Value::Null),
        ("final", json!(false)),
        ("final", Value::Null),
    ] {
        assert!(!is_one(409, &with(&body, field, &wrong)), "{field} {wrong}");
    }
    let nameless = json!({"type": "urn:counterfoil:problem:", "code": "", "status": 409, "order_id": "ORD-1",
        "state": "COMPLETED", "final": true});
    assert!(!is_one(409, &nameless.to_string()), "without a code");
    assert!(!is_one(409, ""), "it cannot be read");
    assert!(!is_one(409, &format!("{body}{body}")), "it cannot be read");
}

#[test]
fn a_level_agrees_with_itself() {
    let is_one = |status: i64, body: &str| is_level("A", &answer(status, body));
    let level = json!({"sku": "A", "on_hand": 5, "reserved": 3, "available": 2});
    assert!(is_one(201, &level.to_string()));
    let refusal = json!({"sku": "A", "on_hand": 5, "reserved": 3, "available": 2, "status": 409,
        "code": "stock_out_of_range", "type": "urn:counterfoil:problem:stock_out_of_range"});
    assert!(is_one(409, &refusal.to_string()));
    for (status, body) in [(201, &level), (409, &refusal)] {
        for (field, wrong) in [
            ("sku", json!("B")),
            ("sku", Value::Null),
            ("on_hand", json!(6)),
            ("on_hand", json!("5")),
            ("on_hand", Value::Null),
            ("reserved", json!(4)),
            ("reserved", json!(2.5)),
            ("reserved", Value::Null),
            ("available", json!(1)),
            ("available", json!(8)),
            ("available", Value::Null),
        ] {
            assert!(!is_one(status, &with(body, field, &wrong)), "{status}: {field} {wrong}");
        }
        assert!(!is_level("B", &answer(status, &body.to_string())), "another's");
    }
    // Neither is the other, nor anything else.
    for (status, body) in [
        (409, level.to_string()),
        (200, level.to_string()),
        (202, level.to_string()),
        (201, refusal.to_string()),
        (410, refusal.to_string()),
        (201, with(&level, "code", &json!("internal"))),
        (409, with(&refusal, "status", &json!(410))),
        (409, with(&refusal, "status", &Value::Null)),
        (409, with(&refusal, "code", &json!("internal"))),
        (409, with(&refusal, "code", &Value::Null)),
        (410, with(&refusal, "status", &json!(410))),
        (201, String::new()),
    ] {
        assert!(!is_one(status, &body), "{status} {body}");
    }
    let none = json!({"sku": "A", "on_hand": 0, "reserved": 0, "available": 0});
    assert!(is_one(201, &none.to_string()));
    let most = json!({"sku": "A", "on_hand": i64::MIN, "reserved": 1, "available": i64::MAX});
    assert!(!is_one(201, &most.to_string()), "no such number");
}
