//! `counterfoil chaos`: the campaign of [`counterfoil_lab::chaos`], in a folder of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use counterfoil_lab::bench::Ended;
use counterfoil_lab::chaos::{self, ChaosArgs};

use super::{Failure, harmless, print};
use crate::client::error_chain;

/// Runs it; 1 where a promise broke.
pub async fn run(args: ChaosArgs) -> Result<ExitCode, Failure> {
    if args.list {
        print(&format!("{}\n", chaos::names().join("\n")))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) =
        args.fault.iter().find(|text| !chaos::names().iter().any(|name| name.contains(text.as_str())))
    {
        return Err(Failure::usage(format!("--fault {unknown}: no fault has that in its name; --list names them")));
    }
    let itself = std::env::current_exe().map_err(|error| Failure::caused("cannot find this program", &error))?;
    let folder = args.keep.clone().unwrap_or_else(scratch);
    std::fs::create_dir(&folder)
        .map_err(|error| Failure::usage(format!("cannot make the folder {}: {error}", folder.display())))?;
    let folder = folder.canonicalize().map_err(|error| Failure::caused("cannot find the folder", &error))?;
    let mut ended = Ended::watched().map_err(|error| Failure::caused("cannot wait for signals", &error))?;
    let report = chaos::run(&args, &folder, &itself, async || ended.asked().await).await;
    let is_right = report.as_ref().is_ok_and(chaos::report::Report::is_right);
    let is_whole = report.as_ref().is_ok_and(|report| report.cut_short.is_none());
    if is_right && is_whole && args.keep.is_none() {
        let _left = std::fs::remove_dir_all(&folder);
    } else {
        eprintln!("counterfoil: {} has the logs, the ledgers and the data", folder.display());
    }
    // 1 is for a broken promise alone.
    let failed = |error| Failure::usage(format!("it could not be carried through: {}", error_chain(&error)));
    let report = report.map_err(failed)?;
    print(&harmless(&report.lines()))?;
    if let Some(file) = &args.json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| Failure::caused("no report", &error))?;
        std::fs::write(file, text)
            .map_err(|error| Failure::caused(&format!("cannot write {}", file.display()), &error))?;
    }
    match report.cut_short {
        Some(why) if is_right => Err(Failure::usage(format!("it was cut short: {why}"))),
        _ => Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
    }
}

fn scratch() -> PathBuf {
    std::env::temp_dir().join(format!("counterfoil-chaos-{}", std::process::id()))
}
