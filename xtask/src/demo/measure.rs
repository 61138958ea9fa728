//! What a process says about itself: a line of JSON each second, and one at its end.

use serde::Deserialize;

/// One such line.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
pub struct Measure {
    /// Operations that returned.
    pub operations: u64,
    /// Operations a second.
    pub per_second: f64,
    /// Half of them took at most so many nanoseconds.
    pub p50_ns: f64,
    /// 95 of 100 did.
    pub p95_ns: f64,
    /// 99 of 100 did.
    pub p99_ns: f64,
    /// How often another process was first; readers have none.
    pub conflicts: Option<u64>,
}

impl Measure {
    /// Reads a line; `None` if it is none of these.
    pub fn read(line: &str) -> Option<Measure> {
        line.trim_start().starts_with('{').then(|| serde_json::from_str(line).ok()).flatten()
    }
}

/// A time for people.
pub fn time(ns: f64) -> String {
    match ns {
        _ if ns < 1e3 => format!("{ns:.0} ns"),
        _ if ns < 1e6 => format!("{:.2} µs", ns / 1e3),
        _ => format!("{:.2} ms", ns / 1e6),
    }
}

/// A count for people: `1 234 567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn lines_are_read_and_others_passed_over() {
        let line = r#"{"op":"get-in [:a]","operations":7,"seconds":1.0,"per_second":7.0,"p50_ns":120,"p95_ns":200,"p99_ns":900}"#;
        let read = Measure::read(line).unwrap();
        assert_eq!((read.operations, read.p50_ns, read.conflicts), (7, 120.0, None));
        assert_eq!(Measure::read("warning: something"), None);
        assert_eq!(Measure::read("{\"operations\":"), None);
    }

    #[test]
    fn numbers_are_for_people() {
        assert_eq!((count(0), count(999), count(1_234_567)), ("0".into(), "999".into(), "1 234 567".into()));
        assert_eq!((time(87.0), time(1500.0), time(2.5e6)), ("87 ns".into(), "1.50 µs".into(), "2.50 ms".into()));
    }
}
