//! What a shard keeps in memory: orders with something in hand, those that somebody waits for, and of the others as many as may be,
//! for a while.

use super::shard_hall_tests::{Hall, NANOSECOND, NOTHING, SETTINGS, cancel, end, place, runs, s};
use super::*;

fn id(name: &str) -> OrderId {
    OrderId::trusted(name)
}

/// Submits an order, which ends.
fn ended(hall: &mut Hall, name: &str) {
    hall.ask(&place(name), 1, s(0));
    assert_eq!(hall.answers(name, Ok(end(false)), false), ["1: end"]);
}

#[test]
fn who_is_idle_for_long_is_let_go_of() {
    let after = SETTINGS.passivate_after;
    let mut hall = Hall::new();
    ended(&mut hall, "A");
    hall.now += s(1);
    ended(&mut hall, "B");
    hall.now += after - s(1) - NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    hall.now += NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), ["stop A"]);
    assert_eq!(hall.counts(), (1, 1, 0, 0));
    // Who is used meanwhile is idle anew.
    ended(&mut hall, "B");
    hall.now += s(1);
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    hall.now += after - s(1);
    assert_eq!(hall.tell(Input::Tick), ["stop B"]);
    assert_eq!(hall.counts(), (0, 0, 0, 0));
    assert!(hall.shard.idle.is_empty());
    // Both at once.
    ended(&mut hall, "A");
    ended(&mut hall, "B");
    hall.now += after;
    assert_eq!(hall.tell(Input::Tick), ["stop A", "stop B"]);
}

/// Nobody goes whose order has something in hand, is driven, or waited for.
#[test]
fn who_is_busy_is_not_let_go_of() {
    let after = SETTINGS.passivate_after;
    let hours = s(3_600);
    let mut hall = Hall::new();
    ended(&mut hall, "A");
    hall.ask(&place("A"), 1, hours);
    hall.now += after;
    assert_eq!(hall.tell(Input::Tick), NOTHING, "in hand");
    hall.answers("A", Ok(runs(false)), true);
    hall.now += after;
    assert_eq!(hall.tell(Input::Tick), NOTHING, "driven, and waited for");
    assert_eq!(hall.counts(), (1, 1, 0, 0));
    let slot = hall.slot_mut("A");
    slot.driving = false;
    assert!(!slot.is_idle(), "waited for");
    let watches = std::mem::take(&mut slot.watches);
    assert!(slot.is_idle());
    slot.driving = true;
    assert!(!slot.is_idle(), "driven");
    (slot.driving, slot.watches) = (false, watches);
    slot.watches.clear();
    let (ask, waiters) = (place("A"), Vec::new());
    slot.running = Some(Running { ask, waiters, reload: false, ended: false, parked_until: None });
    assert!(!slot.is_idle(), "in hand");
}

/// The least recently used goes first.
#[test]
fn more_than_may_stay_do_not() {
    let mut hall = Hall::new();
    ended(&mut hall, "A");
    ended(&mut hall, "B");
    ended(&mut hall, "A");
    assert_eq!(hall.ask(&place("C"), 1, s(0)), ["start C #3", "place C #3", "stop B"]);
    assert_eq!(hall.counts(), (2, 2, 1, 0));
    // Those that are busy stay, however many.
    assert_eq!(hall.ask(&place("A"), 2, s(0)), ["place A #1"]);
    assert_eq!(hall.ask(&place("D"), 3, s(0)), ["start D #4", "place D #4"]);
    assert_eq!(hall.ask(&place("E"), 4, s(0)), ["start E #5", "place E #5"]);
    assert_eq!(hall.counts(), (4, 4, 4, 0));
    for (name, waiter) in [("A", 2), ("D", 3), ("E", 4), ("C", 1)] {
        assert_eq!(hall.answers(name, Ok(end(true)), false), [format!("{waiter}: end, again")]);
    }
    // And then go one after the other, as others come.
    assert_eq!(hall.ask(&place("F"), 5, s(0)), ["start F #6", "place F #6", "stop A", "stop D", "stop E"]);
    assert_eq!(hall.counts(), (2, 2, 1, 0));
    assert_eq!(hall.ask(&place("C"), 6, s(0)), ["place C #3"]);
}

/// An order in quarantine stays, since nothing else remembers what it did; then it goes, and is counted no more.
#[test]
fn a_quarantine_is_remembered_until_it_ends() {
    let mut hall = Hall::with(ShardSettings { max_deaths: 1, passivate_after: NANOSECOND, ..SETTINGS });
    hall.ask(&place("A"), 1, s(0));
    hall.dies("A");
    assert_eq!(hall.counts(), (1, 0, 0, 1));
    hall.now += limits::QUARANTINE - NANOSECOND;
    for _ in 0..2 {
        assert_eq!(hall.tell(Input::Tick), NOTHING);
        assert_eq!(hall.counts(), (1, 0, 0, 1));
    }
    hall.now += NANOSECOND;
    assert_eq!(hall.tell(Input::Tick), NOTHING);
    assert_eq!(hall.counts(), (0, 0, 0, 0));
    assert!(hall.shard.idle.is_empty());
    // One that had an actor anew has that stopped.
    let mut hall = Hall::with(ShardSettings { max_deaths: 1, ..SETTINGS });
    hall.ask(&place("A"), 1, s(0));
    hall.dies("A");
    hall.now += limits::QUARANTINE;
    ended(&mut hall, "A");
    assert_eq!(hall.counts(), (1, 1, 0, 0));
    hall.now += SETTINGS.passivate_after;
    assert_eq!(hall.tell(Input::Tick), ["stop A"]);
}

/// What rests, and nobody waits for here, is whoever claims it next reads: it takes no memory. What killed is remembered, and so is
/// who waits in line.
#[test]
fn an_order_that_rests_takes_no_memory() {
    type Change = fn(&mut Slot<u32>);
    let changes: [(Change, bool); 8] = [
        (|_| {}, true),
        (|slot| slot.alive = false, false),
        (|slot| slot.deaths = 1, false),
        (|slot| slot.quarantined_until = Some(Instant::now()), false),
        (|slot| slot.queue.push_back((cancel("A", "shop", "k"), None)), false),
        (|slot| slot.driving = true, false),
        (
            |slot| {
                let (ask, waiters) = (place("A"), Vec::new());
                slot.running = Some(Running { ask, waiters, reload: false, ended: false, parked_until: None });
            },
            false,
        ),
        (|slot| slot.watches.push(Watch { ask: place("A"), watchers: Vec::new() }), false),
    ];
    for (case, (change, leaves)) in changes.into_iter().enumerate() {
        let mut hall = Hall::new();
        hall.ask(&place("A"), 1, s(0));
        assert_eq!(hall.answers("A", Ok(runs(false)), false), ["1: runs"]);
        hall.shard.idle.clear();
        change(hall.slot_mut("A"));
        let idles = hall.slot("A").is_idle();
        let mut out = Vec::new();
        hall.shard.leave(&id("A"), hall.now, &mut out);
        assert_eq!(matches!(&out[..], [Output::Stop { .. }]), leaves, "{case}");
        assert_eq!((hall.shard.orders(), hall.shard.actors()), if leaves { (0, 0) } else { (1, 1) }, "{case}");
        // It is let go of in time.
        assert_eq!(hall.shard.idle.len(), usize::from(idles && !leaves), "{case}");
    }
}

/// A storm of repeats leaves an entry each; once they are most, those that say nothing any more go.
#[test]
fn entries_that_say_nothing_any_more_go() {
    let mut hall = Hall::with(ShardSettings { residents: 8, ..SETTINGS });
    for name in ["A", "B", "C"] {
        ended(&mut hall, name);
    }
    let most = 2 * 3 + 1_024;
    for entries in 4..=most {
        ended(&mut hall, "A");
        assert_eq!(hall.shard.idle.len(), entries);
    }
    ended(&mut hall, "A");
    let left: Vec<_> = hall.shard.idle.iter().map(|(id, ..)| id.to_string()).collect();
    assert_eq!(left, ["B", "C", "A"]);
    // And each is let go of, in its turn.
    hall.now += SETTINGS.passivate_after;
    assert_eq!(hall.tell(Input::Tick), ["stop B", "stop C", "stop A"]);
}

/// Two shards that came here by different ways are the same to a search: numbers and stamps are the smallest that keep their order.
#[test]
fn a_shard_that_counts_anew_does_the_same() {
    let mut hall = Hall::with(ShardSettings { residents: 8, ..SETTINGS });
    for name in ["A", "B", "C", "D"] {
        ended(&mut hall, name);
    }
    ended(&mut hall, "B");
    hall.dies("A");
    hall.ask(&place("A"), 1, s(0));
    let of = |hall: &Hall| {
        ["A", "B", "C", "D"].map(|name| {
            let slot = hall.slot(name);
            (slot.generation, slot.used)
        })
    };
    let (generations, stamps): (Vec<_>, Vec<_>) = of(&hall).into_iter().unzip();
    assert_eq!(generations, [5, 2, 3, 4]);
    assert!(stamps[2] < stamps[3] && stamps[3] < stamps[1] && stamps[1] < stamps[0], "{stamps:?}");
    assert_eq!(hall.shard.idle.len(), 6);
    hall.shard.renumber();
    assert_eq!(of(&hall), [(4, 4), (1, 3), (2, 1), (3, 2)]);
    assert_eq!((hall.shard.generations, hall.shard.clock), (4, 4));
    let idle: Vec<_> = hall.shard.idle.iter().map(|(id, stamp, _)| (id.to_string(), *stamp)).collect();
    assert_eq!(idle, [("C".to_owned(), 1), ("D".to_owned(), 2), ("B".to_owned(), 3)]);
    // Once more changes nothing, and what it does goes on from there.
    hall.shard.renumber();
    assert_eq!(of(&hall), [(4, 4), (1, 3), (2, 1), (3, 2)]);
    assert_eq!(hall.answers("A", Ok(end(true)), false), ["1: end, again"]);
    assert_eq!(hall.ask(&place("E"), 1, s(0)), ["start E #5", "place E #5"]);
    assert_eq!(hall.slot("E").used, 6);
    hall.now += SETTINGS.passivate_after;
    assert_eq!(hall.tell(Input::Tick), ["stop C", "stop D", "stop B", "stop A"]);
}

/// One command an order is in hand, and the counts say so.
#[test]
fn a_shard_counts_what_it_holds() {
    let mut hall = Hall::with(ShardSettings { residents: 8, ..SETTINGS });
    assert_eq!(hall.counts(), (0, 0, 0, 0));
    for (name, count) in [("A", 1), ("B", 2), ("C", 3)] {
        hall.ask(&place(name), 1, s(0));
        assert_eq!(hall.counts(), (count, count, count, 0));
    }
    hall.answers("A", Ok(end(false)), false);
    assert_eq!(hall.counts(), (3, 3, 2, 0));
    hall.dies("A");
    hall.dies("B");
    assert_eq!(hall.counts(), (3, 1, 2, 0));
    let in_flight: Vec<_> = hall.shard.in_flight().map(|(id, _)| id.clone()).collect();
    assert_eq!(in_flight, [id("C")]);
}
