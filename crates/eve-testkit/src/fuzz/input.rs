//! Choices taken from bytes: any bytes are a program, and when they end all choices are 0.

/// The bytes that are left.
pub struct Input<'a>(pub &'a [u8]);

impl Input<'_> {
    /// Is nothing left?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }
    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        let mut n = usize::from(self.byte());
        if end > 256 {
            n = n << 8 | usize::from(self.byte());
        }
        if end > 65_536 {
            n = n << 8 | usize::from(self.byte());
        }
        n % end
    }
    /// Eight bytes.
    pub fn word(&mut self) -> u64 {
        (0..8).fold(0, |word, _| word << 8 | u64::from(self.byte()))
    }
}
