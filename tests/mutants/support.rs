//! Of what the tests stand on, what the saga's do.

#[path = "../support/saga.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
pub mod saga;
