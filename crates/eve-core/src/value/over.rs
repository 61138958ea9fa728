//! What all collections of the host have in common: one that lives elsewhere, and changes and metadata laid over it.

use std::sync::Arc;

use super::base::Base;
use super::host::Value;
use super::release::release;
use crate::error::Result;

/// A collection that lives elsewhere as it is, or changes of it (or of nothing).
pub(super) enum Over<B: ?Sized, D> {
    /// As it lies elsewhere.
    View(Arc<B>),
    Edited(Arc<Edited<B, D>>),
}

pub(super) struct Edited<B: ?Sized, D> {
    base: Option<Arc<B>>,
    /// Metadata if it is not the base's.
    meta: Option<Option<Value>>,
    changes: D,
}

/// Changes of a collection.
pub(super) trait Laid<B: ?Sized>: Clone {
    /// None, over this base.
    fn over(base: &Arc<B>) -> Self;
}

impl<B: ?Sized, D> Clone for Over<B, D> {
    fn clone(&self) -> Self {
        match self {
            Over::View(base) => Over::View(base.clone()),
            Over::Edited(edited) => Over::Edited(edited.clone()),
        }
    }
}

impl<B: ?Sized, D: Clone> Clone for Edited<B, D> {
    fn clone(&self) -> Self {
        Edited { base: self.base.clone(), meta: self.meta.clone(), changes: self.changes.clone() }
    }
}

impl<B: ?Sized, D> Over<B, D> {
    /// On nothing.
    pub fn new(changes: D) -> Self {
        Over::Edited(Arc::new(Edited { base: None, meta: None, changes }))
    }
    /// Tells collections of the host apart that are used more than once; `None` for others.
    pub fn shared_id(&self) -> Option<usize> {
        match self {
            Over::Edited(edited) if Arc::strong_count(edited) > 1 => Some(Arc::as_ptr(edited) as usize),
            _ => None,
        }
    }
    /// What it stands on.
    pub fn base(&self) -> Option<&Arc<B>> {
        match self {
            Over::View(base) => Some(base),
            Over::Edited(edited) => edited.base.as_ref(),
        }
    }
    /// What was changed; `None` if it was not touched so far.
    pub fn changes(&self) -> Option<&D> {
        match self {
            Over::View(_) => None,
            Over::Edited(edited) => Some(&edited.changes),
        }
    }
    /// Metadata if it is not the base's: `Some(None)` for metadata taken away.
    pub fn meta_change(&self) -> Option<Option<&Value>> {
        match self {
            Over::View(_) => None,
            Over::Edited(edited) => edited.meta.as_ref().map(Option::as_ref),
        }
    }
    /// The same collection in the same place: no need to look at what is in it.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Over::View(a), Over::View(b)) => Arc::ptr_eq(a, b),
            (Over::Edited(a), Over::Edited(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl<B: ?Sized + Base, D> Over<B, D> {
    /// Its metadata.
    pub fn meta(&self) -> Option<Value> {
        match self.meta_change() {
            Some(meta) => meta.cloned(),
            None => self.base()?.meta(),
        }
    }
    /// The same; an error if it cannot be read.
    pub fn read_meta(&self) -> Result<Option<Value>> {
        match (self.meta_change(), self.base()) {
            (Some(meta), _) => Ok(meta.cloned()),
            (None, Some(base)) => base.read_meta(),
            (None, None) => Ok(None),
        }
    }
}

impl<B: ?Sized, D: Laid<B>> Over<B, D> {
    fn edited(&mut self) -> &mut Edited<B, D> {
        if let Over::View(base) = self {
            let changes = D::over(base);
            *self = Over::Edited(Arc::new(Edited { base: Some(base.clone()), meta: None, changes }));
        }
        match self {
            Over::Edited(edited) => Arc::make_mut(edited),
            Over::View(_) => unreachable!("it was made Edited above"),
        }
    }
    /// With more changes. The first ones of a view are laid over it as it is made, so that no counter of clones is asked.
    pub fn change(self, f: impl FnOnce(&mut D)) -> Self {
        match self {
            Over::View(base) => {
                let mut changes = D::over(&base);
                f(&mut changes);
                Over::Edited(Arc::new(Edited { base: Some(base), meta: None, changes }))
            }
            Over::Edited(mut edited) => {
                f(&mut Arc::make_mut(&mut edited).changes);
                Over::Edited(edited)
            }
        }
    }
    /// The changes, to add to them: copied if there are other clones.
    pub fn edit(&mut self) -> &mut D {
        &mut self.edited().changes
    }
    /// With this metadata instead of the base's.
    pub fn set_meta(&mut self, meta: Option<Value>) {
        self.edited().meta = Some(meta);
    }
}

impl<B: ?Sized, D> Drop for Edited<B, D> {
    fn drop(&mut self) {
        if let Some(meta) = self.meta.take().flatten() {
            release(vec![meta]);
        }
    }
}
