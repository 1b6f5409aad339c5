//! `POST /orders`: from the bytes of a body to a checked [`Request`], or to all that is wrong with it.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use iso_country::Country;

use super::json::{At, Blank, Errors, FieldError, Json, fields, quoted, required, text, whole};
use crate::limits;
use crate::saga::money::MAX_AMOUNT;
use crate::saga::request::{Adjustment, AdjustmentKind, Details, Price};
use crate::saga::{Address, Amount, Capture, Currency, Line, OrderId, Request, Sku};

/// Which tokens of participants are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// As `payment_method`.
    pub payment: Accepted,
    /// As `ship_to.postal_code`.
    pub shipment: Accepted,
}

impl Tokens {
    /// Whatever a client sends: all participants are remote.
    pub const ANY: Self = Self { payment: Accepted::Any, shipment: Accepted::Any };

    /// Those of local participants.
    pub const fn local(faults: bool) -> Self {
        Self { payment: Accepted::Local { faults }, shipment: Accepted::Local { faults } }
    }
}

/// Which tokens of one participant are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// Any: the participant is remote, and the engine does not interpret what it sends to it.
    Any,
    /// Those that a local one can play.
    Local {
        /// Whether those that make them fail are among them.
        faults: bool,
    },
}

const ORDER: [&str; 9] =
    ["order_id", "customer_id", "currency", "lines", "payment_method", "capture", "ship_to", "metadata", "adjustments"];
const LINE: [&str; 4] = ["sku", "quantity", "unit_price", "amount"];
const ADJUSTMENT: [&str; 3] = ["kind", "label", "amount"];
const ADDRESS: [&str; 9] = ["name", "line1", "line2", "city", "region", "postal_code", "country", "email", "phone"];

/// Lines up to which each is compared with all: fewer than a hash set costs.
const COMPARED: usize = 16;

/// The longest address of a mailbox (RFC 5321, 4.5.3.1.3, without the angle brackets).
const EMAIL: usize = 254;
/// A telephone number with its country, extension and punctuation (E.164 has 15 digits).
const PHONE: usize = 32;

/// What a body says.
#[derive(Debug)]
pub struct Parsed {
    /// The client's order_id, where it gave one.
    pub order_id: Option<OrderId>,
    /// The content to order, with defaults filled in.
    pub request: Request,
    /// What today's rules have against it: tokens that participants take as they are configured now, and lists that
    /// change. A new order is refused so; one that stands was taken by the rules of its day.
    pub objections: Vec<FieldError>,
}

/// Parses a body. Otherwise at least one problem, of which one leaves nothing that could be a request.
pub fn parse(body: &[u8], tokens: Tokens) -> Result<Parsed, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let mut errors = Errors::default();
    let found = order(&json, tokens, &mut errors);
    let ((order_id, request), objections) = errors.or_objections(found)?;
    Ok(Parsed { order_id, request, objections })
}

/// All fields are looked at before any is missed, so that everything wrong is told at once.
fn order(json: &Json<'_>, tokens: Tokens, errors: &mut Errors) -> Option<(Option<OrderId>, Request)> {
    let at = At::Root;
    let [id, customer, currency, lines, payment_method, capture, ship_to, metadata, adjustments] =
        fields(json, &ORDER, at, errors)?;
    let id = match id {
        None => None,
        Some(id) => order_id(id, at.key("order_id"), errors),
    };
    let customer_id = mandatory(customer, limits::TEXT, at.key("customer_id"), errors);
    let currency =
        required(currency, at.key("currency"), errors).and_then(|value| currency_of(value, at.key("currency"), errors));
    let lines = required(lines, at.key("lines"), errors).and_then(|value| lines_of(value, at.key("lines"), errors));
    let method = mandatory(payment_method, limits::TEXT, at.key("payment_method"), errors);
    if let Some(token) = &method {
        payment_token(token, tokens.payment, at.key("payment_method"), errors);
    }
    let capture = match capture {
        None => Some(Capture::default()),
        Some(value) => capture_of(value, at.key("capture"), errors),
    };
    let ship_to = required(ship_to, at.key("ship_to"), errors)
        .and_then(|value| address(value, tokens, at.key("ship_to"), errors));
    let metadata = match metadata {
        None => Some(BTreeMap::new()),
        Some(value) => metadata_of(value, at.key("metadata"), errors),
    };
    let adjustments = match adjustments {
        None => Some(Vec::new()),
        Some(value) => adjustments_of(value, at.key("adjustments"), errors),
    };
    let (lines, adjustments) = (lines?, adjustments?);
    costs_something(&lines, &adjustments, at, errors);
    let details =
        Details { payment_method: method?, capture: capture?, ship_to: ship_to?, metadata: metadata?, adjustments };
    Some((id, Request { customer_id: customer_id?, currency: currency?, lines, details }))
}

fn mandatory(value: Option<&Json<'_>>, max: usize, at: At<'_>, errors: &mut Errors) -> Option<Arc<str>> {
    let value = required(value, at, errors)?;
    text(value, Blank::Refused, max, at, errors).map(Arc::from)
}

/// An optional field. The outer `None` is a problem, the inner one an absent field.
fn optional(value: Option<&Json<'_>>, max: usize, at: At<'_>, errors: &mut Errors) -> Option<Option<Arc<str>>> {
    match value {
        None => Some(None),
        Some(value) => text(value, Blank::Refused, max, at, errors).map(|text| Some(Arc::from(text))),
    }
}

fn order_id(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<OrderId> {
    let text = text(value, Blank::Refused, limits::TEXT, at, errors)?;
    let id = OrderId::parse(text).map_err(|error| errors.add(at, format!("{error}, is {}", quoted(text)))).ok()?;
    if let Some(detail) = id.objection() {
        errors.object(at, detail);
    }
    Some(id)
}

fn currency_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Currency> {
    let code = text(value, Blank::Allowed, limits::TEXT, at, errors)?;
    let currency = Currency::parse(code);
    if currency.is_some() {
        return currency;
    }
    let detail = format!("must be an ISO 4217 code in upper case, such as USD, is {}", quoted(code));
    if !is_code(code, 3) {
        errors.add(at, detail);
        return None;
    }
    errors.object(at, detail); // the list changes, and with it the codes that were on it
    Currency::trusted(code)
}

/// Whether it is so many capitals, as the codes of a list are.
fn is_code(code: &str, length: usize) -> bool {
    code.len() == length && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn capture_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Capture> {
    match text(value, Blank::Allowed, limits::TEXT, at, errors)? {
        "automatic" => Some(Capture::Automatic),
        "manual" => Some(Capture::Manual),
        other => {
            errors.add(at, format!("must be \"automatic\" or \"manual\", is {}", quoted(other)));
            None
        }
    }
}

fn lines_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Vec<Line>> {
    let Json::Array(items) = value else {
        errors.add(at, "must be an array of lines");
        return None;
    };
    if !(1..=limits::LINES).contains(&items.len()) {
        errors.add(at, format!("must hold 1 to {} lines, holds {}", limits::LINES, items.len()));
        return None;
    }
    let mut lines = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        lines.extend(line(item, at.index(index), errors));
        if errors.is_full() {
            return None;
        }
    }
    if lines.len() < items.len() {
        return None;
    }
    distinct(&lines, at, errors);
    if Amount::sum(lines.iter().map(Line::amount)).is_none() {
        errors.add(at, format!("must not add up to more than {MAX_AMOUNT}"));
        return None;
    }
    Some(lines)
}

/// What is free, or given for nothing, is no order: a participant cannot charge 0. Told of the lines where nothing else
/// says what the order costs.
fn costs_something(lines: &[Line], adjustments: &[Adjustment], at: At<'_>, errors: &mut Errors) {
    let lines: i128 = lines.iter().map(Line::amount).sum(); // at most MAX_AMOUNT: checked above
    let total = adjustments.iter().fold(lines, |total, adjustment| total + i128::from(adjustment.amount));
    if (1..=i128::from(MAX_AMOUNT)).contains(&total) {
        return;
    }
    if adjustments.is_empty() {
        errors.add(at.key("lines"), format!("must add up to 1 to {MAX_AMOUNT}, add up to {total}"));
    } else {
        let detail = format!("must leave an amount of 1 to {MAX_AMOUNT}: {lines} for the lines come to {total}");
        errors.add(at.key("adjustments"), detail);
    }
}

fn adjustments_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Vec<Adjustment>> {
    let Json::Array(items) = value else {
        errors.add(at, "must be an array of {kind, label, amount}");
        return None;
    };
    if items.len() > limits::ADJUSTMENTS {
        errors.add(at, format!("must hold at most {} entries, holds {}", limits::ADJUSTMENTS, items.len()));
        return None;
    }
    let mut adjustments = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        adjustments.extend(adjustment(item, at.index(index), errors));
    }
    (adjustments.len() == items.len()).then_some(adjustments)
}

fn adjustment(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Adjustment> {
    let [kind, label, amount] = fields(value, &ADJUSTMENT, at, errors)?;
    let kind = required(kind, at.key("kind"), errors).and_then(|value| kind_of(value, at.key("kind"), errors));
    let label = mandatory(label, limits::ADJUSTMENT_LABEL, at.key("label"), errors);
    let amount = required(amount, at.key("amount"), errors)
        .and_then(|value| whole(value, -MAX_AMOUNT..=MAX_AMOUNT, at.key("amount"), errors));
    if amount == Some(0) {
        errors.add(at.key("amount"), "must not be 0: leave out what changes nothing");
    }
    Some(Adjustment { kind: kind?, label: label?, amount: amount? })
}

fn kind_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<AdjustmentKind> {
    let word = text(value, Blank::Allowed, limits::TEXT, at, errors)?;
    let kind = AdjustmentKind::ALL.into_iter().find(|kind| kind.as_str() == word);
    if kind.is_none() {
        let words = AdjustmentKind::ALL.map(|kind| format!("{:?}", kind.as_str())).join(", ");
        errors.add(at, format!("must be one of {words}, is {}", quoted(word)));
    }
    kind
}

fn line(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Line> {
    let [sku, quantity, unit_price, amount] = fields(value, &LINE, at, errors)?;
    let sku = required(sku, at.key("sku"), errors).and_then(|value| ordered_sku(value, at.key("sku"), errors));
    let quantity = required(quantity, at.key("quantity"), errors)
        .and_then(|value| whole(value, 1..=limits::QUANTITY, at.key("quantity"), errors));
    let price = price(unit_price, amount, at, errors);
    Some(Line { sku: sku?, quantity: quantity?, price: price? })
}

/// What a line costs: exactly one of its two fields says it, since two that disagree would have nobody to settle it.
fn price(unit_price: Option<&Json<'_>>, amount: Option<&Json<'_>>, at: At<'_>, errors: &mut Errors) -> Option<Price> {
    match (unit_price, amount) {
        (Some(value), None) => whole(value, 0..=limits::UNIT_PRICE, at.key("unit_price"), errors).map(Price::Unit),
        (None, Some(value)) => whole(value, 0..=MAX_AMOUNT, at.key("amount"), errors).map(Price::Whole),
        (None, None) => {
            errors.add(at.key("unit_price"), "is required, or amount (of the whole line) in its place");
            None
        }
        (Some(_), Some(_)) => {
            errors
                .add(at.key("amount"), "must be left out where unit_price is given: a line has exactly one of the two");
            None
        }
    }
}

/// The SKU of a line: where the order is new, one that may be given.
fn ordered_sku(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Sku> {
    let sku = sku_of(value, at, errors)?;
    if let Some(detail) = sku.objection() {
        errors.object(at, detail);
    }
    Some(sku)
}

pub(super) fn sku_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Sku> {
    let text = text(value, Blank::Refused, limits::TEXT, at, errors)?;
    Sku::parse(text).map_err(|error| errors.add(at, format!("{error}, is {}", quoted(text)))).ok()
}

/// Two lines of the same SKU and price would be one: a client that sends both has a bug, which is not ours to mend.
fn distinct(lines: &[Line], at: At<'_>, errors: &mut Errors) {
    let mut repeated = |index: usize| {
        let detail = match lines.get(index).map(|line| line.price) {
            Some(Price::Whole(_)) => "repeats the sku and amount of an earlier line; add up quantities and amounts",
            Some(Price::Unit(_)) | None => "repeats the sku and unit_price of an earlier line; add up the quantities",
        };
        errors.add(at.index(index), detail);
    };
    if lines.len() <= COMPARED {
        for (index, line) in lines.iter().enumerate() {
            if lines[..index].iter().any(|other| (&other.sku, other.price) == (&line.sku, line.price)) {
                repeated(index);
            }
        }
    } else {
        let mut seen = HashSet::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            if !seen.insert((line.sku.as_str(), line.price)) {
                repeated(index);
            }
        }
    }
}

fn address(value: &Json<'_>, tokens: Tokens, at: At<'_>, errors: &mut Errors) -> Option<Address> {
    let [name, line1, line2, city, region, postal_code, country, email, phone] = fields(value, &ADDRESS, at, errors)?;
    let name = mandatory(name, limits::TEXT, at.key("name"), errors);
    let line1 = mandatory(line1, limits::TEXT, at.key("line1"), errors);
    let line2 = optional(line2, limits::TEXT, at.key("line2"), errors);
    let city = mandatory(city, limits::TEXT, at.key("city"), errors);
    let region = optional(region, limits::TEXT, at.key("region"), errors);
    let postal_code = mandatory(postal_code, limits::TEXT, at.key("postal_code"), errors);
    if let Some(code) = &postal_code {
        postal_token(code, tokens.shipment, at.key("postal_code"), errors);
    }
    let country = mandatory(country, limits::TEXT, at.key("country"), errors);
    let country = country.filter(|code| is_country(code, at.key("country"), errors));
    let email = optional(email, EMAIL, at.key("email"), errors);
    if let Some(Some(email)) = &email {
        sane_email(email, at.key("email"), errors);
    }
    let phone = optional(phone, PHONE, at.key("phone"), errors);
    if let Some(Some(phone)) = &phone {
        sane_phone(phone, at.key("phone"), errors);
    }
    Some(Address {
        name: name?,
        line1: line1?,
        line2: line2?,
        city: city?,
        region: region?,
        postal_code: postal_code?,
        country: country?,
        email: email?,
        phone: phone?,
    })
}

/// Whether it could be one; what is not on today's list is objected to.
fn is_country(code: &str, at: At<'_>, errors: &mut Errors) -> bool {
    if code.parse::<Country>().is_ok_and(|country| country != Country::Unspecified) {
        return true;
    }
    let detail = format!("must be an ISO 3166-1 code of two capitals, such as US, is {}", quoted(code));
    let could_be = is_code(code, 2);
    if could_be {
        errors.object(at, detail);
    } else {
        errors.add(at, detail);
    }
    could_be
}

/// Whether it could be an address at all: only a mail that arrives proves one.
fn sane_email(email: &str, at: At<'_>, errors: &mut Errors) {
    let sane = email
        .rsplit_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace));
    if !sane {
        errors.object(at, format!("must be an address such as a@example.org, is {}", quoted(email)));
    }
}

fn sane_phone(phone: &str, at: At<'_>, errors: &mut Errors) {
    let allowed = |c: char| c.is_ascii_digit() || " +-().,/#*x".contains(c);
    let sane = phone.chars().all(allowed) && phone.chars().filter(char::is_ascii_digit).count() >= 3;
    if !sane {
        errors.object(at, format!("must be a number such as +1 202 555 0100, is {}", quoted(phone)));
    }
}

fn metadata_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<BTreeMap<String, String>> {
    let Json::Object(entries) = value else {
        errors.add(at, "must be an object of strings");
        return None;
    };
    if entries.len() > limits::METADATA_ENTRIES {
        errors.add(at, format!("must hold at most {} entries, holds {}", limits::METADATA_ENTRIES, entries.len()));
        return None;
    }
    let mut metadata = BTreeMap::new();
    for (key, value) in entries {
        if let Some(detail) = super::json::wrong_text(key, Blank::Refused, limits::METADATA_KEY) {
            // The key is shortened: it is what is wrong.
            let shown = quoted(key);
            errors.add(at, format!("has the key {shown}, which {detail}"));
            continue;
        }
        let at = at.key(key);
        if let Some(text) = text(value, Blank::Allowed, limits::METADATA_VALUE, at, errors)
            && metadata.insert(key.clone().into_owned(), text.to_owned()).is_some()
        {
            errors.add(at, "is given twice");
        }
    }
    Some(metadata)
}

/// A local payment is the row itself, so that only tokens whose outcome a row can show are accepted: a wait or a lost
/// answer exists only between processes.
fn payment_token(token: &str, tokens: Accepted, at: At<'_>, errors: &mut Errors) {
    let (accepted, allowed) = match tokens {
        Accepted::Any => (true, ""),
        Accepted::Local { faults: false } => (token == "house_account", "\"house_account\""),
        Accepted::Local { faults: true } => (
            matches!(token, "house_account" | "pm_ok" | "pm_declined"),
            "\"house_account\", \"pm_ok\" or \"pm_declined\"",
        ),
    };
    if !accepted {
        errors.object(at, format!("must be {allowed}, since payments are local here, is {}", quoted(token)));
    }
}

/// A test token of the simulated carrier that a local one cannot play is refused rather than shipped to.
fn postal_token(code: &str, tokens: Accepted, at: At<'_>, errors: &mut Errors) {
    let counted = |prefix: &str| code.strip_prefix(prefix).is_some_and(|n| n.parse::<u32>().is_ok());
    let remote = code == "SHIP-TIMEOUT" || counted("SHIP-SLOW-") || counted("SHIP-ERROR-");
    let accepted = match tokens {
        Accepted::Any => true,
        Accepted::Local { faults } => !remote && (faults || code != "SHIP-FAIL"),
    };
    if !accepted {
        let detail = if remote {
            "is a test token of a remote carrier, while shipments are local here"
        } else {
            "is a test token, which is accepted only where faults.enabled = true"
        };
        errors.object(at, detail);
    }
}
