//! Queries that are documents (MongoDB, Elasticsearch): names of members stay, everything else is a value.
//!
//! ```text
//! {"find": "users", "filter": {"mail": "bob@example.org", "age": {"$in": [30, 31]}}}
//! {find: ?, filter: {mail: ?, age: {$in: [?]}}}
//! ```

use crate::read::statement_shape::{Shape, is_name};

/// How many digits the name of a member may have, as `line2` has one: `user4711` is an id.
const MOST_DIGITS: usize = 2;

/// The longest name of a member with digits, in bytes: a longer one may be a token.
const LONGEST_WITH_DIGITS: usize = 24;

/// The document without its values, up to where it is no JSON any more.
pub(super) fn document(text: &str) -> Option<String> {
    let mut shape = Shape::default();
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        if shape.is_full() {
            break;
        }
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'{' | b'}' | b'[' | b']' => {
                shape.mark(byte);
                at += 1;
            }
            b',' => {
                shape.mark(byte);
                shape.gap = true;
                at += 1;
            }
            b'"' => {
                let Some(end) = text_end(bytes, at) else {
                    shape.value();
                    return shape.finish(true);
                };
                let behind = bytes[end..].iter().position(|byte| !byte.is_ascii_whitespace()).map(|gap| end + gap);
                let member = behind.filter(|&behind| bytes[behind] == b':');
                match (member, text.get(at + 1..end - 1)) {
                    (Some(colon), name) => {
                        shape.word(name.filter(|name| is_member(name)).unwrap_or("?"));
                        shape.mark(b':');
                        shape.gap = true;
                        at = colon + 1;
                    }
                    (None, _) => {
                        shape.value();
                        at = end;
                    }
                }
            }
            b'0'..=b'9' | b'-' | b'?' | b't' | b'f' | b'n' => {
                let end = bytes[at..]
                    .iter()
                    .position(|byte| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace());
                let word = &bytes[at..at + end.unwrap_or(bytes.len() - at)];
                let number =
                    word.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
                if !number && !matches!(word, b"?" | b"true" | b"false" | b"null") {
                    return shape.finish(true);
                }
                shape.value();
                at += word.len();
            }
            _ => return shape.finish(true),
        }
    }
    shape.finish(false)
}

/// Whether this is the name of a member and no key that came from outside, as those of sessions do: JSON in Base64, as tokens begin
/// (RFC 7519), is none, and no language of documents has `-` in a name.
fn is_member(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let may_have_digits = text.len() <= LONGEST_WITH_DIGITS && !text.contains('.');
    is_name(text)
        && !text.contains('-')
        && !text.starts_with("eyJ")
        && digits <= if may_have_digits { MOST_DIGITS } else { 0 }
}

/// Where a text in double quotes ends: behind the quote that no backslash stands before.
fn text_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at + 1),
            _ => at += 1,
        }
    }
}
