//! The request that the load generator sends, built once: only the order's id and its SKUs change from order
//! to order, in place, since the generator shares the cores with what it measures.

use std::ops::Range;

use clap::ValueEnum;
use serde::Serialize;

/// Units of each line; with [`UNIT_PRICE`] it gives the amount that a right answer names.
pub const QUANTITY: u64 = 2;
/// In minor units.
pub const UNIT_PRICE: u64 = 1999;

const ID: &str = "ORD-0000000000";
const SKU: &str = "SKU-0000";

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

/// One order as bytes on the wire.
pub struct LoadRequest {
    bytes: Vec<u8>,
    id: Range<usize>,
    ids: Ids,
    skus: Vec<Range<usize>>,
}

impl LoadRequest {
    /// One of so many lines, which is to be [set](Self::set) before it is sent.
    pub fn new(lines: u64) -> Self {
        Self::with_header(lines, "")
    }

    /// As [`LoadRequest::new`], with further headers, each with its line end.
    pub fn with_header(lines: u64, headers: &str) -> Self {
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
            skus: text.match_indices(SKU).map(at).collect(),
            bytes: text.into_bytes(),
        }
    }

    /// The same with ids that lie so.
    #[must_use]
    pub fn with_ids(self, ids: Ids) -> Self {
        Self { ids, ..self }
    }

    /// Makes this order `number`, its lines the SKUs `first_sku`, `first_sku + 1`, ... of 1,000 (counted from 0).
    pub fn set(&mut self, number: u64, first_sku: u64) {
        write_digits(&mut self.bytes[self.id.clone()], self.ids.of(number));
        for (line, place) in (0..).zip(&self.skus) {
            write_digits(&mut self.bytes[place.clone()], (first_sku + line) % 1000 + 1);
        }
    }

    /// What is sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The order_id that is set.
    pub fn order_id(&self) -> &[u8] {
        &self.bytes[self.id.clone()]
    }
}

/// The body of the interface's own example, with as many lines as asked for.
fn body(lines: u64) -> String {
    let line = format!(r#"{{"sku":"{SKU}","quantity":{QUANTITY},"unit_price":{UNIT_PRICE}}}"#);
    let lines = vec![line; lines as usize].join(",");
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
