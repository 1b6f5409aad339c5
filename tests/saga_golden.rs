//! Promise: an order ends under the saga that it began with. `golden/saga_v1.txt` holds what version 1 of the saga says
//! to every command in every state; a line that changes is a change that an order in flight would notice, and asks for
//! a new version of the saga.
//!
//! `UPDATE_GOLDEN=1` writes the file anew; nothing else does.

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fmt::Write as _;

use counterfoil::saga::definition::OWN_STEPS_VERSION;
use counterfoil::saga::state::RefundStatus;
use counterfoil::saga::{
    Call, Capture, Command, Decision, Event, Order, Plan, Refusal, SAGA_VERSION, Timestamp, decide, due, evolve,
};

use crate::support::saga::{
    OWN_CALLS, Own, Participants, built_in_calls, commands, may_be_said, own_commands, submit_to,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/saga_v1.txt");
const OWN_STEPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/saga_v2.txt");
const HEAD: &str = "\
# What version 1 of the saga says to every command in every state: one order for each reachable combination of
# state, payment, shipment and stock, of refunds that are open, and of waiting for a human, with automatic and with
# manual capture. Where all answers to a call lead to the same, they are one line. UPDATE_GOLDEN=1 writes this file anew.
";
const OWN_STEPS_HEAD: &str = "\
# What version 2 of the saga, the one with steps of one's own, says to every command in every state: along three sagas, with automatic
# capture and all participants remote. UPDATE_GOLDEN=1 writes this file anew.
";

/// The name of a combination of states.
fn place(order: &Order) -> String {
    let capture = if order.request.is_manual() { "manual" } else { "automatic" };
    let refund = if order.refunds.iter().any(|one| one.status == RefundStatus::Intended) { " refund" } else { "" };
    let waits = if order.attention.is_some() { " waits" } else { "" };
    let (payment, shipment) = (order.payment.status, order.shipment.status);
    let own =
        order.own.iter().flat_map(|own| own.iter()).map(|(step, state)| format!(" {}={}", step.name, state.status));
    let own: String = own.collect();
    format!("{capture} {} {payment} {shipment} {}{own}{refund}{waits}", order.state, order.stock)
}

fn after(order: &Order, decision: &Decision) -> Order {
    let apply = |order, event: &Event| evolve(order, event, Timestamp(0));
    decision.events.iter().fold(Some(order.clone()), apply).expect("an order stays an order")
}

/// The first order, by the number of commands to get there, in each combination. All participants are remote, so that
/// each step stands alone.
pub fn representatives(own: Own) -> BTreeMap<String, Order> {
    let mut found = BTreeMap::new();
    let captures = [Capture::Automatic, Capture::Manual];
    for capture in captures.into_iter().take(if own == Own::None { 2 } else { 1 }) {
        let local = Participants { own, plan: Plan(7), ..Participants::default() };
        let submitted = decide(None, &submit_to(capture, &local), Timestamp(0)).expect("a submission is taken");
        let order = evolve(None, &submitted.events[0], Timestamp(0)).expect("an order");
        let mut seen = HashSet::from([place(&order)]);
        let mut queue = VecDeque::from([order]);
        while let Some(order) = queue.pop_front() {
            for (_, command) in said_to(own).into_iter().filter(|(_, command)| may_be_said(&order, command)) {
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

/// What is said along a saga: refunds come after the end, and are the same along all of them.
pub fn said_to(own: Own) -> Vec<(String, Command)> {
    let mut said = commands();
    if own != Own::None {
        said.extend(own_commands());
        said.retain(|(name, _)| !name.contains("refunded") && !name.starts_with("refund "));
    }
    said
}

/// A result in one line.
fn told(order: &Order, result: &Result<Decision, Refusal>) -> String {
    let decision = match result {
        Ok(decision) => decision,
        Err(refusal) => return format!("refused: {refusal}"),
    };
    let next_call = |call: Call| call.named(order);
    let effect = decision.effect.map_or("nothing".into(), next_call);
    if decision.events.is_empty() {
        return format!("no change; due: {effect}");
    }
    let next = after(order, decision);
    format!("{} -> {}; due: {effect}", Event::encode(&decision.events), place(&next))
}

/// Every command with what is told of it. Where all answers to a call lead to the same, they are one line.
fn said(own: Own, tell: impl Fn(&Command) -> String) -> Vec<(String, String)> {
    let mut all: Vec<_> = said_to(own).into_iter().map(|(name, command)| (name, tell(&command), command)).collect();
    let calls = built_in_calls().into_iter().map(|call| call.kind.to_string()).chain(["refunded".to_owned()]);
    let of_own = |at: usize| OWN_CALLS.map(|kind| format!("{kind} of {at}"));
    for called in calls.chain((0..5).flat_map(of_own)) {
        let is_answer = |command: &Command| match command {
            Command::Outcome { call: Call { kind, own: Some(at) }, .. } => format!("{kind} of {at}") == called,
            Command::Outcome { call, .. } => call.kind.as_str() == called,
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

fn table(head: &str, own: &[Own]) -> String {
    let mut lines = Vec::new();
    for (own, (place, order)) in own.iter().flat_map(|own| representatives(*own).into_iter().map(move |at| (*own, at)))
    {
        let told = |command: &Command| told(&order, &decide(Some(&order), command, Timestamp(0)));
        // That an answer which is not due is refused, version 1 says of each of them.
        let late = |told: &str| own != Own::None && told.starts_with("refused: an answer to ");
        let said = said(own, told).into_iter().filter(|(_, told)| !late(told));
        lines.extend(said.map(|(name, told)| format!("{place} | {name} | {told}")));
        let waits = due(&order).map_or("nothing".into(), |call| call.named(&order));
        lines.push(format!("{place} | (due) | {waits}"));
    }
    let absent = |command: &Command| match decide(None, command, Timestamp(0)) {
        Ok(decision) => Event::encode(&decision.events),
        Err(refusal) => format!("refused: {refusal}"),
    };
    lines.extend(said(Own::None, absent).into_iter().map(|(name, told)| format!("absent | {name} | {told}")));
    lines.sort_unstable();
    let mut text = String::from(head);
    for line in lines {
        writeln!(text, "{line}").expect("write to a string");
    }
    text
}

#[test]
fn version_1_of_the_saga_says_what_it_always_said() {
    assert_eq!(SAGA_VERSION, 1, "a new version of the saga has a golden file of its own; this one stays");
    compare(GOLDEN, &table(HEAD, &[Own::None]));
}

#[test]
fn version_2_of_the_saga_says_what_it_always_said() {
    assert_eq!(OWN_STEPS_VERSION, 2, "a new version of the saga has a golden file of its own; this one stays");
    compare(OWN_STEPS, &table(OWN_STEPS_HEAD, &Own::ALL));
}

fn compare(path: &str, now: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, now).expect("write the golden file");
        return;
    }
    let golden = std::fs::read_to_string(path).expect("read the golden file");
    let (old, new): (HashSet<&str>, HashSet<&str>) = (golden.lines().collect(), now.lines().collect());
    let gone: Vec<_> = golden.lines().filter(|line| !new.contains(line)).take(10).collect();
    let come: Vec<_> = now.lines().filter(|line| !old.contains(line)).take(10).collect();
    assert!(gone.is_empty() && come.is_empty(), "no longer said: {gone:#?}\nsaid instead: {come:#?}");
    assert!(golden == now, "the golden file has other lines twice, or in another order");
}
