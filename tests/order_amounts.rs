//! Promise: an order costs what its lines and adjustments come to, wherever it is told; what was free comes back for
//! nothing, and nobody is asked for it; and nothing is stored that a program which may still run cannot read.

use std::process::Command;
use std::sync::Arc;

use counterfoil::engine::{Standing, SubmitError, VerbCall, VerbRequest};
use counterfoil::ports::Store;
use counterfoil::saga::request::{Adjustment, AdjustmentKind, Price};
use counterfoil::saga::{Amount, Capture, Client, IdempotencyKey, Line, OrderId, Request, Restock, Sku};
use counterfoil::store::releases::{ExcludeError, exclude_older};
use serde_json::{Value, json};

use crate::support::engine::{PATIENCE, TestEngine, answer, keyed, order, request, until};
use crate::support::fleet::{Asked, Participants, Setup, Site};
use crate::support::program::PROGRAM;

fn line(sku: &str, quantity: i64, price: Price) -> Line {
    Line { sku: Sku::trusted(sku), quantity, price }
}

fn adjustment(kind: AdjustmentKind, label: &str, amount: i64) -> Adjustment {
    Adjustment { kind, label: label.into(), amount }
}

/// "3 for 10.00", one more at 5.00, a sample, 2.00 off and 0.90 of carriage: 13.90.
fn basket() -> Request {
    let mut basket = request(&[], "pm_ok");
    basket.lines = vec![
        line("SKU-1", 3, Price::Whole(1000)),
        line("SKU-1", 1, Price::Unit(500)),
        line("SKU-2", 1, Price::Unit(0)),
    ];
    basket.details.adjustments = vec![
        adjustment(AdjustmentKind::Discount, "welcome", -200),
        adjustment(AdjustmentKind::Shipping, "by post", 90),
    ];
    basket
}

fn refund(id: &str, key: &str, amount: i64, restock: &[(&str, i64)]) -> VerbCall {
    let restock = restock.iter().map(|(sku, quantity)| Restock { sku: Sku::trusted(*sku), quantity: *quantity });
    VerbCall {
        order_id: OrderId::trusted(id),
        by: Client::anonymous(),
        standing: Standing::Client,
        key: Some(IdempotencyKey::trusted(key)),
        version: None,
        reason: "not wanted".into(),
        request: VerbRequest::Refund {
            amount: Amount(amount),
            reason: "not wanted".into(),
            restock: restock.collect(),
        },
    }
}

#[tokio::test]
async fn an_order_costs_its_lines_and_adjustments_and_free_goods_come_back_for_nothing() {
    let test = TestEngine::new().await;
    let first = answer(test.submit(order("A", basket())).await);
    assert_eq!(first.0, 201, "{first:?}");
    assert!(first.1.contains("\"amount\":1390"), "{}", first.1);
    let rows = "SELECT count(*) FROM orders o JOIN payments p USING (order_id)
        WHERE o.order_id = 'A' AND o.amount = 1390 AND p.amount = 1390 AND p.captured = 1390";
    assert_eq!(test.count(rows).await, 1);
    assert_eq!((test.on_hand("SKU-1").await.0, test.on_hand("SKU-2").await.0), (999_996, 999_999));
    assert_eq!(answer(test.submit(order("A", basket())).await), (first.0, first.1, true), "a repeat");

    // The other way to say it is other content, though it comes to the same.
    let mut other = basket();
    other.lines[1].price = Price::Whole(500);
    let Err(SubmitError::OrderExists { differs: Some(differs), .. }) = test.submit(order("A", other)).await else {
        panic!("taken for a repeat")
    };
    assert_eq!(differs, ["/lines/1/amount", "/lines/1/unit_price"]);
    let mut other = basket();
    other.details.adjustments.pop();
    assert!(matches!(test.submit(order("A", other)).await, Err(SubmitError::OrderExists { .. })));

    // The sample comes back, for nothing, once.
    let back = answer(test.engine.verb(refund("A", "r1", 0, &[("SKU-2", 1)]), PATIENCE).await);
    assert_eq!(back.0, 201, "{back:?}");
    assert!(back.1.contains("\"refunded\":0"), "{}", back.1);
    assert_eq!(test.on_hand("SKU-2").await, (1_000_000, 0));
    let again = answer(test.engine.verb(refund("A", "r1", 0, &[("SKU-2", 1)]), PATIENCE).await);
    assert_eq!(again, (back.0, back.1, true));
    let more = answer(test.engine.verb(refund("A", "r2", 0, &[("SKU-2", 1)]), PATIENCE).await);
    assert!(more.0 == 409 && more.1.contains("restock_exceeds_shipment"), "{more:?}");
    // A SKU in lines of two kinds is one SKU: all four come back, with all of the money, and then nothing is left.
    let all = answer(test.engine.verb(refund("A", "r3", 1_390, &[("SKU-1", 4)]), PATIENCE).await);
    assert_eq!(all.0, 201, "{all:?}");
    assert_eq!(test.on_hand("SKU-1").await, (1_000_000, 0));
    let nothing = answer(test.engine.verb(refund("A", "r4", 0, &[]), PATIENCE).await);
    assert!(nothing.0 == 409 && nothing.1.contains("refund_exceeds_charge"), "{nothing:?}");
    assert_eq!(test.count("SELECT count(*) FROM refunds WHERE status = 'refunded'").await, 2);
    test.audit().await;

    // The audit adds up for itself, and the database takes no refund of nothing for nothing.
    let database = test.stop().await;
    for (sql, promise) in [
        ("UPDATE orders SET amount = amount - 90 WHERE order_id = 'A'", "content_intact"),
        ("UPDATE refunds SET status = 'intended' WHERE amount = 0", "refunds_never_exceed_charge"),
    ] {
        let copy = database.copy().await;
        let mut copied = copy.client().await;
        copied.batch_execute(sql).await.expect("a corruption");
        let report = counterfoil::store::audit::audit(&mut copied).await.expect("the audit");
        let broken: Vec<_> = report.promises.iter().filter(|finding| !finding.holds).map(|one| one.name).collect();
        assert!(broken.contains(&promise), "{sql}: {broken:?}");
    }
    let nothing = database.client().await.batch_execute("UPDATE refunds SET restock = NULL WHERE amount = 0").await;
    let refused = nothing.expect_err("nothing for nothing");
    assert!(refused.as_db_error().is_some_and(|error| error.constraint() == Some("refunds_amount_or_restock")));
}

#[tokio::test]
async fn a_captured_order_of_several_kinds_of_lines_is_captured_whole_or_less() {
    let test = TestEngine::new().await;
    for (id, amount) in [("ALL", None), ("LESS", Some(Amount(1_000)))] {
        let mut manual = basket();
        manual.details.capture = Capture::Manual;
        assert_eq!(answer(test.submit(order(id, manual)).await).0, 201);
        let request = VerbRequest::Capture { amount };
        let call = VerbCall { request, reason: "".into(), ..refund(id, "c", 0, &[]) };
        assert_eq!(answer(test.engine.verb(call, PATIENCE).await).0, 201);
        let captured = amount.map_or(1_390, |amount| amount.0);
        let sql = format!("SELECT captured FROM payments WHERE order_id = '{id}'");
        assert_eq!(test.count(&sql).await, captured);
    }
    test.audit().await;
}

/// Money elsewhere, stock here: the provider is asked for the whole amount once, and of the goods that come back for
/// nothing it hears nothing.
#[tokio::test]
async fn a_participant_is_asked_for_the_whole_amount_and_for_no_refund_of_nothing() {
    let participants = Participants::start().await;
    let site = Site::new(&participants.program.url, Setup { inventory: false, ..Setup::USUAL }).await;
    let engine = site.engine().await;
    let client = engine.client();
    let mut basket = crate::support::fleet::order("R", "pm_ok", "1", false);
    basket["lines"] =
        json!([{"sku": "S", "quantity": 3, "amount": 1000}, {"sku": "S", "quantity": 1, "unit_price": 0}]);
    basket["adjustments"] = json!([{"kind": "tax", "label": "VAT 19 %", "amount": 190}]);
    let placed = Asked::submit(basket.clone()).until_final(std::slice::from_ref(&client)).await;
    assert_eq!(placed.status, 201, "{:?}", placed.body);
    let charged: Vec<_> = participants.ledger().into_iter().filter(|line| line.is("charge")).collect();
    assert_eq!(charged.iter().map(|line| line.amount).collect::<Vec<_>>(), [1_190]);

    let shown: Value = client.get("/orders/R").await.expect("an answer").json().expect("JSON");
    assert_eq!((&shown["amount"], &shown["lines"]), (&json!(1_190), &basket["lines"]));
    assert_eq!(shown["adjustments"], basket["adjustments"]);
    let told: Value = client.get("/orders/R/events").await.expect("an answer").json().expect("JSON");
    let created = told[0].clone();
    assert_eq!((&created["lines"], &created["adjustments"]), (&basket["lines"], &basket["adjustments"]));

    let free = json!({"amount": 0, "reason": "a sample", "restock": [{"sku": "S", "quantity": 1}]});
    let back = Asked::verb("R", "refunds", free);
    let first = back.send(&client).await;
    assert_eq!(first.status, 201, "at once: nobody is waited for: {:?}", first.body);
    let again = back.send(&client).await;
    assert_eq!((again.status, &again.body, again.is_replayed()), (201, &first.body, true));
    let bare = Asked::verb("R", "refunds", json!({"amount": 0, "reason": "nothing"})).send(&client).await;
    assert_eq!(bare.status, 400, "{:?}", bare.body);
    assert_eq!(participants.effects("R", "refund"), 0);
    let stock = "SELECT on_hand = 1000000 - 3 AND reserved = 0 FROM inventory WHERE sku = 'S'";
    site.until(stock).await;
    site.judge(&participants).await;
    assert_eq!(
        site.history("R").await.iter().rev().take(2).collect::<Vec<_>>(),
        ["payment.refunded", "payment.refunding"]
    );

    // Over HTTP too: what an earlier program could not read is 503, and says what to do.
    let older = "UPDATE deployment SET oldest_binary = '0.3.0'";
    site.database.client().await.batch_execute(older).await.expect("as after an upgrade");
    let (mut n, deadline) = (0, std::time::Instant::now() + PATIENCE);
    let refused = loop {
        (n, basket["order_id"]) = (n + 1, json!(format!("N{n}")));
        let told = Asked::submit(basket.clone()).send(&client).await;
        if told.status == 503 {
            break told;
        }
        assert!(std::time::Instant::now() < deadline, "taken for too long: {:?}", told.body);
    };
    let problem: Value = refused.json().expect("JSON");
    assert_eq!(problem["code"], "unavailable");
    assert!(problem["detail"].as_str().expect("a detail").contains("counterfoil migrate --exclude-older"), "{problem}");
    let again = back.send(&client).await;
    assert_eq!((again.status, &again.body, again.is_replayed()), (201, &first.body, true));
    let free = Asked { key: Some("another".into()), ..back }.send(&client).await;
    assert_eq!((free.status, free.problem_code().as_deref()), (503, Some("unavailable")), "{:?}", free.body);
}

/// An older program beside this one could not read them: they are taken when none may run any more.
#[tokio::test]
async fn new_fields_wait_until_no_older_program_may_run() {
    let test = TestEngine::new().await;
    let client = test.database.client().await;
    let known = answer(test.submit(keyed(order("EARLY", basket()), "k")).await);
    assert_eq!(known.0, 201, "a fresh database takes them at once");
    let known_back = answer(test.engine.verb(refund("EARLY", "r", 0, &[("SKU-2", 1)]), PATIENCE).await);

    client.batch_execute("UPDATE deployment SET oldest_binary = '0.3.0'").await.expect("as after an upgrade");
    let store = Arc::clone(&test.store);
    until("the store has seen it", || async { !store.excludes_programs_before("0.4.0") }).await;
    let cases = [
        ("/lines/0/amount", vec![line("SKU-1", 3, Price::Whole(1000))], vec![]),
        ("/lines/1/unit_price", vec![line("SKU-1", 1, Price::Unit(5)), line("SKU-2", 1, Price::Unit(0))], vec![]),
        ("/adjustments", vec![line("SKU-1", 1, Price::Unit(5))], vec![adjustment(AdjustmentKind::Tax, "VAT", 1)]),
    ];
    for (pointer, lines, adjustments) in cases {
        let mut newer = request(&[], "pm_ok");
        (newer.lines, newer.details.adjustments) = (lines, adjustments);
        let Err(SubmitError::TooEarly { detail }) = test.submit(keyed(order("NEW", newer), "n")).await else {
            panic!("{pointer} was taken")
        };
        assert!(detail.starts_with(pointer) && detail.contains("migrate --exclude-older"), "{detail}");
    }
    let free = refund("EARLY", "r2", 0, &[("SKU-2", 1)]);
    assert!(matches!(test.engine.verb(free, PATIENCE).await, Err(SubmitError::TooEarly { .. })));
    let stored = "SELECT (SELECT count(*) FROM orders WHERE order_id = 'NEW')
        + (SELECT count(*) FROM idempotency_keys WHERE key IN ('n', 'r2'))";
    assert_eq!(test.count(stored).await, 0, "nothing is stored, and no key is used up");
    // What older programs read is taken, and what stands keeps its answers: by another engine that never saw it, too.
    assert_eq!(answer(test.submit(order("OLD", request(&[("SKU-1", 1)], "pm_ok"))).await).0, 201);
    let (second_store, second) = test.second().await;
    for engine in [&test.engine, &second] {
        let again = answer(engine.submit(keyed(order("EARLY", basket()), "k"), PATIENCE).await);
        assert_eq!(again, (known.0, known.1.clone(), true));
        let again = answer(engine.verb(refund("EARLY", "r", 0, &[("SKU-2", 1)]), PATIENCE).await);
        assert_eq!(again, (known_back.0, known_back.1.clone(), true));
    }
    second.shutdown(PATIENCE).await;
    second_store.close(PATIENCE);

    // An older program that runs since before keeps them out, whatever the row says.
    let node = "INSERT INTO nodes (node_id, name, version, state) VALUES (gen_random_uuid(), 'old', '0.3.0', 'up')";
    client.batch_execute(node).await.expect("an older engine's heartbeat");
    let refused = exclude_older(&client).await;
    assert!(matches!(&refused, Err(ExcludeError::Alive { nodes }) if nodes == "old (0.3.0)"), "{refused:?}");
    client.batch_execute("UPDATE nodes SET state = 'gone' WHERE name = 'old'").await.expect("it is upgraded");
    assert!(exclude_older(&client).await.expect("nothing is in the way"));
    let command = ["migrate", "--exclude-older", "--database-url", &test.database.url()];
    let again = Command::new(PROGRAM).args(command).output().expect("run migrate");
    assert!(
        again.status.success() && String::from_utf8_lossy(&again.stdout).contains("were excluded before"),
        "{again:?}"
    );
    until("the store has seen it", || async { store.excludes_programs_before("0.4.0") }).await;
    assert_eq!(answer(test.submit(keyed(order("NEW", basket()), "n")).await).0, 201, "the same request, repeated");
    client.batch_execute("UPDATE nodes SET state = 'up', heartbeat_at = now() WHERE name = 'old'").await.expect("back");
    until("the store has seen it", || async { !store.excludes_programs_before("0.4.0") }).await;
    test.audit().await;
}
