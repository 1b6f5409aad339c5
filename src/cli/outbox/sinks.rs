//! Brokers' sinks, as the database knows them.

use serde_json::{Value, json};
use tokio_postgres::Client;

use super::{Act, Event};
use crate::cli::{Failure, escaped};
use crate::outbox::Begin;
use crate::ports::feed::{Gap, Position};
use crate::ports::relay::Witness;
use crate::store::feed::Feed;
use crate::store::{Target, relay};

/// Does something to a sink.
pub(super) async fn act(target: &Target, sink: &str, act: Act, reason: &str) -> Result<(Value, String), Failure> {
    let mut database = target.connect().await.map_err(|error| Failure::caused("cannot reach the database", &error))?;
    let name = escaped(sink);
    let (changed, text) = match act {
        Act::Replay { from, over_epoch } => {
            let gone = gone(target, &database, &from).await?;
            // "Now" is when it is said, whenever a relay comes to it.
            let now = if from == "now" { Some(now(target).await?) } else { None };
            let changed = relay::begin_anew(&mut database, sink, (&from, now.as_ref()), over_epoch, reason).await;
            let gone = gone.map(|gap| format!("of what lies there {gap}\n")).unwrap_or_default();
            (changed, format!("{name} begins anew from {}, also where it was paused\n{gone}", escaped(&from)))
        }
        Act::Skip(Event { order_id, version }) => {
            let changed = relay::skip(&mut database, sink, (&order_id, version), reason).await;
            if let Ok(None) = changed {
                return Err(Failure::usage(format!("no commit has the event {order_id}/{version}")));
            }
            let text = format!("{name} passes over {}/{version}\n", escaped(&order_id));
            (changed.map(Option::unwrap_or_default), text)
        }
        Act::Pause => {
            let changed = relay::hold_back(&mut database, sink, true, reason).await;
            (changed, format!("nothing is published to {name} until `outbox resume`\n"))
        }
        Act::Forget => {
            let changed = relay::forget(&mut database, sink, reason).await;
            (changed, format!("{name} holds back nothing any more, and gets nothing until `outbox replay --from`\n"))
        }
        Act::Resume => {
            let changed = relay::hold_back(&mut database, sink, false, reason).await;
            (changed, format!("{name} goes on where it was\n"))
        }
    };
    let parts = changed.map_err(|error| Failure::caused("the database refused", &error))?;
    if parts == 0 {
        return Err(Failure::usage(format!(
            "no sink {sink:?} was ever published to; see `counterfoil outbox list`; an endpoint is named by --endpoint"
        )));
    }
    Ok((json!({ "sink": sink, "parts": parts }), text))
}

/// What of the events that somebody is to begin with was pruned.
async fn gone(target: &Target, database: &Client, from: &str) -> Result<Option<Gap>, Failure> {
    let unread = |error| Failure::caused("cannot read the feed", &error);
    let begin = from.parse::<Begin>().map_err(|why| Failure::usage(format!("--from {from:?} {why}")))?;
    let (position, since) = match begin {
        Begin::Now => return Ok(None),
        Begin::Position(position) => (position, None),
        Begin::Beginning => (Feed::open(target).await.map_err(unread)?.beginning().await.map_err(unread)?, None),
        Begin::Time(since) => {
            (Feed::open(target).await.map_err(unread)?.beginning().await.map_err(unread)?, Some(since))
        }
    };
    let gone = relay::gone(database, &position, since).await;
    gone.map_err(|error| Failure::caused("the database refused", &error))
}

async fn now(target: &Target) -> Result<Position, Failure> {
    let unread = |error| Failure::caused("cannot read the feed", &error);
    let feed = Feed::open(target).await.map_err(|error| Failure::caused("cannot read the feed", &error))?;
    feed.now().await.map_err(unread)
}

/// All that were ever published to.
pub(super) async fn list(client: &Client) -> Result<(Value, String), Failure> {
    let sinks = relay::list(client).await.map_err(|error| Failure::caused("the database refused", &error))?;
    let text = told(&sinks);
    Ok((sinks.iter().map(as_json).collect(), text))
}

fn as_json(one: &Witness) -> Value {
    let known = one.known.as_ref();
    json!({
        "sink": one.sink, "part": one.part, "parts": one.parts, "run": one.run, "from": one.begins,
        "target": one.target, "published": known.map_or(0, |known| known.0),
        "position": known.map(|known| &known.1), "stopped": one.stopped, "paused": one.held,
        "skips": one.skips.iter().map(|(event, _)| event).collect::<Vec<_>>(),
        "anew_in_epoch": one.anew_in, "over_epoch": one.over_epoch, "dividing": is_dividing(one),
        "forgotten": one.is_forgotten,
        "gap": one.gap.map(|gap| json!({
            "events": gap.events, "orders": gap.orders, "decided_until": gap.until.to_string(),
        })),
    })
}

fn told(sinks: &[Witness]) -> String {
    if sinks.is_empty() {
        return "no sink was ever published to\n".into();
    }
    let line = |one: &Witness| {
        let mut text = format!("{}/{} of {}, run {} from {}", one.sink, one.part, one.parts, one.run, one.begins);
        match (&one.target, &one.known) {
            (Some(target), Some((step, position))) => {
                let position = serde_json::to_string(position).unwrap_or_default();
                text.push_str(&format!(": {target}, published {step} times at least; position {position}"));
            }
            _ => text.push_str(": nothing is known to be published yet"),
        }
        if !one.skips.is_empty() {
            text.push_str(&format!("; passes over {}", ids(&one.skips)));
        }
        if one.anew_in.is_some() {
            text.push_str("; it has yet to begin");
        }
        if is_dividing(one) {
            text.push_str("; the sink was divided into these parts, and has yet to be told: then it begins");
        }
        if one.is_forgotten {
            text.push_str("; given up: it holds back nothing, and gets nothing until `outbox replay --from`");
        }
        let mut text = escaped(&text);
        if let Some(gap) = &one.gap {
            text.push_str(&format!("\n  of what it was to begin with {gap}"));
        }
        if let Some(why) = &one.held {
            text.push_str(&format!("\n  paused: {}", escaped(why)));
        }
        if let Some(why) = &one.stopped {
            text.push_str(&format!("\n  WAITS FOR YOU: {}", escaped(why)));
        }
        text.push('\n');
        text
    };
    sinks.iter().map(line).collect()
}

fn is_dividing(one: &Witness) -> bool {
    one.division.as_ref().is_some_and(|division| division.closing.is_some())
}

fn ids(skips: &[(String, i32)]) -> String {
    skips.iter().map(|(event, _)| event.as_str()).collect::<Vec<_>>().join(", ")
}
