//! Who asks for an order: one request of it is in hand, the same one joins it, others wait behind it; as many as may, whatever dies
//! meanwhile.

use super::shard_hall_tests::{Hall, NANOSECOND, NOTHING, SETTINGS, cancel, end, place, runs, s, wake};
use super::*;

#[test]
fn one_request_of_an_order_is_in_hand_and_the_same_joins_it() {
    let mut hall = Hall::new();
    let (one, two) = (cancel("A", "shop", "k-1"), cancel("A", "shop", "k-2"));
    assert_eq!(hall.ask(&place("A"), 1, s(0)), ["start A #1", "place A #1"]);
    assert_eq!(hall.ask(&place("A"), 2, s(0)), NOTHING);
    for (ask, waiter) in [(&one, 3), (&two, 4), (&one, 5)] {
        assert_eq!(hall.ask(ask, waiter, s(0)), NOTHING);
    }
    assert_eq!(hall.wish(&wake("A")), NOTHING);
    assert_eq!(hall.ask(&two, 6, s(0)), NOTHING);
    // Another order has an actor of its own.
    assert_eq!(hall.ask(&place("B"), 7, s(0)), ["start B #2", "place B #2"]);
    assert_eq!(hall.counts(), (2, 2, 2, 0));
    // The next in line is taken up with all who asked for the same.
    assert_eq!(hall.answers("A", Ok(end(false)), false), ["1: end", "2: end, again", "cancel k-1 A #1"]);
    assert_eq!(hall.answers("A", Ok(end(false)), false), ["3: end", "5: end, again", "cancel k-2 A #1"]);
    assert_eq!(
        hall.answers("A", Err(SubmitError::Overloaded), false),
        ["4: the engine is overloaded", "6: the engine is overloaded", "wake A #1"]
    );
    assert_eq!(hall.counts(), (2, 2, 2, 0));
    assert_eq!(hall.answers("A", Ok(end(true)), false), NOTHING);
    assert_eq!(hall.counts(), (2, 2, 1, 0));
    let in_flight: Vec<_> = hall.shard.in_flight().map(|(id, generation)| (id.to_string(), generation)).collect();
    assert_eq!(in_flight, [("B".to_owned(), 2)]);
    // An actor that is there takes the next.
    assert_eq!(hall.ask(&one, 8, s(0)), ["cancel k-1 A #1"]);
}

/// Who made the order, or the verb, hears the first answer; who joined, or came later, hears a repeat.
#[test]
fn an_end_is_a_repeat_to_all_but_whoever_made_it() {
    let waiting = |waiter, first| Waiting { waiter, until: Instant::now(), first, late: false };
    for (told, firsts, lines) in [
        (end(false), [false, false, false], [false, true, true]),
        (end(true), [false, false, false], [true, true, true]),
        (end(true), [false, true, false], [true, false, true]),
        (end(false), [true, false, true], [false, true, false]),
    ] {
        let mut out = Vec::new();
        let waiters = firsts.into_iter().zip(1..).map(|(first, waiter)| waiting(waiter, first)).collect();
        reply_all(waiters, &Ok(told), &mut out);
        let replayed = |output: &Output<u32>| match output {
            Output::Reply { verdict: Ok(Reply::Final { replayed, .. }), .. } => *replayed,
            _ => panic!("{output:?}"),
        };
        assert_eq!(out.iter().map(replayed).collect::<Vec<_>>(), lines);
    }
    // Where it stands is told as it was said.
    for again in [false, true] {
        let mut out = Vec::new();
        reply_all(vec![waiting(1, false), waiting(2, false)], &Ok(runs(again)), &mut out);
        let same = |output: &Output<u32>| matches!(output, Output::Reply { verdict: Ok(Reply::Running { replayed, .. }), .. } if *replayed == again);
        assert!(out.len() == 2 && out.iter().all(same), "{out:?}");
    }
}

/// An actor of before is dead to its shard: its guard kept it from writing, and nobody waits for what it says.
#[test]
fn what_a_dead_actor_says_is_not_heard() {
    let mut hall = Hall::new();
    let id = || OrderId::trusted("A");
    let answered = |generation| Input::Answered { id: id(), generation, verdict: Ok(end(false)), driving: false };
    let moved = |generation| Input::Moved { id: id(), generation, reply: Some(end(false)), resting: true };
    let died = |generation| Input::Died { id: id(), generation, cause: RestartCause::Panic };
    for input in [answered(0), moved(0), died(0)] {
        assert_eq!(hall.tell(input), NOTHING, "nothing is known of it");
    }
    hall.ask(&place("A"), 1, s(30));
    assert_eq!(hall.dies("A"), ["wake in 20ms"]);
    for input in [answered(1), moved(1), died(1)] {
        assert_eq!(hall.tell(input), NOTHING, "it is dead");
        assert_eq!(hall.counts(), (1, 0, 1, 0));
    }
    hall.now += limits::RESPAWN_PAUSE;
    assert_eq!(hall.tell(Input::Tick), ["start A #2, rehydrated", "place A #2"]);
    for input in [answered(1), moved(1), died(1)] {
        assert_eq!(hall.tell(input), NOTHING, "it has a successor");
        assert_eq!(hall.counts(), (1, 1, 1, 0));
    }
    assert_eq!(hall.answers("A", Ok(end(false)), false), ["1: end"]);
    // Nor does it drive the order any more.
    let mut driven = Hall::new();
    driven.waits("A", 2, s(30), true);
    driven.dies("A");
    let moves = Input::Moved { id: id(), generation: 1, reply: Some(runs(false)), resting: false };
    assert_eq!(driven.tell(moves), NOTHING);
    assert!(!driven.slot("A").driving);
    // Nobody waits for a second answer.
    assert_eq!(hall.answers("A", Ok(end(false)), false), NOTHING);
    assert_eq!(hall.counts(), (1, 1, 0, 0));
}

/// A fresh actor is given the command again, behind a pause that grows with the deaths; one who kills too many is refused for a
/// while, and then tried once.
#[test]
fn an_order_whose_actors_die_is_tried_again_and_then_quarantined() {
    let pause = limits::RESPAWN_PAUSE;
    let mut hall = Hall::new();
    hall.ask(&place("A"), 1, s(30));
    hall.ask(&place("A"), 2, s(30));
    hall.ask(&cancel("A", "shop", "k"), 3, s(30));
    hall.wish(&wake("A"));
    for (deaths, told) in [(1, "wake in 20ms"), (2, "wake in 40ms")] {
        assert_eq!(hall.dies("A"), [told]);
        assert_eq!(hall.counts(), (1, 0, 1, 0));
        assert!(hall.shard.in_flight().next().is_none(), "nobody has it");
        hall.now += pause * deaths - NANOSECOND;
        assert_eq!(hall.tell(Input::Tick), ["wake in 1ns"]);
        hall.now += NANOSECOND;
        let next = deaths + 1;
        assert_eq!(hall.tell(Input::Tick), [format!("start A #{next}, rehydrated"), format!("place A #{next}")]);
        assert_eq!(hall.tell(Input::Tick), NOTHING);
    }
    let killed = "internal: order A killed 3 actors in a row";
    assert_eq!(
        hall.dies("A"),
        [format!("1: {killed}"), format!("2: {killed}"), format!("3: {killed}"), "quarantine A after 3".into()]
    );
    assert_eq!(hall.counts(), (1, 0, 0, 1));
    assert!(hall.slot("A").queue.is_empty());
    let refused = "4: internal: order A is quarantined: its actors die";
    hall.now += limits::QUARANTINE - NANOSECOND;
    assert_eq!(hall.ask(&place("A"), 4, s(30)), [refused]);
    assert_eq!(hall.wish(&wake("A")), NOTHING);
    hall.now += NANOSECOND;
    // One try, and not three.
    assert_eq!(hall.ask(&place("A"), 5, s(30)), ["start A #4, rehydrated", "place A #4"]);
    assert_eq!(hall.counts(), (1, 1, 1, 1));
    assert_eq!(hall.dies("A"), [format!("5: {killed}"), "quarantine A after 3".into()]);
    assert_eq!(hall.counts(), (1, 0, 0, 1));
    // An answer ends it: its deaths are forgotten.
    hall.now += limits::QUARANTINE;
    hall.ask(&place("A"), 6, s(30));
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["6: end, again"]);
    assert_eq!(hall.counts(), (1, 1, 0, 0));
    hall.ask(&place("A"), 7, s(30));
    assert_eq!(hall.dies("A"), ["wake in 20ms"]);
}

/// All who wait for it, for its end too: no actor is risked until the quarantine is over, nor is it over before.
#[test]
fn who_waits_for_the_end_of_an_order_in_quarantine_is_refused_as_well() {
    let mut hall = Hall::with(ShardSettings { max_deaths: 1, ..SETTINGS });
    hall.waits("A", 1, s(300), false);
    hall.ask(&cancel("A", "shop", "k"), 2, s(300));
    let killed = "internal: order A killed 1 actors in a row";
    let lines = [format!("2: {killed}"), format!("1: {killed}"), "quarantine A after 1".to_owned()];
    assert_eq!(hall.dies("A"), lines);
    assert!(hall.shard.watched.is_empty() && hall.slot("A").watches.is_empty());
    hall.now += limits::QUARANTINE - NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    assert_eq!(hall.tell(Input::Ended { id: OrderId::trusted("A") }), NOTHING);
    assert_eq!(hall.counts(), (1, 0, 0, 1));
}

/// One that dies idle counts as well; the next command has a fresh one, at once.
#[test]
fn an_actor_that_dies_idle_counts() {
    let mut hall = Hall::new();
    hall.ask(&place("A"), 1, s(0));
    hall.answers("A", Ok(end(false)), false);
    assert_eq!(hall.dies("A"), NOTHING);
    assert_eq!(hall.counts(), (1, 0, 0, 0));
    assert_eq!(hall.ask(&place("A"), 2, s(0)), ["start A #2, rehydrated", "place A #2"]);
    assert_eq!(hall.dies("A"), ["wake in 40ms"], "the second in a row");
    assert_eq!(hall.dies("A"), NOTHING, "once");
    // Whoever asks meanwhile joins, or waits.
    assert_eq!(hall.ask(&place("A"), 3, s(0)), NOTHING);
    hall.now += 2 * limits::RESPAWN_PAUSE;
    assert_eq!(hall.tell(Input::Tick), ["start A #3, rehydrated", "place A #3"]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["2: end, again", "3: end, again"]);
}

/// Of several that are parked each has its own time.
#[test]
fn each_order_is_started_again_when_its_pause_is_over() {
    let mut hall = Hall::with(ShardSettings { residents: 8, ..SETTINGS });
    hall.ask(&place("A"), 1, s(0));
    hall.ask(&place("B"), 2, s(0));
    hall.dies("A");
    hall.now += Duration::from_millis(5);
    hall.dies("B");
    hall.now += Duration::from_millis(15);
    assert_eq!(hall.tell(Input::Tick), ["start A #3, rehydrated", "place A #3", "wake in 5ms"]);
    hall.now += Duration::from_millis(5);
    assert_eq!(hall.tell(Input::Tick), ["start B #4, rehydrated", "place B #4"]);
    assert!(hall.shard.parked.is_empty());
}

/// So many of one client wait behind what is in hand, and twice as many of all: one leaves room to others. Who asks for what runs
/// joins it, and the engine's own wish is heard in any case.
#[test]
fn as_many_wait_behind_an_order_as_may() {
    let one = limits::QUEUE_PER_ORDER;
    for (b, c, by, refused) in [
        (0, 0, "b", false),
        (one - 1, 0, "b", false),
        (one, 0, "b", true),
        (one, 0, "c", false),
        (one - 1, 1, "b", false),
        (one - 1, 2, "b", false),
        (one - 1, one - 1, "b", false),
        (one, 2, "c", false),
        (one, 2, "d", false),
        (one, one - 1, "c", false),
        (one, one - 1, "d", false),
        (one, one, "d", true),
        (one + 5, one, "d", true),
    ] {
        let mut hall = Hall::new();
        hall.ask(&place("A"), 1, s(0));
        let now = hall.now;
        let queued = |client: &str| {
            let waiting = Waiting { waiter: 2, until: now, first: false, late: false };
            (cancel("A", client, "k"), Some(waiting))
        };
        let (bs, cs) = (queued("b"), queued("c"));
        let line = std::iter::repeat_n(bs, b).chain(std::iter::repeat_n(cs, c));
        hall.slot_mut("A").queue = line.collect();
        let told = format!("{b} {c} {by}");
        let lines = hall.ask(&cancel("A", by, "another"), 9, s(0));
        assert_eq!(lines == ["9: the engine is overloaded"], refused, "{told}: {lines:?}");
        let queue = hall.slot("A").queue.len();
        assert_eq!(queue, b + c + usize::from(!refused), "{told}");
        assert_eq!(hall.ask(&place("A"), 8, s(0)), NOTHING, "{told}");
        assert_eq!(hall.wish(&wake("A")), NOTHING, "{told}");
        assert_eq!(hall.slot("A").queue.len(), queue + 1, "{told}");
    }
}

/// Who joins what runs, and who waits for the order's end, are counted together.
#[test]
fn as_many_wait_with_an_order_as_may() {
    let most = u32::try_from(limits::WAITING_PER_ORDER).expect("a number");
    let mut hall = Hall::new();
    for waiter in 1..most {
        hall.ask(&place("A"), waiter, s(30));
    }
    hall.answers("A", Ok(runs(false)), true);
    assert_eq!(hall.ask(&place("A"), most, s(30)), ["place A #1"]);
    assert_eq!(hall.ask(&place("A"), 0, s(30)), ["0: the engine is overloaded"]);
    assert_eq!(hall.ask(&cancel("A", "shop", "k"), 0, s(30)), ["0: the engine is overloaded"]);
    assert_eq!(hall.wish(&wake("A")), NOTHING);
    assert_eq!(hall.slot("A").queue.len(), 1);
}
