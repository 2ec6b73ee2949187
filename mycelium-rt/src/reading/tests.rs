//! The same types, read by this module and by zerocopy: both agree on any bytes.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use super::*;

#[derive(Clone, Copy, Debug, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(u8)]
enum Side {
    Buy = 1,
    Sell = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(i16)]
enum Level {
    Low = -300,
    Middle = 0,
    High = 300,
}

#[derive(Clone, Copy, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(u8)]
enum Run {
    Four = 4,
    Five,
    Three = 3,
}

#[derive(Clone, Copy, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(i16)]
enum Dense {
    Middle = 0,
    High = 1,
    Low = -2,
    Top = 61,
    Next = 62,
    Last = 300,
}

#[derive(Clone, Copy, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(i64)]
enum Sparse {
    Low = i64::MIN,
    Zero = 0,
    High = i64::MAX,
}

#[derive(Clone, Copy, Debug, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(transparent)]
struct Price(i64);

#[derive(Clone, Copy, Debug, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
struct Leg {
    is_open: bool,
    side: Side,
    level: Level,
    ratio: f32,
    price: Price,
}

#[derive(Clone, Copy, Debug, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(u64)]
enum Shape {
    Legs { legs: [Leg; 2] },
    Plain { price: Price, padding: Zero8, more: [Zero8; 2] },
    Mixed { side: Side, padding: Zero7, at: TimestampNs, level: Level, rest: Zero6, last: Price },
}

#[derive(Clone, Copy, Debug, PartialEq, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C, align(8))]
struct Whole {
    flags: [bool; 3],
    one: Zero1,
    two: Zero2,
    sides: [Side; 2],
    shape: Shape,
    three: Zero3,
    four: Zero4,
    five: Zero5,
    many: [[Level; 2]; 2],
    end: [u8; 4],
}

impl TryFrom<u8> for Side {
    type Error = ();

    fn try_from(value: u8) -> Result<Self, ()> {
        match value {
            1 => Ok(Self::Buy),
            2 => Ok(Self::Sell),
            _ => Err(()),
        }
    }
}

impl TryFrom<i16> for Level {
    type Error = ();

    fn try_from(value: i16) -> Result<Self, ()> {
        match value {
            -300 => Ok(Self::Low),
            0 => Ok(Self::Middle),
            300 => Ok(Self::High),
            _ => Err(()),
        }
    }
}

crate::__filler!(Side, Self::Buy);
crate::__filler!(Level, Self::Low);
crate::__filler!(Price, Self(0));

impl Filler for Leg {
    const FILLER: Self =
        Self { is_open: false, side: Side::FILLER, level: Level::FILLER, ratio: 0.0, price: Price::FILLER };
}

crate::__readable_enum!(Side, u8);
crate::__readable_enum!(Level, i16);
crate::__readable_large_enum!(Run, "Run", u8, Three "3", Four "4", Five "5");
crate::__readable_large_enum!(Dense, "Dense", i16, Low "-2", Middle "0", High "1", Top "61", Next "62", Last "300");
crate::__readable_large_enum!(Sparse, "Sparse", i64, Low "-9223372036854775808", Zero "0", High "9223372036854775807");
crate::__readable!(Price, any(0));
crate::__readable!(Leg, any(ratio), any(price), checked(is_open, side, level));
crate::__readable_oneof!(
    Shape,
    Legs(legs __0),
    Plain(price __0, padding __1, more __2),
    Mixed(side __0, padding __1, at __2, level __3, rest __4, last __5),
);
crate::__readable!(Whole, any(end), checked(flags, one, two, sides, shape, three, four, five, many));

const WHOLE: Whole = Whole {
    flags: [true, false, true],
    one: Zero1::FILLER,
    two: Zero2::FILLER,
    sides: [Side::Buy, Side::Sell],
    shape: Shape::Legs { legs: [Leg::FILLER; 2] },
    three: Zero3::FILLER,
    four: Zero4::FILLER,
    five: Zero5::FILLER,
    many: [[Level::Low, Level::Middle], [Level::High, Level::Low]],
    end: [1, 2, 3, 4],
};

/// Random numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// Changes some bytes of values, mostly to bytes that are valid somewhere, and compares the verdicts. At least a tenth of the results must be
/// values, and at least a tenth must not.
fn compare<T: Readable + TryFromBytes + IntoBytes + KnownLayout + PartialEq>(values: &[T]) {
    const LIKELY: [u8; 6] = [0, 1, 2, 3, 0x2c, 0xfe];
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..20_000 {
        let mut words = [0_u64; 16];
        let bytes = &mut words.as_mut_bytes()[..size_of::<T>()];
        bytes.copy_from_slice(values[numbers.below(values.len())].as_bytes());
        for _ in 0..numbers.below(3) {
            let place = numbers.below(bytes.len());
            bytes[place] = match numbers.below(4) {
                0 => numbers.below(256) as u8,
                _ => LIKELY[numbers.below(LIKELY.len())],
            };
        }
        match T::try_ref_from_bytes(bytes) {
            Ok(expected) => {
                good += 1;
                // As bytes, since NaN does not equal itself.
                assert_eq!(in_place::<T>(bytes).map(IntoBytes::as_bytes), Ok(expected.as_bytes()));
                assert_eq!(copied::<T>(bytes).map(|value| value.as_bytes() == expected.as_bytes()), Ok(true));
            }
            Err(_) => {
                bad += 1;
                assert!(matches!(in_place::<T>(bytes), Err(Unreadable::Bits)), "{bytes:?}");
                assert!(matches!(copied::<T>(bytes), Err(Unreadable::Bits)), "{bytes:?}");
            }
        }
    }
    assert!(good > 2000 && bad > 2000, "{good} values, {bad} others");
}

#[test]
fn structs_are_read_as_zerocopy_reads_them() {
    compare(&[WHOLE]);
    compare(&[Leg::FILLER]);
}

#[test]
fn oneofs_are_read_as_zerocopy_reads_them() {
    let at = TimestampNs(u64::MAX);
    let mixed = Shape::Mixed {
        side: Side::Sell,
        padding: Zero7::FILLER,
        at,
        level: Level::High,
        rest: Zero6::FILLER,
        last: Price(-1),
    };
    let plain = Shape::Plain { price: Price(i64::MIN), padding: Zero8::FILLER, more: [Zero8::FILLER; 2] };
    compare(&[Shape::Legs { legs: [Leg::FILLER; 2] }, plain, mixed]);
}

#[test]
fn enums_and_padding_are_read_as_zerocopy_reads_them() {
    for value in 0..=u16::MAX {
        let (word, byte) = (value.to_ne_bytes(), [value as u8]);
        assert_eq!(copied::<Level>(&word).ok(), Level::try_read_from_bytes(&word).ok(), "{value}");
        assert_eq!(copied::<Side>(&byte).ok(), Side::try_read_from_bytes(&byte).ok(), "{value}");
        assert_eq!(copied::<bool>(&byte).ok(), bool::try_read_from_bytes(&byte).ok(), "{value}");
        assert_eq!(copied::<Zero2>(&word).ok(), Zero2::try_read_from_bytes(&word).ok(), "{value}");
    }
}

/// Each integer is read as zerocopy reads it; if it is a variant, its name is its number.
fn compare_large<T>(name: fn(T) -> &'static str, integers: impl Iterator<Item = i64>)
where
    T: Readable + TryFromBytes + IntoBytes + KnownLayout + PartialEq + core::fmt::Debug,
{
    for integer in integers {
        let bytes = &integer.to_le_bytes()[..size_of::<T>()];
        let value = copied::<T>(bytes).ok();
        assert_eq!(value, T::try_read_from_bytes(bytes).ok(), "{integer}");
        if let Some(value) = value {
            assert_eq!((name(value), format!("{value:?}")), (&*integer.to_string(), integer.to_string()));
        }
    }
}

#[test]
fn large_enums_are_read_as_zerocopy_reads_them() {
    compare_large(Run::name, 0..256);
    compare_large(Dense::name, -0x8000..0x8000);
    compare_large(Sparse::name, [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX].into_iter());
}

#[test]
fn the_error_of_a_large_enum_names_the_integer() {
    let unknown = Dense::try_from(63).unwrap_err();
    assert_eq!((unknown.name, unknown.value), ("Dense", 63));
    assert_eq!(Dense::try_from(-2), Ok(Dense::Low));
}

#[test]
fn too_few_bytes_and_unaligned_bytes_are_distinct_errors() {
    let words = [0_u64; 16];
    let bytes = words.as_bytes();
    assert_eq!(in_place::<U128>(&bytes[..15]), Err(Unreadable::Length));
    assert_eq!(in_place::<U128>(&bytes[1..]), Err(Unreadable::Alignment));
    assert_eq!(copied::<U128>(&bytes[1..]), Ok(U128::ZERO));
    assert_eq!(copied::<U128>(&bytes[..15]), Err(Unreadable::Length));
}

#[test]
fn a_slice_is_read_only_if_every_element_is_a_value() {
    let mut sides = [1, 2, 1, 2];
    assert_eq!(side_by_side(&sides, 4), Some(&[Side::Buy, Side::Sell, Side::Buy, Side::Sell][..]));
    assert_eq!(side_by_side::<Side>(&sides, 3), None);
    assert_eq!(side_by_side::<Side>(&sides, usize::MAX), None);
    sides[3] = 3;
    assert_eq!(side_by_side::<Side>(&sides, 4), None);
    let words = [0_u64; 5];
    assert_eq!(side_by_side::<U128>(&words.as_bytes()[1..33], 2), None);
}

#[derive(Clone, Copy, IntoBytes, Immutable)]
#[repr(C, align(8))]
struct Large {
    bytes: [u8; 32_000],
    numbers: [u16; 16_000],
    flags: [bool; 8],
}

crate::__readable!(Large, any(bytes), any(numbers), checked(flags));

/// The proof takes no space: in a build without optimisation no stack frame holds a field of the message.
#[test]
fn a_large_message_is_read_in_place_on_a_small_stack() {
    let words = vec![0_u64; size_of::<Large>() / 8];
    let reader =
        std::thread::Builder::new().stack_size(48 * 1024).spawn(move || in_place::<Large>(words.as_bytes()).is_ok());
    assert!(reader.unwrap().join().unwrap());
}
