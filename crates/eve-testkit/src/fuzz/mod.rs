//! The bodies of the fuzz targets. `fuzz/` runs them under libFuzzer; tests run them over the inputs that were found, and with the
//! mutator that is built in.

mod cells;
mod damaged;
mod input;
mod mutate;
mod patches;
mod plain;
mod text;

pub use cells::Cells;
pub use damaged::open_damaged;
pub use input::Input;
pub use mutate::Mutator;
pub use patches::patches;
pub use plain::Plain;
pub use text::{edn, json};

/// A target: takes any bytes, and panics if something is wrong.
pub type Target = fn(&[u8]);

/// All targets.
pub const TARGETS: [(&str, Target); 4] =
    [("patches", patches), ("edn", edn), ("json", json), ("open_damaged", open_damaged)];
