//! Tells the program which commit it was built from, as `COUNTERFOIL_COMMIT`: that of the environment's variable of this
//! name where there is one (a build from an archive), else what git says of this folder. A debug build is not told, or
//! each commit would have all of it compiled again.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=COUNTERFOIL_COMMIT");
    println!("cargo:rerun-if-changed=build.rs");
    let named = std::env::var("COUNTERFOIL_COMMIT").ok().filter(|commit| !commit.trim().is_empty());
    let debug = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    let commit = match named {
        Some(commit) => commit.trim().to_owned(),
        None if debug => "unknown".to_owned(),
        None => described().unwrap_or_else(|| "unknown".to_owned()),
    };
    println!("cargo:rustc-env=COUNTERFOIL_COMMIT={commit}");
}

/// Where the workspace begins, seen from this package.
const WORKSPACE: &str = "../..";

/// What git says: the commit, and `-dirty` where the sources are not those of it.
fn described() -> Option<String> {
    // A folder within somebody else's repository is not theirs.
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let here = Path::new(&std::env::var("CARGO_MANIFEST_DIR").ok()?).join(WORKSPACE);
    if Path::new(&top).canonicalize().ok()? != here.canonicalize().ok()? {
        return None;
    }
    for path in ["HEAD", "logs/HEAD", "index"] {
        println!("cargo:rerun-if-changed={}", git(&["rev-parse", "--git-path", path])?);
    }
    for path in ["src", "crates", "migrations", "Cargo.toml", "Cargo.lock"] {
        println!("cargo:rerun-if-changed={WORKSPACE}/{path}");
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_none_or(|changed| !changed.is_empty());
    Some(if changed { format!("{commit}-dirty") } else { commit })
}

/// What a git command prints, where there is a git and it succeeds.
fn git(args: &[&str]) -> Option<String> {
    let output = Command::new("git").args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
