//! Promise: clients do not hurt each other. Whoever hangs up leaves their place within a second or two; one client does not
//! fill what all share; who does not read, or does not go on, makes room. Over sockets of the test's own, since no client
//! behaves so badly.

use std::future::Future;
use std::time::Duration;

use counterfoil::engine::{EngineSettings, SubmitError};
use counterfoil::limits;
use counterfoil::saga::Client;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream, UnixListener};

use crate::connections::socket_of;
use crate::support::database::TestDatabase;
use crate::support::door::Door;
use crate::support::engine::{PATIENCE, TestEngine, answer, settings, simple, until};
use crate::support::program::{Folder, Program, body, post, send};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// How long a place may stay taken that was given up: far longer than it takes, and far shorter than what waited would have.
const SOON: Duration = Duration::from_secs(12);

/// An engine on a database of its own, whose payments go to nobody: orders of `pm_ok` run on for long.
async fn serve(folder: &Folder, database: &TestDatabase, more: &str) -> Program {
    let config = format!(
        "database.url = \"{}\"\nfaults.enabled = true\nparticipants.payment = {{ kind = \"http\", url = \
         \"http://127.0.0.1:9\", webhook_secret = \"{SECRET}\" }}\n{more}",
        database.url()
    );
    let program = Program::serve(folder, &config).await;
    program.until_ready().await;
    program
}

fn token(subject: &str, roles: &str) -> String {
    let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(subject));
    format!("[[auth.tokens]]\nsubject = \"{subject}\"\nsha256 = \"{digest}\"\nroles = [{roles}]\n")
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

fn order(id: &str, headers: &[(&str, &str)]) -> String {
    let headers = [&[("content-type", "application/json")], headers].concat();
    request("POST", "/orders", &headers, &body(id, "SKU-0001").to_string())
}

async fn say(program: &Program, text: &str) -> TcpStream {
    let mut socket = TcpStream::connect(program.url.trim_start_matches("http://")).await.expect("connect");
    socket.write_all(text.as_bytes()).await.expect("send");
    socket
}

/// The status of the answer that comes next, once its head is whole.
async fn status(socket: &mut TcpStream) -> u16 {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let byte = tokio::time::timeout(PATIENCE, socket.read_u8()).await.expect("no answer");
        head.push(byte.expect("an answer"));
    }
    let head = String::from_utf8(head).expect("a head");
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{head}"))
}

/// The problem that comes next, which says when to come again.
async fn problem(socket: &mut TcpStream) -> Value {
    let mut text = Vec::new();
    while !text.ends_with(b"}") {
        let byte = tokio::time::timeout(PATIENCE, socket.read_u8()).await.expect("no answer");
        text.push(byte.expect("a problem"));
    }
    let text = String::from_utf8(text).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    assert!(head.to_ascii_lowercase().contains("\r\nretry-after: "), "{head}");
    serde_json::from_str(body).expect("JSON")
}

async fn soon<F: Future<Output = bool>>(what: &str, holds: impl FnMut() -> F) {
    tokio::time::timeout(SOON, until(what, holds)).await.unwrap_or_else(|_| panic!("not soon: {what}"));
}

async fn metric(program: &Program, name: &str) -> f64 {
    let told = program.client().get("/metrics").await.expect("metrics");
    let text = String::from_utf8(told.body.to_vec()).expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name} in {text}"));
    line.trim().parse().expect("a number")
}

async fn depth(program: &Program) -> i64 {
    depth_of(&program.client().get("/operator/shards").await.expect("an answer").json().expect("JSON"))
}

fn depth_of(told: &Value) -> i64 {
    let shards = told["shards"].as_array().or(told.as_array()).expect("shards");
    shards.iter().map(|shard| shard["depth"].as_i64().expect("a depth")).sum()
}

async fn stock(program: &Program) {
    let headers = [("content-type", "application/json")];
    let stock = json!({"on_hand": 100_000}).to_string();
    let put = send(&program.client(), "PUT", "/inventory/SKU-0001", &headers, stock).await;
    assert_eq!(put.expect("an answer").status, 201);
}

/// Twelve who wait fill a small shard. They hang up: half of them say so, the others are gone.
#[tokio::test]
async fn who_hangs_up_leaves_their_place_and_their_order_goes_on() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "engine.shards = 1\nengine.mailbox_orders = 12\n").await;
    stock(&program).await;
    let mut waiting = Vec::new();
    for n in 0..12 {
        waiting.push(say(&program, &order(&format!("W-{n}"), &[("prefer", "wait=30")])).await);
    }
    until("all wait", || async { depth(&program).await == 12 }).await;
    let client = program.client();
    let turned_away = post(&client, &body("X", "SKU-0001"), &[("prefer", "respond-async")]).await;
    assert_eq!((turned_away.status, turned_away.problem_code().as_deref()), (503, Some("overloaded")));
    for socket in waiting.drain(..6) {
        socket.set_zero_linger().expect("a reset");
    }
    drop(waiting);
    soon("nobody waits", || async { depth(&program).await == 0 }).await;
    let taken = post(&client, &body("X", "SKU-0001"), &[("prefer", "respond-async")]).await;
    assert_eq!(taken.status, 202);
    let admin = database.client().await;
    let sql = "SELECT count(*) FROM orders JOIN order_work USING (order_id) WHERE order_id LIKE 'W-%'";
    let running: i64 = admin.query_one(sql, &[]).await.expect(sql).get(0);
    assert_eq!(running, 12, "their orders go on");
}

/// A pool of two connections, both of which may be for long reads. Those who list hang up while PostgreSQL is busy for them:
/// it stops, and the connections are there for others.
#[tokio::test]
async fn who_hangs_up_ends_what_the_database_does_for_them() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let long = "database.pool_size = 2\ndatabase.statement_timeout_ms = 300000\n";
    let program = Program::serve(&folder, &format!("database.url = \"{}\"\n{long}", database.url())).await;
    program.until_ready().await;
    stock(&program).await;
    let client = program.client();
    assert_eq!(post(&client, &body("A", "SKU-0001"), &[]).await.status, 201);
    let admin = database.client().await;
    // No lock, for which none waits for long: each row takes its time.
    let slow = "ALTER TABLE orders RENAME TO kept;
        CREATE VIEW orders AS SELECT * FROM kept WHERE pg_sleep(300) IS NOT NULL";
    admin.batch_execute(slow).await.expect("a slow table");
    // What the engine looks at by itself each second is not counted.
    const READS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
        AND wait_event = 'PgSleep' AND query NOT LIKE '%attention IS NOT NULL%'";
    let reads = async || -> i64 { admin.query_one(READS, &[]).await.expect(READS).get(0) };
    for path in ["/orders", "/orders?state=COMPLETED", "/orders?customer_id=cus-7", "/orders"] {
        let socket = say(&program, &request("GET", path, &[], "")).await;
        until("it reads", || async { reads().await == 1 }).await;
        drop(socket);
        soon("it reads no more", || async { reads().await == 0 }).await;
        assert_eq!(client.get("/inventory/NOBODY").await.expect("an answer").status, 404, "after {path}");
    }
    admin.batch_execute("DROP VIEW orders; ALTER TABLE kept RENAME TO orders").await.expect("a table as before");
    assert_eq!(client.get("/orders").await.expect("an answer").status, 200);
}

/// The wish to stop is heard by nobody: their places are free all the same, for whoever comes when the database is back.
#[tokio::test]
async fn who_hangs_up_on_a_silent_database_leaves_their_places() {
    let (folder, silent, database) = (Folder::new(), Folder::new(), TestDatabase::new().await);
    let url = database.url();
    let door = Door::to(&socket_of(&url)).await;
    let deaf = UnixListener::bind(silent.0.join(".s.PGSQL.5432")).expect("a socket");
    let long = "database.pool_size = 2\ndatabase.statement_timeout_ms = 300000\ndatabase.connect_timeout_ms = 1000\n";
    let name = url.rsplit('/').next().expect("a name");
    let program = Program::serve(&folder, &format!("database.url = \"{}\"\n{long}", door.url(name))).await;
    program.until_ready().await;
    let admin = database.client().await;
    let slow = "INSERT INTO inventory (sku, on_hand) VALUES ('SLOW', 1); ALTER TABLE inventory RENAME TO kept;
        CREATE VIEW inventory AS SELECT * FROM kept WHERE sku <> 'SLOW' OR pg_sleep(300) IS NOT NULL";
    admin.batch_execute(slow).await.expect("a slow row");
    const READS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
        AND wait_event = 'PgSleep'";
    let reads = async || -> i64 { admin.query_one(READS, &[]).await.expect(READS).get(0) };
    let ask = request("GET", "/inventory/SLOW", &[], "");
    let sockets = [say(&program, &ask).await, say(&program, &ask).await];
    until("both read", || async { reads().await == 2 }).await;
    door.lead_to(&silent.0);
    drop(sockets);
    let wishes = [deaf.accept().await.expect("a wish"), deaf.accept().await.expect("a wish")];
    door.lead_to(&socket_of(&url));
    soon("their places are free", || async {
        let answer = program.client().get("/inventory/NOBODY").await;
        eprintln!("{answer:?}");
        answer.is_ok_and(|answer| answer.status == 404)
    })
    .await;
    assert_eq!(reads().await, 2, "nobody has heard the wish");
    drop(wishes);
}

#[tokio::test]
async fn who_ends_only_their_half_is_answered() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "").await;
    let mut socket = say(&program, &request("GET", "/orders/NOBODY", &[], "")).await;
    socket.shutdown().await.expect("end our half");
    assert_eq!(status(&mut socket).await, 404);
    stock(&program).await;
    let mut socket = say(&program, &order("HALF", &[("prefer", "wait=30")])).await;
    socket.shutdown().await.expect("end our half");
    assert_eq!(status(&mut socket).await, 503, "what takes longer than a moment is answered so");
    let order = program.client().get("/orders/HALF").await.expect("an answer");
    assert_eq!(order.status, 200, "and is done");
}

#[tokio::test]
async fn a_live_history_that_nobody_reads_leaves_its_seat() {
    let folder = Folder::new();
    let dev = Program::dev(&folder, &[]).await;
    let mut manual = body("A", "SKU-0001");
    manual["capture"] = json!("manual");
    assert_eq!(post(&dev.client(), &manual, &[]).await.status, 201);
    let live = request("GET", "/orders/A/events", &[("accept", "text/event-stream")], "");
    let mut open = Vec::new();
    for _ in 0..limits::EVENT_STREAMS {
        let mut socket = say(&dev, &live).await;
        assert_eq!(status(&mut socket).await, 200);
        open.push(socket);
    }
    assert_eq!(status(&mut say(&dev, &live).await).await, 503);
    // Some are reset, some closed, and some say that they will say no more: those are told that it is over.
    for socket in open.drain(..64) {
        socket.set_zero_linger().expect("a reset");
    }
    let mut halves: Vec<_> = open.drain(..64).collect();
    for socket in &mut halves {
        socket.shutdown().await.expect("end our half");
    }
    drop(open);
    soon("all seats are free", || async { metric(&dev, "counterfoil_event_streams ").await == 0.0 }).await;
    for mut socket in halves {
        let mut rest = String::new();
        tokio::time::timeout(PATIENCE, socket.read_to_string(&mut rest))
            .await
            .expect("an end")
            .expect("a whole stream");
        assert!(rest.ends_with("\r\n0\r\n\r\n"), "{rest}");
    }
    assert_eq!(status(&mut say(&dev, &live).await).await, 200);
}

#[tokio::test]
async fn one_client_does_not_fill_what_all_share() {
    let small = EngineSettings { mailbox_orders: 8, shards: 1, ..settings() };
    let test = TestEngine::with(small).await;
    test.hold_up_commits();
    let order = |client: &str, n: usize| {
        let mut order = simple(&format!("{client}-{n}"));
        order.client = Client::trusted(client);
        test.submit(order)
    };
    let greedy = join_all((0..20).map(|n| order("greedy", n)));
    let modest = join_all((0..2).map(|n| order("modest", n)));
    let (greedy, modest) = tokio::join!(greedy, modest);
    let turned_away = greedy.iter().filter(|verdict| matches!(verdict, Err(SubmitError::Overloaded))).count();
    assert_eq!(turned_away, 14, "{greedy:?}");
    assert!(modest.into_iter().all(|verdict| answer(verdict).0 == 201));
    let taken = || test.engine.shards().iter().map(|shard| shard.depth).sum::<usize>();
    until("places are given back", || async { taken() == 0 }).await;
    let again = join_all((20..26).map(|n| order("greedy", n))).await;
    assert!(again.into_iter().all(|verdict| answer(verdict).0 == 201), "its places were given back");
    test.audit().await;
}

/// The same over HTTP, of event streams and waiting requests at once.
#[tokio::test]
async fn one_token_leaves_places_to_another() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let tokens = token("ops", "\"operator\"") + &token("greedy", "\"client\"") + &token("modest", "\"client\"");
    let config = format!("engine.shards = 1\nengine.mailbox_orders = 8\n{tokens}");
    let program = Program::serve(
        &folder,
        &format!(
            "database.url = \"{}\"\nparticipants.payment = {{ kind = \"http\", url = \"http://127.0.0.1:9\", \
             webhook_secret = \"{SECRET}\" }}\n{config}",
            database.url()
        ),
    )
    .await;
    program.until_ready().await;
    let client = program.client();
    let headers = [("content-type", "application/json"), ("authorization", "Bearer ops")];
    let put = send(&client, "PUT", "/inventory/SKU-0001", &headers, json!({"on_hand": 1_000}).to_string()).await;
    assert_eq!(put.expect("an answer").status, 201);
    let (greedy, modest) = (("authorization", "Bearer greedy"), ("authorization", "Bearer modest"));
    let mut waiting = Vec::new();
    for n in 0..6 {
        waiting.push(say(&program, &order(&format!("G-{n}"), &[("prefer", "wait=30"), greedy])).await);
    }
    until("all wait", || async {
        let told = send(&client, "GET", "/operator/shards", &headers, "").await.expect("an answer");
        depth_of(&told.json().expect("JSON")) == 6
    })
    .await;
    let more = post(&client, &body("G-X", "SKU-0001"), &[("prefer", "respond-async"), greedy]).await;
    assert_eq!((more.status, more.problem_code().as_deref()), (503, Some("overloaded")), "its share is taken");
    assert!(more.header("retry-after").is_some());
    let other = post(&client, &body("M-1", "SKU-0001"), &[("prefer", "respond-async"), modest]).await;
    assert_eq!(other.status, 202, "{:?}", other.body);
    let live =
        |id: &str, by| request("GET", &format!("/orders/{id}/events"), &[("accept", "text/event-stream"), by], "");
    let mut open = Vec::new();
    for _ in 0..limits::share(limits::EVENT_STREAMS) {
        let mut socket = say(&program, &live("G-0", greedy)).await;
        assert_eq!(status(&mut socket).await, 200);
        open.push(socket);
    }
    let refused = problem(&mut say(&program, &live("G-0", greedy)).await).await;
    assert_eq!(refused["code"], "overloaded");
    let detail = refused["detail"].as_str().expect("a detail");
    assert!(detail.starts_with("192 event streams of this client are open"), "{detail}");
    assert_eq!(status(&mut say(&program, &live("M-1", modest)).await).await, 200);
}

/// 256 heads that are half sent, in a server of 64 connections, and ordinary requests among them.
#[tokio::test]
async fn half_sent_heads_keep_nobody_out() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program =
        serve(&folder, &database, "server.max_connections = 64\nserver.max_connections_per_address = 64\n").await;
    let mut halves = Vec::new();
    for n in 0..256 {
        halves.push(say(&program, "GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nx-").await);
        if n % 32 == 31 {
            let mut socket = say(&program, &request("GET", "/orders/NOBODY", &[], "")).await;
            assert_eq!(status(&mut socket).await, 404);
        }
    }
    assert!(metric(&program, "counterfoil_connections ").await <= 48.0, "of one address three quarters at most");
    assert!(metric(&program, "counterfoil_connections_cut_total{cause=\"address\"} ").await >= 200.0);
    let mut first = halves.swap_remove(0);
    assert!(matches!(first.read(&mut [0; 1]).await, Ok(0) | Err(_)), "the oldest made room");
}

/// Where a shell allows 128 open files, and would allow more, 256 half-sent heads are no trouble.
#[tokio::test]
async fn as_many_files_may_be_open_as_are_allowed() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let config = format!("database.url = \"{}\"\nserver.max_connections = 2000\n", database.url());
    let program = Program::serve_with_files(&folder, &config, 128).await;
    program.until_ready().await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", program.process.id())).expect("its limits");
    let open = limits.lines().find(|line| line.starts_with("Max open files")).expect("its files");
    let [soft, hard] = [3, 4].map(|field| open.split_whitespace().nth(field).expect("a limit"));
    assert_eq!(soft, hard);
    let mut halves = Vec::new();
    for _ in 0..256 {
        halves.push(say(&program, "GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nx-").await);
    }
    assert_eq!(status(&mut say(&program, &request("GET", "/orders/NOBODY", &[], "")).await).await, 404);
    if soft.parse().is_ok_and(|files: u32| files > 3_024) {
        let cut = "counterfoil_connections_cut_total{cause=\"address\"} ";
        assert_eq!(metric(&program, cut).await, 0.0, "there is room for all");
    }
}

/// A later request on a kept connection that does not go on, and a head without an end.
#[tokio::test]
async fn a_head_has_its_time_and_its_length() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "").await;
    let mut later = say(&program, &request("GET", "/orders/NOBODY", &[], "")).await;
    assert_eq!(status(&mut later).await, 404);
    later.write_all(b"GET /livez HTTP/1.1\r\nx-").await.expect("half of a head");
    let mut long = say(&program, "GET /livez HTTP/1.1\r\n").await;
    let endless = format!("x-long: {}", "x".repeat(4 * limits::HEAD_BYTES));
    let _cut_off_or_not = long.write_all(endless.as_bytes()).await;
    let mut told = Vec::new();
    let _reset_or_not = tokio::time::timeout(PATIENCE, long.read_to_end(&mut told)).await.expect("an end");
    assert!(told.is_empty() || told.starts_with(b"HTTP/1.1 431"), "{:?}", String::from_utf8_lossy(&told));
    // Nor is a body that nobody reads: its client hears why.
    let refused = request("POST", "/orders", &[("content-type", "text/plain")], &"x".repeat(600_000));
    assert_eq!(status(&mut say(&program, &refused).await).await, 415);
    // A body that comes with its head is no head.
    let large = order("LARGE", &[("x-more", &"x".repeat(limits::HEAD_BYTES / 2)), ("prefer", "respond-async")]);
    stock(&program).await;
    let metadata: serde_json::Map<_, _> = (0..50).map(|n| (format!("k{n}"), json!("v".repeat(500)))).collect();
    let mut order = body("LARGE", "SKU-0001");
    order["metadata"] = json!(metadata);
    assert!(large.len() < limits::HEAD_BYTES && order.to_string().len() > limits::HEAD_BYTES);
    assert_eq!(post(&program.client(), &order, &[("prefer", "respond-async")]).await.status, 202);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(PATIENCE, later.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "a request that does not go on is cut");
}

/// Sixteen who ask for much and read nothing.
#[tokio::test]
async fn who_does_not_read_is_cut() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "server.write_timeout_ms = 1000\n").await;
    let client = program.client();
    let json = [("content-type", "application/json")];
    let skus: Vec<_> = (0..300).map(|n| format!("{:0>60}", n)).collect();
    for sku in &skus {
        let path = format!("/inventory/{sku}");
        assert_eq!(send(&client, "PUT", &path, &json, "{\"on_hand\":10}").await.expect("an answer").status, 201);
    }
    let mut large = body("LARGE", "x");
    large["lines"] = skus.iter().map(|sku| json!({"sku": sku, "quantity": 1, "unit_price": 1})).collect();
    assert_eq!(post(&client, &large, &[("prefer", "respond-async")]).await.status, 202);
    let asked = request("GET", "/orders/LARGE", &[], "").repeat(60);
    let mut deaf = Vec::new();
    for _ in 0..16 {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4_096).expect("a small buffer");
        let address = program.url.trim_start_matches("http://").parse().expect("an address");
        let mut socket = socket.connect(address).await.expect("connect");
        socket.write_all(asked.as_bytes()).await.expect("ask");
        deaf.push(socket);
    }
    let cut = "counterfoil_connections_cut_total{cause=\"reader\"} ";
    until("they are cut", || async { metric(&program, cut).await >= 16.0 }).await;
    until("they are gone", || async { metric(&program, "counterfoil_connections ").await <= 4.0 }).await;
    for mut socket in deaf {
        let mut rest = Vec::new();
        let _reset_or_not = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut rest)).await.expect("an end");
        assert!(rest.len() < 60 * 20_000, "not all was sent");
    }
    assert_eq!(client.get("/orders/LARGE").await.expect("an answer").status, 200);
}

/// What comes behind a request that waits is read no further than a little: more of it made actix-http spin.
#[tokio::test]
async fn what_is_sent_ahead_waits_in_the_network() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "").await;
    stock(&program).await;
    let mut socket = say(&program, &order("WAITS", &[("prefer", "wait=30")])).await;
    let ahead = request("GET", "/orders/NOBODY", &[], "").repeat(8_000);
    let sent = tokio::time::timeout(Duration::from_secs(1), socket.write_all(ahead.as_bytes())).await;
    drop(sent);
    until("it waits", || async { depth(&program).await == 1 }).await;
    let spent = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", program.process.id())).expect("its times");
        let fields: Vec<_> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        fields[11].parse::<u64>().expect("utime") + fields[12].parse::<u64>().expect("stime")
    };
    let (before, began) = (spent(), std::time::Instant::now());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (ticks, passed) = (spent() - before, began.elapsed().as_secs_f64());
    assert!((ticks as f64) < 50.0 * passed, "{ticks} ticks of CPU in {passed} s: it spins");
    socket.set_zero_linger().expect("a reset");
    drop(socket);
    soon("it is forgotten", || async { depth(&program).await == 0 }).await;
    // An end that the network has room for is seen behind all that was sent.
    let mut socket = say(&program, &order("WAITS-2", &[("prefer", "wait=30")])).await;
    let ahead = request("GET", "/orders/NOBODY", &[], "");
    let ahead = ahead.repeat(limits::READ_AHEAD * 5 / 4 / ahead.len());
    socket.write_all(ahead.as_bytes()).await.expect("send");
    until("it waits", || async { depth(&program).await == 1 }).await;
    drop(socket);
    soon("its end is seen", || async { depth(&program).await == 0 }).await;
}

/// Nobody knows who sends a webhook before it is all here: what its headers cannot carry is not read.
#[tokio::test]
async fn a_webhook_is_judged_by_its_headers_first() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "").await;
    let sql = "SELECT extract(epoch FROM now())::bigint";
    let now: i64 = database.client().await.query_one(sql, &[]).await.expect(sql).get(0);
    let (now, old) = (now.to_string(), (now - 400).to_string());
    let signature = format!("v1,{}", data_encoding::BASE64.encode(&[7; 32]));
    let knock = async |length: usize, headers: &[(&str, &str)]| {
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head =
            format!("POST /webhooks/payment HTTP/1.1\r\nhost: 127.0.0.1\r\n{headers}content-length: {length}\r\n\r\n");
        status(&mut say(&program, &head).await).await
    };
    let (id, stamp) = (("webhook-id", "m1"), ("webhook-timestamp", now.as_str()));
    for headers in [
        &[][..],
        &[id, stamp],
        &[id, stamp, ("webhook-signature", "v1,AAAA")],
        &[id, ("webhook-timestamp", old.as_str()), ("webhook-signature", signature.as_str())],
        &[id, ("webhook-timestamp", "soon"), ("webhook-signature", signature.as_str())],
    ] {
        assert_eq!(knock(1_000, headers).await, 401, "{headers:?}: answered, although no body came");
    }
    let signed = [id, stamp, ("webhook-signature", signature.as_str())];
    assert_eq!(knock(limits::WEBHOOK_BODY + 1, &signed).await, 413);
}

/// Bodies that do not end fill what there is for them, and no more; who gives up gives back.
#[tokio::test]
async fn bodies_in_flight_are_bounded() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let program = serve(&folder, &database, "").await;
    stock(&program).await;
    const BODY: usize = 1 << 20;
    let head = format!(
        "POST /orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {BODY}\r\n\r\n"
    );
    let mut open = Vec::new();
    let most = limits::BODIES_IN_FLIGHT / BODY;
    let part = vec![b' '; BODY - 1];
    for _ in 0..most + 4 {
        let mut socket = say(&program, &head).await;
        let _answered_or_not = socket.write_all(&part).await;
        open.push(socket);
    }
    let refused = "counterfoil_overloaded_total{cause=\"bodies\"} ";
    until("some are turned away", || async { metric(&program, refused).await >= 4.0 }).await;
    assert_eq!(post(&program.client(), &body("SMALL", "SKU-0001"), &[("prefer", "respond-async")]).await.status, 202);
    drop(open);
    until("there is room again", || async {
        let mut socket = say(&program, &head).await;
        let _answered_or_not = socket.write_all(&[&part[..], b" "].concat()).await;
        status(&mut socket).await == 400
    })
    .await;
}
