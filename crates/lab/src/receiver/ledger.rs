//! The ledger of `counterfoil receiver`: JSON Lines, one line a delivery that was taken, only ever appended to.
//!
//! A line is durable (fdatasync) before its delivery is answered. Lines that queue up while one fdatasync runs share the
//! next. A write that fails ends the process: nobody knows what is on the disk then, and an answer would claim that it is.
//!
//! At start a last line without its end, which was never answered, is cut off; a line that cannot be read anywhere else
//! means that somebody else wrote here, and is refused. The lock on the file is the kernel's, and ends with the process.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

/// How long a predecessor that was killed, and is on its way out, may keep the lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// How often the lock is tried.
const LOCK_POLL: Duration = Duration::from_millis(10);

/// A delivery that was taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Counts the lines, from 1.
    pub seq: u64,
    /// When, by the receiver's own clock.
    pub at: String,
    /// Where it was posted.
    pub path: String,
    /// The header `webhook-id`.
    pub webhook_id: String,
    /// Whether this id was taken before, at this path.
    pub repeat: bool,
    /// The CloudEvent, as it came.
    pub event: Value,
}

impl Line {
    /// A text of the event; empty where it has none of that name.
    pub fn text(&self, name: &str) -> &str {
        self.event[name].as_str().unwrap_or_default()
    }

    /// Whose event it is.
    pub fn order_id(&self) -> &str {
        self.text("subject")
    }

    /// Which of its order's events.
    pub fn version(&self) -> Option<i64> {
        version(&self.event)
    }

    /// In which history of the database it was committed.
    pub fn epoch(&self) -> i64 {
        epoch(&self.event)
    }
}

/// Which of its order's an event is.
pub fn version(event: &Value) -> Option<i64> {
    event["sequence"].as_str()?.parse().ok()
}

fn epoch(event: &Value) -> i64 {
    event["epoch"].as_i64().unwrap_or_default()
}

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system refused something.
    #[error("{path}: cannot {what}")]
    Io {
        /// The file that cannot be used.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// Another process writes it.
    #[error("{0}: another process writes this ledger")]
    Locked(PathBuf),
    /// A line is not what this program writes.
    #[error("{path}:{line}: the line is corrupt: {reason}; mend or move the file, nothing was changed")]
    Corrupt {
        /// The file with that line.
        path: PathBuf,
        /// The line's number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

fn failed(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> LedgerError {
    let path = path.to_owned();
    move |source| LedgerError::Io { path, what, source }
}

/// The whole lines of a ledger, and how many bytes they take; none where there is no such file. A line that is being written
/// is not there yet.
///
/// # Errors
///
/// The file system's, and [`LedgerError::Corrupt`].
pub fn read(path: &Path) -> Result<(Vec<Line>, u64), LedgerError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(failed(path, "read the file")(error)),
    };
    let (mut lines, mut length) = (Vec::new(), 0);
    for whole in text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")) {
        let line = serde_json::from_slice(whole).map_err(|error| LedgerError::Corrupt {
            path: path.to_owned(),
            line: lines.len() + 1,
            reason: error.to_string(),
        })?;
        lines.push(line);
        length += whole.len() as u64;
    }
    Ok((lines, length))
}

/// What is remembered of an id that was taken.
struct Known {
    epoch: i64,
    digest: [u8; 32],
}

impl Known {
    fn of(event: &Value) -> Self {
        // A value always serialises, and one value always alike.
        Self { epoch: epoch(event), digest: Sha256::digest(serde_json::to_vec(event).unwrap_or_default()).into() }
    }

    /// Whether the two cannot both be: a later history may say otherwise of what an earlier one lost.
    fn contradicts(&self, earlier: &Self) -> bool {
        self.epoch == earlier.epoch && self.digest != earlier.digest
    }
}

/// What was taken at a path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many deliveries were taken at the path.
    pub lines: u64,
    /// Of these, ids that came for the first time.
    pub events: u64,
    /// Of these, ids that had come before.
    pub repeats: u64,
    /// Of the repeats, those that say something else than before, of one history of the database: there should be none.
    pub contradictions: u64,
}

#[derive(Default)]
struct ReceiptsState {
    seq: u64,
    known: HashMap<(String, String), Known>,
    counts: BTreeMap<String, Counts>,
    queue: Vec<u8>,
    closed: bool,
}

impl ReceiptsState {
    /// Takes note of a delivery; whether its id was taken before.
    fn note(&mut self, path: &str, webhook_id: &str, event: &Value) -> bool {
        let known = Known::of(event);
        let contradicts =
            self.known.get(&(path.to_owned(), webhook_id.to_owned())).map(|earlier| known.contradicts(earlier));
        self.known.insert((path.to_owned(), webhook_id.to_owned()), known);
        let counts = self.counts.entry(path.to_owned()).or_default();
        counts.lines += 1;
        counts.events += u64::from(contradicts.is_none());
        counts.repeats += u64::from(contradicts.is_some());
        counts.contradictions += u64::from(contradicts == Some(true));
        contradicts.is_some()
    }
}

struct ReceiptsShared {
    state: Mutex<ReceiptsState>,
    filled: Condvar,
    durable: watch::Sender<u64>,
}

impl ReceiptsShared {
    fn state(&self) -> MutexGuard<'_, ReceiptsState> {
        // Nothing under the lock leaves it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open ledger. Dropped, it writes what is queued.
pub struct Ledger {
    path: PathBuf,
    shared: Arc<ReceiptsShared>,
    thread: Option<JoinHandle<()>>,
}

impl Ledger {
    /// Opens or makes the file, locks it, and reads what it holds.
    ///
    /// # Errors
    ///
    /// [`LedgerError`]; then nothing was changed but that a missing file may have been made.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        // It tells who bought what.
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
        let mut file = file.map_err(failed(path, "open the file"))?;
        lock(&file, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder, "sync the folder"))?;
        let (lines, length) = read(path)?;
        file.set_len(length).and_then(|()| file.sync_all()).map_err(failed(path, "cut off a torn line"))?;
        let mut state = ReceiptsState::default();
        for line in &lines {
            state.note(&line.path, &line.webhook_id, &line.event);
            state.seq = line.seq;
        }
        let durable = watch::Sender::new(state.seq);
        let shared = Arc::new(ReceiptsShared { state: Mutex::new(state), filled: Condvar::new(), durable });
        let theirs = Arc::clone(&shared);
        let write = move || {
            while let Some((lines, seq)) = next_lines(&theirs) {
                if let Err(error) = file.write_all(&lines).and_then(|()| file.sync_data()) {
                    eprintln!("counterfoil: the ledger cannot be written, so nothing can be answered: {error}");
                    std::process::abort();
                }
                theirs.durable.send_replace(seq);
            }
        };
        let thread = std::thread::Builder::new().name("ledger".into()).spawn(write);
        let thread = Some(thread.map_err(failed(path, "start the thread that writes it"))?);
        Ok(Self { path: path.to_owned(), shared, thread })
    }

    /// Takes a delivery: returns once it is on the disk.
    pub async fn take(&self, path: &str, webhook_id: &str, event: &Value, at: String) {
        let seq = {
            let mut state = self.shared.state();
            let repeat = state.note(path, webhook_id, event);
            state.seq += 1;
            let (seq, path, webhook_id) = (state.seq, path.to_owned(), webhook_id.to_owned());
            let line = Line { seq, at, path, webhook_id, repeat, event: event.clone() };
            // Texts, numbers and a value always serialise.
            state.queue.extend(serde_json::to_vec(&line).unwrap_or_default());
            state.queue.push(b'\n');
            seq
        };
        self.shared.filled.notify_one();
        let mut durable = self.shared.durable.subscribe();
        // The sender lives as long as this does.
        let _ = durable.wait_for(|done| *done >= seq).await;
    }

    /// What was taken, by path.
    pub fn counts(&self) -> BTreeMap<String, Counts> {
        self.shared.state().counts.clone()
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.filled.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(file: &File, path: &Path) -> Result<(), LedgerError> {
    let deadline = Instant::now() + LOCK_WAIT;
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < deadline => {
                #[expect(clippy::disallowed_methods, reason = "at start, before anybody is served")]
                std::thread::sleep(LOCK_POLL);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(LedgerError::Locked(path.to_owned())),
            Err(errno) => return Err(failed(path, "lock the file")(errno.into())),
        }
    }
}

/// What queued up since the last time, once there is something, and the number of its last line; `None` when no more comes.
fn next_lines(shared: &ReceiptsShared) -> Option<(Vec<u8>, u64)> {
    let is_idle = |state: &mut ReceiptsState| state.queue.is_empty() && !state.closed;
    let mut state = shared.filled.wait_while(shared.state(), is_idle).unwrap_or_else(PoisonError::into_inner);
    let lines = std::mem::take(&mut state.queue);
    (!lines.is_empty()).then_some((lines, state.seq))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("counterfoil-receiver-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&path).expect("make a folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn event(version: i64, epoch: i64, amount: i64) -> Value {
        json!({"subject": "A", "sequence": version.to_string(), "epoch": epoch, "data": {"amount": amount}})
    }

    #[tokio::test]
    async fn what_was_taken_is_on_the_disk_and_known_after_a_restart() {
        let folder = Folder::new("kept");
        let path = folder.0.join("ledger");
        let ledger = Ledger::open(&path).expect("open");
        for (id, event) in [("1", event(1, 7, 5)), ("2", event(2, 7, 5)), ("1", event(1, 7, 5))] {
            ledger.take("/crm", id, &event, "now".into()).await;
            assert_eq!(read(&path).expect("read").0.last().map(|line| &line.event), Some(&event));
        }
        drop(ledger);
        let ledger = Ledger::open(&path).expect("open");
        assert_eq!(ledger.counts()["/crm"], Counts { lines: 3, events: 2, repeats: 1, contradictions: 0 });
        ledger.take("/bi", "1", &event(1, 7, 5), "now".into()).await;
        ledger.take("/crm", "1", &event(1, 8, 6), "now".into()).await;
        assert_eq!(ledger.counts()["/crm"].contradictions, 0, "of a later history");
        ledger.take("/crm", "2", &event(2, 7, 6), "now".into()).await;
        assert_eq!(ledger.counts()["/crm"].contradictions, 1);
        let repeats: Vec<_> = read(&path).expect("read").0.iter().map(|line| (line.seq, line.repeat)).collect();
        assert_eq!(repeats, [(1, false), (2, false), (3, true), (4, false), (5, true), (6, true)]);
    }

    #[tokio::test]
    async fn a_torn_line_is_cut_off_and_a_corrupt_one_refused() {
        let folder = Folder::new("torn");
        let path = folder.0.join("ledger");
        let ledger = Ledger::open(&path).expect("open");
        ledger.take("/crm", "1", &event(1, 7, 5), "now".into()).await;
        drop(ledger);
        let whole = std::fs::read_to_string(&path).expect("read");
        std::fs::write(&path, format!("{whole}{}", &whole[..20])).expect("write");
        drop(Ledger::open(&path).expect("open"));
        assert_eq!(std::fs::read_to_string(&path).expect("read"), whole);
        let corrupt = format!("{whole}{{}}\n{whole}");
        std::fs::write(&path, &corrupt).expect("write");
        let error = Ledger::open(&path).err().expect("a corrupt line").to_string();
        assert!(error.contains(&format!("{}:2: ", path.display())), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), corrupt);
    }
}
