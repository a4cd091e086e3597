//! What the API is asked with: any bytes are refused in words, or say two windows that can be judged.

use serde_json::Value;
use whyspan::model::time::Nanos;
use whyspan::serve::validation_body::Wanted;

/// Any bytes as the body of a validation.
pub(crate) fn asked(bytes: &[u8]) {
    let now = Nanos(1_795_305_600_000_000_000);
    let read = Wanted::read(bytes, now);
    match &read {
        Ok(Wanted { baseline, candidate, .. }) => {
            assert!(baseline.from < baseline.to && candidate.from < candidate.to, "{baseline:?} {candidate:?}");
        }
        Err(told) => assert!(!told.is_empty()),
    }
    // The layout says nothing.
    if let Ok(value @ Value::Object(_)) = serde_json::from_slice::<Value>(bytes)
        && let Ok(wanted) = read
    {
        let again = Wanted::read(format!("\n{value:#}\t").as_bytes(), now).expect("the same again");
        assert_eq!((wanted.baseline, wanted.candidate), (again.baseline, again.candidate));
        assert_eq!(wanted.policy, again.policy);
    }
}
