#!/usr/bin/env bash
# older.sh [--there]
# Builds the program of an earlier release from this repository's own history, into .test-tools/older: tests/beside_older.rs has it
# serve beside this one. Its dependencies are those of this tree's test build and are built once for both, so that only its own
# crate is compiled (56 CPU seconds). A clone without the commit asks its origin for that one. Where there is no such history (an
# archive, a shallow clone) nobody is to blame: that is said, and the tests that need it skip themselves and say why.
#   --there        builds nothing; the exit status says whether it is there
#   MISSING=skip   the same where it cannot be built
set -euo pipefail
cd "$(dirname "$0")/.."
PWD=$(pwd -P) # as git tells it
export GIT_TERMINAL_PROMPT=0
version=0.5.0
commit=febf4c58dfc206cd97b9babf8bb975e0811bc1bc
older=$PWD/.test-tools/older

say() { printf 'older: %s\n' "$*" >&2; }
is_there() { [ -x "$older/counterfoil" ] && [ "$(cat "$older/.of" 2>/dev/null)" = "$commit" ]; }
cannot() {
  say "$*"
  if [ "${MISSING:-}" = skip ]; then
    say "going on without (MISSING=skip): the tests that need it are skipped"
    exit 0
  fi
  say "MISSING=skip goes on without, and skips the tests that need it"
  exit 1
}

if [ "${1:-}" = --there ]; then
  is_there
  exit
fi
if is_there; then exit 0; fi

# No program, and why: the tests that need it read that.
no_history() {
  say "$*: the tests that need that program are skipped"
  mkdir -p "$older"
  rm -f "$older/counterfoil" "$older/.of"
  echo "$*" >"$older/.none"
  exit 0
}

# A checkout of another user's, as on a build machine, is one's own all the same.
history() { git -c safe.directory="$PWD" "$@"; }
has_commit() { history cat-file -e "$commit^{commit}" 2>/dev/null; }
[ "$(history rev-parse --show-toplevel 2>/dev/null)" = "$PWD" ] || no_history "no history here to build $version from: this is no clone"
has_commit || history fetch -q --depth 1 origin "$commit" 2>/dev/null || true
has_commit || no_history "the history here does not reach back to $version (${commit:0:12}): git fetch --unshallow"

rm -rf "$older"
mkdir -p "$older/source"
history archive "$commit" | tar -x -C "$older/source"
# Its sources are as they were. Its program gets another name, since it is built where this one is, and it is a workspace of its
# own, since it lies within another.
sed -i -e 's/^default-run = "counterfoil"$/default-run = "counterfoil-older"/' \
  -e '/^\[\[bin\]\]$/,/^path/s/^name = "counterfoil"$/name = "counterfoil-older"/' "$older/source/Cargo.toml"
printf '\n[workspace]\n' >>"$older/source/Cargo.toml"
say "building $version from the history, for the tests"
built=${CARGO_TARGET_DIR:-target}
if ! cargo build --locked --manifest-path "$older/source/Cargo.toml" --target-dir "$built" --bin counterfoil-older >"$older/build.log" 2>&1; then
  tail -n 20 "$older/build.log" >&2
  cannot "$version cannot be built"
fi
mv "$built/debug/counterfoil-older" "$older/counterfoil"
rm -rf "$older/source"
echo "$commit" >"$older/.of"
