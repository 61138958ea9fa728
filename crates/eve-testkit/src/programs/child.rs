//! Processes that run programs: the same binary started again, told what to do by its arguments and, batch by batch, by its
//! standard input.

use super::worker::Worker;
use eve_core::{Domain, Error, Result};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// What a process is told to do.
#[derive(Clone, Debug)]
pub struct Task {
    /// The domain.
    pub file: PathBuf,
    /// Number of its first worker; the others follow.
    pub first: u64,
    /// Threads, each a worker.
    pub threads: u64,
    /// Steps in a batch; 0: no end.
    pub steps: u64,
    /// Seed of the programs.
    pub seed: u64,
    /// Where each worker notes the step it has done, 8 bytes a worker; empty for nowhere.
    pub notes: PathBuf,
}

/// The first argument by which a binary knows that it is to be such a process.
pub const CHILD: &str = "run-programs";

impl Task {
    /// Starts a process of this very binary that does it. `also` comes before its arguments, as for a test binary.
    pub fn start(&self, also: &[&str], environment: &[(&str, &str)]) -> std::io::Result<Running> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(also).arg(CHILD).arg(&self.file).arg(&self.notes);
        for number in [self.first, self.threads, self.steps, self.seed] {
            command.arg(number.to_string());
        }
        command.envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let out = child.stdout.take().expect("it is piped");
        Ok(Running { child, out: BufReader::new(out), task: self.clone() })
    }
    /// From the arguments that `start` gives; none if they are others.
    pub fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Option<Task> {
        arguments.find(|a| a == CHILD)?;
        let (file, notes) = (arguments.next()?.into(), arguments.next()?.into());
        let mut number = || arguments.next()?.parse().ok();
        Some(Task { file, notes, first: number()?, threads: number()?, steps: number()?, seed: number()? })
    }
    /// Does it: a batch for each line of standard input, answered by a line; at its end all snapshots are let go, and the values
    /// are compared once more.
    pub fn run(&self) -> Result<()> {
        let domain = Domain::open(&self.file)?;
        let notes = (!self.notes.as_os_str().is_empty()).then(|| open_notes(&self.notes)).transpose()?;
        std::thread::scope(|scope| {
            let mut threads = Vec::new();
            for id in self.first..self.first + self.threads {
                let (domain, notes) = (&domain, notes.as_ref());
                let (go, wait) = std::sync::mpsc::channel::<()>();
                let (answer, done) = std::sync::mpsc::channel::<Result<()>>();
                scope.spawn(move || {
                    let mut worker = match Worker::new(domain, id, self.seed) {
                        Ok(worker) => worker,
                        Err(e) => return drop(answer.send(Err(e))),
                    };
                    while wait.recv().is_ok() {
                        if answer.send(batch(&mut worker, self, notes)).is_err() {
                            break;
                        }
                    }
                    worker.let_go();
                    drop(answer.send(worker.check()));
                });
                threads.push((go, done));
            }
            let mut line = String::new();
            let mut input = std::io::stdin().lock();
            let lost = || Err(Error::value("a worker is gone"));
            while input.read_line(&mut line).is_ok_and(|n| n > 0) {
                threads.iter().for_each(|(go, _)| {
                    go.send(()).ok();
                });
                for (_, done) in &threads {
                    done.recv().unwrap_or_else(|_| lost())?;
                }
                println!("done");
                let _ = std::io::stdout().flush();
                line.clear();
            }
            for (go, done) in threads {
                drop(go);
                done.recv().unwrap_or_else(|_| lost())?;
            }
            Ok(())
        })
    }
}

fn open_notes(path: &Path) -> Result<File> {
    let io = |source| Error::Io { action: "open the notes", path: path.into(), source };
    File::options().write(true).create(true).truncate(false).open(path).map_err(io)
}

fn batch(worker: &mut Worker, task: &Task, notes: Option<&File>) -> Result<()> {
    let mut steps = 0;
    while task.steps == 0 || steps < task.steps {
        worker.step()?;
        steps += 1;
        if let Some(notes) = notes {
            // Written to the kernel: it stays, whatever becomes of this process.
            let _ = notes.write_all_at(&worker.steps().to_le_bytes(), worker.id() * 8);
        }
        if task.steps > 0 && steps == task.steps / 2 && worker.id().is_multiple_of(3) {
            worker.visit_another_domain()?;
        }
    }
    worker.check()
}

/// A process that runs programs.
pub struct Running {
    /// The process.
    pub child: Child,
    out: BufReader<std::process::ChildStdout>,
    /// What it was told.
    pub task: Task,
}

impl Running {
    /// Tells it to run a batch.
    pub fn go(&mut self) -> std::io::Result<()> {
        self.child.stdin.as_mut().expect("it is piped").write_all(b"go\n")
    }
    /// Waits for the end of its batch; false if it ended instead.
    pub fn wait_done(&mut self) -> std::io::Result<bool> {
        let mut line = String::new();
        Ok(self.out.read_line(&mut line)? > 0)
    }
    /// Tells it to end, and waits; did it find everything as it must be?
    pub fn finish(mut self) -> std::io::Result<bool> {
        drop(self.child.stdin.take());
        Ok(self.child.wait()?.success())
    }
    /// Kills it.
    pub fn kill(&mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}
