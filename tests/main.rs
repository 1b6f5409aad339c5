//! The promises of the product, a module each.

mod audit;
mod embed;
mod embedded_postgres;
mod house;
mod never_oversold;
mod same_answer;
mod support;
