//! The audit's eyes, tried from the catalogue and not from a list: of a database with an order of every kind, every
//! column of every row of every table is changed, one at a time, and the audit names somebody, or the database refuses,
//! or the column stands here with its reason. No column of the tables that hold the truth stands here but a stamp of
//! transactions, which every commit draws anew.

use std::collections::{BTreeMap, BTreeSet};

use counterfoil::store::audit::Auditor;
use tokio_postgres::{Client, Transaction};

use super::healthy;
use crate::support::database::TestDatabase;

/// Tables of which nothing may change unseen but what a commit draws anew.
const STRICT: &[&str] = &[
    "orders",
    "payments",
    "refunds",
    "inventory",
    "inventory_journal",
    "idempotency_keys",
    "order_events",
    "pruned_orders",
    "order_steps",
    "saga_definitions",
];

/// What may change without anybody being named, and why. `*` is every column of a table.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("orders", "commit_id", "64 random bits of whoever wrote the row last"),
    ("saga_definitions", "stored_at", "when it was first begun under; nothing is decided by it"),
    ("orders", "updated_at", "a stamp that nothing is decided by"),
    ("idempotency_keys", "commit_id", "as of orders"),
    ("order_events", "xact", "the transaction's own number: it rises with an order's versions, and may be any other"),
    ("order_events", "epoch", "likewise, the number of its history"),
    ("outbox_relays", "*", "how far sinks are; what they have is theirs to say"),
    ("outbox_divisions", "*", "where former parts of sinks were stopped: likewise"),
    ("outbox_skips", "*", "what operators have sinks pass over"),
    ("outbox", "*", "copies of events, for whoever reads the log; the events themselves are seen to"),
    ("outbox_log", "*", "who did what to a sink is known to the log alone"),
    ("webhook_endpoints", "*", "where events are posted to, and how far that is"),
    ("webhook_waiting", "*", "what an endpoint has yet to get"),
    ("webhook_set_aside", "*", "likewise"),
    ("outbox_leases", "*", "who publishes; an order's rows know nothing of it"),
    ("epochs", "*", "the histories of this database, which no order knows of"),
    ("order_work", "wake_at", "when it is tried next: later is no harm to an order that is not overdue"),
    ("order_work", "expires_at", "a deadline: what follows from it is in the events once it passed"),
    ("order_work", "intent_at", "counts the age of a key; the participant's own memory of the key decides"),
    ("order_work", "attempts", "how often a call was repeated under its one key"),
    ("order_work", "claims", "how often it was taken up without progress"),
    ("order_work", "owner", "a lease saves work; safety does not rest on it"),
    ("order_work", "written_at", "tells a clock that was set back; from the past it tells nothing"),
    ("order_work", "last_error", "words for an operator, should the order be set aside"),
    ("order_work", "look_first", "has a participant asked before anything is sent, or not again"),
    ("order_work", "look", "has a participant asked once more, or once less"),
    ("order_keys", "*", "how many keys an order has beside its own: a bound on what it may fill, and no more"),
    ("operator_log", "entry_id", "a random name"),
    ("operator_log", "at", "the log's own time; the events have theirs"),
    ("operator_log", "by", "who said it is known to the log alone"),
    ("operator_log", "reason", "of a retry it is known to the log alone"),
    ("deployment", "*", "who this database is: a ledger knows it, no row does"),
    ("nodes", "*", "what engines tell of themselves, for people"),
    ("webhook_inbox", "*", "hints of participants, who are asked themselves"),
    ("refinery_schema_history", "*", "which migrations ran: the runner checks them"),
];

/// Rows that may vanish unseen, as a condition of SQL: a key whose order bears a name of its own, or that was refused,
/// is known to nobody else. What it vanishes with is a repeat, not the order.
const MAY_VANISH: &[(&str, &str)] = &[(
    "idempotency_keys",
    "NOT (order_id LIKE 'ik\\_%' AND route = 'POST /orders' OR order_id IS NOT NULL AND route LIKE '%/refunds')",
)];

#[derive(Debug, Clone)]
struct Column {
    table: String,
    name: String,
    kind: String,
}

/// One change of one row.
#[derive(Debug)]
struct Mutation {
    /// As SQL.
    sql: String,
    /// What it changes, for people.
    told: String,
}

async fn columns(client: &Client) -> Vec<Column> {
    let sql = "
        SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0
          AND NOT a.attisdropped
        ORDER BY c.relname, a.attnum";
    let rows = client.query(sql, &[]).await.expect("read the catalogue");
    rows.iter().map(|row| Column { table: row.get(0), name: row.get(1), kind: row.get(2) }).collect()
}

/// What a value of a type becomes, as expressions over `c`, the column; and what stands for one that is absent.
fn changes(column: &Column) -> (Vec<String>, String) {
    let Column { table, name, kind } = column;
    let c = format!("{table}.\"{name}\"");
    let other = |pick: &str| format!("(SELECT {pick}(o.\"{name}\") FROM {table} AS o WHERE o.\"{name}\" <> {c})");
    match kind.as_str() {
        "smallint" | "integer" | "bigint" => (vec![format!("{c} + 1"), format!("{c} - 1")], "1".into()),
        "text" => (vec![format!("{c} || 'x'"), other("min"), other("max")], "'x'".into()),
        "character varying" => (vec![format!("{c} || 'x'")], "'x'".into()),
        "boolean" => (vec![format!("NOT {c}")], "true".into()),
        "timestamp with time zone" => {
            (vec![format!("{c} + interval '1 day'"), format!("{c} - interval '1 day'")], "now()".into())
        }
        "bytea" => {
            let flip = |at: &str| format!("set_byte({c}, {at}, get_byte({c}, {at}) # 1)");
            (vec![flip("0"), flip(&format!("octet_length({c}) - 1"))], r"'\x01'".into())
        }
        "uuid" => (vec!["gen_random_uuid()".into()], "gen_random_uuid()".into()),
        "xid8" => (vec!["'7'::xid8".into()], "'7'::xid8".into()),
        other => panic!("{table}.{name} is of the type {other}, of which no change is known here"),
    }
}

/// Every change of every row of a column.
async fn mutations(client: &Client, column: &Column) -> Vec<Mutation> {
    let Column { table, name, .. } = column;
    let rows = client.query(&format!("SELECT ctid::text, {table}::text FROM {table}"), &[]).await.expect("the rows");
    let (mut values, instead) = changes(column);
    values.push("NULL".into());
    let c = format!("{table}.\"{name}\"");
    let absent = format!("(SELECT coalesce(min(o.\"{name}\"::text), {instead}::text) FROM {table} AS o)");
    let cast = if column.kind == "text" { String::new() } else { format!("::{}", column.kind) };
    values.push(format!("CASE WHEN {c} IS NULL THEN {absent}{cast} ELSE {c} END"));
    let mut found = Vec::new();
    for row in rows {
        let (ctid, shown): (String, String) = (row.get(0), row.get(1));
        for value in &values {
            let sql = format!(
                "UPDATE {table} SET \"{name}\" = {value} WHERE ctid = '{ctid}' AND ({value}) IS DISTINCT FROM {c}"
            );
            found.push(Mutation { sql, told: format!("{table}.{name} = {value} of {shown}") });
        }
    }
    found
}

async fn vanishings(client: &Client, table: &str) -> Vec<Mutation> {
    let may_stay = MAY_VANISH.iter().find(|(name, _)| *name == table).map_or("false", |(_, which)| which);
    let sql = format!("SELECT ctid::text, {table}::text FROM {table} WHERE ({may_stay}) IS NOT TRUE");
    let rows = client.query(&sql, &[]).await.expect("the rows");
    let vanish = |row: &tokio_postgres::Row| {
        let (ctid, shown): (String, String) = (row.get(0), row.get(1));
        Mutation { sql: format!("DELETE FROM {table} WHERE ctid = '{ctid}'"), told: format!("no {table} {shown}") }
    };
    rows.iter().map(vanish).collect()
}

/// Who saw a mutation.
enum Seen {
    /// A constraint refused it.
    Database,
    /// The audit named somebody.
    Audit,
    Nobody,
}

/// `None` where it changes nothing.
async fn seen(transaction: &Transaction<'_>, auditor: &Auditor<'_>, mutation: &Mutation) -> Option<Seen> {
    transaction.batch_execute("SAVEPOINT before").await.expect("a savepoint");
    let seen = match transaction.execute(&mutation.sql, &[]).await {
        Ok(0) => None,
        Ok(_) => match auditor.first_broken().await.expect(&mutation.told) {
            Some(_) => Some(Seen::Audit),
            None => Some(Seen::Nobody),
        },
        Err(error) => {
            let class = error.code().map_or("", |code| &code.code()[..2]);
            assert_eq!(class, "23", "{}: no constraint refused it: {error:?}", mutation.sql);
            Some(Seen::Database)
        }
    };
    transaction.batch_execute("ROLLBACK TO SAVEPOINT before").await.expect("undo it");
    seen
}

/// How many were refused by the database, how many seen by the audit, and which by nobody.
async fn try_out(copy: &TestDatabase, mutations: Vec<Mutation>) -> (usize, usize, Vec<String>) {
    let mut client = copy.client().await;
    let transaction = client.transaction().await.expect("begin");
    let auditor = Auditor::within(&transaction).await.expect("the audit's helpers");
    assert_eq!(auditor.first_broken().await.expect("audit"), None, "nothing is broken before");
    let (mut refused, mut named, mut unseen) = (0, 0, Vec::new());
    for mutation in mutations {
        match seen(&transaction, &auditor, &mutation).await {
            None => {}
            Some(Seen::Database) => refused += 1,
            Some(Seen::Audit) => named += 1,
            Some(Seen::Nobody) => unseen.push(mutation.told),
        }
    }
    (refused, named, unseen)
}

#[test]
fn what_may_change_unseen_is_nothing_that_counts() {
    for (table, column, why) in UNSEEN {
        let stamp = matches!(*column, "commit_id" | "updated_at" | "xact" | "epoch" | "stored_at");
        assert!(stamp || !STRICT.contains(table), "{table}.{column}: {why}");
    }
}

#[tokio::test]
async fn no_column_changes_unseen() {
    const HANDS: usize = 4;
    let original = healthy().await.copy().await;
    let mut shares: Vec<Vec<Mutation>> = (0..HANDS).map(|_| Vec::new()).collect();
    {
        let client = original.client().await;
        let columns = columns(&client).await;
        let tables: BTreeSet<&str> = columns.iter().map(|column| &*column.table).collect();
        assert!(STRICT.iter().all(|table| tables.contains(table)), "the tables are those of the schema: {tables:?}");
        let may = |column: &Column| {
            UNSEEN.iter().any(|(table, name, _)| *table == column.table && (*name == column.name || *name == "*"))
        };
        let mut all = Vec::new();
        for column in columns.iter().filter(|column| !may(column)) {
            let found = mutations(&client, column).await;
            assert!(!found.is_empty(), "no row of {} is there to be changed", column.table);
            all.extend(found);
        }
        for table in STRICT {
            all.extend(vanishings(&client, table).await);
        }
        for (place, mutation) in all.into_iter().enumerate() {
            shares[place % HANDS].push(mutation);
        }
    }
    let mut copies = Vec::new();
    for _ in 0..HANDS {
        copies.push(original.copy().await);
    }
    let hand = |(copy, share): (TestDatabase, Vec<Mutation>)| {
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(try_out(&copy, share))
        })
    };
    let hands: Vec<_> = copies.into_iter().zip(shares).map(hand).collect();
    let (mut refused, mut named, mut unseen) = (0, 0, BTreeMap::<String, Vec<String>>::new());
    for hand in hands {
        let (by_database, by_audit, told) = hand.join().expect("a hand");
        refused += by_database;
        named += by_audit;
        for told in told {
            let what = told.split(" of ").next().unwrap_or_default().to_owned();
            unseen.entry(what).or_default().push(told);
        }
    }
    println!("{named} changes were named by the audit, {refused} refused by the database");
    assert!(unseen.is_empty(), "nobody saw {unseen:#?}");
    assert!(named > 2_000, "only {named} changes were named");
}

/// What an engine would write: events, what follows of them in the rows, and in the steps of one's own.
#[derive(Clone, Copy)]
struct Part {
    events: &'static [&'static str],
    rows: &'static str,
    steps: &'static [(usize, &'static str)],
}

const NOTHING: Part = Part { events: &[], rows: "", steps: &[] };

const fn done(event: &'static [&'static str], steps: &'static [(usize, &'static str)]) -> Part {
    Part { events: event, rows: "", steps }
}

/// All of it as one commit of an order, rows and events of one mind.
fn commit(id: &str, parts: &[Part]) -> String {
    let events: Vec<&str> = parts.iter().flat_map(|part| part.events).copied().collect();
    let status = |(nth, status): &(usize, &str)| {
        format!(
            "UPDATE order_steps SET steps = jsonb_set(steps::jsonb, '{{{nth},status}}', '\"{status}\"')
                WHERE order_id = '{id}';"
        )
    };
    let steps: String = parts.iter().flat_map(|part| part.steps).map(status).collect();
    let rows: Vec<String> = parts.iter().map(|part| part.rows.replace("{id}", id)).collect();
    format!(
        "INSERT INTO order_events (order_id, first_version, at, events)
             SELECT order_id, version + 1, updated_at, '[{events}]' FROM orders WHERE order_id = '{id}';
         UPDATE orders SET version = version + {count} WHERE order_id = '{id}';
         UPDATE order_work SET version = version + {count} WHERE order_id = '{id}';
         {steps} {rows}",
        events = events.join(","),
        count = events.len(),
        rows = rows.join(";")
    )
}

/// An order in which something comes in its turn, and before it where `first` is not there.
struct Turn {
    what: &'static str,
    order_id: &'static str,
    given: Part,
    first: Part,
    then: Part,
}

const HELD: Part = done(&[r#"{"type":"step.done","step":"hold"}"#], &[(0, "done")]);
const RESERVED: Part = Part {
    events: &[r#"{"type":"inventory.reserved"}"#],
    rows: "UPDATE orders SET state = 'INVENTORY_RESERVED', stock = 'reserved' WHERE order_id = '{id}';
        UPDATE inventory SET reserved = reserved + CASE sku WHEN 'SKU-1' THEN 3 ELSE 1 END
            WHERE sku IN ('SKU-1', 'SKU-2')",
    steps: &[(1, "intended")],
};
const HELD_AND_RESERVED: Part =
    Part { events: &[HELD.events[0], RESERVED.events[0]], steps: &[(0, "done"), (1, "intended")], ..RESERVED };
const FRAUD: Part = done(&[r#"{"type":"step.done","step":"fraud"}"#], &[(1, "done")]);
const LIMIT: Part = Part {
    rows: "INSERT INTO payments (order_id, status, known, amount, captured, refunded)
        VALUES ('{id}', 'intended', false, 4500, 0, 0)",
    ..done(&[r#"{"type":"step.done","step":"limit"}"#], &[(2, "done")])
};
const TO_THE_PARCEL: Part = Part {
    events: &[
        HELD.events[0],
        RESERVED.events[0],
        FRAUD.events[0],
        LIMIT.events[0],
        CHARGED,
        r#"{"type":"step.done","step":"points"}"#,
    ],
    rows: "UPDATE inventory SET reserved = reserved + CASE sku WHEN 'SKU-1' THEN 3 ELSE 1 END
            WHERE sku IN ('SKU-1', 'SKU-2');
        INSERT INTO payments (order_id, status, known, amount, captured, refunded)
            VALUES ('{id}', 'charged', true, 4500, 4500, 0);
        UPDATE orders SET state = 'PAYMENT_CHARGED', stock = 'reserved', shipment = 'intended' WHERE order_id = '{id}'",
    steps: &[(0, "done"), (1, "done"), (2, "done"), (3, "done")],
};
const CHARGED: &str = r#"{"type":"payment.charged","amount":4500}"#;
const SHIPPED: Part = Part {
    events: &[r#"{"type":"shipment.created"}"#],
    rows: "UPDATE orders SET state = 'SHIPMENT_CREATED', shipment = 'created' WHERE order_id = '{id}'",
    steps: &[],
};

const TURNS: &[Turn] = &[
    Turn {
        what: "goods are reserved behind the step before them",
        order_id: "ORD-STEP-WAITS",
        given: NOTHING,
        first: HELD,
        then: RESERVED,
    },
    Turn {
        what: "a step comes behind the one before it",
        order_id: "ORD-STEP-WAITS",
        given: HELD_AND_RESERVED,
        first: FRAUD,
        then: LIMIT,
    },
    Turn {
        what: "money is taken behind the check",
        order_id: "ORD-STEP",
        given: NOTHING,
        first: done(FRAUD.events, &[(0, "done")]),
        then: Part {
            events: &[CHARGED],
            rows: "UPDATE orders SET state = 'PAYMENT_CHARGED', shipment = 'intended' WHERE order_id = '{id}';
                INSERT INTO payments (order_id, status, known, amount, captured, refunded)
                    VALUES ('{id}', 'charged', true, 4500, 4500, 0)",
            steps: &[],
        },
    },
    Turn {
        what: "a parcel leaves behind the points",
        order_id: "ORD-STEP-NEXT",
        given: NOTHING,
        first: done(&[r#"{"type":"step.done","step":"points"}"#], &[(0, "done")]),
        then: SHIPPED,
    },
    Turn {
        what: "the last step comes behind the parcel",
        order_id: "ORD-STEP-WAITS",
        given: TO_THE_PARCEL,
        first: SHIPPED,
        then: done(&[r#"{"type":"step.done","step":"gift"}"#], &[(4, "done")]),
    },
];

/// Of orders that are being undone: what is of no turn any more.
const TOO_LATE: (&str, Part) = ("ORD-STEP-BACK", done(&[r#"{"type":"step.done","step":"gift"}"#], &[(4, "done")]));

/// Of the same, its end: the undo of its first step is under way until then. `{undone}` stands for what its answer tells.
const UNHELD: Part = done(&[r#"{"type":"step.undone","step":"hold"}"#], &[(0, "undone")]);
const ENDED: Part = Part {
    events: &[r#"{"type":"order.cancelled"}"#],
    rows: r#"UPDATE orders SET state = 'CANCELLED', answer_status = 409, answer = '{"type":"urn:counterfoil:problem:step_refused","title":"Step refused","status":409,"detail":"the step fraud refused the order; what was done was undone","code":"step_refused","order_id":"{id}","final":true,"step":"fraud","reason":"suspicious","compensations":[{undone}]}'
            WHERE order_id = '{id}';
        DELETE FROM order_work WHERE order_id = '{id}'"#,
    steps: &[],
};

/// What was done is undone in reverse: the last commits of an order whose rows are the same whichever way it was.
const UNDONE: &str = "ORD-STEP-UNDONE";
const BACK: [&str; 2] = [r#"{"type":"step.undone","step":"points"}"#, r#"{"type":"payment.refunded","amount":4500}"#];

fn undone(first: &str, then: &str) -> String {
    format!(
        r#"UPDATE order_events SET events = CASE first_version
               WHEN 6 THEN '[{first}]' ELSE '[{then},{{"type":"inventory.released"}},{{"type":"order.cancelled"}}]' END
           WHERE order_id = '{UNDONE}' AND first_version IN (6, 7)"#
    )
}

/// Rows and events of one mind are not enough: a step is done when those before it are. Each is judged beside what it differs
/// from by that alone, which is healthy.
#[tokio::test]
async fn what_comes_before_its_turn_is_named() {
    let copy = healthy().await.copy().await;
    let mut client = copy.client().await;
    let transaction = client.transaction().await.expect("begin");
    let auditor = Auditor::within(&transaction).await.expect("the audit's helpers");
    assert_eq!(auditor.first_broken().await.expect("audit"), None, "nothing is broken before");
    let judged = async |told: &str| {
        transaction.batch_execute("SAVEPOINT before").await.expect("a savepoint");
        transaction.batch_execute(told).await.expect(told);
        let found = auditor.first_broken().await.expect("audit");
        transaction.batch_execute("ROLLBACK TO SAVEPOINT before").await.expect("undo it");
        found
    };
    let broken = |id: &str| Some(("state_is_the_replay", id.to_owned()));
    let mut wrong = Vec::new();
    for Turn { what, order_id, given, first, then } in TURNS {
        let in_turn = judged(&commit(order_id, &[*given, *first, *then])).await;
        let early = judged(&commit(order_id, &[*given, *then])).await;
        if (&in_turn, &early) != (&None, &broken(order_id)) {
            wrong.push(format!("{what}: in turn {in_turn:?}, before it {early:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let [step, money] = BACK;
    assert_eq!(judged(&undone(step, money)).await, None, "as it was");
    assert_eq!(judged(&undone(money, step)).await, broken(UNDONE));
    let (order_id, late) = TOO_LATE;
    assert_eq!(judged(&commit(order_id, &[late])).await, broken(order_id));
    let ended = |parts: &[Part], told: &str| commit(order_id, parts).replace("{undone}", told);
    let whole = ended(&[UNHELD, ENDED], r#""inventory.released","step.undone""#);
    assert_eq!(judged(&whole).await, None, "all of it is undone");
    let early = ended(&[ENDED], r#""inventory.released""#);
    assert_eq!(judged(&early).await, broken(order_id));
}
