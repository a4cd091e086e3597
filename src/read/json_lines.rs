//! JSON with one request on each line, as the collector's file exporter writes it.

use crate::read::batch::{BATCH, Content};
use crate::read::byte_source::ByteSource;
use crate::read::intake::Intake;
use crate::read::json_cursor::Cursor;
use crate::read::json_request;
use crate::read::options::ReadOptions;
use crate::read::outlet::Outlet;
use crate::read::sink::Sink;
use crate::read::sniff::BOM;
use memchr::memmem;

/// How far the end of the first line is looked for; an input with a longer one is read as a document.
const PROBE: usize = 16 << 20;

/// How often a request is looked for in what is left of a damaged line: each time may read the line to its end.
const REQUESTS_LOOKED_FOR: usize = 16;

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

/// Cuts the input after line ends.
pub(crate) fn cut(source: &mut ByteSource<'_>, outlet: &mut Outlet<'_>) {
    if source.window().starts_with(BOM) {
        source.consume(BOM.len());
    }
    let (mut wanted, mut searched) = (BATCH, 0);
    loop {
        let more = source.fill_to(wanted);
        let window = source.window();
        if let Some(end) = memchr::memrchr(b'\n', &window[searched..]) {
            outlet.batch(source, searched + end + 1, Content::Lines);
        } else if !more {
            if !window.is_empty() {
                outlet.batch(source, window.len(), Content::Lines);
            }
            return;
        } else if window.len() > outlet.options.max_record_bytes {
            outlet.remark(Content::Lines.unit(), source.offset(), too_long(outlet.options));
            pass_line(source);
        } else {
            // No further than to where the line is too long.
            let longest = outlet.options.max_record_bytes.saturating_add(1);
            (wanted, searched) = ((2 * window.len()).min(longest), window.len());
            continue;
        }
        (wanted, searched) = (BATCH, 0);
    }
}

/// Decodes every line, and says how many there are.
pub(crate) fn decode<S: Sink>(bytes: &[u8], offset: u64, intake: &mut Intake<'_, S>) -> u64 {
    let (mut number, mut start) = (0, 0);
    while start < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
        number += 1;
        line(&bytes[start..end], number, offset + start as u64, intake);
        start = end + 1;
    }
    number
}

fn line<S: Sink>(line: &[u8], number: u64, offset: u64, intake: &mut Intake<'_, S>) {
    if line.len() > intake.options.max_record_bytes {
        intake.begin(number, offset);
        return intake.skip(0, too_long(intake.options));
    }
    let line = line.trim_ascii_end();
    let mut from = line.len() - without_traces_of_files(line).len();
    if from == line.len() || is_head_of_datagram(&line[from..]) {
        return;
    }
    intake.begin(number, offset);
    for _ in 0..REQUESTS_LOOKED_FOR {
        let Err(wrong) = json_request::requests_from(line, from, intake) else { return };
        let next = next_request(line, from, wrong.at);
        let what = match next {
            Some(_) => "rest of a request",
            None if wrong.at == 0 => "line",
            None => "rest of the line",
        };
        intake.skip_malformed(what, wrong);
        let Some(next) = next else { return };
        from = next;
    }
    intake.skip(from, "rest of the line left out: it is damaged in too many places; export it again");
}

/// A line without what the start of a file leaves in the middle of one: the mark of UTF-8 where files were put together, zeros
/// where one was emptied while its writer went on at the place where it had been.
fn without_traces_of_files(line: &[u8]) -> &[u8] {
    let text = line.iter().position(|&byte| byte != 0).map_or(&[][..], |start| &line[start..]);
    text.strip_prefix(BOM).unwrap_or(text)
}

/// Whether a line is what X-Ray's clients put before each segment that they send to its daemon, `{"format": "json", "version": 1}`.
fn is_head_of_datagram(line: &[u8]) -> bool {
    let text = line.iter().filter(|byte| !byte.is_ascii_whitespace());
    text.eq(br#"{"format":"json","version":1}"#)
}

/// Where the next request begins in a line in which something is wrong at this place. An exporter that was killed leaves a part
/// of a request without the end of its line, and writes on behind it when it runs again.
///
/// ```text
/// {"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8e{"resourceSpans":[...]}
///                                                        ├┘ └ wrong: no comma behind the text, which ends here
///                                                        └ the next request
/// ```
///
/// What is wrong may show at the end of the line only, where brackets are missing: the next request was taken for a part of what was
/// cut off. It can be told from one that was read as a part of an array or an answer: those stand where a value was to come.
#[cold]
fn next_request(line: &[u8], from: usize, wrong: usize) -> Option<usize> {
    let head = b"{\"resource";
    if wrong < line.len() {
        // A text that was cut off ends with the first quotation mark of the next request.
        let behind = wrong.saturating_sub(b"{\"".len()).max(from + 1);
        let heads = memmem::find_iter(line.get(behind..)?, head);
        return heads.map(|at| behind + at).find(|&at| begins_request(&line[at..]));
    }
    let mut heads = memmem::rfind_iter(line.get(from + 1..)?, head).map(|at| from + 1 + at);
    let last = heads.find(|&at| begins_request(&line[at..]))?;
    let before = line[..last].trim_ascii_end().last();
    let is_new = !matches!(before, Some(b':' | b'[' | b',')) && is_whole(&line[last..]);
    is_new.then_some(last)
}

fn too_long(options: &ReadOptions) -> String {
    let limit = options.max_record_bytes;
    format!("line left out: it is longer than the limit of {limit} bytes; export with smaller batches")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::capture_reader::read_bytes;
    use crate::read::sink::Gathered;

    #[test]
    fn a_line_may_be_as_long_as_it_likes_where_nothing_bounds_it() {
        let options = ReadOptions { max_record_bytes: usize::MAX, ..ReadOptions::default() };
        let span = r#"{"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"0000000000000001"}"#;
        let text = "x".repeat(3 * BATCH);
        let request = |text: &str| {
            format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"scope":{{"name":"{text}"}},"spans":[{span}]}}]}}]}}"#)
        };
        let lines = [request(""), request(&text), request("")].join("\n");
        let mut gathered = Gathered::default();
        let report = read_bytes("lines", lines.as_bytes(), &options, &mut gathered);
        assert_eq!((report.spans, report.records, report.skipped_total), (3, 3, 0));
    }
}
