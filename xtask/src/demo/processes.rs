//! The processes: started at once, listened to, waited for.

use super::live::Live;
use super::measure::Measure;
use super::workers::Task;
use crate::Result;
use crate::run::shown;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How much longer than asked for a process may take, to start and to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs all tasks at once; the last word of each.
pub fn run(tasks: &[Task], file: &Path, atom: &str, length: Duration) -> Result<Vec<Measure>> {
    let live = Live::new(tasks.iter().map(|task| task.name.as_str()));
    let until = Instant::now() + length + PATIENCE;
    let mut children = Children(Vec::new());
    for task in tasks {
        let mut command = task.command(file, atom, length.as_secs());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().map_err(|e| format!("cannot start `{}`: {e}", shown(&command)))?;
        children.0.push(child);
    }
    std::thread::scope(|scope| {
        let mut heard = Vec::new();
        for (i, child) in children.0.iter_mut().enumerate() {
            let (out, err) = (child.stdout.take(), child.stderr.take());
            let out = scope.spawn(|| last_measure(out));
            let live = &live;
            let err = scope.spawn(move || listen(err, |measure| live.show(i, measure)));
            heard.push((out, err));
        }
        let ended = children.wait(until);
        let mut measures = Vec::new();
        for (i, ((out, err), ended)) in heard.into_iter().zip(ended).enumerate() {
            let name = &tasks[i].name;
            let measure = out.join().map_err(|_| "a listener panicked")?;
            let complaints = err.join().map_err(|_| "a listener panicked")?;
            ended.map_err(|why| format!("{name} {why}\n{complaints}"))?;
            let measure = measure.ok_or_else(|| format!("{name} ended without saying what it did\n{complaints}"))?;
            live.show(i, &measure);
            live.done(i);
            measures.push(measure);
        }
        Ok(measures)
    })
}

/// Processes that do not outlive us.
struct Children(Vec<Child>);

impl Children {
    /// Waits for all; for each, how it ended if not well.
    fn wait(&mut self, until: Instant) -> Vec<std::result::Result<(), String>> {
        let mut ended: Vec<Option<std::result::Result<(), String>>> = self.0.iter().map(|_| None).collect();
        while ended.iter().any(Option::is_none) {
            for (child, ended) in self.0.iter_mut().zip(&mut ended) {
                if ended.is_some() {
                    continue;
                }
                *ended = match child.try_wait() {
                    Ok(Some(status)) if status.success() => Some(Ok(())),
                    Ok(Some(status)) => Some(Err(format!("failed ({status})"))),
                    Ok(None) if Instant::now() < until => None,
                    Ok(None) => {
                        // It may have ended by itself just now.
                        let _ = child.kill();
                        let _ = child.wait();
                        Some(Err("did not end in time and was killed".into()))
                    }
                    Err(error) => Some(Err(format!("cannot be waited for: {error}"))),
                };
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        ended.into_iter().flatten().collect()
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        for child in &mut self.0 {
            if matches!(child.try_wait(), Ok(None)) {
                // It may have ended by itself just now.
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

/// The last measure among the lines of a process.
fn last_measure(from: Option<impl Read>) -> Option<Measure> {
    let mut last = None;
    listen(from, |measure| last = Some(measure.clone()));
    last
}

/// Passes on every measure, and gives the other lines: complaints.
fn listen(from: Option<impl Read>, mut heard: impl FnMut(&Measure)) -> String {
    let mut others = String::new();
    for line in from.into_iter().flat_map(|from| BufReader::new(from).lines()).map_while(|line| line.ok()) {
        match Measure::read(&line) {
            Some(measure) => heard(&measure),
            None if others.len() < 1 << 16 => {
                others.push_str(&line);
                others.push('\n');
            }
            None => {}
        }
    }
    others
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::demo::workers::Starter;

    fn task(name: &str, script: &str) -> Task {
        let starter = Starter::new("sh", &["-c", script]);
        Task { name: name.into(), op: "update-in [:counter] inc".into(), writes: true, starter }
    }

    const LINE: &str =
        r#"{"op":"x","operations":N,"seconds":1,"per_second":5,"p50_ns":1,"p95_ns":2,"p99_ns":3,"conflicts":1}"#;

    #[test]
    fn the_last_line_of_each_process_counts() {
        let (first, last) = (LINE.replace('N', "3"), LINE.replace('N', "8"));
        let script = format!("echo '{first}' >&2; echo '{first}'; echo noise; echo '{last}'");
        let tasks = [task("a", &script), task("b", &script)];
        let measures = run(&tasks, Path::new("f"), "atom", Duration::ZERO).unwrap();
        assert_eq!(measures.iter().map(|m| m.operations).collect::<Vec<_>>(), [8, 8]);
    }

    #[test]
    fn a_process_that_fails_is_named_with_what_it_said() {
        let tasks =
            [task("well", &format!("echo '{}'", LINE.replace('N', "1"))), task("ill", "echo no such atom >&2; exit 1")];
        let error = run(&tasks, Path::new("f"), "atom", Duration::ZERO).unwrap_err().to_string();
        assert!(error.contains("ill failed") && error.contains("no such atom"), "{error}");
    }
}
