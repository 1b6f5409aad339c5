//! The client as a whole, against servers of a few lines: what it asks, what it takes for an outcome, what it counts, and what
//! the log is told.

use std::fmt::Write as _;
use std::future::Future;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tracing::field::Field;
use tracing::span;

use super::*;
use crate::ports::Presence;
use crate::saga::definition::{Definition, StepKind, Wanted};

/// How long is waited for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a server answers to a request's first line: a status and a body; nothing at all where it is `None`.
type Answers = Arc<dyn Fn(&str) -> Option<(u16, String)> + Send + Sync>;

/// A participant of a test's own, and what it was asked.
struct Server {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn new(answers: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (noted, answers): (_, Answers) = (Arc::clone(&asked), Arc::new(answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&noted), Arc::clone(&answers)));
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("the list").clone()
    }
}

/// One request a connection.
async fn converse(mut stream: TcpStream, noted: Arc<Mutex<Vec<String>>>, answers: Answers) -> Option<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    noted.lock().expect("the list").push(line.clone());
    let Some((status, body)) = answers(&line) else { return std::future::pending().await };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(answer.as_bytes()).await.ok()
}

/// What an order's operations are told as.
fn list(operations: &[Value]) -> String {
    json!({"order_id": "ORD-1", "operations": operations}).to_string()
}

fn settings(url: &str) -> ParticipantSettings {
    ParticipantSettings {
        deployment: DEPLOYMENT,
        inventory: None,
        payment: Some(url.to_owned()),
        shipment: None,
        steps: Vec::new(),
        step_timeout: PATIENCE,
        payment_key_lifetime: Duration::from_secs(86_400),
        calls: 64,
    }
}

fn client(settings: ParticipantSettings) -> (HttpParticipants, Arc<Metrics>) {
    let metrics = Metrics::new(1);
    (HttpParticipants::new(settings, Arc::clone(&metrics), Handle::current()).expect("a client"), metrics)
}

fn named(number: usize) -> Order {
    Order { id: OrderId::trusted(format!("ORD-{number}")), ..order("automatic") }
}

/// An order whose step `points` of its own is under way.
pub(super) fn with_a_step() -> Order {
    let name = StepName::parse("points").expect("a name");
    let wanted = Wanted { name, before: "shipment".into(), kind: StepKind::Http, undo: true, deadline_ms: None };
    let definition = Definition::new(Plan(7), &[wanted]).expect("a definition").expect("steps");
    Order { own: Some(Box::new(crate::saga::OwnSteps::new(Arc::new(definition)))), ..order("automatic") }
}

async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut find: impl FnMut() -> F) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = find().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn has_line(metrics: &Metrics, line: &str) -> bool {
    metrics.encode().lines().any(|found| found == line)
}

fn presence(client: &HttpParticipants) -> (Presence, Option<String>) {
    let health = client.health().remove(0);
    (health.state, health.last_error.map(|(error, _)| error.to_string()))
}

/// What the log is told, a line an event: its level, and its fields as they come.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl tracing::Subscriber for Log {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().contains("participants")
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().level().to_string();
        event.record(&mut |field: &Field, value: &dyn std::fmt::Debug| {
            write!(line, " {field}={value:?}").expect("into a text");
        });
        self.0.lock().expect("the log").push(line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

impl Log {
    /// The lines of this level that have these words.
    fn count(&self, level: &str, words: &str) -> usize {
        let lines = self.0.lock().expect("the log");
        lines.iter().filter(|line| line.starts_with(level) && line.contains(words)).count()
    }
}

#[test]
fn who_is_asked_has_a_name_a_section_and_actions_of_its_own() {
    let (payment, points) =
        (Who::Role(ParticipantRole::Payment), Who::Step(StepName::parse("points").expect("a name")));
    assert_eq!((payment.name(), payment.section()), ("payment", "participants.payment".into()));
    assert_eq!((points.name(), points.section()), ("points", "saga.steps.points".into()));
    for action in Action::ALL {
        assert_eq!(payment.does(*action), action.role() == ParticipantRole::Payment, "{action}");
        assert_eq!(points.does(*action), matches!(action, Action::Run | Action::Undo), "{action}");
    }
    let order = with_a_step();
    assert_eq!(Who::of(&called(&order, Call::own(Action::Run, 0))), Some(points));
    assert_eq!(Who::of(&called(&order, Call::own(Action::Run, 1))), None, "it names no step");
    assert_eq!(Who::of(&called(&order, Action::Charge)), Some(payment));
}

#[test]
fn a_404_says_something_until_there_was_anything_else() {
    let heard = Heard::default();
    assert_eq!(heard.hear(404), (true, true), "news");
    assert_eq!(heard.hear(404), (true, false), "told before");
    assert_eq!(heard.hear(200), (false, false));
    assert_eq!(heard.hear(404), (false, false), "an order that it does not know");
}

#[tokio::test]
async fn the_participants_are_those_that_have_a_url() {
    let (nobody, _) = client(ParticipantSettings { payment: None, ..settings("") });
    assert!(!nobody.reach_anybody());
    assert_eq!((nobody.health().len(), nobody.steps().len()), (0, 0));
    assert_eq!(nobody.key_lifetime(Action::Charge), None);
    let told = nobody.try_call(called(&order("automatic"), Action::Charge)).await;
    assert_eq!(told.outcome, Outcome::Unknown);
    assert_eq!(&*told.cause.expect("a cause").error, "the order's payment is remote, and none is configured");

    let points = StepName::parse("points").expect("a name");
    let url = "http://127.0.0.1:1";
    let steps = vec![(points.clone(), url.to_owned())];
    let (all, metrics) = client(ParticipantSettings { steps, shipment: Some(url.into()), ..settings(url) });
    assert!(all.reach_anybody());
    assert!(all.has_step(&points) && !all.has_step(&StepName::parse("fraud").expect("a name")));
    assert_eq!(all.steps(), [points]);
    let there: Vec<_> = all.health().into_iter().map(|one| (one.participant.to_string(), one.url, one.state)).collect();
    let is_up = |name: &str| (name.to_owned(), url.to_owned(), Presence::Up);
    assert_eq!(there, ["payment", "shipment", "points"].map(is_up));
    assert_eq!(all.key_lifetime(Action::Charge), Some(Duration::from_secs(86_400)));
    assert_eq!(all.key_lifetime(Action::Ship), None);
    // What may come is there at zero, and nothing else.
    for line in [
        r#"counterfoil_participant_up{participant="payment"} 1"#,
        r#"counterfoil_participant_seconds_count{participant="payment",action="charge",outcome="pending"} 0"#,
        r#"counterfoil_participant_seconds_count{participant="points",action="run",outcome="refused"} 0"#,
        r#"counterfoil_participant_seconds_count{participant="shipment",action="look-up",outcome="absent"} 0"#,
    ] {
        assert!(has_line(&metrics, line), "{line}");
    }
    assert!(!metrics.encode().contains(r#"participant="payment",action="ship""#));
}

/// Each outcome is counted under its word, and a contradiction is told by what the list says.
#[tokio::test]
async fn what_is_said_is_counted_and_told_precisely() {
    let (calls, told) = (Arc::new(Mutex::new(0)), operation(&key("charge"), "charge", json!({"amount": 1})));
    let server = Server::new(move |line| {
        if line.starts_with("GET") {
            return Some((200, list(std::slice::from_ref(&told))));
        }
        let mut calls = calls.lock().expect("a number");
        *calls += 1;
        Some(match *calls {
            1 => (200, json!({"reference": "ch_1"}).to_string()),
            2 => (402, json!({"reason": "card_declined"}).to_string()),
            3 => (202, json!({}).to_string()),
            4 => (500, String::new()),
            _ => (422, json!({"reason": "key_reused"}).to_string()),
        })
    })
    .await;
    let (client, metrics) = client(settings(&server.url));
    let call = called(&order("automatic"), Action::Charge);
    for expected in [done("ch_1", false, 0), Outcome::refused("card_declined"), Outcome::Pending, Outcome::Unknown] {
        assert_eq!(client.call(call.clone()).await, expected);
    }
    let precisely = "charge was asked for the amount 1400 USD, the participant says 1";
    assert_eq!(client.call(call.clone()).await, Outcome::Contradicted { reason: precisely.into() });
    // An undo looks first, and is not sent.
    let void = called(&order("automatic"), Action::Void);
    assert_eq!(client.call(void).await, Outcome::Contradicted { reason: precisely.into() });
    let asked = server.asked();
    assert_eq!(asked.iter().filter(|line| *line == "POST /charge").count(), 5);
    assert!(asked.iter().all(|line| line == "POST /charge" || line == "GET /operations/ORD-1"), "{asked:?}");
    let nobody_s = Order { id: OrderId::trusted("ORD-9"), ..order("automatic") };
    assert_eq!(client.look_up(called(&nobody_s, Action::Charge)).await, Outcome::Unknown, "another order's list");
    for (action, outcome) in [
        ("charge", "done"),
        ("charge", "refused"),
        ("charge", "pending"),
        ("charge", "unknown"),
        ("charge", "contradicted"),
        ("void", "contradicted"),
        ("look-up", "unknown"),
    ] {
        let labels = format!(r#"participant="payment",action="{action}",outcome="{outcome}""#);
        assert!(has_line(&metrics, &format!("counterfoil_participant_seconds_count{{{labels}}} 1")), "{labels}");
    }
}

#[tokio::test]
async fn a_look_up_is_no_call() {
    let server = Server::new(|_| Some((200, list(&[])))).await;
    let (client, metrics) = client(settings(&server.url));
    let order = order("automatic");
    for told in [
        client.call(called(&order, Call::LOOK_UP)).await,
        client.look_up(called(&order, Action::Charge)).await,
        client.try_look_up(called(&order, Call::LOOK_UP)).await.outcome,
    ] {
        assert_eq!(told, Outcome::Absent);
    }
    assert_eq!(server.asked(), ["GET /operations/ORD-1"; 3]);
    let counted = r#"counterfoil_participant_seconds_count{participant="payment",action="look-up",outcome="absent"} 3"#;
    assert!(has_line(&metrics, counted), "{}", metrics.encode());
}

/// Where one call at a time may be under way and is not answered, the next has no turn in half of the time, and sends nothing.
#[tokio::test]
async fn who_has_no_turn_in_half_of_the_time_sends_nothing() {
    let server = Server::new(|_| None).await;
    let step_timeout = Duration::from_millis(1_000);
    let (client, _) = client(ParticipantSettings { calls: 1, step_timeout, ..settings(&server.url) });
    let told = join_all((1..3).map(|n| client.try_call(called(&named(n), Action::Charge)))).await;
    let told: Vec<_> = told.into_iter().map(|told| (told.outcome, told.cause.expect("a cause").error)).collect();
    let silent = (Outcome::Unknown, "no answer within 1000 ms".into());
    assert_eq!(told, [silent, (Outcome::Unsent, "there was no turn for it".into())]);
    assert_eq!(server.asked().len(), 1);
}

/// Who is not to be reached is told from who does not answer: a connection that does not come about in a quarter of the time
/// carried nothing.
#[tokio::test]
async fn who_cannot_be_reached_in_a_quarter_of_the_time_was_sent_nothing() {
    // A queue of connections that nobody takes, and that is full.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    rustix::net::listen(&listener, 0).expect("a short queue");
    let address = listener.local_addr().expect("its address");
    let full = Duration::from_millis(200);
    let held: Vec<_> = (0..8).map_while(|_| std::net::TcpStream::connect_timeout(&address, full).ok()).collect();
    assert!((1..8).contains(&held.len()), "the queue is full");
    let step_timeout = Duration::from_millis(2_000);
    let (client, _) = client(ParticipantSettings { step_timeout, ..settings(&format!("http://{address}")) });
    let told = client.try_call(called(&order("automatic"), Action::Charge)).await;
    assert_eq!(told.outcome, Outcome::Unsent, "{:?}", told.cause);
}

/// A status that is no outcome says what may be wrong: the URL as long as nothing but 404 was heard, the token at a 401.
#[tokio::test]
async fn a_wrong_url_and_a_wrong_token_are_named() {
    let status = Arc::new(Mutex::new(404));
    let said = Arc::clone(&status);
    let server = Server::new(move |_| Some((*said.lock().expect("a status"), "{}".into()))).await;
    let (client, _) = client(settings(&server.url));
    let log = Log::default();
    let _logged = tracing::subscriber::set_default(log.clone());
    let wrong_url = "answered 404, as to everything so far: participants.payment.url may be wrong; its actions are asked for \
                     right below it";
    for (says, expected, counts) in [
        (404, wrong_url, true),
        (404, wrong_url, true),
        (401, "answered 401: it does not let us in; see participants.payment.token_file", false),
        (407, "answered 407, which is no outcome", false),
        (404, "answered 404, which is no outcome", true),
    ] {
        *status.lock().expect("a status") = says;
        let told = client.try_call(called(&order("automatic"), Action::Charge)).await;
        let cause = told.cause.expect("a cause");
        assert_eq!((&*cause.error, cause.away.is_none()), (expected, counts));
        assert_eq!(told.outcome, Outcome::Unknown);
    }
    assert_eq!(log.count("ERROR", "a participant answers 404"), 1, "told once");
}

#[tokio::test]
async fn a_greeting_tells_what_is_there() {
    for (answer, level, words) in [
        (Some(200), "INFO", "a participant answers"),
        (Some(404), "ERROR", "a participant answers 404: participants.payment.url may be wrong"),
        (Some(401), "ERROR", "a participant is shut: it does not let us in; see participants.payment.token_file"),
        (Some(403), "ERROR", "a participant is shut"),
        (Some(500), "WARN", "a participant does not answer as its contract says"),
        (None, "WARN", " yet"),
    ] {
        let server = Server::new(move |_| Some((answer?, list(&[])))).await;
        let step_timeout = if answer.is_some() { PATIENCE } else { Duration::from_millis(100) };
        let (client, _) = client(ParticipantSettings { step_timeout, ..settings(&server.url) });
        let log = Log::default();
        let _logged = tracing::subscriber::set_default(log.clone());
        client.greet();
        until("it is told", async || (log.count(level, words) == 1).then_some(())).await;
        tokio::task::yield_now().await;
        assert_eq!(log.count("", ""), 1, "told once: {:?}", log.0);
        assert_eq!(server.asked(), [format!("GET /operations/{GREETING}")]);
    }
}

/// Calls without an outcome are told seldom, and then how many were not.
#[tokio::test]
async fn the_log_is_not_flooded_by_complaints() {
    let (client, _) = client(settings("http://127.0.0.1:1"));
    let participant = client.inner.payment.as_ref().expect("a participant");
    let log = Log::default();
    let _logged = tracing::subscriber::set_default(log.clone());
    let complain = || participant.complain(&called(&order("automatic"), Action::Charge), Action::Charge.into(), "down");
    (0..4).for_each(|_| complain());
    assert_eq!(log.count("WARN", "unknown_before=0"), 1);
    let long_ago = Instant::now().checked_sub(COMPLAINT_PAUSE + Duration::from_secs(1)).expect("an earlier moment");
    participant.complaints.lock().expect("complaints").last = Some(long_ago);
    (0..2).for_each(|_| complain());
    assert_eq!(log.count("WARN", "unknown_before=3"), 1);
    assert_eq!((log.count("WARN", ""), log.count("DEBUG", "a call has no outcome")), (2, 6));
}

/// Of one order's failures alone nothing follows for the others: it is asked about none that there is, which it may cope with.
#[tokio::test]
async fn one_order_that_fails_has_it_asked_whether_it_is_there() {
    let server = Server::new(|line| {
        let (status, body) = match line.contains(super::super::GREETING) {
            true => (200, list(&[])),
            false => (500, String::new()),
        };
        Some((status, body))
    })
    .await;
    let (client, metrics) = client(settings(&server.url));
    for _ in 0..limits::AWAY_CALLS {
        assert_eq!(client.call(called(&named(1), Action::Charge)).await, Outcome::Unknown);
    }
    assert_eq!(client.call(called(&named(2), Action::Charge)).await, Outcome::Unsent, "calls pause");
    assert_eq!(presence(&client).0, Presence::Up, "nobody is told");
    assert!(has_line(&metrics, "counterfoil_participant_up{participant=\"payment\"} 1"), "nobody is told");
    let goes = async || client.call(called(&named(2), Action::Charge)).await == Outcome::Unknown;
    until("calls go on", async || goes().await.then_some(())).await;
    let questions = server.asked().iter().filter(|line| line.starts_with("GET")).count();
    assert_eq!(questions, 1, "{:?}", server.asked());
}

/// Who fails as many orders as tell that it is away is asked after, by look-ups alone, until one is answered as a participant
/// answers; and is back with the first answer to a call.
#[tokio::test]
async fn who_is_away_is_asked_after_until_it_is_back() {
    let answer = Arc::new(Mutex::new((500, String::new())));
    let said = Arc::clone(&answer);
    let server = Server::new(move |_| Some(said.lock().expect("an answer").clone())).await;
    let (client, metrics) = client(settings(&server.url));
    let up = |up: u8| format!("counterfoil_participant_up{{participant=\"payment\"}} {up}");
    assert!(has_line(&metrics, &up(1)));
    for number in 0..limits::AWAY_ORDERS {
        assert_eq!(presence(&client).0, Presence::Up);
        assert_eq!(client.call(called(&named(number), Action::Charge)).await, Outcome::Unknown);
    }
    assert_eq!(presence(&client), (Presence::Away, Some("answered 500, which is no outcome".into())));
    assert!(has_line(&metrics, &up(0)));
    assert_eq!(client.call(called(&named(77), Action::Charge)).await, Outcome::Unsent, "calls pause");
    for (says, error) in [
        ((500, String::new()), "answered 500"),
        ((401, String::new()), "answered 401: it does not let us in; see participants.payment.token_file"),
    ] {
        *answer.lock().expect("an answer") = says;
        until(error, async || (presence(&client) == (Presence::Away, Some(error.into()))).then_some(())).await;
    }
    let asked = server.asked();
    let (posts, looks): (Vec<_>, Vec<_>) = asked.iter().partition(|line| line.starts_with("POST"));
    assert_eq!(posts.len(), limits::AWAY_ORDERS, "no call is sent");
    assert!(looks.iter().all(|line| *line == "GET /operations/ORD-77"), "{looks:?}");
    *answer.lock().expect("an answer") = (200, list(&[]));
    until("it returns", async || (presence(&client).0 == Presence::Returning).then_some(())).await;
    // It waits for a call to tell: not to be taken for back before its patience is over, which is minutes here.
    tokio::time::sleep(limits::AWAY_PAUSE + Duration::from_millis(500)).await;
    assert_eq!(presence(&client).0, Presence::Returning);
    assert!(has_line(&metrics, &up(0)));
    *answer.lock().expect("an answer") = (200, json!({"reference": "ch_1"}).to_string());
    assert_eq!(client.call(called(&named(1), Action::Charge)).await, done("ch_1", false, 0));
    assert_eq!(presence(&client).0, Presence::Up);
    assert!(has_line(&metrics, &up(1)));
}
