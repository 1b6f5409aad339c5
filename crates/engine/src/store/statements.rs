//! The statements of a commit, in the order in which a transaction sends them: what each promise is in SQL.
//!
//! The statements that store orders tell which they stored, and every other one writes of those alone (`commit/stored.rs`), so
//! that a lost guard writes nothing at all.
//!
//! What a statement costs must depend on its batch alone, never on how large a table is, nor on what the planner knows
//! of it: it plans once a connection, often while the tables are young and were never analysed, and would then rather
//! read them whole. So what was stored is asked of a hash table, whatever the planner thinks (a join may begin at either end),
//! and [`limits::PLANNER_SETTINGS`](crate::limits::PLANNER_SETTINGS) leave it nothing but ways by key for the rest.
//!
//! What each says, and the columns that it is sent, stands with its table in `commit/`.

use tokio_postgres::{Client, Error, Statement};

use super::commit::{events, keys, orders, payments, steps, stock, work};

/// Declares the statements once: their names, as they are prepared, and as they are listed for whoever reads their plans.
macro_rules! statements {
    ($(#[$doc:meta])* $($name:ident = $sql:expr;)*) => {
        $(#[$doc])*
        pub(super) struct Statements {
            $(pub(super) $name: Statement,)*
        }

        impl Statements {
            pub(super) async fn prepare(client: &Client) -> Result<Self, Error> {
                Ok(Self { $($name: client.prepare(&$sql).await?,)* })
            }
        }

        /// All of them, by name.
        pub(super) fn listed() -> Vec<(&'static str, String)> {
            vec![$((stringify!($name), ($sql).to_string()),)*]
        }
    };
}

statements! {
    /// One lock order everywhere: keys, orders, their counts of keys, payments, steps, refunds, work, inventory; inside each,
    /// sorted by key.
    claim_keys = keys::claim_keys();
    place_orders = orders::place_orders();
    place_keyed_orders = orders::place_keyed_orders();
    place_whole_orders = orders::place_whole_orders();
    place_whole_keyed_orders = orders::place_whole_keyed_orders();
    drop_unused_keys = keys::drop_unused_keys();
    find_full = keys::FIND_FULL;
    advance_orders = orders::advance_orders();
    count_verb_keys = keys::count_verb_keys();
    settle_orders = orders::settle_orders();
    insert_payments = payments::insert_payments();
    move_payments = payments::move_payments();
    define_sagas = steps::define_sagas();
    insert_steps = steps::insert_steps();
    move_steps = steps::move_steps();
    insert_refunds = payments::insert_refunds();
    settle_refunds = payments::settle_refunds();
    insert_work = work::insert_work();
    move_work = work::move_work();
    delete_work = work::delete_work();
    insert_events = events::insert_events();
    settle_keys = keys::settle_keys();
    log_operators = events::log_operators();
    journal_restock = stock::journal_restock();
    move_stock = stock::move_stock();
    lock_stock = stock::LOCK_STOCK;
    move_counted_stock = stock::move_counted_stock();
    notify_ended = events::notify_ended();
}
