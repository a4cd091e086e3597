//! Free text: stacks of any language, messages, and what may be secret in them. Whoever wrote it, it is taken.

use std::borrow::Cow;
use std::sync::LazyLock;
use whyspan::analyze::message;
use whyspan::analyze::stack::frame::{MAX_BLOCKS, MAX_FRAMES};
use whyspan::analyze::stack::language::{LANGUAGES, parse};
use whyspan::redact::class::Class;
use whyspan::redact::redactor::Redactor;
use whyspan::redact::rules::Rules;

/// Everything that can be taken out is.
static REDACTOR: LazyLock<Redactor> =
    LazyLock::new(|| Redactor::new(Class::ALL.into_iter().fold(Rules::none(), Rules::with)));

/// Any bytes as a text of telemetry.
pub(crate) fn texts(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    stack(&text);
    as_message(&text);
    redacted(&text);
}

/// A stack of a language of the table, with its bounds; and no language fails on a text that is of another.
fn stack(text: &str) {
    if let Some(stack) = parse(text) {
        assert!(LANGUAGES.iter().any(|language| language.name == stack.language));
        assert!(!stack.blocks.is_empty() && stack.blocks.len() <= MAX_BLOCKS);
        assert!(stack.blocks.iter().all(|block| block.frames.len() <= MAX_FRAMES), "{}", stack.language);
        assert_eq!(parse(text).as_ref(), Some(&stack));
    }
    for language in LANGUAGES {
        for flat in [false, true] {
            let _ = (language.detect)(text, flat);
            for frame in (language.parse)(text, flat).iter().flat_map(|block| &block.frames) {
                let _ = (language.in_app)(frame);
            }
        }
    }
}

/// What varies is taken out once and for all, within bounds; every message wraps itself.
fn as_message(text: &str) {
    let cleaned = message::clean(text);
    assert!(cleaned.len() <= message::MAX_CLEANED);
    assert_eq!(message::clean(&cleaned), cleaned);
    assert!(text.contains(message::core(text)));
    assert!(text.trim().is_empty() || message::wraps(text, text));
}

/// What was redacted holds nothing more to redact, and a text that stays is not copied.
fn redacted(text: &str) {
    let once = REDACTOR.text(text);
    assert_eq!(REDACTOR.text(&once), once);
    if once == text {
        assert!(matches!(once, Cow::Borrowed(_)));
    }
    let (key, value) = text.split_once('=').unwrap_or((text, text));
    let _ = REDACTOR.attribute(key, value);
}
