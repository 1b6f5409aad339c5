//! The program of the last release, built from the repository's own history by `scripts/older.sh`. Where that cannot
//! be, a test fails, or, with MISSING=skip in the environment, says so and does nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Its program; a test is to end at once where there is none.
pub fn program() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools/older/counterfoil");
    if path.exists() {
        return Some(path);
    }
    let skipped = std::env::var("MISSING").is_ok_and(|missing| missing == "skip");
    assert!(skipped, "there is no older program: scripts/older.sh builds it, MISSING=skip goes on without");
    eprintln!("skipped: there is no older program (MISSING=skip)");
    None
}

/// What a command of a program says, and its end.
pub async fn run(program: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(args);
    tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("run it")
}
