//! Values and paths from arguments, standard input and files.

use crate::failure::{At, Failure, Result};
use crate::files::no_input;
use eve::text::json::Keys;
use eve::text::{edn, json};
use eve::{Error, Value, Vector};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// How text is to be read.
#[derive(Clone, Copy, PartialEq, Debug, clap::ValueEnum)]
pub enum Format {
    /// One EDN value.
    Edn,
    /// One JSON value.
    Json,
    /// JSON values, one after another: a vector of them.
    Jsonl,
}

impl Format {
    /// By the extension of a file's name; EDN if it says nothing.
    pub fn of(file: &Path) -> Format {
        match file.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
            Some("json") => Format::Json,
            Some("jsonl" | "ndjson") => Format::Jsonl,
            _ => Format::Edn,
        }
    }
}

/// Keys of JSON objects.
pub fn keys(keywords: bool) -> Keys {
    if keywords { Keys::Keywords } else { Keys::Strings }
}

/// Reads all of a source. Only the value is in memory, never all of the text.
pub fn read(source: impl BufRead, format: Format, keys: Keys) -> eve::Result<Value> {
    match format {
        Format::Edn => one(edn::read_all(source)),
        Format::Json => one(json::read_all(source, keys)),
        Format::Jsonl => Ok(Value::Vector(json::read_all(source, keys).collect::<eve::Result<Vector>>()?)),
    }
}

/// The only one of the values of a source.
fn one(mut values: impl Iterator<Item = eve::Result<Value>>) -> eve::Result<Value> {
    let value = values.next().ok_or(Error::Parse { line: 1, column: 1, reason: "there is no value".into() })??;
    match values.next() {
        None => Ok(value),
        Some(Err(error)) => Err(error),
        Some(Ok(_)) => Err(Error::value(
            "there is more than one value where one was expected; put them into a vector, or load them as JSON lines: eve load --format jsonl",
        )),
    }
}

/// A value given as an argument; `-` is standard input.
pub fn argument(text: &str, json: bool, keys: Keys) -> Result<Value> {
    let format = if json { Format::Json } else { Format::Edn };
    if text == "-" {
        return read(io::stdin().lock(), format, keys).at(&"standard input");
    }
    read(text.as_bytes(), format, keys).at(&format_args!("the value {}", shortened(text)))
}

/// A path: an EDN vector of keys, or the keys one by one.
pub fn path(arguments: &[String]) -> Result<Vec<Value>> {
    let mut keys = Vec::with_capacity(arguments.len());
    for text in arguments {
        keys.push(edn::read(text).at(&format_args!("the path {}", shortened(text)))?);
    }
    match keys.as_slice() {
        [Value::Vector(all)] => all.iter().collect::<eve::Result<_>>().at(&"the path"),
        _ => Ok(keys),
    }
}

/// A reserve: the engine has them in whole MiB.
pub fn size(text: &str) -> std::result::Result<u64, String> {
    let units = [("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let bytes = units.into_iter().find_map(|(unit, power)| {
        let n: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        n.checked_mul(1 << power).filter(|bytes| (1 << 20..=1 << 47).contains(bytes))
    });
    bytes.ok_or_else(|| "a size is a whole number with MiB, GiB or TiB, from 1MiB to 128TiB".into())
}

/// An argument in a message: not all of a long one.
pub fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let start: String = chars.by_ref().take(40).collect();
    let more = if chars.next().is_some() { "…" } else { "" };
    format!("`{}{more}`", start.replace(['\n', '\r'], " "))
}

/// A file to read, or standard input, with its length if that is known.
pub fn open(input: Option<&Path>) -> Result<(Box<dyn Read>, Option<u64>)> {
    let Some(file) = input else { return Ok((Box::new(io::stdin().lock()), None)) };
    let opened = File::open(file).map_err(|e| no_input(file, e))?;
    let facts = opened.metadata().map_err(|e| no_input(file, e))?;
    if facts.is_dir() {
        return Err(Failure::new(format!("cannot read {}: it is a directory; name a file", file.display())));
    }
    Ok((Box::new(opened), facts.is_file().then_some(facts.len())))
}

/// A buffer that suits large input.
pub fn buffered<R: Read>(source: R) -> BufReader<R> {
    BufReader::with_capacity(1 << 18, source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|t| t.to_string()).collect()
    }

    #[test]
    fn a_path_is_a_vector_or_its_keys() {
        let expected = vec![Value::keyword("a"), "b c".into(), 3.into()];
        assert_eq!(path(&strings(&["[:a \"b c\" 3]"])).unwrap(), expected);
        assert_eq!(path(&strings(&[":a", "\"b c\"", "3"])).unwrap(), expected);
        assert_eq!(path(&[]).unwrap(), []);
        assert_eq!(path(&strings(&["[]"])).unwrap(), []);
        assert_eq!(path(&strings(&["[[1 2]]"])).unwrap(), [Value::vector([1, 2])]);
        assert!(path(&strings(&["[1"])).unwrap_err().to_string().contains("line 1, column 1"));
    }

    #[test]
    fn formats_are_known_by_their_extensions() {
        for (name, format) in
            [("a.JSON", Format::Json), ("a.ndjson", Format::Jsonl), ("a.edn", Format::Edn), ("a", Format::Edn)]
        {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(["1MiB", "64 GiB", "128TiB"].map(|text| size(text).unwrap()), [1 << 20, 64 << 30, 1 << 47]);
        for bad in ["", "1", "0MiB", "-1GiB", "1.5GiB", "129TiB", "1KiB", "1gb", "99999999999999999999MiB", "GiB"] {
            assert!(size(bad).unwrap_err().contains("MiB, GiB or TiB"), "{bad}");
        }
    }

    #[test]
    fn several_values_are_only_lines_of_json() {
        assert_eq!(read(&b"1 2"[..], Format::Jsonl, Keys::Strings).unwrap(), Value::vector([1, 2]));
        assert!(read(&b"1 2"[..], Format::Json, Keys::Strings).is_err());
        assert!(read(&b"1 2"[..], Format::Edn, Keys::Strings).is_err());
        assert!(read(&b" "[..], Format::Edn, Keys::Strings).unwrap_err().to_string().contains("there is no value"));
    }
}
