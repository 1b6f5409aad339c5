//! A connection, which counts as lost as soon as it was lost once: what was on its way then is unknown, and asked for anew
//! by another one.

use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture, PublishError};
use async_nats::jetstream::message::OutboundMessage;
use async_nats::jetstream::{self, context};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerError};
use tokio::sync::watch;

use super::settings::{Auth, secret};
use super::{NatsSpec, SinkError, told};
use crate::limits;

/// A connection to a server.
pub(super) struct Connection {
    client: Client,
    pub(super) context: jetstream::Context,
    /// Why it is of no more use.
    lost: watch::Receiver<Option<SinkError>>,
}

impl Connection {
    /// Connects, and says who this is.
    pub(super) async fn new(plan: &NatsSpec) -> Result<Self, SinkError> {
        let settings = &plan.settings;
        let (lose, lost) = watch::channel(None);
        let mut options = ConnectOptions::new()
            .name(format!("counterfoil/{}/{}", plan.part.deployment, plan.part.sink))
            .connection_timeout(limits::NATS_QUESTION)
            .request_timeout(Some(limits::NATS_QUESTION))
            // Nobody waits for the connection to come back.
            .max_reconnects(Some(1))
            .event_callback(move |event| {
                let ended = ended(&event);
                lose.send_if_modified(|before| match ended {
                    Some(ended) if before.is_none() => {
                        *before = Some(ended);
                        true
                    }
                    Some(_) | None => false,
                });
                std::future::ready(())
            });
        match &settings.auth {
            None => {}
            Some(Auth::Password { username, password_file }) => {
                options = options.user_and_password(username.clone(), secret(password_file)?);
            }
            Some(Auth::Token { token_file }) => options = options.token(secret(token_file)?),
        }
        if let Some(files) = &settings.tls {
            let config = crate::tls::client(files).map_err(|error| SinkError::Unfit(error.to_string()))?;
            options = options.require_tls(true).tls_client_config(config);
        }
        let servers: Vec<_> = settings.url.split(',').map(str::trim).collect();
        let client = tokio::time::timeout(2 * limits::NATS_QUESTION, options.connect(servers)).await;
        let client = client.map_err(|_| SinkError::Unknown("no server of NATS' answers".into()))?;
        let client = client.map_err(|error| {
            if let Some(why) = settings.tls.as_ref().and_then(|files| crate::tls::refusal(&error, files)) {
                return SinkError::Unfit(format!("no connection to NATS: {why}"));
            }
            let why = format!("no connection to NATS: {}", told(&error));
            match error.kind() {
                // No attempt helps against a wrong password or a certificate that nobody knows.
                ConnectErrorKind::AuthorizationViolation
                | ConnectErrorKind::Authentication
                | ConnectErrorKind::ServerParse
                | ConnectErrorKind::Tls => SinkError::Unfit(why),
                ConnectErrorKind::Dns
                | ConnectErrorKind::TimedOut
                | ConnectErrorKind::Io
                | ConnectErrorKind::MaxReconnects => SinkError::Unknown(why),
            }
        })?;
        let context = ContextBuilder::new().timeout(limits::NATS_QUESTION).build(client.clone());
        Ok(Self { client, context, lost })
    }

    /// The largest message that the server takes, headers and all.
    pub(super) fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    /// Sends a message: what is waited for until it is taken.
    pub(super) async fn publish(&self, message: OutboundMessage) -> Result<PublishAckFuture, PublishError> {
        context::traits::Publisher::publish_message(&self.context, message).await
    }

    /// What comes of something, unless the connection is lost meanwhile.
    pub(super) async fn beside<T>(&self, work: impl Future<Output = T>) -> Result<T, SinkError> {
        let mut lost = self.lost.clone();
        tokio::select! {
            biased;
            done = work => Ok(done),
            lost = lost.wait_for(Option::is_some) => Err(match lost {
                Ok(why) => why.clone().unwrap_or_else(away),
                Err(_closed) => away(),
            }),
        }
    }
}

fn away() -> SinkError {
    SinkError::Unknown("the connection to NATS was lost".into())
}

/// Whether the connection is of no more use.
fn ended(event: &Event) -> Option<SinkError> {
    match event {
        Event::Disconnected | Event::Closed | Event::ClientError(_) => Some(away()),
        // Whoever may not publish, or ask, gets no answer.
        Event::ServerError(ServerError::Other(why)) if why.to_ascii_lowercase().contains("permissions violation") => {
            Some(SinkError::Unfit(format!("NATS refuses it: {why}")))
        }
        Event::ServerError(ServerError::AuthorizationViolation) => {
            Some(SinkError::Unfit("NATS refuses who this is".into()))
        }
        Event::ServerError(error @ (ServerError::Other(_) | ServerError::SlowConsumer(_))) => {
            Some(SinkError::Unknown(format!("NATS says: {error}")))
        }
        Event::Connected | Event::LameDuckMode | Event::Draining | Event::SlowConsumer(_) => None,
    }
}
