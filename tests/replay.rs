//! The main job on real input: the extract's invoices, four copies each, and their cancellations as refunds, over HTTP;
//! then the audit.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::program::{Folder, PROGRAM, Program};

const EXTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/online-retail-500.csv.gz");

fn replay(url: &str, more: &[&str]) -> (bool, String) {
    let (code, told) = replay_of(Path::new(EXTRACT), url, more);
    (code == Some(0), told)
}

/// The exit code of a replay of a file, and what it told.
fn replay_of(file: &Path, url: &str, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(PROGRAM);
    command.arg("replay").arg(file).args(["--target", url, "--clients", "32"]).args(more);
    let output = command.output().expect("run replay");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told)
}

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples").join(name)
}

/// What the engine says of an order, if it knows it.
async fn order(dev: &Program, order_id: &str) -> Option<Value> {
    let answer = dev.client().get(&format!("/orders/{order_id}")).await.expect("an answer");
    match answer.status {
        200 => Some(answer.json().expect("an order")),
        404 => None,
        status => panic!("{status} for {order_id}"),
    }
}

const HEADING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

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

/// By what the engine holds: who owns which order, and whose was given back.
#[tokio::test]
async fn bytes_that_are_no_text_merge_nobody() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let rows = [
        HEADING.as_bytes(),
        b"1,A,,5,d,1.00,M\xfcller,Germany\n2,A,,5,d,1.00,M\xf6ller,Germany\n3,A,,5,d,1.00,Ann,Germany\n",
        b"C4,A,,-5,d,1.00,M\xfcller,Germany\n",
    ];
    let file = folder.0.join("latin1.csv");
    std::fs::write(&file, rows.concat()).expect("write a file");
    let (code, told) = replay_of(&file, &dev.url, &[]);
    assert_eq!(code, Some(1), "rows that were refused are a failure: {told}");
    for line in ["line 2", "line 3", "line 5"] {
        assert!(told.contains(&format!("{line}: bytes that are no text")), "{told}");
    }
    assert!(order(&dev, "1").await.is_none() && order(&dev, "2").await.is_none());
    assert_eq!(order(&dev, "3").await.expect("it could be read")["customer_id"], "Ann");

    let (code, told) = replay_of(&file, &dev.url, &["--encoding", "latin1"]);
    assert_eq!(code, Some(0), "{told}");
    for (order_id, customer, refunded) in [("1", "Müller", 500), ("2", "Möller", 0), ("3", "Ann", 0)] {
        let order = order(&dev, order_id).await.expect("it was sold");
        assert_eq!(
            (&order["customer_id"], &order["payment"]["refunded"]),
            (&json!(customer), &json!(refunded)),
            "{order}"
        );
    }
    audited(&folder);
}

#[tokio::test]
async fn a_file_that_is_damaged_fails_with_its_line() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let row = |number: u32| format!("{number},A,thing,1,d,1.00,7,France\n");
    let rows: String = (10..309).map(row).collect();
    let open = format!("{HEADING}1,A,thing,1,d,1.00,7,France\n2,A,\"thing,1,d,1.00,7,France\n{rows}");
    let closed = format!("{open}400,A,\"thing\",1,d,1.00,7,France\n");
    for (name, text) in [("open.csv", open), ("closed.csv", closed)] {
        let (code, told) = replay_of(&folder.file(name, &text), &dev.url, &[]);
        assert_eq!(code, Some(1), "{told}");
        assert!(told.contains("line 3: ") && told.contains("nothing was sent"), "{told}");
    }
    assert!(order(&dev, "1").await.is_none(), "nothing was sent");

    let empty = folder.file("empty.csv", &format!("{HEADING}1,A,thing,1,d,0.00,7,France\n"));
    let (code, told) = replay_of(&empty, &dev.url, &[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("price not above zero (first in line 2)"), "{told}");

    let short = folder.file("short.csv", &format!("{HEADING}1,A,thing,1,d,1.00,7,France\n2,A\n"));
    let (code, told) = replay_of(&short, &dev.url, &[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("line 3: malformed row"), "{told}");
    assert!(order(&dev, "1").await.is_some(), "the other rows were sent");
    audited(&folder);
}

#[tokio::test]
async fn a_field_beyond_the_limits_is_skipped_and_not_wrong() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let (most, more) = ("x".repeat(256), "x".repeat(257));
    let text = format!(
        "{HEADING}1,A,,1,d,1.00,{most},France\n2,A,,1,d,1.00,{more},France\n3,A,,1000000001,d,1.00,7,France\n\
         4,A,,1,d,10000000000.01,7,France\n5,A,,1,{long},1.00,7,France\n6,..,,1,d,1.00,7,France\n",
        long = "d".repeat(501)
    );
    let (code, told) = replay_of(&folder.file("limits.csv", &text), &dev.url, &[]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(counts(&told, "  skipped: a field beyond the engine's limits"), ["4"], "{told}");
    assert_eq!(counts(&told, "  skipped: unusable stock code"), ["1"], "{told}");
    assert_eq!(order(&dev, "1").await.expect("at the limit")["customer_id"], most.as_str());
}

#[tokio::test]
async fn a_currency_has_its_own_minor_units() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    for (currency, price, amount) in [("JPY", "1500", 3_000), ("KWD", "1.255", 2_510), ("EUR", "\"1,25\"", 250)] {
        let text = format!("{HEADING}{currency},A,,2,d,{price},7,France\nCX,A,,-1,d,{price},7,France\n");
        let text = text.replace("CX", &format!("C{currency}"));
        let (code, told) = replay_of(&folder.file("money.csv", &text), &dev.url, &["--currency", currency]);
        assert_eq!(code, Some(0), "{told}");
        let order = order(&dev, currency).await.expect("it was sold");
        assert_eq!((&order["amount"], &order["currency"]), (&json!(amount), &json!(currency)));
        assert_eq!(order["payment"]["refunded"], amount / 2);
    }
    let fine = folder.file("fine.csv", &format!("{HEADING}9,A,,2,d,15.50,7,France\n"));
    let (code, told) = replay_of(&fine, &dev.url, &["--currency", "JPY"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("price finer than its currency (first in line 2)"), "{told}");
}

#[tokio::test]
async fn columns_are_named_by_role_or_by_preset() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let file = sample("online-retail-ii.csv");
    let (code, told) = replay_of(&file, &dev.url, &[]);
    assert_eq!(code, Some(2), "{told}");
    for part in ["no column InvoiceNo", "found \"Invoice\"", "--preset online-retail-ii fits"] {
        assert!(told.contains(part), "{told}");
    }
    let columns = ["--columns", "order=Invoice,price=Price,customer=Customer ID"];
    for more in [&["--preset", "online-retail-ii"][..], &columns] {
        let (code, told) = replay_of(&file, &dev.url, more);
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(counts(&told, "C invoices that match a sale"), ["1"], "{told}");
    }
    let order = order(&dev, "700001").await.expect("it was sold");
    assert_eq!((&order["customer_id"], &order["payment"]["refunded"]), (&json!("90001"), &json!(250)));
    let twice = folder.file("twice.csv", &HEADING.replace("Description", "UnitPrice"));
    let (code, told) = replay_of(&twice, &dev.url, &[]);
    assert!(code == Some(2) && told.contains("names \"UnitPrice\" twice"), "{told}");
    audited(&folder);
}

/// Discounts, shipping and taxes, a free item, and money that was given back.
#[tokio::test]
async fn an_export_of_shopify_is_replayed() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let (code, told) =
        replay_of(&sample("shopify-orders.csv"), &dev.url, &["--preset", "shopify", "--duplicates", "2"]);
    assert_eq!(code, Some(0), "{told}");
    assert_eq!(counts(&told, "  given back, USD"), ["10.50"], "{told}");
    let first = order(&dev, "1001").await.expect("it was sold");
    assert_eq!((&first["amount"], &first["currency"]), (&json!(5_629), &json!("USD")));
    assert_eq!(
        first["adjustments"],
        json!([
            { "kind": "discount", "label": "FALL5", "amount": -500 },
            { "kind": "tax", "label": "tax", "amount": 329 },
            { "kind": "shipping", "label": "Standard", "amount": 600 },
        ])
    );
    assert_eq!(order(&dev, "1004").await.expect("it was sold")["payment"]["refunded"], 1_050);
    assert_eq!(order(&dev, "1005").await.expect("it was sold")["amount"], 2_000);
    assert!(order(&dev, "1003").await.is_none() && order(&dev, "1006").await.is_none());
    audited(&folder);
}

#[tokio::test]
async fn exports_of_woocommerce_are_replayed() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let preset = ["--preset", "woocommerce", "--currency", "EUR"];
    for (file, told_too) in [("woocommerce-advanced.csv", "decimal comma"), ("woocommerce-items.csv", "5.00")] {
        let (code, told) = replay_of(&sample(file), &dev.url, &preset);
        assert_eq!(code, Some(0), "{told}");
        assert!(told.contains(told_too), "{told}");
    }
    for (order_id, amount) in [("3001", 4_879), ("3002", 123_450), ("4001", 1_600), ("4002", 2_380)] {
        assert_eq!(order(&dev, order_id).await.expect("it was sold")["amount"], amount);
    }
    assert_eq!(order(&dev, "4002").await.expect("it was sold")["payment"]["refunded"], 500);
    audited(&folder);
}

/// "3 for 10.00", of which one comes back, and then the others; and a free item that comes back for nothing.
#[tokio::test]
async fn a_sum_and_a_gift_are_sold_and_given_back() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let text = "No,Sku,Units,Sum,Who\n1,SOCKS,3,10.00,7\n1,GIFT,1,0.00,7\n\
                C2,SOCKS,-1,-3.33,7\nC3,SOCKS,-2,-6.67,7\nC4,GIFT,-1,0.00,7\n";
    let columns = "order=No,sku=Sku,quantity=Units,amount=Sum,customer=Who,date=,country=";
    let file = folder.file("sums.csv", text);
    for _ in 0..2 {
        let (code, told) = replay_of(&file, &dev.url, &["--columns", columns, "--free-items"]);
        assert_eq!(code, Some(0), "{told}");
        assert_eq!(counts(&told, "C invoices that match a sale"), ["3"], "{told}");
    }
    let order = order(&dev, "1").await.expect("it was sold");
    assert_eq!((&order["amount"], &order["payment"]["refunded"]), (&json!(1_000), &json!(1_000)), "{order}");
    for sku in ["SOCKS", "GIFT"] {
        let level: Value =
            dev.client().get(&format!("/inventory/{sku}")).await.expect("an answer").json().expect("JSON");
        assert_eq!(level["on_hand"], if sku == "SOCKS" { 3 } else { 1 }, "all came back");
    }
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
