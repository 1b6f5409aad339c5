//! The way of an order from call to call: what is due is sent under its key, its outcome is committed before anything
//! follows from it, and what has no outcome is repeated, looked up, and in the end handed to a human. Never is a call
//! sent under another key, nor an unknown outcome taken for a failure.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::waits::{doer, has_end, is_alive, may_wait, missing_step};
use super::{
    AttentionNotice, Due, More, OrderContext, OrderCore, OrderInput, OrderLease, OrderOutput, Task, Tried,
    lost_the_guard, reply,
};
use crate::engine::Doer;
use crate::engine::api::SubmitError;
use crate::limits;
use crate::ports::{Cause, Claimed, CommitError, Committed, HandBack, PutOff, StoreError, StoredOrder, Told, Trouble};
use crate::saga::effect::is_known;
use crate::saga::transaction::{self, StockVerdict};
use crate::saga::{Call, Command, LocalTransaction, Order, Outcome, State, StepName};

impl OrderLease {
    /// How long ago the intent of the call that is due was committed.
    fn intent_age(&self, now: Instant) -> Duration {
        self.age + self.intent.map_or(Duration::ZERO, |at| now.saturating_duration_since(at))
    }
}

/// For how long the money of an authorisation is counted on, from when its answer is heard. It was held after the intent
/// of the call was committed, whichever of its repeats is answered: so nothing is counted on that a clock of the
/// provider, or an answer of hours ago, could have taken away. What remains is shortened by a step timeout, or a tenth,
/// so that a capture which is asked for at the last moment arrives, or else the void.
fn counted_on(outcome: Outcome, intent_age: Duration, step_timeout: Duration) -> Outcome {
    match outcome {
        Outcome::Done { reference, tombstone, captured, holds_ms: Some(holds_ms) } => {
            let holds = Duration::from_millis(u64::try_from(holds_ms).unwrap_or(0));
            let left = holds.saturating_sub(intent_age).saturating_sub(step_timeout.min(holds / 10));
            let holds_ms = Some(i64::try_from(left.as_millis()).unwrap_or(i64::MAX));
            Outcome::Done { reference, tombstone, captured, holds_ms }
        }
        outcome => outcome,
    }
}

impl Tried {
    /// How the call of this hold fared, now that this was heard.
    fn of(due: &Due, hold: &OrderLease, outcome: &Outcome, cause: Option<Cause>) -> Self {
        let open = matches!(outcome, Outcome::Unknown | Outcome::Unsent | Outcome::Pending | Outcome::Absent);
        let Cause { error: last, away, forgiven } = cause.unwrap_or_else(|| Cause::own(words(outcome)));
        Self { call: due.call, attempts: hold.attempts, last, open, away, forgiven }
    }

    fn trouble(&self) -> Trouble {
        Trouble { attempts: self.attempts, error: Arc::clone(&self.last) }
    }
}

/// An answer, for people.
fn words(outcome: &Outcome) -> Arc<str> {
    match outcome {
        Outcome::Done { .. } => "done".into(),
        Outcome::Refused { reason, .. } => format!("refused: {reason}").into(),
        Outcome::Pending => "accepted, and not decided yet".into(),
        Outcome::Unsent => "nothing was sent".into(),
        Outcome::Unknown => "no answer that says what became of it".into(),
        Outcome::Absent => "the participant knows nothing of it".into(),
        Outcome::Contradicted { reason } => format!("contradicted: {reason}").into(),
    }
}

impl OrderCore {
    /// Sends the call that is due, if this engine holds the order. Nothing is left to do behind it for now.
    pub(super) fn drive(&mut self, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
        let next = match (&self.hold, &self.memory) {
            (Some(hold), Some(stored)) => Due::of(&stored.order).map(|due| (due, *hold, stored.clone())),
            _ => None,
        };
        // Where nothing is due, a question is on its way only after a restore: its answer says what is to be done.
        let asks = self.calling.as_ref().is_some_and(|calling| calling.call.is_look_up());
        if let (Some(OrderLease { claimed: true, attempts, .. }), Some(stored), None, false) =
            (self.hold, &self.memory, &next, asks)
        {
            // Claimed for nothing: its row is put back to its deadline, or the claims would be held against the order.
            let version = stored.order.version;
            if let Some(missing) = missing_step(&stored.order).cloned() {
                let stored = stored.clone();
                return self.wait_for_entry(&missing, &stored, attempts, context, out);
            }
            let newer = !is_known(&stored.order); // for an engine of a newer version to claim
            out.push(match newer {
                true => OrderOutput::Postpone(PutOff::new(version, attempts, context.driver.lease)),
                false => OrderOutput::Leave { version },
            });
            self.current = Some(Task::Postponing);
            return;
        }
        let waits = self
            .calling
            .as_ref()
            .is_some_and(|calling| calling.call.is_look_up() || next.as_ref().is_none_or(|(due, ..)| due == calling));
        if waits {
            return; // its answer is on the way, within the step timeout
        }
        // An undo does not wait for the answer of the action that it undoes: it names its key, and may overtake it.
        let Some((due, hold, stored)) = next else {
            self.hold = None;
            return self.rest(out);
        };
        // A call that would outlast the lease is left to whoever takes the order up then. With a lease hardly longer than
        // a step half of it must do: that two engines make the same call is a waste, and no harm.
        if context.instant + context.step_timeout.min(context.driver.lease / 2) > hold.until {
            self.hold = None;
            return self.rest(out);
        }
        if transaction::is_answered_here(&stored.order, due.call, &**context.local) {
            self.turn(&stored, Command::GoOn, None, context, out);
            return;
        }
        let doer = doer(&due, &stored.order, context);
        if doer != Doer::Here {
            return self.leave_to_others(due, doer, &stored, hold, context, out);
        }
        if stored.look_first {
            return self.look_up(due, &stored, out);
        }
        if !self.may_send(&due, hold.attempts, Duration::ZERO, context) {
            return self.look_up_or_give_up(due, None, &stored, context, out);
        }
        self.calling = Some(due.clone());
        self.active = true;
        let called = due.called(&stored.order);
        out.push(OrderOutput::Call(due, Box::new(called)));
    }

    /// This engine does not do the step that is due. It is left to one that does, for as long as it takes; where there is none
    /// the order waits for an entry, and says so.
    fn leave_to_others(
        &mut self,
        due: Due,
        doer: Doer,
        stored: &StoredOrder,
        hold: OrderLease,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some((name, kind)) = due.call.step(&stored.order).map(|step| (step.name.clone(), step.kind)) else {
            return;
        };
        if doer != Doer::Nobody {
            let error = format!("left to an engine that has an entry for the step {name}");
            let off = PutOff::new(stored.order.version, hold.attempts, limits::LEFT_TO_OTHERS);
            self.current = Some(Task::Postponing);
            return out.push(OrderOutput::Postpone(PutOff { error: Some(error.into()), look: hold.look, ..off }));
        }
        let reason = format!(
            "its step {name} has no entry in the configuration of any engine: it goes on by itself once saga.steps has one \
             of this name that is {}",
            kind.as_str()
        );
        let last = format!("the step {name} has no entry").into();
        let tried = Tried { call: due.call, attempts: hold.attempts, last, open: false, away: None, forgiven: 0 };
        self.turn(stored, Command::Attention { reason, missing: Some(name) }, Some(tried), context, out);
    }

    /// An order that waits for an entry of this name was claimed: it goes on where there is one, and is looked at again later
    /// where there is none.
    fn wait_for_entry(
        &mut self,
        name: &StepName,
        stored: &StoredOrder,
        attempts: i16,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let own = stored.order.own.as_ref();
        let step = own.and_then(|own| own.definition.steps().get(own.definition.position(name)?));
        let doer = step.map_or(Doer::Nobody, |step| (context.doer)(step));
        if doer == Doer::Here && self.turn(stored, Command::Found, None, context, out) {
            return;
        }
        self.current = Some(Task::Postponing);
        let pause = if doer == Doer::Elsewhere { limits::LEFT_TO_OTHERS } else { context.entry_wait };
        out.push(OrderOutput::Postpone(PutOff::new(stored.order.version, attempts, pause)));
    }

    /// Tells the shard, once, that nothing more comes by itself: also where memory was forgotten, since a shard that is
    /// not told keeps the actor for ever, and those who wait with it.
    fn rest(&mut self, out: &mut Vec<OrderOutput>) {
        if std::mem::take(&mut self.active) {
            let reply = self.memory.as_ref().map(|stored| reply(&stored.order, false));
            out.push(OrderOutput::Report { reply, resting: true });
        }
    }

    /// Whether the call may be sent after a pause: while attempts are left, and only so long that the last one leaves
    /// two step timeouts before the lifetime of its key ends. After that a repeat would be a new charge.
    fn may_send(&self, due: &Due, attempts: i16, pause: Duration, context: &OrderContext<'_>) -> bool {
        attempts < context.retry.attempts && self.is_alive(due, pause, context)
    }

    /// A call lasts a step timeout at most, half of which it may wait for its turn.
    fn is_alive(&self, due: &Due, pause: Duration, context: &OrderContext<'_>) -> bool {
        let Some(hold) = &self.hold else { return false };
        let age = hold.intent_age(context.instant) + pause;
        due.call
            .action()
            .and_then(context.key_lifetime)
            .is_none_or(|lifetime| age + 3 * context.step_timeout <= lifetime)
    }

    /// A participant's answer. It counts only while its call is the one due.
    pub(super) fn answered(
        &mut self,
        due: Due,
        told: Told,
        looked_up: bool,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let (Some(hold), Some(stored)) = (&mut self.hold, self.memory.clone()) else { return };
        let Told { outcome, cause } = told;
        if let Some(cause) = &cause {
            self.said = Some(Arc::clone(&cause.error));
        }
        if looked_up && !matches!(outcome, Outcome::Unsent | Outcome::Unknown) {
            hold.look = false;
        }
        let hold = *hold;
        let tried = Tried::of(&due, &hold, &outcome, cause);
        if outcome == Outcome::Unsent {
            return self.unsent(&due, tried, &stored, context, out);
        }
        let outcome = counted_on(outcome, hold.intent_age(context.instant), context.step_timeout);
        let settled = matches!(outcome, Outcome::Done { .. } | Outcome::Refused { .. } | Outcome::Contradicted { .. });
        if looked_up && stored.look_first && self.looked_first(&due, &outcome, &tried, &stored, context, out) {
            return;
        }
        if looked_up && !settled && !due.call.is_look_up() {
            return self.found_nothing(&due, &outcome, tried, &stored, context, out);
        }
        if outcome == Outcome::Pending && !due.call.is_look_up() {
            return self.undecided(&due, tried, &stored, context, out);
        }
        let command = due.command(outcome);
        match transaction::run(Some(&stored.order), &command, context.now, &**context.local, StockVerdict::Assumed) {
            Err(_late_or_doubled) => {}
            Ok(txn) if txn.events.is_empty() => self.unanswered(&due, tried, &stored, context, out),
            Ok(txn) => {
                let tried = Some(tried).filter(|tried| tried.open || txn.order.attention.is_some());
                let trouble = tried.as_ref().filter(|tried| !tried.open).map(Tried::trouble);
                self.current = Some(Task::Outcome { due, tried });
                let write = self.write(&stored, txn, command, More { trouble, ..More::default() }, context);
                out.push(write);
            }
        }
    }

    /// The call, or the question, did not leave: so many are under way, or its participant is not to be reached.
    fn unsent(
        &mut self,
        due: &Due,
        tried: Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        if due.call.is_look_up() || Due::of(&stored.order).as_ref() == Some(due) {
            self.wait_out(due, tried, stored, context, out);
        }
    }

    /// Nothing was sent, or the participant as a whole is away. That is no attempt: the order comes back after a pause, and
    /// so does what a webhook wanted looked at. What bounds the wait is time; then the participant is asked, and a human is.
    fn wait_out(
        &mut self,
        due: &Due,
        tried: Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some(hold) = &mut self.hold else { return };
        let age = hold.intent_age(context.instant);
        let patience = context.retry.patience(age);
        let pause = tried.away.map_or(patience, |again| patience.min(again));
        if may_wait(due, stored, age + pause, context) {
            self.current = Some(Task::Postponing);
            // Who has used up its attempts has one more for when the participant is back; and those that could not succeed.
            let most = context.retry.attempts.saturating_sub(1);
            let attempts = hold.attempts.saturating_sub(tried.forgiven).min(most).max(0);
            let (version, look, error) = (stored.order.version, hold.look, Some(tried.last));
            return out.push(OrderOutput::Postpone(PutOff { version, attempts, pause, look, error }));
        }
        // An operator may just have had it tried again, or a look-up be all that was asked for so long: who is only just not
        // to be reached has the tries that one has who fails.
        let attempts = hold.attempts.saturating_add(1);
        let again = context.retry.pause(attempts);
        if !stored.look_first && attempts < context.retry.attempts && is_alive(due, age + again, context) {
            hold.attempts = attempts;
            self.current = Some(Task::Postponing);
            let (look, error) = (hold.look, Some(tried.last));
            let off = PutOff { look, error, ..PutOff::new(stored.order.version, attempts, again) };
            return out.push(OrderOutput::Postpone(off));
        }
        if stored.look_first {
            return self.not_seen(due, tried, stored, context, out); // older than any wait: as often as a call may fail
        }
        if !due.call.is_look_up() && !std::mem::replace(&mut hold.looked, true) {
            return self.look_up(due.clone(), stored, out);
        }
        let call = due.call.named(&stored.order);
        let reason = format!("{call} has had no outcome for {} s: {}", age.as_secs(), tried.last);
        self.ask_for_a_human(stored, reason, tried, context, out);
    }

    /// The participant has the call, and is to decide it: it is asked again under the same key, as often as it takes. That
    /// is no attempt, since nothing failed. The wait ends with an answer, which a webhook may hurry; with the deadline of a
    /// reservation, an authorisation or a step of the order's own, which has it looked up and undone; or, where there is none,
    /// with a human.
    fn undecided(
        &mut self,
        due: &Due,
        tried: Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let (Some(hold), true) = (&self.hold, Due::of(&stored.order).as_ref() == Some(due)) else { return };
        let age = hold.intent_age(context.instant);
        let pause = context.retry.patience(age);
        let waits = age < limits::UNDECIDED || has_end(due, &stored.order);
        if waits && self.is_alive(due, pause, context) {
            self.current = Some(Task::Postponing);
            // Nor do the lost answers before it count any more: the participant is there, and has it.
            let error = Some(tried.last);
            let off = PutOff { error, ..PutOff::new(stored.order.version, 0, pause) };
            return out.push(OrderOutput::Postpone(off));
        }
        let call = due.call.named(&stored.order);
        let reason = format!("{call} was accepted, and is not decided after {} s", age.as_secs());
        self.ask_for_a_human(stored, reason, tried, context, out);
    }

    /// The call has no outcome: it is repeated later under its key, or its participant is asked, or a human is.
    fn unanswered(
        &mut self,
        due: &Due,
        mut tried: Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some(hold) = &mut self.hold else { return };
        if tried.away.is_some() {
            // It may answer questions all the same, and say what became of the call.
            if !due.call.is_look_up() && !std::mem::replace(&mut hold.looked, true) {
                hold.waits = tried.away;
                return self.look_up(due.clone(), stored, out);
            }
            return self.wait_out(due, tried, stored, context, out);
        }
        hold.attempts = hold.attempts.saturating_add(1);
        let attempts = hold.attempts;
        tried.attempts = attempts;
        let pause = context.retry.pause(attempts);
        if self.may_send(due, attempts, pause, context) {
            self.current = Some(Task::Postponing);
            let off = PutOff { error: Some(tried.last), ..PutOff::new(stored.order.version, attempts, pause) };
            return out.push(OrderOutput::Postpone(off));
        }
        self.look_up_or_give_up(due.clone(), Some(tried), stored, context, out);
    }

    fn look_up_or_give_up(
        &mut self,
        due: Due,
        tried: Option<Tried>,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some(hold) = &mut self.hold else { return };
        let attempts = hold.attempts;
        if !due.call.is_look_up() && !std::mem::replace(&mut hold.looked, true) {
            return self.look_up(due, stored, out);
        }
        let tried = tried.unwrap_or_else(|| Tried::of(&due, hold, &Outcome::Unknown, None));
        let call = due.call.named(&stored.order);
        let reason = format!("{call} was asked {attempts} times, and has no outcome{}", self.lastly());
        self.ask_for_a_human(stored, reason, tried, context, out);
    }

    fn look_up(&mut self, due: Due, stored: &StoredOrder, out: &mut Vec<OrderOutput>) {
        self.calling = Some(due.clone());
        self.active = true;
        let called = due.called(&stored.order);
        out.push(OrderOutput::LookUp(due, Box::new(called)));
    }

    /// "Not found" is no proof of absence: the call may still arrive. While attempts are left it is repeated under its
    /// key, which settles the question; after that a human is asked.
    fn found_nothing(
        &mut self,
        due: &Due,
        outcome: &Outcome,
        tried: Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let attempts = self.hold.map_or(0, |hold| hold.attempts);
        if Due::of(&stored.order).as_ref() != Some(due) {
            return;
        }
        let away = tried.away.or(self.hold.and_then(|hold| hold.waits));
        if away.is_some() {
            let last = self.said.clone().unwrap_or(tried.last);
            return self.wait_out(due, Tried { away, last, ..tried }, stored, context, out);
        }
        if self.may_send(due, attempts, Duration::ZERO, context) {
            return;
        }
        let found = match outcome {
            Outcome::Absent => "knows nothing of it",
            Outcome::Pending => "has not decided it",
            Outcome::Unsent
            | Outcome::Unknown
            | Outcome::Done { .. }
            | Outcome::Refused { .. }
            | Outcome::Contradicted { .. } => "does not say what became of it",
        };
        let reason = format!(
            "{} was sent {attempts} times without an outcome, and the participant {found}{}",
            due.call.named(&stored.order),
            self.lastly()
        );
        self.ask_for_a_human(stored, reason, tried, context, out);
    }

    /// What went wrong last, as the end of a sentence.
    fn lastly(&self) -> String {
        self.said.as_ref().map(|said| format!("; the last error: {said}")).unwrap_or_default()
    }

    /// The order's database was restored from before, and its participant was asked before anything is sent. `false`
    /// where the answer is the outcome of the call that is due: it is committed like any other.
    fn looked_first(
        &mut self,
        due: &Due,
        outcome: &Outcome,
        tried: &Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) -> bool {
        let now_due = Due::of(&stored.order);
        let rests = now_due.is_none() && due.call.is_look_up();
        if !rests && now_due.as_ref() != Some(due) {
            return false;
        }
        match outcome {
            Outcome::Unknown if tried.away.is_some() => self.wait_out(due, tried.clone(), stored, context, out),
            Outcome::Unknown | Outcome::Unsent => self.not_seen(due, tried.clone(), stored, context, out),
            Outcome::Pending if rests => self.not_seen(due, tried.clone(), stored, context, out),
            // Only a capture leaves a name for what moved.
            Outcome::Done { captured, reference: None, .. } if rests && captured.is_zero() => self.seen(),
            Outcome::Done { captured, .. } if rests => {
                let reason = format!(
                    "its payment was captured at the participant ({captured} are not given back), and this database, \
                     restored from before, does not know of that"
                );
                self.ask_for_a_human(stored, reason, tried.clone(), context, out);
            }
            Outcome::Absent | Outcome::Refused { .. } if rests => {
                let reason = "its payment is authorised in this database, restored from before, and the participant \
                              holds none";
                self.ask_for_a_human(stored, reason.into(), tried.clone(), context, out);
            }
            Outcome::Done { .. } | Outcome::Refused { .. } | Outcome::Contradicted { .. } => return false,
            // It may be sent: under its key it takes effect once, whoever sent it before.
            Outcome::Absent | Outcome::Pending => self.seen(),
        }
        true
    }

    fn seen(&mut self) {
        if let Some(stored) = &mut self.memory {
            stored.look_first = false;
        }
    }

    /// Nobody said what became of it: nothing is sent, and it is asked again.
    fn not_seen(
        &mut self,
        due: &Due,
        mut tried: Tried,
        stored: &StoredOrder,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let Some(hold) = &mut self.hold else { return };
        hold.attempts = hold.attempts.saturating_add(1);
        let attempts = hold.attempts;
        tried.attempts = attempts;
        if attempts < context.retry.attempts {
            self.current = Some(Task::Postponing);
            let (version, look, error) = (stored.order.version, hold.look, Some(tried.last));
            let pause = context.retry.pause(attempts);
            return out.push(OrderOutput::Postpone(PutOff { version, attempts, pause, look, error }));
        }
        let reason = format!(
            "its database was restored from before, and the participant did not say in {attempts} look-ups what became \
             of it ({}{})",
            due.call.named(&stored.order),
            self.lastly()
        );
        self.ask_for_a_human(stored, reason, tried, context, out);
    }

    /// The order waits for a human from now on, who is told what went wrong last rather than that a look-up found nothing.
    fn ask_for_a_human(
        &mut self,
        stored: &StoredOrder,
        reason: String,
        mut tried: Tried,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        if let Some(said) = &self.said {
            tried.last = Arc::clone(said);
        }
        if !self.turn(stored, Command::Attention { reason, missing: None }, Some(tried), context, out) {
            self.let_go(out); // a human has it already
        }
    }

    /// Commits what a command of the engine's own leads to. `false` where it leads to nothing.
    fn turn(
        &mut self,
        stored: &StoredOrder,
        command: Command,
        tried: Option<Tried>,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) -> bool {
        match transaction::run(Some(&stored.order), &command, context.now, &**context.local, StockVerdict::Assumed) {
            Ok(txn) if !txn.events.is_empty() => {
                let trouble = tried.as_ref().map(Tried::trouble);
                self.current = Some(Task::Turn(tried));
                let write = self.write(stored, txn, command, More { trouble, ..More::default() }, context);
                out.push(write);
                true
            }
            Ok(_) | Err(_) => false,
        }
    }

    /// What the store says to a task of the driver.
    pub(super) fn driving_heard(
        &mut self,
        task: &Task,
        heard: OrderInput,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        match heard {
            OrderInput::Committed(Ok(Committed::Stored(txn))) => self.moved(task, *txn, context, out),
            OrderInput::Committed(Ok(committed)) if lost_the_guard(&committed) => {
                // Whoever moved the order goes on with it.
                self.hold = None;
                self.current = None;
                self.rest(out);
                self.forget();
            }
            OrderInput::Committed(Ok(_)) => {
                self.current = None;
                self.forget();
                self.let_go(out);
            }
            // What the participant said is asked again, under the same key, by whoever claims the order next.
            OrderInput::Committed(Err(error)) => {
                let told = error.to_string();
                let fault = match error {
                    CommitError::Refused(words) => Err(words),
                    CommitError::UnknownSku => Err(told),
                    CommitError::Injected { .. } | CommitError::Locked { .. } | CommitError::Unavailable(_) => Ok(told),
                };
                self.current = Some(Task::Postponing);
                self.forget();
                let (counted, look) = self.hold.map_or((false, false), |hold| (hold.counted, hold.look));
                out.push(hand_back(fault, counted, look, context));
            }
            OrderInput::Postponed(_) => {
                self.current = None;
                self.let_go(out);
            }
            OrderInput::Held(held) => {
                self.current = None;
                self.taken(task, held, out);
            }
            OrderInput::Ask { .. }
            | OrderInput::Loaded(_)
            | OrderInput::Surveyed(_)
            | OrderInput::KeyFound(_)
            | OrderInput::Bound(_)
            | OrderInput::Answered { .. }
            | OrderInput::LookedUp { .. } => {}
        }
    }

    /// What the row of an order that a commit has taken knows of the call that is due. Where it cannot be asked, or is
    /// another engine's again, the order is left to whoever has it, or claims it when the lease ends.
    fn taken(&mut self, task: &Task, held: Result<Option<Claimed>, StoreError>, out: &mut Vec<OrderOutput>) {
        let (Task::Taking { asked, until }, Ok(Some(held))) = (task, held) else { return self.let_go(out) };
        self.hold = Some(OrderLease {
            until: *until,
            attempts: held.attempts,
            intent: Some(*asked),
            age: held.intent_age,
            looked: false,
            waits: None,
            look: held.look,
            claimed: false,
            counted: false,
        });
    }

    /// Leaves the order to whoever claims it when its lease, or its pause, is over.
    fn let_go(&mut self, out: &mut Vec<OrderOutput>) {
        (self.hold, self.said) = (None, None);
        self.rest(out);
    }

    fn moved(&mut self, task: &Task, txn: LocalTransaction, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
        let (Some(before), Some(sent)) = (self.memory.take(), self.sent.take()) else { return };
        self.current = None;
        let plea = match (task, &before.order.attention, &txn.order.attention) {
            (Task::Outcome { tried: Some(tried), .. } | Task::Turn(Some(tried)), None, Some(attention)) => {
                let Tried { call, attempts, last, .. } = tried.clone();
                Some(Box::new(AttentionNotice { call, attempts, last, reason: attention.reason.clone() }))
            }
            _ => None,
        };
        out.extend(plea.map(OrderOutput::NoticeAttention));
        self.stored(txn, sent);
        let Some(stored) = self.memory.clone() else { return };
        self.active = true;
        out.push(OrderOutput::Report { reply: Some(reply(&stored.order, false)), resting: false });
        match task {
            Task::Outcome { due, tried: Some(tried) } if tried.open && Due::of(&stored.order).as_ref() == Some(due) => {
                self.unanswered(due, tried.clone(), &stored, context, out);
            }
            _ => self.said = None,
        }
    }

    /// An order that this engine has claimed was loaded.
    pub(super) fn wake_heard(
        &mut self,
        claimed: &Claimed,
        since: Instant,
        heard: OrderInput,
        context: &OrderContext<'_>,
        out: &mut Vec<OrderOutput>,
    ) {
        let stored = match heard {
            OrderInput::Loaded(Ok(Some(stored))) => stored,
            OrderInput::Loaded(Ok(None)) => {
                self.load_first = false;
                return self.answer(Err(SubmitError::NotFound { order_id: self.id.clone() }), out);
            }
            OrderInput::Loaded(Err(error)) => {
                let fault = match &error {
                    StoreError::Corrupt(_) | StoreError::Refused(_) => Err(error.to_string()),
                    StoreError::Unavailable(_) => Ok(error.to_string()),
                };
                return out.push(hand_back(fault, claimed.counted, claimed.look, context));
            }
            OrderInput::Postponed(_) => {
                self.forget();
                let reason = "it could not be loaded, and is claimed again";
                return self.answer(Err(SubmitError::Unavailable(reason.into())), out);
            }
            _ => return,
        };
        (self.load_first, self.said) = (false, None);
        self.memory = Some(stored.clone());
        self.hold = Some(OrderLease {
            until: since + context.driver.lease,
            attempts: claimed.attempts,
            intent: Some(since),
            age: claimed.intent_age,
            looked: false,
            waits: None,
            look: claimed.look,
            claimed: true,
            counted: claimed.counted,
        });
        self.answer(Ok(reply(&stored.order, true)), out);
        if self.calling.is_some() {
            return; // its answer is on the way, within the step timeout
        }
        if Due::of(&stored.order).is_some_and(|due| doer(&due, &stored.order, context) != Doer::Here) {
            return; // nobody to be asked: see `drive`
        }
        if stored.look_first {
            // Its deadline, too, is believed only when it is known what became of it. Of what is answered here there is nobody
            // to ask, and nothing that is not a row: see `drive`.
            let due = Due::of(&stored.order).or_else(|| at_rest(&stored.order));
            let is_ours = |due: &Due| transaction::is_answered_here(&stored.order, due.call, &**context.local);
            if let Some(due) = due.filter(|due| !is_ours(due)) {
                self.look_up(due, &stored, out);
            }
        } else if claimed.expired {
            self.expire(&stored, context, out);
        } else if let Some(due) = Due::of(&stored.order).filter(|_| claimed.look) {
            self.look_up(due, &stored, out);
        }
    }

    /// A deadline passed: a payment of unknown outcome is looked up before anything is undone.
    fn expire(&mut self, stored: &StoredOrder, context: &OrderContext<'_>, out: &mut Vec<OrderOutput>) {
        let run = transaction::run(
            Some(&stored.order),
            &Command::Expire,
            context.now,
            &**context.local,
            StockVerdict::Assumed,
        );
        match run {
            Ok(txn) if !txn.events.is_empty() => {
                self.turn(stored, Command::Expire, None, context, out);
            }
            Ok(LocalTransaction { call: Some(call), .. }) if call.is_look_up() => {
                self.look_up(Due { call, refund: None }, stored, out);
            }
            Ok(_) | Err(_) => {}
        }
    }
}

/// Gives the order back for what stood in the way, which is a fault of the order's own where it is `Err`.
fn hand_back(why: Result<String, String>, counted: bool, look: bool, context: &OrderContext<'_>) -> OrderOutput {
    let (error, fault) = match why {
        Ok(error) => (Some(error), None),
        Err(fault) => (None, Some(fault)),
    };
    OrderOutput::HandBack(HandBack {
        node: context.driver.node,
        pause: limits::HANDED_BACK,
        fault,
        error,
        counted,
        look,
    })
}

/// What of an order without a call that is due can be looked up: whether the money that is held for it was captured, or
/// let go of.
fn at_rest(order: &Order) -> Option<Due> {
    let held = order.state == State::PaymentAuthorized && !order.plan.payment_is_local() && order.attention.is_none();
    held.then_some(Due { call: Call::LOOK_UP, refund: None })
}

#[cfg(test)]
#[path = "driving_tests.rs"]
mod tests;
