//! What a field is where nobody says it, and whether its own rules allow that.

use std::cmp::Ordering;

use crate::bound::compare;
use crate::model::{Field, Literal, Rules, Scalar, Schema, Type};
use crate::parse::decl::Rule;

/// The rule that stands between a field and its default: then its message has no `Default`.
pub(crate) fn broken_rule(schema: &Schema, field: &Field) -> Option<Rule> {
    let given = match &field.default {
        Some(given) => given.clone(),
        None if field.optional => return None,
        None => zero(schema, &field.ty),
    };
    broken_by(&field.rules, &given).map(|(rule, _)| rule)
}

/// Zero or empty, of a type that bears rules.
fn zero(schema: &Schema, ty: &Type) -> Literal {
    match schema.resolve(ty) {
        Type::Scalar(Scalar::F32 | Scalar::F64) => Literal::Float("0".to_owned()),
        Type::Str(_) | Type::Bytes(_) | Type::List(..) => Literal::Empty,
        // One element stands for all of them.
        Type::Array(element, _) => Literal::Elements(vec![zero(schema, element)]),
        Type::Scalar(_) | Type::Named(_) => Literal::Int(0),
    }
}

/// The first rule that a value breaks. It is finite: there are no other literals.
pub(crate) fn broken_by(rules: &Rules, value: &Literal) -> Option<(Rule, &'static str)> {
    let against = |limit: &Option<Literal>| limit.as_ref().and_then(|limit| compare(value, limit));
    let length = match value {
        Literal::Str(text) => Some(text.len()),
        Literal::Elements(items) => Some(items.len()),
        Literal::Empty => Some(0),
        _ => None,
    };
    let below = |least: u32| length.is_some_and(|length| length < least as usize);
    if against(&rules.min) == Some(Ordering::Less) {
        Some((Rule::Min, "is below the smallest value"))
    } else if against(&rules.max) == Some(Ordering::Greater) {
        Some((Rule::Max, "is above the largest value"))
    } else if rules.min_length.is_some_and(below) {
        Some((Rule::MinLength, "is too short"))
    } else if rules.max_length.is_some_and(|most| length.is_some_and(|length| length > most as usize)) {
        Some((Rule::MaxLength, "is too long"))
    } else if rules.not_empty && length == Some(0) {
        Some((Rule::NotEmpty, "is empty"))
    } else if rules.not_zero && is_zero(value) {
        Some((Rule::NotZero, "is zero"))
    } else {
        None
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
