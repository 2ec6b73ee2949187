//! Why bytes or values were refused.

use thiserror::Error;

use super::ValidationError;

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The contract has no message of this id.
    #[error("no message has the id {id}")]
    UnknownMessage {
        /// The id that came with the body.
        id: u16,
    },
    /// The body has a length that no readable layout of the message has.
    #[error("a body of `{message}` has {expected} bytes, not {length}")]
    Length {
        /// The message's name in the contract.
        message: &'static str,
        /// The length of the body, in bytes.
        length: usize,
        /// The length of the last layout, in bytes.
        expected: usize,
    },
    /// A field holds bits that no value of its type has.
    #[error("a body of `{message}` holds bits that no value of its types has")]
    Bits {
        /// The message's name in the contract.
        message: &'static str,
    },
    /// A field breaks a rule of the contract.
    #[error(transparent)]
    Validation(#[from] ValidationError),
}

/// An integer that is no variant of a closed enum.
///
/// ```
/// let error = mycelium_rt::UnknownVariant { name: "Side", value: 7 };
/// assert_eq!(error.to_string(), "7 is no variant of `Side`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{value} is no variant of `{name}`")]
pub struct UnknownVariant {
    /// The enum's name in the contract.
    pub name: &'static str,
    /// The integer.
    pub value: i128,
}

/// More bytes than a bounded string or byte string holds.
///
/// ```
/// let error = mycelium_rt::FixedStr::<4>::new("EURUSD").unwrap_err();
/// assert_eq!(error.to_string(), "6 bytes do not fit into 4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{length} bytes do not fit into {capacity}")]
pub struct CapacityError {
    /// The bytes given.
    pub length: usize,
    /// The bytes that fit.
    pub capacity: usize,
}
