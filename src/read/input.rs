//! The inputs that a user's arguments stand for.

use crate::read::error::ReadError;
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
/// nothing is an error beside the inputs of the others.
#[must_use]
pub fn expand(arguments: &[String]) -> (Vec<Input>, Vec<ReadError>) {
    let (mut inputs, mut errors) = (Vec::new(), Vec::new());
    for argument in arguments {
        if let Err(error) = expand_one(argument, &mut inputs) {
            errors.push(error);
        }
    }
    (inputs, errors)
}

fn expand_one(argument: &str, inputs: &mut Vec<Input>) -> Result<(), ReadError> {
    let path = Path::new(argument);
    if argument == "-" {
        inputs.push(Input::Stdin);
        Ok(())
    } else if path.exists() {
        expand_path(path, inputs)
    } else if argument.contains(['*', '?', '[']) {
        expand_pattern(argument, inputs)
    } else {
        Err(ReadError::Missing { name: printable(argument) })
    }
}

fn expand_path(path: &Path, inputs: &mut Vec<Input>) -> Result<(), ReadError> {
    if !path.is_dir() {
        inputs.push(Input::File(path.to_owned()));
        return Ok(());
    }
    let name = printable(&path.to_string_lossy());
    let files = files_below(path).map_err(|source| ReadError::Io { name: name.clone(), offset: 0, source })?;
    if files.is_empty() {
        return Err(ReadError::EmptyFolder { name });
    }
    inputs.extend(files.into_iter().map(Input::File));
    Ok(())
}

fn expand_pattern(pattern: &str, inputs: &mut Vec<Input>) -> Result<(), ReadError> {
    let paths = glob::glob(pattern)
        .map_err(|error| ReadError::BadPattern { pattern: printable(pattern), reason: error.msg.to_owned() })?;
    let before = inputs.len();
    for path in paths {
        match path {
            Ok(path) => expand_path(&path, inputs)?,
            Err(error) => {
                let name = printable(&error.path().to_string_lossy());
                return Err(ReadError::Io { name, offset: 0, source: error.into() });
            }
        }
    }
    if inputs.len() == before { Err(ReadError::NoMatch { pattern: printable(pattern) }) } else { Ok(()) }
}

/// All files below a folder, sorted by path. Links to folders are not followed, so that no ring can catch us.
fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// `text` with control characters escaped.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_patterns_and_files_are_expanded_in_order() {
        let root = std::env::temp_dir().join(format!("whyspan-input-{}", std::process::id()));
        fs::create_dir_all(root.join("b/c")).expect("a folder");
        for file in ["b/c/2.json", "b/1.pb", "a.json", ".hidden"] {
            fs::write(root.join(file), "").expect("a file");
        }
        let at = |path: &str| root.join(path).to_string_lossy().into_owned();
        let (inputs, errors) = expand(&[at("b"), "-".into(), at("*.json"), at("none"), at("*.none"), at("a.json")]);
        let file = |path: &str| Input::File(root.join(path));
        let wanted = [file("b/1.pb"), file("b/c/2.json"), Input::Stdin, file("a.json"), file("a.json")];
        assert_eq!(inputs, wanted);
        assert!(matches!(errors[..], [ReadError::Missing { .. }, ReadError::NoMatch { .. }]), "{errors:?}");
        fs::remove_dir_all(root).expect("removed");
    }
}
