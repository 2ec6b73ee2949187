//! Type expressions → types: looks names up, and checks that bounds are in range.

use super::Checker;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::model::{self, BUILTINS};
use crate::model::{Int, Scalar, Type};
use crate::parse::decl::{Bound, ExprKind, TypeExpr};
use crate::source::Span;
use crate::suggest;
use crate::suggest::did_you_mean;

/// The largest body of a message, in bytes.
pub(super) const MAX_BODY: u64 = 65_528;
/// The bounds of the older dialect's `String` and `Vec` if no validation sets one.
const ASSUMED_STRING: u32 = 256;
const ASSUMED_VEC: u32 = 16;

/// A built-in type by its current name, or by its name in the older dialect.
pub(super) fn builtin(name: &str) -> Option<Scalar> {
    match name {
        "U128" => Some(Scalar::U128),
        "I128" => Some(Scalar::I128),
        "U256" => Some(Scalar::U256),
        _ => model::builtin(name),
    }
}

/// Whether a name is that of a built-in type, which no declaration can have. `U256` is not, since it belongs to the older dialect only.
pub(super) fn is_lowercase_builtin(name: &str) -> bool {
    matches!(name, "str" | "bytes") || (builtin(name).is_some() && !name.starts_with(|c: char| c.is_uppercase()))
}

/// A native integer by name, for representations.
pub(super) fn int(name: &str) -> Option<Int> {
    match builtin(name) {
        Some(Scalar::Int(int)) => Some(int),
        _ => None,
    }
}

/// The bound that a validation sets for a `String` or `Vec`, until it is used.
#[derive(Default)]
pub(super) struct Limit {
    pub(super) max_length: Option<Bound>,
}

impl Checker<'_> {
    /// A type with its names resolved, or `None` after reporting an error. `limit` is the bound of an outermost `String` or `Vec`.
    pub(super) fn resolve(&mut self, expr: &TypeExpr, limit: &mut Limit) -> Option<Type> {
        let none = &mut Limit::default();
        match &expr.kind {
            ExprKind::Name(name) => self.named(name, expr.span, limit),
            ExprKind::Str(bound) => Some(Type::Str(self.bound(bound)?)),
            ExprKind::Bytes(bound) => Some(Type::Bytes(self.bound(bound)?)),
            ExprKind::Array(element, length) => {
                let (element, length) = (self.resolve(element, none), self.bound(length));
                Some(Type::Array(Box::new(element?), length?))
            }
            ExprKind::List(element, bound) => {
                let (element, bound) = (self.resolve(element, none), self.bound(bound));
                Some(Type::List(Box::new(element?), bound?))
            }
            ExprKind::Vec(element) => {
                let what = if is_byte(element) { "Vec<u8>" } else { "Vec" };
                let bound = self.assumed(limit, expr.span, what, ASSUMED_VEC);
                let element = self.resolve(element, none);
                Some(Type::List(Box::new(element?), bound?))
            }
            ExprKind::Option(_) => {
                let message = "`Option` is only allowed as the whole type of a message's field";
                self.error(
                    Finding::new(Code::MisplacedType, expr.span, message).help("set `optional: true` on the field"),
                );
                None
            }
        }
    }

    fn named(&mut self, name: &str, span: Span, limit: &mut Limit) -> Option<Type> {
        if let Some(id) = self.names.get(name) {
            return Some(Type::Named(*id));
        }
        if let Some(scalar) = builtin(name) {
            return Some(Type::Scalar(scalar));
        }
        if name == "String" {
            return self.assumed(limit, span, "String", ASSUMED_STRING).map(Type::Str);
        }
        let finding = Finding::new(Code::UnknownType, span, format!("unknown type `{name}`"));
        let help = self.type_help(name);
        self.error(finding.label("not declared").help(help));
        None
    }

    fn type_help(&self, name: &str) -> String {
        if let Some(instead) = suggest::type_instead(name) {
            return format!("use {instead}");
        }
        let declared = self.schema.types.iter().map(|def| def.name.as_str());
        let builtins = BUILTINS.iter().map(|(name, _)| *name);
        did_you_mean(name, declared.chain(builtins)).unwrap_or_else(|| format!("declare `{name}` under `types:`"))
    }

    /// A length or bound; reports one that no body can hold.
    pub(super) fn bound(&mut self, bound: &Bound) -> Option<u32> {
        if bound.value > MAX_BODY {
            let message = format!("this is too large: a body has at most {MAX_BODY} bytes");
            self.error(Finding::new(Code::TooLarge, bound.span, message).help("send the parts as separate messages"));
            return None;
        }
        u32::try_from(bound.value).ok()
    }

    fn assumed(&mut self, limit: &mut Limit, span: Span, what: &str, assumed: u32) -> Option<u32> {
        if let Some(bound) = limit.max_length.take() {
            return self.bound(&bound);
        }
        let name = what.split('<').next().unwrap_or(what);
        let message = format!("`{name}` has no `max_length`; {assumed} is assumed");
        let modern = match what {
            "String" => format!("str<={assumed}"),
            "Vec<u8>" => format!("bytes<={assumed}"),
            _ => format!("[T]<={assumed}"),
        };
        self.error(
            Finding::new(Code::AssumedBound, span, message).help(format!("set a `max_length`, or write `{modern}`")),
        );
        Some(assumed)
    }
}

fn is_byte(element: &TypeExpr) -> bool {
    matches!(&element.kind, ExprKind::Name(name) if name == "u8")
}
