//! What stands between a client and a broker, and holds one request of the client's, or the answer to it: so a test stops it
//! at a place that it names, and needs no time for it. It reads nothing but heads: of Kafka length, kind of request, number,
//! name of the client; of NATS the line that a message begins with.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::engine::until;

/// What is spoken.
#[cfg_attr(not(all(feature = "kafka", feature = "nats")), expect(dead_code, reason = "one sink's tests alone"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Kafka's.
    Kafka,
    /// NATS': a message with headers is [`Request::Produce`], and its subject, from the beginning, the client's name.
    Nats,
}

/// Kinds of requests, by Kafka's numbers.
#[cfg_attr(not(feature = "kafka"), expect(dead_code, reason = "most are Kafka's alone"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Records.
    Produce = 0,
    /// Who publishes under a name from now on.
    InitProducer = 22,
    /// A transaction that is begun: it names the partitions.
    AddPartitions = 24,
    /// A commit, or an abort.
    EndTransaction = 26,
}

/// What is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The request: the broker never saw it.
    Request,
    /// The answer: the broker has done it, and the client does not know.
    Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// So many of its kind go by before it.
    Waiting(usize),
    /// The request went by, on this connection under this number or name; its answer is held.
    Sent(u64, Vec<u8>),
    /// It is held.
    Reached,
    /// It goes on.
    Released,
    /// Its connection is closed.
    Cut,
}

#[derive(Debug)]
struct Trap {
    number: u64,
    client: String,
    request: Request,
    held: Held,
    state: State,
}

#[derive(Debug)]
struct Shared {
    protocol: Protocol,
    traps: Mutex<(u64, Vec<Trap>)>,
    changed: Condvar,
}

/// A place where clients connect instead.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    shared: Arc<Shared>,
}

/// One request that is waited for and held. Dropped, its connection is closed, and it gets nowhere.
pub struct Hold {
    number: u64,
    shared: Arc<Shared>,
}

impl Shared {
    fn traps(&self) -> MutexGuard<'_, (u64, Vec<Trap>)> {
        self.traps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds whoever calls this until the trap is released; whether what it holds goes on.
    fn hold(&self, number: u64) -> bool {
        let mut traps = self.traps();
        if let Some(trap) = traps.1.iter_mut().find(|trap| trap.number == number) {
            trap.state = State::Reached;
        }
        loop {
            match traps.1.iter().find(|trap| trap.number == number).map(|trap| &trap.state) {
                Some(State::Released) => return true,
                None | Some(State::Cut) => return false,
                Some(_) => traps = self.changed.wait(traps).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// A request goes by: the trap that holds it, if one does.
    fn request(&self, connection: u64, frame: &[u8]) -> Option<u64> {
        let (api, correlation, client) = match self.protocol {
            Protocol::Kafka => kafka(frame)?,
            Protocol::Nats => nats(frame)?,
        };
        let is_whose = |trap: &Trap| match self.protocol {
            Protocol::Kafka => trap.client == client,
            Protocol::Nats => client.starts_with(&trap.client),
        };
        let mut traps = self.traps();
        let mut ours = traps.1.iter_mut().filter(|trap| trap.request as i16 == api && is_whose(trap));
        let trap = ours.find(|trap| matches!(trap.state, State::Waiting(_)))?;
        match (&trap.state, trap.held) {
            (State::Waiting(0), Held::Request) => Some(trap.number),
            (State::Waiting(0), Held::Answer) => {
                trap.state = State::Sent(connection, correlation);
                None
            }
            (State::Waiting(more), _) => {
                let more = more - 1;
                trap.state = State::Waiting(more);
                None
            }
            (_, _) => None,
        }
    }

    /// An answer goes by: the trap that holds it, if one does.
    fn answer(&self, connection: u64, frame: &[u8]) -> Option<u64> {
        let correlation = match self.protocol {
            Protocol::Kafka => frame.get(4..8)?.to_vec(),
            Protocol::Nats => {
                let mut words = words(frame);
                words.next().filter(|verb| ["MSG", "HMSG"].contains(verb))?;
                words.next()?.as_bytes().to_vec()
            }
        };
        let traps = self.traps();
        traps.1.iter().find(|trap| trap.state == State::Sent(connection, correlation.clone())).map(|trap| trap.number)
    }
}

/// Kind, number and client of a request to Kafka.
fn kafka(frame: &[u8]) -> Option<(i16, Vec<u8>, String)> {
    let (_length, rest) = frame.split_first_chunk::<4>()?;
    let (api, rest) = rest.split_first_chunk()?;
    let (_version, rest) = rest.split_first_chunk::<2>()?;
    let (correlation, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(i16::from_be_bytes(*length)).ok()?;
    let client = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some((i16::from_be_bytes(*api), correlation.to_vec(), client.to_owned()))
}

/// The same of a message to NATS: to where it is answered, and its subject.
fn nats(frame: &[u8]) -> Option<(i16, Vec<u8>, String)> {
    let mut words = words(frame);
    words.next().filter(|verb| *verb == "HPUB")?;
    let (subject, reply) = (words.next()?, words.next()?);
    Some((Request::Produce as i16, reply.as_bytes().to_vec(), subject.to_owned()))
}

/// The words of the line that a message of NATS begins with.
fn words(frame: &[u8]) -> impl Iterator<Item = &str> {
    let line = frame.split(|byte| *byte == b'\n').next().unwrap_or_default();
    std::str::from_utf8(line).unwrap_or_default().split_ascii_whitespace()
}

fn frame(protocol: Protocol, from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut frame = vec![];
    let more = match protocol {
        Protocol::Kafka => {
            frame.resize(4, 0);
            from.read_exact(&mut frame)?;
            u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize
        }
        Protocol::Nats => {
            if from.read_until(b'\n', &mut frame)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let has_payload = words(&frame).next().is_some_and(|verb| ["PUB", "HPUB", "MSG", "HMSG"].contains(&verb));
            let length = words(&frame).last().and_then(|length| length.parse::<usize>().ok());
            length.filter(|_| has_payload).map_or(0, |length| length + 2)
        }
    };
    let head = frame.len();
    frame.resize(head + more, 0);
    from.read_exact(&mut frame[head..])?;
    Ok(frame)
}

fn pump(protocol: Protocol, from: TcpStream, mut to: TcpStream, hold: impl Fn(&[u8]) -> bool) {
    let mut from = BufReader::new(from);
    while let Ok(frame) = frame(protocol, &mut from) {
        if !hold(&frame) || to.write_all(&frame).is_err() {
            break;
        }
    }
    let from = from.into_inner();
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

impl Wire {
    /// To what listens there.
    pub fn to(port: u16, protocol: Protocol) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared { protocol, traps: Mutex::default(), changed: Condvar::new() });
        let inside = Arc::clone(&shared);
        std::thread::spawn(move || {
            for (connection, client) in (0_u64..).zip(listener.incoming()) {
                let Ok(client) = client else { continue };
                // A broker that is gone: so is the connection.
                let Ok(broker) = TcpStream::connect(("127.0.0.1", port)) else { continue };
                let both = || io::Result::Ok((client.try_clone()?, broker.try_clone()?));
                let (Ok(there), Ok(back)) = (both(), both()) else { continue };
                let (asked, answered) = (Arc::clone(&inside), Arc::clone(&inside));
                std::thread::spawn(move || {
                    pump(protocol, there.0, there.1, |frame| {
                        asked.request(connection, frame).is_none_or(|trap| asked.hold(trap))
                    });
                });
                std::thread::spawn(move || {
                    let goes_on =
                        |frame: &[u8]| answered.answer(connection, frame).is_none_or(|trap| answered.hold(trap));
                    pump(protocol, back.1, back.0, goes_on);
                });
            }
        });
        Self { port: own, shared }
    }

    /// Where it is connected to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Will hold a request of this client's, after `pass` of its kind went by.
    pub fn hold(&self, client: &str, request: Request, pass: usize, held: Held) -> Hold {
        let mut traps = self.shared.traps();
        traps.0 += 1;
        let number = traps.0;
        traps.1.push(Trap { number, client: client.into(), request, held, state: State::Waiting(pass) });
        Hold { number, shared: Arc::clone(&self.shared) }
    }
}

impl Hold {
    fn state(&self) -> Option<State> {
        self.shared.traps().1.iter().find(|trap| trap.number == self.number).map(|trap| trap.state.clone())
    }

    fn set(&self, state: State) {
        if let Some(trap) = self.shared.traps().1.iter_mut().find(|trap| trap.number == self.number) {
            trap.state = state;
        }
        self.shared.changed.notify_all();
    }

    /// Waits until it is held.
    pub async fn reached(&self) {
        until("a request is held", || async { self.state() == Some(State::Reached) }).await;
    }

    /// Lets it go on.
    pub fn release(&self) {
        self.set(State::Released);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        if self.state() != Some(State::Released) {
            self.set(State::Cut);
        }
    }
}
