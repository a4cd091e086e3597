//! Pieces of input inside messages: made harmless for terminals, and short.

/// The longest piece of input that a message quotes, in characters.
const QUOTED_CHARS: usize = 80;

/// `bytes` in double quotes, control characters and quotes escaped, cut after 80 characters.
pub(crate) fn quote(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(QUOTED_CHARS * 4)];
    let text = String::from_utf8_lossy(head);
    let mut quoted = String::from("\"");
    let mut chars = 0;
    for c in text.chars().flat_map(char::escape_debug).take(QUOTED_CHARS) {
        quoted.push(c);
        chars += 1;
    }
    quoted.push('"');
    if chars == QUOTED_CHARS || head.len() < bytes.len() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_codes_do_not_reach_the_terminal() {
        assert_eq!(quote(b"\x1b[31mred\"\n"), r#""\u{1b}[31mred\"\n""#);
        assert_eq!(quote(b"\xff"), "\"\u{fffd}\"");
    }

    #[test]
    fn long_pieces_are_cut() {
        assert_eq!(quote(&[b'a'; 1000]).chars().count(), QUOTED_CHARS + 3);
    }
}
