//! What stands between a client and a Kafka broker, and holds one request of the client's, or the answer to it: so a test
//! stops it at a place in its transaction that it names, and needs no time for it. It reads nothing but heads: length, kind
//! of request, number, name of the client.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::engine::until;

/// Kinds of requests, by Kafka's numbers.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So many of its kind go by before it.
    Waiting(usize),
    /// The request went by, on this connection under this number; its answer is held.
    Sent(u64, i32),
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

#[derive(Debug, Default)]
struct Shared {
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
            match traps.1.iter().find(|trap| trap.number == number).map(|trap| trap.state) {
                Some(State::Released) => return true,
                None | Some(State::Cut) => return false,
                Some(_) => traps = self.changed.wait(traps).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// A request goes by: the trap that holds it, if one does.
    fn request(&self, connection: u64, frame: &[u8]) -> Option<u64> {
        let (api, correlation, client) = head(frame)?;
        let mut traps = self.traps();
        let mut ours = traps.1.iter_mut().filter(|trap| trap.request as i16 == api && trap.client == client);
        let trap = ours.find(|trap| matches!(trap.state, State::Waiting(_)))?;
        match (trap.state, trap.held) {
            (State::Waiting(0), Held::Request) => Some(trap.number),
            (State::Waiting(0), Held::Answer) => {
                trap.state = State::Sent(connection, correlation);
                None
            }
            (State::Waiting(more), _) => {
                trap.state = State::Waiting(more - 1);
                None
            }
            (_, _) => None,
        }
    }

    /// An answer goes by: the trap that holds it, if one does.
    fn answer(&self, connection: u64, frame: &[u8]) -> Option<u64> {
        let correlation = i32::from_be_bytes(frame.first_chunk().copied()?);
        let traps = self.traps();
        traps.1.iter().find(|trap| trap.state == State::Sent(connection, correlation)).map(|trap| trap.number)
    }
}

/// Kind, number and client of a request.
fn head(frame: &[u8]) -> Option<(i16, i32, String)> {
    let (api, rest) = frame.split_first_chunk()?;
    let (_version, rest) = rest.split_first_chunk::<2>()?;
    let (correlation, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let length = usize::try_from(i16::from_be_bytes(*length)).ok()?;
    let client = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some((i16::from_be_bytes(*api), i32::from_be_bytes(*correlation), client.to_owned()))
}

fn frame(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    from.read_exact(&mut frame)?;
    Ok(frame)
}

fn pump(mut from: TcpStream, mut to: TcpStream, hold: impl Fn(&[u8]) -> bool) {
    while let Ok(frame) = frame(&mut from) {
        if !hold(&frame) || to.write_all(&[&(frame.len() as u32).to_be_bytes()[..], &frame].concat()).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}

impl Wire {
    /// To what listens there.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("its address").port();
        let shared = Arc::<Shared>::default();
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
                    pump(there.0, there.1, |frame| {
                        asked.request(connection, frame).is_none_or(|trap| asked.hold(trap))
                    });
                });
                std::thread::spawn(move || {
                    let goes_on =
                        |frame: &[u8]| answered.answer(connection, frame).is_none_or(|trap| answered.hold(trap));
                    pump(back.1, back.0, goes_on);
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
        self.shared.traps().1.iter().find(|trap| trap.number == self.number).map(|trap| trap.state)
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
