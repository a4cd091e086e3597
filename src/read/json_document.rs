//! JSON documents of any size and layout: one, several, or arrays of them, read resource block by resource block.

use crate::read::batch::{BATCH, Content, Element, ElementPlace};
use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::intake::Intake;
use crate::read::json_cursor::Cursor;
use crate::read::json_dialect::{Dialect, Told};
use crate::read::json_request::{self, MAX_WRAPPING, NOT_TELEMETRY, Parts, is_list, is_wrapper};
use crate::read::outlet::Outlet;
use crate::read::partial_answer::{PARTIAL, json_tells_partial};
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::sniff::BOM;

/// What a record is called in reports.
const UNIT: &str = "element";

/// The longest key that is looked at, in bytes.
const MAX_KEY: usize = 1 << 16;

/// How far into an object the key that tells its dialect is looked for, in bytes.
const LOOK: usize = 256 << 10;

/// How much of a value is looked at to see whether it says that an answer is partial, in bytes.
const LOOK_AT_VALUE: usize = 64;

/// What the place that is being read lies in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Inside {
    /// An array of requests.
    Requests,
    /// A request, or what wraps one; whether telemetry was found in it, and whether it says that some is missing.
    Request { found: bool, partial: bool },
    /// The resource blocks of a request.
    Blocks(Signal),
}

impl Inside {
    /// A request of which nothing was read yet.
    const REQUEST: Self = Self::Request { found: false, partial: false };
}

/// What one member of a request comes to.
#[derive(Clone, Copy, Debug)]
enum Member {
    /// Telemetry can be in its value, which is entered.
    Enter(Inside),
    /// Its value, which comes next, holds spans as another dialect has them.
    Foreign(Dialect),
    /// Its value was passed; whether it says that an answer is partial.
    Passed { partial: bool },
}

/// The elements that were found and not handed on yet: small ones travel together.
struct Found<'o, 'd> {
    outlet: &'o mut Outlet<'d>,
    bytes: Vec<u8>,
    elements: Vec<ElementPlace>,
    /// How many records there were, remarks included.
    records: u64,
}

impl Found<'_, '_> {
    fn hand_on(&mut self) {
        if let Some(first) = self.elements.first() {
            let offset = first.offset;
            let elements = Content::Elements(std::mem::take(&mut self.elements));
            self.outlet.copied(&mut self.bytes, offset, elements);
        }
    }

    fn remark(&mut self, offset: u64, reason: impl Into<String>) {
        self.hand_on();
        self.records += 1;
        self.outlet.remark(UNIT, offset, reason);
    }

    fn broken(&self, source: &ByteSource<'_>) -> ReadError {
        let expected = "JSON: a request object with resourceSpans, resourceLogs or resourceMetrics";
        self.outlet.broken(UNIT, self.records + 1, source.offset(), expected)
    }

    /// Takes one element, a resource block or what another dialect has, as a whole.
    fn element(&mut self, source: &mut ByteSource<'_>, element: Element) {
        let limit = self.outlet.options.max_record_bytes;
        let (offset, end) = (source.offset(), value_end(source, limit));
        if end.is_none() && source.window().len() > limit {
            self.remark(offset, format!("element left out: it is longer than the limit of {limit} bytes"));
            return skip_value(source);
        }
        // Without an end it was cut off: what is whole in it counts.
        let length = end.unwrap_or(source.window().len());
        self.records += 1;
        if length > BATCH / 8 {
            self.hand_on();
            let alone = ElementPlace { element, end: length, offset };
            return self.outlet.batch(source, length, Content::Elements(vec![alone]));
        }
        self.bytes.extend_from_slice(&source.window()[..length]);
        source.consume(length);
        self.push(element, offset);
    }

    /// Takes note of something without bytes that matter: it travels with the elements, as there may be millions.
    fn mark(&mut self, source: &ByteSource<'_>, element: Element) {
        self.records += 1;
        self.push(element, source.offset());
    }

    fn push(&mut self, element: Element, offset: u64) {
        self.elements.push(ElementPlace { element, end: self.bytes.len(), offset });
        if self.bytes.len() > BATCH || self.elements.len() > BATCH / size_of::<ElementPlace>() {
            self.hand_on();
        }
    }
}

/// Cuts the elements out of every document. An error is one after which nothing can be found.
pub(crate) fn cut(source: &mut ByteSource<'_>, outlet: &mut Outlet<'_>) -> Result<(), ReadError> {
    if source.window().starts_with(BOM) {
        source.consume(BOM.len());
    }
    let mut found = Found { outlet, bytes: Vec::new(), elements: Vec::new(), records: 0 };
    let outcome = elements(source, &mut found);
    found.hand_on();
    outcome
}

fn elements(source: &mut ByteSource<'_>, found: &mut Found<'_, '_>) -> Result<(), ReadError> {
    let mut around: Vec<Inside> = Vec::new();
    while let Some(byte) = peek(source) {
        let wrapped = around.len() >= MAX_WRAPPING;
        match (around.last().copied(), byte) {
            (Some(_), b',') => source.consume(1),
            (None | Some(Inside::Requests), b'{') if !wrapped => {
                if let Some(dialect) = dialect(source) {
                    found.element(source, Element::Foreign(dialect));
                } else {
                    source.consume(1);
                    around.push(Inside::REQUEST);
                }
            }
            (None | Some(Inside::Requests), b'[') if !wrapped => {
                source.consume(1);
                around.push(Inside::Requests);
            }
            (Some(Inside::Requests | Inside::Blocks(_)), b']') => {
                source.consume(1);
                around.pop();
            }
            (Some(Inside::Request { found: telemetry, partial }), b'}') => {
                if telemetry && partial {
                    found.mark(source, Element::Partial);
                }
                source.consume(1);
                around.pop();
                if let Some(Inside::Request { found: outer, .. }) = around.last_mut() {
                    *outer |= telemetry;
                } else if !telemetry {
                    found.mark(source, Element::Nothing { what: "document that ends here " });
                }
            }
            (Some(Inside::Request { found: telemetry, partial }), b'"') => {
                let Some(member) = member(source) else { return Err(found.broken(source)) };
                let outer = around.len().saturating_sub(1);
                match member {
                    Member::Enter(list @ (Inside::Blocks(_) | Inside::Requests))
                        if !wrapped || list != Inside::Requests =>
                    {
                        around[outer] = Inside::Request { found: true, partial };
                        around.push(list);
                    }
                    Member::Enter(inside) if !wrapped => around.push(inside),
                    Member::Foreign(dialect) => {
                        around[outer] = Inside::Request { found: true, partial };
                        found.element(source, Element::Foreign(dialect));
                    }
                    Member::Enter(_) => return Err(found.broken(source)),
                    Member::Passed { partial: now } => {
                        around[outer] = Inside::Request { found: telemetry, partial: partial || now };
                    }
                }
            }
            (Some(Inside::Blocks(signal)), b'{') => found.element(source, Element::Block(signal)),
            (Some(Inside::Requests | Inside::Blocks(_)), b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                if byte != b'n' {
                    found.mark(source, Element::Nothing { what: "value " });
                }
                skip_value(source);
            }
            _ => return Err(found.broken(source)),
        }
    }
    if !around.is_empty() {
        found.remark(source.offset(), "the input ends within a JSON document; it was cut off, export it again");
    }
    Ok(())
}

/// Decodes every element, and says how many there are.
pub(crate) fn decode<S: Sink>(bytes: &[u8], elements: &[ElementPlace], intake: &mut Intake<'_, S>) -> u64 {
    let (mut number, mut start, mut parts) = (0, 0, Parts::default());
    for &ElementPlace { element, end, offset } in elements {
        number += 1;
        intake.begin(number, offset);
        let mut cursor = Cursor::new(bytes.get(start..end).unwrap_or_default());
        let outcome = match element {
            Element::Block(signal) => json_request::block(&mut cursor, signal, &mut parts, intake),
            Element::Foreign(dialect) => dialect.read(&mut cursor, intake),
            Element::Nothing { what } => {
                intake.skip(0, [what, NOT_TELEMETRY].concat());
                Ok(())
            }
            Element::Partial => {
                intake.skip(0, PARTIAL);
                Ok(())
            }
        };
        if let Err(wrong) = outcome {
            intake.skip_malformed("rest of the element", wrong);
        }
        start = end;
    }
    number
}

/// Reads a key and enters its value if telemetry can be in it, else passes it. `None` if there is no key and value.
fn member(source: &mut ByteSource<'_>) -> Option<Member> {
    let end = value_end(source, MAX_KEY)?;
    let key = source.window()[..end].to_vec();
    source.consume(end);
    if peek(source)? != b':' {
        return None;
    }
    source.consume(1);
    let inner = &key[1..key.len() - 1];
    let inside = match (Signal::of_request_key(inner), peek(source)?) {
        (Some(signal), b'[') => Some(Inside::Blocks(signal)),
        (None, b'{') if is_wrapper(inner) => match dialect(source) {
            Some(dialect) => return Some(Member::Foreign(dialect)),
            None => Some(Inside::REQUEST),
        },
        (None, b'[') if is_list(inner) => Some(Inside::Requests),
        _ => None,
    };
    if let Some(inside) = inside {
        source.consume(1);
        return Some(Member::Enter(inside));
    }
    source.fill_to(LOOK_AT_VALUE);
    let start = &source.window()[..source.window().len().min(LOOK_AT_VALUE)];
    let partial = json_tells_partial(inner, scalar_or_start(start));
    skip_value(source);
    Some(Member::Passed { partial })
}

/// A value up to what ends it, or as much as is there of an array or object.
fn scalar_or_start(value: &[u8]) -> &[u8] {
    if matches!(value.first(), Some(b'[' | b'{')) {
        return value;
    }
    Scan::default().feed(value).map_or(value, |end| &value[..end])
}

/// The dialect of the object at the start of the window, if it holds spans in another way than OTLP.
fn dialect(source: &mut ByteSource<'_>) -> Option<Dialect> {
    loop {
        match Dialect::told(Cursor::new(source.window())) {
            Told::Spans(dialect) => return Some(dialect),
            Told::Other => return None,
            Told::Nothing if source.window().len() < LOOK && source.fill() => {}
            Told::Nothing => return None,
        }
    }
}

/// The first byte of the next token, at the start of the window; `None` at the end.
fn peek(source: &mut ByteSource<'_>) -> Option<u8> {
    loop {
        let window = source.window();
        let blank = window.len() - window.trim_ascii_start().len();
        source.consume(blank);
        if let Some(&byte) = source.window().first() {
            return Some(byte);
        }
        if !source.fill() {
            return None;
        }
    }
}

/// Where the value at the start of the window ends; reads on until it does, to at most `limit` bytes.
fn value_end(source: &mut ByteSource<'_>, limit: usize) -> Option<usize> {
    let (mut scan, mut fed) = (Scan::default(), 0);
    loop {
        if let Some(end) = scan.feed(&source.window()[fed..]) {
            return Some(fed + end).filter(|&end| end <= limit);
        }
        fed = source.window().len();
        if fed > limit || !source.fill() {
            return None;
        }
    }
}

/// Passes the value at the start of the window without holding it.
fn skip_value(source: &mut ByteSource<'_>) {
    let mut scan = Scan::default();
    loop {
        let end = scan.feed(source.window());
        source.consume(end.unwrap_or(usize::MAX));
        if end.is_some() || !source.fill() {
            return;
        }
    }
}

/// Finds the end of a value in bytes that come in pieces.
#[derive(Default, Debug)]
struct Scan {
    depth: usize,
    in_string: bool,
    after_backslash: bool,
    in_word: bool,
}

impl Scan {
    /// Looks through the next piece; the end of the value in it, if it is there.
    fn feed(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < piece.len() {
            if self.after_backslash {
                self.after_backslash = false;
                at += 1;
                continue;
            }
            if self.in_string {
                at += memchr::memchr2(b'"', b'\\', &piece[at..])?;
                if piece[at] == b'\\' {
                    self.after_backslash = true;
                } else {
                    self.in_string = false;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                at += 1;
                continue;
            }
            match piece[at] {
                b',' | b':' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t' if self.in_word => return Some(at),
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => self.in_word |= self.depth == 0,
            }
            at += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_values_are_found_across_pieces() {
        for (json, end) in [(r#"{"a":"}\"{"}, 1"#, 12), (r#""a\\",1"#, 5), ("12,3", 2), ("[[],{}] ", 7)] {
            for split in 0..=end {
                let mut scan = Scan::default();
                let bytes = json.as_bytes();
                let found = scan.feed(&bytes[..split]).or_else(|| scan.feed(&bytes[split..]).map(|at| split + at));
                assert_eq!(found, Some(end), "{json} at {split}");
            }
        }
    }
}
