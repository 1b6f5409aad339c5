//! What the simulated participants keep: the lines of the ledger, one an effect, and of the outcomes file beside it,
//! which holds the answers that came with no effect (refusals, and undos of what was undone already).
//!
//! The first fields of a ledger line are published (`key order_id action amount? undoes? tombstone? at`); the rest is
//! what a restart needs to give the same answers. A step may take several lines (a void of several keys). They are
//! written at once, `more` says how many follow, and the last one bears the answer, so that a step whose end was lost
//! in a crash is told from one that is whole.

use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use counterfoil_engine::participants::contract::{
    ContractAction, ContractAnswer, ContractRequest, Done, Line, Refusal,
};

/// Milliseconds since 1970, in RFC 3339 on the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Stamp(pub i64);

impl Stamp {
    /// The wall clock's time. The participants are a world of their own, with a clock of their own.
    pub fn now() -> Self {
        Self(Timestamp::now().as_millisecond())
    }

    /// As RFC 3339 with milliseconds. Years that the format does not have show as 1970.
    pub fn text(self) -> String {
        format!("{:.3}", Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse::<Timestamp>().map(|stamp| Self(stamp.as_millisecond())).map_err(D::Error::custom)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// A line of the ledger: one effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The key of the call that had the effect.
    pub key: Uuid,
    /// The order that it was for.
    pub order_id: String,
    /// What happened. A void that gives money back is a `refund`.
    pub action: ContractAction,
    /// Minor units that were held (authorize) or moved (charge, capture, refund).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The key that was undone, or that a tombstone stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Uuid>,
    /// Nothing was undone: the key was unknown, and is refused from now on.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tombstone: bool,
    /// When it took effect.
    pub at: Stamp,
    /// Counts the lines of both files, from 1.
    pub seq: u64,
    /// Lines of the same step that follow.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: u32,
    /// What the call was, where its effect is called otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<ContractAction>,
    /// The name that the simulator gave to the effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The ISO 4217 code of `amount`; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Of a charge or an authorisation: who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// Of a reservation or a parcel.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// Of a charge or an authorisation: refunds of it may be told to fail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<String>,
    /// Of a capture: the key of the authorisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<Uuid>,
    /// Of the call's content, by which a repeat is told from another call.
    pub fingerprint: String,
    /// The answer, on a step's last line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Done>,
}

/// A line of the outcomes file: an answer that came with no effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeLine {
    /// The key that the call came under.
    pub key: Uuid,
    /// The order that it was for.
    pub order_id: String,
    /// What the call asked for.
    pub action: ContractAction,
    /// Minor units that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The ISO 4217 code of `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Who was to pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The goods that were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// The first key that was to be undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Uuid>,
    /// When it was answered.
    pub at: Stamp,
    /// Counts the lines of both files, from 1.
    pub seq: u64,
    /// The fingerprint of the call's content, by which a repeat is told from another call.
    pub fingerprint: String,
    /// What was answered.
    pub outcome: EffectlessOutcome,
}

/// An answer without an effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectlessOutcome {
    /// 200: it was undone already, or never done.
    Done(Done),
    /// The refusal, with its status.
    Refused {
        /// 402, 409 or 422.
        status: u16,
        /// The body of that answer.
        #[serde(flatten)]
        refusal: Refusal,
    },
}

impl EffectlessOutcome {
    /// The status and body that this outcome is answered with.
    pub fn answer(&self) -> ContractAnswer {
        match self {
            Self::Done(done) => ContractAnswer::Done(done.clone()),
            Self::Refused { status, refusal } => ContractAnswer::Refused { status: *status, refusal: refusal.clone() },
        }
    }
}

/// A line of either file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerRecord {
    /// A line of the ledger.
    Effect(LedgerLine),
    /// A line of the outcomes file.
    Outcome(OutcomeLine),
}

impl LedgerRecord {
    /// Its place in the order of everything that happened.
    pub fn seq(&self) -> u64 {
        match self {
            Self::Effect(line) => line.seq,
            Self::Outcome(line) => line.seq,
        }
    }

    /// When it happened.
    pub fn at(&self) -> Stamp {
        match self {
            Self::Effect(line) => line.at,
            Self::Outcome(line) => line.at,
        }
    }

    /// As a line of its file, with its end. Structs of strings, integers and lists always serialise.
    pub fn text(&self) -> String {
        let text = match self {
            Self::Effect(line) => serde_json::to_string(line),
            Self::Outcome(line) => serde_json::to_string(line),
        };
        text.unwrap_or_default() + "\n"
    }
}

/// What a key stands for: 128 bits of SHA-256 over action, order, money, goods and the keys that are undone, in hex.
/// References and addresses are left out: the caller may know more of them in a repeat.
pub fn fingerprint(request: &ContractRequest) -> String {
    let undone: Vec<Uuid> = request.undoes().unwrap_or_default().iter().map(|step| step.key).collect();
    let money = match request {
        ContractRequest::Charge(body) | ContractRequest::Authorize(body) => {
            Some((&body.currency, Some(&body.payment_method), None))
        }
        ContractRequest::Capture(body) => Some((&body.currency, None, Some(body.authorization.key))),
        ContractRequest::Refund(body) => Some((&body.currency, None, None)),
        ContractRequest::Reserve(_)
        | ContractRequest::Ship(_)
        | ContractRequest::Release(_)
        | ContractRequest::Void(_)
        | ContractRequest::CancelShipment(_)
        | ContractRequest::Run(_)
        | ContractRequest::Undo(_) => None,
    };
    let content = (request.action(), request.order_id(), request.amount(), money, request.lines(), undone);
    // A tuple of strings, integers and lists always serialises.
    let text = serde_json::to_string(&content).unwrap_or_default();
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..16])
}
