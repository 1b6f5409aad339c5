//! Promise: the number of relays of a Kafka sink may be changed while orders flow and engines die, with engines of both
//! configurations beside each other: each event is there once, those of an order in their order. Judged by the rows of the
//! database and by another client of the broker.

use serde_json::json;

use crate::relay::{config, judge, metric, outbox, place, serve, stock, text};
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::kafka::{Broker, is_there};
use crate::support::leases::set_leases;
use crate::support::program::Folder;

const IN_FORCE: &str = "SELECT string_agg(part || ' of ' || parts, ', ' ORDER BY part) FROM outbox_relays";
const STOPPED: &str = "SELECT string_agg(stopped, '; ') FROM outbox_relays";
const PUBLISHED: &str = "SELECT string_agg(DISTINCT parts::text, ', ') FROM outbox_relays WHERE step > 1";
/// That an engine which was killed is here is known for some seconds more: not so long.
const GONE: &str = "name LIKE '%/of/%'";

/// One engine after the other is given another number, and whichever publishes is killed, and whoever divides.
#[tokio::test]
async fn a_sink_is_given_more_relays_and_fewer_under_load() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::name());
    let of = |parts: u32| {
        let more = format!("partitions = {parts}\ncreate = {{ partitions = 4, replication = 1 }}\n");
        config(&database, &topic, &more)
    };
    let session = database.client().await;
    let (folders, door) = ([Folder::new(), Folder::new()], Folder::new());
    let without = of(1);
    let door = serve(&door, &without[..without.find("[[outbox").expect("a sink")]).await;
    let mut programs = [serve(&folders[0], &of(1)).await, serve(&folders[1], &of(1)).await];
    stock(&door).await;
    place(&[&door], "A", 20).await;
    judge(&session, &topic).await;
    for (round, parts) in (0..).zip([3_u32, 2]) {
        // A rolling restart: the first of them waits for the other.
        programs[0].terminate().await;
        programs[0] = serve(&folders[0], &of(parts)).await;
        until("it says that it waits", || async {
            metric(&programs[0], "counterfoil_outbox_stopped{sink=\"bus/1\"}").await > 0.0
        })
        .await;
        place(&[&door], &format!("B{round}"), 20).await;
        judge(&session, &topic).await;
        // The other one is killed under load, and whoever divides then is, too.
        let in_its_midst = async {
            let sql = format!("SELECT count(*)::text FROM orders WHERE order_id LIKE 'C{round}-%'");
            until("half of them are placed", || async {
                text(&session, &sql).await.is_some_and(|count| count.parse::<u32>().expect("a number") >= 20)
            })
            .await;
            programs[1].kill();
            set_leases(&session, "until = clock_timestamp()", GONE).await;
            let divides = format!(
                "SELECT name FROM outbox_leases WHERE name = 'bus/division' AND until > clock_timestamp()
                UNION ALL SELECT sink FROM outbox_relays WHERE parts = {parts}"
            );
            until("somebody divides", || async { !session.query(&divides, &[]).await.expect("rows").is_empty() }).await;
            programs[0].kill();
        };
        let prefix = format!("C{round}");
        let door = [&door];
        tokio::join!(place(&door, &prefix, 40), in_its_midst);
        let [first, second] = &mut programs;
        let config = of(parts);
        (*first, *second) = tokio::join!(serve(&folders[0], &config), serve(&folders[1], &config));
        place(&door, &format!("D{round}"), 40).await;
        judge(&session, &topic).await;
        let expected = (0..parts).map(|part| format!("{part} of {parts}")).collect::<Vec<_>>().join(", ");
        assert_eq!(text(&session, IN_FORCE).await, Some(expected));
        until("all of it is written down", || async { text(&session, PUBLISHED).await == Some(parts.to_string()) })
            .await;
    }
    let log = outbox(&database, &["list"]);
    assert!(log.contains("bus/0 of 2") && log.contains("bus/1 of 2") && !log.contains("WAITS"), "{log}");
}

/// Where the topic of cursors has no room for more parts, that is said before anything is changed.
#[tokio::test]
async fn cursors_that_have_no_room_for_more_parts_are_told_of_before_anything_is_stopped() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folder, session) = (Folder::new(), database.client().await);
    let mut program = serve(&folder, &config(&database, &topic, "")).await;
    stock(&program).await;
    place(&[&program], "A", 5).await;
    judge(&session, &topic).await;
    program.terminate().await;
    let mut program = serve(&folder, &config(&database, &topic, "partitions = 3\n")).await;
    until("it says what it lacks", || async {
        text(&session, STOPPED).await.is_some_and(|why| why.contains("has 1 partitions and needs 3"))
    })
    .await;
    assert_eq!(text(&session, IN_FORCE).await.as_deref(), Some("0 of 1"));
    program.terminate().await;
    // Whoever goes back has lost nothing.
    let mut program = serve(&folder, &config(&database, &topic, "")).await;
    place(&[&program], "B", 5).await;
    judge(&session, &topic).await;
    program.terminate().await;
    let grown = json!({"do": "grow", "topic": format!("{topic}.cursors"), "partitions": 3});
    Broker::shared().ask(grown).await;
    let program = serve(&folder, &config(&database, &topic, "partitions = 3\n")).await;
    place(&[&program], "C", 20).await;
    judge(&session, &topic).await;
    until("it waits for nobody", || async { text(&session, STOPPED).await.is_none() }).await;
}
