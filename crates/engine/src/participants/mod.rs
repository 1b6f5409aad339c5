//! Inventory, payment and shipment: who does what a saga asks for. Some live in the order's own database; others are
//! services of their own, spoken to under a [`contract`], which the simulated ones of the lab keep, too.

pub mod contract;
pub mod http;
pub mod local;
pub mod steps;

pub use crate::signature;
