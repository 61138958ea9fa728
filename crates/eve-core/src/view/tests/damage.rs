//! A damaged file gives errors or wrong answers, but no crash and no endless loop.

use super::*;
use crate::layout::block::pair;
use std::cmp::Ordering;

/// Reads everything there is to read of a value.
fn read_all(view: View<'_>, others: &[View<'_>]) {
    let _ = (view.type_of(), view.scalar(), view.meta(), view.tagged(), view.hash());
    let _ = format!("{view:?}");
    let n = view.len().unwrap_or(0);
    let _ = (view.nth(n / 2), view.first(), view.rest(), view.nth(n.wrapping_sub(1)));
    for key in [Key::from(0), 5.into(), "abc".into(), "a long string".into(), true.into()] {
        let _ = view.get(key);
    }
    let walk = |elements: Result<Elements<'_>>| {
        if let Ok(elements) = elements {
            let (hint, mut met) = (elements.len(), 0);
            for element in elements {
                met += 1;
                assert!(met <= hint + 1, "more elements than the count says");
                let Ok(element) = element else { break };
                let _ = (view.get(element), element.type_of());
            }
        }
    };
    walk(view.elements());
    walk(view.elements_from(n / 2));
    for element in view.elements_rev().into_iter().flatten() {
        let _ = element.map(|e| e.type_of());
    }
    let _ = view.for_each_entry(|k, v| {
        let _ = (k.type_of(), v.hash(), view.get(k));
        ControlFlow::<()>::Continue(())
    });
    for &other in others {
        let _ = (view.equals(other), other.equals(view));
        let _ = diff_maps(view, other, |_| Ok(()));
        let _ = diff_sets(other, view, |_| Ok(()));
        let _ = diff_vectors(view, other, |_, _, _| Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn flipped_bits_do_no_harm(
        models in prop::collection::vec(model(), 1..6),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 0u32..64, 0..4), 1..40),
        mask in 0..MASKS.len(),
    ) {
        let b = Builder::new(1 << 20, 7, MASKS[mask]);
        let elsewhere = Builder::new(1 << 20, 8, !0);
        let views: Vec<_> = models.iter().map(|m| View::new(&b.arena, b.model(m))).collect();
        let others: Vec<_> = models.iter().map(|m| View::new(&elsewhere.arena, elsewhere.model(m))).chain(views.iter().copied()).collect();
        let words = (b.end() - 8192) / 8;
        prop_assume!(words > 0);
        for (at, bit, how) in flips {
            let off = Off(8192 + at.index(words as usize) as u64 * 8);
            let word = b.arena.word(off).load(Relaxed);
            b.damage(off, match how {
                0 => word ^ 1 << (bit % 12), // kinds, counts and low parts of offsets
                1 => 8192 + (word ^ 1 << bit) % (words * 8) / 16 * 16, // a reference to some other place
                _ => word ^ 1 << bit,
            });
        }
        for view in &views {
            read_all(*view, &others);
        }
    }
}

#[test]
fn a_value_inside_itself_is_noticed() {
    let b = Builder::new(1 << 20, 7, !0);
    for kind in 0..4 {
        let one = b.int(1);
        let (word, inside) = match kind {
            0 => (b.vector(&[one, one]), 4),
            1 => (b.list(&[one]), 2),
            2 => (b.map(&[(one, one)]), 4),
            _ => (b.block(Kind::Pair, &[pair::TAGGED, b.symbol("t").0, one.0]), 3),
        };
        let off = word.as_block().unwrap();
        b.damage(off.at(inside), word.0);
        let (view, twin) = (View::new(&b.arena, word), b.arena.node(off).unwrap().words.to_vec());
        let twin = b.block(view.arena.node(off).unwrap().kind, &twin);
        b.damage(twin.as_block().unwrap().at(inside), twin.0);
        assert!(matches!(view.hash(), Err(Error::Corrupt { .. })));
        assert!(matches!(view.equals(View::new(&b.arena, twin)), Err(Error::Corrupt { .. })));
    }
}

#[test]
fn counts_that_lie_are_noticed() {
    let b = Builder::new(1 << 20, 7, !0);
    let entries: Vec<_> = (0..500).map(|i| (b.int(i), b.int(i))).collect();
    let map = b.map(&entries);
    let elements: Vec<_> = (0..500).map(|i| b.int(i)).collect();
    for lie in [0, 1, 499, 501, 700, 1 << 40, u64::MAX] {
        b.damage(map.as_block().unwrap().at(2), lie);
        let view = View::new(&b.arena, map);
        let wrong = match view.entries() {
            Ok(entries) => entries.map(|e| e.is_err()).collect::<Vec<_>>().contains(&true),
            Err(e) => matches!(e, Error::Corrupt { .. }),
        };
        assert!(wrong, "{lie}");
        for (word, at) in [(b.vector(&elements), 1), (b.list(&elements), 1)] {
            b.damage(word.as_block().unwrap().at(at), lie);
            let wrong = match View::new(&b.arena, word).elements() {
                Ok(elements) => elements.map(|e| e.is_err()).collect::<Vec<_>>().contains(&true),
                Err(e) => matches!(e, Error::Corrupt { .. }),
            };
            assert!(wrong, "{lie}");
        }
    }
}

#[test]
fn words_that_are_no_values_are_refused() {
    let b = Builder::new(1 << 20, 7, !0);
    for word in [0, 8, 0x18, 1 << 60, 8192, 0xF4, (1 << 20) - 16, u64::MAX - 15] {
        let view = View::new(&b.arena, Word(word));
        assert!(matches!(view.type_of(), Err(Error::Corrupt { .. })), "{word:#x}");
        assert!(matches!(view.get(1), Err(Error::Corrupt { .. })), "{word:#x}");
    }
}

/// A chain of vectors, each twice in the next: 2^60 paths through 60 blocks.
fn twice(b: &Builder, levels: u64, last: Word) -> Word {
    (0..levels).fold(last, |below, _| b.vector(&[below, below]))
}

#[test]
fn parts_that_are_shared_over_and_over_take_no_longer_than_the_file_is_large() {
    let (b, c) = (Builder::new(1 << 16, 7, !0), Builder::new(1 << 16, 7, !0));
    let (short, same, other) = (b.str("the end of it all"), b.str("the end of it all"), b.str("another end of it"));
    let values = [twice(&b, 60, short), twice(&b, 60, same), twice(&b, 60, other)].map(|w| View::new(&b.arena, w));
    let elsewhere = View::new(&c.arena, twice(&c, 60, c.str("the end of it all")));
    assert_eq!(values[0].hash().unwrap(), values[1].hash().unwrap());
    assert_ne!(values[0].hash().unwrap(), values[2].hash().unwrap());
    assert!(values[0].equals(values[1]).unwrap() && values[0].equals(elsewhere).unwrap());
    assert!(!values[0].equals(values[2]).unwrap() && !elsewhere.equals(values[2]).unwrap());
    for (a, b, order) in [(0, 1, Ordering::Equal), (0, 2, Ordering::Greater), (2, 1, Ordering::Less)] {
        assert_eq!(values[a].compare(values[b]).unwrap(), order);
    }
    // As a key: hashed, and then compared.
    let map = View::new(&b.arena, b.map(&[(values[0].word(), b.int(1))]));
    assert!(map.get(elsewhere).unwrap().is_some() && map.get(values[2]).unwrap().is_none());
}
