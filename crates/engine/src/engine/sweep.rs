//! What an engine does for orders that nobody is talking to: it claims those that are due, tells that it lives, and
//! hears of orders that ended in other engines.
//!
//! Recovery that takes one list at start-up loses work, so the sweep runs for ever; one order that cannot be read must
//! not stop it, so it only hands them out. Who crashed leaves nothing behind but leases that end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::broadcast::error::RecvError;

use super::api::Ask;
use super::attention;
use super::shard::Input;
use super::{EngineShared, InHand};
use crate::limits;
use crate::ports::StoreError;

/// Runs the three loops on this thread until the engine stops. A loop that panics starts again.
pub(super) fn start(shared: &Arc<EngineShared>) {
    let (sweep, beat, hear) = (Arc::clone(shared), Arc::clone(shared), Arc::clone(shared));
    actix::spawn(for_ever("sweep", sweep, |shared| claim_due(shared).boxed()));
    actix::spawn(for_ever("heartbeat", beat, |shared| tell_alive(shared).boxed()));
    actix::spawn(for_ever("notifications", hear, |shared| hear_of_ends(shared).boxed()));
    actix::spawn(learn_skus(Arc::clone(shared)));
}

/// Learns what inventory knows, once: the first order of each SKU would be asked about otherwise before it is placed, which costs
/// several times what the order does. What comes later is learned by its first order.
async fn learn_skus(shared: Arc<EngineShared>) {
    if !shared.local.plan().inventory_is_local() {
        return;
    }
    let (mut after, mut room) = (None, limits::KNOWN_SKUS);
    while room > 0 && !shared.is_stopping() {
        match in_time(&shared, shared.store.skus(after.clone())).await {
            Ok(skus) if skus.is_empty() => return,
            Ok(skus) => {
                room = room.saturating_sub(skus.len());
                after = skus.last().cloned();
                shared.learn(skus.into_iter());
            }
            Err(error) => {
                tracing::debug!(%error, "it is not known yet which SKUs there are");
                tokio::time::sleep(limits::HEARTBEAT).await;
            }
        }
    }
}

type Turn = BoxFuture<'static, Duration>;

/// Takes turn after turn, with the pause that each one asks for.
async fn for_ever(what: &'static str, shared: Arc<EngineShared>, turn: fn(Arc<EngineShared>) -> Turn) {
    while !shared.is_stopping() {
        let pause = match AssertUnwindSafe(turn(Arc::clone(&shared))).catch_unwind().await {
            Ok(pause) => pause,
            Err(_panic) => {
                tracing::error!(what, "a loop of the engine panicked; it goes on");
                limits::HEARTBEAT
            }
        };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// One sweep: what is due is this engine's for a lease, and its shard is told.
async fn claim_due(shared: Arc<EngineShared>) -> Duration {
    // Counted before it asks whether the engine stops: who hands over waits for it, or it claims nothing.
    let _in_hand = InHand::new(&shared);
    if shared.is_stopping() {
        return limits::HEARTBEAT;
    }
    let (node, lease, since) = (shared.driver.node, shared.driver.lease, Instant::now());
    let claim = shared.store.claim(node, lease, limits::SWEEP_ORDERS);
    let sweep = match in_time(&shared, claim).await {
        Ok(sweep) => sweep,
        Err(StoreError::Unavailable(reason)) => {
            tracing::debug!(reason, "no sweep while the database is away");
            return limits::HEARTBEAT;
        }
        Err(error) => {
            tracing::error!(%error, "the sweep failed");
            return limits::HEARTBEAT;
        }
    };
    for aside in &sweep.set_aside {
        shared.metrics.set_aside.inc();
        attention::tell_set_aside(aside);
    }
    // Where something was due more may be: those that were claimed before come one a sweep.
    let more = !sweep.claimed.is_empty();
    for claimed in sweep.claimed {
        shared.metrics.timer_lateness.observe(claimed.late.as_secs_f64());
        let (id, ask) = (claimed.order_id.clone(), Arc::new(Ask::Wake(claimed, since)));
        shared.tell(&id, Input::Ask { ask, waiter: None, until: Instant::now() });
    }
    if more { Duration::ZERO } else { limits::SWEEP_PAUSE }
}

/// A database that says nothing at all must not stop a loop. What it does all the same is as if this engine had died
/// behind it: a lease that ends.
async fn in_time<T>(shared: &EngineShared, asked: BoxFuture<'static, Result<T, StoreError>>) -> Result<T, StoreError> {
    let patience = shared.settings.store_timeout * limits::COMMIT_STATEMENTS;
    let answered = tokio::time::timeout(patience, asked).await;
    answered.unwrap_or_else(|_| Err(StoreError::Unavailable("no answer in time".into())))
}

async fn tell_alive(shared: Arc<EngineShared>) -> Duration {
    let (node, name) = (shared.driver.node, shared.settings.name.clone());
    if let Err(error) = in_time(&shared, shared.store.heartbeat(node, name, "up")).await {
        tracing::debug!(%error, "no heartbeat");
        return limits::HEARTBEAT_AGAIN;
    }
    // Most shops have no steps of their own, and ask nobody.
    let steps = shared.own_steps();
    if shared.entries.are_wanted() || !steps.is_empty() {
        match in_time(&shared, shared.store.tell_steps(node, steps)).await {
            Ok(others) => shared.entries.hear(others, Instant::now()),
            Err(error) => tracing::debug!(%error, "not heard which steps other engines do"),
        }
    }
    limits::HEARTBEAT
}

/// Orders that ended somewhere: whoever waits for them here asks again.
async fn hear_of_ends(shared: Arc<EngineShared>) -> Duration {
    let mut ended = shared.store.ended_elsewhere();
    loop {
        match ended.recv().await {
            Ok(id) => shared.tell(&id.clone(), Input::Ended { id }),
            Err(RecvError::Lagged(_)) => {} // those who wait look for themselves
            Err(RecvError::Closed) => return limits::HEARTBEAT,
        }
    }
}
