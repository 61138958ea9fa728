//! EDN. Reading and writing it is the engine's; this carries texts in and values out.

use crate::encode::{self, Tree};
use crate::state::State;
use eve::text::edn::{self, Style};
use eve_core::value::{Source, Value};
use eve_core::{Error, Result};

fn text_of(value: &Value) -> Result<&[u8]> {
    match value {
        Value::Str(text) => Ok(text.as_bytes()),
        _ => Err(Error::value("EDN is read from a string")),
    }
}

/// 1 if exactly one value is wanted; the text as a patch. → how many values, and these with all that is in them.
pub fn parse(state: &mut State) -> Result<()> {
    let (text, _) = state.patch(state.frame.input())?;
    let bytes = text_of(&text)?;
    let (one, mut values) = (state.frame.arg(0) == 1, 0);
    let mut tree = Tree::new(&mut state.frame.out);
    if one {
        edn::read(bytes)?.emit(&mut tree)?;
        values = 1;
    } else {
        for value in edn::read_all(bytes) {
            value?.emit(&mut tree)?;
            values += 1;
        }
    }
    state.frame.set_arg(0, values);
    Ok(())
}

/// The widest line, or 0 for a single line; 1 for metadata too; a patch. → the value as EDN.
pub fn print(state: &mut State) -> Result<()> {
    let width = state.frame.index(0);
    let style = Style { width: (width > 0).then_some(width), meta: state.frame.arg(1) != 0 };
    let (value, _) = state.patch(state.frame.input())?;
    let mut text = String::new();
    edn::write(&mut text, &value, style)?;
    encode::string(&mut state.frame.out, text.as_bytes());
    Ok(())
}
