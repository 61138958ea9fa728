//! Each command does what its help says.

mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use support::place;

#[test]
fn set_and_get_values_and_paths() {
    let p = place();
    assert_eq!(p.ok(&["set", "FILE", "users", "{:ada {\"age\" 36, :tags #{:x}} 3 [1 -2]}"]), "");
    assert_eq!(p.ok(&["get", "FILE", "users", "[:ada \"age\"]"]), "36");
    assert_eq!(p.ok(&["get", "FILE", "users", ":ada", "\"age\""]), "36");
    assert_eq!(p.ok(&["get", "FILE", "users", "[3 1]"]), "-2");
    assert_eq!(p.ok(&["get", "FILE", "users", "[:bob :age]"]), "nil");
    assert_eq!(p.ok(&["get", "--json", "FILE", "users", "[3]"]), "[1,-2]");
    assert_eq!(p.ok(&["set", "FILE", "users", "-5"]), "");
    assert_eq!(p.ok(&["get", "FILE", "users"]), "-5");
    assert_eq!(p.ok_with(&["set", "FILE", "users", "-"], b"[:from :stdin]\n"), "");
    assert_eq!(p.ok(&["get", "FILE", "users"]), "[:from :stdin]");
    p.ok(&["set", "FILE", "users", "{\"a\": [null, 1.5]}", "--json", "--keywords"]);
    assert_eq!(p.ok(&["get", "FILE", "users"]), "{:a [nil 1.5]}");
    p.verify();
    p.ok(&["set", "FILE", "app/long one", "{:a 1}"]);
    assert_eq!(p.ok(&["get", "FILE", "app/long one", "[:a]"]), "1");
}

#[test]
fn typed_arrays_and_objects_are_set_and_read_by_path() {
    let p = place();
    let text = "{:cells #eve/array [:int16 1 -2 3], :rows #eve/obj-array {:x [:int32 1 2], :y [:float64 0.5 1.5]}}";
    p.ok(&["set", "FILE", "a", text]);
    assert_eq!(p.ok(&["get", "FILE", "a", "[:cells]"]), "#eve/array [:int16 1 -2 3]");
    assert_eq!(p.ok(&["get", "FILE", "a", "[:cells 1]"]), "-2");
    assert_eq!(p.ok(&["get", "FILE", "a", "[:cells 3]"]), "nil");
    assert_eq!(p.ok(&["get", "FILE", "a", "[:rows 1 :y]"]), "1.5");
    assert_eq!(p.ok(&["get", "--json", "FILE", "a", "[:rows]"]), r#"[{"x":1,"y":0.5},{"x":2,"y":1.5}]"#);
    assert_eq!(p.ok(&["swap", "FILE", "a", "copy-in", "[:cells]", "[:again]"]), "#eve/array [:int16 1 -2 3]");
    let refused = p.fails(&["set", "FILE", "a", "{:users {[#eve/array [:int8 1]] 1}}"]);
    assert!(refused.contains("[:users]"), "{refused}");
    let refused = p.fails(&["swap", "FILE", "a", "assoc-in", "[:cells 0]", "5"]);
    assert!(refused.contains("in place"), "{refused}");
    p.verify();
}

#[test]
fn pretty_text_is_in_lines_and_reads_back() {
    let p = place();
    p.ok_with(&["set", "FILE", "v", "-"], format!("{:?}", (0..200).collect::<Vec<_>>()).as_bytes());
    let flat = p.ok(&["get", "FILE", "v"]);
    let pretty = p.ok(&["get", "FILE", "v", "--pretty"]);
    assert!(!flat.contains('\n') && pretty.contains('\n'));
    p.ok_with(&["set", "FILE", "again", "-"], pretty.as_bytes());
    assert_eq!(p.ok(&["get", "FILE", "again"]), flat);
}

#[test]
fn swap_prints_the_new_value_of_the_path() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:counter 0 :tree {:x [1 2]}}"]);
    assert_eq!(p.ok(&["swap", "FILE", "a", "update-in", "[:counter]", "inc"]), "1");
    assert_eq!(p.ok(&["swap", "FILE", "a", "update-in", "[:counter]", "-", "3"]), "-2");
    assert_eq!(p.ok(&["swap", "FILE", "a", "update-in", "[:counter]", "+", "-3"]), "-5");
    assert_eq!(p.ok(&["swap", "FILE", "a", "assoc-in", "[:users \"ada\"]", "#{:admin}"]), "#{:admin}");
    assert_eq!(p.ok(&["swap", "FILE", "a", "update-in", "[:users \"ada\"]", "disj", ":admin"]), "#{}");
    assert_eq!(p.ok(&["swap", "FILE", "a", "copy-in", "[:tree]", "[:copy :of]"]), "{:x [1 2]}");
    assert_eq!(p.ok(&["swap", "FILE", "a", "update-in", "[:copy :of :x]", "conj", "3", "4"]), "[1 2 3 4]");
    assert_eq!(p.ok(&["get", "FILE", "a", "[:tree]"]), "{:x [1 2]}");
    assert_eq!(p.ok(&["swap", "FILE", "a", "dissoc-in", "[:copy :of]"]), "nil");
    assert_eq!(p.ok(&["swap", "FILE", "a", "assoc-in", "[:j]", "{\"k\": true}", "--json"]), "{\"k\":true}");
    assert_eq!(p.ok(&["get", "FILE", "a", "[:j]"]), "{\"k\" true}");
    p.verify();
}

#[test]
fn help_of_help_is_help() {
    let p = place();
    let of_set = p.ok(&["help", "set"]);
    assert!(of_set.contains("Usage: eve set"), "{of_set}");
    assert_eq!(p.ok(&["help", "set", "--help"]), of_set);
    assert_eq!(p.ok(&["help", "-h", "set"]), of_set);
    let of_help = p.ok(&["help", "help"]);
    assert_eq!((p.ok(&["help", "--help"]), p.ok(&["help", "-h"])), (of_help.clone(), of_help));
    assert!(p.ok(&["help"]).contains("Usage: eve <COMMAND>"));
    assert!(p.fails(&[]).contains("no command was given"));
}

#[test]
fn ls_rm_and_stat() {
    let p = place();
    p.ok(&["set", "FILE", "b", "[1 2 3]"]);
    p.ok(&["set", "FILE", "a b", ":x"]);
    assert_eq!(p.ok(&["ls", "FILE"]), "\"a b\"  keyword\nb      vector      3");
    assert_eq!(
        p.ok(&["ls", "FILE", "--json"]),
        r#"[{"count":null,"kind":"keyword","name":"a b"},{"count":3,"kind":"vector","name":"b"}]"#
    );
    let long = "l".repeat(70_000);
    p.ok(&["set", "FILE", &long, "1"]);
    assert!(p.ok(&["ls", "FILE"]).contains(&format!("\n{long}  integer")));
    p.ok(&["rm", "FILE", &long]);
    assert_eq!(p.ok(&["rm", "FILE", "a b"]), "");
    assert_eq!(p.ok(&["ls", "FILE"]), "b  vector      3");
    let stat: serde_json::Value = serde_json::from_str(&p.ok(&["stat", "FILE", "--json"])).unwrap();
    assert_eq!(stat["atoms"], 1);
    assert_eq!(stat["processes"], 0, "processes that ended left nothing behind");
    assert_eq!(stat["pins"], 0);
    assert!(p.ok(&["stat", "FILE"]).contains("of at most 1.0 TiB"));
}

#[test]
fn dump_and_load_in_every_format() {
    let p = place();
    p.ok(&["set", "FILE", "list", "[{:a 1} nil \"x\"]"]);
    p.ok(&["set", "FILE", "n", "7"]);
    assert_eq!(p.ok(&["dump", "FILE"]), "{\"list\" [{:a 1} nil \"x\"],\n \"n\" 7}");
    assert_eq!(p.ok(&["dump", "FILE", "--json"]), "{\"list\": [{\"a\":1},null,\"x\"],\n \"n\": 7}");
    assert_eq!(p.ok(&["dump", "FILE", "list", "--format", "jsonl"]), "{\"a\":1}\nnull\n\"x\"");
    assert_eq!(
        p.ok(&["dump", "FILE", "--format", "jsonl"]),
        "{\"atom\": \"list\", \"value\": [{\"a\":1},null,\"x\"]}\n{\"atom\": \"n\", \"value\": 7}"
    );
    for (format, extension) in [("edn", "edn"), ("json", "json"), ("jsonl", "jsonl")] {
        let file = p.write(&format!("dump.{extension}"), p.ok(&["dump", "FILE", "list", "--format", format]));
        p.ok(&["load", "FILE", "again", file.to_str().unwrap(), "--keywords"]);
        assert_eq!(p.ok(&["get", "FILE", "again"]), "[{:a 1} nil \"x\"]", "{format}");
    }
    p.ok_with(&["load", "FILE", "stdin", "--json"], b"{\"a\": 1}");
    assert_eq!(p.ok(&["get", "FILE", "stdin"]), "{\"a\" 1}");
    p.ok_with(&["load", "FILE", "stdin", "-"], b"#{1}");
    assert_eq!(p.ok(&["get", "FILE", "stdin"]), "#{1}");
    p.ok(&["rm", "FILE", "list"]);
    p.ok(&["rm", "FILE", "n"]);
    p.ok(&["rm", "FILE", "stdin"]);
    p.ok(&["rm", "FILE", "again"]);
    assert_eq!(p.ok(&["dump", "FILE"]), "{}");
    p.verify();
}

#[test]
fn a_dump_of_a_whole_file_comes_back() {
    let p = place();
    p.ok(&["set", "FILE", "list", "[{:a #{1}} nil \"x\"]"]);
    p.ok(&["set", "FILE", "a name", "7"]);
    for format in ["edn", "json", "jsonl"] {
        let said = p.ok(&["dump", "FILE", "--format", format]);
        let dump = p.write(&format!("all.{format}"), said.clone());
        p.ok(&["rm", "FILE", "list"]);
        p.ok(&["set", "FILE", "a name", "8"]);
        p.ok(&["load", "FILE", "--all", dump.to_str().unwrap()]);
        assert_eq!(p.ok(&["dump", "FILE", "--format", format]), said);
    }
    p.ok_with(&["load", "FILE", "--all"], b"{\"other\" 1}");
    assert_eq!(p.ok(&["get", "FILE", "other"]), "1");
    assert_eq!(p.ok(&["get", "FILE", "a name"]), "7");
    for text in [&b"{:no-name 1}"[..], b"[1]", b"5"] {
        let said = p.fails_with(&["load", "FILE", "--all"], text);
        assert!(said.contains("no dump of a whole file"), "{said}");
    }
    p.verify();
}

#[test]
fn verify_tells_of_damage() {
    let p = place();
    p.ok_with(&["set", "FILE", "a", "-"], format!("{:?}", (0..5000).collect::<Vec<_>>()).as_bytes());
    assert!(p.ok(&["verify", "FILE"]).starts_with("ok\n"));
    let mut bytes = std::fs::read(&p.file).unwrap();
    let number = 2500i64; // an element of the vector, wherever it is stored
    let word = (number as u64 * 2 + 1).to_le_bytes(); // integers are stored like this
    let at = bytes.windows(8).step_by(8).position(|w| w == word).unwrap() * 8;
    bytes[at..at + 8].copy_from_slice(&0x5A5A_5A58u64.to_le_bytes());
    std::fs::write(&p.file, bytes).unwrap();
    let output = p.run(&["verify", "FILE", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["ok"] == false && report["damaged"].as_u64().unwrap() > 0, "{report}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("eve: ") && said.contains("test.eve: damaged") && said.lines().count() == 1, "{said}");
    assert_eq!(output.status.code(), Some(1));
}

/// The root word of the only atom, `a`, set to that of an atom that was removed: all that hung on it is leaked.
fn lose_the_value(file: &std::path::Path) {
    const ATOM: u64 = 15 << 19 | 1; // header of an atom with one parent, see spec/1-layout.md
    let mut bytes = std::fs::read(file).unwrap();
    let word = |i: usize| u64::from_le_bytes(bytes[i * 8..i * 8 + 8].try_into().unwrap());
    let entry = (0..bytes.len() / 8 - 1).find(|&i| word(i) == ATOM && word(i + 1) == 1).unwrap();
    bytes[(entry + 3) * 8..(entry + 4) * 8].copy_from_slice(&8u64.to_le_bytes());
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn verify_counts_leaked_blocks_and_gc_frees_them() {
    let p = place();
    p.ok_with(&["set", "FILE", "a", "-"], format!("{:?}", (0..5000).collect::<Vec<_>>()).as_bytes());
    let verify = |status: i32| -> serde_json::Value {
        let output = p.run(&["verify", "FILE", "--json"]);
        assert_eq!(output.status.code(), Some(status));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let whole = verify(0);
    let numbers = [
        ("leaked", 0),
        ("leaked_bytes", 0),
        ("leaked_pages", 0),
        ("high_counts", 0),
        ("damaged", 0),
        ("doubly_used", 0),
        ("unreadable", 0),
        ("atoms", 1),
        ("names", 1),
        ("limbo", 0),
    ];
    for (field, number) in numbers {
        assert_eq!(whole[field], number, "{field}: {whole}");
    }
    assert!(whole["ok"] == true && whole["exact"] == true && whole["pages"].as_u64() > Some(0), "{whole}");
    assert!(whole["damages"] == serde_json::json!([]) && whole["leaks"] == serde_json::json!([]), "{whole}");
    let blocks = whole["blocks"].as_u64().unwrap();
    assert!(blocks > 150 && whole["kinds"].as_array().unwrap().iter().any(|k| k["kind"] == "vector root"), "{whole}");

    lose_the_value(&p.file);
    let lost = verify(3);
    assert!(lost["ok"] == false && lost["damaged"] == 0 && lost["atoms"] == 0, "{lost}");
    // In blocks, and each of the value's.
    let leaked = lost["leaked"].as_u64().unwrap();
    assert_eq!(leaked, blocks - lost["blocks"].as_u64().unwrap(), "{lost}");
    assert!(leaked > 150 && lost["leaked_bytes"].as_u64().unwrap() > 40_000, "{lost}");
    assert!(!lost["leaks"].as_array().unwrap().is_empty(), "the first of them are named: {lost}");
    let told = p.run(&["verify", "FILE"]);
    let said = String::from_utf8(told.stderr).unwrap();
    assert!(said.contains(&format!("{leaked} blocks")) && said.contains("eve gc"), "{said}");
    let collected: serde_json::Value = serde_json::from_str(&p.ok(&["gc", "FILE", "--json"])).unwrap();
    assert!(collected["blocks"] == leaked && collected["alone"] == true, "{collected}");
    verify(0);
}

#[test]
fn bench_prints_figures() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:counter 0}"]);
    let bench = ["bench", "--file", "FILE", "--atom", "a", "--seconds", "0.3", "--json", "--threads", "2", "--op"];
    let run = |op: &str| -> serde_json::Value {
        let printed = p.ok(&[&bench[..], &[op]].concat());
        serde_json::from_str(printed.lines().last().unwrap()).unwrap()
    };
    let swaps = run("update-in [:counter] inc");
    assert_eq!(swaps["op"], "update-in [:counter] inc");
    assert_eq!(swaps["operations"].as_i64().unwrap().to_string(), p.ok(&["get", "FILE", "a", "[:counter]"]));
    let figure = |key: &str| swaps[key].as_f64().unwrap();
    assert!(figure("p50_ns") <= figure("p95_ns") && figure("p95_ns") <= figure("p99_ns"));
    assert!((figure("per_second") * figure("seconds") / figure("operations") - 1.0).abs() < 0.01);
    assert!(run("get-in [:counter]")["operations"].as_u64().unwrap() > 0);
    let watched = ["bench", "--file", "FILE", "--atom", "a", "--op", "get-in []", "--seconds", "1.5", "--progress"];
    let progress = p.run(&watched);
    let line = String::from_utf8(progress.stderr).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(line.trim()).unwrap()["op"], "get-in []");
}

#[test]
fn watch_prints_changes_of_other_processes() {
    let p = place();
    p.ok(&["set", "FILE", "a", "[0 0]"]);
    let watch = |path: &[&str]| {
        let arguments = [&["watch", "FILE", "a", "--now", "--count", "2"], path].concat();
        let mut child = p.command(&arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        (child, lines)
    };
    let (mut all, mut all_lines) = watch(&[]);
    let (mut some, mut some_lines) = watch(&["[0]"]);
    assert_eq!(all_lines.next().unwrap(), "[0 0]");
    assert_eq!(some_lines.next().unwrap(), "0");
    p.ok(&["swap", "FILE", "a", "update-in", "[1]", "inc"]);
    assert_eq!(all_lines.next().unwrap(), "[0 1]");
    p.ok(&["swap", "FILE", "a", "update-in", "[0]", "inc"]);
    assert_eq!(all_lines.next().unwrap(), "[1 1]");
    assert_eq!(some_lines.next().unwrap(), "1");
    p.ok(&["swap", "FILE", "a", "update-in", "[0]", "inc"]);
    assert_eq!(some_lines.next().unwrap(), "2");
    assert!(all.wait().unwrap().success() && some.wait().unwrap().success());
}

#[test]
fn the_demo_loses_nothing() {
    let p = place();
    let told = p.ok(&["demo", "--seconds", "1"]);
    assert!(told.contains("none was lost"), "{told}");
    assert!(told.contains("100000 elements"), "{told}");
    assert!(told.contains("0 leaked, 0 damaged"), "{told}");
}

#[test]
fn help_is_not_an_error() {
    let p = place();
    for arguments in [&["--help"][..], &["swap", "--help"], &["--version"]] {
        assert!(!p.ok(arguments).is_empty());
    }
}
