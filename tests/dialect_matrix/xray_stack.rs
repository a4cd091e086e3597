//! Stack traces as the frames that X-Ray holds of them, split as OpenTelemetry's exporter splits them.

use crate::telemetry::{Told, list};
use serde_json::{Map, Value, json};

/// The exceptions that the span tells, each with those that caused it: type, message, frames, and the id of the cause.
pub(crate) fn chains(told: &Told<'_>) -> Vec<Vec<Value>> {
    let language = told.resource().get("telemetry.sdk.language").and_then(Value::as_str).map(str::to_owned);
    let exceptions = told.events().into_iter().filter(|(_, name, _)| name == "exception");
    let chain = |(number, (_, _, attributes)): (usize, (u64, String, Map<String, Value>))| {
        let text = |key: &str| attributes.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let stack = text("exception.stacktrace");
        let id = |link: usize| json!(format!("{number:08x}{link:08x}"));
        let one = |link: usize, kind: &str, message: &str, frames: Vec<Value>| json!({"id": id(link), "type": kind, "message": message, "remote": told.kind() == "client", "stack": frames});
        let (kind, message) = (text("exception.type"), text("exception.message"));
        if language.as_deref() != Some("python") {
            return vec![one(0, &kind, &message, stack.lines().filter_map(node_frame).collect())];
        }
        let mut chain: Vec<Value> = Vec::new();
        for (link, block) in stack.rsplit(HANDLING).enumerate() {
            let frames: Vec<Value> = block.lines().rev().filter_map(python_frame).collect();
            // The outermost is told beside the stack, the others by the last line of theirs.
            let last = block.trim_end().lines().last().unwrap_or_default();
            let own = last.split_once(": ").unwrap_or((last, ""));
            let (kind, message) = if link == 0 { (&*kind, &*message) } else { own };
            if let Some(outer) = chain.last_mut() {
                outer["cause"] = id(link);
            }
            chain.push(one(link, kind, message, frames));
        }
        chain
    };
    exceptions.enumerate().map(chain).collect()
}

/// What Python prints between an exception and the one that was thrown while it was handled.
const HANDLING: &str = "During handling of the above exception, another exception occurred:";

/// `    at label (path:line:column)`; the path ends at the first colon.
fn node_frame(line: &str) -> Option<Value> {
    let call = line.strip_prefix("    at ")?;
    let (label, place) = match call.strip_suffix(')').and_then(|call| call.split_once('(')) {
        Some((label, place)) => (label, place),
        None => ("", call),
    };
    let mut parts = place.splitn(3, ':');
    let (path, line) = (parts.next()?, parts.next().and_then(|line| line.parse::<u32>().ok()).unwrap_or(0));
    Some(json!({"label": label, "path": path, "line": line}))
}

/// `  File "path", line 1, in label`; the innermost comes last.
fn python_frame(line: &str) -> Option<Value> {
    let mut parts = line.strip_prefix("  File \"")?.split(',');
    let path = parts.next()?.strip_suffix('"')?;
    let line = parts.next()?.strip_prefix(" line ")?.parse::<u32>().ok()?;
    let label = parts.next()?.strip_prefix(" in ")?;
    Some(json!({"label": label, "path": path, "line": line}))
}

/// A chain as the stack trace that it was, without what was lost.
pub(crate) fn as_text(chain: &[Value]) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().trim().to_owned();
    let header = |exception: &Value| {
        let (kind, message) = (text(&exception["type"]), exception["message"].as_str().unwrap_or_default());
        if message.is_empty() { kind } else { format!("{kind}: {message}") }
    };
    let frames = |exception: &Value| list(&exception["stack"]).to_vec();
    if chain.iter().all(|exception| frames(exception).is_empty()) {
        return String::new();
    }
    let is_python = |frame: &Value| text(&frame["path"]).ends_with(".py") || text(&frame["path"]).starts_with('<');
    if chain.iter().flat_map(frames).all(|frame| is_python(&frame)) {
        let line = |frame: &Value| {
            format!("  File \"{}\", line {}, in {}\n", text(&frame["path"]), frame["line"], text(&frame["label"]))
        };
        let block = |exception: &Value| {
            let lines: String = frames(exception).iter().rev().map(line).collect();
            format!("Traceback (most recent call last):\n{lines}{}", header(exception))
        };
        let blocks: Vec<String> = chain.iter().rev().map(block).collect();
        return blocks.join("\n\nThe above exception was the direct cause of the following exception:\n\n");
    }
    let line = |frame: &Value| {
        let place = format!("{}:{}", text(&frame["path"]).trim_start_matches("async "), frame["line"]);
        match text(&frame["label"]).as_str() {
            "" => format!("\n    at ({})", place.trim_end_matches(":0")),
            label => format!("\n    at {label} ({})", place.trim_end_matches(":0")),
        }
    };
    let block = |exception: &Value| header(exception) + &frames(exception).iter().map(line).collect::<String>();
    chain.iter().map(block).collect::<Vec<_>>().join("\nCaused by: ")
}
