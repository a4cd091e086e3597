//! Where the records of one input go as they are cut out of it.

use crate::read::batch::{Batch, Content, Piece, Records};
use crate::read::byte_source::ByteSource;
use crate::read::error::ReadError;
use crate::read::options::ReadOptions;

/// Takes the batches of inputs, in their order.
pub(crate) trait Decoders {
    /// Whether somebody else has time for a batch of about so many bytes. If not, the one who cuts had better
    /// [decode](Self::decode) it: so neither has to wait for the other.
    fn has_room(&mut self, bytes: usize) -> bool;

    /// Takes a batch, to decode it later. There must be room.
    fn send(&mut self, batch: Batch);

    /// Decodes records where they lie.
    fn decode(&mut self, records: Records<'_>);

    /// Takes a piece of this input that needs no decoding.
    fn remark(&mut self, input: usize, piece: Piece);

    /// Memory for the next batch: that of one which was decoded, if there is any.
    fn spare(&mut self) -> Vec<u8>;

    /// How many batches and pieces were taken.
    fn taken(&self) -> usize;
}

/// How many times as much as is cut off may be copied for it: between two damaged places of a segment stand some bytes, and the
/// window behind them is long.
const COPIED: usize = 8;

/// What those who cut an input share.
pub(crate) struct Outlet<'d> {
    decoders: &'d mut dyn Decoders,
    /// Settings.
    pub(crate) options: &'d ReadOptions,
    /// The name of the input.
    pub(crate) name: &'d str,
    /// The number of the input.
    input: usize,
}

impl<'d> Outlet<'d> {
    /// The way to `decoders` for the input of this number that reports call `name`.
    pub(crate) fn new(decoders: &'d mut dyn Decoders, options: &'d ReadOptions, name: &'d str, input: usize) -> Self {
        Self { decoders, options, name, input }
    }

    /// Hands on the first `count` bytes of the window.
    pub(crate) fn batch(&mut self, source: &mut ByteSource<'_>, count: usize, content: Content) {
        let offset = source.offset();
        let input = self.input;
        let rest = source.window().len() - count;
        if rest / COPIED <= count && self.decoders.has_room(source.held()) {
            let (buffer, place) = source.cut(count, self.decoders.spare());
            self.decoders.send(Batch { content, buffer, place, offset, input });
        } else {
            let bytes = &source.window()[..count];
            self.decoders.decode(Records { content: &content, bytes, offset, input });
            source.consume(count);
        }
    }

    /// Hands on bytes that were copied out of the input from `offset` on.
    pub(crate) fn copied(&mut self, bytes: &mut Vec<u8>, offset: u64, content: Content) {
        if self.decoders.has_room(bytes.capacity()) {
            let buffer = std::mem::replace(bytes, self.decoders.spare());
            let place = 0..buffer.len();
            self.decoders.send(Batch { content, buffer, place, offset, input: self.input });
        } else {
            self.decoders.decode(Records { content: &content, bytes, offset, input: self.input });
        }
        bytes.clear();
    }

    /// Tells that the next record was left out.
    pub(crate) fn remark(&mut self, unit: &'static str, offset: u64, reason: impl Into<String>) {
        self.decoders.remark(self.input, Piece::remark(unit, offset, reason));
    }

    /// The error of an input that breaks at a record.
    pub(crate) fn broken(&self, unit: &'static str, record: u64, offset: u64, expected: &str) -> ReadError {
        ReadError::Broken { name: self.name.to_owned(), unit, record, offset, expected: expected.to_owned() }
    }

    /// The error of a record that claims more than `max_record_bytes`, if it does.
    pub(crate) fn check_length(
        &self,
        unit: &'static str,
        record: u64,
        offset: u64,
        length: u64,
    ) -> Result<(), ReadError> {
        let limit = self.options.max_record_bytes as u64;
        if length <= limit {
            return Ok(());
        }
        Err(ReadError::TooLong { name: self.name.to_owned(), unit, record, offset, length, limit })
    }
}

/// Why a record of `length` bytes was left out.
pub(crate) fn too_long(length: u64, options: &ReadOptions) -> String {
    let limit = options.max_record_bytes;
    format!("left out: it has {length} bytes and the limit is {limit}; export with smaller batches")
}
