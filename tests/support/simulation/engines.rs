//! The engines: what the actix shell is to their shards and actors, and how they die.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::Ask;
use counterfoil::engine::order::{self, OrderCore, OrderInput, OrderOutput};
use counterfoil::engine::shard::{Input, Output, ShardCore, ShardSettings};
use counterfoil::ports::{Advance, Claimed, Does, Store, Write};
use counterfoil::saga::transaction::{self, StockVerdict};
use counterfoil::saga::{Action, Command, OrderId, Sku};
use counterfoil::store::model::ModelStore;
use counterfoil::telemetry::RestartCause;
use futures_util::FutureExt;
use tokio::sync::broadcast;
use uuid::Uuid;

use super::Conditions;
use super::Mutation;
use super::chance::Fault;
use super::judge::Violation;
use super::mail::{Letter, Route};
use super::rng::Rng;
use super::world::{ENGINES, World};

pub struct EngineSim {
    pub core: ShardCore<usize>,
    /// Of its shard: who reports to an earlier one is not heard.
    pub epoch: u64,
    pub is_up: bool,
    /// When it starts again.
    up_at: Option<Instant>,
    pub node: Uuid,
    lease: Duration,
    /// The latest actor of each order, with its generation.
    pub children: BTreeMap<OrderId, (u64, u64)>,
    pub known: HashSet<Sku>,
    ended: broadcast::Receiver<OrderId>,
}

impl EngineSim {
    pub fn new(rng: &mut Rng, conditions: &Conditions, store: &ModelStore) -> Self {
        Self {
            core: shard(),
            epoch: 0,
            is_up: true,
            up_at: None,
            node: node(rng),
            lease: conditions.lease,
            children: BTreeMap::new(),
            known: HashSet::new(),
            ended: store.ended_elsewhere(),
        }
    }
}

pub struct ActorSim {
    pub engine: usize,
    pub epoch: u64,
    pub id: OrderId,
    pub generation: u64,
    core: OrderCore,
    /// What it is told until then waits in its mailbox.
    pub hangs_until: Instant,
}

fn shard() -> ShardCore<usize> {
    let passivate_after = Duration::from_millis(40);
    ShardCore::new(ShardSettings { residents: 8, passivate_after, max_deaths: 3 })
}

fn node(rng: &mut Rng) -> Uuid {
    Uuid::from_u128(u128::from(rng.next()))
}

impl World {
    /// Something goes wrong that nobody did, or somebody does something about it.
    pub(super) fn strike(&mut self) -> Result<(), Violation> {
        if !self.actors.is_empty()
            && self.befalls(Fault::ActorCrash)
            && let Some(actor) = self.any_actor()
        {
            self.crash(actor);
        }
        if !self.actors.is_empty()
            && self.befalls(Fault::ActorHang)
            && let Some(actor) = self.any_actor()
        {
            self.hang(actor);
        }
        if self.befalls(Fault::ShardCrash) {
            let engine = self.chance.detail().below(ENGINES);
            self.crash_shard(engine);
        }
        if self.befalls(Fault::EngineCrash) {
            let engine = self.chance.detail().below(ENGINES);
            self.crash_engine(engine);
        }
        if self.befalls(Fault::EngineLeaves) {
            let engine = self.chance.detail().below(ENGINES);
            self.leave(engine);
        }
        if self.befalls(Fault::Away) {
            self.go_away();
        }
        if self.befalls(Fault::Webhook) {
            self.webhook();
        }
        let listens = !self.attention.is_empty() || !self.open.is_empty();
        if listens && self.befalls(Fault::Operator) {
            // Now and then he speaks to one that waits for nobody.
            let to_any = self.attention.is_empty() || !self.open.is_empty() && self.chance.detail().one_in(8);
            let to = if to_any { &self.open } else { &self.attention };
            let id = to.iter().nth(self.chance.detail().below(to.len())).cloned();
            id.iter().for_each(|id| self.operate(id));
        }
        if self.mutation == Mutation::IgnoresLeases && self.chance.detail().one_in(10) {
            self.claim_whatever();
        }
        for engine in 0..ENGINES {
            if self.engines[engine].up_at.is_some_and(|at| at <= self.now) {
                self.start_engine(engine);
            }
        }
        Ok(())
    }

    fn any_actor(&mut self) -> Option<u64> {
        let from = self.chance.detail().below(usize::try_from(self.started).expect("few actors") + 1) as u64;
        self.actors.range(from..).chain(self.actors.range(..from)).map(|(number, _)| *number).next()
    }

    /// A panic: its mailbox is lost, its shard is told. What it asked of the store, and of participants, goes on.
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
        let pause = self.chance.detail().below(150) as u64;
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
        if !self.engines[number].is_up {
            return;
        }
        self.note(|| format!("the shard of engine {number} dies"));
        self.mark("shards that died");
        self.forget_shard(number);
    }

    fn forget_shard(&mut self, number: usize) {
        let engine = &mut self.engines[number];
        engine.core = shard();
        engine.epoch += 1;
        engine.children.clear();
        self.hang_up(number);
    }

    /// The process is killed: all of its memory is gone, its leases stay. What it sent is on its way.
    fn crash_engine(&mut self, number: usize) {
        if !self.engines[number].is_up {
            return;
        }
        self.note(|| format!("engine {number} dies"));
        self.mark("engines that died");
        self.forget_engine(number);
    }

    fn forget_engine(&mut self, number: usize) {
        self.forget_shard(number);
        self.actors.retain(|_, actor| actor.engine != number);
        let pause = Duration::from_millis(self.chance.detail().below(600) as u64);
        let engine = &mut self.engines[number];
        engine.is_up = false;
        engine.up_at = Some(self.now + pause);
    }

    /// It ends in order: who waits hears where the order stands, and the others need not wait for its leases.
    fn leave(&mut self, number: usize) {
        if !self.engines[number].is_up {
            return;
        }
        self.note(|| format!("engine {number} leaves"));
        self.mark("engines that left in order");
        self.shard(number, Input::Drain);
        self.store
            .release(self.engines[number].node)
            .now_or_never()
            .expect("the model does not wait")
            .expect("nor fails");
        self.forget_engine(number);
    }

    /// A new process, with another id.
    pub(super) fn start_engine(&mut self, number: usize) {
        if self.engines[number].is_up {
            return;
        }
        self.note(|| format!("engine {number} starts"));
        let epoch = self.engines[number].epoch;
        let fresh = EngineSim::new(self.chance.detail(), &self.conditions, &self.store);
        self.engines[number] = EngineSim { epoch, ..fresh };
    }

    /// Some notifications are lost.
    pub(super) fn hear_of_ends(&mut self, number: usize) {
        while let Ok(id) = self.engines[number].ended.try_recv() {
            let lost = self.befalls(Fault::NotificationLost);
            if self.engines[number].is_up && !lost {
                let epoch = self.engines[number].epoch;
                self.mail.post(Letter::Shard { engine: number, epoch, input: Input::Ended { id } });
            }
        }
    }

    /// A claimed order is this engine's to go on with.
    pub(super) fn claimed(&mut self, number: usize, claimed: Claimed) {
        self.note(|| format!("engine {number} claims {}: {claimed:?}", claimed.order_id));
        self.mark("orders claimed");
        let input = Input::Ask { ask: Arc::new(Ask::Wake(claimed, self.now)), waiter: None, until: self.now };
        let epoch = self.engines[number].epoch;
        self.mail.post(Letter::Shard { engine: number, epoch, input });
    }

    /// What a claim would say of an order, whoever holds it.
    fn would_claim(&self, id: &OrderId) -> Option<Claimed> {
        let row = self.store.work(id)?;
        let now = self.store.now();
        let age = u64::try_from(now.0 - row.intent_at.0).unwrap_or(0);
        Some(Claimed {
            counted: true,
            order_id: id.clone(),
            attempts: row.attempts,
            intent_age: Duration::from_micros(age),
            expired: row.expires_at.is_some_and(|at| at <= now),
            look: false,
            late: Duration::ZERO,
        })
    }

    fn any_open(&mut self) -> Option<OrderId> {
        let index = self.chance.detail().below(self.open.len().max(1));
        self.open.iter().nth(index).cloned()
    }

    /// A participant says that something happened to an order, which may not be there yet.
    fn webhook(&mut self) {
        let id = if self.chance.detail().one_in(8) { Some(self.any_asked()) } else { self.any_open() };
        let Some(id) = id else { return };
        self.mark("webhooks");
        let webhook = self.chance.detail().below(1_000).to_string(); // some come twice
        let kept = self.store.receive_webhook("payment".into(), webhook, Some(id)).now_or_never();
        kept.expect("the model does not wait").expect("nor fails");
    }

    fn any_asked(&mut self) -> OrderId {
        let task = self.chance.detail().below(self.tasks.len());
        self.tasks[task].ask.id().clone()
    }

    /// As if there were no leases: whoever likes goes on with whatever order.
    fn claim_whatever(&mut self) {
        let engine = self.chance.detail().below(ENGINES);
        let claimed = self.any_open().and_then(|id| self.would_claim(&id));
        if let Some(claimed) = claimed.filter(|_| self.engines[engine].is_up) {
            self.mark("leases ignored");
            self.claimed(engine, claimed);
        }
    }

    pub(super) fn shard(&mut self, number: usize, mut input: Input<usize>) {
        let engine = &mut self.engines[number];
        match &mut input {
            Input::Died { id, generation, .. } => {
                if let Some((_, actor)) = engine.children.get(id).copied().filter(|(g, _)| g == generation) {
                    engine.children.remove(id);
                    self.mail.send(Route::Order { actor }, Letter::Retire);
                }
            }
            Input::Answered { id, generation, .. } | Input::Moved { id, generation, .. }
                if self.mutation == Mutation::ForgetsGenerations =>
            {
                *generation = engine.children.get(id).map_or(*generation, |(latest, _)| *latest);
            }
            Input::Ask { .. }
            | Input::Answered { .. }
            | Input::Moved { .. }
            | Input::Ended { .. }
            | Input::Drain
            | Input::Tick => {}
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
            Output::Deliver { id, generation, ask, reload } => {
                if let Some((_, actor)) = engine.children.get(&id).filter(|(latest, _)| *latest == generation) {
                    self.mail.send(Route::Order { actor: *actor }, Letter::Deliver { ask, reload });
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
            Output::Quarantine { id, deaths } => self.flag(number, &id, deaths),
            Output::WakeAt(_) => {} // ticks are as frequent as that
        }
    }

    /// What the engine does for an order in quarantine that has a row.
    fn flag(&mut self, number: usize, id: &OrderId, deaths: u32) {
        self.note(|| format!("{id} is quarantined"));
        self.mark("quarantines");
        let Some(stored) = self.store.find(id).filter(|stored| stored.order.attention.is_none()) else { return };
        let command =
            Arc::new(Command::Attention { reason: format!("its actor died {deaths} times in a row"), missing: None });
        let (order, now) = (&stored.order, self.stamp());
        let Ok(txn) = transaction::run(Some(order), &command, now, &*self.local, StockVerdict::Assumed) else { return };
        let does = Does::Advance(Box::new(Advance::of(order.version)));
        let (local, driver) = (Arc::clone(&self.local), self.conditions.driver(self.engines[number].node));
        let txn = Box::new(txn);
        let write = Write { key: None, does, txn, command, local, now, driver };
        let xact = self.sinks.begin();
        self.mail.post(Letter::Store { actor: None, step: OrderOutput::Commit(Box::new(write)), xact });
    }

    pub(super) fn hear(&mut self, number: u64, heard: OrderInput) -> Result<(), Violation> {
        let stamp = self.stamp();
        let Some(actor) = self.actors.get_mut(&number) else { return Ok(()) };
        let engine = &self.engines[actor.engine];
        let (driver, lifetime) = (self.conditions.driver(engine.node), self.conditions.key_lifetime);
        let knows_sku = |sku: &Sku| engine.known.contains(sku);
        let key_lifetime = |action: Action| lifetime.filter(|_| is_money(action));
        let world = order::OrderContext {
            now: stamp,
            instant: self.now,
            local: &self.local,
            driver: &driver,
            retry: &self.conditions.retry,
            step_timeout: self.conditions.step_timeout,
            key_lifetime: &key_lifetime,
            doer: &|_| counterfoil::engine::Doer::Here,
            entry_wait: std::time::Duration::from_secs(60),
            knows_sku: &knows_sku,
        };
        debug_assert_eq!(driver.lease, engine.lease);
        let mut steps = Vec::new();
        actor.core.step(heard, &world, &mut steps);
        let (engine, epoch, id, generation) = (actor.engine, actor.epoch, actor.id.clone(), actor.generation);
        for step in steps {
            let input = match step {
                OrderOutput::Answer { verdict, driving } => {
                    Input::Answered { id: id.clone(), generation, verdict, driving }
                }
                OrderOutput::Report { reply, resting } => Input::Moved { id: id.clone(), generation, reply, resting },
                OrderOutput::Call(due, called) => {
                    self.take_off(number, due, called, false)?;
                    continue;
                }
                OrderOutput::LookUp(due, called) => {
                    self.take_off(number, due, called, true)?;
                    continue;
                }
                OrderOutput::NoticeAttention(_) => continue, // for the log
                OrderOutput::Load
                | OrderOutput::Look
                | OrderOutput::AskHold { .. }
                | OrderOutput::Survey { .. }
                | OrderOutput::Commit(_)
                | OrderOutput::FindKey(_)
                | OrderOutput::Bind(_)
                | OrderOutput::HandBack(_)
                | OrderOutput::Leave { .. }
                | OrderOutput::Postpone(_) => {
                    let xact = if matches!(step, OrderOutput::Commit(_)) { self.sinks.begin() } else { 0 };
                    self.mail.post(Letter::Store { actor: Some(number), step, xact });
                    continue;
                }
            };
            self.mail.send(Route::Report { actor: number }, Letter::Shard { engine, epoch, input });
        }
        Ok(())
    }
}

/// A parcel or a reservation that is sent for again meets its own effect, which outlives the key.
fn is_money(action: Action) -> bool {
    matches!(action, Action::Charge | Action::Authorize | Action::Capture | Action::Void | Action::Refund)
}
