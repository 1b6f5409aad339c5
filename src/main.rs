//! The `counterfoil` program.

use std::process::ExitCode;

/// Measured: 10-20% of the engine's time an order.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    counterfoil::cli::main()
}
