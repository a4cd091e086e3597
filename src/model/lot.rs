//! Numbers as good as random that belong to ids: by them traces are spread and samples are drawn.

use crate::model::ids::{SpanId, TraceId};

/// A number that belongs to these words: each bit of them changes about half of its bits (the finaliser of MurmurHash3 over
/// each word, Appleby 2008).
#[must_use]
pub fn lot(words: impl IntoIterator<Item = u64>) -> u64 {
    words.into_iter().fold(0x9e37_79b9_7f4a_7c15, with)
}

/// The number of some texts in this order.
#[must_use]
pub fn lot_of_texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> u64 {
    lot(texts.into_iter().flat_map(|text| {
        let words = text.as_bytes().chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(word)
        });
        words.chain([text.len() as u64])
    }))
}

/// The number of a trace.
#[inline]
#[must_use]
pub fn lot_of_trace(trace: TraceId) -> u64 {
    let (eights, _) = trace.0.as_chunks::<8>();
    lot(eights.iter().map(|eight| u64::from_be_bytes(*eight)))
}

/// The number of a span of the trace that has this number.
#[must_use]
pub fn lot_of_span(trace: u64, span: SpanId) -> u64 {
    with(trace, u64::from_be_bytes(span.0))
}

fn with(so_far: u64, word: u64) -> u64 {
    let mut mixed = so_far ^ word;
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}
