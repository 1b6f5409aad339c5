//! How long a reader of the feed has waited for transactions that were open when it passed them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::ports::feed::{Position, Xact};

/// Since when each of them has been waited for, as far as this process knows: a start of it begins to count anew.
#[derive(Debug, Default)]
pub struct Missing(HashMap<Xact, Instant>);

impl Missing {
    /// Notes what a position waits for now; for how long that has been of the one that is waited for longest.
    pub fn note(&mut self, position: &Position, now: Instant) -> Duration {
        let known = std::mem::take(&mut self.0);
        self.0 = position.missing().map(|xact| (xact, known.get(&xact).copied().unwrap_or(now))).collect();
        self.0.values().map(|since| now.saturating_duration_since(*since)).max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_counts_and_what_has_ended_does_not() {
        let at = |missing: &str| -> Position {
            serde_json::from_str(&format!(r#"{{"epoch":1,"upto":90,"missing":{missing}}}"#)).expect("a position")
        };
        let (mut missing, start) = (Missing::default(), Instant::now());
        let s = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(missing.note(&at("[[1,5]]"), s(0)), Duration::ZERO);
        assert_eq!(missing.note(&at("[[1,5],[1,7]]"), s(3)), Duration::from_secs(3));
        assert_eq!(missing.note(&at("[[1,7]]"), s(4)), Duration::from_secs(1));
        assert_eq!(missing.note(&at("[]"), s(5)), Duration::ZERO);
    }
}
