#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| eve_testkit::fuzz::open_damaged(bytes));
