//! The types of fields, compared with slow and simple references.

use mycelium_rt::__private::{Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8};
use mycelium_rt::{DurationNs, FixedBytes, FixedStr, I128, ParseDecimalError, ParseU256Error, TimestampNs, U128, U256};
use proptest::prelude::*;

/// Decimals as the schema compiler writes them.
mod decimals {
    use mycelium_rt::__private as __rt;

    /// Two digits in 16 bits.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, zerocopy::Immutable)]
    pub(super) struct Small(pub(super) i16);
    __rt::decimal!(Small, i16, 2);

    /// Six digits in 64 bits.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, zerocopy::Immutable)]
    pub(super) struct Price(pub(super) i64);
    __rt::decimal!(Price, i64, 6);

    /// As fine as decimals get.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, zerocopy::Immutable)]
    pub(super) struct Fine(pub(super) u64);
    __rt::decimal!(Fine, u64, 18);
}

use decimals::{Fine, Price, Small};

/// The product of two hundredths by trying every candidate: the nearest one, or of two equally near ones the even one.
fn product_by_search(left: i64, right: i64) -> i64 {
    let exact = left * right;
    let distance = |candidate: &i64| ((exact - candidate * 100).abs(), candidate % 2 != 0);
    (exact / 100 - 2..=exact / 100 + 2).min_by_key(distance).expect("five candidates")
}

/// Bytes, the highest first, as decimal digits, by long multiplication.
fn digits_of(bytes: [u8; 32]) -> String {
    let mut digits = vec![0_u32; 78];
    for byte in bytes {
        let mut carry = u32::from(byte);
        for digit in &mut digits {
            carry += *digit * 256;
            *digit = carry % 10;
            carry /= 10;
        }
    }
    let text: String = digits.iter().rev().filter_map(|digit| char::from_digit(*digit, 10)).collect();
    without_zeros(&text)
}

fn without_zeros(digits: &str) -> String {
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

/// The value of a text in millionths, by padding it with zeros.
fn millionths(text: &str) -> Option<i64> {
    let (sign, number) = match text.split_at_checked(1) {
        Some(("-", number)) => ("-", number),
        Some(("+", number)) => ("", number),
        _ => ("", text),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let part = format!("{part:0<6}");
    let (kept, beyond) = part.split_at_checked(6)?;
    let is_exact = beyond.bytes().all(|byte| byte == b'0');
    let is_number = number.bytes().any(|byte| byte.is_ascii_digit());
    let is_plain = whole.bytes().chain(kept.bytes()).all(|byte| byte.is_ascii_digit());
    if is_exact && is_number && is_plain { format!("{sign}{whole}{kept}").parse().ok() } else { None }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decimal_products_round_half_to_even(left: i16, right in -300_i16..300) {
        let expected = i16::try_from(product_by_search(left.into(), right.into())).ok().map(Small);
        prop_assert_eq!(Small(left).checked_mul(Small(right)), expected);
    }

    #[test]
    fn decimal_sums_and_differences_are_those_of_integers(left: i64, right: i64) {
        prop_assert_eq!(Price(left).checked_add(Price(right)).map(|result| result.0), left.checked_add(right));
        prop_assert_eq!(Price(left).checked_sub(Price(right)).map(|result| result.0), left.checked_sub(right));
        prop_assert_eq!(Price(left).checked_mul(right).map(|result| result.0), left.checked_mul(right));
        prop_assert_eq!(Price(left).checked_neg().map(|result| result.0), left.checked_neg());
    }

    #[test]
    fn decimals_print_all_digits_and_parse_back(raw: i64, fine: u64) {
        let text = Price(raw).to_string();
        prop_assert_eq!(text.replace('.', "").parse::<i64>(), Ok(raw));
        prop_assert_eq!(text.rfind('.'), Some(text.len() - 7));
        prop_assert_eq!(text.parse::<Price>(), Ok(Price(raw)));
        prop_assert_eq!(Fine(fine).to_string().parse::<Fine>(), Ok(Fine(fine)));
    }

    #[test]
    fn a_text_parses_to_its_decimal_or_fails(text in "[-+]?[0-9]{0,14}[.]?[0-9]{0,5}0{0,3}|[-+.0-9a]{0,6}|.{0,8}") {
        prop_assert_eq!(text.parse::<Price>().ok().map(|price| price.0), millionths(&text));
    }

    #[test]
    fn wide_integers_equal_native_ones(left: u128, right: u128, signed: i128) {
        prop_assert_eq!(u128::from(U128::from(left)), left);
        prop_assert_eq!(i128::from(I128::from(signed)), signed);
        prop_assert_eq!(U128::from(left).cmp(&U128::from(right)), left.cmp(&right));
        prop_assert_eq!(I128::from(signed).cmp(&I128::from(0)), signed.cmp(&0));
        prop_assert_eq!(I128::from(signed).to_string(), signed.to_string());
    }

    #[test]
    fn u256_orders_prints_and_parses_like_its_bytes(left: [u8; 32], right: [u8; 32], zeros in 0_usize..33) {
        let (mut left, mut right) = (left, right);
        left[..zeros].fill(0);
        right[..zeros / 2].fill(0);
        let (a, b) = (U256::from_be_bytes(left), U256::from_be_bytes(right));
        prop_assert_eq!(a.to_be_bytes(), left);
        prop_assert!(a.to_le_bytes().iter().eq(left.iter().rev()));
        prop_assert_eq!(U256::from_le_bytes(a.to_le_bytes()), a);
        prop_assert_eq!(a.cmp(&b), left.cmp(&right));
        prop_assert_eq!(a.to_string(), digits_of(left));
        prop_assert_eq!(a.to_string().parse::<U256>(), Ok(a));
        let hex: String = left.iter().map(|byte| format!("{byte:02x}")).collect();
        prop_assert_eq!(format!("{a:x}"), without_zeros(&hex));
        prop_assert_eq!(format!("{a:#x}").parse::<U256>(), Ok(a));
    }

    #[test]
    fn fixed_text_keeps_what_fits(text in ".{0,6}") {
        match FixedStr::<10>::new(&text) {
            Ok(stored) => prop_assert!(text.len() <= 10 && stored == *text && stored.len() == text.len()),
            Err(error) => prop_assert!(text.len() > 10 && error.length == text.len()),
        }
        let cut = FixedStr::<10>::truncated(&text);
        prop_assert!(text.starts_with(cut.as_str()));
        prop_assert!(cut.len() == text.len() || cut.len() > 6, "at most one character of four bytes is lost");
    }

    #[test]
    fn fixed_bytes_keep_what_fits(bytes in prop::collection::vec(any::<u8>(), 0..14)) {
        prop_assert_eq!(FixedBytes::<10>::new(&bytes).is_ok(), bytes.len() <= 10);
        let cut = FixedBytes::<10>::truncated(&bytes);
        prop_assert_eq!(cut.as_slice(), &bytes[..bytes.len().min(10)]);
    }
}

#[test]
fn invalid_decimals_are_errors() {
    for (text, error) in [
        ("", ParseDecimalError::Empty),
        (".", ParseDecimalError::Empty),
        ("-", ParseDecimalError::Empty),
        ("1.2.3", ParseDecimalError::Syntax),
        ("1e3", ParseDecimalError::Syntax),
        ("--1", ParseDecimalError::Syntax),
        ("0.0000001", ParseDecimalError::TooPrecise { scale: 6 }),
        ("9223372036854.775808", ParseDecimalError::OutOfRange),
        ("99999999999999999999999999999999999999999", ParseDecimalError::OutOfRange),
    ] {
        assert_eq!(text.parse::<Price>(), Err(error), "{text:?}");
    }
    assert_eq!("-9223372036854.775808".parse(), Ok(Price::MIN));
    assert_eq!(("5.".parse(), "+.5".parse()), (Ok(Price(5_000_000)), Ok(Price(500_000))));
    assert_eq!("0.1000000".parse(), Ok(Price(100_000)));
}

#[test]
fn decimals_honour_the_width() {
    assert_eq!(format!("[{:>8}|{:<8}|{:+}]", Small(125), Small(-125), Small(5)), "[    1.25|-1.25   |+0.05]");
}

#[test]
fn half_units_round_to_the_even_neighbour() {
    let halves = [(5, 2), (15, 2), (-5, 2), (-15, 2), (25, 2)].map(|(tenths, hundredths)| {
        // 0.05 · 0.10 lies between 0.00 and 0.01.
        Small(tenths).checked_mul(Small(hundredths * 5)).map(|product| product.0)
    });
    assert_eq!(halves, [Some(0), Some(2), Some(0), Some(-2), Some(2)]);
}

#[test]
fn invalid_u256_text_is_an_error() {
    let too_large = "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    for (text, error) in [
        ("", ParseU256Error::Empty),
        ("0x", ParseU256Error::Empty),
        ("_", ParseU256Error::Empty),
        ("12a", ParseU256Error::Digit),
        ("-1", ParseU256Error::Digit),
        (too_large, ParseU256Error::TooLarge),
    ] {
        assert_eq!(text.parse::<U256>(), Err(error), "{text:?}");
    }
    assert_eq!(u128::try_from(U256::from(7_u128)), Ok(7));
    assert_eq!(u128::try_from(U256::MAX), Err(U256::MAX));
}

/// What the generator assumes when it computes the offset of a field.
#[test]
fn sizes_and_alignments_are_as_the_generator_assumes() {
    fn layout<T>() -> (usize, usize) {
        (size_of::<T>(), align_of::<T>())
    }
    assert_eq!([layout::<FixedStr<1>>(), layout::<FixedStr<8>>()], [(3, 1), (10, 1)]);
    assert_eq!([layout::<FixedBytes<1>>(), layout::<FixedBytes<8>>()], [(3, 1), (10, 1)]);
    assert_eq!([layout::<U128>(), layout::<I128>(), layout::<U256>()], [(16, 8), (16, 8), (32, 8)]);
    assert_eq!([layout::<TimestampNs>(), layout::<DurationNs>()], [(8, 8); 2]);
    let padding = [
        layout::<Zero1>(),
        layout::<Zero2>(),
        layout::<Zero3>(),
        layout::<Zero4>(),
        layout::<Zero5>(),
        layout::<Zero6>(),
        layout::<Zero7>(),
        layout::<Zero8>(),
    ];
    assert_eq!(padding, [1, 2, 3, 4, 5, 6, 7, 8].map(|size| (size, 1)));
}
