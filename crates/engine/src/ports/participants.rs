//! The participants that are services of their own: what is asked of them, and what they say.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::saga::{Action, Call, Order, OrderId, Outcome, Refund, StepName};

/// A call that leaves the process. Its key is derived from the order's id, the action and the operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called {
    /// The order, as committed with the intent of the call.
    pub order: Arc<Order>,
    /// What is asked of the participant.
    pub call: Call,
    /// Which of the refunds that were asked for, where the call is one.
    pub refund: Option<Refund>,
}

/// What a participant said, and, where that is no outcome, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What the participant said; `Unknown` or `Unsent` where that is no outcome.
    pub outcome: Outcome,
    /// Why it is no outcome, where that is known.
    pub cause: Option<Cause>,
}

impl From<Outcome> for Told {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, cause: None }
    }
}

/// Why a try has no outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// For people: the status that is no outcome, or what went wrong on the way.
    pub error: Arc<str>,
    /// Where that is no fault of the order's, since its participant as a whole is away, or just coming back: after how long
    /// the order is to be tried again, at most. Such a try is no attempt.
    pub away: Option<Duration>,
    /// Where it was asked meanwhile whether it is there, and did not answer: how many tries of the order's before, which
    /// counted, could not have succeeded either, and are no attempts.
    pub forgiven: i16,
}

impl Cause {
    /// One that counts, and is the order's own as far as is known.
    #[must_use]
    pub fn own(error: Arc<str>) -> Self {
        Self { error, away: None, forgiven: 0 }
    }
}

/// How a participant fares that is a service of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantHealth {
    /// Its role, or the name of the step of one's own that it does.
    pub participant: Arc<str>,
    /// The URL that it is spoken to at.
    pub url: String,
    /// Whether it is there, as far as this engine knows.
    pub state: Presence,
    /// For how long that has been so.
    pub since: Duration,
    /// What went wrong last, and how long ago.
    pub last_error: Option<(Arc<str>, Duration)>,
}

/// What a participant says of an order, in its own words: for people, and concluded from by nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Testimony {
    /// Its role, or the name of the step of one's own that it does.
    pub participant: Arc<str>,
    /// The URL that it was asked at.
    pub url: String,
    /// The status and the body of its answer, or why there is none.
    pub answer: Result<(u16, String), Arc<str>>,
}

/// Whether a participant as a whole is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// As far as is known.
    Up,
    /// Its calls pause, and it is asked from time to time.
    Away,
    /// It answers look-ups again, and calls go out to it few at a time.
    Returning,
}

impl Presence {
    /// The word for people and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Away => "away",
            Self::Returning => "returning",
        }
    }
}

/// The participants that are services of their own. A timeout, a reset, or whatever else is no clear answer is
/// [`Outcome::Unknown`]; neither method fails otherwise, and both end within the step timeout.
pub trait RemoteParticipants: Send + Sync + 'static {
    /// Makes the call, under its key. An undo is [`Outcome::Contradicted`], and is not sent, where what stands there under
    /// a key that it names is not what this order asked for.
    fn call(&self, called: Called) -> BoxFuture<'static, Outcome>;

    /// Asks what took effect under the key of the call, and changes nothing: `Done`, `Refused`, [`Outcome::Absent`], or
    /// `Unknown` where the participant does not answer. For [`CallKind::LookUp`](crate::saga::CallKind::LookUp), what became of the payment: `Done` with
    /// what was captured and not given back. [`Outcome::Contradicted`] where what is found is not what was asked for.
    fn look_up(&self, called: Called) -> BoxFuture<'static, Outcome>;

    /// As [`RemoteParticipants::call`], with why there is no outcome.
    fn try_call(&self, called: Called) -> BoxFuture<'static, Told> {
        let asked = self.call(called);
        Box::pin(async move { asked.await.into() })
    }

    /// As [`RemoteParticipants::look_up`], with why there is no outcome.
    fn try_look_up(&self, called: Called) -> BoxFuture<'static, Told> {
        let asked = self.look_up(called);
        Box::pin(async move { asked.await.into() })
    }

    /// What each of them says of an order, asked now, whatever is known of them; within the step timeout.
    fn testimonies(&self, _order: OrderId) -> BoxFuture<'static, Vec<Testimony>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// How each of them fares, as far as that is known.
    fn health(&self) -> Vec<ParticipantHealth> {
        Vec::new()
    }

    /// Whether there is somebody to do this step of one's own. Where there is nobody its order waits until there is.
    fn has_step(&self, _name: &StepName) -> bool {
        false
    }

    /// The steps of one's own that there is somebody for, as other engines are told.
    fn steps(&self) -> Vec<StepName> {
        Vec::new()
    }

    /// How long the key of an action answers repeats; `None` where for ever.
    fn key_lifetime(&self, action: Action) -> Option<Duration>;

    /// Whether anybody can be reached at all. Where nobody can, the store's database need not be the deployment's own.
    fn reach_anybody(&self) -> bool {
        true
    }
}
