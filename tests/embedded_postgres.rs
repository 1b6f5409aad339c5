//! The embedded PostgreSQL keeps what it was given through crashes, and never outlives us.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use counterfoil::embedded_postgres::{EmbeddedPostgres, EmbeddedPostgresError, PostgresSettings};

const HELPER_DATA_DIR: &str = "COUNTERFOIL_TEST_EMBEDDED_POSTGRES_HELPER";

/// A folder that the server's user may enter, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("counterfoil-test-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        fs::create_dir(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        Self(dir.canonicalize().unwrap())
    }

    fn settings(&self) -> PostgresSettings {
        PostgresSettings::new(self.0.join("data"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn psql(server: &EmbeddedPostgres, sql: &str) -> String {
    let output = Command::new("psql")
        .args(["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql])
        .arg(server.database_url("postgres"))
        .output()
        .expect("psql runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{sql}: {errors}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "these tests have no runtime")]
fn await_that(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn is_alive(pid: u32) -> bool {
    // A zombie that nobody reaped is dead.
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap().starts_with(" Z"))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn answers_durably_on_its_socket_alone() {
    let scratch = Scratch::new();
    let mut server = EmbeddedPostgres::start(PostgresSettings {
        max_connections: 17,
        parameters: vec![("work_mem".to_owned(), "5MB".to_owned())],
        ..scratch.settings()
    })
    .unwrap();
    assert_eq!(server.moved_from(), None);
    for (name, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("listen_addresses", ""),
        ("max_connections", "17"),
        ("work_mem", "5MB"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
    ] {
        // PostgreSQL 16 and later show the collation in the catalogue only.
        let sql = match name {
            "lc_collate" => "SELECT datcollate FROM pg_database WHERE datname = 'template1'",
            name => &format!("SHOW {name}"),
        };
        assert_eq!(psql(&server, sql), value, "{name}");
    }
    let mode = fs::metadata(server.data_dir()).unwrap().mode();
    assert_eq!(mode & 0o777, 0o700, "nobody else may enter");

    let pid = server.pid();
    server.stop().unwrap();
    assert!(!is_alive(pid));
    assert!(!server.data_dir().join("postmaster.pid").exists());
    assert!(server.ensure_running().unwrap(), "a stopped server can be started again");
}

#[test]
fn is_reached_by_the_driver_too() {
    let scratch = Scratch::new();
    let server = EmbeddedPostgres::start(scratch.settings()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let url = server.database_url("postgres");
    let answer: i32 = runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.query_one("SELECT 42", &[]).await.unwrap().get(0)
    });
    assert_eq!(answer, 42);
}

#[test]
fn a_killed_server_comes_back_with_its_data() {
    let scratch = Scratch::new();
    let mut server = EmbeddedPostgres::start(scratch.settings()).unwrap();
    assert!(!server.ensure_running().unwrap());
    psql(&server, "CREATE TABLE kept AS SELECT 42 AS answer");
    // A query that runs on in an orphan of the killed postmaster must not keep the next one from starting.
    let mut busy = Command::new("psql")
        .args(["-X", "-q", "-c", "SET jit = off; SELECT count(*) FROM generate_series(1, 100000000000)"])
        .arg(server.database_url("postgres"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    await_that("the query runs", || {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SET jit%' AND pid <> pg_backend_pid()";
        psql(&server, sql) == "1"
    });
    let first = server.pid();
    server.kill().unwrap();
    assert!(!is_alive(first));
    assert!(server.ensure_running().unwrap());
    assert_ne!(server.pid(), first);
    assert!(!busy.wait().unwrap().success(), "its connection is gone");
    assert_eq!(psql(&server, "SELECT answer FROM kept"), "42");

    // One that dies without our doing.
    let pid = server.pid();
    let raw = rustix::process::Pid::from_raw(pid as i32).unwrap();
    rustix::process::kill_process(raw, rustix::process::Signal::KILL).unwrap();
    await_that("the postmaster is dead", || !is_alive(pid));
    assert!(server.ensure_running().unwrap());
    assert_eq!(psql(&server, "SELECT answer FROM kept"), "42");
}

#[test]
fn keeps_a_second_server_off_the_same_data() {
    let scratch = Scratch::new();
    let server = EmbeddedPostgres::start(scratch.settings()).unwrap();
    let own = std::process::id().to_string();
    match EmbeddedPostgres::start(scratch.settings()) {
        Err(EmbeddedPostgresError::InUse { holder, .. }) => assert_eq!(holder, own),
        other => panic!("{other:?}"),
    }
    drop(server);
    EmbeddedPostgres::start(scratch.settings()).unwrap();
}

#[test]
fn a_recycled_pid_in_a_stale_file_is_no_obstacle() {
    let scratch = Scratch::new();
    let mut server = EmbeddedPostgres::start(scratch.settings()).unwrap();
    let pid_file = server.data_dir().join("postmaster.pid");
    let recorded = fs::read_to_string(&pid_file).unwrap();
    server.stop().unwrap();
    let own = std::process::id().to_string();
    fs::write(&pid_file, recorded.replacen(recorded.lines().next().unwrap(), &own, 1)).unwrap();
    assert!(server.ensure_running().unwrap());
}

/// Not a test: the process whose death the tests below look at, which run it by its name (`spawn_helper`) in every run of
/// the tests. It waits for ever, so that nobody else may.
#[test]
#[ignore = "no test: the process that `spawn_helper` starts, which waits to be killed"]
fn helper_that_holds_a_server() {
    let Some(data_dir) = std::env::var_os(HELPER_DATA_DIR) else {
        return;
    };
    // From a thread that ends: the server must not end with it.
    let server =
        std::thread::spawn(|| EmbeddedPostgres::start(PostgresSettings::new(data_dir)).unwrap()).join().unwrap();
    psql(&server, "CREATE TABLE IF NOT EXISTS kept (answer int); INSERT INTO kept VALUES (42)");
    println!("\nserver {}", server.pid());
    loop {
        std::thread::park();
    }
}

/// Starts a process that holds a server; returns it and the server's pid.
fn spawn_helper(data_dir: &Path) -> (std::process::Child, u32) {
    let mut helper = Command::new(std::env::current_exe().unwrap())
        .args(["embedded_postgres::helper_that_holds_a_server", "--exact"])
        .args(["--ignored", "--nocapture"])
        .env(HELPER_DATA_DIR, data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = BufReader::new(helper.stdout.take().unwrap())
        .lines()
        .find_map(|line| line.unwrap().strip_prefix("server ")?.parse().ok())
        .expect("the helper says its server's pid");
    (helper, pid)
}

#[test]
fn a_parents_kill_ends_the_server_and_the_next_start_waits_for_that() {
    let scratch = Scratch::new();
    let data_dir = scratch.settings().data_dir;
    for round in 1..=3 {
        let (mut helper, pid) = spawn_helper(&data_dir);
        assert!(is_alive(pid));
        helper.kill().unwrap();
        helper.wait().unwrap();
        if round == 3 {
            await_that("the server is dead", || !is_alive(pid));
        }
    }
    let server = EmbeddedPostgres::start(PostgresSettings::new(&data_dir)).unwrap();
    assert_eq!(psql(&server, "SELECT count(*) FROM kept"), "3");
}

#[test]
fn a_start_waits_for_a_holder_that_is_about_to_end() {
    let scratch = Scratch::new();
    let (mut helper, _) = spawn_helper(&scratch.settings().data_dir);
    let settings = scratch.settings();
    let start = std::thread::spawn(move || EmbeddedPostgres::start(settings));
    helper.kill().unwrap();
    helper.wait().unwrap();
    let server = start.join().unwrap().unwrap();
    assert_eq!(psql(&server, "SELECT count(*) FROM kept"), "1");
}

#[test]
fn a_killed_initdb_leaves_nothing_half() {
    let scratch = Scratch::new();
    let leftover = scratch.0.join("data.new-1");
    fs::create_dir(&leftover).unwrap();
    fs::write(leftover.join("PG_VERSION"), "15\n").unwrap();
    let server = EmbeddedPostgres::start(scratch.settings()).unwrap();
    assert_eq!(psql(&server, "SELECT 1"), "1");
    assert!(!leftover.exists());
}

#[test]
fn a_path_too_long_for_a_socket_moves_to_the_same_place_each_time() {
    let scratch = Scratch::new();
    let wanted = scratch.0.join("long".repeat(25)).join("data");
    let moved_to = {
        let server = EmbeddedPostgres::start(PostgresSettings::new(&wanted)).unwrap();
        assert_eq!(server.moved_from(), Some(wanted.as_path()));
        assert!(server.data_dir().starts_with("/tmp"));
        psql(&server, "CREATE TABLE kept AS SELECT 42 AS answer");
        server.data_dir().to_owned()
    };
    let server = EmbeddedPostgres::start(PostgresSettings::new(&wanted)).unwrap();
    assert_eq!(server.data_dir(), moved_to);
    assert_eq!(psql(&server, "SELECT answer FROM kept"), "42");
    drop(server);
    let shelter = moved_to.parent().unwrap();

    // A folder that others may write, as another user might have made it in advance, is not trusted.
    fs::set_permissions(shelter, fs::Permissions::from_mode(0o777)).unwrap();
    let refused = EmbeddedPostgres::start(PostgresSettings::new(&wanted));
    fs::remove_dir_all(shelter).unwrap();
    assert!(matches!(refused, Err(EmbeddedPostgresError::UnsafeFolder { .. })), "{refused:?}");
}

#[test]
fn under_a_closed_home_root_gets_a_folder_elsewhere() {
    if !is_root() {
        return; // The server runs as we do: where we may go, it may.
    }
    let scratch = Scratch::new();
    let home = scratch.0.join("home");
    fs::create_dir(&home).unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
    let wanted = home.join(".counterfoil/postgres");
    let mut server = EmbeddedPostgres::start(PostgresSettings::new(&wanted)).unwrap();
    assert_eq!(server.moved_from(), Some(wanted.as_path()));
    assert_ne!(fs::metadata(server.data_dir()).unwrap().uid(), 0);
    assert_eq!(psql(&server, "SELECT 1"), "1");
    server.stop().unwrap();
    fs::remove_dir_all(server.data_dir().parent().unwrap()).unwrap();
}

#[test]
fn a_failed_start_shows_the_servers_last_words() {
    let scratch = Scratch::new();
    let error = EmbeddedPostgres::start(PostgresSettings {
        parameters: vec![("no_such_setting".to_owned(), "1".to_owned())],
        ..scratch.settings()
    })
    .unwrap_err();
    assert!(error.to_string().contains("no_such_setting"), "{error}");
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let scratch = Scratch::new();
    let data_dir = scratch.settings().data_dir;
    fs::create_dir(&data_dir).unwrap();
    fs::write(data_dir.join("thesis.txt"), "years of work").unwrap();
    let error = EmbeddedPostgres::start(scratch.settings()).unwrap_err();
    assert!(matches!(error, EmbeddedPostgresError::NotADataFolder(_)), "{error}");
}
