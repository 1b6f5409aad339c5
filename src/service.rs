//! Puts a configuration's parts together: store, participants, engine, HTTP.

mod background;
mod error;
mod outbox_table;
mod relays;
mod steps;
mod webhooks;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use background::{Background, Ends};
pub use error::ServiceError;
use relays::Relays;

use crate::client::{Credentials, checked_base, is_https};
use crate::config::retention::span;
use crate::config::{Config, ParticipantKind, Participants, PaymentKind, Sink, SinkKind, Way};
use crate::engine::{Engine, EngineSettings, Retry};
use crate::faults::Faults;
use crate::http;
use crate::http::departure::Departure;
use crate::participants::http::{HttpParticipants, ParticipantSettings, Shown};
use crate::saga::Plan;
use crate::store::planner::{Planner, Purpose};
use crate::store::prune::{Expected, PruneSettings};
use crate::store::{ConnectError, PgStore, StoreSettings, Target};
use crate::telemetry::{Metrics, program};
use crate::tls::bearer::TokenFile;
use crate::tls::{self, Acceptor, Dialer, HTTP, Reread, Verify};
use crate::{limits, process};

/// A running service.
pub struct Service {
    engine: Engine,
    store: Arc<PgStore>,
    server: actix_web::dev::Server,
    departure: Departure,
    background: Background,
    drain_delay: Duration,
    grace: Duration,
}

/// A task that ends with whoever has it, and what is under way then is taken back.
struct Aborted(tokio::task::JoinHandle<()>);

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Begins to prune, where the configuration says so and this is no copy of a database.
fn retention(config: &Config, store: &PgStore, engine: &Engine) -> Option<Aborted> {
    let older_than = config.retention.older_than.as_deref().and_then(span)?;
    if let Err(why) = store.may_publish(config.deployment.name()) {
        tracing::error!(%why, "nothing is pruned in this database");
        return None;
    }
    let hold = Duration::from_millis(config.outbox.hold_ms);
    let settings =
        PruneSettings { older_than, hold, planner: planner(config), dry_run: false, sinks: expected(config) };
    let every = span(&config.retention.every)?;
    Some(Aborted(tokio::spawn(store.retention(settings, every, engine.node()).go_on())))
}

/// How the database of a configuration is reached.
pub fn target(config: &Config) -> Result<Target, ServiceError> {
    let url = config.database_url().map_err(|error| ServiceError::usage(error.to_string()))?;
    let mut target = Target::with_tls(url, config.database.tls.as_ref());
    target.connect_timeout = Duration::from_millis(config.database.connect_timeout_ms);
    target.statement_timeout = Duration::from_millis(config.database.statement_timeout_ms);
    target.lock_timeout = Duration::from_millis(config.database.lock_timeout_ms);
    target.planner = planner(config);
    target.check().map_err(|error| ServiceError::usage(error.to_string()))?;
    Ok(target)
}

/// How connections to it plan.
pub fn planner(config: &Config) -> Planner {
    let kinds = config.database.planner.kinds();
    Purpose::ALL.iter().fold(Planner::default(), |planner, purpose| {
        let Some((_, plans)) = kinds.iter().find(|(kind, _)| *kind == purpose.as_str()) else { return planner };
        planner.with(*purpose, plans.iter().map(|(name, setting)| (name.clone(), setting.0.clone())))
    })
}

/// Which participants are remote.
fn plan(config: &Config) -> Plan {
    let Participants { inventory, payment, shipment } = &config.participants;
    let bit = |is_remote: bool, bit: i16| if is_remote { bit } else { 0 };
    Plan(
        bit(inventory.kind != ParticipantKind::Local, Plan::INVENTORY)
            | bit(payment.kind != PaymentKind::Local, Plan::PAYMENT)
            | bit(shipment.kind != ParticipantKind::Local, Plan::SHIPMENT),
    )
}

/// What is read again on SIGHUP, each by the key that names it.
pub type Rereads = Vec<(String, Arc<dyn Reread>)>;

/// What a participant is shown, and asked to show; kept for the next SIGHUP.
fn credentials(section: &str, way: Way<'_>, rereads: &mut Rereads) -> Result<Credentials, ServiceError> {
    let mut found = Credentials::default();
    if way.url.is_some_and(|url| checked_base(url).is_ok_and(|base| is_https(&base))) {
        let wrong = |error| ServiceError::usage(format!("{section}: {error}"));
        let dialer = Dialer::open(way.files(), Verify::Name, HTTP).map_err(wrong)?;
        rereads.push((section.to_owned(), Arc::new(dialer.clone())));
        found.dialer = Some(dialer);
    }
    if let Some(path) = way.token_file {
        let wrong = |error| ServiceError::usage(format!("{section}.token_file: {error}"));
        let token = TokenFile::open(path).map_err(wrong)?;
        rereads.push((format!("{section}.token_file"), Arc::new(token.clone())));
        found.token = Some(token);
    }
    Ok(found)
}

/// What the listener shows, where it speaks HTTPS.
pub fn acceptor(config: &Config) -> Result<Option<Acceptor>, ServiceError> {
    let opened = config.server.tls.clone().map(Acceptor::open).transpose();
    opened.map_err(|error| ServiceError::usage(format!("server.tls: {error}")))
}

/// Refuses files of certificates and tokens that do not serve, before anything is waited for.
pub fn check_files(config: &Config) -> Result<(), ServiceError> {
    let Participants { inventory, payment, shipment } = &config.participants;
    for (role, way) in [("inventory", inventory.way()), ("payment", payment.way()), ("shipment", shipment.way())] {
        credentials(&format!("participants.{role}"), way, &mut Rereads::new())?;
    }
    for step in &config.saga.steps {
        credentials(&format!("saga.steps.{}", step.name), step.way(), &mut Rereads::new())?;
    }
    webhooks::check(config)?;
    acceptor(config).map(drop)
}

/// The client of the remote participants, where there are any. Its connections live on the runtime that this is called
/// on, which has little else to do.
fn remote(
    config: &Config,
    store: &PgStore,
    metrics: &Arc<Metrics>,
    rereads: &mut Rereads,
) -> Result<HttpParticipants, ServiceError> {
    let Participants { inventory, payment, shipment } = &config.participants;
    let (mut urls, mut of_steps) = (Vec::new(), BTreeMap::new());
    for step in &config.saga.steps {
        let name = steps::name(step)?;
        of_steps.insert(name.clone(), credentials(&format!("saga.steps.{name}"), step.way(), rereads)?);
        urls.extend(step.url.clone().map(|url| (name, url)));
    }
    let shown = Shown {
        steps: of_steps,
        inventory: credentials("participants.inventory", inventory.way(), rereads)?,
        payment: credentials("participants.payment", payment.way(), rereads)?,
        shipment: credentials("participants.shipment", shipment.way(), rereads)?,
    };
    let settings = ParticipantSettings {
        deployment: store.deployment(),
        inventory: inventory.url.clone(),
        payment: payment.url.clone(),
        shipment: shipment.url.clone(),
        steps: urls,
        step_timeout: Duration::from_millis(config.saga.step_timeout_ms),
        payment_key_lifetime: payment.key_lifetime(),
        calls: limits::PARTICIPANT_CALLS,
    };
    HttpParticipants::showing(settings, shown, Arc::clone(metrics), Handle::current())
        .map_err(|error| ServiceError::usage(format!("participants: {error}")))
}

fn engine_settings(config: &Config, listen: SocketAddr) -> EngineSettings {
    let retry = &config.saga.retry;
    EngineSettings {
        shards: config.engine.shard_count(),
        threads: config.engine.shard_threads(),
        mailbox_orders: config.engine.mailbox_orders,
        passivate_after: Duration::from_millis(config.engine.passivate_after_ms),
        command_timeout: Duration::from_millis(config.engine.command_timeout_ms),
        store_timeout: Duration::from_millis(config.database.statement_timeout_ms),
        max_deaths: config.engine.max_deaths,
        lease: Duration::from_millis(config.engine.lease_ms),
        reservation_ttl: Duration::from_millis(config.saga.reservation_ttl_ms),
        authorized_ttl: Duration::from_millis(config.saga.authorized_ttl_ms),
        step_timeout: Duration::from_millis(config.saga.step_timeout_ms),
        retry: Retry {
            first: Duration::from_millis(retry.first_ms),
            factor: retry.factor,
            max: Duration::from_millis(retry.max_ms),
            attempts: i16::try_from(retry.attempts).unwrap_or(i16::MAX),
        },
        entry_wait: Duration::from_millis(config.saga.entry_wait_ms),
        name: listen.to_string(),
        deployment: config.deployment.name().to_owned(),
    }
}

/// Who is configured to be published to.
pub fn expected(config: &Config) -> Vec<Expected> {
    let of = |sink: &Sink| Expected {
        name: sink.name.clone(),
        parts: if sink.kind == SinkKind::Webhook { 0 } else { sink.parts() },
    };
    config.outbox.sinks.iter().map(of).collect()
}

/// What a service stands on.
pub struct Ground {
    store: Arc<PgStore>,
    faults: Arc<Faults>,
    metrics: Arc<Metrics>,
    rereads: Rereads,
}

impl Ground {
    /// Opens the store; a database that is away, or that this program must not run on, is an error.
    pub async fn open(config: &Config, target: &Target) -> Result<Self, ConnectError> {
        let (faults, metrics) = (Arc::new(Faults::default()), Metrics::new(config.engine.shard_count()));
        let settings = StoreSettings {
            target: target.clone(),
            committers: config.database.committers,
            pool_size: config.database.pool_size,
        };
        let store = PgStore::open(settings, Arc::clone(&faults), Arc::clone(&metrics)).await?;
        let rereads = target.certificates().map(|tls| ("database.tls".to_owned(), tls)).into_iter().collect();
        Ok(Self { store, faults, metrics, rereads })
    }
}

impl Service {
    /// Starts everything on a listener that is bound already.
    pub async fn start(config: Config, listener: TcpListener) -> Result<Self, ServiceError> {
        let ground = Ground::open(&config, &target(&config)?).await;
        Self::start_on(ground.map_err(|error| ServiceError::caused("cannot open the store", &error))?, config, listener)
            .await
    }

    /// The same on a store that is open.
    pub async fn start_on(ground: Ground, config: Config, listener: TcpListener) -> Result<Self, ServiceError> {
        let Ground { store, faults, metrics, mut rereads } = ground;
        let plan = plan(&config);
        let local = Arc::new(steps::along(&config, plan)?);
        let remote = remote(&config, &store, &metrics, &mut rereads)?;
        remote.greet();
        let listen = listener.local_addr().map_err(|error| ServiceError::work(format!("server.listen: {error}")))?;
        outbox_table::settle(&config, &store, listen).await?; // before an order is taken
        let engine = Engine::builder(Arc::clone(&store) as _, local, store.clock())
            .settings(engine_settings(&config, listen))
            .remote(Arc::new(remote))
            .faults(faults)
            .metrics(metrics)
            .start()
            .map_err(|error| ServiceError::caused("cannot start the engine", &error))?;
        let target = target(&config)?;
        let mut background = Background::default();
        let relays = Relays::start(&config, &store, &engine, &mut rereads)?;
        let farewell = limits::RELAY_FAREWELL * 2;
        background.add("relays", Ends::BehindTheDoor, move |_| relays.stop(farewell));
        let (deliveries, desk) = webhooks::begin(&config, &store, &engine, &mut rereads)?;
        if let Some(deliveries) = deliveries {
            background.add("webhook deliveries", Ends::WhileDraining, move |left| deliveries.stop(left));
        }
        if let Some(pruner) = retention(&config, &store, &engine) {
            background.add("retention", Ends::BeforeDraining, move |_| async move { drop(pruner) });
        }
        let place = target.place();
        let acceptor = acceptor(&config)?;
        if let Some(acceptor) = &acceptor {
            rereads.push(("server.tls".into(), Arc::new(acceptor.clone())));
        }
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        tracing::info!("{} on {scheme}://{listen}, data in {place}", program());
        let grace = Duration::from_millis(config.server.shutdown_grace_ms);
        let drain_delay = Duration::from_millis(config.server.drain_delay_ms);
        let departure = Departure::default();
        let server = http::serve_leaving_by(engine.clone(), &config, listener, acceptor, Some(desk), departure.clone())
            .map_err(|error| ServiceError::work(format!("cannot serve: {error}")))?;
        let followed = Aborted(actix_web::rt::spawn(tls::follow(rereads)));
        background.add("certificates and tokens", Ends::BehindTheDoor, move |_| async move { drop(followed) });
        tracing::debug!(tasks = ?background.names(), "in the background");
        Ok(Self { engine, store, server, departure, background, drain_delay, grace })
    }

    /// Serves until a signal asks to end, then leaves within the grace period: says so, waits `server.drain_delay_ms`
    /// (a second signal ends that), drains while the door is still open, hands its orders over, and closes.
    pub async fn run(self) -> Result<(), ServiceError> {
        let Self { engine, store, server, departure, mut background, drain_delay, grace } = self;
        let handle = server.handle();
        let mut serving = actix_web::rt::spawn(server);
        tokio::select! {
            ended = &mut serving => {
                let why = match ended {
                    Ok(Ok(())) => "nobody asked it to".to_owned(),
                    Ok(Err(error)) => error.to_string(),
                    Err(panic) => panic.to_string(),
                };
                return Err(ServiceError::work(format!("the server ended: {why}")));
            }
            () = process::signalled() => departure.announce(),
        }
        let deadline = tokio::time::Instant::now() + grace;
        let drain_delay = drain_delay.min(grace - grace / 4); // orders are to be handed over, too
        if !drain_delay.is_zero() {
            tracing::info!("not ready any more");
            tokio::select! { () = tokio::time::sleep(drain_delay) => {}, () = process::signalled() => {} }
        }
        tracing::info!("draining");
        departure.streams().close();
        background.end(Ends::BeforeDraining, Duration::ZERO).await;
        // Who waits for an order in flight is told where it stands; who still comes is turned away with a 503.
        let left = || deadline.saturating_duration_since(tokio::time::Instant::now());
        let (drained, ()) = tokio::join!(engine.shutdown(left()), background.end(Ends::WhileDraining, left()));
        departure.close(handle, deadline).await;
        background.end(Ends::BehindTheDoor, left()).await;
        store.close(left());
        if drained {
            Ok(())
        } else {
            Err(ServiceError::work("some requests were not answered within the grace period"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_in_a_program_waits_as_long_as_one_behind_a_configuration() {
        let (configured, own) =
            (engine_settings(&Config::default(), SocketAddr::from(([127, 0, 0, 1], 80))), EngineSettings::default());
        assert_eq!(configured.retry, own.retry);
        let waits = |settings: &EngineSettings| {
            let EngineSettings { passivate_after, command_timeout, lease, step_timeout, .. } = *settings;
            let EngineSettings { store_timeout, reservation_ttl, authorized_ttl, entry_wait, .. } = *settings;
            let calls = [command_timeout, step_timeout, store_timeout];
            (calls, [passivate_after, lease, reservation_ttl, authorized_ttl, entry_wait])
        };
        assert_eq!(waits(&configured), waits(&own));
        let others =
            |settings: &EngineSettings| (settings.mailbox_orders, settings.max_deaths, settings.deployment.clone());
        assert_eq!(others(&configured), others(&own));
    }

    #[test]
    fn the_configuration_reaches_the_engine() {
        let mut config = Config::default();
        assert_eq!(plan(&config), Plan::LOCAL);
        config.participants.inventory.kind = ParticipantKind::Http;
        assert_eq!(plan(&config), Plan(Plan::INVENTORY));
        config.participants.payment.kind = PaymentKind::Http;
        config.participants.shipment.kind = ParticipantKind::Http;
        assert_eq!(plan(&config), Plan(Plan::INVENTORY | Plan::PAYMENT | Plan::SHIPMENT));
        config.engine.lease_ms = 7_000;
        config.deployment.name = Some("staging".into());
        (config.saga.step_timeout_ms, config.saga.reservation_ttl_ms) = (3_000, 60_000);
        config.saga.authorized_ttl_ms = 120_000;
        (config.saga.retry.first_ms, config.saga.retry.max_ms) = (10, 500);
        (config.saga.retry.factor, config.saga.retry.attempts) = (3.0, 4);
        let settings = engine_settings(&config, SocketAddr::from(([127, 0, 0, 1], 80)));
        let ms = Duration::from_millis;
        assert_eq!((settings.lease, settings.step_timeout), (ms(7_000), ms(3_000)));
        assert_eq!((settings.reservation_ttl, settings.authorized_ttl), (ms(60_000), ms(120_000)));
        assert_eq!(settings.retry, Retry { first: ms(10), factor: 3.0, max: ms(500), attempts: 4 });
        assert_eq!((&*settings.name, &*settings.deployment), ("127.0.0.1:80", "staging"));
    }
}
