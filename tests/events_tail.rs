//! Promise: `counterfoil events tail` tells each event once and in order, from any position on, to whoever may read the
//! database; what is personal and what operators said stays inside. Judged by the rows, the orders that were placed, and
//! what the process printed.

use std::process::{Child, Command, Stdio};

use counterfoil::ports::Reads;
use counterfoil::saga::OrderId;
use serde_json::Value;

use crate::support::engine::{TestEngine, answer, settings, simple, until};
use crate::support::program::{Folder, PROGRAM, Program, body, post};

fn tail(test: &TestEngine, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(["events", "tail", "--database-url", &test.database.url()]).args(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// All there is, and where it ended.
fn all(test: &TestEngine, args: &[&str]) -> (Vec<Value>, String) {
    let output = tail(test, &[args, &["--no-follow"]].concat()).output().expect("run the program");
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success(), "{args:?}: {told}");
    let lines = String::from_utf8(output.stdout).expect("text");
    let position = told.lines().find_map(|line| line.strip_prefix("position: ")).expect("a position").to_owned();
    (lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), position)
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["id"].as_str().expect("an id")).collect()
}

async fn place(test: &TestEngine, ids: &[&str]) {
    for id in ids {
        assert_eq!(answer(test.submit(simple(id)).await).0, 201);
    }
}

#[tokio::test]
async fn every_event_is_told_once_from_any_position_on() {
    let test = TestEngine::with(settings()).await;
    place(&test, &["A", "B"]).await;
    let (events, position) = all(&test, &["--from", "beginning"]);
    let rows = test.database.client().await;
    let sql = "SELECT order_id || '/' || first_version + n - 1 FROM order_events,
        json_array_elements(events::json) WITH ORDINALITY AS e (event, n) ORDER BY xact, order_id, first_version, n";
    let there: Vec<String> = rows.query(sql, &[]).await.expect(sql).iter().map(|row| row.get(0)).collect();
    assert_eq!(ids(&events), there.iter().map(String::as_str).collect::<Vec<_>>());
    let first = &events[0];
    assert_eq!(
        (&first["type"], &first["subject"], &first["sequence"], &first["specversion"]),
        (&"counterfoil.order.created".into(), &"A".into(), &"1".into(), &"1.0".into())
    );
    let order = test.store.load(OrderId::trusted("A")).await.expect("load").expect("an order").order;
    assert_eq!(first["data"]["amount"], order.amount.0);
    assert_eq!(first["data"]["lines"], serde_json::to_value(&order.request.lines).expect("JSON"));
    assert!(["ship_to", "payment_method", "metadata", "seal"].iter().all(|name| first["data"].get(name).is_none()));
    assert!(all(&test, &["--from", "beginning", "--personal-data"]).0[0]["data"]["ship_to"].is_object());

    place(&test, &["C"]).await;
    let (more, end) = all(&test, &["--from", &position]);
    assert!(more.iter().all(|event| event["subject"] == "C") && !more.is_empty(), "{more:?}");
    assert_eq!(all(&test, &["--from", &end]).0, [] as [Value; 0]);
    assert_eq!(all(&test, &["--from", "now"]).0, [] as [Value; 0]);
    let of_b = all(&test, &["--from", "beginning", "--order", "B"]).0;
    assert!(of_b.iter().all(|event| event["subject"] == "B") && !of_b.is_empty());
    for kind in ["order.completed", "counterfoil.order.completed"] {
        assert_eq!(all(&test, &["--from", "beginning", "--type", kind]).0.len(), 3, "{kind}");
    }
    assert_eq!(all(&test, &["--from", "beginning", "--client", "nobody"]).0, [] as [Value; 0]);
    let since = more[0]["time"].as_str().expect("a time");
    assert_eq!(all(&test, &["--from", since]).0, more);
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop((self.0.kill(), self.0.wait()));
    }
}

/// Somebody follows while orders come and all connections are cut; and is told off at another database.
#[tokio::test]
async fn whoever_follows_hears_of_what_comes_and_is_not_led_elsewhere() {
    let test = TestEngine::with(settings()).await;
    place(&test, &["A"]).await;
    let folder = crate::support::program::Folder::new();
    let (out, told) = (folder.0.join("out"), folder.0.join("told"));
    let mut command = tail(&test, &["--from", "beginning"]);
    command.stdout(std::fs::File::create(&out).expect("a file")).stderr(std::fs::File::create(&told).expect("a file"));
    let child = Killed(command.spawn().expect("run the program"));
    let heard = || std::fs::read_to_string(&out).expect("what it said");
    until("it hears of what is there", || async { heard().contains("\"A/1\"") }).await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
            AND query ~ 'pg_current_snapshot|FROM prunes'"; // it asks by turns
    let rows = test.database.client().await;
    until("it is cut off", || async { rows.query_one(cut, &[]).await.expect(cut).get::<_, i64>(0) > 0 }).await;
    place(&test, &["B"]).await;
    until("it hears of what comes", || async { heard().contains("\"B/1\"") }).await;
    until("to its end", || async { heard().lines().filter(|line| line.contains("order.completed")).count() == 2 })
        .await;
    let pid = rustix::process::Pid::from_child(&child.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("end it");
    until("it says where it stood", || async {
        std::fs::read_to_string(&told).expect("what it said").lines().any(|line| line.starts_with("position: {"))
    })
    .await;
    let told = std::fs::read_to_string(&told).expect("what it said");
    let position = told.lines().find_map(|line| line.strip_prefix("position: ")).expect("a position").to_owned();
    let lines = heard();
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(ids(&events), ids(&all(&test, &["--from", "beginning"]).0));

    let other = TestEngine::with(settings()).await;
    place(&other, &["A"]).await;
    let refused = tail(&other, &["--from", &position, "--no-follow"]).output().expect("run the program");
    let why = String::from_utf8(refused.stderr).expect("text");
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("history is not the one that was read"), "{why}");
    let wrong = tail(&other, &["--from", "yesterday"]).output().expect("run the program");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--from \"yesterday\" must be beginning, now"));
}

/// Somebody who tries it sees what happens.
#[tokio::test]
async fn dev_prints_events_as_they_are_committed() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &["--events"]).await;
    assert_eq!(post(&dev.client(), &body("SEEN", "SKU-0001"), &[]).await.status, 201);
    until("the order's events are printed", || async {
        let told = std::fs::read_to_string(folder.0.join("dev.log")).expect("what it says");
        let ids = told.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ids: Vec<String> = ids.filter_map(|event| Some(event["id"].as_str()?.to_owned())).collect();
        ids.first().is_some_and(|id| id == "SEEN/1") && ids.len() > 1
    })
    .await;
}
