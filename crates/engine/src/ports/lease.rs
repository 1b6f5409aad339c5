//! Leases: of several engines on one database, who publishes to a sink.
//!
//! The race that shaped this: an engine sleeps (a paused machine), its lease ends, another one takes over, and the
//! first wakes in the middle of what it did. No lease can keep it from that. So a lease only spares the engines doing
//! things twice, and says who may begin; what keeps order is its generation, which rises with each change of hands:
//! whoever writes how far a sink is writes it only while the generation is its own, in one transaction with that
//! question (`store/lease.rs`).

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::StoreError;

/// A lease that was held when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Of what: unique in the database.
    pub name: Arc<str>,
    /// The engine that holds it.
    pub node: Uuid,
    /// The number of this holding: no earlier one has it, and no later one.
    pub generation: i64,
    /// How long it lasts from each renewal on, by the database's clock.
    pub ttl: Duration,
}

/// Who holds what. Errors are those of a store that cannot be asked: then nobody knows, and whoever held goes on until it
/// is told otherwise by what it writes.
pub trait Leases: Send + Sync {
    /// Takes the lease where nobody has it, or where it ended; `None` where somebody else has it. Whoever asks for what it
    /// holds itself gets it with a generation of its own, and the one before is over: of an engine one task holds a lease.
    fn hold(&self, name: &str, node: Uuid, ttl: Duration) -> BoxFuture<'static, Result<Option<Held>, StoreError>>;

    /// Holds it for another [`Held::ttl`], also where it ended and nobody took it since; `false` where somebody did.
    fn renew(&self, held: &Held) -> BoxFuture<'static, Result<bool, StoreError>>;

    /// Gives it up, for the next one to take at once. Nothing happens where somebody else has it.
    fn release(&self, held: &Held) -> BoxFuture<'static, Result<(), StoreError>>;

    /// Whether anybody holds one of these, none of which is held for longer than `ttl`.
    fn is_any_held(&self, names: Vec<String>, ttl: Duration) -> BoxFuture<'static, Result<bool, StoreError>>;
}
