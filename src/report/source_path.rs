//! One place of the code, spelt for those who show it: as a path, and as a relative URI.

use crate::report::plain_text::one_line;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// How many characters of a path are kept, those at its end.
const LONGEST: usize = 1_000;

/// What a segment of a path may hold as it is (`pchar` of RFC 3986, section 3.3), but for the colon: a relative reference
/// whose first segment has one would be read as a scheme.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

/// What a path is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The root of the repository.
    Repository,
    /// The root of the file system in which the service ran.
    FileSystem,
    /// No file: the names of services in the telemetry.
    Telemetry,
    /// Nobody knows.
    Unknown,
}

impl Base {
    /// The name that a SARIF log gives it (`uriBaseId`).
    pub(crate) fn id(self) -> Option<&'static str> {
        match self {
            Self::Repository => Some("%SRCROOT%"),
            Self::FileSystem => Some("CONTAINER"),
            Self::Telemetry => Some("TELEMETRY"),
            Self::Unknown => None,
        }
    }
}

/// A path in one of its spellings, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spelt {
    /// It starts at a root: `/`, a drive, a scheme.
    pub(crate) absolute: bool,
    /// It is relative and leads above where it starts.
    pub(crate) climbs: bool,
    /// Its names, without `.` and `..`.
    pub(crate) parts: Vec<String>,
}

impl Spelt {
    /// Takes a path apart: with slashes or backslashes, or as a `file:` URL. `..` is worked out by name.
    pub(crate) fn of(path: &str) -> Self {
        let path = match path.strip_prefix("file://") {
            Some(url) => percent_decode_str(url).decode_utf8_lossy().into_owned(),
            None => path.to_owned(),
        };
        let rooted = path.starts_with(['/', '\\']);
        let (mut parts, mut climbs): (Vec<String>, bool) = (Vec::new(), false);
        for part in path.split(['/', '\\']) {
            match part {
                "" | "." => {}
                ".." => climbs |= parts.pop().is_none(),
                _ => parts.push(part.to_owned()),
            }
        }
        let absolute = rooted || parts.first().is_some_and(|first| first.ends_with(':'));
        Self { absolute, climbs: climbs && !absolute, parts }
    }
}

/// Where a file lies, or what stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePath {
    base: Base,
    parts: Vec<String>,
    shown: String,
}

impl SourcePath {
    pub(crate) fn new(base: Base, mut parts: Vec<String>) -> Self {
        let mut room = LONGEST;
        let kept = parts.iter().rev().take_while(|part| {
            let length = part.chars().count() + 1;
            let fits = length <= room;
            room = room.saturating_sub(length);
            fits
        });
        let kept = kept.count();
        parts.drain(..parts.len() - kept);
        if parts.is_empty() {
            parts.push("unknown".to_owned());
        }
        let root = if base == Base::FileSystem && !parts[0].ends_with(':') { "/" } else { "" };
        let shown = format!("{root}{}", one_line(&parts.join("/")));
        Self { base, parts, shown }
    }

    /// What stands for the code of a service when no stack trace tells a file of it: `telemetry/<service>`. Reports are
    /// refused or shown nowhere without a path, and this one can be no file by accident.
    pub(crate) fn of_service(service: &str) -> Self {
        let harmless = |c: char| if c.is_control() || matches!(c, '/' | '\\') { '_' } else { c };
        let name: String = service.chars().take(LONGEST / 4).map(harmless).collect();
        let name = if name.trim_matches('.').is_empty() { "unknown_service".to_owned() } else { name };
        Self::new(Base::Telemetry, vec!["telemetry".to_owned(), name])
    }

    /// The path for people: relative to the repository when it lies there, else as the stack trace has it. Slashes only,
    /// on one line, without control codes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// The path as a relative URI reference, percent-encoded: never absolute, without `.` and `..`.
    #[must_use]
    pub fn uri(&self) -> String {
        let encoded = self.parts.iter().map(|part| utf8_percent_encode(part, SEGMENT).to_string());
        encoded.collect::<Vec<_>>().join("/")
    }

    /// What the URI is relative to, by its name in a SARIF log; `None` when nobody knows.
    #[must_use]
    pub fn base_id(&self) -> Option<&'static str> {
        self.base.id()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_without_a_file_has_a_path_of_one_name() {
        let path = |service: &str| SourcePath::of_service(service).uri();
        assert_eq!(path("frontend"), "telemetry/frontend");
        assert_eq!(path("../../etc"), "telemetry/.._.._etc");
        assert_eq!([path(".."), path("")], ["telemetry/unknown_service", "telemetry/unknown_service"]);
        assert_eq!(path("a\nb c"), "telemetry/a_b%20c");
    }

    #[test]
    fn long_paths_keep_their_end() {
        let long = format!("/{}/file.js", vec!["folder"; 10_000].join("/"));
        let path = SourcePath::new(Base::FileSystem, Spelt::of(&long).parts);
        assert!(path.uri().len() <= LONGEST && path.uri().ends_with("folder/file.js"));
        assert_eq!(SourcePath::new(Base::FileSystem, vec!["x".repeat(5_000)]).uri(), "unknown");
    }
}
