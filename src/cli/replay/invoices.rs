//! From the rows of a CSV to orders: pure, no clock, no network.
//!
//! Real invoices are untidy, and this file decides what becomes of that, so that the decision can be tested:
//!
//! - A row that is no sale is skipped and counted by its reason ([`RowSkip`]); its invoice stays.
//! - Rows of an invoice with the same SKU and unit price become one line; its quantity is their sum. The same SKU at
//!   another price is another line. Lines stand in the order of their first row.
//! - An invoice's rows need not be neighbours in the file. Orders stand in the order of the invoices' first rows.
//! - A cancellation (`C...`) becomes a return (`returns.rs` says of which sale); its quantities stand below zero.
//! - An invoice that cannot be an order is skipped whole and counted by its reason ([`InvoiceSkip`]).
//!
//! Money is parsed from its decimal digits into pennies; no float is ever involved. The same file always gives the
//! same orders, byte for byte: a second replay relies on it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use csv::ByteRecord;
use rustc_hash::FxHashMap;

use super::country::{self, Country};
use super::returns::Return;

/// The most lines that the server takes in one order.
const MAX_LINES: usize = 1000;

/// The most characters of a SKU and of an order_id.
const MAX_ID_CHARS: usize = 64;

/// Who bought, where the file does not say.
pub const GUEST: &str = "guest";

/// An invoice as an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The prefix of the run and the invoice's number.
    pub order_id: String,
    /// The customer's number, or `guest`.
    pub customer_id: String,
    /// The date of the first row that is a sale, as it stands in the file.
    pub invoice_date: String,
    /// Where the goods go.
    pub country: Country,
    /// 1 to 1000 lines, distinct by SKU and unit price.
    pub lines: Vec<Line>,
    /// The sum of quantity times unit price over the lines, in pennies.
    pub amount: i64,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The stock code, without spaces around it; case-sensitive.
    pub sku: String,
    /// Units, above zero.
    pub quantity: i64,
    /// Pennies, above zero.
    pub unit_price: i64,
}

impl Order {
    /// Units per SKU, whatever their prices: stock is counted by SKU.
    #[must_use]
    pub fn units_by_sku(&self) -> BTreeMap<&str, i64> {
        let mut units = BTreeMap::new();
        for line in &self.lines {
            // The units of an order were added up with checks when it was built.
            *units.entry(line.sku.as_str()).or_insert(0) += line.quantity;
        }
        units
    }
}

/// Why a row is no sale. Ordered as tried: a row with two reasons counts under the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowSkip {
    /// Another number of fields than the heading, or no invoice number.
    Malformed,
    /// The stock code is empty, longer than 64 characters, not UTF-8 or holds control characters.
    StockCode,
    /// The quantity is no whole number of 64 bits.
    QuantityUnreadable,
    /// A correction of stock, a return.
    QuantityNotPositive,
    /// The price is no decimal number.
    PriceUnreadable,
    /// A gift, a sample, a correction.
    PriceNotPositive,
    /// The price has a fraction of a penny, which no minor unit expresses.
    PriceBelowPenny,
}

impl fmt::Display for RowSkip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "malformed row",
            Self::StockCode => "unusable stock code",
            Self::QuantityUnreadable => "unreadable quantity",
            Self::QuantityNotPositive => "quantity not above zero",
            Self::PriceUnreadable => "unreadable price",
            Self::PriceNotPositive => "price not above zero",
            Self::PriceBelowPenny => "price with a fraction of a penny",
        })
    }
}

/// Why an invoice is no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InvoiceSkip {
    /// None of its rows is a sale.
    NoSale,
    /// The prefix and its number do not make an order_id that the server takes.
    OrderId,
    /// More lines than the server takes in one order.
    TooManyLines,
    /// Its units or its amount leave 64 bits.
    Overflow,
}

impl fmt::Display for InvoiceSkip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSale => "no row that is a sale",
            Self::OrderId => "number unusable as an order_id",
            Self::TooManyLines => "more than 1,000 lines",
            Self::Overflow => "sum out of range",
        })
    }
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Invoices {
    /// What can be submitted.
    pub orders: Vec<Order>,
    /// The cancellations.
    pub returns: Vec<Return>,
    /// Rows below the heading.
    pub rows: u64,
    /// Rows of cancellations.
    pub cancellation_rows: u64,
    /// Rows of other invoices that are no sale.
    pub skipped_rows: BTreeMap<RowSkip, u64>,
    /// Distinct invoice numbers, cancellations included.
    pub invoices: u64,
    /// Distinct numbers that begin with C.
    pub cancellations: u64,
    /// Other invoices that are no order.
    pub skipped_invoices: BTreeMap<InvoiceSkip, u64>,
}

/// Why a file cannot be read as invoices at all.
#[derive(Debug, thiserror::Error)]
pub enum InvoicesError {
    /// The heading lacks a column.
    #[error("there is no column {0}; the heading must name {columns}", columns = COLUMNS.join(", "))]
    Column(&'static str),
    /// The CSV reader gave up: the file broke off, or is no gzip where it says so.
    #[error("the file cannot be read to its end")]
    Csv(#[source] csv::Error),
}

const COLUMNS: [&str; 7] = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"];

/// Reads all invoices of a CSV with a heading. Columns are found by name; others are ignored.
///
/// # Errors
///
/// [`InvoicesError`] if a column is missing or the reader fails. Rows never fail, they are skipped and counted.
pub fn read(csv: impl Read, prefix: &str) -> Result<Invoices, InvoicesError> {
    // Flexible, since a row of another length is a skipped row, not the end of the replay.
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    let heading = reader.byte_headers().map_err(InvoicesError::Csv)?.clone();
    let columns = Columns::find(&heading)?;
    let mut gathered = Gathered::default();
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(InvoicesError::Csv)? {
        gathered.take(&columns.row(&record));
    }
    Ok(gathered.into_invoices(prefix))
}

/// Where each column stands.
struct Columns {
    at: [usize; COLUMNS.len()],
    width: usize,
}

impl Columns {
    fn find(heading: &ByteRecord) -> Result<Self, InvoicesError> {
        let mut at = [0; COLUMNS.len()];
        for (place, name) in at.iter_mut().zip(COLUMNS) {
            *place = heading
                .iter()
                .position(|cell| cell.trim_ascii() == name.as_bytes())
                .ok_or(InvoicesError::Column(name))?;
        }
        Ok(Self { at, width: heading.len() })
    }

    fn row<'a>(&self, record: &'a ByteRecord) -> Row<'a> {
        let [invoice_no, stock_code, quantity, invoice_date, unit_price, customer_id, country] =
            self.at.map(|column| record.get(column).unwrap_or_default().trim_ascii());
        let is_whole = record.len() == self.width;
        Row { is_whole, invoice_no, stock_code, quantity, invoice_date, unit_price, customer_id, country }
    }
}

/// The fields of a row, without spaces around them. Bytes, since files with single bytes for pound signs go around.
struct Row<'a> {
    is_whole: bool,
    invoice_no: &'a [u8],
    stock_code: &'a [u8],
    quantity: &'a [u8],
    invoice_date: &'a [u8],
    unit_price: &'a [u8],
    customer_id: &'a [u8],
    country: &'a [u8],
}

impl Row<'_> {
    /// The row as a line of its own, or why it is no sale; of a return, whose quantity is below zero, likewise.
    fn line(&self, is_return: bool) -> Result<Line, RowSkip> {
        let sku = std::str::from_utf8(self.stock_code).ok().filter(|sku| is_sku(sku));
        let sku = sku.ok_or(RowSkip::StockCode)?;
        let quantity: i64 = std::str::from_utf8(self.quantity)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .ok_or(RowSkip::QuantityUnreadable)?;
        let quantity = if is_return { quantity.checked_neg().unwrap_or(i64::MIN) } else { quantity };
        if quantity <= 0 {
            return Err(RowSkip::QuantityNotPositive);
        }
        let unit_price = pennies(self.unit_price)?;
        Ok(Line { sku: sku.to_owned(), quantity, unit_price })
    }
}

/// The rows so far, by invoice.
#[derive(Default)]
struct Gathered {
    drafts: Vec<Draft>,
    /// Where an invoice's draft stands.
    by_number: FxHashMap<Vec<u8>, usize>,
    /// What is counted; its orders stay empty until the end.
    counts: Invoices,
}

/// An invoice while its rows are read.
struct Draft {
    number: String,
    is_cancellation: bool,
    /// Of a cancellation: whether each row gives something back.
    is_whole: bool,
    /// Of the first row that is a sale.
    head: Option<Head>,
    lines: Vec<Line>,
    /// Where the line of a SKU and price stands.
    by_sku_and_price: FxHashMap<(String, i64), usize>,
    has_overflown: bool,
}

struct Head {
    customer_id: String,
    invoice_date: String,
    country: Country,
}

impl Gathered {
    fn take(&mut self, row: &Row<'_>) {
        self.counts.rows += 1;
        if !row.is_whole || row.invoice_no.is_empty() {
            return self.skip(RowSkip::Malformed);
        }
        let draft = match self.by_number.get(row.invoice_no) {
            Some(at) => *at,
            None => self.begin(row.invoice_no),
        };
        let draft = &mut self.drafts[draft];
        let line = row.line(draft.is_cancellation);
        self.counts.cancellation_rows += u64::from(draft.is_cancellation);
        match line {
            Ok(line) => draft.add(line, row),
            Err(_) if draft.is_cancellation => draft.is_whole = false,
            Err(reason) => self.skip(reason),
        }
    }

    fn begin(&mut self, number: &[u8]) -> usize {
        self.by_number.insert(number.to_vec(), self.drafts.len());
        self.drafts.push(Draft {
            number: text(number),
            is_cancellation: matches!(number.first(), Some(b'C' | b'c')),
            is_whole: true,
            head: None,
            lines: Vec::new(),
            by_sku_and_price: FxHashMap::default(),
            has_overflown: false,
        });
        self.drafts.len() - 1
    }

    fn skip(&mut self, reason: RowSkip) {
        *self.counts.skipped_rows.entry(reason).or_insert(0) += 1;
    }

    fn into_invoices(self, prefix: &str) -> Invoices {
        let mut invoices = self.counts;
        for draft in self.drafts {
            invoices.invoices += 1;
            if draft.is_cancellation {
                invoices.cancellations += 1;
                invoices.returns.push(draft.into_return(invoices.orders.len()));
                continue;
            }
            match draft.into_order(prefix) {
                Ok(order) => invoices.orders.push(order),
                Err(reason) => *invoices.skipped_invoices.entry(reason).or_insert(0) += 1,
            }
        }
        invoices
    }
}

impl Draft {
    fn add(&mut self, line: Line, row: &Row<'_>) {
        self.head.get_or_insert_with(|| Head {
            customer_id: Some(text(row.customer_id)).filter(|id| !id.is_empty()).unwrap_or_else(|| GUEST.to_owned()),
            invoice_date: text(row.invoice_date),
            country: country::of_name(&text(row.country)),
        });
        let key = (line.sku.clone(), line.unit_price);
        let Some(at) = self.by_sku_and_price.get(&key) else {
            self.by_sku_and_price.insert(key, self.lines.len());
            self.lines.push(line);
            return;
        };
        let known = &mut self.lines[*at];
        match known.quantity.checked_add(line.quantity) {
            Some(quantity) => known.quantity = quantity,
            None => self.has_overflown = true,
        }
    }

    fn into_return(self, earlier: usize) -> Return {
        Return {
            number: self.number,
            customer_id: self.head.map_or_else(|| GUEST.to_owned(), |head| head.customer_id),
            lines: self.lines,
            is_whole: self.is_whole,
            has_overflown: self.has_overflown,
            earlier,
        }
    }

    fn into_order(self, prefix: &str) -> Result<Order, InvoiceSkip> {
        let head = self.head.ok_or(InvoiceSkip::NoSale)?;
        let order_id = format!("{prefix}{}", self.number);
        if !is_order_id(&order_id) {
            return Err(InvoiceSkip::OrderId);
        }
        if self.lines.len() > MAX_LINES {
            return Err(InvoiceSkip::TooManyLines);
        }
        let amount = checked_amount(&self.lines).filter(|_| !self.has_overflown).ok_or(InvoiceSkip::Overflow)?;
        let Head { customer_id, invoice_date, country } = head;
        Ok(Order { order_id, customer_id, invoice_date, country, lines: self.lines, amount })
    }
}

/// The amount of the lines in pennies, if it and the sum of the units fit into 64 bits.
pub(super) fn checked_amount(lines: &[Line]) -> Option<i64> {
    lines.iter().try_fold(0i64, |units, line| units.checked_add(line.quantity))?;
    lines.iter().try_fold(0i64, |sum, line| sum.checked_add(line.quantity.checked_mul(line.unit_price)?))
}

/// Parses pounds (`2.55`, `15.0`, `7`) into pennies, above zero.
fn pennies(price: &[u8]) -> Result<i64, RowSkip> {
    let (is_negative, digits) = match price.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, price),
    };
    let point = digits.iter().position(|byte| *byte == b'.').unwrap_or(digits.len());
    let (pounds, rest) = digits.split_at(point);
    let fraction = rest.get(1..).unwrap_or_default();
    let is_number = !pounds.is_empty() && pounds.iter().chain(fraction).all(u8::is_ascii_digit);
    // A point has digits behind it.
    if !is_number || rest.len() == 1 {
        return Err(RowSkip::PriceUnreadable);
    }
    if is_negative || digits.iter().all(|byte| matches!(byte, b'0' | b'.')) {
        return Err(RowSkip::PriceNotPositive);
    }
    if fraction.iter().skip(2).any(|digit| *digit != b'0') {
        return Err(RowSkip::PriceBelowPenny);
    }
    let cents = fraction.iter().chain(b"00").take(2);
    pounds
        .iter()
        .chain(cents)
        .try_fold(0i64, |sum, digit| sum.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
        .ok_or(RowSkip::PriceUnreadable)
}

fn is_sku(sku: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&sku.chars().count()) && !sku.chars().any(char::is_control)
}

pub(super) fn is_order_id(id: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&id.len()) && !id.starts_with("ik_") && id.bytes().all(is_order_id_byte)
}

/// Whether a byte may stand in an order_id.
#[must_use]
pub fn is_order_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._:-".contains(&byte)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
#[path = "invoices_tests.rs"]
mod tests;
