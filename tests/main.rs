//! The promises of the product, a module each.

mod audit;
mod drill;
mod embedded_postgres;
mod never_oversold;
mod same_answer;
mod support;
