//! Inventory, payment and shipment: who does what a saga asks for.

pub mod local;
