//! Promise: whatever breaks around two engines under load, two things at a time, nothing that somebody was told is lost or done
//! twice, and everything comes to its end (`counterfoil chaos`, whose judge shares nothing with the engine). Kafka and NATS,
//! where they can be had, have every event, as another client than the sinks' reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use counterfoil::client::environment::forget_environment;
use serde_json::{Value, json};

use crate::support::kafka::{self, Broker};
use crate::support::nats;
use crate::support::program::{Folder, PROGRAM};

/// What the brokers, where there are any, were given: ids of events by order.
struct Brokers {
    kafka: Option<(&'static Broker, String)>,
    nats: Option<nats::Server>,
}

impl Brokers {
    async fn there() -> Self {
        let kafka = if cfg!(feature = "kafka") && kafka::is_there() {
            let broker = Broker::shared();
            Some((broker, broker.topics().await))
        } else {
            None
        };
        let nats = (cfg!(feature = "nats") && nats::is_there()).then(nats::Server::new);
        if let Some(server) = &nats {
            server.stream("orders", json!({})).await;
        }
        Self { kafka, nats }
    }

    fn config(&self) -> String {
        let mut config = String::new();
        if let Some((broker, topic)) = &self.kafka {
            config.push_str(&format!(
                "[[outbox.sinks]]\nname = \"bus\"\nkind = \"kafka\"\nbrokers = [\"{}\"]\ntopic = \"{topic}\"\n",
                broker.brokers()
            ));
        }
        if let Some(server) = &self.nats {
            config.push_str(&format!(
                "[[outbox.sinks]]\nname = \"jets\"\nkind = \"nats\"\nurl = \"{}\"\nstream = \"orders\"\n",
                server.url()
            ));
        }
        config
    }

    /// Each has every event once, each order's in their order, and no other. How many brokers were asked.
    async fn judge(&self, expected: &BTreeMap<String, Vec<String>>) -> usize {
        let mut asked = 0;
        if let Some((broker, topic)) = &self.kafka {
            let read: Value = broker.ask(json!({"do": "ids", "topic": topic})).await;
            let ids: BTreeMap<String, Vec<String>> = serde_json::from_value(read["ids"].clone()).expect("ids by order");
            assert_eq!(&ids, expected, "Kafka has other events than were committed");
            asked += 1;
        }
        if let Some(server) = &self.nats {
            let mut ids = BTreeMap::<String, Vec<String>>::new();
            for message in server.read("orders").await {
                let id = message.header("ce-id").to_owned();
                ids.entry(message.header("ce-subject").to_owned()).or_default().push(id);
            }
            assert_eq!(&ids, expected, "NATS has other events than were committed");
            asked += 1;
        }
        asked
    }
}

/// A campaign of so many seconds; what it said of itself.
pub async fn campaign(seconds: u64, more: &[&str]) -> Value {
    let (folder, brokers) = (Folder::new(), Brokers::there().await);
    let [config, report, work] = ["engines.toml", "report.json", "work"].map(|name| folder.0.join(name));
    std::fs::write(&config, brokers.config()).expect("write a configuration");
    let mut command = Command::new(PROGRAM);
    forget_environment(&mut command);
    command.args(["chaos", "--seconds", &seconds.to_string()]).args(more);
    command.arg("--engine-config").arg(&config).arg("--json").arg(&report).arg("--keep").arg(&work);
    let output = tokio::task::spawn_blocking(move || command.output().expect("run chaos")).await.expect("it ran");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{told}");
    assert!(output.status.success(), "{told}");
    // The campaign has held these against the rows.
    let received = std::fs::read_to_string(work.join("received.jsonl")).expect("the receiver's ledger");
    let mut expected = BTreeMap::<String, Vec<String>>::new();
    let mut seen = BTreeSet::new();
    for line in received.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let (id, order) = (line["event"]["id"].as_str().expect("an id"), line["event"]["subject"].as_str());
        if seen.insert(id.to_owned()) {
            expected.entry(order.expect("an order").to_owned()).or_default().push(id.to_owned());
        }
    }
    let asked = brokers.judge(&expected).await;
    println!("{asked} brokers have each of the {} events once", seen.len());
    serde_json::from_slice(&std::fs::read(&report).expect("a report")).expect("JSON")
}

/// A minute of it; `make soak` has the long form.
#[tokio::test]
async fn whatever_breaks_nothing_is_lost_or_done_twice_and_all_of_it_ends() {
    // Beside other tests, on a machine that is busy with them: nobody is timed here.
    let report = campaign(45, &["--seed", "1", "--clients", "8", "--silence-ms", "20000"]).await;
    let count = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("{name}: {report}"));
    assert!(count("rounds") >= 3 && count("orders") >= 100 && count("live_histories") > 0, "{report}");
    assert_eq!(report["violations"], json!([]));
}

/// A fault that is named comes, a name that is none is told, and the list has those that there are.
#[tokio::test]
async fn faults_are_chosen_by_name() {
    let chaos = async |more: &[&str]| {
        let mut command = Command::new(PROGRAM);
        forget_environment(&mut command);
        command.arg("chaos").args(more);
        let output = tokio::task::spawn_blocking(move || command.output().expect("run chaos")).await.expect("it ran");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, listed, _) = chaos(&["--list"]).await;
    assert_eq!(code, Some(0));
    for fault in ["engine: kill -9", "database: failover", "network: engine to database: stalled", "everything at once"]
    {
        assert!(listed.lines().any(|line| line == fault), "{fault}: {listed}");
    }
    let (code, _, told) = chaos(&["--seconds", "1", "--fault", "earthquake"]).await;
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("earthquake") && told.contains("--list"), "{told}");
}
