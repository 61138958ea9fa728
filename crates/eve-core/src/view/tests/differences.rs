//! What changed between two versions.

use super::*;
use crate::layout::{BlockHeader, Off, Tick};
use std::collections::{BTreeMap, BTreeSet};

type Versions = (BTreeMap<Model, Model>, BTreeMap<Model, Model>);

/// Two maps of which one came from the other.
fn versions() -> impl Strategy<Value = Versions> {
    let entries = prop::collection::vec((scalar_model(), model()), 0..100);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), 0..3, scalar_model(), model()), 0..10);
    (entries, changes).prop_map(|(entries, changes)| {
        let old: BTreeMap<_, _> = entries.into_iter().map(|(k, v)| (k, v.canon())).collect();
        let mut new = old.clone();
        for (i, what, key, value) in changes {
            let keys: Vec<_> = new.keys().cloned().collect();
            match (what, keys.is_empty()) {
                (0, false) => drop(new.remove(&keys[i.index(keys.len())])),
                (1, false) => drop(new.insert(keys[i.index(keys.len())].clone(), value.canon())),
                _ => drop(new.insert(key, value.canon())),
            }
        }
        (old, new)
    })
}

fn expected(
    old: &BTreeMap<Model, Model>,
    new: &BTreeMap<Model, Model>,
) -> BTreeSet<(Model, Option<Model>, Option<Model>)> {
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    let change = |k: Model| (k.clone(), old.get(&k).cloned(), new.get(&k).cloned());
    keys.into_iter().map(change).filter(|(_, a, b)| a != b).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn exactly_the_changes_are_told((old, new) in versions(), mask in 0..MASKS.len(), sharing in any::<bool>()) {
        let b = Builder::new(8 << 20, 7, MASKS[mask]);
        let b = if sharing { b.sharing() } else { b };
        let elsewhere = Builder::new(8 << 20, 8, !0);
        let map = |m: &BTreeMap<Model, Model>| Model::Map(m.clone().into_iter().collect());
        let set = |m: &BTreeMap<Model, Model>| Model::Set(m.keys().cloned().collect());
        let expected = expected(&old, &new);
        for other in [&b, &elsewhere] {
            let (x, y) = (View::new(&b.arena, b.model(&map(&old))), View::new(&other.arena, other.model(&map(&new))));
            let mut told = vec![];
            let some = |v: View<'_>| Ok::<_, Error>(Some(read(v)?.canon()));
            diff_maps(x, y, |change| {
                told.push(match change {
                    Change::Added { key, value } => (read(key)?, None, some(value)?),
                    Change::Removed { key, value } => (read(key)?, some(value)?, None),
                    Change::Changed { key, old, new } => (read(key)?, some(old)?, some(new)?),
                });
                Ok(())
            }).unwrap();
            prop_assert_eq!(told.len(), expected.len());
            prop_assert_eq!(&told.into_iter().collect::<BTreeSet<_>>(), &expected);

            let (x, y) = (View::new(&b.arena, b.model(&set(&old))), View::new(&other.arena, other.model(&set(&new))));
            let mut told = BTreeSet::new();
            diff_sets(x, y, |change| {
                assert!(told.insert(match change {
                    SetChange::Added(e) => (read(e)?, true),
                    SetChange::Removed(e) => (read(e)?, false),
                }));
                Ok(())
            }).unwrap();
            let expected: BTreeSet<_> = expected.iter().filter(|c| c.1.is_none() != c.2.is_none())
                .map(|c| (c.0.clone(), c.1.is_none())).collect();
            prop_assert_eq!(told, expected);
        }
    }

    #[test]
    fn vectors_tell_every_index_that_differs(
        len in prop::sample::select(vec![0usize, 1, 31, 32, 33, 64, 65, 1024, 1056, 1057, 2000, 34_000]),
        other_len in prop::sample::select(vec![0usize, 1, 31, 32, 33, 64, 65, 1024, 1056, 1057, 2000, 34_000]),
        changes in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        same_len in any::<bool>(),
    ) {
        let b = Builder::new(16 << 20, 7, !0).sharing();
        let other_len = if same_len { len } else { other_len };
        let old: Vec<_> = (0..len as i64).map(|i| b.int(i)).collect();
        let mut new: Vec<_> = (0..other_len as i64).map(|i| b.int(i)).collect();
        for i in changes {
            if other_len > 0 {
                let i = i.index(other_len);
                new[i] = b.int(-1 - i as i64);
            }
        }
        let (x, y) = (View::new(&b.arena, b.vector(&old)), View::new(&b.arena, b.vector(&new)));
        let mut told = vec![];
        diff_vectors(x, y, |i, a, b| { told.push((i as usize, a.map(View::word), b.map(View::word))); Ok(()) }).unwrap();
        let expected: Vec<_> = (0..len.max(other_len)).map(|i| (i, old.get(i).copied(), new.get(i).copied()))
            .filter(|(_, a, b)| a != b).collect();
        prop_assert_eq!(told, expected);
        prop_assert_eq!(x.equals(y).unwrap(), old == new);
    }
}

#[test]
fn shared_nodes_are_not_even_read() {
    let b = Builder::new(64 << 20, 7, !0).sharing();
    let mut entries: Vec<_> = (0..50_000).map(|i| (b.int(i), b.int(i))).collect();
    let mut elements: Vec<_> = (0..50_000).map(|i| b.int(i)).collect();
    let begin = b.end();
    let (old, old_vector) = (b.map(&entries), b.vector(&elements));
    let end = b.end();
    entries[777].1 = Word::NIL;
    elements[777] = Word::NIL;
    let (new, new_vector) = (View::new(&b.arena, b.map(&entries)), View::new(&b.arena, b.vector(&elements)));
    let (old, old_vector) = (View::new(&b.arena, old), View::new(&b.arena, old_vector));
    let changes = || {
        let (mut of_map, mut of_vector) = (0, 0);
        diff_maps(old, new, |_| {
            of_map += 1;
            Ok(())
        })
        .unwrap();
        diff_vectors(old_vector, new_vector, |i, _, _| {
            assert_eq!(i, 777);
            of_vector += 1;
            Ok(())
        })
        .unwrap();
        assert!(!old.equals(new).unwrap() && !old_vector.equals(new_vector).unwrap());
        (of_map, of_vector)
    };
    assert_eq!(changes(), (1, 1));

    // Now everything that is not on the way to the changes becomes unreadable.
    let mut on_the_way = BTreeSet::new();
    let mut off = old.word.as_block();
    let hash = word_hash(&b.arena, b.int(777)).unwrap();
    for level in 0.. {
        let Some(at) = off else { break };
        on_the_way.insert(at);
        let bit = 1 << crate::layout::trie::index(hash, level);
        off = trie::Branch::<2>::read(&b.arena, at, level).unwrap().node(bit).first().and_then(|w| Word(*w).as_block());
    }
    let mut at = begin;
    let mut spoilt = 0;
    while at < end {
        let node = b.arena.node(Off(at)).unwrap();
        let next = (at + 8 + node.shape.words * 8).next_multiple_of(16);
        let map_node = matches!(node.kind, Kind::MapNode) && !on_the_way.contains(&node.off);
        let leaf = node.kind == Kind::VectorLeaf && !node.children().contains(&b.int(777).0);
        if map_node || leaf {
            b.damage(Off(at), BlockHeader::new(Kind::Free, 0, Tick(0)).0);
            spoilt += 1;
        }
        at = next;
    }
    assert!(spoilt > 1000);
    assert!(old.entries().unwrap().any(|e| e.is_err()));
    assert!(old_vector.elements().unwrap().any(|e| e.is_err()));
    assert_eq!(changes(), (1, 1));
}
