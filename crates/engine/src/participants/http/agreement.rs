//! Whether what a participant says under our keys is what we asked. A key is derived, so whoever shares deployment and
//! order with us (a restored backup, a clone at the same provider) may have used it for something else; and a provider
//! may do less than it was asked. What it says is compared with the very request that we send under that key: amount,
//! currency, order, customer, goods, and the reference where we have heard one. What it does not tell is not compared.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::request;
use crate::limits;
use crate::participants::contract::{ContractAction, ContractRequest, Done, Line, Operation, OperationOutcome};
use crate::ports::Called;
use crate::saga::{Action, Call, CallKind, DeploymentId};

/// A step of ours: what is asked under its key.
#[derive(Debug)]
pub(super) struct KeyedStep {
    key: Uuid,
    request: ContractRequest,
    /// The participant's name for it, where it is known.
    reference: Option<String>,
}

/// The steps that a call is about: those that it names, or may have to undo, and its own.
pub(super) fn steps(deployment: DeploymentId, called: &Called) -> Vec<KeyedStep> {
    let order = &called.order;
    let step = |action, reference: Option<&str>| {
        let earlier =
            Called { order: order.clone(), call: Call { kind: CallKind::Act(action), ..called.call }, refund: None };
        let (key, reference) = (request::step_key(deployment, &earlier), reference.map(str::to_owned));
        request::of(deployment, &earlier).map(|request| KeyedStep { key, request, reference })
    };
    let payment = &order.payment;
    let of_payment = || match order.request.is_manual() {
        false => vec![step(Action::Charge, payment.reference.as_deref())],
        true => vec![
            step(Action::Authorize, payment.reference.as_deref()),
            step(Action::Capture, payment.capture_reference.as_deref()),
        ],
    };
    let CallKind::Act(action) = called.call.kind else {
        let asked = match called.call.own {
            Some(_) => vec![step(Action::Run, own_reference(called))],
            None => of_payment(),
        };
        return asked.into_iter().flatten().collect();
    };
    let named = match action {
        Action::Reserve | Action::Ship => Vec::new(),
        Action::Run | Action::Undo => vec![step(Action::Run, own_reference(called))],
        Action::Release => vec![step(Action::Reserve, order.reservation.as_deref())],
        Action::CancelShipment => vec![step(Action::Ship, order.shipment.reference.as_deref())],
        Action::Charge | Action::Authorize | Action::Capture | Action::Void | Action::Refund => of_payment(),
    };
    let mut steps: Vec<KeyedStep> = named.into_iter().flatten().collect();
    let key = request::step_key(deployment, called);
    if steps.iter().all(|step| step.key != key) {
        let own = request::of(deployment, called).map(|request| KeyedStep { key, request, reference: None });
        steps.extend(own);
    }
    steps
}

/// The participant's name for the step of one's own that a call is about, where it is known.
fn own_reference(called: &Called) -> Option<&str> {
    called.order.own.as_ref()?.states.get(usize::from(called.call.own?))?.reference.as_deref()
}

/// What of a participant's list contradicts these steps: what was asked, and what it says. `None` where nothing does.
pub(super) fn contradiction(steps: &[KeyedStep], told: &[Operation]) -> Option<String> {
    told.iter().find_map(|operation| steps.iter().find(|step| step.key == operation.key)?.contradicted_by(operation))
}

/// What of the answer to this request contradicts it.
pub(super) fn contradicted_by_answer(request: &ContractRequest, done: &Done) -> Option<String> {
    let told = ToldStep {
        order_id: done.order_id.as_deref(),
        amount: done.amount,
        currency: done.currency.as_deref(),
        customer_id: done.customer_id.as_deref(),
        lines: &[],
    };
    told.contradicts(request)
}

impl KeyedStep {
    fn contradicted_by(&self, operation: &Operation) -> Option<String> {
        let asked = self.request.action();
        // A void that gave money back shows as a refund.
        let same =
            operation.action == asked || (asked, operation.action) == (ContractAction::Void, ContractAction::Refund);
        if !same {
            return Some(format!("its key stands for {} there, not for {asked}", operation.action));
        }
        let told = ToldStep {
            order_id: operation.order_id.as_deref(),
            // What an undo of several steps gave back of each is summed up elsewhere; and what was refused moved nothing.
            amount: operation.amount.filter(|amount| *amount != 0 || operation.outcome == OperationOutcome::Done),
            currency: operation.currency.as_deref(),
            customer_id: operation.customer_id.as_deref(),
            lines: &operation.lines,
        };
        if let Some(contradiction) = told.contradicts(&self.request) {
            return Some(contradiction);
        }
        if let (Some(named), Some(undone)) = (self.request.undoes(), operation.undoes)
            && named.iter().all(|step| step.key != undone)
        {
            return Some(format!("{asked} undid {undone} there, which it does not name"));
        }
        match (&self.reference, &operation.reference) {
            (Some(known), Some(told))
                if operation.outcome == OperationOutcome::Done && !told.is_empty() && known != told =>
            {
                Some(format!("{asked} is known as {known}, the participant calls it {}", shown(told)))
            }
            _ => None,
        }
    }
}

/// What a participant tells of a step, as far as it does.
struct ToldStep<'a> {
    order_id: Option<&'a str>,
    amount: Option<i64>,
    currency: Option<&'a str>,
    customer_id: Option<&'a str>,
    lines: &'a [Line],
}

impl ToldStep<'_> {
    fn contradicts(&self, asked: &ContractRequest) -> Option<String> {
        let action = asked.action();
        let differs = |what: &str, ours: &str, theirs: &str| {
            Some(format!("{action} was asked for {what} {ours}, the participant says {}", shown(theirs)))
        };
        if let Some(told) = self.order_id.filter(|told| *told != asked.order_id()) {
            return differs("the order", asked.order_id(), told);
        }
        // What a step of one's own holds or moves is its own affair: points, a gift card, a part of the sum.
        let of_money = asked.action() != ContractAction::Run;
        if let (Some(ours), Some(told)) = (asked.amount(), self.amount)
            && ours != told
            && of_money
        {
            let currency = asked.currency().unwrap_or_default();
            let theirs = self.currency.map_or_else(|| told.to_string(), |currency| format!("{told} {currency}"));
            return differs("the amount", &format!("{ours} {currency}"), &theirs);
        }
        // Some write currencies small.
        if let (Some(ours), Some(told)) = (asked.currency(), self.currency)
            && of_money
            && !ours.eq_ignore_ascii_case(told)
        {
            return differs("the currency", ours, told);
        }
        // Who the other one is, the owner of this order need not know. Whoever does not tell the order may mean a customer
        // of its own by the word.
        if let (Some(ours), Some(told), Some(_)) = (asked.customer_id(), self.customer_id, self.order_id)
            && ours != told
        {
            return differs("the customer", ours, "another");
        }
        let (ours, told) = (quantities(asked.lines().unwrap_or_default()), quantities(self.lines));
        if !ours.is_empty() && !told.is_empty() && ours != told {
            return Some(format!("{action} was asked for other goods than the participant says"));
        }
        None
    }
}

/// How much of each SKU, however it is divided into lines.
fn quantities(lines: &[Line]) -> BTreeMap<&str, i64> {
    let mut quantities = BTreeMap::new();
    for line in lines {
        let quantity: &mut i64 = quantities.entry(line.sku.as_str()).or_default();
        *quantity = quantity.saturating_add(line.quantity);
    }
    quantities
}

/// A participant's word as people read it: cut where it is a tale, and without what PostgreSQL does not keep.
pub(super) fn shown(word: &str) -> String {
    word.chars().take(limits::PARTICIPANT_TEXT).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}
