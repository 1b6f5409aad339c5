//! The simulated payment provider, carrier and warehouse: one service with a durable ledger, which keeps the contract
//! under kill -9, and misbehaves only where test tokens or rates tell it to.
//!
//! One call goes: look, decide, apply, queue the lines, all under one lock ([`state`]); then wait until the lines are
//! on the disk ([`ledger`]); then answer, late or never where the order asked for that. Every answer, repeats and
//! look-ups included, waits for all that was queued before it, so that nobody hears of what a crash could take back.

pub mod chance;
mod decide;
pub mod ledger;
pub mod record;
pub mod server;
pub mod state;
#[cfg(test)]
mod state_tests;
pub mod tokens;
pub mod webhooks;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use chance::{Chance, Rates};
use counterfoil_engine::participants::contract::{
    ContractAnswer, ContractRequest, Event, OPERATION_UPDATED, Operations, Pending, TOMBSTONED,
};
use ledger::{LedgerError, Writer};
use record::{LedgerRecord, Stamp};
use state::{LedgerState, Look, Rules};
use tokens::Token;
use webhooks::Notice;

/// Keys whose failed attempts are counted, at most. When more come, counting begins anew: a test that fails a million
/// keys and repeats them all is better served by a rate.
const COUNTED_KEYS: usize = 1_000_000;

/// How the simulated participants behave.
#[derive(Debug, Clone)]
pub struct SimulatorSettings {
    /// What the state machine goes by.
    pub rules: Rules,
    /// How often things go wrong.
    pub rates: Rates,
    /// What random behaviour is drawn from.
    pub seed: u64,
    /// How late a slow answer is (by rate; a token says it itself).
    pub slow: Duration,
    /// How long a connection is held open without an answer.
    pub hang: Duration,
}

/// What is said to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The call has its outcome, now or before.
    Outcome {
        /// What is answered, the same in each repeat.
        answer: ContractAnswer,
        /// Whether it was given before.
        replayed: bool,
    },
    /// 400: no outcome, since the call contradicts what is known. A code and a text.
    Wrong(&'static str, String),
    /// It failed before an effect: 500, which is no outcome.
    Failed,
}

/// How a reply leaves. By then the effect is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// At once, as a participant that is well does.
    Prompt,
    /// At once durable, and answered only after this long.
    Slow(Duration),
    /// Never: the connection is held open.
    Lost,
}

struct Inner {
    state: LedgerState,
    /// Failed attempts of keys that have no outcome yet.
    attempts: FxHashMap<Uuid, u32>,
    /// The time of the last call: it never goes back, so that `at` is in order.
    latest: Stamp,
}

/// The service, without its HTTP.
pub struct Simulator {
    settings: SimulatorSettings,
    chance: Chance,
    inner: Mutex<Inner>,
    writer: Writer,
    webhooks: Option<mpsc::Sender<Notice>>,
    dropped_webhook: AtomicBool,
    closing: watch::Sender<bool>,
}

impl Simulator {
    /// Opens the ledger and takes up where it ends. What had to be cut off the files is told on stderr.
    /// `webhooks` takes the events, where there is a receiver.
    ///
    /// # Errors
    ///
    /// [`LedgerError`], where the files cannot be used.
    pub fn open(
        settings: SimulatorSettings,
        ledger: &Path,
        lock_wait: Duration,
        webhooks: Option<mpsc::Sender<Notice>>,
    ) -> Result<Self, LedgerError> {
        let opened = ledger::open(ledger, lock_wait)?;
        for note in &opened.notes {
            eprintln!("counterfoil: {note}");
        }
        let mut state = LedgerState::new(settings.rules.clone());
        for record in &opened.records {
            state.apply(record);
        }
        let latest = opened.records.iter().map(LedgerRecord::at).max().unwrap_or_default();
        let writer = Writer::start(opened, state.seq()).map_err(|source: io::Error| LedgerError::Io {
            path: ledger.to_owned(),
            what: "start the thread that writes it",
            source,
        })?;
        Ok(Self {
            chance: Chance::new(settings.seed),
            settings,
            inner: Mutex::new(Inner { state, attempts: FxHashMap::default(), latest }),
            writer,
            webhooks,
            dropped_webhook: AtomicBool::new(false),
            closing: watch::Sender::new(false),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A panic under the lock may have left records applied and not queued: then nothing may be answered any more.
        match self.inner.lock() {
            Ok(inner) => inner,
            Err(_) => {
                eprintln!("counterfoil: the simulated participants broke in the middle of a decision");
                std::process::abort()
            }
        }
    }

    /// Carries out a call. When it returns, what it says is durable.
    pub async fn call(&self, key: Uuid, request: &ContractRequest) -> (Reply, Manner) {
        let (reply, manner, seq, notice) = self.decide(key, request);
        self.writer.durable(seq).await;
        if let (Some(queue), Some(notice)) = (&self.webhooks, notice)
            && queue.try_send(notice).is_err()
            && !self.dropped_webhook.swap(true, Ordering::Relaxed)
        {
            eprintln!("counterfoil: the queue of webhooks is full; some are not sent");
        }
        (reply, manner)
    }

    /// Whether there is somebody for what a call asks for.
    pub fn serves(&self, request: &ContractRequest) -> bool {
        request.step().is_none_or(|step| self.settings.rules.steps.iter().any(|known| known == step))
    }

    fn decide(&self, key: Uuid, request: &ContractRequest) -> (Reply, Manner, u64, Option<Notice>) {
        let mut inner = self.lock();
        let now = Stamp::now().max(inner.latest);
        inner.latest = now;
        let reply = match inner.state.look(key, request, now) {
            Look::Answered(answer) => {
                let is_tombstone =
                    matches!(&answer, ContractAnswer::Refused { refusal, .. } if refusal.reason == TOMBSTONED);
                Reply::Outcome { answer, replayed: !is_tombstone }
            }
            Look::Wrong(code, detail) => Reply::Wrong(code, detail),
            Look::Fresh => return self.execute(&mut inner, key, request, now),
        };
        (reply, Manner::Prompt, inner.state.seq(), None)
    }

    /// Decides a fresh call, under the lock.
    fn execute(
        &self,
        inner: &mut Inner,
        key: Uuid,
        request: &ContractRequest,
        now: Stamp,
    ) -> (Reply, Manner, u64, Option<Notice>) {
        if Token::of(request) == Token::Pending {
            let answer = ContractAnswer::Pending(Pending { reference: None });
            return (Reply::Outcome { answer, replayed: false }, Manner::Prompt, inner.state.seq(), None);
        }
        let failed = inner.attempts.get(&key).copied().unwrap_or(0);
        let records = inner.state.decide(key, request, now);
        if self.fails(&inner.state, key, request, &records, failed) {
            if inner.attempts.len() >= COUNTED_KEYS {
                inner.attempts.clear();
            }
            inner.attempts.insert(key, failed.saturating_add(1));
            return (Reply::Failed, Manner::Prompt, inner.state.seq(), None);
        }
        inner.attempts.remove(&key);
        for record in &records {
            inner.state.apply(record);
        }
        self.writer.append(&records);
        let seq = inner.state.seq();
        let had_effect = records.iter().any(|record| matches!(record, LedgerRecord::Effect(_)));
        let answer = match records.last() {
            Some(LedgerRecord::Effect(line)) => line.answer.clone().map(ContractAnswer::Done),
            Some(LedgerRecord::Outcome(line)) => Some(line.outcome.answer()),
            None => None,
        };
        let Some(answer) = answer else { return (Reply::Failed, Manner::Prompt, seq, None) };
        let notice = had_effect.then(|| notice(seq, key, request, now));
        let (reply, manner) = self.manner(key, request, u64::from(failed), answer);
        (reply, manner, seq, notice)
    }

    /// Whether this attempt fails before it has an effect.
    fn fails(
        &self,
        state: &LedgerState,
        key: Uuid,
        request: &ContractRequest,
        records: &[LedgerRecord],
        failed: u32,
    ) -> bool {
        let by_token = match Token::of(request) {
            Token::Unknown => true,
            Token::Errors(errors) => failed < errors,
            Token::Ok | Token::Refused(..) | Token::Slow(_) | Token::Lost | Token::RefundErrors(_) | Token::Pending => {
                false
            }
        };
        let rates = &self.settings.rates;
        by_token
            || failed < state.refund_errors(records)
            || self.chance.strikes(rates.sticky_error, "sticky", key, 0)
            || self.chance.strikes(rates.error, "error", key, u64::from(failed))
    }

    /// How the first answer of a step leaves.
    fn manner(&self, key: Uuid, request: &ContractRequest, failed: u64, answer: ContractAnswer) -> (Reply, Manner) {
        let rates = &self.settings.rates;
        let strikes = |rate, question| self.chance.strikes(rate, question, key, failed);
        let manner = match Token::of(request) {
            Token::Lost => Manner::Lost,
            Token::Slow(wait) => Manner::Slow(wait),
            _ if strikes(rates.timeout, "timeout") => Manner::Lost,
            _ if strikes(rates.slow, "slow") => Manner::Slow(self.settings.slow),
            _ => Manner::Prompt,
        };
        if manner == Manner::Prompt && strikes(rates.error_after, "error_after") {
            return (Reply::Failed, manner);
        }
        (Reply::Outcome { answer, replayed: false }, manner)
    }

    /// What became of an order's steps: nothing that is not durable.
    pub async fn operations(&self, order_id: &str) -> Operations {
        let (operations, seq) = {
            let inner = self.lock();
            (inner.state.operations(order_id), inner.state.seq())
        };
        self.writer.durable(seq).await;
        operations
    }

    /// Waits for so long, or until [`Simulator::close`].
    pub async fn pause(&self, wait: Duration) {
        let mut closing = self.closing.subscribe();
        // An error means that the simulator is gone, which is the end of waiting too.
        let _ = tokio::time::timeout(wait, closing.wait_for(|closing| *closing)).await;
    }

    /// How long an answer that is lost is held back.
    pub fn hang(&self) -> Duration {
        self.settings.hang
    }

    /// Ends all waiting: the process is about to end.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}

fn notice(seq: u64, key: Uuid, request: &ContractRequest, now: Stamp) -> Notice {
    let (kind, order_id) = (OPERATION_UPDATED.to_owned(), request.order_id().to_owned());
    let event = Event { kind, timestamp: now.text(), order_id, key, action: request.action() };
    Notice { seq, step: request.step().map(str::to_owned), event }
}
