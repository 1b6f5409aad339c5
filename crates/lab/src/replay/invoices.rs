//! From the rows of a CSV to orders: pure, no clock, no network.
//!
//! Real invoices are untidy, and this file decides what becomes of that, so that the decision can be tested:
//!
//! - A row that is no sale is skipped and counted by its reason ([`RowSkip`]); its invoice stays. Where a row is a sale
//!   whose quantity, price or currency cannot be read, its invoice is skipped: what is left is not what was sold. A row
//!   that cannot be read at all is told by its line, and the replay has failed.
//! - Rows of an invoice with the same SKU and unit price become one line; its quantity is their sum. The same SKU at
//!   another price is another line. Lines stand in the order of their first row.
//! - An invoice's rows need not be neighbours in the file. Orders stand in the order of the invoices' first rows.
//! - A cancellation (`C...`) becomes a return (`returns.rs` says of which sale); its quantities stand below zero.
//! - An invoice that cannot be an order is skipped whole and counted by its reason ([`InvoiceSkip`]). Rows that name
//!   different customers under one number are none, so that nobody pays, or is given back, for another.
//! - A row's sum that no unit price expresses ("3 for 10.00") becomes a line with an amount; discounts, shipping and taxes
//!   become adjustments. Where the file says an order's total, it must come out.
//!
//! Money is parsed from its decimal digits into minor units; no float is ever involved. The same file always gives the
//! same orders, byte for byte: a second replay relies on it.

use std::collections::BTreeMap;
use std::io::{self, Read};

use iso_currency::Currency;
use rustc_hash::{FxHashMap, FxHashSet};

use super::columns::{ColumnRole, Columns, HeadingError, Layout, ROLES};
use super::country::{self, Country};
use super::money::{self, Decimal, Fault, Notation};
use super::returns::Return;
use super::skips::{InvoiceSkip, RowSkip, is_sale};
use super::text::{self, Broken, Encoding, OtherMark, Records, TextRecord};
use counterfoil_engine::limits;
use counterfoil_engine::saga::ids::is_invisible;
use counterfoil_engine::saga::money::MAX_AMOUNT;

/// The most characters of a SKU and of an order_id.
const MAX_ID_CHARS: usize = 64;

/// Refused rows that are named by their line; the others are counted.
const FAULTS_LISTED: usize = 10;

/// Who bought, where the file does not say.
pub const GUEST: &str = "guest";

/// How a file is to be read. What is not asked for is found in the file, and told.
#[derive(Clone, Debug)]
pub struct Options {
    /// What stands before the invoices' numbers.
    pub prefix: String,
    /// Which column says what.
    pub layout: Layout,
    /// The encoding, if not UTF-8 or what the file's mark says.
    pub encoding: Option<Encoding>,
    /// The byte between fields, where it is not to be found in the file.
    pub delimiter: Option<u8>,
    /// The mark before decimals.
    pub decimal: Option<Decimal>,
    /// The currency of all orders; those in another one are skipped.
    pub currency: Option<Currency>,
}

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
    /// What the amounts are in.
    pub currency: Currency,
    /// 1 to 1000 lines, distinct by SKU and unit price.
    pub lines: Vec<Line>,
    /// What the order costs beside its lines, or less.
    pub adjustments: Vec<Adjustment>,
    /// The sum of the lines and the adjustments, in minor units, above zero.
    pub amount: i64,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The stock code, without spaces around it; case-sensitive.
    pub sku: String,
    /// Units, above zero.
    pub quantity: i64,
    /// What it costs.
    pub price: Price,
}

/// What a line costs, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Price {
    /// Each unit; nothing where it was given away.
    Unit(i64),
    /// The whole line, where no unit price expresses it: "3 for 10.00". An order has one such line of a SKU at most.
    Whole(i64),
}

impl Line {
    /// What the whole line costs, if that fits into 64 bits.
    #[must_use]
    pub fn amount(&self) -> Option<i64> {
        match self.price {
            Price::Unit(unit_price) => self.quantity.checked_mul(unit_price),
            Price::Whole(amount) => Some(amount),
        }
    }
}

/// What an order costs beside its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// `discount`, `shipping`, `tax` or `other`.
    pub kind: &'static str,
    /// What the file calls it, or its kind.
    pub label: String,
    /// In minor units, not zero; a discount's is below it.
    pub amount: i64,
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

/// A sale that is no order, though another run may find that it is one: of a file that was mended, or by other options.
#[derive(Debug, PartialEq, Eq)]
pub struct Doubtful {
    /// How many of the file's orders come before it.
    pub earlier: usize,
    /// Who bought, if its rows agree.
    pub customer_id: Option<String>,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Invoices {
    /// What can be submitted.
    pub orders: Vec<Order>,
    /// The cancellations among the invoices, in the order of the file.
    pub returns: Vec<Return>,
    /// What was given back of orders, by their place, in money: the file does not say what came back.
    pub given_back: Vec<(usize, i64)>,
    /// Sales that are no orders, since they cannot be read: a return may be about one of them.
    pub doubtful: Vec<Doubtful>,
    /// Rows below the heading.
    pub rows: u64,
    /// Rows of cancellations.
    pub cancellation_rows: u64,
    /// Rows of other invoices that are no sale.
    pub skipped_rows: BTreeMap<RowSkip, u64>,
    /// Where each reason was met first.
    pub first_lines: BTreeMap<RowSkip, u64>,
    /// Rows that say that the file is damaged, by their lines; the first of them.
    pub faults: Vec<(u64, RowSkip)>,
    /// Distinct invoice numbers, cancellations included.
    pub invoices: u64,
    /// Distinct numbers that begin with C.
    pub cancellations: u64,
    /// Other invoices that are no order.
    pub skipped_invoices: BTreeMap<InvoiceSkip, u64>,
    /// What was found in the file rather than asked for.
    pub notes: Vec<String>,
}

impl Invoices {
    /// How many rows say that the file is damaged.
    #[must_use]
    pub fn faulty_rows(&self) -> u64 {
        self.skipped_rows.iter().filter(|(skip, _)| skip.is_fault()).map(|(_, count)| count).sum()
    }
}

/// Why a file cannot be read as invoices at all.
#[derive(Debug, thiserror::Error)]
pub enum InvoicesError {
    /// The heading lacks a column, or names one twice.
    #[error(transparent)]
    Heading(#[from] HeadingError),
    /// The file broke off, or is no gzip where it says so.
    #[error("the file cannot be read to its end")]
    Read(#[source] io::Error),
    /// The file says its encoding, and it is another one.
    #[error(transparent)]
    Mark(#[from] OtherMark),
    /// A quote is not closed.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// An amount may be a thousand or one and a bit, and no other one says which.
    #[error(
        "line {line} has the amount {text}, whose mark may stand before decimals or thousands; say which by --decimal"
    )]
    Thousands {
        /// The first such line.
        line: u64,
        /// The amount as it stands in the file.
        text: String,
    },
    /// Some amounts have a decimal comma and others a point.
    #[error("line {comma} has a decimal comma and line {point} a decimal point; say which by --decimal")]
    Decimals {
        /// The first with a comma.
        comma: u64,
        /// The first with a point.
        point: u64,
    },
}

/// Reads all invoices of a CSV with a heading. Columns are found by name; others are ignored.
///
/// # Errors
///
/// [`InvoicesError`] if the file as a whole cannot be read. Rows never fail, they are skipped and counted.
pub fn read(mut csv: impl Read, options: &Options) -> Result<Invoices, InvoicesError> {
    let mut bytes = Vec::new();
    csv.read_to_end(&mut bytes).map_err(InvoicesError::Read)?;
    let (mut text, encoding) = text::decode(bytes, options.encoding)?;
    let records = Records::new(&mut text, options.delimiter, &options.layout);
    let columns = options.layout.find(&records.heading())?;

    let (notation, is_certain) = notation(&records, &columns, options)?;
    let mut notes = Vec::new();
    if encoding != options.encoding.unwrap_or(Encoding::Utf8) {
        notes.push(format!("the file is {encoding}, by its byte order mark (--encoding says otherwise)"));
    }
    if options.delimiter.is_none() && records.delimiter() != b',' {
        notes.push(format!("fields end with {:?} (--delimiter says otherwise)", char::from(records.delimiter())));
    }
    if options.decimal.is_none() && is_certain && notation.decimal == Decimal::Comma {
        notes.push("amounts have a decimal comma (--decimal says otherwise)".to_owned());
    }

    let mut gathered = Gathered::new(&columns, notation, options);
    gathered.counts.notes = notes;
    records.each(&columns, |record| gathered.take(record))?;
    Ok(gathered.into_invoices())
}

/// How the amounts are written, and whether that is certain: by the command line, or by what they show.
fn notation(records: &Records<'_>, columns: &Columns, options: &Options) -> Result<(Notation, bool), InvoicesError> {
    const AMOUNTS: [ColumnRole; 8] = [
        ColumnRole::Price,
        ColumnRole::Amount,
        ColumnRole::Discount,
        ColumnRole::Shipping,
        ColumnRole::Tax,
        ColumnRole::Other,
        ColumnRole::Total,
        ColumnRole::Refunded,
    ];
    let (mut comma, mut point, mut unclear) = (None, None, None);
    // Of dinars `1.234` has the decimals that it should have.
    let has_three = |record: &TextRecord<'_>| {
        let code = std::str::from_utf8(columns.field(record.fields, ColumnRole::Currency)).unwrap_or_default();
        let currency = Currency::from_code(code).or(options.currency).or(options.layout.currency);
        currency.and_then(money::exponent) == Some(3)
    };
    records.each(columns, |record| {
        if record.fields.len() != columns.width {
            return;
        }
        for role in AMOUNTS {
            let text = std::str::from_utf8(columns.field(record.fields, role)).unwrap_or_default();
            match money::shown(text) {
                Some(Decimal::Comma) => comma = comma.or(Some(record.line)),
                Some(Decimal::Point) => point = point.or(Some(record.line)),
                None if unclear.is_none() && money::may_be_thousands(text) && !has_three(record) => {
                    unclear = Some((record.line, text.to_owned()));
                }
                None => {}
            }
        }
    })?;
    let certain = |decimal| Ok((Notation { decimal, has_groups: true }, true));
    match (options.decimal, comma, point) {
        (Some(decimal), ..) => certain(decimal),
        (None, Some(comma), Some(point)) => Err(InvoicesError::Decimals { comma, point }),
        (None, Some(_), None) => certain(Decimal::Comma),
        (None, None, Some(_)) => certain(Decimal::Point),
        (None, None, None) => match unclear {
            Some((line, text)) => Err(InvoicesError::Thousands { line, text }),
            None => Ok((Notation::default(), false)),
        },
    }
}

/// The rows so far, by invoice.
struct Gathered<'a> {
    columns: &'a Columns,
    notation: Notation,
    options: &'a Options,
    drafts: Vec<Draft>,
    /// Where an invoice's draft stands.
    by_number: FxHashMap<String, usize>,
    /// The fields of rows of another width than the heading: their invoice's number is one of them, in whatever place.
    of_other_widths: FxHashSet<String>,
    /// What is counted; its orders stay empty until the end.
    counts: Invoices,
}

/// An invoice while its rows are read.
struct Draft {
    number: String,
    is_cancellation: bool,
    /// Of a cancellation: whether each row gives something back.
    is_whole: bool,
    /// A row of it could not be read.
    is_refused: bool,
    /// Its rows name different customers, currencies or sums.
    is_contradicted: bool,
    /// The currency that its lines were read in.
    priced_in: Option<Currency>,
    /// What its first row says that says anything; of its sales, and of all rows.
    of_sales: Says,
    of_rows: Says,
    lines: Vec<Line>,
    /// Where the line of a SKU and unit price stands; of a SKU and no unit price, the one with a sum.
    by_sku_and_price: FxHashMap<(String, Option<i64>), usize>,
    has_overflown: bool,
}

type Says = [Option<String>; ROLES];

impl<'a> Gathered<'a> {
    fn new(columns: &'a Columns, notation: Notation, options: &'a Options) -> Self {
        let counts = Invoices::default();
        Self {
            columns,
            notation,
            options,
            drafts: Vec::new(),
            by_number: FxHashMap::default(),
            of_other_widths: FxHashSet::default(),
            counts,
        }
    }

    fn take(&mut self, record: &TextRecord<'_>) {
        self.counts.rows += 1;
        let number = self.columns.field(record.fields, ColumnRole::Order);
        let is_whole = record.fields.len() == self.columns.width && record.is_well_quoted && !number.is_empty();
        let row =
            if is_whole { self.columns.texts(record.fields).ok_or(RowSkip::Encoding) } else { Err(RowSkip::Malformed) };
        let row = match row {
            Ok(row) => row,
            Err(fault) => {
                if record.fields.len() != self.columns.width {
                    let texts = record.fields.iter().filter_map(|field| std::str::from_utf8(field).ok());
                    let texts = texts.map(|text| self.number(text.trim()).to_owned());
                    self.of_other_widths.extend(texts.filter(|text| !text.is_empty()).collect::<Vec<_>>());
                }
                // Where its number can be read, the rest of its invoice is not what was sold.
                if let Some(number) = std::str::from_utf8(number).ok().filter(|number| !number.is_empty()) {
                    let draft = self.draft(self.number(number));
                    self.drafts[draft].is_refused = true;
                }
                return self.skip(record.line, fault);
            }
        };
        let draft = self.draft(self.number(row[ColumnRole::Order as usize]));
        self.drafts[draft].note(&row);
        let line = self.line(&row, &self.drafts[draft]);
        let currency = self.currency(&self.drafts[draft]);
        let draft = &mut self.drafts[draft];
        self.counts.cancellation_rows += u64::from(draft.is_cancellation);
        match line {
            Ok(line) => {
                // A row that names none, before one that does, was read as if it were in ours.
                draft.is_contradicted |= draft.priced_in.is_some() && draft.priced_in != currency;
                draft.priced_in = currency;
                draft.add(line, &row);
            }
            Err(_) if draft.is_cancellation => draft.is_whole = false,
            Err(reason) => {
                draft.is_refused |= is_sale(reason, &row);
                self.skip(record.line, reason);
            }
        }
    }

    /// The number as an order_id takes it: shops write `#1001`.
    fn number<'n>(&self, number: &'n str) -> &'n str {
        if self.options.layout.has_cancellations { number } else { number.strip_prefix('#').unwrap_or(number) }
    }

    fn draft(&mut self, number: &str) -> usize {
        if let Some(at) = self.by_number.get(number) {
            return *at;
        }
        self.by_number.insert(number.to_owned(), self.drafts.len());
        let is_cancellation = self.options.layout.has_cancellations && number.starts_with(['C', 'c']);
        self.drafts.push(Draft {
            number: number.to_owned(),
            is_cancellation,
            is_whole: true,
            is_refused: false,
            is_contradicted: false,
            priced_in: None,
            of_sales: Says::default(),
            of_rows: Says::default(),
            lines: Vec::new(),
            by_sku_and_price: FxHashMap::default(),
            has_overflown: false,
        });
        self.drafts.len() - 1
    }

    /// The row as a line of its own, or why it is no sale; of a return, whose quantity is below zero, likewise.
    fn line(&self, row: &[&str; ROLES], draft: &Draft) -> Result<Line, RowSkip> {
        let sku = row[ColumnRole::Sku as usize].trim();
        if !is_sku(sku) {
            return Err(RowSkip::StockCode);
        }
        let quantity: i64 = row[ColumnRole::Quantity as usize].parse().map_err(|_| RowSkip::QuantityUnreadable)?;
        let quantity = if draft.is_cancellation { quantity.checked_neg().unwrap_or(i64::MIN) } else { quantity };
        if quantity <= 0 {
            return Err(RowSkip::QuantityNotPositive);
        }
        let currency = self.currency(draft).ok_or(RowSkip::Currency)?;
        let exponent = money::exponent(currency).ok_or(RowSkip::Currency)?;
        let has_amount = self.columns.has(ColumnRole::Amount);
        let text = row[if has_amount { ColumnRole::Amount } else { ColumnRole::Price } as usize];
        let amount = money::minor(text, self.notation, exponent).map_err(|fault| match fault {
            Fault::Unreadable => RowSkip::PriceUnreadable,
            Fault::TooFine => RowSkip::PriceTooFine,
        })?;
        // What is given back for a whole row stands below zero, as its quantity does.
        let amount = if has_amount && draft.is_cancellation { -amount } else { amount };
        if amount < 0 || (amount == 0 && !self.options.layout.has_free_items) {
            return Err(RowSkip::PriceNotPositive);
        }
        let price = match has_amount {
            true if amount % quantity != 0 => Price::Whole(amount),
            true => Price::Unit(amount / quantity),
            false => Price::Unit(amount),
        };
        Ok(Line { sku: sku.to_owned(), quantity, price })
    }

    /// What an invoice is paid in, as far as its rows were read. A file with a column of currencies that leaves one out is
    /// asked for it, rather than given the data set's.
    fn currency(&self, draft: &Draft) -> Option<Currency> {
        match &draft.of_rows[ColumnRole::Currency as usize] {
            Some(code) => Currency::from_code(code),
            None if self.columns.has(ColumnRole::Currency) => self.options.currency,
            None => self.options.currency.or(self.options.layout.currency),
        }
    }

    fn skip(&mut self, line: u64, reason: RowSkip) {
        *self.counts.skipped_rows.entry(reason).or_insert(0) += 1;
        self.counts.first_lines.entry(reason).or_insert(line);
        if reason.is_fault() && self.counts.faults.len() < FAULTS_LISTED {
            self.counts.faults.push((line, reason));
        }
    }

    fn into_invoices(mut self) -> Invoices {
        let mut invoices = std::mem::take(&mut self.counts);
        for mut draft in std::mem::take(&mut self.drafts) {
            invoices.invoices += 1;
            draft.is_refused |= self.of_other_widths.contains(&draft.number);
            let (earlier, currency) = (invoices.orders.len(), self.currency(&draft));
            if draft.is_cancellation {
                invoices.cancellations += 1;
                invoices.returns.push(draft.into_return(earlier, currency));
                continue;
            }
            let customer_id =
                (!draft.is_contradicted).then(|| draft.says(ColumnRole::Customer).unwrap_or(GUEST).to_owned());
            match self.order(draft) {
                Ok((order, given_back)) => {
                    if given_back != 0 {
                        invoices.given_back.push((invoices.orders.len(), given_back));
                    }
                    invoices.orders.push(order);
                }
                Err(reason) => {
                    *invoices.skipped_invoices.entry(reason).or_insert(0) += 1;
                    if reason.is_doubtful() {
                        invoices.doubtful.push(Doubtful { earlier, customer_id });
                    }
                }
            }
        }
        invoices
    }

    /// The order of an invoice, and what was given back of it.
    fn order(&self, draft: Draft) -> Result<(Order, i64), InvoiceSkip> {
        if draft.is_refused {
            return Err(InvoiceSkip::RowRefused);
        }
        if draft.is_contradicted {
            return Err(InvoiceSkip::Contradiction);
        }
        let paid = self.options.layout.paid;
        let status = draft.of_rows[ColumnRole::Status as usize].as_deref().unwrap_or_default().to_lowercase();
        let status = status.strip_prefix("wc-").unwrap_or(&status); // as WooCommerce's database has them
        if self.columns.has(ColumnRole::Status) && !paid.is_empty() && !paid.contains(&status) {
            return Err(InvoiceSkip::NotPaid);
        }
        if draft.lines.is_empty() {
            return Err(InvoiceSkip::NoSale);
        }
        let currency = self.currency(&draft).ok_or(InvoiceSkip::NoSale)?;
        let exponent = money::exponent(currency).ok_or(InvoiceSkip::NoSale)?;
        if self.options.currency.is_some_and(|asked| asked != currency) {
            return Err(InvoiceSkip::OtherCurrency);
        }
        let order_id = format!("{}{}", self.options.prefix, draft.number);
        if !is_order_id(&order_id) {
            return Err(InvoiceSkip::OrderId);
        }
        if draft.lines.len() > limits::LINES {
            return Err(InvoiceSkip::TooManyLines);
        }
        let lines = checked_amount(&draft.lines).filter(|_| !draft.has_overflown).ok_or(InvoiceSkip::Overflow)?;
        let customer_id = draft.says(ColumnRole::Customer).unwrap_or(GUEST).to_owned();
        let invoice_date = draft.says(ColumnRole::Date).unwrap_or_default().to_owned();
        let is_within = is_text(&customer_id, limits::TEXT)
            && is_text(&invoice_date, limits::METADATA_VALUE)
            && draft.lines.iter().all(is_within_limits);
        if !is_within {
            return Err(InvoiceSkip::Limit);
        }

        let sum = |role: ColumnRole| match draft.says(role) {
            Some(text) => money::minor(text, self.notation, exponent).map_err(|_| InvoiceSkip::Sums),
            None => Ok(0),
        };
        let label = |kind: &str, role: Option<ColumnRole>| {
            let label = role.and_then(|role| draft.says(role)).filter(|label| !label.chars().any(char::is_control));
            label.unwrap_or(kind).chars().take(limits::ADJUSTMENT_LABEL).collect::<String>()
        };
        let adjustment = |kind, role, amount| Adjustment { kind, label: label(kind, role), amount };
        let mut adjustments = vec![
            // Exports write what is taken off without a sign, some with one.
            adjustment("discount", Some(ColumnRole::DiscountLabel), -sum(ColumnRole::Discount)?.abs()),
            adjustment("tax", None, sum(ColumnRole::Tax)?),
            adjustment("shipping", Some(ColumnRole::ShippingLabel), sum(ColumnRole::Shipping)?),
            adjustment("other", None, sum(ColumnRole::Other)?),
        ];
        let total = draft.says(ColumnRole::Total).map(|_| sum(ColumnRole::Total)).transpose()?;
        settle(lines, &mut adjustments, total)?;
        let amount = adjustments.iter().try_fold(lines, |sum, adjustment| sum.checked_add(adjustment.amount));
        let amount = amount.filter(|amount| *amount <= MAX_AMOUNT).ok_or(InvoiceSkip::Overflow)?;
        if amount <= 0 {
            return Err(InvoiceSkip::Free);
        }
        let given_back = sum(ColumnRole::Refunded)?.abs();
        let country = country::of_name(draft.says(ColumnRole::Country).unwrap_or_default());
        let lines = draft.lines;
        Ok((Order { order_id, customer_id, invoice_date, country, currency, lines, adjustments, amount }, given_back))
    }
}

/// Keeps of the adjustments those that are added to the lines, by the order's own total: shops whose prices hold the
/// tax name it all the same, and some exports name a discount that the prices of the lines hold already. `adjustments`
/// begin with the discount and the tax.
fn settle(lines: i64, adjustments: &mut Vec<Adjustment>, total: Option<i64>) -> Result<(), InvoiceSkip> {
    let Some(total) = total else {
        adjustments.retain(|adjustment| adjustment.amount != 0);
        return Ok(());
    };
    let sum_without = |left_out: &[usize]| {
        let added = adjustments.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
        added.map(|(_, adjustment)| i128::from(adjustment.amount)).sum::<i128>() + i128::from(lines)
    };
    let left_out = [&[][..], &[1], &[0], &[0, 1]];
    let left_out = left_out.into_iter().find(|left_out| sum_without(left_out) == i128::from(total));
    let left_out = left_out.ok_or(InvoiceSkip::Total)?;
    for at in left_out {
        adjustments[*at].amount = 0;
    }
    adjustments.retain(|adjustment| adjustment.amount != 0);
    Ok(())
}

impl Draft {
    /// Keeps what a row says of its order.
    fn note(&mut self, row: &[&str; ROLES]) {
        for role in ColumnRole::ALL {
            let text = row[role as usize];
            match &self.of_rows[role as usize] {
                _ if text.is_empty() => {}
                None => self.of_rows[role as usize] = Some(text.to_owned()),
                Some(known) => self.is_contradicted |= role.is_of_the_order() && known != text,
            }
        }
    }

    fn says(&self, role: ColumnRole) -> Option<&str> {
        self.of_sales[role as usize].as_deref().or(self.of_rows[role as usize].as_deref())
    }

    fn add(&mut self, line: Line, row: &[&str; ROLES]) {
        for role in [ColumnRole::Date, ColumnRole::Country] {
            let text = row[role as usize];
            if self.of_sales[role as usize].is_none() && !text.is_empty() {
                self.of_sales[role as usize] = Some(text.to_owned());
            }
        }
        let unit_price = match line.price {
            Price::Unit(unit_price) => Some(unit_price),
            Price::Whole(_) => None,
        };
        let key = (line.sku.clone(), unit_price);
        let Some(at) = self.by_sku_and_price.get(&key) else {
            self.by_sku_and_price.insert(key, self.lines.len());
            self.lines.push(line);
            return;
        };
        let known = &mut self.lines[*at];
        let price = match (known.price, line.price) {
            (Price::Whole(known), Price::Whole(more)) => known.checked_add(more).map(Price::Whole),
            (Price::Whole(_) | Price::Unit(_), Price::Unit(_)) | (Price::Unit(_), Price::Whole(_)) => Some(known.price),
        };
        match (known.quantity.checked_add(line.quantity), price) {
            (Some(quantity), Some(price)) => (known.quantity, known.price) = (quantity, price),
            (None, _) | (_, None) => self.has_overflown = true,
        }
    }

    fn into_return(self, earlier: usize, currency: Option<Currency>) -> Return {
        let customer_id = self.says(ColumnRole::Customer).unwrap_or(GUEST).to_owned();
        Return {
            is_whole: self.is_whole && !self.is_refused && !self.is_contradicted,
            number: self.number,
            customer_id,
            currency,
            lines: self.lines,
            has_overflown: self.has_overflown,
            earlier,
        }
    }
}

/// The amount of the lines in minor units, if it and the sum of the units fit into 64 bits.
pub(super) fn checked_amount(lines: &[Line]) -> Option<i64> {
    lines.iter().try_fold(0i64, |units, line| units.checked_add(line.quantity))?;
    lines.iter().try_fold(0i64, |sum, line| sum.checked_add(line.amount()?))
}

/// Whether the server takes a line of so many at this price.
fn is_within_limits(line: &Line) -> bool {
    let price = match line.price {
        Price::Unit(unit_price) => unit_price <= limits::UNIT_PRICE,
        Price::Whole(amount) => amount <= MAX_AMOUNT,
    };
    price && line.quantity <= limits::QUANTITY
}

/// Whether the server takes a text of so many characters at most.
fn is_text(text: &str, max: usize) -> bool {
    text.chars().count() <= max && !text.chars().any(char::is_control)
}

fn is_sku(sku: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&sku.chars().count())
        && !matches!(sku, "." | "..")
        && !sku.chars().any(|c| c.is_control() || is_invisible(c))
}

pub(super) fn is_order_id(id: &str) -> bool {
    (1..=MAX_ID_CHARS).contains(&id.len())
        && !matches!(id, "." | "..")
        && !id.starts_with("ik_")
        && id.bytes().all(is_order_id_byte)
}

/// Whether a byte may stand in an order_id.
#[must_use]
pub fn is_order_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._:-".contains(&byte)
}

#[cfg(test)]
impl Options {
    /// Those of a replay of the Online Retail data set.
    pub fn retail(prefix: &str) -> Self {
        let layout = Layout::from(super::columns::Preset::OnlineRetail);
        Self { prefix: prefix.to_owned(), layout, encoding: None, delimiter: None, decimal: None, currency: None }
    }
}

#[cfg(test)]
#[path = "invoices_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "files_tests.rs"]
mod files_tests;
