//! Which entry points are listed with root causes: thousands of root causes that hit a thousand each are more than a reader of
//! evidence takes.

use crate::judge::evidence_cause::RootCause;

/// How many bytes the entry points of all root causes may take in the evidence, some 150,000 of usual names. Escaped, names may
/// take six times as many.
const BYTES: usize = 32 << 20;

/// About how many bytes an entry point takes besides its names.
const BYTES_OF_HIT: usize = 160;

/// Keeps of each root cause the entry points that it hit most, and the operations in which it began, as long as there is room: of
/// the first root causes all, of each at least one. Tells how many requests came in at entry points that are left out.
pub(crate) fn keep_hits(causes: &mut [RootCause]) -> u64 {
    let mut room = BYTES;
    let mut left_out = 0;
    for cause in causes {
        let room = &mut room;
        left_out += keep(&mut cause.entry_points, room, |it| (it.failing, [&it.service, &it.operation]));
        left_out += keep(&mut cause.degraded_entry_points, room, |it| (it.absorbed, [&it.service, &it.operation]));
        left_out += keep(&mut cause.async_entry_points, room, |it| (it.requests, [&it.service, &it.operation]));
        // These are no requests, but traces that are counted elsewhere.
        keep(&mut cause.began_at, room, |it| (it.traces, [&it.service, &it.operation]));
    }
    left_out
}

fn keep<T>(hits: &mut Vec<T>, room: &mut usize, told: impl Fn(&T) -> (u64, [&String; 2])) -> u64 {
    let mut fits = |hit: &T| {
        let (_, names) = told(hit);
        let left = room.checked_sub(BYTES_OF_HIT + names.iter().map(|name| name.len()).sum::<usize>());
        *room = left.unwrap_or(0);
        left.is_some()
    };
    let kept = hits.iter().take_while(|hit| fits(hit)).count().max(1).min(hits.len());
    hits.drain(kept..).map(|hit| told(&hit).0).sum()
}
