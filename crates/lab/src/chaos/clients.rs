//! The clients: each places orders at both engines, asks again until it is sure, does what comes after an order, and holds
//! every answer against what it was told before ([`told`](super::told)).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::{join, join_all, join3, ready};
use futures_util::stream;
use hyper::Method;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::time::sleep;

use counterfoil_engine::client::Client;

use super::live::{self, Heard};
use super::told::{Ask, Final, Kind, Next, Story};
use crate::load::draws::Draws;

/// What is bought, but for the scarce one.
const SKUS: usize = 20;
/// Of which there is little, and which many want.
pub const SCARCE: &str = "SKU-SCARCE";
/// Units of it at first, and what comes in at a time.
const SCARCE_UNITS: i64 = 300;
const PLENTY: i64 = 100_000_000;
/// What nobody has of anything.
const BEYOND_ANY_STOCK: i64 = 900_000_000;
/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(15);
/// How long somebody may be without an answer that is final: longer than anything is broken.
const PATIENCE: Duration = Duration::from_secs(180);
/// The same once nothing is broken any more.
const QUIET_PATIENCE: Duration = Duration::from_secs(40);
/// Of what is broken so much is known when so much was complained of.
const ENOUGH: u64 = 100;
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(400);
/// Pages of a listing that are read at most.
const PAGES: usize = 100;
/// What is complained of at most: a broken engine breaks everything.
const COMPLAINTS: usize = 200;

/// How often each kind comes, by weight.
const MIX: [(Kind, usize); 12] = [
    (Kind::Plain, 30),
    (Kind::Declined, 6),
    (Kind::Short, 4),
    (Kind::Unshippable, 7),
    (Kind::Refused, 5),
    (Kind::Captured, 12),
    (Kind::Cancelled, 8),
    (Kind::Raced, 8),
    (Kind::Refunded, 10),
    (Kind::Slow, 6),
    (Kind::Lost, 3),
    (Kind::Unknown, 1),
];

/// What was wrong, as far as it is kept.
#[derive(Debug, Default)]
pub struct Complaints {
    /// How much.
    pub count: u64,
    /// In words.
    pub told: Vec<String>,
}

/// The clients' side of everything.
pub struct Clients {
    seed: u64,
    engines: Vec<Client>,
    addresses: Vec<SocketAddr>,
    /// Every order, as what was said of it.
    stories: Mutex<Vec<Arc<Mutex<Story>>>>,
    /// What came of live histories, by order.
    heard: Mutex<BTreeMap<String, Heard>>,
    /// Units that were laid in and adjusted, by SKU.
    laid_in: Mutex<BTreeMap<String, i64>>,
    complaints: Mutex<Complaints>,
    answers: AtomicU64,
    /// Of these, how often it was a 500 `internal`.
    internal: AtomicU64,
    over: AtomicBool,
    /// Nothing is broken any more, and everything has come to its end.
    quiet: AtomicBool,
    next: AtomicU64,
    /// Clients that are about something.
    busy: AtomicU64,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The SKU of this number.
fn sku(number: usize) -> String {
    format!("SKU-{number:02}")
}

/// Somebody who is about something, however that ends.
struct Busy<'a>(&'a AtomicU64);

impl<'a> Busy<'a> {
    fn of(count: &'a AtomicU64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is asked, over and over.
struct Request {
    method: Method,
    path: String,
    key: Option<String>,
    prefer: Option<&'static str>,
    body: Option<Bytes>,
}

impl Clients {
    /// Clients of the engines at these addresses; what they do follows from the seed and from what they are told.
    ///
    /// # Errors
    ///
    /// Where an address is none.
    pub fn of(seed: u64, addresses: Vec<SocketAddr>) -> Result<Arc<Self>, counterfoil_engine::client::ClientError> {
        let client = |address: &SocketAddr| Ok(Client::anonymous(&format!("http://{address}"))?.with_timeout(REQUEST));
        Ok(Arc::new(Self {
            seed,
            engines: addresses.iter().map(client).collect::<Result<_, counterfoil_engine::client::ClientError>>()?,
            addresses,
            stories: Mutex::default(),
            heard: Mutex::default(),
            laid_in: Mutex::default(),
            complaints: Mutex::default(),
            answers: AtomicU64::new(0),
            internal: AtomicU64::new(0),
            over: AtomicBool::new(false),
            quiet: AtomicBool::new(false),
            next: AtomicU64::new(0),
            busy: AtomicU64::new(0),
        }))
    }

    /// Lays in what is bought, these SKUs as well.
    pub async fn lay_in(&self, more: &[&str]) {
        let plenty = (0..SKUS).map(|number| (sku(number), PLENTY));
        let more = more.iter().map(|sku| ((*sku).to_owned(), PLENTY));
        for (sku, units) in plenty.chain(more).chain([(SCARCE.to_owned(), SCARCE_UNITS)]) {
            let body = json!({ "on_hand": units });
            let request = Request {
                method: Method::PUT,
                path: format!("/inventory/{sku}"),
                key: None,
                prefer: None,
                body: Some(Bytes::from(body.to_string())),
            };
            if self.until_stocked(&request).await {
                locked(&self.laid_in).insert(sku, units);
            }
        }
    }

    /// One client, until it is over.
    pub async fn order_on_and_on(self: Arc<Self>) {
        let _busy = Busy::of(&self.busy);
        while !self.over.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let mut draws = Draws::of(self.seed, number);
            if number % 50 == 49 {
                self.adjust(number, &mut draws).await;
            } else {
                self.place(number, &mut draws).await;
            }
            sleep(Duration::from_millis(draws.below(40) as u64)).await;
        }
    }

    /// Waits until nobody is about an order any more; whoever is has [`PATIENCE`] for each thing that it asks.
    pub async fn until_idle(&self) {
        while self.busy.load(Ordering::Relaxed) > 0 {
            sleep(FIRST_PAUSE).await;
        }
    }

    /// Nothing is begun any more.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Orders that were begun.
    pub fn begun(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    /// Answers that were held against what was told before.
    pub fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Something is not as promised.
    pub fn complain(&self, what: String) {
        let mut complaints = locked(&self.complaints);
        complaints.count += 1;
        if complaints.told.len() < COMPLAINTS {
            complaints.told.push(what);
        }
    }

    /// How many of them were a 500 `internal`.
    pub fn internal(&self) -> u64 {
        self.internal.load(Ordering::Relaxed)
    }

    /// How much was complained of so far.
    pub fn complaints(&self) -> u64 {
        locked(&self.complaints).count
    }

    /// Everything: the orders, the live histories, what was laid in, the complaints.
    pub fn told(&self) -> (Vec<Story>, BTreeMap<String, Heard>, BTreeMap<String, i64>, Complaints) {
        let stories = locked(&self.stories).iter().map(|story| locked(story).clone()).collect();
        let (heard, laid_in) = (locked(&self.heard).clone(), locked(&self.laid_in).clone());
        (stories, heard, laid_in, std::mem::take(&mut *locked(&self.complaints)))
    }

    /// Everything that was ever asked is asked once more, of every engine: the same bytes. And each order is looked at, and live
    /// histories that broke off are followed to their end. It ends early where enough is wrong.
    pub async fn repeat_all(&self, at_once: usize) {
        let stories = locked(&self.stories).clone();
        for story in &stories {
            locked(story).seen = None;
        }
        let already = self.complaints();
        let asked = stream::iter(&stories).take_while(|_| ready(self.complaints() < already + ENOUGH));
        asked.for_each_concurrent(at_once, |story| self.repeat(story)).await;
        if self.complaints() >= already + ENOUGH {
            return self.complain("not everything was asked once more: enough is wrong".to_owned());
        }
        let unended: Vec<_> = {
            let heard = locked(&self.heard);
            heard
                .iter()
                .filter(|(_, heard)| !heard.has_ended())
                .map(|(id, heard)| (id.clone(), heard.clone()))
                .collect()
        };
        for some in unended.chunks(at_once) {
            let followed = some.iter().map(|(id, heard)| live::follow(&self.addresses, 0, id, heard.clone()));
            for ((id, _), heard) in some.iter().zip(join_all(followed).await) {
                locked(&self.heard).insert(id.clone(), heard);
            }
        }
    }

    async fn repeat(&self, story: &Mutex<Story>) {
        let (id, order, asked) = {
            let story = locked(story);
            if story.kind == Kind::Unknown {
                return;
            }
            (story.id.clone(), submission_of(&story, None), story.asked.clone())
        };
        for engine in 0..self.engines.len() {
            // Whatever else is asked of it would be waited for as long.
            if self.until_told_at(story, &Ask::Submit, &order, engine).await.is_none() {
                return;
            }
            for (verb, path, key, body) in &asked {
                let request = Request {
                    method: Method::POST,
                    path: path.clone(),
                    key: Some(key.clone()),
                    prefer: None,
                    body: Some(body.clone()),
                };
                self.until_told_at(story, &Ask::Verb(verb.clone()), &request, engine).await;
            }
            self.until_told_at(story, &Ask::Look, &read(format!("/orders/{id}")), engine).await;
        }
    }

    /// Nothing is broken any more, and everything has come to its end.
    pub fn be_quiet(&self) {
        self.quiet.store(true, Ordering::Relaxed);
    }

    fn patience(&self) -> Duration {
        if self.quiet.load(Ordering::Relaxed) { QUIET_PATIENCE } else { PATIENCE }
    }

    fn engine(&self, number: usize) -> &Client {
        &self.engines[number % self.engines.len()]
    }

    /// Sends a request once; `None` where there was no whole answer.
    async fn send(&self, request: &Request, engine: usize) -> Option<(u16, Option<Duration>, Bytes)> {
        let mut headers: Vec<_> = request.key.iter().map(|key| ("idempotency-key", key.as_str())).collect();
        headers.extend(request.prefer.map(|prefer| ("prefer", prefer)));
        let asked = self.engine(engine).request(request.method.clone(), &request.path, &headers, request.body.clone());
        let answer = asked.await.ok()?;
        self.answers.fetch_add(1, Ordering::Relaxed);
        if answer.status == 500 && answer.problem_code().as_deref() == Some("internal") {
            self.internal.fetch_add(1, Ordering::Relaxed);
        }
        Some((answer.status, answer.retry_after(), answer.body))
    }

    /// Asks once, and holds the answer against what is known.
    async fn ask(&self, story: &Mutex<Story>, ask: &Ask, request: &Request, engine: usize) -> Option<Next> {
        let before = locked(story).before(ask);
        let (status, retry_after, body) = self.send(request, engine).await?;
        let heard = {
            let mut story = locked(story);
            let heard = story.hear(ask, before, status, retry_after.is_some(), &body);
            heard.map_err(|wrong| format!("{}: {wrong}", story.id))
        };
        match heard {
            Ok(next) => Some(next),
            Err(wrong) => {
                self.complain(wrong);
                // Whatever else is said of it may follow from that.
                Some(Next::Done(Final { status, body }))
            }
        }
    }

    /// Asks at every engine in turn until there is an answer that is final.
    async fn until_told(&self, story: &Mutex<Story>, ask: &Ask, request: &Request, engine: usize) -> Option<Final> {
        self.until_told_by(story, ask, request, engine..).await
    }

    /// The same at one engine, which has to answer it.
    async fn until_told_at(&self, story: &Mutex<Story>, ask: &Ask, request: &Request, engine: usize) -> Option<Final> {
        self.until_told_by(story, ask, request, std::iter::repeat(engine)).await
    }

    async fn until_told_by(
        &self,
        story: &Mutex<Story>,
        ask: &Ask,
        request: &Request,
        engines: impl IntoIterator<Item = usize>,
    ) -> Option<Final> {
        let patience = self.patience();
        let (until, mut pause) = (Instant::now() + patience, FIRST_PAUSE);
        for engine in engines {
            if let Some(Next::Done(answer)) = self.ask(story, ask, request, engine).await {
                return Some(answer);
            }
            let (waits_for_a_human, is_patient) = {
                let story = locked(story);
                (story.kind == Kind::Unknown && story.acknowledged, Instant::now() < until)
            };
            if waits_for_a_human {
                return None;
            }
            if !is_patient {
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        let id = locked(story).id.clone();
        self.complain(format!("{id}: {ask:?} has no final answer after {} s", patience.as_secs()));
        None
    }

    /// A change of stock, which is final by whatever is no failure; whether it was made.
    async fn until_stocked(&self, request: &Request) -> bool {
        let (until, mut pause, mut first) = (Instant::now() + PATIENCE, FIRST_PAUSE, None);
        for turn in 0.. {
            match self.send(request, turn).await {
                Some((status @ (200 | 201), _, body)) => {
                    // The key of an adjustment is asked about once more: the same bytes.
                    match &first {
                        None if request.key.is_some() => first = Some((status, body)),
                        None => return true,
                        Some(first) => {
                            if *first != (status, body) {
                                self.complain(format!("{}: two answers under one key", request.path));
                            }
                            return true;
                        }
                    }
                }
                Some((status, _, body)) if status < 500 && status != 408 => {
                    self.complain(format!("{}: {status} {}", request.path, String::from_utf8_lossy(&body)));
                    return false;
                }
                Some(_) | None => {}
            }
            if Instant::now() > until {
                break;
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.complain(format!("{}: no answer after {} s", request.path, PATIENCE.as_secs()));
        first.is_some()
    }

    async fn adjust(&self, number: u64, draws: &mut Draws) {
        let (sku, delta) = match draws.below(3) {
            0 => (sku(draws.below(SKUS)), -1),
            _ => (SCARCE.to_owned(), SCARCE_UNITS),
        };
        let request = Request {
            method: Method::POST,
            path: format!("/inventory/{sku}/adjustments"),
            key: Some(format!("adjustment-{number}")),
            prefer: None,
            body: Some(Bytes::from(json!({ "delta": delta, "reason": "chaos" }).to_string())),
        };
        if self.until_stocked(&request).await {
            *locked(&self.laid_in).entry(sku).or_insert(0) += delta;
        }
    }

    /// An order of a probe: it is one of the clients' from then on.
    pub fn probe(&self, id: &str, sku: &str) -> (Arc<Mutex<Story>>, Bytes) {
        let story = Story::new(id.to_owned(), Kind::Plain, 100, vec![(sku.to_owned(), 1)], sku == SCARCE);
        let body = body(&story);
        let story = Arc::new(Mutex::new(story));
        locked(&self.stories).push(Arc::clone(&story));
        (story, body)
    }

    fn drawn(&self, number: u64, draws: &mut Draws) -> Story {
        let mut draw = draws.below(MIX.iter().map(|(_, weight)| weight).sum());
        let mut kind = Kind::Plain;
        for (each, weight) in MIX {
            if draw < weight {
                kind = each;
                break;
            }
            draw -= weight;
        }
        let lines = 1 + draws.below(3);
        let first = draws.below(SKUS);
        let mut units: Vec<_> =
            (0..lines).map(|line| (sku((first + line) % SKUS), 1 + draws.below(3) as i64)).collect();
        // Those that must go as they are meant to want nothing that may be gone.
        let scarce = kind == Kind::Plain && draws.below(3) == 0;
        if scarce {
            units[0] = (SCARCE.to_owned(), 1);
        }
        if kind == Kind::Short {
            units = vec![(sku(first), BEYOND_ANY_STOCK)];
        }
        let amount = units.iter().map(|(_, units)| units * if kind == Kind::Short { 1 } else { 100 }).sum();
        Story::new(format!("C-{:x}-{number}", self.seed), kind, amount, units, scarce)
    }

    /// One order, and all that comes of it.
    async fn place(self: &Arc<Self>, number: u64, draws: &mut Draws) {
        let mut story = self.drawn(number, draws);
        story.is_keyed = number.is_multiple_of(3);
        let (kind, id) = (story.kind, story.id.clone());
        let story = Arc::new(Mutex::new(story));
        locked(&self.stories).push(Arc::clone(&story));
        let story = &*story;
        let at = draws.below(2);
        let live = draws.below(4) == 0;
        let live = async {
            // It is there once it was acknowledged.
            while live && !locked(story).acknowledged && !self.over.load(Ordering::Relaxed) {
                sleep(FIRST_PAUSE).await;
            }
            if live && kind != Kind::Unknown && locked(story).acknowledged {
                let heard = live::follow(&self.addresses, at, &id, Heard::default()).await;
                locked(&self.heard).insert(id.clone(), heard);
            }
        };
        let verbs = async {
            match kind {
                Kind::Slow => self.cancel_elsewhere(story, at, draws).await,
                Kind::Raced => {
                    let cancel = self.verb(story, "cancel", at + 1, cancel(draws));
                    join(self.submit(story, at, draws.clone()), cancel).await;
                }
                _ => {
                    self.submit(story, at, draws.clone()).await;
                    self.follow(story, at, draws).await;
                }
            }
        };
        let reader = async {
            for _ in 0..draws_of_reads(number) {
                sleep(Duration::from_millis(30)).await;
                self.look(story, &id, at + 1).await;
            }
        };
        join3(verbs, live, reader).await;
        if number.is_multiple_of(7) {
            self.find(story, &id, at).await;
        }
    }

    /// Copies of one submission at several engines, each until its answer is final.
    async fn submit(&self, story: &Mutex<Story>, at: usize, mut draws: Draws) {
        let copies = (0..=draws.below(3)).map(|copy| {
            let late = Duration::from_millis(if copy == 0 { 0 } else { draws.below(60) as u64 });
            let prefer = *draws.one_of(&[None, Some("respond-async"), Some("wait=1")]);
            let request = submission_of(&locked(story), prefer);
            async move {
                sleep(late).await;
                self.until_told(story, &Ask::Submit, &request, at + copy).await
            }
        });
        join_all(copies.collect::<Vec<_>>()).await;
    }

    /// It is cancelled at another engine than the one that is about it, and asked about there again.
    async fn cancel_elsewhere(&self, story: &Mutex<Story>, at: usize, draws: &mut Draws) {
        let at_once = submission_of(&locked(story), Some("respond-async"));
        let patiently = submission_of(&locked(story), None);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until && !locked(story).acknowledged {
            if let Some(Next::Done(_)) = self.ask(story, &Ask::Submit, &at_once, at).await {
                break;
            }
            sleep(FIRST_PAUSE).await;
        }
        self.verb(story, "cancel", at + 1, cancel(draws)).await;
        for _ in 0..3 {
            self.ask(story, &Ask::Submit, &at_once, at).await;
        }
        self.until_told(story, &Ask::Submit, &patiently, at).await;
    }

    /// What comes after an order that was placed.
    async fn follow(&self, story: &Mutex<Story>, at: usize, draws: &mut Draws) {
        let (kind, amount, units, is_placed) = {
            let story = locked(story);
            let is_placed = story.submitted.as_ref().is_some_and(|answer| answer.status == 201);
            (story.kind, story.amount, story.units.clone(), is_placed)
        };
        if !is_placed {
            return;
        }
        match kind {
            Kind::Captured => {
                let part = if draws.below(3) == 0 { amount / 2 } else { amount };
                locked(story).captures.insert("capture-1".into(), part);
                let body = if part == amount { json!({}) } else { json!({ "amount": part }) };
                let capture = self.verb(story, "capture-1", at, body);
                // Some are called off just then.
                if draws.below(4) == 0 {
                    let (_, _) = join(capture, self.verb(story, "cancel", at + 1, cancel(draws))).await;
                } else {
                    capture.await;
                }
            }
            Kind::Cancelled => drop(self.verb(story, "cancel", at + 1, cancel(draws)).await),
            Kind::Refunded => {
                let back = units.first().cloned().map(|(sku, _)| (sku, 1));
                let part = amount * 3 / 5;
                locked(story).refunds.insert("refunds-1".into(), (part, back.clone()));
                locked(story).refunds.insert("refunds-2".into(), (part, None));
                let mut with_goods = json!({ "amount": part, "reason": "chaos" });
                if let Some((sku, units)) = back {
                    with_goods["restock"] = json!([{ "sku": sku, "quantity": units }]);
                }
                let one = self.verb(story, "refunds-1", at, with_goods);
                let other = self.verb(story, "refunds-2", at + 1, json!({ "amount": part, "reason": "chaos" }));
                join(one, other).await;
            }
            _ => {}
        }
    }

    /// A verb under a key that begins with its name, at two engines.
    async fn verb(&self, story: &Mutex<Story>, key: &str, at: usize, body: Value) -> Option<Final> {
        let id = locked(story).id.clone();
        let verb = key.split('-').next().unwrap_or_default();
        let request = Request {
            method: Method::POST,
            path: format!("/orders/{id}/{verb}"),
            key: Some(format!("{key}-of-{id}")),
            prefer: None,
            body: Some(Bytes::from(body.to_string())),
        };
        if let (Some(name), Some(body)) = (&request.key, &request.body) {
            locked(story).asked.push((key.to_owned(), request.path.clone(), name.clone(), body.clone()));
        }
        let ask = Ask::Verb(key.to_owned());
        let told = self.until_told(story, &ask, &request, at).await;
        self.until_told(story, &ask, &request, at + 1).await;
        told
    }

    async fn look(&self, story: &Mutex<Story>, id: &str, at: usize) {
        let request = read(format!("/orders/{id}"));
        self.ask(story, &Ask::Look, &request, at).await;
    }

    /// A listing shows what is there.
    async fn find(&self, story: &Mutex<Story>, id: &str, at: usize) {
        if !locked(story).acknowledged {
            return;
        }
        // A page may hold nothing, and lead on.
        let mut path = format!("/orders?customer_id=cus-{id}");
        for _ in 0..PAGES {
            let Some((status, _, body)) = self.send(&read(path), at).await else { return };
            let told: Value = serde_json::from_slice(&body).unwrap_or_default();
            if matches!(status, 408 | 500 | 503) {
                return;
            }
            let is_listed = told["orders"].as_array().is_some_and(|all| all.iter().any(|one| one["order_id"] == id));
            if status == 200 && is_listed {
                return;
            }
            let Some(cursor) = told["next_cursor"].as_str().filter(|_| status == 200) else {
                return self.complain(format!("{id}: a listing does not show it: {status} {told}"));
            };
            path = format!("/orders?customer_id=cus-{id}&cursor={cursor}");
        }
    }
}

/// How often an order is looked at while it runs.
fn draws_of_reads(number: u64) -> u64 {
    number % 4
}

fn cancel(draws: &mut Draws) -> Value {
    if draws.below(2) == 0 { json!({}) } else { json!({ "reason": "chaos" }) }
}

fn read(path: String) -> Request {
    Request { method: Method::GET, path, key: None, prefer: None, body: None }
}

fn submission_of(story: &Story, prefer: Option<&'static str>) -> Request {
    let key = story.is_keyed.then(|| format!("place-{}", story.id));
    Request { method: Method::POST, path: "/orders".into(), key, prefer, body: Some(body(story)) }
}

/// The body of an order, the same whenever it is asked for.
fn body(story: &Story) -> Bytes {
    let price = if story.kind == Kind::Short { 1 } else { 100 };
    let lines: Vec<_> =
        story.units.iter().map(|(sku, units)| json!({ "sku": sku, "quantity": units, "unit_price": price })).collect();
    let payment_method = match story.kind {
        Kind::Declined => "pm_declined",
        Kind::Slow => "pm_slow_1500",
        Kind::Lost => "pm_timeout_after_charge",
        Kind::Unknown => "pm_unknown",
        _ => "pm_ok",
    };
    let is_manual = matches!(story.kind, Kind::Captured | Kind::Cancelled);
    let mut order = json!({
        "order_id": story.id, "customer_id": format!("cus-{}", story.id), "currency": "USD", "lines": lines,
        "payment_method": payment_method, "capture": if is_manual { "manual" } else { "automatic" },
        "ship_to": {
            "name": "A", "line1": "1 Road", "city": "X", "country": "US",
            "postal_code": if story.kind == Kind::Unshippable { "SHIP-FAIL" } else { "1" },
        },
    });
    if story.kind == Kind::Refused {
        order["metadata"] = json!({ "fraud": "refused" });
    }
    Bytes::from(order.to_string())
}
