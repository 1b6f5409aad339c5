//! Request headers: `Idempotency-Key` and `Prefer`.

use std::time::Duration;

use actix_web::http::header::HeaderMap;
use sfv::{BareItem, Item, Parser};

use super::json::{FieldError, quoted};
use crate::limits;
use crate::saga::IdempotencyKey;

/// The header that names a request, so that it can be repeated.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Tells that an answer was made by an earlier request.
pub const IDEMPOTENT_REPLAYED: &str = "Idempotent-Replayed";
/// Tells which preferences were honoured (RFC 7240).
pub const PREFERENCE_APPLIED: &str = "Preference-Applied";

/// The `Idempotency-Key`, bare or as a quoted string of RFC 9651 (both spell the same key): 1 to 255 visible ASCII
/// characters. `None` where there is none.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, FieldError> {
    let wrong = |detail: &str| FieldError::header(IDEMPOTENCY_KEY, detail);
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(wrong("is given more than once"));
    }
    let allowed = "must be 1 to 255 visible ASCII characters, bare or in double quotes";
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| wrong(allowed))?.trim_matches([' ', '\t']);
    let quoted = text.starts_with('"');
    let key = if quoted {
        let item = Parser::new(text).parse::<Item>().map_err(|_| wrong(allowed))?;
        match item.bare_item {
            BareItem::String(text) => text.as_str().to_owned(),
            _ => return Err(wrong(allowed)),
        }
    } else {
        text.to_owned()
    };
    if !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(wrong(allowed));
    }
    IdempotencyKey::parse(&key).map(Some).map_err(|_| wrong(allowed))
}

/// The key of a verb, which cannot do without.
pub fn required_key(headers: &HeaderMap) -> Result<IdempotencyKey, FieldError> {
    idempotency_key(headers)?.ok_or_else(|| FieldError::header(IDEMPOTENCY_KEY, "is required"))
}

/// What a client prefers (RFC 7240). Whatever is malformed or unknown is ignored, as section 2 of it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefer {
    respond_async: bool,
    wait_s: Option<u64>,
}

impl Prefer {
    /// Reads all `Prefer` headers; the first of repeated preferences counts.
    pub fn read(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        for value in headers.get_all("Prefer") {
            for preference in value.to_str().unwrap_or_default().split(',') {
                prefer.take(preference);
            }
        }
        prefer
    }

    /// Takes one `token [= value] *(; parameter)`. No value of a known preference holds a comma or a semicolon; one
    /// within the quotes of an unknown one makes parts that are ignored as well.
    fn take(&mut self, preference: &str) {
        let (preference, _parameters) = preference.split_once(';').unwrap_or((preference, ""));
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        let (name, value) = (name.trim(), value.trim());
        let value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
        if name.eq_ignore_ascii_case("respond-async") && value.is_empty() {
            self.respond_async = true;
        } else if name.eq_ignore_ascii_case("wait")
            && self.wait_s.is_none()
            && !value.is_empty()
            && value.bytes().all(|b| b.is_ascii_digit())
        {
            self.wait_s = Some(value.parse().unwrap_or(u64::MAX).min(limits::WAIT_S));
        }
    }

    /// How long to wait for a final answer. `respond-async` alone waits for nothing; with `wait` it says what should
    /// follow the wait (RFC 7240, 4.3), which is what happens anyway.
    pub fn wait(self, default: Duration) -> Duration {
        match self.wait_s {
            Some(seconds) => Duration::from_secs(seconds),
            None if self.respond_async => Duration::ZERO,
            None => default,
        }
    }

    /// The `Preference-Applied` of an answer: `interim` where it is not the final one.
    pub fn applied(self, interim: bool) -> Option<String> {
        let respond_async = (interim && self.respond_async).then(|| "respond-async".to_owned());
        let wait = self.wait_s.map(|seconds| format!("wait={seconds}"));
        match (respond_async, wait) {
            (Some(first), Some(second)) => Some(format!("{first}, {second}")),
            (first, second) => first.or(second),
        }
    }
}

/// Why a `Content-Type` or `Content-Encoding` is not JSON in UTF-8 as it stands; `None` where it is.
pub fn wrong_media_type(headers: &HeaderMap) -> Option<&'static str> {
    let expected = "the Content-Type must be application/json";
    let Some(value) = headers.get("Content-Type").and_then(|value| value.to_str().ok()) else {
        return Some(expected);
    };
    let mut parts = value.split(';');
    if !parts.next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Some(expected);
    }
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let charset = name.trim().eq_ignore_ascii_case("charset");
        if charset && !value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") {
            return Some("the charset must be utf-8");
        }
    }
    let encoded =
        headers.get("Content-Encoding").is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    encoded.then_some("the body must not be compressed")
}

/// A number of a query parameter, within bounds.
pub fn number(name: &str, text: &str, from: i64, to: i64) -> Result<i64, FieldError> {
    let number = text.parse::<i64>().ok().filter(|number| (from..=to).contains(number));
    number.ok_or_else(|| {
        FieldError::parameter(name, format!("must be a whole number from {from} to {to}, is {}", quoted(text)))
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: &'static str, values: &[&[u8]]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    #[test]
    fn a_key_is_the_same_bare_and_quoted() {
        let key = |value: &[u8]| idempotency_key(&headers(IDEMPOTENCY_KEY, &[value]));
        assert_eq!(idempotency_key(&HeaderMap::new()), Ok(None));
        assert_eq!(key(b"8e03978e-40d5").unwrap().unwrap().as_str(), "8e03978e-40d5");
        assert_eq!(key(b"\"8e03978e-40d5\""), key(b"8e03978e-40d5"));
        assert_eq!(key(b"\"a\\\"b\"").unwrap().unwrap().as_str(), "a\"b");
        assert_eq!(key("k".repeat(255).as_bytes()).unwrap().unwrap().as_str().len(), 255);
        let long = "k".repeat(256);
        for bad in
            [&b""[..], b"\"\"", b"a b", b"\"a b\"", b"\"open", b"\"a\" b", b"caf\xc3\xa9", b"\xff", long.as_bytes()]
        {
            let error = key(bad).unwrap_err();
            assert_eq!(error.header, Some(IDEMPOTENCY_KEY));
            assert!(error.detail.contains("1 to 255"), "{bad:?}: {error:?}");
        }
        let error = idempotency_key(&headers(IDEMPOTENCY_KEY, &[b"a", b"a"])).unwrap_err();
        assert!(error.detail.contains("more than once"));
    }

    #[test]
    fn preferences_are_read_as_rfc_7240_says() {
        let default = Duration::from_secs(10);
        for (values, seconds, interim, last) in [
            (&[][..], 10, None, None),
            (&[&b"wait=5"[..]][..], 5, Some("wait=5"), Some("wait=5")),
            (&[b"Wait = 5 ; x=y"], 5, Some("wait=5"), Some("wait=5")),
            (&[b"wait=\"5\""], 5, Some("wait=5"), Some("wait=5")),
            (&[b"wait=5, wait=7"], 5, Some("wait=5"), Some("wait=5")),
            (&[b"wait=9999999999999999999999"], 30, Some("wait=30"), Some("wait=30")),
            (&[b"wait=0"], 0, Some("wait=0"), Some("wait=0")),
            (&[b"respond-async"], 0, Some("respond-async"), None),
            (&[b"respond-async, wait=3"], 3, Some("respond-async, wait=3"), Some("wait=3")),
            (&[b"respond-async", b"wait=3"], 3, Some("respond-async, wait=3"), Some("wait=3")),
            (&[b"wait=-1"], 10, None, None),
            (&[b"wait=1.5, wait, wait="], 10, None, None),
            (&[b"return=minimal, \xff"], 10, None, None),
        ] {
            let prefer = Prefer::read(&headers("prefer", values));
            assert_eq!(prefer.wait(default), Duration::from_secs(seconds), "{values:?}");
            assert_eq!(prefer.applied(true).as_deref(), interim, "{values:?}");
            assert_eq!(prefer.applied(false).as_deref(), last, "{values:?}");
        }
    }

    #[test]
    fn only_plain_json_in_utf_8_is_taken() {
        let wrong = |value: &[u8]| wrong_media_type(&headers("content-type", &[value]));
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert_eq!(wrong(good.as_bytes()), None, "{good}");
        }
        for bad in ["text/plain", "application/json; charset=latin-1", "application/jsonp", "", "\u{e9}"] {
            assert!(wrong(bad.as_bytes()).is_some(), "{bad}");
        }
        assert!(wrong_media_type(&HeaderMap::new()).is_some());
        let mut compressed = headers("content-type", &[b"application/json"]);
        compressed.append(HeaderName::from_static("content-encoding"), HeaderValue::from_static("gzip"));
        assert!(wrong_media_type(&compressed).is_some());
    }
}
