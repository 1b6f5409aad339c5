//! HTTP.
pub mod json;
pub mod request;
