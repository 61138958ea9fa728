//! What a check found, for people and for programs.

use std::fmt;

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Byte offset in the file.
    pub offset: u64,
    /// What is wrong there.
    pub what: String,
    /// The atom under which it was found, if under one.
    pub atom: Option<String>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.what)?;
        match &self.atom {
            Some(atom) => write!(f, " (in atom {atom:?})"),
            None => Ok(()),
        }
    }
}

/// Blocks of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindTotal {
    /// As `map root`.
    pub kind: &'static str,
    /// How many.
    pub blocks: u64,
    /// Bytes they take, rounded to their size classes.
    pub bytes: u64,
}

/// What [`Domain::verify`](crate::Domain::verify) found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Everything was judged: nobody changed the domain meanwhile. If not, only what hangs on the atoms was, and leaks and counts
    /// were not.
    pub exact: bool,
    /// Allocated blocks that nothing reaches. `gc` frees them.
    pub leaked: u64,
    /// Bytes of these.
    pub leaked_bytes: u64,
    /// Pages that are given out and that nobody uses. `gc` takes them back.
    pub leaked_pages: u64,
    /// Blocks whose count of parents is higher than their parents are many: they will be leaked some day. `gc` sets them right.
    pub high_counts: u64,
    /// Places that are not as they must be.
    pub damaged: u64,
    /// Of these: blocks that are in use twice.
    pub doubly_used: u64,
    /// Of these: blocks that cannot be read.
    pub unreadable: u64,
    /// The first of the damaged places, at most [`Report::MOST`].
    pub damages: Vec<Damage>,
    /// The first of the leaked blocks, with their kinds, at most [`Report::MOST`].
    pub leaks: Vec<Damage>,
    /// Atoms that have a value.
    pub atoms: u64,
    /// Names of keywords and symbols, and of atoms.
    pub names: u64,
    /// Blocks that hang on the atoms.
    pub blocks: u64,
    /// Dropped blocks that wait for their last reader, or for the next writer, who frees them.
    pub limbo: u64,
    /// Free blocks that participants keep at hand.
    pub at_hand: u64,
    /// Pages given out.
    pub pages: u64,
    /// What the blocks in use are.
    pub kinds: Vec<KindTotal>,
}

impl Report {
    /// How many damaged places and leaks are listed one by one.
    pub const MOST: usize = 64;

    /// Nothing is damaged, leaked or counted too high.
    ///
    /// A process that was killed may leave leaks and high counts, which take room and harm nobody: `gc` sets them right. Who wants to know whether
    /// the values are sound asks [`is_damaged`](Report::is_damaged).
    pub fn is_ok(&self) -> bool {
        self.damaged == 0 && self.leaked == 0 && self.leaked_pages == 0 && self.high_counts == 0
    }
    /// Something is not as it must be, so that values may be wrong or unreadable. Leaks and high counts are no damage.
    pub fn is_damaged(&self) -> bool {
        self.damaged > 0
    }
    /// The report as an object of JSON, for programs: `ok`, and each field under its name.
    pub fn json(&self) -> String {
        let places = |list: &[Damage]| {
            array(list.iter().map(|d| {
                let atom = d.atom.as_deref().map_or("null".into(), quoted);
                format!(r#"{{"offset":{},"what":{},"atom":{atom}}}"#, d.offset, quoted(&d.what))
            }))
        };
        let kinds = self.kinds.iter().map(|k| {
            let kind = quoted(k.kind);
            format!(r#"{{"kind":{kind},"blocks":{},"bytes":{}}}"#, k.blocks, k.bytes)
        });
        let fields = [
            ("ok", self.is_ok().to_string()),
            ("exact", self.exact.to_string()),
            ("leaked", self.leaked.to_string()),
            ("leaked_bytes", self.leaked_bytes.to_string()),
            ("leaked_pages", self.leaked_pages.to_string()),
            ("high_counts", self.high_counts.to_string()),
            ("damaged", self.damaged.to_string()),
            ("doubly_used", self.doubly_used.to_string()),
            ("unreadable", self.unreadable.to_string()),
            ("atoms", self.atoms.to_string()),
            ("names", self.names.to_string()),
            ("blocks", self.blocks.to_string()),
            ("limbo", self.limbo.to_string()),
            ("at_hand", self.at_hand.to_string()),
            ("pages", self.pages.to_string()),
            ("damages", places(&self.damages)),
            ("leaks", places(&self.leaks)),
            ("kinds", array(kinds)),
        ];
        let fields = fields.iter().map(|(name, value)| format!(r#""{name}":{value}"#));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    }
    pub(super) fn damage(&mut self, offset: u64, what: impl Into<String>, atom: Option<&str>) {
        self.damaged += 1;
        if self.damages.len() < Report::MOST {
            self.damages.push(Damage { offset, what: what.into(), atom: atom.map(Into::into) });
        }
    }
}

fn array(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// A string of JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let judged = if self.exact {
            ""
        } else {
            " (the domain was being changed: leaks and counts were not looked at; run it again when it is at rest)"
        };
        let verdict = match (self.is_ok(), self.is_damaged()) {
            (true, _) => "ok",
            (_, true) => "NOT ok: damaged",
            (_, false) => "sound, but not all memory is in use; gc gets it back",
        };
        writeln!(f, "{verdict}{judged}")?;
        writeln!(
            f,
            "atoms: {}, blocks in use: {}, names: {}, pages: {}",
            self.atoms, self.blocks, self.names, self.pages
        )?;
        if self.exact {
            writeln!(
                f,
                "dropped blocks that are not freed yet: {}, free blocks at hand: {}",
                self.limbo, self.at_hand
            )?;
            writeln!(
                f,
                "leaked: {} blocks ({} bytes), {} pages; counted too high: {} blocks",
                self.leaked, self.leaked_bytes, self.leaked_pages, self.high_counts
            )?;
        }
        writeln!(f, "damaged: {} ({} in use twice, {} unreadable)", self.damaged, self.doubly_used, self.unreadable)?;
        for kind in &self.kinds {
            writeln!(f, "  {:<20} {:>12} blocks {:>15} bytes", kind.kind, kind.blocks, kind.bytes)?;
        }
        for damage in &self.damages {
            writeln!(f, "  damaged {damage}")?;
        }
        for leak in &self.leaks {
            writeln!(f, "  leaked {leak}")?;
        }
        let listed = self.damages.len() as u64;
        if self.damaged > listed {
            writeln!(f, "  and {} more damaged places", self.damaged - listed)?;
        }
        Ok(())
    }
}
