//! The tries, as algorithms over nodes: each takes an old root and a batch of changes and makes every new node once.

pub(crate) mod champ;
pub(crate) mod radix;
