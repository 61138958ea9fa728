//! The places that blocks hang on: what may stand at one, and how it is called.

use super::LEVELS;
use crate::arena::Node;
use crate::layout::block::pair;
use crate::layout::{Kind, Off, Tick};
use crate::view::ordered::{self, Part};

/// What may stand at a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Want {
    /// Any value.
    Value,
    /// A value around which metadata stands: not such a one again.
    Content,
    /// Metadata: a map.
    Meta,
    /// The rest of a list, with `data` cells.
    Rest,
    /// A node at `level` (not 0) of a map, below which all hashes begin with `data`.
    MapNode,
    /// The same of a set.
    SetNode,
    /// A node of a vector at `level` (leaves at 0) with `data` elements.
    VectorNode,
    /// A node of this kind of an ordered tree, at `level`, with `data` entries.
    TreeNode(Kind),
    /// A node of a dropped part of a map, set or vector.
    AnyNode,
    /// Not a place: the map or set at `off` was walked over, and has `data` entries.
    EndOfRoot,
    /// Not a place: the node at `off`, which has more than one parent, was walked over.
    EndOfShared,
}

#[derive(Clone, Copy)]
pub(super) struct Item {
    pub off: Off,
    pub want: Want,
    pub level: u8,
    pub data: u64,
    /// Of the parent.
    pub birth: Tick,
}

/// Does this node belong where it was met?
pub(super) fn fits(item: Item, node: &Node<'_>) -> bool {
    let is_value = matches!(
        node.kind,
        Kind::MapRoot
            | Kind::SetRoot
            | Kind::SortedMap
            | Kind::SortedSet
            | Kind::IntMap
            | Kind::VectorRoot
            | Kind::ListCell
            | Kind::Str
            | Kind::Scalar
            | Kind::Array
            | Kind::Records
    );
    let is_pair = |of: u64| node.kind == Kind::Pair && node.words[0] == of;
    match item.want {
        Want::Value => is_value || is_pair(pair::META) || is_pair(pair::TAGGED),
        Want::Content => is_value || is_pair(pair::TAGGED),
        Want::Meta => matches!(node.kind, Kind::MapRoot | Kind::SortedMap | Kind::IntMap) || is_pair(pair::META),
        Want::TreeNode(kind) => {
            node.kind == kind && {
                let part = Part::of(node);
                part.level == item.level as u64 && part.count(ordered::width(kind)) == item.data
            }
        }
        Want::Rest => node.kind == Kind::ListCell && node.words[0] == item.data,
        Want::MapNode => node.kind == if item.level == LEVELS { Kind::MapCollision } else { Kind::MapNode },
        Want::SetNode => node.kind == if item.level == LEVELS { Kind::SetCollision } else { Kind::SetNode },
        Want::VectorNode => {
            let (kind, step) = match item.level {
                0 => (Kind::VectorLeaf, 1),
                level => (Kind::VectorNode, 1u64 << (5 * level as u32)),
            };
            node.kind == kind && node.children().len() as u64 == item.data.div_ceil(step)
        }
        Want::AnyNode => !matches!(node.kind, Kind::Free | Kind::Name | Kind::Atom | Kind::Table | Kind::Chain),
        Want::EndOfRoot | Want::EndOfShared => false,
    }
}

/// What was expected at a place, for people.
pub(super) fn want_name(item: Item) -> &'static str {
    match item.want {
        Want::Value | Want::Content => "value",
        Want::Meta => "map of metadata",
        Want::Rest => "cell of a list of the right length",
        Want::MapNode => "node of a map of this level",
        Want::SetNode => "node of a set of this level",
        Want::VectorNode => "node of a vector of the right size",
        Want::TreeNode(_) => "node of an ordered tree of this level and size",
        Want::AnyNode | Want::EndOfRoot | Want::EndOfShared => "block of a value",
    }
}

/// A kind, for people.
pub(in crate::check) fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Free => "free block",
        Kind::MapRoot => "map root",
        Kind::MapNode => "map node",
        Kind::MapCollision => "map collision",
        Kind::SetRoot => "set root",
        Kind::SetNode => "set node",
        Kind::SetCollision => "set collision",
        Kind::VectorRoot => "vector root",
        Kind::VectorNode => "vector node",
        Kind::VectorLeaf => "vector leaf",
        Kind::ListCell => "list cell",
        Kind::Str => "string",
        Kind::Scalar => "scalar",
        Kind::Pair => "pair",
        Kind::Name => "name",
        Kind::Atom => "atom",
        Kind::Table => "table",
        Kind::Chain => "chain",
        Kind::Array => "typed array",
        Kind::Records => "typed objects",
        Kind::SortedMap => "sorted map node",
        Kind::SortedSet => "sorted set node",
        Kind::IntMap => "int map node",
    }
}
