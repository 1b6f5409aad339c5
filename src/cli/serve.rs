//! `counterfoil serve`: the engine on a given PostgreSQL.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{Failure, wire};
use crate::config::Config;
use crate::store::ConnectError;
use crate::telemetry;

/// What to serve.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The configuration file; COUNTERFOIL__SECTION__KEY in the environment overrides a key.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

/// Serves until a signal asks to end.
pub fn run(args: ServeArgs) -> Result<ExitCode, Failure> {
    let config = Config::load(Some(&args.config)).map_err(|error| Failure::usage(error.to_string()))?;
    let target = wire::target(&config)?;
    telemetry::init_logging(&config.telemetry.log).map_err(|error| Failure::usage(error.to_string()))?;
    let listener = wire::bind(&config.server.listen)?;
    actix_web::rt::System::new().block_on(async move {
        wait_for(&target).await?;
        let service = wire::Service::start(config, listener).await?;
        service.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// A database that is away at start is waited for, for as long as it takes: the listener is bound, so a load balancer
/// sees an instance that does not answer yet.
async fn wait_for(target: &crate::store::Target) -> Result<(), Failure> {
    loop {
        match target.connect().await {
            Ok(_) => return Ok(()),
            Err(error @ (ConnectError::Connect(_) | ConnectError::Timeout(_))) => {
                tracing::warn!(error = %super::client::error_chain(&error), "waiting for the database");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            Err(error) => return Err(Failure::caused("cannot open the store", &error)),
        }
    }
}
