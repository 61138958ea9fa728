//! Opening and closing domains, and what they can tell.

use crate::encode;
use crate::state::{self, State};
use eve_core::Result;

/// 1 if the two numbers behind it are the bytes of address space to reserve; the path as a patch, empty for memory. → the number of the domain, and
/// a number that is the same for all who opened it in this process.
pub fn open(state: &mut State) -> Result<()> {
    let (path, _) = state.patch(state.frame.input())?;
    let reserve = (state.frame.arg(0) != 0).then(|| state.frame.long(1));
    let shared = state::open(path.as_str().unwrap_or("\u{FFFD}"), reserve)?;
    let number = shared.number;
    let index = state.domains.add(shared);
    state.frame.set_arg(0, index as i32);
    state.frame.set_arg(1, number as i32);
    Ok(())
}

/// Domain: this thread lets it go with its atoms. Snapshots stay good. Watches were ended before.
pub fn close(state: &mut State) -> Result<()> {
    let number = state.frame.index(0);
    let gone: Vec<usize> = state.atoms.iter().filter(|(_, held)| held.of == number).map(|(i, _)| i).collect();
    for atom in gone {
        state.atoms.take(atom);
    }
    state.domains.take(number);
    Ok(())
}

/// Domain. → how many atoms, and their names.
pub fn atoms(state: &mut State) -> Result<()> {
    let names = state.domain(state.frame.index(0))?.domain.atoms()?;
    for (name, _) in &names {
        encode::string(&mut state.frame.out, name.as_bytes());
    }
    state.frame.set_arg(0, names.len() as i32);
    Ok(())
}

/// Domain. → its figures as doubles, in the order of `stat` in `lib/domain.js`; -1 for none.
pub fn stat(state: &mut State) -> Result<()> {
    let stat = state.domain(state.frame.index(0))?.domain.stat()?;
    let figures = [
        Some(stat.committed),
        Some(stat.reserve),
        Some(stat.pages),
        Some(stat.pages_used),
        Some(stat.pages_punched),
        Some(stat.tick),
        stat.oldest_pin,
        Some(stat.pins),
        Some(stat.participants),
        Some(stat.processes),
        Some(stat.atoms),
    ];
    for figure in figures {
        state.frame.out.extend_from_slice(&figure.map_or(-1.0, |n| n as f64).to_le_bytes());
    }
    Ok(())
}

/// Domain: frees what can be freed.
pub fn reclaim(state: &mut State) -> Result<()> {
    state.domain(state.frame.index(0))?.domain.reclaim()
}
