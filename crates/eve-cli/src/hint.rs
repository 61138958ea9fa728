//! A path that leads nowhere because a key is of another kind: a bare word is a symbol, and those who write it mean a keyword or a string.

use eve::{Result, Value};

/// What the first key of the path that is not there was perhaps meant to be, in words; `None` if nothing suggests itself.
pub fn other_kind(root: &Value, path: &[Value]) -> Result<Option<String>> {
    let mut here = root.clone();
    for (i, key) in path.iter().enumerate() {
        if !matches!(here, Value::Map(_) | Value::Set(_)) {
            return Ok(None);
        }
        if let Some(found) = here.get(key)? {
            here = found;
            continue;
        }
        for other in namesakes(key) {
            if here.get(&other)?.is_some() {
                let meant = [&path[..i], std::slice::from_ref(&other), &path[i + 1..]].concat();
                let meant = Value::vector(meant).to_string().replace('\'', r"'\''"); // as a shell takes it
                let (key, none) = (described(key), if i == 0 { "" } else { " there" });
                return Ok(Some(format!("there is no {key}{none}, but there is the {}: '{meant}'", described(&other))));
            }
        }
        return Ok(None);
    }
    Ok(None)
}

/// The keys of other kinds that have the name of this one.
fn namesakes(key: &Value) -> Vec<Value> {
    let name = match key {
        Value::Symbol(name) | Value::Keyword(name) => name.as_str(),
        Value::Str(name) => name.as_str(),
        _ => None,
    };
    let all = name.map(|name| [Value::keyword(name), name.into(), Value::symbol(name)]);
    all.into_iter().flatten().filter(|other| other != key).collect()
}

/// `keyword :users`
fn described(key: &Value) -> String {
    let kind = match key {
        Value::Keyword(_) => "keyword",
        Value::Symbol(_) => "symbol",
        _ => "string",
    };
    format!("{kind} {key}")
}

#[cfg(test)]
mod tests {
    use super::other_kind;
    use eve::text::edn::read;

    #[test]
    fn the_first_key_that_is_missing_is_looked_for_among_its_namesakes() {
        let root = read(r#"{:users {"ada" {:role 1, role 2}, "it's" 1} "tags" #{:a} plain nil}"#).unwrap();
        for (path, wanted) in [
            ("[users]", Some("there is no symbol users, but there is the keyword :users: '[:users]'")),
            ("[users x 1]", Some("there is no symbol users, but there is the keyword :users: '[:users x 1]'")),
            (
                "[:users :ada]",
                Some(r#"there is no keyword :ada there, but there is the string "ada": '[:users "ada"]'"#),
            ),
            ("[tags]", Some(r#"there is no symbol tags, but there is the string "tags": '["tags"]'"#)),
            (r#"["tags" a]"#, Some(r#"there is no symbol a there, but there is the keyword :a: '["tags" :a]'"#)),
            (r#"[:plain]"#, Some("there is no keyword :plain, but there is the symbol plain: '[plain]'")),
            (
                r#"[:users :it's]"#,
                Some(r#"there is no keyword :it's there, but there is the string "it's": '[:users "it'\''s"]'"#),
            ),
            ("[:users]", None),
            ("[]", None),
            ("[nobody]", None),
            ("[3]", None),
            ("[plain users]", None),
            (
                r#"[:users "ada" "role"]"#,
                Some(r#"there is no string "role" there, but there is the keyword :role: '[:users "ada" :role]'"#),
            ),
        ] {
            let path: Vec<_> = read(path).unwrap().elements().unwrap().map(Result::unwrap).collect();
            assert_eq!(other_kind(&root, &path).unwrap().as_deref(), wanted, "{path:?}");
        }
    }
}
