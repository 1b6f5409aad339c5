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
//! - **Every call ends.** The step timeout bounds all of it, from the wait for a turn over the connection to the last
//!   byte of the answer; how many are under way at once is bounded by participant.
//!
//! Requests run on the runtime that the client was given, not on the callers': connections live where they were opened,
//! and a shard whose thread is busy or gone must not take the calls of the others with it. A caller that goes away does
//! not stop its call, which ends by itself within the step timeout.
//!
//! Bodies hold addresses and tokens of payment methods: they are never logged, nor is what could quote them.

mod agreement;
mod outcome;
mod request;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use hyper::Method;
use hyper::body::Bytes;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::contract::IDEMPOTENCY_KEY;
use crate::client::{Answer, Client, ClientError, encode_segment, error_chain};
use crate::ports::{Called, RemoteParticipants};
use crate::saga::effect::Role;
use crate::saga::{Action, DeploymentId, Outcome};
use crate::telemetry::Metrics;

/// The largest answer that is read: an order with hundreds of operations stays far below it.
const MAX_ANSWER_BYTES: usize = 1 << 20;
/// A participant that fails is told of in the log once in so long, and with it how often it failed meanwhile.
const COMPLAINT_PAUSE: Duration = Duration::from_secs(10);

/// Which participants are remote, and how they are spoken to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The name space of the step keys.
    pub deployment: DeploymentId,
    /// Where inventory is, where it is remote: `http://host[:port][/prefix]`, as all of them.
    pub inventory: Option<String>,
    /// Where the payment provider is, where it is remote.
    pub payment: Option<String>,
    /// Where the carrier is, where it is remote.
    pub shipment: Option<String>,
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
    metrics: Arc<Metrics>,
}

/// One participant: its connections, and how many calls may use them at once.
#[derive(Debug)]
struct Participant {
    role: Role,
    client: Client,
    turns: Semaphore,
    complaints: Mutex<Complaints>,
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

impl HttpParticipants {
    /// A client of the participants that have a URL. Nothing is connected yet; `runtime` will make the calls and has to
    /// run for as long as any are wanted. The metrics of the remote participants begin at zero with it.
    ///
    /// # Errors
    ///
    /// [`ClientError::Target`], where a URL is not of the form that it must have.
    pub fn new(settings: Settings, metrics: Arc<Metrics>, runtime: Handle) -> Result<Self, ClientError> {
        let participant = |role: Role, url: Option<String>| {
            let Some(url) = url else { return Ok(None) };
            let client =
                Client::anonymous(&url)?.with_timeout(settings.step_timeout).with_max_answer_bytes(MAX_ANSWER_BYTES);
            register(&metrics, role);
            let turns = Semaphore::new(settings.calls.clamp(1, Semaphore::MAX_PERMITS));
            Ok(Some(Participant { role, client, turns, complaints: Mutex::default() }))
        };
        let inner = Inner {
            inventory: participant(Role::Inventory, settings.inventory)?,
            payment: participant(Role::Payment, settings.payment)?,
            shipment: participant(Role::Shipment, settings.shipment)?,
            deployment: settings.deployment,
            step_timeout: settings.step_timeout,
            payment_key_lifetime: settings.payment_key_lifetime,
            metrics,
        };
        Ok(Self { inner: Arc::new(inner), runtime })
    }

    fn ask(&self, called: Called, question: Question) -> BoxFuture<'static, Outcome> {
        let (inner, runtime) = (Arc::clone(&self.inner), self.runtime.clone());
        Box::pin(async move {
            let asked = runtime.spawn(async move { inner.ask(&called, question).await });
            // A runtime that ends, or a panic in there, says nothing about the participant.
            asked.await.unwrap_or(Outcome::Unknown)
        })
    }
}

impl RemoteParticipants for HttpParticipants {
    fn call(&self, called: Called) -> BoxFuture<'static, Outcome> {
        // Asking what became of a payment is no action: there is nothing to send but the question.
        let question = if called.action == Action::LookUp { Question::LookUp } else { Question::Act };
        self.ask(called, question)
    }

    fn look_up(&self, called: Called) -> BoxFuture<'static, Outcome> {
        self.ask(called, Question::LookUp)
    }

    /// Money alone: a parcel or a reservation that is sent for again meets its own effect, which outlives the key.
    fn key_lifetime(&self, action: Action) -> Option<Duration> {
        match action {
            Action::Charge | Action::Authorize | Action::Capture | Action::Void | Action::Refund => {
                self.inner.payment.as_ref().map(|_| self.inner.payment_key_lifetime)
            }
            Action::Reserve | Action::Release | Action::Ship | Action::CancelShipment | Action::LookUp => None,
        }
    }

    fn reach_anybody(&self) -> bool {
        [Role::Inventory, Role::Payment, Role::Shipment].into_iter().any(|role| self.inner.participant(role).is_some())
    }
}

impl Inner {
    fn participant(&self, role: Role) -> Option<&Participant> {
        match role {
            Role::Inventory => self.inventory.as_ref(),
            Role::Payment => self.payment.as_ref(),
            Role::Shipment => self.shipment.as_ref(),
        }
    }

    async fn ask(&self, called: &Called, question: Question) -> Outcome {
        let role = called.action.role();
        let Some(participant) = self.participant(role) else {
            tracing::error!(
                order_id = %called.order.id, action = %called.action,
                "the order's {} is remote, and none is configured", name(role)
            );
            return Outcome::Unknown;
        };
        let started = Instant::now();
        // Half of the time at most, so that whoever gets a turn has time for an answer. The semaphore is never closed.
        let turn = tokio::time::timeout(self.step_timeout / 2, participant.turns.acquire()).await;
        let heard = match &turn {
            Err(_elapsed) => Err("there was no turn for it".to_owned()),
            Ok(_turn) => {
                let left = self.step_timeout.saturating_sub(started.elapsed());
                match tokio::time::timeout(left, self.exchange(participant, called, question)).await {
                    Ok(heard) => heard.map_err(|error| error_chain(&error)),
                    Err(_elapsed) => Err(format!("no answer within {} ms", self.step_timeout.as_millis())),
                }
            }
        };
        let mut outcome = match &heard {
            Err(_) if turn.is_err() => Outcome::Unsent,
            Ok((outcome, _)) => outcome.clone(),
            Err(_) => Outcome::Unknown,
        };
        if let Outcome::Contradicted { reason } = &mut outcome {
            let left = self.step_timeout.saturating_sub(started.elapsed());
            if let Some(precisely) = self.precisely(participant, called, left).await {
                *reason = precisely;
            }
            tracing::error!(
                participant = name(role), action = %called.action, order_id = %called.order.id, reason,
                "a participant contradicts an order: nothing more is sent before an operator says so"
            );
        }
        let action = if question == Question::Act { called.action } else { Action::LookUp };
        let seconds = started.elapsed().as_secs_f64();
        self.metrics.participant_call(name(role), action.as_str(), outcome_word(&outcome), seconds);
        if outcome == Outcome::Unknown {
            let cause =
                heard.map_or_else(|cause| cause, |(_, status)| format!("answered {status}, which is no outcome"));
            participant.complain(called, action, &cause);
        }
        outcome
    }

    /// One question, and what the answer means, with its status.
    async fn exchange(
        &self,
        participant: &Participant,
        called: &Called,
        question: Question,
    ) -> Result<(Outcome, u16), ClientError> {
        let request = match question {
            Question::Act => request::of(self.deployment, called),
            Question::LookUp => None,
        };
        let Some(request) = request else {
            let told = participant.operations(called).await?;
            return Ok((outcome::of_look_up(self.deployment, called, told.status, &told.body), told.status));
        };
        if called.action.is_undo() {
            // What comes to stand under these keys between this look and the undo is not seen: the next is sent at once.
            let told = participant.operations(called).await?;
            match outcome::contradiction(self.deployment, called, told.status, &told.body) {
                Ok(None) => {}
                Ok(Some(reason)) => return Ok((Outcome::Contradicted { reason }, told.status)),
                Err(()) => return Ok((Outcome::Unknown, told.status)),
            }
        }
        let key = request::step_key(self.deployment, called).to_string();
        let (path, headers) = (format!("/{}", request.action()), [(IDEMPOTENCY_KEY, key.as_str())]);
        let sent = participant.client.request(Method::POST, &path, &headers, Some(Bytes::from(request.body())));
        let told = sent.await?;
        Ok((outcome::of_call(called, &request, told.status, &told.body), told.status))
    }

    /// What a contradiction is about, for people: an answer that the key is another call's does not say which. Where that
    /// cannot be had, the contradiction stands all the same.
    async fn precisely(&self, participant: &Participant, called: &Called, left: Duration) -> Option<String> {
        let listed = tokio::time::timeout(left, participant.operations(called)).await.ok()?.ok()?;
        outcome::contradiction(self.deployment, called, listed.status, &listed.body).ok()?
    }
}

impl Participant {
    /// What became of the steps of an order.
    async fn operations(&self, called: &Called) -> Result<Answer, ClientError> {
        let path = format!("/operations/{}", encode_segment(called.order.id.as_str()));
        self.client.get(&path).await
    }

    /// Tells the log, not too often: a participant that is away fails thousands of calls.
    fn complain(&self, called: &Called, action: Action, cause: &str) {
        let (participant, order_id) = (name(self.role), &called.order.id);
        tracing::debug!(participant, %action, %order_id, cause, "a call has no outcome");
        let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        if complaints.last.is_some_and(|last| last.elapsed() < COMPLAINT_PAUSE) {
            complaints.untold += 1;
            return;
        }
        let before = std::mem::take(&mut complaints.untold);
        complaints.last = Some(Instant::now());
        drop(complaints);
        tracing::warn!(
            participant, %action, %order_id, cause, unknown_before = before,
            "a call has no outcome; it is repeated under its key"
        );
    }
}

/// The participant's name in the configuration and in metrics.
fn name(role: Role) -> &'static str {
    match role {
        Role::Inventory => "inventory",
        Role::Payment => "payment",
        Role::Shipment => "shipment",
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
fn register(metrics: &Metrics, role: Role) {
    for action in Action::ALL.iter().filter(|action| action.role() == role) {
        if *action != Action::LookUp {
            metrics.participant_series(
                name(role),
                action.as_str(),
                &["done", "refused", "pending", "unsent", "unknown", "contradicted"],
            );
        }
    }
    let answers = ["done", "refused", "unknown", "absent", "contradicted"];
    metrics.participant_series(name(role), Action::LookUp.as_str(), &answers);
}
