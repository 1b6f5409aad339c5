//! Which event is sent next, and how far the cursor may go: a state machine without IO, a clock or chance.
//!
//! A lane is an order. In a lane one event is under way at a time, so that an order's events arrive in their order; lanes do
//! not wait for one another. What cannot be delivered leaves the feed's way: the order gets a row that says from which
//! version on it waits, and until which version it is known ([`Waiting`]); whatever comes of it later is behind that, and
//! the row grows. So there are rows for failures only, one an order, and never one an event and endpoint.
//!
//! - **The cursor passes a record once each of its events was delivered, is not wanted, or lies in a row** that is written
//!   with it ([`Lanes::changes`]).
//! - **Whether an event is deferred is decided in its lane**, which has all rows from before it began.
//! - **An endpoint that fails throughout keeps its cursor**: when so many orders failed one after the other, nothing more is
//!   written to its name. One event at a time is tried, of one order after the other, until one gets through; tries until
//!   then are not held against an event.
//! - **An event is set aside only where the fault can be its own**: others were delivered since it failed first. Until then it
//!   is tried on and on.
//!
//! Times are spans since whenever the caller began to count.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::schedule::Schedule;
use crate::limits;
use crate::ports::webhooks::{Changes, Owed, SetAside, Waiting};

/// What is bounded, and how.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Deliveries under way at once, of all lanes; a lane has one.
    pub in_flight: usize,
    /// Orders that may wait; with more of them no new event is sent, and the cursor stays.
    pub waiting: usize,
    /// Orders that fail one after the other before the endpoint counts as away.
    pub away: usize,
    /// When what failed is tried again.
    pub schedule: Schedule,
}

/// What is to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Job {
    /// The order that the event is of.
    pub order_id: Arc<str>,
    /// The version that the event raised its order to.
    pub version: i32,
    /// Why it is sent now.
    pub kind: JobKind,
}

/// Why an event is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// It is the feed's turn; the record's number, as [`Lanes::push`] gave it.
    First(u64),
    /// Its order waits at it.
    Retry,
    /// It was set aside, and an operator wants it delivered.
    Again,
}

impl JobKind {
    fn is_before(self) -> bool {
        match self {
            Self::First(_) => false,
            Self::Retry | Self::Again => true,
        }
    }
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// The endpoint took it.
    Done,
    /// The endpoint does not want it: as good as delivered.
    Unwanted,
    /// An operator let go of it, or its order was written to go on without it: nothing was sent.
    LetGo,
    /// The endpoint wants nothing any more (410). The job is as before.
    Gone,
    /// Nothing was sent. The job is as before.
    NotSent,
    /// It was sent, or tried to be, in vain.
    Failed(Failure),
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was answered, where anything was.
    pub status: Option<u16>,
    /// What went wrong, for people.
    pub error: Arc<str>,
    /// When the receiver wants to be asked again at the earliest.
    pub retry_after: Option<Duration>,
    /// Whether it is too much for the receiver altogether.
    pub is_throttled: bool,
    /// Whether nothing was sent, since there is nothing here that could be: that tells nothing of the endpoint.
    pub is_ours: bool,
}

impl Failure {
    /// Without an answer; in foreign words, of which so many are kept, and none that a text in a database cannot have.
    pub fn told(error: &str) -> Self {
        let plain = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
        let error = error.chars().take(limits::WEBHOOK_ERROR).map(plain).collect::<String>().into();
        Self { status: None, error, retry_after: None, is_throttled: false, is_ours: false }
    }
}

#[derive(Debug, Default)]
struct Lane {
    /// First deliveries, in order; none while the order waits.
    queue: VecDeque<Item>,
    open: Option<Open>,
    is_busy: bool,
    /// Whether it stands in `ready`.
    is_ready: bool,
    /// Whether it waits until it is written down that its order goes on without an event: were the engine to die before,
    /// that event would be delivered first after those behind it.
    is_held: bool,
}

#[derive(Debug)]
struct Item {
    record: u64,
    version: i32,
}

/// An order that waits.
#[derive(Debug)]
struct Open {
    version: i32,
    upto: i32,
    failures: u32,
    run: i32,
    /// `None` where an operator is waited for.
    due: Option<Duration>,
    /// How many deliveries had succeeded when this one failed first.
    successes: u64,
    status: Option<u16>,
    error: Option<Arc<str>>,
    /// Its events before this one are not to be delivered, at an operator's word.
    skipped_to: i32,
}

/// What a row says, as far as an operator changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stored {
    version: i32,
    upto: i32,
    failures: u32,
    run: i32,
}

/// An endpoint that is not there.
#[derive(Debug)]
struct Away {
    next_probe: Duration,
    pause: Duration,
}

/// The machine of one endpoint.
#[derive(Debug)]
pub struct Lanes {
    bounds: Bounds,
    /// The number of the endpoint's replay: rows of an earlier one say nothing of what lies before them.
    run: i32,
    lanes: HashMap<Arc<str>, Lane>,
    /// Lanes with something to be sent for the first time, in turn.
    ready: VecDeque<Arc<str>>,
    /// Lanes that wait for a time.
    due: BTreeSet<(Duration, Arc<str>)>,
    /// Those of an order by version.
    again: VecDeque<(Arc<str>, i32)>,
    /// Of these, those that are under way.
    again_busy: HashSet<(Arc<str>, i32)>,
    /// Whether events were set aside in earlier runs: what is delivered in this one is so no more.
    has_aside: bool,
    /// Of each record that the cursor has not passed, how many events are not settled.
    window: VecDeque<usize>,
    /// Records that the cursor has passed.
    passed: u64,
    waiting: usize,
    in_flight: usize,
    /// Of these, those that were tried before.
    retrying: usize,
    successes: u64,
    /// Orders that failed since something succeeded.
    failing: HashSet<Arc<str>>,
    away: Option<Away>,
    probes_waiting: bool,
    held_until: Duration,
    changed: BTreeSet<Arc<str>>,
    changes: Changes,
    /// Lanes that are held until what comes of the next [`changes`](Lanes::changes) is written, or of the last.
    held: Vec<Arc<str>>,
    writing: Vec<Arc<str>>,
    /// The rows of orders that wait as they are stored, and as they will be once what was taken is.
    stored: HashMap<Arc<str>, Stored>,
    taken: Vec<(Arc<str>, Option<Stored>)>,
}

impl Lanes {
    /// With all rows of the endpoint, and what of those set aside is to be delivered again. Rows count their waits from now.
    pub fn new(bounds: Bounds, run: i32, owed: Owed, now: Duration) -> Self {
        let mut machine = Self {
            bounds,
            run,
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            due: BTreeSet::new(),
            again: owed.again.into(),
            again_busy: HashSet::new(),
            has_aside: owed.has_aside,
            window: VecDeque::new(),
            passed: 0,
            waiting: 0,
            in_flight: 0,
            retrying: 0,
            // One before: of rows since whose failure something succeeded.
            successes: 1,
            failing: HashSet::new(),
            away: None,
            probes_waiting: false,
            held_until: Duration::ZERO,
            changed: BTreeSet::new(),
            changes: Changes::default(),
            held: Vec::new(),
            writing: Vec::new(),
            stored: HashMap::new(),
            taken: Vec::new(),
        };
        let longest = machine.bounds.schedule.longest().max(limits::WEBHOOK_RETRY_AFTER);
        for row in owed.waiting {
            machine.stored.insert(Arc::clone(&row.order_id), Stored::from(&row));
            let open = Open {
                version: row.version,
                upto: row.upto,
                failures: row.failures,
                run: row.run,
                // Where a clock was set back since it was written, it says more than was meant.
                due: row.wait.map(|wait| now + wait.min(longest)),
                successes: u64::from(!row.others_succeeded),
                status: row.status,
                error: row.error,
                skipped_to: 0,
            };
            machine.lanes.entry(Arc::clone(&row.order_id)).or_default().open = Some(open);
            machine.waiting += 1;
            machine.settle(&row.order_id);
        }
        machine
    }

    /// Takes the next record of the feed: an order's events, from a version on, and which of them are wanted. Its number.
    pub fn push(&mut self, order_id: &Arc<str>, first_version: i32, wanted: &[bool], now: Duration) -> u64 {
        let record = self.passed + self.window.len() as u64;
        let mut unsettled = 0;
        let due_before = self.lanes.get(order_id).and_then(|lane| lane.open.as_ref()?.due);
        for (version, _) in (first_version..).zip(wanted).filter(|(_, wanted)| **wanted) {
            let lane = self.lanes.entry(Arc::clone(order_id)).or_default();
            if let Some(open) = &mut lane.open {
                if open.extend(version, self.run, now) {
                    self.changed.insert(Arc::clone(order_id));
                }
            } else {
                lane.queue.push_back(Item { record, version });
                unsettled += 1;
            }
        }
        self.window.push_back(unsettled);
        if let Some(due) = due_before {
            self.due.remove(&(due, Arc::clone(order_id))); // it may be due now
        }
        self.settle(order_id);
        record
    }

    /// The next event to send, where there is one that may be.
    pub fn next(&mut self, now: Duration) -> Option<Job> {
        if self.in_flight >= self.bounds.in_flight {
            return None;
        }
        let job = match &self.away {
            Some(away) if self.in_flight > 0 || now < away.next_probe.max(self.held_until) => None,
            Some(_) => {
                // One of the feed and one that waits, by turns: the endpoint may have something against either.
                self.probes_waiting = !self.probes_waiting;
                let waiting = if self.probes_waiting { self.retry(None) } else { None };
                waiting.or_else(|| self.first()).or_else(|| self.retry(None)).or_else(|| self.again())
            }
            None if now < self.held_until => None,
            None => {
                // What was tried before has half of the places while there is something new: it may hang each time.
                let is_new = !self.is_full() && !self.ready.is_empty();
                let before = if is_new && self.retrying * 2 >= self.bounds.in_flight { None } else { self.before(now) };
                before.or_else(|| if self.is_full() { None } else { self.first() }).or_else(|| self.before(now))
            }
        }?;
        self.in_flight += 1;
        self.retrying += usize::from(job.kind.is_before());
        Some(job)
    }

    /// When [`next`](Self::next) may have something that it has not now, without anything else happening before.
    pub fn wakes_at(&self, now: Duration) -> Option<Duration> {
        let is_ready = !self.ready.is_empty() || self.first_again().is_some();
        if self.in_flight >= self.bounds.in_flight || (!is_ready && self.due.is_empty()) {
            return None;
        }
        match &self.away {
            Some(away) => (self.in_flight == 0).then_some(away.next_probe.max(self.held_until)),
            None => {
                let due = self.due.first().map(|(due, _)| (*due).max(self.held_until));
                let held = (is_ready && self.held_until > now).then_some(self.held_until);
                due.into_iter().chain(held).min()
            }
        }
    }

    /// A job ended. `jitter` is from 0 to 1, at random; where `strict`, an event that cannot be delivered holds up its order
    /// until an operator says what becomes of it.
    pub fn ended(&mut self, job: &Job, verdict: JobOutcome, strict: bool, now: Duration, jitter: f64) {
        self.in_flight -= 1;
        self.retrying -= usize::from(job.kind.is_before());
        if job.kind == JobKind::Again {
            self.again_busy.remove(&(Arc::clone(&job.order_id), job.version));
        }
        if let Some(lane) = self.lanes.get_mut(&job.order_id) {
            lane.is_busy = false;
        }
        self.pass_skipped(&job.order_id, now);
        match verdict {
            JobOutcome::Done => {
                self.successes += 1;
                self.failing.clear();
                self.away = None;
                self.changes.delivered += 1;
                if self.has_aside && job.kind != JobKind::Again {
                    let event = (Arc::clone(&job.order_id), job.version);
                    self.again.retain(|other| *other != event);
                    self.changes.delivered_again.push(event);
                }
                self.complete(job, now);
            }
            JobOutcome::LetGo if job.kind == JobKind::Again => {} // the row says what becomes of it
            JobOutcome::Unwanted | JobOutcome::LetGo => self.complete(job, now),
            JobOutcome::Gone | JobOutcome::NotSent => self.restore(job, false),
            JobOutcome::Failed(failure) => self.failed(job, failure, strict, now, jitter),
        }
        self.settle(&job.order_id);
    }

    /// What is to be written, and how many records lie before the cursor that may be written with it. Taken once: who cannot
    /// write it begins anew with what is stored, or says so ([`refused`](Self::refused)) before more is taken.
    pub fn changes(&mut self, now: Duration) -> (Changes, u64) {
        self.writing.append(&mut self.held);
        for order_id in std::mem::take(&mut self.changed) {
            match self.lanes.get(&order_id).and_then(|lane| lane.open.as_ref()) {
                Some(open) => {
                    let row = open.row(&order_id, now);
                    self.taken.push((order_id, Some(Stored::from(&row))));
                    self.changes.waiting.push(row);
                }
                None => {
                    self.taken.push((Arc::clone(&order_id), None));
                    self.changes.settled.push(order_id);
                }
            }
        }
        while self.window.front() == Some(&0) {
            self.window.pop_front();
            self.passed += 1;
        }
        (std::mem::take(&mut self.changes), self.passed)
    }

    /// Of these changes, not [`written`](Self::written) yet, the orders that stop for an operator: a row that only grows was told
    /// of when its order stopped.
    pub fn stopped<'a>(&self, changes: &'a Changes) -> Vec<&'a Waiting> {
        let is_news = |row: &&Waiting| {
            let stored = self.stored.get(&row.order_id);
            stored.is_none_or(|stored| (stored.version, stored.failures) != (row.version, row.failures))
        };
        changes.waiting.iter().filter(|row| row.wait.is_none() && row.error.is_some()).filter(is_news).collect()
    }

    /// What was last taken to be written is durable.
    pub fn written(&mut self) {
        for (order_id, row) in std::mem::take(&mut self.taken) {
            match row {
                Some(row) => drop(self.stored.insert(order_id, row)),
                None => drop(self.stored.remove(&order_id)),
            }
        }
        for order_id in std::mem::take(&mut self.writing) {
            if let Some(lane) = self.lanes.get_mut(&order_id) {
                lane.is_held = false;
            }
            self.settle(&order_id);
        }
    }

    /// What was last taken was not written, for sure: it is to be taken again, once what an operator said is known
    /// ([`hear`](Self::hear)).
    pub fn refused(&mut self, changes: &Changes) {
        self.taken.clear();
        self.changed.extend(changes.waiting.iter().map(|row| &row.order_id).chain(&changes.settled).cloned());
        let later =
            std::mem::replace(&mut self.changes, Changes { waiting: vec![], settled: vec![], ..changes.clone() });
        (self.changes.position, self.changes.held_up) = (None, None);
        self.changes.set_aside.extend(later.set_aside);
        self.changes.delivered_again.extend(later.delivered_again);
        self.changes.failed_again.extend(later.failed_again);
        self.changes.delivered += later.delivered;
    }

    /// An operator said what becomes of events that were not delivered: these are the rows by now. All else stays as it is.
    /// Only where nothing is being written.
    pub fn hear(&mut self, owed: Owed, now: Duration) {
        self.has_aside = owed.has_aside;
        let mut known = std::mem::take(&mut self.stored);
        for row in &owed.waiting {
            let told = Stored::from(row);
            self.stored.insert(Arc::clone(&row.order_id), told);
            if let Some(before) = known.remove(&row.order_id).filter(|before| *before != told) {
                self.heard(&row.order_id, before, Some(told), now);
            }
        }
        for (order_id, before) in known {
            self.heard(&order_id, before, None, now);
        }
        let Changes { delivered_again, failed_again, .. } = &self.changes;
        let tried: HashSet<(&str, i32)> = (self.again_busy.iter().chain(delivered_again))
            .map(|(order_id, version)| (&**order_id, *version))
            .chain(failed_again.iter().map(|one| (&*one.order_id, one.version)))
            .collect();
        let is_left = |(order_id, version): &(Arc<str>, i32)| !tried.contains(&(&**order_id, *version));
        self.again = owed.again.into_iter().filter(is_left).collect();
    }

    /// A row is another one than was written here, or is gone. It may be about what became of something else meanwhile.
    fn heard(&mut self, order_id: &Arc<str>, before: Stored, after: Option<Stored>, now: Duration) {
        let skipped_to = after.map_or(before.upto + 1, |after| after.version);
        let is_this = |one: &SetAside| one.order_id == *order_id && one.version == before.version;
        let aside = self.changes.set_aside.iter().position(is_this);
        let Some(lane) = self.lanes.get_mut(order_id) else { return };
        if let Some(place) = aside {
            // It was about to be, and nothing behind it was sent.
            self.changes.set_aside.remove(place);
            if skipped_to == before.version {
                self.waiting += usize::from(lane.open.is_none());
                let (upto, run) = lane.open.take().map_or((before.upto, before.run), |open| (open.upto, open.run));
                let (version, successes) = (before.version, self.successes);
                lane.open = Some(Open { version, upto, run, successes, ..Open::now(now) });
                self.changed.insert(Arc::clone(order_id));
            }
        }
        let Some(open) = &mut lane.open else { return };
        let due = open.due;
        if open.version == before.version {
            (open.failures, open.due) = (0, Some(now));
        }
        open.skipped_to = open.skipped_to.max(skipped_to);
        if let Some(due) = due {
            self.due.remove(&(due, Arc::clone(order_id)));
        }
        self.pass_skipped(order_id, now);
        self.settle(order_id);
    }

    /// Of what an order waits at, what is under way ends first.
    fn pass_skipped(&mut self, order_id: &Arc<str>, now: Duration) {
        while let Some(lane) = self.lanes.get(order_id).filter(|lane| !lane.is_busy)
            && let Some(open) = lane.open.as_ref().filter(|open| open.version < open.skipped_to)
        {
            let version = open.version;
            self.advance(order_id, version, now);
        }
    }

    /// Records that the cursor has not passed.
    pub fn unpassed(&self) -> usize {
        self.window.len()
    }

    /// Jobs that have not ended.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Whether the endpoint counts as one that is not there.
    pub fn is_away(&self) -> bool {
        self.away.is_some()
    }

    /// How many orders wait.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether so many orders wait that nothing new is sent.
    pub fn is_full(&self) -> bool {
        self.waiting >= self.bounds.waiting
    }

    /// Events that were set aside, are to be delivered again, and have not been tried.
    pub fn again_left(&self) -> usize {
        self.again.len()
    }

    /// What was tried before, and may be by now.
    fn before(&mut self, now: Duration) -> Option<Job> {
        self.retry(Some(now)).or_else(|| self.again())
    }

    fn first(&mut self) -> Option<Job> {
        while let Some(order_id) = self.ready.pop_front() {
            let Some(lane) = self.lanes.get_mut(&order_id) else { continue };
            lane.is_ready = false;
            if lane.is_busy {
                continue; // it comes back when it ends
            }
            let Some(Item { record, version }) = lane.queue.pop_front() else { continue };
            lane.is_busy = true;
            return Some(Job { order_id, version, kind: JobKind::First(record) });
        }
        None
    }

    /// The order that waits longest, of those that are due by then; of all, where no time is given.
    fn retry(&mut self, by: Option<Duration>) -> Option<Job> {
        let (due, _) = self.due.first()?;
        if by.is_some_and(|by| *due > by) {
            return None;
        }
        let (_, order_id) = self.due.pop_first()?;
        let lane = self.lanes.get_mut(&order_id)?;
        let version = lane.open.as_ref()?.version;
        lane.is_busy = true;
        Some(Job { order_id, version, kind: JobKind::Retry })
    }

    /// The first that is to be delivered again, and before which nothing of its order is.
    fn first_again(&self) -> Option<usize> {
        self.again.iter().position(|(order_id, version)| {
            self.lanes.get(order_id).is_none_or(|lane| {
                let ahead = lane.open.as_ref().map(|open| open.version).or(lane.queue.front().map(|item| item.version));
                !lane.is_busy && ahead.is_none_or(|ahead| ahead > *version)
            })
        })
    }

    fn again(&mut self) -> Option<Job> {
        let (order_id, version) = self.again.remove(self.first_again()?)?;
        let lane = self.lanes.entry(Arc::clone(&order_id)).or_default();
        lane.is_busy = true;
        if let Some(due) = lane.open.as_ref().and_then(|open| open.due) {
            self.due.remove(&(due, Arc::clone(&order_id)));
        }
        self.again_busy.insert((Arc::clone(&order_id), version));
        Some(Job { order_id, version, kind: JobKind::Again })
    }

    /// Those of its order stay together, and in their order.
    fn put_again(&mut self, job: &Job, behind: bool) {
        let others = std::mem::take(&mut self.again);
        let (mut own, others): (VecDeque<_>, VecDeque<_>) =
            others.into_iter().partition(|(order_id, _)| *order_id == job.order_id);
        let place = own.partition_point(|(_, version)| *version < job.version);
        own.insert(place, (Arc::clone(&job.order_id), job.version));
        let (first, then) = if behind { (others, own) } else { (own, others) };
        self.again = first.into_iter().chain(then).collect();
    }

    /// One event of a record is settled.
    fn account(&mut self, record: u64) {
        let place = record.checked_sub(self.passed).and_then(|place| usize::try_from(place).ok());
        if let Some(unsettled) = place.and_then(|place| self.window.get_mut(place)) {
            *unsettled = unsettled.saturating_sub(1);
        }
    }

    fn complete(&mut self, job: &Job, now: Duration) {
        match job.kind {
            JobKind::First(record) => self.account(record),
            JobKind::Retry => self.advance(&job.order_id, job.version, now),
            JobKind::Again => self.changes.delivered_again.push((Arc::clone(&job.order_id), job.version)),
        }
    }

    /// The order waits for this event no more: it goes on with the next, or with the feed.
    fn advance(&mut self, order_id: &Arc<str>, version: i32, now: Duration) {
        let Some(lane) = self.lanes.get_mut(order_id) else { return };
        let Some(open) = lane.open.as_mut().filter(|open| open.version == version) else { return };
        (open.version, open.failures, open.due) = (version + 1, 0, Some(now));
        (open.status, open.error) = (None, None);
        if open.version > open.upto {
            lane.open = None;
            self.waiting -= 1;
        }
        self.changed.insert(Arc::clone(order_id));
    }

    /// As it was before; at the end of the line, where others are to have their turn.
    fn restore(&mut self, job: &Job, behind: bool) {
        let Some(lane) = self.lanes.get_mut(&job.order_id) else { return };
        match job.kind {
            JobKind::First(record) => {
                lane.queue.push_front(Item { record, version: job.version });
                if !std::mem::replace(&mut lane.is_ready, true) {
                    let order_id = Arc::clone(&job.order_id);
                    if behind { self.ready.push_back(order_id) } else { self.ready.push_front(order_id) }
                }
            }
            JobKind::Retry => {}
            JobKind::Again => self.put_again(job, behind),
        }
    }

    fn failed(&mut self, job: &Job, failure: Failure, strict: bool, now: Duration, jitter: f64) {
        if failure.is_throttled {
            let asked = failure.retry_after.unwrap_or(limits::WEBHOOK_PROBE).min(limits::WEBHOOK_HELD);
            self.held_until = self.held_until.max(now + asked);
        }
        if let Some(away) = &mut self.away {
            if now >= away.next_probe {
                away.next_probe = now + away.pause;
                away.pause = (away.pause * 2).min(limits::WEBHOOK_PROBE_MOST);
            }
            return self.put_behind(job, now);
        }
        if !failure.is_ours {
            self.failing.insert(Arc::clone(&job.order_id));
        }
        if self.failing.len() >= self.bounds.away {
            self.away = Some(Away { next_probe: now + limits::WEBHOOK_PROBE, pause: 2 * limits::WEBHOOK_PROBE });
            return self.put_behind(job, now);
        }
        let (successes, run) = (self.successes, self.run);
        let Some(lane) = self.lanes.get_mut(&job.order_id) else { return };
        match job.kind {
            JobKind::Again => {
                let Failure { status, error, .. } = failure;
                let order_id = Arc::clone(&job.order_id);
                let again = SetAside { order_id, version: job.version, failures: 1, status, error };
                return self.changes.failed_again.push(again);
            }
            JobKind::First(record) => {
                let upto = lane.queue.back().map_or(job.version, |item| item.version);
                let version = job.version;
                let records: Vec<u64> = lane.queue.drain(..).map(|item| item.record).chain([record]).collect();
                lane.open = Some(Open { version, upto, run, successes, ..Open::now(now) });
                self.waiting += 1;
                for record in records {
                    self.account(record);
                }
            }
            JobKind::Retry => {}
        }
        self.count(job, failure, strict, now, jitter);
    }

    /// Nothing is held against it. Of those that may be tried it comes last.
    fn put_behind(&mut self, job: &Job, now: Duration) {
        let open = self.lanes.get_mut(&job.order_id).and_then(|lane| lane.open.as_mut());
        if let (JobKind::Retry, Some(open)) = (job.kind, open) {
            open.due = open.due.map(|due| due.max(now));
        }
        self.restore(job, true);
    }

    /// Counts a failure of the event that its order waits at.
    fn count(&mut self, job: &Job, failure: Failure, strict: bool, now: Duration, jitter: f64) {
        let Some(lane) = self.lanes.get_mut(&job.order_id) else { return };
        let Some(open) = lane.open.as_mut().filter(|open| open.version == job.version) else { return };
        if open.failures == 0 {
            open.successes = self.successes;
        }
        open.failures = open.failures.saturating_add(1);
        (open.status, open.error) = (failure.status, Some(Arc::clone(&failure.error)));
        self.changed.insert(Arc::clone(&job.order_id));
        let least = failure.retry_after.unwrap_or_default();
        if let Some(pause) = self.bounds.schedule.pause(open.failures, jitter) {
            open.due = Some(now + pause.max(least));
        } else if open.successes == self.successes {
            // Nobody got anything since: it may be the endpoint's fault.
            open.due = Some(now + self.bounds.schedule.last(jitter).max(least));
        } else if strict {
            open.due = None;
        } else {
            let (order_id, failures) = (Arc::clone(&job.order_id), open.failures);
            let Failure { status, error, .. } = failure;
            self.changes.set_aside.push(SetAside { order_id, version: job.version, failures, status, error });
            self.advance(&job.order_id, job.version, now);
            if let Some(lane) = self.lanes.get_mut(&job.order_id) {
                lane.is_held = true;
                self.held.push(Arc::clone(&job.order_id));
            }
        }
    }

    /// Puts a lane that is neither busy nor held where it is found.
    fn settle(&mut self, order_id: &Arc<str>) {
        let Some(lane) = self.lanes.get_mut(order_id) else { return };
        if lane.is_busy || lane.is_held {
            return;
        }
        match &lane.open {
            Some(Open { due: Some(due), .. }) => drop(self.due.insert((*due, Arc::clone(order_id)))),
            Some(Open { due: None, .. }) => {}
            None if lane.queue.is_empty() => drop(self.lanes.remove(order_id)),
            None if std::mem::replace(&mut lane.is_ready, true) => {}
            None => self.ready.push_back(Arc::clone(order_id)),
        }
    }
}

impl From<&Waiting> for Stored {
    fn from(row: &Waiting) -> Self {
        Self { version: row.version, upto: row.upto, failures: row.failures, run: row.run }
    }
}

impl Open {
    /// Tried at once.
    fn now(now: Duration) -> Self {
        let (version, upto, failures, run, successes, skipped_to) = (0, 0, 0, 0, 0, 0);
        Self { version, upto, failures, run, due: Some(now), successes, status: None, error: None, skipped_to }
    }

    /// An event of the order comes by in the feed. Whether the row is another one by that.
    fn extend(&mut self, version: i32, run: i32, now: Duration) -> bool {
        let is_replayed = self.run < run;
        self.run = run;
        if version > self.upto {
            self.upto = version;
            return true;
        }
        // Within one run whatever lies before the row was delivered, or an operator let go of it.
        if version < self.version && is_replayed {
            (self.version, self.failures, self.due) = (version, 0, Some(now));
            return true;
        }
        is_replayed
    }

    fn row(&self, order_id: &Arc<str>, now: Duration) -> Waiting {
        Waiting {
            order_id: Arc::clone(order_id),
            version: self.version,
            upto: self.upto,
            failures: self.failures,
            run: self.run,
            wait: self.due.map(|due| due.saturating_sub(now)),
            others_succeeded: false,
            status: self.status,
            error: self.error.clone(),
        }
    }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
