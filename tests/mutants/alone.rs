//! A module with what it stands on and all the fast tests that judge it, and nothing else: a second or two from a changed line
//! to a verdict, where the whole tree takes a minute. The saga imports nothing of ours; with the feature `participants` the
//! client of remote participants is here, too.

pub use engine::saga;
#[cfg(feature = "participants")]
pub use engine::{client, faults, hosts, limits, participants, ports, signature, telemetry, tls};

#[path = "../../crates/engine/src"]
mod engine {
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
}

#[cfg(test)]
extern crate self as counterfoil;
#[cfg(test)]
#[path = "../golden_streams.rs"]
mod golden_streams;
#[cfg(test)]
#[path = "../saga_golden.rs"]
mod saga_golden;
#[cfg(test)]
#[path = "../saga_laws.rs"]
mod saga_laws;
#[cfg(test)]
mod support;
