//! What participants told by webhook: kept once by its id, and turned into a look at the order.
//!
//! A webhook decides nothing. It may be late, doubled, out of order, or come before the order that it is about, so all
//! that it does is to have somebody ask the participant what became of the call that is due. The race that shaped this:
//! it may come while an engine holds the order. Waking the order then would have two engines drive it, so its lease
//! stands and only `look` is set; whoever holds the order, or takes it up when the lease ends, sees that.
//!
//! Locks are taken in the order of every commit (inbox rows belong to this module alone, then `order_work`), and the
//! sweep's settling skips what others hold: it comes back in a moment.
//!
//! Nothing is kept for ever: what was handled goes once no recorded webhook could be sent again under its id, and what
//! was parked goes when it is no longer looked at.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use deadpool_postgres::ClientWrapper;

use super::columns::millis;
use super::{PgStore, read_error, session};
use crate::limits;
use crate::ports::StoreError;
use crate::saga::OrderId;

/// A webhook is kept once by its id; what stands already is not handled again.
const RECEIVE: &str = "
INSERT INTO webhook_inbox (participant, webhook_id, order_id)
VALUES ($1, $2, $3)
ON CONFLICT (participant, webhook_id) DO NOTHING";

/// Nobody drives an order that another engine holds: a lease that has not ended stands. Nor does a webhook wake an order
/// that waits for a human.
const WAKE: &str = "
UPDATE order_work SET look = true,
    wake_at = CASE WHEN wake_at IS NULL OR owner IS NOT NULL AND wake_at > counterfoil_now() THEN wake_at
                   ELSE counterfoil_now() END
WHERE order_id = $1";

/// Handled where an order was woken ($3), where it ended, so that nothing is to be done, or where none can be meant.
/// Else it stays parked: its order may be on its way. It may even have been stored since the statement before: an order
/// that has work left now was not woken then, so that it is left to the sweep.
const HANDLE: &str = "
UPDATE webhook_inbox i SET handled_at = counterfoil_now()
WHERE i.participant = $1 AND i.webhook_id = $2
  AND ($3 OR i.order_id IS NULL
       OR EXISTS (SELECT FROM orders o WHERE o.order_id = i.order_id)
           AND NOT EXISTS (SELECT FROM order_work w WHERE w.order_id = i.order_id))";

/// What is written of a webhook, and of the order that it is about, by name.
pub(super) fn listed() -> Vec<(&'static str, String)> {
    [("receive", RECEIVE), ("wake", WAKE), ("handle", HANDLE)].map(|(name, sql)| (name, sql.to_owned())).into()
}

/// Keeps a webhook, and has somebody look after its order; `false` where it was kept before.
pub(super) async fn receive(
    client: &mut ClientWrapper,
    participant: &str,
    webhook_id: &str,
    order_id: Option<&OrderId>,
) -> Result<bool, StoreError> {
    let order_id = order_id.map(OrderId::as_str);
    let kept = async {
        let transaction = session::begin(client).await?;
        let receive = transaction.prepare_cached(RECEIVE).await?;
        if transaction.execute(&receive, &[&participant, &webhook_id, &order_id]).await? == 0 {
            return Ok(false); // a repeat: what it tells is known, durably
        }
        let wake = transaction.prepare_cached(WAKE).await?;
        let woken = transaction.execute(&wake, &[&order_id]).await? > 0;
        let handle = transaction.prepare_cached(HANDLE).await?;
        transaction.execute(&handle, &[&participant, &webhook_id, &woken]).await?;
        transaction.commit().await?;
        Ok(true)
    };
    kept.await.map_err(|error: tokio_postgres::Error| read_error(&error))
}

/// Webhooks that came before their orders are handled once those are there. One statement, so that an order which has
/// no work left is told from one that is not there by the same snapshot; what another transaction holds is left parked
/// until the next sweep.
const SETTLE_PARKED: &str = "
WITH parked AS (
    SELECT i.participant, i.webhook_id, i.order_id
    FROM webhook_inbox i
    WHERE i.handled_at IS NULL
      AND i.received_at > counterfoil_now() - $1::bigint * interval '1 millisecond'
      AND EXISTS (SELECT FROM orders o WHERE o.order_id = i.order_id)
    ORDER BY i.received_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), due AS (
    SELECT w.order_id FROM order_work w
    WHERE w.order_id IN (SELECT p.order_id FROM parked p)
    ORDER BY w.order_id
    FOR UPDATE SKIP LOCKED
), woken AS (
    UPDATE order_work w SET look = true,
        wake_at = CASE WHEN w.wake_at IS NULL OR w.owner IS NOT NULL AND w.wake_at > counterfoil_now() THEN w.wake_at
                       ELSE counterfoil_now() END
    FROM due d
    WHERE w.order_id = d.order_id
)
UPDATE webhook_inbox i SET handled_at = counterfoil_now()
FROM parked p
WHERE i.participant = p.participant AND i.webhook_id = p.webhook_id
  AND (p.order_id IN (SELECT d.order_id FROM due d)
       OR NOT EXISTS (SELECT FROM order_work w WHERE w.order_id = p.order_id))";

/// Handles the parked webhooks whose orders have appeared, or have ended since; how many. The sweep calls it.
pub(super) async fn settle_parked(client: &ClientWrapper) -> Result<u64, StoreError> {
    let statement = client.prepare_cached(SETTLE_PARKED).await.map_err(|error| read_error(&error))?;
    client
        .execute(&statement, &[&millis(limits::WEBHOOK_PARKED), &limits::PARKED_WEBHOOKS])
        .await
        .map_err(|error| read_error(&error))
}

/// The longest kept first, and none that somebody holds: engines remove side by side. What is compared is the time of
/// the statement, which an index can be asked for.
const PURGE: &str = "
WITH handled AS (
    SELECT participant, webhook_id FROM webhook_inbox
    WHERE handled_at < counterfoil_asked_at() - $1::bigint * interval '1 millisecond'
    ORDER BY handled_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), parked AS (
    SELECT participant, webhook_id FROM webhook_inbox
    WHERE handled_at IS NULL AND received_at < counterfoil_asked_at() - $2::bigint * interval '1 millisecond'
    ORDER BY received_at
    LIMIT $3
    FOR UPDATE SKIP LOCKED
)
DELETE FROM webhook_inbox i
USING (SELECT * FROM handled UNION ALL SELECT * FROM parked) old
WHERE i.participant = old.participant AND i.webhook_id = old.webhook_id";

/// Removes webhooks that are kept for long enough, a bounded number; how many. The sweep calls it.
async fn purge(client: &ClientWrapper) -> Result<u64, StoreError> {
    let statement = client.prepare_cached(PURGE).await.map_err(|error| read_error(&error))?;
    let (kept, parked) = (millis(limits::WEBHOOK_KEPT), millis(limits::WEBHOOK_PARKED));
    client.execute(&statement, &[&kept, &parked, &limits::PURGED_WEBHOOKS]).await.map_err(|error| read_error(&error))
}

/// When a sweep looks after the inbox. No order waits for that: what fails is tried again after a pause, and holds no
/// sweep up.
#[derive(Default)]
pub(super) struct Keeping {
    settle_next: Turn,
    purge_next: Turn,
}

/// The time before which nothing is done; none at first.
type Turn = Mutex<Option<Instant>>;

fn turn(turn: &Turn) -> MutexGuard<'_, Option<Instant>> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Keeping {
    /// Handles what was parked. Each look costs as much as there is, since a provider may tell of orders that are not
    /// ours, for ever; so the looks take a twentieth of the time at most.
    pub(super) async fn settle(&self, client: &ClientWrapper) {
        let began = Instant::now();
        if turn(&self.settle_next).is_some_and(|next| began < next) {
            return;
        }
        *turn(&self.settle_next) = Some(began + limits::PURGE_PAUSE); // should nobody wait for its end
        match settle_parked(client).await {
            Ok(_) | Err(StoreError::Unavailable(_)) => {}
            Err(error) => tracing::warn!(%error, "parked webhooks could not be looked at"),
        }
        let ended = Instant::now();
        *turn(&self.settle_next) = Some(ended + (ended - began) * limits::SETTLE_SHARE);
    }

    /// Removes what is old.
    pub(super) async fn purge(&self, client: &ClientWrapper) {
        let now = Instant::now();
        if turn(&self.purge_next).is_some_and(|next| now < next) {
            return;
        }
        *turn(&self.purge_next) = Some(now + limits::PURGE_PAUSE);
        let more = match purge(client).await {
            Ok(removed) => i64::try_from(removed).unwrap_or(i64::MAX) >= limits::PURGED_WEBHOOKS,
            Err(error) => {
                tracing::warn!(%error, "old webhooks could not be removed");
                false
            }
        };
        *turn(&self.purge_next) = Some(if more { now } else { now + limits::PURGE_PAUSE });
    }
}

impl PgStore {
    /// Removes the webhooks that are kept for long enough, at most [`limits::PURGED_WEBHOOKS`] of those that were
    /// handled and as many of those that were not; how many. The sweep does it by itself.
    pub async fn purge_webhooks(&self) -> Result<u64, StoreError> {
        let client = self.reads.lend().await?;
        let heard = purge(&client).await;
        client.back(heard)
    }

    /// Handles the webhooks that came before their orders, now; the sweep does it by itself. How many.
    pub async fn settle_webhooks(&self) -> Result<u64, StoreError> {
        let client = self.reads.lend().await?;
        let heard = settle_parked(&client).await;
        client.back(heard)
    }
}
