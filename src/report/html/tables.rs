//! The tables of everything that was asked: entry points, services, findings.

use crate::judge::evidence::{EntryPoint, Evidence, Finding, Service, Severity};
use crate::judge::wording::percent;
use crate::report::html::bar::share;
use crate::report::html::lists::{Column, table};
use crate::report::html::page::Context;
use crate::report::html::references::references;
use crate::report::html::seen_requests::{About, seen_requests};
use crate::report::html::text::{code, name, sentence};
use crate::report::numbers::milliseconds;
use crate::report::other_findings::told_nowhere_else;
use crate::shared_sort::SharedSort;
use maud::{Markup, html};
use std::cmp::Reverse;

/// Rows of each table.
const ROWS: usize = 300;

/// Entry points and services.
pub(crate) fn traffic(context: &Context<'_>) -> Markup {
    html! {
        section #traffic aria-labelledby="traffic-title" {
            h2 #traffic-title { "Entry points and services" }
            (entry_points(context))
            (services(context.evidence))
        }
    }
}

fn entry_points(context: &Context<'_>) -> Markup {
    let evidence = context.evidence;
    let mut entries: Vec<&EntryPoint> = evidence.entry_points.iter().collect();
    entries.shared_sort_by_key(|entry| Reverse((entry.failing, entry.total)));
    let is_gate = evidence.windows.baseline.is_some();
    let mut columns = vec![
        Column::words("entry point"),
        Column::numbers("requests"),
        Column::numbers("failed"),
        Column::words("share"),
        Column::numbers(""),
    ];
    if is_gate {
        columns.push(Column::numbers("failed before"));
    }
    let row = |entry: &&EntryPoint| {
        html! {
            tr data-find {
                th scope="row" {
                    (code(&entry.operation)) " " span.of { "of " (name(&entry.service)) }
                    @if let Some(seen) = seen_requests(context, &entry.service, &entry.operation, About::All) { (seen) }
                }
                td.number { (entry.total) }
                td.number { (entry.failing) }
                td.bar-cell { (share(entry.failing, entry.total, "failing")) }
                td.number { (percent(entry.failing, entry.total)) }
                @if is_gate {
                    td.number { @match (entry.baseline_failing, entry.baseline_total) {
                        (Some(failing), Some(total)) => { (failing) " of " (total) " (" (percent(failing, total)) ")" },
                        _ => "–",
                    } }
                }
            }
        }
    };
    let rows: Vec<Markup> = entries.iter().take(ROWS).map(row).collect();
    html! {
        h3 { "Where requests come in (" (entries.len()) ")" }
        (table("Entry points", &columns, &rows, entries.len().saturating_sub(ROWS)))
    }
}

fn services(evidence: &Evidence) -> Markup {
    let mut services: Vec<&Service> = evidence.services.iter().collect();
    services.shared_sort_by_key(|service| Reverse((service.failed, service.requests)));
    let columns = [
        Column::words("service"),
        Column::numbers("requests"),
        Column::numbers("failed"),
        Column::words("share"),
        Column::numbers("p50"),
        Column::numbers("p95"),
        Column::numbers("p99"),
    ];
    let row = |service: &&Service| {
        html! {
            tr data-find {
                th scope="row" { (code(&service.service)) }
                td.number { (service.requests) }
                td.number { (service.failed) }
                td.bar-cell { (share(service.failed, service.requests, "failing")) }
                td.number { (milliseconds(service.p50_ms)) }
                td.number { (milliseconds(service.p95_ms)) }
                td.number { (milliseconds(service.p99_ms)) }
            }
        }
    };
    let rows: Vec<Markup> = services.iter().take(ROWS).map(row).collect();
    html! {
        h3 { "Services (" (services.len()) ")" }
        (table("Services", &columns, &rows, services.len().saturating_sub(ROWS)))
    }
}

/// Findings that are neither reasons of the verdict nor told elsewhere on the page.
pub(crate) fn findings(evidence: &Evidence) -> Option<Markup> {
    let findings: Vec<&Finding> = told_nowhere_else(evidence).collect();
    if findings.is_empty() {
        return None;
    }
    let columns = [Column::words("severity"), Column::words("code"), Column::words("what was found")];
    let row = |finding: &&Finding| {
        html! {
            tr data-find {
                td { (match finding.severity { Severity::Fail => "fail", Severity::Warn => "warn", Severity::Info => "info" }) }
                td { (code(&finding.code)) }
                td.wide { (sentence(&finding.sentence)) (references(evidence, finding)) }
            }
        }
    };
    let rows: Vec<Markup> = findings.iter().take(ROWS).map(row).collect();
    Some(html! {
        section #findings aria-labelledby="findings-title" {
            h2 #findings-title { "Also found" }
            (table("Other findings", &columns, &rows, findings.len().saturating_sub(ROWS)))
        }
    })
}
