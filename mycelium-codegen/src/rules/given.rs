//! Rules as a field has them: each with what it is told.

use std::cmp::Ordering;

use super::{Kind, RULES, Rule, Subject};
use crate::model::{Field, Literal, Scalar, Schema, Type};
use crate::number::{bound_text, compare};

/// What the rules of a field are told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    /// A number of the field's type.
    Number(Literal),
    /// So many bytes or elements.
    Length(u32),
    /// Nothing but that it holds.
    On,
}

impl Given {
    /// Of a rule about lengths; else 0.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Length(length) => *length as usize,
            Self::Number(_) | Self::On => 0,
        }
    }

    /// Which of two is the larger one, where they are of one kind.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => compare(left, right),
            (Self::Length(left), Self::Length(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// As docs and errors say it, of a field of this type.
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

    /// What the docs of a field say of it.
    pub fn said(&self, schema: &Schema, ty: &Type) -> String {
        self.rule.said.replace("{}", &self.given.text(schema, ty))
    }

    /// How a value is refused, in the words of `Rule` of `mycelium-rt`.
    pub fn refusal(&self, schema: &Schema, ty: &Type, value: &Subject) -> String {
        if let Some(refusal) = self.rule.of_nan.filter(|_| value.is_nan()) {
            return refusal.to_owned();
        }
        self.rule.check_of(kind(schema, ty)).refusal.replace("{}", &self.given.text(schema, ty))
    }
}

/// The rules of a field, which `validate` checks beyond its type. For an optional field they hold where it is present.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    set: Vec<SetRule>,
    /// The contract has rules at the field, and all of them are wrong.
    are_wrong: bool,
}

impl Rules {
    /// Adds a rule that is not there yet.
    pub(crate) fn set(&mut self, rule: &'static Rule, given: Given) {
        self.set.push(SetRule { rule, given });
        self.set.sort_by_key(|set| RULES.iter().position(|rule| rule == set.rule));
    }

    /// Adds the bound of the type as the rule that says the same, unless a rule sets a tighter one.
    pub(crate) fn bound_by(&mut self, bound: u32) {
        let rule = RULES.iter().find(|rule| rule.is_bound);
        if let Some(rule) = rule.filter(|rule| self.get(rule).is_none()) {
            self.set(rule, Given::Length(bound));
        }
    }

    /// Those of a field at which the contract has wrong rules and no other ones.
    pub(crate) fn wrong() -> Self {
        Self { set: Vec::new(), are_wrong: true }
    }

    /// Whether the field is private, because of a rule or of a wrong one: the code that uses it stays the same when that is mended.
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

    /// What a rule is told, if it is set.
    pub(crate) fn get(&self, rule: &Rule) -> Option<&Given> {
        self.iter().find(|set| set.rule == rule).map(|set| &set.given)
    }
}

/// The kind of a type that may have checks of its own.
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

/// `8 bytes`, or `1 element` of a list.
pub fn sized(schema: &Schema, ty: &Type, length: u32) -> String {
    let unit = if kind(schema, ty) == Some(Kind::List) { "element" } else { "byte" };
    let plural = if length == 1 { "" } else { "s" };
    format!("{length} {unit}{plural}")
}
