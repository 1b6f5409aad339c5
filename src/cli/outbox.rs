//! `counterfoil outbox`: what an operator sees of the endpoints that events are posted to, and does about what they did not
//! take, over HTTP. Every change bears a reason, which goes into a log.
//!
//! It prints what the server said, as a table or with `--json` as JSON. Exit code 1 where the server refused, 2 where the
//! call itself is wrong.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Failure;
use super::client::encode_segment;
use super::orders::{Link, Server, client, headed, reason, word};

/// Rows that one request asks for, at most: the server's own bound.
const PAGE: usize = 500;

/// Which engine, and what to do.
#[derive(Debug, Args)]
pub struct OutboxArgs {
    #[command(flatten)]
    link: Link,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the endpoints: how far each is behind, and what it did not take.
    List,
    /// Shows an endpoint with the events that it did not take, and what operators did to it.
    Show {
        /// Which endpoint.
        name: String,
        /// Only events of this order.
        #[arg(long, value_name = "ID")]
        order: Option<String>,
        /// At most so many events.
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
    },
    /// Has events delivered that an endpoint did not take: at once, those that were set aside too.
    Redrive(RedriveArgs),
    /// Says that an event is not to be delivered: its order goes on without it.
    Skip {
        /// Which endpoint.
        name: String,
        /// Of which order.
        #[arg(long, value_name = "ID")]
        order: String,
        /// Which event.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
        version: i32,
        /// Why, for the log.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
    /// Has an endpoint get all events again that were committed from somewhere on.
    Replay {
        /// Which endpoint.
        name: String,
        /// Where to begin: beginning, now, an RFC 3339 time (events decided then or later), or a position as `outbox show`
        /// tells it
        #[arg(long, value_name = "FROM")]
        from: String,
        /// Why, for the log.
        #[arg(long, value_name = "TEXT", value_parser = reason)]
        reason: String,
    },
}

#[derive(Debug, Args)]
struct RedriveArgs {
    /// Which endpoint.
    name: String,
    /// Of this order.
    #[arg(long, value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    order: Option<String>,
    /// This event of it alone.
    #[arg(long, value_name = "N", requires = "order", conflicts_with = "all")]
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    version: Option<i32>,
    /// Of all orders.
    #[arg(long)]
    all: bool,
    /// Why, for the log.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Does what is asked, and prints what the server said.
pub async fn run(args: OutboxArgs) -> Result<ExitCode, Failure> {
    let json = args.link.json;
    let server = Server(client(&args.link)?);
    let (value, table) = match args.command {
        Command::List => {
            let found = server.get("/operator/webhooks").await?;
            let table = list_table(&found);
            (found, table)
        }
        Command::Show { name, order, limit } => {
            let found = show(&server, &name, order.as_deref(), limit).await?;
            let table = sheet(&found);
            (found, table)
        }
        Command::Redrive(RedriveArgs { name, order, version, all, reason }) => {
            let mut body = json!({ "reason": reason });
            for (key, value) in [("order_id", order.map(Value::from)), ("version", version.map(Value::from))] {
                if let Some(value) = value {
                    body[key] = value;
                }
            }
            if all {
                body["all"] = true.into();
            }
            let told = server.post(&path(&name, "/redrive"), &body).await?;
            let table = format!("redriven {}\n", word(&told["redriven"]));
            (told, table)
        }
        Command::Skip { name, order, version, reason } => {
            let body = json!({ "order_id": order, "version": version, "reason": reason });
            let told = server.post(&path(&name, "/skip"), &body).await?;
            let table = format!("skipped {}\n", word(&told["skipped"]));
            (told, table)
        }
        Command::Replay { name, from, reason } => {
            let told = server.post(&path(&name, "/replay"), &json!({ "from": from, "reason": reason })).await?;
            let table = format!("{}: reads again from {}\n", word(&told["name"]), word(&told["position"]));
            (told, table)
        }
    };
    super::print(&if json { format!("{value}\n") } else { table })?;
    Ok(ExitCode::SUCCESS)
}

fn path(name: &str, rest: &str) -> String {
    format!("/operator/webhooks/{}{rest}", encode_segment(name))
}

async fn show(server: &Server, name: &str, order: Option<&str>, limit: u32) -> Result<Value, Failure> {
    let mut found = server.get(&path(name, "")).await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let of = order.map(|order| format!("&order_id={}", encode_segment(order))).unwrap_or_default();
    let (mut events, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let limit = (wanted - events.len()).min(PAGE);
        let after = cursor.take().map(|cursor| format!("&cursor={}", encode_segment(&cursor))).unwrap_or_default();
        let page = server.get(&path(name, &format!("/undelivered?limit={limit}{of}{after}"))).await?;
        events.extend(page["events"].as_array().into_iter().flatten().cloned());
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() || events.len() >= wanted {
            break;
        }
    }
    found["undelivered"] = events.into();
    found["more"] = cursor.is_some().into();
    Ok(found)
}

fn list_table(found: &Value) -> String {
    let row = |one: &Value| {
        [
            word(&one["name"]),
            word(&one["state"]),
            word(&one["lag_events"]),
            seconds(&one["lag_seconds"]),
            word(&one["waiting_orders"]),
            word(&one["set_aside_events"]),
            word(&one["last_success_at"]),
            word(&one["url"]),
        ]
    };
    let names = ["SINK", "STATE", "BEHIND", "SECONDS", "WAITING", "SET ASIDE", "LAST DELIVERY", "URL"];
    headed(names, found["webhooks"].as_array().into_iter().flatten().map(row))
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
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        args: OutboxArgs,
    }

    #[test]
    fn nothing_is_redriven_skipped_or_replayed_without_a_word() {
        let parses = |line: &str| Alone::try_parse_from(["outbox"].into_iter().chain(line.split(' '))).is_ok();
        for line in [
            "list",
            "show crm --order A --limit 5",
            "redrive crm --all --reason r",
            "redrive crm --order A --version 3 --reason r",
            "skip crm --order A --version 3 --reason r",
            "replay crm --from beginning --reason r",
        ] {
            assert!(parses(line), "{line}");
        }
        for line in [
            "show",
            "redrive crm --reason r",
            "redrive crm --all",
            "redrive crm --all --order A --reason r",
            "redrive crm --version 3 --all --reason r",
            "skip crm --order A --reason r",
            "skip crm --order A --version 0 --reason r",
            "replay crm --reason r",
        ] {
            assert!(!parses(line), "{line}");
        }
    }

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
        let list = list_table(&json!({ "webhooks": [found] }));
        assert!(list.lines().nth(1).is_some_and(|line| line.starts_with("crm   active  3       1.2")), "{list}");
    }
}
