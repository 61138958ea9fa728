//! Where and when: what the report says about its own run.

use serde::Serialize;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// The machine, as it tells.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Model of the first processor.
    pub cpu: String,
    /// Processors that this process may use.
    pub cores: usize,
    /// GiB of memory.
    pub memory_gib: f64,
    /// Name and release of the kernel.
    pub kernel: String,
    /// Type of the file system of the benchmark's files.
    pub file_system: String,
}

impl Machine {
    /// This one, with files in `dir`.
    pub fn here(dir: &Path) -> Machine {
        let field = |file: &str, name: &str| {
            let text = std::fs::read_to_string(file).ok()?;
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let kib = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
        let dir = dir.to_string_lossy().into_owned();
        Machine {
            cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_gib: kib.map_or(0.0, |kib| (kib / 1048576.0 * 10.0).round() / 10.0),
            kernel: said("uname", &["-sr"]).unwrap_or_else(|| std::env::consts::OS.to_owned()),
            file_system: said("stat", &["-f", "-c", "%T", &dir]).unwrap_or_else(|| "unknown".to_owned()),
        }
    }
}

/// The commit of the work tree, with `-dirty` if a file differs from it (results do not count).
pub fn commit() -> String {
    let Some(hash) = said("git", &["rev-parse", "--short=10", "HEAD"]) else { return "no-commit".to_owned() };
    let changes = said("git", &["status", "--porcelain", "--", ":/", ":(top,exclude)bench/results"]);
    if changes.is_some() { format!("{hash}-dirty") } else { hash }
}

/// What a command printed; `None` if that is nothing or it failed.
fn said(command: &str, args: &[&str]) -> Option<String> {
    let out = Command::new(command).args(args).output().ok().filter(|out| out.status.success())?;
    let text = String::from_utf8(out.stdout).ok()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Today in UTC, `2026-01-31`.
pub fn today() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs() / 86_400);
    date(days)
}

/// The date of a day since 1970, by eras of 400 years that begin in March.
fn date(days: u64) -> String {
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (d, m) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{:04}-{m:02}-{d:02}", era * 400 + year + u64::from(m <= 2))
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_around_leap_days() {
        let dates = [(0, "1970-01-01"), (11_016, "2000-02-29"), (11_017, "2000-03-01"), (20_454, "2026-01-01")];
        for (days, text) in dates {
            assert_eq!(super::date(days), text);
        }
    }
}
