//! The documents: every page is in the book, every link leads somewhere, every command is one, and what they tell you to type
//! is typed here, but for what says itself that it is not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use clap::Parser;
use clap::error::ErrorKind;
use counterfoil::cli::Cli;

use super::support::program::{Folder, PROGRAM};

#[cfg(feature = "kafka")]
mod leads_out;
mod reader;
mod typed;

/// The pages of the book.
const PAGES: &str = "docs/src";
/// What a fenced block may call itself: `sh` can be typed, all others are shown.
const LANGUAGES: [&str; 7] = ["sh", "text", "http", "json", "toml", "rust", "sql"];

/// What a block of `sh` says that is not run here, before the reason.
const ELSEWHERE: &str = "elsewhere=";
/// The reasons, each with what it means. There are few of them, and few blocks: what can be run is run.
const REASONS: [(&str, &str); 3] = [
    ("builds", "it builds the tree, for minutes, and what runs this test is among it"),
    ("minutes", "a test of its own runs it, and judges what it says"),
    ("tools", "it calls a load tester of others, which the tests do not install"),
];
/// The blocks that are not run, by their document and how each begins.
const NOT_RUN: [(&str, &str); 7] = [
    ("README.md", "make run "),
    ("docs/src/chaos.md", "counterfoil chaos "),
    ("docs/src/contributing.md", "make check "),
    ("docs/src/load.md", "COPIES=4 wrk "),
    ("docs/src/load.md", "k6 run "),
    ("docs/src/load.md", "seq 10000 "),
    ("docs/src/mutants.md", "make mutants"),
];

/// The runbook's shell blocks, in their order, each by how it begins.
const RUNBOOK: [&str; 8] = [
    "mkdir -p \"$BACKUP/wal\"",
    "pg_basebackup ",
    "pg_ctl stop ",
    "cp -a \"$BACKUP/base\" ",
    "counterfoil migrate ",
    "counterfoil serve ",
    "counterfoil adopt --as moved ",
    "counterfoil adopt --as clone ",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pages of the book, by their paths from the root; its summary is none.
fn pages() -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join(PAGES)).expect("read the book");
    let names = folder.map(|entry| entry.expect("read the book").file_name().into_string().expect("text"));
    let mut found: Vec<_> = names
        .filter(|name| name.ends_with(".md") && name != "SUMMARY.md")
        .map(|name| Path::new(PAGES).join(name))
        .collect();
    found.sort();
    found
}

/// Every document that is checked, by its path from the root.
pub fn documents() -> Vec<PathBuf> {
    let beside = ["README.md", "ARCHITECTURE.md", "migrations/README.md", "data/README.md"];
    beside.into_iter().map(PathBuf::from).chain(pages()).collect()
}

/// A fenced block: what it calls itself, what else it says of itself, its text, and whether it directly follows the block
/// before it.
struct Fenced {
    language: String,
    mark: Option<String>,
    text: String,
    follows: bool,
}

impl Fenced {
    /// Whether it can be typed, and is not merely shown.
    fn is_typed(&self) -> bool {
        self.language == "sh"
    }

    /// Why it is not run, where it is not.
    fn elsewhere(&self) -> Option<&str> {
        self.mark.as_deref()?.strip_prefix(ELSEWHERE)
    }
}

/// A document's text without its fenced blocks, and these.
fn parts(text: &str) -> (String, Vec<Fenced>) {
    let (mut prose, mut blocks) = (String::new(), Vec::<Fenced>::new());
    let (mut open, mut follows) = (None::<Fenced>, false);
    for line in text.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(says), None) => {
                let (language, mark) = says.split_once(' ').map_or((says, None), |(word, rest)| (word, Some(rest)));
                let (language, mark) = (language.to_owned(), mark.map(str::to_owned));
                open = Some(Fenced { language, mark, text: String::new(), follows });
            }
            (Some(_), Some(block)) => {
                blocks.push(block);
                follows = true;
            }
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {
                follows = follows && line.trim().is_empty();
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    assert!(open.is_none(), "a fenced block is not closed");
    (prose, blocks)
}

/// The ids of a document's headings, as mdBook makes them of their text: lower case, '-' for a space, nothing for what is no
/// letter, digit, '-' or '_', and a number behind one that was there before.
fn anchors(prose: &str) -> BTreeSet<String> {
    let (mut found, mut times) = (BTreeSet::new(), BTreeMap::<String, usize>::new());
    for line in prose.lines().filter(|line| line.starts_with('#')) {
        let heading = line.trim_start_matches('#').trim();
        let id: String = heading
            .chars()
            .filter_map(|c| match c {
                c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c.to_ascii_lowercase()),
                c if c.is_whitespace() => Some('-'),
                _ => None,
            })
            .collect();
        let before = times.entry(id.clone()).or_default();
        found.insert(if *before == 0 { id } else { format!("{id}-{before}") });
        *before += 1;
    }
    found
}

/// Where the links of a document lead: `](here)`, and `[name]: here`.
fn links(prose: &str) -> Vec<String> {
    let inline = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let named = prose.lines().filter(|line| line.starts_with('[')).filter_map(|line| line.split_once("]: "));
    inline.chain(named.map(|(_, target)| target)).map(|target| target.trim().to_owned()).collect()
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(plain.pop(), "{} leads out of the tree", path.display()),
            Component::Normal(name) => plain.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    plain
}

#[test]
fn every_page_is_in_the_book() {
    let summary = links(&read(&Path::new(PAGES).join("SUMMARY.md")));
    let listed: BTreeSet<_> = summary.iter().map(|name| Path::new(PAGES).join(name)).collect();
    assert_eq!(listed.len(), summary.len(), "SUMMARY.md names a page twice");
    assert_eq!(listed, pages().into_iter().collect(), "what SUMMARY.md names, and what there is");
}

#[test]
fn every_link_leads_somewhere() {
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for document in documents() {
        let (prose, _) = parts(&read(&document));
        for link in links(&prose) {
            if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
                continue;
            }
            checked += 1;
            let (path, anchor) = link.split_once('#').map_or((&*link, None), |(path, anchor)| (path, Some(anchor)));
            let folder = document.parent().expect("a folder");
            let target = if path.is_empty() { document.clone() } else { plain(&folder.join(path)) };
            let mut say = |what: &str| wrong.push(format!("{}: {link}: {what}", document.display()));
            if !root().join(&target).exists() {
                say("there is no such file");
            } else if document.starts_with(PAGES) && !target.starts_with(PAGES) {
                say("leads out of the book, where its pages stand alone: name the file in backquotes");
            } else if let Some(anchor) = anchor
                && !anchors(&parts(&read(&target)).0).contains(anchor)
            {
                say("there is no such heading");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 50, "{checked} links are too few: are they found?");
}

#[test]
fn every_block_says_what_it_is() {
    for document in
        documents().iter().filter(|document| !document.starts_with("migrations") && !document.starts_with("data"))
    {
        for block in parts(&read(document)).1 {
            let known = LANGUAGES.contains(&&*block.language);
            assert!(known, "{}: a block is none of {LANGUAGES:?}:\n{}", document.display(), block.text);
            let Some(mark) = &block.mark else { continue };
            let reason = block.elsewhere().filter(|reason| REASONS.iter().any(|(known, _)| known == reason));
            let known = block.is_typed() && reason.is_some();
            assert!(known, "{}: {mark:?} is not \"{ELSEWHERE}\" and one of {REASONS:?}", document.display());
        }
    }
}

/// The commands of a script that begin a line with a word, each as its words up to what the shell does with it (`|`, `&`,
/// `;`, `>` or a comment). What is set for a command alone, before it on its line, is passed over.
fn commands(script: &str, name: &str) -> Vec<Vec<String>> {
    let script = script.replace("\\\n", " ");
    let all = script.lines().map(words).map(|words| {
        let is_set = |word: &String| word.split_once('=').is_some_and(|(name, _)| !name.is_empty() && is_name(name));
        words.into_iter().skip_while(is_set).collect::<Vec<_>>()
    });
    all.filter(|words| words.first().is_some_and(|word| word == name)).collect()
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// The words of a line, as far as a shell's quotes go.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut depth) = (Vec::new(), None::<String>, None, 0_usize);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (None, '|' | '&' | ';' | '>') if depth == 0 => break,
            (None, '#') if word.is_none() => break,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (Some(open), c) if c == open => quote = None,
            (None | Some('"'), '\\') => word.get_or_insert_default().extend(chars.next()),
            (None, c) if c.is_whitespace() && depth == 0 => words.extend(word.take()),
            (_, c) => {
                match (quote, c) {
                    (None, '(') => depth += 1,
                    (None, ')') => depth = depth.saturating_sub(1),
                    _ => {}
                }
                word.get_or_insert_default().push(c);
            }
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_is_one() {
    let makefile = read(Path::new("Makefile"));
    let targets: BTreeSet<_> = makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    let (mut wrong, mut checked) = (Vec::new(), 0);
    for document in documents() {
        let (prose, blocks) = parts(&read(&document));
        for named in
            prose.split('`').skip(1).step_by(2).filter(|text| !text.contains(['|', '{', '<']) && !text.contains("..."))
        {
            for words in commands(&named.replace('\n', " "), "counterfoil") {
                if let Err(error) = Cli::try_parse_from(&words) {
                    // In a sentence a command may be named without all that it wants.
                    let is_named = matches!(
                        error.kind(),
                        ErrorKind::MissingRequiredArgument
                            | ErrorKind::MissingSubcommand
                            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                    );
                    if !is_named {
                        wrong.push(format!("{}: {}\n{error}", document.display(), words.join(" ")));
                    }
                }
                checked += 1;
            }
        }
        for block in blocks.into_iter().filter(Fenced::is_typed) {
            let called = commands(&block.text, "counterfoil");
            checked += called.len();
            for words in called {
                if let Err(error) = Cli::try_parse_from(&words) {
                    wrong.push(format!("{}: {}\n{error}", document.display(), words.join(" ")));
                }
            }
            for words in commands(&block.text, "make") {
                let named = words.iter().skip(1).filter(|word| !word.contains('='));
                for target in named.filter(|target| !targets.contains(target.as_str())) {
                    wrong.push(format!("{}: `make {target}` is no target", document.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 20, "{checked} commands are too few: are they found?");
}

/// Every block that can be typed is, by a test that names its document, but for these.
#[test]
fn every_block_is_run_or_says_why_not() {
    let readers = concat!(include_str!("docs/typed.rs"), include_str!("docs.rs"));
    let leads_out = include_str!("docs/leads_out.rs");
    let mut not_run = Vec::new();
    for document in documents() {
        let name = document.display().to_string();
        for block in parts(&read(&document)).1.into_iter().filter(Fenced::is_typed) {
            let first = block.text.lines().next().unwrap_or_default().to_owned();
            let Some(reason) = block.elsewhere() else {
                let quoted = format!("\"{name}\"");
                if !cfg!(feature = "kafka") && leads_out.contains(&quoted) {
                    println!("not run: {name}: {first}: this program has no feature kafka");
                    continue;
                }
                let is_read = readers.contains(&quoted) || leads_out.contains(&quoted);
                assert!(is_read, "{name}: no test types {first:?}, and it does not say why: \"{ELSEWHERE}...\"");
                continue;
            };
            let meaning = REASONS.iter().find(|(known, _)| *known == reason).map_or("", |(_, meaning)| meaning);
            println!("not run: {name}: {first}: {meaning}");
            not_run.push((name.clone(), first));
        }
    }
    let is_known =
        |((name, first), known): (&(String, String), &(&str, &str))| name == known.0 && first.starts_with(known.1);
    let known = not_run.len() == NOT_RUN.len() && not_run.iter().zip(&NOT_RUN).all(is_known);
    assert!(known, "what is not run: {not_run:#?}\nis not {NOT_RUN:#?}");
}

#[test]
fn words_are_told_apart_as_a_shell_does() {
    let told = words(r#"counterfoil a 'b c' "d \"e\"" f\ g '' # and no more"#);
    assert_eq!(told, ["counterfoil", "a", "b c", "d \"e\"", "f g", ""]);
    let told =
        commands("A=1 B_2=$(cat x) \\\n  counterfoil serve --config 'a b' & # on\nexport counterfoil\n", "counterfoil");
    assert_eq!(told, [["counterfoil", "serve", "--config", "a b"]]);
}

/// The output of a script, and whether it went well; the program of this test is `counterfoil` in it.
fn run(command: &mut Command) -> (bool, String) {
    counterfoil::client::environment::forget_environment(command);
    let output = command.stdin(Stdio::null()).output().expect("run a shell");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
}

/// A folder first on PATH.
fn first_on_path(folder: &Path) -> String {
    format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default())
}

/// The runbook is rehearsed: a cluster with its log archived and a base backup, one order after that and one after the moment
/// that is wanted; and then the restore, all in the words of the page.
#[test]
fn a_restore_goes_as_its_runbook_says() {
    let (_, blocks) = parts(&read(Path::new("docs/src/backup.md")));
    let steps: Vec<_> = blocks.iter().filter(|block| block.is_typed()).map(|block| block.text.as_str()).collect();
    assert_eq!(steps.len(), RUNBOOK.len(), "backup.md has steps that this test does not take");
    for (step, begins) in steps.iter().zip(RUNBOOK) {
        assert!(step.starts_with(begins), "backup.md: a step begins otherwise than {begins:?}:\n{step}");
    }
    let [archive, backup, stop, restore, prove, start, words, clone] = steps.try_into().expect("as many as there are");

    let folder = Folder::new();
    let port = || counterfoil_lab::process::free_port().expect("a free port");
    let (database, http) = (port(), port());
    let script = format!(
        r#"
        debian=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true) # not on PATH there
        PATH=${{debian:+$debian:}}$PATH
        export PGDATA=$PWD/primary BACKUP=$PWD/backup RESTORED=$PWD/restored
        export DATABASE_URL=postgres://shop@127.0.0.1:{database}/postgres COUNTERFOIL_TARGET=http://127.0.0.1:{http}
        tidy() {{ kill $(jobs -p) || true; for data in "$PGDATA" "$RESTORED"; do pg_ctl stop -D "$data" -m immediate || true; done; }}
        trap 'tidy >/dev/null 2>&1' EXIT
        initdb -U shop -A trust >/dev/null
        printf "port = {database}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n" >> "$PGDATA/postgresql.conf"
        pg_ctl start -w -l "$PGDATA.log" >/dev/null
        printf 'server.listen = "127.0.0.1:{http}"\ndatabase.url = "%s"\n' "$DATABASE_URL" > shop.toml
        put() {{ curl -sS --retry 9 --retry-connrefused -H 'Content-Type: application/json' "$@"; }}
        order() {{
          put -o /dev/null -w "$1: %{{http_code}}\n" "$COUNTERFOIL_TARGET/orders" -d '{{"order_id": "'$1'", "customer_id": "c",
            "currency": "USD", "lines": [{{"sku": "MUG", "quantity": 1, "unit_price": 1999}}], "payment_method": "house_account",
            "ship_to": {{"name": "A", "line1": "1 Road", "city": "X", "postal_code": "1", "country": "US"}}}}'
        }}
        {archive}
        counterfoil migrate --config shop.toml
        counterfoil serve --config shop.toml 2>serve.log & served=$!
        put "$COUNTERFOIL_TARGET/inventory/MUG" -X PUT -d '{{"on_hand": 10}}'
        order BEFORE
        {backup}
        order BETWEEN
        sleep 1
        export WHEN=$(psql -qAt "$DATABASE_URL" -c 'SELECT now()')
        sleep 1
        order AFTER
        kill -TERM $served
        wait $served
        {stop}
        {restore}
        psql -qAt "$DATABASE_URL" -c "SELECT 'restored: ' || string_agg(order_id, ' ' ORDER BY created_at) FROM orders"
        {prove}
        {start}
        order BETWEEN
        order AFTER
        psql -qAt "$DATABASE_URL" -c "SELECT 'epochs: ' || count(DISTINCT epoch) FROM order_events"
        kill -TERM $!
        wait $!
        staging=${{DATABASE_URL%/*}}/staging
        printf 'database.url = "%s"\ndeployment.name = "staging"\n' "$staging" > staging.toml
        copy() {{
          psql -q "$DATABASE_URL" -c 'DROP DATABASE IF EXISTS staging' -c 'CREATE DATABASE staging'
          pg_dump "$DATABASE_URL" | psql -q -v ON_ERROR_STOP=1 -o /dev/null "$staging"
        }}
        copy
        {words}
        copy
        {clone}
        psql -qAt "$staging" -c "SELECT 'the copy is ' || name FROM deployment"
        "#
    );
    // PostgreSQL does not run as root: the whole rehearsal is another user's then, who may not reach where this was built.
    let is_root = rustix::process::geteuid().is_root();
    let mut shell = Command::new(if is_root { "setpriv" } else { "bash" });
    let mut programs = Path::new(PROGRAM).parent().expect("a folder").to_owned();
    if is_root {
        programs = folder.0.join("bin");
        fs::create_dir(&programs).expect("make a folder");
        fs::copy(PROGRAM, programs.join("counterfoil")).expect("copy the program");
        let owned = Command::new("chown").args(["-R", "postgres"]).arg(&folder.0).status().expect("chown");
        assert!(owned.success(), "there is no user postgres");
        shell.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "bash"]);
    }
    shell.args(["-euo", "pipefail", "-c", &script]).current_dir(&folder.0).env("PATH", first_on_path(&programs));
    let (well, told) = run(&mut shell);
    assert!(well, "{told}");
    for said in [
        "backup successfully verified",
        "restored: BEFORE BETWEEN\n",
        "all 19 promises hold",
        "goes on in the database",
        "AFTER: 201\n",
        "epochs: 2\n",
        "(\"staging\") from now on",
        "the copy is staging\n",
    ] {
        assert!(told.contains(said), "{said:?} is not in\n{told}");
    }
}

/// What no test is to notice is told with its reason: to cargo-mutants, and to people.
#[test]
fn mutants_that_are_let_go_have_their_reasons_in_the_book() {
    let (config, page) = (read(Path::new(".cargo/mutants.toml")), read(Path::new("docs/src/mutants.md")));
    let listed = config.split("exclude_re = [").nth(1).and_then(|rest| rest.split("\n]").next()).expect("the list");
    let mut reason = None;
    let mut reasons = BTreeSet::new();
    for line in listed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match (line.strip_prefix("# "), line.strip_prefix('\'').and_then(|line| line.strip_suffix("',"))) {
            (Some(why), _) => reason = Some(why),
            (None, Some(pattern)) => {
                let why = reason.take().unwrap_or_else(|| panic!("{pattern} has no reason"));
                reasons.insert(format!("- `{pattern}`: {why}"));
            }
            (None, None) => panic!("neither a pattern nor its reason: {line}"),
        }
    }
    let told: BTreeSet<_> = page.lines().filter(|line| line.starts_with("- `")).map(str::to_owned).collect();
    assert_eq!(reasons, told, "docs/src/mutants.md has what .cargo/mutants.toml has");
}
