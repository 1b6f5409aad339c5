//! A database that gives its transactions' numbers away as PostgreSQL does, late commits, crashes, promotions and restores
//! included, and a judge that knows nothing of positions: each row that stays is read once, those of an order in their
//! order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use proptest::prelude::*;

use super::*;

/// How the database under test is read.
type Read = fn(&Position, &Snapshot, &[Row], bool, u64) -> Position;

fn rightly(from: &Position, snapshot: &Snapshot, rows: &[Row], whole: bool, _: u64) -> Position {
    from.after(snapshot, rows, whole)
}

/// A control: remembers nobody who is open.
fn forgetful(from: &Position, snapshot: &Snapshot, rows: &[Row], whole: bool, _: u64) -> Position {
    from.after(&Snapshot { open: Vec::new(), ..snapshot.clone() }, rows, whole)
}

/// A control: goes as far as the snapshot does, as if numbers were given away once.
fn hasty(from: &Position, snapshot: &Snapshot, rows: &[Row], whole: bool, xmax: u64) -> Position {
    let mut after = from.after(snapshot, rows, whole);
    if whole && after.epoch == from.epoch && xmax > after.upto {
        let passed = snapshot.open.iter().filter(|open| (after.upto..xmax).contains(open));
        after.missing.extend(passed.map(|number| (from.epoch, *number)));
        after.missing.sort_unstable();
        after.upto = xmax;
    }
    after
}

/// A control: takes an epoch for over without asking who may still write to it.
fn abrupt(from: &Position, snapshot: &Snapshot, rows: &[Row], whole: bool, _: u64) -> Position {
    let after = from.after(snapshot, rows, whole);
    if after.epoch > from.epoch { Position { missing: Vec::new(), ..after } } else { after }
}

#[derive(Debug, Clone)]
enum Deed {
    /// A transaction gets its number, and decides on the next versions of these orders as it sees them.
    Begin(Vec<u8>),
    /// One of the open ones decides on more, when its number is old already.
    Decide(usize, Vec<u8>),
    /// One of the open ones commits; rolls back; is prepared.
    Commit(usize),
    Rollback(usize),
    Prepare(usize),
    /// The server dies: what is open is gone, but for what is prepared, and numbers go back as far as they may.
    Crash,
    /// A standby takes over: the same, and the epoch is another one.
    Promote,
    /// The rows come into a cluster whose numbers are at this; what was open or prepared is gone.
    Restore(u64),
    /// A step of so many rows.
    Step(usize),
}

#[derive(Debug, Clone)]
struct Open {
    number: u64,
    epoch: i32,
    /// Order and version.
    writes: Vec<(u8, i32)>,
    prepared: bool,
}

struct Database {
    next: u64,
    epoch: i32,
    /// The epoch in which the rows came into this cluster.
    cluster: i32,
    open: Vec<Open>,
    rows: BTreeSet<Row>,
    versions: HashMap<u8, i32>,
    /// Whose order has a writer.
    busy: BTreeSet<u8>,
    /// Whether a version is refused whose transaction is older than that of the version before it (the trigger).
    fenced: bool,
}

impl Database {
    fn new() -> Self {
        let (open, rows) = (Vec::new(), BTreeSet::new());
        let (versions, busy) = (HashMap::new(), BTreeSet::new());
        Self { next: 100, epoch: 1, cluster: 1, open, rows, versions, busy, fenced: true }
    }

    fn begin(&mut self, orders: &[u8]) {
        let number = self.next;
        self.next += 1;
        self.open.push(Open { number, epoch: self.epoch, writes: Vec::new(), prepared: false });
        self.decide(self.open.len() - 1, orders);
    }

    fn decide(&mut self, which: usize, orders: &[u8]) {
        let Some(which) = which.checked_rem(self.open.len()) else { return };
        let (number, epoch) = (self.open[which].number, self.open[which].epoch);
        if self.open[which].prepared {
            return;
        }
        for order in orders {
            let newer = |row: &Row| row.order_id == order.to_string() && row.xact > Xact { epoch, number };
            let refused = self.fenced && self.rows.iter().any(newer);
            // Its guard keeps everybody else from an order that somebody is about to move.
            if !refused && self.busy.insert(*order) {
                let version = self.versions.get(order).copied().unwrap_or(0) + 1;
                self.open[which].writes.push((*order, version));
            }
        }
    }

    fn end(&mut self, which: usize, commits: bool) {
        if self.open.is_empty() {
            return;
        }
        let ended = self.open.remove(which % self.open.len());
        for (order, version) in ended.writes {
            self.busy.remove(&order);
            if commits {
                self.versions.insert(order, version);
                let xact = Xact { epoch: ended.epoch, number: ended.number };
                self.rows.insert(Row { xact, order_id: order.to_string(), first_version: version });
            }
        }
    }

    /// What is lost with the server is what nobody promised.
    fn lose(&mut self, keep_prepared: bool) {
        let lost = |open: &Open| !(open.prepared && keep_prepared);
        while let Some(which) = self.open.iter().position(lost) {
            self.end(which, false);
        }
    }

    /// The lowest number that may be given away next: above all that reached the disk, which a promotion keeps.
    fn lowest(&self) -> u64 {
        let rows = self.rows.iter().filter(|row| row.xact.epoch >= self.cluster).map(|row| row.xact.number);
        rows.chain(self.open.iter().map(|open| open.number)).max().map_or(100, |number| number + 1)
    }

    fn act(&mut self, deed: &Deed) {
        match deed {
            Deed::Begin(orders) => self.begin(orders),
            Deed::Decide(which, orders) => self.decide(*which, orders),
            Deed::Commit(which) => self.end(*which, true),
            Deed::Rollback(which) => self.end(*which, false),
            Deed::Prepare(which) => {
                let count = self.open.len().max(1);
                if let Some(open) = self.open.get_mut(which % count) {
                    open.prepared = true;
                }
            }
            Deed::Crash => {
                self.lose(true);
                self.next = self.lowest();
            }
            Deed::Promote => {
                self.lose(true);
                self.next = self.lowest();
                self.epoch += 1;
            }
            Deed::Restore(at) => {
                self.lose(false);
                (self.next, self.epoch) = (100 + at, self.epoch + 1);
                self.cluster = self.epoch;
            }
            Deed::Step(_) => {}
        }
    }

    /// What `store/feed.rs` asks for, and no more.
    fn step(&self, from: &Position, limit: usize) -> (Snapshot, Vec<Row>, bool) {
        let open = self.open.iter().map(|open| open.number).collect();
        let next_epoch = (self.epoch > from.epoch).then_some(from.epoch + 1);
        let (last, missing) = (from.last(), from.missing().collect::<Vec<Xact>>());
        let is_rest = |row: &&Row| from.rest() == Some(row.xact);
        let rest = self.rows.iter().filter(is_rest).filter(|row| last.as_ref().is_some_and(|last| *row > last));
        let late = self.rows.iter().filter(|row| missing.contains(&row.xact) && !is_rest(row));
        let next = self.rows.iter().filter(|row| row.xact.epoch == from.epoch && row.xact.number >= from.upto);
        let seen: Vec<Row> = rest.chain(late).chain(next.filter(|row| !is_rest(row))).cloned().collect();
        let whole = seen.len() < limit;
        (Snapshot { open, next_epoch }, seen.into_iter().take(limit).collect(), whole)
    }
}

/// Somebody who publishes, and the rows that were there before they began.
struct Reader {
    position: Position,
    before: BTreeSet<Row>,
    told: Vec<Row>,
}

impl Reader {
    fn first() -> Self {
        Self { position: Position::beginning(1), before: BTreeSet::new(), told: Vec::new() }
    }

    /// As `Feed::now`.
    fn now(database: &Database) -> Self {
        let is_read = |xact: &Xact| database.rows.iter().any(|row| row.xact == *xact);
        let in_each =
            |open: &Open| (1..=database.epoch).map(|epoch| Xact { epoch, number: open.number }).collect::<Vec<_>>();
        let open = database.open.iter().flat_map(in_each).filter(|xact| !is_read(xact));
        let last = database.rows.last().cloned();
        let position = last.map_or(Position::beginning(1), |row| Position::behind(row, open));
        Self { position, before: database.rows.clone(), told: Vec::new() }
    }

    fn step(&mut self, database: &Database, read: Read, limit: usize) -> Result<bool, String> {
        let (snapshot, rows, whole) = database.step(&self.position, limit);
        let after = read(&self.position, &snapshot, &rows, whole, database.next);
        // A position is kept as text beside what was told.
        let text = serde_json::to_string(&after).map_err(|error| error.to_string())?;
        let after: Position = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let moved = !rows.is_empty() || after != self.position;
        self.position = after;
        self.told.extend(rows);
        Ok(moved)
    }

    fn judge(&self, database: &Database) -> Result<(), String> {
        let mut times: BTreeMap<&Row, usize> = BTreeMap::new();
        for row in &self.told {
            *times.entry(row).or_default() += 1;
        }
        if let Some(lost) = database.rows.difference(&self.before).find(|row| !times.contains_key(row)) {
            return Err(format!("never read: {lost:?}"));
        }
        if let Some((doubled, _)) = times.iter().find(|(row, count)| **count > 1 || self.before.contains(row)) {
            return Err(format!("read twice: {doubled:?}"));
        }
        let mut seen: HashMap<&str, i32> = HashMap::new();
        for row in &self.before {
            let version = seen.entry(&row.order_id).or_default();
            *version = row.first_version.max(*version);
        }
        for row in &self.told {
            let before = seen.insert(&row.order_id, row.first_version).unwrap_or(0);
            if row.first_version != before + 1 {
                return Err(format!("out of order: {row:?} after {before}"));
            }
        }
        Ok(())
    }
}

/// A script to its end, read from the beginning and by somebody who began in its midst; or what is wrong with it.
fn run_in(mut database: Database, script: &[Deed], read: Read) -> Result<(), String> {
    let mut readers = vec![Reader::first()];
    for (index, deed) in script.iter().enumerate() {
        database.act(deed);
        if let Deed::Step(limit) = deed {
            for reader in &mut readers {
                reader.step(&database, read, *limit)?;
            }
        }
        if index == script.len() / 2 {
            readers.push(Reader::now(&database));
        }
    }
    while !database.open.is_empty() {
        database.end(0, true);
    }
    for reader in &mut readers {
        while reader.step(&database, read, 3)? {}
        reader.judge(&database)?;
    }
    Ok(())
}

fn run(script: &[Deed], read: Read) -> Result<(), String> {
    run_in(Database::new(), script, read)
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => prop::collection::vec(0_u8..6, 0..4).prop_map(Deed::Begin),
        2 => (0_usize..8, prop::collection::vec(0_u8..6, 1..3)).prop_map(|(which, orders)| Deed::Decide(which, orders)),
        5 => (0_usize..8).prop_map(Deed::Commit),
        1 => (0_usize..8).prop_map(Deed::Rollback),
        1 => (0_usize..8).prop_map(Deed::Prepare),
        1 => Just(Deed::Crash),
        1 => Just(Deed::Promote),
        1 => (0_u64..300).prop_map(Deed::Restore),
        6 => (1_usize..6).prop_map(Deed::Step),
    ];
    prop::collection::vec(deed, 0..80)
}

#[test]
fn whatever_happens_each_row_is_read_once_and_in_order() {
    proptest!(ProptestConfig::with_cases(20_000), |(script in deeds())| {
        if let Err(wrong) = run(&script, rightly) {
            prop_assert!(false, "{}", wrong);
        }
    });
}

#[test]
fn a_late_commit_is_not_skipped() {
    let script =
        [Deed::Begin(vec![1]), Deed::Begin(vec![2]), Deed::Commit(1), Deed::Step(10), Deed::Commit(0), Deed::Step(10)];
    assert_eq!(run(&script, rightly), Ok(()));
    assert!(run(&script, forgetful).is_err_and(|wrong| wrong.starts_with("never read")));
}

#[test]
fn numbers_that_a_crash_gives_away_twice_are_read() {
    // What was rolled back has left nothing on the disk: the next order gets its number.
    let script =
        [Deed::Begin(vec![]), Deed::Rollback(0), Deed::Step(10), Deed::Crash, Deed::Begin(vec![1]), Deed::Commit(0)];
    assert_eq!(run(&script, rightly), Ok(()));
    assert!(run(&script, hasty).is_err_and(|wrong| wrong.starts_with("never read")));
}

#[test]
fn what_is_prepared_outlives_a_promotion() {
    let script = [
        Deed::Begin(vec![1]),
        Deed::Prepare(0),
        Deed::Promote,
        Deed::Begin(vec![2]),
        Deed::Commit(1),
        Deed::Step(10),
        Deed::Step(10),
        Deed::Commit(0),
    ];
    assert_eq!(run(&script, rightly), Ok(()));
    assert!(run(&script, abrupt).is_err_and(|wrong| wrong.starts_with("never read")));
}

#[test]
fn whoever_begins_behind_a_promotion_reads_what_was_prepared_before_it() {
    let script = [
        Deed::Begin(vec![1]),
        Deed::Prepare(0),
        Deed::Promote,
        Deed::Begin(vec![2]),
        Deed::Commit(1),
        Deed::Step(10), // here
        Deed::Begin(vec![3]),
        Deed::Commit(1),
        Deed::Step(10),
        Deed::Commit(0),
    ];
    assert_eq!(run(&script, rightly), Ok(()));
}

/// A transaction that has its number already when the version before its own commits.
#[test]
fn a_version_of_an_older_transaction_is_refused() {
    let script = [
        Deed::Begin(vec![]),
        Deed::Begin(vec![1]),
        Deed::Commit(1),
        Deed::Decide(0, vec![1]),
        Deed::Commit(0),
        Deed::Step(10),
    ];
    assert_eq!(run(&script, rightly), Ok(()));
    let unfenced = Database { fenced: false, ..Database::new() };
    assert!(run_in(unfenced, &script, rightly).is_err_and(|wrong| wrong.starts_with("out of order")));
}

#[test]
fn a_restore_with_lower_numbers_skips_nothing() {
    let busy = (0..20).flat_map(|order| [Deed::Begin(vec![order % 6]), Deed::Commit(0)]);
    let script: Vec<_> = busy
        .chain([Deed::Step(3), Deed::Step(50), Deed::Restore(0), Deed::Begin(vec![7]), Deed::Commit(0), Deed::Step(2)])
        .collect();
    assert_eq!(run(&script, rightly), Ok(()));
}

/// What is passed over when others begin where parts were stopped.
type Before = Vec<Vec<Position>>;

/// Parts, each read by a reader of its own, are stopped wherever they are, twice, and others begin in their place.
struct Parts {
    at: Vec<Position>,
    before: Before,
    told: Vec<Row>,
}

impl Parts {
    fn new(of: usize) -> Self {
        Self { at: vec![Position::beginning(1); of], before: Vec::new(), told: Vec::new() }
    }

    fn step(&mut self, part: usize, database: &Database, limit: usize) -> bool {
        let of = self.at.len();
        let (snapshot, rows, whole) = database.step(&self.at[part], limit);
        let after = self.at[part].after(&snapshot, &rows, whole);
        let moved = !rows.is_empty() || after != self.at[part];
        let part_of = |row: &Row, parts: usize| row.order_id.parse::<usize>().expect("a number") % parts;
        let was_told = |row: &Row| self.before.iter().any(|at| at[part_of(row, at.len())].has(row));
        let ours: Vec<Row> = rows.into_iter().filter(|row| part_of(row, of) == part && !was_told(row)).collect();
        self.told.extend(ours);
        self.at[part] = after;
        moved
    }

    fn divide(&mut self, into: usize, begins: fn(&[Position]) -> Position) {
        let at = begins(&self.at);
        let stopped = std::mem::replace(&mut self.at, vec![at; into]);
        self.before.push(stopped);
    }
}

fn commonly(at: &[Position]) -> Position {
    Position::common(at).expect("one at least")
}

/// A control: behind what the furthest has read.
fn furthest(at: &[Position]) -> Position {
    at.iter().max_by_key(|at| (at.epoch, at.upto)).expect("one at least").clone()
}

fn run_divided(script: &[Deed], begins: fn(&[Position]) -> Position, remembers: bool) -> Result<(), String> {
    let (mut database, mut parts) = (Database::new(), Parts::new(2));
    for (index, deed) in script.iter().enumerate() {
        database.act(deed);
        if let Deed::Step(limit) = deed {
            parts.step(index % parts.at.len(), &database, *limit);
        }
        if index == script.len() / 2 || index == script.len() * 3 / 4 {
            parts.divide(if parts.at.len() == 2 { 3 } else { 1 }, begins);
            let common = &parts.at[0];
            // What is forgotten once everybody is past it is what nobody comes to any more.
            parts.before.retain(|at| remembers && !at.iter().all(|at| common.covers(at)));
        }
    }
    while !database.open.is_empty() {
        database.end(0, true);
    }
    for part in 0..parts.at.len() {
        while parts.step(part, &database, 3) {}
    }
    let told = Reader { position: Position::beginning(1), before: BTreeSet::new(), told: parts.told };
    told.judge(&database)
}

#[test]
fn parts_that_are_stopped_anywhere_are_gone_on_from_by_others() {
    proptest!(ProptestConfig::with_cases(20_000), |(script in deeds())| {
        if let Err(wrong) = run_divided(&script, commonly, true) {
            prop_assert!(false, "{}", wrong);
        }
    });
    // Of two parts one has read the first order, and the other nothing.
    let script = [Deed::Begin(vec![0, 1]), Deed::Commit(0), Deed::Step(9), Deed::Crash, Deed::Crash, Deed::Step(9)];
    assert_eq!(run_divided(&script, commonly, true), Ok(()));
    assert!(run_divided(&script, furthest, true).is_err_and(|wrong| wrong.starts_with("never read")));
    assert!(run_divided(&script, commonly, false).is_err_and(|wrong| wrong.starts_with("read twice")));
}

#[test]
fn what_lies_before_the_feed_is_read_by_order() {
    let row = |epoch: i32, order_id: &str, first_version: i32| {
        let xact = Xact { epoch, number: 0 };
        Row { xact, order_id: order_id.into(), first_version }
    };
    let at = |order_id: &str, version: i32| Position {
        last: Some(row(0, order_id, version).into_parts()),
        ..Position::beginning(0)
    };
    let (early, late) = (at("A", 2), at("B", 1));
    assert!(early.has(&row(0, "A", 2)) && !early.has(&row(0, "A", 3)) && !early.has(&row(0, "B", 1)));
    assert!(!late.has(&row(1, "A", 1)) && !Position::beginning(0).has(&row(0, "A", 1)));
    assert_eq!(Position::common(&[late.clone(), early.clone()]).as_ref(), Some(&early));
    assert!(late.covers(&early) && !early.covers(&late));
    let beyond = Position { upto: 7, ..Position::beginning(1) };
    assert!(beyond.has(&row(0, "Z", 9)) && beyond.covers(&late) && !late.covers(&beyond));
    assert_eq!(Position::common(&[beyond, early.clone()]), Some(early));
    assert_eq!(Position::common(&[]), None);
}

#[test]
fn a_position_is_short_text() {
    let xact = Xact { epoch: 1, number: 900 };
    let open = [907, 890].map(|number| Xact { epoch: 1, number });
    let position = Position::behind(Row { xact, order_id: "A".into(), first_version: 2 }, open);
    let text = r#"{"epoch":1,"upto":901,"missing":[[1,890]],"last":[1,900,"A",2]}"#;
    assert_eq!(serde_json::to_string(&position).unwrap(), text);
    assert_eq!(serde_json::from_str::<Position>(text).unwrap(), position);
    assert_eq!(serde_json::to_string(&Position::beginning(0)).unwrap(), r#"{"epoch":0,"upto":0}"#);
    assert!(serde_json::from_str::<Position>(r#"{"epoch":1,"upto":0,"more":1}"#).is_err());
}
