//! Whoever takes the events is away, as a whole or in part: orders go on, and nothing is given up that can still arrive.

use std::collections::HashSet;

use serde_json::json;

use super::{CRM, LAG, orders};
use crate::drill::fleet::{Fleet, Which};
use crate::drill::receivers::{Endpoint, Load, PAUSES_MS};
use crate::drill::scenarios::Proved;
use crate::receiver::ledger::Line;

/// One that is well, and two that are not: with the second an order waits for what is not taken.
const STEADY: Endpoint = Endpoint { name: "steady", strict: false };
const LENIENT: Endpoint = Endpoint { name: "lenient", strict: false };
const STRICT: Endpoint = Endpoint { name: "strict", strict: true };
/// The endpoints of the scenario.
pub const ENDPOINTS: [Endpoint; 3] = [STEADY, LENIENT, STRICT];

const SET_ASIDE: &str = "SELECT count(*) FROM webhook_set_aside";

/// The sink is gone, port and all, under load.
pub async fn sink_down(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 60;
    let client = fleet.client(Which::A)?;
    let first = Load::place(&client, &orders(fleet, "drill-sink-before", 10)).await;
    let before = fleet.until_all_taken(CRM).await?;
    fleet.judge_told(CRM, &first)?;
    fleet.kill_receiver()?;
    let load = Load::place(&client, &orders(fleet, "drill-sink-down", ORDERS)).await;
    let sold = load.sold();
    fleet
        .tale
        .check(sold == ORDERS, format!("{sold} of {ORDERS} clients got 201 meanwhile: no order waits for a sink"));
    let events = fleet.count("SELECT sum(json_array_length(events::json)) FROM order_events").await?;
    let left = usize::try_from(events).unwrap_or_default() - before;
    // The rest, of a few orders, lies behind the cursor in rows of their own.
    let lag = fleet.until_sink_metric(Which::A, LAG, CRM, |lag| lag as usize >= left / 2).await.unwrap_or_default();
    let seconds = fleet.sink_metric(Which::A, "counterfoil_outbox_lag_seconds", CRM).await?;
    fleet.tale.check(
        lag > 0.0 && seconds > 0.0,
        format!("/metrics tells of it: {lag} events of {left} behind the cursor, the oldest for {seconds:.1} s"),
    );
    fleet.start_receiver().await?;
    fleet.tale.tell("recovery", "the receiver was started again where it was, on its ledger");
    let all = fleet.until_all_taken(CRM).await?;
    fleet.judge_told(CRM, &load)?;
    fleet.until_sink_metric(Which::A, LAG, CRM, |lag| lag == 0.0).await?;
    fleet.until_true("SELECT count(*) = 0 FROM webhook_waiting").await?;
    let aside = fleet.count(SET_ASIDE).await?;
    fleet.tale.check(aside == 0, format!("the lag is gone, no order waits, and {aside} events were set aside"));
    Ok(format!("{ORDERS} orders sold without their sink; {} events arrived when it was back", all - before))
}

/// What one endpoint does not take concerns no other; and what it takes of others' says that a fault is an event's own.
pub async fn endpoint_down(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 30;
    let client = fleet.client(Which::A)?;
    fleet.behave(json!([{"path": "/lenient", "answer": 500}, {"path": "/strict", "answer": 500}])).await?;
    let load = Load::place(&client, &orders(fleet, "drill-endpoint", ORDERS)).await;
    let events = fleet.until_all_taken(STEADY).await?;
    fleet.judge_told(STEADY, &load)?;
    for down in [LENIENT, STRICT] {
        let lag = fleet.until_sink_metric(Which::A, LAG, down, |lag| lag > 0.0).await?;
        fleet.tale.tell("engine", &format!("{} is {lag} events behind, by /metrics", down.name));
    }
    let (none, aside) = (fleet.taken(LENIENT)?.len() + fleet.taken(STRICT)?.len(), fleet.count(SET_ASIDE).await?);
    let text =
        format!("{} has all {events} events, while the others took {none} and nothing was given up", STEADY.name);
    fleet.tale.check(none == 0 && aside == 0, text);
    fleet.behave(json!([])).await?;
    for back in [LENIENT, STRICT] {
        let events = fleet.until_all_taken(back).await?;
        fleet.tale.tell("recovery", &format!("{} answers again, and has all {events} events", back.name));
    }
    fleet.until_true("SELECT count(*) = 0 FROM webhook_waiting").await?;
    poison(fleet, events).await
}

/// One event of one order is not taken by two endpoints.
async fn poison(fleet: &mut Fleet<'_>, events: usize) -> Proved {
    const POISON: &str = "drill-poison";
    const VERSION: i64 = 3;
    let client = fleet.client(Which::A)?;
    let refuse = |path: &str| json!({"path": path, "order_id": POISON, "version": VERSION, "answer": 500});
    fleet.behave(json!([refuse("/lenient"), refuse("/strict")])).await?;
    let order = fleet.order(POISON);
    let alone = Load::place(&client, &[order]).await;
    let tries = PAUSES_MS.len() + 1;
    let worn = format!("SELECT count(*) FILTER (WHERE failures > {tries}) = 2 FROM webhook_waiting");
    fleet.until_true(&format!("SELECT ({worn}) OR ({SET_ASIDE}) > 0")).await?;
    let aside = fleet.count(SET_ASIDE).await?;
    let text = format!(
        "{POISON}/{VERSION} was tried more than the {tries} times of its schedule, and {aside} events were set aside: nobody \
         else got through, so that the fault may be the endpoint's"
    );
    fleet.tale.check(aside == 0, text);
    let others = Load::place(&client, &orders(fleet, "drill-beside", 5)).await;
    fleet.until_true("SELECT count(*) = 1 FROM webhook_set_aside").await?;
    fleet.until_true("SELECT count(*) = 1 FROM webhook_waiting WHERE next_try_at IS NULL").await?;
    let aside = "SELECT name, order_id, version, failures, status
        FROM webhook_set_aside JOIN webhook_endpoints USING (endpoint_id)";
    fleet.show(aside).await?;
    let is_it = |order_id: &str, version: i64| order_id == POISON && version == VERSION;
    fleet.until_taken_but(LENIENT, |(order_id, version)| is_it(order_id, *version)).await?;
    fleet.until_taken_but(STRICT, |(order_id, version)| order_id == POISON && *version >= VERSION).await?;
    let versions = |lines: Vec<Line>| {
        let of_it = lines.into_iter().filter(|line| line.order_id() == POISON).filter_map(|line| line.version());
        of_it.collect::<Vec<i64>>()
    };
    let (lenient, strict) = (versions(fleet.taken(LENIENT)?), versions(fleet.taken(STRICT)?));
    let text = format!(
        "others got through, so the fault is its own: {} has {lenient:?} of the order, which went on without it; {} has \
         {strict:?}, and the order waits for an operator",
        LENIENT.name, STRICT.name
    );
    fleet.tale.check(lenient == [1, 2, 4, 5] && strict == [1, 2], text);
    fleet.behave(json!([])).await?;
    let mended = json!({"order_id": POISON, "reason": "it is mended"});
    for endpoint in [LENIENT, STRICT] {
        let path = format!("/operator/webhooks/{}/redrive", endpoint.name);
        let answer = fleet.say(Which::A, &path, None, mended.clone()).await?;
        fleet.tale.check(answer.status == 200, format!("an operator has it delivered to {}", endpoint.name));
        fleet.until_all_taken(endpoint).await?;
        fleet.judge_told(endpoint, &alone)?;
        fleet.judge_told(endpoint, &others)?;
    }
    // The only one that may come behind what followed it: an operator had it so.
    fleet.leave(LENIENT).behind = HashSet::from([(POISON.to_owned(), VERSION)]);
    fleet.until_true("SELECT count(*) = 0 FROM webhook_waiting").await?;
    fleet.until_true("SELECT count(*) = 0 FROM webhook_set_aside").await?;
    Ok(format!(
        "{events} events waited for two endpoints and held up no third; one poisoned event held up its order alone"
    ))
}
