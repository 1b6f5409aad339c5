//! What the store says to a write, a claim or a question: what is not known to be durable is given back, and who lost an order lets go
//! of it.

use super::*;
use crate::engine::order::desk_tests::{LEASE, answer, attention, id, txn};
use crate::ports::{KeyBinding, Survey};

/// A charge that was answered, whose write is before the store; `counted` and `look` are the claim's.
fn writing(counted: bool, look: bool) -> Desk {
    let (mut desk, _) = Desk::woken("charging", Claimed { counted, ..claimed(0, s(0)) });
    desk.core.hold = desk.core.hold.map(|hold| OrderLease { look, ..hold });
    assert_eq!(desk.answers(done(), None), ["commit v2 [payment.charged], Fresh"]);
    desk
}

/// Whoever moved the order goes on with it; what an actor knows of it is older.
#[test]
fn who_loses_the_guard_lets_go_of_the_order() {
    for (committed, told) in [
        (Committed::Stale, "INVENTORY_RESERVED v2"),
        (Committed::Exists, "INVENTORY_RESERVED v2"),
        (Committed::KeyKnown, "nothing"),
        (Committed::Full, "nothing"),
    ] {
        let mut desk = writing(true, false);
        let lines = desk.tell(OrderInput::Committed(Ok(committed)));
        assert_eq!(lines, [format!("report {told}, resting")]);
        assert!(desk.core.hold.is_none() && desk.core.current.is_none());
        assert_eq!((desk.core.memory(), desk.core.load_first), (None, true));
    }
}

/// What the participant said is asked again, under the same key, by whoever claims the order next. What is the order's own fault
/// is kept against it, and nothing else is.
#[test]
fn what_could_not_be_written_is_given_back() {
    let what = "the row of SKU A".to_owned();
    for (error, why) in [
        (CommitError::Refused("no".into()), "fault: no"),
        (CommitError::UnknownSku, "fault: inventory does not know a SKU of the order"),
        (
            CommitError::Injected { point: "after_begin" },
            "error: injected fault at after_begin: the transaction was rolled back",
        ),
        (CommitError::Locked { what }, "error: the row of SKU A is locked by another session of the database"),
        (CommitError::Unavailable("gone".into()), "error: the database is away: gone"),
    ] {
        for (counted, look, told) in
            [(true, false, ", counted"), (false, false, ""), (true, true, ", counted, look"), (false, true, ", look")]
        {
            let mut desk = writing(counted, look);
            let lines = desk.tell(OrderInput::Committed(Err(error.clone())));
            assert_eq!(lines, [format!("hand back{told}, {why}")]);
            assert_eq!((desk.core.memory(), desk.core.load_first), (None, true));
            // Until that is done nothing else is.
            assert!(desk.core.current.is_some());
            assert_eq!(desk.tell(OrderInput::Postponed(Ok(true))), ["report nothing, resting"]);
            assert!(desk.core.hold.is_none() && desk.core.current.is_none());
        }
    }
    // Where nothing is held any more, nothing was claimed either.
    let mut desk = writing(true, true);
    desk.core.hold = None;
    let lines = desk.tell(OrderInput::Committed(Err(CommitError::UnknownSku)));
    assert_eq!(lines, ["hand back, fault: inventory does not know a SKU of the order"]);
}

/// An answer to another question is none to the one that is before the store.
#[test]
fn what_was_not_asked_is_not_heard() {
    let binding =
        || KeyBinding { order_id: id(), fingerprint: stored(at("charging"), false).fingerprint, answer: None };
    let survey = Survey { order: None, key: None, unknown: Vec::new() };
    for told in [
        OrderInput::Loaded(Ok(None)),
        OrderInput::Loaded(Err(StoreError::Refused("no".into()))),
        OrderInput::Surveyed(Ok(Box::new(survey))),
        OrderInput::KeyFound(Ok(Some(binding()))),
        OrderInput::Bound(Ok(Some(binding()))),
    ] {
        let mut desk = writing(true, false);
        let before = format!("{:?}", desk.core);
        assert_eq!(desk.tell(told), [""; 0]);
        assert_eq!(format!("{:?}", desk.core), before);
    }
    let mut desk = Desk::new();
    assert_eq!(desk.claim(claimed(0, s(0))), ["load"]);
    assert_eq!(desk.tell(OrderInput::KeyFound(Ok(None))), [""; 0]);
    assert_eq!(desk.tell(OrderInput::Committed(Ok(Committed::Stale))), [""; 0]);
    let lines = desk.tell(OrderInput::Loaded(Ok(Some(stored(at("charging"), false)))));
    assert_eq!(lines, ["answer INVENTORY_RESERVED v2, again, driving", "call charge"]);
}

/// A claim tells how often and since when the call was sent; its lease counts from when it was asked for, however long it was on
/// its way.
#[test]
fn a_claim_holds_the_order_from_when_it_was_asked_for() {
    for (look, counted) in [(false, true), (true, false)] {
        let mut desk = Desk::new();
        let since = desk.now;
        (desk.core.said, desk.core.load_first) = (Some("503".into()), true);
        assert_eq!(desk.claim(Claimed { look, counted, ..claimed(3, s(20)) }), ["load"]);
        desk.now += s(2);
        desk.tell(OrderInput::Loaded(Ok(Some(stored(at("charging"), false)))));
        let held = OrderLease {
            until: since + LEASE,
            attempts: 3,
            intent: Some(since),
            age: s(20),
            looked: false,
            waits: None,
            look,
            claimed: true,
            counted,
        };
        assert_eq!(format!("{:?}", desk.core.hold), format!("{:?}", Some(held)));
        assert_eq!((desk.core.memory(), desk.core.load_first), (Some(&at("charging")), false));
        assert!(desk.core.said.is_none(), "what went wrong before is over");
    }
}

#[test]
fn what_was_claimed_and_cannot_be_read_is_given_back() {
    for (error, why) in [
        (StoreError::Corrupt("bits".into()), "fault: a stored row cannot be read: bits"),
        (StoreError::Refused("no".into()), "fault: the database refused: no"),
        (StoreError::Unavailable("gone".into()), "error: the database is away: gone"),
    ] {
        for (counted, look, told) in [(true, false, ", counted"), (false, true, ", look")] {
            let mut desk = Desk::new();
            desk.claim(Claimed { counted, look, ..claimed(0, s(0)) });
            let lines = desk.tell(OrderInput::Loaded(Err(error.clone())));
            assert_eq!(lines, [format!("hand back{told}, {why}")]);
            desk.core.load_first = false;
            let lines = desk.tell(OrderInput::Postponed(Ok(true)));
            assert_eq!(lines, ["answer Unavailable(\"it could not be loaded, and is claimed again\")"]);
            assert_eq!((desk.core.memory(), desk.core.load_first), (None, true));
        }
    }
    let mut desk = Desk::new();
    desk.claim(claimed(0, s(0)));
    assert_eq!(desk.tell(OrderInput::Loaded(Ok(None))), ["answer NotFound { order_id: OrderId(\"O-1\") }"]);
    assert!(desk.core.hold.is_none() && !desk.core.load_first);
}

/// What the row knows of the call is asked once a commit has taken the order from another engine; it is sent under that lease.
#[test]
fn who_took_an_order_asks_how_often_its_call_was_sent() {
    let taking = |desk: &mut Desk| {
        desk.core.memory = Some(stored(at("refunding"), false));
        desk.core.active = true;
        desk.core.taking = Some((6, desk.now + LEASE));
        assert_eq!(desk.have(|core, context, out| core.go_on(context, out)), ["ask hold v6"]);
        assert!(desk.core.taking.is_none());
    };
    let mut desk = Desk::new();
    taking(&mut desk);
    let (asked, until) = (desk.now, desk.now + LEASE);
    desk.now += s(1);
    let row = Claimed { look: true, counted: true, expired: true, ..claimed(3, s(20)) };
    assert_eq!(desk.tell(OrderInput::Held(Ok(Some(row)))), ["call refund r-1"]);
    let held = OrderLease {
        until,
        attempts: 3,
        intent: Some(asked),
        age: s(20),
        looked: false,
        waits: None,
        look: true,
        claimed: false,
        counted: false,
    };
    assert_eq!(format!("{:?}", desk.core.hold), format!("{:?}", Some(held)));
    // Whoever cannot be told leaves it to who has it, or claims it then.
    for told in [Ok(None), Err(StoreError::Unavailable("gone".into()))] {
        let mut desk = Desk::new();
        taking(&mut desk);
        assert_eq!(desk.tell(OrderInput::Held(told)), ["report final 201, resting"]);
        assert!(desk.core.hold.is_none());
    }
}

/// It is told each time that an order begins to wait for a human, and once it is durable.
#[test]
fn a_human_is_told_once_the_order_waits() {
    let waits = |before: &str, task: fn(Tried) -> Task| {
        let mut desk = Desk::calling("charging", 3);
        let order = at(before);
        let hold = desk.core.hold.expect("it is held");
        let tried = Tried::of(&charge(), &hold, &Outcome::Contradicted { reason: "x".into() }, None);
        let before = stored(order, false);
        (desk.core.memory, desk.core.calling) = (Some(before.clone()), None);
        let command = attention(None);
        let txn = txn(Some(&before.order), &command);
        let after = txn.clone();
        desk.have(|core, context, out| out.push(core.write(&before, txn, command, More::default(), context)));
        desk.core.current = Some(task(tried));
        desk.tell(OrderInput::Committed(Ok(Committed::Stored(Box::new(after)))))
    };
    let told = "a human for charge, 3 attempts, contradicted: x: stuck";
    let reports = ["report INVENTORY_RESERVED v3", "report INVENTORY_RESERVED v3, resting"];
    let heard = [told, reports[0], reports[1]];
    assert_eq!(waits("charging", |tried| Task::Outcome { due: charge(), tried: Some(tried) }), heard);
    assert_eq!(waits("charging", |tried| Task::Turn(Some(tried))), heard);
    assert_eq!(waits("charging", |_| Task::Outcome { due: charge(), tried: None }), reports);
    assert_eq!(waits("charging", |_| Task::Turn(None)), reports);
    // Nobody is told of a write of which nothing is known.
    let mut desk = writing(true, false);
    desk.core.sent = None;
    assert_eq!(desk.stored(), [""; 0]);
}

/// Only an outcome that leaves the call open, and due, has it asked again.
#[test]
fn what_is_not_due_any_more_is_not_repeated() {
    let mut desk = Desk::calling("charging", 3);
    desk.answers(Outcome::Unknown, None);
    // A commit that charged it after all.
    let charged = txn(Some(&at("charging")), &answer(Action::Charge, done()));
    let lines = desk.tell(OrderInput::Committed(Ok(Committed::Stored(Box::new(charged)))));
    assert_eq!(lines[0], "report PAYMENT_CHARGED v3");
    assert!(!lines.iter().any(|line| line.starts_with("postpone")), "{lines:?}");
}
