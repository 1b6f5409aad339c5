//! Steps of one's own in a program that embeds the engine: local ones, which are decided within the order's transaction, and
//! remote ones, which have an effect of their own.

pub mod amount_limit;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::ports::{Called, ParticipantHealth, RemoteParticipants, Told};
use crate::saga::definition::{Saga, StepKind};
use crate::saga::transaction::{InvalidField, LocalParticipants};
use crate::saga::{Action, Amount, Call, DeploymentId, Order, Outcome, Plan, Request, StepName};

/// Local participants, along a saga with steps of one's own: new orders begin under it. Those of its steps that are local are
/// decided by [`LocalStep`]s.
pub struct Along<L> {
    inner: L,
    saga: Saga,
    steps: BTreeMap<StepName, Box<dyn LocalStep>>,
}

/// A local step of one's own: a pure decision on the order, made within the transaction that comes to it. It must say the same
/// whenever it is asked, and of whatever program on the same database: an order whose commit is lost is decided anew. Where it
/// is set up otherwise meanwhile, the word that is committed first stands.
pub trait LocalStep: Send + Sync + 'static {
    /// Approves (with a name for that, where there is one), or refuses with a reason, which the order's answer tells.
    ///
    /// # Errors
    ///
    /// The reason of the refusal.
    fn decide(&self, order: &Order) -> Result<Option<Arc<str>>, String>;
}

impl<F: Fn(&Order) -> Result<Option<Arc<str>>, String> + Send + Sync + 'static> LocalStep for F {
    fn decide(&self, order: &Order) -> Result<Option<Arc<str>>, String> {
        self(order)
    }
}

impl<L: LocalParticipants> Along<L> {
    /// `inner` along `saga`, whose plan must be that of `inner`, its own remote steps apart.
    pub fn new(inner: L, saga: Saga) -> Self {
        Self { inner, saga, steps: BTreeMap::new() }
    }

    /// With somebody to decide the local step of this name.
    #[must_use]
    pub fn with(self, name: StepName, step: impl LocalStep) -> Self {
        self.with_all([(name, Box::new(step) as _)])
    }

    /// With somebody to decide each of these local steps.
    #[must_use]
    pub fn with_all(mut self, steps: impl IntoIterator<Item = (StepName, Box<dyn LocalStep>)>) -> Self {
        self.steps.extend(steps);
        self
    }
}

impl<L: LocalParticipants> LocalParticipants for Along<L> {
    fn plan(&self) -> Plan {
        self.saga.plan()
    }

    fn saga(&self) -> Saga {
        self.saga.clone()
    }

    fn has_step(&self, name: &StepName) -> bool {
        self.steps.contains_key(name)
    }

    fn steps(&self) -> Vec<StepName> {
        self.steps.keys().cloned().collect()
    }

    fn invalid(&self, request: &Request) -> Option<InvalidField> {
        self.inner.invalid(request)
    }

    fn answer(&self, order: &Order, call: Call) -> Option<Outcome> {
        let Some(own) = call.step(order) else { return self.inner.answer(order, call) };
        if own.kind != StepKind::Local || call.action() != Some(Action::Run) {
            return None;
        }
        Some(match self.steps.get(&own.name)?.decide(order) {
            Ok(reference) => Outcome::Done { reference, tombstone: false, captured: Amount(0), holds_ms: None },
            Err(reason) => Outcome::refused(reason),
        })
    }
}

/// A remote step of one's own: it has an effect that no transaction of the order's undoes.
///
/// The rules of every participant hold. It takes effect once under its key, however often it is asked; what has no certain
/// outcome is [`Outcome::Unknown`], never a refusal, and is asked again under the same key; an undo of a key that was never heard
/// of leaves a tombstone, and the key is refused from then on.
pub trait RemoteStep: Send + Sync + 'static {
    /// Does the step under this key, once; a repeat under the same key answers as the first.
    fn run(&self, order: Arc<Order>, key: Uuid) -> BoxFuture<'static, Outcome>;

    /// Undoes whatever became of the run under this key; asked only where the saga says that it can be undone.
    fn undo(&self, order: Arc<Order>, run: Uuid) -> BoxFuture<'static, Outcome>;

    /// What took effect under this key, changing nothing: `Done`, `Refused`, [`Outcome::Absent`] or [`Outcome::Unknown`].
    fn look_up(&self, order: Arc<Order>, key: Uuid) -> BoxFuture<'static, Outcome>;
}

/// Remote participants with remote steps of one's own beside them.
pub struct RemoteSteps<R> {
    inner: R,
    deployment: DeploymentId,
    steps: BTreeMap<StepName, Arc<dyn RemoteStep>>,
}

impl<R: RemoteParticipants> RemoteSteps<R> {
    /// `inner` does the built-in steps that are remote, and the steps of one's own that have nobody here; keys are derived in the
    /// name space of this deployment.
    pub fn new(inner: R, deployment: DeploymentId) -> Self {
        Self { inner, deployment, steps: BTreeMap::new() }
    }

    /// With somebody to do the remote step of this name.
    #[must_use]
    pub fn with(mut self, name: StepName, step: impl RemoteStep) -> Self {
        self.steps.insert(name, Arc::new(step));
        self
    }

    fn of(&self, called: &Called) -> Option<(Arc<dyn RemoteStep>, Uuid)> {
        let name = &called.call.step(&called.order)?.name;
        let key = self.deployment.step_key(&called.order.id, Action::Run.as_str(), name.as_str());
        Some((Arc::clone(self.steps.get(name)?), key))
    }
}

impl<R: RemoteParticipants> RemoteParticipants for RemoteSteps<R> {
    fn call(&self, called: Called) -> BoxFuture<'static, Outcome> {
        match self.of(&called) {
            Some((step, key)) if called.call.action() == Some(Action::Run) => step.run(called.order, key),
            Some((step, key)) if called.call.action() == Some(Action::Undo) => step.undo(called.order, key),
            Some((step, key)) => step.look_up(called.order, key),
            None => self.inner.call(called),
        }
    }

    /// Of an undo nothing is known but what a repeat of it finds.
    fn look_up(&self, called: Called) -> BoxFuture<'static, Outcome> {
        match self.of(&called) {
            Some(_) if called.call.action() == Some(Action::Undo) => Box::pin(std::future::ready(Outcome::Absent)),
            Some((step, key)) => step.look_up(called.order, key),
            None => self.inner.look_up(called),
        }
    }

    fn try_call(&self, called: Called) -> BoxFuture<'static, Told> {
        match self.of(&called) {
            Some(_) => {
                let asked = self.call(called);
                Box::pin(async move { asked.await.into() })
            }
            None => self.inner.try_call(called),
        }
    }

    fn try_look_up(&self, called: Called) -> BoxFuture<'static, Told> {
        match self.of(&called) {
            Some(_) => {
                let asked = self.look_up(called);
                Box::pin(async move { asked.await.into() })
            }
            None => self.inner.try_look_up(called),
        }
    }

    fn health(&self) -> Vec<ParticipantHealth> {
        self.inner.health()
    }

    fn has_step(&self, name: &StepName) -> bool {
        self.steps.contains_key(name) || self.inner.has_step(name)
    }

    fn steps(&self) -> Vec<StepName> {
        let mut names = self.inner.steps();
        names.extend(self.steps.keys().cloned());
        names
    }

    fn key_lifetime(&self, action: Action) -> Option<Duration> {
        self.inner.key_lifetime(action)
    }

    fn reach_anybody(&self) -> bool {
        !self.steps.is_empty() || self.inner.reach_anybody()
    }
}
