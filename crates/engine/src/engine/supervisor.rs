//! Supervision of the shards: restarts those that die, and ends the process when a thread of theirs spins.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use actix::prelude::*;

use super::EngineShared;
use super::actors::ShardActor;
use crate::limits;

/// A shard's actor ended.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ShardDied(pub(super) usize);

/// Lets the shards go without restarting them, then stops the system.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct ShutDown;

/// Starts the shards, spread over the arbiters, and starts a dead one anew. Its children die with it; what they wrote
/// stands, and whoever waited is told to ask again, which the engine's handle does by itself.
pub(super) struct Supervisor {
    shared: Arc<EngineShared>,
    arbiters: Vec<Arbiter>,
    stopping: bool,
}

impl Supervisor {
    pub(super) fn new(shared: Arc<EngineShared>, arbiters: Vec<Arbiter>) -> Self {
        Self { shared, arbiters, stopping: false }
    }

    fn start_shard(&self, index: usize, ctx: &mut Context<Self>) {
        let (shared, supervisor) = (Arc::clone(&self.shared), ctx.address());
        let Some(arbiter) = self.arbiters.get(index % self.arbiters.len().max(1)) else { return };
        let address = ShardActor::start_in_arbiter(&arbiter.handle(), move |ctx| {
            ShardActor::new(index, shared, supervisor, ctx.address())
        });
        self.shared.put_shard(index, address);
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        for index in 0..self.shared.settings.shards {
            self.start_shard(index, ctx);
        }
        watch(&self.arbiters, &self.shared);
        super::sweep::start(&self.shared);
    }
}

impl Handler<ShardDied> for Supervisor {
    type Result = ();

    fn handle(&mut self, ShardDied(index): ShardDied, ctx: &mut Self::Context) {
        let metrics = self.shared.metrics.shard(index);
        metrics.up.set(0);
        if self.stopping {
            return;
        }
        tracing::error!(shard = index, "a shard died; a fresh one takes over");
        metrics.restarts.inc();
        self.shared.restarted(index);
        self.start_shard(index, ctx);
    }
}

impl Handler<ShutDown> for Supervisor {
    type Result = ();

    fn handle(&mut self, _: ShutDown, _ctx: &mut Self::Context) {
        self.stopping = true;
        for arbiter in &self.arbiters {
            arbiter.stop();
        }
        System::current().stop();
    }
}

/// Asks each arbiter for a sign of life from a thread of its own. One that spins answers nobody and cannot be stopped
/// from outside: then the process ends, and a new one recovers from the database.
fn watch(arbiters: &[Arbiter], shared: &Arc<EngineShared>) {
    let handles: Vec<ArbiterHandle> = arbiters.iter().map(Arbiter::handle).collect();
    let (began, shared) = (Instant::now(), Arc::downgrade(shared));
    let beats: Vec<Arc<AtomicU64>> = handles.iter().map(|_| Arc::new(AtomicU64::new(0))).collect();
    let stopped = Arc::new(AtomicBool::new(false));
    let spawned = std::thread::Builder::new().name("heartbeat".into()).spawn(move || {
        while shared.upgrade().is_some_and(|shared| !shared.is_stopping()) && !stopped.load(Ordering::Relaxed) {
            for (handle, beat) in handles.iter().zip(&beats) {
                let (beat, now) = (Arc::clone(beat), began.elapsed().as_millis() as u64);
                handle.spawn_fn(move || beat.store(now, Ordering::Relaxed));
            }
            #[expect(clippy::disallowed_methods, reason = "a thread of its own, which waits for nobody")]
            std::thread::sleep(Duration::from_millis(500));
            let stall = limits::ARBITER_STALL.as_millis() as u64;
            let now = began.elapsed().as_millis() as u64;
            if beats.iter().any(|beat| now.saturating_sub(beat.load(Ordering::Relaxed)) > stall) {
                let stopping = shared.upgrade().is_none_or(|shared| shared.is_stopping());
                if !stopping {
                    tracing::error!("a shard's thread spins; the process ends, and recovery does its work");
                    std::process::abort();
                }
            }
        }
    });
    if let Err(error) = spawned {
        tracing::error!(%error, "no thread for the heartbeat");
    }
}
