//! The plot: one row a kind of key, one panel an operation, p50 over entries, both logarithmic. Plain SVG.

use std::fmt::Write;

use super::{Measure, Report, figure};
use crate::harness::Case;

const PANEL: (f64, f64) = (260.0, 210.0);
const GAP: (f64, f64) = (62.0, 74.0);
const TOP: f64 = 84.0;
const LEFT: f64 = 58.0;
/// Told apart also by those who see few colours, and in print by the marks.
const COLORS: [&str; 6] = ["#1b1b1b", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"];

/// What a panel shows of a case.
type Pick = fn(&Case) -> Option<f64>;

const PANELS: [(&str, Pick); 5] = [
    ("swap, p50 ns", |c| p50(Measure::Swap, c)),
    ("get, p50 ns", |c| p50(Measure::Get, c)),
    ("iterate, ns an entry", |c| p50(Measure::Iterate, c)),
    ("build, ns an entry", |c| p50(Measure::Build, c)),
    ("bytes an entry", |c| c.bytes_per_entry),
];

fn p50(measure: Measure, case: &Case) -> Option<f64> {
    measure.of(case).typical().map(|q| q.p50)
}

/// The whole picture.
pub fn svg(report: &Report) -> String {
    let kinds = report.kinds();
    let width = LEFT + PANELS.len() as f64 * (PANEL.0 + GAP.0);
    let height = TOP + kinds.len().max(1) as f64 * (PANEL.1 + GAP.1) + 14.0;
    let mut out = String::new();
    // writing to a string cannot fail
    let _ = frame(&mut out, report, width, height);
    for (row, keys) in kinds.iter().enumerate() {
        let y = TOP + row as f64 * (PANEL.1 + GAP.1) + 26.0;
        let _ = writeln!(out, r#"<text x="{LEFT}" y="{}" font-weight="bold">{keys}</text>"#, y - 24.0);
        for (column, (title, pick)) in PANELS.iter().enumerate() {
            let x = LEFT + column as f64 * (PANEL.0 + GAP.0);
            let _ = panel(&mut out, report, keys, title, *pick, (x, y));
        }
    }
    out.push_str("</svg>\n");
    out
}

fn frame(out: &mut String, report: &Report, width: f64, height: f64) -> std::fmt::Result {
    let machine = &report.machine;
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="13">"#
    )?;
    writeln!(out, r##"<rect width="100%" height="100%" fill="#ffffff"/>"##)?;
    let title = format!(
        "eve-bench, {}, commit {}: {}, {} cores, {}, files on {}",
        report.date, report.commit, machine.cpu, machine.cores, machine.kernel, machine.file_system
    );
    writeln!(out, r#"<text x="{LEFT}" y="24" font-size="15">{}</text>"#, escape(&title))?;
    for (i, subject) in report.subjects().iter().enumerate() {
        let x = LEFT + i as f64 * 110.0;
        writeln!(out, r#"<line x1="{x}" y1="44" x2="{}" y2="44" stroke="{}" stroke-width="2"/>"#, x + 30.0, color(i))?;
        mark(out, i, x + 15.0, 44.0)?;
        writeln!(out, r#"<text x="{}" y="48">{}</text>"#, x + 38.0, escape(subject))?;
    }
    Ok(())
}

fn panel(out: &mut String, report: &Report, keys: &str, title: &str, pick: Pick, at: (f64, f64)) -> std::fmt::Result {
    let lines: Vec<Vec<(f64, f64)>> = report
        .subjects()
        .iter()
        .map(|subject| {
            let points = report
                .sizes(keys)
                .into_iter()
                .filter_map(|n| Some((n as f64, pick(report.case(keys, n, subject)?).filter(|v| *v > 0.0)?)));
            points.collect()
        })
        .collect();
    let values = || lines.iter().flatten().map(|p| p.1);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    writeln!(out, r#"<text x="{}" y="{}">{title}</text>"#, at.0, at.1 - 6.0)?;
    writeln!(
        out,
        r##"<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#888888"/>"##,
        at.0, at.1, PANEL.0, PANEL.1
    )?;
    if high == 0.0 {
        return Ok(());
    }
    let sizes = report.sizes(keys);
    let (first, last) = (sizes.first().map_or(1, |n| *n) as f64, sizes.last().map_or(1, |n| *n) as f64);
    let across = Scale::new(first / 1.6, last * 1.6, at.0, at.0 + PANEL.0);
    let up = Scale::new(low / 1.3, high * 1.3, at.1 + PANEL.1, at.1);
    for tick in ticks(low / 1.3, high * 1.3) {
        let y = up.of(tick);
        writeln!(out, r##"<line x1="{}" y1="{y:.1}" x2="{}" y2="{y:.1}" stroke="#e2e2e2"/>"##, at.0, at.0 + PANEL.0)?;
        let label = if tick >= 1000.0 { format!("{}k", tick / 1000.0) } else { tick.to_string() };
        writeln!(
            out,
            r#"<text x="{}" y="{:.1}" text-anchor="end" font-size="11">{label}</text>"#,
            at.0 - 5.0,
            y + 4.0
        )?;
    }
    for n in sizes {
        let label = if n >= 1_000_000 { format!("{}M", n / 1_000_000) } else { format!("{}k", n as f64 / 1000.0) };
        let (x, y) = (across.of(n as f64), at.1 + PANEL.1);
        writeln!(out, r#"<text x="{x:.1}" y="{}" text-anchor="middle" font-size="11">{label}</text>"#, y + 15.0)?;
    }
    for (i, line) in lines.iter().enumerate() {
        let spots: Vec<(f64, f64)> = line.iter().map(|(n, v)| (across.of(*n), up.of(*v))).collect();
        let path: Vec<String> = spots.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        writeln!(out, r#"<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>"#, path.join(" "), color(i))?;
        for ((x, y), (n, value)) in spots.iter().zip(line) {
            write!(out, "<g><title>{} entries: {}</title>", n, figure(*value))?;
            mark(out, i, *x, *y)?;
            writeln!(out, "</g>")?;
        }
    }
    Ok(())
}

fn color(i: usize) -> &'static str {
    COLORS[i % COLORS.len()]
}

fn mark(out: &mut String, i: usize, x: f64, y: f64) -> std::fmt::Result {
    let fill = color(i);
    match i % 3 {
        0 => write!(out, r#"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="{fill}"/>"#),
        1 => write!(out, r#"<rect x="{:.1}" y="{:.1}" width="8" height="8" fill="{fill}"/>"#, x - 4.0, y - 4.0),
        _ => write!(out, r#"<path d="M{x:.1} {:.1}l5 9h-10z" fill="{fill}"/>"#, y - 5.0),
    }
}

/// A logarithmic axis.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    fn new(low: f64, high: f64, from: f64, to: f64) -> Scale {
        Scale { low: low.ln(), high: high.ln(), from, to }
    }
    fn of(&self, value: f64) -> f64 {
        self.from + (value.ln() - self.low) / (self.high - self.low) * (self.to - self.from)
    }
}

/// 1, 2, 5, 10 … between the two; without the 2s and 5s where that would be a crowd.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let all = |steps: &[f64]| -> Vec<f64> {
        let scaled = (-3..10)
            .flat_map(|e| steps.iter().map(move |s| if e < 0 { s / 10f64.powi(-e) } else { s * 10f64.powi(e) }));
        scaled.filter(|v| (low..=high).contains(v)).collect()
    };
    let fine = all(&[1.0, 2.0, 5.0]);
    if fine.len() <= 9 { fine } else { all(&[1.0]) }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.9, 12.0), [1.0, 2.0, 5.0, 10.0]);
        assert_eq!(ticks(0.015, 0.3), [0.02, 0.05, 0.1, 0.2]);
        assert_eq!(ticks(1.0, 1e6).len(), 7);
    }

    #[test]
    fn an_axis_is_logarithmic() {
        let axis = Scale::new(1.0, 100.0, 0.0, 10.0);
        assert!((axis.of(10.0) - 5.0).abs() < 1e-9);
    }
}
