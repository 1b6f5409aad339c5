//! Promise: what is published to a NATS stream is there once, and in the order in which it was published, whatever happens to
//! who publishes it, and to the server; and whoever takes over goes on behind what is there, though a publication was taken
//! in part, its events are read again in other steps, and the server has forgotten their message ids. Judged by another
//! client, on a real server; what publishes is killed at messages that the test names and waits for.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use counterfoil::limits;
use counterfoil::outbox::nats::{Auth, Create, NatsSettings, NatsSink};
use counterfoil::outbox::sink::{Cursor, Cut, Found, Part, Sink, SinkError};
use counterfoil::outbox::{CloudEvent, LARGEST_EVENT};
use counterfoil::ports::feed::Position;
use counterfoil_lab::process::spawn;
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::certificates::Ca;
use crate::support::engine::until;
use crate::support::nats::{Seen, Server, is_there};
use crate::support::program::Folder;
use crate::support::wire::{Held, Request};

const EPOCH: i32 = 3;
const ORDERS: usize = 8;
/// Commits that a whole stream is made of: two of each order, of three events and of two.
const ALL: usize = 2 * ORDERS;
const STREAM: &str = "orders";
const CHILD: &str = "COUNTERFOIL_TESTS_NATS_CHILD";
/// As short as a server allows.
const WINDOW: Duration = Duration::from_millis(100);

fn event(order: &str, version: u64, data: Value) -> CloudEvent {
    let Value::Object(data) = data else { panic!("{data} is no object") };
    CloudEvent {
        specversion: "1.0",
        id: format!("{order}/{version}"),
        r#type: "counterfoil.payment.captured".into(),
        source: "/counterfoil/shop".into(),
        subject: order.into(),
        time: "2026-01-02T03:04:05.000006Z".into(),
        sequence: version.to_string(),
        epoch: EPOCH,
        datacontenttype: "application/json",
        data,
    }
}

/// The feed's commits from one to another.
fn commits(from: usize, to: usize) -> Vec<Vec<CloudEvent>> {
    let commit = |number: usize| {
        let order = format!("ORD-{}", number % ORDERS);
        let versions = if number < ORDERS { 1..=3 } else { 4..=5 };
        versions.map(|version| event(&order, version, json!({"amount": number}))).collect()
    };
    (from..to.min(ALL)).map(commit).collect()
}

fn position(upto: usize) -> Position {
    serde_json::from_value(json!({"epoch": EPOCH, "upto": upto})).unwrap()
}

fn part() -> Part {
    Part { deployment: "shop".into(), sink: "bus".into(), partition: 0, of: 1 }
}

/// Behind so many commits of the feed, as many as were published.
fn cursor(upto: usize) -> Cursor {
    Cursor {
        deployment: "shop".into(),
        sink: "bus".into(),
        partition: 0,
        of: 1,
        target: STREAM.into(),
        run: 1,
        step: upto as u64,
        published: 0,
        word: None,
        epoch: EPOCH,
        position: position(upto),
    }
}

fn sink(url: String) -> NatsSink {
    NatsSink::new(NatsSettings::new(url, STREAM), part())
}

/// What whoever takes over does first.
async fn taken(sink: &mut NatsSink) -> Result<Found, SinkError> {
    sink.look().await?;
    sink.open().await
}

/// Step and place of a cursor.
fn place(found: Found) -> (u64, usize) {
    match found {
        Found::Nothing => (0, 0),
        Found::Cursor(cursor) => (cursor.step, cursor.position.upto() as usize),
        Found::Gone(_, why) | Found::Spoilt(why) => panic!("{why}"),
    }
}

/// An open sink, and where it goes on.
async fn open(url: String) -> (NatsSink, (u64, usize)) {
    let mut sink = sink(url);
    let found = taken(&mut sink).await.expect("open");
    (sink, place(found))
}

/// Publishes these commits, the first of which is this one of the feed.
async fn publish_these(
    sink: &mut NatsSink,
    cursor: &Cursor,
    from: usize,
    commits: &[Vec<CloudEvent>],
) -> Result<(), SinkError> {
    let ends = commits.iter().scan(0, |events, commit| {
        *events += commit.len();
        Some(*events)
    });
    let ends: Vec<_> = [0].into_iter().chain(ends).collect();
    let begun = cursor.step - commits.len() as u64;
    let cuts = (from..).zip(begun..).zip(&ends[..commits.len()]);
    let cut = |((upto, step), events): ((usize, u64), &usize)| Cut { events: *events, step, position: position(upto) };
    let cuts: Vec<_> = cuts.map(cut).collect();
    sink.publish(&commits.concat(), cursor, &cuts).await
}

async fn publish(sink: &mut NatsSink, from: usize, to: usize) -> Result<(), SinkError> {
    publish_these(sink, &cursor(to.min(ALL)), from, &commits(from, to)).await
}

/// What whoever takes over does: goes on from the cursor, to the end, so many commits at once. Where that was.
async fn go_on(server: &Server, at_once: usize) -> usize {
    let (mut sink, (_, begun)) = open(server.url()).await;
    for from in (begun..ALL).step_by(at_once) {
        publish(&mut sink, from, from + at_once).await.expect("publish");
    }
    begun
}

fn ids(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|message| message.header("ce-id")).collect()
}

/// Each of these was read once, as it was published, in this order, and nothing else.
#[track_caller]
fn is_exactly(seen: &[Seen], commits: &[Vec<CloudEvent>]) {
    let events = commits.concat();
    assert_eq!(ids(seen), events.iter().map(|event| &*event.id).collect::<Vec<_>>());
    for (message, event) in seen.iter().zip(&events) {
        assert_eq!(message.subject, "counterfoil.orders.payment.captured");
        for (key, value) in [
            ("Nats-Msg-Id", &*event.id),
            ("ce-specversion", "1.0"),
            ("ce-type", &event.r#type),
            ("ce-source", &event.source),
            ("ce-subject", &event.subject),
            ("ce-time", &event.time),
            ("ce-sequence", &event.sequence),
            ("ce-epoch", &event.epoch.to_string()),
            ("content-type", "application/json"),
        ] {
            assert_eq!(message.header(key), value, "{key}");
        }
        assert_eq!(message.value, Value::Object(event.data.clone()));
    }
}

/// A server with a stream that soon forgets the ids of messages.
async fn server() -> Server {
    let server = Server::new();
    server.stream(STREAM, json!({"duplicate_window": WINDOW.as_nanos() as u64})).await;
    server
}

/// The server comes back when no message is so young any more that its id would be known.
async fn forget(server: &mut Server) {
    server.kill();
    let since = Instant::now();
    until("the window has passed", || async { since.elapsed() > WINDOW }).await;
    server.start_again();
}

#[tokio::test]
async fn what_is_published_is_there_once_and_in_its_order() {
    if !is_there() {
        return;
    }
    let server = server().await;
    assert_eq!(go_on(&server, 5).await, 0);
    is_exactly(&server.read(STREAM).await, &commits(0, ALL));
    // The cursor is what stands there then, and who looks disturbs nobody.
    let (mut good, (step, upto)) = open(server.url()).await;
    assert_eq!((step, upto), (ALL as u64, ALL));
    let mut other = sink(server.url());
    assert_eq!(other.look().await, Ok(Found::Cursor(cursor(ALL))));
    assert_eq!(other.open().await, Ok(Found::Cursor(cursor(ALL))));
    assert_eq!(other.target(), STREAM);
    let more = vec![event("ORD-more", 1, json!({}))];
    publish_these(&mut good, &cursor(ALL + 1), ALL, std::slice::from_ref(&more)).await.unwrap();
    is_exactly(&server.read(STREAM).await, &[commits(0, ALL), vec![more]].concat());
}

#[tokio::test]
async fn who_was_taken_over_from_is_told_so_and_leaves_nothing() {
    if !is_there() {
        return;
    }
    let mut server = server().await;
    // One between two publications, one inside its first one. The stream is empty: so is what they expect.
    let (mut idle, _) = open(server.url()).await;
    let (mut busy, _) = open(server.url_behind_the_wire()).await;
    let hold = server.wire().hold("counterfoil.orders", Request::Produce, 0, Held::Request);
    let publishing = tokio::spawn(async move { publish(&mut busy, 0, 4).await });
    hold.reached().await;
    let (mut last, place) = open(server.url()).await;
    assert_eq!(place, (0, 0));
    publish(&mut last, 0, 5).await.unwrap();
    let fenced =
        |published: Result<(), SinkError>| assert!(matches!(published, Err(SinkError::Fenced(_))), "{published:?}");
    // What it has is known to the server by its message id, or is not: neither is a success.
    fenced(publish(&mut idle, 0, 2).await);
    let (mut idle, _) = open(server.url()).await;
    publish(&mut last, 5, 8).await.unwrap();
    fenced(publish_these(&mut idle, &cursor(6), 5, &[vec![event("ORD-x", 1, json!({}))]]).await);
    hold.release();
    fenced(publishing.await.unwrap());
    is_exactly(&server.read(STREAM).await, &commits(0, 8));
    // The same where the server has forgotten the ids.
    let (mut idle, _) = open(server.url()).await;
    publish(&mut last, 8, 10).await.unwrap();
    forget(&mut server).await;
    let (mut sleeper, at) = open(server.url_behind_the_wire()).await;
    assert_eq!(at, (10, 10));
    let hold = server.wire().hold("counterfoil.orders", Request::Produce, 0, Held::Request);
    let publishing = tokio::spawn(async move { publish(&mut sleeper, 10, 14).await });
    hold.reached().await;
    assert_eq!(go_on(&server, 2).await, 10);
    forget_ids_only(&server).await;
    hold.release();
    fenced(publishing.await.unwrap());
    // Its connection is gone; it says so until it is opened again.
    for _ in 0..2 {
        let published = publish(&mut idle, 8, 9).await;
        assert!(matches!(published, Err(SinkError::Unknown(_) | SinkError::Fenced(_))), "{published:?}");
    }
    is_exactly(&server.read(STREAM).await, &commits(0, ALL));
}

/// Waits until the server no longer knows a message's id that came after all that it is asked about.
async fn forget_ids_only(server: &Server) {
    let config = json!({
        "name": "probe", "subjects": ["probe"], "retention": "limits", "storage": "memory", "discard": "old",
        "num_replicas": 1, "max_age": 0, "duplicate_window": WINDOW.as_nanos() as u64,
    });
    server.js("STREAM.CREATE.probe", config).await;
    let ask = || async {
        let what = json!({"do": "publish", "subject": "probe", "headers": {"Nats-Msg-Id": "a"}, "value": {}});
        server.ask(&server.url(), what).await
    };
    let first = ask().await;
    until("the server has forgotten", || async { ask().await != first }).await;
}

#[tokio::test]
async fn what_lands_behind_a_look_is_not_published_over() {
    if !is_there() {
        return;
    }
    let server = server().await;
    let (mut before, _) = open(server.url_behind_the_wire()).await;
    publish(&mut before, 0, 3).await.unwrap();
    // Two messages of the second commit are on their way, and are taken when the successor has read.
    let hold = server.wire().hold("counterfoil.orders", Request::Produce, 3, Held::Request);
    let publishing = tokio::spawn(async move { (publish(&mut before, 3, 6).await, before) });
    hold.reached().await;
    let (mut after, at) = open(server.url()).await;
    assert_eq!(at, (4, 4));
    hold.release();
    let (published, _before) = publishing.await.unwrap();
    published.unwrap();
    forget_ids_only(&server).await;
    let published = publish(&mut after, 4, 9).await;
    assert!(matches!(published, Err(SinkError::Fenced(_))), "{published:?}");
    assert_eq!(go_on(&server, 4).await, 6);
    is_exactly(&server.read(STREAM).await, &commits(0, ALL));
}

/// What a process is to publish: all of it, so many commits at once.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    url: String,
    at_once: usize,
}

/// A process of its own that publishes; killed when dropped.
struct Publisher {
    child: Child,
    lines: Receiver<String>,
}

impl Publisher {
    fn start(task: &Task) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["nats::child_that_publishes", "--exact", "--ignored", "--nocapture"])
            .env(CHILD, serde_json::to_string(task).unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = spawn(command, Signal::KILL).unwrap();
        let (tell, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    async fn until_it_says(&self, line: &str) {
        until(&format!("the publisher says {line}"), || async { self.lines.try_iter().any(|said| said == line) }).await;
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Not a test: the process that `Publisher` starts.
#[tokio::test]
#[ignore = "no test: the process that `Publisher` starts, which waits to be killed"]
async fn child_that_publishes() {
    let Some(task) = std::env::var_os(CHILD) else {
        return;
    };
    let task: Task = serde_json::from_str(task.to_str().unwrap()).unwrap();
    let (mut sink, (_, mut from)) = open(task.url).await;
    while from < ALL {
        publish(&mut sink, from, from + task.at_once).await.unwrap();
        from += task.at_once;
        println!("\npublished {from}");
    }
    println!("done");
    std::thread::park();
}

#[tokio::test]
async fn who_is_killed_anywhere_in_a_publication_is_gone_on_from_exactly_once() {
    if !is_there() {
        return;
    }
    // Four commits are published at once: twelve messages. Which of them is held, and where whoever comes next goes on.
    let places = [
        ("the first message is not there", 0, Held::Request, Some(3)),
        ("a commit has its first event there", 1, Held::Request, Some(3)),
        ("a commit has its first two events there", 2, Held::Request, Some(3)),
        ("a commit is whole, and the next has nothing", 3, Held::Request, Some(4)),
        ("the third commit has its first event", 7, Held::Request, Some(5)),
        ("the last message is not there", 11, Held::Request, Some(6)),
        ("the first message is there, and its answer is lost", 0, Held::Answer, Some(3)),
        ("the last message is there, and its answer is lost", 11, Held::Answer, Some(7)),
    ];
    for (what, message, held, expected) in places {
        let mut server = server().await;
        let (mut before, _) = open(server.url()).await;
        publish(&mut before, 0, 3).await.unwrap();
        let hold = server.wire().hold("counterfoil.orders", Request::Produce, message, held);
        let mut publisher = Publisher::start(&Task { url: server.url_behind_the_wire(), at_once: 4 });
        hold.reached().await;
        publisher.kill();
        drop(hold);
        forget(&mut server).await;
        let begun = go_on(&server, 5).await;
        assert!(expected.is_none_or(|expected| expected == begun), "{what}: {begun}");
        is_exactly(&server.read(STREAM).await, &commits(0, ALL));
    }
    // The answer is there, too.
    let mut server = server().await;
    let mut publisher = Publisher::start(&Task { url: server.url(), at_once: 4 });
    publisher.until_it_says("done").await;
    publisher.kill();
    forget(&mut server).await;
    assert_eq!(go_on(&server, 5).await, ALL);
    is_exactly(&server.read(STREAM).await, &commits(0, ALL));
}

/// The feed is read in other steps than before: what was open then comes first. Whoever reads it so dies as well.
#[tokio::test]
async fn a_commit_that_was_taken_in_part_is_gone_on_with_behind_others() {
    if !is_there() {
        return;
    }
    let mut server = server().await;
    let commit = |order: &str, versions: u64| (1..=versions).map(|n| event(order, n, json!({}))).collect::<Vec<_>>();
    let (a, b, late, later) = (commit("A", 3), commit("B", 2), commit("LATE", 2), commit("LATER", 2));
    for (from, to, commits) in [
        (0, 2, vec![a.clone(), b.clone()]),
        // Of each of these, one event is taken: no cursor stands behind the commit.
        (0, 2, vec![late.clone(), a.clone()]),
        (0, 2, vec![later.clone(), late.clone()]),
    ] {
        let (mut busy, (step, upto)) = open(server.url_behind_the_wire()).await;
        assert_eq!(upto, 0);
        let hold = server.wire().hold("counterfoil.orders", Request::Produce, 1, Held::Request);
        let publishing = tokio::spawn(async move {
            let cursor = Cursor { step: step + 2, ..cursor(to) };
            publish_these(&mut busy, &cursor, from, &commits).await
        });
        hold.reached().await;
        drop(hold);
        assert!(matches!(publishing.await.unwrap(), Err(SinkError::Unknown(_))));
        forget(&mut server).await;
    }
    // One commit of two events alone: the cursor stands behind it, and what is beyond is still known.
    let (mut sink, (step, _)) = open(server.url()).await;
    let at_step = |step, upto| Cursor { step, ..cursor(upto) };
    publish_these(&mut sink, &at_step(step + 1, 1), 0, std::slice::from_ref(&later)).await.unwrap();
    drop(sink);
    forget(&mut server).await;
    let (mut sink, at) = open(server.url()).await;
    assert_eq!(at, (step + 1, 1));
    publish_these(&mut sink, &at_step(step + 4, 4), 1, &[b.clone(), late.clone(), a.clone()]).await.unwrap();
    let more = commit("MORE", 1);
    publish_these(&mut sink, &at_step(step + 5, 5), 4, std::slice::from_ref(&more)).await.unwrap();
    let seen = server.read(STREAM).await;
    let expected = ["A/1", "LATE/1", "LATER/1", "LATER/2", "B/1", "B/2", "LATE/2", "A/2", "A/3", "MORE/1"];
    assert_eq!(ids(&seen), expected);
    // Nothing is beyond the cursor any more, and nothing is said of it.
    assert!(!seen.last().unwrap().headers.contains_key("Counterfoil-Ahead"));
}

#[tokio::test]
async fn a_server_killed_inside_a_publication_leaves_each_event_once() {
    if !is_there() {
        return;
    }
    for (message, held) in [(0, Held::Request), (4, Held::Request), (4, Held::Answer), (8, Held::Answer)] {
        let mut server = server().await;
        let (mut sink, _) = open(server.url_behind_the_wire()).await;
        publish(&mut sink, 0, 3).await.unwrap();
        let hold = server.wire().hold("counterfoil.orders", Request::Produce, message, held);
        let publishing = tokio::spawn(async move { (publish(&mut sink, 3, 6).await, sink) });
        hold.reached().await;
        server.kill();
        drop(hold);
        // The runtime has one thread, and this test is on it: it is told, and nothing holds it up.
        let (published, mut sink) = publishing.await.unwrap();
        assert!(matches!(published, Err(SinkError::Unknown(_))), "{published:?}");
        assert!(matches!(sink.look().await, Err(SinkError::Unknown(_))));
        server.start_again();
        forget(&mut server).await;
        go_on(&server, 4).await;
        is_exactly(&server.read(STREAM).await, &commits(0, ALL));
    }
}

/// Text that does not get smaller.
fn noise(bytes: usize) -> String {
    "x".repeat(bytes)
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused_by_its_id_and_nothing_with_it_is_there() {
    if !is_there() {
        return;
    }
    let server = Server::with(Folder::new(), "max_payload: 20000");
    server.stream(STREAM, json!({})).await;
    let (mut sink, _) = open(server.url()).await;
    let refused = |published: Result<(), SinkError>, id: &str| match published {
        Err(SinkError::Refused { id: found, .. }) => assert_eq!(found, id),
        other => panic!("{other:?}"),
    };
    // Larger than the server takes: nothing is sent, and it may go on at once.
    let large = vec![event("ORD-large", 1, json!({"note": noise(20_000)}))];
    let with = [commits(0, 2), vec![large]].concat();
    refused(publish_these(&mut sink, &cursor(3), 0, &with).await, "ORD-large/1");
    is_exactly(&server.read(STREAM).await, &[]);
    publish(&mut sink, 0, 2).await.unwrap();
    // As large as it takes: it is there, and whoever comes next reads it.
    let as_large = vec![event("ORD-large", 1, json!({"note": noise(18_500)}))];
    publish_these(&mut sink, &cursor(3), 2, std::slice::from_ref(&as_large)).await.unwrap();
    let (mut sink, at) = open(server.url()).await;
    assert_eq!(at, (3, 3));
    // The stream takes less than it did when it was opened: the first message is refused, and the same goes on without it.
    let mut config = server.js(&format!("STREAM.INFO.{STREAM}"), json!({})).await["config"].clone();
    config["max_msg_size"] = json!(2_000);
    server.js(&format!("STREAM.UPDATE.{STREAM}"), config).await;
    let larger = [vec![event("ORD-larger", 1, json!({"note": noise(5_000)}))], commits(3, 4).concat()];
    refused(publish_these(&mut sink, &cursor(5), 3, &larger).await, "ORD-larger/1");
    publish(&mut sink, 3, 4).await.unwrap();
    // Behind others it is found by whoever opens again.
    let behind = [commits(4, 5).concat(), vec![event("ORD-larger", 1, json!({"note": noise(5_000)}))]];
    let published = publish_these(&mut sink, &cursor(6), 4, &behind).await;
    assert!(matches!(published, Err(SinkError::Unknown(_))), "{published:?}");
    let (mut sink, at) = open(server.url()).await;
    assert_eq!(at, (5, 5));
    refused(publish_these(&mut sink, &cursor(6), 5, &behind[1..]).await, "ORD-larger/1");
    is_exactly(&server.read(STREAM).await, &[commits(0, 2), vec![as_large], commits(3, 5)].concat());
}

/// A stream that is full takes nothing, and the same is published again when there is room.
#[tokio::test]
async fn a_stream_without_room_is_waited_for() {
    if !is_there() {
        return;
    }
    let server = Server::new();
    server.stream(STREAM, json!({"max_msgs": 9, "discard": "new"})).await;
    let (mut sink, _) = open(server.url()).await;
    publish(&mut sink, 0, 3).await.unwrap();
    for _ in 0..2 {
        let published = publish(&mut sink, 3, 4).await;
        assert!(matches!(published, Err(SinkError::NotTaken(_))), "{published:?}");
    }
    server.js(&format!("STREAM.PURGE.{STREAM}"), json!({"keep": 1})).await;
    publish(&mut sink, 3, 4).await.unwrap();
    let expected = [vec![commits(2, 3)[0][2..].to_vec()], commits(3, 4)].concat();
    is_exactly(&server.read(STREAM).await, &expected);
}

#[track_caller]
fn spoilt(found: Result<Found, SinkError>, why: &str) {
    match found {
        Ok(Found::Spoilt(told)) => assert!(told.contains(why), "{told}"),
        other => panic!("{why}: {other:?}"),
    }
}

#[tokio::test]
async fn a_stream_that_lost_its_end_or_has_anothers_is_not_gone_on_with() {
    if !is_there() {
        return;
    }
    let server = server().await;
    let (mut good, _) = open(server.url()).await;
    publish(&mut good, 0, 2).await.unwrap();
    // The last message is taken out.
    server.js(&format!("STREAM.MSG.DELETE.{STREAM}"), json!({"seq": 6})).await;
    spoilt(sink(server.url()).look().await, "number 6, was removed");
    // Somebody else publishes: it is told at the next message.
    let publish_foreign = async |headers: Value| {
        let subject = "counterfoil.orders.mine";
        server.ask(&server.url(), json!({"do": "publish", "subject": subject, "headers": headers, "value": {}})).await
    };
    let (mut good, _) = {
        let mut good = sink(server.url());
        good.look().await.unwrap();
        good.open().await.unwrap();
        (good, ())
    };
    publish_foreign(json!({})).await;
    let published = publish(&mut good, 2, 3).await;
    assert!(matches!(published, Err(SinkError::Fenced(_))), "{published:?}");
    spoilt(taken(&mut good).await, "somebody else published into the stream orders");
    for (headers, why) in [
        (json!({"Counterfoil-Cursor": "{}"}), "cannot be read"),
        (json!({"Counterfoil-Cursor": json!(cursor(1)).to_string(), "Counterfoil-Ahead": "A/1"}), "cannot be read"),
    ] {
        publish_foreign(headers).await;
        spoilt(sink(server.url()).look().await, why);
    }
    // Emptied: its numbers go on.
    server.js(&format!("STREAM.PURGE.{STREAM}"), json!({})).await;
    spoilt(sink(server.url()).look().await, "it was purged");
    // Made anew: what was published before is known to the database.
    server.js(&format!("STREAM.DELETE.{STREAM}"), json!({})).await;
    unfit(sink(server.url()).look().await, "there is no stream orders");
    server.stream(STREAM, json!({})).await;
    assert_eq!(sink(server.url()).look().await, Ok(Found::Nothing));
}

/// Behind an operator's word: also what the server still knows by its message ids.
#[tokio::test]
async fn what_is_to_be_published_again_is() {
    if !is_there() {
        return;
    }
    let server = Server::new();
    server.stream(STREAM, json!({})).await;
    go_on(&server, 5).await;
    // Messages are taken out of the midst: whoever publishes them again without being told to does not pass over them.
    let (mut other, _) = open(server.url()).await;
    let published = publish(&mut other, 2, 3).await;
    assert!(matches!(&published, Err(SinkError::Unfit(why)) if why.contains("replay --from")), "{published:?}");
    let (mut again, _) = open(server.url()).await;
    let cursor = Cursor { run: 2, ..cursor(3) };
    publish_these(&mut again, &cursor, 0, &commits(0, 3)).await.unwrap();
    let seen = server.read(STREAM).await;
    let events = [commits(0, ALL), commits(0, 3)].concat().concat();
    assert_eq!(ids(&seen), events.iter().map(|event| &*event.id).collect::<Vec<_>>());
    assert_eq!(seen.last().unwrap().header("Nats-Msg-Id"), "ORD-2/3;run=2");
    assert_eq!(place(sink(server.url()).look().await.unwrap()), (3, 3));
}

#[track_caller]
fn unfit(opened: Result<Found, SinkError>, why: &str) {
    match opened {
        Err(SinkError::Unfit(reason)) => assert!(reason.contains(why), "{reason}"),
        other => panic!("{why}: {other:?}"),
    }
}

#[tokio::test]
async fn a_stream_that_would_break_a_promise_is_refused() {
    if !is_there() {
        return;
    }
    let server = Server::new();
    for (index, (wrong, why)) in [
        (json!({"max_age": 3_600_000_000_000_u64}), "max_age"),
        (json!({"retention": "workqueue"}), "other than limits"),
        (json!({"max_msgs_per_subject": 5}), "max_msgs_per_subject"),
        (json!({"storage": "memory"}), "in memory"),
        (json!({"subjects": ["counterfoil.orders.*"]}), "and not counterfoil.orders.>"),
        (json!({"no_ack": true}), "no_ack"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("wrong-{index}");
        server.stream(&name, wrong).await;
        let mut sink = NatsSink::new(NatsSettings::new(server.url(), &name), part());
        unfit(sink.look().await, why);
        assert!(publish(&mut sink, 0, 1).await.is_err());
        server.js(&format!("STREAM.DELETE.{name}"), json!({})).await;
    }
    server.stream(STREAM, json!({"subjects": ["counterfoil.>"], "max_bytes": 1_000_000})).await;
    go_on(&server, 4).await;
    is_exactly(&server.read(STREAM).await, &commits(0, ALL));
}

#[tokio::test]
async fn what_a_stream_and_its_server_do_not_promise_is_told_by_its_setting() {
    if !is_there() {
        return;
    }
    let needed = LARGEST_EVENT + limits::NATS_HEADERS;
    let single = "the stream orders has one copy: ".to_owned();
    let too_small =
        |whose: &str, size: usize| format!("{whose} = {size}, and the message of an event may have {needed}: ");
    for (server, stream, more) in [
        (1 << 20, needed, vec![]),
        (needed, needed, vec![]),
        (
            needed - 1,
            needed - 1,
            vec![
                too_small("the stream orders has max_msg_size", needed - 1),
                too_small("the server has max_payload", needed - 1),
            ],
        ),
        (1 << 20, 1_000, vec![too_small("the stream orders has max_msg_size", 1_000)]),
    ] {
        let server = Server::with(Folder::new(), &format!("max_payload: {server}"));
        server.stream(STREAM, json!({"max_msg_size": stream})).await;
        let (mut sink, _) = open(server.url()).await;
        let expected: Vec<_> = [single.clone()].into_iter().chain(more).collect();
        let fits = sink.weak().iter().zip(&expected).all(|(told, expected)| told.starts_with(expected));
        assert!(fits && sink.weak().len() == expected.len(), "{:#?} are not {expected:#?}", sink.weak());
        let told = sink.weak().to_vec();
        taken(&mut sink).await.unwrap();
        assert_eq!(sink.weak(), told);
    }
}

#[tokio::test]
async fn a_stream_that_is_missing_is_told_or_made_as_it_has_to_be() {
    if !is_there() {
        return;
    }
    let server = Server::new();
    let mut settings = NatsSettings::new(server.url(), STREAM);
    unfit(NatsSink::new(settings.clone(), part()).look().await, "there is no stream orders");
    settings.create = Some(Create { replication: 1 });
    let mut sink = NatsSink::new(settings, part());
    assert_eq!(taken(&mut sink).await, Ok(Found::Nothing));
    let config = server.js(&format!("STREAM.INFO.{STREAM}"), json!({})).await["config"].clone();
    for (key, value) in [
        ("subjects", json!(["counterfoil.orders.>"])),
        ("retention", json!("limits")),
        ("storage", json!("file")),
        ("max_age", json!(0)),
        ("deny_delete", json!(true)),
    ] {
        assert_eq!(config[key], value, "{key}");
    }
    publish(&mut sink, 0, 3).await.unwrap();
    is_exactly(&server.read(STREAM).await, &commits(0, 3));
    // Without JetStream nobody answers, which may pass.
    let without = Server::without_jetstream();
    let looked = self::sink(without.url()).look().await;
    assert!(matches!(&looked, Err(SinkError::Unknown(why)) if why.contains("not enabled")), "{looked:?}");
}

#[tokio::test]
async fn who_this_is_is_shown_and_the_server_is_asked_for_its_name() {
    if !is_there() {
        return;
    }
    let (folder, ca) = (Folder::new(), Ca::new("a CA"));
    let (pair, ca_file) = (ca.pair(&folder, "server", &["127.0.0.1"]), ca.file(&folder, "ca.crt"));
    let wrong_ca = Ca::new("another CA").file(&folder, "wrong.crt");
    let (password, wrong) = (folder.file("password", "secret\n"), folder.file("wrong", "hidden"));
    let more = format!(
        "tls {{ cert_file: \"{}\", key_file: \"{}\" }}\nauthorization {{ users: [\n{{ user: shop, password: secret }},\n\
         {{ user: other, password: secret, permissions: {{ publish: [\"$JS.API.>\"] }} }} ] }}",
        pair.cert.display(),
        pair.key.display()
    );
    let server = Server::with(folder, &more);
    let url = server.url().replace("nats://", "tls://");
    let with = |ca: &std::path::Path, username: &str, file: &std::path::Path| {
        let mut settings = NatsSettings::new(&url, STREAM);
        settings.create = Some(Create { replication: 1 });
        settings.tls = Some(counterfoil::tls::Files { ca: Some(ca.to_owned()), ..Default::default() });
        settings.auth = Some(Auth::Password { username: username.into(), password_file: file.to_owned() });
        NatsSink::new(settings, part())
    };
    unfit(with(&wrong_ca, "shop", &password).look().await, "comes from no CA of");
    let refused = with(&ca_file, "shop", &wrong).look().await;
    unfit(refused.clone(), "authorization violation");
    assert!(!format!("{refused:?}").contains("hidden"));
    unfit(with(&ca_file, "shop", std::path::Path::new("/nowhere")).look().await, "/nowhere");
    let mut sink = with(&ca_file, "shop", &password);
    assert_eq!(taken(&mut sink).await, Ok(Found::Nothing));
    publish(&mut sink, 0, 3).await.unwrap();
    // Who may look and not publish is told so, and not left to wait for an answer.
    let mut other = with(&ca_file, "other", &password);
    assert_eq!(place(taken(&mut other).await.unwrap()), (3, 3));
    let published = publish(&mut other, 3, 4).await;
    assert!(matches!(&published, Err(SinkError::Unfit(why)) if why.contains("counterfoil.orders")), "{published:?}");
}
