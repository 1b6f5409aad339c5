//! Idempotency keys: where one is unique, what it stands for, and what is asked of it before a new order is placed.

use std::sync::Arc;

use super::StoredOrder;
use crate::saga::{Answer, Client, Fingerprint, IdempotencyKey, OrderId, Sku};

/// The route that scopes the keys of submissions.
pub const SUBMIT_ROUTE: &str = "POST /orders";

/// Within which a key is unique: client, method and route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyScope {
    /// The client that sent the key.
    pub client: Client,
    /// Method and route, with the order_id or SKU of its path.
    pub route: Arc<str>,
    /// The key, without the quotes of its structured-field spelling.
    pub key: IdempotencyKey,
}

/// A key, and the request that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyClaim {
    /// The key, and within what it is unique.
    pub scope: KeyScope,
    /// The order that it is bound to.
    pub order_id: OrderId,
    /// The content that it is bound to.
    pub fingerprint: Fingerprint,
    /// A verb's final answer, where this write decides it; a submission's answer is the order's.
    pub answer: Option<Answer>,
}

/// What a known key is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBinding {
    /// The order that the key was used for.
    pub order_id: OrderId,
    /// The content that came with it: another one is another request.
    pub fingerprint: Fingerprint,
    /// A verb's final answer, once it is decided.
    pub answer: Option<Answer>,
}

/// What there is of an order that is to be placed: see [`Store::survey`](super::Store::survey).
///
/// Its parts were read one by one, in any order, while others wrote. That does no harm: neither an order, nor a SKU, nor the key of
/// an order is ever deleted, so whatever was absent when it was read was so before; and what came in between is met by the commit,
/// which is guarded.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// The order itself; `None` where it is not there.
    pub order: Option<StoredOrder>,
    /// What its key is bound to, where it came with one.
    pub key: Option<KeyBinding>,
    /// Which of its SKUs inventory does not know, in the order given.
    pub unknown: Vec<Sku>,
}
