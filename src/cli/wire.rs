//! Puts a configuration's parts together: store, participants, engine, HTTP.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use crate::config::Config;
use crate::engine::{Engine, EngineSettings};
use crate::faults::Faults;
use crate::http;
use crate::participants::local::Local;
use crate::store::{PgStore, Settings, Target};
use crate::telemetry::Metrics;

/// A running service.
pub struct Service {
    engine: Engine,
    store: Arc<PgStore>,
    server: actix_web::dev::Server,
    grace: Duration,
}

/// How the database of a configuration is reached.
pub fn target(config: &Config) -> Result<Target, Failure> {
    let url = config.database_url().map_err(|error| Failure::usage(error.to_string()))?;
    let target = Target {
        url: url.to_owned(),
        connect_timeout: Duration::from_millis(config.database.connect_timeout_ms),
        statement_timeout: Duration::from_millis(config.database.statement_timeout_ms),
    };
    target.check().map_err(|error| Failure::usage(error.to_string()))?;
    Ok(target)
}

fn engine_settings(config: &Config) -> EngineSettings {
    EngineSettings {
        shards: config.engine.shard_count(),
        threads: std::thread::available_parallelism().map_or(2, usize::from).min(config.engine.shard_count()),
        mailbox_orders: config.engine.mailbox_orders,
        passivate_after: Duration::from_millis(config.engine.passivate_after_ms),
        command_timeout: Duration::from_millis(config.engine.command_timeout_ms),
        store_timeout: Duration::from_millis(config.database.statement_timeout_ms),
        max_deaths: config.engine.max_deaths,
        ..EngineSettings::default()
    }
}

/// Opens the store; a database that is away, or that this program must not run on, is an error.
async fn open_store(config: &Config, faults: &Arc<Faults>, metrics: &Arc<Metrics>) -> Result<Arc<PgStore>, Failure> {
    let settings = Settings {
        target: target(config)?,
        committers: config.database.committers,
        pool_size: config.database.pool_size,
    };
    PgStore::open(settings, Arc::clone(faults), Arc::clone(metrics))
        .await
        .map_err(|error| Failure::caused("cannot open the store", &error))
}

impl Service {
    /// Starts everything on a listener that is bound already.
    pub async fn start(config: Config, listener: TcpListener) -> Result<Self, Failure> {
        let faults = Arc::new(Faults::default());
        let metrics = Metrics::new(config.engine.shard_count());
        let store = open_store(&config, &faults, &metrics).await?;
        let local = Arc::new(Local { test_tokens: config.faults.enabled });
        let engine = Engine::builder(Arc::clone(&store) as _, local, store.clock())
            .settings(engine_settings(&config))
            .faults(faults)
            .metrics(metrics)
            .start()
            .map_err(|error| Failure::caused("cannot start the engine", &error))?;
        let grace = Duration::from_millis(config.server.shutdown_grace_ms);
        let server = http::serve(engine.clone(), &config, listener)
            .map_err(|error| Failure::work(format!("cannot serve: {error}")))?;
        Ok(Self { engine, store, server, grace })
    }

    /// Serves until a signal asks to end, then drains and closes.
    pub async fn run(self) -> Result<(), Failure> {
        let Self { engine, store, server, grace } = self;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        signalled().await;
        tracing::info!("draining");
        handle.stop(true).await;
        let drained = engine.shutdown(grace).await;
        store.close();
        if let Ok(Err(error)) = serving.await {
            return Err(Failure::work(format!("the server ended: {error}")));
        }
        if drained { Ok(()) } else { Err(Failure::work("some requests were not answered within the grace period")) }
    }
}

/// Waits for SIGTERM or SIGINT.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (term, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    match (term, interrupt) {
        (Ok(mut term), Ok(mut interrupt)) => {
            tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
        }
        _ => std::future::pending().await,
    }
}

/// Binds the address to listen on.
pub fn bind(listen: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen)
        .map_err(|error| Failure::work(format!("server.listen: cannot listen on {listen}: {error}")))
}
