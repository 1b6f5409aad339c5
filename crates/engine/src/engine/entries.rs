//! Who has an entry for which step of one's own. Engines on one database may be configured differently, while a change rolls
//! out or for good: an order is left to one that has an entry for its step, and waits in `attention` only where none has.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits;
use crate::saga::definition::StepEntry;

/// Who does a step of one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doer {
    /// This engine has an entry for it.
    Here,
    /// Another engine on the same database, or, as far as is known yet, there may be one.
    Elsewhere,
    /// None that runs, and none for a while.
    Nobody,
}

/// What other engines have entries for.
#[derive(Debug)]
pub(super) struct Entries {
    /// When another engine was last heard to have an entry.
    heard: Mutex<HashMap<StepEntry, Instant>>,
    /// An engine that has just started knows of nobody.
    started: Instant,
    /// For how long one that was heard of is counted on: it may be restarting. As long as [`limits::HEARD_OF`] at least.
    patience: Duration,
    /// Whether somebody was looked for since the others were last asked.
    wanted: AtomicBool,
}

impl Entries {
    /// Of an engine that starts now.
    pub(super) fn new(patience: Duration, now: Instant) -> Self {
        let patience = patience.max(limits::HEARD_OF);
        Self { heard: Mutex::default(), started: now, patience, wanted: AtomicBool::new(false) }
    }

    /// Who does a step for which this engine has no entry, as far as is known by now.
    pub(super) fn doer(&self, entry: &StepEntry, now: Instant) -> Doer {
        self.wanted.store(true, Ordering::Relaxed);
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let last = heard.get(entry).map_or(self.started, |at| self.started.max(*at));
        if now.saturating_duration_since(last) < self.patience { Doer::Elsewhere } else { Doer::Nobody }
    }

    /// Whether somebody was looked for since this was asked last.
    pub(super) fn are_wanted(&self) -> bool {
        self.wanted.swap(false, Ordering::Relaxed)
    }

    /// Other engines that live have entries for these.
    pub(super) fn hear(&self, entries: Vec<StepEntry>, now: Instant) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(entries.into_iter().map(|entry| (entry, now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_heard_of_is_counted_on_for_a_while_and_then_nobody_is() {
        let entry = |told| StepEntry::heard(told).expect("an entry");
        let (fraud, points) = (entry("fraud"), entry("points"));
        let (start, s) = (Instant::now(), Duration::from_secs);
        let entries = Entries::new(s(60), start);
        assert!(!entries.are_wanted());
        assert_eq!(entries.doer(&fraud, start), Doer::Elsewhere, "it knows of nobody yet");
        assert!(entries.are_wanted() && !entries.are_wanted());
        let doers = |at| (entries.doer(&fraud, start + s(at)), entries.doer(&points, start + s(at)));
        assert_eq!(doers(59), (Doer::Elsewhere, Doer::Elsewhere));
        assert_eq!(doers(60), (Doer::Nobody, Doer::Nobody));
        entries.hear(vec![fraud.clone()], start + s(100));
        assert_eq!(doers(159), (Doer::Elsewhere, Doer::Nobody));
        let local = entry("fraud/local");
        assert_eq!(entries.doer(&local, start + s(159)), Doer::Nobody, "one of the other kind is somebody else");
        assert_eq!(doers(160), (Doer::Nobody, Doer::Nobody), "it fell silent");
        // A clock that is read by two threads may seem to run backwards.
        assert_eq!(doers(99).0, Doer::Elsewhere);
    }

    #[test]
    fn others_are_heard_of_at_heartbeats_however_short_the_patience() {
        let (fraud, start) = (StepEntry::heard("fraud").expect("an entry"), Instant::now());
        let hasty = Entries::new(Duration::ZERO, start);
        hasty.hear(vec![fraud.clone()], start);
        let last = start + limits::HEARD_OF;
        assert_eq!(hasty.doer(&fraud, last.checked_sub(Duration::from_millis(1)).expect("later")), Doer::Elsewhere);
        assert_eq!(hasty.doer(&fraud, last), Doer::Nobody);
    }
}
