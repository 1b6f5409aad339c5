//! Puts together what delivers webhooks: the sender, the endpoints of a configuration, and whoever looks after them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::ServiceError;
use crate::config::{Config, SinkKind};
use crate::engine::Engine;
use crate::http::WebhookDesk;
use crate::outbox::webhooks::schedule::Schedule;
use crate::outbox::webhooks::sender::{Sender, wrong_url};
use crate::outbox::webhooks::{Configured, Parts, Probe, Running, start};
use crate::ports::Clock;
use crate::ports::feed::Reader;
use crate::ports::webhooks::EndpointTarget;
use crate::store::PgStore;
use crate::store::steady::SteadyFeed;
use crate::tls::{Dialer, Files, HTTP, Reread, TlsError, Verify};

/// The certificates that endpoints are asked for; `None` where the system has no CAs and none are named.
fn dialer(config: &Config) -> Result<Option<Dialer>, ServiceError> {
    let ca = config.outbox.webhooks.ca.clone();
    match Dialer::open(Files { ca, ..Files::default() }, Verify::Name, HTTP) {
        Ok(dialer) => Ok(Some(dialer)),
        // It is told where one is needed: few have endpoints.
        Err(TlsError::NoRoots) => Ok(None),
        Err(error) => Err(ServiceError::usage(format!("outbox.webhooks.ca: {error}"))),
    }
}

/// The endpoints that a checked configuration names.
fn configured(config: &Config) -> Result<Vec<Configured>, ServiceError> {
    let allow_private = config.outbox.webhooks.allow_private;
    let webhooks = config.outbox.sinks.iter().enumerate().filter(|(_, sink)| sink.kind == SinkKind::Webhook);
    let read = webhooks.map(|(index, sink)| {
        let key = |name: &str| format!("outbox.sinks[{index}].{name}");
        let url = sink.endpoint.as_ref().map(|url| url.0.clone()).unwrap_or_default();
        if let Some(wrong) = wrong_url(&url, allow_private) {
            return Err(ServiceError::usage(format!("{}: {wrong}", key("endpoint"))));
        }
        let begin = sink.from().parse().map_err(|wrong| ServiceError::usage(format!("{}: {wrong}", key("from"))))?;
        let secrets = sink.secret.iter().flat_map(|secrets| &secrets.0).map(|secret| secret.0.clone()).collect();
        let kind = |kind: &String| kind.strip_prefix("counterfoil.").unwrap_or(kind).to_owned();
        let target = EndpointTarget {
            url,
            secrets,
            types: sink.types.iter().map(kind).collect(),
            clients: sink.clients.clone(),
            personal_data: sink.personal_data,
            strict: sink.strict,
        };
        Ok(Configured { name: sink.name.as_str().into(), target, begin })
    });
    read.collect()
}

/// Refuses what cannot be delivered to, before anything is waited for.
pub(super) fn check(config: &Config) -> Result<(), ServiceError> {
    dialer(config)?;
    configured(config).map(drop)
}

/// Begins to deliver, on the current runtime, unless this is a copy of a database; and what operators are answered from.
pub(super) fn begin(
    config: &Config,
    store: &Arc<PgStore>,
    engine: &Engine,
    rereads: &mut Vec<(String, Arc<dyn Reread>)>,
) -> Result<(Option<Running>, WebhookDesk), ServiceError> {
    let dialer = dialer(config)?;
    rereads.extend(dialer.iter().map(|dialer| ("outbox.webhooks.ca".to_owned(), Arc::new(dialer.clone()) as _)));
    let webhooks = &config.outbox.webhooks;
    let sender = Sender::new(webhooks.allow_private, dialer);
    let configured = configured(config)?;
    let feed: Arc<dyn Reader> = Arc::new(SteadyFeed::new(Arc::clone(store) as _));
    let source = format!("/counterfoil/{}", store.deployment_name());
    let clock: Arc<dyn Clock> = Arc::clone(engine.clock());
    let others = config.outbox.sinks.iter().filter(|sink| sink.kind != SinkKind::Webhook);
    let probe = Probe {
        sender: sender.clone(),
        clock: Arc::clone(&clock),
        source: source.clone(),
        feed: Arc::clone(&feed),
        configured: configured.iter().map(|one| Arc::clone(&one.name)).collect::<HashSet<_>>(),
        others: others.map(|sink| sink.name.clone()).collect(),
    };
    let parts = Parts {
        webhooks: Arc::clone(store) as _,
        leases: Arc::clone(store) as _,
        feed,
        clock,
        metrics: Arc::clone(engine.metrics()),
        sender,
        source,
        node: Uuid::new_v4(),
        lease: Duration::from_millis(config.engine.lease_ms),
        in_flight: webhooks.max_in_flight,
        schedule: webhooks.retry_ms.as_deref().map_or_else(Schedule::default, Schedule::of),
    };
    let desk = WebhookDesk { operations: Arc::clone(store) as _, probe: Arc::new(probe) };
    if let Err(why) = store.may_publish(config.deployment.name()) {
        tracing::error!(%why, "no webhooks are delivered from this database");
        return Ok((None, desk));
    }
    Ok((Some(start(parts, configured)), desk))
}
