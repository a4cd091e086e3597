use super::map::OrderedMap;
use super::set::OrderedSet;
use proptest::prelude::*;
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Index;

/// What is done to a map and to the standard library's.
#[derive(Clone, Debug)]
enum Deed {
    Insert(u16, u8),
    InsertMany(Vec<(u16, u8)>),
    Enter(u16),
    Remove(u16),
    RemoveMany(Vec<u16>),
    PopLast,
    Retain(u8),
    Change,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (any::<u16>(), any::<u8>()).prop_map(|(key, value)| Deed::Insert(key % 1000, value)),
        prop::collection::vec((0..4000_u16, any::<u8>()), 0..1500).prop_map(Deed::InsertMany),
        (0..1000_u16).prop_map(Deed::Enter),
        (0..1000_u16).prop_map(Deed::Remove),
        prop::collection::vec(0..4000_u16, 0..1500).prop_map(Deed::RemoveMany),
        Just(Deed::PopLast),
        any::<u8>().prop_map(Deed::Retain),
        Just(Deed::Change),
    ]
}

fn apply(deed: Deed, map: &mut OrderedMap<u16, u8>, other: &mut BTreeMap<u16, u8>) -> Result<(), TestCaseError> {
    match deed {
        Deed::Insert(key, value) => prop_assert_eq!(map.insert(key, value), other.insert(key, value)),
        Deed::InsertMany(all) => {
            map.extend(all.iter().copied());
            other.extend(all);
        }
        Deed::Enter(key) => {
            let added = |value: &mut u8| *value = value.wrapping_add(1);
            let told = *map.entry(key).and_modify(added).or_insert(7);
            prop_assert_eq!(told, *other.entry(key).and_modify(added).or_insert(7));
            let (one, two) = (map.entry(key ^ 1).or_default(), other.entry(key ^ 1).or_default());
            prop_assert_eq!(&one, &two);
            (*one, *two) = (3, 3);
        }
        Deed::Remove(key) => prop_assert_eq!(map.remove_entry(&key), other.remove_entry(&key)),
        Deed::RemoveMany(keys) => {
            for key in keys {
                prop_assert_eq!(map.remove(&key), other.remove(&key));
            }
        }
        Deed::PopLast => prop_assert_eq!(map.pop_last(), other.pop_last()),
        Deed::Retain(most) => {
            map.retain(|_, value| *value <= most);
            other.retain(|_, value| *value <= most);
        }
        Deed::Change => {
            map.values_mut().zip((0..=u8::MAX).cycle()).for_each(|(value, at)| *value ^= at);
            other.values_mut().zip((0..=u8::MAX).cycle()).for_each(|(value, at)| *value ^= at);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_done_it_holds_what_the_standard_map_holds(deeds in prop::collection::vec(deed(), 0..25)) {
        let (mut map, mut other) = (OrderedMap::new(), BTreeMap::new());
        for deed in deeds {
            apply(deed, &mut map, &mut other)?;
            prop_assert_eq!(map.len(), other.len());
            prop_assert!(map.iter().eq(&other));
            prop_assert_eq!(map.iter().len(), other.len());
            prop_assert_eq!(map.first_key_value(), other.first_key_value());
            prop_assert_eq!(map.last_key_value(), other.last_key_value());
            for key in (0..4000).step_by(37) {
                prop_assert_eq!(map.get(&key), other.get(&key));
                prop_assert_eq!(map.contains_key(&key), other.contains_key(&key));
            }
        }
        prop_assert_eq!(&map.iter().map(|(&key, &value)| (key, value)).collect::<OrderedMap<_, _>>(), &map, "however it was made");
        prop_assert_eq!(serde_json::to_string(&map)?, serde_json::to_string(&other)?);
        prop_assert_eq!(format!("{map:?}"), format!("{other:?}"));
        prop_assert!(map.into_iter().eq(other));
    }

    #[test]
    fn sets_are_in_the_order_of_the_standard_set(all in prop::collection::vec(any::<String>(), 0..300)) {
        let (set, other): (OrderedSet<&str>, BTreeSet<&str>) =
            (all.iter().map(String::as_str).collect(), all.iter().map(String::as_str).collect());
        prop_assert!(set.iter().eq(&other));
        prop_assert_eq!((set.first(), set.last()), (other.first(), other.last()));
        prop_assert!(set.into_iter().eq(other));
    }
}

#[test]
fn very_many_in_any_order_are_put_in_and_taken_out_in_little_time() {
    const MANY: u32 = 300_000;
    // Multiplying by an odd number goes through all numbers, in no order.
    let mixed = |number: u32| number.wrapping_mul(0x9e37_79b9);
    let mut map: OrderedMap<u32, u32> = (0..MANY).map(|number| (mixed(number), number)).collect();
    assert!(map.keys().is_sorted());
    for number in 0..MANY {
        assert_eq!(map.remove(&mixed(number)), Some(number));
    }
    assert!(map.is_empty());
}

/// Tests may ask for what has to be there.
impl<K: Borrow<Q> + Ord, Q: Ord + ?Sized, V> Index<&Q> for OrderedMap<K, V> {
    type Output = V;

    fn index(&self, key: &Q) -> &V {
        self.get(key).expect("an entry of this key")
    }
}
