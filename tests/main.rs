//! The promises of the product, a module each.

mod audit;
mod embedded_postgres;
mod never_oversold;
mod nothing_partial;
mod same_answer;
mod supervision;
mod support;
