//! Leases of engines that live: changed by a test, as a clock that runs out or somebody who was quicker would.

use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// Changes the leases that a condition names, in one transaction that locks them in the order of their names, as the engine
/// does: what locks them as they come, beside sessions that renew, attest or divide, may be the victim of a deadlock, or make
/// one of them its own. Whoever is all the same, because somebody else locks them otherwise, changes them again.
pub async fn set_leases(session: &Client, set: &str, which: &str) {
    let sql = format!(
        "WITH held AS (SELECT name FROM outbox_leases WHERE {which} ORDER BY name FOR UPDATE)
         UPDATE outbox_leases l SET {set} FROM held WHERE l.name = held.name"
    );
    while let Err(error) = session.batch_execute(&sql).await {
        assert_eq!(error.code(), Some(&SqlState::T_R_DEADLOCK_DETECTED), "{sql}: {error:?}");
    }
}

/// Ends all of them: whoever asks has them.
pub async fn end_leases(session: &Client) {
    set_leases(session, "until = clock_timestamp()", "true").await;
}
