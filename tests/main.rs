//! The promises of the product, a module each.

mod audit;
mod embedded_postgres;
mod never_oversold;
mod saga_golden;
mod saga_laws;
mod same_answer;
mod simulation;
mod store_conformance;
mod support;
