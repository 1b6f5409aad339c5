//! The program of an earlier release (0.5.0, the last one that knows nothing of steps of one's own), built from the repository's own history by `scripts/older.sh`. Where there is
//! no such history, a test says so and does nothing; where it cannot be built, a test fails, or does so with MISSING=skip.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::program::Folder;

/// Its program; a test is to end at once where there is none.
pub fn program() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools/older");
    let why = match built_in(&folder, commit()) {
        Ok(program) => return Some(program),
        Err(why) => why,
    };
    if let Ok(why) = std::fs::read_to_string(folder.join(".none")) {
        eprintln!("skipped: there is no older program: {}", why.trim_end());
        return None;
    }
    let skipped = std::env::var("MISSING").is_ok_and(|missing| missing == "skip");
    assert!(skipped, "there is no older program: {why}; scripts/older.sh builds it, MISSING=skip goes on without");
    eprintln!("skipped: there is no older program: {why} (MISSING=skip)");
    None
}

/// The commit of that release.
fn commit() -> &'static str {
    let script = include_str!("../../scripts/older.sh");
    script.lines().find_map(|line| line.strip_prefix("commit=")).expect("scripts/older.sh names a commit")
}

/// The program that `scripts/older.sh` left in its folder, where that is of this commit: what was built of another one
/// would be taken for that release.
fn built_in(folder: &Path, commit: &str) -> Result<PathBuf, String> {
    let program = folder.join("counterfoil");
    if !program.exists() {
        return Err("none is built".to_owned());
    }
    let of = std::fs::read_to_string(folder.join(".of"));
    match of.as_ref().map(|of| of.trim_end()) {
        Ok(of) if of == commit => Ok(program),
        Ok(other) => Err(format!("{} is of {other}, and the one that is wanted is of {commit}", program.display())),
        Err(error) => Err(format!("nothing says what {} is of: {error}", program.display())),
    }
}

#[test]
fn what_is_built_of_another_commit_is_not_taken_for_it() {
    let folder = Folder::new();
    let taken = || built_in(&folder.0, commit());
    assert_eq!(taken().expect_err("nothing is there"), "none is built");
    let program = folder.file("counterfoil", "");
    assert!(taken().expect_err("nobody says what it is").starts_with("nothing says what "));
    folder.file(".of", "febf4c5\n");
    assert!(taken().expect_err("it is another one").contains(" is of febf4c5, and the one that is wanted is of "));
    folder.file(".of", &format!("{}\n", commit()));
    assert_eq!(taken(), Ok(program));
}

/// What a command of a program says, and its end.
pub async fn run(program: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(program);
    counterfoil::client::environment::forget_environment(&mut command);
    command.args(args);
    tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("run it")
}
