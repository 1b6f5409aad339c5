#!/usr/bin/env bash
# bootstrap.sh [--lint] [--sinks] [--test] [--docs] [--mutants] [COMMAND...]
# Sees to it that a C compiler, Rust, PostgreSQL and curl are there, then runs COMMAND with them on its PATH.
# What is there already is used as it is: then this asks for no password, reaches for no network and says nothing.
# What is absent is installed by apt-get (Debian, Ubuntu), with sudo where needed; elsewhere this says what to install.
#   --lint   rustfmt and clippy too, where Rust is the system's own (with rustup: rustup component add rustfmt clippy)
#   --sinks  what sinks are built with, too: Kafka's library wants a C++ compiler and OpenSSL
#   --test   that, and what only tests need, too (scripts/test-tools.sh): a Java, Kafka, nats-server, clients, validators. MISSING=skip
#            in the environment goes on without what cannot be had, and says so; and the program of an earlier release, built from
#            the history (scripts/older.sh)
#   --docs   mdBook, which makes a book of docs/src: by cargo install into .test-tools, where there is none (a minute or two)
#   --mutants  cargo-mutants, which says what could be wrong in the code: in the same way
set -euo pipefail
cd "$(dirname "$0")/.."

lint= test= sinks= docs= mutants=
while true; do
  case ${1:-} in
    --lint) lint=1 ;;
    --test) test=1 sinks=1 ;;
    --sinks) sinks=1 ;;
    --docs) docs=1 ;;
    --mutants) mutants=1 ;;
    *) break ;;
  esac
  shift
done

say() { printf 'bootstrap: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
at_least() { # VERSION WANTED
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

want_rust=$(sed -n 's/^rust-version *= *"\([^"]*\)".*/\1/p' Cargo.toml)
want_postgres=14
want_mdbook=0.5.4 # what is installed here; another one that is there already is used as it is
want_mutants=27.1.0 # the same

cxx_works() { [ -z "$sinks" ] || has c++; }
ssl_works() { [ -z "$sinks" ] || { has pkg-config && pkg-config --exists openssl; }; } # TLS of Kafka's library
c_works() { has cc && echo '#include <stdio.h>' | cc -E -x c - >/dev/null 2>&1; }

# Puts a Rust that is new enough on PATH: the one that is there, rustup's, or a versioned package's.
rust_works() {
  local dir version
  for dir in '' "${CARGO_HOME:-$HOME/.cargo}/bin" $(ls -dr /usr/lib/rust-*/bin 2>/dev/null | sort -rV); do
    PATH=${dir:+$dir:}$PATH has cargo || continue
    version=$(PATH=${dir:+$dir:}$PATH; rustc --version 2>/dev/null && cargo --version >/dev/null 2>&1) || continue
    version=$(cut -d ' ' -f 2 <<<"$version")
    if at_least "$version" "$want_rust"; then
      [ -z "$dir" ] || export PATH=$dir:$PATH
      return 0
    fi
  done
  return 1
}

postgres_server() { # the same places as crates/lab/src/embedded_postgres/binaries.rs
  local dir
  local IFS=:
  for dir in $PATH $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tr '\n' :); do
    if [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] &&
      at_least "$("$dir/postgres" --version | sed 's/.*(PostgreSQL) \([0-9]*\).*/\1/')" "$want_postgres"; then
      return 0
    fi
  done
  return 1
}

certificates() {
  [ -n "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] || [ -e /etc/ssl/certs/ca-certificates.crt ] || ! has apt-get
}

system_rust() { case $(command -v cargo) in /usr/bin/* | /usr/lib/*) ;; *) return 1 ;; esac; }

# The package with the newest Rust, if that is new enough: rustc, rustc-web, rustc-1.96 ...
rust_package() {
  local name version best='' best_version=0
  while read -r name version; do
    if at_least "$version" "$want_rust" && at_least "$version" "$best_version"; then
      best=$name best_version=$version
    fi
  done < <(apt-cache policy $(apt-cache pkgnames rustc | grep -E '^rustc(-web|-mozilla|-[0-9.]+)?$') 2>/dev/null |
    awk '/^[^ ]/ { name = $1; sub(":$", "", name) } /Candidate: [0-9]/ { sub("^[0-9]*:", "", $2); sub("[^0-9.].*", "", $2); print name, $2 }')
  echo "$best"
}

lint_packages() {
  local version suffix
  version=$(dpkg-query -S "$(readlink -f "$(command -v rustc)")" 2>/dev/null | cut -d : -f 1)
  suffix=${version#rustc}
  case $suffix in
    -web | -mozilla) echo "rustfmt$suffix rust$suffix-clippy" ;;
    '') echo "rustfmt rust-clippy" ;;
    *) echo "rustfmt$suffix rust${suffix}-clippy" ;;
  esac
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

log=
drop_in=/etc/postgresql-common/createcluster.d/counterfoil.conf
drop_in_made=
tidy() {
  [ -z "$log" ] || rm -f "$log"
  [ -z "$drop_in_made" ] || as_root rm -f "$drop_in"
}
trap tidy EXIT

apt() {
  log=${log:-$(mktemp)}
  # --no-remove: a Rust or PostgreSQL that somebody chose is not taken away unasked.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" \
    </dev/null >"$log" 2>&1 || { cat "$log" >&2; say "apt-get $1 failed"; return 1; }
}

updated=
update() {
  [ -z "$updated" ] || return 0
  updated=1
  say "fetching the lists of packages (apt-get update)"
  apt update || say "going on with the lists that are here"
}

install() {
  update
  say "installing $* (apt-get install)"
  case " $* " in *" postgresql "*)
    # Only the server's programs are needed: no cluster of the system's own is to be made and started for them.
    if [ ! -e "$drop_in" ]; then
      as_root mkdir -p "${drop_in%/*}"
      drop_in_made=1
      echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
    fi ;;
  esac
  apt install -y --no-install-recommends --no-remove "$@" || exit 1
}

missing=()
c_works || missing+=("a C compiler with its headers (gcc, libc6-dev)")
cxx_works || missing+=("a C++ compiler (g++)")
ssl_works || missing+=("OpenSSL's headers and pkg-config (Debian: libssl-dev, pkg-config)")
rust_works || missing+=("Rust $want_rust or newer (rustc, cargo; with rustup: rustup toolchain install stable)")
postgres_server || missing+=("PostgreSQL's server $want_postgres or newer (postgres, initdb)")
has psql || missing+=("PostgreSQL's client (psql)")
has curl || missing+=("curl, by which the README speaks to the engine, and a test of it")
certificates || missing+=("CA certificates (ca-certificates)")

if [ ${#missing[@]} -gt 0 ]; then
  say "missing here:"
  printf '  - %s\n' "${missing[@]}" >&2
  if ! has apt-get; then
    say "this machine has no apt-get: please install these and run the command again"
    exit 1
  fi
  if [ "$(id -u)" != 0 ] && ! has sudo; then
    say "installing needs root, and there is no sudo: run scripts/bootstrap.sh as root once, or install these yourself"
    exit 1
  fi
  packages=()
  c_works || packages+=(gcc libc6-dev)
  cxx_works || packages+=(g++)
  ssl_works || packages+=(libssl-dev pkg-config)
  postgres_server || packages+=(postgresql)
  has psql || packages+=(postgresql-client)
  has curl || packages+=(curl)
  certificates || packages+=(ca-certificates)
  if ! rust_works; then
    update
    rust=$(rust_package)
    if [ -z "$rust" ]; then
      say "no package here has Rust $want_rust: install it by rustup (https://rustup.rs) and run the command again"
      exit 1
    fi
    packages+=("$rust" "cargo${rust#rustc}")
  fi
  install "${packages[@]}"
  hash -r
  for need in c_works ssl_works rust_works postgres_server certificates; do
    "$need" || { say "still missing after the installation: $need"; exit 1; }
  done
fi

if [ -n "$lint" ] && system_rust && has apt-get && ! { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 &&
  { [ "$(id -u)" = 0 ] || has sudo; }; then
  update
  packages=()
  for package in $(lint_packages); do
    [ -z "$(apt-cache policy "$package" | grep 'Candidate: [0-9]')" ] || packages+=("$package")
  done
  [ ${#packages[@]} = 0 ] || install "${packages[@]}"
fi

# The packages that fetch and run what tests need, where that is not there yet.
if [ -n "$test" ] && ! scripts/test-tools.sh --there; then
  packages=()
  has java || packages+=(openjdk-17-jre-headless)
  has mvn || packages+=(maven)
  has node || packages+=(nodejs)
  has npm || packages+=(npm)
  python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
  if has apt-get && { [ "$(id -u)" = 0 ] || has sudo; }; then
    update # test-tools.sh fetches a package itself, which is not to be installed
    if [ ${#packages[@]} -gt 0 ]; then
      say "installing ${packages[*]} (apt-get install), for the tests"
      # What is absent all the same is named, and judged, by who needs it.
      apt install -y --no-install-recommends --no-remove "${packages[@]}" || true
      hash -r
    fi
  fi
  scripts/test-tools.sh
fi

# The program of an earlier release, which serves beside this one in a test.
[ -z "$test" ] || scripts/older.sh --there || scripts/older.sh

# mdBook, from its source, by Rust's own means.
if [ -n "$docs" ] && ! has mdbook; then
  mdbook=$PWD/.test-tools/mdbook
  if [ "$("$mdbook/bin/mdbook" --version 2>/dev/null)" != "mdbook v$want_mdbook" ]; then
    say "installing mdBook $want_mdbook into .test-tools (cargo install), which takes a minute or two"
    log=${log:-$(mktemp)}
    # Without what serves a book while it is written. Not into a folder of builds that somebody named for this tree.
    env -u CARGO_TARGET_DIR cargo install mdbook --locked --version "$want_mdbook" --no-default-features --features search \
      --root "$mdbook" >"$log" 2>&1 || { tail -n 20 "$log" >&2; say "cargo install mdbook failed"; exit 1; }
  fi
  export PATH=$mdbook/bin:$PATH
fi

# cargo-mutants, likewise.
if [ -n "$mutants" ] && ! has cargo-mutants; then
  tool=$PWD/.test-tools/mutants
  if [ "$("$tool/bin/cargo-mutants" mutants --version 2>/dev/null)" != "cargo-mutants $want_mutants" ]; then
    say "installing cargo-mutants $want_mutants into .test-tools (cargo install), which takes a minute or two"
    log=${log:-$(mktemp)}
    env -u CARGO_TARGET_DIR cargo install cargo-mutants --locked --version "$want_mutants" --root "$tool" >"$log" 2>&1 ||
      { tail -n 20 "$log" >&2; say "cargo install cargo-mutants failed"; exit 1; }
  fi
  export PATH=$tool/bin:$PATH
fi

[ $# = 0 ] && exit 0
tidy
exec "$@"
