//! Two engines on one store, their clients, their operators, the participants, and what goes wrong between them. One
//! step is one thing that happens; what happens is chance from the seed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::Due;
use counterfoil::engine::shard::Input;
use counterfoil::engine::{Ask, Reply, SubmitError, SubmitResult, VerbRequest};
use counterfoil::limits;
use counterfoil::participants::local::Local;
use counterfoil::participants::steps::Along;
use counterfoil::ports::Store;
use counterfoil::saga::{LocalParticipants, Order, OrderId, StepName, Timestamp, decide, verb};
use counterfoil::store::model::ModelStore;
use futures_util::FutureExt;
use uuid::Uuid;

use super::calls::Away;
use super::chance::{Chance, Chaos, Choice, Fault, Turn};
use super::clients::{self, Phase, Task, repeats};
use super::coverage::{self, Coverage};
use super::engines::{ActorSim, EngineSim};
use super::judge::{self, Judge, Violation};
use super::mail::{Letter, Mail, Route};
use super::sinks::Sinks;
use super::{Conditions, Mutation, stock};
use crate::support::outside::Outside;

pub const ENGINES: usize = 2;
const TICK: Duration = Duration::from_millis(20);
const SWEEP: Duration = Duration::from_millis(50);
/// How long a client waits for an answer beyond what it asked the engine to wait.
const PATIENCE: Duration = Duration::from_secs(2);
/// For how long things go wrong.
const HARM: Duration = Duration::from_secs(8);
/// After which everybody must have an answer: far longer than any deadline, and than the pauses of the engine.
const END: Duration = Duration::from_secs(600);
/// How often an order that waits for a human is sent on its way again once nothing goes wrong any more.
const RESCUES: u32 = 4;

/// Everything there is.
pub struct World {
    /// The last steps, where they are to be told.
    pub trace: Option<Trace>,
    pub(super) coverage: Coverage,
    pub(super) chance: Chance,
    pub(super) chaos: Chaos,
    pub(super) conditions: Conditions,
    pub(super) mutation: Mutation,
    pub(super) began: Instant,
    pub(super) now: Instant,
    next_tick: Instant,
    next_sweep: Instant,
    healed: bool,
    /// Nothing goes wrong from the beginning.
    calm: bool,
    pub(super) store: ModelStore,
    pub(super) local: Arc<dyn LocalParticipants>,
    pub(super) outside: Outside,
    pub(super) away: Away,
    /// The keys of calls that their participants have accepted and not decided.
    pub(super) accepted: BTreeSet<Uuid>,
    pub(super) engines: Vec<EngineSim>,
    pub(super) actors: BTreeMap<u64, ActorSim>,
    pub(super) started: u64,
    pub(super) mail: Mail,
    /// In the mailboxes of actors that hang, in order.
    held: Vec<(u64, Route, Letter)>,
    pub(super) tasks: Vec<Task>,
    /// Who asks next, and when.
    idle: BTreeSet<(Instant, usize)>,
    /// Who asks once which task is done.
    behind: BTreeMap<usize, Vec<usize>>,
    waiting: BTreeSet<usize>,
    /// The task of each waiter, and the version that its order had when it asked, or when its patience ended.
    waiters: Vec<(usize, i32)>,
    /// When whose patience ends.
    patience: BTreeSet<(Instant, usize)>,
    /// Orders that are stored and not at their end.
    pub(super) open: BTreeSet<OrderId>,
    /// Orders that wait for a human.
    pub(super) attention: BTreeSet<OrderId>,
    /// How often a human came, since all is well.
    rescued: BTreeMap<OrderId, u32>,
    pub(super) judge: Judge,
    pub(super) sinks: Sinks,
    /// Who was told of an order anything but its final answer.
    unfinished: BTreeSet<OrderId>,
}

/// The tasks that wait for another one, by that.
fn behind(tasks: &[Task]) -> BTreeMap<usize, Vec<usize>> {
    let mut behind = BTreeMap::<usize, Vec<usize>>::new();
    for (task, one) in tasks.iter().enumerate() {
        if let Phase::After(other) = one.phase {
            behind.entry(other).or_default().push(task);
        }
    }
    behind
}

/// What happened, a line an event.
pub struct Trace(Vec<String>);

impl Trace {
    /// Of all that is to come.
    pub fn whole() -> Self {
        Self(Vec::new())
    }

    pub fn into_lines(self) -> Vec<String> {
        self.0
    }
}

/// A verdict in a few words.
fn summary(verdict: &SubmitResult) -> String {
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
        let (mut chance, now) = (Chance::new(seed), Instant::now()); // only differences of it are ever looked at
        let conditions = Conditions::of(seed);
        let tasks = clients::tasks(orders, now, seed);
        let store = ModelStore::default();
        for (sku, on_hand) in clients::STOCKED {
            stock(&store, sku, on_hand);
        }
        let skus = clients::STOCKED.map(|(sku, _)| sku);
        let outside = Outside::new(conditions.key_lifetime, conditions.provider_ttl, conditions.stock, &skus)
            .broken(mutation.outside());
        Self {
            trace: None,
            coverage: Coverage::default(),
            engines: (0..ENGINES).map(|_| EngineSim::new(chance.detail(), &conditions, &store)).collect(),
            chance,
            calm: chaos == Chaos::NONE,
            chaos,
            mutation,
            began: now,
            now,
            next_tick: now,
            next_sweep: now,
            healed: false,
            store,
            local: Arc::new(
                Along::new(Local { test_tokens: true, plan: conditions.plan }, conditions.own.saga(conditions.plan))
                    .with(StepName::parse("limit").expect("a name"), |_: &Order| Ok(None)),
            ),
            outside,
            away: Away::default(),
            accepted: BTreeSet::new(),
            actors: BTreeMap::new(),
            started: 0,
            mail: Mail::default(),
            held: Vec::new(),
            idle: tasks.iter().enumerate().filter_map(|(task, one)| Some((one.idle_until()?, task))).collect(),
            behind: behind(&tasks),
            tasks,
            waiting: BTreeSet::new(),
            waiters: Vec::new(),
            patience: BTreeSet::new(),
            open: BTreeSet::new(),
            attention: BTreeSet::new(),
            rescued: BTreeMap::new(),
            judge: Judge::new(mutation.breaks_rows()),
            sinks: Sinks::new(now),
            unfinished: BTreeSet::new(),
            conditions,
        }
    }

    pub(super) fn note(&mut self, what: impl FnOnce() -> String) {
        let Some(trace) = &mut self.trace else { return };
        let at = self.now.duration_since(self.began);
        trace.0.push(format!("{:>10.3?}  {}", at, what()));
    }

    pub(super) fn mark(&mut self, what: &'static str) {
        *self.coverage.marks.entry(what).or_default() += 1;
    }

    /// Goes by these requests alone, and by no other choices than these; what is chosen is recorded.
    pub fn follow(&mut self, tasks: &BTreeSet<usize>, only: Option<HashSet<Choice>>) {
        for task in (0..self.tasks.len()).filter(|task| !tasks.contains(task)) {
            self.idle.retain(|(_, idle)| *idle != task);
            self.behind.values_mut().for_each(|behind| behind.retain(|one| *one != task));
            self.tasks[task].phase = Phase::Done;
        }
        for task in (0..self.tasks.len()).filter(|task| !tasks.contains(task)) {
            self.done(task);
        }
        let unused = Chance::new(0);
        self.chance = std::mem::replace(&mut self.chance, unused).recorded(only);
    }

    /// What it came by.
    pub fn into_coverage(self) -> Coverage {
        let mut coverage = self.coverage;
        coverage.moves = self.judge.moves;
        coverage.strike(&self.chance.struck);
        coverage
    }

    /// Whether a fault strikes now.
    pub(super) fn befalls(&mut self, fault: Fault) -> bool {
        self.befalls_once_in(fault, self.chaos.often(fault))
    }

    pub(super) fn befalls_once_in(&mut self, fault: Fault, often: usize) -> bool {
        let strikes = self.chance.strikes(fault, often);
        if strikes {
            self.note(|| format!("! {fault}"));
        }
        strikes
    }

    pub(super) fn stamp(&self) -> Timestamp {
        self.store.now()
    }

    /// Harm first, then none: all must end well.
    pub fn run(&mut self) -> Result<(), Violation> {
        loop {
            let past = self.now.duration_since(self.began);
            if !self.healed && past > HARM {
                self.heal();
            }
            if self.all_done() {
                break;
            }
            if past > END {
                return Err(self.stuck());
            }
            self.step()?;
        }
        self.settle()?;
        self.tell_all()?;
        let asked: Vec<Arc<Ask>> = self.tasks.iter().map(|task| Arc::clone(&task.ask)).collect();
        self.judge.end(&self.store, &self.outside, &asked)?;
        self.calm_day()
    }

    fn heal(&mut self) {
        self.note(|| "healed".into());
        self.healed = true;
        self.chaos = Chaos::NONE;
        self.away = Away::default();
        (0..ENGINES).for_each(|engine| self.start_engine(engine));
    }

    /// Everybody has an answer, and every order ended, or waits for a human who cannot help.
    fn all_done(&self) -> bool {
        let given_up = |id: &OrderId| self.attention.contains(id) && self.rescues(id) >= RESCUES;
        self.open.iter().all(given_up) && self.unanswered().all(|task| given_up(self.tasks[task].ask.id()))
    }

    /// The tasks that have no answer.
    fn unanswered(&self) -> impl Iterator<Item = usize> + '_ {
        let idle = self.idle.iter().map(|(_, task)| *task);
        idle.chain(self.waiting.iter().copied()).chain(self.behind.values().flatten().copied())
    }

    fn stuck(&self) -> Violation {
        let names: BTreeSet<_> = self.unanswered().map(|task| self.tasks[task].ask.id()).collect();
        let open = |id: &OrderId| {
            let order = self.store.find(id).map(|stored| (stored.order.state, stored.order.attention));
            format!("{id}: {order:?}, {:?}", self.store.work(id))
        };
        let open: Vec<_> = self.open.iter().map(open).collect();
        format!("no end, although nothing goes wrong any more: {names:?} wait for {}", open.join("; "))
    }

    /// What is still under way changes nothing, and nothing is held for ever.
    fn settle(&mut self) -> Result<(), Violation> {
        self.chaos = Chaos::NONE;
        self.away = Away::default();
        (0..ENGINES).for_each(|engine| self.start_engine(engine));
        for task in self.unanswered().collect::<Vec<_>>() {
            self.tasks[task].phase = Phase::Done; // whose order waits for a human who cannot help
        }
        self.idle.clear();
        self.waiting.clear();
        self.behind.clear();
        let (quiet, end) = (self.now + self.conditions.lease, self.now + limits::QUARANTINE + PATIENCE);
        let held = |world: &Self| world.engines.iter().any(|engine| engine.core.orders() > 0) && world.now < end;
        while self.now < quiet || !self.mail.is_empty() || self.mail.next_at().is_some() || held(self) {
            self.step()?;
        }
        let held = self.engines.iter().find(|engine| engine.core.orders() > 0);
        held.map_or(Ok(()), |engine| {
            Err(format!("orders are held, though nobody asks for anything: {:?}", engine.core))
        })
    }

    /// Where nothing went wrong, whoever made an order heard so, unless it did not wait for that.
    fn calm_day(&self) -> Result<(), Violation> {
        let calm = self.calm && !self.mutation.breaks_rows();
        let unheard = |id: &OrderId| calm && !self.judge.has_first(id) && !self.unfinished.contains(id);
        let orders = self.store.orders().into_iter().map(|(stored, _)| stored.order);
        match orders.filter(|order| order.answer.is_some()).find(|order| unheard(&order.id)) {
            Some(order) => Err(format!("{}: nobody was told its answer as the first", order.id)),
            None => Ok(()),
        }
    }

    fn step(&mut self) -> Result<(), Violation> {
        let passed = self.chance.turn(Turn::Pass, 200).unwrap_or(100);
        self.pass(Duration::from_micros(passed as u64));
        self.lose_patience();
        self.strike()?;
        self.relay()?;
        if self.now >= self.next_sweep {
            self.next_sweep = self.now + SWEEP;
            self.sweep()?;
        }
        if self.now >= self.next_tick {
            self.tick();
            self.wake()?;
        }
        self.mail.collect(self.now);
        if self.chance.turn(Turn::Asks, 4) == Some(0) && self.ask() {
            return Ok(());
        }
        if let Some((route, letter)) = self.mail.next(&mut self.chance) {
            return self.deliver(route, letter);
        }
        if !self.ask() {
            self.idle_away();
        }
        Ok(())
    }

    /// Nothing is under way: time passes until something is.
    fn idle_away(&mut self) {
        let next = self.mail.next_at().into_iter().chain([self.next_tick, self.next_sweep]).min();
        let span = next.map_or(TICK, |at| at.saturating_duration_since(self.now));
        self.pass(span.min(SWEEP));
        self.rescue();
    }

    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.store.advance(time);
    }

    fn tick(&mut self) {
        self.next_tick = self.now + TICK;
        for engine in 0..ENGINES {
            self.hear_of_ends(engine);
            self.shard(engine, Input::Tick);
        }
        let impatient = |task: &usize| match self.tasks[*task].phase {
            Phase::Waiting { since, .. } => self.now.duration_since(since) > PATIENCE + self.tasks[*task].wait,
            Phase::After(_) | Phase::Idle(_) | Phase::Done => false,
        };
        let gone: Vec<usize> = self.waiting.iter().copied().filter(impatient).collect();
        gone.into_iter().for_each(|task| self.retry(task));
    }

    /// Each engine that is up claims what is due.
    fn sweep(&mut self) -> Result<(), Violation> {
        for number in 0..ENGINES {
            if !self.engines[number].is_up {
                continue;
            }
            let node = self.engines[number].node;
            let suspects: Vec<OrderId> = self.open.iter().filter(|id| self.is_hopeless(id)).cloned().collect();
            let before: Vec<_> = suspects.iter().filter_map(|id| self.store.find(id)).collect();
            let claim = self.store.claim(node, self.conditions.lease, 16).now_or_never();
            let sweep = claim.expect("the model does not wait").expect("nor fails");
            for id in sweep.set_aside.iter().map(|aside| &aside.order_id) {
                self.mark("orders set aside by the sweep");
                let before = before.iter().find(|stored| stored.order.id == *id).map(|stored| &stored.order);
                self.set_aside(id, before)?;
            }
            if self.befalls(Fault::SweepLost) {
                self.mark("sweeps whose claims were lost");
                continue;
            }
            for claimed in sweep.claimed {
                if claimed.expired {
                    self.mark("deadlines that passed");
                }
                self.claimed(number, claimed);
            }
        }
        Ok(())
    }

    fn is_hopeless(&self, id: &OrderId) -> bool {
        self.store.work(id).is_some_and(|work| work.claims >= limits::CLAIMS)
    }

    /// A client asks, or asks again.
    fn ask(&mut self) -> bool {
        let due = self.idle.iter().take_while(|(since, _)| *since <= self.now);
        let ready: Vec<usize> = due.map(|(_, task)| *task).take(8).collect();
        if ready.is_empty() {
            return false;
        }
        let client = self.chance.turn(Turn::Client, ready.len()).unwrap_or(0);
        let (task, engine) = (ready[client], self.chance.turn(Turn::Engine, ENGINES).unwrap_or(0));
        if !self.engines[engine].is_up {
            self.retry(task); // the connection is refused
            return true;
        }
        let waiter = self.waiters.len();
        self.waiters.push((task, self.version_of(task)));
        self.rouse(task);
        self.waiting.insert(task);
        self.tasks[task].phase = Phase::Waiting { engine, waiter, since: self.now };
        let (ask, until) = (Arc::clone(&self.tasks[task].ask), self.now + self.tasks[task].wait);
        self.patience.insert((until, waiter));
        self.note(|| format!("waiter {waiter} asks engine {engine} for {}", describe(&ask)));
        let input = Input::Ask { ask, waiter: Some(waiter), until };
        let letter = Letter::Shard { engine, epoch: self.engines[engine].epoch, input };
        self.mail.send(Route::Ask { task, engine }, letter);
        true
    }

    /// The version of its order; 0 where there is none yet.
    fn version_of(&self, task: usize) -> i32 {
        self.store.find(self.tasks[task].ask.id()).map_or(0, |stored| stored.order.version)
    }

    /// What whoever's patience has just ended must know at least, whenever it is told.
    fn lose_patience(&mut self) {
        while let Some((until, waiter)) = self.patience.first().copied()
            && until <= self.now
        {
            self.patience.remove(&(until, waiter));
            let (task, known) = self.waiters[waiter];
            let now = self.version_of(task);
            if known > 0 && now > known {
                self.mark("orders that moved while somebody asked");
            }
            self.waiters[waiter].1 = now;
        }
    }

    pub(super) fn retry(&mut self, task: usize) {
        self.waiting.remove(&task);
        self.rouse(task);
        self.tasks[task].tries += 1;
        let Task { tries, repeats, .. } = self.tasks[task];
        if !repeats {
            self.done(task);
            return;
        }
        self.rest(task, Duration::from_millis(20 << tries.min(6)));
    }

    /// It asks after a pause.
    fn rest(&mut self, task: usize, pause: Duration) {
        let at = self.now + pause;
        self.tasks[task].phase = Phase::Idle(at);
        self.idle.insert((at, task));
    }

    /// It rests no longer.
    fn rouse(&mut self, task: usize) {
        if let Some(at) = self.tasks[task].idle_until() {
            self.idle.remove(&(at, task));
        }
    }

    /// It asks no more: whoever waits for that asks some time later.
    fn done(&mut self, task: usize) {
        self.tasks[task].phase = Phase::Done;
        for behind in self.behind.remove(&task).into_iter().flatten() {
            let pause = self.chance.detail().below(400_000) as u64;
            self.rest(behind, Duration::from_micros(pause));
        }
    }

    /// Those who wait for an answer of this engine get none.
    pub(super) fn hang_up(&mut self, number: usize) {
        let bereft =
            |task: &usize| matches!(self.tasks[*task].phase, Phase::Waiting { engine, .. } if engine == number);
        let bereft: Vec<usize> = self.waiting.iter().copied().filter(bereft).collect();
        for task in bereft {
            self.unfinished.insert(self.tasks[task].ask.id().clone());
            self.retry(task);
        }
    }

    /// An operator looks after an order that waits for a human.
    pub(super) fn operate(&mut self, id: &OrderId) {
        let Some(stored) = self.store.find(id) else { return };
        let evidence = judge::evidence(&self.outside, &stored.order);
        let resting = Order { attention: None, ..stored.order.clone() };
        let nothing_due = stored.order.attention.is_some() && Due::of(&resting).is_none();
        let request = match (self.chance.detail().below(12), evidence) {
            (0..=3, Some(reference)) => VerbRequest::Skip { reference: Some(reference) },
            (0..=3, None) if nothing_due => VerbRequest::Skip { reference: None }, // it is refused
            (4, _) if !self.healed => VerbRequest::ForceCancel,
            (5, _) => VerbRequest::Cancel,
            (_, Some(_) | None) => VerbRequest::Retry,
        };
        self.mark(match request {
            VerbRequest::Skip { .. } => "skips by evidence",
            VerbRequest::ForceCancel => "forced cancels",
            VerbRequest::Cancel => "cancels by operators",
            _ => "retries by operators",
        });
        self.idle.insert((self.now, self.tasks.len()));
        self.tasks.push(clients::operator(id, request, self.now));
    }

    /// Once all is well, whatever waits for a human gets one.
    fn rescue(&mut self) {
        if !self.healed || self.tasks.iter().any(|task| !task.repeats && !matches!(task.phase, Phase::Done)) {
            return;
        }
        let waiting: Vec<OrderId> = self.attention.iter().filter(|id| self.rescues(id) < RESCUES).cloned().collect();
        for id in waiting {
            *self.rescued.entry(id.clone()).or_default() += 1;
            self.operate(&id);
        }
    }

    fn rescues(&self, id: &OrderId) -> u32 {
        self.rescued.get(id).copied().unwrap_or(0)
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
                Ok(())
            }
            (Route::Order { actor }, Letter::Deliver { ask, reload }) => {
                self.hear(actor, counterfoil::engine::order::OrderInput::Ask { ask, reload })
            }
            (Route::Order { actor }, Letter::Retire) => {
                self.actors.remove(&actor);
                Ok(())
            }
            (_, Letter::Store { actor, step, xact }) => self.asked(actor, step, xact),
            (_, Letter::Tell { actor, heard }) => self.hear(actor, heard),
            (_, Letter::Flight(flight)) => self.fly(flight),
            (_, Letter::Reply { waiter, verdict }) => self.reply(waiter, &verdict),
            (_, Letter::Deliver { .. } | Letter::Retire) => unreachable!("actors are reached by their own routes"),
        }
    }

    /// What was refused without being stored, an operator's word, by the refusal that says the same of the order as it stands.
    fn note_refusal(&mut self, ask: &Ask, error: &SubmitError) {
        let (Ask::Verb(asked), SubmitError::Refused(answer)) = (ask, error) else { return };
        let now = self.store.now();
        let refusal = self.store.with(ask.id(), |stored| {
            let command = asked.command(&stored.order, true)?;
            let refusal = decide(Some(&stored.order), &command, now).err()?;
            let told = verb::refused(&stored.order, asked.call.request.word(), &refusal);
            (told.as_ref() == Some(&**answer)).then_some(refusal)
        });
        if let Some(refusal) = refusal.flatten() {
            self.coverage.refused(coverage::refusal(&refusal));
        }
    }

    fn reply(&mut self, waiter: usize, verdict: &SubmitResult) -> Result<(), Violation> {
        let (task, known) = self.waiters[waiter];
        self.mark("replies");
        let ask = Arc::clone(&self.tasks[task].ask);
        self.note(|| format!("waiter {waiter} hears of {}: {}", describe(&ask), summary(verdict)));
        self.judge.told(&self.store, &ask, verdict, known)?;
        if let Err(error) = verdict {
            self.coverage.refused(coverage::told(error));
            self.note_refusal(&ask, error);
        }
        if repeats(verdict) {
            self.unfinished.insert(ask.id().clone());
        }
        let current = matches!(self.tasks[task].phase, Phase::Waiting { waiter: latest, .. } if latest == waiter);
        match (current, repeats(verdict)) {
            (true, true) => self.retry(task),
            (true, false) => {
                self.waiting.remove(&task);
                self.done(task);
            }
            (false, _) => self.mark("late replies"), // it asked anew meanwhile, or gave up: what it is told now must be true all the same
        }
        Ok(())
    }
}

/// What is asked, in a few words.
fn describe(ask: &Ask) -> String {
    match ask {
        Ask::Submit(prepared) => prepared.id.to_string(),
        Ask::Verb(verb) => {
            let key = verb.call.key.as_ref().map_or("no key", |key| key.as_str());
            format!("{} of {} under {key}", verb.call.request.word(), verb.call.order_id)
        }
        Ask::Wake(claimed, _) => format!("{} claimed", claimed.order_id),
    }
}
