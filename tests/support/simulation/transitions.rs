//! Every transition of the saga: from which state, by which event, to which. The walk through all states that can be reached
//! (`tests/saga_laws.rs`) refuses one that is not here, and a run at scale one that it did not meet.

use std::collections::BTreeMap;

use counterfoil::saga::State;
use counterfoil::saga::event::NAMES;

/// `FROM event TO`.
pub const TRANSITIONS: &[&str] = &[
    "- order.created CREATED",
    "CREATED inventory.rejected COMPENSATING",
    "CREATED inventory.reserved INVENTORY_RESERVED",
    "CREATED order.attention CREATED",
    "CREATED order.compensating COMPENSATING",
    "CREATED order.forced COMPENSATING",
    "CREATED order.resumed CREATED",
    "CREATED order.skipped CREATED",
    "CREATED step.done CREATED",
    "CREATED step.refused COMPENSATING",
    "CREATED step.skipped CREATED",
    "INVENTORY_RESERVED order.attention INVENTORY_RESERVED",
    "INVENTORY_RESERVED order.compensating COMPENSATING",
    "INVENTORY_RESERVED order.forced COMPENSATING",
    "INVENTORY_RESERVED order.resumed INVENTORY_RESERVED",
    "INVENTORY_RESERVED order.skipped INVENTORY_RESERVED",
    "INVENTORY_RESERVED payment.authorized PAYMENT_AUTHORIZED",
    "INVENTORY_RESERVED payment.charged PAYMENT_CHARGED",
    "INVENTORY_RESERVED payment.declined COMPENSATING",
    "INVENTORY_RESERVED payment.unknown INVENTORY_RESERVED",
    "INVENTORY_RESERVED step.done INVENTORY_RESERVED",
    "INVENTORY_RESERVED step.refused COMPENSATING",
    "INVENTORY_RESERVED step.skipped INVENTORY_RESERVED",
    "PAYMENT_AUTHORIZED order.attention PAYMENT_AUTHORIZED",
    "PAYMENT_AUTHORIZED order.compensating COMPENSATING",
    "PAYMENT_AUTHORIZED order.forced COMPENSATING",
    "PAYMENT_AUTHORIZED order.resumed PAYMENT_AUTHORIZED",
    "PAYMENT_AUTHORIZED order.skipped PAYMENT_AUTHORIZED",
    "PAYMENT_AUTHORIZED payment.capturing PAYMENT_AUTHORIZED",
    "PAYMENT_AUTHORIZED payment.charged PAYMENT_CHARGED",
    "PAYMENT_AUTHORIZED payment.unknown PAYMENT_AUTHORIZED",
    "PAYMENT_CHARGED order.attention PAYMENT_CHARGED",
    "PAYMENT_CHARGED order.compensating COMPENSATING",
    "PAYMENT_CHARGED order.forced COMPENSATING",
    "PAYMENT_CHARGED order.resumed PAYMENT_CHARGED",
    "PAYMENT_CHARGED order.skipped PAYMENT_CHARGED",
    "PAYMENT_CHARGED shipment.created SHIPMENT_CREATED",
    "PAYMENT_CHARGED shipment.failed COMPENSATING",
    "PAYMENT_CHARGED step.done PAYMENT_CHARGED",
    "PAYMENT_CHARGED step.refused COMPENSATING",
    "PAYMENT_CHARGED step.skipped PAYMENT_CHARGED",
    "SHIPMENT_CREATED order.attention SHIPMENT_CREATED",
    "SHIPMENT_CREATED order.completed COMPLETED",
    "SHIPMENT_CREATED order.resumed SHIPMENT_CREATED",
    "SHIPMENT_CREATED step.done SHIPMENT_CREATED",
    "SHIPMENT_CREATED step.skipped SHIPMENT_CREATED",
    "COMPLETED order.attention COMPLETED",
    "COMPLETED order.resumed COMPLETED",
    "COMPLETED order.skipped COMPLETED",
    "COMPLETED payment.refund_refused COMPLETED",
    "COMPLETED payment.refunded COMPLETED",
    "COMPLETED payment.refunding COMPLETED",
    "COMPENSATING inventory.released COMPENSATING",
    "COMPENSATING order.attention COMPENSATING",
    "COMPENSATING order.cancelled CANCELLED",
    "COMPENSATING order.forced COMPENSATING",
    "COMPENSATING order.resumed COMPENSATING",
    "COMPENSATING order.skipped COMPENSATING",
    "COMPENSATING payment.refunded COMPENSATING",
    "COMPENSATING payment.voided COMPENSATING",
    "COMPENSATING shipment.cancelled COMPENSATING",
    "COMPENSATING shipment.created SHIPMENT_CREATED",
    "COMPENSATING step.skipped COMPENSATING",
    "COMPENSATING step.undone COMPENSATING",
    "CANCELLED order.attention CANCELLED",
    "CANCELLED order.resumed CANCELLED",
];

/// Those that no run can meet, each with the reason.
pub const UNREACHED: &[(&str, &str)] = &[];

/// How often which event led from which state to which.
#[derive(Debug, Clone)]
pub struct Moves(Vec<u32>);

impl Default for Moves {
    fn default() -> Self {
        Self(vec![0; (State::ALL.len() + 1) * NAMES.len() * State::ALL.len()])
    }
}

impl Moves {
    /// An event led on from this state; from none where it is an order's first.
    pub fn count(&mut self, from: Option<State>, event: &'static str, to: State) {
        let from = from.map_or(0, |state| state as usize + 1);
        let event = NAMES.binary_search(&event).expect("the names are in order");
        self.0[(from * NAMES.len() + event) * State::ALL.len() + to as usize] += 1;
    }

    /// Adds up what two runs counted.
    pub fn add(&mut self, more: &Self) {
        self.0.iter_mut().zip(&more.0).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
    }

    /// In words, as [`TRANSITIONS`] has them.
    pub fn told(&self) -> BTreeMap<String, u32> {
        let states = State::ALL.len();
        let counted = self.0.iter().enumerate().filter(|(_, count)| **count > 0);
        let named = counted.map(|(place, count)| {
            let (from, event, to) = (place / states / NAMES.len(), place / states % NAMES.len(), place % states);
            let from = from.checked_sub(1).map(|from| State::ALL[from]);
            (transition(from, NAMES[event], State::ALL[to]), *count)
        });
        named.collect()
    }
}

/// A transition in words.
pub fn transition(from: Option<State>, event: &str, to: State) -> String {
    format!("{} {event} {to}", from.map_or("-", State::as_str))
}
