//! Failures between an engine and its remote participants, and between two engines on one database.

mod charges;
mod crowds;
mod instances;
mod stalls;
mod steps;
mod undoing;

use super::{Proved, Scenario, Stage};
use crate::drill::fleet::{Fleet, Setup, Which};
use crate::drill::ledger::Line;
use crate::drill::world::{DrillError, Order};
use counterfoil_engine::client::HttpAnswer;

in_a_fleet! {
    "kill-between-charge-and-commit", "the engine's process dies after the charge took effect and before it knows",
        Setup::USUAL, charges::killed_after_the_charge;
    "charge-times-out-after-effect", "the charge takes effect and its answer never comes",
        Setup { step_timeout_ms: 500, ..Setup::USUAL }, charges::answer_lost;
    "late-success-after-refund", "an engine sleeps before its charge while another cancels the order",
        Setup { lease_ms: 1_500, step_timeout_ms: 700, ..Setup::PAIR }, charges::overtaken_by_the_undo;
    "reservation-expires-during-charge", "the reservation runs out while nobody knows what became of the charge",
        Setup { reservation_ttl_ms: 600, step_timeout_ms: 800, attempts: 60, ..Setup::USUAL }, charges::reservation_expires;
    "authorization-expires", "nobody captures an authorised payment in time",
        Setup { authorized_ttl_ms: 1_500, ..Setup::USUAL }, charges::authorization_expires;
    "authorization-lapses-at-the-provider", "the provider lets go of an authorisation before it is captured",
        Setup { participants: &["--authorization-ttl-ms", "500", "--authorization-ttl-untold"], ..Setup::USUAL },
        charges::authorization_lapses;
    "authorization-lapse-foreseen", "the provider holds an authorisation for less long than we would, and says so",
        Setup { participants: &["--authorization-ttl-ms", "1500"], ..Setup::USUAL }, charges::authorization_expires;
    "webhook-wakes-a-pending-order", "the answer is lost, the next try is far off, and the provider sends a webhook",
        Setup { webhooks: true, step_timeout_ms: 500, first_pause_ms: 30_000, ..Setup::USUAL }, charges::webhook_wakes;
    "carrier-fails", "the carrier refuses a parcel that is paid", Setup::USUAL, undoing::carrier_fails;
    "carrier-fails-refund-fails", "the carrier refuses, and the refund fails as well",
        Setup { attempts: 4, ..Setup::USUAL }, undoing::refund_fails;
    "unknown-for-ever", "the provider never says what became of a charge", Setup { attempts: 3, ..Setup::USUAL },
        undoing::unknown_for_ever;
    "skip-with-evidence", "a refund that the engine cannot make is made by hand", Setup { attempts: 2, ..Setup::USUAL },
        undoing::skipped_with_evidence;
    "cancel-races-charge", "64 cancels meet a charge that is under way",
        Setup { lease_ms: 6_000, step_timeout_ms: 5_000, ..Setup::PAIR }, crowds::cancels_race_a_charge;
    "refund-storm", "64 refunds at once ask for more than was captured", Setup::PAIR, crowds::refund_storm;
    "two-instances-one-order", "32 clients send the same 20 orders to two engines", Setup::PAIR, crowds::two_instances;
    "takeover", "kill -9 of the engine that drives 50 orders",
        Setup { lease_ms: 3_000, step_timeout_ms: 2_500, inventory: true, ..Setup::PAIR }, instances::takeover;
    "handover", "SIGTERM to the engine that drives 40 orders",
        Setup { lease_ms: 30_000, step_timeout_ms: 5_000, ..Setup::PAIR }, instances::handover;
    "engine-stops-between-round-trips", "an engine is stopped while it counts stock under lock", Setup::PAIR,
        stalls::between_round_trips;
    "engine-stops-between-packets", "an engine is stopped in the middle of a commit", Setup::PAIR,
        stalls::between_packets;
    "participants-killed", "kill -9 of the participants while 120 orders are under way",
        Setup { attempts: 60, inventory: true, ..Setup::USUAL }, instances::participants_killed;
    "kill-between-step-and-commit", "the engine's process dies after a step of one's own was done, and after its undo was",
        Setup { steps: steps::HOLD_AND_FRAUD, participants: steps::SERVED, ..Setup::USUAL }, steps::killed_around_a_step;
    "kill-behind-a-step-webhook", "the engine's process dies as it commits what a step's webhook led it to",
        Setup {
            webhooks: true, step_timeout_ms: 500, first_pause_ms: 30_000, steps: steps::FRAUD, participants: steps::SERVED,
            ..Setup::USUAL
        },
        steps::killed_behind_a_webhook;
    "step-entry-gone-and-back", "the entry of a step is taken out of the configuration under an order that needs it",
        Setup { attempts: 60, steps: steps::HOLD_AND_FRAUD, participants: steps::SERVED, ..Setup::USUAL },
        steps::entry_gone;
}

/// How often an action took effect among these lines.
fn effects(lines: &[Line], action: &str) -> usize {
    lines.iter().filter(|line| line.is(action)).count()
}

/// Holds the lines of an order against what there should be.
fn ledger_holds(fleet: &mut Fleet<'_>, lines: &[Line], wanted: &[(&str, usize)]) {
    for (action, count) in wanted {
        let found = effects(lines, action);
        fleet.tale.check(found == *count, format!("the ledger has {found} lines of {action}, where {count} are right"));
    }
}

/// The repeat of an order at an engine gets its final answer again.
async fn answers_alike(
    fleet: &mut Fleet<'_>,
    which: Which,
    order: &Order,
    first: &HttpAnswer,
) -> Result<(), DrillError> {
    let again = fleet.submit(which, order, 20).await?;
    let same = again.status == first.status && again.body == first.body && again.is_replayed();
    fleet.tale.check(same, "a repeat gets the same status and body, byte for byte, and is told that it is one");
    Ok(())
}
