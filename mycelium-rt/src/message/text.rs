//! Bounded text.

use core::fmt;
use core::ops::Deref;
use core::str::FromStr;

use zerocopy::{Immutable, IntoBytes, KnownLayout, Unaligned};

use super::bytes::FixedBytes;
use super::check::Content;
use super::filler::Filler;
use super::{CapacityError, Rule};

/// Text of at most `N` bytes of UTF-8, stored in place: `str<=N` of a contract.
///
/// In memory it is a length of two bytes, little-endian, and `N` bytes of text, of which those beyond the length are zero; its alignment is
/// 1. `N` is at most 65,535. Reading never panics: bytes that were never validated give their longest valid prefix.
///
/// ```
/// use mycelium_rt::FixedStr;
///
/// let symbol = FixedStr::<8>::new("AAPL")?;
/// assert_eq!(symbol, "AAPL");
/// assert_eq!(symbol.len(), 4);
/// assert!(FixedStr::<2>::new("AAPL").is_err());
/// # Ok::<(), mycelium_rt::CapacityError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(transparent)]
pub struct FixedStr<const N: usize>(FixedBytes<N>);

impl<const N: usize> FixedStr<N> {
    /// The empty text.
    pub const EMPTY: Self = Self(FixedBytes::EMPTY);

    /// Stores `text`.
    ///
    /// # Errors
    /// If `text` has more than `N` bytes.
    #[inline]
    pub fn new(text: &str) -> Result<Self, CapacityError> {
        FixedBytes::new(text.as_bytes()).map(Self)
    }

    /// Stores the first characters of `text`, as many as fit.
    ///
    /// ```
    /// # use mycelium_rt::FixedStr;
    /// assert_eq!(FixedStr::<4>::truncated("aéé"), "aé");
    /// ```
    #[inline]
    pub fn truncated(text: &str) -> Self {
        Self(FixedBytes::truncated(text.get(..floor_char_boundary(text, N)).unwrap_or_default().as_bytes()))
    }

    /// The text.
    #[inline]
    pub fn as_str(&self) -> &str {
        let bytes = self.0.as_slice();
        match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => valid_prefix(bytes, error.valid_up_to()),
        }
    }

    /// The number of bytes in use.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "`is_empty` comes with `str`")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cold]
fn valid_prefix(bytes: &[u8], end: usize) -> &str {
    bytes.get(..end).and_then(|prefix| core::str::from_utf8(prefix).ok()).unwrap_or_default()
}

/// Bounded text or a newtype around it, for generated code.
pub trait Text {
    /// The first characters, as many as fit.
    fn truncated(text: &str) -> Self;
    /// The text.
    fn as_str(&self) -> &str;
    /// The number of bytes in use.
    fn byte_len(&self) -> usize;
}

impl<const N: usize> Text for FixedStr<N> {
    #[inline]
    fn truncated(text: &str) -> Self {
        Self::truncated(text)
    }

    #[inline]
    fn as_str(&self) -> &str {
        self.as_str()
    }

    #[inline]
    fn byte_len(&self) -> usize {
        self.len()
    }
}

/// Reads a text field.
#[inline]
pub fn as_str<T: Text>(text: &T) -> &str {
    text.as_str()
}

/// Reads the length of a text field.
#[inline]
pub fn str_len<T: Text>(text: &T) -> usize {
    text.byte_len()
}

/// Makes a text field.
#[inline]
pub fn text<T: Text>(text: &str) -> T {
    T::truncated(text)
}

impl<const N: usize> Deref for FixedStr<N> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> AsRef<str> for FixedStr<N> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl<const N: usize> Default for FixedStr<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> Filler for FixedStr<N> {
    const FILLER: Self = Self::EMPTY;
}

impl<const N: usize> Content for FixedStr<N> {
    fn check(&self) -> Result<(), Rule> {
        self.0.check()?;
        core::str::from_utf8(self.0.as_slice()).map(|_| ()).map_err(|_| Rule::Utf8)
    }
}

impl<const N: usize> TryFrom<&str> for FixedStr<N> {
    type Error = CapacityError;

    fn try_from(text: &str) -> Result<Self, CapacityError> {
        Self::new(text)
    }
}

impl<const N: usize> FromStr for FixedStr<N> {
    type Err = CapacityError;

    fn from_str(text: &str) -> Result<Self, CapacityError> {
        Self::new(text)
    }
}

impl<const N: usize> PartialEq<str> for FixedStr<N> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl<const N: usize> PartialEq<&str> for FixedStr<N> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<const N: usize> PartialOrd for FixedStr<N> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// In the order of the text.
impl<const N: usize> Ord for FixedStr<N> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<const N: usize> fmt::Debug for FixedStr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<const N: usize> fmt::Display for FixedStr<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

/// The largest index of a character, or the end, that is `at` at most.
pub(crate) fn floor_char_boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|index| text.is_char_boundary(*index)).unwrap_or(0)
}
