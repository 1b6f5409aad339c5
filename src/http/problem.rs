//! The one error envelope: RFC 9457 problem details. What HTTP, the engine and the store refuse is told here. What became of an
//! order, and why its state refuses a verb, is decided and stored, and its text with it: that is the saga's (`saga/answer.rs`,
//! `saga/verb.rs`). The codes of both, with status and title, are in one list: [`Code`].
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
use crate::saga::codes::Spec;
use crate::saga::{Answer, Code, OrderId, Request};

/// The content type of problems.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// After how many seconds a client should try again.
pub const RETRY_AFTER_S: &str = "1";

/// The label of a code that this program does not know.
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
        Self(coded.and_then(|coded| Code::of(&coded.code)).map_or(OTHER_CODE, Code::as_str))
    }
}

struct Inner {
    code: Code,
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
        let Spec { word, status, title, .. } = inner.code.spec();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", &format!("{PROBLEM_TYPE}{word}"))?;
        map.serialize_entry("title", title)?;
        map.serialize_entry("status", status)?;
        map.serialize_entry("detail", &inner.detail)?;
        map.serialize_entry("code", word)?;
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
    fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        let problem = Self(Box::new(Inner {
            code,
            detail: detail.into(),
            order_id: None,
            extra: Vec::new(),
            headers: Vec::new(),
        }));
        if code.spec().retry_after { problem.header(header::RETRY_AFTER, RETRY_AFTER_S) } else { problem }
    }

    /// With a field that the list has of its code.
    fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        debug_assert!(
            self.0.code.allows(key),
            "{} has no field {key}: say so in crates/engine/src/saga/codes.rs",
            self.code()
        );
        self.0.extra.push((key, value.into()));
        self
    }

    fn header(mut self, name: header::HeaderName, value: impl Into<Cow<'static, str>>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// Names the order that it is about.
    pub fn about(mut self, order_id: &OrderId) -> Self {
        debug_assert!(
            self.0.code.allows("order_id"),
            "{} names no order: say so in crates/engine/src/saga/codes.rs",
            self.code()
        );
        self.0.order_id = Some(order_id.clone());
        self
    }

    /// The HTTP status, which the code decides.
    pub fn status(&self) -> u16 {
        self.0.code.spec().status
    }

    /// The code, as in the last part of its type.
    pub fn code(&self) -> &'static str {
        self.0.code.as_str()
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
        Answer { status: self.status(), body: self.body() }
    }

    /// As a response, with its headers; the problem is counted by its code.
    pub fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.extensions_mut().insert(Counted(self.code()));
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
        Self::new(Code::InvalidRequest, detail).with("errors", errors)
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
        Self::new(Code::Unauthorized, detail).header(header::WWW_AUTHENTICATE, challenge)
    }

    /// 401: a webhook that its participant has not signed, or that is too old.
    pub fn bad_signature(detail: &'static str) -> Self {
        Self::new(Code::BadSignature, detail).header(header::WWW_AUTHENTICATE, "WebhookSignature realm=\"counterfoil\"")
    }

    /// 403: another role is needed.
    pub fn forbidden(roles: &str) -> Self {
        Self::new(Code::Forbidden, format!("this needs a token with the role {roles}"))
    }

    /// 403: what goes through everybody's orders is for the staff.
    pub fn others_orders() -> Self {
        Self::new(Code::Forbidden, "a client lists its own orders: sort=newest, and others' orders, are for the staff")
    }

    /// 403: the request names a host that this server does not answer to.
    pub fn foreign_host() -> Self {
        let detail = "without tokens this answers to loopback names, and to those of server.allowed_hosts, alone";
        Self::new(Code::Forbidden, detail)
    }

    /// 403: a browser sends it for a page of somebody else.
    pub fn foreign_origin() -> Self {
        let detail = "without tokens nothing is changed for a page of another origin; see server.allowed_hosts";
        Self::new(Code::Forbidden, detail)
    }

    /// 403: the order_id is new, and begins as those of another client do.
    pub fn foreign_prefix() -> Self {
        let detail = "begins with the prefix of another client, which alone may submit such orders";
        let errors = serde_json::to_value([FieldError::body("/order_id", detail)]).unwrap_or_default();
        Self::new(Code::Forbidden, format!("/order_id {detail}; nothing was stored")).with("errors", errors)
    }

    /// 404: no such route.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "there is nothing at this path")
    }

    /// 404: no such order, or another client's.
    pub fn order_not_found() -> Self {
        Self::new(Code::OrderNotFound, "there is no such order")
    }

    /// 410: events behind the version that the client has are gone; the history begins behind this one.
    pub fn events_pruned(pruned_to: i32) -> Self {
        let detail = format!(
            "the events of this order up to version {pruned_to} are not kept any more: read on from the beginning of what is \
             there, without Last-Event-ID or cursor"
        );
        Self::new(Code::EventsPruned, detail).with("pruned_to", pruned_to)
    }

    /// 404: stock is counted by a service of its own.
    pub fn inventory_remote() -> Self {
        Self::new(Code::InventoryRemote, "stock is counted by the inventory service, and is read and changed there")
    }

    /// 404: inventory does not know the SKU of the path.
    pub fn sku_not_found() -> Self {
        Self::new(Code::SkuNotFound, "inventory does not know this SKU; PUT creates it")
    }

    /// 405: the path has other methods.
    pub fn method_not_allowed(allowed: String) -> Self {
        let detail = format!("allowed here are {allowed}");
        Self::new(Code::MethodNotAllowed, detail).header(header::ALLOW, allowed)
    }

    /// 408: the body did not come in time.
    pub fn request_timeout() -> Self {
        Self::new(Code::RequestTimeout, "the body did not arrive in time").header(header::CONNECTION, "close")
    }

    /// 413: the body is too long.
    pub fn too_large(max: usize) -> Self {
        let detail = format!("the body may have at most {max} bytes");
        Self::new(Code::PayloadTooLarge, detail)
    }

    /// 415: the body is not plain JSON in UTF-8.
    pub fn unsupported_media_type(detail: &'static str) -> Self {
        Self::new(Code::UnsupportedMediaType, detail)
            .header(header::ACCEPT, "application/json")
            .header(header::ACCEPT_ENCODING, "identity")
    }

    /// 409: a bound on the number of things is reached.
    pub fn limit_reached(detail: String) -> Self {
        Self::new(Code::LimitReached, detail)
    }

    /// 404: no endpoint of webhooks has this name.
    pub fn endpoint_not_found() -> Self {
        Self::new(Code::EndpointNotFound, "there is no such endpoint of webhooks")
    }

    /// 409: an endpoint of webhooks has this name already.
    pub fn endpoint_exists() -> Self {
        let detail = "there is an endpoint of this name; remove it first, or take another name";
        Self::new(Code::EndpointExists, detail)
    }

    /// 409: the endpoint is the configuration's to change.
    pub fn endpoint_configured() -> Self {
        let detail = "outbox.sinks has this endpoint, and says what it is: change it there; it can be paused here";
        Self::new(Code::EndpointConfigured, detail)
    }

    /// 429: the order takes no more keys of verbs. There is nothing to wait for: no key is ever removed.
    pub fn too_many_keys() -> Self {
        let detail = format!(
            "the order has had {} requests to cancel, capture or refund it, each under a key of its own, and takes no more; \
             nothing was stored: an earlier request can be repeated under its own key",
            limits::VERB_KEYS
        );
        Self::new(Code::TooManyKeys, detail)
    }

    /// 422: the key stands for another request.
    pub fn key_reused() -> Self {
        let detail = "the Idempotency-Key was used for a request with other content; another request needs another key";
        Self::new(Code::IdempotencyKeyReused, detail)
    }
}

/// What is wrong on our side.
impl Problem {
    /// 500. The caller has logged what happened.
    pub fn internal() -> Self {
        let detail = "something went wrong; the outcome may be unknown: repeat the same request";
        Self::new(Code::Internal, detail)
    }

    /// 503: the outcome may be unknown.
    pub fn unavailable() -> Self {
        let detail = "the service is not available now; the outcome may be unknown: repeat the same request";
        Self::new(Code::Unavailable, detail)
    }

    /// 503: what the request needs stays locked; nothing of it was stored.
    pub fn locked(what: &str) -> Self {
        let detail =
            format!("{what} is locked by another session of the database; nothing was stored: repeat the same request");
        Self::new(Code::Unavailable, detail)
    }

    /// 503: an older program may run beside this one, or a newer one has to; nothing was stored.
    pub fn too_early(detail: String) -> Self {
        Self::new(Code::Unavailable, detail)
    }

    /// 503: not ready to serve; `checks` where they were asked for.
    pub fn not_ready(checks: Option<Value>) -> Self {
        let problem = Self::new(Code::Unavailable, "not ready to serve");
        match checks {
            Some(checks) => problem.with("checks", checks),
            None => problem,
        }
    }

    /// 503: nothing was stored.
    pub fn overloaded() -> Self {
        let detail = "too many requests wait; nothing was stored: repeat the same request";
        Self::new(Code::Overloaded, detail)
    }

    /// 503: the bodies of other requests take all the room that there is for them.
    pub fn too_many_bodies() -> Self {
        let detail = "too many large requests come in at once; nothing was stored: repeat the same request";
        Self::new(Code::Overloaded, detail)
    }

    /// 503: answers that others have yet to read take all the room that there is for them.
    pub fn too_much_unread() -> Self {
        let detail = "too many large answers wait to be read; repeat the same request";
        Self::new(Code::Overloaded, detail)
    }

    /// 503: too many listings and histories of this client wait.
    pub fn too_many_listings() -> Self {
        let detail = "too many listings and histories of this client wait for their turn: repeat the same request";
        Self::new(Code::Overloaded, detail)
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
        Self::new(Code::Overloaded, detail)
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
            let problem = Problem::new(Code::OrderExists, detail).about(&order_id);
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
    Problem::new(Code::UnknownSku, detail)
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

    /// Each code that HTTP answers, with every field that it can bear.
    #[test]
    fn every_problem_is_as_the_list_says() {
        let id = OrderId::trusted("ORD-1");
        let sku = crate::saga::Sku::trusted("SKU-1");
        let level = crate::saga::StockLevel { sku: sku.clone(), on_hand: 5, reserved: 2, available: 3 };
        let body = br#"{"order_id":"ORD-1","customer_id":"cus-7","currency":"USD","payment_method":"pm_ok",
            "lines":[{"sku":"SKU-1","quantity":2,"unit_price":1999}],
            "ship_to":{"name":"A","line1":"1 Road","city":"X","postal_code":"1","country":"US"}}"#;
        let request = crate::http::request::parse(body, crate::http::request::Tokens::ANY).unwrap().request;
        let exists = |differs| SubmitError::OrderExists { order_id: id.clone(), differs };
        let mut made = vec![
            Problem::invalid_request(vec![FieldError::body("/lines", "is required")]),
            Problem::unauthorized(true),
            Problem::bad_signature("x"),
            Problem::forbidden("operator"),
            Problem::foreign_prefix().about(&id),
            Problem::not_found(),
            Problem::order_not_found().about(&id),
            Problem::events_pruned(3).about(&id),
            Problem::sku_not_found(),
            Problem::inventory_remote(),
            Problem::method_not_allowed("GET".into()),
            Problem::request_timeout(),
            Problem::too_large(1),
            Problem::unsupported_media_type("x"),
            Problem::limit_reached("x".into()),
            Problem::endpoint_not_found(),
            Problem::endpoint_exists(),
            Problem::endpoint_configured(),
            Problem::too_many_keys().about(&id),
            Problem::key_reused(),
            Problem::internal(),
            Problem::unavailable(),
            Problem::locked("a row"),
            Problem::too_early("x".into()),
            Problem::not_ready(Some(Value::Null)),
            Problem::overloaded(),
            Problem::too_many_streams(),
        ];
        for error in [exists(None), exists(Some(vec!["/lines".into()])), SubmitError::UnknownSku { skus: vec![sku] }] {
            made.push(of_submission(error, &request, None));
        }
        let mut codes = std::collections::BTreeSet::new();
        for problem in &made {
            let spec = problem.0.code.spec();
            let body: serde_json::Map<String, Value> = serde_json::from_str(&problem.body()).unwrap();
            let has = crate::saga::codes::EVERY_PROBLEM.iter().chain(spec.has);
            assert!(has.into_iter().all(|name| body.contains_key(*name)), "{problem:?}");
            assert!(body.keys().all(|name| problem.0.code.allows(name)), "{problem:?}");
            let response = problem.response();
            assert_eq!(response.headers().contains_key(header::RETRY_AFTER), spec.retry_after, "{problem:?}");
            assert_eq!((response.status().as_u16(), spec.is_final), (spec.status, false), "{problem:?}");
            codes.insert(problem.code());
        }
        // What is kept under the key of an adjustment is the saga's.
        let kept = crate::saga::stock::out_of_range(&level, limits::ON_HAND);
        let (spec, body) = (Code::StockOutOfRange.spec(), serde_json::from_str::<serde_json::Map<_, _>>(&kept.body));
        assert!(body.expect("an object").keys().all(|name| Code::StockOutOfRange.allows(name)), "{kept:?}");
        assert_eq!(kept.status, spec.status);
        codes.insert(spec.word);
        let listed = Code::ALL.iter().map(|code| code.spec()).filter(|spec| !spec.is_final).map(|spec| spec.word);
        assert_eq!(codes, listed.collect(), "those of the list that are not final, and those that were made");
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
