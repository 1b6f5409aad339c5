//! The relay: one for each part of each sink, over all engines of a database. It reads the feed, tells what it read as
//! CloudEvents, and has the sink take them with the cursor behind them.
//!
//! What shaped it. *Two relays at once* (one slept beyond its lease): a lease stops nobody; the sink's own fence keeps
//! the older one from publishing, or, where a sink has none, the lease's generation keeps it from moving the cursor
//! (`ports/lease.rs`). *An answer that is lost*: what was not told to be taken is unknown, and the sink is asked where
//! it stands ([`Sink::open`]). *A sink that forgot, or a database that did*: see `place.rs`; then it stops, and says so
//! until somebody was there. *A step of an enormous size*: it is cut, and the position holds the cut. *An event that
//! nobody can read, or the sink will never take*: it stops, names it, and goes on once an operator has it passed over.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use uuid::Uuid;

use super::held::{End, Lease, at_random, ended, in_time};
use super::lag::Missing;
use super::place::{self, Asked, Place};
use super::sink::{Cursor, Cut, Found, Part, Sink, SinkError, part_of};
use super::{Begin, CloudEvent, Fresh, division, events, needs_content};
use crate::limits;
use crate::ports::StoreError;
use crate::ports::feed::{Batch, Content, Position, Reader, Record};
use crate::ports::lease::{Held, Leases};
use crate::ports::relay::{Feeds, Opened, Parts, Witness, Witnesses};
use crate::saga::Timestamp;
use crate::telemetry::SinkMetrics;

/// What a row says that came along into a clone.
pub(super) const A_COPY: &str = "it was published to by the deployment that this one is a copy of: give this one a target of its \
    own, and begin with `counterfoil outbox replay --from`";

/// What a relay publishes, and how.
#[derive(Debug, Clone)]
pub struct RelaySettings {
    /// The deployment's id: a copy of its database is another one, and has no business with its cursors.
    pub deployment: String,
    /// The deployment's name: where events come from.
    pub name_of_deployment: String,
    /// The sink's name.
    pub sink: String,
    /// Which part of it, by the hash of order_id, from 0.
    pub part: u32,
    /// How many parts the sink has.
    pub parts: u32,
    /// Where a sink begins that was never published to, in words: see [`Begin`].
    pub begins: String,
    /// Whether address, labels and payment token are told.
    pub personal_data: bool,
    /// The id of the engine that the relay runs in: it holds the lease.
    pub node: Uuid,
}

impl RelaySettings {
    fn name(&self) -> String {
        format!("{}/{}", self.sink, self.part)
    }
}

/// What a relay needs of the database.
pub trait Database: Leases + Witnesses {}

impl<T: Leases + Witnesses> Database for T {}

/// Publishes to one part of one sink, as long as it lives.
pub struct Relay<S> {
    sink: S,
    settings: RelaySettings,
    feeds: Arc<dyn Feeds>,
    database: Arc<dyn Database>,
    metrics: SinkMetrics,
    /// Told when this engine committed something.
    wake: Arc<Notify>,
    /// What that was submitted with.
    fresh: Arc<Fresh>,
    held: Option<Held>,
    /// By which others know that an engine of this number of parts is here.
    here: Option<Held>,
    /// What stands for a witness that is not there.
    heir: Option<Witness>,
    /// How far it was when it last published, or looked.
    reached: Option<Position>,
    /// Whether it was told that what is configured as its beginning is of no account.
    begin_told: bool,
    /// An event that the sink refused: what lies before its commit is published without it.
    refused: Option<String>,
}

impl<S: Sink> Relay<S> {
    /// A relay that does nothing yet.
    pub fn new(
        sink: S,
        settings: RelaySettings,
        feeds: Arc<dyn Feeds>,
        database: Arc<dyn Database>,
        metrics: SinkMetrics,
        wake: Arc<Notify>,
        fresh: Arc<Fresh>,
    ) -> Self {
        let (held, here, heir, reached, refused) = (None, None, None, None, None);
        let begin_told = false;
        Self { sink, settings, feeds, database, metrics, wake, fresh, held, here, heir, reached, begin_told, refused }
    }

    /// See [`Sink::keeps_cursor`].
    pub(super) fn keeps_cursor(&self) -> bool {
        self.sink.keeps_cursor()
    }

    /// The same, of a part that was never looked at, and has this in common with others of its sink.
    pub(super) fn instead(self, heir: Witness) -> Self {
        Self { heir: Some(heir), ..self }
    }

    /// Publishes until `leaving` is done, then gives the lease up. What was on its way then is taken as a whole or not at
    /// all, as if it had died.
    pub async fn run(&mut self, leaving: impl Future<Output = ()>) {
        tokio::select! {
            () = leaving => {}
            () = self.go_on() => {}
        }
        self.metrics.elsewhere();
        self.release().await;
        if let Some(here) = self.here.take() {
            let _for_people = tokio::time::timeout(limits::RELAY_RENEWAL, self.database.release(&here)).await;
        }
    }

    async fn go_on(&mut self) {
        let (mut pause, mut told) = (limits::RELAY_PAUSE_LEAST, None);
        loop {
            let began = Instant::now();
            let Err(end) = self.publish().await;
            self.metrics.publishes(false);
            if began.elapsed() > limits::RELAY_LEASE {
                (pause, told) = (limits::RELAY_PAUSE_LEAST, None); // it went well meanwhile
            }
            let sink = self.settings.name();
            match end {
                End::Elsewhere => {
                    self.metrics.elsewhere();
                    self.reached = None;
                    tokio::time::sleep(limits::RELAY_RENEWAL).await;
                    continue;
                }
                End::Lost => {
                    self.metrics.elsewhere();
                    (self.held, self.reached) = (None, None);
                    tracing::info!(sink, "another engine publishes");
                }
                End::Again(reason) => {
                    // Once as a warning; the same again and again says nothing new.
                    if told.as_ref() == Some(&reason) {
                        tracing::debug!(sink, reason, "cannot publish");
                    } else {
                        tracing::warn!(sink, reason, "cannot publish: it is tried again");
                        told = Some(reason);
                    }
                    self.is_here().await;
                    self.release().await;
                }
                End::Waits(reason) => {
                    self.metrics.elsewhere();
                    self.metrics.stopped(true);
                    self.reached = None;
                    if told.as_ref() != Some(&reason) {
                        tracing::warn!(sink, reason, "this engine does not publish");
                        told = Some(reason);
                    }
                    self.release().await;
                    tokio::time::sleep(limits::RELAY_RENEWAL).await;
                    continue;
                }
                End::Stopped(reason) => {
                    self.is_here().await;
                    self.stop(reason, &mut told).await;
                    tokio::time::sleep(limits::RELAY_STOPPED).await;
                    continue;
                }
            }
            tokio::time::sleep(at_random(pause)).await;
            pause = (pause * 2).min(limits::RELAY_PAUSE_MOST);
        }
    }

    /// Says that only a human helps, where operators look; and looks again whether one was there.
    async fn stop(&mut self, reason: String, told: &mut Option<String>) {
        let sink = self.settings.name();
        self.metrics.stopped(true);
        if told.as_ref() != Some(&reason) {
            tracing::error!(sink, reason, "nothing is published until a human has been there");
        }
        let kept = async {
            let Some(held) = &self.held else { return Ok(()) };
            let witness = self.database.witness(&self.settings.sink, self.settings.part).await?;
            // One that is not there yet says nothing: a row that this makes would say that the sink has as many parts.
            let Some(mut witness) = witness else { return Ok(()) };
            if witness.stopped.as_ref() != Some(&reason) {
                witness.stopped = Some(reason.clone());
                self.database.attest(held, &witness).await?;
            }
            Ok::<_, StoreError>(())
        };
        match in_time(kept).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(sink, %error, "cannot keep why nothing is published"),
            Err(_silent) => tracing::debug!(sink, "cannot keep why nothing is published"),
        }
        *told = Some(reason);
        self.release().await;
    }

    /// Whoever has another number of parts in its configuration waits for as long as somebody of this one is here, though it
    /// should hold no lease: it is stopped, or the sink is away. One part says so for all.
    async fn is_here(&mut self) {
        if self.settings.part > 0 {
            return;
        }
        let name = division::presence(&self.settings.sink, self.settings.parts);
        let here = self.database.hold(&name, self.settings.node, limits::RELAY_HERE);
        let here = tokio::time::timeout(limits::RELAY_RENEWAL, here).await;
        // Where another engine says it, that is enough.
        if let Ok(Ok(Some(here))) = here {
            self.here = Some(here);
        }
    }

    /// A sink that was never published to.
    fn fresh(&self) -> Witness {
        if let Some(heir) = &self.heir {
            return heir.clone();
        }
        let RelaySettings { sink, part, parts, begins, .. } = self.settings.clone();
        let (begins_at, target, known, stopped) = (None, None, None, None);
        Witness {
            sink,
            part,
            parts,
            run: 1,
            begins,
            begins_at,
            anew_in: None,
            over_epoch: None,
            word: None,
            is_ours: true,
            target,
            known,
            stopped,
            held: None,
            gap: None,
            is_forgotten: false,
            skips: Vec::new(),
            division: None,
        }
    }

    pub(super) async fn release(&mut self) {
        if let Some(held) = self.held.take() {
            let _for_people = tokio::time::timeout(limits::RELAY_RENEWAL, self.database.release(&held)).await;
        }
    }

    /// Whether these are the parts of which this is one.
    fn fits(&self, parts: Option<Parts>) -> Result<(), End> {
        let (sink, ours) = (&self.settings.sink, self.settings.parts);
        match parts {
            Some(parts) if parts.of != ours && !self.sink.has_parts() => Err(End::Stopped(format!(
                "{sink} was published to in {} parts, and a sink of this kind has one: give it a name of its own, and have the \
                 one before given up with `counterfoil outbox forget {sink}`",
                parts.of
            ))),
            Some(parts) if parts.of != ours => Err(End::Waits(format!(
                "{sink} is published to in {} parts, and outbox.sinks[].partitions is {ours} here: it is divided anew once no \
                 engine is left that says {}, and until then this one publishes nothing to it",
                parts.of, parts.of
            ))),
            Some(parts) if parts.closing => {
                Err(End::Waits(format!("{sink} is divided into {ours} parts, and the sink has yet to be told")))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Takes over: from here on nobody else publishes to this part, as long as the lease is held.
    pub(super) async fn stand(&mut self) -> Result<Stand, End> {
        let mut lease = Lease::hold(&self.database, &self.settings.name(), self.settings.node).await?;
        self.held = Some(lease.held.clone());
        let (feeds, database) = (Arc::clone(&self.feeds), Arc::clone(&self.database));
        let Opened { reader, epoch } = lease.ask(feeds.open()).await?;
        self.fits(lease.ask(database.parts(&self.settings.sink)).await?)?;
        let known = lease.ask(database.witness(&self.settings.sink, self.settings.part)).await?;
        let mut witness = match known {
            Some(known) if known.parts == self.settings.parts => known,
            // A row of another number of parts, of which nothing came.
            Some(stale) => Witness { run: stale.run.max(self.fresh().run), ..self.fresh() },
            None => self.fresh(),
        };
        self.say_what_waits(&*reader, &witness, &mut lease).await?;
        if !witness.is_ours {
            return Err(End::Stopped(A_COPY.into()));
        }
        if witness.is_forgotten {
            return Err(End::Stopped(
                "it was given up by `counterfoil outbox forget`, and what it would go on with may be gone: have it begin anew \
                 with `counterfoil outbox replay --from`"
                    .into(),
            ));
        }
        if let Some(why) = &witness.held {
            return Err(End::Stopped(format!("an operator has nothing published: {why}")));
        }
        if witness.anew_in.is_some_and(|said_in| said_in != epoch) {
            return Err(End::Stopped(
                "it was to begin anew, and that was said before the database was restored or promoted: say so again, with \
                 `counterfoil outbox replay --from`, if it still holds"
                    .into(),
            ));
        }
        self.heed_begin(&mut witness);
        let begin: Begin = witness.begins.parse().map_err(|why| End::Stopped(format!("where it begins {why}")))?;
        let begins_at = match witness.begins_at.clone() {
            Some(begins_at) => begins_at,
            // Before anything else is asked: "now" is when it was said, and not when the sink is there.
            None => begins_at(&begin, &*reader, &mut lease).await?,
        };
        if witness.begins_at.is_none() {
            witness.begins_at = Some(begins_at.clone());
            lease.attest(&witness).await?;
            // What operators have the sink pass over is theirs, and may be older than this part of it.
            let kept = lease.ask(database.witness(&self.settings.sink, self.settings.part)).await?;
            (witness.skips, witness.gap) = kept.map(|kept| (kept.skips, kept.gap)).unwrap_or_default();
            if let Some(gap) = witness.gap {
                let (sink, from) = (self.settings.name(), &witness.begins);
                tracing::warn!(sink, from, "of what the sink was to begin with {gap}");
            }
        }
        // Whoever may not publish finds that out before it fences anybody: it looks again and again.
        let found = lease.beside(self.sink.look()).await?.map_err(ended)?;
        let target = self.sink.target();
        self.judge((&witness, &begins_at), &found, epoch, &*reader, &mut lease).await?;
        lease.renew().await?; // whoever slept since it looked does not fence
        let found = lease.beside(self.sink.open()).await?.map_err(ended)?;
        // And whoever slept before it did has fenced in vain: what its successor wrote down is how far it came.
        lease.renew().await?;
        let place = self.judge((&witness, &begins_at), &found, epoch, &*reader, &mut lease).await?;
        let since = if let Begin::Time(since) = begin { Some(since) } else { None };
        Ok(Stand { reader, epoch, lease, witness, found, target, place, since })
    }

    async fn publish(&mut self) -> Result<std::convert::Infallible, End> {
        // Whoever divides holds all leases: who cannot publish asks for none.
        self.fits(in_time(self.database.parts(&self.settings.sink)).await??)?;
        self.is_here().await;
        let Stand { reader, epoch, lease, mut witness, found, target, place, since } = self.stand().await?;
        let Place { step, position, published } = place;
        if witness.target.is_none() {
            self.begin(&mut witness, &found, &target, &lease).await?;
        }
        let mut run = Run {
            reader,
            epoch,
            lease,
            witness,
            target,
            step,
            events: published,
            published: position.clone(),
            position,
            since,
            attested: None,
            missing: Missing::default(),
        };
        if run.is_ahead() {
            run.attest().await?; // its predecessor died, or left, before it could
        }
        // Whoever is of an earlier history, or has not heard the word, would go on from what stands there until the first event.
        let is_marked =
            matches!(&found, Found::Cursor(cursor) if cursor.epoch == epoch && cursor.run == run.witness.run);
        if self.sink.keeps_cursor() && !is_marked {
            self.mark(&mut run).await?;
        }
        let mut pause = limits::FEED_PAUSE_LEAST;
        loop {
            let wake = Arc::clone(&self.wake);
            let (began, woken) = (Instant::now(), wake.notified());
            match self.step(&mut run).await? {
                FeedProgress::More => pause = limits::FEED_PAUSE_LEAST,
                FeedProgress::All => {
                    pause = limits::FEED_PAUSE_LEAST;
                    tokio::time::sleep(limits::RELAY_GATHER.saturating_sub(began.elapsed())).await;
                }
                FeedProgress::Nothing => {
                    let _or_time = tokio::time::timeout(pause, woken).await;
                    pause = (pause * 2).min(limits::FEED_PAUSE_MOST);
                }
            }
        }
    }

    /// What is configured counts for a sink that was never published to, and for no other.
    fn heed_begin(&mut self, witness: &mut Witness) {
        if witness.run > 1 || witness.anew_in.is_some() || witness.begins == self.settings.begins {
            return;
        }
        if witness.target.is_none() {
            (witness.begins, witness.begins_at) = (self.settings.begins.clone(), None); // nothing came of it yet
        } else if !std::mem::replace(&mut self.begin_told, true) {
            let (sink, begun, from) = (self.settings.name(), &witness.begins, &self.settings.begins);
            tracing::warn!(sink, begun, from, "outbox.sinks[].from is of no account: the sink was begun before");
        }
    }

    /// Where it goes on from what the sink has, and whether this database's history has that place.
    async fn judge(
        &self,
        (witness, begins_at): (&Witness, &Position),
        found: &Found,
        epoch: i32,
        reader: &dyn Reader,
        lease: &mut Lease,
    ) -> Result<Place, End> {
        let RelaySettings { deployment, sink, part, parts, .. } = self.settings.clone();
        let part = Part { deployment, sink, partition: part, of: parts };
        let (keeps_cursor, target) = (self.sink.keeps_cursor(), self.sink.target());
        let asked = Asked { witness, begins_at, epoch, found, keeps_cursor, target: &target, part: &part };
        let place = place::place(asked).map_err(End::Stopped)?;
        lease.ask(reader.step(&place.position, 1, 0)).await?;
        Ok(place)
    }

    /// Begins a run that no relay has begun: from here on the witness says that this database publishes to the sink.
    async fn begin(&self, witness: &mut Witness, found: &Found, target: &str, lease: &Lease) -> Result<(), End> {
        if let Found::Cursor(cursor) | Found::Gone(cursor, _) = found {
            // An operator's word, or it would have been judged otherwise: above whatever the sink has.
            witness.run = witness.run.max(cursor.run.saturating_add(1));
        }
        (witness.target, witness.anew_in, witness.stopped) = (Some(target.to_owned()), None, None);
        lease.attest(witness).await?;
        tracing::info!(sink = self.settings.name(), run = witness.run, from = witness.begins, "a run of a sink begins");
        Ok(())
    }

    /// Publishes the cursor alone.
    async fn mark(&mut self, run: &mut Run) -> Result<(), End> {
        let cursor = self.cursor(run, &run.position, 0);
        self.have_taken(run, &[], &cursor, &[], 0).await?;
        run.step += 1;
        run.attest().await?;
        run.attested = None; // what is published first is attested at once all the same
        Ok(())
    }

    /// The cursor behind the next publication.
    fn cursor(&self, run: &Run, position: &Position, events: usize) -> Cursor {
        Cursor {
            deployment: self.settings.deployment.clone(),
            sink: self.settings.sink.clone(),
            partition: self.settings.part,
            of: self.settings.parts,
            target: run.target.clone(),
            run: run.witness.run,
            step: run.step + 1,
            published: run.events.saturating_add(events as u64),
            word: run.witness.word,
            epoch: run.epoch,
            position: position.clone(),
        }
    }

    /// While a sink is away, or has nothing published, its lag grows: what waits for it is looked at before it is asked.
    async fn say_what_waits(&self, reader: &dyn Reader, witness: &Witness, lease: &mut Lease) -> Result<(), End> {
        let known = witness.known.as_ref().map(|known| &known.1);
        match self.reached.as_ref().or(known).or(witness.begins_at.as_ref()) {
            Some(position) => self.look_behind(reader, position, lease).await,
            None => Ok(()),
        }
    }

    /// How old is what lies first behind a position, and how much does. Only numbers for people: where they cannot be had now,
    /// publishing does not depend on them.
    async fn look_behind(&self, reader: &dyn Reader, position: &Position, lease: &mut Lease) -> Result<(), End> {
        if let Ok(Ok(batch)) = lease.beside(in_time(reader.step(position, 1, 0))).await?
            && let Some(record) = batch.records.first()
        {
            self.metrics.lags(1, age(record.at));
            self.count(reader, position, lease).await?;
        }
        Ok(())
    }

    /// How many events lie behind a position, now and then. Of a part's own it is about so many.
    async fn count(&self, reader: &dyn Reader, position: &Position, lease: &mut Lease) -> Result<(), End> {
        if !self.metrics.count_is_due(limits::RELAY_COUNT) {
            return Ok(());
        }
        let told = in_time(reader.behind(position, limits::RELAY_COUNTED));
        if let Ok(Ok(events)) = lease.beside(told).await? {
            self.metrics.lags_by(events / u64::from(self.settings.parts));
        }
        Ok(())
    }

    /// One step of the feed, published.
    async fn step(&mut self, run: &mut Run) -> Result<FeedProgress, End> {
        run.lease.keep().await?;
        let batch = run.lease.ask(run.reader.step(&run.position, limits::FEED_ROWS, limits::FEED_BYTES)).await?;
        self.metrics.publishes(true);
        if batch.records.is_empty() {
            run.goes_on(&self.metrics).await?;
            if run.is_ahead() && run.is_due() {
                run.attest().await?;
            }
            let next = batch.position(&run.position, 0);
            let moved = next != run.position;
            run.position = next;
            self.reached = Some(run.position.clone());
            self.metrics.is_up_to_date();
            self.note_missing(run);
            return Ok(if moved { FeedProgress::More } else { FeedProgress::Nothing });
        }
        let ToPublish { events: told, taken, ends } = self.tell(run, &batch).await?;
        let next = batch.position(&run.position, taken);
        self.reached = Some(run.position.clone());
        let oldest = batch.records.first().map_or(0.0, |record| age(record.at));
        self.metrics.lags(told.len(), oldest);
        let in_part = self.sink.takes_in_part();
        let steps = if in_part { ends.len() as u64 } else { 1 };
        if !told.is_empty() {
            let cursor = Cursor { step: run.step + steps, ..self.cursor(run, &next, told.len()) };
            let cuts = if in_part { run.cuts(&batch, &ends) } else { Vec::new() };
            let first = ends.first().map_or(0, |(events, _)| *events);
            self.have_taken(run, &told, &cursor, &cuts, first).await?;
            (run.step, run.events) = (run.step + steps, cursor.published);
            run.published.clone_from(&next);
            self.metrics.published(told.len());
        }
        run.position = next;
        self.note_missing(run);
        let whole = batch.whole && taken == batch.records.len();
        if !told.is_empty() {
            let first = run.witness.known.is_none();
            if first || run.is_due() || !self.sink.keeps_cursor() {
                run.attest().await?;
            }
            run.goes_on(&self.metrics).await?;
        }
        if !whole {
            self.count(&*run.reader, &run.position, &mut run.lease).await?;
        }
        Ok(if whole { FeedProgress::All } else { FeedProgress::More })
    }

    /// What lies behind the run's position, and is waited for.
    fn note_missing(&self, run: &mut Run) {
        self.metrics.waits_for(run.missing.note(&run.position, Instant::now()).as_secs_f64());
    }

    /// Has the sink take these, however often it takes to be taken. So many are of the first commit: where one behind them is
    /// refused, it begins anew with those before its commit alone.
    async fn have_taken(
        &mut self,
        run: &mut Run,
        told: &[CloudEvent],
        cursor: &Cursor,
        cuts: &[Cut],
        first: usize,
    ) -> Result<(), End> {
        let mut pause = limits::RELAY_PAUSE_LEAST;
        let mut warned = false;
        loop {
            match run.lease.beside(self.sink.publish(told, cursor, cuts)).await? {
                Ok(()) => return Ok(()),
                Err(SinkError::NotTaken(reason)) => {
                    if !std::mem::replace(&mut warned, true) {
                        tracing::warn!(sink = self.settings.name(), reason, "not taken: published again");
                    }
                    self.look_behind(&*run.reader, &run.published, &mut run.lease).await?;
                    run.lease.beside(tokio::time::sleep(at_random(pause))).await?;
                    pause = (pause * 2).min(limits::RELAY_PAUSE_MOST);
                }
                Err(SinkError::Refused { id, reason })
                    if told.iter().skip(first).any(|event| event.id == id) && self.refused.as_ref() != Some(&id) =>
                {
                    let why = format!("the event {id} is refused: {reason}; what lies before it is published first");
                    self.refused = Some(id);
                    return Err(End::Again(why));
                }
                Err(error) => return Err(ended(error)),
            }
        }
    }

    /// The events of a batch that are this part's, and how many of its records they are from: fewer than all where they
    /// are large.
    async fn tell(&self, run: &mut Run, batch: &Batch) -> Result<ToPublish, End> {
        let source = format!("/counterfoil/{}", self.settings.name_of_deployment);
        let (mut told, mut bytes, mut taken, mut ends) = (Vec::new(), 0, 0, Vec::new());
        for part in batch.records.chunks(limits::FEED_CONTENTS) {
            let ours = |record: &&Record| {
                part_of(&record.row.order_id, self.settings.parts) == self.settings.part
                    && record.events != "[]"
                    && !division::was_published(&run.witness, record)
                    && run.since.is_none_or(|since| record.at >= since)
            };
            run.lease.keep().await?;
            let needed = |record: &&Record| ours(record) && needs_content(record);
            let mut contents = HashMap::new();
            let mut ids: Vec<&str> = Vec::new();
            for record in part.iter().filter(needed) {
                match self.fresh.content(record) {
                    Some(content) => drop(contents.insert(record.row.order_id.clone(), content)),
                    None => ids.push(&record.row.order_id),
                }
            }
            self.metrics.contents(contents.len(), ids.len());
            if !ids.is_empty() {
                contents.extend(run.lease.ask(run.reader.contents(&ids)).await?);
            }
            for record in part {
                if bytes > limits::RELAY_BYTES {
                    return Ok(ToPublish { events: told, taken, ends });
                }
                let before = told.len();
                if ours(&record) {
                    let content = contents.get(&record.row.order_id);
                    match self.read(record, content, &source) {
                        // What lies before it is published first.
                        Ok(events) if taken > 0 && self.is_refused(run, &events) => {
                            return Ok(ToPublish { events: told, taken, ends });
                        }
                        Ok(events) => {
                            let content = content.map_or(0, |content| content.lines.len() + content.details.len());
                            bytes += record.events.len() + content;
                            told.extend(
                                events.into_iter().filter(|event| !self.passes_over(run, &event.id, event.epoch)),
                            );
                        }
                        Err((id, _)) if self.passes_over(run, &id, record.row.xact.epoch) => {}
                        // What lies before it is published first.
                        Err(_) if taken > 0 => return Ok(ToPublish { events: told, taken, ends }),
                        Err((id, why)) => {
                            let way_on = format!("`counterfoil outbox skip {id}` passes over that commit");
                            return Err(End::Stopped(format!("{why}; {way_on}")));
                        }
                    }
                }
                taken += 1;
                if told.len() > before {
                    ends.push((told.len(), taken));
                }
            }
        }
        Ok(ToPublish { events: told, taken, ends })
    }

    /// Whether the sink refused one of these, which no operator has passed over since.
    fn is_refused(&self, run: &Run, events: &[CloudEvent]) -> bool {
        let refused = |event: &&CloudEvent| Some(&event.id) == self.refused.as_ref();
        events.iter().find(refused).is_some_and(|event| !self.passes_over(run, &event.id, event.epoch))
    }

    /// Whether an operator has this event passed over. That is never done in silence.
    fn passes_over(&self, run: &Run, id: &str, epoch: i32) -> bool {
        let skipped = run.witness.skips.iter().any(|(skipped, of)| skipped == id && *of == epoch);
        if skipped {
            tracing::warn!(sink = self.settings.name(), event = id, "passed over, as an operator said");
        }
        skipped
    }

    /// The events of a commit; or the id of the first of them, and why they cannot be told.
    fn read(
        &self,
        record: &Record,
        content: Option<&Content>,
        source: &str,
    ) -> Result<Vec<CloudEvent>, (String, String)> {
        let id = || format!("{}/{}", record.row.order_id, record.row.first_version);
        let nothing = Content::default();
        let content = match content {
            Some(content) => content,
            None if needs_content(record) => {
                let why = format!(
                    "order {} has events, and is not there: `counterfoil audit` says more",
                    record.row.order_id
                );
                return Err((id(), why));
            }
            None => &nothing,
        };
        events(record, content, source, self.settings.personal_data).map_err(|error| (id(), error.to_string()))
    }
}

/// What is to be published of a batch.
struct ToPublish {
    events: Vec<CloudEvent>,
    /// Of so many of its records.
    taken: usize,
    /// Behind each commit that has some: how many events, of how many records.
    ends: Vec<(usize, usize)>,
}

/// A part that was taken over.
pub(super) struct Stand {
    reader: Box<dyn Reader>,
    pub(super) epoch: i32,
    pub(super) lease: Lease,
    pub(super) witness: Witness,
    pub(super) found: Found,
    pub(super) target: String,
    pub(super) place: Place,
    pub(super) since: Option<Timestamp>,
}

/// What a step of the feed found.
enum FeedProgress {
    Nothing,
    /// All that there was.
    All,
    /// And there may be more.
    More,
}

/// A relay at work.
struct Run {
    reader: Box<dyn Reader>,
    /// Which the database is in.
    epoch: i32,
    lease: Lease,
    witness: Witness,
    target: String,
    step: u64,
    /// How many events, in this run.
    events: u64,
    /// Behind what was published: how far the sink's cursor is.
    published: Position,
    /// Behind what was read, also where nothing came of it.
    position: Position,
    since: Option<Timestamp>,
    attested: Option<Instant>,
    /// What is open, and since when it is waited for.
    missing: Missing,
}

impl Run {
    /// Where it waited for a human before, it does not any more.
    async fn goes_on(&mut self, metrics: &SinkMetrics) -> Result<(), End> {
        if self.witness.stopped.take().is_some() {
            self.lease.attest(&self.witness).await?;
        }
        metrics.stopped(false);
        Ok(())
    }

    /// Where what comes of a batch may be cut: before it, and behind each commit but the last. Each has a step of its own: what a
    /// predecessor has on its way may be taken when its successor's cursor is attested, and lies behind that then.
    fn cuts(&self, batch: &Batch, ends: &[(usize, usize)]) -> Vec<Cut> {
        let inner = &ends[..ends.len().saturating_sub(1)];
        let positions = batch.positions(&self.position, inner.iter().map(|(_, taken)| *taken));
        let inner = (self.step + 1..).zip(inner.iter().zip(positions));
        let inner = inner.map(|(step, ((events, _), position))| Cut { events: *events, step, position });
        std::iter::once(Cut { events: 0, step: self.step, position: self.published.clone() }).chain(inner).collect()
    }

    /// Whether more was published than the witness knows.
    fn is_ahead(&self) -> bool {
        self.step > self.witness.known.as_ref().map_or(0, |known| known.0)
    }

    fn is_due(&self) -> bool {
        self.attested.is_none_or(|at| at.elapsed() >= limits::RELAY_WITNESS)
    }

    async fn attest(&mut self) -> Result<(), End> {
        // Not what was read since: the sink's cursor of this step is compared with it.
        self.witness.known = Some((self.step, self.published.clone()));
        self.witness.target = Some(self.target.clone());
        self.lease.attest(&self.witness).await?;
        self.attested = Some(Instant::now());
        Ok(())
    }
}

async fn begins_at(begin: &Begin, reader: &dyn Reader, lease: &mut Lease) -> Result<Position, End> {
    Ok(match begin {
        Begin::Beginning | Begin::Time(_) => lease.ask(reader.beginning()).await?,
        Begin::Now => lease.ask(reader.now()).await?,
        Begin::Position(position) => position.clone(),
    })
}

/// Seconds since it was decided, by this machine's clock.
fn age(at: Timestamp) -> f64 {
    let micros = (jiff::Timestamp::now().as_microsecond() - at.0).max(0);
    Duration::from_micros(micros.unsigned_abs()).as_secs_f64()
}
