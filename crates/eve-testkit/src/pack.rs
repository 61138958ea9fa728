//! Images of domains, packed so that a repository can hold them. A domain is mostly zeros, small steps from word to word, and
//! repetitions: packed are the differences between neighbouring words, and how often each comes in a row.
//!
//! ```text
//! [words] ([difference, zigzag] [how often])…      all as LEB128
//! ```

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that are left out of a file that is written if they are all zero.
const HOLE: usize = 4096;

fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 128 {
        out.push(n as u8 | 128);
        n >>= 7;
    }
    out.push(n as u8);
}

fn take(from: &mut &[u8]) -> Option<u64> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first()?;
        *from = rest;
        n |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(n);
        }
    }
    None
}

/// Packs bytes, a multiple of 8 of them: what is behind the last whole word is left out.
pub fn pack(bytes: &[u8]) -> Vec<u8> {
    let words: Vec<u64> = bytes.as_chunks::<8>().0.iter().map(|b| u64::from_le_bytes(*b)).collect();
    let (mut out, mut before, mut at) = (Vec::new(), 0u64, 0);
    put(&mut out, words.len() as u64);
    while at < words.len() {
        let step = words[at].wrapping_sub(before);
        let begin = at;
        while at < words.len() && words[at].wrapping_sub(before) == step {
            before = words[at];
            at += 1;
        }
        let step = step as i64;
        put(&mut out, (step << 1 ^ step >> 63) as u64);
        put(&mut out, (at - begin) as u64);
    }
    out
}

/// The bytes again; `None` if this is nothing that was packed.
pub fn unpack(mut packed: &[u8]) -> Option<Vec<u8>> {
    let words = take(&mut packed)?;
    let mut bytes = Vec::new();
    let mut before = 0u64;
    while (bytes.len() as u64) < words.checked_mul(8)? {
        let (zigzag, times) = (take(&mut packed)?, take(&mut packed)?);
        let step = zigzag >> 1 ^ (zigzag & 1).wrapping_neg();
        if times > words - bytes.len() as u64 / 8 {
            return None;
        }
        for _ in 0..times {
            before = before.wrapping_add(step);
            bytes.extend_from_slice(&before.to_le_bytes());
        }
    }
    Some(bytes)
}

/// Writes a file of these bytes whose zeros take no disk.
pub fn write_sparse(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let file = File::create(path)?;
    file.set_len(bytes.len() as u64)?;
    for (i, piece) in bytes.chunks(HOLE).enumerate() {
        if piece.iter().any(|&b| b != 0) {
            file.write_all_at(piece, (i * HOLE) as u64)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let words = [0, 0, 0, u64::MAX, 1, 3, 5, 7, i64::MAX as u64, 1 << 63, 0, 0];
        let bytes: Vec<u8> = words.iter().flat_map(|w: &u64| w.to_le_bytes()).collect();
        assert_eq!(unpack(&pack(&bytes)).unwrap(), bytes);
        assert_eq!(unpack(&pack(&[])).unwrap(), b"");
        assert!(unpack(&[5, 0, 9]).is_none() && unpack(&[5]).is_none());
    }
}
