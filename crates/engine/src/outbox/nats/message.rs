//! The messages of a publication: each bears what whoever goes on behind it has to know.

use std::collections::BTreeSet;

use async_nats::HeaderMap;
use async_nats::header::HeaderValue;
use async_nats::jetstream::message::OutboundMessage;

use super::settings::NatsSettings;
use super::{Cursor, Cut, SinkError};
use crate::limits;
use crate::outbox::CloudEvent;

/// The header of the cursor.
pub(super) const CURSOR: &str = "Counterfoil-Cursor";
/// The header of what stands in the stream beyond it: a JSON array of ids.
pub(super) const AHEAD: &str = "Counterfoil-Ahead";

/// The last word of the subject of a message that has no event.
pub(super) const MARK: &str = "mark";

/// Events that stand in the stream, and lie beyond the cursor at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Ahead {
    /// Of the run of that cursor; another run has not to do with it.
    pub(super) run: u32,
    pub(super) ids: BTreeSet<String>,
}

/// A message, as it is sent once it is known behind which.
pub(super) struct Outgoing {
    pub(super) id: String,
    subject: String,
    headers: HeaderMap,
    payload: Vec<u8>,
    /// All of it.
    pub(super) bytes: usize,
}

impl Outgoing {
    /// To be taken behind the one of this number, by this stream, or not at all.
    pub(super) fn after(mut self, stream: &str, number: u64) -> OutboundMessage {
        self.headers.insert("Nats-Expected-Stream", stream);
        self.headers.insert("Nats-Expected-Last-Sequence", HeaderValue::from(number));
        OutboundMessage { subject: self.subject.into(), payload: self.payload.into(), headers: Some(self.headers) }
    }
}

/// The messages for these events, but for those that stand there; and what stands beyond the cursor once they are taken.
pub(super) async fn plan(
    settings: &NatsSettings,
    most: usize,
    events: &[CloudEvent],
    cursor: &Cursor,
    cuts: &[Cut],
    ahead: &Ahead,
) -> Result<(Vec<Outgoing>, Ahead), SinkError> {
    let mut ids = if ahead.run == cursor.run { ahead.ids.clone() } else { BTreeSet::new() };
    if events.is_empty() {
        return Ok((vec![mark(settings, most, cursor, &ids)?], Ahead { run: cursor.run, ids }));
    }
    let (mut messages, mut turn) = (Vec::with_capacity(events.len()), 0);
    let Some((first, inner)) = cuts.split_first().filter(|(first, _)| first.events == 0) else {
        return Err(SinkError::Unfit(
            "a publication that may be taken in part was not told where it may be cut".into(),
        ));
    };
    let (mut from, mut before) = (0, first);
    let last = Cut { events: events.len(), step: cursor.step, position: cursor.position.clone() };
    for end in inner.iter().chain([&last]) {
        let commit = events.get(from..end.events).unwrap_or_default();
        let is_of = |id: &String| commit.iter().any(|event| known(event) == *id);
        let missing: Vec<&CloudEvent> = commit.iter().filter(|event| !ids.contains(&known(event))).collect();
        let more = missing.len();
        for (index, event) in missing.into_iter().enumerate() {
            let behind = if index + 1 == more {
                ids.retain(|id| !is_of(id));
                end
            } else {
                ids.insert(known(event));
                before
            };
            messages.push(message(settings, most, event, (cursor, behind, events.len()), &ids)?);
            turn += 1;
            if turn % limits::NATS_ENCODE_TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        // Also where nothing was left of it to be published.
        ids.retain(|id| !is_of(id));
        (from, before) = (end.events, end);
    }
    // All of it stands there, but for what an operator had passed over: the cursor goes on all the same.
    if messages.is_empty() {
        messages.push(mark(settings, most, cursor, &ids)?);
    }
    Ok((messages, Ahead { run: cursor.run, ids }))
}

/// By what an event is known that stands beyond the cursor: another history has another one of its id.
fn known(event: &CloudEvent) -> String {
    format!("{};epoch={}", event.id, event.epoch)
}

/// A message of no event, with the cursor alone. Its subject has one word less than any event's.
fn mark(
    settings: &NatsSettings,
    most: usize,
    cursor: &Cursor,
    ahead: &BTreeSet<String>,
) -> Result<Outgoing, SinkError> {
    let id = format!("mark;epoch={};run={};step={}", cursor.epoch, cursor.run, cursor.step);
    let mut headers = HeaderMap::new();
    headers.insert("Nats-Msg-Id", id.as_str());
    let own = bear(&mut headers, most, cursor, ahead)?;
    let subject = format!("{}.{MARK}", settings.subject);
    Ok(Outgoing { bytes: limits::NATS_MESSAGE_HEAD + id.len() + own, id, subject, headers, payload: Vec::new() })
}

/// Puts the cursor on a message, and what stands beyond it: how many bytes that is.
fn bear(headers: &mut HeaderMap, most: usize, cursor: &Cursor, ahead: &BTreeSet<String>) -> Result<usize, SinkError> {
    let unfit = |error: &dyn std::fmt::Display| SinkError::Unfit(error.to_string());
    let mut own = 0;
    let mut add = |name: &'static str, text: String| {
        own += name.len() + text.len() + ": \r\n".len();
        let value = text.parse::<HeaderValue>().map_err(|error| unfit(&error))?;
        headers.insert(name, value);
        Ok::<_, SinkError>(())
    };
    add(CURSOR, serde_json::to_string(cursor).map_err(|error| unfit(&error))?)?;
    if !ahead.is_empty() {
        add(AHEAD, serde_json::to_string(ahead).map_err(|error| unfit(&error))?)?;
    }
    let room = limits::NATS_CURSOR.min(most / 2);
    if own > room {
        return Err(SinkError::Unfit(format!(
            "the cursor has {own} bytes, and a header has room for {room}: many transactions are open in the database"
        )));
    }
    Ok(own)
}

fn message(
    settings: &NatsSettings,
    most: usize,
    event: &CloudEvent,
    (cursor, behind, all): (&Cursor, &Cut, usize),
    ahead: &BTreeSet<String>,
) -> Result<Outgoing, SinkError> {
    let refused = |reason: String| SinkError::Refused { id: event.id.clone(), reason };
    let kind = event.kind();
    let is_token = |token: &str| {
        !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'*' | b'>'))
    };
    if !kind.split('.').all(is_token) {
        return Err(refused(format!("its type {kind:?} is no subject")));
    }
    let payload = serde_json::to_vec(&event.data).map_err(|error| refused(error.to_string()))?;
    let epoch = event.epoch.to_string();
    let message_id = message_id(&event.id, cursor.run);
    let mut headers = HeaderMap::new();
    let mut head = limits::NATS_MESSAGE_HEAD;
    let mut add = |name: &'static str, value: &str| match value.parse::<HeaderValue>() {
        Ok(value) => {
            head += name.len() + value.as_str().len() + ": \r\n".len();
            headers.insert(name, value);
            Ok(())
        }
        Err(error) => Err(refused(format!("its {name} is none for a header: {error}"))),
    };
    for (name, value) in [
        ("Nats-Msg-Id", &*message_id),
        ("ce-specversion", event.specversion),
        ("ce-id", &event.id),
        ("ce-type", &event.r#type),
        ("ce-source", &event.source),
        ("ce-subject", &event.subject),
        ("ce-time", &event.time),
        ("ce-sequence", &event.sequence),
        ("ce-epoch", &epoch),
        ("content-type", event.datacontenttype),
    ] {
        add(name, value)?;
    }
    let left = all.saturating_sub(behind.events) as u64;
    let published = cursor.published.saturating_sub(left);
    let cursor = Cursor { step: behind.step, position: behind.position.clone(), published, ..cursor.clone() };
    head += bear(&mut headers, most, &cursor, ahead)?;
    let bytes = head + payload.len();
    if bytes > most {
        return Err(refused(format!("its message has {bytes} bytes, and {} takes {most}", settings.stream)));
    }
    if head > limits::NATS_HEADERS {
        return Err(refused(format!("its headers have {head} bytes, and a server takes {}", limits::NATS_HEADERS)));
    }
    let subject = format!("{}.{kind}", settings.subject);
    Ok(Outgoing { id: event.id.clone(), subject, headers, payload, bytes })
}

/// The event's id; where it is published again because an operator has asked for it, the server is not to take it for a
/// duplicate.
fn message_id(id: &str, run: u32) -> String {
    match run {
        1 => id.to_owned(),
        run => format!("{id};run={run}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ports::feed::Position;

    const MOST: usize = 1 << 20;

    fn at(upto: u64) -> Position {
        serde_json::from_value(json!({"epoch": 1, "upto": upto})).unwrap()
    }

    fn cut(events: usize) -> Cut {
        Cut { events, step: 100 + events as u64, position: at(events as u64) }
    }

    fn event(id: &str) -> CloudEvent {
        let (order, version) = id.split_once('/').unwrap();
        CloudEvent {
            specversion: "1.0",
            id: id.into(),
            r#type: "counterfoil.order.created".into(),
            source: "/counterfoil/shop".into(),
            subject: order.into(),
            time: "2026-01-02T03:04:05.000006Z".into(),
            sequence: version.into(),
            epoch: 1,
            datacontenttype: "application/json",
            data: serde_json::Map::new(),
        }
    }

    fn cursor(run: u32, upto: u64) -> Cursor {
        let (deployment, sink, target) = ("shop".into(), "bus".into(), "orders".into());
        Cursor {
            deployment,
            sink,
            partition: 0,
            of: 1,
            target,
            run,
            step: 100 + upto,
            published: 0,
            word: None,
            epoch: 1,
            position: at(upto),
        }
    }

    /// Of each message: its id, how far its cursor is, and what it says to stand beyond. And what is left in the end.
    async fn planned(commits: &[&[&str]], run: u32, ahead: &[&str]) -> (Vec<(String, u64, Vec<String>)>, Vec<String>) {
        let events: Vec<_> = commits.iter().copied().flatten().map(|id| event(id)).collect();
        let ends = commits.iter().scan(0, |events, commit| {
            *events += commit.len();
            Some(*events)
        });
        let ends: Vec<_> = ends.collect();
        let cuts = [0].iter().chain(&ends[..ends.len() - 1]).map(|events| cut(*events));
        let ahead = Ahead { run: 1, ids: ahead.iter().map(|id| beyond(id)).collect() };
        let (settings, cursor) = (NatsSettings::new("nats://127.0.0.1", "orders"), cursor(run, events.len() as u64));
        let (messages, left) =
            plan(&settings, MOST, &events, &cursor, &cuts.collect::<Vec<_>>(), &ahead).await.unwrap();
        let told = messages.into_iter().map(|message| {
            let message = message.after("orders", 5);
            let kind = if message.payload.is_empty() { "mark" } else { "order.created" };
            assert_eq!(&*message.subject, format!("counterfoil.orders.{kind}"));
            let headers = message.headers.unwrap();
            let text = |name| headers.get(name).map(|value| value.as_str().to_owned());
            let cursor: Cursor = serde_json::from_str(&text(CURSOR).unwrap()).unwrap();
            assert_eq!((cursor.step, cursor.run), (100 + cursor.position.upto(), run));
            let ahead: Option<Vec<String>> = text(AHEAD).map(|ids| serde_json::from_str(&ids).unwrap());
            (text("Nats-Msg-Id").unwrap(), cursor.position.upto(), bare(ahead.unwrap_or_default()))
        });
        (told.collect(), bare(left.ids.into_iter().collect()))
    }

    fn beyond(id: &str) -> String {
        if id.contains(";epoch=") { id.to_owned() } else { format!("{id};epoch=1") }
    }

    fn bare(ids: Vec<String>) -> Vec<String> {
        ids.into_iter().map(|id| id.strip_suffix(";epoch=1").map_or(id.clone(), str::to_owned)).collect()
    }

    fn told(id: &str, upto: u64, ahead: &[&str]) -> (String, u64, Vec<String>) {
        (id.to_owned(), upto, ahead.iter().map(|id| (*id).to_owned()).collect())
    }

    #[tokio::test]
    async fn each_message_says_what_whoever_goes_on_behind_it_has_to_know() {
        let (messages, left) = planned(&[&["A/1", "A/2", "A/3"], &["B/1"]], 1, &[]).await;
        let expected =
            [told("A/1", 0, &["A/1"]), told("A/2", 0, &["A/1", "A/2"]), told("A/3", 3, &[]), told("B/1", 4, &[])];
        assert_eq!((messages, left.len()), (expected.to_vec(), 0));
    }

    #[tokio::test]
    async fn what_stands_there_is_passed_over_whenever_it_comes() {
        // Its commit is read again behind another one.
        let (messages, left) = planned(&[&["L/1", "L/2"], &["A/1", "A/2", "A/3"]], 1, &["A/1"]).await;
        let expected = [
            told("L/1", 0, &["A/1", "L/1"]),
            told("L/2", 2, &["A/1"]),
            told("A/2", 2, &["A/1", "A/2"]),
            told("A/3", 5, &[]),
        ];
        assert_eq!((messages, left.len()), (expected.to_vec(), 0));
        // Not yet: it is handed on.
        let (messages, left) = planned(&[&["L/1"]], 1, &["A/1"]).await;
        assert_eq!((messages, left), (vec![told("L/1", 1, &["A/1"])], vec!["A/1".to_owned()]));
        // Of another history it is another event.
        let (messages, left) = planned(&[&["A/1", "A/2"]], 1, &["A/1;epoch=3"]).await;
        let expected = [told("A/1", 0, &["A/1", "A/1;epoch=3"]), told("A/2", 2, &["A/1;epoch=3"])];
        assert_eq!((messages, left), (expected.to_vec(), vec!["A/1;epoch=3".to_owned()]));
        // The rest of its commit is passed over by an operator's word, and nothing follows yet.
        let (messages, left) = planned(&[&["A/1"]], 1, &["A/1"]).await;
        assert_eq!((messages, left.len()), (vec![told("mark;epoch=1;run=1;step=101", 1, &[])], 0));
        // The same, and something follows.
        let (messages, left) = planned(&[&["A/1"], &["B/1"]], 1, &["A/1"]).await;
        assert_eq!((messages, left.len()), (vec![told("B/1", 2, &[])], 0));
    }

    #[tokio::test]
    async fn another_run_publishes_all_of_it_again_under_ids_of_its_own() {
        let (messages, left) = planned(&[&["A/1", "A/2"]], 2, &["A/1"]).await;
        let expected = [told("A/1;run=2", 0, &["A/1"]), told("A/2;run=2", 2, &[])];
        assert_eq!((messages, left.len()), (expected.to_vec(), 0));
    }

    #[tokio::test]
    async fn what_is_too_large_or_no_subject_is_refused_by_its_id() {
        let settings = NatsSettings::new("nats://127.0.0.1", "orders");
        let cuts = [cut(0)];
        let refusal = async |event: CloudEvent| {
            let events = [event];
            match plan(&settings, MOST, &events, &cursor(1, 1), &cuts, &Ahead::default()).await {
                Err(SinkError::Refused { id, reason }) => (id, reason),
                other => panic!("{:?}", other.map(|(messages, _)| messages.len())),
            }
        };
        let data = json!({"note": "a".repeat(MOST)}).as_object().unwrap().clone();
        let (id, reason) = refusal(CloudEvent { data, ..event("A/1") }).await;
        assert!(id == "A/1" && reason.contains("orders takes 1048576"), "{reason}");
        for wrong in ["counterfoil.a b", "counterfoil.a..b", "counterfoil.>", "counterfoil."] {
            let (id, reason) = refusal(CloudEvent { r#type: wrong.into(), ..event("A/1") }).await;
            assert!(id == "A/1" && reason.contains("is no subject"), "{reason}");
        }
        // The cursor is at fault, and not the event.
        let missing: Vec<_> = (0..10_000).map(|number| (1, number)).collect();
        let position = serde_json::from_value(json!({"epoch": 1, "upto": 10_000, "missing": missing})).unwrap();
        let cursor = Cursor { position, ..cursor(1, 1) };
        let planned = plan(&settings, MOST, &[event("A/1")], &cursor, &cuts, &Ahead::default()).await;
        assert!(matches!(planned.map(|_| ()), Err(SinkError::Unfit(why)) if why.contains("transactions are open")));
    }
}
