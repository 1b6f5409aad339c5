use std::cell::{Cell, RefCell};
use std::sync::{Arc, Mutex};

use actix_web::http::header::{HeaderName, HeaderValue};
use futures_util::StreamExt;
use proptest::prelude::*;

use super::*;
use crate::http::streams::Streams;
use crate::http::tests::engine;
use crate::http::view::tests::order;
use crate::ports::StoredEvents;
use crate::saga::{Client, Timestamp};

fn headers(name: &'static str, values: &[&str]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for value in values {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    map
}

#[test]
fn a_stream_is_for_who_asks_for_one() {
    for (accept, stream) in [
        (&[][..], false),
        (&["*/*"][..], false),
        (&["application/json"], false),
        (&["text/event-stream"], true),
        (&["Text/Event-Stream; charset=utf-8"], true),
        (&["text/*"], false),
        (&["text/event-stream;q=0"], false),
        (&["text/event-stream, application/json"], true),
        (&["application/json, text/event-stream"], false),
        (&["application/json;q=0.5, text/event-stream;q=0.9"], true),
        (&["application/json;q=0.5", "text/event-stream"], true),
        (&["text/event-stream;q=x"], false),
    ] {
        assert_eq!(wants_stream(&headers("accept", accept)), stream, "{accept:?}");
    }
}

#[test]
fn a_last_event_id_is_a_version_of_the_order() {
    let read = |text: &str| last_event_id(&headers("last-event-id", &[text]), 5);
    assert_eq!(last_event_id(&HeaderMap::new(), 5), Ok(0));
    assert_eq!((read("0"), read("3"), read("5")), (Ok(0), Ok(3), Ok(5)));
    for wrong in ["6", "-1", "x", "3.0", "99999999999", ""] {
        let error = read(wrong).unwrap_err();
        assert_eq!(error.header, Some("Last-Event-ID"), "{wrong}");
        assert!(error.detail.contains("at most 5"), "{wrong}: {error:?}");
    }
}

/// The elements of the JSON history with these versions.
fn views(versions: std::ops::RangeInclusive<i32>) -> Vec<EventView> {
    let stored: Vec<_> = versions
        .map(|version| StoredEvents {
            first_version: version,
            at: Timestamp(0),
            events: r#"[{"type":"payment.declined","reason":"a\nb\r\u2028"}]"#.into(),
        })
        .collect();
    told(&order(), &stored, true).unwrap()
}

#[test]
fn a_frame_is_an_event_whatever_its_content() {
    let view = views(3..=3).remove(0);
    let json = serde_json::to_string(&view).unwrap();
    let text = frame(&view);
    assert_eq!(text, format!("id: 3\nevent: payment.declined\ndata: {json}\n\n"));
    assert_eq!(text.lines().count(), 4, "nothing in an event breaks its line: {text:?}");
    assert!(!text.contains('\r'));
}

/// The ids of the frames of a stream's text, in order.
fn ids(text: &str) -> Vec<i32> {
    text.lines().filter_map(|line| line.strip_prefix("id: ")).map(|id| id.parse().unwrap()).collect()
}

/// What happens around one look at the store: how many events are committed before its first read, between its two
/// reads, and after them; whether the database is away; whether somebody is woken.
#[derive(Debug, Clone)]
struct Turn {
    before: i32,
    between: i32,
    after: i32,
    away: bool,
    wakes: bool,
}

fn turn() -> impl Strategy<Value = Turn> {
    (0..3i32, 0..3i32, 0..3i32, prop::bool::weighted(0.2), any::<bool>())
        .prop_map(|(before, between, after, away, wakes)| Turn { before, between, after, away, wakes })
}

/// Follows an order from version `sent` on, to which `turns` happen meanwhile. Nothing is under way at the version
/// `rests`, where it ended, nor at `total`, where the last of the refunds that were asked for later was given back.
async fn followed(seat: Seat, (rests, total): (i32, i32), sent: i32, turns: Vec<Turn>) -> String {
    let wake = seat.waker();
    let version = Cell::new(sent.max(1));
    let turns = RefCell::new(turns.into_iter());
    let look = move |sent: i32| -> BoxFuture<'static, Result<Option<Seen>, StoreError>> {
        let commit = |count: i32| version.set((version.get() + count).min(total));
        // After the script, the order ends by itself.
        let rest = Turn { before: total, between: 0, after: 0, away: false, wakes: false };
        let turn = turns.borrow_mut().next().unwrap_or(rest);
        commit(turn.before);
        let row = version.get();
        commit(turn.between);
        let events = if row > sent { views(sent + 1..=version.get()) } else { Vec::new() };
        commit(turn.after);
        if turn.wakes {
            wake.notify_one();
        }
        let seen = Seen { pruned: None, events, version: row, at_rest: row == rests || row == total };
        let away = StoreError::Unavailable("for now".into());
        Box::pin(std::future::ready(if turn.away { Err(away) } else { Ok(Some(seen)) }))
    };
    let pace = Pace { look: Duration::from_millis(1), beat: Duration::from_secs(60) };
    let frames: Vec<_> = follow(look, seat, sent, pace).collect().await;
    frames.into_iter().map(|frame| String::from_utf8(frame.unwrap().to_vec()).unwrap()).collect()
}

#[test]
fn nothing_is_lost_or_doubled_at_the_seam() {
    let runtime = actix_web::rt::System::new();
    let engine = engine();
    let id = OrderId::trusted("A");
    let script = (1..12i32, 0..12i32, 0..12i32, prop::collection::vec(turn(), 0..8));
    proptest!(ProptestConfig::with_cases(300), |((total, rests, sent, turns) in script)| {
        let sent = sent.min(total);
        let text = runtime.block_on(async {
            let seat = Streams::default().open(&id, &Client::anonymous(), &engine).ok().unwrap();
            followed(seat, (rests, total), sent, turns.clone()).await
        });
        let told = ids(&text);
        let last = told.last().copied().unwrap_or(sent);
        prop_assert!(last == total || last == rests, "it ended at {}, while something was under way", last);
        prop_assert_eq!(told, (sent + 1..=last).collect::<Vec<_>>());
        prop_assert!(text.starts_with("retry: 2000\n\n") && text.ends_with("retry: 30000\n\n"), "{}", text);
    });
}

#[actix_web::test]
async fn silence_is_filled_and_the_servers_end_is_the_streams() {
    let streams = Streams::default();
    let seat = streams.open(&OrderId::trusted("A"), &Client::anonymous(), &engine()).ok().unwrap();
    let looks = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&looks);
    let look = move |_sent| -> BoxFuture<'static, Result<Option<Seen>, StoreError>> {
        *counted.lock().unwrap() += 1;
        Box::pin(std::future::ready(Ok(Some(Seen { pruned: None, events: Vec::new(), version: 1, at_rest: false }))))
    };
    let pace = Pace { look: Duration::from_millis(2), beat: Duration::from_millis(10) };
    let mut frames = Box::pin(follow(look, seat, 1, pace));
    let mut said = Vec::new();
    while said.len() < 3 {
        said.push(frames.next().await.unwrap().unwrap());
    }
    assert_eq!(said, ["retry: 2000\n\n", ":\n\n", ":\n\n"]);
    assert!(*looks.lock().unwrap() > 2, "it looks while it is silent");
    streams.close();
    assert!(frames.next().await.is_none());
    assert_eq!(streams.open(&OrderId::trusted("A"), &Client::anonymous(), &engine()).err(), Some(NoSeat::Closing));
}

#[actix_web::test]
async fn a_history_with_a_gap_is_not_passed_on() {
    let seat = Streams::default().open(&OrderId::trusted("A"), &Client::anonymous(), &engine()).ok().unwrap();
    let look = move |_sent| -> BoxFuture<'static, Result<Option<Seen>, StoreError>> {
        let mut events = views(1..=4);
        events.remove(1);
        Box::pin(std::future::ready(Ok(Some(Seen { pruned: None, events, version: 4, at_rest: true }))))
    };
    let frames: Vec<_> = follow(look, seat, 0, PACE).collect().await;
    let text: String = frames.into_iter().map(|frame| String::from_utf8(frame.unwrap().to_vec()).unwrap()).collect();
    assert_eq!(ids(&text), [1]);
}

#[actix_web::test]
async fn a_history_that_lacks_its_end_is_looked_at_at_leisure() {
    let seat = Streams::default().open(&OrderId::trusted("A"), &Client::anonymous(), &engine()).ok().unwrap();
    let looks = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&looks);
    let look = move |_sent| -> BoxFuture<'static, Result<Option<Seen>, StoreError>> {
        let mut looks = counted.lock().unwrap();
        *looks += 1;
        assert!(*looks < 100, "it looks again and again without a pause");
        Box::pin(std::future::ready(Ok(Some(Seen { pruned: None, events: Vec::new(), version: 4, at_rest: true }))))
    };
    let pace = Pace { look: Duration::from_millis(100), beat: Duration::from_millis(250) };
    let said: Vec<_> = follow(look, seat, 1, pace).take(2).map(Result::unwrap).collect().await;
    assert_eq!(said, ["retry: 2000\n\n", ":\n\n"], "it waits for what is missing");
}

#[actix_web::test]
async fn a_history_of_several_pages_is_told_without_a_wait_between_them() {
    let seat = Streams::default().open(&OrderId::trusted("A"), &Client::anonymous(), &engine()).ok().unwrap();
    let look = move |sent: i32| -> BoxFuture<'static, Result<Option<Seen>, StoreError>> {
        let events = views(sent + 1..=(sent + 3).min(10));
        Box::pin(std::future::ready(Ok(Some(Seen { pruned: None, events, version: 10, at_rest: true }))))
    };
    let pace = Pace { look: Duration::from_secs(3_600), beat: Duration::from_secs(3_600) };
    let frames = tokio::time::timeout(Duration::from_secs(30), follow(look, seat, 0, pace).collect::<Vec<_>>()).await;
    let text = frames.unwrap().into_iter().map(|frame| String::from_utf8(frame.unwrap().to_vec()).unwrap());
    assert_eq!(ids(&text.collect::<String>()), (1..=10).collect::<Vec<_>>());
}

#[actix_web::test]
async fn seats_are_bounded_and_given_up() {
    let (streams, engine) = (Streams::default(), engine());
    let ids: Vec<_> = (0..limits::EVENT_STREAMS).map(|n| OrderId::trusted(format!("O-{}", n % 7))).collect();
    let [one, other, nobody] = ["one", "other", "anonymous"].map(Client::trusted);
    let mut seats = Vec::new();
    seats.extend(ids.iter().map_while(|id| streams.open(id, &one, &engine).ok()));
    assert_eq!(seats.len(), limits::share(limits::EVENT_STREAMS), "one client leaves room to others");
    assert_eq!(streams.open(&ids[0], &one, &engine).err(), Some(NoSeat::Share));
    seats.extend(ids.iter().map_while(|id| streams.open(id, &other, &engine).ok()));
    assert_eq!(seats.len(), limits::EVENT_STREAMS);
    assert_eq!(streams.open(&ids[0], &other, &engine).err(), Some(NoSeat::Full));
    drop(seats.pop());
    assert!(streams.open(&ids[0], &one, &engine).is_err() && streams.open(&ids[0], &other, &engine).is_ok());
    drop(seats);
    assert!(streams.is_empty());
    let all = ids.iter().map_while(|id| streams.open(id, &nobody, &engine).ok()).collect::<Vec<_>>();
    assert_eq!(all.len(), limits::EVENT_STREAMS, "who is alone has all");
    assert_eq!(engine.metrics().event_streams.get(), 256);
    drop(all);
    assert!(streams.is_empty() && engine.metrics().event_streams.get() == 0);
}
