//! When an event that was not delivered is tried again: as Standard Webhooks recommend, ten times over three days.

use std::time::Duration;

/// The pauses between the tries, in seconds: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h. The first try is at once.
/// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>, "Deliverability and
/// reliability")
const STANDARD_S: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// By what part of it a pause may be longer or shorter, so that what failed together does not come back together.
const JITTER: f64 = 0.1;

/// The pauses between tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

impl Default for Schedule {
    fn default() -> Self {
        Self(STANDARD_S.map(Duration::from_secs).to_vec())
    }
}

impl Schedule {
    /// These pauses, in milliseconds: one try more than there are pauses.
    pub fn of(pauses_ms: &[u64]) -> Self {
        Self(pauses_ms.iter().copied().map(Duration::from_millis).collect())
    }

    /// The pause after so many failures of one event; `None` where they were all that there are to be. `jitter` is from 0 to
    /// 1, at random.
    pub fn pause(&self, failures: u32, jitter: f64) -> Option<Duration> {
        let index = usize::try_from(failures).ok()?.checked_sub(1)?;
        self.0.get(index).map(|pause| pause.mul_f64(1.0 + JITTER * (2.0 * jitter.clamp(0.0, 1.0) - 1.0)))
    }

    /// The longest pause that there is.
    pub fn longest(&self) -> Duration {
        let longest = self.0.iter().max().copied().unwrap_or_default().mul_f64(1.0 + JITTER);
        longest.max(self.last(1.0))
    }

    /// The pause of an event that is tried on and on, since nobody knows that the fault is its own.
    pub fn last(&self, jitter: f64) -> Duration {
        let pauses = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.pause(pauses, jitter).unwrap_or(Duration::from_secs(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_tries_over_three_days() {
        let schedule = Schedule::default();
        let pauses: Vec<_> = (1..).map_while(|failures| schedule.pause(failures, 0.5)).collect();
        assert_eq!(pauses.len(), 9);
        assert_eq!(pauses[0], Duration::from_secs(5));
        assert_eq!(pauses.iter().sum::<Duration>(), Duration::from_secs(75 * 3_600 + 35 * 60 + 5));
        assert_eq!(schedule.last(0.5), Duration::from_secs(86_400));
        assert_eq!(schedule.pause(0, 0.5), None);
        let one = Schedule::of(&[1_000]);
        assert_eq!(
            (one.pause(1, 0.0), one.pause(1, 1.0)),
            (Some(Duration::from_millis(900)), Some(Duration::from_millis(1_100)))
        );
        assert_eq!(Schedule::of(&[]).pause(1, 0.5), None);
    }
}
