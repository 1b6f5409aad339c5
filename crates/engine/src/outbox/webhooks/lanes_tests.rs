use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn bounds() -> Bounds {
    Bounds { in_flight: 4, waiting: 100, away: 3, schedule: Schedule::of(&[1_000, 10_000]) }
}

fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn failure() -> Failure {
    Failure { status: Some(500), ..Failure::told("answered 500") }
}

fn failed() -> JobOutcome {
    JobOutcome::Failed(failure())
}

fn machine() -> Lanes {
    Lanes::new(bounds(), 1, Owed::default(), s(0))
}

fn push(lanes: &mut Lanes, order: &str, first: i32, count: usize) {
    lanes.push(&order.into(), first, &vec![true; count], s(0));
}

fn waits(row: Waiting) -> Owed {
    Owed { waiting: vec![row], ..Owed::default() }
}

fn jobs(lanes: &mut Lanes, now: Duration) -> Vec<(String, i32)> {
    let jobs = std::iter::from_fn(|| lanes.next(now));
    jobs.map(|job| (job.order_id.to_string(), job.version)).collect()
}

fn one(lanes: &mut Lanes, now: Duration) -> Job {
    lanes.next(now).expect("a job")
}

/// A success of somebody else's.
fn other(lanes: &mut Lanes, order: &str, now: Duration) {
    push(lanes, order, 1, 1);
    let job = one(lanes, now);
    assert_eq!(&*job.order_id, order);
    lanes.ended(&job, JobOutcome::Done, false, now, 0.5);
}

#[test]
fn an_order_goes_one_by_one_and_others_beside_it() {
    let mut lanes = machine();
    push(&mut lanes, "A", 1, 2);
    push(&mut lanes, "B", 1, 1);
    let first = one(&mut lanes, s(0));
    assert_eq!(jobs(&mut lanes, s(0)), [("B".into(), 1)]);
    lanes.ended(&first, JobOutcome::Done, false, s(0), 0.5);
    let (changes, passed) = lanes.changes(s(0));
    assert_eq!((changes.delivered, passed), (1, 0), "A/2 is under way to nobody yet");
    let second = one(&mut lanes, s(0));
    assert_eq!((&*second.order_id, second.version), ("A", 2));
    lanes.ended(&second, JobOutcome::Done, false, s(0), 0.5);
    assert_eq!(lanes.changes(s(0)).1, 1);
}

#[test]
fn what_fails_leaves_the_way_with_all_that_is_behind_it() {
    let mut lanes = machine();
    push(&mut lanes, "A", 1, 2);
    push(&mut lanes, "A", 3, 1);
    let job = one(&mut lanes, s(0));
    lanes.ended(&job, failed(), false, s(0), 0.5);
    let (changes, passed) = lanes.changes(s(0));
    assert_eq!(passed, 2);
    let row = &changes.waiting[0];
    assert_eq!((row.version, row.upto, row.failures, row.wait), (1, 3, 1, Some(s(1))));
    // The row grows, and the cursor passes what is in it.
    push(&mut lanes, "A", 4, 2);
    let (changes, passed) = lanes.changes(s(0));
    assert_eq!((changes.waiting[0].upto, passed), (5, 3));
    assert_eq!(lanes.next(s(0)), None);
    assert_eq!(lanes.wakes_at(s(0)), Some(s(1)));
    // Then it goes on, one by one, to its end.
    for version in 1..=5 {
        let job = one(&mut lanes, s(1));
        assert_eq!((job.version, job.kind), (version, JobKind::Retry));
        lanes.ended(&job, JobOutcome::Done, false, s(1), 0.5);
    }
    let (changes, _) = lanes.changes(s(1));
    assert_eq!((changes.waiting.len(), changes.settled), (0, vec!["A".into()]));
    push(&mut lanes, "A", 6, 1);
    assert_eq!(jobs(&mut lanes, s(1)), [("A".into(), 6)]);
}

#[test]
fn an_event_is_set_aside_where_others_get_through_and_only_then() {
    for strict in [false, true] {
        let mut lanes = machine();
        push(&mut lanes, "A", 1, 2);
        let mut now = s(0);
        for pause in [1, 10, 10, 10] {
            let job = one(&mut lanes, now);
            lanes.ended(&job, failed(), strict, now, 0.5);
            let row = &lanes.changes(now).0.waiting[0];
            assert_eq!(row.wait, Some(s(pause)), "it may be the endpoint's fault: on and on");
            now += s(pause);
        }
        other(&mut lanes, "B", now - s(1));
        let job = one(&mut lanes, now);
        lanes.ended(&job, failed(), strict, now, 0.5);
        let (changes, _) = lanes.changes(now);
        if strict {
            assert_eq!((changes.waiting[0].version, changes.waiting[0].wait), (1, None));
            assert_eq!(jobs(&mut lanes, s(1_000_000)), []);
            assert!(changes.set_aside.is_empty());
            let told = |lanes: &Lanes, changes: &Changes| -> Vec<_> {
                lanes.stopped(changes).iter().map(|row| (row.order_id.to_string(), row.version)).collect()
            };
            assert_eq!(told(&lanes, &changes), [("A".to_owned(), 1)], "an operator is told of it");
            lanes.written();
            push(&mut lanes, "A", 3, 1);
            let (grown, _) = lanes.changes(now);
            assert_eq!((grown.waiting[0].upto, grown.waiting[0].wait), (3, None));
            assert!(told(&lanes, &grown).is_empty(), "once, and not with each event behind it");
            // An engine that takes over finds the row, and its order stopped already.
            let row = Waiting { upto: 3, ..changes.waiting[0].clone() };
            let mut successor = Lanes::new(bounds(), 1, waits(row), now);
            push(&mut successor, "A", 4, 1);
            let (grown, _) = successor.changes(now);
            assert!(grown.waiting[0].upto == 4 && told(&successor, &grown).is_empty());
        } else {
            assert_eq!((changes.set_aside[0].version, changes.set_aside[0].failures), (1, 5));
            assert_eq!((changes.waiting[0].version, changes.waiting[0].failures), (2, 0));
            assert_eq!(jobs(&mut lanes, now), [], "not before that is durable");
            lanes.written();
            assert_eq!(jobs(&mut lanes, now), [("A".into(), 2)]);
        }
    }
}

#[test]
fn an_endpoint_that_fails_throughout_keeps_its_cursor_and_is_tried() {
    let mut lanes = machine();
    for order in ["A", "B", "C", "D", "E"] {
        push(&mut lanes, order, 1, 1);
    }
    let under_way: Vec<Job> = std::iter::from_fn(|| lanes.next(s(0))).collect();
    assert_eq!(under_way.len(), 4);
    for job in &under_way {
        lanes.ended(job, failed(), false, s(0), 0.5);
    }
    let (changes, passed) = lanes.changes(s(0));
    assert!(lanes.is_away());
    assert_eq!((changes.waiting.len(), passed), (2, 2), "the third and the fourth are not held against anybody");
    let mut tried = Vec::new();
    let mut now = s(0);
    for _ in 0..10 {
        assert_eq!(lanes.next(now), None, "one at a time, and not at once");
        now = lanes.wakes_at(now).expect("it is tried again");
        let job = one(&mut lanes, now);
        assert_eq!(lanes.next(now), None);
        tried.push(job.order_id.to_string());
        lanes.ended(&job, failed(), false, now, 0.5);
        let (changes, passed) = lanes.changes(now);
        assert!(changes.is_empty(), "{changes:?}");
        assert_eq!(passed, 2);
    }
    tried.sort();
    tried.dedup();
    assert_eq!(tried, ["A", "B", "C", "D", "E"], "each has its turn");
    assert!(now > s(30) && now < s(600), "{now:?}");
    now = lanes.wakes_at(now).expect("it is tried again");
    let job = one(&mut lanes, now);
    lanes.ended(&job, JobOutcome::Done, false, now, 0.5);
    assert_eq!(jobs(&mut lanes, now).len(), 4, "it is there: all that there is goes out");
}

#[test]
fn who_is_asked_to_wait_waits() {
    let mut lanes = machine();
    push(&mut lanes, "A", 1, 1);
    push(&mut lanes, "B", 1, 1);
    let job = one(&mut lanes, s(0));
    let later = Failure { retry_after: Some(s(30)), ..failure() };
    lanes.ended(&job, JobOutcome::Failed(later.clone()), false, s(0), 0.5);
    assert_eq!(lanes.changes(s(0)).0.waiting[0].wait, Some(s(30)));
    let job = one(&mut lanes, s(0));
    lanes.ended(&job, JobOutcome::Failed(Failure { is_throttled: true, ..later }), false, s(0), 0.5);
    push(&mut lanes, "C", 1, 1);
    assert_eq!((lanes.next(s(29)), lanes.wakes_at(s(29))), (None, Some(s(30))));
    assert_eq!(jobs(&mut lanes, s(30)).len(), 3);
}

/// One that is away is not probed before it wants to be.
#[test]
fn who_is_away_and_asks_for_time_has_it() {
    let mut lanes = machine();
    for order in ["A", "B", "C"] {
        push(&mut lanes, order, 1, 1);
        let job = one(&mut lanes, s(0));
        let later = Failure { retry_after: Some(s(30)), is_throttled: order == "C", ..failure() };
        lanes.ended(&job, JobOutcome::Failed(later), false, s(0), 0.5);
    }
    assert!(lanes.is_away());
    assert_eq!((lanes.next(s(29)), lanes.wakes_at(s(29))), (None, Some(s(30))));
    one(&mut lanes, s(30));
}

/// Whatever hangs each time it is tried takes half of the places, where there is something new.
#[test]
fn what_was_tried_before_leaves_places_to_what_is_new() {
    let row = |order: &str| Waiting {
        order_id: order.into(),
        version: 1,
        upto: 1,
        failures: 1,
        run: 1,
        wait: Some(s(0)),
        others_succeeded: true,
        status: None,
        error: None,
    };
    let owed = Owed { waiting: ["A", "B", "C", "D", "E"].map(row).into(), ..Owed::default() };
    let mut lanes = Lanes::new(bounds(), 1, owed, s(0));
    push(&mut lanes, "N", 1, 1);
    push(&mut lanes, "O", 1, 1);
    let under_way: Vec<String> = jobs(&mut lanes, s(0)).into_iter().map(|(order, _)| order).collect();
    assert_eq!(under_way, ["A", "B", "N", "O"]);
    let mut lanes = Lanes::new(bounds(), 1, Owed { waiting: ["A", "B", "C"].map(row).into(), ..Owed::default() }, s(0));
    assert_eq!(jobs(&mut lanes, s(0)).len(), 3, "all of them, where there is nothing new");
}

#[test]
fn a_full_house_takes_no_more() {
    let mut lanes = Lanes::new(Bounds { waiting: 1, ..bounds() }, 1, Owed::default(), s(0));
    push(&mut lanes, "A", 1, 1);
    let job = one(&mut lanes, s(0));
    lanes.ended(&job, failed(), false, s(0), 0.5);
    push(&mut lanes, "B", 1, 1);
    assert_eq!((lanes.next(s(0)), lanes.waiting()), (None, 1));
    let job = one(&mut lanes, s(1));
    lanes.ended(&job, JobOutcome::Done, false, s(1), 0.5);
    assert_eq!(jobs(&mut lanes, s(1)), [("B".into(), 1)]);
}

#[test]
fn a_replay_goes_before_what_waits_and_a_restart_does_not() {
    let waiting = |run| Waiting {
        order_id: "A".into(),
        version: 3,
        upto: 4,
        failures: 2,
        run,
        wait: Some(s(100)),
        others_succeeded: true,
        status: None,
        error: None,
    };
    let mut lanes = Lanes::new(bounds(), 2, waits(waiting(2)), s(0));
    push(&mut lanes, "A", 1, 5);
    let (changes, passed) = lanes.changes(s(0));
    let row = &changes.waiting[0];
    assert_eq!((row.version, row.upto, row.failures, row.wait), (3, 5, 2, Some(s(100))));
    assert_eq!((passed, lanes.next(s(99))), (1, None));
    let mut lanes = Lanes::new(bounds(), 2, waits(waiting(1)), s(0));
    push(&mut lanes, "A", 1, 1);
    let (changes, _) = lanes.changes(s(0));
    let row = &changes.waiting[0];
    assert_eq!((row.version, row.upto, row.run), (1, 4, 2));
    assert_eq!(jobs(&mut lanes, s(0)), [("A".into(), 1)]);
}

#[test]
fn what_was_set_aside_is_delivered_again_in_its_lane() {
    let mut lanes =
        Lanes::new(bounds(), 1, Owed { again: vec![("A".into(), 1), ("A".into(), 2)], ..Owed::default() }, s(0));
    push(&mut lanes, "A", 7, 1);
    let job = one(&mut lanes, s(0));
    assert_eq!((job.version, job.kind), (1, JobKind::Again));
    assert_eq!(lanes.next(s(0)), None);
    lanes.ended(&job, JobOutcome::Done, false, s(0), 0.5);
    let job = one(&mut lanes, s(0));
    lanes.ended(&job, failed(), false, s(0), 0.5);
    let (changes, _) = lanes.changes(s(0));
    assert_eq!((changes.delivered_again, changes.failed_again.len()), (vec![("A".into(), 1)], 1));
    assert_eq!(jobs(&mut lanes, s(0)), [("A".into(), 7)]);
}

/// What comes before it in its order goes first, whether that waits or is read.
#[test]
fn what_is_delivered_again_overtakes_nothing_of_its_order() {
    let again: Vec<(Arc<str>, i32)> = vec![("A".into(), 4), ("A".into(), 6), ("B".into(), 2), ("B".into(), 3)];
    let row = row("A", 3, 4, Some(s(0)));
    let mut lanes = Lanes::new(bounds(), 1, Owed { again, ..waits(row) }, s(0));
    push(&mut lanes, "B", 1, 1);
    let mut sent = Vec::new();
    while let Some(job) = lanes.next(s(0)) {
        sent.push((job.order_id.to_string(), job.version));
        lanes.ended(&job, JobOutcome::Done, false, s(0), 0.5);
    }
    let of = |order: &str| sent.iter().filter(|(of, _)| of == order).map(|(_, version)| *version).collect::<Vec<_>>();
    assert_eq!((of("A"), of("B")), (vec![3, 4, 4, 6], vec![1, 2, 3]), "{sent:?}");

    // Where its order is stopped it waits; and nobody is woken for it.
    let again = vec![("A".into(), 4)];
    let stopped = || Waiting { wait: None, ..self::row("A", 3, 4, None) };
    let mut lanes = Lanes::new(bounds(), 1, Owed { again, ..waits(stopped()) }, s(0));
    assert_eq!((lanes.next(s(9)), lanes.wakes_at(s(9))), (None, None));
}

#[test]
fn what_was_not_sent_again_is_put_back_in_its_order() {
    for behind in [false, true] {
        let again = [("A", 1), ("A", 2), ("B", 1)].map(|(order, version)| (order.into(), version)).into();
        let mut lanes = Lanes::new(Bounds { away: 1, ..bounds() }, 1, Owed { again, ..Owed::default() }, s(0));
        let job = one(&mut lanes, s(0));
        lanes.ended(&job, if behind { failed() } else { JobOutcome::NotSent }, false, s(0), 0.5);
        let then = lanes.wakes_at(s(0)).filter(|_| behind).unwrap_or_default();
        let mut sent = Vec::new();
        while let Some(job) = lanes.next(then) {
            sent.push((job.order_id.to_string(), job.version));
            lanes.ended(&job, JobOutcome::Done, false, then, 0.5);
        }
        let (a, b) = (vec![("A".to_owned(), 1), ("A".to_owned(), 2)], vec![("B".to_owned(), 1)]);
        assert_eq!(sent, if behind { [b, a].concat() } else { [a, b].concat() });
    }
}

fn row(order: &str, version: i32, upto: i32, wait: Option<Duration>) -> Waiting {
    Waiting {
        order_id: order.into(),
        version,
        upto,
        failures: 2,
        run: 1,
        wait,
        others_succeeded: true,
        status: Some(500),
        error: Some("answered 500".into()),
    }
}

/// A database whose clock was set back would have it wait for as long as that was.
#[test]
fn nobody_waits_for_longer_than_was_meant() {
    let day = s(86_400);
    let mut lanes = Lanes::new(bounds(), 1, waits(row("A", 1, 1, Some(day))), s(0));
    assert_eq!(lanes.next(s(3_599)), None, "an endpoint may have asked for that");
    assert_eq!(jobs(&mut lanes, s(3_600)), [("A".into(), 1)]);
    let days = Bounds { schedule: Schedule::default(), ..bounds() };
    let mut lanes = Lanes::new(days, 1, waits(row("A", 1, 1, Some(7 * day))), s(0));
    assert_eq!((lanes.next(day), jobs(&mut lanes, 2 * day).len()), (None, 1));
}

/// What a replay brings, and is taken, was set aside no more.
#[test]
fn what_was_set_aside_before_a_replay_goes_with_its_delivery() {
    let again = vec![("A".into(), 2)];
    let owed = Owed { again, has_aside: true, ..waits(row("B", 1, 1, Some(s(0)))) };
    let mut lanes = Lanes::new(bounds(), 2, owed, s(0));
    push(&mut lanes, "A", 1, 2);
    let mut sent = Vec::new();
    while let Some(job) = lanes.next(s(0)) {
        sent.push((job.order_id.to_string(), job.version));
        lanes.ended(&job, JobOutcome::Done, false, s(0), 0.5);
    }
    assert_eq!(sent, [("B".into(), 1), ("A".into(), 1), ("A".into(), 2)], "once");
    let told = lanes.changes(s(0)).0.delivered_again;
    assert_eq!(told, [("B".into(), 1), ("A".into(), 1), ("A".into(), 2)]);
}

/// What nobody could send tells nothing of who was to get it.
#[test]
fn what_is_our_own_fault_is_not_the_endpoints() {
    let mut lanes = machine();
    for order in ["A", "B", "C", "D"] {
        push(&mut lanes, order, 1, 1);
        let job = one(&mut lanes, s(0));
        let ours = Failure { is_ours: true, ..Failure::told("its events are not in the database") };
        lanes.ended(&job, JobOutcome::Failed(ours), false, s(0), 0.5);
    }
    assert!(!lanes.is_away());
    assert_eq!(lanes.changes(s(0)).0.waiting.len(), 4);
}

/// A database takes no U+0000, and a terminal may do as it is told.
#[test]
fn what_others_say_is_kept_as_plain_text() {
    let told = Failure::told(&format!("name\u{0}\u{1b}[2J\n{}", "x".repeat(1_000)));
    assert!(told.error.starts_with("name\u{fffd}\u{fffd}[2J\u{fffd}xx"), "{told:?}");
    assert_eq!(told.error.chars().count(), limits::WEBHOOK_ERROR);
}

/// Whatever is under way, ready or taken stays so.
#[test]
fn what_an_operator_says_of_one_event_is_heard_beside_all_others() {
    let stopped = |order: &str| Waiting { failures: 3, ..row(order, 2, 3, None) };
    let owed = Owed { waiting: ["A", "B", "C"].map(stopped).into(), ..Owed::default() };
    let mut lanes = Lanes::new(bounds(), 1, owed, s(0));
    push(&mut lanes, "N", 1, 2);
    push(&mut lanes, "O", 1, 1);
    let done = one(&mut lanes, s(0));
    let under_way = one(&mut lanes, s(0));
    lanes.ended(&done, JobOutcome::Done, false, s(0), 0.5);
    push(&mut lanes, "A", 4, 1);
    let (refused, _) = lanes.changes(s(0));
    assert_eq!((refused.delivered, refused.waiting[0].upto), (1, 4));
    lanes.refused(&refused);
    // A is redriven, of B the event is skipped, of C all.
    let redriven = Waiting { failures: 0, wait: Some(s(0)), ..stopped("A") };
    let skipped = Waiting { version: 3, failures: 0, wait: Some(s(0)), status: None, error: None, ..stopped("B") };
    let again = vec![("D".into(), 7)];
    lanes.hear(Owed { waiting: vec![redriven, skipped], again, ..Owed::default() }, s(0));
    let (changes, passed) = lanes.changes(s(0));
    assert_eq!((changes.delivered, passed), (1, 0));
    let waiting: Vec<_> = changes.waiting.iter().map(|row| (&*row.order_id, row.version, row.upto)).collect();
    assert_eq!((waiting, changes.settled), (vec![("A", 2, 4), ("B", 3, 3)], vec!["C".into()]));
    lanes.written();
    let mut sent = jobs(&mut lanes, s(0));
    sent.sort();
    assert_eq!(sent, [("A".into(), 2), ("B".into(), 3), ("N".into(), 2)], "and no repeat of what is under way");
    lanes.ended(&under_way, JobOutcome::Done, false, s(0), 0.5);
    assert_eq!(jobs(&mut lanes, s(0)), [("D".into(), 7)]);
    // The same rows are no word; and what is under way is not sent beside itself.
    let again = vec![("D".into(), 7), ("E".into(), 1)];
    let rows = [row("A", 2, 4, Some(s(0))), row("B", 3, 3, Some(s(0)))];
    let same = rows.map(|row| Waiting { failures: if &*row.order_id == "A" { 3 } else { 0 }, ..row });
    lanes.hear(Owed { waiting: same.into(), again, ..Owed::default() }, s(0));
    assert_eq!(lanes.again_left(), 1);
}

/// Between the last try and the word that an event is set aside an operator may say something else.
#[test]
fn what_is_about_to_be_set_aside_may_be_redriven_or_skipped() {
    for is_skipped in [false, true] {
        let last = Waiting { failures: 2, ..row("A", 1, 1, Some(s(0))) };
        let mut lanes = Lanes::new(bounds(), 1, waits(last.clone()), s(0));
        let job = one(&mut lanes, s(0));
        lanes.ended(&job, failed(), false, s(0), 0.5);
        let (refused, _) = lanes.changes(s(0));
        assert_eq!((refused.set_aside.len(), refused.settled.len()), (1, 1));
        lanes.refused(&refused);
        let redriven = Waiting { failures: 0, ..last };
        let waiting = if is_skipped { Vec::new() } else { vec![redriven] };
        lanes.hear(Owed { waiting, ..Owed::default() }, s(0));
        let (changes, _) = lanes.changes(s(0));
        assert_eq!(changes.set_aside, []);
        lanes.written();
        let left: &[(String, i32)] = if is_skipped { &[] } else { &[("A".into(), 1)] };
        assert_eq!((jobs(&mut lanes, s(0)), lanes.waiting()), (left.to_vec(), left.len()));
    }
}

#[test]
fn what_is_not_wanted_is_passed_and_proves_nothing() {
    let mut lanes = machine();
    lanes.push(&"A".into(), 1, &[false, false], s(0));
    lanes.push(&"A".into(), 3, &[false, true], s(0));
    assert_eq!(lanes.changes(s(0)).1, 1);
    let job = one(&mut lanes, s(0));
    assert_eq!(job.version, 4);
    lanes.ended(&job, JobOutcome::Unwanted, false, s(0), 0.5);
    assert_eq!(lanes.changes(s(0)), (Changes::default(), 2));
}

/// A receiver, a database and an engine that dies, in any order. What the machine knows of the others is what it was told.
struct World {
    /// The feed: order, first version, number of events.
    feed: Vec<(Arc<str>, i32, usize)>,
    /// What the database has.
    cursor: u64,
    rows: BTreeMap<Arc<str>, Waiting>,
    aside: BTreeSet<(Arc<str>, i32)>,
    /// What the receiver got, in order.
    got: Vec<(Arc<str>, i32)>,
    now: Duration,
    lanes: Lanes,
    /// Where the machine's first record lies in the feed, and how many it was given.
    base: u64,
    given: u64,
    under_way: Vec<Job>,
    /// Whether an operator said something that the machine has not heard.
    is_news: bool,
}

#[derive(Debug, Clone)]
enum LaneMove {
    Push,
    Send,
    /// Which of those under way, how it ends, and whether the receiver got it all the same.
    End(usize, u8, bool),
    Write,
    Wait(u16),
    Crash(bool),
    /// An operator redrives, or skips, what one of those waits at that wait.
    Say(usize, bool),
}

impl World {
    fn new(feed: Vec<(Arc<str>, i32, usize)>) -> Self {
        Self {
            feed,
            cursor: 0,
            rows: BTreeMap::new(),
            aside: BTreeSet::new(),
            got: Vec::new(),
            now: s(0),
            lanes: Lanes::new(World::bounds(), 1, Owed::default(), s(0)),
            base: 0,
            given: 0,
            under_way: Vec::new(),
            is_news: false,
        }
    }

    /// Events are set aside soon, while others are under way.
    fn bounds() -> Bounds {
        Bounds { schedule: Schedule::of(&[1]), away: 4, ..bounds() }
    }

    /// A row goes from one version to another; whoever tries what lies in it asks whether that was let go.
    fn was_let_go(&self, job: &Job) -> bool {
        matches!(job.kind, JobKind::Retry) && self.aside.contains(&(Arc::clone(&job.order_id), job.version))
    }

    fn get(&mut self, job: &Job) {
        self.got.push((Arc::clone(&job.order_id), job.version));
    }

    fn step(&mut self, step: &LaneMove) {
        match step {
            LaneMove::Push => {
                let place = usize::try_from(self.base + self.given).expect("small");
                if let Some((order, first, count)) = self.feed.get(place).filter(|_| self.lanes.unpassed() < 8) {
                    // What was set aside is known wherever the feed brings it once more.
                    let wanted = |version: i32| !self.aside.contains(&(Arc::clone(order), version));
                    let wanted: Vec<bool> = (*first..).take(*count).map(wanted).collect();
                    assert_eq!(self.lanes.push(order, *first, &wanted, self.now), self.given);
                    self.given += 1;
                }
            }
            LaneMove::Send => {
                if let Some(job) = self.lanes.next(self.now) {
                    assert!(self.under_way.iter().all(|other| other.order_id != job.order_id), "two of {job:?}");
                    self.under_way.push(job);
                    assert!(self.under_way.len() <= 4);
                }
            }
            LaneMove::End(which, how, got) => {
                if self.under_way.is_empty() {
                    return;
                }
                let job = self.under_way.swap_remove(which % self.under_way.len());
                if self.was_let_go(&job) {
                    return self.lanes.ended(&job, JobOutcome::LetGo, false, self.now, 0.5);
                }
                let verdict = match how % 4 {
                    0 | 1 => JobOutcome::Done,
                    2 => failed(),
                    _ => JobOutcome::NotSent,
                };
                let got = match verdict {
                    JobOutcome::Done => true,
                    JobOutcome::Failed(_) => *got, // its answer may be what was lost
                    _ => false,
                };
                if got {
                    self.get(&job);
                }
                self.lanes.ended(&job, verdict, false, self.now, 0.5);
            }
            LaneMove::Write => self.write(),
            LaneMove::Wait(ms) => self.now += Duration::from_millis(u64::from(*ms)),
            LaneMove::Crash(got) => {
                for job in std::mem::take(&mut self.under_way) {
                    if *got && !self.was_let_go(&job) {
                        self.get(&job);
                    }
                }
                self.lanes = Lanes::new(World::bounds(), 1, self.owed(), self.now);
                (self.base, self.given, self.is_news) = (self.cursor, 0, false);
            }
            LaneMove::Say(which, is_skipped) => {
                let place = which.checked_rem(self.rows.len()).and_then(|place| self.rows.keys().nth(place));
                let Some(row) = place.cloned().and_then(|order| self.rows.get_mut(&order)) else { return };
                (row.failures, row.wait, self.is_news) = (0, Some(s(0)), true);
                if *is_skipped {
                    self.aside.insert((Arc::clone(&row.order_id), row.version));
                    row.version += 1;
                    (row.status, row.error) = (None, None);
                }
                self.rows.retain(|_, row| row.version <= row.upto);
            }
        }
    }

    fn owed(&self) -> Owed {
        let rows = self.rows.values().map(|row| Waiting { others_succeeded: true, ..row.clone() }).collect();
        Owed { waiting: rows, ..Owed::default() }
    }

    fn write(&mut self) {
        let (mut changes, mut passed) = self.lanes.changes(self.now);
        if std::mem::take(&mut self.is_news) {
            self.lanes.refused(&changes);
            self.lanes.hear(self.owed(), self.now);
            (changes, passed) = self.lanes.changes(self.now);
        }
        self.lanes.written();
        for row in changes.waiting {
            self.rows.insert(Arc::clone(&row.order_id), row);
        }
        for order in changes.settled {
            self.rows.remove(&order);
        }
        self.aside.extend(changes.set_aside.into_iter().map(|one| (one.order_id, one.version)));
        self.cursor = self.base + passed;
        let got: HashSet<&(Arc<str>, i32)> = self.got.iter().collect();
        let passed = usize::try_from(self.cursor).expect("small");
        for (order, first, count) in &self.feed[..passed] {
            for version in (*first..).take(*count) {
                let in_row = self.rows.get(order).is_some_and(|row| (row.version..=row.upto).contains(&version));
                let event = (Arc::clone(order), version);
                assert!(in_row || got.contains(&event) || self.aside.contains(&event), "{event:?} was passed over");
            }
        }
    }

    /// From now on all goes well.
    fn heal(&mut self) {
        for _ in 0..100_000 {
            if usize::try_from(self.cursor).expect("small") == self.feed.len() && self.rows.is_empty() {
                return;
            }
            self.step(&LaneMove::Push);
            self.step(&LaneMove::Send);
            self.step(&LaneMove::End(0, 0, true));
            self.step(&LaneMove::Write);
            self.step(&LaneMove::Wait(100));
        }
        panic!("it does not come to its end: {:?}", self.lanes);
    }

    fn judge(&self) {
        let mut expected: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for (order, first, count) in &self.feed {
            let aside = |version: &i32| !self.aside.contains(&(Arc::clone(order), *version));
            expected.entry(order).or_default().extend((*first..).take(*count).filter(aside));
        }
        let mut firsts: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
        for (order, version) in &self.got {
            let seen = firsts.entry(order).or_default();
            if !seen.contains(version) {
                // What was set aside, too: late is never.
                assert!(seen.iter().all(|earlier| earlier < version), "{order}/{version} after {seen:?}");
                seen.push(*version);
            }
        }
        for (order, seen) in &mut firsts {
            seen.retain(|version| !self.aside.contains(&(Arc::from(*order), *version)));
        }
        firsts.retain(|_, versions| !versions.is_empty());
        expected.retain(|_, versions| !versions.is_empty());
        assert_eq!(firsts, expected, "first deliveries, by order");
    }
}

fn feed() -> impl Strategy<Value = Vec<(Arc<str>, i32, usize)>> {
    prop::collection::vec((0..5_usize, 1..4_usize), 1..25).prop_map(|records| {
        let mut next = [1; 5];
        let record = |(order, count): (usize, usize)| {
            let first = next[order];
            next[order] += i32::try_from(count).expect("small");
            (Arc::from(["A", "B", "C", "D", "E"][order]), first, count)
        };
        records.into_iter().map(record).collect()
    })
}

fn steps() -> impl Strategy<Value = Vec<LaneMove>> {
    let step = prop_oneof![
        4 => Just(LaneMove::Push),
        6 => Just(LaneMove::Send),
        6 => (any::<usize>(), any::<u8>(), any::<bool>()).prop_map(|(which, how, got)| LaneMove::End(which, how, got)),
        3 => Just(LaneMove::Write),
        2 => any::<u16>().prop_map(LaneMove::Wait),
        1 => any::<bool>().prop_map(LaneMove::Crash),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(which, is_skipped)| LaneMove::Say(which, is_skipped)),
    ];
    prop::collection::vec(step, 0..200)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever fails, whatever is lost, whatever operators say of what waits and whenever the engine dies: nothing is passed over, and of each order the receiver
    /// hears first of what came first.
    #[test]
    fn nothing_is_passed_over_and_first_deliveries_are_in_order(feed in feed(), steps in steps()) {
        let mut world = World::new(feed);
        for step in &steps {
            world.step(step);
        }
        world.heal();
        world.judge();
    }
}
