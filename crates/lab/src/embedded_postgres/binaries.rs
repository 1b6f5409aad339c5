//! Where the installed PostgreSQL is. scripts/bootstrap.sh looks in the same places.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::OLDEST_VERSION;
use super::error::{EmbeddedPostgresError as Error, io_error};

/// The folder of the binaries: of the data's version where there are data, else the first that is new enough.
pub(super) fn find_binaries(given: Option<&Path>, data_dir: &Path, is_new: bool) -> Result<PathBuf, Error> {
    let candidates = match given {
        Some(dir) if has_binaries(dir) => vec![dir.to_owned()],
        Some(dir) => return Err(Error::NoBinariesIn(dir.to_owned())),
        None => installed(),
    };
    let data_version = match is_new {
        true => None,
        false => {
            let path = data_dir.join("PG_VERSION");
            let what = format!("read {}", path.display());
            let text = fs::read_to_string(path).map_err(io_error(what))?;
            Some(text.trim().to_owned())
        }
    };
    let mut found = Vec::new();
    for dir in candidates {
        let Some(version) = major_version(&dir) else {
            continue;
        };
        let fits = match &data_version {
            Some(data) => *data == version.to_string(),
            None => true,
        };
        if fits && version >= OLDEST_VERSION {
            return Ok(dir);
        }
        found.push((dir, version));
    }
    match (data_version, found.is_empty(), given) {
        (_, true, Some(dir)) => Err(Error::NoBinariesIn(dir.to_owned())),
        (_, true, None) => Err(Error::NotInstalled),
        (Some(data), ..) => {
            let mut found: Vec<u32> = found.into_iter().map(|(_, version)| version).collect();
            found.dedup();
            Err(Error::OtherVersion { data_dir: data_dir.to_owned(), data, found })
        }
        (None, ..) => {
            let (bin_dir, found) = found.swap_remove(0);
            Err(Error::TooOld { bin_dir, found })
        }
    }
}

/// PATH first, then Debian's folders, which are not on it, the newest first.
fn installed() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    std::env::split_paths(&path)
        .chain(debian.into_iter().map(|(_, dir)| dir))
        .filter(|dir| dir.is_absolute() && has_binaries(dir))
        .collect()
}

fn has_binaries(dir: &Path) -> bool {
    ["postgres", "initdb"].iter().all(|name| {
        fs::metadata(dir.join(name)).is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o111 != 0)
    })
}

fn major_version(bin_dir: &Path) -> Option<u32> {
    let output = Command::new(bin_dir.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    // "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "... 18beta1"
    let version = text.split_once("(PostgreSQL) ")?.1;
    let digits = version.find(|c: char| !c.is_ascii_digit())?;
    version[..digits].parse().ok()
}
