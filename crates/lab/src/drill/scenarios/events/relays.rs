//! Whoever publishes dies, or sleeps, at the worst moment: behind a delivery, and before the word of it is written down.

use futures_util::future::join;
use rustix::process::Signal;
use serde_json::json;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{CRM, LAG, PUBLISHING, orders, publisher_first};
use crate::drill::fleet::{Fleet, Which, until};
use crate::drill::receivers::{Load, cursor};
use crate::drill::scenarios::Proved;
use crate::drill::world::DrillError;
use crate::process::POLL;
use crate::receiver::ledger::Line;

/// Deliveries that have arrived, and whose sender has not heard of it.
const HELD: usize = 8;

/// What arrived and was not heard of comes again, under its id, and nothing is lost.
pub async fn killed_between(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 60;
    let (client, placed) = (fleet.client(Which::A)?, orders(fleet, "drill-between", ORDERS));
    let mut held: Vec<Line> = Vec::new();
    // Once with nothing delivered yet, and once in the middle.
    for part in placed.chunks(ORDERS / 2) {
        let before = fleet.taken(CRM)?.len();
        fleet.behave(json!([{"hold": true}])).await?;
        let breaking = async {
            let arrived = fleet.until_taken(CRM, before + HELD).await?;
            fleet.kill(Which::A)?;
            let cursor = fleet.cursor(CRM).await?;
            // All of them, those that came between: none of their answers has left.
            let arrived = fleet.taken(CRM)?.split_off(before.min(arrived.len()));
            let text = format!(
                "{} deliveries arrived and were not answered; the cursor is at {} of epoch {}",
                arrived.len(),
                cursor.1,
                cursor.0
            );
            fleet.tale.tell("receiver", &text);
            held.extend(arrived);
            fleet.behave(json!([])).await?;
            let took = fleet.start_engine(Which::A).await?;
            fleet.tale.tell("recovery", &format!("the engine was started again, ready in {} ms", took.as_millis()));
            Ok::<_, DrillError>(())
        };
        let (load, broken) = join(Load::place(&client, part), breaking).await;
        broken?;
        fleet.until_all_taken(CRM).await?;
        fleet.judge_told(CRM, &load)?;
    }
    let lines = fleet.taken(CRM)?;
    let came_again = |held: &&Line| lines.iter().any(|line| line.seq > held.seq && line.webhook_id == held.webhook_id);
    let again = held.iter().filter(came_again).count();
    fleet.tale.check(
        held.len() >= 2 * HELD && again == held.len(),
        format!("each of the {} events whose answer was lost came again, under the same webhook-id", held.len()),
    );
    let alike = lines.iter().filter(|line| line.repeat).count();
    Ok(format!(
        "{} answers lost to two kills: {alike} repeats, nothing lost, nothing otherwise than before",
        held.len()
    ))
}

/// Where an endpoint's cursor was seen: epoch and transaction, each place once, from the beginning to the end.
struct Watched {
    end: oneshot::Sender<()>,
    task: JoinHandle<Result<Vec<(i64, i64)>, DrillError>>,
}

impl Watched {
    async fn begin(fleet: &Fleet<'_>) -> Result<Self, DrillError> {
        let database = fleet.connection().await?;
        let (end, mut ended) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut places = Vec::new();
            let mut is_over = false;
            loop {
                let place = cursor(&database, CRM).await?;
                if places.last() != Some(&place) {
                    places.push(place);
                }
                if is_over {
                    return Ok(places);
                }
                tokio::select! { _ = &mut ended => is_over = true, () = tokio::time::sleep(POLL) => {} }
            }
        });
        Ok(Self { end, task })
    }

    async fn end(self) -> Result<Vec<(i64, i64)>, DrillError> {
        let _gone = self.end.send(());
        self.task.await.map_err(|error| DrillError::Missed(format!("nobody watched the cursor: {error}")))?
    }
}

const GENERATION: &str = "SELECT max(generation)::bigint FROM outbox_leases WHERE name LIKE 'webhook/%'";

/// Whoever slept beyond its lease says nothing more, and writes nothing: the cursor is the other's.
pub async fn two_at_one_sink(fleet: &mut Fleet<'_>) -> Proved {
    const ORDERS: usize = 40;
    let [holder, other] = publisher_first(fleet).await?;
    fleet.tale.tell("engine", &format!("engine {} publishes, with a lease of 2 s", holder.letter()));
    let watched = Watched::begin(fleet).await?;
    let load = Load::place(&fleet.client(other)?, &orders(fleet, "drill-two-relays", ORDERS / 4)).await;
    fleet.until_all_taken(CRM).await?;
    fleet.judge_told(CRM, &load)?;
    let (before, generation) = (fleet.taken(CRM)?.len(), fleet.count(GENERATION).await?);

    fleet.behave(json!([{"hold": true, "times": HELD}])).await?;
    let (client, placed) = (fleet.client(other)?, orders(fleet, "drill-two-relays-more", ORDERS));
    let breaking = async {
        let arrived = fleet.until_taken(CRM, before + HELD).await?;
        fleet.signal(holder, Signal::STOP)?;
        let text = format!("kill -STOP of engine {}, with {HELD} answers on their way to it", holder.letter());
        fleet.tale.tell("broken", &text);
        Ok::<_, DrillError>(arrived)
    };
    let (load, held) = join(Load::place(&client, &placed), breaking).await;
    let held: Vec<Line> = held?.into_iter().skip(before).take(HELD).collect();
    until("nobody took over", async || Ok((fleet.count(GENERATION).await? > generation).then_some(()))).await?;
    let events = fleet.until_all_taken(CRM).await?;
    fleet.judge_told(CRM, &load)?;
    fleet.until_sink_metric(other, LAG, CRM, |lag| lag == 0.0).await?;
    let (taken, cursor) = (fleet.count(GENERATION).await?, fleet.cursor(CRM).await?);
    let text = format!(
        "engine {} took over: the lease is of generation {taken}, where it was of {generation}; all {events} events are there",
        other.letter()
    );
    fleet.tale.check(taken > generation, text);

    fleet.behave(json!([])).await?;
    fleet.signal(holder, Signal::CONT)?;
    fleet.tale.tell("recovery", "the answers were given, and kill -CONT: it hears that its events arrived, too late");
    let found_out = fleet.until_sink_metric(holder, PUBLISHING, CRM, |publishes| publishes == 0.0).await;
    let text = format!("engine {} finds that its lease is another's, and publishes no more", holder.letter());
    fleet.tale.check(found_out.is_ok(), text);
    let load = Load::place(&fleet.client(holder)?, &orders(fleet, "drill-two-relays-after", ORDERS / 4)).await;
    fleet.until_all_taken(CRM).await?;
    fleet.judge_told(CRM, &load)?;
    fleet.until_sink_metric(other, LAG, CRM, |lag| lag == 0.0).await?;
    let steps = watched.end().await?;
    let backwards = steps.windows(2).filter(|pair| pair[1] < pair[0]).count();
    let text = format!("the cursor was seen at {} places, and went back {backwards} times", steps.len());
    fleet.tale.check(backwards == 0 && steps.last().is_some_and(|last| *last > cursor), text);
    let lines = fleet.taken(CRM)?;
    let came_again = |held: &&Line| lines.iter().any(|line| line.seq > held.seq && line.webhook_id == held.webhook_id);
    let again = held.iter().filter(came_again).count();
    fleet
        .tale
        .check(again == HELD, format!("{again} of {HELD} events that only the sleeper had sent came again, alike"));
    Ok(format!(
        "{} deliveries past an engine that slept with {HELD} of them in hand; the cursor never went back",
        lines.len()
    ))
}
