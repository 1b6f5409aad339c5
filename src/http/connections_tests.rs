use super::*;

fn server(all: usize, of_one: usize, trusted: &[&str]) -> Arc<ConnectionsShared> {
    let trusted = trusted.iter().map(|text| config::Network::parse(text).unwrap()).collect();
    let bounds = Bounds { all, of_one, trusted, write_timeout: Duration::from_secs(5) };
    let mut server = Connections::new(bounds, Metrics::new(1)).0;
    // It began long ago, so that there is a time to have been silent in.
    Arc::get_mut(&mut server).unwrap().began = Instant::now() - Duration::from_secs(100);
    server
}

fn from(server: &Arc<ConnectionsShared>, address: &str) -> Option<Arc<Connection>> {
    let address = server.counted(SocketAddr::new(address.parse().unwrap(), 4_711));
    server.enter(address).map(|(connection, _)| connection)
}

fn is_cut(connection: &Connection) -> bool {
    connection.cut.load(Ordering::Relaxed)
}

fn open(server: &ConnectionsShared) -> usize {
    server.lock().open.len()
}

#[test]
fn who_was_silent_longest_makes_room_and_nobody_with_a_request_in_hand() {
    let server = server(4, 4, &[]);
    let [busy, old, young, last] = [1, 2, 3, 4].map(|n| from(&server, &format!("10.0.0.{n}")).unwrap());
    let in_hand = busy.enter(false);
    busy.idle_since.store(1, Ordering::Relaxed);
    old.idle_since.store(2, Ordering::Relaxed);
    assert!(from(&server, "10.0.0.5").is_some());
    assert_eq!([&busy, &old, &young, &last].map(|one| is_cut(one)), [false, true, false, false]);
    assert_eq!(open(&server), 4);
    let _hands = [young.enter(false), last.enter(false)];
    let fifth = from(&server, "10.0.0.6").unwrap();
    let hand = fifth.enter(false);
    assert!(from(&server, "10.0.0.7").is_none(), "each has a request in hand: the newcomer goes");
    drop(hand);
    assert!(from(&server, "10.0.0.7").is_some());
    drop(in_hand);
    assert!(is_cut(&fifth) && !is_cut(&busy));
    assert_eq!(server.metrics.connections_cut(CutCause::Full).get(), 4);
}

#[test]
fn one_address_makes_room_for_itself_alone() {
    let server = server(16, 2, &["10.9.0.0/16", "fd00::/8"]);
    let other = from(&server, "10.0.0.2").unwrap();
    other.idle_since.store(1, Ordering::Relaxed);
    let of_one: Vec<_> = (0..4).map(|_| from(&server, "10.0.0.1").unwrap()).collect();
    assert_eq!(of_one.iter().filter(|one| is_cut(one)).count(), 2);
    assert!(!is_cut(&other), "silent for longer, and no business of theirs");
    // The same address in the form of version 6; and of version 6 a network is one.
    let mapped = from(&server, "::ffff:10.0.0.1").unwrap();
    assert_eq!(of_one.iter().filter(|one| is_cut(one)).count(), 3);
    let long: Vec<_> = (1..4).map(|n| from(&server, &format!("2001:db8::{n}")).unwrap()).collect();
    assert_eq!(long.iter().filter(|one| is_cut(one)).count(), 1);
    let proxied: Vec<_> = (0..3).flat_map(|_| [from(&server, "10.9.1.1"), from(&server, "fd12::1")]).collect();
    assert!(proxied.iter().flatten().all(|one| !is_cut(one)), "many clients come from there");
    // Whoever left is counted no more.
    for one in of_one.iter().chain(&long).chain(proxied.iter().flatten()).chain([&mapped, &other]) {
        server.leave(&mut server.lock(), one);
    }
    assert!(open(&server) == 0 && server.lock().by_address.is_empty());
    assert_eq!(server.metrics.connections.get(), 0);
}

#[test]
fn who_does_not_go_on_or_does_not_read_is_cut() {
    let server = server(16, 16, &[]);
    let [fine, half, waits, deaf] = [0; 4].map(|_| from(&server, "10.0.0.1").unwrap());
    let _in_hand = [waits.enter(false), deaf.enter(false)];
    for silent in [&half, &waits] {
        silent.idle_since.store(1, Ordering::Relaxed);
    }
    deaf.stuck(100);
    server.look();
    assert_eq!([&fine, &half, &waits, &deaf].map(|one| is_cut(one)), [false, true, false, false]);
    deaf.stuck_since.store(1, Ordering::Relaxed);
    deaf.stuck(80); // read some of it, and not all in time
    server.look();
    assert!(is_cut(&deaf) && !is_cut(&fine) && !is_cut(&waits));
    assert_eq!(server.metrics.connections_cut(CutCause::Reader).get(), 1);
    deaf.settled();
    assert_eq!(server.unsent.load(Ordering::Relaxed), 0);
}

#[test]
fn of_those_who_read_nothing_the_longest_stuck_make_room() {
    let server = server(16, 16, &[]);
    let stuck: Vec<_> = (0..4).map(|_| from(&server, "10.0.0.1").unwrap()).collect();
    for (since, one) in (99_000..).zip(&stuck) {
        one.stuck_since.store(since, Ordering::Relaxed);
    }
    for one in stuck.iter().rev() {
        one.stuck(limits::UNSENT_BYTES / 4 + 1);
    }
    assert_eq!([0, 1, 2, 3].map(|n: usize| is_cut(&stuck[n])), [true, false, false, false]);
    assert_eq!(server.metrics.connections_cut(CutCause::Unsent).get(), 1);
    // Who was cut, and is not gone yet, counts as gone: there is room for as much again.
    stuck[1].stuck(limits::UNSENT_BYTES / 4 + 2);
    assert_eq!([0, 1, 2, 3].map(|n: usize| is_cut(&stuck[n])), [true, false, false, false]);
}

/// The head of a request with a body was the last that came before the door was shut: the body has yet to come.
#[test]
fn a_body_behind_much_that_was_sent_ahead_is_let_in() {
    let server = server(16, 16, &[]);
    let one = from(&server, "10.0.0.1").unwrap();
    let first = one.enter(false);
    one.ahead.store(limits::READ_AHEAD, Ordering::Relaxed);
    one.gated.store(true, Ordering::Relaxed);
    drop(first);
    one.gated.store(true, Ordering::Relaxed);
    let _second = one.enter(true);
    assert_eq!(one.ahead.load(Ordering::Relaxed), 0);
    assert!(!one.gated.load(Ordering::Relaxed), "whoever reads is woken");
}

/// The list of codes says what else is said in these words.
#[test]
fn who_is_turned_away_hears_a_problem_of_the_list() {
    let (head, body) = std::str::from_utf8(TURNED_AWAY).unwrap().split_once("\r\n\r\n").unwrap();
    let told: serde_json::Value = serde_json::from_str(body).unwrap();
    let spec = crate::saga::Code::Overloaded.spec();
    assert!(
        head.starts_with(&format!("HTTP/1.1 {} ", spec.status)) && head.contains("\r\nretry-after: 1\r\n"),
        "{head}"
    );
    assert_eq!([&told["code"], &told["title"]], [spec.word, spec.title]);
    assert_eq!((&told["status"], &told["type"]), (&spec.status.into(), &"urn:counterfoil:problem:overloaded".into()));
}
