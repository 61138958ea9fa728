//! Named places at which a test makes a process die: with the feature `crash-points`, a process whose environment has `EVE_CRASH=NAME:N` ends the
//! `N`-th time it comes by the place of that name, at once and without cleaning up. In the models a thread can be told to die there. Without
//! either there is nothing.

/// Dies here, if a test says so.
macro_rules! crash_point {
    ($name:literal) => {
        #[cfg(feature = "crash-points")]
        $crate::crash::point($name);
        #[cfg(shuttle)]
        $crate::models::steps::crash_point($name);
    };
}

/// All places, by name; each must be passed by some test.
#[cfg(any(feature = "crash-points", test))]
pub const POINTS: &[&str] = &[
    "open: entry locked",
    "open: slot claimed",
    "grow: bytes exist",
    "pages: taken",
    "pages: have a state",
    "pages: about to be given back",
    "pages: some raw",
    "pages: raw",
    "chunk: not linked",
    "allocate: page not owned",
    "allocate: page given up",
    "allocate: bits set",
    "allocate: taken",
    "flush: forgotten",
    "flush: some given back",
    "build: block not in the journal",
    "build: block has a header",
    "build: finished",
    "journal: link not linked",
    "journal: link not counted",
    "journal: forgotten",
    "count: not in the journal",
    "count: in the journal",
    "commit: announced",
    "commit: pinned",
    "commit: exchanged",
    "commit: published",
    "commit: finished",
    "drop: cursor moved",
    "drop: last edge taken back",
    "retire: in a bag",
    "retire: bag full",
    "undo: entry erased",
    "undo: half done",
    "move: taken over",
    "move: bag on its way",
    "queue: taken over",
    "queue: bag taken",
    "wait: bag on its way",
    "keep: between two bags",
    "work: entry erased",
    "work: entry to be kept",
    "walk: begun",
    "walk: cursor moved",
    "walk: edge taken back",
    "walk: done",
    "free: block not at hand",
    "name: not inserted",
    "leave: bag on its way",
    "recover: slot claimed",
    "recover: transaction settled",
    "recover: unpinned",
    "recover: limbo handed over",
    "recover: magazines emptied",
    "gc: begun",
    "gc: marked",
    "gc: block taken",
    "gc: counts set",
    "gc: page given back",
];

/// Ends the process, if this is the place and the time.
#[cfg(feature = "crash-points")]
pub fn point(name: &'static str) {
    use crate::sync::bookkeeping::{AtomicU64, Ordering::Relaxed};
    use std::sync::OnceLock;
    static WHERE: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSED: AtomicU64 = AtomicU64::new(0);
    let told = WHERE.get_or_init(|| {
        let told = std::env::var("EVE_CRASH").ok()?;
        let (name, n) = told.rsplit_once(':')?;
        assert!(POINTS.contains(&name), "there is no crash point {name:?}");
        Some((name.to_owned(), n.parse().ok()?))
    });
    if let Some((at, n)) = told
        && at == name
        && PASSED.fetch_add(1, Relaxed) + 1 == *n
    {
        std::process::abort();
    }
}

#[cfg(test)]
mod tests {
    use super::POINTS;
    use std::path::Path;

    fn places(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                places(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let calls = text.split("crash_point!(\"").skip(1);
                found.extend(calls.filter_map(|call| Some(call.split_once("\");")?.0.to_owned())));
            }
        }
    }

    /// A place that is not listed is tried by no test.
    #[test]
    fn each_named_place_is_listed() {
        let mut found = Vec::new();
        places(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        // This file's own line is no place.
        found.retain(|place| !place.contains('\n'));
        found.sort_unstable();
        found.dedup();
        let mut listed = POINTS.to_vec();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
