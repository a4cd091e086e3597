//! Shares drawn as bars. The number stands beside each, so that readers of the page aloud miss nothing.

use maud::{Markup, html};

/// How wide the drawing is in its own units; on the page it takes the room that it is given.
const WIDTH: f64 = 1000.0;
/// What is not nothing is seen.
const LEAST: f64 = 4.0;

/// A part of a whole; `kind` is a class of the style sheet, which gives the bar its colour.
pub(crate) fn share(part: u64, whole: u64, kind: &str) -> Markup {
    let width = match (part, whole) {
        (0, _) | (_, 0) => 0.0,
        _ => (WIDTH * ratio(part, whole)).clamp(LEAST, WIDTH),
    };
    html! {
        svg.bar viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.bar-room width="1000" height="10" {}
            @if width > 0.0 { rect class={ "bar-" (kind) } width=(short(width)) height="10" {} }
        }
    }
}

/// A part of a whole, 0 to 1.
pub(crate) fn ratio(part: u64, whole: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rounding error of 2^-53 does not show in a drawing")]
    let ratio = part as f64 / whole.max(1) as f64;
    ratio.min(1.0)
}

/// A part of a whole in thousandths, for [`share`].
pub(crate) fn thousandths(part: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0 to 1000")]
    let part = (1000.0 * part).clamp(0.0, 1000.0) as u64;
    part
}

/// A coordinate with as many digits as a screen can show.
pub(crate) fn short(number: f64) -> String {
    // Minus zero is zero.
    let tenths = (number * 10.0).round() / 10.0 + 0.0;
    if tenths.is_finite() { format!("{tenths}") } else { "0".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_nothing_is_seen_and_nothing_is_not() {
        let drawn = |part, whole| share(part, whole, "failing").into_string();
        assert!(drawn(1, 1_000_000).contains("width=\"4\""));
        assert!(!drawn(0, 10).contains("bar-failing") && !drawn(0, 0).contains("bar-failing"));
        assert!(drawn(20, 10).contains("class=\"bar-failing\" width=\"1000\""));
    }

    #[test]
    fn coordinates_are_short_numbers() {
        assert_eq!([0.04, -0.0, 12.3456, f64::NAN, f64::INFINITY].map(short).join(" "), "0 0 12.3 0 0");
    }
}
