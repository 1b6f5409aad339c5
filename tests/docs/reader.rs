//! Whoever reads a page with a terminal beside it: a shell in a folder of their own types its blocks one after the other, as
//! they stand but for where things are, and holds what is said against what the page shows.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::{Fenced, first_on_path, parts, read, root};
use crate::support::engine::until;
use crate::support::program::{Folder, PROGRAM};
use rustix::process::{Pid, Signal, kill_process_group};

/// Says that a block was done to its end.
const DONE: &str = "done";

/// One page, and how far it was read. Every block is typed, or compared with what was said, or taken into a hand
/// ([`Reader::shown`]); only what the page itself marks is passed over.
pub struct Reader {
    page: &'static str,
    blocks: Vec<Fenced>,
    at: usize,
    folder: PathBuf,
    places: Vec<(String, String)>,
    shell: Child,
    types: Option<ChildStdin>,
    is_through: bool,
}

impl Reader {
    /// Opens a page at its first block, with a shell at this desk.
    pub fn of(page: &'static str, desk: &Desk) -> Self {
        let (_, blocks) = parts(&read(Path::new(page)));
        let folder = desk.folder.0.clone();
        let mut shell = Command::new("bash");
        shell.current_dir(&folder).process_group(0).env("CURL_HOME", &folder);
        counterfoil::client::environment::forget_environment(&mut shell);
        shell.env_remove("COUNTERFOIL_TOKEN").env_remove("COUNTERFOIL_CA");
        // A page that says itself how the program gets onto PATH is believed.
        if !blocks.iter().any(|block| block.text.contains("export PATH=")) {
            shell.env("PATH", first_on_path(&folder.join("target/quick")));
        }
        shell.env("COUNTERFOIL_TARGET", format!("http://{}", desk.engine));
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = shell.spawn().expect("start a shell");
        let mut types = shell.stdin.take().expect("the shell's input");
        // It reads until we are gone, and takes whatever it left in the background along.
        writeln!(types, "set -euo pipefail\ntrap 'trap \"\" TERM; kill -TERM 0; wait' EXIT").expect("type");
        let places = desk.places.clone();
        Self { page, blocks, at: 0, folder, places, shell, types: Some(types), is_through: false }
    }

    /// Of a page that another reader ends: this one borrows a command of it.
    pub fn borrowing(mut self) -> Self {
        self.is_through = true;
        self
    }

    /// The next block of the page that is not marked; the cursor is behind it.
    fn next(&mut self) -> Option<&Fenced> {
        while self.blocks.get(self.at).is_some_and(|block| block.mark.is_some()) {
            self.at += 1;
        }
        self.at += 1;
        self.blocks.get(self.at - 1)
    }

    /// Types the next block, which begins so, and which must succeed. What the page shows directly behind it must be said.
    pub async fn types(&mut self, begins: &str) -> String {
        self.types_with(begins, &[]).await
    }

    /// The same, where a name that the page leaves to its reader is filled in, or something is told apart.
    pub async fn types_with(&mut self, begins: &str, instead: &[(&str, &str)]) -> String {
        let page = self.page;
        let block =
            self.next().unwrap_or_else(|| panic!("{page} has no block any more, and none that begins {begins:?}"));
        let is_next = block.is_typed() && block.text.starts_with(begins);
        assert!(is_next, "{page}: the next block is to be typed and to begin {begins:?}:\n{}", block.text);
        let mut script = block.text.clone();
        for (called, is) in instead {
            assert!(script.contains(called), "{page}: there is no {called:?} in\n{script}");
            script = script.replace(called, is);
        }
        let told = self.run(&script, true).await;
        if self.blocks.get(self.at).is_some_and(|next| next.follows && !next.is_typed()) {
            let shown = self.shown();
            self.says(&script, &told, &shown);
        }
        told
    }

    /// The next block of the page, which is shown, to be compared later or written to a file.
    pub fn shown(&mut self) -> String {
        let page = self.page;
        let block = self.next().unwrap_or_else(|| panic!("{page} shows nothing any more"));
        assert!(!block.is_typed(), "{page}: the next block is not shown, but to be typed:\n{}", block.text);
        block.text.clone()
    }

    /// Turns to the block that begins so: what stands before it is read elsewhere.
    pub fn turns_to(mut self, begins: &str) -> Self {
        let found = self.blocks.iter().position(|block| block.text.starts_with(begins));
        self.at = found.unwrap_or_else(|| panic!("{} has no block that begins {begins:?}", self.page));
        self
    }

    /// Types a block that was there before, with something else in it; whether it is to succeed is said. The page shows what
    /// is said.
    pub async fn varies(&mut self, begins: &str, instead: &[(&str, &str)], well: bool) {
        let shown = self.shown();
        self.varies_into(begins, instead, well, &shown).await;
    }

    /// The same, of something that was shown before.
    pub async fn varies_into(&mut self, begins: &str, instead: &[(&str, &str)], well: bool, shown: &str) {
        let block = self.blocks.iter().find(|block| block.is_typed() && block.text.starts_with(begins));
        let mut script = block.unwrap_or_else(|| panic!("{} has no block {begins:?}", self.page)).text.clone();
        for (called, is) in instead {
            assert!(script.contains(called), "{}: there is no {called:?} in\n{script}", self.page);
            script = script.replace(called, is);
        }
        let told = self.run(&script, well).await;
        self.says(&script, &told, shown);
    }

    /// Types something that the page says in other words.
    pub async fn also(&mut self, script: &str) -> String {
        self.run(script, true).await
    }

    /// The page was read to its end. What it left in the background goes on until the reader is dropped.
    pub fn ends(&mut self) {
        self.is_through = true;
        let left = self.next().map(|block| block.text.clone());
        assert!(left.is_none(), "{} has a block that is neither typed here nor marked: {left:?}", self.page);
    }

    /// Runs a script in the shell, and what it said, once it succeeded, or failed where it is to.
    async fn run(&mut self, script: &str, well: bool) -> String {
        let mut script = script.to_owned();
        for (called, is) in &self.places {
            script = script.replace(called, is);
        }
        let (out, done) = (self.folder.join("said"), self.folder.join(DONE));
        let _there_is_none_yet = fs::remove_file(&done);
        let group = if well {
            format!("{{\n{script}\n}} >said 2>&1 </dev/null")
        } else {
            format!("if {{\n{script}\n}} >said 2>&1 </dev/null; then exit 1; fi")
        };
        let types = self.types.as_mut().expect("an open shell");
        // Where the shell has ended already, that is seen below.
        let _ = writeln!(types, "{group}\necho {DONE} >{DONE}").and_then(|()| types.flush());
        let is_done = || fs::read_to_string(&done).is_ok_and(|text| text == format!("{DONE}\n"));
        until(&format!("it is done:\n{script}"), || {
            let over = self.shell.try_wait().expect("look after the shell").is_some() || is_done();
            async move { over }
        })
        .await;
        let told = fs::read_to_string(&out).unwrap_or_default();
        let expected = if well { "fails" } else { "succeeds, or the shell ended" };
        assert!(is_done(), "{}: it {expected}:\n{script}\n{told}", self.page);
        told
    }

    /// What is shown was said: its lines in their order, one directly behind the other where no line `...` stands between; of
    /// an answer over HTTP, of which not all headers are shown, in any.
    fn says(&self, script: &str, told: &str, shown: &str) {
        let lines: Vec<_> = told.lines().map(plain).collect();
        let in_order = !shown.starts_with("HTTP/");
        let (mut from, mut adjacent) = (0, false);
        for line in shown.lines() {
            if line.trim() == "..." {
                adjacent = false;
                continue;
            }
            let wanted = plain(line);
            let found = lines.iter().skip(from).position(|said| is_like(said, &wanted));
            let found = found.filter(|found| !adjacent || *found == 0);
            let place = if adjacent { " behind the line before it" } else { "" };
            let found = found.unwrap_or_else(|| {
                panic!("{}: {line:?} is not said{place}\n{script}\n{told}", self.page);
            });
            if in_order {
                (from, adjacent) = (from + found + 1, true);
            }
        }
    }
}

/// A line without what differs each time: its indentation, how far its columns are apart, and when that was.
fn plain(line: &str) -> String {
    let is_stamp = |word: &str| word.trim_end_matches(':').parse::<jiff::Timestamp>().is_ok();
    line.split_whitespace().map(|word| if is_stamp(word) { "(a time)" } else { word }).collect::<Vec<_>>().join(" ")
}

/// Whether a line is what is shown, which may leave out parts of it as `...`.
fn is_like(said: &str, shown: &str) -> bool {
    let mut parts = shown.split("...");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

/// What whoever reads has around them: a folder like a clone of the tree in which the program was built, as far as pages name
/// it, a curl that fails where the engine refuses, and what here is in the place of what pages name.
pub struct Desk {
    pub folder: Folder,
    engine: String,
    places: Vec<(String, String)>,
}

impl Desk {
    /// With the engine at this address.
    pub fn new(engine: &str) -> Self {
        let folder = Folder::new();
        for profile in ["quick", "release"] {
            let target = folder.0.join("target").join(profile);
            fs::create_dir_all(&target).expect("make a folder");
            symlink(PROGRAM, target.join("counterfoil")).expect("make a link");
        }
        symlink(root().join("data"), folder.0.join("data")).expect("make a link");
        folder.file(".curlrc", "fail-with-body\nsilent\nshow-error\n");
        let engine = engine.trim_start_matches("http://").to_owned();
        let places = vec![("127.0.0.1:8080".to_owned(), engine.clone())];
        Self { folder, engine, places }
    }

    /// With the data of a `dev` in the folder that they have where nobody names another.
    pub fn with_dev(self, dev: &Folder) -> Self {
        symlink(dev.0.join("data"), self.folder.0.join(".counterfoil")).expect("make a link");
        self
    }

    /// With something else in the place of what pages call so.
    pub fn with(mut self, called: &str, is: &str) -> Self {
        self.places.push((called.to_owned(), is.to_owned()));
        self
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        drop(self.types.take());
        if let Some(group) = Pid::from_raw(i32::try_from(self.shell.id()).unwrap_or_default()) {
            let _it_may_be_gone = kill_process_group(group, Signal::TERM);
        }
        let _ = self.shell.wait();
        // Whoever forgets to ask would pass over what stands at the end of the page.
        assert!(self.is_through || std::thread::panicking(), "nobody asked whether {} ends here", self.page);
    }
}
