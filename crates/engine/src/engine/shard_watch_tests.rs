//! Who waits for an order's end: until it ends, in this engine or in another, or until their patience does. What they are told then
//! was read since they asked, and one reading serves them all.

use super::shard_hall_tests::{Hall, NANOSECOND, NOTHING, SETTINGS, cancel, end, place, runs, s, wake};
use super::*;

/// It ends here: those who wait ask again, and hear it; whoever made the order as the first.
#[test]
fn who_waits_hears_the_end() {
    for (replayed, told) in [(false, "1: end"), (true, "1: end, again")] {
        let mut hall = Hall::new();
        hall.ask(&place("A"), 1, s(30));
        assert_eq!(hall.answers("A", Ok(runs(replayed)), true), NOTHING);
        assert!(hall.slot("A").in_flight && hall.slot("A").driving);
        assert_eq!(hall.moves("A", Some(runs(false)), false), NOTHING);
        assert_eq!(hall.moves("A", Some(end(false)), true), ["place A #1"]);
        assert_eq!(hall.answers("A", Ok(end(true)), false), [told]);
        assert_eq!(hall.counts(), (1, 1, 0, 0));
        assert!(hall.shard.watched.is_empty() && !hall.slot("A").in_flight);
    }
    // Who made it did so, however often it was looked at since.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), false);
    for verdict in [runs(false), runs(true)] {
        hall.now += limits::LOOK_AGAIN;
        assert_eq!(hall.tell(Input::Tick), ["place A #1, reload"]);
        assert_eq!(hall.answers("A", Ok(verdict), false), NOTHING);
    }
    hall.now += limits::LOOK_AGAIN;
    hall.tell(Input::Tick);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end"]);
}

/// An order that goes on, and nobody's patience is over.
#[test]
fn who_has_no_patience_is_told_where_it_stands() {
    for (patience, told) in [(s(0), &["1: runs"][..]), (NANOSECOND, &[][..])] {
        let mut hall = Hall::new();
        hall.ask(&place("A"), 1, patience);
        assert_eq!(hall.answers("A", Ok(runs(false)), true), told, "{patience:?}");
        assert_eq!(hall.shard.watched.len(), usize::from(told.is_empty()));
    }
    // It was asked by two, and answered to one: the other joined later than what was read.
    let mut hall = Hall::new();
    hall.ask(&place("A"), 1, s(0));
    for waiter in [2, 3] {
        assert_eq!(hall.ask(&place("A"), waiter, s(0)), NOTHING);
    }
    hall.ask(&cancel("A", "shop", "k"), 4, s(0));
    assert_eq!(hall.answers("A", Ok(runs(false)), true), ["1: runs", "place A #1"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["2: runs, again", "3: runs, again", "cancel k A #1"]);
    // What failed is told to all.
    assert_eq!(hall.ask(&cancel("A", "shop", "k"), 5, s(9)), NOTHING);
    let lines = hall.answers("A", Err(SubmitError::Overloaded), true);
    assert_eq!(lines, ["4: the engine is overloaded", "5: the engine is overloaded"]);
}

/// Those who wait where another engine drives look for themselves, from time to time; where this one does they are told.
#[test]
fn who_waits_for_another_engine_looks_from_time_to_time() {
    let again = limits::LOOK_AGAIN;
    for (driving, looked) in [(false, &["place A #1, reload"][..]), (true, &[][..])] {
        let mut hall = Hall::new();
        hall.waits("A", 1, s(30), driving);
        for _ in 0..2 {
            hall.now += again - NANOSECOND;
            assert_eq!(hall.tell(Input::Tick), NOTHING);
            hall.now += NANOSECOND;
            assert_eq!(hall.tell(Input::Tick), looked);
            // One look at a time.
            hall.now += again;
            assert_eq!(hall.tell(Input::Tick), NOTHING);
            assert_eq!(hall.answers("A", Ok(runs(true)), driving), NOTHING);
        }
    }
    // What is looked at by somebody's request is read anew as well, and looked at again only so much later.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), false);
    hall.now += again;
    assert_eq!(hall.ask(&place("A"), 2, s(30)), ["place A #1, reload"]);
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    assert_eq!(hall.answers("A", Ok(runs(true)), false), NOTHING);
    hall.now += again - NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), NOTHING);
}

/// What an actor told of is its shard's knowledge of the order, by which it says whether it is to be read anew.
#[test]
fn what_is_not_driven_here_is_read_anew() {
    for (before, reply, resting, after) in [
        (false, None, true, false),
        (true, None, true, true),
        (false, None, false, false),
        (true, None, false, true),
        (false, Some(runs(false)), true, true),
        (true, Some(runs(false)), false, true),
        (true, Some(end(false)), true, false),
        (true, Some(end(false)), false, false),
    ] {
        let mut hall = Hall::new();
        hall.waits("A", 1, s(30), true);
        hall.slot_mut("A").in_flight = before;
        let told = format!("{before} {reply:?} {resting}");
        let ended = matches!(reply, Some(Reply::Final { .. }));
        let lines = hall.moves("A", reply, resting);
        assert_eq!(lines.len(), usize::from(ended), "those who wait ask again: {told}");
        assert_eq!((hall.slot("A").in_flight, hall.slot("A").driving), (after, !resting), "{told}");
        let next = hall.ask(&cancel("A", "shop", "k"), 2, s(0));
        match ended {
            true => assert_eq!(next, NOTHING, "it waits for those: {told}"),
            false if after && resting => assert_eq!(next, ["cancel k A #1, reload"], "{told}"),
            false => assert_eq!(next, ["cancel k A #1"], "{told}"),
        }
    }
}

/// By a verb, which has an answer of its own: those who wait for the order ask again.
#[test]
fn a_verb_that_ends_an_order_ends_it_for_those_who_wait() {
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    assert_eq!(hall.ask(&cancel("A", "shop", "k"), 2, s(30)), ["cancel k A #1"]);
    assert_eq!(hall.answers("A", Ok(end(false)), false), ["2: end", "place A #1, reload"]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end"]);
    assert!(!hall.slot("A").in_flight);
    // While the order goes on they wait on.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    hall.ask(&cancel("A", "shop", "k"), 2, s(30));
    assert_eq!(hall.answers("A", Ok(end(false)), true), ["2: end"]);
    assert!(hall.slot("A").in_flight && hall.shard.watched.len() == 1);
    // As they do where it was not answered.
    hall.ask(&cancel("A", "shop", "k"), 3, s(30));
    assert_eq!(hall.answers("A", Err(SubmitError::Overloaded), false), ["3: the engine is overloaded"]);
    assert_eq!(hall.slot("A").watches.len(), 1);
    // Nobody asks again where nobody waits.
    let mut hall = Hall::new();
    hall.ask(&place("A"), 1, s(30));
    assert_eq!(hall.answers("A", Ok(end(false)), false), ["1: end"]);
}

/// Of an end elsewhere those hear who wait; what was read before it was told is read once more.
#[test]
fn an_end_elsewhere_has_those_who_wait_ask_again() {
    let ended = || Input::Ended { id: OrderId::trusted("A") };
    let mut hall = Hall::new();
    assert_eq!(hall.tell(ended()), NOTHING, "nothing is known of it");
    hall.ask(&place("A"), 1, s(30));
    assert_eq!(hall.tell(ended()), NOTHING, "nobody waits yet");
    assert_eq!(hall.answers("A", Ok(runs(false)), true), NOTHING);
    assert_eq!(hall.tell(ended()), ["place A #1, reload"]);
    assert!(hall.shard.watched.is_empty());
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end"]);
    // Somebody's look is under way: it serves all, and may be of before the end.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    assert_eq!(hall.ask(&place("A"), 2, s(30)), ["place A #1"]);
    assert_eq!(hall.tell(ended()), NOTHING);
    assert_eq!(hall.slot("A").running.as_ref().map(|one| (one.reload, one.ended)), Some((true, true)));
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["place A #1, reload"]);
    let lines = hall.answers("A", Ok(end(true)), false);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines.contains(&"1: end".to_owned()) && lines.contains(&"2: end, again".to_owned()), "{lines:?}");
    // It was the end: nobody waits any more.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    hall.ask(&place("A"), 2, s(30));
    hall.tell(ended());
    assert_eq!(hall.answers("A", Ok(end(true)), false).len(), 2);
    // Something else is in hand: they come behind it.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    assert_eq!(hall.ask(&cancel("A", "shop", "k"), 2, s(0)), ["cancel k A #1"]);
    assert_eq!(hall.tell(ended()), NOTHING);
    let lines = hall.answers("A", Err(SubmitError::Overloaded), false);
    assert_eq!(lines, ["2: the engine is overloaded", "place A #1, reload"]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end"]);
}

/// Whose patience ends asks once more; the others wait on.
#[test]
fn whose_patience_ends_has_one_more_look() {
    let mut hall = Hall::new();
    for (waiter, patience) in [(1, 5), (2, 5), (3, 9)] {
        hall.ask(&place("A"), waiter, s(patience));
    }
    assert_eq!(hall.answers("A", Ok(runs(false)), true), NOTHING);
    hall.now += s(5) - NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    hall.now += NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), ["place A #1"]);
    assert_eq!(hall.shard.watched.len(), 1);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["1: runs, again", "2: runs, again"]);
    hall.now += s(4);
    assert_eq!(hall.tell(Input::Tick), ["place A #1"]);
    assert!(hall.shard.watched.is_empty(), "nobody is left");
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["3: runs, again"]);
    // Behind what is in hand.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(5), true);
    hall.ask(&cancel("A", "shop", "k"), 2, s(30));
    hall.now += s(5);
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    assert_eq!(hall.answers("A", Err(SubmitError::Overloaded), true), ["2: the engine is overloaded", "place A #1"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["1: runs, again"]);
    // By what runs for others, which was read before: once more.
    let mut hall = Hall::new();
    hall.waits("A", 1, s(5), true);
    hall.now += s(5) - NANOSECOND;
    assert_eq!(hall.ask(&place("A"), 2, s(30)), ["place A #1"]);
    hall.now += NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["place A #1"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["1: runs, again"]);
    assert_eq!(hall.shard.watched.len(), 1);
}

/// Requests for one order that are not the same wait each for their own answer.
#[test]
fn each_request_has_its_own_answer() {
    let keyed = |key: &str| {
        let Ask::Submit(prepared) = &*place("A") else { panic!("a submission") };
        let submission = Submission {
            client: prepared.client.clone(),
            order_id: Some(OrderId::trusted("A")),
            key: Some(IdempotencyKey::trusted(key)),
            request: Arc::clone(&prepared.request),
        };
        Arc::new(Ask::Submit(Prepared::new(submission).expect("an order_id")))
    };
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    assert_eq!(hall.ask(&keyed("k"), 2, s(30)), ["place A #1"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), NOTHING);
    assert_eq!(hall.ask(&place("A"), 3, s(30)), ["place A #1"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), NOTHING);
    let watchers: Vec<_> = hall.slot("A").watches.iter().map(|watch| watch.watchers.len()).collect();
    assert_eq!(watchers, [2, 1]);
    assert_eq!(hall.moves("A", Some(end(false)), true), ["place A #1"]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end", "3: end, again", "place A #1"]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["2: end, again"]);
}

/// The engine is about to end: nobody begins to wait, and who does hears where the order stands.
#[test]
fn nobody_waits_for_an_engine_that_ends() {
    let mut hall = Hall::with(ShardSettings { residents: 8, ..SETTINGS });
    hall.waits("A", 1, s(30), true);
    hall.waits("B", 2, s(30), false);
    hall.ask(&place("C"), 3, s(30));
    let mut lines = hall.tell(Input::Drain);
    lines.sort();
    assert_eq!(lines, ["place A #1", "place B #2, reload"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), ["1: runs, again"]);
    assert_eq!(hall.answers("B", Ok(runs(true)), false), ["2: runs, again"]);
    // What was read before it was to end is read once more.
    assert_eq!(hall.answers("C", Ok(runs(false)), true), ["place C #3"]);
    assert_eq!(hall.answers("C", Ok(runs(true)), true), ["3: runs, again"]);
    // Whoever comes now is told as soon as it is durable.
    assert_eq!(hall.ask(&place("D"), 4, s(30)), ["start D #4", "place D #4"]);
    assert_eq!(hall.answers("D", Ok(runs(false)), true), ["4: runs"]);
    assert_eq!(hall.ask(&place("D"), 5, s(30)), ["place D #4"]);
    assert_eq!(hall.answers("D", Ok(end(true)), true), ["5: end, again"]);
}

/// An actor that died drives nothing: whoever claims the order goes on, and those who wait look for themselves.
#[test]
fn who_waits_for_an_order_whose_actor_died_looks_elsewhere() {
    let mut hall = Hall::new();
    hall.waits("A", 1, s(30), true);
    assert_eq!(hall.dies("A"), NOTHING);
    assert!(!hall.slot("A").driving);
    hall.now += limits::LOOK_AGAIN;
    assert_eq!(hall.tell(Input::Tick), ["start A #2, rehydrated", "place A #2, reload"]);
    // It dies with that in hand: they are refused with it, if it kills.
    assert_eq!(hall.dies("A"), ["wake in 40ms"]);
    hall.now += 2 * limits::RESPAWN_PAUSE;
    assert_eq!(hall.tell(Input::Tick), ["start A #3, rehydrated", "place A #3, reload"]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end"]);
    // The engine's own wish has nobody to be told.
    assert_eq!(hall.wish(&wake("A")), ["wake A #3"]);
    assert_eq!(hall.answers("A", Ok(runs(true)), true), NOTHING);
    assert!(hall.shard.watched.is_empty() && hall.slot("A").watches.is_empty());
}

/// Those who hung up: who waited, and who joined. Whoever began what runs keeps the place until it is worked off.
#[test]
fn who_hung_up_is_not_answered() {
    let mut hall = Hall::new();
    for waiter in 1..=4 {
        hall.ask(&place("A"), waiter, s(0));
    }
    assert_eq!(hall.forget(|waiter| *waiter != 3), NOTHING);
    assert_eq!(hall.answers("A", Ok(end(false)), false), ["1: end", "3: end, again"]);
    // Nobody of one who waits on.
    let mut hall = Hall::new();
    for waiter in 1..=3 {
        hall.ask(&place("A"), waiter, s(30));
    }
    hall.answers("A", Ok(runs(false)), true);
    assert_eq!(hall.forget(|waiter| *waiter == 2), NOTHING);
    assert_eq!(hall.shard.watched.len(), 1);
    hall.moves("A", Some(end(false)), true);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end", "3: end, again"]);
    // Nobody is left, and it rests: it takes no memory. One that is driven stays.
    for (resting, line) in [(true, &["stop A"][..]), (false, &[][..])] {
        let mut hall = Hall::new();
        hall.waits("A", 1, s(30), true);
        hall.moves("A", Some(runs(false)), resting);
        assert_eq!(hall.forget(|_| true), line);
        assert!(hall.shard.watched.is_empty());
        assert_eq!(hall.counts().0, usize::from(!resting));
    }
}
