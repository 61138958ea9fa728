//! The types of the elements of typed arrays, and of the fields of typed objects.

/// A type of numbers. Its code is part of the format, of patches and of the C interface.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Element {
    /// 8 bits, signed.
    Int8 = 0,
    /// 8 bits, unsigned.
    Uint8 = 1,
    /// 8 bits, unsigned; what is too small or too large becomes 0 or 255.
    Uint8Clamped = 2,
    /// 16 bits, signed.
    Int16 = 3,
    /// 16 bits, unsigned.
    Uint16 = 4,
    /// 32 bits, signed.
    Int32 = 5,
    /// 32 bits, unsigned.
    Uint32 = 6,
    /// 64 bits, signed.
    Int64 = 7,
    /// A single.
    Float32 = 8,
    /// A double.
    Float64 = 9,
}

/// Elements of an array, and rows of an array of objects, at most: what an `i32` counts.
pub const MOST_ELEMENTS: u64 = i32::MAX as u64;

impl Element {
    /// All of them, by their codes.
    pub const ALL: [Element; 10] = [
        Element::Int8,
        Element::Uint8,
        Element::Uint8Clamped,
        Element::Int16,
        Element::Uint16,
        Element::Int32,
        Element::Uint32,
        Element::Int64,
        Element::Float32,
        Element::Float64,
    ];
    /// The type with this code.
    #[inline]
    pub fn from_code(code: u64) -> Option<Element> {
        Element::ALL.get(usize::try_from(code).ok()?).copied()
    }
    /// Its code.
    #[inline]
    pub fn code(self) -> u8 {
        self as u8
    }
    /// Bytes of one.
    #[inline]
    pub const fn bytes(self) -> u64 {
        match self {
            Element::Int8 | Element::Uint8 | Element::Uint8Clamped => 1,
            Element::Int16 | Element::Uint16 => 2,
            Element::Int32 | Element::Uint32 | Element::Float32 => 4,
            Element::Int64 | Element::Float64 => 8,
        }
    }
    /// As it is called in text: `int32`.
    pub const fn name(self) -> &'static str {
        match self {
            Element::Int8 => "int8",
            Element::Uint8 => "uint8",
            Element::Uint8Clamped => "uint8-clamped",
            Element::Int16 => "int16",
            Element::Uint16 => "uint16",
            Element::Int32 => "int32",
            Element::Uint32 => "uint32",
            Element::Int64 => "int64",
            Element::Float32 => "float32",
            Element::Float64 => "float64",
        }
    }
    /// The type of this name.
    pub fn from_name(name: &[u8]) -> Option<Element> {
        Element::ALL.into_iter().find(|element| element.name().as_bytes() == name)
    }
    /// Is it a type of integers?
    #[inline]
    pub const fn is_integer(self) -> bool {
        !matches!(self, Element::Float32 | Element::Float64)
    }
    /// The 64 bits as which a number of this type is handed around, from any that have it in their low bits: signed integers
    /// extended by their sign, all else by zeros. Floats are their IEEE bits.
    #[inline]
    pub const fn extend(self, bits: u64) -> u64 {
        match self {
            Element::Int8 => bits as i8 as u64,
            Element::Uint8 | Element::Uint8Clamped => bits as u8 as u64,
            Element::Int16 => bits as i16 as u64,
            Element::Uint16 => bits as u16 as u64,
            Element::Int32 => bits as i32 as u64,
            Element::Uint32 | Element::Float32 => bits as u32 as u64,
            Element::Int64 | Element::Float64 => bits,
        }
    }
    /// The number at the start of these bytes, which are at least as many as it takes.
    #[inline]
    pub fn read(self, bytes: &[u8]) -> u64 {
        let mut le = [0; 8];
        let n = self.bytes() as usize;
        le[..n].copy_from_slice(&bytes[..n]);
        self.extend(u64::from_le_bytes(le))
    }
    /// Writes it to the start of these bytes, which are at least as many as it takes.
    #[inline]
    pub fn write(self, bytes: &mut [u8], bits: u64) {
        let n = self.bytes() as usize;
        bytes[..n].copy_from_slice(&bits.to_le_bytes()[..n]);
    }
}

const _: () = {
    let mut code = 0;
    while code < Element::ALL.len() {
        assert!(Element::ALL[code] as usize == code);
        code += 1;
    }
};
