//! Promise: no history goes by mistake, and whoever prunes stops nobody, whatever happens to it: a clock that is ahead, or a
//! history that the database does not know, takes nothing; who falls asleep in the middle of what it is told lets go. Judged by
//! the rows that are left, and by who else gets at them.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil::embedded_postgres::{EmbeddedPostgres, PostgresSettings as Server};
use counterfoil::store::migrate::migrate;
use counterfoil::store::prune::{PruneError, PruneSettings, run};
use counterfoil::store::{Target, audit};
use counterfoil::telemetry::RetentionReason;
use futures_util::future::join_all;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::retention::{age, execute, holds, left, number, place, prune, set, settings};
use crate::support::engine::{TestEngine, answer, simple, start, until};
use crate::support::program::Folder;

/// What the sessions of a role see as the time: the clock's, and as much more as an expression says.
async fn clock_is_ahead(session: &Client, by: &str) {
    let sql = format!(
        "CREATE SCHEMA ahead;
         CREATE FUNCTION ahead.counterfoil_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
             $$ SELECT pg_catalog.clock_timestamp() + {by} $$;
         SET search_path = ahead, pg_catalog, public"
    );
    execute(session, &sql).await;
}

#[tokio::test]
async fn nothing_goes_by_a_clock_that_is_ahead() {
    let test = TestEngine::new().await;
    place(&test, &["A", "B"]).await;
    let mut session = test.database.client().await;
    clock_is_ahead(&session, "interval '100 days'").await;
    let refused = run(&mut session, &settings(), Uuid::nil()).await.expect_err("the machines' clocks differ");
    assert!(matches!(&refused, PruneError::Refused(why) if why.contains("clock")), "{refused}");
    let judge = test.database.client().await;
    assert_eq!(left(&judge).await, set(&["A", "B"]));
    // Where both agree in the end there is no reason to wait.
    execute(&session, "RESET search_path").await;
    age(&judge).await;
    assert_eq!(prune(&mut session).await.orders, 2);
    holds(&test.database).await;
}

/// It is set a hundred days ahead when the first histories have gone.
#[tokio::test]
async fn nothing_more_goes_once_the_clock_jumped_ahead() {
    let test = TestEngine::new().await;
    let ids: Vec<String> = (0..450).map(|n| format!("OLD-{n}")).collect();
    join_all(ids.iter().map(|id| test.submit(simple(id)))).await;
    let judge = test.database.client().await;
    age(&judge).await;
    place(&test, &["YOUNG"]).await;
    let mut session = test.database.client().await;
    clock_is_ahead(&session, "CASE WHEN EXISTS (SELECT FROM prunes) THEN interval '100 days' ELSE interval '0' END")
        .await;
    let refused = run(&mut session, &settings(), Uuid::nil()).await.expect_err("time went by too fast");
    assert!(matches!(&refused, PruneError::Refused(why) if why.contains("clock")), "{refused}");
    let (steps, stay) = (number(&judge, "SELECT count(*) FROM prunes").await, left(&judge).await);
    assert!(steps == 1 && stay.contains("YOUNG") && stay.len() > 200, "{steps} steps, {} stay", stay.len());
    holds(&test.database).await;
}

/// They fill more than a page of the feed's old end, and what is old lies behind them.
#[tokio::test]
async fn stamps_of_a_time_that_is_yet_to_come_hold_up_nothing_but_themselves() {
    let test = TestEngine::new().await;
    let ids: Vec<String> = (0..220).map(|n| format!("AHEAD-{n}")).collect();
    join_all(ids.iter().map(|id| test.submit(simple(id)))).await;
    let mut session = test.database.client().await;
    let ahead = "UPDATE order_events SET at = at + interval '100 days';
        UPDATE orders SET created_at = created_at + interval '100 days', updated_at = updated_at + interval '100 days'";
    execute(&session, ahead).await;
    place(&test, &["OLD"]).await;
    age_of(&session, "OLD").await;
    let pruned = prune(&mut session).await;
    assert_eq!((pruned.orders, pruned.held_by(RetentionReason::Ahead)), (1, 220), "{pruned:?}");
    assert!(!left(&session).await.contains("OLD"));
}

/// A hundred days pass for one order.
async fn age_of(session: &Client, id: &str) {
    let sql = format!(
        "UPDATE orders SET created_at = created_at - interval '100 days', updated_at = updated_at - interval '100 days'
         WHERE order_id = '{id}';
         UPDATE order_events SET at = at - interval '100 days' WHERE order_id = '{id}'"
    );
    execute(session, &sql).await;
}

/// Nobody ever reads what lies there, so that nobody is behind who has not: it is evidence of something else.
#[tokio::test]
async fn what_lies_in_a_history_that_is_not_known_is_not_read_and_does_not_go() {
    let test = TestEngine::new().await;
    let mut session = test.database.client().await;
    place(&test, &["A", "LOST"]).await;
    age(&session).await;
    execute(&session, "UPDATE order_events SET epoch = (SELECT min(epoch) - 1 FROM epochs) WHERE order_id = 'LOST'")
        .await;
    let broken = async || {
        let report = audit::audit(&mut test.database.client().await).await.expect("audit");
        let broken = report.promises.iter().filter(|one| !one.holds);
        broken.map(|one| (one.name, one.offenders.clone())).collect::<Vec<_>>()
    };
    let told = [("events_published_in_order", vec!["LOST".to_owned()])];
    assert_eq!(broken().await, told);
    let pruned = prune(&mut session).await;
    assert_eq!((pruned.orders, pruned.unsound), (1, vec!["LOST".to_owned()]));
    assert_eq!(left(&session).await, set(&["LOST"]));
    assert_eq!(broken().await, told, "it is told as before");
    // And had it gone, it would be told.
    execute(&session, "UPDATE pruned_orders SET epoch = (SELECT min(epoch) - 1 FROM epochs)").await;
    let told = broken().await;
    assert!(told.contains(&("what_is_gone_was_pruned", vec!["A".to_owned()])), "{told:?}");
}

/// Between a client and the server, on an address of its own: whatever the client says goes on, and from the moment on that so
/// much was said to it, it takes nothing more, as one that was stopped.
struct Deaf {
    address: SocketAddr,
    is_deaf: Arc<AtomicBool>,
    passes: JoinHandle<()>,
}

/// What whoever prunes is told before it comes to orders is less.
const BEFORE: usize = 300 << 10;

impl Deaf {
    async fn before<S, F>(reach: impl Fn() -> F + Send + 'static) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
        F: Future<Output = std::io::Result<S>> + Send,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let is_deaf = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&is_deaf);
        let passes = tokio::spawn(async move {
            let mut all = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = reach().await.expect("reach the server");
                let told = Arc::clone(&told);
                all.spawn(async move {
                    let ((mut hears, mut says), (mut from, mut to)) = (client.into_split(), tokio::io::split(server));
                    let forth = tokio::io::copy(&mut hears, &mut to);
                    let back = async {
                        let (mut part, mut said) = (vec![0; 16 << 10], 0);
                        while said < BEFORE {
                            let Ok(more @ 1..) = from.read(&mut part).await else { return };
                            said += more;
                            if says.write_all(&part[..more]).await.is_err() {
                                return;
                            }
                        }
                        told.store(true, Ordering::SeqCst);
                        std::future::pending::<()>().await;
                    };
                    let _ = tokio::join!(forth, back);
                });
            }
        });
        Self { address, is_deaf, passes }
    }

    async fn until_deaf(&self) {
        until("it takes nothing more", || async { self.is_deaf.load(Ordering::SeqCst) }).await;
    }
}

impl Drop for Deaf {
    fn drop(&mut self) {
        self.passes.abort();
    }
}

/// Nobody waits for whoever prunes through this: neither who publishes nor who refunds.
async fn is_let_go(deaf: &Deaf, database: &str, session: &Client) {
    let url = format!("postgresql://{}@{}/{database}", user_of(session).await, deaf.address);
    let pruner = tokio::spawn(async move {
        let mut client = Target::new(&url).connect().await.expect("a connection");
        let _ = run(&mut client, &PruneSettings { ..settings() }, Uuid::nil()).await;
    });
    deaf.until_deaf().await;
    execute(session, "SET lock_timeout = '25s'; UPDATE outbox_relays SET at = at").await;
    execute(session, "UPDATE orders SET commit_id = commit_id").await;
    assert_eq!(number(session, "SELECT count(*) FROM prunes").await, 0, "what it had begun is taken back");
    pruner.abort();
}

async fn user_of(session: &Client) -> String {
    session.query_one("SELECT current_user::text", &[]).await.expect("who").get(0)
}

/// Its orders are more than a connection holds on its way; each part of what it asks for is less.
#[tokio::test]
async fn a_pruner_that_falls_asleep_in_the_middle_of_what_it_is_told_lets_go() {
    let test = TestEngine::new().await;
    let ids: Vec<String> = (0..60).map(|n| format!("O-{n}")).collect();
    join_all(ids.iter().map(|id| test.submit(simple(id)))).await;
    let session = test.database.client().await;
    age(&session).await;
    execute(&session, "UPDATE orders SET failure = to_json(repeat('x', 40000))::text").await;
    let url = test.database.url();
    let config: tokio_postgres::Config = url.parse().expect("a URL");
    let tokio_postgres::config::Host::Unix(folder) = config.get_hosts()[0].clone() else { panic!("{url}") };
    let socket = folder.join(".s.PGSQL.5432");
    let deaf = Deaf::before(move || UnixStream::connect(socket.clone())).await;
    is_let_go(&deaf, config.get_dbname().expect("a name"), &session).await;
}

/// One row is more than a connection holds: then it is the network that ends it.
#[tokio::test]
async fn a_pruner_that_falls_asleep_in_the_middle_of_a_row_is_cut() {
    let folder = Folder::new();
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o755)).expect("open the folder");
    let [.., high, low] = std::process::id().to_be_bytes();
    let address = Ipv4Addr::new(127, 60, high, low);
    let mut settings = Server::new(folder.0.join("data"));
    settings.parameters = vec![("listen_addresses".into(), address.to_string())];
    let postgres = EmbeddedPostgres::start(settings).expect("start PostgreSQL");
    let hba = "local all all trust\nhost all all 127.0.0.0/8 trust\n";
    std::fs::write(postgres.data_dir().join("pg_hba.conf"), hba).expect("write pg_hba.conf");
    let url = postgres.database_url("postgres");
    let session = async || {
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await.expect("connect");
        tokio::spawn(connection);
        client
    };
    migrate(&mut session().await).await.expect("migrate");
    let session = session().await;
    execute(&session, "SELECT pg_reload_conf()").await;
    let (store, engine, _) = start(&url, crate::support::engine::settings()).await;
    let stock = "INSERT INTO inventory (sku, on_hand, reserved) VALUES ('SKU-1', 1000, 0)";
    execute(&session, stock).await;
    assert_eq!(answer(engine.submit(simple("O"), crate::support::engine::PATIENCE).await).0, 201);
    engine.shutdown(crate::support::engine::PATIENCE).await;
    store.close(crate::support::engine::PATIENCE);
    age(&session).await;
    execute(&session, "UPDATE orders SET failure = to_json(repeat('x', 40000000))::text").await;
    let deaf = Deaf::before(move || TcpStream::connect((address, 5432))).await;
    is_let_go(&deaf, "postgres", &session).await;
}
