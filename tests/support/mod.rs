//! What the tests stand on.

pub mod certificates;
pub mod database;
pub mod door;
pub mod engine;
pub mod fleet;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod leases;
pub mod live;
#[cfg(feature = "nats")]
pub mod nats;
pub mod older;
pub mod orders;
pub mod outside;
pub mod program;
pub mod proxy;
pub mod receiver;
pub mod saga;
pub mod simulation;
#[cfg(any(feature = "kafka", feature = "nats"))]
pub mod wire;
