//! Contestant a: the product itself, in the process that the bench started for it.

use std::convert::Infallible;

use crate::Outcome;

/// Serves Counterfoil on `listen` until the process is killed, and returns only with what went wrong.
///
/// The database is empty: this brings it up to the current schema and stocks `SKU-0001`..`SKU-1000` with
/// [`STOCK_EACH`](crate::check::STOCK_EACH) on hand. When orders can be placed it prints
/// `listening 127.0.0.1:PORT` on stdout, the line that [`Server::start`](crate::child::Server::start) waits for.
pub fn serve(_database_url: &str, _listen: &str) -> Outcome<Infallible> {
    Err("Counterfoil's server cannot be started from the bench yet".into())
}
