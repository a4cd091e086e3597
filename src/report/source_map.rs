//! Paths of stack traces as paths of the repository: what a container calls `/usr/src/app/charge.js` is
//! `services/payment/charge.js` where the code is kept.

use crate::report::source_path::{Base, SourcePath, Spelt};
use crate::shared_sort::SharedSort;
use thiserror::Error;

/// Which folders of running services are which folders of the repository.
///
/// ```
/// # use whyspan::report::source_map::SourceMap;
/// let map = SourceMap::parse(["/usr/src/app=services/payment", "/usr/src/app/lib=lib"]).unwrap();
/// assert_eq!(map.path("/usr/src/app/charge.js").as_str(), "services/payment/charge.js");
/// assert_eq!(map.path("/usr/src/app/lib/money.js").as_str(), "lib/money.js");
/// assert_eq!(map.path("/usr/src/application.js").as_str(), "/usr/src/application.js");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceMap {
    /// The longest first, so that the first that fits is the one that counts.
    mappings: Vec<Mapping>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Mapping {
    from: Spelt,
    to: Vec<String>,
}

/// What is wrong with a mapping, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SourceMapError {
    /// There is no `=` in it.
    #[error(
        "{0:?} maps nothing: write FROM=TO, such as /usr/src/app=services/payment, where FROM is the folder that stack \
         traces name and TO the folder of the repository"
    )]
    NoTarget(String),
    /// Nothing stands before the `=`.
    #[error(
        "{0:?} does not say what it maps: write the folder that stack traces name before the =, such as /usr/src/app"
    )]
    NoSource(String),
    /// The target is not below the root of the repository.
    #[error(
        "{0:?} leads out of the repository: write TO relative to the root of the repository, such as services/payment, \
         without a leading / and without .."
    )]
    Outside(String),
    /// One folder is mapped to two.
    #[error("{0:?} is mapped twice, to different folders: keep one of the two")]
    Twice(String),
}

impl SourceMap {
    /// Reads mappings `FROM=TO`, cut at the first `=`. `FROM` is a folder (or a file) as stack traces name it; `.` stands
    /// for all relative paths. `TO` is relative to the root of the repository; empty or `.` is the root itself.
    ///
    /// # Errors
    ///
    /// For a mapping that is none, that leads out of the repository, or that contradicts another one.
    pub fn parse<S: AsRef<str>>(mappings: impl IntoIterator<Item = S>) -> Result<Self, SourceMapError> {
        let mut read: Vec<Mapping> = Vec::new();
        for text in mappings {
            let text = text.as_ref();
            let told = || text.to_owned();
            let (from, to) = text.split_once('=').ok_or_else(|| SourceMapError::NoTarget(told()))?;
            if from.trim().is_empty() {
                return Err(SourceMapError::NoSource(told()));
            }
            let (from, to) = (Spelt::of(from.trim()), Spelt::of(to.trim()));
            if to.absolute || to.climbs || from.climbs {
                return Err(SourceMapError::Outside(told()));
            }
            match read.iter().find(|other| other.from == from) {
                Some(other) if other.to != to.parts => return Err(SourceMapError::Twice(told())),
                Some(_) => {}
                None => read.push(Mapping { from, to: to.parts }),
            }
        }
        // Stable, and no two have the same folder.
        read.shared_sort_by_key(|mapping| std::cmp::Reverse(mapping.from.parts.len()));
        Ok(Self { mappings: read })
    }

    /// Where a file of a stack trace lies. The longest folder that leads to it counts, by whole names:
    ///
    /// ```text
    /// /usr/src/app=services/payment      /usr/src/app/charge.js    -> services/payment/charge.js
    /// /usr/src=services                  /usr/src/mail/app.py      -> services/mail/app.py
    ///                                    /usr/srcs/x.py            -> /usr/srcs/x.py, not in the repository
    /// ```
    ///
    /// Relative paths that no mapping names are taken for paths of the repository: code that is run from a checkout is
    /// traced so.
    #[must_use]
    pub fn path(&self, file: &str) -> SourcePath {
        let spelt = Spelt::of(file);
        let leads = |mapping: &&Mapping| {
            mapping.from.absolute == spelt.absolute && !spelt.climbs && spelt.parts.starts_with(&mapping.from.parts)
        };
        let Some(mapping) = self.mappings.iter().find(leads) else {
            let base = match (spelt.absolute, spelt.climbs) {
                (true, _) => Base::FileSystem,
                (false, true) => Base::Unknown,
                (false, false) => Base::Repository,
            };
            return SourcePath::new(base, spelt.parts);
        };
        let rest = &spelt.parts[mapping.from.parts.len()..];
        let mut parts: Vec<String> = mapping.to.iter().chain(rest).cloned().collect();
        if parts.is_empty() {
            // A file that is mapped to the root keeps its name.
            parts.extend(spelt.parts.last().cloned());
        }
        SourcePath::new(Base::Repository, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(mappings: &[&str]) -> SourceMap {
        SourceMap::parse(mappings).expect("good mappings")
    }

    fn uri(map: &SourceMap, file: &str) -> (String, Option<&'static str>) {
        let path = map.path(file);
        (path.uri(), path.base_id())
    }

    #[test]
    fn the_longest_folder_counts_whatever_the_order() {
        for mappings in [["/app=a", "/app/lib=b"], ["/app/lib=b", "/app=a"]] {
            let map = map(&mappings);
            assert_eq!(map.path("/app/lib/x.js").as_str(), "b/x.js");
            assert_eq!(map.path("/app/libs/x.js").as_str(), "a/libs/x.js");
            assert_eq!(map.path("/app//./lib/../y.js").as_str(), "a/y.js");
        }
    }

    #[test]
    fn every_spelling_of_a_path_is_understood() {
        let map = map(&["/usr/src/app/=services/payment/", "C:\\app=win", "webpack://shop=web", ".=py", "/tool/x.js="]);
        assert_eq!(map.path("file:///usr/src/app/a%20b.mjs").as_str(), "services/payment/a b.mjs");
        assert_eq!(map.path("C:\\app\\src\\x.cs").as_str(), "win/src/x.cs");
        assert_eq!(map.path("webpack://shop/./src/x.ts").as_str(), "web/src/x.ts");
        assert_eq!(map.path("app/main.py").as_str(), "py/app/main.py");
        // A file that is mapped to the root itself keeps its name.
        assert_eq!(map.path("/tool/x.js").as_str(), "x.js");
    }

    #[test]
    fn uris_are_relative_and_never_lead_upwards() {
        let map = map(&["/app=services/a b"]);
        assert_eq!(uri(&map, "/app/[id].tsx"), ("services/a%20b/%5Bid%5D.tsx".to_owned(), Some("%SRCROOT%")));
        assert_eq!(uri(&map, "/srv/x.js"), ("srv/x.js".to_owned(), Some("CONTAINER")));
        assert_eq!(uri(&map, "/../../etc/x"), ("etc/x".to_owned(), Some("CONTAINER")));
        assert_eq!(uri(&map, "/app/../../x.js"), ("x.js".to_owned(), Some("CONTAINER")));
        assert_eq!(uri(&map, "../lib/x.js"), ("lib/x.js".to_owned(), None));
        assert_eq!(uri(&map, "lib/x.js"), ("lib/x.js".to_owned(), Some("%SRCROOT%")));
        assert_eq!(uri(&map, "javascript:alert(1)").0, "javascript%3Aalert(1)");
        assert_eq!(uri(&map, "https://evil.example/x.js").0, "https%3A/evil.example/x.js");
        assert_eq!(uri(&map, "a\n\u{0}\u{202e}?#%").0, "a%0A%00%E2%80%AE%3F%23%25");
        // What a URI may encode, it may not encode into a step upwards.
        assert_eq!(uri(&map, "file:///app/%2e%2e/%2e%2e/x.js").0, "x.js");
        assert_eq!(uri(&map, "").0, "unknown");
    }

    #[test]
    fn errors_say_what_to_write() {
        let error = |mappings: &[&str]| SourceMap::parse(mappings).expect_err("a bad mapping").to_string();
        assert!(error(&["/usr/src/app"]).contains("write FROM=TO, such as /usr/src/app=services/payment"));
        assert!(error(&["=services"]).contains("before the ="));
        for outside in ["/app=/services", "/app=../services", "/app=a/../../b", "/app=C:/x", "/app=file:///x"] {
            assert!(error(&[outside]).contains("relative to the root of the repository"), "{outside}");
        }
        assert!(error(&["/app=a", "/app/=b"]).contains("mapped twice"));
        assert_eq!(map(&["/app=a", "/app/=./a"]), map(&["/app=a"]));
    }
}
