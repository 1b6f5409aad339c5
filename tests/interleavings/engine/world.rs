//! Everything at one moment, in 32 bytes: the rows, the two instances, what is on its way between them and the
//! participants, the participants' ledgers, and what may still go wrong. And every next moment.
//!
//! What is lost needs no move of its own: a search that goes on without delivering a call, or an answer, has seen it lost.

use super::super::{ASK, Action8, Broken, CALLS, Held, Ledger, RUN, Said, kind, serve};
use super::database::{Asked, Rows, Told};
use super::instance::EngineNo;
use counterfoil::saga::{Action, CallKind};

/// What an instance waits for of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    None,
    Asked(Asked),
    Told(Told),
}

impl Op {
    fn packed(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Asked(asked) => 1 << 16 | u64::from(asked),
            Self::Told(told) => 2 << 16 | u64::from(told),
        }
    }
}

/// A participant's answer that an instance waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) call: Action8,
    /// Whether it only asks what became of the call.
    pub(super) looks: bool,
    pub(super) at: At,
}

/// Where a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// On its way to the participant.
    Way,
    /// Beyond the bound of sends, so that it gets nowhere.
    Lost,
    /// Answered; the answer is on its way back.
    Back(Said),
}

pub(super) const SAYS: [Said; 6] =
    [Said::Done, Said::DoneCharged, Said::Tombstone, Said::Refused, Said::Absent, Said::Unknown];

impl Wait {
    fn packed(self) -> u8 {
        let at = match self.at {
            At::Way => 0,
            At::Lost => 1,
            At::Back(said) => 2 + said as u8,
        };
        at << 5 | u8::from(self.looks) << 4 | (self.call + 1)
    }

    fn unpacked(byte: u8) -> Option<Self> {
        let call = (byte & 15).checked_sub(1)?;
        let at = match byte >> 5 {
            0 => At::Way,
            1 => At::Lost,
            back => At::Back(SAYS[usize::from(back) - 2]),
        };
        Some(Self { call, looks: byte >> 4 & 1 == 1, at })
    }
}

/// The answers that an instance waits for, in order, so that two which wait for the same are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Waits([u8; 4]);

impl Waits {
    /// How many there may be.
    pub(super) const PLACES: usize = 4;

    pub(super) fn get(self, at: usize) -> Option<Wait> {
        if self.0[at] == 0 { None } else { Wait::unpacked(self.0[at]) }
    }

    pub(super) fn is_empty(self) -> bool {
        self.0[Self::PLACES - 1] == 0
    }

    pub(super) fn put(&mut self, wait: Wait) {
        assert_eq!(self.0[0], 0, "an instance waits for no more than four answers");
        self.0[0] = wait.packed();
        let mut at = 0;
        while at + 1 < Self::PLACES && self.0[at] > self.0[at + 1] {
            self.0.swap(at, at + 1);
            at += 1;
        }
    }

    pub(super) fn take(&mut self, mut at: usize) {
        while at > 0 {
            self.0[at] = self.0[at - 1];
            at -= 1;
        }
        self.0[0] = 0;
    }
}

/// A small number for each action: two bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts(u32);

impl Counts {
    pub(super) fn of(self, call: Action8) -> u8 {
        (self.0 >> (2 * call) & 3) as u8
    }

    /// `None` where it would not fit; no bound is that high.
    pub(super) fn plus(self, call: Action8) -> Option<Self> {
        (self.of(call) < 3).then(|| Self(self.0 + (1 << (2 * call))))
    }

    pub(super) fn minus(self, call: Action8) -> Self {
        Self(self.0 - (1 << (2 * call)))
    }

    /// Without those of the calls that these bits name.
    pub(super) fn without(self, calls: u32) -> Self {
        Self(self.0 & !calls)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What may still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    Submit,
    Crash,
    Takeover,
    Cancel,
    Capture,
    Expiry,
    ProviderExpiry,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Left(u16);

impl Left {
    pub(super) fn with(self, chance: Chance, often: u16) -> Self {
        Self(self.0 | often << (2 * chance as u16))
    }

    pub(super) fn of(self, chance: Chance) -> u16 {
        self.0 >> (2 * chance as u16) & 3
    }

    pub(super) fn take(self, chance: Chance) -> Option<Self> {
        (self.of(chance) > 0).then(|| Self(self.0 - (1 << (2 * chance as u16))))
    }

    pub(super) fn without(self, chance: Chance) -> Self {
        Self(self.0 & !(3 << (2 * chance as u16)))
    }
}

pub(super) type LedgerNo = u16;

/// No instance.
pub(super) const NOBODY: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct World {
    pub(super) rows: Rows,
    /// Whose lease the rows tell of; [`NOBODY`] where it is over, or its holder gone.
    pub(super) owner: u8,
    pub(super) engines: [EngineNo; 2],
    pub(super) ops: [Op; 2],
    pub(super) waits: [Waits; 2],
    /// Writes whose instance, or actor, is gone: they may happen all the same.
    pub(super) orphans: [Option<Asked>; 2],
    /// Calls that nobody waits for any more: they may arrive all the same.
    pub(super) late: Counts,
    /// How often each call left.
    pub(super) sent: Counts,
    pub(super) ledger: LedgerNo,
    pub(super) left: Left,
}

impl World {
    /// Two worlds are the same where this is.
    pub(super) fn packed(&self) -> [u64; 4] {
        let [one, two] = self.engines.map(u64::from);
        let [mine, yours] = self.ops.map(Op::packed);
        let [a, b] = self.waits.map(|waits| u64::from(u32::from_le_bytes(waits.0)));
        let orphan = |orphan: Option<Asked>| orphan.map_or(0, |asked| u64::from(asked) + 1);
        let [first, second] = self.orphans.map(orphan);
        assert!(one.max(two) < 1 << 20 && first.max(second) < 1 << 12, "they fit");
        // What is left has 14 bits: eight behind the instances, the others behind the ledger.
        let left = u64::from(self.left.0);
        [
            u64::from(self.rows) | one << 16 | two << 36 | (left & 255) << 56,
            mine | yours << 20 | u64::from(self.ledger) << 40 | (left >> 8) << 56 | u64::from(self.owner) << 62,
            a | b << 32,
            u64::from(self.late.0) | u64::from(self.sent.0) << 20 | first << 40 | second << 52,
        ]
    }

    /// Which instance is which makes no difference: the one whose state has the lower number comes first. Whether they
    /// changed places.
    pub(super) fn sort(&mut self) -> bool {
        let rank = |who: usize| (self.engines[who], self.ops[who].packed(), self.waits[who].0);
        let swaps = rank(0) > rank(1);
        if swaps {
            self.engines.swap(0, 1);
            self.ops.swap(0, 1);
            self.waits.swap(0, 1);
            self.owner = [1, 0, NOBODY][usize::from(self.owner)];
        }
        swaps
    }

    pub(super) fn orphan(&mut self, asked: Asked) -> bool {
        let Some(free) = self.orphans.iter_mut().find(|orphan| orphan.is_none()) else { return false };
        *free = Some(asked);
        self.orphans.sort_unstable();
        true
    }
}

/// The participants' ledgers that were met, and what they make of a call: found out once.
pub(super) struct Ledgers {
    broken: Broken,
    pub(super) known: Vec<Ledger>,
    served: Vec<Vec<(LedgerNo, Said)>>,
    inert: Vec<Option<([Option<Said>; CALLS], u32)>>,
}

impl Ledgers {
    pub(super) fn new(broken: Broken) -> Self {
        Self { broken, known: vec![Ledger::default()], served: Vec::new(), inert: Vec::new() }
    }

    pub(super) fn get(&self, ledger: LedgerNo) -> &Ledger {
        &self.known[usize::from(ledger)]
    }

    pub(super) fn intern(&mut self, ledger: Ledger) -> LedgerNo {
        let known = self.known.iter().position(|known| *known == ledger);
        let number = known.unwrap_or_else(|| {
            self.known.push(ledger);
            self.known.len() - 1
        });
        LedgerNo::try_from(number).expect("few of them")
    }

    /// What may come of a call.
    pub(super) fn serve(&mut self, ledger: LedgerNo, call: Action8) -> &[(LedgerNo, Said)] {
        let at = usize::from(ledger) * CALLS + usize::from(call);
        if self.served.get(at).is_none_or(Vec::is_empty) {
            let before = *self.get(ledger);
            let told = |said| if is_tombstone(&before, kind(call)) { Said::Unknown } else { said };
            let all = serve(before, kind(call), self.broken);
            let all: Vec<_> = all.into_iter().map(|(after, said)| (self.intern(after), told(said))).collect();
            if self.served.len() <= at {
                self.served.resize(at + 1, Vec::new());
            }
            self.served[at] = all;
        }
        &self.served[at]
    }

    /// The answer to a call that changes nothing any more, whenever it arrives: its key has its outcome for ever.
    pub(super) fn inert(&mut self, ledger: LedgerNo, call: Action8) -> Option<Said> {
        self.all_inert(ledger).0[usize::from(call)]
    }

    /// The same of every call, and as the bits of [`Counts`].
    pub(super) fn all_inert(&mut self, ledger: LedgerNo) -> ([Option<Said>; CALLS], u32) {
        if let Some(Some(known)) = self.inert.get(usize::from(ledger)) {
            return *known;
        }
        let keeps = !matches!(self.broken, Broken::Key | Broken::Tombstone);
        let mut all = ([None; CALLS], 0);
        for call in 0..CALLS as Action8 {
            if let [(after, said)] = self.serve(ledger, call)
                && keeps
                && *after == ledger
            {
                all.0[usize::from(call)] = Some(*said);
                all.1 |= 3 << (2 * call);
            }
        }
        if self.inert.len() <= usize::from(ledger) {
            self.inert.resize(usize::from(ledger) + 1, None);
        }
        self.inert[usize::from(ledger)] = Some(all);
        all
    }

    /// What a participant tells of a call that it may have had. What it tells of an undo is left to silence, which
    /// sends the order to a human.
    pub(super) fn look_up(&self, ledger: LedgerNo, call: Action8) -> Option<Said> {
        let ledger = self.get(ledger);
        let step = |held: Held, undone: bool| match held {
            Held::Nothing => Said::Absent,
            Held::Done if undone => Said::Unknown,
            Held::Done => Said::Done,
            Held::Refused => Said::Refused,
            Held::Tombstone => Said::Unknown,
        };
        if matches!(call, RUN | ASK) {
            return Some(step(ledger.run, ledger.undos > 0));
        }
        let CallKind::Act(action) = kind(call) else {
            return Some(match ledger {
                Ledger { charges, refunds, .. } if charges > refunds => Said::DoneCharged,
                Ledger { charges: 1.., .. } | Ledger { authorize: Held::Done, .. } => Said::Done,
                _ => Said::Absent,
            });
        };
        Some(match action {
            Action::Reserve => step(ledger.reserve, ledger.releases > 0),
            Action::Charge => step(ledger.charge, ledger.refunds > 0),
            Action::Authorize => step(ledger.authorize, ledger.dead),
            Action::Capture => step(ledger.capture, ledger.refunds > 0),
            Action::Ship => step(ledger.ship, ledger.cancels > 0),
            Action::CancelShipment | Action::Release | Action::Void | Action::Refund | Action::Run | Action::Undo => {
                return None;
            }
        })
    }
}

/// The client of the contract takes the refusal of a key that was undone for no outcome.
fn is_tombstone(ledger: &Ledger, call: CallKind) -> bool {
    let CallKind::Act(action) = call else { return false };
    let held = match action {
        Action::Reserve => ledger.reserve,
        Action::Charge => ledger.charge,
        Action::Authorize => ledger.authorize,
        Action::Capture => ledger.capture,
        Action::Ship => ledger.ship,
        Action::Run => ledger.run,
        Action::Release | Action::Void | Action::Refund | Action::CancelShipment | Action::Undo => {
            return false;
        }
    };
    held == Held::Tombstone
}

/// The worlds that were met, each with its number: a table without steps between its entries, which a build without
/// optimisation searches several times as fast as the standard one.
pub(super) struct Numbers {
    keys: Vec<[u64; 4]>,
    /// Half of a hash, and behind it the number of its key; an empty one has no number.
    slots: Vec<u64>,
}

const EMPTY: u64 = u32::MAX as u64;

impl Numbers {
    pub(super) fn new() -> Self {
        Self { keys: Vec::new(), slots: vec![EMPTY; 1 << 16] }
    }

    /// The number of a world, and whether it is new.
    pub(super) fn of(&mut self, key: [u64; 4]) -> (u32, bool) {
        let hash = hash(&key);
        let slot = self.slot(hash, &key);
        if self.slots[slot] != EMPTY {
            return (self.slots[slot] as u32, false);
        }
        let number = self.keys.len() as u64;
        self.slots[slot] = hash & !EMPTY | number;
        self.keys.push(key);
        if self.keys.len() * 2 > self.slots.len() {
            self.grow();
        }
        (number as u32, true)
    }

    fn grow(&mut self) {
        self.slots = vec![EMPTY; self.slots.len() * 4];
        let mask = self.slots.len() - 1;
        let mut at = 0;
        while at < self.keys.len() {
            let hash = hash(&self.keys[at]);
            let mut slot = hash as usize & mask;
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = hash & !EMPTY | at as u64;
            at += 1;
        }
    }

    /// Where a key is, or would be.
    fn slot(&self, hash: u64, key: &[u64; 4]) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found == EMPTY {
                return slot;
            }
            if (found ^ hash) >> 32 == 0 {
                let known = &self.keys[found as u32 as usize];
                if known[0] == key[0] && known[1] == key[1] && known[2] == key[2] && known[3] == key[3] {
                    return slot;
                }
            }
            slot = (slot + 1) & mask;
        }
    }
}

fn hash(key: &[u64; 4]) -> u64 {
    let odd = [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0xD6E8_FEB8_6659_FD93];
    let mut hash: u64 = 0;
    let mut at = 0;
    while at < 4 {
        hash = (hash ^ key[at]).wrapping_mul(odd[at]);
        hash ^= hash >> 29;
        at += 1;
    }
    hash
}
