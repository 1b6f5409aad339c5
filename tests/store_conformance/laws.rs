//! What every store does, one law a function. Each begins with an empty store.

use counterfoil::ports::{CommitError, Committed, KeyBinding, Listing, StockChanged, StockListing};
use counterfoil::saga::{
    Action, Amount, CancelReason, Code, Command, Failure, OrderId, Outcome, Shortage, Sku, State, Timestamp,
};

use futures_util::future::join_all;

use super::bench::{
    Bench, LOCAL, REMOTE_PAYMENT, answered, beside, claim, keyed, new_order, next, placed, scope, shop, wants,
};
use crate::support::engine::request;
use crate::support::saga::Participants;

pub async fn a_new_order_is_stored_once(bench: Bench) {
    bench.stock("A", 10).await;
    let txn = bench.stored(new_order("O-1", wants(&[("A", 3)]), LOCAL)).await;
    assert_eq!(txn.order.state, State::Completed);
    let stored = bench.replayed("O-1").await.expect("stored");
    assert_eq!(stored.order, txn.order, "what is read is what was written, the answer byte for byte");
    assert_eq!(bench.shelf("A").await, Some((7, 0)));

    let other = bench.commit(new_order("O-1", wants(&[("A", 5)]), LOCAL)).await;
    assert_eq!(other, Ok(Committed::Exists));
    assert_eq!(bench.replayed("O-1").await, Some(stored), "nothing of the second write is there");
    assert_eq!(bench.shelf("A").await, Some((7, 0)));
    assert_eq!(bench.replayed("O-2").await, None);
}

pub async fn a_key_is_bound_with_its_order_and_once(bench: Bench) {
    bench.stock("A", 10).await;
    let first = keyed(new_order("O-1", wants(&[("A", 1)]), LOCAL), "k");
    let (order_id, fingerprint) = (first.order_id().clone(), first.content().expect("new").fingerprint.clone());
    let binding = KeyBinding { order_id, fingerprint, answer: None };
    bench.stored(first).await;
    assert_eq!(bench.store.find_key(scope("k")).await, Ok(Some(binding.clone())));

    let second = keyed(new_order("O-2", wants(&[("A", 2)]), LOCAL), "k");
    assert_eq!(bench.commit(second).await, Ok(Committed::KeyKnown));
    assert_eq!(bench.replayed("O-2").await, None, "nothing of it is stored");
    assert_eq!(bench.shelf("A").await, Some((9, 0)));
    assert_eq!(bench.store.find_key(scope("k")).await, Ok(Some(binding)));
}

pub async fn a_key_names_one_order_though_two_are_written_at_once(bench: Bench) {
    bench.stock("A", 1_000).await;
    bench.stored(new_order("THERE", wants(&[("A", 1)]), LOCAL)).await;
    // What is queued behind the first write is written together; so each of these meets one that is there, too.
    let write = |id: String, key: &str| bench.commit(keyed(new_order(&id, wants(&[("A", 1)]), LOCAL), key));
    let pairs = (0..40).map(|n| {
        let key = format!("k-{n}");
        let mut writes = vec![write(format!("A-{n}"), &key), write(format!("B-{n}"), &key)];
        if n == 0 {
            writes.push(write("THERE".into(), &key));
        }
        join_all(writes)
    });
    for (n, outcomes) in join_all(pairs).await.into_iter().enumerate() {
        let stored = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Committed::Stored(_)))).count();
        assert_eq!(stored, 1, "{n}: {outcomes:?}");
        let orders = (bench.replayed(&format!("A-{n}")).await, bench.replayed(&format!("B-{n}")).await);
        let ((Some(order), None) | (None, Some(order))) = &orders else { panic!("{orders:?}") };
        let bound = bench.store.find_key(scope(&format!("k-{n}"))).await.expect("read");
        assert_eq!(bound.map(|bound| bound.order_id), Some(order.order.id.clone()));
    }
    assert_eq!(bench.shelf("A").await, Some((1_000 - 41, 0)));
}

pub async fn a_refused_write_binds_no_key(bench: Bench) {
    bench.stock("A", 10).await;
    bench.stored(new_order("O-1", wants(&[("A", 1)]), LOCAL)).await;
    let repeat = keyed(new_order("O-1", wants(&[("A", 2)]), LOCAL), "k");
    assert_eq!(bench.commit(repeat).await, Ok(Committed::Exists));
    assert_eq!(bench.store.find_key(scope("k")).await, Ok(None));
    let unknown = keyed(new_order("O-2", wants(&[("NONE", 1)]), LOCAL), "k");
    assert_eq!(bench.commit(unknown).await, Err(CommitError::UnknownSku));
    assert_eq!(bench.store.find_key(scope("k")).await, Ok(None));
    bench.stored(keyed(new_order("O-3", wants(&[("A", 1)]), LOCAL), "k")).await;
}

pub async fn the_first_binding_of_a_key_stands(bench: Bench) {
    bench.stock("A", 10).await;
    let (one, two) = (new_order("O-1", wants(&[("A", 1)]), LOCAL), new_order("O-2", wants(&[("A", 2)]), LOCAL));
    let (mine, theirs) = (claim("k", &one), claim("k", &two));
    bench.stored(one).await;
    bench.stored(two).await;
    let (order_id, fingerprint) = (mine.order_id.clone(), mine.fingerprint.clone());
    let bound = KeyBinding { order_id, fingerprint, answer: None };
    for claim in [mine.clone(), theirs, mine] {
        assert_eq!(bench.store.bind_key(claim).await.as_ref(), Ok(&Some(bound.clone())));
    }
    assert_eq!(bench.store.find_key(scope("k")).await, Ok(Some(bound)));
    assert_eq!(bench.store.find_key(scope("other")).await, Ok(None));
}

pub async fn an_order_binds_so_many_later_keys(bench: Bench) {
    bench.stock("A", 10).await;
    let (one, two) = (new_order("O-1", wants(&[("A", 1)]), LOCAL), new_order("O-2", wants(&[("A", 1)]), LOCAL));
    let (later, other) = (|n: usize| claim(&format!("k-{n}"), &one), claim("k-63", &two));
    bench.stored(keyed(one.clone(), "own")).await;
    bench.stored(two.clone()).await;
    for n in 0..63 {
        let bound = bench.store.bind_key(later(n)).await.expect("an answer");
        assert_eq!(bound.map(|bound| bound.order_id), Some(one.order_id().clone()), "{n}");
    }
    for n in [63, 64] {
        assert_eq!(bench.store.bind_key(later(n)).await, Ok(None));
        assert_eq!(bench.store.find_key(scope(&format!("k-{n}"))).await, Ok(None));
    }
    assert!(bench.store.bind_key(later(62)).await.expect("an answer").is_some(), "what is bound stays bound");
    let bound = bench.store.bind_key(other).await.expect("an answer").expect("another order has room");
    assert_eq!(bound.order_id, *two.order_id());
    let theirs = bench.store.bind_key(later(63)).await.expect("an answer").expect("and the key is its");
    assert_eq!(theirs.order_id, *two.order_id());
}

pub async fn a_lost_guard_writes_nothing(bench: Bench) {
    bench.stock("A", 10).await;
    let reserved = bench.stored(new_order("O-1", wants(&[("A", 3)]), REMOTE_PAYMENT)).await.order;
    let charge = answered(&reserved, Action::Charge, Outcome::done());
    let cancel = next(&reserved, Command::Cancel { reason: CancelReason::Client }, REMOTE_PAYMENT).expect("taken");
    bench.stored(charge.clone()).await;
    let before = bench.replayed("O-1").await;
    for late in [charge.clone(), cancel, keyed(charge.clone(), "k")] {
        assert_eq!(bench.commit(late).await, Ok(Committed::Stale));
    }
    let mut absent = charge;
    absent.txn.order.id = counterfoil::saga::OrderId::trusted("O-9");
    assert_eq!(bench.commit(absent).await, Ok(Committed::Stale), "an order that is not there has no version");
    assert_eq!(bench.replayed("O-9").await, None);
    assert_eq!(bench.replayed("O-1").await, before);
    assert_eq!(bench.shelf("A").await, Some((7, 0)), "shipped once");
    assert_eq!(bench.store.find_key(scope("k")).await, Ok(None));
}

pub async fn a_known_key_keeps_an_order_from_moving_on(bench: Bench) {
    bench.stock("A", 10).await;
    bench.stored(keyed(new_order("O-1", wants(&[("A", 1)]), LOCAL), "k")).await;
    let reserved = bench.stored(new_order("O-2", wants(&[("A", 3)]), REMOTE_PAYMENT)).await.order;
    let charge = answered(&reserved, Action::Charge, Outcome::done());
    assert_eq!(bench.commit(keyed(charge.clone(), "k")).await, Ok(Committed::KeyKnown));
    assert_eq!(bench.replayed("O-2").await.expect("stored").order, reserved);
    let mut verb = keyed(charge, "k");
    if let Some(claim) = &mut verb.key {
        claim.scope.route = "POST /orders/O-2/capture".into(); // another route is another key
    }
    let verb_scope = verb.key.as_ref().expect("keyed").scope.clone();
    bench.stored(verb).await;
    assert!(bench.store.find_key(verb_scope).await.expect("read").is_some());
}

pub async fn short_stock_is_refused_whole_and_first_come_is_first_served(bench: Bench) {
    bench.stock("A", 5).await;
    bench.stock("B", 100).await;
    let sent: Vec<_> = [(1, 3), (2, 3), (3, 2), (4, 1)]
        .map(|(n, quantity)| bench.send(new_order(&format!("O-{n}"), wants(&[("A", quantity), ("B", 1)]), LOCAL)))
        .into();
    let mut states = Vec::new();
    for answer in sent {
        match answer.await.expect("answered") {
            Ok(Committed::Stored(txn)) => states.push((txn.order.state, txn.order.failure)),
            other => panic!("not stored: {other:?}"),
        }
    }
    let short = |requested, available| {
        let shortages = vec![Shortage { sku: Sku::trusted("A"), requested, available }];
        (State::Cancelled, Some(Failure::OutOfStock { shortages }))
    };
    let sold = (State::Completed, None);
    assert_eq!(states, [sold.clone(), short(3, 2), sold, short(1, 0)]);
    assert_eq!(bench.shelf("A").await, Some((0, 0)));
    assert_eq!(bench.shelf("B").await, Some((98, 0)), "an order that cannot have all has nothing");
    for n in 1..=4 {
        bench.replayed(&format!("O-{n}")).await.expect("stored, the refused ones too");
    }
}

pub async fn what_is_given_back_at_once_must_have_been_there(bench: Bench) {
    let declines = Participants { declines: true, ..LOCAL };
    bench.stock("A", 5).await;
    let there = bench.stored(new_order("O-1", wants(&[("A", 5)]), declines)).await.order;
    assert!(matches!(there.failure, Some(Failure::PaymentDeclined { .. })), "{there:?}");
    let short = bench.stored(new_order("O-2", wants(&[("A", 6)]), declines)).await.order;
    assert!(matches!(short.failure, Some(Failure::OutOfStock { .. })), "{short:?}");
    assert_eq!(bench.shelf("A").await, Some((5, 0)));
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, there);
    assert_eq!(bench.replayed("O-2").await.expect("stored").order, short);
}

pub async fn an_unknown_sku_stores_nothing(bench: Bench) {
    bench.stock("A", 5).await;
    let declines = Participants { declines: true, ..LOCAL };
    for (id, local) in [("O-1", LOCAL), ("O-2", declines), ("O-3", REMOTE_PAYMENT)] {
        let write = new_order(id, wants(&[("A", 1), ("NONE", 1)]), local);
        assert_eq!(bench.commit(write).await, Err(CommitError::UnknownSku), "{id}");
        assert_eq!(bench.replayed(id).await, None);
    }
    // While a SKU runs short, which is served in a mode of its own.
    bench.stored(new_order("O-4", wants(&[("A", 6)]), LOCAL)).await;
    let write = new_order("O-5", wants(&[("A", 6), ("NONE", 1)]), LOCAL);
    assert_eq!(bench.commit(write).await, Err(CommitError::UnknownSku));
    assert_eq!(bench.replayed("O-5").await, None);
    assert_eq!(bench.shelf("A").await, Some((5, 0)));
    let asked = ["NONE", "A", "ALSO"].map(Sku::trusted).to_vec();
    let unknown = ["NONE", "ALSO"].map(Sku::trusted).to_vec();
    assert_eq!(bench.store.unknown_skus(asked).await, Ok(unknown));
}

/// Whatever there is, and is not.
pub async fn a_survey_tells_what_its_parts_tell(bench: Bench) {
    bench.stock("A", 5).await;
    bench.stored(keyed(new_order("O-1", wants(&[("A", 1)]), LOCAL), "k")).await;
    let skus = || ["NONE", "A", "ALSO"].map(Sku::trusted).to_vec();
    for (id, key, skus) in [
        ("O-1", Some("k"), skus()),
        ("O-1", None, Vec::new()),
        ("O-2", Some("k"), skus()),
        ("O-2", Some("other"), vec![Sku::trusted("A")]),
        ("O-2", None, skus()),
    ] {
        let (id, scope) = (OrderId::trusted(id), key.map(scope));
        let told = bench.store.survey(id.clone(), scope.clone(), skus.clone()).await.expect("a survey");
        assert_eq!(told.order, bench.store.load(id).await.expect("the order"), "{key:?}");
        let binding = match scope {
            Some(scope) => bench.store.find_key(scope).await.expect("the key"),
            None => None,
        };
        assert_eq!((told.key.is_some(), &told.key), (key == Some("k"), &binding));
        assert_eq!(told.unknown, bench.store.unknown_skus(skus).await.expect("the SKUs"));
    }
}

pub async fn stock_is_held_then_shipped(bench: Bench) {
    bench.stock("A", 10).await;
    let reserved = bench.stored(new_order("O-1", wants(&[("A", 4)]), REMOTE_PAYMENT)).await.order;
    assert_eq!(reserved.state, State::InventoryReserved);
    assert_eq!(bench.shelf("A").await, Some((10, 4)));
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, reserved);
    let short = bench.stored(new_order("O-2", wants(&[("A", 7)]), REMOTE_PAYMENT)).await.order;
    assert_eq!(short.state, State::Cancelled, "what is held is not there for others");
    let unknown = bench.stored(answered(&reserved, Action::Charge, Outcome::Unknown)).await.order;
    let reference = Some("ch_1".into());
    let charged = Outcome::Done { reference, tombstone: false, captured: Amount(0), holds_ms: None };
    let done = bench.stored(answered(&unknown, Action::Charge, charged)).await.order;
    assert_eq!(done.state, State::Completed);
    assert_eq!(bench.shelf("A").await, Some((6, 0)));
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, done);
}

pub async fn stock_is_held_then_freed(bench: Bench) {
    bench.stock("A", 10).await;
    let reserved = bench.stored(new_order("O-1", wants(&[("A", 4)]), REMOTE_PAYMENT)).await.order;
    let declined = bench.stored(answered(&reserved, Action::Charge, Outcome::refused("no"))).await.order;
    assert_eq!(declined.state, State::Cancelled);
    assert_eq!(bench.shelf("A").await, Some((10, 0)));
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, declined);

    let reserved = bench.stored(new_order("O-2", wants(&[("A", 4)]), REMOTE_PAYMENT)).await.order;
    let cancel = next(&reserved, Command::Cancel { reason: CancelReason::Client }, REMOTE_PAYMENT).expect("taken");
    let voiding = bench.stored(cancel).await.order;
    assert_eq!((voiding.state, bench.shelf("A").await), (State::Compensating, Some((10, 4))));
    let voided = Outcome::Done { reference: None, tombstone: false, captured: voiding.amount, holds_ms: None };
    let ended = bench.stored(answered(&voiding, Action::Void, voided)).await.order;
    assert_eq!((ended.state, bench.shelf("A").await), (State::Cancelled, Some((10, 0))));
    assert_eq!(bench.replayed("O-2").await.expect("stored").order, ended);
}

pub async fn a_carrier_that_refuses_leaves_nothing_out(bench: Bench) {
    bench.stock("A", 10).await;
    let local = Participants { carrier_refuses: true, ..REMOTE_PAYMENT };
    let reserved = bench.stored(new_order("O-1", wants(&[("A", 4)]), local)).await.order;
    let command = Command::Outcome { call: Action::Charge.into(), outcome: Outcome::done() };
    let refunding = bench.stored(next(&reserved, command, local).expect("due")).await.order;
    assert_eq!((refunding.state, bench.shelf("A").await), (State::Compensating, Some((10, 4))));
    let command = Command::Attention { reason: "the refund hangs".into(), missing: None };
    let flagged = bench.stored(next(&refunding, command, local).expect("taken")).await.order;
    assert_eq!(bench.replayed("O-1").await.expect("stored").order, flagged);
}

pub async fn pages_are_in_order_and_filtered(bench: Bench) {
    bench.stock("A", 100).await;
    let at = |n: i64| Timestamp(1_700_000_000_000_000 + n);
    for n in 0..5i64 {
        let mut wanted = wants(&[("A", 1)]);
        wanted.customer_id = format!("cus-{}", n % 2).into();
        let client = if n == 4 { counterfoil::saga::Client::trusted("other") } else { shop() };
        let local = if n < 2 { REMOTE_PAYMENT } else { LOCAL };
        bench.stored(placed(&format!("O-{n}"), client, wanted, local, at(n))).await;
    }
    let waits = bench.load("O-1").await.expect("stored").order;
    let flag = Command::Attention { reason: "look".into(), missing: None };
    bench.stored(next(&waits, flag, REMOTE_PAYMENT).expect("taken")).await;
    let all = Listing { limit: 100, ..Listing::default() };
    let cases = [
        (all.clone(), vec!["O-0", "O-1", "O-2", "O-3", "O-4"]),
        (Listing { limit: 2, ..all.clone() }, vec!["O-0", "O-1"]),
        (Listing { limit: 2, after: Some("O-1".into()), ..all.clone() }, vec!["O-2", "O-3"]),
        (Listing { client: Some(shop()), ..all.clone() }, vec!["O-0", "O-2", "O-1", "O-3"]),
        (Listing { state: Some(State::Completed), ..all.clone() }, vec!["O-2", "O-3", "O-4"]),
        (Listing { state: Some(State::InventoryReserved), ..all.clone() }, vec!["O-0", "O-1"]),
        (Listing { customer_id: Some("cus-1".into()), ..all.clone() }, vec!["O-1", "O-3"]),
        (Listing { client: Some(shop()), customer_id: Some("cus-0".into()), ..all.clone() }, vec!["O-0", "O-2"]),
        (Listing { customer_id: Some("cus-0".into()), ..all.clone() }, vec!["O-4", "O-0", "O-2"]),
        (Listing { newest: true, ..all.clone() }, vec!["O-4", "O-3", "O-2", "O-1", "O-0"]),
        (Listing { newest: true, client: Some(shop()), ..all.clone() }, vec!["O-3", "O-2", "O-1", "O-0"]),
        (Listing { newest: true, state: Some(State::Completed), ..all.clone() }, vec!["O-4", "O-3", "O-2"]),
        (Listing { newest: true, customer_id: Some("cus-1".into()), attention: true, ..all.clone() }, vec!["O-1"]),
        (Listing { from: Some(at(1)), to: Some(at(3)), ..all.clone() }, vec!["O-1", "O-2"]),
        (Listing { newest: true, from: Some(at(1)), to: Some(at(3)), ..all.clone() }, vec!["O-2", "O-1"]),
        (Listing { failure: Some(Code::OutOfStock), ..all.clone() }, vec![]),
        (Listing { attention: true, ..all.clone() }, vec!["O-1"]),
        (Listing { attention: true, state: Some(State::Completed), ..all.clone() }, vec![]),
        (Listing { after: Some("O-4".into()), ..all }, vec![]),
    ];
    for (listing, expected) in cases {
        let page = bench.store.list(listing.clone()).await.expect("list");
        let ids: Vec<_> = page.orders.iter().map(|order| order.id.as_str()).collect();
        assert_eq!(ids, expected, "{listing:?}");
        let mut one = Listing { limit: 1, ..listing.clone() };
        let mut followed = Vec::new();
        while followed.len() < usize::try_from(listing.limit).unwrap() {
            let page = bench.store.list(one.clone()).await.expect("list");
            followed.extend(page.orders.iter().map(|order| order.id.to_string()));
            let Some(next) = page.next else { break };
            one.after = Some(next);
            assert!(one.is_placed(), "{one:?}");
        }
        assert_eq!(followed, expected, "{listing:?}, an order a page");
        for order in page.orders {
            assert_eq!(bench.load(order.id.as_str()).await.expect("stored").order, order);
        }
    }
}

pub async fn stock_by_hand_is_journaled_and_repeats_its_answer(bench: Bench) {
    let StockChanged::Done { level, created } = bench.stock("A", 10).await else { panic!("not set") };
    assert_eq!((level.on_hand, created), (10, true));
    assert!(matches!(bench.stock("A", 8).await, StockChanged::Done { created: false, .. }));
    let StockChanged::Done { level, .. } = bench.adjust("A", 4, "k", 1).await else { panic!("not adjusted") };
    assert_eq!(level.on_hand, 12);
    let StockChanged::Replayed(answer) = bench.adjust("A", 4, "k", 1).await else { panic!("not replayed") };
    let after = r#"{"sku":"A","on_hand":12,"reserved":0,"available":12}"#;
    assert_eq!((answer.status, answer.body.as_str()), (201, after));
    // So is a refusal kept, and told again when it would not be one any more.
    assert!(matches!(bench.adjust("A", -13, "l", 3).await, StockChanged::OutOfRange(level) if level.on_hand == 12));
    bench.stock("A", 20).await;
    let StockChanged::Replayed(answer) = bench.adjust("A", -13, "l", 3).await else { panic!("not replayed") };
    let told: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!((answer.status, &told["code"], &told["on_hand"]), (409, &"stock_out_of_range".into(), &12.into()));
    bench.stock("A", 12).await;
    assert_eq!(bench.adjust("A", 5, "k", 2).await, StockChanged::KeyReused);
    assert_eq!(bench.shelf("A").await, Some((12, 0)));
}

pub async fn stock_is_listed_by_name(bench: Bench) {
    for (sku, on_hand) in [("B", 0), ("A", 10), ("AB", 3), ("a", 4)] {
        bench.stock(sku, on_hand).await;
    }
    bench.stored(new_order("O-1", wants(&[("A", 8)]), REMOTE_PAYMENT)).await;
    let all = StockListing { prefix: String::new(), below: None, after: None, limit: 100 };
    for (listing, expected) in [
        (all.clone(), vec!["A", "AB", "B", "a"]),
        (StockListing { prefix: "A".into(), ..all.clone() }, vec!["A", "AB"]),
        (StockListing { below: Some(4), ..all.clone() }, vec!["A", "AB", "B"]),
        (StockListing { below: Some(3), prefix: "A".into(), ..all.clone() }, vec!["A"]),
        (StockListing { after: Some(Sku::trusted("AB")), ..all }, vec!["B", "a"]),
    ] {
        let mut one = StockListing { limit: 1, ..listing.clone() };
        let page = bench.store.stock_page(listing.clone()).await.expect("a page");
        let mut followed = Vec::new();
        loop {
            let page = bench.store.stock_page(one.clone()).await.expect("a page");
            followed.extend(page.levels);
            one.after = page.next;
            if one.after.is_none() {
                break;
            }
        }
        assert_eq!(followed, page.levels, "{listing:?}, a SKU a page");
        let skus: Vec<_> = page.levels.iter().map(|level| level.sku.as_str()).collect();
        assert_eq!(skus, expected, "{listing:?}");
    }
}

pub async fn stock_stays_within_its_bounds(bench: Bench) {
    bench.stock("A", 10).await;
    bench.stored(new_order("O-1", wants(&[("A", 4)]), REMOTE_PAYMENT)).await;
    for too_much in [3, -1, counterfoil::limits::ON_HAND + 1] {
        assert!(matches!(bench.stock("A", too_much).await, StockChanged::OutOfRange(level) if level.on_hand == 10));
    }
    for (key, delta) in [("a", -7), ("b", i64::MIN), ("c", i64::MAX)] {
        assert!(matches!(bench.adjust("A", delta, key, 1).await, StockChanged::OutOfRange(_)), "{delta}");
        assert!(matches!(bench.adjust("A", delta, key, 1).await, StockChanged::Replayed(_)), "a refusal is kept too");
    }
    assert_eq!(bench.shelf("A").await, Some((10, 4)));
    // What is refused changes nothing: neither does it make a SKU, nor keep a key from being used when it is there.
    assert!(matches!(bench.stock("NEW", -1).await, StockChanged::OutOfRange(_)));
    assert_eq!(bench.shelf("NEW").await, None);
    assert_eq!(bench.adjust("NEW", 1, "d", 1).await, StockChanged::UnknownSku);
    bench.stock("NEW", 1).await;
    assert!(matches!(bench.adjust("NEW", 1, "d", 1).await, StockChanged::Done { .. }));
}

pub async fn a_guard_is_about_its_own_order_only(bench: Bench) {
    bench.stock("A", 10).await;
    let one = bench.stored(new_order("O-1", wants(&[("A", 1)]), REMOTE_PAYMENT)).await.order;
    let two = bench.stored(new_order("O-2", request(&[("A", 2)], "pm_ok"), REMOTE_PAYMENT)).await.order;
    let sent = [&one, &two].map(|order| bench.send(answered(order, Action::Charge, Outcome::done())));
    for answer in sent {
        assert!(matches!(answer.await, Ok(Ok(Committed::Stored(_)))));
    }
    let mut late = answered(&one, Action::Charge, Outcome::done());
    beside(&mut late).version = one.version + 1;
    assert_eq!(bench.commit(late).await, Ok(Committed::Stale));
    assert_eq!(bench.shelf("A").await, Some((7, 0)));
}
