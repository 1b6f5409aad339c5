//! What a client of the engine says and hears: the same over HTTP and in process.

use std::sync::Arc;

use crate::ports::{KeyClaim, KeyScope, SUBMIT_ROUTE};
use crate::saga::request::Stored as StoredRequest;
use crate::saga::{Answer, Client, IdempotencyKey, OrderId, Request, Sku, State};

/// A request to process an order, with whatever names the client gave it.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who submits.
    pub client: Client,
    /// The client's name for the order; derived from the key where absent.
    pub order_id: Option<OrderId>,
    /// The client's key; required where `order_id` is absent.
    pub key: Option<IdempotencyKey>,
    /// The content.
    pub request: Arc<Request>,
}

/// What a submission led to.
#[derive(Debug, Clone)]
pub enum Reply {
    /// The order's one final answer.
    Final {
        /// The order.
        order_id: OrderId,
        /// The bytes that every repeat gets.
        answer: Arc<Answer>,
        /// Whether an earlier request made it: a repeat, or one that joined a running one.
        replayed: bool,
    },
    /// Durable, and still running or waiting for a human.
    Running {
        /// The order.
        order_id: OrderId,
        /// Where it stands.
        state: State,
        /// How many events it has.
        version: i32,
        /// Its amount, in minor units.
        amount: i64,
        /// Its currency.
        currency: String,
    },
}

/// Why a submission has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Neither an order_id nor a key.
    #[error("an order needs an order_id or an Idempotency-Key")]
    Nameless,
    /// A participant cannot work with a field; nothing was stored.
    #[error("{pointer}: {detail}")]
    Invalid {
        /// A JSON pointer into the request.
        pointer: String,
        /// What is wrong, and what is allowed.
        detail: String,
    },
    /// Inventory does not know these; nothing was stored.
    #[error("inventory does not know {}", skus.iter().map(Sku::as_str).collect::<Vec<_>>().join(", "))]
    UnknownSku {
        /// Which.
        skus: Vec<Sku>,
    },
    /// The order_id is known, with other content or of another client.
    #[error("order {order_id} exists with different content")]
    OrderExists {
        /// Which.
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
    /// A queue is full; nothing was stored.
    #[error("the engine is overloaded")]
    Overloaded,
    /// The outcome is unknown, or nothing was stored: repeat the same request.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The outcome may be unknown: repeat the same request. The text is for logs, not for clients.
    #[error("internal: {0}")]
    Internal(String),
}

/// What became of a submission, for whoever waits for it.
pub type Verdict = Result<Reply, SubmitError>;

/// A submission, prepared once: named, fingerprinted, its texts made. Shared by every retry of its processing.
#[derive(Debug)]
pub struct Prepared {
    /// Who submits.
    pub client: Client,
    /// The order's name, derived from the key where the client gave none.
    pub id: OrderId,
    /// The key to bind, with the content that it stands for.
    pub claim: Option<KeyClaim>,
    /// The content.
    pub request: Arc<Request>,
    /// Its texts and fingerprint.
    pub content: Arc<StoredRequest>,
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
        Ok(Self { client, id, claim, request, content })
    }

    /// Whether two submissions are the same request, so that one answer serves both: same client, content and key. A
    /// request without a key must not hear that another one's key is taken, nor one with a key go unbound.
    pub fn same_as(&self, running: &Self) -> bool {
        self.client == running.client
            && self.content.fingerprint == running.content.fingerprint
            && self.claim == running.claim
    }
}
