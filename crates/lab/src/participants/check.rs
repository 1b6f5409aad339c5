//! The conformance check: whether a participant keeps the contract, as far as that can be seen from outside. Each check
//! has an order and keys of its own, and says what it saw where it fails.

use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use futures_util::future::join_all;
use serde::Serialize;
use uuid::Uuid;

use super::probe::{Checked, Probe, Probed, Samples};
use crate::terminal::Failure;
use counterfoil_engine::client::{Client, ClientError};
use counterfoil_engine::client::{Credentials, checked_base, is_https, leaves_the_machine};
use counterfoil_engine::participants::contract::{ContractAction, ContractAnswer, ContractRequest, Role};
use counterfoil_engine::saga::StepName;
use counterfoil_engine::tls::bearer::TokenFile;
use counterfoil_engine::tls::{Dialer, Files, HTTP, Verify};

/// Repeats of one key that are sent at once.
const CROWD: usize = 64;
/// How long one call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// What is charged; minor units.
const AMOUNT: i64 = 1_000;

/// What to check, and with what.
#[derive(Debug, Args)]
#[command(next_help_heading = "Checking a participant")]
pub struct CheckArgs {
    /// The role to check; may be repeated. Without it, all
    #[arg(long, value_name = "ROLE", conflicts_with = "listen", value_parser = role)]
    role: Vec<Role>,
    /// Write the report as JSON: {ok, checks: [{name, role, holds, detail}]}
    #[arg(long, conflicts_with = "listen")]
    json: bool,
    /// A payment method that the participant accepts
    #[arg(long, value_name = "TOKEN", default_value = "pm_ok")]
    payment_method: String,
    /// A payment method that it declines
    #[arg(long, value_name = "TOKEN", default_value = "pm_declined")]
    declined_method: String,
    /// A SKU that it has some stock of
    #[arg(long, value_name = "SKU", default_value = "SKU-0001")]
    sku: String,
    /// A postal code that it ships to
    #[arg(long, value_name = "CODE", default_value = "1")]
    postal_code: String,
    /// A postal code that it refuses to ship to
    #[arg(long, value_name = "CODE", default_value = "SHIP-FAIL")]
    refused_postal_code: String,
}

fn role(word: &str) -> Result<Role, String> {
    word.parse()
}

/// What came of one check.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    role: Role,
    holds: bool,
    /// What was seen, where it does not hold.
    detail: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Finding>,
}

type Running = Pin<Box<dyn Future<Output = Checked>>>;

struct Check {
    name: &'static str,
    role: Role,
    run: fn(Probe) -> Running,
}

macro_rules! checks {
    ($($role:ident $name:ident,)*) => {
        const CHECKS: &[Check] = &[
            $(Check { name: stringify!($name), role: Role::$role, run: |probe| Box::pin($name(probe)) },)*
        ];
    };
}

checks! {
    Payment unknown_order_has_no_payments,
    Payment charge_takes_effect_once,
    Payment charge_of_a_crowd_takes_effect_once,
    Payment payment_refusal_is_replayed,
    Payment refused_charge_is_known_to_its_void,
    Payment other_content_is_no_outcome,
    Payment operations_tell_what_the_payment_is,
    Payment void_refunds_the_charge_in_full,
    Payment void_frees_the_authorization,
    Payment void_names_authorization_and_capture,
    Payment void_tombstones_a_capture_that_was_never_sent,
    Payment void_first_leaves_a_tombstone,
    Payment refund_first_leaves_a_tombstone,
    Payment capture_takes_effect_once,
    Payment refund_takes_effect_once,
    Payment refunds_never_exceed_the_charge,
    Shipment unknown_order_has_no_shipments,
    Shipment ship_takes_effect_once,
    Shipment ship_of_a_crowd_takes_effect_once,
    Shipment shipment_refusal_is_replayed,
    Shipment other_goods_are_no_outcome_of_a_shipment,
    Shipment operations_tell_what_the_shipment_is,
    Shipment cancel_undoes_the_shipment_once,
    Shipment cancel_first_leaves_a_tombstone,
    Inventory unknown_order_has_no_reservations,
    Inventory reserve_takes_effect_once,
    Inventory reserve_of_a_crowd_takes_effect_once,
    Inventory other_goods_are_no_outcome_of_a_reservation,
    Inventory operations_tell_what_the_reservation_is,
    Inventory release_undoes_the_reservation_once,
    Inventory release_first_leaves_a_tombstone,
    Step unknown_order_has_no_steps,
    Step run_takes_effect_once,
    Step run_of_a_crowd_takes_effect_once,
    Step another_order_value_is_no_outcome_of_a_run,
    Step undo_undoes_the_run_once,
    Step undo_first_leaves_a_tombstone,
}

/// Checks, and writes the report to standard output.
pub async fn run(
    url: &str,
    files: Files,
    token: Option<TokenFile>,
    args: &CheckArgs,
    steps: &[StepName],
) -> Result<ExitCode, Failure> {
    let usage = |error: ClientError| Failure::usage(error.to_string());
    let base = checked_base(url).map_err(|reason| Failure::usage(format!("{url:?} is no usable target: {reason}")))?;
    if !is_https(&base) && (!files.is_empty() || token.is_some() && leaves_the_machine(&base)) {
        return Err(Failure::usage(format!(
            "{url:?} is no https:// URL: no certificate is shown there, and no token sent"
        )));
    }
    let dialer = is_https(&base).then(|| Dialer::open(files, Verify::Name, HTTP)).transpose();
    let dialer = dialer.map_err(|error| Failure::usage(error.to_string()))?;
    // As the engine does it: an operator's token is no business of a participant.
    let shown = Credentials { dialer, token };
    let client = Client::connecting_within(url, CALL_TIMEOUT, shown).map_err(usage)?.with_timeout(CALL_TIMEOUT);
    let samples = Samples {
        payment_method: args.payment_method.clone(),
        declined_method: args.declined_method.clone(),
        sku: args.sku.clone(),
        postal_code: args.postal_code.clone(),
        refused_postal_code: args.refused_postal_code.clone(),
        step: String::new(),
    };
    if steps.is_empty() && args.role.contains(&Role::Step) {
        return Err(Failure::usage("--role step: --step says which, by its name"));
    }
    // One that is not there at all is told once, not once a check.
    Probe::new(client.clone(), samples.clone())
        .operations()
        .await
        .map_err(|error| Failure::work(format!("no participant answers at {url}: {error}")))?;
    let mut checks = Vec::new();
    // Of each step that is asked for the same.
    let of = |check: &'static Check| {
        let steps = steps.iter().map(|step| step.as_str().to_owned());
        let named: Vec<String> = if check.role == Role::Step { steps.collect() } else { vec![String::new()] };
        named.into_iter().map(move |step| (check, step))
    };
    let wanted = CHECKS.iter().filter(|check| args.role.is_empty() || args.role.contains(&check.role));
    for (check, step) in wanted.flat_map(of) {
        let outcome = (check.run)(Probe::new(client.clone(), Samples { step, ..samples.clone() })).await;
        let (name, role) = (check.name, check.role);
        checks.push(Finding { name, role, holds: outcome.is_ok(), detail: outcome.err() });
    }
    let report = Report { ok: checks.iter().all(|check| check.holds), checks };
    crate::terminal::print(&if args.json { json(&report) } else { crate::terminal::harmless(&table(&report)) })?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn json(report: &Report) -> String {
    // A struct of strings and booleans always serialises.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}

fn table(report: &Report) -> String {
    let width = report.checks.iter().map(|check| check.name.len()).max().unwrap_or(0);
    let mut text = format!("{:9}  {:width$}\n", "role", "check");
    for check in &report.checks {
        let verdict = if check.holds { "holds" } else { "FAILS" };
        let detail = check.detail.as_deref().unwrap_or_default();
        let row = format!("{:9}  {:width$}  {verdict}  {detail}", check.role.as_str(), check.name);
        text.push_str(row.trim_end());
        text.push('\n');
    }
    let failed = report.checks.iter().filter(|check| !check.holds).count();
    text + &match failed {
        0 => format!("all {} checks hold\n", report.checks.len()),
        _ => format!("{failed} of {} checks FAIL\n", report.checks.len()),
    }
}

fn key() -> Uuid {
    Uuid::new_v4()
}

/// Sends a call, and twice again: it has to say the same.
async fn thrice(probe: &Probe, key: Uuid, request: &ContractRequest) -> Checked<Probed> {
    let first = probe.call(key, request).await?;
    for _ in 0..2 {
        probe.call(key, request).await?.same_as(&first)?;
    }
    Ok(first)
}

/// Sends a call from a crowd at once: all that get an outcome get the same.
async fn crowd(probe: &Probe, request: &ContractRequest) -> Checked<Probed> {
    let key = key();
    let told = join_all((0..CROWD).map(|_| probe.once(key, request))).await;
    let settled = probe.call(key, request).await?;
    for told in told.into_iter().flatten() {
        if matches!(told.answer, ContractAnswer::Done(_) | ContractAnswer::Refused { .. }) {
            told.same_as(&settled)?;
        }
    }
    Ok(settled)
}

async fn nothing_known(probe: Probe) -> Checked {
    match probe.operations().await?.len() {
        0 => Ok(()),
        count => Err(format!("{count} operations of an order that was never sent")),
    }
}

async fn unknown_order_has_no_payments(probe: Probe) -> Checked {
    nothing_known(probe).await
}

async fn unknown_order_has_no_shipments(probe: Probe) -> Checked {
    nothing_known(probe).await
}

async fn unknown_order_has_no_reservations(probe: Probe) -> Checked {
    nothing_known(probe).await
}

async fn unknown_order_has_no_steps(probe: Probe) -> Checked {
    nothing_known(probe).await
}

async fn run_takes_effect_once(probe: Probe) -> Checked {
    thrice(&probe, key(), &probe.run(AMOUNT)).await?.done()?;
    probe.expect_effects(&[(ContractAction::Run, None)]).await
}

async fn run_of_a_crowd_takes_effect_once(probe: Probe) -> Checked {
    crowd(&probe, &probe.run(AMOUNT)).await?.done()?;
    probe.expect_effects(&[(ContractAction::Run, None)]).await
}

async fn another_order_value_is_no_outcome_of_a_run(probe: Probe) -> Checked {
    no_outcome(&probe, key(), &probe.run(AMOUNT), &probe.run(AMOUNT + 1)).await
}

async fn undo_undoes_the_run_once(probe: Probe) -> Checked {
    let run = key();
    probe.call(run, &probe.run(AMOUNT)).await?.done()?;
    thrice(&probe, key(), &probe.undo_run(run)).await?.undone()?;
    probe.call(key(), &probe.undo_run(run)).await?.undone()?;
    probe.expect_effects(&[(ContractAction::Run, None), (ContractAction::Undo, None)]).await
}

async fn undo_first_leaves_a_tombstone(probe: Probe) -> Checked {
    let late = key();
    undo_first(&probe, late, &probe.undo_run(late), &probe.run(AMOUNT)).await
}

async fn charge_takes_effect_once(probe: Probe) -> Checked {
    thrice(&probe, key(), &probe.charge(AMOUNT)).await?.done()?;
    probe.expect_effects(&[(ContractAction::Charge, Some(AMOUNT))]).await
}

async fn charge_of_a_crowd_takes_effect_once(probe: Probe) -> Checked {
    crowd(&probe, &probe.charge(AMOUNT)).await?.done()?;
    probe.expect_effects(&[(ContractAction::Charge, Some(AMOUNT))]).await
}

async fn payment_refusal_is_replayed(probe: Probe) -> Checked {
    thrice(&probe, key(), &probe.declined(AMOUNT)).await?.refused()?;
    probe.expect_effects(&[]).await
}

async fn refused_charge_is_known_to_its_void(probe: Probe) -> Checked {
    let charge = key();
    let refused = probe.call(charge, &probe.declined(AMOUNT)).await?;
    refused.refused()?;
    probe.call(key(), &probe.void(&[charge])).await?.undone()?;
    probe.call(charge, &probe.declined(AMOUNT)).await?.same_as(&refused)
}

/// A key that was used comes with other content: no outcome, and nothing changes.
async fn no_outcome(probe: &Probe, key: Uuid, first: &ContractRequest, other: &ContractRequest) -> Checked {
    let done = probe.call(key, first).await?;
    done.done()?;
    let told = probe.once(key, other).await?;
    if !matches!(told.answer, ContractAnswer::Unknown { .. } | ContractAnswer::Contradicted { .. }) {
        return Err(format!("the key came with other content and got an outcome: {}", told.shown()));
    }
    probe.call(key, first).await?.same_as(&done)?;
    // What an order costs is no effect of a step of one's own.
    let amount = first.amount().filter(|_| first.action() != ContractAction::Run);
    probe.expect_effects(&[(first.action(), amount)]).await
}

async fn other_content_is_no_outcome(probe: Probe) -> Checked {
    no_outcome(&probe, key(), &probe.charge(AMOUNT), &probe.charge(AMOUNT + 1)).await
}

async fn other_goods_are_no_outcome_of_a_shipment(probe: Probe) -> Checked {
    no_outcome(&probe, key(), &probe.ship(), &probe.ship_of(2)).await
}

async fn other_goods_are_no_outcome_of_a_reservation(probe: Probe) -> Checked {
    let reserve = key();
    no_outcome(&probe, reserve, &probe.reserve(1), &probe.reserve(2)).await?;
    tidy(&probe, reserve).await
}

/// Whoever lost an answer must be able to tell from the list whether what took effect is what was asked for.
async fn operations_tell_what_the_payment_is(probe: Probe) -> Checked {
    let (charge, authorization, declined) = (key(), key(), key());
    let (capture, refund) = (key(), key());
    let steps = [
        (charge, probe.charge(AMOUNT)),
        (refund, probe.refund(AMOUNT / 4, charge)),
        (authorization, probe.authorize(AMOUNT)),
        (capture, probe.capture(AMOUNT - 1, authorization)),
        (declined, probe.declined(AMOUNT)),
    ];
    probe.expect_told(&steps).await
}

async fn operations_tell_what_the_shipment_is(probe: Probe) -> Checked {
    probe.expect_told(&[(key(), probe.ship())]).await
}

async fn operations_tell_what_the_reservation_is(probe: Probe) -> Checked {
    let reserve = key();
    probe.expect_told(&[(reserve, probe.reserve(1))]).await?;
    tidy(&probe, reserve).await
}

/// That a void says what it found and gave back.
fn voided(told: &Probed, amount: i64) -> Checked {
    let done = told.undone()?;
    if (done.captured, done.refunded) == (Some(amount), Some(amount)) {
        return Ok(());
    }
    Err(format!("expected captured and refunded to be {amount}, got {}", told.shown()))
}

async fn void_refunds_the_charge_in_full(probe: Probe) -> Checked {
    let charge = key();
    probe.call(charge, &probe.charge(AMOUNT)).await?.done()?;
    probe.call(key(), &probe.refund(AMOUNT / 4, charge)).await?.undone()?;
    let void = probe.void(&[charge]);
    voided(&thrice(&probe, key(), &void).await?, AMOUNT)?;
    // Under another key it is done again, without another effect.
    voided(&probe.call(key(), &void).await?, AMOUNT)?;
    let (quarter, rest) = (AMOUNT / 4, AMOUNT - AMOUNT / 4);
    let refund = |amount| (ContractAction::Refund, Some(amount));
    probe.expect_effects(&[(ContractAction::Charge, Some(AMOUNT)), refund(quarter), refund(rest)]).await
}

async fn void_frees_the_authorization(probe: Probe) -> Checked {
    let (authorization, capture) = (key(), key());
    probe.call(authorization, &probe.authorize(AMOUNT)).await?.done()?;
    voided(&thrice(&probe, key(), &probe.void(&[authorization])).await?, 0)?;
    probe.call(capture, &probe.capture(AMOUNT, authorization)).await?.refused()?;
    probe.expect_effects(&[(ContractAction::Authorize, Some(AMOUNT)), (ContractAction::Void, None)]).await
}

async fn void_names_authorization_and_capture(probe: Probe) -> Checked {
    let (authorization, capture, part) = (key(), key(), AMOUNT - 1);
    probe.call(authorization, &probe.authorize(AMOUNT)).await?.done()?;
    probe.call(capture, &probe.capture(part, authorization)).await?.done()?;
    voided(&thrice(&probe, key(), &probe.void(&[authorization, capture])).await?, part)?;
    let money = [ContractAction::Charge, ContractAction::Capture, ContractAction::Refund];
    let effects = probe.effects().await?;
    let moved: Vec<_> = effects.into_iter().filter(|(action, _)| money.contains(action)).collect();
    let expected = [(ContractAction::Capture, Some(part)), (ContractAction::Refund, Some(part))];
    if moved == expected { Ok(()) } else { Err(format!("expected {expected:?}, operations say {moved:?}")) }
}

async fn void_tombstones_a_capture_that_was_never_sent(probe: Probe) -> Checked {
    let (authorization, capture) = (key(), key());
    probe.call(authorization, &probe.authorize(AMOUNT)).await?.done()?;
    voided(&probe.call(key(), &probe.void(&[authorization, capture])).await?, 0)?;
    probe.call(capture, &probe.capture(AMOUNT, authorization)).await?.tombstoned()
}

/// An undo of a key that was never sent, then the late call.
async fn undo_first(probe: &Probe, late: Uuid, undo: &ContractRequest, call: &ContractRequest) -> Checked {
    let undo_key = key();
    thrice(probe, undo_key, undo).await?.tombstone()?;
    for _ in 0..2 {
        probe.call(late, call).await?.tombstoned()?;
    }
    thrice(probe, undo_key, undo).await?.tombstone()?;
    probe.expect_effects(&[]).await
}

async fn void_first_leaves_a_tombstone(probe: Probe) -> Checked {
    let late = key();
    undo_first(&probe, late, &probe.void(&[late]), &probe.charge(AMOUNT)).await
}

async fn refund_first_leaves_a_tombstone(probe: Probe) -> Checked {
    let late = key();
    undo_first(&probe, late, &probe.refund(AMOUNT, late), &probe.charge(AMOUNT)).await
}

async fn cancel_first_leaves_a_tombstone(probe: Probe) -> Checked {
    let late = key();
    undo_first(&probe, late, &probe.cancel(late), &probe.ship()).await
}

async fn release_first_leaves_a_tombstone(probe: Probe) -> Checked {
    let late = key();
    undo_first(&probe, late, &probe.release(late), &probe.reserve(1)).await
}

async fn capture_takes_effect_once(probe: Probe) -> Checked {
    let authorization = key();
    thrice(&probe, authorization, &probe.authorize(AMOUNT)).await?.done()?;
    thrice(&probe, key(), &probe.capture(AMOUNT, authorization)).await?.done()?;
    probe.call(key(), &probe.capture(1, authorization)).await?.refused()?;
    probe.expect_effects(&[(ContractAction::Authorize, Some(AMOUNT)), (ContractAction::Capture, Some(AMOUNT))]).await
}

async fn refund_takes_effect_once(probe: Probe) -> Checked {
    let charge = key();
    probe.call(charge, &probe.charge(AMOUNT)).await?.done()?;
    thrice(&probe, key(), &probe.refund(AMOUNT, charge)).await?.undone()?;
    probe.expect_effects(&[(ContractAction::Charge, Some(AMOUNT)), (ContractAction::Refund, Some(AMOUNT))]).await
}

async fn refunds_never_exceed_the_charge(probe: Probe) -> Checked {
    let (charge, most) = (key(), AMOUNT - 1);
    probe.call(charge, &probe.charge(AMOUNT)).await?.done()?;
    probe.call(key(), &probe.refund(AMOUNT + 1, charge)).await?.refused()?;
    probe.call(key(), &probe.refund(most, charge)).await?.undone()?;
    thrice(&probe, key(), &probe.refund(most, charge)).await?.refused()?;
    probe.expect_effects(&[(ContractAction::Charge, Some(AMOUNT)), (ContractAction::Refund, Some(most))]).await
}

async fn ship_takes_effect_once(probe: Probe) -> Checked {
    thrice(&probe, key(), &probe.ship()).await?.done()?;
    probe.expect_effects(&[(ContractAction::Ship, None)]).await
}

async fn ship_of_a_crowd_takes_effect_once(probe: Probe) -> Checked {
    crowd(&probe, &probe.ship()).await?.done()?;
    probe.expect_effects(&[(ContractAction::Ship, None)]).await
}

async fn shipment_refusal_is_replayed(probe: Probe) -> Checked {
    let ship = key();
    thrice(&probe, ship, &probe.ship_refused()).await?.refused()?;
    probe.call(key(), &probe.cancel(ship)).await?.undone()?;
    probe.expect_effects(&[]).await
}

async fn cancel_undoes_the_shipment_once(probe: Probe) -> Checked {
    let ship = key();
    probe.call(ship, &probe.ship()).await?.done()?;
    thrice(&probe, key(), &probe.cancel(ship)).await?.undone()?;
    probe.call(key(), &probe.cancel(ship)).await?.undone()?;
    probe.expect_effects(&[(ContractAction::Ship, None), (ContractAction::CancelShipment, None)]).await
}

async fn reserve_takes_effect_once(probe: Probe) -> Checked {
    let reserve = key();
    thrice(&probe, reserve, &probe.reserve(1)).await?.done()?;
    probe.expect_effects(&[(ContractAction::Reserve, None)]).await?;
    tidy(&probe, reserve).await
}

async fn reserve_of_a_crowd_takes_effect_once(probe: Probe) -> Checked {
    crowd(&probe, &probe.reserve(1)).await?.done()?;
    probe.expect_effects(&[(ContractAction::Reserve, None)]).await?;
    let operations = probe.operations().await?;
    let Some(reserve) = operations.first() else { return Ok(()) };
    tidy(&probe, reserve.key).await
}

/// Gives back what a check took.
async fn tidy(probe: &Probe, reserve: Uuid) -> Checked {
    probe.call(key(), &probe.release(reserve)).await?.undone().map(drop)
}

async fn release_undoes_the_reservation_once(probe: Probe) -> Checked {
    let reserve = key();
    probe.call(reserve, &probe.reserve(1)).await?.done()?;
    thrice(&probe, key(), &probe.release(reserve)).await?.undone()?;
    probe.call(key(), &probe.release(reserve)).await?.undone()?;
    probe.expect_effects(&[(ContractAction::Reserve, None), (ContractAction::Release, None)]).await
}
