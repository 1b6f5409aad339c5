//! The history of an order as it is read: in stretches, and with what of it is gone.

use super::StoredEvents;
use crate::saga::Timestamp;

/// A stretch of the history of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// What of it is gone, whatever stretch was asked for.
    pub pruned: Option<PrunedTo>,
    /// The commits of the stretch, in the order of their versions.
    pub commits: Vec<StoredEvents>,
}

/// The beginning of a history is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrunedTo {
    /// The last version of which no event is there any more.
    pub version: i32,
    /// When it was pruned.
    pub at: Timestamp,
}
