//! An engine of a test's own, on a database of its own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::{Engine, EngineSettings, Reply, Submission, SubmitResult};
use counterfoil::faults::{Arm, FaultKind, Faults, Point};
use counterfoil::participants::local::Local;
use counterfoil::ports::{Reads, StockChange, Store};
use counterfoil::saga::{Client, IdempotencyKey, OrderId, Request, Sku};
use counterfoil::store::{PgStore, StoreSettings, Target, audit};
use counterfoil::telemetry::Metrics;

use super::database::TestDatabase;
pub use super::orders::request;

/// How long a test waits for what must come: far longer than it takes.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// An engine with its store and database.
pub struct TestEngine {
    pub database: TestDatabase,
    pub store: Arc<PgStore>,
    pub engine: Engine,
    pub faults: Arc<Faults>,
}

impl TestEngine {
    /// On a new database with `SKU-1`..`SKU-9`, 1,000,000 each.
    pub async fn new() -> Self {
        Self::with(settings()).await
    }

    /// As [`TestEngine::new`], with other settings.
    pub async fn with(settings: EngineSettings) -> Self {
        let database = TestDatabase::new().await;
        let test = Self::on(database, settings).await;
        for n in 1..=9 {
            test.stock(&format!("SKU-{n}"), 1_000_000).await;
        }
        test
    }

    /// On a database that is there: as after a restart.
    pub async fn on(database: TestDatabase, settings: EngineSettings) -> Self {
        let (store, engine, faults) = start(&database.url(), settings).await;
        Self { database, store, engine, faults }
    }

    /// A second instance on the same database.
    pub async fn second(&self) -> (Arc<PgStore>, Engine) {
        let (store, engine, _) = start(&self.database.url(), settings()).await;
        (store, engine)
    }

    /// Ends the engine and gives its database back: what a restart keeps.
    pub async fn stop(self) -> TestDatabase {
        let Self { database, store, engine, .. } = self;
        engine.shutdown(PATIENCE).await;
        store.close(PATIENCE);
        database
    }

    /// Sets a SKU's stock.
    pub async fn stock(&self, sku: &str, on_hand: i64) {
        self.store
            .change_stock(Sku::trusted(sku), StockChange::Set(on_hand), Client::anonymous())
            .await
            .expect("set the stock");
    }

    /// What is on hand and reserved of a SKU.
    pub async fn on_hand(&self, sku: &str) -> (i64, i64) {
        let level = self.store.stock(Sku::trusted(sku)).await.expect("read the stock").expect("a known SKU");
        (level.on_hand, level.reserved)
    }

    /// Submits and waits.
    pub async fn submit(&self, submission: Submission) -> SubmitResult {
        self.engine.submit(submission, PATIENCE).await
    }

    /// Arms a fault.
    pub fn arm(&self, point: Point, action: FaultKind, order: Option<&str>, times: u64) {
        let ms = (action == FaultKind::Delay).then_some(60_000);
        let order_id = order.map(str::to_owned);
        self.faults.arm(Arm { point: point.as_str(), order_id, action, ms, times }).expect("arm a fault");
    }

    /// Has the next transaction of each committer wait, so that what is sent meanwhile queues up and meets in one batch.
    pub fn hold_up_commits(&self) {
        let point = Point::AfterBegin.as_str();
        let slow = Arm { point, order_id: None, action: FaultKind::Delay, ms: Some(300), times: 2 };
        self.faults.arm(slow).expect("arm a fault");
    }

    /// A number from a query.
    pub async fn count(&self, sql: &str) -> i64 {
        self.database.client().await.query_one(sql, &[]).await.expect(sql).get(0)
    }

    /// Fails unless every promise holds.
    pub async fn audit(&self) {
        let mut client = self.database.client().await;
        let report = audit::audit(&mut client).await.expect("audit");
        assert!(report.ok, "the audit found offenders: {report:#?}");
    }
}

/// A store alone, with so many committers.
pub async fn open_store(url: &str, committers: usize) -> Arc<PgStore> {
    let settings = StoreSettings { target: Target::new(url), committers, pool_size: 4 };
    PgStore::open(settings, Arc::default(), Metrics::new(1)).await.expect("open the store")
}

/// An engine on a database that is anybody's.
pub async fn start(url: &str, engine: EngineSettings) -> (Arc<PgStore>, Engine, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    let metrics = Metrics::new(engine.shards);
    let settings = StoreSettings { target: Target::new(url), committers: 2, pool_size: 4 };
    let store = PgStore::open(settings, Arc::clone(&faults), Arc::clone(&metrics)).await.expect("open the store");
    let local = Arc::new(Local { test_tokens: true, ..Local::default() });
    let built = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, local, store.clock())
        .settings(engine)
        .faults(Arc::clone(&faults))
        .metrics(metrics)
        .start();
    (store, built.expect("start the engine"), faults)
}

/// Two threads, quick to notice a hang.
pub fn settings() -> EngineSettings {
    EngineSettings { shards: 2, threads: 2, command_timeout: Duration::from_secs(5), ..EngineSettings::default() }
}

/// A submission under an order_id.
pub fn order(id: &str, request: Request) -> Submission {
    Submission {
        client: Client::anonymous(),
        order_id: Some(OrderId::trusted(id)),
        key: None,
        request: Arc::new(request),
    }
}

/// An order of one `SKU-1`.
pub fn simple(id: &str) -> Submission {
    order(id, request(&[("SKU-1", 1)], "pm_ok"))
}

/// The submission under a key, too.
pub fn keyed(mut submission: Submission, key: &str) -> Submission {
    submission.key = Some(IdempotencyKey::trusted(key));
    submission
}

/// The status, body and replay mark of a final answer.
#[track_caller]
pub fn answer(verdict: SubmitResult) -> (u16, String, bool) {
    match verdict {
        Ok(Reply::Final { answer, replayed, .. }) => (answer.status, answer.body.clone(), replayed),
        other => panic!("not a final answer: {other:?}"),
    }
}

/// Waits until a condition holds, and fails where it does not within [`PATIENCE`].
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    // Where a machine is so busy that a word is lost, what stands for it ends by itself: within half a minute, and then another.
    let deadline = Instant::now() + 3 * PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
