//! Headers to write, and this test binary run again as another process.

use eve_core::Result;
use eve_core::layout::header::{MAGIC, heap_start, word};
use eve_core::layout::{FORMAT_VERSION, Off, PAGE};
use eve_core::region::{FileOptions, FileRegion, Region};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub const RESERVE: u64 = 1 << 30;

/// Writes 8 bytes into a region that nobody else uses.
pub fn put(region: &dyn Region, at: Off, value: u64) {
    assert!(at.0 + 8 <= region.reserve() && region.writable());
    // SAFETY: inside the reserve and, by the test, below what was grown; volatile, since other processes may look.
    unsafe { region.base().add(at.0 as usize).cast::<u64>().write_volatile(value) }
}

pub fn get(region: &dyn Region, at: Off) -> u64 {
    assert!(at.0 + 8 <= region.reserve());
    // SAFETY: as above.
    unsafe { region.base().add(at.0 as usize).cast::<u64>().read_volatile() }
}

/// The least header that lets a file be opened.
pub fn write_header(region: &FileRegion) -> Result<()> {
    for (index, value) in [
        (word::VERSION, FORMAT_VERSION as u64),
        (word::RESERVE, region.reserve()),
        (word::COMMITTED, heap_start(region.reserve()) + PAGE),
        (word::MAGIC, MAGIC),
    ] {
        put(region, Off(index * 8), value);
    }
    Ok(())
}

pub fn create(path: &Path) -> FileRegion {
    let (region, created) = FileRegion::create_or_open(path, &FileOptions::new(RESERVE), write_header).unwrap();
    assert!(created);
    region
}

/// Another process that runs the helper of this name in this test binary. Killed when dropped.
pub struct Helper {
    pub child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Helper {
    pub fn start(helper: &str, path: &Path) -> Helper {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "processes::helper", "--nocapture", "--test-threads=1"])
            .env("EVE_TEST_HELPER", helper)
            .env("EVE_TEST_PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Helper { child, lines }
    }
    /// The next line that the helper said. Panics if it ended without.
    pub fn hear(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the helper ended: {:?}", self.child.wait());
            // The test harness writes on the same stream, without a line end before ours.
            if let Some((_, said)) = line.split_once("SAID ") {
                return said.trim_end().to_string();
            }
        }
    }
    pub fn tell(&mut self, line: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{line}").unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a helper says to the test that started it.
pub fn say(line: impl std::fmt::Display) {
    println!("SAID {line}");
    std::io::stdout().flush().unwrap();
}

/// Waits for a line from the test.
pub fn listen() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// Waits until something holds, at most 10 seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed().as_secs() < 10, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}
