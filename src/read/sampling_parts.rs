//! What a span says of the sampling that kept it.

use crate::model::sent::Sampling;
use crate::read::attributes::{Attributes, Value};
use crate::read::semconv::Key;

/// How many values a threshold has: 2^56 (OpenTelemetry, TraceState: probability sampling).
const THRESHOLDS: u64 = 1 << 56;

/// The member of a W3C trace state that belongs to OpenTelemetry, as key-value pairs.
pub(crate) fn ot_pairs(trace_state: &str) -> impl Iterator<Item = (&str, &str)> {
    let members = trace_state.split(',').filter_map(|member| member.trim().strip_prefix("ot="));
    members.take(1).flat_map(|pairs| pairs.split(';')).filter_map(|pair| pair.split_once(':'))
}

/// How many spans one stands for, in parts of [`Sampling::PARTS`], if it tells.
pub(crate) fn weight(trace_state: &str, attributes: &Attributes<'_>) -> Option<u128> {
    let told = |key| ot_pairs(trace_state).find(|&(known, _)| known == key).map(|(_, value)| value);
    told("th")
        .and_then(weight_of_threshold)
        .or_else(|| told("p").and_then(weight_of_exponent))
        .or_else(|| weight_of_rate(attributes))
        .or_else(|| weight_of_sampler(attributes))
}

/// `th` is the share of all randomness that is turned away, 56 bits in up to 14 hexadecimal digits without the zeros at
/// the end: `th:8` is one half, `th:c` three quarters, `th:0` nothing.
fn weight_of_threshold(digits: &str) -> Option<u128> {
    let valid = (1..=14).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| valid)?;
    let threshold = number << (4 * (14 - digits.len()));
    Some(u128::from(THRESHOLDS) * Sampling::PARTS / u128::from(THRESHOLDS - threshold))
}

/// `p` is what was before `th`: the probability is 2^-p; 63 means that nobody knows.
fn weight_of_exponent(digits: &str) -> Option<u128> {
    digits.parse::<u32>().ok().filter(|exponent| *exponent < 63).map(|exponent| Sampling::PARTS << exponent)
}

/// `SampleRate`: each span stands for so many.
fn weight_of_rate(attributes: &Attributes<'_>) -> Option<u128> {
    let rate = attributes.integer(&[Key::SampleRate]).and_then(|rate| u32::try_from(rate).ok())?;
    (rate > 0).then(|| u128::from(rate) * Sampling::PARTS)
}

/// `sampler.type` and `sampler.param`, as Jaeger's clients write them on the first span of a trace.
fn weight_of_sampler(attributes: &Attributes<'_>) -> Option<u128> {
    if attributes.text(&[Key::SamplerType])? != "probabilistic" {
        return None;
    }
    let probability = match attributes.get(Key::SamplerParam)? {
        Value::Double(number) => *number,
        Value::Int(1) => 1.0,
        value => value.str()?.trim().parse().ok()?,
    };
    #[expect(clippy::cast_precision_loss, reason = "a small power of two")]
    let parts = Sampling::PARTS as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in range")]
    (probability > 1e-12 && probability <= 1.0).then(|| (parts / probability).round() as u128)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn spans(trace_state: &str, pairs: &[(Key, Value<'static>)]) -> Option<u128> {
        let mut attributes = Attributes::default();
        for (key, value) in pairs {
            attributes.put(*key, value.clone());
        }
        weight(trace_state, &attributes).map(|parts| parts / Sampling::PARTS)
    }

    #[test]
    fn thresholds_are_shares_that_are_turned_away() {
        for (state, weight) in [
            ("ot=th:0", Some(1)),
            ("ot=th:8", Some(2)),
            ("vendor=1, ot=rv:0123456789abcd;th:c", Some(4)),
            ("ot=th:fd70a", Some(99)),
            ("ot=th:ffffffffffffff", Some(1 << 56)),
            ("ot=p:3;r:5", Some(8)),
            ("ot=p:63", None),
            ("ot=th:", None),
            ("ot=th:+8", None),
            ("ot=th:fffffffffffffff", None),
            ("xot=th:8", None),
            ("", None),
        ] {
            assert_eq!(spans(state, &[]), weight, "{state}");
        }
    }

    #[test]
    fn rates_and_samplers_tell_a_weight_too() {
        let text = |text| Value::Str(Cow::Borrowed(text));
        assert_eq!(spans("", &[(Key::SampleRate, Value::Int(20))]), Some(20));
        assert_eq!(spans("ot=th:8", &[(Key::SampleRate, Value::Int(20))]), Some(2));
        assert_eq!(spans("", &[(Key::SampleRate, Value::Int(-1))]), None);
        let sampler = |param| spans("", &[(Key::SamplerType, text("probabilistic")), (Key::SamplerParam, param)]);
        assert_eq!(sampler(Value::Double(0.1)), Some(10));
        assert_eq!(sampler(text("0.5")), Some(2));
        for nonsense in
            [Value::Double(0.0), Value::Double(f64::NAN), Value::Double(7.0), text("all"), Value::Bool(true)]
        {
            assert_eq!(sampler(nonsense), None);
        }
        assert_eq!(spans("", &[(Key::SamplerType, text("const")), (Key::SamplerParam, Value::Int(1))]), None);
    }
}
