//! Promise: every order ends in a known state, whatever is said to it in whatever order. The laws of
//! `saga::invariant` hold in every state that can be reached, replay gives the same order, and from everywhere a
//! benign participant leads to an end.
//!
//! Two searches stand behind it: random sequences, which know real histories with their stamps and versions, and an
//! exhaustive walk over the states without them.

use std::collections::{HashSet, VecDeque};

use counterfoil::saga::StepName;
use counterfoil::saga::event::Created;
use counterfoil::saga::state::{Attention, MAX_REFUNDS, PaymentStatus, ShipmentStatus, StepStatus};
use counterfoil::saga::{
    Action, Amount, Call, CallKind, CancelReason, Capture, Client, Command, Event, Failure, IdempotencyKey,
    LocalTransaction, Order, OrderId, Outcome, Plan, Refusal, Restock, Sku, State, Stock, Timestamp, aside, due,
    effect, evolve, invariant, refund_due, verb,
};
use proptest::prelude::*;

use crate::support::saga::{
    AMOUNT, Own, Participants, commands, contradictions, may_be_said, outcomes, own_commands, refunded, request, run,
    submit, submit_to,
};

/// Every command, contradictions among them.
fn everything() -> Vec<(String, Command)> {
    commands().into_iter().chain(contradictions()).chain(own_commands()).collect()
}

/// One thing said to an order.
#[derive(Debug, Clone)]
enum Said {
    /// An answer to the call that is due, by its number: what a live participant says.
    Answer(usize),
    /// Any command, by its number: late, doubled, or nonsense.
    Any(usize),
}

fn said() -> impl Strategy<Value = Said> {
    let (answers, any) = (outcomes().len(), everything().len());
    prop_oneof![3 => (0..answers).prop_map(Said::Answer), 1 => (0..any).prop_map(Said::Any)]
}

fn participants() -> impl Strategy<Value = Participants> {
    let own = prop_oneof![Just(Own::None), Just(Own::Check), Just(Own::Points), Just(Own::Five)];
    (0..8i16, any::<bool>(), any::<bool>(), own).prop_map(|(plan, declines, carrier_refuses, own)| Participants {
        own,
        plan: Plan(plan),
        declines,
        carrier_refuses,
    })
}

fn capture() -> impl Strategy<Value = Capture> {
    prop_oneof![Just(Capture::Automatic), Just(Capture::Manual)]
}

/// The command that `said` stands for; `None` where no answer is due, or nobody may say it.
fn command(order: &Order, said: &Said) -> Option<Command> {
    match said {
        Said::Any(number) => Some(everything().swap_remove(*number).1).filter(|command| may_be_said(order, command)),
        Said::Answer(number) => answer(order, |_| outcomes().swap_remove(*number).1),
    }
}

/// The answer to what is due: a call of the saga, or a refund that was asked for.
fn answer(order: &Order, outcome: impl Fn(CallKind) -> Outcome) -> Option<Command> {
    match (due(order), refund_due(order)) {
        (Some(call), _) => Some(Command::Outcome { call, outcome: outcome(call.kind) }),
        (None, Some(refund)) => Some(refunded(refund.key.as_str(), outcome(Action::Refund.into()))),
        (None, None) => None,
    }
}

fn assert_laws(before: Option<&Order>, txn: &LocalTransaction) {
    let order = &txn.order;
    assert_eq!(invariant::violations(order), [""; 0], "{order:#?}");
    if let Some(before) = before {
        assert_eq!(invariant::broken_between(before, order), [""; 0], "{before:#?}\nto {order:#?}");
    }
    let versions = before.map_or(0, |order| order.version) + i32::try_from(txn.events.len()).expect("few events");
    assert_eq!(order.version, versions, "each event raises the version by one");
}

/// The histories of one order: its local transactions in order, each with its stamp.
fn history(local: &Participants, capture: Capture, script: &[Said]) -> (Order, Vec<(Vec<Event>, Timestamp)>) {
    let mut now = Timestamp(1_700_000_000_000_000);
    let first = run(None, &submit_to(capture, local), now, local).expect("a submission is taken");
    assert_laws(None, &first);
    let (mut order, mut txns) = (first.order, vec![(first.events, now)]);
    for said in script {
        now.0 += 1_001;
        let Some(command) = command(&order, said) else { continue };
        let before = order.clone();
        match run(Some(&order), &command, now, local) {
            Err(_) => assert_eq!(before, order, "a refusal changes nothing"),
            Ok(txn) if txn.events.is_empty() => assert_eq!(txn.order, before, "no event, no change"),
            Ok(txn) => {
                assert_laws(Some(&before), &txn);
                order = txn.order;
                txns.push((txn.events, now));
            }
        }
    }
    (order, txns)
}

fn created(events: &[Event]) -> Created {
    match events.first() {
        Some(Event::OrderCreated(created)) => (**created).clone(),
        other => panic!("a history begins with order.created, not {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_said_the_laws_hold(
        local in participants(),
        capture in capture(),
        script in prop::collection::vec(said(), 0..24),
    ) {
        history(&local, capture, &script);
    }

    #[test]
    fn the_events_replay_to_the_order_as_they_are_and_as_they_are_stored(
        local in participants(),
        capture in capture(),
        script in prop::collection::vec(said(), 0..24),
    ) {
        let (order, txns) = history(&local, capture, &script);
        let events = txns.iter().flat_map(|(events, at)| events.iter().map(|event| (event, *at)));
        let replayed = evolve::replay(events);
        prop_assert_eq!(replayed.as_ref(), Some(&order));
        let created = created(&txns[0].0);
        let mut stored = Vec::new();
        for (events, at) in &txns {
            let read = Event::decode(&Event::encode(events), &created).expect("what was encoded can be decoded");
            prop_assert_eq!(&read, events);
            let types: Vec<serde_json::Value> = serde_json::from_str(&Event::encode(events)).expect("JSON");
            let types: Vec<_> = types.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect();
            prop_assert_eq!(types, events.iter().map(Event::name).collect::<Vec<_>>());
            stored.extend(read.into_iter().map(|event| (event, *at)));
        }
        let replayed = evolve::replay(stored.iter().map(|(event, at)| (event, *at)));
        prop_assert_eq!(replayed.as_ref(), Some(&order));
    }
}

/// An order without its history: stamps, version and free texts left out, so that the states are finitely many.
fn abstracted(order: &Order) -> Order {
    let mut order = order.clone();
    (order.version, order.created_at, order.updated_at) = (1, Timestamp(0), Timestamp(0));
    // What it says is judged where it is decided; that it stays is a law between two steps.
    order.answer = order.answer.take().map(|answer| {
        let mut answer = (*answer).clone();
        answer.body.clear();
        answer.into()
    });
    order.attention =
        order.attention.take().map(|attention| Attention { reason: String::new(), since: String::new(), ..attention });
    order
}

/// What tells two abstract states of one plan and request apart.
fn key(order: &Order) -> impl Eq + std::hash::Hash + use<> {
    let (payment, shipment) = (&order.payment, &order.shipment);
    (
        (
            order.state,
            order.stock,
            payment.status,
            shipment.status,
            order.own.as_ref().map(|own| format!("{:?}", own.states)),
        ),
        (payment.unknown, payment.known, payment.amount, payment.captured, payment.refunded),
        (payment.reference.clone(), payment.capture_reference.clone(), shipment.reference.clone()),
        (order.reservation.clone(), order.refunds.iter().map(|one| (one.amount, one.status)).collect::<Vec<_>>()),
        order.failure.as_ref().map(|failure| serde_json::to_string(failure).expect("failures serialise")),
        (
            order.answer.as_ref().map(|answer| answer.status),
            order.attention.as_ref().map(|attention| (attention.contradicted, attention.missing.is_some())),
        ),
    )
}

/// Whether an order that a participant contradicts is left as it is, with nothing to be sent, by all but operators; a
/// refund that is asked for is only noted.
fn keeps_still(order: &Order, command: &Command, txn: &LocalTransaction) -> bool {
    if !order.attention.as_ref().is_some_and(|attention| attention.contradicted) {
        return true;
    }
    match command {
        Command::Retry(_) | Command::Skip { .. } | Command::ForceCancel(_) => true,
        Command::Refund { .. } => due(&txn.order).is_none() && refund_due(&txn.order).is_none(),
        Command::Submit { .. }
        | Command::Outcome { .. }
        | Command::Cancel { .. }
        | Command::Capture { .. }
        | Command::Refunded { .. }
        | Command::Expire
        | Command::GoOn
        | Command::Found
        | Command::Attention { .. } => txn.events.is_empty() && txn.call.is_none(),
    }
}

/// What kills whoever loads it is set aside unread: that is what reading it would have led to, and nothing else.
#[test]
fn an_order_is_set_aside_unread_as_if_it_had_been_read() {
    for (plan, capture) in [(0, Capture::Automatic), (7, Capture::Automatic), (7, Capture::Manual)] {
        let local = Participants { plan: Plan(plan), ..Participants::default() };
        let mut asked = 0;
        // What waits for an entry in the configuration is set aside as what waits for nobody.
        let missing = StepName::parse("fraud").ok();
        let waits = Attention { reason: "no entry".into(), since: "then".into(), contradicted: false, missing };
        let free = reachable(&local, capture).into_iter().filter(|order| order.attention.is_none());
        for order in free.flat_map(|order| [Order { attention: Some(waits.clone()), ..order.clone() }, order]) {
            // Whether its clock is behind or ahead.
            for since in [Timestamp(1), Timestamp(9)] {
                let (order, now) = (Order { version: 4, updated_at: since, ..order.clone() }, Timestamp(5));
                let reason = "it kills whoever loads it".to_owned();
                let unread = aside((order.version, order.updated_at), reason.clone(), now);
                let read = run(Some(&order), &Command::Attention { reason, missing: None }, now, &local)
                    .expect("it is never refused");
                let (version, updated_at, attention) = (unread.version, unread.at, Some(unread.attention));
                assert_eq!(read.order, Order { version, updated_at, attention, ..order });
                assert_eq!((read.events, read.call), (vec![unread.event], None));
                asked += 1;
            }
        }
        assert!(asked > 10, "{asked}");
    }
}

/// Every abstract state that any sequence of commands leads to.
fn reachable(local: &Participants, capture: Capture) -> Vec<Order> {
    // Only what a remote participant says can contradict: one plan has all of that.
    let of_own = local.own != Own::None;
    let mut commands = if local.plan == Plan(7) || of_own { everything() } else { commands() };
    // What comes after the end, and whether a name was told, is the same along every saga.
    commands.retain(|(name, _)| !of_own || !name.contains("refund") && !name.contains("referenced"));
    let first = run(None, &submit_to(capture, local), Timestamp(0), local).expect("a submission is taken");
    assert_laws(None, &first);
    let first = abstracted(&first.order);
    let mut seen = HashSet::from([key(&first)]);
    let mut queue = VecDeque::from([first]);
    let mut found = Vec::new();
    while let Some(order) = queue.pop_front() {
        for (name, command) in commands.iter().filter(|(_, command)| may_be_said(&order, command)) {
            let Ok(txn) = run(Some(&order), command, Timestamp(0), local) else { continue };
            let broken = [invariant::violations(&txn.order), invariant::broken_between(&order, &txn.order)].concat();
            assert!(broken.is_empty(), "{name}: {broken:?}\n{order:#?}\nto {:#?}", txn.order);
            assert!(keeps_still(&order, command, &txn), "{name}: a contradicted order moved:\n{order:#?}");
            if seen.insert(key(&txn.order)) {
                queue.push_back(abstracted(&txn.order));
            }
        }
        found.push(order);
    }
    found
}

/// What a participant answers that does what it is asked, and found what it was asked to find.
fn benign(order: &Order, call: CallKind) -> Outcome {
    let captured = match call {
        CallKind::LookUp => order.payment.amount,
        CallKind::Act(_) => Amount(0),
    };
    Outcome::Done { reference: Some("r".into()), tombstone: false, captured, holds_ms: None }
}

fn rests(order: &Order) -> bool {
    let authorized = order.state == State::PaymentAuthorized && order.payment.status == PaymentStatus::Authorized;
    order.state.is_terminal() && refund_due(order).is_none() || order.attention.is_some() || authorized
}

/// The longest way out: ship refused or cancelled, refund, release; or two refunds that were asked for.
const LONGEST_WAY: usize = 4;

fn assert_an_end_is_near(order: &Order, local: &Participants) {
    let mut current = order.clone();
    for _ in 0..=LONGEST_WAY + order.own.as_ref().map_or(0, |own| 2 * own.states.len()) {
        if rests(&current) {
            return;
        }
        let command = answer(&current, |action| benign(&current, action));
        let command = command.unwrap_or_else(|| panic!("nothing is due, and it does not rest: {current:#?}"));
        current = run(Some(&current), &command, Timestamp(0), local).expect("an answer that is due is taken").order;
    }
    panic!("no end within {LONGEST_WAY} answers from {order:#?}");
}

#[test]
fn every_reachable_state_keeps_the_laws_and_has_an_end_in_reach() {
    let mut states = 0;
    for plan in 0..8 {
        for capture in [Capture::Automatic, Capture::Manual] {
            for (declines, carrier_refuses) in [(false, false), (true, false), (false, true)] {
                let local = Participants { own: Own::None, plan: Plan(plan), declines, carrier_refuses };
                let found = reachable(&local, capture);
                found.iter().for_each(|order| assert_an_end_is_near(order, &local));
                states += found.len();
            }
        }
    }
    println!("{states} states of 8 plans, automatic and manual, with willing and unwilling local participants");
    assert!(states > 1_000, "the walk did not get far: {states} states");
}

#[test]
fn so_does_every_state_along_steps_of_ones_own() {
    let mut states = 0;
    for (own, plan, capture, carrier_refuses) in [
        (Own::Check, 0, Capture::Automatic, false),
        (Own::Check, 7, Capture::Automatic, false),
        (Own::Check, 7, Capture::Manual, false),
        (Own::Points, Plan::PAYMENT, Capture::Automatic, true),
        (Own::Points, 7, Capture::Automatic, false),
        (Own::Five, 0, Capture::Automatic, true),
        (Own::Five, 7, Capture::Automatic, false),
    ] {
        let local = Participants { own, plan: Plan(plan), declines: false, carrier_refuses };
        let found = reachable(&local, capture);
        found.iter().for_each(|order| assert_an_end_is_near(order, &local));
        println!("{own:?} around {plan}, {capture:?}: {} states", found.len());
        states += found.len();
    }
    assert!(states > 1_000, "the walk did not get far: {states} states");
}

#[test]
fn no_participant_can_make_an_order_cost_more_than_it_does() {
    let local = Participants { plan: Plan(Plan::PAYMENT), ..Participants::default() };
    let submitted = run(None, &submit(Capture::Automatic, local.plan), Timestamp(0), &local).expect("taken").order;
    for captured in [AMOUNT + 1, -1] {
        let outcome = Outcome::Done { reference: None, tombstone: false, captured: Amount(captured), holds_ms: None };
        let command = Command::Outcome { call: Call::LOOK_UP, outcome };
        let told = run(Some(&submitted), &command, Timestamp(0), &local).expect("taken").order;
        assert!(told.attention.is_some(), "{captured} captured of {AMOUNT} is for a human to judge: {told:#?}");
        assert_eq!(told.payment.captured, Amount(0));
    }
}

/// Each reading of an order reads its refunds.
#[test]
fn an_order_has_so_many_refunds_and_no_more() {
    let local = Participants::default();
    let mut order = run(None, &submit(Capture::Automatic, local.plan), Timestamp(0), &local).expect("taken").order;
    order.payment.captured = Amount(10 * AMOUNT);
    let refund = |n: usize| Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted(n.to_string()),
        amount: Amount(1),
        reason: "x".into(),
        restock: Vec::new(),
    };
    for n in 0..MAX_REFUNDS {
        order = run(Some(&order), &refund(n), Timestamp(0), &local).expect("taken").order;
    }
    let refused = run(Some(&order), &refund(MAX_REFUNDS), Timestamp(0), &local).expect_err("one too many");
    assert_eq!(refused, Refusal::TooManyRefunds { most: MAX_REFUNDS });
    let answer = verb::refused(&order, "refunds", &refused).expect("it is told");
    assert!(answer.status == 409 && answer.body.contains(r#""code":"too_many_refunds""#), "{}", answer.body);
}

/// By the plan that the order has, whatever is configured by now.
#[test]
fn what_comes_back_was_shipped_from_here_and_comes_back_once() {
    let restock = |quantities: &[i64]| Command::Refund {
        client: Client::trusted("shop"),
        key: IdempotencyKey::trusted("k"),
        amount: Amount(1),
        reason: "x".into(),
        restock: quantities.iter().map(|&quantity| Restock { sku: Sku::trusted("B"), quantity }).collect(),
    };
    let here = Participants::default();
    let order = run(None, &submit(Capture::Automatic, here.plan), Timestamp(0), &here).expect("taken").order;
    assert!(run(Some(&order), &restock(&[1]), Timestamp(0), &here).is_ok());
    let twice = run(Some(&order), &restock(&[1, 1]), Timestamp(0), &here).expect_err("one B was shipped");
    assert_eq!(twice, Refusal::RestockExceedsShipment { sku: Sku::trusted("B"), quantity: 1, left: 0 });
    let elsewhere = Order { plan: Plan(Plan::INVENTORY), ..order };
    let refused = run(Some(&elsewhere), &restock(&[1]), Timestamp(0), &here).expect_err("not from here");
    assert_eq!(refused, Refusal::RestockElsewhere);
    assert!(run(Some(&elsewhere), &restock(&[]), Timestamp(0), &here).is_ok());
    // What a refund was refused for never came back, and may.
    let remote = Participants { plan: Plan(Plan::PAYMENT), ..here };
    let paid = Order {
        plan: remote.plan,
        ..run(None, &submit(Capture::Automatic, here.plan), Timestamp(0), &here).expect("taken").order
    };
    let asked = run(Some(&paid), &restock(&[1]), Timestamp(0), &remote).expect("taken").order;
    let again = |order: &Order| match restock(&[1]) {
        Command::Refund { client, amount, reason, restock, .. } => {
            let key = IdempotencyKey::trusted("again");
            run(Some(order), &Command::Refund { client, key, amount, reason, restock }, Timestamp(0), &remote)
        }
        _ => unreachable!("it is a refund"),
    };
    assert!(again(&asked).is_err(), "it is on its way back");
    let refused =
        run(Some(&asked), &refunded("k", Outcome::refused("no")), Timestamp(0), &remote).expect("taken").order;
    assert!(again(&refused).is_ok());
    assert_eq!((asked.payment.refunded, refused.payment.refunded), (Amount(1), Amount(0)), "nor does its money count");
}

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
    for (name, command) in everything() {
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
