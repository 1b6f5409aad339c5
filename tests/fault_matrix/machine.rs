//! One order between two engines, without chance: what happens is written in a plan of faults, everything else happens
//! in the order in which it was asked for. Time stands still until nothing is left to do, and then jumps to where the
//! order is due again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::{Due, OrderContext, OrderCore, OrderInput, OrderOutput};
use counterfoil::engine::{Ask, PreparedVerb, Retry, Standing, SubmitResult, VerbCall, VerbRequest};
use counterfoil::participants::local::Local;
use counterfoil::participants::steps::Along;
use counterfoil::ports::{Called, CommitResult, Committed, Driver, Intent, Store, Write};
use counterfoil::saga::{Action, Client, LocalParticipants, Order, OrderId, Outcome, Plan, State, StepName};
use counterfoil::store::model::ModelStore;
use futures_util::FutureExt;
use uuid::Uuid;

use crate::support::outside::{Mood, Outside};
use crate::support::saga::Own;
use crate::support::simulation::judge::{Judge, Violation, is_settled};
use crate::support::simulation::stock;

const LEASE: Duration = Duration::from_secs(10);
const STEP_TIMEOUT: Duration = Duration::from_secs(5);
const RETRY: Retry =
    Retry { first: Duration::from_millis(200), factor: 2.0, max: Duration::from_secs(30), attempts: 5 };
/// How often a human sends the order on its way again.
const RESCUES: u32 = 2;
/// What any case takes, many times over.
const TURNS: u32 = 200;

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its participant refuses, for good.
    Refused,
    /// Its participant fails, and nothing took effect.
    FailsBefore,
    /// It takes effect, and no answer comes.
    TimesOutAfter,
    /// Its engine ends before it leaves.
    DiesBeforeCall,
    /// It takes effect, and its engine ends before it hears so.
    DiesBeforeCommit,
    /// Its outcome is committed, and its engine ends before it hears so.
    DiesAfterCommit,
    /// Its answer comes twice.
    AnsweredTwice,
    /// Its answer comes when its engine waits no longer.
    AnsweredLate,
}

impl Fault {
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::FailsBefore,
        Self::TimesOutAfter,
        Self::DiesBeforeCall,
        Self::DiesBeforeCommit,
        Self::DiesAfterCommit,
        Self::AnsweredTwice,
        Self::AnsweredLate,
    ];

    /// Whether the engine goes on after it.
    pub fn is_survived(self) -> bool {
        !matches!(self, Self::DiesBeforeCall | Self::DiesBeforeCommit | Self::DiesAfterCommit)
    }
}

/// What follows upon a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The engine goes on.
    GoesOn,
    /// The engine dies, and starts again with nothing in memory.
    Restarts,
    /// The engine stands still until the other one has taken over and done its part; then it goes on where it stood.
    OtherTakesOver,
}

/// A fault that is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Of the call of this action, or of the refund that a client asks for.
    pub call: Call,
    /// Which of its calls: the first is 1.
    pub nth: u32,
    pub fault: Fault,
    pub then: Then,
}

/// A call by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Of(Action),
    /// A refund that a client asks for.
    ClientRefund,
}

impl Call {
    pub fn of(called: &Called) -> Self {
        if called.refund.is_some() {
            Self::ClientRefund
        } else {
            Self::Of(called.call.action().expect("no question has a key"))
        }
    }
}

/// When a client says something to the order.
#[derive(Debug, Clone)]
pub enum When {
    /// While this call is on its way for the first time.
    During(Action),
    /// When nothing is left to be done by itself.
    AtRest,
}

struct EngineM {
    node: Uuid,
    core: OrderCore,
    /// Of the command that it has in hand.
    asking: Option<Arc<Ask>>,
    waiting: VecDeque<Arc<Ask>>,
    /// What it does not hear while it stands still.
    frozen: Option<Vec<OrderInput>>,
    /// What becomes of it once its next write is done.
    ends: Option<Then>,
}

/// The order, and all that is around it.
pub struct Machine {
    pub store: ModelStore,
    pub outside: Outside,
    pub judge: Judge,
    /// What happened, where it is to be told.
    pub trace: Option<Vec<String>>,
    /// The calls that left since the last planned fault struck, each with its number among its like.
    pub since: Vec<(Call, u32)>,
    id: OrderId,
    now: Instant,
    local: Arc<dyn LocalParticipants>,
    engines: [EngineM; 2],
    /// Who goes on with the order.
    current: usize,
    nodes: u128,
    queue: VecDeque<(usize, Uuid, OrderInput)>,
    /// Answers that come when nothing else does.
    late: Vec<(usize, Uuid, OrderInput)>,
    faults: Vec<Planned>,
    struck: Vec<Planned>,
    verbs: Vec<(When, Arc<Ask>)>,
    asked: Vec<Arc<Ask>>,
    calls: Vec<Called>,
}

fn engine(id: &OrderId, node: u128) -> EngineM {
    EngineM {
        node: Uuid::from_u128(node),
        core: OrderCore::new(id.clone(), false),
        asking: None,
        waiting: VecDeque::new(),
        frozen: None,
        ends: None,
    }
}

/// A verb of the order's owner.
pub fn verb(id: &OrderId, client: &Client, key: &str, request: VerbRequest) -> Arc<Ask> {
    let (order_id, by) = (id.clone(), client.clone());
    let key = Some(counterfoil::saga::IdempotencyKey::trusted(key));
    let call =
        VerbCall { order_id, by, standing: Standing::Client, key, version: None, reason: "as asked".into(), request };
    Arc::new(Ask::Verb(PreparedVerb::new(call)))
}

impl Machine {
    pub fn new(
        id: OrderId,
        (plan, own): (Plan, Own),
        skus: &[&str],
        verbs: Vec<(When, Arc<Ask>)>,
        faults: &[Planned],
    ) -> Self {
        let local = Along::new(Local { test_tokens: true, plan }, own.saga(plan));
        let limit = StepName::parse("limit").expect("a name");
        let local = local.with(limit, |_: &Order| Ok(None));
        let store = ModelStore::default();
        skus.iter().for_each(|sku| stock(&store, sku, 100));
        Self {
            outside: Outside::new(None, None, None, skus),
            store,
            judge: Judge::default(),
            trace: None,
            since: Vec::new(),
            now: Instant::now(), // only differences of it are ever looked at
            local: Arc::new(local),
            engines: [engine(&id, 1), engine(&id, 2)],
            id,
            current: 0,
            nodes: 2,
            queue: VecDeque::new(),
            late: Vec::new(),
            faults: faults.to_vec(),
            struck: Vec::new(),
            verbs,
            asked: Vec::new(),
            calls: Vec::new(),
        }
    }

    /// Whether every planned fault struck.
    pub fn all_struck(&self) -> bool {
        self.faults.is_empty()
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(what());
        }
    }

    fn order(&self) -> Option<Order> {
        self.store.find(&self.id).map(|stored| stored.order)
    }

    fn pass(&mut self, span: Duration) {
        self.now += span;
        self.store.advance(span);
    }

    /// From the submission to the end, with repeats of everything.
    pub fn run(&mut self, submission: Arc<Ask>) -> Result<(), Violation> {
        self.ask(0, Arc::clone(&submission))?;
        let mut rescues = 0;
        for _ in 0..TURNS {
            self.work()?;
            if let Some((engine, node, heard)) = self.late.pop() {
                self.queue.push_back((engine, node, heard));
            } else if let Some(order) = self.order() {
                let attention = order.attention.is_some();
                if attention && rescues < RESCUES {
                    rescues += 1;
                    self.operate()?;
                } else if self.at_rest(&order) && self.next_verb() {
                    // a client says something
                } else if is_settled(&order) || attention {
                    return self.end(submission);
                } else {
                    self.wake()?;
                }
            } else {
                self.ask(self.current, Arc::clone(&submission))?; // nothing was stored: its client asks again
            }
        }
        Err(format!("no end in sight: {:?}, {:?}", self.order(), self.store.work(&self.id)))
    }

    fn at_rest(&self, order: &Order) -> bool {
        is_settled(order) || Due::of(order).is_none() && order.attention.is_none()
    }

    fn next_verb(&mut self) -> bool {
        let Some(at) = self.verbs.iter().position(|(when, _)| matches!(when, When::AtRest)) else { return false };
        let (_, ask) = self.verbs.remove(at);
        self.engines[self.current].waiting.push_back(ask);
        self.next_ask(self.current);
        true
    }

    /// Nothing happens by itself: time passes until the order is due, and whoever is there takes it up.
    fn wake(&mut self) -> Result<(), Violation> {
        let row = self.store.work(&self.id).ok_or("open, and nothing left to be done")?;
        let at = row.wake_at.ok_or_else(|| format!("never woken: {row:?}"))?;
        let span = u64::try_from(at.0 - self.store.now().0).unwrap_or(0);
        self.pass(Duration::from_micros(span));
        let node = self.engines[self.current].node;
        let sweep = self.store.claim(node, LEASE, 16).now_or_never().expect("the model does not wait");
        let sweep = sweep.expect("nor fails");
        if !sweep.set_aside.is_empty() {
            return Err("set aside, although nothing kills who loads it".into());
        }
        for claimed in sweep.claimed {
            self.note(|| format!("claimed: {claimed:?}"));
            self.ask(self.current, Arc::new(Ask::Wake(claimed, self.now)))?;
        }
        Ok(())
    }

    /// A human sends it on its way again.
    fn operate(&mut self) -> Result<(), Violation> {
        let (order_id, by, reason) = (self.id.clone(), Client::trusted("operator"), "again".into());
        let call = VerbCall {
            order_id,
            by,
            standing: Standing::Operator,
            key: None,
            version: None,
            reason,
            request: VerbRequest::Retry,
        };
        self.ask(self.current, Arc::new(Ask::Verb(PreparedVerb::new(call))))
    }

    fn ask(&mut self, engine: usize, ask: Arc<Ask>) -> Result<(), Violation> {
        self.engines[engine].waiting.push_back(ask);
        self.next_ask(engine);
        self.work()
    }

    fn next_ask(&mut self, number: usize) {
        let engine = &mut self.engines[number];
        if engine.asking.is_some() {
            return;
        }
        let Some(ask) = engine.waiting.pop_front() else { return };
        engine.asking = Some(Arc::clone(&ask));
        let node = engine.node;
        self.queue.push_back((number, node, OrderInput::Ask { ask, reload: true }));
    }

    /// Whatever is asked for happens, in order.
    fn work(&mut self) -> Result<(), Violation> {
        while let Some((engine, node, heard)) = self.queue.pop_front() {
            if self.engines[engine].node != node {
                continue; // who asked is gone
            }
            match &mut self.engines[engine].frozen {
                Some(held) => held.push(heard),
                None => self.hear(engine, heard)?,
            }
        }
        Ok(())
    }

    fn hear(&mut self, number: usize, heard: OrderInput) -> Result<(), Violation> {
        let engine = &mut self.engines[number];
        let driver = Driver {
            node: engine.node,
            lease: LEASE,
            reservation_ttl: Duration::from_secs(900),
            authorized_ttl: Duration::from_secs(3_600),
            intent: Intent::Same,
            look_first: false,
        };
        let world = OrderContext {
            now: self.store.now(),
            instant: self.now,
            local: &self.local,
            driver: &driver,
            retry: &RETRY,
            step_timeout: STEP_TIMEOUT,
            key_lifetime: &|_| None,
            doer: &|_| counterfoil::engine::Doer::Here,
            entry_wait: std::time::Duration::from_secs(60),
            knows_sku: &|_| true,
        };
        let mut steps = Vec::new();
        engine.core.step(heard, &world, &mut steps);
        steps.into_iter().try_for_each(|step| self.perform(number, step))
    }

    fn perform(&mut self, number: usize, step: OrderOutput) -> Result<(), Violation> {
        fn now<T>(asked: impl Future<Output = T>) -> T {
            asked.now_or_never().expect("the model does not wait")
        }
        let (id, node) = (self.id.clone(), self.engines[number].node);
        let mut wrote = false;
        let heard = match step {
            OrderOutput::Load | OrderOutput::Look => OrderInput::Loaded(Ok(self.store.find(&id))),
            OrderOutput::AskHold { version } => OrderInput::Held(now(self.store.held(id, version, node))),
            OrderOutput::Survey { scope, skus } => {
                OrderInput::Surveyed(Ok(Box::new(self.store.surveyed(&id, scope.as_ref(), &skus))))
            }
            OrderOutput::FindKey(scope) => OrderInput::KeyFound(Ok(self.store.binding(&scope))),
            OrderOutput::Bind(claim) => OrderInput::Bound(Ok(self.store.bind(&claim))),
            OrderOutput::Leave { version } => OrderInput::Postponed(now(self.store.leave(id, version))),
            OrderOutput::HandBack(back) => {
                wrote = true;
                OrderInput::Postponed(now(self.store.hand_back(id, back)))
            }
            OrderOutput::Postpone(off) => {
                wrote = true;
                OrderInput::Postponed(now(self.store.postpone(id, off)))
            }
            OrderOutput::Commit(write) => {
                wrote = true;
                OrderInput::Committed(self.commit(&write)?)
            }
            OrderOutput::Call(due, called) => return self.call(number, due, *called),
            OrderOutput::LookUp(due, called) => {
                let outcome = self.outside.look_up(&called);
                OrderInput::LookedUp { due, outcome, cause: None }
            }
            OrderOutput::Answer { verdict, .. } => return self.answered(number, &verdict),
            OrderOutput::Report { .. } | OrderOutput::NoticeAttention(_) => return Ok(()),
        };
        if wrote && let Some(then) = self.engines[number].ends.take() {
            self.end_engine(number, then)?;
        }
        self.queue.push_back((number, node, heard));
        Ok(())
    }

    fn commit(&mut self, write: &Write) -> Result<CommitResult, Violation> {
        let before = self.store.find(&self.id);
        let outcome = self.store.apply(write);
        self.note(|| match &outcome {
            Ok(Committed::Stored(txn)) => {
                let events: Vec<_> = txn.events.iter().map(counterfoil::saga::Event::name).collect();
                format!("stored as {} by {}", txn.order.state, events.join(", "))
            }
            other => format!("{other:?}"),
        });
        self.judge.wrote(&self.store, &self.outside, write, before.as_ref(), &outcome)?;
        Ok(outcome)
    }

    fn answered(&mut self, number: usize, verdict: &SubmitResult) -> Result<(), Violation> {
        let Some(ask) = self.engines[number].asking.take() else { return Err("an answer to nothing".into()) };
        if !matches!(*ask, Ask::Wake(..)) {
            self.note(|| format!("a client hears {verdict:?}"));
            self.judge.told(&self.store, &ask, verdict, 0)?;
            self.asked.extend(is_clients(&ask).then_some(ask));
        }
        self.next_ask(number);
        Ok(())
    }

    /// A call leaves, and its fault strikes.
    fn call(&mut self, number: usize, due: Due, called: Called) -> Result<(), Violation> {
        self.judge.calls(&self.store, &called, false)?;
        self.calls.push(called.clone());
        if called.call.is_look_up() {
            let outcome = self.outside.look_up(&called);
            self.queue.push_back((
                number,
                self.engines[number].node,
                OrderInput::LookedUp { due, outcome, cause: None },
            ));
            return Ok(());
        }
        let call = Call::of(&called);
        let nth = self.calls.iter().filter(|earlier| Call::of(earlier) == call).count();
        let nth = u32::try_from(nth).map_err(|_| "too many calls")?;
        if self.faults.is_empty() {
            self.since.push((call, nth));
        }
        let said = self.verbs.iter().position(|(when, _)| matches!(when, When::During(at) if Call::Of(*at) == call));
        if let Some(at) = said.filter(|_| nth == 1) {
            let (_, ask) = self.verbs.remove(at);
            self.engines[number].waiting.push_back(ask);
            self.next_ask(number);
            self.work()?;
            if self.engines[number].frozen.is_some() {
                return Ok(()); // the verb's own call met its fault
            }
        }
        let planned = self.faults.iter().position(|fault| fault.call == call && fault.nth == nth);
        let planned = planned.map(|at| self.faults.remove(at));
        self.note(|| format!("engine {number} sends {}: {planned:?}", called.call.kind));
        self.struck.extend(planned);
        self.strike(number, &due, &called, planned)
    }

    fn strike(&mut self, number: usize, due: &Due, called: &Called, planned: Option<Planned>) -> Result<(), Violation> {
        let node = self.engines[number].node;
        let fault = planned.map(|planned| planned.fault);
        if fault == Some(Fault::DiesBeforeCall) {
            // Where its engine only stands still, the call leaves when it goes on: see `end`.
            let then = planned.map_or(Then::GoesOn, |planned| planned.then);
            let heard = OrderInput::Answered { due: due.clone(), outcome: Outcome::Unknown, cause: None };
            self.end_engine(number, then)?;
            self.queue.push_back((number, node, heard));
            return Ok(());
        }
        let outcome = match fault {
            Some(Fault::FailsBefore) => Outcome::Unknown,
            Some(Fault::Refused) if self.may_refuse(called) => self.serve(called, Mood::Refuses)?,
            Some(_) | None => self.serve(called, Mood::Willing)?,
        };
        let answer =
            |outcome: &Outcome| OrderInput::Answered { due: due.clone(), outcome: outcome.clone(), cause: None };
        let (then, survived) =
            planned.map_or((Then::GoesOn, true), |planned| (planned.then, planned.fault.is_survived()));
        match fault {
            Some(Fault::TimesOutAfter) => {
                self.pass(STEP_TIMEOUT);
                self.queue.push_back((number, node, answer(&Outcome::Unknown)));
            }
            Some(Fault::DiesBeforeCommit) => {
                self.end_engine(number, then)?;
                self.queue.push_back((number, node, answer(&outcome)));
                return Ok(());
            }
            Some(Fault::AnsweredTwice) => {
                self.queue.push_back((number, node, answer(&outcome)));
                self.queue.push_back((number, node, answer(&outcome)));
            }
            Some(Fault::AnsweredLate) => {
                self.pass(STEP_TIMEOUT);
                self.queue.push_back((number, node, answer(&Outcome::Unknown)));
                self.late.push((number, node, answer(&outcome)));
            }
            Some(Fault::Refused | Fault::FailsBefore | Fault::DiesBeforeCall | Fault::DiesAfterCommit) | None => {
                self.queue.push_back((number, node, answer(&outcome)));
            }
        }
        if then != Then::GoesOn || !survived {
            self.engines[number].ends = Some(then);
        }
        Ok(())
    }

    /// A carrier does not refuse to cancel what it never had.
    fn may_refuse(&self, called: &Called) -> bool {
        let books = self.outside.books(&self.id);
        called.call.action() != Some(Action::CancelShipment) || books.shipped > books.cancelled
    }

    fn serve(&mut self, called: &Called, mood: Mood) -> Result<Outcome, Violation> {
        let took = self.outside.call(called, self.store.now(), mood)?;
        let books = self.outside.books(&self.id);
        for line in &took.lines {
            self.note(|| format!("{} takes effect: {books:?}", line.action));
            self.judge.took_effect(&self.store, called, &books, line)?;
        }
        Ok(took.outcome)
    }

    /// An engine ends, or stands still while the other one takes over.
    fn end_engine(&mut self, number: usize, then: Then) -> Result<(), Violation> {
        self.note(|| format!("engine {number}: {then:?}"));
        let unheard =
            self.engines[number].asking.iter().chain(&self.engines[number].waiting).cloned().collect::<Vec<_>>();
        self.asked.extend(unheard.into_iter().filter(is_clients));
        match then {
            Then::GoesOn => {}
            Then::Restarts => {
                self.nodes += 1;
                self.engines[number] = engine(&self.id, self.nodes);
            }
            Then::OtherTakesOver => {
                self.engines[number].frozen = Some(Vec::new());
                self.current = 1 - number;
                self.thaw(1 - number)?;
            }
        }
        Ok(())
    }

    /// It goes on where it stood, with what it has in memory.
    fn thaw(&mut self, number: usize) -> Result<(), Violation> {
        let node = self.engines[number].node;
        let held = self.engines[number].frozen.take().into_iter().flatten();
        self.queue.extend(held.map(|heard| (number, node, heard)));
        Ok(())
    }

    /// Whoever stood still goes on; every client asks again; every call arrives once more; and nothing changes.
    fn end(&mut self, submission: Arc<Ask>) -> Result<(), Violation> {
        for number in 0..2 {
            self.thaw(number)?;
            self.work()?;
        }
        let (order, books) = (self.order(), self.outside.books(&self.id));
        if order.as_ref().is_some_and(|order| order.attention.is_some()) {
            self.calls.clear(); // what a human must look at may still move
        }
        for called in std::mem::take(&mut self.calls).iter().filter(|called| !called.call.is_look_up()) {
            self.outside.call(called, self.store.now(), Mood::Willing)?;
        }
        let after = self.outside.books(&self.id);
        if books != after {
            return Err(format!("calls that came again took effect: {books:?}, {after:?}"));
        }
        let mut asked = std::mem::take(&mut self.asked);
        asked.push(submission);
        for ask in &asked {
            for engine in 0..2 {
                self.ask(engine, Arc::clone(ask))?;
            }
        }
        if self.order().map(|order| (order.state, order.answer)) != order.map(|order| (order.state, order.answer)) {
            return Err("the order moved, though its clients only asked again".into());
        }
        self.judge.end(&self.store, &self.outside, &asked)?;
        let order = self.order().ok_or("the order is gone")?;
        // Nor is a step behind the pivot refused by itself: an order only goes forward there.
        let passed = order.state == State::ShipmentCreated;
        let refused = |planned: &Planned| {
            planned.fault == Fault::Refused
                && (is_undo(planned.call) || passed && planned.call == Call::Of(Action::Run))
        };
        if order.attention.is_some() && !self.struck.iter().any(refused) {
            return Err(format!("in attention, although no undo was refused: {:?}", order.attention));
        }
        Ok(())
    }
}

/// Whether a client asked it, who asks again in doubt.
fn is_clients(ask: &Arc<Ask>) -> bool {
    match &**ask {
        Ask::Submit(_) => true,
        Ask::Verb(verb) => verb.call.standing != Standing::Operator,
        Ask::Wake(..) => false,
    }
}

fn is_undo(call: Call) -> bool {
    matches!(call, Call::Of(Action::Release | Action::Void | Action::Refund | Action::Undo))
}
