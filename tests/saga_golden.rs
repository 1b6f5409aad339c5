//! Promise: an order ends under the saga that it began with. `golden/saga_v1.txt` holds what version 1 of the saga says
//! to every command in every state; a line that changes is a change that an order in flight would notice, and asks for
//! a new version of the saga.
//!
//! `UPDATE_GOLDEN=1` writes the file anew; nothing else does.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt::Write as _;

use counterfoil::saga::state::RefundStatus;
use counterfoil::saga::{
    Action, Capture, Command, Decision, Event, Order, Plan, Refusal, SAGA_VERSION, Timestamp, decide, due, evolve,
};

use crate::support::saga::{commands, may_be_said, submit};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/saga_v1.txt");
const HEAD: &str = "\
# What version 1 of the saga says to every command in every state: one order for each reachable combination of
# state, payment, shipment and stock, of refunds that are open, and of waiting for a human, with automatic and with
# manual capture. Where all answers to a call lead to the same, they are one line. UPDATE_GOLDEN=1 writes this file anew.
";

/// The name of a combination of states.
fn place(order: &Order) -> String {
    let capture = if order.request.is_manual() { "manual" } else { "automatic" };
    let refund = if order.refunds.iter().any(|one| one.status == RefundStatus::Intended) { " refund" } else { "" };
    let waits = if order.attention.is_some() { " waits" } else { "" };
    let (payment, shipment) = (order.payment.status, order.shipment.status);
    format!("{capture} {} {payment} {shipment} {}{refund}{waits}", order.state, order.stock)
}

fn after(order: &Order, decision: &Decision) -> Order {
    let apply = |order, event: &Event| evolve(order, event, Timestamp(0));
    decision.events.iter().fold(Some(order.clone()), apply).expect("an order stays an order")
}

/// The first order, by the number of commands to get there, in each combination. All participants are remote, so that
/// each step stands alone.
fn representatives() -> BTreeMap<String, Order> {
    let mut found = BTreeMap::new();
    for capture in [Capture::Automatic, Capture::Manual] {
        let submitted = decide(None, &submit(capture, Plan(7)), Timestamp(0)).expect("a submission is taken");
        let order = evolve(None, &submitted.events[0], Timestamp(0)).expect("an order");
        let mut seen = HashSet::from([place(&order)]);
        let mut queue = VecDeque::from([order]);
        while let Some(order) = queue.pop_front() {
            for (_, command) in commands().into_iter().filter(|(_, command)| may_be_said(&order, command)) {
                let Ok(decision) = decide(Some(&order), &command, Timestamp(0)) else { continue };
                let next = after(&order, &decision);
                if seen.insert(place(&next)) {
                    queue.push_back(next);
                }
            }
            found.insert(place(&order), order);
        }
    }
    found
}

/// A result in one line.
fn told(order: &Order, result: &Result<Decision, Refusal>) -> String {
    let decision = match result {
        Ok(decision) => decision,
        Err(refusal) => return format!("refused: {refusal}"),
    };
    let effect = decision.effect.map_or("nothing", |call| call.action.as_str());
    if decision.events.is_empty() {
        return format!("no change; due: {effect}");
    }
    let next = after(order, decision);
    format!("{} -> {}; due: {effect}", Event::encode(&decision.events), place(&next))
}

/// Every command with what is told of it. Where all answers to a call lead to the same, they are one line.
fn said(tell: impl Fn(&Command) -> String) -> Vec<(String, String)> {
    let mut all: Vec<_> = commands().into_iter().map(|(name, command)| (name, tell(&command), command)).collect();
    let calls = Action::ALL.iter().map(|action| action.to_string()).chain(["refunded".to_owned()]);
    for called in calls {
        let is_answer = |command: &Command| match command {
            Command::Outcome { action, .. } => action.as_str() == called,
            Command::Refunded { .. } => called == "refunded",
            _ => false,
        };
        let mut answers = all.iter().filter(|(.., command)| is_answer(command)).map(|(_, told, _)| told);
        let Some(first) = answers.next().cloned() else { continue };
        if answers.all(|told| *told == first) {
            all.retain(|(.., command)| !is_answer(command));
            all.push((format!("{called} answered in whatever way"), first, Command::Expire));
        }
    }
    all.into_iter().map(|(name, told, _)| (name, told)).collect()
}

fn table() -> String {
    let mut lines = Vec::new();
    for (place, order) in representatives() {
        let told = |command: &Command| told(&order, &decide(Some(&order), command, Timestamp(0)));
        lines.extend(said(told).into_iter().map(|(name, told)| format!("{place} | {name} | {told}")));
        let waits = due(&order).map_or("nothing", |call| Action::as_str(call.action));
        lines.push(format!("{place} | (due) | {waits}"));
    }
    let absent = |command: &Command| match decide(None, command, Timestamp(0)) {
        Ok(decision) => Event::encode(&decision.events),
        Err(refusal) => format!("refused: {refusal}"),
    };
    lines.extend(said(absent).into_iter().map(|(name, told)| format!("absent | {name} | {told}")));
    lines.sort_unstable();
    let mut text = String::from(HEAD);
    for line in lines {
        writeln!(text, "{line}").expect("write to a string");
    }
    text
}

#[test]
fn version_1_of_the_saga_says_what_it_always_said() {
    assert_eq!(SAGA_VERSION, 1, "a new version of the saga has a golden file of its own; this one stays");
    let now = table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(GOLDEN, &now).expect("write the golden file");
        return;
    }
    let golden = std::fs::read_to_string(GOLDEN).expect("read the golden file");
    let (old, new): (HashSet<&str>, HashSet<&str>) = (golden.lines().collect(), now.lines().collect());
    let gone: Vec<_> = golden.lines().filter(|line| !new.contains(line)).take(10).collect();
    let come: Vec<_> = now.lines().filter(|line| !old.contains(line)).take(10).collect();
    assert!(gone.is_empty() && come.is_empty(), "no longer said: {gone:#?}\nsaid instead: {come:#?}");
    assert!(golden == now, "the golden file has other lines twice, or in another order");
}
