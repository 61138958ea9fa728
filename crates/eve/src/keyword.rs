//! Keywords as Rust constants.

use crate::{Key, Scalar, Value};
use eve_core::value::Text;
use std::fmt;

/// A keyword, borrowed: a key to look up and a value to store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Keyword<'a>(&'a str);

/// The keyword of this name, `namespace/name` or `name`, without the colon.
///
/// ```
/// use eve::{Value, kw};
///
/// const ROLE: eve::Keyword = kw("role");
/// let ada = Value::map([(ROLE, "admin")]);
/// assert_eq!(ada.get(ROLE)?, Some("admin".into()));
/// assert_eq!(ada.to_string(), r#"{:role "admin"}"#);
/// # Ok::<(), eve::Error>(())
/// ```
pub const fn kw(name: &str) -> Keyword<'_> {
    Keyword(name)
}

impl<'a> Keyword<'a> {
    /// Its text, without the colon.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for Keyword<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ":{}", self.0)
    }
}
impl From<Keyword<'_>> for Value {
    fn from(keyword: Keyword<'_>) -> Value {
        Value::keyword(keyword.0)
    }
}
impl<'a> From<Keyword<'a>> for Key<'a> {
    fn from(keyword: Keyword<'a>) -> Key<'a> {
        Key::Scalar(Scalar::Keyword(Text::Borrowed(keyword.0.as_bytes())))
    }
}
