//! `eve verify`

use crate::failure::{At, Failure, Result};
use crate::files;
use crate::out::Out;
use eve::Report;
use indicatif::ProgressBar;
use std::path::{Path, PathBuf};

/// Check everything in a file: every block, its count, its place. Status 1 if something is damaged; 3 if all values are sound but memory is
/// leaked, as killed processes may leave it: `eve gc` gets it back.
///
/// While others change the file, only what hangs on the atoms is checked, and leaks are not looked for ("exact": false).
#[derive(clap::Args)]
pub struct Verify {
    /// The file
    file: PathBuf,
    /// The report as a JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub fn run(self) -> Result<()> {
        let domain = files::read(&self.file)?;
        let bar = ProgressBar::new(0); // on standard error, if that is a terminal
        let report = domain.verify(|done, all| {
            bar.set_length(all);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        let report = report.at(&self.file.display())?;
        print(&report, self.json)?;
        judge(&self.file, &report)
    }
}

/// A report on standard output.
pub fn print(report: &Report, json: bool) -> Result<()> {
    let mut out = Out::new();
    if json {
        out.line(report.json())?;
    } else {
        out.bytes(report.to_string().as_bytes())?;
    }
    out.flush()
}

/// The status if nothing is damaged, but memory is leaked.
const LEAKED: u8 = 3;

/// A failure unless all is well.
pub fn judge(file: &Path, report: &Report) -> Result<()> {
    let file = file.display();
    if report.is_ok() {
        return Ok(());
    }
    if report.is_damaged() {
        let places = report.damaged;
        return Err(Failure::new(format!(
            "{file}: damaged in {places} places; dump what can be read, and restore a copy"
        )));
    }
    let (blocks, pages, counts) = (report.leaked, report.leaked_pages, report.high_counts);
    Err(Failure::new(format!(
        "{file}: no value is damaged, but {blocks} blocks and {pages} pages are leaked and {counts} counts are too high: they take room, no more; `eve gc` sets that right"
    ))
    .with_status(LEAKED))
}
