//! The drill, as a user runs it: every scenario holds.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Six times what the whole drill takes on two busy cores.
const BOUND: Duration = Duration::from_secs(300);

#[test]
fn every_scenario_of_the_drill_holds() {
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join("drill.json");
    let _none_yet = fs::remove_file(&report);
    let narrative = fs::File::create(report.with_extension("txt")).expect("a file for the narrative");
    let mut drill = Command::new(env!("CARGO_BIN_EXE_counterfoil"))
        .args(["drill", "--json"])
        .arg(&report)
        .stdin(Stdio::null())
        .stdout(narrative)
        .spawn()
        .expect("start the drill");
    let deadline = Instant::now() + BOUND;
    let status = loop {
        if let Some(status) = drill.try_wait().expect("look after the drill") {
            break status;
        }
        if Instant::now() > deadline {
            drill.kill().expect("end the drill");
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
    assert!(scenarios.len() >= 41, "{} scenarios", scenarios.len());
    assert!(told.contains("SELECT * FROM orders WHERE order_id = 'ORD_FAIL_1';\n          Empty set\n"), "{told}");
    // Each of those with remote participants ends with both books held against each other.
    let compared = told.matches("  holds   the ledger: ").count();
    assert!(compared >= 17, "{compared} ledgers were compared\n{told}");
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
