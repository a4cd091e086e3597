//! Which format a report file is written in, by the ending of its name.

use std::path::{Path, PathBuf};
use thiserror::Error;

/// A format that a report file can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// The evidence itself.
    Json,
    /// Markdown, for job summaries and comments.
    Markdown,
    /// JUnit XML, for GitLab, Jenkins and Azure.
    Junit,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// One HTML page, for people.
    Html,
    /// The code quality report of GitLab.
    GitlabCodeQuality,
}

/// A file name that asks for no format.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "{} does not say which report to write: name it *.html (a page), *.json (evidence), *.md (Markdown), *.junit.xml or *.xml (JUnit), \
     *.sarif or *.sarif.json (SARIF), gl-code-quality-report.json or *.codequality.json (GitLab code quality)",
    path.display()
)]
pub struct UnknownReport {
    /// The file that was asked for.
    pub path: PathBuf,
}

/// The longer endings first: `.sarif.json` is no evidence.
const ENDINGS: [(&str, ReportFormat); 8] = [
    (".codequality.json", ReportFormat::GitlabCodeQuality),
    (".sarif.json", ReportFormat::Sarif),
    (".sarif", ReportFormat::Sarif),
    (".json", ReportFormat::Json),
    (".html", ReportFormat::Html),
    (".htm", ReportFormat::Html),
    (".md", ReportFormat::Markdown),
    (".xml", ReportFormat::Junit),
];

/// The name that GitLab's own jobs give a code quality report.
const OF_GITLAB: &str = "gl-code-quality-report.json";

impl ReportFormat {
    /// The format that a path asks for, by the ending of its name in any case.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use whyspan::report::report_file::ReportFormat;
    /// assert_eq!(ReportFormat::of(Path::new("out/gate.sarif")), Ok(ReportFormat::Sarif));
    /// assert_eq!(ReportFormat::of(Path::new("gl-code-quality-report.json")), Ok(ReportFormat::GitlabCodeQuality));
    /// assert!(ReportFormat::of(Path::new("report.pdf")).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// For any other ending; the error lists those that there are.
    pub fn of(path: &Path) -> Result<Self, UnknownReport> {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        if name == OF_GITLAB {
            return Ok(Self::GitlabCodeQuality);
        }
        let found = ENDINGS.into_iter().find(|(ending, _)| name.ends_with(ending));
        found.map(|(_, format)| format).ok_or_else(|| UnknownReport { path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_tell_the_format() {
        let of = |path: &str| ReportFormat::of(Path::new(path)).expect("a format");
        assert_eq!([of("a.json"), of("b/evidence.JSON")], [ReportFormat::Json; 2]);
        assert_eq!(of("summary.md"), ReportFormat::Markdown);
        assert_eq!([of("report.html"), of("REPORT.HTM")], [ReportFormat::Html; 2]);
        assert_eq!([of("a.junit.xml"), of("TEST-whyspan.xml")], [ReportFormat::Junit; 2]);
        assert_eq!([of("a.sarif"), of("a.sarif.json"), of("A.SARIF")], [ReportFormat::Sarif; 3]);
        let gitlab = [of("x/gl-code-quality-report.json"), of("shop.codequality.json")];
        assert_eq!(gitlab, [ReportFormat::GitlabCodeQuality; 2]);
    }

    #[test]
    fn anything_else_is_told_what_there_is() {
        for path in ["report", "report.pdf", "json", "sarif/", "", "..", "a.junit"] {
            let error = ReportFormat::of(Path::new(path)).expect_err("no format").to_string();
            for ending in ["*.html", "*.json", "*.md", "*.junit.xml", "*.sarif.json", "gl-code-quality-report.json"] {
                assert!(error.contains(ending), "{error}");
            }
        }
    }
}
