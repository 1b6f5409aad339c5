//! The saga: what an order is and how it moves, as pure functions.
//!
//! [`decide`](decide::decide) says what a command does to an order, [`evolve`](evolve::evolve) applies an event,
//! [`due`] reads off a state which call must leave next. None of them does IO, reads a clock or makes a random id: live
//! processing, rehydration after a crash and the simulator run the same code, so that what is proved in one place holds
//! in all of them. (The audit does not: it checks the outcome by a transition table of its own.)
//!
//! Nothing here imports another module of the crate.

pub mod answer;
pub mod aside;
pub mod codes;
pub mod command;
pub mod decide;
pub mod definition;
pub mod effect;
pub mod event;
pub mod evolve;
pub mod failure;
pub mod ids;
pub mod invariant;
pub mod money;
pub mod outside;
mod progress;
pub mod refusal;
pub mod render;
pub mod request;
pub mod state;
pub mod stock;
pub mod transaction;
pub mod upcast;
pub mod verb;

pub use answer::Answer;
pub use aside::{Aside, aside};
pub use codes::Code;
pub use command::{Command, Outcome, Word};
pub use decide::{Decision, decide};
pub use definition::{Definition, Plan, SAGA_VERSION, Saga, StepName};
pub use effect::{Action, Call, CallKind, due, refund_due};
pub use event::Event;
pub use evolve::evolve;
pub use failure::{CancelReason, Failure, Shortage};
pub use ids::{Client, DeploymentId, IdError, IdempotencyKey, OrderId, Sku};
pub use money::{Amount, Currency};
pub use refusal::Refusal;
pub use request::{Address, Capture, Fingerprint, Line, Request};
pub use state::{Order, OwnSteps, Payment, Refund, Restock, Shipment, State, Stock, Timestamp};
pub use stock::StockLevel;
pub use transaction::{LocalParticipants, LocalTransaction, StockMove};
pub use verb::Verb;
