//! A clock of the database's host that was set back.
//!
//! All times of `order_work` are the database's own, and what is due is compared with its clock. Set back by ten minutes,
//! it would leave every order in flight asleep for ten minutes: neither overdue nor in anybody's hand. So each row tells
//! when it was written, and one that was written in the future is put right: what waited for the end of a lease or of a
//! pause is due at once, what waits for a deadline of its own (an authorisation, days) keeps the length that it had left
//! when the row was written. Who owns a row goes first; others wait one lease by their own monotonic clock, so that not
//! all engines claim at once what one of them is at work on.
//!
//! The age of an intent, which bounds for how long its key may be sent again, is then taken to be the longest that it can
//! be: until the row was to wake.
//!
//! A clock that is set forward ends leases, pauses and deadlines early, reservations among them: no row tells that from
//! time that passed.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::ClientWrapper;
use uuid::Uuid;

use super::columns::millis;
use super::read_error;
use crate::limits;
use crate::ports::StoreError;

/// How many rows were written in the future: those that are `$1`'s or nobody's, and those of others.
const AHEAD: &str = "
SELECT count(*) FILTER (WHERE owner IS NULL OR owner = $1), count(*) FILTER (WHERE owner <> $1)
FROM order_work
WHERE written_at > counterfoil_now() + $2::bigint * interval '1 millisecond'";

const PUT_RIGHT: &str = "
UPDATE order_work w
SET written_at = counterfoil_now(), expires_at = w.expires_at - a.step,
    wake_at = CASE WHEN a.waits_for_its_deadline THEN w.wake_at - a.step
              WHEN w.wake_at IS NOT NULL THEN counterfoil_now() END,
    intent_at = CASE WHEN w.wake_at IS NULL OR a.waits_for_its_deadline THEN w.intent_at - a.step
                ELSE counterfoil_now() - (greatest(w.wake_at, w.written_at) - w.intent_at) END
FROM (
    SELECT order_id, written_at - counterfoil_now() AS step,
        coalesce(abs(extract(epoch FROM wake_at - expires_at)) < 1, false) AS waits_for_its_deadline
    FROM order_work
    WHERE written_at > counterfoil_now() + $2::bigint * interval '1 millisecond'
      AND ($3 OR owner IS NULL OR owner = $1)
    ORDER BY order_id
    LIMIT $4
    FOR UPDATE SKIP LOCKED
) a
WHERE w.order_id = a.order_id";

/// When a sweep looks for rows from the future, and since when it has seen some of others.
#[derive(Default)]
pub(super) struct ClockSteps(Mutex<Seen>);

#[derive(Default, Clone, Copy)]
struct Seen {
    next: Option<Instant>,
    others_since: Option<Instant>,
}

impl ClockSteps {
    /// Puts right what is due to be; how many rows. The look reads all rows there are, so it takes a hundredth of the time
    /// at most.
    pub(super) async fn put_right(
        &self,
        client: &ClientWrapper,
        node: Uuid,
        lease: Duration,
    ) -> Result<u64, StoreError> {
        let began = Instant::now();
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.next.is_some_and(|next| began < next) {
            return Ok(0);
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next = Some(began + limits::CLOCK_LOOK); // should it fail
        let tolerance = millis(limits::CLOCK_TOLERANCE);
        let look = client.prepare_cached(AHEAD).await.map_err(|error| read_error(&error))?;
        let row = client.query_one(&look, &[&node, &tolerance]).await.map_err(|error| read_error(&error))?;
        let (own, others): (i64, i64) = (row.get(0), row.get(1));
        let now = Instant::now();
        let others_since = (others > 0).then(|| seen.others_since.unwrap_or(now));
        let all = others_since.is_some_and(|since| now.duration_since(since) >= lease);
        let mut right = 0;
        if own > 0 || all {
            let put = client.prepare_cached(PUT_RIGHT).await.map_err(|error| read_error(&error))?;
            let asked = client.execute(&put, &[&node, &tolerance, &all, &limits::CLOCK_ROWS]).await;
            right = asked.map_err(|error| read_error(&error))?;
            tracing::warn!(orders = right, "the clock of the database's host was set back: their times are put right");
        }
        let pause =
            if right > 0 { Duration::ZERO } else { limits::CLOCK_LOOK.max((now - began) * limits::CLOCK_SHARE) };
        let seen = Seen { next: Some(Instant::now() + pause), others_since };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        Ok(right)
    }
}
