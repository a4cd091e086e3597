//! Whole records on their way from the one who cuts an input up to those who decode it.
//!
//! ```text
//! input  ─cut─>  batch 1 | batch 2 | remark | batch 3 ...     in the order of the input
//!                   |         |                  |            decoded by any thread
//!                piece 1   piece 2   piece 3  piece 4         put back in order, records numbered on
//! ```

use crate::read::file_report::{FileReport, Skipped};
use crate::read::intake::Intake;
use crate::read::json_dialect::Dialect;
use crate::read::kept_layout::Layout;
use crate::read::known::Known;
use crate::read::options::ReadOptions;
use crate::read::signal::Signal;
use crate::read::sink::Sink;
use crate::read::{framed, json_document, json_lines, proto_stream, segment};
use std::ops::Range;

/// How many bytes a batch should have: enough that handing it over costs nothing beside decoding it, few enough that
/// it stays in a core's cache from when it is read until it is decoded.
pub(crate) const BATCH: usize = 512 << 10;

/// What one element of a JSON document is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Element {
    /// A resource block of this signal.
    Block(Signal),
    /// Spans as another dialect has them.
    Foreign(Dialect),
    /// A value, or a document that ends here, in which is no telemetry; `what` begins the remark.
    Nothing {
        /// What it is, with a blank at the end.
        what: &'static str,
    },
    /// The end of an answer that says that it is not all of what was asked for.
    Partial,
}

/// One element of a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ElementPlace {
    /// What it is.
    pub(crate) element: Element,
    /// Where it ends in the bytes of the batch; it starts where the one before ends.
    pub(crate) end: usize,
    /// Where it starts in the input.
    pub(crate) offset: u64,
}

/// What the bytes of a batch are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Content {
    /// Lines of JSON.
    Lines,
    /// Messages with their lengths before them.
    Messages,
    /// Resource blocks of a protobuf request.
    Blocks,
    /// Records of a segment, or blocks of them.
    Kept(Layout),
    /// Elements of JSON documents.
    Elements(Vec<ElementPlace>),
}

impl Content {
    /// What a record is called in reports.
    pub(crate) fn unit(&self) -> &'static str {
        match self {
            Self::Lines => "line",
            Self::Messages => "message",
            Self::Kept(layout) => layout.unit(),
            Self::Blocks | Self::Elements(_) => "element",
        }
    }
}

/// Records that stand next to each other in one input, each of them whole.
#[derive(Debug)]
pub(crate) struct Batch {
    /// What the records are.
    pub(crate) content: Content,
    /// The memory that they lie in.
    pub(crate) buffer: Vec<u8>,
    /// Where in that memory.
    pub(crate) place: Range<usize>,
    /// Where they start in the input, in bytes after decompression.
    pub(crate) offset: u64,
    /// Which input it is; no two have the same number, and later ones have higher.
    pub(crate) input: usize,
}

impl Batch {
    /// The records.
    pub(crate) fn records(&self) -> Records<'_> {
        let bytes = &self.buffer[self.place.clone()];
        Records { content: &self.content, bytes, offset: self.offset, input: self.input }
    }
}

/// Records that stand next to each other in one input, each of them whole, wherever they lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'b> {
    /// What the records are.
    pub(crate) content: &'b Content,
    /// The records.
    pub(crate) bytes: &'b [u8],
    /// Where they start in the input, in bytes after decompression.
    pub(crate) offset: u64,
    /// Which input they are of.
    pub(crate) input: usize,
}

impl Records<'_> {
    /// Decodes every record into `sink`, to which what is `known` went before.
    pub(crate) fn decode<S: Sink>(self, options: &ReadOptions, sink: &mut S, known: &mut Known) -> Piece {
        let Self { content, bytes, offset, input } = self;
        sink.names().begin_input(input);
        let mut piece = Piece::default();
        let mut intake = Intake::new(sink, options, &mut piece.report, content.unit(), known);
        piece.numbers = match content {
            Content::Lines => json_lines::decode(bytes, offset, &mut intake),
            Content::Messages => framed::decode(bytes, offset, &mut intake),
            Content::Kept(layout) => segment::decode(*layout, bytes, offset, &mut intake),
            Content::Blocks => proto_stream::decode(bytes, offset, &mut intake),
            Content::Elements(elements) => json_document::decode(bytes, elements, &mut intake),
        };
        if matches!(content, Content::Kept(_)) {
            // A segment stays one, whatever dialect a request in it is written in.
            piece.report.format = None;
        }
        piece
    }
}

/// What came of one batch, or a remark about a record that could not be cut out.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// Counts, and what has to be told; in each piece records are numbered from 1.
    pub(crate) report: FileReport,
    /// How many record numbers the piece takes up.
    pub(crate) numbers: u64,
}

impl Piece {
    /// How many records it describes.
    pub(crate) fn described(&self) -> usize {
        self.report.skipped.len() + self.report.mended.len()
    }

    /// Forgets what it describes; the counts stay.
    pub(crate) fn be_brief(&mut self) {
        (self.report.skipped, self.report.mended) = (Vec::new(), Vec::new());
    }

    /// Adds the piece behind it, whose records are numbered on; describes at most `max_told` records of each sort.
    pub(crate) fn join(&mut self, behind: Self, max_told: usize) {
        self.report.add(behind.report, self.numbers, max_told);
        self.numbers += behind.numbers;
    }

    /// A remark that the next record, which starts at `offset`, was left out.
    pub(crate) fn remark(unit: &'static str, offset: u64, reason: impl Into<String>) -> Self {
        let skipped = vec![Skipped { unit, record: 1, offset, reason: reason.into() }];
        Self { report: FileReport { records: 1, skipped, skipped_total: 1, ..FileReport::default() }, numbers: 1 }
    }
}
