//! Evidence on its way out: standard output, report files, annotations.

use crate::args::{Color, Format, Rendering, Report};
use crate::commands::Failure;
use crate::exit::Exit;
use crate::files::{EVIDENCE, keep_inputs, text_of};
use crate::screen;
use std::fs;
use std::path::Path;
use whyspan::judge::evidence::Evidence;
use whyspan::report::html::page::{self, HtmlOptions};
use whyspan::report::markdown::{self, COMMENT, JOB_SUMMARY, MarkdownOptions};
use whyspan::report::plain_text::harmless_in_a_log;
use whyspan::report::report_file::ReportFormat;
use whyspan::report::source_map::SourceMap;
use whyspan::report::{github_annotations, gitlab_code_quality, json, junit, sarif, terminal};

/// Writes every report file that was asked for, then shows the evidence on standard output.
pub(crate) fn show(evidence: &Evidence, rendering: &Rendering, color: Color) -> Result<(), Failure> {
    let sources = write_reports(evidence, rendering)?;
    if rendering.annotations.is_some() {
        // Whoever runs the workflow reads commands on standard output, wherever they stand.
        screen::print(&github_annotations::render(evidence, &sources)?, Color::Never)?;
    }
    let text = match rendering.format {
        Format::Text => harmless_in_a_log(&terminal::render(evidence, screen::width())?),
        Format::Json => json::to_json(evidence)?,
        Format::Markdown => harmless_in_a_log(&markdown::render(evidence, &MarkdownOptions { most_bytes: COMMENT })?),
    };
    screen::print(&text, color)?;
    Ok(())
}

/// Renders evidence that was saved: into files if any are asked for, else on standard output.
pub(crate) fn render_saved(report: &Report) -> Result<Exit, Failure> {
    let name = report.evidence.display();
    keep_inputs(&report.rendering.reports, &[], &[&report.evidence])?;
    let text =
        text_of(&report.evidence, EVIDENCE).map_err(|error| format!("{name}: the evidence cannot be read: {error}"))?;
    let evidence = json::from_json(&text).map_err(|error| {
        format!("{name}: {error}. Write evidence with --report FILE.json of `whyspan gate` or `whyspan analyze`")
    })?;
    if report.rendering.reports.is_empty() || report.rendering.annotations.is_some() {
        show(&evidence, &report.rendering, report.display.color)?;
    } else {
        write_reports(&evidence, &report.rendering)?;
    }
    Ok(Exit::Done)
}

/// Writes every report file that was asked for, and hands on where their sources are.
fn write_reports(evidence: &Evidence, rendering: &Rendering) -> Result<SourceMap, Failure> {
    // What is wrong with a mapping is said before anything is written.
    let sources = SourceMap::parse(&rendering.source_maps)?;
    let page = HtmlOptions { trace_url: rendering.trace_url.clone() };
    for path in &rendering.reports {
        let text = report(evidence, ReportFormat::of(path)?, &sources, &page)?;
        write(path, &text)?;
    }
    Ok(sources)
}

fn report(
    evidence: &Evidence,
    format: ReportFormat,
    sources: &SourceMap,
    page: &HtmlOptions,
) -> Result<String, Failure> {
    Ok(match format {
        ReportFormat::Html => page::render(evidence, page),
        ReportFormat::Json => json::to_json(evidence)?,
        // A file has the room of a job summary; a comment is what standard output is for.
        ReportFormat::Markdown => markdown::render(evidence, &MarkdownOptions { most_bytes: JOB_SUMMARY })?,
        ReportFormat::Junit => junit::render(evidence)?,
        ReportFormat::Sarif => sarif::render(evidence, sources)?,
        ReportFormat::GitlabCodeQuality => gitlab_code_quality::render(evidence, sources)?,
    })
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| {
        let path = path.display();
        format!("{path}: the report cannot be written: {error}. Check that the folder exists and may be written to")
            .into()
    })
}
