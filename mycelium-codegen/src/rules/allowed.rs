//! Which values the type and the rules of a field allow together, as far as a rule asks.
//!
//! Rules are told by what they do and not by how they are written: `not_empty` and `min_length: 1` allow the same, and so do
//! `not_zero` and `min: 1` of an unsigned field. Where two limits can't be compared, which only happens with locks that were
//! edited by hand, they count as different.

use std::cmp::Ordering;

use super::Rule;
use crate::number::{self, Integer};

/// Digits after the point of any decimal; those that fit 64 bits fit 128 with as many as that.
pub(crate) const MAX_SCALE: u32 = 18;

/// The values of a field. Limits are texts, as a lock has them.
pub(crate) struct Allowed {
    numbers: Numbers,
    /// None where there is no smallest value.
    low: Option<String>,
    high: Option<String>,
    zero: bool,
    nan: bool,
    shortest: u64,
    longest: u64,
    /// The rules that compare with nothing but themselves, and what they are told.
    others: Vec<(&'static Rule, String)>,
}

/// The numbers of a type.
#[derive(Default)]
pub(crate) struct Numbers {
    /// The smallest and the largest; none of floats, which reach to the infinities, and of what is no number.
    pub(crate) limits: Option<(String, String)>,
    /// The smallest one above zero, where numbers have a distance.
    pub(crate) step: Option<String>,
    /// The largest one that is finite, of floats.
    pub(crate) largest_float: Option<&'static str>,
}

impl Allowed {
    /// The values of a type with these numbers, or of text, bytes or a list as long as `longest`, under some rules.
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

    /// Whether all of these values keep a rule.
    pub(crate) fn keep(&self, rule: &'static Rule, argument: &str) -> bool {
        match &rule.values {
            Some(values) => (values.keep)(self, argument),
            None => self.others.iter().any(|(other, given)| *other == rule && given == argument),
        }
    }

    /// A limit of zero that is not allowed itself is one of the next number.
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

/// What rules take away.
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

/// What rules ask.
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
