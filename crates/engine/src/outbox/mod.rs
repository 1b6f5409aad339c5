//! The outbox: what was committed, as it leaves the house. Its source is the feed (`ports/feed.rs`); who reads it keeps a
//! position. Relays publish to sinks, webhooks are posted to endpoints, `counterfoil events tail` follows from a terminal.

mod begin;
mod cloud_event;
pub mod division;
mod fresh;
mod held;
#[cfg(feature = "kafka")]
pub mod kafka;
pub mod lag;
#[cfg(feature = "nats")]
pub mod nats;
pub mod place;
pub mod relay;
pub mod sink;
pub mod webhooks;

pub use begin::Begin;
pub use cloud_event::{CloudEvent, LARGEST_EVENT, Unreadable, events, needs_content};
pub use fresh::Fresh;
