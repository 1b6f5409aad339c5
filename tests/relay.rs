//! Promise: what engines commit comes to a sink once, and in the order of its order, whichever of them publishes, and
//! whatever dies; and where nobody can know what a sink has, nothing is published until a human was there. Judged by the rows
//! of the database and by another client of the broker.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use counterfoil::client::Client as Http;
use counterfoil::limits;
use futures_util::future::join_all;
use serde_json::json;
use tokio_postgres::Client;

use crate::described::judged;
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::kafka::{Broker, Seen, is_there};
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

pub fn config(database: &TestDatabase, topic: &str, more: &str) -> String {
    config_of(database, &Broker::shared().brokers(), topic, more)
}

fn config_of(database: &TestDatabase, brokers: &str, topic: &str, more: &str) -> String {
    format!(
        "database.url = \"{}\"\ndatabase.pool_size = 6\ndatabase.committers = 2\nengine.shards = 2\nfaults.enabled = true\n\
         [[outbox.sinks]]\nname = \"bus\"\nkind = \"kafka\"\nbrokers = [\"{brokers}\"]\ntopic = \
         \"{topic}\"\n{more}",
        database.url(),
    )
}

pub async fn serve(folder: &Folder, config: &str) -> Program {
    let program = Program::serve(folder, config).await;
    program.until_ready().await;
    program
}

pub async fn stock(program: &Program) {
    let (headers, stock) = ([("content-type", "application/json")], json!({"on_hand": 100_000}).to_string());
    let put = send(&program.client(), "PUT", "/inventory/SKU-0001", &headers, stock).await;
    assert_eq!(put.expect("an answer").status, 201);
}

/// Places so many orders at whoever answers, some of which are declined, and some captured later.
pub async fn place(programs: &[&Program], prefix: &str, count: usize) {
    let place = async |n: usize| {
        let (id, client) = (format!("{prefix}-{n}"), programs[n % programs.len()].client());
        let mut order = body(&id, "SKU-0001");
        match n % 4 {
            0 => order["capture"] = json!("manual"),
            1 => order["payment_method"] = json!("pm_declined"),
            _ => {}
        }
        let answer = post(&client, &order, &[]).await;
        assert!([201, 402].contains(&answer.status), "{answer:?}");
        if n.is_multiple_of(4) {
            capture(&client, &id).await;
        }
    };
    join_all((0..count).map(place)).await;
}

async fn capture(client: &Http, id: &str) {
    let headers = [("content-type", "application/json"), ("idempotency-key", "\"k\"")];
    let captured = send(client, "POST", &format!("/orders/{id}/capture"), &headers, "{}").await;
    assert_eq!(captured.expect("an answer").status, 201);
}

/// The ids of all events that the database has, by order.
pub async fn committed(session: &Client) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT order_id, first_version, json_array_length(events::json) FROM order_events ORDER BY 1, 2";
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in session.query(sql, &[]).await.expect(sql) {
        let (order, first, count): (String, i32, i32) = (row.get(0), row.get(1), row.get(2));
        ids.entry(order.clone())
            .or_default()
            .extend((first..first + count).map(|version| format!("{order}/{version}")));
    }
    ids
}

/// What a consumer has read, by order.
fn read(seen: &[Seen]) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for record in seen {
        ids.entry(record.key.clone().expect("a key")).or_default().push(record.header("ce_id").to_owned());
    }
    ids
}

/// Waits until everything is there, and judges it: nothing twice, nothing invented, each order in its order.
pub async fn judge(session: &Client, topic: &str) -> Vec<Seen> {
    let mut seen = Vec::new();
    until("everything is published", || async {
        committed(session).await.values().map(Vec::len).sum::<usize>() <= Broker::shared().read(topic).await.len()
    })
    .await;
    seen.extend(Broker::shared().read(topic).await);
    assert_eq!(read(&seen), committed(session).await);
    seen
}

pub async fn text(session: &Client, sql: &str) -> Option<String> {
    session.query_opt(sql, &[]).await.expect(sql).and_then(|row| row.get(0))
}

pub async fn metric(program: &Program, name: &str) -> f64 {
    let told = program.client().get("/metrics").await.expect("metrics");
    let text = String::from_utf8(told.body.to_vec()).expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    line.trim().parse().expect("a number")
}

pub fn outbox(database: &TestDatabase, args: &[&str]) -> String {
    let told = Command::new(PROGRAM)
        .arg("outbox")
        .args(args)
        .args(["--database-url", &database.url()])
        .output()
        .expect("run the program");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).expect("text")
}

pub const STOPPED: &str = "SELECT stopped FROM outbox_relays";

/// Two engines, of which whichever publishes is killed again and again, under load.
#[tokio::test]
async fn whichever_engine_publishes_and_whatever_dies_each_event_comes_once() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let config = config(&database, &topic, "");
    let folders = [Folder::new(), Folder::new()];
    let mut programs = [serve(&folders[0], &config).await, serve(&folders[1], &config).await];
    stock(&programs[0]).await;
    let session = database.client().await;
    let elsewhere = TestDatabase::blank().await;
    let writer = elsewhere.client().await;
    writer.batch_execute("BEGIN; SELECT pg_current_xact_id()").await.expect("hold the horizon of the cluster");
    for round in 0..4 {
        place(&[&programs[0], &programs[1]], &format!("R{round}"), 40).await;
        let publishing = "counterfoil_outbox_publishing{sink=\"bus\"}";
        let mut publisher = None;
        until("one of them publishes", || async {
            metric(&programs[0], publishing).await + metric(&programs[1], publishing).await >= 1.0
        })
        .await;
        for (index, program) in programs.iter().enumerate() {
            if metric(program, publishing).await > 0.0 {
                publisher = Some(index);
            }
        }
        let killed = publisher.expect("one publishes");
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
        };
        let others = [other];
        tokio::join!(place(&others, &more, 40), in_its_midst);
        programs[killed] = serve(&folders[killed], &config).await;
    }
    let seen = judge(&session, &topic).await;
    let mut console: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (order, id) in Broker::shared().console(&topic, seen.len()).await {
        console.entry(order).or_default().push(id);
    }
    assert_eq!(console, committed(&session).await, "Kafka's own consumer reads something else");
    let created = seen.iter().find(|record| record.header("ce_type") == "counterfoil.order.created").expect("one");
    assert_eq!(created.value["lines"][0]["sku"], "SKU-0001", "{created:?}");
    assert!(created.value.get("ship_to").is_none() && created.value.get("payment_method").is_none(), "{created:?}");
    assert_eq!(created.header("ce_source"), format!("/counterfoil/{}", limits::DEPLOYMENT));
    let told = |record: &Seen| {
        let attributes = json!(record.headers.iter().cloned().collect::<BTreeMap<_, _>>());
        [("Attributes", &attributes), (record.header("ce_type"), &record.value)]
            .map(|(kind, data)| json!({"type": kind, "data": data}))
    };
    let told: Vec<_> = seen.iter().flat_map(told).collect();
    assert_eq!(judged(&told), Vec::<String>::new(), "what is sent is as its schema says");
    writer.batch_execute("ROLLBACK").await.expect("end");
}

/// An emptied topic of cursors does not mean "from the beginning".
#[tokio::test]
async fn a_sink_that_lost_its_cursor_waits_for_a_human() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folder, config, session) = (Folder::new(), config(&database, &topic, ""), database.client().await);
    let mut program = serve(&folder, &config).await;
    stock(&program).await;
    place(&[&program], "A", 5).await;
    let seen = judge(&session, &topic).await.len();
    until("it is attested", || async { text(&session, "SELECT target FROM outbox_relays").await.is_some() }).await;
    program.terminate().await;
    let emptied = format!("{topic}.emptied");
    Broker::shared().topic(&emptied, 1, json!({"cleanup.policy": "compact"})).await;
    let mut program = serve(&folder, &format!("{config}cursor_topic = \"{emptied}\"\n")).await;
    place(&[&program], "B", 5).await;
    until("it says why", || async {
        text(&session, STOPPED)
            .await
            .is_some_and(|why| why.contains("no cursor any more") && why.contains("replay --from"))
    })
    .await;
    assert_eq!(metric(&program, "counterfoil_outbox_stopped{sink=\"bus\"}").await, 1.0);
    assert_eq!(Broker::shared().read(&topic).await.len(), seen, "nothing was published meanwhile");
    // Somebody was there: what came since is published, from where they said, and what it would never take passed over.
    let list = outbox(&database, &["list"]);
    assert!(list.contains("WAITS FOR YOU") && list.contains("no cursor any more"), "{list}");
    let known = text(&session, "SELECT position FROM outbox_relays").await.expect("a position");
    outbox(&database, &["skip", "--sink", "bus", "B-0/1", "--reason", "for the test"]);
    outbox(&database, &["replay", "--sink", "bus", "--from", &known, "--reason", "the topic is whole"]);
    until("it goes on", || async { text(&session, "SELECT target FROM outbox_relays").await.is_some() }).await;
    let mut expected = committed(&session).await;
    expected.get_mut("B-0").expect("an order").remove(0);
    until("all of it is there", || async {
        Broker::shared().read(&topic).await.len() == expected.values().map(Vec::len).sum::<usize>()
    })
    .await;
    assert_eq!(read(&Broker::shared().read(&topic).await), expected);
    let log = "SELECT string_agg(verb || ' ' || reason, ', ' ORDER BY at) FROM outbox_log";
    assert_eq!(text(&session, log).await.as_deref(), Some("skip for the test, replay the topic is whole"));
    let before = text(&session, "SELECT before FROM outbox_log WHERE verb = 'replay'").await.expect("what was known");
    assert!(before.contains("\"step\"") && before.contains("no cursor any more"), "{before}");
    // The other way round: a database that knows less than the sink.
    program.terminate().await;
    session.batch_execute("DELETE FROM outbox_relays; DELETE FROM outbox_skips").await.expect("forget");
    let other = Broker::shared().topics().await;
    let config = config.replace(&topic, &other);
    let mut program = serve(&folder, &config).await;
    judge(&session, &other).await;
    program.terminate().await;
    session.batch_execute("DELETE FROM outbox_relays").await.expect("forget");
    let _program = serve(&folder, &config).await;
    until("it says why", || async {
        text(&session, STOPPED).await.is_some_and(|why| why.contains("has never published to it"))
    })
    .await;
    // It says so for good, and whatever run the sink was in, an operator's word counts.
    let published = Broker::shared().read(&other).await.len();
    session.batch_execute("UPDATE outbox_relays SET stopped = NULL").await.expect("forget");
    until("it says it again", || async { text(&session, STOPPED).await.is_some() }).await;
    assert_eq!(Broker::shared().read(&other).await.len(), published);
    outbox(&database, &["replay", "--sink", "bus", "--from", "beginning", "--reason", "all of it again"]);
    until("all of it comes again", || async { Broker::shared().read(&other).await.len() == 2 * published }).await;
}

/// A configuration may move what is read, but not how often.
#[tokio::test]
async fn a_sink_begins_where_it_is_told_and_publishes_what_it_may() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folder, session) = (Folder::new(), database.client().await);
    let without = config(&database, &topic, "");
    let without = &without[..without.find("[[outbox").expect("a sink")];
    let mut program = serve(&folder, without).await;
    stock(&program).await;
    place(&[&program], "BEFORE", 3).await;
    program.terminate().await;
    let before = committed(&session).await;
    let now = config(&database, &topic, "from = \"now\"\npersonal_data = true\nmode = \"at_least_once\"\n");
    let mut program = serve(&folder, &now).await;
    until("it knows where it begins", || async {
        text(&session, "SELECT begins_at FROM outbox_relays").await.is_some()
    })
    .await;
    place(&[&program], "AFTER", 3).await;
    let expected: BTreeMap<_, _> =
        committed(&session).await.into_iter().filter(|(order, _)| !before.contains_key(order)).collect();
    until("what came since is there", || async {
        Broker::shared().read(&topic).await.len() == expected.values().map(Vec::len).sum::<usize>()
    })
    .await;
    let seen = Broker::shared().read(&topic).await;
    assert_eq!(read(&seen), expected);
    let created = seen.iter().find(|record| record.header("ce_type") == "counterfoil.order.created").expect("one");
    assert!(created.value["payment_method"].is_string(), "{created:?}");
    program.terminate().await;
    let mut all = String::new();
    for line in now.lines() {
        let _ = writeln!(all, "{}", if line.starts_with("from") { "from = \"beginning\"" } else { line });
    }
    let program = serve(&folder, &all).await;
    place(&[&program], "LATER", 1).await;
    until("the later one is there", || async { read(&Broker::shared().read(&topic).await).contains_key("LATER-0") })
        .await;
    assert!(!read(&Broker::shared().read(&topic).await).contains_key("BEFORE-0"), "it goes on where it was");
}

/// What nobody can read, or whose order is not there, keeps back nothing that lies before it, and is passed over once somebody
/// says so.
#[tokio::test]
async fn what_cannot_be_told_is_named_and_passed_over_on_an_operators_word() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folder, config, session) = (Folder::new(), config(&database, &topic, ""), database.client().await);
    let without = &config[..config.find("[[outbox").expect("a sink")];
    let mut program = serve(&folder, without).await;
    stock(&program).await;
    place(&[&program], "BEFORE", 2).await;
    for (order, version, event, behind) in [
        ("POISON", 2, "{\"kind\":\"of a newer program\"}", "BETWEEN"),
        ("GHOST", 1, "{\"type\":\"order.created\"}", "AFTER"),
    ] {
        let sql = format!(
            "INSERT INTO order_events (order_id, first_version, at, events) VALUES ('{order}', {version}, now(), '[{event}]')"
        );
        session.batch_execute(&sql).await.expect(&sql);
        place(&[&program], behind, 2).await;
    }
    program.terminate().await;
    let _program = serve(&folder, &config).await;
    let mut expected = committed(&session).await;
    for (before, id, why, behind) in [
        ("BEFORE", "POISON/2", "the events of order POISON from version 2 on cannot be read", "BETWEEN"),
        ("BETWEEN", "GHOST/1", "order GHOST has events, and is not there", "AFTER"),
    ] {
        until(&format!("it names {id}"), || async {
            text(&session, STOPPED).await.is_some_and(|told| told.contains(why) && told.contains(&format!("skip {id}")))
        })
        .await;
        let there = read(&Broker::shared().read(&topic).await);
        let has = |prefix: &str| (0..2).filter(|n| there.contains_key(&format!("{prefix}-{n}"))).count();
        assert_eq!((has(before), has(behind)), (2, 0), "{there:?}");
        outbox(&database, &["skip", "--sink", "bus", id, "--reason", "for the test"]);
        expected.remove(id.split('/').next().expect("an order"));
    }
    until("the rest is there", || async { read(&Broker::shared().read(&topic).await) == expected }).await;
    until("nobody is waited for", || async { text(&session, STOPPED).await.is_none() }).await;
}

/// What the topic will never take stops what comes behind it, and is passed over alone: of its order, too, the rest is told.
#[tokio::test]
async fn what_is_too_large_is_named_and_passed_over_on_an_operators_word() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::name());
    Broker::shared().topic(&topic, 4, json!({"max.message.bytes": "20000"})).await;
    Broker::shared().topic(&format!("{topic}.cursors"), 1, json!({"cleanup.policy": "compact"})).await;
    let (folder, session) = (Folder::new(), database.client().await);
    let program = serve(&folder, &config(&database, &topic, "")).await;
    stock(&program).await;
    place(&[&program], "FIRST", 1).await;
    judge(&session, &topic).await;
    // All of it in one step of the feed.
    outbox(&database, &["pause", "--sink", "bus", "--reason", "for the test"]);
    place(&[&program], "BEFORE", 4).await;
    let before = committed(&session).await;
    let mut large = body("LARGE", "SKU-0001");
    large["lines"] = (1..=600).map(|price| json!({"sku": "SKU-0001", "quantity": 1, "unit_price": price})).collect();
    assert_eq!(post(&program.client(), &large, &[]).await.status, 201);
    place(&[&program], "AFTER", 4).await;
    outbox(&database, &["resume", "--sink", "bus", "--reason", "for the test"]);
    until("it names what is too large", || async {
        text(&session, STOPPED)
            .await
            .is_some_and(|why| why.contains("skip LARGE/1") && why.contains(&format!("{topic} takes")))
    })
    .await;
    let told = read(&Broker::shared().read(&topic).await);
    assert_eq!(told, before, "what lies before it is told, and nothing that comes behind it");
    outbox(&database, &["skip", "--sink", "bus", "LARGE/1", "--reason", "larger than the topic takes"]);
    let mut expected = committed(&session).await;
    assert_eq!(expected.get_mut("LARGE").expect("an order").remove(0), "LARGE/1");
    until("the rest is there", || async { read(&Broker::shared().read(&topic).await) == expected }).await;
    until("nobody is waited for", || async { text(&session, STOPPED).await.is_none() }).await;
}

/// Where an order's events go depends on how many partitions the topic has: who publishes keeps to the number that was there
/// when it began, and who comes next leaves it to a human.
#[tokio::test]
async fn a_topic_that_grows_scatters_no_order() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    // Nobody else's name: whoever is fenced by another test's relay opens the sink again, and sees that the topic has grown.
    let config = config(&database, &topic, "").replace("\"bus\"", "\"growing\"");
    let (folder, session) = (Folder::new(), database.client().await);
    let mut program = serve(&folder, &config).await;
    stock(&program).await;
    let halves: Vec<_> = (0..24).map(|n| format!("HALF-{n}")).collect();
    for id in &halves {
        let mut order = body(id, "SKU-0001");
        order["capture"] = json!("manual");
        assert_eq!(post(&program.client(), &order, &[]).await.status, 201);
    }
    judge(&session, &topic).await;
    Broker::shared().ask(json!({"do": "grow", "topic": topic, "partitions": 6})).await;
    for id in &halves {
        capture(&program.client(), id).await;
    }
    let seen = judge(&session, &topic).await;
    assert!(seen.iter().all(|record| record.partition < 4), "an order's events are in one partition: {seen:?}");
    program.terminate().await;
    let program = serve(&folder, &config).await;
    place(&[&program], "PASSED", 4).await;
    let why = format!("it published to {topic}/4, and {topic}/6 is there now");
    until("it says why", || async { text(&session, STOPPED).await.is_some_and(|told| told.contains(&why)) }).await;
    assert_eq!(metric(&program, "counterfoil_outbox_stopped{sink=\"growing\"}").await, 1.0);
    outbox(&database, &["replay", "--sink", "growing", "--from", "now", "--reason", "all are read"]);
    until("it goes on", || async { text(&session, "SELECT target FROM outbox_relays").await.is_some() }).await;
    place(&[&program], "NEXT", 24).await;
    let mut expected = committed(&session).await;
    expected.retain(|order, _| !order.starts_with("PASSED"));
    until("what came since is there", || async { read(&Broker::shared().read(&topic).await) == expected }).await;
    assert!(Broker::shared().read(&topic).await.iter().any(|record| record.partition >= 4), "it has six by now");
}

/// Nobody waits for a transaction that stays open, and whoever looks at the metrics sees for how long it has been.
#[tokio::test]
async fn a_transaction_that_stays_open_is_passed_and_seen() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folder, session, late) = (Folder::new(), database.client().await, database.client().await);
    let program = serve(&folder, &config(&database, &topic, "")).await;
    stock(&program).await;
    // By itself: whoever raises an epoch and stays open is waited for.
    late.batch_execute("SELECT counterfoil_enter()").await.expect("into this epoch");
    let open = "BEGIN; INSERT INTO order_events (order_id, first_version, at, events)
        VALUES ('LATE', 2, now(), '[{\"type\":\"order.completed\"}]')";
    late.batch_execute(open).await.expect(open);
    place(&[&program], "A", 4).await;
    judge(&session, &topic).await;
    let missing = "counterfoil_outbox_oldest_missing_seconds{sink=\"bus\"}";
    until("it is waited for", || async { metric(&program, missing).await > 0.0 }).await;
    late.batch_execute("COMMIT").await.expect("it ends");
    judge(&session, &topic).await;
    until("nothing is waited for", || async { metric(&program, missing).await == 0.0 }).await;
}

/// It has the same cursors and the same sinks in its configuration: it would publish in the other's place.
#[tokio::test]
async fn a_copy_of_a_database_publishes_nowhere() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let folder = Folder::new();
    let mut program = serve(&folder, &config(&database, &topic, "")).await;
    stock(&program).await;
    place(&[&program], "A", 2).await;
    judge(&database.client().await, &topic).await;
    program.terminate().await;
    let copy = database.copy().await;
    let path = folder.file("copy.toml", &format!("server.listen = \"127.0.0.1:0\"\n{}", config(&copy, &topic, "")));
    let refused = Command::new(PROGRAM).arg("serve").arg("--config").arg(path).output().expect("run the program");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && told.contains("cannot publish from this database"), "{told}");
    assert!(told.contains("counterfoil adopt"), "{told}");
}

/// Its lag grows while it is away, though nobody can say more of it; and it goes on by itself.
#[tokio::test]
async fn a_sink_that_is_away_is_seen_to_lag() {
    if !is_there() {
        return;
    }
    let mut broker = Broker::own();
    let (database, topic, folder) = (TestDatabase::new().await, broker.topics().await, Folder::new());
    let program = serve(&folder, &config_of(&database, &broker.brokers(), &topic, "")).await;
    stock(&program).await;
    place(&[&program], "A", 2).await;
    let session = database.client().await;
    until("it publishes", || async { read(&broker.read(&topic).await) == committed(&session).await }).await;
    broker.kill();
    place(&[&program], "B", 2).await;
    let lag = "counterfoil_outbox_lag_seconds{sink=\"bus\"}";
    let mut last = metric(&program, lag).await;
    for _ in 0..2 {
        until("it lags more and more", || async { metric(&program, lag).await > last + 1.0 }).await;
        last = metric(&program, lag).await;
    }
    broker.start_again();
    until("it goes on", || async { read(&broker.read(&topic).await) == committed(&session).await }).await;
    until("nothing waits", || async { metric(&program, lag).await == 0.0 }).await;
}

/// One engine whose configuration says another number of parts stops nobody but itself, and leaves nothing behind; what an
/// operator holds is held, and goes on where it was.
#[tokio::test]
async fn another_number_of_parts_stops_nobody_else_and_a_pause_is_one() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folders, session) = ([Folder::new(), Folder::new()], database.client().await);
    let mut first = serve(&folders[0], &config(&database, &topic, "")).await;
    stock(&first).await;
    place(&[&first], "A", 2).await;
    judge(&session, &topic).await;
    // A relay may be quicker than the engine's own word, but not always.
    let mut fresh = 0.0;
    for n in 0..50 {
        place(&[&first], &format!("FRESH-{n}"), 1).await;
        judge(&session, &topic).await;
        fresh = metric(&first, "counterfoil_outbox_contents_total{sink=\"bus\",from=\"fresh\"}").await;
        if fresh > 0.0 {
            break;
        }
    }
    assert!(fresh > 0.0, "what was just committed is asked of the database each time");
    let mut other = serve(&folders[1], &config(&database, &topic, "partitions = 4\n")).await;
    until("it says that it must not", || async {
        metric(&other, "counterfoil_outbox_stopped{sink=\"bus/3\"}").await > 0.0
    })
    .await;
    other.terminate().await;
    first.terminate().await;
    let first = serve(&folders[0], &config(&database, &topic, "")).await;
    place(&[&first], "B", 2).await;
    judge(&session, &topic).await;

    outbox(&database, &["pause", "--sink", "bus", "--reason", "the topic is moved"]);
    until("it is held", || async {
        text(&session, STOPPED).await.is_some_and(|why| why.contains("the topic is moved"))
    })
    .await;
    let published = Broker::shared().read(&topic).await.len();
    place(&[&first], "C", 2).await;
    let lag = "counterfoil_outbox_lag_seconds{sink=\"bus\"}";
    until("it lags", || async { metric(&first, lag).await > 1.0 }).await;
    assert_eq!(Broker::shared().read(&topic).await.len(), published);
    outbox(&database, &["resume", "--sink", "bus", "--reason", "it was moved"]);
    judge(&session, &topic).await;
}

/// An older state of the database, with the same name and cursor, looks again and again whether it may publish: whoever
/// publishes goes on. That it is not even fenced is shown in `takeover.rs`.
#[tokio::test]
async fn who_must_not_publish_disturbs_nobody_who_may() {
    if !is_there() {
        return;
    }
    let (database, topic) = (TestDatabase::new().await, Broker::shared().topics().await);
    let (folders, session) = ([Folder::new(), Folder::new()], database.client().await);
    let mut first = serve(&folders[0], &config(&database, &topic, "")).await;
    stock(&first).await;
    place(&[&first], "A", 2).await;
    judge(&session, &topic).await;
    first.terminate().await;
    drop(session);
    let older = database.copy().await;
    older.is_at_home().await; // as files that were put back would be
    let its = older.client().await;
    let first = serve(&folders[0], &config(&database, &topic, "")).await;
    place(&[&first], "B", 2).await;
    let session = database.client().await;
    judge(&session, &topic).await;
    let _older = serve(&folders[1], &config(&older, &topic, "")).await;
    until("it says why it does not publish", || async {
        text(&its, STOPPED).await.is_some_and(|why| why.contains("history is not the one that was read"))
    })
    .await;
    let looks = || async {
        its.query_one("SELECT generation FROM outbox_leases WHERE name = 'bus/0'", &[])
            .await
            .expect("a lease")
            .get::<_, i64>(0)
    };
    for round in 0..2 {
        let before = looks().await;
        until("it looks again", || async { looks().await > before }).await;
        place(&[&first], &format!("C{round}"), 1).await;
        judge(&session, &topic).await;
    }
}
