//! A file of announcements: every event that it holds, whatever its format, and in words what is none.

use crate::read::change_events::announced::{Announced, ChangeError, MOST_CHANGES};
use crate::read::change_events::field_mapping::FieldMapping;
use crate::read::change_events::formats::{UNDERSTOOD, changes_in};
use crate::read::change_events::records::Records;
use crate::read::quote::quote;
use serde_json::Value;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How much of a file is read, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// Reads a file of announcements. What the user's `mappings` find a key in is read by them, all else by what it looks like.
///
/// # Errors
///
/// When the file cannot be read. A record that cannot be used is a message, and costs nothing beside it.
pub fn read_changes(path: &Path, mappings: &[FieldMapping]) -> Result<Announced, ChangeError> {
    let name = path.display().to_string();
    let (bytes, whole) = bytes_of(path, &name)?;
    let mut announced = changes_of(&name, &bytes, mappings);
    if !whole {
        announced.messages.push(format!("{name}: only the first {} MiB are read", MOST_BYTES >> 20));
    }
    Ok(announced)
}

/// The bytes of a file as far as they are read, and whether those are all.
pub(super) fn bytes_of(path: &Path, name: &str) -> Result<(Vec<u8>, bool), ChangeError> {
    let wrong = |error: std::io::Error| ChangeError::Unreadable { name: name.to_owned(), reason: error.to_string() };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(wrong)?;
    let whole = bytes.len() as u64 <= MOST_BYTES;
    if !whole {
        bytes.pop();
    }
    Ok((bytes, whole))
}

/// Reads announcements from bytes; `name` is what messages call the input.
#[must_use]
pub fn changes_of(name: &str, bytes: &[u8], mappings: &[FieldMapping]) -> Announced {
    let mut announced = Announced::default();
    let mut records = Records::of(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    for record in &mut records {
        let place = || format!("{name}: record {} (line {})", record.number, record.line);
        let not = |reason: &str| format!("{}: no known change, left out: {reason}", place());
        // What can be read is told by what it is. Only of the rest the bytes are shown, as the user wants to find them.
        let broken = |reason: &str| format!("{}: {}", not(reason), quote(record.bytes));
        if let Some(fault) = record.fault {
            announced.tell(|| broken(fault));
            continue;
        }
        let value = match serde_json::from_slice::<Value>(record.bytes) {
            Ok(value) => value,
            Err(error) => {
                announced.tell(|| broken(&error.to_string()));
                continue;
            }
        };
        for change in changes_in(&value, mappings) {
            match change {
                Ok(change) => {
                    if !announced.take(change, name) {
                        let most = format!("no more than {MOST_CHANGES} changes are read");
                        announced.messages.push(format!("{}: left out, and all after it: {most}", place()));
                        return announced.ended(name);
                    }
                }
                Err(reason) => announced.tell(|| not(&reason)),
            }
        }
    }
    let nothing = announced.changes.is_empty() && announced.told() == 0;
    if nothing {
        announced.messages.push(format!("{name}: it holds no event"));
    } else if records.ended_in_list() {
        announced.tell(|| format!("{name}: it ends within a list, so events may be missing"));
    }
    let hint = announced.told() > 0;
    let mut announced = announced.ended(name);
    if hint {
        announced.messages.push(format!("{name}: what is understood: {UNDERSTOOD}"));
    }
    announced
}
