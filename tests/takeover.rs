//! Promise: of two databases that both take themselves for the primary one publishes, and the one of the later history; and an
//! operator's word is carried out once, in the history in which it was said. The relay is the program's own, on real databases;
//! the sink is a ledger that takes what a sink has to, keeps everything, and has happen to it what a broker cannot be made to
//! do at will.

use std::sync::{Arc, Mutex};

use counterfoil::outbox::relay::{Relay, RelaySettings};
use counterfoil::outbox::sink::{Cursor, Cut, Found, Sink, SinkError};
use counterfoil::outbox::{CloudEvent, Fresh};
use counterfoil::store::relay::{begin_anew, skip};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::engine::{TestEngine, settings, simple, until};

/// What a sink has.
#[derive(Debug, Default)]
pub struct Ledger {
    cursor: Option<Cursor>,
    /// In the place of the cursor.
    garbage: Option<String>,
    /// By id.
    events: Vec<String>,
    /// Who may publish: whoever opened last.
    fence: u64,
    looks: u32,
}

#[derive(Clone, Default)]
pub struct Book(Arc<Mutex<Ledger>>);

impl Book {
    fn read<T>(&self, read: impl FnOnce(&mut Ledger) -> T) -> T {
        read(&mut self.0.lock().expect("the ledger"))
    }

    pub fn events(&self) -> Vec<String> {
        self.read(|ledger| ledger.events.clone())
    }

    fn cursor(&self) -> Option<Cursor> {
        self.read(|ledger| ledger.cursor.clone())
    }
}

pub type Meanwhile = Box<dyn FnMut(&mut Ledger) + Send + Sync>;

/// A hand on the ledger.
struct Hand {
    book: Book,
    fence: u64,
    /// What somebody else does between a look and the fence, once.
    meanwhile: Option<Meanwhile>,
}

fn found(ledger: &Ledger) -> Found {
    match (&ledger.garbage, &ledger.cursor) {
        (Some(garbage), _) => Found::read(garbage.as_bytes()),
        (None, Some(cursor)) => Found::Cursor(cursor.clone()),
        (None, None) => Found::Nothing,
    }
}

impl Sink for Hand {
    fn target(&self) -> String {
        "ledger".into()
    }

    async fn look(&mut self) -> Result<Found, SinkError> {
        Ok(self.book.read(|ledger| {
            ledger.looks += 1;
            found(ledger)
        }))
    }

    async fn open(&mut self) -> Result<Found, SinkError> {
        let meanwhile = self.meanwhile.take();
        let (fence, found) = self.book.read(|ledger| {
            if let Some(mut meanwhile) = meanwhile {
                meanwhile(ledger);
            }
            ledger.fence += 1;
            (ledger.fence, found(ledger))
        });
        self.fence = fence;
        Ok(found)
    }

    async fn publish(&mut self, events: &[CloudEvent], cursor: &Cursor, _cuts: &[Cut]) -> Result<(), SinkError> {
        self.book.read(|ledger| {
            if ledger.fence != self.fence {
                return Err(SinkError::Fenced("somebody opened it".into()));
            }
            ledger.events.extend(events.iter().map(|event| event.id.clone()));
            (ledger.cursor, ledger.garbage) = (Some(cursor.clone()), None);
            Ok(())
        })
    }
}

/// A relay at work; it leaves when this is dropped or told to.
pub struct AtWork {
    leave: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl AtWork {
    pub async fn leave(mut self) {
        drop(self.leave.take());
        (&mut self.task).await.expect("the relay");
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub fn relay(engine: &TestEngine, book: &Book, meanwhile: Option<Meanwhile>) -> AtWork {
    let settings = RelaySettings {
        deployment: "the deployment".into(),
        name_of_deployment: "shop".into(),
        sink: "bus".into(),
        part: 0,
        parts: 1,
        begins: "beginning".into(),
        personal_data: false,
        node: Uuid::new_v4(),
    };
    let hand = Hand { book: book.clone(), fence: 0, meanwhile };
    let (feeds, database) = (Arc::clone(&engine.store), Arc::clone(&engine.store));
    let metrics = engine.engine.metrics().sink("bus");
    let mut relay = Relay::new(hand, settings, feeds, database, metrics, Arc::default(), Arc::<Fresh>::default());
    let (leave, left) = oneshot::channel::<()>();
    let task = tokio::spawn(async move { relay.run(async move { drop(left.await) }).await });
    AtWork { leave: Some(leave), task }
}

async fn place(engine: &TestEngine, id: &str) {
    crate::support::engine::answer(engine.submit(simple(id)).await);
}

fn has(book: &Book, order: &str) -> bool {
    book.events().iter().any(|id| id.starts_with(&format!("{order}/")))
}

async fn stopped(session: &Client) -> String {
    let row = session.query_opt("SELECT stopped FROM outbox_relays", &[]).await.expect("a row");
    row.and_then(|row| row.get::<_, Option<String>>(0)).unwrap_or_default()
}

pub async fn until_stopped(session: &Client, why: &str) {
    until(why, || async { stopped(session).await.contains(why) }).await;
}

async fn say(session: &mut Client, from: &str, over_epoch: Option<i32>) {
    let parts = begin_anew(session, "bus", (from, None), over_epoch, "for the test").await.expect("a word");
    assert_eq!(parts, 1);
}

fn is_each_once(book: &Book) {
    let mut events = book.events();
    let all = events.len();
    events.sort();
    events.dedup();
    assert_eq!(events.len(), all, "{events:?}");
}

/// A database whose order "A" was published, and a copy that takes itself for the same.
async fn twins(book: &Book) -> (TestDatabase, TestDatabase) {
    let engine = TestEngine::new().await;
    let first = relay(&engine, book, None);
    place(&engine, "A").await;
    until("it is published", || async { has(book, "A") }).await;
    first.leave().await;
    let database = engine.stop().await;
    let copy = database.copy().await;
    copy.is_at_home().await;
    (database, copy)
}

/// The new primary has nothing to publish yet, and the old one, cut off, commits.
#[tokio::test]
async fn whoever_takes_over_from_an_earlier_history_leaves_its_mark_at_once() {
    let book = Book::default();
    let (database, copy) = twins(&book).await;
    let new = TestEngine::on(copy, settings()).await;
    let old = TestEngine::on(database, settings()).await;
    let (at_old, before) = (relay(&old, &book, None), book.cursor().expect("a cursor"));
    let session = old.database.client().await;
    place(&old, "B").await;
    until("the old one publishes", || async { has(&book, "B") }).await;
    // What the new one lacks was published: it stops, and the old one is not disturbed. As in a failover that lost nothing:
    book.read(|ledger| ledger.cursor = Some(before.clone()));
    let _at_new = relay(&new, &book, None);
    until("the new one leaves its mark", || async {
        book.cursor().is_some_and(|cursor| cursor.epoch > before.epoch && cursor.position == before.position)
    })
    .await;
    place(&old, "LOST").await;
    until_stopped(&session, "no longer the primary").await;
    place(&new, "C").await;
    until("the new one publishes", || async { has(&book, "C") }).await;
    assert!(!has(&book, "LOST"), "{:?}", book.events());
    // Its operator means the other one.
    let mut session = old.database.client().await;
    say(&mut session, "beginning", None).await;
    until_stopped(&session, "--over-epoch").await;
    assert!(!has(&book, "LOST"), "{:?}", book.events());
    is_each_once(&book);
    drop(at_old);
}

/// An older state of the database looks again and again whether it may publish, and fences nobody.
#[tokio::test]
async fn who_must_not_publish_looks_and_fences_nobody() {
    let book = Book::default();
    let (database, copy) = twins(&book).await;
    let older = TestEngine::on(copy, settings()).await;
    let engine = TestEngine::on(database, settings()).await;
    let _good = relay(&engine, &book, None);
    place(&engine, "B").await;
    until("it is published", || async { has(&book, "B") }).await;
    let (fence, looks) = book.read(|ledger| (ledger.fence, ledger.looks));
    let _older = relay(&older, &book, None);
    until("it has looked twice", || async { book.read(|ledger| ledger.looks) >= looks + 2 }).await;
    until_stopped(&older.database.client().await, "history is not the one that was read").await;
    place(&engine, "C").await;
    until("the good one goes on", || async { has(&book, "C") }).await;
    assert_eq!(book.read(|ledger| ledger.fence), fence);
    is_each_once(&book);
}

/// What the predecessor published between the look and the fence is gone on from.
#[tokio::test]
async fn what_stands_behind_the_fence_counts() {
    let book = Book::default();
    let engine = TestEngine::new().await;
    let first = relay(&engine, &book, None);
    place(&engine, "A").await;
    until("it is published", || async { has(&book, "A") }).await;
    first.leave().await;
    let earlier = book.cursor().expect("a cursor");
    let second = relay(&engine, &book, None);
    place(&engine, "B").await;
    until("it is published", || async { has(&book, "B") }).await;
    second.leave().await;
    // As it was for whoever looked a moment earlier.
    let later = book.cursor().expect("a cursor");
    let session = engine.database.client().await;
    let step = i64::try_from(earlier.step).expect("few");
    let sql = "UPDATE outbox_relays SET step = $1, position = $2";
    let position = serde_json::to_string(&earlier.position).expect("JSON");
    session.execute(sql, &[&step, &position]).await.expect(sql);
    book.read(|ledger| ledger.cursor = Some(earlier));
    let meanwhile: Meanwhile = Box::new(move |ledger| ledger.cursor = Some(later.clone()));
    let _third = relay(&engine, &book, Some(meanwhile));
    place(&engine, "C").await;
    until("it goes on", || async { has(&book, "C") }).await;
    is_each_once(&book);
}

/// It is not used up before anything was published.
#[tokio::test]
async fn a_word_over_what_nobody_can_read_outlives_whoever_heard_it() {
    let book = Book::default();
    let engine = TestEngine::new().await;
    book.read(|ledger| ledger.garbage = Some("not a cursor".into()));
    let first = relay(&engine, &book, None);
    let mut session = engine.database.client().await;
    until_stopped(&session, "cannot be read").await;
    assert_eq!(book.read(|ledger| ledger.fence), 0, "nobody was fenced");
    first.leave().await;
    say(&mut session, "now", None).await;
    let second = relay(&engine, &book, None);
    until("it begins", || async { book.cursor().is_some_and(|cursor| cursor.run == 2) }).await;
    second.leave().await;
    place(&engine, "A").await;
    let _third = relay(&engine, &book, None);
    until("it goes on", || async { has(&book, "A") }).await;
    assert_eq!(stopped(&session).await, "");
}

/// Files are put back to a moment at which it was said and not carried out; and a restore brings it along.
#[tokio::test]
async fn a_word_is_carried_out_once_and_in_its_own_history() {
    let book = Book::default();
    let engine = TestEngine::new().await;
    let first = relay(&engine, &book, None);
    place(&engine, "A").await;
    until("it is published", || async { has(&book, "A") }).await;
    first.leave().await;
    let mut session = engine.database.client().await;
    say(&mut session, "beginning", None).await;
    session.batch_execute("CREATE TABLE before AS SELECT * FROM outbox_relays").await.expect("remember");
    let published = book.events().len();
    let second = relay(&engine, &book, None);
    until("all of it comes again", || async { book.events().len() == 2 * published }).await;
    second.leave().await;
    let put_back = "DELETE FROM outbox_relays; INSERT INTO outbox_relays SELECT * FROM before";
    session.batch_execute(put_back).await.expect("put back");
    let third = relay(&engine, &book, None);
    until_stopped(&session, "it was to begin anew, and did").await;
    third.leave().await;
    assert_eq!(book.events().len(), 2 * published);
    say(&mut session, "beginning", None).await;
    session.batch_execute("UPDATE outbox_relays SET anew_in = anew_in - 1").await.expect("as of another history");
    let fourth = relay(&engine, &book, None);
    until_stopped(&session, "before the database was restored or promoted").await;
    fourth.leave().await;
    assert_eq!(book.events().len(), 2 * published);
    // A row of the deployment that this one is a copy of.
    session
        .batch_execute("UPDATE outbox_relays SET deployment = gen_random_uuid(), anew_in = NULL")
        .await
        .expect("a copy");
    let _fifth = relay(&engine, &book, None);
    until_stopped(&session, "is a copy of").await;
    assert_eq!(book.events().len(), 2 * published);
}

/// A number of parts that was configured once, and of which nothing came, stands against no other one later.
#[tokio::test]
async fn parts_that_nothing_came_of_are_forgotten_when_a_sink_begins_anew() {
    let book = Book::default();
    let engine = TestEngine::new().await;
    let mut session = engine.database.client().await;
    let sql = "INSERT INTO outbox_relays (sink, part, parts, begins, deployment)
        SELECT 'bus', part, 4, 'beginning', deployment_id FROM generate_series(1, 3) part, deployment";
    session.batch_execute(sql).await.expect(sql);
    let first = relay(&engine, &book, None);
    place(&engine, "A").await;
    until("it is published", || async { has(&book, "A") }).await;
    first.leave().await;
    let published = book.events().len();
    say(&mut session, "beginning", None).await;
    let _second = relay(&engine, &book, None);
    until("all of it comes again", || async { book.events().len() == 2 * published }).await;
    assert_eq!(stopped(&session).await, "");
}

/// What is passed over is an event that is there, and no other history's.
#[tokio::test]
async fn an_event_is_passed_over_that_is_there_and_no_other() {
    let book = Book::default();
    let engine = TestEngine::new().await;
    let first = relay(&engine, &book, None);
    until("it begins", || async { book.cursor().is_some() }).await;
    first.leave().await;
    place(&engine, "A").await;
    let mut session = engine.database.client().await;
    let versions: i32 = session.query_one("SELECT version FROM orders", &[]).await.expect("an order").get(0);
    for (order, version) in [("A", versions + 1), ("B", 1)] {
        let skipped = skip(&mut session, "bus", (order, version), "a slip").await.expect("an answer");
        assert_eq!(skipped, None, "{order}/{version}");
    }
    assert_eq!(skip(&mut session, "bus", ("A", versions), "for the test").await.expect("an answer"), Some(1));
    let nobodys = "UPDATE outbox_skips SET epoch = (SELECT max(epoch) + 7 FROM epochs) RETURNING
        (SELECT count(*) FROM epochs e WHERE e.epoch = outbox_skips.epoch)";
    let found: i64 = session.query_one(nobodys, &[]).await.expect("as of another history").get(0);
    assert_eq!(found, 0, "no history of this database has that number");
    assert_eq!(skip(&mut session, "bus", ("A", 2), "for the test").await.expect("an answer"), Some(1));
    let _second = relay(&engine, &book, None);
    until("the rest is there", || async { has(&book, "A") }).await;
    let expected: Vec<_> =
        (1..=versions).filter(|version| *version != 2).map(|version| format!("A/{version}")).collect();
    until("each of it", || async { book.events() == expected }).await;
}
