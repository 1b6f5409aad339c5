//! What stands between two programs that speak TCP, and does to their connections what networks do. It reads no protocol: what
//! it cuts, it cuts anywhere.
//!
//! The near side is whoever connects here, the far side whom it means to reach.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::process::free_port;

/// Read at once: several packets of whoever speaks a lot, and one message of whoever speaks little.
const CHUNK: usize = 16 << 10;
/// How long the far side may go on with what it was asked by somebody who is gone.
const DRAIN: Duration = Duration::from_secs(2);
/// Between two tries to listen again where somebody else had the port for a moment.
const LISTEN_AGAIN: Duration = Duration::from_millis(20);

/// What is done to connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Nothing.
    Pass,
    /// They are closed, and whoever comes anew is hung up on.
    Cut,
    /// Whoever comes anew is refused; those that stand, stand.
    Refuse,
    /// Not a byte goes by, in either direction, until that is over. Then all of them do.
    Stall,
    /// Each chunk comes so much later.
    Delay(Duration),
    /// Half of the next chunk goes by, and its connection is closed behind it.
    Half,
    /// What the near side says arrives, what it is answered does not; its connection is closed when that is over.
    Swallow,
    /// What the near side says arrives, and then it hears a reset while the far side goes on.
    Reset,
}

/// Whom a wire leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Far {
    /// An address.
    Tcp(SocketAddr),
    /// A unix socket.
    Unix(PathBuf),
}

/// A place where the near side connects instead. Dropped, it closes.
#[derive(Debug)]
pub struct Wire {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    far: watch::Sender<Far>,
    listener: JoinHandle<()>,
}

impl Wire {
    /// Listens on a free port of the loopback.
    ///
    /// # Errors
    ///
    /// As the operating system says.
    pub async fn to(far: Far) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", free_port()?)).await?;
        let address = listener.local_addr()?;
        let (mode, far) = (watch::Sender::new(Mode::Pass), watch::Sender::new(far));
        let listener = tokio::spawn(listen(listener, address, mode.subscribe(), far.subscribe()));
        Ok(Self { address, mode, far, listener })
    }

    /// Where the near side connects.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does this to connections from now on.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Leads whoever comes from now on there.
    pub fn lead_to(&self, far: Far) {
        self.far.send_replace(far);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn listen(first: TcpListener, address: SocketAddr, mut mode: watch::Receiver<Mode>, far: watch::Receiver<Far>) {
    let mut listener = Some(first);
    loop {
        let now = *mode.borrow_and_update();
        if now == Mode::Refuse {
            listener = None;
            if mode.changed().await.is_err() {
                return;
            }
            continue;
        }
        let Some(open) = &listener else {
            listener = TcpListener::bind(address).await.ok();
            if listener.is_none() {
                sleep(LISTEN_AGAIN).await;
            }
            continue;
        };
        tokio::select! {
            changed = mode.changed() => if changed.is_err() {
                return;
            },
            come = open.accept() => match come {
                Ok((near, _)) if now != Mode::Cut => drop(tokio::spawn(lead(near, mode.clone(), far.clone()))),
                Ok(_) => {}
                // No file is left for it: whoever has one may let go of it.
                Err(_) => sleep(LISTEN_AGAIN).await,
            },
        }
    }
}

type Reader = Box<dyn AsyncRead + Send + Unpin>;
type Writer = Box<dyn AsyncWrite + Send + Unpin>;

async fn reach(far: &Far) -> io::Result<(Reader, Writer)> {
    Ok(match far {
        Far::Tcp(address) => {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (reader, writer) = stream.into_split();
            (Box::new(reader), Box::new(writer))
        }
        Far::Unix(path) => {
            let (reader, writer) = UnixStream::connect(path).await?.into_split();
            (Box::new(reader), Box::new(writer))
        }
    })
}

/// How one direction of a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Whoever spoke has nothing more to say; the other direction goes on.
    Said,
    /// Both are over.
    Closed,
    /// The near side is to hear a reset, and the far side goes on.
    Reset,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Toward {
    Near,
    Far,
}

/// One connection, until it ends.
async fn lead(mut near: TcpStream, mut mode: watch::Receiver<Mode>, far: watch::Receiver<Far>) {
    if until_not_stalled(&mut mode).await.is_none() {
        return;
    }
    let there = far.borrow().clone();
    let Ok((mut far_reader, mut far_writer)) = reach(&there).await else { return };
    let _ = near.set_nodelay(true);
    let end = {
        let (mut near_reader, mut near_writer) = near.split();
        let mut mode_back = mode.clone();
        let there = pump(&mut near_reader, &mut far_writer, Toward::Far, &mut mode);
        let back = pump(&mut far_reader, &mut near_writer, Toward::Near, &mut mode_back);
        tokio::pin!(there, back);
        tokio::select! {
            end = &mut there => if end == End::Said { back.await } else { end },
            end = &mut back => if end == End::Said { there.await } else { end },
        }
    };
    if end == End::Reset {
        let _ = near.set_zero_linger();
        drop(near);
        let _ = timeout(DRAIN, io::copy(&mut far_reader, &mut io::sink())).await;
    }
}

/// Waits while nothing goes by; the mode then. Nothing, where the wire is gone.
async fn until_not_stalled(mode: &mut watch::Receiver<Mode>) -> Option<Mode> {
    mode.wait_for(|mode| *mode != Mode::Stall).await.ok().map(|mode| *mode)
}

/// One direction of a connection.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    toward: Toward,
    mode: &mut watch::Receiver<Mode>,
) -> End {
    let mut chunk = vec![0; CHUNK];
    let mut has_swallowed = false;
    loop {
        let Some(now) = until_not_stalled(mode).await else { return End::Closed };
        mode.mark_unchanged();
        if now == Mode::Cut || has_swallowed && now != Mode::Swallow {
            return End::Closed;
        }
        let read = tokio::select! {
            biased;
            changed = mode.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return End::Closed,
            },
            read = from.read(&mut chunk) => read,
        };
        let Some(said) = read.ok().map(|length| &chunk[..length]) else { return End::Closed };
        if said.is_empty() {
            return if to.shutdown().await.is_ok() { End::Said } else { End::Closed };
        }
        // Another one, where it became so while this was waited for.
        let Some(now) = until_not_stalled(mode).await else { return End::Closed };
        if has_swallowed && now != Mode::Swallow {
            return End::Closed; // nothing comes behind a hole
        }
        let (passes, end) = match (now, toward) {
            (Mode::Pass | Mode::Refuse | Mode::Stall, _) | (Mode::Swallow, Toward::Far) => (said, None),
            (Mode::Cut, _) => (&said[..0], Some(End::Closed)),
            (Mode::Half, _) => (&said[..said.len() / 2], Some(End::Closed)),
            (Mode::Delay(late), _) => {
                sleep(late).await;
                (said, None)
            }
            (Mode::Swallow, Toward::Near) => {
                has_swallowed = true;
                (&said[..0], None)
            }
            (Mode::Reset, Toward::Far) => (said, Some(End::Reset)),
            (Mode::Reset, Toward::Near) => (&said[..0], Some(End::Reset)),
        };
        let written = tokio::select! {
            biased;
            _ = mode.wait_for(|mode| *mode == Mode::Cut) => return End::Closed,
            written = to.write_all(passes) => written,
        };
        if written.is_err() {
            return End::Closed;
        }
        if let Some(end) = end {
            return end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that tells whoever connects what it heard, one line after the other, and remembers all of it.
    async fn echo() -> (SocketAddr, watch::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let (address, (heard, told)) = (listener.local_addr().expect("an address"), watch::channel(String::new()));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.expect("a connection");
                let heard = heard.clone();
                tokio::spawn(async move {
                    let mut buffer = [0; 64];
                    while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                        heard.send_modify(|all| all.push_str(&String::from_utf8_lossy(&buffer[..length])));
                        if stream.write_all(&buffer[..length]).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        (address, told)
    }

    async fn says(stream: &mut TcpStream, what: &str) {
        stream.write_all(what.as_bytes()).await.expect("say it");
    }

    async fn hears(stream: &mut TcpStream, length: usize) -> io::Result<String> {
        let mut buffer = vec![0; length];
        stream.read_exact(&mut buffer).await?;
        Ok(String::from_utf8(buffer).expect("text"))
    }

    async fn arrived(heard: &mut watch::Receiver<String>, what: &str) {
        heard.wait_for(|all| all.ends_with(what)).await.expect("the server is there");
    }

    async fn wired() -> (Wire, TcpStream, watch::Receiver<String>) {
        let (address, heard) = echo().await;
        let wire = Wire::to(Far::Tcp(address)).await.expect("a wire");
        let mut near = TcpStream::connect(wire.address()).await.expect("connect");
        says(&mut near, "ab").await;
        assert_eq!(hears(&mut near, 2).await.expect("an answer"), "ab");
        (wire, near, heard)
    }

    #[tokio::test]
    async fn what_is_stalled_or_late_arrives_whole() {
        let (wire, mut near, mut heard) = wired().await;
        wire.set(Mode::Stall);
        says(&mut near, "cd").await;
        let waits = timeout(Duration::from_millis(50), hears(&mut near, 2)).await;
        assert!(waits.is_err() && heard.borrow().as_str() == "ab", "nothing goes by");
        wire.set(Mode::Delay(Duration::from_millis(5)));
        assert_eq!(hears(&mut near, 2).await.expect("an answer"), "cd");
        arrived(&mut heard, "cd").await;
    }

    #[tokio::test]
    async fn what_is_cut_is_closed_and_comes_again() {
        let (wire, mut near, _heard) = wired().await;
        wire.set(Mode::Cut);
        assert!(hears(&mut near, 1).await.is_err(), "closed");
        let mut other = TcpStream::connect(wire.address()).await.expect("it listens");
        assert!(hears(&mut other, 1).await.is_err(), "hung up on");
        wire.set(Mode::Pass);
        let mut near = TcpStream::connect(wire.address()).await.expect("connect");
        says(&mut near, "cd").await;
        assert_eq!(hears(&mut near, 2).await.expect("an answer"), "cd");
    }

    #[tokio::test]
    async fn who_is_refused_comes_in_later_and_who_is_in_stays() {
        let (wire, mut near, _heard) = wired().await;
        wire.set(Mode::Refuse);
        while TcpStream::connect(wire.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
        says(&mut near, "cd").await;
        assert_eq!(hears(&mut near, 2).await.expect("an answer"), "cd");
        wire.set(Mode::Pass);
        while TcpStream::connect(wire.address()).await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn half_of_a_message_is_half_of_it() {
        let (wire, mut near, mut heard) = wired().await;
        wire.set(Mode::Half);
        says(&mut near, "cdef").await;
        assert!(hears(&mut near, 1).await.is_err(), "closed behind it");
        arrived(&mut heard, "cd").await;
    }

    #[tokio::test]
    async fn an_answer_that_is_swallowed_was_given() {
        let (wire, mut near, mut heard) = wired().await;
        wire.set(Mode::Swallow);
        says(&mut near, "cd").await;
        arrived(&mut heard, "cd").await;
        assert!(timeout(Duration::from_millis(50), hears(&mut near, 1)).await.is_err(), "and nothing comes of it");
        wire.set(Mode::Pass);
        assert!(hears(&mut near, 1).await.is_err(), "nor ever will");
    }

    #[tokio::test]
    async fn a_reset_of_the_near_side_stops_nothing_of_the_far_side() {
        let (wire, mut near, mut heard) = wired().await;
        wire.set(Mode::Reset);
        says(&mut near, "cd").await;
        arrived(&mut heard, "cd").await;
        let error = hears(&mut near, 1).await.expect_err("a reset");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }
}
