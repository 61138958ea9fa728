//! What a C programmer gets: the header is C and C++, its functions are those of the library, and the example runs with both.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// The library, built as these tests are. (Cargo builds it for no test, since no Rust program can link it.)
fn library() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut build = Command::new(env!("CARGO"));
    run(build.args(["build", "-p", "eve-c", "--target-dir"]).arg(target).current_dir(HERE));
    target.join("debug/libeve.a")
}

fn compiler(cplusplus: bool) -> Command {
    let (variable, usual) = if cplusplus { ("CXX", "c++") } else { ("CC", "cc") };
    let mut command = Command::new(std::env::var(variable).unwrap_or(usual.into()));
    command.args(["-Wall", "-Wextra", "-Werror", "-pedantic"]).arg(format!("-I{HERE}/include"));
    command
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}{}", text(&output.stdout), text(&output.stderr));
    output
}

/// Compiles and links a C program.
fn program(source: &Path, to: &Path) {
    let mut cc = compiler(false);
    cc.arg("-std=c11").arg(source).arg(library()).args(["-lpthread", "-ldl", "-lm", "-o"]).arg(to);
    run(&mut cc);
}

#[test]
fn the_header_is_c_and_cplusplus() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("only.c");
    std::fs::write(&source, "#include <eve.h>\n").unwrap();
    for standard in ["c99", "c11"] {
        run(compiler(false).arg(format!("-std={standard}")).arg("-fsyntax-only").arg(&source));
    }
    let mut cplusplus = compiler(true);
    if cplusplus.arg("--version").output().is_err() {
        return eprintln!("there is no C++ compiler, so the header was tried as C alone");
    }
    run(compiler(true).args(["-std=c++11", "-fsyntax-only", "-x", "c++"]).arg(&source));
}

/// The names before `(` of the header's functions.
fn declared() -> Vec<String> {
    let header = std::fs::read_to_string(format!("{HERE}/include/eve.h")).unwrap();
    let names = header.split("eve_").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('(')?;
        name.chars().all(|c| c.is_ascii_lowercase() || c == '_').then(|| format!("eve_{name}"))
    });
    let mut names: Vec<String> = names.collect();
    names.sort(); // some are named in comments, too
    names.dedup();
    names
}

/// The functions that the library's sources export.
fn exported() -> Vec<String> {
    let mut names = Vec::new();
    for file in std::fs::read_dir(format!("{HERE}/src")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut lines = text.lines();
        while lines.any(|line| line == "#[unsafe(no_mangle)]") {
            let line = lines.find(|line| line.contains(" fn ")).expect("a function below no_mangle");
            let (_, rest) = line.split_once(" fn ").unwrap();
            names.push(rest.split('(').next().unwrap().to_owned());
        }
    }
    names.sort();
    names
}

#[test]
fn the_header_has_the_functions_of_the_library() {
    assert_eq!(declared(), exported());
}

/// Sizes and places of the structs that callers and library share.
#[test]
fn the_structs_have_the_sizes_that_faces_count_on() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("sizes.c");
    let text = r#"
        #include <eve.h>
        #include <stddef.h>
        _Static_assert(sizeof(eve_cell) == 16 && offsetof(eve_cell, bits) == 8, "cell");
        _Static_assert(sizeof(eve_held) == 16 && offsetof(eve_held, root) == 8, "held");
        _Static_assert(sizeof(eve_array_shape) == 24 && offsetof(eve_array_shape, data) == 16, "array");
        _Static_assert(sizeof(eve_records_shape) == 32 && offsetof(eve_records_shape, shape) == 16, "records");
        int main(void) { return eve_interface() == EVE_INTERFACE ? 0 : 1; }
    "#;
    std::fs::write(&source, text).unwrap();
    let exe = folder.path().join("sizes");
    program(&source, &exe);
    run(&mut Command::new(exe));
}

/// The programs in `programs/` use all of the interface; what they expect of it they check themselves.
#[test]
fn the_whole_interface_does_what_the_header_says() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for name in ["values", "versions"] {
        let source = format!("{HERE}/tests/programs/{name}.c");
        let exe = folder.path().join(name);
        program(Path::new(&source), &exe);
        run(Command::new(exe).arg(folder.path().join("db")));
        text += &std::fs::read_to_string(source).unwrap();
    }
    text += &std::fs::read_to_string(format!("{HERE}/tests/programs/common.h")).unwrap();
    let unused = |name: &&String| !text.contains(&format!("{name}("));
    assert_eq!(declared().iter().filter(unused).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn the_example_runs() {
    let folder = tempfile::tempdir().unwrap();
    let tour = folder.path().join("tour");
    program(Path::new(&format!("{HERE}/examples/tour.c")), &tour);
    let file = folder.path().join("db");
    let lines = |ada: i64, known: &str, grace: i64| {
        let mut lines = vec![format!("ada before: {ada}"), format!("grace before: {known}")];
        let mut users = vec![format!("ada: {}", ada + 1), format!("grace: {grace}")];
        users.sort();
        lines.append(&mut users);
        lines
    };
    for expected in [lines(1, "unknown", 1), lines(3, "known", 2)] {
        let output = run(Command::new(&tour).arg(&file));
        let mut found: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        found[2..].sort(); // a walk is in the order of hashes
        assert_eq!(found, expected);
    }
    let output = Command::new(&tour).arg(folder.path()).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is a directory"));
}
