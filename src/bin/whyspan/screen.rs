//! What the user sees: reports on standard output, progress and warnings on standard error.

use crate::args::{Color, Display};
use anstream::{AutoStream, ColorChoice};
use std::io::{self, IsTerminal, Write};
use whyspan::capture::Progress;
use whyspan::report::plain_text::harmless_lines;

/// Columns of a report that no terminal reads.
const COLUMNS: usize = 80;

/// Reports never grow wider than this: long lines are hard to read.
const COLUMNS_AT_MOST: usize = 120;

/// Prints to standard output. A reader that has closed the pipe has read enough: that is no failure.
pub(crate) fn print(text: &str, color: Color) -> io::Result<()> {
    let choice = match color {
        Color::Auto => AutoStream::choice(&io::stdout()),
        Color::Always => ColorChoice::AlwaysAnsi,
        Color::Never => ColorChoice::Never,
    };
    let mut out = AutoStream::new(io::stdout().lock(), choice);
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => {
            result.map_err(|error| io::Error::new(error.kind(), format!("standard output cannot be written: {error}")))
        }
    }
}

/// Says something on standard error, in which nothing can steer a terminal or the job whose log it is: it tells of names,
/// arguments and what files hold. Nobody may be listening, which is fine.
pub(crate) fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", harmless_lines(text));
}

/// The width for reports: the terminal's, or 80 columns in a pipe.
pub(crate) fn width() -> usize {
    if !io::stdout().is_terminal() {
        return COLUMNS;
    }
    terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| usize::from(width.0)).min(COLUMNS_AT_MOST)
}

/// Tells of the spans read so far, when a terminal shows it and the user did not ask for quiet.
pub(crate) fn progress(display: &Display) -> Option<Progress> {
    if display.quiet || !io::stderr().is_terminal() {
        return None;
    }
    Some(Box::new(|spans| {
        let _ = write!(io::stderr().lock(), "\r\x1b[Kreading: {spans} spans");
    }))
}

/// Clears the line of progress.
pub(crate) fn end_progress(display: &Display) {
    if !display.quiet && io::stderr().is_terminal() {
        let _ = write!(io::stderr().lock(), "\r\x1b[K");
    }
}
