//! Opening and closing domains, and what they can tell.

use crate::encode;
use crate::state::{self, Opened, State};
use eve_core::check::Damage;
use eve_core::face::patch::code;
use eve_core::{OpenOptions, Result};

/// The two numbers behind the flags are the bytes of address space to reserve.
const RESERVE: i32 = 1;
/// A file that is not there is an error.
const MUST_EXIST: i32 = 2;
/// Nothing is written.
const READ_ONLY: i32 = 4;

/// Flags, bytes to reserve (2 numbers); the path as a patch, empty for memory. → the number of the domain.
pub fn open(state: &mut State) -> Result<()> {
    let (path, _) = state.patch(state.frame.input())?;
    let flags = state.frame.arg(0);
    let mut options = OpenOptions::new().create(flags & MUST_EXIST == 0);
    if flags & RESERVE != 0 {
        options = options.reserve(state.frame.long(1));
    }
    let read_only = flags & READ_ONLY != 0;
    if read_only {
        options = options.read_only();
    }
    let path = path.as_str().unwrap_or("\u{FFFD}");
    let shared = state::open(path, &options, read_only)?;
    let index = state.domains.add(Opened { shared, path: path.into() });
    state.frame.set_arg(0, index as i32);
    Ok(())
}

/// Domain. → 1 if its path still leads to its file, else 0.
pub fn at_its_path(state: &mut State) -> Result<()> {
    let at_its_path = state.opened(state.frame.index(0))?.is_at_its_path();
    state.frame.set_arg(0, i32::from(at_its_path));
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
    put_figures(
        state,
        [
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
        ],
    );
    Ok(())
}

fn put_figures(state: &mut State, figures: impl IntoIterator<Item = Option<u64>>) {
    for figure in figures {
        state.frame.out.extend_from_slice(&figure.map_or(-1.0, |n| n as f64).to_le_bytes());
    }
}

/// Domain: frees what can be freed.
pub fn reclaim(state: &mut State) -> Result<()> {
    state.domain(state.frame.index(0))?.domain.reclaim()
}

fn put_damages(state: &mut State, damages: &[Damage]) {
    for damage in damages {
        put_figures(state, [Some(damage.offset)]);
        encode::string(&mut state.frame.out, damage.what.as_bytes());
        match &damage.atom {
            Some(atom) => encode::string(&mut state.frame.out, atom.as_bytes()),
            None => state.frame.out.push(code::NIL),
        }
    }
}

/// Domain. → 1 if nothing is wrong with it, 1 if all was judged, how many damaged places, leaks and kinds are listed, the report for people, its
/// figures as doubles in the order of `verify` in `lib/domain.js`; then for each listed place its offset (a double), what is wrong and the atom, and
/// for each kind its name, blocks and bytes.
pub fn verify(state: &mut State) -> Result<()> {
    let report = state.domain(state.frame.index(0))?.domain.verify(|_, _| {})?;
    let heads = [
        i32::from(report.is_ok()),
        i32::from(report.exact),
        report.damages.len() as i32,
        report.leaks.len() as i32,
        report.kinds.len() as i32,
    ];
    for (i, head) in heads.into_iter().enumerate() {
        state.frame.set_arg(i, head);
    }
    encode::string(&mut state.frame.out, report.to_string().as_bytes());
    let figures = [
        report.damaged,
        report.doubly_used,
        report.unreadable,
        report.leaked,
        report.leaked_bytes,
        report.leaked_pages,
        report.high_counts,
        report.atoms,
        report.names,
        report.blocks,
        report.limbo,
        report.at_hand,
        report.pages,
    ];
    put_figures(state, figures.map(Some));
    put_damages(state, &report.damages);
    put_damages(state, &report.leaks);
    for kind in &report.kinds {
        encode::string(&mut state.frame.out, kind.kind.as_bytes());
        put_figures(state, [Some(kind.blocks), Some(kind.bytes)]);
    }
    Ok(())
}

/// Domain: frees what killed processes left over. → 1 if nobody else took part; figures as doubles in the order of `gc` in `lib/domain.js`; why not
/// everything was looked at, or an empty string.
pub fn gc(state: &mut State) -> Result<()> {
    let done = state.domain(state.frame.index(0))?.domain.gc(|_, _| {})?;
    state.frame.set_arg(0, i32::from(done.alone));
    put_figures(state, [done.blocks, done.bytes, done.pages, done.counts].map(Some));
    encode::string(&mut state.frame.out, done.left.unwrap_or_default().as_bytes());
    Ok(())
}
