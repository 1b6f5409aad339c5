//! The promises of the product, a module each.

mod audit;
mod black_box;
mod drill;
mod embed;
mod embedded_postgres;
mod events_stream;
mod golden_streams;
mod house;
mod interleavings;
mod never_oversold;
mod nothing_partial;
mod participants;
mod participants_client;
mod remote_faults;
mod remote_storm;
mod replay;
mod saga_golden;
mod saga_laws;
mod same_answer;
mod service;
mod several_instances;
// mod simulation;
mod store_conformance;
mod supervision;
mod support;
mod verbs;
mod webhooks;
