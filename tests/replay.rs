//! The main job on real input: the extract's invoices, four copies each, and their cancellations as refunds, over HTTP;
//! then the audit.

use std::process::Command;

use crate::support::program::{Folder, PROGRAM, Program};

const EXTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/online-retail-500.csv.gz");

fn replay(url: &str, more: &[&str]) -> (bool, String) {
    let mut command = Command::new(PROGRAM);
    command.args(["replay", EXTRACT, "--target", url, "--clients", "32"]).args(more);
    let output = command.output().expect("run replay");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.success(), told)
}

#[tokio::test]
async fn the_extract_s_invoices_become_orders_once() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let (fine, told) = replay(&dev.url, &["--duplicates", "4"]);
    assert!(fine, "{told}");
    assert_eq!(counts(&told, "C invoices that match a sale"), ["22"]);
    assert_eq!(counts(&told, "  unmatched: no earlier sale holds its lines"), ["16"]);
    assert_eq!(counts(&told, "  201 COMPLETED").split_off(3), ["22", "88", "66"], "{told}");
    assert_eq!(counts(&told, "  given back, GBP"), ["2,756.05"]);
    assert_eq!(counts(&told, "  units back on the shelf"), ["1,440"]);
    let (fine, told) = replay(&dev.url, &[]);
    assert!(fine, "a second replay gets the stored answers: {told}");
    assert_eq!(
        counts(&told, "  201 COMPLETED").split_off(3),
        ["22", "22", "22"],
        "nothing is given back again: {told}"
    );
    audited(&folder);
}

#[tokio::test]
async fn short_stock_refuses_orders_whole() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let (fine, told) = replay(&dev.url, &["--stock", "20", "--duplicates", "2"]);
    assert!(fine, "{told}");
    assert!(told.contains("out_of_stock"), "{told}");
    assert!(told.contains("unmatched: its sale was refused"), "{told}");
    audited(&folder);
}

#[tokio::test]
async fn a_limited_replay_is_the_beginning_of_a_whole_one() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let mut given_back = 0;
    for limit in ["200", "385"] {
        let (fine, told) = replay(&dev.url, &["--limit", limit]);
        assert!(fine, "{told}");
        let refunds = counts(&told, "  201 COMPLETED").split_off(3);
        assert_eq!(refunds[2], given_back.to_string(), "the same refunds under the same keys: {told}");
        given_back = refunds[0].parse().expect("a number");
    }
    assert_eq!(given_back, 22);
    audited(&folder);
}

/// What stands behind `label`, in all rows that begin so.
fn counts(told: &str, label: &str) -> Vec<String> {
    let rows = told.lines().filter_map(|line| line.strip_prefix(label));
    rows.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

fn audited(folder: &Folder) {
    let told = std::fs::read_to_string(folder.0.join("data/dev.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let url = told["database_url"].as_str().unwrap();
    let audit = Command::new(PROGRAM).args(["audit", "--database-url", url]).output().unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}
