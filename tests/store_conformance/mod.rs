//! Promise: the simulator's store is as good as the real one. PostgreSQL and the in-memory reference pass the same
//! suite, and answer random sequences of writes alike.

mod alike;
mod bench;
mod laws;

/// Runs each law on both stores.
macro_rules! on_both {
    ($($law:ident,)*) => {
        mod model {
            $(#[tokio::test]
            async fn $law() {
                super::laws::$law(super::bench::Bench::model()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $law() {
                super::laws::$law(super::bench::Bench::postgres().await).await;
            })*
        }
    };
}

on_both! {
    a_new_order_is_stored_once,
    a_key_is_bound_with_its_order_and_once,
    a_refused_write_binds_no_key,
    the_first_binding_of_a_key_stands,
    a_lost_guard_writes_nothing,
    a_known_key_keeps_an_order_from_moving_on,
    short_stock_is_refused_whole_and_first_come_is_first_served,
    what_is_given_back_at_once_must_have_been_there,
    an_unknown_sku_stores_nothing,
    stock_is_held_then_shipped,
    stock_is_held_then_freed,
    a_carrier_that_refuses_leaves_nothing_out,
    pages_are_in_order_and_filtered,
    stock_by_hand_is_journaled_and_repeats_its_answer,
    stock_stays_within_its_bounds,
    a_guard_is_about_its_own_order_only,
}
