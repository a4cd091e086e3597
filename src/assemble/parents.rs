//! Who is whose parent, and where a ring of ancestors is opened.

use crate::assemble::by_id::ById;
use crate::assemble::met::Defects;
use crate::model::defect::Defect;
use crate::model::tree::RootReason;

/// A span's parent among the spans of its trace, or why it has none.
pub(crate) type Parent = Result<usize, RootReason>;

/// Opens every ring of ancestors at its earliest span, which becomes a root.
///
/// ```text
/// a -> b -> c -> a       a is the earliest:     a (root)
///                                               └─ c
///                                                  └─ b      (b names c, c names a)
/// ```
///
/// Every span is stepped on once: the walk up from a span stops where an earlier walk has been.
#[inline]
pub(crate) fn open_rings(spans: &ById, parents: &mut [Parent], defects: &mut Defects) {
    const UNSEEN: u32 = 0;
    // Walk numbers start at 1, so a span that carries the number of the present walk closes a ring.
    let mut seen_in_walk = vec![UNSEEN; spans.len()];
    let mut walk = UNSEEN;
    for start in 0..spans.len() {
        if seen_in_walk[start] != UNSEEN {
            continue;
        }
        walk += 1;
        let mut at = start;
        let met = loop {
            seen_in_walk[at] = walk;
            match parents[at] {
                Ok(above) if seen_in_walk[above] == UNSEEN => at = above,
                Ok(above) => break (seen_in_walk[above] == walk).then_some(above),
                Err(_) => break None,
            }
        };
        if let Some(on_ring) = met {
            let opened = earliest_of_ring(spans, parents, on_ring);
            defects.add(Defect::Cycle, spans[opened].resource);
            parents[opened] = Err(RootReason::Broken);
        }
    }
}

fn earliest_of_ring(spans: &ById, parents: &[Parent], on_ring: usize) -> usize {
    let mut earliest = on_ring;
    let mut at = on_ring;
    while let Ok(above) = parents[at] {
        if above == on_ring {
            break;
        }
        // Spans are sorted by id and content, so the place is a tie-break that does not depend on arrival.
        if (spans[above].time.start, above) < (spans[earliest].time.start, earliest) {
            earliest = above;
        }
        at = above;
    }
    earliest
}
