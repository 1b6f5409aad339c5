//! The engine of Counterfoil, as a library: every order takes effect at most once, ends in a known state, and can be
//! proved right from the database.
//!
//! The arrows point down: [`saga`] is pure and imports nothing of ours; [`ports`] imports `saga`; `store`, `participants`,
//! `outbox` and `engine` import `ports`, `saga` and leaf files.

#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]
#![allow(rustdoc::private_intra_doc_links, reason = "a module's head tells readers of the source where to go on")]

pub mod client;
pub mod engine;
pub mod faults;
pub mod hosts;
pub mod limits;
pub mod outbox;
pub mod participants;
pub mod ports;
pub mod process;
pub mod saga;
pub mod signature;
pub mod store;
pub mod telemetry;
pub mod tls;

pub use engine::{Engine, Reply, Submission, SubmitError};
