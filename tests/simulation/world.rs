//! Two engines on one store, their clients, and what goes wrong between them. One step is one thing that happens; what
//! happens is chance from the seed.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::{self, Heard, OrderCore, Step};
use counterfoil::engine::shard::{Input, Output, ShardCore, ShardSettings};
use counterfoil::engine::{Reply, Verdict};
use counterfoil::participants::local::Local;
use counterfoil::ports::{CommitError, CommitResult, Committed, Guard, Pursuit, StoreError, Write};
use counterfoil::saga::leg::{self, LocalParticipants, StockVerdict};
use counterfoil::saga::{Command, OrderId, Sku, Timestamp};
use counterfoil::store::model::ModelStore;
use counterfoil::telemetry::RestartCause;

use super::clients::{self, Phase, Task, repeats};
use super::judge::{Judge, Violation};
use super::mail::{Letter, Mail, Route};
use super::rng::Rng;
use super::{Chaos, Mutation};

const ENGINES: usize = 2;
const TRACE: usize = 80;
const TICK: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(2);
const PURSUIT: Pursuit = Pursuit {
    node: uuid::Uuid::nil(),
    lease: Duration::from_secs(10),
    reservation_ttl: Duration::from_secs(900),
    authorized_ttl: Duration::from_secs(7 * 24 * 3_600),
    fresh_intent: false,
};

struct EngineSim {
    core: ShardCore<usize>,
    epoch: u64,
    /// The latest actor of each order, with its generation.
    children: BTreeMap<OrderId, (u64, u64)>,
    known: HashSet<Sku>,
}

struct ActorSim {
    engine: usize,
    epoch: u64,
    id: OrderId,
    generation: u64,
    core: OrderCore,
    /// What it is told until then waits in its mailbox.
    hangs_until: Instant,
}

/// Everything there is.
pub struct World {
    pub trace: VecDeque<String>,
    /// How often what happened: a simulation that never meets a danger proves nothing about it.
    pub marks: BTreeMap<&'static str, usize>,
    rng: Rng,
    chaos: Chaos,
    mutation: Mutation,
    now: Instant,
    next_tick: Instant,
    stamp: Timestamp,
    store: ModelStore,
    local: Arc<dyn LocalParticipants>,
    engines: Vec<EngineSim>,
    actors: BTreeMap<u64, ActorSim>,
    started: u64,
    mail: Mail,
    /// In the mailboxes of actors that hang, in order.
    held: Vec<(u64, Route, Letter)>,
    tasks: Vec<Task>,
    idle: BTreeSet<usize>,
    waiting: BTreeSet<usize>,
    waiters: Vec<usize>,
    judge: Judge,
}

fn shard() -> ShardCore<usize> {
    let passivate_after = Duration::from_millis(40);
    ShardCore::new(ShardSettings { residents: 8, passivate_after, max_deaths: 3 })
}

/// A verdict in a few words.
fn summary(verdict: &Verdict) -> String {
    match verdict {
        Ok(Reply::Final { answer, replayed, .. }) => {
            format!("{}{}", answer.status, if *replayed { " again" } else { "" })
        }
        Ok(Reply::Running { state, .. }) => format!("{state}"),
        Err(error) => error.to_string(),
    }
}

impl World {
    pub fn new(seed: u64, orders: usize, chaos: Chaos, mutation: Mutation) -> Self {
        let (mut rng, now) = (Rng::new(seed), Instant::now()); // only differences of it are ever looked at
        let tasks = clients::tasks(orders, now, &mut rng);
        let engine = || EngineSim { core: shard(), epoch: 0, children: BTreeMap::new(), known: HashSet::new() };
        let store = ModelStore::default();
        for (sku, on_hand) in clients::STOCKED {
            super::stock(&store, sku, on_hand);
        }
        Self {
            trace: VecDeque::new(),
            marks: BTreeMap::new(),
            rng,
            chaos,
            mutation,
            now,
            next_tick: now,
            stamp: Timestamp(1_700_000_000_000_000),
            store,
            local: Arc::new(Local { test_tokens: true, ..Local::default() }),
            engines: (0..ENGINES).map(|_| engine()).collect(),
            actors: BTreeMap::new(),
            started: 0,
            mail: Mail::default(),
            held: Vec::new(),
            idle: (0..tasks.len()).collect(),
            tasks,
            waiting: BTreeSet::new(),
            waiters: Vec::new(),
            judge: Judge::default(),
        }
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if self.trace.len() == TRACE {
            self.trace.pop_front();
        }
        self.trace.push_back(what());
    }

    fn mark(&mut self, what: &'static str) {
        *self.marks.entry(what).or_default() += 1;
    }

    /// Harm first, then none: all must end well.
    pub fn run(&mut self) -> Result<(), Violation> {
        let harm = self.tasks.len() * 25;
        let mut left = harm * 20;
        while !(self.idle.is_empty() && self.waiting.is_empty()) {
            if left == harm * 19 {
                self.note(|| "healed".into());
                self.chaos = Chaos::NONE;
            }
            left = left.checked_sub(1).ok_or_else(|| self.stuck())?;
            self.step()?;
        }
        self.chaos = Chaos::NONE;
        self.pass(PATIENCE);
        self.wake()?;
        while let Some((route, letter)) = self.mail.next(&mut self.rng) {
            self.deliver(route, letter)?; // what is still under way changes nothing
        }
        self.judge.end(&self.store)
    }

    fn stuck(&self) -> Violation {
        let names = self.idle.iter().chain(&self.waiting).map(|&task| self.tasks[task].prepared.id.as_str());
        format!("no answer, although nothing goes wrong any more: {}", names.collect::<Vec<_>>().join(", "))
    }

    fn step(&mut self) -> Result<(), Violation> {
        let passed = self.rng.below(200) as u64;
        self.pass(Duration::from_micros(passed));
        self.strike();
        if self.now >= self.next_tick {
            self.tick();
            self.wake()?;
        }
        if self.rng.one_in(4) && self.ask() {
            return Ok(());
        }
        if let Some((route, letter)) = self.mail.next(&mut self.rng) {
            return self.deliver(route, letter);
        }
        if !self.ask() {
            self.pass(TICK);
        }
        Ok(())
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.stamp.0 += i64::try_from(time.as_micros()).expect("a short time");
    }

    fn tick(&mut self) {
        self.next_tick = self.now + TICK;
        for engine in 0..ENGINES {
            self.shard(engine, Input::Tick);
        }
        let impatient = |task: &usize| match self.tasks[*task].phase {
            Phase::Waiting { since, .. } => self.now.duration_since(since) > PATIENCE,
            Phase::Idle(_) | Phase::Done => false,
        };
        let gone: Vec<usize> = self.waiting.iter().copied().filter(impatient).collect();
        gone.into_iter().for_each(|task| self.retry(task));
    }

    /// A client asks, or asks again.
    fn ask(&mut self) -> bool {
        let ready = |task: &usize| matches!(self.tasks[*task].phase, Phase::Idle(since) if since <= self.now);
        let ready: Vec<usize> = self.idle.iter().copied().filter(ready).take(16).collect();
        if ready.is_empty() {
            return false;
        }
        let (task, engine) = (*self.rng.pick(&ready), self.rng.below(ENGINES));
        let waiter = self.waiters.len();
        self.waiters.push(task);
        self.idle.remove(&task);
        self.waiting.insert(task);
        self.tasks[task].phase = Phase::Waiting { engine, waiter, since: self.now };
        let prepared = Arc::clone(&self.tasks[task].prepared);
        self.note(|| format!("waiter {waiter} asks engine {engine} for {}", prepared.id));
        let input = Input::Submit { prepared, waiter };
        let letter = Letter::Shard { engine, epoch: self.engines[engine].epoch, input };
        self.mail.send(Route::Submission { task, engine }, letter);
        true
    }

    fn retry(&mut self, task: usize) {
        let tries = &mut self.tasks[task].tries;
        *tries += 1;
        let pause = Duration::from_millis(u64::from(10 * (*tries).min(100)));
        self.tasks[task].phase = Phase::Idle(self.now + pause);
        self.waiting.remove(&task);
        self.idle.insert(task);
    }

    /// Something goes wrong that nobody did.
    fn strike(&mut self) {
        if self.rng.one_in(self.chaos.actor_crash)
            && let Some(actor) = self.any_actor()
        {
            self.crash(actor);
        }
        if self.rng.one_in(self.chaos.actor_hang)
            && let Some(actor) = self.any_actor()
        {
            self.hang(actor);
        }
        if self.rng.one_in(self.chaos.shard_crash) {
            let engine = self.rng.below(ENGINES);
            self.crash_shard(engine);
        }
    }

    fn any_actor(&mut self) -> Option<u64> {
        let from = self.rng.below(usize::try_from(self.started).expect("few actors") + 1) as u64;
        self.actors.range(from..).chain(self.actors.range(..from)).map(|(number, _)| *number).next()
    }

    /// A panic: its mailbox is lost, its shard is told. What it asked of the store goes on.
    fn crash(&mut self, number: u64) {
        let Some(actor) = self.actors.remove(&number) else { return };
        self.note(|| format!("actor {number} of {} dies", actor.id));
        self.mark("actors that died");
        self.report_death(number, &actor, RestartCause::Panic);
    }

    /// Its shard takes it for dead; it is not, and goes on later.
    fn hang(&mut self, number: u64) {
        let Some(mut actor) = self.actors.remove(&number) else { return };
        self.note(|| format!("actor {number} of {} hangs", actor.id));
        self.mark("actors that hung");
        let pause = self.rng.below(150) as u64;
        actor.hangs_until = actor.hangs_until.max(self.now + Duration::from_millis(pause));
        self.report_death(number, &actor, RestartCause::Hang);
        self.actors.insert(number, actor);
    }

    fn report_death(&mut self, number: u64, actor: &ActorSim, cause: RestartCause) {
        let input = Input::Died { id: actor.id.clone(), generation: actor.generation, cause };
        let letter = Letter::Shard { engine: actor.engine, epoch: actor.epoch, input };
        self.mail.send(Route::Report { actor: number }, letter);
    }

    /// All who wait lose their answer; its actors live on with nobody to report to.
    fn crash_shard(&mut self, number: usize) {
        self.note(|| format!("the shard of engine {number} dies"));
        self.mark("shards that died");
        let engine = &mut self.engines[number];
        engine.core = shard();
        engine.epoch += 1;
        engine.children.clear();
        let bereft =
            |task: &usize| matches!(self.tasks[*task].phase, Phase::Waiting { engine, .. } if engine == number);
        let bereft: Vec<usize> = self.waiting.iter().copied().filter(bereft).collect();
        bereft.into_iter().for_each(|task| self.retry(task));
    }

    /// What the actors hear that hung, and hang no longer.
    fn wake(&mut self) -> Result<(), Violation> {
        for (actor, route, letter) in std::mem::take(&mut self.held) {
            if self.actors.get(&actor).is_some_and(|found| found.hangs_until > self.now) {
                self.held.push((actor, route, letter));
            } else {
                self.deliver(route, letter)?; // its others are behind it
            }
        }
        Ok(())
    }

    /// It hangs, or has not heard yet what it was told while it did.
    fn hangs(&self, actor: u64) -> bool {
        let behind = || self.held.iter().any(|(held, ..)| *held == actor);
        self.actors.get(&actor).is_some_and(|found| found.hangs_until > self.now || behind())
    }

    fn deliver(&mut self, route: Route, letter: Letter) -> Result<(), Violation> {
        match (&route, &letter) {
            (Route::Order { actor }, _) | (_, Letter::Tell { actor, .. }) if self.hangs(*actor) => {
                self.held.push((*actor, route, letter));
                return Ok(());
            }
            _ => {}
        }
        match (route, letter) {
            (_, Letter::Shard { engine, epoch, input }) => {
                if self.engines[engine].epoch == epoch {
                    self.shard(engine, input);
                }
            }
            (Route::Order { actor }, Letter::Deliver(prepared)) => self.hear(actor, Heard::Submit(prepared)),
            (Route::Order { actor }, Letter::Retire) => drop(self.actors.remove(&actor)),
            (_, Letter::Ask { actor, step }) => return self.asked(actor, step),
            (_, Letter::Tell { actor, heard, echo }) => {
                self.hear(actor, heard);
                if let Some(echo) = echo {
                    self.hear(actor, echo);
                }
            }
            (_, Letter::Reply { waiter, verdict }) => return self.reply(waiter, &verdict),
            (_, Letter::Deliver(_) | Letter::Retire) => unreachable!("actors are reached by their own routes"),
        }
        Ok(())
    }

    fn reply(&mut self, waiter: usize, verdict: &Verdict) -> Result<(), Violation> {
        let task = self.waiters[waiter];
        self.mark("replies");
        let prepared = Arc::clone(&self.tasks[task].prepared);
        self.note(|| format!("waiter {waiter} of {} hears {}", prepared.id, summary(verdict)));
        self.judge.told(&self.store, &prepared, verdict)?;
        let current = matches!(self.tasks[task].phase, Phase::Waiting { waiter: latest, .. } if latest == waiter);
        match (current, repeats(verdict)) {
            (true, true) => self.retry(task),
            (true, false) => {
                self.tasks[task].phase = Phase::Done;
                self.waiting.remove(&task);
            }
            (false, _) => self.mark("late replies"), // it asked anew meanwhile, or gave up: what it is told now must be true all the same
        }
        Ok(())
    }

    fn shard(&mut self, number: usize, mut input: Input<usize>) {
        let engine = &mut self.engines[number];
        match &mut input {
            Input::Died { id, generation, .. } => {
                if let Some((_, actor)) = engine.children.get(id).copied().filter(|(g, _)| g == generation) {
                    engine.children.remove(id);
                    self.mail.send(Route::Order { actor }, Letter::Retire);
                }
            }
            Input::Answered { id, generation, .. } if self.mutation == Mutation::ForgetsGenerations => {
                *generation = engine.children.get(id).map_or(*generation, |(latest, _)| *latest);
            }
            Input::Submit { .. } | Input::Answered { .. } | Input::Tick => {}
        }
        let mut outputs = Vec::new();
        engine.core.step(input, self.now, &mut outputs);
        outputs.into_iter().for_each(|output| self.perform(number, output));
    }

    fn perform(&mut self, number: usize, output: Output<usize>) {
        let engine = &mut self.engines[number];
        match output {
            Output::Start { id, generation, rehydrate } => {
                self.started += 1;
                engine.children.insert(id.clone(), (generation, self.started));
                let core = OrderCore::new(id.clone(), rehydrate);
                let (epoch, hangs_until) = (engine.epoch, self.now);
                let actor = ActorSim { engine: number, epoch, id, generation, core, hangs_until };
                self.actors.insert(self.started, actor);
            }
            Output::Deliver { id, generation, prepared } => {
                if let Some((_, actor)) = engine.children.get(&id).filter(|(latest, _)| *latest == generation) {
                    self.mail.send(Route::Order { actor: *actor }, Letter::Deliver(prepared));
                }
            }
            Output::Stop { id } => {
                if let Some((_, actor)) = engine.children.remove(&id) {
                    self.mail.send(Route::Order { actor }, Letter::Retire);
                }
            }
            Output::Reply { waiter, verdict } => {
                self.mail.send(Route::Reply { waiter }, Letter::Reply { waiter, verdict });
            }
            Output::Quarantine { id, deaths } => self.flag(&id, deaths),
            Output::WakeAt(_) => {} // ticks are as frequent as that
        }
    }

    /// What the engine does for an order in quarantine that has a row.
    fn flag(&mut self, id: &OrderId, deaths: u32) {
        self.note(|| format!("{id} is quarantined"));
        self.mark("quarantines");
        let Some(stored) = self.store.find(id).filter(|stored| stored.order.attention.is_none()) else { return };
        let command = Arc::new(Command::Attention { reason: format!("its actor died {deaths} times in a row") });
        let order = &stored.order;
        let Ok(leg) = leg::run(Some(order), &command, self.stamp, &*self.local, StockVerdict::Assumed) else { return };
        let (guard, content) = (Guard::Version(order.version), Arc::new(order.request.stored()));
        let local = Arc::clone(&self.local);
        let write = Write {
            key: None,
            guard,
            leg,
            content,
            command,
            local,
            now: self.stamp,
            pursuit: PURSUIT,
            settled: Vec::new(),
            log: None,
        };
        self.mail.ask(None, Step::Commit(Box::new(write)));
    }

    fn hear(&mut self, number: u64, heard: Heard) {
        let Some(actor) = self.actors.get_mut(&number) else { return };
        let known = &self.engines[actor.engine].known;
        let knows_sku = |sku: &Sku| known.contains(sku);
        let world = order::World { now: self.stamp, local: &self.local, pursuit: &PURSUIT, knows_sku: &knows_sku };
        match actor.core.step(heard, &world) {
            None => {}
            Some(Step::Answer(verdict)) => {
                let input = Input::Answered { id: actor.id.clone(), generation: actor.generation, verdict };
                let letter = Letter::Shard { engine: actor.engine, epoch: actor.epoch, input };
                self.mail.send(Route::Report { actor: number }, letter);
            }
            Some(step) => self.mail.ask(Some(number), step),
        }
    }

    /// The store does what it is asked, or half of it, or nothing.
    fn asked(&mut self, actor: Option<u64>, step: Step) -> Result<(), Violation> {
        let away = || StoreError::Unavailable("simulated".into());
        let lost = self.rng.one_in(self.chaos.read_lost);
        let heard = match step {
            Step::Commit(write) => return self.commit(actor, *write),
            Step::Answer(_) => unreachable!("an answer goes to the shard"),
            Step::Bind(claim) => {
                let bound = self.store.bind(&claim); // it may take effect, and nobody hears of it
                Heard::Bound(if lost { Err(away()) } else { Ok(bound) })
            }
            Step::Load => {
                let id = actor.and_then(|actor| self.actors.get(&actor)).map(|actor| actor.id.clone());
                let Some(id) = id else { return Ok(()) };
                Heard::Loaded(if lost { Err(away()) } else { Ok(self.store.find(&id)) })
            }
            Step::FindKey(scope) => Heard::KeyFound(if lost { Err(away()) } else { Ok(self.store.binding(&scope)) }),
            Step::CheckSkus(skus) => Heard::SkusChecked(if lost { Err(away()) } else { Ok(self.learn(actor, &skus)) }),
        };
        if let Some(actor) = actor {
            self.mail.answer(actor, heard, None);
        }
        Ok(())
    }

    fn learn(&mut self, actor: Option<u64>, skus: &[Sku]) -> Vec<Sku> {
        let unknown = self.store.missing(skus);
        if let Some(actor) = actor.and_then(|actor| self.actors.get(&actor)) {
            let known = skus.iter().filter(|sku| !unknown.contains(*sku)).cloned();
            self.engines[actor.engine].known.extend(known);
        }
        unknown
    }

    fn commit(&mut self, actor: Option<u64>, mut write: Write) -> Result<(), Violation> {
        let id = write.order_id().clone();
        let away = || CommitError::Unavailable("simulated".into());
        let answer = if self.rng.one_in(self.chaos.commit_lost_before) {
            Err(away())
        } else if self.rng.one_in(self.chaos.commit_injected) {
            Err(CommitError::Injected { point: "simulated" })
        } else {
            if self.mutation == Mutation::DropsKeys {
                write.key = None;
            }
            let before = self.store.find(&id);
            // A write that is forgotten is judged as what it is, not stored, and told as what it is not: see `mutated`.
            let outcome = if self.mutation == Mutation::AnswersBeforeCommit && self.rng.one_in(20) {
                Ok(Committed::Stale)
            } else {
                self.store.apply(&write)
            };
            self.judge.wrote(&self.store, &id, before, &outcome)?;
            match &outcome {
                Ok(Committed::Stored(_)) => self.mark("orders stored"),
                Ok(Committed::Exists | Committed::Stale) => self.mark("guards that held"),
                Ok(Committed::KeyKnown) => self.mark("keys that were known"),
                Err(_) => self.mark("writes that the store refused"), // a SKU that was known is never gone
            }
            if self.rng.one_in(self.chaos.commit_lost_after) {
                self.mark("outcomes that were lost");
                Err(away())
            } else {
                self.mutated(outcome, &write)
            }
        };
        self.note(|| match &answer {
            Ok(Committed::Stored(leg)) => format!("{id}: stored as {}", leg.order.state),
            other => format!("{id}: {other:?}"),
        });
        let Some(actor) = actor else { return Ok(()) };
        let echo = self.echo(&answer);
        match echo {
            Some(echo) if self.mutation == Mutation::EchoesLate => {
                self.mail.answer(actor, Heard::Committed(answer), None);
                self.mail.answer(actor, echo, None);
            }
            echo => self.mail.answer(actor, Heard::Committed(answer), echo),
        }
        Ok(())
    }

    /// What a store says that does not keep its word.
    fn mutated(&self, outcome: CommitResult, write: &Write) -> CommitResult {
        match (self.mutation, outcome) {
            (Mutation::IgnoresAbsentGuard, Ok(Committed::Exists)) => Ok(Committed::Stored(Box::new(write.leg.clone()))),
            (Mutation::AnswersBeforeCommit, Ok(Committed::Stale)) => Ok(Committed::Stored(Box::new(write.leg.clone()))),
            (_, outcome) => outcome,
        }
    }

    /// A final outcome, said twice. A store says an outcome once (`Done` is `FnOnce`), so that an echo can come no
    /// later than with it; what a later one would do is shown by a mutation.
    fn echo(&mut self, answer: &CommitResult) -> Option<Heard> {
        let ends = matches!(answer, Ok(Committed::Stored(_)) | Err(CommitError::Unavailable(_)));
        (ends && self.rng.one_in(self.chaos.echo)).then(|| Heard::Committed(answer.clone()))
    }
}
