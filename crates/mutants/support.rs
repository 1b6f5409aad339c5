//! Of what the tests stand on, what these do.

#[cfg(feature = "engine")]
#[path = "../support/database.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
pub mod database;
#[cfg(feature = "engine")]
#[path = "../support/engine.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
pub mod engine;
#[cfg(feature = "engine")]
#[path = "../support/outside.rs"]
pub mod outside;
#[path = "../support/saga.rs"]
pub mod saga;

#[path = "../support/simulation"]
pub mod simulation {
    #[expect(dead_code, reason = "the simulation uses the rest")]
    pub mod transitions;
}
