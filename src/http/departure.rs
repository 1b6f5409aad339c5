//! How a server ends: it says so first, then answers what is in hand, and closes its listener last.
//!
//! The race that shaped this: whoever sends requests here (a load balancer, a client with an open connection) learns
//! of the end only by asking. A listener that closes at once answers them with a refused connection, which looks like
//! a crash. So the listener stays open for as long as the engine drains: `/readyz` says 503, and so do orders and
//! verbs, with Retry-After; `/livez` goes on saying 200, lest somebody kills what is about to end in order; and every
//! answer closes its connection, so that the next request is made elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::ServerHandle;
use tokio::time::Instant;

use super::streams::Streams;

/// Whether a server is leaving. Clones share it.
#[derive(Clone, Default)]
pub struct Departure(Arc<DepartureShared>);

#[derive(Default)]
struct DepartureShared {
    announced: AtomicBool,
    streams: Streams,
}

impl Departure {
    /// From now on `/readyz` says no, and answers close their connections. Everything is served as before.
    pub fn announce(&self) {
        self.0.announced.store(true, Ordering::SeqCst);
    }

    /// Whether the server is leaving.
    pub fn is_announced(&self) -> bool {
        self.0.announced.load(Ordering::Relaxed)
    }

    /// The live histories. An open one is a request in hand that would not end by itself: [`Streams::close`] comes
    /// before [`Departure::close`].
    pub fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// Closes the listener: the server accepts no more, lets connections go that lie idle, and ends when everything
    /// in hand is answered, at the latest at the deadline. Its own timeout counts from here on and in whole seconds.
    pub async fn close(&self, server: ServerHandle, deadline: Instant) {
        if tokio::time::timeout_at(deadline, server.stop(true)).await.is_err() {
            tracing::warn!("connections are cut: the grace period is over");
        }
    }
}
