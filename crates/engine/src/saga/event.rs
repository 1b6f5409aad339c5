//! What happened to an order. Events are what is committed, published, and replayed.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::definition::{Definition, Plan, StepName};
use super::effect::Action;
use super::failure::{CancelReason, Shortage};
use super::ids::{Client, IdempotencyKey, OrderId};
use super::money::Amount;
use super::request::Request;
use super::state::{Restock, is_false};
use super::upcast::{UPCASTS, schema_version, upcast};

/// The content of `order.created`. The orders row holds it in columns that never change, so the stored event does not
/// repeat it: 350 bytes of WAL an order saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The order's id.
    pub id: OrderId,
    /// The client that owns the order.
    pub client: Client,
    /// What was ordered.
    pub request: Arc<Request>,
    /// What it costs: lines and adjustments.
    pub amount: Amount,
    /// The version of the saga that it begins under.
    pub saga_version: i16,
    /// Which of its participants are remote.
    pub plan: Plan,
    /// Its saga, where it has steps of one's own.
    pub definition: Option<Arc<Definition>>,
}

impl Created {
    /// A seal over what of the orders row no event repeats and no fingerprint covers: whose the order is, under which
    /// version of the saga, and with which participants. So short that it costs an order 14 bytes; a change by hand
    /// passes it once in 16 million.
    fn seal(&self) -> String {
        let mut hash = Sha256::new();
        for part in [self.id.as_str(), self.client.as_str()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(self.saga_version.to_be_bytes());
        hash.update(self.plan.0.to_be_bytes());
        BASE64URL_NOPAD.encode(&hash.finalize()[..3])
    }

    /// The beginning of the hash of its definition, beside the seal, where it has one.
    fn definition_seal(&self) -> Option<String> {
        self.definition.as_ref().map(|definition| BASE64URL_NOPAD.encode(&definition.hash()[..6]))
    }
}

/// What happened. Each event raises the order's version by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Stored; the reservation is intended.
    OrderCreated(Box<Created>),
    /// Any event but the first.
    Fact(Fact),
}

/// Every event but the first, as stored: a JSON object with its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Fact {
    /// The stock is held; the payment is intended.
    #[serde(rename = "inventory.reserved")]
    InventoryReserved {
        /// The participant's name for the reservation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Arc<str>>,
    },
    /// There was not enough, or the participant refused for a reason of its own.
    #[serde(rename = "inventory.rejected")]
    InventoryRejected {
        /// Of which there was not enough, and how much.
        shortages: Vec<Shortage>,
        /// The participant's word, where it is not [`OUT_OF_STOCK`](super::failure::OUT_OF_STOCK).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The money is held.
    #[serde(rename = "payment.authorized")]
    PaymentAuthorized {
        /// The participant's name for the authorisation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Arc<str>>,
        /// For how long from now on the money is counted on, where the participant says how long it holds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_in_ms: Option<i64>,
    },
    /// A capture is intended.
    #[serde(rename = "payment.capturing")]
    PaymentCapturing {
        /// The amount to capture: at most what is held.
        amount: Amount,
    },
    /// The money moved; the shipment is intended.
    #[serde(rename = "payment.charged")]
    PaymentCharged {
        /// The amount that moved.
        amount: Amount,
        /// The participant's name for the charge.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Arc<str>>,
    },
    /// The payment was refused; what was reserved is to be released.
    #[serde(rename = "payment.declined")]
    PaymentDeclined {
        /// The word with which the participant declined.
        reason: String,
    },
    /// An answer of the payment participant was lost. Told once.
    #[serde(rename = "payment.unknown")]
    PaymentUnknown,
    /// The carrier has the parcel.
    #[serde(rename = "shipment.created")]
    ShipmentCreated {
        /// The carrier's name for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Arc<str>>,
    },
    /// The carrier refused; the charge is to be refunded.
    #[serde(rename = "shipment.failed")]
    ShipmentFailed {
        /// The carrier's word for why.
        reason: String,
    },
    /// The shipment was cancelled in time; the charge is to be refunded.
    #[serde(rename = "shipment.cancelled")]
    ShipmentCancelled,
    /// The charge was given back in full, and the stock is to be released; or, of an order that completed, a refund
    /// that was asked for was given back.
    #[serde(rename = "payment.refunded")]
    PaymentRefunded {
        /// The amount that went back.
        amount: Amount,
        /// Which of the refunds that were asked for; absent where the saga gives the whole charge back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<RefundName>,
    },
    /// A refund was asked for, and counts against the charge from now on.
    #[serde(rename = "payment.refunding")]
    PaymentRefunding {
        /// Who asked for it, under which key.
        #[serde(flatten)]
        refund: RefundName,
        /// The amount to give back; 0 where only goods come back.
        amount: Amount,
        /// Why, in the asker's words; may be empty.
        reason: Arc<str>,
        /// What comes back to the shelf with it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        restock: Vec<Restock>,
    },
    /// A refund that was asked for was refused for good, and no longer counts.
    #[serde(rename = "payment.refund_refused")]
    PaymentRefundRefused {
        /// Who asked for it, under which key.
        #[serde(flatten)]
        refund: RefundName,
        /// The word with which the participant refused.
        reason: String,
    },
    /// The payment was undone, whatever had become of it; the stock is to be released.
    #[serde(rename = "payment.voided")]
    PaymentVoided {
        /// What the participant found charged, and gave back in full.
        #[serde(default, skip_serializing_if = "Amount::is_zero")]
        captured: Amount,
    },
    /// The stock was given back.
    #[serde(rename = "inventory.released")]
    InventoryReleased,
    /// Called off; whatever was begun is to be undone, in reverse.
    #[serde(rename = "order.compensating")]
    OrderCompensating {
        /// Who or what called it off.
        reason: CancelReason,
        /// The participant's word, where it was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// Every step took effect; the order has its final answer.
    #[serde(rename = "order.completed")]
    OrderCompleted,
    /// Ended, with the failure that began its compensation.
    #[serde(rename = "order.cancelled")]
    OrderCancelled,
    /// The order waits for a human, or for an entry of the configuration.
    #[serde(rename = "order.attention")]
    OrderAttention {
        /// Why, in whole sentences, for an operator.
        reason: String,
        /// Whether a participant contradicts the order: then it is closed to all but operators. Left out where not.
        #[serde(default, skip_serializing_if = "is_false")]
        contradicted: bool,
        /// The step of one's own that no entry of the configuration is for. Left out where it is something else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        missing: Option<StepName>,
    },
    /// An operator sent it on its way again.
    #[serde(rename = "order.resumed")]
    OrderResumed {
        /// Who; events of 0.3.0 and before do not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Client>,
        /// Why, in the operator's words; events of 0.3.0 and before do not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Arc<str>>,
    },
    /// An operator answered the call that was due in the participant's place.
    #[serde(rename = "order.skipped")]
    OrderSkipped {
        /// The action that was due.
        action: Action,
        /// The operator's evidence, in their words.
        reason: Arc<str>,
        /// Who; events of 0.3.0 and before do not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Client>,
    },
    /// A step of one's own took effect; the next one is intended.
    #[serde(rename = "step.done")]
    StepDone {
        /// The step's name in the order's definition.
        step: StepName,
        /// The participant's name for its effect.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<Arc<str>>,
    },
    /// A step of one's own was refused; what was done before it is to be undone.
    #[serde(rename = "step.refused")]
    StepRefused {
        /// The step's name in the order's definition.
        step: StepName,
        /// The word with which the step refused.
        reason: String,
    },
    /// A step of one's own was undone, whatever had become of it.
    #[serde(rename = "step.undone")]
    StepUndone {
        /// The step's name in the order's definition.
        step: StepName,
    },
    /// An operator answered in the place of whoever does a step of one's own.
    #[serde(rename = "step.skipped")]
    StepSkipped {
        /// The step's name in the order's definition.
        step: StepName,
        /// Whether its `run` or its `undo`.
        action: Action,
        /// The operator's evidence, in their words.
        reason: Arc<str>,
        /// The subject of the operator's token.
        by: Client,
    },
    /// An operator declared undone whatever was begun.
    #[serde(rename = "order.forced")]
    OrderForced {
        /// The operator's evidence, in their words.
        reason: Arc<str>,
        /// Who; events of 0.3.0 and before do not tell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Client>,
    },
}

/// The name of a refund that was asked for: who asked, under which key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundName {
    /// The client that asked: the order's owner, or an operator.
    pub client: Client,
    /// The key under which it was asked for.
    pub key: IdempotencyKey,
}

impl From<Fact> for Event {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

/// The field of a stored `order.created` that holds its order's seal; no client is shown it.
pub const SEAL: &str = "seal";
/// The field beside it that holds the seal of its definition, where it has steps of one's own.
pub const DEFINITION_SEAL: &str = "definition";

/// The type of the first event.
pub const ORDER_CREATED: &str = "order.created";

/// Every type of event, by name. What else a stored event may be called, a newer program wrote.
pub const NAMES: [&str; 27] = [
    "inventory.rejected",
    "inventory.released",
    "inventory.reserved",
    "order.attention",
    "order.cancelled",
    "order.compensating",
    "order.completed",
    "order.created",
    "order.forced",
    "order.resumed",
    "order.skipped",
    "payment.authorized",
    "payment.capturing",
    "payment.charged",
    "payment.declined",
    "payment.refund_refused",
    "payment.refunded",
    "payment.refunding",
    "payment.unknown",
    "payment.voided",
    "shipment.cancelled",
    "shipment.created",
    "shipment.failed",
    "step.done",
    "step.refused",
    "step.skipped",
    "step.undone",
];

impl Event {
    /// The event's type, as published.
    pub fn name(&self) -> &'static str {
        let fact = match self {
            Self::OrderCreated(_) => return ORDER_CREATED,
            Self::Fact(fact) => fact,
        };
        match fact {
            Fact::InventoryReserved { .. } => "inventory.reserved",
            Fact::InventoryRejected { .. } => "inventory.rejected",
            Fact::PaymentAuthorized { .. } => "payment.authorized",
            Fact::PaymentCapturing { .. } => "payment.capturing",
            Fact::PaymentCharged { .. } => "payment.charged",
            Fact::PaymentDeclined { .. } => "payment.declined",
            Fact::PaymentUnknown => "payment.unknown",
            Fact::ShipmentCreated { .. } => "shipment.created",
            Fact::ShipmentFailed { .. } => "shipment.failed",
            Fact::ShipmentCancelled => "shipment.cancelled",
            Fact::PaymentRefunded { .. } => "payment.refunded",
            Fact::PaymentVoided { .. } => "payment.voided",
            Fact::InventoryReleased => "inventory.released",
            Fact::OrderCompensating { .. } => "order.compensating",
            Fact::OrderCompleted => "order.completed",
            Fact::OrderCancelled => "order.cancelled",
            Fact::PaymentRefunding { .. } => "payment.refunding",
            Fact::PaymentRefundRefused { .. } => "payment.refund_refused",
            Fact::OrderAttention { .. } => "order.attention",
            Fact::OrderResumed { .. } => "order.resumed",
            Fact::OrderSkipped { .. } => "order.skipped",
            Fact::OrderForced { .. } => "order.forced",
            Fact::StepDone { .. } => "step.done",
            Fact::StepRefused { .. } => "step.refused",
            Fact::StepSkipped { .. } => "step.skipped",
            Fact::StepUndone { .. } => "step.undone",
        }
    }

    /// The events of one commit as the text that `order_events.events` holds: a JSON array in order.
    pub fn encode(events: &[Self]) -> String {
        let mut text = String::with_capacity(40 * events.len() + 2);
        text.push('[');
        for (index, event) in events.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            match event {
                Self::OrderCreated(_) => text.push_str(r#"{"type":"order.created"}"#),
                // A struct of strings and integers always serialises.
                Self::Fact(fact) => text.push_str(&serde_json::to_string(fact).unwrap_or_default()),
            }
            // The first version of a type's schema is not written.
            let version = schema_version(event.name(), UPCASTS);
            if version > 1 {
                text.pop();
                text.push_str(&format!(r#","v":{version}}}"#));
            }
        }
        text.push(']');
        text
    }

    /// As [`Event::encode`], with the seal of a new order in its first event: what a store keeps. No reader needs it but
    /// the audit; earlier programs pass over it.
    pub fn encode_sealed(events: &[Self]) -> String {
        let text = Self::encode(events);
        match events.first() {
            Some(Self::OrderCreated(created)) => {
                let bare = format!(r#"{{"type":"{ORDER_CREATED}""#);
                let seal = created.seal();
                let beside = created.definition_seal();
                let beside = beside.map(|seal| format!(r#","{DEFINITION_SEAL}":"{seal}""#)).unwrap_or_default();
                text.replacen(&bare, &format!(r#"{bare},"{SEAL}":"{seal}"{beside}"#), 1)
            }
            Some(Self::Fact(_)) | None => text,
        }
    }

    /// Reads what [`Event::encode`] wrote, in this version or an earlier one; `created` stands in for the content of `order.created`, which the orders row
    /// holds.
    pub fn decode(text: &str, created: &Created) -> Result<Vec<Self>, serde_json::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Stored {
            Fact(Fact),
            Created {
                #[serde(rename = "type")]
                name: String,
            },
        }
        let stored: Vec<serde_json::Value> = serde_json::from_str(text)?;
        stored
            .into_iter()
            .map(|mut event| {
                upcast(&mut event, UPCASTS).map_err(serde::de::Error::custom)?;
                match serde_json::from_value(event)? {
                    Stored::Fact(fact) => Ok(Self::Fact(fact)),
                    Stored::Created { name } if name == ORDER_CREATED => {
                        Ok(Self::OrderCreated(Box::new(created.clone())))
                    }
                    Stored::Created { name } => Err(serde::de::Error::custom(format!("unknown event type {name:?}"))),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_name_in_the_list() {
        // serde names what it would have taken.
        let unknown = serde_json::from_str::<Fact>(r#"{"type":"of a newer program"}"#).unwrap_err().to_string();
        let mut known: Vec<_> = unknown.split('`').skip(1).step_by(2).filter(|name| !name.contains(' ')).collect();
        known.push(ORDER_CREATED);
        known.sort_unstable();
        assert_eq!(known, NAMES);
    }
    /// What no program knows is none of those that it does, and least of all the first.
    #[test]
    fn an_event_of_no_known_type_is_not_read() {
        use super::super::state::Timestamp;
        use super::super::transaction::{LocalParticipants, StockVerdict, run};
        use super::super::{Address, Call, Capture, Command, Currency, Outcome, Plan, request::Details};

        struct Nobody;
        impl LocalParticipants for Nobody {
            fn plan(&self) -> Plan {
                Plan(7)
            }
            fn answer(&self, _: &super::super::Order, _: Call) -> Option<Outcome> {
                None
            }
        }
        let text = || Arc::<str>::from("x");
        let ship_to = Address {
            name: text(),
            line1: text(),
            line2: None,
            city: text(),
            region: None,
            postal_code: text(),
            country: text(),
            email: None,
            phone: None,
        };
        let details = Details {
            payment_method: text(),
            capture: Capture::Automatic,
            ship_to,
            metadata: Default::default(),
            adjustments: Vec::new(),
        };
        let line = super::super::Line::priced(super::super::Sku::trusted("A"), 1, 100);
        let currency = Currency::parse("EUR").expect("a currency");
        let request = Request { customer_id: text(), currency, lines: vec![line], details };
        let (id, client) = (OrderId::trusted("ORD-1"), Client::trusted("shop"));
        let submit = Command::Submit { id, client, request: Arc::new(request), saga: Plan(7).into() };
        let events = run(None, &submit, Timestamp(0), &Nobody, StockVerdict::Assumed).expect("it is taken").events;
        let Some(Event::OrderCreated(created)) = events.first() else { panic!("it begins: {events:?}") };
        for unknown in [r#"[{"type":"order.of_a_newer_program"}]"#, r#"[{"type":""}]"#] {
            assert!(Event::decode(unknown, created).is_err(), "{unknown}");
        }
        assert_eq!(Event::decode(&Event::encode(&events), created).expect("its own"), events);
        // The seal of an order is the same in every release: rows hold it.
        assert_eq!(Event::encode_sealed(&events), r#"[{"type":"order.created","seal":"aV8F"}]"#);
        let name = super::super::StepName::parse("fraud").expect("a name");
        let kind = super::super::definition::StepKind::Http;
        let wanted =
            super::super::definition::Wanted { name, before: "payment".into(), kind, undo: false, deadline_ms: None };
        let definition = Definition::new(Plan(2), &[wanted]).expect("a definition").map(Arc::new);
        let own = Created { definition, ..(**created).clone() };
        let sealed = Event::encode_sealed(&[Event::OrderCreated(Box::new(own))]);
        assert_eq!(sealed, r#"[{"type":"order.created","seal":"aV8F","definition":"aIxuTvEi"}]"#);
        let sealed = Event::encode_sealed(&[Fact::OrderCancelled.into()]);
        assert_eq!(sealed, r#"[{"type":"order.cancelled"}]"#, "the first event alone has one");
    }
}
