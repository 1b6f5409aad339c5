//! One order's behaviour, as a synchronous step function without IO: what its actor runs, and what the simulator
//! drives. It hears a command or the outcome of what it asked for, and says what to do next.
//!
//! Memory is a cache of committed rows. A new order is not read first: its insert says whether it was there. The race
//! that shaped this: between any read and the write that follows it, another instance may write. So nothing is
//! concluded from a read that the write does not prove again.

use std::collections::VecDeque;
use std::sync::Arc;

use super::api::{Prepared, Reply, SubmitError, Verdict};
use crate::limits;
use crate::ports::{
    CommitError, CommitResult, Committed, Guard, KeyBinding, KeyClaim, KeyScope, Pursuit, StoreError, StoredOrder,
    Write,
};
use crate::saga::leg::{self, LocalParticipants, StockVerdict};
use crate::saga::{Command, Order, OrderId, Sku, Timestamp};

/// What an order's actor hears.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "moved once, from its source to the step: a box would cost more")]
pub enum Heard {
    /// A submission to process; one at a time.
    Submit(Arc<Prepared>),
    /// What a load found.
    Loaded(Result<Option<StoredOrder>, StoreError>),
    /// Which SKUs are unknown.
    SkusChecked(Result<Vec<Sku>, StoreError>),
    /// What became of a write.
    Committed(CommitResult),
    /// What a key is bound to.
    KeyFound(Result<Option<KeyBinding>, StoreError>),
    /// What a key is bound to after it was to be bound.
    Bound(Result<KeyBinding, StoreError>),
}

/// What it does next.
#[derive(Debug)]
pub enum Step {
    /// Read the order.
    Load,
    /// Ask inventory for the SKUs that it may not know.
    CheckSkus(Vec<Sku>),
    /// Write.
    Commit(Box<Write>),
    /// Ask what a key is bound to.
    FindKey(KeyScope),
    /// Bind a key to this order.
    Bind(KeyClaim),
    /// The command is done.
    Answer(Verdict),
}

/// What the step function needs to know of the world.
pub struct World<'a> {
    /// The stamp of what is decided now.
    pub now: Timestamp,
    /// The participants in the same database.
    pub local: &'a Arc<dyn LocalParticipants>,
    /// How this engine pursues orders.
    pub pursuit: &'a Pursuit,
    /// Whether inventory is known to know a SKU. A SKU is never deleted, so a yes stays true.
    pub knows_sku: &'a dyn Fn(&Sku) -> bool,
}

/// How often one command reads and decides again before its client is told to repeat it.
const ATTEMPTS: u32 = 5;

/// The state of one order's actor.
#[derive(Debug)]
pub struct OrderCore {
    id: OrderId,
    memory: Option<StoredOrder>,
    /// Keys known to be bound to this order and its content, latest last.
    keys: VecDeque<KeyScope>,
    running: Option<Arc<Prepared>>,
    attempts: u32,
    checked: bool,
    load_first: bool,
}

impl OrderCore {
    /// A fresh actor. One that follows a dead one loads the order before anything else.
    pub fn new(id: OrderId, load_first: bool) -> Self {
        Self { id, memory: None, keys: VecDeque::new(), running: None, attempts: 0, checked: false, load_first }
    }

    /// The order as last read or written here.
    pub fn memory(&self) -> Option<&Order> {
        self.memory.as_ref().map(|stored| &stored.order)
    }

    /// Hears, and says what to do next. Anything heard while no command runs is a late echo and changes nothing.
    pub fn step(&mut self, heard: Heard, world: &World<'_>) -> Option<Step> {
        if let Heard::Submit(prepared) = heard {
            (self.attempts, self.checked) = (0, false);
            self.running = Some(prepared);
            return self.begin(world);
        }
        let running = Arc::clone(self.running.as_ref()?);
        match heard {
            Heard::Submit(_) => None,
            Heard::Loaded(Ok(Some(stored))) => {
                self.load_first = false;
                self.memory = Some(stored);
                self.judge(&running)
            }
            Heard::Loaded(Ok(None)) => {
                self.load_first = false;
                if self.checked { self.unknown_or_commit(&running, world) } else { self.begin(world) }
            }
            Heard::SkusChecked(Ok(unknown)) => self.checked_skus(&running, &unknown, world),
            Heard::Committed(Ok(committed)) => self.committed(&running, committed),
            Heard::Committed(Err(error)) => self.not_committed(error, &running),
            Heard::KeyFound(Ok(found)) => self.key_found(&running, found),
            Heard::Bound(Ok(binding)) => self.bound(&running, &binding),
            Heard::Loaded(Err(error))
            | Heard::SkusChecked(Err(error))
            | Heard::KeyFound(Err(error))
            | Heard::Bound(Err(error)) => self.answer(Err(store_error(error))),
        }
    }

    fn begin(&mut self, world: &World<'_>) -> Option<Step> {
        let running = Arc::clone(self.running.as_ref()?);
        if self.memory.is_some() {
            return self.judge(&running);
        }
        if self.load_first {
            return Some(Step::Load);
        }
        if running.request.lines.iter().all(|line| (world.knows_sku)(&line.sku)) {
            return self.commit(&running, world);
        }
        Some(Step::CheckSkus(running.request.quantities().into_keys().collect()))
    }

    /// An unknown SKU is told only of an order that is not there: a repeat comes first.
    fn checked_skus(&mut self, running: &Arc<Prepared>, unknown: &[Sku], world: &World<'_>) -> Option<Step> {
        if unknown.is_empty() {
            return self.commit(running, world);
        }
        if self.checked {
            return self.answer(Err(SubmitError::UnknownSku { skus: unknown.to_vec() }));
        }
        self.checked = true;
        Some(Step::Load)
    }

    /// The order is not there and inventory did not know all of its SKUs a moment ago.
    fn unknown_or_commit(&mut self, running: &Arc<Prepared>, _world: &World<'_>) -> Option<Step> {
        if let Some(claim) = &running.claim {
            return Some(Step::FindKey(claim.scope.clone()));
        }
        Some(Step::CheckSkus(running.request.quantities().into_keys().collect()))
    }

    fn commit(&mut self, running: &Arc<Prepared>, world: &World<'_>) -> Option<Step> {
        self.attempts += 1;
        if self.attempts > ATTEMPTS {
            return self.answer(Err(SubmitError::Unavailable("the order kept changing".into())));
        }
        let command = Arc::new(Command::Submit {
            id: self.id.clone(),
            client: running.client.clone(),
            request: Arc::clone(&running.request),
            plan: world.local.plan(),
        });
        match leg::run(None, &command, world.now, &**world.local, StockVerdict::Assumed) {
            Ok(leg) => Some(Step::Commit(Box::new(Write {
                key: running.claim.clone(),
                guard: Guard::Absent,
                leg,
                content: Arc::clone(&running.content),
                command,
                local: Arc::clone(world.local),
                now: world.now,
                pursuit: Pursuit { fresh_intent: true, ..*world.pursuit },
                settled: Vec::new(),
                log: None,
            }))),
            Err(refusal) => self.answer(Err(SubmitError::Internal(refusal.to_string()))),
        }
    }

    fn committed(&mut self, running: &Arc<Prepared>, committed: Committed) -> Option<Step> {
        match committed {
            Committed::Stored(leg) => {
                if let Some(claim) = &running.claim {
                    self.remember(claim.scope.clone());
                }
                let fingerprint = running.content.fingerprint.clone();
                let order = leg.order;
                let reply = reply(&order, false);
                self.memory = Some(StoredOrder { order, fingerprint });
                self.answer(Ok(reply))
            }
            Committed::Exists | Committed::Stale => Some(Step::Load),
            Committed::KeyKnown => match &running.claim {
                Some(claim) => Some(Step::FindKey(claim.scope.clone())),
                None => Some(Step::Load),
            },
        }
    }

    fn not_committed(&mut self, error: CommitError, running: &Arc<Prepared>) -> Option<Step> {
        match error {
            CommitError::UnknownSku => {
                self.checked = true;
                Some(Step::CheckSkus(running.request.quantities().into_keys().collect()))
            }
            CommitError::Unavailable(reason) => self.answer(Err(SubmitError::Unavailable(reason))),
            CommitError::Injected { .. } | CommitError::Refused(_) => {
                self.answer(Err(SubmitError::Internal(error.to_string())))
            }
        }
    }

    /// The order is known: a repeat gets its answer, anything else is told so. A key is checked first.
    fn judge(&mut self, running: &Arc<Prepared>) -> Option<Step> {
        let stored = self.memory.as_ref()?;
        let same = stored.order.client == running.client && stored.fingerprint == running.content.fingerprint;
        match (&running.claim, same) {
            (Some(claim), true) if !self.keys.contains(&claim.scope) => Some(Step::Bind(claim.clone())),
            (Some(claim), false) if !self.keys.contains(&claim.scope) => Some(Step::FindKey(claim.scope.clone())),
            (Some(_), false) => self.answer(Err(SubmitError::KeyReused { order_id: self.id.clone() })),
            (Some(_) | None, true) => {
                let reply = reply(&stored.order, true);
                self.answer(Ok(reply))
            }
            (None, false) => self.differs(running),
        }
    }

    fn differs(&mut self, running: &Arc<Prepared>) -> Option<Step> {
        let stored = self.memory.as_ref()?;
        let own = stored.order.client == running.client;
        let differs = own.then(|| stored.order.request.differs(&running.request));
        self.answer(Err(SubmitError::OrderExists { order_id: self.id.clone(), differs }))
    }

    fn key_found(&mut self, running: &Arc<Prepared>, found: Option<KeyBinding>) -> Option<Step> {
        let Some(binding) = found else {
            // Not bound: the order itself has the word.
            return match self.memory {
                Some(_) => self.differs(running),
                None => Some(Step::CheckSkus(running.request.quantities().into_keys().collect())),
            };
        };
        if binding.order_id != self.id || binding.fingerprint != running.content.fingerprint {
            return self.answer(Err(SubmitError::KeyReused { order_id: binding.order_id }));
        }
        if let Some(claim) = &running.claim {
            self.remember(claim.scope.clone());
        }
        Some(Step::Load)
    }

    fn bound(&mut self, running: &Arc<Prepared>, binding: &KeyBinding) -> Option<Step> {
        let mine = binding.order_id == self.id && binding.fingerprint == running.content.fingerprint;
        if !mine {
            return self.answer(Err(SubmitError::KeyReused { order_id: binding.order_id.clone() }));
        }
        if let Some(claim) = &running.claim {
            self.remember(claim.scope.clone());
        }
        let reply = reply(&self.memory.as_ref()?.order, true);
        self.answer(Ok(reply))
    }

    fn remember(&mut self, scope: KeyScope) {
        if self.keys.len() == limits::KEYS_IN_MEMORY {
            self.keys.pop_front();
        }
        self.keys.push_back(scope);
    }

    fn answer(&mut self, verdict: Verdict) -> Option<Step> {
        self.running = None;
        Some(Step::Answer(verdict))
    }
}

fn reply(order: &Order, replayed: bool) -> Reply {
    match &order.answer {
        Some(answer) => Reply::Final { order_id: order.id.clone(), answer: Arc::clone(answer), replayed },
        None => Reply::Running {
            order_id: order.id.clone(),
            state: order.state,
            version: order.version,
            amount: order.amount.0,
            currency: order.request.currency.as_str().to_owned(),
        },
    }
}

fn store_error(error: StoreError) -> SubmitError {
    match error {
        StoreError::Unavailable(reason) => SubmitError::Unavailable(reason),
        StoreError::Corrupt(_) | StoreError::Refused(_) => SubmitError::Internal(error.to_string()),
    }
}
