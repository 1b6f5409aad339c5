//! Which addresses a webhook may be sent to. An endpoint's URL is somebody's text: it may name a host of ours, or a name
//! that leads to one, and what stands behind a firewall trusts whoever is inside (SSRF). So it is addresses that are judged,
//! and not names; whoever connects connects to the very address that was judged here (`sender.rs`).
//!
//! After the registries of special addresses (IANA; RFC 6890 and what followed it). An IPv6 address that holds an IPv4 one is
//! no better than that one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of place an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// An address that anybody may have, on the internet.
    Public,
    /// Of this machine or of a private network; also where a translator stands between. Where that is allowed.
    Private,
    /// No place to send anything to, whatever is allowed: what is no host's, and the addresses of one's own link, where
    /// clouds tell their machines secrets.
    Never,
}

/// Judges an address.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        [10, ..] | [127, ..] | [192, 168, ..] => Reach::Private,
        [172, second, ..] if second & 0xf0 == 16 => Reach::Private,
        // Where a cloud tells its machines secrets (Alibaba's).
        [100, 100, 100, 200] => Reach::Never,
        // Shared with a provider's other customers (RFC 6598).
        [100, second, ..] if second & 0xc0 == 64 => Reach::Private,
        // This network, the link, protocol assignments, documentation, the old way to 6to4, benchmarks, multicast and what
        // is reserved, broadcast included.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let held = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Reach::Never,
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        // An IPv4 address, written as one of IPv6 (::ffff:a.b.c.d), or in the form that came before (::a.b.c.d).
        [0, 0, 0, 0, 0, 0xffff, high, low] => reach_v4(held(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] => reach_v4(held(high, low)).max(Reach::Private),
        // Through a translator (NAT64), which stands inside and may lead back.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => reach_v4(held(high, low)).max(Reach::Private),
        [0x64, 0xff9b, 1, _, _, _, 0xa9fe, _] => Reach::Never,
        [0x64, 0xff9b, 1, ..] => Reach::Private,
        // 6to4: the router is the address that it holds.
        [0x2002, high, low, ..] => reach_v4(held(high, low)).max(Reach::Private),
        // Protocol assignments (Teredo among them), documentation.
        [0x2001, second, ..] if second < 0x200 => Reach::Never,
        [0x2001, 0xdb8, ..] => Reach::Never,
        [0x3fff, second, ..] if second < 0x1000 => Reach::Never,
        // Where clouds tell their machines secrets (Amazon's, Google's).
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Reach::Never,
        // Unique local ones, and what was site-local once.
        [first, ..] if first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfec0 => Reach::Private,
        // What is given out to hosts on the internet; all the rest is not, or of the link, or multicast.
        [first, ..] if first & 0xe000 == 0x2000 => Reach::Public,
        _ => Reach::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_range_is_known_with_its_edges() {
        let judged = |text: &str| reach(text.parse().expect(text));
        for public in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2003::",
            "3ffe::1",
            "3fff:1000::",
        ] {
            assert_eq!(judged(public), Reach::Public, "{public}");
        }
        for private in [
            "10.0.0.0",
            "10.255.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.168.0.1",
            "100.64.0.0",
            "100.127.255.255",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.1.2.3",
            "::ffff:100.64.0.1",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "fc00::1",
            "fdff:ffff::1",
            "fec0::1",
        ] {
            assert_eq!(judged(private), Reach::Private, "{private}");
        }
        for never in [
            "0.0.0.0",
            "0.1.2.3",
            "169.254.169.254",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "100.100.100.200",
            "fd00:ec2::254",
            "fd20:ce::254",
            "64:ff9b:1::169.254.169.254",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::ffff:169.254.169.254",
            "::ffff:0.0.0.0",
            "::169.254.169.254",
            "64:ff9b::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "2001::1",
            "2001:1ff::",
            "2001:db8::1",
            "3fff::1",
            "fe80::1",
            "febf::1",
            "ff02::1",
            "100::1",
            "5f00::1",
            "4000::1",
        ] {
            assert_eq!(judged(never), Reach::Never, "{never}");
        }
    }
}
