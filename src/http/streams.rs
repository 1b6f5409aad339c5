//! Who follows which order live: the seats of the event streams, at most [`limits::EVENT_STREAMS`], of which one client
//! has a share, and what wakes them.
//!
//! The engine tells of its commits on one channel. Were every stream to listen there, each commit would wake all of
//! them; so one listener, which runs while a stream is open, wakes those of the order. A wake-up says only that it is
//! worth looking: what a stream tells is read from the store. A lost wake-up (a listener that fell behind, or whose
//! thread went) is made good by each stream's own looking, [`limits::LOOK_AGAIN`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::engine::Engine;
use crate::limits;
use crate::saga::{Client, LocalTransaction, OrderId};
use crate::telemetry::{Metrics, Overload};

/// The live histories of a server. Clones share them.
#[derive(Clone, Default)]
pub struct Streams(Arc<StreamsShared>);

#[derive(Default)]
struct StreamsShared {
    table: Mutex<Table>,
    /// For the listener: a seat was given up.
    vacated: Notify,
}

#[derive(Default)]
struct Table {
    seats: HashMap<OrderId, Vec<(u64, Arc<Notify>)>>,
    open: usize,
    by_client: HashMap<Client, usize>,
    numbers: u64,
    listening: bool,
    closing: bool,
}

/// Why a live history is not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoSeat {
    /// As many are open as there may be.
    Full,
    /// As many of this client are open as one may have.
    Share,
    /// The server is ending.
    Closing,
}

/// A live history's place; given up when dropped.
pub(super) struct Seat {
    streams: Streams,
    order_id: OrderId,
    client: Client,
    number: u64,
    wake: Arc<Notify>,
    metrics: Arc<Metrics>,
}

impl Streams {
    /// Ends all live histories, and begins no more: their clients come back elsewhere, and go on where they were.
    pub fn close(&self) {
        let mut table = self.lock();
        table.closing = true;
        table.seats.values().flatten().for_each(|(_, wake)| wake.notify_one());
    }

    /// Takes a seat. From now on each commit of the order in this engine leaves a wake-up, so that a look at the store
    /// which follows misses nothing.
    pub(super) fn open(&self, order_id: &OrderId, client: &Client, engine: &Engine) -> Result<Seat, NoSeat> {
        let mut table = self.lock();
        if table.closing {
            return Err(NoSeat::Closing);
        }
        let theirs = table.by_client.get(client).copied().unwrap_or_default();
        let share = if client.is_anonymous() { limits::EVENT_STREAMS } else { limits::share(limits::EVENT_STREAMS) };
        let metrics = Arc::clone(engine.metrics());
        if table.open >= limits::EVENT_STREAMS || theirs >= share {
            metrics.overloaded(Overload::Streams).inc();
            return Err(if table.open >= limits::EVENT_STREAMS { NoSeat::Full } else { NoSeat::Share });
        }
        table.open += 1;
        metrics.event_streams.inc();
        table.by_client.insert(client.clone(), theirs + 1);
        table.numbers += 1;
        let (number, wake) = (table.numbers, Arc::new(Notify::new()));
        table.seats.entry(order_id.clone()).or_default().push((number, Arc::clone(&wake)));
        if !std::mem::replace(&mut table.listening, true) {
            actix_web::rt::spawn(listen(self.clone(), engine.subscribe()));
        }
        let (order_id, client) = (order_id.clone(), client.clone());
        Ok(Seat { streams: self.clone(), order_id, client, number, wake, metrics })
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes those who follow the order, or everybody.
    fn wake(&self, order_id: Option<&OrderId>) {
        let table = self.lock();
        match order_id {
            Some(id) => table.seats.get(id).into_iter().flatten().for_each(|(_, wake)| wake.notify_one()),
            None => table.seats.values().flatten().for_each(|(_, wake)| wake.notify_one()),
        }
    }

    /// Whether nobody listens any more; whoever sits down next has to see to it again.
    fn rests(&self) -> bool {
        let mut table = self.lock();
        table.listening = table.open > 0;
        !table.listening
    }
}

/// Wakes streams as the engine commits, as long as one is open: the engine tells nothing where nobody listens.
async fn listen(streams: Streams, mut commits: Receiver<Arc<LocalTransaction>>) {
    loop {
        tokio::select! {
            told = commits.recv() => match told {
                Ok(txn) => streams.wake(Some(&txn.order.id)),
                Err(RecvError::Lagged(_)) => streams.wake(None),
                Err(RecvError::Closed) => return,
            },
            () = streams.0.vacated.notified() => {}
        }
        if streams.rests() {
            return;
        }
    }
}

impl Seat {
    /// Until the order may have moved, or the server is ending. One wake-up is kept for who does not wait right now.
    pub(super) async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Whether the server is ending.
    pub(super) fn is_closing(&self) -> bool {
        self.streams.lock().closing
    }
}

#[cfg(test)]
impl Seat {
    /// What wakes it.
    pub(super) fn waker(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }
}

#[cfg(test)]
impl Streams {
    /// Whether nobody sits, and nothing is remembered of those who did.
    pub(super) fn is_empty(&self) -> bool {
        let table = self.lock();
        table.open == 0 && table.seats.is_empty() && table.by_client.is_empty()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut table = self.streams.lock();
        table.open = table.open.saturating_sub(1);
        self.metrics.event_streams.dec();
        if let Some(theirs) = table.by_client.get_mut(&self.client) {
            *theirs = theirs.saturating_sub(1);
            if *theirs == 0 {
                table.by_client.remove(&self.client);
            }
        }
        if let Some(seats) = table.seats.get_mut(&self.order_id) {
            seats.retain(|(number, _)| *number != self.number);
            if seats.is_empty() {
                table.seats.remove(&self.order_id);
            }
        }
        drop(table);
        self.streams.0.vacated.notify_one();
    }
}
