//! A sink's parts become others, because `outbox.sinks[].partitions` was changed: nothing is lost by it, doubled, or comes out
//! of its order.
//!
//! *Who does it.* The parts in force are those of the database. An engine whose configuration says another number publishes
//! nothing to the sink, and says so, for as long as an engine of theirs is here (it holds a lease of them, or held one within
//! [`limits::RELAY_HERE`]); then it divides. So a rolling restart changes hands once, and two engines that contradict each
//! other do not fight: whoever publishes goes on, and the other one waits, loudly.
//!
//! *The barrier.* Whoever divides ([`Divider`]) holds the leases of all old parts and takes each of them over, as a relay would:
//! looked at, judged, fenced, and its lease asked for once more. Where one of them may not be gone on from (paused, its cursor
//! lost, another history), nothing is divided, and it is told why. Then all old parts stand still for good, each where it
//! is, and one transaction writes down where, and the new parts in their place. They begin at *one* position, before whatever an
//! old part has yet to publish ([`Position::common`]), and pass over what the part that an order was of had published
//! ([`was_published`]). Nothing need be published to come to a common end: a backlog, or an event that nobody takes, is the
//! new parts' to deal with, as it was the old ones'.
//!
//! *The sink is told, too*, before any of the new parts publishes: each place that a part has or had bears a cursor of the run
//! that begins. A database that comes back older finds a later run than it knows there, and stops; else it would go on with a
//! part that is none any more. Until all of them bear it the division is `closing`, and whoever comes ends it: what is to be
//! written was decided in that transaction, so that nobody can end it otherwise. Where a sink keeps no cursor there is nothing to
//! be told.
//!
//! *Whoever dies*: before the transaction nothing has happened but that somebody was fenced; behind it nobody goes on but
//! forwards. *Whoever slept*, a relay of old, was fenced by whoever divided, or fences and then finds its lease gone (where a
//! sink fences nobody, it cannot write how far it came). *An operator's word* to begin anew that no part has heard yet is carried
//! out by the division; one that is said later takes its leases, and is above it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};

use super::Fresh;
use super::held::{End, Lease, at_random, ended, in_time};
use super::place::{self, Place, WAY_ON};
use super::relay::{Database, Relay, RelaySettings, Stand};
use super::sink::{Cursor, Found, Part, Sink, part_of};
use crate::limits;
use crate::ports::feed::{Position, Record};
use crate::ports::relay::{Division, Feeds, Parts, Stopped, Witness};
use crate::saga::Timestamp;
use crate::telemetry::SinkMetrics;

/// The lease by which an engine of so many parts says that it is here.
pub(super) fn presence(sink: &str, parts: u32) -> String {
    format!("{sink}/of/{parts}")
}

/// Whether the part that its order was of had published what this witness' part comes to again.
pub(super) fn was_published(witness: &Witness, record: &Record) -> bool {
    let division = witness.division.as_ref().filter(|division| division.run == witness.run);
    division.is_some_and(|division| {
        division.before.iter().any(|parts| {
            let part = part_of(&record.row.order_id, u32::try_from(parts.len()).unwrap_or(u32::MAX));
            let stopped = parts.get(part as usize);
            stopped.is_some_and(|stopped| {
                stopped.position.has(&record.row) || stopped.since.is_some_and(|since| record.at.0 < since)
            })
        })
    })
}

/// An old part that stands still.
#[derive(Debug, Clone)]
struct Still {
    witness: Witness,
    target: String,
    place: Place,
    since: Option<Timestamp>,
    /// The run of the cursor that it has in the sink.
    run: u32,
}

/// What is to be written where the sink keeps the cursor of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    cursor: Cursor,
    /// Whether one was there when it was decided.
    had_one: bool,
    /// Up to which epoch an operator had it passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    over_epoch: Option<i32>,
    /// Whether an operator's word passes over what cannot be read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    over_spoilt: bool,
}

/// What an operator said of a sink that no part of it has heard yet, as far as it is about places that none of them has.
#[derive(Debug, Clone, Copy, Default)]
struct Pending {
    is_any: bool,
    over_epoch: Option<i32>,
}

impl Pending {
    fn of<'a>(witnesses: impl Iterator<Item = &'a Witness> + Clone) -> Self {
        let pending = witnesses.filter(|witness| witness.anew_in.is_some());
        Self { is_any: pending.clone().next().is_some(), over_epoch: pending.filter_map(|one| one.over_epoch).max() }
    }
}

/// What a division writes down.
#[derive(Debug)]
struct NewDivision {
    parts: Vec<Witness>,
    division: Division,
    marks: Vec<Mark>,
}

/// The new parts, from where the old ones stand. `latest`: the latest run that is known of places which no old part has.
fn plan(still: &[Still], into: u32, latest: u32, deployment: &str) -> Option<NewDivision> {
    let first = still.first()?;
    let positions: Vec<Position> = still.iter().map(|one| one.place.position.clone()).collect();
    let begins_at = Position::common(&positions)?;
    let runs = still.iter().map(|one| one.witness.run.max(one.run));
    let run = runs.chain([latest]).max()?.checked_add(1)?;
    // Whoever is past a division does not come to its events again. A part that began at a time may stand before it: it passes
    // over what it reads, and nothing of that moves its cursor.
    let matters = |stopped: &Stopped| !begins_at.covers(&stopped.position) || stopped.since.is_some();
    let stopped = |one: &Still| Stopped { position: one.place.position.clone(), since: one.since.map(|since| since.0) };
    let earlier = still.iter().find_map(|one| one.witness.division.clone().filter(|of| of.run == one.witness.run));
    let before = std::iter::once(still.iter().map(stopped).collect::<Vec<_>>());
    let before = before.chain(earlier.map(|earlier| earlier.before).unwrap_or_default());
    let before: Vec<_> = before.filter(|parts| parts.iter().any(matters)).collect();
    let begins = serde_json::to_string(&begins_at).ok()?;
    let word = |part: u32| still.get(part as usize).and_then(|one| one.witness.word);
    let part = |part: u32| Witness {
        part,
        parts: into,
        run,
        begins: begins.clone(),
        begins_at: Some(begins_at.clone()),
        anew_in: None,
        over_epoch: None,
        word: word(part),
        target: Some(first.target.clone()),
        known: Some((1, begins_at.clone())),
        stopped: None,
        gap: still.iter().filter_map(|one| one.witness.gap).max_by_key(|gap| gap.events),
        skips: Vec::new(),
        division: None,
        ..first.witness.clone()
    };
    let pending = Pending::of(still.iter().map(|one| &one.witness));
    // At least so many are there: what parts had together is not known where they, too, had this from a division.
    let published = still.iter().map(|one| one.place.published).max().unwrap_or(0);
    let mark = |part: u32| Mark {
        cursor: Cursor {
            deployment: deployment.to_owned(),
            sink: first.witness.sink.clone(),
            partition: part,
            of: into,
            target: first.target.clone(),
            run,
            step: 1,
            published,
            word: word(part),
            epoch: begins_at.epoch(), // whoever writes it says in which it does
            position: begins_at.clone(),
        },
        had_one: still.get(part as usize).is_some_and(|one| one.run > 0),
        over_epoch: still.get(part as usize).map_or(pending.over_epoch, |one| one.witness.over_epoch),
        over_spoilt: still.get(part as usize).map_or(pending.is_any, |one| one.witness.anew_in.is_some()),
    };
    let places = into.max(u32::try_from(still.len()).ok()?);
    Some(NewDivision {
        parts: (0..into).map(part).collect(),
        division: Division { run, before, closing: None },
        marks: (0..places).map(mark).collect(),
    })
}

impl Mark {
    fn part(&self) -> Part {
        let Cursor { deployment, sink, partition, of, .. } = self.cursor.clone();
        Part { deployment, sink, partition, of }
    }

    /// Whether it has yet to be written, from what is there; or why nobody but a human can say.
    fn is_due(&self, found: &Found, epoch: i32) -> Result<bool, String> {
        let cursor = match found {
            Found::Cursor(cursor) | Found::Gone(cursor, _) => cursor,
            Found::Nothing if self.had_one => {
                return Err(format!("it has no cursor any more: it was emptied, or is another one; {WAY_ON}"));
            }
            Found::Nothing => return Ok(true),
            Found::Spoilt(_) if self.over_spoilt => return Ok(true),
            Found::Spoilt(why) => return Err(format!("{why}; {WAY_ON}")),
        };
        let is_above = cursor.run < self.cursor.run;
        place::known(cursor, &self.part(), epoch, self.over_epoch.filter(|_| is_above))?;
        if cursor.run > self.cursor.run {
            return Err(format!(
                "its cursor is of run {}, and the database knows of {}: the database came back older; {WAY_ON}",
                cursor.run, self.cursor.run
            ));
        }
        Ok(is_above)
    }
}

/// Divides a sink where its parts are not those of the configuration, as long as it lives.
pub struct Divider<M> {
    make: M,
    /// Of the parts that there are to be; which one is of no account.
    settings: RelaySettings,
    feeds: Arc<dyn Feeds>,
    database: Arc<dyn Database>,
    metrics: SinkMetrics,
}

impl<S: Sink, M: Fn(Part) -> S> Divider<M> {
    /// One that does nothing yet. `make` makes what publishes to a part.
    pub fn new(
        make: M,
        settings: RelaySettings,
        feeds: Arc<dyn Feeds>,
        database: Arc<dyn Database>,
        metrics: SinkMetrics,
    ) -> Self {
        // The relays of this engine ask for the same leases.
        let settings = RelaySettings { node: uuid::Uuid::new_v4(), ..settings };
        Self { make, settings, feeds, database, metrics }
    }

    /// Looks now and then, until `leaving` is done.
    pub async fn run(&mut self, leaving: impl Future<Output = ()>) {
        tokio::select! {
            () = leaving => {}
            () = self.go_on() => {}
        }
    }

    async fn go_on(&mut self) {
        let (mut pause, mut told) = (limits::RELAY_PAUSE_LEAST, None);
        loop {
            let sink = &self.settings.sink;
            let wait = match self.look().await {
                Ok(()) => {
                    (pause, told) = (limits::RELAY_PAUSE_LEAST, None);
                    limits::RELAY_RENEWAL
                }
                Err(End::Elsewhere | End::Lost | End::Waits(_)) => {
                    tracing::debug!(sink, "somebody else is at its parts: it is not divided yet");
                    limits::RELAY_RENEWAL
                }
                Err(End::Again(reason)) => {
                    if told.as_ref() == Some(&reason) {
                        tracing::debug!(sink, reason, "cannot be divided");
                    } else {
                        tracing::warn!(sink, reason, "cannot be divided: it is tried again");
                        told = Some(reason);
                    }
                    pause = (pause * 2).min(limits::RELAY_PAUSE_MOST);
                    pause
                }
                Err(End::Stopped(reason)) => {
                    self.stop(reason, &mut told).await;
                    limits::RELAY_STOPPED
                }
            };
            tokio::time::sleep(at_random(wait)).await;
        }
    }

    /// Says that only a human helps, where operators look.
    async fn stop(&self, reason: String, told: &mut Option<String>) {
        let RelaySettings { sink, parts, .. } = &self.settings;
        if told.as_ref() != Some(&reason) {
            tracing::error!(sink, reason, "nothing is published until a human has been there");
        }
        let why = format!("it is to be divided into {parts} parts: {reason}");
        let kept = async {
            let Some(in_force) = in_time(self.database.parts(sink)).await?? else { return Ok(()) };
            let Some(part) = self.rows(in_force.of).await?.into_keys().next() else { return Ok(()) };
            let lease = Lease::hold(&self.database, &lease(sink, part), self.settings.node).await?;
            // As it is now that nobody else writes it: a relay may have carried a word out meanwhile.
            let witness = in_time(self.database.witness(sink, part)).await??;
            if let Some(witness) = witness.filter(|witness| witness.parts == in_force.of)
                && witness.stopped.as_ref() != Some(&why)
            {
                lease.attest(&Witness { stopped: Some(why.clone()), ..witness }).await?;
            }
            lease.release().await;
            Ok::<_, End>(())
        };
        if let Err(error) = kept.await {
            tracing::debug!(sink, ?error, "cannot keep why it is not divided");
        }
        *told = Some(reason);
    }

    /// What the database has of parts, of which there are so many.
    async fn rows(&self, parts: u32) -> Result<BTreeMap<u32, Witness>, End> {
        let mut rows = BTreeMap::new();
        for part in 0..parts {
            let row = in_time(self.database.witness(&self.settings.sink, part)).await??;
            rows.extend(row.filter(|row| row.parts == parts).map(|row| (part, row)));
        }
        Ok(rows)
    }

    async fn in_force(&self) -> Result<Option<Parts>, End> {
        let in_force = in_time(self.database.parts(&self.settings.sink)).await??;
        Ok(in_force.filter(|in_force| in_force.closing || in_force.of != self.settings.parts))
    }

    async fn look(&self) -> Result<(), End> {
        let Some(in_force) = self.in_force().await? else { return Ok(()) };
        let sink = self.settings.sink.clone();
        if !in_force.closing {
            let names = (0..in_force.of).map(|part| lease(&sink, part)).chain([presence(&sink, in_force.of)]);
            let longest = limits::RELAY_HERE.max(limits::RELAY_LEASE);
            if in_time(self.database.is_any_held(names.collect(), longest)).await?? {
                return Ok(()); // its relays say so
            }
        }
        let mut ours = Lease::hold(&self.database, &format!("{sink}/division"), self.settings.node).await?;
        let done = self.act(&mut ours).await;
        ours.release().await;
        done
    }

    async fn act(&self, ours: &mut Lease) -> Result<(), End> {
        match self.in_force().await? {
            None => Ok(()),
            Some(Parts { of, closing: true }) => self.close(of, ours).await,
            Some(Parts { of, closing: false }) => {
                self.divide(of, ours).await?;
                self.close(self.settings.parts, ours).await?;
                // Its relays look later: whoever has a third number is to find that somebody of this one is here.
                let here = presence(&self.settings.sink, self.settings.parts);
                Lease::hold(&self.database, &here, self.settings.node).await?.release().await;
                Ok(())
            }
        }
    }

    /// Stops the old parts, and writes down which there are from now on.
    async fn divide(&self, from: u32, ours: &mut Lease) -> Result<(), End> {
        let into = self.settings.parts;
        let mut rows = self.rows(from).await?;
        let Some(sibling) = rows.values().next().cloned() else { return Err(End::Lost) };
        let latest = self.look_beyond(from, Pending::of(rows.values()), ours).await?;
        let mut relays = Vec::new();
        for part in 0..from {
            // One that nobody came to yet has in common with others what an operator said of all.
            let bare = Witness { part, target: None, known: None, stopped: None, word: None, ..sibling.clone() };
            let heir = rows.remove(&part).unwrap_or(bare);
            let settings = RelaySettings { part, parts: from, begins: heir.begins.clone(), ..self.settings.clone() };
            let sink = (self.make)(self.part(part, from.max(into)));
            let (feeds, database, metrics) =
                (Arc::clone(&self.feeds), Arc::clone(&self.database), self.metrics.clone());
            let relay = Relay::new(sink, settings, feeds, database, metrics, Arc::default(), Arc::<Fresh>::default());
            relays.push(relay.instead(heir));
        }
        tracing::info!(sink = self.settings.sink, from, into, "a sink is divided anew");
        let divided = self.stop_all(&mut relays, latest, ours).await;
        for relay in &mut relays {
            relay.release().await;
        }
        divided
    }

    async fn stop_all(&self, relays: &mut [Relay<S>], latest: u32, ours: &mut Lease) -> Result<(), End> {
        let keeps_cursor = relays.first().is_some_and(Relay::keeps_cursor);
        let stands = relays.iter_mut().enumerate().map(|(part, relay)| async move {
            let stand = relay.stand().await.map_err(|end| of_part(part, end))?;
            Ok((part, stand))
        });
        let mut stands = together(stands.collect(), |stand: &mut Stand| &mut stand.lease, ours).await?;
        let still: Vec<Still> = stands.values().map(still).collect();
        if still.iter().any(|one| one.target != still[0].target) {
            return Err(End::Again("what its parts are published to has changed".into()));
        }
        let plan = plan(&still, self.settings.parts, latest, &self.settings.deployment);
        let Some(NewDivision { parts, mut division, marks }) = plan else {
            return Err(End::Stopped("its runs are beyond counting".into()));
        };
        if keeps_cursor {
            let closing = serde_json::to_string(&marks).map_err(|error| End::Stopped(error.to_string()))?;
            division.closing = Some(closing);
        }
        let mut held = vec![ours.held.clone()];
        held.extend(stands.values_mut().map(|stand| stand.lease.held.clone()));
        if !in_time(self.database.divide(&held, &parts, &division)).await?? {
            return Err(End::Lost);
        }
        let (from, into) = (still.len(), parts.len());
        tracing::warn!(
            sink = self.settings.sink,
            from,
            into,
            run = division.run,
            "a sink has other parts from here on"
        );
        Ok(())
    }

    /// Whether there is room for parts that there have not been yet; and the latest run that is known of their places. What
    /// would stand in the way of the marks is found here, while nothing is decided.
    async fn look_beyond(&self, from: u32, pending: Pending, ours: &mut Lease) -> Result<u32, End> {
        let mut latest = 0;
        let Some(epoch) = (from < self.settings.parts).then(|| self.feeds.open()) else { return Ok(latest) };
        let epoch = ours.ask(epoch).await?.epoch;
        for part in from..self.settings.parts {
            let part = self.part(part, self.settings.parts);
            let mut sink = (self.make)(part.clone());
            let found = ours.beside(sink.look()).await?.map_err(ended);
            let in_place = |end| of_part(part.partition as usize, end);
            match found.map_err(in_place)? {
                Found::Cursor(cursor) | Found::Gone(cursor, _) => {
                    let known = place::known(&cursor, &part, epoch, pending.over_epoch).map_err(End::Stopped);
                    known.map_err(in_place)?;
                    latest = latest.max(cursor.run);
                }
                Found::Spoilt(why) if !pending.is_any => {
                    return Err(in_place(End::Stopped(format!("{why}; {WAY_ON}"))));
                }
                Found::Nothing | Found::Spoilt(_) => {}
            }
        }
        Ok(latest)
    }

    /// Has the sink told what was decided, and the new parts begin.
    async fn close(&self, parts: u32, ours: &mut Lease) -> Result<(), End> {
        let row = self.rows(parts).await?.into_values().find(|row| row.division.is_some());
        let Some(Witness { is_ours, division: Some(division), .. }) = row else { return Err(End::Lost) };
        if !is_ours {
            // As a relay says it: what is to be written is written by the deployment that this one is a copy of.
            return Err(End::Stopped(super::relay::A_COPY.into()));
        }
        let Some(closing) = &division.closing else { return Ok(()) };
        let marks: Vec<Mark> = serde_json::from_str(closing)
            .map_err(|error| End::Stopped(format!("what a division is to write cannot be read: {error}; {WAY_ON}")))?;
        let epoch = ours.ask(self.feeds.open()).await?.epoch;
        let places = u32::try_from(marks.len()).unwrap_or(u32::MAX);
        let written = marks.iter().map(|mark| async move {
            let part = mark.cursor.partition as usize;
            let lease = self.write(mark, places, epoch).await.map_err(|end| of_part(part, end))?;
            Ok((part, lease))
        });
        let leases = together(written.collect(), |lease: &mut Lease| lease, ours).await?;
        let mut held = vec![ours.held.clone()];
        held.extend(leases.values().map(|lease| lease.held.clone()));
        if !in_time(self.database.closed(&held, &self.settings.sink, division.run)).await?? {
            return Err(End::Lost);
        }
        for lease in leases.values() {
            lease.release().await;
        }
        tracing::info!(sink = self.settings.sink, parts, "the parts of a sink may begin");
        Ok(())
    }

    async fn write(&self, mark: &Mark, places: u32, epoch: i32) -> Result<Lease, End> {
        let name = lease(&self.settings.sink, mark.cursor.partition);
        let mut lease = Lease::hold(&self.database, &name, self.settings.node).await?;
        let mut sink = (self.make)(Part { of: places, ..mark.part() });
        let found = lease.beside(sink.look()).await?.map_err(ended)?;
        if !mark.is_due(&found, epoch).map_err(End::Stopped)? {
            return Ok(lease);
        }
        lease.renew().await?;
        let found = lease.beside(sink.open()).await?.map_err(ended)?;
        lease.renew().await?;
        if mark.is_due(&found, epoch).map_err(End::Stopped)? {
            let cursor = Cursor { epoch, ..mark.cursor.clone() };
            lease.beside(sink.publish(&[], &cursor, &[])).await?.map_err(ended)?;
        }
        Ok(lease)
    }

    fn part(&self, partition: u32, of: u32) -> Part {
        let RelaySettings { deployment, sink, .. } = self.settings.clone();
        Part { deployment, sink, partition, of }
    }
}

fn lease(sink: &str, part: u32) -> String {
    format!("{sink}/{part}")
}

fn of_part(part: usize, end: End) -> End {
    match end {
        End::Stopped(reason) => End::Stopped(format!("part {part}: {reason}")),
        end => end,
    }
}

fn still(stand: &Stand) -> Still {
    let run = match &stand.found {
        Found::Cursor(cursor) | Found::Gone(cursor, _) => cursor.run,
        Found::Nothing | Found::Spoilt(_) => 0,
    };
    let Stand { witness, target, place, since, .. } = stand;
    Still { witness: witness.clone(), target: target.clone(), place: place.clone(), since: *since, run }
}

/// What all of these come to, by number, while the leases of those that have, and the caller's own, are kept. The first that
/// fails ends it.
async fn together<T>(
    mut works: FuturesUnordered<impl Future<Output = Result<(usize, T), End>>>,
    lease: impl Fn(&mut T) -> &mut Lease,
    ours: &mut Lease,
) -> Result<BTreeMap<usize, T>, End> {
    const LOOK: Duration = Duration::from_secs(1);
    let mut done = BTreeMap::new();
    while !works.is_empty() {
        if let Ok(Some(one)) = tokio::time::timeout(LOOK, works.next()).await {
            let (number, one) = one?;
            done.insert(number, one);
        }
        ours.keep().await?;
        for one in done.values_mut() {
            lease(one).keep().await?;
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ports::feed::{Row, Xact};

    fn at(upto: u64) -> Position {
        serde_json::from_value(serde_json::json!({"epoch": 1, "upto": upto})).unwrap()
    }

    fn still(part: u32, parts: u32, upto: u64) -> Still {
        let witness = Witness {
            sink: "bus".into(),
            part,
            parts,
            run: 4,
            begins: "beginning".into(),
            begins_at: Some(at(0)),
            anew_in: None,
            over_epoch: None,
            word: Some(Uuid::from_u128(u128::from(part))),
            is_ours: true,
            target: Some("orders/3".into()),
            known: Some((1, at(1))),
            gap: None,
            is_forgotten: false,
            stopped: Some("for a while".into()),
            held: None,
            skips: Vec::new(),
            division: None,
        };
        let place = Place { step: 9, position: at(upto), published: 70 };
        Still { witness, target: "orders/3".into(), place, since: None, run: 4 }
    }

    fn planned(still: &[Still], into: u32) -> NewDivision {
        plan(still, into, 0, "shop").unwrap()
    }

    fn record(order_id: &str, number: u64, at: i64) -> Record {
        let row = Row { xact: Xact { epoch: 1, number }, order_id: order_id.into(), first_version: 1 };
        Record { row, at: Timestamp(at), events: "[]".into() }
    }

    /// An order of this part of so many.
    fn of(part: u32, parts: u32) -> String {
        (0..).map(|n| format!("ORD-{n}")).find(|id| part_of(id, parts) == part).unwrap()
    }

    #[test]
    fn new_parts_begin_at_one_place_and_pass_over_what_each_old_one_had() {
        let NewDivision { parts, division, marks } = planned(&[still(0, 2, 30), still(1, 2, 20)], 3);
        assert_eq!((parts.len(), marks.len(), division.run), (3, 3, 5));
        for (number, part) in (0..).zip(&parts) {
            assert_eq!((part.part, part.parts, part.run), (number, 3, 5));
            assert_eq!((&part.begins_at, &part.known), (&Some(at(20)), &Some((1, at(20)))));
            assert_eq!((part.target.as_deref(), &part.stopped, part.anew_in), (Some("orders/3"), &None, None));
        }
        let new = Witness { division: Some(division.clone()), ..parts[0].clone() };
        for (part, stopped) in [(0, 30), (1, 20)] {
            let order = of(part, 2);
            assert!(was_published(&new, &record(&order, stopped - 1, 0)), "{order}");
            assert!(!was_published(&new, &record(&order, stopped, 0)), "{order}");
        }
        let anew = Witness { run: 6, ..new };
        assert!(!was_published(&anew, &record(&of(0, 2), 1, 0)), "a word to begin anew is above it");
    }

    #[test]
    fn former_divisions_count_until_all_are_past_them() {
        let divided = |still: Still, division: &Division| {
            let witness = Witness { run: division.run, division: Some(division.clone()), ..still.witness.clone() };
            Still { witness, ..still }
        };
        let first = planned(&[still(0, 2, 30), still(1, 2, 20)], 1).division;
        let second = planned(&[divided(still(0, 1, 25), &first)], 2);
        assert_eq!((second.division.run, second.division.before.as_slice()), (6, first.before.as_slice()));
        let third =
            planned(&[divided(still(0, 2, 31), &second.division), divided(still(1, 2, 40), &second.division)], 1);
        assert_eq!(third.division.before.len(), 1, "the second alone");
        let at_one_place = planned(&[divided(still(0, 1, 50), &third.division)], 2);
        assert_eq!(at_one_place.division.before, Vec::<Vec<Stopped>>::new());
    }

    #[test]
    fn what_was_decided_before_a_part_began_is_passed_over_still() {
        // It stands where it began to read, and has published nothing: the time alone says what it does not want.
        let since = Some(Timestamp(2_000));
        let NewDivision { parts, division, .. } = planned(&[Still { since, ..still(0, 1, 20) }], 2);
        assert_eq!(division.before.len(), 1, "what lies before the time comes, and is not wanted");
        let new = Witness { division: Some(division), ..parts[0].clone() };
        assert!(was_published(&new, &record("A", 25, 1_999)) && !was_published(&new, &record("A", 25, 2_000)));
    }

    #[test]
    fn a_word_that_nobody_heard_yet_is_about_new_places_too() {
        let said = Witness { anew_in: Some(1), over_epoch: Some(4), ..still(0, 1, 20).witness };
        let unheard = Still { witness: said.clone(), ..still(0, 1, 20) };
        let over = |marks: &[Mark]| marks.iter().map(|mark| (mark.over_epoch, mark.over_spoilt)).collect::<Vec<_>>();
        assert_eq!(over(&planned(std::slice::from_ref(&unheard), 2).marks), [(Some(4), true); 2]);
        let heard = Still { witness: Witness { anew_in: None, ..said }, ..unheard };
        assert_eq!(over(&planned(&[heard], 2).marks), [(Some(4), false), (None, false)]);
    }

    #[test]
    fn what_is_known_of_former_parts_goes_on() {
        let gap = |events| Some(crate::ports::feed::Gap { events, orders: 1, until: Timestamp(7) });
        let of = |part, published, gap| {
            let Still { witness, place, .. } = still(part, 2, 20);
            Still { witness: Witness { gap, ..witness }, place: Place { published, ..place }, ..still(part, 2, 20) }
        };
        let NewDivision { parts, marks, .. } = planned(&[of(0, 70, gap(3)), of(1, 90, gap(5))], 3);
        assert!(parts.iter().all(|part| part.gap == gap(5)), "the largest");
        assert!(marks.iter().all(|mark| mark.cursor.published == 90), "no more than there must be");
        let again: Vec<_> = marks.iter().map(|mark| of(mark.cursor.partition, mark.cursor.published, None)).collect();
        assert!(planned(&again, 1).marks.iter().all(|mark| mark.cursor.published == 90));
    }

    #[test]
    fn every_place_is_told_once_and_by_nobody_of_another_history() {
        let NewDivision { marks, .. } =
            planned(&[still(0, 3, 30), still(1, 3, 20), Still { run: 7, ..still(2, 3, 40) }], 1);
        assert_eq!(marks.iter().map(|mark| mark.cursor.run).collect::<Vec<_>>(), [8; 3], "above whatever is there");
        let mark = Mark { over_epoch: None, ..marks[2].clone() };
        assert_eq!((mark.cursor.partition, mark.cursor.of, mark.cursor.published), (2, 1, 70));
        let of_run = |run: u32| Cursor { run, of: 3, ..mark.cursor.clone() };
        assert_eq!(mark.is_due(&Found::Cursor(of_run(7)), 1), Ok(true));
        assert_eq!(mark.is_due(&Found::Gone(of_run(7), String::new()), 1), Ok(true));
        assert_eq!(mark.is_due(&Found::Cursor(mark.cursor.clone()), 1), Ok(false));
        let refused = [
            (Found::Nothing, "no cursor any more"),
            (Found::Cursor(of_run(9)), "the database came back older"),
            (Found::Cursor(Cursor { epoch: 2, ..of_run(7) }), "no longer the primary"),
            (Found::Cursor(Cursor { sink: "other".into(), ..of_run(7) }), "another's cursor"),
        ];
        for (found, why) in refused {
            let told = mark.is_due(&found, 1).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
        let unheard = Mark { had_one: false, ..mark.clone() };
        assert_eq!(unheard.is_due(&Found::Nothing, 1), Ok(true));
        let spoilt = Found::Spoilt("a newer program wrote it".into());
        let over = Mark { over_spoilt: true, ..mark.clone() };
        assert_eq!(over.is_due(&spoilt, 1), Ok(true), "an operator's word passes over it");
        assert!(mark.is_due(&spoilt, 1).unwrap_err().contains("a newer program"), "that of an earlier run does not");
        let text = serde_json::to_string(&marks).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Mark>>(&text).unwrap(), marks);
    }
}
