//! Requests that differ in the ids of their spans alone, made as fast as they can be copied.

use crate::requests::{of_shop, to_protobuf};

/// A request of spans, each a trace of its own, of which any number of others can be made.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    bytes: Vec<u8>,
    /// Where the numbers stand that are the ids of each span: the last eight bytes of that of its trace, and its own.
    ids: Vec<[usize; 2]>,
}

impl Numbered {
    /// A request of `spans` spans, which begin at this time and end 50 ms later, and what else they have, in JSON.
    pub(crate) fn new(spans: u64, begin: u64, rest: &str) -> Self {
        // No other bytes are like these.
        let id = |span: u64| 0xfeed_face_0000_0000 + span;
        let span = |span: u64| {
            let (id, end) = (id(span), begin + 50_000_000);
            format!(
                r#"{{"traceId":"{id:032x}","spanId":"{id:016x}","kind":2,"startTimeUnixNano":"{begin}","endTimeUnixNano":"{end}",{rest}}}"#
            )
        };
        let bytes = to_protobuf(&of_shop(&(0..spans).map(span).collect::<Vec<_>>().join(",")));
        let places = |span| {
            let wanted = id(span).to_be_bytes();
            let mut found = bytes.windows(8).enumerate().filter(|(_, bytes)| *bytes == wanted);
            [(); 2].map(|()| found.next().expect("an id").0)
        };
        let ids = (0..spans).map(places).collect();
        Self { bytes, ids }
    }

    /// The request of this number: its spans have ids that no other has.
    pub(crate) fn request(&self, number: u64) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        let first = 1 + number * self.ids.len() as u64;
        for (id, places) in (first..).zip(&self.ids) {
            for &place in places {
                bytes[place..place + 8].copy_from_slice(&id.to_be_bytes());
            }
        }
        bytes
    }
}
