//! Persistent maps, vectors, sets and lists in shared memory, inside atoms that many threads and processes swap at once.
//!
//! ```
//! # let dir = tempfile::tempdir().unwrap();
//! # std::env::set_current_dir(&dir).unwrap();
//! let db = eve::Domain::open("my-db")?;
//! let counter = db.atom("app/counter", || 0)?;
//! counter.swap(|n: i64| n + 1)?;
//! let users = db.atom("app/users", eve::Value::empty_map)?;
//! users.swap(|users| users.assoc_in(["ada", "role"], "admin"))?;
//! let now = users.load()?;                      // a snapshot; reads borrow from the mapping, nothing is copied
//! let role = now.get_in(["ada", "role"])?;
//! # assert_eq!(role.unwrap().scalar()?.unwrap(), eve::Value::from("admin").as_scalar().unwrap());
//! # assert_eq!(counter.get()?, 1);
//! # Ok::<(), eve::Error>(())
//! ```
//!
//! A [`Domain`] is a file (or memory of this process) that holds any number of named atoms. An [`Atom`] holds one value that
//! is replaced as a whole: [`swap`](Atom::swap) runs a function on the current value and commits the result if nobody else
//! was first, else runs it again. Everybody who opens the file takes part, in any process. A [`Snapshot`] is one version: it
//! stays as it is for as long as it is held.
//!
//! An atom has a type: [`Value`], whose collections are read and changed where they lie, at the cost of what is touched; or any
//! type of serde, which is converted as a whole whenever it is read or written. Take the latter for what is small.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize)]
//! struct Limits {
//!     requests: u32,
//!     burst: u32,
//! }
//!
//! let db = eve::Domain::anonymous()?;
//! let limits = db.atom("limits", || Limits { requests: 100, burst: 10 })?;
//! limits.swap(|mut limits| {
//!     limits.burst *= 2;
//!     limits
//! })?;
//! // The same atom, as what it is in every language: a map with keywords as keys.
//! let raw = db.find::<eve::Value>("limits")?.expect("it was made above");
//! assert_eq!(raw.get()?, eve::text::edn::read("{:requests 100, :burst 20}")?);
//! # Ok::<(), eve::Error>(())
//! ```

mod atom;
mod changes;
mod domain;
mod keyword;
mod outcome;
mod snapshot;
pub mod text;

pub use atom::Atom;
pub use changes::Changes;
pub use domain::{Domain, OpenOptions};
pub use eve_core::check::{Collected, Damage, KindTotal, Report};
pub use eve_core::layout::Element;
pub use eve_core::serde::{Stored, from_value, to_value};
pub use eve_core::typed::{self, ArrayView, RecordsView};
pub use eve_core::value::{self, Array, List, Map, Name, Records, Scalar, Schema, Set, Str, Value, Vector};
pub use eve_core::view::{self, Key, View};
pub use eve_core::{Error, Result, Stat};
pub use keyword::{Keyword, kw};
pub use outcome::Outcome;
pub use snapshot::Snapshot;
