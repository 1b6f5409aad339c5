//! Promise: when a sink is divided into other parts nothing is lost, doubled, or out of the order of its order, whoever dies,
//! sleeps, or says another number meanwhile. Relays and dividers are the program's own, on a real database; the sink is a ledger
//! that keeps a cursor and a fence for each part, and holds whoever a test wants held.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use counterfoil::outbox::division::Divider;
use counterfoil::outbox::relay::{Relay, RelaySettings};
use counterfoil::outbox::sink::{Cursor, Cut, Found, Part, Sink, SinkError, part_of};
use counterfoil::outbox::{CloudEvent, Fresh};
use counterfoil::ports::feed::Position;
use counterfoil::ports::lease::Leases;
use counterfoil::ports::relay::{Division, Parts, Witness, Witnesses};
use counterfoil::store::PgStore;
use counterfoil::store::relay::{begin_anew, hold_back};
use counterfoil::telemetry::SinkMetrics;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::engine::{TestEngine, answer, open_store, settings, simple, until};
use crate::support::leases::{end_leases, set_leases};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Look,
    Open,
    /// A cursor alone.
    Mark,
    Publish,
}

/// What somebody is about to do.
#[derive(Debug, Clone, Copy)]
struct Deed {
    crew: u32,
    part: u32,
    act: Act,
}

type Matches = Box<dyn Fn(Deed) -> bool + Send>;

#[derive(Default)]
struct Ledger {
    /// Of each part: its cursor, and who may publish, by number.
    places: BTreeMap<u32, (Option<Cursor>, u64)>,
    events: Vec<String>,
    /// Whom to hold before it does something, until this says so.
    hold: Option<(Matches, watch::Receiver<bool>)>,
    held: u32,
    /// Whose next deed of this kind has an outcome that nobody knows.
    fail: Option<Act>,
}

#[derive(Clone, Default)]
struct Shelf(Arc<Mutex<Ledger>>);

impl Shelf {
    fn read<T>(&self, read: impl FnOnce(&mut Ledger) -> T) -> T {
        read(&mut self.0.lock().expect("the ledger"))
    }

    /// Holds whoever is about to do what matches, until told otherwise.
    fn hold(&self, matches: impl Fn(Deed) -> bool + Send + 'static) -> watch::Sender<bool> {
        let (tell, told) = watch::channel(false);
        let matches: Matches = Box::new(matches);
        self.read(|ledger| (ledger.hold, ledger.held) = (Some((matches, told)), 0));
        tell
    }

    fn hold_nobody(&self) {
        self.read(|ledger| ledger.hold = None);
    }

    async fn until_held(&self) {
        until("somebody is held", || async { self.read(|ledger| ledger.held > 0) }).await;
    }

    fn published(&self, order: &str) -> bool {
        self.read(|ledger| ledger.events.iter().any(|id| id.starts_with(&format!("{order}/"))))
    }

    fn run(&self, part: u32) -> u32 {
        self.read(|ledger| ledger.places.get(&part).and_then(|place| place.0.as_ref()).map_or(0, |cursor| cursor.run))
    }
}

struct Hand {
    shelf: Shelf,
    crew: u32,
    part: u32,
    fence: u64,
    keeps_cursor: bool,
    /// Whether its whole engine sleeps while it is held.
    sleeps: bool,
}

impl Hand {
    async fn about_to(&self, act: Act) -> Result<(), SinkError> {
        let deed = Deed { crew: self.crew, part: self.part, act };
        let (told, fails) = self.shelf.read(|ledger| {
            let held = ledger.hold.as_ref().filter(|(matches, _)| matches(deed)).map(|(_, told)| told.clone());
            ledger.held += u32::from(held.is_some());
            (held, ledger.fail.take_if(|fails| *fails == act).is_some())
        });
        if let Some(told) = told.as_ref().filter(|_| self.sleeps) {
            while !*told.borrow() {
                std::thread::park_timeout(Duration::from_millis(5));
            }
        } else if let Some(mut told) = told {
            // Whoever forgets about it has it wait for ever.
            if told.wait_for(|go_on| *go_on).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
        if fails { Err(SinkError::Unknown("the sink went away".into())) } else { Ok(()) }
    }

    fn found(&self, ledger: &Ledger) -> Found {
        let cursor = ledger.places.get(&self.part).and_then(|place| place.0.clone()).filter(|_| self.keeps_cursor);
        cursor.map_or(Found::Nothing, Found::Cursor)
    }
}

impl Sink for Hand {
    fn target(&self) -> String {
        "ledger".into()
    }

    fn keeps_cursor(&self) -> bool {
        self.keeps_cursor
    }

    async fn look(&mut self) -> Result<Found, SinkError> {
        self.about_to(Act::Look).await?;
        Ok(self.shelf.read(|ledger| self.found(ledger)))
    }

    async fn open(&mut self) -> Result<Found, SinkError> {
        self.about_to(Act::Open).await?;
        let (fence, found) = self.shelf.read(|ledger| {
            let place = ledger.places.entry(self.part).or_default();
            place.1 += 1;
            (place.1, self.found(ledger))
        });
        self.fence = fence;
        Ok(found)
    }

    async fn publish(&mut self, events: &[CloudEvent], cursor: &Cursor, _cuts: &[Cut]) -> Result<(), SinkError> {
        self.about_to(if events.is_empty() { Act::Mark } else { Act::Publish }).await?;
        self.shelf.read(|ledger| {
            let place = ledger.places.entry(self.part).or_default();
            if self.keeps_cursor && place.1 != self.fence {
                return Err(SinkError::Fenced("somebody opened it".into()));
            }
            place.0 = Some(cursor.clone());
            ledger.events.extend(events.iter().map(|event| event.id.clone()));
            Ok(())
        })
    }
}

/// The relays and the divider of one engine.
struct Crew {
    leave: Vec<oneshot::Sender<()>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Crew {
    async fn leave(mut self) {
        self.leave.clear();
        for task in &mut self.tasks {
            task.await.expect("it leaves");
        }
    }

    /// As kill -9; its leases end at once.
    async fn die(self, session: &Client) {
        for task in &self.tasks {
            task.abort();
        }
        drop(self);
        // What the dead had on its way may still be under way at the server.
        set_leases(session, "until = clock_timestamp(), generation = generation + 1", "true").await;
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// What a crew is told apart by, and how it publishes.
#[derive(Debug, Clone, Copy)]
struct Kind {
    crew: u32,
    parts: u32,
    keeps_cursor: bool,
    sleeps: bool,
}

fn metrics(engine: &TestEngine, kind: Kind) -> Vec<SinkMetrics> {
    let metrics = engine.engine.metrics();
    (0..kind.parts).map(|part| metrics.sink(&format!("crew {}/{part}", kind.crew))).collect()
}

fn crew_on(store: &Arc<PgStore>, metrics: &[SinkMetrics], shelf: &Shelf, kind: Kind) -> Crew {
    let (mut leave, mut tasks) = (Vec::new(), Vec::new());
    let Kind { crew, parts, keeps_cursor, sleeps } = kind;
    let node = Uuid::new_v4();
    let settings = |part: u32| RelaySettings {
        deployment: "the deployment".into(),
        name_of_deployment: "shop".into(),
        sink: "bus".into(),
        part,
        parts,
        begins: "beginning".into(),
        personal_data: false,
        node,
    };
    let make = {
        let shelf = shelf.clone();
        move |part: Part| Hand { shelf: shelf.clone(), crew, part: part.partition, fence: 0, keeps_cursor, sleeps }
    };
    for (part, metrics) in (0..parts).zip(metrics) {
        let hand = make(Part { deployment: String::new(), sink: String::new(), partition: part, of: parts });
        let (feeds, database, metrics) = (Arc::clone(store), Arc::clone(store), metrics.clone());
        let (wake, fresh) = (Arc::default(), Arc::<Fresh>::default());
        let mut relay = Relay::new(hand, settings(part), feeds, database, metrics, wake, fresh);
        let (tell, left) = oneshot::channel::<()>();
        leave.push(tell);
        tasks.push(tokio::spawn(async move { relay.run(async move { drop(left.await) }).await }));
    }
    let (feeds, database) = (Arc::clone(store), Arc::clone(store));
    let mut divider = Divider::new(make, settings(0), feeds, database, metrics[0].clone());
    let (tell, left) = oneshot::channel::<()>();
    leave.push(tell);
    tasks.push(tokio::spawn(async move { divider.run(async move { drop(left.await) }).await }));
    Crew { leave, tasks }
}

fn crew(engine: &TestEngine, shelf: &Shelf, crew: u32, parts: u32) -> Crew {
    let kind = Kind { crew, parts, keeps_cursor: true, sleeps: false };
    crew_on(&engine.store, &metrics(engine, kind), shelf, kind)
}

/// A crew on a thread of its own, which sleeps with all of it while one of it is held; it ends with what this returns.
fn sleepers(engine: &TestEngine, shelf: &Shelf, crew: u32, parts: u32) -> oneshot::Sender<()> {
    let kind = Kind { crew, parts, keeps_cursor: true, sleeps: true };
    let (metrics, shelf, url) = (metrics(engine, kind), shelf.clone(), engine.database.url());
    let (end, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let store = open_store(&url, 1).await;
            let _crew = crew_on(&store, &metrics, &shelf, kind);
            drop(ended.await);
        });
    });
    end
}

/// So many orders, of which each part has some.
async fn place(engine: &TestEngine, prefix: &str) {
    for n in 0..12 {
        answer(engine.submit(simple(&format!("{prefix}-{n}"))).await);
    }
}

async fn committed(session: &Client) -> BTreeMap<String, Vec<String>> {
    let sql = "SELECT order_id, first_version, json_array_length(events::json) FROM order_events ORDER BY 1, 2";
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in session.query(sql, &[]).await.expect(sql) {
        let (order, first, count): (String, i32, i32) = (row.get(0), row.get(1), row.get(2));
        let more = (first..first + count).map(|version| format!("{order}/{version}"));
        ids.entry(order.clone()).or_default().extend(more);
    }
    ids
}

fn by_order(events: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for id in events {
        let (order, _) = id.rsplit_once('/').expect("an id");
        ids.entry(order.to_owned()).or_default().push(id.clone());
    }
    ids
}

/// Waits until everything is there, and judges it: nothing twice, nothing invented, each order in its order.
async fn judge(shelf: &Shelf, session: &Client) {
    until("everything is published", || async {
        committed(session).await.values().map(Vec::len).sum::<usize>() <= shelf.read(|ledger| ledger.events.len())
    })
    .await;
    assert_eq!(by_order(&shelf.read(|ledger| ledger.events.clone())), committed(session).await);
}

/// Waits until the database knows of each part's last publication.
async fn written_down(shelf: &Shelf, session: &Client) {
    let sql = "SELECT part, run, coalesce(step, 0) FROM outbox_relays WHERE part < parts";
    until("what was published is written down", || async {
        let rows = session.query(sql, &[]).await.expect(sql);
        let known: BTreeMap<i32, (i32, i64)> = rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
        shelf.read(|ledger| {
            let last = ledger.places.iter().filter_map(|(part, place)| Some((*part, place.0.as_ref()?)));
            last.into_iter().all(|(part, cursor)| {
                let known = known.get(&part.cast_signed()).copied();
                // A part that is no more has no row.
                known.is_none_or(|(run, step)| {
                    (i64::from(run), step) >= (i64::from(cursor.run), i64::try_from(cursor.step).expect("few"))
                })
            })
        })
    })
    .await;
}

async fn number(session: &Client, sql: &str) -> i64 {
    session.query_one(sql, &[]).await.expect(sql).get(0)
}

async fn text(session: &Client, sql: &str) -> String {
    let row = session.query_opt(sql, &[]).await.expect(sql);
    row.and_then(|row| row.get::<_, Option<String>>(0)).unwrap_or_default()
}

const STOPPED: &str = "SELECT string_agg(stopped, '; ') FROM outbox_relays";
const PARTS: &str = "SELECT count(*) FROM outbox_relays WHERE target IS NOT NULL";
const CLOSING: &str = "SELECT count(*) FROM outbox_divisions WHERE closing IS NOT NULL";

/// Whether all relays of a crew say that they do not publish, and why is to be seen.
fn waits(engine: &TestEngine, crew: u32, parts: u32) -> bool {
    let told = engine.engine.metrics().encode();
    (0..parts).all(|part| told.contains(&format!("counterfoil_outbox_stopped{{sink=\"crew {crew}/{part}\"}} 1")))
}

/// One part is far behind when everybody dies, and others come.
#[tokio::test]
async fn parts_become_more_and_fewer_wherever_each_of_them_was() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let session = engine.database.client().await;
    for (round, (parts, slow)) in (0..).zip([(2, 0), (3, 1), (1, 0), (4, 3), (2, 1)]) {
        let crew = crew(&engine, &shelf, round, parts);
        place(&engine, &format!("A{round}")).await;
        judge(&shelf, &session).await;
        assert_eq!(number(&session, PARTS).await, i64::from(parts), "round {round}");
        let _stays = shelf.hold(move |deed| deed.act == Act::Publish && deed.part == slow);
        place(&engine, &format!("B{round}")).await;
        shelf.until_held().await;
        let quick = (0..12).map(|n| format!("B{round}-{n}")).filter(|id| part_of(id, parts) != slow);
        for order in quick {
            until("the others go on", || async { shelf.published(&order) }).await;
        }
        crew.die(&session).await;
        shelf.hold_nobody();
    }
    let _last = crew(&engine, &shelf, 9, 3);
    judge(&shelf, &session).await;
    let logged = "SELECT count(*) FROM outbox_log WHERE verb = 'divide' AND before IS NOT NULL";
    assert_eq!(number(&session, logged).await, 2 + 3 + 1 + 4 + 2, "where each part was is kept");
}

/// Who divides dies anywhere, and whoever comes next, of this number or that, ends what can only be ended so.
#[tokio::test]
async fn who_divides_may_die_anywhere() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let session = engine.database.client().await;
    let (mut from, mut number_of) = (2, 0);
    let next = |number: &mut u32| {
        *number += 1;
        *number
    };
    for (round, (moment, comes_back)) in
        (0..).zip([0, 1, 2, 3, 4].into_iter().flat_map(|moment| [(moment, true), (moment, false)]))
    {
        let into = from % 3 + 1;
        let old = crew(&engine, &shelf, next(&mut number_of), from);
        place(&engine, &format!("A{round}")).await;
        judge(&shelf, &session).await;
        old.die(&session).await;
        place(&engine, &format!("B{round}")).await;
        let (seen, last) = (AtomicU32::new(0), from.max(into) - 1);
        let nth = move |n: u32| seen.fetch_add(1, Ordering::Relaxed) + 1 == n;
        let go_on = match moment {
            // Some old parts are fenced, and nothing is decided.
            0 => shelf.hold(move |deed| deed.act == Act::Open && deed.part == from - 1),
            // It is decided, and the sink knows nothing of it.
            1 => shelf.hold(move |deed| deed.act == Act::Look && deed.part == 0 && nth(2)),
            // It knows a part of it.
            2 | 3 => shelf.hold(move |deed| deed.act == Act::Mark && deed.part == last),
            // It goes away in the midst, and nobody dies.
            _ => {
                shelf.read(|ledger| ledger.fail = Some(Act::Mark));
                shelf.hold(|_| false)
            }
        };
        let dividing = crew(&engine, &shelf, next(&mut number_of), into);
        if moment < 4 {
            shelf.until_held().await;
            assert_eq!(number(&session, CLOSING).await, i64::from(moment > 0), "moment {moment}");
            until("nobody publishes meanwhile", || async { waits(&engine, number_of, into) }).await;
            assert!(!(0..12).any(|n| shelf.published(&format!("B{round}-{n}"))), "moment {moment}");
        }
        if moment == 3 {
            // It knows all of it, and the database does not know that.
            session.batch_execute("BEGIN; SELECT FROM outbox_divisions FOR UPDATE").await.expect("lock");
            go_on.send_replace(true);
            let run = number(&session, "SELECT run::bigint FROM outbox_divisions").await;
            until("all of them are told", || async { (0..=last).all(|part| i64::from(shelf.run(part)) == run) }).await;
        }
        if moment < 4 {
            dividing.die(&session).await;
        }
        if moment == 3 {
            session.batch_execute("ROLLBACK").await.expect("unlock");
        }
        shelf.hold_nobody();
        if moment < 4 && comes_back {
            let back = crew(&engine, &shelf, next(&mut number_of), from);
            judge(&shelf, &session).await;
            back.leave().await;
        }
        let new = crew(&engine, &shelf, next(&mut number_of), into);
        place(&engine, &format!("C{round}")).await;
        judge(&shelf, &session).await;
        assert_eq!(number(&session, PARTS).await, i64::from(into), "moment {moment}");
        assert_eq!(number(&session, CLOSING).await, 0);
        new.die(&session).await;
        from = into;
    }
}

/// Two configurations beside each other do not fight: who is there goes on, the other says that it waits, and which of them is
/// paused makes no difference.
#[tokio::test]
async fn whoever_says_another_number_waits_while_one_of_the_number_in_force_is_here() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let mut session = engine.database.client().await;
    let two = crew(&engine, &shelf, 1, 2);
    place(&engine, "A").await;
    judge(&shelf, &session).await;
    let fences = || shelf.read(|ledger| ledger.places.values().map(|place| place.1).sum::<u64>());
    let before = fences();
    let three = crew(&engine, &shelf, 2, 3);
    until("it says that it waits", || async { waits(&engine, 2, 3) }).await;
    place(&engine, "B").await;
    judge(&shelf, &session).await;
    assert_eq!(fences(), before, "nobody was disturbed");
    // It holds no lease for long while it waits for a human, and is here all the same.
    let poison = "INSERT INTO order_events (order_id, first_version, at, events)
        SELECT 'POISON-' || n, 2, now(), '[{\"kind\":\"of a newer program\"}]' FROM generate_series(0, 9) n";
    session.batch_execute(poison).await.expect(poison);
    let stopped = "SELECT count(*) FROM outbox_relays WHERE stopped LIKE '%outbox skip POISON-%'";
    until("both its parts are stopped", || async { number(&session, stopped).await == 2 }).await;
    let held = "SELECT count(*) FROM outbox_leases WHERE until > clock_timestamp() AND name ~ '^bus/[0-9]+$'";
    for _ in 0..3 {
        until("nobody holds a part", || async { number(&session, held).await == 0 }).await;
        until("somebody looks", || async { number(&session, held).await > 0 }).await;
    }
    assert_eq!(number(&session, "SELECT count(*) FROM outbox_divisions").await, 0);
    assert_eq!(hold_back(&mut session, "bus", true, "a move").await.expect("pause"), 2);
    until("it is seen", || async { text(&session, STOPPED).await.contains("a move") }).await;
    // Nor is it divided once nobody else is here, but by whom it was paused.
    two.leave().await;
    until("it says why it cannot be divided", || async {
        let told = text(&session, STOPPED).await;
        told.contains("to be divided into 3 parts") && told.contains("a move")
    })
    .await;
    place(&engine, "C").await;
    assert_eq!(number(&session, "SELECT count(*) FROM outbox_divisions").await, 0);
    assert_eq!(hold_back(&mut session, "bus", false, "it was moved").await.expect("resume"), 2);
    // What nobody can read holds up no division: the new parts are stopped by it as the old ones were.
    until("it is divided, and stopped", || async {
        number(&session, PARTS).await == 3 && number(&session, stopped).await > 0
    })
    .await;
    session.batch_execute("DELETE FROM order_events WHERE order_id LIKE 'POISON-%'").await.expect("mend");
    judge(&shelf, &session).await;
    assert_eq!(number(&session, PARTS).await, 3);
    let (before, _two) = (fences(), crew(&engine, &shelf, 3, 2));
    until("the other one waits now", || async { waits(&engine, 3, 2) }).await;
    place(&engine, "D").await;
    judge(&shelf, &session).await;
    assert_eq!(fences(), before);
    assert_eq!(text(&session, STOPPED).await, "");
    three.leave().await;
}

/// An engine of old sleeps where it has asked for everything and fenced nobody yet, or where it is about to publish.
#[tokio::test]
async fn whoever_slept_through_a_division_publishes_nothing() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let session = engine.database.client().await;
    // What is published at once is written down at once: whoever comes has nothing to write before it publishes.
    place(&engine, "A").await;
    let old = crew(&engine, &shelf, 1, 2);
    judge(&shelf, &session).await;
    let steps = "SELECT string_agg(step::text, ',' ORDER BY part) FROM outbox_relays";
    until("it is written down", || async {
        let there = shelf.read(|ledger| {
            let cursors = ledger.places.values().filter_map(|place| place.0.as_ref());
            cursors.map(|cursor| cursor.step.to_string()).collect::<Vec<_>>().join(",")
        });
        text(&session, steps).await == there
    })
    .await;
    old.die(&session).await;
    place(&engine, "B").await;
    for (round, (asleep, (there, parts), (after, into))) in
        (0..).zip([(Act::Open, (2, 2), (3, 3)), (Act::Publish, (4, 3), (5, 1))])
    {
        let awake = shelf.hold(move |deed| deed.act == asleep && deed.crew == there);
        let sleepers = sleepers(&engine, &shelf, there, parts);
        shelf.until_held().await;
        end_leases(&session).await;
        // It is decided, and the sink knows nothing of it when they wake.
        let decided = shelf.hold(move |deed| deed.act == Act::Look && deed.crew == after && is_closing(deed));
        let next = crew(&engine, &shelf, after, into);
        until("it is decided", || async { number(&session, CLOSING).await == 1 }).await;
        awake.send_replace(true);
        until("they know", || async { waits(&engine, there, parts) }).await;
        decided.send_replace(true);
        shelf.hold_nobody();
        place(&engine, &format!("C{round}")).await;
        judge(&shelf, &session).await;
        drop(sleepers);
        next.leave().await;
        place(&engine, &format!("D{round}")).await;
    }
}

/// It held the leases of all old parts, and somebody else was quicker.
#[tokio::test]
async fn a_divider_that_slept_decides_nothing() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let session = engine.database.client().await;
    let old = crew(&engine, &shelf, 1, 1);
    place(&engine, "A").await;
    judge(&shelf, &session).await;
    old.die(&session).await;
    place(&engine, "B").await;
    let awake = shelf.hold(|deed| deed.act == Act::Open && deed.crew == 2);
    let sleeper = sleepers(&engine, &shelf, 2, 2);
    shelf.until_held().await;
    end_leases(&session).await;
    let _next = crew(&engine, &shelf, 3, 3);
    judge(&shelf, &session).await;
    let asked = "SELECT generation FROM outbox_leases WHERE name = 'bus/division'";
    let before = number(&session, asked).await;
    awake.send_replace(true);
    place(&engine, "C").await;
    judge(&shelf, &session).await;
    // Its own lease goes to nobody else: it comes back to where it looks, and waits.
    until("it is awake", || async { waits(&engine, 2, 2) }).await;
    place(&engine, "D").await;
    judge(&shelf, &session).await;
    assert_eq!((number(&session, PARTS).await, number(&session, asked).await), (3, before));
    drop(sleeper);
}

/// Whoever lost one of the leases writes nothing, neither what parts there are nor that the sink was told.
#[tokio::test]
async fn who_lost_one_of_the_leases_decides_nothing() {
    let engine = TestEngine::new().await;
    let (store, session) = (&engine.store, engine.database.client().await);
    let (mine, other) = (Uuid::new_v4(), Uuid::new_v4());
    let hold = async |node: Uuid, name: &str| {
        let held = store.hold(name, node, Duration::from_secs(600)).await.expect("ask");
        held.expect("nobody has it")
    };
    let part = |part: u32, parts: u32, run: u32| Witness {
        sink: "bus".into(),
        part,
        parts,
        run,
        begins: "beginning".into(),
        begins_at: Some(Position::beginning(1)),
        anew_in: None,
        over_epoch: None,
        word: None,
        is_ours: true,
        target: Some("ledger".into()),
        known: None,
        gap: None,
        is_forgotten: false,
        stopped: None,
        held: None,
        skips: Vec::new(),
        division: None,
    };
    let mut held = vec![hold(mine, "bus/0").await, hold(mine, "bus/1").await];
    for old in [part(0, 2, 1), part(1, 2, 1)] {
        assert!(store.attest(&held[old.part as usize], &old).await.expect("ask"));
    }
    session.batch_execute("UPDATE outbox_leases SET until = now() WHERE name = 'bus/1'").await.expect("end");
    let taken = hold(other, "bus/1").await;
    let division = Division { run: 2, before: Vec::new(), closing: Some("[]".into()) };
    let parts = [part(0, 1, 2)];
    assert!(!store.divide(&held, &parts, &division).await.expect("ask"));
    assert_eq!(store.parts("bus").await.expect("ask"), Some(Parts { of: 2, closing: false }));
    store.release(&taken).await.expect("release");
    held[1] = hold(mine, "bus/1").await;
    assert!(store.divide(&held, &parts, &division).await.expect("ask"));
    assert_eq!(store.parts("bus").await.expect("ask"), Some(Parts { of: 1, closing: true }));
    store.release(&held[1]).await.expect("release");
    let taken = hold(other, "bus/1").await;
    assert!(!store.closed(&held, "bus", 2).await.expect("ask"));
    assert_eq!(store.parts("bus").await.expect("ask"), Some(Parts { of: 1, closing: true }));
    store.release(&taken).await.expect("release");
    held[1] = hold(mine, "bus/1").await;
    assert!(store.closed(&held, "bus", 2).await.expect("ask"));
    assert_eq!(store.parts("bus").await.expect("ask"), Some(Parts { of: 1, closing: false }));
    assert_eq!(store.witness("bus", 0).await.expect("ask").and_then(|row| row.division).map(|one| one.run), Some(2));
}

/// What was decided is carried over by a promotion, and ended there; the old primary, cut off, ends nothing.
#[tokio::test]
async fn a_promotion_in_its_midst_ends_it_once() {
    let shelf = Shelf::default();
    let old = TestEngine::new().await;
    let session = old.database.client().await;
    let two = crew(&old, &shelf, 1, 2);
    place(&old, "A").await;
    judge(&shelf, &session).await;
    two.die(&session).await;
    place(&old, "B").await;
    let _told = shelf.hold(|deed| deed.act == Act::Mark && deed.part == 1);
    let three = crew(&old, &shelf, 2, 3);
    shelf.until_held().await;
    three.die(&session).await;
    shelf.hold_nobody();
    drop(session);
    let database = old.stop().await;
    let new = TestEngine::on(database.copy().await, settings()).await;
    new.database.is_at_home().await;
    let old = TestEngine::on(database, settings()).await;
    place(&old, "LOST").await;
    let _new_three = crew(&new, &shelf, 3, 3);
    place(&new, "C").await;
    judge(&shelf, &new.database.client().await).await;
    let its = old.database.client().await;
    for (number, parts) in [(4, 3), (5, 2)] {
        let crew = crew(&old, &shelf, number, parts);
        until("it says why it is not told", || async { text(&its, STOPPED).await.contains("no longer the primary") })
            .await;
        crew.die(&its).await;
        its.batch_execute("UPDATE outbox_relays SET stopped = NULL").await.expect("forget");
    }
    place(&new, "D").await;
    judge(&shelf, &new.database.client().await).await;
}

/// The second look of a divider at a place is the one at which it has the sink told.
fn is_closing(deed: Deed) -> bool {
    static LOOKS: Mutex<BTreeMap<(u32, u32), u32>> = Mutex::new(BTreeMap::new());
    let mut looks = LOOKS.lock().expect("looks");
    let seen = looks.entry((deed.crew, deed.part)).or_default();
    *seen += 1;
    *seen > 1
}

/// Files are put back to a moment before a sink was divided: the parts of then are none any more.
#[tokio::test]
async fn a_database_that_came_back_older_goes_on_with_no_part_of_old() {
    let shelf = Shelf::default();
    let engine = TestEngine::new().await;
    let three = crew(&engine, &shelf, 1, 3);
    place(&engine, "A").await;
    judge(&shelf, &engine.database.client().await).await;
    three.leave().await;
    let database = engine.stop().await;
    let older = TestEngine::on(database.copy().await, settings()).await;
    older.database.is_at_home().await;
    let engine = TestEngine::on(database, settings()).await;
    let session = engine.database.client().await;
    let one = crew(&engine, &shelf, 2, 1);
    until("it is divided", || async { number(&session, PARTS).await == 1 }).await;
    until("the sink knows", || async { number(&session, CLOSING).await == 0 }).await;
    one.leave().await; // it published nothing since
    let _old = crew(&older, &shelf, 3, 3);
    place(&older, "LOST").await;
    let its = older.database.client().await;
    let stopped = "SELECT count(*) FROM outbox_relays WHERE stopped LIKE '%the database came back older%'";
    until("each of them says so", || async { number(&its, stopped).await == 3 }).await;
    let _new = crew(&engine, &shelf, 4, 1);
    place(&engine, "B").await;
    judge(&shelf, &session).await;
}

/// Said before a division, in its midst, or of parts that nobody came to yet: it is heard.
#[tokio::test]
async fn an_operators_word_to_begin_anew_is_no_dead_end() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let mut session = engine.database.client().await;
    let two = crew(&engine, &shelf, 1, 2);
    place(&engine, "A").await;
    judge(&shelf, &session).await;
    two.leave().await;
    // A row that nobody came to, and one of a number that was never in force.
    session.batch_execute("DELETE FROM outbox_relays WHERE part = 1").await.expect("as if nobody had come");
    let looked_at = "INSERT INTO outbox_relays (sink, part, parts, begins, deployment)
        SELECT 'bus', 5, 9, 'beginning', deployment_id FROM deployment";
    session.batch_execute(looked_at).await.expect(looked_at);
    assert_eq!(begin_anew(&mut session, "bus", ("beginning", None), None, "all again").await.expect("a word"), 1);
    let once = shelf.read(|ledger| ledger.events.len());
    let three = crew(&engine, &shelf, 2, 3);
    until("all of it comes again", || async { shelf.read(|ledger| ledger.events.len()) == 2 * once }).await;
    shelf.read(|ledger| drop(ledger.events.drain(..once)));
    judge(&shelf, &session).await;
    three.leave().await;
    // In the midst.
    let go_on = shelf.hold(|deed| deed.act == Act::Mark);
    let one = crew(&engine, &shelf, 3, 1);
    shelf.until_held().await;
    assert_eq!(begin_anew(&mut session, "bus", ("beginning", None), None, "all again").await.expect("a word"), 1);
    go_on.send_replace(true);
    until("all of it comes again", || async { shelf.read(|ledger| ledger.events.len()) == 2 * once }).await;
    shelf.read(|ledger| drop(ledger.events.drain(..once)));
    place(&engine, "B").await;
    judge(&shelf, &session).await;
    one.leave().await;
}

/// What lies before the time at which a run begins is not what was asked for, whoever divides before anything is published
/// that does.
#[tokio::test]
async fn a_time_to_begin_at_outlives_a_division() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let mut session = engine.database.client().await;
    let first = crew(&engine, &shelf, 0, 1);
    place(&engine, "A").await;
    judge(&shelf, &session).await;
    first.leave().await;
    for (round, (old, new)) in (1..).zip([(1, 3), (3, 2)]) {
        let now = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
        let now = text(&session, now).await;
        begin_anew(&mut session, "bus", (&now, None), None, "since then").await.expect("a word");
        if old == 3 {
            // Its relays heard it, and have nothing to publish.
            let heard = crew(&engine, &shelf, 10, old);
            let sql = "SELECT count(*) FROM outbox_relays WHERE anew_in IS NULL";
            until("each part heard it", || async { number(&session, sql).await == i64::from(old) }).await;
            heard.leave().await;
        }
        let crew = crew(&engine, &shelf, round, new);
        place(&engine, &format!("B{round}")).await;
        judge(&shelf, &session).await;
        assert_eq!(number(&session, PARTS).await, i64::from(new));
        crew.leave().await;
    }
}

/// Where nothing is fenced and the database's word is all there is.
#[tokio::test]
async fn a_sink_that_keeps_no_cursor_is_divided_as_well() {
    let (engine, shelf) = (TestEngine::new().await, Shelf::default());
    let session = engine.database.client().await;
    for (round, parts) in (0..).zip([1, 3, 2]) {
        let kind = Kind { crew: round, parts, keeps_cursor: false, sleeps: false };
        let crew = crew_on(&engine.store, &metrics(&engine, kind), &shelf, kind);
        place(&engine, &format!("A{round}")).await;
        judge(&shelf, &session).await;
        assert_eq!(number(&session, PARTS).await, i64::from(parts));
        written_down(&shelf, &session).await; // or whoever comes next publishes again what it does not know of
        crew.leave().await;
        place(&engine, &format!("B{round}")).await;
    }
}
