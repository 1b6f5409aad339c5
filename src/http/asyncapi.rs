//! `/asyncapi.json`: what is published, as AsyncAPI 3 describes it, in one document. It needs no token: it is the same for
//! everybody, and tells nothing of this instance.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use serde_json::Value;

use super::{Answered, HttpCall};

const DOCUMENT: &str = include_str!("../../asyncapi/asyncapi.json");

/// By the name under which the document refers to it.
const SCHEMAS: [(&str, &str); 27] = [
    (
        "./schemas/counterfoil.inventory.rejected.json",
        include_str!("../../asyncapi/schemas/counterfoil.inventory.rejected.json"),
    ),
    (
        "./schemas/counterfoil.inventory.released.json",
        include_str!("../../asyncapi/schemas/counterfoil.inventory.released.json"),
    ),
    (
        "./schemas/counterfoil.inventory.reserved.json",
        include_str!("../../asyncapi/schemas/counterfoil.inventory.reserved.json"),
    ),
    (
        "./schemas/counterfoil.order.attention.json",
        include_str!("../../asyncapi/schemas/counterfoil.order.attention.json"),
    ),
    (
        "./schemas/counterfoil.order.cancelled.json",
        include_str!("../../asyncapi/schemas/counterfoil.order.cancelled.json"),
    ),
    (
        "./schemas/counterfoil.order.compensating.json",
        include_str!("../../asyncapi/schemas/counterfoil.order.compensating.json"),
    ),
    (
        "./schemas/counterfoil.order.completed.json",
        include_str!("../../asyncapi/schemas/counterfoil.order.completed.json"),
    ),
    ("./schemas/counterfoil.order.created.json", include_str!("../../asyncapi/schemas/counterfoil.order.created.json")),
    ("./schemas/counterfoil.order.forced.json", include_str!("../../asyncapi/schemas/counterfoil.order.forced.json")),
    ("./schemas/counterfoil.order.resumed.json", include_str!("../../asyncapi/schemas/counterfoil.order.resumed.json")),
    ("./schemas/counterfoil.order.skipped.json", include_str!("../../asyncapi/schemas/counterfoil.order.skipped.json")),
    (
        "./schemas/counterfoil.payment.authorized.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.authorized.json"),
    ),
    (
        "./schemas/counterfoil.payment.capturing.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.capturing.json"),
    ),
    (
        "./schemas/counterfoil.payment.charged.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.charged.json"),
    ),
    (
        "./schemas/counterfoil.payment.declined.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.declined.json"),
    ),
    (
        "./schemas/counterfoil.payment.refund_refused.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.refund_refused.json"),
    ),
    (
        "./schemas/counterfoil.payment.refunded.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.refunded.json"),
    ),
    (
        "./schemas/counterfoil.payment.refunding.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.refunding.json"),
    ),
    (
        "./schemas/counterfoil.payment.unknown.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.unknown.json"),
    ),
    (
        "./schemas/counterfoil.payment.voided.json",
        include_str!("../../asyncapi/schemas/counterfoil.payment.voided.json"),
    ),
    (
        "./schemas/counterfoil.shipment.cancelled.json",
        include_str!("../../asyncapi/schemas/counterfoil.shipment.cancelled.json"),
    ),
    (
        "./schemas/counterfoil.shipment.created.json",
        include_str!("../../asyncapi/schemas/counterfoil.shipment.created.json"),
    ),
    (
        "./schemas/counterfoil.shipment.failed.json",
        include_str!("../../asyncapi/schemas/counterfoil.shipment.failed.json"),
    ),
    ("./schemas/counterfoil.step.done.json", include_str!("../../asyncapi/schemas/counterfoil.step.done.json")),
    ("./schemas/counterfoil.step.refused.json", include_str!("../../asyncapi/schemas/counterfoil.step.refused.json")),
    ("./schemas/counterfoil.step.skipped.json", include_str!("../../asyncapi/schemas/counterfoil.step.skipped.json")),
    ("./schemas/counterfoil.step.undone.json", include_str!("../../asyncapi/schemas/counterfoil.step.undone.json")),
];

/// The document with its schemas in it. What cannot be read stays a reference: a test reads all of it.
static WHOLE: LazyLock<String> = LazyLock::new(|| {
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    take_in(&mut document);
    document.to_string()
});

fn take_in(value: &mut Value) {
    let named = value.get("$ref").and_then(Value::as_str);
    let schema = named.and_then(|named| SCHEMAS.iter().find(|(name, _)| *name == named));
    if let Some(schema) = schema.and_then(|(_, text)| serde_json::from_str(text).ok()) {
        *value = schema;
        return;
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(take_in),
        Value::Object(fields) => fields.values_mut().for_each(take_in),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `GET /asyncapi.json`
pub(super) async fn show(_call: HttpCall) -> Answered {
    Ok(HttpResponse::Ok().content_type("application/json").body(WHOLE.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saga::event::NAMES;

    #[test]
    fn it_holds_a_schema_of_each_type_of_event() {
        let told: Vec<_> = SCHEMAS.iter().map(|(name, _)| *name).collect();
        let names = NAMES.map(|name| format!("./schemas/counterfoil.{name}.json"));
        assert_eq!(told, names);
        let whole: Value = serde_json::from_str(&WHOLE).unwrap();
        assert!(!WHOLE.contains("./schemas/"), "{}", *WHOLE);
        let messages = whole["components"]["messages"].as_object().unwrap();
        // But for the one that has any of them in it.
        let events = messages.iter().filter(|(name, _)| *name != "Posted");
        let mut described: Vec<_> = events.map(|(_, message)| message["payload"]["title"].as_str().unwrap()).collect();
        described.sort_unstable();
        assert_eq!(described, NAMES.map(|name| format!("counterfoil.{name}")));
    }
}
