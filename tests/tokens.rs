//! Tokens come and go under a running engine, as a shop's operator would have them: made by `counterfoil token new`,
//! listed in a file, and judged by what those who bear them are told.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use counterfoil::client::Client;
use serde_json::json;

use super::support::database::TestDatabase;
use super::support::fleet::{order, until};
use super::support::program::{Folder, PROGRAM, Program, post, send};

/// A token and its line, as `counterfoil token new` tells them.
pub(crate) fn token(args: &[&str]) -> (String, String) {
    let output = Command::new(PROGRAM).args(["token", "new"]).args(args).output().expect("run the program");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let [token, line] = told.lines().collect::<Vec<_>>()[..] else { panic!("not a token and a line: {told}") };
    assert!(!line.contains(token), "the line holds no secret");
    (token.to_owned(), line.to_owned())
}

/// As whoever knows how: another file, renamed.
fn replace(path: &Path, text: &str) {
    let fresh = path.with_extension("fresh");
    std::fs::write(&fresh, text).expect("write the new file");
    std::fs::rename(fresh, path).expect("put it in its place");
}

async fn status(client: &Client, path: &str) -> u16 {
    client.get(path).await.expect("an answer").status
}

/// What a stream says until it ends.
fn follow(url: &str, path: &str, token: &str) -> std::thread::JoinHandle<String> {
    let address = url.trim_start_matches("http://").to_owned();
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\n\
         connection: close\r\n\r\n"
    );
    let mut socket = TcpStream::connect(&address).expect("connect");
    socket.write_all(head.as_bytes()).expect("ask");
    let mut begun = [0; 4_096];
    let length = socket.read(&mut begun).expect("the beginning");
    let mut told = String::from_utf8_lossy(&begun[..length]).into_owned();
    std::thread::spawn(move || {
        let _ended = socket.read_to_string(&mut told);
        told
    })
}

#[tokio::test]
async fn a_token_that_is_taken_away_is_gone_without_a_restart() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let (shop, shops) = token(&["--subject", "shop", "--roles", "client"]);
    let (second, seconds) = token(&["--subject", "shop", "--roles", "client", "--expires", "1d"]);
    let (ops, opss) = token(&["--subject", "ops", "--roles", "operator,metrics"]);
    let file = folder.file("tokens.toml", &format!("{shops}\n{opss}\n"));
    // Nobody is there to charge: an order runs on.
    let config = format!(
        "database.url = \"{}\"\nfaults.enabled = true\nauth.tokens_file = \"{}\"\n\
         participants.payment = {{ kind = \"http\", url = \"http://127.0.0.1:9\" }}\n",
        database.url(),
        file.display()
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let with = |token: &str| Client::anonymous(&serve.url).unwrap().with_token(token).unwrap();
    let (shop_, second_, ops_) = (with(&shop), with(&second), with(&ops));
    let log = || std::fs::read_to_string(folder.0.join("serve.log")).expect("the log");
    let json_type = [("content-type", "application/json")];
    assert_eq!(status(&serve.client(), "/orders").await, 401, "where a file is named, nobody is anonymous");
    let level = json!({ "on_hand": 10 }).to_string();
    assert_eq!(send(&ops_, "PUT", "/inventory/S", &json_type, level).await.unwrap().status, 201);
    assert_eq!(post(&shop_, &order("A", "pm", "1", false), &[("prefer", "respond-async")]).await.status, 202);
    assert_eq!(status(&second_, "/orders/A").await, 401);
    assert!(log().contains("WARN") && log().contains("faults.enabled = true"), "{}", log());
    assert!(log().contains("refused") && log().contains("source=127.0.0.1"), "{}", log());

    // A second token of the same subject, and then the first one's end, under a stream and a request that wait.
    replace(&file, &format!("{shops}\n{opss}\n{seconds}\n"));
    until("the second token is let in", async || status(&second_, "/orders/A").await == 200).await;
    let stream = follow(&serve.url, "/orders/A/events", &shop);
    let stays = follow(&serve.url, "/orders/A/events", &second);
    let waiting = {
        let shop_ = shop_.clone();
        tokio::spawn(async move { post(&shop_, &order("A", "pm", "1", false), &[("prefer", "wait=30")]).await })
    };
    until("the request waits", async || {
        let metrics = ops_.get("/metrics").await.expect("metrics").body;
        let depth = String::from_utf8_lossy(&metrics).into_owned();
        depth.lines().any(|line| line.starts_with("counterfoil_shard_mailbox_depth") && !line.ends_with(" 0"))
    })
    .await;
    replace(&file, &format!("{opss}\n{seconds}\n"));
    let told = waiting.await.expect("the request ends");
    assert_eq!(told.status, 401, "it ends for its token, long before its 30 s");
    let told = tokio::task::spawn_blocking(move || stream.join().expect("the stream ends")).await.unwrap();
    assert!(told.contains("event: order.created"), "{told}");
    assert_eq!(status(&shop_, "/orders/A").await, 401);
    assert_eq!(status(&second_, "/orders/A").await, 200);
    assert!(!stays.is_finished(), "the stream of another token goes on");

    // What cannot be used changes nothing, and is told.
    let stale = async |value: u8| {
        let metrics = ops_.get("/metrics").await.expect("metrics").body;
        String::from_utf8_lossy(&metrics).contains(&format!("\ncounterfoil_tokens_stale {value}\n"))
    };
    for bad in [Some("tokens = ["), Some(""), Some("# nobody\n"), Some("x = 1\n"), None] {
        match bad {
            Some(text) => replace(&file, text),
            None => std::fs::remove_file(&file).expect("remove it"),
        }
        until("the bad file was seen", async || stale(1).await).await;
        assert_eq!(status(&second_, "/orders/A").await, 200, "{bad:?}");
        assert_eq!(status(&shop_, "/orders/A").await, 401, "{bad:?}");
        assert_eq!(status(&serve.client(), "/orders").await, 401, "never everybody");
        replace(&file, &format!("{opss}\n{seconds}\n"));
        until("the good one was", async || stale(0).await).await;
    }
    assert!(log().contains("ERROR") && log().contains("the last good list stays in force"), "{}", log());

    // On a signal, and through a link that is swapped.
    let other = folder.file("other.toml", &format!("{opss}\n{shops}\n"));
    std::fs::remove_file(&file).expect("remove it");
    std::os::unix::fs::symlink(other, &file).expect("a link in its place");
    serve.process.signal(rustix::process::Signal::HUP).expect("SIGHUP");
    until("the first token is back", async || status(&shop_, "/orders/A").await == 200).await;
    until("the second one is gone", async || status(&second_, "/orders/A").await == 401).await;
    tokio::task::spawn_blocking(move || stays.join().expect("its stream ends")).await.unwrap();
}

/// A request that is sent in two parts, as whoever wants to be let in before and act after.
struct Halved {
    socket: TcpStream,
    rest: String,
}

impl Halved {
    fn begin(url: &str, token: &str, line: &str, body: &str) -> Self {
        let address = url.trim_start_matches("http://");
        let (first, rest) = body.split_at(body.len() / 2);
        let head = format!(
            "{line} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nidempotency-key: late\r\nconnection: close\r\n\r\n{first}",
            body.len()
        );
        let mut socket = TcpStream::connect(address).expect("connect");
        socket.write_all(head.as_bytes()).expect("send the first half");
        Self { socket, rest: rest.to_owned() }
    }

    fn end(mut self) -> String {
        self.socket.write_all(self.rest.as_bytes()).expect("send the second half");
        let mut told = String::new();
        self.socket.read_to_string(&mut told).expect("an answer");
        told.lines().next().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_body_that_comes_after_its_token_is_gone_does_nothing() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let (shop, shops) = token(&["--subject", "shop", "--roles", "client"]);
    let (ops, opss) = token(&["--subject", "ops", "--roles", "operator"]);
    let (other, others) = token(&["--subject", "other", "--roles", "operator"]);
    let file = folder.file("tokens.toml", &format!("{shops}\n{opss}\n{others}\n"));
    let config = format!("database.url = \"{}\"\nauth.tokens_file = \"{}\"\n", database.url(), file.display());
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let with = |token: &str| Client::anonymous(&serve.url).unwrap().with_token(token).unwrap();
    let json_type = [("content-type", "application/json")];
    let level = |units: u32| json!({ "on_hand": units }).to_string();
    assert_eq!(send(&with(&ops), "PUT", "/inventory/S", &json_type, level(10)).await.unwrap().status, 201);
    let body = order("LATE", "house_account", "1", false).to_string();
    let adjustment = json!({ "delta": -1, "reason": "theft" }).to_string();
    let halves = [
        Halved::begin(&serve.url, &shop, "POST /orders", &body),
        Halved::begin(&serve.url, &ops, "PUT /inventory/S", &level(99)),
        Halved::begin(&serve.url, &ops, "POST /inventory/S/adjustments", &adjustment),
    ];
    replace(&file, &format!("{others}\n"));
    for gone in [&shop, &ops] {
        until("its token is gone", async || status(&with(gone), "/orders").await == 401).await;
    }
    for half in halves {
        let told = tokio::task::spawn_blocking(move || half.end()).await.expect("an answer");
        assert!(told.contains("401"), "{told}");
    }
    let sql = "SELECT (SELECT count(*) FROM orders), (SELECT on_hand FROM inventory WHERE sku = 'S')";
    let row = database.client().await.query_one(sql, &[]).await.expect("the rows");
    assert_eq!((row.get::<_, i64>(0), row.get::<_, i64>(1)), (0, 10), "nobody acted");
    assert_eq!(status(&with(&other), "/inventory/S").await, 200);
}

/// An engine that waits for its database has no token to read yet, and one without a file never has.
#[tokio::test]
async fn a_signal_to_read_tokens_ends_nobody() {
    let (folder, nobody) = (Folder::new(), std::net::TcpListener::bind("127.0.0.1:0").expect("a port"));
    let port = nobody.local_addr().expect("its address").port();
    drop(nobody);
    let serve = Program::serve(&folder, &format!("database.url = \"postgres://a@127.0.0.1:{port}/b\"\n")).await;
    until("it waits", async || serve.client().get("/livez").await.is_ok_and(|answer| answer.status == 200)).await;
    serve.process.signal(rustix::process::Signal::HUP).expect("SIGHUP");
    // A second signal is handled behind the first.
    serve.process.signal(rustix::process::Signal::HUP).expect("SIGHUP");
    assert_eq!(status(&serve.client(), "/livez").await, 200);
    assert_eq!(status(&serve.client(), "/readyz").await, 503);
}

#[tokio::test]
async fn a_token_runs_out_by_the_databases_clock() {
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let (shop, line) = token(&["--subject", "shop", "--roles", "client", "--expires", "8s"]);
    let (later, later_line) = token(&["--subject", "shop", "--roles", "client"]);
    let later_line = later_line.replace(" }", ", not_before = \"2100-01-01T00:00:00Z\" }");
    let file = folder.file("tokens.toml", &format!("{line}\n{later_line}\n"));
    let config = format!("database.url = \"{}\"\nauth.tokens_file = \"{}\"\n", database.url(), file.display());
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let with = |token: &str| Client::anonymous(&serve.url).unwrap().with_token(token).unwrap();
    assert_eq!(status(&with(&later), "/orders").await, 401, "not yet");
    assert_eq!(status(&with(&shop), "/orders").await, 200);
    until("it ran out", async || status(&with(&shop), "/orders").await == 401).await;
}

#[tokio::test]
async fn a_tokens_file_that_cannot_be_used_at_start_is_refused() {
    let folder = Folder::new();
    for (text, wanted) in
        [(None, "it cannot be read"), (Some(""), "it lists no token"), (Some("secret = 1"), "64 hex digits")]
    {
        let file = folder.0.join("tokens.toml");
        if let Some(text) = text {
            folder.file("tokens.toml", text);
        }
        let config = format!("database.url = \"postgres://h/d\"\nauth.tokens_file = \"{}\"\n", file.display());
        let config = folder.file("c.toml", &config);
        let output = Command::new(PROGRAM).args(["serve", "--config"]).arg(config).output().expect("run the program");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("auth.tokens_file") && told.contains(wanted), "{told}");
    }
}
