//! Files of published format versions stay readable, and nothing in the layout moves.

use eve_core::value::Value;
use eve_core::{Domain, Error, OpenOptions};
use eve_testkit::golden::{FILES, identical};
use eve_testkit::pack;
use std::path::{Path, PathBuf};

fn golden(name: &str, extension: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../spec/golden/{name}.{extension}"));
    std::fs::read(path).unwrap()
}

fn unpacked(name: &str, folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join(name);
    pack::write_sparse(&path, &pack::unpack(&golden(name, "eve.packed")).unwrap()).unwrap();
    path
}

fn atoms_are_as_in_the_text(domain: &Domain) {
    let Value::Map(expected) = eve::text::edn::read(&golden("v2", "edn")).unwrap() else { panic!("not a map") };
    let atoms = domain.atoms().unwrap();
    assert!(atoms.len() >= 3);
    for (name, atom) in atoms {
        let expected = expected.get(&Value::from(name.as_str())).unwrap().unwrap();
        let found = atom.load().unwrap().value().unwrap();
        assert!(identical(&found, &expected).unwrap(), "{name}: {found} instead of {expected}");
        assert!(identical(&expected, &found).unwrap(), "{name}: {found} instead of {expected}");
    }
}

#[test]
fn golden_files_read_back_equal() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in FILES {
        let path = unpacked(name, &folder);
        let before = std::fs::read(&path).unwrap();
        {
            let domain = OpenOptions::new().read_only().open(&path).unwrap();
            atoms_are_as_in_the_text(&domain);
        }
        assert!(std::fs::read(&path).unwrap() == before, "reading changes nothing");
        let domain = Domain::open(&path).unwrap();
        atoms_are_as_in_the_text(&domain);
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.exact && report.is_ok(), "{report}");
    }
}

#[test]
fn golden_files_can_be_changed() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in FILES {
        let domain = Domain::open(unpacked(name, &folder)).unwrap();
        for (name, atom) in domain.atoms().unwrap() {
            let old = atom.load().unwrap().value().unwrap();
            let new = atom.swap::<Error>(|old| match &old {
                Value::Map(_) => old.assoc("new", 1i64),
                Value::Vector(v) if !v.is_empty() => old.assoc(0i64, "new")?.conj("more"),
                Value::Vector(_) | Value::List(_) | Value::Set(_) => old.conj("new"),
                _ => Ok(Value::from("new")),
            });
            assert!(new.unwrap().value().unwrap() != old, "{name}");
        }
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.exact && report.is_ok(), "{report}");
        for (_, atom) in domain.atoms().unwrap() {
            atom.remove().unwrap();
        }
        domain.reclaim().unwrap();
        let report = domain.verify(|_, _| {}).unwrap();
        assert!(report.is_ok() && report.atoms == 0 && report.limbo == 0, "{report}");
    }
}

/// The words of a published file where `spec/1-layout.md` says they are, by plain numbers.
#[test]
fn nothing_in_the_layout_moved() {
    for (name, mask) in FILES {
        let bytes = pack::unpack(&golden(name, "eve.packed")).unwrap();
        let word = |at: u64| u64::from_le_bytes(bytes[at as usize..][..8].try_into().unwrap());
        assert_eq!(&bytes[..8], b"eve\x1a\r\n\x00\x01");
        let header =
            [(8, 2), (16, 0), (24, 0), (32, 1), (40, 2), (48, 0x6576_6520_676f_6c64), (56, mask), (64, 16 << 20)];
        for (at, expected) in header {
            assert_eq!(word(at), expected, "header word at {at}");
        }
        assert_eq!(word(72), bytes.len() as u64, "the committed length");
        assert!(word(128) > 1, "the commit counter");
        let (names, atoms, processes, slots) = (word(256), word(264), word(272), word(280));
        for (at, what) in [(names, "names"), (atoms, "atoms")] {
            assert_eq!((word(at) >> 19 & 31, word(at + 8)), (16, 16), "a node of the table of {what}");
        }
        for chunk in [processes, slots] {
            assert_eq!((chunk % 16_384, word(chunk)), (0, 5), "a chunk is a page, and says so");
        }
        assert_eq!(word(processes + 128), 1, "the generation of the first process entry");
        assert_eq!((word(slots + 128), word(slots + 128 + 64)), (0, 0), "no owner, and idle");
        // Pages from the heap's start on: each says what it is, and the page map says that it is in use.
        let map = |page: u64| word(4096 + page / 64 * 16) >> (page % 64) & 1;
        let mut page = (4096 + (16u64 << 20) / 16_384 / 64 * 16).div_ceil(16_384);
        let (mut kinds, end) = ([0; 6], word(72) / 16_384);
        while page < end {
            let state = word(page * 16_384);
            if map(page) == 1 {
                kinds[(state & 15) as usize] += 1;
                page += if state & 15 == 4 { state >> 4 } else { 1 };
            } else {
                page += 1;
            }
        }
        assert!(kinds[2] + kinds[3] > 3 && kinds[5] == 2, "{kinds:?}");
        if mask != u64::MAX {
            continue;
        }
        assert!(kinds[4] >= 1, "a block of its own pages");
        // An atom's entry: header, name bytes, hash, root, version, waiters, name.
        let entry = (0..bytes.len() as u64 / 64)
            .map(|i| i * 64)
            .find(|&at| bytes[at as usize + 48..].starts_with(b"golden/vectors\0\0"));
        let entry = entry.expect("the entry of an atom on a cache line of its own");
        assert_eq!((word(entry) >> 19 & 31, word(entry + 8)), (15, 14));
        let root = word(entry + 24);
        assert_eq!((root % 16, word(root) >> 19 & 31, word(root) & 0xFFFF), (0, 7, 1), "the root of a vector");
        assert_eq!((word(root + 8), word(root + 16)), (9, 9), "its count, and as many words");
        assert_eq!(word(root + 24), 0x2a4, "the empty vector is a word");
    }
}
