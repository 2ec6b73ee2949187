//! The table. Its order is that of locks and docs.

use std::cmp::Ordering;

#[cfg(all(test, feature = "cli"))]
use super::Example;
use super::{Argument, Check, Domain, Kind, Rule, Side, Spelling, Values};

pub(crate) static RULES: [Rule; 7] = [
    Rule {
        key: "min",
        spelling: Spelling::Key,
        domain: Domain::Numbers,
        argument: Argument::Number(Some(Side::Least)),
        turn: 1,
        meaning: "The smallest value.",
        said: "at least {}",
        check: Check { function: "at_least", refusal: "is below the minimum {}" },
        others: &[],
        of_default: "is below the smallest value",
        keeps: |value, given| value.order(given).is_some_and(Ordering::is_ge),
        values: Some(Values {
            narrow: |allowed, least| allowed.raise(least),
            keep: |allowed, least| allowed.are_at_least(least),
        }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "f64",
            argument: "1.5",
            other_argument: Some("2.5"),
            kept_by: "1.5",
            broken_by: "1.25",
            wrong_type: "str<=8",
        },
    },
    Rule {
        key: "max",
        spelling: Spelling::Key,
        domain: Domain::Numbers,
        argument: Argument::Number(Some(Side::Most)),
        turn: 1,
        meaning: "The largest value.",
        said: "at most {}",
        check: Check { function: "at_most", refusal: "is above the maximum {}" },
        others: &[],
        of_default: "is above the largest value",
        keeps: |value, given| value.order(given).is_some_and(Ordering::is_le),
        values: Some(Values {
            narrow: |allowed, largest| allowed.lower(largest),
            keep: |allowed, largest| allowed.are_at_most(largest),
        }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "u8",
            argument: "9",
            other_argument: Some("8"),
            kept_by: "9",
            broken_by: "10",
            wrong_type: "bool",
        },
    },
    Rule {
        key: "min_length",
        spelling: Spelling::Validation,
        domain: Domain::Sized,
        argument: Argument::Length(Side::Least),
        turn: 4,
        meaning: "The fewest bytes or elements.",
        said: "at least {}",
        check: Check { function: "shortest", refusal: "is shorter than {}" },
        others: &[(Kind::List, Check { function: "fewest", refusal: "has fewer than {}" })],
        of_default: "is too short",
        keeps: |value, given| value.length.is_some_and(|length| length >= given.length()),
        values: Some(Values {
            narrow: |allowed, least| allowed.lengthen(least),
            keep: |allowed, least| allowed.are_as_long_as(least),
        }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "[u8]<=8",
            argument: "2",
            other_argument: Some("3"),
            kept_by: "[1, 2]",
            broken_by: "[1]",
            wrong_type: "u8",
        },
    },
    Rule {
        key: "max_length",
        spelling: Spelling::Validation,
        domain: Domain::Sized,
        argument: Argument::Length(Side::Most),
        turn: 4,
        meaning: "The most bytes or elements.",
        said: "at most {}",
        check: Check { function: "longest", refusal: "is longer than {}" },
        others: &[(Kind::List, Check { function: "most", refusal: "has more than {}" })],
        of_default: "is too long",
        keeps: |value, given| value.length.is_some_and(|length| length <= given.length()),
        values: Some(Values {
            narrow: |allowed, most| allowed.shorten(most),
            keep: |allowed, most| allowed.are_as_short_as(most),
        }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "str<=8",
            argument: "4",
            other_argument: Some("5"),
            kept_by: "\"four\"",
            broken_by: "\"fiver\"",
            wrong_type: "[u8; 4]",
        },
    },
    Rule {
        key: "not_empty",
        spelling: Spelling::Key,
        domain: Domain::Sized,
        argument: Argument::Switch,
        turn: 3,
        meaning: "At least one byte or element.",
        said: "not empty",
        check: Check { function: "not_empty", refusal: "is empty" },
        others: &[],
        of_default: "is empty",
        keeps: |value, _| value.length.is_some_and(|length| length > 0),
        values: Some(Values {
            narrow: |allowed, _| allowed.lengthen("1"),
            keep: |allowed, _| allowed.are_as_long_as("1"),
        }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "bytes<=8",
            argument: "true",
            other_argument: None,
            kept_by: "\"0x00\"",
            broken_by: "\"0x\"",
            wrong_type: "f32",
        },
    },
    Rule {
        key: "not_zero",
        spelling: Spelling::Key,
        domain: Domain::NumbersAndArrays,
        argument: Argument::Switch,
        turn: 2,
        meaning: "Not zero; of an array, not all of it.",
        said: "not zero",
        check: Check { function: "not_zero", refusal: "is zero" },
        others: &[
            (Kind::Float, Check { function: "not_zero_float", refusal: "is zero" }),
            (Kind::Singles, Check { function: "not_zero_singles", refusal: "is zero" }),
            (Kind::Doubles, Check { function: "not_zero_doubles", refusal: "is zero" }),
        ],
        of_default: "is zero",
        keeps: |value, _| !value.is_zero,
        values: Some(Values { narrow: |allowed, _| allowed.exclude_zero(), keep: |allowed, _| allowed.are_not_zero() }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "[i16; 2]",
            argument: "true",
            other_argument: None,
            kept_by: "[0, -1]",
            broken_by: "[0, 0]",
            wrong_type: "bool",
        },
    },
    Rule {
        key: "finite",
        spelling: Spelling::Key,
        domain: Domain::Floats,
        argument: Argument::Switch,
        turn: 0,
        meaning: "Neither NaN nor infinite.",
        said: "finite",
        check: Check { function: "finite", refusal: "is not finite" },
        others: &[],
        of_default: "is not finite",
        keeps: |value, _| value.is_finite(),
        values: Some(Values {
            narrow: |allowed, _| allowed.exclude_infinities(),
            keep: |allowed, _| allowed.are_finite(),
        }),
        #[cfg(all(test, feature = "cli"))]
        example: Example {
            ty: "f32",
            argument: "true",
            other_argument: None,
            kept_by: "-0.5",
            broken_by: "\"inf\"",
            wrong_type: "u64",
        },
    },
];
