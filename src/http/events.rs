//! `GET /orders/{order_id}/events`: the history, in pages as JSON (`history.rs`), or live as server-sent events (the HTML standard,
//! section 9.2): `id` is the version, `event` the type, `data` the element of the JSON history.
//!
//! The race that shaped the live one is the seam between what was stored before and what comes: read first and listen
//! then, and what is committed in between is lost; listen first and pass on both, and it is told twice. So nothing is
//! ever passed on: a seat is taken first, which leaves a wake-up for each commit from then on, and every event is read
//! from the store behind the version told last. The versions of an order have no gaps, and each commit names the
//! version that it follows, so that whoever reads sees a beginning of the history; the next event is always the next
//! version. Commits of other engines wake nobody here: each stream also looks by itself, [`limits::LOOK_AGAIN`].
//!
//! Where the beginning of a history was pruned, the stream begins with `events.pruned`, whose version is the last that is gone;
//! whoever comes back with an earlier id hears 410, since what it lacks is nowhere.
//!
//! A stream ends once its order has ended and no refund is under way. A browser comes back after `retry`, with the last
//! id, and hears of whatever came meanwhile; so does any client whose connection broke.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data};
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt, stream};

use super::auth::{Caller, STAFF};
use super::json::{FieldError, quoted};
use super::orders::visible;
use super::problem::Problem;
use super::streams::{NoSeat, Seat};
use super::view::{EventView, history};
use super::{Answered, AppState, HttpCall, refused};
use crate::limits;
use crate::ports::{PrunedTo, StoreError};
use crate::saga::state::RefundStatus;
use crate::saga::{Order, OrderId};

const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: &str = "Last-Event-ID";
/// After how many milliseconds a client comes back where its connection breaks.
const RETRY_MS: u32 = 2_000;
/// After how many it comes back where the order has ended: only a refund may follow.
const RETRY_ENDED_MS: u32 = 30_000;

/// The JSON history, or the live one, as the client accepts.
pub(super) async fn show(call: HttpCall) -> Answered {
    let order = visible(&call).await?;
    if !wants_stream(call.req.headers()) {
        return super::history::page(&call, &order).await;
    }
    let sent = last_event_id(call.req.headers(), order.version).map_err(refused)?;
    if sent > 0 {
        let _turn = call.state.shares.turn(&call.caller()?.client).await?;
        let gone = call.state.engine.reads().history(order.id.clone(), sent).await?.pruned;
        if let Some(to) = gone.filter(|to| sent < to.version) {
            return Err(Problem::events_pruned(to.version).about(&order.id));
        }
    }
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, EVENT_STREAM))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        .insert_header(("X-Accel-Buffering", "no")); // a proxy that collects an answer would hold events back
    if call.req.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let engine = &call.state.engine;
    let caller = call.caller()?;
    let seat = call.state.departure.streams().open(&order.id, &caller.client, engine).map_err(|none| match none {
        NoSeat::Full => Problem::too_many_streams(),
        NoSeat::Share => Problem::too_many_streams_of_one(),
        NoSeat::Closing => Problem::unavailable(),
    })?;
    let gone = Arc::clone(&call.state.auth).gone(&caller);
    let (state, id) = (call.state.clone(), order.id);
    let look = move |sent| -> BoxFuture<'static, _> { Box::pin(look(state.clone(), caller.clone(), id.clone(), sent)) };
    Ok(response.streaming(follow(look, seat, sent, PACE).take_until(Box::pin(gone))))
}

/// The events as they are told: `whole` to the staff, to others without what operators said.
pub(super) fn told(
    order: &Order,
    stored: &[crate::ports::StoredEvents],
    whole: bool,
) -> Result<Vec<EventView>, StoreError> {
    let events =
        history(order, stored).map_err(|error| StoreError::Corrupt(format!("events of {}: {error}", order.id)))?;
    if whole {
        return Ok(events);
    }
    Ok(events.into_iter().map(|event| event.without_operators(&order.client)).collect())
}

/// Whether the client would rather have a stream than JSON: by the weights of the two where it names them (RFC 9110,
/// 12.5.1), and the first named where they are the same. A client that names neither gets JSON.
fn wants_stream(headers: &HeaderMap) -> bool {
    let (mut best, mut streams) = (0.0, false);
    for range in headers.get_all(header::ACCEPT).flat_map(|value| value.to_str().unwrap_or_default().split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let stream = media.eq_ignore_ascii_case(EVENT_STREAM);
        if !stream && !media.eq_ignore_ascii_case("application/json") {
            continue;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight: f32 = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
        if weight > best {
            (best, streams) = (weight, stream);
        }
    }
    streams
}

/// The version that the client has: 0 where it begins.
fn last_event_id(headers: &HeaderMap, version: i32) -> Result<i32, FieldError> {
    let Some(value) = headers.get(LAST_EVENT_ID) else { return Ok(0) };
    let text = value.to_str().unwrap_or("?");
    let id = text.parse::<i32>().ok().filter(|id| (0..=version).contains(id));
    id.ok_or_else(|| {
        let allowed = format!("must be the id of an event of this order, at most {version}, is {}", quoted(text));
        FieldError::header(LAST_EVENT_ID, allowed)
    })
}

/// What one look at the store found.
struct Seen {
    /// What is gone.
    pruned: Option<PrunedTo>,
    /// The events behind the version told last, in order.
    events: Vec<EventView>,
    /// The order's version, and whether nothing is under way at it.
    version: i32,
    at_rest: bool,
}

/// What happened to the order since a version, a page of it; `None` where there is no such order. Where there is something
/// to read, the stream waits for its client's turn, as that client's other readers do.
async fn look(state: Data<AppState>, by: Caller, id: OrderId, sent: i32) -> Result<Option<Seen>, StoreError> {
    let store = state.engine.reads();
    let Some(stored) = store.load(id.clone()).await? else { return Ok(None) };
    let order = stored.order;
    let (mut events, mut pruned) = (Vec::new(), None);
    if order.version > sent {
        let crowded = |_| StoreError::Unavailable("too many readings of this client wait for their turn".into());
        let _turn = state.shares.turn(&by.client).await.map_err(crowded)?;
        let found = store.history(id, sent).await?;
        pruned = found.pruned;
        events = told(&order, &found.commits, by.is_any(&STAFF))?;
        events.retain(|event| event.version() > i64::from(sent));
    }
    let refunds_open = order.refunds.iter().any(|refund| refund.status == RefundStatus::Intended);
    Ok(Some(Seen { pruned, events, version: order.version, at_rest: order.state.is_terminal() && !refunds_open }))
}

/// How long a stream waits.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// For a wake-up, before it looks by itself.
    look: Duration,
    /// In silence, before it tells that it lives.
    beat: Duration,
}

const PACE: Pace = Pace { look: limits::LOOK_AGAIN, beat: limits::EVENT_STREAM_BEAT };

/// A stream's memory.
struct Follower<L> {
    look: L,
    seat: Seat,
    /// The version told last.
    sent: i32,
    pace: Pace,
    begun: bool,
    over: bool,
    /// Whether it looks before it waits.
    look_now: bool,
    /// When it said something last.
    spoke: Instant,
}

/// The frames of a live history behind version `sent`.
fn follow<L>(look: L, seat: Seat, sent: i32, pace: Pace) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>>
where
    L: Fn(i32) -> BoxFuture<'static, Result<Option<Seen>, StoreError>>,
{
    let follower =
        Follower { look, seat, sent, pace, begun: false, over: false, look_now: true, spoke: Instant::now() };
    stream::unfold(follower, |mut follower| async move {
        let text = follower.next().await?;
        follower.spoke = Instant::now();
        Some((Ok(Bytes::from(text)), follower))
    })
}

impl<L> Follower<L>
where
    L: Fn(i32) -> BoxFuture<'static, Result<Option<Seen>, StoreError>>,
{
    /// What is said next; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(format!("retry: {RETRY_MS}\n\n"));
        }
        loop {
            if self.over || self.seat.is_closing() {
                return None;
            }
            if std::mem::take(&mut self.look_now) {
                let text = match (self.look)(self.sent).await {
                    Ok(Some(seen)) => self.tell(seen),
                    Ok(None) => return None,
                    Err(StoreError::Unavailable(reason)) => {
                        tracing::debug!(reason, "a live history waits for the database");
                        String::new()
                    }
                    Err(error) => {
                        tracing::error!(%error, "a live history cannot be read");
                        return None;
                    }
                };
                if !text.is_empty() {
                    return Some(text);
                }
                continue;
            }
            let silent = self.spoke.elapsed();
            if silent >= self.pace.beat {
                return Some(":\n\n".into());
            }
            tokio::select! {
                () = self.seat.woken() => self.look_now = true,
                () = tokio::time::sleep(self.pace.look.min(self.pace.beat - silent)) => self.look_now = true,
            }
        }
    }

    /// The frames of what was seen. The end is told by the order as it stood at the version told last, never by a later
    /// or an earlier one.
    fn tell(&mut self, seen: Seen) -> String {
        let mut text = String::new();
        if let Some(to) = seen.pruned.filter(|to| to.version > self.sent) {
            self.sent = to.version;
            text.push_str(&frame(&EventView::pruned(to)));
        }
        for event in &seen.events {
            if event.version() != i64::from(self.sent) + 1 {
                tracing::error!(version = event.version(), after = self.sent, "a history has a gap");
                self.over = true;
                return text;
            }
            self.sent += 1;
            text.push_str(&frame(event));
        }
        if self.sent != seen.version {
            // The order moved between its row and its events, or there are more of them than a page. Where there was
            // nothing to tell, they are not there: a look at once would find no more, thousands of
            // times a second.
            self.look_now = !seen.events.is_empty();
        } else if seen.at_rest {
            self.over = true;
            text.push_str(&format!("retry: {RETRY_ENDED_MS}\n\n"));
        }
        text
    }
}

/// One event. JSON has no line breaks outside of strings, and none inside of them unescaped; types are words.
fn frame(event: &EventView) -> String {
    // A struct of strings, integers and JSON always serialises.
    let data = serde_json::to_string(event).unwrap_or_default();
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.version(), event.kind())
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
