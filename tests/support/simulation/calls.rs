//! Calls to the participants: requests and answers that are lost, doubled, late and out of order, and participants that
//! fail before their effect or behind it, refuse, or stay away.
//!
//! A participant may accept a call and decide it later: it is 202 then, and so is every repeat until the decision. What
//! was decided, done or refused, is told by a webhook, which may be lost, and to whoever repeats the call or looks. An
//! undo that comes before the decision keeps the effect out.
//!
//! An engine hears of each call within the step timeout, as its client of HTTP sees to. What comes later it mostly does
//! not hear, and sometimes does: the core must not mind.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use counterfoil::engine::order::{Due, OrderInput};
use counterfoil::ports::{Called, Cause, Store};
use counterfoil::saga::effect::ParticipantRole;
use counterfoil::saga::{Action, CallKind, Command, OrderId, Outcome, decide};
use futures_util::FutureExt;

use super::Mutation;
use super::chance::{Fault, Turn};
use super::coverage;
use super::judge::Violation;
use super::mail::Letter;
use super::world::World;
use crate::support::outside::{Mood, Took, key};

/// A call, from its beginning to whatever comes of it.
#[derive(Debug)]
pub struct Call {
    actor: u64,
    due: Due,
    called: Called,
    look_up: bool,
    heard: Cell<bool>,
}

/// A part of a call's way.
#[derive(Debug)]
pub enum Flight {
    /// It arrives.
    Request(Rc<Call>),
    /// Its answer arrives.
    Answer(Rc<Call>, Outcome),
    /// Its caller waits no longer.
    Timeout(Rc<Call>),
    /// Its participant, which had accepted it, decides it.
    Decision(Rc<Call>),
    /// A webhook says that it was decided.
    Notice(Rc<Call>),
}

/// Until when which participant is not there.
#[derive(Debug, Default)]
pub struct Away {
    inventory: Option<Instant>,
    payment: Option<Instant>,
    shipment: Option<Instant>,
    step: Option<Instant>,
}

impl Away {
    fn of(&mut self, role: ParticipantRole) -> &mut Option<Instant> {
        match role {
            ParticipantRole::Inventory => &mut self.inventory,
            ParticipantRole::Payment => &mut self.payment,
            ParticipantRole::Shipment => &mut self.shipment,
            ParticipantRole::Step => &mut self.step,
        }
    }
}

impl World {
    /// A participant stays away for a while.
    pub(super) fn go_away(&mut self) {
        let role = *self.chance.detail().pick(&[
            ParticipantRole::Inventory,
            ParticipantRole::Payment,
            ParticipantRole::Shipment,
        ]);
        let until = self.now + Duration::from_millis(self.chance.detail().below(500) as u64);
        self.note(|| format!("{role:?} stays away"));
        self.mark("participants that stayed away");
        *self.away.of(role) = Some(until);
    }

    fn is_away(&mut self, role: ParticipantRole) -> bool {
        self.away.of(role).is_some_and(|until| until > self.now)
    }

    fn soon(&mut self) -> Duration {
        Duration::from_micros(self.chance.turn(Turn::Way, 8_000).unwrap_or(4_000) as u64)
    }

    /// A delay beyond the caller's patience, and beyond its lease; but within what is left of a key's lifetime behind
    /// the last time that it is sent: past that nobody can tell a repeat from a new call.
    fn long(&mut self) -> Duration {
        let timeout = self.conditions.step_timeout;
        let most = if self.conditions.key_lifetime.is_some() { timeout * 4 / 5 } else { 20 * timeout };
        Duration::from_micros(
            self.chance.detail().below(usize::try_from(most.as_micros()).expect("a short time")) as u64
        )
    }

    fn delay(&mut self, late: Fault, what: &'static str) -> Duration {
        if !self.befalls(late) {
            return self.soon();
        }
        self.mark(what);
        self.long()
    }

    /// A call leaves.
    pub(super) fn take_off(
        &mut self,
        actor: u64,
        due: Due,
        called: Box<Called>,
        look_up: bool,
    ) -> Result<(), Violation> {
        let (id, kind) = (called.order.id.clone(), called.call.kind);
        let look_up = look_up || called.call.is_look_up();
        self.note(|| format!("actor {actor} {} {kind} of {id}", if look_up { "looks up" } else { "sends" }));
        self.mark(if look_up { "look-ups" } else { "calls" });
        self.judge.calls(&self.store, &called, look_up)?;
        let call = Rc::new(Call { actor, due, called: *called, look_up, heard: Cell::new(false) });
        let timeout = self.now + self.conditions.step_timeout;
        self.mail.post_at(timeout, Letter::Flight(Flight::Timeout(Rc::clone(&call))));
        if !look_up && self.befalls(Fault::RequestDoubled) {
            self.mark("requests that came twice");
            let at = self.now + self.long();
            self.mail.post_at(at, Letter::Flight(Flight::Request(Rc::clone(&call))));
        }
        if self.befalls(Fault::RequestLost) {
            self.mark("requests that were lost");
            return Ok(());
        }
        let at = self.now + self.delay(Fault::RequestLate, "requests that came late");
        self.mail.post_at(at, Letter::Flight(Flight::Request(call)));
        Ok(())
    }

    /// Part of a call's way is done.
    pub(super) fn fly(&mut self, flight: Flight) -> Result<(), Violation> {
        match flight {
            Flight::Request(call) => self.arrive(&call),
            Flight::Answer(call, outcome) => {
                let late = call.heard.replace(true);
                if !late {
                    self.tell(&call, outcome);
                } else if self.befalls(Fault::AnswerTwice) {
                    self.mark("answers heard beside another");
                    self.tell(&call, outcome);
                }
                Ok(())
            }
            Flight::Timeout(call) => {
                if !call.heard.replace(true) {
                    self.mark("calls that timed out");
                    self.tell(&call, Outcome::Unknown);
                }
                Ok(())
            }
            Flight::Decision(call) => self.decide_accepted(&call),
            Flight::Notice(call) => {
                self.notice(&call);
                Ok(())
            }
        }
    }

    fn tell(&mut self, call: &Call, outcome: Outcome) {
        let due = call.due.clone();
        let outcome = match outcome {
            Outcome::Unknown if self.mutation == Mutation::TakesUnknownForRefused && is_step(due.call) => {
                Outcome::refused("timeout")
            }
            Outcome::Pending if self.mutation == Mutation::TakesPendingForDone && is_step(due.call) => Outcome::done(),
            outcome => outcome,
        };
        let id = &call.called.order.id;
        self.note_not_due(&due, &outcome, id);
        self.note(|| format!("actor {} hears of {} of {id}: {outcome:?}", call.actor, due.call.kind));
        // Some of those who did not get through know that nobody does.
        let nobody = matches!(outcome, Outcome::Unknown | Outcome::Unsent) && self.is_away(due.call.role());
        let cause = (nobody && self.chance.detail().one_in(2)).then(|| {
            self.mark("tries that did not count");
            Cause { error: "away".into(), away: Some(Duration::from_millis(20)), forgiven: 0 }
        });
        let heard = match call.look_up {
            true => OrderInput::LookedUp { due, outcome, cause },
            false => OrderInput::Answered { due, outcome, cause },
        };
        self.mail.post(Letter::Tell { actor: call.actor, heard });
    }

    /// An answer that comes when nobody waits for it any more: what the saga says to that.
    fn note_not_due(&mut self, due: &Due, outcome: &Outcome, id: &OrderId) {
        let now = self.store.now();
        let refused = self.store.with(id, |stored| {
            let is_due = Due::of(&stored.order).as_ref() == Some(due);
            let outcome = outcome.clone();
            let command = match &due.refund {
                Some(name) => Command::Refunded { client: name.client.clone(), key: name.key.clone(), outcome },
                None => Command::Outcome { call: due.call, outcome },
            };
            if is_due { None } else { decide(Some(&stored.order), &command, now).err() }
        });
        if let Some(refusal) = refused.flatten() {
            self.coverage.refused(coverage::refusal(&refusal));
        }
    }

    /// A call reaches its participant.
    fn arrive(&mut self, call: &Rc<Call>) -> Result<(), Violation> {
        let (called, role) = (&call.called, call.called.call.role());
        if self.is_away(role) {
            // The connection is refused, or so many wait for one that there is no turn for this call.
            if self.chance.detail().one_in(4) {
                self.mark("calls that were not sent");
                self.answer(call, Outcome::Unsent);
            } else {
                self.mark("calls to nobody");
                self.answer(call, Outcome::Unknown);
            }
            return Ok(());
        }
        if call.look_up {
            let outcome = self.outside.look_up(called);
            self.answer(call, outcome);
            return Ok(());
        }
        if self.befalls(Fault::FailsBefore) {
            self.mark("participants that failed before their effect");
            self.answer(call, Outcome::Unknown);
            return Ok(());
        }
        if self.accepted.contains(&key(called)) {
            self.mark("repeats of a pending call");
            self.answer(call, Outcome::Pending);
            return Ok(());
        }
        if self.outside.is_fresh(called, self.store.now()) && self.befalls(Fault::Pends) {
            self.mark("calls that were pending");
            self.accepted.insert(key(called));
            let at = self.now + self.long();
            self.mail.post_at(at, Letter::Flight(Flight::Decision(Rc::clone(call))));
            self.answer(call, Outcome::Pending);
            return Ok(());
        }
        let took = self.take_effect(call)?;
        if self.befalls(Fault::FailsAfter) {
            self.mark("participants that failed behind their effect");
            self.answer(call, Outcome::Unknown);
            return Ok(());
        }
        let outcome = took.outcome;
        self.answer(call, outcome);
        Ok(())
    }

    /// A participant does what it is asked, or refuses.
    fn take_effect(&mut self, call: &Call) -> Result<Took, Violation> {
        let called = &call.called;
        let often = self.chaos.often(Fault::Refuses);
        let often = if called.call.action() == Some(Action::CancelShipment) { often.min(3) } else { often };
        let refuses = self.may_refuse(called) && self.befalls_once_in(Fault::Refuses, often);
        let mood = if refuses { Mood::Refuses } else { Mood::Willing };
        let took = self.outside.call(called, self.store.now(), mood)?;
        self.judge_effects(call, &took.lines)?;
        if matches!(&took.outcome, Outcome::Refused { reason, .. } if reason == "refund_exceeds_captured") {
            return Err(format!("{}: asked to give back more than was captured", called.order.id));
        }
        Ok(took)
    }

    /// Whatever its caller believes by now: only who asks again, or is told to look, hears what became of it.
    fn decide_accepted(&mut self, call: &Rc<Call>) -> Result<(), Violation> {
        self.accepted.remove(&key(&call.called));
        let took = self.take_effect(call)?;
        self.note(|| format!("{} of {} is decided: {:?}", call.called.call.kind, call.called.order.id, took.outcome));
        self.mark(match &took.outcome {
            Outcome::Done { .. } => "pending calls that were done",
            Outcome::Refused { .. } => "pending calls that were refused",
            Outcome::Pending | Outcome::Unsent | Outcome::Unknown | Outcome::Absent | Outcome::Contradicted { .. } => {
                "pending calls that were undone first"
            }
        });
        if self.befalls(Fault::WebhookLost) {
            self.mark("webhooks that were lost");
            return Ok(());
        }
        for _ in 0..1 + usize::from(self.befalls(Fault::WebhookTwice)) {
            let at = self.now + self.delay(Fault::WebhookLate, "webhooks that came late");
            self.mail.post_at(at, Letter::Flight(Flight::Notice(Rc::clone(call))));
        }
        Ok(())
    }

    fn notice(&mut self, call: &Call) {
        self.mark("webhooks of what was decided");
        let (id, webhook) = (call.called.order.id.clone(), key(&call.called).to_string());
        self.note(|| format!("a webhook tells of {} of {id}", call.called.call.kind));
        let kept = self.store.receive_webhook("payment".into(), webhook, Some(id)).now_or_never();
        kept.expect("the model does not wait").expect("nor fails");
    }

    /// A carrier gives back what it has, unless it is gone; it does not refuse to cancel what it never had.
    fn may_refuse(&self, called: &Called) -> bool {
        let books = self.outside.books(&called.order.id);
        called.call.action() != Some(Action::CancelShipment) || books.shipped > books.cancelled
    }

    fn judge_effects(
        &mut self,
        call: &Call,
        lines: &[counterfoil::simulator::record::LedgerLine],
    ) -> Result<(), Violation> {
        let books = self.outside.books(&call.called.order.id);
        for line in lines {
            self.note(|| format!("{} of {} takes effect: {books:?}", line.action, line.order_id));
            if line.tombstone {
                self.mark("tombstones");
            }
            self.judge.took_effect(&self.store, &call.called, &books, line)?;
        }
        if !lines.is_empty() && !self.actors.contains_key(&call.actor) {
            self.mark("effects whose caller is gone");
        }
        if !lines.is_empty() && call.heard.get() {
            self.mark("effects behind the timeout");
        }
        Ok(())
    }

    fn answer(&mut self, call: &Rc<Call>, outcome: Outcome) {
        if matches!(outcome, Outcome::Refused { .. }) {
            self.mark(match call.called.call.kind {
                CallKind::Act(Action::CancelShipment) => "shipments that were past cancelling",
                CallKind::Act(action) if action.is_undo() => "undos refused",
                CallKind::Act(_) => "steps refused",
                CallKind::LookUp => "look-ups that found a refusal",
            });
        }
        let outcome = if call.called.call.action().is_some() && self.befalls(Fault::Contradicts) {
            Outcome::Contradicted { reason: "its key is another's".into() }
        } else {
            outcome
        };
        if self.befalls(Fault::AnswerLost) {
            self.mark("answers that were lost");
            return;
        }
        if self.befalls(Fault::AnswerTwice) {
            let at = self.now + self.long();
            self.mail.post_at(at, Letter::Flight(Flight::Answer(Rc::clone(call), outcome.clone())));
        }
        let at = self.now + self.delay(Fault::AnswerLate, "answers that came late");
        self.mail.post_at(at, Letter::Flight(Flight::Answer(Rc::clone(call), outcome)));
    }
}

fn is_step(call: counterfoil::saga::Call) -> bool {
    call.action().is_some_and(|action| !action.is_undo())
}
