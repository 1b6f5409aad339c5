//! `counterfoil completions`, `counterfoil man`: what shells and `man` know of the commands, made of the commands themselves.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure};

/// The name of the program.
const NAME: &str = "counterfoil";

/// What is asked for.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell.
    shell: Shell,
}

/// Where to.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder that the pages are written to, a file a command: `man -l DIR/counterfoil-orders.1` shows one.
    dir: PathBuf,
}

/// Prints a script that completes the commands: `source <(counterfoil completions bash)`.
pub fn complete(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), NAME, &mut script);
    super::print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the pages.
pub fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    let failed = |error: std::io::Error| Failure::work(format!("{}: {error}", args.dir.display()));
    std::fs::create_dir_all(&args.dir).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), &args.dir).map_err(failed)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_hears_of_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::Elvish, Shell::PowerShell] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in ["orders", "reason", "outbox", "redrive"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }

    #[test]
    fn each_command_has_a_page() {
        let dir = std::env::temp_dir().join(format!("counterfoil-man-{}", std::process::id()));
        man(&ManArgs { dir: dir.clone() }).unwrap();
        for page in ["counterfoil", "counterfoil-orders", "counterfoil-orders-refund", "counterfoil-audit"] {
            let text = std::fs::read_to_string(dir.join(format!("{page}.1"))).unwrap_or_else(|_| panic!("{page}"));
            assert!(text.contains(".TH"), "{page}: {text}");
        }
        std::fs::remove_dir_all(dir).unwrap();
    }
}
