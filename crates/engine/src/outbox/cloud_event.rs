//! Events as CloudEvents 1.0, in their JSON form: what a consumer sees, whatever the way it came.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::limits;
use crate::ports::feed::{Content, Record};
use crate::saga::event::{Fact, ORDER_CREATED};
use crate::saga::upcast::{UPCASTS, upcast};
use crate::saga::{Client, outside};

/// What every event's type begins with.
const PREFIX: &str = "counterfoil.";

/// The most bytes that an event can have, as JSON: an `order.created` with as many lines, adjustments and labels as an order may
/// have, each text as long as it may be, of characters with four bytes, and personal data. What takes less may be handed an
/// order one day that it does not take. (No text of a client's has control characters: those would be longer.)
pub const LARGEST_EVENT: usize = {
    const NAME: usize = 4 * 64;
    const TEXT: usize = 4 * limits::TEXT;
    let line = NAME + r#"{"sku":"","quantity":1000000000,"unit_price":1000000000000},"#.len();
    let adjustment =
        4 * limits::ADJUSTMENT_LABEL + r#"{"kind":"discount","label":"","amount":-9007199254740991},"#.len();
    let label = 4 * (limits::METADATA_KEY + limits::METADATA_VALUE) + r#""":"","#.len();
    // The client, the buyer, the payment token, and the nine of the address.
    let texts = 12 * (TEXT + r#""payment_method":"","#.len());
    let names = r#""amount":,"currency":"","capture":"","lines":[],"adjustments":[],"metadata":{},"ship_to":{},"#.len();
    limits::EVENT_HEAD
        + limits::LINES * line
        + limits::ADJUSTMENTS * adjustment
        + limits::METADATA_ENTRIES * label
        + texts
        + names
};

/// One event. Its id is the same whenever it is told again, and no two events have one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CloudEvent {
    /// Always `1.0`.
    pub specversion: &'static str,
    /// `ORDER_ID/VERSION`.
    pub id: String,
    /// `counterfoil.` and the event's type.
    pub r#type: String,
    /// Which deployment told it: `/counterfoil/NAME`.
    pub source: String,
    /// The id of the order that it is about.
    pub subject: String,
    /// When it was decided, RFC 3339.
    pub time: String,
    /// The version that it raised its order to, from 1, without gaps: whoever has seen one passes over it and all below.
    pub sequence: String,
    /// The history of the database in which it was committed: rises after a promotion or a restore.
    pub epoch: i32,
    /// Always `application/json`.
    pub datacontenttype: &'static str,
    /// The event's own fields.
    pub data: Map<String, Value>,
}

impl CloudEvent {
    /// The event's type without `counterfoil.` before it.
    pub fn kind(&self) -> &str {
        self.r#type.strip_prefix(PREFIX).unwrap_or(&self.r#type)
    }
}

/// An event that this program cannot read: a newer one wrote it, or somebody changed it by hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the events of order {order_id} from version {first_version} on cannot be read: {reason}")]
pub struct Unreadable {
    order_id: String,
    first_version: i32,
    reason: String,
}

/// Whether the content of its order is needed to tell of a commit: what it was submitted with, or whose it is.
pub fn needs_content(record: &Record) -> bool {
    record.row.first_version == 1 || record.events.contains("\"payment.refund")
}

/// The events of a commit. `content` is its order's, where it is [needed](needs_content); personal data (the address, the labels, the payment token) only where
/// it is asked for. What operators said, and who they are, is never in them.
pub fn events(
    record: &Record,
    content: &Content,
    source: &str,
    personal_data: bool,
) -> Result<Vec<CloudEvent>, Unreadable> {
    let unreadable = |reason: String| {
        let (order_id, first_version) = (record.row.order_id.clone(), record.row.first_version);
        Unreadable { order_id, first_version, reason }
    };
    let stored: Vec<Value> = serde_json::from_str(&record.events).map_err(|error| unreadable(error.to_string()))?;
    let owner = Client::trusted(content.client.as_str());
    let told = (i64::from(record.row.first_version)..).zip(stored).map(|(version, mut event)| {
        // Whatever wrote it, consumers see one shape of a type.
        upcast(&mut event, UPCASTS).map_err(|error| unreadable(format!("version {version}: {error}")))?;
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        let data = if kind == ORDER_CREATED {
            created(content, personal_data).map_err(|error| unreadable(error.to_string()))?
        } else {
            // Read and told as this program knows it: which fields of others are an operator's it cannot know.
            let fact: Fact = serde_json::from_value(event).map_err(|error| {
                unreadable(format!("version {version} ({kind}), as a newer program wrote it: {error}"))
            })?;
            let told = serde_json::to_value(fact).map_err(|error| unreadable(error.to_string()))?;
            let Value::Object(mut data) = told else {
                return Err(unreadable(format!("version {version} has no fields")));
            };
            data.remove("type");
            outside::without_operators(&kind, &mut data, &owner);
            data
        };
        let order_id = &record.row.order_id;
        Ok(CloudEvent {
            specversion: "1.0",
            id: format!("{order_id}/{version}"),
            r#type: format!("{PREFIX}{kind}"),
            source: source.into(),
            subject: order_id.clone(),
            time: record.at.to_string(),
            sequence: version.to_string(),
            epoch: record.row.xact.epoch,
            datacontenttype: "application/json",
            data,
        })
    });
    told.collect()
}

/// What `order.created` tells: the order as it was submitted.
fn created(content: &Content, personal_data: bool) -> Result<Map<String, Value>, serde_json::Error> {
    let mut data = Map::new();
    data.insert("client".into(), json!(content.client));
    data.insert("customer_id".into(), json!(content.customer_id));
    data.insert("currency".into(), json!(content.currency));
    data.insert("amount".into(), json!(content.amount));
    data.insert("lines".into(), serde_json::from_str(&content.lines)?);
    let details: Map<String, Value> = serde_json::from_str(&content.details)?;
    // What may leave, and not what may not: a newer program may keep more of an order than this one knows of.
    let leaves = |key: &str| match key {
        "capture" | "adjustments" => true,
        "ship_to" | "metadata" | "payment_method" => personal_data,
        _ => false,
    };
    data.extend(details.into_iter().filter(|(key, _)| leaves(key)));
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::feed::{Row, Xact};
    use crate::saga::Timestamp;

    fn record(first_version: i32, events: &str) -> Record {
        let row = Row { xact: Xact { epoch: 2, number: 7 }, order_id: "ORD-1".into(), first_version };
        Record { row, at: Timestamp(0), events: events.into() }
    }

    fn content() -> Content {
        Content {
            client: "shop".into(),
            customer_id: "cus-7".into(),
            currency: "USD".into(),
            amount: 100,
            lines: r#"[{"sku":"S","quantity":2,"unit_price":50}]"#.into(),
            details: r#"{"payment_method":"pm_ok","ship_to":{"name":"A"},"metadata":{"k":"v"},"capture":"manual"}"#
                .into(),
        }
    }

    #[test]
    fn an_event_looks_as_documented() {
        let stored =
            record(1, r#"[{"type":"order.created","seal":"AAAA"},{"type":"inventory.reserved","reference":"r"}]"#);
        let told = events(&stored, &content(), "/counterfoil/shop", false).unwrap();
        assert_eq!(
            told.iter().map(|event| serde_json::to_string(event).unwrap()).collect::<Vec<_>>(),
            [
                concat!(
                    r#"{"specversion":"1.0","id":"ORD-1/1","type":"counterfoil.order.created","#,
                    r#""source":"/counterfoil/shop","subject":"ORD-1","time":"1970-01-01T00:00:00.000000Z","#,
                    r#""sequence":"1","epoch":2,"datacontenttype":"application/json","data":{"amount":100,"#,
                    r#""capture":"manual","client":"shop","currency":"USD","customer_id":"cus-7","#,
                    r#""lines":[{"quantity":2,"sku":"S","unit_price":50}]}}"#
                ),
                concat!(
                    r#"{"specversion":"1.0","id":"ORD-1/2","type":"counterfoil.inventory.reserved","#,
                    r#""source":"/counterfoil/shop","subject":"ORD-1","time":"1970-01-01T00:00:00.000000Z","#,
                    r#""sequence":"2","epoch":2,"datacontenttype":"application/json","data":{"reference":"r"}}"#
                ),
            ]
        );
    }

    #[test]
    fn personal_data_leaves_only_where_it_is_asked_for_and_operators_words_never() {
        let stored = record(1, r#"[{"type":"order.created"}]"#);
        let whole = events(&stored, &content(), "", true).unwrap();
        for name in ["payment_method", "ship_to", "metadata"] {
            assert!(whole[0].data.contains_key(name), "{name}");
        }
        let stored = record(
            4,
            r#"[{"type":"order.skipped","action":"charge","reason":"a call","by":"ops"},
                {"type":"order.resumed","reason":"it answers","by":"ops"},
                {"type":"payment.refunding","client":"ops","key":"k","amount":5,"reason":"a gift"},
                {"type":"payment.refunding","client":"shop","key":"k","amount":5,"reason":"asked for"}]"#,
        );
        let told = events(&stored, &content(), "", true).unwrap();
        let data: Vec<_> = told.iter().map(|event| json!(event.data)).collect();
        assert_eq!(
            data,
            [
                json!({"action": "charge"}),
                json!({}),
                json!({"amount": 5}),
                json!({"client": "shop", "key": "k", "amount": 5, "reason": "asked for"}),
            ]
        );
    }

    /// As many as there may be of everything, as long as it may be.
    #[test]
    fn no_event_is_larger_than_the_largest() {
        let text = |characters: usize| "\u{1f9fe}".repeat(characters);
        let sku = |number: usize| format!("{}{}", ["\u{1f9fe}", "\u{1f6d2}"][number % 2], text(63));
        let lines: Vec<_> = (0..limits::LINES)
            .map(|number| json!({"sku": sku(number), "quantity": limits::QUANTITY, "unit_price": limits::UNIT_PRICE}))
            .collect();
        let label = || text(limits::ADJUSTMENT_LABEL);
        let adjustment = || json!({"kind": "discount", "label": label(), "amount": -crate::saga::money::MAX_AMOUNT});
        let adjustments: Vec<_> = (0..limits::ADJUSTMENTS).map(|_| adjustment()).collect();
        let key = |number: usize| format!("{number:02}{}", text(limits::METADATA_KEY - 2));
        let metadata: Map<_, _> =
            (0..limits::METADATA_ENTRIES).map(|number| (key(number), json!(text(limits::METADATA_VALUE)))).collect();
        let long = || text(limits::TEXT);
        let details = json!({
            "payment_method": long(), "capture": "automatic", "metadata": metadata, "adjustments": adjustments,
            "ship_to": {"name": long(), "line1": long(), "line2": long(), "city": long(), "region": long(),
                "postal_code": long(), "country": "US", "email": long(), "phone": long()},
        });
        let content = Content {
            client: long(),
            customer_id: long(),
            currency: "USD".into(),
            amount: crate::saga::money::MAX_AMOUNT,
            lines: json!(lines).to_string(),
            details: details.to_string(),
        };
        let shortage =
            |number: usize| json!({"sku": sku(number), "requested": 1_000_000_000_000_i64, "available": i64::MAX});
        let restock = |number: usize| json!({"sku": sku(number), "quantity": limits::QUANTITY});
        let (all, word) = (0..limits::LINES, "\u{1}".repeat(limits::PARTICIPANT_TEXT));
        let stored = json!([
            {"type": "order.created"},
            {"type": "inventory.rejected", "shortages": all.clone().map(shortage).collect::<Vec<_>>(), "reason": word},
            {"type": "payment.refunding", "client": long(), "key": "k".repeat(255), "amount": 1,
                "reason": text(limits::REASON), "restock": all.map(restock).collect::<Vec<_>>()},
            {"type": "order.compensating", "reason": "client", "detail": word},
        ]);
        let mut record = record(1, &stored.to_string());
        record.row.order_id = "O".repeat(64);
        record.row.xact.epoch = i32::MAX;
        let source = format!("/counterfoil/{}", "s".repeat(limits::DEPLOYMENT_NAME));
        let told = events(&record, &content, &source, true).unwrap();
        let sizes: Vec<_> = told.iter().map(|event| serde_json::to_vec(event).unwrap().len()).collect();
        assert!(sizes.iter().all(|size| *size <= LARGEST_EVENT), "{sizes:?} of {LARGEST_EVENT}");
        // And it is no more than that needs to be.
        assert!(sizes[0] > LARGEST_EVENT / 100 * 98, "{sizes:?} of {LARGEST_EVENT}");
    }

    /// Instances are upgraded one after the other.
    #[test]
    fn what_only_a_newer_program_knows_stays_inside() {
        let content = Content { details: r#"{"payment_method":"pm_ok","bill_to":{"name":"A"}}"#.into(), ..content() };
        let stored = record(1, r#"[{"type":"order.created"},{"type":"order.completed","by":"ops"}]"#);
        for told in events(&stored, &content, "", true).unwrap() {
            assert!(!told.data.contains_key("bill_to") && !told.data.contains_key("by"), "{told:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let newer = [r#"[{"type":"order.teleported","by":"ops"}]"#, r#"[{"type":"order.completed","v":2}]"#];
        for text in ["not JSON", "[1]", r#"[{"kind":"order.created"}]"#].into_iter().chain(newer) {
            let error = events(&record(3, text), &content(), "", false).unwrap_err();
            assert!(error.to_string().starts_with("the events of order ORD-1 from version 3 on cannot"), "{error}");
        }
    }
}
