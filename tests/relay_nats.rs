//! Promise: what engines commit comes to a NATS stream once, and in the order of its order, whichever of them publishes, and
//! whatever dies, the server included; and where the stream is not what it was, nothing is published until a human was
//! there. Judged by the rows of the database and by another client of the server.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use tokio_postgres::Client;

use crate::described::judged;
use crate::relay::{STOPPED, committed, metric, outbox, place, serve, stock, text};
use crate::support::certificates::Ca;
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::nats::{Seen, Server, is_there};
use crate::support::program::{Folder, PROGRAM};
use crate::support::wire::{Held, Request};

const WINDOW: Duration = Duration::from_millis(100);

fn config(database: &TestDatabase, server: &Server, more: &str) -> String {
    format!(
        "database.url = \"{}\"\ndatabase.pool_size = 6\ndatabase.committers = 2\nengine.shards = 2\nfaults.enabled = true\n\
         [[outbox.sinks]]\nname = \"bus\"\nkind = \"nats\"\nurl = \"{}\"\nstream = \"orders\"\n{more}",
        database.url(),
        server.url(),
    )
}

/// What a consumer has read, by order.
fn read(seen: &[Seen]) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for message in seen {
        ids.entry(message.header("ce-subject").to_owned()).or_default().push(message.header("ce-id").to_owned());
    }
    ids
}

/// Waits until everything is there, and judges it: nothing twice, nothing invented, each order in its order.
async fn judge(session: &Client, server: &Server) -> Vec<Seen> {
    let total = async || committed(session).await.values().map(Vec::len).sum::<usize>();
    until("everything is published", || async { total().await <= server.read("orders").await.len() }).await;
    let seen = server.read("orders").await;
    assert_eq!(read(&seen), committed(session).await);
    seen
}

/// Two engines, of which whichever publishes is killed again and again, and the server too, under load.
#[tokio::test]
async fn whichever_engine_publishes_and_whatever_dies_each_event_is_in_the_stream_once() {
    if !is_there() {
        return;
    }
    let (database, mut server) = (TestDatabase::new().await, Server::new());
    server.stream("orders", json!({"duplicate_window": WINDOW.as_nanos() as u64})).await;
    let config = config(&database, &server, "");
    let folders = [Folder::new(), Folder::new()];
    let mut programs = [serve(&folders[0], &config).await, serve(&folders[1], &config).await];
    stock(&programs[0]).await;
    let session = database.client().await;
    for round in 0..4 {
        place(&[&programs[0], &programs[1]], &format!("R{round}"), 40).await;
        let publishing = "counterfoil_outbox_publishing{sink=\"bus\"}";
        let publisher = std::cell::Cell::new(None);
        until("one of them publishes", || async {
            for (index, program) in programs.iter().enumerate() {
                if metric(program, publishing).await > 0.0 {
                    publisher.set(Some(index));
                }
            }
            publisher.get().is_some()
        })
        .await;
        let killed = publisher.get().expect("one publishes");
        let [first, second] = &mut programs;
        let (killed_one, other) = if killed == 0 { (first, &*second) } else { (second, &*first) };
        let more = format!("K{round}");
        let in_its_midst = async {
            let sql = format!("SELECT count(*) FROM orders WHERE order_id LIKE '{more}-%'");
            until("half of them are placed", || async {
                session.query_one(&sql, &[]).await.expect("a count").get::<_, i64>(0) >= 20
            })
            .await;
            killed_one.kill();
            if round % 2 == 1 {
                server.kill();
                server.start_again();
            }
        };
        let others = [other];
        tokio::join!(place(&others, &more, 40), in_its_midst);
        programs[killed] = serve(&folders[killed], &config).await;
    }
    let seen = judge(&session, &server).await;
    let created = seen.iter().find(|message| message.header("ce-type") == "counterfoil.order.created").expect("one");
    assert_eq!(created.subject, "counterfoil.orders.order.created");
    assert_eq!(created.header("Nats-Msg-Id"), created.header("ce-id"));
    assert_eq!(created.value["lines"][0]["sku"], "SKU-0001", "{created:?}");
    assert!(created.value.get("ship_to").is_none() && created.value.get("payment_method").is_none(), "{created:?}");
    let told = |message: &Seen| {
        let ours = |name: &str| name.starts_with("ce-") || name == "content-type";
        let headers = message.headers.iter().filter(|(name, _)| ours(name));
        let attributes: BTreeMap<_, _> = headers.map(|(name, value)| (name.replace("ce-", "ce_"), value)).collect();
        [
            json!({"type": "Attributes", "data": attributes}),
            json!({"type": message.header("ce-type"), "data": message.value}),
        ]
    };
    let told: Vec<_> = seen.iter().flat_map(told).collect();
    assert_eq!(judged(&told), Vec::<String>::new(), "what is sent is as its schema says");
}

/// It is taken when its successor's relay has read where to go on, and had that attested: the successor reads again, and
/// nobody is waited for.
#[tokio::test]
async fn what_a_sleeper_has_on_its_way_stops_nobody() {
    if !is_there() {
        return;
    }
    let (database, server) = (TestDatabase::new().await, Server::new());
    server.stream("orders", json!({})).await;
    let (folders, session) = ([Folder::new(), Folder::new()], database.client().await);
    let config = config(&database, &server, "").replace(&server.url(), &server.url_behind_the_wire());
    let without = &config[..config.find("[[outbox").expect("a sink")];
    let mut first = serve(&folders[0], without).await;
    stock(&first).await;
    place(&[&first], "A", 12).await;
    first.terminate().await;
    // All of it is published at once, behind a mark, and what lies behind the tenth event is on its way.
    let hold = server.wire().hold("counterfoil.orders", Request::Produce, 11, Held::Request);
    let sleeper = serve(&folders[0], &config).await;
    hold.reached().await;
    sleeper.process.signal(Signal::STOP).expect("put it to sleep");
    let its = server.wire().hold("counterfoil.orders", Request::Produce, 0, Held::Request);
    let second = serve(&folders[1], &config).await;
    its.reached().await;
    let attested = text(&session, "SELECT step::text FROM outbox_relays").await.expect("a step");
    assert_ne!(attested, "0");
    let before = server.read("orders").await.len();
    assert_eq!(before, 10);
    hold.release();
    until("more is there", || async { server.read("orders").await.len() > before }).await;
    its.release();
    judge(&session, &server).await;
    place(&[&second], "B", 2).await;
    judge(&session, &server).await;
    let log = std::fs::read_to_string(folders[1].0.join("serve.log")).expect("its log");
    assert!(log.contains("another relay took over") && !log.contains("until a human"), "{log}");
}

/// Purged, published into by somebody else, made anew: nobody knows what consumers have.
#[tokio::test]
async fn a_stream_that_is_not_what_it_was_waits_for_a_human() {
    if !is_there() {
        return;
    }
    let (database, server) = (TestDatabase::new().await, Server::new());
    let config = config(&database, &server, "create = { replication = 1 }\n");
    let (folder, session) = (Folder::new(), database.client().await);
    let mut program = serve(&folder, &config).await;
    stock(&program).await;
    place(&[&program], "A", 4).await;
    judge(&session, &server).await;
    let stopped = async |why: &str| {
        until("it says why", || async {
            text(&session, STOPPED).await.is_some_and(|told| told.contains(why) && told.contains("replay --from"))
        })
        .await;
    };
    let replayed = async |from: &str| {
        outbox(&database, &["replay", "--sink", "bus", "--from", from, "--reason", "for the test"]);
        until("it goes on", || async { text(&session, STOPPED).await.is_none() }).await;
    };
    // The last message is no longer the relay's: the next one is not published behind it.
    let foreign =
        json!({"do": "publish", "subject": "counterfoil.orders.mine", "headers": {"ce-id": "x"}, "value": {}});
    server.ask(&server.url(), foreign).await;
    let before = server.read("orders").await.len();
    let known = text(&session, "SELECT position FROM outbox_relays").await.expect("a position");
    place(&[&program], "B", 4).await;
    stopped("somebody else published into the stream").await;
    assert_eq!(server.read("orders").await.len(), before);
    replayed(&known).await;
    let behind = async |first: usize| {
        let seen = server.read("orders").await;
        read(&seen[first.min(seen.len())..])
    };
    let of = async |prefixes: &[&str]| -> BTreeMap<_, _> {
        let all = committed(&session).await;
        all.into_iter().filter(|(order, _)| prefixes.iter().any(|prefix| order.starts_with(prefix))).collect()
    };
    let expected = of(&["B"]).await;
    until("all that came since is there", || async {
        let there = behind(before).await;
        expected.iter().all(|(order, ids)| there.get(order) == Some(ids))
    })
    .await;
    // Emptied: its numbers go on, and it is no stream that was never published to. Whoever takes over sees that.
    program.terminate().await;
    server.js("STREAM.PURGE.orders", json!({})).await;
    let program = serve(&folder, &config).await;
    place(&[&program], "C", 4).await;
    stopped("it was purged").await;
    assert!(server.read("orders").await.is_empty());
    replayed("beginning").await;
    judge(&session, &server).await;
    // Made anew, by the relay itself, since it may: it is empty, and the database knows better.
    server.js("STREAM.DELETE.orders", json!({})).await;
    place(&[&program], "D", 4).await;
    stopped("has no cursor any more").await;
    assert!(server.read("orders").await.is_empty());
    replayed("beginning").await;
    judge(&session, &server).await;
}

/// A stream takes nothing more: how much waits, and for how long, is told all the while; and it goes on by itself.
#[tokio::test]
async fn a_stream_without_room_is_seen_to_lag() {
    if !is_there() {
        return;
    }
    let (database, server) = (TestDatabase::new().await, Server::new());
    server.stream("orders", json!({"max_msgs": 9, "discard": "new"})).await;
    let (folder, session) = (Folder::new(), database.client().await);
    let program = serve(&folder, &config(&database, &server, "")).await;
    stock(&program).await;
    place(&[&program], "A", 4).await;
    let taken = async || server.read("orders").await.len();
    until("some of it is there", || async { taken().await > 0 }).await;
    let seconds = "counterfoil_outbox_lag_seconds{sink=\"bus\"}";
    until("it lags", || async { metric(&program, seconds).await > 0.0 }).await;
    place(&[&program], "B", 12).await;
    let mut last = metric(&program, seconds).await;
    for _ in 0..2 {
        until("it lags more and more", || async { metric(&program, seconds).await > last + 1.0 }).await;
        last = metric(&program, seconds).await;
    }
    let events = committed(&session).await.values().map(Vec::len).sum::<usize>();
    let waiting = f64::from(u32::try_from(events - taken().await).expect("a number"));
    let lag = "counterfoil_outbox_lag_events{sink=\"bus\"}";
    until("all that waits is counted", || async { metric(&program, lag).await >= waiting }).await;
    server.js("STREAM.UPDATE.orders", json!({
        "name": "orders", "subjects": ["counterfoil.orders.>"], "retention": "limits", "discard": "new",
        "storage": "file", "num_replicas": 1, "max_consumers": -1, "max_msgs": -1, "max_bytes": -1, "max_age": 0,
    })).await;
    judge(&session, &server).await;
    until("nothing waits", || async { metric(&program, seconds).await == 0.0 }).await;
}

/// On SIGHUP its files are read again: what is no certificate changes nothing, what is another one counts.
#[tokio::test]
async fn a_sinks_certificates_change_without_a_restart() {
    if !is_there() {
        return;
    }
    let (folder, files, ca) = (Folder::new(), Folder::new(), Ca::new("a CA"));
    let (pair, trusted) = (ca.pair(&files, "server", &["127.0.0.1"]), ca.file(&files, "ca.crt"));
    let right = std::fs::read(&trusted).expect("the CA");
    let guarded = format!("tls {{ cert_file: \"{}\", key_file: \"{}\" }}", pair.cert.display(), pair.key.display());
    let (database, server) = (TestDatabase::new().await, Server::with(Folder::new(), &guarded));
    let more = format!("create = {{ replication = 1 }}\ntls = {{ ca = \"{}\" }}\n", trusted.display());
    let config = config(&database, &server, &more).replace("nats://", "tls://");
    let (program, session) = (serve(&folder, &config).await, database.client().await);
    stock(&program).await;
    let hang_up = || program.process.signal(Signal::HUP).expect("SIGHUP");
    let is_published = async || {
        let total = committed(&session).await.values().map(Vec::len).sum::<usize>();
        let count = async || metric(&program, "counterfoil_outbox_published_total{sink=\"bus\"}").await;
        until("everything is published", || async { count().await >= f64::from(u32::try_from(total).expect("few")) })
            .await;
        assert_eq!(count().await, f64::from(u32::try_from(total).expect("few")));
    };
    place(&[&program], "A", 2).await;
    is_published().await;
    std::fs::write(&trusted, "no certificate").expect("write");
    hang_up();
    let log = || std::fs::read_to_string(folder.0.join("serve.log")).expect("the log");
    until("it is not taken", || async { log().contains("not taken: what was read before stays in force") }).await;
    place(&[&program], "B", 2).await;
    is_published().await;
    Ca::new("another CA").file(&files, "ca.crt");
    hang_up();
    until("it counts", || async {
        text(&session, STOPPED).await.is_some_and(|told| told.contains("comes from no CA of"))
    })
    .await;
    place(&[&program], "C", 2).await;
    std::fs::write(&trusted, right).expect("write");
    hang_up();
    is_published().await;
}

/// A configuration that this program cannot serve names what would.
#[tokio::test]
async fn what_is_configured_wrongly_is_told_at_start() {
    let database = TestDatabase::new().await;
    let folder = Folder::new();
    let config = format!(
        "server.listen = \"127.0.0.1:0\"\ndatabase.url = \"{}\"\n[[outbox.sinks]]\nname = \"bus\"\nkind = \"nats\"\n\
         url = \"nats://shop:hidden@127.0.0.1:4222\"\nstream = \"orders\"\npartitions = 3\n",
        database.url()
    );
    let path = folder.file("wrong.toml", &config);
    let mut command = tokio::process::Command::new(PROGRAM);
    let refused = command.arg("serve").arg("--config").arg(path).output().await.expect("run the program");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && told.contains("outbox.sinks[0].url"), "{told}");
    assert!(told.contains("outbox.sinks[0].partitions: is 3") && !told.contains("hidden"), "{told}");
}
