//! The inputs that a user's arguments stand for.

use crate::read::error::ReadError;
use crate::shared_sort::SharedSort;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One thing to read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// The name for reports, safe to print on a terminal.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => printable(&path.to_string_lossy()),
            Self::Stdin => "standard input".to_owned(),
        }
    }
}

/// The inputs behind `arguments`, in their order: a file as it is, a folder with all files below it (sorted, hidden
/// ones left out), a pattern with all that it matches (sorted), `-` for standard input. An argument that stands for
/// nothing is an error beside the inputs of the others, and so is a link below a folder that leads to another folder, unless
/// what it leads to is read anyway.
#[must_use]
pub fn expand(arguments: &[String]) -> (Vec<Input>, Vec<ReadError>) {
    let mut expansion = Expansion::default();
    for argument in arguments {
        if let Err(error) = expansion.take(argument) {
            expansion.errors.push(error);
        }
    }
    expansion.tell_links();
    (expansion.inputs, expansion.errors)
}

/// What arguments stand for, as far as they were looked at.
#[derive(Default)]
struct Expansion {
    inputs: Vec<Input>,
    errors: Vec<ReadError>,
    /// The folders that are read.
    folders: Vec<PathBuf>,
    /// The links to folders that were met below them.
    links: Vec<PathBuf>,
}

impl Expansion {
    fn take(&mut self, argument: &str) -> Result<(), ReadError> {
        let path = Path::new(argument);
        if argument == "-" {
            self.inputs.push(Input::Stdin);
            Ok(())
        } else if path.exists() {
            self.take_path(path)
        } else if argument.contains(['*', '?', '[']) {
            self.take_pattern(argument)
        } else {
            Err(ReadError::Missing { name: printable(argument) })
        }
    }

    fn take_path(&mut self, path: &Path) -> Result<(), ReadError> {
        if !path.is_dir() {
            self.inputs.push(Input::File(path.to_owned()));
            return Ok(());
        }
        let before = (self.errors.len(), self.links.len());
        self.folders.push(path.to_owned());
        let files = files_below(path, &mut self.errors, Some(&mut self.links));
        if files.is_empty() && (self.errors.len(), self.links.len()) == before {
            return Err(ReadError::EmptyFolder { name: printable(&path.to_string_lossy()) });
        }
        self.inputs.extend(files.into_iter().map(Input::File));
        Ok(())
    }

    fn take_pattern(&mut self, pattern: &str) -> Result<(), ReadError> {
        let wrong = |error: glob::PatternError| ReadError::BadPattern {
            pattern: printable(pattern),
            reason: error.msg.to_owned(),
        };
        let before = (self.inputs.len(), self.errors.len());
        if pattern.contains("**") {
            let compiled = glob::Pattern::new(pattern).map_err(wrong)?;
            self.inputs.extend(files_matching(&compiled, &mut self.errors).into_iter().map(Input::File));
        } else {
            for path in glob::glob(pattern).map_err(wrong)? {
                match path {
                    Ok(path) => {
                        if let Err(error) = self.take_path(&path) {
                            self.errors.push(error);
                        }
                    }
                    Err(error) => {
                        let path = error.path().to_owned();
                        self.errors.push(unreadable(&path, error.into()));
                    }
                }
            }
        }
        if (self.inputs.len(), self.errors.len()) == before {
            return Err(ReadError::NoMatch { pattern: printable(pattern) });
        }
        Ok(())
    }

    /// Tells of the links to what lies below none of the folders.
    fn tell_links(&mut self) {
        let read: Vec<PathBuf> = self.folders.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        let is_read = |link: &PathBuf| {
            fs::canonicalize(link).is_ok_and(|target| read.iter().any(|folder| target.starts_with(folder)))
        };
        let not_read = self.links.iter().filter(|link| !is_read(link));
        let told = not_read.map(|link| ReadError::LinkedFolder { name: printable(&link.to_string_lossy()) });
        self.errors.extend(told);
    }
}

/// The files that a pattern with `**` matches, or that lie in folders that it matches. The glob crate would follow links
/// to folders here, and two links that lead back up are ways without end. As in a shell, `**` does not stand for a link.
fn files_matching(pattern: &glob::Pattern, errors: &mut Vec<ReadError>) -> Vec<PathBuf> {
    let options = glob::MatchOptions { require_literal_separator: true, ..glob::MatchOptions::new() };
    let fixed = Path::new(pattern.as_str())
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']));
    let fixed: PathBuf = fixed.collect();
    let here = fixed.as_os_str().is_empty();
    let mut files = files_below(if here { Path::new(".") } else { &fixed }, errors, None);
    if here {
        files = files.into_iter().map(|file| file.strip_prefix(".").map(Path::to_owned).unwrap_or(file)).collect();
    }
    files.retain(|file| file.ancestors().any(|path| pattern.matches_path_with(path, options)));
    files
}

fn unreadable(path: &Path, source: io::Error) -> ReadError {
    ReadError::Io { name: printable(&path.to_string_lossy()), offset: 0, source }
}

/// All files below a folder, sorted by path. Links to folders are not followed, so that no ring can catch us: `links` takes
/// note of them. A folder
/// below it that cannot be read, a file that cannot be looked at, and a link that leads nowhere, cost nothing but themselves.
fn files_below(folder: &Path, errors: &mut Vec<ReadError>, mut links: Option<&mut Vec<PathBuf>>) -> Vec<PathBuf> {
    let (mut files, mut met) = (Vec::new(), Vec::new());
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                errors.push(unreadable(&folder, error));
                continue;
            }
        };
        for entry in entries {
            match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                Ok((_, entry)) if entry.file_name().as_encoded_bytes().starts_with(b".") => {}
                Ok((kind, entry)) if kind.is_dir() => folders.push(entry.path()),
                Ok((kind, entry)) => match fs::metadata(entry.path()) {
                    Ok(target) if target.is_file() => files.push(entry.path()),
                    Ok(target) if target.is_dir() => met.push(entry.path()),
                    Err(error) if kind.is_symlink() || error.kind() != io::ErrorKind::NotFound => {
                        errors.push(unreadable(&entry.path(), error));
                    }
                    // A pipe, a device; or a file that was there a moment ago.
                    _ => {}
                },
                Err(error) => errors.push(unreadable(&folder, error)),
            }
        }
    }
    files.shared_sort();
    met.shared_sort();
    if let Some(links) = &mut links {
        links.append(&mut met);
    }
    files
}

/// `text` with everything escaped that steers a terminal or turns the direction of text.
pub(crate) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Quotes and the like are harmless, and are part of names.
        if c.is_ascii_graphic() { out.push(c) } else { out.extend(c.escape_debug()) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_harmlessly() {
        assert_eq!(printable("a b'\"\\ä漢.json"), "a b'\"\\ä漢.json");
        assert_eq!(printable("\u{1b}[2J\n\u{9b}\u{202e}"), "\\u{1b}[2J\\n\\u{9b}\\u{202e}");
    }

    #[test]
    fn folders_patterns_and_files_are_expanded_in_order() {
        let root = std::env::temp_dir().join(format!("whyspan-input-{}", std::process::id()));
        fs::create_dir_all(root.join("b/c/d/e")).expect("a folder");
        for file in ["b/c/2.json", "b/1.pb", "a.json", ".hidden", "b/c/d/e/3.json"] {
            fs::write(root.join(file), "").expect("a file");
        }
        let at = |path: &str| root.join(path).to_string_lossy().into_owned();
        let (inputs, errors) = expand(&[at("b/c"), "-".into(), at("*.json"), at("none"), at("*.none"), at("a.json")]);
        let file = |path: &str| Input::File(root.join(path));
        let wanted = [file("b/c/2.json"), file("b/c/d/e/3.json"), Input::Stdin, file("a.json"), file("a.json")];
        assert_eq!(inputs, wanted);
        for (pattern, wanted) in [
            ("**/*.json", &["a.json", "b/c/2.json", "b/c/d/e/3.json"][..]),
            ("b/**", &["b/1.pb", "b/c/2.json", "b/c/d/e/3.json"]),
            ("**/d", &["b/c/d/e/3.json"]),
            ("b/**/c/*", &["b/c/2.json", "b/c/d/e/3.json"]),
        ] {
            let wanted: Vec<Input> = wanted.iter().map(|path| file(path)).collect();
            assert_eq!(expand(&[at(pattern)]).0, wanted, "{pattern}");
        }
        assert!(matches!(errors[..], [ReadError::Missing { .. }, ReadError::NoMatch { .. }]), "{errors:?}");
        fs::remove_dir_all(root).expect("removed");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_folder_that_is_not_read_anyway_is_an_error_of_its_own() {
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().expect("a folder");
        let at = |path: &str| root.path().join(path).to_string_lossy().into_owned();
        for folder in ["dumps/today", "elsewhere", "links"] {
            fs::create_dir_all(at(folder)).expect("a folder");
        }
        fs::write(at("dumps/today/1.json"), "").expect("a file");
        fs::write(at("elsewhere/2.json"), "").expect("a file");
        symlink("today", at("dumps/latest")).expect("a link");
        symlink("..", at("dumps/today/up")).expect("a link");
        symlink(at("elsewhere"), at("dumps/other")).expect("a link");
        symlink(at("elsewhere"), at("links/only")).expect("a link");
        let told = |arguments: &[&str]| {
            let (inputs, errors) = expand(&arguments.iter().map(|path| at(path)).collect::<Vec<_>>());
            let links = errors.into_iter().map(|error| match error {
                ReadError::LinkedFolder { name } => name,
                other => other.to_string(),
            });
            (inputs.len(), links.collect::<Vec<_>>())
        };
        assert_eq!(told(&["dumps"]), (1, vec![at("dumps/other")]));
        assert_eq!(told(&["links"]), (0, vec![at("links/only")]));
        // Both lead to what is read by its own name; a link that is named itself is followed.
        assert_eq!(told(&["dumps", "elsewhere", "links"]), (2, vec![]));
        assert_eq!(told(&["dumps/other"]), (1, vec![]));
        assert_eq!(told(&["dumps/**/*.json"]), (1, vec![]));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_cannot_be_looked_at_is_an_error_of_its_own() {
        // To all users alike: a path that is longer than the system takes, once the folder at its top has a long name.
        const LONGEST: usize = 4095;
        let root = tempfile::tempdir().expect("a folder");
        let (long, mut below) = ("x".repeat(255), PathBuf::new());
        let length = |below: &Path| root.path().join(&long).join(below).as_os_str().len();
        while length(&below) + 255 < LONGEST {
            below.push("y".repeat((LONGEST - length(&below) - 2).min(200)));
        }
        fs::create_dir_all(root.path().join("t").join(&below)).expect("folders");
        let name = "z".repeat(LONGEST + 1 - length(&below));
        fs::write(root.path().join("t").join(&below).join(&name), "").expect("a file");
        fs::write(root.path().join("t/good.json"), "").expect("a file");
        fs::rename(root.path().join("t"), root.path().join(&long)).expect("renamed");
        let (inputs, errors) = expand(&[root.path().to_string_lossy().into_owned()]);
        assert_eq!(inputs, [Input::File(root.path().join(&long).join("good.json"))]);
        assert!(matches!(&errors[..], [ReadError::Io { name: told, .. }] if told.ends_with(&name)), "{errors:?}");
    }
}
