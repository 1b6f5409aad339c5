//! Which orders were here: a repeat of one of them is read at once, instead of being placed in vain first, which costs a
//! transaction and then the same read.
//!
//! It is a hint, and no more rests on it: an order of which it says so wrongly (another one whose mark is the same, or one of a
//! database that was restored) is read, not found, and placed; one that it has forgotten, or that another engine had, is found
//! out by the constraint.

use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHasher;

use crate::limits;
use crate::saga::OrderId;

/// A mark an order, at the one place that its id leads to; a later order of the same place takes it.
pub(super) struct Seen(Box<[AtomicU64]>);

impl Seen {
    /// Nothing was here.
    pub(super) fn new() -> Self {
        Self((0..limits::SEEN_ORDERS).map(|_| AtomicU64::new(0)).collect())
    }

    /// An order is there.
    pub(super) fn note(&self, id: &OrderId) {
        let (place, mark) = self.of(id);
        place.store(mark, Ordering::Relaxed);
    }

    /// Whether an order is there, as far as is known.
    pub(super) fn has(&self, id: &OrderId) -> bool {
        let (place, mark) = self.of(id);
        place.load(Ordering::Relaxed) == mark
    }

    fn of(&self, id: &OrderId) -> (&AtomicU64, u64) {
        let mut hasher = FxHasher::default();
        id.hash(&mut hasher);
        let hash = hasher.finish();
        // Shards go by the high bits. No mark is that of an empty place.
        (&self.0[hash as usize % self.0.len()], hash | 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_here_is_known_until_others_take_its_place() {
        let seen = Seen::new();
        let id = |n: usize| OrderId::trusted(format!("ORD-{n}"));
        assert!(!seen.has(&id(1)));
        (0..1_000).for_each(|n| seen.note(&id(n)));
        let known = (0..1_000).filter(|n| seen.has(&id(*n))).count();
        assert!(known > 950, "{known} of 1,000"); // two at one place: one in a hundred
        assert_eq!((1_000..2_000).filter(|n| seen.has(&id(*n))).count(), 0);
    }
}
