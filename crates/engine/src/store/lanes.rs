//! The lanes: one for each thing that is locked by somebody else and that orders wait for.
//!
//! A lane waits in PostgreSQL's queue for that one lock, in a transaction that holds nothing else, so that nobody waits
//! for those who wait. When it has the lock it takes what is parked behind it and writes it in the same transaction. It
//! has a connection of its own, and all lanes share a thread: a committer never waits for what is known to be locked.
//!
//! Who has waited for as long as a statement may take hears that the row is locked (503, nothing stored). There are few
//! lanes, since each is a connection: where more is locked than that they take turns of a second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{LocalSet, spawn_local};

use super::commit::stored::BEGIN;
use super::commit::{Committer, CommitterShared, Job};
use super::locked::{self, Locked};
use super::pipeline::Opening;
use crate::limits;
use crate::ports::CommitError;

/// Opens and closes lanes until the queue is closed and nobody waits. Runs on a thread of its own.
pub(super) async fn run(shared: Arc<CommitterShared>) {
    let lanes = LocalSet::new();
    lanes
        .run_until(async {
            loop {
                let woken = shared.lanes.notified();
                refuse_who_waited_too_long(&shared);
                while let Some(thing) = shared.lock().parked.open_lane(Instant::now()) {
                    let shared = Arc::clone(&shared);
                    spawn_local(async move {
                        let closed = Lane { shared: Arc::clone(&shared), thing: thing.clone() };
                        wait(&shared, &thing).await;
                        drop(closed);
                    });
                }
                if shared.is_done() {
                    return;
                }
                if shared.lock().parked.is_empty() {
                    woken.await;
                } else {
                    let _or_time = tokio::time::timeout(limits::TICK, woken).await;
                }
            }
        })
        .await;
}

/// A lane is closed however it ends.
struct Lane {
    shared: Arc<CommitterShared>,
    thing: Locked,
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.shared.lock().parked.close_lane(&self.thing, Instant::now());
        self.shared.lanes.notify_one();
    }
}

fn refuse_who_waited_too_long(shared: &CommitterShared) {
    let over = shared.lock().parked.expired(shared.target.statement_timeout, Instant::now());
    for (thing, job) in over {
        tracing::warn!(order_id = %job.write.order_id(), locked = %thing, "refused: what it needs stays locked");
        (job.done)(Err(is_locked(&thing)));
    }
}

fn is_locked(thing: &Locked) -> CommitError {
    CommitError::Locked { what: thing.to_string() }
}

/// Waits for the lock and writes those who wait for it, until nobody does, or others want the lane.
async fn wait(shared: &Arc<CommitterShared>, thing: &Locked) {
    let (mut committer, opened) = (Committer::of_a_lane(Arc::clone(shared)), Instant::now());
    while let Some(patience) = patience(shared, thing) {
        match turn(shared, &mut committer, thing, patience).await {
            Turn::Written if opened.elapsed() >= limits::LANE_TURN && shared.lock().parked.is_crowded() => return,
            Turn::Written => {}
            Turn::StillLocked => {
                refuse_who_waited_too_long(shared);
                if shared.lock().parked.is_crowded() {
                    return;
                }
            }
            Turn::Away => {
                let jobs = take(shared, thing, usize::MAX, None);
                super::commit::answer_all(jobs, &CommitError::Unavailable("no connection".into()));
                return;
            }
        }
    }
}

/// For how long to wait at a time: until the one who has waited longest is refused. `None` where nobody waits.
fn patience(shared: &CommitterShared, thing: &Locked) -> Option<Duration> {
    let mut queue = shared.lock();
    let crowded = queue.parked.is_crowded();
    let now = Instant::now();
    let group = queue.parked.group(thing)?;
    let oldest = group.jobs.iter().filter_map(|job| job.locked_since).min()?;
    let left = shared.target.statement_timeout.saturating_sub(now.duration_since(oldest));
    let left = left.max(shared.target.lock_timeout);
    Some(if crowded { left.min(limits::LANE_TURN) } else { left })
}

enum Turn {
    /// What waited was written, or has its answer.
    Written,
    StillLocked,
    Away,
}

async fn turn(shared: &CommitterShared, committer: &mut Committer, thing: &Locked, patience: Duration) -> Turn {
    let table = shared.lock().parked.group(thing).and_then(|group| group.table);
    let Some((sql, name)) = locked::hold(thing, table) else {
        // There is no row to wait for: who places the order waits for its name, and holds nothing before.
        let jobs = take(shared, thing, 1, None);
        committer.write(jobs, Opening::Patient(patience)).await;
        return Turn::Written;
    };
    let Some(mut connection) = committer.reach(false).await else { return Turn::Away };
    let begin = format!("{}; SET LOCAL lock_timeout = {}", BEGIN, patience.as_millis().max(1));
    let usual = format!("SET LOCAL lock_timeout = {}", shared.target.lock_timeout.as_millis().max(1));
    let (limit, asked) = (shared.target.statement_timeout * limits::COMMIT_STATEMENTS, Instant::now());
    let held = async {
        connection.client.batch_execute(&begin).await?;
        match name {
            Some(name) => drop(connection.client.execute(&sql, &[&name]).await?),
            None => connection.client.batch_execute(&sql).await?,
        }
        connection.client.batch_execute(&usual).await
    };
    let held = tokio::time::timeout(limit, held).await;
    match held {
        Ok(Ok(())) => {
            if let Err(error) = committer.prepare(&mut connection).await {
                if error.is_lock() {
                    // A table that nobody knew of is locked too: those who need it wait for that one instead.
                    shared.lock().parked.is_free(thing);
                    // Nor must what is asked find that this very transaction has it locked.
                    let _rolled_back = connection.client.batch_execute("ROLLBACK").await;
                    drop(connection);
                    committer.ask_again(take(shared, thing, limits::BATCH_ORDERS, None)).await;
                }
                return Turn::StillLocked; // the transaction goes with its connection
            }
            // Who came since was decided on after this transaction had its number, and maybe upon a commit with a later one:
            // the feed would have it before that. The next turn is theirs.
            let jobs = take(shared, thing, limits::BATCH_ORDERS, Some(asked));
            let waited = asked.elapsed() > shared.target.lock_timeout;
            shared.lock().parked.reached(thing, waited, Instant::now());
            if jobs.is_empty() && connection.client.batch_execute("ROLLBACK").await.is_err() {
                return Turn::Written; // they were refused meanwhile, and the connection goes
            }
            connection.holds = !jobs.is_empty();
            committer.keep(connection);
            committer.write(jobs, Opening::Held).await;
            Turn::Written
        }
        Ok(Err(error)) if locked::is_lock(&error) || is_cancelled(&error) => {
            if connection.client.batch_execute("ROLLBACK").await.is_ok() {
                committer.keep(connection);
            }
            Turn::StillLocked
        }
        // The connection goes, and the next turn finds out whether the database is there.
        Ok(Err(error)) => {
            tracing::debug!(%error, locked = %thing, "a lane lost its connection");
            Turn::StillLocked
        }
        Err(_) => Turn::StillLocked,
    }
}

fn is_cancelled(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&tokio_postgres::error::SqlState::QUERY_CANCELED)
}

/// Those who wait, at most so many, one write an order; only those who waited at `since` already, where it is told.
fn take(shared: &CommitterShared, thing: &Locked, most: usize, since: Option<Instant>) -> Vec<Job> {
    let mut queue = shared.lock();
    let Some(group) = queue.parked.group(thing) else { return Vec::new() };
    let (mut jobs, mut ids, mut lines) = (Vec::new(), std::collections::HashSet::new(), 0);
    let waiting = std::mem::take(&mut group.jobs);
    for job in waiting {
        let more = job.write.txn.order.request.lines.len();
        let fits = jobs.is_empty() || lines + more <= limits::BATCH_LINES;
        let waited = since.is_none_or(|since| job.locked_since.is_some_and(|at| at <= since));
        if jobs.len() < most && fits && waited && ids.insert(job.write.order_id().clone()) {
            lines += more;
            jobs.push(job);
        } else {
            group.jobs.push_back(job);
        }
    }
    jobs
}
