//! What is wanted of the engine, in ratios to the others in the same run. A line counts when both sides were measured.

use super::{Measure, Report};
use crate::keys::Key;
use crate::scenarios::Bound;
use crate::subjects::FLOOR;

/// The subject that the targets are about.
const ENGINE: &str = "eve";

/// One target and how it came out.
pub struct Outcome {
    /// What was compared.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// What is wanted.
    pub bound: Bound,
}

const MILLION: usize = 1_000_000;

/// Operation, entries, base, and how many times the base it may take at most.
const RATIOS: &[(Measure, usize, &str, f64)] = &[
    (Measure::Swap, 1_000, FLOOR, 2.5),
    (Measure::Swap, 100_000, FLOOR, 2.0),
    (Measure::Swap, MILLION, FLOOR, 1.6),
    (Measure::Swap, 10 * MILLION, FLOOR, 1.6),
    (Measure::Swap, MILLION, "imbl", 1.0 / 3.0),
    (Measure::Swap, MILLION, "LMDB", 1.0 / 4.0),
    (Measure::Swap, MILLION, "redb", 1.0 / 12.0),
    (Measure::Get, 1_000, FLOOR, 1.3),
    (Measure::Get, 100_000, FLOOR, 1.3),
    (Measure::Get, MILLION, FLOOR, 1.3),
    (Measure::Get, 10 * MILLION, FLOOR, 1.3),
    (Measure::Get, MILLION, "imbl", 1.0),
    (Measure::Get, MILLION, "LMDB", 1.0 / 3.0),
    (Measure::Iterate, MILLION, "imbl", 1.5),
    (Measure::Build, MILLION, "imbl", 1.0),
];

/// Every target that this run can judge, with integer keys.
pub fn judge(report: &Report) -> Vec<Outcome> {
    let keys = <i64 as Key>::NAME;
    let ratios = RATIOS.iter().filter_map(|(measure, n, base, most)| {
        let (ours, theirs) = (report.case(keys, *n, ENGINE)?, report.case(keys, *n, base)?);
        let value = measure.of(ours).ratio(measure.of(theirs))?;
        let what = format!("{} at {}, p50 against {base}", measure.name(), super::count(*n));
        Some(Outcome { what, value, bound: Bound::AtMost((most * 1000.0).round() / 1000.0) })
    });
    let bytes = report.case(keys, MILLION, ENGINE).and_then(|case| case.bytes_per_entry).map(|value| Outcome {
        what: "bytes an entry at 1 million".to_owned(),
        value,
        bound: Bound::AtMost(34.0),
    });
    let found = report.findings.iter().filter(|f| f.engine == ENGINE).filter_map(|f| {
        Some(Outcome { what: format!("{} {}", f.what, f.unit).trim().to_owned(), value: f.value, bound: f.wanted? })
    });
    ratios.chain(bytes).chain(found).collect()
}
