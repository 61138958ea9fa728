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
//!
//! # Typed arrays and objects
//!
//! Values never change, with one exception: the numbers in a typed array, a typed object or an array of objects. An atom holds such
//! a thing like any other value; its numbers are changed where they lie, by atomic operations, at once for all processes and in all
//! versions of the atom that hold it. That is for counters, flags and buffers that change too often to be swapped.
//!
//! ```
//! use eve::{Array, Element, Records, Schema, Value};
//!
//! let db = eve::Domain::anonymous()?;
//! let hits = db.atom("hits", || Value::map([("by-hour", Array::new(Element::Int64, 24).unwrap())]))?;
//! let now = hits.get()?;
//! let Some(Value::Array(by_hour)) = now.get("by-hour")? else { panic!("no array") };
//! let cells = by_hour.view().expect("it is stored");
//! cells.fetch_add(7, 1i64)?; // no commit: everybody sees it at once
//! hits.swap(|hits| hits.assoc("since", 1_800_000_000))?; // the array stays where it is
//! assert_eq!(hits.get()?.get_in([Value::from("by-hour"), 7.into()])?, Some(Value::Int(1)));
//!
//! let shape = Schema::new([("x", Element::Float64), ("y", Element::Float64), ("id", Element::Uint32)])?;
//! let points = db.atom("points", || Value::from(Records::array(&shape, 1000).unwrap()))?;
//! let Value::Records(points) = points.get()? else { panic!("no objects") };
//! let x = points.view().expect("it is stored").column(0)?; // all values of x, side by side
//! x.fill(0..x.len(), 0.5f64.to_bits())?;
//! assert_eq!(points.get(999, "x"), Some(Value::Float(0.5)));
//! # Ok::<(), eve::Error>(())
//! ```
//!
//! Put at a second place of the same atom they are shared, put into another atom they are copied. They are equal if type and numbers are,
//! at that moment, and can be neither keys of maps nor elements of sets. A function given to `swap` may run several times; so may
//! what it changes in place.

//!
//! Maps and sets may keep an order: then they can be read from a key on, in both directions, and by number.
//!
//! ```
//! use eve::{Map, Order, Value};
//!
//! let db = eve::Domain::anonymous()?;
//! let scores = db.atom("scores", || Value::Map(Map::ordered(Order::Sorted)))?;
//! scores.swap(|scores| scores.assoc(310, "ada")?.assoc(120, "bob")?.assoc(200, "eve"))?;
//! let now = scores.load()?;
//! let (rank, _) = now.view().rank(150)?;
//! assert_eq!(rank, 1, "one is below 150");
//! let (key, _) = now.view().entries_between(0, 3, true)?.next().expect("there are three")?;
//! assert_eq!(key.as_i64(), Some(310), "the highest comes first on the way down");
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
pub use eve_core::value::{self, Array, List, Map, Name, Order, Records, Scalar, Schema, Set, Str, Value, Vector};
pub use eve_core::view::{self, Key, View};
pub use eve_core::{Error, Result, Stat};
pub use keyword::{Keyword, kw};
pub use outcome::Outcome;
pub use snapshot::Snapshot;
