//! Steps of one's own in a program that embeds the engine: a fraud check, which is a pure decision and fuses with the order's one
//! transaction, and loyalty points, which are taken outside and given back where the order does not complete:
//!
//! ```text
//! cargo run --example steps                            # on a PostgreSQL that it starts in a temporary folder
//! cargo run --example steps -- postgres://me@host/shop # on yours (or set DATABASE_URL); its tables are made there
//! ```

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use counterfoil_engine::engine::{Engine, NoRemote, Reply, Submission};
use counterfoil_engine::faults::Faults;
use counterfoil_engine::participants::local::Local;
use counterfoil_engine::participants::steps::{Along, RemoteStep, RemoteSteps};
use counterfoil_engine::ports::{StockChange, Store};
use counterfoil_engine::saga::definition::{StepKind, Wanted};
use counterfoil_engine::saga::request::{Capture, Details};
use counterfoil_engine::saga::{
    Address, Amount, Client, Currency, Definition, Line, Order, OrderId, Outcome, Plan, Request, Saga, Sku, StepName,
};
use counterfoil_engine::store::{self, PgStore, Target};
use counterfoil_engine::telemetry::Metrics;
use counterfoil_lab::embedded_postgres::{self, EmbeddedPostgres};
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// The points of a customer, and what was taken of them under which key. (A real one keeps this in a database of its own, and
/// looks for key and tombstone in the transaction that takes the points.)
#[derive(Default)]
struct Points {
    taken: HashMap<Uuid, i64>,
    refused: HashSet<Uuid>,
    left: i64,
}

#[derive(Clone)]
struct Loyalty(Arc<Mutex<Points>>);

impl Loyalty {
    fn with<T>(&self, act: impl FnOnce(&mut Points) -> T) -> BoxFuture<'static, T>
    where
        T: Send + 'static,
    {
        let done = act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Box::pin(std::future::ready(done))
    }
}

fn done(tombstone: bool) -> Outcome {
    Outcome::Done { reference: None, tombstone, captured: Amount(0), holds_ms: None }
}

impl RemoteStep for Loyalty {
    /// A point for each whole unit of money, once under its key.
    fn run(&self, order: Arc<Order>, key: Uuid) -> BoxFuture<'static, Outcome> {
        self.with(|points| {
            let wanted = order.amount.0 / 100;
            match points.taken.get(&key) {
                Some(_) => done(false),
                None if points.refused.contains(&key) => Outcome::Unknown, // undone before it was heard of
                None if points.left < wanted => Outcome::refused("not enough points"),
                None => {
                    points.left -= wanted;
                    points.taken.insert(key, wanted);
                    done(false)
                }
            }
        })
    }

    fn undo(&self, _: Arc<Order>, run: Uuid) -> BoxFuture<'static, Outcome> {
        self.with(|points| {
            let unknown = !points.taken.contains_key(&run);
            points.left += points.taken.insert(run, 0).unwrap_or(0);
            points.refused.insert(run);
            done(unknown)
        })
    }

    fn look_up(&self, _: Arc<Order>, key: Uuid) -> BoxFuture<'static, Outcome> {
        self.with(|points| if points.taken.contains_key(&key) { done(false) } else { Outcome::Absent })
    }
}

/// Nobody buys more than ten of a thing.
fn fraud(order: &Order) -> Result<Option<Arc<str>>, String> {
    match order.request.lines.iter().find(|line| line.quantity > 10) {
        Some(line) => Err(format!("{} of {}", line.quantity, line.sku)),
        None => Ok(None),
    }
}

/// Runs the shop on a database, and writes down what it hears.
pub async fn run(url: &str, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let target = Target::new(url);
    store::migrate::migrate(&mut target.connect().await?).await?;
    let (faults, metrics) = (Arc::new(Faults::default()), Metrics::new(4));
    let settings = store::StoreSettings { target, committers: 2, pool_size: 4 };
    let store = PgStore::open(settings, Arc::clone(&faults), Arc::clone(&metrics)).await?;
    let book = Sku::parse("BOOK")?;
    store.change_stock(book.clone(), StockChange::Set(100), Client::anonymous()).await?;

    // The saga: a check before anything is held, and points before the parcel leaves.
    let (check, points) = (StepName::parse("fraud")?, StepName::parse("points")?);
    let step = |name: &StepName, before: &str, kind| Wanted {
        name: name.clone(),
        before: before.into(),
        kind,
        undo: kind == StepKind::Http,
        deadline_ms: None,
    };
    let wanted = [step(&check, "inventory", StepKind::Local), step(&points, "shipment", StepKind::Http)];
    let saga = Definition::new(Plan::LOCAL, &wanted)?.ok_or("no steps")?;
    let house = Local { test_tokens: true, plan: Plan::LOCAL };
    let local = Along::new(house, Saga::Own(Arc::new(saga))).with(check, fraud);
    let loyalty = Loyalty(Arc::new(Mutex::new(Points { left: 100, ..Points::default() })));
    let remote = RemoteSteps::new(NoRemote, store.deployment()).with(points, loyalty.clone());

    let engine = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, Arc::new(local), store.clock())
        .remote(Arc::new(remote))
        .faults(faults)
        .metrics(metrics)
        .start()?;
    for (name, quantity, postal_code) in [
        ("STEPS-1", 2, "1"),
        ("STEPS-2", 11, "1"),        // more than anybody buys
        ("STEPS-3", 1, "SHIP-FAIL"), // the carrier refuses: the points come back
        ("STEPS-4", 4, "1"),         // more points than there are
    ] {
        let submission = Submission {
            client: Client::anonymous(),
            order_id: Some(OrderId::parse(name)?),
            key: None,
            request: Arc::new(request(&book, quantity, postal_code)?),
        };
        match engine.submit(submission, Duration::from_secs(10)).await? {
            Reply::Final { answer, .. } => writeln!(out, "{name}: {} {}", answer.status, answer.body)?,
            Reply::Running { state, .. } => writeln!(out, "{name}: still {state}")?,
        }
    }
    let left = loyalty.with(|points| points.left).await;
    writeln!(out, "{left} points are left")?;
    engine.shutdown(Duration::from_secs(10)).await;
    store.close(Duration::from_secs(10));
    Ok(())
}

fn request(sku: &Sku, quantity: i64, postal_code: &str) -> Result<Request, Box<dyn Error>> {
    Ok(Request {
        customer_id: "cus-7".into(),
        currency: Currency::parse("EUR").ok_or("no such currency")?,
        lines: vec![Line::priced(sku.clone(), quantity, 2_000)],
        details: Details {
            payment_method: "house_account".into(),
            capture: Capture::Automatic,
            ship_to: Address {
                name: "A".into(),
                line1: "1 Road".into(),
                line2: None,
                city: "X".into(),
                region: None,
                postal_code: postal_code.into(),
                country: "FR".into(),
                email: None,
                phone: None,
            },
            metadata: Default::default(),
            adjustments: Vec::new(),
        },
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(url) = std::env::args().nth(1).or_else(|| std::env::var("DATABASE_URL").ok()) {
        return runtime.block_on(run(&url, &mut std::io::stdout()));
    }
    let folder = std::env::temp_dir().join(format!("counterfoil-steps-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let postgres = EmbeddedPostgres::start(embedded_postgres::PostgresSettings::new(folder.join("postgres")))?;
    let outcome = runtime.block_on(run(&postgres.database_url("postgres"), &mut std::io::stdout()));
    drop(postgres); // stops it
    std::fs::remove_dir_all(&folder)?;
    outcome
}
