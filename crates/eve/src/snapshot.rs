//! A snapshot: one version of one atom.

use crate::{Error, Key, Result, Stored, Value, View};
use std::fmt;
use std::marker::PhantomData;

/// One version of an atom. It stays as it is for as long as it is held, in any thread, whatever is written meanwhile; only
/// that version's memory is held back. Cheap to clone.
///
/// In a domain that was opened read-only nothing can be held back: ask [`is_intact`](Snapshot::is_intact) after reading.
pub struct Snapshot<T = Value> {
    core: eve_core::Snapshot,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Snapshot<T> {
    fn clone(&self) -> Self {
        Snapshot::new(self.core.clone())
    }
}

impl<T> Snapshot<T> {
    pub(crate) fn new(core: eve_core::Snapshot) -> Self {
        Snapshot { core, of: PhantomData }
    }
    /// The engine's snapshot underneath.
    pub fn engine(&self) -> &eve_core::Snapshot {
        &self.core
    }
    /// The value as it is stored, read in place: nothing is copied. Costs nothing.
    pub fn view(&self) -> View<'_> {
        self.core.view()
    }
    /// The value as a [`Value`]: scalars are copied out, collections are read where they are, in this snapshot, which the value holds.
    /// Costs an allocation, whatever the size.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the file is damaged.
    pub fn value(&self) -> Result<Value> {
        self.core.value()
    }
    /// What a path of keys leads to, read in place; `None` if some key is missing. Costs a look-up for each key.
    ///
    /// ```
    /// use eve::{Scalar, Value, kw};
    ///
    /// let db = eve::Domain::anonymous()?;
    /// let users = db.atom("users", || Value::map([("ada", Value::map([(kw("age"), 36)]))]))?;
    /// let now = users.load()?;
    /// let ada = now.get_in(["ada"])?.expect("she is there");
    /// assert_eq!(ada.get(kw("age"))?.unwrap().scalar()?, Some(Scalar::Int(36)));
    /// assert!(now.get_in(["bob", "age"])?.is_none());
    /// # Ok::<(), eve::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`], naming the way, for a path into something that has no keys; [`Error::Corrupt`] if the file is damaged.
    pub fn get_in<'k, K: Into<Key<'k>>>(&self, path: impl IntoIterator<Item = K>) -> Result<Option<View<'_>>> {
        let mut way = Vec::new();
        let mut at = self.view();
        for key in path {
            let key = key.into();
            match at.get(key) {
                Ok(Some(next)) => at = next,
                Ok(None) => return Ok(None),
                Err(Error::Value { reason, .. }) => return Err(Error::Value { path: written(&way), reason }),
                Err(other) => return Err(other),
            }
            way.push(key);
        }
        Ok(Some(at))
    }
    /// What a path of keys leads to, as a [`Value`]: see [`get_in`](Snapshot::get_in) and [`value`](Snapshot::value).
    ///
    /// # Errors
    /// As [`get_in`](Snapshot::get_in).
    pub fn value_in<K: Into<Value>>(&self, path: impl IntoIterator<Item = K>) -> Result<Option<Value>> {
        self.value()?.get_in(path)
    }
    /// Is it the very same version of the same atom, not only an equal value? Costs nothing.
    pub fn is_version(&self, other: &Snapshot<T>) -> bool {
        self.core.is_version(&other.core)
    }
    /// Was all that was read of it so far right? Always, unless the domain was opened read-only: then it was if the atom has had no other
    /// version since. So read all that is needed, ask, and on a no load again and repeat. Costs two loads.
    pub fn is_intact(&self) -> bool {
        self.core.is_intact()
    }
}

impl<T: Stored> Snapshot<T> {
    /// The value as its type. Costs a walk over all of it, except for a [`Value`]: see [`value`](Snapshot::value).
    ///
    /// # Errors
    /// [`Error::Value`], naming the path to what does not fit the type; [`Error::Corrupt`] if the file is damaged.
    pub fn get(&self) -> Result<T> {
        T::from_stored(self.value()?)
    }
}

/// As EDN.
impl<T> fmt::Debug for Snapshot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Ok(value) => value.fmt(f),
            Err(error) => write!(f, "… ({error})"),
        }
    }
}

/// The way so far as EDN, for messages.
fn written(way: &[Key<'_>]) -> String {
    let part = |key: &Key<'_>| match key {
        Key::Scalar(scalar) => Value::from(*scalar).to_string(),
        _ => "…".into(),
    };
    if way.is_empty() {
        return String::new();
    }
    format!("[{}]", way.iter().map(part).collect::<Vec<_>>().join(" "))
}
