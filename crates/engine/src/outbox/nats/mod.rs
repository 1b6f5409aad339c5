//! The sink that publishes to NATS JetStream: messages of CloudEvents in binary mode, in a stream of its own.
//!
//! A stream takes messages one by one: there is no transaction, and what is published at once may be taken in part. So
//! *each* message bears what whoever goes on behind it has to know, in two headers: the [`Cursor`] behind the commits that
//! are whole up to it, and the ids of the events that stand in the stream beyond that cursor. The last message of the stream
//! is all that is read to take over. What shaped it:
//!
//! - *A publication that is taken in part*: each message says which sequence number it expects before it
//!   (`Nats-Expected-Last-Sequence`), also where many are on their way at once. So what is taken is a beginning of it,
//!   without a gap, whichever of them are lost. Behind each commit there is a cursor ([`Cut`]).
//! - *A cut within a commit*: its first events stand there, and the feed has but the commit. They are named in the header,
//!   and passed over by their ids when the commit is read again: at once, or behind others that were open until then. The
//!   steps of who goes on need not be those of who was there before. Until that commit is passed, each message names them.
//! - *Two relays at once*: both expect a number; the one whose message comes second is refused, opens again and reads what
//!   the other one left. There is nothing to be left behind by taking over, so that nobody is fenced by a look.
//! - *What is still on its way when a successor reads*: it lands, and the successor's first message is refused; or the
//!   successor's lands first, and it is. A lost answer is the same: nobody guesses, the stream is read.
//!   Each commit has a step of its own, so that what lands late is behind what the successor had attested, and not another
//!   history of the same step.
//! - *The window of duplicates* (`Nats-Msg-Id`): a second net for other clients, and nothing here rests on it: a server that
//!   comes back later has forgotten it. It is asked for before the expected number is, so that who was taken over from may
//!   be told "duplicate" instead of "wrong": it is never a success. Where an operator has events published again, their
//!   message ids say so, or the server would swallow what was asked for.
//! - *A stream that is purged, deleted and made anew, or restored*: it has no last message, or an older one. Numbers go on
//!   behind what was purged: such a stream is not one that was never published to.
//! - *Somebody else publishes into it*: the last message is not ours, or the number is not; then a human has to look.
//! - *A stream that drops messages by their age* would drop the last one of a shop that rests, and with it the cursor: it is
//!   refused. One that drops the oldest for want of room keeps the last.
//!
//! What is not promised: a stream that is deleted and made anew, to exactly the same number, while a relay sleeps between
//! two messages. And one server without copies may lose what it acknowledged, if its machine dies: with the events goes
//! their cursor, so that they come again.

mod connection;
mod message;
mod settings;
mod stream;

use std::collections::VecDeque;
use std::sync::Arc;

use async_nats::jetstream::context::PublishAckFuture;

use super::CloudEvent;
use super::sink::{Cursor, Cut, Found, Part, Sink, SinkError};
use crate::limits;
use connection::Connection;
use message::{Ahead, Outgoing};
pub use settings::{Auth, Create, NatsSettings};

/// What a sink is made of.
#[derive(Debug)]
struct NatsSpec {
    settings: NatsSettings,
    part: Part,
}

/// A connection by which it may be published, and what stands in the stream.
struct Live {
    connection: Connection,
    /// The largest message, headers and all.
    most: usize,
    /// The number of the last message.
    last: u64,
    /// What stands there beyond the cursor.
    ahead: Ahead,
}

/// A [`Sink`] that publishes to NATS. A call that is dropped on its way leaves it closed.
pub struct NatsSink {
    plan: Arc<NatsSpec>,
    looked: Option<Connection>,
    live: Option<Live>,
    weak: Option<Vec<String>>,
}

impl NatsSink {
    /// A sink that is not open yet.
    pub fn new(settings: NatsSettings, part: Part) -> Self {
        Self { plan: Arc::new(NatsSpec { settings, part }), looked: None, live: None, weak: None }
    }

    /// What is not promised that could be, as the stream and its server are set up, and by which setting; told in the log too.
    /// Known once it was open, and looked at then.
    pub fn weak(&self) -> &[String] {
        self.weak.as_deref().unwrap_or_default()
    }

    fn tell(&mut self, stream: &mut stream::Stream) {
        if self.weak.is_some() {
            return;
        }
        let (sink, name, window) = (&self.plan.part.sink, &self.plan.settings.stream, stream.duplicate_window);
        tracing::info!(target: "counterfoil::nats", sink, stream = name, ?window, last = stream.last, "a stream is open");
        for told in &stream.weak {
            tracing::warn!(target: "counterfoil::nats", sink, "{told}");
        }
        self.weak = Some(std::mem::take(&mut stream.weak));
    }
}

impl Sink for NatsSink {
    fn target(&self) -> String {
        self.plan.settings.stream.clone()
    }

    fn has_parts(&self) -> bool {
        false
    }

    fn takes_in_part(&self) -> bool {
        true
    }

    async fn look(&mut self) -> Result<Found, SinkError> {
        (self.live, self.looked) = (None, None);
        let part = &self.plan.part;
        if part.of != 1 {
            return Err(SinkError::Unfit(format!(
                "{part}: a stream takes one message after another, and has one part"
            )));
        }
        let connection = Connection::new(&self.plan).await?;
        let (_, found, _) = stream::read(&self.plan.settings, &connection).await?;
        self.looked = Some(connection);
        Ok(found)
    }

    async fn open(&mut self) -> Result<Found, SinkError> {
        self.live = None;
        let Some(connection) = self.looked.take() else {
            return Err(SinkError::Unknown("it was not looked at".into()));
        };
        let (mut stream, found, ahead) = stream::read(&self.plan.settings, &connection).await?;
        self.tell(&mut stream);
        self.live = Some(Live { connection, most: stream.most, last: stream.last, ahead });
        Ok(found)
    }

    async fn publish(&mut self, events: &[CloudEvent], cursor: &Cursor, cuts: &[Cut]) -> Result<(), SinkError> {
        // It comes back with its outcome; whoever does not wait for that has to open again.
        let Some(mut live) = self.live.take() else { return Err(SinkError::Unknown("the sink is not open".into())) };
        let settings = &self.plan.settings;
        let planned = message::plan(settings, live.most, events, cursor, cuts, &live.ahead).await;
        let (outgoing, ahead) = match planned {
            Ok(planned) => planned,
            Err(refused) => {
                self.live = Some(live);
                return Err(refused);
            }
        };
        let published = live.publish(settings, outgoing, cursor.run).await;
        let nothing_was_taken = matches!(published, Err(SinkError::NotTaken(_) | SinkError::Refused { .. }));
        if published.is_ok() {
            live.ahead = ahead;
        }
        self.live = (published.is_ok() || nothing_was_taken).then_some(live);
        published
    }
}

impl Live {
    /// Publishes them one behind the other. The first one alone: what it is refused by is known before others follow.
    async fn publish(&mut self, settings: &NatsSettings, messages: Vec<Outgoing>, run: u32) -> Result<(), SinkError> {
        let before = self.last;
        let mut under_way: VecDeque<(Sent, PublishAckFuture)> = VecDeque::new();
        let (mut expected, mut bytes) = (before, 0);
        for message in messages {
            let first = expected == before;
            let sent = Sent { id: message.id.clone(), bytes: message.bytes, after: expected, before, run };
            while under_way.len() >= limits::NATS_WINDOW || bytes > limits::NATS_WINDOW_BYTES {
                bytes -= self.taken(settings, under_way.pop_front(), false).await?;
            }
            bytes += message.bytes;
            let ack = self.connection.publish(message.after(&settings.stream, expected)).await;
            let ack = ack.map_err(|error| sent.failed(error, first))?;
            under_way.push_back((sent, ack));
            if first {
                bytes -= self.taken(settings, under_way.pop_front(), true).await?;
            }
            expected += 1;
        }
        while !under_way.is_empty() {
            self.taken(settings, under_way.pop_front(), false).await?;
        }
        self.last = expected;
        Ok(())
    }

    /// Waits until one is taken: its bytes.
    async fn taken(
        &self,
        settings: &NatsSettings,
        sent: Option<(Sent, PublishAckFuture)>,
        first: bool,
    ) -> Result<usize, SinkError> {
        let Some((sent, ack)) = sent else { return Ok(0) };
        let ack = self.connection.beside(ack.into_future()).await?.map_err(|error| sent.failed(error, first))?;
        if ack.duplicate {
            return Err(sent.duplicate(ack.sequence));
        }
        if ack.stream != settings.stream || ack.sequence != sent.after + 1 {
            let (id, stream, sequence) = (&sent.id, &ack.stream, ack.sequence);
            return Err(SinkError::Unknown(format!("{id} was taken as number {sequence} of the stream {stream}")));
        }
        Ok(sent.bytes)
    }
}

/// What is remembered of a message that is under way.
struct Sent {
    id: String,
    bytes: usize,
    /// Which one it comes after.
    after: u64,
    /// And the whole publication.
    before: u64,
    run: u32,
}

impl Sent {
    /// What an error means. `first`: nothing else of the publication was sent.
    fn failed(&self, error: async_nats::jetstream::context::PublishError, first: bool) -> SinkError {
        use async_nats::jetstream::ErrorCode;
        use async_nats::jetstream::context::PublishErrorKind as Kind;
        let told = format!("{} was not taken: {}", self.id, told(&error));
        let code = std::error::Error::source(&error)
            .and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>())
            .map(async_nats::jetstream::Error::error_code);
        match error.kind() {
            Kind::WrongLastSequence | Kind::WrongLastMessageId => SinkError::Fenced(told),
            Kind::MaxPayloadExceeded if first => SinkError::Refused { id: self.id.clone(), reason: told },
            // It answered: this one is not there, and there is none behind it.
            Kind::Other if first && code.is_some() => match code {
                Some(ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM) => {
                    SinkError::Refused { id: self.id.clone(), reason: told }
                }
                Some(ErrorCode::STREAM_NOT_MATCH) => SinkError::Unfit(told),
                Some(_) | None => SinkError::NotTaken(told),
            },
            Kind::MaxPayloadExceeded
            | Kind::Other
            | Kind::StreamNotFound
            | Kind::TimedOut
            | Kind::BrokenPipe
            | Kind::MaxAckPending => SinkError::Unknown(told),
        }
    }

    /// The server knows the message's id, as the number that it says.
    fn duplicate(&self, number: u64) -> SinkError {
        let id = &self.id;
        if number > self.before {
            return SinkError::Fenced(format!("{id} was published meanwhile, as number {number}"));
        }
        SinkError::Unfit(format!(
            "{id} was published in run {} before, as number {number}, and what stands in the stream does not say so: the \
             database was restored or promoted a moment ago, and it goes on when the server has forgotten the id; or messages \
             were taken out of it: then, once it is known what consumers have, `counterfoil outbox replay --from`",
            self.run
        ))
    }
}

/// An error with those behind it.
fn told(error: &dyn std::error::Error) -> String {
    let (mut told, mut next) = (error.to_string(), error.source());
    while let Some(error) = next {
        let more = error.to_string();
        if !told.contains(&more) {
            told = format!("{told}: {more}");
        }
        next = error.source();
    }
    told
}
