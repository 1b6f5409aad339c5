//! TLS on connections to PostgreSQL, each time with the certificates that were read last, and with what binds a password's
//! proof to the connection that it was made for (`SCRAM-SHA-256-PLUS`).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256, Sha384, Sha512};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

use crate::tls::{Dialer, Sealed};

/// How connections are encrypted, where they are. Clones share the certificates.
#[derive(Debug, Clone, Default)]
pub struct Encryption(pub(super) Option<Dialer>);

/// One TLS handshake, to come; made anew for each connection.
pub struct Handshake {
    dialer: Option<Dialer>,
    host: String,
}

/// A connection behind it.
pub struct Encrypted(Sealed<Socket>);

impl MakeTlsConnect<Socket> for Encryption {
    type Stream = Encrypted;
    type TlsConnect = Handshake;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> io::Result<Handshake> {
        Ok(Handshake { dialer: self.0.clone(), host: domain.to_owned() })
    }
}

impl TlsConnect<Socket> for Handshake {
    type Stream = Encrypted;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Encrypted>>;

    fn connect(self, stream: Socket) -> Self::Future {
        async move {
            let Some(dialer) = self.dialer else { return Err(io::Error::other("TLS is turned off")) };
            dialer.connect(&self.host, stream).await.map(Encrypted)
        }
        .boxed()
    }
}

impl TlsStream for Encrypted {
    fn channel_binding(&self) -> ChannelBinding {
        let hashed = self.0.certificate().and_then(|certificate| end_point(certificate));
        hashed.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

/// The hash of a server's certificate under the hash of its own signature (`tls-server-end-point`, RFC 5929): MD5 and SHA-1
/// count as SHA-256. `None` where the signature has no hash that could be meant, as of Ed25519: then nothing is bound, as
/// the server does it.
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { algorithm OBJECT IDENTIFIER, .. }, .. }
    let (whole, _) = element(certificate)?;
    let (_, behind) = element(whole)?;
    let (algorithm, _) = element(behind)?;
    let (identifier, _) = element(algorithm)?;
    Some(match identifier {
        // 1.2.840.113549.1.1: RSA with MD5, SHA-1, SHA-256; 1.2.840.10045.4: ECDSA with SHA-1, SHA-256.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4 | 5 | 11]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1]
        | [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2] => Sha256::digest(certificate).to_vec(),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3] => {
            Sha384::digest(certificate).to_vec()
        }
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4] => {
            Sha512::digest(certificate).to_vec()
        }
        _ => return None,
    })
}

/// The content of the first element of a DER encoding, and what stands behind it.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = der.get(1..)?.split_first()?;
    let (length, rest) = match length {
        short @ ..=0x7f => (usize::from(short), rest),
        long @ 0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_hashed_as_its_signature_is() {
        let certificate = |identifier: &[u8]| {
            let mut algorithm = vec![6, u8::try_from(identifier.len()).unwrap()];
            algorithm.extend(identifier);
            algorithm.extend([5, 0]);
            let mut whole = vec![0x30, 0x81, 3, 1, 2, 3]; // a length in the long form
            whole.extend([0x30, u8::try_from(algorithm.len()).unwrap()]);
            whole.extend(algorithm);
            whole.extend([3, 1, 0]);
            let mut certificate = vec![0x30, 0x82, 0, u8::try_from(whole.len()).unwrap()];
            certificate.extend(whole);
            certificate
        };
        for (identifier, bytes) in [
            (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5][..], 32),
            (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11], 32),
            (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3], 48),
            (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4], 64),
        ] {
            assert_eq!(end_point(&certificate(identifier)).unwrap().len(), bytes);
        }
        assert_eq!(end_point(&certificate(&[0x2b, 0x65, 0x70])), None, "Ed25519");
        let whole = certificate(&[0x2b, 0x65, 0x70]);
        for cut in 0..whole.len() {
            assert_eq!(end_point(&whole[..cut]), None, "what is cut off is no certificate");
        }
    }
}
