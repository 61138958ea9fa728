//! Several processes, one file.

mod support;

use std::process::Stdio;
use support::place;

#[test]
fn two_processes_lose_no_swap_of_one_map() {
    let p = place();
    p.ok(&["set", "FILE", "a", "{:counter 0, :visits {}}"]);
    let ops = [
        "update-in [:counter] inc",
        "update-in [:counter] + 3",
        "assoc-in [:visits \"x\"] [1 2 3]",
        "copy-in [:visits] [:old]",
    ];
    let children: Vec<_> = ops
        .iter()
        .map(|op| {
            let arguments =
                ["bench", "--file", "FILE", "--atom", "a", "--json", "--seconds", "1.5", "--threads", "2", "--op", op];
            p.command(&arguments).stdout(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let done: Vec<i64> = children
        .into_iter()
        .map(|child| {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success());
            serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()["operations"].as_i64().unwrap()
        })
        .collect();
    assert!(done.iter().all(|n| *n > 0), "{done:?}");
    assert_eq!(p.ok(&["get", "FILE", "a", "[:counter]"]), (done[0] + 3 * done[1]).to_string());
    assert_eq!(p.ok(&["get", "FILE", "a", "[:old]"]), p.ok(&["get", "FILE", "a", "[:visits]"]));
    let stat: serde_json::Value = serde_json::from_str(&p.ok(&["stat", "FILE", "--json"])).unwrap();
    assert_eq!((&stat["processes"], &stat["pins"]), (&0.into(), &0.into()));
    p.verify();
}

#[test]
fn many_processes_make_one_file_and_its_atoms() {
    let p = place();
    let names: Vec<String> = (0..16).map(|i| format!("atom-{i}")).collect();
    let children: Vec<_> = names.iter().map(|name| p.command(&["set", "FILE", name, "1"]).spawn().unwrap()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(p.ok(&["ls", "FILE"]).lines().count(), 16);
    p.verify();
}

#[test]
fn a_watcher_that_is_killed_holds_nothing_back() {
    let p = place();
    p.ok(&["set", "FILE", "a", "[1 2 3]"]);
    let mut watcher = p.command(&["watch", "FILE", "a", "--now"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(watcher.stdout.take().unwrap()), &mut line).unwrap();
    assert_eq!(line, "[1 2 3]\n");
    watcher.kill().unwrap();
    watcher.wait().unwrap();
    p.ok(&["set", "FILE", "a", "[4]"]);
    let stat: serde_json::Value = serde_json::from_str(&p.ok(&["stat", "FILE", "--json"])).unwrap();
    assert_eq!((&stat["processes"], &stat["pins"]), (&0.into(), &0.into()));
    p.verify();
}
