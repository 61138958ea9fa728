//! Makes the golden files of this format version in `spec/golden`. Those of a version that was published are never made again:
//! their use is that they stay as they are.

use eve_core::layout::header::word;
use eve_core::value::Value;
use eve_core::{Error, OpenOptions};
use eve_testkit::golden::{FILES, GROWN, HASHED, RESERVE, SEED, atoms};
use eve_testkit::pack;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/golden");
    let temporary = tempfile::tempdir()?;
    for (name, mask) in FILES {
        let path = temporary.path().join(name);
        let domain = OpenOptions::new().reserve(RESERVE).hashing(SEED, mask).open(&path)?;
        for (name, value) in atoms()? {
            // Where keys collide there is nothing to be seen of values without keys.
            if mask != u64::MAX && !HASHED.contains(&name) {
                continue;
            }
            domain.atom(name, || Ok(value.clone()))?;
            if let (true, Value::Vector(pieces)) = (GROWN.contains(&name), &value) {
                let grown = domain.atom(&format!("{name}, grown"), || Ok(Value::empty_vector()))?;
                for piece in pieces.iter() {
                    let piece = piece?;
                    grown.update::<Error>(|old| old.conj(piece.clone()))?;
                }
            }
        }
        let text: Vec<(Value, Value)> = domain
            .atoms()?
            .into_iter()
            .map(|(name, atom)| Ok((name.into(), atom.load()?.value()?)))
            .collect::<Result<_, Error>>()?;
        let mut edn = String::from("{\n");
        for (name, value) in &text {
            edn += &format!("{}\n{}\n\n", eve::text::edn::to_string(name)?, eve::text::edn::to_string_pretty(value)?);
        }
        edn += "}\n";
        drop(text);
        domain.reclaim()?;
        drop(domain);
        let mut bytes = std::fs::read(&path)?;
        // What is by chance, or of this machine, is made the same every time.
        for (index, value) in [
            (word::UUID, 1),
            (word::UUID + 1, 2),
            (word::BOOT, 0),
            (word::BOOT + 1, 0),
            (word::DEVICE, 0),
            (word::INODE, 0),
        ] {
            bytes[index as usize * 8..][..8].copy_from_slice(&u64::to_le_bytes(value));
        }
        let packed = pack::pack(&bytes);
        println!("{name}: {} bytes, packed {}, EDN {}", bytes.len(), packed.len(), edn.len());
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("{name}.eve.packed")), packed)?;
        if mask == u64::MAX {
            std::fs::write(folder.join(format!("{name}.edn")), edn)?;
        }
    }
    Ok(())
}
