//! The ways in which SDKs tell that a flag was evaluated.

use crate::otlp::{Attributes, Event, Record, Sent, Span, Value};
use crate::system::{Flag, Form};

/// Tells it on the span whose attributes and events these are; `bare` is a child span in its place, not sent yet.
pub(crate) fn tell_evaluation(
    flag: &Flag,
    is_other: bool,
    bare: Span,
    attributes: &mut Attributes,
    events: &mut Vec<Event>,
    sent: &mut Sent,
) {
    let variant = flag.variants[usize::from(is_other)];
    let text = |key: &str, value: &str| (key.to_owned(), Value::text(value));
    let told = vec![
        text("feature_flag.key", &flag.key),
        text("feature_flag.provider.name", "flagd"),
        text("feature_flag.result.variant", variant),
        ("feature_flag.result.value".to_owned(), Value::Truth(is_other)),
        text("feature_flag.result.reason", if is_other { "targeting_match" } else { "static" }),
    ];
    let name = "feature_flag.evaluation".to_owned();
    match flag.form {
        Form::Event => events.push(Event { name, attributes: told }),
        Form::OldEvent => {
            let told = vec![
                text("feature_flag.key", &flag.key),
                text("feature_flag.provider_name", "flagd"),
                text("feature_flag.variant", variant),
            ];
            events.push(Event { name: "feature_flag".to_owned(), attributes: told });
        }
        Form::ChildSpan => sent.spans.push(Span { name, attributes: told, ..bare }),
        Form::LogRecord => sent.records.push(Record {
            process: bare.process,
            trace: bare.trace,
            span: bare.parent.unwrap_or(bare.id),
            at: bare.start,
            severity: 9,
            event_name: Some(name),
            body: String::new(),
            attributes: told,
        }),
        // A span holds one attribute of a name: the first flag that was evaluated keeps it.
        Form::Attributes => {
            if attributes.iter().all(|(key, _)| key != "feature_flag.key") {
                attributes.extend([text("feature_flag.key", &flag.key), text("feature_flag.result.variant", variant)]);
            }
        }
    }
}
