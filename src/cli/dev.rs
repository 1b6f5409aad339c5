//! `counterfoil dev`: everything on one machine, to try it, to test against it, and for the drills.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use counterfoil_lab::children::{Children, Participants as Own, Setup};

use super::{Failure, events, migrate};
use crate::config::{Config, ConfigError, ParticipantKind, Participants, PaymentKind, Secret, Secrets};
use crate::embedded_postgres::{self, EmbeddedPostgres, PostgresSettings};
use crate::logs;
use crate::process;
use crate::service::Service;
use crate::signature;
use crate::store::{Target, releases};

/// How to run it.
#[derive(Debug, Args)]
pub struct DevArgs {
    /// Where to listen.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where the data is kept.
    #[arg(long, value_name = "DIR", default_value = ".counterfoil")]
    data_dir: PathBuf,
    /// Payment and shipment in the same database, or in a process of their own.
    #[arg(long, value_enum, default_value = "local")]
    participants: Mode,
    /// A configuration file whose keys apply on top of dev's own.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print each event as it is committed: a CloudEvent a line, as JSON.
    #[arg(long)]
    events: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum, PartialEq, Eq)]
enum Mode {
    Local,
    Remote,
}

/// The SKUs that dev lays in: SKU-0001 .. SKU-1000, 1,000,000 each.
const STOCK: &str = "
WITH laid_in AS (
    INSERT INTO inventory (sku, on_hand)
    SELECT 'SKU-' || lpad(n::text, 4, '0'), 1000000 FROM generate_series(1, 1000) n
    ON CONFLICT (sku) DO NOTHING
    RETURNING sku, on_hand
)
INSERT INTO inventory_journal (sku, delta, reason, client) SELECT sku, on_hand, 'laid in by dev', 'anonymous' FROM laid_in";

/// In dev's own configuration, the place of its participants' process, whose port is not known yet. A file may put
/// something else there.
const OWN: &str = "http://127.0.0.1:0";

/// Runs until a signal asks to end.
pub fn run(args: DevArgs) -> Result<ExitCode, Failure> {
    let mut config = configure(&args)?;
    logs::init(&config.telemetry.log, config.telemetry.format).map_err(|error| Failure::usage(error.to_string()))?;
    make_private(&args.data_dir)
        .map_err(|error| Failure::work(format!("--data-dir {}: {error}", args.data_dir.display())))?;
    let listener =
        process::bind(&config.server.listen).map_err(|error| Failure::work(format!("server.listen: {error}")))?;
    let address = listener.local_addr().map_err(|error| Failure::work(error.to_string()))?;

    let postgres = EmbeddedPostgres::start(PostgresSettings::new(args.data_dir.join("postgres")))
        .map_err(|error| Failure::caused("cannot start PostgreSQL", &error))?;
    let url = postgres.database_url("counterfoil");
    (config.database.url, config.database.tls) = (Some(url.clone()), None); // over a unix socket
    let admin = Target::new(postgres.database_url("postgres"));
    let ledger = std::path::absolute(args.data_dir.join("ledger.jsonl"))
        .map_err(|error| Failure::work(format!("--data-dir {}: {error}", args.data_dir.display())))?;
    let participants = start_participants(&mut config, address, ledger.clone())?;
    let told = DevRun {
        listen: address,
        database_url: url.clone(),
        participants_url: participants.as_ref().map(Own::url),
        ledger: participants.as_ref().map(|_| ledger),
    };
    let children = Children { postgres, participants };
    let outcome: Result<(), Failure> = actix_web::rt::System::new().block_on(async {
        prepare(&admin, &Target::new(url.as_str()), config.deployment.name()).await?;
        let service = Service::start(config, listener).await?;
        if args.events {
            actix_web::rt::spawn(events::follow(Target::new(url.as_str())).await?);
        }
        announce(&args.data_dir, &told)?;
        let watch = children.watch()?;
        let served = service.run().await.map_err(Failure::from);
        watch.stop().await;
        served
    });
    outcome.map(|()| ExitCode::SUCCESS)
}

/// Makes the data folder, for nobody but whoever runs this: it holds a database without passwords, the ledger, and
/// customers' addresses. As root it is for the user that PostgreSQL runs as, who could not enter it otherwise. One that is
/// there stays as it is: it may be anything, and may be meant for others.
fn make_private(data_dir: &Path) -> std::io::Result<()> {
    if data_dir.is_dir() {
        return Ok(());
    }
    if let Some(parent) = data_dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(data_dir) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()), // by another one, just now
        made => made?,
    }
    match embedded_postgres::server_user(&data_dir.join("postgres")) {
        Some((uid, gid)) => std::os::unix::fs::fchown(std::fs::File::open(data_dir)?, Some(uid), Some(gid)),
        None => Ok(()),
    }
}

/// Dev's own configuration, a file's on top of it, and the command line's on top of that.
fn configure(args: &DevArgs) -> Result<Config, Failure> {
    let usage = |error: ConfigError| Failure::usage(error.to_string());
    let mut base = Config::default();
    base.faults.enabled = true;
    if args.participants == Mode::Remote {
        let (url, webhook_secret) = (Some(OWN.to_owned()), Some(Secrets::from(Secret(signature::fresh()))));
        let (payment, shipment) = (&mut base.participants.payment, &mut base.participants.shipment);
        (payment.kind, payment.url, payment.webhook_secret) = (PaymentKind::Http, url.clone(), webhook_secret.clone());
        (shipment.kind, shipment.url, shipment.webhook_secret) = (ParticipantKind::Http, url, webhook_secret);
    }
    let mut config = Config::load_settled(base, args.config.as_deref(), local_again).map_err(usage)?;
    config.auth.read_tokens_file().map_err(usage)?;
    if config.server.tls.is_some() {
        return Err(Failure::usage("server.tls is for `serve`: `dev` is for this machine, and spoken to by http"));
    }
    if let Some(listen) = &args.listen {
        config.server.listen.clone_from(listen);
        config.check().map_err(usage)?;
    }
    let Participants { payment, shipment, .. } = &config.participants;
    let none = payment.kind == PaymentKind::Local && shipment.kind == ParticipantKind::Local;
    if args.participants == Mode::Remote && none {
        return Err(Failure::usage(
            "--participants remote: the configuration makes both local again; leave participants.payment.kind or \
             participants.shipment.kind out of it",
        ));
    }
    Ok(config)
}

/// A participant that the file made local is spoken to nowhere.
fn local_again(config: &mut Config) {
    let Participants { payment, shipment, .. } = &mut config.participants;
    if payment.kind == PaymentKind::Local && payment.url.as_deref() == Some(OWN) {
        (payment.url, payment.webhook_secret) = (None, None);
    }
    if shipment.kind == ParticipantKind::Local && shipment.url.as_deref() == Some(OWN) {
        (shipment.url, shipment.webhook_secret) = (None, None);
    }
}

/// Starts the participants that the configuration expects of dev itself, and tells it where they are.
fn start_participants(config: &mut Config, engine: SocketAddr, ledger: PathBuf) -> Result<Option<Own>, Failure> {
    let Participants { payment, shipment, .. } = &mut config.participants;
    let own: Vec<(&mut Option<String>, &Option<Secrets>)> =
        [(&mut payment.url, &payment.webhook_secret), (&mut shipment.url, &shipment.webhook_secret)]
            .into_iter()
            .filter(|(url, _)| url.as_deref() == Some(OWN))
            .collect();
    let Some(webhook_secret) = own.first().and_then(|(_, secret)| (*secret).clone()) else { return Ok(None) };
    if own.iter().any(|(_, secret)| secret.as_ref() != Some(&webhook_secret)) {
        return Err(Failure::usage(
            "--participants remote: one process plays both, so participants.payment.webhook_secret and \
             participants.shipment.webhook_secret must be the same",
        ));
    }
    let program = std::env::current_exe().map_err(|error| Failure::work(format!("where is this program? {error}")))?;
    // An engine that listens everywhere is reached on the loopback.
    let host = match engine.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let webhooks = format!("http://{}/webhooks", SocketAddr::new(host, engine.port()));
    // Of several any will do: each is good.
    let webhook_secret = webhook_secret.0.into_iter().next().map(|secret| secret.0).unwrap_or_default();
    let participants = Own::start(Setup { program, ledger, webhooks, webhook_secret })?;
    for (url, _) in own {
        *url = Some(participants.url());
    }
    Ok(Some(participants))
}

/// Creates the database, its tables and its stock, where they are missing.
async fn prepare(admin: &Target, target: &Target, deployment: &str) -> Result<(), Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| Failure::caused("cannot prepare the database", error);
    let client = admin.connect().await.map_err(|error| failed(&error))?;
    let exists = client
        .query_opt("SELECT FROM pg_database WHERE datname = 'counterfoil'", &[])
        .await
        .map_err(|error| failed(&error))?;
    if exists.is_none() {
        client.batch_execute("CREATE DATABASE counterfoil").await.map_err(|error| failed(&error))?;
    }
    migrate::apply_as(target, deployment).await?;
    let client = target.connect().await.map_err(|error| failed(&error))?;
    // Nobody else has this database, and it is called what this run calls it.
    client.execute("UPDATE deployment SET name = $1", &[&deployment]).await.map_err(|error| failed(&error))?;
    // Nor does anything older run on it, so that all that this program knows is taken.
    releases::raise(&client).await.map_err(|error| failed(&error))?;
    client.batch_execute(STOCK).await.map_err(|error| failed(&error))
}

/// What others are told of a run.
struct DevRun {
    listen: SocketAddr,
    database_url: String,
    participants_url: Option<String>,
    ledger: Option<PathBuf>,
}

/// Writes a file that is not there: whatever bears its name, a link to somewhere else above all, goes first.
fn write_fresh(path: &Path, text: &str) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Says where it listens, to people on stdout and to programs in `dev.json`, which is replaced whole.
fn announce(data_dir: &Path, told: &DevRun) -> Result<(), Failure> {
    let json = serde_json::json!({
        "pid": std::process::id(),
        "listen": told.listen.to_string(),
        "database_url": told.database_url,
        "participants_url": told.participants_url,
        "ledger": told.ledger,
    });
    let (path, fresh) = (data_dir.join("dev.json"), data_dir.join("dev.json.new"));
    write_fresh(&fresh, &format!("{json:#}\n"))
        .and_then(|()| std::fs::rename(&fresh, &path))
        .map_err(|error| Failure::work(format!("{}: {error}", path.display())))?;
    let (address, url) = (told.listen, &told.database_url);
    let participants = match (&told.participants_url, &told.ledger) {
        (Some(url), Some(ledger)) => format!(
            "Its participants: {url} (payment and shipment, a process of their own)\n\
             Their ledger: {}\n\
             What took effect for an order: curl {url}/operations/ORD-1\n",
            ledger.display()
        ),
        _ => String::new(),
    };
    super::print(&format!(
        "{program} on http://{address}, data in {}\n\
         Its PostgreSQL: psql '{url}'\n\
         {participants}\n\
         Try an order:\n\n\
         curl -i http://{address}/orders -H 'Content-Type: application/json' -d '{{\"order_id\":\"ORD-1\",\
         \"customer_id\":\"cus-7\",\"currency\":\"USD\",\
         \"lines\":[{{\"sku\":\"SKU-0001\",\"quantity\":2,\"unit_price\":1999}}],\
         \"payment_method\":\"pm_ok\",\"ship_to\":{{\"name\":\"A\",\"line1\":\"1 Road\",\"city\":\"X\",\
         \"postal_code\":\"1\",\"country\":\"US\"}}}}'\n\n\
         Repeat it as often as you like: the answer stays the same. Ctrl-C ends it.\n",
        data_dir.display(),
        program = super::program(),
    ))
}
