//! Of what the tests stand on, what these do.

#[cfg(feature = "engine")]
#[path = "../../tests/support/database.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
pub mod database;
#[cfg(feature = "engine")]
#[path = "../../tests/support/engine.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
pub mod engine;
#[cfg(feature = "engine")]
#[path = "../../tests/support/orders.rs"]
pub mod orders;
#[cfg(feature = "engine")]
#[path = "../../tests/support/outside.rs"]
pub mod outside;
#[path = "../../tests/support/saga.rs"]
pub mod saga;

#[cfg(feature = "engine")]
#[path = "../../tests/support/simulation/mod.rs"]
pub mod simulation;
#[cfg(not(feature = "engine"))]
#[path = "../../tests/support/simulation"]
pub mod simulation {
    #[expect(dead_code, reason = "the simulation uses the rest")]
    pub mod transitions;
}
