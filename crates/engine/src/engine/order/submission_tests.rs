//! A submission is stored once and answered for ever: what it is judged by, in which order, and what each thing that the store may say
//! leads to.

use super::*;
use crate::engine::api::{Ask, Submission};
use crate::engine::order::desk_tests::{Desk, Local, NODE, REMOTE, STAMP, at, id, request, shop, stored};
use crate::limits;
use crate::ports::{KeyClaim, KeyScope, SUBMIT_ROUTE, StoreError, StoredOrder};
use crate::saga::definition::Saga;
use crate::saga::transaction::InvalidField;
use crate::saga::{Capture, Client, IdempotencyKey, LocalParticipants, OrderId, Plan, Sku};

/// Of the same content as the orders of the desk.
fn prepared(key: Option<&str>) -> Prepared {
    prepared_of(shop(), Capture::Automatic, key)
}

/// Of another content.
fn differing(key: Option<&str>) -> Prepared {
    prepared_of(shop(), Capture::Manual, key)
}

fn prepared_of(client: Client, capture: Capture, key: Option<&str>) -> Prepared {
    let key = key.map(IdempotencyKey::trusted);
    let submission = Submission { client, order_id: Some(id()), key, request: request(capture) };
    Prepared::new(submission).expect("it has a name")
}

fn heard(asked: Prepared) -> OrderInput {
    OrderInput::Ask { ask: Arc::new(Ask::Submit(asked)), reload: false }
}

/// A desk at which this was submitted, and what it did.
fn submitted(mut desk: Desk, asked: Prepared) -> (Desk, Vec<String>) {
    let lines = desk.tell(heard(asked));
    (desk, lines)
}

/// A desk that knows an order which stands so.
fn knowing(place: &str) -> Desk {
    let mut desk = Desk::new();
    desk.core.memory = Some(stored(at(place), false));
    desk
}

fn binding(order_id: &str, asked: &Prepared) -> KeyBinding {
    let fingerprint = asked.content.fingerprint.clone();
    KeyBinding { order_id: OrderId::trusted(order_id), fingerprint, answer: None }
}

fn survey(order: Option<StoredOrder>, key: Option<KeyBinding>, unknown: &[&str]) -> OrderInput {
    let unknown = unknown.iter().map(|sku| Sku::trusted(*sku)).collect();
    OrderInput::Surveyed(Ok(Box::new(Survey { order, key, unknown })))
}

fn objection() -> InvalidField {
    InvalidField { pointer: "/payment_method".into(), detail: "is none of ours".into() }
}

const PLACED: &str = "commit absent [order.created inventory.reserved], Fresh";
const KEYED: &str = "commit absent [order.created inventory.reserved], key k open, Fresh";
const REPEATED: &str = "answer INVENTORY_RESERVED v2, again";
const BEHIND: &str = "answer Unavailable(\"the database told of an earlier state than it had confirmed\")";
const REUSED: &str = "answer KeyReused { order_id: OrderId(\"O-1\") }";

/// A new order is not read first: its insert says whether it was there.
#[test]
fn a_new_order_is_placed_unseen_where_all_that_it_asks_for_is_known() {
    assert_eq!(submitted(Desk::new(), prepared(None)).1, [PLACED]);
    let (desk, lines) = submitted(Desk::new(), prepared(Some("k")));
    assert_eq!(lines, [KEYED]);
    let (asked, write) = (prepared(Some("k")), desk.write.as_ref().expect("a write"));
    let saga = Saga::BuiltIn(REMOTE);
    let command = Command::Submit { id: id(), client: shop(), request: request(Capture::Automatic), saga };
    assert_eq!((&*write.command, &write.key), (&command, &asked.claim));
    assert_eq!(write.content().map(|content| &content.fingerprint), Some(&asked.content.fingerprint));
    assert_eq!((write.now, write.driver.node, &write.txn.order), (STAMP, NODE, &at("charging")));
    let sent = desk.core.sent.expect("it is remembered");
    assert_eq!((sent.guard, sent.at, sent.look_first, sent.answer), (Guard::Absent, desk.now, false, None));
    assert_eq!((sent.driver, sent.fingerprint), (write.driver, asked.content.fingerprint.clone()));
    // What was here before is read first; so is what a dead predecessor may have left.
    let mut desk = Desk::new();
    desk.core.load_first = true;
    assert_eq!(submitted(desk, prepared(None)).1, ["load"]);
}

/// What cannot be placed unseen is asked about at once, and of no SKU where that does not matter.
#[test]
fn what_is_not_known_is_asked_about_at_once() {
    let only_a: fn(&Sku) -> bool = |sku| sku.as_str() == "A";
    let none: fn(&Sku) -> bool = |_| false;
    let all: fn(&Sku) -> bool = |_| true;
    let elsewhere = || -> Arc<dyn LocalParticipants> {
        Arc::new(Local { saga: Saga::BuiltIn(Plan(Plan::INVENTORY)), steps: true })
    };
    for (knows, key, line) in [(only_a, None, "survey key none and [A B]"), (none, Some("k"), "survey key k and [A B]")]
    {
        let mut desk = Desk::new();
        desk.knows = knows;
        assert_eq!(submitted(desk, prepared(key)).1, [line]);
        // A remote inventory knows its own.
        let mut desk = Desk::new();
        (desk.knows, desk.local) = (knows, elsewhere());
        let lines = submitted(desk, prepared(key)).1;
        assert!(lines[0].starts_with("commit absent [order.created]"), "{lines:?}");
    }
    for (key, line) in [(None, "survey key none and []"), (Some("k"), "survey key k and []")] {
        for knows in [only_a, all] {
            let mut desk = Desk::new();
            desk.knows = knows;
            assert_eq!(submitted(desk, prepared(key).refused(objection())).1, [line]);
        }
    }
    // Behind a key that was to be taken, and is not.
    for (local, line) in [(Desk::new().local, "survey key k and [A B]"), (elsewhere(), "survey key k and []")] {
        let mut desk = Desk::new();
        desk.local = local;
        let (mut desk, _) = submitted(desk, prepared(Some("k")));
        desk.tell(OrderInput::Committed(Ok(Committed::KeyKnown)));
        assert_eq!(desk.tell(OrderInput::KeyFound(Ok(None))), [line]);
    }
    let (mut desk, _) = submitted(Desk::new(), prepared(None));
    let lines = desk.tell(OrderInput::Committed(Err(CommitError::UnknownSku)));
    assert_eq!(lines, ["survey key none and [A B]"]);
}

/// A repeat comes first, by its order or by its key: today's rules and SKUs are for what is new.
#[test]
fn what_was_asked_about_is_judged_in_order() {
    let unknown = "answer UnknownSku { skus: [Sku(\"B\")] }";
    let invalid = "answer Invalid { pointer: \"/payment_method\", detail: \"is none of ours\" }";
    let known = || Some(stored(at("charging"), false));
    let mine = || Some(binding("O-1", &prepared(None)));
    let asked = |asked: Prepared, survey: OrderInput| {
        let mut desk = Desk::new();
        desk.knows = |_| false;
        let (mut desk, lines) = submitted(desk, asked);
        assert!(lines[0].starts_with("survey "), "{lines:?}");
        desk.tell(survey)
    };
    for (key, placed, repeated) in [(None, PLACED, REPEATED), (Some("k"), KEYED, "bind k to O-1")] {
        assert_eq!(asked(prepared(key), survey(None, None, &[])), [placed]);
        assert_eq!(asked(prepared(key), survey(None, None, &["B"])), [unknown]);
        assert_eq!(asked(prepared(key), survey(known(), None, &["B"])), [repeated]);
        let refused = || prepared(key).refused(objection());
        assert_eq!(asked(refused(), survey(None, None, &[])), [invalid]);
        assert_eq!(asked(refused(), survey(known(), None, &[])), [repeated]);
    }
    let later = || prepared(Some("k")).not_yet("not yet".into());
    assert_eq!(asked(later(), survey(None, None, &["B"])), ["answer TooEarly { detail: \"not yet\" }"]);
    // The key is bound with its order, which is read.
    for asks in [prepared(Some("k")), prepared(Some("k")).refused(objection())] {
        assert_eq!(asked(asks, survey(None, mine(), &["B"])), ["load"]);
    }
    for bound in [binding("O-1", &differing(None)), binding("O-2", &prepared(None))] {
        let told = format!("answer KeyReused {{ order_id: OrderId(\"{}\") }}", bound.order_id);
        assert_eq!(asked(prepared(Some("k")), survey(None, Some(bound), &[])), [told]);
    }
    // What was read is older than what is known here.
    let mut desk = Desk::new();
    desk.knows = |_| false;
    let (mut desk, _) = submitted(desk, prepared(None));
    desk.core.memory = Some(stored(at("voiding"), false));
    assert_eq!(desk.tell(survey(known(), None, &[])), [BEHIND]);
    // And an order that was known is not there.
    let mut desk = Desk::calling("charging", 0);
    desk.core.calling = None;
    let (mut desk, _) = submitted(desk, prepared(None));
    assert_eq!(desk.tell(survey(None, None, &["B"])), [unknown]);
    assert!(desk.core.memory.is_none() && desk.core.hold.is_none());
}

/// Who is told what of an order that is known. Nobody is told from memory that it still runs.
#[test]
fn what_is_known_is_repeated_to_its_owner_and_kept_from_others() {
    let other = || Client::trusted("other");
    let differs = differing(None).request.differs(&request(Capture::Automatic));
    let exists = |differs: Option<Vec<String>>| {
        format!("answer OrderExists {{ order_id: OrderId(\"O-1\"), differs: {differs:?} }}")
    };
    assert!(!differs.is_empty());
    let theirs = |capture, key| prepared_of(other(), capture, key);
    for (asked, running, ended) in [
        (prepared(None), "look".to_owned(), "answer final 201, again".to_owned()),
        (prepared(Some("k")), "bind k to O-1".into(), "bind k to O-1".into()),
        (differing(None), exists(Some(differs.clone())), exists(Some(differs.clone()))),
        (differing(Some("k")), "find key k at POST /orders".into(), "find key k at POST /orders".into()),
        (theirs(Capture::Automatic, None), exists(None), exists(None)),
        (theirs(Capture::Manual, None), exists(None), exists(None)),
        (
            theirs(Capture::Automatic, Some("k")),
            "find key k at POST /orders".into(),
            "find key k at POST /orders".into(),
        ),
    ] {
        let asked = Arc::new(Ask::Submit(asked));
        for (place, line) in [("charging", &running), ("completed", &ended)] {
            let ask = Arc::clone(&asked);
            assert_eq!(&knowing(place).tell(OrderInput::Ask { ask, reload: false }), &[line.as_str()], "{place}");
        }
        // Where it may have moved elsewhere its end alone is believed.
        let (ask, reload) = (Arc::clone(&asked), true);
        assert_eq!(knowing("charging").tell(OrderInput::Ask { ask: Arc::clone(&ask), reload }), ["look"]);
        assert_eq!(&knowing("completed").tell(OrderInput::Ask { ask, reload }), &[ended]);
    }
    // A key that is known to be the order's is not asked about again.
    for (asked, line) in [(prepared(Some("k")), "look"), (differing(Some("k")), REUSED)] {
        let mut desk = knowing("charging");
        desk.core.remember(asked.claim.as_ref().expect("a key").scope.clone());
        assert_eq!(submitted(desk, asked).1, [line]);
    }
}

#[test]
fn what_is_read_for_a_repeat_is_told_unless_it_is_older() {
    let found = |place| OrderInput::Loaded(Ok(Some(stored(at(place), false))));
    for (known, read, line) in [
        ("charging", "charging", REPEATED),
        ("charging", "completed", "answer final 201, again"),
        ("voiding", "charging", BEHIND),
    ] {
        let (mut desk, lines) = submitted(knowing(known), prepared(None));
        assert_eq!(lines, ["look"]);
        assert_eq!(desk.tell(found(read)), [line]);
    }
    // One that is not there any more, as in a database that was restored, is placed.
    let (mut desk, _) = submitted(knowing("charging"), prepared(None));
    assert_eq!(desk.tell(OrderInput::Loaded(Ok(None))), [PLACED]);
    let gone = || StoreError::Unavailable("gone".into());
    for told in [
        OrderInput::Loaded(Err(gone())),
        OrderInput::Surveyed(Err(gone())),
        OrderInput::KeyFound(Err(gone())),
        OrderInput::Bound(Err(gone())),
    ] {
        let (mut desk, _) = submitted(knowing("charging"), prepared(None));
        assert_eq!(desk.tell(told), ["answer Unavailable(\"gone\")"]);
        assert!(desk.core.current.is_none());
    }
    for told in [OrderInput::Postponed(Ok(true)), OrderInput::Held(Ok(None))] {
        let (mut desk, _) = submitted(knowing("charging"), prepared(None));
        assert_eq!(desk.tell(told), [""; 0]);
        assert!(desk.core.current.is_some(), "it was not asked");
    }
}

/// What a write says.
#[test]
fn what_was_placed_is_answered_and_what_was_there_is_read() {
    for (key, exists, known) in [(None, "load", "load"), (Some("k"), "load", "find key k at POST /orders")] {
        for (committed, line) in [
            (Committed::Exists, exists),
            (Committed::Stale, exists),
            (Committed::Full, exists),
            (Committed::KeyKnown, known),
        ] {
            let (mut desk, _) = submitted(Desk::new(), prepared(key));
            assert_eq!(desk.tell(OrderInput::Committed(Ok(committed))), [line]);
        }
        let (mut desk, _) = submitted(Desk::new(), prepared(key));
        assert_eq!(desk.stored(), ["answer INVENTORY_RESERVED v2, driving", "call charge"]);
        let scopes: Vec<_> = prepared(key).claim.map(|claim| claim.scope).into_iter().collect();
        assert_eq!(desk.core.keys, scopes);
        assert_eq!(desk.core.memory, Some(stored(at("charging"), false)));
    }
    let (mut desk, _) = submitted(Desk::new(), prepared(None));
    let lines = desk.tell(OrderInput::Committed(Err(CommitError::Unavailable("gone".into()))));
    assert_eq!(lines, ["answer Unavailable(\"gone\")"]);
    // With all participants in this database an order is one write, and its end.
    let mut desk = Desk::new();
    desk.local = Arc::new(Local { saga: Saga::BuiltIn(Plan::LOCAL), steps: true });
    let (mut desk, lines) = submitted(desk, prepared(None));
    let events = "order.created inventory.reserved payment.charged shipment.created order.completed";
    assert_eq!(lines, [format!("commit absent [{events}], Fresh")]);
    assert_eq!(desk.stored(), ["answer final 201"]);
    // What cannot be an order at all is not stored.
    let mut asked = prepared(None);
    let mut free = (*asked.request).clone();
    free.lines.clear();
    asked.request = Arc::new(free);
    let why = "answer Internal(\"submit: lines and adjustments must come to 1 to 2^53 - 1 minor units\")";
    assert_eq!(submitted(Desk::new(), asked).1, [why]);
}

/// A key stands for one order and one content; where it is not bound the order has the word.
#[test]
fn what_a_key_is_bound_to_decides() {
    let looked_for = |mut desk: Desk, asked: Prepared| {
        let lines = desk.tell(heard(asked));
        let lines = if lines == [KEYED] { desk.tell(OrderInput::Committed(Ok(Committed::KeyKnown))) } else { lines };
        assert_eq!(lines, ["find key k at POST /orders"]);
        desk
    };
    let mut desk = looked_for(Desk::new(), prepared(Some("k")));
    let mine = binding("O-1", &prepared(None));
    assert_eq!(desk.tell(OrderInput::KeyFound(Ok(Some(mine.clone())))), ["load"]);
    assert_eq!(desk.core.keys, [prepared(Some("k")).claim.expect("a key").scope]);
    assert_eq!(desk.tell(OrderInput::Loaded(Ok(Some(stored(at("charging"), false))))), [REPEATED]);
    for other in [binding("O-2", &prepared(None)), binding("O-1", &differing(None)), binding("O-2", &differing(None))] {
        let told = format!("answer KeyReused {{ order_id: OrderId(\"{}\") }}", other.order_id);
        let mut desk = looked_for(Desk::new(), prepared(Some("k")));
        assert_eq!(desk.tell(OrderInput::KeyFound(Ok(Some(other)))), [told]);
        assert!(desk.core.keys.is_empty());
    }
    let mut desk = looked_for(Desk::new(), prepared(Some("k")));
    assert_eq!(desk.tell(OrderInput::KeyFound(Ok(None))), ["survey key k and [A B]"]);
    let mut desk = looked_for(knowing("charging"), differing(Some("k")));
    let lines = desk.tell(OrderInput::KeyFound(Ok(None)));
    assert!(lines[0].starts_with("answer OrderExists { order_id: OrderId(\"O-1\"), differs: Some("), "{lines:?}");
}

/// A repeat gets its answer whether or not its key could be bound, unless that stands for another request.
#[test]
fn a_repeat_under_a_new_key_binds_it() {
    let scope = KeyScope { client: shop(), route: SUBMIT_ROUTE.into(), key: IdempotencyKey::trusted("k") };
    let fingerprint = prepared(None).content.fingerprint.clone();
    let claim = KeyClaim { scope: scope.clone(), order_id: id(), fingerprint, answer: None };
    assert_eq!(prepared(Some("k")).claim, Some(claim));
    for (bound, line, keys) in [
        (None, "answer final 201, again", vec![]),
        (Some(binding("O-1", &prepared(None))), "answer final 201, again", vec![scope]),
        (Some(binding("O-1", &differing(None))), REUSED, vec![]),
        (Some(binding("O-2", &prepared(None))), "answer KeyReused { order_id: OrderId(\"O-2\") }", vec![]),
    ] {
        let (mut desk, lines) = submitted(knowing("completed"), prepared(Some("k")));
        assert_eq!(lines, ["bind k to O-1"]);
        assert_eq!(desk.tell(OrderInput::Bound(Ok(bound))), [line]);
        assert_eq!(desk.core.keys, keys);
    }
    // What runs is read before it is told.
    let (mut desk, _) = submitted(knowing("charging"), prepared(Some("k")));
    let mine = binding("O-1", &prepared(None));
    assert_eq!(desk.tell(OrderInput::Bound(Ok(Some(mine)))), ["look"]);
    assert_eq!(desk.tell(OrderInput::Loaded(Ok(Some(stored(at("charging"), false))))), [REPEATED]);
}

/// A few times, and then its client is told to repeat it.
#[test]
fn an_order_that_comes_and_goes_is_not_pursued_for_ever() {
    let (mut desk, mut lines) = submitted(Desk::new(), prepared(None));
    for _ in 1..ATTEMPTS {
        assert_eq!(lines, [PLACED]);
        assert_eq!(desk.tell(OrderInput::Committed(Ok(Committed::Exists))), ["load"]);
        lines = desk.tell(OrderInput::Loaded(Ok(None)));
    }
    assert_eq!(lines, [PLACED]);
    desk.tell(OrderInput::Committed(Ok(Committed::Exists)));
    let lines = desk.tell(OrderInput::Loaded(Ok(None)));
    assert_eq!(lines, ["answer Unavailable(\"the order kept changing\")"]);
    // A key is bound with its order, which is not there: whoever was asked lags behind.
    for (attempts, line) in [(ATTEMPTS - 1, "load"), (ATTEMPTS, BEHIND)] {
        let (mut desk, _) = submitted(Desk::new(), prepared(Some("k")));
        desk.tell(OrderInput::Committed(Ok(Committed::KeyKnown)));
        desk.core.attempts = attempts;
        let mine = binding("O-1", &prepared(None));
        assert_eq!(desk.tell(OrderInput::KeyFound(Ok(Some(mine)))), [line]);
    }
}

#[test]
fn the_latest_keys_of_an_order_are_known_without_a_question() {
    let mut desk = knowing("completed");
    let key = |n: usize| format!("k-{n}");
    for n in 0..=limits::KEYS_IN_MEMORY {
        assert_eq!(desk.tell(heard(prepared(Some(&key(n))))), [format!("bind {} to O-1", key(n))]);
        let bound = OrderInput::Bound(Ok(Some(binding("O-1", &prepared(None)))));
        assert_eq!(desk.tell(bound), ["answer final 201, again"]);
    }
    let last = key(limits::KEYS_IN_MEMORY);
    assert_eq!(desk.tell(heard(prepared(Some(&last)))), ["answer final 201, again"]);
    assert_eq!(desk.tell(heard(prepared(Some(&key(1))))), ["answer final 201, again"]);
    assert_eq!(desk.tell(heard(prepared(Some(&key(0))))), ["bind k-0 to O-1"]);
}
