//! Where a trace can be looked at: a backend's address with a place for the trace id.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::str::FromStr;
use thiserror::Error;

/// The place of the trace id in a template.
const TRACE_ID: &str = "{trace_id}";
/// The place of the span id, which a template may have too.
const SPAN_ID: &str = "{span_id}";

/// An address such as `https://jaeger.example/trace/{trace_id}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceUrl(String);

/// Why a text is no address of traces.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TraceUrlError {
    /// Pages may lead to web pages only.
    #[error("start it with https:// or http://")]
    Scheme,
    /// Every trace would have the same address.
    #[error("write {{trace_id}} where the trace id belongs, as in https://jaeger.example/trace/{{trace_id}}")]
    NoTraceId,
}

impl FromStr for TraceUrl {
    type Err = TraceUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if !["https://", "http://"].iter().any(|scheme| text.starts_with(scheme)) {
            return Err(TraceUrlError::Scheme);
        }
        if !text.contains(TRACE_ID) {
            return Err(TraceUrlError::NoTraceId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TraceUrl {
    /// The address of one span of a trace. Ids are of a file that anybody may have written: in the address they are no more
    /// than ids.
    ///
    /// ```
    /// # use whyspan::report::html::trace_url::TraceUrl;
    /// let url: TraceUrl = "https://jaeger.example/trace/{trace_id}?uiFind={span_id}".parse().expect("an address");
    /// assert_eq!(url.of("0af7", "b7ad"), "https://jaeger.example/trace/0af7?uiFind=b7ad");
    /// assert_eq!(url.of("../x", ""), "https://jaeger.example/trace/%2E%2E%2Fx?uiFind=");
    /// ```
    #[must_use]
    pub fn of(&self, trace_id: &str, span_id: &str) -> String {
        let encoded = |id: &str| utf8_percent_encode(id, NON_ALPHANUMERIC).to_string();
        self.0.replace(TRACE_ID, &encoded(trace_id)).replace(SPAN_ID, &encoded(span_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_pages_with_a_place_for_the_id_are_addresses() {
        for wrong in ["javascript:alert('{trace_id}')", "data:text/html,{trace_id}", "//x/{trace_id}", ""] {
            assert_eq!(wrong.parse::<TraceUrl>(), Err(TraceUrlError::Scheme), "{wrong}");
        }
        assert_eq!("https://x/trace".parse::<TraceUrl>(), Err(TraceUrlError::NoTraceId));
    }
}
