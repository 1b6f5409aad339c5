//! What a client asks for, parsed, with defaults filled in; and its fingerprint, by which a repeat is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::Sku;
use super::money::{Amount, Currency};

/// One line of an order. The same SKU may stand in several lines at different prices; stock is counted per SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What is bought.
    pub sku: Sku,
    /// How many, 1..=1,000,000,000.
    pub quantity: i64,
    /// The price of one, in minor units, at least 1.
    pub unit_price: i64,
}

/// When the money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Capture {
    /// Charged as a step of the saga.
    #[default]
    Automatic,
    /// Authorised as a step of the saga, captured by a later command.
    Manual,
}

impl Capture {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Where the parcel goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The addressee.
    pub name: Arc<str>,
    /// Street and number.
    pub line1: Arc<str>,
    /// A second address line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<Arc<str>>,
    /// Town.
    pub city: Arc<str>,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Arc<str>>,
    /// Postal code.
    pub postal_code: Arc<str>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Arc<str>,
    /// For the carrier's messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Arc<str>>,
    /// For the carrier's calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Arc<str>>,
}

/// What of a request is neither lines nor a column of its own: the `details` text of the orders table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// A token of the payment participant; the engine never interprets what it sends to a remote one.
    pub payment_method: Arc<str>,
    /// When the money moves. Left out where it is the default, so that the fingerprint outlives new optional fields.
    #[serde(default, skip_serializing_if = "Capture::is_default")]
    pub capture: Capture,
    /// Where the parcel goes.
    pub ship_to: Address,
    /// The client's own labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
}

/// The content of an order, as a client submitted it: checked, defaults filled in, unchangeable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The buyer, in the client's own numbering.
    pub customer_id: Arc<str>,
    /// Of all the amounts.
    pub currency: Currency,
    /// 1..=1000 lines, distinct by SKU and price, in the client's order.
    pub lines: Vec<Line>,
    /// Payment, address, labels.
    pub details: Details,
}

/// A versioned fingerprint of a request's content: one version byte, then SHA-256. Stored with the order, so that a
/// repeat can be told from another request under the same name.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 33]);

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fingerprint({})", data_encoding::HEXLOWER.encode(&self.0[..5]))
    }
}

/// The version of [`Request::stored`]'s fingerprint; a change of what is hashed needs a new one, and the old one kept for the
/// rows that bear it.
pub const FINGERPRINT_VERSION: u8 = 1;

/// The texts under which a request is stored, and over which its fingerprint is made: serialised once.
#[derive(Debug, Clone)]
pub struct Stored {
    /// JSON array of the lines.
    pub lines: String,
    /// JSON object of [`Details`].
    pub details: String,
    /// Over customer, currency, lines and details.
    pub fingerprint: Fingerprint,
}

impl Request {
    /// The sum of the lines; `None` where it overflows (checked when the request is parsed).
    pub fn amount(&self) -> Option<Amount> {
        Amount::sum(self.lines.iter().map(|line| (line.quantity, line.unit_price)))
    }

    /// The quantity of each SKU over all lines, in SKU order: the order in which stock rows are locked.
    pub fn quantities(&self) -> BTreeMap<Sku, i64> {
        let mut quantities = BTreeMap::new();
        for line in &self.lines {
            *quantities.entry(line.sku.clone()).or_insert(0i64) += line.quantity;
        }
        quantities
    }

    /// The texts to store. Serialising a value made of strings, integers and maps with string keys cannot fail.
    pub fn stored(&self) -> Stored {
        let lines = serde_json::to_string(&self.lines).unwrap_or_default();
        let details = serde_json::to_string(&self.details).unwrap_or_default();
        let mut hash = Sha256::new();
        for part in [&*self.customer_id, self.currency.as_str(), &lines, &details] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut fingerprint = [FINGERPRINT_VERSION; 33];
        fingerprint[1..].copy_from_slice(&hash.finalize());
        Stored { lines, details, fingerprint: Fingerprint(fingerprint) }
    }

    /// JSON pointers to the fields in which two requests differ, for their owner's eyes.
    pub fn differs(&self, other: &Self) -> Vec<String> {
        fn pointers(at: &str, a: &serde_json::Value, b: &serde_json::Value, found: &mut Vec<String>) {
            use serde_json::Value::{Array, Object};
            match (a, b) {
                (Object(a), Object(b)) => {
                    let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
                    for key in keys {
                        let null = serde_json::Value::Null;
                        let escaped = key.replace('~', "~0").replace('/', "~1"); // RFC 6901
                        let (a, b) = (a.get(key).unwrap_or(&null), b.get(key).unwrap_or(&null));
                        pointers(&format!("{at}/{escaped}"), a, b, found);
                    }
                }
                (Array(a), Array(b)) if a.len() == b.len() => {
                    for (index, (a, b)) in a.iter().zip(b).enumerate() {
                        pointers(&format!("{at}/{index}"), a, b, found);
                    }
                }
                (a, b) if a != b => found.push(at.to_owned()),
                _ => {}
            }
        }
        let mut found = Vec::new();
        pointers("", &self.to_json(), &other.to_json(), &mut found);
        found.truncate(20);
        found
    }

    /// The request as the JSON object that a client would send for it, all defaults written out.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "customer_id": self.customer_id,
            "currency": self.currency,
            "lines": self.lines,
            "payment_method": self.details.payment_method,
            "capture": self.details.capture,
            "ship_to": self.details.ship_to,
            "metadata": self.details.metadata,
        })
    }
}

impl Request {
    /// Whether the money waits for a capture.
    pub fn is_manual(&self) -> bool {
        self.details.capture == Capture::Manual
    }
}
