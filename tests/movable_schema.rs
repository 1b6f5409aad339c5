//! Promise: the schema can move, while orders flow: a table says by what its rows are known, so that it may be published; a
//! migration is sent statement by statement, and tells which one failed; a key is promoted, and not built under a lock.

use std::error::Error as _;

use counterfoil::limits;
use counterfoil::store::migrate::{MigrateError, migrate};
use serde_json::json;
use tokio_postgres::Client as Session;

use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, answer, keyed, settings, simple, until};
use crate::support::fleet::{Asked, Participants, Setup, Site, order};
use crate::support::program::{Folder, PROGRAM, Program};

async fn number(session: &Session, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}")).get(0)
}

/// Tables of which a published UPDATE would be refused.
const NAMELESS: &str = "
SELECT c.relname::text FROM pg_class c
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.oid
      AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END)
ORDER BY 1";

#[tokio::test]
async fn every_table_says_by_what_its_rows_are_known() {
    let session = TestDatabase::new().await;
    let session = session.client().await;
    let tables = "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'";
    assert!(number(&session, tables).await > 20, "the tables are looked at");
    let nameless = session.query(NAMELESS, &[]).await.expect("the catalogue");
    let nameless: Vec<String> = nameless.iter().map(|row| row.get(0)).collect();
    assert!(nameless.is_empty(), "neither a primary key nor another replica identity: {nameless:?}");
}

/// As whoever follows its changes, or moves it elsewhere, publishes it.
#[tokio::test]
async fn a_database_that_is_published_takes_orders_captures_and_refunds() {
    let participants = Participants::behaving(&["--step", "fraud", "--step", "points"]).await;
    let steps: &[&str] =
        &["name = \"fraud\"\nbefore = \"payment\"", "name = \"points\"\nbefore = \"shipment\"\nundo = true"];
    let site = Site::new(&participants.program.url, Setup { steps, ..Setup::USUAL }).await;
    let admin = site.database.client().await;
    admin.batch_execute("CREATE PUBLICATION everything FOR ALL TABLES").await.expect("publish it");
    let engine = site.engine().await;
    let client = engine.client();
    let ask = async |asked: Asked, status: u16| {
        let path = asked.path.clone();
        let answer = asked.until_final(std::slice::from_ref(&client)).await;
        assert_eq!(answer.status, status, "{path}: {:?}", answer.body);
    };
    let with_key = |id: &str, asked: Asked| Asked { key: Some(format!("key-{id}-{}", asked.path.len())), ..asked };
    ask(with_key("HELD", Asked::submit(order("HELD", "pm_ok", "1", true))), 201).await;
    ask(with_key("HELD", Asked::verb("HELD", "capture", json!({"amount": 3000}))), 201).await;
    let back = json!({"amount": 500, "reason": "late"});
    ask(with_key("HELD", Asked::verb("HELD", "refunds", back)), 201).await;
    ask(Asked::submit(order("SENT", "pm_ok", "1", false)), 201).await;
    ask(Asked::submit(order("UNSENT", "pm_ok", "SHIP-FAIL", false)), 500).await;
    ask(Asked::submit(order("HELD-2", "pm_ok", "1", true)), 201).await;
    ask(Asked::verb("HELD-2", "cancel", json!({"reason": "hurry"})), 201).await;
    site.until("SELECT count(*) = 0 FROM order_work").await;
    let money = "SELECT count(*) FROM payments WHERE order_id = 'HELD' AND captured = 3000 AND refunded = 500";
    assert_eq!(number(&admin, money).await, 1);
    site.judge(&participants).await;
}

/// As the release before left it.
const BEFORE_THE_KEY: &str = "
    ALTER TABLE payments DROP CONSTRAINT payments_pkey, ADD CONSTRAINT payments_order_id_key UNIQUE (order_id);
    DELETE FROM refinery_schema_history WHERE version > 18;
    UPDATE deployment SET schema_version = 18, oldest_binary = '0.2.0'";

/// A transaction that writes payments, and goes on, keeps the index from being finished and the key from being promoted.
/// Nobody waits behind that; and what was built is promoted, and not built again.
#[tokio::test]
async fn the_key_of_payments_is_made_while_orders_flow() {
    let database = TestDatabase::new().await;
    let (admin, writer) = (database.client().await, database.client().await);
    // An engine of the release before would not care either.
    let test = TestEngine::on(database, settings()).await;
    test.stock("SKU-1", 1_000).await;
    admin.batch_execute(BEFORE_THE_KEY).await.expect("the earlier schema");
    let nameless = admin.query(NAMELESS, &[]).await.expect("the catalogue");
    assert_eq!(nameless.len(), 1, "as it was");
    assert_eq!(answer(test.submit(simple("O-1")).await).0, 201);
    writer.batch_execute("BEGIN; LOCK TABLE payments IN ROW EXCLUSIVE MODE").await.expect("write for long");
    let mut migrator = test.database.client().await;
    // A limit of the session's is none of the build, and counts again behind it.
    migrator.batch_execute("SET statement_timeout = '2s'").await.expect("be impatient");
    let migrated = tokio::spawn(async move {
        let applied = migrate(&mut migrator).await;
        (applied, migrator)
    });
    let builds = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY payments_pkey %'
        AND query_start < clock_timestamp() - interval '2500 milliseconds'";
    until("the build waits for longer than a statement may take", || async { number(&admin, builds).await == 1 }).await;
    for nth in 2..6 {
        assert_eq!(answer(test.submit(simple(&format!("O-{nth}"))).await).0, 201, "nobody waits behind it");
    }
    let built = "SELECT pg_relation_filenode('payments_pkey')::bigint";
    let file = number(&admin, built).await;
    writer.batch_execute("COMMIT").await.expect("end");
    let (applied, _migrator) = migrated.await.expect("no panic");
    assert!(applied.expect("the migration") >= 1);
    assert_eq!(number(&admin, built).await, file, "the index that was built is the key");
    let keys = "SELECT count(*) FROM pg_index WHERE indrelid = 'payments'::regclass AND indisunique";
    assert_eq!(number(&admin, keys).await, 1, "one index, as before");
    assert!(admin.query(NAMELESS, &[]).await.expect("the catalogue").is_empty());
    assert_eq!(answer(test.submit(simple("O-6")).await).0, 201);
    let twice = admin.execute("INSERT INTO payments SELECT * FROM payments WHERE order_id = 'O-1'", &[]).await;
    let code = twice.expect_err("one payment an order").code().cloned();
    assert_eq!(code, Some(tokio_postgres::error::SqlState::UNIQUE_VIOLATION));
    test.audit().await;
}

/// A build that was cut off left an index that is not valid.
#[tokio::test]
async fn the_key_is_begun_anew_where_its_build_was_cut_off() {
    let database = TestDatabase::new().await;
    let (admin, writer) = (database.client().await, database.client().await);
    admin.batch_execute(BEFORE_THE_KEY).await.expect("the earlier schema");
    writer.batch_execute("BEGIN; LOCK TABLE payments IN ROW EXCLUSIVE MODE").await.expect("write for long");
    let mut cut = database.client().await;
    let cut = tokio::spawn(async move { migrate(&mut cut).await });
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY%'";
    until("the build waits", || async { number(&admin, waits).await == 1 }).await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY%'";
    number(&admin, kill).await;
    let error = cut.await.expect("a task").expect_err("it was cut off");
    assert!(told(&error).contains("0019_payments_key: the index that it needs beforehand"), "{}", told(&error));
    let valid = "SELECT count(*) FROM pg_index WHERE indexrelid = 'payments_pkey'::regclass AND indisvalid";
    assert_eq!(number(&admin, valid).await, 0);
    writer.batch_execute("COMMIT").await.expect("end");
    migrate(&mut database.client().await).await.expect("the next one");
    assert_eq!(number(&admin, valid).await, 1);
    assert!(admin.query(NAMELESS, &[]).await.expect("the catalogue").is_empty());
}

/// The whole of what an error says.
fn told(error: &MigrateError) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}

/// Something of somebody's bears the name of a table that a migration makes.
#[tokio::test]
async fn a_migration_that_fails_names_its_statement_and_leaves_nothing() {
    let database = TestDatabase::blank().await;
    let (mut migrator, admin) = (database.client().await, database.client().await);
    admin.batch_execute("CREATE TABLE order_steps (mine integer)").await.expect("somebody's table");
    let error = migrate(&mut migrator).await.expect_err("the name is taken");
    let told = told(&error);
    assert!(told.contains("0018_steps, statement 3 of 6 (CREATE TABLE order_steps ("), "{told}");
    assert!(told.contains("order_steps") && told.contains("already exists"), "{told}");
    let applied = "SELECT max(version)::bigint FROM refinery_schema_history";
    assert_eq!(number(&admin, applied).await, 17, "each is a transaction of its own");
    let of_it = "SELECT count(*) FROM pg_class WHERE relname = 'saga_definitions'";
    assert_eq!(number(&admin, of_it).await, 0, "what failed left nothing");
    admin.batch_execute("DROP TABLE order_steps").await.expect("make room");
    assert!(migrate(&mut migrator).await.expect("the rest") >= 2);
}

/// In the eyes of the server, and so of whoever stands between.
#[tokio::test]
async fn statements_of_a_migration_are_sent_one_by_one() {
    let database = TestDatabase::new().await;
    let (admin, reader, mut migrator) = (database.client().await, database.client().await, database.client().await);
    let before = "DROP TABLE order_steps, saga_definitions; ALTER TABLE nodes DROP COLUMN steps;
        DELETE FROM refinery_schema_history WHERE version > 17;
        UPDATE deployment SET schema_version = 17, oldest_binary = '0.2.0'";
    admin.batch_execute(&format!("{BEFORE_THE_KEY}; {before}")).await.expect("the earlier schema");
    reader.batch_execute("BEGIN; SELECT count(*) FROM nodes").await.expect("read for long");
    let migrated = tokio::spawn(async move { migrate(&mut migrator).await });
    let waiting = "SELECT coalesce(min(query), '') FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%ALTER TABLE nodes%'";
    let sent = async || -> String { admin.query_one(waiting, &[]).await.expect("the activity").get(0) };
    until("it waits", || async { !sent().await.is_empty() }).await;
    until("it is seen", || async {
        let sent = sent().await;
        assert!(sent.is_empty() || sent == "ALTER TABLE nodes ADD COLUMN steps text[] NOT NULL DEFAULT '{}'", "{sent}");
        !sent.is_empty()
    })
    .await;
    reader.batch_execute("COMMIT").await.expect("end");
    migrated.await.expect("no panic").expect("the migrations");
}

/// Where another clock would be put: this one is 30 days ahead.
const AHEAD: &str = "
    CREATE OR REPLACE FUNCTION counterfoil_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        $$SELECT clock_timestamp() + interval '30 days'$$;
    CREATE OR REPLACE FUNCTION counterfoil_asked_at() RETURNS timestamptz LANGUAGE sql STABLE AS
        $$SELECT statement_timestamp() + interval '30 days'$$";

/// What was stamped otherwise, but for what was there already, as `table.column`, and how many columns were stamped at all.
async fn stamped_otherwise(session: &Session) -> (Vec<String>, usize) {
    let columns = "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.atttypid = 'timestamptz'::regtype
            AND NOT a.attisdropped AND c.relname NOT IN ('deployment', 'epochs') ORDER BY 1, 2";
    let (mut otherwise, mut stamped) = (Vec::new(), 0);
    for row in session.query(columns, &[]).await.expect("the catalogue") {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let sql = format!(
            "SELECT count({column}), count(*) FILTER (WHERE {column} < clock_timestamp() + interval '29 days') FROM {table}"
        );
        let row = session.query_one(&sql, &[]).await.expect("the stamps");
        stamped += usize::from(row.get::<_, i64>(0) > 0);
        if row.get::<_, i64>(1) > 0 {
            otherwise.push(format!("{table}.{column}"));
        }
    }
    (otherwise, stamped)
}

#[tokio::test]
async fn every_stamp_comes_from_one_clock() {
    let participants = Participants::behaving(&["--step", "fraud"]).await;
    let steps: &[&str] = &["name = \"fraud\"\nbefore = \"payment\""];
    let site = Site::new(&participants.program.url, Setup { steps, inventory: false, ..Setup::USUAL }).await;
    let admin = site.database.client().await;
    admin.batch_execute(AHEAD).await.expect("another clock");
    // Laid in by hand, and so by a default.
    admin.batch_execute("UPDATE inventory_journal SET at = DEFAULT").await.expect("lay in by that clock");
    let engine = site.engine().await;
    let client = engine.client();
    let ask = async |asked: Asked, status: u16| {
        let answer = asked.clone().until_final(std::slice::from_ref(&client)).await;
        assert_eq!(answer.status, status, "{}: {:?}", asked.path, answer.body);
    };
    let with_key = Asked { key: Some("k-1".into()), ..Asked::submit(order("DONE", "pm_ok", "1", false)) };
    ask(with_key, 201).await;
    let back = json!({"amount": 500, "reason": "late", "restock": [{"sku": "S", "quantity": 1}]});
    ask(Asked::verb("DONE", "refunds", back), 201).await;
    ask(Asked::submit(order("HELD", "pm_ok", "1", true)), 201).await;
    site.until("SELECT count(*) = 1 FROM order_work").await;
    let (otherwise, stamped) = stamped_otherwise(&admin).await;
    assert!(otherwise.is_empty(), "stamped by another clock: {otherwise:?}");
    assert!(stamped >= 12, "{stamped} columns are stamped: too few");
    // No default asks another one, nor does a function, but for the number of an epoch, which is no stamp.
    let elsewhere = "SELECT format('%s.%s', d.adrelid::regclass, a.attname)
        FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
        WHERE pg_get_expr(d.adbin, d.adrelid) ~* '(^|[^_])(now\\(|timestamp\\()|current_(time|date)'
            AND pg_get_expr(d.adbin, d.adrelid) !~ 'counterfoil_now\\('
        UNION ALL
        SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
            AND p.prosrc ~* '[^_]now\\(|clock_timestamp|statement_timestamp|current_timestamp'
            AND p.proname NOT IN ('counterfoil_now', 'counterfoil_asked_at', 'counterfoil_begin_epoch')";
    let elsewhere = admin.query(elsewhere, &[]).await.expect("the catalogue");
    let elsewhere: Vec<String> = elsewhere.iter().map(|row| row.get(0)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

/// One role migrates and another serves, where functions are not everybody's: who may enter an epoch may ask for the time.
#[tokio::test]
async fn whoever_may_write_orders_may_ask_the_clock() {
    let database = TestDatabase::new().await;
    let mut owner = database.client().await;
    let (serves, other) = (format!("serves_{}", std::process::id()), format!("other_{}", std::process::id()));
    let before = format!(
        "CREATE ROLE {serves}; CREATE ROLE {other};
         REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
         GRANT EXECUTE ON FUNCTION counterfoil_enter() TO {serves};
         DELETE FROM refinery_schema_history WHERE version > 20;
         UPDATE deployment SET schema_version = 20, oldest_binary = '0.2.0'"
    );
    owner.batch_execute(&before).await.expect("the earlier schema");
    assert!(migrate(&mut owner).await.expect("the migration") >= 1);
    for (role, may) in [(&serves, true), (&other, false)] {
        for function in ["counterfoil_now()", "counterfoil_asked_at()"] {
            let asked = "SELECT has_function_privilege($1::text::name, $2::text, 'EXECUTE')";
            let told: bool = owner.query_one(asked, &[role, &function]).await.expect("an answer").get(0);
            assert_eq!(told, may, "{role}: {function}");
        }
    }
    // Where only what was made of late is not everybody's, everybody may enter an epoch.
    let later = TestDatabase::new().await;
    let mut session = later.client().await;
    let before = "
        REVOKE EXECUTE ON FUNCTION counterfoil_now(), counterfoil_asked_at() FROM PUBLIC;
        DELETE FROM refinery_schema_history WHERE version > 20;
        UPDATE deployment SET schema_version = 20, oldest_binary = '0.2.0'";
    session.batch_execute(before).await.expect("the earlier schema");
    migrate(&mut session).await.expect("the migration");
    let asked = format!("SELECT has_function_privilege('{other}', 'counterfoil_now()', 'EXECUTE')");
    assert!(session.query_one(&asked, &[]).await.expect("an answer").get::<_, bool>(0));
    let end = format!("DROP OWNED BY {serves}; DROP ROLE {serves}; DROP ROLE {other}");
    owner.batch_execute(&end).await.expect("leave no role");
}

/// The CHECKs as whoever passes errors on would tell of them: without the field of the name, in another language. How often each
/// was reached is counted where no rollback takes it back.
const FOREIGN: &str = "
    CREATE SEQUENCE oversold_told;
    CREATE SEQUENCE bounded_told;
    ALTER TABLE inventory DROP CONSTRAINT inventory_not_oversold;
    CREATE FUNCTION oversold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.reserved < 0 OR NEW.reserved > NEW.on_hand THEN
            PERFORM nextval('oversold_told');
            RAISE EXCEPTION 'la nouvelle ligne viole la contrainte de vérification « inventory_not_oversold »'
                USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER oversold BEFORE UPDATE ON inventory FOR EACH ROW EXECUTE FUNCTION oversold();
    ALTER TABLE order_keys DROP CONSTRAINT order_keys_bounded;
    CREATE FUNCTION bounded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.submissions > 63 OR NEW.verbs > 256 THEN
            PERFORM nextval('bounded_told');
            RAISE EXCEPTION 'neue Zeile verletzt Check-Constraint »order_keys_bounded«' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER bounded BEFORE INSERT OR UPDATE ON order_keys FOR EACH ROW EXECUTE FUNCTION bounded()";

#[tokio::test]
async fn an_error_is_known_in_whatever_language_and_field_it_comes() {
    let test = TestEngine::on(TestDatabase::new().await, settings()).await;
    test.stock("SKU-1", 3).await;
    test.database.client().await.batch_execute(FOREIGN).await.expect("other words");
    let orders = (0..8).map(|nth| test.submit(simple(&format!("O-{nth}"))));
    let told: Vec<_> = futures_util::future::join_all(orders).await.into_iter().map(answer).collect();
    let of = |status: u16| told.iter().filter(|(got, ..)| *got == status).count();
    assert_eq!((of(201), of(409)), (3, 5), "{told:?}");
    assert!(told.iter().all(|(status, body, _)| *status == 201 || body.contains("out_of_stock")), "{told:?}");
    let raised = async |which: &str| {
        test.count(&format!("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {which}_told")).await
    };
    assert!(raised("oversold").await > 0, "the constraint was told of, in French");
    // Repeats under keys of their own, one fewer than an order binds; then one that finds room, and waits at the count for another
    // engine, which binds the last. Of one engine's repeats each would have seen the one before.
    let id = (0..8).find(|nth| told[*nth].0 == 201).map(|nth| format!("O-{nth}")).expect("one was placed");
    let repeat = |nth: i16| test.submit(keyed(simple(&id), &format!("k-{nth}")));
    let last = limits::LATER_KEYS - 1;
    for nth in 0..last {
        assert_eq!(answer(repeat(nth).await).0, 201);
    }
    assert_eq!(raised("bounded").await, 0, "there was room");
    let other = test.database.client().await;
    other.batch_execute("BEGIN; UPDATE order_keys SET submissions = submissions + 1").await.expect("bind the last");
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE '%INSERT INTO order_keys%'";
    let bind = async {
        until("it waits at the count", || async { test.count(waiting).await == 1 }).await;
        other.batch_execute("COMMIT").await.expect("it is bound");
    };
    let (late, ()) = tokio::join!(repeat(last), bind);
    assert_eq!(answer(late).0, 201, "a repeat gets its answer, bound or not");
    assert_eq!(raised("bounded").await, 1, "it was refused, in German");
    assert_eq!(test.count("SELECT submissions::bigint FROM order_keys").await, i64::from(limits::LATER_KEYS));
    let bound = "SELECT count(*) FROM idempotency_keys WHERE key LIKE 'k-%'";
    assert_eq!(test.count(bound).await, i64::from(last), "what was refused is not bound");
    assert_eq!(answer(repeat(last + 1).await).0, 201);
    assert_eq!(raised("bounded").await, 1, "who sees that there is no room does not ask for it");
}

/// The sessions of others are nobody's to ask: whoever writes an order writes down how it plans.
const TELLS: &str = "
    CREATE TABLE told (mode text, cost text, jit text, hash text);
    CREATE FUNCTION tells() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO told VALUES (current_setting('plan_cache_mode'), current_setting('seq_page_cost'), current_setting('jit'),
            current_setting('enable_hashjoin'));
        RETURN NULL;
    END $$;
    CREATE TRIGGER tells AFTER INSERT ON orders FOR EACH STATEMENT EXECUTE FUNCTION tells()";

/// What is configured reaches the sessions, and the rest is as ever; what the server does not take ends the program at its start.
#[tokio::test]
async fn plans_are_settings() {
    let database = TestDatabase::new().await;
    let admin = database.client().await;
    admin.batch_execute(TELLS).await.expect("a trigger");
    let lay_in = "INSERT INTO inventory (sku, on_hand) VALUES ('S', 10);
        INSERT INTO inventory_journal (sku, delta, reason, client) VALUES ('S', 10, 'laid in', 'test')";
    admin.batch_execute(lay_in).await.expect("lay in stock");
    let usual = format!("database.url = \"{}\"\n", database.url());
    let configured = "database.planner.commit.plan_cache_mode = \"auto\"\ndatabase.planner.commit.seq_page_cost = 0.5\n\
        database.planner.every.jit = true\n";
    for (id, config, expected) in [
        ("O-1", usual.clone(), ["force_generic_plan", "1", "off", "off"]),
        ("O-2", format!("{usual}{configured}"), ["auto", "0.5", "on", "off"]),
    ] {
        let folder = Folder::new();
        let program = Program::serve(&folder, &config).await;
        program.until_ready().await;
        let asked = Asked::submit(order(id, "house_account", "1", false));
        assert_eq!(asked.send(&program.client()).await.status, 201);
        let row = admin.query_one("DELETE FROM told RETURNING *", &[]).await.expect("what it told");
        let told = [0, 1, 2, 3].map(|column| row.get::<_, String>(column));
        assert_eq!(told, expected.map(str::to_owned));
    }
    let folder = Folder::new();
    let wrong = format!("server.listen = \"127.0.0.1:0\"\n{usual}database.planner.feed.enable_teleports = \"on\"\n");
    let path = folder.file("wrong.toml", &wrong);
    let output = std::process::Command::new(PROGRAM).args(["serve", "--config"]).arg(path).output().expect("run serve");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(told.contains("database.planner.feed.enable_teleports") && told.contains("does not take"), "{told}");
}
