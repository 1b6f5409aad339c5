//! The search: every moment that can follow upon a moment, breadth first, until no new one is found or one of them is
//! harm. Then it is asked of every moment whether the order's end is still within reach.

use std::time::Instant;

use counterfoil::engine::order::OrderOutput;
use counterfoil::engine::{Reply, SubmitError, SubmitResult};
use counterfoil::saga::{Action, CallKind, Capture, Plan, State};
use rustc_hash::FxHashMap;

use super::super::{Action8, Broken, CALLS, Held, Ledger, Said, contradicted, kind, number, overdone};
use crate::support::saga::Own;

use super::database::{Database, EMPTY, Turn, is_at_rest, words};
use super::instance::{Client8, Effect, EngineNo, FRESH, Hear, Instances};
use super::world::{At, Chance, Counts, Ledgers, Left, NOBODY, Numbers, Op, SAYS, Wait, Waits, World};

/// How far a search goes, and with whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    /// The steps of the order's own: one at most.
    pub(super) own: Own,
    pub(super) plan: Plan,
    pub(super) capture: Capture,
    /// Of each call, at most.
    pub(super) sends: u8,
    /// Whether what sends once more is not followed any further; else that send gets nowhere.
    pub(super) cuts: bool,
    /// By one client, at most: the first, and a repeat at whichever instance.
    pub(super) submits: u16,
    /// Of a process.
    pub(super) crashes: u16,
    /// Whether the crash may as well be that of the order's actor alone.
    pub(super) panics: bool,
    /// Claims of an order that somebody drives.
    pub(super) takeovers: u16,
    pub(super) cancels: u16,
    pub(super) expiries: u16,
    pub(super) broken: Broken,
}

/// What happens between two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// A client asks an instance.
    Client(u8, Client8),
    /// The store does what an instance asked.
    Store(u8),
    /// The store does what somebody asked who is gone.
    Orphan(u8),
    /// An instance hears from the store.
    Hear(u8),
    /// A call reaches its participant, who chooses among so many ways.
    Arrive(u8, u8, u8),
    /// The same, of a call that nobody waits for.
    Late(Action8, u8),
    /// An instance hears an answer.
    Answer(u8, u8),
    /// It waits no longer.
    Timeout(u8, u8),
    /// It claims the order.
    Claim(u8, Turn),
    /// Its process is killed.
    Crash(u8),
    /// The order's actor panics.
    Die(u8),
    /// It hears that the order ended.
    Ended(u8),
    ProviderExpires,
}

struct Next {
    step: Move,
    world: World,
    /// Whether the instances changed places.
    swapped: bool,
    harm: Option<String>,
}

/// What a search found.
pub(super) struct Found {
    pub(super) states: usize,
    /// Of one instance's memory.
    pub(super) instances: usize,
    /// Of the database.
    pub(super) rows: usize,
    pub(super) harm: Option<(String, Vec<String>)>,
    /// The way to a state from which no end is within reach.
    pub(super) stuck: Option<Vec<String>>,
    pub(super) seconds: f64,
}

pub(super) struct Search {
    bound: Bound,
    instances: Instances,
    database: Database,
    ledgers: Ledgers,
    /// Whether an instance takes no notice of any answer to a call.
    deaf: FxHashMap<(EngineNo, Action8, bool), bool>,
    /// Whether the last move was not followed, since it sends beyond the bound.
    cut: bool,
}

impl Search {
    pub(super) fn new(bound: Bound) -> Self {
        Self {
            bound,
            instances: Instances::new(bound.own, bound.plan, bound.capture),
            database: Database::new(bound.broken),
            ledgers: Ledgers::new(bound.broken),
            deaf: FxHashMap::default(),
            cut: false,
        }
    }

    fn first(&self) -> World {
        let Bound { submits, crashes, takeovers, cancels, expiries, .. } = self.bound;
        let manual = u16::from(self.bound.capture == Capture::Manual);
        let left = Left::default()
            .with(Chance::Submit, submits)
            .with(Chance::Crash, crashes)
            .with(Chance::Takeover, takeovers)
            .with(Chance::Cancel, cancels)
            .with(Chance::Capture, manual)
            .with(Chance::Expiry, expiries)
            .with(Chance::ProviderExpiry, manual);
        World {
            rows: EMPTY,
            owner: NOBODY,
            engines: [FRESH; 2],
            ops: [Op::None; 2],
            waits: [Waits::default(); 2],
            orphans: [None; 2],
            late: Counts::default(),
            sent: Counts::default(),
            ledger: 0,
            left,
        }
    }

    /// Goes on until nothing new is found, or harm.
    pub(super) fn run(mut self) -> Found {
        let began = Instant::now();
        let first = self.first();
        let mut worlds = vec![first];
        let mut numbers = Numbers::new();
        numbers.of(first.packed());
        // Where each state was first reached from, and by what.
        let mut came = vec![(0u32, Move::ProviderExpires, false)];
        // Where the states lead, and where in that list each one's begin.
        let (mut leads, mut begins) = (Vec::new(), Vec::new());
        let (mut next, mut cuts) = (Vec::new(), Vec::new());
        let mut harm = None;
        let mut at = 0;
        'search: while at < worlds.len() {
            let world = worlds[at];
            begins.push(leads.len());
            self.cut = false;
            self.moves(&world, &mut next);
            cuts.push(self.cut);
            for Next { step, world: after, swapped, harm: told } in next.drain(..) {
                let (number, is_new) = numbers.of(after.packed());
                leads.push(number);
                // A known state is no harm, but the way to it may be.
                let judged = is_new || world.rows != after.rows;
                if let Some(told) = told.or_else(|| if judged { self.harm(&world, &after) } else { None }) {
                    harm = Some((told, at as u32, step));
                    break 'search;
                }
                if is_new {
                    worlds.push(after);
                    came.push((at as u32, step, swapped));
                }
            }
            at += 1;
        }
        begins.push(leads.len());
        let stuck = if harm.is_none() { self.stuck(&worlds, &cuts, &leads, &begins) } else { None };
        let mut way = |to: u32, then: Option<Move>| self.way(&worlds, &came, to, then);
        let harm = harm.map(|(told, to, then)| (told, way(to, Some(then))));
        let stuck = stuck.map(|to| way(to, None));
        Found {
            states: worlds.len(),
            instances: self.instances.len(),
            rows: self.database.len(),
            harm,
            stuck,
            seconds: began.elapsed().as_secs_f64(),
        }
    }

    fn is_end(&self, world: &World) -> bool {
        let waiting = |engine| self.instances.waiting(engine) != 0;
        self.database.order(world.rows).is_some_and(|order| {
            is_at_rest(order) && !(order.state.is_terminal() && world.engines.into_iter().any(waiting))
        })
    }

    /// The first state from which no end is within reach.
    fn stuck(&self, worlds: &[World], cuts: &[bool], leads: &[u32], begins: &[usize]) -> Option<u32> {
        let ends = worlds.iter().zip(cuts);
        let mut reaches: Vec<bool> = ends.map(|(world, cut)| *cut || self.is_end(world)).collect();
        // States lead to later ones for the most part, so that a few rounds from behind settle all of them.
        let mut settled = false;
        while !settled {
            settled = true;
            for at in (0..worlds.len()).rev() {
                if !reaches[at] && leads[begins[at]..begins[at + 1]].iter().any(|&to| reaches[to as usize]) {
                    reaches[at] = true;
                    settled = false;
                }
            }
        }
        reaches.iter().position(|reaches| !reaches).map(|at| at as u32)
    }

    /// Every next world.
    fn moves(&mut self, world: &World, out: &mut Vec<Next>) {
        for who in 0..2 {
            self.clients(world, who, out);
            self.store(world, who, out);
            self.participants(world, who, out);
            self.sweeps(world, who, out);
            self.deaths(world, who, out);
        }
        for at in 0..2 {
            if let Some(asked) = world.orphans[at] {
                let mut next = *world;
                let (rows, told) = self.database.execute(world.rows, asked);
                next.rows = rows;
                if self.database.moved(told) {
                    next.owner = NOBODY;
                }
                next.orphans[at] = None;
                next.orphans.sort_unstable();
                self.push(Move::Orphan(at as u8), next, None, out);
            }
        }
        for call in 0..CALLS as Action8 {
            if world.late.is_empty() {
                break;
            }
            if world.late.of(call) > 0 {
                for way in 0..self.ledgers.serve(world.ledger, call).len() {
                    let (ledger, _) = self.ledgers.serve(world.ledger, call)[way];
                    let next = World { ledger, late: world.late.minus(call), ..*world };
                    self.push(Move::Late(call, way as u8), next, None, out);
                }
            }
        }
        if let Some(left) = world.left.take(Chance::ProviderExpiry)
            && self.ledgers.get(world.ledger).authorize == Held::Done
        {
            let ledger = Ledger { dead: true, ..*self.ledgers.get(world.ledger) };
            let ledger = self.ledgers.intern(ledger);
            self.push(Move::ProviderExpires, World { ledger, left, ..*world }, None, out);
        }
    }

    /// A next world, in the form that stands for all that cannot be told from it.
    fn push(&mut self, step: Move, mut world: World, mut harm: Option<String>, out: &mut Vec<Next>) {
        for who in 0..2 {
            if let Op::Asked(asked) = world.ops[who]
                && self.database.is_lost(world.rows, asked)
            {
                world.ops[who] = Op::None;
                let (_, told) = self.database.execute(world.rows, asked);
                if !self.hear(&mut world, who, Hear::Store(told), &mut harm) {
                    return;
                }
            }
        }
        self.settle(&mut world);
        let swapped = world.sort();
        out.push(Next { step, world, swapped, harm });
    }

    /// Takes what nobody can see: see the head of `engine.rs`.
    fn settle(&mut self, world: &mut World) {
        for who in 0..2 {
            if world.waits[who].is_empty() {
                continue;
            }
            let mut waits = Waits::default();
            for at in 0..Waits::PLACES {
                let Some(mut wait) = world.waits[who].get(at) else { continue };
                let inert = if wait.looks { None } else { self.ledgers.inert(world.ledger, wait.call) };
                if let (At::Way, Some(said)) = (wait.at, inert) {
                    wait.at = At::Back(said);
                }
                if self.database.is_over(world.rows, wait.call) && self.is_deaf(world.engines[who], wait) {
                    if wait.at == At::Way && !wait.looks {
                        world.late = world.late.plus(wait.call).expect("no more calls are late than were sent");
                    }
                    continue;
                }
                waits.put(wait);
            }
            world.waits[who] = waits;
        }
        if world.orphans != [None; 2] {
            let lost = |orphan: Option<u16>| orphan.filter(|asked| !self.database.is_lost(world.rows, *asked));
            world.orphans = world.orphans.map(lost);
            world.orphans.sort_unstable();
        }
        let settled = self.ledgers.all_inert(world.ledger).1;
        world.late = world.late.without(settled);
        world.sent = world.sent.without(if self.bound.cuts { self.database.all_over(world.rows) } else { settled });
        if !self.database.is_held(world.rows) {
            world.owner = NOBODY;
        }
        if let Some(order) = self.database.order(world.rows) {
            if order.state.is_terminal() {
                world.left = world.left.without(Chance::Takeover).without(Chance::Expiry);
            }
            if self.database.is_over(world.rows, number(Action::Capture.into())) {
                world.left = world.left.without(Chance::Capture);
            }
        }
        let ledger = self.ledgers.get(world.ledger);
        if ledger.dead || ledger.capture != Held::Nothing {
            world.left = world.left.without(Chance::ProviderExpiry);
        }
    }

    /// Whether no answer that it waits for would change anything.
    fn is_deaf(&mut self, engine: EngineNo, wait: Wait) -> bool {
        let key = (engine, wait.call, wait.looks);
        if let Some(&known) = self.deaf.get(&key) {
            return known;
        }
        let deaf = SAYS.into_iter().all(|said| {
            let hear = if wait.looks { Hear::Found(wait.call, said) } else { Hear::Answer(wait.call, said) };
            let (after, effects) = self.instances.hear(engine, hear, &mut self.database);
            after == engine && self.instances.effects(effects).is_empty()
        });
        self.deaf.insert(key, deaf);
        deaf
    }

    fn clients(&mut self, world: &World, who: usize, out: &mut Vec<Next>) {
        let asked = self.bound.submits - world.left.of(Chance::Submit);
        let state = self.database.order(world.rows).map(|order| order.state);
        for (client, chance, may) in [
            (Client8::Submit, Chance::Submit, asked > 0 || who == 0),
            (Client8::Cancel, Chance::Cancel, asked > 0),
            (Client8::Capture, Chance::Capture, state == Some(State::PaymentAuthorized)),
        ] {
            if let Some(left) = world.left.take(chance).filter(|_| may) {
                self.heard(World { left, ..*world }, who, Hear::Client(client), Move::Client(who as u8, client), out);
            }
        }
        let engine = world.engines[who];
        let waits = self.instances.waiting(engine) != 0 && world.ops[who] == Op::None;
        let answered = waits && self.database.order(world.rows).is_some_and(|order| order.answer.is_some());
        if answered {
            self.heard(*world, who, Hear::Ended, Move::Ended(who as u8), out);
        }
    }

    fn store(&mut self, world: &World, who: usize, out: &mut Vec<Next>) {
        let mut next = *world;
        next.ops[who] = Op::None;
        match world.ops[who] {
            Op::None => {}
            Op::Asked(asked) => {
                let (rows, told) = self.database.execute(world.rows, asked);
                next.rows = rows;
                if self.database.moved(told) {
                    next.owner = who as u8;
                }
                self.heard(next, who, Hear::Store(told), Move::Store(who as u8), out);
            }
            Op::Told(told) => self.heard(next, who, Hear::Store(told), Move::Hear(who as u8), out),
        }
    }

    fn participants(&mut self, world: &World, who: usize, out: &mut Vec<Next>) {
        for at in 0..Waits::PLACES {
            let Some(wait) = world.waits[who].get(at) else { continue };
            let (me, slot) = (who as u8, at as u8);
            let mut silent = *world;
            silent.waits[who].take(at);
            let hear = |said| if wait.looks { Hear::Found(wait.call, said) } else { Hear::Answer(wait.call, said) };
            if let At::Back(said) = wait.at {
                self.heard(silent, who, hear(said), Move::Answer(me, slot), out);
                if said == Said::Unknown {
                    continue; // a timeout is heard as the same
                }
            }
            if wait.at == At::Way && wait.looks {
                if let Some(said) = self.ledgers.look_up(world.ledger, wait.call) {
                    self.arrived(*world, who, at, wait, said, Move::Arrive(me, slot, 0), out);
                }
            } else if wait.at == At::Way {
                for way in 0..self.ledgers.serve(world.ledger, wait.call).len() {
                    let (ledger, said) = self.ledgers.serve(world.ledger, wait.call)[way];
                    let world = World { ledger, ..*world };
                    self.arrived(world, who, at, wait, said, Move::Arrive(me, slot, way as u8), out);
                }
                silent.late = silent.late.plus(wait.call).expect("no more calls are late than were sent");
            }
            let refused = self.bound.broken == Broken::Unknown && !wait.looks && is_step(kind(wait.call));
            let said = if refused { Said::Refused } else { Said::Unknown };
            self.heard(silent, who, hear(said), Move::Timeout(me, slot), out);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a move is made of")]
    fn arrived(
        &mut self,
        mut to: World,
        who: usize,
        at: usize,
        wait: Wait,
        said: Said,
        step: Move,
        out: &mut Vec<Next>,
    ) {
        to.waits[who].take(at);
        to.waits[who].put(Wait { at: At::Back(said), ..wait });
        self.push(step, to, None, out);
    }

    fn sweeps(&mut self, world: &World, who: usize, out: &mut Vec<Next>) {
        if self.bound.broken == Broken::Sweep {
            return;
        }
        for turn in [Turn::Due, Turn::Expired] {
            if !self.database.comes(world.rows, turn) {
                continue;
            }
            let mut left = Some(world.left);
            if turn == Turn::Expired {
                left = left.and_then(|left| left.take(Chance::Expiry));
            }
            if self.is_driven(world) {
                left = left.and_then(|left| left.take(Chance::Takeover));
            }
            let Some(left) = left else { continue };
            if let Some((rows, attempts, expired)) = self.database.claim(world.rows, turn) {
                let next = World { rows, left, owner: who as u8, ..*world };
                self.heard(next, who, Hear::Claimed { attempts, expired }, Move::Claim(who as u8, turn), out);
            }
        }
    }

    /// Whether whoever holds the lease still has something on its way.
    fn is_driven(&self, world: &World) -> bool {
        let who = usize::from(world.owner);
        world.owner != NOBODY && (world.ops[who] != Op::None || !world.waits[who].is_empty())
    }

    /// What it asked for goes on without it.
    fn deaths(&mut self, world: &World, who: usize, out: &mut Vec<Next>) {
        let Some(left) = world.left.take(Chance::Crash) else { return };
        if world.engines[who] == FRESH {
            return;
        }
        let mut next = World { left, ..*world };
        self.orphan(&mut next, who);
        if next.owner == who as u8 {
            next.owner = NOBODY;
        }
        if self.bound.panics && self.instances.has_actor(world.engines[who]) {
            self.heard(next, who, Hear::Died, Move::Die(who as u8), out);
        }
        next.engines[who] = FRESH;
        self.push(Move::Crash(who as u8), next, None, out);
    }

    fn orphan(&self, world: &mut World, who: usize) {
        if let Op::Asked(asked) = world.ops[who]
            && self.database.outlives(asked)
        {
            assert!(world.orphan(asked), "one death leaves one write behind");
        }
        world.ops[who] = Op::None;
        for wait in (0..Waits::PLACES).filter_map(|at| world.waits[who].get(at)) {
            if wait.at == At::Way && !wait.looks {
                world.late = world.late.plus(wait.call).expect("no more calls are late than were sent");
            }
        }
        world.waits[who] = Waits::default();
    }

    /// An instance hears something, and acts.
    fn heard(&mut self, mut world: World, who: usize, hear: Hear, step: Move, out: &mut Vec<Next>) {
        let (before, mut harm) = (world, None);
        if self.hear(&mut world, who, hear, &mut harm) && (world != before || !matches!(step, Move::Ended(_))) {
            self.push(step, world, harm, out);
        }
    }

    /// The same. What it reads then, it reads at once: only between a claim and its reading something may happen.
    fn hear(&mut self, world: &mut World, who: usize, hear: Hear, harm: &mut Option<String>) -> bool {
        let mut next = Some(hear);
        while let Some(hear) = next.take() {
            let (engine, effects) = self.instances.hear(world.engines[who], hear, &mut self.database);
            world.engines[who] = engine;
            for at in 0..self.instances.effects(effects).len() {
                if !self.act(world, who, effects, at, harm) {
                    return false;
                }
            }
            let claimed = matches!(hear, Hear::Claimed { .. });
            if let Op::Asked(asked) = world.ops[who]
                && !claimed
                && self.database.reads(asked)
            {
                world.ops[who] = Op::None;
                next = Some(Hear::Store(self.database.execute(world.rows, asked).1));
            }
        }
        true
    }

    /// One thing that an instance does; `false` where the search does not follow it any further.
    fn act(&mut self, world: &mut World, who: usize, effects: u32, at: usize, harm: &mut Option<String>) -> bool {
        match &self.instances.effects(effects)[at] {
            Effect::Store(asked) => {
                assert_eq!(world.ops[who], Op::None, "one thing at a time is before the store");
                world.ops[who] = Op::Asked(*asked);
                let asked = *asked;
                let first = matches!(self.bound.broken, Broken::Intent | Broken::Reply);
                return !first || self.act_first(world, who, asked);
            }
            Effect::Call(call) => {
                // What changes nothing any more may be sent as often as anybody likes.
                let inert = !self.bound.cuts && self.ledgers.inert(world.ledger, *call).is_some();
                let reaches = inert || world.sent.of(*call) < self.bound.sends;
                if !reaches && self.bound.cuts {
                    self.cut = true;
                    return false;
                }
                let at = if reaches { At::Way } else { At::Lost };
                world.waits[who].put(Wait { call: *call, looks: false, at });
                if reaches && !inert {
                    world.sent = world.sent.plus(*call).expect("a small bound");
                }
            }
            Effect::LookUp(call) => world.waits[who].put(Wait { call: *call, looks: true, at: At::Way }),
            Effect::Reply(client, verdict) => {
                let told = self.misled(world, *client, verdict);
                *harm = harm.take().or(told);
            }
            Effect::Stopped => self.orphan(world, who),
        }
        true
    }

    /// As if an instance took a write for stored before it is; `false` where too many such writes are on their way.
    fn act_first(&mut self, world: &mut World, who: usize, asked: u16) -> bool {
        let OrderOutput::Commit(write) = self.database.asked(asked) else { return true };
        if write.places() {
            return true;
        }
        let stored = counterfoil::ports::Committed::Stored(write.txn.clone());
        let told = self.database.tell(counterfoil::engine::order::OrderInput::Committed(Ok(stored)));
        world.ops[who] = Op::Told(told);
        world.orphan(asked)
    }

    /// How what a client hears is not what is stored.
    fn misled(&self, world: &World, client: Client8, verdict: &SubmitResult) -> Option<String> {
        if !matches!(self.bound.broken, Broken::Nothing | Broken::Reply) {
            return None; // what is looked for is what money, parcel and stock come to
        }
        match verdict {
            Ok(Reply::Final { answer, .. }) if self.database.is_answer(world.rows, client, answer) => None,
            Err(SubmitError::NotFound { .. }) if client != Client8::Submit => None,
            Err(SubmitError::Unavailable(_)) => None, // the order kept changing: the client asks again
            other => Some(format!("a client's {client:?} hears what is not stored: {other:?}")),
        }
    }

    /// What is wrong with a world, given the one before it.
    fn harm(&mut self, before: &World, world: &World) -> Option<String> {
        if before.rows == world.rows && before.ledger == world.ledger {
            return None;
        }
        let ledger = self.ledgers.get(world.ledger);
        let told = match self.database.order(world.rows) {
            Some(order) => contradicted(order, ledger),
            None => (ledger.charges > 0).then_some("charged for an order that is not stored"),
        };
        let told = overdone(ledger).or(told).map(str::to_owned);
        told.or_else(|| self.database.wrong(before.rows, world.rows))
    }

    /// In words, the shortest way to a state, and what happens then.
    fn way(&mut self, worlds: &[World], came: &[(u32, Move, bool)], mut to: u32, then: Option<Move>) -> Vec<String> {
        let mut steps: Vec<_> = then.into_iter().map(|then| (to, then, false)).collect();
        while to != 0 {
            steps.push(came[to as usize]);
            to = came[to as usize].0;
        }
        let mut names = ["A", "B"];
        let mut words = Vec::new();
        for (from, step, swapped) in steps.into_iter().rev() {
            words.push(self.told(&worlds[from as usize], step, names));
            if swapped {
                names.swap(0, 1);
            }
        }
        words
    }

    fn told(&mut self, world: &World, step: Move, names: [&str; 2]) -> String {
        let name = |who: u8| names[usize::from(who)];
        let wait = |who: u8, slot: u8| {
            let wait = world.waits[usize::from(who)].get(usize::from(slot)).expect("it is waited for");
            (if wait.looks { format!("question about {}", kind(wait.call)) } else { kind(wait.call).to_string() }, wait)
        };
        match step {
            Move::Client(who, client) => format!("a client's {client:?} at {}", name(who)),
            Move::Store(who) => {
                let Op::Asked(asked) = world.ops[usize::from(who)] else { return String::new() };
                let (_, told) = self.database.execute(world.rows, asked);
                format!("{}'s {}", name(who), words(self.database.asked(asked), self.database.told(told)))
            }
            Move::Orphan(at) => {
                let Some(asked) = world.orphans[usize::from(at)] else { return String::new() };
                let (_, told) = self.database.execute(world.rows, asked);
                format!("what was asked for goes on: {}", words(self.database.asked(asked), self.database.told(told)))
            }
            Move::Hear(who) => format!("{} hears of it", name(who)),
            Move::Arrive(who, slot, way) => {
                let (call, wait) = wait(who, slot);
                let said = if wait.looks {
                    self.ledgers.look_up(world.ledger, wait.call)
                } else {
                    self.ledgers.serve(world.ledger, wait.call).get(usize::from(way)).map(|(_, said)| *said)
                };
                format!("{}'s {call} arrives: {said:?}", name(who))
            }
            Move::Late(call, way) => {
                let said = self.ledgers.serve(world.ledger, call)[usize::from(way)].1;
                format!("a late {} arrives: {said:?}", kind(call))
            }
            Move::Answer(who, slot) => format!("{} hears the answer to its {}", name(who), wait(who, slot).0),
            Move::Timeout(who, slot) => format!("{} waits no longer for its {}", name(who), wait(who, slot).0),
            Move::Claim(who, turn) => format!("{} claims the order, {turn:?}", name(who)),
            Move::Crash(who) => format!("{} crashes", name(who)),
            Move::Die(who) => format!("the order's actor at {} dies", name(who)),
            Move::Ended(who) => format!("{} is told that the order has its answer", name(who)),
            Move::ProviderExpires => "the authorisation expires at the provider".into(),
        }
    }
}

fn is_step(call: CallKind) -> bool {
    match call {
        CallKind::Act(Action::Reserve | Action::Charge | Action::Authorize | Action::Capture | Action::Ship) => true,
        CallKind::Act(
            Action::Release | Action::Void | Action::Refund | Action::CancelShipment | Action::Run | Action::Undo,
        )
        | CallKind::LookUp => false,
    }
}
