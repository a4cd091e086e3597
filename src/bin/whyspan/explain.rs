//! `whyspan explain`: what signatures were made of, and in what they differ.

use crate::args::Explain;
use crate::commands::{Failure, nothing_readable, read};
use crate::exit::Exit;
use crate::files::{EVIDENCE, text_of};
use crate::screen;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::evidence_cause::RootCause;
use whyspan::judge::grouping::Wanted;
use whyspan::read::options::ReadOptions;
use whyspan::report::plain_text::harmless_in_a_log;
use whyspan::report::{explanation, json};

pub(crate) fn run(explain: &Explain) -> Result<Exit, Failure> {
    let (signatures, inputs): (Vec<&String>, Vec<&String>) =
        explain.arguments.iter().partition(|argument| Wanted::of(argument).is_some());
    let wanted: Vec<Wanted> = signatures.iter().filter_map(|signature| Wanted::of(signature)).collect();
    if wanted.is_empty() || inputs.is_empty() {
        screen::say(
            "error: give signatures such as v2:5e1c0d6a9b3f4e21, and after them telemetry or evidence that was saved as JSON",
        );
        return Ok(Exit::WrongUse);
    }
    let redactor = explain.redaction.redactor();
    let mut known: Vec<RootCause> = Vec::new();
    let mut captures: Vec<String> = Vec::new();
    for input in inputs {
        match saved(input)? {
            Some(evidence) => known.extend(evidence.root_causes),
            None => captures.push(input.clone()),
        }
    }
    if !captures.is_empty() {
        let capture = read(&captures, &explain.reading, ReadOptions::default(), &redactor, &explain.display);
        if !capture.has_spans() {
            return Ok(nothing_readable(&captures, &redactor));
        }
        known.extend(capture.into_evidence().root_causes);
    }
    match explanation::render(&wanted, &known)? {
        Ok(text) => {
            screen::print(&harmless_in_a_log(&text), explain.display.color)?;
            Ok(Exit::Done)
        }
        Err(missing) => {
            screen::say(&format!("error: {missing}"));
            Ok(Exit::NothingReadable)
        }
    }
}

/// Evidence that was saved says which schema it has near its start.
fn saved(input: &str) -> Result<Option<Evidence>, Failure> {
    let Ok(mut file) = File::open(input) else { return Ok(None) };
    let mut start = [0_u8; 256];
    let length = file.read(&mut start).unwrap_or_default();
    if !String::from_utf8_lossy(&start[..length]).contains("\"whyspan.evidence/") {
        return Ok(None);
    }
    let text = text_of(Path::new(input), EVIDENCE)
        .map_err(|error| format!("{input}: the evidence cannot be read: {error}"))?;
    Ok(Some(json::from_json(&text).map_err(|error| format!("{input}: {error}"))?))
}
