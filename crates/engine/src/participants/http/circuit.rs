//! Whether a participant as a whole is there, shared by all that is asked of it from this process.
//!
//! One order whose calls fail says nothing about the others. Failures of [`limits::AWAY_ORDERS`] distinct orders, with no
//! answer to a call of any in between, do: then calls pause, and nobody is turned into a case for a human by tries that
//! could not succeed. Where fewer orders than that are under way, as at night, [`limits::AWAY_CALLS`] of their calls in a
//! row without an answer have calls pause as well, and so does a call whose look-up had no answer either, but for as long as
//! it takes to ask: the first answer to a look-up, of none of theirs, tells that it is there, and that their failures are
//! their own. Until such a question had no answer either nobody is told that it is away.
//! A refusal is an answer, and so is whatever else the participant itself says. A call that was sent
//! before the last answer says nothing, since the participant was there after it: calls of one client that hang together
//! stop nobody whose calls were answered meanwhile. Look-ups that fail are no outage of calls: where they are all that is
//! asked, they wait like ones that were not sent, and stop nothing.
//!
//! - *Away*: nothing is sent but one look-up at a time, of an order that waits. It changes nothing, whereas a call might.
//!   (Where few failed it is about none that there is, and a call is let out now and then as well: look-ups may be all that
//!   is broken.)
//! - *Returning*: a look-up was answered. Calls go out again, one at a time at first; each answer admits one more, so
//!   that their number doubles with each round trip, and those who waited do not overrun a participant that has only
//!   just come back. The first answer to a call tells that it is back, and failures of as many orders as before that
//!   it is not.
//! - *Up*: as long as it is, failures are the orders' own, and count.
//!
//! A wrong guess costs time and nothing else: what is held back is sent later, under its key.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::limits;
use crate::ports::{Cause, Presence};
use crate::saga::OrderId;

/// What is known of a participant's presence.
#[derive(Debug)]
pub(super) struct Circuit {
    name: Arc<str>,
    /// How many calls may be under way where nothing is wrong.
    calls: usize,
    state: Mutex<CircuitState>,
}

#[derive(Debug)]
struct CircuitState {
    presence: Presence,
    /// Since when it is that, and since when it has not been up.
    since: Instant,
    away_since: Instant,
    /// Distinct orders that failed, with no answer to a call since.
    failing: Vec<Failing>,
    /// Calls that failed, whoever's, with no answer to one since, and none to a question that they led to.
    failed_calls: u32,
    /// Whether it was asked since it went away, and did not answer.
    silent: bool,
    /// Orders that had failed when it was found to be there all the same, and when that was: their failures are their own.
    acquitted_of: Vec<(OrderId, Instant)>,
    /// When a call was last let out to one that is silent.
    tried_at: Option<Instant>,
    /// Whether so few orders failed that an answer to a look-up has it back.
    are_few: bool,
    /// When a call was last answered.
    answered_at: Option<Instant>,
    last_error: Option<(Arc<str>, Instant)>,
    ramp: Option<Ramp>,
    /// An order that waits for it.
    waiting: Option<OrderId>,
    crowd: Crowd,
    /// Whether somebody asks after it.
    asked_after: bool,
}

/// An order that failed.
#[derive(Debug)]
struct Failing {
    order: OrderId,
    /// By a call; else by look-ups alone.
    by_a_call: bool,
    /// When it last did.
    at: Instant,
    /// Its tries that counted, and do not, should it turn out that it was away.
    tries: i16,
}

/// How many calls may be under way again.
#[derive(Debug)]
struct Ramp {
    slots: Arc<Semaphore>,
    size: usize,
}

/// How many orders are turned away, by which the pause is chosen before they come again: a crowd is not to spend its time
/// asking whether it may go on.
#[derive(Debug)]
struct Crowd {
    began: Instant,
    count: u32,
    pause: Duration,
}

impl Crowd {
    fn new(now: Instant) -> Self {
        Self { began: now, count: 0, pause: limits::AWAY_PAUSE }
    }

    fn turn_away(&mut self, now: Instant) -> Duration {
        self.count = self.count.saturating_add(1);
        if now.saturating_duration_since(self.began) >= self.pause {
            let wanted = Duration::from_secs(u64::from(self.count / limits::AWAY_TRIES_PER_SECOND));
            (self.began, self.count) = (now, 0);
            self.pause = wanted.clamp(limits::AWAY_PAUSE, limits::AWAY_PAUSE_MOST);
        }
        self.pause
    }
}

/// Whether something may be sent.
#[derive(Debug)]
pub(super) enum Admission {
    /// At once; while the participant is only just back, within these slots.
    Go(Option<Arc<Semaphore>>),
    /// At once, to see whether a call is answered where questions are not. What comes of it counts for nothing.
    Trial,
    /// Not now; what the try then had instead of an outcome.
    Away(Cause),
}

/// What changed, for the log and the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// So few failed that it has to be asked whether it is there; what they ask of it pauses meanwhile.
    InDoubt {
        /// What went wrong last.
        error: Arc<str>,
        /// Distinct orders that failed.
        orders: usize,
        /// Whether somebody has to begin to ask.
        ask: bool,
    },
    /// It is away.
    Away {
        /// What went wrong last.
        error: Arc<str>,
        /// Distinct orders that failed.
        orders: usize,
        /// Whether somebody has to begin to ask after it.
        ask: bool,
    },
    /// It is back.
    Back {
        /// After so long.
        after: Duration,
    },
}

/// What whoever asks after a participant has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Errand {
    /// Look up this order, which waits for it; or, where those that wait may be what it cannot cope with, none that there is.
    Ask(Option<OrderId>),
    /// See whether a call tells.
    Wait,
    /// Nothing more: it is back.
    End,
}

impl Circuit {
    pub(super) fn new(name: &str, calls: usize, now: Instant) -> Self {
        let state = CircuitState {
            presence: Presence::Up,
            since: now,
            away_since: now,
            failing: Vec::new(),
            failed_calls: 0,
            silent: false,
            acquitted_of: Vec::new(),
            tried_at: None,
            are_few: false,
            answered_at: None,
            last_error: None,
            ramp: None,
            waiting: None,
            crowd: Crowd::new(now),
            asked_after: false,
        };
        Self { name: name.into(), calls, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, CircuitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something may be sent for this order.
    pub(super) fn admit(&self, order: &OrderId, to_a_call: bool, now: Instant) -> Admission {
        let mut state = self.state();
        match state.presence {
            Presence::Up | Presence::Returning => {
                Admission::Go(state.ramp.as_ref().map(|ramp| Arc::clone(&ramp.slots)))
            }
            Presence::Away if to_a_call && state.may_be_tried(now) => {
                state.tried_at = Some(now);
                Admission::Trial
            }
            Presence::Away => {
                state.waiting = Some(order.clone());
                Admission::Away(self.cause_of(&mut state, order, now))
            }
        }
    }

    fn cause_of(&self, state: &mut CircuitState, order: &OrderId, now: Instant) -> Cause {
        let pause = state.crowd.turn_away(now);
        // So few are to hear soon whether it is there, or was silent.
        let in_doubt = state.is_in_doubt();
        let away = Some(if in_doubt { pause.min(2 * limits::AWAY_FIRST_LOOK) } else { pause });
        let own = state.failing.iter_mut().find(|failing| state.silent && failing.order == *order);
        let forgiven = own.map_or(0, |own| std::mem::take(&mut own.tries));
        let seconds = now.saturating_duration_since(state.away_since).as_secs();
        let last = state.last_error.as_ref().map_or("no answer", |(error, _)| error);
        let error = match in_doubt {
            true => format!("it is asked whether {} is there ({last})", self.name),
            false => format!("{} has been away for {seconds} s ({last})", self.name),
        };
        Cause { error: error.into(), away, forgiven }
    }

    /// Why a try has no outcome that was made, and whether it counts: not where it was not sent, or shut out, and else that
    /// depends on how the participant fares as a whole.
    pub(super) fn cause(&self, order: &OrderId, error: Arc<str>, to_a_call: bool, counts: bool, now: Instant) -> Cause {
        let mut state = self.state();
        let are_many = state.failing.len() >= limits::AWAY_ORDERS;
        match state.presence {
            Presence::Up if counts && (to_a_call || !are_many) => {
                if let Some(own) = state.failing.iter_mut().find(|failing| to_a_call && failing.order == *order) {
                    own.tries = own.tries.saturating_add(1);
                }
                Cause::own(error)
            }
            Presence::Up => Cause { away: Some(limits::AWAY_PAUSE), ..Cause::own(error) },
            Presence::Away | Presence::Returning => self.cause_of(&mut state, order, now),
        }
    }

    /// No slot was to be had: too many wait, or the participant is just coming back.
    pub(super) fn crowded(&self, order: &OrderId, now: Instant) -> Cause {
        let mut state = self.state();
        let error = Arc::from("there was no turn for it");
        match state.presence {
            Presence::Up if state.ramp.is_none() => Cause::own(error),
            Presence::Up => Cause { away: Some(limits::AWAY_PAUSE), ..Cause::own(error) },
            Presence::Away | Presence::Returning => self.cause_of(&mut state, order, now),
        }
    }

    /// It said something: to a call, or to a look-up.
    pub(super) fn answered(&self, to_a_call: bool, now: Instant) -> Option<Change> {
        let mut state = self.state();
        if to_a_call {
            state.answered_at = Some(now);
        }
        match (state.presence, to_a_call) {
            (Presence::Up, false) => {
                state.failing.retain(|failing| failing.by_a_call);
                state.failed_calls = 0; // more is not asked of it
            }
            (Presence::Up, true) => state.forget(),
            (Presence::Away, false) if state.are_few => {
                // Who failed stays known: others that fail as well make them many.
                state.failed_calls = 0;
                state.acquit(now);
                let (was_told, after) = (state.silent, state.up(now));
                return was_told.then_some(Change::Back { after });
            }
            (Presence::Away, false) => {
                state.returns(now);
                return None;
            }
            (Presence::Returning, false) => return None,
            (Presence::Away | Presence::Returning, true) => {
                let was_told = !state.are_few || state.silent;
                let after = state.back(now);
                state.grow(self.calls);
                return was_told.then_some(Change::Back { after });
            }
        }
        state.grow(self.calls);
        None
    }

    /// Something that was asked for this order at `sent_at` has no answer of the participant's.
    pub(super) fn failed(
        &self,
        order: &OrderId,
        to_a_call: bool,
        error: Arc<str>,
        sent_at: Instant,
        now: Instant,
    ) -> Option<Change> {
        let mut state = self.state();
        state.last_error = Some((Arc::clone(&error), now));
        state.waiting = Some(order.clone());
        if state.answered_at.is_some_and(|answered| sent_at <= answered) {
            return None;
        }
        state.failing.retain(|failing| now.saturating_duration_since(failing.at) < limits::AWAY_FAILING);
        match state.failing.iter_mut().find(|failing| failing.order == *order) {
            Some(failing) => (failing.by_a_call, failing.at) = (failing.by_a_call || to_a_call, now),
            None => {
                if state.failing.len() == limits::AWAY_ORDERS {
                    // Look-ups make room for what counts.
                    let place = state.failing.iter().position(|failing| to_a_call && !failing.by_a_call);
                    if let Some(place) = place {
                        state.failing.swap_remove(place);
                    }
                }
                if state.failing.len() < limits::AWAY_ORDERS {
                    state.failing.push(Failing { order: order.clone(), by_a_call: to_a_call, at: now, tries: 0 });
                }
            }
        }
        state.failed_calls = state.failed_calls.saturating_add(u32::from(to_a_call));
        let orders = state.failing.len();
        let are_many = orders >= limits::AWAY_ORDERS && state.failing.iter().any(|failing| failing.by_a_call);
        let is_silent_to_both = !to_a_call && state.failed_calls > 0 && !state.is_acquitted_of(order, now);
        let was_up = match state.presence {
            Presence::Up if are_many || state.failed_calls >= limits::AWAY_CALLS || is_silent_to_both => true,
            Presence::Returning if are_many => false,
            Presence::Away if are_many && state.are_few => false,
            Presence::Up | Presence::Away | Presence::Returning => return None,
        };
        // Where they were few, and were told about, the others make no news.
        let is_news = was_up || state.presence == Presence::Away && !state.silent;
        state.are_few = !are_many;
        state.goes_away(was_up, now);
        let ask = was_up && !std::mem::replace(&mut state.asked_after, true);
        is_news.then_some(match are_many {
            true => Change::Away { error, orders, ask },
            false => Change::InDoubt { error, orders, ask },
        })
    }

    /// What whoever asks after it has to do next.
    pub(super) fn errand(&self) -> Errand {
        let mut state = self.state();
        match state.presence {
            Presence::Away => Errand::Ask(state.waiting.clone().filter(|_| !state.are_few)),
            Presence::Returning => Errand::Wait,
            Presence::Up => {
                state.asked_after = false;
                Errand::End
            }
        }
    }

    /// The question after it has no answer.
    pub(super) fn still_away(&self, error: Arc<str>, now: Instant) -> Option<Change> {
        let mut state = self.state();
        let is_news = state.presence == Presence::Away && state.are_few && !state.silent;
        (state.last_error, state.silent) = (Some((Arc::clone(&error), now)), true);
        is_news.then(|| Change::Away { error, orders: state.failing.len(), ask: false })
    }

    /// It answers look-ups, and no call has told in so long whether it is back: where all who wait have gone, or are so few
    /// that their failures may be their own, it counts as that.
    pub(super) fn settle(&self, patience: Duration, now: Instant) -> Option<Change> {
        let mut state = self.state();
        let settled = state.presence == Presence::Returning && now.saturating_duration_since(state.since) >= patience;
        settled.then(|| Change::Back { after: state.back(now) })
    }

    /// Whether it is there, for how long that has been so, and what went wrong last and how long ago.
    pub(super) fn health(&self, now: Instant) -> (Presence, Duration, Option<(Arc<str>, Duration)>) {
        let state = self.state();
        let ago = |at: Instant| now.saturating_duration_since(at);
        let last = state.last_error.as_ref().map(|(error, at)| (Arc::clone(error), ago(*at)));
        // Nobody is told of a doubt.
        let presence = if state.is_in_doubt() { Presence::Up } else { state.presence };
        (presence, ago(state.since), last)
    }
}

impl CircuitState {
    /// So few failed that it is asked whether it is there, and nothing is known yet.
    fn is_in_doubt(&self) -> bool {
        self.presence == Presence::Away && self.are_few && !self.silent
    }

    /// Where few failed, and the question did as well, look-ups may be all that is broken: a call is let out now and then, since
    /// it is repeated under its key in any case.
    fn may_be_tried(&self, now: Instant) -> bool {
        let tried = self.tried_at.unwrap_or(self.since);
        self.are_few && self.silent && now.saturating_duration_since(tried) >= limits::AWAY_PAUSE
    }

    /// It is there: those that failed have themselves to blame.
    fn acquit(&mut self, now: Instant) {
        self.acquitted_of.retain(|(_, at)| now.saturating_duration_since(*at) < limits::AWAY_ACQUITTED);
        for failing in &self.failing {
            self.acquitted_of.retain(|(order, _)| *order != failing.order);
            if self.acquitted_of.len() >= limits::AWAY_ACQUITTALS {
                self.acquitted_of.remove(0);
            }
            self.acquitted_of.push((failing.order.clone(), now));
        }
    }

    fn is_acquitted_of(&self, order: &OrderId, now: Instant) -> bool {
        let of = self.acquitted_of.iter().find(|(of, _)| of == order);
        of.is_some_and(|(_, at)| now.saturating_duration_since(*at) < limits::AWAY_ACQUITTED)
    }

    fn goes_away(&mut self, was_up: bool, now: Instant) {
        if was_up {
            (self.away_since, self.silent, self.tried_at) = (now, false, None);
            self.crowd = Crowd::new(now);
        }
        (self.presence, self.since) = (Presence::Away, now);
        if let Some(ramp) = self.ramp.take() {
            ramp.slots.close(); // who waits for one of them is turned away
        }
        // Of so few that failed one slot is left for whoever comes.
        let size = if self.are_few { limits::AWAY_ORDERS } else { 1 };
        self.ramp = Some(Ramp { slots: Arc::new(Semaphore::new(size)), size });
    }

    fn returns(&mut self, now: Instant) {
        (self.presence, self.since) = (Presence::Returning, now);
        self.forget();
    }

    fn back(&mut self, now: Instant) -> Duration {
        self.forget();
        self.up(now)
    }

    fn forget(&mut self) {
        self.failing.clear();
        self.failed_calls = 0;
    }

    /// After how long it is up again.
    fn up(&mut self, now: Instant) -> Duration {
        (self.presence, self.since) = (Presence::Up, now);
        now.saturating_duration_since(self.away_since)
    }

    fn grow(&mut self, calls: usize) {
        let Some(ramp) = &mut self.ramp else { return };
        ramp.size += 1;
        ramp.slots.add_permits(1);
        if ramp.size >= calls {
            self.ramp = None; // whoever waits there finds slots enough as they are given back
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn order(number: usize) -> OrderId {
        OrderId::trusted(format!("O-{number}"))
    }

    fn fail(circuit: &Circuit, number: usize, now: Instant) -> Option<Change> {
        circuit.failed(&order(number), true, "down".into(), now, now)
    }

    fn look_up_fails(circuit: &Circuit, number: usize, now: Instant) -> Option<Change> {
        circuit.failed(&order(number), false, "broken".into(), now, now)
    }

    fn away(now: Instant) -> Circuit {
        let circuit = Circuit::new("payment", 4, now);
        for number in 1..limits::AWAY_ORDERS {
            assert_eq!(fail(&circuit, number, now), None, "{number}");
        }
        assert!(fail(&circuit, 0, now).is_some());
        circuit
    }

    fn slots(circuit: &Circuit, now: Instant) -> Option<usize> {
        match circuit.admit(&order(0), true, now) {
            Admission::Go(slots) => Some(slots.map_or(usize::MAX, |slots| slots.available_permits())),
            Admission::Trial | Admission::Away(_) => None,
        }
    }

    #[test]
    fn one_order_says_nothing_about_the_others() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 4, now);
        for _ in 1..limits::AWAY_CALLS {
            assert_eq!(fail(&circuit, 1, now), None);
        }
        assert_eq!(slots(&circuit, now), Some(usize::MAX));
        assert_eq!(circuit.cause(&order(1), "down".into(), true, true, now).away, None, "it is the order's own");
        assert_eq!(circuit.answered(true, now), None);
        assert_eq!(fail(&circuit, 1, now + SECOND), None, "counted from the last answer");
        assert!(circuit.cause(&order(1), "refused".into(), true, false, now).away.is_some(), "nothing was sent");
    }

    /// Two orders at a participant that is silent use up no tries; one that it answers questions about does.
    #[test]
    fn however_few_they_are_it_is_asked_whether_it_is_there() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 8, now);
        let goes = |now| {
            assert_eq!((fail(&circuit, 0, now), circuit.answered(false, now)), (None, None));
            for number in 1..limits::AWAY_CALLS {
                let number = number as usize % 2;
                assert_eq!(fail(&circuit, number, now), None, "{number}, counted from the last answer");
                assert_eq!(circuit.cause(&order(number), "down".into(), true, true, now).away, None, "{number}");
            }
            fail(&circuit, 1, now)
        };
        let in_doubt = |ask| Some(Change::InDoubt { error: "down".into(), orders: 2, ask });
        assert_eq!(goes(now), in_doubt(true));
        assert_eq!(circuit.health(now).0, Presence::Up, "nobody is told of a doubt");
        let turned_away = |number, now| match circuit.admit(&order(number), true, now) {
            Admission::Away(cause) => (cause.away.expect("a pause"), cause.forgiven),
            Admission::Go(_) | Admission::Trial => panic!("it is away"),
        };
        let soon = 2 * limits::AWAY_FIRST_LOOK;
        assert_eq!(turned_away(1, now), (soon, 0), "nobody has asked yet");
        assert_eq!(circuit.errand(), Errand::Ask(None), "of none of those that it may be unable to cope with");
        let away = Some(Change::Away { error: "silent".into(), orders: 2, ask: false });
        assert_eq!(circuit.still_away("silent".into(), now + SECOND), away, "now it is told");
        assert_eq!(circuit.still_away("silent".into(), now + SECOND), None);
        assert_eq!(circuit.health(now).0, Presence::Away);
        // The tries that counted, each once; and none of an order that another engine has tried.
        let told: Vec<_> = [1, 1, 0, 7].map(|number| turned_away(number, now + SECOND)).to_vec();
        assert_eq!(
            told,
            [(limits::AWAY_PAUSE, 2), (limits::AWAY_PAUSE, 0), (limits::AWAY_PAUSE, 2), (limits::AWAY_PAUSE, 0)]
        );
        assert_eq!(circuit.answered(false, now + 2 * SECOND), Some(Change::Back { after: 2 * SECOND }));
        assert_eq!(slots(&circuit, now), Some(limits::AWAY_ORDERS), "more than failed");
        assert_eq!(goes(now + 3 * SECOND), in_doubt(false), "and again, if that was all that it answers");
        assert_eq!(turned_away(1, now + 3 * SECOND), (soon, 0), "it has to be asked anew");
        assert_eq!(circuit.answered(false, now + 3 * SECOND), None, "nobody was told that it was away");
    }

    /// Where it answers no question at all, calls may be answered all the same: what few orders met is not to stop the others.
    #[test]
    fn who_is_silent_to_few_is_tried_by_a_call_now_and_then() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 8, now);
        (0..limits::AWAY_CALLS).for_each(|_| drop(fail(&circuit, 1, now)));
        let goes = |to_a_call, now| !matches!(circuit.admit(&order(2), to_a_call, now), Admission::Away(_));
        assert!(!goes(true, now + limits::AWAY_PAUSE), "it was not asked yet");
        circuit.still_away("broken".into(), now + SECOND);
        let first = now + limits::AWAY_PAUSE;
        assert_eq!([goes(false, first), goes(true, first), goes(true, first)], [false, true, false], "a call, and one");
        assert_eq!(fail(&circuit, 2, first), None);
        assert!(circuit.cause(&order(2), "down".into(), true, true, first).away.is_some(), "it counts for nothing");
        let second = first + limits::AWAY_PAUSE;
        assert!(!goes(true, second - SECOND) && goes(true, second));
        assert_eq!(circuit.answered(true, second), Some(Change::Back { after: second - now }));
        assert_eq!(slots(&circuit, second), Some(limits::AWAY_ORDERS + 1));
    }

    /// Whatever number of tries an order has: its last one, and the question what became of them.
    #[test]
    fn who_is_silent_to_a_call_and_to_its_look_up_is_asked_once_more() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 8, now);
        assert_eq!(
            (fail(&circuit, 1, now), circuit.cause(&order(1), "down".into(), true, true, now).away),
            (None, None)
        );
        let in_doubt = |ask| Some(Change::InDoubt { error: "broken".into(), orders: 1, ask });
        assert_eq!(look_up_fails(&circuit, 1, now), in_doubt(true));
        let cause = |now| circuit.cause(&order(1), "broken".into(), false, true, now);
        assert!(cause(now).away.is_some(), "the order waits for what comes of that");
        assert_eq!((circuit.answered(false, now), circuit.errand()), (None, Errand::End));
        // It is there, so that both are the order's own.
        assert_eq!((fail(&circuit, 1, now + SECOND), look_up_fails(&circuit, 1, now + SECOND)), (None, None));
        assert_eq!(cause(now + SECOND).away, None);
        // Not those of another order, which may be the first that an outage meets; nor for ever.
        let later = now + 2 * limits::AWAY_FAILING;
        assert_eq!((fail(&circuit, 2, later), look_up_fails(&circuit, 2, later)), (None, in_doubt(true)));
        let later = now + limits::AWAY_ACQUITTED;
        assert_eq!(circuit.answered(true, later - SECOND), None);
        assert_eq!((fail(&circuit, 1, later), look_up_fails(&circuit, 1, later)), (None, in_doubt(false)));
    }

    /// Failures of a night, hours apart, are each order's own.
    #[test]
    fn failures_that_are_long_past_tell_nothing() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 8, now);
        for number in 0..4 * limits::AWAY_ORDERS {
            let at = now + limits::AWAY_FAILING * u32::try_from(number).expect("few") / 3;
            assert_eq!((circuit.answered(false, at), fail(&circuit, number, at)), (None, None), "{number}");
        }
        assert_eq!(circuit.health(now).0, Presence::Up);
    }

    #[test]
    fn few_that_become_many_are_an_outage() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 8, now);
        (0..limits::AWAY_CALLS).for_each(|_| drop(fail(&circuit, 0, now)));
        // Under way as it was found, or after a look-up alone was answered.
        assert_eq!(fail(&circuit, 1, now), None);
        assert_eq!((circuit.answered(false, now), circuit.health(now).0), (None, Presence::Up));
        for number in 2..limits::AWAY_ORDERS - 1 {
            assert_eq!(fail(&circuit, number, now), None);
        }
        assert!(fail(&circuit, 98, now).is_some());
        assert_eq!(circuit.answered(false, now), None);
        assert_eq!((circuit.health(now).0, slots(&circuit, now)), (Presence::Returning, Some(1)));
        // While it is away.
        let circuit = Circuit::new("payment", 8, now);
        (0..limits::AWAY_CALLS).for_each(|_| drop(fail(&circuit, 0, now)));
        (1..limits::AWAY_ORDERS - 1).for_each(|number| assert_eq!(fail(&circuit, number, now), None));
        let away = Change::Away { error: "down".into(), orders: limits::AWAY_ORDERS, ask: false };
        assert_eq!(fail(&circuit, 99, now), Some(away));
        assert_eq!(circuit.answered(false, now), None);
        assert_eq!((circuit.health(now).0, slots(&circuit, now)), (Presence::Returning, Some(1)));
    }

    #[test]
    fn an_answer_to_a_call_in_between_means_that_it_is_there() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 4, now);
        for number in 0..100 {
            assert_eq!(fail(&circuit, number, now), None);
            if number % 4 == 3 {
                assert_eq!(circuit.answered(true, now), None);
            }
        }
        let now = now + SECOND;
        for number in 0..limits::AWAY_ORDERS {
            assert_eq!(circuit.answered(false, now), None, "a look-up tells nothing of calls");
            fail(&circuit, number, now);
        }
        fail(&circuit, 0, now + SECOND);
        assert_eq!(slots(&circuit, now), None);
    }

    #[test]
    fn calls_that_hang_while_others_are_answered_stop_nobody() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 4, now);
        // They were sent together, and hang; others of that moment are answered.
        let (sent, answered) = (now + SECOND, now + 2 * SECOND);
        circuit.answered(true, answered);
        for number in 0..100 {
            let late = answered + SECOND * u32::try_from(number).expect("few");
            assert_eq!(circuit.failed(&order(number), true, "no answer".into(), sent, late), None);
        }
        assert_eq!(slots(&circuit, now), Some(usize::MAX));
    }

    #[test]
    fn look_ups_that_fail_stop_no_calls() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 4, now);
        for number in 0..100 {
            assert_eq!(look_up_fails(&circuit, number, now + SECOND * u32::try_from(number).expect("few")), None);
        }
        let later = now + 200 * SECOND;
        assert_eq!(slots(&circuit, later), Some(usize::MAX));
        assert!(
            circuit.cause(&order(1), "broken".into(), false, true, later).away.is_some(),
            "they wait, and are no attempts"
        );
        assert_eq!(circuit.cause(&order(1), "down".into(), true, true, later).away, None);
        assert_eq!(circuit.answered(false, later), None);
        assert_eq!(circuit.cause(&order(1), "broken".into(), false, true, later).away, None, "an answer in between");
        // Calls that fail are found beside them.
        (0..100).for_each(|number| drop(look_up_fails(&circuit, number, later)));
        let gone = (200..300).find(|number| fail(&circuit, *number, later + SECOND).is_some());
        assert!(gone.is_some() && slots(&circuit, later).is_none());
    }

    #[test]
    fn an_order_whose_call_fails_after_its_look_up_counts() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 4, now);
        (0..limits::AWAY_ORDERS).for_each(|number| drop(look_up_fails(&circuit, number, now)));
        assert_eq!(slots(&circuit, now), Some(usize::MAX), "look-ups alone");
        assert!(fail(&circuit, 1, now).is_some());
        assert_eq!(slots(&circuit, now), None);
    }

    #[test]
    fn who_waits_goes_on_a_few_at_a_time() {
        let now = Instant::now();
        let circuit = away(now);
        assert_eq!(slots(&circuit, now), None);
        let Admission::Away(cause) = circuit.admit(&order(77), true, now + SECOND) else { panic!("it is away") };
        assert_eq!((&*cause.error, cause.away), ("payment has been away for 1 s (down)", Some(limits::AWAY_PAUSE)));
        assert_eq!(circuit.errand(), Errand::Ask(Some(order(77))), "one that waits is asked about");
        assert_eq!(circuit.answered(false, now + 2 * SECOND), None);
        assert_eq!(circuit.health(now + 2 * SECOND).0, Presence::Returning);
        assert_eq!(slots(&circuit, now), Some(1));
        assert!(circuit.cause(&order(1), "down".into(), true, true, now).away.is_some(), "tries do not count yet");
        assert_eq!(circuit.answered(true, now + 3 * SECOND), Some(Change::Back { after: 3 * SECOND }));
        assert_eq!(slots(&circuit, now), Some(2), "one, and one for the answer");
        assert_eq!(circuit.answered(true, now + 3 * SECOND), None);
        assert_eq!(slots(&circuit, now), Some(3));
        assert_eq!(circuit.answered(true, now + 3 * SECOND), None);
        assert_eq!(slots(&circuit, now), Some(usize::MAX));
    }

    /// Whoever is away is asked after by one, also where it went again before that one saw that it had been back.
    #[test]
    fn one_asks_after_who_is_away() {
        let now = Instant::now();
        let circuit = Circuit::new("payment", 4, now);
        let goes = |now| (0..limits::AWAY_ORDERS).find_map(|number| fail(&circuit, number, now));
        let away = |ask| Some(Change::Away { error: "down".into(), orders: limits::AWAY_ORDERS, ask });
        assert_eq!(goes(now), away(true));
        circuit.answered(true, now);
        assert_eq!(goes(now + SECOND), away(false), "somebody asks already");
        circuit.answered(true, now + SECOND);
        assert_eq!(circuit.errand(), Errand::End);
        assert_eq!(goes(now + 2 * SECOND), away(true));
    }

    #[test]
    fn who_answers_look_ups_alone_is_not_back() {
        let now = Instant::now();
        let circuit = away(now);
        circuit.answered(false, now);
        for number in 0..=limits::AWAY_ORDERS {
            assert_eq!(fail(&circuit, number % limits::AWAY_ORDERS, now + SECOND / 2), None, "nothing new");
        }
        assert_eq!(circuit.health(now).0, Presence::Away);
        circuit.answered(false, now);
        assert_eq!(circuit.settle(SECOND, now), None);
        assert_eq!(circuit.settle(SECOND, now + SECOND), Some(Change::Back { after: SECOND }));
    }

    /// Too many at once are the caller's affair, and count; as long as few are let through to one that is just back, they do not.
    #[test]
    fn who_has_no_turn_waits_for_one_that_is_just_back() {
        let now = Instant::now();
        let up = Circuit::new("payment", 4, now);
        assert_eq!(up.crowded(&order(1), now), Cause::own("there was no turn for it".into()));
        let circuit = away(now);
        assert_eq!(&*circuit.crowded(&order(1), now + SECOND).error, "payment has been away for 1 s (down)");
        circuit.answered(true, now);
        let cause = circuit.crowded(&order(1), now);
        assert_eq!((&*cause.error, cause.away), ("there was no turn for it", Some(limits::AWAY_PAUSE)));
    }

    #[test]
    fn a_crowd_asks_more_seldom() {
        let now = Instant::now();
        let circuit = away(now);
        let mut longest = Duration::ZERO;
        for number in 0..20_000 {
            let Admission::Away(cause) = circuit.admit(&order(number), true, now + SECOND * 2) else {
                panic!("it is away")
            };
            longest = longest.max(cause.away.expect("a pause"));
        }
        let Admission::Away(cause) = circuit.admit(&order(1), true, now + SECOND * 4) else { panic!("it is away") };
        assert_eq!((longest, cause.away), (limits::AWAY_PAUSE, Some(limits::AWAY_PAUSE_MOST)));
    }
}
