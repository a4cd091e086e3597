//! Files of announcements as a whole. What is read of each format is held in `tests/change_formats.rs`.

use crate::model::time::Nanos;
use crate::read::change_events::file::changes_of;

#[test]
fn lines_of_both_spellings_are_read_and_others_told() {
    let text = concat!(
        "\u{feff}{\"timeUnixNano\":\"1795313190991506432\",\"type\":\"feature_flag\",\"flag\":\"f\",\"service\":\"s\",\"from\":\"off\",\"to\":\"on\"}\r\n",
        "\n",
        "{\"kind\":\"deployment\",\"key\":\"cart\",\"to\":1.5,\"at\":\"2026-11-22T10:00:00Z\"}\n",
        "{\"kind\":\"weather\",\"key\":\"rain\"}\n",
        "{\"kind\":\"deployment\"}\n",
        "nonsense\n",
        "{\"kind\":\"event\",\"name\":\"load test\",\"at\":null}",
    );
    let announced = changes_of("c.jsonl", text.as_bytes(), &[]);
    let told: Vec<(&str, &str, Option<&str>, Option<&str>)> = announced
        .changes
        .iter()
        .map(|change| (change.kind.as_str(), change.key.as_str(), change.to.as_deref(), change.service.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("feature-flag", "f", Some("on"), Some("s")),
            ("deployment", "cart", Some("1.5"), Some("cart")),
            ("event", "load test", None, None)
        ]
    );
    assert_eq!(announced.changes[0].at, Some(Nanos(1_795_313_190_991_506_432)));
    assert_eq!(announced.changes[1].at, Some(Nanos(1_795_341_600_000_000_000)));
    assert_eq!(announced.messages.len(), 4, "{:?}", announced.messages);
    assert_eq!(announced.messages[0], "c.jsonl: record 3 (line 4): no known change, left out: its kind is \"weather\"");
}
