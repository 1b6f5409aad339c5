//! What Counterfoil is tried with: a private PostgreSQL, participants and receivers with ledgers of their own, drills that
//! break a private engine on purpose, and replays of real invoices. None of it runs in a shop.

#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]
#![allow(rustdoc::private_intra_doc_links, reason = "a module's head tells readers of the source where to go on")]

pub mod bench;
pub mod chaos;
pub mod children;
pub mod drill;
pub mod embedded_postgres;
pub mod load;
pub mod participants;
pub mod process;
pub mod receiver;
pub mod replay;
pub mod simulator;
pub mod terminal;
pub mod usage;
