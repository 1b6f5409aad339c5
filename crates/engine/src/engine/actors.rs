//! The actix actors: thin shells around [`ShardCore`] and [`OrderCore`] that spawn, send, time and reply.
//!
//! actix's own `Supervisor` never restarts an actor that panicked, and a panic loses the message in hand. So an order's
//! actor bears a notice that its shard gets however the actor ends, and a shard bears one for the supervisor. A panic
//! in `stopped` or `Drop` while unwinding would abort the process: the notices only send.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::api::SubmitError;
use super::attention;
use super::order::{AttentionNotice, Due, OrderContext, OrderCore, OrderInput, OrderOutput};
use super::post::{Mailbag, Waiter};
use super::shard::{Input, Output, ShardCore};
use super::supervisor::{ShardDied, Supervisor};
use super::{EngineShared, InHand};
use crate::faults::{self, FaultKind, Point};
use crate::limits;
use crate::ports::{Called, Cause, CommitError, CommitResult, Committed, StoreError, Told};
use crate::saga::{OrderId, Outcome};
use crate::telemetry::{RehydrationCause, RestartCause};

/// A shard's input as a message.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ShardMessage(pub(super) Input<Waiter>);

/// What an actor is about, seen by its shard on the same thread: only work of its own can hang it.
#[derive(Debug, Clone, Copy)]
enum Pulse {
    Idle,
    Working(Instant),
    Waiting,
}

struct Child {
    generation: u64,
    address: Addr<OrderActor>,
    pulse: Rc<Cell<Pulse>>,
}

/// The actor of a shard: owns its orders' actors and every request until it is answered.
pub(super) struct ShardActor {
    index: usize,
    core: ShardCore<Waiter>,
    children: HashMap<OrderId, Child, rustc_hash::FxBuildHasher>,
    shared: Arc<EngineShared>,
    outputs: Vec<Output<Waiter>>,
    commits: Arc<Mailbag<CommitLetter>>,
    /// Its own address, for its orders' actors: a clone of an address costs two allocations, one of the `Arc` none.
    address: Arc<Addr<Self>>,
    _notice: ShardNotice,
}

/// The outcome of a commit, for the actor of this order and generation.
struct CommitLetter {
    id: OrderId,
    generation: u64,
    result: CommitResult,
}

/// Outcomes of commits lie in the shard's mailbag.
#[derive(Message)]
#[rtype(result = "()")]
struct CommitsHere;

/// Tells the supervisor that the shard's actor ended.
struct ShardNotice {
    index: usize,
    supervisor: Addr<Supervisor>,
}

impl Drop for ShardNotice {
    fn drop(&mut self) {
        self.supervisor.do_send(ShardDied(self.index));
    }
}

impl ShardActor {
    pub(super) fn new(
        index: usize,
        shared: Arc<EngineShared>,
        supervisor: Addr<Supervisor>,
        address: Addr<Self>,
    ) -> Self {
        let core = ShardCore::new(shared.settings.shard());
        let notice = ShardNotice { index, supervisor };
        let (outputs, commits, address) = (Vec::new(), Mailbag::new(), Arc::new(address));
        Self { index, core, children: HashMap::default(), shared, outputs, commits, address, _notice: notice }
    }

    fn step(&mut self, input: Input<Waiter>, ctx: &mut Context<Self>) {
        let now = Instant::now();
        let mut outputs = std::mem::take(&mut self.outputs);
        self.core.step(input, now, &mut outputs);
        for output in outputs.drain(..) {
            self.perform(output, now, ctx);
        }
        self.outputs = outputs;
    }

    fn perform(&mut self, output: Output<Waiter>, now: Instant, ctx: &mut Context<Self>) {
        match output {
            Output::Start { id, generation, rehydrate } => self.start_child(id, generation, rehydrate),
            Output::Deliver { id, generation, ask, reload } => {
                if let Some(child) = self.children.get(&id).filter(|child| child.generation == generation) {
                    child.pulse.set(Pulse::Working(now));
                    child.address.do_send(Hear(OrderInput::Ask { ask, reload }));
                }
            }
            Output::Stop { id } => {
                if let Some(child) = self.children.remove(&id) {
                    child.address.do_send(Retire);
                }
            }
            Output::Reply { waiter, verdict } => {
                self.shared.answered(self.index, &verdict);
                waiter.answer(verdict);
            }
            Output::Quarantine { id, deaths } => {
                tracing::error!(order_id = %id, deaths, "quarantined: its actors die again and again");
                let reason = format!("its actor died {deaths} times in a row");
                actix::spawn(attention::flag(Arc::clone(&self.shared), id, reason));
            }
            Output::WakeAt(at) => {
                let pause = at.saturating_duration_since(now) + Duration::from_millis(1);
                ctx.run_later(pause, |shard, ctx| shard.step(Input::Tick, ctx));
            }
        }
    }

    fn start_child(&mut self, id: OrderId, generation: u64, rehydrate: bool) {
        if rehydrate {
            self.shared.metrics.rehydrations(RehydrationCause::Restart).inc();
        }
        let pulse = Rc::new(Cell::new(Pulse::Idle));
        let load_first = rehydrate || self.shared.seen.has(&id);
        let actor = OrderActor {
            core: OrderCore::new(id.clone(), load_first),
            id: id.clone(),
            generation,
            shared: Arc::clone(&self.shared),
            pulse: Rc::clone(&pulse),
            commits: Arc::clone(&self.commits),
            notice: DeathNotice { id: id.clone(), generation, shard: Arc::clone(&self.address), armed: true },
        };
        self.children.insert(id, Child { generation, address: actor.start(), pulse });
    }

    /// An actor that works on its own code for longer than a command may take hangs. What it may still write later
    /// is fenced by the guard of its write.
    fn reap_hung(&mut self, ctx: &mut Context<Self>) {
        if self.core.busy() == 0 {
            return;
        }
        let (now, limit) = (Instant::now(), self.shared.settings.command_timeout);
        let hung: Vec<(OrderId, u64)> = self
            .core
            .in_flight()
            .filter(|(id, generation)| {
                let child = self.children.get(*id).filter(|child| child.generation == *generation);
                child.is_some_and(
                    |child| matches!(child.pulse.get(), Pulse::Working(since) if now.duration_since(since) > limit),
                )
            })
            .map(|(id, generation)| (id.clone(), generation))
            .collect();
        for (id, generation) in hung {
            tracing::warn!(order_id = %id, "its actor hangs; a fresh one takes over");
            self.bury(id, generation, RestartCause::Hang, ctx);
        }
    }

    /// Who hung up waits for nothing, and leaves their place to others. Their orders go on.
    fn forget_gone(&mut self, ctx: &mut Context<Self>) {
        let mut outputs = std::mem::take(&mut self.outputs);
        let now = Instant::now();
        self.core.forget(Waiter::is_gone, now, &mut outputs);
        for output in outputs.drain(..) {
            self.perform(output, now, ctx);
        }
        self.outputs = outputs;
    }

    fn bury(&mut self, id: OrderId, generation: u64, cause: RestartCause, ctx: &mut Context<Self>) {
        let current = self.children.get(&id).is_some_and(|child| child.generation == generation);
        if current {
            self.shared.metrics.actor_restarts(cause).inc();
            if let Some(child) = self.children.remove(&id) {
                child.address.do_send(Retire);
            }
        }
        self.step(Input::Died { id, generation, cause }, ctx);
    }
}

impl Actor for ShardActor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.set_mailbox_capacity(1024);
        self.shared.metrics.shard(self.index).up.set(1);
        ctx.run_interval(limits::TICK, |shard, ctx| {
            shard.reap_hung(ctx);
            shard.forget_gone(ctx);
            shard.step(Input::Tick, ctx);
            let metrics = shard.shared.metrics.shard(shard.index);
            metrics.actors.set(i64::try_from(shard.core.actors()).unwrap_or(i64::MAX));
            shard.shared.report(shard.index, &shard.core);
        });
    }
}

impl Handler<ShardMessage> for ShardActor {
    type Result = ();

    fn handle(&mut self, ShardMessage(input): ShardMessage, ctx: &mut Self::Context) {
        match input {
            Input::Died { id, generation, cause } => return self.bury(id, generation, cause, ctx),
            Input::Ask { ref ask, .. } if self.shared.faults.any() => hit_shard(&self.shared, ask.id()),
            Input::Ask { .. }
            | Input::Answered { .. }
            | Input::Moved { .. }
            | Input::Ended { .. }
            | Input::Drain
            | Input::Tick => {}
        }
        self.step(input, ctx);
    }
}

impl Handler<CommitsHere> for ShardActor {
    type Result = ();

    /// A write of an actor that was replaced meanwhile counts; its outcome reaches nobody.
    fn handle(&mut self, _: CommitsHere, _: &mut Self::Context) {
        for CommitLetter { id, generation, result } in self.commits.take() {
            if let Ok(Committed::Stored(txn)) = &result {
                self.shared.stored(txn);
            }
            if let Some(child) = self.children.get(&id).filter(|child| child.generation == generation) {
                child.address.do_send(Hear(OrderInput::Committed(result)));
            }
        }
    }
}

/// A fault armed at a shard: it dies with everything that it holds.
fn hit_shard(shared: &EngineShared, id: &OrderId) {
    if let Some(hit) = shared.faults.hit(Point::ShardStep, id.as_str()) {
        match hit.action {
            FaultKind::Crash => faults::crash(&hit),
            #[expect(clippy::disallowed_methods, reason = "the arbiter spins, as armed")]
            FaultKind::Delay => std::thread::sleep(Duration::from_millis(hit.ms)),
            FaultKind::Panic | FaultKind::Error => panic!("SIMULATED PANIC at {}", hit.point.as_str()),
        }
    }
}

/// A fault armed beside a call; whether its answer is to be lost.
async fn struck(shared: &EngineShared, point: Point, id: &OrderId) -> bool {
    if !shared.faults.any() {
        return false;
    }
    let Some(hit) = shared.faults.hit(point, id.as_str()) else { return false };
    match hit.action {
        FaultKind::Crash => faults::crash(&hit),
        FaultKind::Panic => panic!("SIMULATED PANIC at {} of {id}", point.as_str()),
        FaultKind::Error => true,
        FaultKind::Delay => {
            tokio::time::sleep(Duration::from_millis(hit.ms)).await;
            false
        }
    }
}

/// No outcome, for a reason of this engine's own.
fn unknown(error: &str) -> Told {
    Told { outcome: Outcome::Unknown, cause: Some(Cause::own(error.into())) }
}

/// Something for an order's actor to hear.
#[derive(Message)]
#[rtype(result = "()")]
struct Hear(OrderInput);

/// Asks an order's actor to end: it is idle, or another one has taken its place.
#[derive(Message)]
#[rtype(result = "()")]
struct Retire;

/// The actor of one order.
struct OrderActor {
    id: OrderId,
    generation: u64,
    core: OrderCore,
    shared: Arc<EngineShared>,
    pulse: Rc<Cell<Pulse>>,
    commits: Arc<Mailbag<CommitLetter>>,
    notice: DeathNotice,
}

/// Tells the shard that the order's actor ended, unless it was asked to.
struct DeathNotice {
    id: OrderId,
    generation: u64,
    shard: Arc<Addr<ShardActor>>,
    armed: bool,
}

impl Drop for DeathNotice {
    fn drop(&mut self) {
        if self.armed {
            let cause = if std::thread::panicking() { RestartCause::Panic } else { RestartCause::Stopped };
            let died = Input::Died { id: self.id.clone(), generation: self.generation, cause };
            self.shard.do_send(ShardMessage(died));
        }
    }
}

/// A commit's outcome reaches the actor even from a committer that died with the write in hand: as an unknown one.
struct CommitPromise {
    id: OrderId,
    generation: u64,
    commits: Arc<Mailbag<CommitLetter>>,
    shard: Option<Arc<Addr<ShardActor>>>,
    _in_hand: InHand,
}

impl CommitPromise {
    fn keep(&mut self, result: CommitResult) {
        let Some(shard) = self.shard.take() else { return };
        let letter = CommitLetter { id: self.id.clone(), generation: self.generation, result };
        if self.commits.put(letter) {
            shard.do_send(CommitsHere);
        }
    }
}

impl Drop for CommitPromise {
    fn drop(&mut self) {
        self.keep(Err(CommitError::Unavailable("the committer died; the outcome is unknown".into())));
    }
}

thread_local! {
    /// Room for what an actor of this thread is told to do, so that none allocates its own.
    static STEPS: Cell<Vec<OrderOutput>> = const { Cell::new(Vec::new()) };
}

impl OrderActor {
    fn hear(&mut self, heard: OrderInput, ctx: &mut Context<Self>) {
        self.pulse.set(Pulse::Working(Instant::now()));
        let shared = Arc::clone(&self.shared);
        let knows_sku = |sku: &_| shared.knows(sku);
        let doer = |step: &_| shared.doer(step);
        let key_lifetime = |action| shared.remote.key_lifetime(action);
        let context = OrderContext {
            now: shared.clock.now(),
            instant: Instant::now(),
            local: &shared.local,
            driver: &shared.driver,
            retry: &shared.settings.retry,
            step_timeout: shared.settings.step_timeout,
            key_lifetime: &key_lifetime,
            doer: &doer,
            entry_wait: shared.settings.entry_wait,
            knows_sku: &knows_sku,
        };
        let mut steps = STEPS.take();
        self.core.step(heard, &context, &mut steps);
        self.pulse.set(if steps.is_empty() { Pulse::Waiting } else { Pulse::Idle });
        for step in steps.drain(..) {
            self.perform(step, ctx);
        }
        STEPS.set(steps);
    }

    fn perform(&mut self, step: OrderOutput, ctx: &mut Context<Self>) {
        let store = &self.shared.store;
        match step {
            OrderOutput::Answer { verdict, driving } => {
                let answered = Input::Answered { id: self.id.clone(), generation: self.generation, verdict, driving };
                return self.notice.shard.do_send(ShardMessage(answered));
            }
            OrderOutput::Report { reply, resting } => {
                let moved = Input::Moved { id: self.id.clone(), generation: self.generation, reply, resting };
                return self.notice.shard.do_send(ShardMessage(moved));
            }
            OrderOutput::NoticeAttention(plea) => {
                let AttentionNotice { call, attempts, last, reason } = *plea;
                attention::tell(&self.id, Some(call), attempts, &last, &reason);
                return;
            }
            OrderOutput::Commit(write) => {
                let mut promise = CommitPromise {
                    id: self.id.clone(),
                    generation: self.generation,
                    commits: Arc::clone(&self.commits),
                    shard: Some(Arc::clone(&self.notice.shard)),
                    _in_hand: InHand::new(&self.shared),
                };
                store.commit(*write, Box::new(move |result| promise.keep(result)));
            }
            OrderOutput::Load => {
                self.shared.metrics.rehydrations(RehydrationCause::Load).inc();
                let load = store.load(self.id.clone());
                self.wait(load, OrderInput::Loaded, ctx);
            }
            OrderOutput::Look => {
                let look = store.load(self.id.clone());
                self.wait_for(limits::LOOK.min(self.shared.settings.store_timeout), look, OrderInput::Loaded, ctx);
            }
            OrderOutput::Survey { scope, skus } => {
                let (shared, asked) = (Arc::clone(&self.shared), skus.clone());
                let survey = store.survey(self.id.clone(), scope, skus);
                let learn = async move {
                    let survey = survey.await?;
                    if survey.order.is_some() {
                        shared.metrics.rehydrations(RehydrationCause::Load).inc();
                    }
                    shared.learn(asked.into_iter().filter(|sku| !survey.unknown.contains(sku)));
                    Ok(Box::new(survey))
                };
                self.wait(learn, OrderInput::Surveyed, ctx);
            }
            OrderOutput::FindKey(scope) => self.wait(store.find_key(scope), OrderInput::KeyFound, ctx),
            OrderOutput::Bind(claim) => {
                let (shared, bind) = (Arc::clone(&self.shared), store.bind_key(claim));
                let counted = async move {
                    let bound = bind.await?;
                    if bound.is_none() {
                        shared.metrics.keys_unbound.inc();
                    }
                    Ok(bound)
                };
                self.wait(counted, OrderInput::Bound, ctx);
            }
            OrderOutput::Postpone(off) => self.wait(store.postpone(self.id.clone(), off), OrderInput::Postponed, ctx),
            OrderOutput::HandBack(back) => {
                self.wait(store.hand_back(self.id.clone(), back), OrderInput::Postponed, ctx)
            }
            OrderOutput::Leave { version } => {
                self.wait(store.leave(self.id.clone(), version), OrderInput::Postponed, ctx)
            }
            OrderOutput::AskHold { version } => {
                let held = store.held(self.id.clone(), version, self.shared.driver.node);
                self.wait(held, OrderInput::Held, ctx);
            }
            OrderOutput::Call(due, called) => self.call(due, *called, ctx),
            OrderOutput::LookUp(due, called) => {
                let shared = Arc::clone(&self.shared);
                let asked = async move { shared.remote.try_look_up(*called).await };
                self.ask_participant(
                    asked,
                    move |Told { outcome, cause }| OrderInput::LookedUp { due, outcome, cause },
                    ctx,
                );
            }
        }
        self.pulse.set(Pulse::Waiting);
    }

    /// Makes a call whose intent is committed. A fault may be armed on either side of it.
    fn call(&self, due: Due, called: Called, ctx: &mut Context<Self>) {
        let (shared, id) = (Arc::clone(&self.shared), self.id.clone());
        let asked = async move {
            if struck(&shared, Point::BeforeCall, &id).await {
                return unknown("an injected fault");
            }
            let told = shared.remote.try_call(called).await;
            if struck(&shared, Point::AfterCall, &id).await { unknown("an injected fault") } else { told }
        };
        self.ask_participant(asked, move |Told { outcome, cause }| OrderInput::Answered { due, outcome, cause }, ctx);
    }

    /// Awaits a participant, no longer than a step may take, and a little for an armed delay.
    fn ask_participant(
        &self,
        asked: impl Future<Output = Told> + 'static,
        heard: impl FnOnce(Told) -> OrderInput + 'static,
        ctx: &mut Context<Self>,
    ) {
        if self.shared.is_stopping() {
            return; // whoever takes the order up makes the call
        }
        let in_hand = InHand::new(&self.shared);
        let limit = self.shared.settings.step_timeout + Duration::from_millis(limits::FAULT_DELAY_MS);
        let bounded = async move {
            let told = tokio::time::timeout(limit, asked).await;
            told.unwrap_or_else(|_| unknown("no answer in time"))
        };
        let then = bounded.into_actor(self).map(move |told, actor, ctx| {
            actor.hear(heard(told), ctx);
            drop(in_hand); // what follows from the answer is counted by now
        });
        ctx.spawn(then);
    }

    /// Awaits the store, no longer than a read may take: every await of an actor ends.
    fn wait<T: 'static>(
        &self,
        asked: impl Future<Output = Result<T, StoreError>> + 'static,
        heard: fn(Result<T, StoreError>) -> OrderInput,
        ctx: &mut Context<Self>,
    ) {
        self.wait_for(self.shared.settings.store_timeout, asked, heard, ctx);
    }

    /// The same, no longer than so.
    fn wait_for<T: 'static>(
        &self,
        limit: Duration,
        asked: impl Future<Output = Result<T, StoreError>> + 'static,
        heard: fn(Result<T, StoreError>) -> OrderInput,
        ctx: &mut Context<Self>,
    ) {
        let bounded = async move {
            tokio::time::timeout(limit, asked)
                .await
                .unwrap_or_else(|_| Err(StoreError::Unavailable(format!("no answer within {limit:?}"))))
        };
        let then = bounded.into_actor(self).map(move |result, actor, ctx| actor.hear(heard(result), ctx));
        ctx.spawn(then);
    }

    /// A fault armed at this order's actor: what was heard, to go on with; `None` where the fault answered in its place, or goes on
    /// with it later.
    fn goes_on(&mut self, point: Point, heard: OrderInput, ctx: &mut Context<Self>) -> Option<OrderInput> {
        let Some(hit) = self.shared.faults.hit(point, self.id.as_str()) else { return Some(heard) };
        match hit.action {
            FaultKind::Crash => faults::crash(&hit),
            FaultKind::Panic => panic!("SIMULATED PANIC at {} of {}", point.as_str(), self.id),
            FaultKind::Error => {
                let verdict = Err(SubmitError::Internal(format!("injected fault at {}", point.as_str())));
                self.perform(OrderOutput::Answer { verdict, driving: false }, ctx);
            }
            FaultKind::Delay => {
                self.pulse.set(Pulse::Working(Instant::now()));
                let then = move |actor: &mut Self, ctx: &mut Context<Self>| actor.hear(heard, ctx);
                ctx.run_later(Duration::from_millis(hit.ms), then);
            }
        }
        None
    }
}

impl Actor for OrderActor {
    type Context = Context<Self>;
}

impl Handler<Hear> for OrderActor {
    type Result = ();

    fn handle(&mut self, Hear(heard): Hear, ctx: &mut Self::Context) {
        let point = match &heard {
            OrderInput::Ask { .. } => Some(Point::ActorHandle),
            OrderInput::Committed(Ok(_)) => Some(Point::ActorAfterCommit),
            OrderInput::Committed(Err(_))
            | OrderInput::Loaded(_)
            | OrderInput::Surveyed(_)
            | OrderInput::KeyFound(_)
            | OrderInput::Bound(_)
            | OrderInput::Postponed(_)
            | OrderInput::Held(_)
            | OrderInput::Answered { .. }
            | OrderInput::LookedUp { .. } => None,
        };
        let heard = match point {
            Some(point) if self.shared.faults.any() => self.goes_on(point, heard, ctx),
            Some(_) | None => Some(heard),
        };
        if let Some(heard) = heard {
            self.hear(heard, ctx);
        }
    }
}

impl Handler<Retire> for OrderActor {
    type Result = ();

    fn handle(&mut self, _: Retire, ctx: &mut Self::Context) {
        self.notice.armed = false;
        if self.core.memory().is_some() {
            self.shared.seen.note(&self.id);
        }
        ctx.stop();
    }
}
