//! What every store does with verbs: refunds, keys that are answered now or later, and what operators do.

use counterfoil::ports::{CommitError, Committed, KeyBinding, OperatorEntry, Settled, Write};
use counterfoil::saga::state::RefundStatus;
use counterfoil::saga::{
    Action, Amount, CancelReason, Command, Fingerprint, IdempotencyKey, Order, OrderId, Outcome, Restock, Sku,
};

use super::bench::{
    Bench, LOCAL, NODE, REMOTE_PAYMENT, answer, answered, asked, beside, new_order, refused, said, shop, verb_scope,
    wants,
};
use crate::support::saga::{Participants, word};

/// An order that completed, of 5 units of `A`.
async fn completed(bench: &Bench, id: &str, local: Participants) -> Order {
    let order = bench.stored(new_order(id, wants(&[("A", 5)]), local)).await.order;
    match local.plan {
        counterfoil::saga::Plan::LOCAL => order,
        _ => bench.stored(answered(&order, Action::Charge, Outcome::done())).await.order,
    }
}

async fn stocked(bench: Bench) -> Bench {
    bench.stock("A", 100).await;
    bench
}

fn refund(key: &str, amount: i64, restock: i64) -> Command {
    let back = Restock { sku: Sku::trusted("A"), quantity: restock };
    Command::Refund {
        client: shop(),
        key: IdempotencyKey::trusted(key),
        amount: Amount(amount),
        reason: "broken".into(),
        restock: Some(back).filter(|back| back.quantity > 0).into_iter().collect(),
    }
}

fn refunded(key: &str, outcome: Outcome) -> Command {
    Command::Refunded { client: shop(), key: IdempotencyKey::trusted(key), outcome }
}

fn bound(id: &str, answer: Option<counterfoil::saga::Answer>) -> Option<KeyBinding> {
    Some(KeyBinding { order_id: OrderId::trusted(id), fingerprint: Fingerprint([7; 33]), answer })
}

fn settles(mut write: Write, route: &str, holder: Option<&str>, body: &str) -> Write {
    let holder = holder.map(|key| (shop(), IdempotencyKey::trusted(key)));
    beside(&mut write).settled.push(Settled { route: route.into(), holder, answer: answer(201, body) });
    write
}

pub async fn a_refund_is_stored_with_its_intent_and_settled_once(bench: Bench) {
    let bench = stocked(bench).await;
    let order = completed(&bench, "O-1", REMOTE_PAYMENT).await;
    assert_eq!(bench.left("O-1").await, None);
    let order = bench.stored(said(&order, refund("r-2", 100, 2))).await.order;
    let order = bench.stored(said(&order, refund("r-1", 50, 0))).await.order;
    let stored = bench.replayed("O-1").await.expect("stored").order;
    assert_eq!(stored, order);
    let keys: Vec<_> = stored.refunds.iter().map(|refund| refund.key.as_str()).collect();
    assert_eq!((keys, stored.payment.refunded), (vec!["r-2", "r-1"], Amount(150)), "in the order of asking");
    let left = bench.left("O-1").await.expect("a refund is open");
    assert_eq!((left.version, left.wakes, left.owner), (order.version, Some(60), Some(NODE)));
    assert_eq!((bench.shelf("A").await, bench.journal("A").await), (Some((95, 0)), 100), "nothing came back yet");

    let order = bench.stored(said(&order, refunded("r-2", Outcome::done()))).await.order;
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, order);
    assert_eq!((bench.shelf("A").await, bench.journal("A").await), (Some((97, 0)), 102), "now it did, journaled");
    assert!(bench.left("O-1").await.is_some(), "the other one is open");
    let order = bench.stored(said(&order, refunded("r-1", Outcome::refused("too late")))).await.order;
    let stored = bench.replayed("O-1").await.expect("stored").order;
    assert_eq!(stored, order);
    assert_eq!(stored.payment.refunded, Amount(100), "what was refused counts no more");
    let statuses: Vec<_> = stored.refunds.iter().map(|refund| refund.status).collect();
    assert_eq!(statuses, [RefundStatus::Refunded, RefundStatus::Refused]);
    assert_eq!(bench.left("O-1").await, None);
    assert_eq!(bench.shelf("A").await, Some((97, 0)));
}

pub async fn a_local_refund_is_given_back_at_once(bench: Bench) {
    let bench = stocked(bench).await;
    let order = completed(&bench, "O-1", LOCAL).await;
    let asked = asked(said(&order, refund("r-1", 200, 2)), "POST /orders/O-1/refunds", "r-1", Some(answer(201, "{}")));
    let order = bench.stored(asked).await.order;
    assert_eq!(order.refunds[0].status, RefundStatus::Refunded);
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, order);
    assert_eq!((bench.shelf("A").await, bench.journal("A").await), (Some((97, 0)), 102));
    assert_eq!(bench.left("O-1").await, None, "nothing is left to be done");
    let key = bench.verb_key("POST /orders/O-1/refunds", "r-1").await;
    assert_eq!(key, bound("O-1", Some(answer(201, "{}"))));
    // What came back can be sold.
    bench.stored(new_order("O-2", wants(&[("A", 97)]), LOCAL)).await;
    assert_eq!(bench.shelf("A").await, Some((0, 0)));
}

/// Stock that ran short is counted under lock for a while: what comes back then counts as well.
pub async fn a_restock_meets_orders_that_run_short(bench: Bench) {
    bench.stock("A", 5).await;
    let order = completed(&bench, "O-1", LOCAL).await;
    let short = bench.stored(new_order("O-2", wants(&[("A", 1)]), LOCAL)).await;
    assert!(short.order.failure.is_some());
    bench.stored(said(&order, refund("r-1", 200, 2))).await;
    assert_eq!((bench.shelf("A").await, bench.journal("A").await), (Some((2, 0)), 7));
    bench.stored(new_order("O-3", wants(&[("A", 2)]), LOCAL)).await;
    assert_eq!(bench.shelf("A").await, Some((0, 0)));
}

pub async fn one_refund_a_key(bench: Bench) {
    let bench = stocked(bench).await;
    let order = completed(&bench, "O-1", REMOTE_PAYMENT).await;
    let order = bench.stored(said(&order, refund("r-1", 100, 0))).await.order;
    let again = bench.commit(said(&order, refund("r-1", 100, 0))).await;
    assert!(matches!(again, Err(CommitError::Refused(_))), "{again:?}");
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, order);
}

pub async fn a_refusal_is_stored_with_its_key_alone(bench: Bench) {
    let bench = stocked(bench).await;
    let route = "POST /orders/O-1/cancel";
    let order = bench.stored(new_order("O-1", wants(&[("A", 5)]), REMOTE_PAYMENT)).await.order;
    let (before, left) = (bench.replayed("O-1").await, bench.left("O-1").await);
    bench.stored(asked(refused(&order), route, "k-1", Some(answer(409, "no")))).await;
    assert_eq!(bench.verb_key(route, "k-1").await, bound("O-1", Some(answer(409, "no"))));
    assert_eq!((bench.replayed("O-1").await, bench.left("O-1").await), (before, left), "the order is as it was");
    let again = asked(refused(&order), route, "k-1", Some(answer(409, "again")));
    assert_eq!(bench.commit(again).await, Ok(Committed::KeyKnown));

    // It is true of this version alone.
    let mut late = asked(refused(&order), route, "k-2", Some(answer(409, "no")));
    beside(&mut late).log = Some(entry("cancel"));
    bench.stored(answered(&order, Action::Charge, Outcome::done())).await;
    assert_eq!(bench.commit(late).await, Ok(Committed::Stale));
    assert_eq!(bench.verb_key(route, "k-2").await, None);
    assert_eq!(bench.operator_log("O-1").await.len(), 0);
}

pub async fn an_open_key_is_answered_by_the_end_of_the_order_and_once(bench: Bench) {
    let bench = stocked(bench).await;
    let (cancel, capture) = ("POST /orders/O-1/cancel", "POST /orders/O-1/capture");
    let order = bench.stored(new_order("O-1", wants(&[("A", 5)]), REMOTE_PAYMENT)).await.order;
    let called_off = said(&order, Command::Cancel { reason: CancelReason::Client });
    let order = bench.stored(asked(called_off, cancel, "k-1", None)).await.order;
    bench.stored(asked(refused(&order), cancel, "k-2", None)).await;
    bench.stored(asked(refused(&order), cancel, "k-3", Some(answer(409, "early")))).await;
    bench.stored(asked(refused(&order), capture, "k-4", None)).await;
    let other = bench.stored(new_order("O-2", wants(&[("A", 5)]), REMOTE_PAYMENT)).await.order;
    bench.stored(asked(refused(&other), cancel, "k-5", None)).await;
    for open in ["k-1", "k-2"] {
        assert_eq!(bench.verb_key(cancel, open).await, bound("O-1", None));
    }
    let voided = answered(&order, Action::Void, Outcome::done());
    let order = bench.stored(settles(voided, cancel, None, "cancelled")).await.order;
    for settled in ["k-1", "k-2"] {
        assert_eq!(bench.verb_key(cancel, settled).await, bound("O-1", Some(answer(201, "cancelled"))));
    }
    assert_eq!(bench.verb_key(cancel, "k-3").await, bound("O-1", Some(answer(409, "early"))), "it has its answer");
    assert_eq!(bench.verb_key(capture, "k-4").await, bound("O-1", None), "another verb");
    assert_eq!(bench.verb_key(cancel, "k-5").await, bound("O-2", None), "another order");
    bench.stored(settles(refused(&order), cancel, None, "anew")).await;
    assert_eq!(bench.verb_key(cancel, "k-1").await, bound("O-1", Some(answer(201, "cancelled"))), "and never another");
}

pub async fn a_key_can_be_answered_by_its_name(bench: Bench) {
    let bench = stocked(bench).await;
    let route = "POST /orders/O-1/refunds";
    let order = completed(&bench, "O-1", REMOTE_PAYMENT).await;
    let order = bench.stored(asked(said(&order, refund("r-1", 1, 0)), route, "r-1", None)).await.order;
    let order = bench.stored(asked(said(&order, refund("r-2", 2, 0)), route, "r-2", None)).await.order;
    let back = said(&order, refunded("r-2", Outcome::done()));
    bench.stored(settles(back, route, Some("r-2"), "given back")).await;
    assert_eq!(bench.verb_key(route, "r-1").await, bound("O-1", None));
    assert_eq!(bench.verb_key(route, "r-2").await, bound("O-1", Some(answer(201, "given back"))));
}

fn entry(verb: &'static str) -> OperatorEntry {
    let (by, reason) = (counterfoil::saga::Client::trusted("ops"), "seen at the provider's".into());
    OperatorEntry { by, verb, reason, before: r#"{"version":3}"#.into(), after: r#"{"version":4}"#.into() }
}

pub async fn what_an_operator_does_is_told_with_the_change(bench: Bench) {
    let bench = stocked(bench).await;
    let order = bench.stored(new_order("O-1", wants(&[("A", 5)]), REMOTE_PAYMENT)).await.order;
    let order = bench.stored(said(&order, Command::Attention { reason: "stuck".into(), missing: None })).await.order;
    let mut forced = said(&order, Command::ForceCancel(word("gone")));
    beside(&mut forced).log = Some(entry("force-cancel"));
    let order = bench.stored(forced.clone()).await.order;
    assert_eq!(bench.commit(forced).await, Ok(Committed::Stale));
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, order);
    let told = ["ops", "force-cancel", "seen at the provider's", r#"{"version":3}"#, r#"{"version":4}"#];
    assert_eq!(bench.operator_log("O-1").await, [told.map(str::to_owned)], "once");
    assert_eq!(bench.operator_log("O-2").await.len(), 0);
    assert_eq!((bench.left("O-1").await, bench.shelf("A").await), (None, Some((100, 0))), "its stock is free");
}

pub async fn a_lost_guard_writes_nothing_of_a_verb(bench: Bench) {
    let bench = stocked(bench).await;
    let route = "POST /orders/O-1/refunds";
    let order = completed(&bench, "O-1", REMOTE_PAYMENT).await;
    let open = bench.stored(asked(said(&order, refund("r-0", 10, 1)), route, "r-0", None)).await.order;
    let (before, left) = (bench.replayed("O-1").await, bench.left("O-1").await);
    let mut asks = asked(said(&open, refund("r-1", 10, 1)), route, "r-1", None);
    let mut back = settles(said(&open, refunded("r-0", Outcome::done())), route, None, "given back");
    for write in [&mut asks, &mut back] {
        beside(write).log = Some(entry("refund"));
        beside(write).version = open.version - 1;
        assert_eq!(bench.commit(write.clone()).await, Ok(Committed::Stale));
    }
    assert_eq!((bench.replayed("O-1").await, bench.left("O-1").await), (before, left));
    assert_eq!(bench.verb_key(route, "r-1").await, None);
    assert_eq!(bench.verb_key(route, "r-0").await, bound("O-1", None));
    assert_eq!((bench.shelf("A").await, bench.journal("A").await), (Some((95, 0)), 100));
    assert_eq!(bench.operator_log("O-1").await.len(), 0);
    beside(&mut back).version = open.version;
    bench.stored(back).await;
    assert_eq!((bench.shelf("A").await, bench.journal("A").await), (Some((96, 0)), 101));
    assert_eq!(bench.operator_log("O-1").await.len(), 1);
}

pub async fn a_bound_key_keeps_its_answer(bench: Bench) {
    let bench = stocked(bench).await;
    let order = completed(&bench, "O-1", LOCAL).await;
    let mut claim = asked(refused(&order), "POST /orders/O-1/cancel", "k", Some(answer(409, "no"))).key.expect("a key");
    let first = bench.store.bind_key(claim.clone()).await;
    assert_eq!(first, Ok(bound("O-1", Some(answer(409, "no")))));
    claim.answer = None;
    assert_eq!(bench.store.bind_key(claim).await, first);
    assert_eq!(bench.store.find_key(verb_scope("POST /orders/O-1/cancel", "k")).await, first);
}

pub async fn an_order_takes_so_many_keys_of_verbs(bench: Bench) {
    let bench = stocked(bench).await;
    let (order, other) = (completed(&bench, "O-1", LOCAL).await, completed(&bench, "O-2", LOCAL).await);
    let route = "POST /orders/O-1/cancel";
    let ask = |n: usize| asked(refused(&order), route, &format!("k-{n}"), Some(answer(409, &format!("no {n}"))));
    for n in 0..256 {
        bench.stored(ask(n)).await;
    }
    assert_eq!(bench.commit(ask(256)).await, Ok(Committed::Full));
    let moves = asked(said(&order, refund("r-1", 50, 0)), "POST /orders/O-1/refunds", "r-1", None);
    assert_eq!(bench.commit(moves).await, Ok(Committed::Full));
    assert_eq!(bench.commit(ask(7)).await, Ok(Committed::KeyKnown), "what is known is known first");
    assert_eq!(bench.verb_key(route, "k-256").await, None);
    assert_eq!(bench.verb_key("POST /orders/O-1/refunds", "r-1").await, None);
    assert_eq!(bench.verb_key(route, "k-255").await, bound("O-1", Some(answer(409, "no 255"))));
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, order, "nothing of it moved");
    // What comes without a key is not counted, and other orders are not concerned.
    bench.stored(said(&order, refund("r-2", 50, 0))).await;
    bench.stored(asked(refused(&other), "POST /orders/O-2/cancel", "k-256", Some(answer(409, "no")))).await;
}
