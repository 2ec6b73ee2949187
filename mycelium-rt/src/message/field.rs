//! How a message stores optional and variable fields.
//!
//! A group's presence bits lie before its fields; the lowest bit of the first byte is the first optional. A list is a length and an array.
//! No function panics: a length or bit that no writer would produce is clamped or ignored.

use core::fmt;

use super::filler::Filler;

/// Whether the optional at `index` of a group is present.
#[inline]
pub fn has(presence: &[u8], index: usize) -> bool {
    presence.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}

/// The value of an optional field.
#[inline]
pub fn optional<T>(presence: &[u8], index: usize, value: T) -> Option<T> {
    has(presence, index).then_some(value)
}

/// Sets the presence bit of an optional, and returns what to store: the value or the filler.
#[inline]
pub fn set<T: Filler>(presence: &mut [u8], index: usize, value: Option<T>) -> T {
    if let Some(byte) = presence.get_mut(index / 8) {
        let bit = 1 << (index % 8);
        *byte = if value.is_some() { *byte | bit } else { *byte & !bit };
    }
    value.unwrap_or(T::FILLER)
}

/// The used part of a list; all of it if the length is out of bounds.
#[inline]
pub fn items<T>(length: u16, slots: &[T]) -> &[T] {
    slots.get(..usize::from(length)).unwrap_or(slots)
}

/// The length to store for a list, at most `N`.
#[inline]
pub fn list_len<T, const N: usize>(items: &[T]) -> u16 {
    u16::try_from(items.len().min(N)).unwrap_or(u16::MAX)
}

/// The slots to store for a list: the elements that fit, then filler.
#[inline]
pub fn list_items<T: Filler, const N: usize>(items: &[T]) -> [T; N] {
    let mut slots = [T::FILLER; N];
    for (slot, item) in slots.iter_mut().zip(items) {
        *slot = *item;
    }
    slots
}

/// Prints a struct of a contract: the names and values of its visible fields.
///
/// # Errors
/// Those of the formatter.
pub fn debug(f: &mut fmt::Formatter<'_>, name: &str, names: &[&str], values: &[&dyn fmt::Debug]) -> fmt::Result {
    let mut output = f.debug_struct(name);
    for (field, value) in names.iter().zip(values) {
        output.field(field, value);
    }
    output.finish()
}

/// Prints a redacted message.
///
/// # Errors
/// Those of the formatter.
pub fn redacted(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    write!(f, "{name}(<redacted>)")
}

/// Printed in place of a redacted value.
pub struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}
