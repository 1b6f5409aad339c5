//! `/operator/attention`, `/operator/orders`: the orders that wait for a human, and what one may do about them. Each
//! change goes into the operators' log with its reason, by the commit that makes it.

use std::sync::Arc;

use actix_web::http::StatusCode;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::config::Role;
use crate::engine::{Engine, Standing, SubmitError, VerbCall, VerbRequest};
use crate::http::auth::{Caller, STAFF};
use crate::http::json::{At, Blank, Errors, FieldError, Json, fields, quoted, required, text, whole};
use crate::http::operator::groups::{self, Cause};
use crate::http::orders::{page, path_id, read_filters};
use crate::http::problem::{Problem, of_verb};
use crate::http::query;
use crate::http::verbs::reason_of;
use crate::http::view::{FailureView, OrderView};
use crate::http::{Answered, HttpCall, json_response, stored_response};
use crate::limits;
use crate::ports::{Listing, OperatorAct, OperatorRecord, Place};
use crate::saga::{Order, OrderId, State};

fn operator(call: &HttpCall) -> Result<Caller, Problem> {
    let caller = call.caller()?;
    caller.require(&[Role::Operator])?;
    Ok(caller)
}

/// `GET /operator/attention?state=&customer_id=&cursor=&limit=`
pub(in crate::http) async fn attention(call: HttpCall) -> Answered {
    call.caller()?.require(&STAFF)?;
    let mut listing = read_filters(call.req.query_string(), &["state", "customer_id", "cursor", "limit"])
        .map_err(Problem::invalid_request)?;
    listing.attention = true;
    let (orders, next_cursor) = page(&call, listing).await?;
    let shown = |order: &Order| {
        json!({
            "order_id": order.id,
            "state": order.state,
            "customer_id": order.request.customer_id,
            "reason": order.attention.as_ref().map(|attention| &attention.reason),
            "since": order.attention.as_ref().map(|attention| &attention.since),
            "failure": order.failure.as_ref().map(FailureView::of),
        })
    };
    let orders: Vec<Value> = orders.iter().map(shown).collect();
    json_response(StatusCode::OK, &json!({ "orders": orders, "next_cursor": next_cursor }))
}

/// `POST /operator/orders/{order_id}/retry`: on its way again, under the same keys.
pub(in crate::http) async fn retry(call: HttpCall) -> Answered {
    act(call, |_reference| VerbRequest::Retry).await
}

/// `POST /operator/orders/{order_id}/skip`: the call that is due took effect, as evidence shows.
pub(in crate::http) async fn skip(call: HttpCall) -> Answered {
    act(call, |reference| VerbRequest::Skip { reference }).await
}

/// `POST /operator/orders/{order_id}/cancel`: called off, as its owner might.
pub(in crate::http) async fn cancel(call: HttpCall) -> Answered {
    act(call, |_reference| VerbRequest::Cancel).await
}

/// `POST /operator/orders/{order_id}/force-cancel`: whatever was begun is settled, as evidence shows.
pub(in crate::http) async fn force_cancel(call: HttpCall) -> Answered {
    act(call, |_reference| VerbRequest::ForceCancel).await
}

/// The verb of a route, from the reference of the evidence.
type Make = fn(Option<Arc<str>>) -> VerbRequest;

/// Answers with the order as it stands then; what follows from the verb is the order's own way.
async fn act(mut call: HttpCall, request: Make) -> Answered {
    let caller = operator(&call)?;
    let order_id = path_id(&call)?;
    let body = call.body().await?;
    let Act { reason, reference, version } = read_act(&body).map_err(Problem::invalid_request)?;
    let asked = VerbCall { version, ..verb_call(&order_id, &caller, &reason, request(reference)) };
    match ask(&call.state.engine, asked).await {
        Ok(()) => {}
        Err(SubmitError::Refused(answer)) => return Ok(stored_response(&answer, false).body(answer.body.clone())),
        Err(error) => return Err(of_verb(error, &order_id)),
    }
    let stored = call.state.engine.reads().load(order_id.clone()).await?;
    let order = stored.ok_or_else(|| Problem::order_not_found().about(&order_id))?.order;
    json_response(StatusCode::OK, &OrderView::of(&order))
}

fn verb_call(order_id: &OrderId, caller: &Caller, reason: &Arc<str>, request: VerbRequest) -> VerbCall {
    VerbCall {
        order_id: order_id.clone(),
        by: caller.client.clone(),
        standing: Standing::Operator,
        key: None,
        version: None,
        reason: Arc::clone(reason),
        request,
    }
}

/// Nobody waits for the order's end: without a key the verb would be decided anew there, and refused.
async fn ask(engine: &Engine, asked: VerbCall) -> Result<(), SubmitError> {
    engine.verb(asked, std::time::Duration::ZERO).await.map(drop)
}

/// What an operator says to an order.
#[derive(Debug, PartialEq, Eq)]
struct Act {
    reason: Arc<str>,
    /// The participant's name for the effect, where the evidence has one.
    reference: Option<Arc<str>>,
    /// The version that the operator looked at: at any other one nothing is done.
    version: Option<i32>,
}

fn read_act(body: &[u8]) -> Result<Act, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let (mut errors, at) = (Errors::default(), At::Root);
    let found = fields(&json, &["reason", "reference", "version"], at, &mut errors).and_then(|found| {
        let [reason, reference, version] = found;
        let reason = required(reason, at.key("reason"), &mut errors).and_then(|value| reason_of(value, &mut errors));
        let reference = match reference {
            None => Some(None),
            Some(value) => text(value, Blank::Refused, limits::TEXT, at.key("reference"), &mut errors)
                .map(|text| Some(Arc::from(text))),
        };
        let version = match version {
            None => Some(None),
            Some(value) => whole(value, 1..=i64::from(i32::MAX), at.key("version"), &mut errors)
                .map(|version| i32::try_from(version).ok()),
        };
        Some(Act { reason: reason?, reference: reference?, version: version? })
    });
    errors.or(found)
}

/// `GET /operator/orders/{order_id}/log`
pub(in crate::http) async fn log(call: HttpCall) -> Answered {
    call.caller()?.require(&STAFF)?;
    let order_id = path_id(&call)?;
    let store = call.state.engine.reads();
    if store.load(order_id.clone()).await?.is_none() {
        return Err(Problem::order_not_found().about(&order_id));
    }
    let entries: Vec<Value> = store.operator_log(order_id.clone()).await?.iter().map(entry).collect();
    json_response(StatusCode::OK, &json!({ "order_id": order_id, "entries": entries }))
}

/// `GET /operator/log?cursor=&limit=`: what all operators did to all orders, the latest first.
pub(in crate::http) async fn everybodys_log(call: HttpCall) -> Answered {
    let caller = call.caller()?;
    caller.require(&STAFF)?;
    let (before, limit) = query::stretch(call.req.query_string()).map_err(Problem::invalid_request)?;
    let mut acts = {
        let _turn = call.state.shares.turn(&caller.client).await?;
        call.state.engine.reads().operator_acts(before, limit + 1).await?
    };
    let next_cursor = query::cut(&mut acts, limit, |act| (act.record.at, act.entry_id));
    let shown = |act: &OperatorAct| {
        let mut shown = entry(&act.record);
        shown["order_id"] = json!(act.order_id);
        shown
    };
    let entries: Vec<Value> = acts.iter().map(shown).collect();
    json_response(StatusCode::OK, &json!({ "entries": entries, "next_cursor": next_cursor }))
}

pub(super) fn entry(record: &OperatorRecord) -> Value {
    // Written as JSON by the engine; should a hand have written something else, it is shown as text.
    let stood = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    json!({
        "at": record.at.to_string(),
        "by": record.by,
        "verb": record.verb,
        "reason": record.reason,
        "before": stood(&record.before),
        "after": stood(&record.after),
    })
}

/// A bulk retry: which of the orders that wait for a human, and why.
#[derive(Debug, PartialEq, Eq)]
struct Bulk {
    reason: Arc<str>,
    state: Option<State>,
    customer_id: Option<String>,
    reason_contains: Option<String>,
    /// The cause that they have in common: see [`groups`].
    group: Option<String>,
    limit: usize,
}

impl Bulk {
    fn wants(&self, order: &Order) -> bool {
        let waits = order.attention.as_ref().map(|attention| attention.reason.as_str());
        waits.is_some_and(|reason| self.reason_contains.as_ref().is_none_or(|part| reason.contains(part.as_str())))
            && self.group.as_ref().is_none_or(|group| Cause::of(order).is_some_and(|cause| cause.group() == *group))
    }

    fn listing(&self, after: Option<Place>) -> Listing {
        Listing { state: self.state, customer_id: self.customer_id.clone(), ..groups::waiting(after) }
    }
}

/// `POST /operator/orders/retry`: those that wait for a human and match, by client and order_id; `more` where others do.
pub(in crate::http) async fn retry_all(mut call: HttpCall) -> Answered {
    let caller = operator(&call)?;
    let body = call.body().await?;
    let bulk = read_bulk(&body).map_err(Problem::invalid_request)?;
    let engine = &call.state.engine;
    let mut chosen = choose(&call, &caller, &bulk).await?;
    let more = chosen.len() > bulk.limit;
    chosen.truncate(bulk.limit);
    let retried = stream::iter(chosen).map(|order_id| {
        let asked = verb_call(&order_id, &caller, &bulk.reason, VerbRequest::Retry);
        async move { (ask(engine, asked).await, order_id) }
    });
    let outcomes: Vec<_> = retried.buffered(limits::BULK_AT_ONCE).collect().await;
    let count = outcomes.len();
    let failed: Vec<Value> =
        outcomes.into_iter().filter_map(|(outcome, order_id)| Some(failure(outcome.err()?, &order_id))).collect();
    json_response(StatusCode::OK, &json!({ "retried": count - failed.len(), "failed": failed, "more": more }))
}

/// The orders to retry, and one more where there are more.
async fn choose(call: &HttpCall, caller: &Caller, bulk: &Bulk) -> Result<Vec<OrderId>, Problem> {
    let (mut chosen, mut after) = (Vec::new(), None);
    loop {
        let _turn = call.state.shares.turn(&caller.client).await?;
        let page = call.state.engine.reads().list(bulk.listing(after)).await?;
        chosen.extend(page.orders.iter().filter(|order| bulk.wants(order)).map(|order| order.id.clone()));
        if chosen.len() > bulk.limit || page.next.is_none() {
            return Ok(chosen);
        }
        after = page.next;
    }
}

fn failure(error: SubmitError, order_id: &OrderId) -> Value {
    if let SubmitError::Refused(answer) = &error {
        let told: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        return json!({
            "order_id": order_id, "status": answer.status, "code": told["code"], "detail": told["detail"],
        });
    }
    let problem = of_verb(error, order_id);
    json!({
        "order_id": order_id, "status": problem.status(), "code": problem.code(), "detail": problem.detail(),
    })
}

fn read_bulk(body: &[u8]) -> Result<Bulk, Vec<FieldError>> {
    let json = Json::read(body).map_err(|detail| vec![FieldError::body("", detail)])?;
    let mut errors = Errors::default();
    let found = bulk_of(&json, &mut errors);
    errors.or(found)
}

/// The filter is required, if only as `{}`: nobody retries everything by leaving something out.
fn bulk_of(json: &Json<'_>, errors: &mut Errors) -> Option<Bulk> {
    let at = At::Root;
    let [reason, filter, limit] = fields(json, &["reason", "filter", "limit"], at, errors)?;
    let reason = required(reason, at.key("reason"), errors).and_then(|value| reason_of(value, errors));
    let limit = limit
        .map_or(Some(limits::PAGE_DEFAULT), |value| whole(value, 1..=limits::PAGE, at.key("limit"), errors))
        .and_then(|limit| usize::try_from(limit).ok());
    let at = at.key("filter");
    let [state, customer_id, reason_contains, group] =
        fields(required(filter, at, errors)?, &["state", "customer_id", "reason_contains", "group"], at, errors)?;
    let group = match group {
        None => Some(None),
        Some(value) => group_of(value, at.key("group"), errors).map(Some),
    };
    let state = match state {
        None => Some(None),
        Some(value) => state_of(value, at.key("state"), errors).map(Some),
    };
    let mut words = |value: Option<&Json<'_>>, max, name| match value {
        None => Some(None),
        Some(value) => text(value, Blank::Refused, max, at.key(name), errors).map(|text| Some(text.to_owned())),
    };
    let customer_id = words(customer_id, limits::TEXT, "customer_id");
    let reason_contains = words(reason_contains, limits::REASON, "reason_contains");
    Some(Bulk {
        reason: reason?,
        state: state?,
        customer_id: customer_id?,
        reason_contains: reason_contains?,
        group: group?,
        limit: limit?,
    })
}

fn group_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<String> {
    let word = text(value, Blank::Allowed, limits::TEXT, at, errors)?;
    if !groups::is_group(word) {
        errors.add(at, format!("must be a group of GET /operator/attention/groups, is {}", quoted(word)));
        return None;
    }
    Some(word.to_owned())
}

fn state_of(value: &Json<'_>, at: At<'_>, errors: &mut Errors) -> Option<State> {
    let word = text(value, Blank::Allowed, limits::TEXT, at, errors)?;
    let state = State::parse(word);
    if state.is_none() {
        let names: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
        errors.add(at, format!("must be one of {}, is {}", names.join(", "), quoted(word)));
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_has_a_reason_and_may_have_a_reference_and_a_version() {
        let act = |reference: Option<&str>, version| Act {
            reason: "seen".into(),
            reference: reference.map(Arc::from),
            version,
        };
        assert_eq!(read_act(br#"{"reason":"seen"}"#), Ok(act(None, None)));
        assert_eq!(read_act(br#"{"reason":"seen","reference":"ch_1"}"#), Ok(act(Some("ch_1"), None)));
        assert_eq!(read_act(br#"{"reason":"seen","version":7}"#), Ok(act(None, Some(7))));
        let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(limits::REASON + 1));
        for (body, pointer) in [
            ("{}", "/reason"),
            (r#"{"reason":" "}"#, "/reason"),
            (long.as_str(), "/reason"),
            (r#"{"reason":"x","reference":""}"#, "/reference"),
            (r#"{"reason":"x","version":0}"#, "/version"),
            (r#"{"reason":"x","version":"7"}"#, "/version"),
            (r#"{"reason":"x","version":2147483648}"#, "/version"),
            (r#"{"reason":"x","force":true}"#, "/force"),
            ("7", ""),
        ] {
            let errors = read_act(body.as_bytes()).unwrap_err();
            assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, pointer), "{errors:?}");
        }
    }

    #[test]
    fn a_bulk_retry_names_what_it_means() {
        let all = Bulk {
            reason: "back".into(),
            state: None,
            customer_id: None,
            reason_contains: None,
            group: None,
            limit: 50,
        };
        assert_eq!(read_bulk(br#"{"reason":"back","filter":{}}"#), Ok(all));
        let body = r#"{"reason":"back","limit":500,
            "filter":{"state":"PAYMENT_CHARGED","customer_id":"c","reason_contains":"ship","group":"0123456789abcdef"}}"#;
        let some = Bulk {
            reason: "back".into(),
            state: Some(State::PaymentCharged),
            customer_id: Some("c".into()),
            reason_contains: Some("ship".into()),
            group: Some("0123456789abcdef".into()),
            limit: 500,
        };
        assert_eq!(read_bulk(body.as_bytes()), Ok(some));
        for (body, pointer) in [
            (r#"{"filter":{}}"#, "/reason"),
            (r#"{"reason":"x"}"#, "/filter"),
            (r#"{"reason":"x","filter":[]}"#, "/filter"),
            (r#"{"reason":"x","filter":{"state":"DONE"}}"#, "/filter/state"),
            (r#"{"reason":"x","filter":{"client":"a"}}"#, "/filter/client"),
            (r#"{"reason":"x","filter":{"reason_contains":""}}"#, "/filter/reason_contains"),
            (r#"{"reason":"x","filter":{"group":"all"}}"#, "/filter/group"),
            (r#"{"reason":"x","filter":{},"limit":0}"#, "/limit"),
            (r#"{"reason":"x","filter":{},"limit":501}"#, "/limit"),
        ] {
            let errors = read_bulk(body.as_bytes()).unwrap_err();
            assert_eq!((errors.len(), errors[0].pointer.as_str()), (1, pointer), "{body}: {errors:?}");
        }
    }
}
