//! Endpoints of webhooks, over HTTP; a list of them from the database too.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio_postgres::Client;

use super::{Act, Event, RedriveArgs, ShowArgs};
use crate::cli::Failure;
use crate::cli::orders::{Link, Server, client, headed, word};
use crate::client::encode_segment;
use crate::ports::webhooks::{NO_LONGER_CONFIGURED, UNREADABLE, Unreadable};
use crate::store::webhooks;

/// Rows that one request asks for, at most: the server's own bound.
const PAGE: usize = 500;

/// All of them, as the engine tells them.
pub(super) async fn list(link: &Link) -> Result<(Value, String), Failure> {
    let mut found = Server(client(link)?).get("/operator/webhooks").await?;
    let endpoints = found["webhooks"].take();
    let table = table(&endpoints);
    Ok((endpoints, table))
}

/// All of them, as the database has them.
pub(super) async fn stored(client: &Client) -> Result<(Value, String), Failure> {
    let (found, unreadable) =
        webhooks::list(client).await.map_err(|error| Failure::caused("the database refused", &error))?;
    let spoilt = |one: &Unreadable| json!({ "name": &*one.name, "state": UNREADABLE, "state_reason": one.error });
    let endpoints: Value = found
        .iter()
        .map(|one| {
            let reason = one.endpoint.state_reason.as_deref();
            let reason = reason.or(one.counts.is_nobodys(&one.endpoint).then_some(NO_LONGER_CONFIGURED));
            json!({
                "name": &*one.endpoint.name, "id": one.endpoint.id, "url": one.endpoint.target.url,
                "state": one.endpoint.state.as_str(), "state_reason": reason,
                "last_success_at": one.endpoint.last_success_at.map(|at| at.to_string()),
                "position": one.endpoint.position,
                "lag_events": one.behind.events, "lag_seconds": one.behind.oldest.as_secs_f64(),
                "waiting_orders": one.counts.waiting, "stopped_orders": one.counts.stopped,
                "set_aside_events": one.counts.set_aside,
                "gap": one.endpoint.gap.map(|gap| json!({
                    "events": gap.events, "orders": gap.orders, "decided_until": gap.until.to_string(),
                })),
            })
        })
        .chain(unreadable.iter().map(spoilt))
        .collect();
    let table = table(&endpoints);
    Ok((endpoints, table))
}

/// One, with the events that it did not take, and what operators did to it.
pub(super) async fn show(link: &Link, args: &ShowArgs) -> Result<(Value, String), Failure> {
    let ShowArgs { endpoint, order, limit } = args;
    let server = Server(client(link)?);
    let mut found = server.get(&path(endpoint, "")).await?;
    let wanted = usize::try_from(*limit).unwrap_or(usize::MAX);
    let of = order.as_deref().map(|order| format!("&order_id={}", encode_segment(order))).unwrap_or_default();
    let (mut events, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let limit = (wanted - events.len()).min(PAGE);
        let after = cursor.take().map(|cursor| format!("&cursor={}", encode_segment(&cursor))).unwrap_or_default();
        let page = server.get(&path(endpoint, &format!("/undelivered?limit={limit}{of}{after}"))).await?;
        events.extend(page["events"].as_array().into_iter().flatten().cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() || events.len() >= wanted {
            break;
        }
    }
    found["undelivered"] = events.into();
    found["more"] = cursor.is_some().into();
    let sheet = sheet(&found);
    Ok((found, sheet))
}

/// Has events delivered that an endpoint did not take.
pub(super) async fn redrive(link: &Link, args: RedriveArgs) -> Result<(Value, String), Failure> {
    let RedriveArgs { endpoint, order, version, all, reason } = args;
    let mut body = json!({ "reason": reason });
    for (key, value) in [("order_id", order.map(Value::from)), ("version", version.map(Value::from))] {
        if let Some(value) = value {
            body[key] = value;
        }
    }
    if all {
        body["all"] = true.into();
    }
    let told = Server(client(link)?).post(&path(&endpoint, "/redrive"), &body).await?;
    let text = format!("redriven {}\n", word(&told["redriven"]));
    Ok((told, text))
}

/// Does something to an endpoint.
pub(super) async fn act(link: &Link, name: &str, act: Act, reason: &str) -> Result<(Value, String), Failure> {
    let server = Server(client(link)?);
    let told = async |verb: &str, body: Value| server.post(&path(name, verb), &body).await;
    Ok(match act {
        Act::Skip(Event { order_id, version }) => {
            let body = json!({ "order_id": order_id, "version": version, "reason": reason });
            let told = told("/skip", body).await?;
            let text = format!("skipped {}\n", word(&told["skipped"]));
            (told, text)
        }
        Act::Replay { from, over_epoch: _ } => {
            let told = told("/replay", json!({ "from": from, "reason": reason })).await?;
            let gone = gap(&told).map(|gone| format!("{gone}\n")).unwrap_or_default();
            let text = format!("{}: reads again from {}\n{gone}", word(&told["name"]), word(&told["position"]));
            (told, text)
        }
        // Of an endpoint there is `DELETE`, and it holds back nothing for long.
        Act::Forget => return Err(Failure::usage("forget is for brokers' sinks")),
        Act::Pause => state(told("/pause", json!({ "reason": reason })).await?),
        Act::Resume => state(told("/resume", json!({ "reason": reason })).await?),
    })
}

fn state(told: Value) -> (Value, String) {
    let gone = gap(&told).map(|gone| format!("{gone}\n")).unwrap_or_default();
    let text = format!("{} is {}\n{gone}", word(&told["name"]), word(&told["state"]));
    (told, text)
}

/// What it will not get any more.
fn gap(told: &Value) -> Option<String> {
    let gap = &told["gap"];
    let number = |field: &str| gap[field].as_u64();
    let (events, orders) = (number("events")?, number("orders")?);
    let until = word(&gap["decided_until"]);
    Some(format!("{events} events of {orders} order(s), decided until {until}, were pruned, and it will not get them"))
}

fn path(name: &str, rest: &str) -> String {
    format!("/operator/webhooks/{}{rest}", encode_segment(name))
}

fn table(endpoints: &Value) -> String {
    let row = |one: &Value| {
        [
            word(&one["name"]),
            word(&one["state"]),
            word(&one["lag_events"]),
            seconds(&one["lag_seconds"]),
            word(&one["waiting_orders"]),
            word(&one["stopped_orders"]),
            word(&one["set_aside_events"]),
            word(&one["last_success_at"]),
            word(&one["url"]),
        ]
    };
    let names = ["ENDPOINT", "STATE", "BEHIND", "SECONDS", "WAITING", "FOR YOU", "SET ASIDE", "LAST DELIVERY", "URL"];
    match endpoints.as_array() {
        Some(endpoints) if !endpoints.is_empty() => {
            let why = |one: &Value| one["state_reason"].as_str().map(str::to_owned);
            let told = endpoints.iter().flat_map(|one| {
                let name = word(&one["name"]);
                why(one).into_iter().chain(gap(one)).map(move |told| format!("{name}: {told}\n"))
            });
            headed(names, endpoints.iter().map(row)) + &told.collect::<String>()
        }
        Some(_) | None => "there is no endpoint of webhooks\n".into(),
    }
}

fn seconds(value: &Value) -> String {
    value.as_f64().map_or_else(|| word(value), |seconds| format!("{seconds:.1}"))
}

fn sheet(found: &Value) -> String {
    let mut text = String::new();
    for name in [
        "name",
        "id",
        "url",
        "state",
        "state_reason",
        "configured",
        "types",
        "clients",
        "personal_data",
        "strict",
        "secrets",
        "created_at",
        "last_success_at",
        "lag_events",
        "lag_seconds",
        "waiting_orders",
        "stopped_orders",
        "set_aside_events",
        "since",
        "position",
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<16} {}", word(&found[name]));
    }
    if let Some(gone) = gap(found) {
        let _ = writeln!(text, "{:<16} {gone}", "gap");
    }
    let row = |one: &Value| {
        [
            word(&one["id"]),
            word(&one["state"]),
            word(&one["upto"]),
            word(&one["failures"]),
            word(&one["first_failed_at"]),
            word(&one["next_try_at"]),
            word(&one["error"]),
        ]
    };
    let events = found["undelivered"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !events.is_empty() {
        text.push('\n');
        let names = ["EVENT", "STATE", "UP TO", "FAILED", "FIRST", "NEXT TRY", "ERROR"];
        text.push_str(&headed(names, events.iter().map(row)));
    }
    if found["more"] == true {
        text.push_str("there are more: --limit\n");
    }
    let row = |entry: &Value| {
        [word(&entry["at"]), word(&entry["by"]), word(&entry["verb"]), word(&entry["detail"]), word(&entry["reason"])]
    };
    if let Some(log) = found["log"].as_array().filter(|log| !log.is_empty()) {
        text.push('\n');
        text.push_str(&headed(["AT", "OPERATOR", "VERB", "WHAT", "REASON"], log.iter().map(row)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_told_on_a_sheet() {
        let found = json!({
            "name": "crm", "state": "active", "lag_events": 3, "lag_seconds": 1.25, "url": "https://h/\u{1b}",
            "undelivered": [{"id": "A/3", "state": "set_aside", "failures": 4, "error": "answered 500"}],
            "log": [{"at": "t", "by": "ops", "verb": "pause", "reason": "a move", "detail": ""}],
        });
        let text = sheet(&found);
        for part in
            ["name             crm\n", "https://h/\\u{1b}", "A/3    set_aside", "answered 500", "ops       pause"]
        {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        let list = table(&json!([found]));
        assert!(list.lines().nth(1).is_some_and(|line| line.starts_with("crm       active  3       1.2")), "{list}");
        assert_eq!(table(&json!([])), "there is no endpoint of webhooks\n");
    }
}
