//! Fields of messages: type, `since`, default.

use super::Checker;
use super::resolve::Limit;
use super::rule::Checked;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{Field, Literal, Type};
use crate::number::Integer;
use crate::parse::decl::{ExprKind, FieldDecl, RuleDecl};
use crate::rules::Rules;
use crate::source::{Span, Spanned};
use crate::yaml::Node;

/// The version of the previous field, and where it is written.
pub(super) struct Newest {
    pub(super) since: u16,
    pub(super) span: Option<Span>,
}

/// The type of a field, and what its declaration says about it.
struct FieldType {
    ty: Type,
    optional: bool,
    /// The bound of a `String` or `Vec` was taken from the rule `max_length`.
    sets_bound: bool,
}

impl Checker<'_> {
    /// A checked field, or `None` after reporting an error in its name or type. A field with another error is kept without the part
    /// that is wrong, so that code which uses the message gets no second error.
    pub(super) fn field(&mut self, decl: &FieldDecl, newest: &mut Newest) -> Option<Field> {
        let is_named = self.name(&decl.name, "field");
        let since = self.since(decl, newest);
        self.is_readable_by_older(decl, since);
        let FieldType { ty, optional, sets_bound } = self.field_type(decl)?;
        let mut field = Field {
            name: decl.name.value.clone(),
            ty,
            doc: decl.doc.clone(),
            optional,
            default: None,
            since,
            deprecated: decl.deprecated.clone(),
            unit: decl.unit.clone(),
            rules: Default::default(),
            redacted: decl.redacted,
        };
        // Values of a type with errors can't be read.
        if self.is_broken(&field.ty) {
            field.rules = if decl.rules.iter().any(is_on) { Rules::wrong() } else { Rules::default() };
            return is_named.then_some(field);
        }
        let before = self.findings.errors();
        let checked = self.rules(&decl.rules, &field.ty, sets_bound);
        let are_wrong = self.findings.errors() > before;
        if let Some((key, node)) = &decl.default {
            field.default = self.default(decl, &field.ty, &checked, *key, node);
        }
        field.rules = checked.rules;
        if are_wrong && field.rules.is_empty() {
            field.rules = Rules::wrong();
        }
        is_named.then_some(field)
    }

    fn field_type(&mut self, decl: &FieldDecl) -> Option<FieldType> {
        let expr = decl.ty.as_ref()?;
        let expr = match &expr.kind {
            ExprKind::Option(inner) => inner,
            _ => expr,
        };
        let mut limit = Limit { max_length: self.max_length(&decl.rules) };
        let is_limited = limit.max_length.is_some();
        let ty = self.resolve(expr, &mut limit)?;
        let sets_bound = is_limited && limit.max_length.is_none();
        let before = self.findings.errors();
        if !self.is_broken(&ty) {
            self.inner_placement(&ty, expr);
        }
        let is_placed = self.findings.errors() == before;
        is_placed.then_some(FieldType { ty, optional: optional_at(decl).is_some(), sets_bound })
    }

    /// The version that added a field: at most the version of the schema, and never below that of the field before.
    fn since(&mut self, decl: &FieldDecl, newest: &mut Newest) -> u16 {
        let version = self.schema.version;
        let written = decl.since.as_ref();
        let since = written.map_or(Some(1), |since| in_range(since, version));
        let Some(since) = since else {
            let span = written.map_or(decl.name.span, |since| since.span);
            let message = format!("`since` must be a version of the schema, from 1 to {version}");
            let help = "raise `schema.version` when you add a field";
            self.error(Finding::new(Code::BadSince, span, message).label("out of range").help(help));
            return 1;
        };
        if since < newest.since {
            let span = written.map_or(decl.name.span, |since| since.span);
            let message = format!(
                "field `{}` has version {since}, but follows a field of version {}",
                decl.name.value, newest.since
            );
            let mut finding = Finding::new(Code::BadSince, span, message).label("older than the field before it");
            if let Some(before) = newest.span {
                finding = finding.other(before, "a newer field");
            }
            self.error(finding.help("put new fields at the end of the message"));
            return 1;
        }
        *newest = Newest { since, span: written.map(|since| since.span).or(newest.span) };
        since
    }

    fn default(&mut self, decl: &FieldDecl, ty: &Type, checked: &Checked, key: Span, node: &Node) -> Option<Literal> {
        if let Some(optional) = optional_at(decl) {
            let message = format!("field `{}` is optional and has a default", decl.name.value);
            let finding = Finding::new(Code::Contradiction, key, message).other(optional, "it may be absent");
            self.error(finding.label("so a default is never used").help("keep one of the two"));
            return None;
        }
        match self.literal(ty, node) {
            Ok(literal) => self.default_passes(checked, &literal, node.span).then_some(literal),
            Err(mismatch) => {
                let message =
                    format!("the default of `{}` is not a value of its type: {}", decl.name.value, mismatch.message);
                self.error(Finding::new(Code::BadDefault, mismatch.span, message).maybe_help(mismatch.help));
                None
            }
        }
    }

    /// Reports a new field that has no value when the body of an older version lacks it.
    fn is_readable_by_older(&mut self, decl: &FieldDecl, since: u16) {
        if since > 1 && optional_at(decl).is_none() && decl.default.is_none() {
            let message = format!("field `{}` was added in version {since} and has no default", decl.name.value);
            let finding = Finding::new(Code::NewFieldNeedsDefault, decl.name.span, message);
            self.error(finding.label("older messages lack it").help("add a `default`, or `optional: true`"));
        }
    }
}

/// Where a field is declared optional, in either spelling.
fn optional_at(decl: &FieldDecl) -> Option<Span> {
    let wrapped = || decl.ty.as_ref().filter(|ty| matches!(ty.kind, ExprKind::Option(_))).map(|ty| ty.span);
    decl.optional.or_else(wrapped)
}

/// Whether a rule is in force. A wrong rule of the older dialect is only a lint.
fn is_on(decl: &RuleDecl) -> bool {
    !decl.older && !decl.is_off()
}

fn in_range(since: &Spanned<Integer>, version: u16) -> Option<u16> {
    let since = u16::try_from(since.value.to_i128()?).ok()?;
    (1..=version).contains(&since).then_some(since)
}
