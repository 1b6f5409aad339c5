//! What the tests stand on.

pub mod database;
pub mod engine;
pub mod outside;
pub mod program;
pub mod saga;
