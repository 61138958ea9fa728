mod build;
mod collections;
mod damage;
mod differences;
mod values;

use super::*;
use build::{Builder, Model};
use proptest::prelude::*;

/// All bits of the hash, and few enough that keys collide at the first, at the last, at every or at some levels.
const MASKS: [u64; 5] = [!0, 0, 0xF000_0000_0000_0000, 0xF, 0x8421_0842_1084_2108];

fn scalar_model() -> impl Strategy<Value = Model> {
    prop_oneof![
        Just(Model::Nil),
        any::<bool>().prop_map(Model::Bool),
        (-3i64..40).prop_map(Model::Int),
        any::<i64>().prop_map(Model::Int),
        any::<char>().prop_map(Model::Char),
        "[a-c]{0,12}|[a_ü-]{7,11}".prop_map(Model::Str),
        "[a-c]{1,12}".prop_map(Model::Keyword),
        "[a-c]{1,12}".prop_map(Model::Symbol),
    ]
}

fn model() -> impl Strategy<Value = Model> {
    scalar_model().prop_recursive(4, 200, 40, |inner| {
        let many = || prop::collection::vec(inner.clone(), 0..40);
        prop_oneof![
            many().prop_map(Model::Vector),
            many().prop_map(Model::List),
            many().prop_map(Model::Set),
            prop::collection::vec((inner.clone(), inner.clone()), 0..40).prop_map(Model::Map),
            ("[a-c]{1,12}", inner.clone()).prop_map(|(tag, value)| Model::Tagged(tag, Box::new(value))),
            inner.clone().prop_map(|value| Model::Meta(Box::new(value))),
        ]
    })
}

/// Reads a value back, through iterators.
fn read(view: View<'_>) -> Result<Model> {
    let all = |view: View<'_>| view.elements()?.map(|e| read(e?)).collect::<Result<Vec<_>>>();
    Ok(match view.type_of()? {
        Type::Vector => Model::Vector(all(view)?),
        Type::List => Model::List(all(view)?),
        Type::Set => Model::Set(all(view)?),
        Type::Map => Model::Map(
            view.entries()?.map(|e| e.and_then(|(k, v)| Ok((read(k)?, read(v)?)))).collect::<Result<Vec<_>>>()?,
        ),
        Type::Tagged => {
            let (tag, value) = view.tagged()?.unwrap();
            let Some(Scalar::Symbol(tag)) = tag.scalar()? else { panic!("a tag that is no symbol") };
            Model::Tagged(tag.to_string_lossy().into(), Box::new(read(value)?))
        }
        _ => match view.scalar()?.unwrap() {
            Scalar::Nil => Model::Nil,
            Scalar::Bool(b) => Model::Bool(b),
            Scalar::Int(i) => Model::Int(i),
            Scalar::Char(c) => Model::Char(char::from_u32(c).unwrap()),
            Scalar::Str(s) => Model::Str(s.as_str().unwrap().into()),
            Scalar::Keyword(s) => Model::Keyword(s.as_str().unwrap().into()),
            Scalar::Symbol(s) => Model::Symbol(s.as_str().unwrap().into()),
            other => panic!("not in the model: {other:?}"),
        },
    })
}

/// Calls `f` with the model as a key of the host's, if it is a scalar.
fn with_scalar<R>(model: &Model, f: impl FnOnce(Key<'_>) -> R) -> Option<R> {
    use crate::value::Text;
    fn text(s: &str) -> Text<'_> {
        Text::Borrowed(s.as_bytes())
    }
    Some(f(Key::Scalar(match model {
        Model::Nil => Scalar::Nil,
        Model::Bool(b) => Scalar::Bool(*b),
        Model::Int(i) => Scalar::Int(*i),
        Model::Char(c) => Scalar::Char(*c as u32),
        Model::Str(s) => Scalar::Str(text(s)),
        Model::Keyword(s) => Scalar::Keyword(text(s)),
        Model::Symbol(s) => Scalar::Symbol(text(s)),
        _ => return None,
    })))
}
