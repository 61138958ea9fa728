//! From a host value to the nodes of a new version: `planner` says what becomes of each position, first adding all edges that
//! do not depend on a count; `plan` then copies in place from the root down; `build` makes nodes and counts; `encode` stores scalars;
//! `entries` changes maps, by values of the host or by scalars as they are read; `import` brings in views of other versions, atoms and domains; `typed` shares or copies arrays and objects.

pub(crate) mod build;
pub(crate) mod encode;
pub(crate) mod entries;
mod import;
mod levels;
pub(crate) mod plan;
pub(crate) mod planner;
mod typed;
