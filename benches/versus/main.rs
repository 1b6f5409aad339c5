//! `make bench`: Counterfoil against the services it has to beat, side by side.
//!
//! | | contestant | what it is |
//! |---|---|---|
//! | a | Counterfoil | the product over HTTP, as a process of its own |
//! | b | rival | the best service we can write by hand: one statement an order, a transaction an order |
//! | b' | lean rival | the same service with rows as lean as Counterfoil's |
//! | c | pgbench | the statement of b without HTTP: what PostgreSQL itself leaves room for |
//!
//! In the shape `remote-256` payment and shipment are services of their own (`participants.rs`), so that an order is
//! three durable local transactions; b is a service written for it then (`rival/saga.rs`), with lean rows, and b' and c
//! have no part.
//! `--aged` measures what an order costs where many have been before, `--waiting` what one costs that waits in flight,
//! `--events` what its events cost that are published, `--limit` what its parts leave room for, `--knee` how long one takes
//! where there is room, and `--steady` whether it all stays so.
//!
//! All of them run on one PostgreSQL, interleaved (a, b, b', c, a, ...), because two runs on one machine an
//! hour apart differ by more than the contestants do. Every run has a fresh database and begins after a
//! checkpoint. A figure is the median over the rounds; a ratio is taken within a round and its median printed.
//! After each run the rows are counted: a rate of orders that are not there is no rate, and fails the bench.
//! A missed target is reported and does not fail it, since it depends on the machine.

mod aged;
mod check;
mod child;
mod cluster;
mod contest;
mod counterfoil;
#[cfg(feature = "kafka")]
mod events;
mod knee;
mod limit;
mod meter;
mod options;
mod participants;
mod pgbench;
mod report;
mod rival;
mod steady;
mod targets;
mod waiting;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::{Options, Role};

/// What goes wrong here is told to a person and ends the run: text is enough, and `?` takes any error.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// For every contestant alike: worth 10-20% of a server's CPU, so none may lack it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match options.role {
        Some(role) => serve(role, &options).map(|()| true),
        None => contest::run_all(&options),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("versus: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The child's side of [`child::Server`]: becomes the contestant's server and does not return while it works.
fn serve(role: Role, options: &Options) -> Outcome<()> {
    let database_url = || options.database_url.as_deref().ok_or("this role needs --database-url");
    let listen = options.listen.as_deref().unwrap_or("127.0.0.1:0");
    match role {
        Role::Counterfoil => match counterfoil::serve(database_url()?, listen, options)? {},
        Role::Rival => rival::serve(rival::Rows::Full, database_url()?, listen),
        Role::LeanRival => rival::serve(rival::Rows::Lean, database_url()?, listen),
        Role::Front => {
            let body = options.body.as_deref().ok_or("this role needs --body")?;
            rival::serve_front(body, listen)
        }
        Role::SagaRival => {
            let participants = options.participants.as_deref().ok_or("this role needs --participants")?;
            rival::saga::serve(database_url()?, participants, listen)
        }
        Role::Participants => match participants::serve(options.mood, listen)? {},
    }
}
