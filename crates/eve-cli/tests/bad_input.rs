//! Whatever is wrong, there is one line that names the file, the atom, the reason and what to do; and nothing is harmed.

mod support;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use support::{Place, place, printed, said};

/// `fails`, and the message has all of these in it.
fn fails(p: &Place, arguments: &[&str], wanted: &[&str]) {
    let message = p.fails(arguments);
    for part in wanted {
        assert!(message.contains(part), "{arguments:?}: {message}");
    }
}

const READERS: [&[&str]; 5] =
    [&["get", "FILE", "a"], &["ls", "FILE"], &["stat", "FILE"], &["dump", "FILE"], &["watch", "FILE", "a"]];

#[test]
fn files_that_are_not_domains() {
    let p = place();
    let mut future = vec![0; 1 << 16];
    p.ok(&["set", "FILE", "a", "1"]);
    let good = std::fs::read(&p.file).unwrap();
    future[..4096].copy_from_slice(&good[..4096]);
    future[8..16].copy_from_slice(&99u64.to_le_bytes());
    for (content, wanted) in [
        (&b""[..], "empty"),
        (b"hello, world\n", "eve"),
        (&[7; 100_000], "eve"),
        (&future, "version 99"),
        (&good[..good.len() / 2], "cut off"),
        (&good[..50], "cut off"),
    ] {
        let other = p.write("other", content);
        let other = other.to_str().unwrap();
        for command in [&["get", other, "a"][..], &["ls", other], &["set", other, "a", "2"], &["dump", other]] {
            fails(&p, command, &[other]);
            let message = p.fails(command);
            assert!(message.contains(wanted), "{command:?}: {message}");
        }
        assert_eq!(std::fs::read(other).unwrap(), content, "it stays as it was");
    }
    assert_eq!(p.ok(&["get", "FILE", "a"]), "1");
}

#[test]
fn a_directory_and_nothing_at_all() {
    let p = place();
    let folder = p.path().to_str().unwrap();
    for command in [&["get", folder, "a"][..], &["set", folder, "a", "1"], &["ls", folder]] {
        fails(&p, command, &[folder, "directory"]);
    }
    for reader in READERS {
        fails(&p, reader, &["there is no file", "test.eve", "eve set"]);
    }
    fails(&p, &["swap", "FILE", "a", "update-in", "[]", "inc"], &["there is no file"]);
    fails(&p, &["rm", "FILE", "a"], &["there is no file"]);
    assert!(!p.file.exists());
    fails(&p, &["set", "no/such/folder", "a", "1"], &["no/such/folder", "does not exist"]);
    fails(&p, &["load", "FILE", "a", "no-input.edn"], &["no-input.edn", "No such file"]);
    fails(&p, &["load", "FILE", "a", folder], &[folder, "directory"]);
    assert!(!p.file.exists());
}

/// As somebody who is not root.
fn as_nobody(mut command: Command) -> Command {
    command.uid(65534).gid(65534).stdin(Stdio::null());
    command
}

#[test]
fn without_the_right_to_write_or_to_read() {
    let p = place();
    if p.folder.path().metadata().unwrap().uid() != 0 {
        return; // only root can become somebody else
    }
    p.ok(&["set", "FILE", "a", "{:n 1}"]);
    let mode = |mode| std::fs::set_permissions(&p.file, std::fs::Permissions::from_mode(mode)).unwrap();
    std::fs::set_permissions(p.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    // The program itself may be where nobody may go.
    let program = p.path().join("eve");
    std::fs::copy(env!("CARGO_BIN_EXE_eve"), &program).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments.iter().map(|a| if *a == "FILE" { p.file.as_os_str() } else { a.as_ref() }));
        as_nobody(command).output().unwrap()
    };
    mode(0o644);
    for (arguments, expected) in [
        (&["get", "FILE", "a", "[:n]"][..], "1"),
        (&["ls", "FILE"], "a  map         1"),
        (&["dump", "FILE"], "{\"a\" {:n 1}}"),
        (&["dump", "FILE", "a", "--json"], "{\"n\":1}"),
        (&["watch", "FILE", "a", "--now", "--count", "0"], "{:n 1}"),
    ] {
        assert_eq!(printed(arguments, run(arguments)), expected);
    }
    for arguments in
        [&["set", "FILE", "a", "2"][..], &["swap", "FILE", "a", "update-in", "[:n]", "inc"], &["rm", "FILE", "a"]]
    {
        let message = said(arguments, run(arguments));
        assert!(message.contains("test.eve") && message.contains("right to write"), "{message}");
    }
    mode(0o600);
    for reader in READERS {
        let message = said(reader, run(reader));
        assert!(message.contains("test.eve") && message.contains("right to read"), "{message}");
    }
    assert_eq!(p.ok(&["get", "FILE", "a"]), "{:n 1}");
}

#[test]
fn a_reader_that_cannot_pin_beside_a_writer() {
    let p = place();
    if p.folder.path().metadata().unwrap().uid() != 0 {
        return; // only root can become somebody else
    }
    p.ok(&["set", "FILE", "a", "{:n 0 :text \"0123456789 0123456789 0123456789\"}"]);
    std::fs::set_permissions(p.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(&p.file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let program = p.path().join("eve");
    std::fs::copy(env!("CARGO_BIN_EXE_eve"), &program).unwrap();
    let op = "update-in [:n] inc";
    let mut writer = p
        .command(&["bench", "--file", "FILE", "--atom", "a", "--op", op, "--seconds", "3"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut last = -1;
    while writer.try_wait().unwrap().is_none() {
        let mut command = Command::new(&program);
        command.args(["get", p.file.to_str().unwrap(), "a", "--json"]);
        let text = printed(&["get"], as_nobody(command).output().unwrap());
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["text"], "0123456789 0123456789 0123456789");
        let n = value["n"].as_i64().unwrap();
        assert!(n >= last);
        last = n;
    }
    assert!(last > 0);
    p.verify();
}

#[test]
fn a_full_disk_leaves_the_old_value() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:old true}"]);
    let large = p.write("large.json", format!("[{}1]", "\"some text\",123456789,".repeat(4_000_000)));
    let limited = |limit: &str, arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_eve");
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -f {limit}; exec \"$0\" \"$@\""), program]);
        shell.args(arguments.iter().map(|a| if *a == "FILE" { p.file.as_os_str() } else { a.as_ref() }));
        shell.current_dir(p.path()).stdin(Stdio::null()).output().unwrap()
    };
    let arguments = ["load", "FILE", "a", large.to_str().unwrap()];
    let message = said(&arguments, limited("40000", &arguments));
    for part in ["test.eve", "\"a\"", "limit", "kept its value"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(p.ok(&["get", "FILE", "a"]), "{:old true}");
    assert_eq!(printed(&["small"], limited("40000", &["swap", "FILE", "a", "assoc-in", "[:new]", "1"])), "1");
    let message = said(&["new"], limited("10", &["set", "new.eve", "a", "1"]));
    assert!(message.contains("new.eve") && message.contains("limit"), "{message}");
    assert!(!p.path().join("new.eve").exists());
    p.verify();
}

#[test]
fn atoms_and_paths_that_are_not_there() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:n 1 :v [1 2] :s #{1}}"]);
    let before = p.ok(&["get", "FILE", "a"]);
    let unknown = &["test.eve", "there is no atom \"b\"", "eve ls"];
    fails(&p, &["get", "FILE", "b"], unknown);
    fails(&p, &["rm", "FILE", "b"], unknown);
    fails(&p, &["dump", "FILE", "b"], unknown);
    fails(&p, &["watch", "FILE", "b"], unknown);
    fails(&p, &["swap", "FILE", "b", "update-in", "[]", "inc"], unknown);
    fails(&p, &["bench", "--file", "FILE", "--atom", "b", "--op", "get-in []"], unknown);
    fails(&p, &["get", "FILE", "a", "[:n :x]"], &["test.eve", "atom \"a\"", "at [:n]", "an integer has no keys"]);
    fails(&p, &["swap", "FILE", "a", "assoc-in", "[:n :x]", "1"], &["test.eve", "atom \"a\"", "at [:n]", "no keys"]);
    fails(&p, &["swap", "FILE", "a", "assoc-in", "[:v :x]", "1"], &["at [:v]", ":x is no index"]);
    fails(&p, &["swap", "FILE", "a", "assoc-in", "[:v 9]", "1"], &["at [:v]", "9"]);
    fails(&p, &["swap", "FILE", "a", "assoc-in", "[:s 1]", "1"], &["at [:s]", "a set"]);
    fails(&p, &["swap", "FILE", "a", "update-in", "[:v]", "inc"], &["at [:v]", "cannot add to a vector"]);
    fails(&p, &["swap", "FILE", "a", "update-in", "[:n]", "conj", "1"], &["at [:n]", "an integer"]);
    fails(&p, &["swap", "FILE", "a", "copy-in", "[:none]", "[:x]"], &["at [:none]", "nothing to copy"]);
    assert_eq!(p.ok(&["get", "FILE", "a"]), before);
    p.verify();
}

/// Status 0, `nil` on standard output, and a line on standard error.
fn hinted(p: &Place, arguments: &[&str]) -> String {
    let output = p.run(arguments);
    assert!(output.status.success(), "{arguments:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "nil\n", "{arguments:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    said
}

#[test]
fn a_bare_word_in_a_path_is_told_from_what_was_meant() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:users {\"ada\" 1}}"]);
    let said = hinted(&p, &["get", "FILE", "a", "users"]);
    assert!(said.starts_with("eve: ") && said.contains("test.eve, atom \"a\": "), "{said}");
    assert!(said.contains("there is no symbol users, but there is the keyword :users: '[:users]'"), "{said}");
    assert!(hinted(&p, &["get", "FILE", "a", ":users", "ada"]).contains("'[:users \"ada\"]'"));
    assert!(hinted(&p, &["watch", "FILE", "a", "users", "--now", "--count", "0"]).contains("'[:users]'"));
    assert_eq!(p.ok(&["get", "FILE", "a", "nobody"]), "nil", "nothing suggests itself");
    fails(
        &p,
        &["swap", "FILE", "a", "copy-in", "[users]", "[:x]"],
        &["nothing to copy; there is no symbol users", "'[:users]'"],
    );
}

#[test]
fn keys_that_json_does_not_tell_apart() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:in [{:a 1 \"a\" 2}]}"]);
    let both = &["test.eve, atom \"a\"", ":a", "\"a\"", "in JSON; take EDN"];
    for command in [&["get", "FILE", "a", "--json"][..], &["dump", "FILE", "a", "--json"], &["dump", "FILE", "--json"]]
    {
        fails(&p, command, both);
        fails(&p, command, &["at [:in 0]: the keys"]);
    }
    fails(&p, &["dump", "FILE", "--format", "jsonl"], both);
    fails(&p, &["get", "FILE", "a", "[:in]", "--json"], &["atom \"a\", under [:in]: at [0]: the keys"]);
    fails(&p, &["watch", "FILE", "a", "--json", "--now", "--count", "0"], both);
    assert_eq!(p.ok(&["get", "FILE", "a", "[:in 0 :a]", "--json"]), "1");
    let assoc = ["swap", "FILE", "a", "assoc-in", "[:in 0 :b]", "3", "--json"];
    assert_eq!(p.ok(&assoc), "3", "only what is printed counts");
    fails(
        &p,
        &["swap", "FILE", "a", "update-in", "[:in]", "conj", "4", "--json"],
        &["the swap is done", "not printed", "the keys"],
    );
    assert_eq!(p.ok(&["get", "FILE", "a", "[:in 1]"]), "4");
}

#[test]
fn a_reserve_that_is_used_up_or_cannot_be_had() {
    let p = place();
    p.ok(&["set", "FILE", "a", "1", "--reserve", "1MiB"]);
    let stat: serde_json::Value = serde_json::from_str(&p.ok(&["stat", "FILE", "--json"])).unwrap();
    assert_eq!(stat["reserve"], 1 << 20);
    let large = format!("\"{}\"", "x".repeat(2 << 20));
    let message = p.fails_with(&["set", "FILE", "a", "-"], large.as_bytes());
    assert!(message.contains("the reserve of 1048576 bytes is used up"), "{message}");
    assert!(message.contains("eve dump FILE | eve load NEW --all --reserve SIZE"), "{message}");
    assert_eq!(p.ok(&["get", "FILE", "a"]), "1");
    fails(
        &p,
        &["set", "FILE", "a", "2", "--reserve", "8MiB"],
        &["test.eve", "there already", "never changes", "eve load NEW --all --reserve"],
    );
    assert_eq!(p.ok(&["get", "FILE", "a"]), "1");
    p.ok(&["set", "FILE", "a", "2", "--reserve", "1MiB"]);
    // As the message says.
    let dumped = p.ok(&["dump", "FILE"]);
    p.ok_with(&["load", "new.eve", "--all", "--reserve", "8MiB"], dumped.as_bytes());
    p.ok_with(&["set", "new.eve", "large", "-"], large.as_bytes());
    assert_eq!(p.ok(&["get", "new.eve", "a"]), "2");
    fails(&p, &["set", "other.eve", "a", "1", "--reserve", "1000"], &["--reserve", "1000", "MiB, GiB or TiB"]);
    assert!(!p.path().join("other.eve").exists());
}

#[test]
fn text_that_does_not_parse_has_a_line_and_a_column() {
    let p = place();
    p.ok(&["set", "FILE", "a", "1"]);
    fails(&p, &["set", "FILE", "a", "{:a\n [1 2}}"], &["line 2, column 6"]);
    fails(&p, &["set", "FILE", "a", "[1,\n 2,]", "--json"], &["line 2, column 4"]);
    fails(&p, &["set", "FILE", "a", "1 2"], &["more than one value"]);
    fails(&p, &["set", "FILE", "a", ""], &["there is no value"]);
    fails(&p, &["get", "FILE", "a", "[:a"], &["path", "line 1, column 1"]);
    fails(&p, &["swap", "FILE", "a", "assoc-in", "[:a]", "{:x}"], &["line 1"]);
    let edn = p.write("bad.edn", "{:a 1\n :a 2}");
    fails(&p, &["load", "FILE", "a", edn.to_str().unwrap()], &["bad.edn", "line 2, column 2", ":a"]);
    let json = p.write("bad.jsonl", "{\"a\": 1}\n{\"a\": tru}\n");
    fails(&p, &["load", "FILE", "a", json.to_str().unwrap()], &["bad.jsonl", "line 2, column 7", "tru"]);
    assert!(p.fails_with(&["load", "FILE", "a"], b"\xff\xfe").contains("standard input: line 1"));
    assert_eq!(p.ok(&["get", "FILE", "a"]), "1");
}

#[test]
fn a_command_line_that_makes_no_sense_is_one_line_too() {
    let p = place();
    p.ok(&["set", "FILE", "a", "1"]);
    fails(&p, &[], &["--help"]);
    fails(&p, &["frobnicate"], &["frobnicate", "--help"]);
    fails(&p, &["get", "FILE"], &["<ATOM>"]);
    fails(&p, &["load", "FILE", "a", "--format", "xml"], &["xml", "edn"]);
    fails(&p, &["swap", "FILE", "a", "frobnicate"], &["there is no operation frobnicate"]);
    fails(&p, &["swap", "FILE", "a", "update-in", "[]", "frobnicate"], &["there is no function frobnicate", "inc"]);
    fails(&p, &["bench", "--file", "FILE", "--atom", "a", "--op", "inc"], &["there is no operation inc"]);
    fails(&p, &["bench", "--file", "FILE", "--atom", "a", "--op", "get-in []", "--seconds", "-1"], &["--seconds"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let p = place();
    let numbers = (0..300_000).map(|i| i.to_string()).collect::<Vec<_>>().join(" ");
    p.ok_with(&["set", "FILE", "a", "-"], format!("[{numbers}]").as_bytes());
    for command in ["dump FILE", "dump FILE a --format jsonl", "get FILE a"] {
        let script = format!("(\"$0\" {command}; echo status $? >&2) | head -c 100 >/dev/null",);
        let script = script.replace("FILE", p.file.to_str().unwrap());
        let output = Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_eve")]).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "status 0\n", "{command}");
    }
}
