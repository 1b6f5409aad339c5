//! `counterfoil drill`: breaks a private engine on purpose, in every way that the promises must survive, and shows that
//! they do.
//!
//! Each scenario ([`scenarios`]) arms a failure, submits orders as clients would, shows what they saw and what the
//! database held, recovers, retries, and ends with the audit. It is a black-box client: it knows the HTTP interface and
//! the tables, and drives the same program that a shop runs, as a child process ([`world`]). What was seen is told as it
//! happens ([`evidence`]); whatever was not as promised makes the exit code 1.

mod deliveries;
mod evidence;
mod fleet;
pub mod ledger;
mod receivers;
mod scenarios;
mod world;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use self::evidence::{ScenarioOutcome, Tale};
use self::fleet::Setup;
use self::scenarios::{PlayRemote, Proved, Scenario, Stage, all};
use self::world::World;
use crate::terminal::{self, Failure};
use counterfoil_engine::client::error_chain;

/// What to drill.
#[derive(Debug, Args)]
pub struct DrillArgs {
    /// Only this scenario; may be repeated
    #[arg(long, value_name = "NAME")]
    scenario: Vec<String>,
    /// Name the scenarios, and run none
    #[arg(long)]
    list: bool,
    /// Write {scenarios: [{name, held, detail}]}; with `-` to stdout, and the narrative to stderr
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Runs the drills; exit code 1 if a promise broke.
pub async fn run(args: DrillArgs) -> Result<ExitCode, Failure> {
    let chosen = choose(&args.scenario)?;
    let json_on_stdout = args.json.as_deref() == Some(Path::new("-"));
    let out: Box<dyn io::Write> = if json_on_stdout { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
    let mut tale = Tale::new(out);
    if args.list {
        let width = chosen.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
        for scenario in chosen {
            tale.write(&format!("{:width$}  {}\n", scenario.name, scenario.about));
        }
        return Ok(ExitCode::SUCCESS);
    }
    // Before anything runs that could not be told, or has to be cleaned up.
    let report = args.json.as_deref().filter(|_| !json_on_stdout).map(|path| {
        let told = |error| Failure::usage(format!("--json {}: {error}", path.display()));
        std::fs::File::create(path).map_err(told)
    });
    let report = report.transpose()?;
    let mut asked_to_end = std::pin::pin!(counterfoil_engine::process::signalled());
    let _not_yet = futures_util::poll!(asked_to_end.as_mut());
    let began = Instant::now();
    let mut world = World::new(tale).map_err(|error| Failure::caused("no place for the drill", &error))?;
    let mut outcomes = Vec::new();
    for scenario in &chosen {
        tokio::select! {
            outcome = play(&mut world, scenario) => outcomes.push(outcome),
            () = &mut asked_to_end => {
                world.end(false).await;
                return Err(Failure::work("interrupted"));
            }
        }
    }
    let held = outcomes.iter().filter(|outcome| outcome.held).count();
    world.tale.table(&outcomes);
    world.tale.write(&format!("{held} of {} held, in {:.0} s\n", outcomes.len(), began.elapsed().as_secs_f64()));
    let all_held = held == outcomes.len();
    world.end(!all_held).await;
    let text = format!("{:#}\n", serde_json::json!({ "scenarios": outcomes }));
    match report {
        Some(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| Failure::caused("cannot write the report", &error))?
        }
        None if json_on_stdout => terminal::print(&text)?,
        None => {}
    }
    Ok(if all_held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays one scenario, and audits what it left behind.
async fn play(world: &mut World, scenario: &Scenario) -> ScenarioOutcome {
    world.tale.begin(scenario.name, scenario.about);
    let played = match scenario.stage {
        Stage::Alone(flavour, play) => match world.ready(flavour).await {
            Ok(()) => match play(world).await {
                Ok(proved) => world.audit().await.map(|()| proved),
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        },
        Stage::Remote(setup, play) => play_remote(world, setup, play).await,
    };
    let proved = played.unwrap_or_else(|error| {
        world.tale.check(false, error_chain(&error));
        String::new()
    });
    if !world.tale.held() && matches!(scenario.stage, Stage::Alone(..)) {
        let tail = world.log_tail();
        world.tale.tell("log", &tail);
        world.renew().await;
    }
    world.tale.end(scenario.name, proved)
}

/// Plays a scenario in a fleet of its own, and holds its database against its ledger.
async fn play_remote(world: &mut World, setup: Setup, play: PlayRemote) -> Proved {
    let mut fleet = world.fleet(setup).await?;
    let played = match play(&mut fleet).await {
        Ok(proved) => fleet.judge().await.map(|()| proved),
        Err(error) => Err(error),
    };
    if played.is_err() || !fleet.tale.held() {
        let tail = fleet.log_tail();
        fleet.tale.tell("log", &tail);
    }
    fleet.end().await;
    played
}

fn choose(names: &[String]) -> Result<Vec<Scenario>, Failure> {
    let known = all();
    if let Some(unknown) = names.iter().find(|name| !known.iter().any(|scenario| scenario.name == **name)) {
        let message = format!("--scenario {unknown}: there is no such scenario; --list names them");
        return Err(Failure::usage(message));
    }
    let wanted = |scenario: &Scenario| names.is_empty() || names.iter().any(|name| name == scenario.name);
    Ok(known.into_iter().filter(wanted).collect())
}
