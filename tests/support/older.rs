//! The program of an earlier release (0.5.0, the last one that knows nothing of steps of one's own), built from the repository's own history by `scripts/older.sh`. Where there is
//! no such history, a test says so and does nothing; where it cannot be built, a test fails, or does so with MISSING=skip.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Its program; a test is to end at once where there is none.
pub fn program() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools/older/counterfoil");
    if path.exists() {
        return Some(path);
    }
    if let Ok(why) = std::fs::read_to_string(path.with_file_name(".none")) {
        eprintln!("skipped: there is no older program: {}", why.trim_end());
        return None;
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
