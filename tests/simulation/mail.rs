//! Messages under way. Each route keeps its order, as a mailbox does for one sender and one receiver; which route is
//! served next is chance.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use counterfoil::engine::order::{Heard, Step};
use counterfoil::engine::shard::Input;
use counterfoil::engine::{Prepared, Verdict};

use super::rng::Rng;

/// From whom to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// From a client's task to an engine.
    Submission { task: usize, engine: usize },
    /// From an order's actor to its shard.
    Report { actor: u64 },
    /// From a shard to an order's actor.
    Order { actor: u64 },
    /// To the store: transactions overtake each other.
    Question { number: u64 },
    /// From the store.
    Answer { number: u64 },
    /// From an engine to whoever waits.
    Reply { waiter: usize },
}

/// What is said.
#[expect(clippy::large_enum_variant, reason = "a letter lives in a queue of a few, in a test")]
pub enum Letter {
    /// To the shard that had this epoch; a later one never hears it.
    Shard {
        engine: usize,
        epoch: u64,
        input: Input<usize>,
    },
    Deliver(Arc<Prepared>),
    Retire,
    /// Nobody hears the outcome where there is no actor.
    Ask {
        actor: Option<u64>,
        step: Step,
    },
    /// What an actor hears of the store, and what it hears once more.
    Tell {
        actor: u64,
        heard: Heard,
        echo: Option<Heard>,
    },
    Reply {
        waiter: usize,
        verdict: Verdict,
    },
}

/// All that is under way.
#[derive(Default)]
pub struct Mail {
    queues: BTreeMap<Route, VecDeque<Letter>>,
    routes: Vec<Route>,
    numbers: u64,
}

impl Mail {
    pub fn send(&mut self, route: Route, letter: Letter) {
        let queue = self.queues.entry(route).or_default();
        if queue.is_empty() {
            self.routes.push(route);
        }
        queue.push_back(letter);
    }

    /// Asks the store something, on a route of its own.
    pub fn ask(&mut self, actor: Option<u64>, step: Step) {
        self.numbers += 1;
        self.send(Route::Question { number: self.numbers }, Letter::Ask { actor, step });
    }

    /// The store's answer, on a route of its own.
    pub fn answer(&mut self, actor: u64, heard: Heard, echo: Option<Heard>) {
        self.numbers += 1;
        self.send(Route::Answer { number: self.numbers }, Letter::Tell { actor, heard, echo });
    }

    /// The next letter of a random route.
    pub fn next(&mut self, rng: &mut Rng) -> Option<(Route, Letter)> {
        if self.routes.is_empty() {
            return None;
        }
        let index = rng.below(self.routes.len());
        let route = self.routes[index];
        let queue = self.queues.get_mut(&route)?;
        let letter = queue.pop_front()?;
        if queue.is_empty() {
            self.queues.remove(&route);
            self.routes.swap_remove(index);
        }
        Some((route, letter))
    }
}
