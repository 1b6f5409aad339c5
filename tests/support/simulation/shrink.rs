//! What is left of a failure once everything is left out that it does without: requests, faults kind by kind and one by one,
//! and whose turn it was. Each choice of a run is worked out from the seed and its own name (`chance.rs`), so that those that
//! stay are what they were; what fails in the end fails for the reason that it failed for at first, and needs each thing
//! that is left.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use super::chance::{Chaos, Choice, Fault};
use super::judge::Violation;
use super::world::World;
use super::{Conditions, Mutation, attempt};

/// So many runs, at most. Most failures take some hundred; one that takes more is told as short as it is by then.
const RUNS: usize = 5_000;

/// A world that fails.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    pub seed: u64,
    pub orders: usize,
    pub chaos: Chaos,
    pub mutation: Mutation,
}

/// What of a world is left: its requests, by their number, and the choices that are other than usual.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub tasks: BTreeSet<usize>,
    pub choices: BTreeSet<Choice>,
}

/// A failure that has become short.
#[derive(Debug, PartialEq, Eq)]
pub struct Shrunk {
    pub seed: u64,
    pub violation: Violation,
    pub script: Script,
    /// What happened, a line an event.
    pub trace: Vec<String>,
    pub runs: usize,
    told: String,
}

impl Subject {
    fn world(&self) -> World {
        World::new(self.seed, self.orders, self.chaos, self.mutation)
    }

    /// Runs what is left; the violation, and what of the script was needed to come there.
    pub fn run(&self, script: &Script) -> Option<(Violation, Script)> {
        let mut world = self.world();
        world.follow(&script.tasks, Some(script.choices.iter().copied().collect::<HashSet<_>>()));
        let violation = attempt(&mut world).err()?;
        let choices = world.chance.made.unwrap_or_default().into_iter().collect();
        Some((violation, Script { tasks: script.tasks.clone(), choices }))
    }

    /// All of it: what there is to leave out.
    fn whole(&self) -> Option<(Violation, Script)> {
        let mut world = self.world();
        let tasks: BTreeSet<usize> = (0..world.tasks.len()).collect();
        world.follow(&tasks, None);
        let violation = attempt(&mut world).err()?;
        let choices = world.chance.made.unwrap_or_default().into_iter().collect();
        Some((violation, Script { tasks, choices }))
    }

    /// The shortest that is found of a failure; `None` where there is none.
    pub fn shrink(&self) -> Option<Shrunk> {
        let (violation, script) = self.whole()?;
        let mut search = Search { subject: self, law: law(&violation), best: script, violation, runs: 1 };
        loop {
            let before = search.size();
            search.tasks();
            search.kinds();
            search.faults();
            search.turns();
            if search.size() == before {
                break;
            }
        }
        let Search { best: script, violation, runs, .. } = search;
        let mut world = self.world();
        world.trace = Some(super::world::Trace::whole());
        world.follow(&script.tasks, Some(script.choices.iter().copied().collect()));
        let again = attempt(&mut world).err();
        assert_eq!(again.as_ref(), Some(&violation), "the same choices, the same steps");
        let trace = world.trace.map(super::world::Trace::into_lines).unwrap_or_default();
        let told = format!("seed {} ({:?}, {:?})", self.seed, self.mutation, Conditions::of(self.seed));
        Some(Shrunk { seed: self.seed, violation, script, trace, runs, told })
    }
}

/// What was broken, whoever it was broken for: what tells two reasons apart.
pub fn law(violation: &str) -> String {
    let named = violation.split_once(": ").filter(|(who, _)| !who.contains(' '));
    let sentence = named.map_or(violation, |(_, sentence)| sentence);
    let sentence = sentence.split(['{', '(', '"', ':', '[']).next().unwrap_or_default();
    let mut law = String::with_capacity(sentence.len());
    for letter in sentence.trim().chars() {
        if !letter.is_ascii_digit() {
            law.push(letter);
        } else if !law.ends_with('#') {
            law.push('#');
        }
    }
    law
}

struct Search<'a> {
    subject: &'a Subject,
    law: String,
    best: Script,
    violation: Violation,
    runs: usize,
}

impl Search<'_> {
    fn size(&self) -> (usize, usize) {
        (self.best.tasks.len(), self.best.choices.len())
    }

    /// Whether it fails for the same reason with so much left out; then that is what is left.
    fn fails(&mut self, script: &Script) -> bool {
        if self.runs >= RUNS {
            return false;
        }
        self.runs += 1;
        let Some((violation, needed)) = self.subject.run(script) else { return false };
        let same = law(&violation) == self.law;
        if same {
            (self.best, self.violation) = (needed, violation);
        }
        same
    }

    fn tasks(&mut self) {
        let items: Vec<usize> = self.best.tasks.iter().copied().collect();
        reduce(items, |left| {
            let script = Script { tasks: left.iter().copied().collect(), choices: self.best.choices.clone() };
            self.fails(&script).then(|| left.to_vec())
        });
    }

    /// Each kind of fault as a whole.
    fn kinds(&mut self) {
        for kind in Fault::ALL {
            let is_kind = |choice: &&Choice| matches!(choice, Choice::Fault(fault, _) if fault == kind);
            if self.best.choices.iter().any(|choice| is_kind(&choice)) {
                let choices = self.best.choices.iter().filter(|choice| !is_kind(choice)).copied().collect();
                self.fails(&Script { tasks: self.best.tasks.clone(), choices });
            }
        }
    }

    fn faults(&mut self) {
        self.choices(|choice| matches!(choice, Choice::Fault(..)));
    }

    fn turns(&mut self) {
        self.choices(|choice| matches!(choice, Choice::Turn(..)));
    }

    fn choices(&mut self, of: fn(&Choice) -> bool) {
        let items: Vec<Choice> = self.best.choices.iter().filter(|choice| of(choice)).copied().collect();
        reduce(items, |left| {
            let others = self.best.choices.iter().filter(|choice| !of(choice));
            let choices = others.chain(left).copied().collect();
            let fails = self.fails(&Script { tasks: self.best.tasks.clone(), choices });
            fails.then(|| self.best.choices.iter().filter(|choice| of(choice)).copied().collect())
        });
    }
}

/// Leaves out whatever it can, in ever smaller pieces: all, a half, a quarter, down to each by itself (ddmin; Zeller and
/// Hildebrandt, 2002). `fails` says what is left where it fails still.
fn reduce<T: Copy>(mut items: Vec<T>, mut fails: impl FnMut(&[T]) -> Option<Vec<T>>) {
    let mut piece = items.len();
    while piece > 0 && !items.is_empty() {
        let mut at = 0;
        while at < items.len() {
            let end = (at + piece).min(items.len());
            let without: Vec<T> = items[..at].iter().chain(&items[end..]).copied().collect();
            match fails(&without) {
                Some(left) => items = left,
                None => at = end,
            }
        }
        piece /= 2;
    }
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { violation, script, trace, runs, told, .. } = self;
        let (requests, choices) = (script.tasks.len(), script.choices.len());
        writeln!(f, "{violation}")?;
        writeln!(f, "{told} shrinks in {runs} runs to {requests} requests and {choices} choices:")?;
        script.choices.iter().try_for_each(|choice| writeln!(f, "  {choice}"))?;
        writeln!(f, "what happens then:")?;
        trace.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
