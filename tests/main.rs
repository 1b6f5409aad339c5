//! The promises of the product, a module each.

mod audit;
mod black_box;
mod drill;
mod embed;
mod embedded_postgres;
mod fault_matrix;
mod house;
mod interleavings;
mod never_oversold;
mod nothing_partial;
mod participants;
mod replay;
mod saga_golden;
mod saga_laws;
mod same_answer;
mod service;
mod simulation;
mod store_conformance;
mod supervision;
mod support;
