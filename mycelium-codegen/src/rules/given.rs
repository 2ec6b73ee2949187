//! The rules of a field, each with its argument, and whether its default passes them.

use std::cmp::Ordering;

use super::{Kind, RULES, Rule, Subject};
use crate::model::{Field, Literal, Scalar, Schema, Type};
use crate::number::{bound_text, compare};

/// The argument of a rule of a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// A number of the field's type.
    Number(Literal),
    /// A number of bytes or elements.
    Length(u32),
    /// The rule is switched on.
    On,
}

impl Given {
    /// The argument of a rule about lengths; 0 for other rules.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Length(length) => *length as usize,
            Self::Number(_) | Self::On => 0,
        }
    }

    /// The order of two arguments of the same kind.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => compare(left, right),
            (Self::Length(left), Self::Length(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// The text in docs and errors, for a field of this type.
    fn text(&self, schema: &Schema, ty: &Type) -> String {
        match self {
            Self::Number(number) => bound_text(schema, ty, number),
            Self::Length(length) => sized(schema, ty, *length),
            Self::On => String::new(),
        }
    }
}

/// A rule of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct SetRule {
    pub rule: &'static Rule,
    pub(crate) given: Given,
}

impl SetRule {
    pub fn keeps(&self, value: &Subject) -> bool {
        (self.rule.keeps)(value, &self.given)
    }

    /// The text in the docs of a field.
    pub fn describe(&self, schema: &Schema, ty: &Type) -> String {
        self.rule.doc.replace("{}", &self.given.text(schema, ty))
    }

    /// The text of a refusal, equal to that of `Rule` in `mycelium-rt`.
    pub fn refusal(&self, schema: &Schema, ty: &Type, value: &Subject) -> String {
        if let Some(refusal) = self.rule.of_nan.filter(|_| value.is_nan()) {
            return refusal.to_owned();
        }
        self.rule.check_of(kind(schema, ty)).refusal.replace("{}", &self.given.text(schema, ty))
    }
}

/// The rules of a field, which `validate` checks in addition to its type. The rules of an optional field apply if it is present.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    set: Vec<SetRule>,
    /// The field has rules in the contract, and all of them are wrong.
    are_wrong: bool,
}

impl Rules {
    /// Adds a rule, which the field must not have yet.
    pub(crate) fn set(&mut self, rule: &'static Rule, given: Given) {
        self.set.push(SetRule { rule, given });
        self.set.sort_by_key(|set| RULES.iter().position(|rule| rule == set.rule));
    }

    /// Adds the bound of the type as a rule, unless a rule sets a tighter bound.
    pub(crate) fn bound_by(&mut self, bound: u32) {
        let rule = RULES.iter().find(|rule| rule.is_bound);
        if let Some(rule) = rule.filter(|rule| self.get(rule).is_none()) {
            self.set(rule, Given::Length(bound));
        }
    }

    /// The rules of a field whose rules are all wrong.
    pub(crate) fn wrong() -> Self {
        Self { set: Vec::new(), are_wrong: true }
    }

    /// Whether the rules make the field private. A wrong rule does so too, so that code which uses the field stays the same once the rule
    /// is fixed.
    pub(crate) fn hide(&self) -> bool {
        self.are_wrong || !self.set.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// In the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &SetRule> {
        self.set.iter()
    }

    /// In the order in which they are checked.
    pub fn by_turn(&self) -> Vec<&SetRule> {
        let mut rules: Vec<&SetRule> = self.iter().collect();
        rules.sort_by_key(|set| set.rule.turn);
        rules
    }

    /// The argument of a rule, if the field has the rule.
    pub(crate) fn get(&self, rule: &Rule) -> Option<&Given> {
        self.iter().find(|set| set.rule == rule).map(|set| &set.given)
    }
}

/// The kind of a type, if it is one with checks of its own.
pub(crate) fn kind(schema: &Schema, ty: &Type) -> Option<Kind> {
    match schema.resolve(ty) {
        Type::List(..) => Some(Kind::List),
        Type::Scalar(Scalar::F32 | Scalar::F64) => Some(Kind::Float),
        Type::Array(element, _) => elements_kind(schema, element),
        _ => None,
    }
}

fn elements_kind(schema: &Schema, element: &Type) -> Option<Kind> {
    match schema.resolve(element) {
        Type::Scalar(Scalar::F32) => Some(Kind::Singles),
        Type::Scalar(Scalar::F64) => Some(Kind::Doubles),
        Type::Array(element, _) => elements_kind(schema, element),
        _ => None,
    }
}

/// The rule that the default of a field breaks. If there is one, the message has no `Default`.
pub(crate) fn broken_rule(schema: &Schema, field: &Field) -> Option<&'static Rule> {
    let given = match &field.default {
        Some(given) => given.clone(),
        None if field.optional => return None,
        None => zero(schema, &field.ty),
    };
    broken_by(&field.rules, &given)
}

/// Zero or empty, for a type that may have rules.
fn zero(schema: &Schema, ty: &Type) -> Literal {
    match schema.resolve(ty) {
        Type::Scalar(Scalar::F32 | Scalar::F64) => Literal::Float("0".to_owned()),
        Type::Str(_) | Type::Bytes(_) | Type::List(..) => Literal::Empty,
        // One element represents all of them.
        Type::Array(element, _) => Literal::Elements(vec![zero(schema, element)]),
        Type::Scalar(_) | Type::Named(_) => Literal::Int(0),
    }
}

/// The first rule that a value breaks, in the order in which `validate` checks them.
pub(crate) fn broken_by(rules: &Rules, value: &Literal) -> Option<&'static Rule> {
    let value = Subject::of_literal(value);
    rules.by_turn().into_iter().find(|set| !set.keeps(&value)).map(|set| set.rule)
}

/// `8 bytes`, or `1 element` of a list.
pub fn sized(schema: &Schema, ty: &Type, length: u32) -> String {
    let unit = if kind(schema, ty) == Some(Kind::List) { "element" } else { "byte" };
    let plural = if length == 1 { "" } else { "s" };
    format!("{length} {unit}{plural}")
}
