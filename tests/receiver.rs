//! Promise: `counterfoil receiver` believes nobody, what it answered for is on its disk, and it does as it is told. The
//! drills of events rest on it.

use std::path::{Path, PathBuf};
use std::process::Command;

use counterfoil::signature::{Secret, WEBHOOK_ID, WEBHOOK_SIGNATURE, WEBHOOK_TIMESTAMP};
use serde_json::{Value, json};

use crate::support::engine::until;
use crate::support::program::{Folder, PROGRAM, Program, send};
use crate::support::receiver::{OTHER_SECRET, SECRET};

/// An event of an order, as its body.
fn event(order_id: &str, version: i64) -> String {
    let id = format!("{order_id}/{version}");
    json!({"id": id, "source": "/s", "subject": order_id, "sequence": version.to_string(), "epoch": 7, "data": {}})
        .to_string()
}

struct Delivery {
    path: &'static str,
    id: String,
    /// Seconds from now.
    at: i64,
    signed_by: &'static str,
    body: String,
}

impl Delivery {
    fn of(order_id: &str, version: i64) -> Self {
        let (id, body) = (format!("id-{order_id}-{version}"), event(order_id, version));
        Self { path: "/crm", id, at: 0, signed_by: SECRET, body }
    }

    /// Posts it with another body than the one that was signed, where one is given; the status.
    async fn post_as(&self, program: &Program, body: &str) -> u16 {
        let at = (jiff::Timestamp::now().as_second() + self.at).to_string();
        let signature = Secret::parse(self.signed_by).expect("a secret").sign(&self.id, &at, self.body.as_bytes());
        let headers = [(WEBHOOK_ID, &*self.id), (WEBHOOK_TIMESTAMP, &*at), (WEBHOOK_SIGNATURE, &*signature)];
        send(&program.client(), "POST", self.path, &headers, body).await.expect("an answer").status
    }

    async fn post(&self, program: &Program) -> u16 {
        self.post_as(program, &self.body).await
    }
}

fn lines(folder: &Folder) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.0.join("received.jsonl")).expect("the ledger");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

async fn taken(program: &Program) -> Value {
    program.client().get("/taken").await.expect("an answer").json().expect("JSON")
}

#[tokio::test]
async fn what_nobody_signed_is_refused_and_what_is_answered_is_on_the_disk() {
    let folder = Folder::new();
    let mut program = Program::receiver(&folder, &format!("{SECRET},{OTHER_SECRET}")).await;
    let good = Delivery::of("A", 1);
    let stranger = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for wrong in [
        Delivery { signed_by: stranger, ..Delivery::of("A", 1) },
        Delivery { at: -301, ..Delivery::of("A", 1) },
        Delivery { at: 301, ..Delivery::of("A", 1) },
        Delivery { id: String::new(), ..Delivery::of("A", 1) },
    ] {
        assert_eq!(wrong.post(&program).await, 401);
    }
    assert_eq!(good.post_as(&program, &event("B", 1)).await, 401);
    assert_eq!(send(&program.client(), "POST", "/crm", &[], event("A", 1)).await.expect("an answer").status, 401);
    assert_eq!(Delivery { body: "[]".into(), ..Delivery::of("A", 1) }.post(&program).await, 400);
    assert_eq!(lines(&folder), Vec::<Value>::new());

    assert_eq!(good.post(&program).await, 204);
    assert_eq!(Delivery { signed_by: OTHER_SECRET, ..Delivery::of("A", 2) }.post(&program).await, 204);
    let there = lines(&folder);
    assert_eq!(there.len(), 2);
    assert_eq!(there[0]["event"], serde_json::from_str::<Value>(&event("A", 1)).expect("JSON"));
    program.kill();
    let program = Program::receiver(&folder, SECRET).await;
    assert_eq!(good.post(&program).await, 204);
    let repeats: Vec<_> = lines(&folder).iter().map(|line| line["repeat"].clone()).collect();
    assert_eq!(repeats, [false, false, true], "it knows what it took before it was killed");
    let counts = json!({"lines": 3, "events": 2, "repeats": 1, "contradictions": 0});
    assert_eq!(taken(&program).await["endpoints"], json!({"/crm": counts}));
    let of_one = program.client().get("/taken?order_id=A").await.expect("an answer").json::<Value>().expect("JSON");
    assert_eq!(of_one.as_array().map(Vec::len), Some(3));
    let second = Command::new(PROGRAM)
        .args(["receiver", "--listen", "127.0.0.1:0", "--secret", SECRET, "--ledger"])
        .arg(folder.0.join("received.jsonl"))
        .output()
        .expect("run a second one");
    assert_eq!(second.status.code(), Some(1), "one writes a ledger");
}

#[tokio::test]
async fn it_refuses_and_keeps_its_answers_back_as_it_is_told() {
    let folder = Folder::new();
    let mut program = Program::receiver(&folder, SECRET).await;
    let behave = async |program: &Program, rules: Value| {
        send(&program.client(), "PUT", "/behaviour", &[], rules.to_string()).await.expect("an answer").status
    };
    assert_eq!(behave(&program, json!([{"answer": 204}])).await, 400);
    let rules = json!([{"path": "/crm", "order_id": "A", "version": 2, "answer": 503, "times": 2}, {"order_id": "H", "hold": true}]);
    assert_eq!(behave(&program, rules).await, 200);
    assert_eq!(Delivery::of("A", 1).post(&program).await, 204);
    for status in [503, 503, 204] {
        assert_eq!(Delivery::of("A", 2).post(&program).await, status);
    }
    assert_eq!(taken(&program).await["refused"], 2);
    let held = Delivery::of("H", 1);
    let released = std::cell::Cell::new(false);
    let releasing = async {
        until("it is written", || async { lines(&folder).len() == 3 && taken(&program).await["held"] == 1 }).await;
        released.set(true);
        assert_eq!(behave(&program, json!([])).await, 200);
    };
    let answered = async { (held.post(&program).await, released.get()) };
    let (answered, ()) = tokio::join!(answered, releasing);
    assert_eq!(answered, (204, true), "nobody heard of it before");
    assert_eq!(taken(&program).await["held"], 0);

    // An orderly end lets nobody wait.
    assert_eq!(behave(&program, json!([{"hold": true}])).await, 200);
    let last = Delivery::of("H", 2);
    let ending = async {
        until("it is written", || async { lines(&folder).len() == 4 && taken(&program).await["held"] == 1 }).await;
        program.ask_to_end();
    };
    let (status, ()) = tokio::join!(last.post(&program), ending);
    assert_eq!(status, 204);
    assert_eq!(program.until_ended().await, Some(0));
}

#[tokio::test]
async fn it_answers_this_machine_alone() {
    let folder = Folder::new();
    let program = Program::receiver(&folder, SECRET).await;
    for (name, value) in [("host", "evil.example"), ("origin", "http://evil.example")] {
        let headers = [(name, value)];
        let told = send(&program.client(), "PUT", "/behaviour", &headers, r#"[{"answer":500}]"#).await;
        assert_eq!(told.expect("an answer").status, 403, "{name}");
    }
    assert_eq!(Delivery::of("A", 1).post(&program).await, 204);
    let tried = |listen: &str, secret: &str, ledger: PathBuf| {
        let arguments = ["receiver", "--listen", listen, "--secret", secret, "--ledger"];
        let told = Command::new(PROGRAM).args(arguments).arg(ledger).output().expect("run it");
        (told.status.code(), String::from_utf8_lossy(&told.stderr).into_owned())
    };
    let ledger = |name: &str| folder.0.join(name);
    let (code, told) = tried("0.0.0.0:0", SECRET, ledger("other"));
    assert!(code == Some(2) && told.contains("loopback alone"), "{told}");
    let (code, told) = tried("127.0.0.1:0", "hunter2", ledger("other"));
    assert!(code == Some(2) && told.contains("whsec_") && !told.contains("hunter2"), "{told}");
    std::fs::write(ledger("foreign"), "not a ledger\n").expect("write");
    let (code, told) = tried("127.0.0.1:0", SECRET, ledger("foreign"));
    assert!(code == Some(1) && told.contains(":1: the line is corrupt"), "{told}");
    assert!(Path::new(&ledger("other")).metadata().is_err(), "nothing was made");
}
