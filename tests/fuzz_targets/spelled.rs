//! What was read, spelled out, so that what different readers read can be compared.

use std::fmt::Write;
use whyspan::model::names::Names;
use whyspan::model::span::{FlagEvaluation, LogEvent, LooseSpan};
use whyspan::read::capture_reader::read_bytes;
use whyspan::read::file_report::FileReport;
use whyspan::read::options::ReadOptions;
use whyspan::read::sink::Gathered;

/// Reads bytes of any format.
pub(crate) fn read(bytes: &[u8]) -> (Gathered, FileReport) {
    let options = ReadOptions {
        max_record_bytes: 1 << 20,
        keep_attributes: vec!["app.*".into(), "os.type".into()],
        ..ReadOptions::default()
    };
    let mut gathered = Gathered::default();
    let report = read_bytes("fuzz", bytes, &options, &mut gathered);
    assert_eq!(report.spans, gathered.spans.len() as u64);
    assert_eq!(report.logs_kept, gathered.logs.len() as u64);
    assert!(report.skipped.len() <= options.max_told && report.mended.len() <= options.max_told);
    for told in report.skipped.iter().chain(&report.mended) {
        assert!(!told.reason.chars().any(char::is_control), "a control code is told: {told:?}");
    }
    (gathered, report)
}

/// Spans and log events in their order, every name written out.
pub(crate) fn spelled(gathered: &Gathered) -> String {
    let mut out = String::new();
    for span in &gathered.spans {
        spell_span(&mut out, span, &gathered.names).expect("a string takes everything");
    }
    for log in &gathered.logs {
        spell_log(&mut out, log, &gathered.names).expect("a string takes everything");
    }
    out
}

fn spell_span(out: &mut String, span: &LooseSpan, names: &Names) -> std::fmt::Result {
    let operation = names.operation_of(span.operation);
    let target = names.target_of(span.target);
    let text = |sym| names.text(sym);
    writeln!(
        out,
        "{} {} {} {:?} {:?} {:?} {:?}",
        span.trace, span.id, span.parent, span.time, span.status, span.codes, operation.kind
    )?;
    writeln!(out, "  {:?} {:?} {:?}", text(operation.service), text(operation.name), text(span.name))?;
    writeln!(out, "  {}", resource(names, span.resource))?;
    let parts = [target.system, target.peer_service, target.rpc_service, target.address, target.resource].map(text);
    writeln!(out, "  {:?} {parts:?} {}", target.class, target.port)?;
    if let Some(detail) = &span.detail {
        let flags: Vec<_> = detail.flags.iter().map(|flag| evaluation(names, flag)).collect();
        let texts = [&detail.status_message, &detail.error_text, &detail.error_type];
        writeln!(out, "  {texts:?} {:?} {:?}", detail.exceptions, detail.links)?;
        writeln!(out, "  {flags:?} {}", detail.dropped_events)?;
    }
    let kept: Vec<_> = span.attributes.iter().map(|(key, value)| (text(*key), value.text(names))).collect();
    writeln!(out, "  {kept:?}")?;
    Ok(())
}

fn spell_log(out: &mut String, log: &LogEvent, names: &Names) -> std::fmt::Result {
    let flag = log.flag.as_ref().map(|flag| evaluation(names, flag));
    writeln!(out, "{} {} {:?} {}", log.trace, log.span, log.time, resource(names, log.resource))?;
    writeln!(out, "  {} {:?} {:?} {flag:?}", log.severity, log.body, log.exception)
}

fn resource(names: &Names, id: whyspan::model::resource::ResourceId) -> String {
    let it = names.resource_of(id);
    format!("{:?}", [it.service, it.version, it.instance, it.host].map(|sym| names.text(sym)))
}

fn evaluation<'n>(names: &'n Names, flag: &FlagEvaluation) -> (&'n str, &'n str) {
    (names.text(flag.key), names.text(flag.variant))
}
