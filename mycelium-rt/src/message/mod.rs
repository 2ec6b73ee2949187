//! Messages: what generated code implements, and the types that its fields are made of.
//!
//! A message is a plain `#[repr(C)]` struct whose bytes in memory are its bytes on every wire, so sending one is a copy
//! and reading one is a cast and a check. Nothing in here allocates.
#![forbid(unsafe_code)]

mod body;
mod bytes;
mod check;
mod decimal;
mod decimal_text;
mod decimal_type;
mod decode;
mod error;
mod field;
mod filler;
mod flags_type;
mod info;
mod newtype;
mod open_enum;
mod padding;
mod text;
mod time;
mod u256;
mod validation;
mod variants;
mod wide;

use core::fmt::Debug;

use crate::reading::Readable;

pub use bytes::FixedBytes;
pub use decimal::ParseDecimalError;
pub use decode::Decoded;
pub use error::{CapacityError, DecodeError, UnknownVariant};
pub use info::MessageInfo;
pub use text::FixedStr;
pub use time::{DurationNs, TimeRangeError, TimestampNs};
pub use u256::{ParseU256Error, U256};
pub use validation::{Rule, ValidationError};
pub use wide::{I128, U128};

/// What generated code uses beside the public items.
pub(crate) mod private {
    pub use super::body::{
        DecodeResult, any, assert_layouts, bytes_of, decode_grown, place, unknown_message, unknown_variant,
    };
    pub use super::bytes::{Bytes, as_slice, bytes};
    pub use super::check::{
        Content, at_least, at_most, content, fewest, filler, finite, fits, fits_list, list, longest, most, not_empty,
        not_zero, not_zero_doubles, not_zero_float, not_zero_singles, presence, shortest,
    };
    pub use super::decimal::{Decimal, DecimalFactor, product, to_f64_lossy};
    pub use super::decimal_text::{parse, write};
    pub use super::decimal_type::overflow;
    pub use super::field::{Redacted, debug, has, items, list_items, list_len, optional, redacted, set};
    pub use super::filler::Filler;
    pub use super::flags_type::{FlagNames, debug_flags};
    pub use super::open_enum::debug_open;
    pub use super::padding::{Zero1, Zero2, Zero3, Zero4, Zero5, Zero6, Zero7, Zero8};
    pub use super::text::{Text, as_str, str_len, text};
    pub use super::variants::{Variants, Word, bitmap, name_at, words};
    pub use crate::{
        __decimal as decimal, __default as impl_default, __filler as impl_filler, __find as find, __flags as flags,
        __newtype as newtype, __newtype_bytes as newtype_bytes, __newtype_str as newtype_str,
        __newtype_wide as newtype_wide, __open_enum as open_enum, __open_names as open_names,
    };
    pub use zerocopy::{self, Immutable, IntoBytes};
}

/// A message of a contract. Implemented by generated code only.
///
/// A message that exists is valid: it keeps the rules of its contract, whichever way it was made. So nothing that is given one
/// has to check it again.
///
/// The supertraits are what a router needs to keep a message in a queue and to show it in an error. A message is plain
/// data: copying it copies its bytes. `Default` is not among them, since the defaults of a message need not keep its rules.
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
    /// The name of the schema that has the message, which tells it from one of the same id and shape in another; empty if there is
    /// none.
    const SCHEMA: &'static str = "";
    /// The topic in the contract.
    const TOPIC: &'static str;
    /// The schema version that this code was generated from.
    const VERSION: u16;
    /// The oldest schema version whose bodies are still read.
    const MIN_COMPATIBLE: u16;
    /// Each layout that the message ever had: the version that brought it, its size in bytes, its hash; oldest first.
    ///
    /// Never empty; the first entry has version 1, and sizes grow.
    const LAYOUTS: &'static [(u16, usize, u64)];
    /// The hash of the last layout.
    const LAYOUT_HASH: u64;

    /// The body as it goes over a wire: `size_of::<Self>()` bytes, a multiple of 8.
    fn as_bytes(&self) -> &[u8];

    /// Checks what the type alone does not promise: lengths, UTF-8, unused slots, and the rules of the contract.
    ///
    /// [`decode`](Self::decode) calls it, once, where bytes enter the process. No message that safe code can get at fails it.
    ///
    /// # Errors
    /// The first field that breaks a rule, in declared order.
    fn validate(&self) -> Result<(), ValidationError>;

    /// Reads a body, in place where that is possible, and validates it.
    ///
    /// - A body of this layout, or a longer one of a newer program, is borrowed. The rest of a longer one is ignored.
    /// - A shorter body of an older layout, back to [`Message::MIN_COMPATIBLE`], is widened with the defaults of the
    ///   fields that it lacks, and owned.
    /// - A body that does not lie on an 8-byte boundary is copied, and owned.
    ///
    /// Total: no bytes make it panic, and it never allocates.
    ///
    /// # Errors
    /// [`DecodeError::Length`] for a length that no layout has, [`DecodeError::Bits`] for bits that no value of the type
    /// has (a `bool` of 2, a variant that does not exist, padding that is not zero), and [`DecodeError::Validation`].
    #[inline]
    fn decode(bytes: &[u8]) -> Result<Decoded<'_, Self>, DecodeError> {
        body::decode(bytes)
    }
}
