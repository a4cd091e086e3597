//! The page as a whole: one file that asks nobody for anything. Style and script are in it, and the policy that it brings
//! along forbids the browser everything else, so that even markup that got past the escapes could do nothing.

use crate::judge::evidence::{EntryPoint, Evidence};
use crate::report::headline::word;
use crate::report::html::distributions::distributions;
use crate::report::html::first_screen::{accent, first_screen, what_happened};
use crate::report::html::method::method;
use crate::report::html::objectives::objectives;
use crate::report::html::quality::quality;
use crate::report::html::root_cause::root_causes;
use crate::report::html::service_graph::service_graph;
use crate::report::html::tables::{findings, traffic};
use crate::report::html::text::{code, line, name};
use crate::report::html::timeline::timeline;
use crate::report::html::trace_url::TraceUrl;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// How many characters of a trace id are shown where there is little room.
const SHORT: usize = 8;

/// What a page can be told besides the evidence.
#[derive(Clone, Debug, Default)]
pub struct HtmlOptions {
    /// Where traces can be looked at; without it trace ids are text.
    pub trace_url: Option<TraceUrl>,
}

/// What the parts of the page have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) options: &'a HtmlOptions,
    /// Its entry points by service and operation.
    entries: &'a HashMap<(&'a str, &'a str), &'a EntryPoint>,
}

impl<'a> Context<'a> {
    /// What was asked at an entry point.
    pub(crate) fn entry(&self, service: &str, operation: &str) -> Option<&'a EntryPoint> {
        self.entries.get(&(service, operation)).copied()
    }

    /// The same where there is little room: a link needs no more than the beginning, what is to be copied is whole.
    pub(crate) fn trace_in_short(&self, trace_id: &str, span_id: &str) -> Markup {
        html! {
            @match &self.options.trace_url {
                Some(url) => a.trace href=(url.of(trace_id, span_id)) rel="noopener noreferrer" title=(name(trace_id)) { code { (line(trace_id, SHORT)) } },
                None => (self.trace(trace_id, span_id)),
            }
        }
    }

    /// A trace id, as a link where it is known where traces can be looked at.
    pub(crate) fn trace(&self, trace_id: &str, span_id: &str) -> Markup {
        html! {
            @match &self.options.trace_url {
                Some(url) => a.trace href=(url.of(trace_id, span_id)) rel="noopener noreferrer" { (code(trace_id)) },
                None => span.trace { (code(trace_id)) },
            }
        }
    }
}

/// Renders the evidence of a gate or an analysis. The same evidence gives the same bytes.
#[must_use]
pub fn render(evidence: &Evidence, options: &HtmlOptions) -> String {
    let entries =
        evidence.entry_points.iter().map(|entry| ((entry.service.as_str(), entry.operation.as_str()), entry)).collect();
    let context = Context { evidence, options, entries: &entries };
    let title = format!("{}: {}", word(evidence), what_happened(evidence));
    let page = html! {
        (DOCTYPE)
        html lang="en" class=(accent(evidence)) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(security_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="generator" content=(concat!("whyspan ", env!("CARGO_PKG_VERSION")));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the report" }
                (masthead(evidence))
                main #main tabindex="-1" {
                    (first_screen(&context))
                    (root_causes(&context))
                    @for part in [timeline(evidence), service_graph(evidence), objectives(&context), distributions(evidence)] {
                        @if let Some(part) = part { (part) }
                    }
                    (traffic(&context))
                    @if let Some(findings) = findings(evidence) { (findings) }
                    (quality(evidence))
                    (method(evidence))
                }
                footer { p { "Written by whyspan " (env!("CARGO_PKG_VERSION")) ". This file needs no network, and the same evidence gives the same file." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    let mut page = page.into_string();
    page.push('\n');
    page
}

/// The bar at the top: where things are, and what only a script can do, which stays hidden without one.
fn masthead(evidence: &Evidence) -> Markup {
    html! {
        header.masthead {
            p.brand { "whyspan" }
            nav aria-label="Parts of the report" {
                ul {
                    li { a href="#causes" { "Causes" } }
                    @if evidence.pictures.timeline.is_some() { li { a href="#timeline" { "Timeline" } } }
                    @if !evidence.pictures.calls.is_empty() { li { a href="#graph" { "Graph" } } }
                    @if !evidence.objectives.is_empty() { li { a href="#objectives" { "Objectives" } } }
                    @if !evidence.pictures.durations.is_empty() { li { a href="#durations" { "Durations" } } }
                    li { a href="#traffic" { "Traffic" } }
                    li { a href="#quality" { "Telemetry" } }
                    li { a href="#method" { "Method" } }
                }
            }
            div.tools hidden {
                label.unseen for="search" { "Search the report" }
                input #search type="search" placeholder="Search" autocomplete="off" spellcheck="false";
                output #found for="search" aria-live="polite" {}
                button #fold type="button" aria-pressed="false" { "Open all" }
                button #theme type="button" { "Dark" }
            }
        }
    }
}

/// Nothing from outside; of styles and scripts those whose digests are named.
fn security_policy() -> String {
    let digest = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}
