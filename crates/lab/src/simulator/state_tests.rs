//! The laws of the state machine, under random calls, repeats and restarts; then its cases one by one.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::chance::{Chance, Lapses};
use super::record::{LedgerRecord, Stamp, fingerprint};
use super::state::{LedgerState, Look, Rules, Skus};
use counterfoil_engine::participants::contract::{ContractAction, ContractAnswer, ContractRequest, OperationOutcome};

const STOCK: i64 = 5;
const DAY_MS: i64 = 24 * 3_600 * 1_000;
const TTL_MS: i64 = 40;

fn rules(key_lifetime_ms: i64) -> Rules {
    Rules {
        key_lifetime_ms,
        steps: vec!["points".into()],
        authorization_ttl_ms: TTL_MS,
        tells_authorization_ttl: true,
        lapses: Lapses::default(),
        stock: Some(STOCK),
        skus: Skus::Prefix("S-".into()),
    }
}

/// A state with the records that made it, as they stand in the files.
struct World {
    state: LedgerState,
    rules: Rules,
    records: Vec<LedgerRecord>,
    now: i64,
}

impl World {
    fn new(key_lifetime_ms: i64) -> Self {
        let rules = rules(key_lifetime_ms);
        Self { state: LedgerState::new(rules.clone()), rules, records: Vec::new(), now: 1_000_000 }
    }

    fn send(&mut self, key: Uuid, request: &ContractRequest) -> ContractAnswer {
        match self.state.look(key, request, Stamp(self.now)) {
            Look::Answered(answer) => answer,
            Look::Wrong(..) => ContractAnswer::Unknown { status: 400 },
            Look::Fresh => {
                let records = self.state.decide(key, request, Stamp(self.now));
                for record in &records {
                    self.state.apply(record);
                }
                let answer = match records.last().expect("a decision has an answer") {
                    LedgerRecord::Effect(line) => ContractAnswer::Done(line.answer.clone().expect("on the last line")),
                    LedgerRecord::Outcome(line) => line.outcome.answer(),
                };
                self.records.extend(records);
                answer
            }
        }
    }

    /// Sends a body as it comes over the wire.
    fn call(&mut self, key: u128, action: ContractAction, body: &Value) -> (u16, Value) {
        let request = ContractRequest::read(action, body.to_string().as_bytes()).expect("a body");
        match self.send(Uuid::from_u128(key), &request) {
            ContractAnswer::Done(done) => (200, serde_json::to_value(done).expect("JSON")),
            ContractAnswer::Refused { status, refusal } => (status, serde_json::to_value(refusal).expect("JSON")),
            ContractAnswer::Pending(_) => (202, Value::Null),
            ContractAnswer::Contradicted { .. } => (400, Value::Null),
            ContractAnswer::Unknown { status } => (status, Value::Null),
        }
    }

    /// Reads everything again from the lines.
    fn restart(&mut self) {
        let mut state = LedgerState::new(self.rules.clone());
        for record in &mut self.records {
            let text = record.text();
            *record = match record {
                LedgerRecord::Effect(_) => {
                    LedgerRecord::Effect(serde_json::from_str(&text).expect("a line of the ledger"))
                }
                LedgerRecord::Outcome(_) => {
                    LedgerRecord::Outcome(serde_json::from_str(&text).expect("a line of the outcomes"))
                }
            };
            state.apply(record);
        }
        self.state = state;
    }

    fn lines(&self) -> impl Iterator<Item = &super::record::LedgerLine> {
        self.records.iter().filter_map(|record| match record {
            LedgerRecord::Effect(line) => Some(line),
            LedgerRecord::Outcome(_) => None,
        })
    }

    fn check(&self) {
        let mut steps: HashMap<Uuid, usize> = HashMap::new();
        let mut moved: HashMap<Uuid, i64> = HashMap::new();
        let mut tombstones = Vec::new();
        for (number, record) in (1..).zip(&self.records) {
            assert_eq!(record.seq(), number);
            let LedgerRecord::Effect(line) = record else { continue };
            assert!(!tombstones.contains(&line.key), "an effect after its tombstone: {line:?}");
            match (line.action, line.undoes) {
                (_, Some(undone)) if line.tombstone => {
                    assert_eq!((line.amount, steps.get(&undone)), (None, None), "{line:?}");
                    tombstones.push(undone);
                }
                (ContractAction::Charge | ContractAction::Capture, _) => {
                    *moved.entry(line.key).or_default() += line.amount.unwrap()
                }
                (ContractAction::Refund, Some(undone)) => {
                    let left = moved.get_mut(&undone).expect("money that moved");
                    *left -= line.amount.unwrap();
                    assert!(*left >= 0, "refunded more than was captured: {line:?}");
                }
                _ => {}
            }
            if line.undoes.is_none() {
                let times = steps.entry(line.key).or_default();
                *times += 1;
                assert_eq!(*times, 1, "a step twice under one key: {line:?}");
            }
        }
        for (sku, taken) in &self.state.taken {
            assert!((0..=STOCK).contains(taken), "{sku}: {taken} taken of {STOCK}");
        }
    }
}

/// The `variant`th key of an action of an order.
fn key(order: u8, action: ContractAction, variant: u8) -> Uuid {
    let action = ContractAction::ALL.iter().position(|known| *known == action).expect("an action") as u128;
    Uuid::from_u128(1 + u128::from(order) * 10_000 + action * 100 + u128::from(variant))
}

/// A call of an order; `pick` varies amounts, goods and which step is undone.
fn request(order: u8, action: ContractAction, pick: u8) -> ContractRequest {
    let of = |action| json!({"key": key(order, action, pick % 2)});
    let (order_id, amount) = (format!("O-{order}"), i64::from(pick % 3 + 1) * 100);
    let body = match action {
        ContractAction::Reserve => json!({"order_id": order_id, "lines": [
            {"sku": if pick == 7 { "X" } else { "S-1" }, "quantity": pick % 3 + 1}, {"sku": "S-2", "quantity": 1}]}),
        ContractAction::Release => json!({"order_id": order_id, "undoes": [of(ContractAction::Reserve)]}),
        ContractAction::Charge | ContractAction::Authorize => {
            json!({"order_id": order_id, "customer_id": "c", "amount": amount,
            "currency": "USD", "payment_method": if pick == 5 { "pm_declined" } else { "pm_ok" }})
        }
        ContractAction::Capture => json!({"order_id": order_id, "amount": amount, "currency": "USD",
            "authorization": of(ContractAction::Authorize)}),
        ContractAction::Void if pick.is_multiple_of(4) => {
            json!({"order_id": order_id, "undoes": [of(ContractAction::Charge)]})
        }
        ContractAction::Void => {
            json!({"order_id": order_id, "undoes": [of(ContractAction::Authorize), of(ContractAction::Capture)]})
        }
        ContractAction::Refund => json!({"order_id": order_id, "amount": amount, "currency": "USD", "undoes":
            [of(if pick < 4 { ContractAction::Charge } else { ContractAction::Capture })]}),
        ContractAction::Ship => json!({"order_id": order_id, "lines": [{"sku": "S-1", "quantity": 1}], "ship_to": {
            "name": "A", "line1": "1", "city": "X", "postal_code": if pick == 6 { "SHIP-FAIL" } else { "1" },
            "country": "US"}}),
        ContractAction::CancelShipment => json!({"order_id": order_id, "undoes": [of(ContractAction::Ship)]}),
        ContractAction::Run => json!({"order_id": order_id, "step": "points", "customer_id": "c", "amount": amount,
            "currency": "USD", "lines": [{"sku": "S-1", "quantity": 1}], "ship_to": {
            "name": "A", "line1": "1", "city": "X", "postal_code": "1", "country": "US"},
            "metadata": {"points": if pick == 6 { "refused" } else { "ok" }}}),
        ContractAction::Undo => json!({"order_id": order_id, "step": "points", "undoes": [of(ContractAction::Run)]}),
    };
    ContractRequest::read(action, body.to_string().as_bytes()).expect("a body")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_the_laws_hold(
        calls in prop::collection::vec((0..2_u8, 0..ContractAction::ALL.len(), 0..3_u8, 0..8_u8, 0..15_i64, 0..12_u8), 1..80),
    ) {
        let mut world = World::new(DAY_MS);
        let mut first: HashMap<(Uuid, String), ContractAnswer> = HashMap::new();
        for (order, action, variant, pick, wait_ms, restart) in calls {
            world.now += wait_ms;
            let action = ContractAction::ALL[action];
            let (key, request) = (key(order, action, variant), request(order, action, pick));
            let answer = world.send(key, &request);
            if !matches!(answer, ContractAnswer::Unknown { .. }) {
                let known = first.entry((key, fingerprint(&request))).or_insert_with(|| answer.clone());
                prop_assert_eq!(&*known, &answer, "a repeat");
            }
            if restart == 0 {
                let before = [world.state.operations("O-0"), world.state.operations("O-1")];
                world.restart();
                prop_assert_eq!(before, [world.state.operations("O-0"), world.state.operations("O-1")]);
            }
            world.check();
            for operation in world.state.operations("O-0").operations {
                prop_assert_eq!(operation.outcome == OperationOutcome::Refused, operation.reason.is_some());
            }
        }
    }
}

fn charge(amount: i64) -> Value {
    json!({"order_id": "O", "customer_id": "c", "amount": amount, "currency": "USD", "payment_method": "pm_ok"})
}

fn undo(keys: &[u128]) -> Value {
    let keys: Vec<Value> = keys.iter().map(|key| json!({"key": Uuid::from_u128(*key)})).collect();
    json!({"order_id": "O", "undoes": keys})
}

fn refund(amount: i64, key: u128) -> Value {
    let mut body = undo(&[key]);
    body["amount"] = json!(amount);
    body["currency"] = json!("USD");
    body
}

fn capture(amount: i64, key: u128) -> Value {
    let authorization = json!({"key": Uuid::from_u128(key)});
    json!({"order_id": "O", "amount": amount, "currency": "USD", "authorization": authorization})
}

fn reserve(lines: &[(&str, i64)]) -> Value {
    let lines: Vec<Value> = lines.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
    json!({"order_id": "O", "lines": lines})
}

fn reason(told: (u16, Value)) -> (u16, String) {
    (told.0, told.1["reason"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn an_answer_lives_as_long_as_its_key_and_an_effect_for_ever() {
    let mut world = World::new(100);
    let first = world.call(1, ContractAction::Charge, &charge(10));
    world.now += 99;
    assert_eq!(world.call(1, ContractAction::Charge, &charge(10)), first);
    assert_eq!(world.call(1, ContractAction::Charge, &charge(11)).0, 400);
    world.now += 1;
    let second = world.call(1, ContractAction::Charge, &charge(10));
    assert_ne!(second.1["reference"], first.1["reference"]);
    assert_eq!(world.lines().filter(|line| line.action == ContractAction::Charge).count(), 2);
    // The void finds both, and gives both back.
    let void = world.call(2, ContractAction::Void, &undo(&[1]));
    assert_eq!((&void.1["captured"], &void.1["refunded"]), (&json!(20), &json!(20)));
    // A tombstone outlives every lifetime, and a restart.
    assert_eq!(world.call(3, ContractAction::Void, &undo(&[4])).1["tombstone"], json!(true));
    world.now += 1_000_000;
    world.restart();
    assert_eq!(reason(world.call(4, ContractAction::Charge, &charge(10))), (409, "tombstoned".into()));
}

/// Sent again after any time, a parcel or a reservation meets itself; a refusal is decided anew.
#[test]
fn goods_move_once_under_their_key() {
    let mut world = World::new(100);
    let ship = |quantity: i64| {
        json!({"order_id": "O", "ship_to": {"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1",
            "country": "US"}, "lines": [{"sku": "S-1", "quantity": quantity}]})
    };
    let first = (
        world.call(1, ContractAction::Ship, &ship(1)),
        world.call(2, ContractAction::Reserve, &reserve(&[("S-1", 2)])),
    );
    assert_eq!((first.0.0, first.1.0), (200, 200));
    assert_eq!(world.call(3, ContractAction::Reserve, &reserve(&[("S-1", STOCK)])).0, 409);
    world.now += 1_000_000;
    world.restart();
    assert_eq!(world.call(1, ContractAction::Ship, &ship(1)), first.0);
    assert_eq!(world.call(1, ContractAction::Ship, &ship(2)).0, 400);
    assert_eq!(world.call(2, ContractAction::Reserve, &reserve(&[("S-1", 2)])), first.1);
    assert_eq!(world.lines().count(), 2);
    world.call(4, ContractAction::Release, &undo(&[2]));
    assert_eq!(world.call(3, ContractAction::Reserve, &reserve(&[("S-1", STOCK)])).0, 200);
}

#[test]
fn a_share_of_the_authorizations_lapses_early_and_the_same_after_a_restart() {
    let mut world = World::new(DAY_MS);
    world.rules.lapses = Lapses { rate: 0.5, chance: Chance::new(3) };
    world.restart();
    let mut lapsed = 0;
    for key in 1..=40 {
        world.call(key, ContractAction::Authorize, &charge(10));
        world.restart();
        let told = world.call(100 + key, ContractAction::Capture, &capture(10, key));
        match told.0 {
            200 => {}
            _ => assert_eq!(reason(told), (402, "authorization_expired".into())),
        }
        lapsed += usize::from(world.lines().all(|line| line.authorization != Some(Uuid::from_u128(key))));
        // It is freed like any other that ran out.
        assert_eq!(world.call(200 + key, ContractAction::Void, &undo(&[key])).0, 200);
    }
    assert!((8..=32).contains(&lapsed), "{lapsed} of 40");
}

#[test]
fn refunds_stop_at_what_was_captured() {
    let mut world = World::new(DAY_MS);
    world.call(1, ContractAction::Charge, &charge(10));
    assert_eq!(reason(world.call(2, ContractAction::Refund, &refund(11, 1))), (422, "refund_exceeds_captured".into()));
    assert_eq!(world.call(3, ContractAction::Refund, &refund(6, 1)).0, 200);
    assert_eq!(reason(world.call(4, ContractAction::Refund, &refund(5, 1))), (422, "refund_exceeds_captured".into()));
    let void = world.call(5, ContractAction::Void, &undo(&[1]));
    assert_eq!((&void.1["captured"], &void.1["refunded"]), (&json!(10), &json!(10)));
    // Asked to undo the whole again: done already. Asked for a part: there is none left.
    assert_eq!(world.call(6, ContractAction::Refund, &refund(10, 1)).0, 200);
    assert_eq!(reason(world.call(7, ContractAction::Refund, &refund(1, 1))), (422, "refund_exceeds_captured".into()));
    let refunds: Vec<_> =
        world.lines().filter(|line| line.action == ContractAction::Refund).map(|line| line.amount).collect();
    assert_eq!(refunds, [Some(6), Some(4)]);
}

#[test]
fn an_authorization_is_captured_once_voided_or_expires() {
    let mut world = World::new(DAY_MS);
    for key in [1, 2, 3] {
        world.call(key, ContractAction::Authorize, &charge(10));
    }
    assert_eq!(reason(world.call(10, ContractAction::Capture, &capture(11, 1))).1, "amount_exceeds_authorization");
    assert_eq!(world.call(11, ContractAction::Capture, &capture(9, 1)).0, 200);
    assert_eq!(reason(world.call(12, ContractAction::Capture, &capture(1, 1))), (422, "already_captured".into()));
    assert_eq!(reason(world.call(13, ContractAction::Capture, &capture(1, 99))), (422, "unknown_authorization".into()));
    assert_eq!(reason(world.call(14, ContractAction::Refund, &refund(1, 1))), (422, "not_captured".into()));
    world.call(20, ContractAction::Void, &undo(&[2]));
    assert_eq!(reason(world.call(21, ContractAction::Capture, &capture(10, 2))), (402, "authorization_voided".into()));
    // The void of a captured authorisation gives back the capture, even where only the authorisation is named.
    let void = world.call(30, ContractAction::Void, &undo(&[1]));
    assert_eq!((&void.1["captured"], &void.1["refunded"]), (&json!(9), &json!(9)));
    world.now += TTL_MS;
    assert_eq!(reason(world.call(22, ContractAction::Capture, &capture(10, 3))), (402, "authorization_expired".into()));
    let voids: Vec<_> =
        world.lines().filter(|line| line.action == ContractAction::Void).filter_map(|line| line.undoes).collect();
    assert_eq!(voids, [Uuid::from_u128(2)], "nothing is held by a captured authorisation");
    world.call(31, ContractAction::Void, &undo(&[3]));
    let ended =
        world.lines().any(|line| line.action == ContractAction::Void && line.undoes == Some(Uuid::from_u128(3)));
    assert!(ended, "the ledger says of an authorisation that ran out that it was ended");
}

#[test]
fn a_void_tells_of_every_key_that_it_names() {
    let mut world = World::new(DAY_MS);
    world.call(1, ContractAction::Authorize, &charge(10));
    let void = world.call(5, ContractAction::Void, &undo(&[1, 2]));
    assert_eq!(void.1.get("tombstone"), None, "one of them was known");
    let lines: Vec<_> = world.lines().skip(1).map(|line| (line.tombstone, line.more, line.undoes)).collect();
    assert_eq!(lines, [(false, 1, Some(Uuid::from_u128(1))), (true, 0, Some(Uuid::from_u128(2)))]);
    assert_eq!(reason(world.call(2, ContractAction::Capture, &capture(10, 1))), (409, "tombstoned".into()));
    assert_eq!(world.call(5, ContractAction::Void, &undo(&[1])).0, 400, "other content");
    assert_eq!(world.call(6, ContractAction::Void, &undo(&[3, 4])).1["tombstone"], json!(true));
    assert_eq!(world.call(7, ContractAction::Void, &undo(&[3, 4])).1["tombstone"], json!(true));
    assert_eq!(world.lines().filter(|line| line.tombstone).count(), 3, "a tombstone stands once");
}

#[test]
fn stock_is_held_whole_or_not_at_all_and_comes_back() {
    let mut world = World::new(DAY_MS);
    assert_eq!(world.call(1, ContractAction::Reserve, &reserve(&[("S-1", 2), ("S-2", 1), ("S-1", 2)])).0, 200);
    let refused = world.call(2, ContractAction::Reserve, &reserve(&[("S-1", 2), ("S-2", 4)]));
    assert_eq!(refused.0, 409);
    let shortage = json!([{"sku": "S-1", "requested": 2, "available": 1}]);
    assert_eq!(refused.1, json!({"reason": "out_of_stock", "shortages": shortage}));
    assert_eq!(reason(world.call(3, ContractAction::Reserve, &reserve(&[("X", 1)]))), (422, "unknown_sku".into()));
    assert_eq!(world.call(4, ContractAction::Release, &undo(&[1])).0, 200);
    assert_eq!(world.call(5, ContractAction::Release, &undo(&[1])), {
        let reference = format!("rel_{}", Uuid::from_u128(5).simple());
        (200, json!({"reference": reference, "order_id": "O"}))
    });
    assert_eq!(world.call(6, ContractAction::Reserve, &reserve(&[("S-1", 5)])).0, 200);
    // The refusal stays what it was, though there was stock in between; its release is no tombstone.
    assert_eq!(world.call(2, ContractAction::Reserve, &reserve(&[("S-1", 2), ("S-2", 4)])), refused);
    assert_eq!(world.call(7, ContractAction::Release, &undo(&[2])).1.get("tombstone"), None);
}

#[test]
fn what_contradicts_itself_is_no_outcome() {
    let mut world = World::new(DAY_MS);
    world.call(1, ContractAction::Charge, &charge(10));
    world.call(2, ContractAction::Reserve, &reserve(&[("S-1", 1)]));
    let mut other_order = undo(&[1]);
    other_order["order_id"] = json!("P");
    for (key, action, body) in [
        (1, ContractAction::Authorize, charge(10)),
        (1, ContractAction::Charge, charge(11)),
        (3, ContractAction::Release, undo(&[1])),
        (3, ContractAction::Void, undo(&[2])),
        (3, ContractAction::Void, undo(&[3])),
        (3, ContractAction::Void, other_order),
    ] {
        assert_eq!(world.call(key, action, &body).0, 400, "{action} {body}");
    }
    assert_eq!(world.records.len(), 2);
}
