//! What a client of the engine says and hears: the same over HTTP and in process.

use std::sync::Arc;
use std::time::Instant;

use sha2::{Digest, Sha256};

use crate::ports::{Claimed, KeyClaim, KeyScope, SUBMIT_ROUTE};
use crate::saga::request::{FINGERPRINT_VERSION, Stored as StoredRequest};
use crate::saga::transaction::InvalidField;
use crate::saga::{
    Amount, Answer, CancelReason, Client, Command, Fingerprint, IdempotencyKey, Order, OrderId, Request, Restock, Sku,
    State, Verb, Word,
};

/// A request to process an order, with whatever names the client gave it.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The client that submits, and owns the order.
    pub client: Client,
    /// The client's name for the order; derived from the key where absent.
    pub order_id: Option<OrderId>,
    /// The client's key; required where `order_id` is absent.
    pub key: Option<IdempotencyKey>,
    /// What is ordered, checked.
    pub request: Arc<Request>,
}

/// What a submission led to.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The order's one final answer.
    Final {
        /// The order that was answered.
        order_id: OrderId,
        /// The bytes that every repeat gets.
        answer: Arc<Answer>,
        /// Whether an earlier request made it: a repeat, or one that joined a running one.
        replayed: bool,
    },
    /// Durable, and still running or waiting for a human.
    Running {
        /// The order that is under way.
        order_id: OrderId,
        /// The order's state.
        state: State,
        /// How many events it has.
        version: i32,
        /// Its amount, in minor units.
        amount: i64,
        /// The ISO 4217 code of the amount.
        currency: String,
        /// Whether an earlier request made it.
        replayed: bool,
    },
}

/// Why a submission has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Neither an order_id nor a key.
    #[error("an order needs an order_id or an Idempotency-Key")]
    Nameless,
    /// A participant cannot work with a field, or an operator gave no reason; nothing was stored.
    #[error("{pointer}: {detail}")]
    Invalid {
        /// A JSON pointer into the request.
        pointer: String,
        /// What is wrong, and what is allowed.
        detail: String,
    },
    /// An older program that may run beside this one could not read it, or this one cannot move an order that a newer one
    /// began; nothing was stored.
    #[error("{detail}")]
    TooEarly {
        /// What, and what to do.
        detail: String,
    },
    /// Inventory does not know these; nothing was stored.
    #[error("inventory does not know {}", skus.iter().map(Sku::as_str).collect::<Vec<_>>().join(", "))]
    UnknownSku {
        /// The SKUs that inventory does not know.
        skus: Vec<Sku>,
    },
    /// There is no such order, or none that the caller may see.
    #[error("there is no order {order_id}")]
    NotFound {
        /// The order_id that was asked for.
        order_id: OrderId,
    },
    /// An operator's verb that the order does not take; nothing was changed.
    #[error("the order does not take it: {}", .0.body)]
    Refused(Arc<Answer>),
    /// The order_id is known, with other content or of another client.
    #[error("order {order_id} exists with different content")]
    OrderExists {
        /// The order_id that is taken.
        order_id: OrderId,
        /// JSON pointers to what differs; told to the order's owner only.
        differs: Option<Vec<String>>,
    },
    /// The key is known with different content.
    #[error("the Idempotency-Key was used for another request")]
    KeyReused {
        /// The order that it is bound to.
        order_id: OrderId,
    },
    /// The order has as many keys of verbs as it takes; nothing was stored.
    #[error("order {order_id} takes no more keys of verbs")]
    TooManyKeys {
        /// The order whose keys are used up.
        order_id: OrderId,
    },
    /// A queue is full; nothing was stored.
    #[error("the engine is overloaded")]
    Overloaded,
    /// What it needs stays locked by another session of the database; nothing was stored: repeat the same request.
    #[error("{what} is locked by another session of the database")]
    Locked {
        /// The locked row or table, in words for the client.
        what: String,
    },
    /// The outcome is unknown, or nothing was stored: repeat the same request.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The outcome may be unknown: repeat the same request. The text is for logs, not for clients.
    #[error("internal: {0}")]
    Internal(String),
}

/// What became of a submission, for whoever waits for it.
pub type SubmitResult = Result<Reply, SubmitError>;

/// What is asked of an order that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerbRequest {
    /// Call the order off.
    Cancel,
    /// Capture what is authorised: all of it where no amount is named, else the rest is voided.
    Capture {
        /// The amount to capture, in minor units; `None` for all that is held.
        amount: Option<Amount>,
    },
    /// Give some of it back.
    Refund {
        /// The amount to give back; 0 where only goods come back.
        amount: Amount,
        /// Why, in the asker's words; may be empty.
        reason: Arc<str>,
        /// What comes back to the shelf with it.
        restock: Vec<Restock>,
    },
    /// Send an order that waits for a human on its way again.
    Retry,
    /// The call that is due took effect, as evidence shows.
    Skip {
        /// The participant's name for the effect.
        reference: Option<Arc<str>>,
    },
    /// Whatever was begun is settled, as evidence shows.
    ForceCancel,
}

impl VerbRequest {
    /// Whether it is a refund of 0, which takes goods back and moves no money.
    pub fn takes_back_for_nothing(&self) -> bool {
        matches!(self, Self::Refund { amount, .. } if amount.is_zero())
    }

    /// Its word, as in logs and refusals.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Capture { .. } => "capture",
            Self::Refund { .. } => "refund",
            Self::Retry => "retry",
            Self::Skip { .. } => "skip",
            Self::ForceCancel => "force-cancel",
        }
    }

    /// The client's verb that it is; `None` for those of operators alone.
    pub fn verb(&self) -> Option<Verb> {
        match self {
            Self::Cancel => Some(Verb::Cancel),
            Self::Capture { .. } => Some(Verb::Capture),
            Self::Refund { .. } => Some(Verb::Refund),
            Self::Retry | Self::Skip { .. } | Self::ForceCancel => None,
        }
    }
}

/// A verb, with who asks for it.
#[derive(Debug, Clone)]
pub struct VerbCall {
    /// The order that is asked of.
    pub order_id: OrderId,
    /// The client or operator that asks: the subject of their token.
    pub by: Client,
    /// As whom they may ask.
    pub standing: Standing,
    /// The caller's key. A client's verb needs one; its final answer is stored with it.
    pub key: Option<IdempotencyKey>,
    /// At which version of the order alone; at whichever where none is named. For verbs without a key: what evidence is
    /// for is lost when the order moves on between the look and the word.
    pub version: Option<i32>,
    /// Why, in the caller's words; empty where they gave no reason, which an operator must.
    pub reason: Arc<str>,
    /// What they ask for.
    pub request: VerbRequest,
}

impl VerbCall {
    /// Whether this is asked of the order as an operator, and so goes into their log; `None` where the caller may not
    /// know of the order.
    pub fn operates(&self, order: &Order) -> Option<bool> {
        match self.standing {
            Standing::Operator => Some(true),
            Standing::Client | Standing::Both if order.client == self.by => Some(false),
            Standing::Both => Some(true),
            Standing::Client => None,
        }
    }
}

/// As whom somebody may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// As a client: of its own orders.
    Client,
    /// As an operator: of any client's order.
    Operator,
    /// As the owner of its own orders, and as an operator of all others.
    Both,
}

/// The route that scopes the keys of a verb.
pub fn verb_route(order_id: &OrderId, verb: Verb) -> Arc<str> {
    format!("POST /orders/{order_id}/{}", verb.as_str()).into()
}

/// A verb, prepared once: fingerprinted, its key scoped.
#[derive(Debug)]
pub struct PreparedVerb {
    /// Who asks for what.
    pub call: VerbCall,
    /// Its key, with the content that it stands for.
    pub claim: Option<KeyClaim>,
    /// Why it cannot be done yet, were it new: see [`SubmitError::TooEarly`]. A repeat gets its answer all the same.
    pub too_early: Option<String>,
}

impl PreparedVerb {
    /// Prepares a verb: fingerprints it, and scopes its key by its route.
    pub fn new(call: VerbCall) -> Self {
        let claim = call.key.clone().zip(call.request.verb()).map(|(key, verb)| KeyClaim {
            scope: KeyScope { client: call.by.clone(), route: verb_route(&call.order_id, verb), key },
            order_id: call.order_id.clone(),
            fingerprint: fingerprint(&call),
            answer: None,
        });
        Self { call, claim, too_early: None }
    }

    fn word(&self) -> Word {
        Word { by: self.call.by.clone(), reason: Arc::clone(&self.call.reason) }
    }

    /// What it says to the order, by whom [`VerbCall::operates`] says; `None` of a refund without a key, which is its name.
    pub fn command(&self, order: &Order, operates: bool) -> Option<Command> {
        let reason = if operates { CancelReason::Operator } else { CancelReason::Client };
        Some(match &self.call.request {
            VerbRequest::Cancel => Command::Cancel { reason },
            VerbRequest::Capture { amount } => Command::Capture { amount: amount.unwrap_or(order.amount) },
            VerbRequest::Refund { amount, reason, restock } => Command::Refund {
                client: self.call.by.clone(),
                key: self.call.key.clone()?,
                amount: *amount,
                reason: Arc::clone(reason),
                restock: restock.clone(),
            },
            VerbRequest::Retry => Command::Retry(self.word()),
            VerbRequest::Skip { reference } => Command::Skip { reference: reference.clone(), word: self.word() },
            VerbRequest::ForceCancel => Command::ForceCancel(self.word()),
        })
    }
}

/// Over what was asked, each part behind its length: a key that comes back with another amount is told apart.
fn fingerprint(call: &VerbCall) -> Fingerprint {
    let content = match &call.request {
        VerbRequest::Capture { amount } => serde_json::json!([amount]),
        VerbRequest::Refund { amount, reason, restock } => serde_json::json!([amount, reason, restock]),
        VerbRequest::Cancel | VerbRequest::Retry | VerbRequest::Skip { .. } | VerbRequest::ForceCancel => {
            serde_json::json!([])
        }
    };
    let mut hash = Sha256::new();
    for part in [call.request.word(), &*call.reason, &content.to_string()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut fingerprint = [FINGERPRINT_VERSION; 33];
    fingerprint[1..].copy_from_slice(&hash.finalize());
    Fingerprint(fingerprint)
}

/// What an order's actor is asked to do, one at a time.
#[derive(Debug)]
pub enum Ask {
    /// Process a submission, or answer its repeat.
    Submit(Prepared),
    /// Do a verb, or answer its repeat.
    Verb(PreparedVerb),
    /// Go on with an order that this engine has claimed, by a claim that was asked for at this time: its lease and the
    /// age of its intent count from then, however long this was on its way.
    Wake(Claimed, Instant),
}

impl Ask {
    /// The order that it is about.
    pub fn id(&self) -> &OrderId {
        match self {
            Self::Submit(prepared) => &prepared.id,
            Self::Verb(verb) => &verb.call.order_id,
            Self::Wake(claimed, _) => &claimed.order_id,
        }
    }

    /// Who asks; nobody where the engine does.
    pub fn client(&self) -> Option<&Client> {
        match self {
            Self::Submit(prepared) => Some(&prepared.client),
            Self::Verb(verb) => Some(&verb.call.by),
            Self::Wake(..) => None,
        }
    }

    /// Whether two are the same request, so that one answer serves both.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Submit(one), Self::Submit(two)) => one.same_as(two),
            (Self::Verb(one), Self::Verb(two)) => {
                one.claim.is_some() && one.claim == two.claim && one.call.standing == two.call.standing
            }
            (Self::Submit(_) | Self::Verb(_) | Self::Wake(..), _) => false,
        }
    }
}

/// A submission, prepared once: named, fingerprinted, its texts made. Shared by every retry of its processing.
#[derive(Debug)]
pub struct Prepared {
    /// The client that submits, and owns the order.
    pub client: Client,
    /// The order's name, derived from the key where the client gave none.
    pub id: OrderId,
    /// The key to bind, with the content that it stands for.
    pub claim: Option<KeyClaim>,
    /// What is ordered, checked.
    pub request: Arc<Request>,
    /// Its texts and fingerprint.
    pub content: Arc<StoredRequest>,
    /// Why it would not be taken, were it new. A repeat of an order that stands gets its answer all the same: the rules
    /// may have changed since.
    pub objection: Option<Objection>,
}

/// Why a submission would not be taken, were it new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// A participant, or a rule of today, cannot work with a field.
    Invalid(InvalidField),
    /// An older program that may run beside this one could not read it: see [`SubmitError::TooEarly`].
    TooEarly {
        /// What, and what to do.
        detail: String,
    },
}

impl From<Objection> for SubmitError {
    fn from(objection: Objection) -> Self {
        match objection {
            Objection::Invalid(InvalidField { pointer, detail }) => Self::Invalid { pointer, detail },
            Objection::TooEarly { detail } => Self::TooEarly { detail },
        }
    }
}

impl Prepared {
    /// Names and fingerprints a submission.
    pub fn new(submission: Submission) -> Result<Self, SubmitError> {
        let Submission { client, order_id, key, request } = submission;
        let content = Arc::new(request.stored());
        let id = match (order_id, &key) {
            (Some(id), _) => id,
            (None, Some(key)) => OrderId::derived(&client, key),
            (None, None) => return Err(SubmitError::Nameless),
        };
        let claim = key.map(|key| KeyClaim {
            scope: KeyScope { client: client.clone(), route: SUBMIT_ROUTE.into(), key },
            order_id: id.clone(),
            fingerprint: content.fingerprint.clone(),
            answer: None,
        });
        Ok(Self { client, id, claim, request, content, objection: None })
    }

    /// The same, refused where it is new.
    #[must_use]
    pub fn refused(self, objection: InvalidField) -> Self {
        Self { objection: Some(Objection::Invalid(objection)), ..self }
    }

    /// The same, not taken yet where it is new.
    #[must_use]
    pub fn not_yet(self, detail: String) -> Self {
        Self { objection: Some(Objection::TooEarly { detail }), ..self }
    }

    /// Whether two submissions are the same request, so that one answer serves both: same client, content and key. A
    /// request without a key must not hear that another one's key is taken, nor one with a key go unbound.
    pub fn same_as(&self, running: &Self) -> bool {
        self.client == running.client
            && self.content.fingerprint == running.content.fingerprint
            && self.claim == running.claim
            && self.objection == running.objection
    }
}
