//! The promises of the product, a module each.

mod audit;
mod embedded_postgres;
mod support;
