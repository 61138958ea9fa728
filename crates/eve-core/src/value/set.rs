//! Sets: elements that live elsewhere, and changes over them.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::base::{Elements, SetBase};
use super::changes::Changes;
use super::event::{Open, Sink, Source};
use super::host::Value;
use super::order::{From, Order, merge};
use super::over::{Laid, Over};
use super::release::release;
use crate::error::{Error, Result};

/// A persistent set: a base that lives elsewhere (or none), and changes over it. Costs are those of [`super::Map`].
#[derive(Clone)]
pub struct Set(Over<dyn SetBase, Data>);

#[derive(Clone, Default)]
struct Data {
    /// False for an element that was taken out of the base.
    changes: Changes<bool>,
    order: Order,
}

impl Laid<dyn SetBase> for Data {
    fn over(base: &Arc<dyn SetBase>) -> Data {
        Data { changes: Changes::default(), order: base.order() }
    }
}

impl Set {
    /// Tells collections of the host apart that are used more than once; `None` for others.
    pub(crate) fn shared_id(&self) -> Option<usize> {
        self.0.shared_id()
    }
    /// Is this key among the changes?
    pub(crate) fn has_change(&self, key: &Value) -> bool {
        self.data().is_some_and(|data| data.changes.get(key).is_some())
    }
    /// `#{}`
    pub fn new() -> Set {
        Set(Over::new(Data::default()))
    }
    /// `#{}` that keeps its elements in order.
    pub fn sorted() -> Set {
        Set(Over::new(Data { changes: Changes::default(), order: Order::Sorted }))
    }
    /// The order in which it keeps its elements.
    pub fn order(&self) -> Order {
        match self.0.changes() {
            Some(data) => data.order,
            None => self.base().map_or(Order::Hash, |base| base.order()),
        }
    }
    /// The same elements in another order, and with the same metadata. Costs a walk over all that lives elsewhere, if the order is another
    /// one. Sets have no order of integers: that is an error.
    pub fn in_order(self, order: Order) -> Result<Set> {
        if order == Order::Integer {
            return Err(Error::value("only maps have the order of integers; a sorted set does for any elements"));
        }
        if self.order() == order {
            return Ok(self);
        }
        let mut set = match self.base() {
            None => self,
            Some(_) => self.iter().collect::<Result<Vec<_>>>()?.into_iter().collect::<Set>().with_meta(self.meta()),
        };
        set.edit().order = order;
        Ok(set)
    }
    /// One that lives elsewhere, as it is.
    pub fn from_base(base: Arc<dyn SetBase>) -> Set {
        Set(Over::View(base))
    }
    /// What it stands on.
    pub fn base(&self) -> Option<&Arc<dyn SetBase>> {
        self.0.base()
    }
    fn data(&self) -> Option<&Data> {
        self.0.changes()
    }
    fn edit(&mut self) -> &mut Data {
        self.0.edit()
    }
    /// What was changed over the base: each element with true, or false if it was taken out. It may be one that the base has, or has not, already.
    pub fn changes(&self) -> impl Iterator<Item = (&Value, bool)> {
        self.data().map_or_else(Default::default, |data| data.changes.iter()).map(|(element, to)| (element, *to))
    }
    /// How many elements [`Set::changes`] gives.
    pub fn change_count(&self) -> usize {
        self.data().map_or(0, |data| data.changes.len())
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
    /// The same elements with this metadata.
    pub fn with_meta(mut self, meta: Option<Value>) -> Set {
        self.0.set_meta(meta);
        self
    }
    /// Number of elements. Looks at the base once for each change.
    pub fn len(&self) -> Result<u64> {
        let Some(base) = self.base() else { return Ok(self.change_count() as u64) };
        let mut len = base.len();
        for (element, to) in self.changes() {
            match (base.contains(element)?, to) {
                (true, false) => len -= 1,
                (false, true) => len += 1,
                _ => {}
            }
        }
        Ok(len)
    }
    /// Has it no element?
    pub fn is_empty(&self) -> Result<bool> {
        Ok(self.len()? == 0)
    }
    /// Is it an element?
    pub fn contains(&self, element: &Value) -> Result<bool> {
        match self.data().and_then(|data| data.changes.get(element)) {
            Some(change) => Ok(*change),
            None => self.base().map_or(Ok(false), |base| base.contains(element)),
        }
    }
    /// With an element.
    #[must_use = "the set itself stays as it was"]
    pub fn conj(self, element: impl Into<Value>) -> Set {
        let element = element.into();
        Set(self.0.change(|data| _ = data.changes.insert(element, true)))
    }
    /// Puts an element in. True if it was among the changes.
    pub(super) fn insert(&mut self, element: Value) -> bool {
        self.edit().changes.insert(element, true).is_some()
    }
    /// Without an element.
    #[must_use = "the set itself stays as it was"]
    pub fn disj(mut self, element: &Value) -> Set {
        match self.base() {
            Some(_) => {
                self.edit().changes.insert(element.clone(), false);
            }
            None if self.data().is_some_and(|data| data.changes.get(element).is_some()) => {
                self.edit().changes.remove(element);
            }
            None => {}
        }
        self
    }
    /// With all elements of another set.
    pub fn union(mut self, other: &Set) -> Result<Set> {
        for element in other.iter() {
            self.insert(element?);
        }
        Ok(self)
    }
    /// Only what is in the other set too.
    pub fn intersection(mut self, other: &Set) -> Result<Set> {
        for element in self.clone().iter() {
            let element = element?;
            if !other.contains(&element)? {
                self = self.disj(&element);
            }
        }
        Ok(self)
    }
    /// Only what is not in the other set.
    pub fn difference(mut self, other: &Set) -> Result<Set> {
        for element in other.iter() {
            let element = element?;
            if self.contains(&element)? {
                self = self.disj(&element);
            }
        }
        Ok(self)
    }
    /// The elements of a sorted set, from one on (with it if `inclusive`, and if it is there) to the greater ones, or with `down` to the
    /// less; see [`super::Map::iter_from`]. Lazy.
    pub fn iter_from(&self, element: &Value, inclusive: bool, down: bool) -> Elements<'_> {
        self.walk(From { key: Some(element), inclusive, down })
    }
    /// All elements of a sorted set, from the greatest to the least. Lazy.
    pub fn iter_rev(&self) -> Elements<'_> {
        self.walk(From { key: None, inclusive: true, down: true })
    }
    /// The least element of a sorted set.
    pub fn first(&self) -> Result<Option<Value>> {
        self.iter().next().transpose()
    }
    /// The greatest element of a sorted set.
    pub fn last(&self) -> Result<Option<Value>> {
        self.iter_rev().next().transpose()
    }
    /// Element number `i` of a sorted set; costs as [`super::Map::nth`].
    pub fn nth(&self, i: u64) -> Result<Option<Value>> {
        match self.base() {
            Some(base) if self.change_count() == 0 => base.between(i, i.saturating_add(1), false).next().transpose(),
            _ => self.iter().nth(usize::try_from(i).unwrap_or(usize::MAX)).transpose(),
        }
    }
    /// How many elements of a sorted set come before this one, and whether it is there; costs as [`super::Map::rank`].
    pub fn rank(&self, element: &Value) -> Result<(u64, bool)> {
        let mut rank = self.base().map_or(Ok((0, false)), |base| base.rank(element))?.0;
        for (changed, to) in self.changes() {
            if changed.compare(element)? == Ordering::Less {
                let was = self.base().map_or(Ok(false), |base| base.contains(changed))?;
                rank = rank + u64::from(to) - u64::from(was);
            }
        }
        Ok((rank, self.contains(element)?))
    }
    fn walk(&self, from: From<'_>) -> Elements<'_> {
        let parts = || -> Result<(Elements<'_>, Vec<Value>)> {
            let base: Elements<'_> = match self.base() {
                None => Box::new(std::iter::empty()),
                Some(base) => {
                    let (start, end) = from.part(base.len(), |element| base.rank(element))?;
                    base.between(start, end, from.down)
                }
            };
            let Some(data) = self.data().filter(|data| !data.changes.is_empty()) else { return Ok((base, vec![])) };
            let mut changed = Vec::new();
            for (element, &there) in data.changes.iter() {
                if there && from.admits(element)? {
                    changed.push(element.clone());
                }
            }
            let unchanged = base.filter(|e| e.as_ref().map_or(true, |e| data.changes.get(e).is_none()));
            Ok((Box::new(unchanged), changed))
        };
        match parts() {
            Ok((base, changed)) if changed.is_empty() => base,
            Ok((base, changed)) => merge(base, changed, |element| element, from.down),
            Err(e) => Box::new(std::iter::once(Err(e))),
        }
    }
    /// All elements. If they have an order, in that (what was changed is sorted first); else those of the base that were not changed, in its
    /// order, then the changed ones. Lazy.
    pub fn iter(&self) -> Elements<'_> {
        if self.order() != Order::Hash {
            return self.walk(From { key: None, inclusive: true, down: false });
        }
        let changed = self.changes().filter(|(_, to)| *to).map(|(element, _)| Ok(element.clone()));
        let Some(base) = self.base() else { return Box::new(changed) };
        match self.data().filter(|data| !data.changes.is_empty()) {
            None => base.iter(),
            Some(data) => Box::new(
                base.iter().filter(|e| e.as_ref().map_or(true, |e| data.changes.get(e).is_none())).chain(changed),
            ),
        }
    }
    /// The same set in the same place: no need to look at the elements.
    pub fn is_same(&self, other: &Set) -> bool {
        self.0.is_same(&other.0)
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if self.changes.iter().any(|(element, _)| element.is_nested()) {
            release(self.changes.drain().into_iter().map(|(element, _)| element).collect());
        }
    }
}

impl Default for Set {
    fn default() -> Set {
        Set::new()
    }
}

impl Source for Set {
    fn emit(&self, sink: &mut dyn Sink) -> Result<()> {
        if let (Some(base), 0) = (self.base(), self.change_count()) {
            return base.emit(sink);
        }
        sink.begin(Open::set(self.order()))?;
        for element in self.iter() {
            element?.emit(sink)?;
        }
        sink.end()
    }
}

impl<T: Into<Value>> FromIterator<T> for Set {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Set {
        let mut set = Set::new();
        for element in elements {
            set.insert(element.into());
        }
        set
    }
}

impl PartialEq for Set {
    fn eq(&self, other: &Set) -> bool {
        if self.is_same(other) {
            return true;
        }
        let equal = || -> Result<bool> {
            if self.len()? != other.len()? {
                return Ok(false);
            }
            for element in self.iter() {
                if !other.contains(&element?)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        equal().unwrap_or(false)
    }
}

impl Eq for Set {}

impl fmt::Debug for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::Set(self.clone()).fmt(f)
    }
}
