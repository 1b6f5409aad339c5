//! An order is set aside unread: whoever loads it dies, or it belongs to the deployment that this database was copied from. What
//! happens to it is what [`decide`](super::decide::decide) and [`evolve`](super::evolve::evolve) make of
//! [`Command::Attention`](super::Command::Attention), of an order of which only version and stamp are known
//! (`tests/saga_laws.rs` holds one against the other).

use super::decide::attention;
use super::event::Event;
use super::state::{Attention, Timestamp};

/// What is written to an order that is set aside; all else of it stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Its version from now on.
    pub version: i32,
    /// When that was decided.
    pub at: Timestamp,
    /// What it waits for.
    pub attention: Attention,
    /// The one event that says so.
    pub event: Event,
}

/// Sets an order aside that stood at this version since then, and does not wait for a human yet. Its stamps never go back,
/// whatever `now` says.
pub fn aside((version, since): (i32, Timestamp), reason: String, now: Timestamp) -> Aside {
    let at = now.max(since);
    let event = attention(reason.clone()).into();
    Aside {
        version: version + 1,
        at,
        attention: Attention { reason, since: at.to_string(), contradicted: false, missing: None },
        event,
    }
}
