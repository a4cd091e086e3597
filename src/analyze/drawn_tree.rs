//! Trees of a few spans for tests, drawn in lines.

use crate::assemble::trace::assemble;
use crate::model::ids::{SpanId, TraceId};
use crate::model::names::Names;
use crate::model::operation::Operation;
use crate::model::resource::Resource;
use crate::model::span::{Codes, LooseSpan, Status};
use crate::model::span_kind::SpanKind;
use crate::model::target::TargetId;
use crate::model::time::{Interval, Nanos};
use crate::model::tree::TraceTree;

/// The tree of lines such as `shop client 10..30`: the service and at once the name, the kind, and nanoseconds from start to
/// end. A line is a child of the last one above it that is indented less. `shop@far` is on another host, with another clock;
/// without a host it is on that of the line above it.
pub(crate) fn drawn(lines: &str) -> (TraceTree, Names) {
    let mut names = Names::new();
    let mut spans: Vec<LooseSpan> = Vec::new();
    let mut above: Vec<(usize, SpanId)> = Vec::new();
    for (number, line) in (1_u64..).zip(lines.lines()) {
        let depth = line.len() - line.trim_start().len();
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [name, kind, time] = parts[..] else { unreachable!("a line is name, kind and time: {line}") };
        let (name, host) = name.split_once('@').unwrap_or((name, ""));
        let host = names.intern(host);
        let kind = match kind {
            "server" => SpanKind::Server,
            "client" => SpanKind::Client,
            "producer" => SpanKind::Producer,
            "consumer" => SpanKind::Consumer,
            _ => SpanKind::Internal,
        };
        let (start, end) = time.split_once("..").unwrap_or_default();
        let at = |digits: &str| Nanos(1_000 + digits.parse::<u64>().unwrap_or_default());
        above.retain(|&(of, _)| of < depth);
        let id = SpanId(number.to_be_bytes());
        let sym = names.intern(name);
        spans.push(LooseSpan {
            trace: TraceId([1; 16]),
            id,
            parent: above.last().map_or(SpanId::NONE, |&(_, parent)| parent),
            time: Interval { start: at(start), end: at(end) },
            operation: names.operation(Operation { service: sym, name: sym, kind }),
            name: sym,
            // One clock unless a host is named.
            resource: names.resource(Resource { host, ..Resource::default() }),
            target: TargetId::NONE,
            codes: Codes::default(),
            status: Status::Unset,
            detail: None,
            attributes: Box::default(),
        });
        above.push((depth, id));
    }
    (assemble(TraceId([1; 16]), spans, Vec::new(), &names).tree, names)
}
