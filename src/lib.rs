//! Counterfoil: a durable order engine. Every order takes effect at most once, ends in a known state, and can be
//! proved right from the database.
//!
//! This package is the program: the engine ([`counterfoil_engine`], a library of its own for whoever embeds it) behind HTTP
//! and a command line. `service` alone puts concrete types together; `http` sees the engine's handle; `cli` starts what
//! was asked for.

#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]
#![allow(rustdoc::private_intra_doc_links, reason = "a module's head tells readers of the source where to go on")]

pub mod cli;
pub mod config;
pub mod http;
pub mod logs;
pub mod service;

pub use counterfoil_engine::{
    Engine, Reply, Submission, SubmitError, client, engine, faults, hosts, limits, outbox, participants, ports,
    process, saga, signature, store, telemetry, tls,
};
pub use counterfoil_lab::{drill, embedded_postgres, receiver, replay, simulator};
