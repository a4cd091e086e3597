//! Tracebacks that somebody put on one line.

use super::{CHAINED, GROUP, Reader, Rule, TRACEBACK, head, header, is_name, place};
use crate::analyze::stack::frame::Frame;

const REPEATED: &str = "[Previous line repeated ";

impl Reader {
    /// Takes a traceback that lost its line ends. Boxes cannot be told by their columns then, only counted.
    pub(super) fn take_flat(&mut self, text: &str) {
        let (mut level, mut from) = (0, 0);
        for (at, length, mark) in marks(text) {
            if at < from {
                continue;
            }
            // Between two frames lies a line of code.
            if !matches!(mark, Mark::Frame(_) | Mark::Repeated) {
                self.flat_text(level, &text[from..at]);
            }
            let shown = self.skip.is_none();
            match mark {
                Mark::Frame(frame) if shown => {
                    if self.open.is_none() || self.is_tentative() {
                        self.start(level, false);
                    }
                    self.frame(level, frame);
                }
                Mark::Traceback if shown => self.start(level, false),
                Mark::Chained if shown => self.chain(level),
                Mark::Rule(Rule::First) if shown => {
                    level += 1;
                    self.start(level, false);
                }
                Mark::Rule(Rule::Next) => {
                    self.close();
                    self.skip = Some(level);
                }
                Mark::Rule(Rule::Last) => {
                    self.close();
                    (level, self.skip) = (0, None);
                }
                _ => {}
            }
            from = at + length;
        }
        self.flat_text(level, &text[from..]);
    }

    /// Text before a mark that ends a block: after frames, its tail is the last line.
    fn flat_text(&mut self, level: usize, text: &str) {
        if self.skip.is_some() {
            return;
        }
        let text = text.trim_matches([' ', '|', '+']);
        let text = if self.open.as_ref().is_some_and(|open| !open.frames.is_empty()) { last_line(text) } else { text };
        if !text.is_empty() {
            self.text(level, text);
        }
    }
}

/// What can be told apart in a text without line ends.
enum Mark {
    Traceback,
    Chained,
    Frame(Frame),
    Repeated,
    Rule(Rule),
}

/// The marks of a text with their places and lengths.
fn marks(text: &str) -> impl Iterator<Item = (usize, usize, Mark)> + '_ {
    text.match_indices(['F', 'T', 'E', 'D', '[', '+']).filter_map(|(at, _)| {
        let rest = &text[at..];
        let (length, mark) = if let Some(frame) = rest.starts_with("File \"").then(|| flat_frame(rest)).flatten() {
            (frame.1, Mark::Frame(frame.0))
        } else if let Some(heading) = [TRACEBACK, GROUP].into_iter().find(|heading| rest.starts_with(heading)) {
            (heading.len(), Mark::Traceback)
        } else if let Some(chained) = CHAINED.into_iter().find(|chained| rest.starts_with(chained)) {
            (chained.len(), Mark::Chained)
        } else if rest.starts_with(REPEATED) {
            (head(rest).find(']')? + 1, Mark::Repeated)
        } else {
            let (rule, length) = Rule::measured(rest)?;
            (length, Mark::Rule(rule))
        };
        Some((at, length, mark))
    })
}

/// The frame with which a text without line ends begins, and its length. A function's name holds no space, except
/// where Jinja makes one up.
fn flat_frame(text: &str) -> Option<(Frame, usize)> {
    let text = head(text);
    let (file, line, rest) = place(text)?;
    let mut length = text.len() - rest.len();
    let mut function = "";
    if let Some(name) = rest.strip_prefix(", in ") {
        let made_up = ["top-level template code"].into_iter().find(|known| name.starts_with(known));
        let quoted =
            name.strip_prefix("block '").and_then(|rest| rest.find('\'')).map(|end| &name[..end + "block ''".len()]);
        function = made_up.or(quoted).unwrap_or_else(|| name.split(' ').next().unwrap_or_default());
        length += ", in ".len() + function.len();
    }
    Some((Frame { file: file.into(), line: Some(line), function: function.into(), ..Frame::default() }, length))
}

/// The last line of a code line, its `^^^^` and the last line, all on one line; empty when it cannot be told.
fn last_line(text: &str) -> &str {
    let heads = |text: &str| {
        let (kind, _) = header(text);
        kind.starts_with(|c: char| c.is_alphabetic() || c == '_')
    };
    // Behind the last marks of the place within the code line.
    if let Some(at) = text.rfind(['^', '~']).map(|at| at + 1)
        && text[at..].starts_with(' ')
        && heads(&text[at..])
    {
        return text[at..].trim_start();
    }
    const ENDINGS: [&str; 9] =
        ["Error", "Exception", "Warning", "Exit", "Interrupt", "Iteration", "Group", "Timeout", "Empty"];
    let mut at = 0;
    for token in text.split_inclusive(' ') {
        let word = token.trim_end();
        let last = at + word.len() == text.len();
        let name = word.strip_suffix(':').or_else(|| last.then_some(word));
        let named = name.is_some_and(|name| name.chars().all(is_name) && ENDINGS.iter().any(|end| name.ends_with(end)));
        if named && !text[..at].trim_end().ends_with("except") {
            return &text[at..];
        }
        at += token.len();
    }
    ""
}
