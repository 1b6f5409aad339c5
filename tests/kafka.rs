//! Promise: what is published to Kafka is there once, and those of an order in their order, for whoever reads what is
//! committed; whatever happens to who publishes it, and to the broker. Judged by another client, on a real broker; what
//! publishes is killed at places of its transaction that stand in its requests, and the test waits for those.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use counterfoil::outbox::CloudEvent;
use counterfoil::outbox::kafka::{Create, KafkaSettings, KafkaSink, Mode};
use counterfoil::outbox::sink::{Cursor, Found, Part, Sink, SinkError};
use counterfoil::ports::feed::Position;
use counterfoil_lab::process::{signal_process, spawn};
use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::engine::until;
use crate::support::kafka::{Broker, Seen, is_there};
use crate::support::wire::{Held, Request};

const EPOCH: i32 = 3;
const ORDERS: u32 = 12;
/// Publications that a whole topic is made of. Each has two events of every order.
const ALL: u64 = 3;
const CHILD: &str = "COUNTERFOIL_TESTS_KAFKA_CHILD";

/// What is published n-th, from 1.
pub fn batch(step: u64) -> Vec<CloudEvent> {
    let orders = (0..ORDERS).map(|order| format!("ORD-{order}"));
    orders
        .flat_map(|order| (2 * step - 1..=2 * step).map(move |version| event(&order, version, json!({"amount": step}))))
        .collect()
}

pub fn event(order: &str, version: u64, data: Value) -> CloudEvent {
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

pub fn part(topic: &str) -> Part {
    Part { deployment: "shop".into(), sink: topic.into(), partition: 0, of: 1 }
}

/// The client's name, by which a wire knows it.
fn name(topic: &str) -> String {
    format!("counterfoil/shop/{topic}/0")
}

pub fn cursor(topic: &str, step: u64) -> Cursor {
    Cursor {
        deployment: "shop".into(),
        sink: topic.into(),
        partition: 0,
        of: 1,
        target: format!("{topic}/4"),
        run: 1,
        step,
        published: step,
        word: None,
        epoch: EPOCH,
        position: Position::beginning(EPOCH),
    }
}

fn sink(brokers: String, topic: &str) -> KafkaSink {
    KafkaSink::new(KafkaSettings::new(brokers, topic), part(topic))
}

/// What whoever takes over does first.
pub async fn taken(sink: &mut KafkaSink) -> Result<Found, SinkError> {
    sink.look().await?;
    sink.open().await
}

fn step(found: Found) -> u64 {
    match found {
        Found::Nothing => 0,
        Found::Cursor(cursor) => cursor.step,
        Found::Gone(_, why) | Found::Spoilt(why) => panic!("{why}"),
    }
}

/// An open sink, and the step that its cursor is behind.
async fn open(brokers: String, topic: &str) -> (KafkaSink, u64) {
    let mut sink = sink(brokers, topic);
    let step = step(taken(&mut sink).await.expect("open"));
    (sink, step)
}

pub async fn publish(sink: &mut KafkaSink, topic: &str, step: u64) -> Result<(), SinkError> {
    sink.publish(&batch(step), &cursor(topic, step), &[]).await
}

/// What whoever takes over does: goes on from the cursor, to the end. The step that the cursor was behind.
async fn go_on(broker: &Broker, topic: &str) -> u64 {
    let (mut sink, from) = open(broker.brokers(), topic).await;
    for step in from + 1..=ALL {
        publish(&mut sink, topic, step).await.expect("publish");
    }
    from
}

/// Each of the events was read once, as it was published, in the order of its order, from one partition.
#[track_caller]
pub fn is_exactly(seen: &[Seen], events: &[CloudEvent]) {
    let mut of_order: BTreeMap<&str, Vec<&Seen>> = BTreeMap::new();
    for record in seen {
        of_order.entry(record.key.as_deref().expect("a key")).or_default().push(record);
    }
    let mut expected: BTreeMap<&str, Vec<&CloudEvent>> = BTreeMap::new();
    for event in events {
        expected.entry(&event.subject).or_default().push(event);
    }
    let ids = |events: &[&CloudEvent]| events.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
    let read: BTreeMap<_, Vec<_>> = of_order
        .iter()
        .map(|(key, records)| (*key, records.iter().map(|record| record.header("ce_id").to_owned()).collect()))
        .collect();
    assert_eq!(read, expected.iter().map(|(key, events)| (*key, ids(events))).collect());
    for (key, records) in of_order {
        let partitions: BTreeSet<_> = records.iter().map(|record| record.partition).collect();
        assert_eq!(partitions.len(), 1, "{key} is in {partitions:?}");
        for (record, event) in records.iter().zip(&expected[key]) {
            looks_like(record, event);
        }
    }
}

#[track_caller]
fn looks_like(record: &Seen, event: &CloudEvent) {
    let headers = [
        ("ce_specversion", "1.0"),
        ("ce_id", &event.id),
        ("ce_type", &event.r#type),
        ("ce_source", &event.source),
        ("ce_subject", &event.subject),
        ("ce_time", &event.time),
        ("ce_sequence", &event.sequence),
        ("ce_epoch", &event.epoch.to_string()),
        ("content-type", "application/json"),
    ];
    for (key, value) in headers {
        assert_eq!(record.header(key), value, "{key}");
    }
    assert_eq!(record.headers.len(), headers.len());
    assert_eq!(record.value, Value::Object(event.data.clone()));
}

/// All that is ever published.
fn everything() -> Vec<CloudEvent> {
    (1..=ALL).flat_map(batch).collect()
}

#[tokio::test]
async fn what_is_published_is_there_once_and_in_the_order_of_its_order() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    assert_eq!(go_on(broker, &topic).await, 0);
    let seen = broker.read(&topic).await;
    is_exactly(&seen, &everything());
    // Where any producer puts them that decides as Java's do.
    let other = broker.topics().await;
    let keys: Vec<_> = (0..ORDERS).map(|order| format!("ORD-{order}")).collect();
    let placed = broker.ask(json!({"do": "placed", "topic": other, "keys": keys})).await;
    for record in &seen {
        assert_eq!(placed[record.key.as_deref().unwrap()], record.partition);
    }
    // The cursor is what stands there then, and so is the number of partitions.
    let mut again = sink(broker.brokers(), &topic);
    assert_eq!(taken(&mut again).await, Ok(Found::Cursor(cursor(&topic, ALL))));
    assert_eq!(again.target(), format!("{topic}/4"));
    broker.ask(json!({"do": "grow", "topic": topic, "partitions": 6})).await;
    taken(&mut again).await.unwrap();
    assert_eq!(again.target(), format!("{topic}/6"));
}

#[tokio::test]
async fn who_was_taken_over_from_is_fenced_and_leaves_nothing() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    // One between two publications, one inside a commit.
    let (mut idle, _) = open(broker.brokers(), &topic).await;
    publish(&mut idle, &topic, 1).await.unwrap();
    let (mut busy, step) = open(broker.brokers_behind_the_wire(), &topic).await;
    assert_eq!(step, 1);
    let error = publish(&mut idle, &topic, 2).await.unwrap_err();
    assert!(matches!(error, SinkError::Fenced(_)), "{error:?}");
    let hold = broker.wire().hold(&name(&topic), Request::EndTransaction, 0, Held::Request);
    let own = topic.clone();
    let publishing = tokio::spawn(async move { publish(&mut busy, &own, 2).await });
    hold.reached().await;
    let (mut last, step) = open(broker.brokers(), &topic).await;
    assert_eq!(step, 1);
    hold.release();
    let error = publishing.await.unwrap().unwrap_err();
    assert!(matches!(error, SinkError::Fenced(_)), "{error:?}");
    is_exactly(&broker.read(&topic).await, &batch(1));
    for step in 2..=ALL {
        publish(&mut last, &topic, step).await.unwrap();
    }
    is_exactly(&broker.read(&topic).await, &everything());
    // A fenced one says so until it is opened again.
    assert!(publish(&mut idle, &topic, 2).await.is_err());
}

#[tokio::test]
async fn what_is_committed_until_the_fence_stands_is_behind_the_cursor() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    let (mut before, _) = open(broker.brokers(), &topic).await;
    publish(&mut before, &topic, 1).await.unwrap();
    let hold = broker.wire().hold(&name(&topic), Request::InitProducer, 0, Held::Request);
    let (brokers, own) = (broker.brokers_behind_the_wire(), topic.clone());
    let opening = tokio::spawn(async move { open(brokers, &own).await });
    // The cursor was read once, and nobody is fenced yet.
    hold.reached().await;
    publish(&mut before, &topic, 2).await.unwrap();
    hold.release();
    let (mut after, step) = opening.await.unwrap();
    assert_eq!(step, 2);
    publish(&mut after, &topic, 3).await.unwrap();
    is_exactly(&broker.read(&topic).await, &everything());
}

/// What a process is to publish.
#[derive(Debug, Serialize, Deserialize)]
struct Task {
    brokers: String,
    topic: String,
    until: u64,
    transaction_ms: Option<u64>,
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
            .args(["kafka::child_that_publishes", "--exact", "--ignored", "--nocapture"])
            .env(CHILD, serde_json::to_string(task).unwrap())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = spawn(command, Signal::KILL).unwrap();
        let (tell, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { child, lines }
    }

    /// Waits until it says so; what it said before.
    async fn until_it_says(&self, line: &str) -> Vec<String> {
        let said = std::cell::RefCell::new(Vec::new());
        until(&format!("the publisher says {line}"), || async {
            said.borrow_mut().extend(self.lines.try_iter());
            said.borrow().iter().any(|said| said == line)
        })
        .await;
        said.into_inner()
    }

    fn signal(&self, signal: Signal) {
        signal_process(self.child.id(), signal).unwrap();
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
    let mut settings = KafkaSettings::new(&task.brokers, &task.topic);
    if let Some(ms) = task.transaction_ms {
        settings.transaction_timeout = Duration::from_millis(ms);
    }
    let mut sink = KafkaSink::new(settings, part(&task.topic));
    let mut at = step(taken(&mut sink).await.unwrap());
    println!("\nopen");
    while at < task.until {
        match publish(&mut sink, &task.topic, at + 1).await {
            Ok(()) => {
                at += 1;
                println!("published {at}");
            }
            Err(error) => {
                println!("{}", kind(&error));
                at = step(taken(&mut sink).await.unwrap());
            }
        }
    }
    println!("done");
    loop {
        std::thread::park();
    }
}

fn kind(error: &SinkError) -> &'static str {
    match error {
        SinkError::NotTaken(_) => "not taken",
        SinkError::Unknown(_) => "unknown",
        SinkError::Fenced(_) => "fenced",
        SinkError::Refused { .. } => "refused",
        SinkError::Unfit(_) => "unfit",
    }
}

#[tokio::test]
async fn who_is_killed_anywhere_in_a_transaction_is_gone_on_from_exactly_once() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    // What is the last that leaves a process before it is killed, and whether its events count then.
    let places = [
        ("the transaction is begun", Some((Request::AddPartitions, 0, Held::Request)), false),
        ("half of it is sent", Some((Request::Produce, 2, Held::Request)), false),
        ("all of it is sent, and the cursor", Some((Request::EndTransaction, 0, Held::Request)), false),
        ("the commit is made, and not answered", Some((Request::EndTransaction, 0, Held::Answer)), true),
        ("the commit is answered", None, true),
    ];
    for (place, held, counts) in places {
        let topic = broker.topics().await;
        let (mut before, _) = open(broker.brokers(), &topic).await;
        publish(&mut before, &topic, 1).await.unwrap();
        drop(before);
        let hold = held.map(|(request, pass, held)| broker.wire().hold(&name(&topic), request, pass, held));
        let (brokers, until) = (broker.brokers_behind_the_wire(), 2);
        let mut publisher = Publisher::start(&Task { brokers, topic: topic.clone(), until, transaction_ms: None });
        match &hold {
            Some(hold) => hold.reached().await,
            None => drop(publisher.until_it_says("done").await),
        }
        publisher.kill();
        drop(hold);
        assert_eq!(go_on(broker, &topic).await, if counts { 2 } else { 1 }, "{place}");
        is_exactly(&broker.read(&topic).await, &everything());
    }
}

#[tokio::test]
async fn a_broker_killed_inside_a_commit_leaves_each_event_once() {
    if !is_there() {
        return;
    }
    let mut broker = Broker::own();
    for held in [Held::Request, Held::Answer] {
        let topic = broker.topics().await;
        let (mut sink, _) = open(broker.brokers_behind_the_wire(), &topic).await;
        publish(&mut sink, &topic, 1).await.unwrap();
        let hold = broker.wire().hold(&name(&topic), Request::EndTransaction, 0, held);
        let own = topic.clone();
        let publishing = tokio::spawn(async move { publish(&mut sink, &own, 2).await });
        hold.reached().await;
        broker.kill();
        drop(hold);
        broker.start_again();
        let published = publishing.await.unwrap();
        let step = go_on(&broker, &topic).await;
        match published {
            Ok(()) => assert_eq!(step, 2),
            Err(SinkError::NotTaken(_)) => assert_eq!(step, 1),
            Err(SinkError::Unknown(_) | SinkError::Fenced(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
        is_exactly(&broker.read(&topic).await, &everything());
    }
}

#[tokio::test]
async fn a_broker_that_is_gone_is_no_success_and_holds_up_nobody() {
    if !is_there() {
        return;
    }
    let mut broker = Broker::own();
    let topic = broker.topics().await;
    let mut settings = KafkaSettings::new(broker.brokers_behind_the_wire(), &topic);
    settings.transaction_timeout = Duration::from_secs(1);
    let mut sink = KafkaSink::new(settings, part(&topic));
    taken(&mut sink).await.unwrap();
    publish(&mut sink, &topic, 1).await.unwrap();
    let hold = broker.wire().hold(&name(&topic), Request::Produce, 1, Held::Request);
    let own = topic.clone();
    let publishing = tokio::spawn(async move { (publish(&mut sink, &own, 2).await, sink) });
    // The runtime has one thread, and this test is on it: it goes on meanwhile.
    hold.reached().await;
    broker.kill();
    drop(hold);
    let (published, sink) = publishing.await.unwrap();
    assert!(matches!(published, Err(SinkError::Unknown(_))), "{published:?}");
    drop(sink);
    broker.start_again();
    assert_eq!(go_on(&broker, &topic).await, 1);
    is_exactly(&broker.read(&topic).await, &everything());
}

#[tokio::test]
async fn who_slept_through_the_transaction_leaves_nothing_of_it() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    for taken_over in [false, true] {
        let topic = broker.topics().await;
        let (mut before, _) = open(broker.brokers(), &topic).await;
        publish(&mut before, &topic, 1).await.unwrap();
        drop(before);
        let hold = broker.wire().hold(&name(&topic), Request::EndTransaction, 0, Held::Request);
        let brokers = broker.brokers_behind_the_wire();
        let task = Task { brokers, topic: topic.clone(), until: ALL, transaction_ms: Some(1_000) };
        let publisher = Publisher::start(&task);
        hold.reached().await;
        publisher.signal(Signal::STOP);
        // The broker ends the transaction: nothing is open any more, and nothing is there of it.
        is_exactly(&broker.read(&topic).await, &batch(1));
        if taken_over {
            assert_eq!(go_on(broker, &topic).await, 1);
        }
        publisher.signal(Signal::CONT);
        hold.release();
        // It is told, opens again, and finds where to go on.
        let said = publisher.until_it_says("done").await;
        assert!(said.iter().any(|said| said == "fenced"), "{said:?}");
        assert_eq!(said.iter().any(|said| said == "published 2"), !taken_over, "{said:?}");
        is_exactly(&broker.read(&topic).await, &everything());
    }
}

#[tokio::test]
async fn a_cursor_behind_hundreds_of_aborted_records_is_found() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    let (mut sink, _) = open(broker.brokers(), &topic).await;
    publish(&mut sink, &topic, 1).await.unwrap();
    let cursors = format!("{topic}.cursors");
    broker.ask(json!({"do": "abort", "topic": cursors, "partition": 0, "transactions": 30, "records": 10})).await;
    assert_eq!(go_on(broker, &topic).await, 1);
    is_exactly(&broker.read(&topic).await, &everything());
}

#[tokio::test]
async fn what_another_left_open_among_the_cursors_has_ended_when_a_sink_is_open() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    let (mut sink, _) = open(broker.brokers(), &topic).await;
    publish(&mut sink, &topic, 1).await.unwrap();
    let cursors = format!("{topic}.cursors");
    broker.ask(json!({"do": "leave_open", "topic": cursors, "partition": 0})).await;
    let (_sink, step) = open(broker.brokers(), &topic).await;
    assert_eq!(step, 1);
    let ends = broker.ask(json!({"do": "ends", "topic": cursors, "partition": 0})).await;
    assert_eq!(ends[0], ends[1]);
}

/// Text that does not get smaller by compression.
pub fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 59) as u8 % 26)
    };
    (0..bytes).map(|_| next()).collect()
}

#[tokio::test]
async fn an_event_that_is_too_large_is_refused_by_its_id_and_nothing_with_it_is_there() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = Broker::name();
    broker.topic(&topic, 4, json!({"max.message.bytes": "20000"})).await;
    broker.topic(&format!("{topic}.cursors"), 1, json!({"cleanup.policy": "compact"})).await;
    let (mut sink, _) = open(broker.brokers(), &topic).await;
    let largest = sink.largest_event().unwrap();
    assert!((19_000..20_000).contains(&largest), "{largest}");
    let refused = |published: Result<(), SinkError>, id: &str| match published {
        Err(SinkError::Refused { id: found, .. }) => assert_eq!(found, id),
        other => panic!("{other:?}"),
    };
    // Larger than the topic takes: nothing is begun.
    let mut events = batch(1);
    events.insert(5, event("ORD-large", 1, json!({"note": noise(20_000)})));
    refused(sink.publish(&events, &cursor(&topic, 1), &[]).await, "ORD-large/1");
    is_exactly(&broker.read(&topic).await, &[]);
    // As large as it takes, many times over: the batches fit.
    let room = largest - 400;
    let large: Vec<_> = (0..20).map(|order| event(&format!("ORD-{order}"), 1, json!({"note": noise(room)}))).collect();
    sink.publish(&large, &cursor(&topic, 1), &[]).await.unwrap();
    let mut expected = large;
    // The topic takes less than it did when it was opened: the broker refuses, once that has come about.
    broker.ask(json!({"do": "configure", "topic": topic, "key": "max.message.bytes", "value": "2000"})).await;
    let mut version = 2;
    loop {
        // One batch, of which one event is too large.
        let notes = [noise(10), noise(10_000), noise(10)];
        let numbered = (version..).zip(notes);
        let mut events: Vec<_> =
            numbered.map(|(version, note)| event("ORD-0", version, json!({"note": note}))).collect();
        match sink.publish(&events, &cursor(&topic, version), &[]).await {
            Ok(()) => expected.append(&mut events),
            other => {
                refused(other, &format!("ORD-0/{}", version + 1));
                break;
            }
        }
        version += 3;
    }
    is_exactly(&broker.read(&topic).await, &expected);
    // It goes on without it, once it is opened again.
    assert!(matches!(publish(&mut sink, &topic, 1).await, Err(SinkError::Unknown(_))));
    taken(&mut sink).await.unwrap();
    let without = vec![event("ORD-0", version, json!({}))];
    sink.publish(&without, &cursor(&topic, version), &[]).await.unwrap();
    expected.extend(without);
    is_exactly(&broker.read(&topic).await, &expected);
}

#[track_caller]
fn unfit(opened: Result<Found, SinkError>, why: &str) {
    match opened {
        Err(SinkError::Unfit(reason)) => assert!(reason.contains(why), "{reason}"),
        other => panic!("{why}: {other:?}"),
    }
}

#[tokio::test]
async fn topics_that_would_break_a_promise_are_refused() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    for (of, policy, why) in [
        (1, "delete", "cleanup.policy = delete and needs compact alone"),
        (1, "delete", "(retention.ms = -1), or for want of room (retention.bytes = 1000000)"),
        (1, "compact,delete", "cleanup.policy = compact,delete and needs compact alone"),
        (2, "compact", "has 1 partitions and needs 2"),
    ] {
        let topic = Broker::name();
        broker.topic(&topic, 1, json!({})).await;
        let wrong = json!({"cleanup.policy": policy, "retention.ms": "-1", "retention.bytes": "1000000"});
        broker.topic(&format!("{topic}.cursors"), 1, wrong).await;
        let settings = KafkaSettings::new(broker.brokers(), &topic);
        let mut sink = KafkaSink::new(settings, Part { of, ..part(&topic) });
        unfit(sink.look().await, why);
        assert!(publish(&mut sink, &topic, 1).await.is_err());
    }
    let topic = Broker::name();
    broker.topic(&topic, 1, json!({"cleanup.policy": "compact"})).await;
    unfit(sink(broker.brokers(), &topic).look().await, "the last event of each order alone");
}

#[tokio::test]
async fn a_topic_that_is_missing_is_told_or_made_as_it_has_to_be() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = Broker::name();
    let mut settings = KafkaSettings::new(broker.brokers(), &topic);
    let part = Part { of: 3, partition: 2, ..part(&topic) };
    unfit(KafkaSink::new(settings.clone(), part.clone()).look().await, &format!("no topic {topic}"));
    settings.create = Some(Create { partitions: 5, replication: 1 });
    let mut sink = KafkaSink::new(settings, part);
    assert_eq!(taken(&mut sink).await, Ok(Found::Nothing));
    assert_eq!(sink.target(), format!("{topic}/5"));
    let cursors = broker.ask(json!({"do": "describe", "topic": format!("{topic}.cursors")})).await;
    assert_eq!(cursors["partitions"], 3);
    for (key, value) in [("cleanup.policy", "compact"), ("retention.ms", "-1"), ("retention.bytes", "-1")] {
        assert_eq!(cursors["config"][key], value, "{key}");
    }
    sink.publish(&batch(1), &cursor(&topic, 1), &[]).await.unwrap();
    is_exactly(&broker.read(&topic).await, &batch(1));
}

#[tokio::test]
async fn who_only_looks_sees_what_stands_and_disturbs_nobody() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    let (mut good, _) = open(broker.brokers(), &topic).await;
    for at in 1..ALL {
        publish(&mut good, &topic, at).await.unwrap();
        assert_eq!(sink(broker.brokers(), &topic).look().await, Ok(Found::Cursor(cursor(&topic, at))));
    }
    let another = Cursor { deployment: "other".into(), of: 2, ..cursor(&topic, ALL) };
    for (value, seen) in [
        (json!(another), Ok(another.clone())),
        (json!({"step": 3}), Err("cannot be read")),
        (json!({"a later program's": 3}), Err("cannot be read")),
    ] {
        let (cursors, key) = (format!("{topic}.cursors"), name(&topic));
        broker.ask(json!({"do": "write", "topic": cursors, "partition": 0, "key": key, "value": value})).await;
        match (sink(broker.brokers(), &topic).look().await, seen) {
            (Ok(Found::Cursor(found)), Ok(seen)) => assert_eq!(found, seen),
            (Ok(Found::Spoilt(found)), Err(why)) => assert!(found.contains(why), "{found}"),
            other => panic!("{other:?}"),
        }
    }
    publish(&mut good, &topic, ALL).await.unwrap();
    is_exactly(&broker.read(&topic).await, &everything());
}

/// The cursors' topic is another one: it says that all was published.
#[tokio::test]
async fn a_topic_that_was_made_anew_is_not_gone_on_with() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = broker.topics().await;
    let (mut sink, _) = open(broker.brokers(), &topic).await;
    publish(&mut sink, &topic, 1).await.unwrap();
    drop(sink);
    broker.ask(json!({"do": "delete", "topic": topic})).await;
    broker.topic(&topic, 4, json!({})).await;
    let mut sink = self::sink(broker.brokers(), &topic);
    for found in [sink.look().await, sink.open().await] {
        assert!(
            matches!(&found, Ok(Found::Gone(gone, why)) if *gone == cursor(&topic, 1) && why.contains("made anew")),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn at_least_once_keeps_no_cursor_and_delivers_all_in_order() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = Broker::name();
    broker.topic(&topic, 4, json!({})).await;
    let settings =
        KafkaSettings { mode: Mode::AtLeastOnce, ..KafkaSettings::new(broker.brokers_behind_the_wire(), &topic) };
    let mut sink = KafkaSink::new(settings.clone(), part(&topic));
    assert!(!sink.keeps_cursor());
    assert_eq!(taken(&mut sink).await, Ok(Found::Nothing));
    for step in 1..ALL {
        publish(&mut sink, &topic, step).await.unwrap();
    }
    // It is no success before the broker has it, and a connection that is lost does no harm.
    let hold = broker.wire().hold(&name(&topic), Request::Produce, 1, Held::Answer);
    let own = topic.clone();
    let publishing = tokio::spawn(async move { (publish(&mut sink, &own, ALL).await, sink) });
    hold.reached().await;
    assert!(!publishing.is_finished());
    drop(hold);
    let (published, mut sink) = publishing.await.unwrap();
    published.unwrap();
    is_exactly(&broker.read(&topic).await, &everything());
    let mut other = KafkaSink::new(settings, part(&topic));
    assert_eq!(taken(&mut other).await, Ok(Found::Nothing));
    publish(&mut other, &topic, ALL + 1).await.unwrap();
    publish(&mut sink, &topic, ALL + 2).await.unwrap();
    is_exactly(&broker.read(&topic).await, &(1..=ALL + 2).flat_map(batch).collect::<Vec<_>>());
    let large = event("ORD-large", 1, json!({"note": noise(2 << 20)}));
    let error = sink.publish(&[large], &cursor(&topic, 1), &[]).await.unwrap_err();
    assert!(matches!(&error, SinkError::Refused { id, .. } if id == "ORD-large/1"), "{error:?}");
}
