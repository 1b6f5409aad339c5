//! Promise: an order in flight survives an upgrade, and the history of one that ended can be read for ever. The files
//! under `golden/streams` hold the events of orders as a released version committed them; every later version must
//! replay them to the same order. A file is never changed: a new version adds one.
//!
//! `UPDATE_GOLDEN=1` writes the file of this version, where there is none yet.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use counterfoil::saga::definition::Plan;
use counterfoil::saga::event::Created;
use counterfoil::saga::evolve::replay;
use counterfoil::saga::request::{Adjustment, AdjustmentKind, Details, Price};
use counterfoil::saga::{
    Amount, Capture, Client, Command, Event, IdempotencyKey, Line, Order, OrderId, Request, Restock, SAGA_VERSION, Sku,
    Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::saga::{AMOUNT, Participants, commands, may_be_said, request, run, submit};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/streams");

/// One order's history.
#[derive(Debug, Serialize, Deserialize)]
struct Stream {
    /// Automatic or manual.
    capture: Capture,
    /// Which participants are remote.
    plan: i16,
    /// The version of the saga that it began under.
    saga_version: i16,
    /// Whether it holds [`free`] goods; files before 0.4.0 do not say.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    free: bool,
    /// The texts of `order_events.events`, a commit each.
    commits: Vec<String>,
    /// What the order is after them.
    order: Value,
}

/// What must come out of a replay: all that a client, a participant or the audit could notice.
fn summary(order: &Order) -> Value {
    json!({
        "state": order.state.as_str(),
        "version": order.version,
        "stock": order.stock.as_str(),
        "payment": order.payment.status.as_str(),
        "captured": order.payment.captured,
        "refunded": order.payment.refunded,
        "known": order.payment.known,
        "references": [order.reservation, order.payment.reference, order.payment.capture_reference, order.shipment.reference],
        "shipment": order.shipment.status.as_str(),
        "refunds": order.refunds,
        "failure": order.failure,
        "answer": order.answer.as_ref().map(|answer| (answer.status, answer.body.clone())),
        "attention": order.attention.as_ref().map(|attention| attention.reason.clone()),
    })
}

/// As [`request`], of what 0.4.0 made possible: free goods, a line that costs a sum, an adjustment.
fn free(capture: Capture) -> Arc<Request> {
    let usual = request(capture);
    let shipping = Adjustment { kind: AdjustmentKind::Shipping, label: "parcel".into(), amount: 1 };
    let lines = vec![
        Line::priced(Sku::trusted("A"), 3, 0),
        Line { sku: Sku::trusted("B"), quantity: 3, price: Price::Whole(AMOUNT - 1) },
    ];
    let details = Details { adjustments: vec![shipping], ..usual.details.clone() };
    Arc::new(Request { lines, details, ..(*usual).clone() })
}

fn created(stream: &Stream) -> Created {
    Created {
        id: OrderId::trusted("ORD-1"),
        client: Client::trusted("shop"),
        request: if stream.free { free(stream.capture) } else { request(stream.capture) },
        amount: Amount(AMOUNT),
        saga_version: stream.saga_version,
        plan: Plan(stream.plan),
        definition: None,
    }
}

/// A history for every combination of states that an order can come to, the shortest that leads there.
fn streams(is_free: bool) -> Vec<Stream> {
    let back = Restock { sku: Sku::trusted("A"), quantity: 1 };
    let for_nothing = Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted("free"),
        amount: Amount(0),
        reason: "broken".into(),
        restock: vec![back],
    };
    let usual = commands().into_iter().map(|(_, command)| command);
    let said: Vec<Command> = is_free.then_some(for_nothing).into_iter().chain(usual).collect();
    let mut found = Vec::new();
    for (capture, plan) in
        [(Capture::Automatic, 0), (Capture::Manual, 0), (Capture::Automatic, 7), (Capture::Manual, 7)]
    {
        let local = Participants { plan: Plan(plan), ..Participants::default() };
        let mut submission = submit(capture, Plan(plan));
        if let Command::Submit { request, .. } = &mut submission
            && is_free
        {
            *request = free(capture);
        }
        let first = run(None, &submission, Timestamp(0), &local).expect("a submission is taken");
        let mut seen = HashSet::new();
        let mut queue = VecDeque::from([(first.order, vec![Event::encode(&first.events)])]);
        while let Some((order, commits)) = queue.pop_front() {
            let place = (
                order.state,
                order.payment.status,
                order.shipment.status,
                order.stock,
                order.attention.is_some(),
                order.refunds.len(),
            );
            if order.refunds.len() > 2 || !seen.insert(place) {
                continue;
            }
            for command in &said {
                if matches!(command, Command::Submit { .. }) || !may_be_said(&order, command) {
                    continue;
                }
                let Ok(txn) = run(Some(&order), command, Timestamp(0), &local) else { continue };
                if !txn.events.is_empty() {
                    let commits = commits.iter().cloned().chain([Event::encode(&txn.events)]).collect();
                    queue.push_back((txn.order, commits));
                }
            }
            let order = summary(&order);
            found.push(Stream { capture, plan, saga_version: SAGA_VERSION, free: is_free, commits, order });
        }
    }
    // Of a history that holds nothing new there is one already.
    found.retain(|stream: &Stream| {
        !is_free || stream.commits.iter().any(|commit| commit.contains("\"amount\":0,\"reason\""))
    });
    found
}

#[test]
fn histories_of_every_version_replay() {
    for (name, is_free) in [(format!("v{SAGA_VERSION}"), false), (format!("v{SAGA_VERSION}-free"), true)] {
        let path = format!("{FOLDER}/{name}.jsonl");
        if std::env::var_os("UPDATE_GOLDEN").is_some() && !std::path::Path::new(&path).exists() {
            let streams = streams(is_free);
            let lines: Vec<String> = streams.iter().map(|s| serde_json::to_string(s).expect("plain data")).collect();
            std::fs::create_dir_all(FOLDER).expect("make the folder");
            std::fs::write(&path, lines.join("\n") + "\n").expect("write the file");
        }
    }
    let mut replayed = 0;
    for entry in std::fs::read_dir(FOLDER).expect("the folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("read it");
        for line in text.lines() {
            let stream: Stream = serde_json::from_str(line).expect("a stream");
            let created = created(&stream);
            let events: Vec<Event> = stream
                .commits
                .iter()
                .flat_map(|commit| Event::decode(commit, &created).expect("an event of an earlier version"))
                .collect();
            let order = replay(events.iter().map(|event| (event, Timestamp(0)))).expect("an order");
            assert_eq!(summary(&order), stream.order, "{line}");
            replayed += 1;
        }
    }
    assert!(replayed > 60, "only {replayed} histories");
}
