//! The main job on real input: the extract's invoices, four copies each, over HTTP; then the audit.

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
    let (fine, told) = replay(&dev.url, &[]);
    assert!(fine, "a second replay gets the stored answers: {told}");
    audited(&folder);
}

#[tokio::test]
async fn short_stock_refuses_orders_whole() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let (fine, told) = replay(&dev.url, &["--stock", "20", "--duplicates", "2"]);
    assert!(fine, "{told}");
    assert!(told.contains("out_of_stock"), "{told}");
    audited(&folder);
}

fn audited(folder: &Folder) {
    let told = std::fs::read_to_string(folder.0.join("data/dev.json")).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let url = told["database_url"].as_str().unwrap();
    let audit = Command::new(PROGRAM).args(["audit", "--database-url", url]).output().unwrap();
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}
