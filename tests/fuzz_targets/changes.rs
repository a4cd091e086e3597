//! Announced changes: any bytes are read without harm, alike in every layout of the JSON, and within the bounds.

use serde_json::Value;
use whyspan::read::change_events::field_mapping::FieldMapping;
use whyspan::read::change_events::file::changes_of;
use whyspan::read::change_events::flag_files::changes_of_flags;

/// The longest text of a change in bytes, with the mark of a cut.
const MOST: usize = 1024 + "… [cut]".len();

/// Any bytes as a file of announcements, and as a file of flags.
pub(crate) fn changes(bytes: &[u8]) {
    let mapping: FieldMapping =
        "key=app.metadata.name,to=image,at=time,detail=phase,when=phase:Healthy".parse().expect("a mapping");
    let mappings = [mapping];
    for mappings in [&mappings[..], &[]] {
        let announced = changes_of("f", bytes, mappings);
        for change in &announced.changes {
            let texts = [
                &change.from,
                &change.to,
                &change.service,
                &change.environment,
                &change.actor,
                &change.link,
                &change.detail,
            ];
            assert!(!change.key.is_empty() && change.key.len() <= MOST, "{change:?}");
            assert!(texts.into_iter().flatten().all(|text| !text.is_empty() && text.len() <= MOST), "{change:?}");
            assert!(change.link.iter().all(|link| link.starts_with("http")), "{change:?}");
            assert_eq!(change.source, "f");
        }
        assert!(!announced.changes.is_empty() || !announced.messages.is_empty(), "nothing is said of an input");
        let steers = |message: &String| message.chars().any(char::is_control);
        assert!(!announced.messages.iter().any(steers), "{:?}", announced.messages);
        // The layout of an object says nothing.
        if let Ok(value @ Value::Object(_)) = serde_json::from_slice::<Value>(bytes) {
            for text in [value.to_string(), format!("{value:#}"), format!("[\n{value:#},\n]")] {
                assert_eq!(changes_of("f", text.as_bytes(), mappings).changes, announced.changes, "{text}");
            }
        }
    }
    let none = br#"{"flags":{}}"#;
    for (before, after) in [(bytes, &none[..]), (none, bytes), (bytes, bytes)] {
        let read = changes_of_flags(("before", before), ("after", after));
        if let (Ok(read), true) = (read, before == after) {
            assert_eq!(read.changes, [], "equal flags differ");
        }
    }
}
