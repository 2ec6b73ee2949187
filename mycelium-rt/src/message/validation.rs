//! What `validate` found.

use core::fmt;

/// A field whose value the contract does not allow.
///
/// It names the field and the rule, never the value, so that a redacted value cannot leak through an error. Copying it
/// is cheap, making it allocates nothing.
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
    /// The field's name in the contract, or `presence bits`, which no field is called.
    pub field: &'static str,
    /// What was broken.
    pub rule: Rule,
}

/// What a value of a field has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Not below this, as the contract would write it.
    Min(&'static str),
    /// Not above this, as the contract would write it.
    Max(&'static str),
    /// A number, and not NaN: there is a smallest or a largest value.
    Number,
    /// At least so many bytes of text, or bytes.
    MinLength(u32),
    /// At most so many bytes of text, or bytes.
    MaxLength(u32),
    /// At least so many elements of a list.
    MinElements(u32),
    /// At most so many elements of a list.
    MaxElements(u32),
    /// At least one byte or element.
    NotEmpty,
    /// Not zero.
    NotZero,
    /// Neither infinite nor NaN.
    Finite,
    /// Text is UTF-8.
    Utf8,
    /// Bits, bytes and slots that are not in use hold their filler.
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

/// So that code over `TryFrom` need not ask whether a message can be refused.
impl From<core::convert::Infallible> for ValidationError {
    fn from(never: core::convert::Infallible) -> Self {
        match never {}
    }
}
