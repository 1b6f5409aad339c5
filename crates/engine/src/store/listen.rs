//! Hears of orders that ended, by NOTIFY: at whose COMMIT it was, in whichever engine, this one included.
//!
//! One connection a store, from the first subscription on; it comes back by itself when it is lost. What is told
//! meanwhile is lost too, and so is what a slow listener leaves lying: whoever waits looks for itself from time to time.

use std::future::poll_fn;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_postgres::AsyncMessage;

use super::connection::{ConnectError, Target};
use super::session;
use crate::limits;
use crate::saga::OrderId;

/// The channel on which commits tell of orders that ended.
const LISTEN: &str = "LISTEN counterfoil_ended";

/// The pauses between two attempts to reach a database that is away.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The subscribers, and the task that listens for them.
pub(super) struct Ended {
    sender: broadcast::Sender<OrderId>,
    target: Target,
    runtime: Handle,
    listener: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Ended {
    /// Listens for nobody yet. Must be called within the runtime that will drive the connection.
    pub(super) fn new(target: Target) -> Self {
        let (sender, _) = broadcast::channel(limits::ENDED_WAITING);
        Self { sender, target, runtime: Handle::current(), listener: std::sync::Mutex::default() }
    }

    /// What is told from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<OrderId> {
        let receiver = self.sender.subscribe();
        let mut listener = self.listener.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if listener.is_none() {
            *listener = Some(self.runtime.spawn(listen(self.target.clone(), self.sender.clone())));
        }
        receiver
    }

    /// Ends the listening; nothing is heard afterwards.
    pub(super) fn close(&self) {
        let mut listener = self.listener.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(listener) = listener.take() {
            listener.abort();
        }
    }
}

impl Drop for Ended {
    fn drop(&mut self) {
        self.close();
    }
}

/// Listens until it is aborted.
async fn listen(target: Target, sender: broadcast::Sender<OrderId>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match hear(&target, &sender).await {
            Ok(()) => pause = FIRST_PAUSE,
            Err(error) => tracing::debug!(%error, "cannot listen for orders that ended"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Listens on one connection, until it ends. An error means that it never stood.
async fn hear(target: &Target, sender: &broadcast::Sender<OrderId>) -> Result<(), ConnectError> {
    let (client, mut connection, timeline) = target.open().await?;
    let messages = async {
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message {
                // Nobody listens just now: nobody waits.
                let _nobody = sender.send(OrderId::trusted(told.payload()));
            }
        }
    };
    // A network that swallows everything ends no connection, nor does a server that is no primary any more. LISTEN stands
    // behind each check, so that people who look at the server see which connection this is.
    let ask = async {
        loop {
            client.batch_execute(LISTEN).await.map_err(ConnectError::Ask)?;
            tokio::time::sleep(limits::LISTEN_CHECK).await;
            if session::check(target, &client).await.is_err() {
                return Ok(());
            }
        }
    };
    tokio::select! {
        () = messages => Ok(()),
        () = target.trust.clone().overtaken(timeline) => Ok(()),
        asked = ask => asked,
    }
}
