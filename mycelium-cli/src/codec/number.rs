//! Integers between bytes, text and JSON.

use mycelium_codegen::internal::model::{Int, Literal, Scalar, Type, TypeKind};
use mycelium_codegen::internal::rules::Number;
use mycelium_codegen::internal::text::{Integer, u128_of};

use super::types::Types;

/// A whole number of a contract: at least `i128::MIN`, less than 2^256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Signed(i128),
    /// Above `i128::MAX`, as little-endian bytes.
    Wide([u8; 32]),
}

impl Whole {
    /// The number in the bytes of an unsigned or a signed integer, little-endian.
    pub(super) fn from_bytes(bytes: &[u8], is_signed: bool) -> Self {
        let low = u128_of(bytes);
        let high = bytes.get(16..).map_or(0, u128_of);
        let bits = bytes.len().min(16) as u32 * 8;
        if is_signed && bits > 0 {
            // Shifted up and back, so that the sign fills the upper bits.
            return Self::Signed((low as i128) << (128 - bits) >> (128 - bits));
        }
        match i128::try_from(low) {
            Ok(value) if high == 0 => Self::Signed(value),
            _ => {
                let mut wide = [0; 32];
                wide[..16].copy_from_slice(&low.to_le_bytes());
                wide[16..].copy_from_slice(&high.to_le_bytes());
                Self::Wide(wide)
            }
        }
    }

    /// Parses a number in any notation of contracts.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let number = Integer::parse(text)?;
        match number.to_i128() {
            Some(value) => Some(Self::Signed(value)),
            None if number.is_negative() => None,
            None => Some(Self::Wide(number.to_le_bytes())),
        }
    }

    /// The number in `size` bytes, little-endian; `None` if it does not fit.
    pub(super) fn to_bytes(self, size: usize, is_signed: bool) -> Option<Vec<u8>> {
        let bytes = match self {
            Self::Wide(bytes) => bytes.to_vec(),
            Self::Signed(value) => {
                let mut bytes = value.to_le_bytes().to_vec();
                bytes.resize(32, if value < 0 { 0xff } else { 0 });
                bytes
            }
        };
        let bytes = bytes.get(..size)?.to_vec();
        (Self::from_bytes(&bytes, is_signed) == self).then_some(bytes)
    }
}

impl std::fmt::Display for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signed(value) => write!(f, "{value}"),
            Self::Wide(bytes) => f.write_str(&decimal_digits(bytes)),
        }
    }
}

/// 256 bits in decimal, by repeated division.
fn decimal_digits(bytes: &[u8; 32]) -> String {
    let mut limbs: Vec<u32> = bytes.rchunks_exact(4).map(|limb| u128_of(limb) as u32).collect();
    let mut digits = Vec::new();
    while limbs.iter().any(|limb| *limb != 0) {
        let mut rest = 0;
        for limb in &mut limbs {
            let wide = rest << 32 | u64::from(*limb);
            *limb = (wide / 10) as u32;
            rest = wide % 10;
        }
        digits.push(char::from(b'0' + rest as u8));
    }
    digits.iter().rev().collect()
}

/// Whether a representation is signed.
pub(super) fn is_signed(int: Int) -> bool {
    matches!(int, Int::I8 | Int::I16 | Int::I32 | Int::I64)
}

/// Whether the whole numbers of a scalar are signed; `None` for scalars that are not whole numbers.
pub(super) fn scalar_sign(scalar: Scalar) -> Option<bool> {
    match scalar {
        Scalar::Int(int) => Some(is_signed(int)),
        Scalar::I128 | Scalar::DurationNs => Some(true),
        Scalar::U128 | Scalar::U256 | Scalar::TimestampNs => Some(false),
        Scalar::Bool | Scalar::F32 | Scalar::F64 => None,
    }
}

impl From<Whole> for Literal {
    fn from(whole: Whole) -> Self {
        match whole {
            Whole::Signed(value) => Self::Int(value),
            Whole::Wide(bytes) => Self::Wide(bytes),
        }
    }
}

impl Types<'_> {
    /// The number in the bytes of a value; `None` for types without numbers.
    pub(super) fn number(&self, ty: &Type, bytes: &[u8]) -> Option<Number> {
        let whole = |is_signed| Number::Whole(Whole::from_bytes(bytes, is_signed).into());
        match self.schema.resolve(ty) {
            Type::Scalar(Scalar::F32) => Some(Number::Single(f32::from_le_bytes(bytes.try_into().ok()?))),
            Type::Scalar(Scalar::F64) => Some(Number::Double(f64::from_le_bytes(bytes.try_into().ok()?))),
            Type::Scalar(scalar) => scalar_sign(*scalar).map(whole),
            Type::Named(id) => match self.schema.type_def(*id).kind {
                TypeKind::Decimal { repr, .. } => Some(whole(is_signed(repr))),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_go_to_bytes_and_back() {
        for (text, size, is_signed) in [
            ("0", 1, false),
            ("255", 1, false),
            ("-128", 1, true),
            ("-1", 8, true),
            ("18446744073709551615", 8, false),
            ("340282366920938463463374607431768211455", 16, false),
            ("-170141183460469231731687303715884105728", 16, true),
            ("115792089237316195423570985008687907853269984665640564039457584007913129639935", 32, false),
            ("340282366920938463463374607431768211456", 32, false),
        ] {
            let whole = Whole::parse(text).unwrap();
            let bytes = whole.to_bytes(size, is_signed).unwrap();
            assert_eq!(bytes.len(), size);
            assert_eq!(Whole::from_bytes(&bytes, is_signed).to_string(), text);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (text, size, is_signed) in
            [("256", 1, false), ("-1", 8, false), ("128", 1, true), ("-129", 1, true), ("0x1_0000_0000", 4, false)]
        {
            assert_eq!(Whole::parse(text).unwrap().to_bytes(size, is_signed), None, "{text}");
        }
        assert_eq!(Whole::parse(&format!("-0x{}", "f".repeat(64))), None);
    }
}
