//! The load driver: whatever sends orders to an engine, to measure it or to break it, does so by this.
//!
//! [`crowd`] measures: its clients cost little CPU, know one kind of order, and check each answer by a few searches.
//! [`driver`] sends any requests by the engine's own client, and [`retry`] repeats each until its outcome is known.
//! [`draws`] decides what is sent where a seed is to.

pub mod crowd;
pub mod draws;
pub mod driver;
pub mod request;
pub mod retry;
