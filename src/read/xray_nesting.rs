//! Which subsegments lie in which, found in one pass: a segment may nest them to any depth, before or behind its own id.

use crate::model::ids::SpanId;
use crate::read::id_text;
use crate::read::intake::{Intake, Malformed};
use crate::read::json_cursor::Cursor;
use crate::read::sink::Sink;

/// A segment or subsegment: where it is, and in what it lies.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Where its object begins.
    pub(crate) start: usize,
    /// Where the array of its subsegments begins and ends.
    pub(crate) inner: Option<(usize, usize)>,
    /// The node around it.
    pub(crate) parent: Option<usize>,
    /// Its own id, if it has one.
    pub(crate) id: SpanId,
    /// Whether it was read to its end.
    pub(crate) whole: bool,
}

/// Finds the segment at the cursor and everything below it. What is malformed is told and left out; its subsegments and
/// its neighbours stay. An error is one after which nothing can be found; the nodes up to there are good.
pub(crate) fn nodes<S: Sink>(
    cursor: &mut Cursor<'_>,
    nodes: &mut Vec<Node>,
    intake: &mut Intake<'_, S>,
) -> Result<(), Malformed> {
    let mut here = enter(cursor, nodes, None);
    // Whether the cursor is among the subsegments of `here`, and not among its members.
    let mut among = false;
    while let Some(place) = here {
        if among {
            if !cursor.next_element()? {
                if let Some(inner) = &mut nodes[place].inner {
                    inner.1 = cursor.at;
                }
                among = false;
            } else if cursor.peek() == Some(b'{') {
                here = enter(cursor, nodes, Some(place));
                among = false;
            } else {
                cursor.skip_value()?;
            }
            continue;
        }
        match member(cursor, &mut nodes[place]) {
            Ok(Member::Inner) => among = true,
            Ok(Member::Other) => {}
            Ok(Member::End) => {
                nodes[place].whole = true;
                here = nodes[place].parent;
                among = true;
            }
            Err(wrong) => {
                // Its brackets may still tell where it ends.
                cursor.skip_to_close(1).map_err(|_| wrong)?;
                intake.skip_malformed("segment", wrong);
                here = nodes[place].parent;
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
        (b"subsegments", Some(b'[')) if node.inner.is_none() => {
            node.inner = Some((cursor.at, cursor.at));
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
    nodes.push(Node { start: cursor.at, inner: None, parent, id: SpanId::NONE, whole: false });
    cursor.at += 1;
    Some(nodes.len() - 1)
}
