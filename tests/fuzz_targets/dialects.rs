//! Jaeger, Zipkin and X-Ray at the door: what is read depends neither on the layout of the JSON nor on the order of keys.

use crate::targets::spelled::{read, spelled};
use serde_json::Value;

/// Bytes within the JSON of a Jaeger answer.
pub(crate) fn jaeger(bytes: &[u8]) {
    dialect(bytes, br#"{"data":[{"traceID":"1","spans":["#, br#"],"processes":{"p1":{"serviceName":"shop"}}}]}"#);
}

/// Bytes within an array of Zipkin's spans.
pub(crate) fn zipkin(bytes: &[u8]) {
    dialect(bytes, br#"[{"traceId":"1","id":"2"},"#, b"]");
}

/// Bytes within an array of segment documents.
pub(crate) fn xray(bytes: &[u8]) {
    dialect(bytes, br#"[{"trace_id":"1-5759e988-bd862e3fe1be46a994272793","id":"1","name":"a"},"#, b"]");
}

fn dialect(bytes: &[u8], before: &[u8], after: &[u8]) {
    for bytes in [bytes.to_vec(), [before, bytes, after].concat()] {
        let (plain, report) = read(&bytes);
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let sorted = value.to_string();
        // serde keeps the last of equal keys, our readers need not; and it writes numbers in its own way.
        let compact: usize = bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        if compact != sorted.bytes().filter(|byte| !byte.is_ascii_whitespace()).count() || report.error.is_some() {
            continue;
        }
        let (line, _) = read(sorted.as_bytes());
        assert_eq!(spelled(&plain), spelled(&line), "sorted keys: {sorted}");
        let (document, _) = read(format!("{value:#}").as_bytes());
        assert_eq!(spelled(&plain), spelled(&document), "indented: {sorted}");
    }
}
