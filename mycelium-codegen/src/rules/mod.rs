//! The rules that a contract may put on a field, in one table.
//!
//! A rule is a row of [`RULES`]. All code about rules reads the row: the parser its key, the checker the types that it applies to and
//! the kind of its argument, locks its name, docs and the JSON Schema its texts, generated code the check that it calls, the codec of
//! the command the condition for a value, and the comparison of two contracts the values that it allows. No code depends on a
//! particular rule. The check itself is a function of `mycelium-rt`, in `message/check.rs`.

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

/// One row of the table: everything about a rule.
pub struct Rule {
    /// The name in contracts and locks.
    pub key: &'static str,
    /// Whether it is a key of a field, or only valid in the older dialect's `validation`.
    pub spelling: Spelling,
    pub(crate) domain: Domain,
    pub(crate) argument: Argument,
    /// The order of checks: rules of a lower turn first, and rules of the same turn in the order of the table.
    pub(crate) turn: u8,
    /// The rule in one sentence.
    pub meaning: &'static str,
    /// The text in the docs of a field; `{}` is the argument, followed by `bytes` or `elements` if it is a length.
    pub(crate) doc: &'static str,
    pub(crate) check: Check,
    /// The checks of kinds of types that have a check of their own.
    pub(crate) others: &'static [(Kind, Check)],
    /// How it refuses NaN, which is neither below nor above its argument.
    pub(crate) of_nan: Option<&'static str>,
    /// For a rule that sets the lower end: the rule that sets the upper end. No value passes both if the lower end is above the upper.
    pub(crate) up_to: Option<&'static str>,
    /// Whether it sets the maximum number of bytes or elements, which the older dialect writes as a rule. Exactly one rule does.
    pub(crate) is_bound: bool,
    /// The error for a default that breaks it, after "the default".
    pub(crate) of_default: &'static str,
    /// Whether a value passes the rule.
    pub(crate) keeps: fn(&Subject, &Given) -> bool,
    /// The values that it allows. `None` means that it can only be compared with itself, so that every change of it is a break.
    pub(crate) values: Option<Values>,
    /// A field with the rule, for the tests of all readers of the table.
    pub example: Example,
}

/// Where contracts write a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// As a key of the field, and in a `validation`.
    Key,
    /// In a `validation` of the older dialect only.
    Validation,
}

/// The types that a rule applies to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Numbers,
    NumbersAndArrays,
    Floats,
    Sized,
}

impl Domain {
    /// For messages: the rule "applies to …".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::NumbersAndArrays => "numbers and arrays of numbers",
            Self::Floats => "`f32` and `f64`",
            Self::Sized => "text, bytes and lists",
        }
    }
}

/// The argument of a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A number of the field's type; with a side, the minimum or the maximum.
    Number(Option<Side>),
    /// The minimum or maximum number of bytes or elements.
    Length(Side),
    /// `true` or `false`.
    Switch,
}

/// The end of a range of values that a rule sets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Least,
    Most,
}

/// A kind of types with a check of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    Float,
    /// Arrays of `f32`, including nested arrays and newtypes.
    Singles,
    /// The same for `f64`.
    Doubles,
}

/// The check that generated code calls.
pub(crate) struct Check {
    /// The function of `mycelium-rt`.
    pub(crate) function: &'static str,
    /// The text of a refusal, after the field's name; `{}` is the argument as in [`Rule::doc`].
    pub(crate) refusal: &'static str,
}

/// The values of a field under a rule. The argument is text in the form of a lock.
pub(crate) struct Values {
    /// Removes the values that the rule refuses.
    pub(crate) narrow: fn(&mut Allowed, &str),
    /// Whether all of these values pass the rule.
    pub(crate) keep: fn(&Allowed, &str) -> bool,
}

/// A field that has the rule.
pub struct Example {
    pub ty: &'static str,
    pub argument: &'static str,
    /// Another argument that allows other values; `None` for switches.
    pub other_argument: Option<&'static str>,
    /// A value that passes, as JSON.
    pub kept_by: &'static str,
    pub broken_by: &'static str,
    /// A type that the rule does not apply to.
    pub wrong_type: &'static str,
}

impl Rule {
    /// The rule with this key, in either spelling.
    pub(crate) fn named(key: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| rule.key == key)
    }

    /// The rule that a field may have as this key.
    pub(crate) fn of_key(key: &str) -> Option<&'static Self> {
        Self::named(key).filter(|rule| rule.spelling == Spelling::Key)
    }

    /// The check for values of a kind.
    pub(crate) fn check_of(&self, kind: Option<Kind>) -> &Check {
        let other = self.others.iter().find(|(other, _)| kind == Some(*other));
        other.map_or(&self.check, |(_, check)| check)
    }
}

/// Keys are unique.
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
