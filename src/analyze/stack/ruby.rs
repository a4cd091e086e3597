//! Stacks of Ruby, as `full_message` and `backtrace` give them.

use crate::analyze::stack::chain::Chain;
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{file_line, has_folder};
use std::borrow::Cow;

/// Frames alone are proof.
pub(super) fn detect(text: &str, flat: bool) -> Fit {
    if !text.contains(":in ") {
        return Fit::None;
    }
    fit_of_frames(text, flat, begins_line, |line| call(line).is_some())
}

fn begins_line(rest: &str) -> bool {
    let own = rest.strip_prefix("from ").unwrap_or(rest);
    let place_first = own.find(char::is_whitespace).is_some_and(|space| own[..space].ends_with(":in"));
    place_first && call(rest).is_some()
}

/// Not the application's: gems, the standard library, and code without a file.
pub(super) fn in_app(frame: &Frame) -> bool {
    let file = &*frame.file;
    let foreign = has_folder(file, "gems") || file.contains("/lib/ruby/") || file.starts_with(['<', '(']);
    !foreign && !file.is_empty() && file != "-e"
}

/// Reads the exception and its causes, which Ruby prints after it.
pub(super) fn parse(text: &str, flat: bool) -> Vec<Block> {
    let mut chain = Chain::new(header);
    for piece in pieces(text, flat, begins_line) {
        let line = piece.trim();
        match call(line) {
            Some((frame, "")) => chain.frame(frame),
            Some((frame, message)) => {
                chain.start(message);
                // The message goes on below its frame.
                chain.own_frame(frame);
            }
            // Without line ends, what stands before a frame is a piece of its own.
            None if flat && line == "from" => {}
            None => chain.text(piece.trim_end()),
        }
    }
    chain.finish()
}

/// A frame, and the message that follows it where it is the innermost: ``[from ]file:12:in `name'[: message (Class)]``.
fn call(line: &str) -> Option<(Frame, &str)> {
    let own = line.strip_prefix("from ").unwrap_or(line).trim_start();
    let (place, _) = start_of(own).split_once(":in ")?;
    let rest = &own[place.len() + ":in ".len()..];
    let name = rest.strip_prefix(['`', '\''])?;
    let end = start_of(name).find('\'')?;
    let (file, number) = file_line(place)?;
    let frame = Frame { file: file.into(), line: Some(number), function: name[..end].into(), ..Frame::default() };
    let after = &name[end + 1..];
    let is_heading = after.starts_with(": ") && !line.starts_with("from ");
    (is_heading || after.trim().is_empty() || after.starts_with(char::is_whitespace))
        .then_some((frame, if is_heading { &after[2..] } else { "" }))
}

/// Type and message of `message (Class)`; the class stands at the end of the first line, and the message goes on below it.
fn header(text: &str) -> (&str, Cow<'_, str>) {
    let first = text.lines().next().unwrap_or_default();
    if let Some((before, class)) = before_class(first.trim_end()) {
        return (class, joined(before, &text[first.len()..]));
    }
    // On one line, more of the message follows the class.
    let class = text.match_indices('(').find_map(|(at, _)| {
        let end = at + start_of(&text[at..]).find(')')? + 1;
        let (_, class) = before_class(&text[at..end])?;
        (at == 0 || text[..at].ends_with(' ')).then(|| (class, joined(&text[..at], &text[end..])))
    });
    class.unwrap_or(("", Cow::Borrowed(text)))
}

/// What stands before the class at the end of a line, and the class. Of an empty message nothing stands before it.
fn before_class(line: &str) -> Option<(&str, &str)> {
    let (before, class) = line.strip_suffix(')')?.rsplit_once('(')?;
    let is_class =
        class.starts_with(char::is_uppercase) && class.chars().all(|c| c.is_alphanumeric() || c == ':' || c == '_');
    (is_class && (before.is_empty() || before.ends_with(' '))).then_some((before, class))
}

/// A message of what stands before the class and behind it.
fn joined<'t>(before: &'t str, behind: &'t str) -> Cow<'t, str> {
    let before = before.trim_end();
    match (before, behind.trim()) {
        (before, "") => Cow::Borrowed(before),
        ("", _) => Cow::Borrowed(behind),
        _ => Cow::Owned([before, behind].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_frame() {
        for line in ["/a/b.rb:5:in `each'", "from /a/b.rb:5:in `each'", "/a/b.rb:5:in 'each'"] {
            let (frame, message) = call(line).expect(line);
            assert_eq!((&*frame.file, frame.line, &*frame.function, message), ("/a/b.rb", Some(5), "each", ""));
        }
        let (frame, message) = call("a.rb:5:in 'Cart#add': it's gone (Shop::Gone)").expect("a heading");
        assert_eq!((&*frame.function, message), ("Cart#add", "it's gone (Shop::Gone)"));
        for line in ["a.rb:x:in `f'", "a.rb:5", "in `f'", "a.rb:5:in f", "from", "a.rb:5:in `f'x"] {
            assert!(call(line).is_none(), "{line}");
        }
    }

    #[test]
    fn the_class_stands_behind_the_message() {
        for (text, class, message) in [
            ("a (b) c (Shop::Gone)", "Shop::Gone", "a (b) c"),
            ("a (Shop::Gone)\nb (Other)\n\n  c", "Shop::Gone", "a\nb (Other)\n\n  c"),
            ("(Shop::Gone)\nb (Other)", "Shop::Gone", "\nb (Other)"),
            ("a (b) (Shop::Gone) c (Other) d", "Shop::Gone", "a (b) c (Other) d"),
            ("(Shop::Gone) b", "Shop::Gone", " b"),
            ("unhandled exception", "", "unhandled exception"),
            ("f(Gone)", "", "f(Gone)"),
            ("()", "", "()"),
        ] {
            assert_eq!(header(text), (class, Cow::Borrowed(message)), "{text}");
        }
    }

    #[test]
    fn what_is_the_applications() {
        let of = |file: &str| in_app(&Frame { file: file.into(), ..Frame::default() });
        assert!(of("/srv/app/models/cart.rb") && of("config.ru"));
        for file in
            ["/usr/lib/ruby/3.1.0/json/common.rb", "/x/gems/rack-3/lib/rack.rb", "<internal:kernel>", "(eval)", ""]
        {
            assert!(!of(file), "{file}");
        }
    }
}
