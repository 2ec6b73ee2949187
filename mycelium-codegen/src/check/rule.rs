//! Rules of fields: that they apply to the type, that their arguments are values of the type, and that some value passes all of them.

use std::cmp::Ordering;

use super::Checker;
use super::literal::{self, Numeric};
use super::resolve::MAX_BODY;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Literal, Scalar, Type};
use crate::number::Integer;
use crate::parse::decl::{Bound, RuleDecl};
use crate::parse::reader::shorten;
use crate::rules::{Argument, Domain, Given, Rule, Rules, SetRule, Side, Subject, broken_by};
use crate::source::{Span, Spanned};
use crate::yaml::{Node, Value};

/// The rules of a field, and where each is written.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) rules: Rules,
    spans: Vec<(&'static Rule, Span)>,
}

impl Checked {
    pub(super) fn span(&self, rule: &Rule) -> Option<Span> {
        self.spans.iter().find(|(given, _)| *given == rule).map(|(_, span)| *span)
    }
}

impl Checker<'_> {
    /// The bound that the rule `max_length` sets for a `String` or `Vec` of the older dialect.
    pub(super) fn max_length(&mut self, decls: &[RuleDecl]) -> Option<Bound> {
        let decl = decls.iter().find(|decl| decl.rule.is_bound)?;
        let length = length(&decl.value)?;
        if length == 0 {
            let finding =
                Finding::new(Code::BadBound, decl.value.span, "the bound must be at least 1").label("too small");
            self.error(finding);
            return None;
        }
        Some(Spanned::new(length, decl.value.span))
    }

    /// Reads the rules of a field of this type. `sets_bound` means that the bound of the type comes from its `max_length`.
    pub(super) fn rules(&mut self, decls: &[RuleDecl], ty: &Type, sets_bound: bool) -> Checked {
        let mut checked = Checked::default();
        for decl in decls {
            if let Some(first) = checked.span(decl.rule) {
                let message = format!("rule `{}` is given twice", decl.key.value);
                let finding = Finding::new(Code::DuplicateKey, decl.key.span, message).label("given again here");
                self.error(finding.other(first, "first given here").help("keep one of the two"));
                continue;
            }
            match self.rule(decl, ty, sets_bound) {
                Ok(given) => {
                    checked.spans.push((decl.rule, decl.value.span));
                    given.into_iter().for_each(|given| checked.rules.set(decl.rule, given));
                }
                Err(finding) => self.refuse(decl, *finding),
            }
        }
        self.contradictions(&checked);
        self.only_zero(&checked, ty);
        checked
    }

    /// Reports a rule that can't be applied. In the older dialect that is only a lint, since its files build as they are.
    fn refuse(&mut self, decl: &RuleDecl, finding: Finding) {
        if !decl.older {
            return self.error(finding);
        }
        let message = format!("validation `{}` has no effect: {}", decl.key.value, finding.message);
        self.error(Finding { code: Code::NoEffect, message, ..finding });
    }

    /// The argument of a rule; `None` if the rule refuses no value.
    fn rule(&mut self, decl: &RuleDecl, ty: &Type, sets_bound: bool) -> Result<Option<Given>, Box<Finding>> {
        let rule = decl.rule;
        let misplaced = || {
            let message = format!("`{}` applies to {}", decl.key.value, rule.domain.words());
            Box::new(Finding::new(Code::MisplacedRule, decl.key.span, message).label("does not apply to this type"))
        };
        if !self.has_rules_for(rule.domain, ty) {
            return Err(misplaced());
        }
        match rule.argument {
            Argument::Number(side) => self.number_rule(decl, side, self.numeric(ty).ok_or_else(misplaced)?),
            Argument::Length(side) => {
                let is_bound = sets_bound && rule.is_bound;
                self.length_rule(decl, side, self.text_bound(ty).ok_or_else(misplaced)?, is_bound)
            }
            Argument::Switch => Ok(switch(decl)?.then_some(Given::On)),
        }
    }

    fn has_rules_for(&self, domain: Domain, ty: &Type) -> bool {
        match domain {
            Domain::Numbers => self.numeric(ty).is_some(),
            Domain::NumbersAndArrays => self.is_numbers(ty),
            Domain::Floats => matches!(self.underlying(ty), Type::Scalar(Scalar::F32 | Scalar::F64)),
            Domain::Sized => self.text_bound(ty).is_some(),
        }
    }

    fn number_rule(
        &mut self,
        decl: &RuleDecl,
        side: Option<Side>,
        numeric: Numeric,
    ) -> Result<Option<Given>, Box<Finding>> {
        let number = literal::number(&decl.value, numeric).map_err(|mismatch| {
            let message = format!("`{}` is not a value of the field's type: {}", decl.key.value, mismatch.message);
            Box::new(Finding::new(Code::BadLimit, mismatch.span, message).maybe_help(mismatch.help))
        })?;
        if side.and_then(|side| numeric.end(side)) == Some(number.clone()) {
            self.idle(decl);
            return Ok(None);
        }
        Ok(Some(Given::Number(number)))
    }

    fn idle(&mut self, decl: &RuleDecl) {
        let message = format!("`{}` always holds for this type", decl.key.value);
        self.error(Finding::new(Code::IdleRule, decl.value.span, message).help("remove it"));
    }

    fn length_rule(
        &mut self,
        decl: &RuleDecl,
        side: Side,
        bound: u32,
        is_bound: bool,
    ) -> Result<Option<Given>, Box<Finding>> {
        let value = length(&decl.value).ok_or_else(|| {
            let message = format!("`{}` must be a whole number", decl.key.value);
            Box::new(Finding::new(Code::BadLimit, decl.value.span, message))
        })?;
        let value = u32::try_from(value).unwrap_or(u32::MAX);
        let is_idle = match side {
            Side::Least if value > bound => {
                let message = format!("`{}` is {value}, but the type holds at most {bound}", decl.key.value);
                // No value passes, so this is an error in the older dialect as well.
                self.error(Finding::new(Code::EmptyRange, decl.value.span, message));
                return Ok(None);
            }
            Side::Least => value == 0,
            Side::Most => value >= bound,
        };
        if is_idle && !is_bound {
            self.idle(decl);
        }
        Ok((!is_idle).then_some(Given::Length(value)))
    }

    /// Reports a minimum above the maximum.
    fn contradictions(&mut self, checked: &Checked) {
        for least in checked.rules.iter() {
            let Some(most) = least.rule.up_to.and_then(Rule::named) else { continue };
            if checked.rules.get(most).and_then(|most| least.given.order(most)) != Some(Ordering::Greater) {
                continue;
            }
            let (Some(min), Some(max)) = (checked.span(least.rule), checked.span(most)) else { continue };
            let finding = Finding::new(Code::EmptyRange, min, "the minimum is above the maximum");
            self.error(finding.label("minimum").other(max, "maximum").help("swap them: no value passes"));
        }
    }

    /// Reports limits that allow only zero, which another rule refuses.
    fn only_zero(&mut self, checked: &Checked, ty: &Type) {
        let zero = Subject::of_literal(&Literal::Int(0));
        let refuses_zero = |set: &&SetRule| set.given == Given::On && !set.keeps(&zero);
        let (Some(refusal), Some(numeric)) = (checked.rules.iter().find(refuses_zero), self.numeric(ty)) else {
            return;
        };
        let limit = |side| checked.rules.iter().find(|set| set.rule.argument == Argument::Number(Some(side)));
        let sides = [Side::Least, Side::Most].map(|side| (side, limit(side)));
        let is_zero = |(side, set): (Side, Option<&SetRule>)| match set {
            Some(SetRule { given: Given::Number(number), .. }) => Subject::of_literal(number).is_zero,
            _ => numeric.end(side) == Some(Literal::Int(0)),
        };
        if !sides.into_iter().all(is_zero) {
            return;
        }
        let Some(span) = checked.span(refusal.rule) else { return };
        let limits = sides.iter().filter_map(|(_, set)| checked.span((*set)?.rule));
        let finding = Finding::new(Code::EmptyRange, span, "the limits allow only zero, which another rule refuses");
        let finding =
            limits.fold(finding.label("refuses zero"), |finding, limit| finding.other(limit, "allows only zero"));
        self.error(finding.help("widen the limits, or remove one of the rules: no value passes"));
    }

    /// The maximum number of bytes or elements of a type; `None` for types of fixed length.
    pub(super) fn text_bound(&self, ty: &Type) -> Option<u32> {
        match self.underlying(ty) {
            Type::Str(bound) | Type::Bytes(bound) | Type::List(_, bound) => Some(*bound),
            _ => None,
        }
    }

    fn is_numbers(&self, ty: &Type) -> bool {
        match self.underlying(ty) {
            Type::Array(inner, _) => self.is_numbers(inner),
            _ => self.numeric(ty).is_some(),
        }
    }

    /// Whether the rules of the field allow a default; reports the rule that does not.
    pub(super) fn default_passes(&mut self, checked: &Checked, default: &Literal, span: Span) -> bool {
        let Some(rule) = broken_by(&checked.rules, default) else { return true };
        let mut finding = Finding::new(Code::DefaultOutside, span, format!("the default {}", rule.of_default));
        if let Some(place) = checked.span(rule) {
            finding = finding.other(place, "by this rule");
        }
        self.error(finding.label("refused"));
        false
    }
}

fn switch(decl: &RuleDecl) -> Result<bool, Box<Finding>> {
    let text = match &decl.value.value {
        Value::Scalar(scalar) => scalar.text.as_str(),
        _ => "",
    };
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => {
            let message = format!("`{}` must be `true` or `false`, not `{}`", decl.key.value, shorten(other));
            Err(Box::new(Finding::new(Code::WrongKind, decl.value.span, message)))
        }
    }
}

/// A length; one that no body can hold counts as `MAX_BODY + 1`.
fn length(node: &Node) -> Option<u64> {
    let Value::Scalar(scalar) = &node.value else { return None };
    let value = Integer::parse(&scalar.text)?;
    if value.is_negative() {
        return None;
    }
    Some(value.to_i128().and_then(|value| u64::try_from(value).ok()).unwrap_or(MAX_BODY + 1))
}
