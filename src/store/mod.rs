//! The durable store, in PostgreSQL.

pub mod audit;
