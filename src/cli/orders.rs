//! `counterfoil orders`: what an operator sees of orders, and does about them, over HTTP. Every change bears a reason,
//! which goes into the operators' log.
//!
//! It prints what the server said, as a table or with `--json` as JSON, and says no more than that: an order that was
//! retried is on its way, not at its end. Exit code 1 where the server refused, 2 where the call itself is wrong.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};

use super::Failure;
use crate::client::{
    CA_VARIABLE, Client, ClientError, HttpAnswer, TARGET_VARIABLE, TOKEN_VARIABLE, encode_segment, error_chain,
};

/// Rows that one request asks for, at most: the server's own bound.
const PAGE: usize = 500;
/// Which engine, and what to do.
#[derive(Debug, Args)]
pub struct OrdersArgs {
    #[command(flatten)]
    link: Link,
    #[command(subcommand)]
    command: OrdersCommand,
}

/// Which engine, and how it is asked.
#[derive(Debug, Args)]
pub(super) struct Link {
    /// Where the engine listens.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080", env = TARGET_VARIABLE, global = true)]
    target: String,
    /// Where that is https://, the CAs that its certificate may come from, as PEM [default: those of the system]
    #[arg(long, value_name = "FILE", env = CA_VARIABLE, global = true)]
    ca: Option<PathBuf>,
    /// The bearer token; better in the environment, where other users of the machine do not see it.
    #[arg(long, value_name = "TOKEN", env = TOKEN_VARIABLE, hide_env_values = true, global = true)]
    token: Option<String>,
    /// Prints JSON instead of a table.
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
enum OrdersCommand {
    /// Lists orders, those that match, a page at a time.
    List(ListArgs),
    /// Shows an order with its lines, its history, what is left to be done about it, and what operators did to it.
    Show {
        /// The order's id.
        order_id: String,
    },
    /// Sends an order that waits for a human on its way again, or with --all those that match.
    Retry(RetryArgs),
    /// Says that the call which is due took effect, in the participant's place: have evidence.
    Skip {
        #[command(flatten)]
        evidence: EvidenceArgs,
        /// The participant's name for the effect.
        #[arg(long, value_name = "TEXT")]
        reference: Option<String>,
    },
    /// Calls an order off; what was begun is undone.
    Cancel {
        #[command(flatten)]
        change: ChangeArgs,
    },
    /// Ends an order that no participant will end, declaring undone whatever was begun: have evidence.
    Force {
        #[command(flatten)]
        evidence: EvidenceArgs,
    },
}

#[derive(Debug, Args)]
struct ListArgs {
    /// Only in this state.
    #[arg(long, value_name = "STATE")]
    state: Option<String>,
    /// Only of this customer.
    #[arg(long, value_name = "ID")]
    customer_id: Option<String>,
    /// Only those that wait for a human.
    #[arg(long)]
    attention: bool,
    /// At most so many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

#[derive(Debug, Args)]
struct ChangeArgs {
    /// The order's id.
    order_id: String,
    /// Why, for the operators' log.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

#[derive(Debug, Args)]
struct EvidenceArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// The version that the evidence is for, as `orders show` displayed it: should the order have moved on, nothing is
    /// done. Without it, the version that the order has now.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
    version: Option<i32>,
}

#[derive(Debug, Args)]
struct RetryArgs {
    /// The order's id.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    order_id: Option<String>,
    /// All that wait for a human and match.
    #[arg(long)]
    all: bool,
    /// With --all: only in this state.
    #[arg(long, value_name = "STATE", requires = "all", conflicts_with = "order_id")]
    state: Option<String>,
    /// With --all: only of this customer.
    #[arg(long, value_name = "ID", requires = "all", conflicts_with = "order_id")]
    customer_id: Option<String>,
    /// With --all: only those that wait for a reason which contains this.
    #[arg(long, value_name = "TEXT", requires = "all", conflicts_with = "order_id")]
    reason_contains: Option<String>,
    /// With --all: at most so many.
    #[arg(long, value_name = "N", requires = "all", conflicts_with = "order_id")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: Option<u32>,
    /// Why, for the operators' log.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Why, for a log: something must be said.
pub(super) fn reason(text: &str) -> Result<String, &'static str> {
    if text.trim().is_empty() { Err("must say why") } else { Ok(text.to_owned()) }
}

/// Does what is asked, and prints what the server said.
pub async fn run(args: OrdersArgs) -> Result<ExitCode, Failure> {
    let json = args.link.json;
    let server = Server(client(&args.link)?);
    let (value, table, code) = match args.command {
        OrdersCommand::List(list) => {
            let found = server.list(&list).await?;
            let table = orders_table(&found);
            (found, table, ExitCode::SUCCESS)
        }
        OrdersCommand::Show { order_id } => {
            let found = server.show(&order_id).await?;
            let table = order_sheet(&found);
            (found, table, ExitCode::SUCCESS)
        }
        OrdersCommand::Retry(RetryArgs { order_id: Some(order_id), reason, .. }) => {
            changed(server.change(&order_id, "retry", json!({ "reason": reason })).await?)
        }
        OrdersCommand::Retry(all) => {
            let told = server.retry_all(all).await?;
            let failed = told["failed"].as_array().is_some_and(|failed| !failed.is_empty());
            let table = retried_table(&told);
            (told, table, ExitCode::from(u8::from(failed)))
        }
        OrdersCommand::Skip { evidence, reference } => {
            changed(server.answer_for(&evidence, "skip", reference.as_deref()).await?)
        }
        OrdersCommand::Cancel { change } => {
            changed(server.change(&change.order_id, "cancel", json!({ "reason": change.reason })).await?)
        }
        OrdersCommand::Force { evidence } => changed(server.answer_for(&evidence, "force-cancel", None).await?),
    };
    super::print(&if json { format!("{value}\n") } else { table.to_string() })?;
    Ok(code)
}

/// The client of an engine.
pub(super) fn client(link: &Link) -> Result<Client, Failure> {
    let client =
        Client::of_target(&link.target, link.ca.as_deref()).map_err(|error| Failure::usage(error.to_string()))?;
    match link.token.as_deref().filter(|token| !token.is_empty()) {
        Some(token) => client.with_token(token).map_err(|error| Failure::usage(error.to_string())),
        None => Ok(client),
    }
}

fn changed(order: Value) -> (Value, String, ExitCode) {
    let table = format!("{}: {}{}\n", word(&order["order_id"]), word(&order["state"]), waits(&order));
    (order, table, ExitCode::SUCCESS)
}

/// The engine that the commands speak to.
pub(super) struct Server(pub(super) Client);

impl Server {
    async fn list(&self, args: &ListArgs) -> Result<Value, Failure> {
        let mut filters = String::new();
        let pairs = [("state", &args.state), ("customer_id", &args.customer_id)];
        for (name, value) in pairs.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
            push(&mut filters, format_args!("&{name}={}", encode_segment(value)));
        }
        if args.attention {
            filters.push_str("&attention=true");
        }
        let (mut orders, mut cursor) = (Vec::new(), None::<String>);
        let wanted = usize::try_from(args.limit).unwrap_or(usize::MAX);
        loop {
            let limit = (wanted - orders.len()).min(PAGE);
            let after = cursor.take().map(|cursor| format!("&cursor={}", encode_segment(&cursor))).unwrap_or_default();
            let page = self.get(&format!("/orders?limit={limit}{filters}{after}")).await?;
            orders.extend(page["orders"].as_array().into_iter().flatten().cloned());
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if cursor.is_none() || orders.len() >= wanted {
                return Ok(json!({ "orders": orders, "next_cursor": cursor }));
            }
        }
    }

    async fn show(&self, order_id: &str) -> Result<Value, Failure> {
        let id = encode_segment(order_id);
        // What is left to be done and the log are for operators; the owner of an order may look at the rest of it.
        let path = format!("/orders/{id}?include=work");
        let order = self.send(Method::GET, &path, None).await?;
        let order = match order.status {
            403 => self.get(&format!("/orders/{id}")).await?,
            _ => read(order, &path)?,
        };
        let events = self.events(&id).await?;
        let log = self.send(Method::GET, &format!("/operator/orders/{id}/log"), None).await?;
        let log = if log.status == 403 { Value::Null } else { read(log, "the log")?["entries"].take() };
        Ok(json!({ "order": order, "events": events, "log": log }))
    }

    /// The whole history, page after page.
    async fn events(&self, id: &str) -> Result<Value, Failure> {
        let mut path = format!("/orders/{id}/events");
        let mut events = Vec::new();
        loop {
            let answer = self.send(Method::GET, &path, None).await?;
            let next = answer.header("link").and_then(|link| next_of(link, id));
            match read(answer, &path)? {
                Value::Array(page) => events.extend(page),
                other => return Err(Failure::work(format!("{path}: no list of events: {other}"))),
            }
            match next {
                Some(next) => path = next,
                None => return Ok(Value::Array(events)),
            }
        }
    }

    async fn change(&self, order_id: &str, verb: &str, body: Value) -> Result<Value, Failure> {
        self.post(&format!("/operator/orders/{}/{verb}", encode_segment(order_id)), &body).await
    }

    /// A change that stands in for a participant's answer, and so is for one version of the order alone.
    async fn answer_for(&self, args: &EvidenceArgs, verb: &str, reference: Option<&str>) -> Result<Value, Failure> {
        let EvidenceArgs { change: ChangeArgs { order_id, reason }, version } = args;
        let version = match version {
            Some(version) => Value::from(*version),
            None => self.get(&format!("/orders/{}", encode_segment(order_id))).await?["version"].take(),
        };
        let mut body = json!({ "reason": reason, "version": version });
        if let Some(reference) = reference {
            body["reference"] = reference.into();
        }
        self.change(order_id, verb, body).await
    }

    async fn retry_all(&self, args: RetryArgs) -> Result<Value, Failure> {
        let mut filter = Map::new();
        let given =
            [("state", args.state), ("customer_id", args.customer_id), ("reason_contains", args.reason_contains)];
        filter.extend(given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))));
        let mut body = json!({ "reason": args.reason, "filter": filter });
        if let Some(limit) = args.limit {
            body["limit"] = limit.into();
        }
        self.post("/operator/orders/retry", &body).await
    }

    /// What it answers a question with; what it refuses, it explains.
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        read(self.send(Method::GET, path, None).await?, path)
    }

    /// The same of a change.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        read(self.send(Method::POST, path, Some(body.to_string().into())).await?, path)
    }

    async fn send(&self, method: Method, path: &str, body: Option<Bytes>) -> Result<HttpAnswer, Failure> {
        let headers: &[(&str, &str)] = &[("accept", "application/json")];
        self.0.request(method, path, headers, body).await.map_err(|error| match error {
            error @ (ClientError::Target { .. } | ClientError::Token) => Failure::usage(error.to_string()),
            error => Failure::work(error_chain(&error)),
        })
    }
}

/// Where the next page of a history is, by its `Link` (RFC 8288); only the query is taken from there.
fn next_of(link: &str, id: &str) -> Option<String> {
    let (target, relation) = link.trim().strip_prefix('<')?.split_once('>')?;
    let query = target.split_once('?')?.1;
    relation.contains("rel=\"next\"").then(|| format!("/orders/{id}/events?{query}"))
}

/// The JSON of an answer; what the server refused, it explained.
fn read(answer: HttpAnswer, path: &str) -> Result<Value, Failure> {
    let body: Value = answer
        .json()
        .map_err(|error| Failure::work(format!("{path}: status {}, and no JSON: {error}", answer.status)))?;
    if answer.status < 400 {
        return Ok(body);
    }
    Err(Failure::work(format!("{} {}: {}", answer.status, word(&body["code"]), word(&body["detail"]))))
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(arguments);
}

/// A value in a table: on one line, and without anything that a terminal would obey.
pub(super) fn word(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    super::escaped(&text)
}

fn waits(order: &Value) -> String {
    match &order["attention"] {
        Value::Null => String::new(),
        attention => format!(", waits since {}: {}", word(&attention["since"]), word(&attention["reason"])),
    }
}

/// Columns as wide as they need to be; the last one ends where it ends.
fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            push(&mut line, format_args!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A table with a head.
pub(super) fn headed<const N: usize>(names: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut all = vec![names.map(str::to_owned).to_vec()];
    all.extend(rows.map(|row| row.to_vec()));
    columns(&all)
}

fn orders_table(found: &Value) -> String {
    let orders = found["orders"].as_array().map(Vec::as_slice).unwrap_or_default();
    let row = |order: &Value| {
        [
            word(&order["order_id"]),
            word(&order["state"]),
            word(&order["amount"]),
            word(&order["currency"]),
            word(&order["customer_id"]),
            word(&order["updated_at"]),
            word(&order["attention"]["reason"]),
        ]
    };
    let names = ["ORDER", "STATE", "AMOUNT", "", "CUSTOMER", "UPDATED", "WAITS FOR A HUMAN"];
    let mut text = headed(names, orders.iter().map(row));
    if !found["next_cursor"].is_null() {
        text.push_str("there are more: --limit\n");
    }
    text
}

fn order_sheet(found: &Value) -> String {
    let order = &found["order"];
    let mut text = String::new();
    let mut tell = |of: &Value, names: &[&str]| {
        for name in names {
            push(&mut text, format_args!("{name:<14} {}\n", word(&of[*name])));
        }
    };
    tell(order, &["order_id", "state", "version", "amount", "currency", "customer_id", "client"]);
    tell(order, &["payment_method", "capture", "ship_to", "metadata", "created_at", "updated_at"]);
    tell(order, &["payment", "shipment", "reservation", "step", "steps", "failure", "attention"]);
    let rows = |name: &str| order[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_the_line = |line: &Value| match (&line["amount"], line["quantity"].as_i64(), line["unit_price"].as_i64()) {
        (Value::Null, Some(quantity), Some(price)) => quantity.checked_mul(price).map_or(Value::Null, Value::from),
        (amount, _, _) => amount.clone(),
    };
    let line = |line: &Value| {
        [word(&line["sku"]), word(&line["quantity"]), word(&line["unit_price"]), word(&of_the_line(line))]
    };
    if !rows("lines").is_empty() {
        text.push('\n');
        text.push_str(&headed(["SKU", "QUANTITY", "UNIT PRICE", "AMOUNT"], rows("lines").iter().map(line)));
    }
    let adjustment = |one: &Value| [word(&one["kind"]), word(&one["amount"]), word(&one["label"])];
    if !rows("adjustments").is_empty() {
        text.push('\n');
        text.push_str(&headed(["ADJUSTMENT", "AMOUNT", "LABEL"], rows("adjustments").iter().map(adjustment)));
    }
    if order["work"].is_object() {
        text.push_str("\nleft to be done\n");
        let call = ["participant", "action", "intent_at", "attempts", "claims"];
        for name in call.into_iter().chain(["next_try", "deadline", "owner", "owner_name", "last_error"]) {
            push(&mut text, format_args!("{name:<14} {}\n", word(&order["work"][name])));
        }
    }
    let row = |event: &Value| {
        let mut rest = event.as_object().cloned().unwrap_or_default();
        for shown in ["version", "type", "at", "lines"] {
            rest.remove(shown);
        }
        let rest = if rest.is_empty() { String::new() } else { word(&Value::Object(rest)) };
        [word(&event["version"]), word(&event["at"]), word(&event["type"]), rest]
    };
    text.push('\n');
    text.push_str(&headed(["VERSION", "AT", "EVENT", ""], found["events"].as_array().into_iter().flatten().map(row)));
    if let Some(log) = found["log"].as_array().filter(|log| !log.is_empty()) {
        let row =
            |entry: &Value| [word(&entry["at"]), word(&entry["by"]), word(&entry["verb"]), word(&entry["reason"])];
        text.push('\n');
        text.push_str(&headed(["AT", "OPERATOR", "VERB", "REASON"], log.iter().map(row)));
    }
    if !order["attention"].is_null() {
        let version = word(&order["version"]);
        push(&mut text, format_args!("\nevidence for a skip or a force is for this version: --version {version}\n"));
    }
    text
}

fn retried_table(told: &Value) -> String {
    let mut text = format!("retried {}\n", word(&told["retried"]));
    let row = |failed: &Value| {
        [word(&failed["order_id"]), word(&failed["status"]), word(&failed["code"]), word(&failed["detail"])]
    };
    let failed = told["failed"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !failed.is_empty() {
        text.push('\n');
        text.push_str(&headed(["FAILED", "STATUS", "CODE", "DETAIL"], failed.iter().map(row)));
    }
    if told["more"] == true {
        text.push_str("others match: run it again\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Alone {
        #[command(flatten)]
        args: OrdersArgs,
    }

    fn parses(line: &str) -> bool {
        Alone::try_parse_from(["orders"].into_iter().chain(line.split(' '))).is_ok()
    }

    #[test]
    fn a_change_needs_an_order_and_a_reason() {
        Alone::command().debug_assert();
        for good in [
            "list",
            "list --state COMPLETED --attention --limit 9 --json",
            "show A --target http://h:1 --token t",
            "retry A --reason back",
            "retry --all --reason back --state CREATED --reason-contains x --limit 500",
            "skip A --reason seen --reference ch_1",
            "skip A --reason seen --version 7",
            "cancel A --reason asked",
            "--target http://h:1 force A --reason gone",
        ] {
            assert!(parses(good), "{good}");
        }
        for bad in [
            "",
            "list --limit 0",
            "show",
            "retry A",
            "retry --reason back",
            "retry A --all --reason back",
            "retry A --state CREATED --reason back",
            "retry --all --limit 501 --reason back",
            "skip A",
            "skip A --reason seen --version 0",
            "cancel --reason x",
            "force A --reason=",
        ] {
            assert!(!parses(bad), "{bad}");
        }
    }

    #[test]
    fn tables_are_aligned_and_harmless() {
        let found = json!({
            "orders": [
                {"order_id": "A", "state": "COMPLETED", "amount": 1, "currency": "USD", "customer_id": "c",
                 "updated_at": "t", "attention": null},
                {"order_id": "LONGER", "state": "CREATED", "amount": 100, "currency": "EUR", "customer_id": "c",
                 "updated_at": "t", "attention": {"reason": "red\u{1b}[31m\nline", "since": "s"}},
            ],
            "next_cursor": "x",
        });
        let text = orders_table(&found);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[1], "A       COMPLETED  1       USD  c         t        -");
        assert!(
            lines[2].starts_with("LONGER  CREATED    100     EUR") && lines[2].ends_with("red\\u{1b}[31m\\u{a}line")
        );
        assert_eq!((lines.len(), lines[3]), (4, "there are more: --limit"));
        let reason = format!("{}, and so on", "payment/charge had no answer ".repeat(40));
        let waits = json!({"orders": [{"order_id": "A", "attention": {"reason": reason, "since": "s"}}]});
        assert!(orders_table(&waits).ends_with(&format!("  {reason}\n")), "whole: {}", orders_table(&waits));
        let told = json!({"retried": 2, "more": true,
            "failed": [{"order_id": "A", "status": 409, "code": "wrong_state", "detail": "no"}]});
        assert!(retried_table(&told).contains("A       409     wrong_state  no"), "{}", retried_table(&told));
    }

    #[test]
    fn an_order_is_shown_with_what_happened_to_it() {
        let found = json!({
            "order": {"order_id": "A", "state": "COMPLETED", "attention": null},
            "events": [{"version": 1, "type": "order.created", "at": "t", "lines": [], "amount": 5}],
            "log": [{"at": "t", "by": "ops", "verb": "retry", "reason": "back", "before": {}, "after": {}}],
        });
        let text = order_sheet(&found);
        for part in [
            "order_id       A\n",
            "attention      -\n",
            "1        t   order.created  {\"amount\":5}",
            "ops       retry",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(!text.contains("left to be done"), "{text}");
        let error = "payment answered 500 ".repeat(50);
        let whole = json!({
            "order": {
                "order_id": "A", "client": "shop", "payment_method": "pm", "ship_to": {"name": "N"},
                "lines": [{"sku": "S", "quantity": 3, "unit_price": 5}, {"sku": "T\u{1b}", "quantity": 3, "amount": 1000}],
                "adjustments": [{"kind": "discount", "label": "ten off", "amount": -10}],
                "work": {"participant": "payment", "action": "charge", "attempts": 3, "next_try": null,
                    "owner_name": "127.0.0.1:8080", "last_error": error},
            },
        });
        let text = order_sheet(&whole);
        for part in [
            "client         shop\n",
            "ship_to        {\"name\":\"N\"}\n",
            "\nS        3         5           15\n",
            "\nT\\u{1b}  3         -           1000\n",
            "\ndiscount    -10     ten off\n",
            "action         charge\n",
            "attempts       3\n",
            "next_try       -\n",
            "owner_name     127.0.0.1:8080\n",
            &format!("last_error     {error}\n"),
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(!text.contains("--version"), "{text}");
        let waits =
            json!({"order": {"version": 7, "attention": {"reason": "r", "since": "s"}}, "events": [], "log": []});
        assert!(order_sheet(&waits).ends_with("for this version: --version 7\n"));
        let (_, text, _) = changed(json!({"order_id": "A", "state": "CREATED",
            "attention": {"reason": "r", "since": "s"}}));
        assert_eq!(text, "A: CREATED, waits since s: r\n");
    }
}
