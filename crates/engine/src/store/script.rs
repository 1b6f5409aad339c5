//! A script of SQL as its statements, each word for word, so that they can be sent one by one.
//!
//! It is cut where psql would cut it: at a `;` that stands in no string, no quoted name, no comment, no dollar quotes, between
//! no parentheses, and within no body of a function in the SQL standard's form (`BEGIN ATOMIC ... END`). Nothing else of SQL is
//! known here. (The crates that do this are parsers of the whole language, bindings to PostgreSQL's own, or unmaintained.)

/// A script that ends within something.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what} is never closed")]
pub struct Unclosed {
    /// Where it begins; the first line is 1.
    pub line: usize,
    /// What is open.
    pub what: &'static str,
}

/// How much of a statement is repeated where it is told of.
const TOLD: usize = 72;

/// The statements of a script, in their order, each from its first word to its last; comments before and behind it are left
/// out, and so is what holds nothing else.
pub(super) fn statements(script: &str) -> Result<Vec<&str>, Unclosed> {
    let bytes = script.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut begun): (usize, Option<(usize, usize)>) = (0, None); // its first byte, and the one behind its last
    let (mut parentheses, mut body) = (0_usize, Body::default());
    while let Some(&byte) = bytes.get(at) {
        let (piece, end) = piece(script, at)?;
        match (piece, byte) {
            (Piece::Nothing, _) => {}
            (Piece::Other, b';') if parentheses == 0 && !body.is_open() => {
                found.extend(begun.take().map(|(first, last)| &script[first..last]));
                body = Body::default();
            }
            (piece, byte) => {
                match (&piece, byte) {
                    (Piece::Word, _) => body.read(&script[at..end]),
                    (_, b'(') => parentheses += 1,
                    (_, b')') => parentheses = parentheses.saturating_sub(1),
                    _ => {}
                }
                begun = Some((begun.map_or(at, |(first, _)| first), end));
            }
        }
        at = end;
    }
    found.extend(begun.map(|(first, last)| &script[first..last]));
    Ok(found)
}

/// The first words of a statement, on one line, for people.
pub(super) fn first_words(statement: &str) -> String {
    let mut told = String::new();
    for word in statement.lines().flat_map(|line| line.split("--").next().unwrap_or_default().split_whitespace()) {
        if !told.is_empty() && told.len() + word.len() >= TOLD {
            return told + " ...";
        }
        if !told.is_empty() {
            told.push(' ');
        }
        told.extend(word.chars().take(TOLD));
    }
    told
}

enum Piece {
    /// Blanks and comments.
    Nothing,
    /// A name without quotes, or a word of the language.
    Word,
    /// All else: strings, quoted names, dollar quotes, signs.
    Other,
}

/// What begins at a place, and where it ends.
fn piece(script: &str, at: usize) -> Result<(Piece, usize), Unclosed> {
    let bytes = script.as_bytes();
    let (byte, next) = (bytes[at], bytes.get(at + 1).copied());
    let unclosed = |what| Unclosed { line: 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count(), what };
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii();
    let behind = |from: usize, is: &dyn Fn(u8) -> bool| {
        bytes[from..].iter().position(|byte| !is(*byte)).map_or(bytes.len(), |length| from + length)
    };
    Ok(match (byte, next) {
        (blank, _) if blank.is_ascii_whitespace() || blank == 0x0b => (Piece::Nothing, at + 1),
        (b'-', Some(b'-')) => (Piece::Nothing, behind(at, &|byte| byte != b'\n')),
        (b'/', Some(b'*')) => (Piece::Nothing, comment(bytes, at).ok_or_else(|| unclosed("a comment"))?),
        (b'\'', _) => (Piece::Other, quoted(bytes, at, false).ok_or_else(|| unclosed("a string"))?),
        (b'"', _) => (Piece::Other, quoted(bytes, at, false).ok_or_else(|| unclosed("a quoted name"))?),
        // In this kind of a string alone a backslash takes what follows.
        (b'e' | b'E', Some(b'\'')) => (Piece::Other, quoted(bytes, at + 1, true).ok_or_else(|| unclosed("a string"))?),
        (b'$', _) => match dollar_tag(&script[at..]) {
            Some(tag) => {
                let inside = at + tag.len();
                let length = script[inside..].find(tag).ok_or_else(|| unclosed("a dollar quote"))?;
                (Piece::Other, inside + length + tag.len())
            }
            None => (Piece::Other, behind(at + 1, &|byte| byte.is_ascii_digit())), // a parameter, or a stray sign
        },
        // A number takes the letters behind it along, or the last one would be taken for the kind of a string.
        (first, _) if is_of_word(first) => (Piece::Word, behind(at, &is_of_word)),
        _ => (Piece::Other, at + 1),
    })
}

/// Behind a comment, which may hold others.
fn comment(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'/', Some(b'*')) => (depth, at) = (depth + 1, at + 2),
            (b'*', Some(b'/')) if depth == 1 => return Some(at + 2),
            (b'*', Some(b'/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
}

/// Behind what the quote at a place opens. A doubled quote stands for itself: it closes and opens, which comes to the same.
fn quoted(bytes: &[u8], at: usize, escapes: bool) -> Option<usize> {
    let quote = bytes[at];
    let mut at = at + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' if escapes => at += 2,
            // What comes of an escape string goes on as one behind a doubled quote.
            byte if byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// `$$` or `$tag$` at the begin of a text.
fn dollar_tag(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('$')?;
    let end = inside.find('$')?;
    let tag = &inside[..end];
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || !letter.is_ascii();
    let fits = tag.chars().all(is_name) && !tag.starts_with(|first: char| first.is_ascii_digit());
    fits.then_some(&text[..end + 2])
}

/// How deep a statement is in the body of a function that is written as SQL and not as text, told as psql tells it.
#[derive(Default)]
struct Body {
    words: usize,
    creates: bool,
    of_a_routine: bool,
    depth: usize,
}

impl Body {
    fn read(&mut self, word: &str) {
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        self.words += 1;
        match self.words {
            1 => self.creates = is("create"),
            2..=4 if !self.of_a_routine => self.of_a_routine = self.creates && (is("function") || is("procedure")),
            _ if !self.of_a_routine => {}
            _ if is("begin") || is("case") && self.depth > 0 => self.depth += 1,
            _ if is("end") => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    fn is_open(&self) -> bool {
        self.depth > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(script: &str) -> Vec<&str> {
        statements(script).unwrap()
    }

    #[test]
    fn a_script_is_cut_between_its_statements() {
        assert_eq!(parts("SELECT 1; SELECT 2;\n\n SELECT 3"), ["SELECT 1", "SELECT 2", "SELECT 3"]);
        assert_eq!(parts("-- one; two\nSELECT 1 -- three;\n; -- four\n"), ["SELECT 1"]);
        assert!(parts("").is_empty() && parts(" ;; -- nothing\n /* at all; */ ;").is_empty());
        assert_eq!(parts("/* a; /* b; */ c; */ SELECT 1 /* d; */ + 2;"), ["SELECT 1 /* d; */ + 2"]);
    }

    #[test]
    fn what_is_quoted_holds_no_end() {
        for whole in [
            "SELECT ';'",
            "SELECT 'it''s; so'",
            r"SELECT E'it\'s; so', 'C:\'",
            r"SELECT e'\\', 'x;y'",
            r#"SELECT 1 AS "a;""b;""#,
            "SELECT $$a; 'b; $1 $x$ $$",
            "SELECT $tag$a; $$ b; $tag $tag$",
            "SELECT $ä$;$ä$",
            "SELECT U&'d\\0061t;', B'1', N'x;'",
            "SELECT a$b, c$$ FROM t$1", // a sign within a name opens nothing
            "SELECT $1, $2",
            "SELECT 1 - -1, 2 / 3 * 4",
            "SELECT '/* ', ' -- '",
            "DO $$ BEGIN x; END $$",
        ] {
            assert_eq!(parts(&format!("{whole}; SELECT 'next';")), [whole, "SELECT 'next'"], "{whole}");
        }
    }

    #[test]
    fn a_name_that_ends_in_e_is_no_kind_of_string() {
        assert_eq!(parts(r"SELECT name'\'; SELECT 2"), [r"SELECT name'\'", "SELECT 2"]);
    }

    #[test]
    fn rules_and_bodies_of_functions_stay_whole() {
        let rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b)";
        let function = "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC
            SELECT CASE WHEN true THEN 1 END; SELECT 2; END";
        let procedure = "create procedure p() begin atomic insert into t values (1); end";
        let script = format!("{rule}; {function}; {procedure}; SELECT CASE WHEN true THEN 1 END; BEGIN; COMMIT;");
        let ends = ["SELECT CASE WHEN true THEN 1 END", "BEGIN", "COMMIT"];
        assert_eq!(parts(&script), [&[rule, function, procedure][..], &ends[..]].concat());
    }

    #[test]
    fn what_is_never_closed_is_told() {
        let told = |script: &str| statements(script).unwrap_err().to_string();
        assert_eq!(told("SELECT 1;\nSELECT 'a"), "line 2: a string is never closed");
        assert_eq!(told("SELECT E'a\\'"), "line 1: a string is never closed");
        assert_eq!(told("SELECT \"a"), "line 1: a quoted name is never closed");
        assert_eq!(told("/* /* */"), "line 1: a comment is never closed");
        assert_eq!(told("\n\nDO $x$ BEGIN $y$ END $$"), "line 3: a dollar quote is never closed");
    }

    #[test]
    fn first_words_are_one_short_line() {
        assert_eq!(
            first_words("ALTER TABLE a\n    ADD COLUMN b -- why\n    integer"),
            "ALTER TABLE a ADD COLUMN b integer"
        );
        let long = first_words(&format!("CREATE TABLE t ({})", "c integer, ".repeat(40)));
        assert!(long.starts_with("CREATE TABLE t (c integer,") && long.ends_with(" ...") && long.len() < 80, "{long}");
        assert_eq!(first_words(&"x".repeat(500)).len(), TOLD);
    }
}
