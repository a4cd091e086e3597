//! How much of a report fits: pieces are taken in the order in which they matter, and what is left out is counted.

use std::fmt::{self, Write};

/// Bytes that are left. Nothing is ever cut in its middle: a piece fits as a whole, or stays out.
#[derive(Debug)]
pub(crate) struct Room {
    left: usize,
}

impl Room {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { left: bytes }
    }

    /// Takes the room of a piece, if there is as much.
    pub(crate) fn take(&mut self, piece: &str) -> bool {
        self.take_bytes(piece.len())
    }

    fn take_bytes(&mut self, bytes: usize) -> bool {
        let rest = self.left.checked_sub(bytes);
        self.left = rest.unwrap_or(self.left);
        rest.is_some()
    }
}

/// A folded part of a report, filled piece by piece.
#[derive(Debug)]
pub(crate) struct Fold {
    summary: String,
    opening: String,
    closing: &'static str,
    noun: &'static str,
    body: String,
    left_out: usize,
    has_frame: bool,
}

impl Fold {
    /// A fold that takes the room of its frame. `summary` is HTML; `opening` and `closing` stand around the pieces if there
    /// are any; `noun` names them, in the plural.
    pub(crate) fn new(
        room: &mut Room,
        summary: String,
        opening: &str,
        closing: &'static str,
        noun: &'static str,
    ) -> Self {
        let (opening, body) = (opening.to_owned(), String::new());
        let mut fold = Self { summary, opening, closing, noun, body, left_out: usize::MAX, has_frame: true };
        // With the longest note that there can be.
        let bytes = fold.frame().map_or(usize::MAX, |frame| frame.len() + fold.opening.len() + fold.closing.len());
        fold.has_frame = room.take_bytes(bytes);
        Self { left_out: 0, ..fold }
    }

    /// Adds pieces until one does not fit; the others are counted.
    pub(crate) fn fill<T>(
        &mut self,
        room: &mut Room,
        pieces: impl IntoIterator<Item = T>,
        most: usize,
        write: impl Fn(T) -> Result<String, fmt::Error>,
    ) -> fmt::Result {
        let mut fits = self.has_frame && self.left_out == 0;
        for (at, piece) in pieces.into_iter().enumerate() {
            if fits && at < most {
                let piece = write(piece)?;
                fits = room.take(&piece);
                if fits {
                    self.body.push_str(&piece);
                    continue;
                }
            }
            self.left_out += 1;
        }
        Ok(())
    }

    fn frame(&self) -> Result<String, fmt::Error> {
        let mut out = String::new();
        writeln!(out, "<details>\n<summary>{}</summary>\n", self.summary)?;
        if !self.body.is_empty() {
            writeln!(out, "{}{}{}", self.opening, self.body, self.closing)?;
        }
        if self.left_out > 0 {
            writeln!(out, "{} more {}: see the evidence JSON.\n", self.left_out, self.noun)?;
        }
        writeln!(out, "</details>\n")?;
        Ok(out)
    }

    /// Writes the fold, unless there is nothing to tell.
    pub(crate) fn write(&self, out: &mut String) -> fmt::Result {
        if !self.has_frame || self.body.is_empty() && self.left_out == 0 {
            return Ok(());
        }
        out.write_str(&self.frame()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_fit_as_a_whole_or_are_counted() {
        let mut room = Room::new(600);
        let mut fold = Fold::new(&mut room, "S".to_owned(), "<table>\n", "</table>\n", "rows");
        let row = |number: usize| Ok(format!("<tr><td>{number}</td></tr>\n"));
        fold.fill(&mut room, 0..1000, usize::MAX, row).expect("text");
        let mut out = String::new();
        fold.write(&mut out).expect("text");
        let rows = out.matches("<tr>").count();
        assert!(out.len() <= 600 && rows > 5, "{out}");
        assert!(
            out.ends_with(&format!("</table>\n\n{} more rows: see the evidence JSON.\n\n</details>\n\n", 1000 - rows))
        );
        // Once a piece was left out, no later one comes in.
        fold.fill(&mut room, [0], usize::MAX, |_| Ok(String::from("x"))).expect("text");
        assert!(!fold.body.contains('x'));
    }

    #[test]
    fn an_empty_fold_is_not_written() {
        let mut out = String::new();
        Fold::new(&mut Room::new(999), "S".to_owned(), "", "", "rows").write(&mut out).expect("text");
        assert_eq!(out, "");
    }
}
