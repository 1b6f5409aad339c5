//! What programs of ours ask of their operating system: listeners with room for a crowd, and the signals that end them.

use std::io;
use std::net::TcpListener;

use crate::limits;

/// Waits for SIGTERM or SIGINT.
pub async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let (term, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    match (term, interrupt) {
        (Ok(mut term), Ok(mut interrupt)) => {
            tokio::select! { _ = term.recv() => {}, _ = interrupt.recv() => {} }
        }
        _ => std::future::pending().await,
    }
}

/// As many files may be open as this process is allowed at all: each connection is one, and what shells commonly begin
/// with, 1,024, is there for programs that put them into a fixed table.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })
    {
        tracing::warn!(%error, ?current, "the limit of open files cannot be raised");
    }
}

/// Binds the address to listen on, with room for a crowd that comes at once: std leaves it at 128, and who finds no room
/// comes again a second later, if at all.
pub fn bind(listen: &str) -> io::Result<TcpListener> {
    raise_open_files();
    let bound = TcpListener::bind(listen).and_then(|listener| {
        rustix::net::listen(&listener, limits::LISTEN_BACKLOG)?;
        Ok(listener)
    });
    bound.map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {listen}: {error}")))
}
