//! What was changed in a map or a set: few changes in a row, many in a hash table.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use smallvec::SmallVec;

use super::host::Value;

/// Up to so many changes are looked through one by one.
const FEW: usize = 16;

/// Seeded like the standard library's, and several times faster on short keys.
type Table<V> = HashMap<Value, V, foldhash::fast::RandomState>;

/// Key by key, what it was changed to. One change needs no allocation of its own.
#[derive(Clone)]
pub(crate) enum Changes<V> {
    Few(SmallVec<[(Value, V); 1]>),
    Many(Table<V>),
}

/// Are the keys equal? Integers, which are compared at a glance, need no call for it.
#[inline]
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        _ => a == b,
    }
}

impl<V> Default for Changes<V> {
    fn default() -> Self {
        Changes::Few(SmallVec::new())
    }
}

impl<V> Changes<V> {
    pub(crate) fn with_capacity(n: usize) -> Self {
        if n <= FEW {
            Changes::Few(SmallVec::with_capacity(n))
        } else {
            Changes::Many(Table::with_capacity_and_hasher(n, Default::default()))
        }
    }
    /// Makes room for so many more.
    pub(crate) fn reserve(&mut self, n: usize) {
        match self {
            Changes::Few(few) if few.len() + n <= FEW => few.reserve(n),
            Changes::Few(few) => {
                let mut many = Table::with_capacity_and_hasher(few.len() + n, Default::default());
                many.extend(few.drain(..));
                *self = Changes::Many(many);
            }
            Changes::Many(many) => many.reserve(n),
        }
    }
    pub(crate) fn len(&self) -> usize {
        match self {
            Changes::Few(few) => few.len(),
            Changes::Many(many) => many.len(),
        }
    }
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub(crate) fn get(&self, key: &Value) -> Option<&V> {
        match self {
            Changes::Few(few) => few.iter().find(|(k, _)| same(k, key)).map(|(_, v)| v),
            Changes::Many(many) => many.get(key),
        }
    }
    pub(crate) fn get_mut(&mut self, key: &Value) -> Option<&mut V> {
        match self {
            Changes::Few(few) => few.iter_mut().find(|(k, _)| same(k, key)).map(|(_, v)| v),
            Changes::Many(many) => many.get_mut(key),
        }
    }
    /// Puts a change in, and gives the one that was there. The key that was there first stays, as in Clojure.
    pub(crate) fn insert(&mut self, key: Value, to: V) -> Option<V> {
        match self {
            Changes::Few(few) => {
                if let Some((_, v)) = few.iter_mut().find(|(k, _)| same(k, &key)) {
                    return Some(std::mem::replace(v, to));
                }
                if few.len() < FEW {
                    if few.len() == few.capacity() {
                        few.reserve(FEW / 2); // the second change is rarely the last
                    }
                    few.push((key, to));
                } else {
                    let mut many: Table<V> = few.drain(..).collect();
                    many.insert(key, to);
                    *self = Changes::Many(many);
                }
                None
            }
            Changes::Many(many) => match many.entry(key) {
                Entry::Occupied(mut entry) => Some(entry.insert(to)),
                Entry::Vacant(entry) => {
                    entry.insert(to);
                    None
                }
            },
        }
    }
    pub(crate) fn remove(&mut self, key: &Value) -> Option<V> {
        match self {
            Changes::Few(few) => {
                let at = few.iter().position(|(k, _)| same(k, key))?;
                Some(few.remove(at).1)
            }
            Changes::Many(many) => many.remove(key),
        }
    }
    pub(crate) fn iter(&self) -> Iter<'_, V> {
        match self {
            Changes::Few(few) => Iter::Few(few.iter()),
            Changes::Many(many) => Iter::Many(many.iter()),
        }
    }
    /// Takes everything out.
    pub(crate) fn drain(&mut self) -> Vec<(Value, V)> {
        match std::mem::take(self) {
            Changes::Few(few) => few.into_iter().collect(),
            Changes::Many(many) => many.into_iter().collect(),
        }
    }
}

/// Over the changes.
pub(crate) enum Iter<'a, V> {
    Few(std::slice::Iter<'a, (Value, V)>),
    Many(std::collections::hash_map::Iter<'a, Value, V>),
}

impl<V> Default for Iter<'_, V> {
    fn default() -> Self {
        Iter::Few([].iter())
    }
}

impl<'a, V> Iterator for Iter<'a, V> {
    type Item = (&'a Value, &'a V);
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Iter::Few(few) => few.next().map(|(k, v)| (k, v)),
            Iter::Many(many) => many.next(),
        }
    }
}
