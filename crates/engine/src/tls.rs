//! TLS, for whoever speaks it here: PostgreSQL, remote participants, the commands, and the listener.
//!
//! - **A certificate is asked for what it must show.** A peer's chain leads to a CA that was named, or to one of the
//!   system's, and its name is the one that was called; only PostgreSQL's `sslmode` may ask for less ([`Verify`]).
//! - **Files are read whole, or not taken.** A certificate without its key, a key of another certificate, a file without
//!   either: at start that is an error, and later the ones before stay in force ([`follow`]).
//! - **Whoever is refused is told why**: a CA that is not known, another name, a certificate that ran out, or none where one
//!   was asked for ([`HandshakeError`]).
//!
//! The cryptography is ring's. What is read again counts for connections that are made afterwards.

pub mod bearer;
pub mod dsn;
mod stream;
#[cfg(test)]
mod tests;
mod verify;

use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{AlertDescription, CertificateError, ClientConfig, RootCertStore, ServerConfig};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::{TlsAcceptor, TlsConnector, server};

use crate::limits;

pub use stream::{Sealed, Stream};

/// What a client is to be shown, and what it shows itself: PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Files {
    /// The CAs that a peer's certificate may come from; without it those of the system.
    pub ca: Option<PathBuf>,
    /// The certificate that is shown where one is asked for, with those between it and its CA.
    pub cert: Option<PathBuf>,
    /// The key of that certificate; both or neither are given.
    pub key: Option<PathBuf>,
}

impl Files {
    /// Whether no file is named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Which of a certificate and its key is there without the other: that one, and the one that is missing.
    pub fn half(&self) -> Option<(&'static str, &'static str)> {
        match (&self.cert, &self.key) {
            (Some(_), None) => Some(("cert", "key")),
            (None, Some(_)) => Some(("key", "cert")),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }
}

/// What a listener shows, and what it asks for: PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerFiles {
    /// The certificate, with those between it and its CA.
    pub cert: PathBuf,
    /// The key of that certificate.
    pub key: PathBuf,
    /// The CAs of which clients must have a certificate; without it none is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_ca: Option<PathBuf>,
}

/// What is asked of a server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Nothing: whoever is in between may read along.
    Nothing,
    /// That a CA stands for it.
    Chain,
    /// That, and that it is for the name that was called.
    Name,
}

/// Why files are not taken.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// It is not there, or not for us.
    #[error("{} cannot be read: {error}", path.display())]
    File {
        /// The file that cannot be read.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It is no file of this kind.
    #[error("{} has more than {} bytes", path.display(), limits::PEM_BYTES)]
    TooLong {
        /// The file that is too long.
        path: PathBuf,
    },
    /// There is nothing in it that was looked for.
    #[error("{} holds no {wanted}", path.display())]
    Holds {
        /// The file that was looked into.
        path: PathBuf,
        /// What was looked for: a certificate, a key, a token.
        wanted: &'static str,
    },
    /// A certificate that is none.
    #[error("{}: {error}", path.display())]
    Certificate {
        /// The file with that certificate.
        path: PathBuf,
        /// What is wrong with it.
        error: rustls::Error,
    },
    /// They do not fit together.
    #[error("{} is not the key of the certificate {}, or of no kind that is known: {error}", key.display(), cert.display())]
    Pair {
        /// The file with the certificate.
        cert: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What rustls says.
        error: rustls::Error,
    },
    /// Of a certificate and its key only the first of these is given, and not the second.
    #[error("{0} is given without {1}: a certificate and its key go together")]
    Half(&'static str, &'static str),
    /// The system has no CAs.
    #[error("the system has no CA certificates (on Debian the package ca-certificates): name a file of them")]
    NoRoots,
    /// The cryptography does not do what it should.
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// Why a peer is not spoken to, or does not speak.
#[derive(Debug, thiserror::Error)]
#[error("{told}")]
pub struct HandshakeError {
    told: String,
    is_refusal: bool,
}

impl HandshakeError {
    /// Whether a certificate is wrong, ours or the peer's: it will be next time, too.
    pub fn is_refusal(&self) -> bool {
        self.is_refusal
    }

    /// The one in an error of a stream, where there is one.
    pub fn within<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a Self> {
        find(error)
    }
}

/// The error of this kind in one, or behind it.
fn find<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<E>() {
            return Some(found);
        }
        // An io::Error passes over what it holds.
        let held = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = held.map(|held| held as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    None
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Whether a file can be read that somebody else's client will read.
pub fn readable(path: &Path) -> Result<(), TlsError> {
    read(path).map(drop)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let mut bytes = Vec::new();
    let most = limits::PEM_BYTES;
    let read = std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes));
    match read {
        Err(error) => Err(TlsError::File { path: path.to_owned(), error }),
        Ok(_) if bytes.len() as u64 > most => Err(TlsError::TooLong { path: path.to_owned() }),
        Ok(_) => Ok(bytes),
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wanted = "certificate in PEM (-----BEGIN CERTIFICATE-----)";
    let none = || TlsError::Holds { path: path.to_owned(), wanted };
    let found: Vec<_> = CertificateDer::pem_slice_iter(&read(path)?).collect::<Result<_, _>>().map_err(|_| none())?;
    if found.is_empty() { Err(none()) } else { Ok(found) }
}

fn pair(cert: &Path, key: &Path) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
    let wanted = "private key in PEM that is not encrypted (-----BEGIN PRIVATE KEY-----)";
    let none = |_| TlsError::Holds { path: key.to_owned(), wanted };
    Ok((certificates(cert)?, PrivateKeyDer::from_pem_slice(&read(key)?).map_err(none)?))
}

/// The CAs of a file, each of which must be usable; or those of the system, among which some never are.
fn roots(ca: Option<&Path>) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    match ca {
        Some(path) => {
            for certificate in certificates(path)? {
                let wrong = |error| TlsError::Certificate { path: path.to_owned(), error };
                roots.add(certificate).map_err(wrong)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                return Err(TlsError::NoRoots);
            }
        }
    }
    Ok(roots)
}

/// What is read again on SIGHUP.
pub trait Reread: Send + Sync {
    /// Reads it, and takes it for what comes from now on; or leaves what was taken before.
    fn reread(&self) -> Result<(), TlsError>;
}

/// How connections are made: the files as they were when they were last read. Clones share them.
#[derive(Clone)]
pub struct Dialer(Arc<Dials>);

struct Dials {
    files: Files,
    verify: Verify,
    protocol: &'static [u8],
    taken: RwLock<Arc<ClientConfig>>,
}

impl fmt::Debug for Dialer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialer").field("files", &self.0.files).field("verify", &self.0.verify).finish_non_exhaustive()
    }
}

impl Dialer {
    /// Reads the files. What is spoken then is told to the server (ALPN).
    pub fn open(files: Files, verify: Verify, protocol: &'static [u8]) -> Result<Self, TlsError> {
        let taken = RwLock::new(dialing(&files, verify, protocol)?);
        Ok(Self(Arc::new(Dials { files, verify, protocol, taken })))
    }

    /// Shakes hands with whoever is called so, over a stream that leads to them.
    pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(&self, host: &str, stream: S) -> io::Result<Sealed<S>> {
        let name = match ServerName::try_from(host.to_owned()) {
            Ok(name) => name,
            // Nobody asks for the name, and it goes nowhere: an address goes into no greeting.
            Err(_) if self.0.verify != Verify::Name => ServerName::from(std::net::IpAddr::from([0, 0, 0, 0])),
            Err(_) => {
                let told = format!("{host:?} is no name that a certificate could be for");
                return Err(io::Error::other(HandshakeError { told, is_refusal: true }));
            }
        };
        let config = Arc::clone(&self.0.taken.read().unwrap_or_else(PoisonError::into_inner));
        let shaken = TlsConnector::from(config).connect(name, stream).await;
        let stream = shaken.map_err(|error| explained(error, &self.0.files))?;
        Ok(Sealed::new(stream, self.0.files.clone()))
    }
}

impl Reread for Dialer {
    fn reread(&self) -> Result<(), TlsError> {
        let fresh = dialing(&self.0.files, self.0.verify, self.0.protocol)?;
        *self.0.taken.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

/// What somebody else's client is to speak TLS with, who tells the server no protocol: the name is asked for, and the files
/// are as they are now.
pub fn client(files: &Files) -> Result<ClientConfig, TlsError> {
    let mut config = ClientConfig::clone(&*dialing(files, Verify::Name, &[])?);
    config.alpn_protocols = Vec::new();
    Ok(config)
}

/// Why whoever speaks TLS by [`client`] is refused, or refuses, where that is what an error is of: it will be next time, too.
pub fn refusal(error: &(dyn std::error::Error + 'static), files: &Files) -> Option<String> {
    let wrong = find::<rustls::Error>(error)?;
    let (told, is_refusal) = explanation(wrong, files);
    is_refusal.then_some(told)
}

fn dialing(files: &Files, verify: Verify, protocol: &[u8]) -> Result<Arc<ClientConfig>, TlsError> {
    if let Some((given, missing)) = files.half() {
        return Err(TlsError::Half(given, missing));
    }
    let provider = provider();
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(TlsError::Setup)?;
    let builder = match verify {
        Verify::Name => builder.with_root_certificates(roots(files.ca.as_deref())?),
        Verify::Chain | Verify::Nothing => {
            let roots = if verify == Verify::Chain { Some(roots(files.ca.as_deref())?) } else { None };
            let verifier: Arc<dyn ServerCertVerifier> = Arc::new(verify::Lenient::new(roots, &provider));
            builder.dangerous().with_custom_certificate_verifier(verifier)
        }
    };
    let mut config = match (&files.cert, &files.key) {
        (Some(cert), Some(key)) => {
            let (chain, secret) = pair(cert, key)?;
            let wrong = |error| TlsError::Pair { cert: cert.clone(), key: key.clone(), error };
            builder.with_client_auth_cert(chain, secret).map_err(wrong)?
        }
        (None, _) | (_, None) => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(Arc::new(config))
}

/// How connections are taken: the files as they were when they were last read. Clones share them.
#[derive(Clone)]
pub struct Acceptor(Arc<Accepts>);

struct Accepts {
    files: ListenerFiles,
    taken: RwLock<Arc<ServerConfig>>,
}

impl Acceptor {
    /// Reads the files; an error where one cannot be read, or does not serve.
    pub fn open(files: ListenerFiles) -> Result<Self, TlsError> {
        let taken = RwLock::new(accepting(&files)?);
        Ok(Self(Arc::new(Accepts { files, taken })))
    }

    /// Shakes hands with whoever came.
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> io::Result<server::TlsStream<S>> {
        let config = Arc::clone(&self.0.taken.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(config).accept(stream).await
    }
}

impl Reread for Acceptor {
    fn reread(&self) -> Result<(), TlsError> {
        let fresh = accepting(&self.0.files)?;
        *self.0.taken.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }
}

fn accepting(files: &ListenerFiles) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = provider();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(TlsError::Setup)?;
    let builder = match &files.client_ca {
        Some(path) => {
            let roots = Arc::new(roots(Some(path))?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
            let wrong = |error: rustls::server::VerifierBuilderError| TlsError::Certificate {
                path: path.clone(),
                error: rustls::Error::General(error.to_string()),
            };
            builder.with_client_cert_verifier(verifier.map_err(wrong)?)
        }
        None => builder.with_no_client_auth(),
    };
    let (chain, secret) = pair(&files.cert, &files.key)?;
    let wrong = |error| TlsError::Pair { cert: files.cert.clone(), key: files.key.clone(), error };
    let mut config = builder.with_single_cert(chain, secret).map_err(wrong)?;
    config.alpn_protocols = vec![HTTP.to_vec()];
    if files.client_ca.is_some() {
        // A session that is resumed shows no certificate: one that has run out since, or whose CA is gone, would go on.
        config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(Arc::new(config))
}

/// What is spoken by our clients and listeners of HTTP (ALPN).
pub const HTTP: &[u8] = b"http/1.1";

/// What is spoken to PostgreSQL.
pub const POSTGRESQL: &[u8] = b"postgresql";

/// An error of a stream in words that say what to change, where it is one of TLS.
fn explained(error: io::Error, files: &Files) -> io::Error {
    let Some(wrong) = error.get_ref().and_then(|held| held.downcast_ref::<rustls::Error>()) else { return error };
    let (told, is_refusal) = explanation(wrong, files);
    io::Error::new(error.kind(), HandshakeError { told, is_refusal })
}

fn explanation(error: &rustls::Error, files: &Files) -> (String, bool) {
    use CertificateError as Wrong;
    let ca = files.ca.as_ref().map_or_else(|| "of the system's CAs".to_owned(), |ca| format!("of {}", ca.display()));
    let told = match error {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            Wrong::UnknownIssuer | Wrong::BadSignature => format!("the server's certificate comes from no CA {ca}"),
            Wrong::Expired | Wrong::ExpiredContext { .. } => {
                "the server's certificate, or its CA's, has expired".into()
            }
            Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
                "the server's certificate, or its CA's, is not valid yet".into()
            }
            Wrong::NotValidForNameContext { expected, presented } => {
                let presented = presented.iter().map(|name| bare(name)).collect::<Vec<_>>().join(", ");
                let presented = if presented.is_empty() { "no name".to_owned() } else { presented };
                format!("the server's certificate is for {presented}, and not for {}", expected.to_str())
            }
            wrong => format!("the server's certificate is not accepted: {wrong}"),
        },
        rustls::Error::AlertReceived(alert) => match (alert, &files.cert) {
            (AlertDescription::CertificateRequired, None) => {
                "the server asks for a client certificate, and none is configured".into()
            }
            (
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied,
                Some(cert),
            ) => format!("the server does not accept the client certificate {}: {alert:?}", cert.display()),
            (alert, _) => return (format!("the server ended the handshake: {alert:?}"), false),
        },
        error => return (error.to_string(), false),
    };
    (told, true)
}

/// A name of a certificate without its kind: of `DnsName("shop")` what stands in there.
fn bare(name: &str) -> &str {
    let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inside.unwrap_or(name).trim_matches('"')
}

/// Reads all of this again on each SIGHUP, for as long as it is polled. Each stands for itself: one that is wrong is told of,
/// and stays as it was. The files may lie on a slow disk, so that no thread that answers requests reads them.
pub async fn follow(all: Vec<(String, Arc<dyn Reread>)>) {
    if all.is_empty() {
        return;
    }
    let mut hangup = match signal(SignalKind::hangup()) {
        Ok(hangup) => hangup,
        Err(error) => {
            tracing::warn!(%error, "SIGHUP cannot be listened for: certificates and tokens stay as they are");
            return;
        }
    };
    while hangup.recv().await.is_some() {
        for (key, one) in &all {
            let one = Arc::clone(one);
            match tokio::task::spawn_blocking(move || one.reread()).await {
                Ok(Ok(())) => tracing::info!(key, "read again: counts for connections from now on"),
                Ok(Err(error)) => tracing::error!(key, %error, "not taken: what was read before stays in force"),
                Err(error) => tracing::error!(key, %error, "not read again: what was read before stays in force"),
            }
        }
    }
}
