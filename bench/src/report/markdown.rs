//! The report as Markdown tables.

use std::fmt::Write;

use super::{Measure, Report, count, figure, targets};
use crate::stats::Rounds;

/// The whole report; `plot` is the file of the plot beside it, empty for none.
pub fn text(report: &Report, plot: &str) -> String {
    let mut out = String::new();
    // writing to a string cannot fail
    let _ = head(&mut out, report, plot);
    let _ = judged(&mut out, report);
    for keys in report.kinds() {
        let _ = times(&mut out, report, keys);
        let _ = ratios(&mut out, report, keys);
    }
    let _ = scenarios(&mut out, report);
    out
}

fn head(out: &mut String, report: &Report, plot: &str) -> std::fmt::Result {
    let (machine, settings, timer) = (&report.machine, &report.settings, &report.timer);
    writeln!(out, "# Benchmark of {}, commit {}\n", report.date, report.commit)?;
    writeln!(
        out,
        "{}, {} cores, {} GiB of memory, {}; files on {}.\n",
        machine.cpu, machine.cores, machine.memory_gib, machine.kernel, machine.file_system
    )?;
    writeln!(
        out,
        "Every operation is timed alone ({}; an empty bracket takes {:.1} ns, which is taken off; \
         the counter moves in steps of {:.1} ns, over which equal samples are spread), in batches of at most \
         {} operations or {} ms, after up to {} untimed ones. All subjects are alive at once and take turns in {} rounds; a \
         figure is the median over the rounds of that round's quantile, a ratio the median of the rounds' own ratios.\n",
        timer.source,
        timer.overhead_ns,
        timer.step_ns,
        settings.batch,
        settings.budget_ms,
        settings.warm,
        settings.rounds
    )?;
    writeln!(
        out,
        "The floor is a plain CHAMP path copy over a mapped file: no reclamation, no pins, no checks; it always writes \
         fresh memory, populated a MiB at a time inside the timing, and \
         is built anew before every round, because it would age. imbl: heap memory, default hasher. LMDB: NOSYNC and \
         WRITEMAP, one put a transaction. redb: `Durability::None`, one insert a transaction. Gets and walks read one \
         snapshot (one read transaction). A build includes creating the file. Bytes an entry: the floor what it gave out, \
         imbl what the allocator gave out, LMDB its file on disk, redb its allocated pages.\n"
    )?;
    if !plot.is_empty() {
        writeln!(out, "![p50 by size]({plot})\n")?;
    }
    Ok(())
}

fn judged(out: &mut String, report: &Report) -> std::fmt::Result {
    let outcomes = targets::judge(report);
    if outcomes.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Targets\n\n| what | figure | wanted | |\n| --- | ---: | --- | --- |")?;
    for outcome in outcomes {
        let verdict = if outcome.bound.holds(outcome.value) { "kept" } else { "**missed**" };
        writeln!(out, "| {} | {} | {} | {verdict} |", outcome.what, figure(outcome.value), outcome.bound)?;
    }
    writeln!(out)
}

fn quantiles(rounds: &Rounds) -> String {
    rounds.typical().map_or("–".to_owned(), |q| format!("{} / {} / {}", figure(q.p50), figure(q.p95), figure(q.p99)))
}

fn spread(rounds: &Rounds) -> String {
    rounds.spread().map_or("–".to_owned(), |(low, high)| format!("{}–{}", figure(low), figure(high)))
}

fn p50(rounds: &Rounds) -> String {
    rounds.typical().map_or("–".to_owned(), |q| figure(q.p50))
}

fn times(out: &mut String, report: &Report, keys: &str) -> std::fmt::Result {
    writeln!(out, "## {keys}: nanoseconds\n")?;
    writeln!(
        out,
        "| entries | subject | swap p50 / p95 / p99 | swap p50, lowest to highest round | get p50 / p95 / p99 | iterate, an entry | build, an entry | bytes an entry |"
    )?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for case in report.cases.iter().filter(|c| c.keys == keys) {
        let bytes = case.bytes_per_entry.map_or("–".to_owned(), figure);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {bytes} |",
            count(case.n),
            case.subject,
            quantiles(&case.swap),
            spread(&case.swap),
            quantiles(&case.get),
            p50(&case.iterate),
            p50(&case.build),
        )?;
    }
    writeln!(out)
}

fn ratios(out: &mut String, report: &Report, keys: &str) -> std::fmt::Result {
    let bases = report.subjects();
    writeln!(out, "## {keys}: ratios\n\nHow many times the p50 of the column's subject the row's subject takes.\n")?;
    writeln!(out, "| operation | entries | subject | {} |", bases.join(" | "))?;
    writeln!(out, "| --- | --- | --- |{}", " ---: |".repeat(bases.len()))?;
    for measure in Measure::ALL {
        for n in report.sizes(keys) {
            for case in bases.iter().filter_map(|subject| report.case(keys, n, subject)) {
                write!(out, "| {} | {} | {} |", measure.name(), count(n), case.subject)?;
                for base in &bases {
                    let base = report.case(keys, n, base).and_then(|base| measure.of(case).ratio(measure.of(base)));
                    write!(out, " {} |", base.map_or("–".to_owned(), figure))?;
                }
                writeln!(out)?;
            }
        }
    }
    writeln!(out)
}

fn scenarios(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.findings.is_empty() {
        return Ok(());
    }
    let settings = &report.scenario_settings;
    writeln!(out, "## Scenarios\n")?;
    writeln!(
        out,
        "Medians of {} rounds; worker processes run {} ms at a time, all started together. Rates are compared within a \
         round.\n",
        settings.rounds, settings.run_ms
    )?;
    writeln!(out, "| engine | what | figure | wanted of the engine |\n| --- | --- | ---: | --- |")?;
    for f in &report.findings {
        let wanted = f.wanted.map_or(String::new(), |bound| bound.to_string());
        writeln!(out, "| {} | {} | {} {} | {wanted} |", f.engine, f.what, figure(f.value), f.unit)?;
    }
    writeln!(out)
}
