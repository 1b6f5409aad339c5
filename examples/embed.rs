//! The engine inside a program of one's own, with participants of one's own:
//!
//! ```text
//! cargo run --example embed                            # on a PostgreSQL that it starts in a temporary folder
//! cargo run --example embed -- postgres://me@host/shop # on yours (or set DATABASE_URL); its tables are made there
//! ```
//!
//! Run it twice on the same database: the second run gets the same answers, and nothing is charged again.

use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_engine::engine::{Engine, Reply, Submission};
use counterfoil_engine::faults::Faults;
use counterfoil_engine::ports::{StockChange, Store};
use counterfoil_engine::saga::request::{Capture, Details};
use counterfoil_engine::saga::{
    Action, Address, Amount, Call, Client, Currency, Line, LocalParticipants, Order, OrderId, Outcome, Plan, Request,
    Sku,
};
use counterfoil_engine::store::{self, PgStore, Target};
use counterfoil_engine::telemetry::Metrics;
use counterfoil_lab::embedded_postgres::{self, EmbeddedPostgres};

/// A house that gives each order credit up to a limit, and has a carrier that takes everything.
struct CreditHouse {
    limit: Amount,
}

impl LocalParticipants for CreditHouse {
    /// Everything commits with the order's own rows: an order is one transaction.
    fn plan(&self) -> Plan {
        Plan::LOCAL
    }

    /// Decides, and does nothing else: the effect is the rows of the transaction. The stock is counted by the store.
    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        Some(match call.action()? {
            Action::Charge | Action::Authorize if order.amount > self.limit => Outcome::refused("over the limit"),
            _ => Outcome::done(),
        })
    }
}

/// Runs the shop on a database, and writes down what it hears.
pub async fn run(url: &str, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    // The tables, where they are missing. A second run of this changes nothing.
    let target = Target::new(url);
    store::migrate::migrate(&mut target.connect().await?).await?;

    // The store, and stock of one book.
    let (faults, metrics) = (Arc::new(Faults::default()), Metrics::new(4));
    let settings = store::StoreSettings { target, committers: 2, pool_size: 4 };
    let store = PgStore::open(settings, Arc::clone(&faults), Arc::clone(&metrics)).await?;
    let book = Sku::parse("BOOK")?;
    let owner = Client::anonymous();
    store.change_stock(book.clone(), StockChange::Set(100), owner.clone()).await?;

    // The engine: it brings its own threads. Whatever is committed is told to subscribers, too.
    let house = Arc::new(CreditHouse { limit: Amount(10_000) });
    let engine = Engine::builder(Arc::clone(&store) as Arc<dyn Store>, house, store.clock())
        .faults(faults)
        .metrics(metrics)
        .start()?;
    let mut commits = engine.subscribe();

    for (name, quantity) in [("EMBED-1", 2), ("EMBED-2", 9)] {
        let submission = Submission {
            client: owner.clone(),
            order_id: Some(OrderId::parse(name)?),
            key: None,
            request: Arc::new(request(&book, quantity)?),
        };
        // Safe to repeat, whatever error comes: the same submission leads to the same answer.
        match engine.submit(submission, Duration::from_secs(10)).await? {
            Reply::Final { answer, replayed, .. } => {
                let how = if replayed { "again" } else { "new" };
                writeln!(out, "{name} ({how}): {} {}", answer.status, answer.body)?;
            }
            Reply::Running { state, .. } => writeln!(out, "{name}: still {state}")?,
        }
    }
    while let Ok(txn) = commits.try_recv() {
        let events: Vec<_> = txn.events.iter().map(|event| event.name()).collect();
        writeln!(out, "{} committed: {}", txn.order.id, events.join(", "))?;
    }

    // Answers what is in hand, then ends the threads; the store goes last.
    engine.shutdown(Duration::from_secs(10)).await;
    store.close(Duration::from_secs(10));
    Ok(())
}

fn request(sku: &Sku, quantity: i64) -> Result<Request, Box<dyn Error>> {
    Ok(Request {
        customer_id: "cus-7".into(),
        currency: Currency::parse("EUR").ok_or("no such currency")?,
        lines: vec![Line::priced(sku.clone(), quantity, 1_999)],
        details: Details {
            payment_method: "house_account".into(),
            capture: Capture::Automatic,
            ship_to: Address {
                name: "A".into(),
                line1: "1 Road".into(),
                line2: None,
                city: "X".into(),
                region: None,
                postal_code: "1".into(),
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
    let folder = std::env::temp_dir().join(format!("counterfoil-embed-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let postgres = EmbeddedPostgres::start(embedded_postgres::PostgresSettings::new(folder.join("postgres")))?;
    let outcome = runtime.block_on(run(&postgres.database_url("postgres"), &mut std::io::stdout()));
    drop(postgres); // stops it
    std::fs::remove_dir_all(&folder)?;
    outcome
}
