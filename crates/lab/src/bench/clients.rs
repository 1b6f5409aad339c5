//! The clients: groups that send the copies of an order, to all targets in turn, wait for every answer, do what its kind asks
//! for afterwards, and go on to the next one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};

use counterfoil_engine::client::{Client, HttpAnswer};

use super::judge::{self, Verdict};
use super::mix::Kind;
use super::orders::{Order, Recipe};
use super::pace::Pace;
use super::tally::{Seen, Tally};
use crate::load::retry::{Exchange, PATIENCE, Repeatable, excerpt, until_final};

/// How often an order that goes on after its answer is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// Orders that are entered though they were never sent: enough to be seen in any percentile.
const MOST_LEFT: usize = 10_000_000;
/// What a timer may be late by: it knows milliseconds.
const TIMER: Duration = Duration::from_millis(2);

/// What all clients share.
pub struct Load {
    /// Which orders there are.
    pub recipe: Recipe,
    /// Where they are sent, each copy of one to the next.
    pub targets: Vec<Client>,
    /// How often each is sent.
    pub copies: usize,
    /// When they are.
    pub pace: RefCell<Pace>,
    /// What came of it.
    pub tally: RefCell<Tally>,
    next: Cell<u64>,
    /// Whose turn it is next. One waits for it at a time, so that a rate that changes changes for the next order.
    turns: Mutex<()>,
    is_over: watch::Sender<bool>,
    unanswered_in_a_row: Cell<usize>,
}

impl Load {
    /// A load of which nothing was sent yet, in a closed loop.
    #[must_use]
    pub fn new(recipe: Recipe, targets: Vec<Client>, copies: usize) -> Self {
        Self {
            recipe,
            targets,
            copies,
            pace: RefCell::new(Pace::CLOSED),
            tally: RefCell::default(),
            next: Cell::new(0),
            turns: Mutex::new(()),
            is_over: watch::Sender::new(false),
            unanswered_in_a_row: Cell::new(0),
        }
    }

    /// Starts so many groups; needs a `LocalSet` around it.
    #[must_use]
    pub fn start(self: &Rc<Self>, groups: usize) -> JoinSet<()> {
        let mut at_work = JoinSet::new();
        for _ in 0..groups {
            at_work.spawn_local(Rc::clone(self).order_on_and_on(groups));
        }
        at_work
    }

    /// No further order is begun. Those that were due by now, and that nobody had a hand free to send, waited as long as that.
    pub fn end(&self, now: Instant) {
        self.is_over.send_replace(true);
        let (pace, mut tally) = (self.pace.borrow(), self.tally.borrow_mut());
        pace.left(now, MOST_LEFT).for_each(|due| tally.never_sent(due, now));
        tally.end(now);
    }

    /// Whether nothing is begun any more.
    pub fn is_over(&self) -> bool {
        *self.is_over.borrow()
    }

    async fn order_on_and_on(self: Rc<Self>, groups: usize) {
        while let Some(due) = self.turn().await {
            let number = self.next.replace(self.next.get() + 1);
            let is_answered = self.carry_out(self.recipe.order(number), number as usize, due).await;
            self.unanswered_in_a_row.set(if is_answered { 0 } else { self.unanswered_in_a_row.get() + 1 });
            if self.unanswered_in_a_row.get() >= groups && !self.is_over.send_replace(true) {
                let told = "stopped: as many orders in a row as there are clients had no answer".to_owned();
                self.tally.borrow_mut().complain(told);
            }
        }
    }

    /// Waits until an order is to be sent, and says since when it is due; nothing, where none is to be sent any more.
    async fn turn(&self) -> Option<Instant> {
        if self.pace.borrow().is_closed() {
            return (!self.is_over()).then(Instant::now);
        }
        let mut over = self.is_over.subscribe();
        let turn = async {
            let _mine = self.turns.lock().await;
            let now = Instant::now();
            let due = self.pace.borrow_mut().turn(now);
            if due > now {
                sleep_until(due.into()).await;
                // What a timer is late by is not the server's doing.
                return Instant::now().min(due + TIMER);
            }
            self.tally.borrow_mut().late += u64::from(now > due + TIMER);
            due
        };
        tokio::select! {
            biased;
            _ = over.wait_for(|over| *over) => None,
            due = turn => Some(due),
        }
    }

    /// Sends an order as often as asked, and what comes after it; whether it was answered at all.
    pub async fn carry_out(&self, mut order: Order, number: usize, due: Instant) -> bool {
        let request = Repeatable {
            method: Method::POST,
            path: "/orders".to_owned(),
            key: None,
            body: Some(Bytes::from(std::mem::take(&mut order.body))),
        };
        let delays: Vec<_> = (0..self.copies).map(|copy| order.delay(copy)).collect();
        let judged = |answer: &HttpAnswer| judge::first_answer(&order, answer.status, &answer.body);
        let copies = self.send(&request, number, due, &delays, |copy, due, exchange| {
            let (now, mut tally) = (Instant::now(), self.tally.borrow_mut());
            match copy {
                0 => {
                    let told = exchange.0.outcome.as_ref().ok().map(judged);
                    tally.first_answer(now, due, &seen(exchange), matches!(told, Some(Ok(Verdict::AsMeant))));
                }
                _ => tally.repeat(now, due, &seen(exchange)),
            }
        });
        let copies = copies.await;
        let is_answered = copies.iter().any(|(exchange, _)| exchange.outcome.is_ok());
        let told = alike(&copies).and_then(judged).map_err(|complaint| format!("{}: {complaint}", order.order_id));
        let goes_on = told == Ok(Verdict::AsMeant);
        self.tally.borrow_mut().order(order.kind, told.map(|verdict| verdict == Verdict::SoldOut));
        if goes_on && let Err(complaint) = self.follow(&order, number).await {
            let complaint = format!("{}: {complaint}", order.order_id);
            self.tally.borrow_mut().wrong_afterwards(order.kind, complaint);
        }
        is_answered
    }

    /// The copies of a request, each to the next target and so long after it was due; each answer is entered as it comes.
    async fn send(
        &self,
        request: &Repeatable,
        number: usize,
        due: Instant,
        delays: &[Duration],
        enter: impl Fn(usize, Instant, &(Exchange, Duration)),
    ) -> Vec<(Exchange, Duration)> {
        let enter = &enter;
        join_all(delays.iter().enumerate().map(|(copy, delay)| async move {
            let due = due + *delay;
            if !delay.is_zero() {
                sleep_until(due.into()).await;
            }
            let exchange = until_final(self.target(number + copy), request).await;
            let answered = (exchange, due.elapsed());
            enter(copy, due, &answered);
            answered
        }))
        .await
    }

    fn target(&self, number: usize) -> &Client {
        &self.targets[number % self.targets.len()]
    }

    /// What an order's kind asks for after it was placed.
    async fn follow(&self, order: &Order, number: usize) -> Result<(), String> {
        match order.kind {
            Kind::Ok | Kind::Declined | Kind::Short | Kind::CarrierFails | Kind::StepRefused => Ok(()),
            Kind::Manual => {
                let capture = self.verb(order, number, "capture", "capture", json!({})).await?;
                judge::captured(order, capture.status, &self.view_when_ended(order, number).await?)
            }
            Kind::Cancel => {
                let capture = self.verb(order, number, "capture", "capture", json!({}));
                let cancel = self.verb(order, number + 1, "cancel", "cancel", json!({ "reason": "load" }));
                let (capture, cancel) = join(capture, cancel).await;
                judge::raced(order, capture?.status, cancel?.status, &self.view_when_ended(order, number).await?)
            }
            Kind::Refund => {
                let part = order.amount / 2 + 1;
                let body = json!({ "amount": part, "reason": "load" });
                let one = self.verb(order, number, "refunds", "refund-1", body.clone());
                let other = self.verb(order, number + 1, "refunds", "refund-2", body);
                let (one, other) = join(one, other).await;
                let (one, other) = (one?, other?);
                let codes = [one.problem_code(), other.problem_code()];
                let answers = [(one.status, codes[0].as_deref()), (other.status, codes[1].as_deref())];
                judge::refunded(part, answers, &self.view_when_ended(order, number).await?)
            }
        }
    }

    /// A verb under a key, as often as orders are sent; each copy is answered alike.
    async fn verb(
        &self,
        order: &Order,
        number: usize,
        verb: &'static str,
        key: &str,
        body: Value,
    ) -> Result<HttpAnswer, String> {
        let request = Repeatable {
            method: Method::POST,
            path: format!("/orders/{}/{verb}", order.order_id),
            key: Some(format!("{}-{key}", order.order_id)),
            body: Some(Bytes::from(body.to_string())),
        };
        let at_once = vec![Duration::ZERO; self.copies];
        let copies = self.send(&request, number, Instant::now(), &at_once, |_, due, exchange| {
            self.tally.borrow_mut().verb(Instant::now(), due, &seen(exchange));
        });
        let copies = copies.await;
        alike(&copies).cloned().map_err(|complaint| format!("{verb}: {complaint}"))
    }

    /// The order as it is shown once it ended: its verbs may be answered before that.
    async fn view_when_ended(&self, order: &Order, number: usize) -> Result<Value, String> {
        let request =
            Repeatable { method: Method::GET, path: format!("/orders/{}", order.order_id), key: None, body: None };
        let until = Instant::now() + PATIENCE;
        loop {
            let exchange = until_final(self.target(number + 1), &request).await;
            let answer = exchange.outcome.map_err(|error| format!("it cannot be seen: {error}"))?;
            let view: Value = match (answer.status, answer.json()) {
                (200, Ok(view)) => view,
                _ => return Err(format!("it cannot be seen: {} {}", answer.status, excerpt(&answer.body))),
            };
            if matches!(view["state"].as_str(), Some("COMPLETED" | "CANCELLED")) || Instant::now() > until {
                return Ok(view);
            }
            sleep(LOOK).await;
        }
    }
}

/// The answer to all copies of a request: every repeat of it is told the same, byte for byte.
fn alike(copies: &[(Exchange, Duration)]) -> Result<&HttpAnswer, String> {
    let mut first: Option<&HttpAnswer> = None;
    for (exchange, _) in copies {
        let answer = exchange.outcome.as_ref().map_err(ToString::to_string)?;
        match first {
            None => first = Some(answer),
            Some(first) if (first.status, &first.body) == (answer.status, &answer.body) => {}
            Some(first) => {
                return Err(format!(
                    "two answers to one request: {} {} and {} {}",
                    first.status,
                    excerpt(&first.body),
                    answer.status,
                    excerpt(&answer.body)
                ));
            }
        }
    }
    first.ok_or_else(|| "nothing was sent".to_owned())
}

fn seen((exchange, latency): &(Exchange, Duration)) -> Seen<'_> {
    let answer = exchange.outcome.as_ref().ok().map(|answer| match answer.status {
        200..400 => answer.status.to_string(),
        status => format!("{status} {}", answer.problem_code().unwrap_or_default()),
    });
    Seen { answer, latency: *latency, retries: &exchange.retries }
}
