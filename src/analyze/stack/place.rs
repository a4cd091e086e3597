//! Places in code, as most languages write them.

/// File and line of `file:line`.
pub(super) fn file_line(text: &str) -> Option<(&str, u32)> {
    let (file, line) = text.rsplit_once(':')?;
    Some((file, number(line)?)).filter(|(file, _)| !file.is_empty())
}

/// File, line and column of `file:line:column`.
pub(super) fn file_line_column(text: &str) -> Option<(&str, u32, u32)> {
    let (rest, column) = text.rsplit_once(':')?;
    let (file, line) = file_line(rest)?;
    Some((file, line, number(column)?))
}

/// A number of nothing but digits.
pub(super) fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a dotted name lies in one of `packages`, each of which ends as a package does (`java.`).
pub(super) fn is_in(name: &str, packages: &[&str]) -> bool {
    packages.iter().any(|package| name.starts_with(package))
}

/// Whether a path has a folder of this name.
pub(super) fn has_folder(path: &str, folder: &str) -> bool {
    path.split(['/', '\\']).any(|part| part == folder)
}

/// Of the list in brackets with which a text begins its length, and how many items it holds.
pub(super) fn list(text: &str) -> Option<(usize, usize)> {
    let (mut depth, mut quoted, mut escaped, mut commas) = (0_usize, false, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' | b'(' if !quoted => depth += 1,
            b']' | b'}' | b')' if !quoted => depth = depth.checked_sub(1)?,
            b',' if !quoted && depth == 1 => commas += 1,
            _ => {}
        }
        if depth == 0 && !quoted {
            let items = if at > 1 { commas + 1 } else { 0 };
            return (at > 0).then_some((at + 1, items));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_ends_in_numbers() {
        assert_eq!(file_line("/a b/c.rb:12"), Some(("/a b/c.rb", 12)));
        assert_eq!(file_line_column("C:\\a.rs:1:2"), Some(("C:\\a.rs", 1, 2)));
        for text in ["a", "a:", ":1", "a:+1", "a:99999999999", ""] {
            assert_eq!(file_line(text), None, "{text}");
        }
    }

    #[test]
    fn items_of_a_list_are_counted_past_quotes() {
        for (text, length, items) in [("[]", 2, 0), ("(\"a, )\\\"\", [1, 2])x", 18, 2), ("[a]", 3, 1)] {
            assert_eq!(list(text), Some((length, items)), "{text}");
        }
        assert_eq!((list("[a"), list("]"), list("a")), (None, None, None));
    }

    #[test]
    fn folders_are_whole_names() {
        assert!(has_folder("/a/vendor/b.php", "vendor") && has_folder("C:\\vendor\\b.php", "vendor"));
        assert!(!has_folder("/a/vendors/b.php", "vendor"));
    }
}
