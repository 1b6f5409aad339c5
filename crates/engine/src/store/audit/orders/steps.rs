//! The audit's own walk along the steps of an order that has some of its own: which is begun after which, and which is undone
//! before which. It reads the stored saga by itself, and shares no code with the one that made it.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::fold::Folded;

/// A saga, as far as the audit needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its steps in order, built-in ones included.
    names: Vec<String>,
    /// By step: whether it is one's own, and can be undone.
    own: Vec<Option<bool>>,
    /// The beginning of the hash of its text.
    pub seal: String,
}

/// Where a step of one's own stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnStand {
    /// Its status, as stored.
    pub status: &'static str,
    /// The participant's name for its effect.
    pub reference: Option<String>,
}

/// A row of `order_steps`, with the text of the saga that it names.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct StepsRow {
    pub steps: Option<String>,
    pub content: Option<String>,
}

impl Sequence {
    /// Of a stored text; `None` where it cannot be read.
    pub fn read(content: &str) -> Option<Self> {
        let text: Value = serde_json::from_str(content).ok()?;
        let steps = text["steps"].as_array()?;
        let names = steps.iter().map(|step| step["name"].as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()?;
        let own = |step: &Value| (!step["action"].is_null()).then(|| !step["undo"].is_null());
        let built_in = ["inventory", "payment", "shipment"];
        let own: Vec<_> = steps.iter().map(own).collect();
        let agrees = names.iter().zip(&own).all(|(name, own)| built_in.contains(&&**name) == own.is_none());
        agrees.then(|| Self { names, own, seal: BASE64URL_NOPAD.encode(&Sha256::digest(content.as_bytes())[..6]) })
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    /// The place among those of one's own.
    fn own_place(&self, place: usize) -> usize {
        self.own[..place].iter().flatten().count()
    }

    /// None of them was reached.
    pub fn unreached(&self) -> Vec<OwnStand> {
        self.own.iter().flatten().map(|_| OwnStand { status: "none", reference: None }).collect()
    }
}

/// Words of the table that begin a step, or its undo: where there are steps of one's own, what is begun is found by walking.
pub fn begins(word: &str) -> bool {
    matches!(word, "intended" | "releasing" | "refunding")
}

impl Folded {
    /// Whether an event tells the outcome of what is under way, before anything follows from it: along steps of one's own nothing
    /// is done, and nothing undone, before its turn comes.
    pub(super) fn is_its_turn(&self, sequence: &Sequence, kind: &str, event: &Map<String, Value>) -> bool {
        let own = || {
            let place = sequence.place(event.get("step")?.as_str()?)?;
            sequence.own[place]?;
            Some(self.own.get(sequence.own_place(place))?.status)
        };
        // What was under way when the order was called off, and cannot be undone, is left: nothing follows from it any more.
        let runs = || own() == Some("intended") && !matches!(self.state, "COMPENSATING" | "CANCELLED");
        match kind {
            "inventory.reserved" | "inventory.rejected" => self.stock == "intended",
            "inventory.released" => self.stock == "releasing",
            "payment.authorized" | "payment.declined" => self.payment == "intended",
            "payment.capturing" => self.payment == "authorized",
            "payment.charged" => matches!(self.payment, "intended" | "capturing"),
            "payment.unknown" => matches!(self.payment, "intended" | "capturing" | "voiding"),
            "payment.voided" => self.payment == "voiding",
            "payment.refunded" => self.payment == "refunding",
            "shipment.created" => matches!(self.shipment, "intended" | "cancelling"),
            "shipment.failed" => self.shipment == "intended",
            "shipment.cancelled" => self.shipment == "cancelling",
            "step.done" => runs(),
            // Past the pivot an order only goes forward.
            "step.refused" => runs() && self.shipment != "created",
            "step.undone" => own() == Some("undoing"),
            "step.skipped" => runs() || own() == Some("undoing"),
            "order.compensating" => self.may_be_called_off(),
            "order.completed" => {
                self.state == "SHIPMENT_CREATED" && self.own.iter().all(|stand| stand.status == "done")
            }
            "order.cancelled" => self.state == "COMPENSATING" && !self.is_undoing(),
            _ => true,
        }
    }

    /// Once, and before the pivot.
    fn may_be_called_off(&self) -> bool {
        matches!(self.state, "CREATED" | "INVENTORY_RESERVED" | "PAYMENT_AUTHORIZED" | "PAYMENT_CHARGED")
    }

    /// Whether the undo of a step is under way: the earlier ones follow from it.
    fn is_undoing(&self) -> bool {
        self.shipment == "cancelling"
            || matches!(self.payment, "voiding" | "refunding")
            || self.stock == "releasing"
            || self.own.iter().any(|stand| stand.status == "undoing")
    }

    /// What follows from an event beside what the table says. `None` where it names a step that is not there.
    pub(super) fn walk(&mut self, sequence: &Sequence, kind: &str, event: &Map<String, Value>) -> Option<()> {
        let named = || sequence.place(event.get("step")?.as_str()?);
        match kind {
            "order.created" => {
                (self.stock, self.own) = ("none", sequence.unreached());
                self.begin(sequence, 0);
            }
            "inventory.reserved" => self.begin(sequence, sequence.place("inventory")? + 1),
            "payment.charged" => self.begin(sequence, sequence.place("payment")? + 1),
            "shipment.created" => self.begin(sequence, sequence.place("shipment")? + 1),
            "step.done" => {
                let place = named()?;
                let reference = event.get("reference").and_then(Value::as_str).map(str::to_owned);
                *self.own.get_mut(sequence.own_place(place))? = OwnStand { status: "done", reference };
                self.begin(sequence, place + 1);
            }
            "step.refused" => {
                let place = named()?;
                *self.own.get_mut(sequence.own_place(place))? = OwnStand { status: "refused", reference: None };
                self.failure = Some(json!({
                    "code": "order_cancelled", "reason": "participant", "detail": event.get("reason")?,
                    "step": event.get("step")?,
                }));
                self.undo(sequence, place);
            }
            "step.undone" => {
                let place = named()?;
                self.own.get_mut(sequence.own_place(place))?.status = "undone";
                self.undo(sequence, place);
            }
            "inventory.rejected" | "inventory.released" => self.undo(sequence, sequence.place("inventory")?),
            "payment.declined" | "payment.refunded" | "payment.voided" => {
                self.undo(sequence, sequence.place("payment")?);
            }
            "shipment.failed" | "shipment.cancelled" => self.undo(sequence, sequence.place("shipment")?),
            "order.compensating" => self.undo(sequence, sequence.names.len()),
            "order.forced" => {
                let undoes = sequence.own.iter().flatten();
                for (stand, _) in self.own.iter_mut().zip(undoes).filter(|(_, undoes)| **undoes) {
                    if matches!(stand.status, "intended" | "done" | "undoing") {
                        stand.status = "undone";
                    }
                }
            }
            _ => {}
        }
        Some(())
    }

    fn begin(&mut self, sequence: &Sequence, place: usize) {
        match (sequence.names.get(place).map(String::as_str), sequence.own.get(place)) {
            (Some(_), Some(Some(_))) => {
                if let Some(stand) = self.own.get_mut(sequence.own_place(place)) {
                    stand.status = "intended";
                }
            }
            (Some("inventory"), _) => self.stock = "intended",
            (Some("payment"), _) => self.payment = "intended",
            (Some("shipment"), _) => self.shipment = "intended",
            (Some(_) | None, _) => {}
        }
    }

    /// Undoes the latest step before this place that may have taken effect.
    fn undo(&mut self, sequence: &Sequence, before: usize) {
        self.state = "COMPENSATING";
        for place in (0..before).rev() {
            match (sequence.own[place], &*sequence.names[place]) {
                (Some(true), _) => {
                    if let Some(stand) = self.own.get_mut(sequence.own_place(place))
                        && matches!(stand.status, "intended" | "done")
                    {
                        stand.status = "undoing";
                        return;
                    }
                }
                (Some(false), _) => {}
                (None, "shipment") if self.shipment == "intended" => {
                    self.shipment = "cancelling";
                    return;
                }
                (None, "payment") if self.payment == "charged" => {
                    (self.payment, self.refunded) = ("refunding", self.captured);
                    return;
                }
                (None, "payment") if matches!(self.payment, "intended" | "authorized" | "capturing") => {
                    self.payment = "voiding";
                    return;
                }
                (None, "inventory") if matches!(self.stock, "intended" | "reserved") => {
                    self.stock = "releasing";
                    return;
                }
                (None, _) => {}
            }
        }
    }

    /// What was undone, in the order in which it was.
    pub(super) fn undone_along(&self, sequence: &Sequence) -> Vec<&'static str> {
        let built_in = |name: &str| match name {
            "shipment" => (self.shipment == "cancelled").then_some("shipment.cancelled"),
            "payment" if self.payment == "refunded" => Some("payment.refunded"),
            "payment" if self.payment == "voided" => Some("payment.voided"),
            "inventory" => (self.stock == "released").then_some("inventory.released"),
            _ => None,
        };
        let of = |place: usize| match sequence.own[place] {
            Some(_) => (self.own.get(sequence.own_place(place))?.status == "undone").then_some("step.undone"),
            None => built_in(&sequence.names[place]),
        };
        (0..sequence.names.len()).rev().filter_map(of).collect()
    }
}

/// As the row holds them.
pub(super) fn as_stored(own: &[OwnStand]) -> Value {
    let one = |stand: &OwnStand| match &stand.reference {
        Some(reference) => json!({"status": stand.status, "reference": reference}),
        None => json!({"status": stand.status}),
    };
    own.iter().map(one).collect()
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
