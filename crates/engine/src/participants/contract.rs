//! The contract between the engine and a remote participant: what goes over the wire, in both directions. The engine's
//! client, the simulated participants and the conformance check share these types, and `openapi/participants.json`
//! publishes them.
//!
//! The engine calls `POST {url}/{action}` with an `Idempotency-Key` (the step key, a UUID that is the same after any
//! crash) and a JSON body. [`ContractAnswer::read`] is the one place that says what an answer means. The rule behind it: only
//! what a participant says in so many words is an outcome; whatever else happens to a call leaves it unknown, to be
//! repeated under the same key. So a wrong request is 400, which is no outcome, and never 422, which would be a refusal.
//!
//! A participant ignores fields that it does not know, in order that the contract can grow.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The contract as an OpenAPI 3.1 document.
pub const OPENAPI: &str = include_str!("../../../../openapi/participants.json");

/// The header that bears the step key.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The header that marks the repeat of a stored answer; its value is `true`.
pub const IDEMPOTENT_REPLAYED: &str = "Idempotent-Replayed";
/// The reason of the refusal (409) of a key that was undone before it was heard of.
pub const TOMBSTONED: &str = "tombstoned";
/// The code of the answer (400) to a key that was used with other content before.
pub const KEY_REUSED: &str = "key_reused";
/// The code of the answer (400) to a call that names a step which it cannot mean: of another order, or of another kind.
pub const WRONG_STEP: &str = "wrong_step";
/// The reason of the refusal (409) of a reservation that the stock does not suffice for.
pub const OUT_OF_STOCK: &str = "out_of_stock";
/// The reason of the refusal (422) of a reservation of a SKU that the warehouse does not know.
pub const UNKNOWN_SKU: &str = "unknown_sku";
/// The `type` of the event that a participant sends when an operation has an outcome.
pub const OPERATION_UPDATED: &str = "operation.updated";

/// Keys that a void may name: an authorisation and its capture, with room for a provider's own division of them.
const MAX_UNDOES: usize = 8;
/// Lines of one order; the engine's own bound.
const MAX_LINES: usize = crate::limits::LINES;

macro_rules! words {
    ($(#[$outer:meta])* $name:ident, $what:literal, { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its word on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word).ok_or_else(|| {
                    let known: Vec<&str> = Self::ALL.iter().map(|known| known.as_str()).collect();
                    format!(concat!("{:?} is no ", $what, "; known are {}"), word, known.join(", "))
                })
            }
        }
    };
}

words! {
    /// What a participant is asked to do: the last part of the URL.
    ContractAction, "action", {
        /// Hold the stock.
        Reserve = "reserve",
        /// Undo a reservation.
        Release = "release",
        /// Move the money at once.
        Charge = "charge",
        /// Hold the money.
        Authorize = "authorize",
        /// Move money that is held.
        Capture = "capture",
        /// Undo a payment whatever became of it.
        Void = "void",
        /// Give money back.
        Refund = "refund",
        /// Hand the parcel over.
        Ship = "ship",
        /// Undo a shipment.
        CancelShipment = "cancel-shipment",
        /// Do a step of a shop's own.
        Run = "run",
        /// Undo a step of a shop's own.
        Undo = "undo",
    }
}

words! {
    /// A part that a participant plays. One URL may play several.
    Role, "role", {
        /// Holds the stock.
        Inventory = "inventory",
        /// Moves the money.
        Payment = "payment",
        /// Carries the parcel.
        Shipment = "shipment",
        /// Does a step of a shop's own: each step of that name.
        Step = "step",
    }
}

words! {
    /// How an operation ended.
    OperationOutcome, "outcome", {
        /// It took effect, or left a tombstone.
        Done = "done",
        /// The participant refused it.
        Refused = "refused",
    }
}

impl ContractAction {
    /// Whose action it is.
    pub fn role(self) -> Role {
        match self {
            Self::Reserve | Self::Release => Role::Inventory,
            Self::Charge | Self::Authorize | Self::Capture | Self::Void | Self::Refund => Role::Payment,
            Self::Ship | Self::CancelShipment => Role::Shipment,
            Self::Run | Self::Undo => Role::Step,
        }
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// A quantity of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The stock keeping unit, case-sensitive.
    pub sku: String,
    /// Units, at least 1.
    pub quantity: i64,
}

/// Names an earlier step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRef {
    /// The `Idempotency-Key` that the step was sent under.
    pub key: Uuid,
    /// The participant's own name for it, where the caller has heard it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The body of `reserve`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reserve {
    /// The order that the goods are held for.
    pub order_id: String,
    /// What to hold: all of it or nothing.
    pub lines: Vec<Line>,
}

/// The body of `charge` and of `authorize`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The order that is paid.
    pub order_id: String,
    /// The shop's number for whoever pays.
    pub customer_id: String,
    /// Minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The provider's token for the means of payment; the engine never interprets it.
    pub payment_method: String,
}

/// The body of `capture`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// The order that is paid.
    pub order_id: String,
    /// Minor units, at most what was authorised; what is left of that is freed.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// The authorisation to take it from.
    pub authorization: StepRef,
}

/// The body of `ship`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ship {
    /// The order that is shipped.
    pub order_id: String,
    /// What is in the parcel.
    pub lines: Vec<Line>,
    /// The address that the parcel goes to.
    pub ship_to: Address,
}

/// Where a parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Who receives it.
    pub name: String,
    /// The first line of the street address.
    pub line1: String,
    /// The second line of the street address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// The town or city.
    pub city: String,
    /// The postal code, as its country writes it.
    pub postal_code: String,
    /// State, province or the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The country's ISO 3166-1 alpha-2 code.
    pub country: String,
    /// For notices of the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// For notices of the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// The body of `release`, `void` and `cancel-shipment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The order whose step is undone.
    pub order_id: String,
    /// The step that is undone; for a void all steps of the payment: the charge, or the authorisation and the capture.
    pub undoes: Vec<StepRef>,
}

/// The body of `run`: a step of a shop's own, with all that a decision on the order may need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The order that the step decides about.
    pub order_id: String,
    /// The step's name.
    pub step: String,
    /// The shop's number for whoever buys.
    pub customer_id: String,
    /// What the order costs: minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// What is bought.
    pub lines: Vec<Line>,
    /// The address that the order ships to.
    pub ship_to: Address,
    /// What the shop's program said of the order beside.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// The body of `undo`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoRun {
    /// The order whose step is undone.
    pub order_id: String,
    /// The step's name.
    pub step: String,
    /// The `run` that is undone.
    pub undoes: Vec<StepRef>,
}

/// The body of `refund`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The order whose money goes back.
    pub order_id: String,
    /// The charge or the capture that moved the money: exactly one.
    pub undoes: Vec<StepRef>,
    /// Minor units, at most what was captured less what was refunded.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A request: an action with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractRequest {
    /// `reserve`
    Reserve(Reserve),
    /// `release`
    Release(Undo),
    /// `charge`
    Charge(Charge),
    /// `authorize`
    Authorize(Charge),
    /// `capture`
    Capture(Capture),
    /// `void`
    Void(Undo),
    /// `refund`
    Refund(Refund),
    /// `ship`
    Ship(Ship),
    /// `cancel-shipment`
    CancelShipment(Undo),
    /// `run`
    Run(Box<Run>),
    /// `undo`
    Undo(UndoRun),
}

impl ContractRequest {
    /// Reads the body of an action.
    ///
    /// # Errors
    ///
    /// What is wrong with it, for the caller's eyes. The answer to that is 400, which is no outcome.
    pub fn read(action: ContractAction, body: &[u8]) -> Result<Self, String> {
        let request = match action {
            ContractAction::Reserve => Self::Reserve(json(body)?),
            ContractAction::Release => Self::Release(json(body)?),
            ContractAction::Charge => Self::Charge(json(body)?),
            ContractAction::Authorize => Self::Authorize(json(body)?),
            ContractAction::Capture => Self::Capture(json(body)?),
            ContractAction::Void => Self::Void(json(body)?),
            ContractAction::Refund => Self::Refund(json(body)?),
            ContractAction::Ship => Self::Ship(json(body)?),
            ContractAction::CancelShipment => Self::CancelShipment(json(body)?),
            ContractAction::Run => Self::Run(json(body)?),
            ContractAction::Undo => Self::Undo(json(body)?),
        };
        match request.wrong() {
            None => Ok(request),
            Some(detail) => Err(detail),
        }
    }

    /// What the types alone do not say.
    fn wrong(&self) -> Option<String> {
        if self.order_id().is_empty() || self.order_id().len() > crate::limits::TEXT {
            return Some(format!("order_id must have 1 to {} bytes", crate::limits::TEXT));
        }
        if self.amount().is_some_and(|amount| amount < 0) {
            return Some("amount must not be negative".to_owned());
        }
        if let Some(step) = self.step().filter(|step| step.is_empty() || step.len() > 32) {
            return Some(format!("step must have 1 to 32 bytes, not {}", step.len()));
        }
        if let Some(lines) = self.lines() {
            if lines.is_empty() || lines.len() > MAX_LINES {
                return Some(format!("lines must have 1 to {MAX_LINES} items"));
            }
            if let Some(index) =
                lines.iter().position(|line| line.quantity < 1 || line.quantity > crate::limits::QUANTITY)
            {
                return Some(format!("lines/{index}/quantity must be from 1 to {}", crate::limits::QUANTITY));
            }
        }
        let undoes = self.undoes()?.len();
        match self {
            Self::Void(_) if (1..=MAX_UNDOES).contains(&undoes) => None,
            Self::Void(_) => Some(format!("undoes must name 1 to {MAX_UNDOES} steps")),
            _ if undoes == 1 => None,
            _ => Some("undoes must name exactly one step".to_owned()),
        }
    }

    /// The action that this body belongs to.
    pub fn action(&self) -> ContractAction {
        match self {
            Self::Reserve(_) => ContractAction::Reserve,
            Self::Release(_) => ContractAction::Release,
            Self::Charge(_) => ContractAction::Charge,
            Self::Authorize(_) => ContractAction::Authorize,
            Self::Capture(_) => ContractAction::Capture,
            Self::Void(_) => ContractAction::Void,
            Self::Refund(_) => ContractAction::Refund,
            Self::Ship(_) => ContractAction::Ship,
            Self::CancelShipment(_) => ContractAction::CancelShipment,
            Self::Run(_) => ContractAction::Run,
            Self::Undo(_) => ContractAction::Undo,
        }
    }

    /// The order that it belongs to.
    pub fn order_id(&self) -> &str {
        match self {
            Self::Reserve(body) => &body.order_id,
            Self::Charge(body) | Self::Authorize(body) => &body.order_id,
            Self::Capture(body) => &body.order_id,
            Self::Refund(body) => &body.order_id,
            Self::Ship(body) => &body.order_id,
            Self::Release(body) | Self::Void(body) | Self::CancelShipment(body) => &body.order_id,
            Self::Run(body) => &body.order_id,
            Self::Undo(body) => &body.order_id,
        }
    }

    /// The money that it is about, in minor units.
    pub fn amount(&self) -> Option<i64> {
        match self {
            Self::Charge(body) | Self::Authorize(body) => Some(body.amount),
            Self::Capture(body) => Some(body.amount),
            Self::Refund(body) => Some(body.amount),
            Self::Run(body) => Some(body.amount),
            Self::Reserve(_)
            | Self::Ship(_)
            | Self::Release(_)
            | Self::Void(_)
            | Self::CancelShipment(_)
            | Self::Undo(_) => None,
        }
    }

    /// The ISO 4217 code of [`ContractRequest::amount`]; `None` where there is none.
    pub fn currency(&self) -> Option<&str> {
        match self {
            Self::Charge(body) | Self::Authorize(body) => Some(&body.currency),
            Self::Capture(body) => Some(&body.currency),
            Self::Refund(body) => Some(&body.currency),
            Self::Run(body) => Some(&body.currency),
            Self::Reserve(_)
            | Self::Ship(_)
            | Self::Release(_)
            | Self::Void(_)
            | Self::CancelShipment(_)
            | Self::Undo(_) => None,
        }
    }

    /// The step of a shop's own that it is about.
    pub fn step(&self) -> Option<&str> {
        match self {
            Self::Run(body) => Some(&body.step),
            Self::Undo(body) => Some(&body.step),
            Self::Reserve(_)
            | Self::Release(_)
            | Self::Charge(_)
            | Self::Authorize(_)
            | Self::Capture(_)
            | Self::Void(_)
            | Self::Refund(_)
            | Self::Ship(_)
            | Self::CancelShipment(_) => None,
        }
    }

    /// The shop's number for whoever pays; `None` where no money is asked for.
    pub fn customer_id(&self) -> Option<&str> {
        match self {
            Self::Charge(body) | Self::Authorize(body) => Some(&body.customer_id),
            Self::Run(body) => Some(&body.customer_id),
            Self::Capture(_)
            | Self::Undo(_)
            | Self::Refund(_)
            | Self::Reserve(_)
            | Self::Ship(_)
            | Self::Release(_)
            | Self::Void(_)
            | Self::CancelShipment(_) => None,
        }
    }

    /// The goods that it is about.
    pub fn lines(&self) -> Option<&[Line]> {
        match self {
            Self::Reserve(body) => Some(&body.lines),
            Self::Ship(body) => Some(&body.lines),
            Self::Run(body) => Some(&body.lines),
            Self::Charge(_)
            | Self::Undo(_)
            | Self::Authorize(_)
            | Self::Capture(_)
            | Self::Refund(_)
            | Self::Release(_)
            | Self::Void(_)
            | Self::CancelShipment(_) => None,
        }
    }

    /// The steps that it undoes; `None` where it is no undo.
    pub fn undoes(&self) -> Option<&[StepRef]> {
        match self {
            Self::Refund(body) => Some(&body.undoes),
            Self::Release(body) | Self::Void(body) | Self::CancelShipment(body) => Some(&body.undoes),
            Self::Undo(body) => Some(&body.undoes),
            Self::Reserve(_)
            | Self::Charge(_)
            | Self::Authorize(_)
            | Self::Capture(_)
            | Self::Ship(_)
            | Self::Run(_) => None,
        }
    }

    /// Its body as it is sent. Structs of strings, integers and lists always serialise.
    pub fn body(&self) -> String {
        match self {
            Self::Reserve(body) => serde_json::to_string(body),
            Self::Charge(body) | Self::Authorize(body) => serde_json::to_string(body),
            Self::Capture(body) => serde_json::to_string(body),
            Self::Refund(body) => serde_json::to_string(body),
            Self::Ship(body) => serde_json::to_string(body),
            Self::Release(body) | Self::Void(body) | Self::CancelShipment(body) => serde_json::to_string(body),
            Self::Run(body) => serde_json::to_string(body),
            Self::Undo(body) => serde_json::to_string(body),
        }
        .unwrap_or_default()
    }
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("the body is not what this action takes: {error}"))
}

/// Reads an answer that is a JSON object. (serde would take an array for a struct as well, field by field.)
fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    serde_json::from_slice(body).ok()
}

/// A field that earlier contracts did not name: whoever used its word otherwise, or for nothing, has not told it.
fn where_told<'de, D: serde::Deserializer<'de>, T: Default + serde::de::DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let told = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(told).unwrap_or_default())
}

/// The body of 200: the step is done, now or before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The participant's name for it.
    pub reference: String,
    /// The order that it was done for. The caller believes no answer that tells of another order, amount, currency or
    /// customer than it asked for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub order_id: Option<String>,
    /// Minor units that it held or moved.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub amount: Option<i64>,
    /// The ISO 4217 code of `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub currency: Option<String>,
    /// Who pays. It counts where the order is told too.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub customer_id: Option<String>,
    /// Of an undo: no step that it names was ever heard of, and each will be refused for ever.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tombstone: bool,
    /// Of a void: minor units that the payment had moved in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured: Option<i64>,
    /// Of a void: minor units of these that have been given back, which is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<i64>,
    /// Of an authorisation: for how many milliseconds the money is held, from when it took effect; absent where that is
    /// not known. A span, since clocks differ; and the same in each repeat of the answer, since the engine counts from
    /// the time at which it intended the call, which is never later than the effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<i64>,
}

impl Done {
    /// A success with this reference, and nothing told beside it.
    pub fn new(reference: impl Into<String>) -> Self {
        Self {
            reference: reference.into(),
            order_id: None,
            amount: None,
            currency: None,
            customer_id: None,
            tombstone: false,
            captured: None,
            refunded: None,
            expires_in_ms: None,
        }
    }
}

/// The body of 202: accepted, the outcome follows under the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The participant's name for it, where it has one already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The body of 402, 409 and 422: the participant will not do it, for a reason of its business. Final for this key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// A word for programs, like `card_declined`.
    pub reason: String,
    /// Where the reason is `out_of_stock`: what is missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortages: Vec<Shortage>,
}

impl Refusal {
    /// A refusal for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), shortages: Vec::new() }
    }
}

/// A SKU of which there is too little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// The stock keeping unit.
    pub sku: String,
    /// Units asked for.
    pub requested: i64,
    /// Units that could be had.
    pub available: i64,
}

/// The body of `GET {url}/operations/{order_id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// The order that was asked about.
    pub order_id: String,
    /// What became of its steps, in order of effect; empty where none was ever heard of.
    pub operations: Vec<Operation>,
}

impl Operations {
    /// Reads the answer to a look-up; `None` where it is none. 404 and the like may come from a proxy: a participant says
    /// that it never heard of an order by an empty list.
    pub fn read(status: u16, body: &[u8]) -> Option<Self> {
        if status == 200 { object(body) } else { None }
    }
}

/// One operation that took effect or was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The key that it was sent under.
    pub key: Uuid,
    /// What was done. A void that gave money back shows as `refund`.
    pub action: ContractAction,
    /// Whether it took effect or was refused.
    pub outcome: OperationOutcome,
    /// The order that it was for.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub order_id: Option<String>,
    /// The participant's name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Minor units that it held or moved; of a refusal, that it was to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The ISO 4217 code of `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub currency: Option<String>,
    /// Who pays, where the participant knows. It counts where the order is told too.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "where_told")]
    pub customer_id: Option<String>,
    /// The goods of a reservation or a parcel, in any division.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "where_told")]
    pub lines: Vec<Line>,
    /// Why it was refused; absent where it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of an undo: the key of the step that was undone, or that the tombstone stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Uuid>,
    /// Whether it only left a tombstone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tombstone: bool,
    /// Of an authorisation: for how many milliseconds the money is held, from when it took effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<i64>,
    /// When it took effect or was refused: RFC 3339, by the participant's clock.
    pub at: String,
}

/// The body of the webhook that a participant may send when an operation has an outcome. It is a hint to look: the
/// receiver trusts only what it then asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// `operation.updated`
    #[serde(rename = "type")]
    pub kind: String,
    /// When the event happened: RFC 3339, by the participant's clock.
    pub timestamp: String,
    /// The order that the operation belongs to.
    pub order_id: String,
    /// The key of the operation that has an outcome.
    pub key: Uuid,
    /// The action of that operation.
    pub action: ContractAction,
}

/// The body of an error that is no outcome: RFC 9457 problem details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractProblem {
    /// `urn:counterfoil:problem:<code>`
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is, in words.
    pub title: String,
    /// The HTTP status again.
    pub status: u16,
    /// What is wrong here, in words.
    pub detail: String,
    /// What it is, for programs.
    pub code: String,
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContractAnswer {
    /// The step is done.
    Done(Done),
    /// The step is accepted; repeat the call or look up the operations.
    Pending(Pending),
    /// The step is refused for good.
    Refused {
        /// The status of the answer: 402, 409 or 422.
        status: u16,
        /// The reason, and what was short.
        refusal: Refusal,
    },
    /// The key, or one that the call names, stands for other content there: no outcome, and none to be had by a repeat.
    Contradicted {
        /// [`KEY_REUSED`] or [`WRONG_STEP`].
        code: &'static str,
    },
    /// Nothing is known: the same call may be repeated under the same key.
    Unknown {
        /// What came instead of an outcome.
        status: u16,
    },
}

impl ContractAnswer {
    /// Reads an answer: 2xx with a reference is done, 202 is pending, 402, 409 and 422 with a reason are refusals, 400 (or
    /// 409 or 422) that says in so many words that the key stands for other content is a contradiction, and everything
    /// else is unknown. (What never came, a timeout or a broken connection, is unknown as well.)
    pub fn read(status: u16, body: &[u8]) -> Self {
        if let Some(code) = contradiction(status, body) {
            return Self::Contradicted { code };
        }
        match status {
            202 => Self::Pending(object(body).unwrap_or(Pending { reference: None })),
            200..=299 => object(body).map_or(Self::Unknown { status }, Self::Done),
            402 | 409 | 422 => match object::<Refusal>(body) {
                Some(refusal) if !refusal.reason.is_empty() => Self::Refused { status, refusal },
                Some(_) | None => Self::Unknown { status },
            },
            _ => Self::Unknown { status },
        }
    }
}

/// What a problem's code, or a refusal's reason, says of the key. Other providers say it with other statuses.
fn contradiction(status: u16, body: &[u8]) -> Option<&'static str> {
    if !matches!(status, 400 | 409 | 422) {
        return None;
    }
    let told: serde_json::Map<String, serde_json::Value> = object(body)?;
    let said = |word: &str| [told.get("code"), told.get("reason")].into_iter().flatten().any(|told| told == word);
    [KEY_REUSED, WRONG_STEP].into_iter().find(|word| said(word))
}
