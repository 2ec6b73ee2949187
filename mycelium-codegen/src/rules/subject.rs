//! The view of a value that rules check, whether the value is written in a contract or lies in a body.

use std::cmp::Ordering;

use super::Given;
use crate::model::Literal;
use crate::number::compare;

/// A value of a field.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The number, for numeric types.
    pub number: Option<Number>,
    /// The number of bytes or elements, for text, bytes and lists.
    pub length: Option<usize>,
    /// Whether the value is zero: floats by value, other types by their bits.
    pub is_zero: bool,
}

/// A number.
#[derive(Debug, Clone)]
pub enum Number {
    /// [`Literal::Int`] or [`Literal::Wide`].
    Whole(Literal),
    Single(f32),
    Double(f64),
}

impl Subject {
    /// A value written in a contract, such as a default.
    pub(crate) fn of_literal(value: &Literal) -> Self {
        let number = match value {
            Literal::Int(_) | Literal::Wide(_) => Some(Number::Whole(value.clone())),
            // Both sides of a comparison come from floats of one width, so comparing them as `f64` is exact.
            Literal::Float(text) => text.parse().ok().map(Number::Double),
            _ => None,
        };
        let length = match value {
            Literal::Str(text) => Some(text.len()),
            Literal::Elements(items) => Some(items.len()),
            Literal::Empty => Some(0),
            _ => None,
        };
        Self { number, length, is_zero: is_zero(value) }
    }

    /// How the number compares with the argument of the rule; `None` for NaN.
    pub(super) fn order(&self, given: &Given) -> Option<Ordering> {
        let Given::Number(limit) = given else { return None };
        match (self.number.as_ref()?, limit) {
            (Number::Whole(value), limit) => compare(value, limit),
            (Number::Single(value), Literal::Float(limit)) => value.partial_cmp(&limit.parse().ok()?),
            (Number::Double(value), Literal::Float(limit)) => value.partial_cmp(&limit.parse().ok()?),
            _ => None,
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        match self.number {
            Some(Number::Single(value)) => value.is_finite(),
            Some(Number::Double(value)) => value.is_finite(),
            Some(Number::Whole(_)) | None => true,
        }
    }

    pub(super) fn is_nan(&self) -> bool {
        match self.number {
            Some(Number::Single(value)) => value.is_nan(),
            Some(Number::Double(value)) => value.is_nan(),
            Some(Number::Whole(_)) | None => false,
        }
    }
}

fn is_zero(value: &Literal) -> bool {
    match value {
        Literal::Int(value) => *value == 0,
        Literal::Float(text) => text.parse::<f64>().is_ok_and(|value| value == 0.0),
        Literal::Elements(items) => items.iter().all(is_zero),
        _ => false,
    }
}
