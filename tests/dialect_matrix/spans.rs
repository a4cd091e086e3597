//! What the readers hand on, in words: more than the evidence shows, such as links and processes.

use crate::rows::Files;
use std::collections::BTreeSet;
use whyspan::assemble::lone_parts;
use whyspan::model::names::Names;
use whyspan::model::span::LooseSpan;
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;

/// Every span of the files.
pub(crate) fn read(files: &Files) -> BTreeSet<String> {
    let mut all = Gathered::default();
    for (name, bytes) in files {
        read_bytes(name, &bytes[..], &ReadOptions::default(), &mut all);
    }
    all.names.spread_nameless();
    lone_parts::join(&mut all.spans, &all.names);
    all.spans.iter().map(|span| told(span, &all.names)).collect()
}

/// The first spans that differ, from shortly before where they do; "" when none does.
pub(crate) fn differences(wanted: &BTreeSet<String>, found: &BTreeSet<String>) -> String {
    let pairs = wanted.difference(found).zip(found.difference(wanted)).take(3);
    let pairs = pairs.map(|(wanted, found)| {
        let same = wanted.bytes().zip(found.bytes()).take_while(|(a, b)| a == b).count();
        let part = |text: &str| text.chars().skip(same.saturating_sub(40)).take(200).collect::<String>();
        format!("  {}\n    wanted {}\n    found  {}\n", &wanted[..IDS], part(wanted), part(found))
    });
    let pairs: String = pairs.collect();
    let counts = format!("  wanted {} spans, found {}\n", wanted.len(), found.len());
    if wanted == found { String::new() } else { counts + &pairs }
}

/// The length of trace id and span id in words.
const IDS: usize = 49;

fn told(span: &LooseSpan, names: &Names) -> String {
    let operation = names.operation_of(span.operation);
    let resource = names.resource_of(span.resource);
    let target = names.target_of(span.target);
    let texts =
        |syms: &[whyspan::model::sym::Sym]| syms.iter().map(|&sym| names.text(sym)).collect::<Vec<_>>().join("|");
    let detail = span.detail.as_deref();
    let flags = detail.map_or(&[][..], |detail| &detail.flags);
    let flags: Vec<String> = flags.iter().map(|flag| texts(&[flag.key, flag.variant])).collect();
    format!(
        "{:?} {:?} {:?} {:?} {} {:?} {} target {:?} {} {} {:?} {:?} flags {flags:?} {:?}",
        span.trace,
        span.id,
        span.parent,
        span.time,
        texts(&[span.name, operation.name]),
        operation.kind,
        texts(&[resource.service, resource.version, resource.instance, resource.host]),
        target.class,
        texts(&[target.system, target.peer_service, target.rpc_service, target.address, target.resource]),
        target.port,
        span.codes,
        span.status,
        detail.map(|it| (
            &it.status_message,
            &it.error_text,
            &it.error_type,
            &it.exceptions,
            &it.links,
            it.dropped_events
        )),
    )
}
