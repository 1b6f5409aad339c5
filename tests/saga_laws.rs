//! Promise: every order ends in a known state, whatever is said to it in whatever order. The laws of
//! `saga::invariant` hold in every state that can be reached, replay gives the same order, and from everywhere a
//! benign participant leads to an end.
//!
//! Two searches stand behind it: random sequences, which know real histories with their stamps and versions, and an
//! exhaustive walk over the states without them.

use std::collections::{HashSet, VecDeque};

use counterfoil::saga::StepName;
use counterfoil::saga::event::Created;
use counterfoil::saga::state::{Attention, MAX_REFUNDS, PaymentStatus};
use counterfoil::saga::{
    Action, Amount, Call, CallKind, Capture, Client, Command, Event, IdempotencyKey, LocalTransaction, Order, Outcome,
    Plan, Refusal, Restock, Sku, State, Timestamp, aside, due, evolve, invariant, refund_due, verb,
};
use proptest::prelude::*;

use crate::support::saga::{
    AMOUNT, Own, Participants, commands, contradictions, may_be_said, outcomes, own_commands, refunded, run, submit,
    submit_to,
};
use crate::support::simulation::transitions::{Moves, TRANSITIONS};

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
    let (mut found, mut moves) = (Vec::new(), Moves::default());
    while let Some(order) = queue.pop_front() {
        for (name, command) in commands.iter().filter(|(_, command)| may_be_said(&order, command)) {
            let Ok(txn) = run(Some(&order), command, Timestamp(0), local) else { continue };
            let broken = [invariant::violations(&txn.order), invariant::broken_between(&order, &txn.order)].concat();
            assert!(broken.is_empty(), "{name}: {broken:?}\n{order:#?}\nto {:#?}", txn.order);
            assert!(keeps_still(&order, command, &txn), "{name}: a contradicted order moved:\n{order:#?}");
            follow(&mut moves, &order, &txn.events);
            if seen.insert(key(&txn.order)) {
                queue.push_back(abstracted(&txn.order));
            }
        }
        found.push(order);
    }
    // What the simulation has to meet is written down: a new one is to be met, too.
    let unlisted: Vec<_> = moves.told().into_keys().filter(|one| !TRANSITIONS.contains(&one.as_str())).collect();
    assert!(unlisted.is_empty(), "no TRANSITIONS of tests/support/simulation/transitions.rs: {unlisted:#?}");
    found
}

/// The transitions that these events are, one by one.
fn follow(moves: &mut Moves, order: &Order, events: &[Event]) {
    let mut current = Some(order.clone());
    for event in events {
        let from = current.as_ref().map(|order| order.state);
        current = evolve(current, event, Timestamp(0));
        if let Some(after) = &current {
            moves.count(from, event.name(), after.state);
        }
    }
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
