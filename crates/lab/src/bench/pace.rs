//! When orders are due.

use std::time::{Duration, Instant};

/// How often orders are sent.
#[derive(Debug, Clone)]
pub struct Pace(Option<Rate>);

#[derive(Debug, Clone)]
struct Rate {
    next: Instant,
    between: Duration,
}

impl Pace {
    /// As soon as a client has its answer to the last one.
    pub const CLOSED: Self = Self(None);

    /// So many a second from `now` on, whatever becomes of them.
    #[must_use]
    pub fn rate(orders_per_s: f64, now: Instant) -> Self {
        Self(Some(Rate { next: now, between: Duration::from_secs_f64(1.0 / orders_per_s) }))
    }

    /// What was due by then, and had no turn: each when it was due, at most so many.
    pub fn left(&self, until: Instant, at_most: usize) -> impl Iterator<Item = Instant> {
        let rate = self.0.clone();
        (0..at_most).map_while(move |number| {
            let rate = rate.as_ref()?;
            let due = rate.next + rate.between.mul_f64(number as f64);
            (due < until).then_some(due)
        })
    }

    /// Whether orders wait for nothing but answers.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.is_none()
    }

    /// When the next order is due: its answer is waited for since then, be it sent late because every client still waited for
    /// others. So a server that stands still makes all those wait that come meanwhile, and not one a client (what wrk2 calls the
    /// coordinated omission of those).
    pub fn turn(&mut self, now: Instant) -> Instant {
        let Some(rate) = &mut self.0 else { return now };
        let turn = rate.next;
        rate.next += rate.between;
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_due_at_their_rate_however_late_somebody_asks() {
        let start = Instant::now();
        let mut pace = Pace::rate(100.0, start);
        let late = start + Duration::from_secs(9);
        let due: Vec<_> = (0..4).map(|_| pace.turn(late) - start).collect();
        assert_eq!(due, [0, 10, 20, 30].map(Duration::from_millis));
        let left: Vec<_> = pace.left(start + Duration::from_millis(61), 9).map(|due| due - start).collect();
        assert_eq!(left, [40, 50, 60].map(Duration::from_millis));
        assert_eq!(Pace::CLOSED.left(late, 9).count(), 0);
        let mut closed = Pace::CLOSED;
        assert_eq!(closed.turn(late), late);
    }
}
