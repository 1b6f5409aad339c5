//! A verb is decided by the order that is there, once, and its answer stored with its key: who may ask, what is asked of the store
//! first, and what each thing that is said leads to.

use super::*;
use crate::engine::api::{Ask, Standing, VerbCall};
use crate::engine::order::desk_tests::{Desk, NANOSECOND, at, id, refund, run, s, shop, stored};
use crate::ports::{CommitError, Guard, StoreError};
use crate::saga::{Amount, Client, IdempotencyKey, OrderId, Outcome};

fn ops() -> Client {
    Client::trusted("ops")
}

fn call(by: Client, standing: Standing, request: VerbRequest, key: Option<&str>) -> VerbCall {
    let key = key.map(IdempotencyKey::trusted);
    VerbCall { order_id: id(), by, standing, key, version: None, reason: "".into(), request }
}

/// Asked by the order's owner, under this key.
fn clients(request: VerbRequest, key: &str) -> PreparedVerb {
    PreparedVerb::new(call(shop(), Standing::Client, request, Some(key)))
}

/// Asked by an operator, without one.
fn operators(request: VerbRequest) -> PreparedVerb {
    let reason = "seen".into();
    PreparedVerb::new(VerbCall { reason, ..call(ops(), Standing::Operator, request, None) })
}

fn capture(amount: Option<i64>) -> VerbRequest {
    VerbRequest::Capture { amount: amount.map(Amount) }
}

fn give_back(amount: i64) -> VerbRequest {
    VerbRequest::Refund { amount: Amount(amount), reason: "broken".into(), restock: Vec::new() }
}

fn skip() -> VerbRequest {
    VerbRequest::Skip { reference: Some("r".into()) }
}

fn heard(asked: PreparedVerb) -> OrderInput {
    OrderInput::Ask { ask: Arc::new(Ask::Verb(asked)), reload: false }
}

fn found(place: &str, look_first: bool) -> OrderInput {
    OrderInput::Loaded(Ok(Some(stored(at(place), look_first))))
}

/// What a fresh actor does that is asked for this, of an order which stands so, and whose key is not bound.
fn asked_at(place: &str, look_first: bool, asked: PreparedVerb) -> (Desk, Vec<String>) {
    let has_key = asked.claim.is_some();
    let mut desk = Desk::new();
    assert_eq!(desk.tell(heard(asked)), ["load"]);
    let mut lines = desk.tell(found(place, look_first));
    if has_key && lines[0].starts_with("find key ") {
        lines = desk.tell(OrderInput::KeyFound(Ok(None)));
    }
    (desk, lines)
}

#[test]
fn who_may_ask_is_decided_by_the_order_that_is_there() {
    let none = "answer NotFound { order_id: OrderId(\"O-1\") }";
    let reason = "answer Invalid { pointer: \"/reason\", detail: \"is required of an operator\" }";
    let clients_key = "find key k at POST /orders/O-1/cancel";
    let other = || Client::trusted("other");
    for (by, standing, why, key, line) in [
        (shop(), Standing::Client, "", Some("k"), clients_key),
        (other(), Standing::Client, "", Some("k"), none),
        (other(), Standing::Client, "why", None, none),
        (shop(), Standing::Both, "", Some("k"), clients_key),
        (other(), Standing::Both, "", Some("k"), reason),
        (other(), Standing::Both, "why", Some("k"), clients_key),
        (shop(), Standing::Operator, "", None, reason),
        (other(), Standing::Operator, "", None, reason),
    ] {
        let told = format!("{by} {standing:?} {why:?}");
        let asked = VerbCall { reason: why.into(), ..call(by, standing, VerbRequest::Cancel, key) };
        let mut desk = Desk::new();
        assert_eq!(desk.tell(heard(PreparedVerb::new(asked))), ["load"], "{told}");
        assert_eq!(desk.tell(found("charging", false)), [line], "{told}");
    }
    let mut desk = Desk::new();
    desk.tell(heard(clients(VerbRequest::Cancel, "k")));
    assert_eq!(desk.tell(OrderInput::Loaded(Ok(None))), [none]);
    // It was known, and is not there.
    let mut desk = Desk::calling("charging", 0);
    (desk.core.calling, desk.core.load_first) = (None, true);
    assert_eq!(desk.tell(heard(clients(VerbRequest::Cancel, "k"))), ["load"]);
    assert_eq!(desk.tell(OrderInput::Loaded(Ok(None))), [none]);
    assert!(desk.core.memory.is_none() && desk.core.hold.is_none());
}

/// With a key the key has the word, whatever is in memory; without one nothing but the order itself has.
#[test]
fn an_order_is_read_for_a_verb_that_has_no_key() {
    let mut desk = Desk::calling("charging", 0);
    assert_eq!(desk.tell(heard(clients(VerbRequest::Cancel, "k"))), ["find key k at POST /orders/O-1/cancel"]);
    let mut desk = Desk::calling("charging", 0);
    assert_eq!(desk.tell(heard(operators(VerbRequest::Cancel))), ["load"]);
    let line = "commit v2 [order.compensating], cancel by ops: seen, Fresh";
    assert_eq!(desk.tell(found("charging", false)), [line]);
    // Once.
    let mut desk = Desk::calling("voiding", 0);
    desk.tell(heard(operators(VerbRequest::Cancel)));
    let lines = desk.tell(found("charging", false));
    let behind = "the database told of an earlier state than it had confirmed";
    assert_eq!(lines, [format!("answer Unavailable(\"{behind}\"), driving")]);
}

/// What each verb decides, of whom it is stored, and where it is refused. A refusal is an answer, stored under the key; without one
/// nothing is.
#[test]
fn a_verb_is_decided_once_and_its_answer_stored_with_its_key() {
    let calls_off = "settles POST /orders/O-1/cancel 201, settles POST /orders/O-1/capture 409";
    for (place, asked, line) in [
        ("charging", clients(VerbRequest::Cancel, "k"), "commit v2 [order.compensating], key k open, Fresh".to_owned()),
        (
            "housed",
            clients(VerbRequest::Cancel, "k"),
            format!(
                "commit v3 [order.compensating payment.voided inventory.released order.cancelled], key k 201, {calls_off}, \
                 Same"
            ),
        ),
        ("completed", clients(VerbRequest::Cancel, "k"), "commit v5 [], key k 409, Same".into()),
        ("authorized", clients(capture(None), "k"), "commit v3 [payment.capturing], key k open, Fresh".into()),
        ("authorized", clients(capture(Some(50)), "k"), "commit v3 [payment.capturing], key k open, Fresh".into()),
        ("authorized", clients(capture(Some(201)), "k"), "commit v3 [], key k 409, Same".into()),
        ("charging", clients(capture(None), "k"), "commit v2 [], key k 409, Same".into()),
        ("completed", clients(give_back(100), "k"), "commit v5 [payment.refunding], key k open, Fresh".into()),
        (
            "completed",
            clients(
                VerbRequest::Refund {
                    amount: Amount(0),
                    reason: "".into(),
                    restock: vec![crate::saga::Restock { sku: crate::saga::Sku::trusted("A"), quantity: 1 }],
                },
                "k",
            ),
            "commit v5 [payment.refunding payment.refunded], key k 201, Same".into(),
        ),
        ("refunding", clients(give_back(100), "k"), "commit v6 [payment.refunding], key k open, Same".into()),
        ("refunding", clients(give_back(101), "k"), "commit v6 [], key k 409, Same".into()),
        // By operators: done once it is durable.
        (
            "charging",
            operators(VerbRequest::Cancel),
            "commit v2 [order.compensating], cancel by ops: seen, Fresh".into(),
        ),
        ("asking", operators(VerbRequest::Retry), "commit v3 [order.resumed], retry by ops: seen, Again".into()),
        ("asking", operators(skip()), "commit v3 [order.skipped payment.charged], skip by ops: seen, Fresh".into()),
        (
            "asking",
            operators(VerbRequest::ForceCancel),
            format!("commit v3 [order.forced order.cancelled], {calls_off}, force-cancel by ops: seen, Fresh"),
        ),
    ] {
        assert_eq!(asked_at(place, false, asked).1, [line], "{place}");
    }
    for (place, request, word) in [
        ("completed", VerbRequest::Cancel, "cancel"),
        ("charging", VerbRequest::Retry, "retry"),
        ("charging", skip(), "skip"),
        ("completed", VerbRequest::ForceCancel, "force-cancel"),
    ] {
        let (desk, lines) = asked_at(place, false, operators(request));
        let refused = r#"answer Refused(Answer { status: 409, body: "{\"type\":"#;
        assert!(lines.len() == 1 && lines[0].starts_with(refused) && lines[0].contains(word), "{lines:?}");
        assert!(desk.write.is_none() && desk.core.current.is_none());
    }
    // A refund is told by its key, which it must have.
    let needs =
        "answer Invalid { pointer: \"/key\", detail: \"is required of a refund: it is what the refund is told by\" }";
    assert_eq!(asked_at("completed", false, operators(give_back(1))).1, [needs]);
}

/// What the write says of its order beside its events.
#[test]
fn what_a_verb_changes_is_written_with_what_it_was_decided_from() {
    let (desk, _) = asked_at("completed", false, clients(capture(None), "k"));
    let write = desk.write.expect("a write");
    let nothing = LocalTransaction {
        order: at("completed"),
        events: Vec::new(),
        stock: StockMove::None,
        pays: false,
        steps: false,
        call: None,
    };
    assert_eq!(*write.txn, nothing);
    let claim = clients(capture(None), "k").claim.expect("a key");
    let stored = write.key.clone().expect("a key");
    assert_eq!((&stored.scope, &stored.fingerprint, &stored.order_id), (&claim.scope, &claim.fingerprint, &id()));
    let sent = desk.core.sent.expect("it is remembered");
    assert_eq!((sent.answer, sent.guard), (stored.answer, Guard::Version(5)));
    // An operator's word goes into the log with where the order stood, and stands then.
    let (desk, _) = asked_at("asking", false, operators(VerbRequest::Retry));
    let log = desk.write.as_ref().and_then(|write| write.log().cloned()).expect("it is logged");
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    let since = at("asking").attention.expect("it waits").since;
    let waits = serde_json::json!({"reason": "stuck", "since": since});
    let stood = |version: i32, attention: serde_json::Value| serde_json::json!({"state": "INVENTORY_RESERVED", "version": version, "attention": attention});
    assert_eq!(json(&log.before), stood(3, waits));
    assert_eq!(json(&log.after), stood(4, serde_json::Value::Null));
    assert_eq!((log.by, log.verb, &*log.reason), (ops(), "retry", "seen"));
}

/// Evidence is for the call that it was seen of.
#[test]
fn a_verb_for_another_version_is_refused() {
    for (version, line) in [
        (Some(3), "commit v3 [order.resumed], retry by ops: seen, Again"),
        (None, "commit v3 [order.resumed], retry by ops: seen, Again"),
        (Some(2), "answer Refused(Answer { status: 409, "),
        (Some(4), "answer Refused(Answer { status: 409, "),
    ] {
        let asked = operators(VerbRequest::Retry);
        let call = VerbCall { version, ..asked.call };
        let (_, lines) = asked_at("asking", false, PreparedVerb::new(call));
        assert!(lines.len() == 1 && lines[0].starts_with(line), "{lines:?}");
    }
}

/// What a client asks for is not decided before it is known what became of a restored order; what a human vouches for is. Another
/// engine may have looked meanwhile, unless this one does.
#[test]
fn a_restored_order_takes_evidence_and_nothing_else() {
    let why = "its database was restored from before: ";
    let looks = format!("answer Unavailable(\"{why}what its participants did since is being looked up\")");
    let waits = format!("answer Unavailable(\"{why}it is looked up when an operator has it tried again\")");
    for (place, asked, line) in [
        ("charging", clients(VerbRequest::Cancel, "k"), &looks),
        ("charging", operators(VerbRequest::Cancel), &looks),
        ("authorized", clients(capture(None), "k"), &looks),
        ("completed", clients(give_back(1), "k"), &looks),
        ("asking", clients(VerbRequest::Cancel, "k"), &waits),
    ] {
        let (desk, lines) = asked_at(place, true, asked);
        assert_eq!(&lines, &[line.as_str()], "{place}");
        assert_eq!((desk.core.memory(), desk.core.load_first), (None, true));
    }
    for (request, line) in [
        (VerbRequest::Retry, "commit v3 [order.resumed], retry by ops: seen, Again"),
        (skip(), "commit v3 [order.skipped payment.charged], skip by ops: seen, Fresh"),
    ] {
        assert_eq!(asked_at("asking", true, operators(request)).1, [line]);
    }
    let (_, lines) = asked_at("asking", true, operators(VerbRequest::ForceCancel));
    assert!(lines[0].starts_with("commit v3 [order.forced order.cancelled], "), "{lines:?}");
    for (holds, calls) in [(true, false), (false, true), (true, true)] {
        let mut desk = Desk::calling("charging", 0);
        desk.core.memory = Some(stored(at("charging"), true));
        desk.core.hold = desk.core.hold.filter(|_| holds);
        desk.core.calling = desk.core.calling.take().filter(|_| calls);
        desk.tell(heard(clients(VerbRequest::Cancel, "k")));
        let told = desk.tell(OrderInput::KeyFound(Ok(None)));
        assert_eq!(told[0], format!("{looks}, driving"));
        assert!(desk.core.memory().is_some(), "{holds} {calls}");
    }
    assert!(by_evidence(&VerbRequest::Retry) && by_evidence(&skip()) && by_evidence(&VerbRequest::ForceCancel));
    assert!(!by_evidence(&VerbRequest::Cancel) && !by_evidence(&capture(None)) && !by_evidence(&give_back(1)));
}

/// What an older program beside this one could not read, and what this one cannot move.
#[test]
fn what_comes_too_early_is_to_be_repeated() {
    let too_early = PreparedVerb { too_early: Some("not yet".into()), ..clients(give_back(1), "k") };
    assert_eq!(asked_at("completed", false, too_early).1, ["answer TooEarly { detail: \"not yet\" }"]);
    let detail = "the order began under version 99 of the saga, which this program does not know: a newer one has to run; nothing \
                  was stored: repeat the same request";
    let told = format!("answer TooEarly {{ detail: {detail:?} }}");
    let (desk, lines) = asked_at("newer", false, clients(VerbRequest::Cancel, "k"));
    assert_eq!(lines, [told.as_str()]);
    // A newer program moves it: it is read again.
    assert_eq!((desk.core.memory(), desk.core.load_first), (None, true));
    for (holds, calls) in [(true, false), (false, true)] {
        let mut desk = Desk::calling("charging", 0);
        desk.core.memory = Some(stored(at("newer"), false));
        desk.core.hold = desk.core.hold.filter(|_| holds);
        desk.core.calling = desk.core.calling.take().filter(|_| calls);
        desk.core.current = None;
        desk.tell(heard(clients(VerbRequest::Cancel, "k")));
        let lines = desk.tell(OrderInput::KeyFound(Ok(None)));
        assert_eq!(lines[0], format!("{told}, driving"));
        assert!(desk.core.memory().is_some(), "{holds} {calls}");
    }
}

fn bound(asked: &PreparedVerb, order_id: &str, answer: Option<Answer>) -> OrderInput {
    let claim = asked.claim.clone().expect("a key");
    let binding = KeyBinding { order_id: OrderId::trusted(order_id), fingerprint: claim.fingerprint, answer };
    OrderInput::KeyFound(Ok(Some(binding)))
}

/// Its answer, or where the order stands while it is under way, as read since it was asked.
#[test]
fn a_repeat_of_a_verb_gets_its_answer() {
    let answer = || Some(Answer { status: 409, body: "{}".into() });
    let mine = || clients(capture(Some(50)), "k");
    for (key_of, order_id, stored_answer, line) in [
        (mine(), "O-1", answer(), "answer final 409, again"),
        (mine(), "O-1", None, "look"),
        (clients(capture(Some(51)), "k"), "O-1", answer(), "answer KeyReused { order_id: OrderId(\"O-1\") }"),
        (mine(), "O-2", answer(), "answer KeyReused { order_id: OrderId(\"O-2\") }"),
        (clients(capture(None), "k"), "O-2", None, "answer KeyReused { order_id: OrderId(\"O-2\") }"),
    ] {
        let mut desk = Desk::new();
        desk.core.memory = Some(stored(at("charging"), false));
        assert_eq!(desk.tell(heard(mine())), ["find key k at POST /orders/O-1/capture"]);
        assert_eq!(desk.tell(bound(&key_of, order_id, stored_answer)), [line]);
    }
    let mut desk = Desk::new();
    desk.core.memory = Some(stored(at("charging"), false));
    desk.tell(heard(mine()));
    assert_eq!(desk.tell(bound(&mine(), "O-1", None)), ["look"]);
    // What it is bound to may be decided meanwhile.
    assert_eq!(desk.tell(found("voiding", false)), ["find key k at POST /orders/O-1/capture"]);
    assert_eq!(desk.tell(bound(&mine(), "O-1", None)), ["answer COMPENSATING v3, again"]);
}

/// What the write came to.
#[test]
fn what_was_written_is_told_and_what_was_not_is_decided_anew() {
    let begun = || asked_at("charging", false, clients(VerbRequest::Cancel, "k")).0;
    // Under way: it goes on here.
    assert_eq!(begun().stored(), ["answer COMPENSATING v3, driving", "call void"]);
    // Decided: its answer is the one that was stored.
    let (mut desk, _) = asked_at("completed", false, clients(VerbRequest::Cancel, "k"));
    assert_eq!(desk.stored(), ["answer final 409"]);
    let (mut desk, _) = asked_at("asking", false, operators(VerbRequest::Retry));
    assert_eq!(desk.stored(), ["answer final 201"]);
    let mut desk = begun();
    let lines = desk.tell(OrderInput::Committed(Ok(Committed::Full)));
    assert_eq!(lines, ["answer TooManyKeys { order_id: OrderId(\"O-1\") }"]);
    let lines = begun().tell(OrderInput::Committed(Err(CommitError::Unavailable("gone".into()))));
    assert_eq!(lines, ["answer Unavailable(\"gone\")"]);
    // Somebody else moved the order, and goes on with it. Its key was looked for.
    for lost in [Committed::Stale, Committed::Exists] {
        let mut desk = begun();
        desk.core.hold = Desk::calling("charging", 0).core.hold;
        assert_eq!(desk.tell(OrderInput::Committed(Ok(lost))), ["load"]);
        assert!(desk.core.hold.is_none() && desk.core.load_first && desk.core.memory().is_none());
        assert_eq!(desk.tell(found("shipping", false)), ["commit v3 [order.compensating], key k open, Fresh"]);
    }
    // The key was bound a moment ago: its answer is read.
    let mut desk = begun();
    assert_eq!(desk.tell(OrderInput::Committed(Ok(Committed::KeyKnown))), ["load"]);
    assert!(desk.core.load_first);
    assert_eq!(desk.tell(found("charging", false)), ["find key k at POST /orders/O-1/cancel"]);
    // And so is one of which it is not known what was written.
    let mut desk = begun();
    desk.core.sent = None;
    assert_eq!(desk.stored(), ["load"]);
    for told in [OrderInput::Loaded(Err(gone())), OrderInput::KeyFound(Err(gone()))] {
        let mut desk = Desk::new();
        desk.tell(heard(clients(VerbRequest::Cancel, "k")));
        assert_eq!(desk.tell(told), ["answer Unavailable(\"gone\")"]);
    }
    for told in [OrderInput::Postponed(Ok(true)), OrderInput::Held(Ok(None)), OrderInput::Bound(Ok(None))] {
        let mut desk = begun();
        assert_eq!(desk.tell(told), [""; 0]);
        assert!(desk.core.current.is_some(), "it was not asked");
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("gone".into())
}

#[test]
fn a_verb_whose_order_keeps_changing_is_to_be_repeated() {
    let (mut desk, mut lines) = asked_at("charging", false, clients(VerbRequest::Cancel, "k"));
    for _ in 1..ATTEMPTS {
        assert_eq!(lines, ["commit v2 [order.compensating], key k open, Fresh"]);
        assert_eq!(desk.tell(OrderInput::Committed(Ok(Committed::Stale))), ["load"]);
        lines = desk.tell(found("charging", false));
    }
    assert_eq!(lines, ["commit v2 [order.compensating], key k open, Fresh"]);
    desk.tell(OrderInput::Committed(Ok(Committed::Stale)));
    assert_eq!(desk.tell(found("charging", false)), ["answer Unavailable(\"the order kept changing\")"]);
}

/// A verb that moves an order whose call another engine may have sent holds it, and asks the row how often that was.
#[test]
fn a_verb_that_takes_an_order_asks_what_became_of_its_call() {
    let (mut desk, lines) = asked_at("refunding", false, clients(give_back(50), "k"));
    assert_eq!(lines, ["commit v6 [payment.refunding], key k open, Same"]);
    assert_eq!(desk.stored(), ["answer COMPLETED v7, driving", "ask hold v7"]);
    // Where this engine has sent it the call is waited for.
    let mut desk = Desk::calling("refunding", 3);
    desk.tell(heard(clients(give_back(50), "k")));
    desk.tell(OrderInput::KeyFound(Ok(None)));
    assert_eq!(desk.stored(), ["answer COMPLETED v7, driving"]);
    assert_eq!(desk.core.hold.map(|hold| hold.attempts), Some(3));
    // A lease that is over is another engine's by now.
    let mut desk = Desk::calling("refunding", 3);
    desk.now += s(10) + NANOSECOND;
    desk.tell(heard(clients(give_back(50), "k")));
    desk.tell(OrderInput::KeyFound(Ok(None)));
    assert_eq!(desk.stored(), ["answer COMPLETED v7, driving", "ask hold v7"]);
}

/// The answer of each verb, where the order as it stands has decided it.
#[test]
fn a_verb_has_its_answer_once_its_order_has_decided_it() {
    let status = |asked: PreparedVerb, order: &Order| verb_answer(&asked, order).map(|answer| answer.status);
    let cancels = || clients(VerbRequest::Cancel, "k");
    for (place, asked, told) in [
        ("cancelled", cancels(), Some(201)),
        ("completed", cancels(), Some(409)),
        ("voiding", cancels(), None),
        ("completed", clients(capture(None), "k"), Some(201)),
        ("cancelled", clients(capture(None), "k"), Some(409)),
        ("capturing", clients(capture(None), "k"), None),
        ("charging", operators(VerbRequest::Retry), Some(201)),
        ("charging", operators(skip()), Some(201)),
        ("cancelled", operators(VerbRequest::ForceCancel), Some(201)),
    ] {
        assert_eq!(status(asked, &at(place)), told, "{place}");
    }
    // Each refund has its own: that of its client and key.
    let done = |client: Client, key: &str| {
        let outcome = Outcome::done();
        crate::saga::Command::Refunded { client, key: IdempotencyKey::trusted(key), outcome }
    };
    let two = run(Some(&run(Some(&at("refunding")), &done(shop(), "r-1"))), &refund("r-2", 50));
    let asked = |by: Client, key: &str| PreparedVerb::new(call(by, Standing::Both, give_back(50), Some(key)));
    for (by, key, told) in
        [(shop(), "r-1", Some(201)), (shop(), "r-2", None), (ops(), "r-1", None), (shop(), "r-3", None)]
    {
        assert_eq!(status(asked(by.clone(), key), &two), told, "{by} {key}");
    }
    let reversed = Order { refunds: two.refunds.iter().rev().cloned().collect(), ..two };
    assert_eq!(status(asked(shop(), "r-1"), &reversed), Some(201));
}
