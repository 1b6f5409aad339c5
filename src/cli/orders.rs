//! `counterfoil orders`: what an operator sees of orders, and does about them, over HTTP. Every change bears a reason,
//! which goes into the operators' log.
//!
//! It prints what the server said, as a table or with `--json` as JSON, and says no more than that: an order that was
//! retried is on its way, not at its end. Exit code 1 where the server refused, 2 where the call itself is wrong.

mod tables;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Failure;
use super::moments::past;
use crate::client::{
    CA_VARIABLE, Client, ClientError, HttpAnswer, TARGET_VARIABLE, TOKEN_VARIABLE, encode_segment, error_chain,
};

use tables::{
    everybodys_log_table, groups_table, log_table, order_sheet, orders_table, push, retried_table, testimony_table,
    waits,
};
pub(super) use tables::{headed, word};

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
    /// Counts those that wait for a human by what they wait for, and names the group of each cause.
    Groups,
    /// Shows an order with its lines, its history, what is left to be done about it, and what operators did to it.
    Show {
        /// The order's id.
        order_id: String,
    },
    /// Shows an order, and beside it what each participant says of it now.
    Evidence {
        /// The order's id.
        order_id: String,
    },
    /// Shows what operators did to an order, who, when and why; or, the latest first, what they did to all.
    Log {
        /// The order's id; all orders where it is left out.
        order_id: Option<String>,
        /// Of all orders: at most so many.
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        limit: u32,
    },
    /// Gives money back, and goods onto the shelf.
    Refund {
        #[command(flatten)]
        verb: VerbArgs,
        /// How much, in minor units: 1999 is 19.99 USD.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
        amount: i64,
        /// Goods that came back; may be repeated.
        #[arg(long, value_name = "SKU=QUANTITY", value_parser = restock)]
        restock: Vec<(String, i64)>,
    },
    /// Takes the money that an order with manual capture holds.
    Capture {
        #[command(flatten)]
        verb: VerbArgs,
        /// How much, in minor units; the rest is given back. All of it where it is left out.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
        amount: Option<i64>,
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
    /// Only of this client, which owns them.
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// Only those that failed so: out_of_stock, payment_declined, shipment_failed, order_cancelled, step_refused.
    #[arg(long, value_name = "CODE")]
    failure: Option<String>,
    /// Only from this time on: 2026-12-31T00:00:00Z, 2026-12-31, or so long ago, as 2d, 12h, 30m, 45s.
    #[arg(long, value_name = "TIME", value_parser = past)]
    since: Option<String>,
    /// Only before this time.
    #[arg(long, value_name = "TIME", value_parser = past)]
    until: Option<String>,
    /// The newest first, or in the order that is the cheapest for the database [default: cheapest]
    #[arg(long, value_name = "ORDER", value_parser = ["newest"])]
    sort: Option<String>,
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

/// A verb of an order's owner, which is done once under its key.
#[derive(Debug, Args)]
struct VerbArgs {
    #[command(flatten)]
    change: ChangeArgs,
    /// The key under which it is done at most once: give the one of the first try where that was unsure [default: a new one]
    #[arg(long, value_name = "TEXT")]
    key: Option<String>,
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
    /// With --all: only those of this group, as `orders groups` names it.
    #[arg(long, value_name = "GROUP", requires = "all", conflicts_with = "order_id")]
    group: Option<String>,
    /// With --all: at most so many.
    #[arg(long, value_name = "N", requires = "all", conflicts_with = "order_id")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=500))]
    limit: Option<u32>,
    /// Why, for the operators' log.
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
}

/// Goods that came back.
fn restock(text: &str) -> Result<(String, i64), &'static str> {
    let wrong = "must be SKU=QUANTITY, with a quantity above 0";
    let (sku, quantity) = text.rsplit_once('=').filter(|(sku, _)| !sku.is_empty()).ok_or(wrong)?;
    let quantity = quantity.parse().ok().filter(|quantity| *quantity > 0).ok_or(wrong)?;
    Ok((sku.to_owned(), quantity))
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
        OrdersCommand::Groups => {
            let found = server.get("/operator/attention/groups").await?;
            let table = groups_table(&found);
            (found, table, ExitCode::SUCCESS)
        }
        OrdersCommand::Evidence { order_id } => {
            let found = server.get(&format!("/operator/orders/{}/evidence", encode_segment(&order_id))).await?;
            let table = format!("{}\n{}", order_sheet(&found), testimony_table(&found));
            (found, table, ExitCode::SUCCESS)
        }
        OrdersCommand::Log { order_id, limit } => {
            let path = match &order_id {
                Some(order_id) => format!("/operator/orders/{}/log", encode_segment(order_id)),
                None => format!("/operator/log?limit={limit}"),
            };
            let found = server.get(&path).await?;
            let table = match order_id {
                Some(_) => log_table(&found["entries"]),
                None => everybodys_log_table(&found),
            };
            (found, table, ExitCode::SUCCESS)
        }
        OrdersCommand::Refund { verb, amount, restock } => {
            let goods: Vec<_> =
                restock.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
            let mut body = json!({ "amount": amount, "reason": verb.change.reason });
            if !goods.is_empty() {
                body["restock"] = goods.into();
            }
            decided(server.verb(&verb, "refunds", &body).await?)
        }
        OrdersCommand::Capture { verb, amount } => {
            let mut body = json!({ "reason": verb.change.reason });
            if let Some(amount) = amount {
                body["amount"] = amount.into();
            }
            decided(server.verb(&verb, "capture", &body).await?)
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

/// What came of a verb of an order's owner.
fn decided((told, pending): (Value, Option<String>)) -> (Value, String, ExitCode) {
    let (order_id, state, currency) = (word(&told["order_id"]), word(&told["state"]), word(&told["currency"]));
    let table = match pending {
        Some(key) => format!("{order_id}: {state}, and not decided yet: ask again with --key {key}\n"),
        None if told["refund"].is_object() => {
            let (refunded, captured) = (word(&told["refunded"]), word(&told["captured"]));
            format!("{order_id}: {state}, {refunded} of {captured} {currency} given back\n")
        }
        None => format!("{order_id}: {state}\n"),
    };
    (told, table, ExitCode::SUCCESS)
}

/// The engine that the commands speak to.
pub(super) struct Server(pub(super) Client);

impl Server {
    async fn list(&self, args: &ListArgs) -> Result<Value, Failure> {
        let mut filters = String::new();
        let pairs = [
            ("state", &args.state),
            ("customer_id", &args.customer_id),
            ("client", &args.client),
            ("failure", &args.failure),
            ("from", &args.since),
            ("to", &args.until),
            ("sort", &args.sort),
        ];
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

    /// A verb of an order's owner. Where it is unsure what became of it, the key is told under which it may be repeated; where it
    /// is not decided yet, the key comes with the answer.
    async fn verb(&self, args: &VerbArgs, verb: &str, body: &Value) -> Result<(Value, Option<String>), Failure> {
        let VerbArgs { change: ChangeArgs { order_id, .. }, key } = args;
        let path = format!("/orders/{}/{verb}", encode_segment(order_id));
        let key = key.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
        let headers = [("accept", "application/json"), ("idempotency-key", key.as_str())];
        let unsure = |failure: Failure| Failure {
            message: format!("{}; should it be unsure: the same again with --key {key} is done once", failure.message),
            ..failure
        };
        let answer = self.0.request(Method::POST, &path, &headers, Some(body.to_string().into())).await;
        let answer = answer.map_err(|error| unsure(Failure::work(error_chain(&error))))?;
        let (is_pending, is_unsure) = (answer.status == 202, answer.status >= 500);
        let told = read(answer, &path).map_err(|failure| if is_unsure { unsure(failure) } else { failure })?;
        Ok((told, is_pending.then_some(key)))
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
        let given = [
            ("state", args.state),
            ("customer_id", args.customer_id),
            ("reason_contains", args.reason_contains),
            ("group", args.group),
        ];
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
            "list --sort newest --since 2h --until 2026-12-31 --failure out_of_stock --client shop",
            "show A --target http://h:1 --token t",
            "retry A --reason back",
            "retry --all --reason back --state CREATED --reason-contains x --limit 500",
            "skip A --reason seen --reference ch_1",
            "skip A --reason seen --version 7",
            "retry --all --reason back --group 0123456789abcdef",
            "groups",
            "log A",
            "log",
            "log --limit 500",
            "evidence A",
            "refund A --amount 500 --reason broken",
            "refund A --amount 0 --reason back --restock SKU-1=2 --restock a=b=1 --key k",
            "capture A --reason packed",
            "capture A --amount 500 --reason packed --key k",
            "cancel A --reason asked",
            "--target http://h:1 force A --reason gone",
        ] {
            assert!(parses(good), "{good}");
        }
        for bad in [
            "",
            "list --limit 0",
            "list --sort oldest",
            "list --since yesterday",
            "show",
            "retry A",
            "retry --reason back",
            "retry A --all --reason back",
            "retry A --state CREATED --reason back",
            "retry --all --limit 501 --reason back",
            "retry A --group 0123456789abcdef --reason back",
            "refund A --reason broken",
            "refund A --amount -1 --reason broken",
            "refund A --amount 5",
            "refund A --amount 5 --reason broken --restock SKU-1",
            "refund A --amount 5 --reason broken --restock SKU-1=0",
            "refund A --amount 5 --reason broken --restock =1",
            "capture A --amount 0 --reason packed",
            "skip A",
            "skip A --reason seen --version 0",
            "cancel --reason x",
            "force A --reason=",
        ] {
            assert!(!parses(bad), "{bad}");
        }
    }
}
