//! Who has an entry for which step of one's own. Engines on one database may be configured differently, while a change rolls
//! out or for good: an order is left to one that has an entry for its step, and waits in `attention` only where none has.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits;
use crate::saga::StepName;

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
    heard: Mutex<HashMap<StepName, Instant>>,
    /// An engine that has just started knows of nobody.
    started: Instant,
    /// For how long one that was heard of is counted on: it may be restarting. As long as [`limits::HEARD_OF`] at least.
    patience: Duration,
    /// Whether somebody was looked for since the others were last asked.
    wanted: AtomicBool,
}

impl Entries {
    pub(super) fn new(patience: Duration) -> Self {
        let patience = patience.max(limits::HEARD_OF);
        Self { heard: Mutex::default(), started: Instant::now(), patience, wanted: AtomicBool::new(false) }
    }

    /// Who does a step for which this engine has no entry.
    pub(super) fn doer(&self, name: &StepName) -> Doer {
        self.wanted.store(true, Ordering::Relaxed);
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let last = heard.get(name).map_or(self.started, |at| self.started.max(*at));
        if last.elapsed() < self.patience { Doer::Elsewhere } else { Doer::Nobody }
    }

    /// Whether somebody was looked for since this was asked last.
    pub(super) fn are_wanted(&self) -> bool {
        self.wanted.swap(false, Ordering::Relaxed)
    }

    pub(super) fn hear(&self, names: Vec<StepName>) {
        let now = Instant::now();
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.extend(names.into_iter().map(|name| (name, now)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_heard_of_is_counted_on_for_a_while_and_then_nobody_is() {
        let name = |text| StepName::parse(text).expect("a name");
        let (fraud, points) = (name("fraud"), name("points"));
        let new = Entries::new(Duration::from_secs(60));
        assert!(!new.are_wanted());
        assert_eq!(new.doer(&fraud), Doer::Elsewhere, "it knows of nobody yet");
        assert!(new.are_wanted() && !new.are_wanted());
        let long_ago = Instant::now().checked_sub(Duration::from_secs(3_600)).expect("an hour of uptime");
        let old = Entries { started: long_ago, ..Entries::new(Duration::from_secs(60)) };
        old.hear(vec![fraud.clone()]);
        assert_eq!((old.doer(&fraud), old.doer(&points)), (Doer::Elsewhere, Doer::Nobody));
        let hasty = Entries { started: long_ago, ..Entries::new(Duration::ZERO) };
        hasty.hear(vec![fraud.clone()]);
        assert_eq!(hasty.doer(&fraud), Doer::Elsewhere, "others are heard of at heartbeats");
    }
}
