//! Certificates that tests make for themselves, and the files that they lie in.

use std::path::PathBuf;

use data_encoding::BASE64;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

use super::program::Folder;

/// A CA.
pub struct Ca {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// Certificate and key, as files.
#[derive(Debug, Clone)]
pub struct Pair {
    pub cert: PathBuf,
    pub key: PathBuf,
}

fn pem(kind: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}

impl Ca {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { pem: pem("CERTIFICATE", certificate.der()), issuer: Issuer::new(params, key) }
    }

    /// Its own certificate, as a file.
    pub fn file(&self, folder: &Folder, name: &str) -> PathBuf {
        folder.file(name, &self.pem)
    }

    /// A certificate for these names and addresses, and its key, as files.
    pub fn pair(&self, folder: &Folder, name: &str, names: &[&str]) -> Pair {
        self.until(folder, name, names, 4_000)
    }

    /// One that has run out.
    pub fn expired(&self, folder: &Folder, name: &str, names: &[&str]) -> Pair {
        self.until(folder, name, names, 2_000)
    }

    fn until(&self, folder: &Folder, name: &str, names: &[&str], year: i32) -> Pair {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("names");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_after = date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Pair {
            cert: folder.file(&format!("{name}.crt"), &pem("CERTIFICATE", certificate.der())),
            key: folder.file(&format!("{name}.key"), &pem("PRIVATE KEY", &key.serialize_der())),
        }
    }
}

impl Pair {
    /// Takes the place of another one.
    pub fn replaces(&self, other: &Self) {
        std::fs::copy(&self.cert, &other.cert).expect("copy a certificate");
        std::fs::copy(&self.key, &other.key).expect("copy a key");
    }
}
