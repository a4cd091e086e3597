//! JSON with one request on each line, as the collector's file exporter writes it.

use crate::read::byte_source::ByteSource;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::json_request;
use crate::read::sink::Sink;
use crate::read::sniff::BOM;

/// How far the end of the first line is looked for; an input with a longer one is read as a document.
const PROBE: usize = 16 << 20;

/// Whether the JSON in `source` comes in lines, each whole in itself, and not as documents that span lines.
pub(crate) fn are_lines(source: &mut ByteSource<'_>) -> bool {
    let mut searched = 0;
    loop {
        let window = source.window();
        let blank = window.len() - window.strip_prefix(BOM).unwrap_or(window).trim_ascii_start().len();
        let from = searched.max(blank);
        if let Some(end) = memchr::memchr(b'\n', &window[from..]).map(|end| from + end) {
            if is_whole(&window[blank..end]) {
                return true;
            }
            // Cut off or damaged, and yet a line if the next one begins a request of its own.
            let cut = !matches!(window[blank..end].trim_ascii_end().last(), None | Some(b':'))
                && matches!(window[blank], b'{' | b'"');
            source.fill_to(end + 64);
            return cut && begins_request(&source.window()[end + 1..]);
        }
        searched = window.len();
        if searched > PROBE {
            return false;
        }
        if !source.fill() {
            return is_whole(&source.window()[blank..]);
        }
    }
}

fn begins_request(line: &[u8]) -> bool {
    [&b"{\"resourceSpans\""[..], b"{\"resourceLogs\"", b"{\"resourceMetrics\""]
        .iter()
        .any(|head| line.starts_with(head))
}

/// Whether every bracket that is opened in `line` is closed in it. What is no JSON at all is a line of its own too.
fn is_whole(line: &[u8]) -> bool {
    let mut cursor = Cursor::new(line);
    while let Some(byte) = cursor.peek() {
        if !matches!(byte, b'{' | b'[') {
            return true;
        }
        if cursor.skip_value().is_err() {
            return false;
        }
    }
    true
}

/// Reads every line.
pub(crate) fn lines<S: Sink>(source: &mut ByteSource<'_>, intake: &mut Intake<'_, S>) {
    intake.unit = "line";
    if source.window().starts_with(BOM) {
        source.consume(BOM.len());
    }
    let mut searched = 0;
    let mut number = 1;
    loop {
        let window = source.window();
        let found = memchr::memchr(b'\n', &window[searched..]).map(|end| searched + end);
        if found.unwrap_or(window.len()) > intake.options.max_record_bytes {
            intake.begin(number, source.offset());
            let reason = format!(
                "line left out: it is longer than the limit of {} bytes; export with smaller batches",
                intake.options.max_record_bytes
            );
            intake.skip(0, reason);
            pass_line(source);
            (searched, number) = (0, number + 1);
        } else if let Some(end) = found {
            line(&window[..end], number, source.offset(), intake);
            source.consume(end + 1);
            (searched, number) = (0, number + 1);
        } else {
            searched = window.len();
            if !source.fill() {
                line(source.window(), number, source.offset(), intake);
                source.consume(usize::MAX);
                return;
            }
        }
    }
}

fn line<S: Sink>(line: &[u8], number: u64, offset: u64, intake: &mut Intake<'_, S>) {
    let line = line.trim_ascii_end();
    if line.is_empty() {
        return;
    }
    intake.begin(number, offset);
    if let Err(Malformed { at, expected }) = json_request::requests(line, intake) {
        let what = if at == 0 { "line" } else { "rest of the line" };
        intake.skip_malformed(what, Malformed { at, expected });
    }
}

/// Gives up everything up to the end of the line, without holding it.
fn pass_line(source: &mut ByteSource<'_>) {
    loop {
        let window = source.window();
        if let Some(end) = memchr::memchr(b'\n', window) {
            source.consume(end + 1);
            return;
        }
        source.consume(usize::MAX);
        if !source.fill() {
            return;
        }
    }
}
