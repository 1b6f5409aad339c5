//! The files of the simulated participants, and the thread that writes them.
//!
//! The ledger is JSON Lines, one line an effect, only ever appended to. Beside it, `<ledger>.outcomes` holds the
//! answers that came with no effect. A line is durable (fdatasync) before the answer that it belongs to leaves: callers
//! append under the lock that orders their decisions, and await [`Writer::durable`] before they say anything. Lines
//! that queue up while one fdatasync runs share the next.
//!
//! **A write that fails ends the process.** After a failed fsync nobody knows what is on the disk; the memory is ahead
//! of it, and answers from there would tell effects that a restart forgets.
//!
//! **At start** a last line without its end, or the beginning of a step whose later lines are missing, was never
//! answered: it is cut off, with a note. A line that cannot be read anywhere else means that somebody else wrote here,
//! and is refused. The lock on the ledger is the kernel's (flock): it ends with the process, however that ends.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::record::{LedgerLine, LedgerRecord, OutcomeLine};

/// How often a lock that another process holds is tried again.
const LOCK_POLL: Duration = Duration::from_millis(10);

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system refused something.
    #[error("{path}: cannot {what}")]
    Io {
        /// The file that it was about.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// Another process holds the lock.
    #[error("{path}: another process writes this ledger")]
    Locked {
        /// The ledger that is locked.
        path: PathBuf,
    },
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

/// Opened and read files.
#[derive(Debug)]
pub struct Opened {
    /// All records of both files, in the order in which they happened.
    pub records: Vec<LedgerRecord>,
    /// What was cut off, to be told to people.
    pub notes: Vec<String>,
    ledger: File,
    outcomes: File,
}

/// Opens or creates both files, locks them, and reads what they hold.
///
/// `lock_wait` is how long a lock that another process holds is waited for: a predecessor that was killed may still be
/// on its way out.
///
/// # Errors
///
/// [`LedgerError`]; then nothing was changed but that a missing file may have been created.
pub fn open(path: &Path, lock_wait: Duration) -> Result<Opened, LedgerError> {
    let outcomes_path = outcomes_path(path);
    let ledger = open_file(path)?;
    lock(&ledger, path, lock_wait)?;
    let outcomes = open_file(&outcomes_path)?;
    sync_folder(path)?;
    let effects = read::<LedgerLine>(&ledger, path)?;
    let answers = read::<OutcomeLine>(&outcomes, &outcomes_path)?;
    // A step whose last line is missing was never answered.
    let is_whole = |line: &LedgerLine| line.more == 0;
    let whole = effects.lines.iter().rposition(|(line, _)| is_whole(line)).map_or(0, |last| last + 1);
    let end = whole.checked_sub(1).and_then(|last| effects.lines.get(last)).map_or(0, |(_, end)| *end);
    let mut notes = Vec::new();
    for (file, path, end, length) in
        [(&ledger, path, end, effects.length), (&outcomes, outcomes_path.as_path(), answers.end(), answers.length)]
    {
        if end < length {
            file.set_len(end).and_then(|()| file.sync_all()).map_err(failed(path, "cut off a torn line"))?;
            notes.push(format!("{}: cut off {} bytes of a line that was never finished", path.display(), length - end));
        }
    }
    let effects = effects.lines.into_iter().take(whole).map(|(line, _)| LedgerRecord::Effect(line));
    let mut records: Vec<LedgerRecord> =
        effects.chain(answers.lines.into_iter().map(|(line, _)| LedgerRecord::Outcome(line))).collect();
    records.sort_by_key(LedgerRecord::seq);
    Ok(Opened { records, notes, ledger, outcomes })
}

/// Where the answers without an effect are kept.
pub fn outcomes_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".outcomes");
    name.into()
}

fn open_file(path: &Path) -> Result<File, LedgerError> {
    // A new one is for whoever runs this alone: it tells who bought what.
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path);
    let file = file.map_err(failed(path, "open the file"))?;
    // A device or a pipe keeps nothing.
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(file),
        Ok(_) => Err(failed(path, "keep a ledger in it")(io::Error::other("it is no regular file"))),
        Err(error) => Err(failed(path, "look at the file")(error)),
    }
}

/// Makes the names of new files durable.
fn sync_folder(path: &Path) -> Result<(), LedgerError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder, "sync the folder"))
}

fn lock(file: &File, path: &Path, wait: Duration) -> Result<(), LedgerError> {
    let deadline = Instant::now() + wait;
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::WOULDBLOCK) if Instant::now() < deadline => {
                #[expect(clippy::disallowed_methods, reason = "at start, before there is a runtime")]
                std::thread::sleep(LOCK_POLL);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => return Err(LedgerError::Locked { path: path.to_owned() }),
            Err(errno) => return Err(failed(path, "lock the file")(errno.into())),
        }
    }
}

/// The lines of a file, each with the offset of its end.
struct Lines<T> {
    lines: Vec<(T, u64)>,
    length: u64,
}

impl<T> Lines<T> {
    /// Where the last line ends.
    fn end(&self) -> u64 {
        self.lines.last().map_or(0, |(_, end)| *end)
    }
}

fn read<T: DeserializeOwned>(file: &File, path: &Path) -> Result<Lines<T>, LedgerError> {
    let mut reader = BufReader::new(file);
    let (mut lines, mut length) = (Vec::new(), 0);
    let mut text = Vec::new();
    loop {
        text.clear();
        let read = reader.read_until(b'\n', &mut text).map_err(failed(path, "read the file"))?;
        length += read as u64;
        let Some(line) = text.strip_suffix(b"\n") else { break };
        let line = serde_json::from_slice(line).map_err(|error| LedgerError::Corrupt {
            path: path.to_owned(),
            line: lines.len() + 1,
            reason: error.to_string(),
        })?;
        lines.push((line, length));
    }
    Ok(Lines { lines, length })
}

#[derive(Default)]
struct Queue {
    ledger: Vec<u8>,
    outcomes: Vec<u8>,
    /// Of the last record that was appended.
    seq: u64,
    /// No more will come.
    closed: bool,
}

struct BooksShared {
    queue: Mutex<Queue>,
    filled: Condvar,
    durable: watch::Sender<u64>,
}

impl BooksShared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        // Nothing under the lock leaves it half changed.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends records, and tells what is durable. Dropping it writes what is queued.
pub struct Writer {
    shared: Arc<BooksShared>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the writing thread; `seq` is the number of the last record that is in the files.
    ///
    /// # Errors
    ///
    /// The system's, if there is no thread to be had.
    pub fn start(opened: Opened, seq: u64) -> io::Result<Self> {
        let Opened { mut ledger, mut outcomes, .. } = opened;
        let queue = Mutex::new(Queue { seq, ..Queue::default() });
        let shared = Arc::new(BooksShared { queue, filled: Condvar::new(), durable: watch::Sender::new(seq) });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("ledger".to_owned()).spawn(move || {
            while let Some(batch) = next_batch(&theirs) {
                // The ledger first: an outcome may rest on an effect, never the other way round.
                let written = write(&mut ledger, &batch.ledger).and_then(|()| write(&mut outcomes, &batch.outcomes));
                if let Err(error) = written {
                    eprintln!("counterfoil: the ledger cannot be written, so nothing can be answered: {error}");
                    std::process::abort();
                }
                theirs.durable.send_replace(batch.seq);
            }
        })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Queues records. The caller holds the lock under which they were numbered, so that they come in order.
    pub fn append(&self, records: &[LedgerRecord]) {
        let mut queue = self.shared.queue();
        for record in records {
            let text = record.text();
            match record {
                LedgerRecord::Effect(_) => queue.ledger.extend_from_slice(text.as_bytes()),
                LedgerRecord::Outcome(_) => queue.outcomes.extend_from_slice(text.as_bytes()),
            }
            queue.seq = record.seq();
        }
        self.shared.filled.notify_one();
    }

    /// Waits until every record up to this number is on the disk.
    pub async fn durable(&self, seq: u64) {
        let mut durable = self.shared.durable.subscribe();
        // The sender lives as long as this writer.
        let _ = durable.wait_for(|done| *done >= seq).await;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.filled.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What queued since the last batch, once there is something; `None` when no more will come.
fn next_batch(shared: &BooksShared) -> Option<Queue> {
    let is_empty = |queue: &mut Queue| queue.ledger.is_empty() && queue.outcomes.is_empty() && !queue.closed;
    let mut queue = shared.filled.wait_while(shared.queue(), is_empty).unwrap_or_else(PoisonError::into_inner);
    if queue.ledger.is_empty() && queue.outcomes.is_empty() {
        return None;
    }
    let (ledger, outcomes) = (std::mem::take(&mut queue.ledger), std::mem::take(&mut queue.outcomes));
    Some(Queue { ledger, outcomes, seq: queue.seq, closed: queue.closed })
}

fn write(file: &mut File, lines: &[u8]) -> io::Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    file.write_all(lines)?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Folder(PathBuf);

    impl Folder {
        fn new() -> Self {
            static NUMBER: AtomicU32 = AtomicU32::new(0);
            let name = format!("counterfoil-ledger-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir_all(&path).expect("make a folder");
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn line(seq: u64, more: u32) -> String {
        let key = uuid::Uuid::from_u128(u128::from(seq));
        format!(
            "{{\"key\":\"{key}\",\"order_id\":\"O\",\"action\":\"void\",\"at\":\"2026-01-02T03:04:05.678Z\",\
             \"seq\":{seq},\"more\":{more},\"fingerprint\":\"f\"}}\n"
        )
    }

    #[test]
    fn a_step_without_its_end_is_cut_off() {
        let folder = Folder::new();
        let path = folder.0.join("ledger");
        let whole = line(1, 1) + &line(2, 0);
        std::fs::write(&path, whole.clone() + &line(3, 1) + &line(4, 1)[..20]).expect("write");
        let opened = open(&path, Duration::ZERO).expect("open");
        assert_eq!((opened.records.len(), opened.notes.len()), (2, 1));
        assert_eq!(std::fs::read_to_string(&path).expect("read"), whole);
    }

    #[test]
    fn a_corrupt_line_is_named_and_nothing_is_changed() {
        let folder = Folder::new();
        let path = folder.0.join("ledger");
        let text = line(1, 0) + "{}\n" + &line(3, 0) + "torn";
        std::fs::write(&path, &text).expect("write");
        let error = open(&path, Duration::ZERO).expect_err("a corrupt line").to_string();
        assert!(error.contains(&format!("{}:2: ", path.display())), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
    }

    #[tokio::test]
    async fn what_is_durable_is_in_the_file_and_the_lock_ends_with_the_writer() {
        let folder = Folder::new();
        let path = folder.0.join("ledger");
        let writer = Writer::start(open(&path, Duration::ZERO).expect("open"), 0).expect("a thread");
        assert!(matches!(open(&path, Duration::ZERO), Err(LedgerError::Locked { .. })));
        for seq in 1..=3 {
            let text = line(seq, 0);
            writer.append(&[LedgerRecord::Effect(serde_json::from_str(&text).expect("a line"))]);
            writer.durable(seq).await;
            assert_eq!(std::fs::read_to_string(&path).expect("read").lines().count() as u64, seq);
        }
        drop(writer);
        assert_eq!(open(&path, Duration::ZERO).expect("open").records.len(), 3);
    }
}
