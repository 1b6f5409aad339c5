//! What a client asks for, parsed, with defaults filled in; and its fingerprint, by which a repeat is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ids::Sku;
use super::money::{Amount, Currency};

/// One line of an order. The same SKU may stand in several lines at different prices; stock is counted per SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "WrittenLine", try_from = "WrittenLine")]
pub struct Line {
    /// What is bought.
    pub sku: Sku,
    /// How many units: 1..=1,000,000,000.
    pub quantity: i64,
    /// What it costs.
    pub price: Price,
}

/// What a line costs, as its client says it. The two are different contents, also where they come to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Price {
    /// `unit_price`: one of them, in minor units; free where 0.
    Unit(i64),
    /// `amount`: the whole line, in minor units, as what has no price of its own costs ("3 for 10.00"); free where 0.
    Whole(i64),
}

impl Price {
    /// The field that says it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Unit(_) => "unit_price",
            Self::Whole(_) => "amount",
        }
    }
}

impl Line {
    /// A line that says what one of them costs.
    pub fn priced(sku: Sku, quantity: i64, unit_price: i64) -> Self {
        Self { sku, quantity, price: Price::Unit(unit_price) }
    }

    /// What it costs in all. Exact: a product of two 64-bit numbers fits.
    pub fn amount(&self) -> i128 {
        match self.price {
            Price::Unit(unit_price) => i128::from(self.quantity) * i128::from(unit_price),
            Price::Whole(amount) => i128::from(amount),
        }
    }
}

/// A line as JSON has it.
#[derive(Serialize, Deserialize)]
struct WrittenLine {
    sku: Sku,
    quantity: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unit_price: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
}

impl From<Line> for WrittenLine {
    fn from(Line { sku, quantity, price }: Line) -> Self {
        let (unit_price, amount) = match price {
            Price::Unit(unit_price) => (Some(unit_price), None),
            Price::Whole(amount) => (None, Some(amount)),
        };
        Self { sku, quantity, unit_price, amount }
    }
}

impl TryFrom<WrittenLine> for Line {
    type Error = &'static str;

    fn try_from(WrittenLine { sku, quantity, unit_price, amount }: WrittenLine) -> Result<Self, Self::Error> {
        let price = match (unit_price, amount) {
            (Some(unit_price), None) => Price::Unit(unit_price),
            (None, Some(amount)) => Price::Whole(amount),
            (Some(_), Some(_)) | (None, None) => return Err("a line has exactly one of unit_price and amount"),
        };
        Ok(Self { sku, quantity, price })
    }
}

/// What an [`Adjustment`] is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdjustmentKind {
    /// A voucher or a rebate.
    Discount,
    /// Carriage.
    Shipping,
    /// Taxes that are named apart from the prices.
    Tax,
    /// What is none of the others.
    Other,
}

impl AdjustmentKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [Self; 4] = [Self::Discount, Self::Shipping, Self::Tax, Self::Other];

    /// The word of this kind, as in requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discount => "discount",
            Self::Shipping => "shipping",
            Self::Tax => "tax",
            Self::Other => "other",
        }
    }
}

/// What an order costs beside its lines, or less than they do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// What it is for. It says nothing of the sign.
    pub kind: AdjustmentKind,
    /// In the client's words, 1..=64 characters.
    pub label: Arc<str>,
    /// In minor units, not 0; below 0 it takes away.
    pub amount: i64,
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
    /// The name of whoever receives the parcel.
    pub name: Arc<str>,
    /// Street and number.
    pub line1: Arc<str>,
    /// A second address line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<Arc<str>>,
    /// The town or city.
    pub city: Arc<str>,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Arc<str>>,
    /// The postal code, as its country writes it.
    pub postal_code: Arc<str>,
    /// ISO 3166-1 alpha-2 code.
    pub country: Arc<str>,
    /// An address of mail, for the carrier's messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Arc<str>>,
    /// A telephone number, for the carrier's calls.
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
    /// The client's own labels, which the engine keeps and never interprets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// What the order costs beside its lines, in the client's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<Adjustment>,
}

/// The content of an order, as a client submitted it: checked, defaults filled in, unchangeable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The buyer, in the client's own numbering.
    pub customer_id: Arc<str>,
    /// The currency of its amount, and of every price and adjustment in it.
    pub currency: Currency,
    /// 1..=1000 lines, distinct by SKU and [`Price`], in the client's order.
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

/// The first version of the program that reads [`Request::newer_field`], and a refund of nothing.
pub const NEWER_FIELDS_SINCE: &str = "0.4.0";

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
    /// What it costs: lines and adjustments, in whatever order they stand. `None` where they cost nothing, or less, or
    /// more than is exact (checked when the request is parsed).
    pub fn amount(&self) -> Option<Amount> {
        let lines = Amount::sum(self.lines.iter().map(Line::amount))?;
        let adjusted = self.details.adjustments.iter().map(|adjustment| i128::from(adjustment.amount));
        let adjusted = Amount::sum(std::iter::once(i128::from(lines.0)).chain(adjusted));
        adjusted.filter(|amount| !amount.is_zero())
    }

    /// JSON pointer to the first field that programs before [`NEWER_FIELDS_SINCE`] cannot read, and what it is: such an order is taken once
    /// none of them may run beside this one.
    pub fn newer_field(&self) -> Option<(String, &'static str)> {
        let newer = |line: &Line| match line.price {
            Price::Unit(0) => Some("a unit_price of 0"),
            Price::Unit(_) => None,
            Price::Whole(_) => Some("a line's amount"),
        };
        let line = self.lines.iter().enumerate().find_map(|(index, line)| {
            let what = newer(line)?;
            Some((format!("/lines/{index}/{}", line.price.field()), what))
        });
        line.or_else(|| (!self.details.adjustments.is_empty()).then(|| ("/adjustments".to_owned(), "an adjustment")))
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
            "adjustments": self.details.adjustments,
        })
    }
}

impl Request {
    /// Whether the money waits for a capture.
    pub fn is_manual(&self) -> bool {
        self.details.capture == Capture::Manual
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(lines: &[(&str, i64, Price)]) -> Request {
        let lines = lines.iter().map(|(sku, quantity, price)| Line {
            sku: Sku::trusted(*sku),
            quantity: *quantity,
            price: *price,
        });
        let details = json!({
            "payment_method": "tok_1",
            "ship_to": {"name": "Ada", "line1": "1 Road", "city": "London", "postal_code": "N1", "country": "GB"},
        });
        Request {
            customer_id: "cus-7".into(),
            currency: Currency::trusted("USD").expect("a currency"),
            lines: lines.collect(),
            details: serde_json::from_value(details).expect("details"),
        }
    }

    fn adjusted(amounts: &[i64]) -> Request {
        let adjustment = |amount: &i64| Adjustment { kind: AdjustmentKind::Other, label: "x".into(), amount: *amount };
        let mut request = request(&[("A", 2, Price::Unit(500))]);
        request.details.adjustments = amounts.iter().map(adjustment).collect();
        request
    }

    #[test]
    fn an_order_costs_its_lines_and_adjustments_and_not_nothing() {
        assert_eq!(request(&[("A", 3, Price::Unit(500)), ("B", 3, Price::Whole(100))]).amount(), Some(Amount(1600)));
        assert_eq!(adjusted(&[-300, 50]).amount(), Some(Amount(750)));
        assert_eq!(adjusted(&[-999]).amount(), Some(Amount(1)));
        for nothing in [vec![-1000], vec![-1001], vec![i64::MAX]] {
            assert_eq!(adjusted(&nothing).amount(), None, "{nothing:?}");
        }
        let quantities =
            request(&[("A", 2, Price::Unit(1)), ("B", 1, Price::Unit(1)), ("A", 3, Price::Unit(2))]).quantities();
        assert_eq!(quantities, [("A", 5), ("B", 1)].map(|(sku, units)| (Sku::trusted(sku), units)).into());
    }

    /// Programs that cannot read such an order must not run beside one that takes it.
    #[test]
    fn what_earlier_programs_cannot_read_is_named() {
        let plain = ("A", 1, Price::Unit(1));
        let field = |request: &Request| request.newer_field().map(|(pointer, _)| pointer);
        assert_eq!(field(&request(&[plain])), None);
        assert_eq!(field(&request(&[plain, ("B", 1, Price::Unit(0))])), Some("/lines/1/unit_price".into()));
        assert_eq!(field(&request(&[plain, plain, ("B", 1, Price::Whole(5))])), Some("/lines/2/amount".into()));
        assert_eq!(field(&adjusted(&[1])), Some("/adjustments".into()));
    }

    /// A line has one price, and is read as it was written; a kind of adjustment is its word.
    #[test]
    fn a_line_is_read_as_it_was_written() {
        for (price, text) in [
            (Price::Unit(5), r#"{"sku":"A","quantity":2,"unit_price":5}"#),
            (Price::Whole(5), r#"{"sku":"A","quantity":2,"amount":5}"#),
        ] {
            let line = Line { sku: Sku::trusted("A"), quantity: 2, price };
            assert_eq!(serde_json::to_string(&line).expect("JSON"), text);
            assert_eq!(serde_json::from_str::<Line>(text).expect("a line"), line);
            assert!(text.contains(&format!("\"{}\":5", price.field())));
        }
        for wrong in [r#"{"sku":"A","quantity":2}"#, r#"{"sku":"A","quantity":2,"unit_price":5,"amount":10}"#] {
            assert!(serde_json::from_str::<Line>(wrong).is_err(), "{wrong}");
        }
        for kind in AdjustmentKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        }
    }

    /// What is left out where it says nothing keeps the fingerprint of orders that were sent before there was such a field.
    #[test]
    fn a_fingerprint_is_of_all_the_content_and_the_same_in_every_release() {
        let plain = request(&[("A", 2, Price::Unit(500))]);
        let stored = plain.stored();
        assert_eq!(stored.lines, r#"[{"sku":"A","quantity":2,"unit_price":500}]"#);
        let details = r#"{"payment_method":"tok_1","ship_to":{"name":"Ada","line1":"1 Road","city":"London","postal_code":"N1","country":"GB"}}"#;
        assert_eq!(stored.details, details);
        assert_eq!(stored.fingerprint.0[0], FINGERPRINT_VERSION);
        assert_eq!(
            data_encoding::HEXLOWER.encode(&stored.fingerprint.0[1..]),
            "0de7b02055f33a57e2dd018948c9086351569808dde0acf483504040621a6245"
        );
        let mut manual = plain.clone();
        manual.details.capture = Capture::Manual;
        assert!(manual.is_manual() && !plain.is_manual());
        assert!(manual.stored().details.contains(r#""capture":"manual""#));
        for other in [manual, adjusted(&[1]), request(&[("A", 1, Price::Unit(500)), ("A", 1, Price::Unit(500))])] {
            assert_ne!(other.stored().fingerprint, stored.fingerprint);
        }
    }

    #[test]
    fn what_differs_is_pointed_at() {
        let plain = request(&[("A", 2, Price::Unit(500)), ("B", 1, Price::Unit(1))]);
        assert_eq!(plain.differs(&plain), [""; 0]);
        let mut other = plain.clone();
        other.customer_id = "cus-8".into();
        other.lines[1].quantity = 2;
        other.details.metadata.insert("a/b~c".into(), "x".into());
        assert_eq!(plain.differs(&other), ["/customer_id", "/lines/1/quantity", "/metadata/a~1b~0c"]);
        let fewer = request(&[("A", 2, Price::Unit(500))]);
        assert_eq!(plain.differs(&fewer), ["/lines"], "lists of another length differ as a whole");
        let mut many = plain.clone();
        many.details.metadata.extend((0..30).map(|n| (format!("k{n:02}"), "x".to_owned())));
        assert_eq!(plain.differs(&many).len(), 20, "and so many are enough");
    }
}
