//! The outbox: what was committed, as it leaves the house. Its source is the feed (`ports/feed.rs`); who reads it keeps a
//! position. For now its one reader is `counterfoil events tail`.

mod cloud_event;
pub mod sink;
pub mod webhooks;

pub use cloud_event::{CloudEvent, Unreadable, events};
