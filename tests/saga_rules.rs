//! Promise: what the saga forbids is forbidden, and what it tells is what happened. Each law of an order is seen to be broken
//! by an order that breaks it; who may say what to an order that is contradicted, cloned or over; what stock moves, which verbs
//! are settled, and what an answer says was undone. A slip of the pen in any of these is to be noticed within a second.

use counterfoil::saga::state::{Attention, PaymentStatus, ShipmentStatus, StepStatus};
use counterfoil::saga::transaction::{self, StockMove};
use counterfoil::saga::{
    Action, Amount, Answer, Call, CallKind, CancelReason, Capture, Client, Command, Failure, IdempotencyKey,
    LocalTransaction, Order, OrderId, Outcome, Plan, Refusal, State, StepName, Stock, Timestamp, Verb, due, effect,
    invariant, refund_due, verb,
};

use crate::support::saga::{
    AMOUNT, Own, Participants, commands, contradictions, own_commands, refunded, request, run, submit_to, word,
};

/// An order that was submitted to these participants, and then told this.
fn after(local: &Participants, capture: Capture, said: &[Command]) -> Order {
    let first = run(None, &submit_to(capture, local), Timestamp(0), local).expect("taken").order;
    said.iter().fold(first, |order, said| run(Some(&order), said, Timestamp(0), local).expect("taken").order)
}

/// A law that nothing breaks says nothing: each is broken by an order that is as it must be but for that.
#[test]
fn each_law_is_broken_by_what_it_forbids() {
    let here = Participants::default();
    let elsewhere = Participants { plan: Plan(7), ..here };
    let declines = Participants { declines: true, ..here };
    let completed = after(&here, Capture::Automatic, &[]);
    let cancelled = after(&declines, Capture::Automatic, &[]);
    let fresh = after(&elsewhere, Capture::Automatic, &[]);
    let held = after(&here, Capture::Manual, &[]);
    let answered = |call: Call| Command::Outcome { call, outcome: Outcome::done() };
    let reserved = after(&elsewhere, Capture::Automatic, &[answered(Action::Reserve.into())]);
    let charged =
        after(&elsewhere, Capture::Automatic, &[answered(Action::Reserve.into()), answered(Action::Charge.into())]);
    let cancel = Command::Cancel { reason: CancelReason::Client };
    let undoing = run(Some(&charged), &cancel, Timestamp(0), &elsewhere).expect("taken").order;
    let pointed = after(&Participants { own: Own::Points, plan: Plan(0), ..here }, Capture::Automatic, &[]);
    let points = after(&Participants { own: Own::Points, plan: Plan(7), ..here }, Capture::Automatic, &[]);
    let ended = after(&Participants { own: Own::Limit, ..here }, Capture::Automatic, &[]);
    let first = after(&Participants { own: Own::Five, plan: Plan(7), ..here }, Capture::Automatic, &[]);
    let own_points = Participants { own: Own::Points, plan: Plan(7), ..here };
    let paid =
        after(&own_points, Capture::Automatic, &[answered(Action::Reserve.into()), answered(Action::Charge.into())]);
    for order in
        [&completed, &cancelled, &fresh, &held, &reserved, &charged, &undoing, &pointed, &points, &ended, &first, &paid]
    {
        assert_eq!(invariant::violations(order), [""; 0], "{order:#?}");
    }
    assert_eq!((completed.state, cancelled.state, ended.state), (State::Completed, State::Cancelled, State::Completed));
    type Change = fn(&mut Order);
    let well = "a completed order is paid, shipped and taken";
    let whole = "a cancelled order leaves no money, parcel, stock or step out";
    let in_turn = "no step is begun before the one before it is done";
    let two = "at most one step is under way";
    let more = "no more is captured than the order's amount";
    let less = "no less than nothing is captured or refunded";
    let cases: &[(&Order, &str, Change)] = &[
        (&completed, "a stored order has at least one event", |order| order.version = 0),
        (&completed, "an order has an amount", |order| order.amount = Amount(0)),
        (&completed, more, |order| order.payment.captured.0 = AMOUNT + 1),
        (&completed, less, |order| order.payment.captured = Amount(-1)),
        (&completed, less, |order| order.payment.refunded = Amount(-1)),
        (&completed, "no more is refunded than was captured", |order| order.payment.refunded.0 = AMOUNT + 1),
        (&completed, well, |order| order.stock = Stock::Released),
        (&completed, well, |order| order.payment.status = PaymentStatus::Refunded),
        (&completed, well, |order| order.payment.captured = Amount(0)),
        (&completed, well, |order| order.shipment.status = ShipmentStatus::Cancelled),
        (&completed, well, |order| order.failure = Some(Failure::PaymentDeclined { reason: "no".into() })),
        (&ended, well, |order| order.own.as_mut().expect("a step").states[0].status = StepStatus::Refused),
        (&cancelled, whole, |order| order.stock = Stock::Reserved),
        (&cancelled, whole, |order| order.payment.status = PaymentStatus::Charged),
        (&cancelled, whole, |order| order.payment.captured = Amount(1)),
        (&cancelled, whole, |order| order.shipment.status = ShipmentStatus::Created),
        (&cancelled, whole, |order| order.failure = None),
        (&completed, "an ended order has its final answer", |order| order.answer = None),
        (&cancelled, "an ended order has its final answer", |order| order.answer = None),
        (&undoing, "what is being undone has a reason", |order| order.failure = None),
        (&charged, "nothing is shipped unpaid", |order| {
            (order.shipment.status, order.payment.known) = (ShipmentStatus::Created, false);
        }),
        (&fresh, "an order in flight has a call due, or waits for a command", |order| order.stock = Stock::None),
        (&held, "an order in flight has a call due, or waits for a command", |order| {
            order.payment.status = PaymentStatus::Charged;
        }),
        (&reserved, "nothing is charged for goods that were not there", |order| order.stock = Stock::Rejected),
        (&fresh, in_turn, |order| order.payment.status = PaymentStatus::Intended),
        (&fresh, in_turn, |order| order.shipment.status = ShipmentStatus::Intended),
        (&fresh, in_turn, |order| order.payment.status = PaymentStatus::Charged),
        (&reserved, in_turn, |order| order.stock = Stock::Releasing),
        (&charged, in_turn, |order| order.payment.status = PaymentStatus::Authorized),
        (&points, in_turn, |order| order.own.as_mut().expect("a step").states[0].status = StepStatus::Intended),
        (&points, in_turn, |order| order.own.as_mut().expect("a step").states[0].status = StepStatus::Done),
        (&first, in_turn, |order| order.stock = Stock::Intended),
        (&paid, two, |order| order.shipment.status = ShipmentStatus::Intended),
        (&fresh, two, |order| order.payment.status = PaymentStatus::Voiding),
        (&fresh, two, |order| order.payment.status = PaymentStatus::Capturing),
        (&fresh, two, |order| order.shipment.status = ShipmentStatus::Cancelling),
        (&charged, two, |order| order.stock = Stock::Intended),
        (&charged, two, |order| order.payment.status = PaymentStatus::Refunding),
        (&undoing, two, |order| order.stock = Stock::Releasing),
        (&points, two, |order| order.own.as_mut().expect("a step").states[0].status = StepStatus::Undoing),
    ];
    for (at, (order, law, change)) in cases.iter().enumerate() {
        let mut broken = (*order).clone();
        change(&mut broken);
        let told = invariant::violations(&broken);
        assert!(told.contains(law), "case {at}: {law}: {told:?}\n{broken:#?}");
    }
    // Only an ended or an authorised order has an answer.
    let answer = completed.answer.clone();
    let early = Order { answer: answer.clone(), ..fresh.clone() };
    assert_eq!(invariant::violations(&early), ["only an ended or an authorised order has a final answer"]);
    // What cannot be undone may be left as it stands, and is none of those that are under way.
    let check = Participants { own: Own::Check, plan: Plan(7), ..here };
    let checked = after(&check, Capture::Automatic, &[answered(Action::Reserve.into())]);
    let mut left = run(Some(&checked), &cancel, Timestamp(0), &check).expect("taken").order;
    assert_eq!((invariant::violations(&left), left.stock), (vec![], Stock::Releasing));
    left.shipment.status = ShipmentStatus::Cancelling;
    assert_eq!(invariant::violations(&left), [two]);
    // What can be undone is not left in an order that is over.
    let mut out = cancelled.clone();
    for (status, is_whole) in [
        (StepStatus::None, true),
        (StepStatus::Refused, true),
        (StepStatus::Undone, true),
        (StepStatus::Done, false),
        (StepStatus::Undoing, false),
    ] {
        out.own.clone_from(&points.own);
        out.own.as_mut().expect("a step").states[0].status = status;
        assert_eq!(!invariant::violations(&out).contains(&whole), is_whole, "{status:?}");
    }
}

/// So it is with what must hold between two steps.
#[test]
fn each_law_of_a_step_is_broken_by_what_it_forbids() {
    let local = Participants::default();
    let completed = after(&local, Capture::Automatic, &[]);
    let other = after(&Participants { declines: true, ..local }, Capture::Automatic, &[]);
    assert_eq!(invariant::broken_between(&completed, &completed), [""; 0]);
    let unanswered = Order { answer: None, ..completed.clone() };
    assert_eq!(invariant::broken_between(&unanswered, &completed), [""; 0]);
    let shop = Client::trusted("another");
    let content = "the content never changes";
    let mut uncaptured = completed.clone();
    uncaptured.payment.captured = Amount(1);
    for (law, new) in [
        ("the version never falls", Order { version: completed.version - 1, ..completed.clone() }),
        ("the final answer never changes", Order { answer: other.answer.clone(), ..completed.clone() }),
        ("the final answer never changes", unanswered.clone()),
        ("an ended order stays as it ended", Order { state: State::Compensating, ..completed.clone() }),
        ("what was captured stays captured: a refund is not an un-charge", uncaptured),
        (content, Order { client: shop, ..completed.clone() }),
        (content, Order { id: OrderId::trusted("ORD-2"), ..completed.clone() }),
        (content, Order { request: request(Capture::Manual), ..completed.clone() }),
    ] {
        assert_eq!(invariant::broken_between(&completed, &new), [law]);
    }
}

/// An order of an earlier deployment takes nothing that leads to a call; what sends nothing it takes.
#[test]
fn an_order_of_an_earlier_deployment_takes_nothing_that_leads_to_a_call() {
    let local = Participants { plan: Plan(7), ..Participants::default() };
    let order = Order { cloned: true, ..after(&local, Capture::Automatic, &[]) };
    for (name, command) in commands().into_iter().chain(contradictions()).chain(own_commands()) {
        let leads = matches!(
            command,
            Command::Cancel { .. }
                | Command::Capture { .. }
                | Command::Refund { .. }
                | Command::Retry(_)
                | Command::Skip { .. }
        );
        let told = run(Some(&order), &command, Timestamp(0), &local);
        let refused = Refusal::Cloned { command: command.name(), state: order.state };
        assert_eq!(told.as_ref().err() == Some(&refused), leads, "{name}: {told:?}");
        assert!(told.is_err() || told.is_ok_and(|txn| txn.call.is_none()), "{name}");
    }
    let missing = StepName::parse("fraud").ok();
    let waits = Attention { reason: "no entry".into(), since: "then".into(), contradicted: false, missing };
    let waits = Order { attention: Some(waits), ..order };
    let found = run(Some(&waits), &Command::Found, Timestamp(0), &local).expect("never refused");
    assert_eq!(found.events, [], "it goes on for nobody");
    let found = run(Some(&Order { cloned: false, ..waits }), &Command::Found, Timestamp(0), &local).expect("taken");
    assert_eq!((found.events.len(), found.order.attention), (1, None), "what has its entry again goes on");
}

/// While a participant contradicts an order neither its owner nor an expiry moves it.
#[test]
fn a_contradicted_order_is_refused_to_its_owner() {
    let local = Participants { plan: Plan(7), ..Participants::default() };
    let contradicted = |order: Order| {
        let reason = "it says 1".into();
        Order {
            attention: Some(Attention { reason, since: "then".into(), contradicted: true, missing: None }),
            ..order
        }
    };
    let paid = contradicted(after(&Participants::default(), Capture::Automatic, &[]));
    let held = contradicted(after(&Participants::default(), Capture::Manual, &[]));
    let fresh = contradicted(after(&local, Capture::Automatic, &[]));
    let refund = Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted("k"),
        amount: Amount(1),
        reason: "x".into(),
        restock: Vec::new(),
    };
    let cancel = Command::Cancel { reason: CancelReason::Client };
    for (order, command) in [(&fresh, &cancel), (&held, &Command::Capture { amount: Amount(1) }), (&paid, &refund)] {
        let refused = run(Some(order), command, Timestamp(0), &local).expect_err("refused");
        let state = order.state;
        assert_eq!(refused, Refusal::Contradicted { command: command.name(), state, reason: "it says 1".into() });
        let told = verb::refused(order, command.name(), &refused).expect("it is told");
        assert!(told.status == 409 && told.body.contains(r#""code":"wrong_state""#), "{}", told.body);
    }
    let expired = run(Some(&fresh), &Command::Expire, Timestamp(0), &local).expect("never refused");
    assert_eq!((expired.events, expired.call), (vec![], None));
}

/// Late as it is, a contradiction counts where what is due next would name the step, or where the look-up of a held payment told
/// it; anywhere else it says nothing.
#[test]
fn a_late_contradiction_counts_while_the_order_rests_on_the_step() {
    let local = Participants { plan: Plan(7), ..Participants::default() };
    let answered = |action: Action| Command::Outcome { call: action.into(), outcome: Outcome::done() };
    let contradicts = |call: Call| Command::Outcome { call, outcome: Outcome::Contradicted { reason: "1".into() } };
    let held = after(&local, Capture::Manual, &[answered(Action::Reserve), answered(Action::Authorize)]);
    assert_eq!((held.state, due(&held)), (State::PaymentAuthorized, None));
    let counts = |order: &Order, call: Call| match run(Some(order), &contradicts(call), Timestamp(0), &local) {
        Ok(txn) => txn.order.attention.is_some_and(|attention| attention.contradicted) && !txn.events.is_empty(),
        Err(refused) => {
            assert!(matches!(refused, Refusal::NotDue { .. }), "{refused}");
            false
        }
    };
    assert!(counts(&held, Call::LOOK_UP));
    for call in [Action::Reserve.into(), Action::Authorize.into(), Action::Ship.into(), Call::own(CallKind::LookUp, 0)]
    {
        assert!(!counts(&held, call), "{}", call.kind);
    }
    let attention = Attention { reason: "x".into(), since: "then".into(), contradicted: false, missing: None };
    assert!(!counts(&Order { attention: Some(attention), ..held.clone() }, Call::LOOK_UP), "a human looks at it");
    let completed = after(&Participants::default(), Capture::Automatic, &[]);
    assert!(!counts(&completed, Call::LOOK_UP), "it is over");
    let cancel = Command::Cancel { reason: CancelReason::Client };
    let undoing = run(Some(&held), &cancel, Timestamp(0), &local).expect("taken").order;
    assert_eq!(due(&undoing), Some(Action::Void.into()));
    assert!(counts(&undoing, Action::Authorize.into()) && !counts(&undoing, Action::Reserve.into()));
}

/// That an answer was lost is told once, of a payment alone.
#[test]
fn a_lost_answer_is_told_once() {
    let local = Participants { plan: Plan(7), ..Participants::default() };
    let lost = |action: Action| Command::Outcome { call: action.into(), outcome: Outcome::Unknown };
    let fresh = after(&local, Capture::Automatic, &[lost(Action::Reserve)]);
    assert_eq!((fresh.version, fresh.payment.unknown), (1, false));
    let reserved = Command::Outcome { call: Action::Reserve.into(), outcome: Outcome::done() };
    let reserved = after(&local, Capture::Automatic, &[reserved]);
    let once = run(Some(&reserved), &lost(Action::Charge), Timestamp(0), &local).expect("taken");
    assert_eq!((once.events.len(), once.order.payment.unknown), (1, true));
    let twice = run(Some(&once.order), &lost(Action::Charge), Timestamp(0), &local).expect("taken");
    assert_eq!((twice.events, twice.order), (vec![], once.order));
}

/// Nothing is due of an order that waits for a human, is another deployment's, or began under a saga of a newer program; what
/// would be due is told of the first all the same.
#[test]
fn nothing_is_due_of_an_order_that_is_not_to_be_moved() {
    let local = Participants { plan: Plan(7), ..Participants::default() };
    let fresh = after(&local, Capture::Automatic, &[]);
    let refund = Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted("k"),
        amount: Amount(1),
        reason: "x".into(),
        restock: Vec::new(),
    };
    let paid = Order { plan: Plan(Plan::PAYMENT), ..after(&Participants::default(), Capture::Automatic, &[]) };
    let remote = Participants { plan: paid.plan, ..local };
    let paid = run(Some(&paid), &refund, Timestamp(0), &remote).expect("taken").order;
    assert_eq!(due(&fresh), Some(Action::Reserve.into()));
    assert!(due(&paid).is_none() && refund_due(&paid).is_some());
    let attention = Some(Attention { reason: "x".into(), since: "then".into(), contradicted: false, missing: None });
    for order in [&fresh, &paid] {
        let waits = Order { attention: attention.clone(), ..order.clone() };
        let cloned = Order { cloned: true, ..order.clone() };
        let newer = Order { saga_version: 3, ..order.clone() };
        for still in [&waits, &cloned, &newer] {
            assert_eq!((due(still), refund_due(still)), (None, None), "{still:#?}");
        }
        let opened = if order.state == State::Created { Action::Reserve } else { Action::Refund };
        assert_eq!((effect::open(&waits), effect::open(order)), (Some(opened.into()), Some(opened.into())));
        assert_eq!((effect::open(&cloned), effect::open(&newer)), (None, None));
        assert!(!effect::is_known(&newer) && effect::is_known(order));
        // Steps of one's own and the version that knows of them go together.
        assert!(!effect::is_known(&Order { saga_version: 2, ..order.clone() }));
    }
    let pointed = after(&Participants { own: Own::Points, ..local }, Capture::Automatic, &[]);
    assert!(effect::is_known(&pointed) && !effect::is_known(&Order { saga_version: 1, ..pointed }));
}

/// People are told which step of one's own an order is at: the one that is intended, and on the way back the one that is undone.
#[test]
fn the_step_under_way_is_told() {
    let local = Participants { own: Own::Points, plan: Plan(7), ..Participants::default() };
    let answered = |action: Action| Command::Outcome { call: action.into(), outcome: Outcome::done() };
    let paid = after(&local, Capture::Automatic, &[answered(Action::Reserve), answered(Action::Charge)]);
    let at = |order: &Order| effect::step_under_way(order).map(ToString::to_string);
    assert_eq!((at(&after(&local, Capture::Automatic, &[])), at(&paid)), (None, Some("points".into())));
    let ran = Command::Outcome { call: Call::own(Action::Run, 0), outcome: Outcome::done() };
    let ran = run(Some(&paid), &ran, Timestamp(0), &local).expect("taken").order;
    assert_eq!(at(&ran), None, "the carrier's turn");
    let cancel = Command::Cancel { reason: CancelReason::Client };
    let back = run(Some(&paid), &cancel, Timestamp(0), &local).expect("taken").order;
    assert_eq!((back.state, at(&back)), (State::Compensating, Some("points".into())));
    let mut ended = back.clone();
    ended.state = State::Cancelled;
    assert_eq!(at(&ended), None);
    let mut left = back;
    left.own.as_mut().expect("a step").states[0].status = StepStatus::Intended;
    assert_eq!(at(&left), None, "left as it stands");
    assert_eq!(at(&after(&Participants::default(), Capture::Automatic, &[])), None);
}

/// The moves of local stock along an order's ways, and which refunds a local transaction gave back.
#[test]
fn stock_moves_as_the_order_does() {
    let here = Participants::default();
    let submitted =
        |local: &Participants, capture| run(None, &submit_to(capture, local), Timestamp(0), local).expect("taken");
    let to = |order: &Order, command: &Command, local: &Participants| {
        run(Some(order), command, Timestamp(0), local).expect("taken")
    };
    let answered = |action: Action| Command::Outcome { call: action.into(), outcome: Outcome::done() };
    assert_eq!(submitted(&here, Capture::Automatic).stock, StockMove::Take);
    assert_eq!(submitted(&Participants { declines: true, ..here }, Capture::Automatic).stock, StockMove::Check);
    let held = submitted(&here, Capture::Manual);
    assert_eq!((held.stock, held.pays, held.steps), (StockMove::Hold, true, false));
    let shipped = to(&held.order, &Command::Capture { amount: Amount(AMOUNT) }, &here);
    assert_eq!((shipped.stock, shipped.order.state), (StockMove::Ship, State::Completed));
    let freed = to(&held.order, &Command::Cancel { reason: CancelReason::Client }, &here);
    assert_eq!((freed.stock, freed.order.state), (StockMove::Free, State::Cancelled));
    let paying = Participants { plan: Plan(Plan::PAYMENT), ..here };
    let reserved = submitted(&paying, Capture::Automatic);
    assert_eq!((reserved.stock, reserved.call), (StockMove::Hold, Some(Action::Charge.into())));
    let lost = Command::Outcome { call: Action::Charge.into(), outcome: Outcome::Unknown };
    let lost = to(&reserved.order, &lost, &paying);
    assert_eq!((lost.stock, lost.pays), (StockMove::None, true));
    let noted = Command::Attention { reason: "look".into(), missing: None };
    let noted = to(&reserved.order, &noted, &paying);
    assert_eq!((noted.stock, noted.pays, noted.steps), (StockMove::None, false, false));
    let done = to(&reserved.order, &answered(Action::Charge), &paying);
    assert_eq!((done.stock, done.order.state), (StockMove::Ship, State::Completed));
    // What is counted elsewhere is not counted here.
    let warehouse = Participants { plan: Plan(Plan::INVENTORY), ..here };
    let elsewhere = submitted(&warehouse, Capture::Automatic);
    assert_eq!(to(&elsewhere.order, &answered(Action::Reserve), &warehouse).stock, StockMove::None);
    // A step of one's own is told from none.
    let points = Participants { own: Own::Points, plan: Plan(Plan::PAYMENT), ..here };
    let first = submitted(&points, Capture::Automatic);
    assert!(first.steps, "it has steps, none of them begun");
    let paid = to(&first.order, &answered(Action::Charge), &points);
    assert!(paid.steps && !to(&paid.order, &Command::GoOn, &points).steps);

    let refund = |client: &str, key: &str| Command::Refund {
        client: Client::trusted(client),
        key: IdempotencyKey::trusted(key),
        amount: Amount(1),
        reason: "x".into(),
        restock: Vec::new(),
    };
    let given = |txn: &LocalTransaction| -> Vec<String> { txn.given_back().map(|refund| refund.operation()).collect() };
    let completed = submitted(&here, Capture::Automatic);
    assert_eq!(given(&completed), [""; 0]);
    let one = to(&completed.order, &refund("shop", "k"), &here);
    let two = to(&one.order, &refund("shop", "l"), &here);
    let three = to(&two.order, &refund("ops", "k"), &here);
    assert_eq!([given(&one), given(&two), given(&three)], [["4:shop1:k"], ["4:shop1:l"], ["3:ops1:k"]]);
    // What left the shelf, or was put back, has done so once.
    let noted = Command::Attention { reason: "look".into(), missing: None };
    let cancelled = submitted(&Participants { declines: true, ..here }, Capture::Automatic).order;
    assert_eq!([one.stock, to(&completed.order, &noted, &here).stock], [StockMove::None; 2]);
    assert_eq!([to(&cancelled, &noted, &here).stock, to(&freed.order, &noted, &here).stock], [StockMove::None; 2]);
    // What is answered here is answered by a commit of its own, where it was left for one.
    assert!(transaction::is_answered_here(&held.order, Action::Reserve.into(), &here));
    assert!(!transaction::is_answered_here(&elsewhere.order, Action::Reserve.into(), &warehouse));
}

/// Each verb has the answer that the order decided, once it did.
#[test]
fn a_verb_is_settled_when_the_order_is() {
    let here = Participants::default();
    let completed = after(&here, Capture::Automatic, &[]);
    let cancelled = after(&Participants { declines: true, ..here }, Capture::Automatic, &[]);
    let held = after(&here, Capture::Manual, &[]);
    let code = |answer: Option<Answer>| answer.map(|answer| (answer.status, answer.body.contains("wrong_state")));
    for (verb, order, told) in [
        (Verb::Cancel, &cancelled, Some((201, false))),
        (Verb::Cancel, &completed, Some((409, true))),
        (Verb::Capture, &completed, Some((201, false))),
        (Verb::Capture, &cancelled, Some((409, true))),
        (Verb::Cancel, &held, None),
        (Verb::Capture, &held, None),
        (Verb::Refund, &completed, None),
    ] {
        assert_eq!(code(verb.settled(order)), told, "{verb:?} of {}", order.state);
    }
    assert_eq!([Verb::Cancel, Verb::Capture, Verb::Refund].map(Verb::as_str), ["cancel", "capture", "refunds"]);
    let other = verb::other_version(&completed, "skip", 1);
    let body: serde_json::Value = serde_json::from_str(&other.body).expect("JSON");
    assert_eq!(
        (other.status, &body["code"], &body["version"]),
        (409, &"wrong_state".into(), &completed.version.into())
    );
    assert_eq!(body["detail"], "skip: the order is COMPLETED at version 5, and no longer at 1: look at it again");

    let remote = Participants { plan: Plan(Plan::PAYMENT), ..here };
    let asked = Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted("k"),
        amount: Amount(3),
        reason: "broken".into(),
        restock: Vec::new(),
    };
    let paid = Order { plan: remote.plan, ..completed };
    let asked = run(Some(&paid), &asked, Timestamp(0), &remote).expect("taken").order;
    assert_eq!(verb::refunded(&asked, &asked.refunds[0]), None, "it is under way");
    for (outcome, status, word) in
        [(Outcome::done(), 201, r#""refunded":3"#), (Outcome::refused("no"), 409, r#""code":"refund_refused""#)]
    {
        let settled = run(Some(&asked), &refunded("k", outcome), Timestamp(0), &remote).expect("taken").order;
        let answer = verb::refunded(&settled, &settled.refunds[0]).expect("an answer");
        assert!(answer.status == status && answer.body.contains(word), "{}", answer.body);
    }
    // Whose fault a refusal is, a client is told; what none can cause has no answer.
    let waits = Attention { reason: "why".into(), since: "then".into(), contradicted: false, missing: None };
    for (attention, detail) in [
        (None, "cancel: not while the order is COMPLETED"),
        (Some(waits.clone()), "cancel: the order is COMPLETED and waits for a human"),
        (
            Some(Attention { contradicted: true, ..waits }),
            "cancel: not while the order is COMPLETED and waits for a human: why",
        ),
    ] {
        let order = Order { attention, ..paid.clone() };
        let refusal = Refusal::WrongState { command: "cancel", state: order.state };
        let answer = verb::refused(&order, "cancel", &refusal).expect("an answer");
        let body: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(body["detail"], detail);
    }
    assert_eq!(verb::refused(&paid, "cancel", &Refusal::AmountOverflow), None);
}

/// What was undone is told in the order in which it was, steps of one's own among it.
#[test]
fn an_answer_says_what_was_undone() {
    let local = Participants { own: Own::Five, plan: Plan(7), ..Participants::default() };
    let mut order = after(&local, Capture::Automatic, &[]);
    let mut said = Vec::new();
    // To the carrier, who refuses, and back.
    while !order.state.is_terminal() {
        let call = due(&order).expect("a call");
        said.push(call.named(&order));
        let refuses = call.action() == Some(Action::Ship);
        let outcome = if refuses { Outcome::refused("too large") } else { Outcome::done() };
        order = run(Some(&order), &Command::Outcome { call, outcome }, Timestamp(0), &local).expect("taken").order;
    }
    let back = ["ship", "undo of points", "refund", "release", "undo of hold"];
    assert_eq!(said[said.len() - back.len()..], back);
    let body: serde_json::Value = serde_json::from_str(&order.answer.expect("an answer").body).expect("JSON");
    let undone = ["step.undone", "payment.refunded", "inventory.released", "step.undone"];
    assert_eq!(body["compensations"], serde_json::json!(undone));
    let own = order.own.expect("steps");
    assert_eq!(own.name(0).map(StepName::as_str), Some("hold"));
    assert_eq!(own.name(5), None);
}

/// An operator's word is written before the stock is counted, and a local step whose entry is back before it runs again: each is
/// left for a commit of its own. All else goes on at once.
#[test]
fn what_is_said_is_written_before_what_follows_from_it() {
    let here = Participants::default();
    let elsewhere = Participants { plan: Plan(7), ..here };
    let answered = |action: Action| Command::Outcome { call: action.into(), outcome: Outcome::done() };
    let waits = |missing| Some(Attention { reason: "x".into(), since: "then".into(), contradicted: false, missing });
    let (retry, skip) = (Command::Retry(word("again")), Command::Skip { reference: None, word: word("seen") });
    let to = |order: &Order, command: &Command, local: &Participants| {
        let txn = run(Some(order), command, Timestamp(0), local).expect("taken");
        (txn.order.state, txn.call)
    };
    let fresh = Order { plan: here.plan, attention: waits(None), ..after(&elsewhere, Capture::Automatic, &[]) };
    assert_eq!(to(&fresh, &retry, &here), (State::Created, Some(Action::Reserve.into())));
    let told = run(Some(&fresh), &retry, Timestamp(0), &here).expect("taken").order;
    assert_eq!(to(&told, &Command::GoOn, &here), (State::Completed, None));
    // Where the stock is another's, its call leaves as any other.
    let remote = Order { plan: elsewhere.plan, ..fresh.clone() };
    assert_eq!(to(&remote, &retry, &elsewhere), (State::Created, Some(Action::Reserve.into())));
    let reserved = after(&elsewhere, Capture::Automatic, &[answered(Action::Reserve)]);
    let reserved = Order { plan: here.plan, attention: waits(None), ..reserved };
    assert_eq!(to(&reserved, &retry, &here), (State::Completed, None));
    assert_eq!(to(&reserved, &skip, &here), (State::Completed, None));

    let limited = Participants { own: Own::Limit, ..here };
    let far = Participants { own: Own::Limit, ..elsewhere };
    let mut limit = after(&far, Capture::Automatic, &[answered(Action::Reserve)]);
    (limit.plan, limit.payment.status) = (here.plan, PaymentStatus::None);
    limit.own.as_mut().expect("a step").states[0].status = StepStatus::Intended;
    let entry = Order { attention: waits(StepName::parse("limit").ok()), ..limit.clone() };
    let left = (State::InventoryReserved, Some(Call::own(Action::Run, 0)));
    assert_eq!(to(&entry, &Command::Found, &limited), left);
    assert_eq!(to(&Order { attention: waits(None), ..limit.clone() }, &retry, &limited), left);
    assert_eq!(to(&limit, &Command::GoOn, &limited), (State::Completed, None));
    assert_eq!(to(&Order { attention: waits(None), ..limit }, &skip, &limited), (State::Completed, None));
}
