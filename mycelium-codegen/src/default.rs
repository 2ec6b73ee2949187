//! What a field is where nobody says it, and whether its own rules allow that.

use crate::model::{Field, Literal, Scalar, Schema, Type};
use crate::rules::{Rule, Rules, Subject};

/// The rule that stands between a field and its default: then its message has no `Default`.
pub(crate) fn broken_rule(schema: &Schema, field: &Field) -> Option<&'static Rule> {
    let given = match &field.default {
        Some(given) => given.clone(),
        None if field.optional => return None,
        None => zero(schema, &field.ty),
    };
    broken_by(&field.rules, &given)
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

/// The first rule that a value breaks, in the order in which `validate` checks them.
pub(crate) fn broken_by(rules: &Rules, value: &Literal) -> Option<&'static Rule> {
    let value = Subject::of_literal(value);
    rules.by_turn().into_iter().find(|set| !set.keeps(&value)).map(|set| set.rule)
}
