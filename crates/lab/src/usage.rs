//! What processes on this machine use, from /proc (`man 5 proc`).

use std::fs;
use std::io;
use std::time::Duration;

/// /proc counts in USER_HZ, which is 100 for every program on Linux, whatever the kernel ticks at.
const TICK: Duration = Duration::from_millis(10);

/// The memory of a process that is in RAM.
///
/// # Errors
///
/// If there is no such process, or /proc is not Linux's.
pub fn resident_bytes(pid: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kib =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.ok_or_else(unreadable)? * 1024)
}

/// The CPU of a process, of all its threads.
///
/// # Errors
///
/// As for [`resident_bytes`].
pub fn own_cpu(pid: u32) -> io::Result<Duration> {
    let [user, system, ..] = Stat::of(pid)?.ticks;
    Ok(TICK * (user + system))
}

/// The CPU of a process and its children, those that have ended included. One that ends in between moves from its own counter to
/// its parent's.
///
/// # Errors
///
/// As for [`resident_bytes`].
pub fn family_cpu(parent: u32) -> io::Result<Duration> {
    let mut ticks: u32 = Stat::of(parent)?.ticks.iter().sum();
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))?;
    for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
        // It may have ended since it was listed; then its parent's counter was read too early, by one child.
        if let Ok(Stat { ticks: [user, system, ..], .. }) = Stat::of(child) {
            ticks += user + system;
        }
    }
    Ok(TICK * ticks)
}

/// The parent of a process, if it is a program of this name.
///
/// # Errors
///
/// As for [`resident_bytes`].
pub fn parent_of(pid: u32, program: &str) -> io::Result<Option<u32>> {
    let stat = Stat::of(pid)?;
    Ok((stat.program == program).then_some(stat.parent))
}

/// What /proc/PID/stat says.
struct Stat {
    program: String,
    parent: u32,
    /// utime, stime, cutime and cstime: the last two of children that were waited for.
    ticks: [u32; 4],
}

impl Stat {
    fn of(pid: u32) -> io::Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Self::parse(&stat).ok_or_else(unreadable)
    }

    /// Field 2 is the program's name in brackets, which may hold spaces; the third one follows the last bracket. The parent is
    /// field 4, the times are 14 to 17.
    fn parse(stat: &str) -> Option<Self> {
        let (head, fields) = stat.rsplit_once(") ")?;
        let (_, program) = head.split_once('(')?;
        let fields: Vec<_> = fields.split(' ').collect();
        let number = |field: usize| fields.get(field - 3)?.parse().ok();
        let ticks = [number(14)?, number(15)?, number(16)?, number(17)?];
        Some(Self { program: program.to_owned(), parent: number(4)?, ticks })
    }
}

fn unreadable() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an unreadable /proc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_shifts_nothing() {
        let stat = "17 (a) (b c) S 4 17 17 0 -1 4194560 1 2 3 4 50 60 7 8 20 0 1 0";
        let Some(Stat { program, parent, ticks }) = Stat::parse(stat) else { panic!("unread") };
        assert_eq!((program.as_str(), parent, ticks), ("a) (b c", 4, [50, 60, 7, 8]));
        assert!(Stat::parse("17 (a) S 4").is_none());
    }

    #[test]
    fn this_process_is_seen() {
        let me = std::process::id();
        assert!(resident_bytes(me).is_ok_and(|bytes| bytes > 100_000));
        assert!(own_cpu(me).is_ok() && family_cpu(me).is_ok_and(|all| all >= own_cpu(me).unwrap_or_default()));
        assert!(parent_of(me, "no such program").is_ok_and(|parent| parent.is_none()));
    }
}
