//! `/operator/webhooks`: where events are posted to, and what an operator does about it, at once and without a restart. Each
//! change bears a reason, and goes into a log with it.
//!
//! A secret is told once, in the answer to the request that had it made, and never again.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde_json::{Value, json};

use crate::config::Role;
use crate::http::auth::Caller;
use crate::http::json::{At, Blank, Errors, FieldError, Json, fields, quoted, required, text, whole, wrong_text};
use crate::http::problem::Problem;
use crate::http::query;
use crate::http::verbs::reason_of;
use crate::http::{Answered, HttpCall, headers, json_response};
use crate::limits;
use crate::ports::StoreError;
use crate::ports::feed::{FeedError, Gap};
use crate::ports::webhooks::{
    Act, Begun, Endpoint, EndpointPatch, EndpointTarget, LogEntry, NO_LONGER_CONFIGURED, NewEndpoint, NotAdded,
    OperatorWord, UNREADABLE, Undelivered, Unreadable, WebhookOperations, WebhookProbe,
};
use crate::signature::{self, Secret};

/// Where somebody begins who wants nothing of what went before.
const NOW: &str = "now";

/// What the routes below `/operator/webhooks` work with.
#[derive(Clone)]
pub struct WebhookDesk {
    /// Where endpoints are kept.
    pub operations: Arc<dyn WebhookOperations>,
    /// Who sends, and knows the feed.
    pub probe: Arc<dyn WebhookProbe>,
}

/// 404 where this engine delivers nothing, whoever asks; then the role.
fn desk(call: &HttpCall) -> Result<(WebhookDesk, Caller), Problem> {
    let desk = call.state.webhook_desk.clone().ok_or_else(Problem::not_found)?;
    let caller = call.caller()?;
    // Reading them needs it too: a URL may bear what lets somebody in.
    caller.require(&[Role::Operator])?;
    Ok((desk, caller))
}

fn name_of(call: &HttpCall) -> String {
    call.req.match_info().get("name").unwrap_or_default().to_owned()
}

async fn known(desk: &WebhookDesk, name: &str) -> Result<Endpoint, Problem> {
    match found(desk, name).await? {
        Ok(endpoint) => Ok(endpoint),
        Err(unreadable) => Err(StoreError::Corrupt(unreadable.error).into()),
    }
}

async fn found(desk: &WebhookDesk, name: &str) -> Result<Result<Endpoint, Unreadable>, Problem> {
    let found = desk.operations.endpoints().await?;
    let unreadable = found.unreadable.into_iter().find(|one| &*one.name == name);
    match found.all.into_iter().find(|endpoint| &*endpoint.name == name) {
        Some(endpoint) => Ok(Ok(endpoint)),
        None => unreadable.map(Err).ok_or_else(Problem::endpoint_not_found),
    }
}

/// `GET /operator/webhooks`
pub(in crate::http) async fn list(call: HttpCall) -> Answered {
    let (desk, _) = desk(&call)?;
    let mut shown = Vec::new();
    let found = desk.operations.endpoints().await?;
    for endpoint in found.all {
        shown.push(view(&desk, &endpoint).await?);
    }
    shown.extend(found.unreadable.iter().map(unreadable_view));
    json_response(StatusCode::OK, &json!({ "webhooks": shown }))
}

/// `GET /operator/webhooks/{name}`
pub(in crate::http) async fn show(call: HttpCall) -> Answered {
    let (desk, _) = desk(&call)?;
    let name = name_of(&call);
    let mut shown = match found(&desk, &name).await? {
        Ok(endpoint) => view(&desk, &endpoint).await?,
        Err(unreadable) => unreadable_view(&unreadable),
    };
    let log = desk.operations.log(&name).await?;
    shown["log"] = log.iter().map(log_view).collect();
    json_response(StatusCode::OK, &shown)
}

async fn view(desk: &WebhookDesk, endpoint: &Endpoint) -> Result<Value, Problem> {
    let behind = desk.operations.behind(endpoint.position.clone()).await?;
    let counts = desk.operations.counts(endpoint.id).await?;
    let EndpointTarget { url, secrets, types, clients, personal_data, strict } = &endpoint.target;
    let is_nobodys = counts.is_nobodys(endpoint) && !desk.probe.is_configured(&endpoint.name);
    let state_reason = endpoint.state_reason.as_deref().or(is_nobodys.then_some(NO_LONGER_CONFIGURED));
    Ok(json!({
        "name": &*endpoint.name,
        "id": endpoint.id,
        "url": url,
        "secrets": secrets.len(),
        "types": types,
        "clients": clients,
        "personal_data": personal_data,
        "strict": strict,
        "configured": endpoint.is_configured,
        "state": endpoint.state.as_str(),
        "state_reason": state_reason,
        "created_at": endpoint.created_at.to_string(),
        "last_success_at": endpoint.last_success_at.map(|at| at.to_string()),
        "since": endpoint.since.map(|since| since.to_string()),
        "position": endpoint.position,
        "lag_events": behind.events,
        "lag_seconds": behind.oldest.as_secs_f64(),
        "waiting_orders": counts.waiting,
        "stopped_orders": counts.stopped,
        "set_aside_events": counts.set_aside,
        "gap": endpoint.gap.map(gap_view),
    }))
}

/// An endpoint whose row cannot be read: it can be removed, and nothing else.
fn unreadable_view(one: &Unreadable) -> Value {
    json!({
        "name": &*one.name, "configured": one.is_configured, "state": UNREADABLE, "state_reason": one.error,
    })
}

/// What it will not get any more, for its consumers to be told.
fn gap_view(gap: Gap) -> Value {
    json!({ "events": gap.events, "orders": gap.orders, "decided_until": gap.until.to_string() })
}

fn log_view(entry: &LogEntry) -> Value {
    let LogEntry { at, by, verb, reason, detail } = entry;
    json!({ "at": at.to_string(), "by": by, "verb": verb, "reason": reason, "detail": detail })
}

/// `POST /operator/webhooks`
pub(in crate::http) async fn add(mut call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let body = call.body().await?;
    let Added { name, mut target, from, reason } = read_added(&body).map_err(Problem::invalid_request)?;
    refuse_url(&desk, &target.url)?;
    if desk.probe.is_another_sink(&name) {
        let detail = "is the name of another sink in outbox.sinks: metrics would tell them as one";
        return Err(Problem::invalid_request(vec![FieldError::body("/name", detail)]));
    }
    let made = target.secrets.is_empty().then(signature::fresh);
    target.secrets.extend(made.clone());
    let (position, since) = begins(&desk, &from).await?;
    let new = NewEndpoint { name: name.as_str().into(), target, position, since, from_now: from == NOW };
    let word = OperatorWord { by: caller.client.clone(), reason: reason.to_string() };
    let endpoint = match desk.operations.add(new, word).await? {
        Ok(endpoint) => endpoint,
        Err(NotAdded::Exists) => return Err(Problem::endpoint_exists()),
        Err(NotAdded::Full) => {
            let most = limits::WEBHOOK_ENDPOINTS;
            return Err(Problem::limit_reached(format!("there are {most} endpoints, and there may be no more")));
        }
    };
    let mut shown = view(&desk, &endpoint).await?;
    if let Some(secret) = made {
        shown["secret"] = secret.into();
    }
    json_response(StatusCode::CREATED, &shown)
}

/// `PATCH /operator/webhooks/{name}`: what is left out stays. What a configuration says, of this engine or another one, comes
/// back with the next start: it is changed there.
pub(in crate::http) async fn change(mut call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let endpoint = known(&desk, &name_of(&call)).await?;
    if endpoint.is_configured {
        return Err(Problem::endpoint_configured());
    }
    let body = call.body().await?;
    let (patch, reason) = read_change(&body).map_err(Problem::invalid_request)?;
    if let Some(url) = &patch.url {
        refuse_url(&desk, url)?;
    }
    act(&desk, &caller, &endpoint.name, Act::Change(patch), &reason).await?;
    let endpoint = known(&desk, &endpoint.name).await?;
    json_response(StatusCode::OK, &view(&desk, &endpoint).await?)
}

/// `DELETE /operator/webhooks/{name}`; of what a configuration named once, too, and of what cannot be read: whoever configures
/// that makes it anew with the next start.
pub(in crate::http) async fn remove(mut call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let name = name_of(&call);
    if found(&desk, &name).await?.is_ok_and(|endpoint| endpoint.is_configured) && desk.probe.is_configured(&name) {
        return Err(Problem::endpoint_configured());
    }
    let reason = reason_alone(&mut call).await?;
    act(&desk, &caller, &name, Act::Remove, &reason).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `POST /operator/webhooks/{name}/pause`
pub(in crate::http) async fn pause(call: HttpCall) -> Answered {
    switch(call, Act::Pause).await
}

/// `POST /operator/webhooks/{name}/resume`
pub(in crate::http) async fn resume(call: HttpCall) -> Answered {
    switch(call, Act::Resume).await
}

async fn switch(mut call: HttpCall, what: Act) -> Answered {
    let (desk, caller) = desk(&call)?;
    let name = name_of(&call);
    let reason = reason_alone(&mut call).await?;
    act(&desk, &caller, &name, what, &reason).await?;
    let endpoint = known(&desk, &name).await?;
    json_response(StatusCode::OK, &view(&desk, &endpoint).await?)
}

/// `POST /operator/webhooks/{name}/test`: an event that means nothing is sent, once, whatever the endpoint's state.
pub(in crate::http) async fn test(call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let endpoint = known(&desk, &name_of(&call)).await?;
    let tried = call.while_known(&caller, desk.probe.probe(endpoint)).await?;
    json_response(
        StatusCode::OK,
        &json!({
            "delivered": tried.error.is_none(),
            "status": tried.status,
            "error": tried.error,
            "took_ms": u64::try_from(tried.took.as_millis()).unwrap_or(u64::MAX),
        }),
    )
}

/// `POST /operator/webhooks/{name}/redrive`: those that wait, and those that were set aside; of one order, or with
/// `"all": true` of all.
pub(in crate::http) async fn redrive(mut call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let body = call.body().await?;
    let (which, reason) = read_redrive(&body).map_err(Problem::invalid_request)?;
    let count = act(&desk, &caller, &name_of(&call), which, &reason).await?;
    json_response(StatusCode::OK, &json!({ "redriven": count }))
}

/// `POST /operator/webhooks/{name}/skip`: an event is not to be delivered.
pub(in crate::http) async fn skip(mut call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let body = call.body().await?;
    let (which, reason) = read_skip(&body).map_err(Problem::invalid_request)?;
    let count = act(&desk, &caller, &name_of(&call), which, &reason).await?;
    json_response(StatusCode::OK, &json!({ "skipped": count }))
}

/// `POST /operator/webhooks/{name}/replay`: the feed is read again from there.
pub(in crate::http) async fn replay(mut call: HttpCall) -> Answered {
    let (desk, caller) = desk(&call)?;
    let body = call.body().await?;
    let (from, reason) = read_replay(&body).map_err(Problem::invalid_request)?;
    let (position, since) = begins(&desk, &from).await?;
    let name = name_of(&call);
    act(&desk, &caller, &name, Act::Replay { position, since, from_now: from == NOW }, &reason).await?;
    let endpoint = known(&desk, &name).await?;
    json_response(StatusCode::OK, &view(&desk, &endpoint).await?)
}

/// `GET /operator/webhooks/{name}/undelivered?order_id=&cursor=&limit=`
pub(in crate::http) async fn undelivered(call: HttpCall) -> Answered {
    let (desk, _) = desk(&call)?;
    let wanted = read_wanted(call.req.query_string()).map_err(Problem::invalid_request)?;
    let endpoint = known(&desk, &name_of(&call)).await?;
    let page = desk.operations.undelivered_page(endpoint.id, wanted.order_id, wanted.after, wanted.limit).await?;
    let next = page.last().filter(|_| i64::try_from(page.len()).is_ok_and(|found| found >= wanted.limit));
    let next_cursor = next.map(|last| cursor_of(&last.order_id, last.version));
    let events: Vec<Value> = page.iter().map(undelivered_view).collect();
    json_response(StatusCode::OK, &json!({ "events": events, "next_cursor": next_cursor }))
}

fn undelivered_view(one: &Undelivered) -> Value {
    let state = match (one.upto, &one.next_try_at) {
        (Some(_), Some(_)) => "waiting",
        (Some(_), None) => "stopped",
        (None, Some(_)) => "redriven",
        (None, None) => "set_aside",
    };
    json!({
        "id": format!("{}/{}", one.order_id, one.version),
        "order_id": one.order_id,
        "version": one.version,
        "state": state,
        "upto": one.upto,
        "failures": one.failures,
        "first_failed_at": one.first_failed_at.to_string(),
        "next_try_at": one.next_try_at.map(|at| at.to_string()),
        "status": one.status,
        "error": one.error,
    })
}

/// Does it, in the caller's name; how many rows it concerned.
async fn act(desk: &WebhookDesk, caller: &Caller, name: &str, act: Act, reason: &str) -> Result<u64, Problem> {
    let word = OperatorWord { by: caller.client.clone(), reason: reason.to_owned() };
    let verb = act.verb();
    let done = desk.operations.act(name, act, word).await?.ok_or_else(Problem::endpoint_not_found)?;
    tracing::info!(endpoint = name, verb, by = caller.client.as_str(), reason, "an operator changed an endpoint");
    Ok(done)
}

fn refuse_url(desk: &WebhookDesk, url: &str) -> Result<(), Problem> {
    match desk.probe.refuses(url) {
        Some(detail) => Err(Problem::invalid_request(vec![FieldError::body("/url", detail)])),
        None => Ok(()),
    }
}

async fn begins(desk: &WebhookDesk, from: &str) -> Result<Begun, Problem> {
    match desk.probe.begins(from.to_owned()).await {
        Ok(Ok(begun)) => Ok(begun),
        Ok(Err(detail)) => Err(Problem::invalid_request(vec![FieldError::body("/from", detail)])),
        Err(FeedError::Store(error)) => Err(error.into()),
        Err(FeedError::Another(why)) => {
            let detail = format!("is a position of another history: {why}");
            Err(Problem::invalid_request(vec![FieldError::body("/from", detail)]))
        }
    }
}

async fn reason_alone(call: &mut HttpCall) -> Result<Arc<str>, Problem> {
    let body = call.body().await?;
    read(&body, |json, errors| {
        let [reason] = fields(json, &["reason"], At::Root, errors)?;
        reason_field(reason, errors)
    })
    .map_err(Problem::invalid_request)
}

fn read<T>(body: &[u8], of: impl FnOnce(&Json<'_>, &mut Errors) -> Option<T>) -> Result<T, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let mut errors = Errors::default();
    let found = of(&json, &mut errors);
    errors.or(found)
}

fn reason_field(value: Option<&Json<'_>>, errors: &mut Errors) -> Option<Arc<str>> {
    required(value, At::Root.key("reason"), errors).and_then(|value| reason_of(value, errors))
}

/// An endpoint as it is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Added {
    name: String,
    target: EndpointTarget,
    from: String,
    reason: Arc<str>,
}

const ADDED: [&str; 9] = ["name", "url", "secret", "from", "types", "clients", "personal_data", "strict", "reason"];

fn read_added(body: &[u8]) -> Result<Added, Vec<FieldError>> {
    read(body, |json, errors| {
        let at = At::Root;
        let [name, url, secret, from, types, clients, personal_data, strict, reason] =
            fields(json, &ADDED, at, errors)?;
        let name = required(name, at.key("name"), errors).and_then(|value| name_field(value, errors));
        let url = required(url, at.key("url"), errors)
            .and_then(|value| text(value, Blank::Refused, limits::WEBHOOK_URL, at.key("url"), errors));
        let from = match from {
            None => Some("now".to_owned()),
            Some(value) => text(value, Blank::Refused, limits::REASON, at.key("from"), errors).map(str::to_owned),
        };
        let reason = match reason {
            None => Some(Arc::from("")),
            Some(value) => reason_of(value, errors),
        };
        let EndpointPatch { secret, types, clients, personal_data, strict, url: _ } =
            patch([secret, types, clients, personal_data, strict], errors)?;
        let target = EndpointTarget {
            url: url?.to_owned(),
            secrets: secret.into_iter().collect(),
            types: types.unwrap_or_default(),
            clients: clients.unwrap_or_default(),
            personal_data: personal_data.unwrap_or_default(),
            strict: strict.unwrap_or_default(),
        };
        Some(Added { name: name?, target, from: from?, reason: reason? })
    })
}

const CHANGED: [&str; 7] = ["url", "secret", "types", "clients", "personal_data", "strict", "reason"];

fn read_change(body: &[u8]) -> Result<(EndpointPatch, Arc<str>), Vec<FieldError>> {
    read(body, |json, errors| {
        let at = At::Root;
        let [url, secret, types, clients, personal_data, strict, reason] = fields(json, &CHANGED, at, errors)?;
        let url =
            url.map(|value| text(value, Blank::Refused, limits::WEBHOOK_URL, at.key("url"), errors).map(str::to_owned));
        let patch = patch([secret, types, clients, personal_data, strict], errors);
        let reason = reason_field(reason, errors);
        Some((EndpointPatch { url: given(url)?, ..patch? }, reason?))
    })
}

/// `None` where it was given and is wrong.
fn given<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        None => Some(None),
        Some(right) => right.map(Some),
    }
}

/// What is given of secret, types, clients, personal_data, strict.
fn patch(values: [Option<&Json<'_>>; 5], errors: &mut Errors) -> Option<EndpointPatch> {
    let at = At::Root;
    let [secret, types, clients, personal_data, strict] = values;
    let secret = secret.map(|value| {
        let secret = text(value, Blank::Refused, limits::TEXT, at.key("secret"), errors)?;
        if let Err(error) = Secret::parse(secret) {
            errors.add(at.key("secret"), format!("is not one: {error}"));
            return None;
        }
        Some(secret.to_owned())
    });
    let types = types.map(|value| list_field(value, at.key("types"), errors)).map(|types| {
        let plain = |kind: String| kind.strip_prefix("counterfoil.").map(str::to_owned).unwrap_or(kind);
        Some(types?.into_iter().map(plain).collect())
    });
    let clients = clients.map(|value| list_field(value, at.key("clients"), errors));
    let personal_data = personal_data.map(|value| flag(value, at.key("personal_data"), errors));
    let strict = strict.map(|value| flag(value, at.key("strict"), errors));
    Some(EndpointPatch {
        url: None,
        secret: given(secret)?,
        types: given(types)?,
        clients: given(clients)?,
        personal_data: given(personal_data)?,
        strict: given(strict)?,
    })
}

fn name_field(value: &Json<'_>, errors: &mut Errors) -> Option<String> {
    let at = At::Root;
    let at = at.key("name");
    let name = text(value, Blank::Refused, limits::SINK_NAME, at, errors)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !name.bytes().all(plain) {
        errors.add(at, format!("must be 1 to {} of a-z, 0-9 and -, is {}", limits::SINK_NAME, quoted(name)));
        return None;
    }
    Some(name.to_owned())
}

fn flag(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        _ => {
            errors.add(at, "must be true or false");
            None
        }
    }
}

fn list_field(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<Vec<String>> {
    match value {
        Json::Array(items) if items.len() <= limits::WEBHOOK_FILTER => {
            let item = |(index, item): (usize, &Json<'_>)| {
                text(item, Blank::Refused, limits::TEXT, at.index(index), errors).map(str::to_owned)
            };
            items.iter().enumerate().map(item).collect()
        }
        _ => {
            errors.add(at, format!("must be an array of at most {} strings; [] is all", limits::WEBHOOK_FILTER));
            None
        }
    }
}

fn read_redrive(body: &[u8]) -> Result<(Act, Arc<str>), Vec<FieldError>> {
    read(body, |json, errors| {
        let at = At::Root;
        let [order_id, version, all, reason] = fields(json, &["order_id", "version", "all", "reason"], at, errors)?;
        let all = all.map_or(Some(false), |value| flag(value, at.key("all"), errors));
        let version = version.map(|value| version_field(value, errors));
        let order_id = order_id.map(|value| text(value, Blank::Refused, limits::TEXT, at.key("order_id"), errors));
        let reason = reason_field(reason, errors);
        // Nobody redrives everything by leaving something out.
        if order_id.is_none() && (all != Some(true) || version.is_some()) {
            errors.add(at.key("order_id"), "is required, unless all is true and nothing else is given");
        }
        let (order_id, version) = (order_id.map(|id| id.map(str::to_owned)), version);
        Some((Act::Redrive { order_id: order_id.flatten(), version: version.flatten() }, reason?))
    })
}

fn read_skip(body: &[u8]) -> Result<(Act, Arc<str>), Vec<FieldError>> {
    read(body, |json, errors| {
        let at = At::Root;
        let [order_id, version, reason] = fields(json, &["order_id", "version", "reason"], at, errors)?;
        let order_id = required(order_id, at.key("order_id"), errors)
            .and_then(|value| text(value, Blank::Refused, limits::TEXT, at.key("order_id"), errors));
        let version = required(version, at.key("version"), errors).and_then(|value| version_field(value, errors));
        let reason = reason_field(reason, errors);
        Some((Act::Skip { order_id: order_id?.to_owned(), version: version? }, reason?))
    })
}

fn version_field(value: &Json<'_>, errors: &mut Errors) -> Option<i32> {
    let version = whole(value, 1..=i64::from(i32::MAX), At::Root.key("version"), errors)?;
    i32::try_from(version).ok()
}

fn read_replay(body: &[u8]) -> Result<(String, Arc<str>), Vec<FieldError>> {
    read(body, |json, errors| {
        let at = At::Root;
        let [from, reason] = fields(json, &["from", "reason"], at, errors)?;
        let from = required(from, at.key("from"), errors)
            .and_then(|value| text(value, Blank::Refused, limits::WEBHOOK_POSITION, at.key("from"), errors));
        let reason = reason_field(reason, errors);
        Some((from?.to_owned(), reason?))
    })
}

/// A page of undelivered events.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    order_id: Option<String>,
    after: Option<(String, i32)>,
    limit: i64,
}

fn read_wanted(asked: &str) -> Result<Wanted, Vec<FieldError>> {
    let mut wanted = Wanted { order_id: None, after: None, limit: limits::PAGE_DEFAULT };
    query::read(asked, &["order_id", "cursor", "limit"], |name, value| wanted.take(name, value))?;
    Ok(wanted)
}

impl Wanted {
    fn take(&mut self, name: &str, value: &str) -> Result<(), FieldError> {
        match name {
            "order_id" => match wrong_text(value, Blank::Refused, limits::TEXT) {
                Some(detail) => return Err(FieldError::parameter("order_id", detail)),
                None => self.order_id = Some(value.to_owned()),
            },
            "cursor" => {
                let after = read_cursor(value);
                let wrong = || FieldError::parameter("cursor", "must be a next_cursor of an earlier page");
                self.after = Some(after.ok_or_else(wrong)?);
            }
            _ => self.limit = headers::number("limit", value, 1, limits::PAGE)?,
        }
        Ok(())
    }
}

fn cursor_of(order_id: &str, version: i32) -> String {
    data_encoding::BASE64URL_NOPAD.encode(format!("{version}/{order_id}").as_bytes())
}

fn read_cursor(text: &str) -> Option<(String, i32)> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (version, order_id) = text.split_once('/')?;
    Some((order_id.to_owned(), version.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn pointers<T: std::fmt::Debug>(read: Result<T, Vec<FieldError>>) -> Vec<String> {
        read.unwrap_err().into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn an_endpoint_is_read_with_its_defaults() {
        let added = read_added(br#"{"name":"crm","url":"https://h/"}"#).unwrap();
        assert_eq!((added.name.as_str(), added.target.url.as_str(), added.from.as_str()), ("crm", "https://h/", "now"));
        let EndpointTarget { secrets, types, clients, personal_data, strict, .. } = added.target;
        assert!(secrets.is_empty() && types.is_empty() && clients.is_empty() && !personal_data && !strict);
        let body = format!(
            r#"{{"name":"a-1","url":"https://h/","secret":"{SECRET}","from":"beginning","strict":true,"reason":"r",
            "types":["counterfoil.order.completed","order.cancelled"],"clients":["shop"],"personal_data":true}}"#
        );
        let added = read_added(body.as_bytes()).unwrap();
        assert_eq!(added.target.types, ["order.completed", "order.cancelled"]);
        assert_eq!((added.target.secrets, added.target.strict), (vec![SECRET.to_owned()], true));
        for (body, wrong) in [
            ("{}", vec!["/name", "/url"]),
            (r#"{"name":"A b","url":"https://h/"}"#, vec!["/name"]),
            (r#"{"name":"a","url":"https://h/","secret":"whsec_"}"#, vec!["/secret"]),
            (r#"{"name":"a","url":"https://h/","types":"order.created"}"#, vec!["/types"]),
            (r#"{"name":"a","url":"https://h/","clients":[1]}"#, vec!["/clients/0"]),
            (r#"{"name":"a","url":"https://h/","strict":1}"#, vec!["/strict"]),
            (r#"{"name":"a","url":"https://h/","role":"x"}"#, vec!["/role"]),
        ] {
            assert_eq!(pointers(read_added(body.as_bytes())), wrong, "{body}");
        }
        let wrong = read_added(br#"{"name":"a","url":"https://h/","secret":"whsec_0123"}"#).unwrap_err();
        assert!(!wrong[0].detail.contains("0123"), "{wrong:?}");
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let (same, _) = read_change(br#"{"reason":"r"}"#).unwrap();
        assert_eq!(same, EndpointPatch::default());
        let (after, _) = read_change(br#"{"reason":"r","types":[],"strict":false}"#).unwrap();
        assert_eq!(after, EndpointPatch { types: Some(Vec::new()), strict: Some(false), ..EndpointPatch::default() });
        assert_eq!(pointers(read_change(b"{}")), ["/reason"]);
        assert_eq!(pointers(read_change(br#"{"reason":"r","url":1,"strict":"no"}"#)), ["/url", "/strict"]);
    }

    #[test]
    fn what_is_redriven_or_skipped_is_named() {
        let redrive = |body: &str| read_redrive(body.as_bytes());
        let all = Act::Redrive { order_id: None, version: None };
        assert_eq!(redrive(r#"{"all":true,"reason":"r"}"#).unwrap().0, all);
        let one = Act::Redrive { order_id: Some("A".into()), version: Some(3) };
        assert_eq!(redrive(r#"{"order_id":"A","version":3,"reason":"r"}"#).unwrap().0, one);
        for body in [r#"{"reason":"r"}"#, r#"{"all":false,"reason":"r"}"#, r#"{"all":true,"version":3,"reason":"r"}"#] {
            assert_eq!(pointers(redrive(body)), ["/order_id"], "{body}");
        }
        let skip = Act::Skip { order_id: "A".into(), version: 3 };
        assert_eq!(read_skip(br#"{"order_id":"A","version":3,"reason":"r"}"#).unwrap().0, skip);
        assert_eq!(pointers(read_skip(br#"{"version":0}"#)), ["/order_id", "/version", "/reason"]);
    }

    #[test]
    fn a_page_begins_behind_its_cursor() {
        let cursor = cursor_of("A/1", 7);
        let wanted = read_wanted(&format!("order_id=A&cursor={cursor}&limit=5")).unwrap();
        assert_eq!(wanted, Wanted { order_id: Some("A".into()), after: Some(("A/1".into(), 7)), limit: 5 });
        assert_eq!(read_wanted("order_id=&cursor=&limit="), read_wanted(""));
        for query in ["limit=0", "limit=501", "cursor=x", "limit=1&limit=2", "state=x"] {
            assert_eq!(read_wanted(query).unwrap_err().len(), 1, "{query}");
        }
    }
}
