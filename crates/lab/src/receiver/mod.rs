//! `counterfoil receiver`: takes webhooks on this machine, to try them and for the drills. It believes nobody: what is not
//! signed with its secret is refused, and what it took stands on the disk before anybody hears of it.
//!
//! It is a program of its own, which shares nothing with the engine but the form of a signature. Its ledger is what really
//! arrived: one line a delivery that it took, repeats included, in the order in which they came. It can be told to refuse,
//! and to keep an answer back behind what it wrote ([`behaviour`]): what happens between a delivery and the word of it.

pub mod behaviour;
pub mod ledger;
mod server;

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use counterfoil_engine::process;

use crate::terminal::{self, Failure};
use behaviour::Rules;
use counterfoil_engine::signature::Secret;
use ledger::Ledger;
use server::Receiver;

/// Where to listen, and what to keep.
#[derive(Debug, Args)]
pub struct ReceiverArgs {
    /// Where to listen, on the loopback; port 0 takes a free one. Any path is an endpoint
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9090")]
    listen: String,
    /// The ledger: one line of JSON a delivery that was taken, only ever appended to
    #[arg(long, value_name = "FILE")]
    ledger: PathBuf,
    /// With which deliveries are signed: `whsec_` and base64; again, or behind a comma, for each further one
    #[arg(
        long,
        value_name = "SECRET",
        env = "COUNTERFOIL_WEBHOOK_SECRET",
        hide_env_values = true,
        value_delimiter = ','
    )]
    #[arg(required = true)]
    secret: Vec<String>,
}

/// Receives until a signal asks to end.
pub fn run(args: &ReceiverArgs) -> Result<ExitCode, Failure> {
    let secrets = args.secret.iter().map(|secret| Secret::parse(secret)).collect::<Result<Vec<_>, _>>();
    let secrets = secrets.map_err(|error| Failure::usage(format!("--secret: {error}")))?;
    let listener = listen(&args.listen)?;
    actix_web::rt::System::new().block_on(async {
        let ledger = Ledger::open(&args.ledger).map_err(|error| Failure::caused("cannot open the ledger", &error))?;
        let failed = |error: std::io::Error| Failure::work(format!("cannot serve: {error}"));
        let address = listener.local_addr().map_err(failed)?;
        let receiver = Receiver::new(ledger, secrets);
        let server = server::serve(receiver.clone(), listener).map_err(failed)?;
        let handle = server.handle();
        let serving = actix_web::rt::spawn(server);
        terminal::print(&format!("listening on http://{address}\n"))?;
        process::signalled().await;
        receiver.obey(Rules::default()); // what it wrote it may say
        handle.stop(true).await;
        let _ended = serving.await;
        Ok(ExitCode::SUCCESS)
    })
}

/// Whoever reaches it may have it refuse: it is for this machine.
fn listen(place: &str) -> Result<TcpListener, Failure> {
    let listener = TcpListener::bind(place)
        .map_err(|error| Failure::work(format!("--listen: cannot listen on {place}: {error}")))?;
    match listener.local_addr() {
        Ok(address) if address.ip().to_canonical().is_loopback() => Ok(listener),
        Ok(_) => {
            Err(Failure::usage(format!("--listen {place}: it listens on the loopback alone, as on 127.0.0.1:9090")))
        }
        Err(error) => Err(Failure::work(format!("--listen: {error}"))),
    }
}
