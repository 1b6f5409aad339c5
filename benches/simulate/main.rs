//! `make simulate`: the simulation of `tests/support/simulation` for a night, fully optimised. It is a program of its own, so that it
//! compiles without sinks and without all other tests; what it runs is the very code of the tests. Exits 1 where a promise is
//! broken, or where something was never met that so many orders meet.

#![allow(dead_code, reason = "the simulation's own tests, which break it on purpose, are in tests/main.rs")]

use std::process::ExitCode;

mod night;

#[path = "../../tests/support"]
mod support {
    pub mod orders;
    pub mod outside;
    pub mod saga;
    pub mod simulation;
}

/// As in the program: a fifth of the time went to the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match night::night(|progress| eprintln!("{progress}")) {
        Ok(told) => {
            println!("{told}");
            ExitCode::SUCCESS
        }
        Err(broken) => {
            println!("{broken}");
            ExitCode::FAILURE
        }
    }
}
