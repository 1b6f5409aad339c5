//! The command line: the only place that names concrete types.

pub mod audit;
pub mod client;
pub mod replay;
