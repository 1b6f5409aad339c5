//! An engine that stands still in the middle of a commit, as on a machine that was paused or behind a network that went
//! away: what it has locked, it keeps.

use std::cell::Cell;
use std::time::Duration;

use futures_util::future::join_all;
use hyper::Method;
use hyper::body::Bytes;
use rustix::process::Signal;

use super::Proved;
use crate::drill::fleet::{Fleet, SKU, Which, until};
use crate::drill::world::Order;

/// What there is too little of: each of its orders is decided with the stock counted under lock.
const SCARCE: &str = "SKU-SCARCE";

/// Clients that keep the engine busy until it is stopped, and the most orders that they send.
const CLIENTS: usize = 24;
const MOST: usize = 20_000;

/// A transaction that waits for its client, with rows in hand, and has done so for longer than a packet is on its way.
const OPEN: &str = "SELECT count(*) FILTER (WHERE state_change < clock_timestamp() - interval '100 ms') AS stands,
    count(*) AS open FROM pg_stat_activity a
    WHERE datname = current_database() AND application_name = 'counterfoil' AND state = 'idle in transaction'
        AND EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.mode = 'RowExclusiveLock')";

/// Between the two round trips of a commit that counts stock.
pub async fn between_round_trips(fleet: &mut Fleet<'_>) -> Proved {
    let level = Some(Bytes::from_static(br#"{"on_hand":1}"#));
    fleet.client(Which::A)?.request(Method::PUT, &format!("/inventory/{SCARCE}"), &[], level).await?;
    stopped(fleet, "drill-trips", SCARCE).await
}

/// Between the packets of a commit that is one round trip.
pub async fn between_packets(fleet: &mut Fleet<'_>) -> Proved {
    stopped(fleet, "drill-packets", SKU).await
}

async fn stopped(fleet: &mut Fleet<'_>, prefix: &str, sku: &str) -> Proved {
    let (client, sent, enough) = (fleet.client(Which::A)?, Cell::new(0), Cell::new(false));
    let firing = join_all((0..CLIENTS).map(|_| async {
        while !enough.get() && sent.get() < MOST {
            sent.set(sent.get() + 1);
            let order = Order::new(format!("{prefix}-{}", sent.get()), sku);
            // A stopped engine answers nobody.
            let asked = order.submit_preferring(&client, Some("respond-async"));
            let _gone = tokio::time::timeout(Duration::from_secs(1), asked).await;
        }
    }));
    let fleet_ref = &*fleet;
    let stopping = async {
        let found = until("it was never stopped in the middle of a commit", async || {
            fleet_ref.signal(Which::A, Signal::STOP)?;
            loop {
                let open = fleet_ref.count(&format!("SELECT open FROM ({OPEN}) a")).await?;
                if open == 0 {
                    fleet_ref.signal(Which::A, Signal::CONT)?;
                    return Ok(None);
                }
                if fleet_ref.count(&format!("SELECT stands FROM ({OPEN}) a")).await? > 0 {
                    return Ok(Some(()));
                }
            }
        })
        .await;
        enough.set(true);
        found
    };
    let ((), found) = futures_util::future::join(async { drop(firing.await) }, stopping).await;
    found?;
    fleet
        .tale
        .tell("broken", "kill -STOP of engine A, with a transaction open and PostgreSQL waiting for its next packet");
    fleet.show("SELECT state, wait_event, query FROM pg_stat_activity WHERE state = 'idle in transaction'").await?;

    let other = fleet.client(Which::B)?;
    let wants = [sku, SKU];
    let orders: Vec<Order> = (0..40).map(|n| Order::new(format!("{prefix}-other-{n}"), wants[n % 2])).collect();
    let answers = join_all(orders.iter().map(|order| order.submit(&other))).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    let short = answers.iter().filter(|answer| answer.status == 409).count();
    let right = if sku == SCARCE { (20, 20) } else { (40, 0) };
    fleet.tale.check((sold, short) == right, format!("engine B answers meanwhile: {sold} got 201, {short} got 409"));
    fleet.signal(Which::A, Signal::CONT)?;
    fleet
        .tale
        .tell("recovery", "kill -CONT: it finds its connection gone, reads what became of its batch, and goes on");
    until("engine A did not come back", async || {
        Ok(fleet.client(Which::A)?.get("/readyz").await.is_ok_and(|answer| answer.status == 200).then_some(()))
    })
    .await?;
    let first = fleet.submit(Which::A, &Order::new(format!("{prefix}-after"), SKU), 20).await?;
    fleet.tale.check(first.status == 201, "and takes orders again");
    fleet.until_true("SELECT count(*) = 0 FROM orders WHERE state NOT IN ('COMPLETED', 'CANCELLED')").await?;
    Ok(format!("{} orders at a stopped engine, and none at the other had to wait for it", sent.get()))
}
