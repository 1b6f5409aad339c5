//! Webhooks: events posted to endpoints, signed, each endpoint in its own time.

pub mod addresses;
pub mod delivery;
pub mod lanes;
pub mod schedule;
