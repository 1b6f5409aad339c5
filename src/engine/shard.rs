//! A shard's behaviour, as a synchronous step function without IO: `step(input, now) -> outputs`. The actix actor
//! around it spawns, sends and replies; the simulator drives the same function with crashes and lost messages.
//!
//! The shard owns every request until it is answered. One request an order is in flight; the same request joins it,
//! another one waits for its COMMIT and is then decided anew. When an order's actor dies, a fresh one loads the order
//! and gets the request again; after `max_deaths` in a row the order is quarantined, since something about it kills.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

use super::api::{Prepared, Reply, SubmitError, Verdict};
use crate::limits;
use crate::saga::OrderId;
use crate::telemetry::RestartCause;

/// What a shard hears. `W` is whoever waits for an answer.
#[derive(Debug)]
pub enum Input<W> {
    /// A request.
    Submit {
        /// What is asked.
        prepared: Arc<Prepared>,
        /// Who waits.
        waiter: W,
    },
    /// An actor finished its command.
    Answered {
        /// Whose.
        id: OrderId,
        /// Which of the actors that this order had.
        generation: u64,
        /// The answer.
        verdict: Verdict,
    },
    /// An actor died, or was found hanging in its own code.
    Died {
        /// Whose.
        id: OrderId,
        /// Which of the actors that this order had.
        generation: u64,
        /// Of what.
        cause: RestartCause,
    },
    /// Time passed.
    Tick,
}

/// What a shard does.
#[derive(Debug)]
pub enum Output<W> {
    /// Start an actor for the order.
    Start {
        /// Whose.
        id: OrderId,
        /// Its number.
        generation: u64,
        /// Whether it follows a dead one, and so loads the order first.
        rehydrate: bool,
    },
    /// Give the order's actor a command.
    Deliver {
        /// Whose.
        id: OrderId,
        /// To which actor.
        generation: u64,
        /// What.
        prepared: Arc<Prepared>,
    },
    /// Let the order's actor go.
    Stop {
        /// Whose.
        id: OrderId,
    },
    /// Answer a waiter.
    Reply {
        /// Who.
        waiter: W,
        /// What.
        verdict: Verdict,
    },
    /// The order's actors die again and again: flag it for a human, where it has a row.
    Quarantine {
        /// Which.
        id: OrderId,
        /// How often in a row.
        deaths: u32,
    },
    /// Come back with a tick at this time.
    WakeAt(Instant),
}

/// What a shard may hold.
#[derive(Debug, Clone, Copy)]
pub struct ShardSettings {
    /// Actors in memory, at most (idle ones are let go, the least recently used first).
    pub residents: usize,
    /// How long an idle actor stays.
    pub passivate_after: Duration,
    /// Deaths in a row before the quarantine.
    pub max_deaths: u32,
}

#[derive(Debug)]
struct Running<W> {
    prepared: Arc<Prepared>,
    waiters: Vec<W>,
    /// Waits for its next actor until then.
    parked_until: Option<Instant>,
}

#[derive(Debug)]
struct Slot<W> {
    generation: u64,
    alive: bool,
    deaths: u32,
    quarantined_until: Option<Instant>,
    running: Option<Running<W>>,
    queue: VecDeque<(Arc<Prepared>, W)>,
    used: u64,
}

/// The state of a shard.
#[derive(Debug)]
pub struct ShardCore<W> {
    settings: ShardSettings,
    slots: FxHashMap<OrderId, Slot<W>>,
    /// Idle orders, least recently used first; an entry counts only while its stamp is the slot's latest.
    idle: VecDeque<(OrderId, u64, Instant)>,
    parked: Vec<OrderId>,
    clock: u64,
    generations: u64,
    actors: usize,
    busy: usize,
    quarantined: usize,
}

impl<W> ShardCore<W> {
    /// An empty shard.
    pub fn new(settings: ShardSettings) -> Self {
        Self {
            settings,
            slots: FxHashMap::default(),
            idle: VecDeque::new(),
            parked: Vec::new(),
            clock: 0,
            generations: 0,
            actors: 0,
            busy: 0,
            quarantined: 0,
        }
    }

    /// Live actors.
    pub fn actors(&self) -> usize {
        self.actors
    }

    /// Orders with a command in hand.
    pub fn busy(&self) -> usize {
        self.busy
    }

    /// Orders in quarantine.
    pub fn quarantined(&self) -> usize {
        self.quarantined
    }

    /// Orders with a command in flight, with the number of the actor that has it.
    pub fn in_flight(&self) -> impl Iterator<Item = (&OrderId, u64)> {
        self.slots.iter().filter(|(_, slot)| slot.alive && slot.running.is_some()).map(|(id, s)| (id, s.generation))
    }

    /// Hears, and says what to do.
    pub fn step(&mut self, input: Input<W>, now: Instant, out: &mut Vec<Output<W>>) {
        self.clock += 1;
        match input {
            Input::Submit { prepared, waiter } => self.submit(prepared, waiter, now, out),
            Input::Answered { id, generation, verdict } => self.answered(&id, generation, verdict, now, out),
            Input::Died { id, generation, cause: _ } => self.died(&id, generation, now, out),
            Input::Tick => {
                self.unpark(now, out);
                self.passivate(now, out);
            }
        }
    }

    fn submit(&mut self, prepared: Arc<Prepared>, waiter: W, now: Instant, out: &mut Vec<Output<W>>) {
        let id = prepared.id.clone();
        let clock = self.clock;
        let slot = self.slots.entry(id.clone()).or_insert_with(|| Slot {
            generation: 0,
            alive: false,
            deaths: 0,
            quarantined_until: None,
            running: None,
            queue: VecDeque::new(),
            used: clock,
        });
        slot.used = clock;
        if slot.quarantined_until.is_some_and(|until| until > now) {
            let verdict = Err(SubmitError::Internal(format!("order {id} is quarantined: its actors die")));
            return out.push(Output::Reply { waiter, verdict });
        }
        match &mut slot.running {
            Some(running) if prepared.same_as(&running.prepared) => running.waiters.push(waiter),
            Some(_) if slot.queue.len() >= limits::QUEUE_PER_ORDER => {
                out.push(Output::Reply { waiter, verdict: Err(SubmitError::Overloaded) });
            }
            Some(_) => slot.queue.push_back((prepared, waiter)),
            None => {
                slot.running = Some(Running { prepared, waiters: vec![waiter], parked_until: None });
                self.busy += 1;
                self.drive(&id, false, out);
                self.make_room(now, out);
            }
        }
    }

    /// Gives the running command to the order's actor, starting one where there is none.
    fn drive(&mut self, id: &OrderId, rehydrate: bool, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Some(running) = &mut slot.running else { return };
        running.parked_until = None;
        let prepared = Arc::clone(&running.prepared);
        if !slot.alive {
            self.generations += 1;
            slot.generation = self.generations;
            slot.alive = true;
            self.actors += 1;
            out.push(Output::Start { id: id.clone(), generation: slot.generation, rehydrate });
        }
        out.push(Output::Deliver { id: id.clone(), generation: slot.generation, prepared });
    }

    fn answered(&mut self, id: &OrderId, generation: u64, verdict: Verdict, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.alive || slot.generation != generation {
            return; // a zombie: the guard kept it from writing, and nobody waits for it
        }
        let Some(running) = slot.running.take() else { return };
        self.busy -= 1;
        slot.deaths = 0;
        if slot.quarantined_until.take().is_some() {
            self.quarantined -= 1;
        }
        reply_all(running.waiters, &verdict, out);
        self.next(id, now, out);
    }

    /// Takes the next command of the order's queue, or lets the order idle.
    fn next(&mut self, id: &OrderId, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        match slot.queue.pop_front() {
            Some((prepared, waiter)) => {
                let mut waiters = vec![waiter];
                // The same request from further back joins right away.
                let mut rest = VecDeque::with_capacity(slot.queue.len());
                for (other, waiter) in slot.queue.drain(..) {
                    if other.same_as(&prepared) {
                        waiters.push(waiter);
                    } else {
                        rest.push_back((other, waiter));
                    }
                }
                slot.queue = rest;
                slot.running = Some(Running { prepared, waiters, parked_until: None });
                self.busy += 1;
                self.drive(id, false, out);
            }
            None => {
                self.idle.push_back((id.clone(), slot.used, now));
                self.forget_stale_entries();
            }
        }
    }

    /// A storm of repeats leaves an entry each: those that are no longer their order's latest go, once they are most.
    fn forget_stale_entries(&mut self) {
        if self.idle.len() > 2 * self.slots.len() + 1_024 {
            let slots = &self.slots;
            self.idle.retain(|(id, stamp, _)| slots.get(id).is_some_and(|slot| slot.used == *stamp));
        }
    }

    fn died(&mut self, id: &OrderId, generation: u64, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.alive || slot.generation != generation {
            return;
        }
        slot.alive = false;
        self.actors -= 1;
        slot.deaths += 1;
        let Some(running) = &mut slot.running else {
            return; // it died idle, which counts too; the next command starts a fresh one
        };
        if slot.deaths < self.settings.max_deaths {
            let at = now + limits::RESPAWN_PAUSE * slot.deaths;
            running.parked_until = Some(at);
            self.parked.push(id.clone());
            return out.push(Output::WakeAt(at));
        }
        let deaths = slot.deaths;
        slot.deaths = self.settings.max_deaths.saturating_sub(1); // after the quarantine: one try, not three
        if slot.quarantined_until.replace(now + limits::QUARANTINE).is_none() {
            self.quarantined += 1;
        }
        self.busy -= 1;
        let waiters = slot.running.take().map(|running| running.waiters).unwrap_or_default();
        let queued = std::mem::take(&mut slot.queue).into_iter().map(|(_, waiter)| waiter);
        let verdict = Err(SubmitError::Internal(format!("order {id} killed {deaths} actors in a row")));
        reply_all(waiters.into_iter().chain(queued).collect(), &verdict, out);
        out.push(Output::Quarantine { id: id.clone(), deaths });
        let stamp = slot.used;
        self.idle.push_back((id.clone(), stamp, now));
    }

    /// Starts the actors whose pause is over.
    fn unpark(&mut self, now: Instant, out: &mut Vec<Output<W>>) {
        let parked = std::mem::take(&mut self.parked);
        for id in parked {
            let until = self.slots.get(&id).and_then(|slot| slot.running.as_ref()?.parked_until);
            match until {
                Some(until) if until <= now => self.drive(&id, true, out),
                Some(until) => {
                    out.push(Output::WakeAt(until));
                    self.parked.push(id);
                }
                None => {}
            }
        }
    }

    /// Lets actors go that were idle for long.
    fn passivate(&mut self, now: Instant, out: &mut Vec<Output<W>>) {
        while let Some((_, _, since)) = self.idle.front() {
            if now.saturating_duration_since(*since) < self.settings.passivate_after {
                break;
            }
            self.let_go(now, out);
        }
    }

    /// Lets the least recently used idle actors go while there are too many.
    fn make_room(&mut self, now: Instant, out: &mut Vec<Output<W>>) {
        for _ in 0..self.idle.len() {
            if self.actors <= self.settings.residents {
                break;
            }
            self.let_go(now, out);
        }
    }

    fn let_go(&mut self, now: Instant, out: &mut Vec<Output<W>>) {
        let Some((id, stamp, since)) = self.idle.pop_front() else { return };
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if slot.used != stamp || slot.running.is_some() {
            return; // used since: a later entry stands for it
        }
        if slot.quarantined_until.is_some_and(|until| until > now) {
            self.idle.push_back((id, stamp, since.max(now))); // its quarantine is the only memory of its deaths
            return;
        }
        if slot.quarantined_until.is_some() {
            self.quarantined -= 1;
        }
        if slot.alive {
            self.actors -= 1;
            out.push(Output::Stop { id: id.clone() });
        }
        self.slots.remove(&id);
    }
}

/// The first waiter made the order; whoever joined hears that it is a repeat.
fn reply_all<W>(waiters: Vec<W>, verdict: &Verdict, out: &mut Vec<Output<W>>) {
    for (index, waiter) in waiters.into_iter().enumerate() {
        let mut verdict = verdict.clone();
        if index > 0
            && let Ok(Reply::Final { replayed, .. }) = &mut verdict
        {
            *replayed = true;
        }
        out.push(Output::Reply { waiter, verdict });
    }
}
