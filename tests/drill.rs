//! The drill, as a user runs it: every scenario holds.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use counterfoil_lab::process;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::program::Folder;

/// Six times what the whole drill takes on two busy cores.
const BOUND: Duration = Duration::from_secs(600);

#[test]
fn every_scenario_of_the_drill_holds() {
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drill.json");
    let _none_yet = fs::remove_file(&report);
    let narrative = fs::File::create(report.with_extension("txt")).expect("a file for the narrative");
    let mut drill = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
    drill.args(["drill", "--json"]).arg(&report).stdin(Stdio::null()).stdout(narrative);
    // What configures a shop's engine is no business of a drill's.
    drill
        .env("COUNTERFOIL__DATABASE__URL", "postgres://127.0.0.1:1/shop")
        .env("COUNTERFOIL__SERVER__LISTEN", "nowhere");
    let mut drill = spawn(drill).expect("start the drill");
    let deadline = Instant::now() + BOUND;
    let status = loop {
        if let Some(status) = drill.try_wait().expect("look after the drill") {
            break status;
        }
        if Instant::now() > deadline {
            end(&drill);
            panic!("the drill took longer than {BOUND:?}");
        }
        #[expect(clippy::disallowed_methods, reason = "a test's own thread, polling a child")]
        std::thread::sleep(Duration::from_millis(50));
    };
    let told = fs::read_to_string(report.with_extension("txt")).expect("the narrative");
    assert!(status.success(), "{status}\n{told}");
    let report: serde_json::Value = serde_json::from_slice(&fs::read(&report).expect("the report")).expect("JSON");
    let scenarios = report["scenarios"].as_array().expect("scenarios");
    assert!(scenarios.iter().all(|scenario| scenario["held"] == true), "{scenarios:#?}");
    assert!(scenarios.len() >= 50, "{} scenarios", scenarios.len());
    assert!(told.contains("SELECT * FROM orders WHERE order_id = 'ORD_FAIL_1';\n          Empty set\n"), "{told}");
    // Each of those with remote participants ends with both books held against each other.
    let compared = told.matches("  holds   the ledger: ").count();
    assert!(compared >= 23, "{compared} ledgers were compared\n{told}");
    // And each of those about events with every endpoint's.
    let compared = told.matches("  holds   the receiver: ").count();
    assert_eq!(compared, 8, "{told}");
}

/// It ends, in order, when the test dies.
fn spawn(drill: Command) -> std::io::Result<Child> {
    process::spawn(drill, Signal::TERM)
}

/// SIGTERM, upon which it cleans up.
fn end(drill: &Child) {
    kill_process(Pid::from_child(drill), Signal::TERM).expect("end the drill");
}

#[test]
fn a_drill_that_is_asked_to_end_leaves_nothing() {
    let folder = Folder::new();
    let mut drill = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
    let narrative = fs::File::create(folder.0.join("drill.txt")).expect("a file for the narrative");
    drill.args(["drill", "--scenario", "takeover"]).env("TMPDIR", &folder.0).stdin(Stdio::null()).stdout(narrative);
    let mut drill = spawn(drill).expect("start the drill");
    let folders =
        || fs::read_dir(&folder.0).expect("the folder").flatten().filter(|entry| entry.path().is_dir()).count();
    let deadline = Instant::now() + BOUND;
    let until = |holds: &mut dyn FnMut() -> bool| {
        while !holds() {
            assert!(Instant::now() < deadline, "waited in vain");
            #[expect(clippy::disallowed_methods, reason = "a test's own thread, polling a child")]
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(&mut || folders() == 1);
    end(&drill);
    until(&mut || drill.try_wait().expect("look after the drill").is_some());
    assert_eq!(drill.wait().expect("it ended").code(), Some(1));
    assert_eq!(folders(), 0);
}

#[test]
fn an_unknown_scenario_is_wrong_usage() {
    let told = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .args(["drill", "--scenario", "nonsense"])
        .output()
        .expect("run the drill");
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("--list"));
}
