//! `whyspan gate`: two windows in, a decision as exit code out.

use crate::commands::{Failure, nothing_readable, read, read_window, read_windows};
use crate::exit::Exit;
use crate::files::{SETTINGS, keep_inputs, text_of};
use crate::gate_args::{Gate, TwoValued};
use crate::reports::show;
use crate::screen;
use std::path::Path;
use whyspan::capture::{Capture, compare};
use whyspan::facts::split::Split;
use whyspan::judge::evidence::Evidence;
use whyspan::judge::gate::decision::Decision;
use whyspan::judge::policy::Policy;
use whyspan::model::change_event::ChangeEvent;
use whyspan::model::time::TimeWindow;
use whyspan::read::change_events::announced::Announced;
use whyspan::read::change_events::file::read_changes;
use whyspan::read::change_events::flag_files::changes_of_flag_files;
use whyspan::read::change_events::spec::change_of_spec;
use whyspan::read::kept_segments::window_of;
use whyspan::read::options::ReadOptions;
use whyspan::redact::redactor::Redactor;

pub(crate) fn run(gate: &Gate) -> Result<Exit, Failure> {
    // What is wrong with arguments is said before anything is read.
    let exceptions = gate.reading.exceptions.iter().map(|exceptions| &exceptions.path);
    let files = gate.policy.iter().chain(&gate.changes).chain(&gate.flags).chain(exceptions);
    let files: Vec<&Path> = files.map(AsRef::as_ref).collect();
    keep_inputs(&gate.output.rendering.reports, &[&gate.inputs, &gate.baseline, &gate.candidate], &files)?;
    let policy = policy(gate)?;
    let redactor = gate.output.redaction.redactor();
    let changes = changes(gate, &redactor).map_err(|error| redactor.text(&error.to_string()).into_owned())?;
    let (evidence, readable) = evidence(gate, &policy, changes, &redactor)?;
    show(&evidence, &gate.output.rendering, gate.output.display.color)?;
    let decision = evidence.verdict.as_ref().and_then(|verdict| Decision::of(&verdict.decision));
    if !readable {
        let all: Vec<String> = gate.inputs.iter().chain(&gate.baseline).chain(&gate.candidate).cloned().collect();
        return Ok(nothing_readable(&all, &redactor));
    }
    Ok(match (decision, gate.inconclusive_as) {
        (Some(Decision::Go), _) => Exit::Done,
        (Some(Decision::NoGo), _) => Exit::NoGo,
        (_, Some(TwoValued::Go)) => Exit::Done,
        (_, Some(TwoValued::NoGo)) => Exit::NoGo,
        (_, None) => Exit::Inconclusive,
    })
}

/// The evidence, and whether any span was read on either side.
fn evidence(
    gate: &Gate,
    policy: &Policy,
    changes: Vec<ChangeEvent>,
    redactor: &Redactor,
) -> Result<(Evidence, bool), Failure> {
    let (reading, display) = (&gate.reading, &gate.output.display);
    let options = ReadOptions { request_attributes: true, ..ReadOptions::default() };
    if let Some(at) = gate.change_at {
        let capture = read(&gate.inputs, reading, options.clone(), redactor, display);
        let readable = capture.has_spans();
        let split = Split { at, settle: gate.settle };
        return Ok((capture.into_evidence_of_change(split, policy, changes), readable));
    }
    let facts_of = |capture: Capture| (capture.has_spans(), capture.into_facts());
    if let (Some(before), Some(after), Some(store)) = (window(&gate.baseline)?, window(&gate.candidate)?, &gate.store)
        && let Some(sides) = read_windows((store, [before, after]), reading, &options, redactor, display)?
    {
        let [(some_before, baseline), (some_after, candidate)] = sides.map(facts_of);
        return Ok((compare(&baseline, &candidate, policy, changes, redactor), some_before || some_after));
    }
    // One after the other, so that the spans of only one lie in memory.
    let side = |inputs: &[String]| -> Result<_, Failure> {
        let capture = match (window(inputs)?, &gate.store) {
            (None, _) => read(inputs, reading, options.clone(), redactor, display),
            (Some(window), Some(store)) => read_window((store, window), reading, options.clone(), redactor, display)?,
            (Some(_), None) => return Err("store:FROM..TO needs --store, the folder that `whyspan serve` keeps".into()),
        };
        Ok(facts_of(capture))
    };
    let (some_before, baseline) = side(&gate.baseline)?;
    let (some_after, candidate) = side(&gate.candidate)?;
    Ok((compare(&baseline, &candidate, policy, changes, redactor), some_before || some_after))
}

/// The window of a store that a side is, when it is one.
fn window(inputs: &[String]) -> Result<Option<TimeWindow>, Failure> {
    let Some(window) = inputs.iter().find_map(|input| window_of(input)) else { return Ok(None) };
    match inputs {
        [_] => Ok(Some(window?)),
        _ => Err("a window of a store is all that a side of the comparison can be".into()),
    }
}

fn policy(gate: &Gate) -> Result<Policy, Failure> {
    let mut policy = match &gate.policy {
        None => Policy::default(),
        Some(path) => {
            let name = path.display();
            let text =
                text_of(path, SETTINGS).map_err(|error| format!("{name}: the policy cannot be read: {error}"))?;
            Policy::from_toml(&text).map_err(|error| format!("{name}: no policy: {error}"))?
        }
    };
    for (rule, level) in &gate.rules {
        policy.set_rule(rule, level).map_err(|error| format!("--rule {rule}={level}: {error}"))?;
    }
    for (name, number) in &gate.numbers {
        policy.set_number(name, number).map_err(|error| format!("--set {name}={number}: {error}"))?;
    }
    Ok(policy)
}

fn changes(gate: &Gate, redactor: &Redactor) -> Result<Vec<ChangeEvent>, Failure> {
    let mut read: Vec<Announced> = Vec::new();
    for path in &gate.changes {
        read.push(read_changes(path, &gate.change_fields)?);
    }
    match gate.flags.as_slice() {
        [] => {}
        [before, after] => read.push(changes_of_flag_files(before, after)?),
        _ => {
            return Err("--flags takes two files, one from before the change and one from after it: \
                         --flags before.json --flags after.json"
                .into());
        }
    }
    if !gate.output.display.quiet {
        let told = read.iter().flat_map(|read| &read.messages).map(|message| redactor.text(message));
        told.for_each(|message| screen::say(&format!("warning: {message}")));
    }
    let mut events: Vec<ChangeEvent> = read.into_iter().flat_map(|read| read.changes).collect();
    for spec in &gate.change {
        events.push(change_of_spec(spec)?);
    }
    Ok(events)
}
