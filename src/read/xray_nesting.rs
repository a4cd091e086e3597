//! Which subsegments lie in which, found in one pass: a segment may nest them to any depth, before or behind its own id.

use crate::model::ids::SpanId;
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::sink::Sink;

/// How many segments and subsegments of one record are found: 40 MiB of memory. X-Ray takes segments of 64 KiB, and a subsegment
/// that tells when it was takes some 70 bytes, while `{},` takes three.
pub(crate) const NODES: usize = 1 << 20;

/// Stands for the node around a segment, which lies in none.
const NO_PARENT: u32 = u32::MAX;

/// A segment or subsegment: where it is, and in what it lies. There may be a million of them, so that it holds no `Option`.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where its object begins.
    pub(crate) start: usize,
    /// Where the array of its subsegments begins, which is never at the start of a record, and where it ends.
    inner: (usize, usize),
    parent: u32,
    /// Its own id, if it has one.
    pub(crate) id: SpanId,
    /// Whether it was read to its end.
    pub(crate) whole: bool,
}

impl Node {
    /// Where the array of its subsegments begins and ends.
    pub(crate) fn inner(&self) -> Option<(usize, usize)> {
        (self.inner.0 > 0).then_some(self.inner)
    }

    /// The place of the node around it.
    pub(crate) fn parent(&self) -> Option<usize> {
        (self.parent != NO_PARENT).then_some(self.parent as usize)
    }
}

/// Finds the segment at the cursor and everything below it, up to `most` nodes: those beyond are told and left out. So is what is
/// malformed; its subsegments and its neighbours stay. An error is one after which nothing can be found; the nodes up to there are
/// good.
pub(crate) fn nodes<S: Sink>(
    cursor: &mut Cursor<'_>,
    nodes: &mut Vec<Node>,
    most: usize,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let mut beyond = Beyond::default();
    let outcome = walk(cursor, nodes, most, &mut beyond, intake);
    if beyond.count > 0 {
        let reason = format!(
            "{} subsegments, and what lies in them, left out: {most} of a segment are read; send segments with fewer",
            beyond.count
        );
        intake.skip(beyond.first, reason);
    }
    outcome
}

/// The subsegments that lie in a node that was found, and are none themselves.
#[derive(Default, Debug)]
struct Beyond {
    count: u64,
    /// Where the first of them begins.
    first: usize,
}

fn walk<S: Sink>(
    cursor: &mut Cursor<'_>,
    nodes: &mut Vec<Node>,
    most: usize,
    beyond: &mut Beyond,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let mut here = enter(cursor, nodes, None);
    // Whether the cursor is among the subsegments of `here`, and not among its members.
    let mut among = false;
    while let Some(place) = here {
        if among {
            if !cursor.next_element()? {
                nodes[place].inner.1 = cursor.at;
                among = false;
            } else if cursor.peek() == Some(b'{') && nodes.len() < most {
                here = enter(cursor, nodes, Some(place));
                among = false;
            } else {
                if cursor.peek() == Some(b'{') {
                    beyond.first = if beyond.count == 0 { cursor.at } else { beyond.first };
                    beyond.count += 1;
                }
                cursor.skip_value()?;
            }
            continue;
        }
        match member(cursor, &mut nodes[place]) {
            Ok(Member::Inner) => among = true,
            Ok(Member::Other) => {}
            Ok(Member::End) => {
                nodes[place].whole = true;
                here = nodes[place].parent();
                among = true;
            }
            Err(wrong) => {
                // Its brackets may still tell where it ends.
                cursor.skip_to_close(1).map_err(|_| wrong)?;
                intake.skip_malformed("segment", wrong);
                here = nodes[place].parent();
                among = true;
            }
        }
    }
    Ok(())
}

/// What was read of a node.
enum Member {
    /// The bracket before its subsegments.
    Inner,
    /// Anything else.
    Other,
    /// Its closing bracket.
    End,
}

fn member(cursor: &mut Cursor<'_>, node: &mut Node) -> Result<Member, Malformed> {
    let Some(key) = cursor.next_key()? else { return Ok(Member::End) };
    match (key.bytes, cursor.peek()) {
        (b"subsegments", Some(b'[')) if node.inner().is_none() => {
            node.inner = (cursor.at, cursor.at);
            cursor.at += 1;
            return Ok(Member::Inner);
        }
        (b"id", _) => node.id = id_text::padded_span_id(cursor.plain_bytes()?).unwrap_or_default(),
        _ => cursor.skip_value()?,
    }
    Ok(Member::Other)
}

fn enter(cursor: &mut Cursor<'_>, nodes: &mut Vec<Node>, parent: Option<usize>) -> Option<usize> {
    if cursor.peek() != Some(b'{') {
        return None;
    }
    let parent = parent.and_then(|place| u32::try_from(place).ok()).unwrap_or(NO_PARENT);
    nodes.push(Node { start: cursor.at, inner: (0, 0), parent, id: SpanId::NONE, whole: false });
    cursor.at += 1;
    Some(nodes.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::file_report::FileReport;
    use crate::read::known::Known;
    use crate::read::options::ReadOptions;
    use crate::read::sink::Gathered;

    /// The ends of the ids that are found with those of their parents, whether all could be walked, and what is told.
    type Found = (Vec<(u8, Option<u8>)>, bool, Vec<(u64, String)>);

    fn found(json: &str, most: usize) -> Found {
        let (mut sink, mut report, mut known) = (Gathered::default(), FileReport::default(), Known::default());
        let options = ReadOptions::default();
        let mut intake = Intake::new(&mut sink, &options, &mut report, "line", &mut known);
        let mut all = Vec::new();
        let outcome = nodes(&mut Cursor::new(json.as_bytes()), &mut all, most, &mut intake);
        let id = |node: &Node| node.id.0[7];
        let parents = all.iter().map(|node| (id(node), node.parent().map(|place| id(&all[place])))).collect();
        (parents, outcome.is_ok(), report.skipped.into_iter().map(|it| (it.offset, it.reason)).collect())
    }

    #[test]
    fn a_node_takes_forty_bytes() {
        assert_eq!(size_of::<Node>(), 40);
    }

    #[test]
    fn of_more_subsegments_than_are_read_the_first_are_found_and_the_others_are_counted() {
        let json = r#"{"subsegments":[{"id":"2","subsegments":[{"id":"3"},{"id":"4"}]},{"id":"5","subsegments":[{}]}],"id":"1"}"#;
        let all = vec![(1, None), (2, Some(1)), (3, Some(2)), (4, Some(2)), (5, Some(1)), (0, Some(5))];
        assert_eq!(found(json, 6), (all.clone(), true, vec![]));
        let reason = |count, most| {
            format!(
                "{count} subsegments, and what lies in them, left out: {most} of a segment are read; send segments with fewer"
            )
        };
        let at = |text: &str| json.find(text).expect("it is there") as u64;
        // That which lies in the last one.
        assert_eq!(found(json, 5), (all[..5].to_vec(), true, vec![(at("{}"), reason(1, 5))]));
        // The second one in the first, and the one behind that with what lies in it.
        assert_eq!(found(json, 3), (all[..3].to_vec(), true, vec![(at(r#"{"id":"4""#), reason(2, 3))]));
        assert_eq!(found(json, 1), (all[..1].to_vec(), true, vec![(at(r#"{"id":"2""#), reason(2, 1))]));
        // What was beyond is told, though it was cut off there.
        let cut = &json[..json.find("{}").expect("it is there")];
        assert_eq!(
            found(cut, 3),
            (vec![(0, None), (2, Some(0)), (3, Some(2))], false, vec![(at(r#"{"id":"4""#), reason(2, 3))])
        );
    }
}
