//! What is told of the input of a capture.

use crate::capture::Capture;
use crate::facts::input::InputFile;
use crate::read::error::ReadError;
use crate::read::file_report::FileReport;
use std::io;

/// How many messages about unusable input the evidence keeps.
const MESSAGES: usize = 50;

impl Capture {
    /// Takes up what reading one input came to.
    pub(super) fn note(&mut self, report: &FileReport) {
        self.has_spans |= report.spans > 0;
        self.input.logs += report.logs;
        self.input.metrics += report.metrics;
        self.input.skipped_records += report.skipped_total;
        self.input.mended_records += report.mended_total;
        self.input.files.push(file(report));
        for (told, total, what) in
            [(&report.skipped, report.skipped_total, "left out"), (&report.mended, report.mended_total, "mended")]
        {
            for skipped in told {
                let place = format!("{} {} at byte {}", skipped.unit, skipped.record, skipped.offset);
                self.message(format!("{}: {place}: {}", report.name, skipped.reason));
            }
            let (described, more) = (told.len(), total.saturating_sub(told.len() as u64));
            if more > 0 {
                let total = format!("{total} records or parts of records were {what}");
                self.message(format!(
                    "{}: {more} more are not shown: {total}, {described} of them are described",
                    report.name
                ));
            }
        }
        if let Some(error) = &report.error {
            self.note_broken(error);
        }
    }

    /// Takes note of an input that could not be read to its end.
    pub(super) fn note_broken(&mut self, error: &ReadError) {
        match error {
            ReadError::UnknownFormat { .. } => self.input.foreign_inputs += 1,
            _ => self.input.broken_inputs += 1,
        }
        self.message(error.to_string());
    }

    fn message(&mut self, message: String) {
        match self.input.messages.len() - usize::from(self.is_over_memory) {
            MESSAGES => self.input.messages.push("More of the input could not be used: see the counts.".to_owned()),
            told if told < MESSAGES => self.push_message(&message),
            _ => {}
        }
    }

    fn push_message(&mut self, message: &str) {
        // Warnings are printed before anything else is known, so that these texts are redacted one by one.
        let message = self.redactor.text(message).into_owned();
        self.input.messages.push(message);
    }

    /// Tells, once and however much else is told, that spans which should have gone to disk are held in memory. None of them
    /// is lost, so that no input is broken.
    pub(super) fn note_over_memory(&mut self) {
        let failure = self.readers.iter_mut().filter_map(|reader| reader.shelf.take_failure()).next();
        if let (Some(error), false) = (failure, self.is_over_memory) {
            self.push_message(&format!(
                "spans that wait cannot be put on disk: {error}. They are held in memory, which goes beyond --memory: free \
                 space in the folder for temporary files, or name another (TMPDIR)"
            ));
            self.is_over_memory = true;
        }
    }

    /// Tells of a part of the capture that went to disk and did not come back.
    pub(super) fn note_lost(&mut self, error: &io::Error) {
        self.input.broken_inputs += 1;
        self.message(format!(
            "spans that were put on disk cannot be read back: {error}. The evidence lacks them: check the folder for \
             temporary files (TMPDIR), or give more --memory"
        ));
    }
}

fn file(report: &FileReport) -> InputFile {
    InputFile {
        name: report.name.clone(),
        format: report.format,
        compression: report.compression.clone(),
        bytes: report.bytes,
        spans: report.spans,
        logs: report.logs,
        metrics: report.metrics,
        skipped: report.skipped_total,
        mended: report.mended_total,
        broken: report.error.is_some(),
    }
}
