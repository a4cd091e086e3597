//! How numbers are spread, in little memory: the greatest exactly, others to within an eighth.

use crate::ordered::map::OrderedMap;

/// Numbers by size, four classes to each doubling. Spreads of pieces add up to that of the whole.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spread {
    classes: OrderedMap<u32, u64>,
    max: u64,
}

impl Spread {
    /// Adds a number.
    pub fn add(&mut self, number: u64) {
        *self.classes.entry(class_of(number)).or_default() += 1;
        self.max = self.max.max(number);
    }

    /// Adds the numbers of another piece.
    pub fn merge(&mut self, other: &Self) {
        for (class, count) in &other.classes {
            *self.classes.entry(*class).or_default() += count;
        }
        self.max = self.max.max(other.max);
    }

    /// The greatest number; 0 when there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// About the number that half of all do not exceed; 0 when there is none.
    #[must_use]
    pub fn median(&self) -> u64 {
        let half = self.classes.values().sum::<u64>().div_ceil(2);
        let mut passed = 0;
        let class = self.classes.iter().find(|&(_, count)| {
            passed += count;
            passed >= half
        });
        class.map_or(0, |(&class, _)| middle_of(class).min(self.max))
    }
}

/// The class of a number: its highest bit and the two below.
#[must_use]
pub fn class_of(number: u64) -> u32 {
    match number.checked_ilog2() {
        Some(bit @ 2..) => {
            let below = (number >> (bit - 2)) & 3;
            // Two bits.
            4 * bit + u32::try_from(below).unwrap_or(0)
        }
        // 0 and 1 have classes of their own below those; 2 and 3 too.
        _ => u32::try_from(number).unwrap_or(0),
    }
}

/// The least number of a class; the greatest number there is, for classes beyond.
#[must_use]
pub fn start_of(class: u32) -> u64 {
    match class {
        0..8 => u64::from(class),
        8..256 => {
            let (bit, below) = (class / 4, u64::from(class % 4));
            (1_u64 << bit) + below * (1_u64 << (bit - 2))
        }
        _ => u64::MAX,
    }
}

/// The number in the middle of a class.
fn middle_of(class: u32) -> u64 {
    match class {
        0..8 => u64::from(class),
        _ => {
            let (bit, below) = (class / 4, u64::from(class % 4));
            let step = 1_u64 << (bit - 2);
            (1_u64 << bit) + below * step + step / 2
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_median_is_right_within_an_eighth(mut numbers in prop::collection::vec(any::<u64>(), 1..50), shift in 0..64) {
            numbers.iter_mut().for_each(|number| *number >>= shift);
            let (mut one, mut other, mut whole) = (Spread::default(), Spread::default(), Spread::default());
            for (place, &number) in numbers.iter().enumerate() {
                whole.add(number);
                if place % 2 == 0 { one.add(number) } else { other.add(number) }
            }
            other.merge(&one);
            prop_assert_eq!(&other, &whole);
            numbers.sort_unstable();
            prop_assert_eq!(Some(&whole.max()), numbers.last());
            let exact = numbers[numbers.len().div_ceil(2) - 1];
            prop_assert!(whole.median().abs_diff(exact) <= exact / 8 + 1, "{} for {exact}", whole.median());
        }
    }

    #[test]
    fn classes_start_where_the_ones_before_end() {
        for class in 8..255 {
            let start = start_of(class);
            assert_eq!((class_of(start), class_of(start - 1)), (class, if class == 8 { 3 } else { class - 1 }));
        }
    }

    #[test]
    fn of_nothing_all_is_nothing() {
        assert_eq!((Spread::default().median(), Spread::default().max()), (0, 0));
    }
}
