//! Padding that is checked.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

/// A reserved byte. Any value but zero is refused on entry, so that a later version can give the byte a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(u8)]
pub enum Zero {
    /// The only value.
    Zero = 0,
}
