//! Something for each of many numbers, most of which are small.

use hashbrown::HashMap;

/// Below this, a number is a place in a list. Systems have thousands of operations and processes; where there are more, ids are
/// in their names, and a list would be as long for each thread as for all of them.
const LISTED: usize = 1 << 14;

/// Values by number: found without a hash where there are not too many.
#[derive(Debug)]
pub(crate) struct ByNumber<T> {
    listed: Vec<Option<T>>,
    others: HashMap<u32, T>,
}

impl<T> Default for ByNumber<T> {
    fn default() -> Self {
        Self { listed: Vec::new(), others: HashMap::new() }
    }
}

impl<T> ByNumber<T> {
    /// The value of a number, made anew if it has none.
    #[inline]
    pub(crate) fn of(&mut self, number: u32, new: impl FnOnce() -> T) -> &mut T {
        let place = number as usize;
        if place >= LISTED {
            return self.others.entry(number).or_insert_with(new);
        }
        if place >= self.listed.len() {
            self.listed.resize_with(place + 1, || None);
        }
        self.listed[place].get_or_insert_with(new)
    }

    /// All numbers that have a value, in no order.
    pub(crate) fn into_values(self) -> impl Iterator<Item = (u32, T)> {
        let listed = (0..).zip(self.listed).filter_map(|(number, value)| Some((number, value?)));
        listed.chain(self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_numbers_have_values_of_their_own() {
        let mut counts: ByNumber<u32> = ByNumber::default();
        for number in [3, 7, 3, u32::MAX, 1 << 14, 3, u32::MAX] {
            *counts.of(number, || 0) += 1;
        }
        let mut all: Vec<_> = counts.into_values().collect();
        all.sort_unstable();
        assert_eq!(all, [(3, 3), (7, 1), (1 << 14, 1), (u32::MAX, 2)]);
    }
}
