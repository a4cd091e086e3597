//! Texts of the input: made valid, and bounded where they are stored.

use crate::model::names::Names;
use crate::model::sym::Sym;
use std::borrow::Cow;

/// The longest exception or status message that is stored, in bytes.
pub(crate) const MESSAGE_BYTES: usize = 64 << 10;
/// The longest stacktrace that is stored, in bytes.
pub(crate) const STACKTRACE_BYTES: usize = 256 << 10;
/// How many bytes of any text are decoded: of what is stored, nothing is longer, and decoding may triple it.
pub(crate) const DECODED_BYTES: usize = 1 << 20;
/// What stands at the end of a text that was cut.
pub(crate) const CUT: &str = "… [cut]";

/// `text` as it is stored: at most `limit` bytes of it, cut between characters and marked when it is longer.
pub(crate) fn capped(text: &str, limit: usize) -> Box<str> {
    if text.len() <= limit {
        return Box::from(text);
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    [&text[..end], CUT].concat().into_boxed_str()
}

/// `bytes` as text, of more than [`DECODED_BYTES`] the first; what is no UTF-8 in it is replaced. Valid text, which is
/// nearly all, is checked in one go.
#[inline]
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = &bytes[..bytes.len().min(DECODED_BYTES)];
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The symbol of the text that [`lossy`] makes of `bytes`. Nearly always it is known already, and then its bytes need not
/// be checked.
#[inline]
pub(crate) fn sym(bytes: &[u8], names: &mut Names) -> Sym {
    names.known_lately(bytes).unwrap_or_else(|| names.intern(&lossy(bytes)))
}

/// What stands before and behind the first `at` in `bytes`. On bytes that are no UTF-8 this and [`lossy`] can be done in
/// either order, as long as `at` is ASCII.
pub(crate) fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    memchr::memchr(at, bytes).map(|place| (&bytes[..place], &bytes[place + 1..]))
}

/// [`split_once`] at the last `at`.
pub(crate) fn rsplit_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    memchr::memrchr(at, bytes).map(|place| (&bytes[..place], &bytes[place + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_decoded_than_is_ever_stored() {
        assert_eq!(lossy(&[b'x'; 3 * DECODED_BYTES]).len(), DECODED_BYTES);
        assert_eq!(lossy(&[0xff; 3 * DECODED_BYTES]).len(), 3 * DECODED_BYTES);
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(&*capped("aäb", 2), "a… [cut]");
        assert_eq!(&*capped("aäb", 4), "aäb");
    }
}
