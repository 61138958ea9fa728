//! Operations on a value, as they are written on the command line: parsed once, applied as often as needed.

mod arithmetic;
#[cfg(test)]
mod tests;

use crate::failure::{At, Failure, Result};
use crate::hint;
use crate::text::shortened;
use eve::text::json::Keys;
use eve::text::{edn, json};
use eve::{Error, Value};

/// What is done to an atom.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// Reads what is at a path.
    Get(Vec<Value>),
    /// Replaces what is at a path by what a function makes of it.
    Update(Vec<Value>, Change),
    /// Puts a value at a path.
    Assoc(Vec<Value>, Value),
    /// Takes the last key of a path away.
    Dissoc(Vec<Value>),
    /// Puts what is at the first path at the second one too; both share it.
    Copy(Vec<Value>, Vec<Value>),
}

/// What `update-in` does. `nil` counts as 0 for numbers, and as an empty collection.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Adds a number.
    Add(Value),
    /// Subtracts a number.
    Subtract(Value),
    /// True for `nil` and `false`, else false.
    Not,
    /// Adds elements.
    Conj(Vec<Value>),
    /// Takes elements out of a set.
    Disj(Vec<Value>),
    /// Takes keys out of a map.
    Dissoc(Vec<Value>),
    /// Puts a value under a key.
    Assoc(Value, Value),
    /// Puts the entries of maps over those that are there.
    Merge(Vec<Value>),
    /// Takes the last element of a vector, or the first of a list.
    Pop,
}

/// The functions of `update-in`, for messages.
pub const FUNCTIONS: &str = "inc, dec, + N, - N, not, conj V…, disj V…, dissoc KEY…, assoc KEY V, merge MAP…, pop";

impl Op {
    /// From arguments: each is EDN, but for the operands of functions, which are JSON if `json` says so.
    pub fn from_arguments(arguments: &[String], json: Option<Keys>) -> Result<Op> {
        let mut words = Vec::with_capacity(arguments.len());
        for (i, text) in arguments.iter().enumerate() {
            let operand = match arguments[0].as_str() {
                "update-in" => i >= 3,
                "assoc-in" => i >= 2,
                _ => false,
            };
            let read = match json {
                Some(keys) if operand => json::read(text, keys),
                _ => edn::read(text),
            };
            words.push(read.at(&format_args!("the argument {}", shortened(text)))?);
        }
        Op::from_words(&words)
    }
    /// From one text, as `update-in [:counter] inc`.
    pub fn from_text(text: &str) -> Result<Op> {
        let words: eve::Result<Vec<Value>> = edn::read_all(text.as_bytes()).collect();
        Op::from_words(&words.at(&format_args!("the operation {}", shortened(text)))?)
    }
    fn from_words(words: &[Value]) -> Result<Op> {
        let usage = |form: &str| Err(Failure::new(format!("the operation is written `{form}`")));
        let Some((name, rest)) = words.split_first() else { return usage("update-in PATH FUNCTION") };
        match (name.to_string().as_str(), rest) {
            ("get-in", [path]) => Ok(Op::Get(keys(path)?)),
            ("get-in", _) => usage("get-in PATH"),
            ("update-in", [path, function, operands @ ..]) => {
                Ok(Op::Update(keys(path)?, Change::new(function, operands)?))
            }
            ("update-in", _) => usage("update-in PATH FUNCTION VALUE…"),
            ("assoc-in", [path, value]) => Ok(Op::Assoc(keys(path)?, value.clone())),
            ("assoc-in", _) => usage("assoc-in PATH VALUE"),
            ("dissoc-in", [path]) => match keys(path)? {
                keys if keys.is_empty() => {
                    Err(Failure::new("dissoc-in needs a path of one key or more; `eve rm` removes an atom"))
                }
                keys => Ok(Op::Dissoc(keys)),
            },
            ("dissoc-in", _) => usage("dissoc-in PATH"),
            ("copy-in", [from, to]) => Ok(Op::Copy(keys(from)?, keys(to)?)),
            ("copy-in", _) => usage("copy-in FROM-PATH TO-PATH"),
            (other, _) => Err(Failure::new(format!(
                "there is no operation {other}; there are update-in, assoc-in, dissoc-in, copy-in (and get-in for `eve bench`)"
            ))),
        }
    }
    /// The path whose value changes, or is read.
    pub fn path(&self) -> &[Value] {
        match self {
            Op::Get(path) | Op::Update(path, _) | Op::Assoc(path, _) | Op::Dissoc(path) | Op::Copy(_, path) => path,
        }
    }
    /// What it makes of a value.
    pub fn apply(&self, value: Value) -> eve::Result<Value> {
        match self {
            Op::Get(_) => Ok(value),
            Op::Update(path, change) => value.update_at(path, |old| change.apply(old.unwrap_or_default())),
            Op::Assoc(path, new) => value.update_at(path, |_| Ok(new.clone())),
            Op::Dissoc(path) => value.dissoc_in(path),
            Op::Copy(from, to) => match value.get_in(from)? {
                Some(found) => value.update_at(to, |_| Ok(found)),
                None => {
                    let hint = hint::other_kind(&value, from)?.map(|hint| format!("; {hint}"));
                    let reason = format!("there is nothing to copy{}", hint.unwrap_or_default());
                    Err(Error::Value { path: Value::vector(from).to_string(), reason })
                }
            },
        }
    }
}

fn keys(path: &Value) -> Result<Vec<Value>> {
    match path {
        Value::Vector(keys) => keys.iter().collect::<eve::Result<_>>().at(&"the path"),
        other => Err(Failure::new(format!("a path is a vector of keys, as [:users \"ada\" 3], not {}", other.kind()))),
    }
}

impl Change {
    fn new(function: &Value, operands: &[Value]) -> Result<Change> {
        let name = function.to_string();
        let usage = |form: &str| Err(Failure::new(format!("the function is written `{form}`")));
        Ok(match (name.as_str(), operands) {
            ("inc", []) => Change::Add(1.into()),
            ("dec", []) => Change::Subtract(1.into()),
            ("not", []) => Change::Not,
            ("pop", []) => Change::Pop,
            ("inc" | "dec" | "not" | "pop", _) => return usage(&name),
            ("+", [n]) => Change::Add(arithmetic::checked(n)?),
            ("-", [n]) => Change::Subtract(arithmetic::checked(n)?),
            ("+" | "-", _) => return usage(&format!("{name} N")),
            ("conj", [_, ..]) => Change::Conj(operands.to_vec()),
            ("disj", [_, ..]) => Change::Disj(operands.to_vec()),
            ("dissoc", [_, ..]) => Change::Dissoc(operands.to_vec()),
            ("conj" | "disj", []) => return usage(&format!("{name} VALUE…")),
            ("dissoc", []) => return usage("dissoc KEY…"),
            ("assoc", [key, value]) => Change::Assoc(key.clone(), value.clone()),
            ("assoc", _) => return usage("assoc KEY VALUE"),
            ("merge", [_, ..]) => Change::Merge(operands.to_vec()),
            ("merge", []) => return usage("merge MAP…"),
            _ => return Err(Failure::new(format!("there is no function {name}; there are {FUNCTIONS}"))),
        })
    }
    fn apply(&self, old: Value) -> eve::Result<Value> {
        match self {
            Change::Add(n) => arithmetic::add(&old, n),
            Change::Subtract(n) => arithmetic::subtract(&old, n),
            Change::Not => Ok(Value::Bool(matches!(old, Value::Nil | Value::Bool(false)))),
            Change::Conj(elements) => elements.iter().try_fold(old, |value, e| value.conj(e)),
            Change::Disj(elements) => elements.iter().try_fold(old, |value, e| value.disj(e)),
            Change::Dissoc(keys) => keys.iter().try_fold(old, |value, key| value.dissoc(key)),
            Change::Assoc(key, value) => old.assoc(key, value),
            Change::Merge(maps) => maps.iter().try_fold(old, |value, map| value.merge(map)),
            Change::Pop => old.pop(),
        }
    }
}
