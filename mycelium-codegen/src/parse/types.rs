//! The section `types:`.

use super::decl::{MemberDecl, OneofDecl, TypeBody, TypeDecl, TypeExpr, ValueDecl};
use super::expr;
use super::reader::Reader;
use crate::code::Code;
use crate::diagnostic::Finding;
use crate::keys::{self, Place, SHAPES};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Node, Value};

/// The keys of one type, before the type is assembled.
#[derive(Default)]
struct Parts {
    shapes: Vec<(Spanned<String>, Node)>,
    rust_type: Option<(Spanned<String>, Node)>,
    validation: Option<Node>,
    doc: Option<(Spanned<String>, String)>,
    open: Option<(Span, bool)>,
    variants: Option<(Span, Node)>,
    bits: Option<(Span, Node)>,
}

impl Reader<'_> {
    pub(super) fn types(&mut self, node: Node) -> Vec<TypeDecl> {
        let entries = self.map_or_nothing(node, "`types`").unwrap_or_default();
        entries.into_iter().map(|Entry { key, value }| self.type_decl(key, value)).collect()
    }

    fn type_decl(&mut self, name: Spanned<String>, node: Node) -> TypeDecl {
        let mut decl = TypeDecl { name, doc: None, body: None };
        if let Value::Scalar(_) = node.value {
            let message = format!("type `{}` has no kind", decl.name.value);
            let help = format!("write `{}: {{ newtype: … }}`", decl.name.value);
            self.findings.push(Finding::new(Code::BadShape, node.span, message).help(help));
        } else if let Some(entries) = self.map(node, "a type") {
            let mut parts = self.type_parts(&decl.name, entries);
            decl.doc = parts.doc.take().map(|(_, doc)| doc);
            decl.body = self.body(&decl.name, parts);
        }
        decl
    }

    fn type_parts(&mut self, name: &Spanned<String>, entries: Vec<Entry>) -> Parts {
        let mut parts = Parts::default();
        for Entry { key, value } in entries {
            match key.value.as_str() {
                "doc" | "description" => {
                    if let Some(doc) = self.prose(value, "a doc") {
                        self.once(&mut parts.doc, key, doc);
                    }
                }
                "open" => parts.open = self.boolean(value, "`open`").map(|open| (key.span, open)),
                "variants" => parts.variants = Some((key.span, value)),
                "bits" => parts.bits = Some((key.span, value)),
                "rust_type" => parts.rust_type = Some((key, value)),
                "validation" => parts.validation = Some(value),
                "serialization" | "rkyv" => self.no_effect(&key),
                word if SHAPES.iter().any(|shape| shape.key == word) => parts.shapes.push((key, value)),
                _ => self.unknown_key(&key, &format!("type `{}`", name.value), &keys::TYPE),
            }
        }
        parts
    }

    fn body(&mut self, name: &Spanned<String>, mut parts: Parts) -> Option<TypeBody> {
        self.stray_parts(&parts);
        if parts.shapes.len() > 1 {
            let (first, second) = (&parts.shapes[0].0, &parts.shapes[1].0);
            let message = format!("type `{}` has two kinds, `{}` and `{}`", name.value, first.value, second.value);
            let finding = Finding::new(Code::BadShape, second.span, message).label("second kind");
            self.findings.push(finding.other(first.span, "first kind").help("declare two types"));
            return None;
        }
        let Some((shape, node)) = parts.shapes.pop() else {
            return self.older_body(name, parts);
        };
        if let Some((key, _)) = parts.rust_type {
            self.no_effect(&key);
        }
        match shape.value.as_str() {
            "decimal" => self.decimal(&shape, node),
            "newtype" => Some(TypeBody::Newtype(self.type_expr(node)?)),
            "enum" => {
                let repr = self.text(node, "the representation of an enum")?;
                let variants = self.values(&shape, parts.variants, "variants", ("value", &keys::VARIANT))?;
                let open = parts.open.is_some_and(|(_, open)| open);
                Some(TypeBody::Enum { repr: Spanned::new(repr.value, repr.span), open, variants })
            }
            "flags" => {
                let repr = self.text(node, "the representation of flags")?;
                let bits = self.values(&shape, parts.bits, "bits", ("bit", &keys::BIT))?;
                Some(TypeBody::Flags { repr: Spanned::new(repr.value, repr.span), bits })
            }
            "struct" => Some(TypeBody::Struct(self.members(node, "a struct")?)),
            _ => self.oneof(node),
        }
    }

    fn older_body(&mut self, name: &Spanned<String>, parts: Parts) -> Option<TypeBody> {
        let Some((_, node)) = parts.rust_type else {
            let message = format!("type `{}` has no kind", name.value);
            let help = "add one of `decimal`, `newtype`, `enum`, `flags`, `struct` and `oneof`";
            self.findings.push(Finding::new(Code::BadShape, name.span, message).help(help));
            return None;
        };
        let text = self.text(node, "`rust_type`")?;
        let expr = expr::parse(&text, self.findings)?;
        let limits = parts.validation.map(|node| self.validations(node)).unwrap_or_default();
        Some(TypeBody::RustType { expr, limits })
    }

    /// Reports keys that belong to another kind of type.
    fn stray_parts(&mut self, parts: &Parts) {
        let shape = parts.shapes.first().map_or("", |(key, _)| key.value.as_str());
        let given = [
            ("open", parts.open.map(|(span, _)| span)),
            ("variants", parts.variants.as_ref().map(|(span, _)| *span)),
            ("bits", parts.bits.as_ref().map(|(span, _)| *span)),
        ];
        for (key, span) in given {
            let owner = SHAPES.iter().find(|shape| shape.parts().any(|part| part == key)).map_or("", |shape| shape.key);
            if let Some(span) = span.filter(|_| shape != owner) {
                let message = format!("`{key}` belongs to `{owner}`");
                let help = format!("remove it, or make this type an `{owner}`");
                self.findings.push(Finding::new(Code::BadShape, span, message).help(help));
            }
        }
    }

    fn decimal(&mut self, shape: &Spanned<String>, node: Node) -> Option<TypeBody> {
        let (mut repr, mut scale) = (None, None);
        let (mut repr_given, mut scale_given) = (false, false);
        for Entry { key, value } in self.map(node, "`decimal`")? {
            match key.value.as_str() {
                "repr" => {
                    repr_given = true;
                    repr = self.text(value, "`repr`").map(|text| Spanned::new(text.value, text.span));
                }
                "scale" => {
                    scale_given = true;
                    scale = self.integer(value, "`scale`");
                }
                _ => self.unknown_key(&key, "`decimal`", &keys::DECIMAL),
            }
        }
        if !repr_given {
            self.missing_key(shape.span, "a decimal", "repr", "the integer that holds it, such as `repr: i64`");
        }
        if !scale_given {
            self.missing_key(shape.span, "a decimal", "scale", "the digits after the point, such as `scale: 6`");
        }
        Some(TypeBody::Decimal { repr: repr?, scale: scale? })
    }

    /// `Name: 1`, or `Name: { value: 1, doc: … }`.
    fn values(
        &mut self,
        shape: &Spanned<String>,
        node: Option<(Span, Node)>,
        section: &str,
        keys: (&str, &Place),
    ) -> Option<Vec<ValueDecl>> {
        let Some((_, node)) = node else {
            let example = format!("`{section}`, such as `{section}: {{ First: 1 }}`");
            self.missing_key(shape.span, &format!("`{}`", shape.value), section, &example);
            return None;
        };
        if let Value::List(_) = node.value {
            let message = format!("`{section}` must be a map from names to numbers, not a list");
            let help = "write `First: 0` instead of `- First`: the number is what is sent";
            self.findings.push(Finding::new(Code::WrongKind, node.span, message).help(help));
            return None;
        }
        let entries = self.map(node, &format!("`{section}`"))?;
        Some(entries.into_iter().map(|Entry { key: name, value }| self.value_decl(name, value, keys)).collect())
    }

    fn value_decl(&mut self, name: Spanned<String>, node: Node, (number_key, place): (&str, &Place)) -> ValueDecl {
        let mut decl = ValueDecl { name, value: None, doc: None };
        let what = format!("the {number_key} of `{}`", decl.name.value);
        let Value::Map(entries) = node.value else {
            decl.value = self.integer(node, &what);
            return decl;
        };
        let mut given = false;
        for Entry { key, value } in entries {
            match key.value.as_str() {
                "doc" | "description" => decl.doc = self.prose(value, "a doc"),
                word if word == number_key => {
                    given = true;
                    decl.value = self.integer(value, &what);
                }
                _ => self.unknown_key(&key, &format!("`{}`", decl.name.value), place),
            }
        }
        if !given {
            let example = format!("`{number_key}: 1`");
            self.missing_key(decl.name.span, &format!("`{}`", decl.name.value), number_key, &example);
        }
        decl
    }

    fn oneof(&mut self, node: Node) -> Option<TypeBody> {
        let entries = self.map(node, "`oneof`")?;
        let variants = entries.into_iter().map(|Entry { key, value }| {
            let what = format!("variant `{}`", key.value);
            OneofDecl { name: key, members: self.members(value, &what).unwrap_or_default() }
        });
        Some(TypeBody::Oneof(variants.collect()))
    }

    fn members(&mut self, node: Node, what: &str) -> Option<Vec<MemberDecl>> {
        let entries = self.map_or_nothing(node, what)?;
        Some(entries.into_iter().map(|Entry { key, value }| self.member(key, value)).collect())
    }

    fn member(&mut self, name: Spanned<String>, node: Node) -> MemberDecl {
        let mut member = MemberDecl { name, ty: None, doc: None, unit: None };
        let Value::Map(entries) = node.value else {
            member.ty = self.type_expr(node);
            return member;
        };
        let mut given = false;
        for Entry { key, value } in entries {
            match key.value.as_str() {
                "type" => {
                    given = true;
                    member.ty = self.type_expr(value);
                }
                "doc" | "description" => member.doc = self.prose(value, "a doc"),
                "unit" => member.unit = self.prose(value, "a unit"),
                word if keys::FIELD.has(word) => {
                    let message = format!("`{word}` is for fields of messages, not for those of a struct or variant");
                    let help = "the keys here are `type`, `doc` and `unit`";
                    self.findings.push(Finding::new(Code::MisplacedRule, key.span, message).help(help));
                }
                _ => self.unknown_key(&key, &format!("field `{}`", member.name.value), &keys::MEMBER),
            }
        }
        if !given {
            self.missing_key(
                member.name.span,
                &format!("field `{}`", member.name.value),
                "type",
                "its type, such as `type: u64`",
            );
        }
        member
    }

    /// A type expression.
    pub(super) fn type_expr(&mut self, node: Node) -> Option<TypeExpr> {
        if let Value::List(_) = node.value {
            let message = "a type is text, but YAML reads this as a list";
            let help = "put quotes around it, as in `\"[u8; 20]\"` or `\"[Level]<=10\"`";
            self.findings.push(Finding::new(Code::WrongKind, node.span, message).label("needs quotes").help(help));
            return None;
        }
        let text = self.text(node, "a type")?;
        expr::parse(&text, self.findings)
    }
}
