//! Promise: `counterfoil bench` says of a server what is true of it: what it counted is what the database holds, a wrong answer
//! is found, a server that stands still makes all those wait that came meanwhile, and whoever ends it early is told what was seen.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use counterfoil::client::environment::forget_environment;
use counterfoil_lab::process::Process;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::engine::PATIENCE;
use crate::support::program::{Folder, PROGRAM, Program};

/// A load of two seconds on `url`; its report, exit code and words.
async fn bench(folder: &Folder, url: &str, more: &[&str]) -> (Option<i32>, Value, String) {
    let mut command = Command::new(PROGRAM);
    command
        .args(["bench", "--target", url, "--warm-up", "0", "--seconds", "2", "--report"])
        .arg(folder.0.join("report"));
    command.args(more);
    forget_environment(&mut command);
    let output = tokio::task::spawn_blocking(move || command.output().expect("run bench")).await.expect("it ran");
    let told = words(&output);
    (output.status.code(), report(&folder.0.join("report")), told)
}

fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The report in a folder, or nothing where there was no load.
fn report(folder: &Path) -> Value {
    std::fs::read(folder.join("report.json")).map_or(Value::Null, |text| serde_json::from_slice(&text).expect("JSON"))
}

/// What the database holds of the load, by state, failure and money: its own eyes, and none of the load's.
async fn held(folder: &Folder) -> Vec<(String, i64)> {
    let told = std::fs::read_to_string(folder.0.join("data/dev.json")).expect("dev.json");
    let told: Value = serde_json::from_str(&told).expect("JSON");
    let url = told["database_url"].as_str().expect("a URL");
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the database");
    tokio::spawn(connection);
    let held = "SELECT o.state || CASE WHEN p.refunded > 0 AND p.refunded < p.captured THEN ' refunded' \
                WHEN p.status IS NULL THEN ' unpaid' ELSE '' END, count(*) \
                FROM orders o LEFT JOIN payments p USING (order_id) WHERE o.order_id LIKE 'b-%' GROUP BY 1 ORDER BY 1";
    let rows = client.query(held, &[]).await.expect("rows");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn every_kind_is_answered_as_it_is_meant_and_counted_as_it_is_held() {
    let folder = Folder::new();
    let participants = Program::participants(&folder, &["--step", "fraud"]).await;
    let step = format!(
        "[[saga.steps]]\nname = \"fraud\"\nbefore = \"payment\"\nkind = \"http\"\nurl = \"{}\"\nundo = false\ndeadline_ms = 60000\n",
        participants.url
    );
    let config = folder.file("dev.toml", &step);
    let dev = Program::dev(&folder, &["--config", config.to_str().expect("a path")]).await;
    let mix = "ok=5,declined=1,short=1,carrier-fails=1,step-refused=1,manual=2,cancel=2,refund=2";
    let data = folder.0.join("data");
    let more =
        ["--mix", mix, "--step", "fraud", "--clients", "24", "--duplicates", "3", "--spread-ms", "5", "--zipf", "1.0"];
    let more: Vec<&str> = more.into_iter().chain(["--lines", "invoices", "--target", &dev.url]).collect();
    let more: Vec<&str> = more.into_iter().chain(["--data-dir", data.to_str().expect("a path")]).collect();
    let (code, report, told) = bench(&folder, &dev.url, &more).await;
    assert_eq!(code, Some(0), "{told}");

    let kind = |name: &str| report["kinds"][name]["as_meant"].as_i64().unwrap_or_else(|| panic!("no {name}: {report}"));
    let held = held(&folder).await;
    let all: i64 = held.iter().map(|(_, count)| count).sum();
    let counted = ["ok", "declined", "short", "carrier-fails", "step-refused", "manual", "cancel", "refund"].map(kind);
    assert!(counted.iter().all(|count| *count > 0), "{report}");
    assert_eq!(all, counted.iter().sum::<i64>(), "orders that are held are those that were answered: {held:?}");
    let of = |name: &str| held.iter().filter(|(told, _)| told == name).map(|(_, count)| *count).sum::<i64>();
    assert_eq!(of("COMPLETED refunded"), kind("refund"), "{held:?}");
    let completed = of("COMPLETED") - kind("ok") - kind("manual");
    assert!((0..=kind("cancel")).contains(&completed), "of those that were cancelled while captured: {held:?}");

    // Each copy of each order is an answer: those of orders alone are 201s and the refusals that only orders get.
    let answers = |name: &str| report["answers"][name].as_i64().unwrap_or(0);
    assert_eq!(answers("402 payment_declined"), 3 * kind("declined"), "{report}");
    assert_eq!(answers("500 shipment_failed"), 3 * kind("carrier-fails"), "{report}");
    assert_eq!(answers("409 refund_exceeds_charge"), 3 * kind("refund"), "{report}");
    assert_eq!(report["timeline"].as_array().map(Vec::len), Some(2), "{report}");
    assert_eq!((&report["audit"], &report["wrong"], &report["targets"]), (&json!(true), &json!(0), &json!(2)));
    assert!(report["database"]["wal_bytes_an_order"].as_f64().is_some_and(|bytes| bytes > 500.0), "{report}");
    assert!(report["database"]["cpu_us_an_order"].as_f64().is_some_and(|us| us > 0.0), "{report}");
    assert!(report["batches"].as_array().is_some_and(|batches| !batches.is_empty()), "{report}");
    let page = std::fs::read_to_string(folder.0.join("report/report.html")).expect("a page");
    assert!(page.contains(report["began_at"].as_str().expect("a time")));
}

#[tokio::test]
async fn whoever_ends_it_early_is_told_what_was_seen() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let mut command = Command::new(PROGRAM);
    command.args([
        "bench",
        "--target",
        &dev.url,
        "--hot",
        "--clients",
        "4",
        "--seconds",
        "600",
        "--warm-up",
        "0",
        "--report",
    ]);
    command.arg(folder.0.join("report"));
    forget_environment(&mut command);
    let log = folder.0.join("bench.log");
    let mut process = Process::start("the load", command, &log, None).unwrap_or_else(|error| panic!("{error}"));
    let orders = async |_: &Process| {
        let answer = dev.client().get("/metrics").await.ok()?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let completed = text.lines().filter(|line| line.starts_with("counterfoil_orders_total{state=\"COMPLETED\""));
        let counts = completed.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok());
        (counts.sum::<f64>() >= 20.0).then_some(())
    };
    process.until("send orders", PATIENCE, orders).await.unwrap_or_else(|error| panic!("{error}"));
    process.signal(Signal::INT).expect("SIGINT");
    let code = process.until_ended(PATIENCE).await.unwrap_or_else(|error| panic!("{error}")).code();
    let report = report(&folder.0.join("report"));
    assert_eq!((code, &report["is_interrupted"], &report["wrong"]), (Some(0), &json!(true), &json!(0)), "{report}");
    let counted = report["kinds"]["ok"]["as_meant"].as_i64().expect("a count");
    let all: i64 = held(&folder).await.iter().map(|(_, count)| count).sum();
    assert_eq!(counted, all, "whoever was being answered is waited for");
}

/// What a server that is none says to the order of this number, counted from 0, to which it was the n-th answer.
type Lie = fn(order: u64, repeat: u64, right: Value) -> Value;

/// A server that answers every order at once, however it likes.
async fn liar(lie: Lie, stall: Option<(u64, Duration)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let seen: Arc<std::sync::Mutex<Vec<(String, u64)>>> = Arc::default();
    let answered = Arc::new(AtomicU64::new(0));
    let (gate, _) = tokio::sync::watch::channel(());
    let gate = Arc::new(tokio::sync::RwLock::new(gate));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (seen, answered, gate) = (Arc::clone(&seen), Arc::clone(&answered), Arc::clone(&gate));
            tokio::spawn(async move {
                let mut stream = stream;
                while let Some(body) = request(&mut stream).await {
                    let number = answered.fetch_add(1, Ordering::Relaxed);
                    if let Some((at, pause)) = stall
                        && number == at
                    {
                        let _closed = gate.write().await;
                        tokio::time::sleep(pause).await;
                    }
                    drop(gate.read().await);
                    let answer = answer(&body, &seen, lie);
                    let text = format!(
                        "HTTP/1.1 {} OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
                        if body.is_null() { 200 } else { 201 },
                        answer.len()
                    );
                    if stream.write_all(text.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

fn answer(order: &Value, seen: &std::sync::Mutex<Vec<(String, u64)>>, lie: Lie) -> String {
    let Some(id) = order["order_id"].as_str() else { return "{}".to_owned() };
    let mut seen = seen.lock().expect("unpoisoned");
    let number = seen.iter().position(|(known, _)| known == id).unwrap_or_else(|| {
        seen.push((id.to_owned(), 0));
        seen.len() - 1
    });
    let repeat = seen[number].1;
    seen[number].1 += 1;
    let sum = |line: &Value| Some(line["quantity"].as_i64()? * line["unit_price"].as_i64()?);
    let amount: i64 = order["lines"].as_array().into_iter().flatten().filter_map(sum).sum();
    let right = json!({ "order_id": id, "state": "COMPLETED", "version": 5, "amount": amount, "currency": "USD" });
    lie(number as u64, repeat, right).to_string()
}

/// The body of the next request; null, where it has none.
async fn request(stream: &mut TcpStream) -> Option<Value> {
    let mut received = Vec::new();
    loop {
        if let Some(head) = received.windows(4).position(|end| end == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&received[..head]).to_ascii_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let end = head + 4 + length.unwrap_or(0);
            if received.len() >= end {
                return Some(serde_json::from_slice(&received[head + 4..end]).unwrap_or(Value::Null));
            }
        }
        if stream.read_buf(&mut received).await.ok()? == 0 {
            return None;
        }
    }
}

#[tokio::test]
async fn a_wrong_answer_is_found_and_shown() {
    let lies: [(&str, Lie); 4] = [
        ("two answers to one request", |order, repeat, mut right| {
            if (order, repeat) == (50, 1) {
                right["version"] = json!(6);
            }
            right
        }),
        ("not 201 COMPLETED over", |order, _, mut right| {
            if order == 50 {
                right["amount"] = json!(1);
            }
            right
        }),
        ("about another order", |order, _, mut right| {
            if order == 50 {
                right["order_id"] = json!("b-another");
            }
            right
        }),
        ("not 201 COMPLETED over", |order, _, mut right| {
            if order == 50 {
                right["state"] = json!("CANCELLED");
            }
            right
        }),
    ];
    for (hint, lie) in lies {
        let folder = Folder::new();
        let url = liar(lie, None).await;
        let (code, report, told) =
            bench(&folder, &url, &["--rate", "100", "--clients", "8", "--duplicates", "2"]).await;
        assert_eq!((code, &report["wrong"]), (Some(1), &json!(1)), "{told}");
        assert_eq!(report["kinds"]["ok"]["wrong"], json!(1), "{told}");
        assert!(told.contains(hint) && told.contains("1 WRONG"), "{hint}: {told}");
    }
}

#[tokio::test]
async fn a_server_that_stands_still_makes_all_those_wait_that_come_meanwhile() {
    let folder = Folder::new();
    let url = liar(|_, _, right| right, Some((100, Duration::from_secs(1)))).await;
    let (code, report, told) = bench(&folder, &url, &["--rate", "200", "--clients", "4"]).await;
    assert_eq!(code, Some(0), "{told}");
    // Of 400 orders 200 were due within that second. Four clients that count from when they sent would have seen four.
    assert!(report["first"]["p90_us"].as_u64().is_some_and(|us| us >= 500_000), "{told}");
}

#[tokio::test]
async fn a_server_that_never_comes_back_is_not_one_that_was_fast() {
    let folder = Folder::new();
    let url = liar(|_, _, right| right, Some((300, Duration::from_secs(3)))).await;
    let (code, report, told) = bench(&folder, &url, &["--rate", "200", "--clients", "4"]).await;
    assert_eq!(code, Some(0), "{told}");
    // Half a second before the end it stands still: 100 orders were due by then, of which four were sent.
    assert!(report["first"]["p90_us"].as_u64().is_some_and(|us| us >= 200_000), "{told}");
    assert!(report["late"].as_u64().is_some_and(|late| late >= 50), "{told}");
    assert_eq!(report["kinds"]["ok"]["wrong"], json!(0), "what was never sent is nobody's fault: {told}");
}

#[tokio::test]
async fn a_ramp_ends_where_the_server_falls_behind() {
    let folder = Folder::new();
    let url = liar(|_, _, right| right, Some((200, Duration::from_millis(1_500)))).await;
    let (code, report, told) = bench(&folder, &url, &["--ramp", "--rate", "50", "--clients", "4"]).await;
    assert_eq!(code, Some(0), "{told}");
    let ramp = report["ramp"].as_array().expect("laps");
    let reached = |lap: &Value| lap["reached"].as_f64().expect("a rate") / lap["offered"].as_f64().expect("a rate");
    let (last, before) = ramp.split_last().expect("a lap");
    assert!(before.iter().all(|lap| reached(lap) >= 0.95) && reached(last) < 0.95, "{told}");
    assert!(
        last["latency"]["count"].as_u64().is_some_and(|count| count > 0),
        "who was due in it was waited for: {report}"
    );
    let knee = before.last().map_or("below the first rate".to_owned(), |lap| {
        format!("{:.0} orders a second", lap["offered"].as_f64().expect("a rate"))
    });
    assert!(told.contains(&format!("knee                        {knee}")), "{told}");
}

#[tokio::test]
async fn what_cannot_be_a_load_is_told_before_there_is_one() {
    let folder = Folder::new();
    for (more, hint) in [
        (["--mix", "good=1"], "none of ok, declined"),
        (["--mix", "step-refused=1"], "needs --step"),
        (["--duplicates", "65"], "--clients 64"),
        (["--mix=refund=1", "--duplicates=33"], "66 requests at once, and --clients 64"),
        (["--rate", "0"], "from 0.01"),
        (["--lines", "0"], "from 1 to 1000"),
        (["--compare", "none.json"], "none.json"),
        (["--data-dir", "/nonexistent"], "no `counterfoil dev` runs on it"),
    ] {
        let (code, _, told) = bench(&folder, "http://127.0.0.1:9", &more).await;
        assert!(code == Some(2) && told.contains(hint), "{more:?}: {code:?} {told}");
    }
    let (code, report, told) = bench(&folder, "http://127.0.0.1:9", &[]).await;
    assert!(code == Some(1) && told.contains("cannot reach the target") && report.is_null(), "{told}");
    let url = liar(|_, _, _| json!({}), None).await;
    let (code, report, told) = bench(&folder, &url, &[]).await;
    assert!(code == Some(1) && told.contains("the first order of the kind ok") && report.is_null(), "{told}");
}
