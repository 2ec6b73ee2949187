//! Padding that is checked.
//!
//! Reserved bytes that are not zero are refused on entry, so that a later version can give them a meaning. An array of
//! single bytes would do, but is compared byte by byte; these are compared in the fewest pieces that there are. None needs
//! alignment.

use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes, Unaligned};

use super::filler::Filler;

macro_rules! pieces {
    ($($name:ident: $repr:ident),*) => {$(
        /// A part of padding; as visible as the padding, since the derives want it so.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, TryFromBytes, IntoBytes, KnownLayout, Immutable)]
        #[repr($repr)]
        pub enum $name {
            /// The only value.
            Zero = 0,
        }
    )*};
}

macro_rules! padding {
    ($($name:ident = $($piece:ident)*;)*) => {$(
        /// So many bytes of padding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[derive(TryFromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
        #[repr(C, packed)]
        pub struct $name($($piece),*);

        impl Filler for $name {
            const FILLER: Self = Self($($piece::Zero),*);
        }
    )*};
}

pieces! { One: u8, Two: u16, Four: u32, Eight: u64 }

padding! {
    Zero1 = One;
    Zero2 = Two;
    Zero3 = One Two;
    Zero4 = Four;
    Zero5 = One Four;
    Zero6 = Two Four;
    Zero7 = One Two Four;
    Zero8 = Eight;
}
