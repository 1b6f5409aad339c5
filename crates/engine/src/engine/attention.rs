//! Orders that wait for a human: whoever runs the service is told each time, in one form, whatever it was that gave up.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::EngineShared;
use crate::ports::{Advance, Committed, Does, SetAside, Write};
use crate::saga::state::Attention;
use crate::saga::transaction::{self, StockVerdict};
use crate::saga::{Call, Command, OrderId, effect};

/// What is told of an order of which nothing was heard: whoever would have said it died.
const UNHEARD: &str = "none";

/// One line of the log, an error: alerts and `grep` go by these words. The participant and its action are left out where
/// they are not known.
pub(super) fn tell(order_id: &OrderId, call: Option<Call>, attempts: i16, last_answer: &str, reason: &str) {
    tracing::error!(
        %order_id, participant = call.map(|call| call.role().as_str()),
        action = call.map(|call| tracing::field::display(call.kind)), attempts, last_answer = %last_answer, reason,
        "an order waits for a human"
    );
}

/// Tells of an order that the sweep has set aside. It is not read, for its next action or anything else: it may kill whoever
/// reads it, and this process with all its other orders.
pub(super) fn tell_set_aside(aside: &SetAside) {
    let last_answer = aside.last_error.as_deref().unwrap_or(UNHEARD);
    tell(&aside.order_id, None, aside.attempts, last_answer, &aside.reason);
}

/// Flags a stored order for a human; an order without a row stays quarantined in memory, and nothing is stored.
pub(super) async fn flag(shared: Arc<EngineShared>, id: OrderId, reason: String) {
    let stored = match shared.store.load(id.clone()).await {
        Ok(Some(stored)) if !stored.order.attention.as_ref().is_some_and(Attention::is_for_a_human) => stored,
        Ok(_) => return,
        Err(error) => return tracing::error!(order_id = %id, %error, "cannot flag the order for attention"),
    };
    let now = shared.clock.now();
    let command = Arc::new(Command::Attention { reason: reason.clone(), missing: None });
    let verdict = StockVerdict::Assumed;
    let Ok(txn) = transaction::run(Some(&stored.order), &command, now, &*shared.local, verdict) else { return };
    let work = shared.store.open_work(id.clone()).await.ok().flatten();
    let write = Write {
        key: None,
        does: Does::Advance(Box::new(Advance::of(stored.order.version))),
        txn: Box::new(txn),
        command,
        local: Arc::clone(&shared.local),
        now,
        driver: shared.driver,
    };
    let (sender, receiver) = oneshot::channel();
    shared.store.commit(write, Box::new(move |result| drop(sender.send(result))));
    match receiver.await {
        Ok(Ok(Committed::Stored(_))) => {
            let (attempts, last) = work.map_or((0, None), |work| (work.attempts, work.last_error));
            tell(&id, effect::open(&stored.order), attempts, last.as_deref().unwrap_or(UNHEARD), &reason);
        }
        Ok(Ok(Committed::Exists | Committed::KeyKnown | Committed::Stale | Committed::Full)) | Err(_) => {} // it moved on
        Ok(Err(error)) => tracing::error!(order_id = %id, %error, "cannot flag the order for attention"),
    }
}
