//! Promise: each alert of `ops/alerts.yml`, and each panel of the board, asks what an engine tells, by the names and labels that
//! it tells it by, and each alert has a page that says what to do. An alert on a metric that there is not is silent for ever.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use counterfoil::telemetry::Metrics;
use serde_json::Value;

const RULES: &str = "ops/alerts.yml";
const TESTS: &str = "ops/alerts_test.yml";
const BOARD: &str = "ops/grafana/counterfoil.json";
const PAGE: &str = "docs/src/alerts.md";
/// At least so many.
const RULES_AT_LEAST: usize = 17;
/// What Prometheus itself tells of a target, and adds to each series.
const FROM_PROMETHEUS: [&str; 3] = ["job", "instance", "le"];

/// Each alert with its expression.
fn alerts() -> BTreeMap<String, String> {
    let text = fs::read_to_string(RULES).expect(RULES);
    let mut alerts = BTreeMap::new();
    for rule in text.split("- alert: ").skip(1) {
        let (name, rest) = rule.split_once('\n').expect("a line");
        let expr = rest.split_once("expr:").and_then(|(_, rest)| rest.split_once("labels:")).expect(name).0;
        assert!(rest.contains("severity: page") || rest.contains("severity: ticket"), "{name} has no severity");
        assert!(rest.contains("summary: "), "{name} says nothing");
        assert!(alerts.insert(name.trim().to_owned(), expr.to_owned()).is_none(), "{name} is there twice");
    }
    alerts
}

/// What is told, once each thing has happened that an expression asks for.
fn told() -> String {
    let metrics = Metrics::new(1);
    metrics.participant_call("payment", "charge", "unknown", 0.1);
    metrics.participant_up("payment", true);
    for status in [201, 500, 503] {
        metrics.http_request("/orders", "POST", status, 0.1);
    }
    metrics.order_cancelled("out_of_stock");
    metrics.problem("overloaded");
    drop(metrics.sink("events"));
    metrics.undelivered("crm", 0, 0);
    metrics.encode()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The matchers of an expression, `{...}` behind the name of each metric.
fn selectors(expr: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in expr.match_indices("counterfoil_") {
        let name = words(&expr[at..]).next().expect("a name").to_owned();
        let rest = &expr[at + name.len()..];
        let matchers = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')).map_or("", |(inside, _)| inside);
        found.push((name, matchers.to_owned()));
    }
    found
}

/// That an expression asks for what is told, by labels that it is told with.
fn asks_what_is_told(of: &str, expr: &str, told: &str) {
    let mut labels: BTreeSet<&str> = FROM_PROMETHEUS.into();
    let selectors = selectors(expr);
    for (name, matchers) in &selectors {
        let is_of = |line: &&str| line.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(['{', ' ']));
        let series: Vec<&str> = told.lines().filter(is_of).collect();
        assert!(!series.is_empty(), "{of}: nothing is called {name}");
        for line in &series {
            let inside =
                line.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(inside, _)| inside);
            labels.extend(inside.split(',').filter_map(|pair| Some(pair.split_once('=')?.0)));
        }
        for matcher in matchers.split(',').filter(|matcher| !matcher.is_empty()) {
            let (label, value) = matcher.split_once("=~").or_else(|| matcher.split_once('=')).expect(matcher);
            if FROM_PROMETHEUS.contains(&label) {
                continue;
            }
            for one in value.trim_matches('"').split('|') {
                let pair = format!("{label}=\"{}", one.trim_end_matches('.'));
                assert!(series.iter().any(|line| line.contains(&pair)), "{of}: no {name} has {pair}");
            }
        }
    }
    for (at, by) in expr.match_indices("by (") {
        for label in words(expr[at + by.len()..].split_once(')').expect(of).0) {
            assert!(labels.contains(label), "{of}: nothing that it asks for has a label {label}");
        }
    }
    assert!(expr.contains("up{job=") || !selectors.is_empty(), "{of} asks for nothing of ours");
}

#[test]
fn alerts_ask_what_is_told() {
    let (alerts, told) = (alerts(), told());
    assert!(alerts.len() >= RULES_AT_LEAST, "{} alerts", alerts.len());
    for (alert, expr) in &alerts {
        asks_what_is_told(alert, expr, &told);
    }
}

/// Every panel of the board, by its expressions and by the labels that its legends name.
#[test]
fn the_board_shows_what_is_told() {
    let board: Value = serde_json::from_slice(&fs::read(BOARD).expect(BOARD)).expect("JSON");
    let told = told();
    let mut checked = 0;
    for panel in board["panels"].as_array().expect("panels").iter().filter(|panel| panel["type"] != "row") {
        let title = panel["title"].as_str().expect("a title");
        for target in panel["targets"].as_array().expect(title) {
            let (expr, legend) = (target["expr"].as_str().expect(title), target["legendFormat"].as_str().expect(title));
            asks_what_is_told(title, expr, &told);
            for (_, rest) in legend.match_indices("{{").map(|(at, open)| (at, &legend[at + open.len()..])) {
                let label = rest.split_once("}}").expect(title).0;
                let is_there = expr.contains(label) || !expr.contains("by (") && !expr.contains("sum(");
                assert!(is_there, "{title}: {label} is in no series of {expr}");
            }
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked} expressions are too few: are they found?");
}

#[test]
fn each_alert_has_its_page() {
    let page = fs::read_to_string(PAGE).expect(PAGE);
    let mut parts: BTreeMap<&str, &str> = BTreeMap::new();
    for part in page.split("\n## ").skip(1) {
        let (name, rest) = part.split_once('\n').expect("a line");
        parts.insert(name, rest);
    }
    let alerts = alerts();
    assert_eq!(parts.keys().copied().collect::<Vec<_>>(), alerts.keys().map(String::as_str).collect::<Vec<_>>());
    for (name, part) in parts {
        for heading in ["*Means*: ", "*See*: ", "*Press*: ", "*Over*: "] {
            assert!(part.contains(heading), "{name} does not say {heading}");
        }
    }
}

/// The system's, or the one that `scripts/test-tools.sh` fetched; nothing where a test is to be skipped.
fn promtool() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join(".test-tools/prometheus/usr/bin");
    let found =
        std::env::split_paths(&path).chain([fetched]).map(|folder| folder.join("promtool")).find(|file| file.exists());
    if found.is_none() {
        let skipped = std::env::var("MISSING").is_ok_and(|missing| missing == "skip");
        assert!(skipped, "there is no promtool: scripts/test-tools.sh fetches it, MISSING=skip goes on without");
        eprintln!("skipped: there is no promtool (MISSING=skip)");
    }
    found
}

/// By Prometheus' own tool: the rules can be read, each fires in the course of an incident and not before, and what an engine tells
/// is what Prometheus reads.
#[test]
fn prometheus_reads_the_rules_and_fires_each() {
    let Some(promtool) = promtool() else { return };
    let run = |arguments: &[&str]| {
        let ran = Command::new(&promtool).args(arguments).output().expect("promtool");
        let told = [ran.stdout, ran.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        assert!(ran.status.success(), "promtool {arguments:?}: {told}");
    };
    run(&["check", "rules", RULES]);
    run(&["test", "rules", TESTS]);
    let tested = fs::read_to_string(TESTS).expect(TESTS);
    for (name, _) in alerts() {
        let fires = tested.split("alertname: ").skip(1).any(|one| {
            let (tested, expected) = one.split_once(|c: char| !c.is_ascii_alphanumeric()).unwrap_or_default();
            tested == name && expected.trim_start().starts_with("exp_alerts:\n")
        });
        assert!(fires, "{TESTS} never has {name} fire");
    }
}

/// What is told is read by Prometheus, whatever it is.
#[test]
fn prometheus_reads_what_is_told() {
    let Some(promtool) = promtool() else { return };
    let mut child = Command::new(promtool)
        .args(["check", "metrics"])
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("promtool");
    child.stdin.take().expect("its input").write_all(told().as_bytes()).expect("to promtool");
    let ran = child.wait_with_output().expect("promtool");
    // 3 is what it has to say of style.
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(matches!(ran.status.code(), Some(0 | 3)), "{told}");
}
