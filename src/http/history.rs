//! `GET /orders/{order_id}/events` as JSON: a page of the history, an array. One that leads on says so by `Link` with
//! `rel="next"` (RFC 8288), so that a history of one page, as nearly all are, looks as it always did. `cursor` is the
//! version behind which the page begins, `limit` how many events it may have.
//!
//! An order may have thousands of events, of refunds above all: a page is bounded in events and in bytes, and reads no
//! more than it shows, so that no history keeps connections from other orders.
//!
//! Where the beginning was pruned, the first element of the first page says so: `events.pruned`, with `pruned_to`, whose
//! version it bears. A cursor before that is 410.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};

use super::auth::STAFF;
use super::events::told;
use super::headers::number;
use super::json::FieldError;
use super::problem::Problem;
use super::query;
use super::view::EventView;
use super::{Answered, HttpCall, json_response};
use crate::limits;
use crate::ports::History;
use crate::saga::Order;

/// The page that is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    /// The version behind which the page begins.
    after: i32,
    /// At most so many events.
    limit: i64,
}

/// A page of the history of an order that the caller may see.
pub(super) async fn page(call: &HttpCall, order: &Order) -> Answered {
    let asked = read(call.req.query_string(), order.version).map_err(Problem::invalid_request)?;
    let state = &call.state;
    let caller = call.caller()?;
    let History { pruned, commits } = {
        let _turn = state.shares.turn(&caller.client).await?;
        state.engine.reads().history(order.id.clone(), asked.after).await?
    };
    if let Some(to) = pruned.filter(|to| asked.after > 0 && asked.after < to.version) {
        return Err(Problem::events_pruned(to.version).about(&order.id));
    }
    let mut events = told(order, &commits, caller.is_any(&STAFF))?;
    events.retain(|event| event.version() > i64::from(asked.after));
    if let Some(to) = pruned.filter(|_| asked.after == 0) {
        events.insert(0, EventView::pruned(to));
    }
    events.truncate(usize::try_from(asked.limit).unwrap_or(usize::MAX));
    let last = events.last().map(EventView::version);
    let mut response: HttpResponse = json_response(StatusCode::OK, &events)?;
    let headers = response.headers_mut();
    headers.insert(header::VARY, header::HeaderValue::from_static("Accept"));
    if let Some(last) = last.filter(|last| *last < i64::from(order.version)) {
        // Ids need no escaping in a path: their characters were checked.
        let limit = if asked.limit == limits::EVENTS_PAGE { String::new() } else { format!("&limit={}", asked.limit) };
        let next = format!("</orders/{}/events?cursor={last}{limit}>; rel=\"next\"", order.id);
        if let Ok(next) = header::HeaderValue::from_str(&next) {
            headers.insert(header::LINK, next);
        }
    }
    Ok(response)
}

fn read(text: &str, version: i32) -> Result<Asked, Vec<FieldError>> {
    let mut asked = Asked { after: 0, limit: limits::EVENTS_PAGE };
    query::read(text, &["cursor", "limit"], |name, value| {
        if name == "cursor" {
            let after = number(name, value, 0, i64::from(version))?;
            asked.after = i32::try_from(after).unwrap_or(version);
        } else {
            asked.limit = number(name, value, 1, limits::EVENTS_PAGE)?;
        }
        Ok(())
    })?;
    Ok(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_read() {
        assert_eq!(read("", 9).unwrap(), Asked { after: 0, limit: limits::EVENTS_PAGE });
        assert_eq!(read("cursor=9&limit=1", 9).unwrap(), Asked { after: 9, limit: 1 });
        assert_eq!(read("cursor=&limit=", 9).unwrap(), Asked { after: 0, limit: limits::EVENTS_PAGE });
        for (query, name) in [
            ("cursor=10", "cursor"),
            ("cursor=-1", "cursor"),
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("form=1", "form"),
            ("limit=1&limit=2", "limit"),
        ] {
            let problems = read(query, 9).unwrap_err();
            assert_eq!(problems.len(), 1, "{query}");
            assert_eq!(problems[0].parameter.as_deref(), Some(name), "{query}");
        }
    }
}
