//! Promise: what is published is as its schema says, field by field, and stays so: a consumer that was written against an
//! earlier version of a schema reads what a later one sends, and the other way round. Judged by validators that are not ours.
//!
//! `UPDATE_GOLDEN=1` writes the schemas of this version down, where there are none yet.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use counterfoil::outbox;
use counterfoil::ports::feed::{Content, Record, Row, Xact};
use counterfoil::saga::effect::Action;
use counterfoil::saga::event::{Fact, NAMES, RefundName};
use counterfoil::saga::failure::{CancelReason, Shortage};
use counterfoil::saga::{Amount, Client, Event, IdempotencyKey, Restock, Sku, StepName, Timestamp};
use serde_json::{Map, Value, json};

use crate::support::database::TestDatabase;
use crate::support::kafka::{has_node, is_there, tools};
use crate::support::program::{Folder, Program};

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/asyncapi/schemas");
const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/schemas");
const STREAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/streams");

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == ending))
        .collect();
    found.sort();
    found
}

fn json_of(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).expect("read a file")).expect("JSON")
}

/// All schemas, by type.
fn schemas() -> Map<String, Value> {
    let name = |path: &PathBuf| path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
    files(SCHEMAS, "json").iter().map(|path| (name(path), json_of(path))).collect()
}

/// What is wrong with these, each a type and its data, in the eyes of whoever has the schemas; of attributes, of an event with
/// them, and of what signs it, the type is what the document calls their schema.
pub fn judged(events: &[Value]) -> Vec<String> {
    let mut judge = Command::new(tools().join("python/bin/python"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/described.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start python");
    let asked = json!({"folder": SCHEMAS, "events": events}).to_string();
    judge.stdin.take().expect("its input").write_all(asked.as_bytes()).expect("ask");
    let told = judge.wait_with_output().expect("an answer");
    assert!(told.status.success());
    serde_json::from_slice(&told.stdout).expect("JSON")
}

pub fn content() -> Content {
    Content {
        client: "shop".into(),
        customer_id: "cus-7".into(),
        currency: "USD".into(),
        amount: 101,
        lines: r#"[{"sku":"S","quantity":2,"unit_price":50},{"sku":"T","quantity":1,"amount":0}]"#.into(),
        details: r#"{"payment_method":"pm_ok","capture":"manual","metadata":{"k":"v"},
            "ship_to":{"name":"A","line1":"B","line2":"2","city":"C","region":"R","postal_code":"1","country":"DE",
                "email":"a@b.c","phone":"1"},
            "adjustments":[{"kind":"shipping","label":"parcel","amount":1}]}"#
            .into(),
    }
}

/// One of each type with all that it can hold, and one with as little as it can.
pub fn facts() -> Vec<Fact> {
    let (text, amount) = (|| Some("a word".into()), Amount(5));
    let by = || Some(Client::trusted("ops"));
    let refund = |client: &str| RefundName { client: Client::trusted(client), key: IdempotencyKey::trusted("k") };
    let (reference, detail) = (|| Some("its-name".into()), || Some("a word".to_owned()));
    let short = Shortage { sku: Sku::trusted("S"), requested: 2, available: 0 };
    let restock = vec![Restock { sku: Sku::trusted("S"), quantity: 1 }];
    let mut facts = vec![
        Fact::InventoryReserved { reference: reference() },
        Fact::InventoryReserved { reference: None },
        Fact::InventoryRejected { shortages: vec![short], reason: None },
        Fact::InventoryRejected { shortages: Vec::new(), reason: detail() },
        Fact::PaymentAuthorized { reference: reference(), expires_in_ms: Some(1) },
        Fact::PaymentAuthorized { reference: None, expires_in_ms: None },
        Fact::PaymentCapturing { amount },
        Fact::PaymentCharged { amount, reference: reference() },
        Fact::PaymentCharged { amount, reference: None },
        Fact::PaymentDeclined { reason: "no".into() },
        Fact::PaymentUnknown,
        Fact::ShipmentCreated { reference: reference() },
        Fact::ShipmentCreated { reference: None },
        Fact::ShipmentFailed { reason: "no".into() },
        Fact::ShipmentCancelled,
        Fact::PaymentRefunded { amount, refund: None },
        Fact::PaymentVoided { captured: amount },
        Fact::PaymentVoided { captured: Amount(0) },
        Fact::InventoryReleased,
        Fact::OrderCompleted,
        Fact::OrderCancelled,
        Fact::OrderAttention { reason: "why".into(), contradicted: true, missing: None },
        Fact::OrderAttention { reason: "why".into(), contradicted: false, missing: None },
        Fact::OrderResumed { by: by(), reason: text() },
        Fact::OrderForced { reason: "why".into(), by: by() },
    ];
    facts.extend(["shop", "ops"].into_iter().flat_map(|asker| {
        [
            Fact::PaymentRefunding { refund: refund(asker), amount, reason: "why".into(), restock: restock.clone() },
            Fact::PaymentRefunding {
                refund: refund(asker),
                amount: Amount(0),
                reason: "y".into(),
                restock: Vec::new(),
            },
            Fact::PaymentRefunded { amount, refund: Some(refund(asker)) },
            Fact::PaymentRefundRefused { refund: refund(asker), reason: "no".into() },
        ]
    }));
    let reasons = [CancelReason::Client, CancelReason::Operator, CancelReason::Expired, CancelReason::Participant];
    facts.extend(
        reasons
            .into_iter()
            .flat_map(|reason| [None, detail()].map(|detail| Fact::OrderCompensating { reason, detail })),
    );
    let skipped = |action: &Action| Fact::OrderSkipped { action: *action, reason: "why".into(), by: by() };
    facts.extend(Action::BUILT_IN.iter().map(skipped));
    let step = || StepName::parse("fraud").expect("a name");
    facts.extend([
        Fact::OrderAttention { reason: "why".into(), contradicted: false, missing: Some(step()) },
        Fact::StepDone { step: step(), reference: reference() },
        Fact::StepDone { step: step(), reference: None },
        Fact::StepRefused { step: step(), reason: "no".into() },
        Fact::StepUndone { step: step() },
    ]);
    let answered =
        |action| Fact::StepSkipped { step: step(), action, reason: "why".into(), by: Client::trusted("ops") };
    facts.extend([Action::Run, Action::Undo].map(answered));
    facts
}

fn told_of(record: &Record) -> Vec<Value> {
    let told = |personal_data| outbox::events(record, &content(), "/counterfoil/shop", personal_data);
    let told = [false, true].into_iter().flat_map(|personal_data| told(personal_data).expect("events"));
    told.map(|event| json!(event)).collect()
}

pub fn record(first_version: i32, events: String) -> Record {
    let row = Row { xact: Xact { epoch: 1, number: 1 }, order_id: "ORD-1".into(), first_version };
    Record { row, at: Timestamp(0), events }
}

/// The events of all histories that released versions left, with all the personal data that there can be, and without.
fn events_of_all_versions() -> Vec<Value> {
    let mut told = Vec::new();
    for path in files(STREAMS, "jsonl") {
        for line in std::fs::read_to_string(path).expect("read a file").lines() {
            let stream: Value = serde_json::from_str(line).expect("JSON");
            let mut first_version = 1;
            for commit in stream["commits"].as_array().expect("commits") {
                let events = commit.as_str().expect("a text").to_owned();
                let count = serde_json::from_str::<Vec<Value>>(&events).expect("events").len();
                told.extend(told_of(&record(first_version, events)));
                first_version += i32::try_from(count).expect("few");
            }
        }
    }
    told
}

#[test]
fn every_event_that_any_version_committed_is_as_its_schema_says() {
    if !is_there() {
        return;
    }
    let mut events = events_of_all_versions();
    let own: Vec<_> = facts().into_iter().map(Event::from).collect();
    events.extend(told_of(&record(2, Event::encode(&own))));
    let seen: BTreeSet<_> = events.iter().map(|event| event["type"].as_str().expect("a type").to_owned()).collect();
    let all: BTreeSet<_> = NAMES.iter().map(|name| format!("counterfoil.{name}")).collect();
    assert_eq!(seen, all, "a type of which nothing was judged");
    assert_eq!(judged(&events), Vec::<String>::new());
}

/// A judge that finds nothing has to be seen to find something.
#[test]
fn what_is_not_as_its_schema_says_is_found() {
    if !is_there() {
        return;
    }
    for (kind, data, why) in [
        ("order.created", json!({}), "'client' is a required property"),
        ("order.completed", json!({"by": "ops"}), "'by' was unexpected"),
        ("payment.charged", json!({"amount": "5"}), "$.amount: '5' is not of type 'integer'"),
        ("order.compensating", json!({"reason": "whim"}), "$.reason: 'whim' is not one of"),
        ("order.teleported", json!({}), "there is no schema"),
    ] {
        let found = judged(&[json!({"type": format!("counterfoil.{kind}"), "data": data})]);
        assert!(found.iter().any(|wrong| wrong.contains(why)), "{kind}: {found:?}");
    }
}

#[tokio::test]
async fn the_document_is_one_in_the_eyes_of_its_own_makers() {
    if !has_node() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = Program::serve(&folder, &format!("database.url = \"{}\"\n", database.url())).await;
    let served = program.client().get("/asyncapi.json").await.expect("an answer");
    assert_eq!(served.status, 200);
    let served = folder.file("served.json", std::str::from_utf8(&served.body).expect("text"));
    for document in [root.join("asyncapi/asyncapi.json"), served] {
        let told = Command::new("node")
            .arg(root.join("tests/support/asyncapi.mjs"))
            .args([&tools().join("node"), &document])
            .output()
            .expect("run node");
        let text = String::from_utf8_lossy(&told.stderr);
        assert!(told.status.success(), "{text}");
        let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
        assert_eq!(told, json!({"wrong": [], "messages": NAMES.len() + 1}), "{text}");
    }
}

/// In what a schema may differ from an earlier version of it so that neither side notices: the rule that a registry calls
/// FULL_TRANSITIVE, for schemas that take what they do not name. It may be explained otherwise, and name more that may be
/// absent; nothing else, not even another word in a list: a consumer may have a branch for each.
fn differs(at: &str, old: &Value, new: &Value, found: &mut Vec<String>) {
    const WORDS: [&str; 4] = ["$schema", "$id", "title", "description"];
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        if old != new {
            found.push(format!("{at}: {old} is {new} now"));
        }
        return;
    };
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).filter(|key| !WORDS.contains(&key.as_str())).collect();
    for key in keys {
        let at = format!("{at}/{key}");
        match (old.get(key), new.get(key)) {
            (Some(Value::Object(old)), Some(Value::Object(new))) if key == "properties" => {
                for (name, property) in old {
                    match new.get(name) {
                        Some(new) => differs(&format!("{at}/{name}"), property, new, found),
                        None => found.push(format!("{at}/{name} is gone")),
                    }
                }
            }
            // What may be absent may come to have a name.
            (None, Some(Value::Object(_))) if key == "properties" => {}
            (Some(old), Some(new)) => differs(&at, old, new, found),
            (Some(old), None) => found.push(format!("{at}: {old} is gone")),
            (None, Some(new)) => found.push(format!("{at}: {new} is new")),
            (None, None) => {}
        }
    }
}

#[test]
fn no_schema_breaks_whoever_was_written_against_an_earlier_one() {
    let now = schemas();
    let own = Path::new(GOLDEN).join(format!("{}.json", env!("CARGO_PKG_VERSION")));
    if std::env::var_os("UPDATE_GOLDEN").is_some() && !own.exists() {
        std::fs::create_dir_all(GOLDEN).expect("make a folder");
        let text = serde_json::to_string_pretty(&now).expect("JSON") + "\n";
        std::fs::write(&own, text).expect("write a file");
    }
    assert!(own.exists(), "UPDATE_GOLDEN=1 writes {}", own.display());
    for path in files(GOLDEN, "json") {
        let mut found = Vec::new();
        for (kind, old) in json_of(&path).as_object().expect("schemas") {
            match now.get(kind) {
                Some(new) => differs(kind, old, new, &mut found),
                None => found.push(format!("{kind} is gone")),
            }
        }
        assert!(found.is_empty(), "{}: {found:#?}", path.display());
    }
}

#[test]
fn what_breaks_a_consumer_is_found() {
    let old = json!({"type": "object", "description": "a", "required": ["a"],
        "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"type": "array", "items": {"type": "integer"}}}});
    let with = |pointer: &str, value: Value| {
        let mut new = old.clone();
        let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
        let parent = new.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        match value {
            Value::Null => drop(parent.remove(key)),
            value => drop(parent.insert(key.to_owned(), value)),
        }
        new
    };
    for harmless in [
        with("/description", json!("other words")),
        with("/properties/c", json!({"type": "string"})),
        with("/properties/a/description", json!("a word")),
    ] {
        let mut found = Vec::new();
        differs("", &old, &harmless, &mut found);
        assert!(found.is_empty(), "{harmless}: {found:?}");
    }
    for breaking in [
        with("/required", json!(["a", "b"])),
        with("/required", json!([])),
        with("/required", Value::Null),
        with("/properties/a", Value::Null),
        with("/properties/a/type", json!("integer")),
        with("/properties/a/enum", json!(["x", "y"])),
        with("/properties/a/minLength", json!(1)),
        with("/properties/b/items", json!({"type": "number"})),
        with("/additionalProperties", json!(false)),
    ] {
        let mut found = Vec::new();
        differs("", &old, &breaking, &mut found);
        assert!(!found.is_empty(), "{breaking}");
    }
}
