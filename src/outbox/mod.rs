//! The outbox: what was committed, as it leaves the house. Its source is the feed (`ports/feed.rs`); who reads it keeps a
//! position. Webhooks post it to endpoints; `counterfoil events tail` follows from a terminal.

mod begin;
mod cloud_event;
pub mod lag;
pub mod sink;
pub mod webhooks;

pub use begin::Begin;
pub use cloud_event::{CloudEvent, Unreadable, events};
