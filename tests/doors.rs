//! What others on the machine, and pages in its browsers, can do to an engine that asks for no tokens.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use super::support::database::TestDatabase;
use super::support::program::{Folder, Program, send};

/// What bytes are answered, until the server closes.
fn ask(address: &str, request: &str) -> String {
    let mut socket = TcpStream::connect(address).expect("connect");
    socket.write_all(request.as_bytes()).expect("ask");
    let mut answer = Vec::new();
    let _reset_after_the_answer = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).expect("look at it").permissions().mode() & 0o777
}

#[actix_web::test]
async fn dev_keeps_to_itself() {
    let folder = Folder::new();
    let data = folder.0.join("data");
    let mut dev = Program::dev(&folder, &["--participants", "remote"]).await;
    assert_eq!(mode(&data), 0o700);
    for name in ["ledger.jsonl", "ledger.jsonl.outcomes", "dev.json"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    let told: Value = serde_json::from_str(&std::fs::read_to_string(data.join("dev.json")).unwrap()).unwrap();
    let engine = told["listen"].as_str().unwrap().to_owned();
    let participants = told["participants_url"].as_str().unwrap().trim_start_matches("http://").to_owned();

    // The engine and the simulator behind it: nobody's page drives either.
    let line = "connection: close\r\n\r\n";
    let key = "idempotency-key: 6f9619ff-8b86-4011-b42d-00c04fc964ff\r\ncontent-type: application/json";
    let charge =
        json!({"order_id": "X", "amount": 1, "currency": "USD", "payment_method": "pm_ok", "customer_id": "c"});
    let charge = charge.to_string();
    for (address, path, body) in [(&engine, "/orders", "{}".to_owned()), (&participants, "/charge", charge)] {
        let length = body.len();
        let post = |host: &str, more: &str| {
            ask(
                address,
                &format!(
                    "POST {path} HTTP/1.1\r\nhost: {host}\r\n{more}{key}\r\ncontent-length: {length}\r\n{line}{body}"
                ),
            )
        };
        for (host, more) in [
            ("evil.example", ""),
            ("evil.example", "origin: http://evil.example\r\n"),
            (&**address, "origin: http://evil.example\r\n"),
            (&**address, "origin: null\r\n"),
        ] {
            let answer = post(host, more);
            assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("\"forbidden\""), "{host} {more}: {answer}");
        }
        let get = |target: &str, host: &str| ask(address, &format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n{line}"));
        assert!(get("/livez", "evil.example").starts_with("HTTP/1.1 403"), "{path}");
        assert!(get("http://evil.example/livez", "evil.example").starts_with("HTTP/1.1 403"), "{path}");
        assert!(get("/livez", "localhost.:1").starts_with("HTTP/1.1 200"), "{path}");
        assert!(ask(address, "GET /livez HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 200"), "a probe without a Host");
        let own = post(address, &format!("origin: http://{address}\r\n"));
        assert!(!own.starts_with("HTTP/1.1 403"), "{own}");
    }
    let operations = dev_get(&participants, "/operations/none");
    assert!(operations.starts_with("HTTP/1.1 200"), "{operations}");

    // What is no head is nobody's error; who was refused, and who armed a fault, is told.
    assert!(ask(&engine, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
    let arm = json!({"point": "actor.handle", "order_id": "none", "action": "error"}).to_string();
    let armed = send(&dev.client(), "POST", "/operator/faults", &[("content-type", "application/json")], arm).await;
    assert_eq!(armed.unwrap().status, 204);
    let disarmed = send(&dev.client(), "DELETE", "/operator/faults", &[], "").await;
    assert_eq!(disarmed.unwrap().status, 204);
    assert_eq!(dev.terminate().await, Some(0));
    let log = std::fs::read_to_string(folder.0.join("dev.log")).expect("what it said");
    assert!(!log.contains("ERROR"), "{log}");
    for word in ["fault armed", "faults disarmed", "refused"] {
        let line = log.lines().find(|line| line.contains(word)).unwrap_or_else(|| panic!("{word:?} is not in\n{log}"));
        assert!(line.contains("source=127.0.0.1:") && line.contains("subject=\"anonymous\""), "{line}");
    }
}

fn dev_get(address: &str, path: &str) -> String {
    ask(address, &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"))
}

#[tokio::test]
async fn serve_says_what_a_shop_would_not_mean() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let config = format!(
        "database.url = \"{}\"\nfaults.enabled = true\ntelemetry.log = \"info,actix_http=debug\"\n",
        database.url()
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let address = serve.url.trim_start_matches("http://").to_owned();
    assert!(ask(&address, "nonsense\r\n\r\n").starts_with("HTTP/1.1 400"));
    let log = || std::fs::read_to_string(folder.0.join("serve.log")).expect("the log");
    for word in ["faults.enabled = true", "no tokens are configured"] {
        assert!(
            log().lines().any(|line| line.contains("WARN") && line.contains(word)),
            "{word:?} is not in\n{}",
            log()
        );
    }
    // Whoever asks for it is told of heads that are none.
    let told = log().lines().any(|line| line.contains(" DEBUG actix_http::h1") && line.contains("stream error"));
    assert!(told && !log().contains("ERROR"), "{}", log());
}
