//! The values that the type and the rules of a field allow together.
//!
//! Rules are compared by what they allow, and not by how they are written: `not_empty` and `min_length: 1` allow the same values, and so
//! do `not_zero` and `min: 1` on an unsigned field. Limits that can't be compared count as different; that only happens with locks that
//! were edited by hand.

use std::cmp::Ordering;

use super::Rule;
use crate::number::{self, Integer};

/// The largest scale of a decimal: any 64-bit number of units fits 128 bits at this scale.
pub(crate) const MAX_SCALE: u32 = 18;

/// The values of a field. Limits are text in the form of a lock.
pub(crate) struct Allowed {
    numbers: Numbers,
    /// The minimum; `None` if there is none.
    low: Option<String>,
    high: Option<String>,
    zero: bool,
    nan: bool,
    shortest: u64,
    longest: u64,
    /// Rules that can only be compared with themselves, and their arguments.
    others: Vec<(&'static Rule, String)>,
}

/// The numbers of a type.
#[derive(Default)]
pub(crate) struct Numbers {
    /// The smallest and the largest; `None` for floats, which include the infinities, and for types without numbers.
    pub(crate) limits: Option<(String, String)>,
    /// The smallest number above zero, for types with a fixed step.
    pub(crate) step: Option<String>,
    /// The largest finite number, for floats.
    pub(crate) largest_float: Option<&'static str>,
}

impl Allowed {
    /// The values under some rules, for a type with these numbers, or for text, bytes or a list of at most `longest` bytes or elements.
    pub(crate) fn by<'v>(
        numbers: Numbers,
        longest: u64,
        rules: impl IntoIterator<Item = (&'static Rule, &'v str)>,
    ) -> Self {
        let (low, high) = numbers.limits.clone().unzip();
        let nan = numbers.largest_float.is_some();
        let mut allowed = Self { numbers, low, high, zero: true, nan, shortest: 0, longest, others: Vec::new() };
        for (rule, argument) in rules {
            match &rule.values {
                Some(values) => (values.narrow)(&mut allowed, argument),
                None => allowed.others.push((rule, argument.to_owned())),
            }
        }
        allowed.without_zero();
        allowed
    }

    /// Whether all of these values pass a rule.
    pub(crate) fn keep(&self, rule: &'static Rule, argument: &str) -> bool {
        match &rule.values {
            Some(values) => (values.keep)(self, argument),
            None => self.others.iter().any(|(other, given)| *other == rule && given == argument),
        }
    }

    /// If zero is a limit and not allowed, moves the limit to the next number.
    fn without_zero(&mut self) {
        let is_zero = |limit: &Option<String>| order(limit.as_deref(), "0") == Some(Ordering::Equal);
        if let (false, Some(step)) = (self.zero, &self.numbers.step) {
            if is_zero(&self.low) {
                self.low = Some(step.clone());
            }
            if is_zero(&self.high) {
                self.high = Some(format!("-{step}"));
            }
        }
    }
}

/// What rules remove.
impl Allowed {
    pub(super) fn raise(&mut self, least: &str) {
        self.nan = false;
        if order(self.low.as_deref(), least).is_none_or(Ordering::is_lt) {
            self.low = Some(least.to_owned());
        }
    }

    pub(super) fn lower(&mut self, largest: &str) {
        self.nan = false;
        if order(self.high.as_deref(), largest).is_none_or(Ordering::is_gt) {
            self.high = Some(largest.to_owned());
        }
    }

    pub(super) fn exclude_infinities(&mut self) {
        self.nan = false;
        if let Some(largest) = self.numbers.largest_float {
            self.raise(&format!("-{largest}"));
            self.lower(largest);
        }
    }

    pub(super) fn exclude_zero(&mut self) {
        self.zero = false;
    }

    pub(super) fn lengthen(&mut self, least: &str) {
        self.shortest = self.shortest.max(least.parse().unwrap_or(0));
    }

    pub(super) fn shorten(&mut self, most: &str) {
        self.longest = self.longest.min(most.parse().unwrap_or(u64::MAX));
    }
}

/// What rules require.
impl Allowed {
    pub(super) fn are_at_least(&self, least: &str) -> bool {
        !self.nan && order(self.low.as_deref(), least).is_some_and(Ordering::is_ge)
    }

    pub(super) fn are_at_most(&self, largest: &str) -> bool {
        !self.nan && order(self.high.as_deref(), largest).is_some_and(Ordering::is_le)
    }

    pub(super) fn are_finite(&self) -> bool {
        !self.nan && self.low.is_some() && self.high.is_some()
    }

    pub(super) fn are_not_zero(&self) -> bool {
        let is_beyond = |limit: &Option<String>, side| order(limit.as_deref(), "0") == Some(side);
        !self.zero || is_beyond(&self.low, Ordering::Greater) || is_beyond(&self.high, Ordering::Less)
    }

    pub(super) fn are_as_long_as(&self, least: &str) -> bool {
        least.parse().is_ok_and(|least| self.shortest >= least)
    }

    pub(super) fn are_as_short_as(&self, most: &str) -> bool {
        most.parse().is_ok_and(|most| self.longest <= most)
    }
}

/// Compares two limits: exactly where both are whole or decimals, else as floats.
fn order(left: Option<&str>, right: &str) -> Option<Ordering> {
    let left = left?;
    if let (Some(left), Some(right)) = (Integer::parse(left), Integer::parse(right)) {
        return Some(left.compare(right));
    }
    if let (Ok(left), Ok(right)) = (number::parse_decimal(left, MAX_SCALE), number::parse_decimal(right, MAX_SCALE)) {
        return Some(left.cmp(&right));
    }
    number::parse_float(left)?.partial_cmp(&number::parse_float(right)?)
}
