//! The promises of the product, a module each.

mod adoption;
mod alerts;
mod audit;
mod bench;
mod beside_older;
mod black_box;
mod changed_rules;
mod chaos;
mod clients;
mod connections;
mod constant_cost;
mod consumers;
mod contradictions;
mod deadlines;
mod described;
mod division;
#[cfg(feature = "kafka")]
mod division_kafka;
mod docs;
mod doors;
mod drill;
mod embed;
mod embedded_postgres;
mod events_stream;
mod events_tail;
mod fault_matrix;
mod feed;
mod gathered;
mod golden_streams;
mod house;
mod interleavings;
#[cfg(feature = "kafka")]
mod kafka;
#[cfg(feature = "kafka-tls")]
mod kafka_tls;
#[cfg(feature = "kafka")]
mod kafka_topics;
mod leases;
mod linearizable;
mod listings;
mod locks;
mod movable_schema;
mod moving_database;
#[cfg(feature = "nats")]
mod nats;
mod never_oversold;
mod newcomer;
mod nothing_partial;
mod online_indexes;
mod openapi;
mod order_amounts;
mod order_keys;
mod order_path;
mod orders_seen;
mod outages;
#[cfg(feature = "kafka")]
mod outbox_table;
mod own_steps;
mod participants;
mod participants_client;
mod pgbouncer;
mod preflight;
mod problems;
mod readers;
mod receiver;
#[cfg(feature = "kafka")]
mod relay;
#[cfg(all(feature = "kafka", feature = "nats"))]
mod relay_nats;
mod remote_faults;
mod remote_storm;
mod replay;
mod request_bodies;
mod retention;
mod retention_faults;
mod saga_golden;
mod saga_laws;
mod saga_rules;
mod same_answer;
mod service;
mod several_instances;
mod simulation;
#[cfg(all(feature = "kafka", feature = "nats"))]
mod soak;
mod stalls;
mod store_conformance;
mod supervision;
mod support;
mod takeover;
mod tls;
mod tokens;
mod told_elsewhere;
mod upgrade;
mod verbs;
mod webhooks;
mod webhooks_out;
