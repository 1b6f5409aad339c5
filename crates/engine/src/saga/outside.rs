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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What of an event with these fields is told outside, of an order that is the shop's.
    fn told(kind: &str, fields: Value) -> Value {
        let Value::Object(mut fields) = fields else { panic!("an object") };
        without_operators(kind, &mut fields, &Client::trusted("shop"));
        Value::Object(fields)
    }

    #[test]
    fn of_what_operators_did_the_action_and_its_step_are_told() {
        let fields = || json!({"action": "charge", "step": "fraud", "by": "ops", "reason": "seen"});
        for kind in ["order.resumed", "order.skipped", "order.forced", "step.skipped"] {
            assert_eq!(told(kind, fields()), json!({"action": "charge", "step": "fraud"}), "{kind}");
        }
        for kind in ["order.cancelled", "step.refused", "payment.declined"] {
            assert_eq!(told(kind, fields()), fields(), "{kind}");
        }
    }

    /// The name of a refund is that of its key: its owner's is told, an operator's is not, nor why an operator asked. Why a
    /// participant refused is.
    #[test]
    fn a_refund_of_an_operator_has_no_name_outside() {
        let flat = |client: &str| json!({"client": client, "key": "k", "amount": 5, "reason": "seen"});
        let named = |client: &str| json!({"refund": {"client": client, "key": "k"}, "amount": 5, "reason": "seen"});
        for kind in ["payment.refunding", "payment.refunded", "payment.refund_refused"] {
            for own in [flat("shop"), named("shop"), json!({"amount": 5, "reason": "seen"})] {
                assert_eq!(told(kind, own.clone()), own, "{kind}");
            }
            let rest =
                if kind == "payment.refunding" { json!({"amount": 5}) } else { json!({"amount": 5, "reason": "seen"}) };
            assert_eq!((told(kind, flat("ops")), told(kind, named("ops"))), (rest.clone(), rest), "{kind}");
        }
    }
}
