//! The request that the load generator sends, built once: only the order's id and its SKUs change from order
//! to order, in place, since the generator shares the cores with what it measures.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use clap::ValueEnum;
use counterfoil_engine::limits;
use serde::Serialize;

/// Units of each line; with [`UNIT_PRICE`] it gives the amount that a right answer names.
pub const QUANTITY: u64 = 2;
/// In minor units.
pub const UNIT_PRICE: u64 = 1999;

/// What there is where nothing else is said: more than any order has lines.
const SKUS: u64 = 1_000;
const ID: &str = "ORD-0000000000";
const SKU: &str = "SKU-000000";

/// How the ids of orders that come one after the other lie to one another.
#[derive(ValueEnum, Serialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Ids {
    /// Each behind all before it.
    #[default]
    Time,
    /// Scattered over all that there are, as random ones are; the same in each run.
    Random,
}

impl Ids {
    /// How many there are.
    pub const ALL: u64 = 10_000_000_000;
    /// From one to the next: it has no divisor in common with [`Ids::ALL`], so that each comes once, and their quotient is
    /// near the golden ratio's, so that each lands far from those before it.
    pub const STEP: u64 = 6_180_339_887;

    /// What it is called.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Random => "random",
        }
    }

    /// The number that the order of this number goes by.
    fn of(self, number: u64) -> u64 {
        match self {
            Self::Time => number,
            Self::Random => {
                u64::try_from(u128::from(number) * u128::from(Self::STEP) % u128::from(Self::ALL)).unwrap_or(0)
            }
        }
    }
}

/// Lines of real invoices, by hundredths of them: 3,745 sales of the first quarter of the Online Retail data set (Chen 2015,
/// doi:10.24432/C5BW33), rows of one SKU and price taken together.
const REAL_LINES: [u16; 101] = [
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10,
    10, 11, 11, 11, 12, 12, 12, 13, 13, 14, 14, 14, 15, 15, 15, 16, 16, 16, 17, 17, 17, 18, 18, 19, 19, 20, 20, 21, 21,
    22, 23, 23, 24, 25, 26, 27, 28, 28, 29, 30, 31, 32, 33, 34, 36, 38, 39, 41, 42, 44, 46, 48, 51, 53, 57, 62, 67, 74,
    89, 115, 149, 346, 675,
];

/// How many lines an order has.
#[derive(Serialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Lines {
    /// So many.
    Fixed(u16),
    /// As many as a real invoice, drawn anew for each.
    Invoices,
}

impl Lines {
    /// As many as the real invoice has that this draw, from all that 64 bits can be, falls on.
    #[must_use]
    pub fn of_invoice(draw: u64) -> u16 {
        REAL_LINES[(draw % REAL_LINES.len() as u64) as usize]
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(lines) => write!(f, "{lines} line(s) an order"),
            Self::Invoices => f.write_str("as many lines an order as real invoices have"),
        }
    }
}

impl FromStr for Lines {
    type Err = String;

    /// A number from 1 to [`LINES`](limits::LINES), or `invoices`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "invoices" {
            return Ok(Self::Invoices);
        }
        let lines = text.parse().ok().filter(|lines| (1..=limits::LINES).contains(&usize::from(*lines)));
        lines.map(Self::Fixed).ok_or_else(|| format!("it is a number from 1 to {}, or `invoices`", limits::LINES))
    }
}

/// One order as bytes on the wire.
pub struct LoadRequest {
    bytes: Vec<u8>,
    id: Range<usize>,
    ids: Ids,
    skus: Vec<Range<usize>>,
    /// How many there are; the first follows the last.
    of: u64,
    amount: String,
}

impl LoadRequest {
    /// One of so many lines, which is to be [set](Self::set) before it is sent.
    pub fn new(lines: u16) -> Self {
        Self::with_header(lines, "")
    }

    /// As [`LoadRequest::new`], with further headers, each with its line end.
    pub fn with_header(lines: u16, headers: &str) -> Self {
        let body = body(lines);
        let text = format!(
            "POST /orders HTTP/1.1\r\nhost: localhost\r\n{headers}content-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let at = |(start, found): (usize, &str)| start..start + found.len();
        Self {
            id: text.match_indices(ID).map(at).next().expect("the body names the order"),
            ids: Ids::Time,
            of: SKUS,
            skus: text.match_indices(SKU).map(at).collect(),
            amount: format!("\"amount\":{}", u64::from(lines) * QUANTITY * UNIT_PRICE),
            bytes: text.into_bytes(),
        }
    }

    /// The same with ids that lie so.
    #[must_use]
    pub fn with_ids(self, ids: Ids) -> Self {
        Self { ids, ..self }
    }

    /// The same with lines of so many SKUs, 1,000 at least and 999,999 at most.
    #[must_use]
    pub fn with_skus(self, skus: u64) -> Self {
        Self { of: skus.clamp(SKUS, 999_999), ..self }
    }

    /// Makes this order `number`, its lines the SKUs `first_sku`, `first_sku + 1`, ... of all (counted from 0).
    pub fn set(&mut self, number: u64, first_sku: u64) {
        write_digits(&mut self.bytes[self.id.clone()], self.ids.of(number));
        for (line, place) in (0..).zip(&self.skus) {
            write_digits(&mut self.bytes[place.clone()], (first_sku + line) % self.of + 1);
        }
    }

    /// What is sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many lines it has.
    pub fn lines(&self) -> u16 {
        self.skus.len() as u16
    }

    /// The member of a right answer that says what it costs.
    pub fn amount(&self) -> &[u8] {
        self.amount.as_bytes()
    }

    /// The order_id that is set.
    pub fn order_id(&self) -> &[u8] {
        &self.bytes[self.id.clone()]
    }
}

/// The body of the interface's own example, with as many lines as asked for.
fn body(lines: u16) -> String {
    let line = format!(r#"{{"sku":"{SKU}","quantity":{QUANTITY},"unit_price":{UNIT_PRICE}}}"#);
    let lines = vec![line; usize::from(lines)].join(",");
    format!(
        concat!(
            r#"{{"order_id":"{}","customer_id":"cus-7","currency":"USD","lines":[{}],"payment_method":"pm_ok","#,
            r#""capture":"automatic","ship_to":{{"name":"A","line1":"1 Road","city":"X","postal_code":"1","#,
            r#""country":"US"}},"metadata":{{"channel":"web"}}}}"#
        ),
        ID, lines
    )
}

/// Writes `number` over the digits after the `-` in `place`, zeros before it.
fn write_digits(place: &mut [u8], mut number: u64) {
    for digit in place[4..].iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}
