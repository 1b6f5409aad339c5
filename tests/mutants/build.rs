//! The tests name files by their path from the workspace's folder, as their own package is.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    println!("cargo:rustc-env=COUNTERFOIL_COMMIT=unknown");
    println!("cargo:rustc-env=CARGO_MANIFEST_DIR={}", here.trim_end_matches("/tests/mutants"));
}
