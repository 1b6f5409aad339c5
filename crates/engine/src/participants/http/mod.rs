//! The engine's client of remote participants: what [`RemoteParticipants`] asks, as JSON over HTTP under the
//! [contract](super::contract).
//!
//! - **One key a step.** The `Idempotency-Key` is derived from deployment, order, action and operation, so that whoever
//!   makes the call, however often and after whatever crash, makes the same one (`request.rs`).
//! - **Only an answer is an outcome.** A timeout, a reset, a redirect, a body that is too long or is not what the
//!   contract says: all of it is [`Outcome::Unknown`], since the call may have taken effect (`outcome.rs`).
//! - **Only what agrees is one.** What a participant says of other money, another order or other goods than was asked under
//!   our keys is [`Outcome::Contradicted`] (`agreement.rs`). An undo is sent only after a look at what it would undo: it
//!   names keys, and what stands under them may be somebody else's.
//! - **A try that sent nothing is told from one of unknown outcome**: where there was no turn, no connection, or where the
//!   participant as a whole is away and its calls pause (`circuit.rs`), the outcome is [`Outcome::Unsent`].
//! - **Every call ends.** The step timeout bounds all of it, from the wait for a turn over the connection to the last
//!   byte of the answer; how many are under way at once is bounded by participant.
//!
//! Requests run on the runtime that the client was given, not on the callers': connections live where they were opened,
//! and a shard whose thread is busy or gone must not take the calls of the others with it. A caller that goes away does
//! not stop its call, which ends by itself within the step timeout.
//!
//! Bodies hold addresses and tokens of payment methods: they are never logged, nor is what could quote them.

mod agreement;
mod circuit;
mod outcome;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, join_all};
use hyper::Method;
use hyper::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::contract::IDEMPOTENCY_KEY;
use crate::client::{Client, ClientError, Credentials, HttpAnswer, encode_segment};
use crate::limits;
use crate::ports::{Called, Cause, ParticipantHealth, RemoteParticipants, Testimony, Told};
use crate::saga::effect::ParticipantRole;
use crate::saga::{Action, CallKind, DeploymentId, OrderId, Outcome, StepName};
use crate::telemetry::Metrics;

use circuit::{Admission, Change, Circuit, Errand};

/// The largest answer that is read: an order with hundreds of operations stays far below it.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// The order that participants are asked about to see whether they are there: no client's, and none is placed under it by us.
const GREETING: &str = "counterfoil-is-there";
/// A participant that fails is told of in the log once in so long, and with it how often it failed meanwhile.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

/// Which participants are remote, and how they are spoken to.
#[derive(Debug, Clone)]
pub struct ParticipantSettings {
    /// The name space of the step keys.
    pub deployment: DeploymentId,
    /// Where inventory is, where it is remote: `http[s]://host[:port][/prefix]`, as all of them.
    pub inventory: Option<String>,
    /// Where the payment provider is, where it is remote.
    pub payment: Option<String>,
    /// Where the carrier is, where it is remote.
    pub shipment: Option<String>,
    /// Where the participants of steps of one's own are, by the name of the step.
    pub steps: Vec<(StepName, String)>,
    /// How long a whole call may take.
    pub step_timeout: Duration,
    /// How long the payment provider answers repeats of a key.
    pub payment_key_lifetime: Duration,
    /// Calls of one participant that are under way, at most: [`crate::limits::PARTICIPANT_CALLS`].
    pub calls: usize,
}

/// The remote participants. A role without a URL has none: whatever is asked of it has no outcome, so that an order
/// which began under another configuration waits, and in the end asks for a human.
#[derive(Debug)]
pub struct HttpParticipants {
    inner: Arc<Inner>,
    runtime: Handle,
}

#[derive(Debug)]
struct Inner {
    deployment: DeploymentId,
    step_timeout: Duration,
    payment_key_lifetime: Duration,
    inventory: Option<Participant>,
    payment: Option<Participant>,
    shipment: Option<Participant>,
    steps: BTreeMap<StepName, Participant>,
    metrics: Arc<Metrics>,
}

/// One participant: its connections, and how many calls may use them at once.
#[derive(Debug)]
struct Participant {
    who: Who,
    /// As [`Who::name`], for labels and logs.
    name: Arc<str>,
    client: Client,
    turns: Semaphore,
    circuit: Circuit,
    heard: Heard,
    complaints: Mutex<Complaints>,
}

/// The participant of a built-in role, or of a step of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// Of a built-in step.
    Role(ParticipantRole),
    /// Of a step of one's own.
    Step(StepName),
}

impl Who {
    /// Whose call it is. `None` where it names no step.
    fn of(called: &Called) -> Option<Self> {
        match called.call.own {
            Some(_) => called.call.step(&called.order).map(|step| Self::Step(step.name.clone())),
            None => Some(Self::Role(called.call.role())),
        }
    }

    /// Its name in logs and metrics.
    fn name(&self) -> &str {
        match self {
            Self::Role(role) => role.as_str(),
            Self::Step(name) => name.as_str(),
        }
    }

    /// Where it stands in the configuration.
    fn section(&self) -> String {
        match self {
            Self::Role(role) => format!("participants.{}", role.as_str()),
            Self::Step(name) => format!("saga.steps.{name}"),
        }
    }

    fn does(&self, action: Action) -> bool {
        match self {
            Self::Role(role) => action.role() == *role,
            Self::Step(_) => action.role() == ParticipantRole::Step,
        }
    }
}

/// Whether a participant has answered anything but 404 so far, which is what a wrong URL answers.
#[derive(Debug, Default)]
struct Heard(AtomicU8);

impl Heard {
    const NOTHING: u8 = 0;
    const ONLY_404: u8 = 1;
    const MORE: u8 = 2;

    /// Hears a status. Whether 404 is all that was ever heard, and whether that is news.
    fn hear(&self, status: u16) -> (bool, bool) {
        if status != 404 {
            self.0.store(Self::MORE, Ordering::Relaxed);
            return (false, false);
        }
        let first = self.0.compare_exchange(Self::NOTHING, Self::ONLY_404, Ordering::Relaxed, Ordering::Relaxed);
        (first != Err(Self::MORE), first.is_ok())
    }
}

/// What the log has been told of a participant.
#[derive(Debug, Default)]
struct Complaints {
    last: Option<Instant>,
    untold: u64,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// The call itself.
    Act,
    /// What became of it.
    LookUp,
}

/// What is shown to the participants, and asked of them: of each its own.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// To inventory: certificates and a token.
    pub inventory: Credentials,
    /// To the payment provider: certificates and a token.
    pub payment: Credentials,
    /// To the carrier: certificates and a token.
    pub shipment: Credentials,
    /// To the participants of steps of one's own.
    pub steps: BTreeMap<StepName, Credentials>,
}

impl HttpParticipants {
    /// A client of the participants that have a URL. Nothing is connected yet; `runtime` will make the calls and has to
    /// run for as long as any are wanted. The metrics of the remote participants begin at zero with it.
    ///
    /// # Errors
    ///
    /// [`ClientError::Target`], where a URL is not of the form that it must have.
    pub fn new(settings: ParticipantSettings, metrics: Arc<Metrics>, runtime: Handle) -> Result<Self, ClientError> {
        Self::showing(settings, Shown::default(), metrics, runtime)
    }

    /// As [`HttpParticipants::new`], with credentials.
    ///
    /// # Errors
    ///
    /// As for [`HttpParticipants::new`].
    pub fn showing(
        settings: ParticipantSettings,
        shown: Shown,
        metrics: Arc<Metrics>,
        runtime: Handle,
    ) -> Result<Self, ClientError> {
        let participant = |who: Who, url: Option<String>, shown: Credentials| {
            let Some(url) = url else { return Ok(None) };
            let name: Arc<str> = who.name().into();
            // Half of what a call has at least: who is not to be reached is told from who does not answer.
            let client = Client::connecting_within(&url, settings.step_timeout / 4, shown)?
                .with_timeout(settings.step_timeout)
                .with_max_answer_bytes(MAX_ANSWER_BYTES);
            register(&metrics, &who);
            let calls = settings.calls.clamp(1, Semaphore::MAX_PERMITS);
            let (turns, circuit) = (Semaphore::new(calls), Circuit::new(&name, calls, Instant::now()));
            Ok(Some(Participant {
                who,
                name,
                client,
                turns,
                circuit,
                heard: Heard::default(),
                complaints: Mutex::default(),
            }))
        };
        let mut steps = BTreeMap::new();
        let mut of_steps = shown.steps;
        for (name, url) in settings.steps {
            let shown = of_steps.remove(&name).unwrap_or_default();
            if let Some(one) = participant(Who::Step(name.clone()), Some(url), shown)? {
                steps.insert(name, one);
            }
        }
        let inner = Inner {
            steps,
            inventory: participant(Who::Role(ParticipantRole::Inventory), settings.inventory, shown.inventory)?,
            payment: participant(Who::Role(ParticipantRole::Payment), settings.payment, shown.payment)?,
            shipment: participant(Who::Role(ParticipantRole::Shipment), settings.shipment, shown.shipment)?,
            deployment: settings.deployment,
            step_timeout: settings.step_timeout,
            payment_key_lifetime: settings.payment_key_lifetime,
            metrics,
        };
        Ok(Self { inner: Arc::new(inner), runtime })
    }

    fn ask(&self, called: Called, question: Question) -> BoxFuture<'static, Told> {
        let (inner, runtime) = (Arc::clone(&self.inner), self.runtime.clone());
        Box::pin(async move {
            let asked = runtime.spawn(async move { inner.ask(&called, question).await });
            // A runtime that ends, or a panic in there, says nothing about the participant.
            asked.await.unwrap_or_else(|_| unknown("the call was given up"))
        })
    }

    /// Asks each of them something that changes nothing, and tells the log where its URL seems to be wrong. Nothing rests on
    /// the answers: who is not there yet may come.
    pub fn greet(&self) {
        for who in self.inner.everybody() {
            let inner = Arc::clone(&self.inner);
            self.runtime.spawn(async move {
                if let Some(participant) = inner.participant(&who) {
                    participant.greet(inner.step_timeout).await;
                }
            });
        }
    }
}

/// No outcome, for a reason that is not the participant's.
fn unknown(error: &str) -> Told {
    Told { outcome: Outcome::Unknown, cause: Some(Cause::own(error.into())) }
}

/// Whether whoever is there does not know us: a token that is wrong says nothing about any order. A 403 does: it may be meant
/// for what one order says, by what stands before the participant.
fn shuts_out(status: u16) -> bool {
    matches!(status, 401 | 407)
}

/// Whether an answer is the participant's own: that it is there, whatever it says. Who has no time, who does not let us in,
/// and what a proxy shows in its place (a server's error, a redirection, a page), is none.
fn speaks(answer: &HttpAnswer) -> bool {
    match answer.status {
        status if shuts_out(status) => false,
        408 | 425 | 429 => false,
        400..=499 => true,
        200..=299 => answer.body.trim_ascii_start().starts_with(b"{"),
        _ => false,
    }
}

/// What was heard of one question.
struct Reply {
    outcome: Outcome,
    status: u16,
    /// See [`speaks`].
    speaks: bool,
}

impl Reply {
    fn new(outcome: Outcome, answer: &HttpAnswer) -> Self {
        Self { outcome, status: answer.status, speaks: speaks(answer) }
    }
}

/// Why there is none.
struct Silence {
    error: String,
    was_sent: bool,
}

impl From<ClientError> for Silence {
    fn from(error: ClientError) -> Self {
        Self { error: error.cause(), was_sent: error.was_sent() }
    }
}

impl RemoteParticipants for HttpParticipants {
    fn call(&self, called: Called) -> BoxFuture<'static, Outcome> {
        let told = self.try_call(called);
        Box::pin(async move { told.await.outcome })
    }

    fn look_up(&self, called: Called) -> BoxFuture<'static, Outcome> {
        let told = self.try_look_up(called);
        Box::pin(async move { told.await.outcome })
    }

    fn try_call(&self, called: Called) -> BoxFuture<'static, Told> {
        // Asking what became of a payment is no action: there is nothing to send but the question.
        let question = if called.call.is_look_up() { Question::LookUp } else { Question::Act };
        self.ask(called, question)
    }

    fn try_look_up(&self, called: Called) -> BoxFuture<'static, Told> {
        self.ask(called, Question::LookUp)
    }

    fn testimonies(&self, order: OrderId) -> BoxFuture<'static, Vec<Testimony>> {
        let inner = Arc::clone(&self.inner);
        let asked = self.runtime.spawn(async move {
            let asked = inner.everybody().into_iter().map(|who| inner.testimony(who, &order));
            join_all(asked).await.into_iter().flatten().collect()
        });
        Box::pin(async move { asked.await.unwrap_or_default() })
    }

    fn health(&self) -> Vec<ParticipantHealth> {
        let now = Instant::now();
        let health = |who: Who| {
            let participant = self.inner.participant(&who)?;
            let (state, since, last_error) = participant.circuit.health(now);
            let url = participant.client.base_url().to_owned();
            Some(ParticipantHealth { participant: Arc::clone(&participant.name), url, state, since, last_error })
        };
        self.inner.everybody().into_iter().filter_map(health).collect()
    }

    /// Money alone: a parcel or a reservation that is sent for again meets its own effect, which outlives the key.
    fn key_lifetime(&self, action: Action) -> Option<Duration> {
        match action {
            Action::Charge | Action::Authorize | Action::Capture | Action::Void | Action::Refund => {
                self.inner.payment.as_ref().map(|_| self.inner.payment_key_lifetime)
            }
            Action::Reserve | Action::Release | Action::Ship | Action::CancelShipment | Action::Run | Action::Undo => {
                None
            }
        }
    }

    fn reach_anybody(&self) -> bool {
        !self.inner.everybody().is_empty()
    }

    fn has_step(&self, name: &StepName) -> bool {
        self.inner.steps.contains_key(name)
    }

    fn steps(&self) -> Vec<StepName> {
        self.inner.steps.keys().cloned().collect()
    }
}

impl Inner {
    fn participant(&self, who: &Who) -> Option<&Participant> {
        match who {
            Who::Role(ParticipantRole::Inventory) => self.inventory.as_ref(),
            Who::Role(ParticipantRole::Payment) => self.payment.as_ref(),
            Who::Role(ParticipantRole::Shipment) => self.shipment.as_ref(),
            Who::Role(ParticipantRole::Step) => None,
            Who::Step(name) => self.steps.get(name),
        }
    }

    /// All that there are.
    fn everybody(&self) -> Vec<Who> {
        let built_in = [&self.inventory, &self.payment, &self.shipment].into_iter().flatten();
        built_in.chain(self.steps.values()).map(|participant| participant.who.clone()).collect()
    }

    /// What one says of an order. It takes no turn of the calls, which may all be taken by those that hang.
    async fn testimony(&self, who: Who, order: &OrderId) -> Option<Testimony> {
        let participant = self.participant(&who)?;
        let answer = match tokio::time::timeout(self.step_timeout, participant.operations(order)).await {
            Ok(Ok(answer)) => Ok((answer.status, String::from_utf8_lossy(&answer.body).into_owned())),
            Ok(Err(error)) => Err(error.cause().into()),
            Err(_elapsed) => Err(format!("it did not answer within {} ms", self.step_timeout.as_millis()).into()),
        };
        Some(Testimony {
            participant: Arc::clone(&participant.name),
            url: participant.client.base_url().to_owned(),
            answer,
        })
    }

    async fn ask(self: &Arc<Self>, called: &Called, question: Question) -> Told {
        let who = Who::of(called);
        let Some(participant) = who.as_ref().and_then(|who| self.participant(who)) else {
            let name = who.as_ref().map_or("step", Who::name);
            let error = format!("the order's {name} is remote, and none is configured");
            tracing::error!(order_id = %called.order.id, action = %called.call.kind, "{error}");
            return unknown(&error);
        };
        let started = Instant::now();
        let mut told = self.in_turn(participant, called, question, started).await;
        if let Outcome::Contradicted { reason } = &mut told.outcome {
            let left = self.step_timeout.saturating_sub(started.elapsed());
            if let Some(precisely) = self.precisely(participant, called, left).await {
                *reason = precisely;
            }
            tracing::error!(
                participant = &*participant.name, action = %called.call.kind, order_id = %called.order.id, reason,
                "a participant contradicts an order: nothing more is sent before an operator says so"
            );
        }
        let kind = if question == Question::Act { called.call.kind } else { CallKind::LookUp };
        let seconds = started.elapsed().as_secs_f64();
        self.metrics.participant_call(&participant.name, kind.as_str(), outcome_word(&told.outcome), seconds);
        told
    }

    /// Asks, once that may be and there is a turn for it.
    async fn in_turn(
        self: &Arc<Self>,
        participant: &Participant,
        called: &Called,
        question: Question,
        started: Instant,
    ) -> Told {
        let (circuit, order) = (&participant.circuit, &called.order.id);
        let unsent = |cause| Told { outcome: Outcome::Unsent, cause: Some(cause) };
        let to_a_call = question == Question::Act;
        let (ramp, is_trial) = match circuit.admit(order, to_a_call, started) {
            Admission::Go(ramp) => (ramp, false),
            Admission::Trial => (None, true),
            Admission::Away(cause) => return unsent(cause),
        };
        let turn = async {
            let slot = match ramp {
                Some(slots) => Some(slots.acquire_owned().await.ok()?),
                None => None,
            };
            Some((slot, participant.turns.acquire().await.ok()?))
        };
        // Half of the time at most, so that whoever gets a turn has time for an answer.
        let Ok(Some(_turn)) = tokio::time::timeout(self.step_timeout / 2, turn).await else {
            return unsent(circuit.crowded(order, Instant::now()));
        };
        // It may have been found to be away meanwhile.
        if !is_trial && let Admission::Away(cause) = circuit.admit(order, to_a_call, Instant::now()) {
            return unsent(cause);
        }
        let (left, sent_at) = (self.step_timeout.saturating_sub(started.elapsed()), Instant::now());
        let heard = match tokio::time::timeout(left, self.exchange(participant, called, question)).await {
            Ok(heard) => heard,
            Err(_elapsed) => {
                let error = format!("no answer within {} ms", self.step_timeout.as_millis());
                Err(Silence { error, was_sent: true })
            }
        };
        self.heard(participant, called, question, heard, sent_at)
    }

    /// What was heard means something for the order, and something for whether the participant is there.
    fn heard(
        self: &Arc<Self>,
        participant: &Participant,
        called: &Called,
        question: Question,
        heard: Result<Reply, Silence>,
        sent_at: Instant,
    ) -> Told {
        let (now, to_a_call) = (Instant::now(), question == Question::Act);
        let (outcome, speaks, error, counts) = match heard {
            Ok(Reply { outcome, status, speaks }) => {
                let only_404 = participant.hears(status);
                let error = match status {
                    404 if only_404 => format!("answered 404, as to everything so far: {}", participant.wrong_url()),
                    401 => format!("answered {status}: {}", participant.wrong_token()),
                    _ => format!("answered {status}, which is no outcome"),
                };
                // What was shut out is no attempt, were this order the only one. It has no outcome all the same.
                (outcome, speaks, error, !shuts_out(status))
            }
            Err(Silence { error, was_sent: true }) => (Outcome::Unknown, false, error, true),
            Err(Silence { error, was_sent: false }) => (Outcome::Unsent, false, format!("not sent: {error}"), false),
        };
        let error: Arc<str> = error.into();
        let change = match speaks {
            true => participant.circuit.answered(to_a_call, now),
            false => participant.circuit.failed(&called.order.id, to_a_call, Arc::clone(&error), sent_at, now),
        };
        self.tell(participant, change);
        let cause = match outcome {
            Outcome::Unknown | Outcome::Unsent => {
                let kind = if to_a_call { called.call.kind } else { CallKind::LookUp };
                participant.complain(called, kind, &error);
                Some(participant.circuit.cause(&called.order.id, error, to_a_call, counts, now))
            }
            Outcome::Done { .. }
            | Outcome::Refused { .. }
            | Outcome::Pending
            | Outcome::Absent
            | Outcome::Contradicted { .. } => None,
        };
        Told { outcome, cause }
    }

    /// Tells the log and the metrics that a participant went or came; who went is asked after from then on.
    fn tell(self: &Arc<Self>, participant: &Participant, change: Option<Change>) {
        let name = &*participant.name;
        match change {
            None => {}
            Some(Change::InDoubt { error, orders, ask }) => {
                tracing::warn!(
                    participant = name, last_error = %error, orders,
                    "few calls, and none of them answered: it is asked whether the participant is there"
                );
                if ask {
                    tokio::spawn(ask_after(Arc::downgrade(self), participant.who.clone()));
                }
            }
            Some(Change::Away { error, orders, ask }) => {
                self.metrics.participant_up(name, false);
                tracing::error!(
                    participant = name, last_error = %error, orders,
                    "a participant is away: its calls pause until it answers a look-up"
                );
                if ask {
                    tokio::spawn(ask_after(Arc::downgrade(self), participant.who.clone()));
                }
            }
            Some(Change::Back { after }) => {
                self.metrics.participant_up(name, true);
                let seconds = after.as_secs_f64();
                tracing::warn!(participant = name, away_seconds = seconds, "a participant is back: its calls go on");
            }
        }
    }

    /// One question, and what the answer means.
    async fn exchange(&self, participant: &Participant, called: &Called, question: Question) -> Result<Reply, Silence> {
        let request = match question {
            Question::Act => request::of(self.deployment, called),
            Question::LookUp => None,
        };
        let Some(request) = request else {
            let told = participant.operations(&called.order.id).await?;
            let outcome = outcome::of_look_up(self.deployment, called, told.status, &told.body);
            return Ok(Reply::new(outcome, &told));
        };
        if called.call.action().is_some_and(Action::is_undo) {
            // What comes to stand under these keys between this look and the undo is not seen: the next is sent at once.
            let told = participant.operations(&called.order.id).await?;
            match outcome::contradiction(self.deployment, called, told.status, &told.body) {
                Ok(None) => {}
                Ok(Some(reason)) => return Ok(Reply::new(Outcome::Contradicted { reason }, &told)),
                Err(()) => return Ok(Reply::new(Outcome::Unknown, &told)),
            }
        }
        let key = request::step_key(self.deployment, called).to_string();
        let (path, headers) = (format!("/{}", request.action()), [(IDEMPOTENCY_KEY, key.as_str())]);
        let sent = participant.client.request(Method::POST, &path, &headers, Some(Bytes::from(request.body())));
        let told = sent.await?;
        Ok(Reply::new(outcome::of_call(called, &request, told.status, &told.body), &told))
    }

    /// What a contradiction is about, for people: an answer that the key is another call's does not say which. Where that
    /// cannot be had, the contradiction stands all the same.
    async fn precisely(&self, participant: &Participant, called: &Called, left: Duration) -> Option<String> {
        let listed = tokio::time::timeout(left, participant.operations(&called.order.id)).await.ok()?.ok()?;
        outcome::contradiction(self.deployment, called, listed.status, &listed.body).ok()?
    }
}

/// Asks after a participant that is away until it is back: one look-up at a time, of an order that waits, which changes nothing.
async fn ask_after(inner: Weak<Inner>, who: Who) {
    let mut pause = limits::AWAY_FIRST_LOOK;
    loop {
        tokio::time::sleep(pause).await;
        let Some(inner) = inner.upgrade() else { return };
        let Some(participant) = inner.participant(&who) else { return };
        let circuit = &participant.circuit;
        match circuit.errand() {
            Errand::End => return,
            Errand::Wait => {
                let patience = inner.step_timeout * limits::RETURN_STEPS;
                inner.tell(participant, circuit.settle(patience, Instant::now()));
            }
            Errand::Ask(waiting) => {
                let order = waiting.unwrap_or_else(|| OrderId::trusted(GREETING));
                match participant.operations(&order).await {
                    Ok(answer) if speaks(&answer) => {
                        participant.hears(answer.status);
                        inner.tell(participant, circuit.answered(false, Instant::now()));
                    }
                    Ok(answer) => {
                        let status = answer.status;
                        let error = match status {
                            401 => format!("answered {status}: {}", participant.wrong_token()),
                            _ => format!("answered {status}"),
                        };
                        inner.tell(participant, circuit.still_away(error.into(), Instant::now()));
                    }
                    Err(error) => {
                        inner.tell(participant, circuit.still_away(error.cause().into(), Instant::now()));
                    }
                }
                pause = (2 * pause).min(limits::AWAY_PAUSE);
            }
        }
    }
}

impl Participant {
    /// What became of the steps of an order.
    async fn operations(&self, order: &OrderId) -> Result<HttpAnswer, ClientError> {
        let path = format!("/operations/{}", encode_segment(order.as_str()));
        self.client.get(&path).await
    }

    /// Hears a status: whether 404 is all that it ever answered, which is told once.
    fn hears(&self, status: u16) -> bool {
        let (only_404, news) = self.heard.hear(status);
        if news {
            let (participant, url) = (&*self.name, self.client.base_url());
            tracing::error!(participant, url, "a participant answers 404: {}", self.wrong_url());
        }
        only_404
    }

    fn wrong_url(&self) -> String {
        format!("{}.url may be wrong; its actions are asked for right below it", self.who.section())
    }

    fn wrong_token(&self) -> String {
        format!("it does not let us in; see {}.token_file", self.who.section())
    }

    /// Asks about an order that cannot be: who serves the contract has an empty list.
    async fn greet(&self, patience: Duration) {
        let (participant, url) = (&*self.name, self.client.base_url());
        match tokio::time::timeout(patience, self.operations(&OrderId::trusted(GREETING))).await {
            Ok(Ok(answer)) => {
                self.hears(answer.status);
                let status = answer.status;
                match status {
                    200 => tracing::info!(participant, url, "a participant answers"),
                    404 => {} // told
                    401 | 403 => {
                        tracing::error!(participant, url, status, "a participant is shut: {}", self.wrong_token());
                    }
                    _ => tracing::warn!(participant, url, status, "a participant does not answer as its contract says"),
                }
            }
            Ok(Err(error)) => tracing::warn!(participant, url, error = error.cause(), "a participant is not there yet"),
            Err(_elapsed) => tracing::warn!(participant, url, "a participant does not answer yet"),
        }
    }

    /// Tells the log, not too often: a participant that is away fails thousands of calls.
    fn complain(&self, called: &Called, kind: CallKind, cause: &str) {
        let (participant, order_id) = (&*self.name, &called.order.id);
        tracing::debug!(participant, action = %kind, %order_id, cause, "a call has no outcome");
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.last.is_some_and(|last| last.elapsed() < COMPLAINT_PAUSE) {
            complaints.untold += 1;
            return;
        }
        let before = std::mem::take(&mut complaints.untold);
        complaints.last = Some(Instant::now());
        drop(complaints);
        tracing::warn!(
            participant, action = %kind, %order_id, cause, unknown_before = before,
            "a call has no outcome; it is repeated under its key"
        );
    }
}

fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => "done",
        Outcome::Refused { .. } => "refused",
        Outcome::Pending => "pending",
        Outcome::Unsent => "unsent",
        Outcome::Unknown => "unknown",
        Outcome::Absent => "absent",
        Outcome::Contradicted { .. } => "contradicted",
    }
}

/// The series of a participant's calls are there from the start.
fn register(metrics: &Metrics, who: &Who) {
    metrics.participant_up(who.name(), true);
    for action in Action::ALL.iter().filter(|action| who.does(**action)) {
        metrics.participant_series(
            who.name(),
            action.as_str(),
            &["done", "refused", "pending", "unsent", "unknown", "contradicted"],
        );
    }
    let answers = ["done", "refused", "unsent", "unknown", "absent", "contradicted"];
    metrics.participant_series(who.name(), CallKind::LookUp.as_str(), &answers);
}
