//! Bounded bytes.

use core::fmt;
use core::ops::Deref;

use zerocopy::{Immutable, IntoBytes, KnownLayout, Unaligned};

use super::check::Content;
use super::filler::Filler;
use super::{CapacityError, Rule};

/// At most `N` bytes, stored in place: `bytes<=N` of a contract.
///
/// In memory it is a length of two bytes, little-endian, and `N` bytes, of which those beyond the length are zero; its alignment is 1. `N` is
/// at most 65,535. Reading never panics: a length beyond `N`, from bytes that were never validated, counts as `N`.
///
/// ```
/// use mycelium_rt::FixedBytes;
///
/// let hash = FixedBytes::<32>::new(&[1, 2, 3])?;
/// assert_eq!(hash.as_slice(), [1, 2, 3]);
/// assert!(FixedBytes::<2>::new(&[1, 2, 3]).is_err());
/// # Ok::<(), mycelium_rt::CapacityError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct FixedBytes<const N: usize> {
    /// Not a `u16`, which needs alignment and so padding: zerocopy derives for a generic struct only if all fields are unaligned.
    length: [u8; 2],
    bytes: [u8; N],
}

impl<const N: usize> FixedBytes<N> {
    /// No bytes.
    pub const EMPTY: Self = Self { length: [0; 2], bytes: [0; N] };

    /// Stores `bytes`.
    ///
    /// # Errors
    /// If there are more than `N` bytes.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<Self, CapacityError> {
        if bytes.len() > N {
            return Err(CapacityError { length: bytes.len(), capacity: N });
        }
        Ok(Self::truncated(bytes))
    }

    /// Stores the first bytes, as many as fit.
    #[inline]
    pub fn truncated(bytes: &[u8]) -> Self {
        let mut stored = Self::EMPTY;
        let length = bytes.len().min(N).min(usize::from(u16::MAX));
        if let (Some(target), Some(source)) = (stored.bytes.get_mut(..length), bytes.get(..length)) {
            target.copy_from_slice(source);
            stored.length = u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
        }
        stored
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len()).unwrap_or(&self.bytes)
    }

    /// The number of bytes in use.
    #[inline]
    #[expect(clippy::len_without_is_empty, reason = "`is_empty` comes with the slice")]
    pub fn len(&self) -> usize {
        usize::from(u16::from_le_bytes(self.length)).min(N)
    }
}

/// Bounded bytes or a newtype around them, for generated code.
pub trait Bytes {
    /// The first bytes, as many as fit.
    fn truncated(bytes: &[u8]) -> Self;
    /// The bytes.
    fn as_slice(&self) -> &[u8];
}

impl<const N: usize> Bytes for FixedBytes<N> {
    #[inline]
    fn truncated(bytes: &[u8]) -> Self {
        Self::truncated(bytes)
    }

    #[inline]
    fn as_slice(&self) -> &[u8] {
        self.as_slice()
    }
}

/// Reads a field of bytes.
#[inline]
pub fn as_slice<T: Bytes>(bytes: &T) -> &[u8] {
    bytes.as_slice()
}

/// Makes a field of bytes.
#[inline]
pub fn bytes<T: Bytes>(bytes: &[u8]) -> T {
    T::truncated(bytes)
}

impl<const N: usize> Deref for FixedBytes<N> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl<const N: usize> AsRef<[u8]> for FixedBytes<N> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl<const N: usize> Default for FixedBytes<N> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<const N: usize> Filler for FixedBytes<N> {
    const FILLER: Self = Self::EMPTY;
}

impl<const N: usize> Content for FixedBytes<N> {
    fn check(&self) -> Result<(), Rule> {
        match self.bytes.get(usize::from(u16::from_le_bytes(self.length))..) {
            None => Err(Rule::MaxLength(u32::try_from(N).unwrap_or(u32::MAX))),
            Some(unused) if unused.iter().any(|byte| *byte != 0) => Err(Rule::Unused),
            Some(_) => Ok(()),
        }
    }
}

impl<const N: usize> TryFrom<&[u8]> for FixedBytes<N> {
    type Error = CapacityError;

    fn try_from(bytes: &[u8]) -> Result<Self, CapacityError> {
        Self::new(bytes)
    }
}

impl<const N: usize> PartialEq<[u8]> for FixedBytes<N> {
    fn eq(&self, other: &[u8]) -> bool {
        self.as_slice() == other
    }
}

impl<const N: usize> PartialEq<&[u8]> for FixedBytes<N> {
    fn eq(&self, other: &&[u8]) -> bool {
        self.as_slice() == *other
    }
}

impl<const N: usize> PartialOrd for FixedBytes<N> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// In the order of the bytes.
impl<const N: usize> Ord for FixedBytes<N> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl<const N: usize> fmt::Debug for FixedBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_slice(), f)
    }
}
