//! The tree's own rules: what a reader may rely on without looking, so it is a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use counterfoil::faults::Point;
use counterfoil::saga::State;
use counterfoil::store::audit::{ledger, promise_names};

use super::docs::documents;

/// Where the sources are: the program, the engine, the lab. The first two have no module's name in common; one of the lab
/// is called `lab::name` here and in the documents.
const SOURCES: &[&str] = &["src", "crates/engine/src", "crates/lab/src"];

/// Who may import whom. What is not listed here is not allowed; `lib` and `main` import what they show, `cli` starts
/// whatever there is and so may name anything.
const ARROWS: &[(&str, &[&str])] = &[
    ("saga", &[]),
    ("limits", &[]),
    ("client", &["tls"]),
    ("signature", &[]),
    ("hosts", &[]),
    ("process", &["limits"]),
    ("tls", &["limits"]),
    ("faults", &["limits"]),
    ("telemetry", &["limits"]),
    ("logs", &[]),
    ("config", &["saga", "limits", "logs", "client", "signature", "hosts", "tls"]),
    ("ports", &["saga", "limits"]),
    ("participants", &["ports", "saga", "limits", "faults", "telemetry", "client", "signature", "hosts", "tls"]),
    ("outbox", &["ports", "saga", "limits", "telemetry", "client", "signature", "tls"]),
    ("store", &["ports", "saga", "limits", "faults", "telemetry", "tls"]),
    ("engine", &["ports", "saga", "limits", "faults", "telemetry"]),
    ("http", &["engine", "signature", "hosts", "ports", "saga", "limits", "faults", "telemetry", "config", "tls"]),
    (
        "service",
        &[
            "http",
            "engine",
            "store",
            "participants",
            "outbox",
            "ports",
            "saga",
            "config",
            "limits",
            "faults",
            "telemetry",
            "client",
            "process",
            "tls",
        ],
    ),
    ("lab::terminal", &["client", "saga"]),
    ("lab::process", &["client"]),
    ("lab::embedded_postgres", &["lab::process"]),
    ("lab::children", &["lab::embedded_postgres", "lab::process", "lab::terminal"]),
    ("lab::load", &["client", "limits"]),
    ("lab::usage", &[]),
    ("lab::bench", &["lab::load", "lab::usage", "lab::terminal", "client", "limits"]),
    ("lab::chaos", &["lab::embedded_postgres", "lab::process", "lab::load", "client"]),
    ("lab::simulator", &["participants", "hosts", "signature", "tls"]),
    (
        "lab::participants",
        &[
            "lab::simulator",
            "lab::terminal",
            "participants",
            "saga",
            "client",
            "hosts",
            "process",
            "signature",
            "telemetry",
            "tls",
        ],
    ),
    ("lab::receiver", &["lab::terminal", "hosts", "limits", "process", "signature"]),
    ("lab::replay", &["lab::load", "lab::terminal", "client", "limits", "saga"]),
    (
        "lab::drill",
        &[
            "lab::embedded_postgres",
            "lab::process",
            "lab::load",
            "lab::receiver",
            "lab::terminal",
            "client",
            "process",
            "store",
        ],
    ),
];

/// The files of the saga, as they are read: each names those before it alone.
const SAGA: &[&str] = &[
    "codes",
    "ids",
    "money",
    "upcast",
    "answer",
    "stock",
    "outside",
    "definition",
    "failure",
    "request",
    "state",
    "progress",
    "render",
    "effect",
    "command",
    "refusal",
    "event",
    "evolve",
    "decide",
    "aside",
    "invariant",
    "transaction",
    "verb",
];

/// What the saga must not know: it does no IO, reads no clock, and draws no ids.
const IMPURE: &[&str] = &[
    "tokio",
    "actix",
    "futures_util",
    "tracing",
    "std::fs",
    "std::io",
    "std::net",
    "std::time",
    "std::thread",
    "std::env",
    "new_v4",
    "Timestamp::now",
];

const LONGEST_FILE: usize = 800;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every Rust file below a folder, by its path from the root.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("read a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                found.push(path.strip_prefix(root()).expect("below the root").to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} has no Rust files");
    found
}

pub fn is_test(path: &Path) -> bool {
    let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
    name == "tests" || name.ends_with("_tests")
}

/// A file's code: without comments, and without its tests, which stand at its end.
pub fn code(path: &Path) -> String {
    let text = read(path);
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.split(" // ").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Every file of the sources.
pub fn sources() -> impl Iterator<Item = PathBuf> {
    SOURCES.iter().copied().flat_map(rust_files)
}

/// The top module that a file of the sources belongs to.
fn module_of(path: &Path) -> String {
    let inside = SOURCES.iter().find_map(|folder| path.strip_prefix(folder).ok()).expect("a file of the sources");
    let first = inside.components().next().expect("a name").as_os_str().to_str().expect("text");
    let prefix = if path.starts_with("crates/lab") { "lab::" } else { "" };
    format!("{prefix}{}", first.trim_end_matches(".rs"))
}

/// The top modules that a file's code names, of its own crate or of the others.
fn imports(path: &Path) -> BTreeSet<String> {
    let code = code(path);
    let own = if path.starts_with("crates/lab") { "lab::" } else { "" };
    let mut found = BTreeSet::new();
    for (of, prefix) in [("crate::", own), ("counterfoil_engine::", ""), ("counterfoil_lab::", "lab::")] {
        found.extend(named(&code, of).into_iter().map(|name| format!("{prefix}{name}")));
    }
    found
}

/// The names that stand behind a crate's.
fn named(code: &str, of: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for rest in code.split(of).skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group.split('}').next().unwrap_or_default().split(',').map(|n| word(n.trim()))),
            None => drop(found.insert(word(rest))),
        }
    }
    found.remove("");
    found
}

#[test]
fn the_arrows_between_modules_point_down() {
    let mut wrong = Vec::new();
    let mut modules = BTreeSet::new();
    for path in &sources().filter(|path| !is_test(path)).collect::<Vec<_>>() {
        let module = module_of(path);
        if matches!(module.as_str(), "lib" | "lab::lib" | "main" | "cli") {
            continue;
        }
        modules.insert(module.clone());
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: no arrows are drawn for the module {module}", path.display()));
            continue;
        };
        for import in imports(path) {
            if import != module && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{}: {module} may not import {import}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let drawn: BTreeSet<String> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(modules, drawn, "an arrow is drawn for a module that is not there");
}

#[test]
fn the_saga_is_read_in_order() {
    let mut wrong = Vec::new();
    let mut files = BTreeSet::new();
    for path in rust_files("crates/engine/src/saga").iter().filter(|path| !path.ends_with("mod.rs")) {
        let file = path.file_stem().expect("a name").to_str().expect("text");
        files.insert(file.to_owned());
        let place = SAGA.iter().position(|name| *name == file);
        let before = &SAGA[..place.unwrap_or_else(|| panic!("{file} has no place in SAGA"))];
        let named = named(&code(path), "super::").into_iter().filter(|name| name != "super");
        wrong.extend(named.filter(|name| !before.contains(&name.as_str())).map(|name| format!("{file} names {name}")));
    }
    assert!(wrong.is_empty(), "what is read later is not named before: {wrong:?}");
    assert_eq!(
        files,
        SAGA.iter().map(|name| (*name).to_owned()).collect(),
        "a place is kept for a file that is not there"
    );
}

#[test]
fn the_saga_is_pure() {
    for path in rust_files("crates/engine/src/saga") {
        let code = code(&path);
        let named: Vec<_> = IMPURE.iter().filter(|name| code.contains(*name)).collect();
        assert!(named.is_empty(), "{}: the saga must not know {named:?}", path.display());
    }
}

#[test]
fn sql_stands_in_the_store_alone() {
    // Of the commands, `dev` lays in its stock, drills and chaos look behind the engine's back by SQL of their own; others hand a
    // connection to the store. The configuration checks the form of a URL.
    for path in &sources().filter(|path| !is_test(path)).collect::<Vec<_>>() {
        if matches!(module_of(path).as_str(), "store" | "cli" | "config" | "lab::drill" | "lab::chaos") {
            continue;
        }
        let code = code(path);
        let allowed = "but for the commands the store alone speaks to PostgreSQL";
        assert!(!code.contains("tokio_postgres"), "{}: {allowed}", path.display());
    }
}

/// Another clock is one change of two functions in the database, if nobody asks one by itself.
#[test]
fn the_store_asks_one_clock() {
    for path in rust_files("crates/engine/src/store").iter().filter(|path| !is_test(path)) {
        let text = code(path).to_lowercase();
        for clock in
            ["clock_timestamp", "statement_timestamp", "transaction_timestamp", "current_timestamp", " now()", "(now()"]
        {
            assert!(
                !text.contains(clock),
                "{}: {clock} is not counterfoil_now() or counterfoil_asked_at()",
                path.display()
            );
        }
    }
}

#[test]
fn no_file_is_too_long_to_read() {
    let too_long: Vec<_> = ["src", "crates", "tests", "benches", "examples"]
        .into_iter()
        .flat_map(rust_files)
        .map(|path| (read(&path).lines().count(), path))
        .filter(|(lines, _)| *lines >= LONGEST_FILE)
        .collect();
    assert!(too_long.is_empty(), "files stay under {LONGEST_FILE} lines: {too_long:?}");
}

#[test]
fn nothing_is_left_for_later() {
    for path in ["src", "crates", "tests", "benches", "examples"].into_iter().flat_map(rust_files) {
        let text = read(&path);
        for word in ["todo", "unimplemented", "dbg"] {
            assert!(!text.contains(&format!("{word}!(")), "{}: {word}!", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<_> = ["src", "crates", "tests", "benches", "examples"]
        .into_iter()
        .flat_map(rust_files)
        .filter(|path| !is_test(path) && !read(path).starts_with("//! "))
        .collect();
    assert!(silent.is_empty(), "a file's head says what it guarantees: {silent:?}");
}

#[test]
fn every_limit_has_a_reason_and_a_use() {
    let text = read("crates/engine/src/limits.rs");
    let lines: Vec<_> = text.lines().collect();
    let everywhere: String = sources().filter(|p| !p.ends_with("limits.rs")).map(read).collect();
    let mut limits = 0;
    for (index, line) in lines.iter().enumerate() {
        let Some(rest) = line.strip_prefix("pub const ") else { continue };
        let name = rest.split(':').next().expect("a name");
        limits += 1;
        assert!(index > 0 && lines[index - 1].starts_with("///"), "{name} has no reason");
        assert!(everywhere.contains(name), "{name} bounds nothing");
    }
    assert!(limits > 0);
}

/// The files of the migrations, in their order.
fn migrations() -> Vec<String> {
    let folder = fs::read_dir(root().join("migrations")).expect("read migrations");
    let mut files: Vec<String> = folder
        .map(|entry| entry.expect("read migrations").file_name().into_string().expect("text"))
        .filter(|name| name.ends_with(".sql"))
        .collect();
    files.sort();
    files
}

#[test]
fn every_migration_is_listed_and_numbered() {
    let files = migrations();
    let list = read("crates/engine/src/store/schema.rs");
    for (number, file) in (1..).zip(&files) {
        assert!(file.starts_with(&format!("{number:04}_")), "{file} should have the number {number:04}");
        assert!(list.contains(&format!("migrations/{file}\"")), "{file} is not in MIGRATIONS");
        let name = format!("V{}", file.trim_end_matches(".sql").replacen('_', "__", 1));
        assert!(list.contains(&format!("\"{name}\"")), "{file} should be called {name} in MIGRATIONS");
    }
    assert_eq!(list.matches("include_str!(").count(), files.len(), "MIGRATIONS lists a file that is not there");
}

/// The longest that `ARCHITECTURE.md` may be, in bytes: what one reads before one has read anything else.
const LONGEST_ARCHITECTURE: usize = 12 * 1024;

#[test]
fn the_architecture_is_a_few_pages() {
    let length = read("ARCHITECTURE.md").len();
    assert!(length <= LONGEST_ARCHITECTURE, "ARCHITECTURE.md has {length} bytes: what is long belongs into docs/src");
}

/// Files and folders that documents name in backquotes, by their path from the root.
#[test]
fn documents_name_files_that_are_there() {
    let folders = [
        "src/",
        "crates/",
        "tests/",
        "benches/",
        "examples/",
        "migrations/",
        "config/",
        "scripts/",
        "data/",
        "docs/",
        "openapi/",
        "asyncapi/",
    ];
    for document in documents() {
        let text = read(&document);
        for named in text.split('`').skip(1).step_by(2) {
            let path = named.split("::").next().unwrap_or_default();
            if folders.iter().any(|folder| path.starts_with(folder)) && !path.contains([' ', '*', '{', '\n']) {
                assert!(root().join(path).exists(), "{} names {path}, which is not there", document.display());
            }
        }
    }
}

/// `file.rs::name`, as in the tables of promises.
#[test]
fn documents_name_tests_that_are_there() {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.' | '/');
    let mut checked = 0;
    for document in documents() {
        let text = read(&document);
        for (file, test) in text.split(|c| !word(c)).filter_map(|named| named.split_once(".rs::")) {
            let found = read(format!("tests/{file}.rs")).contains(&format!("fn {test}("));
            assert!(found, "{} names tests/{file}.rs::{test}, which is not there", document.display());
            checked += 1;
        }
    }
    assert!(checked > 200, "{checked} tests are too few: are they found?");
}

/// Each kind of thing has a page that names all there is of it.
#[test]
fn documents_name_what_there_is() {
    let named = |page: &str, names: &mut dyn Iterator<Item = String>| {
        let text = read(page);
        for name in names {
            assert!(text.contains(&format!("`{name}`")), "{page} does not name `{name}`");
        }
    };
    named("docs/src/promises.md", &mut promise_names().chain(ledger::promise_names()).map(str::to_owned));
    named("docs/src/drills.md", &mut Point::ALL.iter().map(|point| point.as_str().to_owned()));
    named("docs/src/states.md", &mut State::ALL.iter().map(|state| state.as_str().to_owned()));
    for page in ["ARCHITECTURE.md", "docs/src/modules.md"] {
        named(page, &mut ARROWS.iter().map(|(name, _)| (*name).to_owned()));
    }
    let schema = read("docs/src/schema.md");
    for migration in migrations() {
        assert!(schema.contains(&migration), "docs/src/schema.md does not name the migration {migration}");
        let sql = read(format!("migrations/{migration}"));
        for table in sql.lines().filter_map(|line| line.trim_start().strip_prefix("CREATE TABLE ")) {
            let table = table.trim_start_matches("IF NOT EXISTS ").split([' ', '(']).next().unwrap_or_default();
            assert!(schema.contains(&format!("`{table}`")), "docs/src/schema.md does not name the table `{table}`");
        }
    }
}
