//! The judge: one order as a sequential machine, written from the interface alone, and a search for an order of the operations
//! in which that machine would have answered as the engines did, none before it was asked and none after it had been answered
//! (linearizability: Herlihy and Wing 1990; the search is Wing and Gong's, with what was seen remembered as Lowe has it, 2017).

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

/// What an order is charged.
pub const AMOUNT: i64 = 3998;

/// Where an order stands, with participants that are local and a capture by hand: every verb is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum State {
    Absent,
    Authorized,
    Completed,
    Cancelled,
}

/// What clients ask. Whoever names the same key asks the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Ask {
    Submit,
    Read,
    Capture { key: u8 },
    Cancel { key: u8 },
    Refund { key: u8, amount: i64 },
}

/// What they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Told {
    NotFound,
    /// 201 about the submission, the same for ever.
    Placed,
    /// The order as it is shown.
    Seen(State, i64),
    /// 201 about a verb.
    Done,
    WrongState(State),
    ExceedsCharge,
}

/// One operation, by the clients' clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Operation {
    pub client: u8,
    pub ask: Ask,
    pub asked: u64,
    /// Nothing, where there was no answer: it may take effect at any time since, or never.
    pub told: Option<(u64, Told)>,
}

/// One order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Order {
    state: State,
    refunded: i64,
    /// What was said under each key.
    keys: BTreeMap<u8, Told>,
}

impl Order {
    fn ask(&mut self, ask: Ask) -> Told {
        let (key, verb): (u8, fn(&mut Self, i64) -> Told) = match ask {
            Ask::Submit => {
                if self.state == State::Absent {
                    self.state = State::Authorized;
                }
                return Told::Placed;
            }
            Ask::Read if self.state == State::Absent => return Told::NotFound,
            Ask::Read => return Told::Seen(self.state, self.refunded),
            Ask::Capture { key } => (key, |order, _| order.leave_authorized(State::Completed)),
            Ask::Cancel { key } => (key, |order, _| order.leave_authorized(State::Cancelled)),
            Ask::Refund { key, .. } => (key, Self::refund),
        };
        if let Some(told) = self.keys.get(&key) {
            return *told;
        }
        if self.state == State::Absent {
            return Told::NotFound; // An order that is not there keeps no keys.
        }
        let told = verb(self, if let Ask::Refund { amount, .. } = ask { amount } else { 0 });
        self.keys.insert(key, told);
        told
    }

    fn leave_authorized(&mut self, to: State) -> Told {
        if self.state != State::Authorized {
            return Told::WrongState(self.state);
        }
        self.state = to;
        Told::Done
    }

    fn refund(&mut self, amount: i64) -> Told {
        if self.state != State::Completed {
            return Told::WrongState(self.state);
        }
        if self.refunded + amount > AMOUNT {
            return Told::ExceedsCharge;
        }
        self.refunded += amount;
        Told::Done
    }
}

/// Whether there is such an order of these operations, all of one order, at most 64.
pub fn is_linearizable(history: &[Operation]) -> bool {
    assert!(history.len() <= 64, "a history of {} operations", history.len());
    let first = Order { state: State::Absent, refunded: 0, keys: BTreeMap::new() };
    let answered = (0..history.len()).filter(|one| history[*one].told.is_some()).fold(0, |all, one| all | 1_u64 << one);
    let (mut ahead, mut seen) = (vec![(0_u64, first)], HashSet::new());
    while let Some((done, order)) = ahead.pop() {
        if done & answered == answered {
            return true;
        }
        let open = || history.iter().enumerate().filter(|(one, _)| done & (1 << one) == 0);
        // Whoever was asked later than another had its answer comes after it.
        let until = open().filter_map(|(_, operation)| Some(operation.told?.0)).min().unwrap_or(u64::MAX);
        for (one, operation) in open().filter(|(_, operation)| operation.asked <= until) {
            let mut next = order.clone();
            let told = next.ask(operation.ask);
            let fits = operation.told.is_none_or(|(_, as_told)| as_told == told);
            let next = (done | 1 << one, next);
            if fits && seen.insert(next.clone()) {
                ahead.push(next);
            }
        }
    }
    false
}

/// An operation that was under way from then to then.
fn took(asked: u64, answered: u64, ask: Ask, told: Told) -> Operation {
    Operation { client: 0, ask, asked, told: Some((answered, told)) }
}

const SUBMIT: Ask = Ask::Submit;
const CAPTURE: Ask = Ask::Capture { key: 0 };
const CANCEL: Ask = Ask::Cancel { key: 2 };

#[test]
fn what_could_have_been_one_after_the_other_is_taken() {
    let lost = |asked, ask| Operation { client: 0, ask, asked, told: None };
    let part = |key| Ask::Refund { key, amount: 2500 };
    for history in [
        vec![],
        vec![took(1, 2, Ask::Read, Told::NotFound), took(3, 4, SUBMIT, Told::Placed)],
        // At once, either comes first.
        vec![took(1, 9, SUBMIT, Told::Placed), took(2, 8, Ask::Read, Told::NotFound)],
        vec![took(1, 9, SUBMIT, Told::Placed), took(2, 8, Ask::Read, Told::Seen(State::Authorized, 0))],
        vec![
            took(1, 2, SUBMIT, Told::Placed),
            took(3, 9, CAPTURE, Told::WrongState(State::Cancelled)),
            took(4, 8, CANCEL, Told::Done),
        ],
        // What was not answered was done, much later, or never.
        vec![
            lost(1, SUBMIT),
            took(2, 3, Ask::Read, Told::NotFound),
            took(4, 5, Ask::Read, Told::Seen(State::Authorized, 0)),
        ],
        vec![lost(1, SUBMIT), took(2, 3, Ask::Read, Told::NotFound)],
        // A repeat under its key is told what was told first, whatever happened since.
        vec![
            took(1, 2, SUBMIT, Told::Placed),
            took(3, 4, part(4), Told::WrongState(State::Authorized)),
            took(5, 6, CAPTURE, Told::Done),
            took(7, 8, part(4), Told::WrongState(State::Authorized)),
            took(9, 10, part(5), Told::Done),
            took(11, 12, part(6), Told::ExceedsCharge),
            took(13, 14, Ask::Read, Told::Seen(State::Completed, 2500)),
            took(15, 16, SUBMIT, Told::Placed),
        ],
    ] {
        assert!(is_linearizable(&history), "{history:#?}");
    }
}

#[test]
fn what_could_not_is_refused() {
    let part = |key| Ask::Refund { key, amount: 2500 };
    let placed = took(1, 2, SUBMIT, Told::Placed);
    let captured = [placed, took(3, 4, CAPTURE, Told::Done)];
    for (what, more) in [
        ("an order that was acknowledged and is not there", vec![placed, took(3, 4, Ask::Read, Told::NotFound)]),
        ("a look into the past", [&captured[..], &[took(5, 6, Ask::Read, Told::Seen(State::Authorized, 0))]].concat()),
        ("two that both won", [&captured[..], &[took(3, 4, CANCEL, Told::Done)]].concat()),
        (
            "a refusal that names a state that was not",
            [&captured[..], &[took(5, 6, CANCEL, Told::WrongState(State::Cancelled))]].concat(),
        ),
        (
            "more given back than was paid",
            [&captured[..], &[took(5, 9, part(4), Told::Done), took(5, 9, part(5), Told::Done)]].concat(),
        ),
        (
            "money given back twice under one key",
            [
                &captured[..],
                &[took(5, 9, Ask::Refund { key: 4, amount: 1000 }, Told::Done)],
                &[took(5, 9, Ask::Refund { key: 4, amount: 1000 }, Told::Done)],
                &[took(10, 11, Ask::Read, Told::Seen(State::Completed, 2000))],
            ]
            .concat(),
        ),
        (
            "a repeat that is told something else",
            vec![
                placed,
                took(3, 4, part(4), Told::WrongState(State::Authorized)),
                captured[1],
                took(7, 8, part(4), Told::Done),
            ],
        ),
        (
            "a read that goes back",
            [
                &captured[..1],
                &[took(3, 9, CAPTURE, Told::Done)],
                &[took(4, 5, Ask::Read, Told::Seen(State::Completed, 0))],
                &[took(6, 7, Ask::Read, Told::Seen(State::Authorized, 0))],
            ]
            .concat(),
        ),
        ("an effect of nobody's", vec![placed, took(3, 4, Ask::Read, Told::Seen(State::Cancelled, 0))]),
    ] {
        assert!(!is_linearizable(&more), "{what}: {more:#?}");
    }
}
