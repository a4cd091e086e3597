//! The page that whoever opens the address sees: what was received, what fails, where to ask.

use crate::judge::evidence::Evidence;
use crate::report::plain_text::one_line;
use crate::serve::receiver::Receiver;
use maud::{DOCTYPE, html};
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

/// How many root causes are shown.
const SHOWN: usize = 20;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}\
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}\
code{overflow-wrap:anywhere}";

/// The page.
pub(crate) fn render(receiver: &Receiver, evidence: &Evidence, grpc: SocketAddr) -> String {
    let counters = &receiver.counters;
    let number = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed).to_string();
    let links = [
        ("/api/v1/status", "what was received"),
        ("/api/v1/root-causes", "root causes"),
        ("/api/v1/services", "services"),
        ("/api/v1/evidence?format=html", "the live window as a report"),
        ("/api/v1/validations", "validations"),
        ("/api/v1/changes", "announced changes"),
        ("/api/v1/events", "new root causes as they are found"),
        ("/api/v1/openapi.json", "all questions, as an OpenAPI document"),
        ("/metrics", "numbers for Prometheus"),
    ];
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "whyspan" }
                style { (STYLE) }
            }
            body {
                h1 { "whyspan" }
                @if let Some(failure) = counters.failure() {
                    p { strong { "Nothing can be kept: " } (failure) }
                }
                p {
                    "Received since the start: " (number(&counters.spans)) " spans and " (number(&counters.logs))
                    " log records in " (number(&counters.requests)) " requests. OTLP/gRPC is received at "
                    code { (grpc) } ", OTLP/HTTP at this address."
                }
                h2 { "Root causes of the last " (receiver.settings.window.as_secs() / 60) " minutes" }
                @if evidence.root_causes.is_empty() {
                    p { "None. A trace is looked at when nothing came of it for " (receiver.settings.quiet.as_secs()) " s." }
                } @else {
                    table {
                        tr { th { "service" } th { "operation" } th { "what" } th { "traces" } }
                        @for cause in evidence.root_causes.iter().take(SHOWN) {
                            tr {
                                td { (one_line(&cause.service)) }
                                td { code { (one_line(&cause.operation)) } }
                                td {
                                    (cause.kind)
                                    @if let Some(exception) = &cause.exception {
                                        @if let Some(kind) = &exception.kind { " " code { (one_line(kind)) } }
                                        @if let Some(message) = &exception.message { " " (one_line(message)) }
                                    } @else if let Some(message) = &cause.status.message {
                                        " " (one_line(message))
                                    }
                                }
                                td { (cause.traces.candidate) }
                            }
                        }
                    }
                }
                h2 { "Questions" }
                ul {
                    @for (path, told) in links {
                        li { a href=(path) { (path) } " " (told) }
                    }
                }
            }
        }
    };
    page.into_string()
}
