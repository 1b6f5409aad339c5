//! The outbox: what was committed, as it leaves the house. Its source is the feed (`ports/feed.rs`); who reads it keeps a
//! position. Relays publish to sinks; `counterfoil events tail` follows from a terminal.

mod begin;
mod cloud_event;
#[cfg(feature = "kafka")]
pub mod kafka;
#[cfg(feature = "nats")]
pub mod nats;
mod place;
pub mod relay;
pub mod sink;

pub use begin::Begin;
pub use cloud_event::{CloudEvent, Unreadable, events, needs_content};
