//! What is due of an order, what memory takes from reads and writes, and in which words each thing is told on.

use super::desk_tests::{
    Desk, LEASE, NANOSECOND, NODE, answer, asked, at, attention, cancel, id, refund, run, s, shop, stored, told, txn,
    word,
};
use super::*;
use crate::engine::api::{PreparedVerb, Standing, VerbCall, VerbRequest};
use crate::saga::state::Refund;
use crate::saga::{Amount, Client, IdempotencyKey};

#[test]
fn what_is_due_is_read_off_the_order() {
    for (place, due) in [
        ("reserving", "reserve"),
        ("screening", "run of screen"),
        ("charging", "charge"),
        ("authorizing", "authorize"),
        ("authorized", ""),
        ("capturing", "capture"),
        ("shipping", "ship"),
        ("completed", ""),
        ("refunding", "refund r-1"),
        ("voiding", "void"),
        ("cancelled", ""),
        ("checking", "run of fraud"),
        ("limiting", "run of limit"),
        ("rewarding", "run of points"),
        ("unrewarding", "undo of points"),
        ("giving", "run of gift"),
        ("asking", ""),
        ("missing", ""),
        ("newer", ""),
        ("cloned", ""),
    ] {
        let order = at(place);
        assert_eq!(Due::of(&order).map(|due| asked(&due, &order)).unwrap_or_default(), due, "{place}");
    }
}

/// Two clients may use one key, and a client several: money would go back to another.
#[test]
fn a_refund_is_the_one_of_its_client_and_key() {
    let name = |client: &str, key: &str| (Client::trusted(client), IdempotencyKey::trusted(key));
    let one = |(client, key), status| Refund {
        client,
        key,
        amount: Amount(1),
        reason: "x".into(),
        restock: Vec::new(),
        status,
    };
    let refunds = vec![
        one(name("shop", "a"), RefundStatus::Refunded),
        one(name("ops", "b"), RefundStatus::Refused),
        one(name("shop", "b"), RefundStatus::Intended),
        one(name("shop", "c"), RefundStatus::Intended),
    ];
    let order = Order { refunds, ..at("completed") };
    let due = Due::of(&order).expect("a refund is due");
    let (client, key) = name("shop", "b");
    let refund = Some(RefundName { client: client.clone(), key: key.clone() });
    assert_eq!(due, Due { call: Action::Refund.into(), refund });
    let told = |refund: Option<Refund>, call| Called { order: Arc::new(order.clone()), call, refund };
    assert_eq!(due.called(&order), told(Some(order.refunds[2].clone()), Action::Refund.into()));
    assert_eq!(due.command(Outcome::Pending), Command::Refunded { client, key, outcome: Outcome::Pending });
    let call = Action::Ship.into();
    let step = Due { call, refund: None };
    assert_eq!(step.called(&order), told(None, call));
    assert_eq!(step.command(Outcome::Pending), Command::Outcome { call, outcome: Outcome::Pending });
}

#[test]
fn memory_is_what_was_read_last() {
    let mut desk = Desk::new();
    assert_eq!(desk.core.memory(), None);
    desk.core.read(stored(at("charging"), false));
    assert_eq!(desk.core.memory(), Some(&at("charging")));
    desk.core.forget();
    assert_eq!((desk.core.memory(), desk.core.load_first), (None, true), "it is read before anything rests on it");
}

#[test]
fn what_is_read_is_believed_unless_it_is_older_and_who_moved_the_order_goes_on_with_it() {
    for (known, found, believed, holds) in [
        ("charging", "charging", true, true),
        ("charging", "voiding", true, false),
        ("voiding", "charging", false, true),
    ] {
        let mut desk = Desk::calling(known, 0);
        (desk.core.load_first, desk.core.fresh) = (true, false);
        assert_eq!(desk.core.read(stored(at(found), false)), believed, "{known} {found}");
        assert_eq!(desk.core.memory(), Some(&at(if believed { found } else { known })));
        assert_eq!(desk.core.hold.is_some(), holds, "{known} {found}");
        assert_eq!((desk.core.load_first, desk.core.fresh), (!believed, believed), "{known} {found}");
    }
}

#[test]
fn of_an_order_that_is_not_there_nothing_is_held() {
    let mut desk = Desk::calling("charging", 0);
    desk.core.load_first = true;
    desk.core.read_nothing();
    assert!(desk.core.memory.is_none() && desk.core.hold.is_none() && !desk.core.load_first);
}

fn verb(key: &str) -> Arc<Ask> {
    let key = Some(IdempotencyKey::trusted(key));
    let (order_id, by, standing, request) = (id(), shop(), Standing::Client, VerbRequest::Cancel);
    let call = VerbCall { order_id, by, standing, key, version: None, reason: "".into(), request };
    Arc::new(Ask::Verb(PreparedVerb::new(call)))
}

/// Another engine may have moved the order, or a predecessor have died.
#[test]
fn an_order_is_read_first_where_either_says_so() {
    for (load_first, reload, first) in [
        (false, false, "find key k at POST /orders/O-1/cancel"),
        (false, true, "load"),
        (true, false, "load"),
        (true, true, "load"),
    ] {
        let mut desk = Desk::calling("charging", 0);
        (desk.core.load_first, desk.core.attempts, desk.core.fresh) = (load_first, 4, true);
        let lines = desk.tell(OrderInput::Ask { ask: verb("k"), reload });
        assert_eq!(lines, [first], "{load_first} {reload}");
        assert_eq!((desk.core.attempts, desk.core.fresh), (0, false), "each command begins anew");
    }
}

/// What comes while something is before the store waits, and is taken up then.
#[test]
fn one_thing_at_a_time_is_before_the_store() {
    let mut desk = Desk::calling("charging", 0);
    let lines = desk.answers(Outcome::done(), None);
    assert_eq!(lines, ["commit v2 [payment.charged], Fresh"]);
    assert_eq!(desk.tell(OrderInput::Ask { ask: verb("k"), reload: false }), [""; 0]);
    let lines = desk.stored();
    assert_eq!(lines, ["report PAYMENT_CHARGED v3", "find key k at POST /orders/O-1/cancel"]);
    assert_eq!(desk.tell(OrderInput::KeyFound(Ok(None))), ["commit v3 [order.compensating], key k open, Fresh"]);
}

/// An answer of the store that nobody waits for, and one of a participant to a call that is not due.
#[test]
fn a_late_echo_changes_nothing() {
    let mut desk = Desk::calling("charging", 0);
    let survey = Survey { order: None, key: None, unknown: Vec::new() };
    let before = format!("{:?}", desk.core);
    for echo in [
        OrderInput::Loaded(Ok(None)),
        OrderInput::Loaded(Err(StoreError::Refused("no".into()))),
        OrderInput::Surveyed(Ok(Box::new(survey))),
        OrderInput::Committed(Ok(Committed::Stale)),
        OrderInput::Committed(Ok(Committed::Full)),
        OrderInput::Committed(Err(CommitError::UnknownSku)),
        OrderInput::KeyFound(Ok(None)),
        OrderInput::Bound(Ok(None)),
        OrderInput::Postponed(Ok(true)),
        OrderInput::Held(Ok(None)),
    ] {
        let told = format!("{echo:?}");
        assert_eq!(desk.tell(echo), [""; 0], "{told}");
        assert_eq!(format!("{:?}", desk.core), before, "{told}");
    }
    // Whose answer is on the way is not asked again because another one was late.
    let late = Due { call: Action::Ship.into(), refund: None };
    assert_eq!(desk.tell(OrderInput::Answered { due: late, outcome: Outcome::done(), cause: None }), [""; 0]);
    assert!(desk.core.calling.is_some());
}

/// The shard keeps an actor that drives its order: for a hold, for a call that is under way, or for what is to be asked.
#[test]
fn an_answer_says_whether_this_engine_goes_on_with_the_order() {
    for case in 0..8 {
        let (holds, calls, takes) = (case & 1 != 0, case & 2 != 0, case & 4 != 0);
        let mut desk = Desk::calling("charging", 0);
        desk.core.hold = desk.core.hold.filter(|_| holds);
        desk.core.calling = desk.core.calling.take().filter(|_| calls);
        desk.core.taking = takes.then_some((2, desk.now));
        desk.core.current = Some(Task::Postponing);
        let goes_on = holds || calls || takes;
        let lines = desk.have(|core, _, out| core.answer(Err(SubmitError::Overloaded), out));
        assert_eq!(lines, [if goes_on { "answer Overloaded, driving" } else { "answer Overloaded" }], "{case:03b}");
        assert_eq!((desk.core.active, desk.core.current.is_none()), (goes_on, true));
    }
}

#[test]
fn only_an_end_is_told_from_what_was_read_before() {
    for (fresh, ended, line) in [
        (false, false, "look"),
        (false, true, "answer final 201"),
        (true, false, "answer INVENTORY_RESERVED v2"),
        (true, true, "answer final 201"),
    ] {
        let mut desk = Desk::new();
        desk.core.fresh = fresh;
        let reply = reply(&at(if ended { "completed" } else { "charging" }), false);
        assert_eq!(desk.have(|core, _, out| core.tell(reply, out)), [line]);
    }
}

#[test]
fn the_latest_keys_are_remembered() {
    let scope = |n: usize| {
        let key = IdempotencyKey::trusted(n.to_string());
        KeyScope { client: shop(), route: "POST /orders".into(), key }
    };
    let mut desk = Desk::new();
    for n in 1..=limits::KEYS_IN_MEMORY + 2 {
        desk.core.remember(scope(n));
        let oldest = n.saturating_sub(limits::KEYS_IN_MEMORY) + 1;
        assert_eq!(desk.core.keys, (oldest..=n).map(scope).collect::<Vec<_>>());
    }
}

/// What each command's write means for the call that is due, and for an order that is to be looked up first.
#[test]
fn a_write_says_what_it_means_for_the_call_that_is_due() {
    let done = |call: Call| answer(call, Outcome::done());
    let charged = || done(Action::Charge.into());
    let cases = [
        ("charging", false, charged(), "commit v2 [payment.charged], Fresh"),
        ("charging", true, charged(), "commit v2 [payment.charged], Fresh, look first"),
        ("charging", false, cancel(), "commit v2 [order.compensating], Fresh"),
        ("charging", true, cancel(), "commit v2 [order.compensating], Fresh"),
        ("charging", false, attention(None), "commit v2 [order.attention], Same"),
        ("charging", true, attention(None), "commit v2 [order.attention], Same, look first"),
        ("charging", true, answer(Action::Charge, Outcome::Unknown), "commit v2 [payment.unknown], Same, look first"),
        ("asking", false, Command::Retry(word()), "commit v3 [order.resumed], Again"),
        ("asking", true, Command::Retry(word()), "commit v3 [order.resumed], Again"),
        ("missing", false, Command::Found, "commit v3 [order.resumed], Anew"),
        ("missing", true, Command::Found, "commit v3 [order.resumed], Anew, look first"),
        // What the database counts under lock may have to be decided anew, from where it stood.
        (
            "screening",
            false,
            done(Call::own(Action::Run, 0)),
            "commit v1 [step.done inventory.reserved], Fresh, before v1",
        ),
    ];
    for (place, look_first, command, line) in cases {
        let (mut desk, before) = (Desk::new(), stored(at(place), look_first));
        let txn = txn(Some(&before.order), &command);
        let (told, after) = (command.clone(), txn.clone());
        let lines = desk.have(|core, context, out| out.push(core.write(&before, txn, told, More::default(), context)));
        assert_eq!(lines, [line]);
        let (write, sent) = (desk.write.expect("it left"), desk.core.sent.expect("it is remembered"));
        assert_eq!((&*write.command, &*write.txn), (&command, &after));
        assert_eq!((sent.guard, sent.at, sent.look_first), (write.guard(), desk.now, look_first));
        assert_eq!((sent.driver, sent.fingerprint, sent.answer), (write.driver, before.fingerprint, None));
        assert_eq!(write.driver.lease, LEASE);
    }
}

/// A lease with all that it may know.
fn lease(until: Instant, intent: Instant) -> OrderLease {
    OrderLease {
        until,
        attempts: 3,
        intent: Some(intent),
        age: s(5),
        looked: true,
        waits: Some(s(1)),
        look: true,
        claimed: true,
        counted: true,
    }
}

fn sent(version: i32, intent: Intent, look_first: bool, at: Instant) -> Sent {
    let driver = Driver {
        node: NODE,
        lease: LEASE,
        reservation_ttl: s(900),
        authorized_ttl: s(3_600),
        intent,
        look_first: false,
    };
    let fingerprint = Fingerprint([3; 33]);
    Sent { guard: Guard::Version(version), driver, fingerprint, look_first, answer: None, at }
}

/// The lease counts from when the write left. How often and since when the call was sent goes on where it is the same one, and
/// is asked of the row where somebody else may have sent it meanwhile.
#[test]
fn a_write_that_is_stored_holds_the_order_for_its_next_call() {
    let now = Instant::now() + s(1_000);
    let since = now - s(3);
    let (intended, until) = (now - s(60), since + LEASE);
    let told = |lease: Option<OrderLease>| lease.map(|lease| format!("{lease:?}"));
    let goes_on =
        |until_before| Some(OrderLease { until, claimed: false, counted: false, ..lease(until_before, intended) });
    let fresh = Some(OrderLease {
        until,
        attempts: 0,
        intent: Some(since),
        age: Duration::ZERO,
        looked: false,
        waits: None,
        look: false,
        claimed: false,
        counted: false,
    });
    let another = || refund("r-2", 50);
    let cases = [
        // The first refund goes on under the lease that it was sent by; a hold that ended is somebody else's.
        ("refunding", another(), Intent::Same, Some(since), goes_on(since), false),
        ("refunding", another(), Intent::Same, Some(since + s(1)), goes_on(since + s(1)), false),
        ("refunding", another(), Intent::Same, Some(since - NANOSECOND), None, true),
        ("refunding", another(), Intent::Same, None, None, true),
        ("shipping", cancel(), Intent::Fresh, Some(since + s(1)), fresh, false),
        ("shipping", cancel(), Intent::Fresh, None, fresh, false),
        // Whoever sweeps takes it up.
        ("asking", Command::Retry(word()), Intent::Again, Some(since + s(1)), None, false),
        ("charging", attention(None), Intent::Same, Some(since + s(1)), None, false),
        // Nothing is left to be done.
        ("shipping", answer(Action::Ship, Outcome::done()), Intent::Fresh, Some(since + s(1)), None, false),
    ];
    for (place, command, intent, hold, held, taking) in cases {
        let mut desk = Desk::new();
        let before = at(place);
        let txn = txn(Some(&before), &command);
        desk.core.hold = hold.map(|until| lease(until, intended));
        desk.core.taking = Some((1, now));
        (desk.core.load_first, desk.core.fresh) = (true, false);
        desk.core.stored(txn.clone(), sent(before.version, intent, false, since));
        assert_eq!(told(desk.core.hold), told(held), "{place} {command:?} {hold:?}");
        assert_eq!(desk.core.taking, taking.then_some((txn.order.version, until)), "{place} {command:?}");
        let memory = StoredOrder { order: txn.order, fingerprint: Fingerprint([3; 33]), look_first: false };
        assert_eq!(desk.core.memory, Some(memory));
        assert_eq!((desk.core.load_first, desk.core.fresh), (false, true));
    }
    // A write that tells nothing new of the order leaves its row, and so the hold, as they are.
    let mut desk = Desk::new();
    let nothing = LocalTransaction { events: Vec::new(), ..txn(Some(&at("charging")), &Command::GoOn) };
    desk.core.hold = Some(lease(since, intended));
    desk.core.stored(nothing, sent(2, Intent::Same, true, since));
    assert_eq!(told(desk.core.hold), told(Some(lease(since, intended))));
    assert!(desk.core.memory.is_some_and(|stored| stored.look_first), "nor was anything looked up");
    // What is looked up first goes with the row.
    let mut desk = Desk::new();
    let last = txn(Some(&at("shipping")), &answer(Action::Ship, Outcome::done()));
    let driver = Driver { look_first: true, ..sent(3, Intent::Fresh, true, since).driver };
    desk.core.stored(last, Sent { driver, ..sent(3, Intent::Fresh, true, since) });
    assert!(desk.core.memory.is_some_and(|stored| !stored.look_first));
}

#[test]
fn what_was_to_be_looked_up_is_so_until_somebody_answers_for_it() {
    let moved = txn(Some(&at("charging")), &cancel());
    let waits = txn(Some(&at("charging")), &attention(None));
    let nothing = LocalTransaction { events: Vec::new(), ..moved.clone() };
    for (looked_first, txn, intent, looks_on, still) in [
        (true, &moved, Intent::Fresh, false, false),
        (true, &moved, Intent::Fresh, true, true),
        (true, &moved, Intent::Same, false, false),
        (true, &moved, Intent::Again, false, true),
        (true, &moved, Intent::Anew, false, true),
        (true, &waits, Intent::Same, false, true),
        (true, &nothing, Intent::Same, false, true),
        (false, &moved, Intent::Fresh, true, false),
        (false, &moved, Intent::Again, false, false),
        (false, &waits, Intent::Same, false, false),
        (false, &nothing, Intent::Same, true, false),
    ] {
        let driver = Driver { look_first: looks_on, ..sent(2, intent, looked_first, Instant::now()).driver };
        let told = format!("{looked_first} {intent:?} {looks_on} {:?}", txn.events);
        assert_eq!(looks_first_after(looked_first, txn, &driver), still, "{told}");
    }
}

/// Nothing was sent while it was looked up: what comes of that, or of this database alone, says nothing of what became of calls.
/// What somebody asks for does, since nothing of it is decided before.
#[test]
fn what_was_found_says_nothing_of_the_next_call() {
    let moved = txn(Some(&at("charging")), &cancel());
    let waits = txn(Some(&at("charging")), &attention(None));
    let (client, key) = (shop(), IdempotencyKey::trusted("r-1"));
    for (command, after, looks) in [
        (answer(Action::Charge, Outcome::done()), &moved, true),
        (Command::Refunded { client, key, outcome: Outcome::done() }, &moved, true),
        (Command::GoOn, &moved, true),
        (Command::Found, &moved, true),
        (attention(None), &waits, true),
        (attention(None), &moved, false),
        (cancel(), &moved, false),
        (Command::Capture { amount: Amount(1) }, &moved, false),
        (refund("r-1", 1), &moved, false),
        (Command::Retry(word()), &moved, false),
        (Command::Skip { reference: None, word: word() }, &waits, false),
        (Command::ForceCancel(word()), &moved, false),
        (Command::Expire, &moved, false),
    ] {
        assert_eq!(looks_on(&command, after), looks, "{command:?}");
    }
}

#[test]
fn a_call_is_the_same_while_its_order_waits_for_a_human() {
    let two = run(Some(&at("refunding")), &refund("r-2", 50));
    for (before, after, meant) in [
        (at("charging"), at("charging"), Intent::Same),
        (at("charging"), at("asking"), Intent::Same),
        (at("asking"), at("charging"), Intent::Same),
        (at("charging"), at("shipping"), Intent::Fresh),
        (at("asking"), at("voiding"), Intent::Fresh),
        (at("completed"), at("refunding"), Intent::Fresh),
        (at("refunding"), two, Intent::Same),
    ] {
        assert_eq!(intent(&before, &after), meant, "{before:?} {after:?}");
    }
}

/// Cancels and captures that were asked for earlier have their answer when the order ends, and each refund when it has its own.
#[test]
fn verbs_that_were_asked_earlier_are_answered_by_what_decides_them() {
    let refunded = |outcome| Command::Refunded { client: shop(), key: IdempotencyKey::trusted("r-2"), outcome };
    let first = Command::Refunded { client: shop(), key: IdempotencyKey::trusted("r-1"), outcome: Outcome::done() };
    let one_of_two = run(Some(&run(Some(&at("refunding")), &first)), &refund("r-2", 50));
    let cases = [
        (at("charging"), cancel(), vec![]),
        (at("capturing"), answer(Action::Capture, Outcome::done()), vec![]),
        (
            at("shipping"),
            answer(Action::Ship, Outcome::done()),
            vec!["POST /orders/O-1/cancel 409", "POST /orders/O-1/capture 201"],
        ),
        (
            at("voiding"),
            answer(Action::Void, Outcome::done()),
            vec!["POST /orders/O-1/cancel 201", "POST /orders/O-1/capture 409"],
        ),
        (at("completed"), refund("r-1", 100), vec![]),
        (one_of_two.clone(), refunded(Outcome::done()), vec!["POST /orders/O-1/refunds 201 shop r-2"]),
        (one_of_two, refunded(Outcome::refused("no")), vec!["POST /orders/O-1/refunds 409 shop r-2"]),
        (at("refunding"), refund("r-2", 50), vec![]),
    ];
    for (before, command, told) in cases {
        let txn = txn(Some(&before), &command);
        let line = |Settled { route, holder, answer }: Settled| {
            let holder = holder.map(|(client, key)| format!(" {client} {key}")).unwrap_or_default();
            format!("{route} {}{holder}", answer.status)
        };
        let lines: Vec<_> = settled(&before, &txn).into_iter().map(line).collect();
        assert_eq!(lines, told, "{command:?}");
    }
}

#[test]
fn an_order_is_told_by_its_end_or_by_where_it_stands() {
    assert_eq!(told(&reply(&at("charging"), false)), "INVENTORY_RESERVED v2");
    assert_eq!(told(&reply(&at("charging"), true)), "INVENTORY_RESERVED v2, again");
    assert_eq!(told(&reply(&at("completed"), false)), "final 201");
    assert_eq!(told(&reply(&at("completed"), true)), "final 201, again");
    assert_eq!(told(&running(&at("completed"), false)), "COMPLETED v5");
    assert_eq!(told(&running(&at("asking"), true)), "INVENTORY_RESERVED v3, again");
}

/// Whoever is told that the database was away repeats; what it refused is for whoever reads logs.
#[test]
fn failures_of_the_store_are_told_as_what_they_are() {
    let internal = |words: &str| SubmitError::Internal(words.into());
    for (error, told) in [
        (StoreError::Unavailable("gone".into()), SubmitError::Unavailable("gone".into())),
        (StoreError::Corrupt("bits".into()), internal("a stored row cannot be read: bits")),
        (StoreError::Refused("no".into()), internal("the database refused: no")),
    ] {
        assert_eq!(store_error(error.clone()), told);
        let mut desk = Desk::new();
        assert_eq!(desk.have(|core, _, out| core.store_failed(error, out)), [format!("answer {told:?}")]);
    }
    let what = || "the row of SKU A".to_owned();
    for (error, told) in [
        (CommitError::Unavailable("gone".into()), SubmitError::Unavailable("gone".into())),
        (CommitError::Locked { what: what() }, SubmitError::Locked { what: what() }),
        (CommitError::UnknownSku, internal("inventory does not know a SKU of the order")),
        (
            CommitError::Injected { point: "after_begin" },
            internal("injected fault at after_begin: the transaction was rolled back"),
        ),
        (CommitError::Refused("no".into()), internal("the database refused the write: no")),
    ] {
        assert_eq!(commit_error(error), told);
    }
    let told = "the database told of an earlier state than it had confirmed";
    assert_eq!(behind(), SubmitError::Unavailable(told.into()));
}

#[test]
fn a_guard_is_lost_to_whoever_was_first() {
    let stored = Committed::Stored(Box::new(txn(None, &submission())));
    for (committed, lost) in [
        (Committed::Exists, true),
        (Committed::Stale, true),
        (Committed::KeyKnown, false),
        (Committed::Full, false),
        (stored, false),
    ] {
        assert_eq!(lost_the_guard(&committed), lost, "{committed:?}");
    }
}

fn submission() -> Command {
    let order = at("charging");
    Command::Submit { id: id(), client: shop(), request: order.request, saga: order.plan.into() }
}
