//! Sorting by machine code that all types share.
//!
//! A stable sort of the standard library is some 6 KB of machine code for each type and order. A hundred of them were a tenth of
//! what is compiled. Lists that are short, or are put in order once, are put in order here by the numbers of their places:
//!
//! ```text
//!   list     C A B
//!   places   0 1 2   sorted by what lies there: 1 2 0
//!   swaps    0 with 1, 1 with 2                          A B C
//! ```
//!
//! Each comparison is a call through a pointer, which takes a few nanoseconds more. What lies in the way of every span is sorted
//! by its own code. Samples of requests (`facts/bottom.rs`) are sorted here: most of each is in order
//! already, and a gate takes the same time.

use std::cmp::Ordering;

/// Lists that are put in order by shared code.
pub(crate) trait SharedSort<T> {
    /// Puts the list in the order of `compare`. Equal elements stay as they were to each other.
    fn shared_sort_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Puts the list in the order of `key`. Elements with equal keys stay as they were to each other.
    fn shared_sort_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.shared_sort_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Puts the list in order.
    fn shared_sort(&mut self)
    where
        T: Ord,
    {
        self.shared_sort_by(T::cmp);
    }
}

impl<T> SharedSort<T> for [T] {
    fn shared_sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        if let Some(places) = places_in_order(self.len(), &mut |one, other| compare(&self[one], &self[other])) {
            swap_into(places, &mut |one, other| self.swap(one, other));
        }
    }
}

/// The places of `len` elements, in order. `None` when they are in order.
fn places_in_order(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Option<Vec<usize>> {
    if (1..len).all(|place| compare(place - 1, place).is_le()) {
        return None;
    }
    let mut places: Vec<usize> = (0..len).collect();
    places.sort_by(|&one, &other| compare(one, other));
    Some(places)
}

/// Swaps until in each place lies what lay in the place that `from` has for it. Each circle of places is gone around once.
pub(crate) fn swap_into(mut from: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for first in 0..from.len() {
        let mut place = first;
        loop {
            let next = std::mem::replace(&mut from[place], place);
            if next == first {
                break;
            }
            swap(place, next);
            place = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lists_are_in_the_order_of_the_standard_sort(list in prop::collection::vec((0_u8..20, any::<u8>()), 0..200)) {
            let (mut shared, mut own) = (list.clone(), list);
            shared.shared_sort_by_key(|&(key, _)| key);
            own.sort_by_key(|&(key, _)| key);
            prop_assert_eq!(&shared, &own, "equal keys stay as they were");

            shared.shared_sort_by(|one, other| other.cmp(one));
            own.sort_by(|one, other| other.cmp(one));
            prop_assert_eq!(&shared, &own);

            shared.shared_sort();
            own.sort();
            prop_assert_eq!(shared, own);
        }
    }
}
