//! Events on their way out, beside the orders: two sinks in two parts each, and on each engine a relay for every part. One
//! sink keeps its cursor beside the events and fences whoever published before, as Kafka does by its transactions; the other
//! keeps nothing, as an endpoint of webhooks does.
//!
//! What is decided is the engine's own: where a relay goes on (`place`), what a step of the feed has read (`Position`), what
//! is told of a commit (`events`), whose part an order is (`part_of`). What is around it is a model of `outbox/relay.rs`,
//! act by act, so that whatever may happen does so between any two: a lease, a look, a fence, a step of the feed, a
//! publication, a witness. A transaction has its number when its write leaves, and is seen when the store has it: so commits
//! become visible in another order than they are numbered.
//!
//! Judged from what the sinks were handed: every event that was committed, those of an order in their order, nothing that
//! was not; each once where the sink keeps its cursor. What is not modelled: another history, divisions, operators.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use counterfoil::outbox::place::{Asked, Place, place};
use counterfoil::outbox::sink::{Cursor, Found, Part, part_of};
use counterfoil::outbox::{CloudEvent, events, needs_content};
use counterfoil::ports::feed::{Batch, Content, Position, Record, Row, Snapshot, Xact};
use counterfoil::ports::relay::Witness;
use counterfoil::saga::{Event, Order};
use counterfoil::store::model::ModelStore;
use uuid::Uuid;

use super::Mutation;
use super::chance::{Fault, Turn};
use super::judge::Violation;
use super::world::{ENGINES, World};

const SINKS: usize = 2;
const PARTS: u32 = 2;
const EPOCH: i32 = 1;
const LEASE: Duration = Duration::from_millis(300);
const RENEWAL: Duration = Duration::from_millis(100);
const PAUSE_LEAST: Duration = Duration::from_millis(10);
const PAUSE_MOST: Duration = Duration::from_millis(160);
/// Rows of a step: few, so that many a step ends within what there is.
const ROWS: usize = 12;
/// Acts after which all must have been told, once nothing goes wrong any more.
const PATIENCE: usize = 20_000;

/// The first one keeps its cursor, the others do not.
fn keeps_cursor(sink: usize) -> bool {
    sink == 0
}

/// What the feed reads: commits by the numbers of their transactions. Each is a transaction of its own here.
#[derive(Default)]
struct Commits {
    number: u64,
    open: BTreeSet<u64>,
    rows: BTreeMap<u64, Record>,
    /// The types of each order's events, in order: what must be told of it.
    kinds: HashMap<String, Vec<&'static str>>,
    events: usize,
}

impl Commits {
    fn step(&self, from: &Position, remembers_the_highest_alone: bool) -> Batch {
        let rest = from.rest();
        let late = from.missing().filter(|xact| rest != Some(*xact)).filter_map(|xact| self.rows.get(&xact.number));
        let first = from.upto() + u64::from(rest.is_some_and(|xact| xact.number == from.upto()));
        let next = self.rows.range(first..).map(|(_, record)| record);
        let mut records: Vec<Record> = late.chain(next).take(ROWS + 1).cloned().collect();
        let whole = records.len() <= ROWS;
        records.truncate(ROWS);
        let open = if remembers_the_highest_alone { Vec::new() } else { self.open.iter().copied().collect() };
        Batch { records, snapshot: Snapshot { open, next_epoch: None }, whole }
    }
}

/// A part of a sink, and what the database knows of it.
struct PartSim {
    witness: Witness,
    generation: u64,
    holder: Option<Uuid>,
    until: Option<Instant>,
    /// Who opened it last.
    fence: u64,
    cursor: Option<Cursor>,
}

/// Where a relay stands.
enum Stage {
    /// It has no lease.
    Idle,
    /// It has one, and looks at the sink.
    Looks,
    /// It may publish, and takes over.
    Opens,
    /// It marks the sink as its own history's.
    Marks(Box<Run>),
    Reads(Box<Run>),
    Publishes(Box<Run>, Publication),
    /// The sink has it.
    Attests(Box<Run>),
}

/// A part that was taken over.
struct Run {
    token: u64,
    step: u64,
    told: u64,
    published: Position,
    position: Position,
    pause: Duration,
}

/// What is on its way to the sink.
struct Publication {
    events: Vec<CloudEvent>,
    next: Position,
}

struct RelaySim {
    engine: usize,
    sink: usize,
    part: u32,
    stage: Stage,
    generation: u64,
    renewed: Instant,
    /// When it acts next.
    at: Instant,
}

/// All sinks, and what is known of them.
pub struct Sinks {
    commits: Commits,
    parts: Vec<PartSim>,
    relays: Vec<RelaySim>,
    /// When the first of them acts next.
    due: Instant,
    /// The version of each order that each sink was told last.
    told: [HashMap<String, i32>; SINKS],
    first_told: [usize; SINKS],
}

fn lost(sink: usize) -> Violation {
    format!("the sink {sink} was told to stop, though nothing is wrong with it")
}

impl Sinks {
    pub fn new(now: Instant) -> Self {
        let parts = (0..SINKS).flat_map(|sink| (0..PARTS).map(move |part| PartSim::new(sink, part)));
        let places = (0..ENGINES).flat_map(|engine| (0..SINKS).map(move |sink| (engine, sink)));
        let relays = places.flat_map(|(engine, sink)| (0..PARTS).map(move |part| (engine, sink, part)));
        let idle = |(engine, sink, part)| {
            let (generation, renewed, at) = (0, now, now);
            RelaySim { engine, sink, part, stage: Stage::Idle, generation, renewed, at }
        };
        Self {
            commits: Commits::default(),
            parts: parts.collect(),
            relays: relays.map(idle).collect(),
            due: now,
            told: Default::default(),
            first_told: [0; SINKS],
        }
    }

    /// A write leaves: its transaction has a number from now on.
    pub fn begin(&mut self) -> u64 {
        self.commits.number += 1;
        self.commits.open.insert(self.commits.number);
        self.commits.number
    }

    /// Its transaction ends without any events.
    pub fn abort(&mut self, number: u64) {
        self.commits.open.remove(&number);
    }

    /// Its transaction ends, and what led to `order` can be seen.
    pub fn commit(&mut self, number: u64, order: &Order, events: &[Event]) {
        self.commits.open.remove(&number);
        if events.is_empty() {
            return;
        }
        let order_id = order.id.as_str().to_owned();
        let kinds = self.commits.kinds.entry(order_id.clone()).or_default();
        kinds.extend(events.iter().map(Event::name));
        self.commits.events += events.len();
        let first_version = order.version + 1 - i32::try_from(events.len()).expect("few events");
        let row = Row { xact: Xact { epoch: EPOCH, number }, order_id, first_version };
        let record = Record { row, at: order.updated_at, events: Event::encode_sealed(events) };
        self.commits.rows.insert(number, record);
    }

    /// Whether every sink was told everything.
    fn are_done(&self) -> bool {
        self.first_told.iter().all(|told| *told == self.commits.events)
    }

    fn untold(&self) -> Violation {
        let behind = |sink: usize| {
            let told = |id: &String| self.told[sink].get(id).copied().unwrap_or(0);
            let lacks = |(id, kinds): &(&String, &Vec<&str>)| told(id) < i32::try_from(kinds.len()).unwrap_or(i32::MAX);
            let first = self.commits.kinds.iter().filter(lacks).map(|(id, _)| id).min()?;
            Some(format!("{first}: the sink {sink} was never told its events behind version {}", told(first)))
        };
        (0..SINKS).find_map(behind).unwrap_or_else(|| "the sinks were told more than there is".into())
    }

    /// A sink takes these, in this order.
    fn takes(&mut self, sink: usize, events: &[CloudEvent]) -> Result<usize, Violation> {
        let mut repeats = 0;
        for event in events {
            let version: i32 = event.sequence.parse().map_err(|_| format!("{}: no version", event.id))?;
            let place = usize::try_from(version - 1).unwrap_or(usize::MAX);
            let committed = self.commits.kinds.get(&event.subject).and_then(|kinds| kinds.get(place));
            if committed.is_none_or(|kind| *kind != event.kind()) || event.id != format!("{}/{version}", event.subject)
            {
                return Err(format!("{}: a foreign event was told: {} {}", event.subject, event.kind(), event.id));
            }
            let last = self.told[sink].entry(event.subject.clone()).or_default();
            if version == *last + 1 {
                *last = version;
                self.first_told[sink] += 1;
            } else if version > *last {
                return Err(format!("{}: version {version} was told before version {}", event.subject, *last + 1));
            } else if keeps_cursor(sink) {
                return Err(format!(
                    "{}: version {version} was told twice to a sink that keeps its cursor",
                    event.subject
                ));
            } else {
                repeats += 1;
            }
        }
        Ok(repeats)
    }
}

impl PartSim {
    fn new(sink: usize, part: u32) -> Self {
        let witness = Witness {
            sink: format!("sink-{sink}"),
            part,
            parts: PARTS,
            run: 1,
            begins: "beginning".into(),
            begins_at: Some(Position::beginning(EPOCH)),
            anew_in: None,
            over_epoch: None,
            word: None,
            is_ours: true,
            target: None,
            known: None,
            stopped: None,
            held: None,
            gap: None,
            is_forgotten: false,
            skips: Vec::new(),
            division: None,
        };
        Self { witness, generation: 0, holder: None, until: None, fence: 0, cursor: None }
    }

    fn found(&self) -> Found {
        self.cursor.clone().map_or(Found::Nothing, Found::Cursor)
    }

    /// Where to go on, as the engine decides it.
    fn place(&self, keeps_cursor: bool) -> Result<Place, String> {
        let Witness { sink, part, .. } = &self.witness;
        let part = Part { deployment: "shop".into(), sink: sink.clone(), partition: *part, of: PARTS };
        let (begins_at, found) = (Position::beginning(EPOCH), self.found());
        let asked = Asked {
            witness: &self.witness,
            begins_at: &begins_at,
            epoch: EPOCH,
            found: &found,
            keeps_cursor,
            target: "events/2",
            part: &part,
        };
        place(asked)
    }

    fn behind(&self, run: &Run, position: &Position, events: usize) -> Cursor {
        Cursor {
            deployment: "shop".into(),
            sink: self.witness.sink.clone(),
            partition: self.witness.part,
            of: PARTS,
            target: "events/2".into(),
            run: self.witness.run,
            step: run.step + 1,
            published: run.told + events as u64,
            word: None,
            epoch: EPOCH,
            position: position.clone(),
        }
    }
}

fn content(store: &ModelStore, record: &Record) -> Content {
    let id = counterfoil::saga::OrderId::trusted(record.row.order_id.as_str());
    let Some(order) = store.find(&id).map(|stored| stored.order) else { return Content::default() };
    let stored = order.request.stored();
    Content {
        client: order.client.as_str().to_owned(),
        customer_id: order.request.customer_id.to_string(),
        currency: order.request.currency.as_str().to_owned(),
        amount: order.amount.0,
        lines: stored.lines,
        details: stored.details,
    }
}

impl World {
    /// The relay whose turn it is acts once.
    pub(super) fn relay(&mut self) -> Result<(), Violation> {
        if self.sinks.due > self.now || self.mutation.breaks_rows() {
            return Ok(());
        }
        let first = (0..self.sinks.relays.len()).min_by_key(|index| self.sinks.relays[*index].at);
        if let Some(index) = first {
            self.act(index)?;
        }
        self.sinks.due = self.sinks.relays.iter().map(|relay| relay.at).min().unwrap_or(self.now);
        Ok(())
    }

    /// Once nothing goes wrong any more, everything is told.
    pub(super) fn tell_all(&mut self) -> Result<(), Violation> {
        if self.mutation.breaks_rows() {
            return Ok(());
        }
        for _ in 0..PATIENCE {
            if self.sinks.are_done() {
                return Ok(());
            }
            self.pass(self.sinks.due.saturating_duration_since(self.now));
            self.relay()?;
        }
        Err(self.sinks.untold())
    }

    fn act(&mut self, index: usize) -> Result<(), Violation> {
        let RelaySim { engine, sink, part, .. } = self.sinks.relays[index];
        let stage = std::mem::replace(&mut self.sinks.relays[index].stage, Stage::Idle);
        if !self.engines[engine].is_up {
            self.sinks.relays[index].at = self.now + RENEWAL;
            return Ok(());
        }
        if !matches!(stage, Stage::Idle) {
            if self.befalls(Fault::RelayDies) {
                self.sinks.relays[index].at = self.now + PAUSE_MOST;
                return Ok(());
            }
            if self.befalls(Fault::RelayStalls) {
                let sleep = self.chance.detail().below(600) as u64;
                self.sinks.relays[index].stage = stage;
                self.sinks.relays[index].at = self.now + LEASE + Duration::from_millis(sleep);
                return Ok(());
            }
        }
        let (stage, pause) = match stage {
            Stage::Idle => self.hold(index),
            Stage::Looks => {
                self.part(sink, part).place(keeps_cursor(sink)).map_err(|why| format!("{}: {why}", lost(sink)))?;
                (Stage::Opens, Duration::ZERO)
            }
            Stage::Opens => self.open(index)?,
            Stage::Marks(run) => {
                let nothing = Publication { events: Vec::new(), next: run.position.clone() };
                (Stage::Publishes(run, nothing), Duration::ZERO)
            }
            Stage::Reads(run) => self.read(index, run)?,
            Stage::Publishes(run, publication) => self.publish(index, run, publication)?,
            Stage::Attests(run) => self.attest(index, run),
        };
        let way = Duration::from_micros(self.chance.turn(Turn::Way, 4_000).unwrap_or(2_000) as u64);
        let relay = &mut self.sinks.relays[index];
        (relay.stage, relay.at) = (stage, self.now + way + pause);
        Ok(())
    }

    fn part(&mut self, sink: usize, part: u32) -> &mut PartSim {
        &mut self.sinks.parts[sink * PARTS as usize + part as usize]
    }

    fn hold(&mut self, index: usize) -> (Stage, Duration) {
        let RelaySim { engine, sink, part, .. } = self.sinks.relays[index];
        let (now, node) = (self.now, self.engines[engine].node);
        let row = self.part(sink, part);
        if row.holder.is_some_and(|holder| holder != node) && row.until.is_some_and(|until| until > now) {
            return (Stage::Idle, RENEWAL);
        }
        (row.holder, row.until) = (Some(node), Some(now + LEASE));
        row.generation += 1;
        let generation = row.generation;
        let relay = &mut self.sinks.relays[index];
        (relay.generation, relay.renewed) = (generation, now);
        self.mark("leases of relays");
        self.note(|| format!("engine {engine} holds part {part} of sink {sink}"));
        (Stage::Looks, Duration::ZERO)
    }

    /// Whether the lease is its own still, from now on for as long again.
    fn renew(&mut self, index: usize) -> bool {
        let RelaySim { sink, part, generation, .. } = self.sinks.relays[index];
        let now = self.now;
        let row = self.part(sink, part);
        let is_held = row.generation == generation;
        if is_held {
            row.until = Some(now + LEASE);
        }
        self.sinks.relays[index].renewed = now;
        is_held
    }

    /// It gives its lease up, and begins anew.
    fn again(&mut self, index: usize) -> (Stage, Duration) {
        let RelaySim { sink, part, generation, .. } = self.sinks.relays[index];
        let row = self.part(sink, part);
        if row.generation == generation {
            (row.holder, row.until) = (None, None);
        }
        (Stage::Idle, PAUSE_LEAST)
    }

    fn open(&mut self, index: usize) -> Result<(Stage, Duration), Violation> {
        let RelaySim { engine, sink, part, .. } = self.sinks.relays[index];
        if !self.renew(index) {
            self.mark("relays that lost their lease");
            return Ok((Stage::Idle, RENEWAL));
        }
        let row = self.part(sink, part);
        row.fence += 1;
        let place = row.place(keeps_cursor(sink)).map_err(|why| format!("{}: {why}", lost(sink)))?;
        let Place { step, position, published } = place;
        let token = row.fence;
        row.witness.target = Some("events/2".into());
        let is_marked = row.cursor.is_some() || !keeps_cursor(sink);
        if row.witness.known.as_ref().map_or(0, |known| known.0) < step {
            row.witness.known = Some((step, position.clone()));
        }
        self.note(|| format!("engine {engine} goes on with part {part} of sink {sink} at {}", place_of(&position)));
        let run =
            Box::new(Run { token, step, told: published, published: position.clone(), position, pause: PAUSE_LEAST });
        Ok((if is_marked { Stage::Reads(run) } else { Stage::Marks(run) }, Duration::ZERO))
    }

    fn read(&mut self, index: usize, mut run: Box<Run>) -> Result<(Stage, Duration), Violation> {
        let RelaySim { sink, part, renewed, .. } = self.sinks.relays[index];
        if self.now.duration_since(renewed) > RENEWAL && !self.renew(index) {
            self.mark("relays that lost their lease");
            return Ok((Stage::Idle, RENEWAL));
        }
        if self.befalls(Fault::FeedLost) {
            return Ok(self.again(index));
        }
        let batch = self.sinks.commits.step(&run.position, self.mutation == Mutation::RemembersTheHighest);
        if batch.records.is_empty() {
            run.position = batch.position(&run.position, 0);
            let pause = run.pause;
            run.pause = (run.pause * 2).min(PAUSE_MOST);
            return Ok((Stage::Reads(run), pause));
        }
        run.pause = PAUSE_LEAST;
        let next = batch.position(&run.position, batch.records.len());
        if next.missing().next().is_some() {
            self.mark("steps of the feed that passed what is open");
        }
        let mut told = Vec::new();
        for record in batch.records.iter().filter(|record| part_of(&record.row.order_id, PARTS) == part) {
            let content = if needs_content(record) { content(&self.store, record) } else { Content::default() };
            told.extend(events(record, &content, "/counterfoil/shop", false).map_err(|error| error.to_string())?);
        }
        if told.is_empty() {
            run.position = next;
            return Ok((Stage::Reads(run), Duration::ZERO));
        }
        self.note(|| format!("part {part} of sink {sink}: {} events are read", told.len()));
        Ok((Stage::Publishes(run, Publication { events: told, next }), Duration::ZERO))
    }

    fn publish(
        &mut self,
        index: usize,
        mut run: Box<Run>,
        publication: Publication,
    ) -> Result<(Stage, Duration), Violation> {
        let RelaySim { sink, part, .. } = self.sinks.relays[index];
        let Publication { events, next } = publication;
        let mutation = self.mutation;
        let is_taken = !self.befalls(Fault::NotTaken);
        let row = self.part(sink, part);
        let cursor = keeps_cursor(sink).then(|| row.behind(&run, &next, events.len()));
        if keeps_cursor(sink) && row.fence != run.token && mutation != Mutation::ForgetsFences {
            self.mark("relays that were fenced");
            return Ok(self.again(index));
        }
        if !is_taken {
            if mutation == Mutation::MovesCursorsFirst {
                self.part(sink, part).cursor = cursor;
                return Ok(self.again(index));
            }
            return Ok((Stage::Publishes(run, Publication { events, next }), PAUSE_LEAST));
        }
        row.cursor = cursor;
        let (ids, count): (Vec<_>, _) = (events.iter().map(|event| event.id.clone()).collect(), events.len());
        self.note(|| format!("sink {sink} takes {}", ids.join(", ")));
        let repeats = self.sinks.takes(sink, &events)?;
        if repeats > 0 {
            self.mark("events that were told again");
        }
        if self.befalls(Fault::TakenUnheard) {
            return Ok(self.again(index));
        }
        run.step += 1;
        run.told += count as u64;
        (run.published, run.position) = (next.clone(), next);
        Ok((Stage::Attests(run), Duration::ZERO))
    }

    fn attest(&mut self, index: usize, run: Box<Run>) -> (Stage, Duration) {
        let RelaySim { sink, part, generation, .. } = self.sinks.relays[index];
        let first = self.part(sink, part).witness.known.is_none();
        // Where the sink keeps its cursor, the witness follows now and then.
        if keeps_cursor(sink) && !first && !run.step.is_multiple_of(4) {
            return (Stage::Reads(run), Duration::ZERO);
        }
        if self.befalls(Fault::WitnessLost) {
            return self.again(index);
        }
        let row = self.part(sink, part);
        if row.generation != generation {
            self.mark("relays that lost their lease");
            return (Stage::Idle, RENEWAL);
        }
        row.witness.known = Some((run.step, run.published.clone()));
        (Stage::Reads(run), Duration::ZERO)
    }
}

fn place_of(position: &Position) -> String {
    let missing: Vec<_> = position.missing().map(|xact| xact.number.to_string()).collect();
    match missing.len() {
        0 => position.upto().to_string(),
        _ => format!("{} without {}", position.upto(), missing.join(", ")),
    }
}
