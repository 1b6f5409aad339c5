//! `counterfoil token new`: makes a bearer token. It is printed once, on the first line, and with it the line by which a
//! tokens file (`auth.tokens_file`) knows it; nothing is kept anywhere, and the line holds its hash alone.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Failure;
use super::moments::calendar;
use crate::config::retention::span;
use crate::config::{Auth, Moment, Role};
use crate::saga::ids::is_invisible;

/// What tokens of ours begin with, so that whoever finds one knows what it opens.
const PREFIX: &str = "cft_";

/// What to do.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Makes a token: prints it once, and the line for the tokens file, which can be appended.
    New(NewArgs),
}

#[derive(Debug, Args)]
struct NewArgs {
    /// Whose it is: the client that owns orders and keys. One subject may have several tokens.
    #[arg(long, value_name = "S")]
    subject: String,
    /// What its bearer may do: client, viewer, support, operator, metrics.
    #[arg(long, value_name = "R[,R]", required = true, value_delimiter = ',', value_parser = role)]
    roles: Vec<Role>,
    /// From when on it is good no more: in so long, as 90d, 12h, 30m or 45s, or a time, as 2026-12-31T00:00:00Z or
    /// 2026-12-31.
    #[arg(long, value_name = "D", value_parser = expires)]
    expires: Option<Moment>,
}

fn role(text: &str) -> Result<Role, String> {
    let known = Role::ALL.into_iter().find(|role| role.as_str() == text);
    known.ok_or_else(|| {
        let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("must be one of {}", names.join(", "))
    })
}

fn expires(text: &str) -> Result<Moment, String> {
    let now = jiff::Timestamp::now();
    let at = moment(text, now).ok_or(
        "must be a length of time, as 90d, 12h, 30m or 45s, or a time to come, as \
                                      2026-12-31T00:00:00Z or 2026-12-31",
    )?;
    if at.0 <= now { Err("must be to come".to_owned()) } else { Ok(at) }
}

/// The moment that a text names, as seen now. A token's end is told to the second.
fn moment(text: &str, now: jiff::Timestamp) -> Option<Moment> {
    if let Some(at) = calendar(text) {
        return Some(Moment(at));
    }
    let at = now.checked_add(span(text)?).ok()?;
    jiff::Timestamp::from_second(at.as_second()).ok().map(Moment)
}

/// Draws a token, and prints it with the line that lists it in `auth.tokens_file`.
pub fn run(args: &TokenArgs) -> Result<ExitCode, Failure> {
    let TokenCommand::New(NewArgs { subject, roles, expires }) = &args.command;
    if subject.chars().any(is_invisible) {
        return Err(Failure::usage("--subject: must hold no invisible or bidirectional-format characters"));
    }
    let token = fresh();
    let line = line(&token, subject, roles, *expires);
    // What the engine would say to it is said now.
    Auth::default()
        .list(&line)
        .map_err(|error| Failure::usage(format!("--subject: {}", crate::config::tokens::told(&error))))?;
    eprintln!("counterfoil: the token, which is told this once, and its line for the file of auth.tokens_file:");
    super::print(&format!("{token}\n{line}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// 256 bits, of which the system's generator drew 244.
fn fresh() -> String {
    let bytes = [Uuid::new_v4().into_bytes(), Uuid::new_v4().into_bytes()].concat();
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&bytes))
}

fn line(token: &str, subject: &str, roles: &[Role], expires: Option<Moment>) -> String {
    // A JSON string is one of TOML's, too.
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let roles: Vec<String> = roles.iter().map(|role| text(role.as_str())).collect();
    let until = expires.map_or_else(String::new, |at| format!(", not_after = {}", text(&at.to_string())));
    let hash = HEXLOWER.encode(&Sha256::digest(token));
    format!("{hash} = {{ subject = {}, roles = [{}]{until} }}", text(subject), roles.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_what_it_was_made_of() {
        let until = moment("2030-01-02", jiff::Timestamp::UNIX_EPOCH);
        let line = line("t", "the \"shop\"", &[Role::Client, Role::Metrics], until);
        assert!(!line.contains('\n'));
        let read = Auth::default().list(&line).unwrap();
        assert_eq!((&*read[0].subject, &*read[0].roles), ("the \"shop\"", &[Role::Client, Role::Metrics][..]));
        assert_eq!(read[0].sha256, HEXLOWER.encode(&Sha256::digest("t")));
        assert_eq!(read[0].not_after, until);
        assert!(fresh().len() > 40 && fresh() != fresh());
    }

    #[test]
    fn an_end_is_a_length_or_a_time() {
        let at = |text: &str| moment(text, jiff::Timestamp::UNIX_EPOCH).map(|at| at.to_string());
        for (text, told) in [
            ("90d", "1970-04-01T00:00:00Z"),
            ("12h", "1970-01-01T12:00:00Z"),
            ("1m", "1970-01-01T00:01:00Z"),
            ("45s", "1970-01-01T00:00:45Z"),
            ("2026-12-31", "2026-12-31T00:00:00Z"),
            ("2026-12-31T01:00:00+01:00", "2026-12-31T00:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(told), "{text}");
        }
        for bad in ["", "d", "9", "9y", "-1d", "+1d", "1.5d", "tomorrow", "99999999999999999999d", "\u{e4}"] {
            assert_eq!(at(bad), None, "{bad}");
        }
        assert!(expires("2020-01-01").is_err() && role("root").is_err());
    }
}
