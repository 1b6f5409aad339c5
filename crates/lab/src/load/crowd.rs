//! The load: a closed loop of HTTP/1.1 clients on one thread; or so many orders a second, whatever becomes of them, each of
//! whose answers is waited for from the moment at which its order was to be sent (a server that stands still makes all of
//! those wait that come meanwhile, and not one).
//!
//! Its CPU competes with the contestants', so it does no more than it must: requests are patched in place,
//! answers parsed by httparse and judged by a few searches. Clients come in groups of as many as the copies of
//! an order: a group sends its copies at once, waits for all the answers, and goes on to the next order.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hdrhistogram::Histogram;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep_until, timeout};

use super::request::{Ids, Lines, LoadRequest, QUANTITY};

/// Why a load could not be put on, or came to nothing: told to a person.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// How a crowd goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Connections.
    pub clients: usize,
    /// SKUs that orders are spread over, from `SKU-000001` on.
    pub skus: u64,
    /// How many clients send the same order at once: a divisor of `clients`.
    pub copies: usize,
    /// Lines an order.
    pub lines: Lines,
}

/// How long a client waits for one answer: far beyond any tail, so that a hang ends the run with a message.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Above what [`ANSWER_TIMEOUT`] lets through; more is recorded as this.
const MAX_LATENCY_US: u64 = 60_000_000;
/// An answer of an order is some 100 bytes; a bigger one is a fault and not worth reading on.
const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// A broken contestant is wrong thousands of times: a few examples say enough.
const MAX_COMPLAINTS: usize = 5;

/// What the clients saw.
pub struct Tally {
    /// Distinct orders that were all answered inside the measured window: what a rate may count.
    pub counted: u64,
    /// Distinct orders answered 201, warm-up and tail included: what must be in the database.
    pub placed: u64,
    /// Units of stock that those orders bought.
    pub units: u64,
    /// Microseconds from the first byte sent to the whole answer, of every answer inside the window.
    pub latencies: Histogram<u64>,
    /// Wrong answers, the first few of them.
    pub complaints: Vec<String>,
}

impl Tally {
    /// Nothing seen yet.
    pub fn new() -> Fallible<Self> {
        let latencies = Histogram::new_with_bounds(1, MAX_LATENCY_US, 3)?;
        Ok(Self { counted: 0, placed: 0, units: 0, latencies, complaints: Vec::new() })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    WarmUp,
    Measuring,
    Tail,
}

struct CrowdShared {
    phase: Cell<Phase>,
    next_order: Cell<u64>,
    random: Cell<u64>,
    lines: Lines,
    skus: u64,
    ids: Ids,
    pace: Option<Pace>,
    tally: RefCell<Tally>,
}

/// When the next order is to be sent.
struct Pace {
    next: Cell<Instant>,
    between: Duration,
}

/// The clients at work. Dropping it stops them where they stand.
pub struct Crowd {
    shared: Rc<CrowdShared>,
    groups: JoinSet<()>,
}

impl Crowd {
    /// Connects every client and lets them begin; needs a `LocalSet` around it.
    pub async fn start(target: SocketAddr, shape: &Shape) -> Fallible<Self> {
        Self::connect(target, shape, CrowdShared::new(shape)?).await
    }

    /// The same with so many orders a second; the clients only bound how many are under way.
    pub async fn paced(target: SocketAddr, shape: &Shape, orders_per_s: f64) -> Fallible<Self> {
        let pace = Pace { next: Cell::new(Instant::now()), between: Duration::from_secs_f64(1.0 / orders_per_s) };
        Self::connect(target, shape, CrowdShared { pace: Some(pace), ..CrowdShared::new(shape)? }).await
    }

    /// The same, as [`start`](Self::start), with ids that lie so, from the order of this number on.
    pub async fn of_ids(target: SocketAddr, shape: &Shape, ids: Ids, first: u64) -> Fallible<Self> {
        let shared = CrowdShared { ids, next_order: Cell::new(first), ..CrowdShared::new(shape)? };
        Self::connect(target, shape, shared).await
    }

    async fn connect(target: SocketAddr, shape: &Shape, shared: CrowdShared) -> Fallible<Self> {
        let shared = Rc::new(shared);
        let mut groups = JoinSet::new();
        for _ in 0..shape.clients / shape.copies {
            let mut connections = Vec::with_capacity(shape.copies);
            for _ in 0..shape.copies {
                connections.push(Connection::open(target).await?);
            }
            groups.spawn_local(order_on_and_on(Rc::clone(&shared), connections));
        }
        Ok(Self { shared, groups })
    }

    /// How many orders were answered rightly by now.
    pub fn placed(&self) -> u64 {
        self.shared.tally.borrow().placed
    }

    /// From here on, orders count.
    pub fn begin(&self) {
        self.shared.phase.set(Phase::Measuring);
    }

    /// From here on they do not, and each client stops after the order that it is waiting for.
    pub fn end(&self) {
        self.shared.phase.set(Phase::Tail);
    }

    /// Waits for the last answers (at most [`ANSWER_TIMEOUT`] each) and says what was seen.
    pub async fn finish(mut self) -> Fallible<Tally> {
        while let Some(group) = self.groups.join_next().await {
            group?;
        }
        let shared = Rc::into_inner(self.shared).ok_or("a client outlived the run")?;
        Ok(shared.tally.into_inner())
    }
}

impl CrowdShared {
    fn new(shape: &Shape) -> Fallible<Self> {
        Ok(Self {
            phase: Cell::new(Phase::WarmUp),
            next_order: Cell::new(1),
            random: Cell::new(0x9E37_79B9_7F4A_7C15),
            lines: shape.lines,
            skus: shape.skus,
            ids: Ids::Time,
            pace: None,
            tally: RefCell::new(Tally::new()?),
        })
    }

    fn next(&self, request: &mut LoadRequest) {
        let number = self.next_order.replace(self.next_order.get() + 1);
        let random = self.next_random();
        if self.lines == Lines::Invoices {
            let lines = Lines::of_invoice(random / self.skus);
            if lines != request.lines() {
                *request = self.request(lines);
            }
        }
        request.set(number, random % self.skus);
    }

    fn request(&self, lines: u16) -> LoadRequest {
        LoadRequest::new(lines).with_ids(self.ids).with_skus(self.skus)
    }

    /// Waits until an order is to be sent; since when its answer is waited for, where that is not since it was sent.
    async fn turn(&self) -> Option<Instant> {
        let pace = self.pace.as_ref()?;
        let turn = pace.next.get();
        pace.next.set(turn + pace.between);
        sleep_until(turn.into()).await;
        Some(turn)
    }

    /// xorshift64 (Marsaglia 2003): the same SKUs in the same order for every contestant.
    fn next_random(&self) -> u64 {
        let mut x = self.random.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.random.set(x);
        x
    }

    /// Enters one order's answers, one a copy, into the tally.
    fn judge(&self, request: &LoadRequest, connections: &[Connection], outcomes: &[Result<Duration, String>]) {
        let tally = &mut *self.tally.borrow_mut();
        let complaint = self.complaint(request, connections, outcomes);
        let measuring = self.phase.get() == Phase::Measuring;
        if complaint.is_none() {
            tally.placed += 1;
            tally.units += u64::from(request.lines()) * QUANTITY;
            tally.counted += u64::from(measuring);
        } else if tally.complaints.len() < MAX_COMPLAINTS {
            tally.complaints.extend(complaint);
        }
        if measuring {
            for latency in outcomes.iter().flatten() {
                tally.latencies.saturating_record(latency.as_micros() as u64);
            }
        }
    }

    /// What is wrong with the answers, if anything is: each 201, about this order, for this amount, and all alike.
    fn complaint(
        &self,
        request: &LoadRequest,
        connections: &[Connection],
        outcomes: &[Result<Duration, String>],
    ) -> Option<String> {
        let id = String::from_utf8_lossy(request.order_id());
        let first = connections[0].body();
        for (connection, outcome) in connections.iter().zip(outcomes) {
            if let Err(error) = outcome {
                return Some(format!("{id}: {error}"));
            }
            let body = connection.body();
            let right = connection.status == 201
                && contains(body, request.order_id())
                && contains(body, b"\"COMPLETED\"")
                && contains(body, request.amount());
            if !right || body != first {
                let text = String::from_utf8_lossy(body);
                return Some(format!("{id}: {} {text}", connection.status));
            }
        }
        None
    }
}

/// One group's loop: it ends with the measured window, or when one of its connections fails.
async fn order_on_and_on(shared: Rc<CrowdShared>, mut connections: Vec<Connection>) {
    let mut request = shared.request(match shared.lines {
        Lines::Fixed(lines) => lines,
        Lines::Invoices => 1, // the first is drawn as all are
    });
    while shared.phase.get() != Phase::Tail {
        let due = shared.turn().await;
        if shared.phase.get() == Phase::Tail {
            return;
        }
        shared.next(&mut request);
        let bytes = request.bytes();
        let mut outcomes = join_all(connections.iter_mut().map(|one| one.exchange(bytes))).await;
        if let Some(due) = due {
            outcomes.iter_mut().flatten().for_each(|took| *took = due.elapsed());
        }
        shared.judge(&request, &connections, &outcomes);
        if outcomes.iter().any(Result::is_err) {
            return;
        }
    }
}

/// A keep-alive connection with its last answer.
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
    status: u16,
    body_start: usize,
}

impl Connection {
    /// Connects.
    pub async fn open(target: SocketAddr) -> Fallible<Self> {
        let stream = timeout(ANSWER_TIMEOUT, TcpStream::connect(target)).await??;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(4096), status: 0, body_start: 0 })
    }

    /// The status of the last answer; 0 before the first.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        &self.received[self.body_start..]
    }

    /// Sends the request and reads the whole answer; returns how long that took.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<Duration, String> {
        let sent = Instant::now();
        match timeout(ANSWER_TIMEOUT, self.converse(request)).await {
            Ok(outcome) => outcome.map(|()| sent.elapsed()),
            Err(_) => Err(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
        }
    }

    async fn converse(&mut self, request: &[u8]) -> Result<(), String> {
        self.received.clear();
        self.body_start = 0;
        self.stream.write_all(request).await.map_err(|error| format!("sending: {error}"))?;
        while self.received.len() < MAX_ANSWER_BYTES {
            let read = self.stream.read_buf(&mut self.received).await;
            if read.map_err(|error| format!("receiving: {error}"))? == 0 {
                return Err("the server closed the connection".to_owned());
            }
            if self.is_whole()? {
                return Ok(());
            }
        }
        Err(format!("an answer of more than {MAX_ANSWER_BYTES} bytes"))
    }

    /// Whether the answer has arrived as its content-length says; contestants send no chunks.
    fn is_whole(&mut self) -> Result<bool, String> {
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut answer = httparse::Response::new(&mut headers);
        let parsed = answer.parse(&self.received).map_err(|error| format!("no HTTP: {error}"))?;
        let httparse::Status::Complete(head) = parsed else {
            return Ok(false);
        };
        let length = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
        let length = length.and_then(|header| std::str::from_utf8(header.value).ok()?.parse::<usize>().ok());
        let length = length.ok_or("an answer without content-length")?;
        self.status = answer.code.unwrap_or(0);
        self.body_start = head;
        match self.received.len().checked_sub(head) {
            Some(got) if got > length => Err("more bytes than the answer's content-length".to_owned()),
            got => Ok(got == Some(length)),
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
