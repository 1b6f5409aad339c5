//! Counterfoil: a durable order engine. Every order takes effect at most once, ends in a known state, and can be
//! proved right from the database.
//!
//! The arrows point down: [`saga`] is pure and imports nothing of ours; [`ports`] imports `saga`; `store` and `engine`
//! import `ports`, `saga` and leaf files; `http` adds the engine's handle; `cli` alone names concrete types.

#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]
#![allow(rustdoc::private_intra_doc_links, reason = "a module's head tells readers of the source where to go on")]

pub mod cli;
pub mod client;
pub mod config;
pub mod embedded_postgres;
pub mod engine;
pub mod faults;
pub mod hosts;
pub mod http;
pub mod limits;
pub mod outbox;
pub mod participants;
pub mod ports;
pub mod saga;
pub mod signature;
pub mod store;
pub mod telemetry;
pub mod tls;

pub use engine::{Engine, Reply, Submission, SubmitError};
