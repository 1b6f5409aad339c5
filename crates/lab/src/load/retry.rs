//! Repeats a request until it has a final answer.
//!
//! A 202, a 408, a 503, a 500 `internal` and a missing answer all say the same: the outcome is not known, repeat the same
//! request. What is repeated here is therefore always idempotent: an order with its order_id, a refund under its key, an
//! absolute PUT, a GET.

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;
use tokio::time::{Instant, sleep};

use counterfoil_engine::client::{Client, ClientError, HttpAnswer, error_chain};

/// How long a request is repeated before it counts as unanswered: longer than a restart with recovery takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The pause after the first failure. It doubles with each further one, unless the server asks for a longer one.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A request that may be sent any number of times.
#[derive(Clone, Debug)]
pub struct Repeatable {
    /// The HTTP method that is repeated.
    pub method: Method,
    /// The path, percent-encoded.
    pub path: String,
    /// An `Idempotency-Key`, if there is one.
    pub key: Option<String>,
    /// A JSON body, if there is one.
    pub body: Option<Bytes>,
}

/// How a request ended.
#[derive(Debug)]
pub struct Exchange {
    /// The final answer, or why there is none.
    pub outcome: Result<HttpAnswer, Unanswered>,
    /// What was answered with another try, by its cause; the last failure of an unanswered request included.
    pub retries: Retries,
}

/// Further tries by their cause: `503 overloaded`, `202 still running`, `no answer`.
pub type Retries = BTreeMap<String, u64>;

/// No final answer.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It did not come while patience lasted.
    #[error("no final answer within {} s, the last try ended in: {last}", PATIENCE.as_secs())]
    Patience {
        /// What the last try ended in.
        last: String,
    },
    /// Repeating cannot help.
    #[error("the request cannot be sent")]
    Request(#[source] ClientError),
}

/// Sends `request` until it has a final answer or [`PATIENCE`] is used up.
pub async fn until_final(client: &Client, request: &Repeatable) -> Exchange {
    let deadline = Instant::now() + PATIENCE;
    let mut retries = Retries::new();
    let mut pause = FIRST_PAUSE;
    loop {
        let headers: Vec<_> = request.key.iter().map(|key| ("idempotency-key", key.as_str())).collect();
        let tried = client.request(request.method.clone(), &request.path, &headers, request.body.clone()).await;
        let (cause, detail, asked_pause) = match tried {
            Err(error) if error.is_callers_mistake() => {
                return Exchange { outcome: Err(Unanswered::Request(error)), retries };
            }
            Err(error) => ("no answer".to_owned(), error_chain(&error), None),
            Ok(answer) => match cause_to_repeat(&answer) {
                None => {
                    return Exchange { outcome: Ok(answer), retries };
                }
                Some(cause) => {
                    let detail = format!("{cause} {}", excerpt(&answer.body));
                    (cause, detail, answer.retry_after())
                }
            },
        };
        *retries.entry(cause).or_insert(0) += 1;
        let wait = asked_pause.unwrap_or_default().max(pause);
        if Instant::now() + wait >= deadline {
            return Exchange { outcome: Err(Unanswered::Patience { last: detail }), retries };
        }
        sleep(wait).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Why an answer is not the final one, if it is not.
fn cause_to_repeat(answer: &HttpAnswer) -> Option<String> {
    match answer.status {
        202 => Some("202 still running".to_owned()),
        503 => Some(match answer.problem_code() {
            Some(code) => format!("503 {code}"),
            None => "503".to_owned(),
        }),
        // It was not read in time: nobody has heard of it (RFC 9110, 15.5.9).
        408 => Some("408 not read in time".to_owned()),
        // Any other 500 is a business answer, or one that this engine does not give.
        500 if answer.problem_code().as_deref() == Some("internal") => Some("500 internal".to_owned()),
        _ => None,
    }
}

/// The beginning of a body, for a person to recognise it.
pub fn excerpt(body: &Bytes) -> String {
    const LONGEST_CHARS: usize = 200;
    let text = String::from_utf8_lossy(body);
    let mut excerpt: String = text.chars().take(LONGEST_CHARS).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::*;

    use hyper::HeaderMap;

    fn cause(status: u16, body: &'static str) -> Option<String> {
        let body = Bytes::from_static(body.as_bytes());
        cause_to_repeat(&HttpAnswer { status, headers: HeaderMap::new(), body })
    }

    #[test]
    fn only_an_unknown_outcome_is_repeated() {
        assert_eq!(cause(202, "{}").as_deref(), Some("202 still running"));
        assert_eq!(cause(503, r#"{"code":"overloaded"}"#).as_deref(), Some("503 overloaded"));
        assert_eq!(cause(408, "").as_deref(), Some("408 not read in time"));
        assert_eq!(cause(503, "<html>").as_deref(), Some("503"));
        assert_eq!(cause(500, r#"{"code":"internal"}"#).as_deref(), Some("500 internal"));
        assert_eq!(cause(500, r#"{"code":"shipment_failed"}"#), None);
        assert_eq!(cause(500, "<html>"), None);
        assert_eq!(cause(409, r#"{"code":"out_of_stock"}"#), None);
        assert_eq!(cause(201, "{}"), None);
    }
}
