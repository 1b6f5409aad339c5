//! To which names an unauthenticated server answers, and whose pages may have a browser change something there.
//!
//! The attack that shaped this: a page of `evil.example` has its own name point at 127.0.0.1 (DNS rebinding). The browser
//! takes what it finds there for the page's own server, and reads and writes as it pleases; that the server listens on
//! the loopback alone is no protection, since the browser is there too. But the browser tells the name that it was asked
//! for (`Host`), and from whose page a request comes (`Origin`), and neither can be forged by a page. So where no token is
//! asked for, a loopback server answers to loopback names alone, and changes nothing for a page that is not its own.
//!
//! Pure: what the headers say is for the caller to read.

use std::net::{IpAddr, Ipv6Addr};

/// Which names are answered.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// Whether any name will do, since the server is reached by names that nobody has told us.
    any: bool,
    /// Whether pages of others are none of our business: a token is asked for, which they do not have.
    guarded: bool,
    allowed: Vec<Authority>,
}

/// A name, and a port where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority {
    /// In lower case, without brackets and without the dot of the root.
    name: String,
    port: Option<u16>,
}

/// Why a name of a configured list is none.
pub const NAME: &str = "a host name or an IP address, and a port where only that one is meant, as in shop.internal, \
                        shop.internal:8080 or [::1]:8080";

impl Hosts {
    /// Of a server that asks for tokens: whoever has one may call it whatever they like, and a page has none.
    pub fn guarded_by_tokens() -> Self {
        Self { any: true, guarded: true, allowed: Vec::new() }
    }

    /// Of a server without tokens that listens there. On the loopback it answers to loopback names and to these;
    /// elsewhere to these and to loopback names where there are any, else to whatever it is called. What is no name
    /// is left out, so that fewer names are answered, and never more; [`Hosts::is_name`] tells beforehand.
    pub fn open(listens: IpAddr, allowed: &[String]) -> Self {
        let any = !listens.to_canonical().is_loopback() && allowed.is_empty();
        let allowed = allowed.iter().filter_map(|text| Authority::parse(text)).collect();
        Self { any, guarded: false, allowed }
    }

    /// Whether a text is one that a configured list may hold: see [`NAME`].
    pub fn is_name(text: &str) -> bool {
        Authority::parse(text).is_some()
    }

    /// Whether a request is answered that names this host, as its `Host` header or in its target. One that names none
    /// (HTTP/1.0, which no browser speaks) is.
    pub fn answers(&self, host: Option<&str>) -> bool {
        let Some(host) = host.filter(|_| !self.any) else { return true };
        Authority::parse(host).is_some_and(|host| host.is_loopback() || self.lists(&host))
    }

    /// Whether a page of this origin may have something changed that names this host. Ours are the page's own server
    /// under the name that the request bears, any loopback name with the same port, and the list.
    pub fn trusts(&self, origin: &str, host: Option<&str>) -> bool {
        if self.guarded {
            return true;
        }
        // `null` is whatever has no origin to tell: a sandboxed frame, a local file.
        let Some((port, origin)) =
            origin.split_once("://").and_then(|(scheme, rest)| Some((default_port(scheme)?, Authority::parse(rest)?)))
        else {
            return false;
        };
        if self.lists(&origin) {
            return true;
        }
        // What is called by no name cannot be somebody's own; and whether a proxy spoke TLS for us we do not know, so
        // the port that a name goes without is that of the origin's scheme.
        let Some(host) = host.and_then(Authority::parse) else { return false };
        let same_port = origin.port.unwrap_or(port) == host.port.unwrap_or(port);
        same_port && (origin.name == host.name || origin.is_loopback() && host.is_loopback())
    }

    fn lists(&self, host: &Authority) -> bool {
        self.allowed
            .iter()
            .any(|allowed| allowed.name == host.name && (allowed.port.is_none() || allowed.port == host.port))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

impl Authority {
    /// `name`, `name:port`, `1.2.3.4:port`, `[::1]:port`. Anything else, user names included, is none.
    fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                let address: Ipv6Addr = address.parse().ok()?;
                (address.to_string(), rest)
            }
            None => {
                let (name, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
                let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
                let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
                if name.is_empty() || name.len() > 253 || !name.bytes().all(fits) {
                    return None;
                }
                (name, rest)
            }
        };
        let port = match port {
            "" | ":" => None,
            port => {
                let digits = port.strip_prefix(':')?;
                Some(digits.parse().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))?)
            }
        };
        Some(Self { name, port })
    }

    fn is_loopback(&self) -> bool {
        let address = self.name.parse::<IpAddr>();
        self.name == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback(allowed: &[&str]) -> Hosts {
        let allowed: Vec<String> = allowed.iter().map(|&name| name.to_owned()).collect();
        Hosts::open(IpAddr::from([127, 0, 0, 1]), &allowed)
    }

    #[test]
    fn a_loopback_server_answers_to_loopback_names() {
        let hosts = loopback(&[]);
        for ours in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "127.9.9.9:1",
            "localhost",
            "LocalHost:8080",
            "localhost.",
            "localhost.:8080",
            "localhost:",
            "[::1]",
            "[::1]:8080",
            "[0:0:0:0:0:0:0:1]:80",
            "[::ffff:127.0.0.1]:8080",
        ] {
            assert!(hosts.answers(Some(ours)), "{ours}");
        }
        assert!(hosts.answers(None), "no browser leaves it out");
        for theirs in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "localhost.evil",
            "127.0.0.1.evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.1@evil.example",
            "10.0.0.1",
            "0.0.0.0:8080",
            "[::]",
            "[::2]:8080",
            "::1",
            "[::1",
            "127.0.0.1:99999",
            "127.0.0.1:8080:8080",
            "127.0.0.1:+80",
            "127.0.0.1 evil.example",
            "localhost..",
        ] {
            assert!(!hosts.answers(Some(theirs)), "{theirs}");
        }
    }

    #[test]
    fn a_list_names_further_ones() {
        let hosts = loopback(&["Shop.Internal.", "other:8443"]);
        for ours in ["shop.internal", "shop.internal:8080", "SHOP.internal.:1", "other:8443", "127.0.0.1"] {
            assert!(hosts.answers(Some(ours)), "{ours}");
        }
        for theirs in ["other", "other:80", "internal", "a.shop.internal"] {
            assert!(!hosts.answers(Some(theirs)), "{theirs}");
        }
        let outside = Hosts::open(IpAddr::from([10, 0, 0, 1]), &[]);
        assert!(outside.answers(Some("whatever")), "nobody said what it is called");
        let named = Hosts::open(IpAddr::from([10, 0, 0, 1]), &["shop".into()]);
        assert!(named.answers(Some("shop:1")) && named.answers(Some("localhost")) && !named.answers(Some("10.0.0.1")));
        assert!(Hosts::guarded_by_tokens().answers(Some("whatever")));
        for (name, is) in [("a", true), ("a:1", true), ("[::1]", true), ("http://a", false), ("*", false), ("", false)]
        {
            assert_eq!(Hosts::is_name(name), is, "{name}");
        }
    }

    #[test]
    fn pages_of_others_change_nothing() {
        let hosts = loopback(&["console.internal:8443"]);
        let trusts = |origin: &str, host: &str| hosts.trusts(origin, Some(host));
        for (origin, host) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080"),
            ("http://localhost:8080", "127.0.0.1:8080"),
            ("http://[::1]:8080", "localhost:8080"),
            ("http://localhost", "localhost"),
            ("http://LOCALHOST", "localhost:80"),
            ("https://console.internal:8443", "127.0.0.1:8080"),
        ] {
            assert!(trusts(origin, host), "{origin} of {host}");
        }
        for (origin, host) in [
            ("http://evil.example", "127.0.0.1:8080"),
            ("http://evil.example:8080", "127.0.0.1:8080"),
            ("http://127.0.0.1:3000", "127.0.0.1:8080"),
            ("http://localhost", "localhost:8080"),
            ("null", "127.0.0.1:8080"),
            ("", "127.0.0.1:8080"),
            ("file://", "127.0.0.1:8080"),
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("chrome-extension://abc", "127.0.0.1:8080"),
            ("https://console.internal", "127.0.0.1:8080"),
        ] {
            assert!(!trusts(origin, host), "{origin} of {host}");
        }
        assert!(!hosts.trusts("http://127.0.0.1", None));
        let outside = Hosts::open(IpAddr::from([10, 0, 0, 1]), &[]);
        assert!(outside.trusts("https://shop.example", Some("shop.example")));
        assert!(!outside.trusts("https://evil.example", Some("shop.example")));
        assert!(Hosts::guarded_by_tokens().trusts("null", None), "a page has no token");
    }
}
