//! Messages under way. Each route keeps its order, as a mailbox does for one sender and one receiver; which route is
//! served next is chance. What comes later than now lies with the time at which it comes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use counterfoil::engine::order::{OrderInput, OrderOutput};
use counterfoil::engine::shard::Input;
use counterfoil::engine::{Ask, SubmitResult};
use rustc_hash::FxHashMap;

use super::calls::Flight;
use super::chance::{Chance, Turn};

/// From whom to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// From a client's task to an engine.
    Ask { task: usize, engine: usize },
    /// From an order's actor to its shard.
    Report { actor: u64 },
    /// From a shard to an order's actor.
    Order { actor: u64 },
    /// From an engine to whoever waits.
    Reply { waiter: usize },
    /// To and from the store and the participants: they overtake each other.
    Free { number: u64 },
}

/// What is said.
#[expect(clippy::large_enum_variant, reason = "moved once, from post to reader")]
pub enum Letter {
    /// To the shard that had this epoch; a later one never hears it.
    Shard {
        engine: usize,
        epoch: u64,
        input: Input<usize>,
    },
    Deliver {
        ask: Arc<Ask>,
        reload: bool,
    },
    Retire,
    /// Nobody hears the outcome where there is no actor. A write has the number of its transaction.
    Store {
        actor: Option<u64>,
        step: OrderOutput,
        xact: u64,
    },
    /// What an actor hears.
    Tell {
        actor: u64,
        heard: OrderInput,
    },
    Reply {
        waiter: usize,
        verdict: SubmitResult,
    },
    /// Of a call to a participant.
    Flight(Flight),
}

/// All that is under way.
#[derive(Default)]
pub struct Mail {
    /// Never gone through, so that their order is of no account.
    queues: FxHashMap<Route, VecDeque<Letter>>,
    /// Those on routes of their own, by the number of that.
    free: FxHashMap<u64, Letter>,
    /// Those that have letters, with when they came to have some.
    routes: Vec<(Route, u64)>,
    sent: u64,
    later: BTreeMap<(Instant, u64), Letter>,
    numbers: u64,
}

impl Mail {
    pub fn send(&mut self, route: Route, letter: Letter) {
        let queue = self.queues.entry(route).or_default();
        if queue.is_empty() {
            self.sent += 1;
            self.routes.push((route, self.sent));
        }
        queue.push_back(letter);
    }

    /// Sends on a route of its own.
    pub fn post(&mut self, letter: Letter) {
        self.numbers += 1;
        self.sent += 1;
        self.free.insert(self.numbers, letter);
        self.routes.push((Route::Free { number: self.numbers }, self.sent));
    }

    /// Sends on a route of its own, from then on.
    pub fn post_at(&mut self, at: Instant, letter: Letter) {
        self.numbers += 1;
        self.later.insert((at, self.numbers), letter);
    }

    /// When the next letter comes that is not here yet.
    pub fn next_at(&self) -> Option<Instant> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    /// What is due now comes in.
    pub fn collect(&mut self, now: Instant) {
        while let Some(entry) = self.later.first_entry()
            && entry.key().0 <= now
        {
            let letter = entry.remove();
            self.post(letter);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    /// The next letter of a random route; of the one that waits longest where that is not left to chance.
    pub fn next(&mut self, chance: &mut Chance) -> Option<(Route, Letter)> {
        if self.routes.is_empty() {
            return None;
        }
        let longest = || self.routes.iter().enumerate().min_by_key(|(_, (_, since))| *since).map(|(index, _)| index);
        let index = chance.turn(Turn::Letter, self.routes.len()).or_else(longest)?;
        let (route, _) = self.routes[index];
        if let Route::Free { number } = route {
            self.routes.swap_remove(index);
            return Some((route, self.free.remove(&number)?));
        }
        let queue = self.queues.get_mut(&route)?;
        let letter = queue.pop_front()?;
        if queue.is_empty() {
            self.queues.remove(&route);
            self.routes.swap_remove(index);
        }
        Some((route, letter))
    }
}
