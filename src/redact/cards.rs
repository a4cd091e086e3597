//! Numbers of payment cards: known issuers, written as cards are, with the check digit right.

use crate::redact::class::Class;
use crate::redact::found::{Found, Pattern};
use regex::Regex;
use std::sync::LazyLock;

/// Digits in a row, or in the groups that cards have, with one sort of separator.
static SHAPE: Pattern = LazyLock::new(|| {
    Regex::new(concat!(
        r"[0-9]{4} [0-9]{4} [0-9]{4} [0-9]{4}(?: [0-9]{1,3})?",
        r"|[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{4}(?:-[0-9]{1,3})?",
        r"|[0-9]{4}(?: [0-9]{6} |-[0-9]{6}-)[0-9]{4,5}",
        r"|[0-9]+"
    ))
    .ok()
});

/// The length of four groups of four, with what is between them.
const FOUR_GROUPS: usize = 19;

/// Fewer digits make no card.
const LEAST: usize = 13;

/// Finds numbers of cards.
pub(crate) fn find(text: &str, found: &mut Vec<Found>) {
    let Some(shape) = SHAPE.as_ref() else { return };
    if text.bytes().filter(u8::is_ascii_digit).count() < LEAST {
        return;
    }
    let mut from = 0;
    while let Some(shown) = shape.find_at(text, from) {
        let start = shown.start();
        // What follows four groups may be the fifth of a long number, or something else.
        let groups = if shown.as_str().contains([' ', '-']) { start + FOUR_GROUPS } else { shown.end() };
        let ends = [shown.end(), groups.min(shown.end())];
        match ends.into_iter().find(|&end| stands_alone(text, start, end) && is_card(&text[start..end])) {
            Some(end) => {
                found.push(Found { at: start..end, class: Class::Card });
                from = end;
            }
            // The number may begin with the next group.
            None => from = start + shown.as_str().bytes().take_while(u8::is_ascii_digit).count(),
        }
    }
}

/// Whether it is no part of a longer word, number or fraction.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let (before, after) = (&text.as_bytes()[..start], &text.as_bytes()[end..]);
    let digit_at = |bytes: &[u8], at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let joined_before = match before {
        [.., last] if last.is_ascii_alphanumeric() => true,
        [.., b'.'] => digit_at(before, before.len().checked_sub(2)),
        _ => false,
    };
    let joined_after = match after {
        [first, ..] if first.is_ascii_alphanumeric() => true,
        [b'.', ..] => digit_at(after, Some(1)),
        _ => false,
    };
    !joined_before && !joined_after
}

fn is_card(shown: &str) -> bool {
    let digits: Vec<u8> = shown.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    is_issued(&digits) && luhn(&digits)
}

/// Whether an issuer gives out numbers that begin so and are so long (ISO/IEC 7812, as the card networks publish it).
/// Nanoseconds since 1970 begin with 1, which no issuer has.
fn is_issued(digits: &[u8]) -> bool {
    if digits.len() < LEAST {
        return false;
    }
    let first = |count: usize| digits[..count].iter().fold(0_u32, |number, &digit| number * 10 + u32::from(digit));
    match digits.len() {
        // Visa.
        13 | 16 | 19 if digits[0] == 4 => true,
        // American Express.
        15 => matches!(first(2), 34 | 37),
        // Diners Club.
        14 => matches!(first(3), 300..=305) || matches!(first(2), 36 | 38 | 39),
        // Mastercard.
        16 if matches!(first(2), 51..=55) || matches!(first(4), 2221..=2720) => true,
        // Discover, JCB, UnionPay, Maestro.
        16..=19 => {
            matches!(first(2), 62 | 65)
                || matches!(first(3), 644..=649)
                || matches!(first(4), 6011 | 3528..=3589 | 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763)
        }
        _ => false,
    }
}

/// The check digit (ISO/IEC 7812-1, annex B): every second digit from the right counts twice.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match u32::from(digit) * if place % 2 == 1 { 2 } else { 1 } {
            twice @ 10.. => twice - 9,
            number => number,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text, &mut found);
        found.into_iter().map(|found| &text[found.at]).collect()
    }

    #[test]
    fn cards_are_found_as_they_are_written() {
        for card in [
            "4111111111111111",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "5555555555554444",
            "2223003122003222",
            "3782 822463 10005",
            "378282246310005",
            "30569309025904",
            "6011111111111117",
            "3530111333300000",
            "4222222222222",
        ] {
            for text in [
                card.to_owned(),
                format!("card {card}."),
                format!("\"number\":\"{card}\",\"cvv\":1"),
                format!("pan_{card}:"),
            ] {
                assert_eq!(cards(&text), [card], "{text}");
            }
        }
        assert_eq!(cards("order 1234 4111 1111 1111 1111 12/27"), ["4111 1111 1111 1111"]);
    }

    #[test]
    fn other_long_numbers_are_none() {
        for text in [
            "1790000000000000000",
            "1790000000111",
            "4111111111111112",
            "4111 1111-1111 1111",
            "04111111111111111",
            "41111111111111110000",
            "a4111111111111111",
            "4111111111111111f",
            "0.4111111111111111",
            "4111111111111111.25",
            "5b8efff798038103d269b633813fc60c",
            "charge.js:21:11",
            "2026-11-22T10:00:00.123456789Z",
            "41 11 11 11 11 11 11 11",
        ] {
            assert!(cards(text).is_empty(), "{text}");
        }
    }
}
