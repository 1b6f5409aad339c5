//! A share of the long reads for each client: listings, and pages of histories. Whoever asks for more of them at once waits
//! behind itself, so that nobody's readers, however many, keep those of another from a turn.
//!
//! The store has few turns for such reads (`limits::long_reads`), and hands them out in the order of asking. A client may
//! have half of them, running and waiting together; the rest of its requests wait here, a bounded crowd for a bounded time.
//! Whoever hangs up gives its share back at once. The store keeps its own turn until PostgreSQL has stopped reading.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::Problem;
use crate::limits;
use crate::saga::Client;

/// Who reads, and who waits for it.
pub(super) struct Shares {
    /// Turns of one client.
    share: usize,
    clients: Mutex<HashMap<Client, Arc<Share>>>,
}

struct Share {
    turns: Arc<Semaphore>,
    /// Those that wait or read.
    crowd: Arc<Semaphore>,
}

/// A turn; over when it is dropped.
pub(super) struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Shares {
    /// Of a store with so many connections for reads.
    pub(super) fn new(pool_size: usize) -> Self {
        Self { share: (limits::long_reads(pool_size) / 2).max(1), clients: Mutex::default() }
    }

    /// A turn for a client; 503 `overloaded` where too many of its requests wait, or for too long.
    pub(super) async fn turn(&self, client: &Client) -> Result<Turn, Problem> {
        let share = self.of(client);
        let crowded = |_| Problem::too_many_listings();
        let place = Arc::clone(&share.crowd).try_acquire_owned().map_err(crowded)?;
        let turn = tokio::time::timeout(limits::LISTING_TURN, Arc::clone(&share.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or_else(Problem::too_many_listings)?;
        Ok(Turn { _turn: turn, _place: place })
    }

    /// A client that reads nothing now is forgotten when the next one comes: there are no more of them than requests.
    fn of(&self, client: &Client) -> Arc<Share> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = clients.get(client) {
            return Arc::clone(share);
        }
        let crowd = self.share + limits::LONG_READS_WAITING;
        clients.retain(|_, share| Arc::strong_count(share) > 1 || share.crowd.available_permits() < crowd);
        let (turns, crowd) = (Arc::new(Semaphore::new(self.share)), Arc::new(Semaphore::new(crowd)));
        let share = Arc::new(Share { turns, crowd });
        clients.insert(client.clone(), Arc::clone(&share));
        share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: &str) -> Client {
        Client::trusted(name)
    }

    #[tokio::test]
    async fn a_client_waits_behind_itself_and_nobody_else_does() {
        let shares = Shares::new(8); // two turns, one for each
        let one = shares.turn(&client("a")).await.unwrap_or_else(|problem| panic!("{problem:?}"));
        assert!(shares.turn(&client("b")).await.is_ok());
        let a = client("a");
        let mut another = Box::pin(shares.turn(&a));
        assert!(futures_util::FutureExt::now_or_never(&mut another).is_none(), "it waits");
        drop(one);
        assert!(another.await.is_ok());
    }

    #[tokio::test]
    async fn the_crowd_that_waits_is_bounded() {
        let shares = Shares::new(8);
        let (a, _one) = (client("a"), shares.turn(&client("a")).await);
        let mut waiting: Vec<_> = (0..limits::LONG_READS_WAITING).map(|_| Box::pin(shares.turn(&a))).collect();
        for turn in &mut waiting {
            assert!(futures_util::FutureExt::now_or_never(turn).is_none());
        }
        let refused = futures_util::FutureExt::now_or_never(shares.turn(&a)).and_then(Result::err);
        assert_eq!(refused.map(|problem| problem.status()), Some(503), "at once, without a wait");
    }

    #[tokio::test]
    async fn who_is_gone_is_forgotten() {
        let shares = Shares::new(8);
        for n in 0..100 {
            drop(shares.turn(&client(&n.to_string())).await);
        }
        assert_eq!(shares.clients.lock().map(|clients| clients.len()).unwrap_or(0), 1);
    }
}
