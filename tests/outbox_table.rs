//! Promise: whoever reads the database's log finds each event there, once, in the order of its order, in the very transaction
//! that commits it, and as other sinks tell it; whichever program wrote it, and whenever the table was turned on.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};
use std::time::Duration;

use counterfoil::embedded_postgres::{self, EmbeddedPostgres};
use counterfoil::outbox;
use counterfoil::ports::feed::{Record, Row, Xact};
use counterfoil::saga::event::NAMES;
use counterfoil::saga::{Event, Timestamp};
use counterfoil::store::outbox_table::Table;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio_postgres::{Client, NoTls};

use crate::described::{content, facts, judged};
use crate::relay::{committed, place, serve, stock};
use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, order, request, settings, simple, until};
use crate::support::kafka::is_there;
use crate::support::program::{Folder, PROGRAM, Program, body, post, send, try_post};

fn config(url: &str, more: &str) -> String {
    format!(
        "database.url = \"{url}\"\ndatabase.pool_size = 4\ndatabase.committers = 2\nengine.shards = 2\nfaults.enabled = true\n\
         {more}"
    )
}

async fn run(session: &Client, sql: &str) {
    session.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

async fn number(session: &Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
}

async fn turn(session: &Client, wanted: Table) {
    let sql = "SELECT counterfoil_outbox_becomes($1, 'a test', 5000)";
    session.query_one(sql, &[&wanted.as_str()]).await.expect("turn the table");
}

/// The ids of the rows, by order, each order's in the order of its sequence.
async fn rows(session: &Client) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in session.query("SELECT aggregateid, id FROM outbox ORDER BY 1, sequence", &[]).await.expect("the rows") {
        ids.entry(row.get(0)).or_default().push(row.get(1));
    }
    ids
}

fn counterfoil(args: &[&str]) -> Output {
    Command::new(PROGRAM).args(args).output().expect("run the program")
}

/// An order as [`content`] has it, without its events.
async fn submitted(session: &Client, id: &str) {
    let content = content();
    let sql =
        "INSERT INTO orders (order_id, commit_id, amount, created_at, updated_at, version, saga_version, plan, state,
            stock, shipment, currency, client, customer_id, fingerprint, lines, details)
        VALUES ($1, 1, $2, now(), now(), 1, 1, 0, 'CREATED', 'none', 'none', $3, $4, $5, '', $6, $7)";
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 7] = [
        &id,
        &content.amount,
        &content.currency,
        &content.client,
        &content.customer_id,
        &content.lines,
        &content.details,
    ];
    session.execute(sql, &parameters).await.expect("an order");
}

/// Commits of all kinds: those of all histories that released versions left, one of each type with all that it can hold and
/// with as little, and texts that something might trip over.
fn commits() -> Vec<(String, i32, String)> {
    let mut commits = Vec::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/streams");
    for entry in std::fs::read_dir(folder).expect("the folder") {
        for line in std::fs::read_to_string(entry.expect("an entry").path()).expect("a file").lines() {
            let (id, mut first) = (format!("S-{}", commits.len()), 1);
            let stream: Value = serde_json::from_str(line).expect("JSON");
            for commit in stream["commits"].as_array().expect("commits") {
                let events = commit.as_str().expect("a text");
                commits.push((id.clone(), first, events.to_owned()));
                first += i32::try_from(serde_json::from_str::<Vec<Value>>(events).expect("events").len()).expect("few");
            }
        }
    }
    let own: Vec<_> = facts().into_iter().map(Event::from).collect();
    commits.push(("ORD-1".into(), 2, Event::encode(&own)));
    let odd = json!([
        {"type": "payment.declined", "reason": "\"type\":\"x\" \\u0000 \\\\u0000 \u{1}\u{7f} \u{1f600} '$1' {}[]"},
        {"type": "payment.refunding", "client": "sh\"op", "key": "k", "amount": 9_007_199_254_740_991_i64, "reason": "\\"},
        {"type": "order.attention", "reason": ""},
    ]);
    commits.push(("a/b \u{e4}\"'%".into(), 2, odd.to_string()));
    commits
}

async fn commit(session: &Client, (id, first, events): &(String, i32, String)) {
    let sql = "INSERT INTO order_events (order_id, first_version, at, events) VALUES ($1, $2, now(), $3)";
    session.execute(sql, &[id, first, events]).await.unwrap_or_else(|error| panic!("{events}: {error:?}"));
}

#[tokio::test]
async fn each_event_of_every_type_is_told_as_other_sinks_tell_it() {
    let (database, commits) = (TestDatabase::new().await, commits());
    let session = database.client().await;
    for id in commits.iter().map(|(id, ..)| id).collect::<BTreeSet<_>>() {
        submitted(&session, id).await;
    }
    run(&session, "UPDATE deployment SET name = 'shop'").await;
    let (mut told, mut kinds) = (Vec::new(), BTreeSet::new());
    for (personal_data, table) in [(false, Table::On), (true, Table::PersonalData)] {
        turn(&session, table).await;
        run(&session, "SET counterfoil.trims_outbox = 'on'; DELETE FROM outbox; DELETE FROM order_events").await;
        for one in &commits {
            commit(&session, one).await;
        }
        let sql = "SELECT order_id, first_version, extract(epoch FROM at) * 1000000, events, epoch FROM order_events";
        let sql = sql.replace("extract(epoch FROM at) * 1000000", "(extract(epoch FROM at) * 1000000)::bigint");
        let mut expected = BTreeMap::new();
        for row in session.query(&sql, &[]).await.expect("the commits") {
            let xact = Xact { epoch: row.get(4), number: 1 };
            let place = Row { xact, order_id: row.get(0), first_version: row.get(1) };
            let record = Record { row: place, at: Timestamp(row.get(2)), events: row.get(3) };
            let events = outbox::events(&record, &content(), "/counterfoil/shop", personal_data).expect("events");
            expected.extend(events.into_iter().map(|event| (event.id.clone(), json!(event))));
        }
        let sql = "SELECT id, aggregatetype, aggregateid, type, payload, source, time, sequence, epoch, specversion
            FROM outbox";
        let found = session.query(sql, &[]).await.expect("the rows");
        assert_eq!(found.len(), expected.len());
        for row in &found {
            assert_eq!(row.get::<_, String>(1), "order");
            let text = |index: usize| row.get::<_, String>(index);
            let data: Value = serde_json::from_str(&text(4)).expect("JSON");
            let event = json!({
                "specversion": text(9), "datacontenttype": "application/json", "id": text(0), "subject": text(2),
                "type": text(3), "data": data, "source": text(5), "time": text(6),
                "sequence": row.get::<_, i32>(7).to_string(), "epoch": row.get::<_, i32>(8),
            });
            assert_eq!(Some(&event), expected.get(&text(0)));
            kinds.insert(text(3));
            told.push(event);
        }
    }
    let all: BTreeSet<_> = NAMES.iter().map(|name| format!("counterfoil.{name}")).collect();
    assert_eq!(kinds, all, "a type that was not compared");
    if is_there() {
        assert_eq!(judged(&told), Vec::<String>::new());
    }
}

/// PostgreSQL's JSON knows no U+0000. A program of one's own may bring one along; nobody's order waits for that.
#[tokio::test]
async fn a_text_that_postgresql_cannot_read_keeps_no_order_from_its_commit() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    turn(&session, Table::PersonalData).await;
    let mut request = request(&[("SKU-1", 1)], "house_account");
    request.details.metadata = [("k".to_owned(), "a\0\0b\\u0000\\".to_owned())].into();
    assert_eq!(answer(test.submit(order("ORD-1", request)).await).0, 201);
    let payload: String =
        session.query_one("SELECT payload FROM outbox WHERE id = 'ORD-1/1'", &[]).await.expect("a row").get(0);
    let payload: Value = serde_json::from_str(&payload).expect("JSON");
    assert_eq!(payload["metadata"]["k"], "a\u{fffd}\u{fffd}b\\u0000\\");
}

/// What is needed and not there is an error, never an order without content.
#[tokio::test]
async fn an_event_whose_order_is_not_there_is_not_told_by_halves() {
    let database = TestDatabase::new().await;
    let session = database.client().await;
    turn(&session, Table::On).await;
    let refund = r#"[{"type":"payment.refunded","amount":1,"refund":{"client":"ops","key":"k"}}]"#;
    for events in [r#"[{"type":"order.created"}]"#, refund, r#"[{"kind":"order.completed"}]"#, "[1]"] {
        let sql = "INSERT INTO order_events (order_id, first_version, at, events) VALUES ('NOBODY', 1, now(), $1)";
        session.execute(sql, &[&events]).await.expect_err(events);
    }
    assert_eq!(number(&session, "SELECT count(*) FROM order_events").await, 0);
}

/// Wherever the engine dies in a commit.
#[tokio::test]
async fn events_are_there_with_their_commit_or_not_at_all() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let session = database.client().await;
    let config = config(&database.url(), "outbox.table = true\n");
    let mut program = serve(&folder, &config).await;
    stock(&program).await;
    let points =
        ["commit.after_orders_insert", "commit.after_events_insert", "commit.before_commit", "commit.after_commit"];
    for (n, point) in points.into_iter().enumerate() {
        let (id, client) = (format!("ORD-{n}"), program.client());
        let arm = json!({"point": point, "action": "crash", "order_id": id}).to_string();
        let armed = send(&client, "POST", "/operator/faults", &[("content-type", "application/json")], arm).await;
        assert_eq!(armed.expect("an answer").status, 204);
        try_post(&client, &body(&id, "SKU-0001"), &[]).await.expect_err("it crashed");
        program.process.wait().expect("its end");
        until("the server has seen that", || async {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'
                AND pid <> pg_backend_pid()";
            number(&session, sql).await == 0
        })
        .await;
        assert_eq!(rows(&session).await, committed(&session).await, "{point}");
        assert_eq!(rows(&session).await.contains_key(&id), point == "commit.after_commit", "{point}");
        program = serve(&folder, &config).await;
        assert_eq!(post(&program.client(), &body(&id, "SKU-0001"), &[]).await.status, 201);
        assert_eq!(rows(&session).await, committed(&session).await, "{point}");
    }
    place(&[&program], "MORE", 40).await;
    let told = rows(&session).await;
    assert_eq!(told, committed(&session).await);
    assert!(told.len() > 40);
    let personal = "SELECT count(*) FROM outbox WHERE payload ~ 'ship_to|metadata|payment_method|1 Road'";
    assert_eq!(number(&session, personal).await, 0);
}

/// An engine that knows nothing of it goes on beside; each commit is told whole or not at all, and from the moment at which
/// somebody was told that the table is on, or off, all of them, or none.
#[tokio::test]
async fn whoever_writes_events_writes_the_table_from_one_moment_on() {
    let test = TestEngine::new().await;
    let (second_store, second) = test.second().await;
    let session = test.database.client().await;
    let placing = async |prefix: &str| {
        let one = async |n: usize| {
            let submission = simple(&format!("{prefix}-{n}"));
            let engine = if n.is_multiple_of(2) { &test.engine } else { &second };
            assert_eq!(answer(engine.submit(submission, Duration::from_secs(30)).await).0, 201);
        };
        join_all((0..60).map(one)).await;
    };
    placing("BEFORE").await;
    let ((), turned) = tokio::join!(placing("WHILE"), second_store.turn_table(Table::On, "a test"));
    assert_eq!(turned.expect("turn it on"), Table::Off);
    placing("ON").await;
    let ((), turned) = tokio::join!(placing("ENDING"), second_store.turn_table(Table::Off, "a test"));
    assert_eq!(turned.expect("turn it off"), Table::On);
    placing("AFTER").await;
    let (told, all) = (rows(&session).await, committed(&session).await);
    for (order, ids) in &all {
        let told = told.get(order);
        match order.split('-').next().expect("a name") {
            "BEFORE" | "AFTER" => assert_eq!(told, None, "{order}"),
            "ON" => assert_eq!(told, Some(ids), "{order}"),
            // An order is one commit here.
            _ => assert!(told.is_none_or(|told| told == ids), "{order}: {told:?} of {ids:?}"),
        }
    }
    assert_eq!(all.len(), 300);
    second.shutdown(Duration::from_secs(5)).await;
    second_store.close(Duration::from_secs(5));
}

/// Who takes a lock of the table for long, or only reads for long, holds nobody up.
#[tokio::test]
async fn turning_it_on_waits_for_who_writes_and_lets_others_pass() {
    let test = TestEngine::with(settings()).await;
    let (writer, reader, session) =
        (test.database.client().await, test.database.client().await, test.database.client().await);
    run(&reader, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM order_events").await;
    run(&writer, "BEGIN; LOCK TABLE order_events IN ROW EXCLUSIVE MODE").await;
    let store = test.store.clone();
    let turning = tokio::spawn(async move { store.turn_table(Table::On, "a test").await });
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'order_events'::regclass
        AND mode = 'ShareRowExclusiveLock'";
    until("it waits", || async { number(&session, waiting).await == 1 }).await;
    assert_eq!(answer(test.submit(simple("MEANWHILE")).await).0, 201);
    assert!(!turning.is_finished());
    assert_eq!(number(&session, "SELECT count(*) FROM outbox").await, 0);
    run(&writer, "COMMIT").await;
    assert_eq!(turning.await.expect("no panic").expect("turn it on"), Table::Off);
    assert_eq!(answer(test.submit(simple("THEN")).await).0, 201);
    assert_eq!(rows(&session).await.keys().collect::<Vec<_>>(), ["THEN"]);
    // The reader is there still.
    assert_eq!(test.store.turn_table(Table::PersonalData, "a test").await.expect("turn it"), Table::On);
    assert_eq!(test.store.turn_table(Table::Off, "a test").await.expect("turn it off"), Table::PersonalData);
    assert_eq!(answer(test.submit(simple("LATER")).await).0, 201);
    assert_eq!(rows(&session).await.keys().collect::<Vec<_>>(), ["THEN"]);
    assert_eq!(test.store.turn_table(Table::On, "a test").await.expect("turn it on again"), Table::Off);
    assert_eq!(answer(test.submit(simple("AT LAST")).await).0, 201);
    assert_eq!(rows(&session).await.keys().collect::<Vec<_>>(), ["AT LAST", "THEN"]);
}

#[tokio::test]
async fn a_configuration_turns_it_on_and_off_and_its_silence_leaves_it() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let session = database.client().await;
    let trigger = "SELECT count(*) FROM pg_trigger WHERE tgname = 'order_events_outbox'";
    let mut expected = Vec::new();
    for (n, (more, is)) in [
        ("", "off"),
        ("outbox.table = false\n", "off"),
        ("outbox.table = true\n", "on"),
        ("", "on"),
        ("outbox.table = true\noutbox.table_personal_data = true\n", "personal_data"),
        ("", "personal_data"),
        ("outbox.table = false\n", "off"),
        ("", "off"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut program = serve(&folder, &config(&database.url(), more)).await;
        if n == 0 {
            stock(&program).await;
        }
        let before = rows(&session).await.len();
        assert_eq!(post(&program.client(), &body(&format!("ORD-{n}"), "SKU-0001"), &[]).await.status, 201);
        let listed = counterfoil(&["outbox", "list", "--json", "--database-url", &database.url()]);
        let listed: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
        assert_eq!(listed["table"], is, "{n}: {more}");
        assert_eq!(rows(&session).await.len() - before, usize::from(is != "off"), "{n}: {more}");
        let address = "SELECT count(*) FROM outbox WHERE payload ~ '1 Road'";
        assert_eq!(number(&session, address).await > 0, n >= 4, "{n}: {more}");
        if n < 2 {
            assert_eq!(number(&session, trigger).await, 0, "where it was never on, nothing is asked of a commit");
        }
        expected.push(is);
        assert_eq!(program.terminate().await, Some(0));
    }
    expected.dedup();
    let sql = "SELECT verb FROM outbox_log WHERE sink = 'outbox.table' ORDER BY at";
    let logged: Vec<String> = session.query(sql, &[]).await.expect(sql).iter().map(|row| row.get(0)).collect();
    assert_eq!(logged, expected[1..]);
}

#[tokio::test]
async fn a_row_stays_as_it_is_until_it_is_old() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    turn(&session, Table::On).await;
    for n in 0..4 {
        assert_eq!(answer(test.submit(simple(&format!("ORD-{n}"))).await).0, 201);
    }
    for sql in ["UPDATE outbox SET payload = '{}'", "DELETE FROM outbox", "TRUNCATE outbox"] {
        let refused = session.batch_execute(sql).await.expect_err(sql);
        assert!(format!("{refused:?}").contains("INSERT only"), "{refused:?}");
    }
    let commits = "INSERT INTO order_events (order_id, first_version, at, events)
        SELECT 'OLD-' || n, 1, now() - interval '8 days', '[{\"type\":\"order.completed\"}]' FROM generate_series(1, 25000) n";
    run(&session, commits).await;
    let trim = |age: &str| {
        let told = counterfoil(&["outbox", "trim", "--older-than", age, "--database-url", &test.database.url()]);
        assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
        String::from_utf8(told.stdout).expect("text")
    };
    assert_eq!(trim("9d"), "0 rows of the table outbox are gone\n");
    assert_eq!(trim("7d"), "25000 rows of the table outbox are gone\n");
    assert_eq!(number(&session, "SELECT count(*) FROM outbox").await, 20);
    session.batch_execute("UPDATE outbox SET payload = '{}'").await.expect_err("it stays");
}

/// Whoever serves may own nothing, and has no right to the table at all.
#[tokio::test]
async fn who_serves_need_have_no_right_to_the_table() {
    let database = TestDatabase::new().await;
    let (owner, serves, reads) = (database.client().await, database.client().await, database.client().await);
    let (role, other) = (format!("writes_{}", std::process::id()), format!("reads_{}", std::process::id()));
    for role in [&role, &other] {
        run(&owner, &format!("CREATE ROLE {role}; GRANT SELECT ON orders, order_events, epochs TO {role}")).await;
    }
    run(&owner, &format!("GRANT INSERT ON order_events TO {role}; GRANT CREATE ON SCHEMA public TO {role}")).await;
    submitted(&owner, "ORD-1").await;
    run(&reads, &format!("SET SESSION AUTHORIZATION {other}")).await;
    run(&serves, &format!("SET SESSION AUTHORIZATION {role}")).await;
    let refused = reads.query_one("SELECT counterfoil_outbox_becomes('on', '', 500)", &[]).await.expect_err("refused");
    assert!(format!("{refused:?}").contains("may not write events"), "{refused:?}");
    turn(&serves, Table::PersonalData).await;
    serves.query("SELECT * FROM outbox", &[]).await.expect_err("it has no right to it");
    // Nothing of a caller's own leads what runs as the owner anywhere.
    run(
        &serves,
        &format!(
            "CREATE TEMPORARY TABLE orders AS SELECT 'a lie' AS order_id; CREATE TEMPORARY TABLE outbox ();
             CREATE FUNCTION public.trap(a json, b json) RETURNS json LANGUAGE plpgsql AS $$ BEGIN
                 IF current_user <> '{role}' THEN EXECUTE 'ALTER ROLE {role} SUPERUSER'; END IF;
                 RETURN a;
             END $$;
             CREATE FUNCTION public.trap(a text, b integer) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
                 IF current_user <> '{role}' THEN EXECUTE 'ALTER ROLE {role} SUPERUSER'; END IF;
                 RETURN a;
             END $$;
             CREATE OPERATOR public.-> (leftarg = json, rightarg = json, function = public.trap);
             CREATE OPERATOR public.->> (leftarg = json, rightarg = json, function = public.trap);
             CREATE OPERATOR public.|| (leftarg = text, rightarg = integer, function = public.trap);
             CREATE FUNCTION public.to_json(a text) RETURNS json LANGUAGE plpgsql AS $$ BEGIN
                 IF current_user <> '{role}' THEN EXECUTE 'ALTER ROLE {role} SUPERUSER'; END IF;
                 RETURN pg_catalog.to_json(a);
             END $$;
             CREATE FUNCTION public.has_table_privilege(a name, b regclass, c text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                 IF current_user <> '{role}' THEN EXECUTE 'ALTER ROLE {role} SUPERUSER'; END IF;
                 RETURN true;
             END $$;
             CREATE FUNCTION public.trap(a oid, b regclass) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
                 IF current_user <> '{role}' THEN EXECUTE 'ALTER ROLE {role} SUPERUSER'; END IF;
                 RETURN a = b::oid;
             END $$;
             CREATE OPERATOR public.= (leftarg = oid, rightarg = regclass, function = public.trap)"
        ),
    )
    .await;
    turn(&serves, Table::On).await;
    turn(&serves, Table::PersonalData).await;
    // What fires it is the table of events alone, or anybody could tell what never happened, and read what is personal.
    let forged = "CREATE TEMPORARY TABLE forged (LIKE order_events);
        CREATE TRIGGER forged AFTER INSERT ON forged REFERENCING NEW TABLE AS written
            FOR EACH STATEMENT EXECUTE FUNCTION counterfoil_outbox('personal_data')";
    let refused = reads.batch_execute(forged).await.expect_err("nobody else's trigger");
    assert!(format!("{refused:?}").contains("permission denied"), "{refused:?}");
    run(&owner, "GRANT EXECUTE ON FUNCTION counterfoil_outbox() TO PUBLIC").await; // as a dump without privileges is put back
    run(&reads, forged).await;
    let sql = "INSERT INTO forged (order_id, first_version, at, events, epoch, xact)
        VALUES ('ORD-1', 9, now(), '[{\"type\":\"order.created\"}]', 1, pg_current_xact_id())";
    let refused = reads.batch_execute(sql).await.expect_err("nobody else's trigger");
    assert!(format!("{refused:?}").contains("only order_events"), "{refused:?}");
    let refund = r#"{"type":"payment.refunding","client":"ops","key":"k","amount":1,"reason":"r"}"#;
    commit(&serves, &("ORD-1".into(), 1, format!(r#"[{{"type":"order.created"}},{refund}]"#))).await;
    assert_eq!(rows(&owner).await["ORD-1"], ["ORD-1/1", "ORD-1/2"]);
    let sql = format!("SELECT count(*) FROM pg_roles WHERE rolname = '{role}' AND rolsuper");
    assert_eq!(number(&owner, &sql).await, 0, "whoever serves came to own the server");
    run(&owner, &format!("DROP OWNED BY {role}, {other}; DROP ROLE {role}, {other}")).await;
}

/// As a dump of the rows is put back into tables that are there: with what they were written by, whatever comes first.
#[tokio::test]
async fn rows_that_are_restored_are_not_told_again_and_need_no_order() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    turn(&session, Table::On).await;
    assert_eq!(answer(test.submit(simple("ORD-1")).await).0, 201);
    let told = number(&session, "SELECT count(*) FROM outbox").await;
    // The number of the very transaction that puts it back, of an earlier history, among them.
    for xact in ["900000000", "pg_current_xact_id()::text"] {
        let id = format!("OLD-{}", xact.len());
        let sql = format!(
            "INSERT INTO order_events (order_id, first_version, at, events, epoch, xact)
             SELECT '{id}', 1, now(), '[{{\"type\":\"order.created\"}}]', min(epoch) - 9, ({xact})::text::xid8 FROM epochs"
        );
        run(&session, &sql).await;
    }
    assert_eq!(number(&session, "SELECT count(*) FROM outbox").await, told);
}

/// The other tables are put back to a time before an order, and the order comes again.
#[tokio::test]
async fn rows_of_a_history_that_was_lost_keep_no_order_from_its_commits() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    turn(&session, Table::On).await;
    assert_eq!(answer(test.submit(simple("ORD-1")).await).0, 201);
    let told = number(&session, "SELECT count(*) FROM outbox").await;
    let database = test.stop().await;
    let put_back = "DELETE FROM order_events; DELETE FROM payments; DELETE FROM orders; DELETE FROM idempotency_keys;
        UPDATE epochs SET timeline = 'FFFFFFFF'";
    run(&session, put_back).await;
    let test = TestEngine::on(database, settings()).await;
    assert_eq!(answer(test.submit(simple("ORD-1")).await).0, 201);
    let sql = "SELECT count(*) FROM (SELECT epoch FROM outbox GROUP BY epoch HAVING count(*) = $1) AS histories";
    let histories: i64 = session.query_one(sql, &[&told]).await.expect(sql).get(0);
    assert_eq!(histories, 2, "each is told in its own history");
}

/// A restore of the rows alone enables all triggers when it ends.
#[tokio::test]
async fn off_stays_off_whoever_enables_triggers() {
    let test = TestEngine::new().await;
    let session = test.database.client().await;
    for table in [Table::PersonalData, Table::Off] {
        turn(&session, table).await;
    }
    run(&session, "ALTER TABLE order_events ENABLE TRIGGER ALL").await;
    assert_eq!(answer(test.submit(simple("ORD-1")).await).0, 201);
    assert_eq!(number(&session, "SELECT count(*) FROM outbox").await, 0);
    assert_eq!(counterfoil::store::outbox_table::is(&session).await.expect("asked"), Table::Off);
    let collects = "SELECT count(*) FROM pg_trigger WHERE tgname = 'order_events_outbox' AND tgnewtable IS NOT NULL";
    assert_eq!(number(&session, collects).await, 0, "rows are collected for nobody");
    turn(&session, Table::On).await;
    assert_eq!(answer(test.submit(simple("ORD-2")).await).0, 201);
    assert!(number(&session, "SELECT count(*) FROM outbox").await > 0);
}

/// What a connector does: a publication of the table, and a slot. Rows that are trimmed are in the log all the same.
#[tokio::test]
async fn the_log_has_each_event_once_and_each_order_in_its_order() {
    let folder = Folder::new();
    let mut server = embedded_postgres::PostgresSettings::new(folder.0.join("data"));
    server.parameters.extend([("wal_level", "logical")].map(|(name, value)| (name.to_owned(), value.to_owned())));
    let server = EmbeddedPostgres::start(server).expect("start PostgreSQL");
    let url = server.database_url("postgres");
    let (mut session, connection) = tokio_postgres::connect(&url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    counterfoil::store::migrate::migrate(&mut session).await.expect("migrate");
    let published = "CREATE PUBLICATION counterfoil_outbox FOR TABLE outbox WITH (publish = 'insert')";
    run(&session, published).await;
    let slots = "SELECT pg_create_logical_replication_slot('as_text', 'test_decoding'),
        pg_create_logical_replication_slot('as_sent', 'pgoutput')";
    run(&session, slots).await;
    let config = config(&url, "outbox.table = true\n");
    let folders = [Folder::new(), Folder::new()];
    let programs = [serve(&folders[0], &config).await, serve(&folders[1], &config).await];
    stock(&programs[0]).await;
    place(&[&programs[0], &programs[1]], "ORD", 120).await;
    let trimmed = counterfoil(&["outbox", "trim", "--older-than", "0s", "--database-url", &url]);
    assert!(trimmed.status.success(), "{}", String::from_utf8_lossy(&trimmed.stderr));
    assert_eq!(number(&session, "SELECT count(*) FROM outbox").await, 0);
    let mut read: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let changes = "SELECT data FROM pg_logical_slot_get_changes('as_text', NULL, NULL)";
    for row in session.query(changes, &[]).await.expect("the log") {
        let text: String = row.get(0);
        let Some(row) = text.strip_prefix("table public.outbox: INSERT: ") else { continue };
        let value = |name: &str| row.split(&format!("{name}[text]:'")).nth(1)?.split('\'').next().map(str::to_owned);
        read.entry(value("aggregateid").expect(row)).or_default().push(value("id").expect(row));
    }
    assert_eq!(read, committed(&session).await);
    let sent = "SELECT count(*) FILTER (WHERE get_byte(data, 0) = ascii('I')),
            count(*) FILTER (WHERE get_byte(data, 0) IN (ascii('U'), ascii('D'), ascii('T')))
        FROM pg_logical_slot_get_binary_changes('as_sent', NULL, NULL, 'proto_version', '1',
            'publication_names', 'counterfoil_outbox')";
    let row = session.query_one(sent, &[]).await.expect("what is sent");
    let events: usize = read.values().map(Vec::len).sum();
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (i64::try_from(events).expect("few"), 0));
    drop::<[Program; 2]>(programs);
}
