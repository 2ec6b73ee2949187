//! The rules that a contract may put on a field, in one table.
//!
//! A rule is a row of [`RULES`]. Everything that has to do with rules reads the row: the parser its key, the checker the types
//! it is for and the kind of its argument, locks its name, docs and the JSON Schema its words, generated code the check that it
//! calls, the codec of the command what a value has to keep, and the comparison of two contracts which values it lets through.
//! Nothing else depends on which rule it reads. The check itself is a function of `mycelium-rt`, in `message/check.rs`.

pub(crate) mod allowed;
mod given;
mod subject;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

pub use given::sized;
pub(crate) use given::{Given, Rules, SetRule, broken_by, broken_rule, kind};
pub use subject::{Number, Subject};
pub use table::RULES;

use allowed::Allowed;

/// One row: all that is said of a rule.
pub struct Rule {
    /// As contracts and locks write it.
    pub key: &'static str,
    /// Whether it is a key of a field, or stands in the older dialect's `validation` only.
    pub spelling: Spelling,
    pub(crate) domain: Domain,
    pub(crate) argument: Argument,
    /// When it is checked: rules of a lower turn first, those of one turn in the order of the table.
    pub(crate) turn: u8,
    /// What a value keeps, in one sentence.
    pub meaning: &'static str,
    /// What the docs of a field say; `{}` stands for the argument, with `bytes` or `elements` behind a length.
    pub(crate) said: &'static str,
    pub(crate) check: Check,
    /// The checks of the kinds of types that have another one.
    pub(crate) others: &'static [(Kind, Check)],
    /// How it refuses NaN, where that is on neither side of its argument.
    pub(crate) of_nan: Option<&'static str>,
    /// Of a rule that sets the lower end: the one that sets the upper end. No value keeps both if this argument is the larger one.
    pub(crate) up_to: Option<&'static str>,
    /// Whether it sets the most bytes or elements, which the older dialect's types have no other way to say. Exactly one rule does.
    pub(crate) is_bound: bool,
    /// What is wrong with a default that breaks it.
    pub(crate) of_default: &'static str,
    /// Whether a value keeps the rule.
    pub(crate) keeps: fn(&Subject, &Given) -> bool,
    /// Which values it lets through. `None`: nothing but the same rule compares with it, so that each change counts as one.
    pub(crate) values: Option<Values>,
    /// What shows the rule at work, for the tests of those who read the table.
    pub example: Example,
}

/// Where a rule may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// As a key of the field, and in a `validation`.
    Key,
    /// In a `validation` of the older dialect only.
    Validation,
}

/// The types that a rule is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Numbers,
    NumbersAndArrays,
    Floats,
    Sized,
}

impl Domain {
    /// For messages: the rule "is for …".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::NumbersAndArrays => "numbers and arrays of numbers",
            Self::Floats => "`f32` and `f64`",
            Self::Sized => "text, bytes and lists",
        }
    }
}

/// What a rule is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A number of the field's type; with a side, the smallest or the largest value.
    Number(Option<Side>),
    /// The smallest or the largest number of bytes or elements.
    Length(Side),
    /// Whether it holds.
    Switch,
}

/// Which end of its values a rule sets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Least,
    Most,
}

/// A kind of types that has a check of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Float,
    /// Arrays of `f32`, also of arrays and of newtypes.
    Singles,
    /// The same of `f64`.
    Doubles,
}

/// What generated code calls.
pub(crate) struct Check {
    /// The function of `mycelium-rt`.
    pub(crate) function: &'static str,
    /// How it refuses a value, after the field's name; `{}` as for [`Rule::said`].
    pub(crate) refusal: &'static str,
}

/// The values of a field under a rule. The argument is a text, as a lock has it.
pub(crate) struct Values {
    /// Takes away what the rule refuses.
    pub(crate) narrow: fn(&mut Allowed, &str),
    /// Whether all of these values keep the rule.
    pub(crate) keep: fn(&Allowed, &str) -> bool,
}

/// A field that has the rule.
pub struct Example {
    pub ty: &'static str,
    pub argument: &'static str,
    /// Another argument, of which there are values that the first refuses, or the other way round; none of switches.
    pub other_argument: Option<&'static str>,
    /// Values as JSON.
    pub kept_by: &'static str,
    pub broken_by: &'static str,
    /// A type that can't have the rule.
    pub wrong_type: &'static str,
}

impl Rule {
    /// The rule of this key, in any spelling.
    pub(crate) fn named(key: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.key == key)
    }

    /// The rule that this key of a field is.
    pub(crate) fn of_key(key: &str) -> Option<&'static Self> {
        Self::named(key).filter(|rule| rule.spelling == Spelling::Key)
    }

    /// The check for values of a kind.
    pub(crate) fn check_of(&self, kind: Option<Kind>) -> &Check {
        let other = self.others.iter().find(|(other, _)| kind == Some(*other));
        other.map_or(&self.check, |(_, check)| check)
    }
}

/// A key stands for one rule.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}
