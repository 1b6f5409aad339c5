//! Reading a client's JSON with nothing lost and everything told: entries of objects keep their order, so that a field
//! given twice is seen; numbers keep their kind, so that 1.0 is no whole number; and every problem is collected with
//! the JSON pointer (RFC 6901) to it, up to [`limits::REQUEST_ERRORS`].
//!
//! On the good path strings are borrowed from the body, and a pointer is text only once there is a problem.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::limits;

/// A JSON value, borrowing from the text that it was read from.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// Any other number: with a fraction or an exponent, or beyond 64 bits.
    Float(f64),
    /// A string, without its escapes.
    Text(Cow<'a, str>),
    /// An array's items, in their order.
    Array(Vec<Json<'a>>),
    /// An object's entries, in order, duplicates included.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl<'a> Json<'a> {
    /// Reads a body. Errors say where; nesting is bounded by serde_json (128).
    pub fn read(body: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(body)
            .map_err(|error| format!("is not UTF-8: the byte at offset {} is wrong", error.valid_up_to()))?;
        let mut reader = serde_json::Deserializer::from_str(text);
        let seen = Cell::new(0);
        let read = Node(&seen).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        read.map_err(|error| {
            if seen.get() > limits::JSON_VALUES {
                return format!("must hold at most {} values, holds more", limits::JSON_VALUES);
            }
            format!("is not JSON: {error}")
        })
    }

    /// What it is, in a message: scalars are shown, shortened where they are long.
    fn shown(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::UInt(value) => value.to_string(),
            Self::Float(value) => format!("{value:?}"),
            Self::Text(text) => format!("the string {}", quoted(text)),
            Self::Array(_) => "an array".into(),
            Self::Object(_) => "an object".into(),
        }
    }
}

/// A text in quotes and escaped, at most 40 characters of it: messages stay short whatever was sent.
pub fn quoted(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// The next value, by the number of those before it.
#[derive(Clone, Copy)]
struct Node<'c>(&'c Cell<usize>);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        self.0.set(self.0.get() + 1);
        if self.0.get() > limits::JSON_VALUES {
            return Err(D::Error::custom("too many values"));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Json::UInt(value), Json::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            found.push(item);
        }
        Ok(Json::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let (room, until) = limits::JSON_ROOM;
        let mut found = Vec::with_capacity(if self.0.get() <= until { room } else { 0 });
        while let Some(Key(key)) = entries.next_key()? {
            found.push((key, entries.next_value_seed(self)?));
        }
        Ok(Json::Object(found))
    }
}

/// A key, borrowed where nothing in it was escaped (serde's own `Cow` never borrows).
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// Where in a document something stands. Costs nothing until it is written out.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// The document itself.
    Root,
    /// An entry of an object.
    Key(&'a At<'a>, &'a str),
    /// An item of an array.
    Index(&'a At<'a>, usize),
}

impl At<'_> {
    /// The entry of this object.
    pub fn key<'b>(&'b self, key: &'b str) -> At<'b> {
        At::Key(self, key)
    }

    /// The item of this array.
    pub fn index(&self, index: usize) -> At<'_> {
        At::Index(self, index)
    }
}

impl fmt::Display for At<'_> {
    /// A JSON pointer (RFC 6901).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::Root => Ok(()),
            At::Key(parent, key) => write!(f, "{parent}/{}", key.replace('~', "~0").replace('/', "~1")),
            At::Index(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

/// One problem of a request.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// A JSON pointer into the body; empty for the whole of it, and for what is no part of it.
    pub pointer: String,
    /// The header that it is about instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<&'static str>,
    /// The query parameter that it is about instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What was found, and what is allowed.
    pub detail: String,
}

impl FieldError {
    /// A problem of the body.
    pub fn body(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), header: None, parameter: None, detail: detail.into() }
    }

    /// A problem of a header.
    pub fn header(header: &'static str, detail: impl Into<String>) -> Self {
        Self { header: Some(header), ..Self::body("", detail) }
    }

    /// A problem of the query.
    pub fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { parameter: Some(name.into()), ..Self::body("", detail) }
    }
}

/// The problems found so far, at most [`limits::REQUEST_ERRORS`].
#[derive(Debug, Default)]
pub struct Errors {
    found: Vec<FieldError>,
    /// Whether one of them leaves nothing that could be a request.
    binding: bool,
}

impl Errors {
    /// Notes a problem of the value at this place.
    pub fn add(&mut self, at: At<'_>, detail: impl Into<String>) {
        self.binding = true;
        self.note(at, detail);
    }

    /// Notes a problem of a value that can be read, and that another day's rules may allow, or allowed.
    pub fn object(&mut self, at: At<'_>, detail: impl Into<String>) {
        self.note(at, detail);
    }

    fn note(&mut self, at: At<'_>, detail: impl Into<String>) {
        if !self.is_full() {
            self.found.push(FieldError::body(at.to_string(), detail));
        }
    }

    /// Whether no further problem would be told.
    pub fn is_full(&self) -> bool {
        self.found.len() >= limits::REQUEST_ERRORS
    }

    /// `value`, or the problems where there are any.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Vec<FieldError>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            // A value is missing only after a problem was noted; should that ever be wrong, it is still no request.
            None if self.found.is_empty() => Err(vec![FieldError::body("", "is not a valid request")]),
            _ => Err(self.found),
        }
    }

    /// `value` with what today's rules have against it, or all problems where one leaves nothing that could be a request.
    pub fn or_objections<T>(self, value: Option<T>) -> Result<(T, Vec<FieldError>), Vec<FieldError>> {
        match value {
            Some(value) if !self.binding => Ok((value, self.found)),
            value => self.or(value).map(|value| (value, Vec::new())),
        }
    }
}

/// The entries of an object with known fields, in the order of `names`. Unknown and repeated ones are noted, with the
/// names that are allowed. `None` where it is no object.
pub fn fields<'v, 'a, const N: usize>(
    value: &'v Json<'a>,
    names: &[&'static str; N],
    at: At<'_>,
    errors: &mut Errors,
) -> Option<[Option<&'v Json<'a>>; N]> {
    let Json::Object(entries) = value else {
        errors.add(at, format!("must be an object, is {}", value.shown()));
        return None;
    };
    let mut found = [None; N];
    for (key, value) in entries {
        match names.iter().position(|name| name == key) {
            None if key.len() > limits::METADATA_KEY => {
                let detail = format!("has the unknown field {}; allowed are {}", quoted(key), names.join(", "));
                errors.add(at, detail);
            }
            None => errors.add(at.key(key), format!("is unknown; allowed are {}", names.join(", "))),
            Some(index) if found[index].is_some() => errors.add(at.key(key), "is given twice"),
            Some(index) => found[index] = Some(value),
        }
    }
    Some(found)
}

/// A field that must be there.
pub fn required<'v, 'a>(value: Option<&'v Json<'a>>, at: At<'_>, errors: &mut Errors) -> Option<&'v Json<'a>> {
    if value.is_none() {
        errors.add(at, "is required");
    }
    value
}

/// Whether a string may be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// An empty string, or one of white space, is taken.
    Allowed,
    /// It must hold more than white space.
    Refused,
}

/// A string of at most `max` characters, without control characters.
pub fn text<'v>(value: &'v Json<'_>, blank: Blank, max: usize, at: At<'_>, errors: &mut Errors) -> Option<&'v str> {
    let Json::Text(text) = value else {
        errors.add(at, format!("must be a string, is {}", value.shown()));
        return None;
    };
    match wrong_text(text, blank, max) {
        None => Some(text),
        Some(detail) => {
            errors.add(at, detail);
            None
        }
    }
}

/// What is wrong with a text; see [`text`].
pub fn wrong_text(text: &str, blank: Blank, max: usize) -> Option<String> {
    // Bytes are at least as many as characters, so that the common case counts none.
    if text.len() > max {
        let length = text.chars().count();
        if length > max {
            return Some(format!("must have at most {max} characters, has {length}"));
        }
    }
    if let Some(control) = text.chars().find(|c| c.is_control()) {
        return Some(format!("must hold no control characters, holds U+{:04X}", u32::from(control)));
    }
    (blank == Blank::Refused && text.trim().is_empty()).then(|| "must not be empty".to_owned())
}

/// A whole number within bounds.
pub fn whole(value: &Json<'_>, allowed: RangeInclusive<i64>, at: At<'_>, errors: &mut Errors) -> Option<i64> {
    match value {
        Json::Int(number) if allowed.contains(number) => Some(*number),
        _ => {
            let (from, to) = (allowed.start(), allowed.end());
            errors.add(at, format!("must be a whole number from {from} to {to}, is {}", value.shown()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes that a value has taken beside its own place.
    fn taken(value: &Json<'_>) -> usize {
        match value {
            Json::Array(items) => items.capacity() * size_of::<Json<'_>>() + items.iter().map(taken).sum::<usize>(),
            Json::Object(entries) => {
                let place = size_of::<(Cow<'_, str>, Json<'_>)>();
                entries.capacity() * place + entries.iter().map(|(_, value)| taken(value)).sum::<usize>()
            }
            Json::Null | Json::Bool(_) | Json::Int(_) | Json::UInt(_) | Json::Float(_) | Json::Text(_) => 0,
        }
    }

    #[test]
    fn a_document_takes_no_more_than_its_values_may() {
        let whole = |item: &str, count: usize| format!("[{}{item}]", format!("{item},").repeat(count - 1));
        for (item, each, times) in [("{}", 1, 20), ("[]", 1, 20), ("[0]", 2, 60), (r#"{"":0}"#, 2, 60)] {
            let most = (limits::JSON_VALUES - 1) / each;
            let text = whole(item, most);
            let read = Json::read(text.as_bytes()).expect("a document");
            let taken = taken(&read);
            assert!(taken < times * text.len() && taken < 6 << 20, "{item}: {taken} of {}", text.len());
            let error = Json::read(whole(item, most + 1).as_bytes()).expect_err("too many values");
            assert_eq!(error, "must hold at most 20000 values, holds more");
        }
        assert!(Json::read(b"[1] 2").expect_err("two documents").starts_with("is not JSON"));
    }
}
