//! One test case of a JUnit report, and text that XML can hold.

use crate::report::concern::cut;
use crate::report::plain_text::one_line;
use quick_xml::Writer;
use quick_xml::events::BytesText;
use std::io;

/// How many characters of a name or a sentence are written.
const SENTENCE: usize = 2_000;
/// How many characters of a text are written.
const TEXT: usize = 16_000;

/// What became of a test case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing speaks against it.
    Passed,
    /// It was not judged; the reason.
    Skipped(String),
    /// It failed.
    Failed(Told),
    /// Nobody can say, and that left the gate undecided.
    Undecided(Told),
}

/// What is told of a case that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    code: String,
    sentence: String,
    text: String,
}

impl Outcome {
    pub(crate) fn failed(code: &str, sentence: &str, text: &str) -> Self {
        Self::Failed(Told::new(code, sentence, text))
    }

    pub(crate) fn undecided(code: &str, sentence: &str, text: &str) -> Self {
        Self::Undecided(Told::new(code, sentence, text))
    }
}

impl Told {
    fn new(code: &str, sentence: &str, text: &str) -> Self {
        Self { code: line(code), sentence: line(sentence), text: lines(&format!("{}\n{text}", line(sentence))) }
    }
}

/// A test case. All of its text has gone through [`line()`] or [`lines()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Case {
    /// The class: what GitLab calls the suite.
    pub(crate) class: String,
    /// The name; with the class it must tell the case from all others, from run to run.
    pub(crate) name: String,
    /// What became of it.
    pub(crate) outcome: Outcome,
    /// What is told of it though it passed.
    pub(crate) told: String,
}

impl Case {
    pub(crate) fn is_failure(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }

    pub(crate) fn is_error(&self) -> bool {
        matches!(self.outcome, Outcome::Undecided(_))
    }

    pub(crate) fn is_skipped(&self) -> bool {
        matches!(self.outcome, Outcome::Skipped(_))
    }

    pub(crate) fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let attributes = [("classname", self.class.as_str()), ("name", self.name.as_str())];
        let element = writer.create_element("testcase").with_attributes(attributes);
        if matches!(self.outcome, Outcome::Passed) && self.told.is_empty() {
            element.write_empty()?;
            return Ok(());
        }
        element.write_inner_content(|writer| {
            match &self.outcome {
                Outcome::Passed => {}
                Outcome::Skipped(reason) => {
                    let skipped = writer.create_element("skipped");
                    skipped.with_attribute(("message", reason.as_str())).write_empty()?;
                }
                Outcome::Failed(told) => told.write(writer, "failure")?,
                Outcome::Undecided(told) => told.write(writer, "error")?,
            }
            if !self.told.is_empty() {
                writer.create_element("system-out").write_text_content(BytesText::new(&self.told))?;
            }
            Ok(())
        })?;
        Ok(())
    }
}

impl Told {
    fn write(&self, writer: &mut Writer<Vec<u8>>, name: &str) -> io::Result<()> {
        let attributes = [("type", self.code.as_str()), ("message", self.sentence.as_str())];
        let element = writer.create_element(name).with_attributes(attributes);
        element.write_text_content(BytesText::new(&self.text))?;
        Ok(())
    }
}

/// One line that XML can hold, cut.
pub(crate) fn line(text: &str) -> String {
    without_non_characters(&one_line(&cut(text, SENTENCE)))
}

/// Lines that XML can hold, cut.
pub(crate) fn lines(text: &str) -> String {
    let text = cut(text.trim_end(), TEXT);
    let lines: Vec<_> = text.lines().map(one_line).collect();
    without_non_characters(&lines.join("\n"))
}

/// XML 1.0 (section 2.2) has no place for most control characters, not even escaped: [`one_line`] has shown them as
/// `\u{..}`. What it lets stand and XML does not are the two non-characters at the end of the basic plane.
fn without_non_characters(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The characters of XML 1.0, section 2.2.
    fn is_xml(c: char) -> bool {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
    }

    fn written(case: &Case) -> String {
        let mut writer = Writer::new(Vec::new());
        case.write(&mut writer).expect("memory takes everything");
        String::from_utf8(writer.into_inner()).expect("UTF-8")
    }

    #[test]
    fn every_character_is_one_that_xml_can_hold() {
        let all: String = ('\0'..=char::MAX).collect();
        for part in all.chars().collect::<Vec<_>>().chunks(1_000) {
            let text: String = part.iter().collect();
            assert!(line(&text).chars().all(|c| is_xml(c) && c != '\n'));
            assert!(lines(&text).chars().all(is_xml));
        }
    }

    #[test]
    fn markup_in_text_is_text() {
        let hostile = "]]></failure><x a='\"&<!--\u{1b}[31m\u{0}\u{202e}\r\nnext";
        let case = Case {
            class: line(hostile),
            name: line(hostile),
            outcome: Outcome::failed("code", hostile, hostile),
            told: lines(hostile),
        };
        let xml = written(&case);
        assert!(!xml.contains("<x") && !xml.contains("]]>") && !xml.contains("<!--"), "{xml}");
        assert!(!xml.contains('\u{1b}') && !xml.contains('\u{202e}') && !xml.contains('\0'), "{xml}");
        assert_eq!(xml.matches("</failure>").count(), 1);
        assert!(xml.contains("\\u{1b}[31m"), "{xml}");
    }

    #[test]
    fn the_text_of_a_failure_begins_with_its_sentence_and_ends() {
        let Outcome::Failed(told) = Outcome::failed("code", "It failed.", &"x\n".repeat(100_000)) else {
            panic!("it is a failure");
        };
        assert!(told.text.starts_with("It failed.\nx\nx"));
        assert!(told.text.chars().count() <= TEXT + 1);
    }
}
