//! What every store does with orders of which something is left to be done. Time is what the bench lets pass.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use counterfoil::limits;
use counterfoil::ports::{Does, PutOff};
use counterfoil::saga::{Action, Amount, CancelReason, Capture, Command, Order, OrderId, Outcome, State};

use super::bench::{
    Bench, HOUR, LEASE, LOCAL, Left, NODE, OTHER_NODE, REMOTE, REMOTE_PAYMENT, answered, names, new_order, said, wants,
};
use crate::support::saga::word;

/// An order whose charge is due.
async fn charging(bench: &Bench, id: &str) -> Order {
    bench.stored(new_order(id, wants(&[("A", 1)]), REMOTE)).await.order
}

async fn stocked(bench: Bench) -> Bench {
    bench.stock("A", 1_000).await;
    bench
}

fn look_at_it() -> Command {
    Command::Attention { reason: "ten attempts".into(), missing: None }
}

/// As a claim ends without a word.
async fn lease_ends(bench: &Bench) {
    bench.advance(LEASE + Duration::from_secs(1)).await;
}

pub async fn an_order_in_flight_has_work_until_it_ends(bench: Bench) {
    let bench = stocked(bench).await;
    bench.stored(new_order("O-LOCAL", wants(&[("A", 1)]), LOCAL)).await;
    assert_eq!(bench.left("O-LOCAL").await, None, "one commit, and nothing is left");
    let order = charging(&bench, "O-1").await;
    let held = Left {
        version: order.version,
        wakes: Some(60),
        expires: Some(300),
        intent_age: 0,
        attempts: 0,
        claims: 0,
        owner: Some(NODE),
        look: false,
    };
    assert_eq!(bench.left("O-1").await, Some(held.clone()), "its maker holds it for its lease");
    let order = bench.stored(answered(&order, Action::Charge, Outcome::done())).await.order;
    let charged = Left { version: order.version, expires: None, ..held };
    assert_eq!(bench.left("O-1").await, Some(charged), "the payment is known: its reservation binds no more");
    bench.stored(answered(&order, Action::Ship, Outcome::done())).await;
    assert_eq!(bench.left("O-1").await, None);
}

pub async fn an_authorised_order_waits_for_its_deadline(bench: Bench) {
    let bench = stocked(bench).await;
    for (id, local) in [("O-1", LOCAL), ("O-2", REMOTE)] {
        let mut request = wants(&[("A", 1)]);
        request.details.capture = Capture::Manual;
        let mut order = bench.stored(new_order(id, request, local)).await.order;
        if local.plan == REMOTE.plan {
            order = bench.stored(answered(&order, Action::Authorize, Outcome::done())).await.order;
        }
        assert_eq!(order.state, State::PaymentAuthorized);
        let left = bench.left(id).await.expect("it waits");
        assert_eq!((left.wakes, left.expires, left.owner), (Some(540), Some(540), None), "{id}: held by nobody");
    }
    bench.advance(HOUR * 8).await;
    assert_eq!(bench.claimed().await, [""; 0]);
    bench.advance(HOUR).await;
    let sweep = bench.claim().await;
    assert_eq!(names(&sweep), ["O-1", "O-2"]);
    assert!(sweep.claimed.iter().all(|claimed| claimed.expired));
}

/// The provider's own limit binds where it is the earlier one.
pub async fn an_authorised_order_waits_no_longer_than_its_money_is_held(bench: Bench) {
    let bench = stocked(bench).await;
    for (id, holds, minutes) in [("O-1", HOUR * 2, 120), ("O-2", HOUR * 20, 540)] {
        let mut request = wants(&[("A", 1)]);
        request.details.capture = Capture::Manual;
        let order = bench.stored(new_order(id, request, REMOTE)).await.order;
        let holds_ms = i64::try_from(holds.as_millis()).ok();
        let held = Outcome::Done { reference: None, tombstone: false, captured: Amount(0), holds_ms };
        bench.stored(answered(&order, Action::Authorize, held)).await;
        let left = bench.left(id).await.expect("it waits");
        assert_eq!((left.wakes, left.expires), (Some(minutes), Some(minutes)), "{id}");
    }
    bench.advance(HOUR * 2).await;
    assert_eq!(bench.claimed().await, ["O-1"]);
}

pub async fn a_claim_belongs_to_one_node_for_its_lease(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    let peer = bench.peer().await;
    assert_eq!(bench.claimed().await, [""; 0], "its maker holds it");
    lease_ends(&bench).await;
    let sweep = peer.claim(OTHER_NODE, LEASE, 100).await.expect("claim");
    assert_eq!(names(&sweep), ["O-1"]);
    let claimed = &sweep.claimed[0];
    assert_eq!((claimed.attempts, claimed.expired, claimed.look), (0, false, false));
    assert!(claimed.intent_age >= LEASE && claimed.late < HOUR, "{claimed:?}");
    let left = bench.left("O-1").await.expect("it is in flight");
    let held = (left.version, left.owner, left.wakes, left.claims);
    assert_eq!(held, (order.version, Some(OTHER_NODE), Some(60), 1));
    assert_eq!(bench.claimed().await, [""; 0], "now the other one does");
    lease_ends(&bench).await;
    assert_eq!(bench.claimed().await, ["O-1"], "whose lease ended");
}

pub async fn two_nodes_share_what_is_due(bench: Bench) {
    let bench = stocked(bench).await;
    for n in 0..60 {
        charging(&bench, &format!("O-{n}")).await;
    }
    lease_ends(&bench).await;
    let peer = bench.peer().await;
    let (mut claims, mut all) = (0, HashSet::new());
    loop {
        let (mine, theirs) = tokio::join!(bench.store.claim(NODE, LEASE, 7), peer.claim(OTHER_NODE, LEASE, 7));
        let found = [mine.expect("claim").claimed, theirs.expect("claim").claimed].concat();
        if found.is_empty() {
            break;
        }
        claims += found.len();
        all.extend(found.into_iter().map(|claimed| claimed.order_id));
    }
    assert_eq!((claims, all.len()), (60, 60), "each is claimed, and by one");
}

pub async fn an_order_whose_deadline_is_over_says_so(bench: Bench) {
    let bench = stocked(bench).await;
    charging(&bench, "O-1").await;
    bench.advance(HOUR * 4).await;
    assert!(!bench.claim().await.claimed[0].expired);
    bench.advance(HOUR * 2).await;
    assert!(bench.claim().await.claimed[0].expired);
}

pub async fn attempts_and_the_age_of_the_intent_are_those_of_the_call(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    let pause = HOUR * 2;
    let postponed =
        |version, attempts| bench.store.postpone(OrderId::trusted("O-1"), PutOff::new(version, attempts, pause));
    assert_eq!(postponed(order.version, 3).await, Ok(true));
    assert_eq!(postponed(order.version - 1, 9).await, Ok(false), "that was another order's stand");
    assert_eq!(
        bench.store.postpone(OrderId::trusted("O-2"), PutOff::new(1, 9, pause)).await,
        Ok(false),
        "there is none"
    );
    let left = bench.left("O-1").await.expect("it is in flight");
    assert_eq!((left.owner, left.attempts), (None, 3));
    assert!(left.wakes >= Some(60) && left.wakes <= Some(120), "half of the pause at least: {left:?}");
    bench.advance(Duration::from_secs(59 * 60)).await;
    assert_eq!(bench.claimed().await, [""; 0], "it is not over");
    bench.advance(Duration::from_secs(61 * 60)).await;
    let claimed = bench.claim().await.claimed.remove(0);
    assert_eq!(claimed.attempts, 3);
    assert!(claimed.intent_age >= pause, "{claimed:?}");

    let lost = answered(&order, Action::Charge, Outcome::Unknown);
    let order = bench.stored(lost).await.order;
    let left = bench.left("O-1").await.expect("it is in flight");
    assert_eq!((left.attempts, left.intent_age), (3, 120), "the same call is due, under the same key");
    assert_eq!((left.owner, left.wakes, left.claims), (Some(NODE), Some(60), 0));
    bench.stored(answered(&order, Action::Charge, Outcome::done())).await;
    let left = bench.left("O-1").await.expect("it is in flight");
    assert_eq!((left.attempts, left.intent_age), (0, 0), "another one is");
}

pub async fn a_pause_ends_with_the_deadline_unless_that_is_over(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    bench.advance(HOUR * 4).await;
    let postpone = |pause| bench.store.postpone(order.id.clone(), PutOff::new(order.version, 1, pause));
    assert_eq!(postpone(HOUR * 4).await, Ok(true));
    assert_eq!(bench.left("O-1").await.expect("in flight").wakes, Some(60), "its deadline comes first");
    bench.advance(HOUR).await;
    assert!(bench.claim().await.claimed[0].expired);
    assert_eq!(postpone(HOUR * 2).await, Ok(true));
    let wakes = bench.left("O-1").await.expect("in flight").wakes;
    assert!(wakes >= Some(60), "a deadline that is over wakes nobody again and again: {wakes:?}");
}

pub async fn what_could_not_be_looked_at_waits_with_the_order(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    bench.advance(HOUR).await;
    assert!(!bench.claim().await.claimed[0].look);
    let off = PutOff { look: true, error: Some("away".into()), ..PutOff::new(order.version, 0, HOUR) };
    assert_eq!(bench.store.postpone(order.id.clone(), off).await, Ok(true));
    assert_eq!(bench.claimed().await, [""; 0], "there is a pause all the same");
    bench.advance(HOUR).await;
    assert!(bench.claim().await.claimed[0].look, "and whoever takes it up looks");
}

pub async fn a_webhook_waits_for_the_call_that_it_is_about(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    let told = |id: &str| bench.store.receive_webhook("payment".into(), id.into(), Some(OrderId::trusted("O-1")));
    assert_eq!(told("m1").await, Ok(true));
    // The call's answer is lost, and the order writes that down: the webhook is about what became of the call.
    let order = bench.stored(answered(&order, Action::Charge, Outcome::Unknown)).await.order;
    assert!(bench.left("O-1").await.expect("in flight").look);
    assert_eq!(bench.store.postpone(order.id.clone(), PutOff::new(order.version, 1, HOUR)).await, Ok(true));
    let sweep = bench.claim().await;
    assert_eq!(names(&sweep), ["O-1"], "there is no pause");
    assert!(sweep.claimed[0].look);
    assert_eq!(told("m2").await, Ok(true));
    let order = bench.stored(answered(&order, Action::Charge, Outcome::done())).await.order;
    assert!(!bench.left("O-1").await.expect("in flight").look, "it was about the charge, and a parcel is due now");
    bench.stored(answered(&order, Action::Ship, Outcome::done())).await;
}

pub async fn what_is_claimed_without_progress_is_claimed_alone_and_then_set_aside(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-1", "O-2", "O-3"] {
        charging(&bench, id).await;
    }
    lease_ends(&bench).await;
    assert_eq!(bench.claimed().await, ["O-1", "O-2", "O-3"]);
    for round in 1..limits::CLAIMS {
        lease_ends(&bench).await;
        let mut found = Vec::new();
        for n in 0..3 {
            // Whoever claimed it is dead: another engine comes.
            let another = uuid::Uuid::from_u128(100 * (1 + n) + u128::from(round.unsigned_abs()));
            let alone = names(&bench.claim_as(another, 100).await);
            assert_eq!(alone.len(), 1, "round {round}: one a sweep");
            found.extend(alone);
        }
        found.sort();
        assert_eq!(found, ["O-1", "O-2", "O-3"], "round {round}: and none is left out");
        assert_eq!(bench.claimed().await, [""; 0], "round {round}");
    }
    let before = bench.load("O-2").await.expect("stored").order;
    lease_ends(&bench).await;
    let sweep = bench.claim().await;
    let mut set_aside: Vec<_> = sweep.set_aside.iter().map(|aside| aside.order_id.as_str()).collect();
    set_aside.sort_unstable();
    assert_eq!((names(&sweep), set_aside), (vec![], vec!["O-1", "O-2", "O-3"]));
    let order = bench.replayed("O-2").await.expect("stored").order;
    assert!(order.attention.is_some(), "{order:?}");
    assert_eq!((order.version, order.state), (before.version + 1, before.state));
    let left = bench.left("O-2").await.expect("it is in flight");
    assert_eq!((left.version, left.wakes, left.expires.is_some()), (order.version, None, true));
    bench.advance(HOUR * 100).await;
    assert_eq!(bench.claimed().await, [""; 0], "nobody touches it");
    // A human does.
    let order = bench.stored(said(&order, Command::Retry(word("it answers again")))).await.order;
    assert_eq!(bench.left("O-2").await.expect("in flight").owner, Some(NODE));
    bench.stored(said(&order, Command::Cancel { reason: CancelReason::Operator })).await;
}

pub async fn fresh_orders_and_suspects_take_turns(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-1", "O-2"] {
        charging(&bench, id).await;
    }
    lease_ends(&bench).await;
    bench.claim().await;
    lease_ends(&bench).await;
    for id in ["O-3", "O-4"] {
        charging(&bench, id).await;
    }
    lease_ends(&bench).await;
    let mut turns = Vec::new();
    for _ in 0..4 {
        turns.push(names(&bench.claim_as(NODE, 1).await).concat());
    }
    let fresh = |name: &String| name == "O-3" || name == "O-4";
    let kinds: Vec<bool> = turns.iter().map(fresh).collect();
    assert!(kinds[0] != kinds[1] && kinds[1] != kinds[2] && kinds[2] != kinds[3], "{turns:?}");
    turns.sort();
    assert_eq!(turns, ["O-1", "O-2", "O-3", "O-4"], "none is left out");
}

pub async fn progress_forgives_claims(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    lease_ends(&bench).await;
    bench.claim().await;
    lease_ends(&bench).await;
    bench.claim_as(OTHER_NODE, 100).await;
    assert_eq!(bench.left("O-1").await.expect("in flight").claims, 2);
    let order = bench.stored(answered(&order, Action::Charge, Outcome::done())).await.order;
    assert_eq!(bench.left("O-1").await.expect("in flight").claims, 0);
    lease_ends(&bench).await;
    bench.claim().await;
    assert_eq!(bench.store.postpone(order.id.clone(), PutOff::new(order.version, 1, HOUR)).await, Ok(true));
    assert_eq!(bench.left("O-1").await.expect("in flight").claims, 0, "who puts it off has survived it");
}

/// An engine that goes on telling that it lives was not killed by what it claimed, whatever else kept it from progress.
pub async fn a_claim_whose_engine_lives_is_not_held_against_the_order(bench: Bench) {
    let bench = stocked(bench).await;
    charging(&bench, "O-1").await;
    let alive = |node| bench.store.heartbeat(node, "here".into(), "up");
    for _ in 0..2 * limits::CLAIMS {
        for node in [NODE, OTHER_NODE] {
            lease_ends(&bench).await;
            alive(NODE).await.expect("tell");
            alive(OTHER_NODE).await.expect("tell");
            let sweep = bench.claim_as(node, 100).await;
            assert_eq!((names(&sweep), sweep.set_aside), (vec!["O-1".to_owned()], vec![]));
        }
    }
    assert_eq!(bench.left("O-1").await.expect("in flight").claims, 1);
    // Then it dies, and the claim counts.
    lease_ends(&bench).await;
    bench.claim_as(uuid::Uuid::from_u128(3), 100).await;
    assert_eq!(bench.left("O-1").await.expect("in flight").claims, 2);
}

/// What is given back was no progress, and no fault of the order either, unless something was said against it.
pub async fn what_is_handed_back_is_claimed_again_and_a_fault_is_told_in_the_end(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-1", "O-2"] {
        charging(&bench, id).await;
    }
    lease_ends(&bench).await;
    let back = |id: &str, node, fault: Option<&str>| {
        let (fault, counted, look) = (fault.map(str::to_owned), true, false);
        bench.store.hand_back(
            OrderId::trusted(id),
            counterfoil::ports::HandBack { node, pause: HOUR, fault, error: None, counted, look },
        )
    };
    assert_eq!(bench.claimed().await, ["O-1", "O-2"]);
    assert_eq!(back("O-1", OTHER_NODE, None).await, Ok(false), "it is not its own to give");
    for round in 1..=2 * limits::CLAIMS {
        assert_eq!(back("O-1", NODE, None).await, Ok(true));
        let left = bench.left("O-1").await.expect("in flight");
        assert_eq!((left.claims, left.owner, left.wakes), (0, None, Some(60)), "round {round}");
        assert_eq!(back("O-2", NODE, Some("22P05: not a character")).await, Ok(true));
        bench.advance(HOUR).await;
        let mut found = Vec::new();
        while let more @ [_, ..] = &bench.claim().await.claimed[..] {
            found.extend(more.iter().map(|claimed| claimed.order_id.as_str().to_owned()));
        }
        found.sort();
        if round >= limits::CLAIMS {
            assert_eq!(found, ["O-1"], "round {round}: the other one waits for a human");
            break;
        }
        assert_eq!(found, ["O-1", "O-2"], "round {round}");
    }
    let attention = bench.load("O-2").await.expect("stored").order.attention.expect("it waits for a human");
    assert!(attention.reason.contains("22P05: not a character"), "{attention:?}");
    assert!(bench.load("O-1").await.expect("stored").order.attention.is_none());
}

/// What a participant said is looked at by whoever claims the order next, and what was not counted is not forgiven.
pub async fn what_is_handed_back_is_as_it_was_found(bench: Bench) {
    let bench = stocked(bench).await;
    charging(&bench, "O-1").await;
    lease_ends(&bench).await;
    assert!(bench.claim_as(OTHER_NODE, 100).await.claimed[0].counted, "its maker did not live on");
    lease_ends(&bench).await;
    bench.store.heartbeat(OTHER_NODE, "here".into(), "up").await.expect("tell");
    assert_eq!(
        bench.store.receive_webhook("payment".into(), "m1".into(), Some(OrderId::trusted("O-1"))).await,
        Ok(true)
    );
    let sweep = bench.claim().await;
    let claimed = &sweep.claimed[0];
    assert!(claimed.look && !claimed.counted, "its last claimer lives: {claimed:?}");
    let before = bench.left("O-1").await.expect("in flight").claims;
    let pause = Duration::ZERO;
    let back = counterfoil::ports::HandBack {
        node: NODE,
        pause,
        fault: None,
        error: None,
        counted: claimed.counted,
        look: claimed.look,
    };
    assert_eq!(bench.store.hand_back(OrderId::trusted("O-1"), back).await, Ok(true));
    let left = bench.left("O-1").await.expect("in flight");
    assert_eq!((left.claims, left.look), (before, true));
    assert!(bench.claim_as(OTHER_NODE, 100).await.claimed[0].look, "it is looked at all the same");
}

/// A session that forgot one row holds up no sweep, nor the heartbeat, nor the end of an engine.
pub async fn a_locked_row_stops_no_sweep(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-1", "O-2", "O-3"] {
        charging(&bench, id).await;
    }
    let Some(database) = bench.database().await else { return };
    lease_ends(&bench).await;
    bench.store.heartbeat(OTHER_NODE, "gone".into(), "up").await.expect("tell");
    bench.advance(limits::NODE_FORGOTTEN).await;
    let lock = "BEGIN; SELECT FROM order_work WHERE order_id = 'O-2' FOR UPDATE; SELECT FROM nodes FOR UPDATE";
    database.batch_execute(lock).await.expect("lock");
    assert_eq!(bench.claimed().await, ["O-1", "O-3"]);
    bench.store.heartbeat(NODE, "here".into(), "up").await.expect("a heartbeat waits for nothing");
    assert_eq!(bench.store.release(NODE).await, Ok(2));
    assert_eq!(bench.claimed().await, ["O-1", "O-3"]);
    let waits = bench.store.postpone(OrderId::trusted("O-2"), PutOff::new(2, 1, HOUR)).await;
    assert!(matches!(waits, Err(counterfoil::ports::StoreError::Unavailable(_))), "{waits:?}");
    database.batch_execute("ROLLBACK").await.expect("let go");
    assert_eq!(bench.claimed().await, ["O-2"]);
}

/// Rows that were written ten minutes from now, as after a clock that was set back by so much.
pub async fn a_clock_that_was_set_back_leaves_no_order_asleep(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-MINE", "O-OTHER", "O-NOBODY"] {
        charging(&bench, id).await;
    }
    let mut manual = wants(&[("A", 1)]);
    manual.details.capture = Capture::Manual;
    bench.stored(new_order("O-WAITS", manual, LOCAL)).await;
    let Some(database) = bench.database().await else { return };
    database.execute("UPDATE order_work SET owner = $1 WHERE order_id = 'O-OTHER'", &[&OTHER_NODE]).await.unwrap();
    database.batch_execute("UPDATE order_work SET owner = NULL WHERE order_id = 'O-NOBODY'").await.unwrap();
    let set_back =
        "UPDATE order_work SET wake_at = wake_at + interval '10 min', expires_at = expires_at + interval '10 min',
        intent_at = intent_at + interval '10 min', written_at = written_at + interval '10 min'";
    database.batch_execute(set_back).await.expect("set the clock back");
    let lease = Duration::from_secs(2);
    let sweep = bench.store.claim(NODE, lease, 100).await.expect("claim");
    assert_eq!(names(&sweep), ["O-MINE", "O-NOBODY"], "at once; but another's only after a lease");
    for claimed in &sweep.claimed {
        assert!(claimed.intent_age >= LEASE, "a key is taken to be as old as it can be: {claimed:?}");
    }
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while names(&bench.store.claim(NODE, lease, 100).await.expect("claim")) != ["O-OTHER"] {
        assert!(std::time::Instant::now() < deadline, "the other one's order sleeps on");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let left = bench.left("O-WAITS").await.expect("it waits for its capture");
    assert_eq!((left.wakes, left.expires), (Some(540), Some(540)), "it waits as long as before");
    let ahead = "SELECT count(*) FROM order_work WHERE written_at > clock_timestamp() OR intent_at > clock_timestamp()";
    assert_eq!(database.query_one(ahead, &[]).await.unwrap().get::<_, i64>(0), 0);
}

pub async fn what_is_released_is_claimable_at_once(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-1", "O-2"] {
        charging(&bench, id).await;
    }
    lease_ends(&bench).await;
    let peer = bench.peer().await;
    assert_eq!(peer.claim(OTHER_NODE, LEASE, 1).await.expect("claim").claimed.len(), 1);
    assert_eq!(bench.claimed().await.len(), 1);
    assert_eq!(bench.store.release(OTHER_NODE).await, Ok(1));
    let found = bench.claim().await;
    assert_eq!(found.claimed.len(), 1, "what the other one held");
    let left = bench.left(found.claimed[0].order_id.as_str()).await.expect("in flight");
    assert_eq!(left.claims, 1, "who goes in order was not killed by it");
    assert_eq!(bench.store.release(OTHER_NODE).await, Ok(0));
    assert_eq!(bench.store.release(NODE).await, Ok(2));
}

pub async fn nobody_wakes_what_waits_for_a_human(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    let order = bench.stored(said(&order, look_at_it())).await.order;
    let left = bench.left("O-1").await.expect("it is in flight");
    assert_eq!((left.wakes, left.expires, left.owner), (None, Some(300), None));
    assert_eq!(bench.store.postpone(order.id.clone(), PutOff::new(order.version, 1, HOUR)).await, Ok(false));
    bench.advance(HOUR * 10).await;
    assert_eq!(bench.claim().await, counterfoil::ports::Sweep::default());
    let order = bench.stored(said(&order, Command::Retry(word("it answers again")))).await.order;
    let left = bench.left("O-1").await.expect("it is in flight");
    assert_eq!((left.version, left.wakes, left.owner), (order.version, Some(60), Some(NODE)));
    assert_eq!(left.expires, Some(-300), "time went on meanwhile");
}

pub async fn a_lost_guard_leaves_the_work_as_it_was(bench: Bench) {
    let bench = stocked(bench).await;
    let order = charging(&bench, "O-1").await;
    bench.stored(answered(&order, Action::Charge, Outcome::done())).await;
    let before = bench.left("O-1").await;
    let mut late = said(&order, Command::Cancel { reason: CancelReason::Client });
    assert_eq!(bench.commit(late.clone()).await, Ok(counterfoil::ports::Committed::Stale));
    assert_eq!(bench.left("O-1").await, before);
    late.does = Does::Place { content: Arc::new(order.request.stored()) };
    assert_eq!(bench.commit(late).await, Ok(counterfoil::ports::Committed::Exists));
    assert_eq!(bench.left("O-1").await, before);
}

pub async fn an_order_refused_for_stock_leaves_nothing_to_be_done(bench: Bench) {
    bench.stock("A", 1).await;
    let txn = bench.stored(new_order("O-1", wants(&[("A", 2)]), REMOTE_PAYMENT)).await;
    assert_eq!(txn.order.state, State::Cancelled);
    assert_eq!(bench.left("O-1").await, None);
}

pub async fn nodes_are_seen_until_they_are_gone(bench: Bench) {
    let bench = stocked(bench).await;
    charging(&bench, "O-1").await;
    let tell = |node, state| bench.store.heartbeat(node, format!("127.0.0.1:{node}"), state);
    tell(NODE, "up").await.expect("tell");
    bench.advance(Duration::from_secs(5)).await;
    tell(OTHER_NODE, "up").await.expect("tell");
    let seen = || async { bench.store.nodes().await.expect("nodes") };
    let states = |nodes: &[counterfoil::ports::Node]| {
        nodes.iter().map(|node| (node.node_id, node.state.clone(), node.orders)).collect::<Vec<_>>()
    };
    let nodes = seen().await;
    assert_eq!(states(&nodes), [(NODE, "up".into(), 1), (OTHER_NODE, "up".into(), 0)]);
    assert_eq!(nodes[0].name, format!("127.0.0.1:{NODE}"));
    assert!(nodes[0].heartbeat_age_ms >= 5_000 && nodes[0].started_at.ends_with('Z'), "{nodes:?}");
    bench.advance(limits::NODE_GONE - Duration::from_secs(4)).await;
    tell(OTHER_NODE, "draining").await.expect("tell");
    assert_eq!(states(&seen().await), [(NODE, "gone".into(), 1), (OTHER_NODE, "draining".into(), 0)]);
    bench.advance(limits::NODE_FORGOTTEN).await;
    tell(OTHER_NODE, "up").await.expect("tell");
    assert_eq!(states(&seen().await), [(OTHER_NODE, "up".into(), 0)], "and then they are forgotten");
}

pub async fn who_waits_elsewhere_hears_of_the_end(bench: Bench) {
    let bench = stocked(bench).await;
    let peer = bench.peer().await;
    let mut ended = peer.ended_elsewhere();
    // Nobody is told where no other engine lives.
    peer.heartbeat(uuid::Uuid::new_v4(), "another".into(), "up").await.unwrap();
    let order = charging(&bench, "O-1").await;
    let order = bench.stored(answered(&order, Action::Charge, Outcome::done())).await.order;
    // The connection that listens stands a moment after it was asked for: until then, what ends is missed.
    let mut n = 0;
    loop {
        bench.stored(new_order(&format!("O-M{n}"), wants(&[("A", 1)]), LOCAL)).await;
        let early = charging(&bench, &format!("O-E{n}")).await;
        let early =
            bench.stored(said(&early, Command::Attention { reason: "stuck".into(), missing: None })).await.order;
        bench.stored(said(&early, Command::ForceCancel(word("early")))).await;
        let heard = tokio::time::timeout(Duration::from_millis(200), ended.recv()).await;
        if heard.is_ok_and(|told| told == Ok(OrderId::trusted(format!("O-E{n}")))) {
            break;
        }
        n += 1;
        assert!(n < 100, "nothing is heard");
    }
    bench.stored(answered(&order, Action::Ship, Outcome::done())).await;
    let heard = tokio::time::timeout(Duration::from_secs(30), ended.recv()).await.expect("in time");
    assert_eq!(heard, Ok(OrderId::trusted("O-1")), "and of nothing else: not of orders that are done at once");
}

/// A row that kills whoever reads it, and one without its order, are the sweep's no less than others.
pub async fn a_broken_order_stops_no_sweep(bench: Bench) {
    let bench = stocked(bench).await;
    for id in ["O-1", "O-2", "O-3"] {
        charging(&bench, id).await;
    }
    let Some(database) = bench.database().await else { return };
    let corrupt = "UPDATE orders SET lines = 'not JSON' WHERE order_id = 'O-1';
        DELETE FROM orders WHERE order_id = 'O-2'";
    database.batch_execute(corrupt).await.expect("corrupt");
    lease_ends(&bench).await;
    assert_eq!(bench.claimed().await, ["O-1", "O-2", "O-3"]);
    database.batch_execute("UPDATE order_work SET claims = 5").await.expect("as after five claims");
    lease_ends(&bench).await;
    let sweep = bench.claim().await;
    let mut set_aside: Vec<_> = sweep.set_aside.iter().map(|aside| aside.order_id.as_str()).collect();
    set_aside.sort_unstable();
    assert_eq!(set_aside, ["O-1", "O-3"], "set aside without being read; of the other one there is nothing to flag");
    assert_eq!(bench.claim().await, counterfoil::ports::Sweep::default());
    assert!(bench.load("O-3").await.expect("stored").order.attention.is_some());
}
