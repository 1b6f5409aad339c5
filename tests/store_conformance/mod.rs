//! Promise: the simulator's store is as good as the real one. PostgreSQL and the in-memory reference pass the same
//! suite, and answer random sequences of writes alike.

mod alike;
pub mod bench;
mod laws;
mod upgrade;
mod verb_laws;
mod work_laws;

/// Runs each law on both stores.
macro_rules! on_both {
    ($($laws:ident { $($law:ident,)* })*) => {
        mod model {
            $($(#[tokio::test]
            async fn $law() {
                super::$laws::$law(super::bench::Bench::model()).await;
            })*)*
        }
        mod postgres {
            $($(#[tokio::test]
            async fn $law() {
                super::$laws::$law(super::bench::Bench::postgres().await).await;
            })*)*
        }
    };
}

on_both! {
    laws {
        a_new_order_is_stored_once,
        a_key_is_bound_with_its_order_and_once,
        a_key_names_one_order_though_two_are_written_at_once,
        a_refused_write_binds_no_key,
        the_first_binding_of_a_key_stands,
        an_order_binds_so_many_later_keys,
        a_lost_guard_writes_nothing,
        a_known_key_keeps_an_order_from_moving_on,
        short_stock_is_refused_whole_and_first_come_is_first_served,
        what_is_given_back_at_once_must_have_been_there,
        an_unknown_sku_stores_nothing,
        a_survey_tells_what_its_parts_tell,
        stock_is_held_then_shipped,
        stock_is_held_then_freed,
        a_carrier_that_refuses_leaves_nothing_out,
        pages_are_in_order_and_filtered,
        stock_by_hand_is_journaled_and_repeats_its_answer,
        stock_is_listed_by_name,
        stock_stays_within_its_bounds,
        a_guard_is_about_its_own_order_only,
    }
    work_laws {
        an_order_in_flight_has_work_until_it_ends,
        an_authorised_order_waits_for_its_deadline,
        an_authorised_order_waits_no_longer_than_its_money_is_held,
        a_claim_belongs_to_one_node_for_its_lease,
        two_nodes_share_what_is_due,
        an_order_whose_deadline_is_over_says_so,
        attempts_and_the_age_of_the_intent_are_those_of_the_call,
        a_pause_ends_with_the_deadline_unless_that_is_over,
        what_could_not_be_looked_at_waits_with_the_order,
        a_webhook_waits_for_the_call_that_it_is_about,
        what_is_claimed_without_progress_is_claimed_alone_and_then_set_aside,
        fresh_orders_and_suspects_take_turns,
        progress_forgives_claims,
        a_claim_whose_engine_lives_is_not_held_against_the_order,
        what_is_handed_back_is_claimed_again_and_a_fault_is_told_in_the_end,
        what_is_handed_back_is_as_it_was_found,
        a_locked_row_stops_no_sweep,
        a_clock_that_was_set_back_leaves_no_order_asleep,
        what_is_released_is_claimable_at_once,
        nobody_wakes_what_waits_for_a_human,
        a_lost_guard_leaves_the_work_as_it_was,
        an_order_refused_for_stock_leaves_nothing_to_be_done,
        nodes_are_seen_until_they_are_gone,
        who_waits_elsewhere_hears_of_the_end,
        a_broken_order_stops_no_sweep,
    }
    verb_laws {
        a_refund_is_stored_with_its_intent_and_settled_once,
        a_local_refund_is_given_back_at_once,
        a_restock_meets_orders_that_run_short,
        one_refund_a_key,
        a_refusal_is_stored_with_its_key_alone,
        an_open_key_is_answered_by_the_end_of_the_order_and_once,
        a_key_can_be_answered_by_its_name,
        what_an_operator_does_is_told_with_the_change,
        a_lost_guard_writes_nothing_of_a_verb,
        a_bound_key_keeps_its_answer,
        an_order_takes_so_many_keys_of_verbs,
    }
}
