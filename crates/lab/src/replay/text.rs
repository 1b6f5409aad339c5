//! From the bytes of a file to records: encodings, the delimiter, and quotes that end where they should.
//!
//! A CSV reader takes anything, and that is the danger: a quote that nobody closed swallows every row up to the next
//! one, in silence. So each record that holds a line break is looked at here before anything is sent.

use std::fmt;

use csv::ByteRecord;

use super::columns::{ColumnRole, Columns, Layout, cells};

/// How the bytes of a file are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Encoding {
    /// A row that is none is refused
    #[value(name = "utf-8")]
    Utf8,
    /// ISO 8859-1
    Latin1,
    /// What old spreadsheets for Windows write
    #[value(name = "windows-1252")]
    Windows1252,
    /// By its byte order mark; without one, the little end first
    #[value(name = "utf-16")]
    Utf16,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "utf-8",
            Self::Latin1 => "latin1",
            Self::Windows1252 => "windows-1252",
            Self::Utf16 => "utf-16",
        })
    }
}

/// A byte order mark that contradicts the encoding that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the file begins with the byte order mark of {found}, but --encoding says {asked}")]
pub struct OtherMark {
    found: Encoding,
    asked: Encoding,
}

const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const LITTLE_MARK: &[u8] = &[0xff, 0xfe];
const BIG_MARK: &[u8] = &[0xfe, 0xff];

/// Gives back the file as UTF-8, without a byte order mark. Bytes that are no UTF-8 stay as they are where the file is
/// read as such: the rows that hold them are told by number later.
///
/// # Errors
///
/// [`OtherMark`] if the file itself says otherwise.
pub fn decode(bytes: Vec<u8>, asked: Option<Encoding>) -> Result<(Vec<u8>, Encoding), OtherMark> {
    let found = if bytes.starts_with(UTF8_MARK) {
        Some(Encoding::Utf8)
    } else {
        (bytes.starts_with(LITTLE_MARK) || bytes.starts_with(BIG_MARK)).then_some(Encoding::Utf16)
    };
    let encoding = match (found, asked) {
        (Some(found), Some(asked)) if found != asked => return Err(OtherMark { found, asked }),
        (found, asked) => found.or(asked).unwrap_or(Encoding::Utf8),
    };
    let decoded = match encoding {
        Encoding::Utf8 if found.is_some() => bytes[UTF8_MARK.len()..].to_vec(),
        Encoding::Utf8 => bytes,
        Encoding::Latin1 => encoding_rs::mem::decode_latin1(&bytes).into_owned().into_bytes(),
        Encoding::Windows1252 => whole(encoding_rs::WINDOWS_1252, &bytes),
        Encoding::Utf16 if bytes.starts_with(BIG_MARK) => whole(encoding_rs::UTF_16BE, &bytes[2..]),
        Encoding::Utf16 => whole(encoding_rs::UTF_16LE, bytes.strip_prefix(LITTLE_MARK).unwrap_or(&bytes)),
    };
    Ok((decoded, encoding))
}

/// What is none becomes U+FFFD, which no row may hold where it is used.
fn whole(encoding: &'static encoding_rs::Encoding, bytes: &[u8]) -> Vec<u8> {
    encoding.decode_without_bom_handling(bytes).0.into_owned().into_bytes()
}

/// What a row begins with that says its delimiter (`sep=;`, for spreadsheets), and how long it is with its end.
fn separator_row(text: &[u8]) -> Option<(u8, usize)> {
    let end = text.iter().position(|byte| *byte == b'\n')?;
    let row = text[..end].trim_ascii_end();
    let row = row.strip_prefix(b"\"").and_then(|row| row.strip_suffix(b"\"")).unwrap_or(row);
    let (name, delimiter) = row.split_at_checked(4)?;
    // The row of a tab was trimmed away with its end.
    let delimiter = match delimiter {
        [] if text[..end].contains(&b'\t') => b'\t',
        [one] => *one,
        _ => return None,
    };
    name.eq_ignore_ascii_case(b"sep=").then_some((delimiter, end + 1))
}

/// The records of a file, each with the number of its line.
pub struct Records<'a> {
    text: &'a [u8],
    delimiter: u8,
    /// The line that `text` begins with.
    first_line: u64,
}

/// Where a quote is not closed, or a file is otherwise no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}; nothing was sent")]
pub struct Broken {
    /// Counted from 1, as an editor does.
    pub line: u64,
    what: String,
}

/// A record that was read, or why its line is none.
pub struct TextRecord<'a> {
    /// Where it begins.
    pub line: u64,
    /// The record's fields, in their order.
    pub fields: &'a ByteRecord,
    /// Whether its quotes stand around whole fields.
    pub is_well_quoted: bool,
}

/// Line breaks within one record, at most: notes of customers have some, a hundred are a quote that was not closed.
const MAX_BREAKS: usize = 100;

/// Stands behind the file's last row. A quote that is open there swallows it.
const END: &[u8] = b"\n\x01end\x01";

impl<'a> Records<'a> {
    /// Finds the delimiter: what the command line says, or the file's first line (`sep=;`), or the one by which the
    /// heading names most of what the layout needs. `text` gets a last row, which [`Self::each`] keeps to itself.
    pub fn new(text: &'a mut Vec<u8>, asked: Option<u8>, layout: &Layout) -> Self {
        // Old Macs end lines with a carriage return alone, and the reader takes it for an end wherever it stands: so it is
        // one for what looks for quotes that were not closed, and for who counts lines.
        for at in 0..text.len() {
            if text[at] == b'\r' && text.get(at + 1) != Some(&b'\n') {
                text[at] = b'\n';
            }
        }
        text.extend_from_slice(END);
        let (said, skipped) = separator_row(text).map_or((None, 0), |(said, length)| (Some(said), length));
        let rest = &text[skipped..];
        let delimiter = asked.or(said).unwrap_or_else(|| {
            // The first of equals: commas, where nothing speaks for another one.
            let candidates = b",;\t|".iter().rev().max_by_key(|delimiter| {
                let cells = heading(rest, **delimiter).map(|heading| cells(&heading)).unwrap_or_default();
                (std::cmp::Reverse(layout.lacks(&cells).len()), cells.len())
            });
            candidates.copied().unwrap_or(b',')
        });
        Self { text: rest, delimiter, first_line: 1 + u64::from(skipped > 0) }
    }

    /// The byte between fields.
    #[must_use]
    pub fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The first record, if the file has one.
    #[must_use]
    pub fn heading(&self) -> ByteRecord {
        heading(self.text, self.delimiter).filter(|heading| !is_end(heading)).unwrap_or_default()
    }

    /// Gives each record below the heading to `take`, in the file's order.
    ///
    /// # Errors
    ///
    /// [`Broken`] where a quote is not closed.
    pub fn each(&self, columns: &Columns, mut take: impl FnMut(&TextRecord<'_>)) -> Result<(), Broken> {
        // Flexible, since a row of another length is told by its number, and does not hide the ones behind it.
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .delimiter(self.delimiter)
            .from_reader(self.text);
        let mut fields = ByteRecord::new();
        let (mut line, mut counted, mut is_heading) = (self.first_line, 0, true);
        loop {
            let begin = offset(reader.position());
            let broken = |line, what: &str| Broken { line, what: what.to_owned() };
            if !reader.read_byte_record(&mut fields).map_err(|error| broken(line, &error.to_string()))? {
                return Err(broken(line, "a quote is not closed up to the end of the file"));
            }
            // Empty lines before a record belong to none.
            let raw = &self.text[begin..offset(reader.position())];
            let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            line += breaks(&self.text[counted..begin + blank]);
            counted = begin + blank;
            if is_end(&fields) {
                return Ok(());
            }
            let raw = raw[blank..].trim_ascii_end();
            let is_well_quoted = !raw.contains(&b'"') || is_well_quoted(raw, self.delimiter);
            if raw.contains(&b'\n') {
                if raw.ends_with(&END[1..]) {
                    return Err(broken(line, "a quote is not closed up to the end of the file"));
                }
                if let Some(what) = self.swallowed(raw, is_well_quoted, columns) {
                    return Err(broken(line, what));
                }
            }
            if !std::mem::take(&mut is_heading) {
                take(&TextRecord { line, fields: &fields, is_well_quoted });
            }
        }
    }

    /// Why a record of several lines has swallowed others, if it has.
    fn swallowed(&self, raw: &[u8], is_well_quoted: bool, columns: &Columns) -> Option<&'static str> {
        if !is_well_quoted {
            return Some("a quote swallows line breaks and ends within a field");
        }
        let lines = raw.split(|byte| *byte == b'\n').skip(1);
        if lines.clone().count() > MAX_BREAKS {
            return Some("a quoted field holds more than 100 line breaks, as if its quote were not closed");
        }
        // Free text may hold delimiters, but hardly those of a whole row with a number and a quantity in their places.
        let is_row = |line: &[u8]| {
            heading(line, self.delimiter).is_some_and(|fields| {
                let quantity = std::str::from_utf8(columns.field(&fields, ColumnRole::Quantity)).unwrap_or_default();
                fields.len() == columns.width
                    && columns.field(&fields, ColumnRole::Order).iter().any(u8::is_ascii_digit)
                    && quantity.parse::<i64>().is_ok()
            })
        };
        { lines }.any(is_row).then_some("a quoted field holds a whole row, as if its quote were not closed")
    }
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

fn is_end(fields: &ByteRecord) -> bool {
    fields.len() == 1 && fields.get(0) == Some(&END[1..])
}

fn breaks(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The first record of a text.
fn heading(text: &[u8], delimiter: u8) -> Option<ByteRecord> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).delimiter(delimiter).from_reader(text);
    let mut fields = ByteRecord::new();
    reader.read_byte_record(&mut fields).unwrap_or(false).then_some(fields)
}

/// Whether each quote that opens a field closes it: behind it the next field begins, or the row ends.
fn is_well_quoted(record: &[u8], delimiter: u8) -> bool {
    let mut rest = record;
    loop {
        if let Some(mut quoted) = rest.strip_prefix(b"\"") {
            loop {
                let Some(end) = quoted.iter().position(|byte| *byte == b'"') else { return false };
                quoted = &quoted[end + 1..];
                match quoted.strip_prefix(b"\"") {
                    Some(more) => quoted = more,
                    None => break,
                }
            }
            match quoted.trim_ascii_start() {
                _ if quoted.first() == Some(&delimiter) => rest = &quoted[1..],
                [] => return true,
                _ => return false,
            }
            continue;
        }
        match rest.iter().position(|byte| *byte == delimiter) {
            Some(end) => rest = &rest[end + 1..],
            None => return true,
        }
    }
}
