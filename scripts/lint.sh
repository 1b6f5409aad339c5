#!/usr/bin/env bash
# Formatting and clippy, without changing anything. Each is skipped, and said so, where Rust came without it.
set -euo pipefail
cd "$(dirname "$0")/.."
if cargo fmt --version >/dev/null 2>&1; then
  cargo fmt --all --check
else
  echo "lint: no rustfmt here: formatting is not checked" >&2
fi
if cargo clippy --version >/dev/null 2>&1; then
  cargo clippy --locked --workspace --all-targets -- -D warnings
  # What `make run` builds: no sinks, and other features of what they share with the rest.
  cargo clippy --locked --workspace --no-default-features -- -D warnings
  # What embeds the engine with the fewest packages.
  cargo clippy --locked -p counterfoil-engine --lib --no-default-features -- -D warnings
else
  echo "lint: no clippy here: lints are not checked" >&2
fi
