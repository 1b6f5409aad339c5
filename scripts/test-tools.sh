#!/usr/bin/env bash
# test-tools.sh [--there]
# Fetches what `make test` speaks to, into .test-tools: Apache Kafka (by Maven), Python clients of Kafka and NATS, a validator,
# what verifies webhooks and what draws requests from the OpenAPI document (by pip), what judges the AsyncAPI document and compiles
# an example (by npm), each once, by version and SHA-256 or what npm has for it; and the system's nats-server and promtool (by
# apt-get, which knows their signatures), unpacked and not installed, since installed they would start services. Where all of it is
# there this takes no time.
# Needs a Java of 17 or newer and a Node.js of 18 or newer, and for fetching mvn, npm, and python3 with venv;
# `scripts/bootstrap.sh --test` installs them.
#   --there        fetches nothing; the exit status says whether all of it is there
#   MISSING=skip   what cannot be had is named, and the tests that need it skip themselves and say so
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C # the order of file names
tools=$PWD/.test-tools
lists=$PWD/scripts/test-tools

say() { printf 'test-tools: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }
absent=0
cannot() {
  say "$*"
  absent=1
}

java_works() {
  local version
  version=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p') || return 1
  [ "${version:-0}" -ge 17 ]
}

# What lies in a folder is what the list that it was fetched by says now.
is_of() { # FOLDER LIST
  [ -e "$1/.of" ] && cmp -s "$1/.of" "$2"
}

fetch_kafka() {
  local log
  rm -rf "$tools/kafka" "$tools/kafka.new"
  mkdir -p "$tools/kafka.new"
  log=$tools/kafka.log
  say "fetching Apache Kafka by mvn (43 MB)"
  if ! mvn -B -q -f "$lists/pom.xml" dependency:copy-dependencies -DoutputDirectory="$tools/kafka.new" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    return 1
  fi
  # Neither another content nor one file more.
  (cd "$tools/kafka.new" && sha256sum --quiet --strict -c "$lists/kafka.sha256" && sha256sum -- *.jar | cmp -s - "$lists/kafka.sha256") || {
    say "what came is not what scripts/test-tools/kafka.sha256 says"
    return 1
  }
  cp "$lists/kafka.sha256" "$tools/kafka.new/.of"
  mv "$tools/kafka.new" "$tools/kafka"
}

fetch_python() {
  local log
  rm -rf "$tools/python"
  mkdir -p "$tools"
  log=$tools/python.log
  say "fetching Python clients of Kafka and NATS, a validator, what verifies webhooks and schemathesis by pip (20 MB)"
  if ! { python3 -m venv "$tools/python" &&
    "$tools/python/bin/pip" install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$lists/python.txt"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    return 1
  fi
  cp "$lists/python.txt" "$tools/python/.of"
}

node_works() {
  local version
  version=$(node --version 2>&1 | sed -n 's/^v\([0-9]*\).*/\1/p') || return 1
  [ "${version:-0}" -ge 18 ]
}

fetch_node() {
  local log
  rm -rf "$tools/node"
  mkdir -p "$tools/node"
  log=$tools/node.log
  cp "$lists/node/package.json" "$lists/node/package-lock.json" "$tools/node/"
  say "fetching a validator of AsyncAPI and TypeScript by npm (20 MB)"
  # No script of a package runs.
  if ! (cd "$tools/node" && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    return 1
  fi
  cp "$lists/node/package-lock.json" "$tools/node/.of"
}

# A virtual environment knows where it was made: in a folder that was moved it is of no use.
python_works() { is_of "$tools/python" "$lists/python.txt" && "$tools/python/bin/python" -c 'import confluent_kafka, jsonschema, nats, schemathesis, standardwebhooks' 2>/dev/null; }

# The same places as tests/support/nats.rs.
nats_works() { [ -x "$(PATH=$PATH:/usr/sbin command -v nats-server)" ] || [ -x "$tools/nats/usr/sbin/nats-server" ]; }

# The same places as tests/alerts.rs.
promtool_works() { has promtool || [ -x "$tools/prometheus/usr/bin/promtool" ]; }

fetch_package() { # FOLDER PACKAGE MEGABYTES
  local log
  rm -rf "${tools:?}/$1" "$tools/$1.new"
  mkdir -p "$tools/$1.new"
  log=$tools/$1.log
  say "fetching $2 by apt-get ($3 MB)"
  # Neither root nor a service of the system's own.
  if ! (cd "$tools/$1.new" && apt-get -q download "$2" && dpkg-deb -x "$2"_*.deb . && rm "$2"_*.deb) >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    return 1
  fi
  mv "$tools/$1.new" "$tools/$1"
}

if [ "${1:-}" = --there ]; then
  java_works && is_of "$tools/kafka" "$lists/kafka.sha256" && python_works && nats_works && promtool_works && node_works &&
    is_of "$tools/node" "$lists/node/package-lock.json"
  exit
fi

java_works || cannot "no Java of 17 or newer (Debian: openjdk-17-jre-headless)"
if ! is_of "$tools/kafka" "$lists/kafka.sha256"; then
  if ! has mvn; then
    cannot "no mvn to fetch Apache Kafka with (Debian: maven)"
  else
    fetch_kafka || cannot "Apache Kafka cannot be had"
  fi
fi
if ! python_works; then
  if ! has python3; then
    cannot "no python3 to read Kafka and NATS with (Debian: python3-venv)"
  else
    fetch_python || cannot "the Python clients of Kafka and NATS cannot be had"
  fi
fi
if ! nats_works; then
  if ! has apt-get || ! has dpkg-deb; then
    cannot "no nats-server, and no apt-get to fetch it with: put one on the PATH"
  else
    fetch_package nats nats-server 4 || cannot "nats-server cannot be had"
  fi
fi
if ! promtool_works; then
  if ! has apt-get || ! has dpkg-deb; then
    cannot "no promtool, and no apt-get to fetch it with: put one on the PATH"
  else
    fetch_package prometheus prometheus 20 || cannot "promtool cannot be had"
  fi
fi

node_works || cannot "no Node.js of 18 or newer (Debian: nodejs)"
if ! is_of "$tools/node" "$lists/node/package-lock.json"; then
  if ! has npm; then
    cannot "no npm to fetch a validator of AsyncAPI with (Debian: npm)"
  else
    fetch_node || cannot "the validator of AsyncAPI cannot be had"
  fi
fi

[ $absent = 1 ] || exit 0
if [ "${MISSING:-}" = skip ]; then
  say "going on without (MISSING=skip): the tests that need it are skipped"
  exit 0
fi
say "MISSING=skip goes on without, and skips the tests that need it"
exit 1
