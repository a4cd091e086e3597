//! Stacks of Ruby, as `full_message` and `backtrace` give them.

use crate::analyze::stack::chain::Chain;
use crate::analyze::stack::frame::{Block, Frame};
use crate::analyze::stack::language::Fit;
use crate::analyze::stack::pieces::{fit_of_frames, pieces, start_of};
use crate::analyze::stack::place::{file_line, has_folder};

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

/// Type and message of `message (Class)`; the class stands at the end of the first line.
fn header(text: &str) -> (&str, &str) {
    let class_of = |line: &str| {
        let (_, class) = line.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
        let is_class =
            class.starts_with(char::is_uppercase) && class.chars().all(|c| c.is_alphanumeric() || c == ':' || c == '_');
        is_class.then_some(class.len())
    };
    let first = text.lines().next().unwrap_or_default().trim_end();
    if let Some(length) = class_of(first) {
        let message = first.len() - length - " ()".len();
        return (&first[message + 2..first.len() - 1], text[..message].trim());
    }
    // On one line, more of the message may follow the class.
    let class = text.match_indices(" (").find_map(|(at, _)| {
        let rest = start_of(&text[at..]);
        let end = rest.find(')')? + 1;
        class_of(&rest[..end]).map(|_| (&rest[2..end - 1], &text[..at]))
    });
    class.unwrap_or(("", text))
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
        assert_eq!(header("a (b) c (Shop::Gone)"), ("Shop::Gone", "a (b) c"));
        assert_eq!(header("unhandled exception"), ("", "unhandled exception"));
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
