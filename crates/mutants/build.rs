//! The tests name files by their path from the workspace's folder, as their own package is.

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    // By its whole path: copies of the tree share what they build, and one that is gone is not to be looked for.
    println!("cargo:rerun-if-changed={here}/build.rs");
    println!("cargo:rustc-env=COUNTERFOIL_COMMIT=unknown");
    println!("cargo:rustc-env=CARGO_MANIFEST_DIR={}", here.trim_end_matches("/crates/mutants"));
}
