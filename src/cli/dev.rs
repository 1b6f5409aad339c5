//! `counterfoil dev`: everything on one machine, to try it, to test against it, and for the drills.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Failure, migrate, wire};
use crate::config::Config;
use crate::embedded_postgres::{EmbeddedPostgres, Settings};
use crate::store::Target;
use crate::telemetry;

/// How to run it.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Where to listen.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where the data is kept.
    #[arg(long, value_name = "DIR", default_value = ".counterfoil")]
    data_dir: PathBuf,
    /// Payment and shipment in the same database, or in a process of their own.
    #[arg(long, value_enum, default_value = "local")]
    participants: Participants,
    /// A configuration file whose keys apply on top of dev's own.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum, PartialEq, Eq)]
enum Participants {
    Local,
    Remote,
}

/// The SKUs that dev lays in: SKU-0001 .. SKU-1000, 1,000,000 each.
const STOCK: &str = "
WITH laid_in AS (
    INSERT INTO inventory (sku, on_hand)
    SELECT 'SKU-' || lpad(n::text, 4, '0'), 1000000 FROM generate_series(1, 1000) n
    ON CONFLICT (sku) DO NOTHING
    RETURNING sku, on_hand
)
INSERT INTO inventory_journal (sku, delta, reason, client) SELECT sku, on_hand, 'laid in by dev', 'anonymous' FROM laid_in";

/// Runs until a signal asks to end.
pub fn run(args: DevArgs) -> Result<ExitCode, Failure> {
    if args.participants == Participants::Remote {
        return Err(Failure::usage("--participants remote: this version has local participants only"));
    }
    let mut base = Config::default();
    base.faults.enabled = true;
    let mut config =
        Config::load_over(base, args.config.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    if let Some(listen) = args.listen {
        config.server.listen = listen;
        config.check().map_err(|error| Failure::usage(error.to_string()))?;
    }
    telemetry::init_logging(&config.telemetry.log).map_err(|error| Failure::usage(error.to_string()))?;
    std::fs::create_dir_all(&args.data_dir)
        .map_err(|error| Failure::work(format!("--data-dir {}: {error}", args.data_dir.display())))?;
    let listener = wire::bind(&config.server.listen)?;
    let address = listener.local_addr().map_err(|error| Failure::work(error.to_string()))?;

    let mut postgres = EmbeddedPostgres::start(Settings::new(args.data_dir.join("postgres")))
        .map_err(|error| Failure::caused("cannot start PostgreSQL", &error))?;
    let url = postgres.database_url("counterfoil");
    config.database.url = Some(url.clone());
    let admin = Target::new(postgres.database_url("postgres"));
    let outcome = actix_web::rt::System::new().block_on(async {
        prepare(&admin, &Target::new(url.as_str())).await?;
        let service = wire::Service::start(config, listener).await?;
        announce(&args.data_dir, address, &url)?;
        let watch = actix_web::rt::spawn(async move {
            keep_alive(&mut postgres).await;
        });
        let served = service.run().await;
        watch.abort(); // drops, and so stops, the PostgreSQL
        let _ended = watch.await;
        served
    });
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Creates the database, its tables and its stock, where they are missing.
async fn prepare(admin: &Target, target: &Target) -> Result<(), Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| Failure::caused("cannot prepare the database", error);
    let client = admin.connect().await.map_err(|error| failed(&error))?;
    let exists = client
        .query_opt("SELECT FROM pg_database WHERE datname = 'counterfoil'", &[])
        .await
        .map_err(|error| failed(&error))?;
    if exists.is_none() {
        client.batch_execute("CREATE DATABASE counterfoil").await.map_err(|error| failed(&error))?;
    }
    migrate::apply(target).await?;
    let client = target.connect().await.map_err(|error| failed(&error))?;
    client.batch_execute(STOCK).await.map_err(|error| failed(&error))
}

/// Says where it listens, to people on stdout and to programs in `dev.json`, which is replaced whole.
fn announce(data_dir: &Path, address: SocketAddr, url: &str) -> Result<(), Failure> {
    let told = serde_json::json!({
        "pid": std::process::id(),
        "listen": address.to_string(),
        "database_url": url,
        "participants_url": null,
        "ledger": null,
    });
    let (path, fresh) = (data_dir.join("dev.json"), data_dir.join("dev.json.new"));
    std::fs::write(&fresh, format!("{told:#}\n"))
        .and_then(|()| std::fs::rename(&fresh, &path))
        .map_err(|error| Failure::work(format!("{}: {error}", path.display())))?;
    println!(
        "Counterfoil listens on http://{address}\n\
         Its PostgreSQL: psql '{url}'\n\n\
         Try an order:\n\n\
         curl -i http://{address}/orders -H 'Content-Type: application/json' -d '{{\"order_id\":\"ORD-1\",\
         \"customer_id\":\"cus-7\",\"currency\":\"USD\",\
         \"lines\":[{{\"sku\":\"SKU-0001\",\"quantity\":2,\"unit_price\":1999}}],\
         \"payment_method\":\"pm_ok\",\"ship_to\":{{\"name\":\"A\",\"line1\":\"1 Road\",\"city\":\"X\",\
         \"postal_code\":\"1\",\"country\":\"US\"}}}}'\n\n\
         Repeat it as often as you like: the answer stays the same. Ctrl-C ends it."
    );
    Ok(())
}

/// Starts a PostgreSQL that died again.
async fn keep_alive(postgres: &mut EmbeddedPostgres) {
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    loop {
        tick.tick().await;
        match postgres.ensure_running() {
            Ok(false) => {}
            Ok(true) => tracing::warn!(pid = postgres.pid(), "PostgreSQL had died and was started again"),
            Err(error) => {
                tracing::error!(%error, "PostgreSQL died and cannot be started again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
