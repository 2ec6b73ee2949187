//! Messages: the trait that generated code implements, and the types of its fields.
//!
//! A message is a plain `#[repr(C)]` struct whose bytes in memory are its bytes on every wire. So sending one is a copy, and reading one is
//! a check and a cast. Nothing in here allocates.
#![forbid(unsafe_code)]

mod filler;

mod error;

mod field;

mod check;

mod bytes;
mod decimal;
mod flags;
mod newtype;
mod text;
mod time;
mod u256;
mod variants;
mod wide;

mod body;

use core::fmt::Debug;

use crate::reading::Readable;

pub use body::Decoded;
pub use bytes::FixedBytes;
pub use decimal::ParseDecimalError;
pub use error::{CapacityError, DecodeError, Rule, UnknownVariant, ValidationError};
pub use text::FixedStr;
pub(crate) use text::floor_char_boundary;
pub use time::{DurationNs, TimeRangeError, TimestampNs};
pub use u256::{ParseU256Error, U256};
pub use wide::{I128, U128};

/// What generated code uses besides the public items.
pub(crate) mod private {
    pub use super::body::{
        DecodeResult, any, assert_layouts, bytes_of, decode_grown, place, unknown_message, unknown_variant,
    };
    pub use super::bytes::{Bytes, as_slice, bytes};
    pub use super::check::{
        Content, at_least, at_most, content, fewest, filler, finite, fits, fits_list, list, longest, most, not_empty,
        not_zero, not_zero_doubles, not_zero_float, not_zero_singles, presence, shortest,
    };
    pub use super::decimal::{Decimal, DecimalFactor, overflow, parse, product, to_f64_lossy, write};
    pub use super::field::{Redacted, debug, has, items, list_items, list_len, optional, redacted, set};
    pub use super::filler::{Filler, Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8};
    pub use super::flags::{FlagNames, debug_flags};
    pub use super::text::{Text, as_str, str_len, text};
    pub use super::variants::{Variants, Word, bitmap, debug_open, name_at, words};
    pub use crate::{
        __decimal as decimal, __default as impl_default, __filler as impl_filler, __find as find, __flags as flags,
        __newtype as newtype, __newtype_bytes as newtype_bytes, __newtype_str as newtype_str,
        __newtype_wide as newtype_wide, __open_enum as open_enum, __open_names as open_names,
    };
    pub use zerocopy::{self, Immutable, IntoBytes};
}

/// A message of a contract. Implemented by generated code only: one of its supertraits is not public.
///
/// A message that exists is valid: it keeps the rules of its contract, whichever way it was made. So code that receives a message never
/// has to check it again.
///
/// The supertraits are what a router needs to keep a message in a queue and to show it in an error. A message is plain
/// data: copying it copies its bytes. `Default` is not a supertrait, since the defaults of a message may break its rules.
///
/// ```
/// use mycelium_rt::Message;
///
/// /// Works for every message of every contract.
/// fn describe<M: Message>() -> String {
///     format!("{} ({}) of {} bytes on `{}`", M::NAME, M::ID, size_of::<M>(), M::TOPIC)
/// }
/// ```
pub trait Message: Copy + Debug + PartialEq + Readable + Send + Sync + 'static {
    /// The id on the wire, unique within a program.
    const ID: u16;
    /// The name in the contract.
    const NAME: &'static str;
    /// The name of the schema of the message, which distinguishes it from a message of the same id and shape in another schema. Empty if
    /// the schema has no name.
    const SCHEMA: &'static str = "";
    /// The topic in the contract.
    const TOPIC: &'static str;
    /// The schema version that this code was generated from.
    const VERSION: u16;
    /// The oldest schema version whose bodies can still be read.
    const MIN_COMPATIBLE: u16;
    /// Every layout that the message has had, oldest first: the version that introduced it, its size in bytes, its hash.
    ///
    /// Never empty. The first entry has version 1, and sizes grow.
    const LAYOUTS: &'static [(u16, usize, u64)];
    /// The hash of the latest layout.
    const LAYOUT_HASH: u64;

    /// The body as it is sent: `size_of::<Self>()` bytes, a multiple of 8.
    fn as_bytes(&self) -> &[u8];

    /// Checks what the type alone does not guarantee: lengths, UTF-8, unused slots, and the rules of the contract.
    ///
    /// [`decode`](Self::decode) calls it once, where bytes enter the process. No message that safe code can obtain fails it.
    ///
    /// # Errors
    /// The first field that breaks a rule, in declared order.
    fn validate(&self) -> Result<(), ValidationError>;

    /// Reads a body, in place where that is possible, and validates it.
    ///
    /// - A body of this layout, or a longer one of a newer program, is borrowed. The rest of a longer body is ignored.
    /// - A shorter body of an older layout, back to [`Message::MIN_COMPATIBLE`], is extended by the defaults of the
    ///   fields that it lacks, and owned.
    /// - A body that is not aligned to 8 bytes is copied, and owned.
    ///
    /// It never panics, whatever the bytes are, and never allocates.
    ///
    /// # Errors
    /// [`DecodeError::Length`] for a length that no layout has, [`DecodeError::Bits`] for bits that no value of the type
    /// has (a `bool` of 2, a variant that does not exist, padding that is not zero), and [`DecodeError::Validation`].
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Decoded<'_, Self>, DecodeError> {
        body::decode(bytes)
    }
}

/// The description of a message as data: one entry of a contract's `MESSAGES`.
///
/// ```
/// use mycelium_rt::MessageInfo;
///
/// fn largest(messages: &[MessageInfo]) -> usize {
///     messages.iter().map(MessageInfo::size).max().unwrap_or(0)
/// }
/// # assert_eq!(largest(&[]), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageInfo {
    /// [`Message::ID`].
    pub id: u16,
    /// [`Message::NAME`].
    pub name: &'static str,
    /// [`Message::TOPIC`].
    pub topic: &'static str,
    /// [`Message::VERSION`].
    pub version: u16,
    /// [`Message::MIN_COMPATIBLE`].
    pub min_compatible: u16,
    /// [`Message::LAYOUTS`].
    pub layouts: &'static [(u16, usize, u64)],
}

impl MessageInfo {
    /// The entry of one message.
    pub const fn of<M: Message>() -> Self {
        Self {
            id: M::ID,
            name: M::NAME,
            topic: M::TOPIC,
            version: M::VERSION,
            min_compatible: M::MIN_COMPATIBLE,
            layouts: M::LAYOUTS,
        }
    }

    /// The size of a body in the latest layout, in bytes.
    pub const fn size(&self) -> usize {
        match self.layouts.last() {
            Some((_, size, _)) => *size,
            None => 0,
        }
    }
}
