//! How a gate words places and numbers.

use crate::facts::cause::OperationName;

/// `POST /api/checkout of frontend`.
pub(crate) fn place(at: &OperationName) -> String {
    format!("{} of {}", at.operation, at.service)
}

/// To six places, so that the evidence reads well.
pub(crate) fn rounded(number: f64) -> f64 {
    let rounded = (number * 1e6).round() / 1e6;
    // No negative zero.
    if rounded == 0.0 { 0.0 } else { rounded }
}

/// To four significant digits: a chance may be very small.
pub(crate) fn significant(chance: f64) -> f64 {
    // Cannot fail: what was written is a number.
    format!("{chance:.3e}").parse().unwrap_or(chance)
}

/// Nanoseconds as milliseconds, to three places.
pub(crate) fn in_ms(nanoseconds: f64) -> f64 {
    let ms = (nanoseconds / 1e3).round() / 1e3;
    if ms == 0.0 { 0.0 } else { ms }
}

/// Milliseconds with as many digits as they deserve: `404 ms`, `13.9 ms`, `1.2 s`.
pub(crate) fn ms(ms: f64) -> String {
    match ms.abs() {
        size if size >= 10_000.0 => format!("{:.1} s", ms / 1e3),
        size if size >= 100.0 => format!("{ms:.0} ms"),
        size if size >= 10.0 => format!("{ms:.1} ms"),
        _ => format!("{ms:.2} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_deserve() {
        assert_eq!((rounded(1.0 / 3.0), rounded(-1e-9).to_bits()), (0.333_333, 0.0_f64.to_bits()));
        assert_eq!(significant(1.234_567e-70), 1.235e-70);
        assert_eq!([404.46, 13.94, 1.5, 12_345.0].map(ms).join(" "), "404 ms 13.9 ms 1.50 ms 12.3 s");
        assert_eq!(in_ms(1_234_567.0), 1.235);
    }
}
