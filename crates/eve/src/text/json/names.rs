//! The names in an object that is being written. JSON has strings only for them, so two keys of a map may come to the same one.

use std::collections::HashMap;

use eve_core::value::print::write_scalar;
use eve_core::value::{Scalar, Text};

/// What kind of key became a name.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Str,
    Keyword,
    Symbol,
    Char,
    Uuid,
    /// Any other: the name is its EDN.
    Other,
}

/// The names so far.
pub(super) struct Names {
    seen: Seen,
    last: (Kind, Vec<u8>),
}

/// Different keys of one kind have different names. So they are only kept, one behind the other, until a key of another kind comes:
/// nearly all maps, and nearly all large ones, have keys of one kind.
enum Seen {
    /// Nothing is kept, as there will be no other kind.
    Nothing,
    OneKind(Kind, Vec<u8>),
    Several(HashMap<Box<[u8]>, Kind>),
}

/// Between names that are kept: no byte of WTF-8.
const END: u8 = 0xFF;

impl Names {
    /// Of keys of any kind.
    pub(super) fn of_any() -> Names {
        Names { seen: Seen::OneKind(Kind::Other, Vec::new()), last: (Kind::Other, Vec::new()) }
    }
    /// Of keys of one kind.
    pub(super) fn of_one_kind() -> Names {
        Names { seen: Seen::Nothing, last: (Kind::Other, Vec::new()) }
    }
    /// Takes the next one. If it is there already: the kind of the key that had it.
    pub(super) fn next(&mut self, kind: Kind, name: &[u8]) -> Option<Kind> {
        self.last.0 = kind;
        self.last.1.clear();
        self.last.1.extend_from_slice(name);
        if let Seen::OneKind(first, names) = &mut self.seen {
            if names.is_empty() || *first == kind {
                *first = kind;
                names.extend_from_slice(name);
                names.push(END);
                return None;
            }
            let kept = names.strip_suffix(&[END]).unwrap_or(names);
            self.seen = Seen::Several(kept.split(|byte| *byte == END).map(|name| (name.into(), *first)).collect());
        }
        match &mut self.seen {
            Seen::Several(names) => names.insert(name.into(), kind),
            _ => None,
        }
    }
    /// The last one's key as EDN.
    pub(super) fn last_key(&self) -> String {
        key(self.last.0, &self.last.1)
    }
}

/// The key of this kind that has this name, as EDN.
pub(super) fn key(kind: Kind, name: &[u8]) -> String {
    let plain = String::from_utf8_lossy(name);
    let scalar = match kind {
        Kind::Str => Scalar::Str(Text::Borrowed(name)),
        Kind::Keyword => Scalar::Keyword(Text::Borrowed(name)),
        Kind::Symbol => Scalar::Symbol(Text::Borrowed(name)),
        Kind::Char if let Some(c) = plain.chars().next() => Scalar::Char(c.into()),
        Kind::Uuid => return format!("#uuid \"{plain}\""),
        Kind::Char | Kind::Other => return plain.into_owned(),
    };
    let mut text = String::new();
    // Writing into a string does not fail.
    let _ = write_scalar(&mut text, scalar);
    text
}
