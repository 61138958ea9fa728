//! Reading maps, sets, vectors and lists against plain models.

use super::*;
use std::collections::BTreeMap;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_key_is_found_and_no_other(
        entries in prop::collection::vec((model(), 0i64..100), 0..60),
        absent in prop::collection::vec(model(), 0..20),
        mask in 0..MASKS.len(),
    ) {
        let (b, elsewhere) = (Builder::new(8 << 20, 7, MASKS[mask]), Builder::new(8 << 20, 8, !0));
        let mut expected = BTreeMap::new();
        for (key, value) in &entries {
            expected.entry(key.canon()).or_insert(*value);
        }
        let map = Model::Map(entries.iter().map(|(k, v)| (k.clone(), Model::Int(*v))).collect());
        let map = View::new(&b.arena, b.model(&map));
        let set = View::new(&b.arena, b.model(&Model::Set(entries.iter().map(|e| e.0.clone()).collect())));
        prop_assert_eq!(map.len().unwrap(), expected.len() as u64);
        prop_assert_eq!(set.len().unwrap(), expected.len() as u64);
        for key in entries.iter().map(|e| &e.0).chain(&absent) {
            let value = expected.get(&key.canon()).map(|v| Model::Int(*v));
            let here = View::new(&b.arena, b.model(key));
            let there = View::new(&elsewhere.arena, elsewhere.model(key));
            let check = |key: Key<'_>| {
                let found = map.get(key).unwrap().map(|v| read(v).unwrap());
                assert_eq!(found, value);
                assert_eq!(set.contains(key).unwrap(), value.is_some());
                if let Some((stored, _)) = map.find_entry(key).unwrap() {
                    assert!(same_key(&b.arena, stored.word, &key).unwrap());
                    assert_eq!(key_hash(&b.arena, &key).unwrap(), word_hash(&b.arena, stored.word).unwrap());
                }
            };
            check(here.into());
            check(there.into());
            with_scalar(key, check);
        }
    }

    #[test]
    fn iteration_meets_everything_once(entries in prop::collection::vec((model(), model()), 0..80), mask in 0..MASKS.len()) {
        let b = Builder::new(8 << 20, 7, MASKS[mask]);
        let model = Model::Map(entries.clone());
        let map = View::new(&b.arena, b.model(&model));
        prop_assert_eq!(read(map).unwrap().canon(), model.canon());
        let mut bulk = vec![];
        let _: ControlFlow<()> = map.for_each_entry(|k, v| { bulk.push((k.word, v.word)); ControlFlow::Continue(()) }).unwrap();
        let mut left = map.entries().unwrap();
        for (i, (k, v)) in bulk.iter().enumerate() {
            prop_assert_eq!(left.len(), bulk.len() - i);
            let (key, value) = left.next().unwrap().unwrap();
            prop_assert_eq!((key.word, value.word), (*k, *v));
        }
        prop_assert!(left.next().is_none());
        // What goes over the rest at once goes on where single steps ended.
        for steps in [0, 1, 2] {
            let mut left = map.entries().unwrap();
            let first: Vec<_> = left.by_ref().take(steps).map(Result::unwrap).collect();
            let all = left.fold(first, |mut all, entry| { all.push(entry.unwrap()); all });
            prop_assert_eq!(all.iter().map(|(k, v)| (k.word, v.word)).collect::<Vec<_>>(), bulk.clone());
        }

        let model = Model::Set(entries.iter().map(|e| e.0.clone()).collect());
        let set = View::new(&b.arena, b.model(&model));
        prop_assert_eq!(read(set).unwrap().canon(), model.canon());
        prop_assert_eq!(set.elements().unwrap().len() as u64, set.len().unwrap());
    }
}

/// Sizes around every change of shape.
const SIZES: [u64; 22] = [
    0,
    1,
    2,
    31,
    32,
    33,
    34,
    63,
    64,
    65,
    95,
    96,
    97,
    1023,
    1024,
    1025,
    1056,
    1057,
    2080,
    32_768 + 31,
    32_768 + 33,
    40_000,
];

#[test]
fn vectors_of_every_shape_read_back() {
    let b = Builder::new(64 << 20, 1, !0);
    for n in SIZES.into_iter().chain([1 << 20, (1 << 20) + 32, (1 << 20) + 33]) {
        let words: Vec<_> = (0..n as i64).map(|i| b.int(i * 3)).collect();
        let vector = View::new(&b.arena, b.vector(&words));
        assert_eq!(vector.len().unwrap(), n);
        let step = (n / 1000).max(1);
        for i in (0..n).step_by(step as usize).chain(n.saturating_sub(70)..n) {
            assert_eq!(vector.nth(i).unwrap().unwrap().word, words[i as usize]);
            assert_eq!(vector.get(i as i64).unwrap().unwrap().word, words[i as usize]);
        }
        assert!(vector.nth(n).unwrap().is_none() && vector.nth(u64::MAX).unwrap().is_none());
        assert!(vector.get(-1).unwrap().is_none() && vector.get(1.0).unwrap().is_none());
        let words_of = |it: Elements<'_>| it.map(|v| v.unwrap().word).collect::<Vec<_>>();
        assert_eq!(vector.elements().unwrap().len() as u64, n);
        assert_eq!(words_of(vector.elements().unwrap()), words);
        for from in [0, 1, 31, 32, 33, n / 2, n.saturating_sub(1), n, n + 5] {
            let expected = words.get(from as usize..).unwrap_or_default();
            assert_eq!(vector.elements_from(from).unwrap().len(), expected.len());
            assert_eq!(words_of(vector.elements_from(from).unwrap()), expected);
        }
        let mut back: Vec<_> = vector.elements_rev().unwrap().map(|v| v.unwrap().word).collect();
        back.reverse();
        assert_eq!(back, words);
    }
}

#[test]
fn lists_read_back() {
    let b = Builder::new(8 << 20, 1, !0);
    for n in [0, 1, 2, 100] {
        let words: Vec<_> = (0..n).map(|i| b.int(i)).collect();
        let list = View::new(&b.arena, b.list(&words));
        assert_eq!(list.len().unwrap(), n as u64);
        assert_eq!(list.elements().unwrap().map(|v| v.unwrap().word).collect::<Vec<_>>(), words);
        assert_eq!(list.first().unwrap().map(View::word), words.first().copied());
        assert_eq!(list.rest().unwrap().len().unwrap(), (n as u64).saturating_sub(1));
        assert_eq!(list.nth(n as u64 / 2).unwrap().map(View::word), words.get(n as usize / 2).copied());
        assert!(list.get(0).unwrap().is_none());
    }
}

#[test]
fn a_path_leads_through_maps_and_vectors() {
    let b = Builder::new(1 << 20, 1, !0);
    let inner = b.vector(&[b.int(5), b.keyword("a-long-keyword")]);
    let map = View::new(&b.arena, b.map(&[(b.str("a string that is long"), inner)]));
    let found = map.get_in(&["a string that is long".into(), 1.into()]).unwrap().unwrap();
    assert_eq!(found.word, b.keyword("a-long-keyword"));
    assert!(map.get_in(&["not there".into(), 1.into()]).unwrap().is_none());
    assert_eq!(map.get_in(&[]).unwrap().unwrap().word, map.word);
}

#[test]
fn operations_that_a_value_does_not_have_are_errors() {
    let b = Builder::new(1 << 20, 1, !0);
    let five = View::new(&b.arena, b.int(5));
    let nil = View::new(&b.arena, Word::NIL);
    let map = View::new(&b.arena, Word::EMPTY_MAP);
    assert!(nil.get(1).unwrap().is_none() && map.get(1).unwrap().is_none());
    assert_eq!(
        five.get(1).unwrap_err().to_string(),
        "a value of type integer cannot do this: only maps, sets and vectors have elements under keys"
    );
    let is_value = |e: Error| matches!(e, Error::Value { .. });
    assert!(
        is_value(five.len().unwrap_err()) && is_value(nil.len().unwrap_err()) && is_value(map.elements().unwrap_err())
    );
    assert!(
        is_value(five.entries().unwrap_err())
            && is_value(map.nth(0).unwrap_err())
            && is_value(map.first().unwrap_err())
    );
}
