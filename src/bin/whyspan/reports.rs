//! Evidence on its way out: standard output, report files, annotations.

use crate::args::{Format, Output};
use crate::commands::Failure;
use crate::screen;
use std::fs;
use std::path::Path;
use whyspan::judge::evidence::Evidence;
use whyspan::report::markdown::{self, COMMENT, JOB_SUMMARY, MarkdownOptions};
use whyspan::report::report_file::ReportFormat;
use whyspan::report::source_map::SourceMap;
use whyspan::report::{github_annotations, gitlab_code_quality, json, junit, sarif, terminal};

/// Writes every report file that was asked for, then shows the evidence on standard output.
pub(crate) fn show(evidence: &Evidence, output: &Output) -> Result<(), Failure> {
    // What is wrong with a mapping is said before anything is written.
    let sources = SourceMap::parse(&output.source_maps)?;
    for path in &output.reports {
        let text = report(evidence, ReportFormat::of(path)?, &sources)?;
        write(path, &text)?;
    }
    if output.annotations.is_some() {
        // Whoever runs the workflow reads commands on standard output, wherever they stand.
        screen::print(&github_annotations::render(evidence, &sources)?, crate::args::Color::Never)?;
    }
    let text = match output.format {
        Format::Text => terminal::render(evidence, screen::width())?,
        Format::Json => json::to_json(evidence)?,
        Format::Markdown => markdown::render(evidence, &MarkdownOptions { most_bytes: COMMENT })?,
    };
    screen::print(&text, output.display.color)?;
    Ok(())
}

fn report(evidence: &Evidence, format: ReportFormat, sources: &SourceMap) -> Result<String, Failure> {
    Ok(match format {
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
