//! TLS above a guarded stream: the bounds of [`connections`](super::connections) count below it, but for heads, which are to
//! be seen here alone, and for what is unsent. An answer waits in two places there, and is not taken before both are empty: else a client that reads a record now and
//! then would count as one that reads.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_http::Protocol;
use actix_http::error::DispatchError;
use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::server::TlsStream;

use super::connections::{Connection, Connections, Guarded, cut_off};
use crate::tls::{Acceptor, Stream};

/// What rustls holds of an answer that is not sent, at most.
const HELD: usize = 64 << 10;

/// What HTTP is spoken on.
pub(super) struct Line {
    stream: Stream<Guarded, TlsStream<Guarded>>,
    /// Of what is decrypted: whether whoever reads was left the time to see that a head is whole.
    yielded: bool,
}

/// Lets a connection in, and shakes hands where that is asked for. A handshake that does not go on is cut as a head is that
/// does not.
pub(super) async fn enter(
    connections: Connections,
    acceptor: Option<Acceptor>,
    stream: TcpStream,
) -> Result<(Line, Protocol, Option<SocketAddr>), DispatchError> {
    let peer = stream.peer_addr().ok();
    let Some(acceptor) = acceptor else {
        let guarded = connections.admit(stream).map_err(DispatchError::Io)?;
        return Ok((Line::new(Stream::Plain(guarded)), Protocol::Http1, peer));
    };
    let guarded = connections.admit_below_tls(stream).map_err(DispatchError::Io)?;
    let mut shaken = acceptor.accept(guarded).await.map_err(|error| {
        tracing::debug!(peer = ?peer, %error, "a TLS handshake came to nothing");
        DispatchError::Io(error)
    })?;
    shaken.get_mut().0.has_shaken_hands();
    Ok((Line::new(Stream::Encrypted(Box::new(shaken))), Protocol::Http1, peer))
}

impl Line {
    fn new(stream: Stream<Guarded, TlsStream<Guarded>>) -> Self {
        Self { stream, yielded: false }
    }

    /// What is known of the connection.
    pub(super) fn connection(&self) -> &Arc<Connection> {
        match &self.stream {
            Stream::Plain(guarded) => guarded.connection(),
            Stream::Encrypted(stream) => stream.get_ref().0.connection(),
        }
    }

    fn is_encrypted(&self) -> bool {
        matches!(self.stream, Stream::Encrypted(_))
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let Stream::Encrypted(stream) = &mut this.stream else { return Pin::new(&mut this.stream).poll_read(cx, buf) };
        let connection = Arc::clone(stream.get_ref().0.connection());
        match connection.may_read_head(&mut this.yielded, cx) {
            Some(true) => {}
            Some(false) => return Poll::Pending,
            None => return Poll::Ready(Err(cut_off())),
        }
        let before = buf.filled().len();
        let read = Pin::new(stream).poll_read(cx, buf);
        let came = buf.filled().len() - before;
        connection.came(came);
        // A farewell of TLS ends the client's half, whether the end of the connection has come behind it or not.
        if read.is_ready() && came == 0 && buf.remaining() > 0 {
            connection.has_ended();
        }
        read
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        if this.is_encrypted() && written.is_pending() {
            this.connection().stuck(buf.len() + HELD);
        }
        written
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.stream).poll_flush(cx);
        match &flushed {
            _ if !this.is_encrypted() => {}
            Poll::Pending => this.connection().stuck(HELD),
            Poll::Ready(Ok(())) => this.connection().settled(),
            Poll::Ready(Err(_)) => {}
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
