//! What is in flight: the bodies of requests that come, and the answers that go. Each is memory of ours that a client
//! decides about, by what it sends, and by how fast it reads. So both are drawn from a purse that bounds all of them
//! together, and of which one client has a share; what is small enough to fit a connection's own buffers is not counted.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use rustc_hash::FxHashMap;

use super::connections::{Gone, InHand};
use super::problem::Problem;
use crate::limits;
use crate::saga::Client;
use crate::telemetry::{Metrics, Overload};

/// For whom something is in flight.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Holder {
    /// For a client that is known by its token.
    Client(Client),
    /// For whoever says to be a participant: its signature cannot be checked before the body is there.
    Participant,
    /// For the only client that there is, where no tokens are configured.
    Everybody,
}

impl Holder {
    /// The holder that a caller's bodies and answers are counted for.
    pub(super) fn of(client: &Client) -> Self {
        if client.is_anonymous() { Self::Everybody } else { Self::Client(client.clone()) }
    }

    /// How much of so much it may take.
    fn share(&self, all: usize) -> usize {
        match self {
            Self::Client(_) => limits::share(all),
            Self::Participant => all / 4,
            Self::Everybody => all,
        }
    }
}

/// Bytes that all clients share.
pub(super) struct Purse {
    all: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by: FxHashMap<Holder, usize>,
}

impl Purse {
    /// A purse of so many bytes, all of which are free.
    pub(super) fn of(all: usize) -> Arc<Self> {
        Arc::new(Self { all, taken: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A share for this holder, in which nothing is taken yet.
    pub(super) fn open(self: &Arc<Self>, holder: Holder) -> Share {
        Share { purse: Arc::clone(self), holder, bytes: 0 }
    }
}

/// What one body has taken; given back when dropped.
pub(super) struct Share {
    purse: Arc<Purse>,
    holder: Holder,
    bytes: usize,
}

impl Share {
    /// Takes more, until it has so much; whether there was as much. What fits a connection's buffer is free.
    pub(super) fn reach(&mut self, bytes: usize) -> bool {
        if bytes <= limits::UNCOUNTED || bytes <= self.bytes {
            return true;
        }
        let more = bytes - self.bytes;
        let mut taken = self.purse.lock();
        let theirs = taken.by.get(&self.holder).copied().unwrap_or_default();
        if taken.all + more > self.purse.all || theirs + more > self.holder.share(self.purse.all) {
            return false;
        }
        taken.all += more;
        taken.by.insert(self.holder.clone(), theirs + more);
        drop(taken);
        self.bytes = bytes;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut taken = self.purse.lock();
        taken.all = taken.all.saturating_sub(self.bytes);
        if let Some(theirs) = taken.by.get_mut(&self.holder) {
            *theirs = theirs.saturating_sub(self.bytes);
            if *theirs == 0 {
                taken.by.remove(&self.holder);
            }
        }
    }
}

/// The body of a request, for as long as it is looked at.
pub(super) struct Body {
    bytes: Bytes,
    _share: Share,
}

impl Body {
    /// Of bytes that were counted.
    pub(super) fn new(bytes: Bytes, share: Share) -> Self {
        Self { bytes, _share: share }
    }

    /// The same, of other bytes that are no more.
    pub(super) fn or_if_empty(self, bytes: &'static [u8]) -> Self {
        if self.bytes.is_empty() { Self { bytes: Bytes::from_static(bytes), ..self } } else { self }
    }
}

impl std::ops::Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

/// What an answer takes on its way.
pub(super) struct Way<'a> {
    /// Which answers are drawn from.
    pub(super) purse: &'a Arc<Purse>,
    /// Where refusals are counted.
    pub(super) metrics: &'a Metrics,
    /// Its connection's; none in a test without one.
    pub(super) on: Option<(InHand, Gone)>,
}

/// Sends an answer on its way. A large one goes in pieces, so that actix-http copies no more than one of them into its
/// buffer before the client has read; one for which there is no room is 503.
pub(super) fn sent(response: HttpResponse, holder: impl FnOnce() -> Holder, way: Way<'_>) -> HttpResponse {
    match response.body().size() {
        BodySize::Sized(bytes) if bytes > limits::UNCOUNTED as u64 => {
            let mut share = way.purse.open(holder());
            if !share.reach(usize::try_from(bytes).unwrap_or(usize::MAX)) {
                way.metrics.overloaded(Overload::Answers).inc();
                return Problem::too_much_unread().response();
            }
            response.map_body(|_, body| match body.try_into_bytes() {
                Ok(rest) => BoxBody::new(Pieces { rest, _share: share, _in_hand: way.on }),
                Err(body) => body,
            })
        }
        BodySize::None | BodySize::Sized(_) => response,
        BodySize::Stream => match way.on {
            Some((in_hand, gone)) => {
                response.map_body(|_, body| BoxBody::new(Watched { body, gone, _in_hand: in_hand }))
            }
            None => response,
        },
    }
}

/// A large answer.
struct Pieces {
    rest: Bytes,
    _share: Share,
    _in_hand: Option<(InHand, Gone)>,
}

impl MessageBody for Pieces {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let piece = self.rest.len().min(limits::ANSWER_PIECE);
        Poll::Ready((piece > 0).then(|| Ok(self.rest.split_to(piece))))
    }
}

/// An answer that goes on, until the client hangs up.
struct Watched {
    body: BoxBody,
    gone: Gone,
    _in_hand: InHand,
}

impl MessageBody for Watched {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if std::future::Future::poll(Pin::new(&mut self.gone), cx).is_ready() {
            return Poll::Ready(None);
        }
        Poll::Ready(ready!(Pin::new(&mut self.body).poll_next(cx)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_large_answer_goes_in_pieces_and_holds_its_share_until_it_went() {
        let (purse, metrics) = (Purse::of(200_000), Metrics::new(1));
        let send = |bytes: usize| {
            let way = Way { purse: &purse, metrics: &metrics, on: None };
            sent(HttpResponse::Ok().body("x".repeat(bytes)), || Holder::Everybody, way)
        };
        let mut first = Box::pin(send(150_000).into_body());
        assert_eq!(first.size(), BodySize::Sized(150_000));
        let told = send(60_000);
        assert_eq!((told.status().as_u16(), metrics.overloaded(Overload::Answers).get()), (503, 1));
        assert!(told.headers().contains_key("retry-after"));
        assert_eq!(send(limits::UNCOUNTED).status(), 200, "what is small is not counted");
        let mut pieces = Vec::new();
        while let Some(piece) = std::future::poll_fn(|cx| first.as_mut().poll_next(cx)).await {
            pieces.push(piece.unwrap().len());
        }
        assert_eq!(pieces, [limits::ANSWER_PIECE, limits::ANSWER_PIECE, 150_000 - 2 * limits::ANSWER_PIECE]);
        drop(first);
        assert_eq!(send(60_000).status(), 200);
    }

    #[test]
    fn one_client_leaves_room_to_others_and_gives_back_what_it_took() {
        let purse = Purse::of(1_000_000);
        let [one, other] = ["one", "other"].map(|name| Holder::Client(Client::trusted(name)));
        let mut greedy = purse.open(one.clone());
        assert!(greedy.reach(750_000) && greedy.reach(10) && greedy.reach(750_000));
        assert!(!greedy.reach(750_001) && !purse.open(one).reach(9_000), "its share is taken");
        assert!(purse.open(Holder::Participant).reach(9_000));
        let mut modest = purse.open(other.clone());
        assert!(modest.reach(250_000) && !modest.reach(250_001), "all is taken");
        assert!(purse.open(Holder::Everybody).reach(limits::UNCOUNTED), "what is small is free");
        assert!(!purse.open(Holder::Everybody).reach(limits::UNCOUNTED + 1));
        drop(greedy);
        assert!(modest.reach(750_000) && !purse.open(Holder::Participant).reach(250_001));
        drop(modest);
        assert!(purse.open(Holder::Everybody).reach(1_000_000));
        let taken = purse.lock();
        assert!(taken.all == 0 && taken.by.is_empty());
    }
}
