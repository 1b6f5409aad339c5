//! A module with what it stands on and the fast tests that judge it, and nothing else: a second or two from a changed line to a
//! verdict, where the whole tree takes a minute. The saga imports nothing of ours; each feature adds a module to it.

pub use sources::saga;
#[cfg(feature = "participants")]
pub use sources::{client, faults, hosts, limits, participants, ports, signature, telemetry, tls};
#[cfg(feature = "engine")]
pub use {
    lab::{embedded_postgres, simulator},
    sources::{engine, outbox},
};

#[path = "../../crates/engine/src"]
mod sources {
    pub mod saga;

    #[cfg(feature = "participants")]
    pub mod client;
    #[cfg(feature = "participants")]
    pub mod faults;
    #[cfg(feature = "participants")]
    pub mod hosts;
    #[cfg(feature = "participants")]
    pub mod limits;
    #[cfg(feature = "participants")]
    pub mod participants;
    #[cfg(feature = "participants")]
    pub mod ports;
    #[cfg(feature = "participants")]
    pub mod signature;
    #[cfg(feature = "participants")]
    pub mod telemetry;
    #[cfg(feature = "participants")]
    pub mod tls;

    #[cfg(feature = "engine")]
    pub mod engine;
    #[cfg(feature = "engine")]
    pub mod outbox;
}

#[cfg(feature = "engine")]
#[path = "../../crates/engine/src/store/mod.rs"]
pub mod store;

/// What the audit judges by, without what asks the database.
#[cfg(all(feature = "audit", not(feature = "engine")))]
#[path = "../../crates/engine/src/store"]
pub mod store {
    pub mod audit {
        pub mod ledger {
            pub mod judge;
            pub mod lines;
        }
        pub mod orders {
            pub mod answers;
            pub mod fold;
            pub mod steps;
        }
    }
}

#[cfg(feature = "engine")]
#[path = "../../crates/lab/src"]
mod lab {
    pub mod embedded_postgres;
    pub mod process;
    pub mod simulator;
}
#[cfg(feature = "engine")]
use lab::process;
#[cfg(feature = "engine")]
extern crate self as counterfoil_engine;

#[cfg(test)]
extern crate self as counterfoil;
#[cfg(test)]
mod support;
#[cfg(test)]
#[path = "../../tests"]
mod tests {
    #[cfg(feature = "audit")]
    mod audit {
        mod agreement;
    }
    mod golden_streams;
    #[cfg(feature = "engine")]
    mod interleavings;
    mod saga_golden;
    mod saga_laws;
    mod saga_rules;
    #[cfg(feature = "engine")]
    pub mod simulation;
}
