//! The request that the load generator sends, built once: only the order's id and its SKUs change from order
//! to order, in place, since the generator shares the cores with what it measures.

use std::ops::Range;

/// Units of each line; with [`UNIT_PRICE`] it gives the amount that a right answer names.
pub const QUANTITY: u64 = 2;
/// In minor units.
pub const UNIT_PRICE: u64 = 1999;

const ID: &str = "ORD-0000000000";
const SKU: &str = "SKU-0000";

/// One order as bytes on the wire.
pub struct LoadRequest {
    bytes: Vec<u8>,
    id: Range<usize>,
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
            skus: text.match_indices(SKU).map(at).collect(),
            bytes: text.into_bytes(),
        }
    }

    /// Makes this order `number`, its lines the SKUs `first_sku`, `first_sku + 1`, ... of 1,000 (counted from 0).
    pub fn set(&mut self, number: u64, first_sku: u64) {
        write_digits(&mut self.bytes[self.id.clone()], number);
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
