//! An instance of the engine: its shard and its order's actor, the product's own step functions, wired as
//! `crates/engine/src/engine/actors.rs` wires them. What it hears leads from one state of its memory to another, the same whatever the
//! rest of the world does: so each such step is taken once, and looked up ever after.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::{self, Due, OrderCore, OrderInput, OrderOutput};
use counterfoil::engine::shard::{Input, Output, ShardCore, ShardSettings};
use counterfoil::engine::{Ask, PreparedVerb, Retry, Standing, Submission, SubmitResult, VerbCall, VerbRequest};
use counterfoil::ports::{Claimed, Driver, Intent};
use counterfoil::saga::{
    Amount, Capture, Client, IdempotencyKey, LocalParticipants, OrderId, Outcome, Plan, Timestamp,
};
use counterfoil::telemetry::RestartCause;
use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::{Action8, Said, call as call_of, number_of};
use super::database::{Asked, Database, Told};
use crate::support::saga::{AMOUNT, Own, Participants, request};

pub(super) const LEASE: Duration = Duration::from_secs(10);
const STEP_TIMEOUT: Duration = Duration::from_secs(1);
/// Far beyond all the leases and pauses that a search can string together: only a move of its own reaches it.
const DEADLINE: Duration = Duration::from_secs(1_000_000_000);
/// After two sends without an outcome the participant is asked, and then a human.
const RETRY: Retry = Retry { first: Duration::from_millis(1), factor: 1.0, max: Duration::from_millis(1), attempts: 2 };

/// The number of a state of an instance.
pub(super) type EngineNo = u32;

/// What an instance hears from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hear {
    /// A client asks.
    Client(Client8),
    /// The sweep claimed the order.
    Claimed { attempts: u8, expired: bool },
    /// The store answers.
    Store(Told),
    /// A call has its answer, or none in time.
    Answer(Action8, Said),
    /// The same of a look-up.
    Found(Action8, Said),
    /// The order ended elsewhere, as a notification tells, or a look after half a second.
    Ended,
    /// The order's actor panicked.
    Died,
    /// The pause before its next actor is over.
    Tick,
}

/// What a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client8 {
    Submit,
    Cancel,
    Capture,
}

impl Client8 {
    pub(super) fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Hear {
    fn packed(self) -> u32 {
        let call = |action: Action8, said: Said| u32::from(action) << 3 | said as u32;
        let (kind, what) = match self {
            Self::Client(who) => (0, who as u32),
            Self::Claimed { attempts, expired } => (1, u32::from(attempts) << 1 | u32::from(expired)),
            Self::Store(told) => (2, u32::from(told)),
            Self::Answer(action, said) => (3, call(action, said)),
            Self::Found(action, said) => (4, call(action, said)),
            Self::Ended => (5, 0),
            Self::Died => (6, 0),
            Self::Tick => (7, 0),
        };
        kind << 24 | what
    }
}

/// What an instance does that others can see.
#[derive(Debug)]
pub(super) enum Effect {
    /// It asks the store, one thing at a time.
    Store(Asked),
    /// A call leaves.
    Call(Action8),
    /// A question leaves.
    LookUp(Action8),
    /// A client is answered.
    Reply(Client8, SubmitResult),
    /// The actor ended: what it awaited, nobody does.
    Stopped,
}

/// Its memory.
#[derive(Debug, Clone)]
struct Engine {
    shard: ShardCore<u8>,
    actor: Option<OrderCore>,
    /// The number of the actor: of one order there is only one, so that renumbered it is the first.
    generation: u64,
    /// Clients that wait for an answer here, as bits.
    waiting: u8,
    /// Whether it asked for a tick.
    wakes: bool,
}

/// Who talks to an instance, and with what it is set up.
pub(super) struct Instances {
    id: OrderId,
    asks: [Arc<Ask>; 3],
    local: Arc<dyn LocalParticipants>,
    now: Instant,
    known: Vec<Engine>,
    numbers: FxHashMap<[u8; 32], EngineNo>,
    /// Of each of the known: what it heard, where that led, and what it did then.
    steps: Vec<Vec<(u32, EngineNo, u32)>>,
    effects: Vec<Vec<Effect>>,
    text: String,
}

/// The name of each of them in the rows, where nothing rests on it: who holds the order, the searches know.
pub(super) const NODE: Uuid = Uuid::from_u128(1);

/// The state of an instance that has just started.
pub(super) const FRESH: EngineNo = 0;

impl Instances {
    pub(super) fn new(own: Own, plan: Plan, capture: Capture) -> Self {
        let (id, client) = (OrderId::trusted("ORD-1"), Client::trusted("shop"));
        let submission =
            Submission { client: client.clone(), order_id: Some(id.clone()), key: None, request: request(capture) };
        let prepared = counterfoil::engine::Prepared::new(submission).expect("it is named");
        let verb = |request: VerbRequest| {
            let (order_id, by, key) = (id.clone(), client.clone(), Some(IdempotencyKey::trusted(request.word())));
            let call = VerbCall {
                order_id,
                by,
                standing: Standing::Client,
                key,
                version: None,
                reason: "as asked".into(),
                request,
            };
            Arc::new(Ask::Verb(PreparedVerb::new(call)))
        };
        let asks = [
            Arc::new(Ask::Submit(prepared)),
            verb(VerbRequest::Cancel),
            verb(VerbRequest::Capture { amount: Some(Amount(AMOUNT)) }),
        ];
        let mut instances = Self {
            id,
            asks,
            local: Arc::new(Participants { own, plan, ..Participants::default() }),
            now: Instant::now(), // it stands still: only differences of it are ever looked at
            known: Vec::new(),
            numbers: FxHashMap::default(),
            steps: Vec::new(),
            effects: Vec::new(),
            text: String::new(),
        };
        let settings = ShardSettings { residents: 8, passivate_after: DEADLINE, max_deaths: 3 };
        let shard = ShardCore::new(settings);
        instances.intern(Engine { shard, actor: None, generation: 0, waiting: 0, wakes: false });
        instances
    }

    /// How many states of an instance were met.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// The clients that wait there, as bits.
    pub(super) fn waiting(&self, engine: EngineNo) -> u8 {
        self.known[engine as usize].waiting
    }

    pub(super) fn has_actor(&self, engine: EngineNo) -> bool {
        self.known[engine as usize].actor.is_some()
    }

    pub(super) fn effects(&self, number: u32) -> &[Effect] {
        &self.effects[number as usize]
    }

    /// Where what it hears leads an instance, and what it does then.
    pub(super) fn hear(&mut self, engine: EngineNo, hear: Hear, database: &mut Database) -> (EngineNo, u32) {
        let heard = hear.packed();
        // Few things are heard in any one state, so that to look through them is quick.
        let steps = &self.steps[engine as usize];
        let mut at = 0;
        while at < steps.len() {
            let (known, next, effects) = steps[at];
            if known == heard {
                return (next, effects);
            }
            at += 1;
        }
        let mut next = self.known[engine as usize].clone();
        let mut effects = self.run(&mut next, hear, database);
        if next.wakes {
            // The pause before the next actor: what comes meanwhile is queued behind the command that killed.
            effects.extend(self.run(&mut next, Hear::Tick, database));
        }
        next.shard.renumber();
        next.generation = u64::from(next.actor.is_some());
        let number = self.intern(next);
        self.effects.push(effects);
        let led = self.effects.len() as u32 - 1;
        self.steps[engine as usize].push((heard, number, led));
        (number, led)
    }

    /// Two whose memory reads the same behave the same: the step functions are pure, and time stands still.
    fn intern(&mut self, engine: Engine) -> EngineNo {
        self.text.clear();
        write!(self.text, "{engine:?}").expect("a string grows");
        // Time stands still, and the rest counts from the beginning of a command to its end.
        let counts = if self.text.contains("current: Some(Ask(") { "attempts: " } else { "load_first: " };
        cut(&mut self.text, "sent_at: ", counts);
        let digest: [u8; 32] = Sha256::digest(self.text.as_bytes()).into();
        let next = self.known.len() as EngineNo;
        let number = *self.numbers.entry(digest).or_insert(next);
        if number == next {
            self.known.push(engine);
            self.steps.push(Vec::new());
        }
        number
    }

    /// Messages between a shard and its actors stay on their thread, and none of them waits for anything from outside:
    /// they are all handled before the next thing is heard.
    fn run(&self, engine: &mut Engine, hear: Hear, database: &mut Database) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut mail = VecDeque::from([self.letter(engine, hear, database)]);
        let now = if hear == Hear::Tick { self.now + Duration::from_millis(100) } else { self.now };
        while let Some(letter) = mail.pop_front() {
            match letter {
                Letter::Shard(input) => {
                    let mut outputs = Vec::new();
                    engine.shard.step(input, now, &mut outputs);
                    for output in outputs {
                        self.perform(engine, output, &mut mail, &mut effects);
                    }
                }
                Letter::Actor(heard) => {
                    let Some(actor) = &mut engine.actor else { continue };
                    let mut steps = Vec::new();
                    self.step(actor, heard, &mut steps);
                    for step in steps {
                        self.act(engine, step, database, &mut mail, &mut effects);
                    }
                }
            }
        }
        effects
    }

    fn letter(&self, engine: &mut Engine, hear: Hear, database: &Database) -> Letter {
        let ask = |ask: &Arc<Ask>, waiter: Option<u8>| {
            let until = waiter.map_or(self.now, |_| self.now + DEADLINE);
            Letter::Shard(Input::Ask { ask: Arc::clone(ask), waiter, until })
        };
        let (id, generation) = (self.id.clone(), engine.generation);
        match hear {
            Hear::Client(who) => {
                engine.waiting |= who.bit();
                ask(&self.asks[who as usize], Some(who as u8))
            }
            Hear::Claimed { attempts, expired } => {
                let (attempts, intent_age, late) = (i16::from(attempts), Duration::ZERO, Duration::ZERO);
                let claimed =
                    Claimed { order_id: id, attempts, intent_age, expired, look: false, late, counted: false };
                ask(&Arc::new(Ask::Wake(claimed, self.now)), None)
            }
            Hear::Store(told) => Letter::Actor(database.told(told).clone()),
            Hear::Answer(call, said) => {
                let due = Due { call: call_of(call), refund: None };
                Letter::Actor(OrderInput::Answered { due, outcome: outcome(said), cause: None })
            }
            Hear::Found(call, said) => {
                let due = Due { call: call_of(call), refund: None };
                Letter::Actor(OrderInput::LookedUp { due, outcome: outcome(said), cause: None })
            }
            Hear::Ended => Letter::Shard(Input::Ended { id }),
            Hear::Died => {
                engine.actor = None;
                Letter::Shard(Input::Died { id, generation, cause: RestartCause::Panic })
            }
            Hear::Tick => {
                engine.wakes = false;
                Letter::Shard(Input::Tick)
            }
        }
    }

    fn step(&self, actor: &mut OrderCore, heard: OrderInput, steps: &mut Vec<OrderOutput>) {
        let driver = Driver {
            node: NODE,
            lease: LEASE,
            reservation_ttl: DEADLINE,
            authorized_ttl: DEADLINE,
            intent: Intent::Same,
            look_first: false,
        };
        let world = order::OrderContext {
            now: Timestamp(0),
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
        actor.step(heard, &world, steps);
    }

    fn perform(&self, engine: &mut Engine, output: Output<u8>, mail: &mut VecDeque<Letter>, out: &mut Vec<Effect>) {
        match output {
            Output::Start { id, generation, rehydrate } => {
                engine.actor = Some(OrderCore::new(id, rehydrate));
                engine.generation = generation;
            }
            Output::Deliver { ask, reload, .. } => mail.push_back(Letter::Actor(OrderInput::Ask { ask, reload })),
            Output::Stop { .. } => {
                engine.actor = None;
                out.push(Effect::Stopped);
            }
            Output::Reply { waiter, verdict } => {
                let who = [Client8::Submit, Client8::Cancel, Client8::Capture][usize::from(waiter)];
                engine.waiting &= !who.bit();
                out.push(Effect::Reply(who, verdict));
            }
            Output::Quarantine { .. } => unreachable!("one death does not lead there"),
            Output::WakeAt(_) => engine.wakes = true,
        }
    }

    fn act(
        &self,
        engine: &mut Engine,
        step: OrderOutput,
        database: &mut Database,
        mail: &mut VecDeque<Letter>,
        out: &mut Vec<Effect>,
    ) {
        let (id, generation) = (self.id.clone(), engine.generation);
        match step {
            OrderOutput::Answer { verdict, driving } => {
                mail.push_back(Letter::Shard(Input::Answered { id, generation, verdict, driving }));
            }
            OrderOutput::NoticeAttention(_) => {} // for the log
            OrderOutput::Report { reply, resting } => {
                mail.push_back(Letter::Shard(Input::Moved { id, generation, reply, resting }));
            }
            OrderOutput::Call(Due { call, .. }, _) if call.is_look_up() => out.push(Effect::LookUp(number_of(call))),
            OrderOutput::Call(due, _) => out.push(Effect::Call(number_of(due.call))),
            OrderOutput::LookUp(due, _) => out.push(Effect::LookUp(number_of(due.call))),
            OrderOutput::Load
            | OrderOutput::Look
            | OrderOutput::AskHold { .. }
            | OrderOutput::Survey { .. }
            | OrderOutput::Commit(_)
            | OrderOutput::FindKey(_)
            | OrderOutput::Bind(_)
            | OrderOutput::Postpone(_)
            | OrderOutput::HandBack(_)
            | OrderOutput::Leave { .. } => out.push(Effect::Store(database.ask(step))),
        }
    }
}

/// Cuts what is between two words, where they are.
fn cut(text: &mut String, from: &str, to: &str) {
    if let Some(begin) = text.find(from)
        && let Some(length) = text[begin..].find(to)
    {
        text.replace_range(begin..begin + length, "");
    }
}

/// What is on its way within an instance.
#[expect(clippy::large_enum_variant, reason = "moved once, from its sender to its receiver")]
enum Letter {
    Shard(Input<u8>),
    Actor(OrderInput),
}

fn outcome(said: Said) -> Outcome {
    let done =
        |tombstone, captured| Outcome::Done { reference: None, tombstone, captured: Amount(captured), holds_ms: None };
    match said {
        Said::Done => done(false, 0),
        Said::DoneCharged => done(false, AMOUNT),
        Said::Tombstone => done(true, 0),
        Said::Refused => Outcome::refused("no"),
        Said::Absent => Outcome::Absent,
        Said::Unknown => Outcome::Unknown,
    }
}
