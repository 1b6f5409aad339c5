//! Mail between threads: many letters, one wake.
//!
//! Waking a thread costs a system call and often a context switch, which is more than most of what an order costs the
//! engine (measured with 64 clients on two cores: a sixth of its CPU). A group commit decides dozens of orders at once,
//! so their outcomes travel together: whoever finds the bag empty wakes its owner, the others only put their letter in.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix::prelude::*;
use rustc_hash::FxHashMap;
use tokio::sync::oneshot;

use super::api::SubmitResult;
use crate::saga::Client;

/// Letters for one owner, who empties it when woken.
pub(super) struct Mailbag<T>(Mutex<Vec<T>>);

impl<T> Mailbag<T> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Vec::new())))
    }

    /// Puts a letter in; whether it is the first, so that the owner must be woken.
    #[must_use]
    pub(super) fn put(&self, letter: T) -> bool {
        let mut letters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        letters.push(letter);
        letters.len() == 1
    }

    /// Takes all letters. The next one wakes again.
    pub(super) fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Letter = (oneshot::Sender<SubmitResult>, SubmitResult);

/// Hands out, on the thread of those who wait, what a shard answered.
struct Postman(Arc<Mailbag<Letter>>);

#[derive(Message)]
#[rtype(result = "()")]
struct MailHere;

impl Actor for Postman {
    type Context = Context<Self>;
}

impl Handler<MailHere> for Postman {
    type Result = ();

    fn handle(&mut self, _: MailHere, _: &mut Self::Context) {
        for (waiter, verdict) in self.0.take() {
            let _gone = waiter.send(verdict); // the client may have hung up: its retry will ask again
        }
    }
}

struct Office {
    bag: Arc<Mailbag<Letter>>,
    postman: Addr<Postman>,
}

thread_local! {
    static OFFICE: OnceCell<Arc<Office>> = const { OnceCell::new() };
}

/// Who waits for a verdict.
pub(super) struct Waiter {
    verdict: oneshot::Sender<SubmitResult>,
    /// The post of the waiting thread, where it is an arbiter, as the HTTP server's workers are.
    office: Option<Arc<Office>>,
    /// Given up with the answer, also where the caller has long gone.
    _seat: Seat,
}

/// The places of a shard's requests: how many are taken, and by whom.
#[derive(Default)]
pub(super) struct Places {
    taken: AtomicUsize,
    by_client: Mutex<FxHashMap<Client, usize>>,
}

impl Places {
    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }

    fn clients(&self) -> MutexGuard<'_, FxHashMap<Client, usize>> {
        self.by_client.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the requests that a shard holds. It belongs to the request and not to its caller: who gives up leaves a
/// request behind that is still to be worked off, and were those not counted, more could come than go for ever. Only who
/// waits for the end of an order that is durable, and runs on without them, gives their place up by hanging up.
pub(super) struct Seat {
    places: Arc<Places>,
    client: Option<Client>,
}

/// How many places were taken before one was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TakenBefore {
    pub(super) all: usize,
    /// By the same client.
    pub(super) by_client: usize,
}

impl Seat {
    /// Takes one. Where no tokens are configured everybody is the same client, of whom nothing is counted.
    pub(super) fn take(places: &Arc<Places>, client: Option<&Client>) -> (Self, TakenBefore) {
        let all = places.taken.fetch_add(1, Ordering::SeqCst);
        let client = client.filter(|client| !client.is_anonymous()).cloned();
        let by_client = client.as_ref().map_or(0, |client| {
            let mut clients = places.clients();
            let taken = clients.entry(client.clone()).or_default();
            *taken += 1;
            *taken - 1
        });
        (Self { places: Arc::clone(places), client }, TakenBefore { all, by_client })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(client) = &self.client {
            let mut clients = self.places.clients();
            if let Some(taken) = clients.get_mut(client) {
                *taken = taken.saturating_sub(1);
                if *taken == 0 {
                    clients.remove(client);
                }
            }
        }
        self.places.taken.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Waiter {
    /// A waiter on this thread, and what it waits for. Dropped unanswered it tells so: its shard died.
    pub(super) fn new(seat: Seat) -> (Self, oneshot::Receiver<SubmitResult>) {
        let (verdict, receiver) = oneshot::channel();
        let office = Arbiter::try_current().map(|_| {
            OFFICE.with(|office| {
                let open = || {
                    let bag = Mailbag::new();
                    Arc::new(Office { postman: Postman(Arc::clone(&bag)).start(), bag })
                };
                Arc::clone(office.get_or_init(open))
            })
        });
        (Self { verdict, office, _seat: seat }, receiver)
    }

    /// Whether nobody hears the answer any more: the client hung up.
    pub(super) fn is_gone(&self) -> bool {
        self.verdict.is_closed()
    }

    pub(super) fn answer(self, verdict: SubmitResult) {
        match self.office {
            Some(office) => {
                if office.bag.put((self.verdict, verdict)) {
                    office.postman.do_send(MailHere);
                }
            }
            None => {
                let _gone = self.verdict.send(verdict);
            }
        }
    }
}
