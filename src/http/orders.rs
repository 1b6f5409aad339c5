//! `/orders`: submit, show, list; and what the routes below an order share.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use actix_web::web;

use super::auth::{Caller, READERS, STAFF};
use super::headers::{self, PREFERENCE_APPLIED, Prefer};
use super::json::{Blank, FieldError, quoted, wrong_text};
use super::problem::{Problem, RETRY_AFTER_S, of_submission};
use super::query;
use super::view::{OrderView, PageView};
use super::{Answered, HttpCall, json_response, refused, request, stored_response};
use crate::config::Role;
use crate::engine::SubmitError;
use crate::engine::api::{Reply, Submission};
use crate::limits;
use crate::ports::{Listing, Page, Place};
use crate::saga::ids::DERIVED_PREFIX;
use crate::saga::transaction::InvalidField;
use crate::saga::{Client, Code, Failure, Order, OrderId, Request, Sku, State, Timestamp};

/// `POST /orders`: the caller, then the media type, the length, the headers and the body are checked, in that order. What
/// can be read is a repeat first, where its order or its key is known, and judged by today's rules only where it is new.
pub(super) async fn submit(mut call: HttpCall) -> Answered {
    let caller = call.caller()?;
    caller.require(&[Role::Client])?;
    let body = call.body().await?;
    let sent = call.req.headers();
    let key = headers::idempotency_key(sent).map_err(refused)?;
    let prefer = Prefer::read(sent);
    let request::Parsed { order_id, request, objections } =
        request::parse(&body, call.state.tokens).map_err(Problem::invalid_request)?;
    drop(body); // whoever waits holds no more than the order
    let objections = but_known_skus(&call, &request, objections).await?;
    let squats = order_id.as_ref().is_some_and(|id| call.state.auth.is_anothers(id, &caller.client));
    let request = Arc::new(request);
    let name = match (&order_id, &key) {
        (Some(order_id), _) => Some(order_id.clone()),
        (None, Some(key)) => Some(OrderId::derived(&caller.client, key)),
        (None, None) => None,
    };
    let client = caller.client.clone();
    let submission = Submission { client, order_id, key, request: Arc::clone(&request) };
    let wait = prefer.wait(call.state.default_wait);
    let engine = &call.state.engine;
    let first = match objections.first() {
        _ if squats => Some(InvalidField { pointer: "/order_id".into(), detail: "is another client's".into() }),
        None => None,
        Some(FieldError { pointer, detail, .. }) => {
            Some(InvalidField { pointer: pointer.clone(), detail: detail.clone() })
        }
    };
    let submitted = async {
        match first {
            None => engine.submit(submission, wait).await,
            Some(first) => engine.repeat(submission, first, wait).await,
        }
    };
    match call.while_known(&caller, submitted).await? {
        Ok(reply) => reply_response(reply, prefer),
        Err(SubmitError::Invalid { .. }) if squats => {
            let problem = Problem::foreign_prefix();
            Err(match &name {
                Some(name) => problem.about(name),
                None => problem,
            })
        }
        Err(SubmitError::Invalid { .. }) if !objections.is_empty() => Err(Problem::invalid_request(objections)),
        Err(error) => Err(of_submission(error, &request, name.as_ref())),
    }
}

/// The objections, without those to names of SKUs that inventory has already: what was taken in under such a name is sold.
async fn but_known_skus(
    call: &HttpCall,
    request: &Request,
    mut objections: Vec<FieldError>,
) -> Result<Vec<FieldError>, Problem> {
    if objections.is_empty() || call.state.inventory_is_remote {
        return Ok(objections);
    }
    let place = |index: usize| format!("/lines/{index}/sku");
    let odd: Vec<(String, &Sku)> = request
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.sku.objection().is_some())
        .map(|(index, line)| (place(index), &line.sku))
        .collect();
    if odd.is_empty() {
        return Ok(objections);
    }
    let asked: BTreeSet<Sku> = odd.iter().map(|(_, sku)| (*sku).clone()).collect();
    let unknown = call.state.engine.reads().unknown_skus(asked.into_iter().collect()).await?;
    let known = |pointer: &str| odd.iter().any(|(place, sku)| place == pointer && !unknown.contains(sku));
    objections.retain(|objection| !known(&objection.pointer));
    Ok(objections)
}

pub(super) fn reply_response(reply: Reply, prefer: Prefer) -> Answered {
    match reply {
        Reply::Final { order_id, answer, replayed } => {
            let mut response = stored_response(&answer, replayed);
            if answer.status < 400 {
                response.insert_header((header::LOCATION, location(&order_id)));
            }
            if let Some(applied) = prefer.applied(false) {
                response.insert_header((PREFERENCE_APPLIED, applied));
            }
            Ok(response.body(answer.body.clone()))
        }
        Reply::Running { order_id, state, version, amount, currency, .. } => {
            // Ids, states and currencies need no escaping: their characters were checked.
            let body = format!(
                r#"{{"order_id":"{order_id}","state":"{state}","version":{version},"amount":{amount},"currency":"{currency}"}}"#
            );
            let mut response = HttpResponse::Accepted();
            response
                .insert_header((header::CONTENT_TYPE, "application/json"))
                .insert_header((header::LOCATION, location(&order_id)))
                .insert_header((header::RETRY_AFTER, RETRY_AFTER_S));
            if let Some(applied) = prefer.applied(true) {
                response.insert_header((PREFERENCE_APPLIED, applied));
            }
            Ok(response.body(body))
        }
    }
}

fn location(order_id: &OrderId) -> String {
    format!("/orders/{order_id}")
}

/// `GET /orders/{order_id}?include=work`: what was submitted and where it stands, for its owner and for the staff; for the
/// staff also what is left to be done, where they ask for it: it tells of engines and in participants' own words.
pub(super) async fn show(call: HttpCall) -> Answered {
    let order = visible(&call).await?;
    let caller = call.caller()?;
    let view = OrderView::whole(&order, caller.sees_person(&order.client));
    if !includes_work(call.req.query_string()).map_err(refused)? {
        return json_response(StatusCode::OK, &view);
    }
    caller.require(&STAFF)?;
    let work = call.state.engine.reads().open_work(order.id.clone()).await?;
    json_response(StatusCode::OK, &view.with_work(&order, work))
}

/// Whether a query asks for what is left to be done. Other parameters mean nothing here, and never did.
fn includes_work(query: &str) -> Result<bool, FieldError> {
    let Ok(pairs) = web::Query::<Vec<(String, String)>>::from_query(query) else { return Ok(false) };
    let mut included = pairs.iter().filter(|(name, value)| name == "include" && !value.is_empty());
    match included.clone().find(|(_, value)| value != "work") {
        Some((name, value)) => Err(FieldError::parameter(name.as_str(), format!("must be work, is {}", quoted(value)))),
        None => Ok(included.next().is_some()),
    }
}

/// The order of the path, where the caller may see it: its owner, or the staff. To others it does not exist.
pub(super) async fn visible(call: &HttpCall) -> Result<Order, Problem> {
    let caller = call.caller()?;
    caller.require(&READERS)?;
    let id = path_id(call)?;
    let stored = call.state.engine.reads().load(id.clone()).await?;
    let order = stored.map(|stored| stored.order).filter(|order| sees(&caller, order));
    order.ok_or_else(|| Problem::order_not_found().about(&id))
}

/// The order_id of the path; 404 where no order could bear it.
pub(super) fn path_id(call: &HttpCall) -> Result<OrderId, Problem> {
    call.req.match_info().get("order_id").and_then(known_id).ok_or_else(Problem::order_not_found)
}

fn sees(caller: &Caller, order: &Order) -> bool {
    caller.is_any(&STAFF) || order.client == caller.client
}

/// An order_id as it may stand in the database: given by a client, or derived from a key.
pub(super) fn known_id(text: &str) -> Option<OrderId> {
    match text.strip_prefix(DERIVED_PREFIX) {
        Some(rest) => OrderId::parse(rest).ok().filter(|_| text.len() <= 64).map(|_| OrderId::trusted(text)),
        None => OrderId::parse(text).ok(),
    }
}

/// `GET /orders?state=&customer_id=&attention=true&client=&failure=&from=&to=&sort=newest&cursor=&limit=`
pub(super) async fn list(call: HttpCall) -> Answered {
    let caller = call.caller()?;
    caller.require(&READERS)?;
    let mut listing = read_listing(call.req.query_string()).map_err(Problem::invalid_request)?;
    if !caller.is_any(&STAFF) {
        if listing.newest || listing.client.as_ref().is_some_and(|client| *client != caller.client) {
            return Err(Problem::others_orders());
        }
        listing.client = Some(caller.client);
    }
    let (orders, next_cursor) = page(&call, listing).await?;
    json_response(StatusCode::OK, &PageView { orders: orders.iter().map(OrderView::of).collect(), next_cursor })
}

/// A page of orders, and the cursor that leads on where there may be more.
pub(super) async fn page(call: &HttpCall, listing: Listing) -> Result<(Vec<Order>, Option<String>), Problem> {
    if !listing.is_placed() {
        let detail = "must be a next_cursor of an earlier page of the same listing";
        return Err(refused(FieldError::parameter("cursor", detail)));
    }
    let _turn = call.state.shares.turn(&call.caller()?.client).await?;
    let Page { orders, next } = call.state.engine.reads().list(listing).await?;
    Ok((orders, next.as_ref().map(cursor_of)))
}

const PARAMETERS: [&str; 10] =
    ["state", "customer_id", "attention", "client", "failure", "from", "to", "sort", "cursor", "limit"];

fn read_listing(query: &str) -> Result<Listing, Vec<FieldError>> {
    read_filters(query, &PARAMETERS)
}

/// The filters of a query, of which a route takes these.
pub(super) fn read_filters(asked: &str, allowed: &[&str]) -> Result<Listing, Vec<FieldError>> {
    let mut listing = Listing { limit: limits::PAGE_DEFAULT, ..Listing::default() };
    query::read(asked, allowed, |name, value| take_filter(&mut listing, name, value))?;
    Ok(listing)
}

fn take_filter(listing: &mut Listing, name: &str, value: &str) -> Result<(), FieldError> {
    let wrong = |detail: String| FieldError::parameter(name, detail);
    match name {
        "state" => {
            let names = || State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>().join(", ");
            let state = State::parse(value);
            listing.state =
                Some(state.ok_or_else(|| wrong(format!("must be one of {}, is {}", names(), quoted(value))))?);
        }
        "customer_id" => match wrong_text(value, Blank::Refused, limits::TEXT) {
            Some(detail) => return Err(wrong(detail)),
            None => listing.customer_id = Some(value.to_owned()),
        },
        "attention" => match value {
            "true" => listing.attention = true,
            _ => return Err(wrong(format!("must be true, or be left out, is {}", quoted(value)))),
        },
        "client" => match wrong_text(value, Blank::Refused, limits::TEXT) {
            Some(detail) => return Err(wrong(detail)),
            None => listing.client = Some(Client::trusted(value)),
        },
        "failure" => {
            let found = Failure::CODES.into_iter().find(|code| code.as_str() == value);
            let names = || Failure::CODES.map(Code::as_str).join(", ");
            let code = found.ok_or_else(|| wrong(format!("must be one of {}, is {}", names(), quoted(value))))?;
            listing.failure = Some(code);
        }
        "from" => listing.from = Some(moment(name, value)?),
        "to" => listing.to = Some(moment(name, value)?),
        "sort" => match value {
            "newest" => listing.newest = true,
            _ => return Err(wrong(format!("must be newest, or be left out, is {}", quoted(value)))),
        },
        "cursor" => {
            let after = read_cursor(value);
            listing.after = Some(after.ok_or_else(|| wrong("must be a next_cursor of an earlier page".into()))?);
        }
        _ => listing.limit = headers::number(name, value, 1, limits::PAGE)?,
    }
    Ok(())
}

/// A moment of RFC 3339. Nothing was decided before 1970, so that any time before is as good as its beginning.
fn moment(name: &str, value: &str) -> Result<Timestamp, FieldError> {
    let read = value.parse::<jiff::Timestamp>().ok().map(|at| Timestamp(at.as_microsecond().max(0)));
    read.ok_or_else(|| {
        let detail = format!("must be a time with its offset, as 2026-12-31T00:00:00Z, is {}", quoted(value));
        FieldError::parameter(name, detail)
    })
}

/// Apart by U+0000, which no name holds.
fn cursor_of(place: &Place) -> String {
    let order_id = place.order_id.as_deref().unwrap_or_default();
    let text = match &place.within {
        Some(within) => format!("{within}\0{order_id}"),
        None => order_id.to_owned(),
    };
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}

fn read_cursor(text: &str) -> Option<Place> {
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (within, order_id) = match text.split_once('\0') {
        Some((within, order_id)) => (Some(within.to_owned()), order_id),
        None => (None, text.as_str()),
    };
    if within.is_some() && order_id.is_empty() {
        return Some(Place { within, order_id: None });
    }
    known_id(order_id).map(|_| Place { within, order_id: Some(order_id.to_owned()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read() {
        let listing = read_listing("state=COMPLETED&customer_id=a%20b&attention=true&limit=500&cursor=").unwrap();
        assert_eq!(listing.state, Some(State::Completed));
        assert_eq!(listing.customer_id.as_deref(), Some("a b"));
        assert!(listing.attention && listing.limit == 500 && listing.after.is_none());
        assert_eq!(read_listing("").unwrap().limit, limits::PAGE_DEFAULT);
        let query =
            "client=shop&failure=step_refused&from=1970-01-01T00:00:01Z&to=1970-01-01T01:00:02%2B01:00&sort=newest";
        let listing = read_listing(query).unwrap();
        assert_eq!(listing.client, Some(Client::trusted("shop")));
        assert_eq!((listing.failure, listing.newest), (Some(Code::StepRefused), true));
        assert_eq!((listing.from, listing.to), (Some(Timestamp(1_000_000)), Some(Timestamp(2_000_000))));
        assert_eq!(read_listing("to=1969-12-31T23:59:59Z").unwrap().to, Some(Timestamp(0)));
        assert_eq!(read_listing("state=&customer_id=&limit=").unwrap().limit, limits::PAGE_DEFAULT);
    }

    #[test]
    fn wrong_filters_are_told_by_name() {
        for (query, name, detail) in [
            ("state=DONE", "state", "CREATED"),
            ("limit=0", "limit", "1 to 500"),
            ("limit=501", "limit", "1 to 500"),
            ("limit=x", "limit", "is \"x\""),
            ("attention=yes", "attention", "must be true"),
            ("cursor=%21", "cursor", "next_cursor"),
            ("cursor=AAAA", "cursor", "next_cursor"),
            ("customer_id=a%00", "customer_id", "U+0000"),
            ("failure=lost", "failure", "out_of_stock, payment_declined"),
            ("from=yesterday", "from", "2026-12-31T00:00:00Z"),
            ("to=2026-01-01", "to", "with its offset"),
            ("sort=oldest", "sort", "must be newest"),
            ("client=a%00", "client", "U+0000"),
            ("page=2", "page", "allowed are state"),
            ("limit=1&limit=2", "limit", "twice"),
        ] {
            let problems = read_listing(query).unwrap_err();
            assert_eq!(problems.len(), 1, "{query}");
            assert_eq!(problems[0].parameter.as_deref(), Some(name), "{query}");
            assert!(problems[0].detail.contains(detail), "{query}: {problems:?}");
        }
    }

    #[test]
    fn what_is_included_is_named() {
        for (query, work) in [("", false), ("include=", false), ("include=work", true), ("x=1&include=work", true)] {
            assert_eq!(includes_work(query).ok(), Some(work), "{query}");
        }
        let error = includes_work("include=work&include=events").unwrap_err();
        assert_eq!(error.parameter.as_deref(), Some("include"));
        assert!(error.detail.contains("\"events\""), "{error:?}");
    }

    #[test]
    fn a_cursor_leads_on_from_any_order_id() {
        for id in ["ORD-1", "a.b_c:d-e", "ik_abc"] {
            let place = Place::from(id);
            assert_eq!(read_cursor(&cursor_of(&place)), Some(place.clone()));
            let moment = Place::at((3, 77), id.into());
            assert_eq!(read_cursor(&cursor_of(&moment)), Some(moment.clone()));
            assert_eq!(moment.moment(), Some((3, 77)));
            let place = Place { within: Some("a customer".into()), ..place };
            assert_eq!(place.moment(), None);
            assert_eq!(read_cursor(&cursor_of(&place)), Some(place));
        }
        let behind = Place { within: Some("shop".into()), order_id: None };
        assert_eq!(read_cursor(&cursor_of(&behind)), Some(behind));
        assert!(known_id("ik_").is_none() && known_id("a/b").is_none());
        assert!(known_id(&format!("ik_{}", "x".repeat(62))).is_none());
    }
}
