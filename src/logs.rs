//! Logs to stderr: which lines are told, and how their modules are called.

use std::borrow::Cow;
use std::io::IsTerminal;

use serde::{Deserialize, Serialize};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

/// What a library tells of itself at `info` and we tell better: where the server listens, and with how many threads.
const QUIET: [&str; 1] = ["actix_server"];

/// A library that calls each try to connect an error, again and again; what comes of it is told by who publishes.
const SILENT: &str = "async_nats";

/// The packages that this program is made of, as their modules are called in logs.
const PACKAGES: [&str; 2] = ["counterfoil_engine", "counterfoil_lab"];

/// Reads a log specification: a level, or levels by module (`info,counterfoil::engine=debug`). A module is named by the
/// program's name, whichever of its packages it is in.
pub fn parse_spec(spec: &str) -> Result<Targets, tracing_subscriber::filter::ParseError> {
    let told: Targets = spec.parse()?;
    let ours = told.iter().filter_map(|(name, level)| Some((name.strip_prefix("counterfoil::")?, level)));
    let elsewhere = ours.flat_map(|(module, level)| PACKAGES.map(|package| (format!("{package}::{module}"), level)));
    let unnamed = elsewhere.filter(|(name, _)| !told.iter().any(|(named, _)| named == name));
    Ok(told.clone().with_targets(unnamed.collect::<Vec<_>>()))
}

/// Why logging could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The specification is wrong.
    #[error("wrong log specification")]
    Spec(#[source] tracing_subscriber::filter::ParseError),
    /// The process logs elsewhere already.
    #[error("logging is set up already")]
    Twice(#[source] tracing_subscriber::util::TryInitError),
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines: `timestamp` (RFC 3339), `level`, `target`, and `fields` with what a line of text
    /// says, its `message` among them.
    Json,
}

/// Logs to stderr from now on, filtered by `spec`; text with colours only where stderr is a terminal.
pub fn init(spec: &str, format: LogFormat) -> Result<(), LoggingError> {
    let targets = told(quieter(parse_spec(spec).map_err(LoggingError::Spec)?));
    let (layer, colours) = (fmt::layer().with_writer(std::io::stderr), std::io::stderr().is_terminal());
    let layer = match format {
        LogFormat::Text => {
            let lines = Lines { format: fmt::format().with_ansi(colours), before_target: "" };
            layer.event_format(lines).with_ansi(colours).with_filter(targets).boxed()
        }
        LogFormat::Json => {
            let lines = Lines { format: fmt::format().json(), before_target: r#""target":""# };
            layer.fmt_fields(JsonFields::new()).event_format(lines).with_filter(targets).boxed()
        }
    };
    tracing_subscriber::registry().with(layer).try_init().map_err(LoggingError::Twice)
}

/// Where a library calls an error of ours what is one of whoever sent it: a head that is none, a connection that broke.
const THEIRS: &str = "actix_http::h1";

fn is_theirs(event: &Metadata<'_>) -> bool {
    *event.level() == Level::ERROR && event.target().starts_with(THEIRS)
}

/// Lines as the library writes them, but for two things. Modules are named as one program's, whichever package they are in, as
/// [`parse_spec`] takes them. And [`THEIRS`] are of `DEBUG`, at which alone they are told.
struct Lines<F> {
    format: F,
    /// What stands before the target in a line.
    before_target: &'static str,
}

impl<F> Lines<F> {
    /// The target is the first thing in a line of text that could be called so, and in an object it has a name, whose quotes
    /// would be escaped in a value; so would those of the level, which no target or value comes before.
    fn rewritten<'a>(&self, line: &'a str, is_theirs: bool) -> Cow<'a, str> {
        if is_theirs {
            return Cow::Owned(line.replacen(Level::ERROR.as_str(), Level::DEBUG.as_str(), 1));
        }
        let at = |package: &'static str| {
            let named = format!("{}{package}::", self.before_target);
            Some((line.find(&named)? + self.before_target.len(), package))
        };
        match PACKAGES.into_iter().filter_map(at).min() {
            Some((at, package)) => Cow::Owned(format!("{}counterfoil{}", &line[..at], &line[at + package.len()..])),
            None => Cow::Borrowed(line),
        }
    }
}

impl<F, S, N> FormatEvent<S, N> for Lines<F>
where
    F: FormatEvent<S, N>,
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &tracing::Event<'_>,
    ) -> std::fmt::Result {
        let (is_theirs, target) = (is_theirs(event.metadata()), event.metadata().target());
        if !is_theirs && !PACKAGES.iter().any(|package| target.starts_with(package)) {
            return self.format.format_event(ctx, writer, event);
        }
        let mut line = String::new();
        self.format.format_event(ctx, Writer::new(&mut line), event)?;
        writer.write_str(&self.rewritten(&line, is_theirs))
    }
}

/// What is told under this specification.
fn told(targets: Targets) -> impl Filter<tracing_subscriber::Registry> {
    filter_fn(move |event| {
        let level = if is_theirs(event) { &Level::DEBUG } else { event.level() };
        targets.would_enable(event.target(), level)
    })
}

/// The filter with [`QUIET`] ones at `warn`, and without [`SILENT`], where it does not name them itself.
fn quieter(targets: Targets) -> Targets {
    let level = targets.default_level().unwrap_or(LevelFilter::OFF).min(LevelFilter::WARN);
    let unnamed = |name: &&str| !targets.iter().any(|(named, _)| named.starts_with(name));
    let quiet = QUIET.into_iter().map(|name| (name, level)).chain([(SILENT, LevelFilter::OFF)]);
    let quiet: Vec<_> = quiet.filter(|(name, _)| unnamed(name)).collect();
    targets.clone().with_targets(quiet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_quiet_unless_it_is_named() {
        let enabled = |spec: &str, target: &str, level: Level| {
            quieter(parse_spec(spec).expect("a specification")).would_enable(target, &level)
        };
        assert!(enabled("info", "counterfoil", Level::INFO));
        assert!(!enabled("info", "actix_server::builder", Level::INFO));
        assert!(enabled("info", "actix_server::builder", Level::WARN));
        assert!(enabled("info,actix_server=debug", "actix_server::builder", Level::DEBUG));
        assert!(enabled("debug,actix_server::worker=info", "actix_server::worker", Level::INFO));
        assert!(!enabled("off", "actix_server", Level::ERROR));
        assert!(!enabled("error", "actix_server", Level::WARN));
        // Modules are named as one program's.
        assert!(enabled("off,counterfoil::tls=info", "counterfoil_engine::tls", Level::INFO));
        assert!(enabled("off,counterfoil::drill=info", "counterfoil_lab::drill::world", Level::INFO));
        assert!(!enabled("off,counterfoil::tls=info", "counterfoil_engine::store", Level::ERROR));
        assert!(enabled("off,counterfoil=info", "counterfoil_engine::store", Level::INFO));
        assert!(!enabled(
            "off,counterfoil::tls=info,counterfoil_engine::tls=error",
            "counterfoil_engine::tls",
            Level::INFO
        ));
    }

    #[test]
    fn a_line_names_its_module_as_one_programs() {
        let text = Lines { format: (), before_target: "" };
        let line = "2026-11-30T00:00:00Z  WARN counterfoil_engine::store::commit: of counterfoil_lab::drill\n";
        let told = "2026-11-30T00:00:00Z  WARN counterfoil::store::commit: of counterfoil_lab::drill\n";
        assert_eq!(text.rewritten(line, false), told);
        let ours = "INFO counterfoil::http: counterfoil_engine\n";
        assert_eq!(text.rewritten(ours, false), ours);

        let object = Lines { format: (), before_target: r#""target":""# };
        let line = r#"{"fields":{"message":"\"target\":\"counterfoil_lab::x"},"target":"counterfoil_engine::store"}"#;
        let told = r#"{"fields":{"message":"\"target\":\"counterfoil_lab::x"},"target":"counterfoil::store"}"#;
        assert_eq!(object.rewritten(line, false), told);
        assert_eq!(object.rewritten(told, false), told);
    }

    #[test]
    fn an_error_of_whoever_sent_it_is_none_of_ours() {
        let text = Lines { format: (), before_target: "" };
        let line = "2026-11-30T00:00:00Z ERROR actix_http::h1::dispatcher: ERROR\n";
        assert_eq!(text.rewritten(line, true), "2026-11-30T00:00:00Z DEBUG actix_http::h1::dispatcher: ERROR\n");
        let object = Lines { format: (), before_target: r#""target":""# };
        let line = r#"{"timestamp":"","level":"ERROR","fields":{"message":"ERROR"},"target":"actix_http::h1"}"#;
        let told = r#"{"timestamp":"","level":"DEBUG","fields":{"message":"ERROR"},"target":"actix_http::h1"}"#;
        assert_eq!(object.rewritten(line, true), told);
    }
}
