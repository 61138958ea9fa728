//! What is looked at before bytes are mapped or grown: a header that is ours, sizes that make sense, a file system that can
//! be trusted. No operating system is called here.

use crate::error::{Error, Result};
use crate::layout::header::{INCOMPATIBLE, MAGIC, heap_start, word};
use crate::layout::{FORMAT_VERSION, PAGE};
use std::io;
use std::path::Path;

/// The largest reserve: more than any machine lets one process map.
pub const MAX_RESERVE: u64 = 1 << 47;

/// Bytes of the header that are looked at before mapping: up to and with the committed length.
pub(super) const PEEK: usize = (word::COMMITTED as usize + 1) * 8;

/// What a header that is ours says about sizes, in bytes.
#[derive(Debug, PartialEq)]
pub(super) struct Sizes {
    pub(super) reserve: u64,
    pub(super) committed: u64,
}

fn reserve_is_sane(reserve: u64) -> bool {
    reserve.is_multiple_of(PAGE) && reserve <= MAX_RESERVE && heap_start(reserve) + PAGE <= reserve
}

/// Can a domain be made with this reserve?
pub(super) fn reserve(reserve: u64) -> Result<()> {
    if reserve_is_sane(reserve) {
        return Ok(());
    }
    Err(Error::value(format!(
        "a reserve of {reserve} bytes; give a multiple of {PAGE} from {} up to {MAX_RESERVE}",
        2 * PAGE
    )))
}

/// Do the bytes `from..to` lie inside the reserve?
pub(super) fn inside(from: u64, to: u64, reserve: u64) -> Result<()> {
    if to <= reserve {
        return Ok(());
    }
    Err(Error::Full { committed: from, reason: used_up(reserve) })
}

/// Why a domain cannot grow, and what to do. The command is the way for files, whatever language they are used from.
pub(crate) fn used_up(reserve: u64) -> String {
    format!(
        "the reserve of {reserve} bytes is used up, and it never changes; make the domain anew with a larger one \
         (a file: eve dump FILE | eve load NEW --all --reserve SIZE)"
    )
}

/// The address space cannot be had.
pub(super) fn no_space(path: &Path, reserve: u64, source: io::Error) -> Error {
    let reason = format!(
        "{reserve} bytes of address space cannot be had ({source}); raise the limit (ulimit -v), or make the domain with a smaller reserve (eve set and eve load: --reserve SIZE)"
    );
    Error::Io { action: "map", path: path.into(), source: io::Error::new(source.kind(), reason) }
}

/// Checks the first bytes of a file (all of them, if it has fewer than [`PEEK`]).
pub(super) fn header(path: &Path, bytes: &[u8]) -> Result<Sizes> {
    let refuse = |reason: String| Err(Error::NotADomain { path: path.into(), reason });
    if bytes.is_empty() {
        return refuse("the file is empty, not a domain; remove it to have a domain created in its place".into());
    }
    let get = |index: u64| {
        let bytes = bytes.get(index as usize * 8..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    };
    match get(word::MAGIC) {
        Some(MAGIC) => {}
        _ if bytes.starts_with(b"eve") => {
            return refuse("starts like a domain, but its first bytes were changed, as by a copy in text mode; copy it again in binary".into());
        }
        _ => return refuse("not a domain of eve; check the path".into()),
    }
    let (Some(version), Some(features), Some(reserve), Some(committed)) =
        (get(word::VERSION), get(word::INCOMPATIBLE), get(word::RESERVE), get(word::COMMITTED))
    else {
        return refuse(format!("cut off after {} bytes, inside its header; restore a copy", bytes.len()));
    };
    if version != FORMAT_VERSION as u64 {
        return refuse(format!(
            "written in format version {version}, and this eve knows version {FORMAT_VERSION} only; use an eve of the other version to dump it, then load the dump"
        ));
    }
    if features & !INCOMPATIBLE != 0 {
        return refuse(format!(
            "uses features that this eve does not know (bits {:#x}); open it with a newer eve",
            features & !INCOMPATIBLE
        ));
    }
    if !reserve_is_sane(reserve) {
        return refuse(format!("damaged: its header names a reserve of {reserve} bytes; restore a copy"));
    }
    if !(heap_start(reserve)..=reserve).contains(&committed) {
        return refuse(format!(
            "damaged: its header says that {committed} bytes are in use, of a reserve of {reserve}; restore a copy"
        ));
    }
    Ok(Sizes { reserve, committed })
}

/// Is the file as long as its header says?
pub(super) fn length(path: &Path, sizes: &Sizes, length: u64) -> Result<()> {
    if length >= sizes.committed {
        return Ok(());
    }
    let reason = format!("cut off: {length} bytes of {}; restore a copy", sizes.committed);
    Err(Error::NotADomain { path: path.into(), reason })
}

/// Network and pass-through file systems, by magic number: their mappings, locks or both are not shared by all who have the
/// file open.
const REFUSED: &[(u32, &str)] = &[
    (0x6969, "NFS"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE or virtiofs"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x00c3_6400, "Ceph"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    (0x4750_4653, "GPFS"),
    (0x0bd0_0bd0, "Lustre"),
    (0x7461_636f, "OCFS2"),
    (0x0116_1970, "GFS2"),
    (0x2003_0528, "OrangeFS"),
    (0x1983_0326, "BeeGFS"),
    (0xaad7_aaea, "PanFS"),
    (0x786f_4256, "VirtualBox shared folders"),
    (0xbacb_acbc, "VMware shared folders"),
    (0x7c7c_6673, "Parallels shared folders"),
    (0x00c0_ffee, "hostfs"),
];

/// Refuses file systems on which processes do not share what they map.
pub(super) fn file_system(path: &Path, magic: u32) -> Result<()> {
    let Some((_, name)) = REFUSED.iter().find(|(refused, _)| *refused == magic) else { return Ok(()) };
    let reason = format!(
        "on {name}, a network or pass-through file system, where processes do not reliably share memory and locks; put it on a local disk or on /dev/shm"
    );
    Err(Error::NotADomain { path: path.into(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn good() -> [u8; PEEK] {
        let mut bytes = [0; PEEK];
        for (index, value) in [
            (word::MAGIC, MAGIC),
            (word::VERSION, FORMAT_VERSION as u64),
            (word::RESERVE, 1 << 40),
            (word::COMMITTED, heap_start(1 << 40) + PAGE),
        ] {
            bytes[index as usize * 8..][..8].copy_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_good_header_is_taken() {
        let sizes = header(Path::new("x"), &good()).unwrap();
        assert_eq!(sizes, Sizes { reserve: 1 << 40, committed: heap_start(1 << 40) + PAGE });
        assert!(length(Path::new("x"), &sizes, sizes.committed).is_ok());
        assert!(length(Path::new("x"), &sizes, sizes.committed - 1).is_err());
    }

    #[test]
    fn network_file_systems_are_refused_and_local_ones_are_not() {
        for (magic, name) in REFUSED {
            let error = file_system(Path::new("x"), *magic).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("local disk"), "{error}");
        }
        for local in [
            0xef53,      /* ext4 */
            0x5846_5342, /* xfs */
            0x9123_683e, /* btrfs */
            0x0102_1994, /* tmpfs */
            0x2fc1_2fc1, /* zfs */
        ] {
            assert!(file_system(Path::new("x"), local).is_ok());
        }
    }

    #[test]
    fn reserves_that_make_no_sense_are_refused() {
        for bad in [0, 1, PAGE - 1, PAGE, PAGE + 1, (1 << 40) + 4096, MAX_RESERVE + PAGE, u64::MAX] {
            assert!(reserve(bad).is_err(), "{bad}");
        }
        for good in [2 * PAGE, 1 << 20, 1 << 40, MAX_RESERVE] {
            assert!(reserve(good).is_ok(), "{good}");
        }
    }

    proptest! {
        #[test]
        fn hostile_headers_are_errors_not_panics(
            flips in proptest::collection::vec((0..PEEK, any::<u8>()), 0..8),
            len in 0..=PEEK,
        ) {
            let mut bytes = good();
            for (at, value) in flips {
                bytes[at] = value;
            }
            if let Ok(sizes) = header(Path::new("x"), &bytes[..len]) {
                prop_assert!(reserve_is_sane(sizes.reserve) && sizes.committed <= sizes.reserve);
            }
        }
    }
}
