//! Loads of orders, gathered as writes are: what is asked for while others are asked goes together, in one question. A question
//! costs PostgreSQL, and the threads between which it goes, several times what one more order in it does.
//!
//! An order is read after it was asked for, never before: a group is closed when it is sent. What could spoil that one order is
//! read with others, and why it does not:
//!
//! - *One that cannot be read*: what a row holds is judged by whoever asked for it, on a thread of his; where PostgreSQL itself
//!   refuses a group, each of it is asked for alone.
//! - *A connection that is lost*: it is asked once more, on another one.
//! - *A server that is silent*: a group that has no answer after [`limits::LOAD_SLOW`] holds up nobody, since the next one is
//!   sent without it, on another connection; and it is left as soon as nobody waits for it any more, as every read is.
//! - *Whoever asked is gone*: the group is nobody's. It runs where the store was opened, and not on the thread of one that
//!   asked, which may end. Where nothing runs there any more, who asks is told so.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{self, Either, join_all};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::connection::Target;
use super::queries::{self, HeardRow};
use super::reads::ReadPool;
use super::rows;
use crate::limits;
use crate::ports::{StoreError, StoredOrder};
use crate::saga::OrderId;

/// Who gathers.
pub(super) struct Loads {
    reads: ReadPool,
    runtime: Handle,
    /// How long one may wait: as long as a connection and a statement may take, twice.
    patience: Duration,
    gathering: Mutex<Gathering>,
}

#[derive(Default)]
struct Gathering {
    waiting: VecDeque<Asked>,
    /// Groups that are sent one after the other, side by side: each sends the next one when it is through.
    turns: usize,
}

/// An order that is asked for, and who waits for it.
struct Asked {
    id: OrderId,
    told: oneshot::Sender<HeardRow>,
}

impl Loads {
    /// Must be called within the runtime that groups are to run in.
    pub(super) fn new(reads: ReadPool, target: &Target) -> Arc<Self> {
        let patience = 2 * (target.connect_timeout + target.statement_timeout);
        Arc::new(Self { reads, runtime: Handle::current(), patience, gathering: Mutex::default() })
    }

    /// Loads an order.
    pub(super) async fn load(self: Arc<Self>, id: OrderId) -> Result<Option<StoredOrder>, StoreError> {
        let (told, heard) = oneshot::channel();
        let begins = {
            let mut gathering = self.gathering();
            gathering.waiting.push_back(Asked { id, told });
            let begins = gathering.turns < limits::LOADS_AT_ONCE;
            gathering.turns += usize::from(begins);
            begins
        };
        if begins {
            self.begin();
        }
        let unavailable = |what: &str| Err(StoreError::Unavailable(what.into()));
        let row = match timeout(self.patience, heard).await {
            Ok(Ok(row)) => row?,
            Ok(Err(_gone)) => return unavailable("the store was closed meanwhile"),
            Err(_elapsed) => return unavailable("nothing was heard of the database"),
        };
        row.map(|row| rows::order(&row)).transpose()
    }

    fn gathering(&self) -> MutexGuard<'_, Gathering> {
        self.gathering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a turn, which is counted already.
    fn begin(self: &Arc<Self>) {
        let turn = Turn { loads: Arc::clone(self), is_over: false };
        self.runtime.spawn(turn.run());
    }
}

/// A turn, which is counted.
struct Turn {
    loads: Arc<Loads>,
    is_over: bool,
}

impl Turn {
    /// Sends what waits, group after group, until nothing does; or hands the turn on where one of them is slow.
    async fn run(self) {
        loop {
            let mut group = self.next();
            if group.is_empty() {
                return self.end();
            }
            let ids: Vec<OrderId> = group.iter().map(|asked| asked.id.clone()).collect();
            let loads = Arc::clone(&self.loads);
            let mut question = pin!(ask(&loads.reads, &ids));
            if let Ok(heard) = timeout(limits::LOAD_SLOW, &mut question).await {
                tell(group, heard);
                continue;
            }
            self.end();
            let heard = {
                let all_gone = join_all(group.iter_mut().map(|asked| asked.told.closed()));
                match future::select(question, all_gone).await {
                    Either::Left((heard, _)) => heard,
                    Either::Right(_) => return,
                }
            };
            return tell(group, heard);
        }
    }

    /// What waits, as much of it as goes together, without those that nobody waits for any more.
    fn next(&self) -> Vec<Asked> {
        let mut gathering = self.loads.gathering();
        gathering.waiting.retain(|asked| !asked.told.is_closed());
        let count = gathering.waiting.len().min(limits::LOADS_TOGETHER);
        gathering.waiting.drain(..count).collect()
    }

    /// Ends the turn. Whoever asked since it was looked found it taken, and gets another one.
    fn end(mut self) {
        self.is_over = true;
        let goes_on = {
            let mut gathering = self.loads.gathering();
            let goes_on = !gathering.waiting.is_empty();
            gathering.turns -= usize::from(!goes_on);
            goes_on
        };
        if goes_on {
            self.loads.begin();
        }
    }
}

impl Drop for Turn {
    /// Its runtime has ended: what waits is told so, and the next one who asks begins anew. Or its group was the end of it, which
    /// is nothing to those that wait for the next.
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let left = {
            let mut gathering = self.loads.gathering();
            let goes_on = std::thread::panicking() && !gathering.waiting.is_empty();
            gathering.turns -= usize::from(!goes_on);
            if goes_on { None } else { Some(std::mem::take(&mut gathering.waiting)) }
        };
        if left.is_none() {
            self.loads.begin();
        }
    }
}

/// Asks for orders; once more where the connection is lost meanwhile.
async fn ask(reads: &ReadPool, ids: &[OrderId]) -> Result<Vec<HeardRow>, StoreError> {
    let mut tries = 0;
    loop {
        let client = reads.lend().await?;
        let heard = queries::load_rows(&client, &reads.trust, ids).await;
        // What was heard of one of them may cast doubt on the connection, and is no news to the others.
        let casts_doubt = |error: &&StoreError| matches!(error, StoreError::Unavailable(_));
        let doubt = heard.iter().flatten().filter_map(|heard| heard.as_ref().err()).find(casts_doubt);
        let _told_apart = client.back(match (&heard, doubt) {
            (Err(error), _) | (Ok(_), Some(error)) => Err(error.clone()),
            (Ok(_), None) => Ok(()),
        });
        match heard {
            Err(_) if tries < LOST => tries += 1,
            heard => return heard,
        }
    }
}

/// How often a group meets a lost connection, and is asked for again.
const LOST: u32 = 1;

fn tell(group: Vec<Asked>, heard: Result<Vec<HeardRow>, StoreError>) {
    // Who is gone needs no answer.
    match heard {
        Ok(heard) => group.into_iter().zip(heard).for_each(|(asked, heard)| drop(asked.told.send(heard))),
        Err(error) => group.into_iter().for_each(|asked| drop(asked.told.send(Err(error.clone())))),
    }
}
