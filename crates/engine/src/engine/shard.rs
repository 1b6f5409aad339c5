//! A shard's behaviour, as a synchronous step function without IO: `step(input, now) -> outputs`. The actix actor
//! around it spawns, sends and replies; the simulator drives the same function with crashes and lost messages.
//!
//! The shard owns every request until it is answered. One request an order is in flight; the same request joins it,
//! another one waits for its COMMIT and is then decided anew. When an order's actor dies, a fresh one loads the order
//! and gets the request again; after `max_deaths` in a row the order is quarantined, since something about it kills.
//!
//! An order with remote local transactions runs on after its request was made durable. Who waits for its end waits
//! here, as a watcher: until the order ends, in this engine or in another, or until the watcher's patience does.
//!
//! Nobody is told where an order stands by what was read before they asked: in another engine it may have ended since,
//! and its client may know. One reading serves all who wait for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};

use super::api::{Ask, Reply, SubmitError, SubmitResult};
use crate::limits;
use crate::saga::OrderId;
use crate::telemetry::RestartCause;

/// What a shard hears. `W` is whoever waits for an answer.
#[derive(Debug)]
pub enum Input<W> {
    /// A request for an order, or the engine's own wish to go on with one.
    Ask {
        /// What is asked of the order.
        ask: Arc<Ask>,
        /// Who waits; nobody where the engine itself asks.
        waiter: Option<W>,
        /// Until when they wait for a final answer.
        until: Instant,
    },
    /// An actor finished its command.
    Answered {
        /// The order whose actor it is.
        id: OrderId,
        /// Which of the actors that this order had.
        generation: u64,
        /// What the command led to, for whoever waits.
        verdict: SubmitResult,
        /// Whether the actor goes on with the order.
        driving: bool,
    },
    /// An actor that goes on with its order moved it.
    Moved {
        /// The order whose actor it is.
        id: OrderId,
        /// Which of the actors that this order had.
        generation: u64,
        /// Where the order stands, as far as that is known.
        reply: Option<Reply>,
        /// Whether the actor is done with it for now.
        resting: bool,
    },
    /// An order ended in another engine.
    Ended {
        /// The order that ended.
        id: OrderId,
    },
    /// An actor died, or was found hanging in its own code.
    Died {
        /// The order whose actor it was.
        id: OrderId,
        /// Which of the actors that this order had.
        generation: u64,
        /// How it died: only deaths in a row count towards a quarantine.
        cause: RestartCause,
    },
    /// The engine is about to end: who waits for an order in flight hears where it stands.
    Drain,
    /// Time passed: what was to happen by now is done.
    Tick,
}

/// What a shard does.
#[derive(Debug)]
pub enum Output<W> {
    /// Start an actor for the order.
    Start {
        /// The order that it is for.
        id: OrderId,
        /// The number of the actor, which no earlier one of this shard has.
        generation: u64,
        /// Whether it follows a dead one, and so loads the order first.
        rehydrate: bool,
    },
    /// Give the order's actor a command.
    Deliver {
        /// The order whose actor it is.
        id: OrderId,
        /// The number of the actor that it is for.
        generation: u64,
        /// The command.
        ask: Arc<Ask>,
        /// Whether the order may have moved elsewhere.
        reload: bool,
    },
    /// Let the order's actor go.
    Stop {
        /// The order whose actor goes.
        id: OrderId,
    },
    /// Answer a waiter.
    Reply {
        /// The waiter, who is given back to the caller with this.
        waiter: W,
        /// The answer to its request.
        verdict: SubmitResult,
    },
    /// The order's actors die again and again: flag it for a human, where it has a row.
    Quarantine {
        /// The order that is quarantined.
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

/// A request that waits.
#[derive(Debug, Clone)]
struct Waiting<W> {
    /// Who is answered.
    waiter: W,
    /// Until when they wait for a final answer; afterwards they are told where the order stands.
    until: Instant,
    /// Whether it made the order, or the verb, that runs now: its final answer is no replay.
    first: bool,
    /// Whether what was read last is older than its question, or than the end of its patience: it is not told of that.
    late: bool,
}

/// The command that is in hand for an order.
#[derive(Debug, Clone)]
struct Running<W> {
    /// The command: it is given to the order's actor, and to its successor where that one dies.
    ask: Arc<Ask>,
    /// Who is answered with what comes of it: whoever asked, and those who joined with the same request.
    waiters: Vec<Waiting<W>>,
    /// Whether the order may have moved elsewhere.
    reload: bool,
    /// Whether it was told, while the command was in hand, that the order ended elsewhere.
    ended: bool,
    /// Its actor died: until when the next one is not started. `None` while an actor has it.
    parked_until: Option<Instant>,
}

/// Requests that wait for a final answer, all for the same.
#[derive(Debug, Clone)]
struct Watch<W> {
    /// What they asked for, to be asked once more where the order moved.
    ask: Arc<Ask>,
    /// Who waits.
    watchers: Vec<Waiting<W>>,
}

/// What a shard knows of one order that has an actor, or had one that died.
#[derive(Debug, Clone)]
struct Slot<W> {
    /// The number of its latest actor; what an earlier one still says is ignored.
    generation: u64,
    /// Whether that actor lives.
    alive: bool,
    /// How many of its actors died in a row, without an answer in between.
    deaths: u32,
    /// Until when its commands are refused with 500, untried, since its actors died again and again; `None` where they are tried.
    quarantined_until: Option<Instant>,
    /// The command in hand: one at a time.
    running: Option<Running<W>>,
    /// Commands that come after it, each with who waits for it; the engine's own have nobody.
    queue: VecDeque<(Arc<Ask>, Option<Waiting<W>>)>,
    /// When it was last asked for something, by [`ShardCore::clock`]: whether an entry of [`ShardCore::idle`] is its latest.
    used: u64,
    /// Whether the actor goes on with the order by itself.
    driving: bool,
    /// Who waits for its end, beside whatever runs: requests for the same answer together.
    watches: Vec<Watch<W>>,
    /// Whether it has no final answer, as far as this shard was told.
    in_flight: bool,
    /// When watchers of an order that is driven elsewhere look for themselves.
    look_at: Instant,
}

impl<W> Slot<W> {
    fn is_idle(&self) -> bool {
        self.running.is_none() && !self.driving && self.watches.is_empty()
    }

    /// Whether as many wait with the order as may: for what runs, in the queue behind it, and for its end. In the queue
    /// one client leaves room to others: whoever guesses an order_id may ask for it.
    fn is_crowded(&self, ask: &Ask) -> bool {
        let joined = self.running.as_ref().map_or(0, |running| running.waiters.len());
        let watching: usize = self.watches.iter().map(|watch| watch.watchers.len()).sum();
        if joined + watching >= limits::WAITING_PER_ORDER {
            return true;
        }
        let queued = match &self.running {
            Some(running) if !ask.same_as(&running.ask) => self.queue.len(),
            Some(_) | None => 0,
        };
        let one = limits::QUEUE_PER_ORDER;
        let theirs = |queue: &VecDeque<(Arc<Ask>, _)>| queue.iter().filter(|(a, _)| a.client() == ask.client()).count();
        queued >= one && (queued >= 2 * one || theirs(&self.queue) >= one)
    }
}

/// The state of a shard.
#[derive(Debug, Clone)]
pub struct ShardCore<W> {
    /// What it may hold, and for how long.
    settings: ShardSettings,
    /// The orders that it knows of, each by its id.
    slots: FxHashMap<OrderId, Slot<W>>,
    /// Idle orders, least recently used first; an entry counts only while its stamp is the slot's latest.
    idle: VecDeque<(OrderId, u64, Instant)>,
    /// Orders whose command waits for its next actor.
    parked: Vec<OrderId>,
    /// Orders whose end somebody waits for.
    watched: FxHashSet<OrderId>,
    /// Counts the inputs: the stamp of what is used now.
    clock: u64,
    /// The number that was given last to an actor.
    generations: u64,
    /// How many slots have a live actor.
    actors: usize,
    /// How many slots have a command in hand.
    busy: usize,
    /// How many slots are in quarantine.
    quarantined: usize,
    /// Whether the engine is about to end: nobody waits for an order in flight any more.
    draining: bool,
}

impl<W> ShardCore<W> {
    /// An empty shard.
    pub fn new(settings: ShardSettings) -> Self {
        Self {
            settings,
            slots: FxHashMap::default(),
            idle: VecDeque::new(),
            parked: Vec::new(),
            watched: FxHashSet::default(),
            clock: 0,
            generations: 0,
            actors: 0,
            busy: 0,
            quarantined: 0,
            draining: false,
        }
    }

    /// How many orders have a live actor.
    pub fn actors(&self) -> usize {
        self.actors
    }

    /// Orders in memory: those with a live actor, and those whose actor died.
    pub fn orders(&self) -> usize {
        self.slots.len()
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

    /// Counts anew: the numbers of actors, and the stamps of use, become the smallest ones (from 1) that keep their
    /// order, and nothing that the shard does depends on more than that. So a model check can tell that two shards which
    /// came here by different ways are the same. Whoever knows an actor by its number must rename it.
    pub fn renumber(&mut self) {
        let rank = |all: &[u64], one: u64| all.partition_point(|other| *other < one) as u64 + 1;
        let sorted = |of: fn(&Slot<W>) -> u64| {
            let mut all: Vec<u64> = self.slots.values().map(of).collect();
            all.sort_unstable();
            all
        };
        let (generations, stamps) = (sorted(|slot| slot.generation), sorted(|slot| slot.used));
        let slots = &self.slots;
        self.idle.retain(|(id, stamp, _)| slots.get(id).is_some_and(|slot| slot.used == *stamp));
        self.idle.iter_mut().for_each(|(_, stamp, _)| *stamp = rank(&stamps, *stamp));
        for slot in self.slots.values_mut() {
            slot.generation = rank(&generations, slot.generation);
            slot.used = rank(&stamps, slot.used);
        }
        (self.generations, self.clock) = (generations.len() as u64, stamps.len() as u64);
    }

    /// Hears, and says what to do.
    pub fn step(&mut self, input: Input<W>, now: Instant, out: &mut Vec<Output<W>>) {
        self.clock += 1;
        match input {
            Input::Ask { ask, waiter, until } => self.ask(ask, waiter, until, now, out),
            Input::Answered { id, generation, verdict, driving } => {
                self.answered(&id, generation, verdict, driving, now, out);
            }
            Input::Moved { id, generation, reply, resting } => self.moved(&id, generation, reply, resting, now, out),
            Input::Ended { id } => {
                // Also of an order that is driven here: the call that is under way may take long, and counts no more.
                if self.slots.get(&id).is_some_and(|slot| !slot.watches.is_empty()) {
                    self.look_again(&id, true, now, out);
                }
            }
            Input::Drain => self.drain(now, out),
            Input::Died { id, generation, cause: _ } => self.died(&id, generation, now, out),
            Input::Tick => {
                self.unpark(now, out);
                self.watch(now, out);
                self.passivate(now, out);
            }
        }
    }

    /// Lets go of those who hung up: who waited for an order's end, and who joined what runs. Whoever began what runs, and
    /// whoever is in a queue, keeps the place until it is worked off, as it is in any case.
    pub fn forget(&mut self, gone: impl Fn(&W) -> bool, now: Instant, out: &mut Vec<Output<W>>) {
        if self.busy > 0 {
            for running in self.slots.values_mut().filter_map(|slot| slot.running.as_mut()) {
                let mut joined = 0;
                running.waiters.retain(|waiting| {
                    joined += 1;
                    joined == 1 || !gone(&waiting.waiter)
                });
            }
        }
        let mut left = Vec::new();
        for id in &self.watched {
            let Some(slot) = self.slots.get_mut(id) else { continue };
            slot.watches.iter_mut().for_each(|watch| watch.watchers.retain(|waiting| !gone(&waiting.waiter)));
            slot.watches.retain(|watch| !watch.watchers.is_empty());
            if slot.watches.is_empty() {
                left.push(id.clone());
            }
        }
        for id in left {
            self.watched.remove(&id);
            self.leave(&id, now, out);
        }
    }

    fn ask(&mut self, ask: Arc<Ask>, waiter: Option<W>, until: Instant, now: Instant, out: &mut Vec<Output<W>>) {
        let id = ask.id().clone();
        let clock = self.clock;
        let slot = self.slots.entry(id.clone()).or_insert_with(|| Slot {
            generation: 0,
            alive: false,
            deaths: 0,
            quarantined_until: None,
            running: None,
            queue: VecDeque::new(),
            used: clock,
            driving: false,
            watches: Vec::new(),
            in_flight: false,
            look_at: now,
        });
        let mut waiting = waiter.map(|waiter| Waiting { waiter, until, first: false, late: false });
        if slot.quarantined_until.is_some_and(|until| until > now) {
            // It stays as it is: the entry under its stamp is what ends the quarantine.
            let verdict = Err(SubmitError::Internal(format!("order {id} is quarantined: its actors die")));
            return out.extend(waiting.map(|waiting| Output::Reply { waiter: waiting.waiter, verdict }));
        }
        slot.used = clock;
        if waiting.is_some() && slot.is_crowded(&ask) {
            let verdict = Err(SubmitError::Overloaded);
            return out.extend(waiting.map(|waiting| Output::Reply { waiter: waiting.waiter, verdict }));
        }
        match &mut slot.running {
            Some(running) if ask.same_as(&running.ask) => {
                waiting.iter_mut().for_each(|waiting| waiting.late = true);
                running.waiters.extend(waiting);
            }
            Some(_) => slot.queue.push_back((ask, waiting)),
            None => {
                let waiters = waiting.into_iter().collect();
                slot.running = Some(Running { ask, waiters, reload: false, ended: false, parked_until: None });
                self.busy += 1;
                self.drive(&id, now, out);
                self.make_room(now, out);
            }
        }
    }

    /// Gives the running command to the order's actor, starting one where there is none.
    fn drive(&mut self, id: &OrderId, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Some(running) = &mut slot.running else { return };
        running.parked_until = None;
        let draining = self.draining;
        running.waiters.iter_mut().for_each(|waiting| waiting.late = waiting.until > now && !draining);
        // What was in flight and is not driven here may have moved in another engine, which told nobody who was not
        // waiting for it then.
        let reload = running.reload || slot.in_flight && !slot.driving;
        let ask = Arc::clone(&running.ask);
        if !slot.alive {
            let rehydrate = slot.generation > 0; // it had an actor, which died
            self.generations += 1;
            slot.generation = self.generations;
            slot.alive = true;
            self.actors += 1;
            out.push(Output::Start { id: id.clone(), generation: slot.generation, rehydrate });
        }
        out.push(Output::Deliver { id: id.clone(), generation: slot.generation, ask, reload });
    }

    fn answered(
        &mut self,
        id: &OrderId,
        generation: u64,
        verdict: SubmitResult,
        driving: bool,
        now: Instant,
        out: &mut Vec<Output<W>>,
    ) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.alive || slot.generation != generation {
            return; // a zombie: the guard kept it from writing, and nobody waits for it
        }
        let Some(running) = slot.running.take() else { return };
        self.busy -= 1;
        slot.deaths = 0;
        slot.driving = driving;
        let told_of_the_end = running.ended;
        if slot.quarantined_until.take().is_some() {
            self.quarantined -= 1;
        }
        match &verdict {
            Ok(Reply::Running { replayed, .. }) => {
                // Durable, and not at its end: who has the patience waits for that.
                let mut running = running;
                if let Some(maker) = running.waiters.first_mut() {
                    maker.first |= !replayed;
                }
                slot.in_flight = true;
                slot.look_at = now + limits::LOOK_AGAIN;
                let (mut patient, others): (Vec<_>, Vec<_>) =
                    running.waiters.into_iter().partition(|waiting| waiting.until > now && !self.draining);
                patient.iter_mut().for_each(|waiting| waiting.late = false);
                // Of these somebody may have heard a later state before they are told: it is read once more for all.
                let (late, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|waiting| waiting.late);
                for waiting in late.into_iter().rev() {
                    slot.queue.push_front((Arc::clone(&running.ask), Some(waiting)));
                }
                reply_all(others, &verdict, out);
                if !patient.is_empty() {
                    self.watched.insert(id.clone());
                    match slot.watches.iter_mut().find(|watch| watch.ask.same_as(&running.ask)) {
                        Some(watch) => watch.watchers.extend(patient),
                        None => slot.watches.push(Watch { ask: running.ask, watchers: patient }),
                    }
                }
            }
            Ok(Reply::Final { .. }) => {
                // A verb's answer is no answer to who waits for the order.
                if slot.watches.is_empty() {
                    slot.in_flight = false;
                }
                reply_all(running.waiters, &verdict, out);
            }
            Err(_) => reply_all(running.waiters, &verdict, out),
        }
        // What ended the order by a verb ended it for those too who wait for it otherwise.
        let ended = matches!(verdict, Ok(Reply::Final { .. })) && !driving && !slot.watches.is_empty();
        if ended {
            return self.look_again(id, false, now, out);
        }
        // It may have been read before the end that it was told of meanwhile.
        if told_of_the_end && !slot.watches.is_empty() {
            return self.look_again(id, true, now, out);
        }
        self.next(id, now, out);
    }

    /// The order moved by itself. At its end those who wait for it ask again.
    fn moved(
        &mut self,
        id: &OrderId,
        generation: u64,
        reply: Option<Reply>,
        resting: bool,
        now: Instant,
        out: &mut Vec<Output<W>>,
    ) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        if !slot.alive || slot.generation != generation {
            return;
        }
        slot.driving = !resting;
        let ended = matches!(reply, Some(Reply::Final { .. }));
        slot.in_flight = !ended && (slot.in_flight || reply.is_some());
        if ended {
            self.look_again(id, false, now, out);
        } else if resting {
            self.leave(id, now, out);
        }
    }

    /// An order in flight that nobody waits for here, and that rests: when its time comes, whichever engine claims it
    /// reads it anew. So nothing of it is worth memory meanwhile, and many may wait for long.
    fn leave(&mut self, id: &OrderId, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get(id).filter(|slot| slot.is_idle()) else { return };
        // Its deaths are remembered here alone.
        if !slot.alive || slot.deaths > 0 || slot.quarantined_until.is_some() || !slot.queue.is_empty() {
            return self.rest(id, now);
        }
        self.actors -= 1;
        out.push(Output::Stop { id: id.clone() });
        self.slots.remove(id);
    }

    /// Has those who wait for the order's end ask again.
    fn look_again(&mut self, id: &OrderId, reload: bool, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let watches = std::mem::take(&mut slot.watches);
        self.watched.remove(id);
        if watches.is_empty() {
            return self.rest(id, now);
        }
        self.ask_again(id, watches, reload, now, out);
    }

    /// Has those whose patience ended ask once more, for what they are told then must be true then.
    fn last_look(&mut self, id: &OrderId, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let mut over = Vec::new();
        for watch in &mut slot.watches {
            let watchers: Vec<_> = watch.watchers.extract_if(.., |waiting| waiting.until <= now).collect();
            if !watchers.is_empty() {
                over.push(Watch { ask: Arc::clone(&watch.ask), watchers });
            }
        }
        slot.watches.retain(|watch| !watch.watchers.is_empty());
        if slot.watches.is_empty() {
            self.watched.remove(id);
        }
        self.ask_again(id, over, false, now, out);
    }

    fn ask_again(
        &mut self,
        id: &OrderId,
        watches: Vec<Watch<W>>,
        reload: bool,
        now: Instant,
        out: &mut Vec<Output<W>>,
    ) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let began = slot.running.is_none();
        for Watch { ask, mut watchers } in watches {
            match &mut slot.running {
                Some(running) if ask.same_as(&running.ask) => {
                    watchers.iter_mut().for_each(|waiting| waiting.late = true);
                    running.waiters.extend(watchers);
                    running.reload |= reload;
                    running.ended |= reload;
                }
                Some(_) => slot.queue.extend(watchers.into_iter().map(|waiting| (Arc::clone(&ask), Some(waiting)))),
                None => {
                    slot.running = Some(Running { ask, waiters: watchers, reload, ended: false, parked_until: None });
                    self.busy += 1;
                }
            }
        }
        if began && self.slots.get(id).is_some_and(|slot| slot.running.is_some()) {
            self.drive(id, now, out);
        }
    }

    /// Nobody waits any longer, nor does whoever would begin to: a request may have been on its way to its commit.
    fn drain(&mut self, now: Instant, out: &mut Vec<Output<W>>) {
        self.draining = true;
        for id in &self.watched {
            let waiting = self.slots.get_mut(id).map(|slot| &mut slot.watches).into_iter().flatten();
            waiting.flat_map(|watch| &mut watch.watchers).for_each(|watcher| watcher.until = now);
        }
        self.watch(now, out);
    }

    /// Has those look once more whose patience ended, and all who wait where another engine drives.
    fn watch(&mut self, now: Instant, out: &mut Vec<Output<W>>) {
        let (mut look, mut over) = (Vec::new(), Vec::new());
        for id in &self.watched {
            let Some(slot) = self.slots.get(id) else { continue };
            if !slot.driving && slot.running.is_none() && slot.look_at <= now {
                look.push(id.clone());
            } else if slot.watches.iter().flat_map(|watch| &watch.watchers).any(|waiting| waiting.until <= now) {
                over.push(id.clone());
            }
        }
        for id in look {
            self.look_again(&id, true, now, out);
        }
        for id in over {
            self.last_look(&id, now, out);
        }
    }

    /// Takes the next command of the order's queue, or lets the order idle.
    fn next(&mut self, id: &OrderId, now: Instant, out: &mut Vec<Output<W>>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        match slot.queue.pop_front() {
            Some((ask, waiting)) => {
                let mut waiters: Vec<_> = waiting.into_iter().collect();
                // The same request from further back joins right away.
                let mut rest = VecDeque::with_capacity(slot.queue.len());
                for (other, waiting) in slot.queue.drain(..) {
                    if other.same_as(&ask) {
                        waiters.extend(waiting);
                    } else {
                        rest.push_back((other, waiting));
                    }
                }
                slot.queue = rest;
                slot.running = Some(Running { ask, waiters, reload: false, ended: false, parked_until: None });
                self.busy += 1;
                self.drive(id, now, out);
            }
            None => self.rest(id, now),
        }
    }

    fn rest(&mut self, id: &OrderId, now: Instant) {
        if let Some(slot) = self.slots.get(id).filter(|slot| slot.is_idle()) {
            self.idle.push_back((id.clone(), slot.used, now));
            self.forget_stale_entries();
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
        slot.driving = false; // whoever claims the order when its lease ends goes on with it
        self.actors -= 1;
        slot.deaths += 1;
        let Some(running) = &mut slot.running else {
            return self.rest(id, now); // it died idle, which counts too; the next command starts a fresh one
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
        let queued = std::mem::take(&mut slot.queue).into_iter().filter_map(|(_, waiting)| waiting);
        // Those who wait for its end, too: they would look for themselves, and risk an actor.
        let watching = std::mem::take(&mut slot.watches).into_iter().flat_map(|watch| watch.watchers);
        self.watched.remove(id);
        let verdict = Err(SubmitError::Internal(format!("order {id} killed {deaths} actors in a row")));
        reply_all(waiters.into_iter().chain(queued).chain(watching).collect(), &verdict, out);
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
                Some(until) if until <= now => self.drive(&id, now, out),
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
        if slot.used != stamp || !slot.is_idle() {
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

/// Who made the order, or the verb, hears its answer as the first; whoever joined, or came later, as a repeat.
fn reply_all<W>(waiters: Vec<Waiting<W>>, verdict: &SubmitResult, out: &mut Vec<Output<W>>) {
    for (index, Waiting { waiter, first, .. }) in waiters.into_iter().enumerate() {
        let mut verdict = verdict.clone();
        if let Ok(Reply::Final { replayed, .. }) = &mut verdict {
            *replayed = !first && (*replayed || index > 0);
        }
        out.push(Output::Reply { waiter, verdict });
    }
}

#[cfg(test)]
#[path = "shard_tests.rs"]
mod tests;
