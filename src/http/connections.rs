//! The connections of a server: how many there may be, and what one of them may hold.
//!
//! Whoever opens a connection costs a file and two buffers before anybody knows who it is; whoever does not read makes
//! others' answers wait in memory; whoever hangs up leaves a request behind that waits for nobody. actix-http bounds none
//! of that: its own timers are for the first head and for silence between requests. So every connection is a
//! [`Guarded`] stream, which knows what is read, written and waited for, and one look a half second over all of them
//! ends those that hold up:
//!
//! - one that has not read what was written for it within `server.write_timeout_ms`;
//! - one that has begun a request and does not go on, later ones on a kept connection included;
//! - where all of them together have more unsent than there is room for, the one that has been stuck longest.
//!
//! A connection beyond the bounds (in all, and of one address) is not simply refused: the one without a request in
//! hand that has been silent longest makes room, be it a head that is half sent. Only where all of them have a
//! request in hand is the newcomer turned away.
//!
//! A client that ends its half of the connection (a FIN) while its request is in hand has most probably hung up; it may
//! also have said all that it will, and still read: that is legal, if rare (`nc -N`). The two look the same. So it gets
//! whatever is answered within [`limits::HANG_UP_GRACE`], and after that its request waits no longer.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use futures_util::task::AtomicWaker;
use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::config;
use crate::limits;
use crate::telemetry::{CutCause, Metrics};

/// What somebody is told whose head is longer than any of ours need be.
const HEAD_TOO_LARGE: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// What a newcomer is told for whom there is no room. Whether it arrives is not waited for.
const TURNED_AWAY: &[u8] = concat!(
    "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n",
    "content-type: application/problem+json\r\n\r\n",
    r#"{"type":"urn:counterfoil:problem:overloaded","title":"Overloaded","status":503,"#,
    r#""detail":"too many connections are open, and each has a request in hand: try again later","code":"overloaded"}"#
)
.as_bytes();

/// What the connections of a server may take.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Connections in all.
    pub all: usize,
    /// Connections of one address.
    pub of_one: usize,
    /// Addresses that many clients come from, and of which none are counted.
    pub trusted: Vec<config::Network>,
    /// For how long a client may leave unread what was written for it.
    pub write_timeout: Duration,
}

impl Bounds {
    /// Of a checked configuration, and of the files that this process may have open: what is not a connection (the
    /// database, participants) needs some as well.
    pub fn new(server: &config::Server) -> Self {
        let files = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
        let files = files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
        let all = server.max_connections.min(files - limits::OTHER_FILES.min(files / 2)).max(1);
        if all < server.max_connections {
            tracing::warn!(
                files,
                connections = all,
                "fewer connections than server.max_connections: open files (ulimit -n)"
            );
        }
        Self {
            all,
            of_one: server.max_connections_per_address.min(limits::share(all)),
            trusted: server.trusted_proxies.iter().filter_map(|text| config::Network::parse(text)).collect(),
            write_timeout: Duration::from_millis(server.write_timeout_ms),
        }
    }
}

/// The connections of a server. Clones share them.
#[derive(Clone)]
pub struct Connections(Arc<ConnectionsShared>);

struct ConnectionsShared {
    bounds: Bounds,
    metrics: Arc<Metrics>,
    began: Instant,
    table: Mutex<Table>,
    /// Bytes that were to be written, and that nobody reads.
    unsent: AtomicUsize,
}

#[derive(Default)]
struct Table {
    open: HashMap<u64, Arc<Connection>, rustc_hash::FxBuildHasher>,
    by_address: HashMap<IpAddr, usize>,
    numbers: u64,
    watched: bool,
}

/// What is known of one connection.
pub struct Connection {
    server: Arc<ConnectionsShared>,
    number: u64,
    /// Where it comes from, where that is counted.
    address: Option<IpAddr>,
    /// Requests in hand: 1, or none.
    in_hand: AtomicUsize,
    /// Since when it has none, on the server's clock.
    idle_since: AtomicU64,
    /// Bytes of a head that is not whole.
    head: AtomicUsize,
    /// Whether the last request had a body that was not read: what comes is thrown away, and is no head.
    body_left: AtomicBool,
    /// Bytes that came behind a request in hand, and that nobody took.
    ahead: AtomicUsize,
    /// Whether it waits for room for more of these.
    gated: AtomicBool,
    /// Since when what was written is not taken, on the server's clock; 0 while it is.
    stuck_since: AtomicU64,
    /// How much of it there is.
    unsent: AtomicUsize,
    /// Whether the client will send no more.
    ended: AtomicBool,
    cut: AtomicBool,
    waker: AtomicWaker,
}

impl Connections {
    /// No connection is open yet; those that are cut or turned away are counted in `metrics`.
    pub fn new(bounds: Bounds, metrics: Arc<Metrics>) -> Self {
        let (began, table, unsent) = (Instant::now(), Mutex::default(), AtomicUsize::new(0));
        Self(Arc::new(ConnectionsShared { bounds, metrics, began, table, unsent }))
    }

    /// How many there may be.
    pub(super) fn most(&self) -> usize {
        self.0.bounds.all
    }

    /// Lets a connection in, or closes it.
    pub(super) fn admit(&self, stream: TcpStream) -> io::Result<Guarded> {
        self.let_in(stream, false)
    }

    /// The same, for a connection on which TLS is spoken above it: nothing is said to it in the clear, and what is unsent is
    /// counted there, as are heads once hands are shaken.
    pub(super) fn admit_below_tls(&self, stream: TcpStream) -> io::Result<Guarded> {
        self.let_in(stream, true)
    }

    fn let_in(&self, stream: TcpStream, is_below_tls: bool) -> io::Result<Guarded> {
        let address = stream.peer_addr().ok().and_then(|peer| self.0.counted(peer));
        let Some((connection, watch)) = self.0.enter(address) else {
            let _told_or_not = if is_below_tls { Ok(0) } else { stream.try_write(TURNED_AWAY) };
            return Err(turned_away());
        };
        if watch {
            actix_web::rt::spawn(keep_watch(Watch { server: Arc::clone(&self.0), over: false }));
        }
        let above = if is_below_tls { Above::Handshake } else { Above::Http };
        Ok(Guarded { stream, connection, yielded: false, above })
    }
}

fn turned_away() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionRefused, "as many connections are open as there may be")
}

pub(super) fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection was cut")
}

impl ConnectionsShared {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the server began, from 1.
    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX - 1) + 1
    }

    /// The address that a client is counted by: of version 6 the network, of which a client commonly has all.
    fn counted(&self, peer: SocketAddr) -> Option<IpAddr> {
        let ip = peer.ip().to_canonical();
        if self.bounds.trusted.iter().any(|network| network.holds(ip)) {
            return None;
        }
        Some(match ip {
            IpAddr::V4(_) => ip,
            IpAddr::V6(long) => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() & (u128::MAX << 64))),
        })
    }

    /// A place for a connection, and whether nobody watches over them yet; `None` where there is none.
    fn enter(self: &Arc<Self>, address: Option<IpAddr>) -> Option<(Arc<Connection>, bool)> {
        let mut table = self.lock();
        let of_one = address.and_then(|address| table.by_address.get(&address).copied()).unwrap_or_default();
        if of_one >= self.bounds.of_one {
            self.make_room(&mut table, address, CutCause::Address)?;
        }
        if table.open.len() >= self.bounds.all {
            self.make_room(&mut table, None, CutCause::Full)?;
        }
        table.numbers += 1;
        let connection = Arc::new(Connection {
            server: Arc::clone(self),
            number: table.numbers,
            address,
            in_hand: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.now()),
            head: AtomicUsize::new(0),
            body_left: AtomicBool::new(false),
            ahead: AtomicUsize::new(0),
            gated: AtomicBool::new(false),
            stuck_since: AtomicU64::new(0),
            unsent: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
            cut: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        });
        table.open.insert(connection.number, Arc::clone(&connection));
        if let Some(address) = address {
            *table.by_address.entry(address).or_default() += 1;
        }
        self.metrics.connections.set(i64::try_from(table.open.len()).unwrap_or(i64::MAX));
        Some((connection, !std::mem::replace(&mut table.watched, true)))
    }

    /// Ends the connection, of one address or of all, that has been without a request for longest. `None` where each has
    /// one: then it is the newcomer who is turned away.
    fn make_room(&self, table: &mut Table, address: Option<IpAddr>, cause: CutCause) -> Option<()> {
        self.metrics.connections_cut(cause).inc();
        let among = table.open.values().filter(|one| address.is_none() || one.address == address);
        let idle = among.filter(|one| one.is_idle()).min_by_key(|one| one.idle_since.load(Ordering::Relaxed))?;
        let idle = Arc::clone(idle);
        self.leave(table, &idle);
        idle.cut();
        Some(())
    }

    fn leave(&self, table: &mut Table, connection: &Connection) {
        if table.open.remove(&connection.number).is_none() {
            return;
        }
        if let Some(address) = connection.address
            && let Some(count) = table.by_address.get_mut(&address)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                table.by_address.remove(&address);
            }
        }
        self.metrics.connections.set(i64::try_from(table.open.len()).unwrap_or(i64::MAX));
    }

    /// Ends what holds up, and has those look for themselves who do not read.
    fn look(&self) {
        let now = self.now();
        let over = |since: u64, patience: Duration| u128::from(now.saturating_sub(since)) > patience.as_millis();
        let table = self.lock();
        for connection in table.open.values() {
            let stuck_since = connection.stuck_since.load(Ordering::Relaxed);
            if stuck_since > 0 && over(stuck_since, self.bounds.write_timeout) {
                self.metrics.connections_cut(CutCause::Reader).inc();
                connection.cut();
            } else if connection.is_idle()
                && over(connection.idle_since.load(Ordering::Relaxed), limits::HEAD_PATIENCE)
                && !connection.cut.load(Ordering::Relaxed)
            {
                self.metrics.connections_cut(CutCause::Head).inc();
                connection.cut();
            } else if connection.gated.load(Ordering::Relaxed) {
                connection.waker.wake();
            }
        }
        drop(table);
        self.relieve();
    }

    /// Where more is unsent than there is room for, those go who have been stuck longest.
    fn relieve(&self) {
        if self.unsent.load(Ordering::Relaxed) <= limits::UNSENT_BYTES {
            return;
        }
        let table = self.lock();
        let mut unsent = self.unsent.load(Ordering::Relaxed);
        let mut stuck = Vec::new();
        for one in table.open.values() {
            if one.cut.load(Ordering::Relaxed) {
                // It goes by itself, and what waited for it with it.
                unsent = unsent.saturating_sub(one.unsent.load(Ordering::Relaxed));
            } else if let since @ 1.. = one.stuck_since.load(Ordering::Relaxed) {
                stuck.push((since, one));
            }
        }
        stuck.sort_unstable_by_key(|(since, _)| *since);
        for (_, one) in stuck {
            if unsent <= limits::UNSENT_BYTES {
                return;
            }
            unsent = unsent.saturating_sub(one.unsent.load(Ordering::Relaxed));
            self.metrics.connections_cut(CutCause::Unsent).inc();
            one.cut();
        }
    }
}

/// Whoever watches over the connections of a server. Where its thread ends, the next connection finds another.
struct Watch {
    server: Arc<ConnectionsShared>,
    over: bool,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.over {
            self.server.lock().watched = false;
        }
    }
}

/// Looks, as long as there are connections. The next one begins another watch.
async fn keep_watch(mut watch: Watch) {
    while !watch.over {
        tokio::time::sleep(limits::CONNECTION_LOOK).await;
        watch.server.look();
        let mut table = watch.server.lock();
        table.watched = !table.open.is_empty();
        let over = !table.watched;
        drop(table);
        watch.over = over;
    }
}

impl Connection {
    /// A request is begun, with a body or without.
    pub(super) fn enter(self: &Arc<Self>, has_body: bool) -> InHand {
        self.head.store(0, Ordering::Relaxed);
        self.body_left.store(has_body, Ordering::Relaxed);
        self.in_hand.fetch_add(1, Ordering::Relaxed);
        if has_body {
            self.took(); // what came behind an earlier request is this one's, and the rest of it has yet to come
        }
        InHand(Arc::clone(self))
    }

    /// Ready when whoever sent the request in hand has hung up.
    pub(super) fn gone(self: &Arc<Self>) -> Gone {
        Gone { connection: Arc::clone(self), grace: None }
    }

    /// Some of what came behind the head was taken.
    pub(super) fn took(&self) {
        self.ahead.store(0, Ordering::Relaxed);
        self.let_read();
    }

    /// All of the body was taken.
    pub(super) fn took_all(&self) {
        self.body_left.store(false, Ordering::Relaxed);
    }

    fn let_read(&self) {
        if self.gated.swap(false, Ordering::Relaxed) {
            self.waker.wake();
        }
    }

    /// Whether it has neither a request in hand nor an answer under way.
    fn is_idle(&self) -> bool {
        self.in_hand.load(Ordering::Relaxed) == 0 && self.stuck_since.load(Ordering::Relaxed) == 0
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
        self.waker.wake();
    }

    /// Whether more of what may be a head is read. `None` where it is too long: whoever reads was left the time to see that
    /// it is whole.
    pub(super) fn may_read_head(&self, yielded: &mut bool, cx: &Context<'_>) -> Option<bool> {
        let is_short = self.head.load(Ordering::Relaxed) < limits::HEAD_BYTES;
        if is_short || self.in_hand.load(Ordering::Relaxed) > 0 || self.body_left.load(Ordering::Relaxed) {
            *yielded = false;
            return Some(true);
        }
        if std::mem::replace(yielded, true) {
            self.server.metrics.connections_cut(CutCause::Head).inc();
            return None;
        }
        cx.waker().wake_by_ref();
        Some(false)
    }

    /// So many bytes came of what HTTP is spoken in: of a head, where no request is in hand.
    pub(super) fn came(&self, bytes: usize) {
        if self.in_hand.load(Ordering::Relaxed) == 0 {
            self.head.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// The client will send no more.
    pub(super) fn has_ended(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    /// So many bytes are to be written that the client leaves no room for.
    pub(super) fn stuck(&self, bytes: usize) {
        if self.stuck_since.load(Ordering::Relaxed) == 0 {
            self.stuck_since.store(self.server.now(), Ordering::Relaxed);
        }
        let before = self.unsent.swap(bytes, Ordering::Relaxed);
        if bytes >= before {
            let all = self.server.unsent.fetch_add(bytes - before, Ordering::Relaxed) + (bytes - before);
            if all > limits::UNSENT_BYTES {
                self.server.relieve();
            }
        } else {
            self.server.unsent.fetch_sub(before - bytes, Ordering::Relaxed);
        }
    }

    /// All that was to be written is.
    pub(super) fn settled(&self) {
        if self.stuck_since.load(Ordering::Relaxed) > 0 {
            self.stuck(0);
            self.stuck_since.store(0, Ordering::Relaxed);
            self.idle_since.store(self.server.now(), Ordering::Relaxed);
        }
    }
}

/// A request in hand, until its answer is whole.
pub(super) struct InHand(Arc<Connection>);

impl Drop for InHand {
    fn drop(&mut self) {
        self.0.idle_since.store(self.0.server.now(), Ordering::Relaxed);
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
        self.0.let_read();
    }
}

/// See [`Connection::gone`]. Whoever waits is asked by the same task that reads, right after it read: so nobody need be
/// woken.
pub(super) struct Gone {
    connection: Arc<Connection>,
    grace: Option<Pin<Box<Sleep>>>,
}

impl Future for Gone {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if !self.connection.ended.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        self.grace.get_or_insert_with(|| Box::pin(tokio::time::sleep(limits::HANG_UP_GRACE))).as_mut().poll(cx)
    }
}

/// The stream of a connection.
pub(super) struct Guarded {
    stream: TcpStream,
    connection: Arc<Connection>,
    /// Whether whoever reads was left the time to see that a head is whole.
    yielded: bool,
    above: Above,
}

/// What is spoken on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Above {
    Http,
    /// A handshake of TLS, which is bounded as a head is.
    Handshake,
    /// Records: what is in them is told apart by whoever decrypts them, and needs whole ones.
    Records,
}

impl Guarded {
    /// What is known of it.
    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }

    /// Whether it may read on: not more than [`limits::READ_AHEAD`] behind a request that has all it needs, nor while its
    /// answers wait to be read. `None` where its head is too long.
    fn may_read(&mut self, cx: &Context<'_>) -> Option<bool> {
        let connection = &self.connection;
        if connection.in_hand.load(Ordering::Relaxed) > 0 {
            self.yielded = false;
            if connection.ahead.load(Ordering::Relaxed) < limits::READ_AHEAD {
                return Some(true);
            }
            connection.gated.store(true, Ordering::Relaxed);
            if self.has_ended() {
                connection.ended.store(true, Ordering::Relaxed);
            }
            return Some(false);
        }
        connection.ahead.store(0, Ordering::Relaxed);
        if connection.stuck_since.load(Ordering::Relaxed) > 0 {
            return Some(false); // what makes room for the answers wakes this task, too
        }
        match self.above {
            Above::Http | Above::Handshake => connection.may_read_head(&mut self.yielded, cx),
            Above::Records => Some(true),
        }
    }

    /// What came so far was no head.
    pub(super) fn has_shaken_hands(&mut self) {
        self.above = Above::Records;
        self.connection.head.store(0, Ordering::Relaxed);
    }

    /// Whether the client has ended its half, behind whatever it sent that was not read.
    fn has_ended(&self) -> bool {
        let mut asked = [PollFd::new(&self.stream, PollFlags::RDHUP)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        rustix::event::poll(&mut asked, Some(&now)).is_ok_and(|found| found > 0)
    }
}

impl AsyncRead for Guarded {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.connection.waker.register(cx.waker());
        if this.connection.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Err(cut_off()));
        }
        match this.may_read(cx) {
            Some(true) => {}
            Some(false) => return Poll::Pending,
            None => {
                let is_clear = this.above == Above::Http;
                let _told_or_not = if is_clear { this.stream.try_write(HEAD_TOO_LARGE) } else { Ok(0) };
                return Poll::Ready(Err(cut_off()));
            }
        }
        let before = buf.filled().len();
        if let Err(error) = ready!(Pin::new(&mut this.stream).poll_read(cx, buf)) {
            this.connection.ended.store(true, Ordering::Relaxed); // a reset behind what was read is taken for an end
            return Poll::Ready(Err(error));
        }
        let came = buf.filled().len() - before;
        if came == 0 {
            this.connection.ended.store(true, Ordering::Relaxed);
        } else if this.connection.in_hand.load(Ordering::Relaxed) > 0 {
            this.connection.ahead.fetch_add(came, Ordering::Relaxed);
        } else if this.above != Above::Records {
            this.connection.came(came);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.connection.waker.register(cx.waker());
        if this.connection.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Err(cut_off()));
        }
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        match &written {
            _ if this.above != Above::Http => {}
            Poll::Pending => this.connection.stuck(buf.len()),
            Poll::Ready(Ok(bytes)) if *bytes == buf.len() => this.connection.settled(),
            Poll::Ready(_) => {}
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.connection.settled();
        let server = Arc::clone(&self.connection.server);
        server.leave(&mut server.lock(), &self.connection);
    }
}

#[cfg(test)]
#[path = "connections_tests.rs"]
mod tests;
