//! Pieces of input inside messages: made harmless for terminals, and short.

/// The longest piece of input that a message quotes, in characters.
const QUOTED_CHARS: usize = 80;

/// `bytes` in double quotes, control characters and quotes escaped, cut after 80 characters.
pub(crate) fn quote(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(QUOTED_CHARS * 4)];
    let text = String::from_utf8_lossy(head);
    let mut quoted = String::from("\"");
    let mut chars = text.chars().flat_map(char::escape_debug);
    quoted.extend(chars.by_ref().take(QUOTED_CHARS));
    quoted.push('"');
    if chars.next().is_some() || head.len() < bytes.len() {
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
        for length in [QUOTED_CHARS + 1, 1000] {
            assert_eq!(quote(&vec![b'a'; length]), format!("\"{}\"…", "a".repeat(QUOTED_CHARS)));
        }
        let whole = "a".repeat(QUOTED_CHARS);
        assert_eq!(quote(whole.as_bytes()), format!("\"{whole}\""));
    }
}
