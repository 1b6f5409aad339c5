//! The commands.

pub mod client;
pub mod replay;
