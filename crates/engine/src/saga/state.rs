//! An order as it is committed: the orders row and its payments row, as one value.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::definition::{Definition, OwnStep, Plan, StepName};
use super::failure::Failure;
use super::ids::{Client, IdempotencyKey, OrderId, Sku};
use super::money::Amount;
use super::request::Request;

/// Microseconds since 1970-01-01T00:00:00Z, the resolution of PostgreSQL's `timestamptz`. A stamp only: whether
/// something is due is compared with the database's clock in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with microseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => write!(f, "{stamp:.6}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every variant, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that stands for it in the database and in answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The variant of a word; `None` where there is none.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<str>::deserialize(deserializer)?;
                Self::parse(&word).ok_or_else(|| serde::de::Error::custom(format!("unknown word {word:?}")))
            }
        }
    };
}

words! {
    /// Where an order stands. The names are fixed: `orders.state` holds them.
    State {
        /// Stored; its reservation is on its way.
        Created = "CREATED",
        /// Its stock is held; its payment is on its way.
        InventoryReserved = "INVENTORY_RESERVED",
        /// Manual capture: the money is held, and waits for a capture.
        PaymentAuthorized = "PAYMENT_AUTHORIZED",
        /// The money moved; its shipment is on its way.
        PaymentCharged = "PAYMENT_CHARGED",
        /// The carrier has it; steps of one's own may come before the end.
        ShipmentCreated = "SHIPMENT_CREATED",
        /// Ended with every step done; its answer is 201.
        Completed = "COMPLETED",
        /// What was done is being undone, in reverse.
        Compensating = "COMPENSATING",
        /// Ended, with a failure code; nothing of it is left outside.
        Cancelled = "CANCELLED",
    }
}

impl State {
    /// Whether the saga has ended.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled)
    }
}

words! {
    /// What became of the order's stock.
    Stock {
        /// Not reached yet: a step of one's own comes before it.
        None = "none",
        /// The reservation is intended; whether it took effect is not known here.
        Intended = "intended",
        /// Held for the order.
        Reserved = "reserved",
        /// Left the shelf with the order.
        Taken = "taken",
        /// Refused: there was not enough.
        Rejected = "rejected",
        /// Its release is intended.
        Releasing = "releasing",
        /// Given back after the order was called off.
        Released = "released",
    }
}

words! {
    /// What became of the order's money.
    PaymentStatus {
        /// Not reached yet.
        None = "none",
        /// A charge, or with manual capture an authorisation, is intended; its outcome is not known here.
        Intended = "intended",
        /// Held, not moved.
        Authorized = "authorized",
        /// A capture is intended; its outcome is not known here.
        Capturing = "capturing",
        /// The money moved to us.
        Charged = "charged",
        /// Refused; nothing moved.
        Declined = "declined",
        /// An undo of whatever became of it is intended.
        Voiding = "voiding",
        /// The hold was let go of, or what had moved was given back.
        Voided = "voided",
        /// A refund of the whole charge is intended.
        Refunding = "refunding",
        /// Given back in full.
        Refunded = "refunded",
    }
}

words! {
    /// What became of the order's parcel.
    ShipmentStatus {
        /// Not reached yet.
        None = "none",
        /// A shipment is intended; its outcome is not known here.
        Intended = "intended",
        /// The carrier has it: the pivot, after which an order only goes forward.
        Created = "created",
        /// Refused by the carrier.
        Failed = "failed",
        /// A cancellation of whatever became of it is intended.
        Cancelling = "cancelling",
        /// Cancelled in time.
        Cancelled = "cancelled",
    }
}

words! {
    /// What became of a step of one's own.
    StepStatus {
        /// Not reached yet.
        None = "none",
        /// Intended; whether it took effect is not known here. One that cannot be undone stays so where its order is called off.
        Intended = "intended",
        /// It took effect.
        Done = "done",
        /// Refused; nothing took effect.
        Refused = "refused",
        /// An undo of whatever became of it is intended.
        Undoing = "undoing",
        /// What it did is undone.
        Undone = "undone",
    }
}

words! {
    /// What became of a refund that was asked for.
    RefundStatus {
        /// Counted against the charge; its outcome is not known here.
        Intended = "intended",
        /// The money was given back.
        Refunded = "refunded",
        /// Refused for good; it no longer counts.
        Refused = "refused",
    }
}

/// Units that come back to the shelf with a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restock {
    /// The SKU that comes back.
    pub sku: Sku,
    /// How many, at least 1.
    pub quantity: i64,
}

/// A refund that was asked for after the order completed. Its name is the key that asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The client whose key asked for it: the order's owner, or an operator.
    pub client: Client,
    /// Under which key: one refund a key.
    pub key: IdempotencyKey,
    /// The amount to give back; 0 where only goods come back.
    pub amount: Amount,
    /// Why, in the asker's words.
    pub reason: Arc<str>,
    /// What comes back to the shelf once the money is given back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub restock: Vec<Restock>,
    /// What became of it.
    pub status: RefundStatus,
}

/// Refunds of one order, at most, refused ones included: one for each line that it can have, since all of them are read
/// with the order.
pub const MAX_REFUNDS: usize = 1_000;

impl Refund {
    /// The last part of the name that its step key is derived from: client and key, each behind its length.
    pub fn operation(&self) -> String {
        operation(&self.client, &self.key)
    }
}

/// The operation of a client's refund: client and key, each behind its length, so that no two pairs share one.
pub fn operation(client: &Client, key: &IdempotencyKey) -> String {
    let (client, key) = (client.as_str(), key.as_str());
    format!("{}:{client}{}:{key}", client.len(), key.len())
}

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// What became of it.
    pub status: PaymentStatus,
    /// Whether an outcome was lost at least once; told by one `payment.unknown` event.
    pub unknown: bool,
    /// Whether the participant told us that money is held or moved. From then on a tombstone is no answer to an undo.
    pub known: bool,
    /// What is to be charged: the order's amount, or less where a smaller capture was asked for.
    pub amount: Amount,
    /// What moved to us, in minor units.
    pub captured: Amount,
    /// What went back, intents included: never above `captured`.
    pub refunded: Amount,
    /// The participant's name for the charge, or with manual capture for the authorisation.
    pub reference: Option<Arc<str>>,
    /// The participant's name for the capture.
    pub capture_reference: Option<Arc<str>>,
}

/// The shipment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// What became of it.
    pub status: ShipmentStatus,
    /// The carrier's name for it.
    pub reference: Option<Arc<str>>,
}

/// A step of one's own, as far as an order has come with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepState {
    /// What became of it.
    pub status: StepStatus,
    /// The participant's name for its effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Arc<str>>,
}

/// The steps of one's own of an order, and how far it has come with each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSteps {
    /// What the order began under, and ends under.
    pub definition: Arc<Definition>,
    /// By the place of each step in the definition.
    pub states: Vec<StepState>,
}

impl OwnSteps {
    /// None of them was reached.
    pub fn new(definition: Arc<Definition>) -> Self {
        let none = StepState { status: StepStatus::None, reference: None };
        Self { states: vec![none; definition.steps().len()], definition }
    }

    /// Each step with its state, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&OwnStep, &StepState)> {
        self.definition.steps().iter().zip(&self.states)
    }

    /// The name of the step at this place.
    pub fn name(&self, at: usize) -> Option<&StepName> {
        self.definition.steps().get(at).map(|step| &step.name)
    }
}

/// Why an order waits for a human, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// What happened, for an operator.
    pub reason: String,
    /// When it began to wait: RFC 3339, by the stamp of the event that says so.
    pub since: String,
    /// Whether it is that a participant [contradicts](super::command::Outcome::Contradicted) the order: then nothing but
    /// an operator's verb goes on with it. Left out where not.
    #[serde(default, skip_serializing_if = "is_false")]
    pub contradicted: bool,
    /// The step of one's own that the order waits for, where the configuration has no entry of this name: the order goes on by
    /// itself once there is one. Left out where it is something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<StepName>,
}

impl Attention {
    /// Whether it is a human who is waited for, rather than an entry in the configuration.
    pub fn is_for_a_human(&self) -> bool {
        self.missing.is_none()
    }
}

/// For fields that are written only where they say something.
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// An order, as committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its permanent business key.
    pub id: OrderId,
    /// Who submitted it, and alone may see it.
    pub client: Client,
    /// What was asked for.
    pub request: Arc<Request>,
    /// What it costs: lines and adjustments.
    pub amount: Amount,
    /// The version of the saga that it began under, and ends under.
    pub saga_version: i16,
    /// Which participants are remote.
    pub plan: Plan,
    /// Its steps of one's own, where it has any. In a box: few orders do.
    pub own: Option<Box<OwnSteps>>,
    /// Where it stands.
    pub state: State,
    /// How many events it has.
    pub version: i32,
    /// What became of its stock.
    pub stock: Stock,
    /// The inventory participant's name for its reservation.
    pub reservation: Option<Arc<str>>,
    /// What became of its money.
    pub payment: Payment,
    /// What became of its parcel.
    pub shipment: Shipment,
    /// What was asked back after it completed, oldest first.
    pub refunds: Vec<Refund>,
    /// Why it did not complete.
    pub failure: Option<Failure>,
    /// The one final answer, once it is decided; nothing changes it.
    pub answer: Option<Arc<Answer>>,
    /// Set while it waits for a human.
    pub attention: Option<Attention>,
    /// Whether it is an earlier deployment's, whose database this one was cloned from: it is closed to every remote call,
    /// since the provider's own names in it stand for the other deployment's money.
    pub cloned: bool,
    /// When it was decided to store it.
    pub created_at: Timestamp,
    /// When its last event was decided.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows, events and answers bear stamps in this form.
    #[test]
    fn a_stamp_is_told_to_the_microsecond() {
        assert_eq!(Timestamp(1_700_000_000_000_001).to_string(), "2023-11-14T22:13:20.000001Z");
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000000Z");
        assert_eq!(Timestamp(i64::MAX).to_string(), format!("{}us", i64::MAX), "beyond all calendars");
    }

    /// Written down: a refund under another operation would be given back once more.
    #[test]
    fn a_refund_s_operation_is_its_client_and_key_each_behind_its_length() {
        let (client, key) = (Client::trusted("shop"), IdempotencyKey::trusted("r-1"));
        let (amount, status) = (Amount(1), RefundStatus::Intended);
        let refund = Refund { client, key, amount, reason: "x".into(), restock: Vec::new(), status };
        assert_eq!(refund.operation(), "4:shop3:r-1");
        assert_eq!(operation(&refund.client, &refund.key), refund.operation());
    }

    #[test]
    fn who_waits_for_an_entry_waits_for_no_human() {
        let attention = |missing| Attention { reason: "x".into(), since: "then".into(), contradicted: false, missing };
        assert!(attention(None).is_for_a_human());
        assert!(!attention(StepName::parse("fraud").ok()).is_for_a_human());
        let text = serde_json::to_string(&attention(None)).expect("JSON");
        assert_eq!(text, r#"{"reason":"x","since":"then"}"#, "what says nothing is left out");
    }

    #[test]
    fn each_word_is_read_as_it_was_written() {
        for state in State::ALL {
            assert_eq!((State::parse(state.as_str()), state.to_string()), (Some(*state), state.as_str().to_owned()));
            let text = serde_json::to_string(state).expect("JSON");
            assert_eq!(serde_json::from_str::<State>(&text).expect("a word"), *state);
            assert_eq!(state.is_terminal(), matches!(state, State::Completed | State::Cancelled), "{state}");
        }
        assert_eq!(State::parse("of_a_later_program"), None);
        assert!(serde_json::from_str::<State>(r#""nothing""#).is_err());
    }
}
