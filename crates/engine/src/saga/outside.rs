//! What of an event may be told outside: what operators said, and who they are, stays among them.

use serde_json::{Map, Value};

use super::ids::Client;

/// Takes out of an event's fields what only operators are shown: of what they did to an order nothing but the action and its step; of a
/// refund that somebody else than the order's owner asked for its name and its reason.
pub fn without_operators(kind: &str, fields: &mut Map<String, Value>, owner: &Client) {
    match kind {
        "order.resumed" | "order.skipped" | "order.forced" | "step.skipped" => {
            fields.retain(|key, _| key == "action" || key == "step")
        }
        "payment.refunding" | "payment.refunded" | "payment.refund_refused" => {
            let name = fields.get("refund").and_then(Value::as_object).unwrap_or(fields);
            let asker = name.get("client").and_then(Value::as_str);
            if asker.is_some_and(|asker| asker != owner.as_str()) {
                let asks = kind == "payment.refunding"; // else the reason is the participant's word
                let names_them = |key: &str| matches!(key, "client" | "key" | "refund") || asks && key == "reason";
                fields.retain(|key, _| !names_them(key));
            }
        }
        _ => {}
    }
}
