//! Evidence in every format that reports have.

use crate::judge::evidence::Evidence;
use crate::report::html::page::{self, HtmlOptions};
use crate::report::markdown::{self, JOB_SUMMARY, MarkdownOptions};
use crate::report::source_map::SourceMap;
use crate::report::{gitlab_code_quality, json, junit, sarif, terminal};
use crate::serve::api_access::refused;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use std::fmt::Display;

/// Columns of a report as text.
const COLUMNS: usize = 100;

/// The formats, as questions name them.
pub(crate) const FORMATS: &str = "json, html, markdown, text, junit, sarif, gitlab";

/// The evidence in this format; without one, as JSON.
pub(crate) fn formatted(evidence: &Evidence, format: Option<&str>) -> Response {
    let sources = SourceMap::default();
    let (media, text) = match format.unwrap_or("json") {
        "json" => ("application/json", words(json::to_json(evidence))),
        "html" => ("text/html; charset=utf-8", Ok(page::render(evidence, &HtmlOptions { trace_url: None }))),
        "markdown" => (
            "text/markdown; charset=utf-8",
            words(markdown::render(evidence, &MarkdownOptions { most_bytes: JOB_SUMMARY })),
        ),
        "text" => ("text/plain; charset=utf-8", words(terminal::render(evidence, COLUMNS).map(plain))),
        "junit" => ("application/xml", words(junit::render(evidence))),
        "sarif" => ("application/sarif+json", words(sarif::render(evidence, &sources))),
        "gitlab" => ("application/json", words(gitlab_code_quality::render(evidence, &sources))),
        _ => return refused(StatusCode::BAD_REQUEST, format!("format is one of {FORMATS}")).into_response(),
    };
    match text {
        Ok(text) => (StatusCode::OK, [(CONTENT_TYPE, media)], text).into_response(),
        Err(told) => refused(StatusCode::INTERNAL_SERVER_ERROR, told).into_response(),
    }
}

fn words<E: Display>(text: Result<String, E>) -> Result<String, String> {
    text.map_err(|error| error.to_string())
}

/// The text without the codes that colour it on a terminal.
fn plain(text: String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out() {
        assert_eq!(plain("a \u{1b}[1;31mred\u{1b}[0m b".to_owned()), "a red b");
    }
}
