//! Promise: what topics do not promise that could be is told when a sink begins to publish, by the setting that it lies in; and
//! those that are created promise what can be promised. On real brokers.

use counterfoil::limits;
use counterfoil::outbox::LARGEST_EVENT;
use counterfoil::outbox::kafka::{Create, KafkaSettings, KafkaSink, Mode};
use counterfoil::outbox::sink::{Found, Sink};
use serde_json::json;

use crate::kafka::{batch, cursor, event, is_exactly, noise, part, publish, taken};
use crate::relay::{config, serve};
use crate::support::database::TestDatabase;
use crate::support::engine::{PATIENCE, until};
use crate::support::kafka::{Broker, is_there};
use crate::support::program::Folder;

/// The smallest `max.message.bytes` that takes every event.
const NEEDED: usize = LARGEST_EVENT + limits::KAFKA_RECORD_HEAD;

/// What a sink tells of its topics, sorted.
async fn told(settings: KafkaSettings) -> Vec<String> {
    let part = part(&settings.topic);
    let mut sink = KafkaSink::new(settings, part);
    assert_eq!(sink.weak(), [""; 0]);
    taken(&mut sink).await.expect("open");
    let mut told = sink.weak().to_vec();
    // It is not asked for again.
    taken(&mut sink).await.expect("open");
    assert_eq!(sink.weak(), told);
    told.sort();
    told
}

/// Each begins as one of these, and each of these is one's beginning.
#[track_caller]
fn are(told: &[String], expected: &[String]) {
    let mut expected = expected.to_vec();
    expected.sort();
    let fits = told.iter().zip(&expected).all(|(told, expected)| told.starts_with(expected));
    assert!(fits && told.len() == expected.len(), "{told:#?} are not {expected:#?}");
}

#[tokio::test]
async fn what_topics_do_not_promise_is_told_by_its_setting() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let most = (NEEDED - 1).to_string();
    for (events, cursors, more) in [
        (json!({}), json!({}), vec![]),
        (
            json!({"retention.ms": "3600000"}),
            json!({}),
            vec![
                "T has retention.ms = 3600000: whoever reads an event later than that misses it; set retention.ms to 604800000",
            ],
        ),
        (json!({"retention.ms": "604799999"}), json!({}), vec!["T has retention.ms = 604799999: "]),
        (
            json!({"retention.ms": "-1", "retention.bytes": "1000000"}),
            json!({}),
            vec!["T has retention.bytes = 1000000: what lies before the last 1000000 bytes of a partition is deleted"],
        ),
        (
            json!({"unclean.leader.election.enable": "true"}),
            json!({"unclean.leader.election.enable": "true"}),
            vec![
                "T has unclean.leader.election.enable = true: ",
                "T.cursors has unclean.leader.election.enable = true: ",
            ],
        ),
        (
            json!({"max.message.bytes": most}),
            json!({"max.message.bytes": "2000"}),
            vec![
                "T has max.message.bytes = MOST, and an event may have NEEDED: ",
                "T.cursors has max.message.bytes = 2000, and a cursor ",
            ],
        ),
        // None of that: it takes every event, and keeps it for a week or for ever. Of what is compacted nothing is deleted.
        (json!({"max.message.bytes": NEEDED.to_string(), "retention.ms": "604800000"}), json!({}), vec![]),
        (json!({"retention.ms": "-1"}), json!({"retention.ms": "1000", "retention.bytes": "1000"}), vec![]),
    ] {
        let topic = Broker::name();
        broker.topic(&topic, 4, events).await;
        let mut compacted = json!({"cleanup.policy": "compact"});
        compacted.as_object_mut().unwrap().extend(cursors.as_object().unwrap().clone());
        broker.topic(&format!("{topic}.cursors"), 1, compacted).await;
        let more = more.iter().map(|more| more.replace("MOST", &most).replace("NEEDED", &NEEDED.to_string()));
        let single = ["T has one copy: ", "T.cursors has one copy: "].into_iter().map(str::to_owned);
        let mut expected: Vec<String> =
            single.chain(more).map(|more| format!("the topic {}", more.replacen('T', &topic, 1))).collect();
        let mut settings = KafkaSettings::new(broker.brokers(), &topic);
        // Without cursors nothing is told of where they would be, nor of transactions.
        let of_events: Vec<_> = expected.iter().filter(|told| !told.contains(".cursors")).cloned().collect();
        settings.mode = Mode::AtLeastOnce;
        are(&told(settings.clone()).await, &of_events);
        settings.mode = Mode::ExactlyOnce;
        expected.push("the topic __transaction_state has one copy: ".into());
        are(&told(settings).await, &expected);
    }
}

/// Where nobody asks a sink, but reads a log.
#[tokio::test]
async fn an_engine_tells_what_its_topics_do_not_promise() {
    if !is_there() {
        return;
    }
    let (database, broker, folder) = (TestDatabase::new().await, Broker::shared(), Folder::new());
    let topic = Broker::name();
    broker.topic(&topic, 4, json!({"retention.ms": "3600000"})).await;
    broker.topic(&format!("{topic}.cursors"), 1, json!({"cleanup.policy": "compact"})).await;
    let _program = serve(&folder, &config(&database, &topic, "")).await;
    let told = format!("the topic {topic} has retention.ms = 3600000: ");
    let log = || std::fs::read_to_string(folder.0.join("serve.log")).expect("its log");
    until("it is told", || async { log().contains(&told) }).await;
}

#[tokio::test]
async fn a_topic_of_which_no_size_is_told_takes_the_largest_event() {
    if !is_there() {
        return;
    }
    let broker = Broker::shared();
    let topic = Broker::name();
    broker.topic(&topic, 4, json!({"max.message.bytes": NEEDED.to_string()})).await;
    broker.topic(&format!("{topic}.cursors"), 1, json!({"cleanup.policy": "compact"})).await;
    let mut sink = KafkaSink::new(KafkaSettings::new(broker.brokers(), &topic), part(&topic));
    taken(&mut sink).await.unwrap();
    assert_eq!(sink.largest_event(), Some(LARGEST_EVENT));
    let note = noise(LARGEST_EVENT - limits::EVENT_HEAD);
    let events = [event("ORD-1", 1, json!({"note": note})), event("ORD-1", 2, json!({"note": note}))];
    sink.publish(&events, &cursor(&topic, 1), &[]).await.unwrap();
    is_exactly(&broker.read(&topic).await, &events);
}

#[tokio::test]
async fn two_copies_have_an_event_wherever_two_are_asked_for() {
    if !is_there() {
        return;
    }
    let first = Broker::own();
    let second = first.second();
    let topic = Broker::name();
    let settings = KafkaSettings {
        create: Some(Create { partitions: 4, replication: 2 }),
        // Brokers that have just begun, two at once, take their time.
        transaction_timeout: PATIENCE,
        ..KafkaSettings::new(format!("{},{}", first.brokers(), second.brokers()), &topic)
    };
    let new = || KafkaSink::new(settings.clone(), part(&topic));
    // One broker alone has no place for two copies.
    until("both are there", || async { new().look().await.is_ok() }).await;
    let mut sink = new();
    assert_eq!(taken(&mut sink).await, Ok(Found::Nothing));
    let cursors = format!("{topic}.cursors");
    let waits =
        |topic: &str| format!("the topic {topic} has 2 copies and min.insync.replicas = 2: while one of their brokers");
    let outcomes = || "the topic __transaction_state has one copy: ".to_owned();
    let mut weak = sink.weak().to_vec();
    weak.sort();
    are(&weak, &[waits(&topic), waits(&cursors), outcomes()]);
    for topic in [&topic, &cursors] {
        let made = first.ask(json!({"do": "describe", "topic": topic})).await;
        for (key, value) in [("min.insync.replicas", "2"), ("unclean.leader.election.enable", "false")] {
            assert_eq!(made["config"][key], value, "{topic}: {key}");
        }
    }
    publish(&mut sink, &topic, 1).await.unwrap();
    is_exactly(&first.read(&topic).await, &batch(1));
    // Where somebody prefers to go on with one of them.
    let least = |value: &str| json!({"do": "configure", "topic": topic, "key": "min.insync.replicas", "value": value});
    first.ask(least("1")).await;
    let lost =
        format!("the topic {topic} has min.insync.replicas = 1: what was acknowledged by one broker is lost with it");
    let expected = [lost, waits(&cursors), outcomes()];
    until("it has come about", || async {
        told(settings.clone()).await.iter().any(|told| told.starts_with(&expected[0]))
    })
    .await;
    are(&told(settings).await, &expected);
}
