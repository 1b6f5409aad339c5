//! What the server said, for people: tables and sheets, in which nothing is obeyed that an order holds.

use std::fmt::Write;

use serde_json::Value;

use crate::cli::escaped;

pub(super) fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = text.write_fmt(arguments);
}

/// A value in a table: on one line, and without anything that a terminal would obey.
pub(in crate::cli) fn word(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    escaped(&text)
}

pub(super) fn waits(order: &Value) -> String {
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
pub(in crate::cli) fn headed<const N: usize>(names: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut all = vec![names.map(str::to_owned).to_vec()];
    all.extend(rows.map(|row| row.to_vec()));
    columns(&all)
}

pub(super) fn orders_table(found: &Value) -> String {
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

pub(super) fn order_sheet(found: &Value) -> String {
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
    if found["log"].as_array().is_some_and(|log| !log.is_empty()) {
        text.push('\n');
        text.push_str(&log_table(&found["log"]));
    }
    if !order["attention"].is_null() {
        let version = word(&order["version"]);
        push(&mut text, format_args!("\nevidence for a skip or a force is for this version: --version {version}\n"));
    }
    text
}

pub(super) fn log_table(log: &Value) -> String {
    let row = |entry: &Value| [word(&entry["at"]), word(&entry["by"]), word(&entry["verb"]), word(&entry["reason"])];
    headed(["AT", "OPERATOR", "VERB", "REASON"], log.as_array().into_iter().flatten().map(row))
}

pub(super) fn everybodys_log_table(found: &Value) -> String {
    let row = |entry: &Value| {
        let [at, by, verb] = [word(&entry["at"]), word(&entry["by"]), word(&entry["verb"])];
        [at, word(&entry["order_id"]), by, verb, word(&entry["reason"])]
    };
    let entries = found["entries"].as_array().into_iter().flatten().map(row);
    let mut text = headed(["AT", "ORDER", "OPERATOR", "VERB", "REASON"], entries);
    if !found["next_cursor"].is_null() {
        text.push_str("there are more: --limit\n");
    }
    text
}

/// What each participant says, an operation a row; who keeps no list says it in a row of its own.
pub(super) fn testimony_table(found: &Value) -> String {
    let mut rows = Vec::new();
    for one in found["participants"].as_array().into_iter().flatten() {
        let name = word(&one["participant"]);
        let other = || if one["error"].is_null() { one["said"].clone() } else { one["error"].clone() };
        match one["operations"].as_array() {
            Some(operations) if operations.is_empty() => rows.push([name, "knows nothing of it".to_owned()]),
            Some(operations) => rows.extend(operations.iter().map(|operation| [name.clone(), word(operation)])),
            None => rows.push([name, format!("{} {}", word(&one["status"]), word(&other()))]),
        }
    }
    headed(["PARTICIPANT", "SAYS"], rows.into_iter())
}

pub(super) fn groups_table(found: &Value) -> String {
    let row = |group: &Value| {
        [
            word(&group["group"]),
            word(&group["count"]),
            word(&group["oldest"]),
            word(&group["participant"]),
            word(&group["action"]),
            word(&group["order_ids"][0]),
            word(&group["cause"]),
        ]
    };
    let names = ["GROUP", "ORDERS", "OLDEST", "ASKED", "FOR", "ONE OF THEM", "CAUSE"];
    let mut text = headed(names, found["groups"].as_array().into_iter().flatten().map(row));
    if found["more"] == true {
        push(&mut text, format_args!("of the first {} that wait; others do, too\n", word(&found["counted"])));
    }
    text
}

pub(super) fn retried_table(told: &Value) -> String {
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
    use serde_json::json;

    use super::*;

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
        let (_, text, _) = super::super::changed(json!({"order_id": "A", "state": "CREATED",
            "attention": {"reason": "r", "since": "s"}}));
        assert_eq!(text, "A: CREATED, waits since s: r\n");
    }
}
