//! The checks of `validate`, `TryFrom<…Fields>` and setters. Each error names the message and the field.

use zerocopy::{Immutable, IntoBytes};

use super::filler::Filler;
use super::{Rule, ValidationError};

type Checked = Result<(), ValidationError>;

#[inline]
fn check(holds: bool, message: &'static str, field: &'static str, rule: Rule) -> Checked {
    if holds { Ok(()) } else { Err(ValidationError { message, field, rule }) }
}

/// `min`, which NaN breaks.
#[inline]
pub fn at_least<T: PartialOrd>(
    message: &'static str,
    field: &'static str,
    value: T,
    min: T,
    text: &'static str,
) -> Checked {
    if value >= min { Ok(()) } else { check(false, message, field, of_number(&value, Rule::Min(text))) }
}

/// `max`, which NaN breaks.
#[inline]
pub fn at_most<T: PartialOrd>(
    message: &'static str,
    field: &'static str,
    value: T,
    max: T,
    text: &'static str,
) -> Checked {
    if value <= max { Ok(()) } else { check(false, message, field, of_number(&value, Rule::Max(text))) }
}

/// The rule broken by a value that is not on the right side of a limit: NaN is on neither side.
#[inline]
fn of_number<T: PartialOrd>(value: &T, rule: Rule) -> Rule {
    if value.partial_cmp(value).is_none() { Rule::Number } else { rule }
}

/// `finite`, for `f32` and `f64`.
#[inline]
pub fn finite(message: &'static str, field: &'static str, value: impl Into<f64>) -> Checked {
    check(value.into().is_finite(), message, field, Rule::Finite)
}

/// `not_zero` of a float. Negative zero is zero as well.
#[inline]
pub fn not_zero_float(message: &'static str, field: &'static str, value: impl Into<f64>) -> Checked {
    check(value.into() != 0.0, message, field, Rule::NotZero)
}

/// `not_zero` of arrays of `f32`, also in newtypes: at least one element is not zero.
#[inline]
pub fn not_zero_singles<T: IntoBytes + Immutable>(message: &'static str, field: &'static str, value: &T) -> Checked {
    let (floats, _) = value.as_bytes().as_chunks();
    check(floats.iter().any(|float| f32::from_ne_bytes(*float) != 0.0), message, field, Rule::NotZero)
}

/// `not_zero` of arrays of `f64`, also in newtypes: at least one element is not zero.
#[inline]
pub fn not_zero_doubles<T: IntoBytes + Immutable>(message: &'static str, field: &'static str, value: &T) -> Checked {
    let (floats, _) = value.as_bytes().as_chunks();
    check(floats.iter().any(|float| f64::from_ne_bytes(*float) != 0.0), message, field, Rule::NotZero)
}

/// `not_zero` of anything else: at least one bit is set.
#[inline]
pub fn not_zero<T: IntoBytes + Immutable>(message: &'static str, field: &'static str, value: &T) -> Checked {
    check(value.as_bytes().iter().any(|byte| *byte != 0), message, field, Rule::NotZero)
}

/// `not_empty`.
#[inline]
pub fn not_empty(message: &'static str, field: &'static str, length: usize) -> Checked {
    check(length > 0, message, field, Rule::NotEmpty)
}

/// `min_length` of text and bytes.
#[inline]
pub fn shortest(message: &'static str, field: &'static str, length: usize, bound: u32) -> Checked {
    check(length >= bound as usize, message, field, Rule::MinLength(bound))
}

/// `max_length` of text and bytes, and the capacity of the type.
#[inline]
pub fn longest(message: &'static str, field: &'static str, length: usize, bound: u32) -> Checked {
    check(length <= bound as usize, message, field, Rule::MaxLength(bound))
}

/// `min_length` of a list.
#[inline]
pub fn fewest(message: &'static str, field: &'static str, count: usize, bound: u32) -> Checked {
    check(count >= bound as usize, message, field, Rule::MinElements(bound))
}

/// `max_length` of a list, and the capacity of the type.
#[inline]
pub fn most(message: &'static str, field: &'static str, count: usize, bound: u32) -> Checked {
    check(count <= bound as usize, message, field, Rule::MaxElements(bound))
}

/// A value that users pass for a field of variable length.
pub trait Length {
    /// Bytes or elements.
    fn length(&self) -> usize;
}

impl Length for &str {
    #[inline]
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T> Length for &[T] {
    #[inline]
    fn length(&self) -> usize {
        self.len()
    }
}

impl<T: Length> Length for Option<T> {
    #[inline]
    fn length(&self) -> usize {
        self.as_ref().map_or(0, T::length)
    }
}

/// Text or bytes fit into the field.
#[inline]
pub fn fits<T: Length>(message: &'static str, field: &'static str, value: &T, bound: u32) -> Checked {
    longest(message, field, value.length(), bound)
}

/// The elements fit into the slots of the field.
#[inline]
pub fn fits_list<T: Length>(message: &'static str, field: &'static str, value: &T, bound: u32) -> Checked {
    most(message, field, value.length(), bound)
}

/// The presence bytes of a group of `optionals`: no bit beyond them is set.
#[inline]
pub fn presence(message: &'static str, field: &'static str, bytes: &[u8], optionals: usize) -> Checked {
    let used = optionals % 8;
    let unused_is_zero = used == 0 || bytes.last().is_none_or(|last| last >> used == 0);
    check(unused_is_zero, message, field, Rule::Unused)
}

/// An absent optional holds the filler.
#[inline]
pub fn filler<T: Filler + IntoBytes + Immutable>(
    message: &'static str,
    field: &'static str,
    present: bool,
    value: &T,
) -> Checked {
    check(present || is_filler(value), message, field, Rule::Unused)
}

/// The length of a list is at most its number of slots, and unused slots hold the filler.
#[inline]
pub fn list<T: Filler + IntoBytes + Immutable>(
    message: &'static str,
    field: &'static str,
    length: u16,
    slots: &[T],
) -> Checked {
    match slots.get(usize::from(length)..) {
        None => check(false, message, field, Rule::MaxElements(u32::try_from(slots.len()).unwrap_or(u32::MAX))),
        Some(unused) => check(unused.iter().all(is_filler), message, field, Rule::Unused),
    }
}

/// Compared as bytes: by `==`, -0.0 equals 0.0.
fn is_filler<T: Filler + IntoBytes + Immutable>(value: &T) -> bool {
    value.as_bytes() == T::FILLER.as_bytes()
}

/// A value whose content can be invalid although its bits are valid: it holds a bounded string or bytes.
pub trait Content {
    /// Checks lengths, UTF-8 and unused bytes.
    ///
    /// # Errors
    /// The rule that is broken.
    fn check(&self) -> Result<(), Rule>;
}

impl<T: Content> Content for [T] {
    fn check(&self) -> Result<(), Rule> {
        self.iter().try_for_each(T::check)
    }
}

impl<T: Content, const N: usize> Content for [T; N] {
    fn check(&self) -> Result<(), Rule> {
        self.as_slice().check()
    }
}

/// Checks the content of a field.
#[inline]
pub fn content<T: Content + ?Sized>(message: &'static str, field: &'static str, value: &T) -> Checked {
    value.check().map_err(|rule| ValidationError { message, field, rule })
}
