//! Promise: what is spoken to PostgreSQL, to participants and by the listener is encrypted where that is asked for; whoever
//! is not who they should be is told so, and why; and certificates and tokens change without a restart. The certificates
//! are the tests' own.

use std::net::Ipv4Addr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use counterfoil::client::{Client, ClientError, Credentials, error_chain};
use counterfoil::embedded_postgres::{EmbeddedPostgres, PostgresSettings};
use counterfoil::store::Target;
use counterfoil::tls::{Dialer, Files, HTTP, Verify};
use rustix::process::Signal;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, HandshakeKind, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;

use crate::support::certificates::{Ca, Pair};
use crate::support::database::TestDatabase;
use crate::support::engine::until;
use crate::support::program::{Folder, PROGRAM, Program, body, post, send};

/// A PostgreSQL of a test's own that lets nobody in over the network but by TLS.
struct Server {
    postgres: EmbeddedPostgres,
    address: Ipv4Addr,
    ca: Ca,
    folder: Folder,
}

const HBA: &str = "local all all trust
hostssl all certified all trust clientcert=verify-ca
hostssl all shop all scram-sha-256
hostssl all all all trust
";

impl Server {
    /// Its certificate is for `db.test`.
    async fn start() -> Self {
        static NUMBER: AtomicU8 = AtomicU8::new(0);
        let [.., high, low] = std::process::id().to_be_bytes();
        // The port is PostgreSQL's own, so that the address is one that nobody else listens on.
        let address = Ipv4Addr::new(127, 64 + NUMBER.fetch_add(1, Ordering::Relaxed), high, low);
        let (folder, ca) = (Folder::new(), Ca::new("database"));
        std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o755)).expect("open the folder");
        let mut settings = PostgresSettings::new(folder.0.join("data"));
        settings.parameters = vec![("listen_addresses".into(), address.to_string())];
        let postgres = EmbeddedPostgres::start(settings).expect("start PostgreSQL");
        let server = Self { postgres, address, ca, folder };
        std::fs::write(server.postgres.data_dir().join("pg_hba.conf"), HBA).expect("write pg_hba.conf");
        std::fs::write(server.postgres.data_dir().join("clients.crt"), std::fs::read(server.ca()).expect("the CA"))
            .expect("write the CA of clients");
        server.takes(&server.ca.pair(&server.folder, "server", &["db.test"]));
        let admin = server.admin().await;
        for sql in [
            "ALTER SYSTEM SET ssl_ca_file = 'clients.crt'",
            "ALTER SYSTEM SET ssl = on",
            "SELECT pg_reload_conf()",
            "CREATE ROLE certified LOGIN",
            "CREATE ROLE shop LOGIN PASSWORD 'hunter2'",
            "CREATE DATABASE shop",
        ] {
            admin.batch_execute(sql).await.expect(sql);
        }
        let url = server.url("db.test", "postgres", "postgres", "sslmode=require");
        until("it speaks TLS", || async { reach(&url).await.is_ok() }).await;
        server
    }

    /// Lays a certificate where the server looks for its own.
    fn takes(&self, pair: &Pair) {
        let data = self.postgres.data_dir();
        let owner = std::fs::metadata(data).expect("the data folder");
        for (from, to) in [(&pair.cert, "server.crt"), (&pair.key, "server.key")] {
            let to = data.join(to);
            std::fs::copy(from, &to).expect("copy");
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600)).expect("chmod");
            std::os::unix::fs::chown(&to, Some(owner.uid()), Some(owner.gid())).expect("chown");
        }
    }

    fn ca(&self) -> std::path::PathBuf {
        self.ca.file(&self.folder, "ca.crt")
    }

    /// Of whoever is called so, and is this server.
    fn url(&self, host: &str, user: &str, database: &str, query: &str) -> String {
        format!("postgres://{user}@{host}/{database}?hostaddr={}&{query}", self.address)
    }

    /// Behind the door.
    async fn admin(&self) -> tokio_postgres::Client {
        self.admin_of("postgres").await
    }

    async fn admin_of(&self, database: &str) -> tokio_postgres::Client {
        let url = self.postgres.database_url(database);
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.expect("connect");
        tokio::spawn(connection);
        client
    }
}

/// Whether a connection stands, and is encrypted; or what is told instead.
async fn reach(url: &str) -> Result<bool, String> {
    let target = Target::new(url);
    let client = target.connect().await.map_err(|error| {
        let told = error_chain(&error);
        format!("{}{told}", if error.is_final() { "final: " } else { "" })
    })?;
    let sql = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    Ok(client.query_one(sql, &[]).await.expect(sql).get(0))
}

#[tokio::test]
async fn postgresql_is_spoken_to_as_its_sslmode_says() {
    let server = Server::start().await;
    let stranger = Ca::new("stranger");
    let (ca, other) = (server.ca(), stranger.file(&server.folder, "other.crt"));
    let (ca, other) = (ca.to_str().expect("text"), other.to_str().expect("text"));
    let by = |host: &str, query: &str| {
        let url = server.url(host, "postgres", "postgres", query);
        async move { (reach(&url).await, url) }
    };
    let unknown = format!("the server's certificate comes from no CA of {other}");
    let not_for = "the server's certificate is for db.test, and not for elsewhere.test";
    for (host, query, wanted) in [
        ("db.test", String::new(), Err("no encryption")),
        ("db.test", "sslmode=disable".into(), Err("no encryption")),
        ("elsewhere.test", "sslmode=prefer".into(), Ok(())),
        ("elsewhere.test", "sslmode=require".into(), Ok(())),
        ("elsewhere.test", format!("sslmode=require&sslrootcert={ca}"), Ok(())),
        ("db.test", format!("sslmode=require&sslrootcert={other}"), Err(&*unknown)),
        ("db.test", format!("sslmode=prefer&sslrootcert={other}"), Err(&*unknown)),
        ("elsewhere.test", format!("sslmode=verify-ca&sslrootcert={ca}"), Ok(())),
        ("db.test", format!("sslmode=verify-ca&sslrootcert={other}"), Err(&*unknown)),
        ("db.test", format!("sslmode=verify-full&sslrootcert={ca}"), Ok(())),
        ("elsewhere.test", format!("sslmode=verify-full&sslrootcert={ca}"), Err(not_for)),
        ("elsewhere.test", format!("sslrootcert={ca}"), Err(not_for)),
        ("db.test", format!("sslmode=verify-full&sslrootcert={other}"), Err(&*unknown)),
        ("db.test", format!("sslmode=verify-full&sslrootcert={ca}.none"), Err("cannot be read")),
        ("db.test", "sslmode=verify".into(), Err("it must be disable, prefer, require, verify-ca or verify-full")),
    ] {
        let (found, url) = by(host, &query).await;
        match wanted {
            Ok(()) => assert_eq!(found, Ok(true), "{url}"),
            Err(wanted) => {
                let told = found.expect_err(&url);
                assert!(
                    told.starts_with("final: ") && told.contains(wanted),
                    "{url}\n  gave {told}\n  without {wanted}"
                );
            }
        }
    }
    // A password's proof is bound to the certificate, where one asks for that.
    let url = server.url("db.test", "shop:hunter2", "shop", "sslmode=require&channel_binding=require");
    assert_eq!(reach(&url).await, Ok(true));
    // Certificates of clients.
    let with = |pair: &Pair| format!("sslmode=require&sslcert={}&sslkey={}", pair.cert.display(), pair.key.display());
    let ours = server.ca.pair(&server.folder, "certified", &[]);
    let theirs = stranger.pair(&server.folder, "theirs", &[]);
    let mixed = Pair { cert: ours.cert.clone(), key: theirs.key.clone() };
    let certified = |query: &str| server.url("db.test", "certified", "shop", query);
    assert_eq!(reach(&certified(&with(&ours))).await, Ok(true));
    for (query, wanted) in [
        ("sslmode=require".to_owned(), "requires a valid client certificate".to_owned()),
        (with(&theirs), format!("the server does not accept the client certificate {}", theirs.cert.display())),
        (with(&mixed), format!("{} is not the key of the certificate {}", theirs.key.display(), ours.cert.display())),
    ] {
        let told = reach(&certified(&query)).await.expect_err(&query);
        assert!(told.contains(&wanted), "{query}\n  gave {told}\n  without {wanted}");
    }
    // A certificate that has run out.
    let admin = server.admin().await;
    server.takes(&server.ca.expired(&server.folder, "old", &["db.test"]));
    admin.batch_execute("SELECT pg_reload_conf()").await.expect("reload");
    let full = format!("sslmode=verify-full&sslrootcert={ca}");
    until("the server takes it", || async { by("db.test", &full).await.0.is_err() }).await;
    for query in [full, format!("sslmode=verify-ca&sslrootcert={ca}")] {
        let told = by("db.test", &query).await.0.expect_err(&query);
        assert!(told.contains("has expired"), "{query}: {told}");
    }
    assert_eq!(by("db.test", "sslmode=require").await.0, Ok(true), "who asks for nothing is shown nothing");
    // A server that speaks no TLS.
    admin.batch_execute("ALTER SYSTEM SET ssl = off").await.expect("no TLS");
    admin.batch_execute("SELECT pg_reload_conf()").await.expect("reload");
    until("the server speaks none", || async { by("db.test", "sslmode=require").await.0.is_err() }).await;
    let told = by("db.test", "sslmode=require").await.0.expect_err("none");
    assert!(told.starts_with("final: ") && told.contains("server does not support TLS"), "{told}");
    let told = by("db.test", "sslmode=prefer").await.0.expect_err("not by pg_hba.conf");
    assert!(told.contains("no encryption"), "{told}");
}

async fn run(args: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(args);
    tokio::task::spawn_blocking(move || command.output()).await.expect("a task").expect("run the program")
}

fn all(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Every command, and every connection of an engine; a read that nobody waits for is stopped by TLS, too.
#[tokio::test]
async fn all_that_is_said_to_the_database_is_encrypted() {
    let server = Server::start().await;
    let ca = server.ca();
    let url = server.url("db.test", "postgres", "shop", "");
    let config = format!(
        "database.url = \"{}\"\ndatabase.tls = {{ ca = \"{}\" }}\ndatabase.pool_size = 2\n\
         database.statement_timeout_ms = 300000\n",
        url.trim_end_matches('&'),
        ca.display()
    );
    let path = server.folder.file("shop.toml", &config);
    let path = path.to_str().expect("text");
    for command in [&["migrate"][..], &["adopt", "--as", "moved"], &["audit"]] {
        let output = run(&[command, &["--config", path]].concat()).await;
        assert!(output.status.success(), "{command:?}: {}", all(&output));
    }
    let named = server.url("db.test", "postgres", "shop", &format!("sslmode=verify-full&sslrootcert={}", ca.display()));
    let output = run(&["audit", "--database-url", &named]).await;
    assert!(output.status.success(), "{}", all(&output));
    let elsewhere = named.replace("db.test", "elsewhere.test");
    for command in [&["migrate"][..], &["audit"]] {
        let output = run(&[command, &["--database-url", &elsewhere]].concat()).await;
        assert!(!output.status.success());
        assert!(all(&output).contains("is for db.test, and not for elsewhere.test"), "{}", all(&output));
    }

    let serve = Program::serve(&server.folder, &config).await;
    serve.until_ready().await;
    let (client, headers) = (serve.client(), [("content-type", "application/json")]);
    let stocked = send(&client, "PUT", "/inventory/S", &headers, json!({"on_hand": 9}).to_string()).await;
    assert_eq!(stocked.expect("an answer").status, 201);
    assert_eq!(post(&client, &body("A", "S"), &[]).await.status, 201);
    // LISTEN is there as well.
    let admin = server.admin_of("shop").await;
    let clear = "SELECT count(*) FILTER (WHERE NOT ssl), count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
        WHERE application_name = 'counterfoil'";
    let row = admin.query_one(clear, &[]).await.expect(clear);
    assert_eq!(row.get::<_, i64>(0), 0, "in the clear");
    assert!(row.get::<_, i64>(1) >= 4, "committers, pool, LISTEN");
    let slow = "ALTER TABLE orders RENAME TO kept;
        CREATE VIEW orders AS SELECT * FROM kept WHERE pg_sleep(300) IS NOT NULL";
    admin.batch_execute(slow).await.expect("a slow table");
    let reads = async || -> i64 {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND state = 'active'
            AND query NOT LIKE '%attention IS NOT NULL%'";
        admin.query_one(sql, &[]).await.expect(sql).get(0)
    };
    let mut socket = TcpStream::connect(serve.url.trim_start_matches("http://")).await.expect("connect");
    socket.write_all(b"GET /orders HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await.expect("ask");
    until("it reads", || async { reads().await == 1 }).await;
    drop(socket);
    until("it reads no more", || async { reads().await == 0 }).await;
}

/// A client of a participant, or of an engine, that trusts this CA.
fn client(url: &str, ca: &Path, shown: Option<&Pair>) -> Result<Client, ClientError> {
    let files = Files {
        ca: Some(ca.to_owned()),
        cert: shown.map(|pair| pair.cert.clone()),
        key: shown.map(|pair| pair.key.clone()),
    };
    let dialer = Some(Dialer::open(files, Verify::Name, HTTP).expect("certificates"));
    Client::connecting_within(url, Duration::from_secs(5), Credentials { dialer, token: None })
}

async fn status(url: &str, ca: &Path, shown: Option<&Pair>) -> Result<u16, ClientError> {
    client(url, ca, shown)?.get("/livez").await.map(|answer| answer.status)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

fn hang_up(program: &Program) {
    program.process.signal(Signal::HUP).expect("SIGHUP");
}

/// Participants that speak https with a certificate.
async fn participants(folder: &Folder, pair: &Pair, more: &[&str]) -> Program {
    let flags = ["--cert", text(&pair.cert), "--key", text(&pair.key)];
    let program = Program::participants(folder, &[&flags, more].concat()).await;
    assert!(program.url.starts_with("https://"), "{}", program.url);
    program
}

#[tokio::test]
async fn who_is_not_who_they_should_be_is_told_why() {
    let (folder, ca, stranger) = (Folder::new(), Ca::new("ours"), Ca::new("stranger"));
    let (trusted, other) = (ca.file(&folder, "ca.crt"), stranger.file(&folder, "other.crt"));
    let here = &["127.0.0.1"];
    let good = participants(&folder, &ca.pair(&folder, "good", here), &[]).await;
    assert_eq!(status(&good.url, &trusted, None).await.expect("an answer"), 200);
    let old = participants(&Folder::new(), &ca.expired(&folder, "old", here), &[]).await;
    let by_name = good.url.replace("127.0.0.1", "localhost");
    for (url, ca, wanted) in [
        (&good.url, &other, format!("the server's certificate comes from no CA of {}", other.display())),
        (&by_name, &trusted, "the server's certificate is for 127.0.0.1, and not for localhost".into()),
        (&old.url, &trusted, "the server's certificate, or its CA's, has expired".into()),
    ] {
        let error = status(url, ca, None).await.expect_err(url);
        assert!(error.cause().contains(&wanted), "{url}: {}", error.cause());
        assert!(!error.was_sent(), "nothing was sent to whom we do not know");
    }
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("https://{}", silent.local_addr().expect("its address"));
    let dialer = Dialer::open(Files { ca: Some(trusted.clone()), ..Files::default() }, Verify::Name, HTTP);
    let shown = Credentials { dialer: dialer.ok(), token: None };
    let patient = Client::connecting_within(&url, Duration::from_millis(100), shown).expect("a client");
    let error = patient.get("/livez").await.expect_err("nobody shakes hands");
    assert!(error.cause().contains("no TLS handshake within 200 ms") && !error.was_sent(), "{}", error.cause());
    let told =
        Client::anonymous(&good.url).map(|client| async move { client.get("/livez").await.expect_err("unknown") });
    match told {
        Ok(asked) => assert!(asked.await.cause().contains("comes from no CA of the system's CAs")),
        Err(error) => assert!(error.to_string().contains("the system has no CA certificates"), "{error}"),
    }

    let inside = ["--client-ca", text(&trusted)];
    let shut = participants(&Folder::new(), &ca.pair(&folder, "shut", here), &inside).await;
    let (ours, theirs) = (ca.pair(&folder, "engine", &[]), stranger.pair(&folder, "theirs", &[]));
    assert_eq!(status(&shut.url, &trusted, Some(&ours)).await.expect("an answer"), 200);
    for (shown, wanted) in [
        (None, "the server asks for a client certificate, and none is configured".to_owned()),
        (Some(&theirs), format!("the server does not accept the client certificate {}", theirs.cert.display())),
        (Some(&ca.expired(&folder, "stale", &[])), "stale.crt: CertificateExpired".into()),
    ] {
        let error = status(&shut.url, &trusted, shown).await.expect_err(&wanted);
        assert!(error.cause().contains(&wanted), "{}", error.cause());
    }

    // The conformance check goes the same ways.
    let mut check = vec!["participants", "--check", &*shut.url, "--ca", text(&trusted), "--role", "payment"];
    check.extend(["--cert", text(&ours.cert), "--key", text(&ours.key)]);
    let output = run(&check).await;
    assert!(output.status.success(), "{}", all(&output));
}

async fn serve(folder: &Folder, database: &TestDatabase, participant: &str) -> Program {
    let config = format!(
        "database.url = \"{}\"\nfaults.enabled = true\nsaga.step_timeout_ms = 2000\nsaga.retry.attempts = 200\n\
         telemetry.log = \"debug,counterfoil=trace\"\n{participant}",
        database.url()
    );
    let serve = Program::serve(folder, &config).await;
    serve.until_ready().await;
    let headers = [("content-type", "application/json")];
    let stock = json!({"on_hand": 1_000}).to_string();
    assert_eq!(send(&serve.client(), "PUT", "/inventory/S", &headers, stock).await.expect("an answer").status, 201);
    serve
}

/// An order of what `serve` has.
fn paid(id: &str) -> Value {
    let mut paid = body(id, "S");
    paid["payment_method"] = json!("pm_ok");
    paid
}

#[tokio::test]
async fn a_participant_behind_https_and_a_token_is_spoken_to_by_who_has_both() {
    let (folder, database, ca) = (Folder::new(), TestDatabase::new().await, Ca::new("ours"));
    let trusted = ca.file(&folder, "ca.crt");
    let (pair, engine) = (ca.pair(&folder, "provider", &["127.0.0.1"]), ca.pair(&folder, "engine", &[]));
    let (right, wrong) = ("s3cr3t-of-the-shop", "s3cr3t-of-nobody");
    let (theirs, ours) = (folder.file("theirs.token", right), folder.file("ours.token", &format!("{right}\n")));
    let flags = ["--client-ca", text(&trusted), "--token-file", text(&theirs)];
    let provider = participants(&folder, &pair, &flags).await;
    let config = format!(
        "[participants.payment]\nkind = \"http\"\nurl = \"{}\"\nca = \"{}\"\ncert = \"{}\"\nkey = \"{}\"\n\
         token_file = \"{}\"\n",
        provider.url,
        trusted.display(),
        engine.cert.display(),
        engine.key.display(),
        ours.display()
    );
    let serve = serve(&folder, &database, &config).await;
    let client = serve.client();
    let ledger = || std::fs::read_to_string(folder.0.join("ledger.jsonl")).expect("the ledger");
    assert_eq!(post(&client, &paid("A"), &[]).await.status, 201);
    assert_eq!(ledger().matches("\"charge\"").count(), 1);
    let (url, key) = (provider.url.clone(), uuid::Uuid::new_v4().to_string());
    let asked = self::client(&url, &trusted, Some(&engine)).expect("a client");
    let charge =
        json!({"order_id": "X", "customer_id": "c", "amount": 5, "currency": "USD", "payment_method": "pm_ok"});
    let headers = [("idempotency-key", key.as_str()), ("content-type", "application/json")];
    for token in [None, Some(wrong)] {
        let asked = asked.clone();
        let asked = token.map_or(Ok(asked.clone()), |token| asked.with_token(token)).expect("a token");
        let answer = send(&asked, "POST", "/charge", &headers, charge.to_string()).await.expect("an answer");
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
        assert_eq!(asked.get("/operations/A").await.expect("an answer").status, 401);
    }

    // Another token: nothing is charged, and the provider counts as away, since it does not let us in.
    std::fs::write(&ours, wrong).expect("write the token");
    hang_up(&serve);
    let log = || std::fs::read_to_string(folder.0.join("serve.log")).expect("the log");
    until("the token is taken", || async { log().contains("participants.payment.token_file") }).await;
    for n in 0..6 {
        let taken = post(&client, &paid(&format!("B-{n}")), &[("prefer", "respond-async")]).await;
        assert_eq!(taken.status, 202);
    }
    let health = async || client.get("/operator/participants").await.expect("an answer").json::<Value>().expect("JSON");
    until("the provider is shut", || async {
        let told = health().await.to_string();
        told.contains("away")
            && told.contains("answered 401: it does not let us in; see participants.payment.token_file")
    })
    .await;
    assert_eq!(ledger().matches("\"charge\"").count(), 1, "nothing was charged");
    // A file that holds none changes nothing; the right one does.
    std::fs::write(&ours, "not a token").expect("write the token");
    hang_up(&serve);
    until("that is told", || async { log().contains("ours.token holds no token") }).await;
    std::fs::write(&ours, right).expect("write the token");
    hang_up(&serve);
    for n in 0..6 {
        let id = format!("B-{n}");
        until("the order goes on", || async {
            let order = client.get(&format!("/orders/{id}")).await.expect("an answer").json::<Value>().expect("JSON");
            order["state"] == "COMPLETED"
        })
        .await;
    }
    assert_eq!(ledger().matches("\"charge\"").count(), 7);
    let said = std::fs::read_to_string(folder.0.join("participants.log")).expect("the log");
    for told in [log(), said, health().await.to_string()] {
        assert!(!told.contains(right) && !told.contains(wrong), "a token was told: {told}");
    }
}

/// A shop with one order now and then is not told by many that fail that a token was revoked.
#[tokio::test]
async fn one_order_alone_outlasts_a_wrong_token() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let (theirs, ours) = (folder.file("theirs.token", "right"), folder.file("ours.token", "wrong"));
    let provider = Program::participants(&folder, &["--token-file", text(&theirs)]).await;
    let config = format!(
        "database.url = \"{}\"\nsaga.retry = {{ attempts = 1, first_ms = 10, max_ms = 100 }}\n\
         [participants.payment]\nkind = \"http\"\nurl = \"{}\"\ntoken_file = \"{}\"\n",
        database.url(),
        provider.url,
        ours.display()
    );
    let serve = Program::serve(&folder, &config).await;
    serve.until_ready().await;
    let (client, headers) = (serve.client(), [("content-type", "application/json")]);
    let stocked = send(&client, "PUT", "/inventory/S", &headers, json!({"on_hand": 9}).to_string()).await;
    assert_eq!(stocked.expect("an answer").status, 201);
    assert_eq!(post(&client, &paid("A"), &[("prefer", "respond-async")]).await.status, 202);
    let order = async || client.get("/orders/A").await.expect("an answer").json::<Value>().expect("JSON");
    // One attempt is all there is, and one that is not let in is none.
    let calls = "counterfoil_participant_seconds_count{participant=\"payment\"";
    let refused = async || {
        let told = client.get("/metrics").await.expect("metrics");
        let told = String::from_utf8(told.body.to_vec()).expect("text");
        let counts = told.lines().filter(|line| line.starts_with(calls)).filter_map(|line| line.rsplit(' ').next());
        counts.map(|count| count.parse::<u32>().expect("a count")).sum::<u32>()
    };
    until("it was refused twice", async || refused().await >= 2).await;
    let health = client.get("/operator/participants").await.expect("an answer").json::<Value>().expect("JSON");
    assert!(health.to_string().contains("answered 401"), "{health}");
    let waits = order().await;
    assert!(waits["attention"].is_null() && waits["state"] != "COMPLETED", "{waits}");
    std::fs::write(&ours, "right").expect("write the token");
    hang_up(&serve);
    until("the order goes on", async || order().await["state"] == "COMPLETED").await;
}

#[tokio::test]
async fn a_certificate_changes_without_a_restart() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let (before, after) = (Ca::new("before"), Ca::new("after"));
    let trusted = before.file(&folder, "ca.crt");
    let pair = before.pair(&folder, "provider", &["127.0.0.1"]);
    let provider = participants(&folder, &pair, &[]).await;
    let config = format!(
        "[participants.payment]\nkind = \"http\"\nurl = \"{}\"\nca = \"{}\"\n",
        provider.url,
        trusted.display()
    );
    let serve = serve(&folder, &database, &config).await;
    assert_eq!(post(&serve.client(), &paid("A"), &[]).await.status, 201);

    // What does not fit together is not taken.
    let (old, new) = (before.file(&folder, "before.crt"), after.file(&folder, "after.crt"));
    std::fs::copy(after.pair(&folder, "fresh", &["127.0.0.1"]).cert, &pair.cert).expect("half of it");
    std::fs::write(&trusted, "no certificate").expect("write");
    hang_up(&provider);
    hang_up(&serve);
    let log = |name: &str| std::fs::read_to_string(folder.0.join(name)).expect("the log");
    until("it is told", || async { log("participants.log").contains("is not the key of the certificate") }).await;
    until("it is told", || async { log("serve.log").contains("ca.crt holds no certificate in PEM") }).await;
    assert_eq!(status(&provider.url, &old, None).await.expect("the old one"), 200);
    assert_eq!(post(&serve.client(), &paid("B"), &[]).await.status, 201);

    // The new one is, for connections from then on.
    after.pair(&folder, "fresh", &["127.0.0.1"]).replaces(&pair);
    hang_up(&provider);
    until("the new one is shown", || async { status(&provider.url, &new, None).await.is_ok() }).await;
    let refused = status(&provider.url, &old, None).await.expect_err("the old one is gone");
    assert!(refused.cause().contains("comes from no CA of"), "{}", refused.cause());
    after.file(&folder, "ca.crt");
    hang_up(&serve);
    until("the new CA is known", || async { log("serve.log").contains("read again") }).await;
    // Whoever kept a connection from before may go on with it; whoever makes one is shown the new certificate.
    drop(provider);
    let address = provider_address(&config);
    let flags = ["--cert", text(&pair.cert), "--key", text(&pair.key), "--lock-wait-ms", "5000"];
    let _again = Program::participants_at(&folder, &address, &flags).await;
    assert_eq!(post(&serve.client(), &paid("C"), &[]).await.status, 201);
}

/// An engine that speaks https: its URL, and a client that trusts its CA and shows a certificate.
async fn secured(folder: &Folder, database: &TestDatabase, tls: &str, ca: &Path, shown: &Pair) -> (Program, Client) {
    let config =
        format!("server.tls = {{ {tls} }}\nserver.write_timeout_ms = 1000\ndatabase.url = \"{}\"\n", database.url());
    let mut serve = Program::serve(folder, &config).await;
    serve.url = serve.url.replace("http://", "https://");
    let client = client(&serve.url, ca, Some(shown)).expect("a client");
    until("it is ready", || async { client.get("/readyz").await.is_ok_and(|answer| answer.status == 200) }).await;
    (serve, client)
}

#[tokio::test]
async fn the_listener_speaks_tls_and_bounds_what_a_client_may_hold() {
    let (folder, database, ca) = (Folder::new(), TestDatabase::new().await, Ca::new("ours"));
    let trusted = ca.file(&folder, "ca.crt");
    let (pair, ours) = (ca.pair(&folder, "engine", &["127.0.0.1"]), ca.pair(&folder, "client", &[]));
    let tls = format!("cert = \"{}\", key = \"{}\"", text(&pair.cert), text(&pair.key));
    let (serve, client) = secured(&folder, &database, &tls, &trusted, &ours).await;
    let headers = [("content-type", "application/json")];
    let stocked = send(&client, "PUT", "/inventory/S", &headers, json!({"on_hand": 9}).to_string()).await;
    assert_eq!(stocked.expect("an answer").status, 201);
    let mut long = body("A", "S");
    long["metadata"] = json!({"note": "x".repeat(400)});
    let first = post(&client, &long, &[]).await;
    let again = post(&client, &long, &[]).await;
    assert_eq!((first.status, again.is_replayed(), first.body), (201, true, again.body));
    let listed = run(&["orders", "list", "--target", &serve.url, "--ca", text(&trusted)]).await;
    assert!(listed.status.success() && all(&listed).contains('A'), "{}", all(&listed));
    let plain = Client::anonymous(&serve.url.replace("https://", "http://")).expect("a client");
    plain.get("/livez").await.expect_err("no http is spoken");

    // Nobody goes on with this handshake, nor is this answer read but for a byte now and then.
    let address = serve.url.trim_start_matches("https://").to_owned();
    let mut half = TcpStream::connect(&address).await.expect("connect");
    half.write_all(&[0x16, 3, 1, 2]).await.expect("a quarter of a greeting");
    let files = Files { ca: Some(trusted.clone()), ..Files::default() };
    let dialer = Dialer::open(files, Verify::Name, HTTP).expect("certificates");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4_096).expect("a small buffer");
    let socket = socket.connect(address.parse().expect("an address")).await.expect("connect");
    let mut slow = dialer.connect("127.0.0.1", socket).await.expect("a handshake");
    let asks = "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".repeat(100);
    let trickle = async {
        slow.write_all(asks.as_bytes()).await.expect("ask");
        slow.flush().await.expect("ask");
        let mut some = [0; 16 << 10];
        while slow.read(&mut some).await.is_ok_and(|read| read > 0) {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let cut = async |cause: &str| {
        let told = client.get("/metrics").await.expect("an answer").body;
        let line = format!("counterfoil_connections_cut_total{{cause=\"{cause}\"}} ");
        let text = String::from_utf8_lossy(&told).into_owned();
        text.lines().find_map(|told| told.strip_prefix(&line)).is_some_and(|count| count != "0")
    };
    tokio::time::timeout(Duration::from_secs(10), trickle).await.expect("whoever reads a record now and then is cut");
    until("it is counted as one that does not read", || cut("reader")).await;
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), half.read_to_end(&mut rest)).await.expect("it is cut").ok();
    until("it is counted", || cut("head")).await;
    assert!(rest.is_empty(), "nothing is said in the clear");
}

type Encrypted = counterfoil::tls::Sealed<TcpStream>;

/// Sends a request piece by piece, and reads the head of its answer and the body behind it.
async fn exchange(line: &mut Encrypted, pieces: &[&[u8]]) -> std::io::Result<String> {
    for piece in pieces {
        line.write_all(piece).await?;
        line.flush().await?;
        tokio::time::sleep(Duration::from_millis(if pieces.len() > 1 { 50 } else { 0 })).await;
    }
    let (mut told, mut some) = (String::new(), [0; 4_096]);
    loop {
        if let Some((head, rest)) = told.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if length.is_some_and(|length| length.parse::<usize>().is_ok_and(|length| rest.len() >= length)) {
                return Ok(told);
            }
        }
        match line.read(&mut some).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => told.push_str(&String::from_utf8_lossy(&some[..read])),
        }
    }
}

/// Below TLS a request is told from the next one, and a head from a body, by nothing: whoever counts there cuts what is long.
#[tokio::test]
async fn a_long_request_over_tls_is_taken_and_an_endless_head_is_not() {
    let (folder, database, ca) = (Folder::new(), TestDatabase::new().await, Ca::new("ours"));
    let trusted = ca.file(&folder, "ca.crt");
    let (pair, ours) = (ca.pair(&folder, "engine", &["127.0.0.1"]), ca.pair(&folder, "client", &[]));
    let tls = format!("cert = \"{}\", key = \"{}\"", text(&pair.cert), text(&pair.key));
    let (serve, client) = secured(&folder, &database, &tls, &trusted, &ours).await;
    let headers = [("content-type", "application/json")];
    let stocked = send(&client, "PUT", "/inventory/S", &headers, json!({"on_hand": 99}).to_string()).await;
    assert_eq!(stocked.expect("an answer").status, 201);
    let address = serve.url.trim_start_matches("https://").to_owned();
    let dialer = Dialer::open(Files { ca: Some(trusted), ..Files::default() }, Verify::Name, HTTP).expect("a CA");
    let dial = async || {
        let socket = TcpStream::connect(&address).await.expect("connect");
        dialer.connect("127.0.0.1", socket).await.expect("a handshake")
    };
    for is_whole in [true, false] {
        for round in 0..4 {
            let mut line = dial().await;
            for place in ["first", "kept", "last"] {
                let id = format!("{is_whole}-{round}-{place}");
                let order = format!("{}{}", body(&id, "S"), " ".repeat(100_000));
                let head = format!(
                    "POST /orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n\
                     content-length: {}\r\n\r\n",
                    order.len()
                );
                let whole = format!("{head}{order}");
                let pieces = if is_whole { vec![whole.as_bytes()] } else { vec![head.as_bytes(), order.as_bytes()] };
                let told = tokio::time::timeout(Duration::from_secs(20), exchange(&mut line, &pieces)).await;
                let told = told.expect("an answer in time").unwrap_or_else(|error| panic!("{id}: {error}"));
                assert!(told.starts_with("HTTP/1.1 201 "), "{id}: {told}");
            }
        }
    }

    let heads = async || {
        let told = client.get("/metrics").await.expect("an answer").body;
        let line = "counterfoil_connections_cut_total{cause=\"head\"} ";
        let text = String::from_utf8_lossy(&told).into_owned();
        text.lines().find_map(|told| told.strip_prefix(line)?.parse::<u32>().ok()).unwrap_or_default()
    };
    assert_eq!(heads().await, 0);
    for is_kept in [false, true] {
        let mut line = dial().await;
        if is_kept {
            exchange(&mut line, &[b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"]).await.expect("an answer");
        }
        let endless = async {
            line.write_all(b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\nx-more: ").await?;
            loop {
                line.write_all(b"and more of it, and no end of it; ").await?;
                line.flush().await?;
                tokio::task::yield_now().await;
            }
        };
        let cut: std::io::Result<()> = tokio::time::timeout(Duration::from_secs(10), endless).await.expect("it is cut");
        cut.expect_err("it is cut");
        until("it is counted", async || heads().await == 1 + u32::from(is_kept)).await;
    }
}

#[tokio::test]
async fn the_listener_asks_for_certificates_and_takes_new_ones() {
    let (folder, database) = (Folder::new(), TestDatabase::new().await);
    let (before, after) = (Ca::new("before"), Ca::new("after"));
    let (old, new) = (before.file(&folder, "before.crt"), after.file(&folder, "after.crt"));
    let (pair, ours) = (before.pair(&folder, "engine", &["127.0.0.1"]), before.pair(&folder, "client", &[]));
    let [cert, key, ca] = [text(&pair.cert), text(&pair.key), text(&old)];
    let tls = format!("cert = \"{cert}\", key = \"{key}\", client_ca = \"{ca}\"");
    let (serve, _client) = secured(&folder, &database, &tls, &old, &ours).await;
    let error = status(&serve.url, &old, None).await.expect_err("no certificate is shown");
    assert!(error.cause().contains("the server asks for a client certificate"), "{}", error.cause());
    let kind = handshake_again(&serve.url, &old, &ours).await;
    assert_eq!(kind, Some(HandshakeKind::Full), "a certificate is shown each time: it may have run out");
    after.pair(&folder, "fresh", &["127.0.0.1"]).replaces(&pair);
    hang_up(&serve);
    until("the new one is shown", || async { status(&serve.url, &new, Some(&ours)).await.is_ok() }).await;
    let refused = status(&serve.url, &old, Some(&ours)).await.expect_err("the old one is gone");
    assert!(refused.cause().contains("comes from no CA of"), "{}", refused.cause());
}

/// How a second connection of a client began that keeps what it was given on its first one.
async fn handshake_again(url: &str, ca: &Path, shown: &Pair) -> Option<HandshakeKind> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("a CA")).expect("a CA");
    let builder = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_root_certificates(roots);
    let chain = vec![CertificateDer::from_pem_file(&shown.cert).expect("a certificate")];
    let key = PrivateKeyDer::from_pem_file(&shown.key).expect("a key");
    let config = Arc::new(builder.with_client_auth_cert(chain, key).expect("a certificate and its key"));
    let mut kind = None;
    for _ in 0..2 {
        let socket = TcpStream::connect(url.trim_start_matches("https://")).await.expect("connect");
        let name = ServerName::try_from("127.0.0.1").expect("an address");
        let connected = TlsConnector::from(Arc::clone(&config)).connect(name, socket).await;
        let mut line = connected.expect("a handshake");
        line.write_all(b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await.expect("ask");
        let mut some = [0; 1_024];
        assert!(line.read(&mut some).await.expect("an answer") > 0);
        kind = line.get_ref().1.handshake_kind();
    }
    kind
}

fn provider_address(config: &str) -> String {
    let (_, rest) = config.split_once("https://").expect("a URL");
    rest.split('"').next().expect("an address").to_owned()
}
