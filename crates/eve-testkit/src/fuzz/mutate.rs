//! A small mutator, for where libFuzzer is missing: it does not look at coverage.

/// Makes inputs from those there are.
pub struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
}

/// Pieces of text that readers have a meaning for.
const WORDS: [&[u8]; 24] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b"#{",
    b"\"",
    b"\\u",
    b":a/b",
    b"#tag ",
    b"^{:a 1}",
    b"#_",
    b"##NaN",
    b"1e400",
    b"-0.0",
    b"1/3",
    b"2r101",
    b"\\ud800",
    b"#inst \"2020-01-01\"",
    b"#:n{:a 1}",
    b"null",
    b"123456789012345678901234567890N",
    b"\xEF\xBB\xBF",
];

impl Mutator {
    /// With these inputs to start from.
    pub fn new(seed: u64, seeds: Vec<Vec<u8>>) -> Mutator {
        Mutator { state: seed | 1, seeds }
    }
    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
    fn below(&mut self, end: usize) -> usize {
        (self.random() >> 16) as usize % end.max(1)
    }
    /// The next input, at most some thousand bytes.
    pub fn next_input(&mut self) -> Vec<u8> {
        let from_seed = !self.seeds.is_empty() && self.below(4) > 0;
        let mut bytes = if from_seed {
            let at = self.below(self.seeds.len());
            self.seeds[at].clone()
        } else {
            let len = self.below(400);
            (0..len).map(|_| self.random() as u8).collect()
        };
        for _ in 0..1 + self.below(8) {
            let at = self.below(bytes.len() + 1);
            match self.below(6) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = self.random() as u8,
                2 => bytes.truncate(at),
                3 => {
                    let word = WORDS[self.below(WORDS.len())];
                    bytes.splice(at..at, word.iter().copied());
                }
                4 => {
                    let from = self.below(bytes.len() + 1);
                    let piece = bytes[from.min(at)..from.max(at)].to_vec();
                    let to = self.below(bytes.len() + 1);
                    bytes.splice(to..to, piece);
                }
                _ => bytes.insert(at, self.random() as u8),
            }
        }
        bytes.truncate(4096);
        bytes
    }
}
