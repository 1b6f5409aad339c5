//! What somebody who just came by reads and types: the program's own words, and the way to a first order on a database of
//! one's own. What the README says to type is typed in `docs.rs`.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::support::database::TestDatabase;
use super::support::program::{Folder, PROGRAM, Program};

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("run the program");
    (status.code(), String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned())
}

#[actix_web::test]
async fn what_dev_says_leads_on() {
    let folder = Folder::new();
    let data = folder.0.join("data");
    let mut dev = Program::dev(&folder, &["--participants", "remote"]).await;

    let log = std::fs::read_to_string(folder.0.join("dev.log")).expect("what it said");
    let first = format!("Counterfoil {} on {}, data in {}", env!("CARGO_PKG_VERSION"), dev.url, data.display());
    assert!(log.lines().any(|line| line == first), "{first:?} is not in\n{log}");
    assert!(!log.contains("actix"), "{log}");

    // What it offers to be typed is typed, by a shell, as it stands.
    let offered = log.lines().find(|line| line.starts_with("curl -i ")).expect("an order to try");
    let (_, answer, _) = run(Command::new("sh").args(["-c", offered]));
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let offered = log.lines().find_map(|line| line.split_once("took effect for an order: ")).expect("a look").1;
    let (_, answer, _) = run(Command::new("sh").args(["-c", offered]));
    let told: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(told["operations"].as_array().map(Vec::len), Some(2), "{answer}");

    let root = dev.client().get("/").await.expect("an answer");
    assert_eq!(root.status, 200);
    let text = String::from_utf8(root.body.to_vec()).expect("text");
    for path in ["POST /orders ", "/readyz?verbose", "/metrics"] {
        assert!(text.contains(path), "{path} is not in\n{text}");
    }

    // The folder is all that the audit has to be told, its ledger included.
    let audit = || {
        let mut command = Command::new(PROGRAM);
        command.args(["audit", "--json", "--data-dir"]).arg(&data);
        run(&mut command)
    };
    let (code, report, errors) = audit();
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((code, &report["ok"]), (Some(0), &json!(true)), "{report} {errors}");
    let named = |name: &str| report["promises"].as_array().into_iter().flatten().any(|found| found["name"] == *name);
    assert!(named("order_processed_at_most_once") && named("ledger_money_agrees"), "{report}");

    // An exported address serves all commands that take one.
    let list =
        |target: &str| run(Command::new(PROGRAM).args(["orders", "list", "--json"]).env("COUNTERFOIL_TARGET", target));
    let (code, orders, errors) = list(&dev.url);
    assert!(code == Some(0) && orders.contains("ORD-1"), "{orders} {errors}");
    assert_ne!(list("http://127.0.0.1:1").0, Some(0));

    dev.kill();
    let (code, report, errors) = audit();
    assert_eq!(code, Some(2), "{report} {errors}");
    std::fs::remove_file(data.join("dev.json")).expect("forget it");
    let (code, _, errors) = audit();
    assert!(code == Some(2) && errors.contains("no `counterfoil dev` runs on it"), "{errors}");
}

/// The way from a PostgreSQL of one's own to a first order, typed as it stands but for where things are.
#[actix_web::test]
async fn a_page_leads_to_a_first_order_on_a_database_of_ones_own() {
    let page = include_str!("../docs/src/operations.md");
    let mut blocks = page.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```\n").next());
    let block = blocks.find(|block| block.contains("cat > shop.toml")).expect("the commands");
    let database = TestDatabase::blank().await;
    let port = counterfoil_lab::process::free_port().expect("a free port");
    let script = block
        .replace("postgres://counterfoil@/counterfoil?host=/var/run/postgresql", &database.url())
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
        .replace("counterfoil serve", &format!("COUNTERFOIL__SERVER__LISTEN=127.0.0.1:{port} counterfoil serve"));
    let (folder, programs) = (Folder::new(), Path::new(PROGRAM).parent().expect("a folder"));
    let mut shell = Command::new("bash");
    shell
        .args(["-euc", &format!("PATH={}:$PATH; trap 'kill %1' EXIT\n{script}", programs.display())])
        .current_dir(&folder.0);
    let (code, answers, errors) = run(&mut shell);
    assert!(code == Some(0) && answers.contains("HTTP/1.1 201 Created"), "{answers}\n{errors}");
    assert!(answers.contains(r#"{"order_id":"ORD-1","state":"COMPLETED","version":5,"amount":3998,"currency":"USD"}"#));
}

/// Whatever a line of a page uses, a line of it sets; and the program has one name there.
#[test]
fn pages_can_be_typed_from_top_to_bottom() {
    let name = |text: &str| text.chars().take_while(|c| c.is_ascii_uppercase() || matches!(c, '_')).collect::<String>();
    let pages =
        [("README.md", include_str!("../README.md")), ("operations.md", include_str!("../docs/src/operations.md"))];
    for (page, text) in pages {
        for used in text.split('$').skip(1).map(name).filter(|used| !used.is_empty() && used != "PWD" && used != "PATH")
        {
            assert!(text.contains(&format!("{used}=")), "nothing in {page} sets ${used}");
        }
        for (number, line) in text.lines().enumerate() {
            let typed = line.starts_with("target/");
            assert!(!typed, "{page}:{}: the program is `counterfoil` wherever it is typed: {line}", number + 1);
        }
    }
}
