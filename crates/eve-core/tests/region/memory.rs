//! Regions without a file.

use crate::support::*;
use eve_core::layout::Off;
use eve_core::region::{Alone, AnonRegion, HostRegion, Region};
use eve_core::{Error, Result};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[test]
fn anonymous_memory_grows_and_comes_back_zeroed() {
    let region = AnonRegion::new(1 << 40).unwrap();
    region.grow(0, 1 << 30).unwrap();
    assert!(matches!(region.grow(0, (1 << 40) + 1), Err(Error::Full { .. })));
    put(&region, Off(1 << 20), 7);
    put(&region, Off((1 << 20) - 8), 8);
    region.punch(1 << 20, 2 << 20).unwrap();
    assert_eq!((get(&region, Off(1 << 20)), get(&region, Off((1 << 20) - 8))), (0, 8));
    assert!(region.lock(3).unwrap() && !region.is_locked(3).unwrap() && !region.forked() && region.writable());
    assert_eq!((region.identity(), region.path().as_os_str().len()), ((0, 0), 0));
    assert!(AnonRegion::new(1).is_err());
}

#[test]
fn populating_changes_no_byte_and_is_no_matter_of_success() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.eve");
    let file = create(&path);
    let anonymous = AnonRegion::new(RESERVE).unwrap();
    for region in [&file as &dyn Region, &anonymous] {
        let at = 8 << 20;
        region.grow(at, at + (1 << 20)).unwrap();
        put(region, Off(at + 8), 7);
        // All of it; no page's beginning; nothing; behind the end; behind the reserve.
        for (from, to) in
            [(at, at + (1 << 20)), (at + 100, at + 9000), (at, at), (at, at + (4 << 20)), (RESERVE, 2 * RESERVE)]
        {
            region.populate(from, to);
        }
        region.populate(at + (2 << 20), at + (3 << 20));
        assert_eq!([at, at + 8, at + (1 << 20) - 8].map(|at| get(region, Off(at))), [0, 7, 0]);
    }
    assert_eq!(std::fs::metadata(&path).unwrap().len(), 9 << 20, "it makes nothing exist");
}

#[test]
fn waiting_thread_is_woken() {
    let region = AnonRegion::new(1 << 20).unwrap();
    let start = Instant::now();
    region.wait(Off(64), 1, None);
    region.wait(Off(64), 0, Some(Duration::from_millis(20)));
    assert!(start.elapsed() >= Duration::from_millis(20));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while get(&region, Off(64)) == 0 {
                region.wait(Off(64), 0, Some(Duration::from_secs(20)));
            }
        });
        std::thread::sleep(Duration::from_millis(20));
        put(&region, Off(64), 1);
        region.wake(Off(64), u32::MAX);
    });
    assert!(start.elapsed() < Duration::from_secs(10));
}

struct Noted(Arc<Mutex<Vec<(u64, u64)>>>);

impl eve_core::region::HostCalls for Noted {
    fn grow(&self, from: u64, to: u64) -> Result<()> {
        self.0.lock().unwrap().push((from, to));
        Ok(())
    }
}

#[test]
fn host_memory_asks_the_host_only_inside_its_length() {
    let layout = Layout::from_size_align(1 << 16, 4096).unwrap();
    // SAFETY: the layout is not empty.
    let base = unsafe { alloc_zeroed(layout) };
    let calls = Arc::new(Mutex::new(Vec::new()));
    // SAFETY: aligned, zeroed, ours, and given back after the region.
    let region = unsafe { HostRegion::new(base, 1 << 16, Box::new(Noted(calls.clone()))) };
    region.grow(0, 4096).unwrap();
    region.grow(4096, 4096).unwrap();
    assert!(matches!(region.grow(4096, (1 << 16) + 1), Err(Error::Full { .. })));
    assert_eq!(*calls.lock().unwrap(), [(0, 4096)]);
    assert!(region.lock(1).unwrap() && !region.is_locked(1).unwrap());
    drop(region);
    // SAFETY: as above.
    let alone = unsafe { HostRegion::new(base, 1 << 16, Box::new(Alone)) };
    put(&alone, Off(8), 5);
    alone.wait(Off(8), 5, None);
    alone.wake(Off(8), u32::MAX);
    assert_eq!(get(&alone, Off(8)), 5);
    drop(alone);
    // SAFETY: made above with this layout; no region is left.
    unsafe { dealloc(base, layout) };
}
