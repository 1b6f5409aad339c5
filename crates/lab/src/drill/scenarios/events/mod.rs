//! Failures between what is committed and who is told of it: each event arrives, whatever dies, and those of an order come
//! first in their order. The sink is a receiver of webhooks, a process of its own with a ledger of its own.

mod histories;
mod outages;
mod relays;

use super::{Scenario, Stage};
use crate::drill::fleet::{Fleet, Setup, Which, until};
use crate::drill::receivers::Endpoint;
use crate::drill::world::{DrillError, Order};

/// The endpoint that most of them have.
const CRM: Endpoint = Endpoint::USUAL;

in_a_fleet! {
    "late-commit-not-skipped", "a transaction writes early and commits late, while another database has a writer open",
        Setup { engines: 2, ..Setup::EVENTS }, histories::late_commit;
    "relay-killed-between-send-and-commit", "kill -9 of the engine when events have arrived and it has not heard of that",
        Setup::EVENTS, relays::killed_between;
    "broker-down", "kill -9 of whoever takes the events, while clients place orders", Setup::EVENTS, outages::sink_down;
    "two-relays-one-sink", "the engine that publishes is stopped for longer than its lease, and then goes on",
        Setup { engines: 2, ..Setup::EVENTS }, relays::two_at_one_sink;
    "webhook-endpoint-down", "of three endpoints two answer 500, and then refuse one event of one order",
        Setup { endpoints: &outages::ENDPOINTS, ..Setup::EVENTS }, outages::endpoint_down;
    "restored-dump-does-not-skip", "a dump is put back into a cluster whose transaction ids begin anew", Setup::EVENTS,
        histories::restored_dump;
}

/// Orders of what there is, each of which takes some commits.
fn orders(fleet: &Fleet<'_>, prefix: &str, count: usize) -> Vec<Order> {
    (1..=count).map(|n| fleet.order(format!("{prefix}-{n}"))).collect()
}

/// Both engines, the one that publishes to the endpoint first.
async fn publisher_first(fleet: &Fleet<'_>) -> Result<[Which; 2], DrillError> {
    let publishes = async |which| Ok::<_, DrillError>(fleet.sink_metric(which, PUBLISHING, CRM).await? > 0.0);
    until("neither engine publishes", async || {
        Ok(match (publishes(Which::A).await?, publishes(Which::B).await?) {
            (true, false) => Some([Which::A, Which::B]),
            (false, true) => Some([Which::B, Which::A]),
            _ => None,
        })
    })
    .await
}

/// Whether an engine publishes to an endpoint, and how many events this has yet to get.
const PUBLISHING: &str = "counterfoil_outbox_publishing";
const LAG: &str = "counterfoil_outbox_lag_events";
