//! Promise: histories of orders that ended long ago go, whole, and only behind everybody who publishes; the orders stay, and
//! are refunded and proved as before. Whoever is to read what is gone is told. Judged by the rows that are left, by the
//! audit, and by what consumers got.

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use counterfoil::ports::feed::Position;
use counterfoil::store::feed::Feed;
use counterfoil::store::planner::Planner;
use counterfoil::store::prune::{Expected, PruneError, PruneSettings, Pruned, run};
use counterfoil::store::relay::{begin_anew, forget};
use counterfoil::store::{Target, audit};
use counterfoil::telemetry::RetentionReason;
use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, simple, until};
use crate::support::live::Live;
use crate::support::program::{PROGRAM, post, send};
use crate::support::receiver::Receiver;
use crate::takeover::{Book, relay, until_stopped};
use crate::webhooks_out::{Engine, Shop, sink};

const DAY: Duration = Duration::from_secs(24 * 3_600);

pub fn settings() -> PruneSettings {
    PruneSettings {
        older_than: 90 * DAY,
        hold: 7 * DAY,
        planner: Planner::default(),
        dry_run: false,
        sinks: Vec::new(),
    }
}

async fn prune_as(session: &mut Client, settings: &PruneSettings) -> Pruned {
    run(session, settings, Uuid::new_v4()).await.expect("prune")
}

pub async fn prune(session: &mut Client) -> Pruned {
    prune_as(session, &settings()).await
}

pub async fn execute(session: &Client, sql: &str) {
    session.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

pub async fn number(session: &Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
}

/// A hundred days pass for what was decided since yesterday.
pub async fn age(session: &Client) {
    let sql = "UPDATE orders o SET created_at = CASE WHEN created_at > now() - interval '1 day'
                THEN created_at - interval '100 days' ELSE created_at END,
            updated_at = updated_at - interval '100 days'
            WHERE updated_at > now() - interval '1 day';
        UPDATE order_events SET at = at - interval '100 days' WHERE at > now() - interval '1 day'";
    execute(session, sql).await;
}

/// The orders that have a history.
pub async fn left(session: &Client) -> BTreeSet<String> {
    let sql = "SELECT DISTINCT order_id FROM order_events";
    session.query(sql, &[]).await.expect(sql).iter().map(|row| row.get(0)).collect()
}

pub fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub async fn place(test: &TestEngine, ids: &[&str]) {
    for id in ids {
        assert_eq!(answer(test.submit(simple(id)).await).0, 201);
    }
}

/// Where a reader is that has read so many commits.
async fn behind(database: &TestDatabase, commits: usize) -> Position {
    let feed = Feed::open(&Target::new(database.url())).await.expect("the feed");
    let (mut position, mut left) = (feed.beginning().await.expect("a beginning"), commits);
    while left > 0 {
        // A database that came of a template had an epoch before.
        let batch = feed.step(&position, left, 1 << 20).await.expect("a step");
        position = batch.position(&position, batch.records.len());
        left -= batch.records.len();
    }
    position
}

/// Where a reader is that has read all, and found no more.
async fn behind_all(database: &TestDatabase) -> Position {
    let feed = Feed::open(&Target::new(database.url())).await.expect("the feed");
    let mut position = feed.beginning().await.expect("a beginning");
    loop {
        let batch = feed.step(&position, 100, 1 << 20).await.expect("a step");
        let next = batch.position(&position, batch.records.len());
        if next == position {
            return position;
        }
        position = next;
    }
}

fn text(position: &Position) -> String {
    serde_json::to_string(position).expect("text")
}

/// A sink that was published to as far as this.
async fn publishes(session: &Client, name: &str, position: &str) {
    let sql = "INSERT INTO outbox_relays (sink, part, parts, begins, begins_at, target, step, position, deployment)
        SELECT $1, 0, 1, 'beginning', '{\"epoch\":1,\"upto\":0}', 't', 1, $2, deployment_id FROM deployment
        ON CONFLICT (sink, part) DO UPDATE SET position = excluded.position";
    session.execute(sql, &[&name, &position]).await.expect(sql);
}

/// An endpoint that has read as far as this.
async fn listens(session: &Client, name: &str, position: &str) {
    let sql = "INSERT INTO webhook_endpoints (name, url, secrets, types, clients, personal_data, strict, configured, position,
            deployment_id)
        SELECT $1, 'https://h/', '[]', '[]', '[]', false, false, false, $2, deployment_id FROM deployment
        ON CONFLICT (name) DO UPDATE SET position = excluded.position";
    session.execute(sql, &[&name, &position]).await.expect(sql);
}

pub async fn holds(database: &TestDatabase) -> audit::Report {
    let report = audit::audit(&mut database.client().await).await.expect("audit");
    assert!(report.ok, "the audit found offenders: {report:#?}");
    report
}

#[tokio::test]
async fn histories_go_behind_every_cursor_alone_and_not_what_one_still_waits_for() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["A", "B", "C", "D"]).await;
    age(&session).await;
    // One has read up to C, and waits for B; another one has read nothing yet.
    let sql = "SELECT xact::text::bigint FROM order_events WHERE order_id = 'B'";
    let xact = number(&session, sql).await;
    let mut waits: Value = serde_json::to_value(behind(&test.database, 3).await).expect("JSON");
    waits["missing"] = json!([[waits["epoch"], xact]]);
    publishes(&session, "bus", &waits.to_string()).await;
    listens(&session, "crm", &text(&behind(&test.database, 0).await)).await;
    let pruned = prune(&mut session).await;
    assert_eq!((pruned.orders, pruned.behind.as_deref()), (0, Some("endpoint crm")));
    assert_eq!(left(&session).await, set(&["A", "B", "C", "D"]));

    listens(&session, "crm", &text(&behind(&test.database, 4).await)).await;
    let pruned = prune(&mut session).await;
    // C was read in part, for all that the position says.
    assert_eq!(left(&session).await, set(&["B", "C", "D"]), "{pruned:?}");
    assert!(pruned.orders == 1 && pruned.held_by(RetentionReason::Sink) > 0, "{pruned:?}");

    waits["missing"] = json!([]);
    publishes(&session, "bus", &waits.to_string()).await;
    prune(&mut session).await;
    assert_eq!(left(&session).await, set(&["C", "D"]));
    publishes(&session, "bus", &text(&behind_all(&test.database).await)).await;
    listens(&session, "crm", &text(&behind_all(&test.database).await)).await;
    // D is what tells that the positions are of this database.
    let pruned = prune(&mut session).await;
    assert_eq!((pruned.orders, pruned.held_by(RetentionReason::Named)), (1, 1), "{pruned:?}");
    assert_eq!(left(&session).await, set(&["D"]));
    let all = "SELECT count(*) FROM orders JOIN payments USING (order_id)";
    assert_eq!(number(&session, all).await, 4, "the orders stay");
    let report = holds(&test.database).await;
    assert_eq!(report.pruned.orders, 3);
}

/// A relay goes on in an earlier epoch until it has read all of it.
#[tokio::test]
async fn what_lies_in_an_earlier_epoch_goes_once_the_readers_have_left_it() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["A", "B"]).await;
    age(&session).await;
    let epoch = number(&session, "SELECT max(epoch)::bigint FROM epochs").await;
    // A prepared transaction of the epoch before may still end.
    let later = epoch + 1;
    let xact = number(&session, "SELECT xact::text::bigint FROM order_events WHERE order_id = 'B'").await;
    let sql = format!(
        "INSERT INTO epochs (epoch, cluster, timeline, database_oid, table_oid)
         SELECT {later}, cluster, timeline, database_oid, table_oid FROM epochs WHERE epoch = {epoch}"
    );
    execute(&session, &sql).await;
    publishes(&session, "bus", &json!({"epoch": later, "upto": 0, "missing": [[epoch, xact]]}).to_string()).await;
    prune(&mut session).await;
    assert_eq!(left(&session).await, set(&["B"]));
    publishes(&session, "bus", &json!({"epoch": later, "upto": 0}).to_string()).await;
    // What was there before the feed has been read by whoever has come to the feed, and by nobody before.
    execute(&session, "INSERT INTO epochs (epoch, database_oid, table_oid) VALUES (0, 0, 0)").await;
    execute(&session, "UPDATE order_events SET epoch = 0").await;
    listens(&session, "crm", &json!({"epoch": 0, "upto": 0}).to_string()).await;
    prune(&mut session).await;
    assert_eq!(left(&session).await, set(&["B"]));
    listens(&session, "crm", &json!({"epoch": epoch, "upto": 0}).to_string()).await;
    prune(&mut session).await;
    assert_eq!(left(&session).await, set(&[]));
    holds(&test.database).await;
}

#[tokio::test]
async fn a_position_that_nobody_knows_prunes_nothing() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["A", "B"]).await;
    age(&session).await;
    let position = text(&behind(&test.database, 2).await);
    let epoch = number(&session, "SELECT max(epoch)::bigint FROM epochs").await;
    for (unknown, why) in [
        ("UPDATE outbox_relays SET position = NULL, step = NULL, begins_at = NULL".to_owned(), "no position yet"),
        ("UPDATE outbox_relays SET position = '{'".to_owned(), "cannot be read"),
        ("UPDATE outbox_relays SET deployment = gen_random_uuid()".to_owned(), "a copy of"),
        (format!(r#"UPDATE outbox_relays SET position = '{{"epoch":{},"upto":7}}'"#, epoch + 1), "never was in"),
        (
            format!(r#"UPDATE outbox_relays SET position = '{{"epoch":{epoch},"upto":9000000000000}}'"#),
            "a history that was lost",
        ),
        (
            format!(r#"UPDATE outbox_relays SET position = '{{"epoch":{epoch},"upto":1,"last":[{epoch},1,"X",1]}}'"#),
            "not the one that it read",
        ),
        ("UPDATE webhook_endpoints SET position = 'soon'".to_owned(), "cannot be read"),
    ] {
        publishes(&session, "bus", &position).await;
        listens(&session, "crm", &position).await;
        execute(&session, "UPDATE outbox_relays SET deployment = (SELECT deployment_id FROM deployment)").await;
        execute(&session, &unknown).await;
        let pruned = prune(&mut session).await;
        assert_eq!((pruned.orders, pruned.unknown.len()), (0, 1), "{unknown}: {pruned:?}");
        assert!(pruned.unknown[0].contains(why), "{pruned:?}");
        execute(&session, "DELETE FROM outbox_relays; DELETE FROM webhook_endpoints").await;
    }
    let expected = |name: &str, parts| Expected { name: name.to_owned(), parts };
    publishes(&session, "bus", &position).await;
    let sinks = vec![expected("bus", 2), expected("crm", 0)];
    let pruned = prune_as(&mut session, &PruneSettings { sinks, ..settings() }).await;
    assert_eq!(pruned.unknown.len(), 2, "a part, and an endpoint, that are configured and never began: {pruned:?}");
    assert_eq!(left(&session).await, set(&["A", "B"]));
    let sinks = vec![expected("bus", 1)];
    assert_eq!(prune_as(&mut session, &PruneSettings { sinks, ..settings() }).await.orders, 1);
}

#[tokio::test]
async fn an_order_in_somebodys_hands_or_young_or_not_as_its_events_say_stays() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["LOCKED", "ODD", "OLD", "TWICE"]).await;
    age(&session).await;
    place(&test, &["YOUNG"]).await;
    execute(&session, "UPDATE orders SET shipment_reference = 'x' WHERE order_id = 'ODD'").await;
    // Charged twice, which its events alone tell: they are the evidence.
    let twice = r#"UPDATE order_events SET events = regexp_replace(events, '(\{[^{}]*"payment.charged"[^{}]*\})', '\1,\1')
            WHERE order_id = 'TWICE';
        UPDATE orders SET version = version + 1, answer = replace(answer, '"version":5', '"version":6')
            WHERE order_id = 'TWICE'"#;
    execute(&session, twice).await;
    let report = audit::audit(&mut test.database.client().await).await.expect("audit");
    let broken: Vec<_> =
        report.promises.iter().filter(|one| !one.holds).map(|one| (one.name, one.offenders.len())).collect();
    assert_eq!(broken, [("state_is_the_replay", 1), ("charged_at_most_once", 1)]);
    let refund = test.database.client().await;
    execute(&refund, "BEGIN; SELECT FROM orders WHERE order_id = 'LOCKED' FOR UPDATE").await;
    let pruned = prune(&mut session).await;
    assert_eq!((pruned.orders, pruned.held_by(RetentionReason::Unsound)), (1, 2), "{pruned:?}");
    assert_eq!(left(&session).await, set(&["LOCKED", "ODD", "TWICE", "YOUNG"]));
    // It moved on: it is as old as that.
    execute(&refund, "UPDATE orders SET updated_at = now() WHERE order_id = 'LOCKED'; COMMIT").await;
    assert_eq!(prune(&mut session).await.orders, 0);
}

async fn refund(engine: &Engine, id: &str, key: &str, amount: i64) -> (u16, Value) {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let body = json!({"amount": amount, "reason": "late"}).to_string();
    let answer = send(&engine.program.client(), "POST", &format!("/orders/{id}/refunds"), &headers, body).await;
    let answer = answer.expect("an answer");
    (answer.status, answer.json().unwrap_or_default())
}

async fn events(engine: &Engine, id: &str, query: &str) -> (u16, Value) {
    engine.ask("GET", &format!("/orders/{id}/events{query}"), &Value::Null).await
}

/// And again behind the refund, when that is old.
#[tokio::test]
async fn an_order_without_its_history_is_answered_and_refunded_as_before_and_says_what_is_gone() {
    let shop = Shop::configured("").await;
    let engine = shop.engine().await;
    let mut session = shop.database.client().await;
    engine.place(&["A".to_owned()]).await;
    let order = crate::support::program::body("A", "S");
    let first = post(&engine.program.client(), &order, &[]).await;
    age(&session).await;
    assert_eq!(prune(&mut session).await.orders, 1);
    let again = post(&engine.program.client(), &order, &[]).await;
    assert_eq!((again.status, &again.body), (201, &first.body), "a repeat gets its bytes");
    let gone = number(&session, "SELECT pruned_to::bigint FROM pruned_orders").await;
    let (status, history) = events(&engine, "A", "").await;
    let marker = &history[0];
    assert_eq!((status, history.as_array().map(Vec::len)), (200, Some(1)), "{history}");
    assert_eq!(
        (&marker["type"], &marker["pruned_to"], &marker["version"]),
        (&json!("events.pruned"), &json!(gone), &json!(gone)),
    );
    let whole = Live::open(&engine.program.url, "A", None).await.whole().await;
    assert_eq!(json!(whole), history, "a stream begins with it");

    let (status, told) = refund(&engine, "A", "k", 1).await;
    assert_eq!((status, &told["refunded"]), (201, &json!(1)), "{told}");
    assert_eq!(refund(&engine, "A", "k", 1).await, (201, told));
    holds(&shop.database).await;
    let (_, history) = events(&engine, "A", "").await;
    let kinds: Vec<&str> = history.as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["events.pruned", "payment.refunding", "payment.refunded"]);
    assert_eq!(json!(Live::open(&engine.program.url, "A", None).await.whole().await), history);
    for query in ["?cursor=1", "?cursor=2"] {
        let (status, problem) = events(&engine, "A", query).await;
        assert_eq!((status, &problem["code"], &problem["pruned_to"]), (410, &json!("events_pruned"), &json!(gone)));
    }
    assert_eq!(Live::open(&engine.program.url, "A", Some(gone - 1)).await.status, 410);
    let since = Live::open(&engine.program.url, "A", Some(gone)).await.whole().await;
    assert_eq!(since.len(), 2, "whoever has what is gone reads on");
    let (_, page) = events(&engine, "A", &format!("?cursor={gone}&limit=1")).await;
    assert_eq!(page[0]["type"], "payment.refunding");

    age(&session).await;
    assert_eq!(prune(&mut session).await.orders, 1);
    assert_eq!(number(&session, "SELECT pruned_to::bigint FROM pruned_orders").await, gone + 2);
    assert_eq!(refund(&engine, "A", "k2", 1).await.0, 201);
    let report = holds(&shop.database).await;
    assert_eq!((report.pruned.orders, report.pruned.events), (1, gone + 2));
}

/// Refunds and repeats race with whoever prunes, over all orders, again and again.
#[tokio::test]
async fn refunds_that_race_with_pruning_lose_nothing() {
    let shop = Shop::configured("").await;
    let engine = shop.engine().await;
    let session = shop.database.client().await;
    let ids = crate::webhooks_out::names("R", 40);
    engine.place(&ids).await;
    age(&session).await;
    let pruner = async {
        let mut pruner = shop.database.client().await;
        let mut gone = 0;
        for _ in 0..20 {
            gone += prune_as(&mut pruner, &settings()).await.orders;
            tokio::task::yield_now().await;
        }
        gone
    };
    let refunds = join_all(ids.iter().map(|id| refund(&engine, id, "k", 1)));
    let (gone, answers) = tokio::join!(pruner, refunds);
    assert!(answers.iter().all(|(status, _)| *status == 201), "{answers:?}");
    let report = holds(&shop.database).await;
    assert_eq!(report.pruned.orders, i64::try_from(gone).unwrap());
    let told = "SELECT count(*) FROM order_events WHERE events LIKE '%payment.refunded%'";
    assert_eq!(number(&session, told).await, 40, "no refund's events went");
}

fn program(database: &TestDatabase, args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(args).args(["--database-url", &database.url()]).output().expect("run the program")
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A paused endpoint holds back for so long, and no longer; then it has a gap, and goes on behind it.
#[tokio::test]
async fn a_paused_endpoint_holds_back_for_a_while_and_then_has_a_gap_that_it_is_told_of() {
    let receiver = Receiver::new().await;
    let shop = Shop::new(&sink("crm", &receiver, "")).await;
    let engine = shop.engine().await;
    let mut session = shop.database.client().await;
    engine.place(&["A".to_owned()]).await;
    shop.until_all_at(&receiver).await;
    until("the cursor is behind A", || async {
        number(&session, "SELECT count(*) FROM webhook_endpoints WHERE position LIKE '%\"A\"%'").await == 1
    })
    .await;
    let reason = json!({"reason": "a move"});
    engine.done("POST", "/operator/webhooks/crm/pause", reason.clone()).await;
    engine.place(&["B".to_owned()]).await;
    let missed = shop.events().await["B"].len();
    age(&session).await;
    let held = prune(&mut session).await;
    assert_eq!((held.orders, held.behind.as_deref()), (0, Some("endpoint crm")), "it holds back");
    // So long it has been paused.
    execute(&session, "UPDATE webhook_endpoints SET inactive_since = inactive_since - interval '8 days'").await;
    assert_eq!(prune(&mut session).await.orders, 2);
    let shown = engine.webhook("crm").await;
    assert_eq!((&shown["gap"]["events"], &shown["gap"]["orders"]), (&json!(missed), &json!(1)), "{shown}");
    assert!(shown["log"].as_array().unwrap().iter().any(|entry| entry["verb"] == "gap"), "{shown}");
    let list = program(&shop.database, &["outbox", "list"]);
    assert!(out(&list).contains(&format!("crm: {missed} events of 1 order(s)")), "{}", out(&list));
    engine.place(&["C".to_owned()]).await;
    engine.done("POST", "/operator/webhooks/crm/resume", reason).await;
    let expected = shop.events().await["C"].clone();
    until("it goes on behind the gap", || async { receiver.firsts().get("C") == Some(&expected) }).await;
    assert!(!receiver.firsts().contains_key("B"));
    until("its cursor moves on", || async {
        number(&session, "SELECT count(*) FROM webhook_endpoints WHERE position LIKE '%\"C\"%'").await == 1
    })
    .await;
    holds(&shop.database).await;
}

/// One that a configuration named once holds back for as long as a paused one, since somebody had it in their own.
#[tokio::test]
async fn an_endpoint_that_is_no_longer_configured_holds_back_for_a_while() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["A", "LAST"]).await;
    age(&session).await;
    listens(&session, "crm", &text(&behind(&test.database, 0).await)).await;
    execute(
        &session,
        "UPDATE webhook_endpoints SET configured = true, created_at = now() - interval '90 days';
         INSERT INTO outbox_leases (name, holder, generation, until)
             SELECT 'webhook/' || endpoint_id, gen_random_uuid(), 1, now() - interval '1 day' FROM webhook_endpoints",
    )
    .await;
    let held = prune(&mut session).await;
    assert_eq!((held.orders, held.behind.as_deref()), (0, Some("endpoint crm")), "a day ago somebody had it");
    execute(&session, "UPDATE outbox_leases SET until = now() - interval '8 days'").await;
    let sinks = vec![Expected { name: "crm".into(), parts: 0 }];
    let held = prune_as(&mut session, &PruneSettings { sinks, ..settings() }).await;
    assert_eq!((held.orders, held.behind.as_deref()), (0, Some("endpoint crm")), "who prunes has it");
    execute(&session, "UPDATE webhook_endpoints SET configured = false").await;
    assert_eq!(prune(&mut session).await.orders, 0, "one that an operator added waits for engines");
    execute(&session, "UPDATE webhook_endpoints SET configured = true").await;
    assert!(prune(&mut session).await.orders > 0);
    assert!(number(&session, "SELECT gap_events FROM webhook_endpoints").await > 0, "it will be told");
    holds(&test.database).await;
}

/// What waits for an endpoint, or may yet be delivered again, holds an order back though the cursor is behind it.
#[tokio::test]
async fn what_an_endpoint_is_owed_stays_and_what_was_set_aside_for_a_while() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["WAITS", "AGAIN", "ASIDE", "LONG", "SKIPPED", "LAST"]).await;
    age(&session).await;
    listens(&session, "crm", &text(&behind(&test.database, 6).await)).await;
    execute(
        &session,
        "INSERT INTO webhook_waiting (order_id, endpoint_id, version, upto, failures, run, first_failed_at)
             SELECT 'WAITS', endpoint_id, 2, 3, 1, 1, now() - interval '80 days' FROM webhook_endpoints;
         INSERT INTO webhook_set_aside (order_id, endpoint_id, version, run, failures, error, again, skipped, first_failed_at)
             SELECT o.name, endpoint_id, 2, 1, 9, 'no', o.again, o.skipped, now() - o.ago
             FROM webhook_endpoints, (VALUES ('AGAIN', true, false, interval '80 days'), ('ASIDE', false, false, '1 hour'),
                 ('LONG', false, false, '80 days'), ('SKIPPED', false, true, '1 hour')) AS o (name, again, skipped, ago)",
    )
    .await;
    let pruned = prune(&mut session).await;
    assert_eq!(left(&session).await, set(&["WAITS", "AGAIN", "ASIDE", "LAST"]), "{pruned:?}");
    assert_eq!(number(&session, "SELECT gap_events FROM webhook_endpoints").await, 1, "nobody can redrive it any more");
    holds(&test.database).await;
}

/// A sink that is gone for good holds until somebody says so; configured again it does not begin behind what is gone in
/// silence.
#[tokio::test]
async fn a_forgotten_sink_holds_back_nothing_and_stops_until_it_is_begun_anew() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    let book = Book::default();
    place(&test, &["A"]).await;
    let at_work = relay(&test, &book, None);
    until("A is published", || async { !book.events().is_empty() }).await;
    until("it is attested", || async {
        number(&session, "SELECT count(*) FROM outbox_relays WHERE position IS NOT NULL").await == 1
    })
    .await;
    at_work.leave().await;
    let published = book.events().len();
    place(&test, &["B"]).await;
    age(&session).await;
    execute(&session, "UPDATE outbox_relays SET held = 'a move'").await;
    assert_eq!(prune(&mut session).await.behind.as_deref(), Some("sink bus/0"), "however long it is paused");
    execute(&session, "UPDATE outbox_relays SET held = NULL").await;
    assert_eq!(forget(&mut session, "bus", "it was sold").await.expect("forget"), 1);
    assert_eq!(prune(&mut session).await.orders, 2);
    let log =
        "SELECT count(*) FROM outbox_log WHERE verb = 'forget' AND reason = 'it was sold' AND before LIKE '%upto%'";
    assert_eq!(number(&session, log).await, 1);

    place(&test, &["C"]).await;
    let at_work = relay(&test, &book, None);
    until_stopped(&session, "outbox forget").await;
    assert_eq!(book.events().len(), published, "nothing is published behind what is gone");
    begin_anew(&mut session, "bus", ("beginning", None), None, "it was bought back").await.expect("begin anew");
    until("it begins anew", || async { book.events().iter().any(|id| id.starts_with("C/")) }).await;
    assert!(!book.events().iter().any(|id| id.starts_with("B/")));
    let gap = number(&session, "SELECT gap_events FROM outbox_relays WHERE forgotten IS NULL AND gap_orders = 2").await;
    assert_eq!(gap, number(&session, "SELECT sum(pruned_to)::bigint FROM pruned_orders").await);
    at_work.leave().await;
    let list = program(&test.database, &["outbox", "list"]);
    assert!(out(&list).contains(&format!("of what it was to begin with {gap} events of 2 order(s)")), "{}", out(&list));
}

#[tokio::test]
async fn whoever_begins_where_something_is_gone_is_told() {
    let receiver = Receiver::new().await;
    let shop = Shop::new("").await;
    let engine = shop.engine().await;
    let mut session = shop.database.client().await;
    engine.place(&["A".to_owned(), "B".to_owned()]).await;
    let (gone, old) = (shop.events().await.values().map(Vec::len).sum::<usize>(), behind(&shop.database, 1).await);
    age(&session).await;
    assert_eq!(prune(&mut session).await.orders, 2);
    let add = |name: &str, from: &str| json!({"name": name, "url": format!("{}/x", receiver.url), "from": from, "reason": "r"});
    let gap = |shown: &Value| shown["gap"]["events"].as_u64();
    let fresh = engine.done("POST", "/operator/webhooks", add("fresh", "now")).await;
    assert_eq!(gap(&fresh), None, "where nothing is left \"now\" is the beginning, and all the same nothing is missed");
    engine.place(&["C".to_owned()]).await;
    for (name, from, expected) in [
        ("all", "beginning", Some(gone as u64)),
        ("new", "now", None),
        ("some", "2025-01-01T00:00:00Z", Some(gone as u64)),
    ] {
        let shown = engine.done("POST", "/operator/webhooks", add(name, from)).await;
        assert_eq!(gap(&shown), expected, "{name}: {shown}");
    }
    let since = jiff::Timestamp::now().to_string();
    assert_eq!(gap(&engine.done("POST", "/operator/webhooks", add("late", &since)).await), None);
    let replayed = json!({"from": "beginning", "reason": "r"});
    assert_eq!(gap(&engine.done("POST", "/operator/webhooks/new/replay", replayed).await), Some(gone as u64));

    let tail = |from: &str| program(&shop.database, &["events", "tail", "--no-follow", "--from", from]);
    for from in ["beginning", &text(&old)] {
        let told = tail(from);
        assert!(told.status.success(), "{}", err(&told));
        assert!(err(&told).contains(&format!("{gone} events of 2 order(s)")), "{from}: {}", err(&told));
        assert!(out(&told).lines().count() > 0 && !out(&told).contains("\"A/1\""), "{}", out(&told));
    }
    assert!(!err(&tail("now")).contains("pruned"));
}

#[tokio::test]
async fn who_prunes_is_alone_and_no_older_engine_is_beside() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["A", "B", "C"]).await;
    age(&session).await;
    let node = "INSERT INTO nodes (node_id, name, version, state) VALUES (gen_random_uuid(), 'old', '0.4.0', 'up')";
    execute(&session, node).await;
    let refused = run(&mut session, &settings(), Uuid::nil()).await.expect_err("an engine that knows of no such order");
    assert!(refused.to_string().contains("0.4.0"), "{refused}");
    execute(&session, "DELETE FROM nodes WHERE name = 'old'; UPDATE deployment SET adopting = 'moved'").await;
    let refused = run(&mut session, &settings(), Uuid::nil()).await.expect_err("an adoption is under way");
    assert!(refused.to_string().contains("adopt"), "{refused}");
    execute(&session, "UPDATE deployment SET adopting = NULL").await;
    let lease = "INSERT INTO outbox_leases VALUES ('retention', gen_random_uuid(), 7, now() + interval '3 seconds')
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until";
    execute(&session, lease).await;
    let refused = run(&mut session, &settings(), Uuid::nil()).await.expect_err("another one prunes");
    assert!(matches!(refused, PruneError::Elsewhere), "{refused}");
    execute(&session, "DELETE FROM outbox_leases").await;
    // Somebody is at work on who reads what, and does not end: nothing goes, and nobody is ended for it.
    let operator = test.database.client().await;
    execute(&operator, "BEGIN; UPDATE outbox_relays SET at = at; LOCK TABLE webhook_endpoints IN ROW EXCLUSIVE MODE")
        .await;
    let mut other = test.database.client().await;
    let waits = tokio::spawn(async move { prune(&mut other).await });
    until("it waits for the tables", || async {
        let sql = "SELECT count(*) FROM pg_locks WHERE mode = 'ExclusiveLock' AND NOT granted
            AND relation IN ('outbox_relays'::regclass, 'webhook_endpoints'::regclass)";
        number(&session, sql).await == 1
    })
    .await;
    assert_eq!(left(&session).await.len(), 3);
    execute(&operator, "COMMIT").await;
    assert_eq!(waits.await.expect("no panic").orders, 3);
    // A database that this program made lets none before it begin anyway.
    let kept_out = "SELECT count(*) FROM deployment WHERE string_to_array(oldest_binary, '.')::int[] >= '{0,5,0}'";
    assert_eq!(number(&session, kept_out).await, 1, "no older program begins to run any more");
}

/// It has everything in hand, and its machine is paused.
#[tokio::test]
async fn a_pruner_that_falls_asleep_stops_nobody_for_long() {
    let test = TestEngine::new().await;
    let (session, holder) = (test.database.client().await, test.database.client().await);
    place(&test, &["A"]).await;
    age(&session).await;
    execute(&holder, "BEGIN; LOCK TABLE prunes IN ACCESS EXCLUSIVE MODE").await;
    let mut command = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(["prune", "--older-than", "90d", "--database-url", &test.database.url()]);
    let mut pruner = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("run the program");
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'prunes'::regclass";
    until("it has all that it needs but for one table", || async { number(&session, waits).await == 1 }).await;
    kill_process(Pid::from_child(&pruner), Signal::STOP).expect("have it sleep");
    execute(&holder, "COMMIT").await;
    // Who publishes, and who refunds.
    execute(&session, "SET lock_timeout = '20s'; UPDATE outbox_relays SET at = at").await;
    execute(&session, "UPDATE orders SET commit_id = commit_id").await;
    assert_eq!(left(&session).await, set(&["A"]), "what it had begun is taken back");
    pruner.kill().and_then(|()| pruner.wait()).expect("end it");
    holds(&test.database).await;
}

/// One role migrates, and another serves.
#[tokio::test]
async fn whoever_may_read_and_write_events_may_see_that_some_are_gone() {
    let database = TestDatabase::blank().await;
    let client = database.client().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let files = std::fs::read_dir(folder).expect("the migrations").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "sql")).collect();
    files.sort();
    let (serves, reads) = (format!("serves_{}", Uuid::new_v4().simple()), format!("reads_{}", Uuid::new_v4().simple()));
    for file in files {
        if file.ends_with("0015_divisions.sql") {
            let roles = format!(
                "CREATE ROLE {serves}; CREATE ROLE {reads}; GRANT SELECT, INSERT ON order_events TO {serves};
                 GRANT SELECT, INSERT, UPDATE, DELETE ON outbox_relays TO {serves};
                 GRANT SELECT ON order_events, outbox_relays TO {reads}"
            );
            execute(&client, &roles).await;
        }
        if file.ends_with("0019_payments_key.sql") {
            execute(&client, "CREATE UNIQUE INDEX payments_pkey ON payments (order_id)").await; // as `migrate` does before it
        }
        execute(&client, &std::fs::read_to_string(file).expect("a migration")).await;
    }
    let may = async |role: &str, privilege: &str| {
        let sql = "SELECT has_table_privilege($1::name, 'pruned_orders', $2)
            AND has_table_privilege($1::name, 'prunes', $2)";
        client.query_one(sql, &[&role, &privilege]).await.expect(sql).get::<_, bool>(0)
    };
    assert!(may(&serves, "SELECT").await && may(&serves, "INSERT").await && may(&reads, "SELECT").await);
    assert!(!may(&reads, "INSERT").await && !may(&serves, "DELETE").await);
    // And whoever publishes divides.
    let sql = "SELECT bool_and(has_table_privilege($1::name, 'outbox_divisions', may))
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) may";
    let divides = client.query_one(sql, &[&serves]).await.expect(sql).get::<_, bool>(0);
    let sql = "SELECT has_table_privilege($1::name, 'outbox_divisions', 'SELECT')
        AND NOT has_table_privilege($1::name, 'outbox_divisions', 'INSERT')";
    assert!(divides && client.query_one(sql, &[&reads]).await.expect(sql).get::<_, bool>(0));
    execute(&client, &format!("DROP OWNED BY {serves}, {reads}; DROP ROLE {serves}, {reads}")).await;
}

/// What a run reads depends on what it prunes, not on how much there is.
#[tokio::test]
async fn a_run_costs_what_it_prunes() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    place(&test, &["A", "B", "C"]).await;
    age(&session).await;
    join_all((0..3_000).map(|n| test.submit(simple(&format!("Y-{n}"))))).await;
    let database = test.stop().await;
    let read = async || {
        let sql = "SELECT (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes
                WHERE relname IN ('orders', 'order_events', 'payments', 'refunds', 'pruned_orders'))::bigint
            + (SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables
                WHERE relname IN ('orders', 'order_events', 'payments', 'refunds', 'pruned_orders'))::bigint";
        number(&database.client().await, sql).await
    };
    let quiet = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND backend_type = 'client backend'";
    drop(session);
    until("the connections have told what they did", || async { number(&database.client().await, quiet).await == 0 })
        .await;
    let before = read().await;
    {
        let mut pruner = database.client().await;
        assert_eq!(prune(&mut pruner).await.orders, 3);
    }
    until("the pruner has told what it did", || async {
        number(&database.client().await, quiet).await == 0 && read().await > before
    })
    .await;
    let cost = read().await - before;
    // Two pages, and what else one transaction wrote.
    assert!(cost < 1_500, "three orders cost {cost} rows");
}

#[tokio::test]
async fn an_engine_prunes_by_its_configuration_and_counts_it() {
    let shop = Shop::configured("retention.older_than = \"90d\"\nretention.every = \"1s\"\n").await;
    let engine = shop.engine().await;
    let session = shop.database.client().await;
    engine.place(&["A".to_owned(), "B".to_owned()]).await;
    assert_eq!(left(&session).await.len(), 2);
    age(&session).await;
    until("they are pruned", || async { left(&session).await.is_empty() }).await;
    let metric = async |head: &str| {
        let told = engine.program.client().get("/metrics").await.expect("the metrics");
        let text = String::from_utf8(told.body.to_vec()).expect("text");
        text.lines().find_map(|line| line.strip_prefix(head)?.trim().parse::<f64>().ok())
    };
    until("it is counted", || async { metric("counterfoil_pruned_orders_total ").await == Some(2.0) }).await;
    assert!(metric("counterfoil_pruned_events_total ").await > Some(2.0));
    assert_eq!(metric("counterfoil_retention_held{reason=\"sink\"} ").await, Some(0.0));
    // One whose position nobody knows is told of.
    publishes(&session, "bus", "{").await;
    until("it is seen", || async { metric("counterfoil_retention_held{reason=\"unknown\"} ").await == Some(1.0) })
        .await;
    until("it is said", || async { engine.log().contains("nothing is pruned: sink bus/0") }).await;
}

#[tokio::test]
async fn the_command_says_what_goes_before_it_goes_and_what_it_waits_for() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    place(&test, &["A", "B"]).await;
    age(&session).await;
    let prune = |args: &[&str]| program(&test.database, &[&["prune"], args].concat());
    let dry = prune(&["--older-than", "90d", "--dry-run"]);
    assert!(dry.status.success() && out(&dry).contains("of 2 order(s) would be pruned"), "{}{}", out(&dry), err(&dry));
    assert_eq!(left(&session).await.len(), 2);
    for wrong in [&["--older-than", "90"][..], &["--older-than", "1m"], &["--dry-run"]] {
        assert_eq!(prune(wrong).status.code(), Some(2), "{wrong:?}");
    }
    publishes(&session, "bus", "{").await;
    let unknown = prune(&["--older-than", "13w"]);
    assert_eq!(unknown.status.code(), Some(1), "{}", out(&unknown));
    assert!(err(&unknown).contains("sink bus/0: its position cannot be read"), "{}", err(&unknown));
    let forgotten = program(&test.database, &["outbox", "forget", "bus", "--reason", "gone"]);
    assert!(forgotten.status.success(), "{}", err(&forgotten));
    let told = prune(&["--older-than", "90d", "--json"]);
    let json: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!((&json["orders"], &json["unknown"]), (&json!(2), &json!([])), "{json}");
    assert!(left(&session).await.is_empty());
    let audit = program(&test.database, &["audit"]);
    assert!(audit.status.success() && out(&audit).contains("of 2 order(s), decided until"), "{}", out(&audit));
}
