//! Where the answer to a question turns, among sorted numbers.

/// The first number from `from` for which a question that turns from no to yes once is answered yes; `end` when none before
/// it is.
pub(super) fn first_that(from: u64, end: u64, yes: impl Fn(u64) -> bool) -> u64 {
    let (mut from, mut end) = (from, end);
    while from < end {
        let middle = from + (end - from) / 2;
        if yes(middle) {
            end = middle;
        } else {
            from = middle + 1;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turn_is_found_wherever_it_is() {
        for turn in 3..=9 {
            assert_eq!(first_that(3, 9, |number| number >= turn), turn);
        }
        assert_eq!(first_that(5, 5, |_| true), 5);
    }
}
