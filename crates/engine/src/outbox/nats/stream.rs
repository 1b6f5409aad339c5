//! The stream: whether what is promised can be kept in it, its creation, and what stands at its end.

use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{GetStreamErrorKind, RequestErrorKind};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, LastRawMessageErrorKind, RetentionPolicy, StorageType,
};

use super::connection::Connection;
use super::message::{AHEAD, Ahead, CURSOR};
use super::settings::NatsSettings;
use super::{Create, SinkError, told};
use crate::limits;
use crate::outbox::LARGEST_EVENT;
use crate::outbox::sink::Found;

/// What a sink has to know of its stream.
#[derive(Debug)]
pub(super) struct Stream {
    /// The largest message that it takes, headers and all.
    pub(super) most: usize,
    /// The number of its last message; numbers go on behind messages that were removed.
    pub(super) last: u64,
    /// For so long the server knows the ids of messages.
    pub(super) duplicate_window: Duration,
    /// What is not promised that could be, and by which setting.
    pub(super) weak: Vec<String>,
}

/// The stream as it stands, created where it is to be, and what its last message says.
pub(super) async fn read(
    settings: &NatsSettings,
    connection: &Connection,
) -> Result<(Stream, Found, Ahead), SinkError> {
    let info = match info(settings, connection).await? {
        Some(info) => info,
        None => {
            create(settings, connection).await?;
            let created = info(settings, connection).await?;
            created.ok_or_else(|| {
                SinkError::Unknown(format!("the stream {} was created and is not there yet", settings.stream))
            })?
        }
    };
    fit(settings, &info.config)?;
    let (found, ahead) = last(settings, connection, &info).await?;
    let max_payload = connection.max_payload();
    let most = max_payload.min(max_message_size(&info.config).unwrap_or(usize::MAX));
    let (last, duplicate_window) = (info.state.last_sequence, info.config.duplicate_window);
    let weak = [weak(settings, &info.config), narrow(settings, &info.config, max_payload)].concat();
    Ok((Stream { most, last, duplicate_window, weak }, found, ahead))
}

/// The largest message that the stream takes, where it sets one.
fn max_message_size(config: &Config) -> Option<usize> {
    usize::try_from(config.max_message_size).ok().filter(|most| *most > 0)
}

/// What the server says of it, if it is there.
async fn info(settings: &NatsSettings, connection: &Connection) -> Result<Option<Info>, SinkError> {
    let name = &settings.stream;
    let asked = connection.beside(connection.context.get_stream(name)).await?;
    let error = match asked {
        Ok(stream) => return Ok(Some(stream.cached_info().clone())),
        Err(error) => error,
    };
    let why = format!("the stream {name} cannot be looked at: {}", told(&error));
    Err(match error.kind() {
        GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => return Ok(None),
        GetStreamErrorKind::EmptyName | GetStreamErrorKind::InvalidStreamName => SinkError::Unfit(why),
        GetStreamErrorKind::Request if is_unanswered(&error) => SinkError::Unknown(format!(
            "the stream {name} cannot be looked at: nobody answers for JetStream there; it is not enabled, or has no leader"
        )),
        GetStreamErrorKind::JetStream(_) | GetStreamErrorKind::Request => SinkError::Unknown(why),
    })
}

fn is_unanswered(error: &dyn std::error::Error) -> bool {
    let source =
        error.source().and_then(|source| source.downcast_ref::<async_nats::jetstream::context::RequestError>());
    source.is_some_and(|error| error.kind() == RequestErrorKind::NoResponders)
}

async fn create(settings: &NatsSettings, connection: &Connection) -> Result<(), SinkError> {
    let name = &settings.stream;
    let Some(Create { replication }) = settings.create else {
        return Err(SinkError::Unfit(format!("there is no stream {name}: create it, or set create")));
    };
    let config = Config {
        name: name.clone(),
        subjects: vec![settings.subjects()],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: StorageType::File,
        num_replicas: usize::from(replication),
        duplicate_window: limits::NATS_DUPLICATES,
        // A message taken out of the midst, or the last one, is one that somebody did not get. The oldest may be purged.
        deny_delete: true,
        ..Config::default()
    };
    match connection.beside(connection.context.create_stream(config)).await? {
        Ok(_) => {
            tracing::info!(target: "counterfoil::nats", stream = name, replication, "created a stream");
            Ok(())
        }
        // Also where somebody else was quicker: then it is there at the next look.
        Err(error) => Err(SinkError::Unfit(format!("the stream {name} cannot be created: {}", told(&error)))),
    }
}

/// What stands at its end: the cursor, and what is there beyond it.
async fn last(settings: &NatsSettings, connection: &Connection, info: &Info) -> Result<(Found, Ahead), SinkError> {
    let (name, number) = (&settings.stream, info.state.last_sequence);
    let spoilt = |why: String| Ok((Found::Spoilt(why), Ahead::default()));
    if number == 0 {
        return Ok((Found::Nothing, Ahead::default()));
    }
    if info.state.messages == 0 {
        return spoilt(format!("the stream {name} held {number} messages, and holds none now: it was purged"));
    }
    let stream = connection.context.get_stream_no_info(name).await;
    let stream = stream.map_err(|error| SinkError::Unfit(told(&error)))?;
    let message = match connection.beside(stream.get_raw_message(number)).await? {
        Ok(message) => message,
        Err(error) => {
            return match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => {
                    spoilt(format!("the last message of the stream {name}, number {number}, was removed"))
                }
                LastRawMessageErrorKind::JetStream(code) if code.error_code() == ErrorCode::NO_MESSAGE_FOUND => {
                    spoilt(format!("the last message of the stream {name}, number {number}, was removed"))
                }
                LastRawMessageErrorKind::InvalidSubject
                | LastRawMessageErrorKind::JetStream(_)
                | LastRawMessageErrorKind::Other => Err(SinkError::Unknown(format!(
                    "the last message of the stream {name}, number {number}, cannot be read: {}",
                    told(&error)
                ))),
            };
        }
    };
    let Some(cursor) = message.headers.get(CURSOR) else {
        let subject = &message.subject;
        return spoilt(format!(
            "somebody else published into the stream {name}: its last message, number {number} to {subject}, has no cursor"
        ));
    };
    let found = Found::read(cursor.as_str().as_bytes());
    let Found::Cursor(cursor) = &found else { return Ok((found, Ahead::default())) };
    let run = cursor.run;
    match message.headers.get(AHEAD).map(|ids| serde_json::from_str(ids.as_str())) {
        None => Ok((found, Ahead::default())),
        Some(Ok(ids)) => Ok((found, Ahead { run, ids })),
        Some(Err(error)) => {
            spoilt(format!("what its last message, number {number}, says of others cannot be read: {error}"))
        }
    }
}

/// Whether the promise can be kept in it.
fn fit(settings: &NatsSettings, config: &Config) -> Result<(), SinkError> {
    let subjects = settings.subjects();
    let wrong = if !config.subjects.iter().any(|filter| covers(filter, &subjects)) {
        format!("takes {:?}, and not {subjects}", config.subjects)
    } else if config.retention != RetentionPolicy::Limits {
        "has a retention other than limits: what a consumer has read is deleted, and with it the cursor".into()
    } else if !config.max_age.is_zero() {
        format!(
            "deletes messages after {:?} (max_age): with the last one of a shop that rests it deletes the cursor; limit it \
             by max_bytes or max_msgs",
            config.max_age
        )
    } else if config.max_messages_per_subject > 0 {
        format!(
            "keeps {} messages of a subject (max_msgs_per_subject): of each type of events the last ones alone",
            config.max_messages_per_subject
        )
    } else if config.storage == StorageType::Memory {
        "is kept in memory: with its server all of it is gone".into()
    } else if config.no_ack {
        "acknowledges nothing (no_ack)".into()
    } else if config.sealed {
        "is sealed".into()
    } else if config.mirror.is_some() || config.sources.as_ref().is_some_and(|sources| !sources.is_empty()) {
        "is fed by other streams (mirror, sources)".into()
    } else {
        return Ok(());
    };
    Err(SinkError::Unfit(format!("the stream {} {wrong}", settings.stream)))
}

/// What is not promised in it.
fn weak(settings: &NatsSettings, config: &Config) -> Vec<String> {
    let (mut weak, name) = (Vec::new(), &settings.stream);
    if config.num_replicas < 2 {
        weak.push(format!("the stream {name} has one copy: what is on a disk that fails is lost"));
    }
    if config.subjects.len() != 1 || config.subjects != [settings.subjects()] {
        weak.push(format!(
            "the stream {name} takes {:?}: whoever publishes to another subject than {} stops the sink",
            config.subjects,
            settings.subjects()
        ));
    }
    for (limit, value) in [("max_msgs", config.max_messages), ("max_bytes", config.max_bytes)] {
        match config.discard {
            DiscardPolicy::Old if value > 0 => {
                weak.push(format!("the stream {name} deletes its oldest messages beyond {limit} = {value}"));
            }
            DiscardPolicy::New if value > 0 => {
                weak.push(format!("the stream {name} takes nothing more beyond {limit} = {value}"));
            }
            DiscardPolicy::Old | DiscardPolicy::New => {}
        }
    }
    if config.allow_rollup {
        weak.push(format!("the stream {name} lets a message replace others (allow_rollup_hdrs)"));
    }
    weak
}

/// Which of the sizes that messages may have is less than one needs: the largest event, and the headers that go with it.
fn narrow(settings: &NatsSettings, config: &Config, max_payload: usize) -> Vec<String> {
    let needed = LARGEST_EVENT + limits::NATS_HEADERS;
    let (stream, server) = (format!("the stream {}", settings.stream), "the server".to_owned());
    let sizes = [(stream, "max_msg_size", max_message_size(config)), (server, "max_payload", Some(max_payload))];
    let narrow = sizes.into_iter().filter_map(|(whose, setting, most)| {
        let most = most.filter(|most| *most < needed)?;
        Some(format!(
            "{whose} has {setting} = {most}, and the message of an event may have {needed}: one that is larger than that \
             stops the sink; set {setting} to {needed} or more"
        ))
    });
    narrow.collect()
}

/// Whether everything that the second one takes is taken by the first one. It ends with `>`.
fn covers(filter: &str, subjects: &str) -> bool {
    let (mut theirs, mut ours) = (filter.split('.'), subjects.split('.'));
    loop {
        match (theirs.next(), ours.next()) {
            (Some(">"), Some(_)) => return true,
            (Some("*"), Some(token)) if token != ">" => {}
            (Some(same), Some(token)) if same == token => {}
            (_, _) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_covered_by_what_takes_all_of_them() {
        for filter in ["counterfoil.orders.>", "counterfoil.>", ">", "*.orders.>", "counterfoil.*.>"] {
            assert!(covers(filter, "counterfoil.orders.>"), "{filter}");
        }
        for filter in ["counterfoil.orders", "counterfoil.orders.*", "counterfoil.orders.a.>", "orders.>", "*.*.*", ""]
        {
            assert!(!covers(filter, "counterfoil.orders.>"), "{filter}");
        }
    }

    #[test]
    fn a_size_that_not_every_message_has_is_told_by_its_setting() {
        let settings = NatsSettings::new("nats://127.0.0.1:4222", "orders");
        let needed = LARGEST_EVENT + limits::NATS_HEADERS;
        for (stream, server, told) in [
            (-1, needed, &[][..]),
            (0, needed, &[]),
            (needed as i32, needed, &[]),
            (-1, needed - 1, &["the server has max_payload = "]),
            (needed as i32 - 1, needed, &["the stream orders has max_msg_size = "]),
            (1_000, 2_000, &["the stream orders has max_msg_size = 1000,", "the server has max_payload = 2000,"]),
        ] {
            let found = narrow(&settings, &Config { max_message_size: stream, ..Config::default() }, server);
            assert_eq!(found.len(), told.len(), "{found:?}");
            for (found, told) in found.iter().zip(told) {
                assert!(found.starts_with(told) && found.ends_with(&format!("to {needed} or more")), "{found}");
            }
        }
        // What NATS has where nobody says otherwise.
        assert_eq!(narrow(&settings, &Config::default(), 1 << 20), [""; 0]);
    }

    #[test]
    fn a_stream_that_would_break_the_promise_is_not_fit() {
        let settings = NatsSettings::new("nats://127.0.0.1:4222", "orders");
        let good = Config { subjects: vec!["counterfoil.orders.>".into()], num_replicas: 3, ..Config::default() };
        assert_eq!(fit(&settings, &good), Ok(()));
        assert_eq!(weak(&settings, &good), [""; 0]);
        for (wrong, why) in [
            (Config { subjects: vec!["orders.>".into()], ..good.clone() }, "and not counterfoil.orders.>"),
            (Config { retention: RetentionPolicy::WorkQueue, ..good.clone() }, "other than limits"),
            (Config { max_age: Duration::from_secs(1), ..good.clone() }, "max_age"),
            (Config { max_messages_per_subject: 1, ..good.clone() }, "max_msgs_per_subject"),
            (Config { storage: StorageType::Memory, ..good.clone() }, "in memory"),
            (Config { no_ack: true, ..good.clone() }, "no_ack"),
            (Config { sealed: true, ..good.clone() }, "sealed"),
            (Config { mirror: Some(async_nats::jetstream::stream::Source::default()), ..good.clone() }, "fed by"),
        ] {
            assert!(fit(&settings, &wrong).unwrap_err().to_string().contains(why), "{why}");
        }
        for (less, why) in [
            (Config { num_replicas: 1, ..good.clone() }, "one copy"),
            (Config { max_bytes: 1, ..good.clone() }, "deletes its oldest"),
            (Config { max_messages: 1, discard: DiscardPolicy::New, ..good.clone() }, "takes nothing more"),
            (Config { subjects: vec!["counterfoil.>".into()], ..good.clone() }, "stops the sink"),
            (Config { allow_rollup: true, ..good }, "replace others"),
        ] {
            assert_eq!(fit(&settings, &less), Ok(()));
            assert!(weak(&settings, &less)[0].contains(why), "{why}");
        }
    }
}
