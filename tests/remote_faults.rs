//! Promise: no single fault of a call to a participant, nor of the engine around it, does harm. Every step and every
//! compensation is refused, fails, loses its answer, gets it late or twice, and meets a crash of the engine on either
//! side of the commit of its outcome, with a restart or another instance behind it. Whatever happens, the order ends as
//! it has to, its client gets one answer, and the books of both sides agree.
//!
//! Faults are done to single calls by a proxy between the engines and an honest participants process ([`Proxy`]); a
//! crash is the engine's own fault point, armed when the call that it is about passes.
//!
//! What an engine survives needs no recovery: those cases run at two engines at once, and what is to be repeated is
//! claimed by either. Every step meets every fault; none is impossible. Two are no failure: a carrier that refuses to
//! take a parcel back has it, so that the order completes, and a refund that is refused is the client's answer. An undo
//! of the saga that is refused (release, void, refund) has no way on but a human, who has it tried again.

use std::time::Duration;

use counterfoil::client::{Client, HttpAnswer};
use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::engine::PATIENCE;
use crate::support::fleet::{Asked, Engine, Participants, Setup, Site, is_final, order, until};
use crate::support::proxy::{Harm, Proxy};

/// The step timeout of these engines.
const STEP: Duration = Duration::from_millis(1_000);
const SETUP: Setup = Setup { lease_ms: 1_500, attempts: 30, ..Setup::USUAL };

/// Where an engine is to die, its calls have time: it must not lose the order to the other one before.
const CRASHING: Setup = Setup { lease_ms: 2_500, step_timeout_ms: 2_000, ..SETUP };

/// A call that something happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Reserve,
    Charge,
    Authorize,
    Capture,
    Ship,
    Release,
    Void,
    /// Of a charge whose parcel the carrier refused.
    Refund,
    CancelShipment,
    /// Of an order that completed, as its client asks.
    ClientRefund,
}

const STEPS: [Step; 10] = [
    Step::Reserve,
    Step::Charge,
    Step::Authorize,
    Step::Capture,
    Step::Ship,
    Step::Release,
    Step::Void,
    Step::Refund,
    Step::CancelShipment,
    Step::ClientRefund,
];

/// What happens to it, while the engine lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The participant will not do it.
    Refused,
    /// 500 twice, without an effect.
    FailsBefore,
    /// It takes effect, and its answer never comes.
    TimesOutAfter,
    /// It takes effect, and its answer comes when nobody waits any more.
    AnswersLate,
    /// It reaches the participant three times under its key, twice at once.
    Doubled,
}

const FAULTS: [Fault; 5] =
    [Fault::Refused, Fault::FailsBefore, Fault::TimesOutAfter, Fault::AnswersLate, Fault::Doubled];

/// Where the engine's process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crash {
    /// After the call took effect, and before its outcome is committed.
    AfterEffect,
    /// After the outcome is committed, and before anybody hears of it.
    AfterCommit,
}

/// Who goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recovery {
    /// The same engine, started again.
    Restart,
    /// Another one on the same database, when the lease ends.
    Takeover,
}

/// How an order ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct End {
    /// The status of the order's own answer.
    status: u16,
    /// The status of the verb's, where there is one.
    verb: Option<u16>,
    state: &'static str,
}

impl Step {
    fn action(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Charge => "charge",
            Self::Authorize => "authorize",
            Self::Capture => "capture",
            Self::Ship => "ship",
            Self::Release => "release",
            Self::Void => "void",
            Self::Refund | Self::ClientRefund => "refund",
            Self::CancelShipment => "cancel-shipment",
        }
    }

    /// An order that comes to the step: by itself, or by what [`Step::verb`] asks.
    fn order(self, id: &str) -> Value {
        match self {
            Self::Reserve | Self::Charge | Self::Ship | Self::CancelShipment | Self::ClientRefund => {
                order(id, "pm_ok", "1", false)
            }
            Self::Authorize | Self::Capture | Self::Void => order(id, "pm_ok", "1", true),
            Self::Release => order(id, "pm_declined", "1", false),
            Self::Refund => order(id, "pm_ok", "SHIP-FAIL", false),
        }
    }

    fn verb(self, id: &str) -> Option<Asked> {
        match self {
            Self::Reserve | Self::Charge | Self::Authorize | Self::Ship | Self::Release | Self::Refund => None,
            Self::Capture => Some(Asked::verb(id, "capture", json!({"amount": 3_000}))),
            Self::Void | Self::CancelShipment => Some(Asked::verb(id, "cancel", json!({"reason": "changed my mind"}))),
            Self::ClientRefund => Some(Asked::verb(id, "refunds", json!({"amount": 1_000, "reason": "broken"}))),
        }
    }

    /// How the order ends where the fault is overcome.
    fn end(self) -> End {
        let end = |status, verb, state| End { status, verb, state };
        match self {
            Self::Reserve | Self::Charge | Self::Ship => end(201, None, "COMPLETED"),
            Self::Authorize => end(201, None, "PAYMENT_AUTHORIZED"),
            Self::Capture | Self::ClientRefund => end(201, Some(201), "COMPLETED"),
            Self::Release => end(402, None, "CANCELLED"),
            Self::Void => end(201, Some(201), "CANCELLED"), // its answer was given when it was authorised
            Self::Refund => end(500, None, "CANCELLED"),
            Self::CancelShipment => end(409, Some(201), "CANCELLED"),
        }
    }

    /// How the order ends where the participant refuses. `None`: an undo that is refused is left to a human, who has it
    /// tried again.
    fn refused(self) -> Option<End> {
        let end = |status, verb, state| Some(End { status, verb, state });
        match self {
            Self::Reserve => end(409, None, "CANCELLED"),
            Self::Charge | Self::Authorize => end(402, None, "CANCELLED"),
            Self::Capture => end(201, Some(409), "CANCELLED"),
            Self::Ship => end(500, None, "CANCELLED"),
            Self::CancelShipment => end(201, Some(409), "COMPLETED"), // the carrier has it: the pivot
            Self::ClientRefund => end(201, Some(409), "COMPLETED"),
            Self::Release | Self::Void | Self::Refund => None,
        }
    }
}

impl Fault {
    fn harm(self) -> Harm {
        match self {
            Self::Refused => Harm::Refuse,
            Self::FailsBefore => Harm::Fail(2),
            Self::TimesOutAfter => Harm::Lose(STEP * 3),
            Self::AnswersLate => Harm::Late(STEP + STEP / 4),
            Self::Doubled => Harm::Double,
        }
    }
}

/// The scene of a case: where engines are, and what stands between them and the participants.
struct Scene<'a> {
    site: &'a Site,
    participants: &'a Participants,
    proxy: &'a Proxy,
}

impl Scene<'_> {
    /// Says what there is to be said to an order of this step, each until it has its final answer, and then everything
    /// again: the answers of the order and of the verb.
    async fn play(
        &self,
        step: Step,
        id: &str,
        ask: &impl AsyncFn(&Asked) -> HttpAnswer,
    ) -> (HttpAnswer, Option<HttpAnswer>) {
        let submit = Asked::submit(step.order(id));
        let verb = step.verb(id);
        if step == Step::CancelShipment {
            // The parcel is out, and the carrier says that it has yet to decide: there is time to call it off.
            self.proxy.harm(id, "ship", Harm::Pend);
            ask(&submit.clone().async_()).await;
            until("it is shipped", async || self.participants.effects(id, "ship") == 1).await;
            let cancelled = ask(verb.as_ref().expect("a cancel")).await;
            return (ask(&submit).await, Some(cancelled));
        }
        let first = ask(&submit).await;
        let answer = match &verb {
            Some(verb) => Some(ask(verb).await),
            None => None,
        };
        (first, answer)
    }

    async fn ends(&self, case: &str, id: &str, answers: &(HttpAnswer, Option<HttpAnswer>), end: End) {
        let found = (answers.0.status, answers.1.as_ref().map(|answer| answer.status));
        let body = String::from_utf8_lossy(&answers.0.body);
        assert_eq!(found, (end.status, end.verb), "{case}: {body}: {:?}", self.site.history(id).await);
        self.site.until(&format!("SELECT state = '{}' FROM orders WHERE order_id = '{id}'", end.state)).await;
    }

    /// Ends what only waits for a command: nothing may be left to be done.
    async fn settle(&self, id: &str, client: &Client) {
        let sql = "SELECT state FROM orders WHERE order_id = $1";
        let row = self.site.database.client().await.query_one(sql, &[&id]).await.expect("the order");
        if row.get::<_, &str>(0) == "PAYMENT_AUTHORIZED" {
            let capture = Asked::verb(id, "capture", json!({})).until_final(std::slice::from_ref(client)).await;
            assert_eq!(capture.status, 201, "{id}");
        }
    }
}

/// A repeat gets the same bytes, at every engine.
async fn repeats(step: Step, id: &str, answers: &(HttpAnswer, Option<HttpAnswer>), engines: &[Client]) {
    for engine in engines {
        let again = Asked::submit(step.order(id)).send(engine).await;
        assert_eq!((again.status, &again.body), (answers.0.status, &answers.0.body), "{id}");
        if let (Some(verb), Some(answer)) = (step.verb(id), &answers.1) {
            let again = verb.send(engine).await;
            assert_eq!((again.status, &again.body), (answer.status, &answer.body), "{id}");
        }
    }
}

/// An operator has an order tried again, once it waits for one and the participant was spoken to.
async fn mend(Scene { site, proxy, .. }: &Scene<'_>, id: &str, action: &str, engine: &Client) {
    site.until(&format!("SELECT attention IS NOT NULL FROM orders WHERE order_id = '{id}'")).await;
    proxy.spare(id, action);
    let body = Some(json!({"reason": "they are back"}).to_string().into());
    let path = format!("/operator/orders/{id}/retry");
    let retried = engine.request(Method::POST, &path, &[], body).await.expect("an answer");
    assert_eq!(retried.status, 200, "{id}: {:?}", retried.body);
}

#[tokio::test]
async fn no_single_fault_of_a_call_does_harm() {
    faults(SETUP, &STEPS).await;
}

#[tokio::test]
async fn nor_does_one_where_inventory_is_local() {
    let steps = STEPS.into_iter().filter(|step| !matches!(step, Step::Reserve | Step::Release));
    faults(Setup { inventory: false, ..SETUP }, &steps.collect::<Vec<_>>()).await;
}

/// These steps and every fault that no engine dies of, all at once, at two engines.
async fn faults(setup: Setup, steps: &[Step]) {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, setup).await;
    let engines = [site.engine().await, site.engine().await];
    let clients = engines.each_ref().map(|engine| engine.client());
    let scene = Scene { site: &site, participants: &participants, proxy: &proxy };
    let cases = steps.iter().flat_map(|step| FAULTS.iter().map(move |fault| (*step, *fault)));
    let play = async |(number, (step, fault)): (usize, (Step, Fault))| {
        let (case, id) = (format!("{step:?} {fault:?}"), format!("M-{step:?}-{fault:?}"));
        proxy.harm(&id, step.action(), fault.harm());
        // Each case begins at one of the engines; what is to be repeated is so at either.
        let mut order = clients.clone();
        order.rotate_left(number % 2);
        let ask = async |asked: &Asked| {
            if asked.wait_s == 0 { asked.send(&order[0]).await } else { asked.until_final(&order).await }
        };
        let end = if fault == Fault::Refused { step.refused() } else { Some(step.end()) };
        let mended = async {
            if end.is_none() {
                mend(&scene, &id, step.action(), &order[1]).await;
            }
        };
        let (answers, ()) = tokio::join!(scene.play(step, &id, &ask), mended);
        assert!(proxy.has_struck(&id, step.action()), "{case}: it never came to that");
        scene.ends(&case, &id, &answers, end.unwrap_or(step.end())).await;
        repeats(step, &id, &answers, &clients).await;
        scene.settle(&id, &clients[0]).await;
    };
    join_all(cases.enumerate().map(play)).await;
    site.judge(&participants).await;
}

/// Two engines of a lane; the first is the one that dies.
struct Lane {
    first: Engine,
    second: Option<Engine>,
    deaths: usize,
}

impl Lane {
    /// After the first engine has died of its fault: who goes on.
    async fn recover(&mut self, site: &Site, case: &str) -> Client {
        until(case, async || self.first.process.ended().expect("look after the engine").is_some()).await;
        self.deaths += 1;
        match &self.second {
            Some(second) => second.client(),
            None => {
                self.first = site.engine().await;
                self.first.client()
            }
        }
    }

    /// The next case needs an engine to lose.
    async fn replace_the_dead(&mut self, site: &Site) {
        if self.first.process.ended().expect("look after the engine").is_some() {
            self.first = site.engine().await;
        }
    }
}

/// Every step with a crash at one place and one way to recover, one after the other on one database.
async fn crashes(crash: Crash, recovery: Recovery) {
    let participants = Participants::start().await;
    let proxy = Proxy::before(&participants.program.url);
    let site = Site::new(&proxy.url, CRASHING).await;
    let second = if recovery == Recovery::Takeover { Some(site.engine().await) } else { None };
    let mut lane = Lane { first: site.engine().await, second, deaths: 0 };
    let scene = Scene { site: &site, participants: &participants, proxy: &proxy };
    for step in STEPS {
        let (case, id) = (format!("{step:?} {crash:?} {recovery:?}"), format!("X-{step:?}"));
        let point = match crash {
            Crash::AfterEffect => "step.after_call",
            Crash::AfterCommit => "commit.after_commit",
        };
        let fault = json!({"point": point, "order_id": id, "action": "crash"});
        proxy.harm(&id, step.action(), Harm::Arm { engine: lane.first.url.clone(), fault });
        let dying = lane.first.client();
        let stage = tokio::sync::Mutex::new((&mut lane, None::<Client>));
        let ask = async |asked: &Asked| {
            let (lane, survivor) = &mut *stage.lock().await;
            if survivor.is_none() {
                match asked.try_send(&dying).await {
                    Some(answer) if is_final(&answer) || asked.wait_s == 0 => return answer,
                    Some(_) | None => *survivor = Some(lane.recover(&site, &case).await),
                }
            }
            let engine = survivor.clone().expect("somebody goes on");
            asked.until_final(std::slice::from_ref(&engine)).await
        };
        let answers = scene.play(step, &id, &ask).await;
        let survivor = stage.into_inner().1.unwrap_or_else(|| panic!("{case}: no client was left without an answer"));
        assert!(proxy.has_struck(&id, step.action()), "{case}: it never came to that");
        scene.ends(&case, &id, &answers, step.end()).await;
        repeats(step, &id, &answers, std::slice::from_ref(&survivor)).await;
        scene.settle(&id, &survivor).await;
        lane.replace_the_dead(&site).await;
    }
    assert_eq!(lane.deaths, STEPS.len(), "one a case");
    site.judge(&participants).await;
}

#[tokio::test]
async fn a_crash_after_the_effect_is_recovered_from_by_a_restart() {
    crashes(Crash::AfterEffect, Recovery::Restart).await;
}

#[tokio::test]
async fn a_crash_after_the_effect_is_recovered_from_by_another_instance() {
    crashes(Crash::AfterEffect, Recovery::Takeover).await;
}

#[tokio::test]
async fn a_crash_after_the_commit_is_recovered_from_by_a_restart() {
    crashes(Crash::AfterCommit, Recovery::Restart).await;
}

#[tokio::test]
async fn a_crash_after_the_commit_is_recovered_from_by_another_instance() {
    crashes(Crash::AfterCommit, Recovery::Takeover).await;
}

/// A step's timeout lies within patience, or the waits above say nothing.
const _: () = assert!(STEP.as_millis() * 3 < PATIENCE.as_millis());
