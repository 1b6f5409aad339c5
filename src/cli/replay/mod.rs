//! `counterfoil replay`: real invoices as orders.

mod country;
pub mod invoices;
