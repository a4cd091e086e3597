//! Cuts bytes into JSON objects, wherever they stand: one on each line, one over many lines, in arrays, or all of these.
//!
//! ```text
//! {"a":1}            a line                    [ , ]  and blanks between objects are passed
//! {                  over lines
//!   "b": {}
//! }
//! [{"c":1},          an array
//!  {"d":1},
//!  {"e":"            broken: a text does not go over lines, so this object never ends.
//!  {"f":1}]          Go on at the next line that starts with { or [ and is indented no more than the broken one.
//! ```
//!
//! Brackets are counted, so that nesting costs nothing here; what an object holds is parsed later. What was looked through
//! in vain is looked through again from the next line, and how much of that there may be is bounded: the time is linear.

/// The longest object that is read, in bytes. The webhooks of the formats have some ten thousand, lists of them more.
const MOST_BYTES: usize = 4 << 20;

/// How many bytes may be looked through again because an object did not end.
const MOST_AGAIN: usize = 256 << 20;

/// A part of the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'b> {
    /// Which one, from 1.
    pub number: u64,
    /// The line on which it starts, from 1.
    pub line: u64,
    /// Its bytes; of what is broken, those to the end of its line.
    pub bytes: &'b [u8],
    /// Why it is no object.
    pub fault: Option<&'static str>,
}

/// The objects of an input, one after the other.
pub(super) struct Records<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
    number: u64,
    open_lists: u64,
    again: usize,
}

/// How the look for the end of an object came out.
enum End {
    At(usize),
    Fault { looked: usize, why: &'static str },
}

impl<'b> Records<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0, line: 1, number: 0, open_lists: 0, again: 0 }
    }

    /// Whether the input ended within an array. Only meaningful after the last record.
    pub(super) fn ended_in_list(&self) -> bool {
        self.open_lists > 0
    }

    fn go_to(&mut self, at: usize) {
        let passed = &self.bytes[self.at..at];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at = at;
    }

    /// Goes over what may stand between objects.
    fn pass_blanks(&mut self) {
        let mut at = self.at;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                b'[' => self.open_lists += 1,
                b']' => self.open_lists = self.open_lists.saturating_sub(1),
                b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
                _ => break,
            }
            at += 1;
        }
        self.go_to(at);
    }

    fn end_of_line(&self, from: usize) -> usize {
        memchr::memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |length| from + length)
    }

    /// The place behind what is no object: the end of its line, within an array that of the element.
    fn end_of_other(&self, start: usize) -> usize {
        if self.open_lists == 0 {
            return self.end_of_line(start);
        }
        // No further than the element: a list may have any number of them on one line.
        let rest = &self.bytes[start..];
        let mut in_text = false;
        let length = rest.iter().position(|byte| {
            in_text ^= *byte == b'"';
            *byte == b'\n' || !in_text && matches!(byte, b',' | b']')
        });
        start + length.unwrap_or(rest.len()).max(1)
    }

    /// How far a place is indented; 0 when something else stands before it on its line.
    fn indent(&self, at: usize) -> usize {
        let start = memchr::memrchr(b'\n', &self.bytes[..at]).map_or(0, |newline| newline + 1);
        let before = &self.bytes[start..at];
        if before.iter().all(|byte| matches!(byte, b' ' | b'\t')) { before.len() } else { 0 }
    }

    /// The next line after `from` that may start an object, and is not indented by more than `indent`.
    fn next_start(&self, from: usize, indent: usize) -> usize {
        let mut line = self.end_of_line(from);
        while line < self.bytes.len() {
            let start = line + 1;
            let blanks = self.bytes[start..].iter().take(indent + 1).take_while(|byte| matches!(byte, b' ' | b'\t'));
            let blanks = blanks.count();
            if blanks <= indent && matches!(self.bytes.get(start + blanks), Some(b'{' | b'[')) {
                return start;
            }
            line = self.end_of_line(start);
        }
        self.bytes.len()
    }
}

/// The place behind the object that starts at `start`.
fn end_of_object(bytes: &[u8], start: usize) -> End {
    let most = bytes.len().min(start + MOST_BYTES);
    let (mut depth, mut in_text, mut at) = (0_u64, false, start);
    while at < most {
        match bytes[at] {
            b'"' => in_text = !in_text,
            b'\\' if in_text => at += 1,
            b'\n' if in_text => return End::Fault { looked: at - start, why: "a text in it does not end on its line" },
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => {
                depth -= 1;
                if depth == 0 {
                    return End::At(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    let why = if most < bytes.len() { "it is longer than 4 MiB" } else { "it does not end" };
    End::Fault { looked: most - start, why }
}

impl<'b> Iterator for Records<'b> {
    type Item = Record<'b>;

    fn next(&mut self) -> Option<Record<'b>> {
        self.pass_blanks();
        let start = self.at;
        let first = *self.bytes.get(start)?;
        self.number += 1;
        let (number, line) = (self.number, self.line);
        if first != b'{' {
            let end = self.end_of_other(start);
            self.go_to(end);
            let fault = Some("it is no JSON object");
            return Some(Record { number, line, bytes: &self.bytes[start..end], fault });
        }
        let (looked, why) = match end_of_object(self.bytes, start) {
            End::At(end) => {
                self.go_to(end);
                return Some(Record { number, line, bytes: &self.bytes[start..end], fault: None });
            }
            End::Fault { looked, why } => (looked, why),
        };
        self.again += looked;
        let bytes = &self.bytes[start..self.end_of_line(start)];
        if self.again > MOST_AGAIN {
            self.go_to(self.bytes.len());
            let fault = Some("too much of the input is broken; all from here on is left out");
            return Some(Record { number, line, bytes, fault });
        }
        // Within what does not end there may be arrays that were opened before it: nothing is known of them any more.
        self.open_lists = 0;
        self.go_to(self.next_start(start, self.indent(start)));
        Some(Record { number, line, bytes, fault: Some(why) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(u64, &str, bool)> {
        let text_of = |bytes| std::str::from_utf8(bytes).expect("text");
        let records = Records::of(text.as_bytes());
        records.map(|record| (record.line, text_of(record.bytes), record.fault.is_some())).collect()
    }

    #[test]
    fn objects_are_found_on_lines_over_lines_and_in_arrays() {
        let text = "{\"a\":1}\r\n\n{\n  \"b\": {\"x\": \"}\\\"\"}\n}\n[{\"c\":1},\n [{\"d\":[]}]]{\"e\":1} {\"f\":1}";
        let lines = [(1, "{\"a\":1}"), (3, "{\n  \"b\": {\"x\": \"}\\\"\"}\n}"), (6, "{\"c\":1}"), (7, "{\"d\":[]}")];
        let more = [(7, "{\"e\":1}"), (7, "{\"f\":1}")];
        let expected: Vec<_> = lines.into_iter().chain(more).map(|(line, text)| (line, text, false)).collect();
        assert_eq!(told(text), expected);
    }

    #[test]
    fn what_is_broken_costs_nothing_beside_it() {
        let lines = "{\"a\":\n{\"b\":\"x\n{\"c\":1}\nnonsense {\n{\"d\":1}";
        assert_eq!(
            told(lines),
            [
                (1, "{\"a\":", true),
                (2, "{\"b\":\"x", true),
                (3, "{\"c\":1}", false),
                (4, "nonsense {", true),
                (5, "{\"d\":1}", false)
            ]
        );
        let other = "[1, \"a,{\", {\"b\":1}, null]\n{\"c\":1}";
        let faults = [(1, "1", true), (1, "\"a,{\"", true), (1, "{\"b\":1}", false), (1, "null", true)];
        assert_eq!(told(other), [&faults[..], &[(2, "{\"c\":1}", false)]].concat());
        let array = "[\n  {\n    \"a\": \"\n  },\n  {\n    \"b\": {}\n  }\n]";
        assert_eq!(told(array), [(2, "{", true), (5, "{\n    \"b\": {}\n  }", false)]);
    }

    #[test]
    fn the_end_of_an_array_is_missed() {
        let mut records = Records::of(b"[{\"a\":1},");
        assert_eq!(records.by_ref().count(), 1);
        assert!(records.ended_in_list());
        let mut records = Records::of(b"[{\"a\":1},\n{\"b\":[1]}]\n");
        assert_eq!(records.by_ref().count(), 2);
        assert!(!records.ended_in_list());
    }

    #[test]
    fn a_list_of_what_are_no_objects_on_one_line_is_passed_element_by_element() {
        // To look to the end of the line for each of them would take hours.
        let elements = 8 << 20;
        let list = format!("[{}{{\"a\":1}}]\n{{\"b\":1}}", "1,".repeat(elements));
        let mut records = Records::of(list.as_bytes());
        assert_eq!(records.by_ref().take(elements).filter(|record| record.bytes == b"1").count(), elements);
        let rest: Vec<_> = records.map(|record| (record.line, record.bytes.len(), record.fault)).collect();
        assert_eq!(rest, [(1, 7, None), (2, 7, None)]);
    }

    #[test]
    fn looking_again_has_a_bound() {
        let nested = "{\"a\":\n".repeat(100_000);
        let records: Vec<_> = Records::of(nested.as_bytes()).collect();
        assert!(records.len() < 1000, "{}", records.len());
        assert!(records.last().and_then(|last| last.fault).is_some_and(|fault| fault.contains("too much")));
        let long = format!("{{\"a\":\"{}\"}}\n{{\"b\":1}}\n", "x".repeat(MOST_BYTES));
        let records: Vec<_> = Records::of(long.as_bytes()).map(|record| record.fault).collect();
        assert_eq!(records, [Some("it is longer than 4 MiB"), None]);
    }
}
