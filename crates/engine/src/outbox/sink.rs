//! What a sink is to the relay: a place that takes events in order and, in the same act, the [`Cursor`] behind them.
//!
//! The two go together or not at all: a transaction (Kafka), or a header of each message (NATS). So whoever takes over
//! asks the sink, and not the database, how far it is; the database keeps a witness of it, by which a sink that lost its
//! cursor, or got an older one back, is known.

use std::fmt;
use std::future::Future;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::CloudEvent;
use crate::ports::feed::Position;

/// How far a sink is, as it keeps it itself, beside the events. JSON; a field that is not known is passed over: an engine may
/// run beside a newer one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// Whose events: the deployment's name. A cursor of another is refused, and so for the next four.
    pub deployment: String,
    /// The name of the sink.
    pub sink: String,
    /// Which part of it, by the hash of order_id, from 0.
    pub partition: u32,
    /// How many parts the sink has.
    pub of: u32,
    /// What the events are sent to, in the sink's own words ([`Sink::target`]).
    pub target: String,
    /// Which run of this sink: raised where an operator has it begin anew.
    pub run: u32,
    /// How many times events were published in this run, this one included, or how many commits where they may be taken one
    /// by one: it only rises, and whoever published a step has the only one of its number.
    pub step: u64,
    /// How many events were published in this run, by whoever says so; those of before are not counted.
    #[serde(default)]
    pub published: u64,
    /// The name of the operator's word by which this run was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<Uuid>,
    /// Which epoch its writer's database was in; what was read may be of an earlier one.
    pub epoch: i32,
    /// What of the feed was read.
    pub position: Position,
}

/// Which part of which sink of whom: what a cursor is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The deployment's id.
    pub deployment: String,
    /// The sink's name.
    pub sink: String,
    /// Which part, by the hash of order_id, from 0.
    pub partition: u32,
    /// How many parts the sink has.
    pub of: u32,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deployment {}, sink {}, partition {} of {}", self.deployment, self.sink, self.partition, self.of)
    }
}

/// What a sink has of its own as to how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing: it was never published to, or lost what it had.
    Nothing,
    /// The cursor that was taken last, whoever published it.
    Cursor(Cursor),
    /// The same, where the events behind which it stands are gone, and how that is known.
    Gone(Cursor, String),
    /// What nobody can read, and why. An operator's word passes over it.
    Spoilt(String),
}

impl Found {
    /// The cursor that this text holds.
    pub fn read(text: &[u8]) -> Self {
        match serde_json::from_slice::<Cursor>(text) {
            // No relay counts so far.
            Ok(cursor) if cursor.run >= i32::MAX.unsigned_abs() || cursor.step >= i64::MAX.unsigned_abs() => {
                Self::Spoilt(format!("its cursor says run {} and step {}", cursor.run, cursor.step))
            }
            Ok(cursor) => Self::Cursor(cursor),
            Err(error) => {
                Self::Spoilt(format!("its cursor cannot be read ({error}): a newer program wrote it, or somebody else"))
            }
        }
    }
}

/// Why a sink did not take events.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// Nothing of it was taken, and nothing will be: the same may be published again, after [`Sink::open`] where it says so.
    #[error("{0}")]
    NotTaken(String),
    /// It is not known whether they were taken, or the connection is of no further use: begin with [`Sink::open`].
    #[error("{0}")]
    Unknown(String),
    /// Somebody else publishes in this one's place.
    #[error("another relay took over: {0}")]
    Fenced(String),
    /// An event that it will never take as it is: too large, in general. Nothing was taken.
    #[error("the event {id} is refused: {reason}")]
    Refused {
        /// The id of the event that is refused.
        id: String,
        /// Why, in the sink's words.
        reason: String,
    },
    /// It is not set up as it has to be, or was changed: no attempt helps until somebody mends it.
    #[error("{0}")]
    Unfit(String),
}

/// Where a publication may end that was not taken as a whole: behind so many of its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// So many of its events lie before it. Events of one commit are not cut.
    pub events: usize,
    /// The step of a cursor there.
    pub step: u64,
    /// What of the feed was read by then.
    pub position: Position,
}

/// One part of a sink, published to by one relay at a time.
pub trait Sink: Send {
    /// Where events go, with what their order depends on: `TOPIC/PARTITIONS`, a stream's name. Known once it was looked at.
    fn target(&self) -> String;

    /// Whether it keeps the cursor itself, beside the events. Where it does not, [`look`](Self::look) and
    /// [`open`](Self::open) find nothing and fence nobody, [`publish`](Self::publish) leaves the cursor aside, and whoever
    /// publishes keeps it once that is done: what was published in between comes again. What then was not taken as a whole
    /// may have been in part.
    fn keeps_cursor(&self) -> bool {
        true
    }

    /// Whether it may be published to in parts (`outbox.sinks[].partitions`).
    fn has_parts(&self) -> bool {
        true
    }

    /// Looks: checks what it needs, and reads what stands now. Whoever publishes goes on undisturbed, so that one that must
    /// not publish finds that out here.
    fn look(&mut self) -> impl Future<Output = Result<Found, SinkError>> + Send;

    /// Takes over, behind a look: keeps whoever published before from publishing on, and reads what stands then.
    fn open(&mut self) -> impl Future<Output = Result<Found, SinkError>> + Send;

    /// Whether it may take the beginning of a publication, and not the rest. Then it is told where to cut it, and whoever
    /// opens it next finds a [`Cursor`] behind what was taken.
    fn takes_in_part(&self) -> bool {
        false
    }

    /// Publishes these, in this order, and the cursor behind them: all of it or nothing, or else a beginning of it with the
    /// cursor behind that ([`takes_in_part`](Self::takes_in_part)). Without an event the cursor alone: so whoever
    /// took over from an earlier history leaves its mark, and nobody of that one goes on from what stands there. `cuts`, where they are
    /// told: the one before the first event, where the cursor stands now, and one behind each commit but the last, whose is
    /// the cursor.
    fn publish(
        &mut self,
        events: &[CloudEvent],
        cursor: &Cursor,
        cuts: &[Cut],
    ) -> impl Future<Output = Result<(), SinkError>> + Send;
}

/// Which part of a sink an order's events go to: FNV-1a of 64 bits, so that anybody can work it out.
pub fn part_of(order_id: &str, parts: u32) -> u32 {
    let hash = order_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    u32::try_from(hash % u64::from(parts.max(1))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_by_a_hash_that_is_known() {
        // From the reference vectors of FNV-1a: "" and "a".
        assert_eq!(part_of("", u32::MAX), u32::try_from(0xcbf2_9ce4_8422_2325_u64 % u64::from(u32::MAX)).unwrap());
        assert_eq!(part_of("a", 1_000), u32::try_from(0xaf63_dc4c_8601_ec8c_u64 % 1_000).unwrap());
        let mut parts = [0; 4];
        for n in 0..4_000 {
            parts[part_of(&format!("ORD-{n}"), 4) as usize] += 1;
        }
        assert!(parts.iter().all(|count| (800..1_200).contains(count)), "{parts:?}");
    }
}
