//! Maps: entries that live elsewhere, and changes over them.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::base::{Entries, MapBase};
use super::changes::Changes;
use super::event::{Open, Sink, Source};
use super::host::Value;
use super::order::{From, Order, merge};
use super::over::{Laid, Over};
use super::release::release;
use crate::error::Result;

/// A persistent map: a base that lives elsewhere (or none), and changes over it.
///
/// | operation | cost |
/// | --- | --- |
/// | clone | O(1) |
/// | `get` | a look at the changes, then at the base |
/// | `assoc`, `dissoc` | O(1) if this is the only clone, else a copy of the changes; the base is not looked at |
/// | `len` | a look at the base for each change |
#[derive(Clone)]
pub struct Map(Over<dyn MapBase, Data>);

/// What was changed: `None` for a key that was taken out of the base.
pub(crate) type Changed = Changes<Option<Value>>;

#[derive(Clone, Default)]
struct Data {
    changes: Changed,
    /// Entries that nobody has changed or looked up so far, instead of changes.
    rows: Option<Box<Rows>>,
    order: Order,
}

/// Entries as they came, for a map that is only going to be stored: the engine sorts them anyway, so no hash table is made
/// unless somebody looks a key up. A later entry of a key takes the place of an earlier one.
#[derive(Clone)]
struct Rows {
    rows: Vec<(Value, Value)>,
    whole: OnceLock<Changed>,
}

impl Rows {
    fn whole(&self) -> &Changed {
        self.whole.get_or_init(|| {
            let mut whole = Changes::with_capacity(self.rows.len());
            for (key, value) in &self.rows {
                whole.insert(key.clone(), Some(value.clone()));
            }
            whole
        })
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        if self.rows.iter().any(|(k, v)| k.is_nested() || v.is_nested()) {
            release(self.rows.drain(..).flat_map(|(k, v)| [k, v]).filter(Value::is_nested).collect());
        }
    }
}

/// The value under a key.
fn get(changes: Option<&Changed>, base: Option<&dyn MapBase>, key: &Value) -> Result<Option<Value>> {
    match changes.and_then(|changes| changes.get(key)) {
        Some(change) => Ok(change.clone()),
        None => base.map_or(Ok(None), |base| base.get(key)),
    }
}

/// Takes a key out of changes, which are `over` a base or not.
fn take_out(changes: &mut Changed, over: bool, key: Value) {
    if over {
        changes.insert(key, None);
    } else {
        changes.remove(&key);
    }
}

/// Changes that are being made, see [`Map::change`].
pub(crate) struct Edits<'a> {
    changes: &'a mut Changed,
    order: Order,
    base: Option<&'a dyn MapBase>,
}

impl Edits<'_> {
    /// The value under a key as it is now.
    pub fn get(&self, key: &Value) -> Result<Option<Value>> {
        get(Some(self.changes), self.base, key)
    }
    /// An error if this can be no key of the map.
    pub fn check_key(&self, key: &Value) -> Result<()> {
        self.order.check_key(key)
    }
    pub fn put(&mut self, key: Value, value: Value) {
        self.changes.insert(key, Some(value));
    }
    pub fn take_out(&mut self, key: Value) {
        take_out(self.changes, self.base.is_some(), key);
    }
}

impl Data {
    fn edit(&mut self) -> &mut Changed {
        if let Some(rows) = self.rows.take() {
            self.changes = rows.whole().clone();
        }
        &mut self.changes
    }
}

impl Map {
    /// Tells collections of the host apart that are used more than once; `None` for others.
    pub(crate) fn shared_id(&self) -> Option<usize> {
        self.0.shared_id()
    }
    /// Is this key among the changes?
    pub(crate) fn has_change(&self, key: &Value) -> bool {
        self.changed().is_some_and(|changes| changes.get(key).is_some())
    }
    /// `{}`
    pub fn new() -> Map {
        Map(Over::new(Data::default()))
    }
    /// `{}` with room for so many entries, up to a million; more is found when they come.
    pub fn with_capacity(n: usize) -> Map {
        Map(Over::new(Data { changes: Changes::with_capacity(n.min(1 << 20)), rows: None, order: Order::Hash }))
    }
    /// `{}` that keeps its entries in an order.
    pub fn ordered(order: Order) -> Map {
        Map(Over::new(Data { changes: Changes::default(), rows: None, order }))
    }
    /// The order in which it keeps its entries.
    pub fn order(&self) -> Order {
        match self.0.changes() {
            Some(data) => data.order,
            None => self.base().map_or(Order::Hash, |base| base.order()),
        }
    }
    /// The same entries in another order, and with the same metadata. Costs a walk over all that lives elsewhere, if the order is another
    /// one. An error if a key cannot be in it.
    pub fn in_order(self, order: Order) -> Result<Map> {
        if self.order() == order {
            return Ok(self);
        }
        let mut map = match self.base() {
            None => self,
            Some(_) => self.iter().collect::<Result<Vec<_>>>()?.into_iter().collect::<Map>().with_meta(self.meta()),
        };
        map.0.edit().order = order;
        if order == Order::Integer {
            match map.rows() {
                Some(rows) => rows.iter().try_for_each(|(key, _)| map.check_key(key))?,
                None => map.changes().try_for_each(|(key, _)| map.check_key(key))?,
            }
        }
        Ok(map)
    }
    /// An error if this can be no key of it: the keys of an integer map are integers of 64 bits.
    pub fn check_key(&self, key: &Value) -> Result<()> {
        match key {
            Value::Int(_) => Ok(()), // of any map
            _ => self.order().check_key(key),
        }
    }
    /// One that lives elsewhere, as it is.
    pub fn from_base(base: Arc<dyn MapBase>) -> Map {
        Map(Over::View(base))
    }
    /// What it stands on.
    pub fn base(&self) -> Option<&Arc<dyn MapBase>> {
        self.0.base()
    }
    /// The entries as they came, if nobody has looked a key up so far: perhaps several of one key, of which the last counts.
    pub(crate) fn rows(&self) -> Option<&[(Value, Value)]> {
        let rows = self.0.changes()?.rows.as_ref()?;
        rows.whole.get().is_none().then_some(&rows.rows[..])
    }
    fn changed(&self) -> Option<&Changed> {
        let data = self.0.changes()?;
        Some(data.rows.as_ref().map_or(&data.changes, |rows| rows.whole()))
    }
    fn edit(&mut self) -> &mut Changed {
        self.0.edit().edit()
    }
    /// What was changed over the base: each key with its new value, or `None` if it was taken out. A key may be one that the base does not have.
    pub fn changes(&self) -> impl Iterator<Item = (&Value, Option<&Value>)> {
        self.changed().map_or_else(Default::default, Changes::iter).map(|(k, v)| (k, v.as_ref()))
    }
    /// How many keys [`Map::changes`] gives.
    pub fn change_count(&self) -> usize {
        self.changed().map_or(0, Changes::len)
    }
    /// Metadata if it is not the base's: `Some(None)` for metadata taken away.
    pub fn meta_change(&self) -> Option<Option<&Value>> {
        self.0.meta_change()
    }
    /// Its metadata.
    pub fn meta(&self) -> Option<Value> {
        self.0.meta()
    }
    /// The same; an error if it cannot be read.
    pub(crate) fn read_meta(&self) -> Result<Option<Value>> {
        self.0.read_meta()
    }
    /// The same entries with this metadata.
    pub fn with_meta(mut self, meta: Option<Value>) -> Map {
        self.0.set_meta(meta);
        self
    }
    /// Number of entries. Looks at the base once for each change.
    pub fn len(&self) -> Result<u64> {
        let Some(base) = self.base() else { return Ok(self.change_count() as u64) };
        let mut len = base.len();
        for (key, to) in self.changes() {
            match (base.contains_key(key)?, to.is_some()) {
                (true, false) => len -= 1,
                (false, true) => len += 1,
                _ => {}
            }
        }
        Ok(len)
    }
    /// Has it no entry?
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }
    /// The value under a key.
    pub fn get(&self, key: &Value) -> Result<Option<Value>> {
        get(self.changed(), self.base().map(|base| &**base), key)
    }
    /// Is there such a key?
    pub fn contains_key(&self, key: &Value) -> Result<bool> {
        match self.changed().and_then(|changes| changes.get(key)) {
            Some(change) => Ok(change.is_some()),
            None => self.base().map_or(Ok(false), |base| base.contains_key(key)),
        }
    }
    /// With `value` under `key`.
    #[must_use = "the map itself stays as it was"]
    pub fn assoc(self, key: impl Into<Value>, value: impl Into<Value>) -> Map {
        let (key, value) = (key.into(), Some(value.into()));
        Map(self.0.change(|data| _ = data.edit().insert(key, value)))
    }
    /// With about `n` more changes, which `f` makes.
    pub(crate) fn change(self, n: usize, f: impl FnOnce(&mut Edits<'_>) -> Result<()>) -> Result<Map> {
        let base = self.base().cloned();
        let mut done = Ok(());
        let map = Map(self.0.change(|data| {
            let order = data.order;
            let changes = data.edit();
            changes.reserve(n);
            done = f(&mut Edits { changes, order, base: base.as_deref() });
        }));
        done.map(|()| map)
    }
    /// Puts an entry in. True if the key was among the changes.
    pub(super) fn insert(&mut self, key: Value, value: Value) -> bool {
        self.edit().insert(key, Some(value)).is_some()
    }
    /// Without `key`.
    #[must_use = "the map itself stays as it was"]
    pub fn dissoc(mut self, key: &Value) -> Map {
        let over = self.base().is_some();
        if over || self.has_change(key) {
            take_out(self.edit(), over, key.clone());
        }
        self
    }
    /// With what `f` makes of the value under `key`.
    pub fn update<V: Into<Value>>(mut self, key: impl Into<Value>, f: impl FnOnce(Option<Value>) -> V) -> Result<Map> {
        let key = key.into();
        let old = self.take(&key)?;
        Ok(self.assoc(key, f(old)))
    }
    /// What is under a key that is about to be changed. A changed value is moved out (leaving `nil`), so that changing it
    /// finds it unshared and copies nothing.
    pub(super) fn take(&mut self, key: &Value) -> Result<Option<Value>> {
        if self.changed().is_some_and(|changes| changes.get(key).is_some()) {
            return Ok(self.edit().get_mut(key).and_then(|change| change.as_mut()).map(std::mem::take));
        }
        self.get(key)
    }
    /// With all entries of another map over its own.
    pub fn merge(mut self, other: &Map) -> Result<Map> {
        for entry in other.iter() {
            let (key, value) = entry?;
            self.insert(key, value);
        }
        Ok(self)
    }
    /// All entries. If they have an order, in that (what was changed is sorted first); else those of the base that were not changed, in
    /// its order, then the changed ones. Lazy.
    pub fn iter(&self) -> Entries<'_> {
        if self.order() != Order::Hash {
            return self.walk(From { key: None, inclusive: true, down: false });
        }
        let changed = self.changes().filter_map(|(k, v)| Some(Ok((k.clone(), v?.clone()))));
        let Some(base) = self.base() else { return Box::new(changed) };
        match self.changed().filter(|changes| !changes.is_empty()) {
            None => base.iter(),
            Some(changes) => Box::new(
                base.iter()
                    .filter(|entry| entry.as_ref().map_or(true, |(key, _)| changes.get(key).is_none()))
                    .chain(changed),
            ),
        }
    }
    /// The entries of a map that has an order, from a key on (with it if `inclusive`, and if it is there) to the greater ones, or with
    /// `down` to the less. Sorts what was changed; in the base a look-up leads to the first. Lazy.
    pub fn iter_from(&self, key: &Value, inclusive: bool, down: bool) -> Entries<'_> {
        self.walk(From { key: Some(key), inclusive, down })
    }
    /// All entries of a map that has an order, from the greatest to the least. Lazy.
    pub fn iter_rev(&self) -> Entries<'_> {
        self.walk(From { key: None, inclusive: true, down: true })
    }
    /// The entry with the least key of a map that has an order.
    pub fn first(&self) -> Result<Option<(Value, Value)>> {
        self.iter().next().transpose()
    }
    /// The entry with the greatest key of a map that has an order.
    pub fn last(&self) -> Result<Option<(Value, Value)>> {
        self.iter_rev().next().transpose()
    }
    /// Entry number `i` of a map that has an order; `None` past the end. A step for each level of the base, if nothing was changed; else as
    /// going there.
    pub fn nth(&self, i: u64) -> Result<Option<(Value, Value)>> {
        match self.base() {
            Some(base) if self.change_count() == 0 => base.between(i, i.saturating_add(1), false).next().transpose(),
            _ => self.iter().nth(usize::try_from(i).unwrap_or(usize::MAX)).transpose(),
        }
    }
    /// How many entries of a map that has an order come before a key, and whether it is there. A look at the base for each change.
    pub fn rank(&self, key: &Value) -> Result<(u64, bool)> {
        let mut rank = self.base().map_or(Ok((0, false)), |base| base.rank(key))?.0;
        for (changed, to) in self.changes() {
            if changed.compare(key)? == Ordering::Less {
                let was = self.base().map_or(Ok(false), |base| base.contains_key(changed))?;
                rank = rank + u64::from(to.is_some()) - u64::from(was);
            }
        }
        Ok((rank, self.contains_key(key)?))
    }
    fn walk(&self, from: From<'_>) -> Entries<'_> {
        let parts = || -> Result<(Entries<'_>, Vec<(Value, Value)>)> {
            let base: Entries<'_> = match self.base() {
                None => Box::new(std::iter::empty()),
                Some(base) => {
                    let (start, end) = from.part(base.len(), |key| base.rank(key))?;
                    base.between(start, end, from.down)
                }
            };
            let Some(changes) = self.changed().filter(|changes| !changes.is_empty()) else { return Ok((base, vec![])) };
            let mut changed = Vec::new();
            for (key, value) in changes.iter() {
                if let Some(value) = value
                    && from.admits(key)?
                {
                    changed.push((key.clone(), value.clone()));
                }
            }
            let unchanged = base.filter(|entry| entry.as_ref().map_or(true, |(key, _)| changes.get(key).is_none()));
            Ok((Box::new(unchanged), changed))
        };
        match parts() {
            Ok((base, changed)) if changed.is_empty() => base,
            Ok((base, changed)) => merge(base, changed, |entry| &entry.0, from.down),
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    }
    /// All keys.
    pub fn keys(&self) -> impl Iterator<Item = Result<Value>> + '_ {
        self.iter().map(|entry| Ok(entry?.0))
    }
    /// All values.
    pub fn values(&self) -> impl Iterator<Item = Result<Value>> + '_ {
        self.iter().map(|entry| Ok(entry?.1))
    }
    /// Only these keys, of those that it has. Costs a look-up for each.
    pub fn select_keys<'k>(&self, keys: impl IntoIterator<Item = &'k Value>) -> Result<Map> {
        let mut selected = Map::new();
        for key in keys {
            if let Some(value) = self.get(key)? {
                selected.insert(key.clone(), value);
            }
        }
        Ok(selected)
    }
    /// Only the entries that `keep` says yes to. Costs a walk over all of them.
    pub fn filter(mut self, mut keep: impl FnMut(&Value, &Value) -> bool) -> Result<Map> {
        let mut gone = Vec::new();
        for entry in self.iter() {
            let (key, value) = entry?;
            if !keep(&key, &value) {
                gone.push(key);
            }
        }
        for key in gone {
            self = self.dissoc(&key);
        }
        Ok(self)
    }
    /// The same map in the same place: no need to look at the entries.
    pub fn is_same(&self, other: &Map) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Laid<dyn MapBase> for Data {
    fn over(base: &Arc<dyn MapBase>) -> Data {
        Data { changes: Changes::default(), rows: None, order: base.order() }
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        let nested = |v: &Value| v.is_nested();
        if self.changes.iter().any(|(k, v)| nested(k) || v.as_ref().is_some_and(nested)) {
            let mut values = Vec::new();
            for (key, value) in self.changes.drain() {
                values.extend([Some(key), value].into_iter().flatten().filter(nested));
            }
            release(values);
        }
    }
}

impl Default for Map {
    fn default() -> Map {
        Map::new()
    }
}

impl Source for Map {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        if let (Some(base), 0) = (self.base(), self.change_count()) {
            return base.emit(sink);
        }
        sink.begin(Open::map(self.order()))?;
        for entry in self.iter() {
            let (key, value) = entry?;
            key.emit(sink)?;
            value.emit(sink)?;
        }
        sink.end()
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Map {
        let rows: Vec<(Value, Value)> = entries.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        if rows.len() > MANY {
            let rows = Some(Box::new(Rows { rows, whole: OnceLock::new() }));
            return Map(Over::new(Data { changes: Changes::default(), rows, order: Order::Hash }));
        }
        let mut map = Map::with_capacity(rows.len());
        for (key, value) in rows {
            map.insert(key, value);
        }
        map
    }
}

/// Maps of more entries than this are not indexed before somebody asks for a key.
const MANY: usize = 16;

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        if self.is_same(other) {
            return true;
        }
        let equal = || -> Result<bool> {
            if self.len()? != other.len()? {
                return Ok(false);
            }
            for entry in self.iter() {
                let (key, value) = entry?;
                if other.get(&key)? != Some(value) {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        equal().unwrap_or(false)
    }
}

impl Eq for Map {}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Map(self.clone()).fmt(f)
    }
}
