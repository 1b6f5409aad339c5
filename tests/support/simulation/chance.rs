//! What is left to chance in a world: which faults strike, and whose turn it is. Each choice has a name, its kind and how
//! many of that kind came before it, and is worked out from the seed and that name alone. So a run can be run again with
//! some of its choices left out, and the others stay what they were: that is how a failure shrinks (`shrink.rs`).

use std::collections::HashSet;
use std::fmt;

use super::rng::{Rng, mix};

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $most:literal;)*) => {
        /// What may go wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// It in words.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// On the worst of days it strikes once in so many chances that it has.
            fn most(self) -> usize {
                match self { $(Self::$name => $most,)* }
            }
        }
    };
}

faults! {
    // At each step.
    ActorCrash = "an actor dies", 15;
    ActorHang = "an actor hangs", 20;
    ShardCrash = "a shard dies", 200;
    EngineCrash = "an engine dies", 300;
    EngineLeaves = "an engine leaves in order", 1_500;
    Away = "a participant stays away", 300;
    Webhook = "a participant tells of nothing new", 100;
    Operator = "an operator speaks", 40;
    // At each answer of the store.
    ReadLost = "an answer of the store is lost", 4;
    CommitLostBefore = "a write is lost", 5;
    CommitLostAfter = "a write is done, and nobody hears of it", 4;
    CommitInjected = "a commit fails", 10;
    CommitLocked = "a commit waits for a lock in vain", 20;
    SweepLost = "the claims of a sweep are lost", 3;
    NotificationLost = "the notification of an end is lost", 4;
    // At each call.
    RequestLost = "a request is lost", 4;
    RequestDoubled = "a request comes twice", 3;
    RequestLate = "a request comes late", 4;
    AnswerLost = "an answer is lost", 4;
    AnswerTwice = "an answer comes twice", 3;
    AnswerLate = "an answer comes late", 4;
    FailsBefore = "a participant fails before its effect", 4;
    FailsAfter = "a participant fails behind its effect", 4;
    Pends = "a participant accepts, and decides later", 4;
    Refuses = "a participant refuses", 12;
    Contradicts = "a participant contradicts the order", 60;
    WebhookLost = "a webhook is lost", 4;
    WebhookTwice = "a webhook comes twice", 3;
    WebhookLate = "a webhook comes late", 4;
    // At each act of a relay.
    RelayDies = "a relay dies", 40;
    RelayStalls = "a relay stalls beyond its lease", 40;
    FeedLost = "a step of the feed is lost", 20;
    NotTaken = "a sink takes nothing", 20;
    TakenUnheard = "a sink takes it, and nobody hears of it", 20;
    WitnessLost = "a witness is lost", 10;
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whose turn it is, and when. Where one is left out, the usual thing happens: first come, first served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// How much time passes before a step.
    Pass,
    /// Whether a client asks though letters are there.
    Asks,
    /// Which client.
    Client,
    /// Which engine.
    Engine,
    /// Which letter is read next.
    Letter,
    /// How long something is on its way.
    Way,
}

impl Turn {
    const ALL: [Self; 6] = [Self::Pass, Self::Asks, Self::Client, Self::Engine, Self::Letter, Self::Way];
}

/// A choice by its name: the how manieth of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Choice {
    Fault(Fault, u32),
    Turn(Turn, u32),
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault, nth) => write!(f, "{fault} ({fault:?} #{nth})"),
            Self::Turn(turn, nth) => write!(f, "{turn:?} #{nth}"),
        }
    }
}

/// How often things go wrong: once in so many times, 0 for never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chaos([usize; Fault::ALL.len()]);

impl Chaos {
    pub const NONE: Self = Self([0; Fault::ALL.len()]);

    /// A bad day, a different one for each seed; a good one now and then.
    pub fn of(seed: u64) -> Self {
        if seed.is_multiple_of(16) {
            return Self::NONE;
        }
        let mut rng = Rng::new(!seed);
        let mut often = |most: usize| if rng.one_in(4) { 0 } else { most + rng.below(10 * most) };
        Self(std::array::from_fn(|fault| often(Fault::ALL[fault].most())))
    }

    pub fn often(&self, fault: Fault) -> usize {
        self.0[fault as usize]
    }

    pub fn with(mut self, fault: Fault, often: usize) -> Self {
        self.0[fault as usize] = often;
        self
    }
}

/// The chance of one run.
pub struct Chance {
    seed: u64,
    faults: [u32; Fault::ALL.len()],
    turns: [u32; Turn::ALL.len()],
    /// How often which fault struck.
    pub struck: [u32; Fault::ALL.len()],
    /// What the fault that struck last is like, and whatever else nobody leaves out.
    detail: Rng,
    /// The choices that may be other than usual; all where it is `None`.
    only: Option<HashSet<Choice>>,
    /// What was chosen and was not the usual thing, where that is to be known.
    pub made: Option<Vec<Choice>>,
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        let (faults, struck) = ([0; Fault::ALL.len()], [0; Fault::ALL.len()]);
        let turns = [0; Turn::ALL.len()];
        Self { seed, faults, turns, struck, detail: Rng::new(mix(seed)), only: None, made: None }
    }

    /// The same with no other choices than these, and with a record of those that are made.
    pub fn recorded(self, only: Option<HashSet<Choice>>) -> Self {
        Self { only, made: Some(Vec::new()), ..self }
    }

    /// What a choice comes to: the same number whatever was chosen before.
    fn number(&self, kind: u64, nth: u32) -> u64 {
        mix(self.seed ^ mix((kind << 32) | u64::from(nth)))
    }

    fn makes(&mut self, choice: Choice) -> bool {
        let allowed = self.only.as_ref().is_none_or(|only| only.contains(&choice));
        if allowed && let Some(made) = &mut self.made {
            made.push(choice);
        }
        allowed
    }

    /// Whether a fault strikes that does so once in so many times; 0 is never.
    pub fn strikes(&mut self, fault: Fault, often: usize) -> bool {
        if often == 0 {
            return false;
        }
        let nth = self.faults[fault as usize];
        self.faults[fault as usize] += 1;
        let number = self.number(fault as u64, nth);
        let strikes = number.is_multiple_of(often as u64) && self.makes(Choice::Fault(fault, nth));
        if strikes {
            self.struck[fault as usize] += 1;
            self.detail = Rng::new(!number);
        }
        strikes
    }

    /// A number below `bound`, or the usual thing.
    pub fn turn(&mut self, turn: Turn, bound: usize) -> Option<usize> {
        let nth = self.turns[turn as usize];
        self.turns[turn as usize] += 1;
        let number = self.number(1_000 + turn as u64, nth);
        let one = usize::try_from(number % bound as u64).unwrap_or_default();
        self.makes(Choice::Turn(turn, nth)).then_some(one)
    }

    /// Of the fault that struck last, or of something that happens either way.
    pub fn detail(&mut self) -> &mut Rng {
        &mut self.detail
    }
}
