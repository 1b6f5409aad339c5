//! Drives any requests: so many in flight, each answer entered as it comes, with a bar for whoever watches.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};

use super::retry::Exchange;

/// Has so many requests in flight until all are answered, and gives each answer to `record`.
///
/// Stops early when as many requests in a row as there are clients ran out of patience: the target is gone, and
/// waiting a minute for each further one would not tell more. Says so then.
pub async fn drive<F: Future<Output = (usize, Exchange, Duration)>>(
    what: &'static str,
    total: usize,
    clients: usize,
    requests: impl Stream<Item = F>,
    mut record: impl FnMut(usize, Exchange, Duration),
) -> Option<String> {
    let mut answers = std::pin::pin!(with_bar(what, total, requests.buffer_unordered(clients)));
    let mut unanswered_in_a_row = 0;
    while let Some((index, exchange, latency)) = answers.next().await {
        unanswered_in_a_row = if exchange.outcome.is_err() { unanswered_in_a_row + 1 } else { 0 };
        record(index, exchange, latency);
        if unanswered_in_a_row >= clients {
            return Some(format!(
                "stopped: {unanswered_in_a_row} requests in a row without an answer; the rest was not sent"
            ));
        }
    }
    None
}

/// The items of a stream, counted by a bar on stderr that vanishes with the stream. Without a terminal there is none.
pub fn with_bar<S: Stream>(what: &'static str, total: usize, items: S) -> impl Stream<Item = S::Item> {
    const TEMPLATE: &str = "{msg:>18} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}";
    let bar = ProgressBar::new(total as u64);
    // A template that does not parse costs the looks, not the run.
    bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    let bar = ClearedBar(bar);
    items.inspect(move |_| bar.0.inc(1))
}

struct ClearedBar(ProgressBar);

impl Drop for ClearedBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
