//! The tables of `docs/accuracy.md`.

use crate::cases::{Case, Subject};
use crate::demo::Gated;
use crate::hurt::HURTS;
use crate::tally::{Ranks, Row, Tally};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Where the tables begin and end in the page.
pub(crate) const BEGIN: &str = "<!-- measured: WRITE_ACCURACY=1 cargo test --test accuracy -->\n";
pub(crate) const END: &str = "<!-- end of what was measured -->\n";

/// The levels of confidence, in their order.
const LEVELS: [&str; 3] = ["high", "medium", "low"];

pub(crate) fn written(cases: &[Case], tally: &Tally, demo: &[Gated]) -> String {
    [by_kind(cases, tally), by_subject(cases, tally), through_a_gate(demo), by_hurt(tally), by_level(tally)].concat()
}

/// A share in percent, one digit behind the point; 100 % only when it is all of them.
fn share(part: u32, whole: u32) -> String {
    match whole {
        0 => "-".to_owned(),
        _ if part == whole => "100 %".to_owned(),
        _ => format!("{:.1} %", (1000.0 * f64::from(part) / f64::from(whole)).floor() / 10.0),
    }
}

fn ranks(ranks: Ranks) -> String {
    let part = |part| format!("{part} ({})", share(part, ranks.captures));
    format!("{} | {} | {}", part(ranks.first), part(ranks.among_three), part(ranks.kind))
}

fn by_kind(cases: &[Case], tally: &Tally) -> String {
    let mut kinds: BTreeMap<&str, Row> = BTreeMap::new();
    for (case, row) in cases.iter().zip(&tally.given) {
        let kind = match case.truths.causes.first() {
            None => "nothing happened",
            Some(truth) if truth.is_client_fault() => "a client fault",
            Some(truth) => &truth.kinds[0],
        };
        kinds.entry(kind).or_default().add(row);
    }
    let quiet = kinds.remove("nothing happened").unwrap_or_default().quiet;
    let mut text = "\n## By kind\n\n| kind of the most important root cause | cases | named first | among the first three | first, and of the right kind |\n| --- | ---: | ---: | ---: | ---: |\n".to_owned();
    let mut all = Ranks::default();
    for (kind, row) in &kinds {
        writeln!(text, "| {kind} | {} | {} |", row.ranks.captures, ranks(row.ranks)).expect("written");
        all.add(row.ranks);
    }
    writeln!(text, "| all | {} | {} |", all.captures, ranks(all)).expect("written");
    writeln!(text, "\nIn {} more cases nothing had happened: somebody was named in {} of them.", quiet[0], quiet[1])
        .expect("written");
    text
}

fn by_subject(cases: &[Case], tally: &Tally) -> String {
    let mut subjects: BTreeMap<&str, [[u32; 2]; 2]> = BTreeMap::new();
    for (case, row) in cases.iter().zip(&tally.given) {
        let Some(Subject { of, twisted }) = &case.subject else { continue };
        let right = row.ranks.kind == row.ranks.captures && row.quiet[1] == 0;
        let counts = &mut subjects.entry(of).or_default()[usize::from(*twisted)];
        counts[0] += 1;
        counts[1] += u32::from(right);
    }
    let mut text = "\n## By what makes it hard\n\n| subject | plain stories | right | twisted stories | right |\n| --- | ---: | ---: | ---: | ---: |\n".to_owned();
    for (subject, [plain, twisted]) in subjects {
        writeln!(text, "| {subject} | {} | {} | {} | {} |", plain[0], plain[1], twisted[0], twisted[1])
            .expect("written");
    }
    text
}

fn through_a_gate(demo: &[Gated]) -> String {
    let mut text = "\n## The OpenTelemetry demo through a gate\n\n| story | its root cause | decision | named first |\n| --- | --- | --- | --- |\n".to_owned();
    for it in demo {
        let effect = it.effect.as_deref().unwrap_or("none");
        let named = match it.effect {
            None => "-",
            Some(_) if it.named_first => "yes",
            Some(_) => "no",
        };
        writeln!(text, "| `{}` | {effect} | {} | {named} |", it.name, it.decision).expect("written");
    }
    text
}

fn by_hurt(tally: &Tally) -> String {
    let mut text = "\n## With hurt telemetry\n\n| stories | captures | named first | among the first three | nobody named | nothing happened | but somebody named |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n".to_owned();
    for (hurt, row) in HURTS.iter().zip(&tally.hurt) {
        let ranks = row.ranks;
        let part = |part| format!("{part} ({})", share(part, ranks.captures));
        let found = format!("{} | {} | {}", part(ranks.first), part(ranks.among_three), part(ranks.nobody));
        writeln!(text, "| {hurt} | {} | {found} | {} | {} |", ranks.captures, row.quiet[0], row.quiet[1])
            .expect("written");
    }
    text
}

fn by_level(tally: &Tally) -> String {
    let mut given = Row::default();
    tally.given.iter().for_each(|row| given.add(row));
    let rows = [("as given", &given)].into_iter().chain(HURTS.into_iter().zip(&tally.hurt));
    let mut text = "\n## What each level of confidence is worth\n\n| root causes named | high, right | medium, right | low, right |\n| --- | ---: | ---: | ---: |\n".to_owned();
    let cell = |it: crate::tally::Named| format!("{} of {} ({})", it.right, it.named, share(it.right, it.named));
    for (name, row) in rows {
        writeln!(text, "| {name} | {} |", row.levels.map(cell).join(" | ")).expect("written");
    }
    let all = tally.all_levels();
    writeln!(text, "| all | {} |", all.map(cell).join(" | ")).expect("written");
    for (level, it) in LEVELS.iter().zip(all) {
        writeln!(text, "\n*{level}*: {} of {} are wrong.", it.named - it.right, it.named).expect("written");
    }
    text
}
