//! Promise: nothing partial survives a failure, between any two statements of a commit; a lost connection and a lost
//! reply leave the outcome unknown to the client only until it repeats; a poisonous order spoils no neighbour.

use counterfoil::engine::{Submission, SubmitError};
use counterfoil::faults::{FaultKind, Point};
use futures_util::future::join_all;

use crate::support::engine::{TestEngine, answer, keyed, order, request, simple, until};

/// Every point inside of the transaction.
const INSIDE: [Point; 9] = [
    Point::AfterBegin,
    Point::AfterKeysInsert,
    Point::AfterOrdersInsert,
    Point::AfterOrdersUpdate,
    Point::AfterPayments,
    Point::AfterWork,
    Point::AfterEventsInsert,
    Point::AfterInventoryUpdate,
    Point::BeforeCommit,
];

const ROWS: &str = "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM payments)
    + (SELECT count(*) FROM order_events) + (SELECT count(*) FROM idempotency_keys)";

/// An order whose stock is counted under lock, in two round trips: its payment is declined.
fn counted(id: &str) -> Submission {
    order(id, request(&[("SKU-1", 1)], "pm_declined"))
}

#[tokio::test]
async fn an_error_between_any_two_statements_leaves_nothing() {
    for point in INSIDE {
        for (make, status) in [(simple as fn(&str) -> Submission, 201), (counted, 402)] {
            let test = TestEngine::new().await;
            test.arm(point, FaultKind::Error, Some("A"), 1);
            match test.submit(keyed(make("A"), "k")).await {
                Err(SubmitError::Internal(_)) => {}
                other => panic!("{point:?}: {other:?}"),
            }
            assert_eq!(test.count(ROWS).await, 0, "{point:?}");
            assert_eq!(test.on_hand("SKU-1").await, (1_000_000, 0), "{point:?}");
            assert!(test.faults.armed().is_empty(), "{point:?}: spent");
            let (got, _, replayed) = answer(test.submit(keyed(make("A"), "k")).await);
            assert_eq!((got, replayed), (status, false), "{point:?}: the retry has its answer, as the first");
            // Whichever connection they get.
            for n in 0..4 {
                assert_eq!(answer(test.submit(make(&format!("B-{n}"))).await).0, status, "{point:?}");
            }
            test.audit().await;
        }
    }
}

/// Some of them are written by one statement. Whichever row of it fails, by a rule of the shop's own.
#[tokio::test]
async fn a_row_that_cannot_be_written_leaves_nothing_of_its_order() {
    for table in ["orders", "payments", "order_events"] {
        let test = TestEngine::new().await;
        let rule = format!(
            "CREATE FUNCTION no_a() RETURNS trigger LANGUAGE plpgsql AS
                 $$BEGIN IF NEW.order_id = 'A' THEN RAISE 'no A'; END IF; RETURN NEW; END$$;
             CREATE TRIGGER no_a BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION no_a()"
        );
        test.database.client().await.batch_execute(&rule).await.expect(table);
        test.hold_up_commits();
        let sent = (0..8).map(|n| test.submit(keyed(simple(&format!("B-{n}")), &format!("b-{n}"))));
        let (refused, others) = tokio::join!(test.submit(keyed(simple("A"), "a")), join_all(sent));
        assert!(matches!(refused, Err(SubmitError::Internal(_))), "{table}: {refused:?}");
        others.into_iter().for_each(|one| assert_eq!(answer(one).0, 201, "{table}"));
        assert_eq!(test.count(ROWS).await, 4 * 8, "{table}: nothing but what the others have");
        assert_eq!(test.on_hand("SKU-1").await.0, 1_000_000 - 8, "{table}");
        test.audit().await;
    }
}

#[tokio::test]
async fn a_panic_of_the_committer_anywhere_is_survived() {
    for point in INSIDE.into_iter().chain([Point::AfterCommit]) {
        let test = TestEngine::new().await;
        test.arm(point, FaultKind::Panic, None, 1);
        let (status, ..) = answer(test.submit(simple("A")).await);
        assert_eq!(status, 201, "{point:?}");
        assert_eq!(test.count("SELECT count(*) FROM orders").await, 1, "{point:?}");
        assert_eq!(test.on_hand("SKU-1").await, (999_999, 0), "{point:?}");
        test.audit().await;
    }
}

#[tokio::test]
async fn a_reply_lost_after_commit_is_read_again_by_key() {
    let test = TestEngine::new().await;
    test.arm(Point::AfterCommit, FaultKind::Error, None, 1);
    let (status, _, replayed) = answer(test.submit(simple("A")).await);
    assert_eq!((status, replayed), (201, false));
    assert_eq!(test.count("SELECT count(*) FROM order_events").await, 1, "not written again");
    test.audit().await;
}

#[tokio::test]
async fn a_connection_killed_before_commit_is_driven_again() {
    let test = TestEngine::new().await;
    test.arm(Point::BeforeCommit, FaultKind::Delay, None, 1);
    let killer = test.database.client().await;
    let kill = async {
        until("the committer sleeps in its transaction", || async {
            let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                       WHERE datname = current_database() AND query LIKE '%pg_sleep(60)' AND pid <> pg_backend_pid()";
            killer.query_one(sql, &[]).await.expect("ask for the sleeper").get::<_, i64>(0) > 0
        })
        .await;
    };
    let (verdict, ()) = tokio::join!(test.submit(simple("A")), kill);
    assert_eq!(answer(verdict).0, 201);
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 1);
    assert_eq!(test.on_hand("SKU-1").await, (999_999, 0));
    test.audit().await;
}

#[tokio::test]
async fn one_poisonous_order_spoils_no_neighbour() {
    let test = TestEngine::new().await;
    test.hold_up_commits();
    test.arm(Point::AfterEventsInsert, FaultKind::Error, Some("P-17"), 1);
    let orders: Vec<_> = (0..40).map(|n| simple(&format!("P-{n}"))).collect();
    let verdicts = join_all(orders.into_iter().map(|order| test.submit(order))).await;
    for (n, verdict) in verdicts.into_iter().enumerate() {
        if n == 17 {
            assert!(matches!(verdict, Err(SubmitError::Internal(_))), "{verdict:?}");
        } else {
            assert_eq!(answer(verdict).0, 201, "P-{n}");
        }
    }
    assert_eq!(test.count("SELECT count(*) FROM orders").await, 39);
    assert_eq!(test.count("SELECT count(*) FROM orders WHERE order_id = 'P-17'").await, 0);
    assert_eq!(answer(test.submit(simple("P-17")).await).0, 201);
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000 - 40, 0));
    test.audit().await;
}

#[tokio::test]
async fn one_poisonous_order_spoils_no_neighbour_whose_stock_is_counted() {
    for point in INSIDE {
        let test = TestEngine::new().await;
        test.hold_up_commits();
        test.arm(point, FaultKind::Error, Some("P-3"), 1);
        let verdicts = join_all((0..8).map(|n| test.submit(counted(&format!("P-{n}"))))).await;
        for (n, verdict) in verdicts.into_iter().enumerate() {
            if n == 3 {
                assert!(matches!(verdict, Err(SubmitError::Internal(_))), "{point:?}: {verdict:?}");
            } else {
                assert_eq!(answer(verdict).0, 402, "{point:?}: P-{n}");
            }
        }
        assert_eq!(answer(test.submit(counted("P-3")).await).0, 402, "{point:?}: the arm is spent");
        test.audit().await;
    }
}

#[tokio::test]
async fn an_error_without_an_order_counts_transactions() {
    let test = TestEngine::new().await;
    test.arm(Point::BeforeCommit, FaultKind::Error, None, 1);
    assert!(matches!(test.submit(simple("A")).await, Err(SubmitError::Internal(_))));
    assert_eq!(answer(test.submit(simple("A")).await).0, 201);
    test.audit().await;
}

/// Everything that a transaction can hold beside a fused order: two orders move on, one by a refund with its restock
/// that settles a verb, one by an operator's hand.
mod a_transaction_of_everything {
    use crate::support::saga::word;
    use std::sync::Arc;

    use counterfoil::faults::{Arm, FaultKind, Faults};
    use counterfoil::ports::{CommitError, Committed, OperatorEntry, Reads, Settled, Store, Write};
    use counterfoil::saga::{
        Action as Call, Amount, Client, Command, IdempotencyKey, Order, OrderId, Outcome, Restock, Sku, verb,
    };
    use counterfoil::store::{PgStore, StoreSettings, Target, audit};
    use counterfoil::telemetry::Metrics;
    use futures_util::future::join;
    use tokio::sync::oneshot;

    use super::INSIDE;
    use crate::store_conformance::bench::{REMOTE_PAYMENT, answered, asked, beside, new_order, said, shop, wants};
    use crate::support::database::TestDatabase;

    const REFUNDS: &str = "POST /orders/R/refunds";

    /// Everything that is stored, as text.
    const EVERYTHING: &str = "
        SELECT string_agg(rows, E'\\n') FROM (
            SELECT string_agg(t::text, ' ' ORDER BY t::text) AS rows FROM orders t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM payments t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM refunds t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM order_work t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM order_events t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM idempotency_keys t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM operator_log t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM inventory t
            UNION ALL SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM inventory_journal t
        ) all_tables";

    async fn commit(store: &PgStore, write: Write) -> Result<Committed, CommitError> {
        let (sender, receiver) = oneshot::channel();
        store.commit(write, Box::new(move |result| drop(sender.send(result))));
        receiver.await.expect("every write is answered")
    }

    async fn order(store: &PgStore, id: &str) -> Order {
        store.load(OrderId::trusted(id)).await.expect("load").expect("stored").order
    }

    /// Two orders whose payment is remote: `R` completed and has a refund open, `F` waits for a human.
    async fn set_up(store: &PgStore) {
        let set = counterfoil::ports::StockChange::Set(100);
        store.change_stock(Sku::trusted("A"), set, shop()).await.expect("stock");
        for id in ["R", "F"] {
            commit(store, new_order(id, wants(&[("A", 5)]), REMOTE_PAYMENT)).await.expect("stored");
        }
        commit(store, answered(&order(store, "R").await, Call::Charge, Outcome::done())).await.expect("stored");
        let refund = Command::Refund {
            client: shop(),
            key: IdempotencyKey::trusted("r-1"),
            amount: Amount(100),
            reason: "broken".into(),
            restock: vec![Restock { sku: Sku::trusted("A"), quantity: 2 }],
        };
        commit(store, asked(said(&order(store, "R").await, refund), REFUNDS, "r-1", None)).await.expect("stored");
        let waits = said(&order(store, "F").await, Command::Attention { reason: "stuck".into(), missing: None });
        commit(store, waits).await.expect("stored");
    }

    /// The writes that touch every table.
    async fn writes(store: &PgStore) -> (Write, Write) {
        let given_back =
            Command::Refunded { client: shop(), key: IdempotencyKey::trusted("r-1"), outcome: Outcome::done() };
        let mut back = said(&order(store, "R").await, given_back);
        let given = verb::refunded(&back.txn.order, &back.txn.order.refunds[0]).expect("it has its outcome");
        beside(&mut back).settled.push(Settled { route: REFUNDS.into(), holder: None, answer: given });
        let waits = order(store, "F").await;
        let forced = said(&waits, Command::ForceCancel(word("gone")));
        let stands = |order: &Order| {
            serde_json::json!({"state": order.state, "version": order.version, "attention": order.attention})
                .to_string()
        };
        let (before, after) = (stands(&waits), stands(&forced.txn.order));
        let too_late = verb::Verb::Capture.settled(&forced.txn.order);
        let mut forced = asked(forced, "POST /orders/F/capture", "f-1", too_late);
        let (by, verb) = (Client::trusted("ops"), "force-cancel");
        beside(&mut forced).log = Some(OperatorEntry { by, verb, reason: "gone".into(), before, after });
        (back, forced)
    }

    #[tokio::test]
    async fn is_stored_whole_or_not_at_all() {
        for point in INSIDE {
            let (database, faults) = (TestDatabase::new().await, Arc::new(Faults::default()));
            let settings = StoreSettings { target: Target::new(database.url()), committers: 1, pool_size: 2 };
            let store = PgStore::open(settings, Arc::clone(&faults), Metrics::new(1)).await.expect("open");
            set_up(&store).await;
            let mut client = database.client().await;
            let everything = client.query_one(EVERYTHING, &[]).await.expect("read").get::<_, String>(0);
            // Armed for each of the two: alone or together, neither leaves anything.
            for id in ["R", "F"] {
                let order_id = Some(id.to_owned());
                let arm = Arm { point: point.as_str(), order_id, action: FaultKind::Error, ms: None, times: 1 };
                faults.arm(arm).expect("arm");
            }
            let (back, forced) = writes(&store).await;
            let results = join(commit(&store, back.clone()), commit(&store, forced.clone())).await;
            let injected = Err(CommitError::Injected { point: point.as_str() });
            assert_eq!(results, (injected.clone(), injected));
            let found = client.query_one(EVERYTHING, &[]).await.expect("read").get::<_, String>(0);
            assert_eq!(found, everything, "{point:?}");
            let results = join(commit(&store, back), commit(&store, forced)).await;
            assert!(matches!(results, (Ok(Committed::Stored(_)), Ok(Committed::Stored(_)))), "{results:?}");
            let sql = "SELECT on_hand, reserved, (SELECT count(*) FROM order_work) FROM inventory";
            let row = client.query_one(sql, &[]).await.expect("read");
            assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1), row.get::<_, i64>(2)), (97, 0, 0), "{point:?}");
            let report = audit::audit(&mut client).await.expect("audit");
            assert!(report.ok, "{point:?}: {report:#?}");
        }
    }
}
