//! Why bytes or values were refused.

use core::fmt;

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// The contract has no message with this id.
    UnknownMessage {
        /// The id received with the body.
        id: u16,
    },
    /// The body has a length that no readable layout of the message has.
    Length {
        /// The message's name in the contract.
        message: &'static str,
        /// The length of the body, in bytes.
        length: usize,
        /// The length of the latest layout, in bytes.
        expected: usize,
    },
    /// A field holds bits that no value of its type has.
    Bits {
        /// The message's name in the contract.
        message: &'static str,
    },
    /// A field breaks a rule of the contract.
    Validation(ValidationError),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownMessage { id } => write!(f, "no message has the id {id}"),
            Self::Length { message, length, expected } => {
                write!(f, "a body of `{message}` has {expected} bytes, not {length}")
            }
            Self::Bits { message } => write!(f, "a body of `{message}` holds bits that no value of its types has"),
            Self::Validation(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for DecodeError {}

impl From<ValidationError> for DecodeError {
    fn from(error: ValidationError) -> Self {
        Self::Validation(error)
    }
}

/// An integer that is not a variant of a closed enum.
///
/// ```
/// let error = mycelium_rt::UnknownVariant { name: "Side", value: 7 };
/// assert_eq!(error.to_string(), "7 is not a variant of `Side`");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownVariant {
    /// The enum's name in the contract.
    pub name: &'static str,
    /// The integer.
    pub value: i128,
}

impl fmt::Display for UnknownVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not a variant of `{}`", self.value, self.name)
    }
}

impl core::error::Error for UnknownVariant {}

/// A value is longer than its bounded string or byte string.
///
/// ```
/// let error = mycelium_rt::FixedStr::<4>::new("EURUSD").unwrap_err();
/// assert_eq!(error.to_string(), "6 bytes do not fit into 4");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityError {
    /// The length of the value, in bytes.
    pub length: usize,
    /// The capacity, in bytes.
    pub capacity: usize,
}

impl fmt::Display for CapacityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes do not fit into {}", self.length, self.capacity)
    }
}

impl core::error::Error for CapacityError {}

/// A field whose value the contract does not allow.
///
/// It names the field and the rule, never the value, so that a redacted value cannot leak through an error. It is cheap to copy, and
/// creating it allocates nothing.
///
/// ```
/// use mycelium_rt::{Rule, ValidationError};
///
/// let error = ValidationError { message: "Bar", field: "close", rule: Rule::Min("0.000000") };
/// assert_eq!(error.to_string(), "`close` of `Bar` is below the minimum 0.000000");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidationError {
    /// The message's name in the contract.
    pub message: &'static str,
    /// The field's name in the contract, or `presence bits`, which is not a valid name of a field.
    pub field: &'static str,
    /// The broken rule.
    pub rule: Rule,
}

/// A rule that a value of a field must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Not below this minimum, in the notation of contracts.
    Min(&'static str),
    /// Not above this maximum, in the notation of contracts.
    Max(&'static str),
    /// Not NaN: the field has a minimum or a maximum.
    Number,
    /// At least this number of bytes, of text or `bytes`.
    MinLength(u32),
    /// At most this number of bytes, of text or `bytes`.
    MaxLength(u32),
    /// At least this number of elements of a list.
    MinElements(u32),
    /// At most this number of elements of a list.
    MaxElements(u32),
    /// At least one byte or element.
    NotEmpty,
    /// Not zero.
    NotZero,
    /// Neither infinite nor NaN.
    Finite,
    /// Valid UTF-8.
    Utf8,
    /// Unused bits, bytes and slots hold their filler.
    Unused,
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message, field, rule } = self;
        write!(f, "`{field}` of `{message}` {rule}")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Min(bound) => write!(f, "is below the minimum {bound}"),
            Self::Max(bound) => write!(f, "is above the maximum {bound}"),
            Self::Number => f.write_str("is not a number"),
            Self::MinLength(bound) => write!(f, "is shorter than {bound} byte{}", plural(*bound)),
            Self::MaxLength(bound) => write!(f, "is longer than {bound} byte{}", plural(*bound)),
            Self::MinElements(bound) => write!(f, "has fewer than {bound} element{}", plural(*bound)),
            Self::MaxElements(bound) => write!(f, "has more than {bound} element{}", plural(*bound)),
            Self::NotEmpty => f.write_str("is empty"),
            Self::NotZero => f.write_str("is zero"),
            Self::Finite => f.write_str("is not finite"),
            Self::Utf8 => f.write_str("is not UTF-8"),
            Self::Unused => f.write_str("has unused bytes that are not in their canonical form"),
        }
    }
}

fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

impl core::error::Error for ValidationError {}

/// So that code generic over `TryFrom` also works for messages that cannot be refused.
impl From<core::convert::Infallible> for ValidationError {
    fn from(never: core::convert::Infallible) -> Self {
        match never {}
    }
}
