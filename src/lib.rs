//! Counterfoil.

pub mod cli;
