//! The one error envelope: RFC 9457 problem details. What HTTP, the engine and the store refuse is told here. What became of an
//! order, and why its state refuses a verb, is decided and stored, and its text with it: that is the saga's (`saga/answer.rs`,
//! `saga/verb.rs`). [`CODES`] has the codes of all three.
//!
//! What a server error was is for the log; its client text says what to do, and holds nothing internal.

use std::borrow::Cow;
use std::fmt;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::json::FieldError;
use crate::engine::api::SubmitError;
use crate::limits;
use crate::ports::StoreError;
use crate::saga::answer::PROBLEM_TYPE;
use crate::saga::{Answer, OrderId, Request};

/// The content type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// After how many seconds a client should try again.
pub const RETRY_AFTER_S: &str = "1";

/// Every code that a problem may bear, final answers included. A stored one that a later program wrote counts as
/// [`OTHER_CODE`].
pub const CODES: [&str; 35] = [
    "bad_signature",
    "capture_exceeds_authorization",
    "endpoint_configured",
    "endpoint_exists",
    "endpoint_not_found",
    "events_pruned",
    "forbidden",
    "idempotency_key_reused",
    "internal",
    "invalid_request",
    "limit_reached",
    "method_not_allowed",
    "not_found",
    "order_cancelled",
    "order_exists",
    "order_not_found",
    "out_of_stock",
    "overloaded",
    "payload_too_large",
    "payment_declined",
    "refund_exceeds_charge",
    "refund_refused",
    "request_timeout",
    "restock_elsewhere",
    "restock_exceeds_shipment",
    "shipment_failed",
    "sku_not_found",
    "stock_out_of_range",
    "too_many_keys",
    "too_many_refunds",
    "unauthorized",
    "unavailable",
    "unknown_sku",
    "unsupported_media_type",
    "wrong_state",
];

/// The label of a code that is none of [`CODES`].
pub const OTHER_CODE: &str = "other";

/// Which problem a response bears, for whoever counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted(pub &'static str);

impl Counted {
    /// Of a stored answer: a label of the bounded set, whatever stands in the row.
    pub fn stored(answer: &Answer) -> Self {
        #[derive(serde::Deserialize)]
        struct Coded<'a> {
            #[serde(borrow)]
            code: Cow<'a, str>,
        }
        let coded = serde_json::from_str::<Coded<'_>>(&answer.body).ok();
        let known = coded.and_then(|coded| CODES.into_iter().find(|code| *code == coded.code));
        Self(known.unwrap_or(OTHER_CODE))
    }
}

struct Inner {
    status: u16,
    code: &'static str,
    title: &'static str,
    detail: Cow<'static, str>,
    order_id: Option<OrderId>,
    extra: Vec<(&'static str, Value)>,
    headers: Vec<(header::HeaderName, Cow<'static, str>)>,
}

/// An error, as a client sees it. Boxed, since most requests have none.
pub struct Problem(Box<Inner>);

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let inner = &self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format!("{PROBLEM_TYPE}{}", inner.code))?;
        map.serialize_entry("title", inner.title)?;
        map.serialize_entry("status", &inner.status)?;
        map.serialize_entry("detail", &inner.detail)?;
        map.serialize_entry("code", inner.code)?;
        if let Some(order_id) = &inner.order_id {
            map.serialize_entry("order_id", order_id)?;
        }
        for (key, value) in &inner.extra {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.body())
    }
}

impl Problem {
    fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let (extra, headers) = (Vec::new(), Vec::new());
        Self(Box::new(Inner { status, code, title, detail: detail.into(), order_id: None, extra, headers }))
    }

    fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.extra.push((key, value.into()));
        self
    }

    fn header(mut self, name: header::HeaderName, value: impl Into<Cow<'static, str>>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// Names the order that it is about.
    pub fn about(mut self, order_id: &OrderId) -> Self {
        self.0.order_id = Some(order_id.clone());
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The code, as in the last part of its type.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What happened, in words.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The body. Strings and numbers always serialise.
    pub fn body(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As an answer to store: without its headers.
    pub fn answer(&self) -> Answer {
        Answer { status: self.0.status, body: self.body() }
    }

    /// As a response.
    pub fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.extensions_mut().insert(Counted(self.0.code));
        response.insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        for (name, value) in &self.0.headers {
            response.insert_header((name.clone(), value.as_ref()));
        }
        response.body(self.body())
    }
}

/// What a client did wrong.
impl Problem {
    /// 400: with at least one error. Nothing was stored.
    pub fn invalid_request(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => {
                let place = only.header.map(Cow::from).or_else(|| only.parameter.clone().map(Cow::from));
                let place = place.unwrap_or_else(|| match only.pointer.as_str() {
                    "" => "the body".into(),
                    pointer => pointer.to_owned().into(),
                });
                format!("{place} {}", only.detail)
            }
            several => format!("{} things are wrong with the request; errors tells them", several.len()),
        };
        let errors = serde_json::to_value(errors).unwrap_or_default();
        Self::new(400, "invalid_request", "Invalid request", detail).with("errors", errors)
    }

    /// 401: no token, or one that nobody has.
    pub fn unauthorized(presented: bool) -> Self {
        let (detail, challenge) = if presented {
            (
                "the bearer token is not known here, or is not valid now",
                "Bearer realm=\"counterfoil\", error=\"invalid_token\"",
            )
        } else {
            ("a bearer token is required: Authorization: Bearer TOKEN", "Bearer realm=\"counterfoil\"")
        };
        Self::new(401, "unauthorized", "Unauthorized", detail).header(header::WWW_AUTHENTICATE, challenge)
    }

    /// 401: a webhook that its participant has not signed, or that is too old.
    pub fn bad_signature(detail: &'static str) -> Self {
        Self::new(401, "bad_signature", "Bad signature", detail)
            .header(header::WWW_AUTHENTICATE, "WebhookSignature realm=\"counterfoil\"")
    }

    /// 403: another role is needed.
    pub fn forbidden(roles: &str) -> Self {
        Self::new(403, "forbidden", "Forbidden", format!("this needs a token with the role {roles}"))
    }

    /// 403: the request names a host that this server does not answer to.
    pub fn foreign_host() -> Self {
        let detail = "without tokens this answers to loopback names, and to those of server.allowed_hosts, alone";
        Self::new(403, "forbidden", "Forbidden", detail)
    }

    /// 403: a browser sends it for a page of somebody else.
    pub fn foreign_origin() -> Self {
        let detail = "without tokens nothing is changed for a page of another origin; see server.allowed_hosts";
        Self::new(403, "forbidden", "Forbidden", detail)
    }

    /// 403: the order_id is new, and begins as those of another client do.
    pub fn foreign_prefix() -> Self {
        let detail = "begins with the prefix of another client, which alone may submit such orders";
        let errors = serde_json::to_value([FieldError::body("/order_id", detail)]).unwrap_or_default();
        Self::new(403, "forbidden", "Forbidden", format!("/order_id {detail}; nothing was stored"))
            .with("errors", errors)
    }

    /// 404: no such route.
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "Not found", "there is nothing at this path")
    }

    /// 404: no such order, or another client's.
    pub fn order_not_found() -> Self {
        Self::new(404, "order_not_found", "Order not found", "there is no such order")
    }

    /// 410: events behind the version that the client has are gone; the history begins behind this one.
    pub fn events_pruned(pruned_to: i32) -> Self {
        let detail = format!(
            "the events of this order up to version {pruned_to} are not kept any more: read on from the beginning of what is \
             there, without Last-Event-ID or cursor"
        );
        Self::new(410, "events_pruned", "Events are gone", detail).with("pruned_to", pruned_to)
    }

    /// 404: inventory does not know the SKU of the path.
    pub fn sku_not_found() -> Self {
        Self::new(404, "sku_not_found", "SKU not found", "inventory does not know this SKU; PUT creates it")
    }

    /// 405: the path has other methods.
    pub fn method_not_allowed(allowed: String) -> Self {
        let detail = format!("allowed here are {allowed}");
        Self::new(405, "method_not_allowed", "Method not allowed", detail).header(header::ALLOW, allowed)
    }

    /// 408: the body did not come in time.
    pub fn request_timeout() -> Self {
        Self::new(408, "request_timeout", "Request timeout", "the body did not arrive in time")
            .header(header::CONNECTION, "close")
    }

    /// 413: the body is too long.
    pub fn too_large(max: usize) -> Self {
        let detail = format!("the body may have at most {max} bytes");
        Self::new(413, "payload_too_large", "Payload too large", detail)
    }

    /// 415: the body is not plain JSON in UTF-8.
    pub fn unsupported_media_type(detail: &'static str) -> Self {
        Self::new(415, "unsupported_media_type", "Unsupported media type", detail)
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_ENCODING, "identity")
    }

    /// 409: the stock would leave its bounds.
    pub fn stock_out_of_range(level: &crate::ports::StockLevel) -> Self {
        let detail = format!(
            "on_hand must stay between what is reserved, {}, and {}; nothing was changed",
            level.reserved,
            limits::ON_HAND
        );
        Self::new(409, "stock_out_of_range", "Stock out of range", detail)
            .with("sku", level.sku.as_str())
            .with("on_hand", level.on_hand)
            .with("reserved", level.reserved)
            .with("available", level.available)
    }

    /// 409: a bound on the number of things is reached.
    pub fn limit_reached(detail: String) -> Self {
        Self::new(409, "limit_reached", "Limit reached", detail)
    }

    /// 404: no endpoint of webhooks has this name.
    pub fn endpoint_not_found() -> Self {
        Self::new(404, "endpoint_not_found", "Endpoint not found", "there is no such endpoint of webhooks")
    }

    /// 409: an endpoint of webhooks has this name already.
    pub fn endpoint_exists() -> Self {
        let detail = "there is an endpoint of this name; remove it first, or take another name";
        Self::new(409, "endpoint_exists", "Endpoint exists", detail)
    }

    /// 409: the endpoint is the configuration's to change.
    pub fn endpoint_configured() -> Self {
        let detail = "outbox.sinks has this endpoint, and says what it is: change it there; it can be paused here";
        Self::new(409, "endpoint_configured", "Endpoint configured", detail)
    }

    /// 429: the order takes no more keys of verbs. There is nothing to wait for: no key is ever removed.
    pub fn too_many_keys() -> Self {
        let detail = format!(
            "the order has had {} requests to cancel, capture or refund it, each under a key of its own, and takes no more; \
             nothing was stored: an earlier request can be repeated under its own key",
            limits::VERB_KEYS
        );
        Self::new(429, "too_many_keys", "Too many keys", detail)
    }

    /// 422: the key stands for another request.
    pub fn key_reused() -> Self {
        let detail = "the Idempotency-Key was used for a request with other content; another request needs another key";
        Self::new(422, "idempotency_key_reused", "Idempotency-Key reused", detail)
    }
}

/// What is wrong on our side.
impl Problem {
    /// 500. The caller has logged what happened.
    pub fn internal() -> Self {
        let detail = "something went wrong; the outcome may be unknown: repeat the same request";
        Self::new(500, "internal", "Internal error", detail)
    }

    /// 503: the outcome may be unknown.
    pub fn unavailable() -> Self {
        let detail = "the service is not available now; the outcome may be unknown: repeat the same request";
        Self::new(503, "unavailable", "Unavailable", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: what the request needs stays locked; nothing of it was stored.
    pub fn locked(what: &str) -> Self {
        let detail =
            format!("{what} is locked by another session of the database; nothing was stored: repeat the same request");
        Self::new(503, "unavailable", "Unavailable", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: an older program may run beside this one, or a newer one has to; nothing was stored.
    pub fn too_early(detail: String) -> Self {
        Self::new(503, "unavailable", "Unavailable", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: not ready to serve; `checks` where they were asked for.
    pub fn not_ready(checks: Option<Value>) -> Self {
        let problem = Self::new(503, "unavailable", "Unavailable", "not ready to serve")
            .header(header::RETRY_AFTER, RETRY_AFTER_S);
        match checks {
            Some(checks) => problem.with("checks", checks),
            None => problem,
        }
    }

    /// 503: nothing was stored.
    pub fn overloaded() -> Self {
        let detail = "too many requests wait; nothing was stored: repeat the same request";
        Self::new(503, "overloaded", "Overloaded", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: the bodies of other requests take all the room that there is for them.
    pub fn too_many_bodies() -> Self {
        let detail = "too many large requests come in at once; nothing was stored: repeat the same request";
        Self::new(503, "overloaded", "Overloaded", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: answers that others have yet to read take all the room that there is for them.
    pub fn too_much_unread() -> Self {
        let detail = "too many large answers wait to be read; repeat the same request";
        Self::new(503, "overloaded", "Overloaded", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: too many listings and histories of this client wait.
    pub fn too_many_listings() -> Self {
        let detail = "too many listings and histories of this client wait for their turn: repeat the same request";
        Self::new(503, "overloaded", "Overloaded", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }

    /// 503: as many live histories are open as there may be.
    pub fn too_many_streams() -> Self {
        let most = limits::EVENT_STREAMS;
        Self::no_stream(format!("{most} event streams are open, and there may be no more"))
    }

    /// 503: as many live histories of this client are open as one may have, so that others find room.
    pub fn too_many_streams_of_one() -> Self {
        let most = limits::share(limits::EVENT_STREAMS);
        Self::no_stream(format!("{most} event streams of this client are open, and one client may have no more"))
    }

    fn no_stream(why: String) -> Self {
        let detail = format!("{why}; the history without them is GET with Accept: application/json");
        Self::new(503, "overloaded", "Overloaded", detail).header(header::RETRY_AFTER, RETRY_AFTER_S)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(inner) => {
                tracing::warn!(error = inner, "the database is away");
                Self::unavailable()
            }
            StoreError::Corrupt(inner) => {
                tracing::error!(error = inner, "a stored row cannot be read");
                Self::internal()
            }
            StoreError::Refused(inner) => {
                tracing::error!(error = inner, "the database refused");
                Self::internal()
            }
        }
    }
}

/// The problem of a submission that has no answer. `request` is what was submitted, `order_id` its name where it has
/// one.
pub fn of_submission(error: SubmitError, request: &Request, order_id: Option<&OrderId>) -> Problem {
    let named = |problem: Problem| match order_id {
        Some(order_id) => problem.about(order_id),
        None => problem,
    };
    match error {
        SubmitError::Nameless => Problem::invalid_request(vec![FieldError::body(
            "/order_id",
            "is required where there is no Idempotency-Key header",
        )]),
        SubmitError::Invalid { pointer, detail } => Problem::invalid_request(vec![FieldError::body(pointer, detail)]),
        SubmitError::UnknownSku { skus } => named(unknown_sku(&skus, request)),
        SubmitError::OrderExists { order_id, differs } => {
            let detail = "the order_id is known with other content, or is another client's; nothing was stored";
            let problem = Problem::new(409, "order_exists", "Order exists", detail).about(&order_id);
            match differs {
                Some(differs) => problem.with("differs", differs),
                None => problem,
            }
        }
        other => of_request(other, order_id),
    }
}

/// The problem of a verb that has no answer.
pub fn of_verb(error: SubmitError, order_id: &OrderId) -> Problem {
    match error {
        SubmitError::Invalid { pointer, detail } => Problem::invalid_request(vec![FieldError::body(pointer, detail)]),
        other => of_request(other, Some(order_id)),
    }
}

/// What may become of any request to an order.
fn of_request(error: SubmitError, order_id: Option<&OrderId>) -> Problem {
    let named = |problem: Problem| match order_id {
        Some(order_id) => problem.about(order_id),
        None => problem,
    };
    let named_id = order_id.map(OrderId::as_str);
    match error {
        SubmitError::NotFound { order_id } => Problem::order_not_found().about(&order_id),
        SubmitError::KeyReused { order_id } => Problem::key_reused().about(&order_id),
        SubmitError::TooManyKeys { order_id } => Problem::too_many_keys().about(&order_id),
        SubmitError::Overloaded => named(Problem::overloaded()),
        SubmitError::Unavailable(inner) => {
            tracing::warn!(error = inner, order_id = named_id, "a request has no answer");
            named(Problem::unavailable())
        }
        SubmitError::TooEarly { detail } => {
            tracing::warn!(detail, order_id = named_id, "a request cannot be taken yet");
            named(Problem::too_early(detail))
        }
        SubmitError::Locked { what } => {
            tracing::warn!(locked = what, order_id = named_id, "a request was given up: what it needs stays locked");
            named(Problem::locked(&what))
        }
        SubmitError::Internal(inner) => {
            tracing::error!(error = inner, order_id = named_id, "a request failed");
            named(Problem::internal())
        }
        SubmitError::Nameless
        | SubmitError::Invalid { .. }
        | SubmitError::UnknownSku { .. }
        | SubmitError::OrderExists { .. }
        | SubmitError::Refused(_) => {
            tracing::error!(%error, order_id = named_id, "an answer that this request cannot have");
            named(Problem::internal())
        }
    }
}

fn unknown_sku(skus: &[crate::saga::Sku], request: &Request) -> Problem {
    let names: Vec<&str> = skus.iter().map(|sku| sku.as_str()).collect();
    let errors: Vec<FieldError> = request
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| names.contains(&line.sku.as_str()))
        .take(limits::REQUEST_ERRORS)
        .map(|(index, line)| {
            FieldError::body(format!("/lines/{index}/sku"), format!("is unknown to inventory: {:?}", line.sku.as_str()))
        })
        .collect();
    let shown: Vec<&str> = names.iter().copied().take(limits::REQUEST_ERRORS).collect();
    let detail = format!("inventory does not know {}; nothing was stored", shown.join(", "));
    Problem::new(400, "unknown_sku", "Unknown SKU", detail)
        .with("skus", shown)
        .with("errors", serde_json::to_value(errors).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_is_that_of_rfc_9457() {
        let errors = vec![FieldError::body("/currency", "is required"), FieldError::header("Prefer", "is odd")];
        let problem = Problem::invalid_request(errors).about(&OrderId::trusted("ORD-1"));
        assert_eq!(
            problem.body(),
            concat!(
                r#"{"type":"urn:counterfoil:problem:invalid_request","title":"Invalid request","status":400,"#,
                r#""detail":"2 things are wrong with the request; errors tells them","code":"invalid_request","#,
                r#""order_id":"ORD-1","errors":[{"detail":"is required","pointer":"/currency"},"#,
                r#"{"detail":"is odd","header":"Prefer","pointer":""}]}"#
            )
        );
        let response = problem.response();
        assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), PROBLEM_JSON);
    }

    #[test]
    fn one_error_is_told_in_the_detail() {
        let body = Problem::invalid_request(vec![FieldError::body("/lines", "is required")]).body();
        assert!(body.contains(r#""detail":"/lines is required""#), "{body}");
    }

    /// Every code that is written down where problems and final answers are made is one of those that are counted.
    #[test]
    fn every_code_has_its_series() {
        let made = [include_str!("problem.rs"), include_str!("../../crates/engine/src/saga/verb.rs")];
        let is_code = |word: &str| word.contains('_') || matches!(word, "forbidden" | "internal" | "overloaded");
        let mut found = std::collections::BTreeSet::new();
        for text in made {
            let text = text.split("#[cfg(test)]").next().unwrap();
            for place in ["::new(", "code: ", " => ("] {
                for rest in text.split(place).skip(1) {
                    let rest = rest.trim_start().trim_start_matches(|c: char| c.is_ascii_digit() || ", ".contains(c));
                    let word = rest.strip_prefix('"').and_then(|rest| rest.split('"').next()).unwrap_or_default();
                    if is_code(word) {
                        found.insert(word);
                    }
                }
            }
        }
        let unknown: Vec<_> = found.iter().filter(|code| !CODES.contains(code)).collect();
        assert!(unknown.is_empty() && found.len() > 20, "no series of {unknown:?}; found {found:?}");
        assert!(CODES.is_sorted(), "in order, so that a code is written once");
    }

    #[test]
    fn a_stored_answer_is_counted_by_its_code() {
        let stored = |body: &str| Counted::stored(&Answer { status: 409, body: body.into() });
        assert_eq!(stored(r#"{"detail":"\"code\":\"x\"","code":"wrong_state"}"#), Counted("wrong_state"));
        for odd in [r#"{"code":"of a later version"}"#, r#"{"code":7}"#, "{}", "no JSON"] {
            assert_eq!(stored(odd), Counted(OTHER_CODE), "{odd}");
        }
    }

    #[test]
    fn internal_text_stays_inside() {
        for error in [
            StoreError::Unavailable("host 10.0.0.7".into()),
            StoreError::Corrupt("host 10.0.0.7".into()),
            StoreError::Refused("host 10.0.0.7".into()),
        ] {
            let problem = Problem::from(error);
            assert!(problem.status() >= 500 && !problem.body().contains("10.0.0.7"), "{problem:?}");
        }
        assert_eq!(Problem::overloaded().response().headers().get(header::RETRY_AFTER).unwrap(), RETRY_AFTER_S);
    }
}
