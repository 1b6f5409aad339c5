//! A database for each test: one PostgreSQL server for the whole test process, and clones of a template that has all
//! migrations applied.
//!
//! The server is begun by the first test that asks, dies with the process however that ends (the kernel sees to it),
//! and its folder is removed by a small shell that waits for both: a static is never dropped, and a process that was
//! killed runs no code at its end.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use counterfoil::embedded_postgres::{EmbeddedPostgres, PostgresSettings};
use tokio_postgres::{Client, NoTls};

/// The database that holds nothing but the schema.
const TEMPLATE: &str = "template_migrated";

struct Server {
    postgres: EmbeddedPostgres,
    /// Removes the folder when its standard input, which we hold open, is closed by our end.
    _reaper: Child,
}

/// The server of this process. Blocks for about a second where it is not yet there.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("counterfoil-tests-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("make the server's folder");
        // PostgreSQL runs as another user where we are root, and must come through.
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).expect("open the server's folder");
        let mut settings = PostgresSettings::new(folder.join("data"));
        settings.max_connections = 300;
        let postgres = EmbeddedPostgres::start(settings).expect("start PostgreSQL");
        let reaper = reaper(&folder, &postgres);
        let server = Server { postgres, _reaper: reaper };
        make_template(&server);
        server
    })
}

/// The shell that cleans up behind us: it reads until we are gone, then waits until the server is.
fn reaper(folder: &Path, postgres: &EmbeddedPostgres) -> Child {
    // Where the folder did not suit PostgreSQL, the data are in a private one elsewhere.
    let moved: Option<PathBuf> = postgres.moved_from().and(postgres.data_dir().parent().map(Path::to_owned));
    Command::new("sh")
        .arg("-c")
        .arg(
            "cat >/dev/null
             tries=0
             while kill -0 \"$0\" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
             rm -rf -- \"$@\"",
        )
        .arg(postgres.pid().to_string())
        .arg(folder)
        .args(moved)
        .current_dir("/")
        .process_group(0) // Ctrl-C in a terminal is for the tests
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("start the shell that removes the server's folder")
}

/// Makes the template by the product's own migrations.
fn make_template(server: &Server) {
    let admin = server.postgres.database_url("postgres");
    let template = server.postgres.database_url(TEMPLATE);
    // A runtime of its own on a thread of its own: whoever asks first may be inside of one already.
    let made = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("make a runtime");
        runtime.block_on(async {
            let create = format!("CREATE DATABASE {TEMPLATE}");
            connect(&admin).await.batch_execute(&create).await.expect("make the template");
            let mut client = connect(&template).await;
            counterfoil::store::migrate::migrate(&mut client).await.expect("apply the migrations");
        });
    });
    made.join().expect("make the template database");
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect to the test's database");
    tokio::spawn(async move {
        // It ends when the client is dropped, or when a drill takes the database away.
        let _ = connection.await;
    });
    client
}

/// A database of a test's own. Dropped at the end, as far as possible; the server's end takes the rest.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// A new database with the schema and nothing in it. It is no copy of anybody's: the row is told where it lives.
    pub async fn new() -> Self {
        let database = Self::cloned_from(TEMPLATE).await;
        database.is_at_home().await;
        // Nobody else's: names that brokers know relays by are made of it.
        let sql = "UPDATE deployment SET deployment_id = gen_random_uuid()";
        database.client().await.batch_execute(sql).await.expect("be a deployment of its own");
        database
    }

    /// Has the deployment's row say that it lives here: what a copy of the cluster's files would say.
    pub async fn is_at_home(&self) {
        let sql =
            "UPDATE deployment SET database_oid = (SELECT oid FROM pg_database WHERE datname = current_database())";
        self.client().await.batch_execute(sql).await.expect("say where the deployment lives");
    }

    /// A new database without the schema.
    pub async fn blank() -> Self {
        Self::cloned_from("template0").await
    }

    /// A copy of this database, to which nobody may be connected.
    pub async fn copy(&self) -> Self {
        Self::cloned_from(&self.name).await
    }

    async fn cloned_from(template: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&server().postgres.database_url("postgres")).await;
        // A session that has just been closed may take a moment to be gone from the template; new ones cannot come.
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template}");
        admin.batch_execute(&sql).await.expect("clone the template database");
        Self { name }
    }

    /// Its URL, for tokio-postgres and psql alike.
    pub fn url(&self) -> String {
        server().postgres.database_url(&self.name)
    }

    /// Takes it away, or brings it back: whoever is connected is hung up on, and nobody else gets in.
    pub async fn is_there(&self, there: bool) {
        let (admin, name) = (connect(&server().postgres.database_url("postgres")).await, &self.name);
        let sql = format!(
            "ALTER DATABASE {name} ALLOW_CONNECTIONS {there};
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND NOT {there}"
        );
        admin.batch_execute(&sql).await.expect("take the database away, or bring it back");
    }

    /// A connection to it.
    pub async fn client(&self) -> Client {
        connect(&self.url()).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (url, name) = (server().postgres.database_url("postgres"), self.name.clone());
        // Nobody waits for it: what is not dropped by the process's end goes with the server.
        std::thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                if let Ok((client, connection)) = tokio_postgres::connect(&url, NoTls).await {
                    tokio::spawn(connection);
                    let _ = client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
                }
            });
        });
    }
}
