//! `counterfoil serve`: the engine on a given PostgreSQL.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::Failure;
use crate::config::{Config, ConfigError};
use crate::logs;
use crate::service::{self, Ground, Service};
use crate::store::{ConnectError, Target};
use crate::{http, process};

/// What to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The configuration file; COUNTERFOIL__SECTION__KEY in the environment overrides a key.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Serves until a signal asks to end.
pub fn run(args: ServeArgs) -> Result<ExitCode, Failure> {
    let usage = |error: ConfigError| Failure::usage(error.to_string());
    let mut config = Config::load(Some(&args.config)).map_err(usage)?;
    config.auth.read_tokens_file().map_err(usage)?;
    let target = service::target(&config)?;
    service::check_files(&config)?;
    logs::init(&config.telemetry.log, config.telemetry.format).map_err(|error| Failure::usage(error.to_string()))?;
    warn(&config);
    let listener =
        process::bind(&config.server.listen).map_err(|error| Failure::work(format!("server.listen: {error}")))?;
    actix_web::rt::System::new().block_on(async move {
        // From here on it ends nobody, while the database is waited for or where no tokens file is named. Whoever reads that
        // file listens for itself.
        let _hangups = signal(SignalKind::hangup()).map_err(|error| Failure::work(error.to_string()))?;
        let waiting = listener.try_clone().map_err(|error| Failure::work(error.to_string()))?;
        let ground = wait_for(&config, &target, waiting).await?;
        let service = Service::start_on(ground, config, listener).await?;
        service.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Warns of settings that are for a trial, and not for a shop that sells.
fn warn(config: &Config) {
    if config.faults.enabled {
        tracing::warn!("faults.enabled = true: whoever has the role operator can break this engine on purpose");
    }
    if config.auth.is_open() {
        tracing::warn!(
            listen = config.server.listen,
            "no tokens are configured: whoever reaches this address is an operator; see auth.tokens"
        );
    }
}

/// A database that is away at start, or goes away during its first questions, is waited for, for as long as it takes;
/// meanwhile this instance says that it lives and is not ready.
async fn wait_for(config: &Config, target: &Target, listener: TcpListener) -> Result<Ground, Failure> {
    let mut stand_in = None;
    let ground = loop {
        let error = match Ground::open(config, target).await {
            Ok(ground) => break ground,
            Err(error) => error,
        };
        let reason = crate::client::error_chain(&error);
        if error.is_final() {
            return Err(Failure::usage(match &error {
                ConnectError::Planner { .. } => reason, // which names its own key
                _ => format!("database.url: {reason}"),
            }));
        }
        if !error.is_away() {
            return Err(Failure::caused("cannot open the store", &error));
        }
        tracing::warn!(error = %reason, "waiting for the database");
        if stand_in.is_none() {
            let listener = listener.try_clone().map_err(|error| Failure::work(error.to_string()))?;
            let server = http::serve_unavailable(config, listener, service::acceptor(config)?)
                .map_err(|error| Failure::work(error.to_string()))?;
            stand_in = Some(server.handle());
            actix_web::rt::spawn(server);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    if let Some(stand_in) = stand_in {
        stand_in.stop(false).await;
    }
    Ok(ground)
}
