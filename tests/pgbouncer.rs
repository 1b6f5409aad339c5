//! PgBouncer between the engine and PostgreSQL, the real one: sessions of one's own work, shared ones are refused by name
//! at the start. Where it is not installed these tests say so, and test nothing.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use counterfoil::store::{ConnectError, Target};
use counterfoil_lab::process::spawn;
use rustix::process::Signal;
use serde_json::json;

use crate::connections::socket_of;
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

/// A running PgBouncer; killed when dropped, and by the kernel when the test dies.
struct PgBouncer {
    child: Child,
    port: u16,
    _folder: Folder,
}

fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file());
    if found.is_none() {
        eprintln!("skipped: pgbouncer is not installed");
    }
    found
}

impl PgBouncer {
    /// Before the server of a database.
    async fn start(program: &Path, database: &TestDatabase, more: &str) -> Self {
        let (folder, socket) = (Folder::new(), socket_of(&database.url()));
        let port = counterfoil_lab::process::free_port().expect("a free port");
        let config = format!(
            "[databases]\n* = host={} port=5432 user=postgres\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n{more}\n",
            socket.display()
        );
        let config = folder.file("pgbouncer.ini", &config);
        let mut command = Command::new(program);
        command.arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // It refuses to run as root, and only the server's user may come to the server's socket.
        let owner = std::fs::metadata(&socket).expect("the folder of the socket");
        if rustix::process::geteuid().is_root() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let child = spawn(command, Signal::KILL).expect("start pgbouncer");
        let this = Self { child, port, _folder: folder };
        until("it listens", || async { tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() }).await;
        this
    }

    fn url(&self, database: &TestDatabase) -> String {
        let url = database.url();
        format!("postgresql://shop@127.0.0.1:{}/{}", self.port, url.rsplit('/').next().expect("a name"))
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve_refuses(url: &str, command: &str) -> String {
    let folder = Folder::new();
    let config = folder.file("c.toml", &format!("server.listen = \"127.0.0.1:0\"\ndatabase.url = \"{url}\"\n"));
    // One that waits for what never comes is ended by `timeout`, with a code of its own.
    let output = Command::new("timeout").args(["60", PROGRAM, command, "--config"]).arg(config).output();
    let output = output.expect("run it");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(1 | 2)), "{command}: {told}");
    assert!(command != "serve" || output.status.code() == Some(2), "wrong usage: {told}");
    told
}

#[tokio::test]
async fn sessions_of_ones_own_work() {
    let Some(program) = installed() else { return };
    let (database, folder) = (TestDatabase::new().await, Folder::new());
    let pgbouncer = PgBouncer::start(&program, &database, "pool_mode = session\ndefault_pool_size = 30").await;
    let migrated =
        Command::new(PROGRAM).args(["migrate", "--database-url", &pgbouncer.url(&database)]).output().expect("migrate");
    assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    let serve = Program::serve(&folder, &format!("database.url = \"{}\"\n", pgbouncer.url(&database))).await;
    serve.until_ready().await;
    let (client, json) = (serve.client(), [("content-type", "application/json")]);
    let stock = json!({"on_hand": 100}).to_string();
    assert_eq!(send(&client, "PUT", "/inventory/S", &json, stock).await.expect("an answer").status, 201);
    for n in 0..20 {
        assert_eq!(post(&client, &body(&format!("O-{n}"), "S"), &[]).await.status, 201);
        assert!(post(&client, &body(&format!("O-{n}"), "S"), &[]).await.is_replayed());
    }
    let sql = "SELECT on_hand FROM inventory WHERE sku = 'S'";
    assert_eq!(database.client().await.query_one(sql, &[]).await.expect("the stock").get::<_, i64>(0), 80);
    let found = Target::new(pgbouncer.url(&database)).connect().await.expect("a connection");
    let sql = "SELECT current_setting('TimeZone') || ' ' || current_setting('statement_timeout')";
    assert_eq!(found.query_one(sql, &[]).await.expect("settings").get::<_, String>(0), "UTC 10s");
}

#[tokio::test]
async fn shared_sessions_are_refused_by_name() {
    let Some(program) = installed() else { return };
    let database = TestDatabase::new().await;
    for how in [
        "pool_mode = transaction",
        "pool_mode = transaction\ndefault_pool_size = 1",
        "pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 2",
        "pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 5",
        "pool_mode = statement",
    ] {
        let pgbouncer = PgBouncer::start(&program, &database, how).await;
        let url = pgbouncer.url(&database);
        // Sessions that others left, which are given out in turns.
        let others: Vec<_> = futures_util::future::join_all((0..5).map(|_| async {
            let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("connect");
            tokio::spawn(connection);
            client.simple_query("SELECT 1").await.expect("ask");
            client
        }))
        .await;
        let refused = Target::new(&url).check_sessions().await;
        assert!(matches!(refused, Err(ConnectError::Shared)), "{how}: {refused:?}");
        for command in ["serve", "migrate"] {
            let told = serve_refuses(&url, command);
            assert!(told.contains("pool_mode = session"), "{how}: {command}: {told}");
        }
        drop(others);
    }
}

#[tokio::test]
async fn options_that_it_does_not_take_are_named() {
    let Some(program) = installed() else { return };
    let database = TestDatabase::new().await;
    let with_options = |url: String| format!("{url}?options=-c%20search_path%3Dshop,public");
    let strict = PgBouncer::start(&program, &database, "pool_mode = session").await;
    let url = with_options(strict.url(&database));
    let told = serve_refuses(&url, "serve");
    assert!(told.contains("`options`") && told.contains("ignore_startup_parameters"), "{told}");
    // Where it lets them pass it swallows them: they are set on each connection all the same.
    let more = "pool_mode = session\nignore_startup_parameters = options";
    let lenient = PgBouncer::start(&program, &database, more).await;
    let client = Target::new(with_options(lenient.url(&database))).connect().await.expect("a connection");
    let path: String = client.query_one("SELECT current_setting('search_path')", &[]).await.expect("ask").get(0);
    assert_eq!(path, "shop,public");
}

/// More connections than it has sessions: bounded waits, and a word that helps.
#[tokio::test]
async fn too_few_sessions_are_told() {
    let Some(program) = installed() else { return };
    let database = TestDatabase::new().await;
    let pgbouncer = PgBouncer::start(&program, &database, "pool_mode = session\ndefault_pool_size = 1").await;
    let refused = Target::new(pgbouncer.url(&database)).check_sessions().await.expect_err("one session for two");
    assert!(refused.is_away() && refused.to_string().contains("too few"), "{refused}");
}
